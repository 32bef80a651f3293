//! What stands between a project and a check of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::Repository;

/// The examination, and the exit code.
fn examined(repository: &Repository, variables: &[(&str, &Path)]) -> (Value, i32) {
    let output = repository
        .command(&["doctor", "--format", "json"])
        .env("HOME", repository.path().join("../home"))
        .envs(variables.iter().copied())
        .output()
        .expect("the binary runs");
    let examination = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (examination, output.status.code().expect("an exit code"))
}

fn part<'a>(examination: &'a Value, name: &str) -> &'a Value {
    let parts = examination["parts"].as_array().expect("parts");
    let found = parts.iter().find(|part| part["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {examination:#}"))
}

fn mends(part: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ailments = part["ailments"].as_array().expect("ailments");
    ailments
        .iter()
        .map(|one| (text(&one["what"]), text(&one["mend"])))
        .collect()
}

#[test]
fn a_project_that_is_well_is_said_to_be() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n"), ("setup.py", "exit(7)\n")]);
    let (examination, code) = examined(&repository, &[]);
    assert_eq!(code, 0, "{examination:#}");
    assert_eq!(part(&examination, "imports")["text"], "1 of 1 modules import");
    assert_eq!(part(&examination, "tests")["state"], "note");
    let schema: Value = serde_json::from_str(&repository.run(&["schema", "doctor"]).out).expect("a schema");
    assert!(jsonschema::is_valid(&schema, &examination), "{examination:#}");
    let said = repository.run(&["doctor"]);
    assert!(said.out.contains("All is well"), "{said}");
}

#[test]
fn what_does_not_import_is_counted_by_cause_with_one_mend_each() {
    let repository = Repository::new(&[
        ("app/__init__.py", ""),
        ("app/one.py", "import not_there_at_all.deeply\n"),
        ("app/two.py", "from not_there_at_all import x\n"),
        ("app/settings.py", "import os\nKEY = os.environ['SECRET_KEY']\n"),
        ("app/keys.py", "{}['OTHER_KEY']\n"),
        ("app/fine.py", "def f(x):\n    return x\n"),
        ("tests/test_app.py", "import pytest, neither_this\n"),
    ]);
    let (examination, code) = examined(&repository, &[]);
    assert_eq!(code, 1);
    let imports = part(&examination, "imports");
    assert_eq!(imports["text"], "2 of 6 modules import");
    let mends = mends(imports);
    assert_eq!(
        mends[0].0,
        "`import not_there_at_all` fails in 2 modules (app.one, app.two)"
    );
    assert!(mends[0].1.ends_with("-m pip install not-there-at-all"), "{mends:?}");
    let of = |what: &str| mends.iter().find(|(said, _)| said.contains(what)).expect("a cause");
    assert!(of("SECRET_KEY").1.contains("pass_env = [\"SECRET_KEY\"]"), "{mends:?}");
    assert_eq!(of("OTHER_KEY").1, "");
    repository.write(&[("counterproof.toml", "[sandbox]\npass_env = ['SECRET_KEY']\n")]);
    let (examination, _) = examined(&repository, &[("SECRET_KEY", Path::new("x"))]);
    assert_eq!(part(&examination, "imports")["text"], "3 of 6 modules import");
}

#[test]
fn the_mend_is_by_way_of_the_projects_own_files() {
    let repository = Repository::new(&[
        ("app.py", "import yaml_of_nobody\n"),
        (
            "pyproject.toml",
            "[project]\nname = 'app'\nversion = '1'\nrequires-python = '>=3.99'\ndependencies = ['yaml-of-nobody']\n",
        ),
        ("uv.lock", "version = 1\n"),
        ("tests/test_app.py", "import pytest\n"),
    ]);
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(repository.path().join(".venv"))
        .status();
    assert!(made.expect("python runs").success());
    let (examination, code) = examined(&repository, &[]);
    assert_eq!(code, 1);
    assert_eq!(mends(part(&examination, "imports"))[0].1, "uv sync");
    let interpreter = part(&examination, "interpreter");
    assert!(
        interpreter["text"]
            .as_str()
            .expect("text")
            .contains("the project's .venv"),
        "{interpreter}"
    );
    let said = mends(interpreter);
    assert_eq!(said[0].0, "the project asks for Python >=3.99");
    assert_eq!(said[1].0, "declared and not installed there: yaml-of-nobody");
    let tests = part(&examination, "tests");
    assert_eq!(
        tests["text"],
        "pytest is not installed; it is needed by 1 file of tests"
    );
}

