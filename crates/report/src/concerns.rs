//! What a reader of the change must not miss, told by syntax alone: a line each, in every output.

use crate::terminal::safe;
use crate::words;
use model::report::{CheckReport, ConcernReport};

/// The heading of each.
pub(crate) const HEADING: &str = "REVIEW";
/// What it means.
pub(crate) const MEANING: &str = "the change brings something that its reader must not miss: a check that is gone or off, a shell, a secret, a package";

/// Those that nobody accepted before this change.
pub(crate) fn counting(report: &CheckReport) -> impl Iterator<Item = &ConcernReport> {
    report.concerns.iter().filter(|concern| !concern.is_accepted())
}

/// What it is and what of, in a line.
pub(crate) fn line(concern: &ConcernReport) -> String {
    let function = match concern.function.as_str() {
        "" => String::new(),
        name => format!("{}: ", safe(name)),
    };
    format!("{function}{} ({})", safe(&concern.text), words::cwe(concern.cwe))
}

/// Where it is.
pub(crate) fn place(concern: &ConcernReport) -> String {
    format!("{}:{}", safe(&concern.path), concern.line)
}

/// A line for each, with place and id.
pub(crate) fn lines(report: &CheckReport) -> Vec<String> {
    counting(report)
        .map(|concern| {
            format!(
                "{HEADING}  {}  {}  {}",
                place(concern),
                line(concern),
                safe(&concern.id)
            )
        })
        .collect()
}
