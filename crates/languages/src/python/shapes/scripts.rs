//! What tests do, step by step: calls whose arguments can be told, in their order, so that objects come to be as they do there.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::{CallKind, Symbol, Value};
use ruff_python_ast::{CmpOp, Expr, ExprCall, ExprCompare, Operator, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::binding::{Receiver, receiver_kind};
use super::cases::{self, Names};
use super::evaluate;
use super::examples;
use super::form::is_property;
use super::helpers::{conftests, is_fixture};
use super::module::Module;
use super::world::{Thing, World};
use crate::python::Project;
use crate::python::project::folder_of;
use crate::python::syntax::is_test;

/// So many scripts at most, of all files and of one.
const MOST: usize = 90;
const MOST_OF_A_FILE: usize = 30;
/// So many test files are read.
const MOST_FILES: usize = 8;
/// So many test files are looked at for what they import.
const MOST_LOOKED_AT: usize = 200;
/// Of a table of cases, the first rows; of a loop, too.
const MOST_ROWS: usize = 4;
/// Steps of one script; a test that goes on is cut.
const MOST_STEPS: usize = 40;
/// A step is no larger than this: see [`Value::size`].
const LARGEST: u64 = 4000;
/// Built-in functions that look at an object by its own methods.
const LOOKING: [&str; 13] = [
    "str", "repr", "len", "list", "dict", "sorted", "tuple", "set", "iter", "next", "bool", "hash", "bytes",
];

/// Steps that a test writes down, each a recipe; `Value::Node(n)` in one stands for what the n-th made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The file.
    pub path: String,
    /// The steps.
    pub steps: Vec<Value>,
}

/// What scripts are wanted for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Names whose calls are looked for: tests that mention one come first.
    pub names: BTreeSet<String>,
    /// Modules that are to be run; other tests of their packages come last.
    pub modules: BTreeSet<String>,
    /// Test files that come before all others.
    pub first: Vec<String>,
}

