//! The published form of a replay: what checks of past commits would have shown, and what became of these commits.

use crate::report::{ReasonCount, Verified};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of this format. Fields are only added within a major.
pub const REPLAY_SCHEMA: &str = "counterproof.replay/1";

/// A replay over history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayReport {
    /// Always [`REPLAY_SCHEMA`].
    pub schema: String,
    /// Version of the tool.
    pub tool_version: String,
    /// Commits, the newest first, each against its first parent.
    pub commits: Vec<ReplayedCommit>,
    /// What it comes to.
    pub summary: ReplaySummary,
}

/// One commit against its first parent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayedCommit {
    /// Its id.
    pub commit: String,
    /// The day on which it was committed, as ISO 8601 writes it.
    pub date: String,
    /// First line of its message.
    pub subject: String,
    /// Who wrote it, as far as its trailers tell: a claim, which can be missing and can be wrong.
    pub author: AuthorKind,
    /// How much of it is verified.
    pub verified: Verified,
    /// The functions, methods and classes that it edits itself, adds or removes; those that are proved to be the same left out.
    pub edited: Vec<EditedFunction>,
    /// What the check shows; differences that are shown together count once.
    pub findings: Vec<ReplayedFinding>,
    /// Why nothing could be checked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<String>,
    /// What became of it.
    pub became: Became,
}

impl ReplayedCommit {
    /// Whether there was something to check in it, and it could be.
    pub fn is_checked(&self) -> bool {
        self.problem.is_none() && (self.verified.all > 0 || !self.findings.is_empty())
    }
}

/// A function that a commit edits, adds or removes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EditedFunction {
    /// As `path::name`.
    pub function: String,
    /// What the check says of it: `different`, `same`, `new`, `removed`, or in a few words why it is not verified.
    pub said: String,
}

/// One finding of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplayedFinding {
    /// Its id, for `counterproof check PARENT..COMMIT --explain ID`.
    pub id: String,
    /// What kind.
    pub kind: crate::FindingKind,
    /// The function, as `path::name`.
    pub function: String,
    /// The other functions in which it shows.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub also: Vec<String>,
}

/// Who wrote a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// A trailer names an agent or a model.
    Ai,
    /// A trailer says that a person did.
    Human,
    /// Nothing says it.
    Unknown,
}

/// What became of a commit, by later ones up to the last commit of the replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Became {
    /// A later commit says that it reverts it.
    Reverted {
        /// Which.
        by: String,
    },
    /// A later commit, at most 14 days after it, says that it fixes something, and edits a function that this one edits.
    Fixed {
        /// Which.
        by: String,
        /// The functions that both edit.
        functions: Vec<String>,
    },
    /// A later commit edits a function that this one edits.
    TouchedAgain {
        /// Which.
        by: String,
    },
    /// No later commit does.
    NeverTouchedAgain,
}

/// The figures of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReplaySummary {
    /// Commits with changed functions that were checked.
    pub checked: u32,
    /// How much of them is verified.
    pub verified: Verified,
    /// Commits that were later reverted or fixed.
    pub reverted_or_fixed: u32,
    /// Of these, those with a finding in a function that was fixed (for a reverted one: in any).
    pub of_these_found: u32,
    /// What was said of the functions that were fixed in the others, the most frequent first: of each commit the one that
    /// came nearest.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missed: Vec<ReasonCount>,
    /// Commits whose functions were never touched again.
    pub never_touched_again: u32,
    /// Findings that a person would have had to read in these.
    pub findings_to_read: u32,
    /// Of them in the middle one of these commits.
    pub median: u32,
    /// The number that nine of ten of these commits do not exceed.
    pub ninetieth: u32,
}
