//! The names that a piece of code uses.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Comprehension, Expr, ExprCall, ExprContext, Stmt};

use super::outline::Import;
use super::scopes::{Resolved, Scopes};

/// What of `inspect` reads nothing but kinds, parameters, members, docstrings and annotations: no names of locals, frames or source.
const INTERFACE_READERS: [&str; 31] = [
    "signature",
    "Signature",
    "Parameter",
    "BoundArguments",
    "getfullargspec",
    "getdoc",
    "cleandoc",
    "getmro",
    "getmodule",
    "getattr_static",
    "get_annotations",
    "unwrap",
    "classify_class_attrs",
    "isabstract",
    "isasyncgen",
    "isasyncgenfunction",
    "isawaitable",
    "isbuiltin",
    "isclass",
    "iscoroutine",
    "iscoroutinefunction",
    "isdatadescriptor",
    "isfunction",
    "isgenerator",
    "isgeneratorfunction",
    "ismethod",
    "ismethoddescriptor",
    "ismodule",
    "isroutine",
    "isgetsetdescriptor",
    "_empty",
];

/// What a piece of code looks at beyond values: whether names, source, frames, docstrings or annotations can be read by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Markers {
    /// `locals`, `vars`, `eval`, `exec`, `dir`: reads names of its own locals.
    pub own_names: bool,
    /// Frames, source, code objects or tracebacks, of others too.
    pub inspection: bool,
    /// `__doc__`, `inspect.getdoc`.
    pub docstrings: bool,
    /// `__annotations__`, `get_type_hints`, `inspect.signature`.
    pub annotations: bool,
    /// `globals()`, `importlib`, computed `getattr`: what it uses cannot be told.
    pub dynamic: bool,
}

/// The names that a piece of code uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Dotted chains that start at a global or builtin: `RATE`, `os.path.join`.
    pub globals: BTreeSet<String>,
    /// Dotted chains read on the first parameter of a method: `total` for `self.total`.
    pub own: BTreeSet<String>,
    /// Attributes read on `super()`.
    pub inherited: BTreeSet<String>,
    /// Attributes of anything else.
    pub attributes: BTreeSet<String>,
    /// Attributes assigned on the first parameter.
    pub own_stores: BTreeSet<String>,
    /// Attributes assigned on anything else.
    pub attribute_stores: BTreeSet<String>,
    /// Globals assigned.
    pub global_stores: BTreeSet<String>,
    /// Nested functions and classes of this or an enclosing function.
    pub nested: BTreeSet<String>,
    /// What it looks at beyond values.
    pub markers: Markers,
}

impl Uses {
    /// Adds the names of `other`.
    pub fn extend(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.globals, &other.globals),
            (&mut self.own, &other.own),
            (&mut self.inherited, &other.inherited),
            (&mut self.attributes, &other.attributes),
            (&mut self.own_stores, &other.own_stores),
            (&mut self.attribute_stores, &other.attribute_stores),
            (&mut self.global_stores, &other.global_stores),
            (&mut self.nested, &other.nested),
        ] {
            mine.extend(theirs.iter().cloned());
        }
        self.markers.own_names |= other.markers.own_names;
        self.markers.inspection |= other.markers.inspection;
        self.markers.docstrings |= other.markers.docstrings;
        self.markers.annotations |= other.markers.annotations;
        self.markers.dynamic |= other.markers.dynamic;
    }

    /// Sets the markers from the names, given what the module imports.
    pub(super) fn mark(&mut self, imports: &BTreeMap<&str, &Import>) {
        let markers = &mut self.markers;
        for chain in &self.globals {
            let (root, rest) = chain.split_once('.').unwrap_or((chain, ""));
            match imports.get(root) {
                Some(import) => mark_imported(markers, import, rest),
                None => mark_builtin(markers, root),
            }
            chain.split('.').for_each(|part| mark_attribute(markers, part));
        }
        for chain in self.own.iter().chain(&self.attributes).chain(&self.inherited) {
            chain.split('.').for_each(|part| mark_attribute(markers, part));
        }
    }
}

