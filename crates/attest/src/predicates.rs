//! What Counterproof's own statements say. Each is about a git tree, or a file; fields that are not known are refused,
//! since a reader that passes over what it does not understand would take a later form for this one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::foreign::TestOutcome;
use crate::keys::KeyId;
use crate::statement::{Predicate, ResourceDescriptor};
use crate::text;

/// Where somebody approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalSource {
    /// On their own machine, with their own key.
    Local,
    /// In a review on GitHub; whoever signed the statement read it there.
    Github,
    /// In a review on GitLab; whoever signed the statement read it there.
    Gitlab,
}

/// Somebody approves of a change. About the tree of its head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who, as the policy names people.
    pub who: String,
    /// In which capacity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The tree before the change.
    pub base_tree: String,
    /// The tree after the change.
    pub head_tree: String,
    /// The tree that merging gave, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_tree: Option<String>,
    /// Digest of what the change means: it stays when only the base moves, so that an approval survives a mere merge.
    pub change: String,
    /// When.
    pub time: Timestamp,
    /// After this it counts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// What they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Where they said so.
    pub source: ApprovalSource,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Predicate for Approval {
    const TYPE: &'static str = "https://counterproof.dev/approval/v1";

    fn check(&self, subjects: &[ResourceDescriptor]) -> Result<(), String> {
        said("who", &self.who)?;
        said("change", &self.change)?;
        tree("base_tree", &self.base_tree)?;
        subject_tree("head_tree", &self.head_tree, subjects)?;
        self.merge_tree.as_ref().map_or(Ok(()), |id| tree("merge_tree", id))?;
        self.expires.map_or(Ok(()), |expires| after(self.time, expires))
    }
}

/// What an override holds for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideScope {
    /// The stage of the policy: merge, deploy, …
    pub stage: String,
    /// One service alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// One environment alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// One artifact alone, by SHA-256 of its content in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// The tree that it is about. There is no override for whatever comes.
    pub tree: String,
    /// The branch that it may be merged into, where it is about a merge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// Somebody lets a change pass that the policy holds, and answers for it. About the tree in its scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// Who, as the policy names people.
    pub who: String,
    /// Why; never empty.
    pub reason: String,
    /// For what.
    pub scope: OverrideScope,
    /// When.
    pub time: Timestamp,
    /// After this it counts no more. There is no override for ever.
    pub expires: Timestamp,
}

impl Predicate for Override {
    const TYPE: &'static str = "https://counterproof.dev/override/v1";

    fn check(&self, subjects: &[ResourceDescriptor]) -> Result<(), String> {
        said("who", &self.who)?;
        said("reason", &self.reason)?;
        said("scope.stage", &self.scope.stage)?;
        let artifact = self.scope.artifact.as_ref();
        artifact.map_or(Ok(()), |digest| sha256("scope.artifact", digest))?;
        subject_tree("scope.tree", &self.scope.tree, subjects)?;
        after(self.time, self.expires)
    }
}

/// Somebody lets an agent do one thing, once and soon. About the action, by the SHA-256 of all that it consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionApproval {
    /// Who, as the policy names people.
    pub who: String,
    /// SHA-256 of the action in hex: what would run, where, on what, and what it would do.
    pub action: String,
    /// What would run, for whoever reads it.
    pub words: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When.
    pub time: Timestamp,
    /// After this it counts no more.
    pub expires: Timestamp,
    /// By chance: two approvals of one action are two.
    pub nonce: String,
}

impl Predicate for ActionApproval {
    const TYPE: &'static str = "https://counterproof.dev/action-approval/v1";

    fn check(&self, subjects: &[ResourceDescriptor]) -> Result<(), String> {
        said("who", &self.who)?;
        said("nonce", &self.nonce)?;
        sha256("action", &self.action)?;
        if !subjects
            .iter()
            .any(|subject| subject.digest("sha256") == Some(&self.action))
        {
            return Err("`action` is not among the subjects of the statement".to_owned());
        }
        after(self.time, self.expires)
    }
}

/// Somebody writes down what a policy wants to be written down: impact, rollback, … About the tree of the head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Who, as the policy names people.
    pub who: String,
    /// Heading to text. At least one, none of them empty.
    pub headings: BTreeMap<String, String>,
    /// The tree before the change.
    pub base_tree: String,
    /// The tree after the change.
    pub head_tree: String,
    /// When.
    pub time: Timestamp,
}

impl Predicate for Document {
    const TYPE: &'static str = "https://counterproof.dev/document/v1";

    fn check(&self, subjects: &[ResourceDescriptor]) -> Result<(), String> {
        said("who", &self.who)?;
        if self.headings.is_empty() {
            return Err("`headings` is empty".to_owned());
        }
        for (heading, text) in &self.headings {
            said("headings", heading)?;
            said(&format!("headings.{heading}"), text)?;
        }
        tree("base_tree", &self.base_tree)?;
        subject_tree("head_tree", &self.head_tree, subjects)
    }
}

/// Name and version of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// How many tests did what; [`crate::foreign::TestResult`] names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestSummary {
    /// All in all.
    pub result: TestOutcome,
    /// Passed.
    pub passed: u32,
    /// Passed with a warning.
    pub warned: u32,
    /// Failed.
    pub failed: u32,
}

