//! Changes of texts and bytes.

use crate::make::{Maker, any_letter, invent_text};
use crate::technique::Technique;

const LONGEST: usize = 300;

impl Maker<'_> {
    /// Changes a text in one place.
    pub(crate) fn mutate_text(&mut self, text: &mut String) {
        let letters: Vec<char> = text.chars().collect();
        let changed = self.change_letters(&letters);
        *text = changed.into_iter().take(LONGEST).collect();
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
            0..18 => [head, &[any_letter(know, random)], &letters[at..]].concat(),
            18..30 => replaced(vec![]),
            30..40 => replaced(vec![any_letter(know, random)]),
            40..48 => [head, middle, middle, tail].concat(),
            48..54 => replaced(swap_case(middle)),
            54..72 if know.on(Technique::Literals) && !know.dictionary.texts.all.is_empty() => {
                let token = know
                    .dictionary
                    .texts
                    .pick(random)
                    .map_or("", String::as_str)
                    .chars()
                    .collect();
                replaced(token)
            }
            72..78 => replaced(middle.iter().rev().copied().collect()),
            78..83 => change_digit(letters, random.between(-1, 1)),
            83..87 => [tail, middle, head].concat(),
            87..91 => [letters, letters].concat(),
            91..94 => head.to_vec(),
            94..97 => tail.to_vec(),
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

fn swap_case(letters: &[char]) -> Vec<char> {
    let swap = |letter: &char| match letter {
        letter if letter.is_uppercase() => letter.to_lowercase().next().unwrap_or(*letter),
        letter => letter.to_uppercase().next().unwrap_or(*letter),
    };
    letters.iter().map(swap).collect()
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
