//! What goes through a function and its inverse, and does not come back.

use languages::python::promise::{Pair, Probe, Promise, Trip};
use model::{CallKind, Input, Observed, Outcome, Symbol, Target, Value};

use super::{Suspect, Suspicion};
use crate::duo::Lost;
use crate::live::Live;

/// Part of the round trips that must come back before one that does not is told.
const MOST: f64 = 0.6;
/// Round trips that must come back, at least.
const LEAST: usize = 2;
/// Round trips that are tried, at most.
const TRIED: usize = 40;

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
    let there = target(suspect, &pair.there, pair.trip != Trip::Value);
    let inferred = languages::python::shapes::subject(suspect.project, suspect.project, &there, &[]);
    let Some(there) = Promise::of(suspect.project, &there, &inferred) else {
        return Ok(None);
    };
    let mut back = 0;
    let mut lost: Vec<(Value, Suspicion)> = Vec::new();
    for (value, input) in sent(&pair, &there.probes(), suspect).into_iter().take(TRIED) {
        let mut trip = Suspicion {
            said: languages::python::print::value(&value),
            place: Some(suspect.at(promise.line)),
            ..Suspicion::of(target(suspect, &pair.back, pair.trip == Trip::Through), input)
        };
        let before = match made(&value, &pair, suspect) {
            None => None,
            Some(making) => match making.run(live.duo())? {
                Some(record) => Some(record.observation.outcome),
                None => continue,
            },
        };
        let Some(record) = trip.run(live.duo())? else { continue };
        let comes = match (&record.observation.outcome, &before) {
            // Who takes an escape back may leave what would mean something else there: nobody can tell whether that is meant.
            (Outcome::Returned(Observed::Str(came)), None) if comes_escaped(&value, came) => continue,
            (Outcome::Returned(came), None) if comes_without_zeros(&value, came) => continue,
            (Outcome::Returned(came), None) => comes_to(&value, came),
            (Outcome::Returned(came), Some(Outcome::Returned(was))) => is_alike(was, came),
            (Outcome::Raised(_), None | Some(Outcome::Returned(_))) => false,
            _ => continue,
        };
        if comes {
            back += 1;
        } else {
            trip.record = record;
            lost.push((value, trip));
        }
    }
    let all = back + lost.len();
    if back < LEAST || (back as f64) < MOST * all as f64 {
        return Ok(None);
    }
    lost.sort_by_key(|(value, _)| value.size());
    let mut simplest = None;
    for (value, trip) in lost {
        if !stays(live, &pair, suspect, &value)? {
            simplest = Some((value, trip));
            break;
        }
    }
    let of = if pair.trip == Trip::Object { "objects" } else { "values" };
    Ok(simplest.map(|(_, trip)| Suspicion {
        cause: format!(
            "`{}` takes back what `{}` does by its name, and {back} of {all} {of} do come back",
            pair.back, pair.there
        ),
        ..trip
    }))
}

/// Whether the way there leaves a value as it is: then it is none that the way there is for, and the way back takes it for one.
fn stays(live: &mut Live<'_, '_>, pair: &Pair, suspect: &Suspect<'_>, value: &Value) -> Result<bool, Lost> {
    if pair.trip != Trip::Value {
        return Ok(false);
    }
    let input = Input {
        args: vec![value.clone()],
        ..Input::default()
    };
    let record = Suspicion::of(target(suspect, &pair.there, false), input).run(live.duo())?;
    Ok(record.is_some_and(|record| match &record.observation.outcome {
        Outcome::Returned(came) => comes_to(value, came),
        _ => false,
    }))
}

