//! From evidence and a policy to a [`Verdict`]: may this change be merged, may this artifact be deployed?
//!
//! Everything here is a function of what it is given: who puts a [`model::GateInput`] together has asked git, the ledger and the clock
//! already. So a verdict can be given again from what is stored, and a policy can be tested on recorded cases.

mod decide;
mod frameworks;
mod kinds;
pub mod owners;
mod policy;
pub mod risk;
mod rules;
#[cfg(test)]
mod sample;
mod validate;
pub mod words;

pub use decide::{decide, digest, digest_of_input, digest_of_question};
pub use kinds::RuleKind;
pub use model::Verdict;
pub use policy::{
    DEFAULT, Day, Effect, Framework, Freeze, Gate, NamedKey, Person, Policy, PolicyError, Rule, Service, Team,
    WhoseEvidence, Window,
};
