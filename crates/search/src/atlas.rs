//! The subject's shapes made ready for making values: nothing unknown is left, unions are flat, and it is known which
//! shapes contain themselves and how deep each must at least go.

mod lower;

use model::{Node, Symbol, Value};

use crate::names::{self, Hint};
use crate::shape::{ClassId, ClassShape, Method, Parameter, ParameterKind, Shape, ShapeId, Subject};
use crate::technique::{Switches, Technique};

/// What a root is to the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RootKind {
    /// The object that the method is taken from.
    Receiver,
    /// A parameter.
    Parameter(ParameterKind),
}

/// A place of a call that takes a value: its receiver or a parameter.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// What it is to the call.
    pub kind: RootKind,
    /// The parameter's name, or nothing.
    pub name: String,
    /// What it takes, and the same more and more mixed with anything.
    pub shapes: [ShapeId; 3],
    /// Its default, where it can be written down.
    pub default: Option<Value>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Known names of a rest of keyword arguments.
    pub keys: Vec<String>,
    /// What its name suggests.
    pub hint: Option<&'static Hint>,
}

/// Shapes that every subject has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Basics {
    /// Anything.
    pub any: ShapeId,
    /// Anything that has no parts.
    pub scalar: ShapeId,
    /// Text.
    pub text: ShapeId,
}

/// Shapes, classes and roots, ready for use.
#[derive(Clone, Debug)]
pub(crate) struct Atlas {
    shapes: Vec<Shape>,
    recursive: Vec<bool>,
    heights: Vec<u32>,
    class_hints: Vec<Vec<Option<&'static Hint>>>,
    methods: Vec<Vec<Method>>,
    /// The classes, as the subject gave them.
    pub classes: Vec<ClassShape>,
    /// The receiver, then the parameters.
    pub roots: Vec<Root>,
    /// Shapes that are always there.
    pub basics: Basics,
    /// Whether any root has alternatives to choose among, at the top or right below.
    pub has_choices: bool,
    /// Whether values may hold calls or nodes.
    pub has_objects: bool,
}

impl Atlas {
    /// Prepares what is known of `subject`.
    pub fn new(subject: &Subject, switches: Switches) -> Self {
        lower::lower(subject, switches)
    }

