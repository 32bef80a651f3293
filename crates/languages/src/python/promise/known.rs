//! What is known of a parameter, in the order in which it counts: its annotation, the docstring, its default, what callers
//! write down, and what it is used for.

use model::{Input, Value};
use ruff_python_ast::ParameterWithDefault;
use search::{ParameterKind, Shape, ShapeId, Subject};

use super::described;
use super::types::{Reader, Sample, Type, combined, plain};

/// Nested shapes deeper than this say no more.
const DEEPEST: u32 = 8;
/// The part of all that a parameter may be by its uses that one kind has to have before it counts as known.
const CONFIDENT: f64 = 0.85;
/// Values that callers write down are tried as they are, so many of them.
const WRITTEN: usize = 3;

/// Objects of one class, at most.
const RECEIVERS: usize = 8;

/// Where what is known comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// An annotation.
    Annotation,
    /// The docstring.
    Docstring,
    /// The type of its default.
    Default,
    /// Literal arguments of calls in the repository.
    Callers,
    /// What the function does with it.
    Use,
}

impl Source {
    /// In words, for what a function says of its parameters; nothing for what stands there.
    pub(super) fn said(self) -> Option<&'static str> {
        match self {
            Self::Annotation => None,
            Self::Docstring => Some("by its docstring"),
            Self::Default => Some("by its default"),
            Self::Callers => Some("where it is called"),
            Self::Use => Some("by how it is used"),
        }
    }
}

/// What is known of one parameter.
pub(super) struct Known {
    pub of: Type,
    pub source: Source,
    /// Small values of it, the usual one first.
    pub samples: Vec<Sample>,
}

/// Looks at the parameters of one function.
pub(super) struct Knowledge<'a> {
    pub reader: &'a Reader<'a>,
    /// What the docstring says.
    pub described: Vec<(String, String)>,
    /// What is inferred.
    pub subject: &'a Subject,
}

impl<'a> Knowledge<'a> {
    pub(super) fn new(reader: &'a Reader<'a>, docstring: &str, subject: &'a Subject) -> Self {
        Self {
            reader,
            described: described::types(docstring),
            subject,
        }
    }

    /// What is known of the parameter number `at`, without the receiver; nothing where that is not enough to make values.
    pub(super) fn of(&self, at: usize, parameter: &ParameterWithDefault) -> Option<Known> {
        let known = |source: Source, of: Type| {
            let samples = of.samples();
            (!samples.is_empty()).then_some(Known { of, source, samples })
        };
        // What is annotated says no more than its annotation.
        if let Some(annotation) = parameter.annotation() {
            return known(Source::Annotation, self.reader.read(annotation));
        }
        let name = parameter.name().as_str();
        self.documented(name)
            .and_then(|of| known(Source::Docstring, of))
            .or_else(|| self.by_default(parameter))
            .or_else(|| self.written(at, name))
            .or_else(|| known(Source::Use, self.used(name)?))
    }

    fn documented(&self, name: &str) -> Option<Type> {
        let mut about = self.described.iter().filter(|(about, _)| about == name);
        about.find_map(|(_, written)| {
            let of = self.reader.read(&described::annotation(written)?);
            (of != Type::Any).then_some(of)
        })
    }

    /// What its default is an example of. Values that count as false are another matter, where the default does not.
    fn by_default(&self, parameter: &ParameterWithDefault) -> Option<Known> {
        let default = plain(parameter.default()?)?;
        let of = Type::of_value(&default)?;
        if of == Type::None {
            return None;
        }
        let is_false = |value: &Value| match value {
            Value::Int(number) => *number <= 0,
            Value::Float(number) => *number <= 0.0,
            Value::Str(text) => text.is_empty(),
            _ => false,
        };
        // A word is one of several that are known, mostly: `mode='html'`.
        let is_word = matches!(&default, Value::Str(text) if text.chars().any(char::is_alphanumeric));
        let mut samples = of.samples();
        for sample in &mut samples {
            sample.is_odd |= is_word || is_false(&sample.value) && !is_false(&default);
        }
        samples.sort_by_key(|sample| sample.is_odd);
        Some(Known {
            of,
            source: Source::Default,
            samples,
        })
    }

