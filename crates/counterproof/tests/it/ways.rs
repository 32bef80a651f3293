//! Functions that no plain call reaches: what runs them, and what is said where nothing does.

use crate::support::{self, Repository, function, status};

const BEFORE: &str = "\
from abc import ABC, abstractmethod


class Base:
    def __init__(self, n):
        self.n = n

    def size(self):
        return self.n


class Sub(Base):
    def own(self):
        return 1


class Shelf(ABC):
    def __init__(self, width):
        self.width = width

    @abstractmethod
    def raw(self):
        ...

    def room(self):
        return self.width - len(self.raw())


class Books(Shelf):
    def __init__(self, width, titles):
        super().__init__(width)
        self.titles = list(titles)

    def raw(self):
        return self.titles


class Cart:
    def __init__(self):
        self._days = 1

    @property
    def days(self):
        return self._days

    @days.setter
    def days(self, value):
        if value < 0:
            raise ValueError('negative')
        self._days = value


class Token:
    def __init__(self, secret=None):
        if secret != 'only here':
            raise TypeError('use TOKEN')

    def add(self, a, b):
        return a + b


TOKEN = Token('only here')


def splitter(separator):
    def split(text):
        return text.split(separator)
    return split


def user(n):
    return Base(n).size()
";

fn checked(after: &str) -> serde_json::Value {
    let repository = Repository::new(&[("shop.py", BEFORE)]);
    repository.write(&[("shop.py", after)]);
    repository.json(&["check"])
}

#[test]
fn an_override_is_compared_with_what_was_inherited() {
    let with = BEFORE.replace(
        "    def own(self):",
        "    def size(self):\n        return self.n + 100\n\n    def own(self):",
    );
    for (old, new) in [(BEFORE, with.as_str()), (with.as_str(), BEFORE)] {
        let repository = Repository::new(&[("shop.py", old)]);
        repository.write(&[("shop.py", new)]);
        let report = repository.json(&["check"]);
        assert_eq!(status(&report, "Sub.size"), "changed");
        let call = function(&report, "Sub.size")["findings"][0]["example"]["call"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(
            call.contains("Sub("),
            "the receiver is of the class that has it: {call}"
        );
    }
}

#[test]
fn a_method_that_no_ancestor_outside_the_tree_has_is_new() {
    let before = "class Box(dict):\n    def kept(self):\n        return 1\n\n\nclass Sealed(dict):\n    def __new__(cls):\n        raise RuntimeError('sealed')\n";
    let method = "\n    def __bool__(self):\n        return len(self) > 1\n";
    let after = before.replace("        return 1\n", &format!("        return 1\n{method}")) + method;
    let repository = Repository::new(&[("box.py", before)]);
    repository.write(&[("box.py", &after)]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "Box.__bool__"), "new", "{report}");
    // Where none can be made, neither: what base lacks is not the reason.
    let sealed = function(&report, "Sealed.__bool__");
    assert_eq!(sealed["status"], "not_verified");
    let reason = sealed["reason"].as_str().unwrap();
    assert!(reason.starts_with("new; "), "{reason}");
}

#[test]
fn a_method_of_an_abstract_class_is_called_on_a_subclass() {
    let report = checked(&BEFORE.replace("self.width - len(self.raw())", "self.width - len(self.raw()) - 1"));
    assert_eq!(status(&report, "Shelf.room"), "changed");
}

#[test]
fn a_setter_runs_by_assignment() {
    let report = checked(&BEFORE.replace("        self._days = value", "        self._days = value + 1"));
    assert_eq!(status(&report, "Cart.days.setter"), "changed");
    let example = &function(&report, "Cart.days.setter")["findings"][0]["example"];
    assert!(example["call"].as_str().unwrap().contains("days"), "{example}");
}

#[test]
fn a_class_whose_constructor_refuses_is_met_by_the_instance_at_hand() {
    let report = checked(&BEFORE.replace("return a + b", "return b + a"));
    assert_eq!(status(&report, "Token.add"), "changed");
}

#[test]
fn what_a_function_gives_is_called() {
    let report = checked(&BEFORE.replace("return text.split(separator)", "return text.rsplit(separator, 1)"));
    assert_eq!(status(&report, "splitter.<locals>.split"), "changed");
}

#[test]
fn a_caller_of_what_changed_is_not_proved() {
    let after = BEFORE
        .replace("def user(n):", "def user(n) -> int:")
        .replace("class Base:\n    def __init__(self, n):\n        self.n = n\n\n    def size(self):\n        return self.n\n", "class Base:\n    def __init__(self, n):\n        self.n = n\n\n    def size(self):\n        return self.n + 1\n");
    let report = checked(&after);
    assert_eq!(status(&report, "Base.size"), "changed");
    assert_eq!(
        status(&report, "user"),
        "changed",
        "its annotation differs alone, but it calls what changed"
    );
}

