//! How a function is addressed in both versions.

use std::collections::{BTreeMap, BTreeSet};

use languages::python::syntax::{Function, Index, Role};
use model::{CallKind, Change, FunctionChange, FunctionKind, Target};

/// The name of a module body.
pub(crate) const MODULE: &str = "<module>";

/// Names in base of what has another name or file there.
pub(crate) struct Mapped {
    files: BTreeMap<String, String>,
    names: BTreeMap<(String, String), (String, String)>,
}

impl Mapped {
    pub fn of(change: &Change) -> Self {
        let moved_file = |file: &model::FileChange| file.base_path.clone().map(|base| (file.path.clone(), base));
        let moved = |function: &FunctionChange| {
            let differs = function.base_path.is_some() || function.base_name.is_some();
            let head = (function.path.clone(), function.qualified_name.clone());
            differs.then(|| {
                (
                    head,
                    (function.path_in_base().to_owned(), function.name_in_base().to_owned()),
                )
            })
        };
        Self {
            files: change.files.iter().filter_map(moved_file).collect(),
            names: change.functions.iter().filter_map(moved).collect(),
        }
    }

    /// Path and name in base of what is `name` of `path` in head.
    pub fn in_base(&self, path: &str, name: &str) -> (String, String) {
        if let Some(found) = self.names.get(&(path.to_owned(), name.to_owned())) {
            return found.clone();
        }
        let path_in_base = self.files.get(path).cloned().unwrap_or_else(|| path.to_owned());
        // A method of a renamed class.
        let owner = name.rsplit_once('.').and_then(|(class, rest)| {
            let (_, base) = self.names.get(&(path.to_owned(), class.to_owned()))?;
            Some(format!("{base}.{rest}"))
        });
        (path_in_base, owner.unwrap_or_else(|| name.to_owned()))
    }
}

/// The target `name` of `path` in head, which is `base` there.
pub(crate) fn target(
    head: &Index,
    base: &Index,
    path: &str,
    name: &str,
    in_base: &(String, String),
    call: CallKind,
) -> Target {
    let module = head.project().module_name(path);
    let base_module = base.project().module_name(&in_base.0);
    Target {
        path: path.to_owned(),
        qualified_name: name.to_owned(),
        base_module: (base_module != module).then_some(base_module),
        base_name: (in_base.1 != name).then(|| in_base.1.clone()),
        module,
        call,
    }
}

/// How a function is called when it is called itself; none when it cannot be named.
pub(crate) fn call_of(function: &Function) -> Option<CallKind> {
    if function.role != Role::Plain {
        return None;
    }
    match function.kind {
        FunctionKind::Function | FunctionKind::StaticMethod | FunctionKind::ClassMethod if function.name == "_" => None,
        FunctionKind::StaticMethod if function.name == "__new__" => None,
        FunctionKind::ClassMethod if function.name == "__init_subclass__" => None,
        FunctionKind::Function | FunctionKind::StaticMethod | FunctionKind::ClassMethod => Some(CallKind::Function),
        FunctionKind::Method if matches!(function.name.as_str(), "__init__" | "__post_init__" | "__del__") => None,
        FunctionKind::Method => Some(CallKind::Method),
        FunctionKind::Property => Some(CallKind::Property),
        FunctionKind::Nested | FunctionKind::Class | FunctionKind::Module => None,
    }
}

/// Whether a method runs when an object is made.
pub(crate) fn makes_objects(function: &Function) -> bool {
    matches!(function.name.as_str(), "__init__" | "__new__" | "__post_init__")
}

/// Whether a method reads one of these attributes of its object.
pub(crate) fn reads_any(method: &Function, attributes: &BTreeSet<&String>) -> bool {
    let first = |chain: &String| chain.split('.').next().unwrap_or_default().to_owned();
    method.uses.own.iter().any(|chain| attributes.contains(&first(chain)))
}

/// Whether a dotted name has a part that is not for others.
pub(crate) fn is_private(name: &str) -> bool {
    name.split('.')
        .any(|part| part.starts_with('_') && !part.ends_with("__"))
}

/// The name as an attribute outside its class: `__x` of a class is `_Class__x`.
pub(crate) fn mangled(class: &str, name: &str) -> String {
    if name.starts_with("__") && !name.ends_with("__") {
        let own = class.rsplit('.').next().unwrap_or(class).trim_start_matches('_');
        if !own.is_empty() {
            return format!("_{own}{name}");
        }
    }
    name.to_owned()
}
