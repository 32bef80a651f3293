//! What the project's tests get their objects from: fixtures that give each test its own, and functions that make one.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use model::{Symbol, Value};
use ruff_python_ast::{Arguments, Expr, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::binding::is_generator;
use super::callers::calls_of;
use super::evaluate;
use super::form::last_name;
use super::module::Module;
use super::world::{Function, Thing, World, for_each_statement};
use crate::python::Project;
use crate::python::project::folder_of;
use crate::python::syntax::{is_test, words_of};

/// Test files of a folder that are looked at for what they import.
const MOST_FILES: usize = 60;
/// Calls with arguments that tests write down, of one function.
const MOST_CALLS: usize = 6;
/// What pytest gives a fixture to know who asks; it can be told to do things, too.
const REQUEST: &str = "request";
/// Rounds in which helpers of helpers are followed.
const ROUNDS: usize = 3;

/// Something of the project's tests that gives an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// What stands for the object: a name without a module for a fixture, else a call of a function by the name of the module that
    /// the tests import it from, which begins with a dot where theirs does.
    pub value: Value,
    /// The names in its text, and in that of the helpers that it names.
    pub names: BTreeSet<String>,
}

impl Helper {
    /// Its name, where it is a fixture.
    pub fn fixture(&self) -> Option<&str> {
        match &self.value {
            Value::Symbol(symbol) => Some(&symbol.name),
            _ => None,
        }
    }
}

/// What a test in the folder of `path` may take its objects from, the nearest fixtures first.
///
/// These are fixtures of each `conftest.py` that applies there, as far as they are set up anew for each test that asks and do nothing but
/// make something; and functions that test files of that folder import, called without arguments or as a test there calls them
/// with plain ones. Whether they give what is wanted, only running them can tell.
pub fn helpers(project: &Project, path: &str) -> Vec<Helper> {
    let world = World::new(project, 1);
    let mut found = fixtures(&world, folder_of(path));
    found.extend(builders(&world, folder_of(path)));
    for _ in 0..ROUNDS {
        let known: Vec<(String, BTreeSet<String>)> = found
            .iter()
            .map(|helper| (name(helper), helper.names.clone()))
            .collect();
        for helper in &mut found {
            let more = known.iter().filter(|(name, _)| helper.names.contains(name));
            let more: Vec<String> = more.flat_map(|(_, names)| names).cloned().collect();
            helper.names.extend(more);
        }
    }
    found
}

fn name(helper: &Helper) -> String {
    match &helper.value {
        Value::Call { callee, .. } => callee.name.clone(),
        _ => helper.fixture().unwrap_or_default().to_owned(),
    }
}

/// Each `conftest.py` that applies in a folder, the nearest first.
pub(super) fn conftests(folder: &str) -> impl Iterator<Item = String> + '_ {
    let above = std::iter::successors(Some(folder), |folder| (!folder.is_empty()).then(|| folder_of(folder)));
    above.map(|folder| match folder {
        "" => "conftest.py".to_owned(),
        folder => format!("{folder}/conftest.py"),
    })
}

/// Fixtures that make something and do nothing else.
fn fixtures(world: &World<'_>, folder: &str) -> Vec<Helper> {
    let mut all: BTreeMap<String, (usize, Function<'_>)> = BTreeMap::new();
    for (distance, path) in conftests(folder).enumerate() {
        let Some(module) = world.by_path(&path) else { continue };
        for function in module
            .functions()
            .into_iter()
            .filter(|function| is_fixture(function.def))
        {
            let name = given_name(function.def).unwrap_or_else(|| function.def.name.to_string());
            // A nearer one of that name takes its place, also where it is none that we take.
            all.entry(name).or_insert((distance, function));
        }
    }
    let serves = |function: &Function<'_>| gives_each_test_its_own(function.def) && only_makes(function.def);
    let mut taken: BTreeSet<String> = all
        .iter()
        .filter(|(_, (_, function))| serves(function))
        .map(|(name, _)| name.clone())
        .collect();
    // What one asks for is another, and no `tmp_path`, `monkeypatch` or the like; what asks alone tells nothing.
    loop {
        let known = taken.clone();
        taken.retain(|name| {
            let parameters = all[name].1.def.parameters.iter();
            let mut names = parameters.map(|parameter| parameter.name().as_str());
            names.all(|name| name == REQUEST || known.contains(name))
        });
        if taken.len() == known.len() {
            break;
        }
    }
    let mut found: Vec<(usize, Helper)> = taken
        .into_iter()
        .map(|name| {
            let (distance, function) = &all[&name];
            let helper = Helper {
                names: names_in(function),
                value: Value::Symbol(Symbol::new("", name)),
            };
            (*distance, helper)
        })
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, helper)| helper).collect()
}

