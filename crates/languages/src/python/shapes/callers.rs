//! What callers in the project give: where a function's own code says little of a parameter, its callers may know more.

use std::rc::Rc;

use model::Target;
use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef};

use super::Side;
use super::binding::bind;
use super::engine::{Engine, FrameId, Taken};
use super::kind::{Fact, Kind, likeliest};
use super::module::Module;
use super::seeds::Calls;
use super::slots::Slot;
use super::world::{Class, Function, Thing, World};

/// So many files are looked at for callers.
const MOST_FILES: usize = 6;
/// So many callers are looked at.
const MOST_CALLERS: usize = 6;
/// Expressions looked at in callers.
const STEPS: u32 = 4_000;

/// Joins parameters of which little is known with what callers give for them.
pub(super) fn look<'p>(engine: &mut Engine<'_, 'p>, side: &Side<'p>, target: &Target, taken: &[Taken<'p>]) {
    let open: Vec<bool> = taken.iter().map(|taken| is_open(engine, taken.slot)).collect();
    if !open.contains(&true) {
        return;
    }
    let name = target
        .qualified_name
        .rsplit('.')
        .next()
        .unwrap_or(&target.qualified_name);
    engine.grant(STEPS);
    // Literals of callers are not the target's.
    let visited = engine.visited.len();
    for (function, owner) in callers(engine.world_of(&side.module), name) {
        if is_target(&function, side) {
            continue;
        }
        let receiver = owner.map(|class| {
            let key = engine.class_key(&class);
            engine.instance(key)
        });
        let frame = engine.enter(&function, receiver, None, 2);
        engine.walk(frame, function.def);
        for call in calls_of(&function.def.body, name) {
            if addresses(engine, frame, side, call) {
                let arguments = engine.arguments(frame, call);
                let pairs: Vec<(Slot, usize)> = bind(taken, &arguments)
                    .into_iter()
                    .filter_map(|((slot, _), parameter)| {
                        Some((slot, taken.iter().position(|known| known.name == parameter.name)?))
                    })
                    .collect();
                for (slot, at) in pairs {
                    if open[at] {
                        engine.slots.unify(taken[at].slot, slot);
                    }
                }
            }
        }
    }
    engine.visited.truncate(visited);
}

/// Whether a parameter's own uses leave open what it is: nothing but hints, or attributes of something unknown.
fn is_open(engine: &mut Engine<'_, '_>, slot: Slot) -> bool {
    let info = engine.slots.info(slot);
    info.classes.is_empty()
        && info.externals.is_empty()
        && info.alternatives.is_empty()
        && info.one_of.is_empty()
        && (info.facts.iter().all(Fact::is_hint) || likeliest(&info.facts) == Kind::Object)
}

/// Functions of the project that may call `name`, with the class of each method.
fn callers<'p>(world: &World<'p>, name: &str) -> Vec<(Function<'p>, Option<Rc<Class<'p>>>)> {
    let mut found = Vec::new();
    for path in world.project.calling(name).into_iter().take(MOST_FILES) {
        if let Some(module) = world.by_path(path) {
            functions_of(&module, &module.parsed.ast.body, None, name, &mut found);
        }
    }
    found.truncate(MOST_CALLERS);
    found
}

fn functions_of<'p>(
    module: &Rc<Module<'p>>,
    body: &'p [Stmt],
    class: Option<&Rc<Class<'p>>>,
    name: &str,
    found: &mut Vec<(Function<'p>, Option<Rc<Class<'p>>>)>,
) {
    for statement in body {
        match statement {
            Stmt::FunctionDef(def) if !calls_of(&def.body, name).is_empty() => found.push((
                Function {
                    module: module.clone(),
                    class: class.cloned(),
                    def,
                },
                class.cloned(),
            )),
            Stmt::ClassDef(def) if class.is_none() => {
                let class = Rc::new(Class {
                    module: module.clone(),
                    name: def.name.to_string(),
                    def,
                });
                functions_of(module, &def.body, Some(&class), name, found);
            }
            _ => {}
        }
    }
}

fn is_target(function: &Function<'_>, side: &Side<'_>) -> bool {
    matches!(&side.thing, Thing::Function(target) if is_same_def(target.def, function.def))
}

fn is_same_def(one: &StmtFunctionDef, other: &StmtFunctionDef) -> bool {
    std::ptr::eq(one, other)
}

/// Whether a call is one of the target: by its name, or on `self` where the target is a method of the caller's class.
fn addresses<'p>(engine: &Engine<'_, 'p>, frame: FrameId, side: &Side<'p>, call: &'p ExprCall) -> bool {
    match (engine.thing(frame, &call.func), &side.thing) {
        (Some(Thing::Function(found)), Thing::Function(target)) => is_same_def(found.def, target.def),
        (Some(Thing::Class(found)), Thing::Class(target)) => std::ptr::eq(found.def, target.def),
        (None, Thing::Function(target)) => {
            let on_self = matches!(&*call.func, Expr::Attribute(attribute)
                if matches!(&*attribute.value, Expr::Name(name) if matches!(name.id.as_str(), "self" | "cls")));
            let own = engine.frame(frame).class.as_ref();
            let class = target.class.as_ref();
            on_self
                && class
                    .zip(own)
                    .is_some_and(|(class, own)| std::ptr::eq(class.def, own.def))
        }
        _ => false,
    }
}

/// Calls of something of this name.
pub(super) fn calls_of<'p>(body: &'p [Stmt], name: &str) -> Vec<&'p ExprCall> {
    let mut calls = Calls(Vec::new());
    calls.visit_body(body);
    calls.0.retain(|call| match &*call.func {
        Expr::Name(called) => called.id.as_str() == name,
        Expr::Attribute(called) => called.attr.as_str() == name,
        _ => false,
    });
    calls.0
}
