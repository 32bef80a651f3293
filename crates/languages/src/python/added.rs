//! Parameters that a function has in head alone, and what of it runs for those who pass them alone.

use std::collections::BTreeSet;

use model::{CallKind, FunctionChange, Input, Target};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Alias, BoolOp, CmpOp, ExceptHandler, Expr, Number, Parameter, ParameterWithDefault, Pattern, Stmt, StmtFunctionDef,
    StmtIf, UnaryOp,
};
use ruff_text_size::{Ranged, TextRange};

use super::Project;
use super::declared::find;
use super::promise::last_name;
use super::syntax::bound_name;

/// Decorators that call a function with the arguments that they are given.
const TRANSPARENT: [&str; 9] = [
    "staticmethod",
    "classmethod",
    "abstractmethod",
    "override",
    "final",
    "cache",
    "lru_cache",
    "contextmanager",
    "asynccontextmanager",
];

/// What only new parameters add to a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Optional parameters that base does not have and that can be passed by name.
    pub names: Vec<String>,
    /// Lines of head that no call reaches that base takes, too: they stand behind a test that the defaults of new parameters decide.
    pub lines: BTreeSet<u32>,
}

/// What the new parameters of a function add to it; nothing where it has none, or where a call that base takes may bind them.
///
/// That a line is behind such a test is told from the source alone: parameters that are bound anew anywhere in the function
/// decide nothing, nor do any where the function may call itself, or a decorator may pass arguments of its own.
pub fn by_parameters(base: &Project, head: &Project, function: &FunctionChange) -> Option<Added> {
    let (before, after) = (
        base.parsed(function.path_in_base()).ok()?,
        head.parsed(&function.path).ok()?,
    );
    let name_in_base = function.base_name.as_deref().unwrap_or(&function.qualified_name);
    let (old, _) = find(&before.ast.body, name_in_base)?;
    let (new, _) = find(&after.ast.body, &function.qualified_name)?;
    let parameters = added_parameters(old, new)?;
    let mut added = Added {
        names: parameters.iter().map(|one| one.name().to_string()).collect(),
        lines: BTreeSet::new(),
    };
    if !is_transparent(new) || calls_itself(new, &function.qualified_name) {
        return Some(added);
    }
    let mut rebound = Rebound::default();
    rebound.visit_body(&new.body);
    let known = parameters
        .into_iter()
        .filter(|one| !rebound.0.contains(one.name().as_str()));
    let known: Vec<(&str, &Expr)> = known
        .filter_map(|one| Some((one.name().as_str(), one.default.as_deref()?)))
        .collect();
    let mut walk = Walk {
        defaults: &known,
        text: &after.text,
        unreachable: Vec::new(),
        reachable: Vec::new(),
    };
    walk.block(&new.body);
    for part in walk.unreachable {
        added.lines.extend(after.lines_of(part));
    }
    // A line on which something else stands, too, runs for others.
    for part in walk.reachable {
        let lines = after.lines_of(part);
        added.lines.retain(|line| !lines.contains(line));
    }
    Some(added)
}

/// Whether an argument is passed by the name of a parameter that head's function has and base's has not: what base makes of it
/// (it may gather what it does not know) says nothing about what base is for.
pub fn is_new_argument(base: &Project, head: &Project, target: &Target, base_path: &str, input: &Input) -> bool {
    let named = |project: &Project, path: &str, name: &str| {
        let parsed = project.parsed(path).ok()?;
        let name = match target.call {
            CallKind::Constructor => format!("{name}.__init__"),
            _ => name.to_owned(),
        };
        let (function, _) = find(&parsed.ast.body, &name)?;
        let names: Vec<String> = names_of(function).map(str::to_owned).collect();
        Some(names)
    };
    let base_name = target.base_name.as_deref().unwrap_or(&target.qualified_name);
    let before = named(base, base_path, base_name);
    let after = named(head, &target.path, &target.qualified_name);
    let (Some(before), Some(after)) = (before, after) else {
        return false;
    };
    let is_new = |name: &String| after.contains(name) && !before.contains(name);
    input.kwargs.iter().any(|(name, _)| is_new(name))
}

