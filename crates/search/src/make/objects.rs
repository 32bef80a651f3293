//! Objects that hang together: one pool of nodes for the whole input, so that start and goal lie in the same graph.

use model::{Node, Value};

use super::Maker;
use crate::shape::ClassId;
use crate::technique::Technique;

/// Most nodes of one class that are made together; an input has at most twice as many in all.
const NODES: usize = 12;
/// Of objects with attributes that can be set, so many of a hundred keep those that their constructor gave them.
const AS_MADE: u32 = 12;
/// Nesting of constructors that take objects of their own or other classes.
const NESTING: u32 = 7;

impl Maker<'_> {
    /// An object: a node of the shared pool, or one of its own.
    pub(super) fn object(&mut self, class: ClassId) -> Value {
        let know = self.know;
        let Some(shape) = know.atlas.class(class) else {
            return Value::None;
        };
        if self.depth > NESTING || self.nodes.len() >= 2 * NODES {
            return self.member(class).unwrap_or(Value::None);
        }
        if let Some(value) = self.led_up_to(class) {
            return value;
        }
        // A property may refuse what its attribute would be given: some are left as their constructor makes them.
        let alone = match shape.attributes.is_empty() {
            true => !self.scratch.random.percent(25),
            false => self.scratch.random.percent(AS_MADE) && !self.is_linked(class),
        };
        if alone || !know.on(Technique::Objects) {
            return self.nested(|maker| maker.construct(class));
        }
        if !self.nodes.iter().any(|node| is_member(node, &shape.make)) {
            self.nested(|maker| maker.populate(class));
        }
        self.member(class).unwrap_or(Value::None)
    }

    /// The nodes of a class.
    pub(crate) fn members(&self, class: ClassId) -> Vec<u32> {
        let Some(shape) = self.know.atlas.class(class) else {
            return Vec::new();
        };
        let nodes = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| is_member(node, &shape.make));
        nodes.map(|(index, _)| index as u32).collect()
    }

    /// A node of a class: for the first parameter the first one more often, which is the head of a chain and the root of a
    /// tree; for later ones another, and the last one more often.
    fn member(&mut self, class: ClassId) -> Option<Value> {
        let members = self.members(class);
        let at_top = self.level == 0;
        let later = at_top && std::mem::replace(&mut self.referred, true);
        let random = &mut self.scratch.random;
        let index = match random.below(100) {
            0..60 if at_top && !later => members.first(),
            0..35 if later => members.last(),
            _ => random.pick(&members),
        };
        index.map(|index| Value::Node(*index))
    }

    /// Makes the nodes of a class, then links them.
    fn populate(&mut self, class: ClassId) {
        let Some(shape) = self.know.atlas.class(class) else {
            return;
        };
        let most = (self.scale + 3).min(NODES);
        let count = 1 + self.scratch.random.below(most);
        for _ in 0..count {
            if self.nodes.len() < 2 * NODES {
                let make = self.construct(class);
                self.nodes.push(Node {
                    make,
                    links: Vec::with_capacity(shape.attributes.len()),
                });
            }
        }
        self.link_all(class, shape);
    }
}

fn is_member(node: &Node, class: &model::Symbol) -> bool {
    // Names first: modules mostly agree.
    matches!(&node.make, Value::Call { callee, .. } if callee.name == class.name && callee.module == class.module)
}
