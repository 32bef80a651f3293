//! How likely an input is one that the function was written for: which of several witnesses to show.

use model::{Input, Value};

use crate::atlas::{callee, positional};
use crate::names;
use crate::shape::{Parameter, ParameterKind, Shape, ShapeId, Subject};

/// What a value of a form that is not allowed is worth: little, never nothing, for shapes are only inferred.
const FOREIGN: f64 = 0.03;
const DEPTH: u32 = 6;

/// From 0 to 1: how well the values are of the shapes of their parameters, and how sane they are beside.
///
/// Likely alternatives count 1; an unlikely one counts as much less as it weighs less. Out of favour are emptiness,
/// mixed lists, negative counts, not-a-number, control characters, huge numbers.
pub fn likelihood(subject: &Subject, input: &Input) -> f64 {
    let judge = Judge { subject, input };
    let receiver = input.receiver.as_ref().map_or(1.0, |value| {
        subject.receiver.map_or(1.0, |shape| judge.value(shape, value, DEPTH))
    });
    let args = input
        .args
        .iter()
        .enumerate()
        .map(|(index, value)| (positional(&subject.parameters, index), value));
    let kwargs = input
        .kwargs
        .iter()
        .map(|(name, value)| (by_name(&subject.parameters, name), value));
    let answers = input
        .world
        .iter()
        .map(|answer| (answering(&subject.parameters, &answer.to.to_string()), &answer.value));
    let arguments: f64 = args
        .chain(kwargs)
        .chain(answers)
        .map(|(parameter, value)| judge.argument(parameter, value))
        .product();
    receiver * arguments
}

fn answering<'p>(parameters: &'p [Parameter], name: &str) -> Option<&'p Parameter> {
    let mut answers = parameters.iter().filter(|one| one.kind == ParameterKind::World);
    answers.find(|one| one.name == name)
}

fn by_name<'p>(parameters: &'p [Parameter], name: &str) -> Option<&'p Parameter> {
    let rest = parameters
        .iter()
        .find(|parameter| parameter.kind == ParameterKind::KeywordRest);
    let mut named = parameters.iter().filter(|one| one.kind != ParameterKind::World);
    named.find(|parameter| parameter.name == name).or(rest)
}

struct Judge<'s> {
    subject: &'s Subject,
    input: &'s Input,
}

impl Judge<'_> {
    fn argument(&self, parameter: Option<&Parameter>, value: &Value) -> f64 {
        let Some(parameter) = parameter else { return FOREIGN };
        if parameter.default.as_ref() == Some(value) {
            return 1.0;
        }
        let form = self.value(parameter.shape, value, DEPTH);
        let natural = names::hint(&parameter.name).is_some_and(|hint| hint.natural);
        let sign = if natural && matches!(value, Value::Int(number) if *number < 0) {
            0.3
        } else {
            1.0
        };
        let empty = if is_empty(value) { 0.6 } else { 1.0 };
        form * sign * empty
    }

    fn value(&self, shape: ShapeId, value: &Value, depth: u32) -> f64 {
        if depth == 0 {
            return 1.0;
        }
        let form = match self.subject.shape(shape) {
            Shape::Any => 1.0,
            Shape::Union(options) => self.alternatives(options, value, depth),
            Shape::OneOf(values) if values.contains(value) => 1.0,
            Shape::Record(fields) => self.record(fields, value, depth),
            Shape::Object(class) => {
                let class = self.subject.classes.get(class.0 as usize);
                let made = class.is_some_and(|class| callee(value, &self.input.nodes) == Some(&class.make));
                if made {
                    self.arguments(class.map_or(&[][..], |class| &class.parameters), value, depth)
                } else {
                    FOREIGN
                }
            }
            Shape::Make { callee: expected, args } => match value {
                Value::Call {
                    callee, args: values, ..
                } if callee == expected => worst(
                    args.iter()
                        .zip(values)
                        .map(|(shape, value)| self.value(*shape, value, depth - 1)),
                ),
                _ => FOREIGN,
            },
            plain => self.plain(plain, value, depth),
        };
        form * sanity(value)
    }

    fn plain(&self, shape: &Shape, value: &Value, depth: u32) -> f64 {
        let all = |of: &ShapeId, items: &[Value]| worst(items.iter().map(|item| self.value(*of, item, depth - 1)));
        match (shape, value) {
            (Shape::None, Value::None) | (Shape::Bool, Value::Bool(_)) => 1.0,
            (Shape::Int, Value::Int(_) | Value::BigInt(_)) => 1.0,
            (Shape::Float, Value::Float(_)) | (Shape::Str, Value::Str(_)) | (Shape::Bytes, Value::Bytes(_)) => 1.0,
            // Where a double is wanted, an integer will do.
            (Shape::Float, Value::Int(_)) => 0.7,
            (Shape::Int, Value::Bool(_)) => 0.1,
            (Shape::Callable(_), Value::Returns(_) | Value::Identity) => 1.0,
            (Shape::List(of), Value::List(items)) | (Shape::TupleOf(of), Value::Tuple(items)) => all(of, items),
            (Shape::Set(of), Value::Set(items)) | (Shape::FrozenSet(of), Value::FrozenSet(items)) => all(of, items),
            (Shape::Iterator(of), Value::Iterator(items)) => all(of, items),
            (Shape::Tuple(parts), Value::Tuple(items)) if parts.len() == items.len() => worst(
                parts
                    .iter()
                    .zip(items)
                    .map(|(part, item)| self.value(*part, item, depth - 1)),
            ),
            (Shape::Dict(key, of), Value::Dict(pairs)) => worst(
                pairs
                    .iter()
                    .map(|(name, item)| self.value(*key, name, depth - 1).min(self.value(*of, item, depth - 1))),
            ),
            _ => FOREIGN,
        }
    }

    fn alternatives(&self, options: &[(f64, ShapeId)], value: &Value, depth: u32) -> f64 {
        let largest = options
            .iter()
            .map(|(weight, _)| *weight)
            .fold(f64::MIN_POSITIVE, f64::max);
        let each = options
            .iter()
            .map(|(weight, option)| (weight / largest).clamp(1e-4, 1.0) * self.value(*option, value, depth - 1));
        each.fold(0.0, f64::max)
    }

    fn record(&self, fields: &[(String, ShapeId, bool)], value: &Value, depth: u32) -> f64 {
        let Value::Dict(pairs) = value else { return FOREIGN };
        let find = |name: &String| {
            pairs
                .iter()
                .find(|(key, _)| matches!(key, Value::Str(key) if key == name))
        };
        let field = |(name, shape, required): &(String, ShapeId, bool)| match find(name) {
            Some((_, value)) => self.value(*shape, value, depth - 1),
            None if *required => 0.2,
            None => 1.0,
        };
        worst(fields.iter().map(field))
    }

    fn arguments(&self, parameters: &[Parameter], value: &Value, depth: u32) -> f64 {
        let made = match value {
            Value::Node(index) => self.input.nodes.get(*index as usize).map(|node| &node.make),
            value => Some(value),
        };
        let Some(Value::Call { args, kwargs, .. }) = made else {
            return 1.0;
        };
        let args = args
            .iter()
            .enumerate()
            .map(|(index, value)| (positional(parameters, index), value));
        let kwargs = kwargs.iter().map(|(name, value)| (by_name(parameters, name), value));
        let judge = |(parameter, value): (Option<&Parameter>, &Value)| match parameter {
            Some(parameter) if parameter.default.as_ref() == Some(value) => 1.0,
            Some(parameter) => self.value(parameter.shape, value, depth - 1),
            None => FOREIGN,
        };
        worst(args.chain(kwargs).map(judge))
    }
}

