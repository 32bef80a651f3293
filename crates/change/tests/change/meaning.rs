//! What differs in meaning.

use model::FunctionKind;

use crate::support::{between, edited, shown};

#[test]
fn layout_and_comments_are_no_change() {
    let old = "import os\n\n\ndef f(a, b):\n    \"\"\"Doc.\n\n    More.\n    \"\"\"\n    return {'a': a, \"b\": b}\n";
    let new = "import os\ndef f(\n    a,\n    b,\n):  # comment\n    \"\"\"Doc.\n\n      More.\n    \"\"\"\n    return {\n        \"a\": a,\n        \"b\": b,\n    }\n";
    let change = edited(old, new);
    assert_eq!(shown(&change), [] as [&str; 0]);
    assert_eq!(change.layout_only, ["cart.py"]);
    assert_eq!(change.files.len(), 1);
}

#[test]
fn functions_methods_properties_and_nested_ones() {
    let old = "
class Cart:
    def total(self): return 1
    @property
    def width(self): return 1
    @width.setter
    def width(self, value): self._w = value
    @staticmethod
    def make(): return 1
    async def go(self): return 1
    def gone(self): return 'a long enough body to be told from others', 1, 2
def outer():
    def inner(): return 1
    return inner
def gen():
    yield 1
def same(): return 1
";
    let new = "
class Cart:
    def total(self): return 2
    @property
    def width(self): return 2
    @width.setter
    def width(self, value): self._w = value + 1
    @staticmethod
    def make(): return 2
    async def go(self): return 2
    def fresh(self): return [something.else_ for entirely in different]
def outer():
    def inner(): return 2
    return inner
def gen():
    yield 2
def same(): return 1
";
    let change = edited(old, new);
    assert_eq!(
        shown(&change),
        [
            "Cart.total: code",
            "Cart.width: code",
            "Cart.width.setter: code",
            "Cart.make: code",
            "Cart.go: code",
            "Cart.fresh: added",
            "Cart.gone: removed",
            "outer: uses cart.py::outer.<locals>.inner",
            "outer.<locals>.inner: code",
            "gen: code",
        ]
    );
    let kind = |name: &str| change.functions.iter().find(|f| f.qualified_name == name).unwrap().kind;
    assert_eq!(kind("Cart.width"), FunctionKind::Property);
    assert_eq!(kind("outer.<locals>.inner"), FunctionKind::Nested);
    let total = &change.functions[0];
    assert_eq!(
        (total.line, total.base_line, total.changed_lines.as_slice()),
        (3, Some(3), &[3][..])
    );
}

#[test]
fn signatures_decorators_and_kinds() {
    let old = "def f(a, b=1): return a\n@one\ndef g(): return 1\nclass A:\n    def h(self): return 1\n";
    let new = "def f(a, b=2): return a\n@two\ndef g(): return 1\nclass A:\n    @property\n    def h(self): return 1\n";
    assert_eq!(
        shown(&edited(old, new)),
        ["f: signature", "g: decorators", "A.h: signature, decorators"]
    );
}

#[test]
fn class_bodies() {
    let old = "@dataclass\nclass A:\n    x: int = 1\n    y: int = 2\nclass B(Base):\n    LIMIT = 1\n    def f(self): return self.LIMIT\nclass C: pass\n";
    let new = "@dataclass\nclass A:\n    x: ClassVar[int] = 1\n    y: int = 2\nclass B(Other):\n    LIMIT = 2\n    def f(self): return self.LIMIT\nclass C:\n    def m(self): return 1\n";
    let change = edited(old, new);
    assert_eq!(
        shown(&change),
        [
            "A: annotations",
            "B: code, signature",
            "B.f: uses cart.py::B.LIMIT",
            "C.m: added"
        ]
    );
    assert_eq!(change.functions[0].changed_lines, [3]);
    assert_eq!(change.functions[1].kind, FunctionKind::Class);
}

#[test]
fn module_bodies() {
    let change = edited("import a\nimport b\nRATE = 1\n", "import a\nimport b\nRATE = 2\n");
    assert_eq!(shown(&change), ["<module>: code"]);
    assert_eq!(
        (change.functions[0].line, change.functions[0].changed_lines.as_slice()),
        (3, &[3][..])
    );
    assert_eq!(
        shown(&edited("import a\nimport b\n", "import b\nimport a\n")),
        ["<module>: moved"]
    );
    assert_eq!(
        shown(&edited("from a import b, c\nx = 1\n", "from a import b\nx = 1\n")),
        ["<module>: code"]
    );
    let script = edited(
        "x = 1\nif __name__ == '__main__':\n    print(1)\n",
        "x = 1\nif __name__ == '__main__':\n    print(2)\n",
    );
    assert_eq!(shown(&script), [] as [&str; 0]);
    assert!(
        script.unverified[0].reason.contains("__main__"),
        "{:?}",
        script.unverified
    );
}

