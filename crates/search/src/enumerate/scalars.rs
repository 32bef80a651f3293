//! The smallest numbers and texts, with those that the code and the name suggest among the first.

use model::{Node, Value};

use super::small::{Lister, Piece, sequences};
use crate::technique::Technique;

const INTS: [i64; 16] = [0, 1, 2, -1, 3, 4, 5, 7, 10, -2, 8, 16, 100, 255, 256, 1000];
const FLOATS: [f64; 9] = [0.0, 1.0, 0.5, -1.0, 2.0, 1.5, 100.0, 1e9, f64::INFINITY];
const TEXTS: [&str; 9] = ["", "a", "ab", "b", "A", "0", " ", "a b", "12"];

impl Lister<'_> {
    pub(super) fn ints(&self, most: usize) -> Vec<i64> {
        let mut ints = INTS[..5].to_vec();
        let suggested = self.hint.map_or(&[][..], |hint| hint.ints);
        ints.extend(suggested.iter().take(4));
        if self.know.on(Technique::Literals) {
            let tokens = self.know.dictionary.ints.ordered().take(12 + most / 10);
            ints.extend(tokens.flat_map(|token| [*token, token.saturating_sub(1), token.saturating_add(1)]));
        }
        ints.extend(&INTS[5..]);
        if most > 64 {
            ints.extend((0..128).chain((1..63).map(|power| 1i64 << power)).chain((-9..0).rev()));
        }
        unique(ints)
    }

    pub(super) fn floats(&self) -> Vec<f64> {
        let mut floats = FLOATS[..4].to_vec();
        if self.know.on(Technique::Literals) {
            floats.extend(
                self.know
                    .dictionary
                    .floats
                    .ordered()
                    .take(12)
                    .flat_map(|token| [*token, token + 1.0]),
            );
            floats.extend(self.know.dictionary.ints.ordered().take(6).map(|token| *token as f64));
        }
        floats.extend(&FLOATS[4..]);
        let mut seen = Vec::new();
        floats.retain(|value| {
            !seen.contains(&value.to_bits()) && {
                seen.push(value.to_bits());
                true
            }
        });
        floats
    }

    pub(super) fn texts(&self, most: usize) -> Vec<String> {
        let owned = |text: &&str| (*text).to_owned();
        let mut texts: Vec<String> = TEXTS[..2].iter().map(owned).collect();
        texts.extend(self.hint.map_or(&[][..], |hint| hint.texts).iter().take(4).map(owned));
        if self.know.on(Technique::Literals) {
            texts.extend(self.know.dictionary.texts.ordered().take(10 + most / 10).cloned());
        }
        texts.extend(TEXTS[2..].iter().map(owned));
        if most > 64 {
            let letters: Vec<Piece> = self
                .parts()
                .into_iter()
                .map(|part| Piece::plain(Value::Str(part)))
                .collect();
            let spell = |(values, _): (Vec<Value>, Vec<Node>)| {
                values
                    .iter()
                    .map(|value| {
                        if let Value::Str(text) = value {
                            text.as_str()
                        } else {
                            ""
                        }
                    })
                    .collect::<String>()
            };
            texts.extend(sequences(&letters, most).into_iter().map(spell));
        }
        unique(texts)
    }

    /// What texts are put together from.
    fn parts(&self) -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        if self.know.on(Technique::Literals) {
            parts.extend(self.know.dictionary.short.ordered().take(10).cloned());
            parts.extend(self.know.dictionary.letters.iter().take(6).map(char::to_string));
        }
        parts.extend(["a", "b", "1", " "].map(str::to_owned));
        unique(parts)
    }
}

fn unique<T: PartialEq>(values: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(values.len());
    for value in values {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    kept
}