/// The parameters of a function that have names of their own.
fn names_of(function: &StmtFunctionDef) -> impl Iterator<Item = &str> {
    let parameters = function.parameters.iter_non_variadic_params();
    parameters.map(|parameter| parameter.name().as_str())
}

/// The optional parameters that only `new` has, where no call that `old` takes gives them a value.
fn added_parameters<'a>(old: &StmtFunctionDef, new: &'a StmtFunctionDef) -> Option<Vec<&'a ParameterWithDefault>> {
    let positional = |of: &StmtFunctionDef| -> Vec<String> {
        let all = of.parameters.posonlyargs.iter().chain(&of.parameters.args);
        all.map(|one| one.name().to_string()).collect()
    };
    let (before, after) = (positional(old), positional(new));
    let is_new = |one: &&ParameterWithDefault| !names_of(old).any(|known| known == one.name().as_str());
    let appended = after.starts_with(&before) && old.parameters.vararg.is_none();
    let by_position = new.parameters.args.iter().filter(is_new);
    let by_position = by_position.filter(|_| appended);
    let by_name = new.parameters.kwonlyargs.iter().filter(is_new);
    let all = by_position.chain(by_name).filter(|one| one.default.is_some());
    let all: Vec<_> = all.collect();
    (!all.is_empty() && old.parameters.kwarg.is_none()).then_some(all)
}

fn is_transparent(function: &StmtFunctionDef) -> bool {
    let mut names = function.decorator_list.iter().map(|one| last_name(&one.expression));
    names.all(|name| name.is_some_and(|name| TRANSPARENT.contains(&name)))
}

/// Whether a function may call itself, so that a call without the new argument makes one with it.
fn calls_itself(function: &StmtFunctionDef, qualified_name: &str) -> bool {
    struct Own<'n> {
        names: Vec<&'n str>,
        found: bool,
    }
    impl<'a> Visitor<'a> for Own<'_> {
        fn visit_expr(&mut self, expr: &'a Expr) {
            let is_super = |of: &Expr| matches!(of, Expr::Call(call) if matches!(&*call.func, Expr::Name(name) if name.id.as_str() == "super"));
            match expr {
                Expr::Name(name) if self.names.contains(&name.id.as_str()) => self.found = true,
                Expr::Attribute(attribute)
                    if self.names.contains(&attribute.attr.as_str()) && !is_super(&attribute.value) =>
                {
                    self.found = true;
                }
                _ => {}
            }
            visitor::walk_expr(self, expr);
        }
    }
    let mut names = vec![function.name.as_str()];
    if function.name.as_str() == "__init__" {
        names.extend(["cls", "__class__", "type"]);
        names.extend(qualified_name.rsplit('.').nth(1));
    }
    let mut own = Own { names, found: false };
    own.visit_body(&function.body);
    own.found
}

/// Names that are bound anywhere in a function's body, its inner functions included.
#[derive(Default)]
struct Rebound(BTreeSet<String>);

impl<'a> Visitor<'a> for Rebound {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let mut add = |name: &str| self.0.insert(name.to_owned());
        match statement {
            Stmt::FunctionDef(inner) => _ = add(&inner.name),
            Stmt::ClassDef(inner) => _ = add(&inner.name),
            Stmt::Global(names) => names.names.iter().for_each(|name| _ = add(name)),
            Stmt::Nonlocal(names) => names.names.iter().for_each(|name| _ = add(name)),
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Name(name) = expr
            && !name.ctx.is_load()
        {
            self.0.insert(name.id.to_string());
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.0.insert(parameter.name.to_string());
        visitor::walk_parameter(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        self.0.extend(inner.name.iter().map(ToString::to_string));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        self.0.insert(bound_name(alias).to_owned());
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(found) => found.name.as_ref(),
            Pattern::MatchStar(found) => found.name.as_ref(),
            Pattern::MatchMapping(found) => found.rest.as_ref(),
            _ => None,
        };
        self.0.extend(name.map(ToString::to_string));
        visitor::walk_pattern(self, pattern);
    }
}

/// A walk over a body that tells what the defaults keep from running.
struct Walk<'a> {
    defaults: &'a [(&'a str, &'a Expr)],
    text: &'a str,
    unreachable: Vec<TextRange>,
    /// Beginnings of statements, and tests, that are not behind one that the defaults decide.
    reachable: Vec<TextRange>,
}

