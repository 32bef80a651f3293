//! `Verdict`: whether a change may go on, and for each rule the evidence that the answer rests on.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate_input::Stage;

/// Version of the published form of a verdict. Fields are only added within a major.
pub const SCHEMA: &str = "counterproof.verdict/1";

/// The answer of the gate. The order is that of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// Nothing stands against it.
    Pass,
    /// Something is missing that somebody can give.
    Hold,
    /// Something is wrong.
    Block,
}

impl Ruling {
    /// Exit code of the command that gives it.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Block => 1,
            Self::Hold => 4,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Hold => "hold",
            Self::Block => "block",
        }
    }
}

/// What became of one rule. The order is that of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// It is not about this change, tier or stage.
    NotApplicable,
    /// What it asks for is there.
    Satisfied,
    /// What it asks for is not there, and the policy only wants that told.
    Told,
    /// It is not satisfied, and an override in the ledger stands in for it.
    Overridden,
    /// Something is missing: the verdict holds.
    Missing,
    /// Nobody has produced the evidence that it asks for: the verdict holds.
    Unavailable,
    /// Something is wrong: the verdict blocks.
    Violated,
}

impl RuleState {
    /// What it makes of the verdict.
    pub fn ruling(self) -> Ruling {
        match self {
            Self::NotApplicable | Self::Satisfied | Self::Told | Self::Overridden => Ruling::Pass,
            Self::Missing | Self::Unavailable => Ruling::Hold,
            Self::Violated => Ruling::Block,
        }
    }
}

/// What became of one rule, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleResult {
    /// The rule's name in the policy.
    pub rule: String,
    /// What sort of rule it is.
    pub kind: String,
    /// The framework that brought it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<String>,
    /// What became of it.
    pub state: RuleState,
    /// Why, in a sentence.
    pub text: String,
    /// What that rests on: ids of findings, digests, names of approvals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Who can give what is missing, and how.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub give: Vec<String>,
}

/// One term of the risk score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RiskTerm {
    /// What is measured.
    pub name: String,
    /// The measured value, in words.
    pub value: String,
    /// What it adds to the log-odds.
    pub adds: f64,
}

/// How likely a change like this one is to be undone or mended afterwards.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// From 0 to 1.
    pub score: f64,
    /// What the score is made of, the weightiest first.
    pub terms: Vec<RiskTerm>,
    /// How many past changes of this repository the weights were fitted to; none where the published ones are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibrated_on: Option<u32>,
}

/// What a verdict is about: it holds for exactly this and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictSubject {
    /// Tree of the target branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_tree: Option<String>,
    /// Tree of the merge result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// Commit of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Service that is deployed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// What is deployed: `sha256:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
}

/// The gate's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Version of the tool that gave it.
    pub tool_version: String,
    /// What was asked.
    pub stage: Stage,
    /// The answer.
    pub ruling: Ruling,
    /// What it is about.
    pub subject: VerdictSubject,
    /// When it was given.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// Digest of the policy, `sha256:…`, and where that was read.
    pub policy: crate::gate_input::PolicyIdentity,
    /// Digest of the whole input, `sha256:…`: the same input gives the same verdict.
    pub input: String,
    /// Tier of the services that it is about, the most critical one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<u8>,
    /// Every rule that was asked, the gravest first.
    pub rules: Vec<RuleResult>,
    /// The change's risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// What else its reader must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
