//! Functions that did not change but use something inside the repository that did.

use std::collections::{BTreeMap, BTreeSet};

use languages::python::syntax::{Caller, Class, Definition, DefinitionKind, Fingerprint, Index, Outline, is_test};
use model::{FunctionChange, FunctionKind, Reason};

use super::modules::MODULE;
use super::{Findings, classes, functions, modules};
use crate::side::Pair;

/// Dependents listed at most.
const MOST: usize = 200;
/// Steps from constant to constant at most.
const DEEPEST: usize = 3;

/// Something changed whose users may behave differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    definition: Definition,
    /// Whether users are looked up in base: it is gone in head.
    gone: bool,
    /// Whether modules and classes that use it are looked at too.
    deep: bool,
}

/// Adds dependents of all that changed.
pub(crate) fn add(pair: &mut Pair, found: &mut Findings) {
    let mut causes = BTreeSet::new();
    let mut dependents: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for change in &found.functions {
        match change.kind {
            FunctionKind::Module => of_module(pair, change, &mut causes, &mut dependents),
            FunctionKind::Class => of_class(pair, change, &mut causes),
            _ => of_function(pair, change, &mut causes, &mut dependents),
        }
    }
    spread(pair, causes, &mut dependents);
    let count = dependents.len();
    for ((path, name), reasons) in dependents.into_iter().take(MOST) {
        list(pair, found, &path, &name, reasons);
    }
    if count > MOST {
        found.truncated = true;
        pair.notes.push(format!(
            "{count} functions use something that changed: the first {MOST} are listed"
        ));
    }
}

fn id(definition: &Definition) -> String {
    format!("{}::{}", definition.path, definition.name)
}

fn variable(path: &str, name: &str) -> Definition {
    Definition {
        path: path.to_owned(),
        name: name.to_owned(),
        kind: DefinitionKind::Variable,
    }
}

/// Variables and imports of a module body that differ.
fn of_module(
    pair: &Pair,
    change: &FunctionChange,
    causes: &mut BTreeSet<Cause>,
    dependents: &mut BTreeMap<(String, String), BTreeSet<String>>,
) {
    let base = pair.base.index().outline(change.path_in_base());
    if change.is_added() {
        return;
    }
    if change.is_removed() || change.base_path.is_some() {
        orphans(pair, change.path_in_base(), dependents);
    }
    let (Some(base), Some(head)) = (base, pair.head.index().outline(&change.path)) else {
        return;
    };
    for name in changed_variables(&base, &head) {
        let gone = head.binding(&name).next().is_none();
        let path = if gone { &base.path } else { &head.path };
        causes.insert(Cause {
            definition: variable(path, &name),
            gone,
            deep: true,
        });
    }
    let (old, new) = (bound_imports(&base), bound_imports(&head));
    let differing: BTreeSet<&str> = old
        .iter()
        .filter(|(name, what)| new.get(*name) != Some(what))
        .map(|(name, _)| *name)
        .collect();
    let uses = |names: &BTreeSet<String>| {
        names
            .iter()
            .any(|chain| differing.contains(chain.split('.').next().unwrap_or_default()))
    };
    for function in head.functions.iter().filter(|function| uses(&function.uses.globals)) {
        let names = function
            .uses
            .globals
            .iter()
            .map(|chain| chain.split('.').next().unwrap_or_default())
            .filter(|name| differing.contains(name));
        let reasons = names.map(|name| format!("{}::{name}", head.path));
        dependents
            .entry((head.path.clone(), function.qualified_name.clone()))
            .or_default()
            .extend(reasons);
    }
}

/// Modules of head that still import a module that is gone or has moved.
fn orphans(pair: &Pair, path: &str, dependents: &mut BTreeMap<(String, String), BTreeSet<String>>) {
    let module = pair.base.project().module_name(path);
    let last = module.rsplit('.').next().unwrap_or(&module);
    if pair.head.project().path_of(&module).is_some() {
        return;
    }
    let (files, _) = pair.head.index().files_with(&[last], path);
    for file in files.iter().filter(|file| !is_test(file)) {
        let Some(outline) = pair.head.index().outline(file) else {
            continue;
        };
        let imports_it = outline.imports.iter().any(|import| {
            let whole = import.name.as_ref().map(|name| format!("{}.{name}", import.module));
            import.module == module || whole.as_deref() == Some(&module)
        });
        if imports_it {
            dependents
                .entry((file.clone(), MODULE.to_owned()))
                .or_default()
                .insert(format!("{path}::{MODULE}"));
        }
    }
}

