//! The subset of CPython's `marshal` format, version 2, that plain data needs.
//!
//! Source of the format: CPython `Python/marshal.c`. Version 2 has no references, so equal values give equal bytes.

use model::Observed;
use num_bigint::{BigInt, Sign};

/// Deepest nesting that is read; CPython itself stops at 2,000.
const MAX_DEPTH: usize = 500;
const DIGIT_BITS: u32 = 15;

/// Why bytes are not a marshalled plain value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to read a marshalled value at byte {at}: {what}")]
pub struct Malformed {
    /// Where.
    pub at: usize,
    /// What is wrong.
    pub what: &'static str,
}

/// Writes marshalled values one after another; containers are announced with their length, then their parts follow.
#[derive(Debug, Default)]
pub struct Writer {
    /// What has been written.
    pub bytes: Vec<u8>,
}

#[allow(missing_docs, reason = "one method for each type of the format")]
impl Writer {
    fn length(&mut self, length: usize) {
        // Frames are bounded at 64 MiB, so no part can be longer than 32 bits hold.
        self.bytes.extend_from_slice(&(length as u32).to_le_bytes());
    }

    pub fn none(&mut self) {
        self.bytes.push(b'N');
    }

    pub fn ellipsis(&mut self) {
        self.bytes.push(b'.');
    }

    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { b'T' } else { b'F' });
    }

    pub fn int(&mut self, value: i64) {
        if let Ok(small) = i32::try_from(value) {
            self.bytes.push(b'i');
            self.bytes.extend_from_slice(&small.to_le_bytes());
        } else {
            self.big_int(&BigInt::from(value));
        }
    }

    pub fn big_int(&mut self, value: &BigInt) {
        let (sign, bytes) = value.to_bytes_le();
        let digits = digits_of(&bytes);
        self.bytes.push(b'l');
        let count = digits.len() as i32;
        self.bytes
            .extend_from_slice(&(if sign == Sign::Minus { -count } else { count }).to_le_bytes());
        for digit in digits {
            self.bytes.extend_from_slice(&digit.to_le_bytes());
        }
    }

    pub fn float(&mut self, value: f64) {
        self.bytes.push(b'g');
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn complex(&mut self, real: f64, imaginary: f64) {
        self.bytes.push(b'y');
        self.bytes.extend_from_slice(&real.to_le_bytes());
        self.bytes.extend_from_slice(&imaginary.to_le_bytes());
    }

    pub fn str(&mut self, value: &str) {
        self.bytes.push(b'u');
        self.length(value.len());
        self.bytes.extend_from_slice(value.as_bytes());
    }

    pub fn raw_bytes(&mut self, value: &[u8]) {
        self.bytes.push(b's');
        self.length(value.len());
        self.bytes.extend_from_slice(value);
    }

    pub fn tuple(&mut self, length: usize) {
        self.bytes.push(b'(');
        self.length(length);
    }

    pub fn list(&mut self, length: usize) {
        self.bytes.push(b'[');
        self.length(length);
    }

    pub fn set(&mut self, length: usize) {
        self.bytes.push(b'<');
        self.length(length);
    }

    pub fn frozen_set(&mut self, length: usize) {
        self.bytes.push(b'>');
        self.length(length);
    }

    /// Starts a dictionary: keys and values follow in turn, then [`Writer::dict_end`].
    pub fn dict(&mut self) {
        self.bytes.push(b'{');
    }

    pub fn dict_end(&mut self) {
        self.bytes.push(b'0');
    }
}

