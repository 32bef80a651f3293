//! Objects that hang together: one pool of nodes for the whole input, so that start and goal lie in the same graph.

use model::{Node, Value};

use super::Maker;
use crate::shape::{ClassId, ClassShape, Shape, ShapeId};
use crate::technique::Technique;

/// Most nodes of one input.
const NODES: usize = 12;
/// Nesting of constructors that take objects of their own or other classes.
const NESTING: u32 = 7;

/// How the nodes of one class refer to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topology {
    /// Each to the next.
    Chain,
    /// Each to two further down.
    Tree,
    /// Each to any later one.
    Dag,
    /// Each to the next, the last to the first.
    Cycle,
    /// Each to itself.
    Own,
    /// Each to any.
    Any,
}

const TOPOLOGIES: [Topology; 9] = [
    Topology::Chain,
    Topology::Chain,
    Topology::Tree,
    Topology::Tree,
    Topology::Dag,
    Topology::Dag,
    Topology::Cycle,
    Topology::Own,
    Topology::Any,
];

/// What one link is made for.
#[derive(Clone, Copy)]
struct Link {
    class: ClassId,
    topology: Topology,
    /// Place of the node among those of its class.
    own: usize,
    /// Which of the class's links this is.
    rank: usize,
    /// How many links there are in all.
    links: usize,
}

