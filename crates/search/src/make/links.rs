//! How objects of one class refer to one another.

use model::Value;

use super::Maker;
use crate::graph;
use crate::shape::{ClassId, ClassShape, Shape, ShapeId};

/// The form that links give to the nodes of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topology {
    /// Each to the next.
    Chain,
    /// Each to two further down.
    Tree,
    /// Each to any later ones.
    Dag,
    /// Each to the next, the last to the first.
    Cycle,
    /// Each to itself.
    Own,
    /// Each to any.
    Any,
}

const TOPOLOGIES: [Topology; 12] = [
    Topology::Chain,
    Topology::Chain,
    Topology::Tree,
    Topology::Tree,
    Topology::Tree,
    Topology::Dag,
    Topology::Dag,
    Topology::Dag,
    Topology::Cycle,
    Topology::Own,
    Topology::Any,
    Topology::Any,
];

/// Attributes that are set together as a rule; of more, one or two are, as often as all.
const FEW: usize = 4;

/// The link that is being made.
#[derive(Clone, Copy)]
struct Link<'m> {
    class: ClassId,
    /// The nodes of the class.
    members: &'m [u32],
    topology: Topology,
    /// Place of the node among the members.
    own: usize,
    /// Which of the class's links this is, of how many.
    rank: usize,
    links: usize,
}

