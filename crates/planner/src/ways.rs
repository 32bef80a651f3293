//! Ways to exercise a changed function, best first.

use std::collections::BTreeSet;

use languages::python::syntax::{Caller, Definition, DefinitionKind, Function, Index, Outline, Role, is_test};
use model::{CallKind, Change, Check, FunctionChange, FunctionKind, Reason, Target, Way};

use crate::readers;
use crate::targets::{MODULE, Mapped, call_of, is_private, makes_objects, mangled, reads_any, target};
use crate::weight;

/// Ways of one function at most.
const MOST_WAYS: usize = 5;
/// Callers climbed at most.
const DEEPEST: usize = 4;
/// Callers whose callers are looked for, at most.
const MOST_VISITED: usize = 48;
/// Callers followed from one function.
const BROADEST: usize = 8;

/// Plans one check after the other.
pub(crate) struct Planner<'a> {
    pub(crate) change: &'a Change,
    pub(crate) base: &'a Index,
    pub(crate) head: &'a Index,
    pub(crate) mapped: Mapped,
}

/// Ways found so far for one function.
struct Found {
    ways: Vec<Way>,
    seen: BTreeSet<(String, String)>,
    /// Whether targets must exist in base too.
    both: bool,
    /// A method that exists in both, by inheritance in one, perhaps from outside the project.
    inherited: Option<String>,
}

impl<'a> Planner<'a> {
    pub fn new(change: &'a Change, base: &'a Index, head: &'a Index) -> Self {
        Self {
            change,
            base,
            head,
            mapped: Mapped::of(change),
        }
    }

    /// The check of one changed function.
    pub fn check(&self, function: usize) -> Check {
        let change = &self.change.functions[function];
        let weight = match change.reasons.contains(&Reason::Code) {
            true => weight::of(change) * weight::of_what_is_gone(change, self.base.project(), self.head.project()),
            false => weight::of(change),
        };
        let done = |reason: &str| Check {
            function,
            ways: Vec::new(),
            readers: Vec::new(),
            reason: reason.to_owned(),
            weight,
        };
        if change.is_removed() {
            return done("it was removed: there is nothing to run in head");
        }
        if change.proved_same {
            return done(
                "proved: both versions compile to the same code up to names of locals, and nothing in reach can tell",
            );
        }
        let mut found = Found {
            ways: Vec::new(),
            seen: BTreeSet::new(),
            both: !change.is_added(),
            inherited: change
                .reasons
                .contains(&Reason::Override)
                .then(|| change.qualified_name.clone()),
        };
        match change.kind {
            FunctionKind::Module => self.module(change, &mut found),
            FunctionKind::Class => self.class(change, &mut found),
            _ => self.function(change, &mut found),
        }
        let reason = if found.ways.is_empty() {
            "nothing that exists in both versions reaches it by name"
        } else {
            ""
        };
        Check {
            reason: reason.to_owned(),
            readers: readers::of(self, change),
            ways: found.ways,
            ..done("")
        }
    }

    /// Adds a way, once, where its target exists as needed.
    fn add(
        &self,
        found: &mut Found,
        path: &str,
        name: &str,
        call: CallKind,
        through: &[String],
        reason: impl Into<String>,
    ) {
        // What needs no object that is in the midst of things may be one way more.
        let most = match call {
            CallKind::Constructor | CallKind::Function => MOST_WAYS + 1,
            _ => MOST_WAYS,
        };
        if found.ways.len() >= most || !found.seen.insert((path.to_owned(), format!("{name} {call:?}"))) {
            return;
        }
        let inherited = found.inherited.as_deref() == Some(name);
        let needs_base = found.both && !inherited;
        found
            .ways
            .extend(self.way(path, name, call, needs_base).map(|target| Way {
                target,
                through: through.to_vec(),
                reason: reason.into(),
            }));
    }

    /// The target of a name; nothing where it must exist in base and does not.
    pub(crate) fn way(&self, path: &str, name: &str, call: CallKind, needs_base: bool) -> Option<Target> {
        let in_base = self.mapped.in_base(path, name);
        if needs_base && !self.exists_in_base(&in_base, call) {
            return None;
        }
        let in_base = (in_base.0, addressed(&in_base.1));
        Some(target(self.head, self.base, path, &addressed(name), &in_base, call))
    }

    fn exists_in_base(&self, (path, name): &(String, String), call: CallKind) -> bool {
        let Some(outline) = self.base.outline(path) else {
            return false;
        };
        match call {
            CallKind::Module | CallKind::Docstring => true,
            CallKind::Constructor => outline.class(name).is_some(),
            CallKind::Returned => outline.function(name).is_some(),
            CallKind::Setter => outline.function(&format!("{name}.setter")).is_some(),
            // A property that was a method, or a function that became static, cannot be called in the same way: its callers can.
            _ => match outline.function(name) {
                Some(function) => call_of(function) == Some(call),
                None => name
                    .rsplit_once('.')
                    .is_some_and(|(class, member)| self.base.member(path, class, member).is_some()),
            },
        }
    }

