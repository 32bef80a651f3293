//! Nodes of Python's own syntax trees, by parsing a piece of source and walking to the node.

use model::{Symbol, Value};

/// Source and steps from the module to a node of each class of `ast`: attributes, and items of their lists.
const NODES: [(&str, &str, &[&str]); 37] = [
    (
        "FunctionDef",
        "def f(a, b=1, *c, d=2, **e):\n    return a\n",
        &["body", "0"],
    ),
    ("AsyncFunctionDef", "async def f(a):\n    await a\n", &["body", "0"]),
    ("Lambda", "lambda a: a + 1", &["body", "0", "value"]),
    ("arguments", "def f(a, b=1): pass", &["body", "0", "args"]),
    ("arg", "def f(a: int): pass", &["body", "0", "args", "args", "0"]),
    (
        "ClassDef",
        "class A(B):\n    x: int = 1\n    def f(self): pass\n",
        &["body", "0"],
    ),
    ("Return", "def f():\n    return 1\n", &["body", "0", "body", "0"]),
    ("Delete", "del a", &["body", "0"]),
    ("Assign", "a = b = 1", &["body", "0"]),
    ("AugAssign", "a += 1", &["body", "0"]),
    ("AnnAssign", "a: int = 1", &["body", "0"]),
    ("For", "for a in b:\n    pass\nelse:\n    c\n", &["body", "0"]),
    ("While", "while a:\n    b\n", &["body", "0"]),
    ("If", "if a:\n    b\nelse:\n    c\n", &["body", "0"]),
    ("With", "with a as b:\n    pass\n", &["body", "0"]),
    ("Raise", "raise A(1) from b", &["body", "0"]),
    (
        "Try",
        "try:\n    a\nexcept B as c:\n    d\nfinally:\n    e\n",
        &["body", "0"],
    ),
    (
        "ExceptHandler",
        "try:\n    a\nexcept B as c:\n    d\n",
        &["body", "0", "handlers", "0"],
    ),
    ("Assert", "assert a, 'b'", &["body", "0"]),
    ("Import", "import a.b as c", &["body", "0"]),
    ("ImportFrom", "from a import b as c", &["body", "0"]),
    ("alias", "import a as b", &["body", "0", "names", "0"]),
    ("Global", "global a", &["body", "0"]),
    ("Expr", "a", &["body", "0"]),
    ("BoolOp", "a and b", &["body", "0", "value"]),
    ("BinOp", "a + 1", &["body", "0", "value"]),
    ("UnaryOp", "not a", &["body", "0", "value"]),
    ("Compare", "a < b <= 1", &["body", "0", "value"]),
    ("Call", "f(a, *b, c=1, **d)", &["body", "0", "value"]),
    ("Constant", "'text'", &["body", "0", "value"]),
    ("JoinedStr", "f'{a!r:>3} b'", &["body", "0", "value"]),
    ("Attribute", "a.b", &["body", "0", "value"]),
    ("Subscript", "a[1]", &["body", "0", "value"]),
    ("Name", "a", &["body", "0", "value"]),
    ("List", "[a, 1]", &["body", "0", "value"]),
    ("Tuple", "(a, 1)", &["body", "0", "value"]),
    ("Dict", "{'a': 1, **b}", &["body", "0", "value"]),
];
/// Whole modules, for whoever takes any node.
const MODULES: [&str; 6] = [
    "",
    "a = 1\n",
    "import a\nfrom b import c\n\ndef f(x, y=1):\n    '''Doc.'''\n    return x + y\n",
    "class A:\n    def f(self):\n        global g\n        g = self\n",
    "def f(y):\n    x: int\n    if (x := y):\n        return [z for z in x]\n",
    "try:\n    a()\nexcept (B, C) as e:\n    raise\nelse:\n    print(f'{e}')\n",
];

/// Values for a class of `ast`: a node of it, and modules.
pub(super) fn values(class: &str) -> Vec<Value> {
    let call = |callee: Symbol, args: Vec<Value>| Value::Call {
        callee,
        args,
        kwargs: Vec::new(),
    };
    let parsed = |source: &str| call(Symbol::new("ast", "parse"), vec![Value::Str(source.to_owned())]);
    let own = NODES
        .iter()
        .find(|(name, ..)| *name == class)
        .map(|(_, source, steps)| {
            steps.iter().fold(parsed(source), |node, step| match step.parse() {
                Ok(at) => call(Symbol::item(), vec![node, Value::Int(at)]),
                Err(_) => call(Symbol::attribute(*step), vec![node]),
            })
        });
    let mut values: Vec<Value> = own.into_iter().collect();
    let modules = if values.is_empty() { MODULES.len() } else { 2 };
    values.extend(MODULES.iter().rev().take(modules).map(|source| parsed(source)));
    values
}
