//! Examples in documentation: what docstrings, READMEs and pages show of how a project is used, as statements that can be read like those of a test.
//!
//! Taken are doctest examples (`>>> `) and blocks of code: fenced ones of Markdown, and those of reStructuredText (`.. code-block:: python`, `::`).

use std::ops::Range;

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use super::doctest;
use super::project::Parsed;

/// The module name of statements that stand in documentation: nothing can be imported from it.
pub(crate) const MODULE: &str = "<examples>";
/// A document is read so far, in bytes.
const LONGEST: usize = 1 << 20;
/// Languages of blocks that may be Python.
const PYTHON: [&str; 9] = [
    "", "python", "python3", "py", "py3", "pycon", "ipython", "default", "doctest",
];

/// Whether a file may show by example how the project is used.
pub fn is_document(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if folder.ends_with(".dist-info") || folder.ends_with(".egg-info") {
        return matches!(name, "METADATA" | "PKG-INFO");
    }
    let is_text = [".rst", ".md", ".txt"].iter().any(|end| name.ends_with(end));
    let in_docs = folder
        .split('/')
        .next()
        .is_some_and(|top| matches!(top, "doc" | "docs" | "documentation"));
    name.to_ascii_uppercase().starts_with("README") || is_text && in_docs
}

/// The examples of a file's docstrings, those of one docstring together.
pub(crate) fn of_file(parsed: &Parsed) -> Vec<Parsed> {
    if ![">>>", "::", "```"].iter().any(|sign| parsed.text.contains(sign)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    docstrings(&parsed.ast.body, &mut |text| found.extend(joined(&parsed.path, text)));
    found
}

/// The examples of a document.
pub(crate) fn of_document(path: &str, text: &str) -> Vec<Parsed> {
    let end = (0..=text.len().min(LONGEST))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    joined(path, &text[..end.unwrap_or(0)]).into_iter().collect()
}

fn docstrings(body: &[Stmt], found: &mut impl FnMut(&str)) {
    if let Some(Stmt::Expr(first)) = body.first()
        && let Expr::StringLiteral(text) = &*first.value
    {
        found(text.value.to_str());
    }
    for statement in body {
        match statement {
            Stmt::FunctionDef(def) => docstrings(&def.body, found),
            Stmt::ClassDef(def) => docstrings(&def.body, found),
            _ => {}
        }
    }
}

/// All statements of a text that are Python, as one source.
fn joined(path: &str, text: &str) -> Option<Parsed> {
    let mut source = String::new();
    for piece in pieces(text) {
        // What does not parse is output, another language or left open by dots; the rest of the text is not to suffer for it.
        let Ok(parsed) = ruff_python_parser::parse_module(&piece) else {
            continue;
        };
        for statement in &parsed.syntax().body {
            source.push_str(&piece[Range::<usize>::from(statement.range())]);
            source.push('\n');
        }
    }
    match source.is_empty() {
        true => None,
        false => Parsed::new(path, MODULE, source.into_bytes()).ok(),
    }
}

/// Pieces of a text that may be Python, in order: examples one by one, blocks as they are.
fn pieces(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        if line.trim_start().starts_with(">>>") {
            let end = end_of(&lines, at, |line| !line.trim().is_empty());
            found.extend(doctest::examples(&lines[at..end].join("\n")));
            at = end;
        } else if let Some((block, next)) = fenced(&lines, at).or_else(|| indented(&lines, at)) {
            let code = &lines[block];
            match code.iter().any(|line| line.trim_start().starts_with(">>>")) {
                true => found.extend(doctest::examples(&code.join("\n"))),
                false => found.push(dedented(code)),
            }
            at = next;
        } else {
            at += 1;
        }
    }
    found
}

fn end_of(lines: &[&str], from: usize, belongs: impl Fn(&str) -> bool) -> usize {
    let rest = lines[from..].iter().position(|line| !belongs(line));
    rest.map_or(lines.len(), |length| from + length)
}

