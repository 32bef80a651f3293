//! Statements laid out as Black does, for code that is written into a project. Only what this crate prints is understood: simple
//! statements with brackets, strings and one comparison.
//!
//! Source: "The Black code style", <https://black.readthedocs.io/en/stable/the_black_code_style/current_style.html>.

/// How a project writes its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of a line.
    pub width: usize,
    /// Whether strings stand in double quotes where that needs no escape.
    pub double_quotes: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: 88,
            double_quotes: true,
        }
    }
}

/// A statement in lines, `indent` columns in.
pub fn laid_out(statement: &str, indent: usize, style: Style) -> Vec<String> {
    let own = statement.len() - statement.trim_start().len();
    let text = quoted(statement.trim_start(), style.double_quotes);
    let (prefix, rest) = keyword(&text);
    let (expression, suffix) = match rest.strip_suffix(':') {
        Some(inner) if prefix == "with " => (inner, ":"),
        _ => (rest, ""),
    };
    let mut lines = Vec::new();
    Layout {
        style,
        lines: &mut lines,
    }
    .put(indent + own, prefix, expression, suffix);
    lines
}

/// What stands before the expression of a statement.
fn keyword(text: &str) -> (&str, &str) {
    for word in ["assert ", "with ", "from ", "import "] {
        if text.starts_with(word) {
            return text.split_at(word.len());
        }
    }
    let marks = Mark::all(text);
    let assigned = marks
        .iter()
        .position(|mark| mark.depth == 0 && mark.is_code && text[mark.at..].starts_with(" = "));
    match assigned {
        Some(at) => text.split_at(marks[at].at + 3),
        None => ("", text),
    }
}

struct Layout<'l> {
    style: Style,
    lines: &'l mut Vec<String>,
}

impl Layout<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        self.lines.push(format!("{}{text}", " ".repeat(indent)));
    }

    fn fits(&self, indent: usize, text: &str) -> bool {
        indent + text.chars().count() <= self.style.width
    }

    /// Writes `prefix`, `expression` and `suffix`, in one line where they fit.
    fn put(&mut self, indent: usize, prefix: &str, expression: &str, suffix: &str) {
        let whole = format!("{prefix}{expression}{suffix}");
        if self.fits(indent, &whole) {
            return self.line(indent, &whole);
        }
        if let Some((open, close)) = last_brackets(expression).filter(|(open, close)| open + 1 < *close) {
            let head = format!("{prefix}{}", &expression[..=open]);
            let body = &expression[open + 1..close];
            let is_display = expression[..open].chars().next_back().is_none_or(|c| !is_callee(c));
            self.line(indent, &head);
            self.body(indent + 4, body, is_display);
            return self.line(indent, &format!("{}{suffix}", &expression[close..]));
        }
        match comparison(expression).filter(|_| prefix == "assert ") {
            Some((left, right)) => {
                self.line(indent, &format!("{prefix}("));
                if self.fits(indent + 4, expression) {
                    self.line(indent + 4, expression);
                } else {
                    self.put(indent + 4, "", left, "");
                    self.put(indent + 4, "", right, "");
                }
                self.line(indent, &format!("){suffix}"));
            }
            None => self.line(indent, &whole),
        }
    }

    /// What stands between brackets: arguments in one line where they fit, else an item a line with a comma behind each.
    fn body(&mut self, indent: usize, body: &str, is_display: bool) {
        let items = items(body);
        let several = items.len() > 1 || body.trim_end().ends_with(',');
        if self.fits(indent, body) && !(is_display && several) {
            return self.line(indent, body);
        }
        for item in &items {
            let comma = if several || !is_display { "," } else { "" };
            let (key, value) = keyed(item);
            self.put(indent, key, value, comma);
        }
    }
}

fn is_callee(c: char) -> bool {
    c.is_alphanumeric() || "_)]}\"'".contains(c)
}

/// A character of code or of a string, with the number of brackets around it.
struct Mark {
    at: usize,
    depth: usize,
    is_code: bool,
}

impl Mark {
    fn all(text: &str) -> Vec<Self> {
        let mut marks = Vec::with_capacity(text.len());
        let (mut depth, mut quote, mut escaped) = (0usize, None, false);
        for (at, c) in text.char_indices() {
            let is_code = quote.is_none();
            match quote {
                Some(_) if escaped => escaped = false,
                Some(_) if c == '\\' => escaped = true,
                Some(open) if c == open => quote = None,
                Some(_) => {}
                None if c == '"' || c == '\'' => quote = Some(c),
                None if ")]}".contains(c) => depth = depth.saturating_sub(1),
                None => {}
            }
            marks.push(Self { at, depth, is_code });
            if is_code && "([{".contains(c) {
                depth += 1;
            }
        }
        marks
    }
}

