//! Whether two observations are the same behaviour, and where they part.

mod neutral;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use model::{FindingKind, Observation, Observed, Outcome, Raised};

pub use neutral::Folders;

use crate::making::STAND_IN;

/// What parts dictionaries that hold the same.
pub const ANOTHER_ORDER: &str = "keys in another order";

/// Where in an observation a value stands: steps into it. Indices of sequences are not told apart when noise is masked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The result.
    Result,
    /// Receiver or argument number n after the call.
    After(usize),
    /// Standard output.
    Output,
    /// Standard error.
    Errors,
    /// The effects.
    Effects,
    /// An element.
    Item(usize),
    /// A value by key.
    Key(String),
    /// A key itself.
    Keys,
    /// An attribute.
    Attribute(String),
    /// The exception.
    Exception,
}

/// A difference between two observations.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What kind of difference it is for a user.
    pub kind: FindingKind,
    /// Where the two part.
    pub path: Vec<Step>,
    /// What parts them, in few words that are the same for the same cause: types, exception classes.
    pub what: String,
    /// Whether only private state differs, which no caller is meant to see.
    pub private: bool,
}

/// How the words for an attribute that head alone gives an object begin.
const NEW_ATTRIBUTE: &str = "a new attribute ";

impl Difference {
    /// Whether head's objects have an attribute more, and nothing else differs: who knows base alone sees no difference.
    pub fn is_addition(&self) -> bool {
        self.what.starts_with(NEW_ATTRIBUTE)
    }
}

/// Parts of an observation that differ between two runs of one version, and so tell nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mask(BTreeSet<Vec<Step>>);

impl Mask {
    /// Sets the place of a difference aside.
    pub fn add(&mut self, path: &[Step]) {
        self.0.insert(general(path));
    }

    /// What either sets aside.
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// Whether nothing is set aside.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the result as a whole is set aside.
    pub fn hides_result(&self) -> bool {
        self.0.contains(&vec![Step::Result])
    }

    fn hides(&self, path: &[Step]) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let path = general(path);
        (1..=path.len()).any(|length| self.0.contains(&path[..length]))
    }
}

fn general(path: &[Step]) -> Vec<Step> {
    path.iter()
        .map(|step| {
            if let Step::Item(_) = step {
                Step::Item(0)
            } else {
                step.clone()
            }
        })
        .collect()
}

/// Compares base with head.
///
/// `None`: the same behaviour as far as both can be seen. Outcomes that tell nothing about the function (not made, garbled) give `None`, too:
/// whether a run is usable at all is asked with [`usable`].
pub fn compare(base: &Observation, head: &Observation, mask: &Mask, folders: &Folders) -> Option<Difference> {
    let difference = outcome(base, head, mask, folders)?;
    if mask.hides(&difference.path) {
        None
    } else {
        Some(difference)
    }
}

/// Of a module's globals, those whose values are behaviour by themselves: public data. Functions and classes are compared on
/// their own, imported names and aliases of types belong to other modules, and private names to the module alone.
pub fn public_data(mut globals: Observation) -> Observation {
    if let Outcome::Returned(Observed::Dict(pairs)) = &mut globals.outcome {
        pairs.retain(|(name, value)| is_public_data(name, value));
        pairs.sort_by_cached_key(|(name, _)| key_text(name));
    }
    globals
}

fn is_public_data(name: &Observed, value: &Observed) -> bool {
    let Observed::Str(name) = name else { return true };
    let by_name = matches!(value, Observed::Named(_) | Observed::Opaque(_));
    let of_types = matches!(value, Observed::Object { class, .. } if class.starts_with("typing.") || class.starts_with("types.") || class.contains("_Feature"));
    let is_private = name.starts_with('_') && !(name.starts_with("__") && name.ends_with("__"));
    !is_private && !by_name && !of_types
}

