//! Classes and types as values: what code that looks at types is called with.

use model::{Symbol, Value};
use search::Shape;

use super::concrete::Concrete;

/// What is asked of a class, or of a type as `typing` writes it, and of hardly anything else.
pub(super) const OF_CLASSES: [&str; 14] = [
    "__annotations__",
    "__args__",
    "__attrs_attrs__",
    "__bases__",
    "__dataclass_fields__",
    "__members__",
    "__mro__",
    "__optional_keys__",
    "__origin__",
    "__parameters__",
    "__required_keys__",
    "__subclasses__",
    "__supertype__",
    "__total__",
];

/// Any class or type: built-in ones, types of `typing`, and small classes of the kinds that have fields.
pub(super) fn shape(concrete: &mut Concrete<'_, '_, '_>) -> Shape {
    let plain = ["int", "str", "list", "dict", "float", "ValueError", "object"];
    let plain = plain.map(builtin).into();
    let mut options = vec![(1.0, plain), (0.8, with_fields()), (0.8, generics())];
    if concrete.knows_attrs {
        options.push((1.0, of_attrs()));
    }
    Shape::Union(
        options
            .into_iter()
            .map(|(weight, values)| (weight, concrete.subject.add(Shape::OneOf(values))))
            .collect(),
    )
}

fn builtin(name: &str) -> Value {
    Value::Symbol(Symbol::new("builtins", name))
}

