//! What a file defines.

use model::FunctionKind;

use super::super::Role;
use super::outline;

const SHOP: &str = r#"
"""Shop."""
from functools import cached_property
import os.path as p
RATE = 3
if RATE:
    def conditional(): return 1
else:
    def conditional(): return 2

class Cart(Base, metaclass=Meta):
    """A cart."""
    size: int = 3

    class Inner:
        def deep(self): return 1

    def __init__(self): self.items = []
    def total(self): return self._sum(RATE) + super().total()
    @property
    def width(self): return 1
    @width.setter
    def width(self, value): self.w = value
    @cached_property
    def height(self): return 2
    @staticmethod
    def make(): return Cart()
    @classmethod
    def of(cls, x): return cls(x)
    async def fetch(self): return await go()

def outer(a, *, b=RATE):
    def inner(x):
        yield x
    class Local:
        def method(self): return a
    return inner

try:
    def tried(): return 1
except ImportError:
    pass
"#;

#[test]
fn finds_every_sort_of_function() {
    let outline = outline(SHOP);
    let found: Vec<(&str, FunctionKind)> = outline
        .functions
        .iter()
        .map(|f| (f.qualified_name.as_str(), f.kind))
        .collect();
    assert_eq!(
        found,
        [
            ("conditional", FunctionKind::Function),
            ("conditional", FunctionKind::Function),
            ("Cart.Inner.deep", FunctionKind::Method),
            ("Cart.__init__", FunctionKind::Method),
            ("Cart.total", FunctionKind::Method),
            ("Cart.width", FunctionKind::Property),
            ("Cart.width.setter", FunctionKind::Method),
            ("Cart.height", FunctionKind::Property),
            ("Cart.make", FunctionKind::StaticMethod),
            ("Cart.of", FunctionKind::ClassMethod),
            ("Cart.fetch", FunctionKind::Method),
            ("outer", FunctionKind::Function),
            ("outer.<locals>.inner", FunctionKind::Nested),
            ("outer.<locals>.Local.method", FunctionKind::Nested),
            ("tried", FunctionKind::Function),
        ]
    );
    let function = |name: &str| outline.function(name).expect("known");
    assert_eq!(function("Cart.width.setter").role, Role::Setter);
    assert!(function("outer.<locals>.inner").is_generator && !function("outer").is_generator);
    assert!(function("Cart.fetch").is_async);
    assert_eq!(
        function("outer.<locals>.Local.method").outermost.as_deref(),
        Some("outer")
    );
    assert_eq!(function("Cart.total").class.as_deref(), Some("Cart"));
}

#[test]
fn finds_classes_statements_and_names() {
    let outline = outline(SHOP);
    let cart = outline.class("Cart").expect("known");
    assert_eq!(cart.bases, ["Base"]);
    assert!(cart.has_keywords);
    assert_eq!(cart.instance_attributes.iter().collect::<Vec<_>>(), ["items", "w"]);
    assert_eq!(outline.binding("RATE").count(), 1);
    let total = &outline.function("Cart.total").expect("known").uses;
    assert!(total.globals.contains("RATE") && total.own.contains("_sum") && total.inherited.contains("total"));
    assert!(outline.function("outer").expect("known").uses.globals.contains("RATE"));
    let imports: Vec<(&str, &str)> = outline
        .imports
        .iter()
        .map(|i| (i.binds.as_str(), i.module.as_str()))
        .collect();
    assert_eq!(imports, [("cached_property", "functools"), ("p", "os.path")]);
}

#[test]
fn separates_code_signature_annotations_docstring_and_decorators() {
    let of = |source: &str| {
        let mut outline = outline(source);
        outline.functions.remove(0)
    };
    let base = of("@d\ndef f(a: int = 1) -> str:\n  'doc'\n  return a");
    let code = of("@d\ndef f(a: int = 1) -> str:\n  'doc'\n  return a + 1");
    assert!(base.code != code.code && base.signature == code.signature && base.annotations == code.annotations);
    let annotated = of("@d\ndef f(a: float = 1) -> str:\n  'doc'\n  return a");
    assert!(
        base.code == annotated.code
            && base.signature == annotated.signature
            && base.annotations != annotated.annotations
    );
    let signature = of("@d\ndef f(a: int = 2) -> str:\n  'doc'\n  return a");
    assert!(
        base.code == signature.code
            && base.signature != signature.signature
            && base.annotations == signature.annotations
    );
    let documented = of("@d\ndef f(a: int = 1) -> str:\n  'other'\n  return a");
    assert!(base.code == documented.code && base.docstring != documented.docstring);
    let decorated = of("@e\ndef f(a: int = 1) -> str:\n  'doc'\n  return a");
    assert!(base.code == decorated.code && base.decorators != decorated.decorators);
}

#[test]
fn marks_what_looks_at_names_and_frames() {
    let marks = |source: &str| outline(source).functions[0].uses.markers;
    assert!(marks("def f():\n  return locals()").own_names);
    assert!(marks("import sys\ndef f():\n  return sys._getframe()").inspection);
    assert!(marks("from inspect import stack\ndef f():\n  return stack()").inspection);
    assert!(marks("import inspect\ndef f():\n  return inspect.stack()").inspection);
    assert!(marks("import inspect\ndef f(g):\n  return g(inspect)").inspection);
    for source in [
        "import inspect\ndef f(g):\n  return inspect.signature(g).parameters",
        "from inspect import signature as read\ndef f(g):\n  return read(g)",
    ] {
        let marks = marks(source);
        assert!(marks.annotations && !marks.inspection, "{source}");
    }
    assert!(marks("def f(x):\n  return getattr(x, y)").dynamic);
    assert!(!marks("def f(x):\n  return getattr(x, 'y')").dynamic);
    assert!(marks("def f():\n  return f.__doc__").docstrings);
    assert_eq!(marks("def f(x):\n  return x + 1"), super::super::Markers::default());
}
