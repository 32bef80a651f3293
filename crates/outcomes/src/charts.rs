//! Whether a rate shifted: a chart by weeks with exact limits, and a cumulative sum over single deliveries.
//!
//! The chart shows, the sum raises the alarm. Week by week, a shift of a small rate takes months to leave three sigma; the sum gathers
//! what each delivery says for a doubled rate and against it (Page 1954, "Continuous inspection schemes"; for single outcomes Reynolds
//! and Stoumbos 1999, "A CUSUM chart for monitoring a proportion when inspecting continuously").

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{TrendAlarm, TrendChart, TrendWeek};

use crate::trend::{Delivery, TrendSettings};

/// Probability beyond three sigma on one side.
const BEYOND: f64 = 0.001_35;
/// States that the sum is cut into, at most, to work out how long it runs.
const LARGEST: f64 = 3_000.0;
/// Deliveries after which it is looked whether the probability that nothing was told shrinks evenly.
const SETTLED: u32 = 300;
/// Deliveries that are followed at most.
const STEPS: u32 = 20_000;

/// The chart of some deliveries, in the order of time.
pub fn chart(name: &str, deliveries: &[&Delivery], settings: &TrendSettings) -> TrendChart {
    let weeks = by_week(deliveries);
    let baseline: Vec<&Week> = weeks
        .iter()
        .filter(|week| week.all > 0)
        .take(settings.baseline_weeks)
        .collect();
    let all: u32 = baseline.iter().map(|week| week.all).sum();
    let failed: u32 = baseline.iter().map(|week| week.failed).sum();
    // Never zero: a first failure after a clean beginning is no proof of a shift.
    let rate = (f64::from(failed) + 0.5) / (f64::from(all) + 1.0);
    let alarm = (all >= settings.few)
        .then(|| alarm(deliveries, rate, settings))
        .flatten();
    TrendChart {
        name: name.to_owned(),
        baseline_deliveries: all,
        baseline_rate: rate,
        weeks: weeks.iter().map(|week| week.told(rate)).collect(),
        alarm,
    }
}

struct Week {
    monday: Date,
    all: u32,
    failed: u32,
}

fn monday_of(time: Timestamp) -> Date {
    let date = time.to_zoned_datetime(TimeZone::UTC).date();
    let back = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(jiff::Span::new().days(back)).unwrap_or(date)
}

/// Weeks (Monday to Sunday, UTC) from the first delivery to the last, empty ones too.
fn by_week(deliveries: &[&Delivery]) -> Vec<Week> {
    let (Some(first), Some(last)) = (deliveries.first(), deliveries.last()) else {
        return Vec::new();
    };
    let end = monday_of(last.time);
    let mut weeks = Vec::new();
    let mut monday = monday_of(first.time);
    while monday <= end {
        let of: Vec<&&Delivery> = deliveries.iter().filter(|one| monday_of(one.time) == monday).collect();
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        weeks.push(Week {
            monday,
            all: count(of.len()),
            failed: count(of.iter().filter(|one| one.failed).count()),
        });
        let Ok(next) = monday.checked_add(jiff::Span::new().days(7)) else {
            break;
        };
        monday = next;
    }
    weeks
}

impl Week {
    fn told(&self, rate: f64) -> TrendWeek {
        let (low, high) = limits(self.all, rate);
        TrendWeek {
            monday: self.monday.to_string(),
            deliveries: self.all,
            failures: self.failed,
            low,
            high,
            outside: self.failed > high || self.failed < low,
        }
    }
}

/// Fewest and most failures among `all` that are within three sigma of this rate, by the binomial distribution itself: with few
/// deliveries the normal one would call a single failure a shift.
fn limits(all: u32, rate: f64) -> (u32, u32) {
    let mut probability = (1.0 - rate).powi(i32::try_from(all).unwrap_or(i32::MAX));
    let mut below = 0.0;
    let (mut low, mut high) = (None, all);
    for failures in 0..=all {
        // P(X <= failures - 1) is `below` here.
        if low.is_none() && below + probability > BEYOND {
            low = Some(failures);
        }
        below += probability;
        if 1.0 - below < BEYOND {
            high = failures;
            break;
        }
        probability *= f64::from(all - failures) / f64::from(failures + 1) * rate / (1.0 - rate);
    }
    (low.unwrap_or(0), high)
}

/// What a failure and a success add to the sum: logarithms of the likelihood ratio of the shifted rate to the usual one.
fn steps(rate: f64, odds: f64) -> (f64, f64) {
    let shifted = odds * rate / (1.0 - rate + odds * rate);
    ((shifted / rate).ln(), ((1.0 - shifted) / (1.0 - rate)).ln())
}

fn alarm(deliveries: &[&Delivery], rate: f64, settings: &TrendSettings) -> Option<TrendAlarm> {
    let (failure, success) = steps(rate, settings.odds);
    let most = threshold(rate, settings);
    let mut sum = 0.0_f64;
    let mut since = 0;
    for (at, delivery) in deliveries.iter().enumerate() {
        if sum <= 0.0 {
            since = at;
        }
        sum = (sum + if delivery.failed { failure } else { success }).max(0.0);
        if sum > most {
            return Some(told(deliveries, since, at));
        }
    }
    None
}

