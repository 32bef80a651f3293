//! Real packages for the benches: downloaded once, below `target/`, none committed.

use crate::environment::pip;
use crate::pythons::{self, Python};
use crate::shell::{self, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where everything lies that benches download.
fn folder() -> PathBuf {
    shell::target().join("bench-packages")
}

/// The interpreters of this machine, the usual one first.
pub struct Pythons(Vec<Python>);

impl Pythons {
    /// Looks for them.
    pub fn find() -> Result<Self> {
        pythons::all().map(Self)
    }

    /// All of them.
    pub fn all(&self) -> &[Python] {
        &self.0
    }

    /// The one of a version given as `3.11`.
    pub fn of(&self, version: &str) -> Option<&Python> {
        self.0
            .iter()
            .find(|python| version == format!("{}.{}", python.version.0, python.version.1))
    }

    /// The usual one, or another one that is at least this new.
    pub fn at_least(&self, version: (u32, u32)) -> Result<&Python> {
        self.0
            .iter()
            .find(|python| python.version >= version)
            .ok_or_else(|| format!("no Python {}.{} or later was found", version.0, version.1))
    }
}

/// The interpreter of a virtual environment with these requirements and nothing else, made once.
pub fn environment(python: &Python, requirements: &[String]) -> Result<PathBuf> {
    let place = folder().join("environments").join(name(python, requirements));
    let interpreter = place.join("bin/python");
    once(&place, |place| {
        shell::output(Command::new(&python.path).args(["-m", "venv"]).arg(place))?;
        if requirements.is_empty() {
            return Ok(());
        }
        shell::output(pip(&place.join("bin/python"), &["install"]).args(requirements)).map(drop)
    })?;
    Ok(interpreter)
}

/// A release without its dependencies, installed into a folder of its own by the given interpreter.
pub fn installed(python: &Python, release: &str) -> Result<PathBuf> {
    let requirement = vec![release.to_owned()];
    let place = folder().join("releases").join(name(python, &requirement));
    once(&place, |place| {
        let mut command = pip(&python.path, &["install", "--no-deps", "--no-compile"]);
        shell::output(command.arg("--target").arg(place).arg(release)).map(drop)
    })?;
    Ok(place)
}

/// A folder's name for an interpreter and some requirements.
fn name(python: &Python, requirements: &[String]) -> String {
    let plain = |text: &str| {
        text.chars()
            .map(|letter| {
                if letter.is_ascii_alphanumeric() || ".-_".contains(letter) {
                    letter
                } else {
                    '-'
                }
            })
            .collect::<String>()
    };
    let version = format!("py{}.{}", python.version.0, python.version.1);
    let mut parts: Vec<String> = requirements.iter().map(|text| plain(text)).collect();
    parts.sort();
    parts.insert(0, version);
    parts.join("+")
}

/// Makes a folder unless it was made to its end before. Environments hold their own path, so that they are made in place.
pub fn once(place: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let mut mark = place.as_os_str().to_owned();
    mark.push(".done");
    let mark = PathBuf::from(mark);
    if mark.is_file() && place.is_dir() {
        return Ok(());
    }
    shell::remove_folder(place)?;
    shell::make_folder(place)?;
    make(place)?;
    shell::write(&mark, "")
}

/// One table of a TOML file, which is a list there.
pub fn table(pythons: &Pythons, file: &Path, name: &str) -> Result<Vec<Value>> {
    let mut command = Command::new(&pythons.at_least((3, 11))?.path);
    command.arg(shell::root().join("benches/table.py")).arg(file).arg(name);
    serde_json::from_str(&shell::output(&mut command)?).map_err(|error| format!("{}: {error}", file.display()))
}

/// A text of a table's entry.
pub fn text(entry: &Value, name: &str) -> String {
    entry[name].as_str().unwrap_or_default().to_owned()
}

/// A list of texts of a table's entry.
pub fn list(entry: &Value, name: &str) -> Vec<String> {
    let items = entry[name].as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Two releases of a package that are compared: one check serves all that is known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Releases {
    /// Name of the package for pip.
    pub package: String,
    /// The version that is the base.
    pub base: String,
    /// The version that is the head.
    pub head: String,
    /// The Python that they are for.
    pub python: String,
    /// What the package needs.
    pub requires: Vec<String>,
}

/// Where two releases lie, and what runs them.
#[derive(Clone, Debug)]
pub struct Placed {
    /// An interpreter with what the package needs.
    pub python: PathBuf,
    /// The base.
    pub base: PathBuf,
    /// The head.
    pub head: PathBuf,
}

impl Releases {
    /// Reads them from a table's entry, whose fields name the versions so.
    pub fn read(entry: &Value, base: &str, head: &str) -> Self {
        Self {
            package: text(entry, "package"),
            base: text(entry, base),
            head: text(entry, head),
            python: text(entry, "python"),
            requires: list(entry, "requires"),
        }
    }

    /// Downloads what is not there yet.
    pub fn placed(&self, pythons: &Pythons) -> Result<Placed> {
        let python = pythons
            .of(&self.python)
            .ok_or_else(|| format!("no Python {} here", self.python))?;
        let release = |version: &str| installed(python, &format!("{}=={version}", self.package));
        Ok(Placed {
            python: environment(python, &self.requires)?,
            base: release(&self.base)?,
            head: release(&self.head)?,
        })
    }
}

/// Copies a folder, but for what is compiled and, where it says so, the package's own tests.
pub fn copy(from: &Path, to: &Path, with_tests: bool) -> Result<()> {
    shell::make_folder(to)?;
    let told = |error: std::io::Error| format!("{} cannot be copied: {error}", from.display());
    for entry in std::fs::read_dir(from).map_err(told)? {
        let entry = entry.map_err(told)?;
        let (path, name) = (entry.path(), entry.file_name());
        let is_test = name == "tests" || name == "test";
        if name == "__pycache__" || (is_test && !with_tests) {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name), with_tests)?;
        } else {
            std::fs::copy(&path, to.join(name)).map_err(told)?;
        }
    }
    Ok(())
}

/// A small generator of numbers, so that a seed gives the same choice on every machine (SplitMix64).
pub struct Seeded(pub u64);

impl Seeded {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `most`, which is not zero.
    pub fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap_or_default()
    }

    /// Brings a list into an order of chance.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}