#[test]
fn a_member_may_ask_for_another_python_than_the_project() {
    let asks = |version: &str| format!("[project]\nname = 'a'\nversion = '1'\nrequires-python = '{version}'\n");
    let repository = Repository::new(&[
        ("pyproject.toml", &asks(">=3.8")),
        ("parts/back/pyproject.toml", &asks(">=3.98")),
        ("parts/back/app/a.py", "def f(x):\n    return x\n"),
        ("parts/front/a.py", "def f(x):\n    return x\n"),
    ]);
    let (examination, _) = examined(&repository, &[]);
    let interpreter = part(&examination, "interpreter");
    assert_eq!(interpreter["state"], "mend", "{interpreter}");
    let said = mends(interpreter);
    assert_eq!(said[0].0, "parts/back/app/ asks for Python >=3.98");
}

#[test]
fn a_hook_is_tried_where_it_is_our_own_and_never_where_it_is_not() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
    let said = repository.run(&["install", "claude-code"]);
    assert_eq!(said.code, 0, "{said}");
    let agent = |state: &str, text: &str| {
        let (examination, _) = examined(&repository, &[]);
        let agent = part(&examination, "agent");
        assert_eq!(agent["state"], state, "{agent}");
        assert!(agent.to_string().contains(text), "{agent}");
    };
    agent("well", "a canary showed, and told of findings when it stops");
    let settings = repository.path().join(".claude/settings.json");
    let marker = repository.path().join("ran");
    let evil = format!("touch {}; counterproof hook stop", marker.display());
    let hook =
        |command: &str| format!("{{\"hooks\": {{\"Stop\": [{{\"hooks\": [{{\"command\": \"{command}\"}}]}}]}}}}");
    // Whose basename alone is ours: a repository may hold such a thing.
    fs::write(
        repository.path().join("counterproof"),
        format!("#!/bin/sh\ntouch {}\n", marker.display()),
    )
    .expect("a file");
    for command in [evil, format!("{}/counterproof hook stop", repository.path().display())] {
        fs::write(&settings, hook(&command)).expect("settings");
        examined(&repository, &[]);
        assert!(!marker.exists(), "{command} was run");
    }
    agent("note", "which is not this program and was not tried");
    fs::write(&settings, hook("/gone/counterproof hook stop")).expect("settings");
    agent("mend", "which is not there");
    fs::write(&settings, "{ // counterproof hook stop\n}").expect("settings");
    agent("mend", "comments");
    // What is none of ours is nobody's to mend.
    fs::write(&settings, "{ // a comment\n}").expect("settings");
    agent("note", "no agent is judged");
    // A hook that lets the canary through is no hook.
    fs::remove_file(&settings).expect("no settings");
    assert_eq!(repository.run(&["install", "claude-code"]).code, 0);
    let text = fs::read_to_string(&settings).expect("settings");
    fs::write(
        &settings,
        text.replace("before-tool claude-code", "before-tool claude-code --help"),
    )
    .expect("settings");
    agent("mend", "a canary that it must deny would have run");
    let half: String = text.replace("hook stop", "hook nothing");
    fs::write(&settings, half).expect("settings");
    agent("note", "some are missing");
}

#[test]
fn a_cache_that_cannot_be_written_is_one_message_with_the_mend() {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n")]);
    repository.write(&[("a.py", "def f(x):\n    return x + 1\n")]);
    let nowhere = Path::new("/dev/null/cache");
    let (examination, code) = examined(&repository, &[("COUNTERPROOF_CACHE", nowhere)]);
    assert_eq!(code, 1);
    let (what, mend) = mends(part(&examination, "cache")).remove(0);
    assert!(what.starts_with("/dev/null/cache cannot be written"), "{what}");
    assert!(mend.contains("COUNTERPROOF_CACHE"), "{mend}");
    let both = [("COUNTERPROOF_CACHE", nowhere), ("TMPDIR", nowhere)];
    let (examination, code) = examined(&repository, &both);
    assert_eq!(
        (code, examination["parts"].as_array().map(Vec::len)),
        (1, Some(1)),
        "{examination:#}"
    );
    let output = repository
        .command(&["check"])
        .envs(both)
        .output()
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.lines().count() == 1 && said.contains("set COUNTERPROOF_CACHE"),
        "{said}"
    );
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn without_git_the_folder_is_looked_at_all_the_same() {
    let folder = Repository::bare_folder();
    folder.write(&[("a.py", "import not_there_at_all\n")]);
    let (examination, code) = examined(&folder, &[]);
    assert_eq!(code, 1);
    assert!(mends(part(&examination, "git"))[0].1.contains("--trees OLD NEW"));
    assert_eq!(part(&examination, "imports")["text"], "0 of 1 modules import");
}
