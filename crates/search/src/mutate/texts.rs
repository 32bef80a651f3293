//! Changes of texts and bytes.

use std::ops::Range;

use crate::knowledge::Knowledge;
use crate::make::{Maker, any_letter, invent_text, near_text};
use crate::random::Random;
use crate::technique::Technique;

/// Texts that changes make longer are cut here; one that was longer may grow by a few words.
const LONGEST: usize = 300;
/// Texts that were longer are cut here.
const LONGEST_GROWN: usize = 4000;
/// How often, in a hundred, a text of several lines is changed by whole lines.
const BY_LINES: u32 = 35;
/// How often another text becomes one of several lines.
const TO_LINES: u32 = 2;

impl Maker<'_> {
    /// Changes a text in one place.
    pub(crate) fn mutate_text(&mut self, text: &mut String) {
        let percent = if text.contains('\n') { BY_LINES } else { TO_LINES };
        if self.scratch.random.percent(percent) {
            let changed = self.change_lines(text);
            *text = changed.chars().take(longest(text.chars().count())).collect();
            return;
        }
        let letters: Vec<char> = text.chars().collect();
        let changed = self.change_letters(&letters);
        *text = changed.into_iter().take(longest(letters.len())).collect();
    }

    /// Changes a text by whole lines, as what reads it line by line does: one more, one less, one elsewhere.
    fn change_lines(&mut self, text: &str) -> String {
        let know = self.know;
        let random = &mut self.scratch.random;
        let mut lines: Vec<&str> = text.split('\n').collect();
        let at = random.below(lines.len());
        let known = || know.on(Technique::Literals).then_some(&know.dictionary.texts);
        let told = |random: &mut Random| known().and_then(|texts| texts.pick(random)).map_or("", String::as_str);
        let shifted;
        match random.below(10) {
            0..3 => lines.insert(at, told(random)),
            3 => lines[at] = told(random),
            // A line of another text.
            4 => {
                let donor: Vec<&str> = told(random).split('\n').collect();
                lines.insert(at, donor[random.below(donor.len())]);
            }
            5 if lines.len() > 1 => drop(lines.remove(at)),
            6 => lines.insert(at, lines[random.below(lines.len())]),
            7 => {
                let other = random.below(lines.len());
                lines.swap(at, other);
            }
            8 => {
                let line = lines[at];
                shifted = match random.below(3) {
                    0 => line.trim_start().to_owned(),
                    1 => format!("  {line}"),
                    _ => format!("    {line}"),
                };
                lines[at] = &shifted;
            }
            _ => lines.insert(at, ""),
        }
        lines.join("\n")
    }

    /// Makes of a text one that might be taken for it: in another case, with other joints, with one letter changed.
    pub(crate) fn vary_text(&mut self, text: &mut String) {
        let know = self.know;
        let random = &mut self.scratch.random;
        let mut letters: Vec<char> = text.chars().collect();
        match random.below(5) {
            0 => letters = in_one_case(&letters, random.below(4)),
            1 => letters = exchange_joints(&letters, random),
            2 => {
                let at = random.below(letters.len() + 1);
                letters.insert(at, any_letter(know, random));
            }
            3 if !letters.is_empty() => {
                let at = random.below(letters.len());
                let letter = letters[at];
                letters[at] = if random.percent(50) {
                    swap_case(&[letter])[0]
                } else {
                    any_letter(know, random)
                };
            }
            _ => return self.mutate_text(text),
        }
        let most = longest(text.chars().count());
        *text = letters.into_iter().take(most).collect();
    }

    fn change_letters(&mut self, letters: &[char]) -> Vec<char> {
        let know = self.know;
        let scale = self.scale;
        let random = &mut self.scratch.random;
        let at = random.below(letters.len() + 1);
        let to = at + random.below((letters.len() - at).min(6) + 1);
        let (head, middle, tail) = (&letters[..at], &letters[at..to], &letters[to..]);
        let replaced = |with: Vec<char>| [head, &with, tail].concat();
        match random.below(100) {
            0..17 => [head, &[any_letter(know, random)], &letters[at..]].concat(),
            17..28 => replaced(vec![]),
            28..37 => replaced(vec![any_letter(know, random)]),
            37..44 => [head, middle, middle, tail].concat(),
            // The beginning twice, as what strips a prefix once would leave it.
            44..47 => [&letters[..to], letters].concat(),
            47..51 => replaced(swap_case(middle)),
            51..54 => in_one_case(letters, random.below(4)),
            54..58 if know.on(Technique::Literals) && letters.len() > 3 => with_fragment(know, letters, random),
            54..70 if know.on(Technique::Literals) && !know.dictionary.texts.all.is_empty() => {
                let token = know.dictionary.texts.pick(random).map_or("", String::as_str);
                replaced(match random.percent(30) {
                    true => near_text(know, token, random).chars().collect(),
                    false => token.chars().collect(),
                })
            }
            70..74 => replaced(middle.iter().rev().copied().collect()),
            74..77 if letters.len() > 1 => {
                let mut swapped = letters.to_vec();
                swapped.swap(at.min(letters.len() - 1), random.below(letters.len()));
                swapped
            }
            77..79 => exchange_joints(letters, random),
            79..83 => change_digit(letters, random.between(-1, 1)),
            83..87 => [tail, middle, head].concat(),
            87..90 => [letters, letters].concat(),
            90..93 => head.to_vec(),
            93..96 => tail.to_vec(),
            _ => [
                head,
                &invent_text(know, random, None, scale).chars().collect::<Vec<_>>(),
                &letters[at..],
            ]
            .concat(),
        }
    }

    /// Changes bytes in one place.
    pub(super) fn mutate_bytes(&mut self, bytes: &mut Vec<u8>) {
        let know = self.know;
        let random = &mut self.scratch.random;
        let at = random.below(bytes.len() + 1);
        match random.below(8) {
            0 | 1 => bytes.insert(at, any_letter(know, random) as u8),
            2 | 3 if at < bytes.len() => drop(bytes.remove(at)),
            4 if at < bytes.len() => bytes[at] = random.bits() as u8,
            5 if at < bytes.len() => bytes[at] = bytes[at].wrapping_add(1),
            6 => bytes.truncate(at),
            _ => {
                let token = know.dictionary.bytes.pick(random).map_or(&[0][..], Vec::as_slice);
                bytes.splice(at..at, token.iter().copied());
            }
        }
        bytes.truncate(LONGEST);
    }
}

