//! Names that are bound for some values of an argument only: which values there are, whoever calls knows.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{CmpOp, Expr, Stmt, StmtFunctionDef, StmtIf};

/// Whether all that binds a name in a function stands under a choice between values of one of its arguments, of which nothing
/// is declared but that it is a text or a number: `if way == 'next': ... elif way == 'last': ...`.
pub(super) fn is_bound_by_one(function: &StmtFunctionDef, name: &str) -> bool {
    let is_open = |annotation: Option<&Expr>| match annotation {
        None => true,
        Some(Expr::Name(name)) => ["str", "int", "object", "Any"].contains(&name.id.as_str()),
        Some(_) => false,
    };
    let all = || function.parameters.iter_non_variadic_params();
    let open = all().filter(|parameter| is_open(parameter.annotation()));
    let mut bound = Bound {
        name,
        all: all().map(|parameter| parameter.name().as_str()).collect(),
        open: open.map(|parameter| parameter.name().as_str()).collect(),
        choices: 0,
        chosen: false,
        otherwise: false,
    };
    function.body.iter().for_each(|statement| bound.visit_stmt(statement));
    bound.chosen && !bound.otherwise
}

struct Bound<'a> {
    name: &'a str,
    all: Vec<&'a str>,
    /// Arguments of which nothing is declared but a plain type.
    open: Vec<&'a str>,
    /// Choices around what is visited.
    choices: u32,
    /// Whether it is bound under a choice.
    chosen: bool,
    /// Whether it is bound anywhere else.
    otherwise: bool,
}

impl<'a> Bound<'a> {
    fn is_choice(&self, all: &StmtIf) -> bool {
        let elses = all.elif_else_clauses.iter().filter_map(|clause| clause.test.as_ref());
        let mut tests = std::iter::once(&*all.test).chain(elses);
        // Of one thing that an argument says of itself there is nothing to choose.
        let is_one = all.elif_else_clauses.is_empty() && all.test.is_call_expr();
        !is_one && tests.all(|test| self.is_test(test))
    }

    /// Whether an argument is held against a value, or some.
    fn is_test(&self, test: &Expr) -> bool {
        let is_open = |one: &Expr| matches!(one, Expr::Name(name) if self.open.contains(&name.id.as_str()));
        match test {
            Expr::BoolOp(several) => several.values.iter().any(|one| self.is_test(one)),
            // What an argument says of itself: `if reader.at('"'): ... elif reader.at("'"): ...`.
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(method) => {
                    matches!(&*method.value, Expr::Name(name) if self.all.contains(&name.id.as_str()))
                }
                _ => false,
            },
            Expr::Compare(compare) => match (&*compare.ops, &*compare.comparators) {
                ([CmpOp::Eq | CmpOp::Is], [other]) => is_open(&compare.left) || is_open(other),
                ([CmpOp::In], [_]) => is_open(&compare.left),
                _ => false,
            },
            _ => false,
        }
    }

    fn binds(&mut self, target: &Expr) {
        match target {
            Expr::Name(name) if name.id.as_str() == self.name => match self.choices {
                0 => self.otherwise = true,
                _ => self.chosen = true,
            },
            Expr::Tuple(several) => several.elts.iter().for_each(|one| self.binds(one)),
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Bound<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let is_choice = match statement {
            Stmt::If(all) => self.is_choice(all),
            Stmt::Match(all) => matches!(&*all.subject, Expr::Name(name) if self.open.contains(&name.id.as_str())),
            _ => false,
        };
        match statement {
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.binds(target)),
            Stmt::AnnAssign(assign) => self.binds(&assign.target),
            Stmt::AugAssign(assign) => self.binds(&assign.target),
            Stmt::For(loop_) => self.binds(&loop_.target),
            Stmt::With(with) => with
                .items
                .iter()
                .filter_map(|item| item.optional_vars.as_deref())
                .for_each(|target| self.binds(target)),
            _ => {}
        }
        self.choices += u32::from(is_choice);
        walk_stmt(self, statement);
        self.choices -= u32::from(is_choice);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Named(named) = expression {
            self.binds(&named.target);
        }
        walk_expr(self, expression);
    }
}
