//! How likely a change is to be undone or mended afterwards: a logistic score of few terms, each of which is shown.
//!
//! The terms are those that the literature on just-in-time defect prediction found to carry most (lines added first, then spread, churn,
//! experience; Kamei et al. 2013, "A large-scale empirical study of just-in-time quality assurance"), and what this program knows
//! besides: how far the change reaches and how strong the evidence is. The weights of the default policy are ours; `gate calibrate` fits those
//! that a history tells of to the repository's own.

use std::collections::BTreeSet;

use model::gate_input::{FileKind, GateInput, HistoryFacts};
use model::{Risk, RiskTerm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names of the terms, in the order of [`Weights::terms`].
const NAMES: [&str; TERMS] = [
    "lines added",
    "files",
    "folders",
    "churn",
    "committers",
    "files new to the author",
    "dependents",
    "shown the same, strongly",
    "not verified",
    "last incident",
];
/// How many there are.
const TERMS: usize = 10;
/// Hours after which an incident counts half.
const INCIDENT_HALF_LIFE: f64 = 72.0;

/// Weights of the risk score: what each term adds to the log-odds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// Log-odds of a change of nothing. Default: -4.
    pub bias: f64,
    /// For each natural logarithm of one more than the lines of code added. Default: 0.4.
    pub lines_added: f64,
    /// As above, of the files touched. Default: 0.15.
    pub files: f64,
    /// As above, of the folders touched. Default: 0.15.
    pub folders: f64,
    /// As above, of the commits to these files within ninety days. Default: 0.15.
    pub churn: f64,
    /// As above, of those who committed to these files within a year. Default: 0.1.
    pub committers: f64,
    /// For the share of the commits to these files that are by others than the authors. Default: 0.5.
    pub new_to_author: f64,
    /// For each natural logarithm of one more than the functions that use what changed. Default: 0.1.
    pub dependents: f64,
    /// For the share of the changed functions that are proved the same or shown so strongly. Default: -1.5.
    pub strong: f64,
    /// For the share of the changed functions that are not verified. Default: 0.8.
    pub not_verified: f64,
    /// For an incident on the same services, halved every three days. Default: 0.8.
    pub incident: f64,
    /// Changes of the repository's history that the weights were fitted to.
    pub calibrated_on: Option<u32>,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            bias: -4.0,
            lines_added: 0.4,
            files: 0.15,
            folders: 0.15,
            churn: 0.15,
            committers: 0.1,
            new_to_author: 0.5,
            dependents: 0.1,
            strong: -1.5,
            not_verified: 0.8,
            incident: 0.8,
            calibrated_on: None,
        }
    }
}

/// How many terms a repository's history tells of: the first ones.
const OF_HISTORY: usize = 6;

impl Weights {
    /// The bias and the weights of those terms that a history of changes tells of, in the order of [`of_history`].
    pub fn prior(&self) -> Vec<f64> {
        let terms = self.terms();
        std::iter::once(self.bias)
            .chain(terms.into_iter().take(OF_HISTORY))
            .collect()
    }

    /// The same with weights that were fitted to so many changes of a history; the others stay.
    #[must_use]
    pub fn fitted(&self, bias: f64, weights: &[f64], changes: u32) -> Self {
        let of = |at: usize, before: f64| weights.get(at).map_or(before, |weight| rounded(*weight));
        Self {
            bias: rounded(bias),
            lines_added: of(0, self.lines_added),
            files: of(1, self.files),
            folders: of(2, self.folders),
            churn: of(3, self.churn),
            committers: of(4, self.committers),
            new_to_author: of(5, self.new_to_author),
            calibrated_on: Some(changes),
            ..self.clone()
        }
    }

    fn terms(&self) -> [f64; TERMS] {
        [
            self.lines_added,
            self.files,
            self.folders,
            self.churn,
            self.committers,
            self.new_to_author,
            self.dependents,
            self.strong,
            self.not_verified,
            self.incident,
        ]
    }
}