/// Functions that test files of a folder import from other files of the tests, called as can be told.
fn builders(world: &World<'_>, folder: &str) -> Vec<Helper> {
    let beside = world
        .project
        .paths()
        .filter(|path| folder_of(path) == folder && is_test(path));
    let modules: Vec<Rc<Module<'_>>> = beside.take(MOST_FILES).filter_map(|path| world.by_path(path)).collect();
    let mut found: BTreeMap<Symbol, (Function<'_>, Vec<Value>)> = BTreeMap::new();
    for module in &modules {
        let mut imports = Vec::new();
        for_each_statement(&module.parsed.ast.body, &mut |statement| {
            if let Stmt::ImportFrom(import) = statement {
                imports.push(import);
            }
        });
        for import in imports {
            let from = import.module.as_ref().map(|name| name.as_str()).unwrap_or_default();
            let from = format!("{}{from}", ".".repeat(import.level as usize));
            for alias in import.names.iter().filter(|alias| alias.asname.is_none()) {
                let Some(function) = imported(world, module, folder, &from, alias.name.as_str()) else {
                    continue;
                };
                let (_, calls) = found
                    .entry(Symbol::new(&from, alias.name.as_str()))
                    .or_insert_with(|| (function, Vec::new()));
                calls.extend(plain_calls(world, module, &from, alias.name.as_str()));
            }
        }
    }
    let helpers = found.into_iter().flat_map(|(callee, (function, calls))| {
        let mut values = Vec::new();
        if takes_nothing(function.def) {
            values.push(call(callee, Vec::new(), Vec::new()));
        }
        for call in calls {
            if !values.contains(&call) && values.len() <= MOST_CALLS {
                values.push(call);
            }
        }
        let names = names_in(&function);
        values.into_iter().map(move |value| Helper {
            value,
            names: names.clone(),
        })
    });
    helpers.collect()
}

/// The function of the tests that an import names, where it only makes something.
fn imported<'p>(
    world: &World<'p>,
    module: &Rc<Module<'p>>,
    folder: &str,
    from: &str,
    name: &str,
) -> Option<Function<'p>> {
    let resolved = match world.resolve(module, name) {
        Some(Thing::Function(function)) => Some(function),
        // pytest lets files of one folder import one another.
        _ if !from.starts_with('.') && !from.contains('.') => {
            let file = format!("{folder}{}{from}.py", if folder.is_empty() { "" } else { "/" });
            let beside = world.by_path(&file)?;
            match world.resolve(&beside, name) {
                Some(Thing::Function(function)) => Some(function),
                _ => None,
            }
        }
        _ => None,
    }?;
    let def = resolved.def;
    let serves = resolved.class.is_none() && is_test(&resolved.module.parsed.path) && !name.starts_with("test");
    (serves && def.decorator_list.is_empty() && !def.is_async && only_makes(def) && !is_generator(def))
        .then_some(resolved)
}

