//! Module bodies: constants, tables, imports, statements.

use std::collections::{BTreeMap, BTreeSet};

use languages::python::syntax::{Fingerprint, Outline, Statement};
use model::{FunctionChange, FunctionKind, Reason};

use super::{Findings, Sides};

/// The name of a module body.
pub(crate) const MODULE: &str = "<module>";

/// Compares the module bodies of a file.
pub(crate) fn compare(sides: &Sides<'_>, found: &mut Findings) {
    let (base, head) = (sides.base, sides.head);
    let mut reasons = Vec::new();
    let code = |outline: &Outline| run(outline).map(|statement| statement.code).collect::<Vec<_>>();
    if code(base) != code(head) || imported(base) != imported(head) {
        reasons.push(Reason::Code);
    } else if base.import_order() != head.import_order() || sides.base_path.is_some() {
        reasons.push(Reason::Moved);
    }
    if base.annotations != head.annotations {
        reasons.push(Reason::Annotations);
    }
    if base.docstring != head.docstring || base.docstring_exact != head.docstring_exact && sides.mention("__doc__") {
        reasons.push(Reason::Docstring);
    }
    if scripts(base) != scripts(head) {
        found.unverified(
            &head.path,
            "code under `if __name__ == \"__main__\"` or `if TYPE_CHECKING`: it does not run on import",
        );
    }
    if reasons.is_empty() {
        return;
    }
    let changed_lines = changed_lines(base, head);
    found.functions.push(FunctionChange {
        base_path: sides.base_path.clone(),
        base_line: Some(1),
        base_end_line: Some(base.lines),
        reasons,
        line: changed_lines.first().copied().unwrap_or(1),
        changed_lines,
        ..entry(head, &head.path, Reason::Code)
    });
}

/// The module body of a file that is in one version only.
pub(crate) fn whole(outline: &Outline, path: &str, reason: Reason, found: &mut Findings) {
    if run(outline).next().is_some() || outline.imports.iter().any(|import| import.module != "__future__") {
        found.functions.push(entry(outline, path, reason));
    } else if outline.functions.is_empty() && outline.classes.is_empty() {
        let words = if reason == Reason::Added {
            "a module without code: it can be imported now"
        } else {
            "a module without code: it cannot be imported any more"
        };
        found.unverified(path, words);
    }
}

/// Statements that run on import.
fn run(outline: &Outline) -> impl Iterator<Item = &Statement> {
    outline.statements.iter().filter(|statement| !statement.is_script)
}

fn scripts(outline: &Outline) -> Vec<Fingerprint> {
    outline
        .statements
        .iter()
        .filter(|statement| statement.is_script)
        .map(|statement| statement.code)
        .collect()
}

/// What is imported under which name, in any order.
fn imported(outline: &Outline) -> BTreeSet<(&str, &str, Option<&str>)> {
    outline
        .imports
        .iter()
        .map(|import| (import.binds.as_str(), import.module.as_str(), import.name.as_deref()))
        .collect()
}

fn changed_lines(base: &Outline, head: &Outline) -> Vec<u32> {
    let mut old: BTreeMap<(Fingerprint, Fingerprint), usize> = BTreeMap::new();
    for statement in run(base) {
        *old.entry((statement.code, statement.annotation)).or_default() += 1;
    }
    let mut lines = BTreeSet::new();
    for statement in run(head) {
        match old.get_mut(&(statement.code, statement.annotation)) {
            Some(left) if *left > 0 => *left -= 1,
            _ => lines.extend(statement.line..=statement.end_line),
        }
    }
    let known = imported(base);
    let fresh = head
        .imports
        .iter()
        .filter(|import| !known.contains(&(import.binds.as_str(), import.module.as_str(), import.name.as_deref())));
    lines.extend(fresh.map(|import| import.line));
    lines.into_iter().collect()
}

pub(crate) fn entry(outline: &Outline, path: &str, reason: Reason) -> FunctionChange {
    FunctionChange {
        path: path.to_owned(),
        base_path: None,
        qualified_name: MODULE.to_owned(),
        base_name: None,
        line: 1,
        end_line: outline.lines,
        base_line: None,
        base_end_line: None,
        kind: FunctionKind::Module,
        reasons: vec![reason],
        proved_same: false,
        standalone: None,
        changed_lines: Vec::new(),
    }
}
