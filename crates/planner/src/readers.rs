//! What reads the state that a constructor sets: `__init__` keeps a number, a property gives it away.

use std::collections::BTreeSet;

use languages::python::syntax::Function;
use model::{FunctionChange, Way};

use crate::targets::{call_of, is_private, makes_objects, reads_any};
use crate::ways::Planner;

/// Readers of one method at most: each takes a moment.
const MOST_READERS: usize = 4;

/// Unchanged methods and properties of the class of a changed constructor that read what it sets; first those that read what
/// only one version sets.
pub(crate) fn of(planner: &Planner<'_>, change: &FunctionChange) -> Vec<Way> {
    let Some(outline) = planner.head.outline(&change.path) else {
        return Vec::new();
    };
    let Some(function) = outline.function(&change.qualified_name) else {
        return Vec::new();
    };
    let Some(class) = &function.class else {
        return Vec::new();
    };
    // Only what makes the object is sure to have run when one is there.
    if !makes_objects(function) {
        return Vec::new();
    }
    let is_changed = |name: &str| {
        let all = &planner.change.functions;
        all.iter()
            .any(|other| other.path == change.path && other.qualified_name == name)
    };
    let (path, name) = planner.mapped.in_base(&change.path, &change.qualified_name);
    let before = planner.base.outline(&path).and_then(|outline| {
        let function = outline.function(&name)?;
        Some(function.uses.own_stores.clone())
    });
    let now = &function.uses.own_stores;
    let before = before.unwrap_or_else(|| now.clone());
    let one_sided: BTreeSet<&String> = before.symmetric_difference(now).collect();
    let all: BTreeSet<&String> = before.union(now).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let mut readers: Vec<&Function> = outline
        .methods(class)
        .filter(|method| !is_changed(&method.qualified_name) && reads_any(method, &all))
        .collect();
    readers.sort_by_key(|method| {
        (
            !reads_any(method, &one_sided),
            is_private(&method.name),
            method.span.line,
        )
    });
    readers
        .into_iter()
        .filter_map(|method| {
            let target = planner.way(&change.path, &method.qualified_name, call_of(method)?, true)?;
            Some(Way {
                target,
                through: vec![change.qualified_name.clone()],
                reason: "it reads what the method sets".to_owned(),
            })
        })
        .take(MOST_READERS)
        .collect()
}
