//! The published form of a check's result: what `--format json` prints. Its JSON Schema is generated from these types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of this format. Readers accept a report whose major part they know; fields are only added within a major.
pub const SCHEMA: &str = "counterproof.check/1";

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckReport {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Version of the tool.
    pub tool_version: String,
    /// What was.
    pub base: crate::Revision,
    /// What is.
    pub head: crate::Revision,
    /// Exit code: 0 nothing to act on, 1 findings, 3 nothing could be verified.
    pub exit: u8,
    /// Wall time of the run that made the evidence, in seconds.
    pub seconds: f64,
    /// Whether the evidence came from the cache.
    pub cached: bool,
    /// The interpreter used.
    pub interpreter: Option<String>,
    /// One for each changed function, class body and module body.
    pub functions: Vec<FunctionReport>,
    /// The project's own tests that were run, or were to be; those to act on first.
    #[serde(default)]
    pub tests: Vec<TestReport>,
    /// Changed and not verified, by file.
    pub unverified: Vec<crate::Unverified>,
    /// Files that differ in layout and comments alone.
    pub layout_only: Vec<String>,
    /// What a reader of the change must not miss, told by syntax alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concerns: Vec<ConcernReport>,
    /// Sandbox layers that were missing.
    pub missing_layers: Vec<String>,
    /// What still tells the real time, or differs from run to run by itself.
    #[serde(default)]
    pub not_frozen: Vec<String>,
    /// What else a reader must know.
    pub notes: Vec<String>,
    /// How much of the change is verified.
    #[serde(default)]
    pub verified: Verified,
    /// What the change says that it means to do, where it says anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
}

/// How many of the changed functions something is known of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verified {
    /// Functions, class bodies and module bodies that were found the same or different, or are new and ran.
    pub verified: u32,
    /// All that changed, but for what is removed: of that nothing is left to verify.
    pub all: u32,
    /// Why the others are not verified, the most frequent first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<ReasonCount>,
}

/// A sort of reasons for which functions are not verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReasonCount {
    /// In a few words; `reason` of each function has the whole story.
    pub reason: String,
    /// How many functions.
    pub functions: u32,
}

/// What a change says that it means to do. It decides what is read first, never what is a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Intent {
    /// Who says that no behaviour changes, where somebody does and nobody declares a change: `--intent`, or a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<String>,
    /// The changes that are declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<DeclaredChange>,
}

/// A change of behaviour that was declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclaredChange {
    /// Dotted name of a function, a class or a module.
    pub name: String,
    /// What changes, in the words of who declares it.
    pub says: String,
    /// Who declares it: `--intent`, or a commit.
    pub by: String,
    /// Whether a difference of it was found.
    pub seen: bool,
}

/// What became of one of the project's own tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestReport {
    /// File, in head (in base for one that is gone).
    pub path: String,
    /// Name inside the file: `Class::name[parameters]`; empty for a whole file.
    pub name: String,
    /// What became of it.
    pub status: crate::TestStatus,
    /// The assertion that failed with its values, or why it was not run.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub text: String,
    /// Where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<crate::Place>,
    /// Changed functions that it mentions, as `path::name`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub mentions: Vec<String>,
    /// For one that was changed to fit: its text in base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// For one that was changed to fit: its text in head; absent where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Status of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it; README has the table")]
pub enum Status {
    Same,
    Changed,
    NewExposure,
    NewCrash,
    NewHang,
    LostError,
    ChangedEffect,
    Slower,
    Suspicious,
    New,
    Removed,
    NotVerified,
}

