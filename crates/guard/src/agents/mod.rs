//! Each agent's own tongue: what its hook says before a tool runs, and how it is answered.
//!
//! Each contract has its traps, and all of them are here. Sources: the hook documentation of Claude Code, Codex CLI, Gemini CLI, GitHub Copilot, Cursor,
//! Kiro CLI and Kiro IDE, as of 2026-11.

mod fields;
mod foreign;
mod judging;
mod tools;

use serde_json::{Value, json};

use crate::effect::Decision;
use crate::{Edit, Judgement};

/// Bytes of an event that are read.
pub const LONGEST_EVENT: usize = 16 << 20;

/// An agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agent {
    /// Anthropic's Claude Code: `PreToolUse`.
    ClaudeCode,
    /// OpenAI's Codex CLI: `PreToolUse`.
    Codex,
    /// Google's Gemini CLI: `BeforeTool`.
    Gemini,
    /// GitHub's Copilot: `preToolUse`.
    Copilot,
    /// Cursor: `beforeShellExecution` and `preToolUse`.
    Cursor,
    /// Kiro's command line: `preToolUse`.
    Kiro,
    /// Kiro's editor; before 1.0 the event is in the variable `USER_PROMPT`, from 1.0 on standard input.
    KiroIde,
}

/// What an agent is about to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The folder that it works in.
    pub folder: Option<String>,
    /// A line for a shell; where fields say different things, all of them, one below the other.
    pub command: Option<String>,
    /// Lines that are judged each for itself, instead of the command: what different fields say, and what does the same as parts of a patch.
    pub lines: Vec<String>,
    /// Other folders that it may run in: not every agent heeds every field.
    pub folders: Vec<String>,
    /// What cannot be told of it, in words: a person has to look at that.
    pub unclear: Vec<String>,
    /// Files that are written.
    pub edits: Vec<Edit>,
    /// The cell of a notebook that one of the edits is about.
    pub cell: Option<String>,
    /// Statements of SQL that go to a server by way of another tool, and what that is called.
    pub queries: Vec<(String, String)>,
    /// The tool, where it is neither: nothing is said of it.
    pub other: Option<String>,
    /// Whether the agent asks somebody when it is told to.
    pub asks: bool,
    /// Who speaks, where the form of the event tells that it is another agent than the hook was installed for: some run the hooks of others.
    pub speaker: Option<Agent>,
}

/// What is printed, and how the hook ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// On standard output.
    pub stdout: String,
    /// On standard error.
    pub stderr: String,
    /// The exit code.
    pub exit: u8,
}

/// The first of these fields that says something.
fn text(value: &Value, names: &[&str]) -> Option<String> {
    let said = |name: &&str| value[*name].as_str().filter(|text| !text.is_empty());
    names.iter().find_map(said).map(str::to_owned)
}

/// What somebody lets run is known by its command and folder, or by its files alone. Where there is more to it, that is told as a comment of the
/// command: so only this very action is let run by a person's word, and no other one that looks like it.
fn bind(event: &mut Event) {
    let mut more = Vec::new();
    if !event.folders.is_empty() {
        more.push(format!("# here, or in {}", event.folders.join(", ").replace('\n', " ")));
    }
    if event.command.is_some() && !event.edits.is_empty() {
        let paths: Vec<&str> = event.edits.iter().map(|edit| edit.path.as_str()).collect();
        more.push(format!("# and a write to {}", paths.join(", ").replace('\n', " ")));
    }
    if event.command.is_some() || !event.edits.is_empty() {
        let queries = event.queries.iter().map(|(query, tool)| format!("{tool}: {query}"));
        more.extend(queries.map(|query| format!("# {}", query.replace('\n', " "))));
    }
    if event.command.is_none() && !event.edits.is_empty() {
        more.extend(
            event
                .unclear
                .iter()
                .map(|what| format!("# {}", what.replace('\n', " "))),
        );
    }
    if more.is_empty() {
        return;
    }
    if event.lines.is_empty() {
        event.lines.extend(event.command.clone());
    }
    let command = event.command.take().into_iter().chain(more);
    event.command = Some(command.collect::<Vec<_>>().join("\n"));
}

/// Whether Claude Code asks somebody in that mode. In others it has run what it was told to ask about: anthropics/claude-code#89561, #77212.
fn asks_in(mode: &Value) -> bool {
    match mode {
        Value::Null => true,
        mode => matches!(mode.as_str(), Some("default" | "plan" | "acceptEdits")),
    }
}

