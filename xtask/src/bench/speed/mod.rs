//! `cargo xtask bench speed`: how long a person or an agent waits, and what it takes.

mod harness;
mod repository;

use super::checking::{self, Checker, Ran};
use super::options::Options;
use super::packages::{self, Pythons};
use super::summary::{Summary, median};
use crate::shell::{self, Result};
use repository::Repository;
use std::path::Path;

/// What it takes.
pub const USAGE: &str = "\
  --rounds N          repetitions of what is short (5)
  --pythons N         calls per second under so many interpreters (all)
  --python VERSION    the interpreter of the checks, as 3.12 (the usual one)
  --skip-harness      no calls per second
  -- ARGUMENTS        for `counterproof check`";

/// A package of more than 10,000 lines that is quick to import.
const PACKAGE: &str = "boltons==24.0.0";
/// A package of more than 200 files.
const WIDE: &str = "networkx==3.2.1";
/// How many of them get another layout.
const FILES: usize = 200;
/// The ceiling of the checks; none should come near it.
const SECONDS: u64 = 120;

/// Measures everything, one after the other.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = super::binary(options)?;
    let (rounds, skip) = (options.number("rounds", 5)?, options.is("skip-harness")?);
    let (count, version) = (options.number("pythons", usize::MAX)?, options.text("python")?);
    options.done()?;
    let pythons = Pythons::find()?;
    let python = match &version {
        None => pythons.at_least((3, 9))?,
        Some(version) => pythons.of(version).ok_or_else(|| format!("no Python {version} here"))?,
    };
    let checker = Checker {
        binary,
        python: packages::environment(python, &[])?,
        seconds: SECONDS,
        more: options.for_check.clone(),
    };
    let mut summary = Summary::default();
    summary.tell("interpreter of the checks", format!("Python {}", python.text));
    size(&checker.binary, &mut summary)?;
    let release = packages::installed(python, PACKAGE)?;
    one_function(&checker, &release, rounds, &mut summary)?;
    let wide = packages::installed(python, WIDE)?;
    layout(&checker, &wide, rounds, &mut summary)?;
    more_functions(&checker, &release, &pythons, rounds, &mut summary)?;
    if !skip {
        harness::measure(&pythons.all()[..count.min(pythons.all().len())], &mut summary);
    }
    Ok(summary)
}

fn size(binary: &Path, summary: &mut Summary) -> Result<()> {
    let bytes = std::fs::metadata(binary)
        .map_err(|error| format!("{}: {error}", binary.display()))?
        .len();
    #[allow(clippy::cast_precision_loss, reason = "the size of a program")]
    let size = bytes as f64 / 1e6;
    summary.judge(
        "size of the release binary",
        format!("{size:.1} MB"),
        "< 40 MB",
        size < 40.0,
    );
    Ok(())
}

/// One function changes in one line: so that it does something else, and so that it does the same.
fn one_function(checker: &Checker, release: &Path, rounds: usize, summary: &mut Summary) -> Result<()> {
    let repository = Repository::of("one-function", release)?;
    let (lines, import) = (repository.lines()?, repository.import_time(&checker.python, rounds)?);
    summary.tell(
        format!("{PACKAGE}: lines, import of all its modules"),
        format!("{lines} lines, {import:.2} s"),
    );
    for (what, old, new) in [
        (
            "one function changed, with a difference",
            "numstr[-2] == '1'",
            "numstr[-2] == '2'",
        ),
        (
            "one function changed, without one",
            "numstr[-2] == '1'",
            "'1' == numstr[-2]",
        ),
    ] {
        repository.edit("boltons/strutils.py", old, new)?;
        let seen = |ran: &Ran| {
            let shown = ran
                .report
                .functions
                .iter()
                .any(|function| !function.findings.is_empty());
            let state: Vec<String> = ran
                .report
                .functions
                .iter()
                .map(|function| {
                    format!(
                        "{} {:?}, {} inputs",
                        function.qualified_name, function.status, function.inputs
                    )
                })
                .collect();
            println!("    {:.2} s  {}", ran.wall, state.join("; "));
            shown
        };
        println!("{what}");
        let cold = times(rounds, || {
            shell::remove_folder(&checking::cache())?;
            repository.check(checker, true)
        })?;
        let warm = times(rounds, || repository.check(checker, true))?;
        seen(&warm[0]);
        let (cold_wall, warm_wall) = (middle(&cold), middle(&warm));
        summary.judge(
            format!("{what}: `check`, trees not laid out yet"),
            format!("{cold_wall:.2} s"),
            "< 2 s",
            cold_wall < 2.0,
        );
        summary.judge(
            format!("{what}: `check`, trees in the cache"),
            format!("{warm_wall:.2} s"),
            "< 2 s",
            warm_wall < 2.0,
        );
        again(checker, &repository, what, rounds, summary)?;
        memory(what, &warm, summary);
    }
    Ok(())
}