/// Calls of a function in a file of tests, as far as their arguments are plain.
fn plain_calls<'p>(world: &World<'p>, module: &Rc<Module<'p>>, from: &str, name: &str) -> Vec<Value> {
    let plain = |expr: &Expr| evaluate::in_module(world, module, expr).filter(Value::is_plain);
    let calls = calls_of(&module.parsed.ast.body, name).into_iter().filter_map(|found| {
        let Expr::Name(_) = &*found.func else { return None };
        let Arguments { args, keywords, .. } = &found.arguments;
        let args = args.iter().map(plain).collect::<Option<Vec<Value>>>()?;
        let keywords = keywords
            .iter()
            .map(|keyword| Some((keyword.arg.as_ref()?.to_string(), plain(&keyword.value)?)));
        let keywords = keywords.collect::<Option<Vec<_>>>()?;
        Some(call(Symbol::new(from, name), args, keywords))
    });
    calls.collect()
}

fn call(callee: Symbol, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Value {
    Value::Call { callee, args, kwargs }
}

fn names_in(function: &Function<'_>) -> BTreeSet<String> {
    let range = std::ops::Range::<usize>::from(function.def.range());
    let text = function.module.parsed.text.get(range).unwrap_or_default();
    words_of(text).map(str::to_owned).collect()
}

/// Whether it can be called without arguments.
fn takes_nothing(def: &StmtFunctionDef) -> bool {
    let mut parameters = def.parameters.iter_non_variadic_params();
    parameters.all(|parameter| parameter.default().is_some())
}

/// Whether something is decorated as a fixture.
pub(super) fn is_fixture(def: &StmtFunctionDef) -> bool {
    let mut decorators = def.decorator_list.iter();
    decorators.any(|decorator| last_name(&decorator.expression) == Some("fixture"))
}

fn options(def: &StmtFunctionDef) -> Option<&Arguments> {
    match &def.decorator_list.first()?.expression {
        Expr::Call(call) => Some(&call.arguments),
        _ => None,
    }
}

/// The name that a fixture is given, where it is not that of its function.
fn given_name(def: &StmtFunctionDef) -> Option<String> {
    let given = options(def)?.find_keyword("name")?;
    given
        .value
        .as_string_literal_expr()
        .map(|name| name.value.to_str().to_owned())
}

/// Whether a fixture is set up anew for each test that asks for it, once, and for no other.
fn gives_each_test_its_own(def: &StmtFunctionDef) -> bool {
    let says = |value: &Expr, said: &str| value.as_string_literal_expr().is_some_and(|text| text.value == *said);
    let options = options(def).is_none_or(|options| {
        let keywords = options
            .keywords
            .iter()
            .all(|keyword| match keyword.arg.as_ref().map(|name| name.as_str()) {
                Some("name") => keyword.value.is_string_literal_expr(),
                Some("scope") => says(&keyword.value, "function"),
                Some("autouse") => matches!(&keyword.value, Expr::BooleanLiteral(literal) if !literal.value),
                _ => false,
            });
        options.args.is_empty() && keywords
    });
    options && def.decorator_list.len() == 1 && !def.is_async
}

/// Whether all that a function does is done to what it makes itself: names and attributes of anything else stay as they are, as far
/// as its own text tells.
fn only_makes(def: &StmtFunctionDef) -> bool {
    let parameters = def.parameters.iter().map(|parameter| parameter.name().as_str());
    let mut own: BTreeSet<&str> = parameters.filter(|name| *name != REQUEST).collect();
    let mut quiet = true;
    for_each_statement(&def.body, &mut |statement| {
        quiet &= match statement {
            Stmt::Assign(assign) => assign.targets.iter().all(|target| sets(target, &mut own)),
            Stmt::AnnAssign(assign) => sets(&assign.target, &mut own),
            Stmt::AugAssign(assign) => sets(&assign.target, &mut own),
            Stmt::For(statement) => sets(&statement.target, &mut own),
            Stmt::Expr(statement) => match &*statement.value {
                Expr::Call(call) => root(&call.func).is_some_and(|name| own.contains(name)),
                value => value.is_yield_expr() || value.is_string_literal_expr(),
            },
            Stmt::Return(_) | Stmt::If(_) | Stmt::Pass(_) | Stmt::Assert(_) | Stmt::Import(_) | Stmt::ImportFrom(_) => {
                true
            }
            _ => false,
        };
    });
    quiet
}

/// Whether an assignment leaves alone what is not the function's own; names that it binds are its own from there on.
fn sets<'a>(target: &'a Expr, own: &mut BTreeSet<&'a str>) -> bool {
    match target {
        Expr::Name(name) => {
            own.insert(name.id.as_str());
            true
        }
        Expr::Tuple(tuple) => tuple.elts.iter().all(|target| sets(target, own)),
        other => root(other).is_some_and(|name| own.contains(name)),
    }
}

