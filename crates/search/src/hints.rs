//! From what a run compared to the input that makes the comparison come out: where one operand stands in the input, the
//! other operands of its kind are put in its place.

use model::{Input, Value};

/// Inputs derived from one run at most.
const MOST: usize = 8;

/// The input with one of `hints` replaced by another of the same kind, where it occurs.
pub(crate) fn replaced(input: &Input, hints: &[Value]) -> Vec<Input> {
    let mut found = Vec::new();
    for from in hints
        .iter()
        .take(8)
        .filter(|from| input.values().any(|value| occurs(value, from)))
    {
        for to in hints.iter().take(8).filter(|to| *to != from) {
            if found.len() < MOST && std::mem::discriminant(from) == std::mem::discriminant(to) {
                let mut changed = input.clone();
                let values = changed.receiver.iter_mut().chain(&mut changed.args);
                values
                    .chain(changed.kwargs.iter_mut().map(|(_, value)| value))
                    .for_each(|value| put(value, from, to));
                found.push(changed);
            }
        }
    }
    found
}

fn occurs(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Str(text), Value::Str(part)) => !part.is_empty() && text.contains(part.as_str()),
        _ => value == wanted || value.children().into_iter().any(|child| occurs(child, wanted)),
    }
}

fn put(value: &mut Value, from: &Value, to: &Value) {
    if value == from {
        *value = to.clone();
        return;
    }
    match (&mut *value, from, to) {
        (Value::Str(text), Value::Str(from), Value::Str(to)) if !from.is_empty() => {
            *text = text.replacen(from.as_str(), to, 1)
        }
        // Keys are left alone: two of them could become equal.
        (Value::Dict(pairs), ..) => pairs.iter_mut().for_each(|(_, value)| put(value, from, to)),
        (Value::Set(_) | Value::FrozenSet(_), ..) => {}
        _ => value.children_mut().into_iter().for_each(|child| put(child, from, to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_operand_takes_the_place() {
        let text = |text: &str| Value::Str(text.into());
        let input = Input {
            args: vec![Value::List(vec![text("say abc"), Value::Int(7)])],
            ..Input::default()
        };
        let derived = replaced(&input, &[text("abc"), text("magic"), Value::Int(7), Value::Int(4711)]);
        let args: Vec<&Value> = derived.iter().map(|input| &input.args[0]).collect();
        assert!(args.contains(&&Value::List(vec![text("say magic"), Value::Int(7)])));
        assert!(args.contains(&&Value::List(vec![text("say abc"), Value::Int(4711)])));
    }
}
