//! Small changes of inputs that were worth keeping.

mod nodes;
mod numbers;
mod parts;
mod sequences;
mod texts;

pub(crate) use sequences::order;

use model::Value;

use crate::atlas::{Atlas, RootKind};
use crate::draft::{Draft, Given};
use crate::graph;
use crate::make::Maker;
use crate::relate;
use crate::shape::{ParameterKind, Shape, ShapeId};
use crate::technique::Technique;

/// Changes an input in one to four steps, and tells which technique had the last word.
pub(crate) fn mutate(maker: &mut Maker<'_>, draft: &mut Draft) -> Technique {
    maker.nodes = std::mem::take(&mut draft.nodes);
    let mut technique = Technique::Mutation;
    let mut steps = 1;
    while steps < 4 && maker.scratch.random.percent(40) {
        steps += 1;
    }
    for _ in 0..steps {
        technique = step(maker, draft);
    }
    draft.nodes = std::mem::take(&mut maker.nodes);
    graph::tidy(draft);
    technique
}

fn step(maker: &mut Maker<'_>, draft: &mut Draft) -> Technique {
    let roll = maker.scratch.random.below(100);
    match roll {
        0..10 if maker.know.on(Technique::Relations) && relate::relate(maker, draft) => Technique::Relations,
        10..20 if toggle(maker, draft) => Technique::Mutation,
        20..38 if !maker.nodes.is_empty() => {
            maker.mutate_nodes();
            Technique::Mutation
        }
        _ => {
            mutate_root(maker, draft);
            Technique::Mutation
        }
    }
}

/// Changes the value of one root.
fn mutate_root(maker: &mut Maker<'_>, draft: &mut Draft) {
    let count = draft.given.len();
    let start = maker.scratch.random.below(count);
    // The first one from a random start that has a value.
    let has_value = |root: &usize| draft.given[*root].values().next().is_some();
    let Some(root) = (0..count).map(|offset| (start + offset) % count).find(has_value) else {
        return;
    };
    let shape = maker.know.atlas.roots[root].shapes[maker.know.openness];
    match &mut draft.given[root] {
        Given::One(value) => {
            if !maker.leads_up(value) {
                maker.mutate_value(root, 0, shape, value);
            }
        }
        Given::Rest(values) => {
            if maker.scratch.random.percent(40) {
                maker.mutate_items(root, 0, shape, values);
            } else {
                let index = maker.scratch.random.below(values.len());
                maker.mutate_value(root, 0, shape, &mut values[index]);
            }
        }
        Given::Named(pairs) => {
            let index = maker.scratch.random.below(pairs.len());
            maker.mutate_value(root, 0, shape, &mut pairs[index].1);
        }
        Given::Omitted => {}
    }
}

/// Gives what was left out, or leaves out what was given.
fn toggle(maker: &mut Maker<'_>, draft: &mut Draft) -> bool {
    let atlas = &maker.know.atlas;
    let can = |root: &usize| {
        let about = &atlas.roots[*root];
        about.optional
            || matches!(
                about.kind,
                RootKind::Parameter(ParameterKind::Rest | ParameterKind::KeywordRest)
            )
    };
    let roots: Vec<usize> = (0..draft.given.len()).filter(can).collect();
    let Some(root) = maker.scratch.random.pick(&roots).copied() else {
        return false;
    };
    draft.given[root] = match (&draft.given[root], atlas.roots[root].kind) {
        (_, RootKind::Parameter(ParameterKind::Rest | ParameterKind::KeywordRest)) => maker.given(root),
        (Given::Omitted, _) => {
            let about = &atlas.roots[root];
            let shape = about.shapes[maker.know.openness];
            Given::One(maker.other_than(about.default.as_ref(), shape, |maker| maker.root_value(root)))
        }
        _ => Given::Omitted,
    };
    true
}

impl Maker<'_> {
    /// Whether a change of a root's value did not lead out of the root's shape. What was outside before, as a seed may be that
    /// knows better than the shapes, may be changed at will.
    pub(crate) fn still_fits(&self, root: usize, before: &Value, after: &Value) -> bool {
        let atlas = &self.know.atlas;
        let fits = |value| atlas.fits(atlas.roots[root].shapes[self.know.openness], value, &self.nodes, 3);
        fits(after) || !fits(before)
    }

    /// Changes a value in one place, mostly within its shape.
    pub(crate) fn mutate_value(&mut self, root: usize, level: u8, shape: ShapeId, value: &mut Value) {
        let fresh = self.scratch.random.percent(if level == 0 { 5 } else { 10 });
        let concrete = self.know.atlas.resolve(shape, value, &self.nodes);
        if !fresh && is_foreign(&self.know.atlas, value) {
            return self.mutate_recipe(root, level, value);
        }
        if fresh
            || matches!(
                value,
                Value::None | Value::Symbol(_) | Value::Identity | Value::Ellipsis | Value::Complex(..)
            )
        {
            *value = self.value_at(root, level, shape);
            return;
        }
        let concrete = concrete.unwrap_or(self.know.atlas.basics.any);
        if matches!(self.know.atlas.shape(concrete), Shape::OneOf(_)) {
            *value = self.value_at(root, level, concrete);
            return;
        }
        match value {
            Value::Bool(truth) => *truth = !*truth,
            Value::Int(number) => *number = self.mutate_int(*number),
            Value::BigInt(_) => *value = Value::Int(self.mutate_int(i64::MAX)),
            Value::Float(number) => *number = self.mutate_float(*number),
            Value::Str(text) => self.mutate_text(text),
            Value::Bytes(bytes) => self.mutate_bytes(bytes),
            Value::Node(_) => self.mutate_reference(value),
            _ => self.mutate_parts(root, level.saturating_add(1), concrete, value),
        }
    }
}

/// Whether a value is what a call gives that no class of the atlas knows how to make: a part of something, or the result of a function.
fn is_foreign(atlas: &Atlas, value: &Value) -> bool {
    matches!(value, Value::Call { callee, args, .. } if !args.is_empty() && (callee.is_part() || atlas.class_of(callee).is_none()))
}

#[cfg(test)]
mod tests;
