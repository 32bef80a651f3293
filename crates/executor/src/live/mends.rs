//! What a change mends of a function, as far as its source tells: where base stumbles over that, it is base that is wrong, not the
//! input.

use std::collections::{BTreeSet, HashSet};

use languages::python::wire::decode::Record;
use languages::python::{Project, absence, asked};
use model::{FunctionChange, Input, Outcome, Value};

/// What changed lines of head are for.
#[derive(Clone, Debug, Default)]
pub struct Mends {
    /// Whether they say what to do where there is no value.
    none: bool,
    /// Path of the function in base, and its lines that head has no more.
    gone: (String, BTreeSet<u32>),
    /// Classes that head's function asks values for, without the modules that have them.
    asked: BTreeSet<String>,
}

impl Mends {
    /// Of a change; `lines` are those of head that changed.
    pub fn of(function: &FunctionChange, base: &Project, head: &Project, lines: &BTreeSet<u32>) -> Self {
        let span = function.base_line.zip(function.base_end_line);
        let gone = span
            .map(|(first, last)| gone(function, base, head, first, last))
            .unwrap_or_default();
        Self {
            none: absence::is_handled(head, &function.path, lines),
            gone: (function.path_in_base().to_owned(), gone),
            asked: asked::classes(head, &function.path, function.line..=function.end_line),
        }
    }

    /// Whether base stumbles over a missing value that the input gives it, for which changed lines of head say what to do; or, on a
    /// line that head has no more, over a value of a class that the function asks for, or over one that is not the input's.
    pub fn is_mended(&self, input: &Input, base: &Record) -> bool {
        let Outcome::Raised(raised) = &base.observation.outcome else {
            return false;
        };
        let over_none =
            self.none && raised.message.contains("NoneType") && input.any(|value| matches!(value, Value::None));
        let is_taken = || given(input).any(|value| self.is_asked_for(value)) || is_over_others(&raised.message, input);
        over_none || self.stumbles_where_it_changed(base) && is_taken()
    }

    /// Whether base raised on a line of the function that head has no more.
    fn stumbles_where_it_changed(&self, base: &Record) -> bool {
        let (path, lines) = &self.gone;
        matches!(&base.observation.outcome, Outcome::Raised(raised)
            if raised.place.as_ref().is_some_and(|place| place.path == *path && lines.contains(&place.line)))
    }

    fn is_asked_for(&self, value: &Value) -> bool {
        class_of(value).is_some_and(|class| self.asked.contains(class))
    }
}

/// The name of the class of a value, as messages of errors have it; none where only running tells.
fn class_of(value: &Value) -> Option<&str> {
    Some(match value {
        Value::None => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::BigInt(_) => "int",
        Value::Float(_) => "float",
        Value::Complex(..) => "complex",
        Value::Str(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::List(_) => "list",
        Value::Tuple(_) => "tuple",
        Value::Set(_) => "set",
        Value::FrozenSet(_) => "frozenset",
        Value::Dict(_) => "dict",
        Value::Call { callee, .. } => callee.name.rsplit('.').next().unwrap_or(&callee.name),
        _ => return None,
    })
}

/// Whether a message is over values of classes of which the input holds none, so that it is not the input that is to blame:
/// `'set' object does not support item assignment` where no set was given.
fn is_over_others(message: &str, input: &Input) -> bool {
    // Every second part stands in quotation marks; what follows tells whether it is a class.
    let parts: Vec<&str> = message.split('\'').collect();
    let quoted = parts.iter().enumerate().filter(|(at, _)| at % 2 == 1);
    let is_class = |at: usize| {
        let (before, after) = (parts[at - 1], parts.get(at + 1).copied().unwrap_or_default());
        after.starts_with(" object") || before.ends_with(": ") || before.ends_with(" and ") || after == " and "
    };
    let named: Vec<&str> = quoted.filter(|(at, _)| is_class(*at)).map(|(_, name)| *name).collect();
    let holds = |name: &str| {
        input.any(|value| !matches!(value, Value::Node(_)) && class_of(value).is_none_or(|class| class == name))
    };
    !named.is_empty() && !named.iter().any(|name| holds(name))
}

/// What an input gives the function itself.
fn given(input: &Input) -> impl Iterator<Item = &Value> {
    let values = input.args.iter().chain(input.kwargs.iter().map(|(_, value)| value));
    values.map(|value| match value {
        Value::Node(at) => input.nodes.get(*at as usize).map_or(value, |node| &node.make),
        value => value,
    })
}

/// Lines of base's function that are not to be found in head's.
fn gone(function: &FunctionChange, base: &Project, head: &Project, first: u32, last: u32) -> BTreeSet<u32> {
    let (Ok(before), Ok(after)) = (base.parsed(function.path_in_base()), head.parsed(&function.path)) else {
        return BTreeSet::new();
    };
    let kept: HashSet<&str> = after
        .lines_between(function.line, function.end_line)
        .map(str::trim)
        .collect();
    let lines = (first..).zip(before.lines_between(first, last));
    lines
        .filter(|(_, line)| !kept.contains(line.trim()))
        .map(|(number, _)| number)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_is_over_is_the_inputs_or_is_not() {
        let input = |value: Value| Input {
            args: vec![value],
            ..Input::default()
        };
        let text = input(Value::Str("a".into()));
        for message in [
            "'set' object does not support item assignment",
            "unsupported operand type(s) for +: 'int' and 'NoneType'",
            "'NoneType' object has no attribute 'strip'",
        ] {
            assert!(is_over_others(message, &text), "{message}");
        }
        for message in [
            "'str' object does not support item assignment",
            "can only concatenate str (not \"int\") to str",
            "unsupported operand type(s) for +: 'int' and 'str'",
            "f() got an unexpected keyword argument 'set'",
        ] {
            assert!(!is_over_others(message, &text), "{message}");
        }
        // Of what only running tells, nobody knows the class.
        let given = input(Value::Symbol(model::Symbol::new("m", "THING")));
        assert!(!is_over_others("'set' object is not callable", &given));
        let nested = input(Value::List(vec![Value::Set(Vec::new())]));
        assert!(!is_over_others("'set' object is not callable", &nested));
    }
}
