//! Functions that were removed in one place and added in another: moved or renamed, perhaps edited on the way.

use std::collections::{BTreeMap, HashMap};

use languages::python::syntax::Function;
use model::{FunctionChange, FunctionKind, Reason};

use super::Sides;
use super::functions::{differences, is_function};
use super::lines::{self, Lines};
use crate::side::{Pair, Side};

/// Pairs compared at most: beyond that a change is a rewrite.
const MOST_PAIRS: usize = 40_000;
/// Shorter functions say too little to be recognised under another name.
const SHORTEST: usize = 60;

/// Turns removed and added functions that are the same into moved ones.
pub(crate) fn pair_up(pair: &Pair, changes: &mut Vec<FunctionChange>) {
    let found = matches(pair, changes);
    let mut gone = Vec::new();
    let mut names: BTreeMap<(String, String), (String, String)> = BTreeMap::new();
    for (old, new) in found {
        names.insert(key(&changes[new]), key(&changes[old]));
        changes[new] = moved(pair, &changes[old], &changes[new]);
        gone.push(old);
    }
    let nested = with_their_outer(changes, &names);
    for (old, new) in nested {
        changes[new] = moved(pair, &changes[old], &changes[new]);
        gone.push(old);
        if changes[new].reasons == [Reason::Moved] {
            gone.push(new);
        }
    }
    gone.sort_unstable();
    gone.dedup();
    for at in gone.into_iter().rev() {
        changes.remove(at);
    }
}

fn key(change: &FunctionChange) -> (String, String) {
    (change.path.clone(), change.qualified_name.clone())
}

/// Pairs of removed and added ones, each in one pair, the most alike first.
fn matches(pair: &Pair, changes: &[FunctionChange]) -> Vec<(usize, usize)> {
    let candidates = |removed: bool| -> Vec<usize> {
        let wanted = |change: &FunctionChange| {
            is_function(change.kind)
                && change.kind != FunctionKind::Nested
                && if removed {
                    change.is_removed()
                } else {
                    change.is_added()
                }
        };
        (0..changes.len()).filter(|at| wanted(&changes[*at])).collect()
    };
    let (removed, added) = (candidates(true), candidates(false));
    if removed.len().saturating_mul(added.len()) > MOST_PAIRS {
        return Vec::new();
    }
    let old: HashMap<usize, Seen> = removed
        .iter()
        .filter_map(|at| Some((*at, Seen::of(&pair.base, &changes[*at])?)))
        .collect();
    let new: HashMap<usize, Seen> = added
        .iter()
        .filter_map(|at| Some((*at, Seen::of(&pair.head, &changes[*at])?)))
        .collect();
    let mut scored: Vec<(f64, usize, usize)> = Vec::new();
    for (a, one) in &old {
        scored.extend(new.iter().filter_map(|(b, other)| Some((one.likeness(other)?, *a, *b))));
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut used_old, mut used_new) = (Vec::new(), Vec::new());
    let mut found = Vec::new();
    for (_, a, b) in scored {
        if !used_old.contains(&a) && !used_new.contains(&b) {
            used_old.push(a);
            used_new.push(b);
            found.push((a, b));
        }
    }
    found
}

/// Nested functions whose outer function has moved.
fn with_their_outer(
    changes: &[FunctionChange],
    names: &BTreeMap<(String, String), (String, String)>,
) -> Vec<(usize, usize)> {
    let nested = |at: &usize| changes[*at].kind == FunctionKind::Nested;
    let by_key: HashMap<(String, String), usize> = (0..changes.len())
        .filter(|at| nested(at) && changes[*at].is_removed())
        .map(|at| (key(&changes[at]), at))
        .collect();
    (0..changes.len())
        .filter(|at| nested(at) && changes[*at].is_added())
        .filter_map(|new| {
            let (outer, rest) = changes[new].qualified_name.split_once(".<locals>.")?;
            let (path, base) = names.get(&(changes[new].path.clone(), outer.to_owned()))?;
            Some((*by_key.get(&(path.clone(), format!("{base}.<locals>.{rest}")))?, new))
        })
        .collect()
}

