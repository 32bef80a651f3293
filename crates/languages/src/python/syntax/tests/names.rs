//! Who defines and who uses a name.

use super::super::{Caller, Definition, DefinitionKind, Index};
use super::index;

const FILES: [(&str, &str); 7] = [
    (
        "shop/__init__.py",
        "from .cart import Cart\nfrom shop.money import round_up as up\n",
    ),
    (
        "shop/base.py",
        "class Base:\n    LIMIT = 3\n    def check(self): return self.weigh() < self.LIMIT\n    def weigh(self): return 0\n",
    ),
    (
        "shop/cart.py",
        "from . import money\nfrom .base import Base\nfrom .money import RATE, round_up\n\nclass Cart(Base):\n    def total(self): return round_up(self.weigh() * RATE)\n    def weigh(self): return super().weigh() + 1\n\ndef price(): return money.round_up(1)\n",
    ),
    (
        "shop/money.py",
        "RATE = 3\nDOUBLE = RATE * 2\ndef round_up(x): return x\ndef _hidden(): return DOUBLE\n",
    ),
    (
        "shop/api.py",
        "import shop.money\nfrom shop import Cart, up\nCART = Cart()\ndef order(): return up(2) + shop.money.RATE\ndef load(): return CART.total()\ndef loose(cart): return cart.total()\n",
    ),
    (
        "shop/star.py",
        "from .money import *\ndef starred(): return round_up(3)\n",
    ),
    (
        "shop/outer.py",
        "def outer(x):\n    def inner(y): return x + y\n    return inner(1)\n",
    ),
];

fn definition(path: &str, name: &str, kind: DefinitionKind) -> Definition {
    Definition {
        path: path.to_owned(),
        name: name.to_owned(),
        kind,
    }
}

fn callers(index: &Index, path: &str, name: &str, kind: DefinitionKind) -> Vec<String> {
    let show = |caller: Caller| format!("{}{}::{}", if caller.weak { "~" } else { "" }, caller.path, caller.name);
    index
        .callers(&definition(path, name, kind))
        .into_iter()
        .map(show)
        .collect()
}

#[test]
fn resolves_through_imports_reexports_and_bases() {
    let index = index(&FILES);
    let at = |path: &str, chain: &str| {
        index
            .resolve(path, chain)
            .map(|found| format!("{}::{}", found.path, found.name))
    };
    assert_eq!(
        at("shop/cart.py", "money.round_up").as_deref(),
        Some("shop/money.py::round_up")
    );
    assert_eq!(at("shop/api.py", "up").as_deref(), Some("shop/money.py::round_up"));
    assert_eq!(
        at("shop/api.py", "shop.money.RATE").as_deref(),
        Some("shop/money.py::RATE")
    );
    assert_eq!(
        at("shop/api.py", "Cart.weigh").as_deref(),
        Some("shop/cart.py::Cart.weigh")
    );
    assert_eq!(
        at("shop/api.py", "Cart.check").as_deref(),
        Some("shop/base.py::Base.check")
    );
    assert_eq!(
        at("shop/api.py", "Cart.LIMIT").as_deref(),
        Some("shop/base.py::Base.LIMIT")
    );
    assert_eq!(
        at("shop/api.py", "CART.total").as_deref(),
        Some("shop/cart.py::Cart.total")
    );
    assert_eq!(
        at("shop/star.py", "round_up").as_deref(),
        Some("shop/money.py::round_up")
    );
    assert_eq!(at("shop/api.py", "os.path"), None);
    assert!(index.derives_from("shop/cart.py", "Cart", "shop/base.py", "Base"));
    assert!(!index.derives_from("shop/base.py", "Base", "shop/cart.py", "Cart"));
}

#[test]
fn finds_users() {
    let index = index(&FILES);
    assert_eq!(
        callers(&index, "shop/money.py", "round_up", DefinitionKind::Function),
        [
            "shop/api.py::order",
            "shop/cart.py::Cart.total",
            "shop/cart.py::price",
            "shop/star.py::starred"
        ]
    );
    assert_eq!(
        callers(&index, "shop/money.py", "RATE", DefinitionKind::Variable),
        [
            "shop/api.py::order",
            "shop/cart.py::Cart.total",
            "shop/money.py::<module>"
        ]
    );
    assert_eq!(
        callers(&index, "shop/money.py", "DOUBLE", DefinitionKind::Variable),
        ["shop/money.py::_hidden"]
    );
    assert_eq!(
        callers(&index, "shop/cart.py", "Cart.weigh", DefinitionKind::Function),
        ["shop/base.py::Base.check", "shop/cart.py::Cart.total"],
        "self.weigh() of the base may reach the override"
    );
    assert_eq!(
        callers(&index, "shop/base.py", "Base.weigh", DefinitionKind::Function),
        ["shop/base.py::Base.check", "shop/cart.py::Cart.weigh"]
    );
    assert_eq!(
        callers(&index, "shop/base.py", "Base.LIMIT", DefinitionKind::Variable),
        ["shop/base.py::Base.check"]
    );
    assert_eq!(
        callers(&index, "shop/cart.py", "Cart.total", DefinitionKind::Function),
        ["shop/api.py::load", "~shop/api.py::loose"]
    );
    assert_eq!(
        callers(&index, "shop/cart.py", "Cart.__init__", DefinitionKind::Function),
        ["shop/api.py::<module>"]
    );
    assert_eq!(
        callers(
            &index,
            "shop/outer.py",
            "outer.<locals>.inner",
            DefinitionKind::Function
        ),
        ["shop/outer.py::outer"]
    );
}

#[test]
fn reaches_over_calls_and_constants() {
    let index = index(&FILES);
    let reach = index.reach("shop/api.py", "order");
    let names: Vec<String> = reach.definitions.iter().map(|found| found.name.clone()).collect();
    assert_eq!(names, ["RATE", "round_up"]);
    let reach = index.reach("shop/cart.py", "Cart.weigh");
    assert!(
        reach
            .definitions
            .contains(&definition("shop/base.py", "Base.weigh", DefinitionKind::Function))
    );
    assert!(reach.complete && !reach.inspection);
}

#[test]
fn circles_end() {
    let index = index(&[
        (
            "a.py",
            "from b import *\nfrom b import B\nclass A(B, A.x): pass\nx = A()\ndef f(): return x.y\n",
        ),
        ("b.py", "from a import *\nfrom a import A\nclass B(A, B.z): pass\n"),
    ]);
    assert_eq!(index.member("a.py", "A", "missing"), None);
    assert_eq!(index.resolve("a.py", "nothing.at.all"), None);
    assert_eq!(
        index.resolve("a.py", "A.x.y").map(|found| found.name).as_deref(),
        Some("A")
    );
    assert!(index.reach("a.py", "f").complete);
    assert!(!index.derives_from("a.py", "A", "a.py", "f"));
}