impl Maker<'_> {
    /// Sets the attributes of all nodes of a class.
    pub(super) fn link_all(&mut self, class: ClassId, shape: &ClassShape) {
        let members = self.members(class);
        let topology = *self.scratch.random.pick(&TOPOLOGIES).unwrap_or(&Topology::Chain);
        let is_second = |name: &String| shape.inverse.iter().any(|(_, second)| second == name);
        let leads = |name: &String, of: ShapeId| !is_second(name) && self.leads_to(of, class, 3);
        let leading: Vec<bool> = shape.attributes.iter().map(|(name, of)| leads(name, *of)).collect();
        let links = leading.iter().filter(|leads| **leads).count().max(1);
        for (own, index) in members.iter().enumerate() {
            let mut link = Link {
                class,
                members: &members,
                topology,
                own,
                rank: 0,
                links,
            };
            // The more of them are set, the likelier a property refuses one.
            let few = !leading.contains(&true) && shape.attributes.len() > FEW && self.scratch.random.percent(50);
            let part = if few { 100 / shape.attributes.len() as u32 } else { 100 };
            for ((name, of), leads) in shape.attributes.iter().zip(&leading) {
                if !self.scratch.random.percent(part) {
                    continue;
                }
                let value = match (leads, is_second(name)) {
                    (true, _) => self.link(*of, link),
                    (false, true) => self.void(*of),
                    (false, false) => self.nested(|maker| maker.value(*of)),
                };
                link.rank += usize::from(*leads);
                self.nodes[*index as usize].links.push((name.clone(), value));
            }
        }
        if self.scratch.random.percent(88) {
            self.invert(shape, &members);
        } else {
            self.scatter(class, shape, &members);
        }
    }

    /// Whether objects of a class refer to others of it.
    pub(super) fn is_linked(&self, class: ClassId) -> bool {
        let shape = self.know.atlas.class(class);
        shape.is_some_and(|shape| shape.attributes.iter().any(|(_, of)| self.leads_to(*of, class, 3)))
    }

    /// Whether a value of a shape may be, or hold, an object of a class.
    fn leads_to(&self, shape: ShapeId, class: ClassId, depth: u32) -> bool {
        let within = |of: &ShapeId| depth > 0 && self.leads_to(*of, class, depth - 1);
        match self.know.atlas.shape(shape) {
            Shape::Object(other) => *other == class,
            Shape::Union(options) => options.iter().any(|(_, option)| within(option)),
            Shape::List(of) | Shape::Set(of) | Shape::TupleOf(of) => within(of),
            Shape::Tuple(parts) => parts.iter().any(within),
            Shape::Dict(key, of) => within(key) || within(of),
            _ => false,
        }
    }

    /// Whether a value of a shape may be an object of a class itself.
    fn is_object(&self, shape: ShapeId, class: ClassId) -> bool {
        match self.know.atlas.shape(shape) {
            Shape::Object(other) => *other == class,
            Shape::Union(options) => options.iter().any(|(_, option)| self.is_object(*option, class)),
            _ => false,
        }
    }

    /// The value of an attribute that leads to nodes of the class.
    fn link(&mut self, shape: ShapeId, link: Link<'_>) -> Value {
        let know = self.know;
        match know.atlas.shape(shape) {
            Shape::Union(options) => {
                let leading = options.iter().find(|(_, option)| self.leads_to(*option, link.class, 3));
                match leading.filter(|_| !self.scratch.random.percent(7)) {
                    Some((_, option)) if self.is_object(*option, link.class) => {
                        self.target(link).map_or_else(|| self.void(shape), Value::Node)
                    }
                    Some((_, option)) => self.link(*option, link),
                    None => self.void(shape),
                }
            }
            Shape::Object(_) => self.target(link).map_or(Value::None, Value::Node),
            Shape::List(of) if self.is_object(*of, link.class) => Value::List(self.targets(link)),
            Shape::TupleOf(of) if self.is_object(*of, link.class) => Value::Tuple(self.targets(link)),
            Shape::Set(of) if self.is_object(*of, link.class) => Value::Set(self.targets(link)),
            Shape::Dict(key, of) => self.keyed(*key, *of, link),
            _ => self.nested(|maker| maker.value(shape)),
        }
    }

    /// A dictionary from or to other nodes.
    fn keyed(&mut self, key: ShapeId, of: ShapeId, link: Link<'_>) -> Value {
        let by_key = self.is_object(key, link.class);
        let mut pairs: Vec<(Value, Value)> = Vec::new();
        for target in self.targets(link) {
            let pair = if by_key {
                (target, self.nested(|maker| maker.value(of)))
            } else if self.is_object(of, link.class) {
                (self.nested(|maker| maker.key(key)), target)
            } else {
                self.nested(|maker| (maker.key(key), maker.value(of)))
            };
            if !pairs.iter().any(|(name, _)| *name == pair.0) {
                pairs.push(pair);
            }
        }
        Value::Dict(pairs)
    }

    /// One node to refer to.
    fn target(&mut self, link: Link<'_>) -> Option<u32> {
        let Link {
            members,
            own,
            rank,
            links,
            ..
        } = link;
        let count = members.len();
        let random = &mut self.scratch.random;
        let place = match link.topology {
            Topology::Chain if rank == 0 => own + 1,
            Topology::Chain | Topology::Dag if own + 1 < count && random.percent(80) => {
                own + 1 + random.below(count - own - 1)
            }
            Topology::Chain | Topology::Dag => return None,
            // Most trees that matter have a hole here and there.
            Topology::Tree if random.percent(12) => return None,
            Topology::Tree => own * links + rank + 1,
            Topology::Cycle => (own + 1) % count.max(1),
            Topology::Own => own,
            Topology::Any if random.percent(20) => return None,
            Topology::Any => random.below(count),
        };
        members.get(place).copied()
    }

    /// Several nodes to refer to.
    fn targets(&mut self, link: Link<'_>) -> Vec<Value> {
        let count = match link.topology {
            Topology::Own | Topology::Cycle | Topology::Chain => 1,
            Topology::Tree => 2,
            Topology::Dag | Topology::Any => 1 + self.scratch.random.below(3),
        };
        let mut targets = Vec::with_capacity(count);
        for rank in 0..count {
            let rank = if link.topology == Topology::Tree { rank } else { 0 };
            let target = self.target(Link { links: 2, rank, ..link }).map(Value::Node);
            match target {
                Some(target) if !targets.contains(&target) => targets.push(target),
                _ => {}
            }
        }
        targets
    }

    /// What stands for no object: the null value where the shape allows it, or an empty container.
    fn void(&mut self, shape: ShapeId) -> Value {
        let know = self.know;
        match know.atlas.shape(shape) {
            Shape::Union(options) => {
                let is_none = |(_, option): &(f64, ShapeId)| matches!(know.atlas.shape(*option), Shape::None);
                match options.first() {
                    Some((_, option)) if !options.iter().any(is_none) => self.void(*option),
                    _ => Value::None,
                }
            }
            Shape::List(_) => Value::List(Vec::new()),
            Shape::TupleOf(_) => Value::Tuple(Vec::new()),
            Shape::Set(_) => Value::Set(Vec::new()),
            Shape::Dict(..) => Value::Dict(Vec::new()),
            _ => Value::None,
        }
    }

    /// Sets the second link of each inverse pair from the first.
    fn invert(&mut self, shape: &ClassShape, members: &[u32]) {
        for (first, second) in &shape.inverse {
            for index in members {
                let mut reached = Vec::new();
                for (_, value) in self.nodes[*index as usize]
                    .links
                    .iter()
                    .filter(|(name, _)| name == first)
                {
                    value.visit_nodes(&mut |target| reached.push(target));
                }
                reached
                    .into_iter()
                    .for_each(|target| self.refer_back(target, second, *index));
            }
        }
    }

    fn refer_back(&mut self, from: u32, name: &str, to: u32) {
        let Some(node) = self.nodes.get_mut(from as usize) else {
            return;
        };
        for (_, value) in node.links.iter_mut().filter(|(link, _)| link == name) {
            graph::refer(value, to);
        }
    }

    /// Sets the second link of each inverse pair at random, against the grain.
    fn scatter(&mut self, class: ClassId, shape: &ClassShape, members: &[u32]) {
        for (own, index) in members.iter().enumerate() {
            for (name, of) in shape
                .attributes
                .iter()
                .filter(|(name, _)| shape.inverse.iter().any(|(_, second)| second == name))
            {
                let value = self.link(
                    *of,
                    Link {
                        class,
                        members,
                        topology: Topology::Any,
                        own,
                        rank: 0,
                        links: 1,
                    },
                );
                let links = &mut self.nodes[*index as usize].links;
                links
                    .iter_mut()
                    .filter(|(other, _)| other == name)
                    .for_each(|(_, link)| *link = value.clone());
            }
        }
    }
}
