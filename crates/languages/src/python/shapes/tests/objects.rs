//! How objects are made.

use super::*;

/// The names that a class of its own `__init__` is made from.
fn made_own(source: &str) -> Vec<String> {
    let subject = infer(source, "Order.f", CallKind::Method);
    let order = class(&subject, "Order");
    order
        .parameters
        .iter()
        .map(|parameter| parameter.name.clone())
        .collect()
}

#[test]
fn rows_are_made_from_the_columns_of_their_tables() {
    let made = |source: &str| {
        let subject = infer(source, "Order.f", CallKind::Method);
        let order = class(&subject, "Order");
        let shown =
            |parameter: &search::Parameter| format!("{}: {}", parameter.name, likeliest(&subject, parameter.shape));
        assert!(order.parameters.iter().all(|parameter| parameter.optional));
        order.parameters.iter().map(shown).collect::<Vec<_>>().join(", ")
    };
    let mapped = "import sqlalchemy as sa\nimport sqlalchemy.orm as so\nfrom typing import Optional\nclass Base(so.DeclarativeBase):\n    pass\n\
        class Order(Base):\n    __tablename__ = 'o'\n    id: so.Mapped[int] = so.mapped_column(primary_key=True)\n    \
        name: so.Mapped[Optional[str]]\n    price = sa.Column('p', sa.Numeric(10))\n    lines: so.Mapped[list['Line']] = so.relationship()\n    \
        def f(self):\n        return self.name\n";
    assert_eq!(made(mapped), "id: Int, name: Str, price: Decimal");
    let django = "from django.db import models\nclass Dated(models.Model):\n    day = models.DateField()\n    class Meta:\n        abstract = True\n\
        class Order(Dated):\n    open = models.BooleanField(default=True)\n    by = models.ForeignKey('User', models.CASCADE)\n    limit = 5\n    \
        def f(self):\n        return self.day\n";
    assert_eq!(made(django), "day: date, open: Bool");
    let own = "from django.db import models\nclass Order(models.Model):\n    name = models.TextField()\n    def __init__(self, text):\n        super().__init__(name=text.upper())\n    def f(self):\n        return self.name\n";
    assert_eq!(made_own(own), ["text"]);
    let forms = "from django import forms\nclass Order(forms.Form):\n    name = forms.CharField()\n    def f(self):\n        return self.name\n";
    assert_eq!(made(forms), "", "a form is made from data");
}

#[test]
fn the_receiver_is_of_the_class_that_the_target_names() {
    let text =
        "class Base:\n  def __init__(self, n): self.n = n\n  def size(self): return self.n\nclass Sub(Base):\n  pass\n";
    let subject = infer(text, "Sub.size", CallKind::Method);
    assert_eq!(likeliest(&subject, subject.receiver.unwrap()), "Sub");
}

#[test]
fn an_abstract_class_is_stood_for_by_its_subclasses() {
    let text = "from abc import ABC, abstractmethod\n\
        class Base(ABC):\n  @abstractmethod\n  def raw(self): ...\n  def size(self): return len(self.raw())\n\
        class Text(Base):\n  def __init__(self, text): self.text = text\n  def raw(self): return self.text\n\
        class Other(Base):\n  def raw(self): return ''\n  def size(self): return 0\n\
        def f(base: Base): return base.size()\n";
    let made = |name: &str, call: CallKind| -> Vec<String> {
        let subject = infer(text, name, call);
        subject.classes.iter().map(|class| class.make.name.clone()).collect()
    };
    assert!(made("Base.size", CallKind::Method).contains(&"Text".to_owned()));
    assert!(
        !made("Base.size", CallKind::Method).contains(&"Other".to_owned()),
        "it has another one"
    );
    assert!(made("f", CallKind::Function).contains(&"Other".to_owned()));
}

