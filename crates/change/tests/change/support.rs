//! Throw-away repositories.

use std::path::{Path, PathBuf};
use std::process::Command;

use counterproof_change::{Change, Error, GitRequest, Head, Pair, in_git, of_folders};
use model::{FunctionChange, Reason};
use tempfile::TempDir;

/// A repository on the branch `main`, and a scratch folder.
pub struct Repository {
    folder: TempDir,
    scratch: TempDir,
}

impl Repository {
    pub fn new() -> Self {
        let repository = Self {
            folder: tempfile::tempdir().unwrap(),
            scratch: tempfile::tempdir().unwrap(),
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// With these files committed.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let repository = Self::new();
        repository.commit(files);
        repository
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        git_in(self.folder.path(), arguments)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        write(self.folder.path(), path, text);
    }

    pub fn commit(&self, files: &[(&str, &str)]) -> String {
        files.iter().for_each(|(path, text)| self.write(path, text));
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", "change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub fn request(&self) -> GitRequest {
        GitRequest {
            repository: self.path(),
            range: None,
            base: None,
            head: Head::WorkingTree,
            paths: Vec::new(),
            scratch: self.scratch.path().to_owned(),
        }
    }

    pub fn compare(&self) -> (Change, Pair) {
        in_git(&self.request()).unwrap()
    }

    pub fn range(&self, range: &str) -> Result<(Change, Pair), Error> {
        in_git(&GitRequest {
            range: Some(range.to_owned()),
            ..self.request()
        })
    }
}

pub fn git_in(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args([
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.org",
        "-c",
        "protocol.file.allow=always",
    ]);
    let output = command
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub fn write(folder: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// The change between two sets of files, as folders.
pub fn between(old: &[(&str, &str)], new: &[(&str, &str)]) -> Change {
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    old.iter().for_each(|(path, text)| write(before.path(), path, text));
    new.iter().for_each(|(path, text)| write(after.path(), path, text));
    of_folders(before.path(), after.path(), &[]).unwrap().0
}

/// The change between two versions of one file.
pub fn edited(old: &str, new: &str) -> Change {
    between(&[("cart.py", old)], &[("cart.py", new)])
}

/// `name: reasons`, proved ones with a mark.
pub fn shown(change: &Change) -> Vec<String> {
    change.functions.iter().map(show).collect()
}

fn show(function: &FunctionChange) -> String {
    let reasons: Vec<String> = function
        .reasons
        .iter()
        .map(|reason| match reason {
            Reason::Dependency(on) => format!("uses {on}"),
            other => format!("{other:?}").to_lowercase(),
        })
        .collect();
    let from = match (&function.base_path, &function.base_name) {
        (None, None) => String::new(),
        _ => format!(" from {}::{}", function.path_in_base(), function.name_in_base()),
    };
    let proved = if function.proved_same { " (proved)" } else { "" };
    format!("{}{from}: {}{proved}", function.qualified_name, reasons.join(", "))
}
