//! Faults in functions of lists.

use model::{Input, Value};

use super::{Ended, ints};

fn search_in(input: &Input, places: &mut Vec<u32>, open_end: bool) -> Ended {
    let [items, Value::Int(wanted)] = &input.args[..] else {
        return Ended::Invalid;
    };
    let Some(items) = ints(items) else {
        return Ended::Invalid;
    };
    let (mut low, mut high) = (0i64, items.len() as i64 - 1);
    while if open_end { low < high } else { low <= high } {
        let middle = (low + high) / 2;
        let item = items[middle as usize];
        if item == *wanted {
            places.push(1);
            return Ended::Returned(Value::Int(middle));
        }
        if item < *wanted {
            places.push(2);
            low = middle + 1;
        } else {
            places.push(3);
            high = middle - 1;
        }
    }
    Ended::Returned(Value::Int(-1))
}

/// Binary search.
pub fn binary_search(input: &Input, places: &mut Vec<u32>) -> Ended {
    search_in(input, places, false)
}

/// Binary search that stops one step early.
pub fn binary_search_short(input: &Input, places: &mut Vec<u32>) -> Ended {
    search_in(input, places, true)
}

fn merge_by(input: &Input, places: &mut Vec<u32>, touches: fn(i64, i64) -> bool) -> Ended {
    let [Value::List(items)] = &input.args[..] else {
        return Ended::Invalid;
    };
    let pairs: Option<Vec<Vec<i64>>> = items
        .iter()
        .map(|item| ints(item).filter(|pair| pair.len() == 2))
        .collect();
    let Some(mut pairs) = pairs else { return Ended::Invalid };
    pairs.sort();
    let mut merged: Vec<(i64, i64)> = Vec::new();
    for pair in pairs {
        if pair[0] > pair[1] {
            return Ended::Raised("ValueError");
        }
        match merged.last_mut() {
            Some((_, end)) if touches(pair[0], *end) => {
                places.push(1);
                *end = (*end).max(pair[1]);
            }
            _ => {
                places.push(2);
                merged.push((pair[0], pair[1]));
            }
        }
    }
    let pair = |(start, end): (i64, i64)| Value::Tuple(vec![Value::Int(start), Value::Int(end)]);
    Ended::Returned(Value::List(merged.into_iter().map(pair).collect()))
}

/// Merges intervals that overlap or touch.
pub fn merge(input: &Input, places: &mut Vec<u32>) -> Ended {
    merge_by(input, places, |start, end| start <= end)
}

/// Merges intervals that overlap.
pub fn merge_strict(input: &Input, places: &mut Vec<u32>) -> Ended {
    merge_by(input, places, |start, end| start < end)
}

fn days_by(input: &Input, places: &mut Vec<u32>, limit: i64) -> Ended {
    let [Value::Int(weight), Value::Bool(express)] = &input.args[..] else {
        return Ended::Invalid;
    };
    if *weight < 0 {
        return Ended::Raised("ValueError");
    }
    if *weight > limit {
        places.push(1);
        return Ended::Returned(Value::Int(if *express { 3 } else { 9 }));
    }
    places.push(2);
    Ended::Returned(Value::Int(if *express { 1 } else { 5 }))
}

/// Days of a delivery, by weight.
pub fn days(input: &Input, places: &mut Vec<u32>) -> Ended {
    days_by(input, places, 31_337)
}

/// The same with the limit itself on the other side.
pub fn days_off_by_one(input: &Input, places: &mut Vec<u32>) -> Ended {
    days_by(input, places, 31_336)
}
