//! What agents say, and what they are answered.

use guard::{Agent, Answer, Decision, Event, Judgement, command, edit, query};
use serde_json::Value;

use crate::place::place;
use crate::{text, well_formed};

/// The agents in the order of the letters that choose them: a capital where an event follows, a small one where the line of a shell does.
const AGENTS: [Agent; 7] = [
    Agent::ClaudeCode,
    Agent::Codex,
    Agent::Gemini,
    Agent::Copilot,
    Agent::Cursor,
    Agent::Kiro,
    Agent::KiroIde,
];

/// What must hold of any event.
pub fn check(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let agent = AGENTS[usize::from(first.to_ascii_uppercase().wrapping_sub(b'A')) % AGENTS.len()];
    if !first.is_ascii_lowercase() {
        said(agent, rest);
        return;
    }
    // An empty line is none.
    let Some(line) = text(rest).filter(|line| !line.trim().is_empty()) else {
        return;
    };
    let bytes = agent.event(line, "/code/shop").to_string();
    let event = agent
        .read(bytes.as_bytes())
        .expect("an agent's own event is understood");
    assert_eq!(event.command.as_deref(), Some(line), "the line comes as it went");
    said(agent, bytes.as_bytes());
}

fn said(agent: Agent, bytes: &[u8]) {
    let event = agent.read(bytes);
    let Ok(event) = event else { return };
    // Not all of it with every input: each costs as much again.
    match bytes.len() % 4 {
        0 => as_windows_writes(agent, bytes, &event),
        1 => assert_eq!(
            Ok(&event),
            agent.read(bytes).as_ref(),
            "the same event is read in two ways"
        ),
        _ => {}
    }
    let judged = event.judge(&place());
    well_formed(&judged);
    if bytes.len().is_multiple_of(2) {
        never_below(&event, &judged);
    }
    answered(agent, &event, &judged, &agent.answer(&judged, &event));
}

/// The same event with a mark before it, and in two bytes for each letter.
fn as_windows_writes(agent: Agent, bytes: &[u8], event: &Event) {
    let Some(text) = text(bytes).filter(|text| !text.starts_with('\u{feff}')) else {
        return;
    };
    let marked = format!("\u{feff}{text}");
    let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(agent.read(marked.as_bytes()).as_ref(), Ok(event), "with a mark");
    assert_eq!(agent.read(&wide).as_ref(), Ok(event), "in two bytes");
}

/// An event is judged no milder than any part of it.
fn never_below(event: &Event, judged: &Judgement) {
    let place = place();
    let commands = event.command.iter().map(|line| command(line, &place));
    let edits = event.edits.iter().take(8).map(|one| edit(one, &place));
    let queries = event
        .queries
        .iter()
        .map(|(statement, tool)| query(statement, tool, &place));
    for part in commands.chain(edits).chain(queries) {
        assert!(
            part.decision <= judged.decision,
            "an event is judged milder than a part of it: {judged:?} and {part:?}"
        );
    }
}

/// The answer is one that the agent understands, and that stops it or makes it ask where it has to.
fn answered(agent: Agent, event: &Event, judged: &Judgement, answer: &Answer) {
    let who = event.speaker.unwrap_or(agent);
    let denied = who.denial(i32::from(answer.exit), &answer.stdout, &answer.stderr);
    if matches!(who, Agent::Kiro | Agent::KiroIde) {
        let stops = judged.decision > Decision::Allow;
        assert_eq!(answer.exit, if stops { 2 } else { 0 }, "{answer:?}");
        assert_eq!(denied.is_some(), stops, "{answer:?}");
        return;
    }
    assert_eq!((answer.exit, answer.stderr.as_str()), (0, ""), "{answer:?}");
    let value: Value = match answer.stdout.as_str() {
        "" => Value::Null,
        stdout => serde_json::from_str(stdout).expect("an answer is JSON"),
    };
    let asks = match who {
        Agent::ClaudeCode => value["hookSpecificOutput"]["permissionDecision"] == "ask",
        Agent::Cursor => value["permission"] == "ask",
        // Nobody is asked by the others: they would take it for leave.
        _ => false,
    };
    match judged.decision {
        Decision::Allow => assert!(denied.is_none() && !asks, "{answer:?}"),
        Decision::Ask => assert!(asks == event.asks && denied.is_some() != asks, "{event:?} {answer:?}"),
        Decision::Deny => assert!(denied.is_some(), "{event:?} {answer:?}"),
    }
}
