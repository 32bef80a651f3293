//! What only a compiler can still prove: functions that are written differently and may compile to the same code.

use std::collections::BTreeSet;

use model::{FunctionChange, Reason, Standalone};

use super::Findings;
use super::functions::is_function;
use super::proof::{Changed, function_is_unread, only, outermost, outlines, reach, settle};
use crate::side::{Pair, Side};

/// Gives each function that may compile to the same code what it takes to find out.
pub(crate) fn offer(pair: &Pair, found: &mut Findings) {
    if found.truncated {
        return;
    }
    let proved: BTreeSet<usize> = (0..found.functions.len())
        .filter(|at| found.functions[*at].proved_same)
        .collect();
    let mut candidates: BTreeSet<usize> = (0..found.functions.len())
        .filter(|at| !proved.contains(at) && may_be_equal(pair, &found.functions[*at]))
        .collect();
    settle(pair, &found.functions, &mut candidates, &proved);
    let alone_changed: Vec<(usize, Changed)> = candidates
        .iter()
        .map(|at| (*at, Changed::of(std::iter::once(&found.functions[*at]))))
        .collect();
    for at in &candidates {
        let change = &found.functions[*at];
        let reach = reach(pair, change);
        let is_reached = |(other, changed): &&(usize, Changed)| other != at && changed.is_reached(&reach);
        let with = alone_changed
            .iter()
            .filter(is_reached)
            .map(|(other, _)| *other)
            .collect();
        let base = alone(&pair.base, change.path_in_base(), change.name_in_base());
        let head = alone(&pair.head, &change.path, &change.qualified_name);
        if let (Some(base), Some(head)) = (base, head) {
            let name = outermost(&change.qualified_name);
            let name = name.rsplit('.').next().unwrap_or(name).to_owned();
            found.functions[*at].standalone = Some(Standalone { name, base, head, with });
        }
    }
}

/// Whether only the code differs, and by none of the names that it uses: the instructions name them.
fn may_be_equal(pair: &Pair, change: &FunctionChange) -> bool {
    let by_code = |reason: &Reason| matches!(reason, Reason::Code | Reason::Renamed);
    if !is_function(change.kind) || !change.reasons.iter().all(by_code) || change.base_path.is_some() {
        return false;
    }
    let Some((base, head)) = outlines(pair, change) else {
        return false;
    };
    let (Some(old), Some(new)) = (
        base.function(change.name_in_base()),
        head.function(&change.qualified_name),
    ) else {
        return false;
    };
    old.uses == new.uses && function_is_unread(pair, &base, &head, change)
}

/// The source of the outermost function around `qualified_name`, decorators left out, inside classes of the same names.
fn alone(side: &Side, path: &str, qualified_name: &str) -> Option<String> {
    let outline = side.index().outline(path)?;
    let function = only(&outline, outermost(qualified_name))?;
    let text = side.text(path);
    let mut lines = text
        .lines()
        .skip(function.span.line as usize - 1)
        .take((function.span.end_line + 1 - function.span.line) as usize);
    let first = lines.next()?;
    let indent = &first[..first.len() - first.trim_start().len()];
    let classes: Vec<&str> = function.class.iter().flat_map(|class| class.split('.')).collect();
    let mut source = String::new();
    if outline.lazy_annotations {
        source.push_str("from __future__ import annotations\n");
    }
    if indent.len() < classes.len() {
        return None;
    }
    for (depth, class) in classes.iter().enumerate() {
        source.push_str(&format!("{}class {class}:\n", &indent[..depth]));
    }
    if classes.is_empty() && !indent.is_empty() {
        source.push_str("if 1:\n");
    }
    for line in std::iter::once(first).chain(lines) {
        source.push_str(line);
        source.push('\n');
    }
    Some(source)
}
