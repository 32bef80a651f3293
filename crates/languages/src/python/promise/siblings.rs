//! Functions that are each other's inverse by their names.

use ruff_python_ast::{Expr, Keyword, Stmt, StmtClassDef, StmtFunctionDef};

use super::last_name;

/// Words of which the second takes back what the first does.
const PAIRS: [(&str, &str); 15] = [
    ("encode", "decode"),
    ("dump", "load"),
    ("dumps", "loads"),
    ("serialize", "deserialize"),
    ("serialise", "deserialise"),
    ("pack", "unpack"),
    ("escape", "unescape"),
    ("quote", "unquote"),
    ("compress", "decompress"),
    ("format", "parse"),
    ("marshal", "unmarshal"),
    ("flatten", "unflatten"),
    ("to", "from"),
    ("as", "from"),
    ("stringify", "parse"),
];

/// Words by which a docstring says that not everything comes back.
const LOSSY: [&str; 10] = [
    "lossy",
    "lossily",
    "approximate",
    "approximately",
    "rounded",
    "rounds",
    "one-way",
    "irreversible",
    "truncated",
    "best effort",
];

/// How what goes there comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trip {
    /// Through two functions, or two methods that need no object: `back(there(value))`.
    Value,
    /// Through two methods of one object: `codec.back(codec.there(value))`.
    Through,
    /// The object itself, which can be compared: `Class.back(object.there())`.
    Object,
}

/// Two functions of one module, or two methods of one class, that are named as each other's inverse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Dotted name of the one that is called first.
    pub there: String,
    /// Dotted name of the one that takes it back.
    pub back: String,
    /// How they are called.
    pub trip: Trip,
}

/// The pair that a function of a module, or a method of one of its classes, belongs to.
pub(super) fn pair(body: &[Stmt], name: &str) -> Option<Pair> {
    let Some((owner, method)) = name.split_once('.') else {
        return names(name).find_map(|(there, back)| {
            let trip = trip(function(body, &there)?, function(body, &back)?, None)?;
            Some(Pair { there, back, trip })
        });
    };
    let class = body.iter().find_map(|statement| match statement {
        Stmt::ClassDef(class) if class.name.as_str() == owner => Some(class),
        _ => None,
    })?;
    names(method).find_map(|(there, back)| {
        let trip = trip(
            function(&class.body, &there)?,
            function(&class.body, &back)?,
            Some(class),
        )?;
        Some(Pair {
            there: format!("{owner}.{there}"),
            back: format!("{owner}.{back}"),
            trip,
        })
    })
}

fn function<'a>(body: &'a [Stmt], name: &str) -> Option<&'a StmtFunctionDef> {
    body.iter().find_map(|statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == name => Some(function),
        _ => None,
    })
}

/// Names of pairs that a name may belong to.
fn names(name: &str) -> impl Iterator<Item = (String, String)> {
    let words: Vec<&str> = name.split('_').collect();
    let with = |at: usize, other: &str| {
        let mut words = words.clone();
        words[at] = other;
        words.join("_")
    };
    let mut found = Vec::new();
    match words.as_slice() {
        // `hex_to_rgb` and `rgb_to_hex`.
        [first, "to", last] => found.push((name.to_owned(), format!("{last}_to_{first}"))),
        _ => {
            for (at, word) in words.iter().enumerate() {
                for (there, back) in PAIRS {
                    if *word == there {
                        found.push((name.to_owned(), with(at, back)));
                    } else if *word == back {
                        found.push((with(at, there), name.to_owned()));
                    }
                }
            }
        }
    }
    found.retain(|(there, back)| there != back);
    found.into_iter()
}

/// How what goes through one comes back through the other; nothing where that cannot be told.
fn trip(there: &StmtFunctionDef, back: &StmtFunctionDef, class: Option<&StmtClassDef>) -> Option<Trip> {
    if [there, back].into_iter().any(|one| one.is_async || is_lossy(one)) {
        return None;
    }
    let (there, there_own) = (required(there)?, is_on_object(there, class)?);
    let (back, back_own) = (required(back)?, is_on_object(back, class)?);
    match (there, there_own, back, back_own) {
        (1, false, 1, false) => Some(Trip::Value),
        (1, true, 1, true) => Some(Trip::Through),
        (0, true, 1, false) => class.is_some_and(is_compared).then_some(Trip::Object),
        _ => None,
    }
}

/// Whether a function is called on an object of its class; nothing where it is decorated by what may change how.
fn is_on_object(function: &StmtFunctionDef, class: Option<&StmtClassDef>) -> Option<bool> {
    let decorators: Vec<Option<&str>> = function
        .decorator_list
        .iter()
        .map(|one| last_name(&one.expression))
        .collect();
    match decorators.as_slice() {
        [] => Some(class.is_some()),
        [Some("staticmethod" | "classmethod")] => Some(false),
        _ => None,
    }
}

/// How many things have to be given to a function, besides its object or class; nothing where one has to be given by name.
fn required(function: &StmtFunctionDef) -> Option<usize> {
    let parameters = &function.parameters;
    let own = parameters.posonlyargs.iter().chain(&parameters.args).next();
    let own = own.is_some_and(|one| ["self", "cls"].contains(&one.name().as_str()));
    let positional = parameters.posonlyargs.iter().chain(&parameters.args);
    let required = positional
        .skip(usize::from(own))
        .filter(|parameter| parameter.default().is_none());
    let mut named = parameters.kwonlyargs.iter();
    named
        .all(|parameter| parameter.default().is_some())
        .then(|| required.count())
}

fn is_lossy(function: &StmtFunctionDef) -> bool {
    let docstring = super::docstring(function).unwrap_or_default().to_lowercase();
    LOSSY.iter().any(|word| docstring.contains(word))
}

/// Whether two objects of a class are compared by all that they hold.
fn is_compared(class: &StmtClassDef) -> bool {
    let has_own = function(&class.body, "__eq__").is_some();
    let is_tuple = class.bases().iter().any(|base| last_name(base) == Some("NamedTuple"));
    let is_data = class.decorator_list.iter().any(|one| {
        let is_off = |keyword: &Keyword| {
            keyword.arg.as_ref().is_some_and(|name| name.as_str() == "eq") && keyword.value.is_boolean_literal_expr()
        };
        let keywords = match &one.expression {
            Expr::Call(call) => &call.arguments.keywords[..],
            _ => &[],
        };
        last_name(&one.expression) == Some("dataclass") && !keywords.iter().any(is_off)
    });
    has_own || is_tuple || is_data
}
