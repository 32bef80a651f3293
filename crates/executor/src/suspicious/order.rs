//! A start after its end, a minimum above its maximum, of inputs that are in order.

use languages::python::promise::{Probe, Promise, is_extreme, is_pair};
use languages::python::wire::decode::Record;
use model::{Input, Observed, Outcome, Value};

use super::{Suspect, Suspicion};

/// So deep in a result a pair is looked for.
const DEEPEST: u32 = 3;

/// The simplest input in order whose result is not, where that of most is.
pub(super) fn look(tried: &[(Probe, Record)], suspect: &Suspect<'_>, promise: &Promise<'_>) -> Option<Suspicion> {
    if promise.is_in_either_order() {
        return None;
    }
    let parts = promise.ordered_parts();
    let names = promise.parameter_names();
    let fit = tried
        .iter()
        .filter(|(probe, _)| probe.is_sure && !probe.is_odd && is_in_order(&probe.input, &names, false));
    let mut kept = 0;
    let mut broken = Vec::new();
    for (probe, record) in fit {
        let Outcome::Returned(value) = &record.observation.outcome else {
            continue;
        };
        let mut pairs = Vec::new();
        of_tuple(value, parts.as_ref(), &mut pairs);
        of_names(value, DEEPEST, &mut pairs);
        if !is_in_order(&probe.input, &names, true) {
            pairs.retain(|pair| pair.is_extreme);
        }
        match pairs.iter().find(|pair| pair.is_reversed) {
            Some(pair) => broken.push((probe, record, pair.said.clone())),
            None if !pairs.is_empty() => kept += 1,
            None => {}
        }
    }
    // What is the other way round for most is meant to be.
    if kept < broken.len() {
        return None;
    }
    let (probe, record, said) = broken.into_iter().min_by_key(|(probe, ..)| probe.input.size())?;
    Some(Suspicion {
        record: record.clone(),
        said,
        cause: "the first never comes after the second by their names, and what it was given is in order".to_owned(),
        place: Some(suspect.at(promise.line)),
        ..suspect.call(&probe.input)
    })
}

/// Two things of a result that have an order.
struct Pair {
    /// What is expected of them.
    said: String,
    is_reversed: bool,
    /// Whether it tells of all that was given, which need not be in order among itself.
    is_extreme: bool,
}

impl Pair {
    fn of(first: (&str, &Observed), second: (&str, &Observed)) -> Option<Self> {
        let (one, other) = (Place::of(first.1)?, Place::of(second.1)?);
        // What is nowhere is often told by a number below zero.
        if [&one, &other].iter().any(|place| place.is_below_zero()) {
            return None;
        }
        Some(Self {
            said: format!("`{}` not after `{}`", first.0, second.0),
            is_reversed: one.is_after(&other)?,
            is_extreme: is_extreme(first.0),
        })
    }
}

/// What has a place in an order.
#[derive(PartialEq)]
enum Place {
    Number(f64),
    /// A date or a date with its time, as it is written, with the name of its class.
    Date(String, String),
}

