//! Why two runs part: the line or branch, told from the lines that both executed.

use std::collections::HashMap;

use imara_diff::{Algorithm, Diff, InternedInput};
use model::Place;

/// Which line of base is which line of head, for one file.
#[derive(Clone, Debug, Default)]
pub struct LineMap {
    to_head: HashMap<u32, u32>,
    to_base: HashMap<u32, u32>,
    base: Vec<String>,
    head: Vec<String>,
}

impl LineMap {
    /// Pairs the lines of two texts.
    pub fn new(base: &str, head: &str) -> Self {
        let input = InternedInput::new(base, head);
        let mut diff = Diff::compute(Algorithm::Histogram, &input);
        diff.postprocess_lines(&input);
        let mut map = Self {
            base: base.lines().map(str::to_owned).collect(),
            head: head.lines().map(str::to_owned).collect(),
            ..Self::default()
        };
        let (mut base_line, mut head_line) = (1, 1);
        for hunk in diff.hunks() {
            while base_line <= hunk.before.start {
                map.pair(base_line, head_line);
                base_line += 1;
                head_line += 1;
            }
            base_line = hunk.before.end + 1;
            head_line = hunk.after.end + 1;
        }
        while base_line as usize <= map.base.len() && head_line as usize <= map.head.len() {
            map.pair(base_line, head_line);
            base_line += 1;
            head_line += 1;
        }
        map
    }

    fn pair(&mut self, base: u32, head: u32) {
        self.to_head.insert(base, head);
        self.to_base.insert(head, base);
    }

    /// A line of base as it stands, empty beyond the end.
    pub fn base_line(&self, line: u32) -> &str {
        self.base.get((line as usize).wrapping_sub(1)).map_or("", String::as_str)
    }

    /// A line of head as it stands, empty beyond the end.
    pub fn head_line(&self, line: u32) -> &str {
        self.head.get((line as usize).wrapping_sub(1)).map_or("", String::as_str)
    }

    fn base_text(&self, line: u32) -> &str {
        self.base_line(line).trim()
    }

    fn head_text(&self, line: u32) -> &str {
        self.head_line(line).trim()
    }
}

/// The line maps of all files that were asked for, by path in head.
pub type Maps = HashMap<String, LineMap>;

/// The cause of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// In words.
    pub text: String,
    /// Where, in head where it has a place there.
    pub place: Option<Place>,
}

/// Tells the cause from the lines that both runs executed.
///
/// The first line that only one version has and that was executed is named; where the runs part in the lines that both have, that branch is named, too.
pub fn tell(base: &[Place], head: &[Place], maps: &Maps) -> Option<Cause> {
    let new_line = head.iter().position(|place| maps.get(&place.path).is_some_and(|map| !map.to_base.contains_key(&place.line)));
    let old_line = base.iter().position(|place| maps.get(&place.path).is_some_and(|map| !map.to_head.contains_key(&place.line)));
    let parting = parting(base, head, maps);
    match (new_line, old_line) {
        (Some(at), old) => {
            let place = &head[at];
            let map = maps.get(&place.path)?;
            let was = old.map(|old| &base[old]).filter(|old| old.path == place.path).map(|old| map.base_text(old.line));
            let text = match was {
                Some(was) if was != map.head_text(place.line) => {
                    format!("line {} is now `{}`, was `{}`", place.line, short(map.head_text(place.line)), short(was))
                }
                _ => format!("line {} is new: `{}`", place.line, short(map.head_text(place.line))),
            };
            let text = match parting {
                Some(branch) if branch.place.as_ref().is_some_and(|parted| parted.line != place.line) => format!("{text}; {}", branch.text),
                _ => text,
            };
            Some(Cause { text, place: Some(place.clone()) })
        }
        (None, Some(old)) => {
            let old = &base[old];
            let map = maps.get(&old.path)?;
            let text = format!("`{}` (line {} before) is gone", short(map.base_text(old.line)), old.line);
            let place = parting.and_then(|cause| cause.place).or_else(|| nearest(map, old));
            Some(Cause { text, place })
        }
        (None, None) => parting,
    }
}

/// The head line that stands where a line of base was.
fn nearest(map: &LineMap, old: &Place) -> Option<Place> {
    (1..=old.line).rev().find_map(|line| map.to_head.get(&line)).map(|line| Place { path: old.path.clone(), line: *line })
}

/// Where the two sequences of lines part, in lines of head.
fn parting(base: &[Place], head: &[Place], maps: &Maps) -> Option<Cause> {
    let mapped = |place: &Place| match maps.get(&place.path) {
        Some(map) => map.to_head.get(&place.line).copied(),
        None => Some(place.line),
    };
    let mut last: Option<&Place> = None;
    let mut pairs = base.iter().zip(head);
    for (old, new) in pairs.by_ref() {
        if old.path == new.path && mapped(old) == Some(new.line) {
            last = Some(new);
            continue;
        }
        let last = last?;
        let map = maps.get(&last.path);
        let condition = map.map_or("", |map| map.head_text(last.line));
        let then = format!("goes to line {}", new.line);
        return Some(Cause { text: format!("after line {} `{}` it now {then}", last.line, short(condition)), place: Some(last.clone()) });
    }
    if base.len() == head.len() {
        return None;
    }
    let last = last?;
    let map = maps.get(&last.path);
    let condition = map.map_or("", |map| map.head_text(last.line));
    let verb = if head.len() > base.len() { "goes on" } else { "ends" };
    Some(Cause { text: format!("after line {} `{}` it now {verb}", last.line, short(condition)), place: Some(last.clone()) })
}

fn short(line: &str) -> String {
    const LONGEST: usize = 72;
    if line.chars().count() <= LONGEST {
        return line.to_owned();
    }
    line.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(lines: &[u32]) -> Vec<Place> {
        lines.iter().map(|line| Place { path: "a.py".into(), line: *line }).collect()
    }

    #[test]
    fn names_the_changed_line_and_what_it_was() {
        let base = "def f(x):\n    if x > 3:\n        return 1\n    return 2\n";
        let head = "def f(x):\n    if x >= 3:\n        return 1\n    return 2\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(base, head))]);
        let cause = tell(&places(&[2, 4]), &places(&[2, 3]), &maps).expect("a cause");
        assert_eq!(cause.text, "line 2 is now `if x >= 3:`, was `if x > 3:`");
        assert_eq!(cause.place.map(|place| place.line), Some(2));
    }

    #[test]
    fn names_a_line_that_is_gone() {
        let base = "def f(x):\n    x = x + 1\n    return x\n";
        let head = "def f(x):\n    return x\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(base, head))]);
        let cause = tell(&places(&[2, 3]), &places(&[2]), &maps).expect("a cause");
        assert_eq!(cause.text, "`x = x + 1` (line 2 before) is gone");
    }

    #[test]
    fn names_the_branch_where_unchanged_code_parts() {
        let text = "def f(x):\n    if x > LIMIT:\n        return 1\n    return 2\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(text, text))]);
        let cause = tell(&places(&[2, 4]), &places(&[2, 3]), &maps).expect("a cause");
        assert_eq!(cause.text, "after line 2 `if x > LIMIT:` it now goes to line 3");
    }
}
