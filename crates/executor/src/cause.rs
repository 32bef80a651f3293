//! Why two runs part: the line or branch, told from the lines that both executed.

use std::collections::HashMap;

use imara_diff::{Algorithm, Diff, InternedInput};
use model::Place;

use crate::constants;

/// Which line of base is which line of head, for one file.
#[derive(Clone, Debug, Default)]
pub struct LineMap {
    to_head: HashMap<u32, u32>,
    to_base: HashMap<u32, u32>,
    /// Lines of head that stand where lines of base stood, by likeness.
    was: HashMap<u32, u32>,
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
            map.pair_alike(hunk.before.start + 1..base_line, hunk.after.start + 1..head_line);
        }
        while base_line as usize <= map.base.len() && head_line as usize <= map.head.len() {
            map.pair(base_line, head_line);
            base_line += 1;
            head_line += 1;
        }
        map
    }

    /// Lines that both have at another number: base's and head's.
    pub fn moved(&self) -> impl Iterator<Item = (u32, u32)> {
        self.to_head
            .iter()
            .map(|(base, head)| (*base, *head))
            .filter(|(base, head)| base != head)
    }

    fn pair(&mut self, base: u32, head: u32) {
        self.to_head.insert(base, head);
        self.to_base.insert(head, base);
    }

    /// Pairs each line of a replaced block with the likest one it replaces.
    fn pair_alike(&mut self, base: std::ops::Range<u32>, head: std::ops::Range<u32>) {
        if base.len().saturating_mul(head.len()) > 10_000 {
            return;
        }
        for line in head {
            let text = self.head_text(line).to_owned();
            let likest = base
                .clone()
                .map(|old| (likeness(self.base_text(old), &text), old))
                .max_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((likeness, old)) = likest
                && likeness >= 0.4
            {
                self.was.insert(line, old);
            }
        }
    }

    /// A line of base as it stands, empty beyond the end.
    pub fn base_line(&self, line: u32) -> &str {
        self.base
            .get((line as usize).wrapping_sub(1))
            .map_or("", String::as_str)
    }

    /// A line of head as it stands, empty beyond the end.
    pub fn head_line(&self, line: u32) -> &str {
        self.head
            .get((line as usize).wrapping_sub(1))
            .map_or("", String::as_str)
    }

    /// The lines of base.
    pub(crate) fn base(&self) -> &[String] {
        &self.base
    }

    /// The lines of head.
    pub(crate) fn head(&self) -> &[String] {
        &self.head
    }

    /// Lines of base that head does not have any more.
    pub(crate) fn gone(&self) -> impl Iterator<Item = &str> {
        let lines = self.base.iter().zip(1..);
        lines
            .filter(|(_, line)| !self.to_head.contains_key(line))
            .map(|(text, _)| text.as_str())
    }

    /// Whether a line of head is none of base.
    pub(crate) fn is_new(&self, line: u32) -> bool {
        !self.to_base.contains_key(&line)
    }

    /// How much a line of head says of what changed, among lines that run alike: less is more.
    fn new_says(&self, line: u32) -> u8 {
        let was = self.was.get(&line).map(|old| self.base_text(*old));
        says(self.head_text(line), was)
    }

    /// As [`LineMap::new_says`], of a line of base.
    fn old_says(&self, line: u32) -> u8 {
        let text = self.base_text(line);
        let is_kept = |(head, old): (&u32, &u32)| *old == line && self.head_text(*head) == text;
        says(text, self.was.iter().any(is_kept).then_some(text))
    }

    /// A new line of head in words, with what it was.
    fn told(&self, line: u32) -> String {
        let text = short(self.head_text(line));
        match self.was.get(&line).map(|old| short(self.base_text(*old))) {
            Some(was) if was != text => format!("line {line} is now `{text}`, was `{was}`"),
            _ => format!("line {line} is new: `{text}`"),
        }
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

/// What inputs on which the versions agree execute, against which a witness stands out.
#[derive(Clone, Debug, Default)]
pub struct Spectrum {
    base: HashMap<Place, u32>,
    head: HashMap<Place, u32>,
}

impl Spectrum {
    /// Counts the lines of one agreeing run.
    pub fn add(&mut self, base: &[Place], head: &[Place]) {
        for (trace, counts) in [(base, &mut self.base), (head, &mut self.head)] {
            let lines: std::collections::HashSet<&Place> = trace.iter().collect();
            lines
                .into_iter()
                .for_each(|place| *counts.entry(place.clone()).or_default() += 1);
        }
    }
}

/// Tells the cause of a difference from the lines that both versions executed.
///
/// Of the executed lines that only one version has, the one that agreeing inputs execute least is named (the ranking of
/// spectrum-based fault localisation: with one failing run, Ochiai's coefficient falls with the number of passing ones);
/// among equals the line that raised, then the first. Where both versions executed the same lines, the branch at which they part is named.
pub fn tell(
    base: &[Place],
    head: &[Place],
    raised_at: Option<&Place>,
    spectrum: &Spectrum,
    maps: &Maps,
) -> Option<Cause> {
    let map = |place: &Place| maps.get(&place.path);
    let only_head = |place: &Place| {
        let map = map(place)?;
        map.is_new(place.line).then(|| map.new_says(place.line))
    };
    let only_base = |place: &Place| {
        let map = map(place)?;
        (!map.to_head.contains_key(&place.line)).then(|| map.old_says(place.line))
    };
    let new = least(head, only_head, raised_at, &spectrum.head);
    let old = least(base, only_base, None, &spectrum.base);
    match (new, old) {
        // A line that is gone and that no agreeing input executes tells more than a new one that all execute.
        (Some((_, passes)), Some((old, old_passes)))
            if old_passes < passes && !map(old).is_some_and(|map| map.was.values().any(|line| *line == old.line)) =>
        {
            gone(old, base, maps)
        }
        (Some((new, _)), _) => Some(Cause {
            text: map(new)?.told(new.line),
            place: Some(new.clone()),
        }),
        (None, Some((old, _))) => gone(old, base, maps),
        (None, None) => parting(base, head, maps),
    }
}

/// How much a changed line says of a change: what stands only deeper than before, and what does nothing itself, says least.
fn says(text: &str, was: Option<&str>) -> u8 {
    let header = text.split('#').next().unwrap_or_default().trim_end();
    if ["try:", "else:", "finally:"].contains(&header) || was == Some(text) {
        return 2;
    }
    u8::from(text.starts_with("with ") || text.starts_with("async with "))
}

/// Of the executed lines that `says` says something of, the one that agreeing inputs execute least, with how many do; among
/// equals the one that says most.
fn least<'t>(
    trace: &'t [Place],
    says: impl Fn(&Place) -> Option<u8>,
    preferred: Option<&Place>,
    counts: &HashMap<Place, u32>,
) -> Option<(&'t Place, u32)> {
    let passes = |place: &Place| counts.get(place).copied().unwrap_or(0);
    trace
        .iter()
        .filter_map(|place| Some((place, says(place)?)))
        .min_by_key(|(place, says)| (passes(place), *says, preferred != Some(*place)))
        .map(|(place, _)| (place, passes(place)))
}

