//! Ways past the gate that somebody tried, and that stay shut.

use crate::support::{Repository, said};

const CODE: &str = "def days(items):\n    return len(items) + 1\n";

fn run(repository: &Repository, args: &[&str]) -> (i32, String) {
    said(repository.command(args))
}

/// A service on `main` whose changes need a reviewer, and a branch `feature`.
fn branched(policy: &str, after: &[(&str, &str)]) -> Repository {
    let rules = "[[service]]\nname = \"shop\"\npaths = [\"/shop/\"]\ntier = 3\n";
    let repository = Repository::new(&[("shop/a.py", CODE), ("counterproof.toml", &format!("{policy}{rules}"))]);
    repository.git(&["switch", "--quiet", "--create", "feature"]);
    repository.write(after);
    repository.commit("A change");
    repository
}

#[test]
fn a_remark_that_is_code_is_no_layout() {
    let text = format!("# -*- coding: utf-7 -*-\n{CODE}# +AAo-import os+AAo-\n");
    let repository = branched("", &[("shop/a.py", &text)]);
    let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("it is written in utf-7"), "{text}");
    assert!(text.contains("! review: 1 more reviewer is needed"), "{text}");
}

#[test]
fn a_tag_does_not_choose_the_judge() {
    let repository = branched("", &[("shop/a.py", &CODE.replace("+ 1", "+ 2"))]);
    repository.git(&["switch", "--quiet", "--create", "lax"]);
    repository.write(&[(
        "counterproof.toml",
        "[gate]\nwithout_defaults = true\n[[rule]]\nname = \"a\"\nkind = \"mergeable\"\n",
    )]);
    repository.commit("A lax policy");
    repository.git(&["tag", "main"]);
    repository.git(&["switch", "--quiet", "feature"]);
    let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert_eq!(exit, 1, "{text}");
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 1, "{text}");
    // Without a branch that changes are merged into, none of the change's own commits takes its place.
    repository.git(&["tag", "--delete", "main"]);
    repository.git(&["branch", "--move", "main", "elsewhere"]);
    let (exit, text) = run(&repository, &["gate", "merge"]);
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("no default branch was found"), "{text}");
}

#[test]
fn documents_and_tests_by_name_alone_need_a_reviewer() {
    for (path, text) in [
        ("shop/requirements.txt", "requests @ https://example.com/a.whl\n"),
        ("shop/testing/hook.js", "require('child_process').exec('true')\n"),
        ("shop/notes.txt", "x\n"),
    ] {
        let repository = branched("", &[(path, text)]);
        let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
        assert_ne!(exit, 0, "{path}: {text}");
        assert!(text.contains("! review: 1 more reviewer is needed"), "{path}: {text}");
    }
    let repository = branched("", &[("shop/README.md", "x\n")]);
    let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert_eq!(exit, 0, "{text}");
}

#[cfg(unix)]
#[test]
fn a_change_brings_no_interpreter_of_its_own() {
    use std::os::unix::fs::PermissionsExt;
    let repository = branched("", &[("shop/a.py", &CODE.replace("+ 1", "+ 2"))]);
    let seen = repository.path().with_file_name("seen");
    let script = format!(
        "#!/bin/sh\necho \"$COUNTERPROOF_RUNNER_KEY\" > {}\nexec python3 \"$@\"\n",
        seen.display()
    );
    repository.write(&[(".venv/bin/python", &script)]);
    let path = repository.path().join(".venv/bin/python");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it is allowed");
    repository.git(&["add", "--force", ".venv/bin/python"]);
    repository.commit("An interpreter");
    let (_, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert!(!seen.exists(), "{text}");
    let (_, text) = run(&repository, &["check", "main..feature"]);
    assert!(!seen.exists(), "{text}");
}
