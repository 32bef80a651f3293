//! Keeping shared objects in order: references that exist, makes that look backwards, no object that nobody can reach.

use model::{Input, Node, Value};

use crate::draft::{Draft, Given};
use crate::make::containers::{unique_keys, unique_members};

/// Replaces every reference to a node in `value`.
pub(crate) fn replace(value: &mut Value, with: &mut impl FnMut(u32) -> Value) {
    match value {
        Value::Node(index) => *value = with(*index),
        Value::List(items) | Value::Tuple(items) | Value::Iterator(items) => {
            items.iter_mut().for_each(|item| replace(item, with));
        }
        Value::Set(items) | Value::FrozenSet(items) => {
            items.iter_mut().for_each(|item| replace(item, with));
            // Two references may have become one.
            unique_members(items);
        }
        Value::Dict(pairs) => {
            for (key, value) in pairs.iter_mut() {
                replace(key, with);
                replace(value, with);
            }
            unique_keys(pairs);
        }
        Value::Call { .. } | Value::Returns(_) => {
            value.children_mut().into_iter().for_each(|child| replace(child, with));
        }
        _ => {}
    }
}

/// Makes a link refer to a node as well: in place of another one, or as one more of a list.
pub(crate) fn refer(link: &mut Value, to: u32) {
    match link {
        Value::List(items) | Value::Set(items) if !items.contains(&Value::Node(to)) => items.push(Value::Node(to)),
        Value::None | Value::Node(_) => *link = Value::Node(to),
        _ => {}
    }
}

/// Adds the nodes of another input, and makes `value`, which refers to them, refer to where they are now.
pub(crate) fn adopt(nodes: &mut Vec<Node>, value: &mut Value, others: &[Node]) {
    if others.is_empty() {
        return;
    }
    let offset = nodes.len() as u32;
    let mut shift = |index: u32| Value::Node(index + offset);
    replace(value, &mut shift);
    for node in others {
        let mut node = node.clone();
        replace(&mut node.make, &mut shift);
        node.links.iter_mut().for_each(|(_, link)| replace(link, &mut shift));
        nodes.push(node);
    }
}

/// Mends references after changes, then drops the nodes that nothing reaches.
pub(crate) fn tidy(draft: &mut Draft) {
    if draft.nodes.is_empty()
        && !draft
            .given
            .iter()
            .flat_map(|given| given.values())
            .any(Value::has_nodes)
    {
        return;
    }
    mend(draft);
    prune(draft);
}

/// Makes a reference point below `limit`.
fn below(limit: u32) -> impl FnMut(u32) -> Value {
    move |index| match index {
        index if index < limit => Value::Node(index),
        index if limit > 0 => Value::Node(index % limit),
        _ => Value::None,
    }
}

fn mend(draft: &mut Draft) {
    let count = draft.nodes.len() as u32;
    for (index, node) in draft.nodes.iter_mut().enumerate() {
        replace(&mut node.make, &mut below(index as u32));
        node.links
            .iter_mut()
            .for_each(|(_, link)| replace(link, &mut below(count)));
    }
    draft
        .given
        .iter_mut()
        .flat_map(|given| given.values_mut())
        .for_each(|value| replace(value, &mut below(count)));
}

/// Which nodes the values of the roots reach.
fn reached(draft: &Draft) -> Vec<bool> {
    let mut reached = vec![false; draft.nodes.len()];
    let mut open = Vec::new();
    let visit = |value: &Value, reached: &mut Vec<bool>, open: &mut Vec<u32>| {
        value.visit_nodes(&mut |index| {
            // Inputs from elsewhere may refer to nodes that do not exist.
            if reached.get(index as usize) == Some(&false) {
                reached[index as usize] = true;
                open.push(index);
            }
        });
    };
    draft
        .given
        .iter()
        .flat_map(|given| given.values())
        .for_each(|value| visit(value, &mut reached, &mut open));
    loop {
        while let Some(index) = open.pop() {
            let node = &draft.nodes[index as usize];
            visit(&node.make, &mut reached, &mut open);
            node.links
                .iter()
                .for_each(|(_, link)| visit(link, &mut reached, &mut open));
        }
        // What is done to an object that is used belongs to it.
        let step = (0..draft.nodes.len()).find(|at| !reached[*at] && acts_on(&draft.nodes[*at], &reached));
        let Some(step) = step else { return reached };
        reached[step] = true;
        open.push(step as u32);
    }
}

/// Whether a node is a step that does something to one of these nodes.
fn acts_on(node: &Node, nodes: &[bool]) -> bool {
    let mut acts = false;
    if node.make.is_step() {
        node.make
            .visit_nodes(&mut |index| acts |= nodes.get(index as usize) == Some(&true));
    }
    acts
}

