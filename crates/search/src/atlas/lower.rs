//! From a subject to an atlas.

use std::collections::HashSet;

use super::{Atlas, Basics, Root, RootKind, roots};
use crate::names::{self, Hint, Kind};
use crate::shape::{Method, ParameterKind, Shape, ShapeId, Subject};
use crate::technique::{Switches, Technique};

/// How much anything weighs beside what is known of a root, on the three levels of falling back.
const OPENNESS: [f64; 3] = [0.0, 0.3, 2.0];
/// No alternative weighs less than this part of all, so that none is out of reach.
const LEAST: f64 = 1e-4;

/// Prepares what is known of `subject`.
pub(super) fn lower(subject: &Subject, switches: Switches) -> Atlas {
    let mut shapes = subject.shapes.clone();
    let basics = Alternatives::add(&mut shapes);
    let mut roots = roots(subject, switches);
    settle(&mut shapes, &basics);
    for root in &mut roots {
        open(root, &mut shapes, &basics, switches);
    }
    flatten(&mut shapes);
    let recursive = recursive(&shapes);
    let heights = heights(&shapes);
    let has_choices = roots.iter().any(|root| has_choices(&shapes, root.shapes[2]));
    let makes = shapes
        .iter()
        .any(|shape| matches!(shape, Shape::Make { .. } | Shape::Object(_)));
    let on = switches.on(Technique::Names);
    let class_hints = subject.classes.iter().map(|class| {
        class
            .parameters
            .iter()
            .map(|parameter| names::hint(&parameter.name).filter(|_| on))
            .collect()
    });
    Atlas {
        recursive,
        heights,
        class_hints: class_hints.collect(),
        methods: methods(subject),
        classes: subject.classes.clone(),
        roots,
        basics: basics.basics,
        has_choices,
        has_objects: makes || !subject.classes.is_empty(),
        shapes,
    }
}

/// The methods of each class.
fn methods(subject: &Subject) -> Vec<Vec<Method>> {
    let mut methods: Vec<Vec<Method>> = vec![Vec::new(); subject.classes.len()];
    for method in &subject.methods {
        if let Some(of_class) = methods.get_mut(method.class.0 as usize) {
            of_class.push(method.clone());
        }
    }
    methods
}

/// What anything may be, with how likely each form is.
struct Alternatives {
    basics: Basics,
    options: Vec<(f64, ShapeId, Option<Kind>)>,
}

impl Alternatives {
    fn add(shapes: &mut Vec<Shape>) -> Self {
        let mut add = |shape: Shape| {
            shapes.push(shape);
            ShapeId(shapes.len() as u32 - 1)
        };
        let [int, text, float, truth, none, bytes] = [
            Shape::Int,
            Shape::Str,
            Shape::Float,
            Shape::Bool,
            Shape::None,
            Shape::Bytes,
        ]
        .map(&mut add);
        let scalar = add(Shape::Union(vec![
            (3.0, int),
            (3.0, text),
            (1.0, float),
            (0.5, truth),
            (0.5, none),
        ]));
        let [ints, texts, floats] = [int, text, float].map(|of| add(Shape::List(of)));
        let [pair, row] = [add(Shape::Tuple(vec![int, int])), add(Shape::TupleOf(int))];
        let [named, grouped] = [add(Shape::Dict(text, scalar)), add(Shape::Dict(int, ints))];
        let table = [
            (3.0, int, Some(Kind::Int)),
            (3.0, text, Some(Kind::Text)),
            (2.0, ints, Some(Kind::Sequence)),
            (1.2, texts, Some(Kind::Sequence)),
            (1.0, float, Some(Kind::Float)),
            (1.0, named, Some(Kind::Mapping)),
            (0.7, truth, Some(Kind::Truth)),
            (0.5, none, None),
            (0.4, row, Some(Kind::Sequence)),
            (0.5, add(Shape::List(ints)), Some(Kind::Sequence)),
            (0.5, add(Shape::List(pair)), Some(Kind::Sequence)),
            (0.4, floats, Some(Kind::Sequence)),
            (0.3, bytes, None),
            (0.3, add(Shape::Set(int)), None),
            (0.3, add(Shape::Callable(scalar)), Some(Kind::Function)),
            (0.3, grouped, Some(Kind::Mapping)),
            (0.3, add(Shape::List(named)), Some(Kind::Sequence)),
            (0.2, add(Shape::List(scalar)), Some(Kind::Sequence)),
            (0.1, add(Shape::Iterator(int)), Some(Kind::Sequence)),
        ];
        let options = table.to_vec();
        let any = add(Shape::Union(
            options.iter().map(|(weight, option, _)| (*weight, *option)).collect(),
        ));
        Self {
            basics: Basics { any, scalar, text },
            options,
        }
    }