/// Head's globals of a module without what they have beside those of base, and the names of that: who knows base alone sees no
/// difference in it. `base` is whole, `head` as [`public_data`] gives it.
pub fn without_additions(base: &Observation, mut head: Observation) -> (Observation, Vec<String>) {
    let mut added = Vec::new();
    if let (Outcome::Returned(Observed::Dict(base)), Outcome::Returned(Observed::Dict(pairs))) =
        (&base.outcome, &mut head.outcome)
    {
        let is_new = |name: &Observed| !base.iter().any(|(other, _)| other == name);
        // Modules below a package are no globals of it that are looked at, and may be exported all the same.
        let exported = base.iter().find(|(name, _)| name.as_str() == Some(EXPORTS));
        let exported: &[Observed] = match exported {
            Some((_, Observed::List(names) | Observed::Tuple(names))) => names,
            _ => &[],
        };
        pairs.retain_mut(|(name, value)| {
            let text = name.as_str().unwrap_or_default();
            if text == EXPORTS {
                // Without a list, every name is exported: that there is one now is a difference.
                if let Observed::List(names) | Observed::Tuple(names) = value {
                    names.retain(|name| exported.contains(name) || !is_new(name));
                }
                return true;
            }
            let new = is_new(name);
            if new {
                added.push(text.to_owned());
            }
            !new
        });
    }
    (head, added)
}

/// The names that `from module import *` gives.
const EXPORTS: &str = "__all__";

/// Names of a module's other globals that both versions have, with other values: no difference that its users are meant to
/// see, but nothing that could be called the same.
pub fn other_globals(base: &Observation, head: &Observation, folders: &Folders) -> Vec<String> {
    let (Outcome::Returned(Observed::Dict(base)), Outcome::Returned(Observed::Dict(head))) =
        (&base.outcome, &head.outcome)
    else {
        return Vec::new();
    };
    let mask = Mask::default();
    let differs = |a: &Observed, b: &Observed| {
        let mut pairing = Pairing::new(&mask, folders);
        pairing.index(Some(a), Some(b));
        pairing.differ(a, b, &mut vec![Step::Result]).is_some()
    };
    let others = base.iter().filter(|(name, value)| !is_public_data(name, value));
    let found = others.filter(|(name, a)| head.iter().any(|(other, b)| other == name && differs(a, b)));
    found.filter_map(|(name, _)| name.as_str().map(str::to_owned)).collect()
}

/// Whether two observations differ in nothing but the order of elements. Where an input holds a set, that order was never
/// given: it follows from hashes, and those of many objects from their addresses.
pub fn same_up_to_order(base: &Observation, head: &Observation, mask: &Mask, folders: &Folders) -> bool {
    let ordered = |observation: &Observation| {
        let mut observation = observation.clone();
        if let Outcome::Returned(value) = &mut observation.outcome {
            put_in_order(value);
        }
        observation.after.iter_mut().for_each(put_in_order);
        observation
    };
    compare(&ordered(base), &ordered(head), mask, folders).is_none()
}

fn put_in_order(value: &mut Observed) {
    match value {
        Observed::List(items) | Observed::Tuple(items) | Observed::Drained { items, .. } => {
            items.iter_mut().for_each(put_in_order);
            items.sort_by_cached_key(key_text);
        }
        Observed::Set(items) | Observed::FrozenSet(items) => items.iter_mut().for_each(put_in_order),
        Observed::Dict(pairs) => {
            pairs.iter_mut().for_each(|(_, value)| put_in_order(value));
            pairs.sort_by_cached_key(|(key, _)| key_text(key));
        }
        Observed::Object { items, state, .. } => {
            items.iter_mut().for_each(|items| put_in_order(items));
            state.iter_mut().for_each(|(_, value)| put_in_order(value));
        }
        _ => {}
    }
}

/// Whether an observation says anything about the function.
pub fn usable(observation: &Observation) -> bool {
    !matches!(observation.outcome, Outcome::NotMade(_) | Outcome::Garbled(_))
}

fn whole(kind: FindingKind, what: String) -> Option<Difference> {
    let step = if kind == FindingKind::ChangedEffect {
        Step::Effects
    } else {
        Step::Result
    };
    Some(Difference {
        kind,
        path: vec![step],
        what,
        private: false,
    })
}

