//! Nodes of Python's own syntax trees, by parsing a piece of source and walking to the node.

use model::{Symbol, Value};
use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use crate::python::Project;

/// Definitions of a project that are taken for samples, at most, and of how many of its files.
const MOST_SAMPLES: usize = 10;
const MOST_FILES: usize = 12;
/// How many bytes such a sample has.
const SHORTEST_SAMPLE: usize = 80;
const LONGEST_SAMPLE: usize = 600;

/// Steps from the module to a node of each class of `ast` (attributes, and items of their lists), and sources that have one there.
const NODES: [(&str, &str, &[&str]); 60] = [
    (
        "FunctionDef",
        "body 0",
        &[
            "def f(a, b=1, *c, d=2, **e):\n    return a\n",
            "@d\ndef f() -> int:\n    '''Doc.'''\n    yield\n",
        ],
    ),
    ("AsyncFunctionDef", "body 0", &["async def f(a):\n    await a\n"]),
    (
        "Lambda",
        "body 0 value",
        &["lambda a: a + 1", "lambda *, b=1: b", "lambda: 0"],
    ),
    (
        "arguments",
        "body 0 args",
        &["def f(a, b=1): pass", "def f(a, /, *c, d=2, **e): pass"],
    ),
    ("arg", "body 0 args args 0", &["def f(a: int): pass", "def f(a): pass"]),
    (
        "ClassDef",
        "body 0",
        &[
            "class A(B):\n    x: int = 1\n    def f(self): pass\n",
            "@d\nclass A(B, m=C):\n    '''Doc.'''\n",
        ],
    ),
    (
        "Return",
        "body 0 body 0",
        &["def f():\n    return 1\n", "def f():\n    return\n"],
    ),
    ("Delete", "body 0", &["del a", "del a, b[0]"]),
    ("Assign", "body 0", &["a = b = 1", "a, b = c", "a = lambda: 0"]),
    ("AugAssign", "body 0", &["a += 1", "a[0] **= b"]),
    ("AnnAssign", "body 0", &["a: int = 1", "a.b: int", "(a): int = 1"]),
    (
        "For",
        "body 0",
        &["for a in b:\n    pass\nelse:\n    c\n", "for a, b in c:\n    break\n"],
    ),
    (
        "AsyncFor",
        "body 0 body 0",
        &["async def f():\n    async for a in b:\n        pass\n"],
    ),
    (
        "While",
        "body 0",
        &["while a:\n    b\n", "while a:\n    b\nelse:\n    c\n"],
    ),
    (
        "If",
        "body 0",
        &["if a:\n    b\nelse:\n    c\n", "if a:\n    b\nelif c:\n    d\n"],
    ),
    (
        "With",
        "body 0",
        &["with a as b:\n    pass\n", "with a, b as (c, d):\n    pass\n"],
    ),
    (
        "AsyncWith",
        "body 0 body 0",
        &["async def f():\n    async with a as b:\n        pass\n"],
    ),
    (
        "withitem",
        "body 0 items 0",
        &["with a as b:\n    pass\n", "with a:\n    pass\n"],
    ),
    ("Raise", "body 0", &["raise A(1) from b", "raise", "raise A"]),
    (
        "Try",
        "body 0",
        &[
            "try:\n    a\nexcept B as c:\n    d\nfinally:\n    e\n",
            "try:\n    a\nexcept:\n    b\nelse:\n    c\n",
        ],
    ),
    (
        "ExceptHandler",
        "body 0 handlers 0",
        &[
            "try:\n    a\nexcept B as c:\n    d\n",
            "try:\n    a\nexcept (B, C):\n    d\n",
            "try:\n    a\nexcept:\n    d\n",
        ],
    ),
    ("Assert", "body 0", &["assert a, 'b'", "assert a"]),
    ("Import", "body 0", &["import a.b as c", "import a, b"]),
    (
        "ImportFrom",
        "body 0",
        &["from a import b as c", "from .. import a", "from .a import *"],
    ),
    ("alias", "body 0 names 0", &["import a as b", "import a.b"]),
    ("Global", "body 0", &["global a", "global a, b"]),
    (
        "Nonlocal",
        "body 0 body 0 body 0",
        &["def f(a):\n    def g():\n        nonlocal a\n"],
    ),
    ("Expr", "body 0", &["a", "f(a)", "'''Doc.'''"]),
    ("Pass", "body 0", &["pass"]),
    ("Break", "body 0 body 0", &["while a:\n    break\n"]),
    ("Continue", "body 0 body 0", &["while a:\n    continue\n"]),
    ("BoolOp", "body 0 value", &["a and b", "a or b or c", "a and (b or c)"]),
    ("NamedExpr", "body 0 value", &["(a := 1)"]),
    (
        "BinOp",
        "body 0 value",
        &["a + 1", "'%s' % a", "(a + b) * c", "a ** -b", "a @ b"],
    ),
    (
        "UnaryOp",
        "body 0 value",
        &["not a", "-1", "-(-a)", "not (not a)", "~a", "+a"],
    ),
    ("IfExp", "body 0 value", &["a if b else c"]),
    (
        "Compare",
        "body 0 value",
        &["a < b <= 1", "a is not None", "a not in (b, c)", "a == 1"],
    ),
    (
        "Call",
        "body 0 value",
        &["f(a, *b, c=1, **d)", "f()", "a.b('text')", "f(c for c in d)"],
    ),
    ("keyword", "body 0 value keywords 0", &["f(a=1)", "f(**a)"]),
    (
        "Constant",
        "body 0 value",
        &["'text'", "1", "None", "1.5", "b'x'", "...", "True", "''"],
    ),
    (
        "JoinedStr",
        "body 0 value",
        &["f'{a!r:>3} b'", "f'a'", "f'{a}{{}}{b:{c}}'"],
    ),
    (
        "FormattedValue",
        "body 0 value values 0",
        &["f'{a!r:>3}'", "f'{a}'", "f'{a:{b}}'"],
    ),
    ("Attribute", "body 0 value", &["a.b", "a.b.c", "f().b", "(1).real"]),
    ("Subscript", "body 0 value", &["a[1]", "a[1:2, b]", "a['b']", "a[:]"]),
    ("Slice", "body 0 value slice", &["a[1:2]", "a[:]", "a[::b]"]),
    ("Starred", "body 0 value args 0", &["f(*a)", "f(*[a, b])"]),
    ("Name", "body 0 value", &["a", "self", "print"]),
    ("List", "body 0 value", &["[a, 1]", "[]", "[*a]"]),
    ("Tuple", "body 0 value", &["(a, 1)", "()", "(a,)"]),
    ("Set", "body 0 value", &["{a, 1}"]),
    ("Dict", "body 0 value", &["{'a': 1, **b}", "{}"]),
    (
        "ListComp",
        "body 0 value",
        &["[a for a in b if a]", "[a for b in c for a in b]"],
    ),
    ("SetComp", "body 0 value", &["{a for a in b}"]),
    ("DictComp", "body 0 value", &["{a: b for a, b in c}"]),
    ("GeneratorExp", "body 0 value", &["(a for a in b)"]),
    (
        "comprehension",
        "body 0 value generators 0",
        &["[a for a in b if a if c]", "[a for a, b in c]"],
    ),
    ("Await", "body 0 body 0 value", &["async def f():\n    await a\n"]),
    (
        "Yield",
        "body 0 body 0 value",
        &["def f():\n    yield a\n", "def f():\n    yield\n"],
    ),
    ("YieldFrom", "body 0 body 0 value", &["def f():\n    yield from a\n"]),
    (
        "Match",
        "body 0",
        &["match a:\n    case [b, *c] if b:\n        d\n    case _:\n        e\n"],
    ),
];
/// Whole modules, for whoever takes any node.
const MODULES: [&str; 6] = [
    "",
    "a = 1\n",
    "import a\nfrom b import c\n\ndef f(x, y=1):\n    '''Doc.'''\n    return x + y\n",
    "class A:\n    def f(self):\n        global g\n        g = self\n",
    "def f(y):\n    n: int = 0\n    while (m := len(y)) > n:\n        n += 1\n    return [z for z in y if m]\n",
    "try:\n    a()\nexcept (B, C) as e:\n    raise\nelse:\n    print(f'{e}')\n",
];

