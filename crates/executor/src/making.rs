//! What making an input takes.

use model::{Input, Symbol, Value};

/// The class of stand-ins for objects of a class that is not known.
pub const STAND_IN: &str = "types.SimpleNamespace";

/// Whether making an input calls anything.
pub fn calls(input: &Input) -> bool {
    input.values().any(|value| maker(value).is_some())
}

/// What is called to make a value.
pub fn maker(value: &Value) -> Option<String> {
    match value {
        Value::Call { callee, .. } => Some(callee.name.clone()),
        other => other.children().into_iter().find_map(maker),
    }
}

/// Whether an input holds a set of more than one element, whose order nobody gave.
pub fn holds_set(input: &Input) -> bool {
    input.any(|value| matches!(value, Value::Set(items) | Value::FrozenSet(items) if items.len() > 1))
}

/// Whether an input holds a stand-in for objects of a class that is not known.
pub fn has_stand_in(input: &Input) -> bool {
    let is_stand_in = |callee: &Symbol| STAND_IN.split_once('.') == Some((&callee.module, &callee.name));
    input.any(|value| matches!(value, Value::Call { callee, .. } if is_stand_in(callee)))
}

/// Whether an input holds a set whose order follows from addresses: of objects, functions, iterators, `None`. It is another
/// one in each process, so that a difference on it tells nothing.
pub fn hangs_on_addresses(input: &Input) -> bool {
    fn by_address(item: &Value) -> bool {
        !item.is_plain() || matches!(item, Value::None) || item.children().into_iter().any(by_address)
    }
    input.any(|value| {
        matches!(value, Value::Set(items) | Value::FrozenSet(items) if items.len() > 1 && items.iter().any(by_address))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_what_has_no_hash_of_its_own_hang_on_addresses() {
        let of = |items: Vec<Value>| {
            hangs_on_addresses(&Input {
                args: vec![Value::List(vec![Value::Set(items)])],
                ..Input::default()
            })
        };
        assert!(of(vec![Value::Iterator(vec![]), Value::Int(1)]));
        assert!(of(vec![Value::None, Value::Int(1)]));
        assert!(of(vec![Value::Tuple(vec![Value::None]), Value::Int(1)]));
        assert!(!of(vec![Value::Iterator(vec![])]), "a single element has no order");
        assert!(!of(vec![Value::Str("a".into()), Value::Int(1)]));
    }
}
