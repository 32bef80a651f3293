//! Inputs and requests as frames for the harness.

use model::{CallKind, Input, Value};

use super::marshal::Writer;

/// Writes one call of a `run` frame.
pub fn call(writer: &mut Writer, input: &Input) {
    if input.is_plain() {
        writer.tuple(3);
        writer.int(0);
        writer.tuple(input.args.len());
        for value in &input.args {
            plain(writer, value);
        }
        if input.kwargs.is_empty() {
            writer.none();
        } else {
            writer.dict();
            for (name, value) in &input.kwargs {
                writer.str(name);
                plain(writer, value);
            }
            writer.dict_end();
        }
        return;
    }
    made(writer, input, 1);
}

/// Writes a recipe of an input, for a call of this kind.
fn made(writer: &mut Writer, input: &Input, kind: i64) {
    writer.tuple(2);
    writer.int(kind);
    writer.dict();
    writer.str("receiver");
    match &input.receiver {
        Some(receiver) => recipe(writer, receiver),
        None => writer.none(),
    }
    writer.str("args");
    recipes(writer, &input.args);
    writer.str("kwargs");
    named(writer, &input.kwargs);
    writer.str("nodes");
    writer.list(input.nodes.len());
    for node in &input.nodes {
        writer.tuple(2);
        recipe(writer, &node.make);
        named(writer, &node.links);
    }
    if !input.world.is_empty() {
        writer.str("world");
        writer.list(input.world.len());
        for answer in &input.world {
            writer.tuple(2);
            writer.str(&answer.to.to_string());
            recipe(writer, &answer.value);
        }
    }
    writer.dict_end();
}

/// The payload of a `run` frame, or of a `watch` frame where an input carries marks.
pub fn run(inputs: &[Input]) -> Vec<u8> {
    run_within(inputs, None)
}

/// As [`run`], with no more than so many nodes of each observation.
pub fn run_within(inputs: &[Input], nodes: Option<u32>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.tuple(2 + usize::from(nodes.is_some()));
    writer.str(if inputs.iter().any(Input::is_marked) {
        "watch"
    } else {
        "run"
    });
    writer.list(inputs.len());
    for input in inputs {
        call(&mut writer, input);
    }
    if let Some(nodes) = nodes {
        writer.int(i64::from(nodes));
    }
    writer.bytes
}

/// The payload of a `run` frame that makes the inputs and calls nothing.
pub fn make(inputs: &[&Input]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.tuple(2);
    writer.str("run");
    writer.list(inputs.len());
    for input in inputs {
        made(&mut writer, input, 2);
    }
    writer.bytes
}

/// The payload of a `compile` frame: sources, each with the name of the function wanted of it.
pub fn compile(wanted: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.tuple(2);
    writer.str("compile");
    writer.list(wanted.len());
    for (source, name) in wanted {
        writer.tuple(2);
        writer.str(source);
        writer.str(name);
    }
    writer.bytes
}

/// How a way of calling is named on the wire.
pub fn call_kind(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Function => "function",
        CallKind::Method => "method",
        CallKind::Property => "property",
        CallKind::Setter => "setter",
        CallKind::Returned => "returned",
        CallKind::Constructor => "constructor",
        CallKind::Docstring => "docstring",
        CallKind::Module => "module",
    }
}

fn plain(writer: &mut Writer, value: &Value) {
    match value {
        Value::None => writer.none(),
        Value::Ellipsis => writer.ellipsis(),
        Value::Bool(value) => writer.bool(*value),
        Value::Int(value) => writer.int(*value),
        Value::BigInt(value) => writer.big_int(value),
        Value::Float(value) => writer.float(*value),
        Value::Complex(real, imaginary) => writer.complex(*real, *imaginary),
        Value::Str(value) => writer.str(value),
        Value::Bytes(value) => writer.raw_bytes(value),
        Value::List(items) => plains(writer, items, Writer::list),
        Value::Tuple(items) => plains(writer, items, Writer::tuple),
        Value::Set(items) => plains(writer, items, Writer::set),
        Value::FrozenSet(items) => plains(writer, items, Writer::frozen_set),
        Value::Dict(pairs) => {
            writer.dict();
            for (key, value) in pairs {
                plain(writer, key);
                plain(writer, value);
            }
            writer.dict_end();
        }
        // `is_plain` was asked before; a recipe inside plain data cannot be written and must not be guessed.
        Value::Call { .. }
        | Value::Symbol(_)
        | Value::Node(_)
        | Value::Returns(_)
        | Value::Identity
        | Value::Iterator(_) => writer.ellipsis(),
    }
}

fn plains(writer: &mut Writer, items: &[Value], open: fn(&mut Writer, usize)) {
    open(writer, items.len());
    for item in items {
        plain(writer, item);
    }
}

