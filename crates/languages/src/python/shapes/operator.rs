//! What arithmetic says about its operands.

use ruff_python_ast::{Expr, Operator};

use super::engine::Engine;
use super::kind::{Fact, Kind, Mask};
use super::slots::Slot;

const ADDABLE: Mask = Mask::of(&[Kind::Int, Kind::Float, Kind::Str, Kind::List]);
const ALSO_ADDABLE: Mask = Mask::of(&[
    Kind::Tuple,
    Kind::Bytes,
    Kind::Decimal,
    Kind::Fraction,
    Kind::TimeDelta,
    Kind::Complex,
    Kind::Bool,
]);

impl<'p> Engine<'_, 'p> {
    /// Whether what is known of a slot so far makes it one of these kinds.
    pub(super) fn is_like(&mut self, slot: Slot, kinds: &[Kind]) -> bool {
        super::kind::are_like(&self.slots.info(slot).facts, kinds)
    }

    /// The result of `left op right`.
    pub(super) fn binary(
        &mut self,
        left: Slot,
        op: Operator,
        right: Slot,
        left_expr: Option<&'p Expr>,
        right_expr: Option<&'p Expr>,
    ) -> Slot {
        if matches!(op, Operator::Add | Operator::Sub)
            && let Some(result) = self.time_arithmetic(left, op, right)
        {
            return result;
        }
        match op {
            Operator::Add => {
                if self.is_like(left, &[Kind::Tuple, Kind::List]) || self.is_like(right, &[Kind::Tuple, Kind::List]) {
                    self.loosen(left);
                    self.loosen(right);
                }
                self.slots.fact(left, Fact::mostly(ADDABLE, ALSO_ADDABLE));
                self.slots.unify(left, right);
                left
            }
            Operator::Sub => {
                self.slots.fact(
                    left,
                    Fact::mostly(
                        Mask::NUMBER | Mask::one(Kind::Set),
                        Mask::NUMERIC | Mask::DATES | Mask::of(&[Kind::TimeDelta, Kind::FrozenSet]),
                    ),
                );
                self.slots.unify(left, right);
                left
            }
            Operator::Mult => self.multiplied(left, right, left_expr, right_expr),
            Operator::Mod => self.remainder(left, right, left_expr),
            Operator::Div => self.divided(left, right, right_expr),
            Operator::FloorDiv => {
                let fact = Fact::mostly(Mask::NUMBER, Mask::NUMERIC | Mask::one(Kind::TimeDelta));
                self.slots.fact(left, fact);
                self.slots.fact(right, fact);
                self.typed(Fact::mostly(Mask::one(Kind::Int), Mask::one(Kind::Float)))
            }
            Operator::Pow => {
                self.number(left);
                self.number(right);
                self.typed(Fact::mostly(Mask::NUMBER, Mask::NUMERIC))
            }
            Operator::LShift | Operator::RShift => {
                let fact = Fact::mostly(Mask::one(Kind::Int), Mask::one(Kind::Bool));
                self.slots.fact(left, fact);
                self.slots.fact(right, fact);
                self.of_kind(Kind::Int)
            }
            Operator::BitAnd | Operator::BitOr | Operator::BitXor => {
                let also = if op == Operator::BitOr {
                    Mask::of(&[Kind::Bool, Kind::FrozenSet, Kind::Dict])
                } else {
                    Mask::of(&[Kind::Bool, Kind::FrozenSet])
                };
                self.slots
                    .fact(left, Fact::mostly(Mask::of(&[Kind::Int, Kind::Set]), also));
                self.slots.unify(left, right);
                left
            }
            Operator::MatMult => {
                self.slots.fact(left, Fact::only(Mask::one(Kind::Object)));
                self.slots.fact(right, Fact::only(Mask::one(Kind::Object)));
                self.slots.fresh()
            }
        }
    }

    /// What is multiplied with or divided by a fraction is likely one itself.
    fn fraction(&mut self, slot: Slot, other: Option<&'p Expr>) {
        if matches!(other, Some(Expr::NumberLiteral(number)) if number.value.is_float()) {
            self.slots
                .fact(slot, Fact::mostly(Mask::one(Kind::Float), Mask::NUMERIC));
        }
    }

    /// A tuple that is joined to others has no known length.
    fn loosen(&mut self, slot: Slot) {
        let info = self.slots.info(slot);
        if info.arity.is_none() && info.positions.is_empty() {
            return;
        }
        info.arity = None;
        let positions = std::mem::take(&mut info.positions);
        let element = self.slots.element(slot);
        positions
            .into_iter()
            .for_each(|(_, part)| self.slots.unify(element, part));
    }

    fn number(&mut self, slot: Slot) {
        self.slots.fact(slot, Fact::mostly(Mask::NUMBER, Mask::NUMERIC));
    }

    /// Dates and spans: a date and a span are not of one kind, though they are added.
    fn time_arithmetic(&mut self, left: Slot, op: Operator, right: Slot) -> Option<Slot> {
        const DATES: [Kind; 2] = [Kind::Date, Kind::DateTime];
        let (left_date, right_date) = (self.is_like(left, &DATES), self.is_like(right, &DATES));
        let (left_span, right_span) = (
            self.is_like(left, &[Kind::TimeDelta]),
            self.is_like(right, &[Kind::TimeDelta]),
        );
        let span = |engine: &mut Self, slot: Slot| engine.slots.fact(slot, Fact::only(Mask::one(Kind::TimeDelta)));
        match op {
            Operator::Sub if left_date && right_date => {
                self.slots.unify(left, right);
                Some(self.of_kind(Kind::TimeDelta))
            }
            Operator::Sub if right_date => {
                self.slots.unify(left, right);
                Some(self.of_kind(Kind::TimeDelta))
            }
            _ if right_span && !left_span => {
                self.slots.fact(
                    left,
                    Fact::mostly(Mask::DATES | Mask::one(Kind::TimeDelta), Mask::NOTHING),
                );
                Some(left)
            }
            Operator::Add if left_date => {
                span(self, right);
                Some(left)
            }
            Operator::Add if right_date => {
                span(self, left);
                Some(right)
            }
            // `date - x` may be either; let both stay what they are.
            Operator::Sub if left_date => Some(self.slots.fresh()),
            _ => None,
        }
    }

    fn multiplied(
        &mut self,
        left: Slot,
        right: Slot,
        left_expr: Option<&'p Expr>,
        right_expr: Option<&'p Expr>,
    ) -> Slot {
        const REPEATED: [Kind; 4] = [Kind::Str, Kind::List, Kind::Tuple, Kind::Bytes];
        for (sequence, times) in [(left, right), (right, left)] {
            if self.is_like(sequence, &REPEATED) {
                self.slots
                    .fact(times, Fact::mostly(Mask::one(Kind::Int), Mask::one(Kind::Bool)));
                return sequence;
            }
        }
        let fact = Fact::mostly(
            Mask::NUMBER,
            Mask::NUMERIC | Mask::of(&[Kind::Str, Kind::List, Kind::TimeDelta]),
        );
        self.slots.fact(left, fact);
        self.slots.fact(right, fact);
        self.fraction(left, right_expr);
        self.fraction(right, left_expr);
        let is_number = |expr: Option<&Expr>| matches!(expr, Some(Expr::NumberLiteral(_)));
        if is_number(left_expr) {
            return right;
        }
        if is_number(right_expr) {
            return left;
        }
        self.typed(Fact::mostly(Mask::NUMBER, Mask::NUMERIC))
    }

    fn remainder(&mut self, left: Slot, right: Slot, left_expr: Option<&'p Expr>) -> Slot {
        if self.is_like(left, &[Kind::Str, Kind::Bytes]) {
            if let Some(Expr::StringLiteral(format)) = left_expr {
                self.format_arguments(format.value.to_str(), right);
            }
            return self.of_kind(Kind::Str);
        }
        let fact = Fact::mostly(Mask::one(Kind::Int), Mask::NUMERIC | Mask::one(Kind::Str));
        self.slots.fact(left, fact);
        self.slots.fact(
            right,
            Fact::mostly(
                Mask::one(Kind::Int),
                Mask::NUMERIC | Mask::of(&[Kind::Str, Kind::Tuple]),
            ),
        );
        self.typed(Fact::mostly(Mask::NUMBER, Mask::one(Kind::Str)))
    }

    /// What `"%d of %s" % x` says about `x`.
    fn format_arguments(&mut self, format: &str, right: Slot) {
        let codes: Vec<char> = conversions(format);
        let fact = |code: &char| match code {
            'd' | 'i' | 'x' | 'X' | 'o' | 'c' => Some(Fact::mostly(Mask::one(Kind::Int), Mask::one(Kind::Float))),
            'f' | 'F' | 'e' | 'g' | 'G' => Some(Fact::mostly(Mask::NUMBER, Mask::one(Kind::Decimal))),
            _ => None,
        };
        if self.is_like(right, &[Kind::Tuple]) {
            for (index, code) in codes.iter().take(16).enumerate() {
                let part = self.slots.position(right, index as u32);
                if let Some(fact) = fact(code) {
                    self.slots.fact(part, fact);
                }
            }
        } else if let ([code], false) = (&codes[..], format.contains("%("))
            && let Some(fact) = fact(code)
        {
            self.slots.fact(right, fact);
        }
    }

    fn divided(&mut self, left: Slot, right: Slot, right_expr: Option<&'p Expr>) -> Slot {
        if matches!(right_expr, Some(Expr::StringLiteral(_) | Expr::FString(_))) || self.is_like(left, &[Kind::Path]) {
            self.slots.fact(left, Fact::only(Mask::one(Kind::Path)));
            return left;
        }
        let fact = Fact::mostly(Mask::NUMBER, Mask::NUMERIC | Mask::of(&[Kind::TimeDelta, Kind::Path]));
        self.slots.fact(left, fact);
        self.slots.fact(right, fact);
        self.fraction(left, right_expr);
        self.typed(Fact::mostly(
            Mask::one(Kind::Float),
            Mask::NUMERIC | Mask::one(Kind::Path),
        ))
    }
}

/// The conversion letters of a `%` format.
fn conversions(format: &str) -> Vec<char> {
    let mut codes = Vec::new();
    let mut rest = format.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            continue;
        }
        if let Some(code) = rest.by_ref().find(|c| c.is_ascii_alphabetic() || *c == '%')
            && code != '%'
        {
            codes.push(code);
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_conversions() {
        assert_eq!(conversions("%d of %-5s, 100%%: %.2f"), ['d', 's', 'f']);
    }
}
