//! The agent's loop: what a hook answers, and what an installation writes and takes back.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::Repository;

const BEFORE: &str = "def first(items: list):\n    if not items:\n        return None\n    return items[0]\n";
const AFTER: &str = "def first(items: list):\n    return items[0]\n";

fn changed() -> Repository {
    let repository = Repository::new(&[("cart.py", BEFORE)]);
    repository.write(&[("cart.py", AFTER)]);
    repository
}

/// Exit code, standard output and standard error of a command that is given `input`.
fn fed(mut command: Command, input: &[u8]) -> (i32, String, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // One that refuses its arguments does not read.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap_or(-1),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn event(repository: &Repository, session: &str, active: bool) -> Vec<u8> {
    json!({
        "session_id": session, "transcript_path": "/nowhere.jsonl", "cwd": repository.path(), "permission_mode": "default",
        "hook_event_name": "Stop", "stop_hook_active": active, "last_assistant_message": "Done.",
    })
    .to_string()
    .into_bytes()
}

/// What the hook says; time enough for a machine with other things to do.
fn stop(repository: &Repository, session: &str, active: bool) -> (i32, String, String) {
    let mut command = repository.command(&["hook", "stop", "--budget", "20s"]);
    command.current_dir(std::env::temp_dir());
    fed(command, &event(repository, session, active))
}

fn reason((code, out, err): (i32, String, String)) -> String {
    assert_eq!(code, 0, "{out}{err}");
    let answer: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    assert_eq!(answer["decision"], "block");
    answer["reason"].as_str().expect("a reason").to_owned()
}

fn silent(said: (i32, String, String)) {
    assert_eq!(said, (0, String::new(), String::new()));
}

#[test]
fn an_agent_is_told_once_and_by_session() {
    let repository = changed();
    repository.write(&[("tests/test_cart.py", "def test_first():\n    pass\n")]);
    let told = reason(stop(&repository, "one", false));
    for part in [
        "NEW CRASH",
        "cart.py:1  first",
        "call   first([])",
        "was    None",
        "now    raises IndexError",
        "(cart.py:",
        "tests/test_cart.py",
        "counterproof reproduce ID",
    ] {
        assert!(told.contains(part), "{part} in:\n{told}");
    }
    silent(stop(&repository, "one", false));
    reason(stop(&repository, "two", false));
    // Another change of the session has findings of its own.
    repository.write(&[("cart.py", &BEFORE.replace("items[0]", "items[-1]"))]);
    let told = reason(stop(&repository, "one", false));
    assert!(told.contains("CHANGED") && !told.contains("IndexError"), "{told}");
}

#[test]
fn an_agent_that_was_held_back_may_stop() {
    silent(stop(&changed(), "one", true));
}

#[test]
fn an_agent_that_changed_no_behaviour_hears_nothing() {
    let repository = Repository::new(&[("cart.py", BEFORE)]);
    silent(stop(&repository, "one", false));
    repository.write(&[
        ("cart.py", &BEFORE.replace("def", "# quick\ndef")),
        ("notes.md", "text\n"),
    ]);
    silent(stop(&repository, "one", false));
}

#[test]
fn what_goes_wrong_is_told_and_holds_nobody_back() {
    let repository = changed();
    let run = |args: &[&str], input: &[u8]| fed(repository.command(args), input);
    for input in [&b""[..], b"{", b"[]", b"{\"cwd\":\"/\"}", b"\xff\xfe"] {
        let (code, out, err) = run(&["hook", "stop"], input);
        assert_eq!((code, out.as_str()), (1, ""), "{err}");
        assert!(err.contains("no Stop event"), "{err}");
    }
    for args in [
        &["hook", "stop", "--unknown"][..],
        &["hook"],
        &["hook", "start"],
        &["hook", "stop", "--budget", "x"],
    ] {
        let (code, out, err) = run(args, &event(&repository, "s", false));
        assert_eq!((code, out.as_str()), (1, ""), "{args:?}: {err}");
        assert!(!err.is_empty());
    }
    repository.write(&[("counterproof.toml", "[check]\nbugdet = 1\n")]);
    let (code, out, err) = run(&["hook", "stop"], &event(&repository, "s", false));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("line 2") && err.contains("was not checked"), "{err}");
}