/// The parts of a value are as likely as the worst of them.
fn worst(parts: impl Iterator<Item = f64>) -> f64 {
    parts.fold(1.0, f64::min)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(_)
        | Value::Tuple(_)
        | Value::Set(_)
        | Value::FrozenSet(_)
        | Value::Dict(_)
        | Value::Iterator(_) => value.children().is_empty(),
        _ => false,
    }
}

fn sanity(value: &Value) -> f64 {
    match value {
        Value::Int(number) if number.unsigned_abs() > 1_000_000_000 => 0.5,
        Value::BigInt(_) => 0.4,
        Value::Float(number) if !number.is_finite() => 0.2,
        Value::Float(number) if number.abs() > 1e12 => 0.5,
        Value::Str(text) if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) => 0.3,
        Value::Str(text) if !text.is_ascii() => 0.8,
        Value::List(items) | Value::Tuple(items) if matches!(value, Value::List(_)) && is_mixed(items) => 0.3,
        _ => 1.0,
    }
}

/// Whether the elements are of different forms, the null value aside.
fn is_mixed(items: &[Value]) -> bool {
    let mut forms = items
        .iter()
        .filter(|item| !matches!(item, Value::None))
        .map(|item| match item {
            Value::Int(_) | Value::BigInt(_) | Value::Float(_) => std::mem::discriminant(&Value::Int(0)),
            other => std::mem::discriminant(other),
        });
    let first = forms.next();
    forms.any(|form| Some(form) != first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(shape: impl FnOnce(&mut Subject) -> ShapeId, name: &str) -> Subject {
        let mut subject = Subject::default();
        let shape = shape(&mut subject);
        let kind = ParameterKind::Positional;
        subject.parameters.push(Parameter {
            name: name.into(),
            kind,
            shape,
            default: None,
            optional: false,
            keys: vec![],
        });
        subject
    }

    fn input(value: Value) -> Input {
        Input {
            args: vec![value],
            ..Input::default()
        }
    }

    #[test]
    fn likelier_alternatives_win() {
        let subject = subject(
            |subject| {
                let [int, text] = [Shape::Int, Shape::Str].map(|shape| subject.add(shape));
                subject.add(Shape::Union(vec![(1.0, int), (0.03, text)]))
            },
            "q",
        );
        let of = |value| likelihood(&subject, &input(value));
        assert!(of(Value::Int(1)) > of(Value::Str("a".into())));
        assert!(of(Value::Int(1)) > of(Value::Bool(true)));
        assert!(of(Value::List(vec![])) > 0.0);
    }

    #[test]
    fn sane_values_win() {
        let numbers = subject(|subject| subject.add(Shape::Int), "count");
        assert!(likelihood(&numbers, &input(Value::Int(3))) > likelihood(&numbers, &input(Value::Int(-3))));
        let lists = subject(|subject| subject.add(Shape::Any), "items");
        let of = |items: &[Value]| likelihood(&lists, &input(Value::List(items.to_vec())));
        let [one, text] = [Value::Int(1), Value::Str("a".into())];
        assert!(of(std::slice::from_ref(&one)) > of(&[]));
        assert!(of(&[one.clone(), one.clone()]) > of(&[one, text]));
    }
}
