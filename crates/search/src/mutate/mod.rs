//! Small changes of inputs that were worth keeping.

mod nodes;
mod numbers;
mod parts;
mod sequences;
mod texts;

pub(crate) use sequences::order;

use model::Value;

use crate::atlas::{Atlas, RootKind};
use crate::corpus::Corpus;
use crate::draft::{Draft, Given};
use crate::graph;
use crate::make::Maker;
use crate::random::Random;
use crate::relate;
use crate::shape::{ParameterKind, Shape, ShapeId};
use crate::technique::Technique;

/// Changes an input in one to four steps, and tells which technique had the last word.
pub(crate) fn mutate(maker: &mut Maker<'_>, draft: &mut Draft, donors: &Corpus) -> Technique {
    maker.nodes = std::mem::take(&mut draft.nodes);
    let mut technique = Technique::Mutation;
    let mut steps = 1;
    while steps < 4 && maker.scratch.random.percent(40) {
        steps += 1;
    }
    for _ in 0..steps {
        technique = step(maker, draft, donors);
    }
    draft.nodes = std::mem::take(&mut maker.nodes);
    graph::tidy(draft);
    technique
}

fn step(maker: &mut Maker<'_>, draft: &mut Draft, donors: &Corpus) -> Technique {
    let roll = maker.scratch.random.below(100);
    match roll {
        0..10 if maker.know.on(Technique::Relations) && relate::relate(maker, draft) => Technique::Relations,
        10..18 if maker.know.on(Technique::Splicing) && splice(maker, draft, donors) => Technique::Splicing,
        18..26 if toggle(maker, draft) => Technique::Mutation,
        26..42 if !maker.nodes.is_empty() => {
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

/// Takes the value of the same root, or a part of the same form, from another input.
fn splice(maker: &mut Maker<'_>, draft: &mut Draft, donors: &Corpus) -> bool {
    let Some(donor) = donors.donor(&mut maker.scratch.random) else {
        return false;
    };
    let root = maker.scratch.random.below(draft.given.len());
    let (Some(mine), Some(theirs)) = (draft.given.get_mut(root), donor.given.get(root)) else {
        return false;
    };
    if let (Given::One(mine), Given::One(theirs)) = (&mut *mine, theirs)
        && maker.scratch.random.percent(60)
        && cross(maker, root, mine, theirs)
    {
        return true;
    }
    if theirs.values().any(Value::has_nodes) && donor.nodes.len() + maker.nodes.len() > 24 {
        return false;
    }
    let mut taken = theirs.clone();
    let (before, mut adopted) = (maker.nodes.len(), false);
    for value in taken.values_mut().filter(|value| value.has_nodes()) {
        // All nodes of the donor come along once; later values refer to the same ones.
        if adopted {
            graph::replace(value, &mut |index| Value::Node(index + before as u32));
        } else {
            graph::adopt(&mut maker.nodes, value, &donor.nodes);
            adopted = true;
        }
    }
    let changed = *mine != taken;
    *mine = taken;
    changed
}

/// Joins a head of one sequence or text with a tail of another.
fn cross(maker: &mut Maker<'_>, root: usize, mine: &mut Value, theirs: &Value) -> bool {
    let random = &mut maker.scratch.random;
    let crossed = match (&*mine, theirs) {
        (Value::Str(mine), Value::Str(theirs)) => {
            let head = mine.chars().take(random.below(mine.chars().count() + 1));
            let tail = theirs.chars().skip(random.below(theirs.chars().count() + 1));
            Value::Str(head.chain(tail).collect())
        }
        (Value::List(mine), Value::List(theirs)) if !theirs.iter().any(Value::has_nodes) => {
            Value::List(joined(random, mine, theirs))
        }
        (Value::Tuple(mine), Value::Tuple(theirs)) if !theirs.iter().any(Value::has_nodes) => {
            Value::Tuple(joined(random, mine, theirs))
        }
        _ => return false,
    };
    let fits = maker.still_fits(root, mine, &crossed);
    if fits {
        *mine = crossed;
    }
    fits
}

fn joined(random: &mut Random, mine: &[Value], theirs: &[Value]) -> Vec<Value> {
    let (cut, from) = (random.below(mine.len() + 1), random.below(theirs.len() + 1));
    [&mine[..cut], &theirs[from..]].concat()
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
