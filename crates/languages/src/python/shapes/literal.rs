//! Expressions whose value can be told without running anything.

use model::{Symbol, Value};
use num_bigint::BigInt;
use ruff_python_ast::{ConversionFlag, Expr, FStringPart, InterpolatedStringElement, Number, Operator, UnaryOp};

/// Nested literals deeper than this are left alone.
const DEEPEST: u32 = 12;
/// Literals with more parts than this are tables, not inputs.
const MOST_PARTS: usize = 200;

/// How names are read while an expression is evaluated.
pub(super) struct Evaluate<'a> {
    /// What a dotted name stands for: an object that is there already.
    pub symbol: &'a dyn Fn(&Expr) -> Option<Symbol>,
    /// What a dotted name makes when it is called.
    pub calls: &'a dyn Fn(&Expr) -> Option<Symbol>,
    /// The value of a module-level constant.
    pub constant: &'a dyn Fn(&str) -> Option<Value>,
    /// Whether attributes, items and methods of what is called count as values too.
    pub parts: bool,
}

/// The value of an expression made of literals alone.
pub(super) fn plain(expr: &Expr) -> Option<Value> {
    Evaluate {
        symbol: &|_| None,
        calls: &|_| None,
        constant: &|_| None,
        parts: false,
    }
    .value(expr)
}

impl Evaluate<'_> {
    /// The value of `expr`, if it can be told.
    pub(super) fn value(&self, expr: &Expr) -> Option<Value> {
        self.within(expr, DEEPEST)
    }

    fn within(&self, expr: &Expr, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        match expr {
            Expr::NoneLiteral(_) => Some(Value::None),
            Expr::EllipsisLiteral(_) => Some(Value::Ellipsis),
            Expr::BooleanLiteral(literal) => Some(Value::Bool(literal.value)),
            Expr::NumberLiteral(literal) => number(&literal.value),
            Expr::StringLiteral(literal) => Some(Value::Str(literal.value.to_str().to_owned())),
            Expr::FString(string) => self.filled(string, depth).map(Value::Str),
            Expr::BytesLiteral(literal) => Some(Value::Bytes(literal.value.bytes().collect())),
            Expr::List(list) => self.all(&list.elts, depth).map(Value::List),
            Expr::Tuple(tuple) => self.all(&tuple.elts, depth).map(Value::Tuple),
            Expr::Set(set) => self.all(&set.elts, depth).map(Value::Set),
            Expr::Dict(dict) => self.dict(dict, depth),
            Expr::UnaryOp(unary) => negated(unary.op, self.within(&unary.operand, depth)?),
            Expr::BinOp(binary) => combined(
                &self.within(&binary.left, depth)?,
                binary.op,
                &self.within(&binary.right, depth)?,
            ),
            Expr::Call(call) => self.call(call, depth),
            Expr::Name(name) => (self.constant)(name.id.as_str()).or_else(|| (self.symbol)(expr).map(Value::Symbol)),
            Expr::Attribute(attribute) => (self.symbol)(expr).map(Value::Symbol).or_else(|| {
                // What a test keeps on itself.
                if let Expr::Name(name) = &*attribute.value
                    && let Some(known) = (self.constant)(&format!("{}.{}", name.id, attribute.attr))
                {
                    return Some(known);
                }
                let of = self.made(&attribute.value, depth)?;
                Some(part(Symbol::attribute(attribute.attr.as_str()), vec![of], Vec::new()))
            }),
            Expr::Subscript(subscript) => {
                let of = self.made(&subscript.value, depth)?;
                let key = self.within(&subscript.slice, depth)?;
                Some(part(Symbol::item(), vec![of, key], Vec::new()))
            }
            Expr::Named(named) => self.within(&named.value, depth),
            _ => None,
        }
    }

    /// A text with constants filled in.
    fn filled(&self, string: &ruff_python_ast::ExprFString, depth: u32) -> Option<String> {
        string
            .value
            .iter()
            .map(|part| match part {
                FStringPart::Literal(text) => Some(text.value.to_string()),
                FStringPart::FString(inner) => inner
                    .elements
                    .iter()
                    .map(|element| match element {
                        InterpolatedStringElement::Literal(text) => Some(text.value.to_string()),
                        InterpolatedStringElement::Interpolation(part) => {
                            let plain = part.format_spec.is_none()
                                && part.conversion == ConversionFlag::None
                                && part.debug_text.is_none();
                            match self.within(&part.expression, depth)? {
                                Value::Str(text) if plain => Some(text),
                                Value::Int(number) if plain => Some(number.to_string()),
                                _ => None,
                            }
                        }
                    })
                    .collect(),
            })
            .collect()
    }

    fn all(&self, items: &[Expr], depth: u32) -> Option<Vec<Value>> {
        if items.len() > MOST_PARTS {
            return None;
        }
        items.iter().map(|item| self.within(item, depth)).collect()
    }

    fn dict(&self, dict: &ruff_python_ast::ExprDict, depth: u32) -> Option<Value> {
        if dict.items.len() > MOST_PARTS {
            return None;
        }
        dict.items
            .iter()
            .map(|item| {
                Some((
                    self.within(item.key.as_ref()?, depth)?,
                    self.within(&item.value, depth)?,
                ))
            })
            .collect::<Option<Vec<_>>>()
            .map(Value::Dict)
    }

    fn call(&self, call: &ruff_python_ast::ExprCall, depth: u32) -> Option<Value> {
        let args = self.all(&call.arguments.args, depth)?;
        let kwargs = call
            .arguments
            .keywords
            .iter()
            .map(|keyword| {
                Some((
                    keyword.arg.as_ref()?.as_str().to_owned(),
                    self.within(&keyword.value, depth)?,
                ))
            })
            .collect::<Option<Vec<_>>>()?;
        if let Expr::Name(name) = &*call.func
            && kwargs.is_empty()
            && let Some(made) = builtin(name.id.as_str(), &args)
        {
            return Some(made);
        }
        if let Some(callee) = (self.calls)(&call.func) {
            return Some(Value::Call { callee, args, kwargs });
        }
        let Expr::Attribute(attribute) = &*call.func else {
            return None;
        };
        let of = self.made(&attribute.value, depth)?;
        let args = std::iter::once(of).chain(args).collect();
        Some(part(Symbol::method(attribute.attr.as_str()), args, kwargs))
    }

    /// A value that a call makes, where parts of such count.
    fn made(&self, expr: &Expr, depth: u32) -> Option<Value> {
        if !self.parts {
            return None;
        }
        self.within(expr, depth)
            .filter(|value| matches!(value, Value::Call { .. } | Value::Symbol(_) | Value::Node(_)))
    }
}

