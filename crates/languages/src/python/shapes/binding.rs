//! How arguments meet parameters, and what a function is by its definition.

use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use search::ParameterKind;

use super::engine::{Arguments, Taken};
use super::slots::Slot;
use super::world::{Function, for_each_statement};

/// Pairs of arguments and parameters; `None` given to a parameter says nothing about what else it takes.
pub(super) fn bind<'a, 'p>(
    parameters: &'a [Taken<'p>],
    arguments: &Arguments<'p>,
) -> Vec<((Slot, Option<&'p Expr>), &'a Taken<'p>)> {
    let mut pairs = Vec::new();
    let mut places = parameters
        .iter()
        .filter(|parameter| matches!(parameter.kind, ParameterKind::Positional | ParameterKind::Rest))
        .peekable();
    for (slot, expr) in &arguments.positional {
        let Some(parameter) = places.peek() else { break };
        pairs.push(((*slot, *expr), *parameter));
        if parameter.kind == ParameterKind::Positional {
            places.next();
        }
    }
    for (name, slot, expr) in &arguments.keywords {
        let named = parameters.iter().find(|parameter| parameter.name == *name);
        let parameter = named.or_else(|| {
            parameters
                .iter()
                .find(|parameter| parameter.kind == ParameterKind::KeywordRest)
        });
        if let Some(parameter) = parameter {
            pairs.push(((*slot, Some(*expr)), parameter));
        }
    }
    pairs.retain(|((_, expr), _)| !matches!(expr, Some(Expr::NoneLiteral(_))));
    pairs
}

/// What a function of a class gets first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Receiver {
    Instance,
    Class,
    Static,
}

/// What the decorators of a method say it gets first.
pub(super) fn receiver_kind(function: &Function<'_>) -> Receiver {
    let has = |name: &str| {
        function
            .def
            .decorator_list
            .iter()
            .any(|decorator| matches!(&decorator.expression, Expr::Name(found) if found.id.as_str() == name))
    };
    if has("staticmethod") {
        Receiver::Static
    } else if has("classmethod")
        || matches!(
            function.def.name.as_str(),
            "__new__" | "__init_subclass__" | "__class_getitem__"
        )
    {
        Receiver::Class
    } else {
        Receiver::Instance
    }
}

/// Whether a function yields.
pub(super) fn is_generator(def: &StmtFunctionDef) -> bool {
    let mut found = false;
    for_each_statement(&def.body, &mut |statement| {
        let value = match statement {
            Stmt::Expr(statement) => Some(&*statement.value),
            Stmt::Assign(statement) => Some(&*statement.value),
            Stmt::AugAssign(statement) => Some(&*statement.value),
            Stmt::Return(statement) => statement.value.as_deref(),
            _ => None,
        };
        found |= matches!(value, Some(Expr::Yield(_) | Expr::YieldFrom(_)));
    });
    found
}
