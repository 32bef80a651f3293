use super::*;
use model::Value;

/// Nothing that is inferred.
static NOTHING: std::sync::LazyLock<Subject> = std::sync::LazyLock::new(Subject::default);

fn target(name: &str) -> Target {
    Target {
        path: "a.py".to_owned(),
        module: "a".to_owned(),
        qualified_name: name.to_owned(),
        base_module: None,
        base_name: None,
        call: CallKind::Function,
    }
}

fn project(source: &str) -> Project {
    let source = source.to_owned();
    Project::new(["a.py".to_owned()], move |_: &str| Ok(source.clone().into_bytes()))
}

/// What is thought of an error on the last line of a function `f` with these parameters.
fn thought(parameters: &str, body: &str, class: &str, message: &str) -> Stumble {
    let source = format!("def f({parameters}):\n    {}\n", body.replace('\n', "\n    "));
    let project = project(&source);
    let promise = Promise::of(&project, &target("f"), &NOTHING).expect("f");
    promise.stumble("a.py", source.lines().count() as u32, class, message)
}

#[test]
fn a_name_that_is_not_bound_where_an_accident_is_handled_may_be_the_inputs_fault() {
    let body = |clause: &str| format!("try:\n    a, b = text.rsplit('.')\nexcept {clause}:\n    print(b)");
    let said = "cannot access local variable 'b' where it is not associated with a value";
    let of = |clause: &str| thought("text", &body(clause), "UnboundLocalError", said);
    assert_eq!(of("ValueError"), Stumble::Always);
    assert_eq!(of("(OSError, AttributeError)"), Stumble::Overlooked);
    assert_eq!(of("Exception"), Stumble::Overlooked);
}

#[test]
fn an_argument_that_may_be_left_out_by_agreement_of_several_classes_is_left_to_who_calls_them() {
    let class = |name: &str| format!("class {name}:\n    def go_on(self, parser=None):\n        return parser.line\n");
    let of = |classes: &[&str]| {
        let source: String = classes.iter().map(|name| class(name)).collect();
        let target = Target {
            call: CallKind::Method,
            ..target("A.go_on")
        };
        let project = project(&source);
        let promise = Promise::of(&project, &target, &NOTHING).expect("a method");
        promise.stumble("a.py", 3, "AttributeError", "'NoneType' object has no attribute 'line'")
    };
    assert_eq!(of(&["A", "B", "C"]), Stumble::Natural);
    assert_eq!(of(&["A"]), Stumble::Overlooked);
}

