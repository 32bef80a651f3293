//! What a language knows about the inputs of a function: shapes, classes and tokens. Language-neutral.

use model::{Symbol, Value};

/// Index of a [`Shape`] in [`Subject::shapes`]; shapes refer to one another by it, so that they can be recursive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeId(pub u32);

/// Index of a [`ClassShape`] in [`Subject::classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// A set of values by form.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Nothing is known.
    Any,
    /// The null value.
    None,
    /// A truth value.
    Bool,
    /// An integer.
    Int,
    /// A double.
    Float,
    /// Text.
    Str,
    /// Bytes.
    Bytes,
    /// A list of elements of one shape.
    List(ShapeId),
    /// A tuple of known parts.
    Tuple(Vec<ShapeId>),
    /// A tuple of any length with elements of one shape.
    TupleOf(ShapeId),
    /// A set.
    Set(ShapeId),
    /// An immutable set.
    FrozenSet(ShapeId),
    /// A dictionary from keys of one shape to values of another.
    Dict(ShapeId, ShapeId),
    /// A dictionary with known text keys; the flag says whether the key must be there.
    Record(Vec<(String, ShapeId, bool)>),
    /// An instance of a class.
    Object(ClassId),
    /// What calling something gives, for example `datetime.date` of three integers.
    Make {
        /// The class or function.
        callee: Symbol,
        /// Its positional arguments.
        args: Vec<ShapeId>,
    },
    /// A function whose result has this shape.
    Callable(ShapeId),
    /// An iterator that can be consumed once.
    Iterator(ShapeId),
    /// One of these values: enumeration members, literals, a default.
    OneOf(Vec<Value>),
    /// One of several shapes, by weight (any positive numbers; a shape that is not really allowed weighs little, never 0).
    Union(Vec<(f64, ShapeId)>),
}

/// How an instance of a class comes to be, and what hangs off it.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassShape {
    /// The class, or a factory whose result is an instance.
    pub make: Symbol,
    /// Constructor parameters without the instance itself.
    pub parameters: Vec<Parameter>,
    /// Attributes to set after construction: duck classes and links between nodes (`next`, `left`, `parent`, …) whose shape is this class or another object, or `None`.
    pub attributes: Vec<(String, ShapeId)>,
    /// Pairs of link attributes that are each other's inverse most of the time (`next` and `prev`).
    pub inverse: Vec<(String, String)>,
}

/// How an argument may be passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// By position (also where a keyword would do).
    Positional,
    /// By keyword only.
    Keyword,
    /// The rest of the positional arguments: the shape is that of one of them.
    Rest,
    /// The rest of the keyword arguments: the shape is that of one value; names come from [`Parameter::keys`].
    KeywordRest,
    /// No argument, but what the surroundings answer: the name is that of a [`model::Asked`], as text.
    World,
}

/// A parameter of a function or constructor.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// How it is passed.
    pub kind: ParameterKind,
    /// What it takes.
    pub shape: ShapeId,
    /// Its default as a value, where the source says one that can be written down.
    pub default: Option<Value>,
    /// Whether it may be left out.
    pub optional: bool,
    /// For [`ParameterKind::KeywordRest`]: names known from use.
    pub keys: Vec<String>,
}

/// A method that changes the object that it is called on.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    /// The class whose objects have it.
    pub class: ClassId,
    /// Its name.
    pub name: String,
    /// What it takes beside the object.
    pub parameters: Vec<Parameter>,
    /// Whether it is an attribute that is read for what that does: `every().day` says of a job how often.
    pub is_attribute: bool,
}

/// A value worth trying, with where it was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The value: a literal, a compared operand, a default.
    pub value: Value,
    /// Whether it stands on a changed line.
    pub changed: bool,
}

/// A text that repeats a part of what a pattern repeats, so often as one likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pump {
    /// How it begins.
    pub before: String,
    /// What is repeated.
    pub unit: String,
    /// Whether it is bytes, as UTF-8.
    pub bytes: bool,
    /// Whether only one version has the pattern.
    pub changed: bool,
}

impl Pump {
    /// The text with so many repetitions, ended by what hardly any pattern goes on with.
    pub fn text(&self, times: usize) -> Value {
        let text = format!("{}{}\n\0", self.before, self.unit.repeat(times));
        match self.bytes {
            true => Value::Bytes(text.into_bytes()),
            false => Value::Str(text),
        }
    }
}

/// Everything the search may know about what it searches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    /// All shapes.
    pub shapes: Vec<Shape>,
    /// All classes.
    pub classes: Vec<ClassShape>,
    /// Methods that bring objects of the classes into other states: they are called before the call that counts.
    pub methods: Vec<Method>,
    /// Parameters, without the receiver.
    pub parameters: Vec<Parameter>,
    /// The shape of the receiver, for a method or property.
    pub receiver: Option<ShapeId>,
    /// Literals and compared operands from the code in reach.
    pub tokens: Vec<Token>,
    /// Texts that a pattern may take very long for.
    pub pumps: Vec<Pump>,
    /// Whole inputs from doctests, examples, call sites and recorded calls: tried first.
    pub seeds: Vec<model::Input>,
}

impl Subject {
    /// The shape behind an id; an id from another subject is [`Shape::Any`].
    pub fn shape(&self, id: ShapeId) -> &Shape {
        self.shapes.get(id.0 as usize).unwrap_or(&Shape::Any)
    }

    /// Adds a shape.
    pub fn add(&mut self, shape: Shape) -> ShapeId {
        self.shapes.push(shape);
        ShapeId(self.shapes.len() as u32 - 1)
    }
}
