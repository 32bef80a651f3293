//! Repositories to run the binary in, and what it said in a form that can be held against a snapshot.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A git repository in a folder of its own, with a cache of its own.
pub struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// A repository whose first commit on `main` holds `files`.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let repository = Self::bare_folder();
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.write(files);
        repository.commit("first");
        repository
    }

    /// A folder without git.
    pub fn bare_folder() -> Self {
        let repository = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        fs::create_dir(repository.path()).expect("the repository's folder");
        repository
    }

    /// The top of the working tree.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// The cache that the binary uses.
    pub fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// The folder of the keys that the binary signs with.
    pub fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    /// The folder in which the binary remembers what the guard said.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Writes files into the working tree.
    pub fn write(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = self.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
    }

    /// Commits everything.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
    }

    /// Runs git, which must succeed.
    pub fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args([
                "-c",
                "user.name=Test",
                "-c",
                "user.email=test@example.invalid",
                "-c",
                "commit.gpgSign=false",
            ])
            .args(args)
            .current_dir(self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git runs");
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The binary, to be run in the repository.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("counterproof"));
        command
            .args(args)
            .current_dir(self.path())
            .env("COUNTERPROOF_CACHE", self.cache())
            .env("COUNTERPROOF_KEYS", self.keys())
            .env("COUNTERPROOF_STATE", self.state())
            .env_remove("CLAUDECODE")
            .env("NO_COLOR", "1")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env_remove("VIRTUAL_ENV");
        command
    }

    /// Runs the binary.
    pub fn run(&self, args: &[&str]) -> Said {
        Said::new(
            &self.command(args).output().expect("the binary runs"),
            self.folder.path(),
        )
    }

    /// Runs a check and parses its JSON; nothing but JSON may stand on standard output.
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self
            .command(&[args, &["--format", "json"]].concat())
            .output()
            .expect("the binary runs");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            let (out, err) = (
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr),
            );
            panic!("no JSON on standard output: {error}\n{out}\n{err}")
        })
    }
}

/// What the binary said: exit code, standard output and standard error together.
#[derive(Debug)]
pub struct Said {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output, with what varies from run to run replaced.
    pub out: String,
    /// Standard error, likewise.
    pub err: String,
}

impl Said {
    fn new(output: &Output, folder: &Path) -> Self {
        let text = |bytes: &[u8]| neutral(&String::from_utf8_lossy(bytes), folder);
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n--- out\n{}--- err\n{}", self.code, self.out, self.err)
    }
}

fn neutral(text: &str, folder: &Path) -> String {
    let folder = folder.to_string_lossy();
    let real = fs::canonicalize(&*folder)
        .map(|path| path.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut text = text.replace(&real, "[FOLDER]");
    text = text.replace(&*folder, "[FOLDER]");
    text
}

/// Replaces what differs between machines and runs in a snapshot: times, ids, counts of inputs, versions of Python.
pub fn filters() -> Vec<(&'static str, &'static str)> {
    vec![
        (r"\b\d+\.\d+ s\b", "[TIME]"),
        (r"\b\d[\d,]* inputs\b", "[N] inputs"),
        (r"\b[0-9a-f]{8}\b", "[ID]"),
        (r"cpython 3\.\d+\.\d+", "cpython [VERSION]"),
        (r"Python 3\.\d+\.\d+", "Python [VERSION]"),
    ]
}

/// An interpreter with the libraries of `xtask/test-requirements.txt`, which `cargo xtask test` sets up; run by itself,
/// `cargo test` has none.
pub fn python_with_libraries() -> Option<PathBuf> {
    std::env::var_os("COUNTERPROOF_TEST_PYTHON").map(PathBuf::from)
}

/// An interpreter with the schemas of `xtask/tool-requirements.txt`, which `cargo xtask test` sets up; run by itself, `cargo
/// test` has none.
pub fn python_with_schemas() -> Option<PathBuf> {
    std::env::var_os("COUNTERPROOF_TEST_TOOLS").map(PathBuf::from)
}

/// The report on one file before and after.
pub fn checked(before: &str, after: &str) -> Value {
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[("a.py", after)]);
    repository.json(&["check"])
}

/// The function's part of a JSON report.
pub fn function<'a>(report: &'a Value, name: &str) -> &'a Value {
    let functions = report["functions"].as_array().expect("functions");
    functions
        .iter()
        .find(|function| function["qualified_name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

/// The status of a function in a JSON report.
pub fn status<'a>(report: &'a Value, name: &str) -> &'a str {
    function(report, name)["status"].as_str().expect("a status")
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .flat_map(|entry| {
            if entry.path().is_dir() {
                files(&entry.path())
            } else {
                vec![entry.path()]
            }
        })
        .collect()
}

/// Runs a command: its exit code and all that it printed, without backticks, which only quote names.
pub fn said(mut command: Command) -> (i32, String) {
    let output = command.output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&text).replace('`', ""),
    )
}