    /// The shape behind an id.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        self.shapes
            .get(id.0 as usize)
            .unwrap_or(&self.shapes[self.basics.any.0 as usize])
    }

    /// How many shapes there are.
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Whether a value of this shape can contain another value of it.
    pub fn is_recursive(&self, id: ShapeId) -> bool {
        self.recursive.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// How many levels a value of this shape must at least have; [`u32::MAX`] where it cannot end.
    pub fn height(&self, id: ShapeId) -> u32 {
        self.heights.get(id.0 as usize).copied().unwrap_or(0)
    }

    /// What the names of a class's constructor parameters suggest.
    pub fn class_hint(&self, class: ClassId, parameter: usize) -> Option<&'static Hint> {
        *self.class_hints.get(class.0 as usize)?.get(parameter)?
    }

    /// Methods that change the objects of a class.
    pub fn methods(&self, class: ClassId) -> &[Method] {
        self.methods.get(class.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The class behind an id.
    pub fn class(&self, id: ClassId) -> Option<&ClassShape> {
        self.classes.get(id.0 as usize)
    }

    /// The class that a symbol makes.
    pub fn class_of(&self, callee: &Symbol) -> Option<ClassId> {
        self.classes
            .iter()
            .position(|class| class.make == *callee)
            .map(|index| ClassId(index as u32))
    }

    /// The alternative of `id` that `value` is of, `id` itself where it has no alternatives; nothing where none fits.
    pub fn resolve(&self, id: ShapeId, value: &Value, nodes: &[Node]) -> Option<ShapeId> {
        match self.shape(id) {
            Shape::Union(options) => {
                let fitting = options.iter().find(|(_, option)| self.fits(*option, value, nodes, 3));
                fitting.map(|(_, option)| *option)
            }
            _ => Some(id),
        }
    }

    /// Whether a value is of a shape, as far as a look at its first few parts and `depth` levels tells.
    pub fn fits(&self, id: ShapeId, value: &Value, nodes: &[Node], depth: u32) -> bool {
        let all = |items: &[Value], shape: ShapeId| {
            depth == 0
                || items
                    .iter()
                    .take(3)
                    .all(|item| self.fits(shape, item, nodes, depth - 1))
        };
        match (self.shape(id), value) {
            (Shape::Any, _) | (Shape::None, Value::None) | (Shape::Bool, Value::Bool(_)) => true,
            (Shape::Int, Value::Int(_) | Value::BigInt(_)) | (Shape::Float, Value::Float(_)) => true,
            (Shape::Str, Value::Str(_)) | (Shape::Bytes, Value::Bytes(_)) => true,
            (Shape::List(of), Value::List(items)) | (Shape::TupleOf(of), Value::Tuple(items)) => all(items, *of),
            (Shape::Set(of), Value::Set(items)) | (Shape::FrozenSet(of), Value::FrozenSet(items)) => all(items, *of),
            (Shape::Iterator(of), Value::Iterator(items)) => all(items, *of),
            (Shape::Tuple(parts), Value::Tuple(items)) => {
                parts.len() == items.len()
                    && (depth == 0
                        || parts
                            .iter()
                            .zip(items)
                            .all(|(part, item)| self.fits(*part, item, nodes, depth - 1)))
            }
            (Shape::Dict(key, of), Value::Dict(pairs)) => {
                depth == 0
                    || pairs.iter().take(3).all(|(name, item)| {
                        self.fits(*key, name, nodes, depth - 1) && self.fits(*of, item, nodes, depth - 1)
                    })
            }
            (Shape::Record(fields), Value::Dict(pairs)) => is_record(fields, pairs),
            (Shape::Object(class), _) => {
                let made = self.class(*class).map(|class| &class.make);
                made.is_some() && callee(value, nodes) == made
            }
            (Shape::Make { callee: expected, .. }, _) => callee(value, nodes) == Some(expected),
            (Shape::Callable(_), Value::Returns(_) | Value::Identity) => true,
            (Shape::OneOf(values), _) => values.contains(value),
            (Shape::Union(options), _) => {
                depth == 0
                    || options
                        .iter()
                        .any(|(_, option)| self.fits(*option, value, nodes, depth - 1))
            }
            _ => false,
        }
    }

    /// The shape of part `index` (as [`Value::children`] counts) of a value of the concrete shape `id`.
    pub fn part(&self, id: ShapeId, index: usize, value: &Value) -> ShapeId {
        match self.shape(id) {
            Shape::List(of) | Shape::TupleOf(of) | Shape::Set(of) | Shape::FrozenSet(of) => *of,
            Shape::Iterator(of) | Shape::Callable(of) => *of,
            Shape::Tuple(parts) => parts.get(index).copied().unwrap_or(self.basics.any),
            Shape::Dict(key, of) => *if index.is_multiple_of(2) { key } else { of },
            Shape::Record(fields) if index % 2 == 1 => match value {
                Value::Dict(pairs) => self.field(fields, pairs.get(index / 2).map(|(key, _)| key)),
                _ => self.basics.any,
            },
            Shape::Record(_) => self.basics.text,
            Shape::Make { args, .. } => args.get(index).copied().unwrap_or(self.basics.any),
            Shape::Object(class) => self.argument(*class, index, value),
            _ => self.basics.any,
        }
    }

    fn field(&self, fields: &[(String, ShapeId, bool)], key: Option<&Value>) -> ShapeId {
        let Some(Value::Str(key)) = key else {
            return self.basics.any;
        };
        fields
            .iter()
            .find(|(name, ..)| name == key)
            .map_or(self.basics.any, |(_, shape, _)| *shape)
    }

    fn argument(&self, class: ClassId, index: usize, value: &Value) -> ShapeId {
        let (Some(class), Value::Call { args, kwargs, .. }) = (self.class(class), value) else {
            return self.basics.any;
        };
        let found = if index < args.len() {
            positional(&class.parameters, index)
        } else {
            let name = kwargs.get(index - args.len()).map(|(name, _)| name);
            class.parameters.iter().find(|parameter| Some(&parameter.name) == name)
        };
        found.map_or(self.basics.any, |parameter| parameter.shape)
    }
}

/// The parameter that takes the positional argument `index`.
pub(crate) fn positional(parameters: &[Parameter], index: usize) -> Option<&Parameter> {
    let mut takers = parameters
        .iter()
        .filter(|parameter| parameter.kind == ParameterKind::Positional);
    takers.nth(index).or_else(|| {
        parameters
            .iter()
            .find(|parameter| parameter.kind == ParameterKind::Rest)
    })
}

/// What makes a value, also behind a node.
pub(crate) fn callee<'v>(value: &'v Value, nodes: &'v [Node]) -> Option<&'v Symbol> {
    match value {
        Value::Call { callee, .. } => Some(callee),
        Value::Node(index) => match &nodes.get(*index as usize)?.make {
            Value::Call { callee, .. } => Some(callee),
            _ => None,
        },
        _ => None,
    }
}

fn is_record(fields: &[(String, ShapeId, bool)], pairs: &[(Value, Value)]) -> bool {
    let has = |name: &String| {
        pairs
            .iter()
            .any(|(key, _)| matches!(key, Value::Str(key) if key == name))
    };
    fields.iter().all(|(name, _, required)| !required || has(name))
}

/// The receiver and parameters of a subject as roots that take what the subject says.
fn roots(subject: &Subject, switches: Switches) -> Vec<Root> {
    let receiver = subject.receiver.map(|shape| Root {
        kind: RootKind::Receiver,
        name: String::new(),
        shapes: [shape; 3],
        default: None,
        optional: false,
        keys: Vec::new(),
        hint: None,
    });
    let parameters = subject.parameters.iter().map(|parameter| Root {
        kind: RootKind::Parameter(parameter.kind),
        name: parameter.name.clone(),
        shapes: [parameter.shape; 3],
        default: parameter.default.clone(),
        optional: parameter.optional,
        keys: parameter.keys.clone(),
        hint: names::hint(&spoken_name(parameter)).filter(|_| switches.on(Technique::Names)),
    });
    receiver.into_iter().chain(parameters).collect()
}

/// The name of a parameter as its hints go by: a variable of the environment is called `EXAMPLE_PORT` for a port.
fn spoken_name(parameter: &Parameter) -> std::borrow::Cow<'_, str> {
    match parameter.kind {
        ParameterKind::World => {
            let name = parameter.name.rsplit(' ').next().unwrap_or_default();
            name.to_lowercase().into()
        }
        _ => parameter.name.as_str().into(),
    }
}

#[cfg(test)]
mod tests;
