//! The steps of a script as they were run: arguments that were told as paths in what they made, and the steps that one needs.

use std::collections::BTreeSet;

use languages::python::shapes::Script;
use model::{Input, Node, Observed as Data, Symbol, Value};

use super::LARGEST;

/// The steps of a script, and which of them could not be made.
pub(super) struct Steps<'s> {
    /// The steps.
    pub steps: &'s [Value],
    failed: BTreeSet<usize>,
}

impl<'s> Steps<'s> {
    /// Of a script as it was run.
    pub fn of(script: &'s Script, told: &Data) -> Self {
        Self {
            steps: &script.steps,
            failed: list(told, "failed").iter().filter_map(number).collect(),
        }
    }

    /// What lies at the end of a path from what a step made.
    pub fn at(&self, step: usize, path: &Data) -> Option<Value> {
        if step >= self.steps.len() || self.failed.contains(&step) {
            return None;
        }
        let Data::List(path) = path else { return None };
        path.iter().try_fold(Value::Node(step as u32), |value, part| {
            let [kind, name] = parts(part)?;
            let (callee, args) = match (kind, name) {
                (Data::Str(kind), Data::Str(name)) if kind == "a" => (Symbol::attribute(name), vec![value]),
                (Data::Str(kind), key) if kind == "i" => (Symbol::item(), vec![value, plain(key)?]),
                _ => return None,
            };
            Some(Value::Call {
                callee,
                args,
                kwargs: Vec::new(),
            })
        })
    }

    /// An argument as it was told.
    pub fn value(&self, told: &Data) -> Option<Value> {
        let Data::Tuple(told) = told else { return None };
        match &told[..] {
            [Data::Str(tag), value] if tag == "v" => plain(value),
            [Data::Str(tag), step, path] if tag == "p" => self.at(number(step)?, path),
            [Data::Str(tag), Data::List(items)] if tag == "l" => items
                .iter()
                .map(|item| self.value(item))
                .collect::<Option<_>>()
                .map(Value::List),
            [Data::Str(tag), Data::List(items)] if tag == "t" => items
                .iter()
                .map(|item| self.value(item))
                .collect::<Option<_>>()
                .map(Value::Tuple),
            [Data::Str(tag), module, name] if tag == "g" => symbol(module, name).map(Value::Symbol),
            _ => None,
        }
    }

    /// A value that needs no steps: each that it refers to stands in its place, without what was done to it since.
    pub fn alone(&self, value: &Value) -> Option<Value> {
        let mut value = value.clone();
        self.unfold(&mut value, 24)?;
        (value.size() <= LARGEST).then_some(value)
    }

    fn unfold(&self, value: &mut Value, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        if let Value::Node(step) = value {
            *value = self.steps.get(*step as usize)?.clone();
            if value.size() > LARGEST {
                return None;
            }
        }
        value
            .children_mut()
            .into_iter()
            .try_for_each(|child| self.unfold(child, depth))
    }

    /// An input with the steps that it needs: those that make what it refers to, and those before the call that do something to it.
    pub fn needed(&self, mut input: Input, before: usize) -> Option<Input> {
        let mut needed = vec![false; self.steps.len()];
        for value in input.values() {
            mark(value, &mut needed);
        }
        let last = needed.iter().rposition(|needed| *needed).map_or(0, |last| last + 1);
        for at in (0..last.max(before).min(self.steps.len())).rev() {
            let step = &self.steps[at];
            let acts = step.is_step() && !is_look(step) && mentions(step, &needed);
            if !self.failed.contains(&at) && (needed[at] || acts) {
                needed[at] = true;
                mark(step, &mut needed);
            } else if needed[at] {
                return None;
            }
        }
        let mut numbers = vec![0u32; self.steps.len()];
        let number = |numbers: &[u32], step: u32| numbers.get(step as usize).copied().unwrap_or_default();
        for (at, _) in needed.iter().enumerate().filter(|(_, needed)| **needed) {
            let mut make = self.steps[at].clone();
            make.renumber_nodes(&|step| number(&numbers, step));
            numbers[at] = input.nodes.len() as u32;
            input.nodes.push(Node {
                make,
                links: Vec::new(),
            });
        }
        let values = input.receiver.iter_mut().chain(&mut input.args);
        values
            .chain(input.kwargs.iter_mut().map(|(_, value)| value))
            .for_each(|value| value.renumber_nodes(&|step| number(&numbers, step)));
        Some(without_single_nodes(input))
    }
}

