//! Which interpreter is taken, what it lacks, and which variables reach it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{Repository, Said, checked, status};

const BEFORE: &str = "def f(n):\n    return n + 1\n";
const AFTER: &str = "def f(n):\n    return n + 2\n";

fn changed() -> Repository {
    let repository = Repository::new(&[("a.py", BEFORE), (".gitignore", "*venv/\n*.log\n")]);
    repository.write(&[("a.py", AFTER)]);
    repository
}

fn environment(folder: &Path) -> PathBuf {
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(folder)
        .status()
        .expect("python runs");
    assert!(made.success());
    folder.join("bin/python")
}

#[cfg(unix)]
fn program(path: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, format!("#!/bin/sh\n{script}\n")).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("executable");
}

/// The report of a check with these variables, and how its interpreter was chosen.
fn chosen(repository: &Repository, args: &[&str], variables: &[(&str, &Path)]) -> (Value, String) {
    let output = repository
        .command(&[&["check", "--format", "json"], args].concat())
        .envs(variables.iter().copied())
        .output()
        .expect("the binary runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(status(&report, "f"), "changed", "{report:#}");
    let interpreter = report["interpreter"].as_str().expect("an interpreter").to_owned();
    let how = interpreter
        .split_once('(')
        .expect("how")
        .1
        .trim_end_matches(')')
        .to_owned();
    (report, how)
}

#[test]
fn the_named_interpreter_goes_before_the_active_one_before_the_projects_own() {
    let repository = changed();
    assert_eq!(chosen(&repository, &[], &[]).1, "python3 on PATH");
    environment(&repository.path().join("venv"));
    assert_eq!(chosen(&repository, &[], &[]).1, "the project's venv");
    environment(&repository.path().join(".venv"));
    assert_eq!(chosen(&repository, &[], &[]).1, "the project's .venv");
    let active = repository.path().join("../active");
    let python = environment(&active);
    assert_eq!(
        chosen(&repository, &[], &[("VIRTUAL_ENV", &active)]).1,
        "the active environment"
    );
    let named = ["--python", python.to_str().expect("UTF-8")];
    assert_eq!(chosen(&repository, &named, &[("VIRTUAL_ENV", &active)]).1, "--python");
}

#[cfg(unix)]
#[test]
fn the_empty_python_that_uvx_puts_beside_the_program_is_passed_over() {
    let repository = changed();
    let tool = repository.path().join("../tool");
    environment(&tool);
    // Whoever asks this one hears nothing, and would go on to `python`.
    fs::remove_file(tool.join("bin/python3")).expect("a link");
    program(&tool.join("bin/python3"), "exit 1");
    let own = tool.join("bin/counterproof");
    fs::copy(repository.command(&[]).get_program(), &own).expect("a copy");
    let path = std::env::var_os("PATH").expect("a PATH");
    let all = std::env::join_paths([tool.join("bin")].into_iter().chain(std::env::split_paths(&path))).expect("a PATH");
    let usual = repository.command(&["check", "--format", "json"]);
    let mut command = Command::new(&own);
    command.args(usual.get_args()).current_dir(repository.path());
    command.envs(usual.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command
        .env_remove("VIRTUAL_ENV")
        .env("PATH", all)
        .output()
        .expect("it runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let interpreter = report["interpreter"].as_str().expect("an interpreter");
    assert!(interpreter.ends_with("(python3 on PATH)"), "{interpreter}");
    assert_eq!(status(&report, "f"), "changed", "{report:#}");
}

#[test]
fn an_environment_that_is_gone_is_passed_over() {
    let repository = changed();
    let gone = repository.path().join("../gone");
    assert_eq!(chosen(&repository, &[], &[("VIRTUAL_ENV", &gone)]).1, "python3 on PATH");
}

#[test]
fn uv_may_keep_the_environment_elsewhere() {
    let repository = changed();
    repository.write(&[("uv.lock", "version = 1\n")]);
    environment(&repository.path().join("../elsewhere"));
    let relative = Path::new("../elsewhere");
    assert_eq!(
        chosen(&repository, &[], &[("UV_PROJECT_ENVIRONMENT", relative)]).1,
        "uv's environment"
    );
}

#[cfg(unix)]
#[test]
fn poetry_is_asked_where_its_environment_is() {
    let repository = changed();
    repository.write(&[("poetry.lock", "")]);
    let python = environment(&repository.path().join("../kept-by-poetry"));
    let programs = repository.path().join("../programs");
    program(&programs.join("poetry"), &format!("echo '{}'", python.display()));
    let path = std::env::var_os("PATH").expect("a PATH");
    let all = std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&path))).expect("a PATH");
    assert_eq!(
        chosen(&repository, &[], &[("PATH", Path::new(&all))]).1,
        "poetry's environment"
    );
}

#[cfg(unix)]
#[test]
fn without_any_python_it_says_what_to_do() {
    let repository = changed();
    let programs = repository.path().join("../programs");
    let git = Command::new("sh")
        .args(["-c", "command -v git"])
        .output()
        .expect("a shell")
        .stdout;
    program(
        &programs.join("git"),
        &format!("exec {} \"$@\"", String::from_utf8_lossy(&git).trim()),
    );
    let run = |expected: &str| {
        let output = repository
            .command(&["check"])
            .env("PATH", &programs)
            .output()
            .expect("the binary runs");
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(3), "{out}");
        assert!(out.contains(expected) && out.contains("--python PATH"), "{out}");
        assert!(!out.contains("SAME") && output.stderr.is_empty(), "{output:?}");
    };
    run("no Python was found");
    program(
        &programs.join("python"),
        "echo 'Python 2.7.18 cannot do this' >&2; exit 1",
    );
    run("no Python was found");
}