/// The brackets that an expression ends with.
fn last_brackets(text: &str) -> Option<(usize, usize)> {
    let close = text.len().checked_sub(1).filter(|_| text.ends_with([')', ']', '}']))?;
    let marks = Mark::all(text);
    let opens = |mark: &&Mark| mark.depth == 0 && mark.is_code && text[mark.at..].starts_with(['(', '[', '{']);
    let open = marks.iter().rev().find(opens)?.at;
    Some((open, close))
}

/// Both sides of a comparison, the operator with the right one.
fn comparison(text: &str) -> Option<(&str, &str)> {
    let marks = Mark::all(text);
    let operator = |mark: &&Mark| {
        mark.depth == 0 && mark.is_code && [" == ", " is "].iter().any(|op| text[mark.at..].starts_with(op))
    };
    let at = marks.iter().find(operator)?.at;
    Some((&text[..at], &text[at + 1..]))
}

/// What commas outside of brackets divide.
fn items(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for mark in Mark::all(text).iter().filter(|mark| mark.depth == 0 && mark.is_code) {
        if text[mark.at..].starts_with(',') {
            found.push(text[start..mark.at].trim());
            start = mark.at + 1;
        }
    }
    found.push(text[start..].trim());
    found.retain(|item| !item.is_empty());
    found
}

/// `key: ` or `name=` and what stands behind it.
fn keyed(item: &str) -> (&str, &str) {
    let marks = Mark::all(item);
    let ends = |mark: &Mark| {
        let rest = &item[mark.at..];
        let named = rest.starts_with('=') && item[..mark.at].chars().all(|c| c.is_alphanumeric() || c == '_');
        let length = if rest.starts_with(": ") {
            Some(2)
        } else {
            named.then_some(1)
        };
        length
            .filter(|_| mark.depth == 0 && mark.is_code)
            .map(|length| mark.at + length)
    };
    item.split_at(marks.iter().find_map(ends).unwrap_or(0))
}

/// Strings in double quotes, where they hold neither quote.
fn quoted(text: &str, double: bool) -> String {
    if !double {
        return text.to_owned();
    }
    let marks = Mark::all(text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < marks.len() {
        let here = &text[marks[at].at..];
        // The quote that opens a string is code, the one that closes it is none.
        if marks[at].is_code && here.starts_with('\'') {
            let end = (at + 1..marks.len()).find(|next| marks.get(next + 1).is_none_or(|mark| mark.is_code));
            let end = end.unwrap_or(marks.len() - 1);
            let content = &text[marks[at].at + 1..marks[end].at];
            if content.contains(['"', '\'']) {
                out.push_str(&text[marks[at].at..=marks[end].at]);
            } else {
                out.push_str(&format!("\"{content}\""));
            }
            at = end + 1;
        } else {
            out.extend(here.chars().next());
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(statement: &str, width: usize) -> String {
        let style = Style {
            width,
            double_quotes: true,
        };
        laid_out(statement, 4, style).join("\n")
    }

    #[test]
    fn what_fits_is_one_line_in_the_quotes_of_the_project() {
        assert_eq!(
            lines("assert f('a', \"it's\", b'\\x00', 'say \"x\"') == 'b\\n'", 88),
            "    assert f(\"a\", \"it's\", b\"\\x00\", 'say \"x\"') == \"b\\n\""
        );
        let single = Style {
            width: 9,
            double_quotes: false,
        };
        assert_eq!(laid_out("assert 'a'", 0, single), ["assert 'a'"]);
    }

    #[test]
    fn displays_are_split_item_by_item_and_arguments_stay_together() {
        assert_eq!(
            lines("assert f([1, 2]) == [100, 200, {'a': 1}]", 30),
            "    assert f([1, 2]) == [\n        100,\n        200,\n        {\"a\": 1},\n    ]"
        );
        assert_eq!(
            lines("result = some_function(1, 2, key=3)", 30),
            "    result = some_function(\n        1, 2, key=3\n    )"
        );
        assert_eq!(
            lines("result = f(first=[1, 2, 3], second=4444444)", 30),
            "    result = f(\n        first=[1, 2, 3],\n        second=4444444,\n    )"
        );
    }

    #[test]
    fn a_comparison_that_ends_in_no_bracket_is_put_in_parentheses() {
        assert_eq!(
            lines("assert function([1, 2, 3]) == 5", 32),
            "    assert (\n        function([1, 2, 3]) == 5\n    )"
        );
        assert_eq!(
            lines("assert function([1, 2, 3]) == 'abcdef'", 32),
            "    assert (\n        function([1, 2, 3])\n        == \"abcdef\"\n    )"
        );
    }

    #[test]
    fn what_cannot_be_split_stays() {
        let long = format!("assert {}", "x".repeat(60));
        assert_eq!(lines(&long, 30), format!("    {long}"));
        assert_eq!(lines("f()", 3), "    f()");
        assert_eq!(
            lines("with pytest.raises(ValueError) as raised:", 88),
            "    with pytest.raises(ValueError) as raised:"
        );
    }
}
