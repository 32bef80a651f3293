//! What needs no run: equal code up to names of locals, and nothing in reach that could tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use languages::python::syntax::{Function, Outline, Reach, Uses};
use model::{FunctionChange, FunctionKind, Reason};

use super::Findings;
use super::functions::is_function;
use super::readers::{self, What};
use crate::side::{Pair, Side};

/// Names that annotations may use without any risk when they are evaluated.
const BUILTIN_TYPES: [&str; 14] = [
    "int",
    "str",
    "float",
    "bool",
    "bytes",
    "list",
    "dict",
    "set",
    "tuple",
    "object",
    "type",
    "frozenset",
    "complex",
    "None",
];

/// Marks what is proved.
pub(crate) fn prove(pair: &Pair, found: &mut Findings) {
    if found.truncated {
        return;
    }
    let mut candidates: BTreeSet<usize> = (0..found.functions.len())
        .filter(|at| is_candidate(pair, &found.functions[*at]))
        .collect();
    settle(pair, &found.functions, &mut candidates, &BTreeSet::new());
    for at in candidates {
        found.functions[at].proved_same = true;
    }
}

/// Drops candidates that reach something changed, until none does: what is a candidate, or proved already, counts as unchanged.
pub(super) fn settle(
    pair: &Pair,
    functions: &[FunctionChange],
    candidates: &mut BTreeSet<usize>,
    proved: &BTreeSet<usize>,
) {
    loop {
        let unchanged: BTreeSet<usize> = candidates.union(proved).copied().collect();
        let others = functions.iter().enumerate().filter(|(at, _)| !unchanged.contains(at));
        let changed = Changed::of(others.map(|(_, change)| change));
        let failed: Vec<usize> = candidates
            .iter()
            .copied()
            .filter(|at| is_spoilt(pair, &functions[*at], &changed))
            .collect();
        if failed.is_empty() {
            break;
        }
        candidates.retain(|at| !failed.contains(at));
    }
}

/// Whether a function reaches anything that changed, or anything that looks at frames.
fn is_spoilt(pair: &Pair, change: &FunctionChange, changed: &Changed) -> bool {
    if !is_function(change.kind) {
        return false;
    }
    let reach = reach(pair, change);
    let by_code = |reason: &Reason| matches!(reason, Reason::Renamed | Reason::Code);
    reach.inspection && change.reasons.iter().any(by_code) || !reach.complete || changed.is_reached(&reach)
}

/// What the outermost function around a change reaches.
pub(super) fn reach(pair: &Pair, change: &FunctionChange) -> Reach {
    pair.head.index().reach(&change.path, outermost(&change.qualified_name))
}

/// Says `Renamed` instead of `Code` where only names of locals differ.
pub(crate) fn rename(pair: &Pair, change: &mut FunctionChange) {
    if is_function(change.kind) && change.reasons.contains(&Reason::Code) && same_up_to_locals(pair, change) {
        change
            .reasons
            .iter_mut()
            .filter(|reason| **reason == Reason::Code)
            .for_each(|reason| *reason = Reason::Renamed);
    }
}

pub(super) fn outermost(name: &str) -> &str {
    name.split(".<locals>").next().unwrap_or(name)
}

/// The outlines of the file that a change is in.
pub(super) fn outlines(pair: &Pair, change: &FunctionChange) -> Option<(Arc<Outline>, Arc<Outline>)> {
    let base = pair.base.index().outline(change.path_in_base())?;
    Some((base, pair.head.index().outline(&change.path)?))
}

/// The function of this name, where the file defines but one.
pub(super) fn only<'o>(outline: &'o Outline, name: &str) -> Option<&'o Function> {
    let mut found = outline
        .functions
        .iter()
        .filter(|function| function.qualified_name == name);
    found.next().filter(|_| found.next().is_none())
}

/// Whether the outermost functions are equal up to names of locals.
fn same_up_to_locals(pair: &Pair, change: &FunctionChange) -> bool {
    let digest = |side: &Side, path: &str, name: &str| {
        let outline = side.index().outline(path)?;
        let only = only(&outline, outermost(name))?;
        side.alphas(path).get(&only.span.start).copied()
    };
    let base = digest(&pair.base, change.path_in_base(), change.name_in_base());
    base.is_some() && base == digest(&pair.head, &change.path, &change.qualified_name)
}

/// Whether a change is of the sort that can be proved, and nothing that could tell is near.
fn is_candidate(pair: &Pair, change: &FunctionChange) -> bool {
    let harmless = |reason: &Reason| matches!(reason, Reason::Renamed | Reason::Annotations | Reason::Docstring);
    if !change.reasons.iter().all(harmless) || change.base_path.is_some() {
        return false;
    }
    let Some((base, head)) = outlines(pair, change) else {
        return false;
    };
    match change.kind {
        FunctionKind::Module => module_is_unread(pair, &base, &head, change),
        FunctionKind::Class => class_is_unread(pair, &base, &head, change),
        _ => function_is_unread(pair, &base, &head, change),
    }
}

