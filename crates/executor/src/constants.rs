//! Changed constants by their names: what unchanged code goes by where it takes another way.

use std::ops::Range;

use crate::cause::{LineMap, Maps};

/// The changed line of a constant of a module or a class that `condition`, a line of the file `path`, mentions: its file
/// and number in head.
pub(crate) fn mentioned(condition: &str, path: &str, maps: &Maps) -> Option<(String, u32)> {
    let own = maps.get(path)?;
    names(condition).into_iter().find_map(|(name, is_attribute)| {
        if let Some(line) = changed(own, name, is_attribute) {
            return Some((path.to_owned(), line));
        }
        let defined = !is_attribute && statement(own.head(), name, false).is_some();
        if defined || !imports(own, name) && !is_attribute {
            return None;
        }
        let mut others: Vec<(&String, u32)> = maps
            .iter()
            .filter(|(other, _)| other.as_str() != path)
            .filter_map(|(other, map)| {
                let level = changed(map, name, false).filter(|_| imports(own, name));
                Some((other, level.or_else(|| changed(map, name, is_attribute))?))
            })
            .collect();
        // Several of one name: which is meant is not known.
        let (other, line) = others.pop()?;
        others.is_empty().then(|| (other.clone(), line))
    })
}

/// The names in a line, and whether something stands before them that they belong to: `LIMIT`, `self.LIMIT`.
fn names(line: &str) -> Vec<(&str, bool)> {
    let is_part = |c: char| c == '_' || c.is_alphanumeric();
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        match start {
            None if is_part(c) => start = Some(at),
            Some(from) if !is_part(c) => {
                found.push((&line[from..at], line[..from].ends_with('.')));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Whether some `import` of head's file holds the name.
fn imports(map: &LineMap, name: &str) -> bool {
    let mut within = false;
    map.head().iter().any(|line| {
        let text = line.trim_start();
        within = text.starts_with("from ") || text.starts_with("import ") || within;
        let holds = within && names(text).iter().any(|(found, _)| *found == name);
        within = within && (text.contains('(') || !text.is_empty() && line.starts_with(' ')) && !text.contains(')');
        holds
    })
}

/// Where a constant that both versions assign differs, in head.
fn changed(map: &LineMap, name: &str, in_class: bool) -> Option<u32> {
    let head = statement(map.head(), name, in_class)?;
    let base = statement(map.base(), name, in_class)?;
    let first = head.start as u32 + 1;
    let differs = map.head()[head.clone()] != map.base()[base];
    let mut lines = first..head.end as u32 + 1;
    differs.then(|| lines.find(|line| map.is_new(*line)).unwrap_or(first))
}

/// The lines, from 0, of the last assignment to a name at the level of the module, or of a class.
fn statement(lines: &[String], name: &str, in_class: bool) -> Option<Range<usize>> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let start = lines.iter().enumerate().rev().find_map(|(at, line)| {
        let level = indent(line);
        let rest = line[level..].strip_prefix(name)?.trim_start();
        let assigned = match rest.strip_prefix(':') {
            Some(annotated) => annotated.contains('='),
            None => rest.starts_with('=') && !rest.starts_with("=="),
        };
        let outer = || {
            lines[..at]
                .iter()
                .rev()
                .find(|above| !above.trim().is_empty() && indent(above) < level)
        };
        let right = match (level, in_class) {
            (0, false) => true,
            (1.., true) => outer().is_some_and(|above| above.trim_start().starts_with("class ")),
            _ => false,
        };
        (assigned && right).then_some(at)
    })?;
    let level = indent(&lines[start]);
    let goes_on = |line: &String| {
        line.trim().is_empty()
            || indent(line) > level
            || line.trim_start().starts_with([')', ']', '}'])
            || ["\"\"\"", "'''"]
                .iter()
                .any(|quotes| line.trim_start().starts_with(quotes))
    };
    let mut end = start + 1 + lines[start + 1..].iter().take_while(|line| goes_on(line)).count();
    while lines[end - 1].trim().is_empty() {
        end -= 1;
    }
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "\
from .other import (
    FAR,
)
LIMIT = 3
SAME = 1
PATTERN = re.compile(
    'a'
    'b',
)


class Box:
    LIMIT: int = 7

    def fits(self, n):
        SAME = 2
        return n < self.LIMIT
";

    #[test]
    fn the_changed_line_of_a_mentioned_constant_is_found() {
        let head = BASE
            .replace("LIMIT = 3", "LIMIT = 4")
            .replace("    'b'", "    'c'")
            .replace("int = 7", "int = 8")
            .replace("SAME = 2", "SAME = 3");
        let others = ("FAR = 1\nLIMIT = 1\n", "FAR = 2\nLIMIT = 2\n");
        let maps = Maps::from([
            ("a.py".to_owned(), LineMap::new(BASE, &head)),
            ("other.py".to_owned(), LineMap::new(others.0, others.1)),
        ]);
        for (condition, expected) in [
            ("if n < LIMIT:", Some(("a.py", 4))),
            ("if PATTERN.match(n):", Some(("a.py", 8))),
            ("if n < self.LIMIT:", Some(("a.py", 13))),
            ("if n < FAR:", Some(("other.py", 1))),
            ("if n < SAME:", None),
            ("if n < UNLIMITED:", None),
        ] {
            let found = mentioned(condition, "a.py", &maps);
            let found = found.as_ref().map(|(path, line)| (path.as_str(), *line));
            assert_eq!(found, expected, "{condition}");
        }
    }
}
