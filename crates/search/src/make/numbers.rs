//! Numbers: small ones mostly, and those near a literal.

use super::Maker;
use crate::knowledge::{Knowledge, Limits};
use crate::random::Random;
use crate::technique::Technique;

/// Years, and how many make up the next larger unit.
const KNOWN: [i64; 14] = [
    1900, 1970, 1999, 2000, 2024, 2038, 24, 60, 3600, 86_400, 365, 366, 1024, 65_536,
];
const FLOATS: [f64; 14] = [
    0.0, 1.0, -1.0, 0.5, 2.0, 1.5, -0.5, 10.0, 100.0, 0.1, 1e-9, 1e9, -0.0, 0.3,
];

impl Maker<'_> {
    /// An integer.
    pub(super) fn int(&mut self) -> i64 {
        let random = &mut self.scratch.random;
        if let Some(hint) = self.hint
            && !hint.ints.is_empty()
            && random.percent(30)
        {
            return clamp(random.pick(hint.ints).copied().unwrap_or(0), self.know.limits);
        }
        let number = match random.below(100) {
            0..52 => random.between(-1, (self.scale as i64).max(3) + (1 << self.know.widening) - 1),
            52..70 => near_token(self.know, random).unwrap_or_else(|| random.between(-2, 10)),
            70..82 => random.between(-10, 100),
            82..89 => random.between(-1000, 1000),
            89..94 => round(random),
            94 => random.between(0, 100_000),
            95..98 => random.between(i64::from(i32::MIN), i64::from(i32::MAX)),
            98 => random.bits() as i64,
            99 => *random.pick(&KNOWN).unwrap_or(&0),
            _ => 0,
        };
        clamp(number, self.know.limits)
    }

    /// A double.
    pub(super) fn float(&mut self) -> f64 {
        let know = self.know;
        let random = &mut self.scratch.random;
        let roll = random.below(100);
        match roll {
            0..30 => *random.pick(&FLOATS).unwrap_or(&0.0),
            30..45 if know.on(Technique::Literals) && !know.dictionary.floats.all.is_empty() => {
                let token = know.dictionary.floats.pick(random).copied().unwrap_or(0.0);
                token + random.between(-1, 1) as f64 * [0.0, 0.0, 0.5, 1.0, 1e-9][random.below(5)]
            }
            30..70 => self.int() as f64,
            70..90 => random.between(-400, 4000) as f64 / 100.0,
            90..96 => (random.unit() - 0.5) * 10f64.powi(random.between(-6, 12) as i32),
            96 => f64::INFINITY,
            97 => f64::NAN,
            98 => f64::NEG_INFINITY,
            _ => 1e308,
        }
    }
}

/// A literal, or a number right beside one.
pub(crate) fn near_token(know: &Knowledge, random: &mut Random) -> Option<i64> {
    if !know.on(Technique::Literals) {
        return None;
    }
    let token = *know.dictionary.ints.pick(random)?;
    let step = [0, 0, 1, -1][random.below(4)];
    Some(clamp(token.saturating_add(step), know.limits))
}

/// A power of two or ten, or a number right beside one.
fn round(random: &mut Random) -> i64 {
    let power = if random.percent(70) {
        1i64 << random.below(63)
    } else {
        10i64.pow(random.below(19) as u32)
    };
    let near = power.saturating_add(random.between(-1, 1));
    if random.percent(15) { -near } else { near }
}

fn clamp(number: i64, limits: Limits) -> i64 {
    if number.unsigned_abs() > limits.int.unsigned_abs() {
        number % limits.int.saturating_add(1).max(2)
    } else {
        number
    }
}
