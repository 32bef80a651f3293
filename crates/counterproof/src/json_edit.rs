//! Edits of somebody's JSON file as byte ranges: all that is not edited stays as it is, to the byte. A text must have been found
//! valid before it comes here.

use std::ops::Range;

/// A member of an object or an element of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name of a member.
    pub key: Option<String>,
    /// All of it, its name included.
    pub whole: Range<usize>,
    /// Its value.
    pub value: Range<usize>,
}

/// Where the outermost value stands.
pub fn root(text: &str) -> Range<usize> {
    let start = blank(text, 0);
    start..end_of(text, start)
}

/// What an object or array holds, in order; of any other value, nothing.
pub fn parts(text: &str, container: &Range<usize>) -> Vec<Part> {
    let is_object = text[container.clone()].starts_with('{');
    let mut found = Vec::new();
    if !is_object && !text[container.clone()].starts_with('[') {
        return found;
    }
    let mut at = blank(text, container.start + 1);
    while at < container.end - 1 {
        let start = at;
        let mut key = None;
        if is_object {
            let end = end_of(text, at);
            key = serde_json::from_str(&text[at..end]).ok();
            at = blank(text, blank(text, end) + 1);
        }
        let value = at..end_of(text, at);
        let end = value.end;
        found.push(Part {
            key,
            whole: start..end,
            value,
        });
        at = blank(text, end);
        if text[at..].starts_with(',') {
            at = blank(text, at + 1);
        }
    }
    found
}

/// The value of a member; of several with one name the last, as readers of JSON take it.
pub fn member(text: &str, object: &Range<usize>, key: &str) -> Option<Range<usize>> {
    let mut parts = parts(text, object).into_iter().rev();
    parts
        .find(|part| part.key.as_deref() == Some(key))
        .map(|part| part.value)
}

/// The text with `new` as the last part of `container`, on lines of its own, indented as its surroundings are.
pub fn append(text: &str, container: &Range<usize>, new: &str) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let outer = indentation(text, container.start);
    let parts = parts(text, container);
    let own_line = parts.last().filter(|part| starts_its_line(text, part.whole.start));
    let inner = match own_line {
        Some(part) => indentation(text, part.whole.start).to_owned(),
        None => format!("{outer}{}", unit(text)),
    };
    let new = new.replace('\n', &format!("{newline}{inner}"));
    let (from, comma) = match parts.last() {
        Some(last) => (last.whole.end, ","),
        None => (container.start + 1, ""),
    };
    let rest = &text[from..container.end - 1];
    let close = if !parts.is_empty() && rest.contains('\n') {
        rest.to_owned()
    } else {
        format!("{newline}{outer}")
    };
    format!(
        "{}{comma}{newline}{inner}{new}{close}{}",
        &text[..from],
        &text[container.end - 1..]
    )
}

/// The text without the part at `index` of `container`.
pub fn remove(text: &str, container: &Range<usize>, index: usize) -> String {
    let parts = parts(text, container);
    let gone = match (index.checked_sub(1), parts.get(index + 1)) {
        (Some(before), _) => parts[before].whole.end..parts[index].whole.end,
        (None, Some(next)) => parts[index].whole.start..next.whole.start,
        (None, None) => container.start + 1..container.end - 1,
    };
    replace(text, &gone, "")
}

/// The text with `new` in the place of `range`.
pub fn replace(text: &str, range: &Range<usize>, new: &str) -> String {
    format!("{}{new}{}", &text[..range.start], &text[range.end..])
}

/// What one level is indented by in this text.
pub fn unit(text: &str) -> &str {
    let indented = |line: &&str| line.starts_with([' ', '\t']) && !line.trim().is_empty();
    text.lines()
        .find(indented)
        .map_or("  ", |line| &line[..line.len() - line.trim_start().len()])
}

fn blank(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n']).len()
}

/// Where the value ends that begins at `start`.
fn end_of(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut in_string) = (start, 0_usize, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if in_string => at += 1,
            b'"' => {
                in_string = !in_string;
                if !in_string && depth == 0 {
                    return at + 1;
                }
            }
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn indentation(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..at];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn starts_its_line(text: &str, at: usize) -> bool {
    let start = line_start(text, at);
    start > 0 && text[start..at].trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: &str = "{\n\t\"a\" : [1, \"x]},\\\"\", {\"b\":null}],\n\t\"hooks\": { },\n\t\"n\": 1.0e5\n}\n";

    #[test]
    fn parts_are_found_where_they_stand() {
        let root = root(ODD);
        let keys: Vec<_> = parts(ODD, &root).into_iter().filter_map(|part| part.key).collect();
        assert_eq!(keys, ["a", "hooks", "n"]);
        let array = member(ODD, &root, "a").expect("a member");
        let items: Vec<_> = parts(ODD, &array).into_iter().map(|part| &ODD[part.value]).collect();
        assert_eq!(items, ["1", "\"x]},\\\"\"", "{\"b\":null}"]);
        assert_eq!(member(ODD, &root, "n").map(|value| &ODD[value]), Some("1.0e5"));
        assert!(parts(ODD, &member(ODD, &root, "hooks").expect("a member")).is_empty());
    }

    #[test]
    fn an_addition_leaves_the_rest_and_a_removal_takes_it_back() {
        for text in [
            ODD,
            "{}",
            "{}\n",
            "{\"a\": 1}",
            "[ ]",
            "{\r\n    \"a\": {}\r\n}",
            "{\n  \"a\": 1 }",
        ] {
            let new = if text.starts_with('{') {
                "\"new\": {\n  \"b\": []\n}"
            } else {
                "{\n}"
            };
            let longer = append(text, &root(text), new);
            let _: serde_json::Value =
                serde_json::from_str(&longer).unwrap_or_else(|error| panic!("{error}: {longer}"));
            let at = parts(&longer, &root(&longer)).len() - 1;
            let back = remove(&longer, &root(&longer), at);
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("valid");
            assert_eq!(value(&back), value(text), "{longer}");
        }
        assert!(append(ODD, &root(ODD), "\"c\": 1").ends_with("\"n\": 1.0e5,\n\t\"c\": 1\n}\n"));
    }

    #[test]
    fn the_first_of_several_is_removed_with_its_comma() {
        assert_eq!(remove("[1, 2]", &(0..6), 0), "[2]");
        assert_eq!(remove("[1, 2]", &(0..6), 1), "[1]");
    }
}