impl Maker<'_> {
    /// An object: a node of the shared pool, or one of its own.
    pub(super) fn object(&mut self, class: ClassId) -> Value {
        let know = self.know;
        let Some(shape) = know.atlas.class(class) else {
            return Value::None;
        };
        let alone = shape.attributes.is_empty() && !self.scratch.random.percent(25);
        if self.depth > NESTING || self.nodes.len() >= 2 * NODES {
            return self.member(class).unwrap_or(Value::None);
        }
        if alone || !know.on(Technique::Objects) {
            return self.nested(|maker| maker.construct(class));
        }
        if self.members(class).is_empty() {
            self.nested(|maker| maker.populate(class));
        }
        self.member(class).unwrap_or(Value::None)
    }

    /// The nodes of a class.
    pub(crate) fn members(&self, class: ClassId) -> Vec<u32> {
        let Some(shape) = self.know.atlas.class(class) else {
            return Vec::new();
        };
        let is_member = |node: &Node| matches!(&node.make, Value::Call { callee, .. } if *callee == shape.make);
        (0..self.nodes.len() as u32)
            .filter(|index| is_member(&self.nodes[*index as usize]))
            .collect()
    }

    /// A node of a class, the first one more often: it is the head of a chain, the root of a tree.
    fn member(&mut self, class: ClassId) -> Option<Value> {
        let members = self.members(class);
        let random = &mut self.scratch.random;
        let index = if random.percent(45) {
            members.first()
        } else {
            random.pick(&members)
        };
        index.map(|index| Value::Node(*index))
    }

    /// Makes the nodes of a class, then links them.
    fn populate(&mut self, class: ClassId) {
        let Some(shape) = self.know.atlas.class(class) else {
            return;
        };
        let most = (self.scale + 1).min(NODES);
        let count = 1 + self.scratch.random.below(most);
        for _ in 0..count {
            if self.nodes.len() < 2 * NODES {
                let make = self.construct(class);
                self.nodes.push(Node {
                    make,
                    links: Vec::new(),
                });
            }
        }
        let topology = *self.scratch.random.pick(&TOPOLOGIES).unwrap_or(&Topology::Chain);
        self.link_all(class, shape, topology);
    }

    fn link_all(&mut self, class: ClassId, shape: &ClassShape, topology: Topology) {
        let members = self.members(class);
        let inverses: Vec<&String> = shape.inverse.iter().map(|(_, second)| second).collect();
        let is_link = |name: &String, of: ShapeId| self.leads_to(of, class, 3) && !inverses.contains(&name);
        let ranks: Vec<bool> = shape.attributes.iter().map(|(name, of)| is_link(name, *of)).collect();
        let links = ranks.iter().filter(|is_link| **is_link).count().max(1);
        for (own, index) in members.iter().enumerate() {
            let mut rank = 0;
            for ((name, of), is_link) in shape.attributes.iter().zip(&ranks) {
                let value = if inverses.contains(&name) {
                    self.void(*of)
                } else {
                    self.link(
                        *of,
                        Link {
                            class,
                            topology,
                            own,
                            rank,
                            links,
                        },
                    )
                };
                rank += usize::from(*is_link);
                self.nodes[*index as usize].links.push((name.clone(), value));
            }
        }
        if self.scratch.random.percent(88) {
            self.invert(shape, &members);
        } else {
            self.scatter(class, shape, &members);
        }
    }

    /// Whether a value of a shape may be, or directly hold, an object of a class.
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

    /// The value of an attribute: other nodes of the class by the topology, anything else by its shape.
    fn link(&mut self, shape: ShapeId, link: Link) -> Value {
        if !self.leads_to(shape, link.class, 3) {
            return self.nested(|maker| maker.value(shape));
        }
        let know = self.know;
        match know.atlas.shape(shape) {
            Shape::Union(options) => {
                let leading = options.iter().find(|(_, option)| self.leads_to(*option, link.class, 3));
                let rare = self.scratch.random.percent(7);
                let target = leading
                    .filter(|_| !rare)
                    .and_then(|(_, option)| self.known_link(*option, link));
                target.unwrap_or_else(|| self.void(shape))
            }
            Shape::Object(_) => self.target(link).map_or(Value::None, Value::Node),
            _ => self.known_link(shape, link).unwrap_or(Value::None),
        }
    }

    fn known_link(&mut self, shape: ShapeId, link: Link) -> Option<Value> {
        let know = self.know;
        match know.atlas.shape(shape) {
            Shape::Object(_) => self.target(link).map(Value::Node),
            Shape::List(_) => Some(Value::List(self.targets(link))),
            Shape::TupleOf(_) => Some(Value::Tuple(self.targets(link))),
            Shape::Set(_) => Some(Value::Set(self.targets(link))),
            Shape::Dict(key, of) => {
                let by_key = self.leads_to(*key, link.class, 2);
                let targets = self.targets(link);
                let mut pairs: Vec<(Value, Value)> = Vec::new();
                for target in targets {
                    let other = self.nested(|maker| if by_key { maker.value(*of) } else { maker.key(*key) });
                    let pair = if by_key { (target, other) } else { (other, target) };
                    if !pairs.iter().any(|(name, _)| *name == pair.0) {
                        pairs.push(pair);
                    }
                }
                Some(Value::Dict(pairs))
            }
            _ => Some(self.nested(|maker| maker.value(shape))),
        }
    }

    /// One node to refer to.
    fn target(&mut self, link: Link) -> Option<u32> {
        let members = self.members(link.class);
        let count = members.len();
        let Link { own, rank, links, .. } = link;
        let random = &mut self.scratch.random;
        let place = match link.topology {
            Topology::Chain if rank == 0 => Some(own + 1),
            Topology::Chain | Topology::Dag if own + 1 < count && random.percent(75) => {
                Some(own + 1 + random.below(count - own - 1))
            }
            Topology::Chain | Topology::Dag => None,
            // Most trees that matter have a hole here and there.
            Topology::Tree if random.percent(12) => None,
            Topology::Tree => Some(own * links + rank + 1),
            Topology::Cycle => Some((own + 1) % count.max(1)),
            Topology::Own => Some(own),
            Topology::Any if random.percent(20) => None,
            Topology::Any => Some(random.below(count)),
        };
        place.and_then(|place| members.get(place).copied())
    }

    /// Several nodes to refer to.
    fn targets(&mut self, link: Link) -> Vec<Value> {
        let wide = Link { links: 2, ..link };
        let mut targets: Vec<Value> = Vec::new();
        let most = if matches!(link.topology, Topology::Own | Topology::Cycle | Topology::Chain) {
            1
        } else {
            3
        };
        for rank in 0..most {
            let target = self.target(Link {
                rank: if link.topology == Topology::Tree {
                    rank.min(1)
                } else {
                    0
                },
                ..wide
            });
            targets.extend(
                target
                    .map(Value::Node)
                    .filter(|target| !targets.contains(target))
                    .into_iter()
                    .collect::<Vec<_>>(),
            );
        }
        targets
    }

    /// What stands for no object: the null value where the shape allows it, an empty container, or the least that fits.
    fn void(&mut self, shape: ShapeId) -> Value {
        let know = self.know;
        match know.atlas.shape(shape) {
            Shape::Union(options) => {
                let none = options
                    .iter()
                    .any(|(_, option)| *know.atlas.shape(*option) == Shape::None);
                if none {
                    Value::None
                } else {
                    options.first().map_or(Value::None, |(_, option)| self.void(*option))
                }
            }
            Shape::List(_) => Value::List(Vec::new()),
            Shape::Set(_) => Value::Set(Vec::new()),
            Shape::Dict(..) => Value::Dict(Vec::new()),
            _ => Value::None,
        }
    }

    /// Sets the second link of each inverse pair from the first.
    fn invert(&mut self, shape: &ClassShape, members: &[u32]) {
        for (first, second) in &shape.inverse {
            for index in members {
                let forward = self.nodes[*index as usize].links.iter().find(|(name, _)| name == first);
                let Some((_, value)) = forward else { continue };
                let mut reached = Vec::new();
                crate::graph::references(value, &mut |target| reached.push(target));
                for target in reached {
                    self.refer_back(target, second, *index);
                }
            }
        }
    }

    fn refer_back(&mut self, from: u32, name: &str, to: u32) {
        let Some(node) = self.nodes.get_mut(from as usize) else {
            return;
        };
        match node
            .links
            .iter_mut()
            .find(|(link, _)| link == name)
            .map(|(_, value)| value)
        {
            Some(Value::List(items) | Value::Set(items)) if !items.contains(&Value::Node(to)) => {
                items.push(Value::Node(to))
            }
            Some(value @ (Value::None | Value::Node(_))) => *value = Value::Node(to),
            _ => {}
        }
    }

    /// Sets the second link of each inverse pair at random, against the grain.
    fn scatter(&mut self, class: ClassId, shape: &ClassShape, members: &[u32]) {
        for (own, index) in members.iter().enumerate() {
            for (_, second) in &shape.inverse {
                let Some((_, of)) = shape.attributes.iter().find(|(name, _)| name == second) else {
                    continue;
                };
                let value = self.link(
                    *of,
                    Link {
                        class,
                        topology: Topology::Any,
                        own,
                        rank: 0,
                        links: 1,
                    },
                );
                let links = &mut self.nodes[*index as usize].links;
                links
                    .iter_mut()
                    .filter(|(name, _)| name == second)
                    .for_each(|(_, link)| *link = value.clone());
            }
        }
    }
}
