//! The file of kept tests: made where there is none, else added to. What a person wrote into it stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use languages::python::print::{Style, TestText, laid_out};

/// First line of a new file.
const DOCSTRING: &str = "\"\"\"Behaviour that was kept, by example.\"\"\"";

/// Modules of Python's library that examples come with.
const LIBRARY: [&str; 22] = [
    "array",
    "ast",
    "asyncio",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "io",
    "ipaddress",
    "itertools",
    "math",
    "operator",
    "os",
    "pathlib",
    "re",
    "string",
    "types",
    "uuid",
];

/// A test with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// `test_…`.
    pub name: String,
    /// What a reader is told first, without `#`.
    pub comment: String,
    /// The test.
    pub text: TestText,
}

/// The file with `tests`; `existing` is its text so far. Tests that it has already are left out.
pub fn with(existing: Option<&str>, tests: &[Named], style: Style, is_own: &dyn Fn(&str) -> bool) -> String {
    let existing = existing.unwrap_or_default();
    let new: Vec<&Named> = tests.iter().filter(|test| !has(existing, &test.name)).collect();
    let (before, imports, after) = parts(existing);
    let mut all = Imports::default();
    imports.iter().for_each(|line| all.add(line));
    let mut names: BTreeMap<String, String> = imports.iter().flat_map(|line| bound(line)).collect();
    names.extend(defined(&after).map(|name| (name.to_owned(), String::new())));
    let mut functions = Vec::new();
    for test in new {
        let (mut clashing, mut clear) = (Vec::new(), Vec::new());
        for (line, name, from) in test.text.imports.iter().flat_map(|line| each(line)) {
            match names.get(&name) {
                Some(known) if *known != from => clashing.push(line),
                _ => {
                    names.insert(name, from);
                    clear.push(line);
                }
            }
        }
        clear.iter().for_each(|line| all.add(line));
        functions.push(function(test, &clashing, style));
    }
    let mut text = if existing.trim().is_empty() {
        format!("{DOCSTRING}\n\n")
    } else {
        before
    };
    text.push_str(&all.text(style, is_own));
    if !after.trim().is_empty() {
        text.push_str("\n\n");
        text.push_str(after.trim_matches('\n'));
        text.push('\n');
    }
    for function in functions {
        text.push_str("\n\n");
        text.push_str(&function);
    }
    text
}

/// The imports of a line, a name each: the line, the name that it binds, and what that stands for.
fn each(line: &str) -> Vec<(String, String, String)> {
    if let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        let one = |name: &str| {
            let (own, bound) = name.split_once(" as ").unwrap_or((name, name));
            (
                format!("from {module} import {name}"),
                bound.to_owned(),
                format!("{module}:{own}"),
            )
        };
        return names.map(one).collect();
    }
    let Some(module) = line.strip_prefix("import ").map(str::trim) else {
        return Vec::new();
    };
    let (from, name) = match module.split_once(" as ") {
        Some((module, name)) => (module, name),
        None => {
            let top = module.split('.').next().unwrap_or(module);
            (top, top)
        }
    };
    vec![(line.to_owned(), name.to_owned(), from.to_owned())]
}

/// Names that an import binds, and what they stand for.
pub fn bound(line: &str) -> impl Iterator<Item = (String, String)> {
    each(line).into_iter().map(|(_, name, from)| (name, from))
}

/// Names of the top level of some code.
pub fn defined(code: &str) -> impl Iterator<Item = &str> {
    code.lines().filter_map(|line| {
        let word = ["def ", "class ", "async def "]
            .iter()
            .find_map(|word| line.strip_prefix(word));
        let name = word.or_else(|| line.split_once(" = ").map(|(name, _)| name))?;
        name.split(['(', ':', ' ']).next().filter(|name| !name.is_empty())
    })
}

/// Whether a file has a test of this name.
pub fn has(existing: &str, name: &str) -> bool {
    existing.lines().any(|line| line.starts_with(&format!("def {name}(")))
}

/// A test as a function, ended by a newline, with imports of its own for names that mean something else in its file.
fn function(test: &Named, imports: &[String], style: Style) -> String {
    let header = format!("def {}({}):", test.name, test.text.fixtures.join(", "));
    let mut lines = laid_out(&header, 0, style);
    if !test.comment.is_empty() {
        let room = style.width.saturating_sub(6);
        lines.extend(
            folded(&test.comment, room)
                .into_iter()
                .map(|line| format!("    # {line}")),
        );
    }
    lines.extend(imports.iter().map(|line| format!("    {line}")));
    lines.extend(imports.first().map(|_| String::new()));
    lines.extend(
        test.text
            .body
            .iter()
            .flat_map(|statement| laid_out(statement, 4, style)),
    );
    lines.join("\n") + "\n"
}

