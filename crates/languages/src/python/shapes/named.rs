//! What an annotation says by itself, where that is a class of the project or something plain.
//!
//! Unification follows a value wherever it goes, and so what an annotation says of a parameter may drown in what is said of
//! everything that it was ever put beside. An annotation is the word of whoever wrote it, and stands beside that.

use std::rc::Rc;

use ruff_python_ast::{Expr, Operator};
use search::{Shape, ShapeId};

use super::concrete::Concrete;
use super::form::{Form, last_name};
use super::module::Module;
use super::world::Thing;

/// Annotations nested deeper than this say no more.
const DEEPEST: u32 = 6;
/// The share that an alternative has at least, for a shape to say what the annotation says.
const LEAST: f64 = 0.3;

impl<'p> Concrete<'_, '_, 'p> {
    /// The shape that an annotation gives by itself; none where it names neither a class of the project nor something plain.
    pub(super) fn named(&mut self, module: &Rc<Module<'p>>, annotation: &Expr) -> Option<ShapeId> {
        self.named_within(module, annotation, DEEPEST)
    }

    fn named_within(&mut self, module: &Rc<Module<'p>>, annotation: &Expr, depth: u32) -> Option<ShapeId> {
        let depth = depth.checked_sub(1)?;
        match annotation {
            Expr::StringLiteral(text) => {
                let parsed = ruff_python_parser::parse_expression(text.value.to_str()).ok()?;
                self.named_within(module, parsed.expr(), depth)
            }
            Expr::BinOp(binary) if binary.op == Operator::BitOr => {
                self.either(module, &[&binary.left, &binary.right], depth)
            }
            Expr::Name(_) | Expr::Attribute(_) => {
                let thing = self.engine.world_of(module).expression(module, annotation)?;
                self.named_thing(&thing, depth)
            }
            Expr::Subscript(subscript) => {
                let arguments: Vec<&Expr> = match &*subscript.slice {
                    Expr::Tuple(tuple) => tuple.elts.iter().collect(),
                    other => vec![other],
                };
                self.subscripted(module, &subscript.value, &arguments, depth)
            }
            _ => None,
        }
    }

    fn named_thing(&mut self, thing: &Thing<'p>, depth: u32) -> Option<ShapeId> {
        match thing {
            Thing::Class(class) => {
                let key = self.engine.class_key(class);
                if matches!(
                    self.engine.classes[key.0 as usize].form,
                    Form::Enum | Form::TypedDict | Form::Protocol
                ) {
                    return None;
                }
                let slot = self.engine.instance(key);
                let options = self.instances(key, slot, None);
                let shape = self.one_of_many(options);
                Some(self.subject.add(shape))
            }
            Thing::Value {
                module,
                value: Some(value),
                ..
            } => self.named_within(&module.clone(), value, depth),
            Thing::External(name) => Some(self.leaf(match name.as_str() {
                "str" => Shape::Str,
                "int" => Shape::Int,
                "float" => Shape::Float,
                "bool" => Shape::Bool,
                "bytes" => Shape::Bytes,
                _ => return None,
            })),
            _ => None,
        }
    }

    fn either(&mut self, module: &Rc<Module<'p>>, members: &[&Expr], depth: u32) -> Option<ShapeId> {
        let mut unknown = false;
        let mut found: Vec<(f64, ShapeId)> = Vec::new();
        for member in members.iter().filter(|member| !member.is_none_literal_expr()) {
            match self.named_within(module, member, depth) {
                Some(shape) => found.push((1.0, shape)),
                None => unknown = true,
            }
        }
        let names_a_class = |shape: &ShapeId| matches!(self.subject.shape(*shape), Shape::Object(_) | Shape::Union(_));
        match &found[..] {
            [] => None,
            // What else it may be is not to be lost for something plain.
            found if unknown && !found.iter().any(|(_, shape)| names_a_class(shape)) => None,
            [(_, only)] => Some(*only),
            _ => Some(self.subject.add(Shape::Union(found))),
        }
    }

    fn subscripted(&mut self, module: &Rc<Module<'p>>, of: &Expr, arguments: &[&Expr], depth: u32) -> Option<ShapeId> {
        if let Some(thing @ Thing::Class(_)) = self.engine.world_of(module).expression(module, of) {
            return self.named_thing(&thing, depth);
        }
        let shape = match (last_name(of).unwrap_or_default(), arguments) {
            ("Optional" | "Annotated" | "Final", [first, ..]) => return self.named_within(module, first, depth),
            ("Union", members) => return self.either(module, members, depth),
            ("List" | "list" | "Sequence" | "MutableSequence" | "Iterable" | "Collection", [element]) => {
                Shape::List(self.named_within(module, element, depth)?)
            }
            ("Iterator" | "Generator", [element, ..]) => Shape::Iterator(self.named_within(module, element, depth)?),
            ("Tuple" | "tuple", [element, Expr::EllipsisLiteral(_)]) => {
                Shape::TupleOf(self.named_within(module, element, depth)?)
            }
            ("Dict" | "dict" | "Mapping" | "MutableMapping", [Expr::Name(key), value]) if key.id.as_str() == "str" => {
                let value = self.named_within(module, value, depth)?;
                Shape::Dict(self.leaf(Shape::Str), value)
            }
            _ => return None,
        };
        Some(self.subject.add(shape))
    }

    /// Whether a shape says what `named` says, among the likelier of what it says.
    pub(super) fn says(&self, shape: ShapeId, named: ShapeId) -> bool {
        let likely = self.likely(shape, DEEPEST);
        let any = |part: &dyn Fn(&Shape) -> bool| likely.iter().any(|option| part(self.subject.shape(*option)));
        match self.subject.shape(named) {
            Shape::Union(members) => members.iter().all(|(_, member)| self.says(shape, *member)),
            Shape::Object(class) => any(&|option| matches!(option, Shape::Object(other) if other == class)),
            Shape::List(element) | Shape::TupleOf(element) | Shape::Iterator(element) => any(&|option| match option {
                Shape::List(other) | Shape::TupleOf(other) | Shape::Iterator(other) => self.says(*other, *element),
                _ => false,
            }),
            Shape::Dict(_, value) => {
                any(&|option| matches!(option, Shape::Dict(_, other) if self.says(*other, *value)))
            }
            plain @ (Shape::Str | Shape::Int | Shape::Float | Shape::Bool | Shape::Bytes) => {
                any(&|option| option == plain) && !any(&|option| strays(option, plain))
            }
            // Instances at hand and the like come beside the class.
            _ => true,
        }
    }

    /// The likelier alternatives of a shape.
    fn likely(&self, shape: ShapeId, depth: u32) -> Vec<ShapeId> {
        let Shape::Union(options) = self.subject.shape(shape) else {
            return vec![shape];
        };
        let most = options.iter().map(|(weight, _)| *weight).fold(0.0, f64::max);
        let likely = options.iter().filter(|(weight, _)| *weight >= LEAST * most);
        match depth.checked_sub(1) {
            Some(depth) => likely.flat_map(|(_, option)| self.likely(*option, depth)).collect(),
            None => Vec::new(),
        }
    }
}

/// Whether a shape is clearly of another type than something plain.
fn strays(shape: &Shape, plain: &Shape) -> bool {
    match shape {
        Shape::Str | Shape::Bytes | Shape::Bool => shape != plain,
        Shape::Int | Shape::Float => !matches!(plain, Shape::Int | Shape::Float | Shape::Bool),
        Shape::None | Shape::Any | Shape::OneOf(_) | Shape::Make { .. } | Shape::Union(_) => false,
        _ => true,
    }
}
