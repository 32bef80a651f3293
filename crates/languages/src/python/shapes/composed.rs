//! Texts that are put together of written parts and something else.

use ruff_python_ast::InterpolatedStringElement::{self, Interpolation, Literal};
use ruff_python_ast::{Expr, Operator};

/// Written parts that are shorter complete nearly anything.
const SHORTEST: usize = 3;

/// The written parts before and after the only gap of a text that may become a name: `"visit_" + x`, `"_%s_handler" % x`,
/// `f"do_{x}"`, `"on_{}".format(x)`. One of the two may be empty.
pub(super) fn around_a_gap(expr: &Expr) -> Option<(&str, &str)> {
    let parts = match expr {
        Expr::BinOp(binary) => match (binary.op, &*binary.left, &*binary.right) {
            (Operator::Mod, Expr::StringLiteral(text), _) => text.value.to_str().split_once("%s")?,
            (Operator::Add, Expr::StringLiteral(text), other) if !other.is_string_literal_expr() => {
                (text.value.to_str(), "")
            }
            (Operator::Add, other, Expr::StringLiteral(text)) => match other {
                Expr::BinOp(inner) if inner.op == Operator::Add => match &*inner.left {
                    Expr::StringLiteral(before) => (before.value.to_str(), text.value.to_str()),
                    _ => return None,
                },
                Expr::StringLiteral(_) => return None,
                _ => ("", text.value.to_str()),
            },
            _ => return None,
        },
        Expr::FString(text) => {
            let elements: Vec<&InterpolatedStringElement> = text.value.elements().take(4).collect();
            match elements[..] {
                [Literal(before), Interpolation(_)] => (&*before.value, ""),
                [Interpolation(_), Literal(after)] => ("", &*after.value),
                [Literal(before), Interpolation(_), Literal(after)] => (&*before.value, &*after.value),
                _ => return None,
            }
        }
        Expr::Call(call) => match &*call.func {
            Expr::Attribute(attribute) if attribute.attr.as_str() == "format" => match &*attribute.value {
                Expr::StringLiteral(text) => text.value.to_str().split_once("{}")?,
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    let is_part = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_');
    let long = parts.0.len() + parts.1.len() >= SHORTEST;
    (long && is_part(parts.0) && is_part(parts.1)).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(source: &str) -> Option<(String, String)> {
        let parsed = ruff_python_parser::parse_expression(source).expect("an expression");
        around_a_gap(parsed.expr()).map(|(before, after)| (before.to_owned(), after.to_owned()))
    }

    #[test]
    fn names_that_are_put_together() {
        let some = |before: &str, after: &str| Some((before.to_owned(), after.to_owned()));
        assert_eq!(parts("'visit_' + kind"), some("visit_", ""));
        assert_eq!(parts("'_%s_handler' % name"), some("_", "_handler"));
        assert_eq!(parts("'_handle_%s' % (name,)"), some("_handle_", ""));
        assert_eq!(parts("f'do_{name}'"), some("do_", ""));
        assert_eq!(parts("f'{name}_seen'"), some("", "_seen"));
        assert_eq!(parts("f'on_{name!s}_end'"), some("on_", "_end"));
        assert_eq!(parts("'on_{}'.format(name)"), some("on_", ""));
        assert_eq!(parts("'on_' + name + '_end'"), some("on_", "_end"));
        assert_eq!(parts("name + '_end'"), some("", "_end"));
    }

    #[test]
    fn other_texts_are_no_names() {
        for other in [
            "'no such name: %s' % name",
            "'a' + 'b'",
            "'a' + name",
            "f'{a}_{b}'",
            "1 + 2",
            "f'plain'",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