/// What recognises a function.
struct Seen {
    path: String,
    function: Function,
    grams: HashMap<u64, u32>,
    length: usize,
}

impl Seen {
    fn of(side: &Side, change: &FunctionChange) -> Option<Self> {
        let outline = side.index().outline(&change.path)?;
        let function = outline.function(&change.qualified_name)?.clone();
        let text = side.text(&change.path);
        let source = text.get(function.span.start..function.span.end)?;
        Some(Self {
            path: change.path.clone(),
            grams: grams(source),
            length: source.len(),
            function,
        })
    }

    fn owner(&self) -> &str {
        self.function
            .qualified_name
            .rsplit_once('.')
            .map_or("", |(owner, _)| owner)
    }

    /// How alike they are; none when they are two functions.
    fn likeness(&self, other: &Self) -> Option<f64> {
        let (one, two) = (&self.function, &other.function);
        let same_name = one.name == two.name;
        let same_file = self.path == other.path;
        let long = self.length.min(other.length) >= SHORTEST;
        if one.role != two.role || !same_name && !long {
            return None;
        }
        let exact = one.code == two.code && one.signature == two.signature;
        let alike = if exact { 1.0 } else { dice(&self.grams, &other.grams) };
        let needed = match (same_name, same_file) {
            (true, _) => 0.5,
            (false, true) if self.owner() == other.owner() => 0.7,
            (false, true) => 0.85,
            (false, false) => 0.95,
        };
        let bonus = if same_name { 0.5 } else { 0.0 }
            + if same_file { 0.2 } else { 0.0 }
            + if self.owner() == other.owner() { 0.1 } else { 0.0 };
        (alike >= needed).then_some(alike + bonus)
    }
}

/// Runs of three tokens, counted; names of the function itself count like any.
fn grams(source: &str) -> HashMap<u64, u32> {
    let mut tokens: Vec<&str> = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            tokens.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    let mut grams = HashMap::new();
    for window in tokens.windows(3.min(tokens.len().max(1))) {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in window.join("\0").bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        *grams.entry(hash).or_default() += 1;
    }
    grams
}

fn dice(one: &HashMap<u64, u32>, other: &HashMap<u64, u32>) -> f64 {
    let shared: u32 = one
        .iter()
        .map(|(gram, count)| (*count).min(other.get(gram).copied().unwrap_or(0)))
        .sum();
    let total: u32 = one.values().chain(other.values()).sum();
    if total == 0 {
        0.0
    } else {
        2.0 * f64::from(shared) / f64::from(total)
    }
}

/// One change out of a removed and an added function.
fn moved(pair: &Pair, old: &FunctionChange, new: &FunctionChange) -> FunctionChange {
    let mut change = new.clone();
    change.base_path = (old.path != new.path).then(|| old.path.clone());
    change.base_name = (old.qualified_name != new.qualified_name).then(|| old.qualified_name.clone());
    change.base_line = Some(old.line);
    change.base_end_line = Some(old.end_line);
    let (Some(base), Some(head)) = (
        pair.base.index().outline(&old.path),
        pair.head.index().outline(&new.path),
    ) else {
        return change;
    };
    let sides = Sides::new(pair, &base, &head, None);
    let (Some(before), Some(after)) = (base.function(&old.qualified_name), head.function(&new.qualified_name)) else {
        return change;
    };
    let texts = sides.texts();
    change.changed_lines = lines::changed(
        Lines {
            text: &texts.base,
            first: before.span.first_line,
            last: before.span.end_line,
        },
        Lines {
            text: &texts.head,
            first: after.span.first_line,
            last: after.span.end_line,
        },
    );
    change.reasons = differences(&sides, before, after);
    change.reasons.push(Reason::Moved);
    change
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_the_share_of_common_runs() {
        let one = grams("def total(items): return sum(item.price * item.count for item in items)");
        let other = grams("def amount(items): return sum(item.price * item.count for item in items)");
        assert!(dice(&one, &other) > 0.8);
        assert!(dice(&one, &grams("def x(): pass")) < 0.3);
        assert!((dice(&one, &one) - 1.0).abs() < 1e-9);
    }
}
