//! Methods that bring an object into another state: what a sequence of calls before the one that counts is made of.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use search::{ClassId, Method};

use super::binding::{Receiver, is_generator, receiver_kind};
use super::concrete::Concrete;
use super::form::is_property;
use super::names;
use super::slots::ClassKey;
use super::world::{Class, Function, Thing, for_each_statement};

/// Methods of one class, at most; and classes whose methods are looked for.
const MOST: usize = 9;
const MOST_CLASSES: usize = 6;
/// Of the methods of one class, those that fill it, at most.
const MOST_FILLING: usize = 5;

/// Beginnings of names of what fills an object.
const FILLING: [&str; 22] = [
    "add", "append", "set", "push", "insert", "put", "register", "update", "write", "feed", "load", "extend", "enable",
    "define", "assign", "connect", "attach", "include", "open", "start", "sort", "use",
];

/// Special methods that are steps like others, where they change their object.
const SPECIAL: [&str; 4] = ["__call__", "__delitem__", "__enter__", "__setitem__"];

/// Methods of containers that change them.
const CHANGING: [&str; 18] = [
    "append",
    "add",
    "update",
    "extend",
    "insert",
    "pop",
    "remove",
    "clear",
    "setdefault",
    "push",
    "discard",
    "appendleft",
    "popleft",
    "popitem",
    "sort",
    "reverse",
    "write",
    "put",
];

impl<'p> Concrete<'_, '_, 'p> {
    /// Methods that change the objects of a class of the project, those that fill them first.
    pub(super) fn changers(&mut self, key: ClassKey, id: ClassId) {
        let known: std::collections::BTreeSet<u32> = self.subject.methods.iter().map(|method| method.class.0).collect();
        if known.len() >= MOST_CLASSES {
            return;
        }
        let class = self.engine.classes[key.0 as usize].class.clone();
        let mut found = self.changing(&class);
        let fills = |name: &str| FILLING.iter().any(|start| name.starts_with(start));
        found.sort_by_key(|(name, _)| !fills(name));
        // What takes away has its part.
        let filling = found.iter().filter(|(name, _)| fills(name)).count();
        found.drain(MOST_FILLING.min(filling)..filling);
        for (name, is_attribute) in found.into_iter().take(MOST) {
            let Some(frame) = self.engine.method_frame(key, name) else {
                continue;
            };
            let taken = self.engine.frame(frame).parameters.clone();
            names::hint(self.engine, &taken);
            let parameters = self.parameters(&taken, false, false);
            self.subject.methods.push(Method {
                class: id,
                name: name.to_owned(),
                parameters,
                is_attribute,
            });
        }
    }

    /// Names of public methods that assign to what the object holds, or call what does, and whether they are read as attributes.
    fn changing(&self, class: &std::rc::Rc<Class<'p>>) -> Vec<(&'p str, bool)> {
        let mut all: Vec<(&'p str, bool, Vec<&'p str>)> = Vec::new();
        let mut attributes: Vec<&'p str> = Vec::new();
        for thing in self.engine.lineage(class) {
            let Thing::Class(of) = thing else { continue };
            for statement in &of.def.body {
                let Stmt::FunctionDef(def) = statement else { continue };
                let name = def.name.as_str();
                let function = Function {
                    module: of.module.clone(),
                    class: Some(of.clone()),
                    def,
                };
                if all.iter().any(|(known, ..)| *known == name) || !is_step(&function) {
                    continue;
                }
                if is_property(&function) {
                    attributes.push(name);
                }
                let changes = changes(def);
                all.push((name, changes.itself, changes.calls));
            }
        }
        // Through others of its own methods, one after the other.
        loop {
            let changing: Vec<&str> = all
                .iter()
                .filter(|(_, changes, _)| *changes)
                .map(|(name, ..)| *name)
                .collect();
            let mut news = false;
            for (_, changes, calls) in &mut all {
                if !*changes && calls.iter().any(|name| changing.contains(name)) {
                    *changes = true;
                    news = true;
                }
            }
            if !news {
                break;
            }
        }
        let public = |name: &str| !name.starts_with('_') || SPECIAL.contains(&name);
        let changing = all.into_iter().filter(|(name, changes, _)| *changes && public(name));
        changing.map(|(name, ..)| (name, attributes.contains(&name))).collect()
    }
}

/// Whether a method can be a step: called on an instance, for what that does.
fn is_step(function: &Function<'_>) -> bool {
    let name = function.def.name.as_str();
    let special = name.starts_with("__") && !SPECIAL.contains(&name);
    !special
        && receiver_kind(function) == Receiver::Instance
        && (!is_property(function) || gives_itself(function.def))
        && !is_generator(function.def)
        && !function.def.is_async
        && !function.def.decorator_list.iter().any(|decorator| {
            super::form::last_name(&decorator.expression)
                .is_some_and(|name| matches!(name, "setter" | "deleter" | "abstractmethod"))
        })
}

/// Whether a method gives its own object, as those do that are read or called for what they set: `every().day.at(…)`.
fn gives_itself(def: &StmtFunctionDef) -> bool {
    let own = def.parameters.iter().next().map(|parameter| parameter.name().as_str());
    let is_own = |value: &Expr| matches!(value, Expr::Name(name) if Some(name.id.as_str()) == own);
    let mut found = false;
    for_each_statement(&def.body, &mut |statement| {
        if let Stmt::Return(returned) = statement {
            found |= returned.value.as_deref().is_some_and(is_own);
        }
    });
    found
}

/// What a method does to its object.
struct Changes<'p> {
    own: &'p str,
    itself: bool,
    calls: Vec<&'p str>,
}

fn changes(def: &StmtFunctionDef) -> Changes<'_> {
    let own = def
        .parameters
        .iter()
        .next()
        .map_or("", |parameter| parameter.name().as_str());
    let mut changes = Changes {
        own,
        itself: false,
        calls: Vec::new(),
    };
    def.body.iter().for_each(|statement| changes.visit_stmt(statement));
    changes
}

impl Changes<'_> {
    /// Whether an expression is the object, or something that it holds.
    fn is_own(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Name(name) => name.id.as_str() == self.own,
            Expr::Attribute(attribute) => self.is_own(&attribute.value),
            Expr::Subscript(subscript) => self.is_own(&subscript.value),
            _ => false,
        }
    }

    fn target(&mut self, target: &Expr) {
        match target {
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| self.target(target)),
            Expr::Attribute(attribute) => self.itself |= self.is_own(&attribute.value),
            Expr::Subscript(subscript) => self.itself |= self.is_own(&subscript.value),
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Changes<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.target(target)),
            Stmt::AugAssign(assign) => self.target(&assign.target),
            Stmt::AnnAssign(assign) if assign.value.is_some() => self.target(&assign.target),
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.target(target)),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && let Expr::Attribute(method) = &*call.func
            && self.is_own(&method.value)
        {
            let name = method.attr.as_str();
            match &*method.value {
                Expr::Name(_) => self.calls.push(name),
                _ => self.itself |= CHANGING.contains(&name),
            }
        }
        walk_expr(self, expr);
    }
}
