//! Relations between the values of one input, which independent chance hits too seldom: the index of an element, a member,
//! equal values, sorted ones, a part of another.

use model::Value;

use crate::copies;
use crate::dates;
use crate::draft::{Draft, Given};
use crate::make::Maker;
use crate::mutate::order;

/// Brings two values, or the parts of one, into a relation; false where none could be applied.
pub(crate) fn relate(maker: &mut Maker<'_>, draft: &mut Draft) -> bool {
    let valued = |root: &usize| matches!(draft.given[*root], Given::One(_));
    let roots: Vec<usize> = (0..draft.given.len()).filter(valued).collect();
    for _ in 0..4 {
        let random = &mut maker.scratch.random;
        let (Some(target), Some(source)) = (random.pick(&roots).copied(), random.pick(&roots).copied()) else {
            return false;
        };
        let (Given::One(from), Given::One(before)) = (draft.given[source].clone(), draft.given[target].clone()) else {
            return false;
        };
        let Given::One(value) = &mut draft.given[target] else {
            return false;
        };
        let related = if target == source {
            within(maker, value)
        } else {
            between(maker, value, &from)
        };
        if related && maker.still_fits(target, &before, value) {
            return true;
        }
        *value = before;
    }
    false
}

/// A relation among the parts of one value.
fn within(maker: &mut Maker<'_>, value: &mut Value) -> bool {
    let key = maker.know.dictionary.keys.pick(&mut maker.scratch.random).cloned();
    let random = &mut maker.scratch.random;
    match value {
        Value::List(items) | Value::Tuple(items) | Value::Iterator(items) if items.len() > 1 => {
            let (first, second) = (random.below(items.len()), random.below(items.len()));
            match random.below(8) {
                0 => items.sort_by(order),
                1 => items.sort_by(|a, b| order(b, a)),
                2 => items.reverse(),
                3 => items[first] = items[second].clone(),
                4 => items.extend_from_within(..),
                5 => drop(items.pop()),
                // A sublist, and a mirrored one.
                6 => *items = items[first.min(second)..=first.max(second)].to_vec(),
                _ => {
                    let mirrored: Vec<Value> = items.iter().rev().cloned().collect();
                    items.extend(mirrored);
                }
            }
            // Pairs such as intervals mostly have their ends in order.
            if random.percent(50) {
                items.iter_mut().for_each(order_pair);
            }
            true
        }
        Value::Str(text) if text.len() > 1 => {
            *text = match random.below(3) {
                0 => text.chars().rev().collect(),
                1 => format!("{text}{}", text.chars().rev().collect::<String>()),
                _ => format!("{text}{text}"),
            };
            true
        }
        Value::Dict(pairs) if !pairs.is_empty() => {
            let (first, second) = (random.below(pairs.len()), random.below(pairs.len()));
            match (random.percent(50), key) {
                (true, Some(key))
                    if !pairs
                        .iter()
                        .any(|(other, _)| matches!(other, Value::Str(other) if *other == key)) =>
                {
                    pairs[first].0 = Value::Str(key);
                }
                _ if first == second => return false,
                _ => pairs[first].1 = pairs[second].1.clone(),
            }
            true
        }
        _ => false,
    }
}

fn order_pair(item: &mut Value) {
    if let Value::List(parts) | Value::Tuple(parts) = item
        && let [first, second] = &mut parts[..]
        && order(first, second).is_gt()
    {
        std::mem::swap(first, second);
    }
}