const NEEDS: &str = "import surely_not_installed\n\n\ndef f(n):\n    return n + 1\n";

#[test]
fn missing_dependencies_are_named_with_the_mend() {
    let pyproject = "[project]\nname = 'x'\ndependencies = ['Surely_Not.Installed>=1', 'neither-this', 'old; python_version < \"3\"']\n";
    let repository = Repository::new(&[("a.py", NEEDS), ("pyproject.toml", pyproject)]);
    repository.write(&[("a.py", &NEEDS.replace("n + 1", "n + 2"))]);
    let said = |repository: &Repository| -> Said {
        let said = repository.run(&["check"]);
        assert_eq!(said.code, 3, "{said}");
        assert!(!said.out.contains("SAME") && said.err.is_empty(), "{said}");
        said
    };
    let words = |said: Said| said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = words(said(&repository));
    assert!(
        text.contains("declared and not installed in python3 on PATH: neither-this, surely-not-installed;"),
        "{text}"
    );
    assert!(
        text.contains("run `counterproof check --install`, or name an interpreter that has them with --python"),
        "{text}"
    );
    environment(&repository.path().join(".venv"));
    repository.write(&[(".gitignore", ".venv/\n")]);
    let text = words(said(&repository));
    assert!(
        text.contains(".venv/bin/python -m pip install neither-this surely-not-installed`"),
        "{text}"
    );
    repository.write(&[("uv.lock", "version = 1\n")]);
    let text = words(said(&repository));
    assert!(
        text.contains("run `uv sync`, or name an interpreter that has them with --python"),
        "{text}"
    );
}

#[test]
fn a_new_dependency_that_is_not_installed_is_no_crash() {
    let report = checked(BEFORE, NEEDS);
    assert_eq!(report["exit"], 3, "{report:#}");
    assert!(
        report
            .to_string()
            .contains("needs the package that has `surely_not_installed`"),
        "{report:#}"
    );
}

