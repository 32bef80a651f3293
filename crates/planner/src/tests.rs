//! Plans for small projects.

use std::collections::BTreeMap;
use std::sync::Arc;

use languages::python::Project;
use languages::python::syntax::Index;
use model::{Change, Check, FunctionChange, FunctionKind, Reason, Revision};

use super::plan;

pub(crate) fn index(files: &[(&str, &str)]) -> Index {
    let contents: BTreeMap<String, String> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let paths: Vec<String> = contents.keys().cloned().collect();
    Index::new(Arc::new(Project::new(paths, move |path| {
        Ok(contents[path].clone().into_bytes())
    })))
}

pub(crate) fn changed(path: &str, name: &str, kind: FunctionKind, reason: Reason) -> FunctionChange {
    FunctionChange {
        path: path.to_owned(),
        base_path: None,
        qualified_name: name.to_owned(),
        base_name: None,
        line: 1,
        end_line: 2,
        base_line: Some(1),
        base_end_line: Some(2),
        kind,
        reasons: vec![reason],
        proved_same: false,
        standalone: None,
        changed_lines: vec![2],
    }
}

pub(crate) fn change(functions: Vec<FunctionChange>) -> Change {
    let revision = || Revision {
        name: "x".to_owned(),
        tree: "x".to_owned(),
        commit: None,
    };
    Change {
        concerns: Vec::new(),
        base: revision(),
        head: revision(),
        files: Vec::new(),
        functions,
        unverified: Vec::new(),
        layout_only: Vec::new(),
    }
}

fn check(files: &[(&str, &str)], function: FunctionChange) -> Check {
    let index = index(files);
    plan(&change(vec![function]), &index, &index, 20.0).checks.remove(0)
}

/// `Call name <- through`.
fn ways(check: &Check) -> Vec<String> {
    let show = |way: &model::Way| {
        let through = way.through.iter().map(|name| format!(" <- {name}")).collect::<String>();
        format!(
            "{:?} {}.{}{through}",
            way.target.call, way.target.module, way.target.qualified_name
        )
    };
    check.ways.iter().map(show).collect()
}

#[test]
fn a_public_function_is_called_itself_then_by_callers() {
    let files = [
        ("shop/__init__.py", ""),
        (
            "shop/money.py",
            "def up(x):\n    return x\ndef price(x): return up(x)\n",
        ),
        (
            "shop/api.py",
            "from .money import price\ndef order(x): return price(x)\n",
        ),
    ];
    let check = check(
        &files,
        changed("shop/money.py", "up", FunctionKind::Function, Reason::Code),
    );
    assert_eq!(
        ways(&check),
        [
            "Function shop.money.up",
            "Function shop.money.price <- up",
            "Function shop.api.order <- price <- up"
        ]
    );
    assert!(check.weight > 1.0);
}

#[test]
fn private_nested_and_special_methods() {
    let files = [(
        "a.py",
        "class A:\n    def __init__(self): self._set(1)\n    def _set(self, x): self.x = x\n    def __secret(self): return 1\n    @property\n    def w(self): return 1\n    @w.setter\n    def w(self, v): self.v = v\n    def grow(self): self.w = 2\n    def __eq__(self, o): return True\ndef outer():\n    def inner(): return 1\n    return inner()\n",
    )];
    let of = |name: &str, kind| ways(&check(&files, changed("a.py", name, kind, Reason::Code)));
    assert_eq!(
        of("A._set", FunctionKind::Method),
        ["Method a.A._set", "Constructor a.A <- A._set"]
    );
    assert_eq!(of("A.__init__", FunctionKind::Method), ["Constructor a.A"]);
    assert_eq!(of("A.__secret", FunctionKind::Method), ["Method a.A._A__secret"]);
    assert_eq!(of("A.w", FunctionKind::Property)[0], "Property a.A.w");
    assert_eq!(
        of("A.w.setter", FunctionKind::Method),
        ["Setter a.A.w", "Method a.A.grow <- A.w.setter"]
    );
    assert_eq!(of("A.__eq__", FunctionKind::Method), ["Method a.A.__eq__"]);
    assert_eq!(
        of("outer.<locals>.inner", FunctionKind::Nested),
        ["Function a.outer <- outer.<locals>.inner"]
    );
}

#[test]
fn classes_and_modules() {
    let files = [(
        "a.py",
        "RATE = 1\nclass A(B):\n    LIMIT = 3\n    def f(self): return self.LIMIT\n    def g(self): return 1\ndef make(): return A()\n",
    )];
    let mut class = changed("a.py", "A", FunctionKind::Class, Reason::Code);
    class.changed_lines = vec![3];
    assert_eq!(
        ways(&check(&files, class)),
        [
            "Constructor a.A",
            "Method a.A.f <- A",
            "Method a.A.g <- A",
            "Function a.make <- A"
        ]
    );
    let module = changed("a.py", "<module>", FunctionKind::Module, Reason::Code);
    let user = changed(
        "a.py",
        "make",
        FunctionKind::Function,
        Reason::Dependency("a.py::RATE".to_owned()),
    );
    let index = index(&files);
    let plan = plan(&change(vec![module, user]), &index, &index, 20.0);
    let module = plan.checks.iter().find(|check| check.function == 0).unwrap();
    assert_eq!(ways(module), ["Module a.<module>", "Function a.make <- <module>"]);
}

