//! What expressions say about their slots.

use model::Value;
use ruff_python_ast::{Comprehension, Expr, ExprAttribute, ExprDict, ExprLambda, InterpolatedStringElement, UnaryOp};

use crate::python::absence;

use super::engine::{Engine, FrameId, Local};
use super::kind::{Fact, Kind, Mask};
use super::library;
use super::literal;
use super::signature;
use super::slots::{KeyUse, Slot};
use super::world::Thing;

/// Of long displays only the first parts are looked at.
const MOST_PARTS: usize = 24;

impl<'p> Engine<'_, 'p> {
    /// The slot of an expression.
    pub(super) fn expression(&mut self, frame: FrameId, expr: &'p Expr) -> Slot {
        if !self.step_in(frame) {
            return self.slots.fresh();
        }
        match expr {
            Expr::Name(name) => self.name(frame, name.id.as_str()),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::BooleanLiteral(_) => {
                self.literal(expr)
            }
            Expr::NoneLiteral(_) | Expr::EllipsisLiteral(_) => self.slots.fresh(),
            Expr::Attribute(attribute) => self.attribute(frame, attribute),
            Expr::Subscript(subscript) => self.subscript(frame, subscript),
            Expr::Call(call) => self.call(frame, call),
            Expr::BinOp(binary) => {
                let (left, right) = (
                    self.expression(frame, &binary.left),
                    self.expression(frame, &binary.right),
                );
                self.binary(left, binary.op, right, Some(&binary.left), Some(&binary.right))
            }
            Expr::UnaryOp(unary) => self.unary(frame, unary.op, &unary.operand),
            Expr::BoolOp(boolean) => self.either(frame, boolean),
            Expr::Compare(_) => {
                self.test(frame, expr);
                self.of_kind(Kind::Bool)
            }
            Expr::If(conditional) => self.conditional(frame, conditional),
            Expr::Named(named) => {
                let value = self.expression(frame, &named.value);
                self.assign(frame, &named.target, value, Some(&named.value));
                value
            }
            Expr::Lambda(lambda) => self.lambda(frame, lambda, &[]),
            Expr::List(list) => self.display(frame, Kind::List, &list.elts),
            Expr::Set(set) => self.display(frame, Kind::Set, &set.elts),
            Expr::Tuple(tuple) => self.tuple(frame, &tuple.elts),
            Expr::Dict(dict) => self.dict(frame, dict),
            Expr::ListComp(c) => self.comprehension(frame, Kind::List, &c.elt, &c.generators),
            Expr::SetComp(c) => self.comprehension(frame, Kind::Set, &c.elt, &c.generators),
            Expr::Generator(c) => self.comprehension(frame, Kind::Iterator, &c.elt, &c.generators),
            Expr::DictComp(c) => self.dict_comprehension(frame, c),
            Expr::FString(string) => self.interpolated(frame, string.value.elements()),
            Expr::TString(string) => self.interpolated(frame, string.value.elements()),
            Expr::Await(awaited) => self.expression(frame, &awaited.value),
            Expr::Yield(yielded) => self.yielded(frame, yielded.value.as_deref()),
            Expr::YieldFrom(yielded) => {
                let element = self.iterated(frame, &yielded.value);
                if let Some(yields) = self.frame(frame).yields {
                    self.slots.unify(yields, element);
                }
                self.slots.fresh()
            }
            Expr::Starred(starred) => self.expression(frame, &starred.value),
            Expr::Slice(slice) => {
                for part in [&slice.lower, &slice.upper, &slice.step].into_iter().flatten() {
                    let part = self.expression(frame, part);
                    self.slots.fact(part, Fact::only(Mask::one(Kind::Int)));
                }
                self.slots.fresh()
            }
            Expr::IpyEscapeCommand(_) => self.slots.fresh(),
        }
    }

    /// A literal: its kind and its value.
    pub(super) fn literal(&mut self, expr: &Expr) -> Slot {
        let fact = match expr {
            Expr::NumberLiteral(number) if number.value.is_int() => Fact::mostly(
                Mask::one(Kind::Int),
                Mask::of(&[Kind::Float, Kind::Bool, Kind::Decimal, Kind::Fraction]),
            ),
            Expr::NumberLiteral(_) => Fact::mostly(Mask::one(Kind::Float), Mask::NUMERIC),
            Expr::StringLiteral(_) => Fact::only(Mask::one(Kind::Str)),
            Expr::BytesLiteral(_) => Fact::only(Mask::one(Kind::Bytes)),
            _ => Fact::mostly(Mask::one(Kind::Bool), Mask::one(Kind::Int)),
        };
        let slot = self.typed(fact);
        match literal::plain(expr) {
            Some(Value::Bool(_)) | None => {}
            Some(value) => self.slots.literal(slot, value),
        }
        slot
    }

    fn name(&mut self, frame: FrameId, name: &str) -> Slot {
        match self.lookup(frame, name) {
            Some(Local::Variable(slot, _)) => slot,
            Some(Local::Function(..)) => self.of_kind(Kind::Callable),
            Some(Local::Thing(thing)) => self.thing_slot(frame, &thing),
            None => self.slots.fresh(),
        }
    }

    /// The slot of something that is no local variable.
    pub(super) fn thing_slot(&mut self, frame: FrameId, thing: &Thing<'p>) -> Slot {
        match thing {
            Thing::Function(_) => self.of_kind(Kind::Callable),
            Thing::Class(_) => self.of_kind(Kind::Class),
            Thing::Value {
                module,
                name,
                value,
                annotation,
            } => {
                let id = (std::rc::Rc::as_ptr(module) as usize, name.clone());
                if let Some(known) = self.constants.get(&id) {
                    return *known;
                }
                let slot = self.slots.fresh();
                self.constants.insert(id, slot);
                if let Some(annotation) = annotation {
                    self.annotate(module, slot, annotation);
                }
                if let Some(value) = value {
                    self.used_constants.push((module.clone(), name.clone(), value));
                    let depth = self.frame(frame).depth;
                    let outside = self.open_frame(module.clone(), None, None, depth + 1);
                    let given = self.expression(outside, value);
                    self.slots.unify(slot, given);
                }
                slot
            }
            Thing::External(path) if path == "os.environ" => self.environment(),
            Thing::External(path) => {
                let slot = self.slots.fresh();
                if library::function(path).is_some() {
                    self.slots
                        .fact(slot, Fact::only(Mask::of(&[Kind::Callable, Kind::Class])));
                }
                slot
            }
            Thing::Module(_) => self.slots.fresh(),
        }
    }

    fn attribute(&mut self, frame: FrameId, attribute: &'p ExprAttribute) -> Slot {
        if let Some(owner) = self.thing(frame, &attribute.value) {
            let world = self.world_of(&self.frame(frame).module);
            if let Some(thing) = world.member(&owner, attribute.attr.as_str()) {
                return self.thing_slot(frame, &thing);
            }
        }
        let owner = self.expression(frame, &attribute.value);
        self.attribute_of(owner, &attribute.attr.id)
    }

    /// The attribute of a slot, with what its name says about the slot.
    pub(super) fn attribute_of(&mut self, owner: Slot, name: &ruff_python_ast::name::Name) -> Slot {
        let slot = self.slots.attribute(owner, name);
        match library::attribute(name.as_str()) {
            Some((kinds, holds)) => {
                self.slots.fact(owner, Fact::mostly(kinds, Mask::one(Kind::Object)));
                if self.slots.info(owner).classes.is_empty() {
                    signature::constrain(&mut self.slots, holds, slot);
                }
            }
            None if matches!(name.as_str(), "__class__" | "__dict__" | "__doc__") => {}
            None if matches!(name.as_str(), "name" | "parent") => self
                .slots
                .fact(owner, Fact::mostly(Mask::one(Kind::Object), Mask::one(Kind::Path))),
            None if name.as_str() == "args" => self
                .slots
                .fact(owner, Fact::mostly(Mask::one(Kind::Object), Mask::one(Kind::Exception))),
            None => self.slots.fact(owner, Fact::only(Mask::one(Kind::Object))),
        }
        slot
    }

    fn unary(&mut self, frame: FrameId, op: UnaryOp, operand: &'p Expr) -> Slot {
        match op {
            UnaryOp::Not => {
                self.test(frame, operand);
                self.of_kind(Kind::Bool)
            }
            UnaryOp::Invert => {
                let slot = self.expression(frame, operand);
                self.slots
                    .fact(slot, Fact::mostly(Mask::one(Kind::Int), Mask::one(Kind::Bool)));
                slot
            }
            UnaryOp::UAdd | UnaryOp::USub => {
                let slot = self.expression(frame, operand);
                self.slots.fact(
                    slot,
                    Fact::mostly(Mask::NUMBER, Mask::NUMERIC | Mask::one(Kind::TimeDelta)),
                );
                slot
            }
        }
    }

    /// `a or b` as a value: what stands in for the other is of its kind. `a and b` is its last.
    fn either(&mut self, frame: FrameId, boolean: &'p ruff_python_ast::ExprBoolOp) -> Slot {
        let is_or = boolean.op == ruff_python_ast::BoolOp::Or;
        let mut result = None;
        let mut narrowed = Vec::new();
        for value in &boolean.values {
            let is_last = std::ptr::eq(value, &boolean.values[boolean.values.len() - 1]);
            if !is_last
                && (value.is_compare_expr() || matches!(value, Expr::UnaryOp(unary) if unary.op == UnaryOp::Not))
            {
                let found = self.test(frame, value);
                narrowed.push(self.narrow(frame, if is_or { &found.no } else { &found.yes }));
                continue;
            }
            let slot = self.expression(frame, value);
            // `x or []`: what has a written default may be missing.
            if is_or && !is_last && boolean.values.last().is_some_and(absence::is_default) {
                self.mark_none(frame, value);
            }
            match result {
                Some(known) if is_or && !value.is_none_literal_expr() => self.slots.unify(known, slot),
                _ => result = Some(slot),
            }
        }
        for before in narrowed.into_iter().rev() {
            self.restore(frame, before);
        }
        result.unwrap_or_else(|| self.slots.fresh())
    }

    fn conditional(&mut self, frame: FrameId, conditional: &'p ruff_python_ast::ExprIf) -> Slot {
        let narrowed = self.test(frame, &conditional.test);
        let before = self.narrow(frame, &narrowed.yes);
        let body = self.expression(frame, &conditional.body);
        self.restore(frame, before);
        let before = self.narrow(frame, &narrowed.no);
        let otherwise = self.expression(frame, &conditional.orelse);
        self.restore(frame, before);
        if conditional.body.is_none_literal_expr() {
            return otherwise;
        }
        if !conditional.orelse.is_none_literal_expr() {
            self.slots.unify(body, otherwise);
        }
        body
    }

    /// A function without a name; `arguments` are what it will be called with, as far as known.
    pub(super) fn lambda(&mut self, frame: FrameId, lambda: &'p ExprLambda, arguments: &[Slot]) -> Slot {
        let inner = self.child_frame(frame);
        let parameters = lambda
            .parameters
            .as_deref()
            .into_iter()
            .flat_map(|parameters| parameters.iter());
        for (index, parameter) in parameters.enumerate() {
            let slot = arguments.get(index).copied().unwrap_or_else(|| self.slots.fresh());
            self.frame_mut(inner)
                .locals
                .insert(parameter.name().as_str(), Local::Variable(slot, 0));
        }
        let result = self.expression(inner, &lambda.body);
        let slot = self.of_kind(Kind::Callable);
        self.slots.info(slot).result = Some(result);
        slot
    }

    /// A scope inside a frame: comprehensions and lambdas.
    fn child_frame(&mut self, frame: FrameId) -> FrameId {
        let (module, class, depth, yields) = {
            let frame = self.frame(frame);
            (frame.module.clone(), frame.class.clone(), frame.depth, frame.yields)
        };
        let inner = self.open_frame(module, class, Some(frame), depth);
        self.frame_mut(inner).yields = yields;
        inner
    }

    fn display(&mut self, frame: FrameId, kind: Kind, parts: &'p [Expr]) -> Slot {
        // What is written as a list may as well be called for as one: other sequences would mostly do.
        let weak = if kind == Kind::List {
            Mask::one(Kind::Tuple)
        } else {
            Mask::one(Kind::FrozenSet)
        };
        let slot = self.typed(Fact::mostly(Mask::one(kind), weak));
        let element = self.slots.element(slot);
        for part in parts
            .iter()
            .take(MOST_PARTS)
            .filter(|part| !part.is_none_literal_expr())
        {
            let value = match part {
                Expr::Starred(starred) => self.iterated(frame, &starred.value),
                part => self.expression(frame, part),
            };
            self.slots.unify(element, value);
        }
        slot
    }

    fn tuple(&mut self, frame: FrameId, parts: &'p [Expr]) -> Slot {
        let slot = self.of_kind(Kind::Tuple);
        let starred = parts.iter().any(Expr::is_starred_expr);
        for (index, part) in parts.iter().take(MOST_PARTS).enumerate() {
            let value = match part {
                Expr::Starred(starred) => self.iterated(frame, &starred.value),
                part => self.expression(frame, part),
            };
            let place = if starred {
                self.slots.element(slot)
            } else {
                self.slots.position(slot, index as u32)
            };
            if !part.is_none_literal_expr() {
                self.slots.unify(place, value);
            }
        }
        if !starred {
            self.slots.info(slot).arity = Some(parts.len() as u32);
        }
        slot
    }

    fn dict(&mut self, frame: FrameId, dict: &'p ExprDict) -> Slot {
        let slot = self.of_kind(Kind::Dict);
        let (key, held) = (self.slots.element(slot), self.slots.value(slot));
        for item in dict.items.iter().take(MOST_PARTS) {
            let value = self.expression(frame, &item.value);
            match &item.key {
                Some(Expr::StringLiteral(name)) if dict.items.len() <= MOST_PARTS => {
                    let known = self.expression(frame, item.key.as_ref().expect("matched"));
                    self.slots.unify(key, known);
                    let place = self.slots.key(slot, name.value.to_str(), KeyUse::Named);
                    if !item.value.is_none_literal_expr() {
                        self.slots.unify(place, value);
                    }
                }
                Some(name) => {
                    let name = self.expression(frame, name);
                    self.slots.unify(key, name);
                    if !item.value.is_none_literal_expr() {
                        self.slots.unify(held, value);
                    }
                }
                // `{**other}`
                None => self.slots.unify(slot, value),
            }
        }
        slot
    }

    fn comprehension(
        &mut self,
        frame: FrameId,
        kind: Kind,
        element: &'p Expr,
        generators: &'p [Comprehension],
    ) -> Slot {
        let inner = self.generators(frame, generators);
        let value = self.expression(inner, element);
        let slot = if kind == Kind::Iterator {
            self.typed(Fact::mostly(Mask::ITERABLE, Mask::ALSO_ITERABLE))
        } else {
            self.of_kind(kind)
        };
        self.slots.info(slot).element = Some(value);
        slot
    }

    fn dict_comprehension(&mut self, frame: FrameId, comprehension: &'p ruff_python_ast::ExprDictComp) -> Slot {
        let inner = self.generators(frame, &comprehension.generators);
        let slot = self.of_kind(Kind::Dict);
        if let Some(key) = &comprehension.key {
            let key = self.expression(inner, key);
            self.slots.info(slot).element = Some(key);
        }
        let value = self.expression(inner, &comprehension.value);
        self.slots.info(slot).value = Some(value);
        slot
    }

    fn generators(&mut self, frame: FrameId, generators: &'p [Comprehension]) -> FrameId {
        let inner = self.child_frame(frame);
        for generator in generators {
            let element = self.iterated(inner, &generator.iter);
            self.assign(inner, &generator.target, element, None);
            for test in &generator.ifs {
                let narrowed = self.test(inner, test);
                self.narrow(inner, &narrowed.yes);
            }
        }
        inner
    }

    fn interpolated(&mut self, frame: FrameId, elements: impl Iterator<Item = &'p InterpolatedStringElement>) -> Slot {
        for element in elements {
            if let InterpolatedStringElement::Interpolation(part) = element {
                let slot = self.expression(frame, &part.expression);
                let spec: String = part
                    .format_spec
                    .iter()
                    .flat_map(|spec| spec.elements.literals())
                    .map(|literal| &*literal.value)
                    .collect();
                if let Some(fact) = format_fact(&spec) {
                    self.slots.fact(slot, fact);
                }
            }
        }
        self.of_kind(Kind::Str)
    }

    fn yielded(&mut self, frame: FrameId, value: Option<&'p Expr>) -> Slot {
        if let Some(value) = value {
            let slot = self.expression(frame, value);
            if let Some(yields) = self.frame(frame).yields
                && !value.is_none_literal_expr()
            {
                self.slots.unify(yields, slot);
            }
        }
        self.slots.fresh()
    }
}

/// What a format specification says about the value.
fn format_fact(spec: &str) -> Option<Fact> {
    match spec.chars().last()? {
        'd' | 'x' | 'X' | 'b' | 'o' => Some(Fact::only(Mask::one(Kind::Int))),
        'f' | 'F' | 'e' | 'E' | 'g' | 'G' | '%' if !spec.contains("%Y") => {
            Some(Fact::mostly(Mask::NUMBER, Mask::one(Kind::Decimal)))
        }
        's' => Some(Fact::only(Mask::one(Kind::Str))),
        _ if spec.contains("%Y") || spec.contains("%H") => Some(Fact::only(Mask::DATES)),
        _ => None,
    }
}
