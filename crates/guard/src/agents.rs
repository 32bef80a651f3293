//! Each agent's own tongue: what its hook says before a tool runs, and how it is answered.
//!
//! Each contract has its traps, and all of them are here. Sources: the hook documentation of Claude Code, Codex CLI, Gemini CLI, GitHub Copilot, Cursor,
//! Kiro CLI and Kiro IDE, as of 2026-11.

use serde_json::{Value, json};

use crate::effect::Decision;
use crate::{Edit, Judgement, Surroundings};

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
    /// A line for a shell.
    pub command: Option<String>,
    /// Files that are written.
    pub edits: Vec<Edit>,
    /// The tool, where it is neither: nothing is said of it.
    pub other: Option<String>,
    /// Whether the agent asks somebody when it is told to.
    pub asks: bool,
    /// Ours alone: an installation asks whether events arrive.
    pub canary: Option<String>,
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

impl Event {
    /// What is said to it.
    pub fn judge(&self, place: &Surroundings<'_>) -> Judgement {
        let mut effects = Vec::new();
        if let Some(command) = &self.command {
            let judged = crate::command(command, place);
            if judged.effects.is_empty() && judged.decision > Decision::Allow {
                return judged;
            }
            effects.extend(judged.effects);
        }
        for edit in &self.edits {
            let judged = crate::edit(edit, place);
            if judged.effects.is_empty() && judged.decision > Decision::Allow {
                return judged;
            }
            effects.extend(judged.effects);
        }
        Judgement::of(effects)
    }
}

fn text(value: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| value[*name].as_str().map(str::to_owned))
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
        let value: Value = serde_json::from_slice(bytes).map_err(|error| format!("its event is no JSON: {error}"))?;
        if !value.is_object() {
            return Err("its event is no object of JSON".to_owned());
        }
        let mut event = Event {
            folder: text(&value, &["cwd", "workspace_root"]),
            canary: text(&value, &["counterproof_canary"]),
            asks: matches!(self, Self::ClaudeCode),
            ..Event::default()
        };
        if event.canary.is_some() {
            return Ok(event);
        }
        // Cursor's own event for commands has no tool.
        if self == Self::Cursor && value["tool_name"].is_null() && value["command"].is_string() {
            event.command = text(&value, &["command"]);
            event.asks = true;
            return Ok(event);
        }
        let tool = text(&value, &["tool_name", "toolName"]).ok_or("its event names no tool")?;
        let input = match self {
            // A text of JSON inside JSON.
            Self::Copilot => match &value["toolArgs"] {
                Value::String(inner) => {
                    serde_json::from_str(inner).map_err(|error| format!("`toolArgs` is no JSON: {error}"))?
                }
                other => other.clone(),
            },
            _ => value["tool_input"].clone(),
        };
        tool_of(&mut event, &tool, &input)?;
        Ok(event)
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
        if let Some(canary) = &event.canary {
            return self.heard(canary);
        }
        match self {
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

    /// The canary is denied, so that an installation sees that the hook blocks.
    fn heard(self, canary: &str) -> Answer {
        let event = Event::default();
        let judgement = Judgement {
            decision: Decision::Deny,
            reason: format!("heard {canary}"),
            effects: Vec::new(),
        };
        self.answer(&judgement, &event)
    }
}

/// What a tool is about to do: its names and fields, as the agents have them.
fn tool_of(event: &mut Event, tool: &str, input: &Value) -> Result<(), String> {
    match tool.to_lowercase().as_str() {
        "bash" | "shell" | "exec_command" | "local_shell" | "run_shell_command" | "run_terminal_cmd"
        | "execute_bash" | "executebash" | "execute_cmd" | "powershell" | "terminal" => {
            event.command = Some(match &input["command"] {
                Value::String(line) => line.clone(),
                // Some give a program and its arguments.
                Value::Array(words) => {
                    let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
                    match words.ok_or("its command is no list of texts")?.as_slice() {
                        ["bash" | "sh" | "zsh" | "/bin/bash" | "/bin/sh", "-c" | "-lc", line] => (*line).to_owned(),
                        words => words
                            .iter()
                            .map(|word| format!("'{}'", word.replace('\'', "'\\''")))
                            .collect::<Vec<_>>()
                            .join(" "),
                    }
                }
                _ => text(input, &["cmd", "script", "input"]).ok_or("its event holds no command")?,
            });
            if let Some(folder) = text(input, &["workdir", "cwd", "dir_path", "directory"]) {
                event.folder = Some(match &event.folder {
                    Some(above) => crate::surroundings::resolved(&folder, above, "/"),
                    None => folder,
                });
            }
        }
        "write" | "write_file" | "create" | "edit" | "multiedit" | "replace" | "str_replace" | "fs_write"
        | "fswrite" | "notebookedit" | "edit_file" | "create_file" | "strreplace" | "fsreplace" | "delete"
        | "delete_file" => {
            let path = text(
                input,
                &[
                    "file_path",
                    "path",
                    "filePath",
                    "target_file",
                    "notebook_path",
                    "targetFile",
                ],
            )
            .ok_or("its event names no file")?;
            event.edits.extend(edits(&path, input));
        }
        "apply_patch" => {
            let patch = text(input, &["patch", "input", "command"]).ok_or("its event holds no patch")?;
            event.edits.extend(patched(&patch));
        }
        _ => event.other = Some(tool.to_owned()),
    }
    Ok(())
}

