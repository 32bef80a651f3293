//! `cargo xtask bench false-alarms`: changes that mean nothing. Whatever difference is shown is a false alarm.

mod count;
pub mod rewrites;

use super::checking::{Checker, Ran};
use super::options::Options;
use super::packages::{self, Pythons, Seeded};
use super::strength::{Rows, Truth};
use super::summary::{Summary, percent};
use crate::shell::{self, Result};
use count::Count;
use rewrites::{PRECEDED, Rewrite, Workshop};
use std::path::{Path, PathBuf};

/// What it takes.
pub const USAGE: &str = "\
  --seconds S         budget of each check (30)
  --packages N        so many packages are rewritten in every way (5)
  --twins N           so many packages are compared with themselves (20)
  --only WORD         only runs with this word in `PACKAGE REWRITE`
  --limit N           only so many runs, chosen by chance (all)
  --seed N            the chance (1)
  --show-reasons      every reason of what was not verified, not the three most frequent
  -- ARGUMENTS        for `counterproof check`";

/// The share of functions called the same on inputs that must be called strong, in percent: never saying so is no way to be right.
const LEAST_STRONG: usize = 40;

/// Share of the functions that could run and must have been exercised, in percent.
const TARGET: usize = 60;

/// One package, rewritten in one way.
#[derive(Clone, Debug)]
struct Job {
    /// The release, and what it needs.
    package: Package,
    rewrite: Rewrite,
}

/// A line of `packages.txt`.
#[derive(Clone, Debug)]
struct Package {
    release: String,
    needs: Vec<String>,
}

/// Runs everything, and prints a line for each run and one for each false alarm.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = super::binary(options)?;
    let seconds = options.number("seconds", 30)?;
    let (jobs, show) = (jobs(options)?, options.is("show-reasons")?);
    options.done()?;
    let pythons = Pythons::find()?;
    let workshop = Workshop::open(&pythons)?;
    let python = pythons.at_least((3, 9))?;
    let (mut total, mut done, mut left_out) = (Count::default(), Vec::new(), 0);
    println!("{}", Count::head());
    for job in &jobs {
        let (base, head) = match prepare(job, python, &workshop) {
            Ok(Some(folders)) => folders,
            Ok(None) => continue,
            Err(error) => {
                println!("{:<44} left out: {}", job.name(), error.replace('\n', " / "));
                left_out += 1;
                continue;
            }
        };
        let checker = Checker {
            binary: binary.clone(),
            python: packages::environment(python, &job.package.needs)?,
            seconds,
            more: options.for_check.clone(),
        };
        let count = match checker.trees(&base, &head) {
            Ok(ran) => of_run(job, &ran, seconds),
            Err(error) => Count::broken(&format!("{}: {error}", job.name())),
        };
        print!("{}", count.told(&job.name(), show));
        total.add(count);
        done.push(job);
    }
    print!("{}", total.told("all", true));
    let rows = Rows {
        of: total.same,
        rows: std::mem::take(&mut total.rows),
    };
    rows.keep(Truth::Rewritten)?;
    Ok(summary(&total, &rows, &done, left_out))
}

fn of_run(job: &Job, ran: &Ran, seconds: u64) -> Count {
    let mut count = Count::of(&ran.report);
    count.wall = ran.wall;
    if job.rewrite == Rewrite::Identical && !ran.report.functions.is_empty() {
        count
            .alarms
            .push("functions are listed although nothing differs".to_owned());
    }
    // A budget is a ceiling: a check that goes far past it is told, too.
    #[allow(clippy::cast_precision_loss, reason = "seconds of a budget")]
    if ran.wall > seconds as f64 * 1.2 + 2.0 {
        count.faults.push(format!(
            "{}: {:.0} s with a budget of {seconds} s",
            job.name(),
            ran.wall
        ));
    }
    count
}

