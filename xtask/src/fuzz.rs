//! `cargo xtask fuzz`: coverage-guided fuzzing of the guard (`fuzz/`), with what it came to as a table.
//!
//! libFuzzer comes with the crate `libfuzzer-sys`, and what it is guided by with the compiler, so that a stable toolchain and a compiler for C++
//! are all it takes.

mod seeds;

use crate::bench::machine;
use crate::bench::options::Options;
use crate::shell::{self, Result};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// What it takes.
const USAGE: &str = "\
cargo xtask fuzz
  --inputs N          inputs in all, parted among the targets (10000000)
  --target NAME       this target alone: shell, sql, plans, hooks, edits
  --jobs N            runs at a time (2)
  --seed N            what chance begins with (1)";

/// The targets, and their shares of the inputs in percent: what is cheap is tried more.
const TARGETS: [(&str, u64); 5] = [("shell", 16), ("sql", 15), ("plans", 15), ("hooks", 15), ("edits", 39)];

/// Coverage for libFuzzer, as `cargo-fuzz` asks the compiler for it. No sanitizer of memory: the guard has no unsafe code.
const FLAGS: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

/// Bytes of an input, at most, and its share of a target's inputs, of a thousand: long ones are slow, and find other things.
const LENGTHS: [(&str, u32, u64); 3] = [("short", 256, 930), ("middle", 4096, 68), ("long", 128 * 1024, 2)];

/// One run of a target.
struct Run {
    target: &'static str,
    length: &'static str,
    bytes: u32,
    inputs: u64,
}

impl Run {
    /// The folder of what it begins with.
    fn seeds(&self) -> String {
        match self.length {
            "long" => format!("{}-long", self.target),
            _ => self.target.to_owned(),
        }
    }
}

/// What became of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    inputs: u64,
    edges: u64,
    /// Megabytes, at most.
    memory: u64,
    /// Seconds that the slowest input took, rounded down.
    slowest: u64,
    seconds: u64,
    /// What failed, in the words of the run.
    failure: Option<String>,
}

/// Builds and runs everything, and fails where an input did.
pub fn run(arguments: &[&str]) -> Result<()> {
    if arguments.iter().any(|word| matches!(*word, "-h" | "--help")) {
        println!("{USAGE}");
        return Ok(());
    }
    let mut options = Options::parse(arguments)?;
    let (inputs, jobs) = (
        options.number("inputs", 10_000_000_u64)?,
        options.number("jobs", 2_usize)?,
    );
    let (only, seed) = (options.text("target")?, options.number("seed", 1_u32)?);
    options.done()?;
    let runs = planned(inputs, only.as_deref())?;
    let programs = built()?;
    seeds::write(&folder().join("seeds"))?;
    let outcomes = all(&programs, runs, jobs, seed)?;
    report(&outcomes)
}

fn folder() -> PathBuf {
    shell::target().join("fuzz")
}

fn planned(inputs: u64, only: Option<&str>) -> Result<Vec<Run>> {
    if let Some(name) = only
        && !TARGETS.iter().any(|(target, _)| *target == name)
    {
        return Err(format!("there is no target `{name}`\n{USAGE}"));
    }
    let mut runs = Vec::new();
    for (target, share) in TARGETS {
        let inputs = match only {
            None => inputs * share / 100,
            Some(name) if name == target => inputs,
            Some(_) => continue,
        };
        for (length, bytes, share) in LENGTHS {
            runs.push(Run {
                target,
                length,
                bytes,
                inputs: (inputs * share / 1000).max(1),
            });
        }
    }
    Ok(runs)
}

/// Builds the targets, and gives the folder with their programs.
fn built() -> Result<PathBuf> {
    if !shell::works(Command::new("c++").arg("--version")) {
        return Err("fuzzing needs a compiler for C++ called `c++`, which builds libFuzzer: on Debian `apt-get install g++`, on macOS `xcode-select --install`".to_owned());
    }
    let told = shell::output(Command::new("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("rustc does not tell for which machine it builds")?;
    let build = folder().join("build");
    let mut command = shell::cargo();
    command
        .args([
            "build",
            "--release",
            "--manifest-path",
            "fuzz/Cargo.toml",
            "--target-dir",
        ])
        .arg(&build)
        // With the machine named, what runs while it is built is built without coverage.
        .args(["--target", host])
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    shell::run(&mut command)?;
    Ok(build.join(host).join("release"))
}

/// Runs all of them, so many at a time.
fn all(programs: &Path, runs: Vec<Run>, jobs: usize, seed: u32) -> Result<Vec<(Run, Outcome)>> {
    let (waiting, done) = (Mutex::new(runs.into_iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().map(|mut waiting| waiting.next());
                    let Ok(Some(run)) = next else { return };
                    let outcome = one(programs, &run, seed);
                    if let Ok(mut done) = done.lock() {
                        done.push(outcome.map(|outcome| (run, outcome)));
                    }
                }
            });
        }
    });
    let done = done.into_inner().map_err(|_| "a run was lost")?;
    let mut done = done.into_iter().collect::<Result<Vec<_>>>()?;
    done.sort_by_key(|(run, _)| (TARGETS.iter().position(|(target, _)| *target == run.target), run.bytes));
    Ok(done)
}

