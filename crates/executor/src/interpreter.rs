//! The interpreter of the checked project: found, asked once what it is, and remembered.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

/// Most entries of linked folders that are looked at for changes.
const MOST_LINKED: usize = 50_000;

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
    /// Folders that packages were installed from in place (editable installs); they are part of it, but for the checked project.
    #[serde(default)]
    pub linked: Vec<Utf8PathBuf>,
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

/// Where to look, in order: the named one, the environments that were pointed to, the project's own, then `PATH`.
pub fn candidates(
    named: Option<&Utf8Path>,
    environments: &[(Utf8PathBuf, &str)],
    project: &Utf8Path,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    if let Some(program) = named {
        return vec![Candidate {
            program: program.to_owned(),
            chosen: "--python".to_owned(),
            named: true,
        }];
    }
    found.extend(environments.iter().map(|(folder, name)| Candidate {
        program: folder.join("bin/python"),
        chosen: (*name).to_owned(),
        named: false,
    }));
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

/// Variables that name keys or hold tokens: they are nothing to the programs that are asked here.
const SECRETS: [&str; 7] = [
    "COUNTERPROOF_RUNNER_KEY",
    "COUNTERPROOF_KEY",
    "COUNTERPROOF_KEYS",
    "COUNTERPROOF_LEDGER_KEY",
    "COUNTERPROOF_LEDGER_TOKEN",
    "COUNTERPROOF_GITHUB_TOKEN",
    "COUNTERPROOF_GITLAB_TOKEN",
];

/// Poetry keeps environments outside the project and knows where.
fn poetry(project: &Utf8Path) -> Option<Utf8PathBuf> {
    let output = Command::new("poetry")
        .envs(SECRETS.map(|name| (name, "")))
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
        .envs(SECRETS.map(|name| (name, "")))
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

/// Folders that a file or folder among the packages points to: lines of a `.pth` file, and the record of an editable install.
fn links(path: &Utf8Path) -> Vec<Utf8PathBuf> {
    let read = |path: &Utf8Path| std::fs::read_to_string(path).unwrap_or_default();
    match path.extension() {
        Some("pth") => read(path)
            .lines()
            .filter(|line| line.starts_with('/'))
            .map(|line| Utf8PathBuf::from(line.trim_end()))
            .collect(),
        Some("dist-info") => {
            let record: serde_json::Value =
                serde_json::from_str(&read(&path.join("direct_url.json"))).unwrap_or_default();
            let editable = record["dir_info"]["editable"] == true;
            let folder = record["url"].as_str().and_then(|url| url.strip_prefix("file://"));
            folder.filter(|_| editable).map(unquoted).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// A path without the percent signs of an address.
fn unquoted(text: &str) -> Utf8PathBuf {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code
            .and_then(|code| u8::from_str_radix(code, 16).ok())
            .filter(|_| *first == b'%')
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned().into()
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
    /// Looks for packages that were installed in place, outside of `project`: what is in there belongs to both versions alike.
    #[must_use]
    pub fn with_links(mut self, project: &Utf8Path) -> Self {
        let project = project.canonicalize_utf8().unwrap_or_else(|_| project.to_owned());
        let entries = self.packages.iter().filter_map(|folder| folder.read_dir_utf8().ok());
        let found = entries
            .flatten()
            .filter_map(Result::ok)
            .flat_map(|entry| links(entry.path()));
        let mut linked: Vec<Utf8PathBuf> = found
            .filter_map(|folder| folder.canonicalize_utf8().ok())
            .filter(|folder| folder.is_dir() && !folder.starts_with(&project) && !project.starts_with(folder))
            .collect();
        linked.sort();
        linked.dedup();
        self.linked = linked;
        self
    }

    /// Changes whenever a Python file of a package that was installed in place does.
    pub fn state_of_links(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut open = self.linked.clone();
        let mut left = MOST_LINKED;
        while let Some(folder) = open.pop() {
            let mut entries: Vec<_> = folder.read_dir_utf8().into_iter().flatten().flatten().collect();
            entries.sort_by(|a, b| a.file_name().cmp(b.file_name()));
            for entry in entries {
                let Ok(data) = entry.metadata() else { continue };
                if data.is_dir() && !entry.file_name().starts_with('.') && entry.file_name() != "node_modules" {
                    open.push(entry.path().to_owned());
                } else if entry.file_name().ends_with(".py") {
                    hasher.update(entry.path().as_str().as_bytes());
                    hasher.update(format!("{:?} {}", data.modified().ok(), data.len()).as_bytes());
                }
                left -= 1;
                if left == 0 {
                    return hasher.finalize().to_hex().to_string();
                }
            }
        }
        hasher.finalize().to_hex().to_string()
    }

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
        let candidates = candidates(
            Some("/nowhere/python".into()),
            &[("/env".into(), "the active environment")],
            ".".into(),
        );
        assert_eq!(candidates.len(), 1);
        assert!(matches!(find(&candidates), Err(NoInterpreter::Broken(..))));
    }

    #[test]
    fn the_active_environment_goes_before_the_path() {
        let programs: Vec<_> = candidates(None, &[("/env".into(), "the active environment")], "/nowhere".into())
            .into_iter()
            .map(|it| it.program)
            .collect();
        assert_eq!(programs, ["/env/bin/python", "python3", "python"]);
    }
}