/// What is to be run.
fn jobs(options: &mut Options) -> Result<Vec<Job>> {
    let (rewritten, twins) = (options.number("packages", 5)?, options.number("twins", 20)?);
    let (limit, seed) = (options.number("limit", usize::MAX)?, options.number("seed", 1)?);
    let only = options.text("only")?.unwrap_or_default();
    let packages = packages()?;
    let of = |count: usize, rewrites: &[Rewrite]| -> Vec<Job> {
        let pair = |package: &Package| {
            let package = package.clone();
            let job = move |rewrite: &Rewrite| Job {
                package: package.clone(),
                rewrite: *rewrite,
            };
            rewrites.iter().map(job).collect::<Vec<_>>()
        };
        packages.iter().take(count).flat_map(pair).collect()
    };
    let mut jobs = of(rewritten, &rewrites::ALL);
    jobs.extend(of(twins, &[PRECEDED, Rewrite::Identical]));
    jobs.retain(|job| job.name().contains(&only));
    if jobs.len() > limit {
        Seeded(seed).shuffle(&mut jobs);
        jobs.truncate(limit);
    }
    Ok(jobs)
}

fn packages() -> Result<Vec<Package>> {
    let list = shell::read(&shell::root().join("benches/false-alarms/packages.txt"))?;
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let package = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        Package {
            release: words.next().unwrap_or_default(),
            needs: words.collect(),
        }
    };
    Ok(lines.map(package).collect())
}

impl Job {
    fn name(&self) -> String {
        format!("{} {}", self.package.release, self.rewrite.name())
    }
}

/// The two folders to be compared; none where the rewrite found nothing to do.
fn prepare(job: &Job, python: &crate::pythons::Python, workshop: &Workshop) -> Result<Option<(PathBuf, PathBuf)>> {
    let release = packages::installed(python, &job.package.release)?;
    let work = shell::target().join("bench-work").join(job.name().replace(' ', "-"));
    shell::remove_folder(&work)?;
    let (base, head) = (work.join("base"), work.join("head"));
    packages::copy(&release, &base, false)?;
    packages::copy(&release, &head, false)?;
    let edited = workshop.rewrite(job.rewrite, &head)?;
    if job.rewrite != Rewrite::Identical && (!edited || same_files(&base, &head)?) {
        return Ok(None);
    }
    Ok(Some((base, head)))
}

/// Whether two folders hold the same Python files.
fn same_files(base: &Path, head: &Path) -> Result<bool> {
    let told = |error: std::io::Error| format!("{} cannot be read: {error}", head.display());
    for entry in std::fs::read_dir(head).map_err(told)? {
        let path = entry.map_err(told)?.path();
        let other = base.join(path.file_name().unwrap_or_default());
        let same = if path.is_dir() {
            same_files(&other, &path)?
        } else {
            std::fs::read(&path).ok() == std::fs::read(&other).ok()
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Only what was run counts: a rewrite that found nothing to do is none, and one that failed is told.
fn summary(total: &Count, rows: &Rows, done: &[&Job], left_out: usize) -> Summary {
    let twins = done.iter().filter(|job| job.rewrite == Rewrite::Identical).count();
    let mut packages: Vec<&str> = done.iter().map(|job| job.package.release.as_str()).collect();
    packages.sort_unstable();
    packages.dedup();
    let mut summary = Summary::default();
    summary.judge(
        format!(
            "false alarms: {} rewrites and {twins} identical pairs, {} packages",
            done.len() - twins,
            packages.len()
        ),
        format!("{} among {} changed functions", total.alarms.len(), total.listed),
        "none",
        total.alarms.is_empty(),
    );
    for (what, of) in [
        (
            "exercised, of the functions that could run and had their turn",
            total.had_their_turn(),
        ),
        (
            "exercised, of all that could run, cut by the budget or not",
            total.could_run(),
        ),
    ] {
        let exercised = total.exercised();
        summary.judge(
            what,
            format!(
                "{exercised} of {of} ({}), {} of them proved",
                percent(exercised, of),
                total.proved
            ),
            format!("{TARGET} %"),
            exercised * 100 >= of * TARGET,
        );
    }
    summary.judge(
        "of those called the same on inputs: called strong",
        format!(
            "{} of {} ({})",
            rows.strong(),
            total.same,
            percent(rows.strong(), total.same)
        ),
        format!("{LEAST_STRONG} %"),
        rows.strong() * 100 >= total.same * LEAST_STRONG,
    );
    if !total.alarms.is_empty() {
        summary.fail(format!(
            "{} differences were shown where there is none",
            total.alarms.len()
        ));
    }
    if !total.faults.is_empty() || left_out > 0 {
        summary.fail(format!(
            "{} runs went wrong, {left_out} were left out",
            total.faults.len()
        ));
    }
    summary
}
