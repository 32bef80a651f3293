//! Byte strings.

use super::Maker;
use crate::technique::Technique;

impl Maker<'_> {
    /// Bytes: a literal, a text's bytes, or any.
    pub(super) fn bytes(&mut self) -> Vec<u8> {
        let know = self.know;
        let roll = self.scratch.random.below(100);
        let token = if roll < 35 && know.on(Technique::Literals) {
            know.dictionary.bytes.pick(&mut self.scratch.random)
        } else {
            None
        };
        match (token, roll) {
            (Some(token), _) => token.clone(),
            (None, 0..75) => self.text().into_bytes(),
            _ => {
                let random = &mut self.scratch.random;
                let length = random.below(self.scale + 1);
                (0..length).map(|_| random.bits() as u8).collect()
            }
        }
    }
}