fn outcome(base: &Observation, head: &Observation, mask: &Mask, folders: &Folders) -> Option<Difference> {
    use Outcome::{Died, Garbled, NotMade, Raised, Refused, Returned, TimedOut};
    match (&base.outcome, &head.outcome) {
        (NotMade(_) | Garbled(_), _) | (_, NotMade(_) | Garbled(_)) => None,
        (Refused, _) | (_, Refused) => effects(base, head, folders),
        (Returned(a), Returned(b)) => values(a, b, base, head, mask, folders),
        (Returned(_), Raised(b)) => whole(FindingKind::NewCrash, format!("raises {}", b.class)),
        (Returned(_) | Raised(_) | TimedOut, Died(how)) => whole(FindingKind::NewCrash, format!("interpreter {how}")),
        (Returned(_), TimedOut) => whole(FindingKind::NewHang, "does not end".to_owned()),
        (Raised(a), Returned(_)) => whole(FindingKind::LostError, format!("no {}", a.class)),
        (Raised(a), TimedOut) => whole(FindingKind::Changed, format!("{} to no end", a.class)),
        (Raised(a), Raised(b)) => exceptions(a, b, folders).or_else(|| around(base, head, mask, folders)),
        // A base that does not end or dies gives nothing that head could be held against.
        (TimedOut | Died(_), _) => None,
    }
}

fn exceptions(base: &Raised, head: &Raised, folders: &Folders) -> Option<Difference> {
    let what = if !neutral::same_name(&base.class, &head.class) {
        format!("{} to {}", base.class, head.class)
    } else if folders.neutral(&base.message, false) != folders.neutral(&head.message, true) {
        // Both were given the same input: what a text says about it is the same, too.
        format!("{} with another text", base.class)
    } else {
        return None;
    };
    Some(Difference {
        kind: FindingKind::Changed,
        path: vec![Step::Exception],
        what,
        private: false,
    })
}

fn values(
    a: &Observed,
    b: &Observed,
    base: &Observation,
    head: &Observation,
    mask: &Mask,
    folders: &Folders,
) -> Option<Difference> {
    let mut pairing = Pairing::new(mask, folders);
    pairing.index(base.after.as_ref(), head.after.as_ref());
    pairing.index(Some(a), Some(b));
    // Receiver and arguments are walked first, so that an object of theirs that comes back is known to be one.
    let _ = pairing.arguments(base, head);
    (pairing.private, pairing.added) = (None, None);
    let found = pairing.differ(a, b, &mut vec![Step::Result]);
    if found.is_some() {
        return found;
    }
    // Private state ranks below everything that a caller sees, and what is merely added below everything that was there.
    let (private, added) = (pairing.private.take(), pairing.added.take());
    let around = around(base, head, mask, folders);
    let (added_around, around): (Option<_>, Option<_>) = match around {
        Some(around) if around.is_addition() => (Some(around), None),
        around => (None, around),
    };
    around.or(private).or(added).or(added_around)
}

/// What is seen beside result or exception: arguments, output, effects.
fn around(base: &Observation, head: &Observation, mask: &Mask, folders: &Folders) -> Option<Difference> {
    if let Some(difference) = effects(base, head, folders) {
        return Some(difference);
    }
    let mut pairing = Pairing::new(mask, folders);
    pairing.index(base.after.as_ref(), head.after.as_ref());
    if let Some(difference) = pairing.arguments(base, head) {
        return Some(difference);
    }
    let (private, added) = (pairing.private.take(), pairing.added.take());
    if base.after.is_some() != head.after.is_some() {
        // Unchanged in one version, changed in the other: the argument differs somewhere.
        let path = vec![Step::After(0)];
        let difference = Difference {
            kind: FindingKind::Changed,
            path,
            what: "an argument is changed".to_owned(),
            private: false,
        };
        return Some(difference);
    }
    for (a, b, step) in [
        (&base.output, &head.output, Step::Output),
        (&base.errors, &head.errors, Step::Errors),
    ] {
        if a != b && folders.neutral(a, false) != folders.neutral(b, true) && !mask.hides(std::slice::from_ref(&step)) {
            return Some(Difference {
                kind: FindingKind::Changed,
                path: vec![step],
                what: "text".to_owned(),
                private: false,
            });
        }
    }
    private.or(added)
}

