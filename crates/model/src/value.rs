//! Inputs: what a function is called with, as data that can be built in any process, printed and made smaller.

use std::fmt;

use num_bigint::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Answer;

/// Something that has a name in the checked program or in its language's library.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Symbol {
    /// Importable module, `builtins` for what needs no import.
    pub module: String,
    /// Dotted name inside the module, for example `Cart.Item`.
    pub name: String,
}

impl Symbol {
    /// Names `name` of `module`.
    pub fn new(module: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            module: module.into(),
            name: name.into(),
        }
    }

    /// Stands for the method `name` of the first argument: `x.name(…)` is a call of it.
    pub fn method(name: impl Into<String>) -> Self {
        Self::new(METHOD, name)
    }

    /// Stands for the attribute `name` of the only argument: `x.name` is a call of it.
    pub fn attribute(name: impl Into<String>) -> Self {
        Self::new(ATTRIBUTE, name)
    }

    /// Stands for subscription: `x[key]` is a call of it with both.
    pub fn item() -> Self {
        Self::new(ITEM, "")
    }

    /// Stands for a file in the folder that a call runs in: calling it with the file's path relative to that folder and its
    /// content (text, written as UTF-8, or bytes) writes it, and gives the path, as a text or as the library's type for paths.
    pub fn file(is_text: bool) -> Self {
        Self::new(FILE, if is_text { "text" } else { "path" })
    }

    /// Stands for a folder in the folder that a call runs in, as [`Symbol::file`]; instead of a content there is a dictionary
    /// from paths in it to contents. A path that ends in a slash is that of a folder without files.
    pub fn folder(is_text: bool) -> Self {
        Self::new(FOLDER, if is_text { "text" } else { "path" })
    }

    /// Whether it stands for something that is laid out on disk: see [`Symbol::file`] and [`Symbol::folder`].
    pub fn is_on_disk(&self) -> bool {
        [FILE, FOLDER].contains(&self.module.as_str())
    }

    /// Whether it is a part of the first argument instead of something in a module: see [`Symbol::method`].
    pub fn is_part(&self) -> bool {
        [METHOD, ATTRIBUTE, ITEM].contains(&self.module.as_str())
    }
}

/// What stands in place of a module for a file that is laid out.
pub const FILE: &str = "<file>";
/// What stands in place of a module for a folder that is laid out.
pub const FOLDER: &str = "<folder>";
/// What stands in place of a module for a method of the first argument.
pub const METHOD: &str = "<method>";
/// What stands in place of a module for an attribute of the only argument.
pub const ATTRIBUTE: &str = "<attribute>";
/// What stands in place of a module for subscription.
pub const ITEM: &str = "<item>";

/// A value given to a function, as a recipe: plain data, or how to build it.
///
/// Floats compare by bits, so that a value can be a key; `NaN` equals itself here.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Python's `None`, JavaScript's `null`.
    None,
    /// Python's `...`.
    Ellipsis,
    /// A truth value.
    Bool(bool),
    /// An integer that fits 64 bits; larger ones are [`Value::BigInt`].
    Int(i64),
    /// An integer outside 64 bits.
    BigInt(#[schemars(with = "String")] BigInt),
    /// A double; not-a-number and the infinities are written as text in JSON.
    Float(
        #[serde(with = "float_text")]
        #[schemars(with = "String")]
        f64,
    ),
    /// Real and imaginary part.
    Complex(
        #[serde(with = "float_text")]
        #[schemars(with = "String")]
        f64,
        #[serde(with = "float_text")]
        #[schemars(with = "String")]
        f64,
    ),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A fresh list.
    List(Vec<Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A fresh mutable set.
    Set(Vec<Value>),
    /// An immutable set.
    FrozenSet(Vec<Value>),
    /// A fresh dictionary, in insertion order.
    Dict(Vec<(Value, Value)>),
    /// Whatever calling `callee` gives: an object from its class, a `datetime.date(2024, 2, 29)`, a factory's product.
    Call {
        /// The class or function.
        callee: Symbol,
        /// Positional arguments.
        args: Vec<Value>,
        /// Keyword arguments.
        kwargs: Vec<(String, Value)>,
    },
    /// An object that is there already: a class, a function, an enumeration's member, a module's constant.
    Symbol(Symbol),
    /// The shared object number `n` of [`Input::nodes`]; the same number is the same object.
    Node(u32),
    /// A function that takes anything and returns this value, a fresh one each time.
    Returns(Box<Value>),
    /// A function that returns its first argument.
    Identity,
    /// An iterator that can be consumed once.
    Iterator(Vec<Value>),
}

/// A shared, possibly recursive object: made first, linked afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// How the object is made; must not mention this or a later node.
    pub make: Value,
    /// Attributes set once every node is made, so that they can form cycles.
    pub links: Vec<(String, Value)>,
}

