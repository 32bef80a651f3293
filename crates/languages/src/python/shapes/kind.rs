//! The kinds a value can have, and facts that make some of them likelier than others.

use std::ops::BitOr;

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Kind {
    None,
    Bool,
    Int,
    Float,
    Complex,
    Str,
    Bytes,
    List,
    Tuple,
    Set,
    FrozenSet,
    Dict,
    Object,
    Callable,
    Iterator,
    TextFile,
    BytesFile,
    Date,
    DateTime,
    Time,
    TimeDelta,
    Decimal,
    Fraction,
    Path,
    Pattern,
    Exception,
    Class,
    Deque,
}

/// All kinds with how likely each is when nothing is known.
pub(super) const PRIORS: [(Kind, f32); 28] = [
    (Kind::None, 0.02),
    (Kind::Bool, 0.4),
    (Kind::Int, 1.0),
    (Kind::Float, 0.5),
    (Kind::Complex, 0.01),
    (Kind::Str, 1.0),
    (Kind::Bytes, 0.12),
    (Kind::List, 0.9),
    (Kind::Tuple, 0.3),
    (Kind::Set, 0.2),
    (Kind::FrozenSet, 0.03),
    (Kind::Dict, 0.6),
    (Kind::Object, 0.3),
    (Kind::Callable, 0.3),
    (Kind::Iterator, 0.1),
    (Kind::TextFile, 0.3),
    (Kind::BytesFile, 0.1),
    (Kind::Date, 0.2),
    (Kind::DateTime, 0.25),
    (Kind::Time, 0.02),
    (Kind::TimeDelta, 0.12),
    (Kind::Decimal, 0.1),
    (Kind::Fraction, 0.02),
    (Kind::Path, 0.2),
    (Kind::Pattern, 0.1),
    (Kind::Exception, 0.1),
    (Kind::Class, 0.03),
    (Kind::Deque, 0.1),
];

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Mask(u32);

impl Mask {
    pub(super) const NOTHING: Mask = Mask(0);
    pub(super) const NUMBER: Mask = Mask::of(&[Kind::Int, Kind::Float]);
    pub(super) const NUMERIC: Mask = Mask::of(&[
        Kind::Bool,
        Kind::Int,
        Kind::Float,
        Kind::Complex,
        Kind::Decimal,
        Kind::Fraction,
    ]);
    pub(super) const TEXT: Mask = Mask::of(&[Kind::Str, Kind::Bytes]);
    pub(super) const SEQUENCE: Mask = Mask::of(&[Kind::Str, Kind::Bytes, Kind::List, Kind::Tuple]);
    pub(super) const SETS: Mask = Mask::of(&[Kind::Set, Kind::FrozenSet]);
    pub(super) const CONTAINER: Mask = Mask::of(&[
        Kind::Str,
        Kind::Bytes,
        Kind::List,
        Kind::Tuple,
        Kind::Set,
        Kind::FrozenSet,
        Kind::Dict,
        Kind::Deque,
    ]);
    pub(super) const ITERABLE: Mask = Mask::of(&[Kind::List, Kind::Tuple, Kind::Set]);
    pub(super) const ALSO_ITERABLE: Mask = Mask::of(&[
        Kind::Dict,
        Kind::Str,
        Kind::Bytes,
        Kind::FrozenSet,
        Kind::Iterator,
        Kind::TextFile,
        Kind::BytesFile,
        Kind::Deque,
        Kind::Object,
    ]);
    pub(super) const FILES: Mask = Mask::of(&[Kind::TextFile, Kind::BytesFile]);
    pub(super) const DATES: Mask = Mask::of(&[Kind::Date, Kind::DateTime]);
    pub(super) const HASHABLE: Mask = Mask::of(&[
        Kind::None,
        Kind::Bool,
        Kind::Int,
        Kind::Float,
        Kind::Str,
        Kind::Bytes,
        Kind::Tuple,
        Kind::FrozenSet,
        Kind::Object,
        Kind::Date,
        Kind::DateTime,
        Kind::Time,
        Kind::TimeDelta,
        Kind::Decimal,
        Kind::Fraction,
        Kind::Path,
        Kind::Class,
        Kind::Callable,
    ]);

    /// The set of these kinds.
    pub(super) const fn of(kinds: &[Kind]) -> Mask {
        let mut bits = 0;
        let mut index = 0;
        while index < kinds.len() {
            bits |= 1 << kinds[index] as u32;
            index += 1;
        }
        Mask(bits)
    }

    pub(super) const fn one(kind: Kind) -> Mask {
        Mask(1 << kind as u32)
    }

    pub(super) const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }

    pub(super) const fn meets(self, other: Mask) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Mask {
    type Output = Mask;
    fn bitor(self, other: Mask) -> Mask {
        Mask(self.0 | other.0)
    }
}

/// What one kind of use says: the kinds it is made for, those that would do, and how likely the others stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fact {
    strong: Mask,
    weak: Mask,
    floor: f32,
    /// How often it was noted, capped.
    pub count: u8,
}

impl Fact {
    /// A use that only these kinds stand.
    pub(super) const fn only(strong: Mask) -> Fact {
        Fact {
            strong,
            weak: Mask::NOTHING,
            floor: 0.002,
            count: 1,
        }
    }

    /// As if it had been noted often.
    pub(super) const fn emphatic(self) -> Fact {
        Fact { count: 3, ..self }
    }

    /// A use made for `strong`, that `weak` stand as well.
    pub(super) const fn mostly(strong: Mask, weak: Mask) -> Fact {
        Fact {
            strong,
            weak,
            floor: 0.005,
            count: 1,
        }
    }

