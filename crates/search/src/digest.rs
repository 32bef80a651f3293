//! A quick, well-mixed hash that is the same in every run: inputs are told apart by it.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use model::Input;

const FACTOR: u64 = 0x9fb2_1c65_1e98_df25;

/// Folds every word into 64 bits by a full multiplication.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Digest(u64);

impl Digest {
    /// The hash of anything.
    pub fn of<T: Hash + ?Sized>(value: &T) -> u64 {
        let mut digest = Self(0x51_7c_c1_b7_27_22_0a_95);
        value.hash(&mut digest);
        digest.finish()
    }

    fn fold(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(FACTOR);
        self.0 = (product as u64) ^ ((product >> 64) as u64).rotate_left(29) ^ word.rotate_left(13);
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        let mut last = *self;
        last.fold(FACTOR);
        last.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.fold(u64::from_le_bytes(chunk.try_into().unwrap_or_default()));
        }
        let mut last = [0; 8];
        last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
        self.fold(u64::from_le_bytes(last) ^ ((bytes.len() as u64) << 56));
    }

    fn write_u8(&mut self, value: u8) {
        self.fold(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.fold(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.fold(value);
    }

    fn write_i64(&mut self, value: i64) {
        self.fold(value as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.fold(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.fold(value as u64);
    }
}

/// Takes a hash as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes
            .iter()
            .fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// What was seen already, by hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(HashSet<u64, BuildHasherDefault<AsItIs>>);

impl Seen {
    /// Notes an input; false where it was seen before.
    pub fn note(&mut self, input: &Input) -> bool {
        self.0.insert(Digest::of(input))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Value;

    #[test]
    fn neighbours_do_not_collide() {
        let mut seen = HashSet::new();
        for a in -200..200i64 {
            for b in -200..200i64 {
                let pair = Value::List(vec![Value::Int(a), Value::List(vec![Value::Int(b)])]);
                assert!(seen.insert(Digest::of(&pair)));
            }
        }
        for text in ["", "\0", "\0\0", "a", "a\0", "aaaaaaaa", "aaaaaaaa\0"] {
            assert!(seen.insert(Digest::of(&Value::Str(text.into()))));
        }
    }
}