#[test]
fn what_a_caller_expects_is_natural_and_what_was_not_thought_of_is_not() {
    use Stumble::{Always, Natural, Overlooked};
    let (zero, index, key) = ("ZeroDivisionError", "IndexError", "KeyError");
    for (parameters, body, class, message, expected) in [
        ("a, b", "return a / b", zero, "", Natural),
        ("a, b", "return a // b.size", zero, "", Natural),
        ("xs", "return sum(xs) / len(xs)", zero, "", Overlooked),
        ("n, xs", "return n / len(xs)", zero, "", Natural),
        ("xs", "return sum(xs) / float(len(xs))", zero, "", Overlooked),
        ("xs", "return sum(xs) / (len(xs) - 1)", zero, "", Overlooked),
        ("p, q", "phi = (p - 1) * (q - 1)\nreturn 7 % phi", zero, "", Natural),
        ("text", "x = find(text)[0]", index, "", Natural),
        ("xs", "x = sorted(xs)[0]", index, "", Overlooked),
        ("text", "x = text.split(',')[1]", index, "", Overlooked),
        ("n, xs", "many = len(xs)\nreturn divmod(n, many)", zero, "", Natural),
        ("xs", "many = len(xs)\nreturn sum(xs) / many", zero, "", Overlooked),
        ("self, xs", "return self.total / len(xs)", zero, "", Overlooked),
        ("a, b", "b = b - 1\nreturn a % b", zero, "", Overlooked),
        ("xs", "return xs[0]", index, "", Natural),
        ("xs", "'''First.'''\nreturn xs.pop()", index, "", Natural),
        ("xs", "return xs[0].name", index, "", Natural),
        ("xs, places", "return [xs[at] for at in places]", index, "", Natural),
        (
            "xs",
            "return [xs[at + 1] for at in range(len(xs))]",
            index,
            "",
            Overlooked,
        ),
        ("text", "return text[0] + text", index, "", Natural),
        ("text", "return text[-1] + text", index, "", Natural),
        ("text", "return text[1] + text", index, "", Overlooked),
        (
            "xs, end",
            "at = len(xs)\nreturn at >= end or xs[at]",
            index,
            "",
            Natural,
        ),
        ("xs, end", "at = len(xs)\nreturn xs[at]", index, "", Overlooked),
        (
            "text",
            "text = text[0].upper() + text[1:]\nreturn text",
            index,
            "",
            Natural,
        ),
        (
            "text",
            "text = text.strip()\nreturn text[0].upper() + text",
            index,
            "",
            Overlooked,
        ),
        (
            "self, *args",
            "return super().pop(*args)",
            "TypeError",
            "pop expected at least 1 argument, got 0",
            Natural,
        ),
        (
            "self, text",
            "self.text = text\nif self.text[0]: pass",
            index,
            "",
            Natural,
        ),
        (
            "way",
            "if way == NEXT:\n    step = 1\nelif way in ('last', None):\n    step = -1\nreturn step",
            "UnboundLocalError",
            "cannot access local variable 'step' where it is not associated with a value",
            Natural,
        ),
        (
            "way",
            "if way == 0:\n    step = 1\nelif way > 0:\n    step = -1\nreturn step",
            "UnboundLocalError",
            "cannot access local variable 'step' where it is not associated with a value",
            Always,
        ),
        (
            "way: Way",
            "if way == Way.NEXT:\n    step = 1\nreturn step",
            "UnboundLocalError",
            "cannot access local variable 'step' where it is not associated with a value",
            Always,
        ),
        (
            "text: Reader",
            "if text.at('a'):\n    step = 1\nelif text.at('b'):\n    step = -1\nreturn step",
            "UnboundLocalError",
            "cannot access local variable 'step' where it is not associated with a value",
            Natural,
        ),
        (
            "text",
            "if text.strip():\n    step = 1\nreturn step",
            "UnboundLocalError",
            "cannot access local variable 'step' where it is not associated with a value",
            Always,
        ),
        ("x", "return long(x)", "NameError", "name 'long' is not defined", Always),
        (
            "x",
            "if PY2: x += 1\nreturn long(x)",
            "NameError",
            "name 'long' is not defined",
            Natural,
        ),
        (
            "dots",
            "bits = [0] * 8\nfor dot in dots: bits[8 - dot] = 1",
            index,
            "",
            Natural,
        ),
        (
            "node, texts",
            "for child in node.children[len(texts):]: texts.append(child.write(None))",
            "TypeError",
            "List.write() missing 1 required positional argument: 'text'",
            Natural,
        ),
        (
            "text",
            "reader = Reader(text)\nreturn reader.read()",
            "TypeError",
            "Reader.read() missing 1 required positional argument: 'size'",
            Always,
        ),
        ("names", "return [name[0] for name in names]", index, "", Natural),
        ("names", "return [name[1] for name in names]", index, "", Overlooked),
        (
            "self",
            "return self.left.right",
            "AttributeError",
            "'NoneType' object has no attribute 'right'",
            Natural,
        ),
        (
            "self",
            "child = self.left\nreturn child.right",
            "AttributeError",
            "'NoneType' object has no attribute 'right'",
            Natural,
        ),
        (
            "self, other",
            "return self.left.x(other.right)",
            "AttributeError",
            "'NoneType' object has no attribute 'right'",
            Overlooked,
        ),
        (
            "self",
            "return self.rows[0]",
            "TypeError",
            "'NoneType' object is not subscriptable",
            Natural,
        ),
        (
            "rows",
            "return rows[0]",
            "TypeError",
            "'NoneType' object is not subscriptable",
            Overlooked,
        ),
        (
            "kind, x",
            "return kind(seconds=float(x))",
            "TypeError",
            "float() takes no keyword arguments",
            Natural,
        ),
        ("xs, at", "x = xs[at]", index, "", Natural),
        ("xs, at", "i = at - 1\nx = xs[i]", index, "", Natural),
        ("xs, at", "i = len(xs) - 1\nx = xs[i]", index, "", Overlooked),
        ("xs", "x = xs", index, "", Natural),
        ("d, k", "x = d[k] + 1", key, "", Natural),
        ("word", "n = {}\nn[word] += 1", key, "", Always),
        ("word", "n = {'a': 1}\nreturn n[word]", key, "", Overlooked),
        ("x", "return y", "NameError", "name 'y' is not defined", Always),
        ("x", "return eval('y')", "NameError", "name 'y' is not defined", Always),
        ("x", "return eval(x)", "NameError", "name 'y' is not defined", Natural),
        (
            "x",
            "return g(x)",
            "TypeError",
            "g() missing 1 required positional argument: 'b'",
            Always,
        ),
        (
            "g, x",
            "return g(x)",
            "TypeError",
            "g() missing 1 required positional argument: 'b'",
            Natural,
        ),
        (
            "**x",
            "return g(**x)",
            "TypeError",
            "g() got an unexpected keyword argument 'b'",
            Natural,
        ),
        (
            "x",
            "return ord(x)",
            "TypeError",
            "ord() expected a character, but string of length 0 found",
            Natural,
        ),
        ("x", "raise KeyError(x)", key, "", Natural),
        (
            "x",
            "assert x.y",
            "AttributeError",
            "'NoneType' object has no attribute 'y'",
            Natural,
        ),
        (
            "x",
            "return x.y",
            "AttributeError",
            "'int' object has no attribute 'y'",
            Natural,
        ),
        (
            "x",
            "return x.y",
            "AttributeError",
            "'NoneType' object has no attribute 'y'",
            Overlooked,
        ),
        ("x", "return int(x)", "ValueError", "invalid literal", Natural),
        (
            "day",
            "return day.replace(year=day.year + 1)",
            "ValueError",
            "day is out of range for month",
            Overlooked,
        ),
        (
            "day",
            "return date(day.year, day.month + 1, 1)",
            "ValueError",
            "month must be in 1..12",
            Overlooked,
        ),
        (
            "year, month",
            "return date(year, month, 1)",
            "ValueError",
            "month must be in 1..12",
            Natural,
        ),
    ] {
        assert_eq!(
            thought(parameters, body, class, message),
            expected,
            "{parameters}: {body} {class}"
        );
    }
}