#[test]
fn a_class_that_asks_for_what_only_subclasses_have_is_stood_for_by_them() {
    let text = "class Base:\n  def __init__(self, n): self.n = n\n  def last(self): return self.n + self.width\n\
        class Wide(Base):\n  width = 8\n\
        class Tall(Base):\n  def last(self): return 0\n\
        class Whole:\n  def one(self): return 1\nclass More(Whole):\n  pass\n";
    let likely = |name: &str| {
        let subject = infer(text, name, CallKind::Method);
        likeliest(&subject, subject.receiver.unwrap())
    };
    assert_eq!(likely("Base.last"), "Wide");
    assert_eq!(likely("Whole.one"), "Whole");
}

#[test]
fn named_tuples_that_a_call_makes_are_made_from_their_fields() {
    let fields = |base: &str| {
        let text = format!(
            "import collections, typing\nfrom collections import namedtuple\nPair = namedtuple('Pair', ['a', 'other'])\nclass T({base}):\n  def f(self): return self.a + 1\n"
        );
        let subject = infer(&text, "T.f", CallKind::Method);
        let shown = |parameter: &search::Parameter| {
            let mark = if parameter.optional { "?" } else { "" };
            format!("{}{mark}: {}", parameter.name, likeliest(&subject, parameter.shape))
        };
        class(&subject, "T")
            .parameters
            .iter()
            .map(shown)
            .collect::<Vec<_>>()
            .join(", ")
    };
    assert_eq!(fields("namedtuple('T', 'a other')"), "a: Int, other: Any");
    assert_eq!(
        fields("collections.namedtuple('T', 'a, other', defaults=(0,))"),
        "a: Int, other?: Any"
    );
    assert_eq!(fields("Pair"), "a: Int, other: Any");
    assert_eq!(
        fields("typing.NamedTuple('T', [('a', int), ('other', str)])"),
        "a: Int, other: Str"
    );
}

#[test]
fn a_model_without_a_table_is_stood_for_by_one_with() {
    let text = "from django.db import models\n\
        class Dated(models.Model):\n  day = models.DateField()\n  class Meta:\n    abstract = True\n  def year(self): return self.day.year\n\
        class Order(Dated):\n  name = models.TextField()\n  class Meta:\n    ordering = ['day']\n";
    let subject = infer(text, "Dated.year", CallKind::Method);
    let made: Vec<_> = subject.classes.iter().map(|class| class.make.name.as_str()).collect();
    assert!(made.contains(&"Order"), "{made:?}");
}

#[test]
fn instances_that_a_module_holds_are_at_hand() {
    let text = "class Kind:\n  def __init__(self): raise TypeError('use T')\n  def f(self, x): return x\nT = Kind.__new__(Kind)\nS = Kind()\n";
    let subject = infer(text, "Kind.f", CallKind::Method);
    let held = subject.shapes.iter().any(
        |shape| matches!(shape, Shape::OneOf(values) if values.contains(&Value::Symbol(model::Symbol::new("m", "S")))),
    );
    assert!(held, "{:?}", subject.shapes);
}