/// Words in lines of at most `room` characters.
fn folded(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is one");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > room {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// What stands before the imports at the top of a file, the imports, and the rest.
fn parts(text: &str) -> (String, Vec<String>, String) {
    let (mut before, mut imports, mut after) = (String::new(), Vec::new(), String::new());
    let mut lines = text.lines();
    let mut ended = false;
    while let Some(line) = lines.next() {
        let is_import = line.starts_with("import ") || line.starts_with("from ");
        if is_import && !ended {
            let mut whole = line.to_owned();
            while whole.contains('(') && !whole.contains(')') {
                let Some(next) = lines.next() else { break };
                whole.push_str(next.trim());
            }
            imports.push(whole.replace(['(', ')'], "").trim_end_matches(',').to_owned());
        } else if imports.is_empty() && !ended && !line.starts_with("def ") && !line.starts_with('@') {
            before.push_str(line);
            before.push('\n');
        } else if !line.trim().is_empty() || ended {
            ended = true;
            after.push_str(line);
            after.push('\n');
        }
    }
    (before, imports, after)
}

#[derive(Default)]
struct Imports {
    plain: BTreeSet<String>,
    from: BTreeMap<String, BTreeSet<String>>,
}

impl Imports {
    fn add(&mut self, line: &str) {
        if let Some((module, names)) = line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
            let names = names.split(',').map(|name| name.trim().to_owned());
            self.from
                .entry(module.to_owned())
                .or_default()
                .extend(names.filter(|name| !name.is_empty()));
        } else if let Some(module) = line.strip_prefix("import ") {
            self.plain.insert(module.trim().to_owned());
        }
    }

    /// The library's, those of others, the project's own, a blank line between them.
    fn text(&self, style: Style, is_own: &dyn Fn(&str) -> bool) -> String {
        let group = |module: &str| {
            let top = module.split(['.', ' ']).next().unwrap_or(module);
            match top {
                "__future__" => 0,
                // Those beside the file come last, as isort has them.
                "" => 4,
                _ if LIBRARY.contains(&top) => 1,
                _ if !is_own(top) => 2,
                _ => 3,
            }
        };
        let mut groups: [Vec<String>; 5] = Default::default();
        for module in &self.plain {
            groups[group(module)].push(format!("import {module}"));
        }
        for (module, names) in &self.from {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let line = format!("from {module} import {}", names.join(", "));
            groups[group(module)].push(if line.len() <= style.width {
                line
            } else {
                format!("from {module} import (\n    {},\n)", names.join(",\n    "))
            });
        }
        let groups: Vec<String> = groups
            .iter()
            .filter(|group| !group.is_empty())
            .map(|group| group.join("\n") + "\n")
            .collect();
        groups.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(name: &str, imports: &[&str]) -> Named {
        Named {
            name: name.to_owned(),
            comment: "Was 5.".to_owned(),
            text: TestText {
                imports: imports.iter().map(|line| (*line).to_owned()).collect(),
                fixtures: vec![],
                body: vec!["assert f('a') == 5".to_owned()],
            },
        }
    }

    #[test]
    fn a_file_is_made_and_added_to_and_a_test_is_in_it_once() {
        let own = |top: &str| top == "cart";
        let style = Style::default();
        let first = test("test_a", &["from cart.delivery import f", "import pytest"]);
        let made = with(None, std::slice::from_ref(&first), style, &own);
        assert_eq!(
            made,
            "\"\"\"Behaviour that was kept, by example.\"\"\"\n\nimport pytest\n\nfrom cart.delivery import f\n\n\ndef test_a():\n    # Was 5.\n    assert f(\"a\") == 5\n"
        );
        let second = test("test_b", &["import datetime", "from cart.delivery import Item, f"]);
        let added = with(Some(&made), &[first, second], style, &own);
        assert_eq!(
            added,
            "\"\"\"Behaviour that was kept, by example.\"\"\"\n\nimport datetime\n\nimport pytest\n\nfrom cart.delivery import Item, f\n\n\ndef test_a():\n    # Was 5.\n    assert f(\"a\") == 5\n\n\ndef test_b():\n    # Was 5.\n    assert f(\"a\") == 5\n"
        );
    }

    #[test]
    fn a_name_that_means_something_else_in_the_file_is_imported_where_it_is_used() {
        let first = test("test_a", &["from cart import Item, f", "import shop.parts"]);
        let made = with(None, &[first], Style::default(), &|_| true);
        let second = test(
            "test_b",
            &["from stock import Item, g", "import shop.rooms", "from x import test_a"],
        );
        let added = with(Some(&made), &[second], Style::default(), &|_| true);
        assert_eq!(
            added,
            "\"\"\"Behaviour that was kept, by example.\"\"\"\n\nimport shop.parts\nimport shop.rooms\nfrom cart import Item, f\nfrom stock import g\n\n\ndef test_a():\n    # Was 5.\n    assert f(\"a\") == 5\n\n\ndef test_b():\n    # Was 5.\n    from stock import Item\n    from x import test_a\n\n    assert f(\"a\") == 5\n"
        );
    }

    #[test]
    fn what_a_person_wrote_stays() {
        let theirs =
            "# ours\nfrom a import (\n    b,\n    c,\n)\n\nX = 1\n\n\n@mark\ndef test_x():\n    import y\n    pass\n";
        let text = with(
            Some(theirs),
            &[test("test_a", &["from a import d"])],
            Style::default(),
            &|_| true,
        );
        assert!(text.starts_with("# ours\nfrom a import b, c, d\n\n\nX = 1\n\n\n@mark\ndef test_x():\n    import y\n    pass\n\n\ndef test_a():"), "{text}");
    }
}