    fn module(&self, change: &FunctionChange, found: &mut Found) {
        self.add(
            found,
            &change.path,
            MODULE,
            CallKind::Module,
            &[],
            "importing it runs its code",
        );
        let prefix = format!("{}::", change.path);
        for user in self
            .change
            .functions
            .iter()
            .filter(|user| user.kind != FunctionKind::Module && !user.is_removed())
        {
            let on_it = user
                .reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Dependency(on) if on.starts_with(&prefix)));
            let outline = self.head.outline(&user.path).filter(|_| on_it);
            if let Some(call) = outline
                .as_ref()
                .and_then(|outline| outline.function(&user.qualified_name))
                .and_then(call_of)
            {
                self.add(
                    found,
                    &user.path,
                    &user.qualified_name,
                    call,
                    std::slice::from_ref(&change.qualified_name),
                    "it uses what changed in the module",
                );
            }
        }
    }

    fn class(&self, change: &FunctionChange, found: &mut Found) {
        let name = &change.qualified_name;
        self.add(found, &change.path, name, CallKind::Constructor, &[], "its constructor");
        let Some(outline) = self.head.outline(&change.path) else {
            return;
        };
        let Some(class) = outline.class(name) else { return };
        let attributes: BTreeSet<&String> = class
            .statements
            .iter()
            .filter(|statement| {
                change
                    .changed_lines
                    .iter()
                    .any(|line| (statement.line..=statement.end_line).contains(line))
            })
            .flat_map(|statement| &statement.binds)
            .collect();
        let uses = |method: &&Function| reads_any(method, &attributes);
        let (mut first, rest): (Vec<&Function>, Vec<&Function>) = outline.methods(name).partition(uses);
        first.extend(rest.into_iter().filter(|method| !method.name.starts_with('_')));
        for method in first.into_iter().filter(|method| method.name != "__init__") {
            let Some(call) = call_of(method) else { continue };
            self.add(
                found,
                &change.path,
                &method.qualified_name,
                call,
                std::slice::from_ref(name),
                "a method of the class",
            );
        }
        self.callers(change, found);
    }

    fn function(&self, change: &FunctionChange, found: &mut Found) {
        let Some(outline) = self.head.outline(&change.path) else {
            return;
        };
        if let Some(property) = change.qualified_name.strip_suffix(".setter") {
            let reason = "assigning to the property runs it";
            self.add(found, &change.path, property, CallKind::Setter, &[], reason);
        }
        let Some(function) = outline.function(&change.qualified_name) else {
            return self.inherited(change, found);
        };
        if let Some(call) = call_of(function) {
            self.add(
                found,
                &change.path,
                &change.qualified_name,
                call,
                &[],
                "it can be called itself",
            );
        }
        if makes_objects(function)
            && let Some(class) = &function.class
        {
            self.add(
                found,
                &change.path,
                class,
                CallKind::Constructor,
                &[],
                "it runs when an object is made",
            );
        }
        self.returned(change, &outline, function, found);
        if let Some(outer) = &function.outermost
            && let Some(outer) = outline.function(outer)
            && let Some(call) = call_of(outer)
        {
            self.add(
                found,
                &change.path,
                &outer.qualified_name,
                call,
                std::slice::from_ref(&change.qualified_name),
                "it is defined inside this function",
            );
        }
        self.relatives(change, function, found);
        self.begun_by_making(change, function, found);
        self.callers(change, found);
    }

    /// A method that nothing but its name leads to runs in the midst of things: where making an object begins these, as a checker
    /// does that is given a tree, that is the way to it.
    fn begun_by_making(&self, change: &FunctionChange, function: &Function, found: &mut Found) {
        let Some(class) = &function.class else { return };
        let definition = |name: &str| Definition {
            path: change.path.clone(),
            name: name.to_owned(),
            kind: DefinitionKind::Function,
        };
        if !self.naming(&definition(&change.qualified_name)).is_empty() {
            return;
        }
        let constructor = format!("{class}.__init__");
        let by_name = self.dispatchers(&definition(&change.qualified_name));
        let mut open: Vec<String> = by_name.into_iter().map(|caller| caller.name).collect();
        let mut visited = BTreeSet::new();
        while let Some(name) = open.pop() {
            if visited.len() >= MOST_VISITED || !visited.insert(name.clone()) {
                continue;
            }
            let callers = self.naming(&definition(&name)).into_iter();
            let own = callers.filter(|caller| caller.path == change.path);
            let own: Vec<String> = own.map(|caller| caller.name).collect();
            if own.contains(&constructor) {
                let through = [constructor, change.qualified_name.clone()];
                let reason = "making an object begins what looks it up by its name";
                return self.add(found, &change.path, class, CallKind::Constructor, &through, reason);
            }
            open.extend(own);
        }
    }

    /// Functions that the changed one, or the one around it, gives to its caller: they are called then.
    fn returned(&self, change: &FunctionChange, outline: &Outline, function: &Function, found: &mut Found) {
        let can_be_called = |outer: &Function| call_of(outer) == Some(CallKind::Function) && outer.class.is_none();
        if let Some((outer, inner)) = change.qualified_name.rsplit_once(".<locals>.") {
            let gives = |outer: &Function| can_be_called(outer) && outer.returned.iter().any(|name| name == inner);
            if outline.function(outer).is_some_and(gives) {
                let reason = "what the function around it gives can be called";
                self.add(
                    found,
                    &change.path,
                    &change.qualified_name,
                    CallKind::Returned,
                    &[],
                    reason,
                );
            }
        } else if can_be_called(function) {
            for inner in &function.returned {
                let name = format!("{}.<locals>.{inner}", change.qualified_name);
                let through = std::slice::from_ref(&change.qualified_name);
                self.add(
                    found,
                    &change.path,
                    &name,
                    CallKind::Returned,
                    through,
                    "what it gives is called",
                );
            }
        }
    }

    /// A method that its class only inherits in head.
    fn inherited(&self, change: &FunctionChange, found: &mut Found) {
        let Some((class, member)) = change.qualified_name.rsplit_once('.') else {
            return;
        };
        let call = match change.kind {
            _ if member == "__init__" => {
                let reason = "it runs when an object is made";
                return self.add(found, &change.path, class, CallKind::Constructor, &[], reason);
            }
            FunctionKind::Method => CallKind::Method,
            FunctionKind::Property => CallKind::Property,
            _ => CallKind::Function,
        };
        let reason = "its class inherits it";
        self.add(found, &change.path, &change.qualified_name, call, &[], reason);
    }

    /// What runs special methods, setters and registered functions.
    fn relatives(&self, change: &FunctionChange, function: &Function, found: &mut Found) {
        if function.role != Role::Plain
            && let Some(class) = &function.class
            && let Some(outline) = self.head.outline(&change.path)
        {
            let through = std::slice::from_ref(&change.qualified_name);
            let stores = |method: &&Function| {
                method.uses.own_stores.contains(&function.name) && method.qualified_name != change.qualified_name
            };
            for method in outline.methods(class).filter(stores) {
                match call_of(method) {
                    Some(call) => self.add(
                        found,
                        &change.path,
                        &method.qualified_name,
                        call,
                        through,
                        "it assigns the property",
                    ),
                    None => self.add(
                        found,
                        &change.path,
                        class,
                        CallKind::Constructor,
                        through,
                        "its constructor assigns the property",
                    ),
                }
            }
        }
        self.subclasses(change, function, found);
        // `@area.register` runs through `area`.
        for decorator in &function.decorator_names {
            if let Some(generic) = decorator.strip_suffix(".register")
                && let Some(definition) = self.head.resolve(&change.path, generic)
                && definition.kind == DefinitionKind::Function
            {
                self.add(
                    found,
                    &definition.path,
                    &definition.name,
                    CallKind::Function,
                    std::slice::from_ref(&change.qualified_name),
                    "it is registered with this function",
                );
            }
        }
    }

    /// A method of an abstract class runs on objects of classes that derive from it.
    fn subclasses(&self, change: &FunctionChange, function: &Function, found: &mut Found) {
        let (Some(class), Some(call)) = (&function.class, call_of(function)) else {
            return;
        };
        let Some(outline) = self.head.outline(&change.path) else {
            return;
        };
        let is_abstract = outline.class(class).is_some_and(|class| {
            class.has_keywords
                || class
                    .bases
                    .iter()
                    .any(|base| base.ends_with("ABC") || base.ends_with("Protocol"))
        }) || outline
            .methods(class)
            .any(|method| method.decorator_names.iter().any(|name| name.contains("abstract")));
        if !is_abstract {
            return;
        }
        let definition = Definition {
            path: change.path.clone(),
            name: class.clone(),
            kind: DefinitionKind::Class,
        };
        let heirs =
            self.head.callers(&definition).into_iter().filter(|heir| {
                !is_test(&heir.path) && self.head.derives_from(&heir.path, &heir.name, &change.path, class)
            });
        for heir in heirs.take(BROADEST) {
            let name = format!("{}.{}", heir.name, function.name);
            let inherits = self
                .head
                .member(&heir.path, &heir.name, &function.name)
                .is_some_and(|member| member.path == change.path && member.name == change.qualified_name);
            if inherits {
                self.add(
                    found,
                    &heir.path,
                    &name,
                    call,
                    std::slice::from_ref(&change.qualified_name),
                    "it is inherited from an abstract class",
                );
            }
        }
    }

    /// Callers, breadth first.
    fn callers(&self, change: &FunctionChange, found: &mut Found) {
        let kind = if change.kind == FunctionKind::Class {
            DefinitionKind::Class
        } else {
            DefinitionKind::Function
        };
        let start = Definition {
            path: change.path.clone(),
            name: change.qualified_name.clone(),
            kind,
        };
        let mut level = vec![(start, vec![change.qualified_name.clone()])];
        let mut visited = BTreeSet::new();
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for (definition, through) in level {
                if found.ways.len() > MOST_WAYS
                    || visited.len() >= MOST_VISITED
                    || !visited.insert((definition.path.clone(), definition.name.clone()))
                {
                    continue;
                }
                for caller in self.ranked(&definition) {
                    self.caller(found, &caller, &through);
                    let mut longer = vec![caller.name.clone()];
                    longer.extend(through.iter().cloned());
                    let kind = DefinitionKind::Function;
                    next.push((
                        Definition {
                            path: caller.path,
                            name: caller.name,
                            kind,
                        },
                        longer,
                    ));
                }
            }
            level = next;
        }
    }

    /// Functions of the program that name a definition.
    fn naming(&self, definition: &Definition) -> Vec<Caller> {
        let mut callers = self.head.callers(definition);
        callers.retain(|caller| caller.name != MODULE && !is_test(&caller.path));
        callers
    }

    /// Callers that say most first: sure edges, public functions, the same file.
    fn ranked(&self, definition: &Definition) -> Vec<Caller> {
        let mut callers = self.naming(definition);
        if callers.is_empty() {
            callers = self.dispatchers(definition);
        }
        callers.sort_by_key(|caller| {
            (
                caller.weak,
                is_aside(&caller.path),
                is_private(&caller.name),
                caller.path != definition.path,
                caller.path.clone(),
                caller.name.clone(),
            )
        });
        callers.truncate(BROADEST);
        callers
    }

    /// Methods of the same class that look others up by a name that is put together: who calls a method that nobody names.
    fn dispatchers(&self, definition: &Definition) -> Vec<Caller> {
        let class = definition.name.rsplit_once('.').map(|(class, _)| class);
        let outline = self.head.outline(&definition.path);
        let (Some(class), Some(outline)) = (class, outline) else {
            return Vec::new();
        };
        let looks_up = |method: &&Function| {
            method.uses.markers.dynamic && method.qualified_name != definition.name && !method.name.starts_with("__")
        };
        let caller = |method: &Function| Caller {
            weak: true,
            path: definition.path.clone(),
            name: method.qualified_name.clone(),
        };
        outline.methods(class).filter(looks_up).map(caller).collect()
    }

    fn caller(&self, found: &mut Found, caller: &Caller, through: &[String]) {
        let Some(outline) = self.head.outline(&caller.path) else {
            return;
        };
        let Some(function) = outline.function(&caller.name) else {
            return;
        };
        let reason = if caller.weak {
            "it may call it, by the name of the method"
        } else {
            "it calls it"
        };
        match (call_of(function), &function.class, &function.outermost) {
            (Some(call), ..) => self.add(found, &caller.path, &caller.name, call, through, reason),
            (None, Some(class), _) if function.role == Role::Plain => self.add(
                found,
                &caller.path,
                class,
                CallKind::Constructor,
                through,
                "its constructor calls it",
            ),
            (None, _, Some(outer)) => {
                let Some(call) = outline.function(outer).and_then(call_of) else {
                    return;
                };
                self.add(
                    found,
                    &caller.path,
                    outer,
                    call,
                    through,
                    "a function inside it calls it",
                );
            }
            _ => {}
        }
    }
}

/// The name by which it is found from outside: private names of classes are mangled.
fn addressed(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((class, own)) if !name.contains("<locals>") => format!("{class}.{}", mangled(class, own)),
        _ => name.to_owned(),
    }
}

/// Examples and scripts stand beside the program: what the program itself calls says more.
fn is_aside(path: &str) -> bool {
    let aside = |folder: &str| {
        matches!(
            folder,
            "examples"
                | "example"
                | "docs"
                | "doc"
                | "benchmarks"
                | "benchmark"
                | "bench"
                | "scripts"
                | "tools"
                | "samples"
        )
    };
    path.split('/').rev().skip(1).any(aside)
}
