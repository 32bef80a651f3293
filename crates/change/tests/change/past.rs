//! What the history tells of files, and what became of past changes.

use std::process::Command;

use counterproof_change::{Failed, FileHistoryRequest, LabelRequest, Labelled, file_history, labelled};

use crate::support::{Repository, git_in};

const DAY: i64 = 24 * 60 * 60;
/// The day from which the tests count.
const START: i64 = 1_700_000_000;

/// Commits these files on a day, and gives the commit.
fn commit(repository: &Repository, day: i64, author: &str, message: &str, files: &[(&str, &str)]) -> String {
    files.iter().for_each(|(path, text)| repository.write(path, text));
    repository.git(&["add", "--all"]);
    let date = format!("@{} +0000", START + day * DAY);
    let status = Command::new("git")
        .arg("-C")
        .arg(repository.path())
        .args([
            "-c",
            "user.name=Forge",
            "-c",
            "user.email=forge@example.org",
            "commit",
            "--quiet",
        ])
        .args(["--author", &format!("{author} <{author}@example.org>"), "-m", message])
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_DATE", &date)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .status()
        .unwrap();
    assert!(status.success());
    repository.git(&["rev-parse", "HEAD"])
}

fn asked(commit: &str, paths: &[&str], day: i64) -> FileHistoryRequest {
    FileHistoryRequest {
        commit: commit.to_owned(),
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        authors: vec!["ADA@example.org".to_owned()],
        now: START + day * DAY,
    }
}

#[test]
fn who_changed_files_and_how_often() {
    let repository = Repository::new();
    commit(&repository, 0, "old", "too long ago", &[("a.py", "0\n")]);
    commit(&repository, 300, "ada", "a", &[("a.py", "1\n"), ("b.py", "1\n")]);
    commit(&repository, 400, "bob", "b", &[("b.py", "2\n"), ("[c].py", "1\n")]);
    commit(&repository, 401, "bob", "of another", &[("d.py", "2\n")]);
    let target = commit(&repository, 402, "cyd", "a again", &[("a.py", "2\n")]);
    commit(&repository, 403, "ada", "the change itself", &[("a.py", "3\n")]);
    let (facts, notes) = file_history(&repository.path(), &asked(&target, &["a.py", "b.py"], 410)).unwrap();
    assert_eq!((facts.churn, facts.own_commits, facts.committers), (2, (1, 3), 3));
    assert!(notes.is_empty(), "{notes:?}");
    // A path is a path and no pattern.
    let (facts, _) = file_history(&repository.path(), &asked(&target, &["[c].py"], 410)).unwrap();
    assert_eq!((facts.churn, facts.own_commits, facts.committers), (1, (0, 1), 1));
    let (facts, _) = file_history(&repository.path(), &asked(&target, &["nothing.py"], 410)).unwrap();
    assert_eq!((facts.churn, facts.own_commits, facts.committers), (0, (0, 0), 0));
    let (facts, _) = file_history(&repository.path(), &asked(&target, &[], 410)).unwrap();
    assert_eq!(facts.churn, 0);
    assert!(file_history(&repository.path(), &asked("nowhere", &["a.py"], 410)).is_err());
}

