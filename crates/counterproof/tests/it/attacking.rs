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

#[test]
fn an_encoding_behind_another_word_and_another_interpreter_line_are_no_layout() {
    let hidden = format!("# the encoding of this file: coding: raw_unicode_escape\n{CODE}");
    let (exit, text) = run(
        &branched("", &[("shop/a.py", &hidden)]),
        &["gate", "merge", "main..feature"],
    );
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("it is written in raw-unicode-escape"), "{text}");
    let run_by = format!("#!/usr/bin/env -S bash -c true\n{CODE}");
    let (exit, text) = run(
        &branched("", &[("shop/a.py", &run_by)]),
        &["gate", "merge", "main..feature"],
    );
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("the line that says what it is run by changed"), "{text}");
}

#[test]
fn a_branch_that_is_called_as_one_of_the_remote_is_no_judge() {
    let repository = branched("", &[("shop/a.py", &CODE.replace("+ 1", "+ 2"))]);
    let main = repository.git(&["rev-parse", "main"]);
    repository.git(&["update-ref", "refs/remotes/origin/main", main.trim()]);
    repository.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    let (exit, text) = run(&repository, &["gate", "merge", "origin/main..feature"]);
    assert_eq!(exit, 1, "{text}");
    repository.git(&["branch", "origin/main", "feature"]);
    for args in [&["gate", "merge", "origin/main..feature"][..], &["gate", "merge"]] {
        let (exit, text) = run(&repository, args);
        assert_eq!(exit, 2, "{text}");
        assert!(text.contains("and one of a remote, which differ"), "{text}");
    }
    let (exit, text) = run(&repository, &["gate", "merge", "refs/remotes/origin/main..feature"]);
    assert_eq!(exit, 1, "{text}");
}

#[test]
fn what_runs_without_being_python_is_not_called_verified() {
    for (path, text) in [
        ("shop/deploy", "#!/bin/sh\nexit 0\n"),
        ("shop/Dockerfile", "FROM scratch\n"),
        ("shop/hook.pth", "import os\n"),
        ("shop/setup.cfg", "[options]\n"),
    ] {
        let (exit, said) = run(&branched("", &[(path, text)]), &["gate", "merge", "main..feature"]);
        assert_eq!(exit, 4, "{path}: {said}");
        assert!(
            said.contains("1 of 1 changed functions and files are not verified"),
            "{path}: {said}"
        );
    }
}

#[test]
fn entries_that_were_edited_in_place_are_not_believed() {
    let repository = branched("", &[("shop/a.py", "# a remark\n"), ("notes.md", "x\n")]);
    repository.write(&[("shop/a.py", &format!("# a remark\n{CODE}"))]);
    repository.commit("Another");
    let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert!(exit == 0 || exit == 4, "{text}");
    let bundle = |folder: &std::path::Path| {
        let entries = folder.join(".counterproof/ledger/tile/entries/000.p");
        let mut files: Vec<_> = std::fs::read_dir(entries)
            .expect("a folder")
            .map(|file| file.expect("a file").path())
            .collect();
        files.sort();
        files.pop().expect("a bundle")
    };
    let path = bundle(&repository.path());
    let text = String::from_utf8_lossy(&std::fs::read(&path).expect("a bundle")).into_owned();
    let at = text
        .find("\"kind\":\"verdict\"")
        .or_else(|| text.find("\"verdict\""))
        .expect("a verdict");
    let mut bytes = std::fs::read(&path).expect("a bundle");
    bytes[at + 3] ^= 1;
    std::fs::write(&path, bytes).expect("it is written");
    let (exit, text) = run(&repository, &["gate", "merge", "main..feature"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("the ledger cannot be trusted"), "{text}");
}

#[test]
fn configuration_in_a_folder_below_moves_no_ledger() {
    let repository = branched(
        "",
        &[
            ("sub/counterproof.toml", ""),
            ("shop/a.py", &format!("# a remark\n{CODE}")),
        ],
    );
    let mut command = repository.command(&["gate", "merge", "main..feature"]);
    command.current_dir(repository.path().join("sub"));
    said(command);
    assert!(repository.path().join(".counterproof/ledger").exists());
    assert!(!repository.path().join("sub/.counterproof").exists());
}
