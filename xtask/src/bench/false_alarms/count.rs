//! What became of the functions of one run, or of many.

use crate::bench::strength::Row;
use crate::bench::summary::percent;
use model::report::{CheckReport, FunctionReport, Status};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How a reason begins, or what it holds, where a function was not tried since the time was up.
const CUT: &str = "the time budget ran out";
/// How the reason goes on, after the name of a module, where no tool could run the function here. Whatever else is given
/// as a reason counts as not exercised: the benefit of the doubt is not the tool's.
const CANNOT_RUN: [&str; 4] = [
    " does not import in ",
    " needs the package that has ",
    "it needs what the sandbox refuses: ",
    "it was removed",
];

/// Whether a reason says so. What follows a colon may quote anything, so that only the beginning is looked at.
fn cannot_run(reason: &str) -> bool {
    CANNOT_RUN
        .iter()
        .any(|part| reason.find(part).is_some_and(|at| !reason[..at].contains([' ', ':'])))
}

/// Counts of functions.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// All that are listed as changed, but for new and removed ones.
    pub listed: usize,
    /// Same, by proof.
    pub proved: usize,
    /// Same, on inputs.
    pub same: usize,
    /// How hard each of those looked.
    pub rows: Vec<Row>,
    /// New ones and removed ones.
    pub other: usize,
    /// Not tried, since the time was up.
    pub cut: usize,
    /// Not verified since they cannot be run.
    pub unable: usize,
    /// Not verified, though they may be run.
    pub unexercised: usize,
    /// Reasons of all that was not verified, and how often each.
    pub reasons: BTreeMap<String, usize>,
    /// Differences that were shown.
    pub alarms: Vec<String>,
    /// Runs that went wrong: no report, or far too long.
    pub faults: Vec<String>,
    /// Wall time in seconds.
    pub wall: f64,
}

impl Count {
    /// Counts a report.
    pub fn of(report: &CheckReport) -> Self {
        let mut count = Self::default();
        report.functions.iter().for_each(|function| count.take(function));
        count
    }

    /// A run without a report.
    pub fn broken(why: &str) -> Self {
        Self {
            faults: vec![why.to_owned()],
            ..Self::default()
        }
    }

    fn take(&mut self, function: &FunctionReport) {
        if !function.findings.is_empty() {
            self.alarms.push(alarm(function));
        }
        if matches!(function.status, Status::New | Status::Removed) {
            self.other += 1;
            return;
        }
        self.listed += 1;
        match (function.status, &function.reason) {
            (Status::Same, _) if function.strength == Some(model::Strength::Proved) => self.proved += 1,
            (Status::Same, _) if function.inputs > 0 => {
                self.same += 1;
                self.rows.extend(Row::of(function));
            }
            (Status::Same, _) => self.alarms.push(format!("SAME on no evidence: {}", place(function))),
            (_, Some(reason)) => self.reason(reason),
            _ => {}
        }
    }

    fn reason(&mut self, reason: &str) {
        let kind = if reason.contains(CUT) {
            &mut self.cut
        } else if cannot_run(reason) {
            &mut self.unable
        } else {
            &mut self.unexercised
        };
        *kind += 1;
        *self.reasons.entry(without_numbers(reason)).or_default() += 1;
    }

    /// Adds another count.
    pub fn add(&mut self, other: Self) {
        self.listed += other.listed;
        self.proved += other.proved;
        self.same += other.same;
        self.rows.extend(other.rows);
        self.other += other.other;
        self.cut += other.cut;
        self.unable += other.unable;
        self.unexercised += other.unexercised;
        self.wall += other.wall;
        self.alarms.extend(other.alarms);
        self.faults.extend(other.faults);
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
    }

    /// Functions called the same after runs on both versions, or by proof. An alarm is none of them.
    pub fn exercised(&self) -> usize {
        self.same + self.proved
    }

    /// Functions that could run and had their turn.
    pub fn had_their_turn(&self) -> usize {
        self.listed - self.unable - self.cut
    }

    /// Functions that could run, whether or not the time was enough.
    pub fn could_run(&self) -> usize {
        self.listed - self.unable
    }

