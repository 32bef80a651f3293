//! An error that nobody raised, or no end, on an input of the declared types.

use std::collections::BTreeMap;

use languages::python::promise::{Probe, Promise, Stumble};
use languages::python::wire::decode::Record;
use model::{FunctionChange, Input, Outcome, Place, Raised, Value};

use super::{Suspect, Suspicion, is_inner};
use crate::live::Live;
use crate::making::has_stand_in;

/// Candidates: names that are not bound on whatever input, then crashes and hangs on small plain inputs of the declared types.
pub(super) fn look(
    live: &Live<'_, '_>,
    tried: &[(Probe, Record)],
    suspect: &Suspect<'_>,
    promise: &Promise<'_>,
) -> Vec<Suspicion> {
    let mut found = unbound(live, suspect, promise);
    found.extend(crashes(tried, live.tally.returned > 0, suspect, promise));
    found.extend(hang(tried, suspect, promise));
    let mut places = Vec::new();
    found.retain(|one| {
        let is_new = !places.contains(&one.place);
        places.push(one.place.clone());
        is_new
    });
    found
}

/// The simplest input for each place at which a name is not bound, and for each call that cannot be made.
fn unbound(live: &Live<'_, '_>, suspect: &Suspect<'_>, promise: &Promise<'_>) -> Vec<Suspicion> {
    let mut simplest: BTreeMap<Place, &(Input, Record)> = BTreeMap::new();
    for stumble in &live.stumbles {
        let (input, record) = stumble;
        let Some((raised, place)) = own_error(record, suspect) else {
            continue;
        };
        // Whether a local name is bound depends on the input, and who calls a private function knows what to give it.
        if raised.class == "UnboundLocalError" && (is_inner(&suspect.way.target) || has_stand_in(input)) {
            continue;
        }
        let is_told = match promise.stumble(&place.path, place.line, &raised.class, &raised.message) {
            Stumble::Always => true,
            // What was handled there may be that the input is of no use: then it has to be of types that are declared.
            Stumble::Overlooked => {
                raised.class == "UnboundLocalError" && !promise.parameters().is_empty() && !(suspect.contradicts)(input)
            }
            Stumble::Natural => false,
        };
        if !is_told {
            continue;
        }
        let cost = |input: &Input| ((suspect.contradicts)(input), input.size());
        let known = simplest.entry(place.clone()).or_insert(stumble);
        if cost(input) < cost(&known.0) {
            *known = stumble;
        }
    }
    simplest
        .into_values()
        .filter_map(|(input, record)| suspicion(input, record, suspect, promise))
        .collect()
}

/// Of each error at each place the simplest input, where at least as many inputs return.
fn crashes(
    tried: &[(Probe, Record)],
    returned_else: bool,
    suspect: &Suspect<'_>,
    promise: &Promise<'_>,
) -> Vec<Suspicion> {
    let returned = returned(tried) + usize::from(returned_else);
    let mut by_place: BTreeMap<(Place, String), Vec<&(Probe, Record)>> = BTreeMap::new();
    for one in tried {
        let Some((raised, place)) = own_error(&one.1, suspect) else {
            continue;
        };
        by_place
            .entry((place.clone(), raised.class.clone()))
            .or_default()
            .push(one);
    }
    if by_place.is_empty() {
        return Vec::new();
    }
    let (by_use, by_others) = (promise.is_known_by_use(), promise.is_known_by_others());
    let mut found = Vec::new();
    for ((place, class), all) in by_place {
        let Outcome::Raised(raised) = &all[0].1.observation.outcome else {
            continue;
        };
        let thought = promise.stumble(&place.path, place.line, &class, &raised.message);
        // What was declared to be a number may be a negative one; what others are seen to give need not.
        let may_be_odd = class == "RecursionError" && !by_others;
        // That a text has characters is left to the caller.
        let of_text = class == "IndexError" && !["list", "tuple"].iter().any(|kind| raised.message.starts_with(kind));
        // So is that there is something in a table that is known by its uses alone, and in a text that is not declared.
        let of_unsaid = class == "IndexError" && by_use;
        let is_left = |probe: &Probe| {
            (of_text || by_others && class == "ZeroDivisionError") && probe.input.any(is_empty_text)
                || of_unsaid && probe.input.any(|value| is_empty_text(value) || is_empty_row(value))
                || class == "IndexError" && is_short_inside(&probe.input, holds(suspect.function, &place))
        };
        let mut fit: Vec<&&(Probe, Record)> = all
            .iter()
            .filter(|(probe, _)| probe.is_sure && (may_be_odd || !probe.is_odd) && !is_left(probe))
            .collect();
        fit.sort_by_key(|(probe, _)| (probe.is_odd, probe.input.size()));
        let Some((probe, record)) = fit.first() else { continue };
        let is_told = match thought {
            Stumble::Always => true,
            Stumble::Overlooked => all.len() <= returned && !promise.expects_error(&class, &raised.bases),
            Stumble::Natural => false,
        };
        if is_told {
            found.extend(suspicion(&probe.input, record, suspect, promise));
        }
    }
    found
}