fn bound_imports(outline: &Outline) -> BTreeMap<&str, BTreeSet<(&str, Option<&str>)>> {
    let mut bound: BTreeMap<&str, BTreeSet<(&str, Option<&str>)>> = BTreeMap::new();
    for import in &outline.imports {
        bound
            .entry(&import.binds)
            .or_default()
            .insert((&import.module, import.name.as_deref()));
    }
    bound
}

/// Variables whose statements differ, those that statements without a name touch, and those made from them.
fn changed_variables(base: &Outline, head: &Outline) -> BTreeSet<String> {
    let (old, new) = (by_variable(base), by_variable(head));
    let mut changed: BTreeSet<String> = old
        .iter()
        .filter(|(name, code)| new.get(*name) != Some(code))
        .map(|(name, _)| name.clone())
        .collect();
    for (one, other) in [(base, head), (head, base)] {
        let known: BTreeSet<Fingerprint> = other.statements.iter().map(|statement| statement.code).collect();
        let fresh = one
            .statements
            .iter()
            .filter(|statement| statement.binds.is_empty() && !statement.is_script && !known.contains(&statement.code));
        let touched = fresh.flat_map(|statement| statement.uses.globals.iter().chain(&statement.uses.global_stores));
        changed.extend(
            touched
                .filter_map(|chain| chain.split('.').next())
                .filter(|name| head.binding(name).next().is_some())
                .map(str::to_owned),
        );
    }
    loop {
        let before = changed.len();
        for statement in &head.statements {
            if statement
                .uses
                .globals
                .iter()
                .any(|chain| changed.contains(chain.split('.').next().unwrap_or_default()))
            {
                changed.extend(statement.binds.iter().cloned());
            }
        }
        if changed.len() == before {
            return changed;
        }
    }
}

fn by_variable(outline: &Outline) -> BTreeMap<String, Vec<Fingerprint>> {
    let mut variables: BTreeMap<String, Vec<Fingerprint>> = BTreeMap::new();
    for statement in outline.statements.iter().filter(|statement| !statement.is_script) {
        for name in &statement.binds {
            variables.entry(name.clone()).or_default().push(statement.code);
        }
    }
    variables
}

/// Attributes of a class that differ, and the class where its making differs.
fn of_class(pair: &Pair, change: &FunctionChange, causes: &mut BTreeSet<Cause>) {
    let base = pair.base.index().outline(change.path_in_base());
    let head = pair.head.index().outline(&change.path);
    let whole = |path: &str, name: &str, gone| Cause {
        definition: Definition {
            path: path.to_owned(),
            name: name.to_owned(),
            kind: DefinitionKind::Class,
        },
        gone,
        deep: false,
    };
    if change.is_removed() {
        causes.insert(whole(&change.path, &change.qualified_name, true));
        return;
    }
    let (Some(base), Some(head)) = (base, head) else { return };
    let (Some(old), Some(new)) = (base.class(change.name_in_base()), head.class(&change.qualified_name)) else {
        return;
    };
    let (before, after) = (attributes(old), attributes(new));
    for name in before
        .iter()
        .chain(&after)
        .filter(|(name, _)| before.get(*name) != after.get(*name))
        .map(|(name, _)| name)
    {
        let gone = !after.contains_key(name);
        let (path, class) = if gone {
            (&base.path, &old.qualified_name)
        } else {
            (&head.path, &new.qualified_name)
        };
        causes.insert(Cause {
            definition: variable(path, &format!("{class}.{name}")),
            gone,
            deep: false,
        });
    }
    let generated = !new.decorator_names.is_empty() || !new.bases.is_empty();
    let made_otherwise = change
        .reasons
        .iter()
        .any(|reason| matches!(reason, Reason::Signature | Reason::Decorators));
    if made_otherwise || generated && before != after {
        causes.insert(whole(&head.path, &new.qualified_name, false));
    }
}

fn attributes(class: &Class) -> BTreeMap<String, Vec<(Fingerprint, Fingerprint)>> {
    let mut attributes: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for statement in &class.statements {
        for name in &statement.binds {
            attributes
                .entry(name.clone())
                .or_default()
                .push((statement.code, statement.annotation));
        }
    }
    attributes
}

