//! The nouns of Counterproof: plain, serialisable types that every stage takes and gives.
//!
//! Nothing here does work: no I/O, no processes, no knowledge of a programming language beyond names and lines.

pub mod authorship;
pub mod change;
pub mod doctor;
pub mod evidence;
pub mod gate_input;
pub mod observed;
pub mod plan;
pub mod record;
pub mod replay;
pub mod report;
pub mod tests;
pub mod trend;
pub mod value;
pub mod verdict;
pub mod world;

pub use authorship::Authorship;
pub use change::{
    Change, Concern, ConcernKind, FileChange, FileStatus, FunctionChange, FunctionKind, Reason, Revision, Standalone,
    Unverified,
};
pub use evidence::{
    Evidence, Example, ExampleCall, Exposure, Finding, FindingKind, FunctionEvidence, Strength, Verification,
};
pub use gate_input::{GateInput, Stage};
pub use observed::{Arrival, Coverage, Effect, MARK, Names, Observation, Observed, Outcome, Place, Raised};
pub use plan::{CallKind, Check, Plan, Target, Way};
pub use record::{Payload, Record, RecordKind, Subject};
pub use tests::{EditedTest, PlannedTest, TestEvidence, TestFile, TestPlan, TestStatus};
pub use trend::{Suspect, Trend};
pub use value::{Input, Node, Part, Symbol, Value};
pub use verdict::{Risk, RiskTerm, RuleResult, RuleState, Ruling, Verdict, VerdictSubject};
pub use world::{Answer, Asked};
