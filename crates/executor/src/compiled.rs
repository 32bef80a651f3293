//! Proofs by the compiler: functions that are written differently and compile to the same code.

use std::collections::BTreeSet;

use model::{Change, Check, Standalone};

use crate::duo::Duo;

/// Which of the functions that are to be run need no run, by their place in the change.
///
/// Where the interpreters cannot tell, none.
pub(crate) fn same(duo: &mut Duo<'_>, change: &Change, checks: &[&Check]) -> BTreeSet<usize> {
    let offered: Vec<(usize, &Standalone)> = checks
        .iter()
        .filter_map(|check| Some((check.function, change.functions[check.function].standalone.as_ref()?)))
        .collect();
    if offered.is_empty() {
        return BTreeSet::new();
    }
    let sources = |of: fn(&Standalone) -> &str| -> Vec<(&str, &str)> {
        offered
            .iter()
            .map(|(_, alone)| (of(alone), alone.name.as_str()))
            .collect()
    };
    let (base, head) = (sources(|alone| &alone.base), sources(|alone| &alone.head));
    let compiled = duo.both(|version, half| match version {
        crate::duo::Version::Base => half.compile(&base),
        crate::duo::Version::Head => half.compile(&head),
    });
    let Ok((base, head)) = compiled else {
        return BTreeSet::new();
    };
    let mut same: BTreeSet<usize> = offered
        .iter()
        .zip(base.iter().zip(&head))
        .filter(|(_, (base, head))| base.is_some() && base == head)
        .map(|((function, _), _)| *function)
        .collect();
    let settled =
        |function: &usize, same: &BTreeSet<usize>| same.contains(function) || change.functions[*function].proved_same;
    loop {
        let spoilt = offered
            .iter()
            .find(|(function, alone)| same.contains(function) && !alone.with.iter().all(|other| settled(other, &same)));
        match spoilt {
            Some((function, _)) => same.remove(function),
            None => return same,
        };
    }
}