fn gone(old: &Place, base: &[Place], maps: &Maps) -> Option<Cause> {
    let map = maps.get(&old.path)?;
    let old = decided(old, base, map);
    if let Some(line) = map
        .was
        .iter()
        .filter(|(_, was)| **was == old.line)
        .map(|(line, _)| *line)
        .min()
    {
        return Some(Cause {
            text: map.told(line),
            place: Some(Place {
                path: old.path.clone(),
                line,
            }),
        });
    }
    let text = format!(
        "`{}` (line {} before) is gone",
        short(map.base_text(old.line)),
        old.line
    );
    Some(Cause {
        text,
        place: nearest(map, old),
    })
}

/// Where a branch with a changed condition led to a line that is gone: the condition.
fn decided<'t>(old: &'t Place, base: &'t [Place], map: &LineMap) -> &'t Place {
    let before = base
        .iter()
        .position(|place| place == old)
        .and_then(|at| base.get(at.checked_sub(1)?));
    let is_condition = |place: &&Place| {
        let text = map.base_text(place.line);
        let branches = ["if ", "if(", "elif ", "elif(", "while ", "while("].iter();
        let mut branches = branches.filter(|word| text.starts_with(**word));
        place.path == old.path && !map.to_head.contains_key(&place.line) && branches.next().is_some()
    };
    before.filter(is_condition).unwrap_or(old)
}

/// How alike two lines are: the share of characters in their common beginning and end.
fn likeness(a: &str, b: &str) -> f64 {
    let prefix = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let longest = a.len().min(b.len());
    let suffix = a
        .bytes()
        .rev()
        .zip(b.bytes().rev())
        .take_while(|(x, y)| x == y)
        .count()
        .min(longest - prefix);
    2.0 * (prefix + suffix) as f64 / (a.len() + b.len()).max(1) as f64
}

