//! Which classes a function asks its values for.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, Stmt};
use ruff_text_size::Ranged;

use super::{Parsed, Project};

/// Names of the classes that lines of a file ask something for, without the modules that have them: `isinstance(x, T)`,
/// `type(x) is T`.
pub fn classes(project: &Project, path: &str, lines: RangeInclusive<u32>) -> BTreeSet<String> {
    let Ok(parsed) = project.parsed(path) else {
        return BTreeSet::new();
    };
    let mut asking = Asking {
        parsed: &parsed,
        lines,
        found: BTreeSet::new(),
    };
    asking.visit_body(&parsed.ast.body);
    asking.found
}

struct Asking<'a> {
    parsed: &'a Parsed,
    lines: RangeInclusive<u32>,
    found: BTreeSet<String>,
}

impl Asking<'_> {
    fn add(&mut self, class: &Expr) {
        match class {
            Expr::Name(name) => {
                self.found.insert(name.id.to_string());
            }
            Expr::Attribute(attribute) => {
                self.found.insert(attribute.attr.to_string());
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|one| self.add(one)),
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Asking<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let range = self.parsed.lines_of(statement.range());
        if range.start() <= self.lines.end() && self.lines.start() <= range.end() {
            walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let is_call_of = |expr: &Expr, wanted: &str| matches!(expr, Expr::Name(name) if name.id.as_str() == wanted);
        match expr {
            _ if !self.lines.contains(&self.parsed.line(expr.start())) => {}
            Expr::Call(call) if is_call_of(&call.func, "isinstance") => {
                if let [_, class] = &*call.arguments.args {
                    self.add(class);
                }
            }
            Expr::Compare(compare) => {
                let asks = matches!(&*compare.left, Expr::Call(call) if is_call_of(&call.func, "type"));
                if let ([CmpOp::Is | CmpOp::Eq], [class], true) = (&*compare.ops, &*compare.comparators, asks) {
                    self.add(class);
                }
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_that_are_asked_for() {
        let text = "def f(x, y):\n    if isinstance(x, (int, datetime.timedelta)):\n        return type(y) is list\n    return isinstance(x, T)\n";
        let project = Project::new(["m.py".to_owned()], move |_| Ok(text.as_bytes().to_vec()));
        let found = |lines| classes(&project, "m.py", lines).into_iter().collect::<Vec<_>>();
        assert_eq!(found(1..=3), ["int", "list", "timedelta"]);
        assert_eq!(found(4..=4), ["T"]);
    }
}