/// What a check found out about a change. About the tree that was checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What made it.
    pub tool: Tool,
    /// The tree before the change.
    pub base_tree: String,
    /// The tree after the change.
    pub tree: String,
    /// SHA-256 of the policy that was in force.
    pub policy_digest: String,
    /// SHA-256 of the settings of the check.
    pub settings_digest: String,
    /// [`report_digest`] of `report`.
    pub report_digest: String,
    /// The published form of the check's result.
    pub report: Value,
    /// The key of the runner that made it. It counts for nothing unless that key signed.
    pub made_by: KeyId,
    /// When.
    pub time: Timestamp,
    /// The project's own tests, in short.
    pub test_result: TestSummary,
}

impl Predicate for Evidence {
    const TYPE: &'static str = "https://counterproof.dev/evidence/v1";

    fn check(&self, subjects: &[ResourceDescriptor]) -> Result<(), String> {
        said("tool.name", &self.tool.name)?;
        said("tool.version", &self.tool.version)?;
        said("made_by", self.made_by.as_str())?;
        tree("base_tree", &self.base_tree)?;
        subject_tree("tree", &self.tree, subjects)?;
        sha256("policy_digest", &self.policy_digest)?;
        sha256("settings_digest", &self.settings_digest)?;
        if self.report_digest != report_digest(&self.report) {
            return Err("`report_digest` is not the digest of `report`".to_owned());
        }
        Ok(())
    }
}

/// What a gate decided, with every rule. About the tree of the merge result, or about the artifact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// The published form of the verdict.
    pub verdict: Value,
    /// [`report_digest`] of `verdict`.
    pub verdict_digest: String,
    /// When.
    pub time: Timestamp,
}

impl Decided {
    /// Of a verdict in its published form.
    pub fn new(verdict: Value, time: Timestamp) -> Self {
        Self {
            verdict_digest: report_digest(&verdict),
            verdict,
            time,
        }
    }
}

impl Predicate for Decided {
    const TYPE: &'static str = "https://counterproof.dev/verdict/v1";

    fn check(&self, subjects: &[ResourceDescriptor]) -> Result<(), String> {
        if self.verdict_digest != report_digest(&self.verdict) {
            return Err("`verdict_digest` is not the digest of `verdict`".to_owned());
        }
        let about = |field: &str| self.verdict["subject"][field].as_str();
        let is_among = |algorithm: &str, digest: &str| {
            let digest = digest.strip_prefix("sha256:").unwrap_or(digest);
            subjects.iter().any(|subject| subject.digest(algorithm) == Some(digest))
        };
        let artifact = about("artifact").is_none_or(|digest| is_among("sha256", digest));
        let tree = about("artifact").is_some() || about("tree").is_none_or(|tree| is_among("gitTree", tree));
        match artifact && tree {
            true => Ok(()),
            false => Err("what the verdict is about is not among the subjects of the statement".to_owned()),
        }
    }
}

/// A trend that was computed from a ledger. About the text of the checkpoint that it was computed at, by its SHA-256.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrendStatement {
    /// The published form of the trend.
    pub trend: Value,
    /// [`report_digest`] of `trend`.
    pub trend_digest: String,
    /// The checkpoint, as a signed note.
    pub checkpoint: String,
    /// When.
    pub time: Timestamp,
}

impl Predicate for TrendStatement {
    const TYPE: &'static str = "https://counterproof.dev/trend/v1";

    fn check(&self, subjects: &[ResourceDescriptor]) -> Result<(), String> {
        if self.trend_digest != report_digest(&self.trend) {
            return Err("`trend_digest` is not the digest of `trend`".to_owned());
        }
        let digest = text::sha256(self.checkpoint.as_bytes());
        match subjects.iter().any(|subject| subject.digest("sha256") == Some(&digest)) {
            true => Ok(()),
            false => Err("the checkpoint is not among the subjects of the statement".to_owned()),
        }
    }
}

/// SHA-256 in hex of a report as JSON without blanks, keys in the order of their bytes. A digest of the value and not of
/// a file: it is the same before the report is signed and after it was read again.
pub fn report_digest(report: &Value) -> String {
    let mut text = String::new();
    write_sorted(report, &mut text);
    text::sha256(text.as_bytes())
}

/// `serde_json` keeps the order of keys or sorts them, as whoever builds the program chooses.
fn write_sorted(value: &Value, text: &mut String) {
    let separated = |text: &mut String, index: usize| {
        if index > 0 {
            text.push(',');
        }
    };
    match value {
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                separated(text, index);
                write_sorted(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            text.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                separated(text, index);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write_sorted(value, text);
            }
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
}

fn said(field: &str, text: &str) -> Result<(), String> {
    match text.trim() {
        "" => Err(format!("`{field}` is empty")),
        _ => Ok(()),
    }
}

fn tree(field: &str, id: &str) -> Result<(), String> {
    match text::is_git_id(id) {
        true => Ok(()),
        false => Err(format!(
            "`{field}` is no id of a git tree: expected 40 or 64 lowercase hex digits"
        )),
    }
}

fn sha256(field: &str, digest: &str) -> Result<(), String> {
    match text::is_sha256(digest) {
        true => Ok(()),
        false => Err(format!("`{field}` is no SHA-256: expected 64 lowercase hex digits")),
    }
}

/// Other tools match a statement by its subjects alone; what the predicate says must be what they see.
fn subject_tree(field: &str, id: &str, subjects: &[ResourceDescriptor]) -> Result<(), String> {
    tree(field, id)?;
    match subjects.iter().any(|subject| subject.digest("gitTree") == Some(id)) {
        true => Ok(()),
        false => Err(format!("`{field}` is not among the subjects of the statement")),
    }
}

fn after(time: Timestamp, expires: Timestamp) -> Result<(), String> {
    match expires > time {
        true => Ok(()),
        false => Err("`expires` is not after `time`".to_owned()),
    }
}
