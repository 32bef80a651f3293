//! Whether a result is of the type that is declared for it.

use model::Observed;
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Expr, Operator, Stmt, StmtFunctionDef};

use super::last_name;
use super::types::Reader;

/// Nested annotations deeper than this say no more.
const DEEPEST: u32 = 8;

/// Whether all that may make a method's result nothing is that it returns what its object keeps, as it is: `return self.name`.
pub(super) fn gives_a_part(function: &StmtFunctionDef) -> bool {
    struct Given {
        part: bool,
        nothing: bool,
    }
    impl<'a> Visitor<'a> for Given {
        fn visit_stmt(&mut self, statement: &'a Stmt) {
            match statement {
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
                Stmt::Return(returned) => match returned.value.as_deref() {
                    Some(Expr::Attribute(part)) => {
                        self.part |= matches!(&*part.value, Expr::Name(name) if name.id.as_str() == "self");
                    }
                    Some(value) => self.nothing |= value.is_none_literal_expr(),
                    None => self.nothing = true,
                },
                _ => {}
            }
            walk_stmt(self, statement);
        }
    }
    let mut given = Given {
        part: false,
        nothing: !matches!(function.body.last(), Some(Stmt::Return(_) | Stmt::Raise(_))),
    };
    function.body.iter().for_each(|statement| given.visit_stmt(statement));
    given.part && !given.nothing
}

/// Whether an annotation leaves room for a value. What cannot be read leaves room for all.
pub(super) fn fits(reader: &Reader<'_>, annotation: &Expr, value: &Observed) -> bool {
    fits_at(reader, annotation, value, DEEPEST)
}

fn fits_at(reader: &Reader<'_>, annotation: &Expr, value: &Observed, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return true };
    match annotation {
        Expr::NoneLiteral(_) => is(value, "None"),
        Expr::StringLiteral(text) => match ruff_python_parser::parse_expression(text.value.to_str()) {
            Ok(parsed) => fits_at(reader, parsed.expr(), value, depth),
            Err(_) => true,
        },
        Expr::BinOp(binary) if binary.op == Operator::BitOr => {
            fits_at(reader, &binary.left, value, depth) || fits_at(reader, &binary.right, value, depth)
        }
        Expr::Name(name) if is_class(reader, name.id.as_str()) => !is_scalar(value),
        Expr::Name(name) => is(value, name.id.as_str()),
        Expr::Attribute(attribute) => is(value, attribute.attr.as_str()),
        Expr::Subscript(subscript) => {
            let arguments = match &*subscript.slice {
                Expr::Tuple(tuple) => &tuple.elts[..],
                other => std::slice::from_ref(other),
            };
            let any = || arguments.iter().any(|one| fits_at(reader, one, value, depth));
            match last_name(&subscript.value).unwrap_or_default() {
                "Optional" => is(value, "None") || any(),
                "Union" => any(),
                "Annotated" => arguments.first().is_none_or(|one| fits_at(reader, one, value, depth)),
                name => is(value, name) && parts_fit(reader, arguments, value, depth),
            }
        }
        _ => true,
    }
}

fn parts_fit(reader: &Reader<'_>, arguments: &[Expr], value: &Observed, depth: u32) -> bool {
    let all = |items: &[Observed], of: &Expr| items.iter().all(|item| fits_at(reader, of, item, depth));
    match (value, arguments) {
        (Observed::Tuple(items), [of, Expr::EllipsisLiteral(_)]) => all(items, of),
        (Observed::Tuple(items), [_, _, ..]) => {
            let parts = || items.iter().zip(arguments);
            items.len() == arguments.len() && parts().all(|(item, of)| fits_at(reader, of, item, depth))
        }
        (Observed::List(items) | Observed::Set(items) | Observed::FrozenSet(items), [of]) => all(items, of),
        (Observed::Dict(pairs), [key, of]) => pairs
            .iter()
            .all(|(name, item)| fits_at(reader, key, name, depth) && fits_at(reader, of, item, depth)),
        _ => true,
    }
}

/// Whether the file or one of the project that it imports from defines a class of this name, whose objects are no scalars.
fn is_class(reader: &Reader<'_>, name: &str) -> bool {
    reader.is_plain_class(name)
}

fn is_scalar(value: &Observed) -> bool {
    matches!(value, Observed::None | Observed::Bool(_))
}

/// Whether a value is of the type that goes by a name; anything is of a type that is not known.
fn is(value: &Observed, name: &str) -> bool {
    use Observed::{BigInt, Bool, BrokenStr, Bytes, Complex, Dict, Float, FrozenSet, Int, List, None, Set, Str, Tuple};
    let is_plain = matches!(
        value,
        BigInt(_)
            | Bool(_)
            | BrokenStr(_)
            | Bytes(_)
            | Dict(_)
            | Float(_)
            | FrozenSet(_)
            | Int(_)
            | List(_)
            | None
            | Set(_)
            | Str(_)
            | Tuple(_)
    );
    // What a class of its own is, and what was cut, may be of any type.
    if !is_plain {
        return true;
    }
    let is_number = matches!(value, Bool(_) | Int(_) | BigInt(_));
    match name {
        "None" | "NoneType" => matches!(value, None),
        "bool" => matches!(value, Bool(_)),
        "int" => is_number,
        "float" => is_number || matches!(value, Float(_)),
        "complex" => is_number || matches!(value, Float(_) | Complex(..)),
        "str" | "Text" => matches!(value, Str(_) | BrokenStr(_)),
        "bytes" => matches!(value, Bytes(_)),
        "list" | "List" | "MutableSequence" => matches!(value, List(_)),
        "tuple" | "Tuple" => matches!(value, Tuple(_)),
        "Sequence" => matches!(value, List(_) | Tuple(_) | Str(_) | Bytes(_)),
        "set" | "Set" | "MutableSet" => matches!(value, Set(_)),
        "AbstractSet" => matches!(value, Set(_) | FrozenSet(_)),
        "frozenset" | "FrozenSet" => matches!(value, FrozenSet(_)),
        "dict" | "Dict" | "Mapping" | "MutableMapping" => matches!(value, Dict(_)),
        "Iterable" | "Collection" | "Iterator" | "Generator" => !(is_number || matches!(value, None | Float(_))),
        _ => true,
    }
}
