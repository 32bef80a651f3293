//! Changes of shared objects: what they hold and what they are linked to.

use model::Value;

use crate::atlas::callee;
use crate::graph;
use crate::make::Maker;
use crate::shape::ClassId;
use crate::technique::Technique;

impl Maker<'_> {
    /// Refers to another node of the same class, or changes the node itself.
    pub(super) fn mutate_reference(&mut self, value: &mut Value) {
        if self.scratch.random.percent(50) {
            self.mutate_nodes();
            return;
        }
        let class = callee(value, &self.nodes).and_then(|callee| self.know.atlas.class_of(callee));
        let members = class.map(|class| self.members(class)).unwrap_or_default();
        if let Some(index) = self.scratch.random.pick(&members) {
            *value = Value::Node(*index);
        }
    }

    /// Changes one node: a link, an attribute, or what it is made from.
    pub(super) fn mutate_nodes(&mut self) {
        let index = self.scratch.random.below(self.nodes.len());
        if self.nodes.get(index).is_some_and(|node| node.make.is_step()) {
            return self.mutate_step(index);
        }
        if self.know.on(Technique::Sequences) && self.scratch.random.percent(20) && self.lead_further(index as u32) {
            return;
        }
        let Some(node) = self.nodes.get(index) else { return };
        let class = callee(&node.make, &[]).and_then(|callee| self.know.atlas.class_of(callee));
        let links = node.links.len();
        let roll = self.scratch.random.below(100);
        match class {
            Some(class) if links > 0 && roll < 60 => self.mutate_link(class, index),
            Some(class) if roll < 70 && self.nodes.len() < 24 => self.insert_node(class, index),
            _ => self.mutate_make(index),
        }
    }

    fn mutate_link(&mut self, class: ClassId, index: usize) {
        let which = self.scratch.random.below(self.nodes[index].links.len());
        let (name, mut value) = std::mem::replace(&mut self.nodes[index].links[which], (String::new(), Value::None));
        let shape = self
            .know
            .atlas
            .class(class)
            .and_then(|class| class.attributes.iter().find(|(other, _)| *other == name));
        let shape = shape.map_or(self.know.atlas.basics.any, |(_, shape)| *shape);
        match &mut value {
            Value::Node(_) if self.scratch.random.percent(25) => value = Value::None,
            Value::Node(target) => {
                let members = self.members(class);
                *target = self.scratch.random.pick(&members).copied().unwrap_or(*target);
            }
            other => self.mutate_value(0, 2, shape, other),
        }
        let target = value.clone();
        self.nodes[index].links[which] = (name.clone(), value);
        if self.scratch.random.percent(60) {
            self.agree(class, index, &name, &target);
        }
    }

    /// Makes the inverse of a changed link agree with it.
    fn agree(&mut self, class: ClassId, index: usize, name: &str, target: &Value) {
        let Some(class) = self.know.atlas.class(class) else {
            return;
        };
        let inverse = class.inverse.iter().find_map(|(first, second)| match name {
            name if name == first => Some(second),
            name if name == second => Some(first),
            _ => None,
        });
        let (Some(inverse), Value::Node(target)) = (inverse, target) else {
            return;
        };
        let Some(node) = self.nodes.get_mut(*target as usize) else {
            return;
        };
        for (_, value) in node.links.iter_mut().filter(|(other, _)| other == inverse) {
            graph::refer(value, index as u32);
        }
    }

    /// Puts a copy of a node behind it: the node refers to the copy, the copy to what the node referred to.
    fn insert_node(&mut self, class: ClassId, index: usize) {
        let mut copy = self.nodes[index].clone();
        let number = self.nodes.len() as u32;
        if let Some(name) = self
            .know
            .atlas
            .class(class)
            .and_then(|class| class.attributes.first())
            .map(|(name, _)| name)
        {
            let links = &mut self.nodes[index].links;
            for (_, value) in links.iter_mut().filter(|(other, _)| other == name) {
                graph::refer(value, number);
            }
        }
        self.mutate_call(&mut copy.make);
        self.nodes.push(copy);
    }

    fn mutate_make(&mut self, index: usize) {
        let mut make = std::mem::replace(&mut self.nodes[index].make, Value::None);
        let before = make.clone();
        self.mutate_call(&mut make);
        // References forwards are mended afterwards; a node must stay an object of its class, though.
        self.nodes[index].make = if callee(&make, &[]) == callee(&before, &[]) {
            make
        } else {
            before
        };
    }

    fn mutate_call(&mut self, make: &mut Value) {
        let shape = callee(make, &[]).and_then(|callee| self.know.atlas.class_of(callee));
        let Some(class) = shape.and_then(|class| self.know.atlas.class(class)) else {
            return self.mutate_recipe(0, 2, make);
        };
        let toggles = self.scratch.random.percent(25) && !make.has_nodes();
        if toggles && self.toggle_argument(0, 2, class, make) {
            return;
        }
        let Value::Call { args, .. } = make else { return };
        let index = self.scratch.random.below(args.len());
        let of = crate::atlas::positional(&class.parameters, index)
            .map_or(self.know.atlas.basics.any, |parameter| parameter.shape);
        if let Some(arg) = args.get_mut(index)
            && !arg.has_nodes()
        {
            self.mutate_value(0, 2, of, arg);
        }
    }
}
