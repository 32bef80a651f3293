//! Texts that two patterns tell apart: samples of both, and changes of them by one or two characters.

use super::matches::{Outcome, groups, outcome};
use super::read::read;
use super::sample::{Chance, Sample, swapped};
use super::{Class, Member, Node, Pattern};

/// Texts that are looked at.
const MOST_TRIED: usize = 1500;
/// Texts on which matching takes too long, before no others are looked at.
const MOST_GIVEN_UP: usize = 100;
/// Samples of each pattern from which they are made.
const SAMPLES: u64 = 24;
/// Longer texts are not looked at.
const LONGEST: usize = 100;
/// Characters that often make a difference, whatever the patterns hold.
const OTHERS: [char; 12] = ['a', 'Z', '0', '9', '_', '-', '.', ' ', '\n', 'é', '٣', '\''];

/// Up to `count` texts of which `one` and `other` make something different, the shortest first; those that only one of them
/// matches before those that both match in different places.
pub(in super::super) fn differing(one: &Pattern, other: &Pattern, count: usize) -> Vec<String> {
    let (Some(one), Some(other)) = (read(one), read(other)) else {
        return Vec::new();
    };
    let numbers = [groups(&one), groups(&other)];
    let mut candidates = Candidates::new(&one, &other);
    let mut found: Vec<(u8, Vec<char>)> = Vec::new();
    let mut given_up = 0;
    for tried in 0..MOST_TRIED {
        let text = candidates.next(tried);
        if text.len() > LONGEST || found.iter().any(|(_, known)| *known == text) {
            continue;
        }
        let (Some(first), Some(second)) = (outcome(&one, numbers[0], &text), outcome(&other, numbers[1], &text)) else {
            given_up += 1;
            if given_up > MOST_GIVEN_UP {
                break;
            }
            continue;
        };
        if let Some(class) = difference(&first, &second, numbers[0] == numbers[1]) {
            found.push((class, text));
            if found.len() >= 16 * count {
                break;
            }
        }
    }
    // Some of each kind: which of them shows in a result depends on how the pattern is used.
    found.sort_by_key(|(_, text)| text.len());
    let mut taken = [0; 5];
    let mut rank = |class: u8| {
        taken[usize::from(class)] += 1;
        taken[usize::from(class)] - 1
    };
    let mut ranked: Vec<(usize, u8, String)> = found
        .into_iter()
        .map(|(class, text)| (rank(class), class, text.into_iter().collect()))
        .collect();
    ranked.sort();
    ranked.into_iter().take(count).map(|(.., text)| text).collect()
}

/// What kind of difference there is, if any.
fn difference(one: &Outcome, other: &Outcome, same_groups: bool) -> Option<u8> {
    match (one.found.is_some(), other.found.is_some()) {
        (true, false) => Some(0),
        (false, true) => Some(1),
        _ if one.full != other.full => Some(2 + u8::from(other.full)),
        _ if one.found != other.found || (same_groups && one.groups != other.groups) => Some(4),
        _ => None,
    }
}

struct Candidates {
    samples: Vec<Vec<char>>,
    /// Where ASCII counts in one pattern and not in the other: the samples with one character beyond it each.
    kindred: Vec<Vec<char>>,
    letters: Vec<char>,
    chance: Chance,
}

impl Candidates {
    fn new(one: &Node, other: &Node) -> Self {
        let samples: Vec<Vec<char>> = (0..SAMPLES)
            .flat_map(|variant| [one, other].map(|node| Sample::of(node, variant).chars().collect()))
            .collect();
        let mut letters = Vec::new();
        gather(one, &mut letters);
        gather(other, &mut letters);
        letters.extend(OTHERS);
        letters.sort_unstable();
        letters.dedup();
        Self {
            kindred: match ascii(one) == ascii(other) {
                true => Vec::new(),
                false => kindred(&samples),
            },
            samples,
            letters,
            chance: Chance::new(1),
        }
    }

    /// The samples as they are, then changes of them.
    fn next(&mut self, number: usize) -> Vec<char> {
        if let Some(sample) = self.samples.iter().chain(&self.kindred).nth(number) {
            return sample.clone();
        }
        let mut text = self.sample();
        for _ in 0..1 + self.chance.below(2) {
            self.change(&mut text);
        }
        text
    }

    fn sample(&mut self) -> Vec<char> {
        let index = self.chance.below(self.samples.len());
        self.samples[index].clone()
    }

    fn letter(&mut self) -> char {
        let index = self.chance.below(self.letters.len());
        self.letters[index]
    }

