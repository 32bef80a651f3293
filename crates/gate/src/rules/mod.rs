//! The rules, a file for each sort of evidence.

mod decisions;
mod deployment;
#[cfg(test)]
mod deployment_tests;
mod documents;
mod evidence;
pub(crate) mod review;
#[cfg(test)]
mod tests;
mod times;

use model::gate_input::{ChangeFacts, EvidenceFacts, GateInput};
use model::{Risk, RuleResult, RuleState};

use crate::kinds::RuleKind;
use crate::policy::{Effect, Policy, Rule};
use review::Needed;

/// A rule, and all that it may ask.
pub(crate) struct Asked<'a> {
    pub policy: &'a Policy,
    pub input: &'a GateInput,
    pub rule: &'a Rule,
    pub needed: &'a Needed<'a>,
    pub risk: Option<&'a Risk>,
}

impl<'a> Asked<'a> {
    /// The evidence that counts.
    pub fn evidence(&self) -> Option<&'a EvidenceFacts> {
        self.input.evidence.iter().find(|evidence| evidence.counts)
    }

    pub fn change(&self) -> Option<&'a ChangeFacts> {
        self.input.change.as_ref()
    }
}

/// What a rule says.
#[derive(Debug)]
pub(crate) struct Answer {
    state: State,
    text: String,
    evidence: Vec<String>,
    give: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    NotApplicable,
    Satisfied,
    /// What the rule's effect makes of it.
    Not,
    /// Held, whatever the rule's effect is.
    Missing,
    Unavailable,
}

impl Answer {
    fn new(state: State, text: String) -> Self {
        Self {
            state,
            text,
            evidence: Vec::new(),
            give: Vec::new(),
        }
    }

    pub fn not_applicable(text: String) -> Self {
        Self::new(State::NotApplicable, text)
    }

    pub fn satisfied(text: impl Into<String>) -> Self {
        Self::new(State::Satisfied, text.into())
    }

    /// What it asks for is not there; the rule's effect decides what that means.
    pub fn not(text: impl Into<String>) -> Self {
        Self::new(State::Not, text.into())
    }

    /// Something that somebody can give is missing, also for rules that block where something is wrong.
    pub fn missing(text: impl Into<String>) -> Self {
        Self::new(State::Missing, text.into())
    }

    /// Nobody has made the evidence.
    pub fn unavailable(text: impl Into<String>) -> Self {
        Self::new(State::Unavailable, text.into())
    }

    pub fn resting_on(mut self, evidence: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    pub fn give(mut self, by: impl Into<String>) -> Self {
        self.give.push(by.into());
        self
    }

    /// The published form.
    pub fn result(self, rule: &Rule, framework: Option<&str>) -> RuleResult {
        let effect = rule.effect.unwrap_or(rule.kind.effect());
        let state = match (self.state, effect) {
            (State::NotApplicable, _) => RuleState::NotApplicable,
            (State::Satisfied, _) => RuleState::Satisfied,
            (State::Not | State::Missing | State::Unavailable, Effect::Tell) => RuleState::Told,
            (State::Not, Effect::Block) => RuleState::Violated,
            (State::Not, Effect::Hold) | (State::Missing, _) => RuleState::Missing,
            (State::Unavailable, _) => RuleState::Unavailable,
        };
        RuleResult {
            rule: rule.name.get_ref().clone(),
            kind: rule.kind.name(),
            framework: framework.map(str::to_owned),
            state,
            text: self.text,
            evidence: self.evidence,
            give: self.give,
        }
    }
}

/// Asks a rule.
pub(crate) fn ask(asked: &Asked<'_>) -> Answer {
    use RuleKind as K;
    match asked.rule.kind {
        K::Mergeable => evidence::mergeable(asked),
        K::Evidence => evidence::there(asked),
        K::NoRegression => evidence::regressions(asked),
        K::NoExposure => evidence::exposures(asked),
        K::NoConcern => evidence::concerns(asked),
        K::VerifiedShare => evidence::verified_share(asked),
        K::NoBrokenTest => evidence::broken_tests(asked),
        K::NoFittedTest => evidence::fitted_tests(asked),
        K::NoWeakenedTest => evidence::weakened_tests(asked),
        K::SurvivingMutants => evidence::surviving_mutants(asked),
        K::TestGrowth => evidence::test_growth(asked),
        K::TwoPersonReview => review::two_person(asked),
        K::OwnerReview => review::owners(asked),
        K::ProtectedPaths => review::protected(asked),
        K::SignOff => review::sign_off(asked),
        K::Audit => review::audit(asked),
        K::BlastRadius => review::blast_radius(asked),
        K::Risk => review::risk(asked),
        K::ChangeDocument => documents::document(asked),
        K::DeploymentWindow => times::window(asked),
        K::Freeze => times::freeze(asked),
        K::CoolDown => times::cool_down(asked),
        K::Provenance => deployment::provenance(asked),
        K::Merged => deployment::merged(asked),
        K::Decision => decisions::decision(asked),
    }
}
