//! The rule that asks another policy engine.

use super::{Answer, Asked};
use crate::decide::digest_of_question;

pub(super) fn decision(asked: &Asked<'_>) -> Answer {
    let name = asked.rule.name.get_ref();
    let give = "`counterproof gate input` prints what it is asked about; `--decision FILE` hands its answer in";
    let Some(decision) = asked.input.decisions.iter().find(|decision| decision.rule == *name) else {
        return Answer::unavailable("the other policy engine gave no decision").give(give);
    };
    let about = digest_of_question(asked.input);
    if decision.input.as_ref().is_some_and(|input| *input != about) {
        return Answer::unavailable("its decision is about another input").give(give);
    }
    let reasons = if decision.reasons.is_empty() {
        "it gave no reason".to_owned()
    } else {
        decision.reasons.join("; ")
    };
    if decision.allow {
        Answer::satisfied("it allows this")
    } else {
        Answer::not(format!("it does not allow this: {reasons}"))
    }
}
