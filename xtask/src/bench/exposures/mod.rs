//! `cargo xtask bench exposures`: releases that fixed a published vulnerability, run backwards; which of them `check` shows.

mod alarms;
mod entries;
mod fate;
mod witnesses;

use super::checking::{Checker, Ran};
use super::machine;
use super::options::Options;
use super::packages::Pythons;
use super::summary::Summary;
use crate::shell::Result;
use entries::Entry;
use fate::Fate;
use serde_json::Value;
use std::path::PathBuf;

/// What it takes.
pub const USAGE: &str = "\
  --only WORD         only entries whose name or CVE has this in it
  --budget SECONDS    of each check (60)
  --show-missed       print the witness of what was not shown
  --verify            run the witnesses on both releases instead, without any check
  --alarms            check ordinary commits instead, and count those with an exposure alarm
  --repository PATH   for --alarms: a clone with its history; may be given more than once
  --python PATH       for --alarms: the interpreter (python3)
  --commits N         for --alarms: how many in all (100)
  -- ARGUMENTS        for `counterproof check`";

/// The share of the vulnerabilities that must be shown as exposures, in percent.
const TARGET: usize = 50;

/// Checks all pairs of releases, or does what the options say instead.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let (verify, alarms, show) = (options.is("verify")?, options.is("alarms")?, options.is("show-missed")?);
    let only = options.text("only")?;
    if verify {
        options.done()?;
        let pythons = Pythons::find()?;
        return witnesses::verify(&entries::read(&pythons, only.as_deref())?, &pythons);
    }
    let checker = Checker {
        binary: super::binary(options)?,
        python: options.text("python")?.unwrap_or_else(|| "python3".into()).into(),
        seconds: options.number("budget", 60)?,
        more: options.for_check.clone(),
    };
    let repositories: Vec<PathBuf> = options.texts("repository")?.into_iter().map(PathBuf::from).collect();
    let commits = options.number("commits", 100)?;
    options.done()?;
    let summary = match alarms {
        true => alarms::count(&checker, &repositories, commits)?,
        false => shown(&checker, only.as_deref(), show)?,
    };
    println!("{}", machine::described());
    Ok(summary)
}

/// Checks the pairs and prints what became of each entry.
fn shown(checker: &Checker, only: Option<&str>, show: bool) -> Result<Summary> {
    let pythons = Pythons::find()?;
    let entries = entries::read(&pythons, only)?;
    let mut done: Vec<(&Entry, Fate)> = Vec::new();
    let mut last: Option<(&Entry, Result<Ran<Value>>)> = None;
    for entry in &entries {
        let again = last
            .as_ref()
            .is_some_and(|(before, _)| before.releases == entry.releases);
        if !again {
            last = Some((entry, run(checker, entry, &pythons)));
        }
        let Some((_, ran)) = &last else { continue };
        let fate = match ran {
            Ok(ran) => fate::of(&ran.report, entry),
            Err(error) => Fate::NotRun(error.replace('\n', " / ")),
        };
        print(entry, &fate, ran.as_ref().ok(), show);
        done.push((entry, fate));
    }
    Ok(summary(&done, checker.seconds))
}

fn run(checker: &Checker, entry: &Entry, pythons: &Pythons) -> Result<Ran<Value>> {
    let place = entry.releases.placed(pythons)?;
    let checker = Checker {
        python: place.python,
        ..checker.clone()
    };
    checker.trees(&place.base, &place.head)
}

fn print(entry: &Entry, fate: &Fate, ran: Option<&Ran<Value>>, show: bool) {
    let (word, text) = fate.told();
    let text: String = text.chars().take(220).collect();
    println!("{word:<10} {:<36} {:<17} {:<9} {text}", entry.id, entry.cve, entry.cwe);
    if let Some(ran) = ran {
        let functions: Vec<&Value> = ran.report["functions"].as_array().into_iter().flatten().collect();
        let different = functions
            .iter()
            .filter(|function| {
                function["findings"]
                    .as_array()
                    .is_some_and(|findings| !findings.is_empty())
            })
            .count();
        println!(
            "{:<10} {}: {} functions changed, {} listed, {different} with a finding, {} alarms; {:.1} s",
            "",
            entry.kind,
            entry.size,
            functions.len(),
            fate::alarms(&ran.report).len(),
            ran.wall
        );
    }
    if show && !matches!(fate, Fate::Shown { .. }) {
        entry.witness.trim().lines().for_each(|line| println!("    | {line}"));
    }
}

fn summary(done: &[(&Entry, Fate)], seconds: u64) -> Summary {
    let count = |word: &str| done.iter().filter(|(_, fate)| fate.told().0 == word).count();
    let (exposed, other) = (count("exposure"), count("shown"));
    let mut summary = Summary::default();
    summary.judge(
        format!("published vulnerabilities, fixed to vulnerable, {seconds} s a pair: shown as an exposure"),
        format!("{exposed} of {}", done.len()),
        format!("{TARGET} %"),
        exposed * 100 >= done.len() * TARGET,
    );
    summary.tell(
        "shown by any finding in what the fix changed",
        format!("{} of {}", exposed + other, done.len()),
    );
    summary.tell(
        "of the others",
        format!(
            "{} shown in other functions alone, {} not shown, {} not listed, {} not run",
            count("elsewhere"),
            count("not shown"),
            count("not listed"),
            count("not run")
        ),
    );
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_told_as_an_exposure_counts_for_the_target() {
        let entry = Entry::default();
        let shown = |as_exposure| Fate::Shown {
            as_exposure,
            told: String::new(),
        };
        let table = summary(
            &[(&entry, shown(true)), (&entry, shown(false)), (&entry, Fate::Absent)],
            60,
        )
        .to_string();
        assert!(table.contains("1 of 3 | 50 %: **missed**"), "{table}");
        assert!(table.contains("| 2 of 3 |"), "{table}");
    }
}