fn prune(draft: &mut Draft) {
    let reached = reached(draft);
    if reached.iter().all(|reached| *reached) {
        return;
    }
    let mut next = 0;
    let mut numbers = Vec::with_capacity(reached.len());
    for reached in &reached {
        numbers.push(next);
        next += u32::from(*reached);
    }
    let mut kept = reached.iter();
    draft.nodes.retain(|_| kept.next().is_some_and(|kept| *kept));
    let mut renumber = |index: u32| Value::Node(numbers.get(index as usize).copied().unwrap_or(index));
    for node in &mut draft.nodes {
        replace(&mut node.make, &mut renumber);
        node.links.iter_mut().for_each(|(_, link)| replace(link, &mut renumber));
    }
    draft
        .given
        .iter_mut()
        .flat_map(|given| given.values_mut())
        .for_each(|value| replace(value, &mut renumber));
}

/// Drops the nodes that nothing of an input reaches.
pub(crate) fn prune_input(input: &mut Input) {
    let mut take = |value: &mut Value| Given::One(std::mem::replace(value, Value::None));
    let mut given: Vec<Given> = input
        .receiver
        .iter_mut()
        .chain(&mut input.args)
        .map(&mut take)
        .collect();
    given.extend(input.kwargs.iter_mut().map(|(_, value)| take(value)));
    let mut draft = Draft {
        given,
        nodes: std::mem::take(&mut input.nodes),
    };
    prune(&mut draft);
    input.nodes = draft.nodes;
    let places = input
        .receiver
        .iter_mut()
        .chain(&mut input.args)
        .chain(input.kwargs.iter_mut().map(|(_, value)| value));
    for (place, given) in places.zip(draft.given) {
        if let Given::One(value) = given {
            *place = value;
        }
    }
}

/// Whether every reference exists, and every make looks backwards only.
#[cfg(test)]
pub(crate) fn is_sound(input: &Input) -> bool {
    let within = |value: &Value, limit: usize| {
        let mut sound = true;
        value.visit_nodes(&mut |index| sound &= (index as usize) < limit);
        sound
    };
    let count = input.nodes.len();
    let plain = input
        .receiver
        .iter()
        .chain(&input.args)
        .chain(input.kwargs.iter().map(|(_, value)| value));
    plain.into_iter().all(|value| within(value, count))
        && input
            .nodes
            .iter()
            .enumerate()
            .all(|(index, node)| within(&node.make, index) && node.links.iter().all(|(_, link)| within(link, count)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(make: Value, next: Value) -> Node {
        Node {
            make,
            links: vec![("next".into(), next)],
        }
    }

    #[test]
    fn what_nothing_reaches_is_dropped() {
        let nodes = vec![
            node(Value::Int(0), Value::None),
            node(Value::Int(1), Value::Node(2)),
            node(Value::Int(2), Value::Node(1)),
        ];
        let mut draft = Draft {
            given: vec![Given::One(Value::Node(2))],
            nodes,
        };
        tidy(&mut draft);
        assert_eq!(draft.given, [Given::One(Value::Node(1))]);
        assert_eq!(
            draft.nodes,
            [node(Value::Int(1), Value::Node(1)), node(Value::Int(2), Value::Node(0))]
        );
    }

    #[test]
    fn what_is_done_to_an_object_that_is_used_stays() {
        let step = |name: &str, on: u32| Node {
            make: Value::Call {
                callee: model::Symbol::method(name),
                args: vec![Value::Node(on)],
                kwargs: Vec::new(),
            },
            links: Vec::new(),
        };
        let make = |number: i64| Node {
            make: Value::Int(number),
            links: Vec::new(),
        };
        let mut draft = Draft {
            given: vec![Given::One(Value::Node(1))],
            nodes: vec![make(1), make(2), step("sort", 0), step("sort", 1)],
        };
        tidy(&mut draft);
        assert_eq!(draft.nodes, [make(2), step("sort", 0)]);
    }

    #[test]
    fn makes_look_backwards_after_mending() {
        let nodes = vec![
            node(Value::List(vec![Value::Node(1)]), Value::Node(9)),
            node(Value::Node(1), Value::None),
        ];
        let mut draft = Draft {
            given: vec![Given::One(Value::Node(1)), Given::One(Value::Node(7))],
            nodes,
        };
        tidy(&mut draft);
        assert_eq!(draft.nodes[0].make, Value::List(vec![Value::None]));
        assert_eq!(draft.nodes[1].make, Value::Node(0));
        assert_eq!(draft.given[1], Given::One(Value::Node(1)));
    }

    #[test]
    fn adopted_nodes_are_renumbered() {
        let mut nodes = vec![node(Value::Int(0), Value::None)];
        let mut value = Value::Node(0);
        adopt(&mut nodes, &mut value, &[node(Value::Int(5), Value::Node(0))]);
        assert_eq!(value, Value::Node(1));
        assert_eq!(nodes[1], node(Value::Int(5), Value::Node(1)));
    }
}
