//! Small questions about statements and definitions.

use model::FunctionKind;
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use super::outline::Role;

/// Whether it defines a function or class.
pub(super) fn is_definition(statement: &Stmt) -> bool {
    matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_))
}

/// Whether it imports.
pub(super) fn is_import(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Import(_) | Stmt::ImportFrom(_))
}

/// The blocks of a compound statement that is no definition.
pub(super) fn blocks(statement: &Stmt) -> Vec<&[Stmt]> {
    match statement {
        Stmt::If(inner) => std::iter::once(&*inner.body)
            .chain(inner.elif_else_clauses.iter().map(|clause| &*clause.body))
            .collect(),
        Stmt::Try(inner) => std::iter::once(&*inner.body)
            .chain(inner.handlers.iter().map(|handler| {
                let ruff_python_ast::ExceptHandler::ExceptHandler(inner) = handler;
                &*inner.body
            }))
            .chain([&*inner.orelse, &*inner.finalbody])
            .collect(),
        Stmt::With(inner) => vec![&inner.body],
        Stmt::For(inner) => vec![&inner.body, &inner.orelse],
        Stmt::While(inner) => vec![&inner.body, &inner.orelse],
        Stmt::Match(inner) => inner.cases.iter().map(|case| &*case.body).collect(),
        _ => Vec::new(),
    }
}

/// Annotations of parameters and result.
pub(super) fn annotations_of(def: &StmtFunctionDef) -> impl Iterator<Item = &Expr> {
    def.parameters
        .iter()
        .filter_map(|parameter| parameter.annotation())
        .chain(def.returns.as_deref())
}

/// Whether evaluating an annotation can hardly fail: a name, a string, `None`.
pub(super) fn is_plain(annotation: &Expr) -> bool {
    matches!(
        annotation,
        Expr::Name(_) | Expr::StringLiteral(_) | Expr::NoneLiteral(_)
    )
}

/// The dotted name of an expression, or of what it calls or subscripts; `?` when there is none.
pub(super) fn called_name(expression: &Expr) -> String {
    match expression {
        Expr::Name(name) => name.id.to_string(),
        Expr::Attribute(inner) => format!("{}.{}", called_name(&inner.value), inner.attr.as_str()),
        Expr::Call(inner) => called_name(&inner.func),
        Expr::Subscript(inner) => called_name(&inner.value),
        _ => "?".to_owned(),
    }
}

/// What is called, for `name = Call(…)`.
pub(super) fn instance_of(statement: &Stmt) -> Option<String> {
    let value = match statement {
        Stmt::Assign(inner) => &inner.value,
        Stmt::AnnAssign(inner) => inner.value.as_ref()?,
        _ => return None,
    };
    match value.as_ref() {
        Expr::Call(call) => Some(called_name(&call.func)).filter(|name| !name.contains('?')),
        _ => None,
    }
}

/// `if __name__ == "__main__":` and `if TYPE_CHECKING:`.
pub(super) fn is_script(statement: &Stmt) -> bool {
    let Stmt::If(inner) = statement else { return false };
    if !inner.elif_else_clauses.is_empty() {
        return false;
    }
    match inner.test.as_ref() {
        Expr::Compare(compare) => {
            matches!(compare.left.as_ref(), Expr::Name(name) if name.id.as_str() == "__name__")
                && matches!(compare.comparators.first(), Some(Expr::StringLiteral(text)) if text.value.to_str() == "__main__")
        }
        test => called_name(test).rsplit('.').next() == Some("TYPE_CHECKING"),
    }
}

/// What sort of function it is, given whether it stands in a function or a class.
pub(super) fn kind_of(def: &StmtFunctionDef, in_function: bool, in_class: bool) -> (FunctionKind, Role) {
    let mut kind = match (in_function, in_class, def.name.as_str()) {
        (true, ..) => return (FunctionKind::Nested, role_of(def)),
        (false, false, _) => return (FunctionKind::Function, Role::Plain),
        (false, true, "__new__") => FunctionKind::StaticMethod,
        (false, true, "__init_subclass__" | "__class_getitem__") => FunctionKind::ClassMethod,
        (false, true, _) => FunctionKind::Method,
    };
    for decorator in &def.decorator_list {
        let name = called_name(&decorator.expression);
        kind = match name.rsplit('.').next().unwrap_or_default() {
            "staticmethod" | "abstractstaticmethod" => FunctionKind::StaticMethod,
            "classmethod" | "abstractclassmethod" => FunctionKind::ClassMethod,
            last if last.ends_with("property") => FunctionKind::Property,
            "getter" => FunctionKind::Property,
            _ => kind,
        };
    }
    (kind, role_of(def))
}

fn role_of(def: &StmtFunctionDef) -> Role {
    let own = def.name.as_str();
    let is = |role: &str| {
        def.decorator_list.iter().any(|decorator| match &decorator.expression {
            Expr::Attribute(inner) => {
                inner.attr.as_str() == role
                    && matches!(inner.value.as_ref(), Expr::Name(name) if name.id.as_str() == own)
            }
            _ => false,
        })
    };
    match (is("setter"), is("deleter")) {
        (true, _) => Role::Setter,
        (_, true) => Role::Deleter,
        _ => Role::Plain,
    }
}

/// Names of functions that are defined and returned by a body.
pub(super) fn returned(body: &[Stmt]) -> Vec<String> {
    let (mut defined, mut names) = (Vec::new(), Vec::new());
    let mut open: Vec<&Stmt> = body.iter().collect();
    while let Some(statement) = open.pop() {
        match statement {
            Stmt::FunctionDef(def) => defined.push(def.name.as_str()),
            Stmt::Return(statement) => {
                if let Some(Expr::Name(name)) = statement.value.as_deref() {
                    names.push(name.id.as_str());
                }
            }
            other => open.extend(blocks(other).into_iter().flatten()),
        }
    }
    defined.retain(|name| names.contains(name));
    defined.into_iter().map(str::to_owned).collect()
}
