//! Weights of the risk score, fitted to the history of a repository.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::linear::solve;

/// Fewer changes tell nothing.
const FEWEST: usize = 100;
/// Fewer changes that failed tell nothing.
const FEWEST_FAILED: usize = 10;
/// Fewer among those held out cannot tell which weights are better.
const FEWEST_HELD_OUT: usize = 3;
/// How strongly a weight is held to the one it starts from: one over the variance of a normal prior with a standard deviation of 0.25.
const RIDGE: f64 = 16.0;
/// The same of the bias, with one of 2: how often changes are mended, and how often that is written down, differs widely.
const BIAS_RIDGE: f64 = 0.25;
/// Steps of Newton's method; it needs five to ten.
const STEPS: usize = 50;

/// Weights, and what they are worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// Weights of the features, in their order: the fitted ones, or those that were given where these order the held-out changes no
    /// better.
    pub weights: Vec<f64>,
    /// Log-odds where all features are zero.
    pub bias: f64,
    /// Whether the weights are fitted ones.
    pub fitted: bool,
    /// Changes that they were fitted to: the earlier four fifths.
    pub changes: u32,
    /// Those among them that failed.
    pub failed: u32,
    /// Changes held out: the later fifth, which the fit has not seen.
    pub held_out: u32,
    /// Those among them that failed.
    pub held_out_failed: u32,
    /// Probability that, of two held-out changes, one that failed and one that did not, the fitted weights put the failed one first.
    pub auc: f64,
    /// The same of the weights that were given.
    pub prior_auc: f64,
    /// Mean square between the held-out changes' fitted probability and what became of them (Brier 1950); less is better.
    pub brier: f64,
    /// The same of the weights that were given.
    pub prior_brier: f64,
}

/// Why nothing can be fitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum FitRefusal {
    /// There are too few changes.
    TooFew {
        /// How many there are.
        changes: u32,
        /// How many are needed.
        needed: u32,
    },
    /// Too few of them failed.
    TooFewFailed {
        /// How many did.
        failed: u32,
        /// How many are needed.
        needed: u32,
    },
    /// Too few of the later fifth failed, or all did, so that nothing can tell which weights are better.
    NothingToJudgeBy {
        /// How many of them failed.
        failed: u32,
        /// Of so many.
        held_out: u32,
    },
    /// Rows have other lengths, or values that are no numbers, or the equations have no solution.
    NoNumbers,
}

impl std::fmt::Display for FitRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooFew { changes, needed } => {
                write!(f, "there are {changes} changes to learn from, and {needed} are needed")
            }
            Self::TooFewFailed { failed, needed } => {
                write!(
                    f,
                    "{failed} of the changes to learn from failed, and {needed} are needed"
                )
            }
            Self::NothingToJudgeBy { failed, held_out } => write!(
                f,
                "{failed} of the {held_out} later changes failed: that cannot tell which weights are better"
            ),
            Self::NoNumbers => write!(f, "what was measured is not finite"),
        }
    }
}

impl std::error::Error for FitRefusal {}

/// Fits weights to changes, the oldest first, each with its features and whether it failed. `prior` is the bias, then a weight for each
/// feature.
///
/// Logistic regression by Newton's method (iteratively reweighted least squares), with a penalty on the square of how far each weight
/// is from the one given (ridge: le Cessie and van Houwelingen 1992, "Ridge estimators in logistic regression"), so that few changes
/// move them little. It is fitted to the earlier four fifths and judged on the later fifth, as it will be used: on what is yet to come.
/// Where it orders these no better than the given weights do, by the area under the ROC curve ([`auc`]), the given ones stay, bias
/// included.
///
/// # Errors
/// When fewer than 100 changes are to learn from, or fewer than 10 of them failed, or fewer than 3 of those held out, or features are no
/// numbers.
pub fn fit(rows: &[(Vec<f64>, bool)], prior: &[f64]) -> Result<Fit, FitRefusal> {
    let is_row = |row: &(Vec<f64>, bool)| row.0.len() + 1 == prior.len() && row.0.iter().all(|value| value.is_finite());
    if !rows.iter().all(is_row) || !prior.iter().all(|weight| weight.is_finite()) {
        return Err(FitRefusal::NoNumbers);
    }
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let failed = |rows: &[(Vec<f64>, bool)]| rows.iter().filter(|(_, failed)| *failed).count();
    if rows.len() < FEWEST {
        return Err(FitRefusal::TooFew {
            changes: number(rows.len()),
            needed: number(FEWEST),
        });
    }
    let (earlier, later) = rows.split_at(rows.len() - rows.len() / 5);
    if failed(earlier) < FEWEST_FAILED {
        return Err(FitRefusal::TooFewFailed {
            failed: number(failed(earlier)),
            needed: number(FEWEST_FAILED),
        });
    }
    let held_out_failed = failed(later);
    if held_out_failed < FEWEST_HELD_OUT || later.len() - held_out_failed < FEWEST_HELD_OUT {
        return Err(FitRefusal::NothingToJudgeBy {
            failed: number(held_out_failed),
            held_out: number(later.len()),
        });
    }
    let fitted = regress(earlier, prior).ok_or(FitRefusal::NoNumbers)?;
    let scored = |weights: &[f64]| -> Vec<(f64, bool)> {
        later
            .iter()
            .map(|(row, failed)| (probability(weights, row), *failed))
            .collect()
    };
    let (scores, prior_scores) = (scored(&fitted), scored(prior));
    let (own, given) = (auc(&scores).unwrap_or(0.5), auc(&prior_scores).unwrap_or(0.5));
    let better = own > given;
    let chosen = if better { &fitted } else { prior };
    Ok(Fit {
        weights: chosen[1..].to_vec(),
        bias: chosen[0],
        fitted: better,
        changes: number(earlier.len()),
        failed: number(failed(earlier)),
        held_out: number(later.len()),
        held_out_failed: number(held_out_failed),
        auc: own,
        prior_auc: given,
        brier: brier(&scores),
        prior_brier: brier(&prior_scores),
    })
}

