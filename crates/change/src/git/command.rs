//! Running git: never a pager, a prompt, a lock or a monitor, and always the same language.

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::error::Error;

/// Variables of an outer git (a hook's) that would point to another repository.
const OUTER: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_NAMESPACE",
];

/// A repository, and how to run git in it.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    top: PathBuf,
    variables: Vec<(&'static str, OsString)>,
    about: About,
}

/// What is known of a repository from the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    /// Whether there is a working tree.
    pub has_working_tree: bool,
    /// Whether history was cut off when it was cloned.
    pub is_shallow: bool,
    /// The index that git would use, a hook's own one included.
    pub index: PathBuf,
    /// The folder of objects.
    pub objects: PathBuf,
    /// The branch that is checked out, without `refs/heads/`.
    pub branch: Option<String>,
}

impl Git {
    /// The repository that `folder` is in.
    pub fn discover(folder: &Path) -> Result<Self, Error> {
        if !folder.is_dir() {
            return Err(Error::NotAFolder {
                path: folder.to_owned(),
            });
        }
        let folder = &folder.canonicalize().map_err(Error::io(folder))?;
        let git = Self {
            top: folder.to_owned(),
            variables: Vec::new(),
            about: About::default(),
        };
        let questions = [
            "--is-inside-work-tree",
            "--is-shallow-repository",
            "--git-path",
            "index",
            "--git-path",
            "objects",
        ];
        // The last two may have no answer: outside a working tree, and before the first commit.
        let arguments: Vec<&str> = ["rev-parse"]
            .into_iter()
            .chain(questions)
            .chain(["--show-cdup", "--symbolic-full-name", "HEAD"])
            .collect();
        let output = git.output(&arguments)?;
        let answers = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<&str> = answers.lines().collect();
        let [inside, shallow, index, objects, rest @ ..] = lines.as_slice() else {
            return Err(git.unusable(folder, &String::from_utf8_lossy(&output.stderr)));
        };
        let about = About {
            has_working_tree: *inside == "true",
            is_shallow: *shallow == "true",
            index: folder.join(index),
            objects: folder.join(objects),
            branch: rest
                .last()
                .and_then(|name| name.strip_prefix("refs/heads/"))
                .map(str::to_owned),
        };
        let up = rest
            .first()
            .filter(|_| about.has_working_tree)
            .copied()
            .unwrap_or_default();
        let top = folder.join(up);
        Ok(Self {
            top: top.canonicalize().map_err(Error::io(&top))?,
            about,
            ..git
        })
    }

    fn unusable(&self, folder: &Path, message: &str) -> Error {
        let folder = folder.to_owned();
        match message {
            text if text.contains("dubious ownership") => Error::OtherOwner { folder },
            text if text.contains("not a git repository") => Error::NotARepository { folder },
            text => self.failure(&["rev-parse"], text),
        }
    }

    /// The top of the working tree; of a bare repository, its folder.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// What is known of it from the start.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Folders of objects that are read besides the repository's own.
    pub fn alternates(&self) -> Option<&OsString> {
        let of = |(name, _): &&(&'static str, OsString)| *name == "GIT_ALTERNATE_OBJECT_DIRECTORIES";
        self.variables.iter().rev().find(of).map(|(_, folders)| folders)
    }

    /// The same with more variables.
    pub fn with(&self, variables: impl IntoIterator<Item = (&'static str, OsString)>) -> Self {
        let mut git = self.clone();
        git.variables.extend(variables);
        git
    }

    /// A command that does nothing that a person would notice.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(&self.top)
            .arg("--no-pager")
            .arg("--literal-pathspecs");
        for setting in [
            "core.fsmonitor=false",
            "core.quotePath=false",
            "advice.addEmbeddedRepo=false",
            "gc.auto=0",
            "maintenance.auto=false",
        ] {
            command.arg("-c").arg(setting);
        }
        command.args(arguments).stdin(Stdio::null());
        for name in OUTER {
            command.env_remove(name);
        }
        command
            .env("LC_ALL", "C")
            .env("LANGUAGE", "")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs git to its end, whatever it says.
    pub fn output<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Output, Error> {
        self.command(arguments).output().map_err(|error| self.unstarted(error))
    }

    /// What git printed.
    pub fn bytes<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Vec<u8>, Error> {
        let output = self.output(arguments)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(self.failure(arguments, &String::from_utf8_lossy(&output.stderr)))
    }

    /// What git printed of what it was given; both at once, since pipes are short.
    pub fn filter<A: AsRef<OsStr> + Sync>(&self, arguments: &[A], input: &[u8]) -> Result<Vec<u8>, Error> {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| self.unstarted(error))?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            // That git ends before it has read everything shows in its status.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
            child.wait_with_output()
        });
        let output = output.map_err(|error| self.failure(arguments, &error.to_string()))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(self.failure(arguments, &String::from_utf8_lossy(&output.stderr)))
    }

    /// What git printed, without blanks around it.
    pub fn text<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(&self.bytes(arguments)?).trim().to_owned())
    }

    /// What git printed, where failing and printing nothing are answers too.
    pub fn answer<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Option<String>, Error> {
        let output = self.output(arguments)?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Ok((output.status.success() && !text.is_empty()).then_some(text))
    }

    pub fn unstarted(&self, error: std::io::Error) -> Error {
        match error.kind() {
            ErrorKind::NotFound => Error::GitMissing,
            _ => Error::Io {
                path: "git".into(),
                source: error,
            },
        }
    }

    pub fn failure<A: AsRef<OsStr>>(&self, arguments: &[A], message: &str) -> Error {
        let command = arguments
            .iter()
            .map(|argument| argument.as_ref().to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ");
        let message = message
            .trim()
            .trim_start_matches("fatal: ")
            .trim_start_matches("error: ")
            .to_owned();
        Error::Git {
            folder: self.top.clone(),
            command,
            message,
        }
    }
}