#[test]
fn a_package_that_asks_for_its_own_version_imports_without_being_installed() {
    let module = "from importlib.metadata import version\n\n__version__ = version('own-surely-not-installed')\n\n\ndef f(n):\n    return n + 1\n";
    let repository = Repository::new(&[
        (
            "pyproject.toml",
            "[project]\nname = 'Own.surely_not-installed'\nversion = '3.2'\n",
        ),
        ("own/__init__.py", module),
    ]);
    repository.write(&[("own/__init__.py", &module.replace("n + 1", "n + 2"))]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "f"), "changed");
    let notes = report["notes"].to_string();
    assert!(notes.contains("made up") && notes.contains("3.2"), "{notes}");
}

#[test]
fn what_told_one_function_apart_is_tried_on_the_others() {
    // `outer` holds the only word that tells; `inner` has none of its own.
    let before = "\
def inner(text):
    if len(text) == 11 and text[5] == '-':
        return text.upper()
    return text


def outer(text):
    if text == 'hello-world':
        return inner(text)
    return ''
";
    let repository = Repository::new(&[("a.py", before)]);
    repository.write(&[(
        "a.py",
        &before
            .replace("return text.upper()", "return text.title()")
            .replace("return ''", "return ' '.strip()"),
    )]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "outer"), "changed");
    assert_eq!(status(&report, "inner"), "changed");
}

#[test]
fn private_state_that_the_constructor_makes_otherwise_is_the_constructors() {
    let before = "class Counter:\n    def __init__(self, start: int):\n        self._start = start\n        self._n = start\n        self._log = []\n\n    def bump(self, by: int):\n        self._n += by\n        return self\n\n    def note(self, what: str):\n        self._log.append(what)\n        return len(what)\n";
    let after = before
        .replace("self._start = start", "self._start = (start, 1)")
        .replace("return len(what)", "size = len(what)\n        return size");
    let report = support::checked(before, &after);
    assert_eq!(status(&report, "Counter.__init__"), "changed", "{report:#}");
    let note = function(&report, "Counter.note");
    assert_eq!(note["status"], "same", "{report:#}");
    // What a function does to such state is its own all the same.
    let report = support::checked(
        before,
        &after
            .replace("self._n = start", "self._n = start + 1")
            .replace("+= by", "+= by * 2"),
    );
    assert_eq!(status(&report, "Counter.bump"), "changed", "{report:#}");
}

#[test]
fn a_changed_constant_inside_a_longer_expression_is_reached_with_it() {
    let before = "def _known(name):\n    return name in (\n        'left',\n        'right',\n    )\n\n\ndef side(name: str):\n    return name.upper() if _known('left') else name\n";
    let report = support::checked(
        before,
        &before.replace("        'right',\n", "        'right',\n        'top',\n"),
    );
    assert_eq!(status(&report, "_known"), "changed", "{report:#}");
    assert_eq!(status(&report, "side"), "same", "{report:#}");
}

#[test]
fn methods_are_called_before_the_one_that_counts() {
    let before = "\
class Table:
    def __init__(self, names=None):
        self.names = list(names or [])
        self._rows = []

    def add_row(self, row):
        if self.names and len(row) != len(self.names):
            raise ValueError('another number of columns')
        self._rows.append(list(row))

    def text(self, joint='|'):
        return '\\n'.join(joint.join(str(cell) for cell in row) for row in self._rows)
";
    let repository = Repository::new(&[("table.py", before)]);
    repository.write(&[("table.py", &before.replace("str(cell) for", "repr(cell) for"))]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "Table.text"), "changed", "{report:#}");
    let example = &function(&report, "Table.text")["findings"][0]["example"];
    assert!(example["setup"].to_string().contains(".add_row("), "{example:#}");
}

#[test]
fn what_documentation_shows_leads_to_what_nothing_else_shows() {
    // No literal of the code has a pattern that `compiled` takes.
    let before = "\
def compiled(pattern):
    head, _, rest = pattern.partition(chr(64))
    if len(head) != 5 or sum(map(ord, head)) != 531 or not rest:
        raise ValueError('no pattern')
    return [head, rest]


def matched(pattern, text):
    head, rest = compiled(pattern)
    return text.startswith(rest)
";
    let readme = "# Patterns\n\n```python\nfrom patterns import matched\n\nmatched('apple@b', 'bc')\n```\n";
    let files = [("patterns.py", before), ("README.md", readme)];
    let repository = Repository::new(&files);
    repository.write(&[(
        "patterns.py",
        &before.replace("text.startswith(rest)", "text.endswith(rest)"),
    )]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "matched"), "changed", "{report:#}");
}

#[test]
fn code_that_looks_at_types_is_given_types() {
    let before = "\
def described(cl):
    required = sorted(cl.__annotations__)
    return '%s: %s' % (cl.__name__, ', '.join(required))
";
    let repository = Repository::new(&[("types_of.py", before)]);
    repository.write(&[("types_of.py", &before.replace("', '.join", "','.join"))]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "described"), "changed", "{report:#}");
}