/// Scripts of the tests of a project, the likeliest to lead to what is wanted first.
///
/// Tests that `before`, an earlier version, does not have as they are now come before all others: they are about the change.
pub fn scripts(project: &Project, before: &Project, wanted: &Wanted) -> Vec<Script> {
    let world = World::new(project, 1);
    let (mut found, mut telling, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for path in files(project, wanted) {
        let Some(module) = world.by_path(&path) else { continue };
        let mut file = File {
            world: &world,
            module: &module,
            names: &wanted.names,
            before: match wanted.first.contains(&path) {
                true => Some(
                    before
                        .read(&path)
                        .map_or_else(|_| String::new(), |text| String::from_utf8_lossy(&text).into_owned()),
                ),
                false => None,
            },
            edited: Vec::new(),
            telling: Vec::new(),
            others: Vec::new(),
        };
        file.body(&module.parsed.ast.body, &[]);
        found.append(&mut file.edited);
        telling.append(&mut file.telling);
        others.push(file.others.into_iter());
        if found.len() + telling.len() >= MOST {
            break;
        }
    }
    found.append(&mut telling);
    let (mut shown, more) = examples::scripts(&world, wanted);
    found.append(&mut shown);
    others.push(more.into_iter());
    // Of every file some.
    while found.len() < MOST {
        let known = found.len();
        found.extend(others.iter_mut().filter_map(Iterator::next));
        if found.len() == known {
            break;
        }
    }
    found.truncate(MOST);
    found
}

/// Test files: those that are named first, then those that call most of what is wanted or are named after its modules,
/// then others that import its package.
fn files(project: &Project, wanted: &Wanted) -> Vec<String> {
    let mut ranks = BTreeMap::<&str, usize>::new();
    for name in &wanted.names {
        for path in project.calling(name) {
            if is_test(path) {
                *ranks.entry(path).or_default() += 1;
            }
        }
    }
    let last = |name: &str| {
        name.rsplit('.')
            .next()
            .unwrap_or(name)
            .trim_start_matches('_')
            .to_owned()
    };
    let stems: BTreeSet<String> = wanted.modules.iter().map(|module| last(module)).collect();
    let tops: BTreeSet<&str> = wanted
        .modules
        .iter()
        .filter_map(|module| module.split('.').next())
        .collect();
    for path in project.paths().filter(|path| is_test(path)).take(MOST_LOOKED_AT) {
        let file = path.rsplit('/').next().unwrap_or(path);
        let about = stems.iter().any(|stem| stem.len() > 2 && file.contains(stem.as_str()));
        let Ok(text) = project.read(path) else { continue };
        if about || tops.iter().any(|top| imports(&text, top)) {
            *ranks.entry(path).or_default() += if about { 2 } else { 0 };
        }
    }
    let mut ranked: Vec<(bool, usize, &str)> = ranks
        .into_iter()
        .map(|(path, rank)| (wanted.first.iter().any(|first| first == path), rank, path))
        .collect();
    ranked.sort_by(|a, b| (b.0, b.1, a.2).cmp(&(a.0, a.1, b.2)));
    ranked
        .into_iter()
        .take(MOST_FILES)
        .map(|(_, _, path)| path.to_owned())
        .collect()
}

/// Whether a text imports something of this name, as far as a glance tells.
fn imports(text: &[u8], top: &str) -> bool {
    let text = String::from_utf8_lossy(text);
    text.lines().any(|line| {
        let line = line.trim_start();
        let named = line.strip_prefix("from ").or_else(|| line.strip_prefix("import "));
        named.is_some_and(|named| {
            named
                .strip_prefix(top)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        })
    })
}

struct File<'f, 'p> {
    world: &'f World<'p>,
    module: &'f Rc<Module<'p>>,
    names: &'f BTreeSet<String>,
    /// What the file was before, where the change touches it.
    before: Option<String>,
    /// Scripts of tests that are not as they were, of those that mention what is wanted, and of those that do not.
    edited: Vec<Script>,
    telling: Vec<Script>,
    others: Vec<Script>,
}

impl<'p> File<'_, 'p> {
    /// Test functions and classes; `before` runs before each of them.
    fn body(&mut self, body: &'p [Stmt], before: &[&'p StmtFunctionDef]) {
        for statement in body {
            match statement {
                Stmt::FunctionDef(def) if def.name.starts_with("test") => self.test(def, before),
                Stmt::ClassDef(def) => self.class(def),
                _ => {}
            }
        }
    }

    fn class(&mut self, class: &'p StmtClassDef) {
        let before: Vec<&StmtFunctionDef> = class
            .body
            .iter()
            .filter_map(|statement| match statement {
                Stmt::FunctionDef(def) if matches!(def.name.as_str(), "setUp" | "setup_method" | "setup") => Some(def),
                _ => None,
            })
            .collect();
        self.body(&class.body, &before);
    }

    /// A test, once for each of the first rows of its table of cases.
    fn test(&mut self, def: &'p StmtFunctionDef, before: &[&'p StmtFunctionDef]) {
        let text = self
            .module
            .parsed
            .text
            .get(std::ops::Range::<usize>::from(def.range()))
            .unwrap_or_default();
        let found = if self.before.as_ref().is_some_and(|before| !before.contains(text)) {
            &mut self.edited
        } else if self.names.iter().any(|name| text.contains(name.as_str())) {
            &mut self.telling
        } else {
            &mut self.others
        };
        if found.len() >= MOST_OF_A_FILE {
            return;
        }
        let mut rows = cases::of(self.world, self.module, def, &Names::new());
        rows.truncate(MOST_ROWS);
        if rows.is_empty() {
            rows.push(Names::new());
        }
        for names in rows {
            let mut recorder = Recorder {
                names,
                ..Recorder::new(self.world, self.module.clone())
            };
            recorder.fixtures(def);
            for around in before {
                recorder.body(&around.body);
            }
            recorder.body(&def.body);
            let script = Script {
                path: self.module.parsed.path.clone(),
                steps: recorder.steps,
            };
            if !script.steps.is_empty() && !found.contains(&script) {
                found.push(script);
            }
        }
    }
}

