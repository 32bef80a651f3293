//! What making an input takes.

use model::{Input, Value};

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
    fn inside(value: &Value) -> bool {
        matches!(value, Value::Set(items) | Value::FrozenSet(items) if items.len() > 1)
            || value.children().into_iter().any(inside)
    }
    input.values().any(inside)
}

/// Whether an input holds a stand-in for objects of a class that is not known.
pub fn has_stand_in(input: &Input) -> bool {
    fn inside(value: &Value) -> bool {
        matches!(value, Value::Call { callee, .. } if callee.module == "types" && callee.name == "SimpleNamespace")
            || value.children().into_iter().any(inside)
    }
    input.values().any(inside)
}