impl Walk<'_> {
    /// What follows a statement after which nothing runs is not reached.
    fn block(&mut self, statements: &[Stmt]) {
        for (at, statement) in statements.iter().enumerate() {
            self.reachable.push(TextRange::empty(statement.start()));
            if self.statement(statement) {
                self.mark(&statements[at + 1..]);
                return;
            }
        }
    }

    fn mark(&mut self, statements: &[Stmt]) {
        self.unreachable.extend(statements.iter().map(Ranged::range));
    }

    /// Whether nothing after the statement runs in its block.
    fn statement(&mut self, statement: &Stmt) -> bool {
        match statement {
            Stmt::If(branches) => return self.branches(branches),
            Stmt::While(found) => {
                match self.known(&found.test) {
                    Some(false) => self.mark(&found.body),
                    _ => self.block(&found.body),
                }
                self.block(&found.orelse);
            }
            Stmt::For(found) => {
                self.block(&found.body);
                self.block(&found.orelse);
            }
            Stmt::With(found) => self.block(&found.body),
            Stmt::Try(found) => {
                self.block(&found.body);
                for handler in &found.handlers {
                    let ExceptHandler::ExceptHandler(handler) = handler;
                    self.block(&handler.body);
                }
                self.block(&found.orelse);
                self.block(&found.finalbody);
            }
            Stmt::Match(found) => found.cases.iter().for_each(|case| self.block(&case.body)),
            Stmt::FunctionDef(found) => self.block(&found.body),
            Stmt::ClassDef(found) => self.block(&found.body),
            _ => {}
        }
        false
    }

    fn branches(&mut self, found: &StmtIf) -> bool {
        let first = (Some(&*found.test), found.body.as_slice());
        let others = found.elif_else_clauses.iter();
        let others = others.map(|clause| (clause.test.as_ref(), clause.body.as_slice()));
        // Whether a branch before is the one that is taken, and whether it may be.
        let (mut taken, mut open, mut ends) = (false, false, false);
        for (test, body) in std::iter::once(first).chain(others) {
            let known = test.map_or(Some(true), |test| self.known(test));
            if !taken {
                self.reachable.extend(test.map(Ranged::range));
            }
            if taken || known == Some(false) {
                self.mark(body);
                continue;
            }
            self.block(body);
            taken = known == Some(true);
            ends = taken && !open && body.last().is_some_and(is_end);
            open |= !taken;
        }
        ends
    }

    /// What a test says where every new parameter has its default.
    fn known(&self, test: &Expr) -> Option<bool> {
        match test {
            Expr::Name(_) => Constant::of(self.default(test)?)?.is_true(),
            Expr::UnaryOp(found) if found.op == UnaryOp::Not => self.known(&found.operand).map(|known| !known),
            Expr::BoolOp(found) => {
                let decided = found.op == BoolOp::Or;
                let mut all = found.values.iter().map(|value| self.known(value));
                let mut unknown = false;
                let decides = all.any(|known| {
                    unknown |= known.is_none();
                    known == Some(decided)
                });
                match (decides, unknown) {
                    (true, _) => Some(decided),
                    (false, false) => Some(!decided),
                    (false, true) => None,
                }
            }
            Expr::Compare(found) => match (&*found.ops, &*found.comparators) {
                ([op], [right]) => self.compared(*op, &found.left, right),
                _ => None,
            },
            _ => None,
        }
    }

    fn compared(&self, op: CmpOp, left: &Expr, right: &Expr) -> Option<bool> {
        let (default, other) = match (self.default(left), self.default(right)) {
            (Some(default), None) => (default, right),
            (None, Some(default)) => (default, left),
            _ => return None,
        };
        let constants = Constant::of(default).zip(Constant::of(other));
        let equal = match (op, constants) {
            (CmpOp::Is | CmpOp::IsNot, None) => {
                // The same global, as sentinels are.
                let is_name = matches!(default, Expr::Name(_) | Expr::Attribute(_));
                (is_name && self.text[default.range()] == self.text[other.range()]).then_some(true)?
            }
            // Whether equal numbers and texts are one object is nobody's promise.
            (CmpOp::Is | CmpOp::IsNot, Some((one, two))) => match (one.is_single(), two.is_single()) {
                (true, true) => one == two,
                (false, false) => return None,
                _ => false,
            },
            (CmpOp::Eq | CmpOp::NotEq, Some((one, two))) if one.is_alike(&two) => one == two,
            _ => return None,
        };
        Some(equal == matches!(op, CmpOp::Is | CmpOp::Eq))
    }

    fn default(&self, expression: &Expr) -> Option<&Expr> {
        let Expr::Name(name) = expression else { return None };
        let mut all = self.defaults.iter();
        all.find(|(known, _)| *known == name.id.as_str())
            .map(|(_, default)| *default)
    }
}

