//! Class bodies of one file: added, removed, renamed, changed.

use std::collections::BTreeSet;

use languages::python::syntax::{Class, Outline};
use model::{FunctionChange, FunctionKind, Reason};

use super::Sides;
use super::functions::Renamed;
use super::lines::{self, Lines};

/// Classes that have another name in head but most of their members.
pub(crate) fn renamed(base: &Outline, head: &Outline) -> Renamed {
    let gone: Vec<&Class> = base
        .classes
        .iter()
        .filter(|class| head.class(&class.qualified_name).is_none())
        .collect();
    let mut fresh: Vec<&Class> = head
        .classes
        .iter()
        .filter(|class| base.class(&class.qualified_name).is_none())
        .collect();
    let mut renamed = Renamed::new();
    for old in gone {
        let best = fresh
            .iter()
            .enumerate()
            .map(|(at, new)| (likeness(base, old, head, new), at))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((likeness, at)) = best
            && likeness >= 0.6
        {
            renamed.insert(old.qualified_name.clone(), fresh.remove(at).qualified_name.clone());
        }
    }
    renamed
}

/// Share of members in common.
fn likeness(base: &Outline, old: &Class, head: &Outline, new: &Class) -> f64 {
    let (one, other) = (members(base, old), members(head, new));
    if one.is_empty() || other.is_empty() {
        return if old.code == new.code && old.base_list == new.base_list && !old.statements.is_empty() {
            1.0
        } else {
            0.0
        };
    }
    2.0 * one.intersection(&other).count() as f64 / (one.len() + other.len()) as f64
}

fn members(outline: &Outline, class: &Class) -> BTreeSet<String> {
    let methods = outline
        .methods(&class.qualified_name)
        .filter(|method| !method.name.starts_with("__"))
        .map(|method| method.name.clone());
    methods
        .chain(
            class
                .statements
                .iter()
                .flat_map(|statement| statement.binds.iter().cloned()),
        )
        .collect()
}

/// Compares all class bodies of a file.
pub(crate) fn compare(sides: &Sides<'_>, renamed: &Renamed, changes: &mut Vec<FunctionChange>) {
    for new in named(sides.head) {
        let old_name = renamed
            .iter()
            .find(|(_, to)| **to == new.qualified_name)
            .map_or(&new.qualified_name, |(from, _)| from);
        match sides.base.class(old_name) {
            Some(old) => changes.extend(changed(sides, old, new)),
            None => changes.extend(one_sided(new, &sides.head.path, Reason::Added)),
        }
    }
    let gone = named(sides.base)
        .filter(|old| sides.head.class(&old.qualified_name).is_none() && !renamed.contains_key(&old.qualified_name));
    changes.extend(gone.filter_map(|old| one_sided(old, &sides.base.path, Reason::Removed)));
}

/// All class bodies of a file that is in one version only.
pub(crate) fn whole(outline: &Outline, path: &str, reason: Reason, changes: &mut Vec<FunctionChange>) {
    changes.extend(named(outline).filter_map(|class| one_sided(class, path, reason.clone())));
}

/// Classes outside functions, the last of each name: bodies of local classes are code of their function.
fn named(outline: &Outline) -> impl Iterator<Item = &Class> {
    let last = |class: &&Class| {
        outline
            .class(&class.qualified_name)
            .is_some_and(|last| std::ptr::eq(last, *class))
    };
    outline
        .classes
        .iter()
        .filter(|class| class.outermost.is_none())
        .filter(last)
}

fn changed(sides: &Sides<'_>, old: &Class, new: &Class) -> Option<FunctionChange> {
    let mut reasons = Vec::new();
    let mut when = |differs: bool, reason: Reason| {
        if differs {
            reasons.push(reason);
        }
    };
    when(old.code != new.code, Reason::Code);
    when(old.base_list != new.base_list, Reason::Signature);
    when(old.decorators != new.decorators, Reason::Decorators);
    when(old.annotations != new.annotations, Reason::Annotations);
    let exact = old.docstring_exact != new.docstring_exact;
    when(
        old.docstring != new.docstring || exact && sides.mention("__doc__"),
        Reason::Docstring,
    );
    when(old.qualified_name != new.qualified_name, Reason::Moved);
    if reasons.is_empty() {
        return None;
    }
    let texts = sides.texts();
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
    let own = own_lines(sides.head, new);
    Some(FunctionChange {
        base_path: sides.base_path.clone(),
        base_name: (old.qualified_name != new.qualified_name).then(|| old.qualified_name.clone()),
        base_line: Some(old.span.line),
        base_end_line: Some(old.span.end_line),
        reasons,
        changed_lines: lines::changed(base, head)
            .into_iter()
            .filter(|line| own.contains(line))
            .collect(),
        ..entry(new, &sides.head.path, Reason::Code)
    })
}

/// Lines of the class outside its methods and nested classes.
fn own_lines(outline: &Outline, class: &Class) -> BTreeSet<u32> {
    let mut lines: BTreeSet<u32> = (class.span.first_line..=class.span.end_line).collect();
    let inner = outline
        .functions
        .iter()
        .map(|function| (&function.qualified_name, function.span));
    let inner = inner.chain(outline.classes.iter().map(|class| (&class.qualified_name, class.span)));
    let prefix = format!("{}.", class.qualified_name);
    for (_, span) in inner.filter(|(name, _)| name.starts_with(&prefix)) {
        lines.retain(|line| !(span.first_line..=span.end_line).contains(line));
    }
    lines
}

/// A class of one version, where it is more than its methods.
fn one_sided(class: &Class, path: &str, reason: Reason) -> Option<FunctionChange> {
    let plain = class.statements.is_empty()
        && class.bases.is_empty()
        && class.decorator_names.is_empty()
        && !class.has_keywords;
    (!plain).then(|| entry(class, path, reason))
}

pub(crate) fn entry(class: &Class, path: &str, reason: Reason) -> FunctionChange {
    FunctionChange {
        path: path.to_owned(),
        base_path: None,
        qualified_name: class.qualified_name.clone(),
        base_name: None,
        line: class.span.line,
        end_line: class.span.end_line,
        base_line: None,
        base_end_line: None,
        kind: FunctionKind::Class,
        reasons: vec![reason],
        proved_same: false,
        standalone: None,
        changed_lines: Vec::new(),
    }
}
