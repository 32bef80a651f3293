//! Smaller values in place of a value, the boldest first.

use model::Value;

use super::measure;

/// Every strictly smaller value that may stand in place of `value`: itself made smaller, then one of its parts made smaller.
pub(super) fn smaller(value: &Value) -> Vec<Value> {
    let mut found = own(value);
    let size = measure::of_value(value);
    found.retain(|candidate| measure::of_value(candidate) < size);
    let parts = value.children().len();
    for index in 0..parts {
        let part = value.children()[index].clone();
        for replacement in smaller(&part) {
            found.extend(with_part(value, index, replacement));
        }
    }
    found
}

/// The value with one part replaced; nothing where keys or members would become equal.
fn with_part(value: &Value, index: usize, replacement: Value) -> Option<Value> {
    let clashes = match value {
        Value::Dict(pairs) if index.is_multiple_of(2) => pairs.iter().any(|(key, _)| *key == replacement),
        Value::Set(items) | Value::FrozenSet(items) => items.contains(&replacement),
        _ => false,
    };
    if clashes {
        return None;
    }
    let mut changed = value.clone();
    *changed.children_mut().into_iter().nth(index)? = replacement;
    Some(changed)
}

fn own(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(true) => vec![Value::Bool(false)],
        Value::Int(number) => ints(*number).into_iter().map(Value::Int).collect(),
        Value::BigInt(number) => {
            let half = number / 2;
            let smaller = i64::try_from(&half).map_or(Value::BigInt(half), Value::Int);
            vec![Value::Int(0), Value::Int(1), Value::Int(i64::MAX), smaller]
        }
        Value::Float(number) => floats(*number),
        Value::Complex(..) => vec![Value::Float(0.0), Value::Float(1.0)],
        Value::Str(text) => texts(text),
        Value::Bytes(bytes) => chunks(bytes)
            .into_iter()
            .chain(plainer(bytes, b"a0"))
            .map(Value::Bytes)
            .collect(),
        Value::List(items) => sequences(items, Value::List),
        Value::Tuple(items) => sequences(items, Value::Tuple),
        Value::Set(items) => sequences(items, Value::Set),
        Value::FrozenSet(items) => sequences(items, Value::FrozenSet),
        Value::Iterator(items) => sequences(items, Value::Iterator),
        Value::Dict(pairs) => {
            let fewer = chunks(pairs).into_iter().map(Value::Dict);
            fewer.chain(hoisted(value)).collect()
        }
        Value::Call { callee, args, kwargs } => {
            let call = |args: Vec<Value>, kwargs| Value::Call {
                callee: callee.clone(),
                args,
                kwargs,
            };
            let named = chunks(kwargs).into_iter().map(|kwargs| call(args.clone(), kwargs));
            // Only from the end: the others would move to another parameter.
            let positional = (0..args.len()).map(|count| call(args[..count].to_vec(), kwargs.clone()));
            named.chain(positional).collect()
        }
        Value::Returns(_) => vec![Value::Identity],
        _ => Vec::new(),
    }
}

fn sequences(items: &[Value], make: fn(Vec<Value>) -> Value) -> Vec<Value> {
    chunks(items)
        .into_iter()
        .map(make)
        .chain(hoisted(&make(items.to_vec())))
        .collect()
}

/// Parts of the same form in place of the whole: `[[1]]` becomes `[1]`.
fn hoisted(value: &Value) -> Vec<Value> {
    let same = |part: &&Value| std::mem::discriminant(*part) == std::mem::discriminant(value);
    value.children().into_iter().filter(same).take(4).cloned().collect()
}

/// All items but a run of them: runs of all, a half, …, one.
pub(super) fn chunks<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    let mut found = Vec::new();
    let mut width = items.len();
    while width > 0 {
        let mut start = 0;
        while start < items.len() {
            let end = (start + width).min(items.len());
            found.push([&items[..start], &items[end..]].concat());
            start = end;
        }
        width /= 2;
    }
    found
}

/// One item at a time replaced by each of the plain ones.
fn plainer<T: Clone + PartialEq>(items: &[T], plain: &[T]) -> Vec<Vec<T>> {
    let mut found = Vec::new();
    for index in 0..items.len() {
        for replacement in plain.iter().take_while(|plain| **plain != items[index]) {
            let mut changed = items.to_vec();
            changed[index] = replacement.clone();
            found.push(changed);
        }
    }
    found
}

fn ints(number: i64) -> Vec<i64> {
    let towards = if number > 0 {
        number - 1
    } else {
        number.saturating_add(1)
    };
    let tenth = if number.unsigned_abs() > 20 {
        10 * number.signum()
    } else {
        0
    };
    let mut found = vec![0, 1, 2, -1, number.saturating_neg(), tenth, number / 10, number / 2];
    // Ever smaller steps find a threshold in few tries.
    found.extend([4, 8, 16, 64].map(|part| number - number / part));
    found.push(towards);
    found.retain(|candidate| *candidate != number);
    found.dedup();
    found
}

fn floats(number: f64) -> Vec<Value> {
    let mut found = vec![
        Value::Float(0.0),
        Value::Float(1.0),
        Value::Float(2.0),
        Value::Float(-1.0),
        Value::Float(0.5),
    ];
    if number.is_finite() {
        let whole = number.trunc();
        found.extend([whole, whole / 2.0, -number].map(Value::Float));
        found.extend([10.0, 100.0].map(|scale| Value::Float((number * scale).round() / scale)));
        if whole.abs() < 1e15 {
            found.push(Value::Int(whole as i64));
        }
    }
    found
}

fn texts(text: &str) -> Vec<Value> {
    let letters: Vec<char> = text.chars().collect();
    let fewer = chunks(&letters);
    let lower: Vec<char> = text.to_lowercase().chars().collect();
    let all_a: Vec<char> = letters
        .iter()
        .map(|letter| if letter.is_alphabetic() { 'a' } else { *letter })
        .collect();
    let singly = plainer(&letters, &['a', '0', 'b', '1', ' ']);
    let all = fewer.into_iter().chain([all_a, lower]).chain(singly);
    all.map(|letters| Value::Str(letters.into_iter().collect())).collect()
}
