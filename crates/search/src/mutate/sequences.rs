//! Changes of the order and number of elements.

use std::cmp::Ordering;

use model::Value;

use crate::make::Maker;
use crate::shape::ShapeId;

const LONGEST: usize = 64;

impl Maker<'_> {
    /// Changes which elements there are, and in which order.
    pub(crate) fn mutate_items(&mut self, root: usize, level: u8, of: ShapeId, items: &mut Vec<Value>) {
        let at = self.scratch.random.below(items.len() + 1);
        match self.scratch.random.below(100) {
            0..30 => {
                let item = self.value_at(root, level, of);
                items.insert(at, item);
            }
            30..50 if at < items.len() => drop(items.remove(at)),
            50..62 if at < items.len() => {
                let (item, to) = (items[at].clone(), self.scratch.random.below(items.len() + 1));
                items.insert(to, item);
            }
            62..70 => items.sort_by(order),
            70..76 => items.reverse(),
            76..84 if items.len() > 1 => {
                let (first, second) = (
                    self.scratch.random.below(items.len()),
                    self.scratch.random.below(items.len()),
                );
                items.swap(first, second);
            }
            84..88 => items.truncate(at),
            88..92 => drop(items.drain(..at)),
            92..96 => items.rotate_left(at),
            96..98 => items.extend_from_within(..),
            _ => items.sort_by(|a, b| order(b, a)),
        }
        let longest = LONGEST.min(self.know.limits.length * 5);
        items.truncate(longest);
    }
}

/// An order of values as languages see it, as far as they have one; by size otherwise.
pub(crate) fn order(a: &Value, b: &Value) -> Ordering {
    if let (Some(first), Some(second)) = (number(a), number(b)) {
        // Doubles first, so that the order stays total where integers do not fit them; then exactly.
        let exact = match (a, b) {
            (Value::Int(a), Value::Int(b)) => a.cmp(b),
            _ => matches!(a, Value::Float(_)).cmp(&matches!(b, Value::Float(_))),
        };
        return first.total_cmp(&second).then(exact);
    }
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            let parts = a.iter().zip(b).map(|(a, b)| order(a, b));
            parts
                .into_iter()
                .find(|order| order.is_ne())
                .unwrap_or(a.len().cmp(&b.len()))
        }
        _ => rank(a).cmp(&rank(b)).then_with(|| a.size().cmp(&b.size())),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

/// Keeps the order total where forms mix: numbers among themselves, everything else by form.
fn rank(value: &Value) -> u8 {
    match value {
        Value::None => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Float(_) => 2,
        Value::BigInt(_) => 3,
        Value::Str(_) => 4,
        Value::Bytes(_) => 5,
        Value::List(_) => 6,
        Value::Tuple(_) => 7,
        _ => 8,
    }
}
