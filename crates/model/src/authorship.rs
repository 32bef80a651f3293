//! `Authorship`: who or what wrote each line that a range of commits adds, as far as anything says so.
//!
//! Nothing here is inferred from how code looks. A line of which nothing says who wrote it is *unknown*, never human.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Revision;

/// Version of this format. Fields are only added within a major.
pub const ATTRIBUTION_SCHEMA: &str = "counterproof.attribution/1";

/// What is known of the lines that head has and base has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Authorship {
    /// Always [`ATTRIBUTION_SCHEMA`].
    pub schema: String,
    /// The range as it was asked for; none when it was found by default.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub range: Option<String>,
    /// What was. Without a commit it is the empty tree: the whole history up to head is looked at.
    pub base: Revision,
    /// What is.
    pub head: Revision,
    /// How many lines each kind of contributor added.
    pub lines: Lines,
    /// Tools that added lines, those with the most first.
    pub tools: Vec<ToolShare>,
    /// Files with added lines, sorted by path.
    pub files: Vec<FileAuthorship>,
    /// The commits of the range, the newest first.
    pub commits: Vec<CommitAuthors>,
    /// What could not be read or is not believed, and what a reader should know, in sentences.
    pub notes: Vec<String>,
}

/// Added lines by who wrote them; the four add up to all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lines {
    /// Lines that an AI wrote, by a record or a claim.
    pub ai: u64,
    /// Lines that a record says a known person wrote.
    pub human: u64,
    /// Lines that a record says both had a hand in.
    pub mixed: u64,
    /// Lines of which nothing says who wrote them.
    pub unknown: u64,
}

impl Lines {
    /// All added lines.
    pub fn all(&self) -> u64 {
        self.ai + self.human + self.mixed + self.unknown
    }

    /// Counts `lines` more of a kind.
    pub fn add(&mut self, kind: ContributorKind, lines: u64) {
        *match kind {
            ContributorKind::Ai => &mut self.ai,
            ContributorKind::Human => &mut self.human,
            ContributorKind::Mixed => &mut self.mixed,
            ContributorKind::Unknown => &mut self.unknown,
        } += lines;
    }
}

/// Who or what wrote something; the four types of contributor of Agent Trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContributorKind {
    /// An AI.
    Ai,
    /// A known person: only where a record says so.
    Human,
    /// A person edited what an AI wrote, or the other way round: only where a record says so.
    Mixed,
    /// Nothing says it.
    #[default]
    Unknown,
}

/// How much stands behind a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A tool wrote down, line by line, who made them. Nothing proves it: whoever may push may write such a record.
    Recorded,
    /// Something says it of a whole commit, or of lines whose place cannot be checked: weak in both directions, since a mark can be
    /// switched off, lost in a squash, or added where the tool was not used.
    Claimed,
    /// Nothing does.
    #[default]
    None,
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorSource {
    /// In a note of git-ai below `refs/notes/ai`.
    Note,
    /// In a record of Agent Trace.
    Trace,
    /// In the commit itself: a trailer, a line of its message, or its author or committer.
    Trailer,
    /// Nowhere.
    #[default]
    None,
}

/// Who wrote some lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Author {
    /// What sort of contributor.
    pub kind: ContributorKind,
    /// The tool, as in `claude-code`; several that a commit names are joined by ` + `. None where it is not told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tool: Option<String>,
    /// The model, as the source writes it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// The person, only where a note names one: `Name <email>`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub who: Option<String>,
    /// How much stands behind it.
    pub confidence: Confidence,
    /// Where it stands.
    pub source: AuthorSource,
    /// The commit that added the lines; none where git cannot tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<String>,
}

/// Lines of a file that follow one another and have the same author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineRun {
    /// First line in head, counted from 1.
    pub start: u32,
    /// Last line, itself included.
    pub end: u32,
    /// Who wrote them.
    pub author: Author,
}

/// Added lines of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileAuthorship {
    /// Path in head, relative to the repository; what is not UTF-8 in it is replaced.
    pub path: String,
    /// Its added lines, sorted; lines that base has, too, are in none of them.
    pub runs: Vec<LineRun>,
}

impl FileAuthorship {
    /// How many lines each kind of contributor added.
    pub fn lines(&self) -> Lines {
        let mut lines = Lines::default();
        for run in &self.runs {
            lines.add(run.author.kind, u64::from(run.end - run.start) + 1);
        }
        lines
    }
}

/// Lines that a tool added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolShare {
    /// The tool; none for lines of an AI that is not named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tool: Option<String>,
    /// The model, where it is told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// How much stands behind it.
    pub confidence: Confidence,
    /// How many lines, those that a person had a hand in left out.
    pub lines: u64,
}

/// Who took part in a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitAuthors {
    /// Its id.
    pub commit: String,
    /// Name of its author, as git has it.
    pub name: String,
    /// Address of its author, as git has it.
    pub email: String,
    /// Who drove the agent, where an AI is claimed: the person that a note names, or else the commit's author, unless that is an agent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub operator: Option<String>,
    /// What says that an AI took part in it.
    pub claims: Vec<CommitClaim>,
}

/// Something that says that an AI took part in a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitClaim {
    /// The tool, where it is told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tool: Option<String>,
    /// The model, where it is told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<String>,
    /// Where it stands.
    pub source: AuthorSource,
    /// The words: the trailer, the line or the identity; of a note, its reference.
    pub says: String,
}
