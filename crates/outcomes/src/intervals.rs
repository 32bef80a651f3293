//! Intervals for shares and for their ratio.

/// Standard normal quantile of a two-sided interval of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// The Wilson score interval of 95 % for `failures` among `all`; from 0 to 1 where there is none.
///
/// Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
pub fn wilson(failures: u32, all: u32) -> (f64, f64) {
    if all == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (f64::from(all), f64::from(failures) / f64::from(all));
    let z2 = Z * Z;
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let low = if failures == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if failures == all { 1.0 } else { (middle + half).min(1.0) };
    (low, high)
}

/// How many times as often one group fails as the other, with an interval of 95 %: the logarithm method of Katz and others
/// (1978, "Obtaining confidence intervals for the risk ratio in cohort studies"), a half added to each count so that none is zero.
pub fn ratio((one, of_one): (u32, u32), (other, of_other): (u32, u32)) -> (f64, f64, f64) {
    let half = |count: u32| f64::from(count) + 0.5;
    let (a, n, b, m) = (half(one), half(of_one), half(other), half(of_other));
    let ratio = (a / n) / (b / m);
    let spread = Z * (1.0 / a - 1.0 / n + 1.0 / b - 1.0 / m).max(0.0).sqrt();
    (ratio, ratio * (-spread).exp(), ratio * spread.exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_gives_the_published_values() {
        // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        for (failures, all, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (found_low, found_high) = wilson(failures, all);
            assert!(
                (found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5,
                "{failures} of {all}"
            );
        }
        assert_eq!(wilson(0, 0), (0.0, 1.0));
        assert!((wilson(5, 5).1 - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_ratio_of_equals_is_one_and_of_few_is_wide() {
        let (ratio, low, high) = ratio((5, 100), (5, 100));
        assert!((ratio - 1.0).abs() < 1e-9 && low < 1.0 && high > 1.0);
        let (_, low, _) = super::ratio((40, 100), (5, 100));
        assert!(low > 1.0);
        let (_, low, high) = super::ratio((1, 2), (0, 2));
        assert!(low < 1.0 && high > 1.0);
    }
}
