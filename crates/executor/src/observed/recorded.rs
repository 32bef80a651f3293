//! What the project's own tests do, as they were seen to: a run of those that may reach the change tells each call that goes from a
//! test into the project, however the test comes to make it. Each becomes a step of a script, which is then run as those are
//! that tests write down.

use std::collections::BTreeSet;
use std::time::Instant;

use languages::python::shapes::Script;
use languages::python::syntax::is_test;
use model::{Change, Check, Symbol, TestPlan, Value};
use serde_json::Value as Json;

use crate::context::Context;
use crate::suites::{self, Record};

/// So many tests at most.
const MOST: usize = 40;
/// Files whose tests are run, at most: the nearest to the change.
const MOST_FILES: usize = 12;

/// What tests did that ran changed functions, in the order in which they were run; nothing where they cannot be run in time.
///
/// The tests are those of head, on the code of base.
pub(crate) fn scripts(
    context: &Context<'_>,
    change: &Change,
    checks: &[&Check],
    plan: &TestPlan,
    deadline: Instant,
) -> Vec<Script> {
    let mut files: Vec<&model::TestFile> = plan.files.iter().collect();
    files.truncate(MOST_FILES);
    let mentioning = files
        .iter()
        .flat_map(|file| &file.tests)
        .filter(|test| !test.mentions.is_empty());
    let mut record = Record {
        watched: Vec::new(),
        files: BTreeSet::new(),
        tests: tests(context),
    };
    for check in checks {
        let function = &change.functions[check.function];
        if function.is_body() {
            record.files.insert(function.path_in_base().to_owned());
        } else if !function.is_added() {
            let name = function.name_in_base();
            let name = name.strip_suffix(".setter").unwrap_or(name);
            record.watched.push((
                function.path_in_base().to_owned(),
                name.rsplit('.').next().unwrap_or(name).to_owned(),
                function.base_line.unwrap_or(function.line),
            ));
        }
    }
    if files.is_empty() || (record.watched.is_empty() && record.files.is_empty()) {
        return Vec::new();
    }
    let wanted = suites::Wanted {
        files: files.iter().map(|file| file.path.clone()).collect(),
        first: mentioning.map(|test| test.id.clone()).collect(),
        only: None,
        hash_seed: 0,
        record: Some(record),
    };
    let recorded = suites::record(context, &wanted, deadline);
    let recorded = recorded.unwrap_or_default();
    let script = |(id, steps): (String, Vec<Json>)| {
        let path = id.split_once("::").map_or(&*id, |(file, _)| file).to_owned();
        Some(Script {
            path,
            steps: steps.iter().map(value).collect::<Option<_>>()?,
        })
    };
    let mut found: Vec<Script> = Vec::new();
    for script in recorded.into_iter().filter_map(script) {
        if found.len() < MOST && !found.contains(&script) {
            found.push(script);
        }
    }
    found
}

fn tests(context: &Context<'_>) -> BTreeSet<String> {
    let sides = [&context.base.project, &context.head.project];
    let paths = sides.into_iter().flat_map(|project| project.paths());
    paths.filter(|path| is_test(path)).map(str::to_owned).collect()
}

/// A value as it was told: see `recording.py`.
fn value(told: &Json) -> Option<Value> {
    let all = |items: &Json| items.as_array()?.iter().map(value).collect::<Option<Vec<_>>>();
    let named = |items: &Json| {
        let pair = |pair: &Json| Some((pair[0].as_str()?.to_owned(), value(&pair[1])?));
        items.as_array()?.iter().map(pair).collect::<Option<Vec<_>>>()
    };
    let text = |at: usize| told[at].as_str().map(str::to_owned);
    Some(match told[0].as_str()? {
        "v" => scalar(&told[1])?,
        "i" => Value::BigInt(text(1)?.parse().ok()?),
        "f" => Value::Float(text(1)?.parse().ok()?),
        "b" => Value::Bytes(text(1)?.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?),
        "l" => Value::List(all(&told[1])?),
        "t" => Value::Tuple(all(&told[1])?),
        "s" => Value::Set(all(&told[1])?),
        "z" => Value::FrozenSet(all(&told[1])?),
        "d" => Value::Dict(
            told[1]
                .as_array()?
                .iter()
                .map(|pair| Some((value(&pair[0])?, value(&pair[1])?)))
                .collect::<Option<_>>()?,
        ),
        "n" => Value::Node(u32::try_from(told[1].as_u64()?).ok()?),
        "g" => Value::Symbol(Symbol::new(text(1)?, text(2)?)),
        "a" => Value::Call {
            callee: Symbol::attribute(text(2)?),
            args: vec![value(&told[1])?],
            kwargs: Vec::new(),
        },
        "m" => Value::Call {
            callee: Symbol::method(text(2)?),
            args: std::iter::once(value(&told[1])?).chain(all(&told[3])?).collect(),
            kwargs: named(&told[4])?,
        },
        "c" => Value::Call {
            callee: Symbol::new(text(1)?, text(2)?),
            args: all(&told[3])?,
            kwargs: named(&told[4])?,
        },
        _ => return None,
    })
}

fn scalar(told: &Json) -> Option<Value> {
    Some(match told {
        Json::Null => Value::None,
        Json::Bool(value) => Value::Bool(*value),
        Json::String(value) => Value::Str(value.clone()),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Value::Int(value),
            None => Value::Float(number.as_f64()?),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_as_they_are_told() {
        let told = serde_json::json!([
            "m",
            ["n", 0],
            "add",
            [
                ["v", 1],
                ["v", 1.0],
                ["f", "nan"],
                ["b", "\u{ff}"],
                ["d", [[["v", "k"], ["t", []]]]]
            ],
            [["to", ["c", "shop", "Item", [["g", "shop", "SIZE"]], []]]]
        ]);
        let Some(Value::Call { callee, args, kwargs }) = value(&told) else {
            panic!("no call")
        };
        assert_eq!(callee, Symbol::method("add"));
        assert_eq!(args[..3], [Value::Node(0), Value::Int(1), Value::Float(1.0)]);
        assert_eq!(args[4], Value::Bytes(vec![0xff]));
        assert_eq!(
            args[5],
            Value::Dict(vec![(Value::Str("k".into()), Value::Tuple(Vec::new()))])
        );
        assert_eq!(kwargs[0].0, "to");
        assert_eq!(value(&serde_json::json!(["x"])), None);
        assert_eq!(value(&serde_json::json!(["b", "\u{100}"])), None);
    }
}