/// Notes the steps of one test.
pub(super) struct Recorder<'w, 'p> {
    world: &'w World<'p>,
    module: Rc<Module<'p>>,
    names: Names,
    pub(super) steps: Vec<Value>,
}

impl<'w, 'p> Recorder<'w, 'p> {
    pub(super) fn new(world: &'w World<'p>, module: Rc<Module<'p>>) -> Self {
        Self {
            world,
            module,
            names: Names::new(),
            steps: Vec::new(),
        }
    }

    /// The steps so far; what follows knows the names that do not stand for one of them.
    pub(super) fn take(&mut self) -> Vec<Value> {
        self.names.retain(|_, value| !is_made(value));
        std::mem::take(&mut self.steps)
    }

    /// Gives the parameters that fixtures fill what those return, fixtures of the same file and of each `conftest.py` that applies to it.
    fn fixtures(&mut self, def: &StmtFunctionDef) {
        for parameter in def.parameters.iter_non_variadic_params() {
            let name = parameter.name();
            if self.names.contains_key(name.as_str()) {
                continue;
            }
            let above = conftests(folder_of(&self.module.parsed.path)).filter_map(|path| self.world.by_path(&path));
            let fixture = std::iter::once(self.module.clone()).chain(above).find_map(|home| {
                match self.world.resolve(&home, name.as_str()) {
                    // Found there, and not imported from somewhere else.
                    Some(Thing::Function(function)) if is_fixture(function.def) => Some(function),
                    _ => None,
                }
            });
            let Some(fixture) = fixture else { continue };
            let own = std::mem::replace(&mut self.module, fixture.module.clone());
            let names = std::mem::take(&mut self.names);
            self.body(&fixture.def.body);
            let given = given(&fixture.def.body).and_then(|expr| self.value(expr));
            self.module = own;
            self.names = names;
            if let Some(value) = given {
                let value = self.kept(value);
                self.names.insert(name.to_string(), value);
            }
        }
    }