/// Whether nothing runs after a statement in its block.
fn is_end(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::Return(_) | Stmt::Raise(_) | Stmt::Continue(_) | Stmt::Break(_)
    )
}

/// Constants of which tests are decided.
#[derive(Debug, PartialEq)]
enum Constant {
    None,
    Bool(bool),
    Int(i64),
    Str(String),
    Empty,
}

impl Constant {
    fn of(expression: &Expr) -> Option<Self> {
        Some(match expression {
            Expr::NoneLiteral(_) => Self::None,
            Expr::BooleanLiteral(found) => Self::Bool(found.value),
            Expr::NumberLiteral(found) => match &found.value {
                Number::Int(number) => Self::Int(number.as_i64()?),
                _ => return None,
            },
            Expr::StringLiteral(found) => Self::Str(found.value.to_str().to_owned()),
            Expr::Tuple(found) if found.elts.is_empty() => Self::Empty,
            Expr::List(found) if found.elts.is_empty() => Self::Empty,
            Expr::Dict(found) if found.items.is_empty() => Self::Empty,
            _ => return None,
        })
    }

    fn is_true(&self) -> Option<bool> {
        Some(match self {
            Self::None | Self::Empty => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Str(value) => !value.is_empty(),
        })
    }

    /// Whether there is one object of it alone.
    fn is_single(&self) -> bool {
        matches!(self, Self::None | Self::Bool(_))
    }

    fn is_alike(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other) && *self != Self::Empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{FunctionKind, Reason};

    fn project(text: &str) -> Project {
        let text = text.to_owned();
        Project::new(["m.py".to_owned()], move |_| Ok(text.clone().into_bytes()))
    }

    fn added(base: &str, head: &str, name: &str) -> Option<(Vec<String>, Vec<u32>)> {
        let function = FunctionChange {
            path: "m.py".to_owned(),
            base_path: None,
            qualified_name: name.to_owned(),
            base_name: None,
            line: 1,
            end_line: 1,
            base_line: Some(1),
            base_end_line: Some(1),
            kind: FunctionKind::Function,
            reasons: vec![Reason::Code],
            proved_same: false,
            standalone: None,
            changed_lines: vec![],
        };
        by_parameters(&project(base), &project(head), &function)
            .map(|added| (added.names, added.lines.into_iter().collect()))
    }

    fn lines(head: &str) -> Vec<u32> {
        added("def f(a, b=1):\n    return a\n", head, "f").map_or(vec![], |(_, lines)| lines)
    }