/// Brings `target` into a relation to `source`.
fn between(maker: &mut Maker<'_>, target: &mut Value, source: &Value) -> bool {
    let random = &mut maker.scratch.random;
    match (target, source) {
        (Value::Int(target), Value::Int(source)) => {
            *target = match random.below(4) {
                0 => *source,
                1 => source.saturating_add(1),
                2 => source.saturating_sub(1),
                _ => (*source).max(*target),
            };
            true
        }
        (Value::Int(target), Value::List(items) | Value::Tuple(items)) => number_of(maker, target, items),
        (Value::Int(target), Value::Str(text)) => {
            let length = text.chars().count() as i64;
            *target = if random.percent(50) {
                length + random.between(-1, 1)
            } else {
                random.between(0, length.max(1) - 1)
            };
            true
        }
        (Value::Str(target), Value::Str(source)) => text_of(maker, target, source),
        (target, Value::Dict(pairs)) if !pairs.is_empty() => {
            let (key, value) = &pairs[random.below(pairs.len())];
            let part = if random.percent(75) { key } else { value };
            take_same_form(target, part)
        }
        (Value::List(target), Value::List(source)) => list_of(maker, target, source),
        (Value::Dict(pairs), source) if source.is_hashable() && !pairs.is_empty() => {
            let index = random.below(pairs.len());
            if pairs.iter().any(|(key, _)| key == source)
                || std::mem::discriminant(&pairs[index].0) != std::mem::discriminant(source)
            {
                return false;
            }
            pairs[index].0 = source.clone();
            true
        }
        (Value::List(items) | Value::Tuple(items), source) => include(maker, items, source),
        (target, Value::List(items) | Value::Tuple(items) | Value::Set(items)) if !items.is_empty() => {
            take_same_form(target, &items[random.below(items.len())])
        }
        (target, source @ (Value::Call { .. } | Value::Node(_))) => match copies::near(maker, source) {
            Some(copy) => {
                let differs = *target != copy;
                *target = copy;
                differs
            }
            None => take_same_form(target, source),
        },
        (target, source) => take_same_form(target, source),
    }
}

/// A number that has to do with a list: its length, an index, an element, a sum.
fn number_of(maker: &mut Maker<'_>, target: &mut i64, items: &[Value]) -> bool {
    let random = &mut maker.scratch.random;
    let length = items.len() as i64;
    let element = random.pick(items).and_then(|item| {
        if let Value::Int(number) = item {
            Some(*number)
        } else {
            None
        }
    });
    *target = match random.below(6) {
        0 => length + random.between(-1, 1),
        1 => random.between(0, (length - 1).max(0)),
        2 | 3 => element.unwrap_or(length),
        4 => element.unwrap_or(0).saturating_add(random.between(-1, 1)),
        _ => {
            let numbers = items.iter().filter_map(|item| {
                if let Value::Int(number) = item {
                    Some(*number)
                } else {
                    None
                }
            });
            numbers
                .take(1 + random.below(items.len().max(1)))
                .fold(0, i64::saturating_add)
        }
    };
    true
}

fn text_of(maker: &mut Maker<'_>, target: &mut String, source: &str) -> bool {
    let random = &mut maker.scratch.random;
    // What the format would write is what it reads.
    if dates::is_format(source)
        && random.percent(80)
        && let Some(date) = dates::written(source, random)
    {
        *target = date;
        return true;
    }
    let letters: Vec<char> = source.chars().collect();
    let (first, second) = (random.below(letters.len() + 1), random.below(letters.len() + 1));
    let part: String = letters[first.min(second)..first.max(second)].iter().collect();
    *target = match random.below(5) {
        0 => source.to_owned(),
        1 => part,
        2 => format!("{target}{part}"),
        3 => format!("{part}{target}{part}"),
        _ => {
            // The same but for one place.
            let mut copy = source.to_owned();
            maker.vary_text(&mut copy);
            copy
        }
    };
    true
}

fn list_of(maker: &mut Maker<'_>, target: &mut Vec<Value>, source: &[Value]) -> bool {
    let random = &mut maker.scratch.random;
    let (first, second) = (random.below(source.len() + 1), random.below(source.len() + 1));
    let alike = |a: Option<&Value>, b: Option<&Value>| match (a, b) {
        (Some(a), Some(b)) => std::mem::discriminant(a) == std::mem::discriminant(b),
        _ => true,
    };
    if !alike(target.first(), source.first()) {
        // Of another form, but perhaps of the same length.
        target.truncate(source.len());
        return true;
    }
    match random.below(5) {
        0 => *target = source.to_vec(),
        1 => *target = source[first.min(second)..first.max(second)].to_vec(),
        2 => target.extend(source.iter().take(first).cloned()),
        3 => {
            *target = source.to_vec();
            if first < target.len() {
                target.remove(first);
            }
        }
        _ => {
            target.truncate(source.len());
            if let Some(item) = source.get(first) {
                target.push(item.clone());
            }
        }
    }
    true
}

/// Makes a value an element of a list of such values.
fn include(maker: &mut Maker<'_>, items: &mut [Value], source: &Value) -> bool {
    let index = maker.scratch.random.below(items.len());
    items.get_mut(index).is_some_and(|item| take_same_form(item, source))
}

/// Takes a value over where the form is the same.
fn take_same_form(target: &mut Value, source: &Value) -> bool {
    let same = std::mem::discriminant(target) == std::mem::discriminant(source) && target != source;
    if same {
        *target = source.clone();
    }
    same
}
