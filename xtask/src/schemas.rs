//! `cargo xtask schemas`: the published JSON Schemas, written by the binary itself.

use crate::shell::{self, Result};

/// What `counterproof schema` calls a format, and the file it is published as.
const PUBLISHED: [(&str, &str); 8] = [
    ("report", "check-report.schema.json"),
    ("config", "counterproof-toml.schema.json"),
    ("replay", "replay-report.schema.json"),
    ("doctor", "doctor-report.schema.json"),
    ("verdict", "verdict.schema.json"),
    ("gate-input", "gate-input.schema.json"),
    ("attribution", "attribution-report.schema.json"),
    ("trend", "trend.schema.json"),
];

/// Writes all of them anew.
pub fn run() -> Result<()> {
    for (format, file) in PUBLISHED {
        let schema =
            shell::output(shell::cargo().args(["run", "--quiet", "-p", "counterproof", "--", "schema", format]))?;
        shell::write(&shell::root().join("schemas").join(file), &schema)?;
        shell::say(&format!("schemas/{file}"));
    }
    Ok(())
}