    /// Anything, as far as a name leaves it open.
    fn suggested(&self, hint: Option<&Hint>) -> Shape {
        let weigh = |weight: f64, kind: Option<Kind>| match hint {
            Some(hint) if kind == Some(hint.kind) => weight * 6.0,
            _ => weight,
        };
        Shape::Union(
            self.options
                .iter()
                .map(|(weight, option, kind)| (weigh(*weight, *kind), *option))
                .collect(),
        )
    }
}

/// Replaces what is unknown or void; unknown shapes of roots are replaced later, with regard to the names.
fn settle(shapes: &mut [Shape], alternatives: &Alternatives) {
    let anything = alternatives.suggested(None);
    for shape in shapes.iter_mut() {
        match shape {
            Shape::Any => *shape = anything.clone(),
            Shape::Union(options) if options.is_empty() => *shape = anything.clone(),
            Shape::Record(fields) => {
                let mut names = HashSet::new();
                fields.retain(|(name, ..)| names.insert(name.clone()));
            }
            Shape::OneOf(values) if values.is_empty() => *shape = Shape::None,
            _ => {}
        }
    }
}

/// Gives a root its shapes, from what is known to nearly anything.
fn open(root: &mut Root, shapes: &mut Vec<Shape>, alternatives: &Alternatives, switches: Switches) {
    let known = root.shapes[0];
    let any = &alternatives.basics.any;
    let is_unknown = match shapes.get(known.0 as usize) {
        None => true,
        Some(shape) => *shape == shapes[any.0 as usize],
    };
    let is_world = root.kind == RootKind::Parameter(ParameterKind::World);
    if root.kind == RootKind::Receiver || is_world && !is_unknown {
        return;
    }
    shapes.push(alternatives.suggested(root.hint));
    let suggested = ShapeId(shapes.len() as u32 - 1);
    if is_unknown || !switches.on(Technique::Shapes) {
        root.shapes = [suggested; 3];
        return;
    }
    for (level, openness) in OPENNESS.into_iter().enumerate().skip(1) {
        shapes.push(Shape::Union(vec![(1.0, known), (openness, suggested)]));
        root.shapes[level] = ShapeId(shapes.len() as u32 - 1);
    }
}

/// Makes unions of unions flat, and their weights add up to 1.
fn flatten(shapes: &mut [Shape]) {
    for index in 0..shapes.len() {
        if let Shape::Union(_) = &shapes[index] {
            let mut options = Vec::new();
            gather(shapes, ShapeId(index as u32), 1.0, &mut vec![], &mut options);
            let total: f64 = options.iter().map(|(weight, _)| weight).sum();
            options
                .iter_mut()
                .for_each(|(weight, _)| *weight = (*weight / total).max(LEAST));
            shapes[index] = if options.is_empty() {
                Shape::None
            } else {
                Shape::Union(options)
            };
        }
    }
}