/// What is known about one function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionReport {
    /// Path in head (in base for a removed one).
    pub path: String,
    /// Dotted name; `<module>` for code at module level.
    pub qualified_name: String,
    /// Line of the definition.
    pub line: u32,
    /// The gravest of its findings, or what else is known.
    pub status: Status,
    /// For `same`: how sure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<crate::Strength>,
    /// For `not_verified`: why. Always in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it counts as changed, in words.
    pub changed_because: Vec<String>,
    /// What was called, when not the function itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub called_through: Option<String>,
    /// Inputs tried on both versions.
    pub inputs: u64,
    /// Those on which base returned normally.
    pub useful_inputs: u64,
    /// Branches reached and all, of the changed function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branches_reached: Option<Share>,
    /// Changed lines reached and all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_lines_reached: Option<Share>,
    /// Injected faults noticed and all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults_noticed: Option<Share>,
    /// Differences, the gravest first.
    pub findings: Vec<FindingReport>,
    /// For a new function, or one with new parameters: calls and what they did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<CallReport>,
    /// Parameters that head alone has and the examples pass: what only they reach was compared with nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_parameters: Vec<String>,
    /// What else a reader must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// `reached` of `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// How many.
    pub reached: u32,
    /// Of how many.
    pub all: u32,
}

/// A call and what it did, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CallReport {
    /// Statements that have to run first: imports, objects that are shared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<String>,
    /// The call.
    pub call: String,
    /// How it ended.
    pub outcome: String,
    /// What it did besides: `leaves .items ['a']`, `prints 'done'`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FindingReport {
    /// Stable id: `counterproof reproduce ID` runs it again.
    pub id: String,
    /// Kind of difference.
    pub kind: crate::FindingKind,
    /// Whether few would mind it: head crashes on an input of other types than the parameters declare, an object has an
    /// attribute more, or a version or the like differs, which a module says of itself. It ranks below all that is not.
    /// Where the change says that no behaviour changes, nothing is minor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub minor: bool,
    /// For a module: its names that stand for other values in head, or are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// For a new exposure: its number in the Common Weakness Enumeration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwe: Option<u32>,
    /// Its example.
    pub example: ExampleReport,
    /// The line or branch that causes it.
    pub cause: String,
    /// Where, in head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause_place: Option<crate::Place>,
    /// Whether somebody accepted it in `.counterproof/accepted.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
    /// What the change declares of it, with who does: it ranks below what is not declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<String>,
    /// Id of the finding that it is shown with: another function, mostly one that this one uses or is used by, differs at
    /// the same place for the same cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_with: Option<String>,
}

impl FindingReport {
    /// Whether it was accepted before this change, so that it counts no more.
    pub fn is_accepted(&self) -> bool {
        let state = self.acceptance.as_ref().map(|acceptance| acceptance.state);
        state == Some(AcceptanceState::Accepted)
    }
}

/// Something that a reader of the change must not miss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConcernReport {
    /// Stable id.
    pub id: String,
    /// What it is about.
    pub kind: crate::ConcernKind,
    /// Its number in the Common Weakness Enumeration.
    pub cwe: u32,
    /// Path in head.
    pub path: String,
    /// Line in head; for what is gone, of the function that had it.
    pub line: u32,
    /// Dotted name of the function that it is in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub function: String,
    /// What it is, in words.
    pub text: String,
    /// Whether somebody accepted it in `.counterproof/accepted.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
}

impl ConcernReport {
    /// Whether it was accepted before this change, so that it counts no more.
    pub fn is_accepted(&self) -> bool {
        let state = self.acceptance.as_ref().map(|acceptance| acceptance.state);
        state == Some(AcceptanceState::Accepted)
    }
}

/// That somebody accepted a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acceptance {
    /// Since when.
    pub state: AcceptanceState,
    /// Why.
    pub reason: String,
    /// By whom.
    pub who: String,
}

/// Since when a difference is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AcceptanceState {
    /// Base has the entry already: the finding does not count.
    Accepted,
    /// The change under check itself adds the entry: the finding counts until somebody merges that.
    Pending,
}

/// The example as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExampleReport {
    /// The call, ready to paste.
    pub call: String,
    /// Statements that have to run first: imports, calls before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<String>,
    /// What base did; for `suspicious`, what the new function says itself.
    pub base: String,
    /// What head did.
    pub head: String,
    /// What differs, when it is not the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect: Option<String>,
}
