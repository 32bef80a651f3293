//! What must hold of whatever the guard is given. A target hands each input to one `check`, which panics where something does not hold.
//!
//! `cargo xtask fuzz` builds and runs the targets.

pub mod edits;
pub mod hooks;
pub mod place;
pub mod plans;
pub mod shell;
pub mod sql;

use guard::{Decision, Judgement};

/// Effects of one judgement, at most: the walk ends after some thousand commands, and each has a handful.
const MOST_EFFECTS: usize = 100_000;
/// Bytes of a reason, at most: it is one sentence for a person.
const LONGEST_REASON: usize = 4_000;

/// What must hold of any judgement.
pub fn well_formed(judged: &Judgement) {
    let is_allowed = judged.decision == Decision::Allow;
    assert_eq!(
        is_allowed,
        judged.reason.is_empty(),
        "a reason belongs to what is not allowed, and to nothing else: {judged:?}"
    );
    assert!(
        judged.reason.len() <= LONGEST_REASON,
        "a long reason: {}",
        judged.reason
    );
    // A reason goes to a terminal: what the input says must not become a command to that.
    assert!(
        !judged.reason.chars().any(char::is_control),
        "control characters in a reason: {:?}",
        judged.reason
    );
    assert!(judged.effects.len() <= MOST_EFFECTS, "{} effects", judged.effects.len());
    let gravest = judged.effects.iter().map(|effect| effect.decision).max();
    assert!(
        gravest.is_none_or(|gravest| gravest <= judged.decision),
        "an effect is graver than the judgement: {judged:?}"
    );
    if judged.takes_two() {
        assert_eq!(
            judged.decision,
            Decision::Deny,
            "what takes two is not let run by one: {judged:?}"
        );
    }
}

/// The text of an input; none where it is no text.
pub fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// One word of a shell that is exactly this text.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