#[test]
fn a_name_that_is_imported_where_it_is_installed_may_be_missing() {
    let of = |guard: &str| {
        let source =
            format!("{guard}\n    from fast import y\nexcept ImportError:\n    pass\ndef f(x):\n    return y\n");
        let source = match guard {
            "try:" => source,
            _ => source.replace("except ImportError:\n    pass\n", ""),
        };
        let project = project(&source);
        let promise = Promise::of(&project, &target("f"), &NOTHING).expect("f");
        promise.stumble(
            "a.py",
            source.lines().count() as u32,
            "NameError",
            "name 'y' is not defined",
        )
    };
    assert_eq!(of("try:"), Stumble::Natural);
    assert_eq!(of("if TYPE_CHECKING:"), Stumble::Always);
}

#[test]
fn probes_are_of_what_is_declared() {
    let source = "\
from enum import Enum
class Size(Enum):
    S = 1
class Item:
    def __init__(self, weight: int): pass
class Other(Item): pass
def f(a: list[int], b: 'str | None' = None): pass
def g(a, b: int): pass
def h(size: Size): pass
def i(item: Item): pass
def j(other: Other): pass
def k(table: dict): pass
def m(letters: str = LETTERS, mark: str = '-', size: int = 9, title: str | None = None): pass
";
    let project = project(source);
    let probes = |name: &str| {
        Promise::of(&project, &target(name), &NOTHING)
            .expect("a function")
            .probes()
    };
    let lists = probes("f");
    let holds = |value: Value| {
        lists
            .iter()
            .any(|probe| probe.is_sure && probe.input.args == [value.clone()])
    };
    assert!(holds(Value::List(vec![])) && holds(Value::List(vec![Value::Int(1)])));
    assert!(
        lists
            .iter()
            .any(|probe| probe.input.kwargs == [("b".to_owned(), Value::None)])
    );
    assert!(lists.iter().any(|probe| probe.is_odd), "numbers below zero");
    // What replaces a table or a size that is there is chosen with care.
    let is_odd = |name: &str, value: Value| {
        let probes = probes("m");
        let of_it = |probe: &&Probe| probe.input.kwargs == [(name.to_owned(), value.clone())];
        probes.iter().find(of_it).map(|probe| probe.is_odd)
    };
    let text = |text: &str| Value::Str(text.to_owned());
    assert_eq!(is_odd("letters", text("")), Some(true));
    assert_eq!(is_odd("mark", text("")), Some(true));
    assert_eq!(
        (is_odd("size", Value::Int(0)), is_odd("size", Value::Int(1))),
        (Some(true), Some(false))
    );
    assert_eq!(
        (is_odd("title", text("")), is_odd("title", Value::None)),
        (Some(false), Some(false))
    );
    assert_eq!(probes("g"), [], "nothing is known of `a`");
    assert_eq!(probes("j"), [], "what it inherits may take anything");
    assert_eq!(probes("h").len(), 1);
    assert!(matches!(&probes("i")[0].input.args[0], Value::Call { kwargs, .. } if kwargs.len() == 1));
    let unsure = probes("k").into_iter().filter(|probe| !probe.is_sure).count();
    assert!(
        unsure > 0 && unsure < probes("k").len(),
        "an empty dictionary is one for certain"
    );
}

