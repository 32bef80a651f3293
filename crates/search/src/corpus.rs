//! Inputs worth changing: those that reached something new, showed a difference, or at least were valid.

use crate::Validity;
use crate::draft::Draft;
use crate::random::Random;

const CAPACITY: usize = 400;
const SAMPLE: usize = 48;

#[derive(Clone, Debug)]
struct Entry {
    draft: Draft,
    energy: f64,
    picks: u32,
}

impl Entry {
    /// Energy that is left after so many picks.
    fn pull(&self) -> f64 {
        self.energy / (1.0 + f64::from(self.picks) / 24.0)
    }
}

/// What is known of an input that came back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Merit {
    /// Locations that it reached first.
    pub coverage: u32,
    /// Those of them on changed lines.
    pub changed: u32,
    /// Whether it showed a class of difference for the first time.
    pub new_difference: bool,
    /// What base made of it.
    pub validity: Validity,
    /// Whether it is a better example of its difference than any before.
    pub better_example: bool,
    /// How large it is.
    pub size: u64,
}

impl Merit {
    /// How often it should be changed, beside others.
    fn energy(self) -> f64 {
        let reached = f64::from(self.coverage.min(12)).sqrt() + 4.0 * f64::from(self.changed.min(8)).sqrt();
        let shown = if self.new_difference { 3.0 } else { 0.0 } + if self.better_example { 1.0 } else { 0.0 };
        let trust = match self.validity {
            Validity::Returned => 1.0,
            Validity::Raised => 0.7,
            // New code reached on the way to a complaint about types leads to valid inputs less often.
            _ => 0.1,
        };
        // Small inputs run faster and are changed to more effect.
        trust * (0.5 + reached + shown) / (1.0 + self.size as f64 / 400.0)
    }
}

/// The inputs that are kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Corpus {
    entries: Vec<Entry>,
    sample: Vec<Draft>,
    offered: usize,
}

impl Corpus {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.sample.is_empty()
    }

    /// Keeps an input for its merit.
    pub fn keep(&mut self, draft: Draft, merit: Merit) {
        let entry = Entry {
            draft,
            energy: merit.energy(),
            picks: 0,
        };
        if self.entries.len() < CAPACITY {
            self.entries.push(entry);
            return;
        }
        let pulls = self.entries.iter().map(Entry::pull).enumerate();
        if let Some((worst, pull)) = pulls.min_by(|a, b| a.1.total_cmp(&b.1))
            && pull < entry.energy
        {
            self.entries[worst] = entry;
        }
    }

    /// Whether a valid input without other merit should be offered now: a sample of them is kept, evenly over time.
    pub fn wants_sample(&mut self, random: &mut Random) -> bool {
        self.offered += 1;
        self.sample.len() < SAMPLE || random.below(self.offered) < SAMPLE
    }

    /// Keeps a valid input in the sample.
    pub fn add_sample(&mut self, draft: Draft, random: &mut Random) {
        if self.sample.len() < SAMPLE {
            self.sample.push(draft);
        } else {
            let index = random.below(SAMPLE);
            self.sample[index] = draft;
        }
    }

    /// An input to change: the best of three by what energy they have left, or one of the sample.
    pub fn pick(&mut self, random: &mut Random) -> Option<&Draft> {
        if self.entries.is_empty() || (!self.sample.is_empty() && random.percent(15)) {
            return random.pick(&self.sample);
        }
        let count = self.entries.len();
        let mut best = random.below(count);
        for _ in 0..2 {
            let other = random.below(count);
            if self.entries[other].pull() > self.entries[best].pull() {
                best = other;
            }
        }
        self.entries[best].picks += 1;
        Some(&self.entries[best].draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Given;
    use model::Value;

    fn draft(number: i64) -> Draft {
        Draft {
            given: vec![Given::One(Value::Int(number))],
            nodes: vec![],
        }
    }

    fn plain_merit() -> Merit {
        let validity = Validity::Returned;
        Merit {
            coverage: 1,
            changed: 0,
            new_difference: false,
            better_example: false,
            validity,
            size: 5,
        }
    }

    #[test]
    fn what_reaches_changed_lines_is_picked_more_often() {
        let mut corpus = Corpus::default();
        let plain = plain_merit();
        (0..10).for_each(|number| corpus.keep(draft(number), plain));
        corpus.keep(draft(99), Merit { changed: 2, ..plain });
        let mut random = Random::new(1);
        let hits = (0..100)
            .filter(|_| corpus.pick(&mut random) == Some(&draft(99)))
            .count();
        assert!(hits > 15, "{hits}");
    }

    #[test]
    fn it_stays_bounded() {
        let mut corpus = Corpus::default();
        let mut random = Random::new(1);
        let merit = plain_merit();
        for number in 0..2000 {
            corpus.keep(draft(number), merit);
            if corpus.wants_sample(&mut random) {
                corpus.add_sample(draft(number), &mut random);
            }
        }
        assert_eq!((corpus.entries.len(), corpus.sample.len()), (CAPACITY, SAMPLE));
    }
}