/// The head line that stands where a line of base was.
fn nearest(map: &LineMap, old: &Place) -> Option<Place> {
    (1..=old.line)
        .rev()
        .find_map(|line| map.to_head.get(&line))
        .map(|line| Place {
            path: old.path.clone(),
            line: *line,
        })
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
        if let Some((path, line)) = constants::mentioned(condition, &last.path, maps) {
            let mut told = maps.get(&path).map(|map| map.told(line))?;
            if path != last.path {
                told = format!("{told} ({path}:{line})");
            }
            return Some(Cause {
                text: format!("{told}, which decides at line {} `{}`", last.line, short(condition)),
                place: Some(Place { path, line }),
            });
        }
        let then = format!("goes to line {}", new.line);
        return Some(Cause {
            text: format!("after line {} `{}` it now {then}", last.line, short(condition)),
            place: Some(last.clone()),
        });
    }
    if base.len() == head.len() {
        return None;
    }
    let last = last?;
    let map = maps.get(&last.path);
    let condition = map.map_or("", |map| map.head_text(last.line));
    let verb = if head.len() > base.len() { "goes on" } else { "ends" };
    Some(Cause {
        text: format!("after line {} `{}` it now {verb}", last.line, short(condition)),
        place: Some(last.clone()),
    })
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
        lines
            .iter()
            .map(|line| Place {
                path: "a.py".into(),
                line: *line,
            })
            .collect()
    }

    #[test]
    fn names_the_changed_line_and_what_it_was() {
        let base = "def f(x):\n    if x > 3:\n        return 1\n    return 2\n";
        let head = "def f(x):\n    if x >= 3:\n        return 1\n    return 2\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(base, head))]);
        let cause = tell(&places(&[2, 4]), &places(&[2, 3]), None, &Spectrum::default(), &maps).expect("a cause");
        assert_eq!(cause.text, "line 2 is now `if x >= 3:`, was `if x > 3:`");
        assert_eq!(cause.place.map(|place| place.line), Some(2));
    }

    #[test]
    fn names_the_line_that_agreeing_inputs_do_not_execute() {
        let base = "def f(x):\n    y = x\n    if y > 3:\n        y += 1\n    return y\n";
        let head = "def f(x):\n    y = x + 0\n    if y > 3:\n        y -= 1\n    return y\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(base, head))]);
        let mut spectrum = Spectrum::default();
        spectrum.add(&places(&[2, 3, 5]), &places(&[2, 3, 5]));
        let cause = tell(&places(&[2, 3, 4, 5]), &places(&[2, 3, 4, 5]), None, &spectrum, &maps).expect("a cause");
        assert_eq!(cause.text, "line 4 is now `y -= 1`, was `y += 1`");
    }

    #[test]
    fn names_a_line_that_is_gone() {
        let base = "def f(x):\n    x = x + 1\n    return x\n";
        let head = "def f(x):\n    return x\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(base, head))]);
        let cause = tell(&places(&[2, 3]), &places(&[2]), None, &Spectrum::default(), &maps).expect("a cause");
        assert_eq!(cause.text, "`x = x + 1` (line 2 before) is gone");
    }

    #[test]
    fn names_no_header_that_does_nothing() {
        let base = "def f(x):\n    return low(x)\n";
        let head = "def f(x):\n    try:\n        return low(x.upper())\n    except E:\n        return x\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(base, head))]);
        let cause = tell(&places(&[2]), &places(&[2, 3]), None, &Spectrum::default(), &maps).expect("a cause");
        assert_eq!(cause.text, "line 3 is now `return low(x.upper())`, was `return low(x)`");
        // What is only deeper than before tells nothing either.
        let head = "def f(x):\n    with Mode(x):\n        return low(x)\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(base, head))]);
        let cause = tell(&places(&[2]), &places(&[2, 3]), None, &Spectrum::default(), &maps).expect("a cause");
        assert_eq!(cause.text, "line 2 is new: `with Mode(x):`");
    }

    #[test]
    fn names_the_changed_condition_that_led_to_what_is_gone() {
        let base = "def f(x, y):\n    if x and (\n        y\n    ):\n        return True\n    return False\n";
        let head = "def f(x, y):\n    if (\n        y\n    ):\n        return x\n    raise NeitherOfThem(y, x)\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(base, head))]);
        let mut spectrum = Spectrum::default();
        spectrum.add(&places(&[2, 3, 5]), &places(&[3, 6]));
        let cause = tell(&places(&[2, 6]), &places(&[3, 6]), None, &spectrum, &maps).expect("a cause");
        assert_eq!(cause.text, "line 2 is now `if (`, was `if x and (`");
        let head = base.replace("if x and (", "if z and (");
        let maps = Maps::from([(
            "a.py".to_owned(),
            LineMap::new(base, &head.replace("    return False\n", "")),
        )]);
        let cause = tell(&places(&[2, 6]), &places(&[3]), None, &spectrum, &maps).expect("a cause");
        assert_eq!(cause.text, "line 2 is now `if z and (`, was `if x and (`");
    }

    #[test]
    fn names_the_changed_constant_that_an_unchanged_condition_goes_by() {
        let text = "LIMIT = 3\n\n\ndef f(x):\n    if x > LIMIT:\n        return 1\n    return 2\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(text, &text.replace("= 3", "= 2")))]);
        let cause = tell(&places(&[5, 7]), &places(&[5, 6]), None, &Spectrum::default(), &maps).expect("a cause");
        assert_eq!(
            cause.text,
            "line 1 is now `LIMIT = 2`, was `LIMIT = 3`, which decides at line 5 `if x > LIMIT:`"
        );
        assert_eq!(cause.place.map(|place| place.line), Some(1));
    }

    #[test]
    fn names_the_branch_where_unchanged_code_parts() {
        let text = "def f(x):\n    if x > LIMIT:\n        return 1\n    return 2\n";
        let maps = Maps::from([("a.py".to_owned(), LineMap::new(text, text))]);
        let cause = tell(&places(&[2, 4]), &places(&[2, 3]), None, &Spectrum::default(), &maps).expect("a cause");
        assert_eq!(cause.text, "after line 2 `if x > LIMIT:` it now goes to line 3");
    }
}
