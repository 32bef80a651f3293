//! Small plain inputs that a function says it takes.

use std::sync::Arc;

use model::{CallKind, Input, Target, Value};
use ruff_python_ast::{Expr, StmtFunctionDef};

use search::Subject;

use super::known::Knowledge;
use super::types::{Reader, Sample, combined, plain};
use super::{Probe, last_name};
use crate::python::{Parsed, Project};

/// Most inputs of one function.
const MOST: usize = 96;

/// Objects that callers write down are tried, so many of them.
const RECEIVERS: usize = 3;

/// Inputs of a function of a file; none where nothing is known of something that it has to be given.
pub(super) fn of(
    project: &Project,
    parsed: &Arc<Parsed>,
    target: &Target,
    (function, docstring): (&StmtFunctionDef, &str),
    subject: &Subject,
) -> Vec<Probe> {
    let reader = Reader {
        project,
        parsed: parsed.clone(),
    };
    let decorated = |name: &str| {
        let mut all = function.decorator_list.iter();
        all.any(|decorator| last_name(&decorator.expression) == Some(name))
    };
    let class = target.qualified_name.rsplit_once('.').map(|(class, _)| class);
    let knowledge = Knowledge::new(&reader, docstring, subject);
    let receivers = match target.call {
        CallKind::Method | CallKind::Property => {
            let known = class.map(|class| reader.class_named(class).samples());
            let or = |receivers: Vec<Sample>, others: &dyn Fn() -> Vec<Sample>| match receivers.is_empty() {
                true => others(),
                false => receivers,
            };
            let receivers = or(known.unwrap_or_default(), &|| written(subject));
            let receivers = or(receivers, &|| knowledge.receivers());
            if receivers.is_empty() {
                return Vec::new();
            }
            receivers
        }
        CallKind::Function | CallKind::Constructor => Vec::new(),
        _ => return Vec::new(),
    };
    let has_own = target.call == CallKind::Constructor || class.is_some() && !decorated("staticmethod");
    let mut taken = Taken {
        takes_more: function.parameters.vararg.is_some(),
        ..Taken::default()
    };
    let parameters = function.parameters.iter_non_variadic_params();
    for (at, parameter) in parameters.skip(usize::from(has_own)).enumerate() {
        let samples = knowledge
            .of(at, parameter)
            .map(|known| known.samples)
            .unwrap_or_default();
        let is_keyword = function
            .parameters
            .kwonlyargs
            .iter()
            .any(|one| one.name() == parameter.name());
        let by_name = is_keyword.then(|| parameter.name().to_string());
        match (parameter.default(), samples.is_empty()) {
            (None, true) => return Vec::new(),
            (None, false) => taken.required.push((by_name, samples)),
            (Some(_), true) => {}
            (Some(default), false) => {
                let odd = |sample: Sample| Sample {
                    is_odd: sample.is_odd || is_unset(default, &sample.value),
                    ..sample
                };
                let samples = samples.into_iter().map(odd).collect();
                taken.optional.push((parameter.name().to_string(), samples));
            }
        }
    }
    taken.probes(&receivers)
}

/// Whether a value is none that somebody would set in place of a default: another alphabet, pattern or table than the one that is
/// there is chosen with care, and where a default is above zero, so is what replaces it.
fn is_unset(default: &Expr, value: &Value) -> bool {
    match value {
        Value::Str(_) | Value::Bytes(_) | Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) => {
            match plain(default) {
                Some(Value::Str(text)) => !text.is_empty(),
                Some(Value::Bytes(bytes)) => !bytes.is_empty(),
                Some(Value::List(items) | Value::Tuple(items)) => !items.is_empty(),
                Some(_) => false,
                // A constant that has a name.
                None => matches!(default, Expr::Name(_) | Expr::Attribute(_)),
            }
        }
        Value::Int(value) => *value <= 0 && matches!(plain(default), Some(Value::Int(default)) if default > 0),
        _ => false,
    }
}

/// Objects of its class that callers write down.
fn written(subject: &Subject) -> Vec<Sample> {
    let alone = subject.seeds.iter().filter(|seed| seed.nodes.is_empty());
    let mut receivers: Vec<&Value> = alone.filter_map(|seed| seed.receiver.as_ref()).collect();
    receivers.sort_by_key(|one| one.size());
    receivers.dedup();
    receivers.truncate(RECEIVERS);
    receivers.into_iter().cloned().map(Sample::sure).collect()
}

#[derive(Default)]
struct Taken {
    /// Values of what has to be given, with the name where it is given by that.
    required: Vec<(Option<String>, Vec<Sample>)>,
    /// Values of what may be given, by name.
    optional: Vec<(String, Vec<Sample>)>,
    /// Whether it takes any number of arguments more.
    takes_more: bool,
}

/// Values of what has to be given and of the receiver, and of one thing that may be given.
type Made<'a> = (Vec<Sample>, Option<(&'a String, &'a Sample)>);

impl Taken {
    fn probes(&self, receivers: &[Sample]) -> Vec<Probe> {
        let receiver = (!receivers.is_empty()).then(|| receivers.to_vec());
        let mut each: Vec<Vec<Sample>> = self.required.iter().map(|(_, samples)| samples.clone()).collect();
        each.extend(receiver);
        let mut made: Vec<Made<'_>> = combined(&each, MOST).into_iter().map(|parts| (parts, None)).collect();
        if let Some((usual, _)) = made.first().cloned() {
            for (name, samples) in &self.optional {
                made.extend(samples.iter().map(|sample| (usual.clone(), Some((name, sample)))));
            }
        }
        made.truncate(MOST);
        let probe = |(mut parts, more): Made<'_>| {
            let all = || parts.iter().chain(more.map(|(_, sample)| sample));
            let (is_sure, is_odd) = (all().all(|part| part.is_sure), all().any(|part| part.is_odd));
            let mut input = Input {
                receiver: (!receivers.is_empty())
                    .then(|| parts.pop())
                    .flatten()
                    .map(|part| part.value),
                ..Input::default()
            };
            for ((by_name, _), part) in self.required.iter().zip(parts) {
                match by_name {
                    Some(name) => input.kwargs.push((name.clone(), part.value)),
                    None => input.args.push(part.value),
                }
            }
            let more: Option<(String, Value)> = more.map(|(name, sample)| (name.clone(), sample.value.clone()));
            input.kwargs.extend(more);
            // Who may give as much as they like gives something, as a rule.
            let is_odd = is_odd || self.takes_more && input.args.is_empty() && input.kwargs.is_empty();
            Probe { input, is_sure, is_odd }
        };
        made.into_iter().map(probe).collect()
    }
}