    pub(super) fn body(&mut self, body: &[Stmt]) {
        for statement in body {
            if self.steps.len() >= MOST_STEPS {
                return;
            }
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Assign(assign) => {
                let value = self.value(&assign.value);
                if value.is_none() {
                    self.look(&assign.value);
                }
                let value = value.map(|value| self.kept(value));
                for target in &assign.targets {
                    self.assign(target, value.clone());
                }
            }
            Stmt::AnnAssign(assign) => {
                let value = assign.value.as_deref().and_then(|value| self.value(value));
                let value = value.map(|value| self.kept(value));
                self.assign(&assign.target, value);
            }
            Stmt::AugAssign(assign) => {
                let sides = (self.value(&assign.target), self.value(&assign.value));
                let made = match (sides, in_place(assign.op)) {
                    ((Some(left), Some(right)), Some(name)) if is_made(&left) || is_made(&right) => {
                        Some(self.kept(called(Symbol::new("operator", name), vec![left, right])))
                    }
                    _ => None,
                };
                if assign.target.is_name_expr() {
                    self.assign(&assign.target, made);
                }
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    if let Expr::Subscript(subscript) = target
                        && let (Some(of), Some(key)) = (self.value(&subscript.value), self.value(&subscript.slice))
                        && is_made(&of)
                    {
                        self.step(called(Symbol::method("__delitem__"), vec![of, key]));
                    }
                }
            }
            Stmt::Expr(statement) => self.look(&statement.value),
            Stmt::Assert(statement) => self.look(&statement.test),
            Stmt::With(statement) => {
                statement.items.iter().for_each(|item| self.look(&item.context_expr));
                self.body(&statement.body);
            }
            Stmt::If(statement) => self.body(&statement.body),
            Stmt::Try(statement) => self.body(&statement.body),
            Stmt::For(statement) => {
                let rows = self.value(&statement.iter).map(cases::items_of).unwrap_or_default();
                for row in rows.into_iter().take(MOST_ROWS) {
                    cases::bind(&statement.target, row, &mut self.names);
                    self.body(&statement.body);
                }
            }
            _ => {}
        }
    }

    fn assign(&mut self, target: &Expr, value: Option<Value>) {
        match (target, value) {
            (Expr::Tuple(_), Some(value)) if !is_made(&value) => cases::bind(target, value, &mut self.names),
            (Expr::Subscript(subscript), Some(value)) => {
                if let (Some(of), Some(key)) = (self.value(&subscript.value), self.value(&subscript.slice))
                    && is_made(&of)
                {
                    self.step(called(Symbol::method("__setitem__"), vec![of, key, value]));
                }
            }
            (Expr::Attribute(attribute), value) => {
                if let Some(name) = of_self(target) {
                    match value {
                        Some(value) => self.names.insert(name, value),
                        None => self.names.remove(&name),
                    };
                } else if let (Some(of), Some(value)) = (self.value(&attribute.value), value)
                    && is_made(&of)
                {
                    let name = Value::Str(attribute.attr.to_string());
                    self.step(called(Symbol::new("builtins", "setattr"), vec![of, name, value]));
                }
            }
            (Expr::Name(name), Some(value)) => {
                self.names.insert(name.id.to_string(), value);
            }
            (Expr::Name(name), None) => {
                self.names.remove(name.id.as_str());
            }
            _ => {}
        }
    }

    /// A value to be used again: what is made is made once, as a step of its own.
    fn kept(&mut self, value: Value) -> Value {
        if !is_made(&value) || matches!(value, Value::Node(_)) {
            return value;
        }
        match self.step(value.clone()) {
            Some(step) => Value::Node(step),
            None => value,
        }
    }

    /// Notes a step, where everything in it can be had without the tests.
    fn step(&mut self, value: Value) -> Option<u32> {
        if self.steps.len() >= MOST_STEPS || value.size() > LARGEST || !self.is_of_project(&value) {
            return None;
        }
        self.steps.push(value);
        Some(self.steps.len() as u32 - 1)
    }

    /// Whether a value needs the project to be made: what only the library makes can be made wherever it is wanted.
    fn is_of_project(&self, value: &Value) -> bool {
        let own = match value {
            Value::Node(_) => true,
            Value::Call { callee, .. } | Value::Symbol(callee) => self.world.project.path_of(&callee.module).is_some(),
            _ => false,
        };
        own || value.children().into_iter().any(|child| self.is_of_project(child))
    }

    fn names_tests(&self, value: &Value) -> bool {
        let named = match value {
            Value::Call { callee, .. } => Some(callee),
            Value::Symbol(symbol) => Some(symbol),
            _ => None,
        };
        let here = |symbol: &Symbol| {
            symbol.module == self.module.parsed.module
                || self.world.project.path_of(&symbol.module).is_some_and(is_test)
        };
        named.is_some_and(here) || value.children().into_iter().any(|child| self.names_tests(child))
    }

    fn value(&self, expr: &Expr) -> Option<Value> {
        let value = evaluate::with_names(self.world, &self.module, expr, &self.names)?;
        // A function that is given away can be told, but one of the tests cannot be had.
        (!self.names_tests(&value)).then_some(value)
    }

    /// Notes what an expression calls: as a whole where it can be told, else its parts.
    fn look(&mut self, expr: &Expr) {
        if let Some(value) = self.value(expr) {
            if is_made(&value) && !matches!(value, Value::Node(_)) {
                self.step(value);
            }
            return;
        }
        match expr {
            Expr::Call(call) => self.look_at_call(call),
            Expr::Compare(compare) => self.look_at_comparison(compare),
            Expr::BoolOp(operation) => operation.values.iter().for_each(|value| self.look(value)),
            Expr::UnaryOp(unary) => self.look(&unary.operand),
            Expr::BinOp(binary) => {
                let sides = (self.value(&binary.left), self.value(&binary.right));
                match (sides, plainly(binary.op)) {
                    ((Some(left), Some(right)), Some(name)) if is_made(&left) || is_made(&right) => {
                        self.step(called(Symbol::new("operator", name), vec![left, right]));
                    }
                    _ => {
                        self.look(&binary.left);
                        self.look(&binary.right);
                    }
                }
            }
            Expr::Attribute(attribute) => self.look(&attribute.value),
            Expr::Subscript(subscript) => self.look(&subscript.value),
            Expr::Starred(starred) => self.look(&starred.value),
            Expr::Await(awaited) => self.look(&awaited.value),
            Expr::List(list) => list.elts.iter().for_each(|element| self.look(element)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.look(element)),
            Expr::Dict(dict) => dict.items.iter().for_each(|item| self.look(&item.value)),
            _ => {}
        }
    }

    fn look_at_call(&mut self, call: &ExprCall) {
        let name = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            _ => "",
        };
        if let [only] = &*call.arguments.args
            && LOOKING.contains(&name)
            && let Some(value) = self.value(only)
            && is_made(&value)
        {
            self.step(called(Symbol::new("builtins", name), vec![value]));
            return;
        }
        // `pytest.raises(Error, function, argument, …)`
        if let [_, function, rest @ ..] = &*call.arguments.args
            && is_raises(&call.func)
            && let Some(Value::Symbol(callee)) = self.value(function)
            && let Some(args) = rest.iter().map(|arg| self.value(arg)).collect::<Option<Vec<_>>>()
        {
            self.step(called(callee, args));
            return;
        }
        self.look(&call.func);
        call.arguments.args.iter().for_each(|arg| self.look(arg));
        call.arguments
            .keywords
            .iter()
            .for_each(|keyword| self.look(&keyword.value));
    }

    fn look_at_comparison(&mut self, compare: &ExprCompare) {
        if let ([op], [right]) = (&*compare.ops, &*compare.comparators)
            && let (Some(one), Some(other)) = (self.value(&compare.left), self.value(right))
        {
            let (name, left, right) = match op {
                CmpOp::In | CmpOp::NotIn => ("contains", other, one),
                CmpOp::Eq => ("eq", one, other),
                CmpOp::NotEq => ("ne", one, other),
                CmpOp::Lt => ("lt", one, other),
                CmpOp::LtE => ("le", one, other),
                CmpOp::Gt => ("gt", one, other),
                CmpOp::GtE => ("ge", one, other),
                CmpOp::Is | CmpOp::IsNot => ("is_", one, other),
            };
            if is_made(&left) || is_made(&right) {
                // What is compared with something plain is told by what it is compared with; both are looked at in any case.
                let left = self.kept(left);
                let right = self.kept(right);
                self.step(called(Symbol::new("operator", name), vec![left, right]));
            }
            return;
        }
        self.look(&compare.left);
        compare.comparators.iter().for_each(|part| self.look(part));
    }
}