fn effects(base: &Observation, head: &Observation, folders: &Folders) -> Option<Difference> {
    // A run ends where an effect is refused; a longer list on the other side is a difference only where this side went on to its end.
    let ends = |observation: &Observation| observation.outcome == Outcome::Refused;
    let mut pairs = base.effects.iter().zip(&head.effects);
    let parted =
        pairs.find(|(a, b)| a.kind != b.kind || folders.neutral(&a.detail, false) != folders.neutral(&b.detail, true));
    if let Some((a, b)) = parted {
        return whole(FindingKind::ChangedEffect, format!("{} to {}", a.kind, b.kind));
    }
    let (shorter, longer) = if base.effects.len() < head.effects.len() {
        (base, head)
    } else {
        (head, base)
    };
    if shorter.effects.len() < longer.effects.len() && !ends(shorter) {
        let extra = &longer.effects[shorter.effects.len()];
        let verb = if std::ptr::eq(longer, head) { "new" } else { "no" };
        // An outcome that hides what would have come (a hang, a death) proves no missing effect.
        if matches!(shorter.outcome, Outcome::Returned(_) | Outcome::Raised(_)) {
            return whole(FindingKind::ChangedEffect, format!("{verb} {}", extra.kind));
        }
    }
    None
}

/// Two observations walked side by side; objects of the two are matched by their place.
struct Pairing<'a> {
    mask: &'a Mask,
    folders: &'a Folders,
    base_objects: HashMap<u32, &'a Observed>,
    head_objects: HashMap<u32, &'a Observed>,
    seen: HashSet<(u32, u32)>,
    matched: HashMap<u32, u32>,
    private: Option<Difference>,
    added: Option<Difference>,
    in_private: u32,
}

impl<'a> Pairing<'a> {
    fn new(mask: &'a Mask, folders: &'a Folders) -> Self {
        Self {
            mask,
            folders,
            base_objects: HashMap::new(),
            head_objects: HashMap::new(),
            seen: HashSet::new(),
            matched: HashMap::new(),
            private: None,
            added: None,
            in_private: 0,
        }
    }

    fn index(&mut self, base: Option<&'a Observed>, head: Option<&'a Observed>) {
        if let Some(base) = base {
            objects(base, &mut self.base_objects);
        }
        if let Some(head) = head {
            objects(head, &mut self.head_objects);
        }
    }

    /// Walks receiver and arguments as they are after the call.
    fn arguments(&mut self, base: &Observation, head: &Observation) -> Option<Difference> {
        let (Some(Observed::List(a)), Some(Observed::List(b))) = (&base.after, &head.after) else {
            return None;
        };
        a.iter()
            .zip(b)
            .enumerate()
            // How far an iterator was drawn is seen by nobody who gives a list.
            .filter(|(_, (a, b))| !(is_iterator(a) && is_iterator(b)))
            .find_map(|(at, (a, b))| self.differ(a, b, &mut vec![Step::After(at)]))
    }

    /// Whether two numbers are the same line of code, by the name they go by and by where the change moved it.
    fn is_line(&self, base: i64, head: i64, path: &[Step]) -> bool {
        let name = path.iter().rev().find_map(|step| match step {
            Step::Attribute(name) | Step::Key(name) => Some(name),
            _ => None,
        });
        name.is_some_and(|name| name.contains("line")) && self.folders.moved_lines.contains(&(base, head))
    }

    /// Notes a difference here; a private one is kept for the end and the walk goes on.
    fn part(&mut self, path: &[Step], what: String) -> Option<Difference> {
        if self.mask.hides(path) {
            return None;
        }
        let private = self.in_private > 0;
        let difference = Difference {
            kind: FindingKind::Changed,
            path: path.to_vec(),
            what,
            private,
        };
        if private {
            self.private.get_or_insert(difference);
            return None;
        }
        Some(difference)
    }

