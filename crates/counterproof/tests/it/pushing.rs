//! `install pre-push`: git asks before it pushes, to a remote of our own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use crate::support::Repository;

const BEFORE: &str = "def f(x):\n    return [x][0]\n";
const CRASHES: &str = "def f(x):\n    return [x][1]\n";

/// A repository with a bare remote that has its first commit, and the hook.
fn with_remote() -> Repository {
    let repository = Repository::new(&[("a.py", BEFORE)]);
    repository.git(&["init", "--quiet", "--bare", "--initial-branch=main", "../remote.git"]);
    repository.git(&["remote", "add", "origin", "../remote.git"]);
    repository.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
    repository
}

fn hook(repository: &Repository) -> PathBuf {
    repository.path().join(".git/hooks/pre-push")
}

fn installed(repository: &Repository) {
    let said = repository.run(&["install", "pre-push"]);
    assert!(said.code == 0 && said.out.contains("git push --no-verify"), "{said}");
}

fn git(repository: &Repository, args: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.args(args).current_dir(repository.path());
    for (name, value) in repository.command(&[]).get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.output().expect("git runs")
}

/// Whether the push went through, and what was said.
fn push(repository: &Repository, args: &[&str]) -> (bool, String) {
    let output = git(repository, &[&["push"], args].concat());
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn script(repository: &Repository, text: &str) {
    fs::create_dir_all(hook(repository).parent().expect("a folder")).expect("a folder");
    fs::write(hook(repository), text).expect("a hook");
    fs::set_permissions(hook(repository), fs::Permissions::from_mode(0o755)).expect("rights");
}

#[test]
fn a_finding_stops_the_push_of_a_branch_old_or_new_and_no_verify_does_not_ask() {
    let repository = with_remote();
    installed(&repository);
    repository.write(&[("a.py", CRASHES)]);
    repository.commit("second");
    let (went, said) = push(&repository, &["origin", "main"]);
    assert!(
        !went && said.contains("NEW CRASH") && said.contains("counterproof: not pushed"),
        "{said}"
    );
    let (went, said) = push(&repository, &["origin", "HEAD:refs/heads/feature"]);
    assert!(!went && said.contains("NEW CRASH"), "{said}");
    let (went, said) = push(&repository, &["--no-verify", "origin", "main"]);
    assert!(went, "{said}");
    // Nothing is new to the remote, or it is deleted.
    let (went, said) = push(&repository, &["origin", "HEAD:refs/heads/feature"]);
    assert!(went && !said.contains("NEW CRASH"), "{said}");
    let (went, said) = push(&repository, &["origin", ":feature"]);
    assert!(went, "{said}");
}

#[test]
fn what_is_the_same_and_what_cannot_be_verified_is_pushed() {
    let repository = with_remote();
    installed(&repository);
    repository.write(&[("a.py", &format!("# a remark\n{BEFORE}"))]);
    repository.commit("second");
    repository.git(&["worktree", "add", "--quiet", "../beside"]);
    let beside = repository.path().join("../beside");
    let output = git(
        &repository,
        &[
            "-C",
            beside.to_str().expect("UTF-8"),
            "push",
            "origin",
            "HEAD:refs/heads/beside",
        ],
    );
    assert!(output.status.success(), "{output:?}");
    repository.write(&[(
        "a.py",
        "import no_such_module\n\n\ndef f(x):\n    return no_such_module.g(x)\n",
    )]);
    repository.commit("third");
    let (went, said) = push(&repository, &["origin", "main"]);
    assert!(
        went && said.contains("refs/heads/main is not verified (exit code 3), and is pushed"),
        "{said}"
    );
    // A remote of which nothing is known has nothing to compare with.
    repository.git(&["init", "--quiet", "--bare", "../other.git"]);
    let (went, said) = push(&repository, &["../other.git", "main"]);
    assert!(
        went && said.contains("is not verified: what ../other.git has already is not known here"),
        "{said}"
    );
}

#[test]
fn the_hook_that_was_there_goes_on_to_decide_and_comes_back() {
    let repository = with_remote();
    let own = "#!/bin/sh\necho \"own hook: $1 $(cat)\" >&2\n[ ! -e refuse ]\n";
    script(&repository, own);
    installed(&repository);
    installed(&repository);
    repository.commit("second");
    let (went, said) = push(&repository, &["origin", "main"]);
    assert!(went && said.contains("own hook: origin refs/heads/main "), "{said}");
    fs::write(repository.path().join("refuse"), "").expect("a file");
    repository.commit("third");
    let (went, said) = push(&repository, &["origin", "main"]);
    assert!(!went, "{said}");
    let said = repository.run(&["uninstall", "pre-push"]);
    assert!(said.code == 0 && said.out.contains("is there again"), "{said}");
    assert_eq!(fs::read_to_string(hook(&repository)).expect("a hook"), own);
    let said = repository.run(&["uninstall", "pre-push"]);
    assert!(said.code == 0 && said.out.contains("nothing to take out"), "{said}");
    assert_eq!(fs::read_to_string(hook(&repository)).expect("a hook"), own);
}

#[test]
fn where_git_looks_for_hooks_is_where_it_goes() {
    let repository = with_remote();
    repository.git(&["config", "core.hooksPath", "tools/hooks"]);
    installed(&repository);
    let there = repository.path().join("tools/hooks/pre-push");
    assert!(there.exists() && !hook(&repository).exists());
    let text = fs::read_to_string(&there).expect("a hook").replace("30s", "9s");
    fs::write(&there, &text).expect("a hook");
    for command in ["install", "uninstall"] {
        let said = repository.run(&[command, "pre-push"]);
        assert!(said.code == 2 && said.err.contains("was edited since"), "{said}");
    }
    assert_eq!(fs::read_to_string(&there).expect("a hook"), text);
    let said = repository.run(&["install", "pre-push", "--user"]);
    assert!(said.code == 2 && said.err.contains("leave --user out"), "{said}");
    let said = Repository::bare_folder().run(&["install", "pre-push"]);
    assert!(said.code == 2 && said.err.contains("no git repository here"), "{said}");
}

#[test]
fn hooks_that_all_projects_share_are_asked_for() {
    let repository = with_remote();
    let (settings, hooks) = (
        repository.path().join("../settings"),
        repository.path().join("../shared"),
    );
    fs::write(&settings, format!("[core]\n\thooksPath = {}\n", hooks.display())).expect("settings");
    let run = |args: &[&str]| {
        let output = repository.command(args).env("GIT_CONFIG_GLOBAL", &settings).output();
        let output = output.expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (code, said) = run(&["install", "pre-push"]);
    assert!(code == Some(2) && said.contains("install there with --user"), "{said}");
    assert!(!hooks.exists());
    assert_eq!(run(&["install", "pre-push", "--user"]).0, Some(0));
    assert!(hooks.join("pre-push").exists() && !hook(&repository).exists());
    assert_eq!(run(&["uninstall", "pre-push", "--user"]).0, Some(0));
    assert!(!hooks.join("pre-push").exists());
}

#[test]
fn a_folder_below_the_top_leads_to_the_same_hook() {
    let repository = with_remote();
    repository.write(&[("below/b.txt", "b\n")]);
    for (path, there) in [(None, ".git/hooks"), (Some("tools/hooks"), "tools/hooks")] {
        if let Some(path) = path {
            repository.git(&["config", "core.hooksPath", path]);
        }
        let mut command = repository.command(&["install", "pre-push"]);
        let output = command
            .current_dir(repository.path().join("below"))
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{output:?}");
        assert!(repository.path().join(there).join("pre-push").exists(), "{output:?}");
    }
}

#[test]
fn a_program_that_is_gone_holds_nobody_back() {
    let repository = with_remote();
    installed(&repository);
    let text = fs::read_to_string(hook(&repository)).expect("a hook");
    let gone = |line: &str| {
        if line.starts_with("program=") {
            "program=/nowhere/counterproof\n".to_owned()
        } else {
            format!("{line}\n")
        }
    };
    script(&repository, &text.lines().map(gone).collect::<String>());
    repository.write(&[("a.py", CRASHES)]);
    repository.commit("second");
    let (went, said) = push(&repository, &["origin", "main"]);
    assert!(went && said.contains("/nowhere/counterproof is not there"), "{said}");
    assert_eq!(repository.run(&["uninstall", "pre-push"]).code, 0);
    assert!(!hook(&repository).exists());
}