fn called(callee: Symbol, args: Vec<Value>) -> Value {
    Value::Call {
        callee,
        args,
        kwargs: Vec::new(),
    }
}

/// Whether making a value runs something.
fn is_made(value: &Value) -> bool {
    matches!(value, Value::Call { .. } | Value::Node(_)) || value.children().into_iter().any(is_made)
}

/// `self.name` as a name.
fn of_self(expr: &Expr) -> Option<String> {
    let Expr::Attribute(attribute) = expr else { return None };
    match &*attribute.value {
        Expr::Name(name) if name.id.as_str() == "self" => Some(format!("self.{}", attribute.attr)),
        _ => None,
    }
}

fn is_raises(func: &Expr) -> bool {
    let name = match func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    };
    matches!(name, "raises" | "assertRaises")
}

/// What a fixture gives: the last expression that it returns or yields on its top level.
fn given(body: &[Stmt]) -> Option<&Expr> {
    body.iter().rev().find_map(|statement| match statement {
        Stmt::Return(statement) => statement.value.as_deref(),
        Stmt::Expr(statement) => match &*statement.value {
            Expr::Yield(statement) => statement.value.as_deref(),
            _ => None,
        },
        Stmt::With(statement) => given(&statement.body),
        _ => None,
    })
}

/// The function of `operator` for an operator.
fn plainly(op: Operator) -> Option<&'static str> {
    Some(match op {
        Operator::Add => "add",
        Operator::Sub => "sub",
        Operator::Mult => "mul",
        Operator::Div => "truediv",
        Operator::FloorDiv => "floordiv",
        Operator::Mod => "mod",
        Operator::Pow => "pow",
        Operator::BitOr => "or_",
        Operator::BitAnd => "and_",
        Operator::BitXor => "xor",
        Operator::MatMult => "matmul",
        Operator::LShift => "lshift",
        Operator::RShift => "rshift",
    })
}

