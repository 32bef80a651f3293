//! From a [`Change`] to a [`Plan`]: for each changed function the ways to exercise it, best first, and its share of the time.
//!
//! Whether something can be called with useful inputs is known only by trying, so each check holds fallbacks: the function
//! itself, then what creates or calls it, up the graph of callers.

mod meeting;
mod readers;
mod suites;
mod targets;
mod ways;
mod weight;

#[cfg(test)]
mod tests;

pub use meeting::meeting;
pub use suites::{Reach, may_have_tests, tests};

use languages::python::syntax::Index;
use model::{Change, Check, Plan};

/// Plans all checks of a change; the riskiest come first.
pub fn plan(change: &Change, base: &Index, head: &Index, budget_seconds: f64) -> Plan {
    let planner = ways::Planner::new(change, base, head);
    let mut checks: Vec<Check> = (0..change.functions.len())
        .map(|function| planner.check(function))
        .collect();
    checks.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.function.cmp(&b.function)));
    Plan {
        checks,
        tests: None,
        budget_seconds,
    }
}
