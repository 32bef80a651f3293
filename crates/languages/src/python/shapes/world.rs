//! What names mean in one version: modules, their functions and classes, imports followed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef};

use super::module::{Binding, Module};
use crate::python::Project;

/// Imports are followed through at most this many files.
const LONGEST_CHAIN: u32 = 6;

/// One version of the program.
pub(super) struct World<'p> {
    /// Its files.
    pub project: &'p Project,
    /// 0 for base, 1 for head.
    pub side: usize,
    modules: RefCell<HashMap<String, Option<Rc<Module<'p>>>>>,
    by_name: RefCell<HashMap<String, Option<Rc<Module<'p>>>>>,
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
        Self {
            project,
            side,
            modules: RefCell::default(),
            by_name: RefCell::default(),
        }
    }

    /// The module in the file `path`.
    pub(super) fn by_path(&self, path: &str) -> Option<Rc<Module<'p>>> {
        if let Some(known) = self.modules.borrow().get(path) {
            return known.clone();
        }
        let module = self
            .project
            .file(path)
            .map(|parsed| Rc::new(Module::new(parsed, self.side)));
        self.modules.borrow_mut().insert(path.to_owned(), module.clone());
        module
    }

    /// The module imported as `name`.
    pub(super) fn by_name(&self, name: &str) -> Option<Rc<Module<'p>>> {
        if let Some(known) = self.by_name.borrow().get(name) {
            return known.clone();
        }
        let module = self.project.path_of(name).and_then(|path| self.by_path(path));
        self.by_name.borrow_mut().insert(name.to_owned(), module.clone());
        module
    }

    /// What `name` means at the top level of `module`; an unknown name is taken for a builtin.
    pub(super) fn resolve(&self, module: &Rc<Module<'p>>, name: &str) -> Option<Thing<'p>> {
        self.resolve_within(module, name, LONGEST_CHAIN)
    }

    fn resolve_within(&self, module: &Rc<Module<'p>>, name: &str, chain: u32) -> Option<Thing<'p>> {
        let chain = chain.checked_sub(1)?;
        match module.names.get(name) {
            Some(Binding::Function(def)) => Some(Thing::Function(Function {
                module: module.clone(),
                class: None,
                def,
            })),
            Some(Binding::Class(def)) => Some(Thing::Class(Rc::new(Class {
                module: module.clone(),
                name: name.to_owned(),
                def,
            }))),
            Some(Binding::Value { value, annotation }) => {
                // `name = other` and `Alias = module.Class` are only another name.
                let alias = value
                    .filter(|value| matches!(value, Expr::Name(_) | Expr::Attribute(_)))
                    .and_then(|value| self.expression_within(module, value, chain));
                match alias {
                    Some(thing @ (Thing::Function(_) | Thing::Class(_))) => Some(thing),
                    _ => Some(Thing::Value {
                        module: module.clone(),
                        name: name.to_owned(),
                        value: *value,
                        annotation: *annotation,
                    }),
                }
            }
            Some(Binding::Import {
                module: from,
                name: imported,
            }) => self.imported(from, imported.as_deref(), chain),
            None => self
                .star(module, name, chain)
                .or_else(|| super::library::is_builtin(name).then(|| Thing::External(name.to_owned()))),
        }
    }

    fn star(&self, module: &Rc<Module<'p>>, name: &str, chain: u32) -> Option<Thing<'p>> {
        module.stars.iter().find_map(|from| {
            let from = self.by_name(from)?;
            if from.names.contains_key(name) {
                self.resolve_within(&from, name, chain)
            } else {
                None
            }
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
        // A package that imports a module of its own by its full name gives that module.
        let is_itself = |binding: &Binding<'_>| matches!(binding, Binding::Import { module: of, name: Some(what) } if of == module && what == name);
        match found {
            Some(found)
                if !found.names.get(name).is_some_and(is_itself)
                    && (found.names.contains_key(name) || !found.stars.is_empty()) =>
            {
                self.resolve_within(&found, name, chain)
            }
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
            Thing::Module(module) => self
                .by_name(&format!("{}.{name}", module.parsed.module))
                .map(Thing::Module),
            Thing::Class(class) => self.class_member(class, name, chain),
            Thing::External(path) => Some(Thing::External(format!("{path}.{name}"))),
            Thing::Function(_) | Thing::Value { .. } => None,
        }
    }

    fn class_member(&self, class: &Rc<Class<'p>>, name: &str, chain: u32) -> Option<Thing<'p>> {
        let own = class.def.body.iter().rev().find_map(|statement| match statement {
            Stmt::FunctionDef(def) if def.name.as_str() == name => Some(Thing::Function(Function {
                module: class.module.clone(),
                class: Some(class.clone()),
                def,
            })),
            Stmt::ClassDef(def) if def.name.as_str() == name => Some(Thing::Class(Rc::new(Class {
                module: class.module.clone(),
                name: format!("{}.{name}", class.name),
                def,
            }))),
            Stmt::Assign(assign) if assign.targets.iter().any(|target| is_name(target, name)) => Some(Thing::Value {
                module: class.module.clone(),
                name: format!("{}.{name}", class.name),
                value: Some(&assign.value),
                annotation: None,
            }),
            Stmt::AnnAssign(assign) if is_name(&assign.target, name) => Some(Thing::Value {
                module: class.module.clone(),
                name: format!("{}.{name}", class.name),
                value: assign.value.as_deref(),
                annotation: Some(&assign.annotation),
            }),
            _ => None,
        });
        own.or_else(|| {
            self.bases(class).into_iter().find_map(|base| {
                if let Thing::Class(base) = base {
                    self.class_member(&base, name, chain.checked_sub(1)?)
                } else {
                    None
                }
            })
        })
    }

    /// The bases of a class, as far as they can be named; subscripts (`Generic[T]`) are looked through.
    pub(super) fn bases(&self, class: &Rc<Class<'p>>) -> Vec<Thing<'p>> {
        let bases = class
            .def
            .arguments
            .as_deref()
            .map(|arguments| &arguments.args[..])
            .unwrap_or_default();
        bases
            .iter()
            .filter_map(|base| {
                let base = if let Expr::Subscript(subscript) = base {
                    &*subscript.value
                } else {
                    base
                };
                let thing = self.expression(&class.module, base)?;
                // A class that names itself as base (shadowing an import) must not send us round in circles.
                if matches!(&thing, Thing::Class(other) if std::ptr::eq(other.def, class.def)) {
                    None
                } else {
                    Some(thing)
                }
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
        Stmt::FunctionDef(def) if def.name.as_str() == name => {
            found = Some(Thing::Function(Function {
                module: function.module.clone(),
                class: None,
                def,
            }))
        }
        Stmt::ClassDef(def) if def.name.as_str() == name => {
            found = Some(Thing::Class(Rc::new(Class {
                module: function.module.clone(),
                name: name.to_owned(),
                def,
            })))
        }
        _ => {}
    });
    found
}

fn is_name(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Name(other) if other.id.as_str() == name)
}

/// Visits the statements of a body and of the blocks in it, but not those of nested functions and classes.
pub(in crate::python) fn for_each_statement<'p>(body: &'p [Stmt], visit: &mut impl FnMut(&'p Stmt)) {
    for statement in body {
        visit(statement);
        match statement {
            Stmt::If(s) => {
                for_each_statement(&s.body, visit);
                s.elif_else_clauses
                    .iter()
                    .for_each(|clause| for_each_statement(&clause.body, visit));
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
