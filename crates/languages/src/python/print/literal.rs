//! Scalars as Python writes them: `repr` style, readable and exact.

use num_bigint::BigInt;

/// More digits than this are written in base 16: since 3.11 Python refuses longer decimal literals.
const LONGEST_DECIMAL: usize = 4000;

/// A double as `repr` writes it; what has no literal is built from text.
pub(super) fn float(value: f64) -> String {
    if value.is_nan() {
        return "float('nan')".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "float('inf')" } else { "float('-inf')" }.to_owned();
    }
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{value}");
    if plain.contains('.') {
        plain
    } else {
        format!("{plain}.0")
    }
}

/// A complex number; the call form where the literal would lose a sign or is none.
pub(super) fn complex(real: f64, imaginary: f64) -> String {
    let odd = |part: f64| !part.is_finite() || (part == 0.0 && part.is_sign_negative());
    if odd(real) || odd(imaginary) {
        return format!("complex({}, {})", float(real), float(imaginary));
    }
    let bare = |part: f64| {
        float(part)
            .strip_suffix(".0")
            .map(str::to_owned)
            .unwrap_or_else(|| float(part))
    };
    if real == 0.0 {
        return format!("{}j", bare(imaginary));
    }
    let sign = if imaginary < 0.0 { "-" } else { "+" };
    format!("({}{sign}{}j)", bare(real), bare(imaginary.abs()))
}

/// An integer of any length.
pub(super) fn integer(value: &BigInt) -> String {
    let text = value.to_string();
    if text.len() <= LONGEST_DECIMAL {
        return text;
    }
    match value.to_str_radix(16).strip_prefix('-') {
        Some(digits) => format!("-0x{digits}"),
        None => format!("0x{}", value.to_str_radix(16)),
    }
}

/// A string literal with the quotes that `repr` would choose.
pub(super) fn string(text: &str) -> String {
    let quote = quote_for(text.contains('\''), text.contains('"'));
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for character in text.chars() {
        push_character(&mut out, character, quote);
    }
    out.push(quote);
    out
}

/// A bytes literal.
pub(super) fn bytes(bytes: &[u8]) -> String {
    let quote = quote_for(bytes.contains(&b'\''), bytes.contains(&b'"'));
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            0x20..=0x7e | b'\n' | b'\r' | b'\t' => push_character(&mut out, char::from(byte), quote),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}

fn quote_for(single: bool, double: bool) -> char {
    if single && !double { '"' } else { '\'' }
}

fn push_character(out: &mut String, character: char, quote: char) {
    match character {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        ' '..='~' => out.push(character),
        c if is_printable(c) => out.push(c),
        c if u32::from(c) < 0x100 => out.push_str(&format!("\\x{:02x}", u32::from(c))),
        c if u32::from(c) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
    }
}

/// Roughly `str.isprintable`: what Rust would not escape, and no blank but the space.
///
/// Where the two disagree the escape is longer to read and means the same.
fn is_printable(character: char) -> bool {
    !character.is_whitespace() && character.escape_debug().count() == 1
}

/// Whether `name` can be written as a name: an identifier that is no keyword.
pub(super) fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let starts = characters.next().is_some_and(|c| c == '_' || c.is_alphabetic());
    starts && characters.all(|c| c == '_' || c.is_alphanumeric()) && !KEYWORDS.contains(&name)
}

/// Words that cannot be names.
pub(super) const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads a string literal back: just the escapes that the writer uses.
    fn unquote(literal: &str) -> Option<String> {
        let quote = literal.chars().next()?;
        let inner = literal.strip_prefix(quote)?.strip_suffix(quote)?;
        let mut out = String::new();
        let mut rest = inner.chars();
        while let Some(c) = rest.next() {
            if c == quote || c == '\n' {
                return None;
            }
            if c != '\\' {
                out.push(c);
                continue;
            }
            match rest.next()? {
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'x' => out.push(hex(&mut rest, 2)?),
                'u' => out.push(hex(&mut rest, 4)?),
                'U' => out.push(hex(&mut rest, 8)?),
                c @ ('\\' | '\'' | '"') => out.push(c),
                _ => return None,
            }
        }
        Some(out)
    }

    fn hex(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
        let text: String = rest.by_ref().take(digits).collect();
        u32::from_str_radix(&text, 16).ok().and_then(char::from_u32)
    }

    #[test]
    fn writes_floats_as_repr() {
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (123456789012345.0, "123456789012345.0"),
            (f64::NEG_INFINITY, "float('-inf')"),
        ] {
            assert_eq!(float(value), text);
        }
    }

    #[test]
    fn chooses_quotes_like_repr() {
        assert_eq!(string("it's"), "\"it's\"");
        assert_eq!(string("a\"'b"), "'a\"\\'b'");
        assert_eq!(
            string("tab\tno\u{a0}break\u{1f600}\0"),
            "'tab\\tno\\xa0break\u{1f600}\\x00'"
        );
        assert_eq!(bytes(b"\x00'\xff"), "b\"\\x00'\\xff\"");
    }

    #[test]
    fn writes_complex_numbers() {
        assert_eq!(complex(1.0, -2.5), "(1-2.5j)");
        assert_eq!(complex(0.0, 2.0), "2j");
        assert_eq!(complex(-0.0, f64::NAN), "complex(-0.0, float('nan'))");
    }

    #[test]
    fn writes_huge_integers_in_hexadecimal() {
        let huge = BigInt::from(16).pow(5000);
        assert!(integer(&huge).starts_with("0x1000"));
        assert!(integer(&-huge).starts_with("-0x1000"));
    }

    proptest! {
        #[test]
        fn strings_read_back(text in any::<String>()) {
            prop_assert_eq!(unquote(&string(&text)), Some(text));
        }

        #[test]
        fn floats_read_back(value in any::<f64>()) {
            prop_assume!(value.is_finite());
            prop_assert_eq!(float(value).parse::<f64>().map(f64::to_bits), Ok(value.to_bits()));
        }
    }
}