#[test]
fn a_module_of_its_own_that_is_gone_is_a_crash() {
    for (folder, package) in [("pkg", true), ("space", false)] {
        let text = format!("from {folder} import helper\n\n\ndef f(n):\n    return helper.add(n)\n");
        let helper = (format!("{folder}/helper.py"), "def add(n):\n    return n + 1\n");
        let repository = Repository::new(&[
            ("a.py", &text),
            (&helper.0, helper.1),
            (&format!("{folder}/rest.py"), ""),
        ]);
        if package {
            repository.write(&[("pkg/__init__.py", "")]);
            repository.commit("a package");
        }
        repository.git(&["rm", "--quiet", &helper.0]);
        repository.write(&[("a.py", &text.replace("add(n)", "add(n + 1)"))]);
        let report = repository.json(&["check"]);
        assert_eq!(report["exit"], 1, "{report:#}");
        assert_eq!(status(&report, "f"), "new_crash", "{report:#}");
    }
}

/// A settings reader as Django has one: which module to read is said by a variable.
const SETTINGS: &str = "\
import importlib
import os


def rate(n):
    settings = importlib.import_module(os.environ['DJANGO_SETTINGS_MODULE'])
    return settings.RATE * n
";

#[test]
fn a_variable_is_let_through_where_the_configuration_says_so() {
    let repository = Repository::new(&[
        ("a.py", SETTINGS),
        ("site_settings/__init__.py", ""),
        ("site_settings/production.py", "RATE = 2\n"),
        ("site_settings/trial.py", "RATE = 'x'\n"),
    ]);
    repository.write(&[("a.py", &SETTINGS.replace("RATE * n", "RATE * n + 1"))]);
    let check = || -> Value {
        let output = repository
            .command(&["check", "--format", "json"])
            .env("DJANGO_SETTINGS_MODULE", "site_settings.production")
            .env("DJANGO_SECRET", "xyzzy")
            .output()
            .expect("the binary runs");
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    let report = check();
    assert_eq!(
        status(&report, "rate"),
        "not_verified",
        "the variable is hidden: {report:#}"
    );
    assert_eq!(report["exit"], 3);
    repository.write(&[(
        "counterproof.toml",
        "[sandbox]\npass_env = [\"DJANGO_SETTINGS_MODULE\"]\n",
    )]);
    let report = check();
    assert_eq!(status(&report, "rate"), "changed", "{report:#}");
    assert_eq!(report["exit"], 1);
    // Another value is another world: the evidence is not taken from the cache.
    let output = repository
        .command(&["check", "--format", "json"])
        .env("DJANGO_SETTINGS_MODULE", "site_settings.trial")
        .output()
        .expect("the binary runs");
    let other: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(other["cached"], false);
    assert_eq!(
        status(&other, "rate"),
        "new_crash",
        "text and number cannot be added: {other:#}"
    );
}

#[test]
fn a_finding_is_reproduced_with_the_interpreter_of_its_check() {
    let repository = Repository::new(&[("a.py", NEEDS)]);
    repository.write(&[("a.py", &NEEDS.replace("n + 1", "n + 2"))]);
    let python = environment(&repository.path().join("../environment"));
    let question = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let output = Command::new(&python)
        .args(["-c", question])
        .output()
        .expect("python runs");
    let packages = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    fs::write(packages.join("surely_not_installed.py"), "").expect("a file");
    let report = repository.json(&["check", "--python", python.to_str().expect("UTF-8")]);
    let id = report["functions"][0]["findings"][0]["id"].as_str().expect("an id");
    let again = repository.run(&["reproduce", id]);
    assert_eq!(again.code, 1, "{again}");
    let without = repository.run(&["reproduce", id, "--python", "python3"]);
    assert_eq!(without.code, 3, "{without}");
    assert!(without.err.contains("surely_not_installed"), "{without}");
}

#[test]
fn an_import_that_fails_is_reproduced() {
    let repository = Repository::new(&[("a.py", BEFORE)]);
    repository.write(&[("a.py", "1 / 0\n")]);
    let report = repository.json(&["check"]);
    let functions = report["functions"].as_array().expect("functions").iter();
    let id = functions
        .filter_map(|function| function["findings"][0]["id"].as_str())
        .next()
        .expect("a finding");
    let again = repository.run(&["reproduce", id]);
    assert_eq!(again.code, 1, "{again}");
    assert!(again.out.contains("ZeroDivisionError"), "{again}");
}
