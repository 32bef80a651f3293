//! What of a version can be imported; nothing of it is called.

use std::collections::BTreeSet;
use std::time::Instant;

use model::Place;

use crate::context::Context;
use crate::duo::{Half, Import, OpenError};

/// Why a module cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// It asks for a module that is not installed, by this name.
    Missing(String),
    /// It raises.
    Raises {
        /// Exception type.
        class: String,
        /// Its text.
        message: String,
        /// Innermost place in the tree: path and line.
        place: Option<(String, u32)>,
    },
    /// It did not end in time.
    DoesNotEnd,
    /// It took the interpreter with it.
    EndsInterpreter,
    /// What it imports by a name of the tree's own came from elsewhere.
    Foreign(Vec<String>),
}

/// How imports went.
#[derive(Debug, Default)]
pub struct Imports {
    /// Each module that was tried.
    pub tried: Vec<(String, Result<(), Failure>)>,
    /// Modules for which there was no time.
    pub left: usize,
    /// Sandbox layers that did not take hold, with the reason.
    pub missing_layers: BTreeSet<String>,
}

/// Imports modules of head, one after the other in one interpreter, until `deadline`.
///
/// # Errors
/// When no harness can be had.
pub fn imports(context: &Context<'_>, modules: &[String], deadline: Instant) -> Result<Imports, OpenError> {
    crate::harness::compile(&context.harness, &context.head.interpreter);
    let mut half = Half::open(context, &context.head)?;
    let mut found = Imports::default();
    for (at, module) in modules.iter().enumerate() {
        if Instant::now() >= deadline || context.progress.stopped() {
            found.left = modules.len() - at;
            break;
        }
        context.progress.function(at, modules.len(), module);
        half.import(module)?;
        if let Some(import) = half.imports.get(module) {
            found.tried.push((module.clone(), outcome(import)));
        }
    }
    found.missing_layers.clone_from(&half.missing_layers);
    Ok(found)
}

fn outcome(import: &Import) -> Result<(), Failure> {
    let imported = match import {
        Import::DoesNotEnd | Import::OutOfTime(_) => return Err(Failure::DoesNotEnd),
        Import::EndsInterpreter => return Err(Failure::EndsInterpreter),
        Import::Answered(imported) => imported,
    };
    match &imported.error {
        Some(error) => Err(match &error.missing {
            Some(missing) if !error.in_tree => Failure::Missing(missing.clone()),
            _ => Failure::Raises {
                class: error.class.clone(),
                message: error.message.clone(),
                place: error.place.as_ref().map(|Place { path, line }| (path.clone(), *line)),
            },
        }),
        None if !imported.foreign.is_empty() => Err(Failure::Foreign(imported.foreign.clone())),
        None => Ok(()),
    }
}
