//! Running git: never a pager, a prompt, a lock or a monitor, and always the same language.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
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
pub(super) struct Git {
    top: PathBuf,
    variables: Vec<(&'static str, OsString)>,
}

impl Git {
    /// The repository that `folder` is in.
    pub fn discover(folder: &Path) -> Result<Self, Error> {
        let git = Self {
            top: folder.to_owned(),
            variables: Vec::new(),
        };
        if !folder.is_dir() {
            return Err(Error::NotAFolder {
                path: folder.to_owned(),
            });
        }
        let output = git.output(&["rev-parse", "--is-bare-repository", "--show-cdup"])?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(match message {
                text if text.contains("dubious ownership") => Error::OtherOwner {
                    folder: folder.to_owned(),
                },
                text if text.contains("not a git repository") => Error::NotARepository {
                    folder: folder.to_owned(),
                },
                text => git.failure(&["rev-parse"], &text),
            });
        }
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = answer.lines();
        if lines.next() == Some("true") || git.text(&["rev-parse", "--is-inside-work-tree"])? != "true" {
            return Ok(git);
        }
        let top = folder.join(lines.next().unwrap_or_default());
        Ok(Self {
            top: top.canonicalize().map_err(Error::io(&top))?,
            ..git
        })
    }

    /// The top of the working tree; of a bare repository, its folder.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// Whether there is a working tree.
    pub fn has_working_tree(&self) -> Result<bool, Error> {
        Ok(self.text(&["rev-parse", "--is-inside-work-tree"])? == "true")
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
