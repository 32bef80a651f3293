//! Functions of one file: added, removed, changed.

use std::collections::{BTreeMap, BTreeSet};

use languages::python::syntax::{Function, Outline};
use model::{FunctionChange, FunctionKind, Reason};

use super::lines::{self, Lines};
use super::{Sides, Texts};

/// Names of classes in head by their name in base, where they differ.
pub(crate) type Renamed = BTreeMap<String, String>;

/// Compares all functions of a file.
pub(crate) fn compare(sides: &Sides<'_>, renamed: &Renamed, changes: &mut Vec<FunctionChange>) {
    let old = by_name(sides.base, |name| renamed_name(name, renamed));
    let new = by_name(sides.head, str::to_owned);
    let texts = sides.texts();
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => changes.extend(same_name(sides, texts, old, new)),
            (None, Some(new)) => changes.extend(
                new.last()
                    .map(|function| one_sided(function, &sides.head.path, Reason::Added)),
            ),
            (Some(old), None) => changes.extend(
                old.last()
                    .map(|function| one_sided(function, &sides.base.path, Reason::Removed)),
            ),
            (None, None) => {}
        }
    }
}

/// All functions of a file that is in one version only.
pub(crate) fn whole(outline: &Outline, path: &str, reason: Reason, changes: &mut Vec<FunctionChange>) {
    let functions = by_name(outline, str::to_owned);
    changes.extend(
        functions
            .values()
            .filter_map(|all| all.last())
            .map(|function| one_sided(function, path, reason.clone())),
    );
}

/// Definitions by name, overloads left out; several where one name is defined under different conditions.
fn by_name(outline: &Outline, rename: impl Fn(&str) -> String) -> BTreeMap<String, Vec<&Function>> {
    let mut names: BTreeMap<String, Vec<&Function>> = BTreeMap::new();
    for function in outline.functions.iter().filter(|function| !function.is_overload()) {
        names
            .entry(rename(&function.qualified_name))
            .or_default()
            .push(function);
    }
    names
}

fn renamed_name(name: &str, renamed: &Renamed) -> String {
    let prefix = renamed.iter().find(|(old, _)| {
        name.strip_prefix(old.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
    });
    prefix.map_or_else(|| name.to_owned(), |(old, new)| format!("{new}{}", &name[old.len()..]))
}

/// Definitions under one name: equal ones are set aside, the others compared in order.
fn same_name(sides: &Sides<'_>, texts: &Texts, old: &[&Function], new: &[&Function]) -> Option<FunctionChange> {
    let mut old: Vec<&Function> = old.to_vec();
    let mut left = Vec::new();
    for function in new {
        match old
            .iter()
            .position(|other| differences(sides, other, function).is_empty())
        {
            Some(at) => drop(old.remove(at)),
            None => left.push(*function),
        }
    }
    let mut merged: Option<FunctionChange> = None;
    for (at, function) in left.iter().enumerate() {
        let change = match old.get(at) {
            Some(base) => changed(sides, texts, base, function),
            None => FunctionChange {
                reasons: vec![Reason::Code],
                ..one_sided(function, &sides.head.path, Reason::Code)
            },
        };
        merge(&mut merged, change);
    }
    if left.is_empty()
        && !old.is_empty()
        && let Some(kept) = new.last()
    {
        merge(&mut merged, one_sided(kept, &sides.head.path, Reason::Code));
    }
    merged
}

fn merge(into: &mut Option<FunctionChange>, change: FunctionChange) {
    match into {
        None => *into = Some(change),
        Some(first) => {
            first.reasons.extend(change.reasons);
            first.changed_lines.extend(change.changed_lines);
            first.end_line = first.end_line.max(change.end_line);
        }
    }
}

/// What differs between two definitions.
pub(crate) fn differences(sides: &Sides<'_>, old: &Function, new: &Function) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut when = |differs: bool, reason: Reason| {
        if differs {
            reasons.push(reason);
        }
    };
    when(old.code != new.code, Reason::Code);
    when(
        old.signature != new.signature || old.kind != new.kind,
        Reason::Signature,
    );
    when(old.decorators != new.decorators, Reason::Decorators);
    when(old.annotations != new.annotations, Reason::Annotations);
    let exact = old.docstring_exact != new.docstring_exact;
    when(
        old.docstring != new.docstring || exact && sides.mention("__doc__"),
        Reason::Docstring,
    );
    reasons
}

fn changed(sides: &Sides<'_>, texts: &Texts, old: &Function, new: &Function) -> FunctionChange {
    let base = Lines {
        text: &texts.base,
        first: old.span.first_line,
        last: old.span.end_line,
    };
    let head = Lines {
        text: &texts.head,
        first: new.span.first_line,
        last: new.span.end_line,
    };
    FunctionChange {
        base_path: sides.base_path.clone(),
        base_name: (old.qualified_name != new.qualified_name).then(|| old.qualified_name.clone()),
        base_line: Some(old.span.line),
        base_end_line: Some(old.span.end_line),
        reasons: differences(sides, old, new),
        changed_lines: lines::changed(base, head),
        ..one_sided(new, &sides.head.path, Reason::Code)
    }
}

/// A function of one version.
pub(crate) fn one_sided(function: &Function, path: &str, reason: Reason) -> FunctionChange {
    FunctionChange {
        path: path.to_owned(),
        base_path: None,
        qualified_name: function.qualified_name.clone(),
        base_name: None,
        line: function.span.line,
        end_line: function.span.end_line,
        base_line: None,
        base_end_line: None,
        kind: function.kind,
        reasons: vec![reason],
        proved_same: false,
        standalone: None,
        changed_lines: Vec::new(),
    }
}

/// Whether it is a function or method, rather than a class or module body.
pub(crate) fn is_function(kind: FunctionKind) -> bool {
    !matches!(kind, FunctionKind::Class | FunctionKind::Module)
}
