//! What can only be decided when all uses are known: places or keys, lists or tuples, which class an object is of.

use std::collections::HashSet;
use std::rc::Rc;

use super::engine::Engine;
use super::kind::{Fact, Kind, Mask, likeliest, likelihood, weigh};
use super::module::Module;
use super::slots::{Alternative, Slot};
use super::world::{Class, Thing, World};
use crate::python::project::folder_of;

/// Each round may bring new facts for the next.
const ROUNDS: u32 = 4;
/// Sibling files larger than this are not searched for classes.
const LARGEST_SIBLING: usize = 100_000;
/// At most this many sibling files are.
const MOST_SIBLINGS: usize = 8;

/// Files elsewhere that are looked into, and those of them whose classes are compared, at most.
const MOST_LOOKED_INTO: usize = 120;
const MOST_ELSEWHERE: usize = 4;

/// Names that nearly every class has: alone they identify none.
const COMMON: [&str; 8] = ["name", "value", "id", "data", "items", "get", "type", "key"];

/// Where classes are looked for, nearest first.
pub(super) struct Neighbourhood<'p> {
    module: Option<Rc<Module<'p>>>,
    near: Vec<Rc<Class<'p>>>,
    far: Option<Vec<Rc<Class<'p>>>>,
    /// Texts of files with classes that are neither, by path.
    elsewhere: Option<Vec<(String, String)>>,
}

impl<'p> Neighbourhood<'p> {
    /// The surroundings of a module.
    pub(super) fn new(engine: &Engine<'_, 'p>, module: Option<Rc<Module<'p>>>) -> Self {
        let near = module
            .as_ref()
            .map_or_else(Vec::new, |module| classes_of(engine, module));
        Self {
            module,
            near,
            far: None,
            elsewhere: None,
        }
    }

    /// Classes of other files of the project that have all these words in them.
    fn elsewhere(&mut self, engine: &Engine<'_, 'p>, words: &[&str]) -> Vec<Rc<Class<'p>>> {
        let Some(module) = self.module.clone() else {
            return Vec::new();
        };
        let world = engine.world_of(&module);
        let texts = self.elsewhere.get_or_insert_with(|| texts_elsewhere(world, &module));
        let has_all = |text: &str| words.iter().all(|word| text.contains(word));
        let paths = texts.iter().filter(|(_, text)| has_all(text)).map(|(path, _)| path);
        let modules: Vec<Rc<Module<'p>>> = paths
            .take(MOST_ELSEWHERE)
            .filter_map(|path| world.by_path(path))
            .collect();
        let is_own = |module: &Rc<Module<'p>>, class: &Rc<Class<'p>>| class.module.parsed.path == module.parsed.path;
        modules
            .iter()
            .flat_map(|module| {
                classes_of(engine, module)
                    .into_iter()
                    .filter(|class| is_own(module, class))
            })
            .collect()
    }

    fn far(&mut self, engine: &Engine<'_, 'p>) -> Vec<Rc<Class<'p>>> {
        let module = self.module.clone();
        self.far
            .get_or_insert_with(|| module.map_or_else(Vec::new, |module| siblings(engine, &module)))
            .clone()
    }
}

/// Classes that a module defines or imports.
pub(super) fn classes_of<'p>(engine: &Engine<'_, 'p>, module: &Rc<Module<'p>>) -> Vec<Rc<Class<'p>>> {
    let world = engine.world_of(module);
    module
        .class_names()
        .filter_map(|name| {
            if let Some(Thing::Class(class)) = world.resolve(module, name) {
                Some(class)
            } else {
                None
            }
        })
        .collect()
}

/// Classes of the files beside a module's own.
pub(super) fn siblings<'p>(engine: &Engine<'_, 'p>, module: &Rc<Module<'p>>) -> Vec<Rc<Class<'p>>> {
    let world = engine.world_of(module);
    let folder = folder_of(&module.parsed.path);
    let beside = |path: &&str| **path != *module.parsed.path && folder_of(path) == folder;
    let mut classes = Vec::new();
    for path in world
        .project
        .paths()
        .filter(beside)
        .filter(|path| !path.contains("test"))
        .take(MOST_SIBLINGS)
    {
        // The size is asked for first: parsing is what costs.
        if world
            .project
            .read(path)
            .is_ok_and(|bytes| bytes.len() <= LARGEST_SIBLING && contains(&bytes, b"class "))
            && let Some(sibling) = world.by_path(path)
        {
            classes.extend(classes_of(engine, &sibling));
        }
    }
    classes
}

