//! Fingerprints of a whole file, and of functions up to the names of locals.

use std::collections::BTreeMap;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
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

/// The code of each function that is not nested in another, with all that is nested in it, up to the names of locals;
/// without its own signature, annotations, docstring and decorators. By the byte at which it starts, as an outline's span says.
pub fn alphas(parsed: &Parsed) -> BTreeMap<usize, Fingerprint> {
    let mut digests = Digests {
        source: &parsed.text,
        found: BTreeMap::new(),
    };
    digests.visit_body(&parsed.ast.body);
    digests.found
}

struct Digests<'a> {
    source: &'a str,
    found: BTreeMap<usize, Fingerprint>,
}

impl<'a> Visitor<'a> for Digests<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let Stmt::FunctionDef(def) = statement else {
            return visitor::walk_stmt(self, statement);
        };
        let mut encoder = Encoder::new(self.source, ALPHA, Home::Function);
        encoder.enter(|scopes| scopes.enter_function(Some(&def.parameters), def.type_params.as_deref(), &def.body));
        encoder.tag(u8::from(def.is_async));
        encoder.block(split_docstring(&def.body).1);
        self.found.insert(def.range().start().to_usize(), encoder.finish());
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}
