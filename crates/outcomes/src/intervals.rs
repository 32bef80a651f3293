//! Intervals of 95 % for a rate and for a ratio of two.

/// The 97.5th percentile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Wilson's score interval of a rate (Wilson 1927, "Probable inference, the law of succession, and statistical inference"), from 0 to 1;
/// all of that for none of none.
pub(crate) fn wilson(failures: u32, of: u32) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let number = f64::from(of);
    let rate = f64::from(failures) / number;
    let square = Z * Z;
    let scale = 1.0 + square / number;
    let middle = (rate + square / (2.0 * number)) / scale;
    let half = Z * (rate * (1.0 - rate) / number + square / (4.0 * number * number)).sqrt() / scale;
    // At the ends the formula gives exactly 0 and 1, but for what rounding leaves.
    let low = if failures == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if failures == of { 1.0 } else { (middle + half).min(1.0) };
    (low, high)
}

/// How often the ones failed, divided by how often the others did, and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    /// The ratio.
    pub(crate) ratio: f64,
    /// Lower end.
    pub(crate) low: f64,
    /// Upper end.
    pub(crate) high: f64,
}

/// Risk ratio of two groups, each (failures, of), with the interval of the log method (Katz, Baptista, Azen and Pike 1978, "Obtaining
/// confidence intervals for the risk ratio in cohort studies"). Where one of the four counts is zero, half is added to each of them (Haldane,
/// Anscombe). None where a group is empty.
pub(crate) fn katz(ones: (u32, u32), others: (u32, u32)) -> Option<Ratio> {
    if ones.1 == 0 || others.1 == 0 {
        return None;
    }
    let cells = [ones, others].map(|(failures, of)| [failures, of.saturating_sub(failures)]);
    let added = if cells.iter().flatten().any(|&cell| cell == 0) {
        0.5
    } else {
        0.0
    };
    let [(one, one_of), (other, other_of)] = cells.map(|[failures, successes]| {
        let failures = f64::from(failures) + added;
        (failures, failures + f64::from(successes) + added)
    });
    let ratio = (one / one_of) / (other / other_of);
    let error = (1.0 / one - 1.0 / one_of + 1.0 / other - 1.0 / other_of).sqrt();
    Some(Ratio {
        ratio,
        low: ratio * (-Z * error).exp(),
        high: ratio * (Z * error).exp(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_digits(value: f64, digits: i32) -> f64 {
        let scale = 10f64.powi(digits);
        (value * scale).round() / scale
    }

    /// Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    #[test]
    fn wilson_gives_what_is_published() {
        for (failures, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (is_low, is_high) = wilson(failures, of);
            assert_eq!(
                (to_digits(is_low, 4), to_digits(is_high, 4)),
                (low, high),
                "{failures}/{of}"
            );
        }
        assert_eq!(wilson(0, 0), (0.0, 1.0));
        assert_eq!(wilson(5, 5).1, 1.0);
    }

    /// Heart attacks under placebo and aspirin in the Physicians' Health Study, as in Agresti, "Categorical data analysis": 1.82 (1.43, 2.30), the last
    /// of which is exp(0.835), cut off.
    #[test]
    fn katz_gives_what_is_published() {
        let ratio = katz((189, 11_034), (104, 11_037)).unwrap();
        for (is, published) in [(ratio.ratio, 1.82), (ratio.low, 1.43), (ratio.high, 2.30)] {
            assert!((is - published).abs() < 0.007, "{is} {published}");
        }
    }

    #[test]
    fn zeros_are_corrected_and_empty_groups_have_no_ratio() {
        let ratio = katz((0, 20), (4, 20)).unwrap();
        assert_eq!(to_digits(ratio.ratio, 4), to_digits((0.5 / 21.0) / (4.5 / 21.0), 4));
        assert!(ratio.low > 0.0 && ratio.high.is_finite());
        let all = katz((3, 3), (4, 4)).unwrap();
        assert!(all.low < 1.0 && all.high > 1.0, "{all:?}");
        assert_eq!(katz((0, 0), (1, 2)), None);
        assert_eq!(katz((1, 2), (0, 0)), None);
    }
}
