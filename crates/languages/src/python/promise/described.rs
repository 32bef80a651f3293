//! Types of parameters as docstrings write them, in the styles of Sphinx, Google and NumPy.

use ruff_python_ast::Expr;

/// Words of prose for types that have a name of their own.
const WORDS: [(&str, &str); 17] = [
    ("string", "str"),
    ("strings", "str"),
    ("strs", "str"),
    ("integer", "int"),
    ("integers", "int"),
    ("ints", "int"),
    ("floats", "float"),
    ("boolean", "bool"),
    ("booleans", "bool"),
    ("dictionary", "dict"),
    ("dicts", "dict"),
    ("lists", "list"),
    ("tuples", "tuple"),
    ("sequence", "list"),
    ("iterable", "list"),
    ("mapping", "dict"),
    ("none", "None"),
];
/// Containers of which prose names the elements: `list of int`.
const CONTAINERS: [&str; 4] = ["list", "set", "frozenset", "tuple"];
/// Fields of Sphinx and Epydoc that say something of a parameter.
const FIELDS: [&str; 3] = ["param", "parameter", "arg"];
/// Titles of the parts that tell of parameters.
const TITLES: [&str; 4] = ["args", "arguments", "parameters", "params"];

/// The types that a docstring gives its parameters, by name, as it writes them; a parameter of which it says nothing is left out.
pub(super) fn types(docstring: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = docstring.lines().filter_map(field).collect();
    found.extend(section(docstring));
    found
}

/// `:param int count: …`, `:type count: int`.
fn field(line: &str) -> Option<(String, String)> {
    let line = line.trim().strip_prefix([':', '@'])?;
    let (head, tail) = line.split_once(':')?;
    let mut words = head.split_whitespace();
    let word = words.next()?;
    let rest: Vec<&str> = words.collect();
    let (name, kind) = match (word, rest.as_slice()) {
        ("type", [name]) => (*name, tail.trim().to_owned()),
        (word, [kind @ .., name]) if FIELDS.contains(&word) && !kind.is_empty() => (*name, kind.join(" ")),
        // `:param count: int`, where there is nothing else.
        (word, [name]) if FIELDS.contains(&word) => (*name, tail.trim().trim_end_matches('.').to_owned()),
        _ => return None,
    };
    Some((name.trim_start_matches('*').to_owned(), kind))
}

/// `count (int): …` and `count : int` below a title.
fn section(docstring: &str) -> Vec<(String, String)> {
    let mut lines = docstring.lines().skip_while(|line| !is_title(line)).peekable();
    let Some(title) = lines.next() else { return Vec::new() };
    let is_ruled = lines.next_if(|line| is_rule(line)).is_some();
    let margin = indent(title);
    let mut found = Vec::new();
    let mut first = None;
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        let own = indent(line);
        let is_next = lines.peek().is_some_and(|next| is_rule(next));
        if is_next || own < margin || !is_ruled && own == margin {
            break;
        }
        // What stands further in tells more of the one above.
        if own == *first.get_or_insert(own) {
            found.extend(if is_ruled { ruled(line) } else { bracketed(line) });
        }
    }
    found
}

fn is_title(line: &str) -> bool {
    let line = line.trim().trim_end_matches(':').to_lowercase();
    TITLES.contains(&line.as_str())
}

