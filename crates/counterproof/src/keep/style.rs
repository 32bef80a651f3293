//! How a project writes its tests: where they lie, what their files are called, and the style of its code.

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::overlay::listed;
use languages::python::print::Style;

/// Test files that are read for their quotes.
const READ: usize = 20;

/// Where a kept test goes, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file, relative to the top.
    pub path: String,
    /// The style of its code.
    pub style: Style,
}

/// Looks at the project at `root`.
pub fn of(root: &Utf8Path) -> Found {
    let files = files(root);
    let tests: Vec<&str> = files
        .iter()
        .map(String::as_str)
        .filter(|path| is_test_file(path))
        .collect();
    let texts = tests
        .iter()
        .take(READ)
        .filter_map(|path| std::fs::read_to_string(root.join(path)).ok());
    let texts: Vec<String> = texts.collect();
    let config = |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_default();
    let pyproject = config("pyproject.toml").parse().unwrap_or_default();
    let flake8 = ["setup.cfg", "tox.ini", ".flake8"].map(config);
    Found {
        path: place(&tests),
        style: Style {
            width: width(&pyproject, &flake8),
            double_quotes: double_quotes(&pyproject, &texts),
        },
    }
}

/// Python files that git knows.
fn files(root: &Utf8Path) -> Vec<String> {
    listed(root, &["--", "*.py"])
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_test_file(path: &str) -> bool {
    name(path).starts_with("test_") || name(path).ends_with("_test.py")
}

/// The folder that most test files lie in, and the name that goes with theirs.
fn place(tests: &[&str]) -> String {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for path in tests {
        *folders
            .entry(path.rsplit_once('/').map_or("", |(folder, _)| folder))
            .or_default() += 1;
    }
    // Of several, the one nearest to the top.
    let best = folders
        .iter()
        .max_by_key(|(folder, count)| (**count, std::cmp::Reverse(folder.len())));
    let folder = best.map_or("tests", |(folder, _)| *folder);
    let after = tests.iter().filter(|path| name(path).ends_with("_test.py")).count();
    let file = if after * 2 > tests.len() {
        "kept_test.py"
    } else {
        "test_kept.py"
    };
    if folder.is_empty() {
        file.to_owned()
    } else {
        format!("{folder}/{file}")
    }
}

fn width(pyproject: &toml::Table, flake8: &[String]) -> usize {
    let of_tool = |tool: &str| {
        let table = pyproject.get("tool")?.get(tool)?;
        table.get("line-length")?.as_integer()
    };
    let of_flake8 = flake8.iter().find_map(|text| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            let is_width = ["max-line-length", "max_line_length"].contains(&key.trim());
            is_width.then(|| value.trim().parse::<i64>().ok())?
        })
    });
    let said = of_tool("ruff").or_else(|| of_tool("black")).or(of_flake8);
    said.and_then(|width| usize::try_from(width).ok())
        .filter(|width| (40..=400).contains(width))
        .unwrap_or(Style::default().width)
}

fn double_quotes(pyproject: &toml::Table, texts: &[String]) -> bool {
    let tool = |name: &str| pyproject.get("tool").and_then(|tools| tools.get(name));
    let ruff = tool("ruff").and_then(|ruff| ruff.get("format")?.get("quote-style")?.as_str());
    if let Some(quotes) = ruff.filter(|quotes| *quotes != "preserve") {
        return quotes == "double";
    }
    let skips = tool("black").and_then(|black| black.get("skip-string-normalization")?.as_bool());
    if skips == Some(false) || (skips.is_none() && tool("black").is_some()) {
        return true;
    }
    let count = |quote: char| {
        texts
            .iter()
            .flat_map(|text| text.chars())
            .filter(|c| *c == quote)
            .count()
    };
    count('"') >= count('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_go_where_tests_are() {
        assert_eq!(place(&[]), "tests/test_kept.py");
        assert_eq!(place(&["test_a.py"]), "test_kept.py");
        assert_eq!(
            place(&["a/tests/test_b.py", "a/tests/test_c.py", "x/test_d.py"]),
            "a/tests/test_kept.py"
        );
        assert_eq!(place(&["t/a_test.py", "t/b_test.py"]), "t/kept_test.py");
    }

    #[test]
    fn style_is_what_the_project_says_else_what_it_does() {
        let table = |text: &str| text.parse::<toml::Table>().unwrap();
        assert_eq!(width(&table("[tool.black]\nline-length = 100\n"), &[]), 100);
        assert_eq!(width(&table(""), &["[flake8]\nmax-line-length = 79\n".to_owned()]), 79);
        assert_eq!(width(&table("[tool.ruff]\nline-length = 'x'\n"), &[]), 88);
        let single = ["x = 'a'\ny = 'b'\nz = \"c\"\n".to_owned()];
        assert!(!double_quotes(&table(""), &single));
        assert!(double_quotes(&table("[tool.black]\n"), &single));
        assert!(!double_quotes(
            &table("[tool.black]\nskip-string-normalization = true\n"),
            &single
        ));
        assert!(!double_quotes(
            &table("[tool.ruff.format]\nquote-style = 'single'\n"),
            &[]
        ));
    }
}