    /// As [`Pairing::part`], for what is no difference where it is out of sight: how private state is built.
    fn part_in_sight(&mut self, path: &[Step], what: String) -> Option<Difference> {
        if self.in_private > 0 {
            None
        } else {
            self.part(path, what)
        }
    }

    /// Whether bytes of the two versions are texts that differ in nothing but our own folders.
    fn same_text(&self, base: &[u8], head: &[u8]) -> bool {
        let texts = std::str::from_utf8(base).ok().zip(std::str::from_utf8(head).ok());
        texts.is_some_and(|(x, y)| self.folders.neutral(x, false) == self.folders.neutral(y, true))
    }

    fn differ(&mut self, a: &Observed, b: &Observed, path: &mut Vec<Step>) -> Option<Difference> {
        use Observed::{
            Again, BigInt, Bool, BrokenStr, Bytes, Complex, Cut, Dict, Drained, Ellipsis, Float, FrozenSet, Int, List,
            Named, None, Object, Opaque, Set, Str, Tuple,
        };
        match (a, b) {
            (None, None) | (Ellipsis, Ellipsis) | (Cut, Cut) => Option::None,
            (Bool(x), Bool(y)) if x == y => Option::None,
            (Int(x), Int(y)) if x == y || self.is_line(*x, *y, path) => Option::None,
            (BigInt(x), BigInt(y)) if x == y => Option::None,
            (Float(x), Float(y)) if same_float(*x, *y) => Option::None,
            (Complex(x, y), Complex(v, w)) if same_float(*x, *v) && same_float(*y, *w) => Option::None,
            (Str(x), Str(y)) if is_docstring(path) && neutral::same_help(x, y) => Option::None,
            (Str(x), Str(y)) if x == y || self.folders.neutral(x, false) == self.folders.neutral(y, true) => {
                Option::None
            }
            (BrokenStr(x), BrokenStr(y)) | (Bytes(x), Bytes(y)) if x == y || self.same_text(x, y) => Option::None,
            (Named(x), Named(y)) if neutral::same_name(x, y) => Option::None,
            // Content that cannot be seen is no difference; whoever claims "same" asks `visible` first.
            (Opaque(x), Opaque(y)) if x == y => Option::None,
            (List(x), List(y)) | (Tuple(x), Tuple(y)) => self.items(x, y, path),
            (Set(x), Set(y)) | (FrozenSet(x), FrozenSet(y)) => {
                let (x, y) = (sorted(x), sorted(y));
                self.items(&x, &y, path)
            }
            (Dict(x), Dict(y)) => self.dicts(x, y, path),
            (
                Drained {
                    class: c,
                    items: x,
                    end: e,
                },
                Drained {
                    class: d,
                    items: y,
                    end: f,
                },
            ) => {
                if c != d || e != f {
                    return self.part_in_sight(path, format!("{c} {e} to {d} {f}"));
                }
                self.items(x, y, path)
            }
            (Object { .. } | Again(_), Object { .. } | Again(_)) => self.instances(a, b, path),
            // What private state is made of is nobody's business but the class's; a plain value in it is a fact all the same.
            _ if self.in_private > 0 && !(is_scalar(a) && is_scalar(b)) => Option::None,
            _ => self.part(path, format!("{} to {}", form(a), form(b))),
        }
    }

    fn items(&mut self, x: &[Observed], y: &[Observed], path: &mut Vec<Step>) -> Option<Difference> {
        for (at, (a, b)) in x.iter().zip(y).enumerate() {
            path.push(Step::Item(at));
            let found = self.differ(a, b, path);
            path.pop();
            if found.is_some() {
                return found;
            }
        }
        if x.len() == y.len() {
            None
        } else {
            self.part(path, "another length".to_owned())
        }
    }

