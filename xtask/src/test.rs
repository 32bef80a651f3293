//! `cargo xtask test`: all set-up, then all tests.

use crate::environment::{self, Environment};
use crate::pythons::{self, Python};
use crate::shell::{self, Result};
use crate::tally::Tally;
use std::path::Path;
use std::process::Command;

/// Finds the interpreters and sets up what the tests need besides them.
pub fn set_up() -> Result<(Vec<Python>, Environment)> {
    let pythons = pythons::all()?;
    let versions: Vec<&str> = pythons.iter().map(|python| python.text.as_str()).collect();
    shell::say(&format!("Python {}", versions.join(", ")));
    let environment = environment::set_up(&pythons)?;
    Ok((pythons, environment))
}

/// Sets up, runs everything, and fails when anything failed.
pub fn run() -> Result<()> {
    let (pythons, environment) = set_up()?;
    let mut total = Tally::default();
    let harness = harness_steps(&environment, &pythons);
    for mut step in rust_steps(&environment, &pythons).into_iter().chain(harness) {
        let tally = Tally::of(&mut step)?;
        if tally.failed > 0 {
            shell::say(&format!("failed: {}", shell::shown(&step)));
        }
        total.add(tally);
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 {
        Ok(())
    } else {
        Err("tests failed".to_owned())
    }
}

/// The workspace's tests, then the examples in its documentation, which nextest does not run.
fn rust_steps(environment: &Environment, pythons: &[Python]) -> Vec<Command> {
    let all = std::env::join_paths(pythons.iter().map(|python| &python.path)).unwrap_or_default();
    let step = |arguments: &[&str]| {
        let mut command = shell::cargo();
        command.args(arguments);
        command.env("COUNTERPROOF_TEST_PYTHON", &environment.python);
        command.env("COUNTERPROOF_TEST_PYTHONS", &all);
        command.env("COUNTERPROOF_TEST_PACKAGES", &environment.packages);
        if let Some(tools) = &environment.tools {
            command.env("COUNTERPROOF_TEST_TOOLS", tools);
        }
        command
    };
    if shell::works(shell::cargo().args(["nextest", "--version"])) {
        vec![
            step(&["nextest", "run", "--workspace", "--no-fail-fast"]),
            step(&["test", "--workspace", "--doc"]),
        ]
    } else {
        vec![step(&["test", "--workspace", "--no-fail-fast"])]
    }
}

/// The Python harness' own tests under every version. The private environment stands for its own version, since the tests
/// about values of libraries need these.
fn harness_steps(environment: &Environment, pythons: &[Python]) -> Vec<Command> {
    let private = pythons::probe(&environment.python);
    let version = private.as_ref().map(|python| python.version);
    let others = pythons.iter().filter(|python| Some(python.version) != version);
    private
        .iter()
        .chain(others)
        .map(|python| harness_step(&python.path))
        .collect()
}

fn harness_step(python: &Path) -> Command {
    let mut command = Command::new(python);
    command
        .current_dir(shell::root().join("harnesses/python"))
        .args(["-m", "unittest", "discover", "-s", "tests"])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
