//! Documents are held against the program.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::Repository;

/// The text of a file of ours, by its path from the top.
pub fn document(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Replaces what differs between machines: counts of inputs and the interpreter.
fn neutral(text: &str) -> String {
    let words = text.lines().map(|line| {
        let line = line.split(" · cpython").next().unwrap_or(line);
        match line.split_once(" inputs") {
            Some((before, after)) => {
                let start = before.rfind(' ').map_or(0, |at| at + 1);
                format!("{}N inputs{after}", &before[..start])
            }
            None => line.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let readme = document("README.md");
    let shown = readme
        .split("<!-- demo -->\n```text\n")
        .nth(1)
        .and_then(|rest| rest.split("```\n<!-- /demo -->").next());
    let shown = neutral(shown.expect("the demo's part of the README"));
    let said = Repository::bare_folder().run(&["demo"]);
    assert_eq!(said.code, 1, "{said}");
    assert!(
        neutral(&said.out).starts_with(&shown),
        "README:\n{shown}\n\nprinted:\n{}",
        neutral(&said.out)
    );
}

#[test]
fn the_readme_shows_what_the_gate_prints() {
    let readme = document("README.md");
    let shown = readme
        .split("<!-- gate -->\n```text\n")
        .nth(1)
        .and_then(|rest| rest.split("```\n<!-- /gate -->").next())
        .expect("the gate's part of the README");
    let file = |version: &str, name: &str| {
        document(&format!(
            "examples/incidents/wrong-delivery-times/{version}/cart/{name}"
        ))
    };
    let names = ["__init__.py", "delivery.py", "money.py"];
    let policy = "[[person]]\nid = \"ada\"\naddresses = [\"test@example.invalid\"]\nlevel = \"junior\"\n\n\
        [[person]]\nid = \"bob\"\nroles = [\"senior\"]\n\n\
        [[service]]\nname = \"checkout\"\npaths = [\"/cart/\"]\ntier = 2\nowners = [\"bob\"]\n";
    let repository = Repository::new(&[("counterproof.toml", policy)]);
    let write = |version: &str| {
        for name in names {
            repository.write(&[(&format!("cart/{name}"), &file(version, name))]);
        }
    };
    write("before");
    repository.commit("The shop");
    repository.git(&["switch", "--quiet", "--create", "tidy"]);
    write("after");
    repository.commit("Tidy\n\nCo-Authored-By: Claude <noreply@anthropic.com>");
    let said = repository.run(&["gate", "merge", "main..tidy", "--no-record"]);
    assert_eq!(said.code, 1, "{said}");
    // Trees differ by the address in the policy.
    let rest = |text: &str| {
        text.split_once(" · tier")
            .map(|(_, rest)| rest.to_owned())
            .expect("a tier")
    };
    assert!(
        rest(&said.out).starts_with(&rest(shown)),
        "README:\n{shown}\n\nprinted:\n{}",
        said.out
    );
}

#[test]
fn the_readme_shows_what_the_guard_says() {
    let readme = document("README.md");
    let shown = readme
        .split("<!-- guard -->\n```console\n")
        .nth(1)
        .and_then(|rest| rest.split("```\n<!-- /guard -->").next())
        .expect("the guard's part of the README");
    let repository = Repository::new(&[("a.py", "x = 1\n")]);
    let mut lines = shown.lines();
    let mut asked = 0;
    while let Some((command, said)) = lines.next().zip(lines.next()) {
        let line = command
            .strip_prefix("$ counterproof guard explain '")
            .and_then(|rest| rest.strip_suffix('\''));
        let out = repository.run(&["guard", "explain", line.expect("a line")]).out;
        assert_eq!(out.lines().next(), Some(said), "{command}");
        asked += 1;
    }
    assert!(asked > 3);
}

#[test]
fn every_command_and_option_of_the_readme_exists() {
    let repository = Repository::bare_folder();
    let help = repository.run(&["check", "--help"]).out
        + &repository.run(&["--help"]).out
        + &[
            "reproduce",
            "hook stop",
            "mcp",
            "install",
            "accept",
            "keep",
            "replay",
            "attribution",
            "doctor",
            "approve",
            "approve document",
            "approve override",
            "approve action",
            "guard explain",
            "guard allow",
            "guard action",
            "guard report",
            "gate merge",
            "gate deploy",
            "gate audit",
            "gate test",
            "incident open",
            "incident link",
            "trend",
            "ledger show",
            "ledger verify",
            "ledger export",
            "ledger witness",
            "ledger expire",
        ]
        .map(|command| {
            let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
            repository.run(&words).out
        })
        .concat();
    let readme = document("README.md");
    let options = readme
        .split(|c: char| c.is_whitespace() || c == '`' || c == ',' || c == ':')
        .filter(|word| word.starts_with("--") && word.len() > 3);
    for option in options {
        let option = option.trim_end_matches(['.', ')', ';']);
        assert!(
            help.contains(option) || ["--release", "--path", "--from"].contains(&option),
            "{option} is in the README and not in the help"
        );
    }
}

/// The indented lines that follow a line of YAML, as a script.
pub fn script_after(text: &str, line: &str) -> String {
    let mut lines = text.lines().skip_while(|one| one.trim() != line).skip(1).peekable();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let first = lines.peek().map_or(0, |line| indent(line));
    let inside = lines.take_while(|line| line.trim().is_empty() || indent(line) >= first);
    inside.map(|line| format!("{}\n", line.trim())).collect()
}

/// A repository with a commit that makes a function crash, not yet committed when `staged`.
pub fn with_a_crash(staged: bool) -> Repository {
    let repository = Repository::new(&[("a.py", "def f(x):\n    return [x][0]\n")]);
    repository.write(&[("a.py", "def f(x):\n    return [x][1]\n")]);
    if staged {
        repository.git(&["add", "--all"]);
    } else {
        repository.commit("second");
    }
    repository
}

/// Runs a script as a service for continuous integration would, with the binary on the path.
pub fn run_script(repository: &Repository, script: &str, environment: &[(&str, &str)]) -> Output {
    let mut binary = repository.command(&[]);
    let folder = Path::new(binary.get_program()).parent().expect("a folder").to_owned();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command
        .args(["-e", "-o", "pipefail", "-c", script])
        .current_dir(repository.path());
    for (name, value) in binary.env("PATH", path).get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.envs(environment.iter().copied()).output().expect("bash runs")
}

#[test]
fn the_action_annotates_and_writes_the_summary() {
    let action = document("action.yml");
    let check = action.split("id: check").nth(1).expect("a step that checks");
    let script =
        script_after(check, "run: |").replace("\"$RUNNER_TEMP/counterproof/bin/counterproof\"", "counterproof");
    let repository = with_a_crash(false);
    let (summary, outputs) = (
        repository.path().join("../summary"),
        repository.path().join("../outputs"),
    );
    let run = |base: &str, fail: &str| {
        let environment = [
            ("BASE", base),
            ("PYTHON", ""),
            ("BUDGET", "60s"),
            ("REQUIRE_VERIFIED", "false"),
            ("FAIL_ON_FINDINGS", fail),
            ("GITHUB_STEP_SUMMARY", summary.to_str().expect("UTF-8")),
            ("GITHUB_OUTPUT", outputs.to_str().expect("UTF-8")),
        ];
        run_script(&repository, &script, &environment)
    };
    let failed = run("HEAD~1", "true");
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(
        failed
            .stdout
            .starts_with(b"::error file=a.py,line=2,title=NEW CRASH in f::"),
        "{failed:?}"
    );
    let summary = fs::read_to_string(&summary).expect("a summary");
    assert!(
        summary.starts_with("### Counterproof: 1 function behaves differently\n"),
        "{summary}"
    );
    assert_eq!(fs::read_to_string(&outputs).expect("outputs"), "exit-code=1\n");
    assert_eq!(run("HEAD~1", "false").status.code(), Some(0));
    let first_push = run("0000000000000000000000000000000000000000", "true");
    assert!(matches!(first_push.status.code(), Some(0 | 1)), "{first_push:?}");
}

#[test]
fn the_template_for_gitlab_writes_a_test_report() {
    let script = script_after(&document("templates/gitlab.yml"), "script:");
    let repository = with_a_crash(false);
    let base = repository.git(&["rev-parse", "HEAD~1"]);
    let environment = [
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.trim()),
        ("COUNTERPROOF_BUDGET", "60s"),
    ];
    let output = run_script(&repository, script.trim_start_matches("- "), &environment);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let report = fs::read_to_string(repository.path().join("counterproof.xml")).expect("a report");
    assert!(report.contains("<failure type=\"NEW CRASH\""), "{report}");
}

#[test]
fn the_hook_for_pre_commit_looks_at_what_is_staged() {
    let hooks = document(".pre-commit-hooks.yaml");
    let entry = hooks.lines().find_map(|line| line.trim().strip_prefix("entry: "));
    let repository = with_a_crash(true);
    let output = run_script(&repository, entry.expect("an entry"), &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("NEW CRASH"),
        "{output:?}"
    );
    repository.commit("second");
    assert_eq!(
        run_script(&repository, entry.expect("an entry"), &[]).status.code(),
        Some(0)
    );
}

#[test]
fn the_configuration_in_the_readme_is_accepted() {
    let readme = document("README.md");
    let shown = readme
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("a configuration");
    let shown = shown.replace("python = \".venv/bin/python\"", "");
    let repository = Repository::new(&[("a.py", "def f(x):\n    return x\n"), ("counterproof.toml", &shown)]);
    let said = repository.run(&["check"]);
    assert_eq!(said.code, 0, "{said}");
}

#[test]
fn the_wheel_is_described_by_what_is_there() {
    let text = document("pyproject.toml");
    let described: toml::Table = text.parse().expect("TOML");
    let at = |path: &str| {
        let mut parts = path.split('/');
        let first = parts.next().and_then(|part| described.get(part));
        parts.fold(first, |value, part| value?.get(part))
    };
    let text_at = |path: &str| {
        at(path)
            .and_then(toml::Value::as_str)
            .unwrap_or_else(|| panic!("no {path}"))
    };
    assert_eq!(text_at("tool/maturin/bindings"), "bin");
    let manifest: toml::Table = document(text_at("tool/maturin/manifest-path")).parse().expect("TOML");
    assert_eq!(manifest["package"]["name"].as_str(), Some(text_at("project/name")));
    let workspace: toml::Table = document("Cargo.toml").parse().expect("TOML");
    assert_eq!(
        workspace["workspace"]["package"]["license"].as_str(),
        Some(text_at("project/license"))
    );
    document(text_at("project/readme"));
    // `cargo xtask wheel` builds with a version that these bounds admit.
    let pinned = document("xtask/wheel-requirements.txt");
    assert!(pinned.lines().any(|line| line.starts_with("maturin==1.")), "{pinned}");
    assert!(text.contains("maturin>=1.9,<2.0"), "{text}");
}

#[test]
fn published_schemas_are_the_programs_own() {
    let repository = Repository::bare_folder();
    for (format, file) in [
        ("report", "schemas/check-report.schema.json"),
        ("config", "schemas/counterproof-toml.schema.json"),
        ("doctor", "schemas/doctor-report.schema.json"),
    ] {
        assert_eq!(
            repository.run(&["schema", format]).out,
            document(file),
            "{file}: run `cargo xtask schemas`"
        );
    }
}
