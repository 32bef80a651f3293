//! Inputs that somebody wrote down: examples in docstrings, and calls with literal arguments in the repository and its tests.

use std::rc::Rc;

use model::{CallKind, Input, Target, Value};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::cases::{self, Names};
use super::evaluate;
use super::module::Module;
use super::world::{Class, Thing, World};
use crate::python::doctest;

/// So many seeds at most.
const MOST: usize = 40;
/// So many files are parsed for their calls.
const MOST_FILES: usize = 12;

/// Seeds for the target as it stands in the given version.
pub(super) fn collect<'p>(
    world: &World<'p>,
    module: &Rc<Module<'p>>,
    thing: &Thing<'p>,
    target: &Target,
) -> Vec<Input> {
    let name = called_name(target);
    let mut seeds = Seeds {
        world,
        target,
        name,
        thing,
        places: Vec::new(),
        found: Vec::new(),
    };
    seeds.docstrings(module);
    for path in seeds.files(&module.parsed.path) {
        if seeds.found.len() >= MOST {
            break;
        }
        if let Some(file) = world.by_path(&path) {
            seeds.file(&file);
        }
    }
    seeds.found
}

/// The name that stands before the parenthesis of a call.
fn called_name(target: &Target) -> &str {
    target
        .qualified_name
        .rsplit('.')
        .next()
        .unwrap_or(&target.qualified_name)
}

struct Seeds<'s, 'p> {
    world: &'s World<'p>,
    target: &'s Target,
    name: &'s str,
    thing: &'s Thing<'p>,
    /// Where the file that is looked at mentions the target.
    places: Vec<usize>,
    found: Vec<Input>,
}

