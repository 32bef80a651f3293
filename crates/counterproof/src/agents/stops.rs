//! What agents say when they are about to stop, and how they are told that there is something left to do.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Coder;
use crate::error::CliError;

/// An agent is about to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopEvent {
    /// Stays the same as long as the conversation goes on, where the agent names it.
    pub session: String,
    /// Where the agent works.
    pub folder: Option<Utf8PathBuf>,
    /// Whether it goes on only because a hook has held it back already, or was interrupted: then it may stop.
    pub may_stop: bool,
    /// Ours alone: the installation asks whether events arrive.
    pub canary: Option<String>,
}

/// What is said to our own canary.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// What is said.
    pub system_message: String,
}

/// Reads an event.
///
/// # Errors
/// When it is none.
pub fn read(coder: Coder, bytes: &[u8]) -> Result<StopEvent, CliError> {
    let none = |why: &str| {
        CliError::Usage(format!(
            "what came on standard input is no Stop event of {}: {why}",
            coder.words()
        ))
    };
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|error| none(&error.to_string()))?;
    let text = |names: &[&str]| names.iter().find_map(|name| value[*name].as_str().map(str::to_owned));
    let folder = text(&["cwd"]).or_else(|| value["workspace_roots"][0].as_str().map(str::to_owned));
    let session = text(&["session_id", "sessionId", "conversation_id"]);
    // One of Kiro's has no name for it: the folder stands for the conversation.
    let session = session.or_else(|| folder.clone().filter(|_| coder == Coder::Kiro));
    let ended = text(&["status"]).is_some_and(|status| status != "completed");
    let again = value["stop_hook_active"] == true || value["loop_count"].as_u64().is_some_and(|count| count > 0);
    Ok(StopEvent {
        session: session.ok_or_else(|| none("it names no session"))?,
        folder: folder.map(Utf8PathBuf::from),
        may_stop: again || ended,
        canary: text(&["counterproof_canary"]),
    })
}

/// What is printed to hand something back.
pub fn handed_back(coder: Coder, text: &str) -> String {
    match coder {
        Coder::ClaudeCode | Coder::Codex | Coder::Gemini | Coder::Copilot => {
            json!({"decision": "block", "reason": text}).to_string()
        }
        Coder::Cursor => json!({ "followup_message": text }).to_string(),
        // It cannot be held back: its person reads this.
        Coder::Kiro => text.to_owned(),
    }
}

/// The event that the installation sends.
pub fn canary(token: &str, folder: &str) -> Value {
    json!({
        "session_id": "counterproof-canary", "sessionId": "counterproof-canary", "conversation_id": "counterproof-canary",
        "cwd": folder, "hook_event_name": "Stop", "stop_hook_active": false, "counterproof_canary": token,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(path: &str) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../guard/tests/contracts/");
        std::fs::read_to_string(format!("{folder}{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    #[test]
    fn recorded_events_are_read() {
        for (coder, path, may_stop) in [
            (Coder::ClaudeCode, "claude-code/stop.json", true),
            (Coder::Codex, "codex/stop.json", false),
            (Coder::Gemini, "gemini/stop-afteragent.json", false),
            (Coder::Copilot, "copilot/stop-agentstop.json", false),
            (Coder::Copilot, "copilot/stop-pascalcase.json", false),
            (Coder::Cursor, "cursor/stop.json", false),
            (Coder::Kiro, "kiro/stop.json", false),
            (Coder::Kiro, "kiro-ide/stop.thirdparty.json", false),
        ] {
            let text = recorded(path);
            let event = read(coder, text.as_bytes()).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert!(!event.session.is_empty() && event.folder.is_some(), "{path}: {event:?}");
            assert_eq!(event.may_stop, may_stop, "{path}");
            let again = text.replace("\"loop_count\": 0", "\"loop_count\": 1");
            let again = again.replace("\"stop_hook_active\": false", "\"stop_hook_active\": true");
            let event = read(coder, again.as_bytes()).expect("an event");
            assert!(event.may_stop || coder == Coder::Kiro, "{path}");
        }
        let ended = recorded("cursor/stop.json").replace("completed", "aborted");
        assert!(read(Coder::Cursor, ended.as_bytes()).expect("an event").may_stop);
        for broken in ["", "{", "[]", "{\"cwd\": \"/\"}"] {
            assert!(read(Coder::ClaudeCode, broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_is_handed_back_has_the_documented_form() {
        for (coder, path) in [
            (Coder::ClaudeCode, "claude-code/stop.answer.json"),
            (Coder::Codex, "codex/stop.answer.json"),
            (Coder::Gemini, "gemini/stop-afteragent.answer.json"),
            (Coder::Copilot, "copilot/stop.answer.json"),
            (Coder::Cursor, "cursor/stop.answer.json"),
        ] {
            let documented: Value = serde_json::from_str(&recorded(path)).expect("JSON");
            let ours: Value = serde_json::from_str(&handed_back(coder, "a\nb")).expect("JSON");
            for (field, value) in ours.as_object().expect("an object") {
                let known = &documented[field];
                assert!(!known.is_null(), "{path}: {field}");
                if field == "decision" {
                    assert_eq!(known, value, "{path}");
                } else {
                    assert_eq!(value, "a\nb", "{path}");
                }
            }
        }
    }
}