/// 15-bit digits, lowest first and without leading zeros, of a little-endian magnitude.
fn digits_of(bytes: &[u8]) -> Vec<u16> {
    let mut digits = Vec::with_capacity(bytes.len() * 8 / DIGIT_BITS as usize + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held |= u32::from(*byte) << bits;
        bits += 8;
        if bits >= DIGIT_BITS {
            digits.push((held & 0x7fff) as u16);
            held >>= DIGIT_BITS;
            bits -= DIGIT_BITS;
        }
    }
    if held > 0 {
        digits.push(held as u16);
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits
}

/// Reads one value that takes up all of `bytes`.
///
/// # Errors
/// When the bytes are anything else than one plain value.
pub fn read(bytes: &[u8]) -> Result<Observed, Malformed> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value(0)?;
    if reader.at == bytes.len() {
        Ok(value)
    } else {
        Err(reader.malformed("bytes left over"))
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn malformed(&self, what: &'static str) -> Malformed {
        Malformed { at: self.at, what }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let end = self
            .at
            .checked_add(count)
            .filter(|end| *end <= self.bytes.len())
            .ok_or(self.malformed("it ends too early"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| self.malformed("it ends too early"))
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        let length = i32::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| self.malformed("a negative length"))
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Observed>, Malformed> {
        let length = self.length()?;
        // Every item takes at least one byte: a length beyond what is left is a lie, and must not allocate.
        if length > self.bytes.len() - self.at {
            return Err(self.malformed("a length beyond the end"));
        }
        (0..length).map(|_| self.value(depth + 1)).collect()
    }

    fn value(&mut self, depth: usize) -> Result<Observed, Malformed> {
        if depth > MAX_DEPTH {
            return Err(self.malformed("nested too deeply"));
        }
        Ok(match self.array::<1>()?[0] {
            b'N' => Observed::None,
            b'.' => Observed::Ellipsis,
            b'T' => Observed::Bool(true),
            b'F' => Observed::Bool(false),
            b'i' => Observed::Int(i64::from(i32::from_le_bytes(self.array()?))),
            b'l' => self.long()?,
            b'g' => Observed::Float(f64::from_le_bytes(self.array()?)),
            b'y' => Observed::Complex(f64::from_le_bytes(self.array()?), f64::from_le_bytes(self.array()?)),
            b's' => {
                let length = self.length()?;
                Observed::Bytes(self.take(length)?.to_vec())
            }
            b'u' => {
                let length = self.length()?;
                let raw = self.take(length)?;
                std::str::from_utf8(raw).map_or_else(
                    |_| Observed::BrokenStr(raw.to_vec()),
                    |text| Observed::Str(text.to_owned()),
                )
            }
            b'(' => Observed::Tuple(self.items(depth)?),
            b'[' => Observed::List(self.items(depth)?),
            b'<' => Observed::Set(self.items(depth)?),
            b'>' => Observed::FrozenSet(self.items(depth)?),
            b'{' => self.dict(depth)?,
            _ => return Err(self.malformed("an unknown type")),
        })
    }

    fn dict(&mut self, depth: usize) -> Result<Observed, Malformed> {
        let mut pairs = Vec::new();
        while self.bytes.get(self.at) != Some(&b'0') {
            pairs.push((self.value(depth + 1)?, self.value(depth + 1)?));
        }
        self.at += 1;
        Ok(Observed::Dict(pairs))
    }

    fn long(&mut self) -> Result<Observed, Malformed> {
        let count = i32::from_le_bytes(self.array()?);
        let raw = self.take(count.unsigned_abs() as usize * 2)?;
        let digits: Vec<u16> = raw
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        if digits.iter().any(|digit| *digit > 0x7fff) {
            return Err(self.malformed("a digit out of range"));
        }
        let magnitude = BigInt::from_bytes_le(Sign::Plus, &bytes_of(&digits));
        let value = if count < 0 { -magnitude } else { magnitude };
        Ok(i64::try_from(&value).map_or(Observed::BigInt(value), Observed::Int))
    }
}

/// The little-endian magnitude of 15-bit digits.
fn bytes_of(digits: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(digits.len() * 2);
    let (mut held, mut bits) = (0_u32, 0);
    for digit in digits {
        held |= u32::from(*digit) << bits;
        bits += DIGIT_BITS;
        while bits >= 8 {
            bytes.push(held as u8);
            held >>= 8;
            bits -= 8;
        }
    }
    bytes.push(held as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_cpython_writes() {
        // marshal.dumps((1, -2**40, 1.5, 'é', b'x', [None, True], {1: ...}), 2)
        let bytes = b"(\x07\x00\x00\x00i\x01\x00\x00\x00l\xfd\xff\xff\xff\x00\x00\x00\x00\x00\x04g\x00\x00\x00\x00\x00\x00\xf8?u\x02\x00\x00\x00\xc3\xa9s\x01\x00\x00\x00x[\x02\x00\x00\x00NT{i\x01\x00\x00\x00.0";
        let expected = Observed::Tuple(vec![
            Observed::Int(1),
            Observed::Int(-(1 << 40)),
            Observed::Float(1.5),
            Observed::Str("é".into()),
            Observed::Bytes(b"x".to_vec()),
            Observed::List(vec![Observed::None, Observed::Bool(true)]),
            Observed::Dict(vec![(Observed::Int(1), Observed::Ellipsis)]),
        ]);
        assert_eq!(read(bytes), Ok(expected));
    }

    proptest! {
        #[test]
        fn integers_come_back(value: i128) {
            let mut writer = Writer::default();
            writer.big_int(&BigInt::from(value));
            let expected = i64::try_from(value).map_or(Observed::BigInt(BigInt::from(value)), Observed::Int);
            prop_assert_eq!(read(&writer.bytes), Ok(expected));
        }

        #[test]
        fn anything_else_is_refused_without_panic(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }
    }
}