/// Whether what is too short is left to the caller: a row in what is given, or what another function takes apart, as nothing
/// that is declared says how many parts either has.
fn is_short_inside(input: &Input, is_own: bool) -> bool {
    let mut inside = input.values().flat_map(Value::children);
    inside.any(|child| child.any(&is_empty_row)) || !is_own && !input.values().any(is_empty_row)
}

/// How many of the calls return.
fn returned(tried: &[(Probe, Record)]) -> usize {
    let returns = |(_, record): &&(Probe, Record)| matches!(record.observation.outcome, Outcome::Returned(_));
    tried.iter().filter(returns).count()
}

fn is_empty_row(value: &Value) -> bool {
    matches!(value, Value::List(items) | Value::Tuple(items) if items.is_empty())
}

fn is_empty_text(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        _ => false,
    }
}

/// Whether a part of an input is empty or holds one thing: an alphabet of one letter counts for ever, and nobody has one.
fn is_scant(input: &Input) -> bool {
    input.any(|value| match value {
        text if is_empty_text(text) => true,
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => items.len() < 2,
        Value::Dict(pairs) => pairs.len() < 2,
        _ => false,
    })
}

/// The simplest input on which it does not end, where it does on others.
fn hang(tried: &[(Probe, Record)], suspect: &Suspect<'_>, promise: &Promise<'_>) -> Option<Suspicion> {
    let is_slow =
        |one: &&(Probe, Record)| one.1.observation.outcome == Outcome::TimedOut && one.0.is_sure && !one.0.is_odd;
    let slow: Vec<&(Probe, Record)> = tried.iter().filter(is_slow).collect();
    let full = slow.iter().filter(|(probe, _)| !is_scant(&probe.input));
    let (probe, record) = full.min_by_key(|(probe, _)| probe.input.size())?;
    if slow.len() > returned(tried) || promise.expects_error("Timeout", &[]) {
        return None;
    }
    Some(Suspicion {
        record: record.clone(),
        said: said(promise),
        cause: "it did not end within a second, though it does on other inputs of these types".to_owned(),
        ..suspect.call(&probe.input)
    })
}

/// The error of a record that nobody raised by their own word, on a line of new code.
fn own_error<'r>(record: &'r Record, suspect: &Suspect<'_>) -> Option<(&'r Raised, &'r Place)> {
    let Outcome::Raised(raised) = &record.observation.outcome else {
        return None;
    };
    let place = raised.place.as_ref()?;
    let is_new = |function: &FunctionChange| function.is_added() && holds(function, place);
    let own = is_new(suspect.function)
        || suspect
            .change
            .functions
            .iter()
            .any(|function| !function.is_body() && is_new(function));
    let by_library = record.below && raised.class != "RecursionError";
    (raised.depth > 0 && own && !by_library).then_some((raised, place))
}

/// Whether a line is one of a function's.
fn holds(function: &FunctionChange, place: &Place) -> bool {
    function.path == place.path && (function.line..=function.end_line).contains(&place.line)
}

fn said(promise: &Promise<'_>) -> String {
    match promise.parameters() {
        parameters if parameters.is_empty() => "nothing of an error".to_owned(),
        parameters => format!("{parameters}, nothing of an error"),
    }
}

fn suspicion(input: &Input, record: &Record, suspect: &Suspect<'_>, promise: &Promise<'_>) -> Option<Suspicion> {
    let Outcome::Raised(raised) = &record.observation.outcome else {
        return None;
    };
    let place = raised.place.clone()?;
    let source = promise.source_line(&place.path, place.line)?;
    Some(Suspicion {
        record: record.clone(),
        said: said(promise),
        cause: format!("line {} `{source}` raises it, and nobody says that it may", place.line),
        place: Some(place),
        ..suspect.call(input)
    })
}