    /// What callers write down for it, where it is all of one type.
    fn written(&self, at: usize, name: &str) -> Option<Known> {
        let mut values: Vec<Value> = Vec::new();
        for seed in &self.subject.seeds {
            let value = given(seed, at, name)?;
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
        let types: Option<Vec<Type>> = values.iter().map(Type::of_value).collect();
        let of = joined(&types?)?;
        values.sort_by_key(Value::size);
        values.truncate(WRITTEN);
        let mut samples: Vec<Sample> = values.into_iter().map(Sample::sure).collect();
        let more: Vec<Sample> = of
            .samples()
            .into_iter()
            .filter(|sample| samples.iter().all(|known| known.value != sample.value))
            .collect();
        samples.extend(more);
        Some(Known {
            of,
            source: Source::Callers,
            samples,
        })
    }

    /// What its uses leave room for, where that is one thing.
    fn used(&self, name: &str) -> Option<Type> {
        let parameter = self.subject.parameters.iter().find(|one| one.name == name)?;
        self.shaped(parameter.shape, DEEPEST)
    }

    /// Objects of a class whose constructor has no annotations; none where nothing is known of something that it has to be given.
    pub(super) fn receivers(&self) -> Vec<Sample> {
        let Some(Shape::Object(class)) = self.subject.receiver.map(|id| self.subject.shape(id)) else {
            return Vec::new();
        };
        let class = &self.subject.classes[class.0 as usize];
        let required = class.parameters.iter().filter(|one| !one.optional);
        let taken: Option<Vec<(String, Vec<Sample>)>> = required
            .map(|one| {
                let is_one = matches!(one.kind, ParameterKind::Positional | ParameterKind::Keyword);
                let of = is_one.then(|| self.shaped(one.shape, DEEPEST)).flatten()?;
                Some((one.name.clone(), of.samples()))
            })
            .collect();
        let Some((names, samples)) = taken.map(|taken| taken.into_iter().unzip::<_, _, Vec<String>, Vec<_>>()) else {
            return Vec::new();
        };
        if !class.attributes.is_empty() {
            return Vec::new();
        }
        let make = |parts: Vec<Sample>| {
            let named = names.iter().cloned().zip(parts.iter().map(|part| part.value.clone()));
            let value = Value::Call {
                callee: class.make.clone(),
                args: Vec::new(),
                kwargs: named.collect(),
            };
            Sample::of(&parts.iter().collect::<Vec<_>>(), value)
        };
        combined(&samples, RECEIVERS).into_iter().map(make).collect()
    }

    /// A number for shapes of which one does where another does.
    fn family(&self, id: ShapeId) -> Option<u8> {
        Some(match self.subject.shape(id) {
            Shape::Int | Shape::Float => 0,
            Shape::List(_) | Shape::Tuple(_) | Shape::TupleOf(_) | Shape::Set(_) | Shape::FrozenSet(_) => 1,
            Shape::Str => 2,
            Shape::Bytes => 3,
            Shape::Dict(..) | Shape::Record(_) => 4,
            Shape::Bool => 5,
            _ => return None,
        })
    }

    fn shaped(&self, id: ShapeId, depth: u32) -> Option<Type> {
        let depth = depth.checked_sub(1)?;
        let inner = |id: &ShapeId| Box::new(self.shaped(*id, depth).unwrap_or(Type::Any));
        Some(match self.subject.shape(id) {
            Shape::Bool => Type::Bool,
            Shape::Int => Type::Int,
            Shape::Float => Type::Float,
            Shape::Str => Type::Str,
            Shape::Bytes => Type::Bytes,
            Shape::List(of) => Type::List(inner(of)),
            Shape::Set(of) => Type::Set(inner(of)),
            Shape::FrozenSet(of) => Type::FrozenSet(inner(of)),
            Shape::TupleOf(of) => Type::TupleOf(inner(of)),
            Shape::Dict(key, of) => Type::Dict(inner(key), inner(of)),
            Shape::Union(options) => {
                // Whoever takes a list mostly takes a tuple, too, and a number is a number.
                let all: f64 = options.iter().map(|(weight, _)| weight).sum();
                let likeliest = options
                    .iter()
                    .max_by(|(a, _), (b, _)| a.total_cmp(b))
                    .map(|(_, id)| *id)?;
                let family = self.family(likeliest);
                let alike = options
                    .iter()
                    .filter(|(_, id)| *id == likeliest || family.is_some() && family == self.family(*id));
                if alike.map(|(weight, _)| weight).sum::<f64>() < CONFIDENT * all {
                    return None;
                }
                self.shaped(likeliest, depth)?
            }
            _ => return None,
        })
    }
}

/// What a call gives for a parameter.
fn given<'v>(call: &'v Input, at: usize, name: &str) -> Option<&'v Value> {
    let by_name = call.kwargs.iter().find(|(given, _)| given == name);
    call.args.get(at).or(by_name.map(|(_, value)| value))
}

