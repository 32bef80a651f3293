//! One file: its top-level names.

use std::collections::HashMap;
use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef, StmtImportFrom};

use super::world::{Function, for_each_statement};
use crate::python::Parsed;

/// A file with its top-level names.
pub(super) struct Module<'p> {
    /// Which [`World`] it belongs to.
    pub side: usize,
    /// The file.
    pub parsed: &'p Parsed,
    /// What each name is bound to.
    pub names: HashMap<&'p str, Binding<'p>>,
    /// Modules of which everything is imported.
    pub stars: Vec<String>,
}

/// What a top-level name is bound to.
pub(super) enum Binding<'p> {
    Function(&'p StmtFunctionDef),
    Class(&'p StmtClassDef),
    Value {
        value: Option<&'p Expr>,
        annotation: Option<&'p Expr>,
    },
    Import {
        module: String,
        name: Option<String>,
    },
}

impl<'p> Module<'p> {
    pub(super) fn new(parsed: &'p Parsed, side: usize) -> Self {
        let mut module = Self {
            side,
            parsed,
            names: HashMap::new(),
            stars: Vec::new(),
        };
        for_each_statement(&parsed.ast.body, &mut |statement| module.bind(statement));
        module
    }

    fn bind(&mut self, statement: &'p Stmt) {
        match statement {
            Stmt::FunctionDef(def) => self.define(def.name.as_str(), Binding::Function(def)),
            Stmt::ClassDef(def) => self.define(def.name.as_str(), Binding::Class(def)),
            Stmt::Assign(assign) => {
                for name in assign.targets.iter().filter_map(Expr::as_name_expr) {
                    self.names.entry(name.id.as_str()).or_insert(Binding::Value {
                        value: Some(&assign.value),
                        annotation: None,
                    });
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    self.names.entry(name.id.as_str()).or_insert(Binding::Value {
                        value: assign.value.as_deref(),
                        annotation: Some(&assign.annotation),
                    });
                }
            }
            Stmt::TypeAlias(alias) => {
                if let Expr::Name(name) = &*alias.name {
                    self.names.entry(name.id.as_str()).or_insert(Binding::Value {
                        value: Some(&alias.value),
                        annotation: None,
                    });
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let full = alias.name.as_str();
                    match &alias.asname {
                        Some(name) => self.insert(
                            name.as_str(),
                            Binding::Import {
                                module: full.to_owned(),
                                name: None,
                            },
                        ),
                        None => {
                            let top = full.split('.').next().unwrap_or(full);
                            self.insert(
                                top,
                                Binding::Import {
                                    module: top.to_owned(),
                                    name: None,
                                },
                            );
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
            self.insert(
                name.as_str(),
                Binding::Import {
                    module: module.clone(),
                    name: Some(alias.name.as_str().to_owned()),
                },
            );
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
        let mut names: Vec<&'p str> = self
            .names
            .iter()
            .filter(|(_, binding)| matches!(binding, Binding::Class(_)))
            .map(|(name, _)| *name)
            .collect();
        let mut imported: Vec<&'p str> = self
            .names
            .iter()
            .filter(|(name, binding)| {
                matches!(binding, Binding::Import { name: Some(_), .. }) && name.starts_with(char::is_uppercase)
            })
            .map(|(name, _)| *name)
            .collect();
        names.sort_unstable();
        imported.sort_unstable();
        names.into_iter().chain(imported)
    }

    /// The top-level functions of the file, by name.
    pub(super) fn functions(self: &Rc<Self>) -> Vec<Function<'p>> {
        let mut functions: Vec<Function<'p>> = self
            .names
            .values()
            .filter_map(|binding| {
                if let Binding::Function(def) = binding {
                    Some(Function {
                        module: self.clone(),
                        class: None,
                        def,
                    })
                } else {
                    None
                }
            })
            .collect();
        functions.sort_by_key(|function| function.def.range.start());
        functions
    }
}
