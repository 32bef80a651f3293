//! Methods that are new or gone although their class has them in both versions: it inherits them in the other one.

use languages::python::syntax::{Class, DefinitionKind, Index, Outline};
use model::{FunctionChange, FunctionKind, Reason};

use super::functions::is_function;
use crate::side::Pair;

/// What every object has.
const OF_OBJECT: [&str; 17] = [
    "__init__",
    "__str__",
    "__repr__",
    "__format__",
    "__eq__",
    "__ne__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
    "__hash__",
    "__bool__",
    "__sizeof__",
    "__dir__",
    "__reduce__",
    "__setattr__",
    "__delattr__",
];
/// What built-in containers and their abstract classes have.
const OF_CONTAINERS: [&str; 37] = [
    "__getitem__",
    "__setitem__",
    "__delitem__",
    "__contains__",
    "__iter__",
    "__len__",
    "__reversed__",
    "__add__",
    "__iadd__",
    "__mul__",
    "__or__",
    "__and__",
    "__sub__",
    "__xor__",
    "__copy__",
    "get",
    "keys",
    "values",
    "items",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "clear",
    "copy",
    "append",
    "extend",
    "insert",
    "remove",
    "index",
    "count",
    "sort",
    "reverse",
    "add",
    "discard",
    "union",
    "isdisjoint",
];

/// Turns added and removed methods that the class inherits in the other version into changed ones.
pub(crate) fn mark(pair: &Pair, changes: &mut [FunctionChange]) {
    for change in changes {
        let (added, removed) = (change.is_added(), change.is_removed());
        if !(added || removed) || !is_function(change.kind) || change.kind == FunctionKind::Nested {
            continue;
        }
        let Some((class, member)) = change.qualified_name.rsplit_once('.') else {
            continue;
        };
        let other = if added { pair.base.index() } else { pair.head.index() };
        let Some(outline) = other.outline(&change.path) else {
            continue;
        };
        let Some(held) = outline
            .class(class)
            .filter(|held| inherits(other, &outline, held, member))
        else {
            continue;
        };
        if added {
            change.changed_lines = (change.line..=change.end_line).collect();
        } else {
            (change.base_line, change.base_end_line) = (Some(change.line), Some(change.end_line));
            (change.line, change.end_line) = (held.span.line, held.span.line);
        }
        change.reasons = vec![Reason::Override];
    }
}

/// Whether instances of a class have a member that the class does not define itself.
fn inherits(index: &Index, outline: &Outline, class: &Class, member: &str) -> bool {
    let name = &class.qualified_name;
    if let Some(found) = index.inherited(&outline.path, name, member) {
        return found.kind == DefinitionKind::Function;
    }
    let all_known = index.bases(&outline.path, name).len() == class.bases.len();
    OF_OBJECT.contains(&member) || !all_known && OF_CONTAINERS.contains(&member)
}