impl Agent {
    /// The agent of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "claude-code" | "claude" => Self::ClaudeCode,
            "codex" => Self::Codex,
            "gemini" => Self::Gemini,
            "copilot" => Self::Copilot,
            "cursor" => Self::Cursor,
            "kiro" | "kiro-cli" => Self::Kiro,
            "kiro-ide" => Self::KiroIde,
            _ => return None,
        })
    }

    /// Reads what the agent says.
    ///
    /// # Errors
    /// Why it cannot be understood: then somebody has to look at it.
    pub fn read(self, bytes: &[u8]) -> Result<Event, String> {
        if bytes.len() > LONGEST_EVENT {
            return Err(format!("its event is longer than {LONGEST_EVENT} bytes"));
        }
        let value = json_of(bytes)?;
        if !value.is_object() {
            return Err("its event is no object of JSON".to_owned());
        }
        let speaker = self.speaking(&value);
        let first_root = value["workspace_roots"][0].as_str().map(str::to_owned);
        let mut event = Event {
            folder: text(&value, &["cwd", "workspace_root"]).or(first_root),
            asks: speaker == Self::ClaudeCode && asks_in(&value["permission_mode"]),
            speaker: (speaker != self).then_some(speaker),
            ..Event::default()
        };
        // Cursor's own event for commands has no tool.
        if speaker == Self::Cursor && value["tool_name"].is_null() && value["command"].is_string() {
            event.command = text(&value, &["command"]);
            event.asks = true;
            return Ok(event);
        }
        let tool = text(&value, &["tool_name", "toolName"]).ok_or("its event names no tool")?;
        let input = match (&value["tool_input"], &value["toolArgs"]) {
            (Value::Null, given) | (given, _) => tools::input(&tool, given)?,
        };
        let told = tools::Told {
            tool: tool.trim(),
            input: &input,
            speaker,
            // Cursor's event for tools of servers gives them the names that these have at home.
            is_foreign: value["hook_event_name"] == "beforeMCPExecution"
                || (speaker == Self::Cursor && (value["command"].is_string() || value["url"].is_string())),
        };
        tools::read(&mut event, &told)?;
        bind(&mut event);
        Ok(event)
    }

    /// Who says that: Copilot and Cursor run the hooks that a repository has for Claude Code, too, and speak as they do at home.
    fn speaking(self, value: &Value) -> Self {
        if self != Self::ClaudeCode {
            return self;
        }
        if !value["conversation_id"].is_null() || !value["cursor_version"].is_null() {
            Self::Cursor
        } else if !value["toolName"].is_null() || !value["timestamp"].is_null() {
            Self::Copilot
        } else {
            self
        }
    }

    /// An event as this agent sends it for a line of a shell.
    pub fn event(self, command: &str, folder: &str) -> Value {
        match self {
            Self::ClaudeCode => json!({
                "session_id": "counterproof", "transcript_path": "", "cwd": folder, "permission_mode": "default",
                "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": command}, "tool_use_id": "counterproof",
            }),
            Self::Codex => json!({
                "session_id": "counterproof", "turn_id": "counterproof", "transcript_path": null, "cwd": folder,
                "hook_event_name": "PreToolUse", "model": "counterproof", "permission_mode": "default", "tool_name": "Bash",
                "tool_input": {"command": command}, "tool_use_id": "counterproof",
            }),
            Self::Gemini => json!({
                "session_id": "counterproof", "transcript_path": "", "cwd": folder, "hook_event_name": "BeforeTool",
                "timestamp": "1970-01-01T00:00:00Z", "tool_name": "run_shell_command", "tool_input": {"command": command},
            }),
            Self::Copilot => json!({
                "sessionId": "counterproof", "timestamp": 0, "cwd": folder, "toolName": "bash",
                "toolArgs": json!({ "command": command }).to_string(),
            }),
            Self::Cursor => json!({
                "conversation_id": "counterproof", "hook_event_name": "beforeShellExecution", "command": command, "cwd": folder,
            }),
            Self::Kiro | Self::KiroIde => json!({
                "hook_event_name": "preToolUse", "cwd": folder, "tool_name": "execute_bash", "tool_input": {"command": command},
            }),
        }
    }

    /// Why this agent would not run what it asked about, as it reads an answer; none where it would run it, or ask somebody.
    pub fn denial(self, exit: i32, stdout: &str, stderr: &str) -> Option<String> {
        let value: Value = serde_json::from_str(stdout).unwrap_or_default();
        let said = |decision: &Value, reason: &Value| {
            let reason = reason.as_str().filter(|reason| !reason.is_empty())?;
            (exit == 0 && decision == "deny").then(|| reason.to_owned())
        };
        match self {
            Self::ClaudeCode | Self::Codex => {
                let output = &value["hookSpecificOutput"];
                said(&output["permissionDecision"], &output["permissionDecisionReason"])
            }
            Self::Gemini => said(&value["decision"], &value["reason"]),
            Self::Copilot => said(&value["permissionDecision"], &value["permissionDecisionReason"]),
            Self::Cursor => said(&value["permission"], &value["user_message"]),
            Self::Kiro | Self::KiroIde => (exit == 2 && !stderr.is_empty()).then(|| stderr.to_owned()),
        }
    }

    /// What is said to the agent. That something is allowed is mostly said by saying nothing: its person's own settings go on to
    /// count.
    pub fn answer(self, judgement: &Judgement, event: &Event) -> Answer {
        let reason = if judgement.reason.is_empty() {
            "Counterproof does not allow this".to_owned()
        } else {
            format!("Counterproof: {}", judgement.reason)
        };
        let denies = judgement.decision == Decision::Deny || (judgement.decision == Decision::Ask && !event.asks);
        let reason = match (denies, judgement.decision) {
            (true, Decision::Ask) => {
                format!("{reason}. A person has to run it")
            }
            _ => reason,
        };
        let say = |value: Value| Answer {
            stdout: value.to_string(),
            ..Answer::default()
        };
        match event.speaker.unwrap_or(self) {
            Self::ClaudeCode | Self::Codex => match judgement.decision {
                Decision::Allow => Answer::default(),
                _ => say(json!({ "hookSpecificOutput": {
                    "hookEventName": "PreToolUse",
                    "permissionDecision": if denies { "deny" } else { "ask" },
                    "permissionDecisionReason": reason,
                } })),
            },
            Self::Gemini => match judgement.decision {
                Decision::Allow => say(json!({})),
                _ => say(json!({ "decision": "deny", "reason": reason })),
            },
            Self::Copilot => match judgement.decision {
                Decision::Allow => Answer::default(),
                _ => say(json!({ "permissionDecision": "deny", "permissionDecisionReason": reason })),
            },
            // Nothing printed counts as a failure where it is set to fail closed.
            Self::Cursor => match judgement.decision {
                Decision::Allow => say(json!({ "permission": "allow" })),
                _ => say(json!({
                    "permission": if denies { "deny" } else { "ask" },
                    "user_message": reason, "agent_message": reason,
                })),
            },
            Self::Kiro | Self::KiroIde => match judgement.decision {
                Decision::Allow => Answer::default(),
                _ => Answer {
                    stderr: reason,
                    exit: 2,
                    ..Answer::default()
                },
            },
        }
    }
}