/// The lines of the block that a fence in line `at` opens, none where it is of another language; and the line after it.
fn fenced(lines: &[&str], at: usize) -> Option<(Range<usize>, usize)> {
    let fence = lines[at].trim_start();
    let mark = ["```", "~~~"].into_iter().find(|mark| fence.starts_with(mark))?;
    let end = end_of(lines, at + 1, |line| !line.trim_start().starts_with(mark));
    let language = fence.trim_start_matches(['`', '~']).trim_start_matches('{');
    let language: &str = language.split(|letter: char| !letter.is_alphanumeric()).next()?;
    let is_python = PYTHON.contains(&language.to_ascii_lowercase().as_str());
    let start = if is_python { at + 1 } else { end };
    Some((start..end, end + 1))
}

/// The lines of the block that a directive, or a paragraph that ends with two colons, in line `at` announces; and the line after it.
fn indented(lines: &[&str], at: usize) -> Option<(Range<usize>, usize)> {
    let line = lines[at].trim();
    let directive = [".. code-block::", ".. code::", ".. sourcecode::"];
    let language = directive.into_iter().find_map(|start| line.strip_prefix(start));
    if language.is_none() && (!line.ends_with("::") || line.starts_with("..")) {
        return None;
    }
    if language.is_some_and(|language| !PYTHON.contains(&language.trim().to_ascii_lowercase().as_str())) {
        return None;
    }
    let depth = |line: &str| line.len() - line.trim_start().len();
    let outer = depth(lines[at]);
    let start = end_of(lines, at + 1, |line| {
        line.trim().is_empty() || depth(line) > outer && line.trim_start().starts_with(':')
    });
    let end = end_of(lines, start, |line| line.trim().is_empty() || depth(line) > outer);
    (start < end).then_some((start..end, end))
}

fn dedented(lines: &[&str]) -> String {
    let depth = |line: &&str| line.len() - line.trim_start().len();
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let least = filled.map(depth).min().unwrap_or(0);
    let cut = |line: &&str| line.get(least..).unwrap_or_default().to_owned();
    lines.iter().map(cut).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_by_name() {
        for path in ["README.md", "docs/usage.rst", "x-1.dist-info/METADATA", "pkg/README"] {
            assert!(is_document(path), "{path}");
        }
        for path in ["CHANGES.md", "docs/conf.py", "data/words.txt", "x-1.dist-info/RECORD"] {
            assert!(!is_document(path), "{path}");
        }
    }

    #[test]
    fn examples_and_blocks_are_taken_in_order() {
        let text = "Use it::\n\n    a = make(1)\n    a.go()\n\nor\n\n>>> b = make(2)\n>>> b\n<B>\n\n```python\nmake(3)\n```\n\n```sh\npip = 4\n```\n\n.. code-block:: python\n   :linenos:\n\n   make(5)\n\n.. code-block:: json\n\n   {\"no\": 1}\n\ntext: make(6)\n";
        let parsed = joined("README.rst", text).expect("some");
        assert_eq!(parsed.text, "a = make(1)\na.go()\nb = make(2)\nb\nmake(3)\nmake(5)\n");
        assert_eq!(parsed.module, MODULE);
    }

    #[test]
    fn what_is_no_python_takes_nothing_with_it() {
        let text = "```\nmake(1)\n```\n```\n$ pip install x\n```\n>>> make(2)\n>>> make(\n";
        assert_eq!(joined("a", text).expect("some").text, "make(1)\nmake(2)\n");
        assert!(joined("a", "Nothing here: at all").is_none());
    }

    #[test]
    fn docstrings_of_a_file_are_kept_apart() {
        let source =
            b"'''A.\n\n>>> f(1)\n'''\ndef f(x):\n    '''\n    >>> f(2)\n    3\n    '''\nclass C:\n    '''No.'''\n"
                .to_vec();
        let parsed = Parsed::new("m.py", "m", source).expect("parses");
        let texts: Vec<String> = of_file(&parsed).into_iter().map(|example| example.text).collect();
        assert_eq!(texts, ["f(1)\n", "f(2)\n"]);
    }
}