fn part(callee: Symbol, args: Vec<Value>, kwargs: Vec<(String, Value)>) -> Value {
    Value::Call { callee, args, kwargs }
}

/// What calling a builtin constructor with plain values makes.
fn builtin(name: &str, args: &[Value]) -> Option<Value> {
    let items = |value: &Value| match value {
        Value::List(items) | Value::Tuple(items) | Value::Set(items) => Some(items.clone()),
        Value::Str(text) => Some(text.chars().map(|c| Value::Str(c.to_string())).collect()),
        _ => None,
    };
    match (name, args) {
        ("set", []) => Some(Value::Set(Vec::new())),
        ("set", [value]) => items(value).map(Value::Set),
        ("frozenset", []) => Some(Value::FrozenSet(Vec::new())),
        ("frozenset", [value]) => items(value).map(Value::FrozenSet),
        ("list", []) => Some(Value::List(Vec::new())),
        ("list", [value]) => items(value).map(Value::List),
        ("tuple", []) => Some(Value::Tuple(Vec::new())),
        ("tuple", [value]) => items(value).map(Value::Tuple),
        ("dict", []) => Some(Value::Dict(Vec::new())),
        ("iter", [value]) => items(value).map(Value::Iterator),
        ("float", [Value::Str(text)]) => text.trim().parse().ok().map(Value::Float),
        ("bytes", [Value::Bytes(bytes)]) => Some(Value::Bytes(bytes.clone())),
        _ => None,
    }
}

fn number(number: &Number) -> Option<Value> {
    match number {
        Number::Int(int) => match int.as_i64() {
            Some(small) => Some(Value::Int(small)),
            None => big(&int.to_string()),
        },
        Number::Float(float) => Some(Value::Float(*float)),
        Number::Complex { real, imag } => Some(Value::Complex(*real, *imag)),
    }
}

/// A long integer as the source writes it.
fn big(text: &str) -> Option<Value> {
    let digits = text.replace('_', "").to_ascii_lowercase();
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ => (10, &digits[..]),
    };
    BigInt::parse_bytes(digits.as_bytes(), radix).map(Value::BigInt)
}