fn told(deliveries: &[&Delivery], since: usize, raised: usize) -> TrendAlarm {
    let rate = |of: &[&Delivery]| {
        let failed = of.iter().filter(|one| one.failed).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of deliveries fit")]
        let rate = failed as f64 / (of.len() as f64).max(1.0);
        rate
    };
    let (before, after) = deliveries.split_at(since);
    TrendAlarm {
        since: deliveries[since].time,
        raised: deliveries[raised].time,
        rate_before: rate(before),
        rate_after: rate(after),
        deliveries_after: u32::try_from(after.len()).unwrap_or(u32::MAX),
    }
}

/// The sum above which a shift is told: the smallest with which, while the rate stays, as many deliveries pass between two false
/// alarms as the settings say. By the Markov chain of Brook and Evans (1972, "An approach to the probability distribution of CUSUM run
/// length"), and bisection.
fn threshold(rate: f64, settings: &TrendSettings) -> f64 {
    let (mut low, mut high) = (0.1, 20.0);
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if run_length(rate, settings.odds, middle) < settings.run_length {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Deliveries until the sum passes `most`, on average, starting from zero: the sum over all numbers of deliveries of the probability
/// that it has not passed yet.
fn run_length(rate: f64, odds: f64, most: f64) -> f64 {
    let (failure, success) = steps(rate, odds);
    // A state is half a success wide, so that successes move it exactly.
    let width = (-success / 2.0).max(most / LARGEST);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded by LARGEST"
    )]
    let (states, up, down) = (
        (most / width).ceil() as usize + 1,
        (failure / width).round().max(1.0) as usize,
        (-success / width).round().max(1.0) as usize,
    );
    let mut at = vec![0.0_f64; states];
    at[0] = 1.0;
    let (mut length, mut left, mut before) = (0.0, 1.0_f64, 0.0_f64);
    for step in 0..STEPS {
        length += left;
        let mut next = vec![0.0_f64; states];
        for (state, probability) in at.iter().enumerate() {
            if let Some(place) = next.get_mut(state + up) {
                *place += probability * rate;
            }
            next[state.saturating_sub(down)] += probability * (1.0 - rate);
        }
        at = next;
        let still: f64 = at.iter().sum();
        let factor = still / left;
        // From some point on, what is left shrinks by the same factor each time: the rest is a geometric series.
        if step > SETTLED && (factor - before).abs() < 1e-9 && factor < 1.0 {
            return length + still / (1.0 - factor);
        }
        before = factor;
        left = still;
        if left < 1e-9 {
            return length;
        }
    }
    f64::INFINITY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trend::tests::{Chance, delivery};

    #[test]
    fn limits_are_those_of_the_binomial_distribution() {
        // One delivery that fails is no shift, however low the rate is... unless that had hardly any chance.
        assert_eq!(limits(1, 0.05), (0, 1));
        assert_eq!(limits(0, 0.05), (0, 0));
        // P(X > 5 | 20, 0.05) = 0.0003, P(X > 4) = 0.0026.
        assert_eq!(limits(20, 0.05), (0, 5));
        // P(X < 34 | 50, 0.85) = 0.0012 and P(X <= 34) = 0.0014.
        assert_eq!(limits(100, 0.5), (35, 65));
    }

    /// How many deliveries pass until the alarm, at most `most`.
    fn length(
        chance: &mut Chance,
        rate: f64,
        most: usize,
        (failure, success): (f64, f64),
        threshold: f64,
    ) -> Option<usize> {
        let mut sum = 0.0_f64;
        (0..most).find(|_| {
            sum = (sum + if chance.next() < rate { failure } else { success }).max(0.0);
            sum > threshold
        })
    }

    #[test]
    fn alarms_are_as_rare_as_is_said_and_a_shift_is_found() {
        let settings = TrendSettings::default();
        let mut chance = Chance(7);
        for rate in [0.05, 0.1, 0.2] {
            let (both, threshold) = (steps(rate, settings.odds), threshold(rate, &settings));
            let mut lengths = 0.0;
            for _ in 0..400 {
                #[expect(clippy::cast_precision_loss, reason = "lengths are short")]
                let found = length(&mut chance, rate, 20_000, both, threshold).unwrap_or(20_000) as f64;
                lengths += found / 400.0;
            }
            assert!(
                (600.0..1600.0).contains(&lengths),
                "{rate}: {lengths} and not about 1000"
            );
            let found = (0..400)
                .filter(|_| length(&mut chance, 3.0 * rate, 150, both, threshold).is_some())
                .count();
            assert!(
                found >= 320,
                "{rate}: a threefold rate was found in {found} of 400 within 150 deliveries"
            );
        }
    }

    #[test]
    fn the_alarm_says_since_when() {
        let mut deliveries = Vec::new();
        for number in 0..80 {
            deliveries.push(delivery(number, number % 20 == 0));
        }
        for number in 80..120 {
            deliveries.push(delivery(number, number % 2 == 0));
        }
        let all: Vec<&Delivery> = deliveries.iter().collect();
        let chart = chart("all", &all, &TrendSettings::default());
        let alarm = chart.alarm.expect("an alarm");
        assert!(
            alarm.since >= deliveries[78].time && alarm.since <= deliveries[84].time,
            "{alarm:?}"
        );
        assert!(alarm.rate_before < 0.08 && alarm.rate_after > 0.4, "{alarm:?}");
        // While nothing shifts there is none.
        let calm: Vec<&Delivery> = deliveries[..80].iter().collect();
        assert!(super::chart("all", &calm, &TrendSettings::default()).alarm.is_none());
    }
}
