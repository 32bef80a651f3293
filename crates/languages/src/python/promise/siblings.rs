//! Functions that are each other's inverse by their names.

use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

/// Words of which the second takes back what the first does.
const PAIRS: [(&str, &str); 14] = [
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

/// Two functions of one module that are named as each other's inverse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Name of the one that is called first.
    pub there: String,
    /// Name of the one that takes it back.
    pub back: String,
}

/// The pair that a function of a module belongs to, where both take one thing.
pub(super) fn pair(body: &[Stmt], name: &str) -> Option<Pair> {
    let named = |name: &str| {
        body.iter().find_map(|statement| match statement {
            Stmt::FunctionDef(function) if function.name.as_str() == name => Some(function),
            _ => None,
        })
    };
    let fits = |name: &str| named(name).is_some_and(takes_one);
    let pair =
        |there: String, back: String| (there != back && fits(&there) && fits(&back)).then_some(Pair { there, back });
    let words: Vec<&str> = name.split('_').collect();
    let with = |at: usize, other: &str| {
        let mut words = words.clone();
        words[at] = other;
        words.join("_")
    };
    // `hex_to_rgb` and `rgb_to_hex`.
    if let [first, "to", last] = words.as_slice() {
        return pair(name.to_owned(), format!("{last}_to_{first}"));
    }
    words.iter().enumerate().find_map(|(at, word)| {
        PAIRS.iter().find_map(|(there, back)| match *word {
            word if word == *there => pair(name.to_owned(), with(at, back)),
            word if word == *back => pair(with(at, there), name.to_owned()),
            _ => None,
        })
    })
}

/// Whether exactly one thing has to be given to a function that is no coroutine and not decorated.
fn takes_one(function: &StmtFunctionDef) -> bool {
    let parameters = &function.parameters;
    let positional = parameters.posonlyargs.iter().chain(&parameters.args);
    let required = positional.filter(|parameter| parameter.default().is_none()).count();
    let named = parameters
        .kwonlyargs
        .iter()
        .all(|parameter| parameter.default().is_some());
    let docstring = match function.body.first() {
        Some(Stmt::Expr(first)) => match &*first.value {
            Expr::StringLiteral(text) => text.value.to_str().to_lowercase(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    let is_lossy = LOSSY.iter().any(|word| docstring.contains(word));
    required == 1 && named && !function.is_async && function.decorator_list.is_empty() && !is_lossy
}
