//! `cargo xtask bench NAME`: where the figures in the README come from.

mod algorithms;

use crate::shell::{self, Result};
use std::path::PathBuf;
use std::process::Command;

/// A bench: its name, and what runs it with the arguments after `--`.
type Bench = (&'static str, fn(&[&str]) -> Result<()>);

const BENCHES: [Bench; 1] = [("algorithms", algorithms::run)];

/// Runs the bench that is named.
pub fn run(arguments: &[&str]) -> Result<()> {
    let (name, rest) = arguments
        .split_first()
        .ok_or_else(|| format!("which bench? One of: {}", names()))?;
    let (_, bench) = BENCHES
        .iter()
        .find(|(known, _)| known == name)
        .ok_or_else(|| format!("there is no bench `{name}`; there is: {}", names()))?;
    bench(rest.strip_prefix(&["--"]).unwrap_or(rest))
}

/// Names of all benches.
pub fn names() -> String {
    BENCHES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// Builds the release binary and gives its path.
fn release_binary() -> Result<PathBuf> {
    shell::run(shell::cargo().args(["build", "--release", "-p", "counterproof"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(shell::target, |folder| shell::root().join(folder));
    Ok(target.join("release/counterproof"))
}

/// A check whose cache is empty and its own.
fn check(binary: &PathBuf) -> Result<Command> {
    let cache = shell::target().join("bench-cache");
    shell::remove_folder(&cache)?;
    let mut command = Command::new(binary);
    command
        .current_dir(shell::root())
        .env("COUNTERPROOF_CACHE", cache)
        .args(["check", "--no-cache", "--format", "json"]);
    Ok(command)
}

/// CPU seconds of all children that have ended and were waited for, and of their children. Only Linux tells.
fn children_cpu_seconds() -> Option<f64> {
    // The kernel counts in ticks of 1/100 s for user space, on every architecture.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may hold blanks; it ends at the last bracket.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    // Fields 16 and 17 of the whole line, cutime and cstime; the line here begins with field 3.
    Some((ticks(13)? + ticks(14)?) / TICKS)
}