/// Everything one call needs.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// The object a method or property is taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Value>,
    /// Positional arguments.
    pub args: Vec<Value>,
    /// Keyword arguments, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kwargs: Vec<(String, Value)>,
    /// Objects that several places share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Node>,
    /// What its surroundings answer when it asks them; of each thing that can be asked for there is at most one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub world: Vec<Answer>,
}

/// As it would be derived, but without a word of the surroundings where nothing is answered: ids of findings hold this form, and
/// what was accepted before there were answers stays accepted.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = f.debug_struct("Input");
        told.field("receiver", &self.receiver)
            .field("args", &self.args)
            .field("kwargs", &self.kwargs)
            .field("nodes", &self.nodes);
        if !self.world.is_empty() {
            told.field("world", &self.world);
        }
        told.finish()
    }
}

impl Input {
    /// Whether any value in it is such a one: see [`Value::any`].
    pub fn any(&self, is: impl Fn(&Value) -> bool) -> bool {
        self.values().any(|value| value.any(&is))
    }

    /// Whether a text in it carries [`crate::MARK`].
    pub fn is_marked(&self) -> bool {
        self.any(|value| match value {
            Value::Str(text) => text.contains(crate::MARK),
            Value::Bytes(bytes) => bytes
                .windows(crate::MARK.len())
                .any(|part| part == crate::MARK.as_bytes()),
            _ => false,
        })
    }