/// Values for a class of `ast`: a node of it, and modules, among them those that have what changed methods are named after.
pub(super) fn values(class: &str, samples: &[String], handled: &[&'static str]) -> Vec<Value> {
    let call = |callee: Symbol, args: Vec<Value>| Value::Call {
        callee,
        args,
        kwargs: Vec::new(),
    };
    let parsed = |source: &str| call(Symbol::new("ast", "parse"), vec![Value::Str(source.to_owned())]);
    let own = NODES.iter().find(|(name, ..)| *name == class);
    let mut values: Vec<Value> = own
        .into_iter()
        .flat_map(|(_, steps, sources)| sources.iter().map(move |source| (steps, source)))
        .map(|(steps, source)| {
            let walked = |node: Value, step: &str| match step.parse() {
                Ok(at) => call(Symbol::item(), vec![node, Value::Int(at)]),
                Err(_) => call(Symbol::attribute(step), vec![node]),
            };
            steps.split(' ').fold(parsed(source), walked)
        })
        .collect();
    let modules = if values.is_empty() { MODULES.len() } else { 2 };
    values.extend(MODULES.iter().rev().take(modules).map(|source| parsed(source)));
    values.extend(samples.iter().map(|source| parsed(source)));
    let about = handled.iter().filter(|name| **name != class);
    values.extend(about.flat_map(|name| in_contexts(name)).map(|source| parsed(&source)));
    values
}

/// Sources that have a node of a class of `ast` in a module, a function, a class and a class within a function: what a linter or
/// compiler says of it hangs on where it stands.
pub(super) fn in_contexts(class: &str) -> Vec<String> {
    let sources = NODES
        .iter()
        .filter(|(name, ..)| *name == class)
        .flat_map(|(_, _, sources)| sources.iter());
    sources
        .flat_map(|source| CONTEXTS.iter().map(move |context| within(context, source)))
        .collect()
}

/// Where a statement may stand: `$` is its place.
const CONTEXTS: [&str; 4] = [
    "$\na = 1\n",
    "def g(a, b=1):\n    $\n    return a\n",
    "class A:\n    a = 1\n    $\n",
    "def g():\n    class A:\n        $\n        a = 1\n",
];

/// A source put into a context, as far in as its place is.
fn within(context: &str, source: &str) -> String {
    let (before, after) = context.split_once('$').unwrap_or((context, ""));
    let indent = before.rsplit('\n').next().unwrap_or_default();
    let lines: Vec<&str> = source.trim_end().lines().collect();
    format!("{before}{}{after}", lines.join(&format!("\n{indent}")))
}

/// Definitions of a project, as source that somebody wrote: short ones, of the first of its files by name.
pub(super) fn samples(project: &Project) -> Vec<String> {
    let mut found = Vec::new();
    for path in project.paths().filter(|path| path.ends_with(".py")).take(MOST_FILES) {
        let Ok(parsed) = project.parsed(path) else { continue };
        let definitions = parsed.ast.body.iter().filter(|statement| {
            matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_))
                && (SHORTEST_SAMPLE..LONGEST_SAMPLE).contains(&statement.range().len().to_usize())
        });
        let sources = definitions.filter_map(|one| parsed.text.get(std::ops::Range::<usize>::from(one.range())));
        found.extend(sources.take(2).map(|source| format!("{source}\n")));
        if found.len() >= MOST_SAMPLES {
            break;
        }
    }
    found.truncate(MOST_SAMPLES);
    found
}

/// The class of `ast` that a name is, whatever its case.
pub(super) fn class_named(name: &str) -> Option<&'static str> {
    let is_it = |known: &&str| known.eq_ignore_ascii_case(name);
    NODES.iter().map(|(known, ..)| *known).find(is_it)
}
