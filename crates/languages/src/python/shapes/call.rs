//! What calls say about callee, arguments and result.

use ruff_python_ast::{Expr, ExprCall};

use super::engine::{Arguments, Engine, FrameId, Local};
use super::kind::{Fact, Kind, Mask};
use super::library;
use super::signature;
use super::slots::Slot;
use super::world::{Function, Thing};

/// Modules whose calls give something of the running process, the machine or chance: another thing each time.
const OF_THE_MOMENT: [&str; 24] = [
    "sys",
    "os",
    "io",
    "gc",
    "inspect",
    "threading",
    "_thread",
    "socket",
    "ssl",
    "select",
    "selectors",
    "subprocess",
    "multiprocessing",
    "asyncio",
    "concurrent",
    "time",
    "random",
    "secrets",
    "tempfile",
    "weakref",
    "signal",
    "ctypes",
    "mmap",
    "contextvars",
];

/// Whether a call outside the project can be made again as an argument.
fn makes_alike(path: &str) -> bool {
    path.split_once('.')
        .is_some_and(|(module, _)| !OF_THE_MOMENT.contains(&module))
}

impl<'p> Engine<'_, 'p> {
    /// The result of a call.
    pub(super) fn call(&mut self, frame: FrameId, call: &'p ExprCall) -> Slot {
        match &*call.func {
            Expr::Name(name) => match self.lookup(frame, name.id.as_str()) {
                Some(Local::Function(def, home)) => {
                    let function = Function {
                        module: self.frame(home).module.clone(),
                        class: None,
                        def,
                    };
                    let arguments = self.arguments(frame, call);
                    self.call_function(frame, &function, None, Some(home), &arguments)
                }
                Some(Local::Variable(slot, _)) => self.call_value(frame, slot, call),
                Some(Local::Thing(thing)) => self.call_thing(frame, &thing, call),
                None => {
                    self.arguments(frame, call);
                    self.slots.fresh()
                }
            },
            Expr::Attribute(attribute) => match self.thing(frame, &call.func) {
                Some(Thing::Function(function)) if function.class.is_some() => {
                    self.call_unbound(frame, &function, call)
                }
                Some(thing) => self.call_thing(frame, &thing, call),
                None => self.call_method(frame, attribute, call),
            },
            other => {
                let slot = self.expression(frame, other);
                self.call_value(frame, slot, call)
            }
        }
    }

    /// Walks the arguments of a call.
    pub(super) fn arguments(&mut self, frame: FrameId, call: &'p ExprCall) -> Arguments<'p> {
        let mut arguments = Arguments::default();
        for arg in &call.arguments.args {
            let slot = self.expression(frame, arg);
            if let Expr::Starred(_) = arg {
                self.slots.fact(
                    slot,
                    Fact::mostly(Mask::of(&[Kind::List, Kind::Tuple]), Mask::ALSO_ITERABLE),
                );
                arguments.starred = true;
            } else if !arguments.starred {
                arguments.positional.push((slot, Some(arg)));
            }
        }
        for keyword in &call.arguments.keywords {
            // A key function is looked at with what it is called with, see `key_function`.
            let is_key =
                keyword.value.is_lambda_expr() && keyword.arg.as_ref().is_some_and(|name| name.as_str() == "key");
            let slot = if is_key {
                self.of_kind(Kind::Callable)
            } else {
                self.expression(frame, &keyword.value)
            };
            match &keyword.arg {
                Some(name) => arguments.keywords.push((name.as_str(), slot, &keyword.value)),
                None => {
                    self.slots.fact(slot, Fact::only(Mask::one(Kind::Dict)));
                    arguments.spread.push(slot);
                }
            }
        }
        arguments
    }

    /// A call of a variable.
    fn call_value(&mut self, frame: FrameId, slot: Slot, call: &'p ExprCall) -> Slot {
        self.arguments(frame, call);
        self.slots.fact(
            slot,
            Fact::mostly(Mask::one(Kind::Callable), Mask::of(&[Kind::Class, Kind::Object])),
        );
        self.slots.result(slot)
    }

    fn call_thing(&mut self, frame: FrameId, thing: &Thing<'p>, call: &'p ExprCall) -> Slot {
        match thing {
            Thing::Function(function) => {
                let arguments = self.arguments(frame, call);
                self.call_function(frame, function, None, None, &arguments)
            }
            Thing::Class(class) => {
                let arguments = self.arguments(frame, call);
                self.construct(class, &arguments)
            }
            Thing::External(path) => self.call_library(frame, path, call),
            Thing::Value { .. } => {
                let slot = self.thing_slot(frame, thing);
                self.call_value(frame, slot, call)
            }
            Thing::Module(_) => {
                self.arguments(frame, call);
                self.slots.fresh()
            }
        }
    }

    /// `Class.method(…)`: the instance is the first argument unless the method is a class's own.
    fn call_unbound(&mut self, frame: FrameId, function: &Function<'p>, call: &'p ExprCall) -> Slot {
        let mut arguments = self.arguments(frame, call);
        let mut receiver = None;
        if super::binding::receiver_kind(function) == super::binding::Receiver::Instance
            && !arguments.positional.is_empty()
        {
            receiver = Some(arguments.positional.remove(0).0);
        }
        self.call_function(frame, function, receiver, None, &arguments)
    }

    fn call_library(&mut self, frame: FrameId, path: &str, call: &'p ExprCall) -> Slot {
        if let Some(result) = self.asks(frame, path, call).or_else(|| self.special(frame, path, call)) {
            return result;
        }
        let arguments = self.arguments(frame, call);
        let slots: Vec<Slot> = arguments.positional.iter().map(|(slot, _)| *slot).collect();
        if path.starts_with("datetime.") {
            for (_, slot, _) in arguments.keywords.iter().filter(|(name, ..)| !name.starts_with("tz")) {
                self.slots
                    .fact(*slot, Fact::mostly(Mask::one(Kind::Int), Mask::one(Kind::Float)));
            }
        }
        let result = match library::function(path) {
            Some(signature) => signature::apply(&mut self.slots, signature, None, &slots),
            None => {
                let slot = self.slots.fresh();
                if library::is_exception(path) {
                    self.slots.fact(slot, Fact::only(Mask::one(Kind::Exception)));
                }
                slot
            }
        };
        let unknown = self.slots.info(result).facts.is_empty();
        if unknown && !arguments.starred && makes_alike(path) {
            self.slots.info(result).made = Some((super::evaluate::external(path), slots));
        }
        if path == "collections.defaultdict"
            && let Some(factory) = call.arguments.args.first()
        {
            self.default_factory(frame, factory, result);
        }
        if path == "sorted" {
            let element = self.slots.element(result);
            self.key_function(frame, call, element);
        }
        result
    }

    /// `defaultdict(list)`: its values are lists.
    fn default_factory(&mut self, frame: FrameId, factory: &'p Expr, result: Slot) {
        let value = self.slots.value(result);
        if let Some(Thing::External(path)) = self.thing(frame, factory)
            && let Some(kinds) = super::narrow::type_kinds(&path)
        {
            self.slots.fact(value, Fact::only(kinds));
        }
    }

    /// `key=…` of `sorted`, `min`, `max`, `sort`: called with each element.
    pub(super) fn key_function(&mut self, frame: FrameId, call: &'p ExprCall, element: Slot) {
        let key = call
            .arguments
            .keywords
            .iter()
            .find(|keyword| keyword.arg.as_ref().is_some_and(|name| name.as_str() == "key"));
        if let Some(key) = key {
            self.callback(frame, &key.value, &[element]);
        }
    }

    /// What a function that is passed on gives when it is called with these.
    fn callback(&mut self, frame: FrameId, function: &'p Expr, given: &[Slot]) -> Slot {
        let arguments = || Arguments {
            positional: given.iter().map(|slot| (*slot, None)).collect(),
            ..Arguments::default()
        };
        match function {
            Expr::Lambda(lambda) => {
                let slot = self.lambda(frame, lambda, given);
                return self.slots.result(slot);
            }
            Expr::Name(name) => {
                if let Some(Local::Function(def, home)) = self.lookup(frame, name.id.as_str()) {
                    let function = Function {
                        module: self.frame(home).module.clone(),
                        class: None,
                        def,
                    };
                    return self.call_function(frame, &function, None, Some(home), &arguments());
                }
            }
            _ => {}
        }
        match self.thing(frame, function) {
            Some(Thing::Function(function)) if function.class.is_none() => {
                self.call_function(frame, &function, None, None, &arguments())
            }
            Some(Thing::Class(class)) => self.construct(&class, &arguments()),
            Some(Thing::External(path)) => match library::function(&path) {
                Some(signature) => signature::apply(&mut self.slots, signature, None, given),
                None => self.slots.fresh(),
            },
            _ => {
                let slot = self.expression(frame, function);
                self.slots
                    .fact(slot, Fact::mostly(Mask::one(Kind::Callable), Mask::one(Kind::Class)));
                self.slots.result(slot)
            }
        }
    }

    /// Functions of the library that no signature can describe.
    fn special(&mut self, frame: FrameId, path: &str, call: &'p ExprCall) -> Option<Slot> {
        let args = &call.arguments.args;
        match path {
            "isinstance" | "hasattr" | "callable" => {
                self.asked(frame, call);
                Some(self.of_kind(Kind::Bool))
            }
            "min" | "max" => Some(self.extreme(frame, call)),
            "map"
            | "filter"
            | "functools.reduce"
            | "itertools.takewhile"
            | "itertools.dropwhile"
            | "itertools.starmap"
            | "itertools.filterfalse" => self.higher_order(frame, path, call),
            "zip" => {
                let result = self.of_kind(Kind::List);
                let pair = self.slots.element(result);
                self.slots.fact(pair, Fact::only(Mask::one(Kind::Tuple)));
                for (index, arg) in args.iter().enumerate().take(8) {
                    let element = match arg {
                        Expr::Starred(all) => {
                            let each = self.iterated(frame, &all.value);
                            self.slots.fact(each, Fact::mostly(Mask::ITERABLE, Mask::ALSO_ITERABLE));
                            self.slots.element(each)
                        }
                        arg => self.iterated(frame, arg),
                    };
                    let place = self.slots.position(pair, index as u32);
                    self.slots.unify(place, element);
                }
                Some(result)
            }
            "getattr" => {
                let owner = self.expression(frame, args.first()?);
                let Some(Expr::StringLiteral(name)) = args.get(1) else {
                    return None;
                };
                let slot = self.attribute_of(owner, &ruff_python_ast::name::Name::new(name.value.to_str()));
                if let Some(default) = args.get(2).filter(|default| !default.is_none_literal_expr()) {
                    let default = self.expression(frame, default);
                    self.slots.unify(slot, default);
                }
                Some(slot)
            }
            "super" => Some(self.frame(frame).receiver.unwrap_or_else(|| self.slots.fresh())),
            _ => None,
        }
    }

    /// `min` and `max`: of several, which are then alike, or of the elements of one.
    fn extreme(&mut self, frame: FrameId, call: &'p ExprCall) -> Slot {
        let args = &call.arguments.args;
        let result = if let [only] = &**args
            && !only.is_starred_expr()
        {
            self.iterated(frame, only)
        } else {
            let result = self.typed(Fact::mostly(
                Mask::NUMBER,
                Mask::of(&[Kind::Str, Kind::Date, Kind::DateTime, Kind::Tuple, Kind::Decimal]),
            ));
            for arg in args {
                let slot = if let Expr::Starred(all) = arg {
                    self.iterated(frame, &all.value)
                } else {
                    self.expression(frame, arg)
                };
                self.slots.unify(result, slot);
            }
            result
        };
        self.key_function(frame, call, result);
        for keyword in call
            .arguments
            .keywords
            .iter()
            .filter(|keyword| keyword.arg.as_ref().is_some_and(|name| name.as_str() == "default"))
        {
            let default = self.expression(frame, &keyword.value);
            if !keyword.value.is_none_literal_expr() {
                self.slots.unify(result, default);
            }
        }
        result
    }

    fn higher_order(&mut self, frame: FrameId, path: &str, call: &'p ExprCall) -> Option<Slot> {
        let [function, iterables @ ..] = &*call.arguments.args else {
            return None;
        };
        let elements: Vec<Slot> = iterables
            .iter()
            .filter(|iterable| !iterable.is_starred_expr())
            .map(|iterable| self.iterated(frame, iterable))
            .collect();
        let first = *elements.first()?;
        if path == "functools.reduce" {
            let result = self.callback(frame, function, &[first, first]);
            self.slots.unify(result, first);
            return Some(result);
        }
        if path == "itertools.starmap" {
            return None;
        }
        let element = if function.is_none_literal_expr() {
            first
        } else {
            self.callback(frame, function, if path == "map" { &elements } else { &elements[..1] })
        };
        let result = self.typed(Fact::mostly(Mask::ITERABLE, Mask::ALSO_ITERABLE));
        self.slots.info(result).element = Some(if path == "map" { element } else { first });
        Some(result)
    }
}