#[test]
fn what_a_constructor_sets_up_for_itself_is_not_set_from_outside() {
    let node = |made: &str| {
        let text = format!(
            "class Node:\n  def __init__(self, value):\n    self.value = value\n    self._next = {made}\n  def last(self):\n    node = self\n    while node._next is not None:\n      node = node._next\n    return node.value\n"
        );
        let subject = infer(&text, "Node.last", CallKind::Method);
        subject.classes[0]
            .attributes
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(node("None"), ["_next"]);
    assert_eq!(node("Node(value - 1) if value else None"), Vec::<String>::new());
}

#[test]
fn what_has_a_written_default_may_be_missing() {
    let text = "class Block:\n  def __init__(self, items, name): self.items = items; self.name = name\n\
        def f(block: Block):\n  return len(block.items or []) + len(block.name)\n";
    let subject = infer(text, "f", CallKind::Function);
    let parameters = &class(&subject, "Block").parameters;
    assert!(allows(&subject, parameters[0].shape, &Shape::None));
    assert!(!allows(&subject, parameters[1].shape, &Shape::None));
}

#[test]
fn code_that_asks_for_fields_is_given_objects_that_have_them() {
    let given = |text: &str| format!("{:?}", infer(text, "f", CallKind::Function).shapes);
    assert!(given("import dataclasses\ndef f(x):\n  if dataclasses.is_dataclass(x):\n    return [n.name for n in dataclasses.fields(x)]\n").contains("make_dataclass"));
    assert!(
        given("def f(x):\n  return g(x)\ndef g(y):\n  return getattr(y, '_asdict')()\n").contains("make_dataclass")
    );
    assert!(!given("def f(x):\n  return x.fields\n").contains("make_dataclass"));
    assert!(!given("def f(x: int):\n  return fields(x)\n").contains("make_dataclass"));
}

#[test]
fn special_methods_that_change_their_object_are_steps() {
    let text = "class Convert:\n  def __init__(self): self.base = None\n  def __call__(self, text):\n    self.base = self.base or len(text)\n    return int(text, self.base)\n  def __len__(self):\n    self.seen = 1\n    return 1\n";
    let subject = infer(text, "Convert.__call__", CallKind::Method);
    let steps: Vec<&str> = subject.methods.iter().map(|method| method.name.as_str()).collect();
    assert_eq!(steps, ["__call__"]);
}

#[test]
fn syntax_trees_come_from_source() {
    let text = "import ast\ndef f(node: ast.Name): return node.id\ndef g(node):\n  if isinstance(node, ast.Call):\n    return node.func\n";
    for (name, source) in [("f", "a"), ("g", "f(a, *b, c=1, **d)")] {
        let subject = infer(text, name, CallKind::Function);
        let values = subject.shapes.iter().filter_map(|shape| match shape {
            Shape::OneOf(values) => Some(values),
            _ => None,
        });
        let texts: Vec<String> = values.flatten().map(|value| format!("{value:?}")).collect();
        assert!(
            texts.iter().any(|text| text.contains(&format!("{source:?}"))),
            "{name}: {texts:?}"
        );
    }
}

#[test]
fn a_visitors_methods_are_given_what_they_are_named_after() {
    let text = "import ast\nclass Sum:\n  def __init__(self, args): self.args = args\nclass Walk(ast.NodeVisitor):\n  def visit_BinOp(self, node): return node.op\n\
        class Print:\n  def _print_Sum(self, expr): return [len(arg) for arg in expr.args]\n  def visit_BinOp(self, node): return node.op\n";
    let given = |name: &str| {
        let subject = infer(text, name, CallKind::Method);
        format!(
            "{} {:?}",
            likeliest(&subject, subject.parameters[0].shape),
            subject.shapes
        )
    };
    assert!(given("Walk.visit_BinOp").contains("a + 1"));
    assert!(given("Print._print_Sum").starts_with("Sum "));
    assert!(
        !given("Print.visit_BinOp").contains("a + 1"),
        "it visits no syntax trees"
    );
}

#[test]
fn objects_are_compared_with_their_like() {
    let subject = infer(
        "class Name:\n    def __init__(self, text): self.text = text.lower()\n    def __eq__(self, other):\n        return str(self) == str(other)\n",
        "Name.__eq__",
        CallKind::Method,
    );
    let Shape::Union(options) = subject.shape(subject.parameters[0].shape) else {
        panic!("a union")
    };
    let is_object = |(_, option): &(f64, ShapeId)| matches!(subject.shape(*option), Shape::Object(_));
    assert!(options.iter().any(is_object));
}

#[test]
fn what_asks_for_its_own_class_gets_an_instance_of_a_subclass() {
    let text = "class Part:\n    def __init__(self, up, down=1): self.up, self.down = up, down\n    def copy(self):\n        return self if type(self) == Part else self.__class__(self.up)\n    def half(self): return self.up // 2\n";
    let makes_one = |name: &str| {
        let subject = infer(text, name, CallKind::Method);
        subject
            .shapes
            .iter()
            .any(|shape| matches!(shape, Shape::Make { callee, args } if callee.name == "__call__" && args.len() == 3))
    };
    assert!(makes_one("Part.copy") && !makes_one("Part.half"));
}

#[test]
fn readers_get_what_their_writers_give() {
    let text = "import io\nclass Point:\n    def __init__(self, x): self.x = x\n    def __str__(self): return str(self.x)\n    def to_dict(self): return {'x': self.x}\n    \
        @classmethod\n    def from_dict(cls, data): return cls(data['x'])\n    @classmethod\n    def parse(cls, text): return cls(int(text))\n\
        def dumps(value, *, width=1): return str(value).ljust(width)\n\
        def loads(text): return text.strip()\ndef load(file): return loads(file.read())\ndef write(text): print(text)\ndef read(text): return text\n";
    let shapes = |name: &str| {
        let subject = infer(text, name, CallKind::Function);
        let makers = subject.classes.iter().map(|class| class.make.name.clone());
        let made = subject.shapes.iter().filter_map(|shape| match shape {
            Shape::Make { callee, .. } => Some(callee.name.clone()),
            _ => None,
        });
        makers.chain(made).collect::<Vec<_>>()
    };
    assert!(shapes("loads").contains(&"dumps".to_owned()));
    assert!(shapes("load").contains(&"dumps".to_owned()) && shapes("load").contains(&"StringIO".to_owned()));
    assert!(shapes("Point.from_dict").contains(&"to_dict".to_owned()));
    assert!(shapes("Point.parse").contains(&"str".to_owned()));
    assert!(shapes("read").is_empty(), "what writes gives nothing");
}

#[test]
fn a_receiver_is_of_its_class_whatever_else_that_was_taken_for() {
    let text = "from typing import Protocol\nclass Named(Protocol):\n  name: str\nclass Item:\n  def __init__(self, name): self.name = name\n  def shown(self): return show(self)\n\
        class Kept(Named):\n  def __init__(self, name): self.name = name\n  def shown(self): return show(self)\ndef show(x: Named): return x.name.strip()\n";
    for name in ["Item", "Kept"] {
        let subject = infer(text, &format!("{name}.shown"), CallKind::Method);
        let receiver = likeliest(&subject, subject.receiver.expect("a method"));
        assert_eq!(receiver, name);
        let Shape::Object(_) = subject.shape(subject.receiver.expect("a method")) else {
            panic!(
                "more than {name}: {:?}",
                subject.shape(subject.receiver.expect("a method"))
            );
        };
    }
}

#[test]
fn objects_are_told_by_what_is_asked_of_them_wherever_their_class_stands() {
    let program =
        "import p\ndef f(sheet):\n  return [row[0] for row in sheet.packed(dicts=False)] or sheet.separators\n";
    let core = "class Sheet:\n  def __init__(self):\n    self.rows = []\n    self.separators = []\n  def append(self, row): self.rows.append(row)\n  def packed(self, dicts): return self.rows\n";
    let files = [
        ("formats/m.py", program),
        ("p/__init__.py", ""),
        ("p/core.py", core),
        ("tests/sheet.py", core),
    ];
    let (base, head) = (project(&files), project(&files));
    let target = Target {
        path: "formats/m.py".to_owned(),
        module: "formats.m".to_owned(),
        ..target("f", CallKind::Function)
    };
    let subject = super::subject(&base, &head, &target, &[]);
    assert_eq!(likeliest(&subject, subject.parameters[0].shape), "Sheet");
    assert!(
        subject.methods.iter().any(|method| method.name == "append"),
        "{:?}",
        subject.methods
    );
}

#[test]
fn what_changed_methods_are_named_after_stands_in_all_contexts() {
    let handlers: String = ["IF", "FOR", "WHILE", "NAME", "CALL", "RETURN"]
        .map(|name| format!("  def {name}(self, node): return node\n"))
        .concat();
    let text = format!(
        "import ast\nclass Checker:\n  def __init__(self, tree: ast.AST): self.run(tree)\n  def run(self, tree): return getattr(self, type(tree).__name__.upper())(tree)\n{handlers}  def GLOBAL(self, node): return node.names\n"
    );
    let (base, head) = (project(&[("m.py", &text)]), project(&[("m.py", &text)]));
    let shapes = |line: u32| {
        let target = target("Checker", CallKind::Constructor);
        format!(
            "{:?}",
            super::subject(&base, &head, &target, &[("m.py".to_owned(), vec![line])]).shapes
        )
    };
    let nested = "class A:\\n        global a\\n        a = 1";
    assert!(shapes(11).contains(nested) && !shapes(4).contains(nested));
}
