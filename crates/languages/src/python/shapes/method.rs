//! What method calls say: of the project's classes, and of the library's types.

use ruff_python_ast::{Expr, ExprAttribute, ExprCall};

use super::engine::{Arguments, Engine, FrameId};
use super::kind::{Fact, Kind, Mask};
use super::library;
use super::signature;
use super::slots::{KeyUse, Slot};
use super::world::Thing;

impl<'p> Engine<'_, 'p> {
    /// The result of `owner.name(…)`, where the owner is no module and no class.
    pub(super) fn call_method(&mut self, frame: FrameId, attribute: &'p ExprAttribute, call: &'p ExprCall) -> Slot {
        let name = attribute.attr.as_str();
        if let Some(result) = self.call_super(frame, attribute, call) {
            return result;
        }
        let owner = self.expression(frame, &attribute.value);
        if let Some(result) = self.asks_of(frame, owner, name, call) {
            return result;
        }
        let arguments = self.arguments(frame, call);
        if let Some(result) = self.call_own_method(frame, owner, name, &arguments) {
            return result;
        }
        let args: Vec<Slot> = arguments.positional.iter().map(|(slot, _)| *slot).collect();
        if let Some(result) = self.ambiguous_method(owner, name, call, &args) {
            return result;
        }
        let Some((kinds, signature)) = library::method(name) else {
            self.slots.fact(owner, Fact::only(Mask::one(Kind::Object)));
            let slot = self.slots.attribute(owner, &attribute.attr.id);
            self.slots
                .mark_attribute(owner, &attribute.attr.id, |attribute| attribute.called = true);
            return self.slots.result(slot);
        };
        self.slots.fact(owner, Fact::mostly(kinds, Mask::one(Kind::Object)));
        if name == "sort" {
            let element = self.slots.element(owner);
            self.key_function(frame, call, element);
        }
        // Should it turn out to be an object of the project after all, the method is one of its attributes.
        let slot = self.slots.attribute(owner, &attribute.attr.id);
        self.slots
            .mark_attribute(owner, &attribute.attr.id, |attribute| attribute.called = true);
        let result = signature::apply(&mut self.slots, signature, Some(owner), &args);
        let called = self.slots.result(slot);
        self.slots.unify(called, result);
        result
    }

    /// `super().method(…)`.
    fn call_super(&mut self, frame: FrameId, attribute: &'p ExprAttribute, call: &'p ExprCall) -> Option<Slot> {
        let Expr::Call(inner) = &*attribute.value else {
            return None;
        };
        if !matches!(&*inner.func, Expr::Name(name) if name.id.as_str() == "super") {
            return None;
        }
        let class = self.frame(frame).class.clone()?;
        let world = self.world_of(&class.module);
        let method = world
            .bases(&class)
            .iter()
            .find_map(|base| world.member(base, attribute.attr.as_str()))?;
        let Thing::Function(function) = method else { return None };
        let arguments = self.arguments(frame, call);
        let receiver = self.frame(frame).receiver;
        Some(self.call_function(frame, &function, receiver, None, &arguments))
    }

    /// A method of the class that the owner is known to be of.
    fn call_own_method(&mut self, frame: FrameId, owner: Slot, name: &str, arguments: &Arguments<'p>) -> Option<Slot> {
        let key = *self.slots.info(owner).classes.first()?;
        if let Some(method) = self.method_frame(key, name) {
            let class = self.classes[key.0 as usize].class.clone();
            if self.frame(frame).depth < 2
                && let Some(Thing::Function(function)) =
                    self.world_of(&class.module).member(&Thing::Class(class.clone()), name)
            {
                let depth = self.frame(frame).depth + 1;
                self.visited.push((function, depth));
            }
            self.pass(method, arguments);
            return Some(self.result_of(method));
        }
        let class = self.classes[key.0 as usize].class.clone();
        let found = self
            .world_of(&class.module)
            .member(&Thing::Class(class.clone()), name)?;
        let Thing::Function(function) = found else { return None };
        Some(self.call_function(frame, &function, Some(owner), None, arguments))
    }

    /// Methods that several types have, told apart by how they are called.
    fn ambiguous_method(&mut self, owner: Slot, name: &str, call: &'p ExprCall, args: &[Slot]) -> Option<Slot> {
        let dict = |engine: &mut Self| {
            engine
                .slots
                .fact(owner, Fact::mostly(Mask::one(Kind::Dict), Mask::one(Kind::Object)))
        };
        match (name, &*call.arguments.args) {
            ("get", [Expr::StringLiteral(key), rest @ ..]) => {
                dict(self);
                let keys = self.slots.element(owner);
                if let Some(first) = args.first() {
                    self.slots.unify(keys, *first);
                }
                let value = self.slots.key(owner, key.value.to_str(), KeyUse::Asked);
                if let (Some(default), Some(slot)) = (rest.first(), args.get(1))
                    && !default.is_none_literal_expr()
                {
                    self.slots.unify(value, *slot);
                }
                Some(value)
            }
            ("get", [_, rest @ ..]) => {
                dict(self);
                let value = self.slots.value(owner);
                let keys = self.slots.element(owner);
                if let Some(first) = args.first() {
                    self.slots.unify(keys, *first);
                }
                if let (Some(default), Some(slot)) = (rest.first(), args.get(1))
                    && !default.is_none_literal_expr()
                {
                    self.slots.unify(value, *slot);
                }
                Some(value)
            }
            ("setdefault" | "pop", [Expr::StringLiteral(key), rest @ ..]) => {
                dict(self);
                let how = match name {
                    "pop" if rest.is_empty() => KeyUse::Read,
                    _ => KeyUse::Asked,
                };
                let value = self.slots.key(owner, key.value.to_str(), how);
                if let (Some(default), Some(slot)) = (rest.first(), args.get(1))
                    && !default.is_none_literal_expr()
                {
                    self.slots.unify(value, *slot);
                }
                Some(value)
            }
            ("pop", []) => {
                self.slots.fact(
                    owner,
                    Fact::mostly(Mask::one(Kind::List), Mask::of(&[Kind::Set, Kind::Deque, Kind::Object])),
                );
                Some(self.slots.element(owner))
            }
            ("pop", [Expr::NumberLiteral(_) | Expr::UnaryOp(_)]) => {
                self.slots
                    .fact(owner, Fact::mostly(Mask::one(Kind::List), Mask::one(Kind::Dict)));
                Some(self.slots.element(owner))
            }
            ("pop", [key]) if !key.is_starred_expr() => {
                self.slots.fact(
                    owner,
                    Fact::mostly(Mask::of(&[Kind::List, Kind::Dict]), Mask::one(Kind::Object)),
                );
                let result = self.slots.fresh();
                self.slots.subscript(owner, *args.first()?, result);
                Some(result)
            }
            ("pop", [_, _]) => {
                dict(self);
                Some(signature::apply(&mut self.slots, "E,V>V", Some(owner), args))
            }
            ("update", _) => {
                self.slots.fact(
                    owner,
                    Fact::mostly(Mask::of(&[Kind::Dict, Kind::Set]), Mask::one(Kind::Object)),
                );
                Some(self.slots.fresh())
            }
            ("replace", [_, _, ..]) => {
                self.slots
                    .fact(owner, Fact::mostly(Mask::TEXT, Mask::one(Kind::Object)));
                Some(signature::apply(&mut self.slots, "S,S,i>S", Some(owner), args))
            }
            ("replace", []) => {
                self.slots
                    .fact(owner, Fact::mostly(Mask::DATES, Mask::of(&[Kind::Object, Kind::Time])));
                Some(owner)
            }
            ("fromkeys" | "group" | "groups" | "span", _) => None,
            ("startswith" | "endswith", [Expr::StringLiteral(_)]) => {
                self.slots
                    .fact(owner, Fact::mostly(Mask::one(Kind::Str), Mask::one(Kind::Object)));
                for literal in self.slots.info(*args.first()?).literals.clone() {
                    self.slots.literal(owner, literal);
                }
                Some(self.of_kind(Kind::Bool))
            }
            _ => None,
        }
    }
}
