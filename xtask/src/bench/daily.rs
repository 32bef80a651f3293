//! `cargo xtask bench daily`: what a replay over the history of real projects shows, and how much there would have been to read.

use super::machine;
use super::options::Options;
use super::summary::Summary;
use crate::shell::{self, Result};
use model::replay::{ReplayReport, ReplayedCommit};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What it takes.
pub const USAGE: &str = "\
  --clones FOLDER     where clones of projects lie, with their history; their dependencies must be installed
  --python PATH       interpreter for all of them (python3)
  --last N            commits of each (300)
  --budget SECONDS    of each check (8)
  --cache FOLDER      cache of the checks (a new one, below target)";

/// Longest time for the commits of one project, in seconds.
const SECONDS: f64 = 600.0;
/// Part of the commits later reverted or fixed that must have a finding in what was fixed, in percent.
const FOUND: u32 = 50;
/// Findings of a feature commit: the most that the middle one and nine of ten may have.
const TO_READ: (u32, u32) = (2, 6);
/// Words of subjects of commits that bring something new.
const FEATURE: [&str; 12] = [
    "add",
    "adds",
    "added",
    "allow",
    "feat",
    "feature",
    "implement",
    "introduce",
    "new",
    "support",
    "supports",
    "adding",
];

/// One project's history.
struct Replayed {
    name: String,
    seconds: f64,
    report: ReplayReport,
}

/// Replays each clone and prints a table.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = super::binary(options)?;
    let (folder, python) = histories(options)?;
    let (last, budget): (u32, u32) = (options.number("last", 300)?, options.number("budget", 8)?);
    let results = shell::target().join("bench/daily");
    let cache = options
        .text("cache")?
        .map_or_else(|| results.join("cache"), PathBuf::from);
    options.done()?;
    std::fs::create_dir_all(&results).map_err(|error| format!("{}: {error}", results.display()))?;
    let mut all = Vec::new();
    for clone in clones(Path::new(&folder))? {
        let mut command = Command::new(&binary);
        command.args(["replay", "--format", "json", "--python", &python]);
        command.args(["--last", &last.to_string(), "--budget", &format!("{budget}s")]);
        command.current_dir(&clone).env("COUNTERPROOF_CACHE", &cache);
        let name = clone.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let started = Instant::now();
        let text = shell::output(&mut command)?;
        let seconds = started.elapsed().as_secs_f64();
        let report = serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
        let file = results.join(format!("{name}.json"));
        std::fs::write(&file, &text).map_err(|error| format!("{}: {error}", file.display()))?;
        let one = Replayed { name, seconds, report };
        println!("{}", line(&one));
        all.push(one);
    }
    println!("{}", machine::described());
    Ok(summary(&all))
}

/// Where the clones are, and the interpreter that runs them, as options name them.
pub fn histories(options: &mut Options) -> Result<(String, String)> {
    let folder = options
        .text("clones")?
        .ok_or("--clones FOLDER is needed: histories are not part of this repository")?;
    Ok((folder, options.text("python")?.unwrap_or_else(|| "python3".to_owned())))
}

/// The folders with a repository, by name.
pub fn clones(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut clones: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join(".git").exists())
        .collect();
    clones.sort();
    match clones.is_empty() {
        true => Err(format!("{} holds no clone", folder.display())),
        false => Ok(clones),
    }
}

/// A project in a few lines.
fn line(one: &Replayed) -> String {
    let of = &one.report.summary;
    let reasons = |all: &[model::report::ReasonCount]| {
        let each = all.iter().map(|one| format!("{} {}", one.functions, one.reason));
        each.collect::<Vec<_>>().join(", ")
    };
    let (number, middle, ninetieth) = to_read(std::slice::from_ref(one));
    format!(
        "{}: {} commits in {:.0} s, {} with changed functions; {} of {} functions verified ({})\n  \
         later reverted or fixed {}, with a finding in what was fixed {}; of the others: {}\n  \
         never touched again {}: {} findings to read; feature commits {number}: {middle} in the middle one, {ninetieth} in nine of ten",
        one.name,
        one.report.commits.len(),
        one.seconds,
        of.checked,
        of.verified.verified,
        of.verified.all,
        reasons(&of.verified.reasons),
        of.reverted_or_fixed,
        of.of_these_found,
        reasons(&of.missed),
        of.never_touched_again,
        of.findings_to_read,
    )
}

fn is_feature(commit: &ReplayedCommit) -> bool {
    let words = commit
        .subject
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase);
    words.into_iter().any(|word| FEATURE.contains(&word.as_str()))
}

/// Feature commits with changed functions, and the findings of the middle one and of the one that nine of ten do not exceed.
fn to_read(all: &[Replayed]) -> (usize, u32, u32) {
    let commits = all.iter().flat_map(|one| &one.report.commits);
    let features = commits.filter(|one| one.is_checked() && is_feature(one));
    let mut numbers: Vec<u32> = features.map(|one| one.findings.len() as u32).collect();
    numbers.sort_unstable();
    let at = |index: usize| numbers.get(index).copied().unwrap_or(0);
    let ninetieth = (numbers.len() * 9).div_ceil(10).saturating_sub(1);
    (numbers.len(), at(numbers.len() / 2), at(ninetieth))
}

fn summary(all: &[Replayed]) -> Summary {
    let mut summary = Summary::default();
    for one in all {
        let of = &one.report.summary;
        summary.judge(
            format!("{}: {} commits replayed", one.name, one.report.commits.len()),
            format!("{:.0} s", one.seconds),
            format!("{SECONDS:.0} s"),
            one.seconds <= SECONDS,
        );
        if of.reverted_or_fixed == 0 {
            // Nothing was there to be found: no figure.
            continue;
        }
        summary.judge(
            format!("{}: commits later reverted or fixed, found in what was fixed", one.name),
            format!("{} of {}", of.of_these_found, of.reverted_or_fixed),
            format!("{FOUND} %"),
            of.of_these_found * 100 >= of.reverted_or_fixed * FOUND,
        );
    }
    let (number, middle, ninetieth) = to_read(all);
    summary.judge(
        format!("findings of {number} feature commits"),
        format!("{middle} in the middle one, {ninetieth} in nine of ten"),
        format!("{}, {}", TO_READ.0, TO_READ.1),
        middle <= TO_READ.0 && ninetieth <= TO_READ.1,
    );
    summary
}
