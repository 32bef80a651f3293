//! Texts: literals, what can be made of them, what the name suggests, what often matters.

use super::Maker;
use crate::dates;
use crate::knowledge::Knowledge;
use crate::names::Hint;
use crate::random::Random;
use crate::technique::Technique;

/// Texts that often matter, whatever they stand for.
const WELL_KNOWN: [&str; 62] = [
    "",
    " ",
    "a",
    "A",
    "0",
    "1",
    "-1",
    "1.5",
    "1e3",
    "abc",
    "Abc",
    "aB",
    "ab ab",
    "a b",
    " a",
    "a ",
    "a,b",
    "a=b",
    "a.b",
    "a/b",
    "/",
    ".",
    "..",
    "-",
    "_",
    "a-b",
    "a_b",
    "\n",
    "a\nb",
    "\t",
    "None",
    "true",
    "%s",
    "{}",
    "[]",
    "()",
    "\\",
    "'",
    "\"",
    "<a>",
    "é",
    "ß",
    "日本",
    "2024-02-29",
    // Letters that are composed, cased, numbered or as wide as others in their own way.
    "e\u{301}",
    "が",
    "Ё",
    "İ",
    "ﬁ",
    "²",
    "٣",
    "Ａ",
    "👍🏽",
    "\u{a0}",
    "\u{200d}",
    "\u{2028}",
    "\r\n",
    "\0",
    // Numbers as programs write them.
    "inf",
    "nan",
    "+1",
    "1_000",
];
/// Letters for texts about which nothing is known.
const LETTERS: &str = "ab01 -.,A";
/// What joins parts of texts.
const JOINTS: [&str; 10] = ["", "", " ", ",", ", ", "-", ".", "/", "=", "\n"];

impl Maker<'_> {
    /// A text.
    pub(super) fn text(&mut self) -> String {
        invent(self.know, &mut self.scratch.random, self.hint, self.scale)
    }
}

/// Invents a text of about `scale` characters or parts at most.
pub(crate) fn invent(know: &Knowledge, random: &mut Random, hint: Option<&'static Hint>, scale: usize) -> String {
    let suggestions = hint.map_or(&[][..], |hint| hint.texts);
    let has_tokens = know.on(Technique::Literals) && !know.dictionary.texts.all.is_empty();
    match random.below(100) {
        0..18 if !suggestions.is_empty() => pick(random, suggestions),
        0..32 if has_tokens => {
            let token = know.dictionary.texts.pick(random).map_or("", String::as_str);
            if random.percent(30) {
                return near(know, token, random);
            }
            let date = if dates::is_format(token) && random.percent(70) {
                dates::written(token, random)
            } else {
                None
            };
            date.unwrap_or_else(|| token.to_owned())
        }
        32..50 if has_tokens => joined(know, random, scale),
        50..66 if has_tokens => spelled(&know.dictionary.letters, random, scale),
        66..78 if know.on(Technique::WellKnown) => pick(random, &WELL_KNOWN),
        78..82 => number_text(random),
        82..85 if !suggestions.is_empty() => {
            let (first, second) = (pick(random, suggestions), invent(know, random, None, scale));
            first + pick(random, &JOINTS).as_str() + &second
        }
        _ => (0..random.below(scale + 1)).map(|_| letter(know, random)).collect(),
    }
}

fn pick(random: &mut Random, texts: &[&str]) -> String {
    random.pick(texts).map_or_else(String::new, |text| (*text).to_owned())
}

/// A text that is taken for another once it is stripped, folded or replaced in: with blanks around it, in another case, or grown
/// together with the beginning or the end of one more, as `&amp;lt;` is of `&amp;` and `&lt;`.
pub(crate) fn near(know: &Knowledge, token: &str, random: &mut Random) -> String {
    let other = know.dictionary.texts.pick(random).map_or("", String::as_str);
    match random.below(6) {
        0 => format!(" {token}"),
        1 => format!("{token}{}", if random.percent(50) { " " } else { "\n" }),
        2 if token.chars().any(char::is_lowercase) => token.to_uppercase(),
        2 => token.to_lowercase(),
        3 => {
            let mut letters = token.chars();
            letters.next_back();
            letters.as_str().to_owned() + other
        }
        _ => {
            let mut letters = other.chars();
            letters.next();
            token.to_owned() + letters.as_str()
        }
    }
}

/// Parts of literals, one after another: short ones close together, others with a joint between them.
fn joined(know: &Knowledge, random: &mut Random, scale: usize) -> String {
    let dictionary = &know.dictionary;
    let close = !dictionary.short.all.is_empty() && random.percent(60);
    let joint = if close {
        ""
    } else {
        random.pick(&JOINTS).copied().unwrap_or_default()
    };
    let count = 1 + random.below(scale.min(8));
    let mut text = String::new();
    for index in 0..count {
        if index > 0 {
            text.push_str(joint);
        }
        let pool = if close { &dictionary.short } else { &dictionary.texts };
        match pool.pick(random) {
            Some(part) if !random.percent(15) => text.push_str(part),
            _ => text.push(letter(know, random)),
        }
    }
    text
}

fn spelled(letters: &[char], random: &mut Random, scale: usize) -> String {
    // Few different letters in one text: repeats and neighbours matter more than variety.
    let some: Vec<char> = (0..1 + random.below(4))
        .filter_map(|_| random.pick(letters).copied())
        .collect();
    (0..1 + random.below(scale))
        .filter_map(|_| random.pick(&some).copied())
        .collect()
}

fn number_text(random: &mut Random) -> String {
    let number = random.between(-20, 120);
    match random.below(4) {
        0 => format!("{number}.{}", random.below(100)),
        1 => format!("{number:03}"),
        _ => number.to_string(),
    }
}

/// A letter of the literals, or one that is always worth trying.
pub(crate) fn letter(know: &Knowledge, random: &mut Random) -> char {
    let from_code = know.on(Technique::Literals) && random.percent(50);
    let known = if from_code {
        random.pick(&know.dictionary.letters)
    } else {
        None
    };
    known
        .copied()
        .unwrap_or_else(|| char::from(*random.pick(LETTERS.as_bytes()).unwrap_or(&b'a')))
}
