//! A default that a call leaves changed for the next one, and an argument that is changed against the function's word.

use languages::python::print;
use languages::python::promise::{Probe, Promise};
use languages::python::wire::decode::Record;
use model::{Input, Observed, Outcome, Value};

use super::round_trip::comes_to;
use super::{LIMIT, Suspect, Suspicion};
use crate::duo::Lost;
use crate::live::Live;

/// Calls that are tried twice.
const TRIED: usize = 6;

/// The simplest call that gives another result the second time, since it changed a default.
///
/// # Errors
/// When a session is lost.
pub(super) fn leak(
    live: &mut Live<'_, '_>,
    tried: &[(Probe, Record)],
    suspect: &Suspect<'_>,
    promise: &Promise<'_>,
) -> Result<Option<Suspicion>, Lost> {
    for (name, at, fresh) in promise.shared_defaults() {
        let left = |input: &Input| input.args.len() <= at && input.kwargs.iter().all(|(given, _)| *given != name);
        let mut inputs: Vec<Input> = tried.iter().map(|(probe, _)| probe.input.clone()).collect();
        let of_search = live.samples.iter().filter(|(input, _)| !(suspect.contradicts)(input));
        inputs.extend(of_search.map(|(input, _)| input.clone()));
        inputs.retain(|input| left(input) && input.nodes.is_empty());
        inputs.sort_by_key(Input::size);
        inputs.dedup();
        for input in inputs.into_iter().take(TRIED) {
            let mut explicit = input.clone();
            explicit.kwargs.push((name.clone(), fresh.clone()));
            let after_itself = |input: &Input| Suspicion {
                before: vec![input.clone()],
                ..suspect.call(input)
            };
            let once = suspect.call(&input).run(live.duo())?;
            let second = after_itself(&input);
            let twice = second.run(live.duo())?;
            let apart = after_itself(&explicit).run(live.duo())?;
            let (Some(once), Some(twice), Some(apart)) = (once, twice, apart) else {
                continue;
            };
            let (Outcome::Returned(first), Outcome::Returned(_)) =
                (&once.observation.outcome, &twice.observation.outcome)
            else {
                continue;
            };
            let leaks = once.observation.outcome != twice.observation.outcome
                && apart.observation.outcome == once.observation.outcome;
            if leaks {
                return Ok(Some(Suspicion {
                    said: format!("{} the first time", print::observed(first, LIMIT)),
                    cause: format!("the default of `{name}` is one object for all calls, and a call changes it"),
                    place: Some(suspect.at(promise.line)),
                    record: twice,
                    ..second
                }));
            }
        }
    }
    Ok(None)
}

/// The simplest call that changes a list, dictionary or set that it is given, though it returns something and says that it
/// leaves it alone.
pub(super) fn changed(tried: &[(Probe, Record)], suspect: &Suspect<'_>, promise: &Promise<'_>) -> Option<Suspicion> {
    let word = promise.leaves_alone()?;
    let changes = tried.iter().filter_map(|(probe, record)| {
        let returned = matches!(&record.observation.outcome, Outcome::Returned(value) if *value != Observed::None);
        let Some(Observed::List(after)) = &record.observation.after else {
            return None;
        };
        let input = &probe.input;
        let skipped = usize::from(input.receiver.is_some());
        let given = input.args.iter().zip(after.iter().skip(skipped)).enumerate();
        let mut changed =
            given.filter(|(_, (value, after))| is_container(value) && value.is_plain() && !comes_to(value, after));
        let (at, (value, now)) = changed.next()?;
        (returned && probe.is_sure && !probe.is_odd).then_some((input, record, at, value, now))
    });
    let (input, record, at, value, now) = changes.min_by_key(|(input, ..)| input.size())?;
    let printed = print::call(&suspect.way.target, input).call;
    let text = print::observed(now, LIMIT);
    Some(Suspicion {
        record: record.clone(),
        said: print::value(value),
        cause: format!("{word}, and it changes what it is given"),
        call: Some((printed, text)),
        place: Some(suspect.at(promise.line)),
        aspect: Some(format!("argument {} afterwards", at + 1)),
        ..suspect.call(input)
    })
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Dict(_) | Value::Set(_))
}
