//! The union-find store behind inference: what is known of each expression, merged where two must be the same.

use model::{Symbol, Value};
use ruff_python_ast::name::Name;

use super::kind::{Fact, Mask};
use super::names;

/// An expression, variable, element or attribute; several may turn out to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Slot(u32);

/// Index of a class known to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ClassKey(pub u32);

/// An attribute used on a slot.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub slot: Slot,
    /// Whether it was compared with `None` or set to it.
    pub none: bool,
    /// Whether it was called.
    pub called: bool,
}

/// A text key used on a slot.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// The key.
    pub name: String,
    /// The value under it.
    pub slot: Slot,
    /// How it was used.
    uses: Vec<KeyUse>,
}

impl Key {
    /// Whether it has to be there: it is declared, or read by code that never asks whether it is there.
    pub fn is_required(&self) -> bool {
        let uses = |use_: KeyUse| self.uses.contains(&use_);
        uses(KeyUse::Declared) || (uses(KeyUse::Read) && !uses(KeyUse::Asked))
    }
}

/// What a use of a key says about whether it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyUse {
    /// A declared field.
    Declared,
    /// Read, which fails without it.
    Read,
    /// Looked for, set before it is read, or given a value where there is none.
    Asked,
    /// Nothing.
    Named,
}

/// Of what a text or a path is the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct OnDisk {
    /// Perhaps of a file.
    pub file: bool,
    /// Perhaps of a folder.
    pub folder: bool,
    /// Of a folder, if anything is looked for on disk: a name is appended to it.
    pub joined: bool,
}

impl OnDisk {
    /// What either says.
    pub fn merge(&mut self, other: Self) {
        self.file |= other.file;
        self.folder |= other.folder;
        self.joined |= other.joined;
    }
}

/// What is known about a slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Info {
    /// What its uses say about its kind.
    pub facts: Vec<Fact>,
    /// What iterating gives: elements, or a dictionary's keys.
    pub element: Option<Slot>,
    /// What a dictionary holds.
    pub value: Option<Slot>,
    /// What calling it gives.
    pub result: Option<Slot>,
    /// Attributes used.
    pub attributes: Vec<Attribute>,
    /// Text keys used.
    pub keys: Vec<Key>,
    /// Whether the code itself puts values under keys that it computes.
    pub filled: bool,
    /// Of what it is the path: something that is looked for on disk.
    pub on_disk: OnDisk,
    /// Positions used: by a literal index or by unpacking.
    pub positions: Vec<(u32, Slot)>,
    /// Into how many it was unpacked.
    pub arity: Option<u32>,
    /// Subscripts that are not decided yet: index and result.
    pub subscripts: Vec<(Slot, Slot)>,
    /// Project classes it is an instance of.
    pub classes: Vec<ClassKey>,
    /// Classes from elsewhere it is an instance of, by dotted name.
    pub externals: Vec<String>,
    /// What gave it: a call of something outside the project, with its arguments.
    pub made: Option<(Symbol, Vec<Slot>)>,
    /// Values it was compared with or set to.
    pub literals: Vec<Value>,
    /// Values it is declared to be one of.
    pub one_of: Vec<Value>,
    /// What it is on the branches that ask for its type, or the members of its declared union.
    pub alternatives: Vec<(Alternative, Slot)>,
    /// Whether the alternatives are all there is.
    pub declared_union: bool,
}

/// What tells one alternative of a slot from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Alternative {
    /// These kinds.
    Kinds(Mask),
    /// A project class.
    Class(ClassKey),
    /// A class from elsewhere.
    External(String),
    /// The n-th member of a declared union.
    Member(u32),
}

/// A slot with more than this many of anything small is an over-merged one; more would only cost time.
const MANY: usize = 40;

/// All slots of one inference.
#[derive(Default)]
pub(super) struct Slots {
    parents: Vec<u32>,
    infos: Vec<Info>,
    /// Slots with subscripts that are not decided yet.
    pending: Vec<Slot>,
    /// Slots with parts at known positions.
    positioned: Vec<Slot>,
    /// Whether something is looked for on disk.
    pub touches_disk: bool,
}

impl Slots {
    /// A slot of which nothing is known.
    pub(super) fn fresh(&mut self) -> Slot {
        let slot = Slot(self.parents.len() as u32);
        self.parents.push(slot.0);
        self.infos.push(Info::default());
        slot
    }

