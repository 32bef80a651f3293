//! Tools of agents by their fields: an agent heeds some and passes over the others, and a model may write any. What could run is judged.

use counterproof_guard as guard;
use guard::{Agent, Answer, Decision, Files, Surroundings};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A repository with a test in it.
struct Tree;

impl Files for Tree {
    fn read(&self, path: &str) -> Option<String> {
        let text = match path {
            "/code/tests/test_a.py" => {
                "import f\n\n\ndef test_a():\n    assert f() == 1\n\n\ndef test_b():\n    x = f()\n    assert x\n"
            }
            "/code/tests/test_n.ipynb" => {
                "{\"cells\": [{\"id\": \"t\", \"source\": [\"def test_a():\\n\", \"    assert f()\\n\"]}]}"
            }
            "/code/src/a.py" => "def f():\n    return 1\n",
            "/code/conftest.py" => "import pytest\n",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

fn answered(agent: Agent, event: &Value) -> (Decision, Answer) {
    let event = agent
        .read(event.to_string().as_bytes())
        .unwrap_or_else(|why| panic!("{event}: {why}"));
    let judgement = event.judge(&Surroundings {
        repository: Some("/code".to_owned()),
        ..Surroundings::bare(event.folder.as_deref().unwrap_or("/code"), &Tree)
    });
    (judgement.decision, agent.answer(&judgement, &event))
}

fn decided(agent: Agent, tool: &str, input: &Value) -> Decision {
    answered(agent, &json!({"cwd": "/code", "tool_name": tool, "tool_input": input})).0
}

fn all(rows: Vec<(Agent, &str, Value)>, is_allowed: bool) {
    for (agent, tool, input) in rows {
        let decision = decided(agent, tool, &input);
        assert_eq!(
            decision == Decision::Allow,
            is_allowed,
            "{agent:?} {tool} {input}: {decision:?}"
        );
    }
}

#[test]
fn a_field_that_the_agent_passes_over_hides_nothing() {
    use Agent::{Copilot, Cursor, Gemini, Kiro};
    all(
        vec![
            (
                Gemini,
                "write_file",
                json!({"file_path": ".gemini/settings.json", "content": "{}", "command": "view"}),
            ),
            (
                Gemini,
                "write_file",
                json!({"file_path": ".gemini/settings.json", "content": "{}", "edits": []}),
            ),
            (
                Gemini,
                "write_file",
                json!({"file_path": "tests/test_a.py", "content": "", "old_string": ""}),
            ),
            (
                Gemini,
                "write_file",
                json!({"file_path": "tests/test_a.py", "content": "", "new_string": "def test_a():\n    assert f() == 1\ndef test_b():\n    assert x\n"}),
            ),
            (
                Copilot,
                "create",
                json!({"path": ".github/hooks/counterproof.json", "file_path": "src/a.py", "file_text": "{}"}),
            ),
            (
                Copilot,
                "create",
                json!({"path": ".github/hooks/counterproof.json", "command": "view", "file_text": "{}"}),
            ),
            (
                Kiro,
                "fs_write",
                json!({"command": "create", "path": ".kiro/hooks/x.json", "file_path": "src/a.py", "file_text": "{}"}),
            ),
            (
                Cursor,
                "Write",
                json!({"path": ".cursor/hooks.json", "contents": "x", "file_path": "a"}),
            ),
            (
                Cursor,
                "Delete",
                json!({"path": ".cursor/hooks.json", "file_path": "a"}),
            ),
        ],
        false,
    );
}

#[test]
fn a_line_and_a_folder_of_another_field_are_judged() {
    use Agent::{Copilot, Gemini, Kiro};
    let harmless = "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\n";
    let patch = "*** Begin Patch\n*** Delete File: .github/hooks/counterproof.json\n*** End Patch";
    all(
        vec![
            (
                Gemini,
                "run_shell_command",
                json!({"command": "rm -rf *", "dir_path": "/etc", "workdir": "/code/target"}),
            ),
            (
                Gemini,
                "run_shell_command",
                json!({"command": "rm -rf *", "dir_path": "/etc", "directory": "/tmp/x"}),
            ),
            (
                Gemini,
                "run_shell_command",
                json!({"command": "ls", "dir_path": "a", "directory": "b"}),
            ),
            (Kiro, "execute_bash", json!({"command": "ls", "cmd": "rm -rf /"})),
            (Kiro, "execute_bash", json!({"command": "cat <<EOF", "cmd": "rm -rf /"})),
            (Copilot, "apply_patch", json!({"patch": harmless, "input": patch})),
            (
                Copilot,
                "edit",
                json!({"path": "tests/test_a.py", "old_str": "x", "new_str": "y", "content": ""}),
            ),
            (
                Copilot,
                "edit",
                json!({"path": "a", "edits": [{"path": "a", "old_str": "x", "new_str": "y"}], "file_path": ".claude/settings.json"}),
            ),
            (
                Gemini,
                "mcp_db_query",
                json!({"sql": "select 1", "query": "drop table users"}),
            ),
        ],
        false,
    );
    assert_eq!(
        decided(
            Agent::Kiro,
            "execute_bash",
            &json!({"command": "ls", "cmd": "rm -rf /"})
        ),
        Decision::Deny
    );
}

#[test]
fn ordinary_fields_stay_allowed() {
    use Agent::{ClaudeCode, Codex, Cursor, Gemini, Kiro, KiroIde};
    all(
        vec![
            (
                Gemini,
                "run_shell_command",
                json!({"command": "npm test", "dir_path": "web", "description": "x"}),
            ),
            (
                Gemini,
                "run_shell_command",
                json!({"command": "rm -rf *", "dir_path": "/code/target"}),
            ),
            (
                Codex,
                "shell",
                json!({"command": ["bash", "-lc", "ls"], "workdir": "/code/web"}),
            ),
            (
                Cursor,
                "Write",
                json!({"file_path": "src/a.py", "path": "/code/src/a.py", "contents": "x"}),
            ),
            (
                Kiro,
                "fs_write",
                json!({"command": "append", "path": "tests/test_a.py", "new_str": "def test_c():\n    assert g()\n"}),
            ),
            (
                Kiro,
                "fs_write",
                json!({"command": "insert", "path": "tests/test_a.py", "insert_line": 2, "new_str": "import g\n"}),
            ),
            (
                KiroIde,
                "fs_append",
                json!({"path": "tests/test_a.py", "text": "def test_c():\n    assert g()\n"}),
            ),
            (
                ClaudeCode,
                "MultiEdit",
                json!({"file_path": "src/a.py", "edits": [{"old_string": "1", "new_string": "2"}]}),
            ),
            (
                ClaudeCode,
                "Edit",
                json!({"file_path": "tests/test_a.py", "old_string": "== 1", "new_string": "== 2", "replace_all": true}),
            ),
            (
                ClaudeCode,
                "NotebookEdit",
                json!({"notebook_path": "/code/tests/test_n.ipynb", "cell_id": "a", "new_source": "x = 1", "edit_mode": "replace"}),
            ),
            (
                ClaudeCode,
                "NotebookEdit",
                json!({"notebook_path": "/code/a.ipynb", "cell_id": "a", "new_source": "", "edit_mode": "delete"}),
            ),
        ],
        true,
    );
}

#[test]
fn ordinary_tools_of_servers_and_sessions_stay_allowed() {
    use Agent::{ClaudeCode, Codex, Copilot, Cursor, Kiro};
    all(
        vec![
            (Kiro, "knowledge", json!({"command": "remove", "path": "tests"})),
            (
                Copilot,
                "edit",
                json!({"path": "src/a.py", "search": "1", "replace": "2"}),
            ),
            (ClaudeCode, "SlashCommand", json!({"command": "/review it's late"})),
            (ClaudeCode, "Read", json!({"file_path": "tests/test_a.py"})),
            (
                ClaudeCode,
                "mcp__fs__read_text_file",
                json!({"path": ".claude/settings.json"}),
            ),
            (
                ClaudeCode,
                "mcp__fs__write_file",
                json!({"path": "src/a.py", "content": "x = 1"}),
            ),
            (
                ClaudeCode,
                "mcp__fs__edit_file",
                json!({"path": "src/a.py", "edits": [{"oldText": "1", "newText": "2"}], "dryRun": false}),
            ),
            (
                ClaudeCode,
                "mcp__fs__move_file",
                json!({"source": "src/a.py", "destination": "src/b.py"}),
            ),
            (
                ClaudeCode,
                "mcp__github__create_issue",
                json!({"owner": "a", "repo": "b", "title": "delete it", "body": "drop it"}),
            ),
            (
                ClaudeCode,
                "mcp__jira__update_issue",
                json!({"key": "A-1", "path": "x", "text": "y"}),
            ),
            (ClaudeCode, "mcp__jupyter__execute_code", json!({"code": "print('x')"})),
            (
                ClaudeCode,
                "mcp__run__start",
                json!({"command": "npm", "args": ["test"]}),
            ),
            (Copilot, "write_bash", json!({"sessionId": "1", "input": "y{enter}"})),
            (
                Copilot,
                "write_bash",
                json!({"sessionId": "1", "input": "print('it is')\n", "delay": 5}),
            ),
            (Codex, "write_stdin", json!({"session_id": 1, "chars": ""})),
            (Codex, "write_stdin", json!({"session_id": 1, "chars": "\u{3}"})),
            (Codex, "write_stdin", json!({"session_id": 1, "chars": "it's fine\n"})),
            (
                Copilot,
                "insert_edit_into_file",
                json!({"filePath": "src/a.py", "explanation": "x", "code": "x = 1"}),
            ),
            (Copilot, "report_intent", json!({"intent": "delete tests"})),
            (Cursor, "read_lints", json!({"paths": ["tests/test_a.py"]})),
        ],
        true,
    );
}

#[test]
fn many_edits_and_long_lines_take_no_long_time() {
    let start = std::time::Instant::now();
    let pieces = "@@\n-a\n+b\n".repeat(30_000);
    let blanks = "a ".repeat(30_000);
    let texts = [
        format!("*** Begin Patch\n*** Update File: tests/test_a.py\n *** x\n{pieces}*** End Patch"),
        format!("*** Begin Patch\n*** Update File: src/x.py\n@@\n *** Update File: y\n{pieces}*** End Patch"),
        format!("diff --git {blanks}\n--- a/x\n+++ b/x\n"),
        format!("*** Update File: tests/test_a.py\n@@\n+{}", "assert ".repeat(30_000)),
        format!("*** Update File: tests/test_a.py\n@@\n+{}", "'''(/*".repeat(30_000)),
        "*** Delete File: .github/hooks/x\n".repeat(3_000),
    ];
    for text in &texts {
        decided(Agent::Codex, "apply_patch", &json!({"command": text}));
    }
    for typed in ["'".repeat(60_001), "(\n".repeat(30_000)] {
        decided(Agent::Codex, "write_stdin", &json!({"chars": typed}));
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

/// Whoever lets a command run in a folder, or edits below one, has let nothing else run that is hidden beside it.
#[test]
fn what_is_more_than_it_looks_like_is_another_action() {
    let read = |agent: Agent, tool: &str, input: Value| {
        let event = json!({"cwd": "/code", "tool_name": tool, "tool_input": input});
        agent.read(event.to_string().as_bytes()).expect("an event").command
    };
    let command = |input: Value| read(Agent::Copilot, "bash", input).expect("a command");
    assert_eq!(command(json!({"command": "git stash drop"})), "git stash drop");
    assert_eq!(
        command(json!({"command": "git stash drop", "workdir": "/other"})),
        "git stash drop\n# here, or in /other"
    );
    assert_eq!(
        read(
            Agent::Copilot,
            "edit",
            json!({"path": "a", "new_str": "x", "old_str": "y"})
        ),
        None
    );
    for (tool, input) in [
        (
            "edit",
            json!({"path": "a", "file_path": "b", "new_str": "x", "old_str": "y"}),
        ),
        ("apply_patch", json!({"patch": "*** Update File: a\n@@\n-x\nwhat\n"})),
        (
            "mcp__db__write",
            json!({"path": "a", "content": "x", "sql": "drop table users"}),
        ),
        (
            "mcp__x__write",
            json!({"path": "a", "content": "x", "command": "git stash drop"}),
        ),
        (
            "mcp__x__run",
            json!({"command": "git stash drop", "sql": "drop table users"}),
        ),
    ] {
        let said = read(Agent::Copilot, tool, input.clone());
        assert!(said.is_some_and(|said| said.contains("# ")), "{input}");
    }
    let said = read(
        Agent::Copilot,
        "mcp__x__run",
        json!({"command": "git stash drop", "code": "x()"}),
    );
    assert_eq!(said.as_deref(), Some("git stash drop\nx()"));
}

/// What an agent passes over, and yet could take.
#[test]
fn two_texts_and_verbs_of_others_hide_nothing() {
    use Agent::{ClaudeCode, Copilot, Cursor, Kiro};
    all(
        vec![
            (
                Copilot,
                "create",
                json!({"path": "src/a.py", "file_text": "x", "content": "y"}),
            ),
            (
                Cursor,
                "Write",
                json!({"path": "tests/test_a.py", "contents": "", "command": "append"}),
            ),
            (
                Copilot,
                "renameFile",
                json!({"path": "tests/test_a.py", "newPath": "docs/a.txt"}),
            ),
            (
                ClaudeCode,
                "mcp__fs__file",
                json!({"action": "write", "path": ".claude/settings.json"}),
            ),
            (
                ClaudeCode,
                "mcp__fs__file",
                json!({"path": ".claude/settings.json", "content": "{}"}),
            ),
        ],
        false,
    );
    all(
        vec![
            (
                Kiro,
                "write",
                json!({"command": "strReplace", "path": "tests/test_a.py", "oldStr": "== 1", "newStr": "== 2"}),
            ),
            (
                ClaudeCode,
                "mcp__x__compute_output",
                json!({"path": ".claude/settings.json"}),
            ),
        ],
        true,
    );
}

#[test]
fn what_is_typed_into_a_shell_is_judged_as_a_line() {
    use Agent::{Codex, Copilot};
    all(
        vec![
            (Copilot, "write_bash", json!({"sessionId": "1", "input": "rm -rf ~\n"})),
            (
                Copilot,
                "write_bash",
                json!({"sessionId": "1", "input": "rm -rf ~{enter}"}),
            ),
            (
                Copilot,
                "write_powershell",
                json!({"sessionId": "1", "input": "rm -rf ~\r"}),
            ),
            (
                Codex,
                "write_stdin",
                json!({"session_id": 1, "chars": "ls\nrm -rf ~\necho 'x\n"}),
            ),
            (Codex, "write_stdin", json!({"session_id": 1, "chars": "'; rm -rf ~\n"})),
            (
                Codex,
                "write_stdin",
                json!({"session_id": 1, "chars": "y", "input": "rm -rf ~\n"}),
            ),
            (Codex, "send_input", json!({"text": "git push --force origin main\n"})),
        ],
        false,
    );
}

#[test]
fn tools_that_nobody_told_of_are_judged_by_their_fields() {
    use Agent::{ClaudeCode, Copilot, Kiro};
    all(
        vec![
            (Copilot, "bash ", json!({"command": "rm -rf /"})),
            (Copilot, "run_in_terminal", json!({"command": "rm -rf /"})),
            (Copilot, "somebodys_terminal", json!({"cmd": "rm -rf /"})),
            (
                Kiro,
                "aws",
                json!({"service_name": "rds", "operation_name": "delete-db-instance", "parameters": {"db-instance-identifier": "main"}}),
            ),
            (
                Copilot,
                "multi_edit",
                json!({"path": ".github/hooks/x.json", "edits": [{"old_str": "a", "new_str": "b"}]}),
            ),
            (
                Copilot,
                "apply_diff",
                json!({"diff": "--- a/tests/test_a.py\n+++ b/tests/test_a.py\n@@ -5 +5 @@\n-    assert f() == 1\n+    pass\n"}),
            ),
            (
                Copilot,
                "rename_file",
                json!({"path": "tests/test_a.py", "new_path": "docs/a.txt"}),
            ),
            (
                Copilot,
                "smart_relocate",
                json!({"sourcePath": "tests/test_a.py", "destinationPath": "docs/a.txt"}),
            ),
            (
                Copilot,
                "insert_edit_into_file",
                json!({"filePath": ".github/hooks/x.json", "code": "{}"}),
            ),
            (ClaudeCode, "mcp__sh__run", json!({"cmd": "rm -rf /"})),
            (ClaudeCode, "mcp__sh__run", json!({"command": ["rm", "-rf", "/"]})),
            (
                ClaudeCode,
                "mcp__sh__run",
                json!({"command": "rm", "args": ["-rf", "/"]}),
            ),
            (ClaudeCode, "mcp__sh__run", json!({"script": "rm -rf /"})),
            (
                ClaudeCode,
                "mcp__py__run",
                json!({"code": "import shutil\nshutil.rmtree('/')"}),
            ),
            (
                ClaudeCode,
                "mcp__fs__write_file",
                json!({"path": ".claude/settings.json", "content": "{}"}),
            ),
            (
                ClaudeCode,
                "mcp__fs__move_file",
                json!({"source": ".claude/settings.json", "destination": "x"}),
            ),
            (
                ClaudeCode,
                "mcp__fs__move_file",
                json!({"source": "x", "destination": ".claude/settings.json"}),
            ),
            (ClaudeCode, "mcp__fs__delete", json!({"path": ".git"})),
            (
                ClaudeCode,
                "mcp__github__push_files",
                json!({"files": [{"path": ".github/workflows/ci.yml", "content": "x"}]}),
            ),
            (ClaudeCode, "Bash", json!({"command": "r\u{0}m -rf ~"})),
            (ClaudeCode, "Bash", json!({"command": "ls\u{0}"})),
        ],
        false,
    );
}

#[test]
fn a_tool_of_a_server_is_one_by_cursor_s_own_event() {
    let event = |input: Value, more: (&str, &str)| {
        let mut event = json!({"conversation_id": "x", "hook_event_name": "beforeMCPExecution", "cwd": "/code", "tool_name": "run_command"});
        event["tool_input"] = json!(input.to_string());
        event[more.0] = json!(more.1);
        answered(Agent::Cursor, &event).0
    };
    assert_eq!(
        event(json!({"command": "rm -rf /"}), ("command", "npx srv")),
        Decision::Deny
    );
    assert_ne!(
        event(json!({"query": "drop table users"}), ("url", "http://prod")),
        Decision::Allow
    );
    assert_eq!(
        event(json!({"query": "a word"}), ("command", "npx srv")),
        Decision::Allow
    );
    // An empty folder is none.
    let event = json!({"conversation_id": "x", "cwd": "", "workspace_roots": ["/etc"], "hook_event_name": "beforeShellExecution", "command": "ls"});
    let event = Agent::Cursor.read(event.to_string().as_bytes()).expect("an event");
    assert_eq!(event.folder.as_deref(), Some("/etc"));
}

#[test]
fn a_question_that_nobody_is_asked_is_a_denial() {
    let said = |mode: Value| {
        let mut event = Agent::ClaudeCode.event("git reset --hard", "/code");
        event["permission_mode"] = mode;
        let (_, answer) = answered(Agent::ClaudeCode, &event);
        let value: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        value["hookSpecificOutput"]["permissionDecision"].clone()
    };
    for mode in [json!("default"), json!("plan"), json!("acceptEdits"), Value::Null] {
        assert_eq!(said(mode.clone()), "ask", "{mode}");
    }
    for mode in [
        json!("bypassPermissions"),
        json!("dontAsk"),
        json!("auto"),
        json!("x"),
        json!(1),
        json!(""),
    ] {
        assert_eq!(said(mode.clone()), "deny", "{mode}");
    }
}

#[test]
fn a_patch_of_a_test_is_judged_by_what_becomes_of_it() {
    let patch = |text: &str| decided(Agent::Codex, "apply_patch", &json!({"command": text}));
    for text in [
        "*** Begin Patch\n*** Update File: tests/test_a.py\n*** Move to: docs/a.txt\n@@\n def test_a():\n*** End Patch\n",
        "*** Begin Patch\n*** Delete File: tests/test_a.py\n*** End Patch\n",
        "*** Begin Patch\n*** Delete File: src/../tests/test_a.py\n*** End Patch\n",
        "*** Begin Patch\n*** Update File: tests/test_a.py\n@@\n *** Update File: x.md\n-    assert f() == 1\n+    pass\n*** End Patch\n",
        "*** Begin Patch\n***Update File: tests/test_a.py\n@@\n-    assert f() == 1\n+    pass\n*** End Patch\n",
        "*** Begin Patch\n*** Update File: .claude/settings.json\n*** Move to: x\n@@\n-a\n*** End Patch\n",
        "*** Begin Patch\n*** Environment: x\n*** Delete File: .codex/hooks.json\n*** End Patch",
    ] {
        assert_ne!(patch(text), Decision::Allow, "{text}");
    }
    for text in [
        "*** Begin Patch\n*** Update File: tests/test_a.py\n@@ def test_a\n def test_a():\n-    assert f() == 1\n+    assert f() == 2\n \n*** End Patch\n",
        "*** Begin Patch\n*** Delete File: src/a.py\n*** Update File: src/b.py\n*** Move to: src/c.py\n@@\n-x\n+y\n*** End Patch\n",
        "*** Begin Patch\n*** Update File: tests/test_a.py\n*** Move to: tests/unit/test_a.py\n*** End Patch\n",
        "*** Begin Patch\n*** Add File: tests/test_c.py\n+def test_c():\n+    assert g()\n*** End Patch",
    ] {
        assert_eq!(patch(text), Decision::Allow, "{text}");
    }
    let shell =
        json!({"command": ["apply_patch", "*** Begin Patch\n*** Delete File: .codex/hooks.json\n*** End Patch"]});
    assert_ne!(decided(Agent::Codex, "Bash", &shell), Decision::Allow);
}

const TEST: &str = "/code/tests/test_a.py";

fn edit(old: &str, new: &str) -> Value {
    json!({"file_path": TEST, "old_string": old, "new_string": new})
}

#[test]
fn an_edit_of_a_test_is_judged_by_the_whole_file() {
    use Agent::{ClaudeCode, Codex, Gemini};
    let mut everywhere = edit("a", "");
    everywhere["replace_all"] = json!(true);
    let hook = "def pytest_collection_modifyitems(items):\n    items.clear()\n";
    let text = Tree.read(TEST).expect("a file");
    let quoted = format!("'''\n{text}'''\n");
    all(
        vec![
            (ClaudeCode, "Edit", edit("def test_a", "def xest_a")),
            (ClaudeCode, "Edit", edit("== 1", "== 1 or True")),
            (ClaudeCode, "Edit", edit("f() == 1", "True")),
            (ClaudeCode, "Edit", edit("    assert f", "    return\n    assert f")),
            (ClaudeCode, "Edit", edit("import f\n", "import f\n'''\n")),
            (ClaudeCode, "Edit", everywhere),
            (ClaudeCode, "Edit", edit("assert x", "assert x or x == x or True")),
            (ClaudeCode, "Write", json!({"file_path": TEST, "content": quoted})),
            (
                ClaudeCode,
                "MultiEdit",
                json!({"file_path": TEST, "edits": [
                {"old_string": "import f\n", "new_string": "import f\n'''\n"}, {"old_string": "assert x", "new_string": "assert x\n'''"}]}),
            ),
            (
                ClaudeCode,
                "Write",
                json!({"file_path": "conftest.py", "content": "collect_ignore = ['tests']"}),
            ),
            (
                ClaudeCode,
                "Write",
                json!({"file_path": "src/conftest.py", "content": hook}),
            ),
            (
                Gemini,
                "write_file",
                json!({"file_path": "src/conftest.py", "content": hook}),
            ),
            (
                ClaudeCode,
                "NotebookEdit",
                json!({"notebook_path": "tests/test_n.ipynb", "new_source": "", "edit_mode": "delete", "cell_id": "t"}),
            ),
            (
                ClaudeCode,
                "NotebookEdit",
                json!({"notebook_path": "tests/test_n.ipynb", "new_source": "x = 1", "cell_id": "t"}),
            ),
            (
                Codex,
                "apply_patch",
                json!({"command": "*** Begin Patch\n*** Add File: src/conftest.py\n+collect_ignore = [1]\n*** End Patch"}),
            ),
        ],
        false,
    );
}

#[test]
fn an_edit_of_a_test_that_asks_no_less_is_allowed() {
    use Agent::ClaudeCode;
    let text = Tree.read(TEST).expect("a file");
    all(
        vec![
            (ClaudeCode, "Edit", edit("== 1", "== 2")),
            (
                ClaudeCode,
                "Edit",
                edit("    x = f()", "    \"\"\"It should be told.\"\"\"\n    x = f()"),
            ),
            (
                ClaudeCode,
                "Write",
                json!({"file_path": "src/conftest.py", "content": "import pytest\n"}),
            ),
            (
                ClaudeCode,
                "Write",
                json!({"file_path": "conftest.py", "content": "import pytest\nimport os\n"}),
            ),
            (
                ClaudeCode,
                "Write",
                json!({"file_path": TEST, "content": format!("{text}\n\ndef test_c():\n    assert g() == 3\n")}),
            ),
            (
                ClaudeCode,
                "NotebookEdit",
                json!({"notebook_path": "tests/test_n.ipynb", "new_source": "def test_a():\n    assert f() == 1\n", "cell_id": "t"}),
            ),
            (
                ClaudeCode,
                "NotebookEdit",
                json!({"notebook_path": "tests/test_n.ipynb", "new_source": "x = 1", "cell_id": "t", "edit_mode": "insert"}),
            ),
        ],
        true,
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_patch_and_no_test_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "*** Begin Patch\n", "*** Update File: ", "*** Delete File: ", "*** Add File: ", "*** Move to: ", "tests/test_a.py\n", "é\n", "@@\n", "@@ -1,2 +3 @@\n", "@@ -9999999999999999999 +",
        "--- a/", "+++ b/", "+++ /dev/null\n", "diff --git a/x b/x\n", "diff --git \"a/\\303", "rename to x\n", "+", "-", " ", "\n", "\\", "'''", "\"", "'", "/*", "*/", "//", "#", "`", "é",
        "assert ", "assert(", "expect(", ").toBe(", ")", "(", ",", " or True", "|| true", "return", "    ", "if False:\n", "==", "not ", "***************\n",
    ]), 0..40)) {
        let text = pieces.concat();
        for tool in ["apply_patch", "write_stdin", "mcp__x__write"] {
            decided(Agent::Codex, tool, &json!({"patch": text, "chars": text, "path": text, "content": text}));
        }
        for path in ["tests/test_a.py", "a.test.js", "tests/a.rs", "x_test.go", "tests/a.ipynb"] {
            decided(Agent::ClaudeCode, "Edit", &json!({"file_path": path, "old_string": "assert x\n", "new_string": text}));
        }
    }
}
