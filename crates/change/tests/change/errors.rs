//! Every bad input has one clear message with its mend.

use counterproof_change::{Error, GitRequest, Head, in_git, of_folders};

use crate::support::{Repository, git_in};

fn text(result: Result<impl Sized, Error>) -> String {
    match result {
        Ok(_) => panic!("it should fail"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn no_repository_and_no_folder() {
    let repository = Repository::of(&[]);
    let empty = tempfile::tempdir().unwrap();
    let error = in_git(&GitRequest {
        repository: empty.path().to_owned(),
        ..repository.request()
    });
    assert!(text(error).contains("is not in a git repository"));
    let error = in_git(&GitRequest {
        repository: empty.path().join("nowhere"),
        ..repository.request()
    });
    assert!(text(error).contains("nowhere is not a folder"));
    assert!(text(of_folders(&empty.path().join("old"), empty.path(), &[])).contains("old is not a folder"));
}

#[test]
fn no_commits() {
    let repository = Repository::new();
    repository.write("cart.py", "x = 1\n");
    assert!(text(in_git(&repository.request())).contains("has no commits yet"));
    assert!(text(repository.range("HEAD~1..HEAD")).contains("has no commits yet"));
}

#[test]
fn unknown_revisions_and_ranges() {
    let repository = Repository::of(&[("cart.py", "x = 1\n")]);
    assert!(text(repository.range("main..nowhere")).contains("nowhere is no revision of"));
    assert!(text(repository.range("main")).contains("main is no range"));
    assert!(text(repository.range("..")).contains("is no range"));
    assert!(text(repository.range("a..b..c")).contains("is no range"));
    assert!(text(repository.range("--help..HEAD")).contains("--help is no revision"));
    let error = in_git(&GitRequest {
        base: Some("gone".into()),
        ..repository.request()
    });
    assert!(text(error).contains("gone is no revision"));
}

#[test]
fn a_bare_repository_has_no_working_tree_but_revisions() {
    let origin = Repository::of(&[("cart.py", "def f():\n    return 1\n")]);
    origin.commit(&[("cart.py", "def f():\n    return 2\n")]);
    let folder = tempfile::tempdir().unwrap();
    git_in(
        folder.path(),
        &["clone", "--quiet", "--bare", &origin.path().to_string_lossy(), "."],
    );
    let bare = GitRequest {
        repository: folder.path().to_owned(),
        ..origin.request()
    };
    assert!(text(in_git(&bare)).contains("is a bare repository"));
    assert!(
        text(in_git(&GitRequest {
            head: Head::Staged,
            ..bare.clone()
        }))
        .contains("is a bare repository")
    );
    let (change, _) = in_git(&GitRequest {
        range: Some("HEAD~1..HEAD".into()),
        ..bare
    })
    .unwrap();
    assert_eq!(change.functions.len(), 1);
}

#[test]
fn a_shallow_clone_without_the_base() {
    let origin = Repository::of(&[("cart.py", "x = 1\n")]);
    origin.commit(&[("cart.py", "x = 2\n")]);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.path().display());
    git_in(folder.path(), &["clone", "--quiet", "--depth=1", &url, "."]);
    let request = GitRequest {
        repository: folder.path().to_owned(),
        range: Some("HEAD~1..HEAD".into()),
        ..origin.request()
    };
    let message = text(in_git(&request));
    assert!(
        message.contains("is a shallow clone without HEAD~1") && message.contains("git fetch --unshallow"),
        "{message}"
    );
}

#[test]
fn histories_without_a_common_commit() {
    let repository = Repository::of(&[("cart.py", "x = 1\n")]);
    repository.git(&["checkout", "--quiet", "--orphan", "island"]);
    repository.commit(&[("cart.py", "x = 2\n")]);
    assert!(text(in_git(&repository.request())).contains("no commit in common"));
}

#[test]
fn unmerged_files_in_the_index() {
    let repository = Repository::of(&[("cart.py", "x = 1\n")]);
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.commit(&[("cart.py", "x = 2\n")]);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit(&[("cart.py", "x = 3\n")]);
    let _ = std::process::Command::new("git")
        .arg("-C")
        .arg(repository.path())
        .args(["merge", "--quiet", "side"])
        .output();
    let message = text(in_git(&GitRequest {
        head: Head::Staged,
        ..repository.request()
    }));
    assert!(message.contains("has unmerged files: cart.py"), "{message}");
    let (change, _) = repository.compare();
    assert!(
        change
            .unverified
            .iter()
            .any(|file| file.reason.starts_with("syntax error in head, line 1")),
        "{:?}",
        change.unverified
    );
}

#[test]
fn a_scratch_folder_that_is_not_there() {
    let repository = Repository::of(&[("cart.py", "x = 1\n")]);
    let message = text(in_git(&GitRequest {
        scratch: repository.path().join("none"),
        ..repository.request()
    }));
    assert!(message.contains("none cannot be used"), "{message}");
}

#[test]
fn a_missing_git() {
    // The library starts `git` from the PATH that it inherits: a child without one shows what it says then.
    let name = "errors::child_without_git";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    // A name that no test has would pass, too.
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by a_missing_git"]
fn child_without_git() {
    let folder = tempfile::tempdir().unwrap();
    let request = GitRequest {
        repository: folder.path().to_owned(),
        range: None,
        base: None,
        head: Head::WorkingTree,
        paths: Vec::new(),
        scratch: folder.path().to_owned(),
    };
    assert!(text(in_git(&request)).contains("git is not installed"));
}
