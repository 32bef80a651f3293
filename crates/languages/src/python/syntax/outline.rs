//! What a file defines: functions, classes and module-level statements, each with its fingerprints and the names that it uses.

use std::collections::{BTreeMap, BTreeSet};

use model::FunctionKind;

use super::fingerprint::Fingerprint;
use super::uses::Uses;

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Line of `def`, `class` or the statement, from 1.
    pub line: u32,
    /// First line, decorators included.
    pub first_line: u32,
    /// Last line.
    pub end_line: u32,
    /// First byte, decorators included.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

/// What a function is to the attribute that it is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// What is called or read.
    Plain,
    /// Run by assignment to a property; its name ends in `.setter`.
    Setter,
    /// Run by deletion of a property; its name ends in `.deleter`.
    Deleter,
}

/// A function or method.
#[derive(Clone, Debug)]
pub struct Function {
    /// Dotted name inside the module: `Cart.total`, `outer.<locals>.inner`, `Cart.size.setter`.
    pub qualified_name: String,
    /// Its own name.
    pub name: String,
    /// What sort of function it is.
    pub kind: FunctionKind,
    /// What it is to the attribute that it is bound to.
    pub role: Role,
    /// Qualified name of the class that it is a method of.
    pub class: Option<String>,
    /// Qualified name of the outermost function that it is nested in.
    pub outermost: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// `async def`.
    pub is_async: bool,
    /// Whether it yields.
    pub is_generator: bool,
    /// Dotted names of its decorators (of what is called, for a call).
    pub decorator_names: Vec<String>,
    /// Code of the body, nested functions by name only.
    pub code: Fingerprint,
    /// Parameters: names, order, kinds, defaults.
    pub signature: Fingerprint,
    /// Annotations of parameters and result, type parameters, overloads.
    pub annotations: Fingerprint,
    /// Docstring as a help text shows it.
    pub docstring: Fingerprint,
    /// Docstring to the letter.
    pub docstring_exact: Fingerprint,
    /// Decorators.
    pub decorators: Fingerprint,
    /// Names that the body, the defaults and the decorators use.
    pub uses: Uses,
    /// Names that annotations use.
    pub annotation_uses: Uses,
    /// Functions defined in it that it returns, by name.
    pub returned: Vec<String>,
    /// Whether annotations hold more than plain names and strings: such that importing them under another version may fail.
    pub annotations_compute: bool,
}

impl Function {
    /// Whether it is a declaration for type checkers, which is never run.
    pub fn is_overload(&self) -> bool {
        self.decorator_names
            .iter()
            .any(|name| name.rsplit('.').next() == Some("overload"))
    }
}

/// A class: its body without methods.
#[derive(Clone, Debug)]
pub struct Class {
    /// Dotted name inside the module.
    pub qualified_name: String,
    /// Its own name.
    pub name: String,
    /// Qualified name of the outermost function that it is defined in.
    pub outermost: Option<String>,
    /// Where it stands, methods included.
    pub span: Span,
    /// Dotted names of its bases; `?` for anything that is no name.
    pub bases: Vec<String>,
    /// Dotted names of its decorators.
    pub decorator_names: Vec<String>,
    /// Whether it names a metaclass or gives keywords to its bases.
    pub has_keywords: bool,
    /// Statements of its body that are neither methods nor nested classes, in order.
    pub statements: Vec<Statement>,
    /// All those statements, without annotations.
    pub code: Fingerprint,
    /// Bases and keywords.
    pub base_list: Fingerprint,
    /// Annotations of its variables.
    pub annotations: Fingerprint,
    /// Docstring as a help text shows it.
    pub docstring: Fingerprint,
    /// Docstring to the letter.
    pub docstring_exact: Fingerprint,
    /// Decorators.
    pub decorators: Fingerprint,
    /// Names that bases, decorators and statements use.
    pub uses: Uses,
    /// Attributes that its methods assign on the instance.
    pub instance_attributes: BTreeSet<String>,
}

