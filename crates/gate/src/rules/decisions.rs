//! The rule that asks another policy engine.

use jiff::{SignedDuration, Timestamp};
use model::gate_input::GateInput;

use super::{Answer, Asked};
use crate::decide::digest_of_question;

/// How long an answer of one day counts on the next: whoever is asked at midnight may take that long.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn decision(asked: &Asked<'_>) -> Answer {
    let name = asked.rule.name.get_ref();
    let give = "`counterproof gate input` prints what it is asked about; `--decision FILE` hands its answer in";
    let before = GateInput {
        now: asked.input.now.saturating_sub(GRACE).unwrap_or(Timestamp::MIN),
        ..asked.input.clone()
    };
    let about = [asked.input, &before].map(digest_of_question);
    let all: Vec<_> = asked
        .input
        .decisions
        .iter()
        .filter(|decision| decision.rule == *name)
        .collect();
    if all.is_empty() {
        return Answer::unavailable("the other policy engine gave no decision").give(give);
    }
    if all.iter().any(|decision| decision.input.is_none()) {
        return Answer::unavailable("its decision names no `input`, so that nothing tells what it is about").give(give);
    }
    let is_about = |input: &Option<String>| input.as_ref().is_some_and(|input| about.contains(input));
    if !all.iter().all(|decision| is_about(&decision.input)) {
        return Answer::unavailable("its decision is about another input, or of another day").give(give);
    }
    // One that refuses is enough.
    let Some(refusal) = all.iter().find(|decision| !decision.allow) else {
        return Answer::satisfied("it allows this");
    };
    let reasons = if refusal.reasons.is_empty() {
        "it gave no reason".to_owned()
    } else {
        refusal.reasons.join("; ")
    };
    Answer::not(format!("it does not allow this: {reasons}"))
}