/// Puts an object that is made for one place into that place, where nothing happens in between.
fn without_single_nodes(mut input: Input) -> Input {
    let [node] = &input.nodes[..] else { return input };
    let make = node.make.clone();
    let count: usize = input.values().map(|value| count(value, 0)).sum::<usize>() - count(&make, 0);
    if count != 1 {
        return input;
    }
    let values = input.receiver.iter_mut().chain(&mut input.args);
    values
        .chain(input.kwargs.iter_mut().map(|(_, value)| value))
        .for_each(|value| put(value, &make));
    input.nodes.clear();
    input
}

fn put(value: &mut Value, make: &Value) {
    if let Value::Node(_) = value {
        *value = make.clone();
        return;
    }
    value.children_mut().into_iter().for_each(|child| put(child, make));
}

fn count(value: &Value, node: u32) -> usize {
    let mut count = 0;
    value.visit_nodes(&mut |index| count += usize::from(index == node));
    count
}

fn mark(value: &Value, needed: &mut [bool]) {
    value.visit_nodes(&mut |step| {
        if let Some(needed) = needed.get_mut(step as usize) {
            *needed = true;
        }
    });
}

fn mentions(value: &Value, steps: &[bool]) -> bool {
    let mut any = false;
    value.visit_nodes(&mut |step| any |= steps.get(step as usize) == Some(&true));
    any
}

/// Whether a step only looks at what it is given.
fn is_look(step: &Value) -> bool {
    let Value::Call { callee, .. } = step else { return true };
    match callee.module.as_str() {
        "operator" => !callee.name.starts_with('i') || callee.name.starts_with("is"),
        "builtins" => callee.name != "setattr" && callee.name != "next",
        _ => false,
    }
}

/// A list of what was told, by its name.
pub(super) fn list<'d>(told: &'d Data, name: &str) -> &'d [Data] {
    let Data::Dict(pairs) = told else { return &[] };
    let found = pairs
        .iter()
        .find(|(key, _)| matches!(key, Data::Str(key) if key == name));
    match found {
        Some((_, Data::List(items))) => items,
        _ => &[],
    }
}

/// The parts of a tuple.
pub(super) fn parts<const N: usize>(told: &Data) -> Option<[&Data; N]> {
    let Data::Tuple(parts) = told else { return None };
    parts.iter().collect::<Vec<_>>().try_into().ok()
}

/// A count.
pub(super) fn number(told: &Data) -> Option<usize> {
    match told {
        Data::Int(number) => usize::try_from(*number).ok(),
        _ => None,
    }
}

/// Something with a name in a module.
pub(super) fn symbol(module: &Data, name: &Data) -> Option<Symbol> {
    match (module, name) {
        (Data::Str(module), Data::Str(name)) => Some(Symbol::new(module, name)),
        _ => None,
    }
}

/// Plain data as it was observed, as a value to be given.
fn plain(observed: &Data) -> Option<Value> {
    let all = |items: &[Data]| items.iter().map(plain).collect::<Option<Vec<_>>>();
    Some(match observed {
        Data::None => Value::None,
        Data::Ellipsis => Value::Ellipsis,
        Data::Bool(value) => Value::Bool(*value),
        Data::Int(value) => Value::Int(*value),
        Data::BigInt(value) => Value::BigInt(value.clone()),
        Data::Float(value) => Value::Float(*value),
        Data::Complex(real, imaginary) => Value::Complex(*real, *imaginary),
        Data::Str(value) => Value::Str(value.clone()),
        Data::Bytes(value) => Value::Bytes(value.clone()),
        Data::List(items) => Value::List(all(items)?),
        Data::Tuple(items) => Value::Tuple(all(items)?),
        Data::Set(items) => Value::Set(all(items)?),
        Data::FrozenSet(items) => Value::FrozenSet(all(items)?),
        Data::Dict(pairs) => Value::Dict(
            pairs
                .iter()
                .map(|(key, value)| Some((plain(key)?, plain(value)?)))
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}
