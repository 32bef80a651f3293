//! Faults in functions of objects that hang together.

use counterproof_search::{ClassId, ClassShape, Parameter, ParameterKind, Shape, Subject};
use model::{Input, Symbol, Value};

use super::{Ended, takes};

/// What a class of graph nodes looks like: a value, and the nodes that it leads to.
pub fn subject() -> Subject {
    let mut subject = Subject::default();
    let int = subject.add(Shape::Int);
    let node = subject.add(Shape::Object(ClassId(0)));
    let nodes = subject.add(Shape::List(node));
    let kind = ParameterKind::Positional;
    subject.classes.push(ClassShape {
        make: Symbol::new("graph", "Node"),
        parameters: vec![Parameter {
            name: "value".into(),
            kind,
            shape: int,
            default: None,
            optional: false,
            keys: vec![],
        }],
        attributes: vec![("successors".into(), nodes)],
        inverse: vec![],
    });
    takes(&mut subject, "start", node);
    takes(&mut subject, "goal", node);
    subject
}

fn successors(input: &Input, node: u32) -> Vec<u32> {
    let links = input
        .nodes
        .get(node as usize)
        .map(|node| &node.links[..])
        .unwrap_or_default();
    let Some((_, Value::List(items))) = links.iter().find(|(name, _)| name == "successors") else {
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| {
            if let Value::Node(target) = item {
                Some(*target)
            } else {
                None
            }
        })
        .collect()
}

fn distance_by(input: &Input, places: &mut Vec<u32>, depth_first: bool) -> Ended {
    let [Value::Node(start), Value::Node(goal)] = &input.args[..] else {
        return Ended::Invalid;
    };
    let mut open = std::collections::VecDeque::from([(*start, 0)]);
    let mut seen = vec![*start];
    while let Some((node, distance)) = if depth_first { open.pop_back() } else { open.pop_front() } {
        if node == *goal {
            places.push(1);
            return Ended::Returned(Value::Int(distance));
        }
        for next in successors(input, node) {
            if !seen.contains(&next) {
                places.push(2);
                seen.push(next);
                open.push_back((next, distance + 1));
            }
        }
    }
    places.push(3);
    Ended::Returned(Value::None)
}

/// The length of the shortest way.
pub fn distance(input: &Input, places: &mut Vec<u32>) -> Ended {
    distance_by(input, places, false)
}

/// The length of some way: differs only where there are two ways of different lengths.
pub fn distance_faulty(input: &Input, places: &mut Vec<u32>) -> Ended {
    distance_by(input, places, true)
}

fn cyclic_by(input: &Input, places: &mut Vec<u32>, any_seen: bool) -> Ended {
    fn visit(input: &Input, node: u32, path: &mut Vec<u32>, seen: &mut Vec<u32>, any_seen: bool) -> bool {
        if path.contains(&node) || (any_seen && seen.contains(&node)) {
            return true;
        }
        if seen.contains(&node) {
            return false;
        }
        seen.push(node);
        path.push(node);
        let found = successors(input, node)
            .into_iter()
            .any(|next| visit(input, next, path, seen, any_seen));
        path.pop();
        found
    }
    let Some(Value::Node(start)) = input.args.first() else {
        return Ended::Invalid;
    };
    let found = visit(input, *start, &mut Vec::new(), &mut Vec::new(), any_seen);
    places.push(u32::from(found));
    Ended::Returned(Value::Bool(found))
}

/// Whether a cycle can be reached.
pub fn cyclic(input: &Input, places: &mut Vec<u32>) -> Ended {
    cyclic_by(input, places, false)
}

/// The same, but a node seen twice is taken for a cycle.
pub fn cyclic_faulty(input: &Input, places: &mut Vec<u32>) -> Ended {
    cyclic_by(input, places, true)
}
