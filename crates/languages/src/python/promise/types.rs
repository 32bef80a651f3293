//! Types as annotations declare them, and small values of each.

use std::sync::Arc;

use model::{Symbol, Value};
use ruff_python_ast::{Alias, Expr, Number, Operator, Stmt, StmtClassDef, StmtFunctionDef, StmtImportFrom};

use super::last_name;
use crate::python::shapes::for_each_statement;
use crate::python::{Parsed, Project};

/// Nested annotations and classes deeper than this say no more.
const DEEPEST: u32 = 6;
/// Most values of one type.
const MOST: usize = 12;

/// A type as far as it is understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    None,
    Bool,
    Int,
    Float,
    Str,
    Bytes,
    List(Box<Type>),
    Set(Box<Type>),
    FrozenSet(Box<Type>),
    Tuple(Vec<Type>),
    TupleOf(Box<Type>),
    Dict(Box<Type>, Box<Type>),
    Union(Vec<Type>),
    /// All that it may be, or for a class, some of its objects.
    Values(Vec<Sample>),
    /// Nothing is known.
    Any,
}

/// A value of a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub value: Value,
    /// Whether all of it is declared.
    pub is_sure: bool,
    /// Whether few functions are made for it.
    pub is_odd: bool,
}

impl Sample {
    pub(super) fn sure(value: Value) -> Self {
        Self {
            value,
            is_sure: true,
            is_odd: false,
        }
    }

    fn odd(value: Value) -> Self {
        Self {
            is_odd: true,
            ..Self::sure(value)
        }
    }

    /// A value made of others.
    pub(super) fn of(parts: &[&Self], value: Value) -> Self {
        Self {
            value,
            is_sure: parts.iter().all(|part| part.is_sure),
            is_odd: parts.iter().any(|part| part.is_odd),
        }
    }
}

impl Type {
    /// Small values of it, the usual one first; none where nothing is known.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        let sure = |values: Vec<Value>| values.into_iter().map(Sample::sure).collect::<Vec<_>>();
        let text = |text: &str| Value::Str(text.to_owned());
        let mut samples = match self {
            Self::None => sure(vec![Value::None]),
            Self::Bool => sure(vec![Value::Bool(true), Value::Bool(false)]),
            Self::Int => {
                let mut all = sure(vec![Value::Int(1), Value::Int(0), Value::Int(2)]);
                all.push(Sample::odd(Value::Int(-1)));
                all
            }
            Self::Float => sure(vec![Value::Float(1.5), Value::Float(0.0), Value::Float(2.0)]),
            Self::Str => sure(vec![text("a"), text(""), text("a b"), text("1"), text("a,b")]),
            Self::Bytes => sure(vec![Value::Bytes(b"a".to_vec()), Value::Bytes(Vec::new())]),
            Self::List(of) => of_items(of, Value::List, |_| true),
            Self::Set(of) => of_items(of, Value::Set, Value::is_hashable),
            Self::FrozenSet(of) => of_items(of, Value::FrozenSet, Value::is_hashable),
            Self::TupleOf(of) => of_items(of, Value::Tuple, |_| true),
            Self::Tuple(parts) => {
                let parts: Vec<Vec<Sample>> = parts.iter().map(Self::samples_or_guess).collect();
                let joined = |parts: Vec<Sample>| {
                    let value = Value::Tuple(parts.iter().map(|part| part.value.clone()).collect());
                    Sample::of(&parts.iter().collect::<Vec<_>>(), value)
                };
                combined(&parts, MOST).into_iter().map(joined).collect()
            }
            Self::Dict(key, of) => of_pairs(key, of),
            Self::Union(all) => {
                let each: Vec<Vec<Sample>> = all.iter().map(Self::samples).collect();
                let longest = each.iter().map(Vec::len).max().unwrap_or(0);
                // The usual ones of all come first.
                let nth = |at: usize| each.iter().filter_map(move |samples| samples.get(at).cloned());
                (0..longest).flat_map(nth).collect()
            }
            Self::Values(samples) => samples.clone(),
            Self::Any => Vec::new(),
        };
        samples.truncate(MOST);
        samples
    }

    /// As [`Type::samples`]; where nothing is known, some that it may have.
    fn samples_or_guess(&self) -> Vec<Sample> {
        let guessed = |value| Sample {
            is_sure: false,
            ..Sample::sure(value)
        };
        let known = self.samples();
        if known.is_empty() {
            vec![guessed(Value::Int(1)), guessed(Value::Str("a".to_owned()))]
        } else {
            known
        }
    }
}