/// A term as measured: its value, and that in words.
type Measured = [(f64, String); TERMS];

/// The score of a change.
pub fn of(weights: &Weights, input: &GateInput) -> Risk {
    let measured = measured(input);
    let values: [f64; TERMS] = std::array::from_fn(|at| measured[at].0);
    let mut terms: Vec<RiskTerm> = NAMES
        .iter()
        .zip(measured)
        .zip(weights.terms())
        .map(|((name, (value, words)), weight)| RiskTerm {
            name: (*name).to_owned(),
            value: words,
            adds: rounded(value * weight),
        })
        .collect();
    terms.sort_by(|one, other| other.adds.abs().total_cmp(&one.adds.abs()));
    Risk {
        score: rounded(score(weights.bias, &weights.terms(), &values)),
        terms,
        calibrated_on: weights.calibrated_on,
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn score(bias: f64, weights: &[f64; TERMS], values: &[f64; TERMS]) -> f64 {
    let sum: f64 = weights.iter().zip(values).map(|(weight, value)| weight * value).sum();
    1.0 / (1.0 + (-(bias + sum)).exp())
}

fn logarithm(count: u32) -> f64 {
    f64::from(count).ln_1p()
}

fn share(part: u32, all: u32) -> f64 {
    if all == 0 {
        0.0
    } else {
        f64::from(part) / f64::from(all)
    }
}

/// The values of those terms that a history of changes tells of: lines of code added, files, folders, churn, committers, and the share of
/// the commits to these files by others.
pub fn of_history(added: u32, paths: &[&str], history: &HistoryFacts) -> [f64; OF_HISTORY] {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (own, all) = history.own_commits;
    [
        logarithm(added),
        logarithm(number(paths.len())),
        logarithm(number(folders(paths).len())),
        logarithm(history.churn),
        logarithm(history.committers),
        if all == 0 { 0.0 } else { 1.0 - share(own, all) },
    ]
}

fn folders<'p>(paths: &[&'p str]) -> BTreeSet<&'p str> {
    paths
        .iter()
        .filter_map(|path| path.rsplit_once('/').map(|(folder, _)| folder))
        .collect()
}

fn measured(input: &GateInput) -> Measured {
    let files = input.change.as_ref().map_or(&[][..], |change| change.files.as_slice());
    let code = files.iter().filter(|file| file.kind == FileKind::Code);
    let added: u32 = code.map(|file| file.added).sum();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let history = &input.history;
    let (own, all) = history.own_commits;
    let told = of_history(added, &paths, history);
    let dependents = input.change.as_ref().map_or(0, |change| change.dependents);
    let functions = input
        .evidence
        .iter()
        .find(|evidence| evidence.counts)
        .map(|evidence| evidence.functions);
    // Without evidence nothing is verified.
    let (strong, not) = functions.map_or((0.0, 1.0), |functions| {
        let all = functions.all();
        (
            share(functions.proved + functions.strong, all),
            share(functions.not_verified, all),
        )
    });
    let hours = history.hours_since_incident;
    let incident = hours.map_or(0.0, |hours| 0.5_f64.powf(f64::from(hours) / INCIDENT_HALF_LIFE));
    [
        (told[0], format!("{added}")),
        (told[1], format!("{}", paths.len())),
        (told[2], format!("{}", folders(&paths).len())),
        (told[3], format!("{} commits in 90 days", history.churn)),
        (told[4], format!("{} in a year", history.committers)),
        (told[5], format!("{own} of {all} commits of a year are the authors'")),
        (logarithm(dependents), format!("{dependents}")),
        (strong, format!("{:.0} %", strong * 100.0)),
        (not, format!("{:.0} %", not * 100.0)),
        (
            incident,
            hours.map_or_else(|| "none".to_owned(), |hours| format!("{hours} hours ago")),
        ),
    ]
}
