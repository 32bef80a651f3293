//! Functions that are given paths: files and folders are laid out for them.

use std::fs;
use std::process::Command;

use crate::support::{Repository, function, python_with_libraries, status};

const BEFORE: &str = "\
import json
import os


def load(path):
    with open(path) as file:
        return json.load(file).get('a')


def python_files(folder):
    found = []
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith('.py'):
                found.append(os.path.join(root, name))
    return found


def lines(path):
    return [line.strip() for line in path.read_text().splitlines() if line]


def stamp(path):
    with open(path, 'a') as file:
        file.write('seen')
";

fn changed() -> Repository {
    let repository = Repository::new(&[
        ("disk.py", BEFORE),
        ("tests/test_it.py", "def test_it():\n    assert \"a\"\n"),
    ]);
    let after = BEFORE
        .replace("get('a')", "get('b')")
        .replace("endswith('.py')", "endswith(('.py', '.pyw'))")
        .replace("if line]", "if line.strip()]")
        .replace("'seen'", "'seen\\n'");
    repository.write(&[("disk.py", &after)]);
    repository
}

#[test]
fn files_and_folders_are_made_for_paths() {
    let repository = changed();
    let report = repository.json(&["check"]);
    for name in ["load", "python_files", "lines"] {
        assert_eq!(status(&report, name), "changed", "{report:#}");
    }
    // What it writes is told by the files it leaves.
    assert_eq!(status(&report, "stamp"), "changed_effect", "{report:#}");
    let example = &function(&report, "python_files")["findings"][0]["example"];
    let setup = example["setup"].to_string();
    assert!(setup.contains(".pyw") && setup.contains("mkdir"), "{example:#}");
    // Nothing of it lies about in the tree.
    let entries = fs::read_dir(repository.path()).expect("a folder");
    let names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(
        names
            .iter()
            .all(|name| [".git", "disk.py", "tests"].contains(&name.as_str())),
        "{names:?}"
    );
}

#[test]
fn what_was_laid_out_is_laid_out_by_scripts_and_kept_tests() {
    let Some(python) = python_with_libraries() else { return };
    let python = python.to_str().expect("a path");
    let repository = changed();
    let report = repository.json(&["check", "--python", python]);
    let id = function(&report, "python_files")["findings"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let script = repository.run(&["reproduce", &id, "--format", "python"]).out;
    fs::write(repository.path().join("script.py"), script).expect("a script");
    let shown = Command::new(python)
        .arg("script.py")
        .current_dir(repository.path())
        .output()
        .expect("Python");
    assert!(String::from_utf8_lossy(&shown.stdout).contains(".pyw'"), "{shown:?}");
    fs::remove_file(repository.path().join("script.py")).expect("removed");
    let said = repository.run(&["keep", &id, "--python", python]);
    assert_eq!(said.code, 0, "{said}");
    let text = fs::read_to_string(repository.path().join("tests/test_kept.py")).expect("a file");
    assert!(
        text.contains("(monkeypatch, tmp_path):") && text.contains("    monkeypatch.chdir(tmp_path)\n"),
        "{text}"
    );
    assert!(!repository.path().join("d").exists() && !repository.path().join("e").exists());
}
