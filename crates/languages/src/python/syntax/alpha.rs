//! Fingerprints of a whole file, and of functions up to the names of locals.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::docstring::split_docstring;
use super::encode::{ALPHA, Encoder, Home, WHOLE};
use super::fingerprint::Fingerprint;
use crate::python::project::Parsed;

/// All code of a file with annotations and docstrings: equal when two files differ in layout and comments alone.
pub fn whole(parsed: &Parsed) -> Fingerprint {
    let mut encoder = Encoder::new(&parsed.text, WHOLE, Home::Module);
    encoder.module(&parsed.ast.body);
    encoder.finish()
}

/// The code of the function that starts at byte `start` (as an outline's span says), with all that is nested in it, up to
/// the names of locals; without its own signature, annotations, docstring and decorators.
pub fn alpha(parsed: &Parsed, start: usize) -> Option<Fingerprint> {
    let mut finder = Finder { start, found: None };
    finder.visit_body(&parsed.ast.body);
    let def = finder.found?;
    let mut encoder = Encoder::new(&parsed.text, ALPHA, Home::Function);
    encoder
        .scopes
        .enter_function(Some(&def.parameters), def.type_params.as_deref(), &def.body);
    encoder.tag(u8::from(def.is_async));
    encoder.block(split_docstring(&def.body).1);
    Some(encoder.finish())
}

struct Finder<'a> {
    start: usize,
    found: Option<&'a StmtFunctionDef>,
}

impl<'a> Visitor<'a> for Finder<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::FunctionDef(def) = statement
            && def.range().start().to_usize() == self.start
        {
            self.found = Some(def);
        }
        let range = statement.range();
        if self.found.is_none() && range.start().to_usize() <= self.start && self.start < range.end().to_usize() {
            visitor::walk_stmt(self, statement);
        }
    }
}
