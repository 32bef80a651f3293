//! What a call did, in a form that two processes can be compared by.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Input;

/// A result, argument or attribute after the call, by content.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// A truth value.
    Bool(bool),
    /// An integer that fits 64 bits.
    Int(i64),
    /// Any other integer.
    BigInt(#[schemars(with = "String")] BigInt),
    /// A double.
    Float(
        #[serde(with = "crate::value::float_text")]
        #[schemars(with = "String")]
        f64,
    ),
    /// Real and imaginary part.
    Complex(
        #[serde(with = "crate::value::float_text")]
        #[schemars(with = "String")]
        f64,
        #[serde(with = "crate::value::float_text")]
        #[schemars(with = "String")]
        f64,
    ),
    /// Text.
    Str(String),
    /// Text with lone surrogates, as its UTF-8-like bytes.
    BrokenStr(Vec<u8>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Observed>),
    /// A tuple.
    Tuple(Vec<Observed>),
    /// A set, in an order that depends on its content alone.
    Set(Vec<Observed>),
    /// An immutable set, likewise.
    FrozenSet(Vec<Observed>),
    /// A dictionary in its own order.
    Dict(Vec<(Observed, Observed)>),
    /// An instance: class name, number in order of first sight (so that [`Observed::Again`] can point to it) and state.
    Object {
        /// Qualified class name with its module.
        class: String,
        /// Order of first sight within the observation, the call's arguments first.
        id: u32,
        /// The value of a subclass of a builtin, or the items of a container the harness knows (arrays, deques, …).
        items: Option<Box<Observed>>,
        /// Attributes by name, sorted.
        state: Vec<(String, Observed)>,
    },
    /// The object number `n` once more.
    Again(u32),
    /// A class, function or module, by name.
    Named(String),
    /// What an iterator or generator gave when drained, and whether the cap ended it.
    Drained {
        /// The iterator's type.
        class: String,
        /// What it gave.
        items: Vec<Observed>,
        /// How it ended: `end`, `cap`, or the type of the exception it raised.
        end: String,
    },
    /// Something whose content cannot be looked at; equal to nothing, not even to itself.
    Opaque(String),
    /// The observation was cut here (too deep or too large): what lies below was not compared.
    Cut,
}

/// The same content: not-a-number is itself, and the two zeros are two values, as they are for whoever divides by them.
impl PartialEq for Observed {
    fn eq(&self, other: &Self) -> bool {
        let float = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        match (self, other) {
            (Self::None, Self::None) | (Self::Ellipsis, Self::Ellipsis) | (Self::Cut, Self::Cut) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::BigInt(a), Self::BigInt(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => float(*a, *b),
            (Self::Complex(a, c), Self::Complex(b, d)) => float(*a, *b) && float(*c, *d),
            (Self::BrokenStr(a), Self::BrokenStr(b)) | (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Str(a), Self::Str(b)) | (Self::Named(a), Self::Named(b)) | (Self::Opaque(a), Self::Opaque(b)) => {
                a == b
            }
            (Self::List(a), Self::List(b))
            | (Self::Tuple(a), Self::Tuple(b))
            | (Self::Set(a), Self::Set(b))
            | (Self::FrozenSet(a), Self::FrozenSet(b)) => a == b,
            (Self::Dict(a), Self::Dict(b)) => a == b,
            (
                Self::Object {
                    class,
                    id,
                    items,
                    state,
                },
                Self::Object {
                    class: other_class,
                    id: other_id,
                    items: other_items,
                    state: other_state,
                },
            ) => id == other_id && class == other_class && items == other_items && state == other_state,
            (Self::Again(a), Self::Again(b)) => a == b,
            (
                Self::Drained { class, items, end },
                Self::Drained {
                    class: other_class,
                    items: other_items,
                    end: other_end,
                },
            ) => class == other_class && end == other_end && items == other_items,
            _ => false,
        }
    }
}

/// A place in the checked tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Path relative to the tree, `/` between parts.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
}

/// An exception that left the call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Raised {
    /// Qualified type name, builtins bare: `ValueError`, `cart.errors.Empty`.
    pub class: String,
    /// The names of its base classes, nearest first.
    pub bases: Vec<String>,
    /// Its text.
    pub message: String,
    /// The innermost frame inside the checked tree.
    pub place: Option<Place>,
    /// Frames between the called function and the place of the raise that lie in the checked tree; 0 when the call itself failed to bind its arguments.
    pub depth: u32,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It returned.
    Returned(Observed),
    /// It raised.
    Raised(Raised),
    /// It did not end before its deadline.
    TimedOut,
    /// It tried an effect that the sandbox refuses: what was seen ends there. The refused effect is the last of [`Observation::effects`].
    Refused,
    /// The interpreter ended: how, in words (`signal 11`, `exit 3`, `out of memory`).
    Died(String),
    /// The input could not be built or the function not be taken from its object; says nothing about the function.
    NotMade(String),
    /// What the harness sent made no sense; the run proves nothing.
    Garbled(String),
}

/// Something a call did to the world around it, or tried to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Effect {
    /// What kind: `write`, `delete`, `process`, `connect`, `query`, …
    pub kind: String,
    /// Its object in readable form: a path, a command, an address.
    pub detail: String,
    /// Whether the sandbox refused it.
    pub refused: bool,
}