    fn dicts(
        &mut self,
        x: &[(Observed, Observed)],
        y: &[(Observed, Observed)],
        path: &mut Vec<Step>,
    ) -> Option<Difference> {
        let keys = |pairs: &[(Observed, Observed)]| pairs.iter().map(|(key, _)| key_text(key)).collect::<Vec<_>>();
        let (base_keys, head_keys) = (keys(x), keys(y));
        for (key, (_, a)) in base_keys.iter().zip(x) {
            let Some(at) = head_keys.iter().position(|other| other == key) else {
                continue;
            };
            path.push(Step::Key(key.clone()));
            let found = self.differ(a, &y[at].1, path);
            path.pop();
            if found.is_some() {
                return found;
            }
        }
        if base_keys == head_keys {
            return None;
        }
        let (base_set, head_set): (BTreeSet<_>, BTreeSet<_>) = (base_keys.iter().collect(), head_keys.iter().collect());
        path.push(Step::Keys);
        let what = if base_set == head_set {
            ANOTHER_ORDER
        } else {
            "other keys"
        };
        let found = self.part(path, what.to_owned());
        path.pop();
        found
    }

    fn instances(&mut self, a: &Observed, b: &Observed, path: &mut Vec<Step>) -> Option<Difference> {
        let (Some((x, base_id)), Some((y, head_id))) = (resolve(a, &self.base_objects), resolve(b, &self.head_objects))
        else {
            return None;
        };
        // The same object of base must be the same object of head: which node came back is behaviour.
        if self.matched.get(&base_id).is_some_and(|other| *other != head_id) {
            return self.part_in_sight(path, "another object of equal form".to_owned());
        }
        if !self.seen.insert((base_id, head_id)) {
            return None;
        }
        self.matched.insert(base_id, head_id);
        let (
            Observed::Object {
                class: c,
                items: i,
                state: s,
                ..
            },
            Observed::Object {
                class: d,
                items: j,
                state: t,
                ..
            },
        ) = (x, y)
        else {
            return None;
        };
        if !neutral::same_name(c, d) {
            return self.part_in_sight(path, format!("{c} to {d}"));
        }
        match (i, j) {
            (Some(x), Some(y)) => {
                if let Some(found) = self.differ(x, y, path) {
                    return Some(found);
                }
            }
            (None, None) => {}
            _ => return self.part_in_sight(path, "another content".to_owned()),
        }
        self.attributes(c == STAND_IN, s, t, path)
    }

    fn attributes(
        &mut self,
        is_stand_in: bool,
        base: &[(String, Observed)],
        head: &[(String, Observed)],
        path: &mut Vec<Step>,
    ) -> Option<Difference> {
        // Public attributes first, so that an object is matched where a caller sees it.
        for private in [false, true] {
            if private && is_stand_in {
                // Nobody but the search gave it private attributes: which of them a version uses is that version's business.
                break;
            }
            for (name, a) in base.iter().filter(|(name, _)| name.starts_with('_') == private) {
                let b = head.iter().find(|(other, _)| other == name).map(|(_, value)| value);
                path.push(Step::Attribute(name.clone()));
                let found = match b {
                    Some(b) => {
                        self.in_private += u32::from(private);
                        let found = self.differ(a, b, path);
                        self.in_private -= u32::from(private);
                        found
                    }
                    // A private attribute of one version alone is that version's own business: it may have been renamed.
                    None if private => None,
                    None => self.part_in_sight(path, format!("no attribute {name}")),
                };
                path.pop();
                if found.is_some() {
                    return found;
                }
            }
        }
        let extra = head
            .iter()
            .find(|(name, _)| !name.starts_with('_') && !base.iter().any(|(other, _)| other == name));
        let (name, _) = extra?;
        path.push(Step::Attribute(name.clone()));
        // Kept for the end, as what is private is: the walk goes on.
        if let Some(added) = self.part_in_sight(path, format!("{NEW_ATTRIBUTE}{name}")) {
            self.added.get_or_insert(added);
        }
        path.pop();
        None
    }
}

