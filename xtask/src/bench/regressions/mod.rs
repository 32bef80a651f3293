//! `cargo xtask bench regressions`: releases with a documented regression; which of them `check` shows.

mod entries;
mod fate;

use super::checking::{Checker, Ran};
use super::options::Options;
use super::packages::{Placed, Pythons, Releases};
use super::summary::Summary;
use crate::shell::Result;
use entries::{Entry, Pair};
use fate::Fate;
use std::path::Path;

/// What it takes.
pub const USAGE: &str = "\
  --all               all pairs of releases, not a subset
  --limit N           so many pairs (12): those with few changed functions before others, by chance among equals
  --seed N            the chance (1)
  --only WORD         only entries whose name has this in it
  --budget SECONDS    of each check (20)
  --show-missed       print the witness of what was not caught
  -- ARGUMENTS        for `counterproof check`";

/// What became of one entry.
struct Judged<'a> {
    entry: &'a Entry,
    fate: Fate,
}

/// What was spent.
#[derive(Default)]
struct Spent {
    wall: f64,
    cpu: f64,
}

/// Runs the pairs that were asked for, and prints what became of each entry.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = super::binary(options)?;
    let (all, show) = (options.is("all")?, options.is("show-missed")?);
    let (limit, seed) = (options.number("limit", 12)?, options.number("seed", 1)?);
    let (only, seconds) = (options.text("only")?, options.number("budget", 20)?);
    options.done()?;
    let pythons = Pythons::find()?;
    let entries = entries::read(&pythons, only.as_deref())?;
    let pairs = entries::pairs(&entries, if all { usize::MAX } else { limit }, seed);
    let (mut judged, mut spent) = (Vec::new(), Spent::default());
    for pair in &pairs {
        let ran = run(&binary, pair, &pythons, seconds, &options.for_check);
        if let Ok(ran) = &ran {
            spent.wall += ran.wall;
            spent.cpu += ran.cpu.unwrap_or_default();
        }
        for entry in &pair.entries {
            let fate = ran
                .as_ref()
                .map_or_else(|error| Fate::NotRun(error.clone()), |ran| fate::of(&ran.report, entry));
            print(entry, &fate, ran.as_ref().ok(), show);
            judged.push(Judged { entry, fate });
        }
    }
    Ok(summary(&judged, entries.len(), &spent, seconds))
}

/// Checks one pair of releases.
fn run(binary: &Path, pair: &Pair<'_>, pythons: &Pythons, seconds: u64, more: &[String]) -> Result<Ran> {
    let place = pair.entries[0].releases.placed(pythons)?;
    let checker = Checker {
        binary: binary.to_owned(),
        python: place.python,
        seconds,
        more: more.to_vec(),
    };
    checker.trees(&place.base, &place.head)
}

/// Up to `limit` pairs of releases, small changes first, downloaded as they are asked for.
pub(super) fn placed(
    pythons: &Pythons,
    limit: usize,
    seed: u64,
) -> Result<impl Iterator<Item = Result<Placed>> + use<'_>> {
    let entries = entries::read(pythons, None)?;
    let first: Vec<Releases> = entries::pairs(&entries, limit, seed)
        .into_iter()
        .map(|pair| pair.entries[0].releases.clone())
        .collect();
    Ok(first.into_iter().map(|releases| releases.placed(pythons)))
}

fn print(entry: &Entry, fate: &Fate, ran: Option<&Ran>, show: bool) {
    let release = format!(
        "{} {} {}",
        entry.releases.package, entry.releases.base, entry.releases.head
    );
    let (word, text) = fate.told();
    let text: String = text.chars().take(200).collect();
    println!("{:<38} {release:<28} {:<14} {word:<17} {text}", entry.id, entry.kind);
    if let Some(ran) = ran {
        let findings = ran
            .report
            .functions
            .iter()
            .filter(|function| !function.findings.is_empty())
            .count();
        println!(
            "{:<38} {} functions listed, {findings} with a difference, {:.1} s",
            "",
            ran.report.functions.len(),
            ran.wall
        );
    }
    if show && !matches!(fate, Fate::Caught { .. }) {
        entry.witness.trim().lines().for_each(|line| println!("    | {line}"));
    }
}

fn summary(judged: &[Judged<'_>], known: usize, spent: &Spent, seconds: u64) -> Summary {
    let count = |wanted: fn(&Fate) -> bool| judged.iter().filter(|one| wanted(&one.fate)).count();
    let caught = count(|fate| matches!(fate, Fate::Caught { .. }));
    let kind = judged.iter().filter(|one| one.fate.is_of_kind(&one.entry.kind)).count();
    let mut summary = Summary::default();
    summary.tell(
        format!(
            "public regressions, {seconds} s a pair{}",
            if judged.len() < known {
                ", the smallest changes first"
            } else {
                ""
            }
        ),
        format!(
            "{} of {known} looked at: {caught} caught ({kind} as the kind expected), {} caught elsewhere, {} missed, \
             {} not verified, {} not listed, {} not run; {:.0} s wall, {:.0} s CPU",
            judged.len(),
            count(|fate| matches!(fate, Fate::Elsewhere(_))),
            count(|fate| matches!(fate, Fate::Missed(_))),
            count(|fate| matches!(fate, Fate::NotVerified(_))),
            count(|fate| matches!(fate, Fate::Absent)),
            count(|fate| matches!(fate, Fate::NotRun(_))),
            spent.wall,
            spent.cpu
        ),
    );
    summary
}