fn negated(op: UnaryOp, value: Value) -> Option<Value> {
    match (op, value) {
        (UnaryOp::USub, Value::Int(value)) => value.checked_neg().map(Value::Int),
        (UnaryOp::USub, Value::BigInt(value)) => Some(Value::BigInt(-value)),
        (UnaryOp::USub, Value::Float(value)) => Some(Value::Float(-value)),
        (UnaryOp::UAdd, value @ (Value::Int(_) | Value::Float(_))) => Some(value),
        (UnaryOp::Invert, Value::Int(value)) => Some(Value::Int(!value)),
        (UnaryOp::Not, Value::Bool(value)) => Some(Value::Bool(!value)),
        _ => None,
    }
}

/// Arithmetic as it is written in constants: `60 * 60`, `1 << 20`, `2 ** 32`, `"a" * 3`, `1 + 2j`.
fn combined(left: &Value, op: Operator, right: &Value) -> Option<Value> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => integers(*a, op, *b),
        (Value::Int(a), Value::Complex(re, im)) if op == Operator::Add => Some(Value::Complex(*a as f64 + re, *im)),
        (Value::Str(a), Value::Str(b)) if op == Operator::Add => Some(Value::Str(format!("{a}{b}"))),
        (Value::Str(text), Value::Int(times))
            if op == Operator::Mult && text.len() as i64 * (*times).clamp(0, 10_000) <= 4096 =>
        {
            Some(Value::Str(text.repeat((*times).clamp(0, 4096) as usize)))
        }
        (Value::List(items), Value::Int(times))
            if op == Operator::Mult && items.len() as i64 * (*times).clamp(0, 10_000) <= 100 =>
        {
            Some(Value::List(
                vec![items.as_slice(); (*times).clamp(0, 100) as usize].concat(),
            ))
        }
        (Value::List(a), Value::List(b)) if op == Operator::Add => Some(Value::List([a.as_slice(), b].concat())),
        _ => floats(float(left)?, op, float(right)?),
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    }
}

fn integers(a: i64, op: Operator, b: i64) -> Option<Value> {
    let small = match op {
        Operator::Add => a.checked_add(b),
        Operator::Sub => a.checked_sub(b),
        Operator::Mult => a.checked_mul(b),
        Operator::LShift if (0..63).contains(&b) => a.checked_mul(1 << b),
        Operator::RShift if (0..63).contains(&b) => Some(a >> b),
        Operator::BitOr => Some(a | b),
        Operator::BitAnd => Some(a & b),
        Operator::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        Operator::Mod if b > 0 => Some(a.rem_euclid(b)),
        Operator::FloorDiv if b > 0 => Some(a.div_euclid(b)),
        Operator::Div if b != 0 => return Some(Value::Float(a as f64 / b as f64)),
        _ => None,
    };
    match (small, op) {
        (Some(value), _) => Some(Value::Int(value)),
        (None, Operator::Pow) if (0..=512).contains(&b) => Some(Value::BigInt(BigInt::from(a).pow(b as u32))),
        _ => None,
    }
}

fn floats(a: f64, op: Operator, b: f64) -> Option<Value> {
    Some(Value::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<Value> {
        let parsed = ruff_python_parser::parse_expression(text).expect("an expression");
        plain(parsed.expr())
    }

    #[test]
    fn evaluates_literals() {
        assert_eq!(value("-3"), Some(Value::Int(-3)));
        assert_eq!(value("60 * 60 * 24"), Some(Value::Int(86400)));
        assert_eq!(value("2 ** 64 "), Some(Value::BigInt(BigInt::from(2).pow(64))));
        assert_eq!(value("0xFFFFFFFFFFFFFFFFFF"), big("0xffffffffffffffffff"));
        assert_eq!(
            value("{'a': [1, (2,)]}"),
            Some(Value::Dict(vec![(
                Value::Str("a".into()),
                Value::List(vec![Value::Int(1), Value::Tuple(vec![Value::Int(2)])])
            )]))
        );
        assert_eq!(
            value("frozenset('ab')"),
            Some(Value::FrozenSet(vec![Value::Str("a".into()), Value::Str("b".into())]))
        );
        assert_eq!(
            value("float('nan')").map(|value| matches!(value, Value::Float(f) if f.is_nan())),
            Some(true)
        );
        assert_eq!(value("f'a{1}' 'b' f'{{{\"c\"}}}'"), Some(Value::Str("a1b{c}".into())));
        assert_eq!(value("f'{1:>3}'"), None);
        assert_eq!(value("x"), None);
        assert_eq!(value("[1, f()]"), None);
    }

    #[test]
    fn does_not_overflow() {
        assert_eq!(value("9223372036854775807 + 1"), None);
        assert_eq!(value("'a' * 10 ** 12"), None);
        assert_eq!(value("1 << 80"), None);
    }
}
