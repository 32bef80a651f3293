//! Statements as bytes that are equal where Python compiles them equally: no layout, comments, positions or spelling.

use ruff_python_ast::{
    Alias, Decorator, ElifElseClause, ExceptHandler, Expr, Stmt, StmtAnnAssign, StmtClassDef, StmtFunctionDef,
};

use super::docstring::{is_inert, split_docstring};
use super::fingerprint::Fingerprint;
use super::scopes::{Numbering, Resolved, Scopes, bound_name};

/// What a fingerprint takes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detail {
    /// Annotations of parameters, results and of class and module variables (those of locals never count: Python drops them).
    pub annotations: bool,
    /// Docstrings of nested definitions.
    pub docstrings: bool,
    /// Bodies of nested functions; otherwise only their names.
    pub nested: bool,
    /// Locals by number instead of by name.
    pub alpha: bool,
}

/// Everything, for telling whether a file differs at all.
pub(super) const WHOLE: Detail = Detail {
    annotations: true,
    docstrings: true,
    nested: true,
    alpha: false,
};
/// The code of one function, class body or statement, without what is fingerprinted apart.
pub(super) const CODE: Detail = Detail {
    annotations: false,
    docstrings: false,
    nested: false,
    alpha: false,
};
/// The code of a function with all that is nested in it, up to names of locals.
pub(super) const ALPHA: Detail = Detail {
    annotations: true,
    docstrings: true,
    nested: true,
    alpha: true,
};

/// Whose statements are encoded: annotations are evaluated in classes and modules only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Function,
    Class,
    Module,
}

/// Writes code as bytes.
pub(super) struct Encoder<'a> {
    out: Vec<u8>,
    source: &'a str,
    pub(super) detail: Detail,
    home: Home,
    pub(super) scopes: Scopes<'a>,
    numbering: Numbering<'a>,
}

impl<'a> Encoder<'a> {
    pub fn new(source: &'a str, detail: Detail, home: Home) -> Self {
        Self {
            out: Vec::new(),
            source,
            detail,
            home,
            scopes: Scopes::default(),
            numbering: Numbering::default(),
        }
    }

    pub fn finish(self) -> Fingerprint {
        Fingerprint::of(&self.out)
    }

