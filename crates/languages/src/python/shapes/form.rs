//! What a class is for, by its bases and decorators.

use ruff_python_ast::{Expr, ExprCall};

use super::binding::{Receiver, receiver_kind};
use super::kind::Kind;
use super::world::{Class, Function};

/// What a class is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Made by its `__init__`.
    Plain,
    /// Made from its fields: dataclasses, attrs, named tuples, pydantic models.
    Fields,
    /// As [`Form::Fields`], by keyword only.
    Keywords,
    /// A row of a table: made from its columns by keyword, all of which may be left out, unless it has an `__init__` of its own.
    Columns,
    /// Its members are all there is.
    Enum,
    /// A dictionary.
    TypedDict,
    /// Anything with these attributes.
    Protocol,
    /// An exception.
    Exception,
    /// A subclass of a builtin container or scalar.
    Builtin(Kind),
}

/// Whether a method is read like an attribute.
pub(super) fn is_property(function: &Function<'_>) -> bool {
    receiver_kind(function) == Receiver::Instance
        && function.def.decorator_list.iter().any(|decorator| {
            last_name(&decorator.expression).is_some_and(|name| name == "property" || name.ends_with("cached_property"))
        })
}

/// The last part of a dotted name, of a call the name of what is called.
pub(super) fn last_name(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        Expr::Call(call) => last_name(&call.func),
        _ => None,
    }
}

pub(super) fn is_fields_decorator(expr: &Expr) -> bool {
    match last_name(expr) {
        Some("dataclass" | "attrs" | "define" | "frozen" | "mutable") => true,
        Some("s") => matches!(expr, Expr::Attribute(_) | Expr::Call(_)),
        _ => false,
    }
}

pub(super) fn decorator_says(class: &Class<'_>, flag: &str) -> bool {
    class
        .def
        .decorator_list
        .iter()
        .filter_map(|decorator| decorator.expression.as_call_expr())
        .any(|call| says(call, flag))
}

/// Whether a call sets a keyword to true.
pub(super) fn says(call: &ExprCall, flag: &str) -> bool {
    call.arguments.keywords.iter().any(|keyword| {
        keyword.arg.as_ref().is_some_and(|name| name.as_str() == flag)
            && matches!(&keyword.value, Expr::BooleanLiteral(literal) if literal.value)
    })
}

pub(super) fn is_field_call(func: &Expr) -> bool {
    matches!(last_name(func), Some("field" | "Field" | "ib" | "attrib"))
}

pub(super) fn is_attrs_field(value: &Expr) -> bool {
    matches!(value, Expr::Call(call) if matches!(last_name(&call.func), Some("ib" | "attrib" | "field")))
}

pub(super) fn is_class_variable(annotation: &Expr) -> bool {
    match annotation {
        Expr::Subscript(subscript) => last_name(&subscript.value) == Some("ClassVar"),
        Expr::StringLiteral(text) => text.value.to_str().contains("ClassVar"),
        other => matches!(last_name(other), Some("ClassVar" | "KW_ONLY")),
    }
}

pub(super) fn builtin_base(path: &str) -> Option<Kind> {
    Some(match path {
        "dict" | "collections.OrderedDict" | "collections.defaultdict" => Kind::Dict,
        "list" => Kind::List,
        "set" => Kind::Set,
        "frozenset" => Kind::FrozenSet,
        "tuple" => Kind::Tuple,
        "str" => Kind::Str,
        "bytes" => Kind::Bytes,
        "int" => Kind::Int,
        "float" => Kind::Float,
        _ => return None,
    })
}