/// Whether the digits of a number have come back without the zeros in front, which no number keeps.
fn comes_without_zeros(was: &Value, came: &Observed) -> bool {
    match (was, came) {
        (Value::Str(was), Observed::Str(came)) => {
            was != came && was.trim_start_matches('0') == came.trim_start_matches('0')
        }
        (Value::Bytes(was), Observed::Bytes(came)) => {
            let digits = |bytes: &[u8]| {
                bytes
                    .iter()
                    .skip_while(|byte| [0, b'0'].contains(byte))
                    .copied()
                    .collect::<Vec<_>>()
            };
            was != came && digits(was) == digits(came)
        }
        _ => false,
    }
}

/// Whether a text has come back with escapes (`%2F`, `&amp;`, `\\n`) in place of characters, and as it was otherwise.
fn comes_escaped(was: &Value, came: &str) -> bool {
    let Value::Str(was) = was else { return false };
    let (mut rest, mut escapes) = (came, 0);
    for character in was.chars() {
        let own = ["&amp;", "%25", "\\\\"]
            .into_iter()
            .any(|own| own.starts_with(character) && rest.starts_with(own));
        if let Some(after) = rest.strip_prefix(character).filter(|_| !own) {
            rest = after;
            continue;
        }
        let length = match rest.as_bytes().first() {
            Some(b'%') => rest
                .get(..3)
                .filter(|escape| escape[1..].chars().all(|c| c.is_ascii_hexdigit()))
                .map(str::len),
            Some(b'&') => rest.find(';').map(|end| end + 1),
            Some(b'\\') => rest
                .chars()
                .take(2)
                .map(char::len_utf8)
                .reduce(|one, other| one + other),
            _ => None,
        };
        let Some(after) = length.and_then(|length| rest.get(length..)) else {
            return false;
        };
        (rest, escapes) = (after, escapes + 1);
    }
    rest.is_empty() && escapes > 0
}

/// A function or method beside the suspect.
fn target(suspect: &Suspect<'_>, name: &str, on_object: bool) -> Target {
    Target {
        qualified_name: name.to_owned(),
        call: if on_object {
            CallKind::Method
        } else {
            CallKind::Function
        },
        ..suspect.way.target.clone()
    }
}

/// What is sent, each with the call that brings it back.
fn sent(pair: &Pair, probes: &[Probe], suspect: &Suspect<'_>) -> Vec<(Value, Input)> {
    let method = pair.there.rsplit('.').next().unwrap_or_default();
    let fit = || probes.iter().filter(|probe| probe.is_sure && !probe.is_odd);
    let given = |arg: Value, receiver: Option<Value>| Input {
        receiver,
        args: vec![arg],
        ..Input::default()
    };
    match pair.trip {
        Trip::Value => {
            let there = Symbol::new(suspect.way.target.module.clone(), pair.there.clone());
            let trip = |value: Value| (value.clone(), given(Value::call(there.clone(), vec![value]), None));
            values(probes).into_iter().map(trip).collect()
        }
        Trip::Through => {
            let mut objects: Vec<&Value> = Vec::new();
            for probe in fit() {
                objects.extend(
                    probe
                        .input
                        .receiver
                        .iter()
                        .filter(|one| !objects.contains(one))
                        .collect::<Vec<_>>(),
                );
            }
            // The usual object first, with all values.
            let pairs = objects
                .iter()
                .flat_map(|object| values(probes).into_iter().map(move |value| (*object, value)));
            let trip = |(object, value): (&Value, Value)| {
                let there = Value::call(Symbol::method(method), vec![object.clone(), value.clone()]);
                (value, given(there, Some(object.clone())))
            };
            pairs.map(trip).collect()
        }
        Trip::Object => {
            let plain = fit().filter(|probe| probe.input.args.is_empty() && probe.input.kwargs.is_empty());
            let objects = plain.filter_map(|probe| probe.input.receiver.clone());
            let trip = |object: Value| {
                (
                    object.clone(),
                    given(Value::call(Symbol::method(method), vec![object]), None),
                )
            };
            objects.map(trip).collect()
        }
    }
}

