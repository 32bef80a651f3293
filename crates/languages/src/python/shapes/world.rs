//! What names mean in one version: modules, their functions and classes, imports followed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef, StmtImportFrom};

use crate::python::{Parsed, Project};

/// Imports are followed through at most this many files.
const LONGEST_CHAIN: u32 = 6;

/// One version of the program.
pub(super) struct World<'p> {
    /// Its files.
    pub project: &'p Project,
    /// 0 for base, 1 for head.
    pub side: usize,
    modules: RefCell<HashMap<String, Option<Rc<Module<'p>>>>>,
}

/// A file with its top-level names.
pub(super) struct Module<'p> {
    /// Which [`World`] it belongs to.
    pub side: usize,
    /// The file.
    pub parsed: &'p Parsed,
    names: HashMap<&'p str, Binding<'p>>,
    stars: Vec<String>,
}

enum Binding<'p> {
    Function(&'p StmtFunctionDef),
    Class(&'p StmtClassDef),
    Value { value: Option<&'p Expr>, annotation: Option<&'p Expr> },
    Import { module: String, name: Option<String> },
}

/// A function with where it stands.
#[derive(Clone)]
pub(super) struct Function<'p> {
    /// Its file.
    pub module: Rc<Module<'p>>,
    /// The class it is a method of.
    pub class: Option<Rc<Class<'p>>>,
    /// Its definition.
    pub def: &'p StmtFunctionDef,
}

