//! Lines of a shell.

use guard::{Decision, Judgement, Surroundings, command};

use crate::place::place;
use crate::{quoted, text, well_formed};

/// What must hold of any line.
pub fn check(data: &[u8]) {
    let Some(line) = text(data) else { return };
    let place = place();
    let judged = command(line, &place);
    well_formed(&judged);
    // Each of these costs as much again, so an input is tried in one way; its length chooses which.
    match line.len() % 4 {
        3 => assert_eq!(judged, command(line, &place), "the same line is judged in two ways"),
        0 => in_a_shell(line, &judged, &place),
        1 => after_the_worst(line, &place),
        _ => in_a_hurry(line, &judged),
    }
}

/// What is denied is not allowed when a shell is given it as one word.
fn in_a_shell(line: &str, judged: &Judgement, place: &Surroundings<'_>) {
    // These mean something else in a shell that has no arguments, and what begins so is no command to it.
    let differs = line.starts_with(['-', '+']) || line.contains(['@', '*', '#']) || has_argument(line);
    if judged.decision != Decision::Deny || differs {
        return;
    }
    let word = quoted(line);
    for wrapped in [
        format!("sh -c {word}"),
        format!("eval {word}"),
        format!("sudo bash -lc {word}"),
        format!("(\n{line}\n)"),
        format!("f() {{\n{line}\n}}\nf"),
    ] {
        let inside = command(&wrapped, place);
        assert_ne!(inside.decision, Decision::Allow, "denied, but allowed as {wrapped:?}");
    }
}

/// Whether it speaks of `$0`, `${1}` and so on.
fn has_argument(line: &str) -> bool {
    line.split('$').skip(1).any(|rest| {
        rest.trim_start_matches(['{', '!'])
            .starts_with(|c: char| c.is_ascii_digit())
    })
}

/// Nothing that follows makes harmless what ran before.
fn after_the_worst(line: &str, place: &Surroundings<'_>) {
    let judged = command(&format!("rm -rf /\n{line}"), place);
    assert_ne!(judged.decision, Decision::Allow, "what follows hides what came before");
}

/// What there was no time for is never allowed unless all of it is.
fn in_a_hurry(line: &str, judged: &Judgement) {
    let late = Surroundings {
        is_late: Some(&|| true),
        ..place()
    };
    let hurried = command(line, &late);
    well_formed(&hurried);
    if hurried.decision == Decision::Allow {
        assert_eq!(judged.decision, Decision::Allow, "allowed for want of time");
    }
}
