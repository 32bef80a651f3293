//! The interpreter of the checked project: found, asked once what it is, and remembered.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

/// Oldest version that the harness runs on.
pub const OLDEST: (u32, u32) = (3, 8);

/// What an interpreter says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// The program itself, not a shim in front of it.
    pub executable: Utf8PathBuf,
    /// For example `3.11.7`.
    pub version: String,
    /// For example `cpython`.
    pub implementation: String,
    /// Folders that it and its packages live in.
    pub prefixes: Vec<Utf8PathBuf>,
    /// Folders that installed packages are in.
    pub packages: Vec<Utf8PathBuf>,
    /// Base folder of packages installed for the user alone, when those are in use.
    pub user_base: Option<Utf8PathBuf>,
    /// How it was chosen, for the reader: `--python`, `.venv`, `python3 on PATH`.
    pub chosen: String,
}

/// Why there is no interpreter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInterpreter {
    /// None was found.
    #[error("no Python was found (looked for {0}); install Python 3.9 or later, or name one with --python PATH")]
    NotFound(String),
    /// The one that was named does not run.
    #[error("{0} does not run as Python: {1}; name another with --python PATH")]
    Broken(String, String),
    /// Too old.
    #[error("{executable} is Python {version}; 3.9 or later is needed: name one with --python PATH")]
    TooOld {
        /// The program.
        executable: String,
        /// Its version.
        version: String,
    },
}

/// A place to look for an interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Path or bare name.
    pub program: Utf8PathBuf,
    /// How it was come by.
    pub chosen: String,
    /// Whether the user named it, so that another must not be taken in its place.
    pub named: bool,
}

/// Where to look, in order: the named one, the active environment, the project's own, then `PATH`.
pub fn candidates(named: Option<&Utf8Path>, active: Option<&Utf8Path>, project: &Utf8Path) -> Vec<Candidate> {
    let mut found = Vec::new();
    if let Some(program) = named {
        return vec![Candidate {
            program: program.to_owned(),
            chosen: "--python".to_owned(),
            named: true,
        }];
    }
    if let Some(active) = active {
        found.push(Candidate {
            program: active.join("bin/python"),
            chosen: "the active environment".to_owned(),
            named: false,
        });
    }
    // uv and, when told to, poetry keep a project's environment in `.venv`.
    for folder in [".venv", "venv", "env"] {
        let program = project.join(folder).join("bin/python");
        if program.exists() {
            found.push(Candidate {
                program,
                chosen: format!("the project's {folder}"),
                named: false,
            });
        }
    }
    if project.join("poetry.lock").exists()
        && let Some(program) = poetry(project)
    {
        found.push(Candidate {
            program,
            chosen: "poetry's environment".to_owned(),
            named: false,
        });
    }
    for name in ["python3", "python"] {
        found.push(Candidate {
            program: name.into(),
            chosen: format!("{name} on PATH"),
            named: false,
        });
    }
    found
}

/// Poetry keeps environments outside the project and knows where.
fn poetry(project: &Utf8Path) -> Option<Utf8PathBuf> {
    let output = Command::new("poetry")
        .args(["env", "info", "--executable", "--no-interaction"])
        .current_dir(project)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    let path = Utf8PathBuf::from(path.trim());
    (output.status.success() && path.exists()).then_some(path)
}

const QUESTION: &str = r"
import json, site, sys, sysconfig
paths = sysconfig.get_paths()
prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, paths['stdlib'], paths['platstdlib']}
packages = {paths['purelib'], paths['platlib']}
try:
    packages.update(site.getsitepackages())
except Exception:
    pass
user = None
if site.ENABLE_USER_SITE:
    user = site.getuserbase()
    packages.add(site.getusersitepackages())
print(json.dumps({
    'executable': sys.executable, 'version': '.'.join(map(str, sys.version_info[:3])),
    'implementation': sys.implementation.name, 'prefixes': sorted(prefixes), 'packages': sorted(packages),
    'user_base': user, 'chosen': '',
}))
";

/// Asks a candidate what it is.
///
/// # Errors
/// When it does not run or is too old.
pub fn ask(candidate: &Candidate) -> Result<Interpreter, NoInterpreter> {
    let program = candidate.program.as_str();
    let broken = |why: String| NoInterpreter::Broken(program.to_owned(), why);
    if candidate.program.is_dir() {
        return Err(broken(format!(
            "it is a folder, its program may be {program}/bin/python"
        )));
    }
    let output = Command::new(program)
        .args(["-B", "-c", QUESTION])
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .env_remove("PYTHONSTARTUP")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| broken(error.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last_error = || {
        String::from_utf8_lossy(&output.stderr)
            .lines()
            .last()
            .unwrap_or("it printed nothing")
            .to_owned()
    };
    if !output.status.success() {
        // Python 2 stumbles over the question itself.
        return Err(broken(last_error()));
    }
    let mut interpreter: Interpreter =
        serde_json::from_str(text.lines().last().unwrap_or_default()).map_err(|_| broken(last_error()))?;
    candidate.chosen.clone_into(&mut interpreter.chosen);
    let mut numbers = interpreter
        .version
        .split('.')
        .filter_map(|part| part.parse::<u32>().ok());
    if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < OLDEST {
        return Err(NoInterpreter::TooOld {
            executable: program.to_owned(),
            version: interpreter.version,
        });
    }
    Ok(interpreter)
}

/// The first candidate that works.
///
/// # Errors
/// When none does; what the user named is not replaced by another.
pub fn find(candidates: &[Candidate]) -> Result<Interpreter, NoInterpreter> {
    let mut first_failure = None;
    for candidate in candidates {
        match ask(candidate) {
            Ok(interpreter) => return Ok(interpreter),
            Err(error) if candidate.named => return Err(error),
            Err(error @ NoInterpreter::TooOld { .. }) => first_failure = first_failure.or(Some(error)),
            Err(_) => {}
        }
    }
    let looked: Vec<&str> = candidates.iter().map(|candidate| candidate.program.as_str()).collect();
    Err(first_failure.unwrap_or_else(|| NoInterpreter::NotFound(looked.join(", "))))
}

impl Interpreter {
    /// Names of the installed distributions with their versions, sorted: part of what evidence depends on.
    pub fn distributions(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .packages
            .iter()
            .filter_map(|folder| folder.read_dir_utf8().ok())
            .flatten()
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_owned())
            .filter(|name| {
                [".dist-info", ".egg-info", ".egg-link", ".pth"]
                    .iter()
                    .any(|ending| name.ends_with(ending))
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_named_is_not_replaced() {
        let candidates = candidates(Some("/nowhere/python".into()), Some("/env".into()), ".".into());
        assert_eq!(candidates.len(), 1);
        assert!(matches!(find(&candidates), Err(NoInterpreter::Broken(..))));
    }

    #[test]
    fn the_active_environment_goes_before_the_path() {
        let programs: Vec<_> = candidates(None, Some("/env".into()), "/nowhere".into())
            .into_iter()
            .map(|it| it.program)
            .collect();
        assert_eq!(programs, ["/env/bin/python", "python3", "python"]);
    }
}