#[test]
fn what_cannot_be_run_is_told_to_the_person() {
    let repository = changed();
    repository.write(&[("counterproof.toml", "[check]\npython = \"gone/python\"\n")]);
    let (code, out, err) = stop(&repository, "s", false);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(err.contains("gone/python"), "{err}");
}

#[test]
fn a_folder_without_a_repository_is_nobodys_failure() {
    let folder = Repository::bare_folder();
    let (code, out, err) = stop(&folder, "s", false);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("no repository"), "{err}");
}

const SETTINGS: &str = ".claude/settings.json";
const OWN: &str = "{\n\t\"zeta\": 1.50,\n\t\"alpha\": [ ],\n\t\"hooks\": {\n\t\t\"Stop\": [ {\"hooks\": [ {\"type\": \"command\", \"command\": \"true\"} ]} ]\n\t}\n}";

fn settings(repository: &Repository) -> String {
    fs::read_to_string(repository.path().join(SETTINGS)).expect("settings")
}

#[test]
fn an_installation_is_shown_to_work_and_is_taken_back_to_the_byte() {
    let repository = changed();
    repository.write(&[(SETTINGS, OWN)]);
    let said = repository.run(&["install", "claude-code"]);
    assert_eq!(said.code, 0, "{said}");
    assert!(
        said.out.contains("A canary was denied, and a test event arrived"),
        "{said}"
    );
    let written = settings(&repository);
    assert!(
        written.starts_with("{\n\t\"zeta\": 1.50,\n\t\"alpha\": [ ],\n"),
        "{written}"
    );
    let value: Value = serde_json::from_str(&written).expect("JSON");
    let stop = value["hooks"]["Stop"].as_array().expect("a list");
    assert_eq!((stop.len(), &stop[0]["hooks"][0]["command"]), (2, &json!("true")));
    let again = repository.run(&["install", "claude-code", "--project"]);
    assert!(again.code == 0 && again.out.contains("already"), "{again}");
    assert_eq!(settings(&repository), written);
    // The line that was written is what an agent runs.
    let line = stop[1]["hooks"][0]["command"].as_str().expect("a command");
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env("COUNTERPROOF_CACHE", repository.cache());
    assert!(reason(fed(shell, &event(&repository, "one", false))).contains("NEW CRASH"));
    let said = repository.run(&["uninstall", "claude-code"]);
    assert!(said.code == 0 && said.out.contains("to the byte"), "{said}");
    assert_eq!(settings(&repository), OWN);
}

#[test]
fn of_settings_that_were_edited_since_our_entry_alone_is_taken() {
    let repository = changed();
    repository.write(&[(SETTINGS, OWN)]);
    repository.run(&["install", "claude-code"]);
    repository.write(&[(SETTINGS, &settings(&repository).replace("1.50", "2"))]);
    let said = repository.run(&["uninstall", "claude-code"]);
    assert!(said.code == 0 && said.out.contains("edited since"), "{said}");
    let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_eq!(value(&settings(&repository)), value(&OWN.replace("1.50", "2")));
    let said = repository.run(&["uninstall", "claude-code"]);
    assert!(said.code == 0 && said.out.contains("nothing to take out"), "{said}");
}

#[test]
fn settings_that_were_not_there_are_gone_again() {
    let repository = changed();
    assert_eq!(repository.run(&["install", "claude-code"]).code, 0);
    assert_eq!(repository.run(&["uninstall", "claude-code"]).code, 0);
    assert!(!repository.path().join(".claude").exists());
    let said = repository.run(&["uninstall", "claude-code"]);
    assert!(said.code == 0 && said.out.contains("nothing to take out"), "{said}");
}

