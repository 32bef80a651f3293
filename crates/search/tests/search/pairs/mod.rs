//! Pairs of functions in Rust that stand in for two versions of a program, with one fault each.

pub mod graphs;
pub mod lists;
pub mod records;
pub mod texts;

use std::collections::BTreeSet;
use std::convert::Infallible;

use counterproof_search::{
    Feedback, Options, Parameter, ParameterKind, Runner, Search, Shape, ShapeId, Statistics, Subject, Technique, Token,
    Validity, run,
};
use model::{Input, Value};

/// How a version ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// Normally.
    Returned(Value),
    /// With an exception of its own.
    Raised(&'static str),
    /// With what a wrong type raises.
    Invalid,
    /// Not at all: the input could not be built.
    NotMade,
}

/// One version: takes an input, notes the places it passes.
pub type Version = fn(&Input, &mut Vec<u32>) -> Ended;

/// Runs two versions and keeps what they reached.
pub struct Pair {
    pub base: Version,
    pub head: Version,
    reached: BTreeSet<u32>,
    pub calls: u64,
}

impl Pair {
    pub fn new(base: Version, head: Version) -> Self {
        Self {
            base,
            head,
            reached: BTreeSet::new(),
            calls: 0,
        }
    }

    fn judge(&mut self, input: &Input) -> Feedback {
        self.calls += 1;
        let mut places = Vec::new();
        let base = (self.base)(input, &mut places);
        let mut others = Vec::new();
        let head = (self.head)(input, &mut others);
        let validity = match base {
            Ended::Returned(_) => Validity::Returned,
            Ended::Raised(_) => Validity::Raised,
            Ended::Invalid => Validity::Invalid,
            Ended::NotMade => Validity::NotMade,
        };
        let mut feedback = Feedback::of(validity);
        let all = places.into_iter().chain(others.into_iter().map(|place| place + 1000));
        feedback.new_coverage = all.filter(|place| self.reached.insert(*place)).count() as u32;
        let class = match head {
            Ended::Returned(_) => 1,
            Ended::Raised(_) => 2,
            Ended::Invalid | Ended::NotMade => 3,
        };
        feedback.difference = (feedback.validity != Validity::Invalid && base != head).then_some(class);
        feedback
    }
}

impl Runner for Pair {
    type Stop = Infallible;

    fn run(&mut self, batch: &[Input]) -> Result<Vec<Feedback>, Infallible> {
        Ok(batch.iter().map(|input| self.judge(input)).collect())
    }
}

/// Adds a parameter that takes a position.
pub fn takes(subject: &mut Subject, name: &str, shape: ShapeId) {
    let kind = ParameterKind::Positional;
    subject.parameters.push(Parameter {
        name: name.into(),
        kind,
        shape,
        default: None,
        optional: false,
        keys: vec![],
    });
}

/// A subject about which nothing is known but the parameters' names.
pub fn unknown(names: &[&str]) -> Subject {
    let mut subject = Subject::default();
    let any = subject.add(Shape::Any);
    names.iter().for_each(|name| takes(&mut subject, name, any));
    subject
}

/// Adds literals of the code.
pub fn literals(subject: &mut Subject, values: impl IntoIterator<Item = Value>) {
    subject
        .tokens
        .extend(values.into_iter().map(|value| Token { value, changed: false }));
}

/// Goes on for a while after the first witness: the first one is not the best one.
const AFTERWARDS: u64 = 600;

/// What came of a search.
pub struct Found {
    pub first: Option<u64>,
    pub best: Option<Input>,
    pub statistics: Statistics,
}

/// Searches for so many calls.
pub fn hunt(subject: &Subject, pair: (Version, Version), seed: u64, calls: u64, without: &[Technique]) -> Found {
    let options = Options {
        seed,
        without: without.iter().copied().collect(),
        ..Options::default()
    };
    let mut search = Search::new(subject, options);
    let mut runner = Pair::new(pair.0, pair.1);
    match run(&mut search, &mut runner, |statistics| {
        let end = statistics
            .first_difference
            .map_or(calls, |first| calls.min(first + AFTERWARDS));
        statistics.tried < end
    }) {
        Ok(()) => {}
        Err(never) => match never {},
    }
    let first = search.statistics().first_difference;
    let best = search.witnesses().first().map(|witness| witness.input.clone());
    Found {
        first,
        best,
        statistics: search.statistics(),
    }
}

/// The integers of a list, or nothing.
pub fn ints(value: &Value) -> Option<Vec<i64>> {
    let (Value::List(items) | Value::Tuple(items)) = value else {
        return None;
    };
    items
        .iter()
        .map(|item| {
            if let Value::Int(number) = item {
                Some(*number)
            } else {
                None
            }
        })
        .collect()
}

/// A text, or nothing.
pub fn text(value: &Value) -> Option<&str> {
    if let Value::Str(text) = value { Some(text) } else { None }
}
