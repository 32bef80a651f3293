//! What a bench closes with: figures beside what they must reach, as a table that can go into the README.

use crate::shell::Result;
use std::fmt;

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Figure {
    what: String,
    value: String,
    /// What it must reach, and whether it did.
    target: Option<(String, bool)>,
}

/// The figures of one bench.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    figures: Vec<Figure>,
    failure: Option<String>,
}

impl Summary {
    /// Adds a figure without a target.
    pub fn tell(&mut self, what: impl Into<String>, value: impl Into<String>) {
        self.figures.push(Figure {
            what: what.into(),
            value: value.into(),
            target: None,
        });
    }

    /// Adds a figure with a target.
    pub fn judge(
        &mut self,
        what: impl Into<String>,
        value: impl Into<String>,
        target: impl Into<String>,
        reached: bool,
    ) {
        self.figures.push(Figure {
            what: what.into(),
            value: value.into(),
            target: Some((target.into(), reached)),
        });
    }

    /// Makes the command fail, after everything was printed.
    pub fn fail(&mut self, why: impl Into<String>) {
        self.failure.get_or_insert(why.into());
    }

    /// Takes in the figures of another bench.
    pub fn add(&mut self, other: Self) {
        self.figures.extend(other.figures);
        self.failure = self.failure.take().or(other.failure);
    }

    /// Whether the command may end well.
    pub fn verdict(&self) -> Result<()> {
        self.failure.clone().map_or(Ok(()), Err)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| what | measured | target |\n| --- | --- | --- |")?;
        for figure in &self.figures {
            let target = match &figure.target {
                None => String::new(),
                Some((target, true)) => format!("{target}: reached"),
                Some((target, false)) => format!("{target}: **missed**"),
            };
            writeln!(formatter, "| {} | {} | {target} |", figure.what, figure.value)?;
        }
        Ok(())
    }
}

/// The middle one of some measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A share in percent, for people.
pub fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "none".to_owned();
    }
    #[allow(clippy::cast_precision_loss, reason = "counts of functions are small")]
    let share = 100.0 * part as f64 / whole as f64;
    format!("{share:.0} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_was_missed() {
        let mut summary = Summary::default();
        summary.tell("wall", "3 s");
        summary.judge("peak memory", "160 MB", "< 150 MB", false);
        assert_eq!(
            summary.to_string(),
            "| what | measured | target |\n| --- | --- | --- |\n| wall | 3 s |  |\n| peak memory | 160 MB | < 150 MB: **missed** |\n"
        );
        assert_eq!(summary.verdict(), Ok(()));
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