    /// The heading of the lines that [`Count::told`] gives.
    pub fn head() -> String {
        format!(
            "{:<44} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>9} {:>6} {:>6}",
            "package and rewrite", "listed", "proved", "same", "not", "unable", "cut", "exercised", "ALARMS", "wall"
        )
    }

    /// A line, the reasons of what was not verified, and every alarm.
    pub fn told(&self, name: &str, all_reasons: bool) -> String {
        let mut text = format!(
            "{name:<44} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6} {:>9} {:>6} {:>5.1}s\n",
            self.listed,
            self.proved,
            self.same,
            self.unexercised,
            self.unable,
            self.cut,
            percent(self.exercised(), self.had_their_turn()),
            self.alarms.len(),
            self.wall
        );
        let mut reasons: Vec<(&String, &usize)> = self.reasons.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (reason, count) in reasons.into_iter().take(if all_reasons { 25 } else { 3 }) {
            let reason: String = reason.chars().take(140).collect();
            // Writing to a string does not fail.
            let _ = writeln!(text, "    {count:>5} × {reason}");
        }
        for alarm in self.alarms.iter().chain(&self.faults) {
            let _ = writeln!(text, "    !! {alarm}");
        }
        text
    }
}

fn place(function: &FunctionReport) -> String {
    format!("{}:{} {}", function.path, function.line, function.qualified_name)
}

fn alarm(function: &FunctionReport) -> String {
    let example = function.findings.first().map(|finding| &finding.example);
    let example = example.map_or(String::new(), |example| {
        let setup: String = example.setup.iter().map(|line| format!("{line}; ")).collect();
        format!("{setup}{}  was {}  now {}", example.call, example.base, example.head)
    });
    format!("{} {:?}: {example}", place(function), function.status)
}

/// A reason without what differs from function to function, so that equal ones are counted as one.
fn without_numbers(reason: &str) -> String {
    let mut text = String::new();
    for letter in reason.chars() {
        let letter = if letter.is_ascii_digit() { '#' } else { letter };
        if !(letter == '#' && text.ends_with('#')) {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(status: &str, reason: Option<&str>, inputs: u64) -> FunctionReport {
        serde_json::from_value(serde_json::json!({
            "path": "a.py", "qualified_name": "f", "line": 1, "status": status, "reason": reason,
            "changed_because": [], "inputs": inputs, "useful_inputs": inputs, "findings": []
        }))
        .unwrap()
    }

    #[test]
    fn only_what_had_its_turn_counts_for_the_share() {
        let mut count = Count::default();
        for (status, reason, inputs) in [
            ("same", None, 7),
            ("not_verified", Some("it raised on all 12 inputs tried"), 0),
            ("not_verified", Some("the time budget ran out before it was reached"), 0),
            ("not_verified", Some("it needs what the sandbox refuses: rename"), 0),
            ("new", None, 3),
        ] {
            count.take(&function(status, reason, inputs));
        }
        assert_eq!((count.listed, count.exercised()), (4, 1));
        assert_eq!((count.had_their_turn(), count.could_run()), (2, 3));
        assert!(count.reasons.contains_key("it raised on all # inputs tried"));
    }

    #[test]
    fn a_failure_of_our_own_is_not_an_inability() {
        for (reason, expected) in [
            (
                "no input of 9 was accepted, mostly AttributeError: 'dict' object has no attribute 'x'",
                false,
            ),
            (
                "no input of 9 was accepted, mostly E: importing it needs the package that has `x`",
                false,
            ),
            ("pack.part has no Thing.run (in base)", false),
            ("nothing that exists in both versions reaches it by name", false),
            (
                "pack.part needs the package that has `other`, which is not installed",
                true,
            ),
            ("pack.part does not import in head: ValueError: x", true),
            ("it needs what the sandbox refuses: rename a -> b", true),
        ] {
            assert_eq!(cannot_run(reason), expected, "{reason}");
        }
    }

    #[test]
    fn same_without_inputs_is_an_alarm() {
        let mut count = Count::default();
        count.take(&function("same", None, 0));
        assert_eq!(count.alarms.len(), 1);
    }
}