#[test]
fn an_annotation_is_not_lost_for_what_a_value_is_put_beside() {
    // `kept` holds anything, and `found` gives any of it back: nothing but its annotation says what `label` takes.
    let before = "\
from typing import Any


class Item:
    def __init__(self, value: Any, kind: str = 'plain') -> None:
        self.value = value
        self.kind = kind


def found(kept, name):
    item = kept.get(name)
    if callable(item):
        item = item()
    if isinstance(item, (list, tuple)):
        item = item[0]
    return label(item)


def label(item: Item) -> str:
    return '%s/%s' % (item.kind, item.value)
";
    let repository = Repository::new(&[("label.py", before)]);
    repository.write(&[("label.py", &before.replace("'%s/%s'", "'%s:%s'"))]);
    let report = repository.json(&["check"]);
    assert_eq!(status(&report, "label"), "changed", "{report:#}");
    let call = function(&report, "label")["findings"][0]["example"]["call"].to_string();
    assert!(call.contains("Item("), "{call}");
}

#[test]
fn a_module_whose_constants_stay_the_same_is_no_place_for_faults_of_its_functions() {
    let before = "LIMIT = 1 + 2\n\n\ndef below(n):\n    return n < LIMIT\n\n\ndef above(n):\n    if n > LIMIT:\n        return n - LIMIT\n    return 0\n";
    let repository = Repository::new(&[("limits.py", before)]);
    repository.write(&[("limits.py", &before.replace("1 + 2", "4 - 1"))]);
    let report = repository.json(&["check"]);
    assert_eq!(report["exit_code"].as_i64().unwrap_or(0), 0, "{report:#}");
    assert_eq!(status(&report, "<module>"), "same", "{report:#}");
}

#[test]
fn what_an_import_worked_out_is_tried() {
    let base = "CODES = {word[::-1]: len(word) for word in ('alphabetical', 'quarterly')}\nLIMIT = sum(number ** 3 for number in range(40))\n\n\n\
        def code(name):\n    return CODES[name] if name in CODES else 0\n\n\ndef over(n: int):\n    return n > LIMIT\n";
    let repository = Repository::new(&[("codes.py", base)]);
    let head = base
        .replace("return CODES[name] if", "return CODES[name] + 1 if")
        .replace("n > LIMIT", "n >= LIMIT");
    repository.write(&[("codes.py", &head)]);
    let report = repository.json(&["check", "--budget", "60s"]);
    assert_eq!(status(&report, "code"), "changed", "{report:#}");
    assert_eq!(status(&report, "over"), "changed", "{report:#}");
    assert_eq!(
        function(&report, "over")["findings"][0]["example"]["call"],
        "over(608400)"
    );
}

#[test]
fn what_a_function_gives_is_called_where_nobody_can_see_into_it() {
    let before = "\
import functools


def by(name, default=None):
    return lambda item: item.get(name, default) or 'x'


def compose(*functions):
    def one(f, g):
        return lambda x: f(g(x))
    return functools.reduce(one, functions)


class Route:
    def __init__(self, prefix):
        self.prefix = prefix

    def matcher(self, name):
        return lambda path: path.startswith(self.prefix + name)


def kept(text: str):
    return lambda other: other + text
";
    let after = before
        .replace("or 'x'", "or 'y'")
        .replace("one, functions)", "one, functions[::-1])")
        .replace("self.prefix + name", "self.prefix + '/' + name")
        .replace("lambda other: other + text", "lambda more: more + text");
    let report = support::checked(before, &after);
    for name in ["by", "compose", "Route.matcher"] {
        let told = &function(&report, name)["findings"][0]["example"]["call"];
        assert!(
            status(&report, name) == "changed" && told.as_str().is_some_and(|call| call.contains(")(")),
            "{name}: {report:#}"
        );
    }
    // Arguments that are guessed prove nothing.
    assert_eq!(status(&report, "kept"), "not_verified", "{report:#}");
}

#[test]
fn what_only_its_name_leads_to_runs_when_an_object_is_made() {
    let before = "\
import ast


class Checker:
    def __init__(self, tree: ast.Module):
        self.scopes = []
        self.found = []
        self.children(tree)

    def children(self, tree):
        for node in ast.iter_child_nodes(tree):
            self.handle(node)

    def handle(self, node):
        self.scopes.append(type(node).__name__)
        getattr(self, type(node).__name__.upper(), self.children)(node)
        self.scopes.pop()

    def GLOBAL(self, node):
        if not self.scopes:
            raise LookupError('no scope')
        self.found.append(len(self.scopes))

    IF = FOR = WHILE = CLASSDEF = FUNCTIONDEF = MODULE = children

    def NAME(self, node): pass
    def CALL(self, node): pass
    def EXPR(self, node): pass
    def RETURN(self, node): pass
    def IMPORT(self, node): pass
    def PASS(self, node): pass
";
    let report = support::checked(
        before,
        &before.replace("append(len(self.scopes))", "append(len(self.scopes) + 1)"),
    );
    assert_eq!(status(&report, "Checker.GLOBAL"), "changed", "{report:#}");
    let told = function(&report, "Checker.GLOBAL")["findings"][0]["example"]["call"].to_string();
    assert!(told.contains("Checker(parse("), "{told}");
}
