//! `cargo xtask bench guard`: what an agent waits for, and how many judgements a process gives.

use super::binary;
use super::machine::children_cpu;
use super::options::Options;
use super::summary::{Summary, median};
use crate::guard_corpus;
use crate::shell::{self, Result};
use ::guard::{NoFiles, Surroundings};
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// What it takes.
pub const USAGE: &str = "\
  --rounds N          times that the hook is asked (60)
  --times N           how often the corpus is judged in one process (20)";

/// Measures everything.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = binary(options)?;
    let (rounds, times) = (options.number("rounds", 60_usize)?, options.number("times", 20_usize)?);
    options.done()?;
    let mut summary = Summary::default();
    let event = json!({
        "session_id": "bench", "cwd": shell::root(), "hook_event_name": "PreToolUse", "tool_name": "Bash",
        "tool_input": {"command": "git push --force origin main"},
    });
    let hook = cost(
        &binary,
        &["hook", "before-tool", "claude-code"],
        &event.to_string(),
        rounds,
    )?;
    let empty = cost(Path::new("true"), &[], "", rounds)?;
    summary.judge(
        "the hook in a new process, from start to answer",
        format!("{hook:.1} ms of CPU, where an empty process takes {empty:.1} ms"),
        "4 ms",
        hook <= 4.0,
    );
    let corpus = guard_corpus::read()?;
    let place = Surroundings {
        home: "/home/ada".to_owned(),
        branch: Some("feature".to_owned()),
        default_branch: Some("main".to_owned()),
        ..Surroundings::bare("/work/shop", &NoFiles)
    };
    let started = Instant::now();
    let mut agree = 0;
    for _ in 0..times {
        let judged = corpus
            .iter()
            .map(|one| ::guard::command(&one.command, &place).decision.word() == one.decision);
        agree = judged.filter(|agrees| *agrees).count();
    }
    let rate = (corpus.len() * times) as f64 / started.elapsed().as_secs_f64();
    summary.judge(
        "judgements a second in one process, by one thread",
        format!("{rate:.0}"),
        "100000 (built for release)",
        rate >= 100_000.0,
    );
    let benign = corpus.iter().filter(|one| one.decision == "allow").count();
    summary.judge(
        format!("labelled commands, {benign} of them to be allowed, that are judged as their labels say"),
        format!("{agree} of {}", corpus.len()),
        "all",
        agree == corpus.len(),
    );
    Ok(summary)
}

/// Runs a command on this input, and gives what it prints.
fn fed(command: &mut Command, input: &str) -> Result<String> {
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| error.to_string())?;
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        child.wait_with_output()
    });
    let output = output.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Milliseconds of CPU of a run, in the middle.
fn cost(program: &Path, arguments: &[&str], input: &str, rounds: usize) -> Result<f64> {
    let mut all = Vec::new();
    for _ in 0..rounds {
        let before = children_cpu()?;
        fed(Command::new(program).args(arguments), input)?;
        all.push((children_cpu()? - before).as_secs_f64() * 1e3);
    }
    Ok(median(all))
}