impl<'p> Seeds<'_, 'p> {
    /// Files that may call the target, the likeliest to do so with literals first.
    fn files(&self, own: &str) -> Vec<String> {
        let stem = own
            .rsplit('/')
            .next()
            .unwrap_or(own)
            .trim_end_matches(".py")
            .trim_start_matches('_')
            .to_owned();
        let rank = |path: &str| {
            let is_test = path.contains("test");
            let about = !stem.is_empty() && path.contains(&stem);
            match (is_test, about) {
                (true, true) => 0,
                (false, _) if path == own => 1,
                (true, false) => 2,
                (false, true) => 3,
                (false, false) => 4,
            }
        };
        let mut paths: Vec<String> = self
            .world
            .project
            .calling(self.name)
            .into_iter()
            .map(str::to_owned)
            .collect();
        paths.sort_by_key(|path| rank(path));
        paths.truncate(MOST_FILES);
        paths
    }

    fn docstrings(&mut self, module: &Rc<Module<'p>>) {
        let mut bodies: Vec<&[Stmt]> = Vec::new();
        match self.thing {
            Thing::Function(function) => {
                bodies.push(&function.def.body);
                bodies.extend(function.class.as_ref().map(|class| &class.def.body[..]));
            }
            Thing::Class(class) => bodies.push(&class.def.body),
            _ => {}
        }
        bodies.push(&module.parsed.ast.body);
        for body in bodies {
            let Some(Stmt::Expr(first)) = body.first() else {
                continue;
            };
            let Expr::StringLiteral(text) = &*first.value else {
                continue;
            };
            let mut names = Names::new();
            for source in doctest::examples(text.value.to_str()) {
                if let Ok(parsed) = ruff_python_parser::parse_module(&source) {
                    self.body(module, &parsed.syntax().body, &mut names, true);
                }
            }
        }
    }

    fn file(&mut self, file: &Rc<Module<'p>>) {
        self.places = file
            .parsed
            .text
            .match_indices(self.name)
            .map(|(place, _)| place)
            .collect();
        self.body(file, &file.parsed.ast.body, &mut Names::new(), false);
    }

    /// Whether the source of a statement mentions the target at all; an example has no source to look at.
    fn mentions(&self, statement: &Stmt, example: bool) -> bool {
        let range = std::ops::Range::<usize>::from(statement.range());
        let next = self.places.partition_point(|place| *place < range.start);
        example || self.places.get(next).is_some_and(|place| *place < range.end)
    }

    fn body(&mut self, module: &Rc<Module<'p>>, body: &[Stmt], names: &mut Names, example: bool) {
        for statement in body {
            if self.found.len() >= MOST {
                return;
            }
            self.statement(module, statement, names, example);
        }
    }

    fn statement(&mut self, module: &Rc<Module<'p>>, statement: &Stmt, names: &mut Names, example: bool) {
        if let Stmt::Assign(assign) = statement {
            self.calls_in(module, &assign.value, names, example);
            if let [Expr::Name(name)] = &assign.targets[..] {
                match evaluate::with_names(self.world, module, &assign.value, names) {
                    Some(value) => names.insert(name.id.to_string(), value),
                    None => names.remove(name.id.as_str()),
                };
            }
            return;
        }
        if !self.mentions(statement, example) {
            return;
        }
        match statement {
            Stmt::FunctionDef(def) => self.function(module, def, names, example),
            Stmt::ClassDef(def) => self.body(module, &def.body, &mut names.clone(), example),
            Stmt::For(statement) => {
                self.calls_in(module, &statement.iter, names, example);
                let rows = evaluate::with_names(self.world, module, &statement.iter, names)
                    .map(cases::items_of)
                    .unwrap_or_default();
                if rows.is_empty() {
                    self.body(module, &statement.body, names, example);
                }
                for row in rows.into_iter().take(cases::MOST_ROWS) {
                    cases::bind(&statement.target, row, names);
                    self.body(module, &statement.body, names, example);
                }
            }
            Stmt::If(statement) => {
                self.calls_in(module, &statement.test, names, example);
                self.body(module, &statement.body, names, example);
                for clause in &statement.elif_else_clauses {
                    self.body(module, &clause.body, names, example);
                }
            }
            Stmt::With(statement) => {
                for item in &statement.items {
                    self.calls_in(module, &item.context_expr, names, example);
                }
                self.body(module, &statement.body, names, example);
            }
            Stmt::Try(statement) => {
                self.body(module, &statement.body, names, example);
                self.body(module, &statement.orelse, names, example);
                self.body(module, &statement.finalbody, names, example);
            }
            Stmt::While(statement) => self.body(module, &statement.body, names, example),
            simple => {
                let mut calls = Calls(Vec::new());
                walk_stmt(&mut calls, simple);
                calls
                    .0
                    .into_iter()
                    .for_each(|call| self.call(module, call, names, example));
            }
        }
    }

    /// A function, once for each row of its table of cases.
    fn function(&mut self, module: &Rc<Module<'p>>, def: &StmtFunctionDef, names: &Names, example: bool) {
        let rows = cases::of(self.world, module, def, names);
        if rows.is_empty() {
            self.body(module, &def.body, &mut names.clone(), example);
        }
        for row in rows {
            let mut names = names.clone();
            names.extend(row);
            self.body(module, &def.body, &mut names, example);
        }
    }

    fn calls_in(&mut self, module: &Rc<Module<'p>>, expr: &Expr, names: &Names, example: bool) {
        let mut calls = Calls(Vec::new());
        calls.visit_expr(expr);
        calls
            .0
            .into_iter()
            .for_each(|call| self.call(module, call, names, example));
    }

    fn call(&mut self, module: &Rc<Module<'p>>, call: &ExprCall, names: &Names, example: bool) {
        if self.found.len() >= MOST {
            return;
        }
        let Some(receiver) = self.addressed(module, &call.func, names, example) else {
            return;
        };
        let value = |expr: &Expr| {
            if expr.is_starred_expr() {
                None
            } else {
                evaluate::with_names(self.world, module, expr, names)
            }
        };
        let args: Option<Vec<Value>> = call.arguments.args.iter().map(value).collect();
        let kwargs: Option<Vec<(String, Value)>> = call
            .arguments
            .keywords
            .iter()
            .map(|keyword| Some((keyword.arg.as_ref()?.to_string(), value(&keyword.value)?)))
            .collect();
        let (Some(args), Some(kwargs)) = (args, kwargs) else {
            return;
        };
        let input = Input {
            receiver,
            args,
            kwargs,
            nodes: Vec::new(),
            world: Vec::new(),
        };
        let is_usable = input.values().all(|value| self.is_importable(module, value));
        if is_usable && input.size() < 4000 && !self.found.contains(&input) {
            self.found.push(input);
        }
    }

    /// Whether a call is one of the target; with which receiver.
    fn addressed(&self, module: &Rc<Module<'p>>, func: &Expr, names: &Names, example: bool) -> Option<Option<Value>> {
        match self.target.call {
            CallKind::Function | CallKind::Constructor => {
                let found = match self.world.expression(module, func) {
                    Some(thing) => is_same(&thing, self.thing),
                    // Imported inside the test or the example itself.
                    None => {
                        matches!(func, Expr::Name(name) if name.id.as_str() == self.name)
                            && (example || module.parsed.path.contains("test"))
                    }
                };
                let by_name =
                    example && matches!(func, Expr::Attribute(attribute) if attribute.attr.as_str() == self.name);
                (found || by_name).then_some(None)
            }
            CallKind::Method => {
                let Expr::Attribute(attribute) = func else { return None };
                let Thing::Function(function) = self.thing else {
                    return None;
                };
                if attribute.attr.as_str() != self.name {
                    return None;
                }
                let receiver = evaluate::with_names(self.world, module, &attribute.value, names)?;
                let class = function.class.as_ref()?;
                let may_be = self.may_be(&receiver, class);
                may_be.then_some(Some(receiver))
            }
            CallKind::Property | CallKind::Setter | CallKind::Returned | CallKind::Docstring | CallKind::Module => None,
        }
    }

    /// Whether a value may be an instance of a class: made by it, or by what is no other class of the project.
    fn may_be(&self, value: &Value, class: &Class<'p>) -> bool {
        let Value::Call { callee, .. } = value else {
            return matches!(value, Value::Symbol(_));
        };
        if callee.name == class.name || callee.name.starts_with(&format!("{}.", class.name)) || callee.is_part() {
            return true;
        }
        let made_by = self
            .world
            .by_name(&callee.module)
            .and_then(|module| self.world.qualified(&module, &callee.name));
        matches!(made_by, Some(Thing::Function(_)))
    }

    /// Whether all that a value names can be imported without running tests.
    fn is_importable(&self, file: &Module<'p>, value: &Value) -> bool {
        let named = match value {
            Value::Call { callee, .. } => Some(callee),
            Value::Symbol(symbol) => Some(symbol),
            _ => None,
        };
        let here = named.is_some_and(|symbol| {
            symbol.module == file.parsed.module
                && symbol.module != self.target.module
                && file.parsed.path.contains("test")
        });
        !here
            && value
                .children()
                .into_iter()
                .all(|value| self.is_importable(file, value))
    }
}

fn is_same(one: &Thing<'_>, other: &Thing<'_>) -> bool {
    match (one, other) {
        (Thing::Function(one), Thing::Function(other)) => std::ptr::eq(one.def, other.def),
        (Thing::Class(one), Thing::Class(other)) => std::ptr::eq(one.def, other.def),
        _ => false,
    }
}

/// All calls in an expression or a simple statement.
pub(super) struct Calls<'a>(pub Vec<&'a ExprCall>);

impl<'a> Visitor<'a> for Calls<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            self.0.push(call);
        }
        walk_expr(self, expr);
    }
}
