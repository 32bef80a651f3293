//! The hooks in `examples/enforce/git`, in repositories that are pushed to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::documents::document;
use crate::support::Repository;

const CART: &str = "def days(items):\n    if not items:\n        return 0\n    return len(items) + 1\n";

/// A program that answers with the code in the file `../code` and tells what it was asked, and what merging would make.
const STAND_IN: &str = "#!/bin/sh\necho \"asked: $*\"\ntarget=${3%%..*} change=${3#*..}\n\
    git merge-tree --write-tree \"$target\" \"$change\" >/dev/null || exit 9\n\
    [ \"$(git rev-parse --is-bare-repository)\" = false ] || exit 9\n\
    [ -z \"$GIT_DIR$GIT_QUARANTINE_PATH$GIT_OBJECT_DIRECTORY\" ] || exit 9\n\
    code=$(cat '[CODE]')\n[ \"$code\" = slow ] && sleep 30\nexit \"$code\"\n";

/// A repository with a bare remote that has `main`, where the hook asks the stand-in.
struct Pushed {
    repository: Repository,
}

impl Pushed {
    fn new() -> Self {
        Self::with_ids("sha1")
    }

    fn with_ids(format: &str) -> Self {
        let format = format!("--object-format={format}");
        let repository = Repository::bare_folder();
        repository.git(&["init", "--quiet", "--initial-branch=main", &format]);
        repository.write(&[("cart.py", CART)]);
        repository.commit("first");
        let bare = ["--bare", "--initial-branch=main", "../remote.git"];
        repository.git(&[&["init", "--quiet", &format], bare.as_slice()].concat());
        repository.git(&["remote", "add", "origin", "../remote.git"]);
        repository.git(&["push", "--quiet", "origin", "main"]);
        let pushed = Self { repository };
        let code = pushed.beside("code");
        pushed.executable("stand-in", &STAND_IN.replace("[CODE]", &code.display().to_string()));
        pushed.executable(
            "remote.git/hooks/pre-receive",
            &document("examples/enforce/git/pre-receive"),
        );
        pushed.set("program", &pushed.beside("stand-in").display().to_string());
        pushed.answers("0");
        pushed
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.repository.path().parent().expect("a folder").join(name)
    }

    fn executable(&self, name: &str, text: &str) {
        fs::write(self.beside(name), text).expect("a file");
        fs::set_permissions(self.beside(name), fs::Permissions::from_mode(0o755)).expect("rights");
    }

    fn set(&self, name: &str, value: &str) {
        self.repository
            .git(&["-C", "../remote.git", "config", &format!("counterproof.{name}"), value]);
    }

    fn answers(&self, code: &str) {
        fs::write(self.beside("code"), code).expect("a file");
    }

    fn commit(&self, text: &str) {
        self.repository.write(&[("cart.py", text)]);
        self.repository.commit("A change");
    }

