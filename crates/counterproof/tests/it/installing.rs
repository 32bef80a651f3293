//! `check --install`: environments of our own. Packages come from a folder of wheels, so that no network is needed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::{Repository, status};

const USES: &str = "import lib_of_tests\n\n\ndef f(n):\n    return lib_of_tests.VALUE + n\n";

/// A repository whose requirements are pinned to version 1 of a library of which `wheels` beside it has versions 1 and 2.
fn repository(files: &[(&str, &str)]) -> Repository {
    let repository = Repository::bare_folder();
    let wheels = wheels(&repository);
    fs::create_dir_all(&wheels).expect("a folder");
    for version in ["1", "2"] {
        let script = format!(
            "import zipfile, sys\n\
             info = 'lib_of_tests-{version}.dist-info/'\n\
             files = {{'lib_of_tests.py': 'VALUE = {version}\\n',\n\
                 info + 'METADATA': 'Metadata-Version: 2.1\\nName: lib-of-tests\\nVersion: {version}\\n',\n\
                 info + 'WHEEL': 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n'}}\n\
             record = ''.join('%s,,\\n' % name for name in [*files, info + 'RECORD'])\n\
             with zipfile.ZipFile(sys.argv[1] + '/lib_of_tests-{version}-py3-none-any.whl', 'w') as wheel:\n    \
                 [wheel.writestr(name, text) for name, text in [*files.items(), (info + 'RECORD', record)]]\n"
        );
        let made = Command::new("python3").args(["-c", &script]).arg(&wheels).status();
        assert!(made.expect("python runs").success());
    }
    repository.git(&["init", "--quiet", "--initial-branch=main"]);
    repository.write(&[("requirements.txt", &requirements(&repository, "lib-of-tests==1"))]);
    repository.write(files);
    repository.commit("first");
    repository
}

fn wheels(repository: &Repository) -> PathBuf {
    repository.path().join("../wheels")
}

fn requirements(repository: &Repository, line: &str) -> String {
    format!(
        "--no-index\n--find-links {}\n-e .\n{line}\n",
        wheels(repository).display()
    )
}

