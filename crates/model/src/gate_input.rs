//! `GateInput`: all that a verdict is made of. A verdict is a function of this and of the policy, so that it can be given
//! again, tested on recorded cases, and asked of another policy engine.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Concern, FindingKind};

/// Version of this form. Fields are only added within a major.
pub const SCHEMA: &str = "counterproof.gate-input/1";

/// What is asked of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// May this change be merged?
    Merge,
    /// May this artifact be deployed there, now?
    Deploy,
}

impl Stage {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Deploy => "deploy",
        }
    }
}

/// Which policy judges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyIdentity {
    /// Where it was read: `main:counterproof.toml`, or `default`.
    pub source: String,
    /// Digest of its text, `sha256:…`.
    pub digest: String,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Code that is shipped.
    Code,
    /// Tests.
    Test,
    /// Documentation.
    Document,
    /// Anything else: data, settings, lock files.
    Other,
}

/// A file of the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileFacts {
    /// Path in head; in base for a removed one.
    pub path: String,
    /// Path in base, where it has another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_path: Option<String>,
    /// What it is for.
    pub kind: FileKind,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
    /// Services that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Its owners, as CODEOWNERS and the services name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
    /// Where it decides what is judged, and how: `policy`, `ledger`, `hooks`, `ci`, `owners`, `acceptances`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guards: Option<String>,
}

/// Whether somebody is a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// A human.
    #[default]
    Human,
    /// An agent: writes, never approves.
    Agent,
    /// A program: never approves.
    Bot,
}

/// Somebody who made the change, or who says something of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonFacts {
    /// The id in the policy, or the address that git or a review has where the policy does not know them.
    pub id: String,
    /// Whether the policy knows them.
    pub known: bool,
    /// Whether they are a person.
    pub kind: PersonKind,
    /// `junior`, `mid`, `senior`, …, as the policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Their roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// How many lines of the change who or what wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WrittenBy {
    /// Lines of an agent.
    pub ai: u32,
    /// Lines of a person.
    pub human: u32,
    /// Lines of both.
    pub mixed: u32,
    /// Lines of which nothing tells.
    pub unknown: u32,
    /// Names of the tools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Those that drove the tools, as far as is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<PersonFacts>,
}

/// The change that is judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeFacts {
    /// The target branch, as it was named.
    pub target: String,
    /// The target's commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_commit: Option<String>,
    /// The target's tree.
    pub base_tree: String,
    /// The change's commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The change's own tree.
    pub head_tree: String,
    /// Tree of the merge result; none where the two cannot be merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// Files that both sides changed in the same place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// Files that differ.
    pub files: Vec<FileFacts>,
    /// Functions, class bodies and module bodies that differ.
    pub functions: u32,
    /// Others that use what differs; what a difference may reach.
    pub dependents: u32,
    /// Commits.
    pub commits: u32,
    /// Why the policy that the change brings could not judge anything, where it brings one and that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken_policy: Option<String>,
    /// Those who wrote it, as git says.
    pub authors: Vec<PersonFacts>,
    /// Who or what wrote the lines.
    pub written_by: WrittenBy,
}

/// A service that is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceFacts {
    /// Its name.
    pub name: String,
    /// 1 is the most critical.
    pub tier: u8,
    /// Its owners.
    pub owners: Vec<String>,
}

/// A difference that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingFacts {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: FindingKind,
    /// `path::name` of the function.
    pub function: String,
    /// The call, and what it was and is.
    pub text: String,
    /// Whether few would mind it.
    pub minor: bool,
    /// Whether the target branch holds an acceptance of it.
    pub accepted: bool,
    /// Whether the change itself brings an acceptance of it.
    pub pending: bool,
}

/// Functions by what is known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionCounts {
    /// The same, for the code is.
    pub proved: u32,
    /// The same on inputs that passed all thresholds.
    pub strong: u32,
    /// The same on few inputs.
    pub weak: u32,
    /// Different.
    pub different: u32,
    /// New, and run.
    pub new: u32,
    /// Gone.
    pub removed: u32,
    /// Nothing is known.
    pub not_verified: u32,
}

