//! On which line code runs for what stands on a line: constants inside of a longer expression have none of their own.

use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal};
use ruff_python_ast::{AnyNodeRef, Expr};
use ruff_text_size::Ranged;

use crate::python::Parsed;

/// For each of `lines`, itself where a statement or an expression that is no constant begins on it, else the line on which the
/// smallest one around it begins. A line outside of all code stays what it is.
pub fn running_lines(parsed: &Parsed, lines: &[u32]) -> Vec<u32> {
    let mut finder = Finder {
        parsed,
        found: lines.iter().map(|line| (*line, None)).collect(),
    };
    for statement in &parsed.ast.body {
        finder.visit_stmt(statement);
    }
    finder
        .found
        .into_iter()
        .map(|(line, begins)| begins.unwrap_or(line))
        .collect()
}

struct Finder<'p> {
    parsed: &'p Parsed,
    found: Vec<(u32, Option<u32>)>,
}

impl<'a> SourceOrderVisitor<'a> for Finder<'_> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        let range = node.range();
        let (first, last) = (self.parsed.line(range.start()), self.parsed.line(range.end()));
        let mut holds = false;
        // Smaller ones come later.
        let runs = node.is_statement() || node.is_expression() && !is_constant(node);
        for (line, begins) in &mut self.found {
            if (first..=last).contains(line) && *begins != Some(*line) {
                holds = true;
                if runs {
                    *begins = Some(first);
                }
            }
        }
        match holds {
            true => TraversalSignal::Traverse,
            false => TraversalSignal::Skip,
        }
    }
}

/// Whether an expression is folded into a constant.
fn is_constant(node: AnyNodeRef<'_>) -> bool {
    fn of(expression: &Expr) -> bool {
        match expression {
            Expr::Tuple(tuple) => tuple.elts.iter().all(of),
            Expr::List(list) => list.elts.iter().all(of),
            Expr::Set(set) => set.elts.iter().all(of),
            Expr::Dict(dict) => dict
                .items
                .iter()
                .all(|item| item.key.as_ref().is_some_and(of) && of(&item.value)),
            Expr::UnaryOp(unary) => of(&unary.operand),
            other => other.is_literal_expr(),
        }
    }
    match node {
        AnyNodeRef::ExprTuple(tuple) => tuple.elts.iter().all(of),
        AnyNodeRef::ExprList(list) => list.elts.iter().all(of),
        AnyNodeRef::ExprSet(set) => set.elts.iter().all(of),
        AnyNodeRef::ExprDict(dict) => dict
            .items
            .iter()
            .all(|item| item.key.as_ref().is_some_and(of) && of(&item.value)),
        AnyNodeRef::ExprUnaryOp(unary) => of(&unary.operand),
        AnyNodeRef::ExprStringLiteral(_)
        | AnyNodeRef::ExprBytesLiteral(_)
        | AnyNodeRef::ExprNumberLiteral(_)
        | AnyNodeRef::ExprBooleanLiteral(_)
        | AnyNodeRef::ExprNoneLiteral(_)
        | AnyNodeRef::ExprEllipsisLiteral(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_run_with_what_is_around_them() {
        let text = "def f(x):\n    if x in (\n        'a',\n        'b',\n    ):\n        return g(\n            1,\n            x + 1,\n        )\n    return [\n        -1,\n        x,\n    ]\n\n# end\n";
        let parsed = Parsed::new("m.py", "m", text.into()).unwrap();
        let of = |line: u32| running_lines(&parsed, &[line])[0];
        assert_eq!((of(2), of(3), of(4)), (2, 2, 2));
        assert_eq!((of(6), of(7), of(8)), (6, 6, 8));
        assert_eq!((of(11), of(12), of(15)), (10, 12, 15));
    }
}
