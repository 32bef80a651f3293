//! What became of changes, as it is published: how often they fail, whether that shifted, and what may have done an incident.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RiskTerm;

/// Version of the published form of a trend. Fields are only added within a major.
pub const SCHEMA: &str = "counterproof.trend/1";

/// How often changes of a group fail.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrendGroup {
    /// The group.
    pub name: String,
    /// Changes that went out.
    pub deliveries: u32,
    /// Those that an incident was traced to.
    pub failures: u32,
    /// The share of these, from 0 to 1.
    pub rate: f64,
    /// Lower end of its Wilson score interval of 95 %.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether there are too few to tell anything.
    pub too_few: bool,
}

/// Changes that an agent had a part in, against those that people are named for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrendComparison {
    /// How many times as often the former fail.
    pub ratio: f64,
    /// Lower end of its interval of 95 %.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether a difference is shown: the interval does not hold 1, and both groups are large enough.
    pub is_told: bool,
    /// In a sentence.
    pub text: String,
}

/// A week of a chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrendWeek {
    /// Its Monday (UTC).
    pub monday: String,
    /// Changes that went out.
    pub deliveries: u32,
    /// Those that failed.
    pub failures: u32,
    /// Fewest failures that are within three sigma of the baseline.
    pub low: u32,
    /// Most failures that are.
    pub high: u32,
    /// Whether it is outside of these.
    pub outside: bool,
}

/// A shift of the rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrendAlarm {
    /// First change of those that say so.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// The change with which it was enough.
    #[schemars(with = "String")]
    pub raised: Timestamp,
    /// The rate before.
    pub rate_before: f64,
    /// The rate since.
    pub rate_after: f64,
    /// Changes since.
    pub deliveries_after: u32,
}

/// Whether a rate shifted: weeks with exact binomial limits, and a cumulative sum over single changes that raises the alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrendChart {
    /// What it is of: `all`, or `AI`.
    pub name: String,
    /// Changes that say what is usual: those of the first weeks.
    pub baseline_deliveries: u32,
    /// What is usual: their share of failures, a half added to those and one to all.
    pub baseline_rate: f64,
    /// Week by week.
    pub weeks: Vec<TrendWeek>,
    /// The shift, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<TrendAlarm>,
}

/// What became of changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trend {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// When it was computed.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// The first change.
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    /// The last change.
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// All changes.
    pub overall: TrendGroup,
    /// By who or what wrote them.
    pub by_author: Vec<TrendGroup>,
    /// By tool.
    pub by_tool: Vec<TrendGroup>,
    /// By tier.
    pub by_tier: Vec<TrendGroup>,
    /// By how much was shown of them.
    pub by_evidence: Vec<TrendGroup>,
    /// By whether somebody let them pass against the policy.
    pub by_override: Vec<TrendGroup>,
    /// Agents against people, where both are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<TrendComparison>,
    /// Charts of all changes, and of those that an agent had a part in.
    pub charts: Vec<TrendChart>,
    /// What that says, in sentences.
    pub text: Vec<String>,
}

/// A change that may have done an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suspect {
    /// Entry of the ledger.
    pub entry: u64,
    /// Its commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Sum of the terms.
    pub score: f64,
    /// What that is made of, the weightiest first.
    pub terms: Vec<RiskTerm>,
}
