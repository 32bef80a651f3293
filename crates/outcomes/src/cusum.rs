//! The Bernoulli CUSUM of Reynolds and Stoumbos 1999, "A CUSUM chart for monitoring a proportion when inspecting continuously" (Journal of
//! Quality Technology 31): a sum over single deliveries that grows with failures and shrinks with successes, so that a rate that rose is
//! found after few deliveries, however they fall into weeks.
//!
//! As there, the steps are put on a grid, on which the average run length is that of a finite Markov chain and exact.

/// The lowest rate that is reckoned with. Below it one more failure or less would decide, and the grid would be needlessly fine.
const LEAST_RATE: f64 = 0.000_5;
/// The highest one.
const GREATEST_RATE: f64 = 0.99;
/// The smaller step is one of as many, …
const FINEST: u32 = 8;
/// … the first with which the ratio of the steps is so exact.
const EXACT: f64 = 0.02;
/// No threshold is beyond this.
const GREATEST_THRESHOLD: u32 = 1 << 20;

/// The rate to reckon with where so many of the deliveries failed: the mean of what Jeffreys' prior (½, ½) and these leave, within bounds.
pub(crate) fn reckoned(failures: u32, deliveries: u32) -> f64 {
    ((f64::from(failures) + 0.5) / (f64::from(deliveries) + 1.0)).clamp(LEAST_RATE, GREATEST_RATE)
}

/// Steps and threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Design {
    /// What a failure adds.
    pub(crate) up: u32,
    /// What a success takes.
    pub(crate) down: u32,
    /// Where an alarm is raised.
    pub(crate) threshold: u32,
    /// Deliveries from zero to a false alarm, on average.
    pub(crate) run_length: f64,
}

impl Design {
    /// Tuned to find that the odds of a failure are so many times those of `rate`, with the lowest threshold that lets as many deliveries pass
    /// between false alarms as is wanted, on average. The threshold is always more than one failure adds: a single one is never an alarm.
    pub(crate) fn new(rate: f64, odds: f64, run_length: f64) -> Self {
        let (up, down) = steps(rate, odds);
        let mut design = Self {
            up,
            down,
            threshold: up + 1,
            run_length: average_run_length(rate, up, down, up + 1),
        };
        // Too low a threshold, and one that may be lower still. Run lengths grow with it.
        let mut low = design.threshold;
        while design.run_length < run_length && design.threshold < GREATEST_THRESHOLD {
            low = design.threshold;
            design.threshold *= 2;
            design.run_length = average_run_length(rate, up, down, design.threshold);
        }
        while design.threshold - low > 1 {
            let middle = low + (design.threshold - low) / 2;
            let length = average_run_length(rate, up, down, middle);
            if length < run_length {
                low = middle;
            } else {
                (design.threshold, design.run_length) = (middle, length);
            }
        }
        design
    }

    /// The sum after a delivery. It does not grow beyond the threshold, so that an alarm ends soon once things are as they were.
    pub(crate) fn after(&self, sum: u32, failed: bool) -> u32 {
        if failed {
            (sum + self.up).min(self.threshold)
        } else {
            sum.saturating_sub(self.down)
        }
    }
}

/// What a failure adds and a success takes, in whole numbers of about the ratio of the logarithms of their likelihood ratios. Rounded so that
/// failures count rather less than more: without a change the sum then drifts towards zero.
fn steps(rate: f64, odds: f64) -> (u32, u32) {
    // With odds that are k times as high, a success is 1 / (1 + (k - 1) rate) times as likely, and a failure k times that.
    let success = ((odds - 1.0) * rate).ln_1p();
    let failure = odds.ln() - success;
    let ratio = failure / success;
    let candidate = |smaller: u32| {
        let smaller = f64::from(smaller);
        let (up, down) = if ratio >= 1.0 {
            ((smaller * ratio).floor(), smaller)
        } else {
            (smaller, (smaller / ratio).ceil())
        };
        (1.0 - up / down / ratio, up, down)
    };
    let first_exact = (1..=FINEST).map(candidate).find(|(error, ..)| *error < EXACT);
    let (_, up, down) = first_exact
        .or_else(|| {
            (1..=FINEST)
                .map(candidate)
                .min_by(|one, other| one.0.total_cmp(&other.0))
        })
        .unwrap_or_else(|| candidate(1));
    // Both are small whole numbers: rates and odds have bounds.
    (up as u32, down as u32)
}