fn recipe(writer: &mut Writer, value: &Value) {
    if value.is_plain() {
        writer.tuple(2);
        writer.str("v");
        plain(writer, value);
        return;
    }
    match value {
        Value::List(items) => tagged(writer, "l", items),
        Value::Tuple(items) => tagged(writer, "t", items),
        Value::Set(items) => tagged(writer, "s", items),
        Value::FrozenSet(items) => tagged(writer, "f", items),
        Value::Iterator(items) => tagged(writer, "it", items),
        Value::Dict(pairs) => {
            writer.tuple(2);
            writer.str("d");
            writer.list(pairs.len());
            for (key, value) in pairs {
                writer.tuple(2);
                recipe(writer, key);
                recipe(writer, value);
            }
        }
        Value::Call { callee, args, kwargs } => {
            writer.tuple(5);
            writer.str("c");
            writer.str(&callee.module);
            writer.str(&callee.name);
            recipes(writer, args);
            named(writer, kwargs);
        }
        Value::Symbol(symbol) => {
            writer.tuple(3);
            writer.str("g");
            writer.str(&symbol.module);
            writer.str(&symbol.name);
        }
        Value::Node(index) => {
            writer.tuple(2);
            writer.str("n");
            writer.int(i64::from(*index));
        }
        Value::Returns(value) => {
            writer.tuple(2);
            writer.str("r");
            recipe(writer, value);
        }
        Value::Identity => {
            writer.tuple(1);
            writer.str("i");
        }
        _ => unreachable!("scalars are plain"),
    }
}

/// A recipe as plain data: what is written of a value where recipes are written, to be handed to the harness as an argument.
pub fn as_data(value: &Value) -> Value {
    let text = |text: &str| Value::Str(text.to_owned());
    let all = |items: &[Value]| Value::List(items.iter().map(as_data).collect());
    let tagged = |tag: &str, items: &[Value]| Value::Tuple(vec![text(tag), all(items)]);
    if value.is_plain() {
        return Value::Tuple(vec![text("v"), value.clone()]);
    }
    match value {
        Value::List(items) => tagged("l", items),
        Value::Tuple(items) => tagged("t", items),
        Value::Set(items) => tagged("s", items),
        Value::FrozenSet(items) => tagged("f", items),
        Value::Iterator(items) => tagged("it", items),
        Value::Dict(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, value)| Value::Tuple(vec![as_data(key), as_data(value)]));
            Value::Tuple(vec![text("d"), Value::List(pairs.collect())])
        }
        Value::Call { callee, args, kwargs } => {
            let kwargs = kwargs
                .iter()
                .map(|(name, value)| Value::Tuple(vec![text(name), as_data(value)]));
            Value::Tuple(vec![
                text("c"),
                text(&callee.module),
                text(&callee.name),
                all(args),
                Value::List(kwargs.collect()),
            ])
        }
        Value::Symbol(symbol) => Value::Tuple(vec![text("g"), text(&symbol.module), text(&symbol.name)]),
        Value::Node(index) => Value::Tuple(vec![text("n"), Value::Int(i64::from(*index))]),
        Value::Returns(value) => Value::Tuple(vec![text("r"), as_data(value)]),
        _ => Value::Tuple(vec![text("i")]),
    }
}

fn tagged(writer: &mut Writer, tag: &str, items: &[Value]) {
    writer.tuple(2);
    writer.str(tag);
    recipes(writer, items);
}

fn recipes(writer: &mut Writer, items: &[Value]) {
    writer.list(items.len());
    for item in items {
        recipe(writer, item);
    }
}

fn named(writer: &mut Writer, items: &[(String, Value)]) {
    writer.list(items.len());
    for (name, value) in items {
        writer.tuple(2);
        writer.str(name);
        recipe(writer, value);
    }
}

#[cfg(test)]
mod tests {
    use model::Symbol;

    use super::*;

    #[test]
    fn a_recipe_is_the_same_as_data() {
        let call = Value::Call {
            callee: Symbol::new("m", "C.of"),
            args: vec![Value::Int(1), Value::Node(0)],
            kwargs: vec![("key".to_owned(), Value::Symbol(Symbol::new("m", "x")))],
        };
        let parts = || vec![Value::Str("a".to_owned()), call.clone()];
        for value in [
            Value::Int(3),
            Value::List(vec![Value::None]),
            Value::List(parts()),
            Value::Tuple(parts()),
            Value::Set(parts()),
            Value::FrozenSet(parts()),
            Value::Iterator(parts()),
            Value::Dict(vec![(Value::Int(1), call.clone())]),
            Value::Returns(Box::new(call.clone())),
            Value::Identity,
            call.clone(),
        ] {
            let (mut one, mut other) = (Writer::default(), Writer::default());
            recipe(&mut one, &value);
            plain(&mut other, &as_data(&value));
            assert_eq!(one.bytes, other.bytes, "{value:?}");
        }
    }
}