/// Runs a target; what it prints goes to a file.
fn one(programs: &Path, run: &Run, seed: u32) -> Result<Outcome> {
    let name = format!("{}-{}", run.target, run.length);
    let (found, artifacts) = (folder().join("corpus").join(&name), folder().join("artifacts"));
    shell::make_folder(&found)?;
    shell::make_folder(&artifacts)?;
    let log = folder().join("logs").join(format!("{name}.txt"));
    shell::write(&log, "")?;
    let to_log = || File::create(&log).map_err(|error| format!("{} cannot be written: {error}", log.display()));
    let mut command = Command::new(programs.join(run.target));
    command
        .arg(&found)
        .arg(folder().join("seeds").join(run.seeds()))
        .arg(format!("-dict={}", dictionary(run.target).display()))
        .arg(format!("-artifact_prefix={}/{name}-", artifacts.display()))
        .arg(format!("-runs={}", run.inputs))
        .arg(format!("-seed={seed}"))
        .arg(format!("-max_len={}", run.bytes))
        // Short inputs grow as they have to; long ones are long from the beginning.
        .arg(if run.length == "long" {
            "-len_control=0"
        } else {
            "-len_control=100"
        })
        .args([
            "-rss_limit_mb=2048",
            "-timeout=10",
            "-print_final_stats=1",
            "-print_funcs=0",
        ])
        // Most of the time went into libFuzzer's own accounts, and into reading its folder again every second.
        .args(["-reload=0", "-reduce_inputs=0", "-entropic=0"])
        .stderr(to_log()?)
        .stdout(std::process::Stdio::null());
    shell::say(&format!("{name}: {} inputs of up to {} bytes", run.inputs, run.bytes));
    let started = std::time::Instant::now();
    let status = command
        .status()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&std::fs::read(&log).map_err(|error| error.to_string())?).into_owned();
    let mut outcome = Outcome {
        seconds: started.elapsed().as_secs(),
        ..read(&said)
    };
    if !status.success() {
        outcome
            .failure
            .get_or_insert(format!("{status}, see {}", log.display()));
    }
    Ok(outcome)
}

fn dictionary(target: &str) -> PathBuf {
    shell::root().join("fuzz/dictionaries").join(format!("{target}.dict"))
}

/// What a run of libFuzzer says of itself.
fn read(said: &str) -> Outcome {
    let stat = |name: &str| {
        let line = said.lines().rev().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().parse().ok()).unwrap_or_default()
    };
    let edges = said.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once(" cov: ")?;
        rest.split(' ').next()?.parse().ok()
    });
    let written = said.lines().find(|line| line.contains("Test unit written to "));
    let why = said
        .lines()
        .skip_while(|line| !line.contains("panicked at ") && !line.starts_with("==") && !line.contains("ERROR: "))
        .take(2)
        .collect::<Vec<_>>()
        .join(" ");
    Outcome {
        inputs: stat("stat::number_of_executed_units:"),
        edges: edges.unwrap_or_default(),
        memory: stat("stat::peak_rss_mb:"),
        slowest: stat("stat::slowest_unit_time_sec:"),
        seconds: 0,
        failure: written.map(|line| format!("{why}: {line}")),
    }
}

/// Prints the table.
fn report(outcomes: &[(Run, Outcome)]) -> Result<()> {
    println!("| target | inputs | up to | edges covered | memory, most | slowest | took | failed |");
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (run, outcome) in outcomes {
        println!(
            "| {} | {} | {} bytes | {} | {} MB | {} | {} s | {} |",
            run.target,
            outcome.inputs,
            run.bytes,
            outcome.edges,
            outcome.memory,
            match outcome.slowest {
                0 => "under 1 s".to_owned(),
                seconds => format!("{seconds} s"),
            },
            outcome.seconds,
            if outcome.failure.is_some() { "**yes**" } else { "no" },
        );
    }
    let inputs: u64 = outcomes.iter().map(|(_, outcome)| outcome.inputs).sum();
    println!("\n{inputs} inputs; {}", machine::described());
    let mut failures = Vec::new();
    for (run, outcome) in outcomes {
        failures.extend(outcome.failure.iter().map(|why| format!("{}: {why}", run.target)));
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(format!("inputs fail:\n{}", failures.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_says_is_read() {
        let said = "#2\tINITED cov: 10 ft: 20\n#9\tNEW    cov: 1234 ft: 99 corp: 3/9b\nstat::number_of_executed_units: 77\nstat::slowest_unit_time_sec:    2\nstat::peak_rss_mb:              48\n";
        let expected = Outcome {
            inputs: 77,
            edges: 1234,
            memory: 48,
            slowest: 2,
            ..Outcome::default()
        };
        assert_eq!(read(said), expected);
        let said = format!("thread 'x' panicked at src/sql.rs:23:5:\nwrong\nTest unit written to a/b\n{said}");
        assert_eq!(
            read(&said).failure.as_deref(),
            Some("thread 'x' panicked at src/sql.rs:23:5: wrong: Test unit written to a/b")
        );
    }

    #[test]
    fn the_inputs_are_parted_among_the_targets() {
        let runs = planned(10_000_000, None).unwrap();
        assert_eq!(runs.iter().map(|run| run.inputs).sum::<u64>(), 10_000_000);
        let only = planned(1000, Some("sql")).unwrap();
        assert_eq!(
            only.iter().map(|run| (run.target, run.inputs)).collect::<Vec<_>>(),
            [("sql", 930), ("sql", 68), ("sql", 2)]
        );
        assert!(planned(100, Some("nothing")).is_err());
    }
}