#[test]
fn a_user_has_settings_of_their_own() {
    let repository = changed();
    let home = repository.path().join("../home");
    let run = |args: &[&str]| {
        repository
            .command(args)
            .env("HOME", &home)
            .env_remove("CLAUDE_CONFIG_DIR")
            .output()
    };
    assert!(
        run(&["install", "claude-code", "--user"])
            .expect("it runs")
            .status
            .success()
    );
    assert!(home.join(SETTINGS).exists() && !repository.path().join(SETTINGS).exists());
    assert!(
        run(&["uninstall", "claude-code", "--user"])
            .expect("it runs")
            .status
            .success()
    );
    assert!(!home.join(SETTINGS).exists());
}

#[test]
fn settings_that_cannot_be_edited_stay_as_they_are() {
    let repository = changed();
    for text in ["{ // mine\n}\n", "{\"hooks\": []}\n", "{"] {
        repository.write(&[(SETTINGS, text)]);
        let said = repository.run(&["install", "claude-code"]);
        assert_eq!(said.code, 2, "{said}");
        assert!(
            said.err.contains("Nothing was changed") && said.err.lines().count() == 1,
            "{said}"
        );
        assert_eq!(settings(&repository), text);
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let repository = changed();
    repository.write(&[(SETTINGS, OWN)]);
    let path = repository.path().join(SETTINGS);
    let mut rights = fs::metadata(&path).expect("a file").permissions();
    rights.set_readonly(true);
    fs::set_permissions(&path, rights).expect("rights");
    let said = repository.run(&["install", "claude-code"]);
    assert_eq!(said.code, 2, "{said}");
    assert!(
        said.err.contains("cannot be written") && said.err.lines().count() == 1,
        "{said}"
    );
    assert_eq!(settings(&repository), OWN);
    fs::remove_dir_all(repository.path().join(".claude")).expect("gone");
    repository.write(&[(".claude", "a file\n")]);
    let said = repository.run(&["install", "claude-code"]);
    assert!(said.code == 2 && said.err.lines().count() == 1, "{said}");
}

#[test]
fn an_agent_is_not_told_what_was_accepted() {
    let repository = changed();
    repository.git(&["config", "user.name", "Ann"]);
    let report = repository.json(&["check"]);
    for finding in crate::support::function(&report, "first")["findings"]
        .as_array()
        .expect("findings")
    {
        let id = finding["id"].as_str().expect("an id");
        assert_eq!(repository.run(&["accept", id, "--reason", "asked for"]).code, 0);
    }
    silent(stop(&repository, "one", false));
}

/// Files that an installation writes, and what is in them for us.
const FILES: [(&str, &[&str]); 6] = [
    ("claude-code", &[".claude/settings.json"]),
    ("codex", &[".codex/hooks.json"]),
    ("gemini", &[".gemini/settings.json"]),
    ("copilot", &[".github/hooks/counterproof.json"]),
    ("cursor", &[".cursor/hooks.json"]),
    (
        "kiro",
        &[".kiro/hooks/counterproof.json", ".kiro/agents/counterproof.json"],
    ),
];

#[test]
fn every_agent_is_judged_and_told_and_all_of_it_is_taken_back() {
    let repository = changed();
    let names: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
    let said = repository.run(&[&["install"], names.as_slice()].concat());
    assert_eq!(said.code, 0, "{said}");
    assert_eq!(said.out.matches("A canary was denied").count(), 6, "{said}");
    for (name, files) in FILES {
        for file in files {
            let text = fs::read_to_string(repository.path().join(file)).expect(file);
            assert!(text.contains(&format!("hook before-tool {name}\"")), "{text}");
            assert!(text.contains("hook stop"), "{text}");
        }
    }
    // Of a canary no record is kept.
    let report = repository.run(&["guard", "report"]);
    assert!(report.out.contains("0 asked, 0 denied"), "{report}");
    let doctor = repository.run(&["doctor"]);
    for word in ["Claude Code", "Codex", "Gemini CLI", "Copilot", "Cursor", "Kiro"] {
        assert!(doctor.out.contains(&format!("{word} (")), "{doctor}");
    }
    let said = repository.run(&[&["install"], names.as_slice()].concat());
    assert_eq!(said.out.matches("already").count(), 7, "{said}");
    let said = repository.run(&[&["uninstall"], names.as_slice()].concat());
    assert_eq!(said.code, 0, "{said}");
    for (_, files) in FILES {
        for file in files {
            let top = file.split('/').next().expect("a folder");
            assert!(!repository.path().join(top).exists(), "{file}");
        }
    }
}

#[test]
fn each_agent_s_stop_is_answered_in_its_own_way() {
    let repository = changed();
    let folder = repository.path();
    let folder = folder.to_str().expect("a path");
    for (agent, event, field) in [
        (
            "codex",
            json!({"session_id": "a", "turn_id": "t", "cwd": folder, "hook_event_name": "Stop", "stop_hook_active": false}),
            "reason",
        ),
        (
            "gemini",
            json!({"session_id": "b", "cwd": folder, "hook_event_name": "AfterAgent", "prompt": "x", "stop_hook_active": false}),
            "reason",
        ),
        (
            "copilot",
            json!({"sessionId": "c", "timestamp": 1, "cwd": folder, "stopReason": "end_turn", "stop_hook_active": false}),
            "reason",
        ),
        (
            "cursor",
            json!({"conversation_id": "d", "workspace_roots": [folder], "status": "completed", "loop_count": 0}),
            "followup_message",
        ),
    ] {
        let run = || {
            let mut command = repository.command(&["hook", "stop", agent, "--budget", "20s"]);
            command.current_dir(std::env::temp_dir());
            fed(command, event.to_string().as_bytes())
        };
        let (code, out, err) = run();
        assert_eq!(code, 0, "{agent}: {out}{err}");
        let answer: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{agent}: {error}: {out}{err}"));
        assert!(
            answer[field].as_str().is_some_and(|text| text.contains("NEW CRASH")),
            "{agent}: {out}"
        );
        silent(run());
    }
    // Kiro cannot be held back: its person reads what there is to say.
    let mut command = repository.command(&["hook", "stop", "kiro", "--budget", "20s"]);
    command.current_dir(std::env::temp_dir());
    let event = json!({"hook_event_name": "stop", "cwd": folder}).to_string();
    let (code, out, err) = fed(command, event.as_bytes());
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("NEW CRASH") && !out.starts_with('{'), "{out}");
}

