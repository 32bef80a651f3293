//! `cargo xtask bench gate`: what a decision costs, and what the ledger does.

use super::machine::children_cpu_seconds;
use super::options::Options;
use super::summary::{Summary, median};
use super::{binary, ledger};
use crate::shell::{self, Result};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What it takes.
pub const USAGE: &str = "\
  --rounds N          decisions of each sort (11)
  --skip-ledger       no ledger
  --entries N         size of the large ledger (10000000)
  --seconds N         how long writers append (5)";

/// Files that the change touches.
const FILES: usize = 500;
/// Rules of the policy.
const RULES: usize = 200;

/// Measures everything.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = binary(options)?;
    let rounds: usize = options.number("rounds", 11)?;
    let skip = options.is("skip-ledger")?;
    let (entries, seconds) = (
        options.number("entries", 10_000_000_u64)?,
        options.number("seconds", 5_u64)?,
    );
    options.done()?;
    let mut summary = Summary::default();
    decisions(&binary, rounds, &mut summary)?;
    if !skip {
        let mut of_ledger = Options::default()
            .with("entries", &entries.to_string())
            .with("seconds", &seconds.to_string());
        summary.add(ledger::measure(&mut of_ledger)?);
    }
    Ok(summary)
}

fn decisions(binary: &Path, rounds: usize, summary: &mut Summary) -> Result<()> {
    let folder = shell::target().join("bench-work/gate");
    shell::remove_folder(&folder)?;
    let repository = build(&folder)?;
    let case = folder.join("case.json").display().to_string();
    let gate = |arguments: &[&str]| {
        let mut command = Command::new(binary);
        command
            .arg("gate")
            .args(arguments)
            .current_dir(&repository)
            .env("COUNTERPROOF_CACHE", folder.join("cache"))
            .env("COUNTERPROOF_KEYS", folder.join("keys"));
        command
    };
    // Warms the cache: from here on no code of the project is run.
    shell::run(&mut gate(&["test", "--record", &case]))?;
    let timed = |arguments: &[&str]| -> Result<(f64, f64)> {
        let (mut walls, mut cpus) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (cpu, started) = (children_cpu_seconds(), Instant::now());
            shell::output(&mut gate(arguments))?;
            walls.push(started.elapsed().as_secs_f64() * 1e3);
            cpus.extend(
                children_cpu_seconds()
                    .zip(cpu)
                    .map(|(after, before)| (after - before) * 1e3),
            );
        }
        Ok((median(walls), median(cpus)))
    };
    let told = |(wall, cpu): (f64, f64)| format!("{wall:.0} ms, {cpu:.0} ms of CPU");
    let decision = timed(&["test", &case])?;
    summary.judge(
        format!("a decision over {FILES} files by {RULES} rules, recorded, in a new process"),
        told(decision),
        "50 ms",
        decision.0 < 50.0,
    );
    let asked = timed(&["merge", "--no-record"])?;
    summary.judge(
        "the same asked of git, with evidence at hand: `gate merge --no-record`",
        told(asked),
        "50 ms",
        asked.0 < 50.0,
    );
    summary.tell(
        "the same, and put into the ledger: `gate merge`",
        told(timed(&["merge"])?),
    );
    Ok(())
}

/// A repository with a change of many files that means nothing, and a policy of many rules.
fn build(folder: &Path) -> Result<PathBuf> {
    let repository = folder.join("repository");
    let path = |number: usize| format!("package/m{}/f{number}.py", number / 25);
    let functions: String = (0..6).fold(String::new(), |mut text, number| {
        let _ = write!(text, "def f{number}(x):\n    return x + {number}\n\n\n");
        text
    });
    for number in 0..FILES {
        let file = repository.join(path(number));
        shell::make_folder(file.parent().unwrap_or(&repository))?;
        shell::write(&file, &functions)?;
    }
    let kinds = [
        "kind = \"no-regression\"",
        "kind = \"verified-share\"\nshare = 0.9",
        "kind = \"two-person-review\"\nreviewers = 0",
        "kind = \"blast-radius\"\nmost = 100000",
        "kind = \"no-broken-test\"",
    ];
    let mut policy =
        "[gate]\nwithout_defaults = true\n[[service]]\nname = \"shop\"\npaths = [\"package/\"]\ntier = 2\n".to_owned();
    for number in 0..RULES {
        let _ = write!(
            policy,
            "[[rule]]\nname = \"rule {number}\"\n{}\n",
            kinds[number % kinds.len()]
        );
    }
    shell::write(&repository.join("counterproof.toml"), &policy)?;
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command
            .args([
                "-c",
                "user.name=bench",
                "-c",
                "user.email=bench@example.com",
                "-c",
                "commit.gpgSign=false",
            ])
            .args(arguments)
            .current_dir(&repository);
        shell::run(&mut command)
    };
    git(&["init", "--quiet", "--initial-branch=main"])?;
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--message", "Before"])?;
    git(&["switch", "--quiet", "--create", "change"])?;
    for number in 0..FILES {
        shell::write(
            &repository.join(path(number)),
            &functions.replace("return x + 0", "return 0 + x"),
        )?;
    }
    git(&["commit", "--quiet", "--all", "--message", "After"])?;
    Ok(repository)
}
