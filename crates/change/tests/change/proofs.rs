//! What needs no run, and what looks like it but does.

use crate::support::{between, edited, shown};

#[test]
fn renamed_locals_are_proved() {
    let old = "def f(a):\n    b = a + 1\n    return b\ndef g(a):\n    return f(a)\n";
    let change = edited(
        old,
        "def f(a):\n    c = a + 1\n    return c\ndef g(a):\n    return f(a)\n",
    );
    assert_eq!(shown(&change), ["f: renamed (proved)"]);
}

#[test]
fn closures_are_proved_together() {
    let old = "def f(a):\n    n = 1\n    def g():\n        return n\n    return g\n";
    assert_eq!(
        shown(&edited(
            old,
            &old.replace("n = 1", "m = 1").replace("return n", "return m")
        )),
        ["f: renamed (proved)", "f.<locals>.g: renamed (proved)"]
    );
}

#[test]
fn names_that_can_be_read_are_not_proved() {
    for old in [
        "def f(a):\n    b = a\n    print(locals())\n    return b\n",
        "def f(a):\n    b = a\n    return eval('b')\n",
        "import sys\ndef f(a):\n    b = a\n    return sys._getframe().f_locals, b\n",
        "import inspect\ndef f(a):\n    b = a\n    return b\ndef g(): return inspect.getsource(f)\n",
        "import numba\n@numba.jit\ndef f(a):\n    b = a\n    return b\n",
        "def f(a):\n    b = a\n    return b\nNAMES = f.__code__.co_varnames\n",
    ] {
        let new = old
            .replace("b = a", "c = a")
            .replace("return b", "return c")
            .replace(", b\n", ", c\n");
        let change = edited(old, &new);
        assert!(
            change.functions.iter().any(|f| f.qualified_name == "f") && change.functions.iter().all(|f| !f.proved_same),
            "{old}\n{:?}",
            shown(&change)
        );
    }
}

#[test]
fn reading_a_signature_is_no_reading_of_locals() {
    let old = "import inspect\ndef f(a):\n    b = inspect.signature(a)\n    return b\n";
    let new = old.replace("b = ", "c = ").replace("return b", "return c");
    assert_eq!(shown(&edited(old, &new)), ["f: renamed (proved)"]);
}

#[test]
fn a_frame_reader_in_reach_spoils_the_proof() {
    let spy = "import sys\ndef spy(): return sys._getframe(1).f_locals\n";
    let user = "from spy import spy\ndef f(a):\n    b = a\n    spy()\n    return b\n";
    let new = user.replace("b = a", "c = a").replace("return b", "return c");
    assert_eq!(
        shown(&between(
            &[("spy.py", spy), ("user.py", user)],
            &[("spy.py", spy), ("user.py", &new)]
        )),
        ["f: renamed"]
    );
}

#[test]
fn changed_dependencies_spoil_the_proof() {
    let old = "def help(x): return x\ndef f(a):\n    b = help(a)\n    return b\n";
    let new = "def help(x): return x + 1\ndef f(a):\n    c = help(a)\n    return c\n";
    assert_eq!(shown(&edited(old, new)), ["help: code", "f: renamed"]);
    let new = "def help(x): return x + 1\ndef f(a) -> int:\n    'Doc.'\n    b = help(a)\n    return b\n";
    assert_eq!(shown(&edited(old, new)), ["help: code", "f: annotations, docstring"]);
    let old = "RATE = 1\ndef f(a):\n    b = a * RATE\n    return b\n";
    let new = "RATE = 2\ndef f(a):\n    c = a * RATE\n    return c\n";
    assert_eq!(
        shown(&edited(old, new)),
        ["<module>: code", "f: uses cart.py::RATE, renamed"]
    );
    let old = "class A:\n    def size(self): return 1\ndef f(a):\n    b = a.size()\n    return b\n";
    let new = "class A:\n    def size(self): return 2\ndef f(a):\n    c = a.size()\n    return c\n";
    assert_eq!(shown(&edited(old, new)), ["A.size: code", "f: renamed"]);
}

