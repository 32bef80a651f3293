//! `Evidence`: what was seen when a plan was carried out.

use crate::{Input, Observation, Place, Target};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of difference, the gravest first: the order is the ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Text of a caller gets somewhere in head where it is read as more than text, and not in base: a command, a query, markup.
    NewExposure,
    /// Base returns, head raises or ends the interpreter.
    NewCrash,
    /// Base ends, head does not.
    NewHang,
    /// What it does to the world around it differs.
    ChangedEffect,
    /// Both return, with other values; or arguments or output differ; or both raise, with other types.
    Changed,
    /// Base raises, head returns.
    LostError,
    /// It is new, and what it does contradicts what it says itself: its annotations, its docstring, its name.
    Suspicious,
    /// Head executes at least ten times the lines.
    Slower,
}

/// How sure a "same" is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Inputs were tried and none told the versions apart.
    Weak,
    /// As weak, with stated thresholds of coverage and sensitivity passed.
    Strong,
    /// Both versions are the same code up to names of locals.
    Proved,
}

/// The input that shows a difference, with both outcomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Example {
    /// What is called.
    pub target: Target,
    /// With what.
    pub input: Input,
    /// Calls that have to come first, for a difference that needs earlier state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Input>,
    /// What base did.
    pub base: Observation,
    /// What head did.
    pub head: Observation,
    /// The call as text a person can paste.
    pub call: String,
    /// What base did, in a line: `1`, `raises ValueError: empty`.
    pub base_text: String,
    /// What head did, in a line.
    pub head_text: String,
    /// What differs, when it is not the result: `argument 1 afterwards`, `standard output`, `effects`.
    pub aspect: Option<String>,
}

/// A difference, shown by its best example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable: the same difference of the same two versions of the function has the same id.
    pub id: String,
    /// What kind.
    pub kind: FindingKind,
    /// The example.
    pub example: Example,
    /// The line or branch that causes it, in words.
    pub cause: String,
    /// Where the two runs part, in head where known.
    pub cause_place: Option<Place>,
    /// How many of the inputs tried showed the same cause.
    pub shown_by: u64,
    /// Whether the input is one the base was made for: it returned normally.
    pub base_returned: bool,
    /// Whether few would mind it: head crashes on an input of other types than the parameters declare, an object has an
    /// attribute more, or a version or the like differs, which a module says of itself. It ranks below all that is not.
    #[serde(default)]
    pub minor: bool,
    /// How often it was replayed, and how: for the story that `--explain` tells.
    pub replays: String,
    /// For a new exposure: what of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<Exposure>,
}

/// What a new exposure is one of, with all that the verdict was made of beside the example.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exposure {
    /// Its number in the Common Weakness Enumeration, <https://cwe.mitre.org>.
    pub cwe: u32,
    /// The text that the input carries in a place of a harmless one.
    pub text: String,
    /// The same call with a harmless text in that place, where the verdict rests on what both versions do with that, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tame: Option<Input>,
}

/// What is known about one changed function after its check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// It differs.
    Different,
    /// No difference was found, and this is how sure that is.
    Same(Strength),
    /// It is new; it was run.
    New,
    /// It is gone.
    Removed,
    /// Nothing can be said, for this reason.
    NotVerified(String),
}

/// A call of a new function and what it did, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExampleCall {
    /// Imports and statements that have to run first.
    pub setup: Vec<String>,
    /// The call.
    pub call: String,
    /// How it ended.
    pub outcome: String,
    /// What it did besides: `leaves .items ['a']`, `prints 'done'`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
}

/// Evidence about one changed function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionEvidence {
    /// Index into [`crate::Change::functions`].
    pub function: usize,
    /// What is known.
    pub verification: Verification,
    /// Findings, the gravest first.
    pub findings: Vec<Finding>,
    /// The way that was used, where it was run: the target called and the names between.
    pub way: Option<crate::Way>,
    /// Inputs on which both versions were run.
    pub inputs: u64,
    /// Those of them on which base returned normally.
    pub useful_inputs: u64,
    /// Branches of the changed function reached, of all it has (head).
    pub branches: Option<(u32, u32)>,
    /// Changed lines of head reached, of all that can be.
    pub changed_lines: Option<(u32, u32)>,
    /// Faults noticed, of all injected.
    pub faults: Option<(u32, u32)>,
    /// For a new function, or one with new parameters: example calls and what they did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<ExampleCall>,
    /// Parameters that head alone has and the examples pass: what only they reach was compared with nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub new_parameters: Vec<String>,
    /// Anything a reader must know: noise set aside, observations cut, inputs refused.
    pub notes: Vec<String>,
}

/// All evidence of one check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// One for each changed function, in the order of the change.
    pub functions: Vec<FunctionEvidence>,
    /// The project's own tests that were run, or were to be.
    #[serde(default)]
    pub tests: Vec<crate::TestEvidence>,
    /// The interpreter used, with its version.
    pub interpreter: Option<String>,
    /// Sandbox layers that were missing.
    pub missing_layers: Vec<String>,
    /// What still tells the real time, or differs from run to run by itself.
    #[serde(default)]
    pub not_frozen: Vec<String>,
    /// What was laid over the trees, what the budget cut: for the reader.
    pub notes: Vec<String>,
    /// CPU seconds of all children.
    pub child_cpu_seconds: f64,
}

impl Evidence {
    /// Says of everything that was still to be run why it was not.
    pub fn not_run(&mut self, reason: &str) {
        for function in &mut self.functions {
            if let Verification::NotVerified(why) = &mut function.verification {
                reason.clone_into(why);
            }
        }
    }
}