fn mark_builtin(markers: &mut Markers, name: &str) {
    match name {
        "locals" | "vars" | "eval" | "exec" | "dir" | "breakpoint" => markers.own_names = true,
        "globals" | "__import__" => markers.dynamic = true,
        "__doc__" | "help" => markers.docstrings = true,
        "__annotations__" => markers.annotations = true,
        _ => {}
    }
}

fn mark_imported(markers: &mut Markers, import: &Import, rest: &str) {
    let top = import.module.split('.').next().unwrap_or_default();
    match top {
        "inspect" => {
            let asked = import.name.as_deref().unwrap_or(rest).split('.').next();
            markers.inspection |= !asked.is_some_and(|name| INTERFACE_READERS.contains(&name));
            markers.docstrings = true;
            markers.annotations = true;
        }
        "traceback" | "dis" | "linecache" | "tracemalloc" | "pdb" | "bdb" | "faulthandler" | "cProfile" | "trace"
        | "executing" | "varname" | "sorcery" | "pysnooper" | "icecream" => markers.inspection = true,
        "importlib" | "pkgutil" | "runpy" => markers.dynamic = true,
        "typing" | "typing_extensions" | "annotationlib"
            if import.name.as_deref().unwrap_or(rest).split('.').next() == Some("get_type_hints") =>
        {
            markers.annotations = true;
        }
        _ => {}
    }
    let name = import.name.as_deref().unwrap_or_default();
    mark_attribute(markers, name);
}

fn mark_attribute(markers: &mut Markers, name: &str) {
    match name {
        "__code__" | "_getframe" | "currentframe" | "gi_frame" | "cr_frame" | "f_locals" | "f_back" | "co_code"
        | "co_varnames" | "__closure__" | "tb_frame" | "tb_lineno" | "getsource" | "print_exc" | "format_exc"
        | "settrace" | "setprofile" | "_current_frames" => {
            markers.inspection = true;
        }
        "__doc__" | "getdoc" => markers.docstrings = true,
        "__annotations__" | "get_type_hints" | "get_annotations" | "signature" => markers.annotations = true,
        "import_module" | "__dict__" | "modules" => markers.dynamic = true,
        _ => {}
    }
}

/// Collects the names of one function's own code: nested functions keep theirs.
pub(super) struct Collector<'a, 's> {
    pub scopes: &'s mut Scopes<'a>,
    /// The first parameter of the method.
    pub receiver: Option<&'a str>,
    pub uses: Uses,
    pub yields: bool,
}

impl<'a, 's> Collector<'a, 's> {
    pub fn new(scopes: &'s mut Scopes<'a>, receiver: Option<&'a str>) -> Self {
        Self {
            scopes,
            receiver,
            uses: Uses::default(),
            yields: false,
        }
    }

    /// Takes a dotted chain, or visits what it starts from.
    fn chain(&mut self, expression: &'a Expr, store: bool) {
        let mut attributes = Vec::new();
        let mut start = expression;
        while let Expr::Attribute(inner) = start {
            attributes.push(inner.attr.as_str());
            start = &inner.value;
        }
        attributes.reverse();
        match start {
            Expr::Name(name) => self.rooted(name.id.as_str(), &attributes, store),
            Expr::Call(call) if is_super(call) => {
                self.uses.globals.insert("super".to_owned());
                if let Some(first) = attributes.first() {
                    self.uses.inherited.insert((*first).to_owned());
                }
                call.arguments
                    .args
                    .iter()
                    .for_each(|argument| self.visit_expr(argument));
            }
            other => {
                self.visit_expr(other);
                self.loose(&attributes, store);
            }
        }
    }