/// The name at the beginning of `name.a[0].b`.
fn root(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => root(&attribute.value),
        Expr::Subscript(subscript) => root(&subscript.value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files: BTreeMap<String, String> = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        let paths: Vec<String> = files.keys().cloned().collect();
        let project = Project::new(paths, move |path| Ok(files[path].clone().into_bytes()));
        let shown = |helper: Helper| match &helper.value {
            Value::Call { callee, args, kwargs } => format!("{}:{}{args:?}{kwargs:?}", callee.module, callee.name),
            _ => name(&helper),
        };
        helpers(&project, "tests/test_kept.py").into_iter().map(shown).collect()
    }

    #[test]
    fn fixtures_that_only_make_something_for_one_test() {
        let conftest = "import pytest\nfrom shop import Cart, settings\n\
            @pytest.fixture\ndef full(empty):\n    \"A cart.\"\n    empty.add(1)\n    yield empty\n    empty.clear()\n\
            @pytest.fixture(name='named', scope='function')\ndef other():\n    return Cart()\n\
            @pytest.fixture(scope='session')\ndef shared():\n    return Cart()\n\
            @pytest.fixture(autouse=True)\ndef always():\n    return Cart()\n\
            @pytest.fixture(params=[1, 2])\ndef several(request):\n    return Cart()\n\
            @pytest.fixture\ndef on_disk(tmp_path):\n    return Cart()\n\
            @pytest.fixture\ndef of_disk(on_disk):\n    return Cart()\n\
            @pytest.fixture\ndef patched():\n    settings.debug = True\n    return Cart()\n\
            @pytest.fixture\ndef registered():\n    settings.configure()\n    return Cart()\n\
            @pytest.fixture\nasync def later():\n    return Cart()\n\
            @pytest.fixture\ndef asked(request):\n    return Cart()\n\
            @pytest.fixture\ndef finished(request):\n    request.addfinalizer(print)\n    return Cart()\n\
            @pytest.fixture\ndef hidden():\n    return Cart()\n";
        let top = "import pytest\n@pytest.fixture\ndef empty():\n    cart = Cart()\n    return cart\n\
            @pytest.fixture(scope='module')\ndef hidden():\n    return Cart()\n";
        // What a fixture asks for may be changed by it: it is the test's own, too.
        assert_eq!(
            found(&[("tests/conftest.py", conftest), ("conftest.py", top)]),
            ["asked", "full", "hidden", "named", "empty"]
        );
    }

    #[test]
    fn functions_that_tests_import_as_they_call_them() {
        let helpers = "from shop import Cart\ndef cart(n=1, *rest, **more):\n    return Cart(n)\ndef item(n):\n    return Cart(n)\n\
            def loud():\n    print('x')\n    return 1\ndef test_no():\n    return 1\n";
        let test = "from .helpers import cart, item, loud, test_no\nfrom tools import made\nfrom shop import Cart\n\
            N = 7\ndef test_a():\n    item(3)\n    item(N)\n    item(cart())\n    cart(n=2)\n    made()\n";
        assert_eq!(
            found(&[
                ("tests/__init__.py", ""),
                ("tests/helpers.py", helpers),
                ("tests/tools.py", "def made():\n    return object()\n"),
                ("tests/test_a.py", test),
                ("shop.py", "class Cart: pass\n"),
            ]),
            [
                ".helpers:cart[][]",
                ".helpers:cart[][(\"n\", Int(2))]",
                ".helpers:item[Int(3)][]",
                ".helpers:item[Int(7)][]",
                "tools:made[][]",
            ]
        );
    }
}
