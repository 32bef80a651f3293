//! Whether changed lines say what to do where there is no value.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{BoolOp, CmpOp, ExceptHandler, Expr, Stmt};
use ruff_text_size::Ranged;

use super::{Parsed, Project};

/// Whether something on these lines of a file is for `None`: `x is None`, `x or []`, `getattr(x, "name", None)`,
/// `except TypeError`.
///
/// A test of truth alone (`if not x`) is not: it is how an empty list is asked for, too.
pub fn is_handled(project: &Project, path: &str, lines: &BTreeSet<u32>) -> bool {
    if lines.is_empty() {
        return false;
    }
    let Ok(parsed) = project.parsed(path) else { return false };
    let mut looking = Looking {
        parsed: &parsed,
        lines,
        found: false,
    };
    looking.visit_body(&parsed.ast.body);
    looking.found
}

struct Looking<'l> {
    parsed: &'l Parsed,
    lines: &'l BTreeSet<u32>,
    found: bool,
}

impl Looking<'_> {
    fn is_there(&self, at: &impl Ranged) -> bool {
        self.lines.contains(&self.parsed.line(at.start()))
    }
}

impl<'a> Visitor<'a> for Looking<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let range = self.parsed.lines_of(statement.range());
        if self.found || self.lines.range(range).next().is_none() {
            return;
        }
        if let Stmt::Try(attempt) = statement {
            self.found |= attempt.handlers.iter().any(|handler| {
                let ExceptHandler::ExceptHandler(handler) = handler;
                self.is_there(handler) && handler.type_.as_deref().is_some_and(is_over_types)
            });
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let handles = match expr {
            Expr::Compare(compare) => {
                let is_identity = |op: &CmpOp| matches!(op, CmpOp::Is | CmpOp::IsNot | CmpOp::Eq | CmpOp::NotEq);
                compare.ops.iter().any(is_identity) && compare.comparators.iter().any(Expr::is_none_literal_expr)
            }
            Expr::BoolOp(either) => either.op == BoolOp::Or && either.values.last().is_some_and(is_default),
            Expr::Call(call) => {
                matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "getattr")
                    && call.arguments.args.len() == 3
            }
            _ => false,
        };
        self.found |= handles && self.is_there(expr);
        walk_expr(self, expr);
    }
}

/// Whether an expression is what stands in for a missing value: something written that is empty or plain.
pub(super) fn is_default(expr: &Expr) -> bool {
    match expr {
        Expr::List(list) => list.is_empty(),
        Expr::Tuple(tuple) => tuple.is_empty(),
        Expr::Dict(dict) => dict.is_empty(),
        Expr::Call(call) => {
            let plain = ["dict", "frozenset", "list", "set", "str", "tuple"];
            let is_plain = matches!(&*call.func, Expr::Name(name) if plain.contains(&name.id.as_str()));
            is_plain && call.arguments.args.is_empty() && call.arguments.keywords.is_empty()
        }
        other => other.is_literal_expr(),
    }
}

fn is_over_types(expr: &Expr) -> bool {
    match expr {
        Expr::Name(name) => matches!(name.id.as_str(), "TypeError" | "AttributeError"),
        Expr::Tuple(tuple) => tuple.elts.iter().any(is_over_types),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handled(text: &str, lines: &[u32]) -> bool {
        let text = text.to_owned();
        let project = Project::new(["m.py".to_owned()], move |_| Ok(text.clone().into_bytes()));
        is_handled(&project, "m.py", &lines.iter().copied().collect())
    }

    #[test]
    fn what_is_for_none() {
        for line in [
            "    for x in items or []:\n        y = x",
            "    if items is None:\n        return 1",
            "    return items != None",
            "    name = getattr(items, 'name', '')",
            "    try:\n        return items.x\n    except AttributeError:\n        return 1",
            "    name = items or dict()",
        ] {
            let text = format!("def f(items):\n{line}\n");
            assert!(handled(&text, &[2, 3, 4]), "{line}");
            assert!(!handled(&text, &[1]) && !handled(&text, &[9]), "{line}");
        }
    }

    #[test]
    fn what_is_not() {
        for line in [
            "    if not items:\n        return 1",
            "    return items and items[0]",
            "    return items or other",
            "    return items or load()",
            "    return getattr(items, 'name')",
            "    try:\n        return items.x\n    except KeyError:\n        return 1",
            "    return items is items",
        ] {
            assert!(!handled(&format!("def f(items):\n{line}\n"), &[2, 3, 4]), "{line}");
        }
    }
}