    /// How many slots were made.
    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    /// The slot that stands for all it was merged with.
    pub(super) fn find(&mut self, slot: Slot) -> Slot {
        let mut root = slot.0;
        while self.parents[root as usize] != root {
            root = self.parents[root as usize];
        }
        let mut at = slot.0;
        while self.parents[at as usize] != root {
            at = std::mem::replace(&mut self.parents[at as usize], root);
        }
        Slot(root)
    }

    /// What is known about a slot.
    pub(super) fn info(&mut self, slot: Slot) -> &mut Info {
        let root = self.find(slot);
        &mut self.infos[root.0 as usize]
    }

    /// Whether two slots are one.
    pub(super) fn same(&mut self, one: Slot, other: Slot) -> bool {
        self.find(one) == self.find(other)
    }

    /// Notes a use.
    pub(super) fn fact(&mut self, slot: Slot, fact: Fact) {
        add_fact(&mut self.info(slot).facts, fact);
    }

    /// Notes a literal that the slot met.
    pub(super) fn literal(&mut self, slot: Slot, value: Value) {
        let literals = &mut self.info(slot).literals;
        if literals.len() < MANY && !literals.contains(&value) {
            literals.push(value);
        }
    }

    /// What iterating over the slot gives.
    pub(super) fn element(&mut self, slot: Slot) -> Slot {
        if let Some(element) = self.info(slot).element {
            return element;
        }
        let element = self.fresh();
        self.info(slot).element = Some(element);
        element
    }

    /// What the slot, a dictionary, holds.
    pub(super) fn value(&mut self, slot: Slot) -> Slot {
        if let Some(value) = self.info(slot).value {
            return value;
        }
        let value = self.fresh();
        self.info(slot).value = Some(value);
        value
    }

    /// What calling the slot gives.
    pub(super) fn result(&mut self, slot: Slot) -> Slot {
        if let Some(result) = self.info(slot).result {
            return result;
        }
        let result = self.fresh();
        self.info(slot).result = Some(result);
        result
    }

    /// The attribute `name` of the slot.
    pub(super) fn attribute(&mut self, slot: Slot, name: &Name) -> Slot {
        if let Some(attribute) = self
            .info(slot)
            .attributes
            .iter()
            .find(|attribute| attribute.name == *name)
        {
            return attribute.slot;
        }
        let value = self.fresh();
        self.info(slot).attributes.push(Attribute {
            name: name.clone(),
            slot: value,
            none: false,
            called: false,
        });
        value
    }

    /// Changes what is noted about an attribute that exists.
    pub(super) fn mark_attribute(&mut self, slot: Slot, name: &Name, mark: impl FnOnce(&mut Attribute)) {
        if let Some(attribute) = self
            .info(slot)
            .attributes
            .iter_mut()
            .find(|attribute| attribute.name == *name)
        {
            mark(attribute);
        }
    }

    /// The value under the text key `name`.
    pub(super) fn key(&mut self, slot: Slot, name: &str, how: KeyUse) -> Slot {
        if let Some(key) = self.info(slot).keys.iter_mut().find(|key| key.name == name) {
            if !key.uses.contains(&how) {
                key.uses.push(how);
            }
            return key.slot;
        }
        if self.info(slot).keys.len() >= MANY {
            return self.value(slot);
        }
        let value = self.fresh();
        if let Some(kinds) = names::of_field(name) {
            self.fact(value, Fact::hint(kinds));
        }
        self.info(slot).keys.push(Key {
            name: name.to_owned(),
            slot: value,
            uses: vec![how],
        });
        value
    }

    /// The part at a known position.
    pub(super) fn position(&mut self, slot: Slot, position: u32) -> Slot {
        if let Some((_, part)) = self.info(slot).positions.iter().find(|(other, _)| *other == position) {
            return *part;
        }
        let part = self.fresh();
        self.info(slot).positions.push((position, part));
        self.positioned.push(slot);
        part
    }

    /// Notes a subscript of which it is not known whether it is a place or a key.
    pub(super) fn subscript(&mut self, slot: Slot, index: Slot, result: Slot) {
        let subscripts = &mut self.info(slot).subscripts;
        if subscripts.len() < MANY {
            subscripts.push((index, result));
            self.pending.push(slot);
        }
    }

    /// Slots with undecided subscripts, which are then taken to be decided.
    pub(super) fn take_pending(&mut self) -> Vec<Slot> {
        std::mem::take(&mut self.pending)
    }