impl Place {
    fn of(value: &Observed) -> Option<Self> {
        match value {
            Observed::Int(number) => Some(Self::Number(*number as f64)),
            Observed::Float(number) if number.is_finite() => Some(Self::Number(*number)),
            Observed::Object {
                class,
                items: Some(items),
                state,
                ..
            } if ["datetime.date", "datetime.datetime"].contains(&class.as_str()) && state.is_empty() => match &**items
            {
                Observed::Str(text) => Some(Self::Date(class.clone(), text.clone())),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_after(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => Some(one > other),
            (Self::Date(class, one), Self::Date(other_class, other)) if class == other_class => Some(one > other),
            _ => None,
        }
    }

    fn is_below_zero(&self) -> bool {
        matches!(self, Self::Number(number) if *number < 0.0)
    }
}

/// The pair that a tuple of two is by the names of its parts.
fn of_tuple(value: &Observed, parts: Option<&(String, String)>, pairs: &mut Vec<Pair>) {
    let (Some((first, second)), Observed::Tuple(items)) = (parts, value) else {
        return;
    };
    if let [one, other] = items.as_slice() {
        pairs.extend(Pair::of((first, one), (second, other)));
    }
}

/// All pairs by names of keys and attributes.
fn of_names(value: &Observed, depth: u32, pairs: &mut Vec<Pair>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let named: Vec<(&str, &Observed)> = match value {
        Observed::Dict(items) => items
            .iter()
            .filter_map(|(key, item)| match key {
                Observed::Str(key) => Some((key.as_str(), item)),
                _ => None,
            })
            .collect(),
        Observed::Object { state, .. } => state.iter().map(|(name, item)| (name.as_str(), item)).collect(),
        Observed::List(items) | Observed::Tuple(items) => {
            items.iter().for_each(|item| of_names(item, depth, pairs));
            return;
        }
        _ => return,
    };
    // A slice with a step goes either way.
    if named.iter().any(|(name, _)| *name == "step") {
        return;
    }
    for (first, one) in &named {
        for (second, other) in &named {
            if is_pair(first, second) {
                pairs.extend(Pair::of((first, one), (second, other)));
            }
        }
        of_names(one, depth, pairs);
    }
}

/// Whether what is given is in order itself, in whatever way it has one: one argument after the other, and, with `within`, what
/// lists and the like hold, too.
fn is_in_order(input: &Input, names: &[String], within: bool) -> bool {
    let position = |name: &String| names.iter().position(|known| known == name).unwrap_or(usize::MAX);
    let mut given: Vec<(usize, &Value)> = input.args.iter().enumerate().collect();
    given.extend(input.kwargs.iter().map(|(name, value)| (position(name), value)));
    given.sort_by_key(|(at, _)| *at);
    let mut numbers = Vec::new();
    let mut dates: Vec<Vec<f64>> = Vec::new();
    input
        .receiver
        .iter()
        .for_each(|value| collect(value, &mut numbers, &mut dates));
    let counts =
        |value: &Value| within || !matches!(value, Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::Dict(_));
    given
        .iter()
        .filter(|(_, value)| counts(value))
        .for_each(|(_, value)| collect(value, &mut numbers, &mut dates));
    // What is empty ends before it begins, by some conventions.
    let is_none =
        |value: &Value| matches!(value, Value::Int(..=0)) || matches!(value, Value::Float(number) if *number <= 0.0);
    let is_empty = given.iter().any(|(_, value)| is_none(value));
    !is_empty && numbers.is_sorted() && dates.is_sorted()
}

/// The numbers and dates of a value, in the order in which they are written.
fn collect(value: &Value, numbers: &mut Vec<f64>, dates: &mut Vec<Vec<f64>>) {
    match value {
        Value::Int(number) => numbers.push(*number as f64),
        Value::Float(number) => numbers.push(*number),
        // Numbers that a text holds count as well.
        Value::Str(text) => {
            let digits = text.split(|character: char| !character.is_ascii_digit() && character != '.');
            numbers.extend(digits.filter_map(|part| part.parse::<f64>().ok()));
        }
        Value::Call { callee, args, .. } if callee.module == "datetime" && callee.name.starts_with("date") => {
            let mut parts = Vec::new();
            args.iter().for_each(|part| collect(part, &mut parts, &mut Vec::new()));
            dates.push(parts);
        }
        // How long something takes has no place among times.
        Value::Call { callee, .. } if callee.module == "datetime" => {}
        _ => value
            .children()
            .into_iter()
            .for_each(|child| collect(child, numbers, dates)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(day: i64) -> Value {
        Value::Call {
            callee: model::Symbol::new("datetime", "date"),
            args: vec![Value::Int(2024), Value::Int(1), Value::Int(day)],
            kwargs: Vec::new(),
        }
    }

    #[test]
    fn an_input_is_in_order_by_all_that_it_holds() {
        let in_order = |args: Vec<Value>, kwargs: Vec<(&str, Value)>| {
            let input = Input {
                args,
                kwargs: kwargs
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
                ..Input::default()
            };
            is_in_order(&input, &["a".to_owned(), "b".to_owned()], true)
        };
        assert!(in_order(vec![Value::Int(1), Value::Float(1.5)], vec![]));
        assert!(!in_order(vec![Value::Int(2), Value::Int(1)], vec![]));
        assert!(!in_order(vec![], vec![("b", Value::Int(1)), ("a", Value::Int(2))]));
        assert!(in_order(vec![date(1), date(2)], vec![]) && !in_order(vec![date(2), date(1)], vec![]));
        assert!(!in_order(vec![Value::Str("5-1".to_owned())], vec![]));
        assert!(!in_order(vec![Value::List(vec![Value::Int(2), Value::Int(0)])], vec![]));
    }

    #[test]
    fn a_pair_of_numbers_or_dates_has_an_order() {
        let reversed = |value: &Observed| {
            let mut pairs = Vec::new();
            of_names(value, DEEPEST, &mut pairs);
            pairs.first().map(|pair| pair.is_reversed)
        };
        let key = |name: &str| Observed::Str(name.to_owned());
        let dict = |start: Observed, end: Observed| Observed::Dict(vec![(key("start"), start), (key("end"), end)]);
        assert_eq!(reversed(&dict(Observed::Int(2), Observed::Int(1))), Some(true));
        assert_eq!(reversed(&dict(Observed::Int(1), Observed::Float(1.0))), Some(false));
        assert_eq!(
            reversed(&dict(Observed::Int(2), Observed::Int(-1))),
            None,
            "the end is not known"
        );
        assert_eq!(reversed(&dict(Observed::Int(2), Observed::None)), None);
        let day = |text: &str| Observed::Object {
            class: "datetime.date".to_owned(),
            id: 0,
            items: Some(Box::new(key(text))),
            state: Vec::new(),
        };
        assert_eq!(reversed(&dict(day("2024-02-01"), day("2024-01-31"))), Some(true));
        assert_eq!(
            reversed(&Observed::List(vec![dict(day("2024-01-01"), day("2024-01-31"))])),
            Some(false)
        );
    }
}