/// A class with where it stands.
pub(super) struct Class<'p> {
    /// Its file.
    pub module: Rc<Module<'p>>,
    /// Dotted name inside the module.
    pub name: String,
    /// Its definition.
    pub def: &'p StmtClassDef,
}

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Thing<'p> {
    Function(Function<'p>),
    Class(Rc<Class<'p>>),
    /// A module-level or class-level variable.
    Value {
        module: Rc<Module<'p>>,
        name: String,
        value: Option<&'p Expr>,
        annotation: Option<&'p Expr>,
    },
    Module(Rc<Module<'p>>),
    /// Something outside the project by its dotted name; builtins bare.
    External(String),
}

impl<'p> World<'p> {
    pub(super) fn new(project: &'p Project, side: usize) -> Self {
        Self { project, side, modules: RefCell::default() }
    }

    /// The module in the file `path`.
    pub(super) fn by_path(&self, path: &str) -> Option<Rc<Module<'p>>> {
        if let Some(known) = self.modules.borrow().get(path) {
            return known.clone();
        }
        let module = self.project.file(path).map(|parsed| Rc::new(Module::new(parsed, self.side)));
        self.modules.borrow_mut().insert(path.to_owned(), module.clone());
        module
    }

    /// The module imported as `name`.
    pub(super) fn by_name(&self, name: &str) -> Option<Rc<Module<'p>>> {
        self.by_path(self.project.path_of(name)?)
    }

    /// What `name` means at the top level of `module`; an unknown name is taken for a builtin.
    pub(super) fn resolve(&self, module: &Rc<Module<'p>>, name: &str) -> Option<Thing<'p>> {
        self.resolve_within(module, name, LONGEST_CHAIN)
    }

    fn resolve_within(&self, module: &Rc<Module<'p>>, name: &str, chain: u32) -> Option<Thing<'p>> {
        let chain = chain.checked_sub(1)?;
        match module.names.get(name) {
            Some(Binding::Function(def)) => Some(Thing::Function(Function { module: module.clone(), class: None, def })),
            Some(Binding::Class(def)) => Some(Thing::Class(Rc::new(Class { module: module.clone(), name: name.to_owned(), def }))),
            Some(Binding::Value { value, annotation }) => {
                // `name = other` and `Alias = module.Class` are only another name.
                let alias = value.filter(|value| matches!(value, Expr::Name(_) | Expr::Attribute(_))).and_then(|value| self.expression_within(module, value, chain));
                match alias {
                    Some(thing @ (Thing::Function(_) | Thing::Class(_))) => Some(thing),
                    _ => Some(Thing::Value { module: module.clone(), name: name.to_owned(), value: *value, annotation: *annotation }),
                }
            }
            Some(Binding::Import { module: from, name: imported }) => self.imported(from, imported.as_deref(), chain),
            None => self.star(module, name, chain).or_else(|| super::library::is_builtin(name).then(|| Thing::External(name.to_owned()))),
        }
    }

    fn star(&self, module: &Rc<Module<'p>>, name: &str, chain: u32) -> Option<Thing<'p>> {
        module.stars.iter().find_map(|from| {
            let from = self.by_name(from)?;
            if from.names.contains_key(name) { self.resolve_within(&from, name, chain) } else { None }
        })
    }

    /// What an import of `name` from `module` (of the module itself without a name) gives.
    pub(super) fn import(&self, module: &str, name: Option<&str>) -> Option<Thing<'p>> {
        self.imported(module, name, LONGEST_CHAIN)
    }

    fn imported(&self, module: &str, name: Option<&str>, chain: u32) -> Option<Thing<'p>> {
        let found = self.by_name(module);
        let Some(name) = name else {
            return Some(found.map_or_else(|| Thing::External(module.to_owned()), Thing::Module));
        };
        match found {
            Some(found) if found.names.contains_key(name) || !found.stars.is_empty() => self.resolve_within(&found, name, chain),
            _ => match self.by_name(&format!("{module}.{name}")) {
                Some(submodule) => Some(Thing::Module(submodule)),
                None => Some(Thing::External(format!("{module}.{name}"))),
            },
        }
    }

    /// The attribute `name` of a module, class or external name.
    pub(super) fn member(&self, thing: &Thing<'p>, name: &str) -> Option<Thing<'p>> {
        self.member_within(thing, name, LONGEST_CHAIN)
    }

    fn member_within(&self, thing: &Thing<'p>, name: &str, chain: u32) -> Option<Thing<'p>> {
        let chain = chain.checked_sub(1)?;
        match thing {
            Thing::Module(module) if module.names.contains_key(name) => self.resolve_within(module, name, chain),
            Thing::Module(module) => self.by_name(&format!("{}.{name}", module.parsed.module)).map(Thing::Module),
            Thing::Class(class) => self.class_member(class, name, chain),
            Thing::External(path) => Some(Thing::External(format!("{path}.{name}"))),
            Thing::Function(_) | Thing::Value { .. } => None,
        }
    }

    fn class_member(&self, class: &Rc<Class<'p>>, name: &str, chain: u32) -> Option<Thing<'p>> {
        let own = class.def.body.iter().rev().find_map(|statement| match statement {
            Stmt::FunctionDef(def) if def.name.as_str() == name => Some(Thing::Function(Function { module: class.module.clone(), class: Some(class.clone()), def })),
            Stmt::ClassDef(def) if def.name.as_str() == name => Some(Thing::Class(Rc::new(Class { module: class.module.clone(), name: format!("{}.{name}", class.name), def }))),
            Stmt::Assign(assign) if assign.targets.iter().any(|target| is_name(target, name)) => {
                Some(Thing::Value { module: class.module.clone(), name: format!("{}.{name}", class.name), value: Some(&assign.value), annotation: None })
            }
            Stmt::AnnAssign(assign) if is_name(&assign.target, name) => {
                Some(Thing::Value { module: class.module.clone(), name: format!("{}.{name}", class.name), value: assign.value.as_deref(), annotation: Some(&assign.annotation) })
            }
            _ => None,
        });
        own.or_else(|| self.bases(class).into_iter().find_map(|base| if let Thing::Class(base) = base { self.class_member(&base, name, chain.checked_sub(1)?) } else { None }))
    }

    /// The bases of a class, as far as they can be named; subscripts (`Generic[T]`) are looked through.
    pub(super) fn bases(&self, class: &Rc<Class<'p>>) -> Vec<Thing<'p>> {
        let bases = class.def.arguments.as_deref().map(|arguments| &arguments.args[..]).unwrap_or_default();
        bases
            .iter()
            .filter_map(|base| {
                let base = if let Expr::Subscript(subscript) = base { &*subscript.value } else { base };
                let thing = self.expression(&class.module, base)?;
                // A class that names itself as base (shadowing an import) must not send us round in circles.
                if matches!(&thing, Thing::Class(other) if std::ptr::eq(other.def, class.def)) { None } else { Some(thing) }
            })
            .collect()
    }

    /// What a dotted name means at the top level of `module`.
    pub(super) fn expression(&self, module: &Rc<Module<'p>>, expr: &Expr) -> Option<Thing<'p>> {
        self.expression_within(module, expr, LONGEST_CHAIN)
    }

    fn expression_within(&self, module: &Rc<Module<'p>>, expr: &Expr, chain: u32) -> Option<Thing<'p>> {
        match expr {
            Expr::Name(name) => self.resolve_within(module, name.id.as_str(), chain),
            Expr::Attribute(attribute) => {
                let owner = self.expression_within(module, &attribute.value, chain)?;
                self.member_within(&owner, attribute.attr.as_str(), chain)
            }
            _ => None,
        }
    }

    /// What the dotted name `qualified` means in `module`, for targets: also through functions (`outer.<locals>.inner`).
    pub(super) fn qualified(&self, module: &Rc<Module<'p>>, qualified: &str) -> Option<Thing<'p>> {
        let mut parts = qualified.split('.');
        let mut thing = self.resolve(module, parts.next()?)?;
        for part in parts.filter(|part| *part != "<locals>") {
            thing = match &thing {
                Thing::Function(function) => nested(function, part)?,
                other => self.member(other, part)?,
            };
        }
        Some(thing)
    }
}

fn nested<'p>(function: &Function<'p>, name: &str) -> Option<Thing<'p>> {
    let mut found = None;
    for_each_statement(&function.def.body, &mut |statement| match statement {
        Stmt::FunctionDef(def) if def.name.as_str() == name => found = Some(Thing::Function(Function { module: function.module.clone(), class: None, def })),
        Stmt::ClassDef(def) if def.name.as_str() == name => found = Some(Thing::Class(Rc::new(Class { module: function.module.clone(), name: name.to_owned(), def }))),
        _ => {}
    });
    found
}

fn is_name(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Name(other) if other.id.as_str() == name)
}

/// Visits the statements of a body and of the blocks in it, but not those of nested functions and classes.
pub(super) fn for_each_statement<'p>(body: &'p [Stmt], visit: &mut impl FnMut(&'p Stmt)) {
    for statement in body {
        visit(statement);
        match statement {
            Stmt::If(s) => {
                for_each_statement(&s.body, visit);
                s.elif_else_clauses.iter().for_each(|clause| for_each_statement(&clause.body, visit));
            }
            Stmt::For(s) => {
                for_each_statement(&s.body, visit);
                for_each_statement(&s.orelse, visit);
            }
            Stmt::While(s) => {
                for_each_statement(&s.body, visit);
                for_each_statement(&s.orelse, visit);
            }
            Stmt::With(s) => for_each_statement(&s.body, visit),
            Stmt::Try(s) => {
                for_each_statement(&s.body, visit);
                for handler in &s.handlers {
                    let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                    for_each_statement(&handler.body, visit);
                }
                for_each_statement(&s.orelse, visit);
                for_each_statement(&s.finalbody, visit);
            }
            Stmt::Match(s) => s.cases.iter().for_each(|case| for_each_statement(&case.body, visit)),
            _ => {}
        }
    }
}

impl<'p> Module<'p> {
    fn new(parsed: &'p Parsed, side: usize) -> Self {
        let mut module = Self { side, parsed, names: HashMap::new(), stars: Vec::new() };
        for_each_statement(&parsed.ast.body, &mut |statement| module.bind(statement));
        module
    }

    fn bind(&mut self, statement: &'p Stmt) {
        match statement {
            Stmt::FunctionDef(def) => self.define(def.name.as_str(), Binding::Function(def)),
            Stmt::ClassDef(def) => self.define(def.name.as_str(), Binding::Class(def)),
            Stmt::Assign(assign) => {
                for name in assign.targets.iter().filter_map(Expr::as_name_expr) {
                    self.names.entry(name.id.as_str()).or_insert(Binding::Value { value: Some(&assign.value), annotation: None });
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    self.names.entry(name.id.as_str()).or_insert(Binding::Value { value: assign.value.as_deref(), annotation: Some(&assign.annotation) });
                }
            }
            Stmt::TypeAlias(alias) => {
                if let Expr::Name(name) = &*alias.name {
                    self.names.entry(name.id.as_str()).or_insert(Binding::Value { value: Some(&alias.value), annotation: None });
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let full = alias.name.as_str();
                    match &alias.asname {
                        Some(name) => self.insert(name.as_str(), Binding::Import { module: full.to_owned(), name: None }),
                        None => {
                            let top = full.split('.').next().unwrap_or(full);
                            self.insert(top, Binding::Import { module: top.to_owned(), name: None });
                        }
                    }
                }
            }
            Stmt::ImportFrom(import) => self.bind_from(import),
            _ => {}
        }
    }

    fn bind_from(&mut self, import: &'p StmtImportFrom) {
        let module = self.absolute(import);
        for alias in &import.names {
            if alias.name.as_str() == "*" {
                self.stars.push(module.clone());
                continue;
            }
            let name = alias.asname.as_ref().unwrap_or(&alias.name);
            self.insert(name.as_str(), Binding::Import { module: module.clone(), name: Some(alias.name.as_str().to_owned()) });
        }
    }

    /// The first of several bindings stays: `try: import a / except ImportError: a = None`.
    fn insert(&mut self, name: &'p str, binding: Binding<'p>) {
        self.names.entry(name).or_insert(binding);
    }

    /// Of several definitions the last one counts, as it does when the module runs; but one in an `except ImportError` does not.
    fn define(&mut self, name: &'p str, binding: Binding<'p>) {
        if !matches!(self.names.get(name), Some(Binding::Import { .. })) {
            self.names.insert(name, binding);
        }
    }

    /// Absolute name of the module that a `from` import names.
    pub(super) fn absolute(&self, import: &StmtImportFrom) -> String {
        let named = import.module.as_ref().map(|name| name.as_str()).unwrap_or_default();
        if import.level == 0 {
            return named.to_owned();
        }
        let is_package = self.parsed.path.ends_with("/__init__.py");
        let up = (import.level as usize).saturating_sub(usize::from(is_package));
        let mut parts: Vec<&str> = self.parsed.module.split('.').collect();
        parts.truncate(parts.len().saturating_sub(up));
        if !named.is_empty() {
            parts.push(named);
        }
        parts.join(".")
    }

    /// The top-level classes of the file, and those that it imports by name.
    pub(super) fn class_names(&self) -> impl Iterator<Item = &'p str> {
        let mut names: Vec<&'p str> = self.names.iter().filter(|(_, binding)| matches!(binding, Binding::Class(_))).map(|(name, _)| *name).collect();
        let mut imported: Vec<&'p str> =
            self.names.iter().filter(|(name, binding)| matches!(binding, Binding::Import { name: Some(_), .. }) && name.starts_with(char::is_uppercase)).map(|(name, _)| *name).collect();
        names.sort_unstable();
        imported.sort_unstable();
        names.into_iter().chain(imported)
    }

    /// The top-level functions of the file, by name.
    pub(super) fn functions(self: &Rc<Self>) -> Vec<Function<'p>> {
        let mut functions: Vec<Function<'p>> = self
            .names
            .values()
            .filter_map(|binding| if let Binding::Function(def) = binding { Some(Function { module: self.clone(), class: None, def }) } else { None })
            .collect();
        functions.sort_by_key(|function| function.def.range.start());
        functions
    }
}