fn gather(shapes: &[Shape], id: ShapeId, share: f64, within: &mut Vec<ShapeId>, into: &mut Vec<(f64, ShapeId)>) {
    match shapes.get(id.0 as usize) {
        // A union in itself adds nothing.
        Some(Shape::Union(_)) if within.contains(&id) => {}
        Some(Shape::Union(options)) => {
            within.push(id);
            let weights = options.iter().map(|(weight, _)| sane(*weight));
            let total: f64 = weights.clone().sum();
            for ((_, option), weight) in options.iter().zip(weights) {
                gather(shapes, *option, share * weight / total, within, into);
            }
            within.pop();
        }
        _ => match into.iter_mut().find(|(_, option)| *option == id) {
            Some((weight, _)) => *weight += share,
            None => into.push((share, id)),
        },
    }
}

fn sane(weight: f64) -> f64 {
    if weight.is_finite() {
        weight.clamp(LEAST, 1e6)
    } else {
        LEAST
    }
}

/// The shapes that values of `shape` may directly contain.
fn parts(shape: &Shape) -> Vec<ShapeId> {
    match shape {
        Shape::List(of) | Shape::TupleOf(of) | Shape::Set(of) | Shape::FrozenSet(of) => vec![*of],
        Shape::Iterator(of) | Shape::Callable(of) => vec![*of],
        Shape::Tuple(parts) | Shape::Make { args: parts, .. } => parts.clone(),
        Shape::Dict(key, of) => vec![*key, *of],
        Shape::Record(fields) => fields.iter().map(|(_, shape, _)| *shape).collect(),
        Shape::Union(options) => options.iter().map(|(_, option)| *option).collect(),
        _ => Vec::new(),
    }
}

fn recursive(shapes: &[Shape]) -> Vec<bool> {
    let parts: Vec<Vec<ShapeId>> = shapes.iter().map(parts).collect();
    let reaches_itself = |start: usize| {
        let mut seen = vec![false; parts.len()];
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            for part in parts.get(at).into_iter().flatten() {
                let part = part.0 as usize;
                if part == start {
                    return true;
                }
                if part < seen.len() && !std::mem::replace(&mut seen[part], true) {
                    open.push(part);
                }
            }
        }
        false
    };
    // Only where a choice is made does it matter.
    (0..shapes.len())
        .map(|index| matches!(shapes[index], Shape::Union(_)) && reaches_itself(index))
        .collect()
}

fn heights(shapes: &[Shape]) -> Vec<u32> {
    let fixed = |shape: &Shape| {
        matches!(
            shape,
            Shape::Tuple(_) | Shape::Make { .. } | Shape::Union(_) | Shape::Record(_)
        )
    };
    let mut heights: Vec<u32> = shapes
        .iter()
        .map(|shape| if fixed(shape) { u32::MAX } else { 0 })
        .collect();
    loop {
        let mut settled = true;
        for (index, shape) in shapes.iter().enumerate().filter(|(_, shape)| fixed(shape)) {
            let height = height(shape, &heights);
            if height < heights[index] {
                heights[index] = height;
                settled = false;
            }
        }
        if settled {
            return heights;
        }
    }
}

fn height(shape: &Shape, heights: &[u32]) -> u32 {
    let of = |id: &ShapeId| heights.get(id.0 as usize).copied().unwrap_or(0);
    let above = |highest: Option<u32>| highest.map_or(0, |height| height.saturating_add(1));
    match shape {
        Shape::Tuple(parts) | Shape::Make { args: parts, .. } => above(parts.iter().map(of).max()),
        Shape::Record(fields) => above(
            fields
                .iter()
                .filter(|(.., required)| *required)
                .map(|(_, shape, _)| of(shape))
                .max(),
        ),
        Shape::Union(options) => options.iter().map(|(_, option)| of(option)).min().unwrap_or(0),
        _ => 0,
    }
}

fn has_choices(shapes: &[Shape], id: ShapeId) -> bool {
    let is_union = |id: ShapeId| matches!(shapes.get(id.0 as usize), Some(Shape::Union(_)));
    is_union(id)
        || shapes
            .get(id.0 as usize)
            .is_some_and(|shape| parts(shape).into_iter().any(is_union))
}
