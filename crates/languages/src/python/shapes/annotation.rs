//! What annotations say about slots.

use std::rc::Rc;

use ruff_python_ast::{Expr, Operator};

use super::engine::Engine;
use super::form::Form;
use super::kind::{Fact, Kind, Mask};
use super::literal;
use super::module::Module;
use super::narrow::type_kinds;
use super::slots::{Alternative, Slot};
use super::world::{Class, Thing};

/// Nested annotations deeper than this say no more.
const DEEPEST: u32 = 10;

impl<'p> Engine<'_, 'p> {
    /// Lays an annotation on a slot; whether it allows `None`.
    pub(super) fn annotate(&mut self, module: &Rc<Module<'p>>, slot: Slot, annotation: &Expr) -> bool {
        self.annotate_within(module, slot, annotation, DEEPEST)
    }

    fn annotate_within(&mut self, module: &Rc<Module<'p>>, slot: Slot, annotation: &Expr, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        if !self.step() {
            return false;
        }
        match annotation {
            Expr::NoneLiteral(_) => true,
            Expr::StringLiteral(text) => match ruff_python_parser::parse_expression(text.value.to_str()) {
                Ok(parsed) => self.annotate_within(module, slot, parsed.expr(), depth),
                Err(_) => false,
            },
            Expr::BinOp(binary) if binary.op == Operator::BitOr => {
                let mut members = Vec::new();
                flatten(annotation, &mut members);
                self.union(module, slot, &members, depth)
            }
            Expr::Subscript(subscript) => {
                let arguments = match &*subscript.slice {
                    Expr::Tuple(tuple) => &tuple.elts[..],
                    other => std::slice::from_ref(other),
                };
                match self.world_of(module).expression(module, &subscript.value) {
                    Some(thing) => self.annotate_thing(module, slot, &thing, arguments, depth),
                    None => false,
                }
            }
            Expr::Name(_) | Expr::Attribute(_) => match self.world_of(module).expression(module, annotation) {
                Some(thing) => self.annotate_thing(module, slot, &thing, &[], depth),
                None => false,
            },
            _ => false,
        }
    }

    fn union(&mut self, module: &Rc<Module<'p>>, slot: Slot, members: &[&Expr], depth: u32) -> bool {
        let is_none = |expr: &&&Expr| {
            expr.is_none_literal_expr() || matches!(expr, Expr::StringLiteral(text) if text.value.to_str() == "None")
        };
        let others: Vec<&&Expr> = members.iter().filter(|member| !is_none(member)).collect();
        let mut none = others.len() < members.len();
        if let [only] = &others[..] {
            return self.annotate_within(module, slot, only, depth) || none;
        }
        for (index, member) in others.iter().enumerate() {
            let part = self.slots.alternative(slot, Alternative::Member(index as u32));
            none |= self.annotate_within(module, part, member, depth);
        }
        self.slots.info(slot).declared_union = !others.is_empty();
        none
    }

    fn annotate_thing(
        &mut self,
        module: &Rc<Module<'p>>,
        slot: Slot,
        thing: &Thing<'p>,
        arguments: &[Expr],
        depth: u32,
    ) -> bool {
        match thing {
            Thing::External(path) => self.annotate_external(module, slot, path, arguments, depth),
            Thing::Class(class) => {
                self.annotate_class(slot, class);
                false
            }
            Thing::Value {
                module,
                value: Some(value),
                ..
            } => self.annotate_alias(&module.clone(), slot, value, depth),
            _ => false,
        }
    }

    fn annotate_class(&mut self, slot: Slot, class: &Rc<Class<'p>>) {
        let key = self.class_key(class);
        match self.classes[key.0 as usize].form {
            Form::Enum => {
                let members = self.enum_members(key);
                self.slots.info(slot).one_of = members;
            }
            Form::TypedDict => {
                self.walk_class(key);
                let instance = self.instance(key);
                self.slots.unify(slot, instance);
            }
            _ => {
                let instance = self.instance(key);
                self.slots
                    .fact(slot, Fact::declared(Mask::one(Kind::Object), Mask::NOTHING));
                self.slots.unify(slot, instance);
            }
        }
    }

    /// A name for a type: an alias, a `TypeVar`, a `NewType`.
    fn annotate_alias(&mut self, module: &Rc<Module<'p>>, slot: Slot, value: &Expr, depth: u32) -> bool {
        let Expr::Call(call) = value else {
            return self.annotate_within(module, slot, value, depth);
        };
        let callee = match self.world_of(module).expression(module, &call.func) {
            Some(Thing::External(path)) => path,
            _ => return false,
        };
        match callee.rsplit('.').next().unwrap_or_default() {
            "NewType" => call
                .arguments
                .args
                .get(1)
                .is_some_and(|inner| self.annotate_within(module, slot, inner, depth)),
            "TypeVar" => {
                if let Some(bound) = call
                    .arguments
                    .keywords
                    .iter()
                    .find(|keyword| keyword.arg.as_ref().is_some_and(|name| name.as_str() == "bound"))
                {
                    return self.annotate_within(module, slot, &bound.value, depth);
                }
                match call.arguments.args.get(1) {
                    Some(first) => self.annotate_within(module, slot, first, depth),
                    None => {
                        self.slots.fact(slot, Fact::hint(Mask::of(&[Kind::Int, Kind::Str])));
                        false
                    }
                }
            }
            _ => false,
        }
    }

    fn annotate_external(
        &mut self,
        module: &Rc<Module<'p>>,
        slot: Slot,
        path: &str,
        arguments: &[Expr],
        depth: u32,
    ) -> bool {
        let name = path.rsplit('.').next().unwrap_or(path);
        let is_typing = path.starts_with("typing")
            || path.starts_with("collections.abc.")
            || path.starts_with("contextlib.")
            || !path.contains('.');
        if is_typing && let Some(none) = self.special_form(module, slot, name, arguments, depth) {
            return none;
        }
        if path == "sqlalchemy.orm.Mapped" {
            return arguments
                .first()
                .is_some_and(|held| self.annotate_within(module, slot, held, depth));
        }
        let is_container = is_typing || path.starts_with("collections.");
        if is_container && let Some((fact, parts)) = container(name) {
            self.slots.fact(slot, fact);
            self.annotate_parts(module, slot, parts, arguments, depth);
            return false;
        }
        match type_kinds(path).or_else(|| if is_typing { named_kinds(name) } else { None }) {
            Some(kinds) if kinds == Mask::one(Kind::None) => return true,
            Some(kinds) => {
                let weak = if kinds == Mask::one(Kind::Float) {
                    Mask::one(Kind::Int)
                } else {
                    Mask::NOTHING
                };
                self.slots.fact(slot, Fact::declared(kinds, weak));
            }
            None if is_typing => {}
            None => self.external(slot, path),
        }
        false
    }

    /// Forms that are no types of their own; `None` when `name` is none of them.
    fn special_form(
        &mut self,
        module: &Rc<Module<'p>>,
        slot: Slot,
        name: &str,
        arguments: &[Expr],
        depth: u32,
    ) -> Option<bool> {
        let first = arguments.first();
        Some(match name {
            "Any" | "object" => false,
            "Optional" => {
                if let Some(first) = first {
                    self.annotate_within(module, slot, first, depth);
                }
                true
            }
            "Union" => self.union(module, slot, &arguments.iter().collect::<Vec<_>>(), depth),
            "Annotated" | "Final" | "ClassVar" | "Required" | "NotRequired" | "ReadOnly" | "Awaitable" => {
                first.is_some_and(|first| self.annotate_within(module, slot, first, depth))
            }
            "Coroutine" => arguments
                .get(2)
                .is_some_and(|last| self.annotate_within(module, slot, last, depth)),
            "Literal" => {
                let values = arguments.iter().filter_map(literal::plain);
                let values: Vec<_> = values.collect();
                let none = values.contains(&model::Value::None);
                self.slots
                    .info(slot)
                    .one_of
                    .extend(values.into_iter().filter(|value| *value != model::Value::None));
                none
            }
            "Type" | "type" => {
                self.slots
                    .fact(slot, Fact::declared(Mask::one(Kind::Class), Mask::NOTHING));
                if let Some(first) = first
                    && let Some(Thing::Class(class)) = self.world_of(module).expression(module, first)
                {
                    let symbol = model::Symbol::new(&class.module.parsed.module, &class.name);
                    self.slots.info(slot).one_of.push(model::Value::Symbol(symbol));
                }
                false
            }
            "Callable" => {
                self.slots
                    .fact(slot, Fact::declared(Mask::one(Kind::Callable), Mask::NOTHING));
                if let Some(result) = arguments.get(1) {
                    let place = self.slots.result(slot);
                    self.annotate_within(module, place, result, depth);
                }
                false
            }
            "Tuple" | "tuple" => {
                self.annotate_tuple(module, slot, arguments, depth);
                false
            }
            _ => return None,
        })
    }

    fn annotate_tuple(&mut self, module: &Rc<Module<'p>>, slot: Slot, arguments: &[Expr], depth: u32) {
        self.slots
            .fact(slot, Fact::declared(Mask::one(Kind::Tuple), Mask::NOTHING));
        if let [element, Expr::EllipsisLiteral(_)] = arguments {
            let place = self.slots.element(slot);
            self.annotate_within(module, place, element, depth);
            return;
        }
        for (index, part) in arguments.iter().enumerate() {
            let place = self.slots.position(slot, index as u32);
            self.annotate_within(module, place, part, depth);
        }
        if !arguments.is_empty() {
            self.slots.info(slot).arity = Some(arguments.len() as u32);
        }
    }

    fn annotate_parts(&mut self, module: &Rc<Module<'p>>, slot: Slot, parts: Parts, arguments: &[Expr], depth: u32) {
        if let Some(first) = arguments.first() {
            let place = self.slots.element(slot);
            self.annotate_within(module, place, first, depth);
        }
        match (parts, arguments.get(1)) {
            (Parts::Pairs, Some(second)) => {
                let place = self.slots.value(slot);
                self.annotate_within(module, place, second, depth);
            }
            (Parts::Counts, _) => {
                let place = self.slots.value(slot);
                self.slots
                    .fact(place, Fact::declared(Mask::one(Kind::Int), Mask::NOTHING));
            }
            _ => {}
        }
    }

    /// An instance of a class that is neither the project's nor one of the known kinds.
    pub(super) fn external(&mut self, slot: Slot, path: &str) {
        self.slots
            .fact(slot, Fact::declared(Mask::one(Kind::Object), Mask::NOTHING));
        let externals = &mut self.slots.info(slot).externals;
        if externals.len() < 4 && !externals.iter().any(|known| known == path) {
            externals.push(path.to_owned());
        }
    }
}

