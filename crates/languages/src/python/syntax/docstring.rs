//! Docstrings, and statements that compile to nothing.

use ruff_python_ast::{Expr, Stmt};

/// The docstring that a body starts with, and the statements after it.
pub(super) fn split_docstring(body: &[Stmt]) -> (Option<&str>, &[Stmt]) {
    if let Some((Stmt::Expr(first), rest)) = body.split_first()
        && let Expr::StringLiteral(literal) = first.value.as_ref()
    {
        return (Some(literal.value.to_str()), rest);
    }
    (None, body)
}

/// Whether a statement compiles to nothing: `pass`, or a constant that nobody takes.
pub(super) fn is_inert(statement: &Stmt) -> bool {
    match statement {
        Stmt::Pass(_) => true,
        Stmt::Expr(inner) => matches!(
            inner.value.as_ref(),
            Expr::StringLiteral(_)
                | Expr::BytesLiteral(_)
                | Expr::NumberLiteral(_)
                | Expr::BooleanLiteral(_)
                | Expr::NoneLiteral(_)
                | Expr::EllipsisLiteral(_)
        ),
        _ => false,
    }
}

/// A docstring as `inspect.getdoc` shows it, and without blanks at the ends of lines: what formatters leave alone.
pub(super) fn cleaned(docstring: &str) -> String {
    let expanded = docstring.replace('\t', "        ");
    let mut lines: Vec<&str> = expanded.lines().map(str::trim_end).collect();
    let margin = lines
        .iter()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min();
    for (index, line) in lines.iter_mut().enumerate() {
        *line = match index {
            0 => line.trim_start(),
            _ => line.get(margin.unwrap_or(0)..).unwrap_or_default(),
        };
    }
    lines.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_of_a_docstring_is_layout() {
        assert_eq!(
            cleaned("Sum.\n\n    More.  \n      Deep.\n    "),
            cleaned("  Sum.\n\n        More.\n          Deep.\n")
        );
        assert_ne!(cleaned("Sum.\n\n    More."), cleaned("Sum.\n\n    Less."));
    }
}
