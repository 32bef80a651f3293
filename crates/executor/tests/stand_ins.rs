//! What an example prints of an input does what the harness made of it: functions, iterators and shared objects above all.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use languages::python::print;
use languages::python::wire::encode;
use model::{CallKind, Input, Node, Symbol, Target, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// Reads `[frame, text, text, …]` from its standard input, builds each input twice, with the harness and from its text, and
/// tells where the two part.
const DRIVER: &str = r#"
import inspect, marshal, sys, types
from counterproof_harness import recipes

class Thing:
    def __init__(self, *parts):
        self.parts = parts

m = sys.modules["m"] = types.ModuleType("m")
m.Thing, m.args, m.kwargs, m.value, m.a = Thing, "the args", "the kwargs", "the value", "the a"

def told(value, deep=0, above=()):
    if id(value) in above:
        return "again, %d up" % (len(above) - above.index(id(value)))
    if deep > 4:
        return type(value).__name__
    def inside(part):
        return told(part, deep + 1, above + (id(value),))
    if isinstance(value, types.FunctionType):
        calls = [lambda: value(), lambda: value(1), lambda: value(1, [2]), lambda: value(x=3), lambda: value(value=4),
                 lambda: value(1, key=5)]
        return (value.__name__, str(inspect.signature(value)).replace("s_", "s"), shared(value(), value()), [tried(call, inside) for call in calls])
    if isinstance(value, Thing):
        return "Thing", [(name, inside(part)) for name, part in sorted(vars(value).items())]
    if isinstance(value, dict):
        return "dict", [(inside(key), inside(part)) for key, part in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [inside(part) for part in value]
    if hasattr(value, "__next__"):
        return type(value).__name__, [inside(part) for part in value]
    return type(value).__name__, repr(value)

def shared(one, other):
    """Whether two results have the same mutable object anywhere."""
    if isinstance(one, tuple):
        return any(map(shared, one, other))
    if isinstance(one, list) and one and one is not other:
        return any(map(shared, one, other))
    return isinstance(one, (list, dict, Thing)) and one is other

def tried(call, inside):
    try:
        return inside(call())
    except Exception as error:
        return type(error).__name__, str(error)

frame, *texts = marshal.loads(sys.stdin.buffer.read())
_run, calls = marshal.loads(frame)
assert len(calls) == len(texts) > 100
for call, text in zip(calls, texts):
    made = list(call[1]) if call[0] == 0 else recipes.make(call[1]).args
    given = []
    exec(text, {"keep": lambda *values: given.extend(values)})
    one, other = told(made), told(given)
    if one != other:
        sys.exit("%s\nharness: %s\nprinted: %s" % (text, one, other))
"#;

fn thing(args: Vec<Value>) -> Value {
    Value::Call {
        callee: Symbol::new("m", "Thing"),
        args,
        kwargs: vec![],
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::None),
        any::<i8>().prop_map(|number| Value::Int(number.into())),
        "[a-z']{0,3}".prop_map(Value::Str),
        Just(Value::Identity),
        (0u32..2).prop_map(Value::Node),
        prop::sample::select(vec!["args", "kwargs", "value", "a"])
            .prop_map(|name| Value::Symbol(Symbol::new("m", name))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let many = || prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            3 => inner.clone().prop_map(|value| Value::Returns(Box::new(value))),
            1 => many().prop_map(Value::List),
            1 => many().prop_map(Value::Tuple),
            1 => many().prop_map(Value::Iterator),
            1 => many().prop_map(thing),
            1 => inner.clone().prop_map(|value| Value::Dict(vec![(Value::Int(1), value)])),
        ]
    })
}

fn inputs() -> impl Strategy<Value = Input> {
    let links = prop::option::of(values()).prop_map(|link| link.map(|value| ("next".to_owned(), value)));
    (prop::collection::vec(values(), 1..3), prop::collection::vec(links, 2)).prop_map(|(args, links)| Input {
        args,
        nodes: links
            .into_iter()
            .map(|link| Node {
                make: thing(vec![]),
                links: link.into_iter().collect(),
            })
            .collect(),
        ..Input::default()
    })
}

/// A list of bytes, then texts, as `marshal` writes it.
fn list(frame: &[u8], texts: &[String]) -> Vec<u8> {
    let mut bytes = vec![b'['];
    let length = |length: usize| u32::try_from(length).expect("a short list").to_le_bytes();
    bytes.extend(length(texts.len() + 1));
    let parts = texts.iter().map(|text| (b'u', text.as_bytes()));
    for (tag, part) in std::iter::once((b's', frame)).chain(parts) {
        bytes.push(tag);
        bytes.extend(length(part.len()));
        bytes.extend(part);
    }
    bytes
}

#[test]
fn what_is_printed_does_what_the_harness_made() {
    let target = Target {
        path: "m.py".to_owned(),
        module: "builtins".to_owned(),
        qualified_name: "keep".to_owned(),
        base_module: None,
        base_name: None,
        call: CallKind::Function,
    };
    let mut runner = TestRunner::deterministic();
    let inputs: Vec<Input> = (0..600)
        .map(|_| inputs().new_tree(&mut runner).expect("an input").current())
        .collect();
    let texts: Vec<String> = inputs.iter().map(|input| print::call(&target, input).text()).collect();
    let harness = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../harnesses/python");
    let mut python = Command::new("python3")
        .args(["-B", "-c", DRIVER])
        .env("PYTHONPATH", harness)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut input = python.stdin.take().expect("its standard input");
    input
        .write_all(&list(&encode::run(&inputs), &texts))
        .expect("it reads all of it");
    drop(input);
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
