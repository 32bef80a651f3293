//! Whether arguments are of the types that a function's own parameters declare, by annotation or by the type of a default.

use model::{CallKind, Input, Target, Value};
use ruff_python_ast::{Expr, Number, Operator, Parameter, ParameterWithDefault, Stmt, StmtFunctionDef};

use super::Project;
use super::promise::Reader;

/// Nested annotations deeper than this say no more.
const DEEPEST: u32 = 8;

/// Whether some argument is plainly of another type than its parameter declares. What cannot be read contradicts nothing.
pub fn contradicts(project: &Project, target: &Target, input: &Input) -> bool {
    if target.call == CallKind::Returned && !target.qualified_name.contains("<locals>") {
        // What the function gives is called: what that takes is declared nowhere.
        return false;
    }
    let Ok(parsed) = project.parsed(&target.path) else {
        return false;
    };
    let mut name = target.qualified_name.clone();
    if target.call == CallKind::Constructor {
        name.push_str(".__init__");
    }
    let Some((function, in_class)) = find(&parsed.ast.body, &name) else {
        return false;
    };
    let is_static = decorated(function, "staticmethod");
    let own = usize::from(in_class && !is_static);
    let parameters = &function.parameters;
    let positional: Vec<&ParameterWithDefault> = parameters.posonlyargs.iter().chain(&parameters.args).collect();
    let declared = Declared {
        statements: &parsed.ast.body,
        reader: &Reader {
            project,
            parsed: parsed.clone(),
        },
    };
    let rest = |parameter: &Option<Box<Parameter>>, value: &Value| {
        let annotation = parameter.as_ref().and_then(|parameter| parameter.annotation.as_deref());
        annotation.is_none_or(|annotation| declared.fits(annotation, value, DEEPEST))
    };
    let by_position = input
        .args
        .iter()
        .enumerate()
        .all(|(at, value)| match positional.get(at + own) {
            Some(parameter) => declared.takes(parameter, value),
            None => rest(&parameters.vararg, value),
        });
    let by_name = input.kwargs.iter().all(|(name, value)| {
        let mut all = positional.iter().copied().chain(&parameters.kwonlyargs);
        match all.find(|parameter| parameter.name().as_str() == name) {
            Some(parameter) => declared.takes(parameter, value),
            None => rest(&parameters.kwarg, value),
        }
    });
    !by_position || !by_name
}

fn decorated(function: &StmtFunctionDef, name: &str) -> bool {
    let is = |expression: &Expr| matches!(expression, Expr::Name(found) if found.id.as_str() == name);
    function
        .decorator_list
        .iter()
        .any(|decorator| is(&decorator.expression))
}

/// The function of a dotted name, and whether it stands in a class.
pub(super) fn find<'a>(body: &'a [Stmt], name: &str) -> Option<(&'a StmtFunctionDef, bool)> {
    let (first, rest) = name
        .split_once('.')
        .map_or((name, None), |(first, rest)| (first, Some(rest)));
    body.iter().rev().find_map(|statement| match (statement, rest) {
        (Stmt::FunctionDef(function), None) if function.name.as_str() == first => Some((function, false)),
        (Stmt::ClassDef(class), Some(rest)) if class.name.as_str() == first => {
            find(&class.body, rest).map(|(function, _)| (function, true))
        }
        _ => None,
    })
}

/// Whether a value is of the type of a default.
fn alike(default: &Expr, value: &Value) -> bool {
    match default {
        Expr::BooleanLiteral(_) => is(value, "bool"),
        Expr::NumberLiteral(number) => match number.value {
            Number::Int(_) => is(value, "int"),
            Number::Float(_) => is(value, "float"),
            Number::Complex { .. } => is(value, "complex"),
        },
        Expr::UnaryOp(unary) => alike(&unary.operand, value),
        Expr::StringLiteral(_) | Expr::FString(_) => is(value, "str"),
        Expr::BytesLiteral(_) => is(value, "bytes"),
        // Whoever writes the one takes the other, too.
        Expr::List(_) | Expr::Tuple(_) => is(value, "list") || is(value, "tuple"),
        Expr::Dict(_) => is(value, "dict"),
        _ => true,
    }
}

