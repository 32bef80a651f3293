//! Prints how many inputs a second the search makes and learns from, for a few typical subjects, and what minimising costs.
//!
//! Run with `cargo run --release -p counterproof-search --example speed`.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use counterproof_search::{
    ClassId, ClassShape, Feedback, Options, Parameter, ParameterKind, Search, Shape, ShapeId, Subject, Token, Validity,
    minimise,
};
use model::{Input, Symbol, Value};

fn parameter(name: &str, shape: ShapeId) -> Parameter {
    let kind = ParameterKind::Positional;
    Parameter {
        name: name.into(),
        kind,
        shape,
        default: None,
        optional: false,
        keys: vec![],
    }
}

fn subject(make: impl FnOnce(&mut Subject) -> Vec<ShapeId>) -> Subject {
    let mut subject = Subject::default();
    let shapes = make(&mut subject);
    subject.parameters = shapes
        .into_iter()
        .zip(["q", "r", "s"])
        .map(|(shape, name)| parameter(name, shape))
        .collect();
    let tokens = [
        Value::Int(42),
        Value::Str("abc".into()),
        Value::Str("-".into()),
        Value::Int(7),
    ];
    subject.tokens = tokens.map(|value| Token { value, changed: false }).into();
    subject
}

fn graph(subject: &mut Subject) -> Vec<ShapeId> {
    let int = subject.add(Shape::Int);
    let node = subject.add(Shape::Object(ClassId(0)));
    let nodes = subject.add(Shape::List(node));
    subject.classes.push(ClassShape {
        make: Symbol::new("m", "Node"),
        parameters: vec![parameter("value", int)],
        attributes: vec![("successors".into(), nodes)],
        inverse: vec![],
    });
    vec![node, node]
}

/// Runs a search for a second against nothing: every third input is valid, few are news.
fn measure(name: &str, subject: &Subject) {
    if std::env::args().nth(1).is_some_and(|only| !name.contains(&only)) {
        return;
    }
    let mut search = Search::new(subject, Options::default());
    let (mut made, mut making, mut learning) = (0u64, Duration::ZERO, Duration::ZERO);
    while making + learning < Duration::from_secs(1) {
        let start = Instant::now();
        let batch = search.next_batch();
        making += start.elapsed();
        if batch.is_empty() {
            break;
        }
        let feedback: Vec<Feedback> = (0..batch.len() as u64).map(|index| answer(made + index)).collect();
        made += batch.len() as u64;
        let start = Instant::now();
        search.learn(batch, &feedback);
        learning += start.elapsed();
    }
    let each = |time: Duration| time.as_nanos() as f64 / made.max(1) as f64;
    let rate = made as f64 / (making + learning).as_secs_f64();
    println!(
        "{name:<22} {rate:>10.0} inputs/s   making {:>6.0} ns   learning {:>6.0} ns",
        each(making),
        each(learning)
    );
}

fn answer(index: u64) -> Feedback {
    let validity = if index.is_multiple_of(3) {
        Validity::Invalid
    } else {
        Validity::Returned
    };
    let news = u32::from(index < 50 || index.is_power_of_two());
    Feedback {
        new_coverage: news,
        ..Feedback::of(validity)
    }
}

fn main() {
    measure("two ints", &subject(|subject| vec![subject.add(Shape::Int); 2]));
    measure("a text", &subject(|subject| vec![subject.add(Shape::Str)]));
    measure(
        "list of ints and int",
        &subject(|subject| {
            let int = subject.add(Shape::Int);
            vec![subject.add(Shape::List(int)), int]
        }),
    );
    measure("two unknown", &subject(|subject| vec![subject.add(Shape::Any); 2]));
    measure("graph nodes", &subject(graph));
    let start = Instant::now();
    let items = (0..60).map(|number| Value::Int(number * 7919 % 1009)).collect();
    let input = Input {
        args: vec![Value::List(items)],
        ..Input::default()
    };
    let has = |input: &Input| {
        input
            .args
            .iter()
            .flat_map(Value::children)
            .any(|item| matches!(item, Value::Int(900..)))
    };
    let mut evaluations = 0;
    let small = minimise(input, 600, |batch| {
        evaluations += batch.len();
        Ok::<_, ()>(batch.iter().map(has).collect())
    });
    println!(
        "minimising a list of 60 to {:?}: {evaluations} evaluations, {:?}",
        small.map(|input| input.args),
        start.elapsed()
    );
}
