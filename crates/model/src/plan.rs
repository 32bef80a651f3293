//! `Plan`: what to run, in which order and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How something is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// `module.name(…)`, also for static methods and class methods by their class.
    Function,
    /// `receiver.name(…)`.
    Method,
    /// `receiver.name`, without a call.
    Property,
    /// `receiver.name = value`, then `receiver.name`.
    Setter,
    /// `outer(…)(…)`: what the function around it gives is called.
    Returned,
    /// `Class(…)`.
    Constructor,
    /// Running the examples in its docstring; what is seen is the first that is not true.
    Docstring,
    /// Importing the module; what is seen is its public globals.
    Module,
}

/// Something that can be called in both versions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Path in head of the file that defines it.
    pub path: String,
    /// Importable module name in head.
    pub module: String,
    /// Dotted name inside the module, `<module>` for the module itself.
    pub qualified_name: String,
    /// Module name in base, where another.
    pub base_module: Option<String>,
    /// Name in base, where another.
    pub base_name: Option<String>,
    /// How it is called.
    pub call: CallKind,
}

/// One way to exercise a changed function: itself, or a caller that reaches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Way {
    /// What is called.
    pub target: Target,
    /// Names of the functions between the target and the changed one, the changed one last; empty when it is called itself.
    pub through: Vec<String>,
    /// Why this way, in words.
    pub reason: String,
}

/// What to do about one changed function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Index into [`crate::Change::functions`].
    pub function: usize,
    /// Ordered fallbacks: the first that can be called with useful inputs is used.
    pub ways: Vec<Way>,
    /// What reads the state of its object that the function sets: where the function itself seems to be the same, the
    /// difference may show there.
    #[serde(default)]
    pub readers: Vec<Way>,
    /// Where no way is known, or none needs to be walked: why.
    pub reason: String,
    /// Share of the time budget relative to others; larger is riskier.
    pub weight: f64,
}

/// An ordered list of checks and the time they may take together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The riskiest first.
    pub checks: Vec<Check>,
    /// Which of the project's own tests to run; none where tests are switched off.
    #[serde(default)]
    pub tests: Option<crate::TestPlan>,
    /// Ceiling for all of them, in seconds.
    pub budget_seconds: f64,
}