#[test]
fn merges_do_not_count_and_what_they_bring_does() {
    let repository = Repository::new();
    commit(&repository, 0, "ada", "a", &[("a.py", "1\n"), ("b.py", "1\n")]);
    repository.git(&["switch", "--quiet", "--create", "side"]);
    commit(&repository, 1, "bob", "on the side", &[("a.py", "2\n")]);
    repository.git(&["switch", "--quiet", "main"]);
    commit(&repository, 2, "cyd", "on main", &[("b.py", "2\n")]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    let (facts, _) = file_history(&repository.path(), &asked(&head, &["a.py"], 3)).unwrap();
    assert_eq!((facts.own_commits, facts.committers), ((1, 2), 2));
}

#[test]
fn a_shallow_clone_is_told() {
    let repository = Repository::new();
    commit(&repository, 0, "ada", "a", &[("a.py", "1\n")]);
    commit(&repository, 1, "bob", "b", &[("a.py", "2\n")]);
    let clone = tempfile::tempdir().unwrap();
    let from = format!("file://{}", repository.path().display());
    git_in(clone.path(), &["clone", "--quiet", "--depth=1", &from, "."]);
    let (facts, notes) = file_history(clone.path(), &asked("HEAD", &["a.py"], 2)).unwrap();
    assert_eq!(facts.own_commits, (0, 1));
    assert!(notes[0].contains("the clone is shallow"), "{notes:?}");
}

fn labels(repository: &Repository, last: usize, mending: usize, go_on: bool) -> Labelled {
    let request = LabelRequest {
        repository: repository.path(),
        commit: "HEAD".to_owned(),
        last,
        days: 90,
        mending,
        is_code: |path| path.ends_with(".py"),
    };
    labelled(&request, &mut || go_on).unwrap()
}

/// A history: a mended commit, a reverted one, one that is named, one that is mended too late, and time that passes.
fn history() -> Repository {
    let repository = Repository::new();
    let base = "def f(a):\n    return a\n\n\ndef g(a):\n    return a\n";
    commit(&repository, 0, "ada", "first", &[("cart.py", base)]);
    let wrong = base.replace("def g(a):\n    return a", "def g(a):\n    return a - 1");
    commit(&repository, 100, "ada", "wrong", &[("cart.py", &wrong)]);
    commit(
        &repository,
        101,
        "bob",
        "harmless",
        &[("cart.py", &format!("# a remark\n{wrong}"))],
    );
    commit(
        &repository,
        110,
        "cyd",
        "Fix what g gives",
        &[("cart.py", &format!("# a remark\n{base}"))],
    );
    let reverted = commit(&repository, 120, "bob", "to be reverted", &[("other.py", "x = 1\n")]);
    let message = format!("Revert it\n\nThis reverts commit {reverted}.");
    commit(&repository, 121, "ada", &message, &[("other.py", "x = 0\n")]);
    let named = commit(&repository, 130, "bob", "to be named", &[("text.md", "x\n")]);
    let message = format!("Say it right\n\nFixes: {} (\"to be named\")", &named[..12]);
    commit(&repository, 131, "ada", &message, &[("text.md", "y\n")]);
    repository.git(&["mv", "cart.py", "basket.py"]);
    commit(&repository, 140, "ada", "Move it", &[]);
    commit(&repository, 300, "ada", "Fix the remark", &[("basket.py", base)]);
    commit(&repository, 400, "ada", "later", &[("text.md", "z\n")]);
    repository
}

fn told(found: &Labelled) -> Vec<(i64, Option<Failed>)> {
    let of = found.changes.iter();
    of.map(|change| ((change.time - START) / DAY, change.failed)).collect()
}

#[test]
fn past_changes_are_told_with_what_became_of_them() {
    let found = labels(&history(), 1_000, 100, true);
    assert_eq!(
        told(&found),
        [
            (0, None),
            (100, Some(Failed::Mended)),
            (101, None),
            (110, None),
            (120, Some(Failed::Reverted)),
            (121, None),
            (130, Some(Failed::Named)),
            (131, None),
            (140, None),
            (300, None),
        ]
    );
    assert_eq!((found.commits, found.mending, found.followed), (11, 2, 2));
    assert!(found.notes.is_empty(), "{:?}", found.notes);
    let fix = &found.changes[3];
    assert_eq!(
        (fix.history.churn, fix.history.own_commits, fix.history.committers),
        (2, (0, 3), 2)
    );
    let mend = &found.changes[9];
    assert_eq!(
        (mend.history.churn, mend.history.own_commits.1),
        (0, 5),
        "renames are followed"
    );
    assert_eq!(found.changes[1].files[0].added, 1);
}

#[test]
fn changes_whose_labels_are_not_complete_are_left_out() {
    let repository = history();
    let found = labels(&repository, 1_000, 1, true);
    // The first commit that mends was not followed: what it may mend is not known.
    assert_eq!(told(&found).first(), Some(&(110, None)));
    assert!(
        found.notes[0].contains("of 2 commits that mend something, the newest 1 were followed"),
        "{:?}",
        found.notes
    );
    let found = labels(&repository, 1_000, 100, false);
    assert_eq!((found.followed, told(&found).first()), (0, Some(&(300, None))));
    // Where the history is cut, the first of it are not known well.
    let found = labels(&repository, 10, 100, true);
    assert_eq!(told(&found).first(), Some(&(110, None)));
}