#[test]
fn functions_under_conditions() {
    let old = "if A:\n    def f(): return 1\nelse:\n    def f(): return 2\n";
    let new = "if A:\n    def f(): return 1\nelse:\n    def f(): return 3\n";
    assert_eq!(shown(&edited(old, new)), ["f: code"]);
}

const LONG: &str = "    result = []\n    for item in items:\n        if item.price > 3:\n            result.append(item.price * 2)\n    return result\n";

#[test]
fn moved_and_renamed_functions() {
    let old = [
        ("a.py", format!("def double(items):\n{LONG}")),
        ("b.py", "def other(): return 1\n".to_owned()),
    ];
    let new = [
        ("a.py", "def rest(): return 1\n".to_owned()),
        ("b.py", format!("def other(): return 1\ndef double(items):\n{LONG}")),
    ];
    let view = |files: &'static [(&'static str, String); 2]| {
        files
            .iter()
            .map(|(path, text)| (*path, text.as_str()))
            .collect::<Vec<_>>()
    };
    let change = between(&view(Box::leak(Box::new(old))), &view(Box::leak(Box::new(new))));
    assert_eq!(shown(&change), ["rest: added", "double from a.py::double: moved"]);
    let renamed = edited(
        &format!("def double(items):\n{LONG}"),
        &format!("def twice(items):\n{}", LONG.replace("* 2", "* 3")),
    );
    assert_eq!(shown(&renamed), ["twice from cart.py::double: code, moved"]);
    assert_eq!(renamed.functions[0].changed_lines, [1, 5]);
}

#[test]
fn renamed_classes_keep_their_methods() {
    let body = "    def total(self): return 1\n    def weight(self): return 2\n    def size(self): return 3\n";
    let change = edited(
        &format!("class Cart(Base):\n{body}"),
        &format!("class Basket(Base):\n{}", body.replace("return 3", "return 4")),
    );
    assert_eq!(
        shown(&change),
        [
            "Basket from cart.py::Cart: moved",
            "Basket.size from cart.py::Cart.size: code"
        ]
    );
}

#[test]
fn renamed_files() {
    let text = format!("RATE = 1\ndef double(items):\n{LONG}");
    let change = between(
        &[("a.py", &text), ("user.py", "import a\ndef f(): return a.RATE\n")],
        &[("b.py", &text), ("user.py", "import a\ndef f(): return a.RATE\n")],
    );
    assert_eq!(shown(&change)[0], "<module> from a.py::<module>: moved");
    assert!(
        shown(&change).contains(&"<module>: uses a.py::<module>".to_owned()),
        "{:?}",
        shown(&change)
    );
}

#[test]
fn whole_files_added_and_removed() {
    let change = between(
        &[("old.py", "X = 1\ndef f(): return 'only in the old one', 1\n")],
        &[(
            "new.py",
            "Y = 1\nclass A(B):\n    def g(self): return [z for z in 'fresh']\n",
        )],
    );
    assert_eq!(
        shown(&change),
        [
            "<module>: added",
            "A: added",
            "A.g: added",
            "<module>: removed",
            "f: removed"
        ]
    );
}

#[test]
fn declarations_for_type_checkers_belong_to_their_function() {
    let old = "from typing import overload\n@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a): return a\n";
    assert_eq!(
        shown(&edited(old, &old.replace("a: int", "a: float"))),
        ["f: decorators"]
    );
    assert_eq!(shown(&edited(old, &old.replace("return a", "return 1"))), ["f: code"]);
}

#[test]
fn an_override_that_is_new_or_gone_is_a_change_of_what_the_class_had() {
    let plain = "class Base:\n    def __init__(self, n): self.n = n\n    def size(self): return self.n\nclass Sub(Base):\n    pass\nclass D(dict):\n    pass\n";
    let with = plain
        .replace(
            "(Base):\n    pass",
            "(Base):\n    def size(self): return self.n + 100\n    def own(self): return 1",
        )
        .replace(
            "(dict):\n    pass",
            "(dict):\n    def keys(self): return []\n    def other(self): return 1\n    def __str__(self): return ''",
        );
    let sorted = |old: &str, new: &str| {
        let mut all = shown(&edited(old, new));
        all.sort();
        all
    };
    assert_eq!(
        sorted(plain, &with),
        [
            "D.__str__: override",
            "D.keys: override",
            "D.other: added",
            "Sub.own: added",
            "Sub.size: override"
        ]
    );
    assert_eq!(
        sorted(&with, plain),
        [
            "D.__str__: override",
            "D.keys: override",
            "D.other: removed",
            "Sub.own: removed",
            "Sub.size: override"
        ]
    );
}
