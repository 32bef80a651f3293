//! The rule that asks another policy engine.

use super::{Answer, Asked};
use crate::decide::digest_of_question;

pub(super) fn decision(asked: &Asked<'_>) -> Answer {
    let name = asked.rule.name.get_ref();
    let give = "`counterproof gate input` prints what it is asked about; `--decision FILE` hands its answer in";
    let about = digest_of_question(asked.input);
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
    if all.iter().any(|decision| decision.input.as_ref() != Some(&about)) {
        return Answer::unavailable("its decision is about another input").give(give);
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