/// A statement in a module or class body that is no definition and no import.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Names that it binds.
    pub binds: BTreeSet<String>,
    /// Its code, without annotations.
    pub code: Fingerprint,
    /// Its annotation, where it is an annotated variable.
    pub annotation: Fingerprint,
    /// Dotted name of what is called, for `name = Call(…)`.
    pub instance_of: Option<String>,
    /// Names that it uses.
    pub uses: Uses,
    /// First line.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Whether it runs only when the file is the program (`if __name__ == "__main__":`) or never (`if TYPE_CHECKING:`).
    pub is_script: bool,
}

/// One imported name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The name that is bound; `*` for all.
    pub binds: String,
    /// The module, absolute where it could be resolved.
    pub module: String,
    /// The name taken from the module; none for `import module`.
    pub name: Option<String>,
    /// Line.
    pub line: u32,
}

/// What a file defines.
#[derive(Clone, Debug)]
pub struct Outline {
    /// Path relative to the tree.
    pub path: String,
    /// Importable module name.
    pub module: String,
    /// Functions, in source order.
    pub functions: Vec<Function>,
    /// Classes, in source order.
    pub classes: Vec<Class>,
    /// Module-level statements that are neither definitions nor imports.
    pub statements: Vec<Statement>,
    /// Module-level imports, in order (also those under `if` and `try`).
    pub imports: Vec<Import>,
    /// Module-level code without definitions: statements and imports in order.
    pub body: Fingerprint,
    /// Module-level statements in order, without imports that stand alone.
    pub body_without_imports: Fingerprint,
    /// Annotations of module variables.
    pub annotations: Fingerprint,
    /// The module's docstring as a help text shows it.
    pub docstring: Fingerprint,
    /// The module's docstring to the letter.
    pub docstring_exact: Fingerprint,
    /// Whether annotations stay text (`from __future__ import annotations`).
    pub lazy_annotations: bool,
    /// Number of lines.
    pub lines: u32,
    by_name: BTreeMap<String, usize>,
}

impl Outline {
    /// The last function of this qualified name: the one that is bound after import.
    pub fn function(&self, qualified_name: &str) -> Option<&Function> {
        self.by_name.get(qualified_name).map(|index| &self.functions[*index])
    }

    /// The class of this qualified name.
    pub fn class(&self, qualified_name: &str) -> Option<&Class> {
        self.classes
            .iter()
            .rev()
            .find(|class| class.qualified_name == qualified_name)
    }

    /// Module-level statements that bind `name`.
    pub fn binding(&self, name: &str) -> impl Iterator<Item = &Statement> {
        self.statements
            .iter()
            .filter(move |statement| statement.binds.contains(name))
    }

    /// Imports as they stand: what is imported in which order.
    pub fn import_order(&self) -> Vec<(&str, &str, Option<&str>)> {
        self.imports
            .iter()
            .map(|import| (import.binds.as_str(), import.module.as_str(), import.name.as_deref()))
            .collect()
    }

    /// Functions of the class, nested ones not among them.
    pub fn methods(&self, class: &str) -> impl Iterator<Item = &Function> {
        self.functions
            .iter()
            .filter(move |function| function.class.as_deref() == Some(class))
    }

    pub(super) fn index_names(&mut self) {
        self.by_name = self
            .functions
            .iter()
            .enumerate()
            .map(|(index, function)| (function.qualified_name.clone(), index))
            .collect();
    }

    pub(super) fn empty(path: &str, module: &str) -> Self {
        Self {
            path: path.to_owned(),
            module: module.to_owned(),
            functions: Vec::new(),
            classes: Vec::new(),
            statements: Vec::new(),
            imports: Vec::new(),
            body: Fingerprint::default(),
            body_without_imports: Fingerprint::default(),
            annotations: Fingerprint::default(),
            docstring: Fingerprint::default(),
            docstring_exact: Fingerprint::default(),
            lazy_annotations: false,
            lines: 0,
            by_name: BTreeMap::new(),
        }
    }
}