#[test]
fn agents_of_kiro_that_are_there_get_the_hooks_and_keep_the_rest() {
    let repository = changed();
    let own = "{\n  \"name\": \"shop\",\n  \"hooks\": {\"agentSpawn\": [{\"command\": \"git status\"}]}\n}\n";
    repository.write(&[(".kiro/agents/shop.json", own)]);
    let said = repository.run(&["install", "kiro"]);
    assert_eq!(said.code, 0, "{said}");
    let path = repository.path().join(".kiro/agents/shop.json");
    let value: Value = serde_json::from_str(&fs::read_to_string(&path).expect("a file")).expect("JSON");
    assert_eq!(value["hooks"]["preToolUse"][0]["cache_ttl_seconds"], 0);
    assert_eq!(value["hooks"]["agentSpawn"][0]["command"], "git status");
    assert!(!repository.path().join(".kiro/agents/counterproof.json").exists());
    assert_eq!(repository.run(&["uninstall", "kiro"]).code, 0);
    assert_eq!(fs::read_to_string(&path).expect("a file"), own);
    assert!(!repository.path().join(".kiro/hooks").exists());
}

#[test]
fn of_several_agents_none_is_written_where_one_cannot_be() {
    let repository = changed();
    repository.write(&[(".kiro/agents/odd.json", "{ // mine\n}\n")]);
    let said = repository.run(&["install", "kiro"]);
    assert_eq!(said.code, 2, "{said}");
    assert!(!repository.path().join(".kiro/hooks").exists());
}

