//! `cargo xtask bench guard`: what an agent waits for, how many judgements a process gives, and the same of another guard.

mod another;

use super::binary;
use super::machine::{children_cpu, own_cpu};
use super::options::Options;
use super::summary::{Summary, median};
use crate::guard_corpus::{self, Labelled};
use crate::shell::{self, Result};
use ::guard::{NoFiles, Surroundings};
use another::Another;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What it takes.
pub const USAGE: &str = "\
  --rounds N          times that each hook is asked (60)
  --times N           how often the corpus is judged in one process (20)
  --sample N          lines of each kind that the other guard is asked about (60)";

/// A program that answers an event of Claude Code on its standard input.
struct Hook {
    program: PathBuf,
    arguments: Vec<String>,
    /// Variables that keep what it writes out of the user's own folders.
    variables: Vec<(&'static str, PathBuf)>,
}

impl Hook {
    /// Asks it in a new process, and gives what it prints.
    fn ask(&self, event: &Value) -> Result<String> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.variables.iter().cloned());
        fed(&mut command, &event.to_string())
    }
}

/// Measures everything.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = binary(options)?;
    let (rounds, times) = (options.number("rounds", 60_usize)?, options.number("times", 20_usize)?);
    let sample = options.number("sample", 60_usize)?;
    options.done()?;
    let mut summary = Summary::default();
    let corpus = guard_corpus::read()?;
    let other = Another::set_up()?;
    cold(&mut summary, &binary, &other, rounds)?;
    in_one_process(&mut summary, &corpus, times)?;
    other.compare(&mut summary, &corpus, sample)?;
    Ok(summary)
}

/// The folder of everything that the bench makes.
fn folder() -> PathBuf {
    shell::target().join("bench-guard")
}

/// An event of Claude Code.
fn event(line: &str, at: &Path) -> Value {
    json!({
        "session_id": "bench", "transcript_path": "", "cwd": at, "permission_mode": "default",
        "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": line}, "tool_use_id": "bench",
    })
}

/// What the hooks cost in a new process, each asked in turn, so that what else the machine does meets them alike.
fn cold(summary: &mut Summary, binary: &Path, other: &Another, rounds: usize) -> Result<()> {
    let state = folder().join("state");
    shell::remove_folder(&state)?;
    let ours = Hook {
        program: binary.to_owned(),
        arguments: ["hook", "before-tool", "claude-code"].map(str::to_owned).to_vec(),
        variables: vec![("COUNTERPROOF_STATE", state.clone())],
    };
    let empty = Hook {
        program: PathBuf::from("true"),
        arguments: Vec::new(),
        variables: Vec::new(),
    };
    let hooks: Vec<&Hook> = [&ours, &empty].into_iter().chain(other.hook()).collect();
    let event = event("git push --force origin main", shell::root());
    let mut all = vec![Vec::new(); hooks.len()];
    for _ in 0..rounds {
        for (hook, costs) in hooks.iter().zip(&mut all) {
            let before = children_cpu()?;
            hook.ask(&event)?;
            costs.push((children_cpu()? - before).as_secs_f64() * 1e3);
        }
    }
    shell::remove_folder(&state)?;
    let middle: Vec<f64> = all.into_iter().map(median).collect();
    let (hook, empty) = (middle[0], middle[1]);
    summary.judge(
        "the hook in a new process, from start to answer",
        format!("{hook:.1} ms of CPU, where an empty process takes {empty:.1} ms"),
        "4 ms",
        hook <= 4.0,
    );
    match middle.get(2) {
        Some(cost) => summary.judge(
            format!("the hook of {} in the same run, in turns", other.name()),
            format!("{cost:.1} ms of CPU, {:.0} times ours", cost / hook),
            "at least 15 times ours",
            cost / hook >= 15.0,
        ),
        None => summary.tell(format!("the hook of {} in the same run", other.name()), other.why_not()),
    }
    Ok(())
}

/// How fast the corpus is judged without processes, and whether as its labels say.
fn in_one_process(summary: &mut Summary, corpus: &[Labelled], times: usize) -> Result<()> {
    let place = Surroundings {
        home: "/home/ada".to_owned(),
        branch: Some("feature".to_owned()),
        default_branch: Some("main".to_owned()),
        ..Surroundings::bare("/code/shop", &NoFiles)
    };
    let before = own_cpu()?;
    let mut agree = 0;
    for _ in 0..times {
        let judged = corpus
            .iter()
            .map(|one| ::guard::command(&one.command, &place).decision.word() == one.decision);
        agree = judged.filter(|agrees| *agrees).count();
    }
    let rate = (corpus.len() * times) as f64 / (own_cpu()? - before).as_secs_f64();
    summary.judge(
        "judgements a second of CPU, in one process",
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
    Ok(())
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
