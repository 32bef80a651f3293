//! The Python interpreters of this machine.

use crate::shell::{self, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest version that Counterproof supports.
const OLDEST: (u32, u32) = (3, 8);
/// The newest minor version that is looked for by name.
const NEWEST_MINOR: u32 = 15;

/// An interpreter that can be used.
#[derive(Clone, Debug)]
pub struct Python {
    /// How it is started.
    pub path: PathBuf,
    /// Major and minor version.
    pub version: (u32, u32),
    /// Its whole version.
    pub text: String,
}

/// All supported versions found, one interpreter each: the usual `python3` first, then the oldest to the newest.
pub fn all() -> Result<Vec<Python>> {
    let mut found: BTreeMap<(u32, u32), Python> = BTreeMap::new();
    let mut usual = None;
    for candidate in candidates() {
        if let Some(python) = probe(&candidate) {
            usual.get_or_insert(python.version);
            found.entry(python.version).or_insert(python);
        }
    }
    let usual = usual.ok_or("no CPython 3.8 or later was found: install one, or put it on PATH as python3")?;
    let first = found.remove(&usual);
    Ok(first.into_iter().chain(found.into_values()).collect())
}

/// Names to be looked up on PATH and installations of pyenv, the usual interpreter first.
fn candidates() -> Vec<PathBuf> {
    let mut candidates = vec![PathBuf::from("python3"), PathBuf::from("python")];
    candidates.extend((OLDEST.1..=NEWEST_MINOR).map(|minor| PathBuf::from(format!("python3.{minor}"))));
    let pyenv = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let pyenv = pyenv.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv")));
    if let Some(versions) = pyenv.and_then(|root| std::fs::read_dir(root.join("versions")).ok()) {
        let mut installed: Vec<PathBuf> = versions
            .flatten()
            .map(|entry| entry.path().join("bin/python3"))
            .collect();
        installed.sort();
        candidates.extend(installed);
    }
    candidates
}

/// Asks a candidate what it is. A shim that leads nowhere, another implementation or an old version is passed over.
pub fn probe(candidate: &Path) -> Option<Python> {
    const QUESTION: &str = "import sys, platform; \
        print(platform.python_implementation(), sys.version_info[0], sys.version_info[1], platform.python_version()); \
        print(sys.executable)";
    let answer = shell::output(Command::new(candidate).args(["-c", QUESTION])).ok()?;
    let (facts, path) = answer.trim_end().split_once('\n')?;
    let [implementation, major, minor, text] = facts.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let version = (major.parse().ok()?, minor.parse().ok()?);
    let supported = implementation == "CPython" && version >= OLDEST && !path.is_empty();
    supported.then(|| Python {
        path: PathBuf::from(path),
        version,
        text: text.to_owned(),
    })
}