/// What the annotations of a module mean, by its statements and those of the modules that it imports from.
#[derive(Clone, Copy)]
struct Declared<'a> {
    statements: &'a [Stmt],
    reader: &'a Reader<'a>,
}

impl<'a> Declared<'a> {
    fn takes(self, parameter: &ParameterWithDefault, value: &Value) -> bool {
        match (parameter.annotation(), parameter.default()) {
            (Some(annotation), default) => {
                let by_default = matches!((default, value), (Some(Expr::NoneLiteral(_)), Value::None));
                by_default || self.fits(annotation, value, DEEPEST)
            }
            (None, Some(default)) => alike(default, value),
            (None, None) => true,
        }
    }

    fn fits(self, annotation: &Expr, value: &Value, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return true };
        match annotation {
            Expr::NoneLiteral(_) => is(value, "None"),
            Expr::StringLiteral(text) => match ruff_python_parser::parse_expression(text.value.to_str()) {
                Ok(parsed) => self.fits(parsed.expr(), value, depth),
                Err(_) => true,
            },
            Expr::BinOp(binary) if binary.op == Operator::BitOr => {
                self.fits(&binary.left, value, depth) || self.fits(&binary.right, value, depth)
            }
            Expr::Name(name) => match self.alias(name.id.as_str()) {
                Some(meant) => self.fits(meant, value, depth),
                None => self.is(value, name.id.as_str()),
            },
            Expr::Attribute(attribute) => is(value, attribute.attr.as_str()),
            Expr::Subscript(subscript) => {
                let name = match &*subscript.value {
                    Expr::Name(name) => name.id.as_str(),
                    Expr::Attribute(attribute) => attribute.attr.as_str(),
                    _ => return true,
                };
                let arguments = match &*subscript.slice {
                    Expr::Tuple(tuple) => &tuple.elts[..],
                    other => std::slice::from_ref(other),
                };
                match name {
                    "Optional" => is(value, "None") || arguments.iter().any(|one| self.fits(one, value, depth)),
                    "Union" => arguments.iter().any(|one| self.fits(one, value, depth)),
                    "Annotated" | "Final" => arguments.first().is_none_or(|one| self.fits(one, value, depth)),
                    _ => self.is(value, name) && self.parts_fit(arguments, value, depth),
                }
            }
            _ => true,
        }
    }

    /// As [`is`]; no plain data is of a class that the project itself writes, and nothing else that goes by a name.
    fn is(self, value: &Value, name: &str) -> bool {
        let is_data = is_number(value)
            || matches!(
                value,
                Value::None
                    | Value::Str(_)
                    | Value::Bytes(_)
                    | Value::List(_)
                    | Value::Tuple(_)
                    | Value::Set(_)
                    | Value::FrozenSet(_)
                    | Value::Dict(_)
            );
        is(value, name) && !(is_data && self.reader.is_class_apart(name))
    }

    fn parts_fit(self, arguments: &[Expr], value: &Value, depth: u32) -> bool {
        let all = |items: &[Value], of: &Expr| items.iter().all(|item| self.fits(of, item, depth));
        match (value, arguments) {
            (Value::Tuple(items), [of, Expr::EllipsisLiteral(_)]) => all(items, of),
            (Value::Tuple(items), [_, _, ..]) => {
                items.len() == arguments.len()
                    && items.iter().zip(arguments).all(|(item, of)| self.fits(of, item, depth))
            }
            (
                Value::List(items)
                | Value::Tuple(items)
                | Value::Set(items)
                | Value::FrozenSet(items)
                | Value::Iterator(items),
                [of],
            ) => all(items, of),
            (Value::Dict(pairs), [key, of]) => pairs
                .iter()
                .all(|(name, item)| self.fits(key, name, depth) && self.fits(of, item, depth)),
            _ => true,
        }
    }

    /// What the module says that a name stands for: `Text = Union[str, bytes]`.
    fn alias(self, name: &str) -> Option<&'a Expr> {
        let is = |target: &Expr| matches!(target, Expr::Name(found) if found.id.as_str() == name);
        let value = self.statements.iter().rev().find_map(|statement| match statement {
            Stmt::Assign(assign) if matches!(&assign.targets[..], [target] if is(target)) => Some(&*assign.value),
            Stmt::AnnAssign(assign) if is(&assign.target) => assign.value.as_deref(),
            Stmt::TypeAlias(alias) if is(&alias.name) => Some(&*alias.value),
            _ => None,
        })?;
        // Anything else may be a type of any kind, made in any way.
        matches!(value, Expr::Subscript(_) | Expr::BinOp(_) | Expr::StringLiteral(_)).then_some(value)
    }
}