fn log_odds(weights: &[f64], row: &[f64]) -> f64 {
    weights[0]
        + weights[1..]
            .iter()
            .zip(row)
            .map(|(weight, value)| weight * value)
            .sum::<f64>()
}

fn probability(weights: &[f64], row: &[f64]) -> f64 {
    1.0 / (1.0 + (-log_odds(weights, row)).exp())
}

fn ridge(at: usize) -> f64 {
    if at == 0 { BIAS_RIDGE } else { RIDGE }
}

/// What is made as small as can be: the negative log-likelihood and the penalty.
fn cost(rows: &[(Vec<f64>, bool)], prior: &[f64], weights: &[f64]) -> f64 {
    // ln(1 + exp(x)) without overflow.
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    let likelihood: f64 = rows
        .iter()
        .map(|(row, failed)| {
            let odds = log_odds(weights, row);
            softplus(odds) - if *failed { odds } else { 0.0 }
        })
        .sum();
    let from_prior = weights.iter().zip(prior).enumerate();
    let penalty: f64 = from_prior
        .map(|(at, (weight, prior))| ridge(at) * (weight - prior).powi(2))
        .sum();
    likelihood + penalty / 2.0
}

fn regress(rows: &[(Vec<f64>, bool)], prior: &[f64]) -> Option<Vec<f64>> {
    let mut weights = prior.to_vec();
    let mut now = cost(rows, prior, &weights);
    for _ in 0..STEPS {
        let step = newton(rows, prior, &weights)?;
        // The cost is convex: where a whole step is too far, a part of it is not.
        let mut part = 1.0;
        let next = loop {
            let tried: Vec<f64> = weights
                .iter()
                .zip(&step)
                .map(|(weight, step)| weight + part * step)
                .collect();
            let cost = cost(rows, prior, &tried);
            if cost <= now {
                break Some((tried, cost));
            }
            part /= 2.0;
            if part < 1e-6 {
                break None;
            }
        };
        let Some((tried, cost)) = next else {
            break;
        };
        let gained = now - cost;
        (weights, now) = (tried, cost);
        if gained < 1e-10 {
            break;
        }
    }
    weights.iter().all(|weight| weight.is_finite()).then_some(weights)
}

/// One step of Newton's method.
fn newton(rows: &[(Vec<f64>, bool)], prior: &[f64], weights: &[f64]) -> Option<Vec<f64>> {
    let size = prior.len();
    let mut slope: Vec<f64> = (0..size).map(|at| ridge(at) * (prior[at] - weights[at])).collect();
    let mut curve: Vec<Vec<f64>> = vec![vec![0.0; size]; size];
    for (at, row) in curve.iter_mut().enumerate() {
        row[at] = ridge(at);
    }
    for (row, failed) in rows {
        let probability = probability(weights, row);
        let error = f64::from(u8::from(*failed)) - probability;
        let weight = probability * (1.0 - probability);
        let values: Vec<f64> = std::iter::once(1.0).chain(row.iter().copied()).collect();
        for (at, curved) in curve.iter_mut().enumerate() {
            slope[at] += error * values[at];
            for (other, entry) in curved.iter_mut().enumerate() {
                *entry += weight * values[at] * values[other];
            }
        }
    }
    solve(curve, &slope)
}

fn brier(scores: &[(f64, bool)]) -> f64 {
    let sum: f64 = scores
        .iter()
        .map(|(score, failed)| (score - f64::from(u8::from(*failed))).powi(2))
        .sum();
    sum / scores.len().max(1) as f64
}

