//! The hook contracts of agents, on what their documentation and sources show: `contracts/SOURCES.md` says where each is from.

use std::path::{Path, PathBuf};

use counterproof_guard as guard;
use guard::{Agent, Decision, Event, NoFiles, Surroundings};
use serde_json::{Value, json};

const AGENTS: [(&str, Agent); 7] = [
    ("claude-code", Agent::ClaudeCode),
    ("codex", Agent::Codex),
    ("gemini", Agent::Gemini),
    ("copilot", Agent::Copilot),
    ("cursor", Agent::Cursor),
    ("kiro", Agent::Kiro),
    ("kiro-ide", Agent::KiroIde),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts")
}

fn recorded(path: &str) -> String {
    std::fs::read_to_string(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn agent_of(path: &str) -> Agent {
    let name = path.split('/').next().unwrap();
    AGENTS.iter().find(|(agent, _)| *agent == name).unwrap().1
}

fn read(path: &str) -> Event {
    agent_of(path)
        .read(recorded(path).as_bytes())
        .unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// What a recorded event is about, in a word and a text.
fn about(event: &Event) -> (&'static str, String) {
    if let Some(command) = &event.command {
        return ("runs", command.clone());
    }
    if !event.edits.is_empty() {
        let paths: Vec<&str> = event.edits.iter().map(|edit| edit.path.as_str()).collect();
        return ("writes", paths.join(" "));
    }
    if let Some((query, _)) = event.queries.first() {
        return ("asks", query.clone());
    }
    ("other", event.other.clone().unwrap_or_default())
}

#[test]
fn recorded_events_are_read_as_they_are_meant() {
    for (path, what, text) in [
        ("claude-code/pre-bash.json", "runs", "npm test"),
        ("claude-code/pre-write.json", "writes", "/path/to/file.txt"),
        ("claude-code/pre-edit.json", "writes", "/path/to/file.txt"),
        (
            "claude-code/pre-notebookedit.json",
            "writes",
            "/home/user/my-project/a.ipynb",
        ),
        ("claude-code/pre-monitor.json", "runs", "tail -f /var/log/syslog"),
        ("codex/pre-bash.json", "runs", "git status --short"),
        (
            "codex/pre-apply_patch.json",
            "writes",
            "hello.txt src/app.py src/main.py obsolete.txt",
        ),
        ("gemini/pre-run_shell_command.json", "runs", "ls -la"),
        ("gemini/pre-write_file.json", "writes", ""),
        ("gemini/pre-replace.json", "writes", ""),
        ("copilot/pre-bash.json", "runs", "rm -rf dist"),
        ("copilot/pre-create.json", "writes", ""),
        ("copilot/pre-edit.json", "writes", ""),
        (
            "copilot/pre-apply_patch.json",
            "writes",
            "hello.txt src/app.py src/main.py obsolete.txt",
        ),
        ("copilot/pre-pascalcase.json", "runs", "npm test"),
        ("cursor/before-shell.json", "runs", "<full terminal command>"),
        ("cursor/pre-shell.json", "runs", "npm install"),
        (
            "cursor/pre-write.thirdparty.json",
            "writes",
            "/Users/test/workspace/src/main.rs",
        ),
        ("kiro/pre-execute_bash.json", "runs", "npm test"),
        (
            "kiro/pre-fs_write-create.json",
            "writes",
            "/current/working/directory/a.txt",
        ),
        (
            "kiro/pre-fs_write-str_replace.json",
            "writes",
            "/current/working/directory/a.txt",
        ),
        ("kiro/pre-fs_read.json", "other", "fs_read"),
        ("kiro/pre-mcp.json", "other", "@postgres/query"),
        ("kiro-ide/pre-execute_pwsh.json", "runs", "npm test"),
        ("kiro-ide/pre-fs_write.json", "writes", "a.txt"),
        ("kiro-ide/pre-str_replace.json", "writes", "a.txt"),
        ("kiro-ide/pre-delete_file.json", "runs", "rm -f -- 'a.txt'"),
    ] {
        let event = read(path);
        let (is, said) = about(&event);
        assert_eq!(is, what, "{path}: {event:?}");
        // Where the document's own path is long, that there is one is enough.
        if text.is_empty() {
            assert!(!said.is_empty(), "{path}: {event:?}");
        } else {
            assert_eq!(said, text, "{path}");
        }
        assert!(
            path.ends_with("thirdparty.json") || event.folder.is_some(),
            "{path}: {event:?}"
        );
    }
}

#[test]
fn nothing_that_is_recorded_is_left_out() {
    let mut seen = 0;
    for (name, agent) in AGENTS {
        for entry in std::fs::read_dir(folder().join(name)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let file = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default()
                .to_owned();
            let is_event = file.starts_with("pre-") && file.ends_with(".json") && !file.contains("answer");
            if is_event {
                let bytes = std::fs::read(&path).expect("a file");
                assert!(agent.read(&bytes).is_ok(), "{name}/{file}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 25, "{seen}");
}

/// The recorded event with another command in it.
fn with_command(path: &str, command: &str) -> Vec<u8> {
    let mut value: Value = serde_json::from_str(&recorded(path)).expect("JSON");
    if value["toolArgs"].is_string() {
        let mut inner: Value = serde_json::from_str(value["toolArgs"].as_str().expect("a text")).expect("JSON");
        inner["command"] = command.into();
        value["toolArgs"] = inner.to_string().into();
    } else if value["command"].is_string() {
        value["command"] = command.into();
    } else {
        value["tool_input"]["command"] = command.into();
    }
    value.to_string().into_bytes()
}

#[test]
fn each_agent_takes_the_denial_for_one() {
    for path in [
        "claude-code/pre-bash.json",
        "claude-code/pre-monitor.json",
        "codex/pre-bash.json",
        "gemini/pre-run_shell_command.json",
        "copilot/pre-bash.json",
        "copilot/pre-pascalcase.json",
        "cursor/before-shell.json",
        "cursor/pre-shell.json",
        "kiro/pre-execute_bash.json",
        "kiro-ide/pre-execute_pwsh.json",
    ] {
        let agent = agent_of(path);
        let answered = |command: &str| {
            let event = agent.read(&with_command(path, command)).expect("an event");
            let judgement = event.judge(&Surroundings::bare("/code", &NoFiles));
            (judgement.decision, agent.answer(&judgement, &event))
        };
        let (decision, answer) = answered("sudo rm -rf /");
        assert_eq!(decision, Decision::Deny, "{path}");
        let reason = agent.denial(answer.exit.into(), &answer.stdout, &answer.stderr);
        assert!(
            reason.is_some_and(|reason| reason.contains("whole file system")),
            "{path}: {answer:?}"
        );
        let (decision, answer) = answered("npm test");
        assert_eq!((decision, answer.exit), (Decision::Allow, 0), "{path}");
        assert_eq!(agent.denial(0, &answer.stdout, &answer.stderr), None, "{path}");
    }
}

/// Where an answer has fields that a document does not name, some agents take the hook for broken, and run the action.
#[test]
fn answers_have_the_documented_fields_and_no_others() {
    let fields = |value: &Value| -> Vec<String> { value.as_object().expect("an object").keys().cloned().collect() };
    for (agent, path, inner) in [
        (
            Agent::ClaudeCode,
            "claude-code/pre.answer.json",
            Some("hookSpecificOutput"),
        ),
        (Agent::Codex, "codex/pre.answer.json", Some("hookSpecificOutput")),
        (Agent::Gemini, "gemini/pre.answer.json", None),
        (Agent::Copilot, "copilot/pre.answer.json", None),
        (Agent::Cursor, "cursor/before-shell.answer.json", None),
    ] {
        let text = recorded(path);
        let documented: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let event = agent
            .read(agent.event("rm -rf /", "/code").to_string().as_bytes())
            .expect("an event");
        let answer = agent.answer(&event.judge(&Surroundings::bare("/code", &NoFiles)), &event);
        let ours: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        let known = |value: &Value| match inner {
            Some(inner) => fields(&value[inner]),
            None => fields(value),
        };
        let documented = known(&documented);
        for field in known(&ours) {
            assert!(
                documented.contains(&field),
                "{path}: {field} is not among {documented:?}"
            );
        }
        // What the document shows as a denial is read as one.
        let shown = recorded(path);
        let is_denial = shown.contains("\"deny\"");
        assert_eq!(agent.denial(0, &shown, "").is_some(), is_denial, "{path}");
    }
    assert_eq!(Agent::Kiro.denial(2, "", "why"), Some("why".to_owned()));
    for (exit, err) in [(2, ""), (1, "why"), (0, "why")] {
        assert_eq!(Agent::Kiro.denial(exit, "", err), None, "{exit} {err}");
    }
}

#[test]
fn an_event_that_is_made_is_one_that_is_read() {
    for (name, agent) in AGENTS {
        let event = agent
            .read(agent.event("ls -l", "/code").to_string().as_bytes())
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(
            (event.command.as_deref(), event.folder.as_deref()),
            (Some("ls -l"), Some("/code")),
            "{name}"
        );
    }
}

fn decided(agent: Agent, event: &Value) -> Decision {
    match agent.read(event.to_string().as_bytes()) {
        Ok(event) => event.judge(&Surroundings::bare("/code", &NoFiles)).decision,
        Err(_) => Decision::Ask,
    }
}

#[test]
fn tools_by_other_names_are_judged_like_the_rest() {
    let tool = |name: &str, input: Value| json!({"cwd": "/code", "tool_name": name, "tool_input": input});
    for (agent, event) in [
        (Agent::ClaudeCode, tool("Monitor", json!({"command": "rm -rf /"}))),
        (Agent::KiroIde, tool("execute_pwsh", json!({"command": "rm -rf /"}))),
        (
            Agent::KiroIde,
            tool(
                "control_bash_process",
                json!({"action": "start", "command": "rm -rf /"}),
            ),
        ),
        (
            Agent::KiroIde,
            tool("fs_append", json!({"path": "/etc/passwd", "text": "x"})),
        ),
        (
            Agent::KiroIde,
            tool("delete_file", json!({"targetFile": "/etc/passwd"})),
        ),
        (
            Agent::Copilot,
            json!({"cwd": "/code", "toolName": "str_replace_editor", "toolArgs": {"command": "create", "path": "/etc/passwd", "file_text": "x"}}),
        ),
        (
            Agent::Cursor,
            tool(
                "ApplyPatch",
                json!({"patch": "*** Begin Patch\n*** Add File: /etc/passwd\n+x\n*** End Patch"}),
            ),
        ),
        (
            Agent::Codex,
            tool(
                "apply_patch",
                json!({"command": "*** Begin Patch\n*** Update File: a\n*** Move to: /etc/passwd\n@@\n-x\n+y\n*** End Patch"}),
            ),
        ),
        (
            Agent::Codex,
            tool(
                "apply_patch",
                json!({"command": "*** Begin Patch\n  *** Add File: /etc/passwd\n+x\n*** End Patch"}),
            ),
        ),
        (
            Agent::Kiro,
            tool(
                "use_aws",
                json!({"service_name": "rds", "operation_name": "delete-db-instance", "parameters": {"db-instance-identifier": "main", "skip-final-snapshot": ""}, "region": "eu-west-1"}),
            ),
        ),
        (
            Agent::ClaudeCode,
            tool("mcp__postgres__execute_sql", json!({"sql": "DROP TABLE orders"})),
        ),
        (
            Agent::Kiro,
            tool("@postgres/query", json!({"sql": "DELETE FROM orders"})),
        ),
        (
            Agent::ClaudeCode,
            tool("mcp__shell__run", json!({"command": "rm -rf /"})),
        ),
        (Agent::Gemini, tool("mcp_db_query", json!({"query": "TRUNCATE orders"}))),
    ] {
        assert_ne!(decided(agent, &event), Decision::Allow, "{event}");
    }
    for (agent, event) in [
        (
            Agent::Copilot,
            json!({"cwd": "/code", "toolName": "str_replace_editor", "toolArgs": {"command": "view", "path": "/etc/passwd"}}),
        ),
        (
            Agent::Kiro,
            tool(
                "use_aws",
                json!({"service_name": "s3api", "operation_name": "list-buckets", "parameters": {}}),
            ),
        ),
        (Agent::Kiro, tool("@postgres/query", json!({"sql": "SELECT 1"}))),
        (
            Agent::ClaudeCode,
            tool("mcp__docs__search", json!({"query": "how to delete from a list"})),
        ),
        (Agent::ClaudeCode, tool("Grep", json!({"pattern": "DROP TABLE"}))),
    ] {
        assert_eq!(decided(agent, &event), Decision::Allow, "{event}");
    }
}

#[test]
fn an_agent_that_runs_the_hook_of_another_is_answered_in_its_own_tongue() {
    let hook = Agent::ClaudeCode;
    for speaker in [Agent::Copilot, Agent::Cursor] {
        let event = hook
            .read(speaker.event("rm -rf /", "/code").to_string().as_bytes())
            .expect("an event");
        let answer = hook.answer(&event.judge(&Surroundings::bare("/code", &NoFiles)), &event);
        assert!(
            speaker.denial(0, &answer.stdout, &answer.stderr).is_some(),
            "{speaker:?}: {answer:?}"
        );
    }
}

#[test]
fn marks_of_windows_are_passed_over() {
    let text = Agent::Cursor.event("ls", "/code").to_string();
    let marked = [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat();
    assert!(Agent::Cursor.read(&marked).is_ok());
    let wide: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(
        Agent::Cursor.read(&wide).expect("an event").command.as_deref(),
        Some("ls")
    );
    assert!(Agent::Cursor.read(&[0xFF, 0xFE, 0x00, 0xD8]).is_err());
}