    /// Whether the push went through, and what was said.
    fn push(&self, args: &[&str]) -> (bool, String) {
        let mut command = Command::new("git");
        command
            .args(["push", "origin"])
            .args(args)
            .current_dir(self.repository.path());
        for (name, value) in self.repository.command(&[]).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let temporary = self.beside("temporary");
        fs::create_dir_all(&temporary).expect("a folder");
        let output = command.env("TMPDIR", temporary).output().expect("git runs");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    fn refused(&self, args: &[&str], says: &str) {
        let (went, said) = self.push(args);
        assert!(!went && said.contains(says), "{args:?}, {says}: {said}");
    }

    fn goes(&self, args: &[&str]) -> String {
        let (went, said) = self.push(args);
        assert!(went, "{args:?}: {said}");
        said
    }
}

#[test]
fn only_a_pass_comes_to_a_protected_branch() {
    let pushed = Pushed::new();
    pushed.commit(&format!("# a remark\n{CART}"));
    pushed.set("timeout", "2");
    for (answer, says) in [
        ("1", "refs/heads/main: the gate blocks it"),
        ("4", "refs/heads/main: the gate holds it until"),
        ("2", "could not be asked (exit code 2)"),
        ("3", "could not be asked (exit code 3)"),
        ("slow", "the gate did not answer within 2 s"),
    ] {
        pushed.answers(answer);
        pushed.refused(&["main"], says);
    }
    pushed.set("program", "/nowhere/counterproof");
    pushed.refused(&["main"], "there is no /nowhere/counterproof here");
    pushed.set("program", &pushed.beside("stand-in").display().to_string());
    pushed.answers("0");
    let said = pushed.goes(&["main"]);
    assert!(
        said.contains("asked: gate merge main..refs/counterproof/pushed"),
        "{said}"
    );
    assert!(said.contains("counterproof: refs/heads/main may be pushed"), "{said}");
    let left = fs::read_dir(pushed.beside("temporary")).expect("a folder");
    assert_eq!(left.count(), 0);
}

#[test]
fn branches_come_go_and_are_rewritten_as_far_as_they_may() {
    let pushed = Pushed::new();
    let git = |args: &[&str]| pushed.repository.git(args);
    pushed.commit(&format!("# a remark\n{CART}"));
    pushed.answers("1");
    // What is not protected is nobody's business.
    assert!(!pushed.goes(&["main:refs/heads/feature"]).contains("asked"));
    assert!(!pushed.goes(&[":refs/heads/feature"]).contains("asked"));
    // A new protected branch that brings something is judged by the default branch; one that brings nothing is not.
    pushed.refused(
        &["main:refs/heads/release/1.0"],
        "refs/heads/release/1.0: the gate blocks it",
    );
    assert!(!pushed.goes(&["HEAD~1:refs/heads/release/1.0"]).contains("asked"));
    // One that is refused refuses all.
    pushed.refused(
        &["main:refs/heads/other", "main"],
        "refs/heads/main: the gate blocks it",
    );
    assert!(git(&["ls-remote", "origin", "refs/heads/other"]).is_empty());
    pushed.answers("0");
    pushed.goes(&["main:refs/heads/other", "main", "main:refs/heads/release/1.0"]);
    pushed.refused(
        &[":refs/heads/release/1.0"],
        "is protected and is not deleted by a push",
    );
    git(&["commit", "--quiet", "--amend", "--message", "Another"]);
    pushed.refused(&["--force", "main"], "does not have all of main in it");
    git(&["tag", "v1"]);
    pushed.goes(&["v1"]);
    pushed.set("protected", "refs/tags/*");
    git(&["tag", "v2"]);
    pushed.refused(&["v2"], "refs/tags/v2 is protected and no branch");
}

#[test]
fn the_first_branch_of_all_needs_a_word() {
    let pushed = Pushed::new();
    pushed
        .repository
        .git(&["-C", "../remote.git", "update-ref", "-d", "refs/heads/main"]);
    pushed.refused(&["main"], "would be the first branch");
    pushed.set("first", "true");
    pushed.goes(&["main"]);
}

#[test]
fn ids_of_the_longer_kind_are_judged_as_well() {
    let pushed = Pushed::with_ids("sha256");
    pushed.commit(&format!("# a remark\n{CART}"));
    pushed.answers("1");
    pushed.refused(&["main"], "refs/heads/main: the gate blocks it");
    pushed.answers("0");
    pushed.goes(&["main"]);
}

#[test]
fn the_real_program_refuses_a_regression_and_lets_a_remark_through() {
    let pushed = Pushed::new();
    let program = pushed
        .repository
        .command(&[])
        .get_program()
        .to_string_lossy()
        .into_owned();
    pushed.set("program", &program);
    pushed.commit(&CART.replace("return 0", "return None"));
    pushed.refused(
        &["main"],
        "no unaccepted regression: 1 difference in behaviour: cart.py::days",
    );
    pushed.repository.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    pushed.commit(&format!("# a remark\n{CART}"));
    let said = pushed.goes(&["main"]);
    assert!(said.contains("pass: merge of tree "), "{said}");
}

#[test]
fn the_hook_for_a_clone_is_the_one_that_is_installed() {
    let installed = include_str!("../../src/pre-push.sh").replace("@PROGRAM@", "counterproof");
    assert_eq!(document("examples/enforce/git/pre-push"), installed);
}
