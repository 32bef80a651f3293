//! Names of two things of which the first never comes after the second: a start and an end, a minimum and a maximum.

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use crate::python::syntax::words_of;

/// Words of which the second never names what comes before the first.
const PAIRS: [(&str, &str); 16] = [
    ("start", "end"),
    ("start", "stop"),
    ("begin", "end"),
    ("starts", "ends"),
    ("started", "ended"),
    ("started", "finished"),
    ("lower", "upper"),
    ("low", "high"),
    ("lo", "hi"),
    ("min", "max"),
    ("minimum", "maximum"),
    ("earliest", "latest"),
    ("oldest", "newest"),
    ("smallest", "largest"),
    ("since", "until"),
    ("from", "until"),
];
/// Words for the first of what need not come in order.
const EXTREMES: [&str; 5] = ["min", "minimum", "smallest", "earliest", "oldest"];
/// Words of names of functions that give two such things.
const BETWEEN: [&str; 4] = ["bounds", "interval", "span", "range"];
/// Words by which a name or a docstring says that the order may be the other one.
const EITHER: [&str; 9] = [
    "reverse",
    "reversed",
    "descending",
    "backward",
    "backwards",
    "swap",
    "swapped",
    "slice",
    "wrap",
];

/// Whether `first` and `second` are the same name but for one word, and those two words are a pair.
pub fn is_pair(first: &str, second: &str) -> bool {
    let (first, second) = (words(first), words(second));
    let mut others = first.iter().zip(&second).filter(|(one, other)| one != other);
    let (Some((one, other)), None) = (others.next(), others.next()) else {
        return false;
    };
    first.len() == second.len() && PAIRS.contains(&(one.as_str(), other.as_str()))
}

/// Whether a name stands for the first of all that there is, in whatever order that comes: `min_price`, not `start`.
pub fn is_extreme(name: &str) -> bool {
    words(name).iter().any(|word| EXTREMES.contains(&word.as_str()))
}

/// The words of a name, in small letters: `startDate` is as `start_date`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || was_small && character.is_uppercase() {
            words.push(String::new());
        }
        was_small = character.is_lowercase();
        if let Some(word) = words.last_mut() {
            word.extend(character.to_lowercase().filter(|one| one.is_alphanumeric()));
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a name or a docstring says that the order may be any.
pub(super) fn may_be_either(name: &str, docstring: &str) -> bool {
    let lower = docstring.to_lowercase();
    words(name).iter().any(|word| EITHER.contains(&word.as_str()))
        || words_of(&lower).any(|word| EITHER.contains(&word))
}

/// What the two parts of the tuple are called that a function returns: by what it returns, or as its docstring or its own name says;
/// nothing where they are no pair.
pub(super) fn of_result(function: &StmtFunctionDef, docstring: &str) -> Option<(String, String)> {
    let mut returned = Returned(Vec::new());
    function
        .body
        .iter()
        .for_each(|statement| returned.visit_stmt(statement));
    let names: Vec<Option<(String, String)>> = returned.0.iter().map(|value| two_names(value)).collect();
    if let Some(Some((first, second))) = names.iter().find(|names| names.is_some()) {
        return is_pair(first, second).then(|| (first.clone(), second.clone()));
    }
    let documented = PAIRS.iter().find(|(first, second)| {
        let lower = docstring.to_lowercase();
        [format!("({first}, {second})"), format!("``{first}, {second}``")]
            .iter()
            .any(|text| lower.contains(text))
    });
    let name = words(function.name.as_str());
    let named = PAIRS
        .iter()
        .find(|(first, second)| name.ends_with(&[(*first).to_owned(), (*second).to_owned()]));
    let between = name.len() > 1 && name.last().is_some_and(|word| BETWEEN.contains(&word.as_str()));
    documented
        .or(named)
        .or(between.then_some(&("start", "end")))
        .map(|(first, second)| ((*first).to_owned(), (*second).to_owned()))
}

/// All that a function returns.
struct Returned<'a>(Vec<&'a Expr>);

impl<'a> Visitor<'a> for Returned<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Return(one) => self.0.extend(one.value.as_deref()),
            // What stands in these returns by itself.
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            _ => walk_stmt(self, statement),
        }
    }
}

/// The names of a tuple of two.
fn two_names(value: &Expr) -> Option<(String, String)> {
    let Expr::Tuple(tuple) = value else { return None };
    let [first, second] = tuple.elts.as_slice() else {
        return None;
    };
    let name = |part: &Expr| match part {
        Expr::Name(_) | Expr::Attribute(_) => super::last_name(part).map(str::to_owned),
        _ => None,
    };
    Some((name(first)?, name(second)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_differs_in_one_word() {
        for (first, second) in [
            ("start", "end"),
            ("start_date", "end_date"),
            ("minPrice", "maxPrice"),
            ("valid_from", "valid_until"),
        ] {
            assert!(is_pair(first, second), "{first} {second}");
            assert!(!is_pair(second, first), "{second} {first}");
        }
        for (first, second) in [
            ("start", "start"),
            ("start_date", "end_time"),
            ("first", "last"),
            ("from", "to"),
            ("min", "max_price"),
        ] {
            assert!(!is_pair(first, second), "{first} {second}");
        }
    }

    fn result(source: &str) -> Option<String> {
        let parsed = ruff_python_parser::parse_module(source)
            .expect("it parses")
            .into_syntax();
        let Stmt::FunctionDef(function) = &parsed.body[0] else {
            panic!("a function comes first");
        };
        let docstring = crate::python::promise::docstring(function).unwrap_or_default();
        of_result(function, &docstring).map(|(first, second)| format!("{first} {second}"))
    }

    #[test]
    fn what_is_returned_says_what_its_parts_are() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(result("def f(a):\n    lo = a\n    return lo, hi\n"), some("lo hi"));
        assert_eq!(result("def f(a):\n    return hi, lo\n"), None);
        assert_eq!(result("def min_max(a):\n    return min(a), max(a)\n"), some("min max"));
        assert_eq!(
            result("def week_span(day):\n    return monday(day), sunday(day)\n"),
            some("start end")
        );
        assert_eq!(
            result("def f(a):\n    'Gives (start, end).'\n    return g(a)\n"),
            some("start end")
        );
        assert_eq!(result("def range_of(a):\n    return g(a)\n"), None);
    }
}