fn edits(path: &str, input: &Value) -> Vec<Edit> {
    let of = |value: &Value| Edit {
        path: path.to_owned(),
        before: text(value, &["old_string", "old_str", "oldStr", "old_text"]),
        after: text(
            value,
            &[
                "new_string",
                "new_str",
                "newStr",
                "new_text",
                "content",
                "contents",
                "file_text",
                "text",
                "new_source",
            ],
        )
        .unwrap_or_default(),
    };
    match input["edits"].as_array() {
        Some(all) => all.iter().map(of).collect(),
        None => vec![of(input)],
    }
}

/// Files of a patch as Codex writes it: `*** Update File: path`.
fn patched(patch: &str) -> Vec<Edit> {
    let mut all: Vec<Edit> = Vec::new();
    for line in patch.lines() {
        let file = ["*** Update File: ", "*** Add File: ", "*** Delete File: "]
            .iter()
            .find_map(|start| line.strip_prefix(start));
        if let Some(path) = file {
            all.push(Edit {
                path: path.trim().to_owned(),
                before: (!line.starts_with("*** Delete")).then(String::new),
                after: String::new(),
            });
            continue;
        }
        let Some(edit) = all.last_mut() else { continue };
        let (before, after) = (edit.before.get_or_insert_default(), &mut edit.after);
        match line.chars().next() {
            Some('+') => {
                after.push_str(&line[1..]);
                after.push('\n');
            }
            Some('-') => {
                before.push_str(&line[1..]);
                before.push('\n');
            }
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoFiles;

    fn said(agent: Agent, event: &Value) -> Answer {
        let event = agent.read(event.to_string().as_bytes()).unwrap();
        let place = Surroundings::bare("/work/shop", &NoFiles);
        agent.answer(&event.judge(&place), &event)
    }

    /// Events as the documentation of each shows them, with another command in them.
    fn event(agent: Agent, command: &str) -> Value {
        match agent {
            Agent::ClaudeCode => json!({
                "session_id": "abc123", "transcript_path": "/home/ada/.claude/projects/x.jsonl", "cwd": "/work/shop", "permission_mode": "default",
                "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": command, "description": "x"}, "tool_use_id": "toolu_01",
            }),
            Agent::Codex => json!({
                "session_id": "abc", "cwd": "/work/shop", "model": "gpt-5", "hook_event_name": "PreToolUse", "tool_name": "shell",
                "tool_input": {"command": ["bash", "-lc", command]},
            }),
            Agent::Gemini => json!({
                "session_id": "abc", "transcript_path": "/x", "cwd": "/work/shop", "hook_event_name": "BeforeTool", "timestamp": "2026-11-28T10:00:00Z",
                "tool_name": "run_shell_command", "tool_input": {"command": command},
            }),
            Agent::Copilot => {
                json!({"timestamp": 1, "cwd": "/work/shop", "toolName": "bash", "toolArgs": json!({"command": command}).to_string()})
            }
            Agent::Cursor => {
                json!({"conversation_id": "x", "hook_event_name": "beforeShellExecution", "command": command, "cwd": "/work/shop"})
            }
            Agent::Kiro | Agent::KiroIde => {
                json!({"hook_event_name": "preToolUse", "cwd": "/work/shop", "tool_name": "execute_bash", "tool_input": {"command": command}})
            }
        }
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
        let tool = json!({"tool_name": "Shell", "tool_input": {"command": "git reset --hard"}, "tool_use_id": "x", "cwd": "/work/shop"});
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
            let event = json!({"cwd": "/work/shop", "tool_name": tool, "tool_input": input});
            said(Agent::ClaudeCode, &event).stdout
        };
        let edit =
            json!({"file_path": "/work/shop/tests/test_a.py", "old_string": "assert f() == 1", "new_string": "pass"});
        assert!(claude("Edit", edit).contains("\"ask\""));
        let weaker = json!({"file_path": "tests/test_a.py", "edits": [{"old_string": "def test_a():", "new_string": "@pytest.mark.skip\ndef test_a():"}]});
        assert!(claude("MultiEdit", weaker).contains("\"ask\""));
        assert!(
            claude(
                "Write",
                json!({"file_path": "/work/shop/counterproof.toml", "content": "x"})
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
        let event = json!({"cwd": "/work/shop", "tool_name": "apply_patch", "tool_input": {"patch": patch}});
        assert!(said(Agent::Codex, &event).stdout.contains("\"deny\""));
    }
}