    #[test]
    fn what_stands_behind_a_default_is_for_the_new_argument_alone() {
        assert_eq!(
            lines("def f(a, b=1, new=False):\n    if new:\n        a = 2\n        b = 3\n    return a\n"),
            [3, 4]
        );
        assert_eq!(
            lines(
                "def f(a, b=1, *, new=None):\n    if new is not None and a:\n        a = 2\n    else:\n        a = 3\n    return a\n"
            ),
            [3]
        );
        assert_eq!(
            lines("def f(a, b=1, new=None):\n    if new is None:\n        return a\n    a += 1\n    return a\n"),
            [4, 5]
        );
        assert_eq!(
            lines(
                "def f(a, b=1, new=_S):\n    if a:\n        pass\n    elif new is not _S:\n        return 2\n    return a\n"
            ),
            [5]
        );
        assert_eq!(
            lines("def f(a, b=1, new='x'):\n    while new != 'x':\n        a = 2\n    return a\n"),
            [3]
        );
        assert_eq!(
            lines(
                "def f(a, b=1, new=()):\n    for one in a:\n        if not new:\n            continue\n        a = 2\n    return a\n"
            ),
            [5]
        );
    }

    #[test]
    fn a_line_with_a_test_on_it_runs_for_others_too() {
        let text = "def f(a, b=1, new=0):\n    if a:\n        if new: a = 2\n    return a\n";
        assert_eq!(lines(text), [0_u32; 0]);
    }

    #[test]
    fn what_a_call_that_base_takes_may_reach_is_not() {
        let none: [u32; 0] = [];
        assert_eq!(
            lines("def f(a, b=1, new=None):\n    if new or a:\n        a = 2\n    return a\n"),
            none,
            "it depends on `a`"
        );
        assert_eq!(
            lines("def f(a, b=1, new=None):\n    new = a\n    if new:\n        a = 2\n    return a\n"),
            none,
            "it is bound anew"
        );
        assert_eq!(
            lines("def f(a, b=1, new=None):\n    if new:\n        a = 2\n    return f(a, new=1)\n"),
            none,
            "it calls itself"
        );
        assert_eq!(
            lines("def f(new=None, a=1, b=1):\n    if new:\n        a = 2\n    return a\n"),
            none,
            "base's first argument is it"
        );
        assert_eq!(
            lines("@known\ndef f(a, b=1, new=None):\n    if new:\n        a = 2\n    return a\n"),
            none,
            "a decorator calls it"
        );
        assert_eq!(
            lines("def f(a, b=1, new=5):\n    if new is 5:\n        a = 2\n    return a\n"),
            none,
            "equal is not the same"
        );
        assert_eq!(
            lines("def f(a, b=1, new=1):\n    if new == True:\n        a = 2\n    return a\n"),
            none
        );
        assert_eq!(
            lines(
                "def f(a, b=1, new=None):\n    def inner(new):\n        if new:\n            return 2\n    return inner(a)\n"
            ),
            none
        );
        let gathering = added(
            "def f(a, **rest):\n    return a\n",
            "def f(a, new=None, **rest):\n    if new:\n        a = 2\n",
            "f",
        );
        assert_eq!(gathering, None, "base takes it, too");
        assert_eq!(
            added(
                "def f(a, *rest):\n    pass\n",
                "def f(a, new=None, *rest):\n    if new:\n        a = 2\n",
                "f"
            ),
            None
        );
        assert_eq!(
            added(
                "def f(a):\n    pass\n",
                "def f(a, new):\n    if new:\n        a = 2\n",
                "f"
            ),
            None,
            "nobody can leave it out"
        );
    }

    #[test]
    fn methods_are_functions_with_an_object() {
        let base = "class C:\n    def __init__(self, a):\n        pass\n    def add(self, a):\n        return a\n";
        let head = "class C:\n    def __init__(self, a, new=0):\n        if new:\n            a = C(1, new=1)\n    def add(self, a, *, new=False):\n        if new:\n            return 2\n        return super().add(a)\n";
        let names = || vec!["new".to_owned()];
        let moved = added(
            "def f(a, b=1): pass\n",
            "import os\n\ndef f(a, b=1, new=1): pass\n",
            "f",
        );
        assert_eq!(moved, Some((names(), vec![])), "the others have moved and are no news");
        assert_eq!(added(base, head, "C.add"), Some((names(), vec![7])));
        assert_eq!(
            added(base, head, "C.__init__"),
            Some((names(), vec![])),
            "it makes another one"
        );
    }
}