    fn rooted(&mut self, root: &'a str, attributes: &[&str], store: bool) {
        match self.scopes.resolve(root) {
            Resolved::Global | Resolved::Class => {
                let mut chain = root.to_owned();
                for attribute in attributes {
                    chain.push('.');
                    chain.push_str(attribute);
                }
                if store {
                    self.uses.global_stores.insert(chain.clone());
                }
                if !store || !attributes.is_empty() {
                    self.uses.globals.insert(chain);
                }
            }
            Resolved::Kept(_) if self.receiver == Some(root) && !attributes.is_empty() => {
                if store && attributes.len() == 1 {
                    self.uses.own_stores.insert(attributes[0].to_owned());
                } else {
                    self.uses.own.insert(attributes.join("."));
                }
            }
            Resolved::Kept(_) => {
                self.uses.nested.insert(root.to_owned());
                self.loose(attributes, store);
            }
            Resolved::Local(_) => self.loose(attributes, store),
        }
    }

    fn loose(&mut self, attributes: &[&str], store: bool) {
        for (index, attribute) in attributes.iter().enumerate() {
            let into = if store && index + 1 == attributes.len() {
                &mut self.uses.attribute_stores
            } else {
                &mut self.uses.attributes
            };
            into.insert((*attribute).to_owned());
        }
    }

    /// `getattr(x, "name")` reads `name`; a computed name could be any.
    fn call(&mut self, call: &'a ExprCall) {
        let Expr::Name(function) = call.func.as_ref() else {
            return;
        };
        if !matches!(function.id.as_str(), "getattr" | "hasattr" | "setattr" | "delattr") {
            return;
        }
        match call.arguments.args.get(1) {
            Some(Expr::StringLiteral(name)) => {
                self.uses.attributes.insert(name.value.to_str().to_owned());
            }
            _ => self.uses.markers.dynamic = true,
        }
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], parts: [Option<&'a Expr>; 2]) {
        let Some(first) = generators.first() else { return };
        self.visit_expr(&first.iter);
        self.scopes.enter_comprehension(generators);
        for (index, generator) in generators.iter().enumerate() {
            if index > 0 {
                self.visit_expr(&generator.iter);
            }
            self.visit_expr(&generator.target);
            generator.ifs.iter().for_each(|test| self.visit_expr(test));
        }
        parts.into_iter().flatten().for_each(|part| self.visit_expr(part));
        self.scopes.leave();
    }
}

fn is_super(call: &ExprCall) -> bool {
    matches!(call.func.as_ref(), Expr::Name(name) if name.id.as_str() == "super")
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(def) => {
                def.decorator_list
                    .iter()
                    .for_each(|decorator| self.visit_decorator(decorator));
                def.parameters
                    .iter_non_variadic_params()
                    .filter_map(|p| p.default.as_deref())
                    .for_each(|d| self.visit_expr(d));
            }
            Stmt::ClassDef(def) => {
                def.decorator_list
                    .iter()
                    .for_each(|decorator| self.visit_decorator(decorator));
                def.arguments
                    .iter()
                    .for_each(|arguments| self.visit_arguments(arguments));
                self.scopes.enter_class(def.type_params.as_deref(), &def.body);
                self.visit_body(&def.body);
                self.scopes.leave();
            }
            other => visitor::walk_stmt(self, other),
        }
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => self.chain(expression, name.ctx != ExprContext::Load),
            Expr::Attribute(inner) => self.chain(expression, inner.ctx != ExprContext::Load),
            Expr::Lambda(inner) => {
                inner
                    .parameters
                    .iter()
                    .for_each(|parameters| self.visit_parameters(parameters));
                self.scopes.enter_lambda(inner.parameters.as_deref(), &inner.body);
                self.visit_expr(&inner.body);
                self.scopes.leave();
            }
            Expr::ListComp(inner) => self.comprehension(&inner.generators, [Some(&*inner.elt), None]),
            Expr::SetComp(inner) => self.comprehension(&inner.generators, [Some(&*inner.elt), None]),
            Expr::Generator(inner) => self.comprehension(&inner.generators, [Some(&*inner.elt), None]),
            Expr::DictComp(inner) => self.comprehension(&inner.generators, [inner.key.as_deref(), Some(&*inner.value)]),
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.yields = true;
                visitor::walk_expr(self, expression);
            }
            Expr::Call(call) => {
                self.call(call);
                visitor::walk_expr(self, expression);
            }
            other => visitor::walk_expr(self, other),
        }
    }
}
