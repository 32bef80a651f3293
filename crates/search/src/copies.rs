//! Objects that are equal to another one, or nearly: what comparisons of objects turn on.

use model::Value;

use crate::make::Maker;

/// Beyond so many nodes no further ones are made.
const MOST_NODES: usize = 24;

/// An object made like `source`, the same or with one argument varied; nothing where `source` is no such object.
pub(crate) fn near(maker: &mut Maker<'_>, source: &Value) -> Option<Value> {
    match source {
        Value::Call { .. } => {
            let mut copy = source.clone();
            vary(maker, &mut copy);
            Some(copy)
        }
        Value::Node(index) if maker.nodes.len() < MOST_NODES => {
            let mut copy = maker.nodes.get(*index as usize)?.clone();
            vary(maker, &mut copy.make);
            maker.nodes.push(copy);
            Some(Value::Node(maker.nodes.len() as u32 - 1))
        }
        _ => None,
    }
}

/// Changes one of the plain values that a call is given, a text rather than another; or none.
fn vary(maker: &mut Maker<'_>, call: &mut Value) {
    if maker.scratch.random.percent(25) {
        return;
    }
    let mut plain = Vec::new();
    gather(call, &mut plain);
    if maker.scratch.random.percent(75) && plain.iter().any(|value| matches!(value, Value::Str(_))) {
        plain.retain(|value| matches!(value, Value::Str(_)));
    }
    let index = maker.scratch.random.below(plain.len());
    match plain.into_iter().nth(index) {
        Some(Value::Str(text)) => maker.vary_text(text),
        Some(Value::Int(number)) => *number = maker.mutate_int(*number),
        Some(Value::Float(number)) => *number = maker.mutate_float(*number),
        Some(Value::Bool(truth)) => *truth = !*truth,
        _ => {}
    }
}

fn gather<'v>(value: &'v mut Value, plain: &mut Vec<&'v mut Value>) {
    match value {
        Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => plain.push(value),
        // Two keys could become equal.
        Value::Dict(pairs) => pairs.iter_mut().for_each(|(_, value)| gather(value, plain)),
        Value::Set(_) | Value::FrozenSet(_) => {}
        value => value.children_mut().into_iter().for_each(|child| gather(child, plain)),
    }
}
