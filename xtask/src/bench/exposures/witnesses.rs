//! `--verify`: whether each witness still tells the two releases apart as it is written down.

use super::entries::Entry;
use crate::bench::checking::{drained, watch};
use crate::bench::packages::Pythons;
use crate::bench::summary::Summary;
use crate::shell::{self, Result};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Runs all witnesses. One that does not print what was written down makes the command fail.
pub fn verify(entries: &[Entry], pythons: &Pythons) -> Result<Summary> {
    let mut holds = 0;
    for entry in entries {
        let complaints = complaints(entry, pythons).unwrap_or_else(|error| vec![error]);
        holds += usize::from(complaints.is_empty());
        let verdict = if complaints.is_empty() {
            "holds"
        } else {
            "does not hold"
        };
        println!("{:<38} {:<17} {verdict}", entry.id, entry.cve);
        complaints.iter().for_each(|complaint| println!("    {complaint}"));
    }
    let mut summary = Summary::default();
    summary.judge(
        "witnesses that print what is written down, on both releases",
        format!("{holds} of {}", entries.len()),
        "all",
        holds == entries.len(),
    );
    if holds < entries.len() {
        summary.fail(format!("{} witnesses do not hold", entries.len() - holds));
    }
    Ok(summary)
}

/// What is not as written down.
fn complaints(entry: &Entry, pythons: &Pythons) -> Result<Vec<String>> {
    let place = entry.releases.placed(pythons)?;
    let mut complaints = Vec::new();
    for (side, release, expected) in [
        ("fixed", &place.base, &entry.fixed_out),
        ("vulnerable", &place.head, &entry.vulnerable_out),
    ] {
        let outcome = outcome(entry, &place.python, release)?;
        if outcome != *expected {
            complaints.push(format!("{side}: {outcome:?} instead of {expected:?}"));
        }
    }
    Ok(complaints)
}

/// What the witness prints with one release, in a fresh process and a fresh folder.
fn outcome(entry: &Entry, python: &Path, release: &Path) -> Result<String> {
    let folder = shell::target().join("bench/exposures");
    let (witness, work) = (folder.join("witness.txt"), folder.join("work"));
    shell::remove_folder(&folder)?;
    shell::make_folder(&work)?;
    shell::write(&witness, &entry.witness)?;
    let mut command = Command::new(python);
    command
        .arg("-s")
        .arg(shell::root().join("benches/exposures/witness.py"))
        .args([&witness, release])
        .current_dir(&work)
        .env_remove("PYTHONPATH")
        .envs([("PYTHONHASHSEED", "0"), ("PYTHONDONTWRITEBYTECODE", "1")])
        .envs([("PYTHONUTF8", "1"), ("TZ", "UTC"), ("NO_COLOR", "1")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    let (stdout, stderr) = (drained(child.stdout.take()), drained(child.stderr.take()));
    let ended = watch(&mut child, Duration::from_secs(entry.limit));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    let (stdout, stderr) = (
        text(stdout.join().unwrap_or_default()),
        text(stderr.join().unwrap_or_default()),
    );
    if ended.is_err() {
        return Ok("timeout".to_owned());
    }
    match child.wait() {
        Ok(status) if status.success() => Ok(stdout),
        _ => Err(format!(
            "the witness failed: {}",
            stderr.lines().last().unwrap_or_default()
        )),
    }
}