/// One element, none, two, and one of each other value.
fn of_items(of: &Type, make: fn(Vec<Value>) -> Value, fits: fn(&Value) -> bool) -> Vec<Sample> {
    let items: Vec<Sample> = of
        .samples_or_guess()
        .into_iter()
        .filter(|item| fits(&item.value))
        .collect();
    let one = |item: &Sample| Sample::of(&[item], make(vec![item.value.clone()]));
    let mut samples: Vec<Sample> = items.first().map(one).into_iter().collect();
    samples.push(Sample::sure(make(Vec::new())));
    if let [first, second, ..] = items.as_slice() {
        samples.push(Sample::of(
            &[first, second],
            make(vec![first.value.clone(), second.value.clone()]),
        ));
    }
    samples.extend(items.iter().skip(1).map(one));
    samples
}

/// One pair, none, and one of each other value.
fn of_pairs(key: &Type, of: &Type) -> Vec<Sample> {
    let keys: Vec<Sample> = key
        .samples_or_guess()
        .into_iter()
        .filter(|key| key.value.is_hashable())
        .collect();
    let values = of.samples_or_guess();
    let pair = |key: &Sample, value: &Sample| {
        Sample::of(
            &[key, value],
            Value::Dict(vec![(key.value.clone(), value.value.clone())]),
        )
    };
    let mut samples = Vec::new();
    if let (Some(key), Some(value)) = (keys.first(), values.first()) {
        samples.push(pair(key, value));
    }
    samples.push(Sample::sure(Value::Dict(Vec::new())));
    if let Some(key) = keys.first() {
        samples.extend(values.iter().skip(1).map(|value| pair(key, value)));
    }
    samples
}

/// All ways to take one of each, the usual ones first; where they are more than `most`, those that differ from the usual ones in one.
pub(crate) fn combined(each: &[Vec<Sample>], most: usize) -> Vec<Vec<Sample>> {
    let usual: Option<Vec<Sample>> = each.iter().map(|samples| samples.first().cloned()).collect();
    let Some(usual) = usual else { return Vec::new() };
    let number = each
        .iter()
        .try_fold(1_usize, |number, samples| number.checked_mul(samples.len()));
    if number.is_some_and(|number| number <= most) {
        return each.iter().fold(vec![Vec::new()], |made, samples| {
            made.iter()
                .flat_map(|so_far: &Vec<Sample>| {
                    let with = |sample: &Sample| so_far.iter().cloned().chain([sample.clone()]).collect();
                    samples.iter().map(with).collect::<Vec<Vec<Sample>>>()
                })
                .collect()
        });
    }
    let mut made = vec![usual.clone()];
    for (at, samples) in each.iter().enumerate() {
        for sample in samples.iter().skip(1) {
            let mut other = usual.clone();
            other[at] = sample.clone();
            made.push(other);
        }
    }
    made.truncate(most);
    made
}

/// Reads annotations of one file.
#[derive(Clone)]
pub(crate) struct Reader<'p> {
    pub project: &'p Project,
    pub parsed: Arc<Parsed>,
}