/// How many characters a changed text may have, for how many it had.
fn longest(before: usize) -> usize {
    if before <= LONGEST {
        LONGEST
    } else {
        (before + 60).min(LONGEST_GROWN.max(before))
    }
}

/// Puts some words of another text where some words of this one stand, so that what a grammar allows comes together anew.
fn with_fragment(know: &Knowledge, letters: &[char], random: &mut Random) -> Vec<char> {
    let donor: Vec<char> = know
        .dictionary
        .texts
        .pick(random)
        .map_or("", String::as_str)
        .chars()
        .collect();
    let (mine, theirs) = (words(letters), words(&donor));
    let mut some = |words: &[Range<usize>]| {
        let from = random.below(words.len() + 1);
        let to = (from + random.below(5)).min(words.len());
        match words.get(from..to) {
            Some([first, .., last]) => first.start..last.end,
            Some([only]) => only.clone(),
            _ => words.get(from).map_or_else(
                || words.last().map_or(0..0, |last| last.end..last.end),
                |at| at.start..at.start,
            ),
        }
    };
    let (place, fragment) = (some(&mine), some(&theirs));
    [&letters[..place.start], &donor[fragment], &letters[place.end..]].concat()
}

/// Where words stand, and each character between them.
fn words(letters: &[char]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    for (at, letter) in letters.iter().enumerate() {
        match found.last_mut() {
            Some(last) if is_word(*letter) && is_word(letters[last.start]) && last.end == at => last.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    found
}

fn swap_case(letters: &[char]) -> Vec<char> {
    let swap = |letter: &char| match letter {
        letter if letter.is_uppercase() => letter.to_lowercase().next().unwrap_or(*letter),
        letter => letter.to_uppercase().next().unwrap_or(*letter),
    };
    letters.iter().map(swap).collect()
}

/// All capitals, all small, the first one a capital, or every letter in its other case.
fn in_one_case(letters: &[char], how: usize) -> Vec<char> {
    let text: String = letters.iter().collect();
    let changed = match how {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        2 => match letters.split_first() {
            Some((first, rest)) => first.to_uppercase().chain(rest.iter().copied()).collect(),
            None => text,
        },
        _ => return swap_case(letters),
    };
    changed.chars().collect()
}

/// Puts another of the characters that join words where one stands: the first of them, or all.
fn exchange_joints(letters: &[char], random: &mut Random) -> Vec<char> {
    const JOINTS: [char; 8] = ['_', '-', '.', ' ', '/', ':', ',', '\''];
    let Some(from) = letters.iter().copied().find(|letter| JOINTS.contains(letter)) else {
        return letters.to_vec();
    };
    let to = random.pick(&JOINTS).copied().unwrap_or('-');
    let mut left = if random.percent(50) { 1 } else { letters.len() };
    let mut exchange = |letter: char| {
        let due = letter == from && left > 0;
        left -= usize::from(due);
        if due { to } else { letter }
    };
    letters.iter().map(|letter| exchange(*letter)).collect()
}

/// Counts the last digit up or down, or makes it a zero.
fn change_digit(letters: &[char], step: i64) -> Vec<char> {
    let mut letters = letters.to_vec();
    if let Some(letter) = letters.iter_mut().rev().find(|letter| letter.is_ascii_digit()) {
        let digit = i64::from(letter.to_digit(10).unwrap_or(0));
        let next = if step == 0 { 0 } else { (digit + step).rem_euclid(10) };
        *letter = char::from_digit(next as u32, 10).unwrap_or('0');
    } else {
        letters.push('0');
    }
    letters
}
