//! Which way the next input is made: a third each of enumeration, mutation and generation, more where more comes of it.

use crate::random::Random;

/// A way of making inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// All combinations of small values.
    Enumeration,
    /// Changes of inputs worth keeping.
    Mutation,
    /// Random values.
    Generation,
}

impl Lane {
    const ALL: [Lane; 3] = [Lane::Enumeration, Lane::Mutation, Lane::Generation];
}

/// Old results fade, so that a lane that dries up is left.
const MEMORY: f64 = 600.0;

/// The share of a lane that has brought nothing, beside the best one's.
const LEAST: f64 = 0.15;

#[derive(Clone, Copy, Debug, Default)]
struct Record {
    tried: f64,
    worth: f64,
}

/// What came of each lane lately.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    records: [Record; 3],
    given: u64,
}

impl Schedule {
    /// The lane for the next input, of those that are open.
    pub fn next(&mut self, random: &mut Random, open: [bool; 3]) -> Option<Lane> {
        if !open.contains(&true) {
            return None;
        }
        self.given += 1;
        let best = self.records.iter().map(Self::rate).fold(0.0, f64::max);
        let weight = |(index, open): (usize, bool)| match open {
            // At first small inputs, for the first witness to be a small one.
            true if index == 0 && self.given < 100 => 2.0,
            true => LEAST + (1.0 - LEAST) * Self::rate(&self.records[index]) / best.max(1e-9),
            false => 0.0,
        };
        Some(Lane::ALL[random.weighted(open.into_iter().enumerate().map(weight))])
    }

    fn rate(record: &Record) -> f64 {
        (record.worth + 20.0) / (record.tried + 40.0)
    }

    /// Learns what came of an input.
    pub fn learn(&mut self, lane: Lane, useful: bool, news: bool) {
        let record = &mut self.records[lane as usize];
        record.tried += 1.0;
        // Something new is worth a few dozen inputs that are merely valid.
        record.worth += f64::from(u8::from(useful)) + if news { 30.0 } else { 0.0 };
        if record.tried > MEMORY {
            record.tried /= 2.0;
            record.worth /= 2.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lanes_go_on_and_the_better_ones_more() {
        let mut schedule = Schedule::default();
        let mut random = Random::new(1);
        for _ in 0..2000 {
            schedule.learn(Lane::Enumeration, false, false);
            schedule.learn(Lane::Mutation, true, false);
            schedule.learn(Lane::Generation, true, false);
            schedule.next(&mut random, [true; 3]);
        }
        let mut counts = [0; 3];
        for _ in 0..3000 {
            counts[schedule.next(&mut random, [true; 3]).expect("open") as usize] += 1;
        }
        assert!(
            counts[0] > 200 && counts[0] < counts[1] && counts[0] < counts[2],
            "{counts:?}"
        );
        assert_eq!(schedule.next(&mut random, [false, true, false]), Some(Lane::Mutation));
        assert_eq!(schedule.next(&mut random, [false; 3]), None);
    }
}
