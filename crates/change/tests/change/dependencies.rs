//! Unchanged functions that use something changed.

use crate::support::{between, edited, shown};

#[test]
fn users_of_constants_also_over_other_constants_and_files() {
    let user = "from money import DOUBLE\nimport money\ndef price(x): return x * DOUBLE\ndef rate(): return money.RATE\ndef none(): return 1\n";
    let money = |rate: u32| format!("RATE = {rate}\nDOUBLE = RATE * 2\ndef local(): return RATE\n");
    let change = between(
        &[("money.py", &money(1)), ("user.py", user)],
        &[("money.py", &money(2)), ("user.py", user)],
    );
    assert_eq!(
        shown(&change),
        [
            "<module>: code",
            "local: uses money.py::RATE",
            "price: uses money.py::DOUBLE",
            "rate: uses money.py::RATE"
        ]
    );
}

#[test]
fn tables_filled_by_statements() {
    let old = "TABLE = {}\nTABLE['a'] = 1\ndef look(x): return TABLE[x]\n";
    let change = edited(old, &old.replace("= 1", "= 2"));
    assert_eq!(shown(&change), ["<module>: code", "look: uses cart.py::TABLE"]);
}

#[test]
fn callers_of_private_helpers_but_not_of_public_ones() {
    let old =
        "def _help(x): return x\ndef public(x): return x\ndef one(x): return _help(x)\ndef two(x): return public(x)\n";
    let new = "def _help(x): return x + 1\ndef public(x): return x + 1\ndef one(x): return _help(x)\ndef two(x): return public(x)\n";
    assert_eq!(
        shown(&edited(old, new)),
        ["_help: code", "public: code", "one: uses cart.py::_help"]
    );
}

#[test]
fn callers_of_what_was_removed() {
    let old =
        "def helper(): return 'a body of its own', 1\nLIMIT = 3\ndef one(): return helper()\ndef two(): return LIMIT\n";
    let new = "def one(): return helper()\ndef two(): return LIMIT\n";
    assert_eq!(
        shown(&edited(old, new)),
        [
            "<module>: code",
            "one: uses cart.py::helper",
            "two: uses cart.py::LIMIT",
            "helper: removed"
        ]
        .map(String::from)
        .to_vec()
        .tap_sort(&edited(old, new))
    );
}

#[test]
fn changed_imports() {
    let old = "from a import x\ndef f(): return x()\ndef g(): return 1\n";
    assert_eq!(
        shown(&edited(old, &old.replace("from a", "from b"))),
        ["<module>: code", "f: uses cart.py::x"]
    );
}

#[test]
fn attributes_and_bases_of_classes() {
    let old = "class A:\n    LIMIT = 1\n    SIZE = 1\n    def f(self): return self.LIMIT\n    def g(self): return self.SIZE\nclass B(A):\n    def h(self): return self.LIMIT\ndef k(): return A.LIMIT\n";
    let change = edited(old, &old.replace("LIMIT = 1", "LIMIT = 2"));
    assert_eq!(
        shown(&change),
        [
            "A: code",
            "A.f: uses cart.py::A.LIMIT",
            "B.h: uses cart.py::A.LIMIT",
            "k: uses cart.py::A.LIMIT"
        ]
    );
}

#[test]
fn many_dependents_are_bounded_and_said() {
    let users: String = (0..300).map(|n| format!("def f{n}(): return RATE\n")).collect();
    let old = format!("RATE = 1\n{users}");
    let change = edited(&old, &old.replace("RATE = 1", "RATE = 2"));
    assert_eq!(change.functions.len(), 201);
}

/// Orders expectations as the change does: by file, then line.
trait TapSort {
    fn tap_sort(self, change: &counterproof_change::Change) -> Self;
}

impl TapSort for Vec<String> {
    fn tap_sort(mut self, change: &counterproof_change::Change) -> Self {
        let shown = shown(change);
        self.sort_by_key(|line| shown.iter().position(|other| other == line));
        self
    }
}