fn is_number(value: &Value) -> bool {
    matches!(
        value,
        Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Complex(..)
    )
}

/// Whether a value is of the type that goes by a name; anything is of a type that is not known.
fn is(value: &Value, name: &str) -> bool {
    use Value::{
        BigInt, Bool, Bytes, Call, Complex, Dict, Ellipsis, Float, FrozenSet, Identity, Int, Iterator, List, Node,
        None, Returns, Set, Str, Symbol, Tuple,
    };
    // What is called or looked up may be anything.
    if matches!(value, Call { .. } | Symbol(_) | Node(_) | Ellipsis) {
        return true;
    }
    match name {
        "None" | "NoneType" => matches!(value, None),
        "bool" => matches!(value, Bool(_)),
        "int" => matches!(value, Bool(_) | Int(_) | BigInt(_)),
        "float" => matches!(value, Bool(_) | Int(_) | BigInt(_) | Float(_)),
        "complex" => matches!(value, Bool(_) | Int(_) | BigInt(_) | Float(_) | Complex(..)),
        "str" | "Text" => matches!(value, Str(_)),
        "bytes" => matches!(value, Bytes(_)),
        "list" | "List" | "MutableSequence" => matches!(value, List(_)),
        "tuple" | "Tuple" => matches!(value, Tuple(_)),
        "Sequence" => matches!(value, List(_) | Tuple(_) | Str(_) | Bytes(_)),
        "set" | "Set" | "MutableSet" | "AbstractSet" => matches!(value, Set(_) | FrozenSet(_)),
        "frozenset" | "FrozenSet" => matches!(value, FrozenSet(_)),
        "dict" | "Dict" | "Mapping" | "MutableMapping" => matches!(value, Dict(_)),
        "Iterator" | "Generator" => matches!(value, Iterator(_)),
        "Iterable" | "Collection" | "Container" => !matches!(
            value,
            None | Bool(_) | Int(_) | BigInt(_) | Float(_) | Complex(..) | Returns(_) | Identity
        ),
        "Callable" => matches!(value, Returns(_) | Identity),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contradicted(parameters: &str, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> bool {
        let source = format!(
            "Words = typing.Union[str, 'list[str]']\nOther = Any\n\n\ndef f({parameters}):\n    pass\n\n\nclass C:\n    def __init__(self, {parameters}):\n        pass\n"
        );
        let project = Project::new(["a.py".to_owned()], move |_: &str| Ok(source.clone().into_bytes()));
        let of = |name: &str, call| {
            let target = Target {
                path: "a.py".to_owned(),
                module: "a".to_owned(),
                qualified_name: name.to_owned(),
                base_module: None,
                base_name: None,
                call,
            };
            let input = Input {
                args: args.clone(),
                kwargs: kwargs.clone(),
                ..Input::default()
            };
            contradicts(&project, &target, &input)
        };
        let (function, constructor) = (of("f", CallKind::Function), of("C", CallKind::Constructor));
        assert_eq!(function, constructor, "{parameters}");
        function
    }

    #[test]
    fn what_is_taken_by_no_name_of_its_own_is_held_against_its_annotation() {
        let (text, number) = (|| Value::Str("a".into()), || Value::Int(1));
        let named = |value| vec![("other".to_owned(), value)];
        for (parameters, args, kwargs, expected) in [
            ("x: int, *rest: str", vec![number(), text(), text()], vec![], false),
            ("x: int, *rest: str", vec![number(), text(), number()], vec![], true),
            ("x: int, *rest", vec![number(), number()], vec![], false),
            ("x: int, **rest: 'str'", vec![number()], named(number()), true),
            ("x: int, **rest: 'str'", vec![number()], named(text()), false),
            ("x: int", vec![number(), text()], named(text()), false),
        ] {
            assert_eq!(contradicted(parameters, args, kwargs), expected, "{parameters}");
        }
    }

    #[test]
    fn no_plain_data_is_of_a_class_that_the_project_writes() {
        let module = "\
from typing import TYPE_CHECKING, Optional
from .items import Item, Key, Shown, Colour
if TYPE_CHECKING:
    from .items import Table as T
class Own(Item): pass
def f(item: Item, key: Key, shown: Shown, colour: Colour, own: Own, table: T, many: list[Item], may: Optional[Item]): pass
";
        let items = "\
import enum
class Item: pass
class Key(str): pass
class Shown(Protocol): pass
class Colour(enum.Enum): pass
class Table(Item, Generic[X]): pass
";
        let project = Project::new(
            ["p/__init__.py", "p/a.py", "p/items.py"].map(str::to_owned),
            move |path: &str| {
                let text = match path {
                    "p/a.py" => module,
                    "p/items.py" => items,
                    _ => "",
                };
                Ok(text.as_bytes().to_vec())
            },
        );
        let target = Target {
            path: "p/a.py".to_owned(),
            module: "p.a".to_owned(),
            qualified_name: "f".to_owned(),
            base_module: None,
            base_name: None,
            call: CallKind::Function,
        };
        let given = |name: &str, value: Value| {
            let kwargs = vec![(name.to_owned(), value)];
            contradicts(
                &project,
                &target,
                &Input {
                    kwargs,
                    ..Input::default()
                },
            )
        };
        let text = || Value::Str("a".to_owned());
        let object = || Value::call(model::Symbol::new("p.items", "Item"), vec![]);
        for name in ["item", "colour", "own", "table", "may"] {
            assert!(given(name, text()) && given(name, Value::Int(0)), "{name}");
            assert!(!given(name, object()), "{name}");
        }
        for name in ["key", "shown"] {
            assert!(!given(name, text()), "{name}: others may be one");
        }
        assert!(!given("may", Value::None) && given("item", Value::None));
        assert!(given("many", Value::List(vec![Value::Int(1)])) && !given("many", Value::List(vec![object()])));
    }

    #[test]
    fn arguments_are_held_against_annotations_and_defaults() {
        let text = || Value::Str("a".into());
        let list = |item: Value| Value::List(vec![item]);
        for (parameters, value, expected) in [
            ("x: int", text(), true),
            ("x: int", Value::Bool(true), false),
            ("x: 'float'", Value::Int(1), false),
            ("x: int | None", Value::None, false),
            ("x: int | None", text(), true),
            ("x: int = None", Value::None, false),
            ("x: typing.Optional[str]", Value::Int(1), true),
            ("x: list[int]", list(text()), true),
            ("x: Sequence[str]", list(text()), false),
            (
                "x: dict[str, list[int]]",
                Value::Dict(vec![(text(), list(Value::Int(1)))]),
                false,
            ),
            (
                "x: dict[str, list[int]]",
                Value::Dict(vec![(text(), Value::Int(1))]),
                true,
            ),
            ("x: tuple[int, ...]", Value::Tuple(vec![Value::Int(1), text()]), true),
            ("x: Thing", Value::Int(1), false),
            ("x: Callable[[int], str]", Value::Identity, false),
            ("x: Callable[[int], str]", Value::None, true),
            ("x: Optional[Words]", text(), false),
            ("x: Optional[Words]", list(text()), false),
            ("x: Optional[Words]", Value::Int(1), true),
            ("x: Other", Value::Int(1), false),
            ("x=0", text(), true),
            ("x=0", Value::Float(0.5), true),
            ("x=-1.5", Value::Int(1), false),
            ("x=None", text(), false),
            ("x=()", list(text()), false),
            ("x=''", Value::None, true),
            ("x", Value::None, false),
        ] {
            assert_eq!(
                contradicted(parameters, vec![value.clone()], vec![]),
                expected,
                "{parameters} {value:?}"
            );
            let named = vec![("x".to_owned(), value)];
            assert_eq!(
                contradicted(parameters, vec![], named),
                expected,
                "{parameters} by name"
            );
        }
    }
}
