//! Lists, tuples, sets, dictionaries, records and iterators.

use model::Value;

use super::Maker;
use crate::names;
use crate::shape::{Shape, ShapeId};
use crate::technique::Technique;

impl Maker<'_> {
    /// A value that has parts.
    pub(super) fn compound(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::List(of) => Value::List(self.items(*of)),
            Shape::TupleOf(of) => Value::Tuple(self.items(*of)),
            Shape::Set(of) => Value::Set(self.unique_items(*of)),
            Shape::FrozenSet(of) => Value::FrozenSet(self.unique_items(*of)),
            Shape::Iterator(of) => Value::Iterator(self.items(*of)),
            Shape::Tuple(parts) => Value::Tuple(parts.iter().map(|part| self.value(*part)).collect()),
            Shape::Dict(key, of) => self.dict(*key, *of),
            Shape::Record(fields) => self.record(fields),
            Shape::Callable(_) if self.scratch.random.percent(20) => Value::Identity,
            Shape::Callable(result) => Value::Returns(Box::new(self.value(*result))),
            _ => Value::None,
        }
    }

    /// How many parts a sequence gets: fewer the deeper it lies.
    fn length(&mut self) -> usize {
        if self.must_end() {
            return 0;
        }
        let most = (self.scale >> (self.depth.saturating_sub(1))).max(2);
        self.scratch.random.below(most + 1)
    }

    fn items(&mut self, of: ShapeId) -> Vec<Value> {
        let length = self.length();
        let mut items: Vec<Value> = Vec::with_capacity(length);
        for _ in 0..length {
            // A repeated element shows what random ones seldom do.
            if !items.is_empty() && self.scratch.random.percent(8) {
                let again = self.scratch.random.pick(&items).cloned();
                items.extend(again);
            } else {
                let item = self.value(of);
                items.push(item);
            }
        }
        items
    }

    fn unique_items(&mut self, of: ShapeId) -> Vec<Value> {
        let mut items = self.items(of);
        unique_members(&mut items);
        items
    }

    fn dict(&mut self, key: ShapeId, of: ShapeId) -> Value {
        if let Some(record) = self.guessed_record(key, of) {
            return record;
        }
        let mut pairs: Vec<(Value, Value)> = Vec::new();
        for _ in 0..self.length() {
            let name = self.key(key);
            if !pairs.iter().any(|(other, _)| *other == name) {
                pairs.push((name, self.value(of)));
            }
        }
        Value::Dict(pairs)
    }

    /// A dictionary with nearly all names that the code mentions: where few are mentioned, they belong to one record.
    fn guessed_record(&mut self, key: ShapeId, of: ShapeId) -> Option<Value> {
        let know = self.know;
        let names = &know.dictionary.keys.all;
        let plausible = (1..=8).contains(&names.len()) && matches!(know.atlas.shape(key), Shape::Str);
        if !plausible || self.must_end() || !self.scratch.random.percent(30) {
            return None;
        }
        let mut pairs = Vec::with_capacity(names.len());
        for name in names {
            if !self.scratch.random.percent(15) {
                pairs.push((Value::Str(name.clone()), self.value(of)));
            }
        }
        Some(Value::Dict(pairs))
    }

    /// A key: one that the code names more often than any.
    pub(crate) fn key(&mut self, shape: ShapeId) -> Value {
        let key = hashable(self.value(shape));
        let know = self.know;
        let random = &mut self.scratch.random;
        match key {
            Value::Str(_) if know.on(Technique::Literals) && random.percent(60) => know
                .dictionary
                .keys
                .pick(random)
                .map_or(key, |name| Value::Str(name.clone())),
            _ => key,
        }
    }

    fn record(&mut self, fields: &[(String, ShapeId, bool)]) -> Value {
        let ending = self.must_end();
        let mut pairs = Vec::with_capacity(fields.len());
        for (name, shape, required) in fields {
            let keep = if *required {
                !self.scratch.random.percent(3)
            } else {
                !ending && self.scratch.random.percent(60)
            };
            if keep {
                let hint = names::hint(name).filter(|_| self.know.on(Technique::Names));
                let value = self.named_as(hint, |maker| maker.value(*shape));
                pairs.push((Value::Str(name.clone()), value));
            }
        }
        Value::Dict(pairs)
    }
}

/// The same value in a form that can be a key, as far as there is one.
pub(crate) fn hashable(value: Value) -> Value {
    match value {
        value if value.is_hashable() => value,
        Value::List(items) | Value::Tuple(items) => Value::Tuple(items.into_iter().map(hashable).collect()),
        Value::Set(items) => Value::FrozenSet(items),
        Value::Dict(pairs) => Value::Tuple(
            pairs
                .into_iter()
                .map(|(key, value)| Value::Tuple(vec![key, hashable(value)]))
                .collect(),
        ),
        other => other,
    }
}

/// Drops pairs whose key is there already or cannot be one.
pub(crate) fn unique_keys(pairs: &mut Vec<(Value, Value)>) {
    let mut index = 0;
    while index < pairs.len() {
        let again = pairs[..index].iter().any(|(key, _)| *key == pairs[index].0);
        if again || !pairs[index].0.is_hashable() {
            pairs.remove(index);
        } else {
            index += 1;
        }
    }
}

/// Makes items members of a set: hashable, each once.
pub(crate) fn unique_members(items: &mut Vec<Value>) {
    let mut members: Vec<Value> = Vec::with_capacity(items.len());
    for item in std::mem::take(items) {
        let member = hashable(item);
        if !members.contains(&member) {
            members.push(member);
        }
    }
    *items = members;
}