impl FunctionCounts {
    /// All but what is gone.
    pub fn all(&self) -> u32 {
        self.proved + self.strong + self.weak + self.different + self.new + self.not_verified
    }

    /// Whether each of them was shown to be the same, strongly.
    pub fn all_strong(&self) -> bool {
        self.all() == self.proved + self.strong && self.removed == 0
    }
}

/// Evidence about the merge result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceFacts {
    /// Digest of the statement or of the report, `sha256:…`.
    pub digest: String,
    /// Who made it: the name of a runner that the policy names, or of the key, or `this machine`.
    pub made_by: String,
    /// Whether it counts under this policy.
    pub counts: bool,
    /// Why it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// Why it holds though it was made about another tree, where that is so: the target went on since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<String>,
    /// Version of the tool.
    pub tool_version: String,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub time: Option<Timestamp>,
    /// Functions by what is known of them.
    pub functions: FunctionCounts,
    /// Why functions are not verified, with how many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unverified_reasons: Vec<String>,
    /// Files that differ and cannot be run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unverified_files: Vec<String>,
    /// Differences.
    pub findings: Vec<FindingFacts>,
    /// What a reader must not miss, told by syntax; without those that were accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concerns: Vec<Concern>,
    /// Tests that base passes and head does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken_tests: Vec<String>,
    /// Tests that were changed, skipped or deleted, and fail on the new code as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fitted_tests: Vec<String>,
    /// Tests that passed.
    #[serde(default)]
    pub passed_tests: u32,
    /// Tests that were to be run and were not.
    #[serde(default)]
    pub tests_not_run: u32,
    /// Layers of the sandbox that were missing when it was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_layers: Vec<String>,
    /// Mutants on changed lines that no test noticed; none where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surviving_mutants: Option<MutantCounts>,
    /// Tests that assert less than they did; none where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weakened_tests: Option<Vec<String>>,
}

/// Mutants on changed lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MutantCounts {
    /// Mutants that were run.
    pub all: u32,
    /// Those that no test noticed, as `path:line what`.
    pub survivors: Vec<String>,
}

/// Whether an approval still stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "is", content = "why")]
pub enum Standing {
    /// It is over this very content, or over what means the same; in words.
    Fresh(String),
    /// The change went on since; what differs, in words.
    Stale(String),
    /// It does not count whatever it is over; why.
    Void(String),
}

/// Somebody's approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalFacts {
    /// Who.
    pub by: PersonFacts,
    /// The role that they give it in; none: as a reviewer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Tree of the change that they saw.
    pub head_tree: String,
    /// When.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// Where it comes from: `ledger 12`, `GitHub review 44`.
    pub source: String,
    /// Whether it still stands.
    pub standing: Standing,
}

/// A document about the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentFacts {
    /// Where it comes from: a path, `ledger 12`.
    pub source: String,
    /// Who signed it, where anybody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Its headings, in lower case, each with how many words stand below it.
    pub headings: Vec<(String, u32)>,
    /// Headings whose text is a template's, or says nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hollow: Vec<String>,
    /// Whether it is bound to this change, by its tree or by what it names; where not, why.
    pub standing: Standing,
}

/// A break-glass override.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OverrideFacts {
    /// Who takes it on.
    pub by: PersonFacts,
    /// Why.
    pub reason: String,
    /// Until when it holds.
    #[schemars(with = "String")]
    pub expires: Timestamp,
    /// Where it is: `ledger 12`.
    pub source: String,
    /// Whether it is over this.
    pub standing: Standing,
}

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentFacts {
    /// Its name.
    pub id: String,
    /// Services that it hit.
    pub services: Vec<String>,
    /// When it began.
    #[schemars(with = "String")]
    pub opened: Timestamp,
    /// When it ended; none: it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub closed: Option<Timestamp>,
}