    /// Whether files are laid out for it, so that it needs a folder of its own to be made in.
    pub fn is_on_disk(&self) -> bool {
        self.any(|value| matches!(value, Value::Call { callee, .. } if callee.is_on_disk()))
            || self
                .world
                .iter()
                .any(|answer| matches!(answer.to, crate::Asked::File(_)))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        use Value::*;
        match (self, other) {
            (None, None) | (Ellipsis, Ellipsis) | (Identity, Identity) => true,
            (Bool(a), Bool(b)) => a == b,
            (Int(a), Int(b)) => a == b,
            (BigInt(a), BigInt(b)) => a == b,
            (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
            (Complex(a, b), Complex(c, d)) => a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits(),
            (Str(a), Str(b)) => a == b,
            (Bytes(a), Bytes(b)) => a == b,
            (List(a), List(b))
            | (Tuple(a), Tuple(b))
            | (Set(a), Set(b))
            | (FrozenSet(a), FrozenSet(b))
            | (Iterator(a), Iterator(b)) => a == b,
            (Dict(a), Dict(b)) => a == b,
            (
                Call {
                    callee: a,
                    args: b,
                    kwargs: c,
                },
                Call {
                    callee: d,
                    args: e,
                    kwargs: f,
                },
            ) => a == d && b == e && c == f,
            (Symbol(a), Symbol(b)) => a == b,
            (Node(a), Node(b)) => a == b,
            (Returns(a), Returns(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        use Value::*;
        std::mem::discriminant(self).hash(state);
        match self {
            None | Ellipsis | Identity => {}
            Bool(a) => a.hash(state),
            Int(a) => a.hash(state),
            BigInt(a) => a.hash(state),
            Float(a) => a.to_bits().hash(state),
            Complex(a, b) => (a.to_bits(), b.to_bits()).hash(state),
            Str(a) => a.hash(state),
            Bytes(a) => a.hash(state),
            List(a) | Tuple(a) | Set(a) | FrozenSet(a) | Iterator(a) => a.hash(state),
            Dict(a) => a.hash(state),
            Call { callee, args, kwargs } => (callee, args, kwargs).hash(state),
            Symbol(a) => a.hash(state),
            Node(a) => a.hash(state),
            Returns(a) => a.hash(state),
        }
    }
}

impl Value {
    /// The direct parts of this value, in order: elements, keys and values, arguments.
    pub fn children(&self) -> Vec<&Value> {
        match self {
            Value::List(items)
            | Value::Tuple(items)
            | Value::Set(items)
            | Value::FrozenSet(items)
            | Value::Iterator(items) => items.iter().collect(),
            Value::Dict(pairs) => pairs.iter().flat_map(|(key, value)| [key, value]).collect(),
            Value::Call { args, kwargs, .. } => args.iter().chain(kwargs.iter().map(|(_, value)| value)).collect(),
            Value::Returns(value) => vec![value],
            _ => Vec::new(),
        }
    }

    /// As [`Value::children`], to change them in place.
    pub fn children_mut(&mut self) -> Vec<&mut Value> {
        match self {
            Value::List(items)
            | Value::Tuple(items)
            | Value::Set(items)
            | Value::FrozenSet(items)
            | Value::Iterator(items) => items.iter_mut().collect(),
            Value::Dict(pairs) => pairs.iter_mut().flat_map(|(key, value)| [key, value]).collect(),
            Value::Call { args, kwargs, .. } => args
                .iter_mut()
                .chain(kwargs.iter_mut().map(|(_, value)| value))
                .collect(),
            Value::Returns(value) => vec![value],
            _ => Vec::new(),
        }
    }

    /// A call with positional arguments alone.
    pub fn call(callee: Symbol, args: Vec<Value>) -> Self {
        Value::Call {
            callee,
            args,
            kwargs: Vec::new(),
        }
    }

    /// Whether it, or any value in it, is such a one.
    pub fn any(&self, is: &impl Fn(&Value) -> bool) -> bool {
        is(self) || self.children().into_iter().any(|child| child.any(is))
    }

    /// Gives every reference to a shared object in it the number that its own becomes.
    pub fn renumber_nodes(&mut self, number: &impl Fn(u32) -> u32) {
        if let Value::Node(node) = self {
            *node = number(*node);
        }
        self.children_mut()
            .into_iter()
            .for_each(|child| child.renumber_nodes(number));
    }

    /// Calls `visit` for every reference to a shared object in it.
    pub fn visit_nodes(&self, visit: &mut impl FnMut(u32)) {
        match self {
            Value::Node(index) => visit(*index),
            Value::List(items)
            | Value::Tuple(items)
            | Value::Set(items)
            | Value::FrozenSet(items)
            | Value::Iterator(items) => {
                items.iter().for_each(|item| item.visit_nodes(visit));
            }
            Value::Dict(_) | Value::Call { .. } | Value::Returns(_) => {
                self.children().into_iter().for_each(|child| child.visit_nodes(visit));
            }
            _ => {}
        }
    }

    /// Whether it refers to a shared object.
    pub fn has_nodes(&self) -> bool {
        let mut any = false;
        self.visit_nodes(&mut |_| any = true);
        any
    }

    /// Whether it can be made for what that does to other objects: a method is called on one, an item or attribute is set, or a
    /// function is given one. A node that is made so belongs to an input even where nothing refers to it.
    pub fn is_step(&self) -> bool {
        let Value::Call { callee, args, .. } = self else {
            return false;
        };
        // A class is called for what it gives.
        let last = callee.name.rsplit('.').next().unwrap_or_default();
        let is_function = !callee.module.starts_with('<') && last.starts_with(char::is_lowercase);
        callee.module == METHOD
            || ["operator", "builtins"].contains(&callee.module.as_str())
            || (is_function && args.iter().any(|arg| matches!(arg, Value::Node(_))))
    }

    /// Whether it can be an element of a set or a key, as far as its form tells.
    pub fn is_hashable(&self) -> bool {
        match self {
            Value::List(_) | Value::Set(_) | Value::Dict(_) => false,
            Value::Tuple(items) => items.iter().all(Value::is_hashable),
            _ => true,
        }
    }

    /// Whether this is plain data that can be built: nothing is looked up, called or shared for it, and keys can be hashed.
    pub fn is_plain(&self) -> bool {
        match self {
            Value::Call { .. }
            | Value::Symbol(_)
            | Value::Node(_)
            | Value::Returns(_)
            | Value::Identity
            | Value::Iterator(_) => false,
            Value::Set(items) | Value::FrozenSet(items) => {
                items.iter().all(|item| item.is_hashable() && item.is_plain())
            }
            Value::Dict(pairs) => pairs
                .iter()
                .all(|(key, value)| key.is_hashable() && key.is_plain() && value.is_plain()),
            _ => self.children().into_iter().all(Value::is_plain),
        }
    }

    /// How much a person has to read, in no unit: grows with every element, character and digit, so that minimising can be strictly decreasing.
    pub fn size(&self) -> u64 {
        let own = match self {
            Value::None | Value::Ellipsis => 1,
            Value::Bool(value) => 1 + u64::from(*value),
            Value::Int(value) => 1 + 2 * u64::from(64 - value.unsigned_abs().leading_zeros()) + u64::from(*value < 0),
            Value::BigInt(value) => 2 + 2 * value.bits(),
            Value::Float(value) => {
                4 + if *value == value.trunc() && value.abs() < 1e6 {
                    value.abs().log2().max(0.0) as u64
                } else {
                    40
                } + u64::from(value.is_sign_negative())
            }
            Value::Complex(..) => 60,
            Value::Str(text) => {
                2 + text
                    .chars()
                    .map(|c| match c {
                        'a' | '0' => 1,
                        'b'..='z' | '1'..='9' | ' ' => 2,
                        c if c.is_ascii_graphic() => 3,
                        _ => 6,
                    })
                    .sum::<u64>()
            }
            Value::Bytes(bytes) => 2 + bytes.iter().map(|byte| 1 + u64::from(*byte != b'a')).sum::<u64>(),
            Value::Call { .. } => 4,
            Value::Symbol(_) => 3,
            Value::Node(_) => 2,
            _ => 3,
        };
        own + self.children().into_iter().map(Value::size).sum::<u64>()
    }
}

/// What a call is given, by its place among the receiver, the arguments and the keyword arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'i> {
    /// The object whose method is called.
    Receiver,
    /// The argument of this number, from 1.
    Argument(usize),
    /// The argument of this name.
    Keyword(&'i str),
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receiver => f.write_str("the object"),
            Self::Argument(number) => write!(f, "argument {number}"),
            Self::Keyword(name) => write!(f, "argument {name}"),
        }
    }
}

impl Input {
    /// What stands at a place of [`Observation::after`](crate::Observation::after).
    pub fn part(&self, at: usize) -> Part<'_> {
        let Some(at) = at.checked_sub(usize::from(self.receiver.is_some())) else {
            return Part::Receiver;
        };
        let keyword = at.checked_sub(self.args.len()).and_then(|at| self.kwargs.get(at));
        keyword.map_or(Part::Argument(at + 1), |(name, _)| Part::Keyword(name))
    }

    /// All values of the input, top level only: receiver, arguments, keyword arguments, nodes, answers.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.receiver
            .iter()
            .chain(&self.args)
            .chain(self.kwargs.iter().map(|(_, value)| value))
            .chain(
                self.nodes
                    .iter()
                    .flat_map(|node| std::iter::once(&node.make).chain(node.links.iter().map(|(_, value)| value))),
            )
            .chain(self.world.iter().map(|answer| &answer.value))
    }

    /// The sum of [`Value::size`] over all values, one for each keyword and node, and more for each answer: what is asked of the
    /// surroundings has to be read with it.
    pub fn size(&self) -> u64 {
        let parts = self.kwargs.len() + self.nodes.len() + 4 * self.world.len();
        self.values().map(Value::size).sum::<u64>() + parts as u64
    }

    /// Whether all of it is plain data, see [`Value::is_plain`], and the surroundings are as always.
    pub fn is_plain(&self) -> bool {
        self.receiver.is_none() && self.nodes.is_empty() && self.world.is_empty() && self.values().all(Value::is_plain)
    }
}

/// Floats as JSON text that loses nothing: JSON numbers know neither not-a-number nor the infinities.
pub mod float_text {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the shortest text that reads back as the same double.
    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{value:?}"))
    }

    /// Reads what [`serialize`] wrote.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
