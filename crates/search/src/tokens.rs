//! The dictionary: values that the code or its runs showed to matter, by kind.

use std::collections::HashSet;

use model::Value;

use crate::digest::Digest;
use crate::random::Random;
use crate::shape::{Subject, Token};

const CAPACITY: usize = 1024;
const RECENT: usize = 24;
/// Seeds whose parts become tokens at most: recorded calls may be many.
const SEEDS: usize = 64;

/// Values of one kind, with those that matter more.
#[derive(Clone, Debug)]
pub(crate) struct Pool<T> {
    /// In order of arrival.
    pub all: Vec<T>,
    changed: Vec<usize>,
    hinted: Vec<usize>,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            changed: Vec::new(),
            hinted: Vec::new(),
        }
    }
}

impl<T> Pool<T> {
    fn add(&mut self, value: T, source: Source) {
        let index = self.all.len();
        if index >= CAPACITY {
            return;
        }
        self.all.push(value);
        match source {
            Source::Changed => self.changed.push(index),
            Source::Hint => self.hinted.push(index),
            Source::Code => {}
        }
    }

    /// One of them, those on changed lines and the latest hints more often.
    pub fn pick(&self, random: &mut Random) -> Option<&T> {
        let roll = random.below(100);
        let preferred = match roll {
            0..35 => random.pick(&self.changed),
            35..60 => random.pick(&self.hinted[self.hinted.len().saturating_sub(RECENT)..]),
            _ => None,
        };
        preferred
            .map(|index| &self.all[*index])
            .or_else(|| random.pick(&self.all))
    }

    /// All, those on changed lines first.
    pub fn ordered(&self) -> impl Iterator<Item = &T> {
        let rest = self
            .all
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.changed.contains(index))
            .map(|(_, value)| value);
        self.changed.iter().map(|index| &self.all[*index]).chain(rest)
    }
}

/// Where a value was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Code,
    Changed,
    Hint,
}

/// All values worth trying.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary {
    /// Integers.
    pub ints: Pool<i64>,
    /// Doubles.
    pub floats: Pool<f64>,
    /// Whole texts.
    pub texts: Pool<String>,
    /// Texts of at most three characters, to be joined.
    pub short: Pool<String>,
    /// Texts that could be names: keys of records, attributes.
    pub keys: Pool<String>,
    /// Byte strings.
    pub bytes: Pool<Vec<u8>>,
    /// Everything else: tuples, lists, symbols.
    pub others: Pool<Value>,
    /// The characters of all texts.
    pub letters: Vec<char>,
    seen: HashSet<u64>,
}

impl Dictionary {
    /// What the code holds: literals, then defaults, then the parts of inputs that were seen.
    pub fn new(subject: &Subject) -> Self {
        let tokens = &subject.tokens;
        let mut dictionary = Self::default();
        // Changed ones first: a value counts once, and standing on a changed line is what matters about it.
        for token in tokens.iter().filter(|token| token.changed) {
            dictionary.add(&token.value, Source::Changed);
        }
        for token in tokens {
            dictionary.add(&token.value, Source::Code);
        }
        let parameters = subject
            .parameters
            .iter()
            .chain(subject.classes.iter().flat_map(|class| &class.parameters));
        for default in parameters.filter_map(|parameter| parameter.default.as_ref()) {
            dictionary.add(default, Source::Code);
        }
        for value in subject.seeds.iter().take(SEEDS).flat_map(model::Input::values) {
            dictionary.add(value, Source::Code);
        }
        dictionary
    }

    /// Adds what a run showed to matter.
    pub fn hint(&mut self, value: &Value) {
        self.add(value, Source::Hint);
    }

    /// Adds what the code mentions, which was not known before.
    pub fn learn(&mut self, token: &Token) {
        let source = match token.changed {
            true => Source::Changed,
            false => Source::Code,
        };
        self.add(&token.value, source);
    }

    fn add(&mut self, value: &Value, source: Source) {
        if self.seen.len() > 8 * CAPACITY || !self.seen.insert(Digest::of(value)) {
            return;
        }
        match value {
            Value::Int(number) => self.ints.add(*number, source),
            Value::Float(number) => self.add_float(*number, source),
            Value::Str(text) => self.add_text(text, source),
            Value::Bytes(bytes) => self.add_bytes(bytes, source),
            Value::None | Value::Bool(_) | Value::Ellipsis | Value::Node(_) => {}
            whole if whole.has_nodes() => {}
            whole => {
                self.others.add(whole.clone(), source);
                whole.children().into_iter().for_each(|part| self.add(part, source));
            }
        }
    }

    fn add_float(&mut self, number: f64, source: Source) {
        self.floats.add(number, source);
        if number.trunc() == number && number.abs() < 1e15 {
            self.ints.add(number as i64, source);
        }
    }

    fn add_bytes(&mut self, bytes: &[u8], source: Source) {
        self.bytes.add(bytes.to_vec(), source);
        if let Ok(text) = std::str::from_utf8(bytes) {
            self.note_letters(text);
        }
    }

    fn add_text(&mut self, text: &str, source: Source) {
        self.note_letters(text);
        // A long text is prose or a template: its words say more than the whole.
        if text.len() <= 200 {
            self.texts.add(text.to_owned(), source);
        }
        if (1..=3).contains(&text.chars().count()) {
            self.short.add(text.to_owned(), source);
        }
        if is_name(text) {
            self.keys.add(text.to_owned(), source);
        } else {
            let words = text
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty());
            for word in words.take(12) {
                self.add(&Value::Str(word.to_owned()), source);
            }
        }
    }

    fn note_letters(&mut self, text: &str) {
        for letter in text.chars().take(64) {
            if self.letters.len() < 96 && !self.letters.contains(&letter) {
                self.letters.push(letter);
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 40 && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::shape::Token;

    fn token(value: Value, changed: bool) -> Token {
        Token { value, changed }
    }

    fn dictionary(tokens: Vec<Token>) -> Dictionary {
        Dictionary::new(&Subject {
            tokens,
            ..Subject::default()
        })
    }

    #[test]
    fn texts_are_taken_apart() {
        let dictionary = dictionary(vec![token(Value::Str("max-age=10; path".into()), false)]);
        assert!(dictionary.texts.all.contains(&"max-age=10; path".to_owned()));
        assert!(dictionary.keys.all.contains(&"path".to_owned()));
        assert!(dictionary.letters.contains(&'='));
    }

    #[test]
    fn changed_and_hinted_values_are_preferred() {
        let mut tokens: Vec<Token> = (0..50).map(|n| token(Value::Int(n), false)).collect();
        tokens.push(token(Value::Int(777), true));
        let mut dictionary = dictionary(tokens);
        dictionary.hint(&Value::Int(888));
        let mut random = Random::new(3);
        let picks: Vec<i64> = (0..1000)
            .filter_map(|_| dictionary.ints.pick(&mut random).copied())
            .collect();
        assert!(picks.iter().filter(|pick| **pick == 777).count() > 200);
        assert!(picks.iter().filter(|pick| **pick == 888).count() > 150);
        assert_eq!(dictionary.ints.ordered().next(), Some(&777));
    }

    #[test]
    fn the_same_value_counts_once() {
        let dictionary = dictionary(vec![token(Value::Int(1), false), token(Value::Int(1), true)]);
        assert_eq!(dictionary.ints.all, [1]);
    }
}
