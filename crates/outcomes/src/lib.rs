//! What became of deliveries: whether they fail more often than they did, and which change may have caused an incident.
//!
//! Pure functions of what they are given. Statistics are exact where that is cheap, named where they are not ours, and say nothing where
//! there is too little to say it from.

mod binomial;
mod charts;
mod cusum;
mod fit;
mod groups;
mod intervals;
mod linear;
mod suspects;
mod trends;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use fit::{Fit, FitRefusal, auc, fit};
pub use suspects::{Candidate, Incident, suspects};
pub use trends::trend;

/// Who wrote a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// An AI.
    Ai,
    /// An AI and people.
    Mixed,
    /// People.
    Human,
    /// Nothing tells.
    Unknown,
}

impl AuthorKind {
    /// All of them, in order.
    const ALL: [Self; 4] = [Self::Ai, Self::Mixed, Self::Human, Self::Unknown];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ai => "ai",
            Self::Mixed => "mixed",
            Self::Human => "human",
            Self::Unknown => "unknown",
        }
    }

    /// Whether an AI had a part in it.
    pub fn is_ai_written(self) -> bool {
        matches!(self, Self::Ai | Self::Mixed)
    }
}

/// How strong the evidence was that a delivery went out with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceStrength {
    /// All that changed was shown, strongly.
    Strong,
    /// Some of it was.
    Weak,
    /// There was none.
    Nothing,
}

impl EvidenceStrength {
    /// All of them, in order.
    const ALL: [Self; 3] = [Self::Strong, Self::Weak, Self::Nothing];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Weak => "weak",
            Self::Nothing => "nothing",
        }
    }
}

/// A change that was delivered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// When it was deployed, or merged where nothing tells of a deployment.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// Entry of the ledger.
    pub entry: u64,
    /// The service that it went to.
    pub service: Option<String>,
    /// The service's tier; 1 is the most critical.
    pub tier: Option<u8>,
    /// Who wrote it.
    pub author_kind: AuthorKind,
    /// The tools that wrote it.
    pub tools: Vec<String>,
    /// How strong its evidence was.
    pub strength: EvidenceStrength,
    /// Whether an override let it pass.
    pub overridden: bool,
    /// Whether an incident was linked to it.
    pub failed: bool,
}

/// What a trend is computed with. A value outside of what is said of it is taken for the nearest one within.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrendSettings {
    /// Deliveries that a group, and a baseline, needs; with fewer nothing is concluded. At least 1. Default: 10.
    pub few: u32,
    /// Weeks with deliveries that make the baseline. At least 1. Default: 8.
    pub baseline_weeks: u32,
    /// How many times the baseline's odds of failing an alarm is tuned to find; from 1.25 to 100. Default: 2.
    pub odds: f64,
    /// Deliveries between false alarms that are wanted, on average; from 50 to 100,000. Default: 1000.
    pub run_length: u32,
}

impl Default for TrendSettings {
    fn default() -> Self {
        Self {
            few: 10,
            baseline_weeks: 8,
            odds: 2.0,
            run_length: 1000,
        }
    }
}

impl TrendSettings {
    /// With every value within its bounds.
    fn within_bounds(&self) -> Self {
        Self {
            few: self.few.max(1),
            baseline_weeks: self.baseline_weeks.max(1),
            odds: if self.odds.is_nan() {
                Self::default().odds
            } else {
                self.odds.clamp(1.25, 100.0)
            },
            run_length: self.run_length.clamp(50, 100_000),
        }
    }
}

/// To six digits after the point, so that what machines compute differently does not show.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// How many there are, as far as 32 bits can tell.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// So many deliveries, in words.
fn deliveries(number: u32) -> String {
    match number {
        1 => "1 delivery".to_owned(),
        _ => format!("{number} deliveries"),
    }
}

/// A rate as a percentage, in words.
fn percent(rate: f64) -> String {
    format!("{:.1} %", rate * 100.0)
}

/// The day of a time, in UTC.
fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}