impl Reader<'_> {
    /// What an annotation declares.
    pub(crate) fn read(&self, annotation: &Expr) -> Type {
        self.typed(annotation, DEEPEST)
    }

    /// Objects of a class of the file.
    pub(crate) fn class_named(&self, name: &str) -> Type {
        self.own(&self.parsed, name, DEEPEST).unwrap_or(Type::Any)
    }

    /// Whether a name stands for a class that the file defines, and that is no type of a type checker alone.
    pub(crate) fn is_plain_class(&self, name: &str) -> bool {
        self.parsed.ast.body.iter().any(|statement| match statement {
            Stmt::ClassDef(class) if class.name.as_str() == name => {
                let known = ["object", "Generic", "ABC", "NamedTuple", "TypedDict"];
                class
                    .bases()
                    .iter()
                    .all(|base| last_name(base).is_some_and(|base| known.contains(&base)))
            }
            _ => false,
        })
    }

    /// Whether a name stands for a class of the project whose objects are made by calling it or another class of the project:
    /// no plain data is one.
    pub(crate) fn is_class_apart(&self, name: &str) -> bool {
        self.is_apart(name, DEEPEST)
    }

    fn is_apart(&self, name: &str, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        let mut answer = None;
        for_each_statement(&self.parsed.ast.body, &mut |statement| match statement {
            Stmt::ClassDef(class) if class.name.as_str() == name => {
                let is_known = |base: &Expr| {
                    let base = last_name(base).unwrap_or("?");
                    ["object", "Generic", "ABC", "Enum"].contains(&base) || base != name && self.is_apart(base, depth)
                };
                answer = Some(class.bases().iter().all(is_known));
            }
            Stmt::ImportFrom(import) => {
                let bound = |alias: &&Alias| alias.asname.as_ref().unwrap_or(&alias.name).as_str() == name;
                let Some(alias) = import.names.iter().find(bound) else {
                    return;
                };
                answer = self
                    .at_import(import)
                    .map(|there| there.is_apart(alias.name.as_str(), depth));
            }
            _ => {}
        });
        answer.unwrap_or(false)
    }

    fn typed(&self, annotation: &Expr, depth: u32) -> Type {
        let Some(depth) = depth.checked_sub(1) else {
            return Type::Any;
        };
        match annotation {
            Expr::NoneLiteral(_) => Type::None,
            Expr::StringLiteral(text) => match ruff_python_parser::parse_expression(text.value.to_str()) {
                Ok(parsed) => self.typed(parsed.expr(), depth),
                Err(_) => Type::Any,
            },
            Expr::BinOp(binary) if binary.op == Operator::BitOr => {
                union(vec![self.typed(&binary.left, depth), self.typed(&binary.right, depth)])
            }
            Expr::Name(name) => self.named(name.id.as_str(), depth),
            Expr::Attribute(attribute) => bare(attribute.attr.as_str()).unwrap_or(Type::Any),
            Expr::Subscript(subscript) => {
                let arguments = match &*subscript.slice {
                    Expr::Tuple(tuple) => &tuple.elts[..],
                    other => std::slice::from_ref(other),
                };
                self.subscribed(last_name(&subscript.value).unwrap_or_default(), arguments, depth)
            }
            _ => Type::Any,
        }
    }

    fn subscribed(&self, name: &str, arguments: &[Expr], depth: u32) -> Type {
        let all = || -> Vec<Type> { arguments.iter().map(|one| self.typed(one, depth)).collect() };
        let first = || Box::new(arguments.first().map_or(Type::Any, |one| self.typed(one, depth)));
        match (name, arguments) {
            ("Optional", _) => union(all().into_iter().chain([Type::None]).collect()),
            ("Union", _) => union(all()),
            ("Annotated", _) => Type::Any,
            ("Final", _) => *first(),
            ("Literal", _) => {
                let values: Option<Vec<Value>> = arguments.iter().map(plain).collect();
                values.map_or(Type::Any, |values| {
                    Type::Values(values.into_iter().map(Sample::sure).collect())
                })
            }
            ("list" | "List" | "Sequence" | "Iterable" | "Collection" | "MutableSequence", [_]) => Type::List(first()),
            ("set" | "Set" | "MutableSet" | "AbstractSet", [_]) => Type::Set(first()),
            ("frozenset" | "FrozenSet", [_]) => Type::FrozenSet(first()),
            ("tuple" | "Tuple", [_, Expr::EllipsisLiteral(_)]) => Type::TupleOf(first()),
            ("tuple" | "Tuple", _) => Type::Tuple(all()),
            ("dict" | "Dict" | "Mapping" | "MutableMapping", [key, of]) => {
                Type::Dict(Box::new(self.typed(key, depth)), Box::new(self.typed(of, depth)))
            }
            _ => Type::Any,
        }
    }

    fn named(&self, name: &str, depth: u32) -> Type {
        if let Some(known) = self.own(&self.parsed, name, depth) {
            return known;
        }
        for statement in &self.parsed.ast.body {
            let Stmt::ImportFrom(import) = statement else { continue };
            let Some(alias) = import.names.iter().find(|alias| {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                bound.as_str() == name
            }) else {
                continue;
            };
            if let Some(there) = self.at_import(import) {
                return there
                    .own(&there.parsed, alias.name.as_str(), depth)
                    .unwrap_or(Type::Any);
            }
            let module = import.module.as_ref().map_or("", |module| module.as_str());
            return library(module, alias.name.as_str())
                .or_else(|| bare(alias.name.as_str()))
                .unwrap_or(Type::Any);
        }
        bare(name).unwrap_or(Type::Any)
    }

    /// Reads annotations of the file that an import names.
    fn at_import(&self, import: &StmtImportFrom) -> Option<Reader<'_>> {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        let path = self.imported(module, import.level)?;
        Some(Reader {
            project: self.project,
            parsed: self.project.parsed(path).ok()?,
        })
    }

    /// The file that an import names.
    fn imported(&self, module: &str, level: u32) -> Option<&str> {
        if level == 0 {
            return self.project.path_of(module);
        }
        let mut parts: Vec<&str> = self.parsed.module.split('.').collect();
        let up = level as usize - usize::from(self.parsed.path.ends_with("__init__.py"));
        parts.truncate(parts.len().checked_sub(up)?);
        parts.extend(module.split('.').filter(|part| !part.is_empty()));
        self.project.path_of(&parts.join("."))
    }

    /// What a file itself says that a name stands for: a class, or an alias of a type.
    fn own(&self, parsed: &Parsed, name: &str, depth: u32) -> Option<Type> {
        let is = |target: &Expr| matches!(target, Expr::Name(found) if found.id.as_str() == name);
        parsed.ast.body.iter().rev().find_map(|statement| match statement {
            Stmt::ClassDef(class) if class.name.as_str() == name => Some(self.class(class, depth)),
            Stmt::Assign(assign) if matches!(&assign.targets[..], [target] if is(target)) => {
                Some(self.alias(&assign.value, depth))
            }
            Stmt::AnnAssign(assign) if is(&assign.target) => Some(
                assign
                    .value
                    .as_deref()
                    .map_or(Type::Any, |value| self.alias(value, depth)),
            ),
            Stmt::TypeAlias(alias) if is(&alias.name) => Some(self.typed(&alias.value, depth)),
            _ => None,
        })
    }

    fn alias(&self, value: &Expr, depth: u32) -> Type {
        match value {
            Expr::Subscript(_) | Expr::BinOp(_) | Expr::StringLiteral(_) => self.typed(value, depth),
            // Anything else may be a type of any kind, made in any way.
            _ => Type::Any,
        }
    }

    /// Objects of a class of the project, where its constructor says what it takes.
    fn class(&self, class: &StmtClassDef, depth: u32) -> Type {
        let Some(depth) = depth.checked_sub(1) else {
            return Type::Any;
        };
        let symbol = |name: &str| Symbol::new(self.parsed.module.clone(), name);
        let bases: Vec<&str> = class
            .bases()
            .iter()
            .map(|base| last_name(base).unwrap_or("?"))
            .collect();
        let own_name = class.name.as_str();
        if bases.iter().any(|base| ["Enum", "IntEnum", "StrEnum"].contains(base)) {
            let members = class.body.iter().filter_map(|statement| match statement {
                Stmt::Assign(assign) => match &assign.targets[..] {
                    [Expr::Name(name)] if !name.id.starts_with('_') => Some(symbol(&format!("{own_name}.{}", name.id))),
                    _ => None,
                },
                _ => None,
            });
            return Type::Values(members.map(|member| Sample::sure(Value::Symbol(member))).collect());
        }
        let fields = self.fields(class, depth);
        if bases == ["TypedDict"] {
            let (names, samples): (Vec<String>, Vec<Vec<Sample>>) = fields.into_iter().unzip();
            let made = combined(&samples, MOST).into_iter().map(|parts| {
                let pairs = names.iter().zip(&parts);
                let pairs = pairs.map(|(name, part)| (Value::Str(name.clone()), part.value.clone()));
                Sample::of(&parts.iter().collect::<Vec<_>>(), Value::Dict(pairs.collect()))
            });
            return Type::Values(made.collect());
        }
        let Some(taken) = self.constructor(class, &bases, fields, depth) else {
            return Type::Any;
        };
        let (names, samples): (Vec<String>, Vec<Vec<Sample>>) = taken.into_iter().unzip();
        let make = |parts: &[Sample], more: Option<(&String, &Sample)>| {
            let named = names.iter().cloned().zip(parts.iter().map(|part| part.value.clone()));
            let more = more.map(|(name, sample)| (name.clone(), sample.value.clone(), sample));
            let value = Value::Call {
                callee: symbol(own_name),
                args: Vec::new(),
                kwargs: named
                    .chain(more.iter().map(|(name, value, _)| (name.clone(), value.clone())))
                    .collect(),
            };
            let all: Vec<&Sample> = parts.iter().chain(more.iter().map(|(_, _, sample)| *sample)).collect();
            Sample::of(&all, value)
        };
        let optional = self.optional(class, &bases, depth);
        let usual: Vec<Sample> = samples.iter().filter_map(|samples| samples.first().cloned()).collect();
        let varied: Vec<Sample> = optional
            .iter()
            .take(MOST / 2)
            .map(|(name, sample)| make(&usual, Some((name, sample))))
            .collect();
        let made = combined(&samples, MOST - varied.len());
        let mut made: Vec<Sample> = made.iter().map(|parts| make(parts, None)).collect();
        made.extend(varied);
        Type::Values(made)
    }

    /// Fields that may be left out, each with a value that is another one than its default.
    fn optional(&self, class: &StmtClassDef, bases: &[&str], depth: u32) -> Vec<(String, Sample)> {
        if class.decorator_list.is_empty() && bases != ["NamedTuple"] {
            return Vec::new();
        }
        let fields = class.body.iter().filter_map(|statement| match statement {
            Stmt::AnnAssign(field) => match (&*field.target, &field.value) {
                (Expr::Name(name), Some(default))
                    if !is_class_variable(&field.annotation) && !name.id.starts_with('_') =>
                {
                    let default = match &**default {
                        // `field(…)` may say that it is no parameter.
                        Expr::Call(call) if call.arguments.find_keyword("default_factory").is_none() => return None,
                        Expr::Call(call) if call.arguments.keywords.len() > 1 => return None,
                        other => plain(other),
                    };
                    let samples = self.typed(&field.annotation, depth).samples();
                    let other = samples.into_iter().find(|one| Some(&one.value) != default.as_ref())?;
                    Some((name.id.to_string(), other))
                }
                _ => None,
            },
            _ => None,
        });
        fields.collect()
    }

    /// What a constructor has to be given, with values for each; nothing where that is not known.
    fn constructor(
        &self,
        class: &StmtClassDef,
        bases: &[&str],
        fields: Vec<(String, Vec<Sample>)>,
        depth: u32,
    ) -> Option<Vec<(String, Vec<Sample>)>> {
        let decorators: Vec<&str> = class
            .decorator_list
            .iter()
            .map(|decorator| last_name(&decorator.expression).unwrap_or("?"))
            .collect();
        let has_keywords = class
            .arguments
            .as_ref()
            .is_some_and(|arguments| !arguments.keywords.is_empty());
        let init = class.body.iter().find_map(|statement| match statement {
            Stmt::FunctionDef(function) if function.name.as_str() == "__init__" => Some(function),
            _ => None,
        });
        let is_alone = bases
            .iter()
            .all(|base| ["object", "Generic", "Protocol"].contains(base));
        match init {
            _ if has_keywords => None,
            Some(init) if decorators.is_empty() && is_alone => self.required(init, depth),
            None if decorators.is_empty() && bases.is_empty() => Some(Vec::new()),
            None if decorators == ["dataclass"] && is_alone || bases == ["NamedTuple"] => Some(fields),
            _ => None,
        }
    }

    /// Parameters that have to be given, without the first, with values for each.
    fn required(&self, init: &StmtFunctionDef, depth: u32) -> Option<Vec<(String, Vec<Sample>)>> {
        let parameters = init.parameters.iter_non_variadic_params().skip(1);
        let required = parameters.filter(|parameter| parameter.default().is_none());
        required
            .map(|parameter| {
                let samples = self.typed(parameter.annotation()?, depth).samples();
                (!samples.is_empty()).then(|| (parameter.name().to_string(), samples))
            })
            .collect()
    }

    /// Fields without a default, with values for each; a field without values makes that nothing can be made.
    fn fields(&self, class: &StmtClassDef, depth: u32) -> Vec<(String, Vec<Sample>)> {
        let fields = class.body.iter().filter_map(|statement| match statement {
            Stmt::AnnAssign(field) if field.value.is_none() => match &*field.target {
                Expr::Name(name) if !is_class_variable(&field.annotation) => {
                    Some((name.id.to_string(), self.typed(&field.annotation, depth).samples()))
                }
                _ => None,
            },
            _ => None,
        });
        fields.collect()
    }
}