/// The function of `operator` for an assignment with an operator.
fn in_place(op: Operator) -> Option<&'static str> {
    Some(match op {
        Operator::Add => "iadd",
        Operator::Sub => "isub",
        Operator::Mult => "imul",
        Operator::BitOr => "ior",
        Operator::BitAnd => "iand",
        Operator::BitXor => "ixor",
        _ => return None,
    })
}

/// What a project defines and how it is called. Files are looked into once, however often is asked.
pub struct Callables<'p>(World<'p>);

impl<'p> Callables<'p> {
    /// Of one version.
    pub fn new(project: &'p Project) -> Self {
        Self(World::new(project, 1))
    }

    /// Where what a symbol names is defined, and how it is called; none for what the project does not define, or that cannot be
    /// called by that name alone. Methods are those of instances.
    pub fn find(&self, symbol: &Symbol) -> Option<(String, CallKind)> {
        let module = self.0.by_name(&symbol.module)?;
        let call = match self.0.qualified(&module, &symbol.name)? {
            Thing::Class(_) => CallKind::Constructor,
            Thing::Function(function) if function.class.is_none() => CallKind::Function,
            Thing::Function(function) if is_property(&function) => return None,
            Thing::Function(function) => match receiver_kind(&function) {
                Receiver::Instance => CallKind::Method,
                Receiver::Class | Receiver::Static => CallKind::Function,
            },
            _ => return None,
        };
        Some((module.parsed.path.clone(), call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> Project {
        let files: BTreeMap<String, String> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        let paths: Vec<String> = files.keys().cloned().collect();
        Project::new(paths, move |path| Ok(files[path].clone().into_bytes()))
    }

    const SHOP: &str = "class Cart:\n    def add(self, x): pass\n    @property\n    def size(self): return 1\n    @classmethod\n    def of(cls, x): return cls()\ndef cart(x): return Cart()\n";

    /// The steps of the scripts of a test file, shortly.
    fn steps(text: &str) -> Vec<Vec<String>> {
        let before = project(&[("test_shop.py", "def test_kept():\n    cart(1)\n")]);
        let project = project(&[
            ("shop.py", SHOP),
            ("test_shop.py", text),
            (
                "conftest.py",
                "import pytest\nfrom shop import Cart\n@pytest.fixture\ndef full():\n    made = Cart()\n    made.add(9)\n    yield made\n",
            ),
        ]);
        let wanted = Wanted {
            names: BTreeSet::from(["cart".to_owned()]),
            modules: BTreeSet::from(["shop".to_owned()]),
            first: vec!["test_shop.py".to_owned()],
        };
        scripts(&project, &before, &wanted)
            .iter()
            .map(|script| script.steps.iter().map(short).collect())
            .collect()
    }

    fn short(value: &Value) -> String {
        let all = |values: &[Value]| values.iter().map(short).collect::<Vec<_>>().join(", ");
        match value {
            Value::Call { callee, args, .. } => format!(
                "{}({})",
                if callee.name.is_empty() { "[]" } else { &callee.name },
                all(args)
            ),
            Value::Node(node) => format!("#{node}"),
            Value::Str(text) => format!("'{text}'"),
            Value::Int(number) => number.to_string(),
            Value::List(items) => format!("[{}]", all(items)),
            Value::Symbol(symbol) => symbol.name.clone(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn statements_are_steps_and_names_stand_for_what_they_made() {
        let found = steps(
            "from shop import cart, Cart\nPRICE = 5\ndef test_a():\n    one = cart(PRICE)\n    one.add([1])\n    one['x'] = 2\n    del one['x']\n    one.note = 'n'\n    assert len(one) == 1 and one.size == 3\n    assert 4 in one\n    one += one\n    assert one == cart(2)\n",
        );
        assert_eq!(
            found,
            [[
                "cart(5)",
                "add(#0, [1])",
                "__setitem__(#0, 'x', 2)",
                "__delitem__(#0, 'x')",
                "setattr(#0, 'note', 'n')",
                "len(#0)",
                "size(#0)",
                "eq(#6, 3)",
                "contains(#0, 4)",
                "iadd(#0, #0)",
                "cart(2)",
                "eq(#9, #10)"
            ]]
        );
    }

    #[test]
    fn fixtures_set_up_and_tables_of_cases() {
        let found = steps(
            "import pytest\nimport unittest\nfrom shop import cart, Cart\ndef test_full(full):\n    cart(full)\n@pytest.mark.parametrize('x', [1, 2])\ndef test_rows(x):\n    with pytest.raises(ValueError):\n        cart(x)\nclass T(unittest.TestCase):\n    def setUp(self):\n        self.cart = cart(0)\n    def test_it(self):\n        self.assertEqual(str(self.cart), 'x')\n        self.assertRaises(ValueError, cart, -1)\n",
        );
        let expected: [&[&str]; 4] = [
            &["Cart()", "add(#0, 9)", "cart(#0)"],
            &["cart(1)"],
            &["cart(2)"],
            &["cart(0)", "str(#0)", "cart(-1)"],
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_only_the_tests_have_is_no_step() {
        let found = steps(
            "from shop import cart\nclass Own: pass\ndef helper(): return 1\ndef test_a():\n    cart(Own())\n    cart(helper)\n    unknown = helper()\n    cart(unknown)\n    cart(3)\n",
        );
        assert_eq!(found, [["cart(3)"]]);
    }

    #[test]
    fn tests_that_are_not_as_they_were_come_first() {
        let found =
            steps("from shop import cart, Cart\ndef test_kept():\n    cart(1)\ndef test_other():\n    Cart.of(1)\n");
        assert_eq!(found, [["Cart.of(1)"], ["cart(1)"]]);
    }

    #[test]
    fn what_is_callable_and_how() {
        let project = project(&[("shop.py", SHOP)]);
        let callables = Callables::new(&project);
        let of = |name: &str| callables.find(&Symbol::new("shop", name)).map(|(_, call)| call);
        assert_eq!(of("cart"), Some(CallKind::Function));
        assert_eq!(of("Cart"), Some(CallKind::Constructor));
        assert_eq!(of("Cart.add"), Some(CallKind::Method));
        assert_eq!(of("Cart.of"), Some(CallKind::Function));
        assert_eq!(of("Cart.size"), None);
        assert_eq!(of("missing"), None);
    }
}
