//! Changes of numbers.

use crate::make::{Maker, near_token};

impl Maker<'_> {
    /// Another integer, mostly a near one.
    pub(crate) fn mutate_int(&mut self, number: i64) -> i64 {
        let know = self.know;
        let random = &mut self.scratch.random;
        let changed = match random.below(100) {
            0..22 => number.saturating_add(1),
            22..44 => number.saturating_sub(1),
            44..52 => number.saturating_mul(2),
            52..60 => number / 2,
            60..67 => number.saturating_neg(),
            67..77 => near_token(know, random).unwrap_or(0),
            77..83 => number.saturating_add(near_token(know, random).unwrap_or(10)),
            83..88 => number ^ (1 << random.below(8)),
            88..94 => number.saturating_add(random.between(-10, 10)),
            94..97 => number.saturating_mul(10),
            _ => random.between(0, 2),
        };
        if changed.unsigned_abs() > know.limits.int.unsigned_abs() {
            number
        } else {
            changed
        }
    }

    /// Another double.
    pub(crate) fn mutate_float(&mut self, number: f64) -> f64 {
        let know = self.know;
        let random = &mut self.scratch.random;
        match random.below(12) {
            0 | 1 => number + 1.0,
            2 | 3 => number - 1.0,
            4 => number * 2.0,
            5 => number / 2.0,
            6 => -number,
            7 => number.round(),
            8 => number + (random.unit() - 0.5) * 0.02,
            9 => know.dictionary.floats.pick(random).copied().unwrap_or(0.5),
            10 => number + 0.5,
            _ => *random.pick(&[0.0, 1.0, f64::NAN, f64::INFINITY, -0.0]).unwrap_or(&0.0),
        }
    }
}