/// The members of `A | B | C`.
fn flatten<'a>(expr: &'a Expr, members: &mut Vec<&'a Expr>) {
    match expr {
        Expr::BinOp(binary) if binary.op == Operator::BitOr && members.len() < 20 => {
            flatten(&binary.left, members);
            flatten(&binary.right, members);
        }
        other => members.push(other),
    }
}

/// What the arguments of a container's annotation stand for.
#[derive(Clone, Copy)]
enum Parts {
    Elements,
    Pairs,
    Counts,
}

fn container(name: &str) -> Option<(Fact, Parts)> {
    let declared = |kind: Kind, weak: &[Kind]| Fact::declared(Mask::one(kind), Mask::of(weak));
    Some(match name {
        "List" | "list" | "MutableSequence" => (declared(Kind::List, &[]), Parts::Elements),
        "Sequence" => (declared(Kind::List, &[Kind::Tuple]), Parts::Elements),
        "Iterable" | "Collection" | "Container" | "Sized" | "Reversible" => (
            declared(Kind::List, &[Kind::Tuple, Kind::Set, Kind::Iterator]),
            Parts::Elements,
        ),
        "Set" | "set" | "MutableSet" | "AbstractSet" => (declared(Kind::Set, &[]), Parts::Elements),
        "FrozenSet" | "frozenset" => (declared(Kind::FrozenSet, &[]), Parts::Elements),
        "Iterator" | "Generator" | "AsyncIterator" | "AsyncIterable" | "AsyncGenerator" => {
            (declared(Kind::Iterator, &[Kind::List]), Parts::Elements)
        }
        "Deque" | "deque" => (declared(Kind::Deque, &[]), Parts::Elements),
        "Dict" | "dict" | "Mapping" | "MutableMapping" | "DefaultDict" | "defaultdict" | "OrderedDict" | "ChainMap" => {
            (declared(Kind::Dict, &[]), Parts::Pairs)
        }
        "Counter" => (declared(Kind::Dict, &[]), Parts::Counts),
        _ => return None,
    })
}

fn named_kinds(name: &str) -> Option<Mask> {
    Some(match name {
        "Text" | "AnyStr" | "LiteralString" => Mask::one(Kind::Str),
        "ByteString" | "Buffer" => Mask::one(Kind::Bytes),
        "TextIO" | "IO" => Mask::one(Kind::TextFile),
        "BinaryIO" => Mask::one(Kind::BytesFile),
        "Pattern" => Mask::one(Kind::Pattern),
        "SupportsInt" | "SupportsIndex" => Mask::one(Kind::Int),
        "SupportsFloat" | "SupportsAbs" | "SupportsRound" => Mask::NUMBER,
        "Hashable" => Mask::of(&[Kind::Int, Kind::Str, Kind::Tuple]),
        "BaseException" => Mask::one(Kind::Exception),
        _ => return None,
    })
}
