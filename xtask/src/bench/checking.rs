//! One run of `counterproof check`, watched.

use super::machine::children_cpu_seconds;
use crate::shell::{self, Result};
use model::report::CheckReport;
use serde::de::DeserializeOwned;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a check may go on past its budget before it counts as hung, in seconds.
const PATIENCE: u64 = 60;
/// How often a running check is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// A way to run checks: a binary, an interpreter, a budget.
#[derive(Clone, Debug)]
pub struct Checker {
    /// The program.
    pub binary: PathBuf,
    /// The interpreter for `--python`.
    pub python: PathBuf,
    /// The budget of a check, in seconds.
    pub seconds: u64,
    /// Further arguments.
    pub more: Vec<String>,
}

/// What one run gave. The report is raw where it may say more than this version of its type knows.
#[derive(Debug)]
pub struct Ran<R = CheckReport> {
    /// The report.
    pub report: R,
    /// Wall time in seconds.
    pub wall: f64,
    /// CPU seconds of all its processes, where the system tells.
    pub cpu: Option<f64>,
    /// The most memory of the Rust process in MB, where the system tells.
    pub peak: Option<f64>,
}

impl Checker {
    /// Compares two folders, on no earlier evidence.
    pub fn trees<R: DeserializeOwned>(&self, base: &Path, head: &Path) -> Result<Ran<R>> {
        let mut command = self.command();
        command.current_dir(shell::root());
        command.arg("--no-cache").arg("--trees").args([base, head]);
        self.run(&mut command)
    }

    /// A check with everything but what is to be compared.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .env("COUNTERPROOF_CACHE", cache())
            .args([
                "check",
                "--tests",
                "off",
                "--format",
                "json",
                "--budget",
                &format!("{}s", self.seconds),
            ])
            .arg("--python")
            .arg(&self.python)
            .args(&self.more);
        command
    }

    /// Runs a check and reads its report. One that does not end is killed, and told.
    pub fn run<R: DeserializeOwned>(&self, command: &mut Command) -> Result<Ran<R>> {
        let (cpu, started) = (children_cpu_seconds(), Instant::now());
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", self.binary.display()))?;
        let (stdout, stderr) = (drained(child.stdout.take()), drained(child.stderr.take()));
        let peak = watch(&mut child, Duration::from_secs(self.seconds + PATIENCE))?;
        let wall = started.elapsed().as_secs_f64();
        let (stdout, stderr) = (stdout.join().unwrap_or_default(), stderr.join().unwrap_or_default());
        let cpu = children_cpu_seconds().zip(cpu).map(|(after, before)| after - before);
        let complaint = String::from_utf8_lossy(&stderr);
        if complaint.contains("panicked at") {
            return Err(format!("it panicked: {}", last_lines(&complaint)));
        }
        let report = serde_json::from_slice(&stdout)
            .map_err(|error| format!("no report ({error}): {}", last_lines(&complaint)))?;
        Ok(Ran {
            report,
            wall,
            cpu,
            peak,
        })
    }
}

/// The cache of the benches: never the user's own.
pub fn cache() -> PathBuf {
    shell::target().join("bench-cache")
}

/// Reads a pipe to its end, beside everything else.
pub(super) fn drained(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read until a failure is still worth showing.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}

/// Waits for the end, and gives the most memory that was seen, in MB.
pub(super) fn watch(child: &mut Child, limit: Duration) -> Result<Option<f64>> {
    let (started, status) = (Instant::now(), format!("/proc/{}/status", child.id()));
    let mut peak = None;
    loop {
        peak = peak_memory(&status).or(peak);
        match child.try_wait() {
            Ok(Some(_)) => return Ok(peak),
            Ok(None) if started.elapsed() > limit => {
                // It may have ended by itself just now.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it did not end within {} s and was killed", limit.as_secs()));
            }
            Ok(None) => std::thread::sleep(LOOK),
            Err(error) => return Err(format!("it was lost: {error}")),
        }
    }
}

/// The high-water mark of a process' memory, in MB; the kernel writes it in units of 1,024 bytes.
fn peak_memory(status: &str) -> Option<f64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let units: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(units * 1024.0 / 1e6)
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(4)..].join(" / ")
}