/// The same check again, answered from its evidence.
fn again(checker: &Checker, repository: &Repository, what: &str, rounds: usize, summary: &mut Summary) -> Result<()> {
    repository.check(checker, false)?;
    let cached = times(rounds, || repository.check(checker, false))?;
    let wall = middle(&cached);
    let all = cached.iter().all(|ran| ran.report.cached);
    let value = if all {
        String::new()
    } else {
        ", not from evidence".to_owned()
    };
    summary.judge(
        format!("{what}: second check"),
        format!("{:.0} ms{value}", wall * 1e3),
        "< 100 ms",
        all && wall < 0.1,
    );
    Ok(())
}

/// Another layout of many files.
fn layout(checker: &Checker, release: &Path, rounds: usize, summary: &mut Summary) -> Result<()> {
    let repository = Repository::of("layout", release)?;
    let files = repository.relayout(&checker.python, FILES)?;
    let ran = times(rounds, || repository.check(checker, true))?;
    let (wall, report) = (middle(&ran), &ran[0].report);
    let seen = report.layout_only.len() == files && report.functions.is_empty();
    let odd = if seen {
        String::new()
    } else {
        format!(
            ", but {} files as layout and {} functions as changed",
            report.layout_only.len(),
            report.functions.len()
        )
    };
    summary.judge(
        format!("another layout of {files} files"),
        format!("{:.0} ms{odd}", wall * 1e3),
        "< 300 ms",
        seen && wall < 0.3,
    );
    Ok(())
}

/// 10, 20 and 40 changed functions, then all of the package, for the memory.
fn more_functions(
    checker: &Checker,
    release: &Path,
    pythons: &Pythons,
    rounds: usize,
    summary: &mut Summary,
) -> Result<()> {
    let script = &pythons.at_least((3, 9))?.path;
    let repository = Repository::of("more-functions", release)?;
    let mut walls = Vec::new();
    for count in [10, 20, 40] {
        repository.precede(script, Some(count))?;
        let ran = repository.check(checker, true)?;
        println!(
            "{count} functions: {:.2} s, {} listed",
            ran.wall,
            ran.report.functions.len()
        );
        walls.push(ran.wall);
    }
    let factors = [walls[1] / walls[0], walls[2] / walls[1]];
    summary.judge(
        format!("10, 20, 40 changed functions, median of {}", rounds.clamp(1, 3)),
        format!(
            "{:.1} s, {:.1} s, {:.1} s: factors {:.2} and {:.2}",
            walls[0], walls[1], walls[2], factors[0], factors[1]
        ),
        "factor ≤ 2",
        factors.iter().all(|factor| *factor <= 2.0),
    );
    repository.precede(script, None)?;
    let short = Checker {
        seconds: 20,
        ..checker.clone()
    };
    let ran = repository.check(&short, true)?;
    let what = format!("{} changed functions in 20 s", ran.report.functions.len());
    memory(&what, &[ran], summary);
    Ok(())
}

fn memory(what: &str, ran: &[Ran], summary: &mut Summary) {
    let peak = ran.iter().filter_map(|ran| ran.peak).fold(0.0, f64::max);
    summary.judge(
        format!("{what}: peak memory of the Rust process"),
        format!("{peak:.0} MB"),
        "< 150 MB",
        peak > 0.0 && peak < 150.0,
    );
}

fn times(rounds: usize, mut run: impl FnMut() -> Result<Ran>) -> Result<Vec<Ran>> {
    (0..rounds.max(1)).map(|_| run()).collect()
}

fn middle(ran: &[Ran]) -> f64 {
    median(ran.iter().map(|ran| ran.wall).collect())
}