    /// Slots of which a part at a known position was used, each once.
    pub(super) fn with_positions(&mut self) -> Vec<Slot> {
        let mut slots: Vec<Slot> = std::mem::take(&mut self.positioned)
            .into_iter()
            .map(|slot| self.find(slot))
            .collect();
        slots.sort_unstable();
        slots.dedup();
        slots.retain(|slot| !self.info(*slot).positions.is_empty());
        self.positioned.clone_from(&slots);
        slots
    }

    /// The slot as it is where its type was asked for.
    pub(super) fn alternative(&mut self, slot: Slot, alternative: Alternative) -> Slot {
        if let Some((_, known)) = self
            .info(slot)
            .alternatives
            .iter()
            .find(|(other, _)| *other == alternative)
        {
            return *known;
        }
        let narrowed = self.fresh();
        self.info(slot).alternatives.push((alternative, narrowed));
        narrowed
    }

    /// Says that two slots are one, and with them their parts.
    pub(super) fn unify(&mut self, one: Slot, other: Slot) {
        let mut open = vec![(one, other)];
        while let Some((one, other)) = open.pop() {
            let (keep, lose) = (self.find(one), self.find(other));
            if keep == lose {
                continue;
            }
            // Towards the older slot, so that parameters stay the representatives.
            let (keep, lose) = if keep < lose { (keep, lose) } else { (lose, keep) };
            self.parents[lose.0 as usize] = keep.0;
            let lost = std::mem::take(&mut self.infos[lose.0 as usize]);
            merge(&mut self.infos[keep.0 as usize], lost, &mut open);
        }
    }
}

/// The same use noted a few times says more than once, and a hundred times no more than a few.
fn add_fact(facts: &mut Vec<Fact>, fact: Fact) {
    if let Some(known) = facts.iter_mut().find(|known| known.same_claim(&fact)) {
        known.count = known.count.saturating_add(fact.count).min(3);
    } else if facts.len() < MANY {
        facts.push(fact);
    }
}

fn merge_part(keep: &mut Option<Slot>, lost: Option<Slot>, open: &mut Vec<(Slot, Slot)>) {
    match (*keep, lost) {
        (Some(one), Some(other)) => open.push((one, other)),
        (None, other) => *keep = other,
        _ => {}
    }
}

fn merge(keep: &mut Info, lost: Info, open: &mut Vec<(Slot, Slot)>) {
    lost.facts.into_iter().for_each(|fact| add_fact(&mut keep.facts, fact));
    keep.filled |= lost.filled;
    keep.on_disk.merge(lost.on_disk);
    merge_part(&mut keep.element, lost.element, open);
    merge_part(&mut keep.value, lost.value, open);
    merge_part(&mut keep.result, lost.result, open);
    for attribute in lost.attributes {
        match keep.attributes.iter_mut().find(|known| known.name == attribute.name) {
            Some(known) => {
                known.none |= attribute.none;
                known.called |= attribute.called;
                open.push((known.slot, attribute.slot));
            }
            None => keep.attributes.push(attribute),
        }
    }
    for key in lost.keys {
        match keep.keys.iter_mut().find(|known| known.name == key.name) {
            Some(known) => {
                extend(&mut known.uses, key.uses);
                open.push((known.slot, key.slot));
            }
            None => keep.keys.push(key),
        }
    }
    for (position, slot) in lost.positions {
        match keep.positions.iter().find(|(known, _)| *known == position) {
            Some((_, known)) => open.push((*known, slot)),
            None => keep.positions.push((position, slot)),
        }
    }
    keep.arity = keep.arity.or(lost.arity);
    extend(&mut keep.subscripts, lost.subscripts);
    extend(&mut keep.classes, lost.classes);
    extend(&mut keep.externals, lost.externals);
    keep.made = keep.made.take().or(lost.made);
    extend(&mut keep.literals, lost.literals);
    extend(&mut keep.one_of, lost.one_of);
    for (alternative, slot) in lost.alternatives {
        match keep.alternatives.iter().find(|(known, _)| *known == alternative) {
            Some((_, known)) => open.push((*known, slot)),
            None => keep.alternatives.push((alternative, slot)),
        }
    }
    keep.declared_union |= lost.declared_union;
}

fn extend<T: PartialEq>(keep: &mut Vec<T>, lost: Vec<T>) {
    for item in lost {
        if keep.len() < MANY && !keep.contains(&item) {
            keep.push(item);
        }
    }
}