    fn change(&mut self, text: &mut Vec<char>) {
        let at = self.chance.below(text.len() + 1);
        let is_within = at < text.len();
        match self.chance.below(9) {
            0 if is_within => {
                text.remove(at);
            }
            1 if is_within => text.insert(at, text[at]),
            2 if is_within => text[at] = self.letter(),
            3 if is_within => text[at] = swapped(text[at]),
            4 if at + 1 < text.len() => text.swap(at, at + 1),
            5 => {
                // The beginning of one, the end of another.
                let other = self.sample();
                text.truncate(at);
                text.extend(&other[self.chance.below(other.len() + 1)..]);
            }
            6 => {
                let to = (at + 1 + self.chance.below(4)).min(text.len());
                let slice = text[at..to].to_vec();
                text.splice(at..at, slice);
            }
            7 if is_within => text[at] = kin(text[at]),
            _ => text.insert(at, self.letter()),
        }
    }
}

/// How many sets of characters are those of ASCII.
fn ascii(node: &Node) -> usize {
    match node {
        Node::Class(class) => usize::from(class.ascii),
        Node::All(all) | Node::Either(all) => all.iter().map(ascii).sum(),
        Node::Repeat { of, .. } | Node::Look { of, .. } | Node::Group(_, of) => ascii(of),
        Node::Back(_) | Node::At(_) => 0,
    }
}

/// The texts with each character in turn that has one, in the place of which stands its [`kin`].
fn kindred(samples: &[Vec<char>]) -> Vec<Vec<char>> {
    let mut found: Vec<Vec<char>> = Vec::new();
    for sample in samples {
        for (at, c) in sample.iter().enumerate() {
            let mut text = sample.clone();
            text[at] = kin(*c);
            if text[at] != *c && found.len() < MOST_TRIED / 2 && !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

/// A character beyond ASCII that some patterns take for this one.
fn kin(c: char) -> char {
    match c {
        's' | 'S' => 'ſ',
        'k' | 'K' => '\u{212a}',
        c if c.is_ascii_digit() => '٣',
        c if c.is_ascii_alphabetic() => 'é',
        c if c.is_ascii_whitespace() => '\u{2003}',
        c => c,
    }
}

/// The characters that a pattern names.
fn gather(node: &Node, letters: &mut Vec<char>) {
    match node {
        Node::Class(Class { examples, members, .. }) => {
            letters.extend(examples);
            letters.extend(members.iter().flat_map(|member| {
                match member {
                    Member::Between(from, to) => [Some(*from), Some(*to)],
                    Member::Kind(_) => [None, None],
                }
                .into_iter()
                .flatten()
            }));
        }
        Node::All(all) | Node::Either(all) => all.iter().for_each(|node| gather(node, letters)),
        Node::Repeat { of, .. } | Node::Look { of, .. } | Node::Group(_, of) => gather(of, letters),
        Node::Back(_) | Node::At(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::Flags;
    use super::*;

    fn differing(one: &str, other: &str) -> Vec<String> {
        let pattern = |text: &str| Pattern {
            text: text.to_owned(),
            flags: Flags::default(),
            bytes: false,
        };
        super::differing(&pattern(one), &pattern(other), 8)
    }

    #[test]
    fn finds_what_only_one_matches() {
        let found = differing(r"(?m)^.*?\n[=-]+[ ]*(\n|$)", r"(?m)^.*?\n(?:=+|-+)[ ]*(\n|$)");
        assert!(
            found.iter().any(|text| text.contains("=-") || text.contains("-=")),
            "{found:?}"
        );
        let found = differing(r"^\w+@\w+$", r"^\w+@\w+\Z");
        assert!(found.iter().any(|text| text.ends_with('\n')), "{found:?}");
        let found = differing(r"[a-z]{2,4}", r"[a-z]{2,5}");
        assert!(found.iter().any(|text| text.len() > 4), "{found:?}");
        let found = differing(r"(\d+)(\d*)", r"(\d+?)(\d*)");
        assert!(!found.is_empty());
    }

    #[test]
    fn finds_what_only_unicode_matches() {
        for (one, other) in [
            (r"(?i)x[0-9]+(?:post)?$", r"(?i)x[0-9]+(?a:post)?$"),
            (r"^\s*\d+\.\d+$", r"(?a)^\s*\d+\.\d+$"),
        ] {
            let found = differing(one, other);
            assert!(found.iter().any(|text| !text.is_ascii()), "{one}: {found:?}");
        }
    }

    #[test]
    fn finds_nothing_between_equals() {
        assert!(differing(r"[0-9]+x", r"[0-9][0-9]*x").is_empty());
    }
}