#[test]
fn abstract_classes_run_through_their_heirs() {
    let files = [(
        "a.py",
        "from abc import ABC\nclass A(ABC):\n    def f(self): return 1\nclass D(A):\n    pass\nclass E(A):\n    def f(self): return 2\n",
    )];
    assert_eq!(
        ways(&check(
            &files,
            changed("a.py", "A.f", FunctionKind::Method, Reason::Code)
        )),
        ["Method a.A.f", "Method a.D.f <- A.f"]
    );
}

#[test]
fn registered_functions_run_through_their_generic() {
    let files = [(
        "a.py",
        "from functools import singledispatch\n@singledispatch\ndef area(x): return 0\n@area.register\ndef _(x: int): return x\n",
    )];
    assert_eq!(
        ways(&check(
            &files,
            changed("a.py", "_", FunctionKind::Function, Reason::Code)
        )),
        ["Function a.area <- _"]
    );
}

#[test]
fn removed_and_proved_ones_need_no_run() {
    let files = [("a.py", "def f(): return 1\n")];
    let removed = check(&files, changed("a.py", "g", FunctionKind::Function, Reason::Removed));
    assert!(removed.ways.is_empty() && removed.reason.contains("removed"));
    let mut proved = changed("a.py", "f", FunctionKind::Function, Reason::Renamed);
    proved.proved_same = true;
    let proved = check(&files, proved);
    assert!(proved.ways.is_empty() && proved.reason.starts_with("proved") && proved.weight == 0.0);
}

#[test]
fn targets_exist_in_both_versions_under_their_names_there() {
    let (base, head) = (
        index(&[("old.py", "class Cart:\n    def total(self): return 1\n")]),
        index(&[(
            "new.py",
            "class Basket:\n    def total(self): return 2\ndef user(b): return b.total()\n",
        )]),
    );
    let mut method = changed("new.py", "Basket.total", FunctionKind::Method, Reason::Code);
    method.base_path = Some("old.py".to_owned());
    method.base_name = Some("Cart.total".to_owned());
    let plan = plan(&change(vec![method]), &base, &head, 20.0);
    assert_eq!(
        ways(&plan.checks[0]),
        ["Method new.Basket.total"],
        "`user` is not in base"
    );
    let target = &plan.checks[0].ways[0].target;
    assert_eq!(
        (target.base_module.as_deref(), target.base_name.as_deref()),
        (Some("old"), Some("Cart.total"))
    );
}

#[test]
fn a_changed_kind_goes_through_callers() {
    let base = index(&[("a.py", "class A:\n    def f(self): return 1\ndef g(a): return A.f\n")]);
    let head = index(&[(
        "a.py",
        "class A:\n    @property\n    def f(self): return 1\ndef g(a): return A.f\n",
    )]);
    let plan = plan(
        &change(vec![changed("a.py", "A.f", FunctionKind::Property, Reason::Decorators)]),
        &base,
        &head,
        20.0,
    );
    assert_eq!(ways(&plan.checks[0]), ["Function a.g <- A.f"]);
}

#[test]
fn added_functions_need_no_base_and_the_riskiest_come_first() {
    let base = index(&[("a.py", "def f(): return 1\n")]);
    let head = index(&[("a.py", "def f(): return 2\ndef g(): return 1\n")]);
    let mut added = changed("a.py", "g", FunctionKind::Function, Reason::Added);
    added.base_line = None;
    let plan = plan(
        &change(vec![added, changed("a.py", "f", FunctionKind::Function, Reason::Code)]),
        &base,
        &head,
        20.0,
    );
    assert_eq!(
        plan.checks.iter().map(|check| check.function).collect::<Vec<_>>(),
        [1, 0]
    );
    assert_eq!(ways(&plan.checks[1]), ["Function a.g"]);
    assert!((plan.budget_seconds - 20.0).abs() < f64::EPSILON);
}

#[test]
fn what_drops_a_check_of_texts_comes_first() {
    let of = |guard: &str| {
        let text = format!("def show(name):\n    {guard}\n    return '<b>' + name + '</b>'\n");
        let base = index(&[("page.py", &text)]);
        let head = index(&[("page.py", "def show(name):\n    return '<b>' + name + '</b>'\n")]);
        let mut function = changed("page.py", "show", FunctionKind::Function, Reason::Code);
        function.base_end_line = Some(3);
        plan(&change(vec![function]), &base, &head, 20.0)
            .checks
            .remove(0)
            .weight
    };
    assert!(of("name = html.escape(name)") > of("name = str(name)"));
}
