//! Memory addresses in texts: they differ from process to process.

use std::borrow::Cow;

/// Where an address begins, as `object.__repr__` writes it.
/// What stands before one: as it is written, in an address of the web, and in a name for a file or a page.
const MARKS: [&str; 5] = [" at 0x", "+at+0x", "%20at%200x", "-at-0x", "_at_0x"];

/// Shorter numbers are no addresses.
const SHORTEST: usize = 6;

/// A text with `…` for each memory address that `object.__repr__` wrote into it (` at 0x7f…`), also where the text was quoted since.
pub fn without_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains("0x") {
        return Cow::Borrowed(text);
    }
    MARKS
        .iter()
        .fold(Cow::Borrowed(text), |text, mark| match without_those(&text, mark) {
            Some(without) => Cow::Owned(without),
            None => text,
        })
}

/// The text without the addresses behind this mark, where there are any.
fn without_those(text: &str, mark: &str) -> Option<String> {
    let mut rest = text;
    let mut result: Option<String> = None;
    while let Some(at) = rest.find(mark) {
        let result = result.get_or_insert_with(|| String::with_capacity(text.len()));
        let (before, after) = rest.split_at(at + mark.len());
        let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
        result.push_str(before);
        rest = if digits >= SHORTEST {
            result.push('…');
            &after[digits..]
        } else {
            after
        };
    }
    result.map(|result| result + rest)
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
            ("?a=%3CC+at+0x7f0011223344%3E", "?a=%3CC+at+0x…%3E"),
            ("/C%20at%200x7f0011223344/c-at-0x7f0011223344", "/C%20at%200x…/c-at-0x…"),
            ("0x7f0011223344 at 0x", "0x7f0011223344 at 0x"),
        ] {
            assert_eq!(without_addresses(text), expected);
        }
    }
}