/// A line or branch that an input reached first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Path relative to the tree.
    pub path: String,
    /// Qualified name of the function the line is in.
    pub function: String,
    /// From line.
    pub line: u32,
    /// To line, for a branch.
    pub to: Option<u32>,
}

/// Everything seen of one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    /// How it ended.
    pub outcome: Outcome,
    /// Receiver and arguments after the call, where any of them could have changed.
    pub after: Option<Observed>,
    /// What it printed on standard output.
    pub output: String,
    /// What it printed on standard error.
    pub errors: String,
    /// Effects in order.
    pub effects: Vec<Effect>,
    /// Where marked text of its input arrived, in order. It is no behaviour that is compared: only inputs with marks have any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arrivals: Vec<Arrival>,
}

/// That text with [`MARK`] in it got to a place where text may be read as more than text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Arrival {
    /// Which place: `shell`, `arguments`, `sql`, `code`, `import`, `pickle`, `read`, `write`, `connect`, `given`, …
    pub at: String,
    /// What arrived: the command, the arguments of a program one by one, the statement, the path.
    pub parts: Vec<String>,
}

/// The word that marked texts carry: letters alone, so that most checks take it for a name.
pub const MARK: &str = "xmarkx";

/// Words for objects, by the numbers that they are observed by.
pub type Names = BTreeMap<u32, String>;

impl Observation {
    /// A call of which nothing was seen but how it ended.
    pub fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            after: None,
            output: String::new(),
            errors: String::new(),
            effects: Vec::new(),
            arrivals: Vec::new(),
        }
    }

    /// Every text that the call gave: in its result and what it left, how it ended otherwise, what it printed and its effects.
    pub fn texts_mut(&mut self) -> Vec<&mut String> {
        let mut texts = vec![&mut self.output, &mut self.errors];
        texts.extend(self.effects.iter_mut().map(|effect| &mut effect.detail));
        texts.extend(self.arrivals.iter_mut().flat_map(|arrival| &mut arrival.parts));
        let mut open: Vec<&mut Observed> = self.after.iter_mut().collect();
        match &mut self.outcome {
            Outcome::Returned(value) => open.push(value),
            Outcome::Raised(raised) => texts.push(&mut raised.message),
            Outcome::Died(why) | Outcome::NotMade(why) | Outcome::Garbled(why) => texts.push(why),
            Outcome::TimedOut | Outcome::Refused => {}
        }
        while let Some(value) = open.pop() {
            match value {
                Observed::Str(text) => texts.push(text),
                Observed::List(items)
                | Observed::Tuple(items)
                | Observed::Set(items)
                | Observed::FrozenSet(items)
                | Observed::Drained { items, .. } => open.extend(items),
                Observed::Dict(pairs) => open.extend(pairs.iter_mut().flat_map(|(key, value)| [key, value])),
                Observed::Object { items, state, .. } => {
                    open.extend(items.as_deref_mut());
                    open.extend(state.iter_mut().map(|(_, value)| value));
                }
                _ => {}
            }
        }
        texts
    }

    /// Words for the objects of the receiver and the arguments of `input`: a result that is one of them, or holds one, is told by
    /// them.
    pub fn names(&self, input: &Input) -> Names {
        let mut names = Names::new();
        let Some(Observed::List(parts)) = &self.after else {
            return names;
        };
        for (at, part) in parts.iter().enumerate() {
            if let Observed::Object { id, .. } = part {
                names.entry(*id).or_insert_with(|| input.part(at).to_string());
            }
        }
        for (at, part) in parts.iter().enumerate() {
            for id in part.objects() {
                names
                    .entry(id)
                    .or_insert_with(|| format!("a part of {}", input.part(at)));
            }
        }
        names
    }
}

impl Observed {
    /// Numbers of the objects that this value holds, itself included.
    pub fn objects(&self) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        let mut open = vec![self];
        while let Some(value) = open.pop() {
            if let Self::Object { id, .. } = value {
                found.insert(*id);
            }
            open.extend(value.children());
        }
        found
    }

    /// The text, where this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The direct parts of this value: elements, keys and values, content and attributes.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::List(items)
            | Self::Tuple(items)
            | Self::Set(items)
            | Self::FrozenSet(items)
            | Self::Drained { items, .. } => items.iter().collect(),
            Self::Dict(pairs) => pairs.iter().flat_map(|(key, value)| [key, value]).collect(),
            Self::Object { items, state, .. } => {
                let state = state.iter().map(|(_, value)| value);
                items.as_deref().into_iter().chain(state).collect()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Observed;

    #[test]
    fn content_is_compared_to_the_bit() {
        let list = |value: f64| Observed::List(vec![Observed::Float(value)]);
        assert_eq!(list(f64::NAN), list(-f64::NAN));
        assert_ne!(list(0.0), list(-0.0));
        assert_ne!(Observed::Complex(0.0, 0.0), Observed::Complex(0.0, -0.0));
        assert_ne!(Observed::Int(1), Observed::Float(1.0));
        assert_eq!(list(0.5), list(0.5));
    }
}
