//! `Trend`: how often deliveries failed, by what they were and when, and whether that changed; `Suspect`: what may have caused an incident.
//!
//! All of it is counted, none of it is a cause: deliveries that differ in who wrote them differ in much else.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RiskTerm;

/// Version of the published form of a trend. Fields are only added within a major.
pub const SCHEMA: &str = "counterproof.trend/1";

/// What became of deliveries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trend {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// When it was computed. Deliveries that are dated later are not in it.
    #[schemars(with = "String")]
    pub time: Timestamp,
    /// Time of the first delivery; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    /// Time of the last delivery; none where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Timestamp>,
    /// Deliveries that are left out, since they are dated after `time`.
    pub later: u32,
    /// All deliveries.
    pub overall: Group,
    /// By who wrote them: `ai`, `mixed`, `human`, `unknown`, always in this order.
    pub by_author: Vec<Group>,
    /// By the tool that wrote them, sorted by name. A delivery of two tools is in both groups, one of none in no group.
    pub by_tool: Vec<Group>,
    /// By the service's tier: `tier 1`, `tier 2`, …, and `no tier` last; only those that there are.
    pub by_tier: Vec<Group>,
    /// By how strong the evidence was: `strong`, `weak`, `nothing`, always in this order.
    pub by_evidence: Vec<Group>,
    /// By whether an override let them pass: `overridden`, `not overridden`, always in this order.
    pub by_overridden: Vec<Group>,
    /// What was written by AI against what was written by people.
    pub comparison: Comparison,
    /// Over time: `overall`, and `ai-written` (by AI alone or by AI and people). Only these two, so that many charts do not bring alarms by
    /// chance.
    pub charts: Vec<Chart>,
    /// The same in sentences.
    pub text: Vec<String>,
}

/// Deliveries that have something in common, and how many of them failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// How many there are.
    pub deliveries: u32,
    /// How many of them an incident was linked to. Of recent ones that may still happen.
    pub failures: u32,
    /// Failures for each delivery, from 0 to 1; none without deliveries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Lower end of the rate's 95 % interval (Wilson's score interval); 0 without deliveries.
    pub low: f64,
    /// Upper end of it; 1 without deliveries.
    pub high: f64,
    /// Whether there are too few deliveries to conclude anything from.
    pub too_few: bool,
}

/// Deliveries written by AI, alone or with people, against those written by people alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Those with lines of an AI.
    pub ai: Group,
    /// Those of people alone. Where nothing tells who wrote a delivery, it is in neither.
    pub human: Group,
    /// The rate of the one divided by that of the other, the risk ratio. Where none or all of a group failed, half a delivery is added to
    /// each of the four counts first. None where a group is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// Lower end of the ratio's 95 % interval (log method of Katz et al. 1978).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Whether they differ: neither group is too small and the interval does not hold 1.
    pub differs: bool,
    /// The same in a sentence.
    pub text: String,
}

/// Failures over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Chart {
    /// `overall` or `ai-written`.
    pub name: String,
    /// What later weeks are held against; none while there are too few weeks or deliveries for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// Each week from that of the first delivery to that of the computation. Of more than 52 weeks without deliveries in a row none is listed.
    pub weeks: Vec<Week>,
    /// What raises alarms; none without a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cusum: Option<Cusum>,
    /// The alarm that stands, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<Alarm>,
    /// Alarms that ended, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub past_alarms: Vec<Alarm>,
}

/// The first weeks that had deliveries: as many as the settings say, and on until there are as many deliveries as a group needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Weeks with deliveries.
    pub weeks: u32,
    /// Start of its first week.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// End of its last week, which is the start of the next.
    #[schemars(with = "String")]
    pub until: Timestamp,
    /// Deliveries.
    pub deliveries: u32,
    /// How many of them failed.
    pub failures: u32,
    /// Failures for each delivery, as observed.
    pub rate: f64,
    /// The rate that limits and alarms reckon with: (failures + ½) / (deliveries + 1), and at least 0.0005, so that it is never zero.
    pub reckoned: f64,
}

/// A week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Week {
    /// ISO week in UTC: `2026-W09`.
    pub week: String,
    /// Its start: Monday, midnight UTC.
    #[schemars(with = "String")]
    pub from: Timestamp,
    /// Deliveries.
    pub deliveries: u32,
    /// How many of them failed.
    pub failures: u32,
    /// Failures for each delivery; none without deliveries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Lowest rate that is within the limits: fewer failures have a probability below 0.00135 under the baseline, by the exact binomial
    /// distribution (what lies beyond three sigma of a normal one). None without deliveries or baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// Highest rate that is within the limits, as above. One failure always is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// Whether it is part of the baseline.
    pub baseline: bool,
    /// Whether its rate is outside the limits; never of a week of the baseline.
    pub outside: bool,
}

/// A cumulative sum over single deliveries: a success takes `down` from it, never below zero, a failure adds `up`, and an alarm is raised at
/// `threshold`, where the sum stops growing. An alarm ends when the sum is zero again.
///
/// The steps are the log-likelihood ratio of a delivery under the raised odds, on a grid of whole numbers (the Bernoulli CUSUM of Reynolds
/// and Stoumbos 1999, "A CUSUM chart for monitoring a proportion when inspecting continuously").
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cusum {
    /// How many times the baseline's odds of failing it is tuned to find.
    pub odds: f64,
    /// What a success takes.
    pub down: u32,
    /// What a failure adds.
    pub up: u32,
    /// Where an alarm is raised; always more than one failure adds.
    pub threshold: u32,
    /// Deliveries from zero to a false alarm, on average, if the rate is exactly the one that is reckoned with. Since that one is estimated,
    /// false alarms are more frequent where the baseline is small.
    pub run_length: f64,
    /// The sum after the last delivery.
    pub value: u32,
}

/// The rate of failures rose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alarm {
    /// Time of the first delivery after the sum was last zero: the likeliest begin.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// Time of the delivery that raised it.
    #[schemars(with = "String")]
    pub raised: Timestamp,
    /// Time of the delivery after which the sum was zero again; none: it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub ended: Option<Timestamp>,
    /// The baseline's rate, as observed.
    pub rate_before: f64,
    /// Failures for each delivery from `since` until it ended, or until now. Since the begin is chosen for its failures, it is rather too high.
    pub rate_after: f64,
    /// Deliveries that this is counted over.
    pub deliveries_after: u32,
    /// The same in a sentence.
    pub text: String,
}

/// A change that may have caused an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suspect {
    /// Entry of the ledger.
    pub entry: u64,
    /// The change's commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Sum of what the terms add. It ranks the changes that were looked at, and is no probability.
    pub score: f64,
    /// What the score is made of, the weightiest first. What they add is points, not log-odds.
    pub terms: Vec<RiskTerm>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_takes_no_bytes_and_may_be_absent() {
        let group = Group {
            name: "ai".to_owned(),
            deliveries: 0,
            failures: 0,
            rate: None,
            low: 0.0,
            high: 1.0,
            too_few: true,
        };
        let text = serde_json::to_string(&group).unwrap();
        assert_eq!(
            text,
            r#"{"name":"ai","deliveries":0,"failures":0,"low":0.0,"high":1.0,"too_few":true}"#
        );
        assert_eq!(serde_json::from_str::<Group>(&text).unwrap(), group);
    }
}
