//! Memory addresses in texts: they differ from process to process.

use std::borrow::Cow;

/// Where an address begins, as `object.__repr__` writes it.
const MARK: &str = " at 0x";

/// Shorter numbers are no addresses.
const SHORTEST: usize = 6;

/// A text with `…` for each memory address that `object.__repr__` wrote into it (` at 0x7f…`).
pub fn without_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains(MARK) {
        return Cow::Borrowed(text);
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        let (before, after) = rest.split_at(at + MARK.len());
        let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
        result.push_str(before);
        rest = if digits >= SHORTEST {
            result.push('…');
            &after[digits..]
        } else {
            after
        };
    }
    result.push_str(rest);
    Cow::Owned(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_go_and_other_numbers_stay() {
        for (text, expected) in [
            ("<C object at 0x7f0011223344>", "<C object at 0x…>"),
            ("a at 0x1234567 and b at 0xABCDEF0", "a at 0x… and b at 0x…"),
            ("the word at 0x10", "the word at 0x10"),
            ("0x7f0011223344 at 0x", "0x7f0011223344 at 0x"),
        ] {
            assert_eq!(without_addresses(text), expected);
        }
    }
}
