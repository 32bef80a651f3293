//! Literals as bytes: by value, not by spelling.

use num_bigint::BigUint;
use ruff_python_ast::{ConversionFlag, Expr, Int, InterpolatedElement, InterpolatedStringElement, Number};
use ruff_text_size::Ranged;

use super::encode::Encoder;

impl<'a> Encoder<'a> {
    pub(super) fn literal(&mut self, expression: &'a Expr) {
        match expression {
            Expr::StringLiteral(inner) => self.string(inner.value.to_str()),
            Expr::BytesLiteral(inner) => {
                self.tag(b'B');
                let bytes: Vec<u8> = inner.value.bytes().collect();
                self.bytes(&bytes);
            }
            Expr::NumberLiteral(inner) => self.numeral(&inner.value),
            Expr::BooleanLiteral(inner) => self.tag(if inner.value { b'T' } else { b'F' }),
            Expr::NoneLiteral(_) => self.tag(b'N'),
            Expr::EllipsisLiteral(_) => self.tag(b'E'),
            Expr::FString(inner) => self.interpolated(inner.value.iter().flat_map(|part| match part {
                ruff_python_ast::FStringPart::Literal(literal) => vec![Piece::Text(&literal.value)],
                ruff_python_ast::FStringPart::FString(inner) => inner.elements.iter().map(Piece::of).collect(),
            })),
            Expr::TString(inner) => {
                self.tag(b'$');
                for element in inner.value.elements() {
                    self.template(element);
                }
                self.tag(b'.');
            }
            Expr::IpyEscapeCommand(inner) => {
                self.tag(b'!');
                self.text(&inner.value);
            }
            _ => {}
        }
    }

    fn string(&mut self, value: &str) {
        self.tag(b'"');
        self.text(value);
    }

    fn numeral(&mut self, number: &Number) {
        match number {
            Number::Int(value) => {
                self.tag(b'0');
                let digits = integer(value);
                self.text(&digits);
            }
            Number::Float(value) => {
                self.tag(b'6');
                self.number(value.to_bits());
            }
            Number::Complex { real, imag } => {
                self.tag(b'7');
                self.number(real.to_bits());
                self.number(imag.to_bits());
            }
        }
    }

    /// Literal parts that stand side by side are one; without any interpolation it is a plain string.
    fn interpolated(&mut self, pieces: impl Iterator<Item = Piece<'a>>) {
        let mut text = String::new();
        let mut started = false;
        for piece in pieces {
            let element = match piece {
                Piece::Text(part) => {
                    text.push_str(part);
                    continue;
                }
                Piece::Value(element) => element,
            };
            if let Some(debug) = &element.debug_text {
                text.push_str(debug.as_str());
            }
            if !std::mem::replace(&mut started, true) {
                self.tag(b'f');
            }
            self.string(&std::mem::take(&mut text));
            self.interpolation(element);
        }
        if !started || !text.is_empty() {
            self.string(&text);
        }
        if started {
            self.tag(b'.');
        }
    }

    fn interpolation(&mut self, element: &'a InterpolatedElement) {
        self.tag(b'{');
        self.expression(&element.expression);
        let conversion = match element.conversion {
            ConversionFlag::None if element.debug_text.is_some() && element.format_spec.is_none() => {
                ConversionFlag::Repr
            }
            other => other,
        };
        self.tag(conversion.to_byte().unwrap_or(b'-'));
        match element.format_spec.as_deref() {
            Some(spec) if !spec.elements.is_empty() => self.interpolated(spec.elements.iter().map(Piece::of)),
            _ => self.tag(b'-'),
        }
    }

    /// A template keeps the text of its expressions: layout inside is visible.
    fn template(&mut self, element: &'a InterpolatedStringElement) {
        match element {
            InterpolatedStringElement::Literal(literal) => self.string(literal),
            InterpolatedStringElement::Interpolation(inner) => {
                let source = self.source();
                self.text(source.get(inner.range().to_std_range()).unwrap_or_default());
                self.interpolation(inner);
            }
        }
    }
}

enum Piece<'a> {
    Text(&'a str),
    Value(&'a InterpolatedElement),
}

impl<'a> Piece<'a> {
    fn of(element: &'a InterpolatedStringElement) -> Self {
        match element {
            InterpolatedStringElement::Literal(literal) => Self::Text(literal),
            InterpolatedStringElement::Interpolation(inner) => Self::Value(inner),
        }
    }
}

/// Decimal digits; large numbers keep their spelling in the syntax tree.
fn integer(value: &Int) -> String {
    if let Some(small) = value.as_u64() {
        return small.to_string();
    }
    let spelled = value.to_string().replace('_', "").to_ascii_lowercase();
    let (digits, radix) = match spelled.get(..2) {
        Some("0x") => (&spelled[2..], 16),
        Some("0o") => (&spelled[2..], 8),
        Some("0b") => (&spelled[2..], 2),
        _ => (spelled.as_str(), 10),
    };
    BigUint::parse_bytes(digits.as_bytes(), radix).map_or_else(|| spelled.clone(), |number| number.to_string())
}
