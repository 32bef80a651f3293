//! `--alarms`: how often ordinary commits are told to expose something.

use super::fate;
use crate::bench::checking::{Checker, Ran};
use crate::bench::summary::Summary;
use crate::shell::{self, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The most changes of a hundred that may have an alarm.
const MOST: usize = 3;

/// Checks commits of the repositories, the newest first and as many of each, until there are enough.
pub fn count(checker: &Checker, repositories: &[PathBuf], commits: usize) -> Result<Summary> {
    if repositories.is_empty() {
        return Err(
            "--alarms needs at least one --repository PATH: histories are not part of this repository".to_owned(),
        );
    }
    let (mut checked, mut alarmed, mut failed) = (0, 0, 0);
    let each = commits.div_ceil(repositories.len());
    for repository in repositories {
        let name = repository.file_name().unwrap_or_default().to_string_lossy();
        for commit in ordinary(repository, each.min(commits - checked - failed))? {
            let mut command = checker.command();
            command
                .current_dir(repository)
                .arg("--no-cache")
                .arg(format!("{commit}^..{commit}"));
            let ran: Result<Ran<Value>> = checker.run(&mut command);
            match ran {
                Ok(ran) => {
                    let alarms = fate::alarms(&ran.report);
                    let functions = ran.report["functions"].as_array().map_or(0, Vec::len);
                    println!("{name:<20} {commit} {functions:>4} functions, {} alarms", alarms.len());
                    alarms.iter().for_each(|alarm| println!("    {alarm}"));
                    checked += 1;
                    alarmed += usize::from(!alarms.is_empty());
                }
                Err(error) => {
                    println!("{name:<20} {commit} not run: {error}");
                    failed += 1;
                }
            }
        }
    }
    let mut summary = Summary::default();
    summary.judge(
        format!(
            "ordinary commits of {} projects with an exposure alarm",
            repositories.len()
        ),
        format!("{alarmed} of {checked} ({failed} could not be checked)"),
        format!("{MOST} of 100"),
        checked > 0 && alarmed * 100 <= checked * MOST,
    );
    Ok(summary)
}

/// The newest commits with one parent that change Python code outside of tests.
fn ordinary(repository: &Path, number: usize) -> Result<Vec<String>> {
    let mut log = Command::new("git");
    log.arg("-C")
        .arg(repository)
        .args(["log", "--no-merges", "--min-parents=1", "--format=%h"]);
    log.arg(format!("--max-count={number}"));
    log.args([
        "--",
        "*.py",
        ":!*/tests/*",
        ":!tests/*",
        ":!test_*",
        ":!setup.py",
        ":!docs/*",
    ]);
    Ok(shell::output(&mut log)?.lines().map(str::to_owned).collect())
}