#[test]
fn pairs_are_known_by_their_names() {
    let source = "\
def encode(a): pass
def decode(a, b=1): pass
def hex_to_rgb(a): pass
def rgb_to_hex(a): pass
def dump_all(a, b): pass
def load_all(a): pass
def parse_row(a): pass
";
    let project = project(source);
    let pair = |name: &str| {
        let pair = Promise::of(&project, &target(name), &NOTHING)
            .expect("a function")
            .pair()?;
        Some(format!("{} {}", pair.there, pair.back))
    };
    assert_eq!(pair("encode").as_deref(), Some("encode decode"));
    assert_eq!(pair("decode").as_deref(), Some("encode decode"));
    assert_eq!(pair("rgb_to_hex").as_deref(), Some("rgb_to_hex hex_to_rgb"));
    assert_eq!(pair("load_all"), None, "the other one takes two things");
    assert_eq!(pair("parse_row"), None);
}

#[test]
fn methods_are_pairs_by_how_they_are_called() {
    let source = "\
class Codec:
    def encode(self, a): pass
    def decode(self, a): pass
    @staticmethod
    def pack(a): pass
    @classmethod
    def unpack(cls, a): pass
    def to_text(self): pass
    @classmethod
    def from_text(cls, a): pass
    @cached
    def dumps(self, a): pass
    def loads(self, a): pass
@dataclass
class Item:
    weight: int
    def to_dict(self): pass
    @classmethod
    def from_dict(cls, a): pass
";
    let project = project(source);
    let pair = |name: &str| {
        let pair = Promise::of(&project, &target(name), &NOTHING)
            .expect("a method")
            .pair()?;
        Some((pair.there, pair.back, pair.trip))
    };
    let some = |there: &str, back: &str, trip| Some((there.to_owned(), back.to_owned(), trip));
    assert_eq!(
        pair("Codec.encode"),
        some("Codec.encode", "Codec.decode", Trip::Through)
    );
    assert_eq!(pair("Codec.unpack"), some("Codec.pack", "Codec.unpack", Trip::Value));
    assert_eq!(
        pair("Codec.to_text"),
        None,
        "nothing says when two of them are the same"
    );
    assert_eq!(pair("Codec.loads"), None, "a decorator may change anything");
    assert_eq!(
        pair("Item.from_dict"),
        some("Item.to_dict", "Item.from_dict", Trip::Object)
    );
}

#[test]
fn what_is_not_annotated_is_known_otherwise() {
    let source = "\
def documented(a, b):
    '''Does it.

    Args:
        a (list of str): What.
        b (int): How.
    '''
def defaulted(a=3, b='x'): pass
def called(a): pass
called([1, 2])
called([])
def used(a):
    return sum(a) / len(a)
def open(a, b=None):
    return a
";
    let project = project(source);
    let said = |name: &str| {
        let subject = crate::python::shapes::subject(&project, &project, &target(name), &[]);
        let promise = Promise::of(&project, &target(name), &subject).expect("a function");
        (promise.parameters(), promise.probes().iter().any(|probe| probe.is_sure))
    };
    let known = |text: &str| (text.to_owned(), true);
    assert_eq!(said("documented"), known("`a: list[str], b: int` by its docstring"));
    assert_eq!(said("defaulted"), known("`a: int, b: str` by its default"));
    assert_eq!(said("called"), known("`a: list[int]` where it is called"));
    assert_eq!(said("used").0, "`a: list[int]` by how it is used");
    assert_eq!(said("open"), (String::new(), false));
}

#[test]
fn a_call_of_what_the_function_around_it_was_given_is_its_callers_matter() {
    let of = |callee: &str| {
        let source = format!(
            "def f(x):\n    return helper(x, x)\ndef register(a, b):\n    pass\ndef helper(block, a):\n    {callee}(a)\n"
        );
        let project = project(&source);
        let promise = Promise::of(&project, &target("f"), &NOTHING).expect("f");
        let message = "register() missing 1 required positional argument: 'b'";
        promise.stumble("a.py", 6, "TypeError", message)
    };
    assert_eq!(of("register"), Stumble::Always);
    assert_eq!(of("block.register"), Stumble::Natural);
}
