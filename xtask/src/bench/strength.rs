//! `cargo xtask bench strength`: how hard each "same" looked, held against the truth. `bench search` leaves a row for each "same" that
//! is wrong, `bench false-alarms` for each that is right; this prints them side by side.

use super::options::Options;
use super::summary::{Summary, percent};
use crate::shell::{self, Result};
use model::Strength;
use model::report::{FunctionReport, Share, Status};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What it takes.
pub const USAGE: &str =
    "  (nothing: it reads what `bench search` and `bench false-alarms` left the last time they ran)";

/// Shares of the injected faults between which the rows are counted, in percent.
const BOUNDS: [u32; 6] = [0, 25, 50, 70, 80, 90];

/// The evidence of one "same" that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    place: String,
    strength: Strength,
    inputs: u64,
    branches: Option<Share>,
    changed_lines: Option<Share>,
    faults: Option<Share>,
}

/// What is known of the functions of some rows.
#[derive(Clone, Copy, Debug)]
pub enum Truth {
    /// A fault was put in that is known to be noticeable.
    Faulty,
    /// The rewrite means nothing.
    Rewritten,
}

/// The rows of one bench.
#[derive(Default, Serialize, Deserialize)]
pub struct Rows {
    /// Versions that the truth is known of: with a fault, caught or not; the same on inputs.
    pub of: usize,
    /// The evidence of each "same" among them.
    pub rows: Vec<Row>,
}

impl Row {
    /// The evidence of a function that was called the same on inputs.
    pub fn of(function: &FunctionReport) -> Option<Self> {
        let strength = function.strength.filter(|strength| *strength != Strength::Proved)?;
        (function.status == Status::Same).then(|| Self {
            place: format!("{} {}", function.path, function.qualified_name),
            strength,
            inputs: function.useful_inputs,
            branches: function.branches_reached,
            changed_lines: function.changed_lines_reached,
            faults: function.faults_noticed,
        })
    }

    /// The first of [`BOUNDS`] that it does not reach, as an index; nothing where no fault could be tried.
    fn bin(&self) -> Option<usize> {
        let faults = self.faults.filter(|share| share.all > 0)?;
        let reached = |bound: u32| faults.reached * 100 >= faults.all * bound;
        Some(BOUNDS.iter().filter(|bound| reached(**bound)).count())
    }
}

impl Rows {
    /// Keeps them for `bench strength`.
    pub fn keep(&self, truth: Truth) -> Result<()> {
        let path = path(truth);
        shell::make_folder(path.parent().unwrap_or(&path))?;
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        shell::write(&path, &text)
    }

    fn read(truth: Truth) -> Result<Self> {
        let text = shell::read(&path(truth))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path(truth).display()))
    }

    /// How many were called strong.
    pub fn strong(&self) -> usize {
        self.rows.iter().filter(|row| row.strength == Strength::Strong).count()
    }
}

/// Prints both side by side.
pub fn measure(options: &mut Options) -> Result<Summary> {
    options.done()?;
    Ok(summary(&Rows::read(Truth::Faulty)?, &Rows::read(Truth::Rewritten)?))
}

fn summary(faulty: &Rows, rewritten: &Rows) -> Summary {
    let mut summary = Summary::default();
    let told = |wrong: usize, right: usize| {
        format!(
            "{wrong} of {} with a fault ({}); {right} of {} rewritten ({})",
            faulty.of,
            percent(wrong, faulty.of),
            rewritten.of,
            percent(right, rewritten.of)
        )
    };
    summary.tell("the same, and strong", told(faulty.strong(), rewritten.strong()));
    let weak = |rows: &Rows| rows.rows.len() - rows.strong();
    summary.tell("the same, and weak", told(weak(faulty), weak(rewritten)));
    let within = |rows: &Rows, bin: Option<usize>| rows.rows.iter().filter(|row| row.bin() == bin).count();
    for bin in std::iter::once(None).chain((1..=BOUNDS.len()).map(Some)) {
        let name = match bin {
            None => "the same; no injected fault could be tried".to_owned(),
            Some(at) => format!(
                "the same; injected faults noticed: {} to {} %",
                BOUNDS[at - 1],
                BOUNDS.get(at).unwrap_or(&100)
            ),
        };
        summary.tell(name, told(within(faulty, bin), within(rewritten, bin)));
    }
    summary
}

fn path(truth: Truth) -> PathBuf {
    let name = match truth {
        Truth::Faulty => "faulty",
        Truth::Rewritten => "rewritten",
    };
    shell::target().join("bench/strength").join(format!("{name}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(strength: Strength, noticed: Option<(u32, u32)>) -> Row {
        Row {
            place: "a.py f".to_owned(),
            strength,
            inputs: 90,
            branches: None,
            changed_lines: None,
            faults: noticed.map(|(reached, all)| Share { reached, all }),
        }
    }

    #[test]
    fn what_looked_hard_stands_beside_what_did_not() {
        let faulty = Rows {
            of: 50,
            rows: vec![row(Strength::Weak, Some((1, 4))), row(Strength::Weak, None)],
        };
        let rewritten = Rows {
            of: 4,
            rows: vec![
                row(Strength::Strong, Some((9, 10))),
                row(Strength::Weak, Some((9, 11))),
                row(Strength::Weak, Some((0, 3))),
            ],
        };
        let table = summary(&faulty, &rewritten).to_string();
        for line in [
            "and strong | 0 of 50 with a fault (0 %); 1 of 4 rewritten (25 %)",
            "and weak | 2 of 50 with a fault (4 %); 2 of 4 rewritten (50 %)",
            "could be tried | 1 of 50",
            "25 to 50 % | 1 of 50 with a fault (2 %); 0 of 4",
            "80 to 90 % | 0 of 50 with a fault (0 %); 1 of 4",
            "90 to 100 % | 0 of 50 with a fault (0 %); 1 of 4",
            "0 to 25 % | 0 of 50 with a fault (0 %); 1 of 4",
        ] {
            assert!(table.contains(line), "{line}\n{table}");
        }
    }
}