/// The area under the ROC curve: the probability that, of one that failed and one that did not, the failed one has the higher score, ties
/// counted half. By ranks, as Mann and Whitney 1947 (Hanley and McNeil 1982). None where all failed, or none did.
pub fn auc(scores: &[(f64, bool)]) -> Option<f64> {
    let mut ordered: Vec<&(f64, bool)> = scores.iter().collect();
    ordered.sort_by(|one, other| one.0.total_cmp(&other.0));
    let failed = ordered.iter().filter(|one| one.1).count() as f64;
    let others = ordered.len() as f64 - failed;
    if failed == 0.0 || others == 0.0 {
        return None;
    }
    let (mut below, mut pairs) = (0.0, 0.0);
    for tied in ordered.chunk_by(|one, other| one.0 == other.0) {
        let failed = tied.iter().filter(|one| one.1).count() as f64;
        let others = tied.len() as f64 - failed;
        pairs += failed * (below + others / 2.0);
        below += others;
    }
    Some(pairs / (failed * others))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
    struct Random(u64);

    impl Random {
        /// From 0 to 1.
        fn share(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut bits = self.0;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            bits ^= bits >> 31;
            #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
            let share = (bits >> 11) as f64 / (1_u64 << 53) as f64;
            share
        }

        /// Whether something of this probability happens.
        fn chance(&mut self, probability: f64) -> bool {
            self.share() < probability
        }
    }

    /// Changes that fail as these weights say.
    fn history(number: usize, truth: &[f64], random: &mut Random) -> Vec<(Vec<f64>, bool)> {
        let one = |random: &mut Random| {
            let row: Vec<f64> = truth[1..].iter().map(|_| random.share() * 5.0).collect();
            let failed = random.chance(probability(truth, &row));
            (row, failed)
        };
        (0..number).map(|_| one(random)).collect()
    }

    const PRIOR: [f64; 3] = [-4.0, 0.4, 0.15];

    #[test]
    fn many_changes_lead_to_the_truth() {
        let truth = [-3.0, 0.2, 0.9];
        let fit = fit(&history(6_000, &truth, &mut Random(5)), &PRIOR).unwrap();
        assert!(
            fit.fitted && fit.auc > fit.prior_auc && fit.brier < fit.prior_brier,
            "{fit:?}"
        );
        assert!(
            (fit.bias + 3.0).abs() < 0.4 && (fit.weights[0] - 0.2).abs() < 0.1 && (fit.weights[1] - 0.9).abs() < 0.1,
            "{fit:?}"
        );
        assert_eq!((fit.changes, fit.held_out), (4_800, 1_200));
    }

    #[test]
    fn few_changes_move_the_weights_little() {
        let rows = history(150, &[-3.0, -0.4, 0.9], &mut Random(6));
        let moved = regress(&rows, &PRIOR).unwrap();
        let loose = history(6_000, &[-3.0, -0.4, 0.9], &mut Random(6));
        let far = regress(&loose, &PRIOR).unwrap();
        assert!(
            (moved[1] - PRIOR[1]).abs() < (far[1] - PRIOR[1]).abs() * 0.8,
            "{moved:?} {far:?}"
        );
    }

    #[test]
    fn weights_that_are_no_better_stay_away() {
        // Early changes fail for one reason, later ones for the other.
        let mut rows = history(400, &[-2.5, 0.8, -0.8], &mut Random(7));
        rows.extend(history(100, &[-2.5, 0.0, 0.9], &mut Random(8)));
        let fit = fit(&rows, &PRIOR).unwrap();
        assert!(!fit.fitted && fit.auc < fit.prior_auc, "{fit:?}");
        assert_eq!((fit.bias, fit.weights.as_slice()), (PRIOR[0], &PRIOR[1..]));
    }

    #[test]
    fn too_little_is_refused_with_the_reason() {
        let rows = |number: usize, failed: &dyn Fn(usize) -> bool| -> Vec<(Vec<f64>, bool)> {
            (0..number).map(|at| (vec![1.0, at as f64], failed(at))).collect()
        };
        let why = |rows: &[(Vec<f64>, bool)]| fit(rows, &PRIOR).unwrap_err().to_string();
        assert_eq!(
            why(&rows(99, &|_| true)),
            "there are 99 changes to learn from, and 100 are needed"
        );
        assert_eq!(
            why(&rows(100, &|at| at < 9)),
            "9 of the changes to learn from failed, and 10 are needed"
        );
        assert!(why(&rows(100, &|at| at < 20)).starts_with("0 of the 20 later changes failed"));
        let mut odd = rows(100, &|at| at % 2 == 0);
        odd[3].0[0] = f64::NAN;
        assert_eq!(fit(&odd, &PRIOR), Err(FitRefusal::NoNumbers));
        assert_eq!(
            fit(&rows(100, &|at| at % 2 == 0), &PRIOR[..2]),
            Err(FitRefusal::NoNumbers)
        );
    }

    #[test]
    fn what_is_separable_has_an_end() {
        let rows: Vec<(Vec<f64>, bool)> = (0..200)
            .map(|at| (vec![f64::from(at % 10) * 1e3, 0.0], at % 10 > 5))
            .collect();
        let fit = fit(&rows, &PRIOR).unwrap();
        assert!(fit.weights.iter().all(|weight| weight.is_finite()), "{fit:?}");
    }

    #[test]
    fn areas_are_those_of_pairs() {
        assert_eq!(
            auc(&[(0.1, false), (0.4, false), (0.35, true), (0.8, true)]),
            Some(0.75)
        );
        assert_eq!(auc(&[(0.5, false), (0.5, true)]), Some(0.5));
        assert_eq!(auc(&[(0.5, true)]), None);
    }
}
