//! Changes of values that have parts, in a part or in how many there are.

use model::Value;

use crate::make::Maker;
use crate::make::containers::{hashable, unique_keys, unique_members};
use crate::shape::{Shape, ShapeId};

impl Maker<'_> {
    /// Changes a part of a value of the concrete shape `shape`, or which parts it has.
    pub(super) fn mutate_parts(&mut self, root: usize, level: u8, shape: ShapeId, value: &mut Value) {
        let count = value.children().len();
        if let Shape::Object(class) = self.know.atlas.shape(shape)
            && let Some(class) = self.know.atlas.class(*class)
            && self.scratch.random.percent(if count == 0 { 80 } else { 20 })
            && self.toggle_argument(root, level, class, value)
        {
            return;
        }
        let into = if self.is_fixed(shape, value) { 95 } else { 55 };
        if count > 0 && self.scratch.random.percent(into) {
            self.mutate_part(root, level, shape, value, count);
            return;
        }
        let of = self.know.atlas.part(shape, 0, value);
        if matches!(self.know.atlas.shape(shape), Shape::Tuple(_)) {
            *value = self.value_at(root, level.saturating_sub(1), shape);
            return;
        }
        match value {
            Value::List(items) | Value::Iterator(items) | Value::Tuple(items) => {
                self.mutate_items(root, level, of, items)
            }
            Value::Set(items) | Value::FrozenSet(items) => {
                self.mutate_items(root, level, of, items);
                unique_members(items);
            }
            Value::Dict(pairs) => {
                let mut taken = std::mem::take(pairs);
                self.mutate_pairs(root, level, shape, &mut taken);
                *pairs = taken;
            }
            Value::Call { kwargs, .. } if !kwargs.is_empty() => {
                let index = self.scratch.random.below(kwargs.len());
                kwargs.remove(index);
            }
            other => *other = self.value_at(root, level.saturating_sub(1), shape),
        }
    }

    /// Changes what a call is given whose result is wanted, and not how it is got at: of `parse(text)[0]` the text.
    pub(crate) fn mutate_recipe(&mut self, root: usize, level: u8, value: &mut Value) {
        let Value::Call { callee, args, kwargs } = value else {
            return;
        };
        let is_part = callee.is_part();
        let count = args.len() + kwargs.len();
        let index = match is_part && !self.scratch.random.percent(10) {
            true => 0,
            false => self.scratch.random.below(count),
        };
        let any = self.know.atlas.basics.any;
        let given = args.iter_mut().chain(kwargs.iter_mut().map(|(_, value)| value));
        if let Some(given) = given.into_iter().nth(index) {
            match given {
                Value::Node(_) => self.mutate_nodes(),
                // What a parser is given is most of all told by its texts.
                Value::Str(text) => self.mutate_text(text),
                given => self.mutate_value(root, level.saturating_add(1), any, given),
            }
        }
    }

    /// Whether the number of parts belongs to the shape.
    fn is_fixed(&self, shape: ShapeId, value: &Value) -> bool {
        matches!(self.know.atlas.shape(shape), Shape::Tuple(_))
            || matches!(value, Value::Returns(_) | Value::Call { .. })
    }

    fn mutate_part(&mut self, root: usize, level: u8, shape: ShapeId, value: &mut Value, count: usize) {
        let index = self.scratch.random.below(count);
        let of = self.know.atlas.part(shape, index, value);
        let is_key = matches!(value, Value::Dict(_)) && index.is_multiple_of(2);
        let is_member = matches!(value, Value::Set(_) | Value::FrozenSet(_));
        if let Some(part) = value.children_mut().into_iter().nth(index) {
            self.mutate_value(root, level, of, part);
            if is_key || is_member {
                *part = hashable(std::mem::replace(part, Value::None));
            }
        }
        match value {
            Value::Dict(pairs) if is_key => unique_keys(pairs),
            Value::Set(items) | Value::FrozenSet(items) => unique_members(items),
            _ => {}
        }
    }

    /// Adds a field that is missing, or makes one anew.
    fn add_field(
        &mut self,
        root: usize,
        level: u8,
        fields: &[(String, ShapeId, bool)],
        pairs: &mut Vec<(Value, Value)>,
    ) {
        let has = |name: &String| {
            pairs
                .iter()
                .any(|(key, _)| matches!(key, Value::Str(key) if key == name))
        };
        let missing: Vec<_> = fields.iter().filter(|(name, ..)| !has(name)).collect();
        let random = &mut self.scratch.random;
        let Some((name, shape, _)) = random.pick(&missing).copied().or_else(|| random.pick(fields)) else {
            return;
        };
        let value = self.value_at(root, level, *shape);
        match pairs
            .iter_mut()
            .find(|(key, _)| matches!(key, Value::Str(key) if key == name))
        {
            Some((_, old)) => *old = value,
            None => pairs.push((Value::Str(name.clone()), value)),
        }
    }

    fn mutate_pairs(&mut self, root: usize, level: u8, shape: ShapeId, pairs: &mut Vec<(Value, Value)>) {
        let know = self.know;
        let (key, of) = match know.atlas.shape(shape) {
            Shape::Dict(key, of) => (*key, *of),
            Shape::Record(fields) if self.scratch.random.percent(60) => {
                return self.add_field(root, level, fields, pairs);
            }
            _ => (self.know.atlas.basics.text, self.know.atlas.basics.scalar),
        };
        let random = &mut self.scratch.random;
        match random.below(10) {
            0..4 => {
                let value = self.value_at(root, level, of);
                let name = self.key(key);
                pairs.push((name, value));
            }
            4..7 if !pairs.is_empty() => drop(pairs.remove(random.below(pairs.len()))),
            7 if pairs.len() > 1 => pairs.reverse(),
            8 if pairs.len() > 1 => {
                // Two values change places.
                let (first, second) = (random.below(pairs.len()), random.below(pairs.len()));
                let taken = pairs[first].1.clone();
                let other = std::mem::replace(&mut pairs[second].1, taken);
                pairs[first].1 = other;
            }
            _ if !pairs.is_empty() => {
                let index = random.below(pairs.len());
                pairs[index].0 = self.key(key);
            }
            _ => {}
        }
        unique_keys(pairs);
    }
}
