//! What the surroundings of a call answer, as lines before it: variables as statements, the rest as comments that a person reads.
//!
//! A script makes all of them happen, with the very modules that the harness answers with (see [`stand_ins`]).

use std::collections::BTreeMap;

use model::{Answer, Asked, Effect, Example, Input, Target, Value};

use super::literal;
use super::value::{Caps, Writer};

macro_rules! harness {
    ($file:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../harnesses/python/counterproof_harness/",
            $file
        ))
    };
}

/// The harness's own modules, in the order in which they import one another; `arrivals`, `effects` and `world` are written anew for a script.
const MODULES: [(&str, &str); 11] = [
    ("world", include_str!("stand_in_world.py")),
    ("effects", include_str!("stand_in_effects.py")),
    ("arrivals", include_str!("stand_in_arrivals.py")),
    ("onload", harness!("onload.py")),
    ("clock", harness!("clock.py")),
    ("answers", harness!("answers.py")),
    ("processes", harness!("processes.py")),
    ("typed", harness!("typed.py")),
    ("web", harness!("web.py")),
    ("queries", harness!("queries.py")),
    ("named_files", harness!("named_files.py")),
];

/// Effects that are answered, as the harness calls them.
pub(super) const ANSWERED: [&str; 4] = ["process", "request", "query", "program"];

/// Whether something has to be put in place of Python's own library to make an example happen: variables can be set without.
pub(super) fn are_needed(example: &Example) -> bool {
    let is_variable = |answer: &Answer| matches!(answer.to, Asked::Environment(_));
    let is_answered = |effect: &Effect| !effect.refused && ANSWERED.contains(&effect.kind.as_str());
    let mut inputs = example.before.iter().chain([&example.input]);
    let mut effects = example.base.effects.iter().chain(&example.head.effects);
    inputs.any(|input| !input.world.iter().all(is_variable)) || effects.any(is_answered)
}

/// Code that puts the stand-ins in place: to stand behind the imports of a script.
pub(super) fn stand_ins() -> Vec<String> {
    let sources = MODULES.iter().map(|(name, source)| {
        let source = source.replace("from . import", "from counterproof_stand_ins import");
        let source = source.replace("from .", "from counterproof_stand_ins.");
        format!("_stand_in({}, {})", literal::string(name), literal::string(&source))
    });
    let mut lines = vec![include_str!("stand_in.py").trim_end().to_owned()];
    lines.extend(sources);
    lines.push("_stand_in_place()".to_owned());
    lines
}

/// The lines that make a script's surroundings those of one call.
pub(super) fn given(target: &Target, input: &Input) -> Vec<String> {
    let bare = Input::default();
    let mut writer = Writer::new(target, &bare, Caps::NONE);
    let pairs: Vec<String> = input
        .world
        .iter()
        .map(|Answer { to, value }| format!("({}, {})", literal::string(&to.to_string()), writer.value(value)))
        .collect();
    let mut lines = writer.finish();
    lines.push(format!("_answers([{}])", pairs.join(", ")));
    lines
}

/// Lines that tell what is answered.
pub(super) fn told(writer: &mut Writer<'_>, input: &Input) -> Vec<String> {
    let mut lines = Vec::new();
    let mut numbered: BTreeMap<(&'static str, u32), Vec<String>> = BTreeMap::new();
    for Answer { to, value } in &input.world {
        if let (Asked::Time, Some(moment)) = (to, moment(value)) {
            lines.push(format!("# the time is {moment}"));
            continue;
        }
        let text = writer.value(value);
        match to {
            Asked::Environment(name) => {
                let place = format!("{}.environ[{}]", writer.module("os"), literal::string(name));
                lines.push(match value {
                    Value::None => format!("del {place}"),
                    _ => format!("{place} = {text}"),
                });
            }
            Asked::Time => lines.push(format!("# the time is {text}")),
            Asked::File(name) => lines.push(format!("# the file {name} holds {text}")),
            Asked::Typed => lines.push(format!("# typed is {text}")),
            numbered_one => {
                let (what, number) = (subject(numbered_one), to.number().unwrap_or(1));
                numbered
                    .entry((what, number))
                    .or_default()
                    .push(told_part(numbered_one, value, &text));
            }
        }
    }
    lines.extend(numbered.into_iter().map(|((what, number), parts)| {
        let which = if number == 1 {
            format!("the {what}")
        } else {
            format!("{what} {number}")
        };
        format!("# {which} {}", parts.join(", "))
    }));
    lines
}

fn subject(asked: &Asked) -> &'static str {
    match asked {
        Asked::ProcessCode(_) | Asked::ProcessOutput(_) | Asked::ProcessErrors(_) => "process",
        Asked::Rows(_) => "query",
        _ => "server",
    }
}

fn told_part(asked: &Asked, value: &Value, text: &str) -> String {
    let text = match value {
        Value::Str(_) | Value::Bytes(_) => text.to_owned(),
        _ => format!("{text} as JSON"),
    };
    match (asked, value) {
        (Asked::ProcessCode(_), Value::None) => "is not there".to_owned(),
        (Asked::ProcessCode(_), Value::Int(code)) => format!("ends with {code}"),
        (Asked::ProcessOutput(_), _) => format!("prints {text}"),
        (Asked::ProcessErrors(_), _) => format!("complains {text}"),
        (Asked::ResponseStatus(_), Value::None) => "is not there".to_owned(),
        (Asked::ResponseStatus(_), Value::Int(status)) => format!("answers {status}"),
        (Asked::ResponseBody(_), _) => format!("sends {text}"),
        (Asked::ResponseHeaders(_), _) => format!("sends the headers {}", text.trim_end_matches(" as JSON")),
        _ => format!("finds {}", text.trim_end_matches(" as JSON")),
    }
}

/// `2024-02-29 23:00`, of `datetime(2024, 2, 29, 23, 0)`.
fn moment(value: &Value) -> Option<String> {
    let Value::Call { args, kwargs, .. } = value else {
        return None;
    };
    let numbers: Option<Vec<i64>> = args
        .iter()
        .map(|arg| match arg {
            Value::Int(number) => Some(*number),
            _ => None,
        })
        .collect();
    let mut numbers = numbers.filter(|numbers| (3..=6).contains(&numbers.len()) && kwargs.is_empty())?;
    let is_exact = numbers.len() == 6;
    numbers.resize(6, 0);
    let [year, month, day, hour, minute, second] = numbers[..] else {
        return None;
    };
    let seconds = if is_exact {
        format!(":{second:02}")
    } else {
        String::new()
    };
    Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}{seconds}"))
}
