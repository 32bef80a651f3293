//! The project's own tests: which to run, and what became of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Place;

/// Which of the project's tests to run, in which order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestPlan {
    /// Files of head whose tests may reach what changed, those nearest to it first.
    pub files: Vec<TestFile>,
    /// Tests that the change edits or deletes, as base has them.
    pub edited: Vec<EditedTest>,
}

impl TestPlan {
    /// Whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.edited.is_empty()
    }
}

/// A file of tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestFile {
    /// Path in head.
    pub path: String,
    /// Tests in it, as `path::Class::name`.
    pub tests: Vec<PlannedTest>,
    /// How near it is to the change: a larger number is nearer.
    pub nearness: u32,
}

/// A test that may reach what changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedTest {
    /// `path::Class::name`.
    pub id: String,
    /// Changed functions whose names it mentions: places in [`crate::Change::functions`].
    pub mentions: Vec<usize>,
}

/// A test that the change edits or deletes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EditedTest {
    /// `path::Class::name`, in base.
    pub id: String,
    /// Its text in base.
    pub before: String,
    /// Its text in head; none where it was deleted, or only what it uses was edited.
    pub after: Option<String>,
    /// Whether its own text is the same, and a fixture, helper or constant beside it was edited.
    pub by_helper: bool,
}

/// What became of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestStatus {
    /// Base passes it, head does not.
    Broken,
    /// The change edits, skips or deletes it, and as it was it fails on the new code.
    ChangedToFit,
    /// It does both on one and the same tree.
    Flaky,
    /// It fails in base, too.
    FailedBeforeToo,
    /// It was not run, or not to its end.
    NotRun,
    /// Head passes it.
    Passed,
}

impl TestStatus {
    /// Whether somebody has to act on it.
    pub fn is_finding(self) -> bool {
        matches!(self, Self::Broken | Self::ChangedToFit)
    }
}

/// What became of one test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestEvidence {
    /// File, in head (in base for one that is gone).
    pub path: String,
    /// Name inside the file: `Class::name[parameters]`.
    pub name: String,
    /// What became of it.
    pub status: TestStatus,
    /// The assertion that failed with its values, or why it was not run.
    pub text: String,
    /// Where it failed.
    pub place: Option<Place>,
    /// Changed functions that it mentions: places in [`crate::Change::functions`].
    pub mentions: Vec<usize>,
    /// For one that was changed to fit: its text in base.
    pub before: Option<String>,
    /// For one that was changed to fit: its text in head, none where it is gone.
    pub after: Option<String>,
}
