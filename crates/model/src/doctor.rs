//! The published form of an examination: what stands between a project and a check of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of this format. Fields are only added within a major.
pub const DOCTOR_SCHEMA: &str = "counterproof.doctor/1";

/// What `counterproof doctor` found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Examination {
    /// Always [`DOCTOR_SCHEMA`].
    pub schema: String,
    /// Version of the tool.
    pub tool_version: String,
    /// The parts, in the order in which one is of use without the next.
    pub parts: Vec<Part>,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// Its name: `git`, `interpreter`, `imports`, `tests`, `sandbox`, `agent`, `cache`.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What there is, in a few words.
    pub text: String,
    /// What is wrong with it, the worst first.
    pub ailments: Vec<Ailment>,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Well.
    Well,
    /// Worth knowing; checks work.
    Note,
    /// Checks see less than they could, or nothing, until it is mended.
    Mend,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ailment {
    /// What.
    pub what: String,
    /// What mends it: a command, or a line of a file; `None` where nothing does.
    pub mend: Option<String>,
}

impl Ailment {
    /// With what mends it.
    pub fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            mend: Some(mend.into()),
        }
    }
}

impl Part {
    /// A part as it is.
    pub fn new(name: &str, state: State, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            state,
            text: text.into(),
            ailments: Vec::new(),
        }
    }

    /// The same with something that is wrong.
    #[must_use]
    pub fn with(mut self, ailment: Ailment) -> Self {
        self.ailments.push(ailment);
        self
    }
}

impl Examination {
    /// Whether something is to be mended.
    pub fn has_mends(&self) -> bool {
        self.parts.iter().any(|part| part.state == State::Mend)
    }
}
