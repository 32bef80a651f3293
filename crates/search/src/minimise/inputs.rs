//! Strictly smaller inputs in place of an input, the boldest first.

use model::{Input, Value};

use super::{edits, measure};
use crate::graph;

/// Every strictly smaller input that differs in one place.
pub(super) fn candidates(input: &Input) -> impl Iterator<Item = Input> {
    let size = measure::of(input);
    let fewer = without_parts(input).into_iter();
    let places = places(input);
    // Lazily by places: a large input has far more candidates than will ever be judged.
    let changed = places.into_iter().flat_map(move |place| {
        let replacements = get(input, place).map(edits::smaller).unwrap_or_default();
        let links = matches!((place, get(input, place)), (Place::Link(..), Some(value)) if *value != Value::None);
        let none = if links { Some(Value::None) } else { None };
        none.into_iter()
            .chain(replacements)
            .filter_map(move |value| with(input, place, value))
    });
    fewer
        .chain(changed)
        .filter(move |candidate| measure::of(candidate) < size)
}

/// A value of an input.
#[derive(Clone, Copy)]
enum Place {
    Receiver,
    Arg(usize),
    Kwarg(usize),
    Make(usize),
    Link(usize, usize),
    World(usize),
}

fn places(input: &Input) -> Vec<Place> {
    let links = input
        .nodes
        .iter()
        .enumerate()
        .flat_map(|(node, about)| (0..about.links.len()).map(move |link| Place::Link(node, link)));
    let mut places: Vec<Place> = (0..input.args.len()).map(Place::Arg).collect();
    places.extend((0..input.kwargs.len()).map(Place::Kwarg));
    places.extend((0..input.world.len()).map(Place::World));
    places.extend(links);
    places.extend((0..input.nodes.len()).map(Place::Make));
    places.extend(input.receiver.iter().map(|_| Place::Receiver));
    places
}

fn get(input: &Input, place: Place) -> Option<&Value> {
    match place {
        Place::Receiver => input.receiver.as_ref(),
        Place::Arg(index) => input.args.get(index),
        Place::Kwarg(index) => input.kwargs.get(index).map(|(_, value)| value),
        Place::World(index) => input.world.get(index).map(|answer| &answer.value),
        Place::Make(index) => input.nodes.get(index).map(|node| &node.make),
        Place::Link(node, link) => input.nodes.get(node)?.links.get(link).map(|(_, value)| value),
    }
}

fn with(input: &Input, place: Place, value: Value) -> Option<Input> {
    let mut changed = input.clone();
    *match place {
        Place::Receiver => changed.receiver.as_mut(),
        Place::Arg(index) => changed.args.get_mut(index),
        Place::Kwarg(index) => changed.kwargs.get_mut(index).map(|(_, value)| value),
        Place::World(index) => changed.world.get_mut(index).map(|answer| &mut answer.value),
        Place::Make(index) => changed.nodes.get_mut(index).map(|node| &mut node.make),
        Place::Link(node, link) => changed.nodes.get_mut(node)?.links.get_mut(link).map(|(_, value)| value),
    }? = value;
    if !changed.nodes.is_empty() {
        graph::prune_input(&mut changed);
    }
    Some(changed)
}

/// Without some keyword arguments or answers, or the last positional ones, or nodes, or links.
fn without_parts(input: &Input) -> Vec<Input> {
    let mut found = Vec::new();
    if !input.nodes.is_empty() {
        let mut pruned = input.clone();
        graph::prune_input(&mut pruned);
        found.push(pruned);
    }
    found.extend(edits::chunks(&input.kwargs).into_iter().map(|kwargs| Input {
        kwargs,
        ..input.clone()
    }));
    found.extend(
        edits::chunks(&input.world)
            .into_iter()
            .map(|world| Input { world, ..input.clone() }),
    );
    found.extend((0..input.args.len()).map(|count| Input {
        args: input.args[..count].to_vec(),
        ..input.clone()
    }));
    for node in 0..input.nodes.len() {
        found.extend(bypassed(input, node));
    }
    for (node, about) in input.nodes.iter().enumerate() {
        for link in 0..about.links.len() {
            let mut changed = input.clone();
            changed.nodes[node].links.remove(link);
            graph::prune_input(&mut changed);
            found.push(changed);
        }
    }
    found
}

/// Without a node: whoever referred to it refers to what its first link leads to, or to nothing.
fn bypassed(input: &Input, node: usize) -> Option<Input> {
    let next = input.nodes[node].links.iter().find_map(|(_, value)| match value {
        Value::Node(target) if *target as usize != node => Some(Value::Node(*target)),
        _ => None,
    });
    let next = next.unwrap_or(Value::None);
    let mut changed = input.clone();
    let mut forwards = false;
    let mut pass = |index: u32| {
        if index as usize == node {
            next.clone()
        } else {
            Value::Node(index)
        }
    };
    for (index, about) in changed.nodes.iter_mut().enumerate().filter(|(index, _)| *index != node) {
        graph::replace(&mut about.make, &mut pass);
        about
            .make
            .visit_nodes(&mut |target| forwards |= target as usize >= index);
        about
            .links
            .iter_mut()
            .for_each(|(_, link)| graph::replace(link, &mut pass));
    }
    changed
        .receiver
        .iter_mut()
        .chain(&mut changed.args)
        .for_each(|value| graph::replace(value, &mut pass));
    changed
        .kwargs
        .iter_mut()
        .for_each(|(_, value)| graph::replace(value, &mut pass));
    // A make that would look forwards cannot be built.
    if forwards {
        return None;
    }
    graph::prune_input(&mut changed);
    Some(changed)
}