/// The one type that all of these are of; nothing where they are of several, but for those that may be none.
fn joined(types: &[Type]) -> Option<Type> {
    let (none, some): (Vec<&Type>, Vec<&Type>) = types.iter().partition(|of| **of == Type::None);
    let mut each = some.into_iter().cloned();
    let first = each.next()?;
    let all = each.try_fold(first, |all, next| all.with(&next))?;
    Some(if none.is_empty() {
        all
    } else {
        Type::Union(vec![all, Type::None])
    })
}

impl Type {
    /// The type that a value is an example of; nothing for what is not plain.
    fn of_value(value: &Value) -> Option<Self> {
        let items = |items: &[Value]| -> Option<Box<Self>> {
            let types: Option<Vec<Self>> = items.iter().map(Self::of_value).collect();
            let types = types?;
            Some(Box::new(joined(&types).unwrap_or(Self::Any)))
        };
        Some(match value {
            Value::None => Self::None,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Float(_) => Self::Float,
            Value::Str(_) => Self::Str,
            Value::Bytes(_) => Self::Bytes,
            Value::List(of) => Self::List(items(of)?),
            Value::Set(of) => Self::Set(items(of)?),
            Value::FrozenSet(of) => Self::FrozenSet(items(of)?),
            Value::Tuple(of) => Self::Tuple(of.iter().map(Self::of_value).collect::<Option<_>>()?),
            Value::Dict(pairs) => {
                let (keys, values): (Vec<Value>, Vec<Value>) = pairs.iter().cloned().unzip();
                Self::Dict(items(&keys)?, items(&values)?)
            }
            _ => return None,
        })
    }

    /// What both are; nothing where they are two things.
    fn with(&self, other: &Self) -> Option<Self> {
        let both = |one: &Self, other: &Self| Box::new(one.with(other).unwrap_or(Self::Any));
        Some(match (self, other) {
            (one, other) if one == other => one.clone(),
            (Self::Any, known) | (known, Self::Any) => known.clone(),
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            (Self::List(one), Self::List(other)) => Self::List(both(one, other)),
            (Self::Set(one), Self::Set(other)) => Self::Set(both(one, other)),
            (Self::Dict(key, of), Self::Dict(other, others)) => Self::Dict(both(key, other), both(of, others)),
            _ => return None,
        })
    }

    /// As an annotation would write it.
    pub(super) fn written(&self) -> String {
        let each = |all: &[Self], with: &str| all.iter().map(Self::written).collect::<Vec<_>>().join(with);
        let one = |name: &str, of: &Self| match of {
            Self::Any => name.to_owned(),
            of => format!("{name}[{}]", of.written()),
        };
        match self {
            Self::None => "None".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Int => "int".to_owned(),
            Self::Float => "float".to_owned(),
            Self::Str => "str".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::List(of) => one("list", of),
            Self::Set(of) => one("set", of),
            Self::FrozenSet(of) => one("frozenset", of),
            Self::Tuple(parts) => format!("tuple[{}]", each(parts, ", ")),
            Self::TupleOf(of) => format!("tuple[{}, ...]", of.written()),
            Self::Dict(key, of) if **key == Self::Any && **of == Self::Any => "dict".to_owned(),
            Self::Dict(key, of) => format!("dict[{}, {}]", key.written(), of.written()),
            Self::Union(all) => each(all, " | "),
            Self::Values(samples) => {
                let values: Vec<String> = samples
                    .iter()
                    .take(3)
                    .map(|one| crate::python::print::value(&one.value))
                    .collect();
                values.join(" | ")
            }
            Self::Any => "Any".to_owned(),
        }
    }
}
