//! Observations as text, in full: for the story of one finding, where a line is not enough.

use model::{Effect, Names, Observation, Observed, Outcome, Raised};
use std::fmt::Write;

/// How a call ended.
pub(crate) fn outcome(observation: &Observation, names: &Names) -> String {
    match &observation.outcome {
        Outcome::Returned(Observed::Again(id)) if names.contains_key(id) => format!("returns {}", names[id]),
        Outcome::Returned(value) => format!("returns {}", text(value, names)),
        Outcome::Raised(raised) => raised_text(raised),
        Outcome::TimedOut => "does not end before its deadline".to_owned(),
        Outcome::Refused => "tries an effect that the sandbox refuses; what was seen ends there".to_owned(),
        Outcome::Died(how) => format!("ends the interpreter: {how}"),
        Outcome::NotMade(why) => format!("could not be called: {why}"),
        Outcome::Garbled(why) => format!("gave no usable answer: {why}"),
    }
}

fn raised_text(raised: &Raised) -> String {
    let mut text = format!("raises {}", raised.class);
    if !raised.message.is_empty() {
        let _ = write!(text, ": {}", raised.message);
    }
    match &raised.place {
        Some(place) => {
            let _ = write!(text, "\nraised at {}:{}", place.path, place.line);
        }
        None if raised.depth == 0 => text.push_str("\nraised before the first line of the function"),
        None => {}
    }
    text
}

/// Effects, one on a line.
pub(crate) fn effects(effects: &[Effect]) -> String {
    let line = |effect: &Effect| {
        let refused = if effect.refused {
            " (refused by the sandbox)"
        } else {
            ""
        };
        format!("{} {}{refused}", effect.kind, effect.detail)
    };
    if effects.is_empty() {
        "none".to_owned()
    } else {
        effects.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A value in the words of Python where it has them, and in `names` for the objects of the call.
pub(crate) fn text(value: &Observed, names: &Names) -> String {
    let mut out = String::new();
    write_value(&mut out, value, names);
    out
}

fn write_value(out: &mut String, value: &Observed, names: &Names) {
    match value {
        Observed::None => out.push_str("None"),
        Observed::Ellipsis => out.push_str("..."),
        Observed::Bool(value) => out.push_str(if *value { "True" } else { "False" }),
        Observed::Int(value) => push(out, value),
        Observed::BigInt(value) => push(out, value),
        Observed::Float(value) => out.push_str(&float(*value)),
        Observed::Complex(real, imaginary) => {
            push(out, format_args!("complex({}, {})", float(*real), float(*imaginary)))
        }
        Observed::Str(value) => out.push_str(&quoted(value)),
        Observed::BrokenStr(bytes) => push(
            out,
            format_args!("{}.decode('utf-8', 'surrogatepass')", quoted_bytes(bytes)),
        ),
        Observed::Bytes(value) => out.push_str(&quoted_bytes(value)),
        Observed::List(items) => sequence(out, "[", items, "]", names),
        Observed::Tuple(items) if items.len() == 1 => sequence(out, "(", items, ",)", names),
        Observed::Tuple(items) => sequence(out, "(", items, ")", names),
        Observed::Set(items) if items.is_empty() => out.push_str("set()"),
        Observed::Set(items) => sequence(out, "{", items, "}", names),
        Observed::FrozenSet(items) if items.is_empty() => out.push_str("frozenset()"),
        Observed::FrozenSet(items) => sequence(out, "frozenset({", items, "})", names),
        Observed::Dict(pairs) => dict(out, pairs, names),
        Observed::Object {
            class, items, state, ..
        } => object(out, class, items.as_deref(), state, names),
        Observed::Again(id) => match names.get(id) {
            Some(words) => push(out, format_args!("<{words}>")),
            None => push(out, format_args!("<object {id} again>")),
        },
        Observed::Named(name) => out.push_str(name),
        Observed::Drained { class, items, end } => {
            push(out, format_args!("{class} of "));
            sequence(out, "[", items, "]", names);
            if end != "end" {
                push(out, format_args!(" then {end}"));
            }
        }
        Observed::Opaque(what) => push(out, format_args!("<{what}>")),
        Observed::Cut => out.push('…'),
    }
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

fn sequence(out: &mut String, open: &str, items: &[Observed], close: &str, names: &Names) {
    out.push_str(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_value(out, item, names);
    }
    out.push_str(close);
}

fn dict(out: &mut String, pairs: &[(Observed, Observed)], names: &Names) {
    out.push('{');
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_value(out, key, names);
        out.push_str(": ");
        write_value(out, value, names);
    }
    out.push('}');
}

fn object(out: &mut String, class: &str, items: Option<&Observed>, state: &[(String, Observed)], names: &Names) {
    push(out, format_args!("<{class}"));
    if let Some(items) = items {
        out.push_str(" of ");
        write_value(out, items, names);
    }
    for (index, (name, value)) in state.iter().enumerate() {
        push(out, format_args!("{} {name}=", if index > 0 { "," } else { "" }));
        write_value(out, value, names);
    }
    out.push('>');
}

fn float(value: f64) -> String {
    match value {
        nan if nan.is_nan() => "nan".to_owned(),
        infinite if infinite.is_infinite() => if infinite > 0.0 { "inf" } else { "-inf" }.to_owned(),
        finite => format!("{finite:?}"),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for character in text.chars() {
        match character {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => push(&mut out, format_args!("\\x{:02x}", u32::from(control))),
            plain => out.push(plain),
        }
    }
    out.push('\'');
    out
}

fn quoted_bytes(bytes: &[u8]) -> String {
    let mut out = String::from("b'");
    for byte in bytes {
        match byte {
            b'\'' => out.push_str("\\'"),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b' '..=b'~' => out.push(char::from(*byte)),
            other => push(&mut out, format_args!("\\x{other:02x}")),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_like_python() {
        for (value, expected) in [
            (Observed::Tuple(vec![Observed::Int(1)]), "(1,)"),
            (Observed::Set(vec![]), "set()"),
            (Observed::Float(-0.0), "-0.0"),
            (Observed::Float(f64::NAN), "nan"),
            (Observed::Str("it's\n\u{7f}".into()), "'it\\'s\\n\\x7f'"),
            (Observed::Bytes(vec![0, b'a']), "b'\\x00a'"),
            (
                Observed::Dict(vec![(Observed::Str("a".into()), Observed::None)]),
                "{'a': None}",
            ),
            (
                Observed::Object {
                    class: "cart.Item".into(),
                    id: 0,
                    items: None,
                    state: vec![("weight".into(), Observed::Int(30))],
                },
                "<cart.Item weight=30>",
            ),
            (
                Observed::Drained {
                    class: "generator".into(),
                    items: vec![Observed::Int(1)],
                    end: "cap".into(),
                },
                "generator of [1] then cap",
            ),
        ] {
            assert_eq!(text(&value, &Names::new()), expected);
        }
    }
}
