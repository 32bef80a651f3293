//! The vulnerabilities: what is read of them.

use crate::bench::packages::{self, Pythons, Releases};
use crate::shell::{self, Result};
use serde_json::Value;

/// A published vulnerability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its name here.
    pub id: String,
    /// Its number.
    pub cve: String,
    /// Number of its class.
    pub cwe: String,
    /// The release that fixed it, and the one before as head.
    pub releases: Releases,
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

/// Reads the entries, but for those whose name has not `only` in it.
pub fn read(pythons: &Pythons, only: Option<&str>) -> Result<Vec<Entry>> {
    let file = shell::root().join("benches/exposures/cves.toml");
    let entries = packages::table(pythons, &file, "exposure")?;
    let wanted = |entry: &Entry| only.is_none_or(|word| entry.id.contains(word) || entry.cve.contains(word));
    Ok(entries.iter().map(entry).filter(wanted).collect())
}

fn entry(value: &Value) -> Entry {
    let text = |name: &str| packages::text(value, name);
    Entry {
        id: text("id"),
        cve: text("cve"),
        cwe: text("cwe"),
        releases: Releases::read(value, "fixed", "vulnerable"),
        changed: packages::list(value, "changed"),
        kind: text("kind"),
        witness: text("witness"),
        limit: value["limit_s"].as_u64().unwrap_or(30),
        fixed_out: text("fixed_out").trim().to_owned(),
        vulnerable_out: text("vulnerable_out").trim().to_owned(),
        size: value["functions_changed"].as_u64().unwrap_or_default(),
    }
}