fn module_is_unread(pair: &Pair, base: &Outline, head: &Outline, change: &FunctionChange) -> bool {
    let speaks = |side: &Side, outline: &Outline, word: &str| side.text(&outline.path).contains(word);
    let mentions = |word: &str| speaks(&pair.base, base, word) || speaks(&pair.head, head, word);
    change.reasons.iter().all(|reason| match reason {
        Reason::Docstring => !mentions("__doc__") && !mentions("getdoc"),
        _ => {
            head.lazy_annotations
                && base.lazy_annotations
                && !mentions("__annotations__")
                && !mentions("get_type_hints")
        }
    })
}

fn class_is_unread(pair: &Pair, base: &Outline, head: &Outline, change: &FunctionChange) -> bool {
    let (Some(old), Some(new)) = (base.class(change.name_in_base()), head.class(&change.qualified_name)) else {
        return false;
    };
    change.reasons.iter().all(|reason| {
        let what = if *reason == Reason::Docstring {
            What::Docstring
        } else {
            What::Annotations
        };
        let evaluated = what == What::Annotations && !(head.lazy_annotations && base.lazy_annotations);
        !evaluated
            && !readers::of_class(pair.base.index(), base, old, what)
            && !readers::of_class(pair.head.index(), head, new, what)
    })
}

pub(super) fn function_is_unread(pair: &Pair, base: &Outline, head: &Outline, change: &FunctionChange) -> bool {
    let (Some(old), Some(new)) = (
        base.function(change.name_in_base()),
        head.function(&change.qualified_name),
    ) else {
        return false;
    };
    change.reasons.iter().all(|reason| {
        let (what, fine) = match reason {
            Reason::Docstring => (What::Docstring, true),
            Reason::Annotations => (What::Annotations, annotations_are_safe(base, head, old, new)),
            _ => (
                What::Source,
                !looks_at_itself(base, change.name_in_base()) && !looks_at_itself(head, &change.qualified_name),
            ),
        };
        fine && !readers::of_function(pair.base.index(), base, old, what)
            && !readers::of_function(pair.head.index(), head, new, what)
    })
}

/// Whether evaluating the new annotations cannot fail where the old ones did not.
fn annotations_are_safe(base: &Outline, head: &Outline, old: &Function, new: &Function) -> bool {
    if head.lazy_annotations {
        return base.lazy_annotations || !old.annotations_compute;
    }
    let known = |name: &String| BUILTIN_TYPES.contains(&name.as_str()) || old.annotation_uses.globals.contains(name);
    !base.lazy_annotations
        && new.kind != FunctionKind::Nested
        && !new.annotations_compute
        && new.annotation_uses.globals.iter().all(known)
}

/// Whether the function, or one around or inside it, reads names of locals, frames or source.
fn looks_at_itself(outline: &Outline, name: &str) -> bool {
    let outer = outermost(name);
    let nested = format!("{outer}.<locals>.");
    let looks = |uses: &Uses| uses.markers.own_names || uses.markers.inspection;
    outline
        .functions
        .iter()
        .filter(|function| function.qualified_name == outer || function.qualified_name.starts_with(&nested))
        .any(|function| looks(&function.uses))
}

/// What is not proved: reaching it spoils a proof.
pub(super) struct Changed {
    definitions: BTreeSet<(String, String)>,
    members: BTreeSet<String>,
}

impl Changed {
    /// What these changes define.
    pub(super) fn of<'c>(changes: impl Iterator<Item = &'c FunctionChange>) -> Self {
        let mut changed = Self {
            definitions: BTreeSet::new(),
            members: BTreeSet::new(),
        };
        for change in changes {
            changed
                .definitions
                .insert((change.path.clone(), change.qualified_name.clone()));
            changed
                .definitions
                .insert((change.path_in_base().to_owned(), change.name_in_base().to_owned()));
            if let Some((owner, member)) = change
                .qualified_name
                .rsplit_once('.')
                .filter(|_| change.kind != FunctionKind::Nested)
            {
                // A method that is new or gone changes what its class hands on.
                if change.is_added() || change.is_removed() || change.reasons.contains(&Reason::Override) {
                    changed.definitions.insert((change.path.clone(), owner.to_owned()));
                }
                changed.members.insert(member.to_owned());
            }
        }
        changed
    }

    /// Whether anything of this is reached.
    pub(super) fn is_reached(&self, reach: &Reach) -> bool {
        let hits = |(path, name): (&String, &String)| self.definitions.contains(&(path.clone(), name.clone()));
        reach.dynamic && !self.definitions.is_empty()
            || reach
                .definitions
                .iter()
                .any(|definition| hits((&definition.path, &definition.name)))
            || reach
                .attributes
                .iter()
                .any(|attribute| self.members.contains(attribute))
    }
}