/// What a deployment is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeploymentFacts {
    /// What is deployed.
    pub service: String,
    /// Where to.
    pub environment: String,
    /// `sha256:…`.
    pub artifact: String,
    /// What joins the artifact and a tree: who built it; none where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<ProvenanceFacts>,
    /// Why what was given as provenance does not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_provenance: Vec<String>,
    /// Verdicts of the ledger for that tree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<PastVerdict>,
}

/// Provenance that counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProvenanceFacts {
    /// The builder that the policy names.
    pub builder: String,
    /// The commit that was built.
    pub commit: String,
    /// Its tree, as git tells.
    pub tree: String,
    /// Whether the commit is on the branch whose policy judges.
    #[serde(default)]
    pub merged: bool,
    /// Where it was found.
    pub source: String,
}

/// A verdict of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastVerdict {
    /// Entry of the ledger.
    pub entry: u64,
    /// What was asked.
    pub stage: Stage,
    /// The answer.
    pub ruling: crate::Ruling,
    /// When.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// Whether a key that the policy names signed it.
    pub trusted: bool,
    /// Policy that it was given under.
    pub policy_digest: String,
    /// Where that was read: `main:counterproof.toml`.
    #[serde(default)]
    pub policy_source: String,
    /// Tree of what it was to be merged into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_tree: Option<String>,
    /// Entry of the last word on a state of the branch that this one was made on, where that was a refusal: what was refused then is
    /// still in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_refused: Option<u64>,
}

/// A decision of another policy engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The rule that it answers.
    pub rule: String,
    /// Whether it allows.
    pub allow: bool,
    /// Why, in sentences.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// Digest of the input that it is about, `sha256:…`; a decision about another input does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
}

/// What the project's history tells of the change's files and authors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryFacts {
    /// Commits of the last ninety days that touch the same files.
    pub churn: u32,
    /// Commits of the change's authors among all of the last year that touch these files, of so many.
    pub own_commits: (u32, u32),
    /// People who committed to these files in the last year.
    pub committers: u32,
    /// Hours since the last incident on a concerned service ended; none where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours_since_incident: Option<u32>,
}

/// All that a verdict is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateInput {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Version of the tool that put it together.
    pub tool_version: String,
    /// What is asked.
    pub stage: Stage,
    /// When.
    #[schemars(with = "String")]
    pub now: Timestamp,
    /// The policy that judges.
    pub policy: PolicyIdentity,
    /// The change; for a deployment, what its tree brings over the last one deployed there, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeFacts>,
    /// Services that are concerned.
    #[serde(default)]
    pub services: Vec<ServiceFacts>,
    /// Evidence, that which counts first.
    #[serde(default)]
    pub evidence: Vec<EvidenceFacts>,
    /// Approvals.
    #[serde(default)]
    pub approvals: Vec<ApprovalFacts>,
    /// Documents.
    #[serde(default)]
    pub documents: Vec<DocumentFacts>,
    /// Overrides.
    #[serde(default)]
    pub overrides: Vec<OverrideFacts>,
    /// Incidents on the services, open or lately closed.
    #[serde(default)]
    pub incidents: Vec<IncidentFacts>,
    /// The deployment, at that stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentFacts>,
    /// What the history tells.
    #[serde(default)]
    pub history: HistoryFacts,
    /// Decisions of other policy engines.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// What could not be had, and what that means, in sentences.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Digest of the question, `sha256:…`: of all of this as compact JSON without `now`, `history`, `decisions`, `notes` and `digest`. A decision
    /// that names it as its `input` is about this very question, whenever it is asked again. Only `gate input` gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl GateInput {
    /// Of nothing yet but what is asked, when, and by which policy.
    pub fn new(tool_version: &str, stage: Stage, now: Timestamp, policy: PolicyIdentity) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool_version: tool_version.to_owned(),
            stage,
            now,
            policy,
            change: None,
            services: Vec::new(),
            evidence: Vec::new(),
            approvals: Vec::new(),
            documents: Vec::new(),
            overrides: Vec::new(),
            incidents: Vec::new(),
            deployment: None,
            history: HistoryFacts::default(),
            decisions: Vec::new(),
            notes: Vec::new(),
            digest: None,
        }
    }
}
