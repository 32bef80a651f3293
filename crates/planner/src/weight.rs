//! How risky a change is: what deserves time.

use std::collections::BTreeSet;

use languages::python::Project;
use languages::python::exposures::Context;
use model::{FunctionChange, FunctionKind, Reason};

/// So much riskier is what a change takes away that looks like a check of texts.
const GUARD: f64 = 2.0;

/// Larger is riskier; proved functions need nothing.
pub(crate) fn of(change: &FunctionChange) -> f64 {
    if change.proved_same || change.is_removed() {
        return 0.0;
    }
    let gravest = change.reasons.iter().map(worth).fold(0.0, f64::max);
    let lines = f64::from(u32::try_from(change.changed_lines.len()).unwrap_or(u32::MAX));
    let kind = match change.kind {
        FunctionKind::Module => 0.5,
        FunctionKind::Class => 0.8,
        _ => 1.0,
    };
    gravest * kind * (1.0 + (1.0 + lines).ln() / 2.0)
}

/// How much riskier a function is for the lines that it has in base alone: those of an escape, a check of paths and the like
/// come first, however few they are.
pub(crate) fn of_what_is_gone(change: &FunctionChange, base: &Project, head: &Project) -> f64 {
    let Some((first, last)) = change.base_line.zip(change.base_end_line) else {
        return 1.0;
    };
    let (Ok(was), Ok(is)) = (base.parsed(change.path_in_base()), head.parsed(&change.path)) else {
        return 1.0;
    };
    let now: BTreeSet<&str> = is.lines_between(change.line, change.end_line).map(str::trim).collect();
    let gone = was
        .lines_between(first, last)
        .map(str::trim)
        .filter(|line| !now.contains(line));
    match Context::new([], gone, []).takes_away_any() {
        true => GUARD,
        false => 1.0,
    }
}

fn worth(reason: &Reason) -> f64 {
    match reason {
        Reason::Code | Reason::Signature | Reason::Override => 1.0,
        Reason::Decorators => 0.9,
        Reason::Dependency(_) => 0.6,
        Reason::Moved => 0.5,
        Reason::Added => 0.4,
        Reason::Annotations => 0.3,
        Reason::Docstring | Reason::Renamed => 0.2,
        Reason::Removed => 0.0,
    }
}
