//! A finding's example as an ordinary test, which pins what one version did.

use model::{Asked, CallKind, Example, Input, Observation, Observed, Outcome, Target, Value};

use super::observed::same;
use super::script::{after, differing_names, differing_parts, is_import, statements};
use super::{Part, Printed, call, call_of_parts, literal, surroundings};

/// What a test needs and does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestText {
    /// Imports, a statement each.
    pub imports: Vec<String>,
    /// The fixtures that it takes.
    pub fixtures: Vec<String>,
    /// Statements of its body.
    pub body: Vec<String>,
}

/// The tests that pin what `pinned` saw, the plainest first: where that one passes on the other version, too, or does not hold, the
/// next one may do. `pinned` is the example's base or head, `other` the other one.
///
/// # Errors
/// When no assertion can be written for what it did: why, as the end of a sentence.
pub fn tests(example: &Example, pinned: &Observation, other: &Observation) -> Result<Vec<TestText>, String> {
    let target = &example.target;
    if target.base_module.is_some() || target.base_name.is_some() {
        return Err("the function has another name in the other version, so that no test runs on both".to_owned());
    }
    if target.call == CallKind::Module {
        return of_module(target, example, pinned);
    }
    let variables = variables(example)?;
    if !variables.is_empty() {
        // Printed without them: a test sets them in another way than a script.
        let mut bare = example.clone();
        bare.before
            .iter_mut()
            .chain([&mut bare.input])
            .for_each(|input| input.world.clear());
        let mut all = tests(&bare, pinned, other)?;
        for test in &mut all {
            if !test.fixtures.iter().any(|fixture| fixture == "monkeypatch") {
                test.fixtures.push("monkeypatch".to_owned());
            }
            test.body.splice(0..0, variables.iter().cloned());
        }
        return Ok(all);
    }
    let earlier = Earlier::of(target, &example.before);
    let call = call(target, &example.input);
    let same_outcome = match (&pinned.outcome, &other.outcome) {
        (Outcome::Returned(one), Outcome::Returned(another)) => same(one, another),
        (one, another) => one == another,
    };
    let bodies = if !same_outcome {
        of_outcome(&call, &pinned.outcome)?
    } else if !differing_parts(example).is_empty() {
        vec![of_parts(target, example, pinned)?]
    } else if pinned.output != other.output {
        vec![of_output(&call, pinned)]
    } else {
        return Err("it differs in effects, for which no assertion is written".to_owned());
    };
    let is_on_disk = example.before.iter().chain([&example.input]).any(Input::is_on_disk);
    let whole = bodies.into_iter().map(|body| {
        let test = earlier.before(body);
        if is_on_disk { in_its_own_folder(test) } else { test }
    });
    Ok(whole.collect())
}

/// Statements that set the variables that an example runs with.
///
/// # Errors
/// When it rests on more of its surroundings than that: a test that is kept would really ask them.
fn variables(example: &Example) -> Result<Vec<String>, String> {
    if surroundings::are_needed(example) {
        return Err(
            "it asks its surroundings (processes, servers, databases, the time), for which no test is written"
                .to_owned(),
        );
    }
    let world = &example.input.world;
    if example.before.iter().any(|input| input.world != *world) {
        return Err("the calls before it run with other variables".to_owned());
    }
    world
        .iter()
        .map(|answer| match (&answer.to, &answer.value) {
            (Asked::Environment(name), Value::Str(text)) => Ok(format!(
                "monkeypatch.setenv({}, {})",
                literal::string(name),
                literal::string(text)
            )),
            (Asked::Environment(name), Value::None) => {
                Ok(format!("monkeypatch.delenv({}, raising=False)", literal::string(name)))
            }
            _ => Err("a variable that it runs with is the path of a file".to_owned()),
        })
        .collect()
}

/// A test whose files are laid out in a folder of its own.
fn in_its_own_folder(mut test: TestText) -> TestText {
    test.fixtures.extend(["monkeypatch".to_owned(), "tmp_path".to_owned()]);
    test.body.insert(0, "monkeypatch.chdir(tmp_path)".to_owned());
    test
}

/// The calls that leave the state behind that an example needs.
struct Earlier {
    imports: Vec<String>,
    body: Vec<String>,
}

impl Earlier {
    fn of(target: &Target, inputs: &[Input]) -> Self {
        let (mut imports, mut body) = (Vec::new(), Vec::new());
        for printed in inputs.iter().map(|input| call(target, input)) {
            imports.push("import contextlib".to_owned());
            imports.extend(imports_of(&printed));
            body.extend(statements(&printed).map(str::to_owned));
            body.push("with contextlib.suppress(Exception):".to_owned());
            body.push(format!("    {}", printed.call));
        }
        Self { imports, body }
    }