fn check(repository: &Repository, args: &[&str]) -> Command {
    let mut command = repository.command(&[&["check", "--format", "json"], args].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

#[test]
fn what_is_declared_is_installed_once_and_never_in_the_users_own_environment() {
    let repository = repository(&[("a.py", USES)]);
    repository.write(&[("a.py", &USES.replace("+ n", "- n"))]);
    let without = report(&check(&repository, &[]).output().expect("it runs"));
    assert_eq!(status(&without, "f"), "not_verified");
    let first = check(&repository, &["--install"]).output().expect("it runs");
    let with = report(&first);
    assert_eq!(status(&with, "f"), "changed", "{with:#}");
    let interpreter = with["interpreter"].as_str().expect("an interpreter");
    assert!(
        interpreter.ends_with("(its own environment, from requirements.txt)"),
        "{interpreter}"
    );
    let err = said(&first);
    assert_eq!(
        err.matches("installing what both versions need (requirements.txt) with ")
            .count(),
        1,
        "{err}"
    );
    let again = check(&repository, &["--install", "--no-cache"])
        .output()
        .expect("it runs");
    assert_eq!((said(&again).as_str(), status(&report(&again), "f")), ("", "changed"));
    let usual = Command::new("python3")
        .args(["-c", "import lib_of_tests"])
        .output()
        .expect("python runs");
    assert!(!usual.status.success());
    assert!(!repository.path().join(".venv").exists());
}

#[test]
fn other_pins_give_each_version_its_own_and_nothing_is_proved_by_equal_code() {
    let repository = repository(&[("a.py", USES)]);
    // Nothing but the name of a local: that proves the same where both run with the same packages.
    repository.write(&[
        ("a.py", "import lib_of_tests\n\n\ndef f(n):\n    return lib_of_tests.VALUE + n  # the same\n\n\ndef g():\n    new = 1\n    return lib_of_tests.VALUE + new\n"),
        ("b.py", "import lib_of_tests\n\n\ndef h(n):\n    old = lib_of_tests.VALUE\n    return old + n\n"),
    ]);
    repository.commit("second");
    repository.write(&[
        (
            "b.py",
            "import lib_of_tests\n\n\ndef h(n):\n    new = lib_of_tests.VALUE\n    return new + n\n",
        ),
        ("requirements.txt", &requirements(&repository, "lib-of-tests==2")),
    ]);
    let without = report(&check(&repository, &["--base", "HEAD"]).output().expect("it runs"));
    let note = "dependencies changed (requirements.txt): what is the same is so with the same packages";
    assert!(notes(&without).contains(note), "{without:#}");
    let with = report(
        &check(&repository, &["--base", "HEAD", "--install"])
            .output()
            .expect("it runs"),
    );
    assert_eq!(status(&with, "h"), "changed", "{with:#}");
    assert!(notes(&with).contains("each version ran with its own"), "{with:#}");
    let findings = with["functions"].as_array().expect("functions").iter();
    let id = findings
        .flat_map(|function| function["findings"].as_array().into_iter().flatten())
        .find_map(|finding| finding["id"].as_str())
        .expect("a finding");
    let again = repository.run(&["reproduce", id]);
    assert_eq!(again.code, 1, "{again}");
}

#[test]
fn an_installer_that_fails_is_one_message_with_the_mend() {
    let repository = repository(&[("a.py", USES)]);
    repository.write(&[("requirements.txt", &requirements(&repository, "lib-of-tests==99"))]);
    repository.commit("second");
    repository.write(&[("a.py", &USES.replace("+ n", "- n"))]);
    let output = check(&repository, &["--base", "HEAD", "--install"])
        .output()
        .expect("it runs");
    let err = said(&output);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(output.stdout.is_empty(), "{output:?}");
    assert!(err.contains("could not be installed") && err.contains("==99"), "{err}");
    assert!(
        err.trim_end().ends_with("name their interpreter with --python PATH"),
        "{err}"
    );
    let left = fs::read_dir(repository.cache().join("v1/environments"))
        .expect("a folder")
        .flatten();
    let folders: Vec<_> = left.filter(|entry| entry.path().is_dir()).collect();
    assert!(folders.is_empty(), "{folders:?}");
}

#[test]
fn two_checks_at_once_make_one_environment_and_half_of_one_is_made_anew() {
    let repository = repository(&[("a.py", USES)]);
    repository.write(&[("a.py", &USES.replace("+ n", "- n"))]);
    let both = [(); 2].map(|()| {
        check(&repository, &["--install", "--no-cache"])
            .spawn()
            .expect("it runs")
    });
    let outputs = both.map(|child| child.wait_with_output().expect("it ends"));
    for output in &outputs {
        assert_eq!(status(&report(output), "f"), "changed", "{output:?}");
    }
    let installed = outputs
        .iter()
        .filter(|output| said(output).contains("installing"))
        .count();
    assert_eq!(installed, 1);
    let folder = environment(&repository);
    fs::remove_file(folder.join("counterproof.json")).expect("a marker");
    fs::remove_file(folder.join("pyvenv.cfg")).expect("a part");
    let third = check(&repository, &["--install", "--no-cache"])
        .output()
        .expect("it runs");
    assert!(said(&third).contains("installing"), "{third:?}");
    assert_eq!(status(&report(&third), "f"), "changed");
}

/// The one environment in the cache.
fn environment(repository: &Repository) -> PathBuf {
    let all = fs::read_dir(repository.cache().join("v1/environments"))
        .expect("a folder")
        .flatten();
    let mut folders: Vec<PathBuf> = all
        .map(|entry| entry.path())
        .filter(|path| Path::is_dir(path))
        .collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.remove(0)
}

#[test]
fn members_of_a_workspace_and_a_pipfile_without_a_lock_are_installed() {
    let repository = repository(&[]);
    let wheels = wheels(&repository);
    let root = format!(
        "[tool.uv]\nno-index = true\nfind-links = [{:?}]\n[tool.uv.workspace]\nmembers = [\"back*\"]\n",
        wheels.display().to_string()
    );
    repository.write(&[
        ("pyproject.toml", &root),
        (
            "backend/pyproject.toml",
            "[project]\nname = \"backend\"\nversion = \"1\"\ndependencies = [\"lib-of-tests==2\", \"backend\"]\n",
        ),
        ("backend/a.py", USES),
    ]);
    std::fs::remove_file(repository.path().join("requirements.txt")).expect("removed");
    repository.commit("workspace");
    repository.write(&[("backend/a.py", &USES.replace("+ n", "- n"))]);
    let check_offline = |repository: &Repository| {
        let mut command = check(repository, &["--base", "HEAD", "--install"]);
        command.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", &wheels);
        report(&command.output().expect("it runs"))
    };
    let with = check_offline(&repository);
    assert_eq!(status(&with, "f"), "changed", "{with:#}");
    let interpreter = with["interpreter"].as_str().expect("an interpreter");
    assert!(interpreter.ends_with("from backend/pyproject.toml)"), "{interpreter}");
    for path in ["pyproject.toml", "backend/pyproject.toml"] {
        std::fs::remove_file(repository.path().join(path)).expect("removed");
    }
    repository.write(&[
        ("Pipfile", "[packages]\nlib-of-tests = \"==1\"\n"),
        ("backend/a.py", USES),
    ]);
    repository.commit("pipfile");
    repository.write(&[("backend/a.py", &USES.replace("+ n", "* n"))]);
    let with = check_offline(&repository);
    assert_eq!(status(&with, "f"), "changed", "{with:#}");
    assert!(with["interpreter"].to_string().contains("from Pipfile)"), "{with:#}");
}
