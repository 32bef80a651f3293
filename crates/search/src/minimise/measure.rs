//! What smaller means: the size that a person has to read, and within the same size the nearness to zero and to `a`.
//!
//! Sizes count digits, so that by size alone 60 could never become 50.

use model::{Input, Value};

/// How large an input is; the order is well-founded, so that going down it ends.
pub(super) type Measure = (u64, u128);

/// The measure of an input.
pub(super) fn of(input: &Input) -> Measure {
    (input.size(), input.values().map(fine).fold(0, u128::saturating_add))
}

/// The measure of a value.
pub(super) fn of_value(value: &Value) -> Measure {
    (value.size(), fine(value))
}

fn fine(value: &Value) -> u128 {
    match value {
        Value::Int(number) => u128::from(number.unsigned_abs()),
        Value::Float(number) => u128::from(number.abs().to_bits()),
        Value::Str(text) => text.chars().map(u128::from).sum(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| u128::from(*byte)).sum(),
        Value::None | Value::Bool(_) => 0,
        _ => value.children().into_iter().map(fine).fold(0, u128::saturating_add),
    }
}