fn resolve<'a>(value: &'a Observed, objects: &HashMap<u32, &'a Observed>) -> Option<(&'a Observed, u32)> {
    match value {
        Observed::Object { id, .. } => Some((value, *id)),
        Observed::Again(id) => objects.get(id).map(|object| (*object, *id)),
        _ => None,
    }
}

fn objects<'a>(value: &'a Observed, into: &mut HashMap<u32, &'a Observed>) {
    if let Observed::Object { id, .. } = value {
        into.insert(*id, value);
    }
    value.children().into_iter().for_each(|part| objects(part, into));
}

/// Equal to ten digits; not-a-number equals itself, and zero has its sign.
fn same_float(a: f64, b: f64) -> bool {
    if a == b {
        return a != 0.0 || a.is_sign_negative() == b.is_sign_negative();
    }
    if a.is_nan() || b.is_nan() || a.is_infinite() || b.is_infinite() {
        return a.is_nan() && b.is_nan();
    }
    (a - b).abs() <= 1e-10 * a.abs().max(b.abs())
}

fn is_docstring(path: &[Step]) -> bool {
    matches!(path.last(), Some(Step::Attribute(name)) if name == "__doc__")
}

fn is_iterator(value: &Observed) -> bool {
    matches!(value, Observed::Drained { class, .. } if class.ends_with("_iterator"))
}

fn is_scalar(value: &Observed) -> bool {
    use Observed::{BigInt, Bool, BrokenStr, Bytes, Complex, Float, Int, None, Str};
    matches!(
        value,
        None | Bool(_) | Int(_) | BigInt(_) | Float(_) | Complex(..) | Str(_) | BrokenStr(_) | Bytes(_)
    )
}

fn form(value: &Observed) -> String {
    match value {
        Observed::None => "None",
        Observed::Ellipsis => "...",
        Observed::Bool(_) => "bool",
        Observed::Int(_) | Observed::BigInt(_) => "int",
        Observed::Float(_) => "float",
        Observed::Complex(..) => "complex",
        Observed::Str(_) | Observed::BrokenStr(_) => "str",
        Observed::Bytes(_) => "bytes",
        Observed::List(_) => "list",
        Observed::Tuple(_) => "tuple",
        Observed::Set(_) => "set",
        Observed::FrozenSet(_) => "frozenset",
        Observed::Dict(_) => "dict",
        Observed::Object { class, .. } | Observed::Drained { class, .. } | Observed::Opaque(class) => class,
        Observed::Again(_) => "object",
        Observed::Named(_) => "named",
        Observed::Cut => "cut",
    }
    .to_owned()
}

/// A text that equal keys share.
pub(crate) fn key_text(value: &Observed) -> String {
    format!("{value:?}")
}

fn sorted(items: &[Observed]) -> Vec<Observed> {
    let mut items = items.to_vec();
    items.sort_by_cached_key(key_text);
    items
}

/// How the harness names an integer that is where an object is kept.
const ADDRESS: &str = "an address";

/// Whether all of a value was looked at: `false` where it is opaque or was cut, so that "same" may not rest on it.
pub fn visible(value: &Observed) -> bool {
    match value {
        Observed::Opaque(_) | Observed::Cut => false,
        Observed::Named(name) => name != ADDRESS && !name.starts_with(neutral::UNPLACED),
        Observed::Object { items, state, .. } => {
            items.as_deref().is_none_or(visible) && state.iter().all(|(_, value)| visible(value))
        }
        Observed::List(items) | Observed::Tuple(items) | Observed::Set(items) | Observed::FrozenSet(items) => {
            items.iter().all(visible)
        }
        Observed::Drained { items, end, .. } => end != "cap" && items.iter().all(visible),
        Observed::Dict(pairs) => pairs.iter().all(|(key, value)| visible(key) && visible(value)),
        _ => true,
    }
}

/// Whether a value is a function that no name leads to: what it does, only calling it shows.
pub fn is_function(value: &Observed) -> bool {
    matches!(value, Observed::Named(name) if name.starts_with(neutral::UNPLACED))
}
