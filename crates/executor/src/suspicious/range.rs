//! A count, a price, a duration below zero, of nothing that is below zero.

use languages::python::promise::{Probe, Promise};
use languages::python::wire::decode::Record;
use model::{Observed, Outcome};

use super::{Suspect, Suspicion};

/// So many results must not be below zero for each that is: what is below zero for many inputs is meant to be.
const OTHERS: usize = 3;

/// The simplest input that is not below zero and gives such a result, where the function is named after what never is.
pub(super) fn negative(tried: &[(Probe, Record)], suspect: &Suspect<'_>, promise: &Promise<'_>) -> Option<Suspicion> {
    let measure = promise.measure()?;
    let fit = || tried.iter().filter(|(probe, _)| probe.is_sure && !probe.is_odd);
    let (below, others): (Vec<_>, Vec<_>) = fit()
        .filter_map(|(probe, record)| match &record.observation.outcome {
            Outcome::Returned(Observed::Int(number)) => Some((probe, record, *number < 0)),
            Outcome::Returned(Observed::Float(number)) => Some((probe, record, *number < 0.0)),
            _ => None,
        })
        .partition(|(_, _, is_below)| *is_below);
    if others.len() < below.len() * OTHERS {
        return None;
    }
    let (probe, record, _) = below.into_iter().min_by_key(|(probe, ..)| probe.input.size())?;
    Some(Suspicion {
        record: record.clone(),
        said: format!("a {measure}"),
        cause: format!("a {measure} is never below zero, and nothing that it was given is"),
        place: Some(suspect.at(promise.line)),
        ..suspect.call(&probe.input)
    })
}
