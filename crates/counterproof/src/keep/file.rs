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
    new.iter()
        .flat_map(|test| &test.text.imports)
        .for_each(|line| all.add(line));
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
    for test in new {
        text.push_str("\n\n");
        text.push_str(&function(test, style));
    }
    text
}

/// Whether a file has a test of this name.
pub fn has(existing: &str, name: &str) -> bool {
    existing.lines().any(|line| line.starts_with(&format!("def {name}(")))
}

/// A test as a function, ended by a newline.
pub fn function(test: &Named, style: Style) -> String {
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
