//! Named tuples that a call makes, as bases of classes: `class Token(namedtuple("Token", "type string"))`.

use std::rc::Rc;

use ruff_python_ast::{Expr, ExprCall};

use super::form::last_name;
use super::world::{Class, Thing, World};

/// One field of a named tuple.
pub(super) struct Field<'p> {
    /// What it is called.
    pub name: &'p str,
    /// What it is declared to be.
    pub annotation: Option<&'p Expr>,
    /// Whether a tuple may be made without it.
    pub optional: bool,
}

/// The fields that a class has from a base made by a call; none if it has no such base.
pub(super) fn fields_of_base<'p>(world: &World<'p>, class: &Rc<Class<'p>>) -> Vec<Field<'p>> {
    let bases = class.def.arguments.as_deref().map(|arguments| &arguments.args[..]);
    bases
        .unwrap_or_default()
        .iter()
        .find_map(|base| match base {
            Expr::Call(call) => fields(call),
            Expr::Name(_) | Expr::Attribute(_) => match world.expression(&class.module, base)? {
                Thing::Value {
                    value: Some(Expr::Call(call)),
                    ..
                } => fields(call),
                _ => None,
            },
            _ => None,
        })
        .unwrap_or_default()
}

fn fields<'p>(call: &'p ExprCall) -> Option<Vec<Field<'p>>> {
    if !matches!(last_name(&call.func), Some("namedtuple" | "NamedTuple")) {
        return None;
    }
    let listed = call.arguments.find_argument_value("field_names", 1)?;
    let mut fields: Vec<Field<'p>> = match listed {
        Expr::StringLiteral(text) => text
            .value
            .to_str()
            .split([' ', ',', '\n', '\t'])
            .filter(|name| !name.is_empty())
            .map(|name| Field::new(name, None))
            .collect(),
        Expr::List(list) => list.elts.iter().map(listed_field).collect::<Option<_>>()?,
        Expr::Tuple(tuple) => tuple.elts.iter().map(listed_field).collect::<Option<_>>()?,
        _ => return None,
    };
    let defaults = match call.arguments.find_keyword("defaults").map(|keyword| &keyword.value) {
        Some(Expr::Tuple(tuple)) => tuple.len(),
        Some(Expr::List(list)) => list.len(),
        // However many there are: they may be left out.
        Some(_) => fields.len(),
        None => 0,
    };
    fields
        .iter_mut()
        .rev()
        .take(defaults)
        .for_each(|field| field.optional = true);
    Some(fields)
}

impl<'p> Field<'p> {
    fn new(name: &'p str, annotation: Option<&'p Expr>) -> Self {
        Self {
            name,
            annotation,
            optional: false,
        }
    }
}

/// `"name"` of `namedtuple`, `("name", int)` of `typing.NamedTuple`.
fn listed_field(item: &Expr) -> Option<Field<'_>> {
    match item {
        Expr::StringLiteral(text) => Some(Field::new(text.value.to_str(), None)),
        Expr::Tuple(pair) => match &pair.elts[..] {
            [Expr::StringLiteral(text), annotation] => Some(Field::new(text.value.to_str(), Some(annotation))),
            _ => None,
        },
        _ => None,
    }
}