fn text(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn call(module: &str, name: &str, args: Vec<Value>, kwargs: Vec<(&str, Value)>) -> Value {
    Value::Call {
        callee: Symbol::new(module, name),
        args,
        kwargs: kwargs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}

/// `typing.NAME[…]`.
fn of(name: &str, arguments: Vec<Value>) -> Value {
    let argument = match <[Value; 1]>::try_from(arguments) {
        Ok([only]) => only,
        Err(several) => Value::Tuple(several),
    };
    Value::Call {
        callee: Symbol::item(),
        args: vec![Value::Symbol(Symbol::new("typing", name)), argument],
        kwargs: Vec::new(),
    }
}

fn generics() -> Vec<Value> {
    let [int, str_, float] = ["int", "str", "float"].map(builtin);
    let typing = |name: &str| Value::Symbol(Symbol::new("typing", name));
    vec![
        of("Optional", vec![int.clone()]),
        of("List", vec![int.clone()]),
        of("Dict", vec![str_.clone(), int.clone()]),
        of("Union", vec![int.clone(), str_.clone()]),
        of("Tuple", vec![int.clone(), str_.clone()]),
        of("Tuple", vec![int.clone(), Value::Ellipsis]),
        of("Literal", vec![text("a"), text("b")]),
        of("Literal", vec![Value::Int(1)]),
        of("Set", vec![str_.clone()]),
        of("Sequence", vec![float]),
        of("Annotated", vec![int.clone(), text("note")]),
        of("Type", vec![int]),
        typing("Any"),
        typing("List"),
        call("typing", "NewType", vec![text("Name"), str_.clone()], Vec::new()),
        call("typing", "TypeVar", vec![text("T")], Vec::new()),
    ]
}

/// A dataclass with these fields: pairs of name and type, with a default or not.
fn dataclass(name: &str, fields: Vec<Value>) -> Value {
    call(
        "dataclasses",
        "make_dataclass",
        vec![text(name), Value::List(fields)],
        Vec::new(),
    )
}

fn field(name: &str, kind: &Value) -> Value {
    Value::Tuple(vec![text(name), kind.clone()])
}

/// A class of each kind that says which fields it has, made by the call that makes such classes.
fn with_fields() -> Vec<Value> {
    let [int, str_] = ["int", "str"].map(builtin);
    let named = |pairs: &[(&str, &Value)]| {
        Value::Dict(pairs.iter().map(|(name, kind)| (text(name), (*kind).clone())).collect())
    };
    let both = [("a", &int), ("b", &str_)];
    let fields: Vec<Value> = both.iter().map(|(name, kind)| field(name, kind)).collect();
    let optional = of("Optional", vec![int.clone()]);
    vec![
        dataclass("Point", fields.clone()),
        dataclass(
            "Entry",
            vec![
                field("a", &int),
                Value::Tuple(vec![text("b"), optional.clone(), Value::None]),
            ],
        ),
        call("typing", "TypedDict", vec![text("Record"), named(&both)], Vec::new()),
        call(
            "typing",
            "TypedDict",
            vec![text("Options"), named(&[("a-b", &int), ("c.d", &optional)])],
            vec![("total", Value::Bool(false))],
        ),
        call(
            "typing",
            "NamedTuple",
            vec![text("Pair"), Value::List(fields)],
            Vec::new(),
        ),
        call(
            "enum",
            "Enum",
            vec![text("Color"), Value::List(vec![text("RED"), text("BLUE")])],
            Vec::new(),
        ),
        call(
            "builtins",
            "type",
            vec![
                text("Plain"),
                Value::Tuple(vec![builtin("object")]),
                Value::Dict(vec![(text("x"), Value::Int(1))]),
            ],
            Vec::new(),
        ),
    ]
}

/// Classes of attrs, where the code uses it.
fn of_attrs() -> Vec<Value> {
    let field = |default: Option<Value>| {
        let kwargs = default.into_iter().map(|value| ("default", value)).collect();
        call("attr", "ib", Vec::new(), kwargs)
    };
    let class = |name: &str, pairs: Vec<(&str, Value)>| {
        let fields = Value::Dict(pairs.into_iter().map(|(name, value)| (text(name), value)).collect());
        call("attr", "make_class", vec![text(name), fields], Vec::new())
    };
    vec![
        class("A", vec![("a", field(None)), ("b", field(Some(Value::Int(0))))]),
        class("B", vec![("a", field(None))]),
        class("C", vec![("c", field(None)), ("_d", field(Some(Value::None)))]),
    ]
}

/// What asks an object for the fields of its class: functions and attributes.
const OF_FIELDS: [&str; 11] = [
    "__attrs_attrs__",
    "__dataclass_fields__",
    "__slots__",
    "_asdict",
    "_fields",
    "asdict",
    "astuple",
    "fields",
    "fields_dict",
    "is_dataclass",
    "has",
];

/// Whether a name is one by which objects are asked for the fields of their class.
pub(super) fn asks_for_fields(name: &str, knows_attrs: bool) -> bool {
    OF_FIELDS.contains(&name) && (knows_attrs || name != "has")
}

/// Objects of classes that say which fields they have: with and without any, hidden and not, nested.
pub(super) fn instances(knows_attrs: bool) -> Vec<Value> {
    let [int, str_] = ["int", "str"].map(builtin);
    let made = |class: Value, given: Vec<Value>| Value::Call {
        callee: Symbol::method("__call__"),
        args: std::iter::once(class).chain(given).collect(),
        kwargs: Vec::new(),
    };
    let hidden = call("dataclasses", "field", Vec::new(), vec![("repr", Value::Bool(false))]);
    let defaulted = call("dataclasses", "field", Vec::new(), vec![("default", Value::Int(0))]);
    let point = made(
        dataclass("Point", vec![field("a", &int), field("b", &str_)]),
        vec![Value::Int(1), text("x")],
    );
    let pair = call(
        "collections",
        "namedtuple",
        vec![text("Pair"), Value::List(vec![text("a"), text("b")])],
        Vec::new(),
    );
    let mut values = vec![
        point.clone(),
        made(dataclass("Empty", Vec::new()), Vec::new()),
        made(
            dataclass(
                "Secret",
                vec![field("a", &int), Value::Tuple(vec![text("b"), str_.clone(), hidden])],
            ),
            vec![Value::Int(1), text("x")],
        ),
        made(
            dataclass(
                "Nested",
                vec![
                    field("inner", &builtin("object")),
                    Value::Tuple(vec![text("n"), int, defaulted]),
                ],
            ),
            vec![point],
        ),
        made(pair, vec![Value::Int(1), Value::List(vec![Value::Int(2)])]),
    ];
    if knows_attrs {
        let [a, b, _] = <[Value; 3]>::try_from(of_attrs()).expect("three classes");
        values.push(made(a, vec![Value::Int(1)]));
        values.push(made(b, vec![Value::List(vec![text("x")])]));
    }
    values
}