#[test]
fn an_entry_that_was_made_harmless_is_seen_and_brought_up_to_date() {
    let repository = changed();
    assert_eq!(repository.run(&["install", "claude-code"]).code, 0);
    let written = settings(&repository);
    for (from, to, named) in [
        ("^(Bash|", "^NoSuchTool(", "matcher"),
        ("\"onFailure\": \"block\"", "\"async\": true", "async"),
        ("\"timeout\": 30", "\"timeout\": 1", "timeout"),
        ("\"onFailure\"", "\"if\": \"Bash(git push *)\", \"onFailure\"", "if"),
    ] {
        let other = written.replace(from, to);
        assert_ne!(other, written);
        repository.write(&[(SETTINGS, &other)]);
        let doctor = repository.run(&["doctor"]);
        assert!(
            doctor.out.contains(&format!("`{named}` of PreToolUse")),
            "{named}: {doctor}"
        );
        let said = repository.run(&["install", "claude-code"]);
        assert_eq!(said.code, 0, "{said}");
        assert!(
            said.out.contains(&format!("`{named}` of PreToolUse")) && said.out.contains("brought up to date"),
            "{named}: {said}"
        );
        let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON")["hooks"]["PreToolUse"].clone();
        assert_eq!(value(&settings(&repository)), value(&written), "{named}");
    }
}

#[test]
fn hooks_that_are_turned_off_are_no_success() {
    for (agent, file, text) in [
        (
            "claude-code",
            ".claude/settings.local.json",
            "{\"disableAllHooks\": true}",
        ),
        ("claude-code", SETTINGS, "{\"disableAllHooks\": true}"),
        (
            "claude-code",
            "../home/.claude/settings.json",
            "{\"disableAllHooks\": true}",
        ),
        (
            "gemini",
            "../home/.gemini/settings.json",
            "{\"hooksConfig\": {\"enabled\": false}}",
        ),
        (
            "gemini",
            ".gemini/settings.json",
            "{\"hooksConfig\": {\"disabled\": [\"counterproof\"]}}",
        ),
        ("codex", ".codex/config.toml", "[features]\nhooks = false\n"),
        ("copilot", "../home/.copilot/config.json", "{\"disableAllHooks\": true}"),
    ] {
        let repository = changed();
        repository.write(&[(file, text)]);
        let home = repository.path().with_file_name("home");
        let run = |args: &[&str]| {
            let mut command = repository.command(args);
            command.env("HOME", &home);
            for variable in ["CLAUDE_CONFIG_DIR", "CODEX_HOME", "GEMINI_CLI_HOME", "COPILOT_HOME"] {
                command.env_remove(variable);
            }
            crate::support::said(command)
        };
        let (exit, said) = run(&["install", agent]);
        let name = file.rsplit("../").next().expect("a name");
        assert_eq!(exit, 3, "{file}: {said}");
        assert!(
            said.contains(&format!("{name} turns hooks off")) && !said.contains("From now on"),
            "{file}: {said}"
        );
        let (_, said) = run(&["doctor"]);
        assert!(
            said.contains("turns hooks off") && said.contains("does not work"),
            "{file}: {said}"
        );
    }
}

#[test]
fn an_entry_of_kiro_that_is_turned_off_is_seen() {
    let repository = changed();
    assert_eq!(repository.run(&["install", "kiro"]).code, 0);
    let path = repository.path().join(".kiro/hooks/counterproof.json");
    let text = fs::read_to_string(&path).expect("a file");
    fs::write(&path, text.replace("\"enabled\": true", "\"enabled\": false")).expect("a file");
    let doctor = repository.run(&["doctor"]);
    assert!(doctor.out.contains("`enabled` of PreToolUse"), "{doctor}");
    assert_eq!(repository.run(&["install", "kiro"]).code, 0);
    assert!(!fs::read_to_string(&path).expect("a file").contains("false"));
}