/// Texts of files with classes that lie elsewhere than a module, tests left out.
fn texts_elsewhere(world: &World<'_>, module: &Module<'_>) -> Vec<(String, String)> {
    let folder = folder_of(&module.parsed.path);
    let paths = world
        .project
        .paths()
        .filter(|path| folder_of(path) != folder && !path.contains("test"));
    let texts = paths.take(MOST_LOOKED_INTO).filter_map(|path| {
        let bytes = world
            .project
            .read(path)
            .ok()
            .filter(|bytes| bytes.len() <= LARGEST_SIBLING)?;
        let text = String::from_utf8(bytes).ok()?;
        text.contains("class ").then(|| (path.to_owned(), text))
    });
    texts.collect()
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

impl<'p> Engine<'_, 'p> {
    /// The likeliest kind of a slot, and how likely each other is.
    pub(super) fn kinds(&mut self, slot: Slot) -> Vec<(Kind, f32)> {
        weigh(&self.slots.info(slot).facts, 0.0)
    }

    fn weight(kinds: &[(Kind, f32)], kind: Kind) -> f32 {
        kinds
            .iter()
            .find(|(known, _)| *known == kind)
            .map_or(0.0, |(_, weight)| *weight)
    }

    /// Decides everything reachable from `roots` that uses left open.
    pub(super) fn settle(&mut self, roots: &[Slot], neighbourhood: &mut Neighbourhood<'p>) {
        for round in 0..ROUNDS {
            let before = self.slots.len();
            let mut changed = false;
            // Those out of reach matter for what they tell of others: the first rounds see to that.
            let positioned = if round < 2 {
                self.slots.with_positions()
            } else {
                Vec::new()
            };
            for slot in positioned {
                changed |= self.settle_positions(slot);
            }
            for slot in self.slots.take_pending() {
                changed |= self.settle_subscripts(slot);
            }
            for slot in self.reachable(roots) {
                changed |= self.settle_one(slot, neighbourhood);
            }
            if !changed && self.slots.len() == before {
                break;
            }
        }
        for slot in self.reachable(roots) {
            self.settle_keys(slot);
        }
    }

    /// All slots that can be reached from these, each once.
    fn reachable(&mut self, roots: &[Slot]) -> Vec<Slot> {
        let mut open: Vec<Slot> = roots.to_vec();
        let mut seen = HashSet::new();
        let mut order = Vec::new();
        while let Some(slot) = open.pop() {
            let slot = self.slots.find(slot);
            if order.len() > 2000 || !seen.insert(slot) {
                continue;
            }
            order.push(slot);
            let info = self.slots.info(slot);
            open.extend([info.element, info.value, info.result].into_iter().flatten());
            open.extend(info.attributes.iter().map(|attribute| attribute.slot));
            open.extend(info.keys.iter().map(|key| key.slot));
            open.extend(info.positions.iter().map(|(_, slot)| *slot));
            open.extend(info.subscripts.iter().flat_map(|(index, result)| [*index, *result]));
            open.extend(info.alternatives.iter().map(|(_, slot)| *slot));
            let classes = info.classes.clone();
            for key in classes {
                for parameter in self.constructor(key) {
                    open.push(parameter.slot);
                    open.extend(parameter.alone.map(|alone| alone.slot));
                }
            }
        }
        order
    }

    fn settle_one(&mut self, slot: Slot, neighbourhood: &mut Neighbourhood<'p>) -> bool {
        let mut changed = self.settle_subscripts(slot);
        changed |= self.settle_positions(slot);
        self.share_with_alternatives(slot);
        changed |= self.settle_text(slot);
        if likeliest(&self.slots.info(slot).facts) == Kind::Object {
            changed |= self.settle_class(slot, neighbourhood);
        }
        changed
    }

    /// The elements of a text are texts, and what has other elements is no text.
    fn settle_text(&mut self, slot: Slot) -> bool {
        let info = self.slots.info(slot);
        let mut parts: Vec<Slot> = info
            .element
            .into_iter()
            .chain(info.positions.iter().map(|(_, part)| *part))
            .collect();
        parts.retain(|part| !self.slots.same(*part, slot));
        if parts.is_empty() {
            return false;
        }
        if self.is_like(slot, &[Kind::Str]) {
            parts
                .iter()
                .for_each(|part| self.slots.fact(*part, Fact::only(Mask::one(Kind::Str))));
            return false;
        }
        let others = [
            Kind::Int,
            Kind::Float,
            Kind::List,
            Kind::Tuple,
            Kind::Dict,
            Kind::Object,
            Kind::Set,
            Kind::Date,
            Kind::DateTime,
            Kind::Bool,
            Kind::Callable,
        ];
        if parts.iter().any(|part| self.is_like(*part, &others)) {
            self.slots.fact(slot, Fact::not_text());
        }
        false
    }

    /// `x[i]` with an `i` that is no literal.
    fn settle_subscripts(&mut self, slot: Slot) -> bool {
        let subscripts = std::mem::take(&mut self.slots.info(slot).subscripts);
        let changed = !subscripts.is_empty();
        for (index, result) in subscripts {
            if self.is_mapping(slot, index, result) {
                self.slots
                    .fact(slot, Fact::mostly(Mask::one(Kind::Dict), Mask::one(Kind::List)));
                let (key, value) = (self.slots.element(slot), self.slots.value(slot));
                self.slots.unify(key, index);
                self.slots.unify(value, result);
            } else {
                self.slots
                    .fact(index, Fact::mostly(Mask::one(Kind::Int), Mask::one(Kind::Bool)));
                self.slots.fact(
                    slot,
                    Fact::mostly(Mask::SEQUENCE, Mask::of(&[Kind::Dict, Kind::Object, Kind::Deque])),
                );
                let element = self.slots.element(slot);
                self.slots.unify(element, result);
            }
        }
        changed
    }

    /// Whether a subscript takes a key rather than a place.
    fn is_mapping(&mut self, owner: Slot, index: Slot, result: Slot) -> bool {
        let owner_kinds = self.kinds(owner);
        if self.leads_to(result, index) {
            return true;
        }
        let dict = Self::weight(&owner_kinds, Kind::Dict);
        let sequence = [Kind::List, Kind::Str, Kind::Tuple]
            .iter()
            .map(|kind| Self::weight(&owner_kinds, *kind))
            .fold(0.0, f32::max);
        if dict > 8.0 * sequence {
            return true;
        }
        if sequence > 8.0 * dict {
            return false;
        }
        let known = !self.slots.info(index).facts.is_empty();
        let index_kinds = self.kinds(index);
        let int = Self::weight(&index_kinds, Kind::Int);
        // A key of no known kind is as good as an index; one that is likely no integer is a key.
        (known && int < 0.5) || (!known && dict > 0.7 * sequence)
    }

    /// Whether what a container holds gives what it is asked with, and nothing says that this is a number: `graph[node]` for a
    /// `node` out of `graph`.
    fn leads_to(&mut self, result: Slot, index: Slot) -> bool {
        let Some(element) = self.slots.info(result).element.or(self.slots.info(result).value) else {
            return self.slots.same(result, index) && !self.is_like(index, &[Kind::Int]);
        };
        self.slots.same(element, index) && !self.is_like(index, &[Kind::Int])
    }

    /// What can be a key, and is of no known kind, is a text; what is in a set, a number.
    fn settle_keys(&mut self, slot: Slot) {
        let Some(element) = self.slots.info(slot).element else {
            return;
        };
        if self.slots.info(element).facts.iter().any(|fact| !fact.is_hint())
            || !self.slots.info(element).alternatives.is_empty()
        {
            return;
        }
        if self.is_like(slot, &[Kind::Dict]) {
            self.slots.fact(element, Fact::only(Mask::one(Kind::Str)));
        } else if self.is_like(slot, &[Kind::Set, Kind::FrozenSet]) {
            self.slots.fact(element, Fact::only(Mask::one(Kind::Int)));
        }
    }

    /// Known places: all alike, or a tuple.
    fn settle_positions(&mut self, slot: Slot) -> bool {
        let info = self.slots.info(slot);
        if info.positions.is_empty() {
            return false;
        }
        let parts: Vec<Slot> = info.positions.iter().map(|(_, part)| *part).collect();
        let (arity, has_element) = (info.arity, info.element.is_some());
        let kind = likeliest(&info.facts);
        let list_like = likelihood(&info.facts, Kind::List, 0.9) >= 4.0 * likelihood(&info.facts, Kind::Tuple, 0.3);
        if kind == Kind::Dict {
            let value = self.slots.value(slot);
            return self.join_positions(slot, value, &parts);
        }
        if !self.are_alike(&parts) || (arity.is_some() && !list_like && kind != Kind::Str) {
            self.slots
                .fact(slot, Fact::mostly(Mask::one(Kind::Tuple), Mask::one(Kind::List)));
            return false;
        }
        let open_tuple = kind == Kind::Tuple && arity.is_none() && has_element;
        if open_tuple || matches!(kind, Kind::List | Kind::Str | Kind::Bytes | Kind::Deque) {
            let element = self.slots.element(slot);
            return self.join_positions(slot, element, &parts);
        }
        false
    }

    fn join_positions(&mut self, slot: Slot, into: Slot, parts: &[Slot]) -> bool {
        parts.iter().for_each(|part| self.slots.unify(into, *part));
        self.slots.info(slot).positions.clear();
        true
    }

    /// Whether the likeliest kinds of slots do not contradict one another.
    fn are_alike(&mut self, parts: &[Slot]) -> bool {
        let mut known = None;
        parts.iter().all(|part| {
            let facts = &self.slots.info(*part).facts;
            facts.is_empty() || *known.get_or_insert(group(likeliest(facts))) == group(likeliest(facts))
        })
    }

    /// What is known of a container before its type was asked for holds for it afterwards.
    fn share_with_alternatives(&mut self, slot: Slot) {
        let alternatives = self.slots.info(slot).alternatives.clone();
        for (alternative, part) in alternatives {
            let Alternative::Kinds(kinds) = alternative else {
                continue;
            };
            if !kinds.meets(Mask::CONTAINER) || kinds.has(Kind::Str) || self.slots.same(slot, part) {
                continue;
            }
            if let Some(element) = self.slots.info(slot).element
                && self.slots.info(part).element.is_none()
            {
                self.slots.info(part).element = Some(element);
            }
            if let Some(value) = self.slots.info(slot).value
                && self.slots.info(part).value.is_none()
            {
                self.slots.info(part).value = Some(value);
            }
        }
    }

    /// The project's class that has all the attributes used.
    fn settle_class(&mut self, slot: Slot, neighbourhood: &mut Neighbourhood<'p>) -> bool {
        let info = self.slots.info(slot);
        if !info.externals.is_empty() {
            return false;
        }
        if let [key, ..] = info.classes[..] {
            let before = self.slots.len();
            self.walk_class(key);
            return self.slots.len() != before;
        }
        let used: Vec<_> = info
            .attributes
            .iter()
            .map(|attribute| attribute.name.clone())
            .filter(|name| !name.starts_with("__"))
            .collect();
        if used.is_empty() {
            return false;
        }
        let near = neighbourhood.near.clone();
        let mut found = self.covering(&near, &used.iter().map(|name| name.as_str()).collect::<Vec<_>>());
        let telling: Vec<&str> = used
            .iter()
            .map(|name| name.as_str())
            .filter(|name| !COMMON.contains(name))
            .collect();
        if found.is_none() && telling.len() >= 2 {
            let used: Vec<&str> = used.iter().map(|name| name.as_str()).collect();
            let far = neighbourhood.far(self);
            found = self.covering(&far, &used);
            if found.is_none() {
                let elsewhere = neighbourhood.elsewhere(self, &telling);
                found = self.covering(&elsewhere, &used);
            }
        }
        let Some(class) = found else { return false };
        let key = self.class_key(&class);
        let instance = self.instance(key);
        self.slots.unify(slot, instance);
        self.walk_class(key);
        true
    }

    /// The class with the fewest members of those that have all these.
    fn covering(&mut self, classes: &[Rc<Class<'p>>], used: &[&str]) -> Option<Rc<Class<'p>>> {
        use super::form::Form;
        let mut best: Option<(usize, Rc<Class<'p>>)> = None;
        for class in classes {
            let members = self.members(class);
            if !used.iter().all(|name| members.contains(name))
                || best.as_ref().is_some_and(|(size, _)| *size <= members.len())
            {
                continue;
            }
            let key = self.class_key(class);
            if matches!(
                self.classes[key.0 as usize].form,
                Form::Enum | Form::TypedDict | Form::Protocol | Form::Exception
            ) {
                continue;
            }
            best = Some((members.len(), class.clone()));
        }
        best.map(|(_, class)| class)
    }
}

/// Kinds that may stand side by side in a list.
fn group(kind: Kind) -> u8 {
    match kind {
        Kind::Bool | Kind::Int | Kind::Float | Kind::Complex | Kind::Decimal | Kind::Fraction => 0,
        Kind::List | Kind::Tuple | Kind::Set | Kind::FrozenSet | Kind::Iterator => 1,
        other => other as u8 + 2,
    }
}