/// A private or nested function shows itself through its callers; a removed one is missed by them.
fn of_function(
    pair: &Pair,
    change: &FunctionChange,
    causes: &mut BTreeSet<Cause>,
    dependents: &mut BTreeMap<(String, String), BTreeSet<String>>,
) {
    let behaves = change.reasons.iter().any(|reason| {
        matches!(
            reason,
            Reason::Code | Reason::Signature | Reason::Decorators | Reason::Removed
        )
    });
    if !behaves {
        return;
    }
    if change.kind == FunctionKind::Nested {
        let outer = change
            .qualified_name
            .split(".<locals>.")
            .next()
            .unwrap_or_default()
            .to_owned();
        if !change.is_removed()
            && pair
                .head
                .index()
                .outline(&change.path)
                .is_some_and(|outline| outline.function(&outer).is_some())
        {
            dependents
                .entry((change.path.clone(), outer))
                .or_default()
                .insert(change.id());
        }
        return;
    }
    let own = change.qualified_name.rsplit('.').next().unwrap_or_default();
    let private = own.starts_with('_') && !own.ends_with("__");
    if private || change.is_removed() {
        let definition = Definition {
            path: change.path.clone(),
            name: change.qualified_name.clone(),
            kind: DefinitionKind::Function,
        };
        causes.insert(Cause {
            definition,
            gone: change.is_removed(),
            deep: false,
        });
    }
}

/// Users of all causes, from constant to constant.
fn spread(pair: &Pair, causes: BTreeSet<Cause>, dependents: &mut BTreeMap<(String, String), BTreeSet<String>>) {
    let mut done: BTreeSet<Cause> = BTreeSet::new();
    let mut open = causes;
    for _ in 0..DEEPEST {
        let mut next = BTreeSet::new();
        for cause in open {
            if dependents.len() > MOST || !done.insert(cause.clone()) {
                continue;
            }
            let index = if cause.gone {
                pair.base.index()
            } else {
                pair.head.index()
            };
            for caller in index.callers(&cause.definition) {
                if is_test(&caller.path) {
                    continue;
                }
                if caller.name == MODULE {
                    if cause.deep {
                        next.extend(made_from(index, &caller, &cause));
                    }
                    continue;
                }
                dependents
                    .entry((caller.path, caller.name))
                    .or_default()
                    .insert(id(&cause.definition));
            }
        }
        open = next;
    }
}

/// Variables of another module that are made from a cause.
fn made_from(index: &Index, caller: &Caller, cause: &Cause) -> Vec<Cause> {
    let Some(outline) = index.outline(&caller.path) else {
        return Vec::new();
    };
    let uses = |chain: &String| index.resolve(&caller.path, chain).as_ref() == Some(&cause.definition);
    let statements = outline
        .statements
        .iter()
        .filter(|statement| statement.uses.globals.iter().any(uses));
    let names = statements.flat_map(|statement| statement.binds.iter());
    names
        .map(|name| Cause {
            definition: variable(&caller.path, name),
            gone: cause.gone,
            deep: true,
        })
        .collect()
}

/// Lists a dependent, or adds the reason where it is listed.
fn list(pair: &Pair, found: &mut Findings, path: &str, name: &str, reasons: BTreeSet<String>) {
    let own = format!("{path}::{name}");
    let reasons = reasons
        .into_iter()
        .filter(|reason| *reason != own)
        .map(Reason::Dependency);
    let known = found
        .functions
        .iter_mut()
        .find(|change| !change.is_removed() && change.path == path && change.qualified_name == name);
    if let Some(change) = known {
        if !change.is_added() {
            change.reasons.extend(reasons);
        }
        return;
    }
    let reasons: Vec<Reason> = reasons.collect();
    let Some(mut change) = entry(pair, path, name).filter(|_| !reasons.is_empty()) else {
        return;
    };
    change.reasons = reasons;
    let base_path = found.base_paths.get(path).cloned();
    if let Some(base) = pair.base.index().outline(base_path.as_deref().unwrap_or(path)) {
        let span = base
            .function(name)
            .map(|function| function.span)
            .or_else(|| base.class(name).map(|class| class.span));
        change.base_line = span.map(|span| span.line);
        change.base_end_line = span.map(|span| span.end_line);
    }
    change.base_path = base_path;
    found.functions.push(change);
}

fn entry(pair: &Pair, path: &str, name: &str) -> Option<FunctionChange> {
    let outline = pair.head.index().outline(path)?;
    if name == MODULE {
        return Some(modules::entry(&outline, path, Reason::Code));
    }
    let function = outline.function(name).filter(|function| !function.is_overload());
    function
        .map(|function| functions::one_sided(function, path, Reason::Code))
        .or_else(|| {
            outline
                .class(name)
                .map(|class| classes::entry(class, path, Reason::Code))
        })
}
