//! The vulnerabilities: what is read of them, and which releases are compared.

use crate::bench::packages::{self, Pythons};
use crate::pythons::Python;
use crate::shell::{self, Result};
use serde_json::Value;
use std::path::PathBuf;

/// A published vulnerability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its name here.
    pub id: String,
    /// Its number.
    pub cve: String,
    /// Number of its class.
    pub cwe: String,
    /// Name of the package for pip.
    pub package: String,
    /// The release that fixed it.
    pub fixed: String,
    /// The release before that.
    pub vulnerable: String,
    /// The Python that it is for.
    pub python: String,
    /// What the package needs.
    pub requires: Vec<String>,
    /// What the fix changed, `path::qualname`.
    pub changed: Vec<String>,
    /// What is exposed, in short words.
    pub kind: String,
    /// Statements that print the outcome; for people and for `--verify`, never for the tool.
    pub witness: String,
    /// How long they may take, in seconds.
    pub limit: u64,
    /// What they print with the fixed release.
    pub fixed_out: String,
    /// What they print with the vulnerable one.
    pub vulnerable_out: String,
    /// How many functions differ between the two.
    pub size: u64,
}

/// Where the two releases of an entry lie, and what runs them.
#[derive(Clone, Debug)]
pub struct Place {
    /// An interpreter with what the package needs.
    pub python: PathBuf,
    /// The fixed release.
    pub fixed: PathBuf,
    /// The vulnerable one.
    pub vulnerable: PathBuf,
}

impl Entry {
    /// Downloads what is not there yet.
    pub fn placed(&self, pythons: &Pythons) -> Result<Place> {
        let python: &Python = pythons
            .of(&self.python)
            .ok_or_else(|| format!("no Python {} here", self.python))?;
        let release = |version: &str| packages::installed(python, &format!("{}=={version}", self.package));
        Ok(Place {
            python: packages::environment(python, &self.requires)?,
            fixed: release(&self.fixed)?,
            vulnerable: release(&self.vulnerable)?,
        })
    }

    /// Whether one check serves both.
    pub fn is_same_pair(&self, other: &Self) -> bool {
        let key = |entry: &Self| {
            let Self {
                package,
                fixed,
                vulnerable,
                python,
                requires,
                ..
            } = entry.clone();
            (package, fixed, vulnerable, python, requires)
        };
        key(self) == key(other)
    }
}

/// Reads the entries, but for those whose name has not `only` in it.
pub fn read(pythons: &Pythons, only: Option<&str>) -> Result<Vec<Entry>> {
    let file = shell::root().join("benches/exposures/cves.toml");
    let entries = packages::table(pythons, &file, "exposure")?;
    let wanted = |entry: &Entry| only.is_none_or(|word| entry.id.contains(word) || entry.cve.contains(word));
    Ok(entries.iter().map(entry).filter(wanted).collect())
}

fn entry(value: &Value) -> Entry {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let list = |name: &str| {
        let items = value[name].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    Entry {
        id: text("id"),
        cve: text("cve"),
        cwe: text("cwe"),
        package: text("package"),
        fixed: text("fixed"),
        vulnerable: text("vulnerable"),
        python: text("python"),
        requires: list("requires"),
        changed: list("changed"),
        kind: text("kind"),
        witness: text("witness"),
        limit: value["limit_s"].as_u64().unwrap_or(30),
        fixed_out: text("fixed_out").trim().to_owned(),
        vulnerable_out: text("vulnerable_out").trim().to_owned(),
        size: value["functions_changed"].as_u64().unwrap_or_default(),
    }
}
