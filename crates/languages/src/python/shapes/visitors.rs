//! Methods that a visitor calls by the class of what it visits: `visit_Name(self, node)`, `_print_Symbol(self, expr)`.

use std::rc::Rc;

use ruff_python_ast::{Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::engine::{Engine, Taken};
use super::kind::{Fact, Kind, Mask};
use super::syntax_trees;
use super::world::{Class, Function, Thing, World};

/// Methods that are named after classes of `ast`, for their class to be one that handles syntax trees.
const LEAST_HANDLED: usize = 6;
/// Classes of which changed methods are looked at, at most.
const MOST_CHANGED: usize = 3;

/// Says of the first parameter of such a method that it is an instance of the class in the method's name.
pub(super) fn look<'p>(engine: &mut Engine<'_, 'p>, function: &Function<'p>, parameters: &[Taken<'p>]) {
    let (Some(class), Some(first)) = (&function.class, parameters.first()) else {
        return;
    };
    if first.annotation.is_some() {
        return;
    }
    let name = function.def.name.as_str();
    if let Some(node) = handled(class, name) {
        return engine.external(first.slot, &format!("ast.{node}"));
    }
    // The class may have an underscore in its name, too: the longest that is one.
    for (at, _) in name.match_indices('_') {
        let tail = &name[at + 1..];
        match engine.world_of(&function.module).resolve(&function.module, tail) {
            Some(Thing::Class(visited)) if !std::ptr::eq(visited.def, class.def) => {
                let key = engine.class_key(&visited);
                let classes = &mut engine.slots.info(first.slot).classes;
                if !classes.contains(&key) {
                    classes.push(key);
                }
                let object = Fact::declared(Mask::one(Kind::Object), Mask::NOTHING);
                return engine.slots.fact(first.slot, object);
            }
            _ if syntax_trees::class_named(tail) == Some(tail) && visits_python(engine, class) => {
                return engine.external(first.slot, &format!("ast.{tail}"));
            }
            _ => {}
        }
    }
}

/// The class of `ast` that a method is named after, where several methods of its class are so, in whatever case: `GLOBAL`, `ANNASSIGN`.
fn handled(class: &Class<'_>, name: &str) -> Option<&'static str> {
    let methods = class.def.body.iter().filter_map(Stmt::as_function_def_stmt);
    let named = methods.filter(|def| syntax_trees::class_named(def.name.as_str()).is_some());
    let is_one = named.count() >= LEAST_HANDLED;
    is_one.then(|| syntax_trees::class_named(name)).flatten()
}

/// The classes of `ast` that methods on changed lines are named after, of a class that goes by such names.
pub(super) fn changed(world: &World<'_>, changed: &[(String, Vec<u32>)]) -> Vec<&'static str> {
    let mut found = Vec::new();
    for (path, lines) in changed {
        let Some(module) = world.by_path(path) else { continue };
        for class in module.parsed.ast.body.iter().filter_map(Stmt::as_class_def_stmt) {
            let methods = || class.body.iter().filter_map(Stmt::as_function_def_stmt);
            let of_visit = |name: &str| name.strip_prefix("visit_").and_then(syntax_trees::class_named);
            let named = |name: &str| of_visit(name).or_else(|| syntax_trees::class_named(name));
            if methods().filter(|def| named(def.name.as_str()).is_some()).count() < LEAST_HANDLED {
                continue;
            }
            let is_changed = |def: &&StmtFunctionDef| {
                let range = module.parsed.lines_of(def.range());
                lines.iter().any(|line| range.contains(line))
            };
            found.extend(methods().filter(is_changed).filter_map(|def| named(def.name.as_str())));
        }
    }
    found.truncate(MOST_CHANGED);
    found
}

/// Whether a class walks Python's own syntax trees.
fn visits_python<'p>(engine: &Engine<'_, 'p>, class: &Rc<Class<'p>>) -> bool {
    let is_visitor = |name: &str| matches!(name, "NodeVisitor" | "NodeTransformer");
    engine.lineage(class).iter().any(|thing| match thing {
        Thing::External(path) => path.strip_prefix("ast.").is_some_and(is_visitor),
        Thing::Class(class) => is_visitor(&class.name) && class.module.parsed.module.ends_with("ast"),
        _ => false,
    })
}