#[test]
fn docstrings_and_annotations_that_nothing_reads_are_proved() {
    assert_eq!(
        shown(&edited(
            "def f(a):\n    'one'\n    return a\n",
            "def f(a):\n    'two'\n    return a\n"
        )),
        ["f: docstring (proved)"]
    );
    assert_eq!(
        shown(&edited("def f(a: int): return a\n", "def f(a: str): return a\n")),
        ["f: annotations (proved)"]
    );
    assert_eq!(
        shown(&edited("'one'\nx = 1\n", "'two'\nx = 1\n")),
        ["<module>: docstring (proved)"]
    );
    let lazy = "from __future__ import annotations\n";
    assert_eq!(
        shown(&edited(
            &format!("{lazy}def f(a: int): return a\n"),
            &format!("{lazy}def f(a: list[X]): return a\n")
        )),
        ["f: annotations (proved)"]
    );
    assert_eq!(
        shown(&edited(
            "class A:\n    'one'\n    x = 1\n",
            "class A:\n    'two'\n    x = 1\n"
        )),
        ["A: docstring (proved)"]
    );
}

#[test]
fn docstrings_and_annotations_that_something_can_read_are_not() {
    for (old, new) in [
        ("def f(a: int): return a\n", "def f(a: list[int]): return a\n"),
        (
            "@app.get\ndef f(a: int): return a\n",
            "@app.get\ndef f(a: str): return a\n",
        ),
        (
            "import typer\ndef f(a: int): return a\ntyper.run(f)\n",
            "import typer\ndef f(a: str): return a\ntyper.run(f)\n",
        ),
        (
            "from typing import get_type_hints\ndef f(a: int): return a\n",
            "from typing import get_type_hints\ndef f(a: str): return a\n",
        ),
        (
            "def f(a):\n    'one'\n    return f.__doc__\n",
            "def f(a):\n    'two'\n    return f.__doc__\n",
        ),
        (
            "@dataclass\nclass A:\n    x: int\n",
            "@dataclass\nclass A:\n    x: ClassVar[int]\n",
        ),
        ("class A(BaseModel):\n    x: int\n", "class A(BaseModel):\n    x: str\n"),
        (
            "class A(NamedTuple):\n    x: int\n",
            "class A(NamedTuple):\n    y: int\n",
        ),
        (
            "class A(Enum):\n    'one'\n    X = 1\n",
            "class A(Enum):\n    'two'\n    X = 1\n",
        ),
        (
            "@click.command()\ndef f():\n    'one'\n",
            "@click.command()\ndef f():\n    'two'\n",
        ),
    ] {
        let change = edited(old, new);
        assert!(
            !change.functions.is_empty() && change.functions.iter().all(|f| !f.proved_same),
            "{old}{:?}",
            shown(&change)
        );
    }
    let user = "from cart import f\nprint(f.__doc__)\n";
    let change = between(
        &[("cart.py", "def f():\n    'one'\n"), ("user.py", user)],
        &[("cart.py", "def f():\n    'two'\n"), ("user.py", user)],
    );
    assert_eq!(shown(&change), ["f: docstring"]);
}

#[test]
fn what_may_compile_to_the_same_is_offered() {
    let offered = |old: &str, new: &str| -> Vec<(String, String)> {
        let change = edited(old, new);
        let alone = |function: &model::FunctionChange| {
            Some((function.qualified_name.clone(), function.standalone.clone()?.head))
        };
        change.functions.iter().filter_map(alone).collect()
    };
    assert_eq!(
        offered(
            "class A:\n    class B:\n        @staticmethod\n        def f(a):\n            return a * (2 * 3)\n",
            "class A:\n    class B:\n        @staticmethod\n        def f(a):\n            return a * 6\n",
        ),
        [(
            "A.B.f".to_owned(),
            "class A:\n class B:\n        def f(a):\n            return a * 6\n".to_owned()
        )]
    );
    for (old, new) in [
        ("def f(a): return a.x * 2", "def f(a): return a.y * 2"),
        ("def f(a): return locals(), 2", "def f(a): return locals(), 3"),
        ("def f(a, b=1): return 2 * 3", "def f(a, b=2): return 6"),
        (
            "def g(): return 1\ndef f(a): return g() * (2 * 3)",
            "def g(): return 1 + g()\ndef f(a): return g() * 6",
        ),
    ] {
        assert_eq!(offered(old, new), [], "{old}");
    }
}
