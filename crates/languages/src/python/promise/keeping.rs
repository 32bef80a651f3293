//! Whether a function says that it leaves alone what it is given, and defaults that outlive a call.

use model::Value;
use ruff_python_ast::{Expr, StmtFunctionDef};

/// First words of names of functions that only tell.
const TELLING: [&str; 19] = [
    "sorted",
    "get",
    "with",
    "without",
    "is",
    "has",
    "compute",
    "calculate",
    "calc",
    "count",
    "median",
    "mean",
    "average",
    "reversed",
    "filtered",
    "merged",
    "to",
    "format",
    "describe",
];

/// Words of names of functions that change something, too.
const CHANGING: [&str; 16] = [
    "or", "set", "update", "pop", "add", "insert", "remove", "create", "consume", "next", "ensure", "fill", "put",
    "inplace", "into", "reset",
];

/// Words by which a docstring says that something new is given.
const NEW: [&str; 12] = [
    "return a new",
    "returns a new",
    "return a copy",
    "returns a copy",
    "return new",
    "returns new",
    "a shallow copy",
    "without modifying",
    "without mutating",
    "not modified",
    "not mutated",
    "leaves the original",
];

/// Words by which a docstring says that what is given changes.
const IN_PLACE: [&str; 8] = [
    "in place",
    "in-place",
    "inplace",
    "modifies",
    "mutates",
    "mutated",
    "updates the",
    "consumes",
];

/// Words in names of parameters whose default is kept between calls on purpose.
const KEPT: [&str; 7] = ["cache", "memo", "seen", "registry", "state", "store", "visited"];

/// Why a function is expected to leave alone what it is given, in words.
pub(super) fn leaves_alone(function: &StmtFunctionDef, docstring: &str) -> Option<String> {
    let text = docstring
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    if IN_PLACE.iter().any(|words| text.contains(words)) {
        return None;
    }
    if let Some(words) = NEW.iter().find(|words| text.contains(**words)) {
        return Some(format!("its docstring says \"{words}\""));
    }
    let name = function.name.as_str().trim_start_matches('_');
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default();
    let is_telling = TELLING.contains(&first) && !words.any(|word| CHANGING.contains(&word));
    is_telling.then(|| format!("it is called `{}`", function.name))
}

/// Parameters with an empty list, dictionary or set as default, with the place among positional ones, and a fresh such value.
pub(super) fn shared_defaults(function: &StmtFunctionDef, own: usize) -> Vec<(String, usize, Value)> {
    let all = function.parameters.iter_non_variadic_params().enumerate();
    all.filter_map(|(at, parameter)| {
        let name = parameter.name().as_str();
        let is_kept = name.starts_with('_') || name.split('_').any(|word| KEPT.contains(&word));
        let fresh = match parameter.default()? {
            Expr::List(list) if list.elts.is_empty() => Value::List(Vec::new()),
            Expr::Dict(dict) if dict.items.is_empty() => Value::Dict(Vec::new()),
            Expr::Call(call) if call.arguments.is_empty() => match &*call.func {
                Expr::Name(name) if name.id == "list" => Value::List(Vec::new()),
                Expr::Name(name) if name.id == "dict" => Value::Dict(Vec::new()),
                Expr::Name(name) if name.id == "set" => Value::Set(Vec::new()),
                _ => return None,
            },
            _ => return None,
        };
        (!is_kept).then(|| (name.to_owned(), at.saturating_sub(own), fresh))
    })
    .collect()
}