fn is_class_variable(annotation: &Expr) -> bool {
    last_name(annotation) == Some("ClassVar")
}

fn union(all: Vec<Type>) -> Type {
    // What may be something unknown is not known.
    if all.contains(&Type::Any) {
        return Type::Any;
    }
    let flat = all.into_iter().flat_map(|one| match one {
        Type::Union(inner) => inner,
        other => vec![other],
    });
    Type::Union(flat.collect())
}

/// A type by its name alone.
fn bare(name: &str) -> Option<Type> {
    let any = || Box::new(Type::Any);
    Some(match name {
        "None" | "NoneType" => Type::None,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "float" => Type::Float,
        "str" | "Text" => Type::Str,
        "bytes" => Type::Bytes,
        "list" | "List" | "Sequence" | "Iterable" | "Collection" => Type::List(any()),
        "set" | "Set" => Type::Set(any()),
        "frozenset" | "FrozenSet" => Type::FrozenSet(any()),
        "tuple" | "Tuple" => Type::TupleOf(any()),
        "dict" | "Dict" | "Mapping" => Type::Dict(any(), any()),
        _ => return None,
    })
}

/// Values of a type of the standard library.
fn library(module: &str, name: &str) -> Option<Type> {
    let call = |args: Vec<Value>| {
        Sample::sure(Value::Call {
            callee: Symbol::new(module, name),
            args,
            kwargs: Vec::new(),
        })
    };
    let numbers = |numbers: &[i64]| call(numbers.iter().map(|number| Value::Int(*number)).collect());
    Some(Type::Values(match (module, name) {
        ("datetime", "date") => vec![
            numbers(&[2024, 1, 15]),
            numbers(&[2024, 1, 31]),
            numbers(&[2024, 2, 29]),
            numbers(&[2024, 12, 31]),
        ],
        ("datetime", "datetime") => vec![
            numbers(&[2024, 1, 15, 12, 30]),
            numbers(&[2024, 1, 31]),
            numbers(&[2024, 2, 29]),
            numbers(&[2024, 12, 31, 23, 59]),
        ],
        ("datetime", "timedelta") => vec![numbers(&[1]), numbers(&[0]), numbers(&[0, 90])],
        ("decimal", "Decimal") => vec![call(vec![Value::Str("1.5".to_owned())]), numbers(&[0])],
        ("fractions", "Fraction") => vec![numbers(&[1, 2]), numbers(&[0])],
        _ => return None,
    }))
}

/// The value of a literal.
pub(crate) fn plain(literal: &Expr) -> Option<Value> {
    Some(match literal {
        Expr::NoneLiteral(_) => Value::None,
        Expr::BooleanLiteral(boolean) => Value::Bool(boolean.value),
        Expr::StringLiteral(text) => Value::Str(text.value.to_str().to_owned()),
        Expr::NumberLiteral(number) => match &number.value {
            Number::Int(number) => Value::Int(number.as_i64()?),
            Number::Float(number) => Value::Float(*number),
            Number::Complex { .. } => return None,
        },
        _ => return None,
    })
}
