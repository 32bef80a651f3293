//! Which scope a name belongs to: a function's own locals, an enclosing function's, or the globals.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Alias, Comprehension, ExceptHandler, Expr, ExprContext, Parameters, Pattern, Stmt, TypeParam, TypeParams,
};

/// Where a name lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    /// A global or builtin (or unknown).
    Global,
    /// Bound in a class body.
    Class,
    /// Bound in a function under a name that others can see: a parameter, a nested function or class.
    Kept(u32),
    /// A plain local of the scope with this number.
    Local(u32),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ScopeKind {
    Function,
    Class,
}

/// What one scope binds.
#[derive(Default)]
struct Bindings<'a> {
    locals: HashSet<&'a str>,
    kept: HashSet<&'a str>,
    globals: HashSet<&'a str>,
    nonlocals: HashSet<&'a str>,
    /// Depth of comprehensions: names stored inside are theirs.
    comprehensions: u32,
}

struct Scope<'a> {
    kind: ScopeKind,
    number: u32,
    bindings: Bindings<'a>,
}

/// The scopes around the place being visited, outermost first.
#[derive(Default)]
pub(super) struct Scopes<'a> {
    stack: Vec<Scope<'a>>,
    next: u32,
}

impl<'a> Scopes<'a> {
    /// Enters a function or lambda.
    pub fn enter_function(
        &mut self,
        parameters: Option<&'a Parameters>,
        types: Option<&'a TypeParams>,
        body: &'a [Stmt],
    ) {
        let mut bindings = Bindings::default();
        bindings.visit_body(body);
        for name in types.into_iter().flat_map(|types| &types.type_params).map(type_name) {
            bindings.kept.insert(name);
        }
        for parameter in parameters.into_iter().flat_map(|parameters| parameters.iter()) {
            bindings.kept.insert(parameter.name().as_str());
        }
        self.push(ScopeKind::Function, bindings);
    }

    /// Enters a lambda, whose body is an expression.
    pub fn enter_lambda(&mut self, parameters: Option<&'a Parameters>, body: &'a Expr) {
        let mut bindings = Bindings::default();
        bindings.visit_expr(body);
        for parameter in parameters.into_iter().flat_map(|parameters| parameters.iter()) {
            bindings.kept.insert(parameter.name().as_str());
        }
        self.push(ScopeKind::Function, bindings);
    }

    /// Enters a class body.
    pub fn enter_class(&mut self, types: Option<&'a TypeParams>, body: &'a [Stmt]) {
        let mut bindings = Bindings::default();
        bindings.visit_body(body);
        for name in types.into_iter().flat_map(|types| &types.type_params).map(type_name) {
            bindings.kept.insert(name);
        }
        self.push(ScopeKind::Class, bindings);
    }

    /// Enters a comprehension.
    pub fn enter_comprehension(&mut self, generators: &'a [Comprehension]) {
        let mut bindings = Bindings::default();
        for generator in generators {
            bindings.visit_expr(&generator.target);
        }
        self.push(ScopeKind::Function, bindings);
    }

    /// Leaves the innermost scope.
    pub fn leave(&mut self) {
        self.stack.pop();
    }

    /// Where `name` lives, seen from the innermost scope.
    pub fn resolve(&self, name: &str) -> Resolved {
        for (depth, scope) in self.stack.iter().rev().enumerate() {
            let bindings = &scope.bindings;
            if scope.kind == ScopeKind::Class {
                if depth == 0 && (bindings.locals.contains(name) || bindings.kept.contains(name)) {
                    return Resolved::Class;
                }
                continue;
            }
            if bindings.globals.contains(name) {
                return Resolved::Global;
            }
            if bindings.nonlocals.contains(name) {
                continue;
            }
            if bindings.kept.contains(name) {
                return Resolved::Kept(scope.number);
            }
            if bindings.locals.contains(name) {
                return Resolved::Local(scope.number);
            }
        }
        Resolved::Global
    }

    fn push(&mut self, kind: ScopeKind, bindings: Bindings<'a>) {
        self.next += 1;
        self.stack.push(Scope {
            kind,
            number: self.next,
            bindings,
        });
    }
}

/// The name that a type parameter binds.
pub(super) fn type_name(parameter: &TypeParam) -> &str {
    match parameter {
        TypeParam::TypeVar(inner) => inner.name.as_str(),
        TypeParam::TypeVarTuple(inner) => inner.name.as_str(),
        TypeParam::ParamSpec(inner) => inner.name.as_str(),
    }
}

/// The name that an import binds.
pub(in crate::python) fn bound_name(alias: &Alias) -> &str {
    match &alias.asname {
        Some(name) => name.as_str(),
        None => alias.name.as_str().split('.').next().unwrap_or_default(),
    }
}

/// All names that statements bind in their own scope.
pub(super) fn bound_in<'a>(body: impl IntoIterator<Item = &'a Stmt>) -> HashSet<&'a str> {
    let mut bindings = Bindings::default();
    for statement in body {
        bindings.visit_stmt(statement);
    }
    bindings.locals.extend(bindings.kept);
    bindings.locals
}

impl<'a> Visitor<'a> for Bindings<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(def) => {
                self.kept.insert(def.name.as_str());
                def.decorator_list
                    .iter()
                    .for_each(|decorator| self.visit_decorator(decorator));
                def.parameters
                    .iter_non_variadic_params()
                    .filter_map(|p| p.default.as_deref())
                    .for_each(|d| self.visit_expr(d));
            }
            Stmt::ClassDef(def) => {
                self.kept.insert(def.name.as_str());
                def.decorator_list
                    .iter()
                    .for_each(|decorator| self.visit_decorator(decorator));
                def.arguments
                    .iter()
                    .for_each(|arguments| self.visit_arguments(arguments));
            }
            Stmt::Global(names) => self.globals.extend(names.names.iter().map(|name| name.as_str())),
            Stmt::Nonlocal(names) => self.nonlocals.extend(names.names.iter().map(|name| name.as_str())),
            other => visitor::walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => {
                if name.ctx != ExprContext::Load && self.comprehensions == 0 {
                    self.locals.insert(name.id.as_str());
                }
            }
            Expr::Named(named) => {
                if let Expr::Name(name) = named.target.as_ref() {
                    self.locals.insert(name.id.as_str());
                }
                self.visit_expr(&named.value);
            }
            Expr::Lambda(_) => {}
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehensions += 1;
                visitor::walk_expr(self, expression);
                self.comprehensions -= 1;
            }
            other => visitor::walk_expr(self, other),
        }
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        self.locals.insert(bound_name(alias));
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.locals.insert(name.as_str());
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_type_param(&mut self, parameter: &'a TypeParam) {
        self.kept.insert(type_name(parameter));
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(inner) => inner.name.as_ref(),
            Pattern::MatchStar(inner) => inner.name.as_ref(),
            Pattern::MatchMapping(inner) => inner.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.locals.insert(name.as_str());
        }
        visitor::walk_pattern(self, pattern);
    }
}

/// Serial numbers for locals, in the order in which they are first met.
#[derive(Default)]
pub(super) struct Numbering<'a> {
    numbers: HashMap<(u32, &'a str), u32>,
}

impl<'a> Numbering<'a> {
    /// The number of `name` of scope `scope`.
    pub fn of(&mut self, scope: u32, name: &'a str) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry((scope, name)).or_insert(next)
    }
}
