//! How risky a change is: what deserves time.

use model::{FunctionChange, FunctionKind, Reason};

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
