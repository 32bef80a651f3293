//! Limits of a count, by the exact binomial distribution.

/// What a normal distribution has beyond three sigma, on one side.
const TAIL: f64 = 0.00135;

/// Least and greatest number of failures of so many deliveries that are within the limits, where each fails at this rate (between 0 and 1,
/// exclusive): fewer than the least have a probability below 0.00135 together, and so have more than the greatest. One failure is never too
/// many: a rate that is estimated from few says nothing of whether one can happen.
pub(crate) fn limits(deliveries: u32, rate: f64) -> (u32, u32) {
    let least = least(deliveries, rate);
    let greatest = deliveries - self::least(deliveries, 1.0 - rate);
    (least, greatest.max(deliveries.min(1)))
}

/// Least count at which the distribution function reaches [`TAIL`]. In logarithms, since (1 - rate)ⁿ of many is less than a number can hold.
fn least(deliveries: u32, rate: f64) -> u32 {
    let odds = rate.ln() - (-rate).ln_1p();
    let mut logarithm = f64::from(deliveries) * (-rate).ln_1p();
    let mut sum = 0.0;
    for failures in 0..deliveries {
        sum += logarithm.exp();
        if sum >= TAIL {
            return failures;
        }
        logarithm += f64::from(deliveries - failures).ln() - f64::from(failures + 1).ln() + odds;
    }
    deliveries
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Probability of so many failures, term by term.
    fn probability(failures: u32, of: u32, rate: f64) -> f64 {
        let ways: f64 = (0..failures).map(|at| f64::from(of - at) / f64::from(at + 1)).product();
        ways * rate.powf(f64::from(failures)) * (1.0 - rate).powf(f64::from(of - failures))
    }

    #[test]
    fn limits_cut_off_what_is_improbable_and_no_more() {
        for (of, rate) in [
            (1, 0.05),
            (7, 0.2),
            (20, 0.05),
            (50, 0.5),
            (100, 0.02),
            (200, 0.3),
            (60, 0.97),
        ] {
            let (least, greatest) = limits(of, rate);
            let below = |until: u32| (0..until).map(|at| probability(at, of, rate)).sum::<f64>();
            let above = |from: u32| (from..=of).map(|at| probability(at, of, rate)).sum::<f64>();
            assert!(below(least) < TAIL && below(least + 1) >= TAIL, "{of} {rate}: {least}");
            assert!(above(greatest + 1) < TAIL, "{of} {rate}: {greatest}");
            assert!(greatest == 1 || above(greatest) >= TAIL, "{of} {rate}: {greatest}");
        }
    }

    #[test]
    fn small_weeks_bear_a_failure_and_large_ones_do_not_underflow() {
        assert_eq!(limits(1, 0.000_5), (0, 1));
        assert_eq!(limits(0, 0.05), (0, 0));
        let (least, greatest) = limits(20_000, 0.1);
        // Three sigma are 127.
        assert!((1865..1880).contains(&least), "{least}");
        assert!((2120..2135).contains(&greatest), "{greatest}");
    }
}
