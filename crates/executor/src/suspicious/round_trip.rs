//! What goes through a function and its inverse, and does not come back.

use languages::python::promise::{Probe, Promise};
use model::{CallKind, Input, Observed, Outcome, Symbol, Target, Value};

use super::{Suspect, Suspicion};
use crate::duo::Lost;
use crate::live::Live;

/// Part of the round trips that must come back before one that does not is told.
const MOST: f64 = 0.6;
/// Round trips that must come back, at least.
const LEAST: usize = 2;

/// The simplest value that does not come back, where most do.
///
/// # Errors
/// When a session is lost.
pub(super) fn look(
    live: &mut Live<'_, '_>,
    suspect: &Suspect<'_>,
    promise: &Promise<'_>,
) -> Result<Option<Suspicion>, Lost> {
    let Some(pair) = promise.pair() else {
        return Ok(None);
    };
    // Where both are new, it is told once.
    let function = suspect.function;
    let is_other = |other: &model::FunctionChange| {
        other.is_added() && other.path == function.path && other.qualified_name == pair.there
    };
    if function.qualified_name != pair.there && suspect.change.functions.iter().any(is_other) {
        return Ok(None);
    }
    let named = |name: &str| Target {
        qualified_name: name.to_owned(),
        call: CallKind::Function,
        ..suspect.way.target.clone()
    };
    let Some(there) = Promise::of(suspect.project, &named(&pair.there)) else {
        return Ok(None);
    };
    let values = values(&there.probes());
    let mut trips = Vec::new();
    for value in values {
        let sent = Value::Call {
            callee: Symbol::new(suspect.way.target.module.clone(), pair.there.clone()),
            args: vec![value.clone()],
            kwargs: Vec::new(),
        };
        let input = Input {
            args: vec![sent],
            ..Input::default()
        };
        let trip = Suspicion {
            said: languages::python::print::value(&value),
            place: Some(suspect.at(promise.line)),
            ..Suspicion::of(named(&pair.back), input)
        };
        trips.push((value, trip));
    }
    let mut back = 0;
    let mut lost: Vec<(Value, Suspicion)> = Vec::new();
    for (value, mut trip) in trips {
        let Some(record) = trip.run(live.duo())? else { continue };
        match &record.observation.outcome {
            Outcome::Returned(came) if comes_to(&value, came) => back += 1,
            Outcome::Returned(_) | Outcome::Raised(_) => {
                trip.record = record;
                lost.push((value, trip));
            }
            _ => {}
        }
    }
    let all = back + lost.len();
    if back < LEAST || (back as f64) < MOST * all as f64 {
        return Ok(None);
    }
    let simplest = lost.into_iter().min_by_key(|(value, _)| value.size());
    Ok(simplest.map(|(_, trip)| Suspicion {
        cause: format!(
            "`{}` takes back what `{}` does by its name, and {back} of {all} values do come back",
            pair.back, pair.there
        ),
        ..trip
    }))
}

/// Plain values that may be sent: those that are declared, and texts and bytes that are more than letters.
fn values(probes: &[Probe]) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let mut add = |value: &Value| {
        if value.is_plain() && !values.contains(value) {
            values.push(value.clone());
        }
    };
    for probe in probes.iter().filter(|probe| probe.is_sure && !probe.is_odd) {
        let [value] = probe.input.args.as_slice() else { continue };
        if !probe.input.kwargs.is_empty() {
            continue;
        }
        add(value);
        let text = |text: &str| Value::Str(text.to_owned());
        match value {
            Value::Str(one) if one == "a" => {
                ["Ab", "é", "a,b", "a&b=c", "x/y", "'q'", "1"]
                    .map(text)
                    .iter()
                    .for_each(&mut add);
            }
            Value::Bytes(one) if one == b"a" => {
                [&b"\x00\xff"[..], b"ab", b"a\nb"]
                    .map(|bytes| Value::Bytes(bytes.to_vec()))
                    .iter()
                    .for_each(&mut add);
            }
            Value::Int(1) => [10, 255, 256, 1000].map(Value::Int).iter().for_each(&mut add),
            _ => {}
        }
    }
    values
}

/// Whether what came back is what was sent, in whatever container and however precise.
pub(super) fn comes_to(sent: &Value, came: &Observed) -> bool {
    let all = |sent: &[Value], came: &[Observed]| {
        sent.len() == came.len() && sent.iter().zip(came).all(|(sent, came)| comes_to(sent, came))
    };
    match (sent, came) {
        (Value::None, Observed::None) => true,
        (Value::Str(a), Observed::Str(b)) => a == b,
        (Value::Bytes(a), Observed::Bytes(b)) => a == b,
        (Value::List(a) | Value::Tuple(a), Observed::List(b) | Observed::Tuple(b)) => all(a, b),
        (Value::Set(a) | Value::FrozenSet(a), Observed::Set(b) | Observed::FrozenSet(b) | Observed::List(b)) => {
            a.len() == b.len() && a.iter().all(|a| b.iter().any(|b| comes_to(a, b)))
        }
        (Value::Dict(a), Observed::Dict(b)) => {
            let has = |(key, value): &(Value, Value)| b.iter().any(|(k, v)| is_key(key, k) && comes_to(value, v));
            a.len() == b.len() && a.iter().all(has)
        }
        (sent, came) => match (number(sent), number_of(came)) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1.0),
            // What has a class of its own may be equal in its own way.
            _ => matches!(
                came,
                Observed::Object { .. } | Observed::Again(_) | Observed::Cut | Observed::Opaque(_)
            ),
        },
    }
}

/// Whether a key is the same; formats of text have keys of text alone.
fn is_key(sent: &Value, came: &Observed) -> bool {
    let as_text = || matches!((number(sent), came), (Some(a), Observed::Str(b)) if b.parse() == Ok(a));
    comes_to(sent, came) || as_text()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    }
}

fn number_of(value: &Observed) -> Option<f64> {
    match value {
        Observed::Bool(value) => Some(f64::from(u8::from(*value))),
        Observed::Int(value) => Some(*value as f64),
        Observed::Float(value) => Some(*value),
        _ => None,
    }
}