    /// What an annotation says.
    pub(super) const fn declared(strong: Mask, weak: Mask) -> Fact {
        Fact {
            strong,
            weak,
            floor: 0.000_1,
            count: 1,
        }
    }

    /// What a name suggests.
    pub(super) const fn hint(strong: Mask) -> Fact {
        Fact {
            strong,
            weak: Mask::NOTHING,
            floor: 0.25,
            count: 1,
        }
    }

    /// What being taken apart into single characters says: most likely a text, and it might be a sequence of them.
    pub(super) const fn characters() -> Fact {
        Fact {
            strong: Mask::one(Kind::Str),
            weak: Mask::NOTHING,
            floor: 0.03,
            count: 1,
        }
    }

    /// What elements that are no texts say.
    pub(super) const fn not_text() -> Fact {
        Fact {
            strong: Mask(!Mask::TEXT.0),
            weak: Mask::NOTHING,
            floor: 0.03,
            count: 1,
        }
    }

    /// What being asked for its truth says, which is little.
    pub(super) const fn truth() -> Fact {
        Fact {
            strong: Mask::one(Kind::Bool),
            weak: Mask::NOTHING,
            floor: 0.3,
            count: 3,
        }
    }

    pub(super) fn is_declared(&self) -> bool {
        self.floor < 0.001
    }

    /// Whether this is but a hint: a name, a truth that was asked for.
    pub(super) fn is_hint(&self) -> bool {
        self.floor > 0.1
    }

    pub(super) fn same_claim(&self, other: &Fact) -> bool {
        self.strong == other.strong && self.weak == other.weak && self.floor == other.floor
    }

    /// How likely `kind` stays under this fact.
    pub(super) fn weight(&self, kind: Kind) -> f32 {
        let once = if self.strong.has(kind) {
            1.0
        } else if self.weak.has(kind) {
            0.3
        } else {
            self.floor
        };
        if self.is_declared() || once == 1.0 {
            once
        } else {
            (1..self.count).fold(once, |weight, _| weight * once)
        }
    }
}

/// Whether facts make it one of `kinds` rather than anything else.
pub(super) fn are_like(facts: &[Fact], kinds: &[Kind]) -> bool {
    let wanted = Mask::of(kinds);
    // Asked for at every operator: most slots are plainly something else, or nothing yet.
    let rejects = |fact: &Fact| !fact.is_hint() && !fact.strong.meets(wanted) && !fact.weak.meets(wanted);
    if facts.iter().all(Fact::is_hint) || facts.iter().any(rejects) {
        return false;
    }
    let (mut best, mut other) = (0.0f64, 0.0f64);
    for (kind, _) in PRIORS {
        let weight = likelihood(facts, kind, 1.0);
        let place = if kinds.contains(&kind) { &mut best } else { &mut other };
        *place = place.max(weight);
    }
    best > 2.0 * other
}

/// How likely `kind` is under all facts; only to be compared with other kinds under the same facts.
///
/// In double precision: what many uses that do not go together say about a slot would be nothing in single precision.
pub(super) fn likelihood(facts: &[Fact], kind: Kind, prior: f32) -> f64 {
    facts
        .iter()
        .fold(f64::from(prior), |weight, fact| weight * f64::from(fact.weight(kind)))
}

/// The likeliest kind under all facts.
pub(super) fn likeliest(facts: &[Fact]) -> Kind {
    let mut best = (Kind::None, 0.0);
    for (kind, prior) in PRIORS {
        let weight = likelihood(facts, kind, prior);
        if weight > best.1 {
            best = (kind, weight);
        }
    }
    best.0
}

/// How likely each kind is under all facts, the likeliest first with weight 1; unlikely ones are left out.
pub(super) fn weigh(facts: &[Fact], least: f32) -> Vec<(Kind, f32)> {
    // Where there are but hints, what they point to is not held back by being rare.
    let only_hints = !facts.is_empty() && facts.iter().all(Fact::is_hint);
    let prior = |kind: Kind, prior: f32| {
        if only_hints && facts.iter().any(|fact| fact.strong.has(kind)) {
            1.0
        } else {
            prior
        }
    };
    let mut weights: Vec<(Kind, f64)> = PRIORS
        .iter()
        .map(|(kind, known)| (*kind, likelihood(facts, *kind, prior(*kind, *known))))
        .collect();
    weights.sort_by(|one, other| other.1.total_cmp(&one.1));
    let top = weights[0].1.max(f64::MIN_POSITIVE);
    weights.iter_mut().for_each(|(_, weight)| *weight /= top);
    let likely = |(kind, weight): (Kind, f64)| (weight >= f64::from(least)).then_some((kind, weight as f32));
    weights.into_iter().filter_map(likely).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_multiply_and_never_exclude() {
        let text = Fact::only(Mask::one(Kind::Str));
        let weights = weigh(&[text, Fact::mostly(Mask::NUMBER, Mask::NOTHING)], 0.0);
        assert_eq!(weights.len(), PRIORS.len());
        assert!(weights.iter().all(|(_, weight)| *weight > 0.0));
        assert!(weights[..2].iter().any(|(kind, _)| *kind == Kind::Str));
    }

    #[test]
    fn a_declaration_outweighs_uses() {
        let weights = weigh(
            &[
                Fact::declared(Mask::one(Kind::List), Mask::NOTHING),
                Fact::only(Mask::one(Kind::Str)),
            ],
            0.1,
        );
        assert_eq!(weights, [(Kind::List, 1.0)]);
    }
}