    fn before(&self, mut test: TestText) -> TestText {
        test.imports.splice(0..0, self.imports.iter().cloned());
        test.body.splice(0..0, self.body.iter().cloned());
        test
    }
}

fn imports_of(printed: &Printed) -> impl Iterator<Item = String> + '_ {
    printed.setup.iter().filter(|line| is_import(line)).cloned()
}

/// A test that makes a call's setup and then does `last`.
fn with_setup(printed: &Printed, imports: &[&str], last: Vec<String>) -> TestText {
    let mut all: Vec<String> = imports.iter().map(|line| (*line).to_owned()).collect();
    all.extend(imports_of(printed));
    let mut body: Vec<String> = statements(printed).map(str::to_owned).collect();
    body.extend(last);
    TestText {
        imports: all,
        fixtures: Vec::new(),
        body,
    }
}

fn of_outcome(call: &Printed, outcome: &Outcome) -> Result<Vec<TestText>, String> {
    match outcome {
        Outcome::Returned(value) => returned(call, value),
        Outcome::Raised(raised) => Ok(raises(call, &raised.class, &raised.message)),
        Outcome::TimedOut => Err("it does not end there".to_owned()),
        Outcome::Died(how) => Err(format!("it ends the interpreter there: {how}")),
        Outcome::Refused | Outcome::NotMade(_) | Outcome::Garbled(_) => Err("it was not run to its end".to_owned()),
    }
}

fn raises(printed: &Printed, class: &str, message: &str) -> Vec<TestText> {
    let (import, name) = match class.rsplit_once('.') {
        Some((module, name)) => (Some(format!("from {module} import {name}")), name),
        None => (None, class),
    };
    let imports: Vec<&str> = std::iter::once("import pytest").chain(import.as_deref()).collect();
    let run = |with: &str| {
        vec![
            format!("with pytest.raises({name}){with}:"),
            format!("    {}", printed.call),
        ]
    };
    let mut told = run(" as raised");
    told.push(format!("assert str(raised.value) == {}", literal::string(message)));
    vec![
        with_setup(printed, &imports, told),
        with_setup(printed, &imports, run("")),
    ]
}

fn returned(printed: &Printed, value: &Observed) -> Result<Vec<TestText>, String> {
    let plain = |imports: &[&str], text: String| with_setup(printed, imports, vec![text]);
    let call = &printed.call;
    if let Observed::Drained { items, end, .. } = value {
        let items = Observed::List(items.clone());
        let expected = exact(&items).filter(|_| end == "end");
        let expected = expected.ok_or("what its iterator gives cannot be written as plain data")?;
        return Ok(vec![plain(&[], format!("assert list({call}) == {expected}"))]);
    }
    if let Some(expected) = exact(value) {
        let compare = match value {
            Observed::None | Observed::Bool(_) | Observed::Ellipsis => "is",
            _ => "==",
        };
        // Where the values are equal and not the same (1 and True, 0.0 and -0.0), or equal to nothing, what they are written as tells.
        let written = literal::string(&expected);
        return Ok(vec![
            plain(&[], format!("assert {call} {compare} {expected}")),
            plain(&[], format!("assert repr({call}) == {written}")),
            plain(
                &["import asyncio"],
                format!("assert asyncio.run({call}) {compare} {expected}"),
            ),
        ]);
    }
    let Observed::Object {
        class, items, state, ..
    } = value
    else {
        return Err("its result cannot be written as plain data".to_owned());
    };
    let name = class.rsplit('.').next().unwrap_or(class);
    let mut lines = vec![
        format!("result = {call}"),
        format!("assert type(result).__name__ == {}", literal::string(name)),
    ];
    let content = items.as_deref().and_then(|items| Some((items, exact(items)?)));
    lines.extend(content.map(|(items, text)| match items {
        Observed::List(_) => format!("assert list(result) == {text}"),
        Observed::Tuple(_) => format!("assert tuple(result) == {text}"),
        Observed::Dict(_) => format!("assert dict(result) == {text}"),
        _ => format!("assert result == {text}"),
    }));
    let public = state
        .iter()
        .filter(|(name, _)| literal::is_name(name) && !name.starts_with('_'));
    lines.extend(public.filter_map(|(name, value)| Some(format!("assert result.{name} == {}", exact(value)?))));
    if lines.len() == 2 {
        return Err(format!("its result, a {name}, shows nothing that is plain data"));
    }
    Ok(vec![with_setup(printed, &[], lines)])
}

/// What the call leaves in its receiver and arguments.
fn of_parts(target: &Target, example: &Example, pinned: &Observation) -> Result<TestText, String> {
    let parts = differing_parts(example);
    let printed = call_of_parts(target, &example.input, &parts);
    let all = Part::of(&example.input);
    let mut lines = vec![printed.call.clone()];
    for part in &parts {
        let at = all.iter().position(|other| other == part);
        let expected = match after(pinned) {
            Some(all) => at.and_then(|at| exact(all.get(at)?)),
            // It is as it was given.
            None => part.value(&example.input).and_then(given),
        };
        let expected =
            expected.ok_or_else(|| format!("{} cannot be written as plain data afterwards", part.in_words()))?;
        lines.push(format!("assert {} == {expected}", part.name()));
    }
    Ok(with_setup(&printed, &[], lines))
}