/// The JSON of an event; on Windows some write a mark before it, or two bytes for each letter.
fn json_of(bytes: &[u8]) -> Result<Value, String> {
    let wide: Vec<u16>;
    let decoded = match bytes {
        [0xFF, 0xFE, rest @ ..] => {
            wide = rest
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .collect();
            String::from_utf16(&wide)
                .map_err(|error| format!("its event is no text: {error}"))?
                .into_bytes()
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => rest.to_vec(),
        _ => return serde_json::from_slice(bytes).map_err(|error| format!("its event is no JSON: {error}")),
    };
    serde_json::from_slice(&decoded).map_err(|error| format!("its event is no JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NoFiles, Surroundings};

    fn said(agent: Agent, event: &Value) -> Answer {
        let event = agent.read(event.to_string().as_bytes()).unwrap();
        let place = Surroundings::bare("/code/shop", &NoFiles);
        agent.answer(&event.judge(&place), &event)
    }

    fn event(agent: Agent, command: &str) -> Value {
        agent.event(command, "/code/shop")
    }

    const ALL: [Agent; 7] = [
        Agent::ClaudeCode,
        Agent::Codex,
        Agent::Gemini,
        Agent::Copilot,
        Agent::Cursor,
        Agent::Kiro,
        Agent::KiroIde,
    ];

    fn answer(agent: Agent, command: &str) -> (Value, Answer) {
        let answer = said(agent, &event(agent, command));
        (serde_json::from_str(&answer.stdout).unwrap_or_default(), answer)
    }

    #[test]
    fn a_denial_is_said_as_each_agent_takes_it() {
        for agent in ALL {
            let (value, answer) = answer(agent, "rm -rf /");
            let (word, reason) = match agent {
                Agent::ClaudeCode | Agent::Codex => {
                    let output = &value["hookSpecificOutput"];
                    assert_eq!(output["hookEventName"], "PreToolUse");
                    (
                        output["permissionDecision"].clone(),
                        output["permissionDecisionReason"].clone(),
                    )
                }
                Agent::Gemini => (value["decision"].clone(), value["reason"].clone()),
                Agent::Copilot => (
                    value["permissionDecision"].clone(),
                    value["permissionDecisionReason"].clone(),
                ),
                Agent::Cursor => (value["permission"].clone(), value["user_message"].clone()),
                Agent::Kiro | Agent::KiroIde => {
                    (json!(if answer.exit == 2 { "deny" } else { "" }), json!(answer.stderr))
                }
            };
            assert_eq!(word, "deny", "{agent:?}");
            assert!(
                reason
                    .as_str()
                    .is_some_and(|reason| reason.contains("the whole file system")),
                "{agent:?}: {reason}"
            );
        }
    }

    #[test]
    fn a_question_is_a_denial_where_nobody_is_asked() {
        for agent in ALL {
            let (value, answer) = answer(agent, "git reset --hard");
            let asked = match agent {
                Agent::ClaudeCode => value["hookSpecificOutput"]["permissionDecision"] == "ask",
                Agent::Cursor => value["permission"] == "ask",
                Agent::Codex => value["hookSpecificOutput"]["permissionDecision"] == "deny",
                Agent::Gemini => value["decision"] == "deny",
                Agent::Copilot => value["permissionDecision"] == "deny",
                Agent::Kiro | Agent::KiroIde => answer.exit == 2 && !answer.stderr.is_empty(),
            };
            assert!(asked, "{agent:?}: {value} {answer:?}");
        }
        // Cursor does not enforce `ask` for tools.
        let tool = json!({"tool_name": "Shell", "tool_input": {"command": "git reset --hard"}, "tool_use_id": "x", "cwd": "/code/shop"});
        assert!(said(Agent::Cursor, &tool).stdout.contains("\"permission\":\"deny\""));
    }

    #[test]
    fn what_is_allowed_leaves_the_person_s_own_settings_alone() {
        for agent in ALL {
            let (_, answer) = answer(agent, "git status");
            assert_eq!(answer.exit, 0);
            let expected = match agent {
                Agent::Gemini => "{}",
                Agent::Cursor => "{\"permission\":\"allow\"}",
                _ => "",
            };
            assert_eq!(
                (answer.stdout.as_str(), answer.stderr.as_str()),
                (expected, ""),
                "{agent:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_understood_is_no_event() {
        for agent in ALL {
            for bytes in [
                &b""[..],
                b"{",
                b"[]",
                b"{}",
                b"{\"tool_name\": \"Bash\", \"toolName\": \"bash\"}",
                b"\xff\xfe",
            ] {
                assert!(agent.read(bytes).is_err(), "{agent:?} {bytes:?}");
            }
        }
        assert!(
            Agent::Copilot
                .read(br#"{"toolName": "bash", "toolArgs": "{"}"#)
                .is_err()
        );
    }

    #[test]
    fn writes_by_tools_are_judged_like_commands() {
        let claude = |tool: &str, input: Value| {
            let event = json!({"cwd": "/code/shop", "tool_name": tool, "tool_input": input});
            said(Agent::ClaudeCode, &event).stdout
        };
        let edit =
            json!({"file_path": "/code/shop/tests/test_a.py", "old_string": "assert f() == 1", "new_string": "pass"});
        assert!(claude("Edit", edit).contains("\"ask\""));
        let weaker = json!({"file_path": "tests/test_a.py", "edits": [{"old_string": "def test_a():", "new_string": "@pytest.mark.skip\ndef test_a():"}]});
        assert!(claude("MultiEdit", weaker).contains("\"ask\""));
        assert!(
            claude(
                "Write",
                json!({"file_path": "/code/shop/counterproof.toml", "content": "x"})
            )
            .contains("\"ask\"")
        );
        assert!(
            claude(
                "Write",
                json!({"file_path": ".counterproof/accepted.toml", "content": "x"})
            )
            .contains("\"deny\"")
        );
        assert!(claude("Write", json!({"file_path": "/home/user/.bashrc", "content": "x"})).contains("\"ask\""));
        assert_eq!(
            claude("Write", json!({"file_path": "src/a.py", "content": "x = 1"})),
            ""
        );
        assert_eq!(
            claude(
                "Write",
                json!({"file_path": "tests/test_new.py", "content": "def test_x():\n    assert f()\n"})
            ),
            ""
        );
        assert_eq!(claude("Read", json!({"file_path": "/etc/passwd"})), "");
        let patch =
            "*** Begin Patch\n*** Update File: tests/test_a.py\n@@\n-    assert f() == 1\n+    pass\n*** End Patch\n";
        let event = json!({"cwd": "/code/shop", "tool_name": "apply_patch", "tool_input": {"patch": patch}});
        assert!(said(Agent::Codex, &event).stdout.contains("\"deny\""));
        // A file without a name cannot be judged; the one beside it is judged all the same.
        let patch = "*** Update File: \n+x\n*** Update File: .counterproof/accepted.toml\n+x\n";
        let event = json!({"cwd": "/code/shop", "tool_name": "apply_patch", "tool_input": {"patch": patch}});
        assert!(said(Agent::ClaudeCode, &event).stdout.contains("\"deny\""));
    }
}
