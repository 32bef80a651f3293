//! The smallest objects: one alone, then a few that hang together.

use model::{Node, Value};

use super::small::{Lister, Piece, together};
use crate::graph;
use crate::shape::{ClassId, ClassShape, Parameter, ParameterKind, Shape, ShapeId};
use crate::technique::Technique;

/// Of a constructor's arguments that may be left out, so many are given in turn.
const OPTIONS: usize = 8;

/// Which node leads to which, for the smallest graphs: a chain, a loop, a fork, a triangle, a detour, a diamond.
const WIRINGS: [&[(usize, usize)]; 9] = [
    &[(0, 1)],
    &[(0, 1), (1, 2)],
    &[(0, 0)],
    &[(0, 1), (0, 2)],
    &[(0, 1), (1, 0)],
    &[(0, 1), (0, 2), (1, 2)],
    &[(0, 1), (1, 2), (2, 3), (0, 3)],
    &[(0, 1), (0, 2), (1, 3), (2, 3)],
    &[(0, 1), (1, 2), (2, 1)],
];

impl Lister<'_> {
    /// At most about `most` objects of a class.
    pub(super) fn objects(&self, class: ClassId, most: usize, depth: u32) -> Vec<Piece> {
        let Some(shape) = self.know.atlas.class(class) else {
            return vec![Piece::plain(Value::None)];
        };
        let mut made = self.made(shape, most.min(12), depth);
        let varied = self.varied(shape, made.first(), depth);
        let at = made.len().min(3);
        made.splice(at..at, varied);
        if shape.attributes.is_empty() || !self.know.on(Technique::Objects) {
            return made;
        }
        let mut first = made.iter().take(4).map(|make| self.unlinked(shape, &[make]));
        let wired = WIRINGS
            .iter()
            .filter_map(|wiring| self.wired(class, shape, &made, wiring));
        let rest = made.iter().skip(4).map(|make| self.unlinked(shape, &[make]));
        // As the constructor leaves them, too: a property may refuse what its attribute is given here.
        let is_linked = shape.attributes.iter().any(|(_, of)| self.leads_to(*of, class));
        let as_made = made.iter().take(if is_linked { 0 } else { 2 }).cloned();
        let one = first.next();
        one.into_iter()
            .chain(as_made)
            .chain(first)
            .chain(wired)
            .chain(rest)
            .collect()
    }

    /// What the constructor gives for small values of the parameters that it needs.
    fn made(&self, shape: &ClassShape, most: usize, depth: u32) -> Vec<Piece> {
        let needed = |kind| {
            shape
                .parameters
                .iter()
                .filter(move |parameter| !parameter.optional && parameter.kind == kind)
        };
        let positional = needed(ParameterKind::Positional).count();
        let names: Vec<&String> = needed(ParameterKind::Keyword)
            .map(|parameter| &parameter.name)
            .collect();
        let all = needed(ParameterKind::Positional).chain(needed(ParameterKind::Keyword));
        let shapes: Vec<ShapeId> = all.map(|parameter| parameter.shape).collect();
        self.product(&shapes, most, depth, |mut args| {
            let named = args.split_off(positional);
            let kwargs = names.iter().map(|name| (*name).clone()).zip(named).collect();
            Value::Call {
                callee: shape.make.clone(),
                args,
                kwargs,
            }
        })
    }

    /// The smallest object with one of the arguments that may be left out, each in turn.
    fn varied(&self, shape: &ClassShape, plain: Option<&Piece>, depth: u32) -> Vec<Piece> {
        let Some((plain, Value::Call { callee, args, kwargs })) = plain.map(|piece| (piece, &piece.value)) else {
            return Vec::new();
        };
        if !plain.nodes.is_empty() || !self.know.on(Technique::Defaults) {
            return Vec::new();
        }
        let kinds = [ParameterKind::Positional, ParameterKind::Keyword];
        let free = shape
            .parameters
            .iter()
            .filter(|parameter| parameter.optional && kinds.contains(&parameter.kind));
        let with = |parameter: &Parameter| {
            let values = self.list(parameter.shape, 3, depth.saturating_sub(1));
            let other = values
                .into_iter()
                .find(|piece| piece.nodes.is_empty() && Some(&piece.value) != parameter.default.as_ref())?;
            let mut kwargs = kwargs.clone();
            kwargs.push((parameter.name.clone(), other.value));
            Some(Piece::plain(Value::Call {
                callee: callee.clone(),
                args: args.clone(),
                kwargs,
            }))
        };
        free.take(OPTIONS).filter_map(with).collect()
    }

    /// Nodes that lead nowhere; the value is the first one.
    fn unlinked(&self, shape: &ClassShape, makes: &[&Piece]) -> Piece {
        // Nodes that the constructors refer to come first, so makes look backwards only.
        let (makes, mut nodes) = together(makes);
        let first = nodes.len() as u32;
        let links: Vec<(String, Value)> = shape
            .attributes
            .iter()
            .map(|(name, of)| (name.clone(), self.nothing(*of)))
            .collect();
        nodes.extend(makes.into_iter().map(|make| Node {
            make,
            links: links.clone(),
        }));
        Piece {
            value: Value::Node(first),
            nodes,
        }
    }

    /// What stands for no object.
    fn nothing(&self, shape: ShapeId) -> Value {
        let is_none = |(_, option): &(f64, ShapeId)| matches!(self.know.atlas.shape(*option), Shape::None);
        match self.know.atlas.shape(shape) {
            Shape::Union(options) if options.iter().any(is_none) => Value::None,
            _ => self.least(shape).unwrap_or(Value::None),
        }
    }

    /// Nodes linked as a wiring says; nothing where the class has too few links for it.
    fn wired(&self, class: ClassId, shape: &ClassShape, made: &[Piece], wiring: &[(usize, usize)]) -> Option<Piece> {
        let count = wiring.iter().map(|(from, to)| from.max(to) + 1).max()?;
        let makes: Vec<&Piece> = made.iter().cycle().take(count).collect();
        let mut piece = self.unlinked(shape, &makes);
        let first = piece.nodes.len().checked_sub(count)? as u32;
        let is_second = |name: &String| shape.inverse.iter().any(|(_, second)| second == name);
        let links: Vec<usize> = (0..shape.attributes.len())
            .filter(|index| self.leads_to(shape.attributes[*index].1, class) && !is_second(&shape.attributes[*index].0))
            .collect();
        for (from, to) in wiring {
            let (from, to) = (first + *from as u32, first + *to as u32);
            let node = &mut piece.nodes[from as usize];
            let is_open = |link: &&usize| {
                node.links
                    .get(**link)
                    .is_some_and(|(_, value)| !matches!(value, Value::Node(_)))
            };
            let link = *links.iter().find(is_open)?;
            graph::refer(&mut node.links[link].1, to);
            let name = &shape.attributes[link].0;
            for (_, second) in shape.inverse.iter().filter(|(first, _)| first == name) {
                let back = piece.nodes[to as usize]
                    .links
                    .iter_mut()
                    .filter(|(other, _)| other == second);
                back.for_each(|(_, value)| graph::refer(value, from));
            }
        }
        Some(piece)
    }

    fn leads_to(&self, shape: ShapeId, class: ClassId) -> bool {
        match self.know.atlas.shape(shape) {
            Shape::Object(other) => *other == class,
            Shape::Union(options) => options.iter().any(|(_, option)| self.leads_to(*option, class)),
            Shape::List(of) | Shape::Set(of) => {
                matches!(self.know.atlas.shape(*of), Shape::Object(other) if *other == class)
            }
            _ => false,
        }
    }
}