fn of_output(printed: &Printed, pinned: &Observation) -> TestText {
    let expected = literal::string(&pinned.output);
    let lines = vec![
        printed.call.clone(),
        format!("assert capsys.readouterr().out == {expected}"),
    ];
    TestText {
        fixtures: vec!["capsys".to_owned()],
        ..with_setup(printed, &[], lines)
    }
}

/// The names of a module or class that differ.
fn of_module(target: &Target, example: &Example, pinned: &Observation) -> Result<Vec<TestText>, String> {
    let Outcome::Returned(Observed::Dict(pairs)) = &pinned.outcome else {
        return Err("it does not import there".to_owned());
    };
    let names = differing_names(&example.base, &example.head);
    let known = pairs.iter().filter_map(|(name, value)| {
        let name = name
            .as_str()
            .filter(|name| literal::is_name(name) && names.iter().any(|one| one == name))?;
        Some((name, exact(value)?))
    });
    let known: Vec<(&str, String)> = known.collect();
    if known.is_empty() {
        return Err("what differs cannot be written as plain data".to_owned());
    }
    let (import, owner) = match target.qualified_name.split('.').next() {
        Some(class) if class != "<module>" => (
            format!("from {} import {class}", target.module),
            target.qualified_name.clone(),
        ),
        _ => (format!("import {}", target.module), target.module.clone()),
    };
    let body = known
        .into_iter()
        .map(|(name, value)| format!("assert {owner}.{name} == {value}"));
    Ok(vec![TestText {
        imports: vec![import],
        fixtures: Vec::new(),
        body: body.collect(),
    }])
}

/// A given value as an expression that gives it; nothing for what is no plain data.
fn given(value: &Value) -> Option<String> {
    exact(&plain(value)?)
}

fn plain(value: &Value) -> Option<Observed> {
    let all = |items: &[Value]| items.iter().map(plain).collect::<Option<Vec<Observed>>>();
    Some(match value {
        Value::None => Observed::None,
        Value::Ellipsis => Observed::Ellipsis,
        Value::Bool(value) => Observed::Bool(*value),
        Value::Int(value) => Observed::Int(*value),
        Value::BigInt(value) => Observed::BigInt(value.clone()),
        Value::Float(value) => Observed::Float(*value),
        Value::Complex(real, imaginary) => Observed::Complex(*real, *imaginary),
        Value::Str(text) => Observed::Str(text.clone()),
        Value::Bytes(bytes) => Observed::Bytes(bytes.clone()),
        Value::List(items) => Observed::List(all(items)?),
        Value::Tuple(items) => Observed::Tuple(all(items)?),
        Value::Set(items) => Observed::Set(all(items)?),
        Value::FrozenSet(items) => Observed::FrozenSet(all(items)?),
        Value::Dict(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| Some((plain(key)?, plain(value)?)));
            Observed::Dict(pairs.collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    })
}

/// A value as an expression that gives it; nothing for what is no plain data.
fn exact(value: &Observed) -> Option<String> {
    let all = |items: &[Observed]| items.iter().map(exact).collect::<Option<Vec<String>>>();
    Some(match value {
        Observed::None => "None".to_owned(),
        Observed::Ellipsis => "...".to_owned(),
        Observed::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Observed::Int(value) => value.to_string(),
        Observed::BigInt(value) => literal::integer(value),
        Observed::Float(value) => literal::float(*value),
        Observed::Complex(real, imaginary) => literal::complex(*real, *imaginary),
        Observed::Str(text) => literal::string(text),
        Observed::Bytes(bytes) => literal::bytes(bytes),
        Observed::List(items) => format!("[{}]", all(items)?.join(", ")),
        Observed::Tuple(items) => match &all(items)?[..] {
            [one] => format!("({one},)"),
            items => format!("({})", items.join(", ")),
        },
        Observed::Set(items) if items.is_empty() => "set()".to_owned(),
        Observed::Set(items) => format!("{{{}}}", all(items)?.join(", ")),
        Observed::FrozenSet(items) if items.is_empty() => "frozenset()".to_owned(),
        Observed::FrozenSet(items) => format!("frozenset({{{}}})", all(items)?.join(", ")),
        Observed::Dict(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, value)| Some(format!("{}: {}", exact(key)?, exact(value)?)));
            format!("{{{}}}", pairs.collect::<Option<Vec<String>>>()?.join(", "))
        }
        _ => return None,
    })
}