/// Deliveries that pass on average, from a sum of zero, until the sum reaches the threshold, where each fails at this rate.
///
/// Of the chain whose states are the sums below the threshold, each state's expectation is written as a constant and shares of the `down` states
/// below it, from the highest state down: what lies above has been written so already. States below zero are zero.
fn average_run_length(rate: f64, up: u32, down: u32, threshold: u32) -> f64 {
    let (up, down, states) = (up as usize, down as usize, threshold as usize);
    let mut constants = vec![0.0; states];
    let mut shares = vec![0.0; states * down];
    let mut reached = vec![0.0; down];
    for state in (0..states).rev() {
        let mut constant = 1.0;
        // On this state, then on those below.
        reached.fill(0.0);
        if state + up < states {
            // On the state that a failure leads to, then on those below that; the highest is replaced until it is this one.
            reached[0] = rate;
            for above in (state + 1..=state + up).rev() {
                let share = reached[0];
                constant += share * constants[above];
                let own = &shares[above * down..(above + 1) * down];
                for at in 0..down {
                    let next = reached.get(at + 1).copied().unwrap_or(0.0);
                    reached[at] = next + share * own[at];
                }
            }
        }
        let scale = 1.0 - reached[0];
        let own = &mut shares[state * down..(state + 1) * down];
        for (at, share) in own.iter_mut().enumerate() {
            let above = reached.get(at + 1).copied().unwrap_or(0.0);
            let success = if at + 1 == down { 1.0 - rate } else { 0.0 };
            *share = (above + success) / scale;
        }
        constants[state] = constant / scale;
    }
    // Below zero is zero.
    let back: f64 = shares[..down].iter().sum();
    constants[0] / (1.0 - back)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// SplitMix64 (Steele, Lea and Flood 2014): numbers by chance that are the same on every machine.
    pub(crate) struct Chance(pub(crate) u64);

    impl Chance {
        /// True so often.
        pub(crate) fn happens(&mut self, rate: f64) -> bool {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut bits = self.0;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            bits ^= bits >> 31;
            ((bits >> 11) as f64) / ((1u64 << 53) as f64) < rate
        }
    }

    /// Deliveries until an alarm, at most as many as given.
    fn run(design: &Design, rate: f64, most: u32, chance: &mut Chance) -> Option<u32> {
        let mut sum = 0;
        (1..=most).find(|_| {
            sum = design.after(sum, chance.happens(rate));
            sum >= design.threshold
        })
    }

    #[test]
    fn the_chain_gives_what_can_be_computed_by_hand() {
        // Two failures in a row.
        let rate: f64 = 0.3;
        let by_hand = (1.0 + rate) / (rate * rate);
        assert!((average_run_length(rate, 1, 1, 2) - by_hand).abs() < 1e-9);
        // One failure.
        assert!((average_run_length(rate, 3, 1, 3) - 1.0 / rate).abs() < 1e-9);
        // Two failures, the second at once or after one success.
        let second = 1.0 - (1.0 - rate) * (1.0 - rate);
        let by_hand = (1.0 / rate + 1.0 + (1.0 - rate)) / second;
        let computed = average_run_length(rate, 2, 1, 3);
        // After failure and success the sum is 1, from where a failure makes 3; after one more success it is 0.
        assert!((computed - by_hand).abs() < 1e-9, "{computed} {by_hand}");
    }

    #[test]
    fn false_alarms_are_as_rare_as_was_computed() {
        for (rate, odds, run_length) in [
            (0.01, 2.0, 1000.0),
            (0.05, 2.0, 1000.0),
            (0.2, 2.0, 1000.0),
            (0.5, 2.0, 500.0),
            (0.9, 3.0, 500.0),
            (0.05, 4.0, 2000.0),
        ] {
            let design = Design::new(rate, odds, run_length);
            assert!(design.run_length >= run_length, "{design:?}");
            let mut chance = Chance(7);
            let runs = 2000;
            let sum: f64 = (0..runs)
                .map(|_| f64::from(run(&design, rate, u32::MAX, &mut chance).unwrap()))
                .sum();
            let simulated = sum / f64::from(runs);
            // The standard error of 2000 runs is 2.2 %.
            assert!(
                (simulated / design.run_length - 1.0).abs() < 0.08,
                "{design:?} {simulated}"
            );
        }
    }

    /// In control at 5 %, with the defaults: at most two runs of five have an alarm within 500 deliveries (1 - e^-½ are 39 %). At three times the
    /// rate, at least four of five have one within 120.
    #[test]
    fn a_threefold_rate_is_found_soon_and_an_unchanged_one_rarely() {
        let design = Design::new(0.05, 2.0, 1000.0);
        let mut chance = Chance(11);
        let runs = 2000;
        let false_alarms = (0..runs)
            .filter(|_| run(&design, 0.05, 500, &mut chance).is_some())
            .count();
        let found = (0..runs)
            .filter(|_| run(&design, 0.15, 120, &mut chance).is_some())
            .count();
        assert!(false_alarms * 5 <= runs * 2, "{design:?}: {false_alarms}");
        assert!(found * 5 >= runs * 4, "{found}");
    }

    #[test]
    fn a_single_failure_is_never_an_alarm_and_bounds_hold() {
        for rate in [LEAST_RATE, 0.001, 0.3, GREATEST_RATE] {
            for odds in [1.25, 2.0, 100.0] {
                let design = Design::new(rate, odds, 100.0);
                assert!(design.after(0, true) < design.threshold, "{rate} {odds}: {design:?}");
                // Without a change it drifts down.
                let drift = rate * f64::from(design.up) - (1.0 - rate) * f64::from(design.down);
                assert!(drift < 0.0, "{rate} {odds}: {design:?}");
            }
        }
        assert!(reckoned(0, 0) > 0.0 && reckoned(0, u32::MAX) == LEAST_RATE && reckoned(9, 9) < 1.0);
    }
}
