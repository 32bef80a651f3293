//! The techniques by name, so that each can be switched off and be given credit.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// One way to come by inputs, or to choose among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Technique {
    /// Whole inputs from doctests, call sites and recorded calls.
    Seeds,
    /// All combinations of the smallest values.
    Enumeration,
    /// Random values of the shapes.
    Generation,
    /// Small changes of inputs that were worth keeping.
    Mutation,
    /// Keeping the inputs that reach something new.
    Coverage,
    /// Literals from the code as values and parts of values.
    Literals,
    /// Values of one input that depend on one another.
    Relations,
    /// What is known of the shapes; without it every parameter takes anything.
    Shapes,
    /// Shared, linked objects; without it each object is made alone.
    Objects,
    /// Learning which alternatives of a shape make the base return.
    ValidityBandit,
    /// Values that runs showed to matter.
    Hints,
    /// What the name of a parameter suggests.
    Names,
    /// A parameter's own default, and leaving it out.
    Defaults,
    /// Texts that often matter.
    WellKnown,
    /// Constructor arguments that succeeded, used again.
    Instances,
    /// Values of any shape where none of the known shapes works.
    Fallback,
    /// Methods called on an object before the call that counts.
    Sequences,
    /// Texts that are read as more than text, in the place of those that were taken.
    Marked,
    /// Values that live under names which the code mentions.
    Living,
}

impl Technique {
    /// All of them, in order.
    pub const ALL: [Technique; 19] = [
        Technique::Seeds,
        Technique::Enumeration,
        Technique::Generation,
        Technique::Mutation,
        Technique::Coverage,
        Technique::Literals,
        Technique::Relations,
        Technique::Shapes,
        Technique::Objects,
        Technique::ValidityBandit,
        Technique::Hints,
        Technique::Names,
        Technique::Defaults,
        Technique::WellKnown,
        Technique::Instances,
        Technique::Fallback,
        Technique::Sequences,
        Technique::Marked,
        Technique::Living,
    ];

    /// Its name as typed.
    pub fn name(self) -> &'static str {
        match self {
            Technique::Seeds => "seeds",
            Technique::Enumeration => "enumeration",
            Technique::Generation => "generation",
            Technique::Mutation => "mutation",
            Technique::Coverage => "coverage",
            Technique::Literals => "literals",
            Technique::Relations => "relations",
            Technique::Shapes => "shapes",
            Technique::Objects => "objects",
            Technique::ValidityBandit => "validity-bandit",
            Technique::Hints => "hints",
            Technique::Names => "names",
            Technique::Defaults => "defaults",
            Technique::WellKnown => "well-known",
            Technique::Instances => "instances",
            Technique::Fallback => "fallback",
            Technique::Sequences => "sequences",
            Technique::Marked => "marked",
            Technique::Living => "living",
        }
    }
}

impl fmt::Display for Technique {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that no technique has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTechnique(pub String);

impl fmt::Display for UnknownTechnique {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Technique::ALL.map(Technique::name).join(", ");
        write!(formatter, "unknown technique `{}`; known are {known}", self.0)
    }
}

impl std::error::Error for UnknownTechnique {}

impl FromStr for Technique {
    type Err = UnknownTechnique;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Technique::ALL.into_iter().find(|technique| technique.name() == text);
        found.ok_or_else(|| UnknownTechnique(text.to_owned()))
    }
}

/// Which techniques are on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Switches(u32);

impl Switches {
    /// All but those of `without`.
    pub fn without(without: &BTreeSet<Technique>) -> Self {
        Self(
            without
                .iter()
                .fold(u32::MAX, |bits, technique| bits & !(1 << *technique as u32)),
        )
    }

    /// Whether it may be used.
    pub fn on(self, technique: Technique) -> bool {
        self.0 & (1 << technique as u32) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for technique in Technique::ALL {
            assert_eq!(technique.to_string().parse(), Ok(technique));
        }
        assert!("magic".parse::<Technique>().is_err());
    }

    #[test]
    fn switches_off_what_it_is_told() {
        let switches = Switches::without(&BTreeSet::from([Technique::Seeds, Technique::Fallback]));
        assert!(!switches.on(Technique::Seeds) && !switches.on(Technique::Fallback));
        assert!(switches.on(Technique::Mutation));
    }
}
