//! What statements say about the slots of their expressions.

use ruff_python_ast::{
    ExceptHandler, Expr, Operator, Stmt, StmtFor, StmtIf, StmtImport, StmtImportFrom, StmtTry, StmtWith,
};

use super::engine::{Engine, FrameId, Local};
use super::kind::{Fact, Kind, Mask};
use super::narrow::Narrowed;
use super::slots::Slot;
use super::world::{Class, Thing};

impl<'p> Engine<'_, 'p> {
    /// Walks the statements of a block.
    pub(super) fn block(&mut self, frame: FrameId, body: &'p [Stmt]) {
        for statement in body {
            self.statement(frame, statement);
        }
    }

    /// As [`Engine::block`], one level deeper: what is bound inside may not have been bound outside.
    fn inner_block(&mut self, frame: FrameId, body: &'p [Stmt]) {
        self.frame_mut(frame).block += 1;
        self.block(frame, body);
        self.frame_mut(frame).block -= 1;
    }

    fn statement(&mut self, frame: FrameId, statement: &'p Stmt) {
        if !self.step_in(frame) {
            return;
        }
        match statement {
            Stmt::Expr(s) => {
                self.expression(frame, &s.value);
            }
            Stmt::Assign(s) => {
                let value = self.expression(frame, &s.value);
                for target in &s.targets {
                    self.assign(frame, target, value, Some(&s.value));
                }
            }
            Stmt::AnnAssign(s) => self.annotated(frame, s),
            Stmt::AugAssign(s) => self.augmented(frame, &s.target, s.op, &s.value),
            Stmt::Return(s) => self.returned(frame, s.value.as_deref()),
            Stmt::If(s) => self.if_statement(frame, s),
            Stmt::For(s) => self.for_statement(frame, s),
            Stmt::While(s) => {
                let narrowed = self.condition(frame, &s.test);
                self.narrowed_block(frame, &narrowed.yes, &s.body);
                self.inner_block(frame, &s.orelse);
            }
            Stmt::With(s) => self.with_statement(frame, s),
            Stmt::Try(s) => self.try_statement(frame, s),
            Stmt::Match(s) => self.match_statement(frame, s),
            Stmt::Assert(s) => {
                let narrowed = self.condition(frame, &s.test);
                self.narrow(frame, &narrowed.yes);
            }
            Stmt::Raise(s) => {
                for part in [&s.exc, &s.cause].into_iter().flatten() {
                    self.expression(frame, part);
                }
            }
            Stmt::Delete(s) => s.targets.iter().for_each(|target| {
                self.expression(frame, target);
            }),
            Stmt::FunctionDef(def) => {
                self.frame_mut(frame)
                    .locals
                    .insert(def.name.as_str(), Local::Function(def, frame));
            }
            Stmt::ClassDef(def) => {
                let class = Class {
                    module: self.frame(frame).module.clone(),
                    name: def.name.as_str().to_owned(),
                    def,
                };
                self.frame_mut(frame)
                    .locals
                    .insert(def.name.as_str(), Local::Thing(Thing::Class(class.into())));
            }
            Stmt::Import(import) => self.import(frame, import),
            Stmt::ImportFrom(import) => self.import_from(frame, import),
            _ => {}
        }
    }

    fn annotated(&mut self, frame: FrameId, statement: &'p ruff_python_ast::StmtAnnAssign) {
        let module = self.frame(frame).module.clone();
        let declared = self.slots.fresh();
        self.annotate(&module, declared, &statement.annotation);
        if let Some(value) = &statement.value {
            let given = self.expression(frame, value);
            if !matches!(**value, Expr::NoneLiteral(_)) {
                self.slots.unify(declared, given);
            }
        }
        self.assign(frame, &statement.target, declared, statement.value.as_deref());
    }

    fn augmented(&mut self, frame: FrameId, target: &'p Expr, op: Operator, value: &'p Expr) {
        let before = self.expression(frame, target);
        let given = self.expression(frame, value);
        let after = self.binary(before, op, given, Some(target), Some(value));
        self.assign(frame, target, after, None);
    }

    fn returned(&mut self, frame: FrameId, value: Option<&'p Expr>) {
        let Some(value) = value else { return };
        let slot = self.expression(frame, value);
        if !matches!(value, Expr::NoneLiteral(_)) {
            let result = self.frame(frame).result;
            self.slots.unify(result, slot);
        }
    }

    fn if_statement(&mut self, frame: FrameId, statement: &'p StmtIf) {
        let narrowed = self.condition(frame, &statement.test);
        self.narrowed_block(frame, &narrowed.yes, &statement.body);
        let mut otherwise = narrowed.no;
        for clause in &statement.elif_else_clauses {
            let before = self.narrow(frame, &otherwise);
            match &clause.test {
                Some(test) => {
                    let narrowed = self.condition(frame, test);
                    self.narrowed_block(frame, &narrowed.yes, &clause.body);
                }
                None => self.inner_block(frame, &clause.body),
            }
            self.restore(frame, before);
        }
        // `if not isinstance(x, str): raise …`: from here on it is a string.
        if leaves(&statement.body) && statement.elif_else_clauses.is_empty() {
            self.narrow(frame, &std::mem::take(&mut otherwise));
        }
    }

    /// Walks a block in which some names are known more closely.
    fn narrowed_block(&mut self, frame: FrameId, narrowed: &[(&'p str, Slot)], body: &'p [Stmt]) {
        let before = self.narrow(frame, narrowed);
        self.inner_block(frame, body);
        self.restore(frame, before);
    }

    fn for_statement(&mut self, frame: FrameId, statement: &'p StmtFor) {
        let element = self.iterated(frame, &statement.iter);
        self.frame_mut(frame).block += 1;
        self.assign(frame, &statement.target, element, None);
        self.block(frame, &statement.body);
        self.block(frame, &statement.orelse);
        self.frame_mut(frame).block -= 1;
    }

    /// What iterating over an expression gives.
    pub(super) fn iterated(&mut self, frame: FrameId, iter: &'p Expr) -> Slot {
        let slot = self.expression(frame, iter);
        self.slots.fact(slot, Fact::mostly(Mask::ITERABLE, Mask::ALSO_ITERABLE));
        self.slots.element(slot)
    }

    fn with_statement(&mut self, frame: FrameId, statement: &'p StmtWith) {
        for item in &statement.items {
            let slot = self.expression(frame, &item.context_expr);
            self.slots
                .fact(slot, Fact::mostly(Mask::FILES | Mask::one(Kind::Object), Mask::NOTHING));
            if let Some(target) = &item.optional_vars {
                self.assign(frame, target, slot, None);
            }
        }
        self.block(frame, &statement.body);
    }

    fn try_statement(&mut self, frame: FrameId, statement: &'p StmtTry) {
        self.inner_block(frame, &statement.body);
        for handler in &statement.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            if let Some(name) = &handler.name {
                let error = self.of_kind(Kind::Exception);
                let block = self.frame(frame).block;
                self.frame_mut(frame)
                    .locals
                    .insert(name.as_str(), Local::Variable(error, block));
            }
            self.inner_block(frame, &handler.body);
        }
        self.inner_block(frame, &statement.orelse);
        self.block(frame, &statement.finalbody);
    }

    fn import(&mut self, frame: FrameId, import: &'p StmtImport) {
        let world = self.world_of(&self.frame(frame).module);
        for alias in &import.names {
            let full = alias.name.as_str();
            let (name, module) = match &alias.asname {
                Some(name) => (name.as_str(), full),
                None => {
                    let top = full.split('.').next().unwrap_or(full);
                    (top, top)
                }
            };
            if let Some(thing) = world.import(module, None) {
                self.frame_mut(frame).locals.insert(name, Local::Thing(thing));
            }
        }
    }

    fn import_from(&mut self, frame: FrameId, import: &'p StmtImportFrom) {
        let module = self.frame(frame).module.clone();
        let world = self.world_of(&module);
        let from = module.absolute(import);
        for alias in &import.names {
            let name = alias.asname.as_ref().unwrap_or(&alias.name);
            if let Some(thing) = world.import(&from, Some(alias.name.as_str())) {
                self.frame_mut(frame).locals.insert(name.as_str(), Local::Thing(thing));
            }
        }
    }

    /// Binds a target to a value; `expr` is where the value comes from, if it stands there as one expression.
    pub(super) fn assign(&mut self, frame: FrameId, target: &'p Expr, value: Slot, expr: Option<&'p Expr>) {
        let is_none = matches!(expr, Some(Expr::NoneLiteral(_)));
        match target {
            Expr::Name(name) => self.assign_name(frame, name.id.as_str(), value, expr),
            Expr::Tuple(tuple) => self.unpack(frame, &tuple.elts, value, expr),
            Expr::List(list) => self.unpack(frame, &list.elts, value, expr),
            Expr::Starred(starred) => self.assign(frame, &starred.value, value, None),
            Expr::Attribute(attribute) if is_none => {
                self.expression(frame, target);
                let owner = self.expression(frame, &attribute.value);
                self.slots
                    .mark_attribute(owner, &attribute.attr.id, |attribute| attribute.none = true);
            }
            Expr::Subscript(subscript) => {
                let place = self.stored(frame, subscript);
                if !is_none {
                    self.slots.unify(place, value);
                }
            }
            _ => {
                let place = self.expression(frame, target);
                self.slots.unify(place, value);
            }
        }
    }

    fn assign_name(&mut self, frame: FrameId, name: &'p str, value: Slot, expr: Option<&'p Expr>) {
        let block = self.frame(frame).block;
        let before = self.frame(frame).locals.get(name).cloned();
        match before {
            Some(Local::Variable(known, bound)) => {
                if expr.is_some_and(|expr| is_conversion(expr, name)) && block <= bound {
                    self.frame_mut(frame).locals.insert(name, Local::Variable(value, block));
                } else if !matches!(expr, Some(Expr::NoneLiteral(_))) {
                    self.slots.unify(known, value);
                }
            }
            _ => {
                // A variable that starts as nothing becomes what it is set to later.
                let slot = if matches!(expr, Some(Expr::NoneLiteral(_))) {
                    self.slots.fresh()
                } else {
                    value
                };
                self.frame_mut(frame).locals.insert(name, Local::Variable(slot, block));
            }
        }
    }

    fn unpack(&mut self, frame: FrameId, targets: &'p [Expr], value: Slot, expr: Option<&'p Expr>) {
        let parts = match expr {
            Some(Expr::Tuple(tuple)) => Some(&tuple.elts),
            Some(Expr::List(list)) => Some(&list.elts),
            _ => None,
        };
        if let Some(parts) = parts
            && parts.len() == targets.len()
            && !targets.iter().any(Expr::is_starred_expr)
        {
            let values: Vec<Slot> = parts.iter().map(|part| self.expression(frame, part)).collect();
            for ((target, part), value) in targets.iter().zip(parts).zip(values) {
                self.assign(frame, target, value, Some(part));
            }
            return;
        }
        self.slots.fact(
            value,
            Fact::mostly(
                Mask::of(&[Kind::Tuple, Kind::List]),
                Mask::of(&[Kind::Str, Kind::Iterator, Kind::Dict, Kind::Object]),
            ),
        );
        let starred = targets.iter().any(Expr::is_starred_expr);
        if starred {
            self.slots
                .fact(value, Fact::mostly(Mask::one(Kind::List), Mask::one(Kind::Tuple)));
        } else {
            self.slots.info(value).arity = Some(targets.len() as u32);
        }
        for (index, target) in targets.iter().enumerate() {
            let part = if let Expr::Starred(_) = target {
                let rest = self.of_kind(Kind::List);
                let (element, all) = (self.slots.element(rest), self.slots.element(value));
                self.slots.unify(element, all);
                rest
            } else if starred {
                self.slots.element(value)
            } else {
                self.slots.position(value, index as u32)
            };
            self.assign(frame, target, part, None);
        }
    }

    /// Binds names to closer slots; gives what they were before.
    pub(super) fn narrow(&mut self, frame: FrameId, narrowed: &[(&'p str, Slot)]) -> Vec<(&'p str, Option<Local<'p>>)> {
        let block = self.frame(frame).block;
        narrowed
            .iter()
            .map(|(name, slot)| {
                (
                    *name,
                    self.frame_mut(frame).locals.insert(name, Local::Variable(*slot, block)),
                )
            })
            .collect()
    }

    /// Undoes [`Engine::narrow`].
    pub(super) fn restore(&mut self, frame: FrameId, before: Vec<(&'p str, Option<Local<'p>>)>) {
        for (name, local) in before.into_iter().rev() {
            match local {
                Some(local) => self.frame_mut(frame).locals.insert(name, local),
                None => self.frame_mut(frame).locals.remove(name),
            };
        }
    }

    /// Walks a test; see [`Narrowed`].
    pub(super) fn condition(&mut self, frame: FrameId, test: &'p Expr) -> Narrowed<'p> {
        self.test(frame, test)
    }
}

/// Whether a block always leaves what it stands in.
fn leaves(body: &[Stmt]) -> bool {
    matches!(
        body.last(),
        Some(Stmt::Return(_) | Stmt::Raise(_) | Stmt::Continue(_) | Stmt::Break(_))
    )
}

/// Whether an expression makes something new out of the variable `name`: `int(x)`, `x.split()`, `list(x)`, `[f(y) for y in x]`, `x[0]`.
fn is_conversion(expr: &Expr, name: &str) -> bool {
    match expr {
        Expr::Call(call) => {
            let of_it = matches!(&*call.func, Expr::Attribute(attribute) if starts_with(&attribute.value, name));
            of_it || call.arguments.args.iter().any(|arg| starts_with(arg, name))
        }
        Expr::ListComp(c) => c.generators.iter().any(|generator| starts_with(&generator.iter, name)),
        Expr::SetComp(c) => c.generators.iter().any(|generator| starts_with(&generator.iter, name)),
        Expr::DictComp(c) => c.generators.iter().any(|generator| starts_with(&generator.iter, name)),
        Expr::Generator(c) => c.generators.iter().any(|generator| starts_with(&generator.iter, name)),
        Expr::Subscript(subscript) => !subscript.slice.is_slice_expr() && starts_with(&subscript.value, name),
        Expr::Tuple(tuple) => tuple.elts.iter().any(|part| starts_with(part, name)),
        Expr::List(list) => list.elts.iter().any(|part| starts_with(part, name)),
        _ => false,
    }
}

/// Whether an expression starts out from the variable `name`.
fn starts_with(expr: &Expr, name: &str) -> bool {
    match expr {
        Expr::Name(found) => found.id.as_str() == name,
        Expr::Attribute(attribute) => starts_with(&attribute.value, name),
        Expr::Subscript(subscript) => starts_with(&subscript.value, name),
        Expr::Call(call) => {
            starts_with(&call.func, name) || call.arguments.args.iter().any(|arg| starts_with(arg, name))
        }
        Expr::Starred(starred) => starts_with(&starred.value, name),
        _ => false,
    }
}
