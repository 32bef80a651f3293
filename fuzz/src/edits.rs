//! Writes through an agent's own tool.

use guard::verification::{Guarded, weakens};
use guard::{Agent, Decision, Edit, edit};
use serde_json::json;

use crate::place::place;
use crate::{text, well_formed};

/// What must hold of any write.
pub fn check(data: &[u8]) {
    let Some(input) = text(data) else { return };
    let mut parts = input.splitn(3, '\0');
    let path = parts.next().unwrap_or_default().to_owned();
    let (before, after) = match (parts.next(), parts.next()) {
        (Some(before), Some(after)) => (Some(before.to_owned()), after.to_owned()),
        (after, _) => (None, after.unwrap_or_default().to_owned()),
    };
    let one = Edit { path, before, after };
    let place = place();
    let judged = edit(&one, &place);
    well_formed(&judged);
    assert_eq!(judged, edit(&one, &place), "the same write is judged in two ways");
    elsewhere(&one, judged.decision);
    // A test that stays as it is has lost nothing.
    if Guarded::of(&one.path) == Some(Guarded::Test) {
        assert_eq!(weakens(&one.path, &one.after, &one.after), None);
    }
    // As an agent says it.
    let input = match &one.before {
        Some(before) => json!({"file_path": one.path, "old_string": before, "new_string": one.after}),
        None => json!({"file_path": one.path, "content": one.after}),
    };
    // A tool that writes a whole file takes no text that goes.
    let tool = if one.before.is_some() { "Edit" } else { "Write" };
    let event = json!({"cwd": "/code/shop", "tool_name": tool, "tool_input": input});
    let event = Agent::ClaudeCode.read(event.to_string().as_bytes()).expect("an event");
    assert_eq!(event.edits, [one], "the write comes as it went");
    // An event is judged by what becomes of the whole file, too.
    assert!(
        event.judge(&place).decision >= judged.decision,
        "the event is judged milder"
    );
}

/// A file is the same one by whatever path.
fn elsewhere(one: &Edit, decision: Decision) {
    if one.path.is_empty() || one.path.starts_with(['/', '~']) {
        return;
    }
    for start in ["./", "/code/shop/", "../shop/", "/code//shop/src/../"] {
        let other = Edit {
            path: format!("{start}{}", one.path),
            ..one.clone()
        };
        assert_eq!(
            edit(&other, &place()).decision,
            decision,
            "another decision by way of `{start}`"
        );
    }
}
