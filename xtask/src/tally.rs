//! Counts of passed and failed tests, read from what test runners print while it is shown.

use crate::shell::{self, Result};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

/// What became of the tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed, and runners that failed without naming one.
    pub failed: u64,
}

impl Tally {
    /// Adds another tally.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Runs `command`, shows its output and counts. A runner that ends badly has failed, whatever it printed.
    pub fn of(command: &mut Command) -> Result<Self> {
        shell::say(&shell::shown(command));
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`{}` cannot be started: {error}", shell::shown(command)))?;
        let errors = child.stderr.take().expect("it was asked for");
        let reader = std::thread::spawn(move || forward(errors, std::io::stderr()));
        let mut tally = forward(child.stdout.take().expect("it was asked for"), std::io::stdout());
        tally.add(reader.join().unwrap_or_default());
        let status = child
            .wait()
            .map_err(|error| format!("`{}` was lost: {error}", shell::shown(command)))?;
        if !status.success() && tally.failed == 0 {
            tally.failed = 1;
        }
        Ok(tally)
    }

    /// What one line of a runner's output says.
    fn of_line(line: &str) -> Self {
        let trimmed = line.trim();
        if trimmed.starts_with("test result:") || trimmed.starts_with("Summary [") {
            return Self {
                passed: before(trimmed, "passed"),
                failed: before(trimmed, "failed") + before(trimmed, "timed out"),
            };
        }
        if let Some(rest) = trimmed.strip_prefix("Ran ") {
            return Self {
                passed: first_number(rest),
                failed: 0,
            };
        }
        Self::default()
    }

    /// Python's runner counts failures among the tests that ran.
    fn settle(&mut self, line: &str) {
        let Some(rest) = line.trim().strip_prefix("FAILED (") else {
            return;
        };
        let failed: u64 = rest
            .trim_end_matches(')')
            .split(", ")
            .filter(|part| !part.starts_with("skipped"))
            .map(after_equals)
            .sum();
        self.failed += failed;
        self.passed = self.passed.saturating_sub(failed);
    }
}

/// Shows what comes, line by line, and counts.
fn forward(from: impl Read, mut to: impl Write) -> Tally {
    let mut tally = Tally::default();
    let mut reader = BufReader::new(from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        // Nobody left to show it to is no reason to stop the tests.
        let _ = to.write_all(&line);
        let text = String::from_utf8_lossy(&line);
        tally.add(Tally::of_line(&text));
        tally.settle(&text);
        line.clear();
    }
    tally
}

/// The number that stands before a word: `44` in `44 passed;`.
fn before(line: &str, word: &str) -> u64 {
    line.split([';', ',', '.', ':'])
        .filter_map(|part| part.trim().split_once(' '))
        .filter(|(_, rest)| rest.starts_with(word))
        .find_map(|(number, _)| number.parse().ok())
        .unwrap_or(0)
}

fn first_number(text: &str) -> u64 {
    text.split(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

fn after_equals(text: &str) -> u64 {
    text.split_once('=')
        .and_then(|(_, number)| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runner_is_understood() {
        for (text, passed, failed) in [
            (
                "test result: ok. 44 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s\n",
                44,
                0,
            ),
            ("test result: FAILED. 42 passed; 1 failed; 0 ignored\n", 42, 1),
            (
                "     Summary [   0.021s] 44 tests run: 43 passed (1 slow), 1 failed, 2 skipped\n",
                43,
                1,
            ),
            ("     Summary [   0.021s] 44 tests run: 44 passed, 0 skipped\n", 44, 0),
            ("Ran 12 tests in 0.1s\n\nOK (skipped=1)\n", 12, 0),
            (
                "Ran 12 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=3)\n",
                9,
                3,
            ),
            ("passed 3 tests\n", 0, 0),
        ] {
            assert_eq!(
                forward(text.as_bytes(), std::io::sink()),
                Tally { passed, failed },
                "{text}"
            );
        }
    }

    #[test]
    fn a_runner_that_fails_in_silence_has_failed() {
        let tally = Tally::of(&mut Command::new("false")).unwrap();
        assert_eq!(tally, Tally { passed: 0, failed: 1 });
    }
}