/// The call that makes an object which is sent itself.
fn made(value: &Value, pair: &Pair, suspect: &Suspect<'_>) -> Option<Suspicion> {
    let Value::Call { args, kwargs, .. } = value else {
        return None;
    };
    if pair.trip != Trip::Object {
        return None;
    }
    let (class, _) = pair.there.rsplit_once('.')?;
    let target = Target {
        call: CallKind::Constructor,
        ..target(suspect, class, false)
    };
    let input = Input {
        args: args.clone(),
        kwargs: kwargs.clone(),
        ..Input::default()
    };
    Some(Suspicion::of(target, input))
}

/// Whether two objects hold the same, in whatever container and however precise; what is private is their own matter.
fn is_alike(was: &Observed, came: &Observed) -> bool {
    use Observed::{Cut, Dict, FrozenSet, List, Object, Opaque, Set, Tuple};
    let all = |was: &[Observed], came: &[Observed]| {
        was.len() == came.len() && was.iter().zip(came).all(|(was, came)| is_alike(was, came))
    };
    match (was, came) {
        (Opaque(_) | Cut, _) | (_, Opaque(_) | Cut) => true,
        (List(was) | Tuple(was), List(came) | Tuple(came)) => all(was, came),
        (Set(was) | FrozenSet(was) | List(was), Set(came) | FrozenSet(came) | List(came)) => {
            was.len() == came.len() && was.iter().all(|was| came.iter().any(|came| is_alike(was, came)))
        }
        (Dict(was), Dict(came)) => {
            let has = |(key, value): &(Observed, Observed)| came.iter().any(|(k, v)| key == k && is_alike(value, v));
            was.len() == came.len() && was.iter().all(has)
        }
        (
            Object {
                class, items, state, ..
            },
            Object {
                class: other,
                items: others,
                state: states,
                ..
            },
        ) => {
            let same_items = match (items, others) {
                (Some(was), Some(came)) => is_alike(was, came),
                (was, came) => was.is_none() == came.is_none(),
            };
            let public = |state: &[(String, Observed)]| -> Vec<(String, Observed)> {
                state
                    .iter()
                    .filter(|(name, _)| !name.starts_with('_'))
                    .cloned()
                    .collect()
            };
            let (state, states) = (public(state), public(states));
            let same = |((name, was), (other, came)): (&(String, Observed), &(String, Observed))| {
                name == other && is_alike(was, came)
            };
            class == other && same_items && state.len() == states.len() && state.iter().zip(&states).all(same)
        }
        (was, came) => match (number_of(was), number_of(came)) {
            (Some(was), Some(came)) => is_close(was, came),
            _ => was == came,
        },
    }
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
            (Some(a), Some(b)) => is_close(a, b),
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

fn is_close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_that_are_left_are_told_from_what_is_lost() {
        let escaped = |was: &str, came: &str| comes_escaped(&Value::Str(was.to_owned()), came);
        assert!(escaped("x/y", "x%2Fy") && escaped("a&b", "a&amp;b") && escaped("a\nb", "a\\nb"));
        assert!(!escaped("x/y", "x/y") && !escaped("x/y", "xy") && !escaped("x/y", "x%2Gy") && !escaped("x", "x&amp"));
        assert!(!escaped("a b", "a+b") && !escaped("ab", "a%62c"));
    }
    #[test]
    fn zeros_in_front_of_a_number_are_told_from_what_is_lost() {
        let bytes =
            |was: &[u8], came: &[u8]| comes_without_zeros(&Value::Bytes(was.to_vec()), &Observed::Bytes(came.to_vec()));
        assert!(bytes(b"\0\xff", b"\xff") && bytes(b"\0", b"") && !bytes(b"\xff\0", b"\xff") && !bytes(b"a", b"a"));
        let text =
            |was: &str, came: &str| comes_without_zeros(&Value::Str(was.to_owned()), &Observed::Str(came.to_owned()));
        assert!(text("007", "7") && !text("70", "7") && !text("a", "b"));
    }
}
