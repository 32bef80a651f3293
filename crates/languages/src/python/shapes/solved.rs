//! Comparisons that are solved by hand: `x >> 32 == 0xffff` asks for `0xffff << 32`.

use model::Value;
use num_bigint::BigInt;
use ruff_python_ast::{Expr, ExprCompare, Operator};

use super::literal;

/// What makes the two sides of a comparison equal, where one is a number and the other a calculation with another number.
pub(super) fn solutions(compare: &ExprCompare) -> Vec<Value> {
    let [right] = &compare.comparators[..] else {
        return Vec::new();
    };
    let sides = [(&*compare.left, right), (right, &*compare.left)];
    sides
        .into_iter()
        .filter_map(|(calculated, wanted)| {
            let (Expr::BinOp(binary), Some(wanted)) = (calculated, number(wanted)) else {
                return None;
            };
            match (number(&binary.left), number(&binary.right)) {
                (None, Some(by)) => inverse(binary.op, by, wanted),
                (Some(from), None) => inverse_from(binary.op, from, wanted),
                _ => None,
            }
        })
        .map(whole)
        .collect()
}

fn number(expr: &Expr) -> Option<i128> {
    match literal::plain(expr)? {
        Value::Int(number) => Some(number.into()),
        Value::BigInt(number) => i128::try_from(&number).ok(),
        _ => None,
    }
}

fn whole(number: i128) -> Value {
    match i64::try_from(number) {
        Ok(number) => Value::Int(number),
        Err(_) => Value::BigInt(BigInt::from(number)),
    }
}

/// The `x` of `x op by == wanted`.
fn inverse(op: Operator, by: i128, wanted: i128) -> Option<i128> {
    match op {
        Operator::Add => wanted.checked_sub(by),
        Operator::Sub => wanted.checked_add(by),
        Operator::Mult => (by != 0 && wanted.checked_rem(by)? == 0).then(|| wanted / by),
        Operator::FloorDiv | Operator::Div => wanted.checked_mul(by),
        Operator::LShift => wanted.checked_shr(u32::try_from(by).ok()?),
        Operator::RShift => {
            let by = u32::try_from(by).ok().filter(|by| *by < 126)?;
            wanted.checked_mul(1_i128 << by)
        }
        Operator::BitXor => Some(wanted ^ by),
        // The least that has the remainder beside the trivial one.
        Operator::Mod => wanted.checked_add(by),
        Operator::BitAnd => (wanted & by == wanted).then_some(wanted),
        _ => None,
    }
}

/// The `x` of `from op x == wanted`.
fn inverse_from(op: Operator, from: i128, wanted: i128) -> Option<i128> {
    match op {
        Operator::Sub => from.checked_sub(wanted),
        Operator::Add | Operator::Mult | Operator::BitXor => inverse(op, from, wanted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solved(source: &str) -> Vec<Value> {
        let parsed = ruff_python_parser::parse_expression(source).expect("an expression");
        solutions(parsed.expr().as_compare_expr().expect("a comparison"))
    }

    #[test]
    fn comparisons_with_calculations() {
        for (source, expected) in [
            ("x >> 32 == 0xffff", 0xffff_i128 << 32),
            ("x >> 96 != 0x20010000", 0x2001_0000_i128 << 96),
            ("x + 7 > 100", 93),
            ("100 == x - 7", 107),
            ("x * 3 != 12", 4),
            ("x // 60 == 2", 120),
            ("10 - x == 4", 6),
            ("x % 7 == 3", 10),
        ] {
            assert_eq!(solved(source), [whole(expected)], "{source}");
        }
        for source in ["x == 3", "x * 3 == 10", "x >> 130 == 1", "x << 1 < y", "x ** 2 == 4"] {
            assert_eq!(solved(source), [], "{source}");
        }
    }
}