fn is_rule(line: &str) -> bool {
    line.trim().len() > 2 && line.trim().chars().all(|character| character == '-')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// `count : int, optional`, and `first, second : str`.
fn ruled(line: &str) -> Vec<(String, String)> {
    let Some((names, kind)) = line.split_once(" :") else {
        return Vec::new();
    };
    let names = names.split(',').map(|name| name.trim().trim_start_matches('*'));
    names.map(|name| (name.to_owned(), kind.trim().to_owned())).collect()
}

/// `count (int, optional): …`.
fn bracketed(line: &str) -> Vec<(String, String)> {
    let Some((name, rest)) = line.trim().split_once(" (") else {
        return Vec::new();
    };
    let kind = rest.split_once("):").map(|(kind, _)| kind);
    kind.map(|kind| (name.trim_start_matches('*').to_owned(), kind.trim().to_owned()))
        .into_iter()
        .collect()
}

/// A type that a docstring writes, as an annotation would; nothing where it is prose.
pub(super) fn annotation(written: &str) -> Option<Expr> {
    let plain = written.replace(['`', '~'], "");
    let plain = plain.trim().trim_end_matches('.');
    let whole = match plain.strip_prefix('{') {
        Some(set) => {
            let (choices, _) = set.split_once('}')?;
            format!("Literal[{choices}]")
        }
        None => {
            let parts = split(plain)?;
            let named: Option<Vec<String>> = parts.iter().map(|part| name_of(part)).collect();
            named?.join(" | ")
        }
    };
    let parsed = ruff_python_parser::parse_expression(&whole).ok()?;
    Some(parsed.into_expr())
}

/// What may stand for a type, without what only says that it may be left out.
fn split(text: &str) -> Option<Vec<String>> {
    let mut parts: Vec<String> = Vec::new();
    let mut open = 0_i32;
    let mut part = String::new();
    for character in text.chars() {
        open += i32::from("[(".contains(character)) - i32::from("])".contains(character));
        if character == ',' && open == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(character);
        }
    }
    parts.push(part);
    let is_aside = |part: &String| {
        let part = part.trim().to_lowercase();
        part == "optional" || part.starts_with("default") || part == "required" || part == "keyword-only"
    };
    parts.retain(|part| !is_aside(part));
    let either = parts
        .iter()
        .flat_map(|part| part.split(" or ").flat_map(|part| part.split(" | ")));
    let either: Vec<String> = either
        .map(|part| part.trim().trim_start_matches("or ").trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    (!either.is_empty()).then_some(either)
}

/// `list of strings` as `list[str]`; nothing of what is no type.
fn name_of(text: &str) -> Option<String> {
    let text = text.trim_start_matches("a ").trim_start_matches("an ").trim();
    if let Some((container, of)) = text.split_once(" of ") {
        let container = name_of(container)?;
        let of = name_of(of)?;
        let more = if container == "tuple" { ", ..." } else { "" };
        return CONTAINERS
            .contains(&container.as_str())
            .then(|| format!("{container}[{of}{more}]"));
    }
    let known = WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
    if let Some((_, name)) = known {
        return Some((*name).to_owned());
    }
    let is_type = !text.contains(' ') || text.contains('[') && text.ends_with(']');
    is_type.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(docstring: &str) -> String {
        let types = types(docstring);
        let each: Vec<String> = types.iter().map(|(name, kind)| format!("{name}={kind}")).collect();
        each.join("; ")
    }

    #[test]
    fn each_style_names_parameters_and_their_types() {
        assert_eq!(
            written(
                "Cuts.\n\n    :param str text: what\n    :param size: how many\n    :type size: int\n    :returns: it\n"
            ),
            "text=str; size=how many; size=int"
        );
        assert_eq!(
            written(
                "Cuts.\n\n    Args:\n        text (str): What.\n            much (more): of it\n        size (int, optional): How many.\n\n    Returns:\n        a (b): c\n"
            ),
            "text=str; size=int, optional"
        );
        assert_eq!(
            written(
                "Cuts.\n\n    Parameters\n    ----------\n    a, b : int\n        Numbers : two\n    names : list of str, optional\n\n    Returns\n    -------\n    c : int\n"
            ),
            "a=int; b=int; names=list of str, optional"
        );
        assert_eq!(written("Text (plain): it is."), "");
    }

    #[test]
    fn prose_is_read_as_an_annotation_or_not_at_all() {
        let read = |text: &str| annotation(text).is_some();
        for text in [
            "int",
            "list of strings",
            "int or None",
            "{'a', 'b'}, optional",
            "`str`",
            "Dict[str, int]",
            "string, default 'a'",
        ] {
            assert!(read(text), "{text}");
        }
        for text in ["how many", "the text to cut", "", "list of the names"] {
            assert!(!read(text), "{text}");
        }
    }
}