    pub(super) fn source(&self) -> &'a str {
        self.source
    }

    pub(super) fn tag(&mut self, tag: u8) {
        self.out.push(tag);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.out.push(b'\'');
        self.out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.out.extend_from_slice(bytes);
    }

    pub(super) fn number(&mut self, number: u64) {
        self.out.extend_from_slice(&number.to_le_bytes());
    }

    /// A name that a scope may bind.
    pub(super) fn name(&mut self, name: &'a str) {
        if !self.detail.alpha {
            return self.text(name);
        }
        match self.scopes.resolve(name) {
            Resolved::Local(scope) => {
                let number = self.numbering.of(scope, name);
                self.tag(b'#');
                self.number(u64::from(number));
            }
            Resolved::Kept(_) => {
                self.tag(b'k');
                self.text(name);
            }
            Resolved::Global | Resolved::Class => {
                self.tag(b'g');
                self.text(name);
            }
        }
    }

    /// Enters a scope, where names are looked up at all.
    pub(super) fn enter(&mut self, enter: impl FnOnce(&mut Scopes<'a>)) {
        if self.detail.alpha {
            enter(&mut self.scopes);
        }
    }

    /// Leaves the scope entered last.
    pub(super) fn leave(&mut self) {
        if self.detail.alpha {
            self.scopes.leave();
        }
    }

    pub(super) fn optional(&mut self, expression: Option<&'a Expr>) {
        match expression {
            Some(expression) => self.expression(expression),
            None => self.tag(b'-'),
        }
    }

    /// Statements up to the end of their block, without those that Python compiles to nothing.
    pub fn block(&mut self, body: &'a [Stmt]) {
        for statement in body.iter().filter(|statement| !is_inert(statement)) {
            self.statement(statement);
        }
        self.tag(b'.');
    }

    pub fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(def) => self.function(def),
            Stmt::ClassDef(def) => self.class(def),
            Stmt::Return(inner) => {
                self.tag(b'R');
                match inner.value.as_deref() {
                    None | Some(Expr::NoneLiteral(_)) => self.tag(b'-'),
                    Some(value) => self.expression(value),
                }
            }
            Stmt::Delete(inner) => self.listed(b'D', &inner.targets),
            Stmt::TypeAlias(inner) => {
                self.tag(b'Y');
                self.expression(&inner.name);
                self.type_params(inner.type_params.as_deref());
                self.expression(&inner.value);
            }
            Stmt::Assign(inner) => self.assign(inner.targets.iter(), &inner.value),
            Stmt::AugAssign(inner) => {
                self.tag(b'+');
                self.tag(inner.op as u8);
                self.expression(&inner.target);
                self.expression(&inner.value);
            }
            Stmt::AnnAssign(inner) => self.annotated(inner),
            Stmt::Expr(inner) => {
                self.tag(b'E');
                self.expression(&inner.value);
            }
            Stmt::Pass(_) => {}
            Stmt::Break(_) => self.tag(b'B'),
            Stmt::Continue(_) => self.tag(b'C'),
            Stmt::Global(inner) => self.names(b'G', inner.names.iter().map(|name| name.as_str())),
            Stmt::Nonlocal(inner) => {
                self.tag(b'N');
                inner.names.iter().for_each(|name| self.name(name.as_str()));
                self.tag(b'.');
            }
            Stmt::Import(inner) => inner.names.iter().for_each(|alias| self.import(None, 0, alias)),
            Stmt::ImportFrom(inner) => {
                let module = inner.module.as_ref().map_or("", |name| name.as_str());
                inner
                    .names
                    .iter()
                    .for_each(|alias| self.import(Some(module), inner.level, alias));
            }
            Stmt::IpyEscapeCommand(inner) => {
                self.tag(b'!');
                self.text(&inner.value);
            }
            compound => self.compound(compound),
        }
    }

    fn compound(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::For(inner) => {
                self.tag(if inner.is_async { b'f' } else { b'F' });
                self.expression(&inner.target);
                self.expression(&inner.iter);
                self.block(&inner.body);
                self.block(&inner.orelse);
            }
            Stmt::While(inner) => {
                self.tag(b'W');
                self.expression(&inner.test);
                self.block(&inner.body);
                self.block(&inner.orelse);
            }
            Stmt::If(inner) => {
                self.tag(b'I');
                self.expression(&inner.test);
                self.block(&inner.body);
                self.otherwise(&inner.elif_else_clauses);
            }
            Stmt::With(inner) => {
                self.tag(if inner.is_async { b'w' } else { b'H' });
                for item in &inner.items {
                    self.expression(&item.context_expr);
                    self.optional(item.optional_vars.as_deref());
                }
                self.block(&inner.body);
            }
            Stmt::Match(inner) => {
                self.tag(b'M');
                self.expression(&inner.subject);
                for case in &inner.cases {
                    self.tag(b'c');
                    self.pattern(&case.pattern);
                    self.optional(case.guard.as_deref());
                    self.block(&case.body);
                }
                self.tag(b'.');
            }
            Stmt::Raise(inner) => {
                self.tag(b'X');
                self.optional(inner.exc.as_deref());
                self.optional(inner.cause.as_deref());
            }
            Stmt::Try(inner) => {
                self.tag(if inner.is_star { b't' } else { b'T' });
                self.block(&inner.body);
                inner.handlers.iter().for_each(|handler| self.handler(handler));
                self.tag(b'.');
                self.block(&inner.orelse);
                self.block(&inner.finalbody);
            }
            Stmt::Assert(inner) => {
                self.tag(b'A');
                self.expression(&inner.test);
                self.optional(inner.msg.as_deref());
            }
            _ => {}
        }
    }

    /// `elif` is an `if` inside an `else`: Python compiles them equally.
    fn otherwise(&mut self, clauses: &'a [ElifElseClause]) {
        match clauses.split_first() {
            None => {}
            Some((first, rest)) => match &first.test {
                None => return self.block(&first.body),
                Some(test) => {
                    self.tag(b'I');
                    self.expression(test);
                    self.block(&first.body);
                    self.otherwise(rest);
                }
            },
        }
        self.tag(b'.');
    }

    fn assign(&mut self, targets: impl Iterator<Item = &'a Expr>, value: &'a Expr) {
        self.tag(b'=');
        for target in targets {
            self.expression(target);
        }
        self.tag(b':');
        self.expression(value);
    }

    fn annotated(&mut self, inner: &'a StmtAnnAssign) {
        if self.home != Home::Function && self.detail.annotations {
            self.tag(b'@');
            self.expression(&inner.annotation);
            self.expression(&inner.target);
            return self.optional(inner.value.as_deref());
        }
        match inner.value.as_deref() {
            Some(value) => self.assign(std::iter::once(inner.target.as_ref()), value),
            None if self.home == Home::Function => {
                self.tag(b'L');
                self.expression(&inner.target);
            }
            None => {}
        }
    }

    /// One imported name: `import a, b` is `import a` and `import b`.
    fn import(&mut self, module: Option<&'a str>, level: u32, alias: &'a Alias) {
        self.tag(if module.is_some() { b'm' } else { b'i' });
        self.tag(u8::try_from(level).unwrap_or(u8::MAX));
        self.text(module.unwrap_or_default());
        self.text(alias.name.as_str());
        self.tag(u8::from(alias.asname.is_some() && alias.name.as_str().contains('.')));
        self.name(bound_name(alias));
    }

    fn handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        self.tag(b'h');
        self.optional(inner.type_.as_deref());
        match &inner.name {
            Some(name) => self.name(name.as_str()),
            None => self.tag(b'-'),
        }
        self.block(&inner.body);
    }

    pub fn decorators(&mut self, decorators: &'a [Decorator]) {
        decorators
            .iter()
            .for_each(|decorator| self.expression(&decorator.expression));
        self.tag(b'.');
    }

    fn function(&mut self, def: &'a StmtFunctionDef) {
        self.tag(if def.is_async { b'd' } else { b'K' });
        self.text(def.name.as_str());
        if !self.detail.nested {
            return;
        }
        self.decorators(&def.decorator_list);
        self.parameters(&def.parameters);
        self.enter(|scopes| scopes.enter_function(Some(&def.parameters), def.type_params.as_deref(), &def.body));
        self.type_params(def.type_params.as_deref());
        if self.detail.annotations {
            self.annotations(&def.parameters, def.returns.as_deref());
        }
        let home = std::mem::replace(&mut self.home, Home::Function);
        self.documented(&def.body);
        self.home = home;
        self.leave();
    }

    fn class(&mut self, def: &'a StmtClassDef) {
        self.tag(b'S');
        self.text(def.name.as_str());
        if !self.detail.nested && self.home != Home::Function {
            return;
        }
        self.decorators(&def.decorator_list);
        self.bases(def);
        self.enter(|scopes| scopes.enter_class(def.type_params.as_deref(), &def.body));
        self.type_params(def.type_params.as_deref());
        let home = std::mem::replace(&mut self.home, Home::Class);
        self.documented(&def.body);
        self.home = home;
        self.leave();
    }

    /// Bases and keywords; `class A:` and `class A():` are the same.
    pub fn bases(&mut self, def: &'a StmtClassDef) {
        match &def.arguments {
            Some(arguments) => self.arguments(arguments),
            None => [b'p', b'.', b'.'].into_iter().for_each(|tag| self.tag(tag)),
        }
    }

    /// A body that may start with a docstring.
    fn documented(&mut self, body: &'a [Stmt]) {
        let (docstring, rest) = split_docstring(body);
        if self.detail.docstrings {
            self.text(docstring.unwrap_or_default());
            self.tag(u8::from(docstring.is_some()));
        }
        self.block(rest);
    }

    /// A whole module.
    pub fn module(&mut self, body: &'a [Stmt]) {
        self.documented(body);
    }
}
