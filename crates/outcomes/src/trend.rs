//! How often changes fail, by what is known of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::trend::SCHEMA;
use model::{Trend, TrendChart, TrendComparison, TrendGroup};

use crate::charts::chart;
use crate::intervals::{ratio, wilson};

/// Who or what wrote a change, as far as anything tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuthorKind {
    /// An agent.
    Ai,
    /// An agent and a person.
    Mixed,
    /// A person, as somebody says.
    Human,
    /// Nothing tells.
    Unknown,
}

impl AuthorKind {
    fn name(self) -> &'static str {
        match self {
            Self::Ai => "AI",
            Self::Mixed => "AI and human",
            Self::Human => "human",
            Self::Unknown => "unknown",
        }
    }

    fn is_ai(self) -> bool {
        matches!(self, Self::Ai | Self::Mixed)
    }
}

/// How much was shown of a change before it went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceStrength {
    /// Every changed function was proved the same, or shown so strongly.
    Strong,
    /// Less than that.
    Weak,
    /// Nothing.
    Nothing,
}

impl EvidenceStrength {
    fn name(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Weak => "weak",
            Self::Nothing => "nothing",
        }
    }
}

/// A change that went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Entry of the ledger.
    pub entry: u64,
    /// When.
    pub time: Timestamp,
    /// The service.
    pub service: Option<String>,
    /// Its tier.
    pub tier: Option<u8>,
    /// Who or what wrote it.
    pub author_kind: AuthorKind,
    /// With which tools.
    pub tools: Vec<String>,
    /// How much was shown of it.
    pub strength: EvidenceStrength,
    /// Whether somebody let it pass against the policy.
    pub overridden: bool,
    /// Whether an incident was traced to it.
    pub failed: bool,
}

/// How a trend is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendSettings {
    /// Groups of fewer deliveries are too few to tell.
    pub few: u32,
    /// Weeks with deliveries, from the first, that say what is usual.
    pub baseline_weeks: usize,
    /// How many times the odds of a failure a shift is.
    pub odds: f64,
    /// Deliveries between two false alarms, on average.
    pub run_length: f64,
}

impl Default for TrendSettings {
    fn default() -> Self {
        Self {
            few: 10,
            baseline_weeks: 8,
            odds: 2.0,
            run_length: 1_000.0,
        }
    }
}

/// Computes the trend.
///
/// Charts, which alone can raise an alarm, are of all deliveries and of those that an agent had a part in, and of no other group: with
/// a chart for each, some would raise one by chance.
pub fn trend(deliveries: &[Delivery], settings: &TrendSettings, now: Timestamp) -> Trend {
    let mut sorted: Vec<&Delivery> = deliveries.iter().collect();
    sorted.sort_by_key(|delivery| (delivery.time, delivery.entry));
    let by = |names: &dyn Fn(&Delivery) -> Vec<String>| grouped(&sorted, settings, names);
    let one = |name: &str| vec![name.to_owned()];
    let ai: Vec<&Delivery> = sorted
        .iter()
        .copied()
        .filter(|delivery| delivery.author_kind.is_ai())
        .collect();
    let overall = group("all", &sorted, settings);
    let comparison = comparison(&sorted, settings);
    let charts = vec![chart("all", &sorted, settings), chart("AI", &ai, settings)];
    Trend {
        schema: SCHEMA.to_owned(),
        time: now,
        from: sorted.first().map(|delivery| delivery.time),
        until: sorted.last().map(|delivery| delivery.time),
        by_author: by(&|delivery| one(delivery.author_kind.name())),
        by_tool: by(&|delivery| delivery.tools.clone()),
        by_tier: by(&|delivery| delivery.tier.map(|tier| format!("tier {tier}")).into_iter().collect()),
        by_evidence: by(&|delivery| one(delivery.strength.name())),
        by_override: by(&|delivery| {
            one(if delivery.overridden {
                "overridden"
            } else {
                "as the policy wants"
            })
        }),
        text: text(&overall, comparison.as_ref(), &charts),
        overall,
        comparison,
        charts,
    }
}

fn grouped(
    deliveries: &[&Delivery],
    settings: &TrendSettings,
    names: &dyn Fn(&Delivery) -> Vec<String>,
) -> Vec<TrendGroup> {
    let mut groups: BTreeMap<String, Vec<&Delivery>> = BTreeMap::new();
    for delivery in deliveries {
        for name in names(delivery) {
            groups.entry(name).or_default().push(delivery);
        }
    }
    groups.iter().map(|(name, of)| group(name, of, settings)).collect()
}

fn counts(deliveries: &[&Delivery]) -> (u32, u32) {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let failed = deliveries.iter().filter(|delivery| delivery.failed).count();
    (number(failed), number(deliveries.len()))
}

fn group(name: &str, deliveries: &[&Delivery], settings: &TrendSettings) -> TrendGroup {
    let (failures, all) = counts(deliveries);
    let (low, high) = wilson(failures, all);
    TrendGroup {
        name: name.to_owned(),
        deliveries: all,
        failures,
        rate: f64::from(failures) / f64::from(all.max(1)),
        low,
        high,
        too_few: all < settings.few,
    }
}

/// Changes that an agent had a part in, against those of people. What nobody claims is in neither.
fn comparison(deliveries: &[&Delivery], settings: &TrendSettings) -> Option<TrendComparison> {
    let of = |is: &dyn Fn(&Delivery) -> bool| -> (u32, u32) {
        let some: Vec<&Delivery> = deliveries.iter().copied().filter(|delivery| is(delivery)).collect();
        counts(&some)
    };
    let ai = of(&|delivery| delivery.author_kind.is_ai());
    let human = of(&|delivery| delivery.author_kind == AuthorKind::Human);
    if ai.1 == 0 || human.1 == 0 {
        return None;
    }
    let (ratio, low, high) = ratio(ai, human);
    let is_enough = ai.1 >= settings.few && human.1 >= settings.few;
    let told = format!(
        "{} of {} changes that an agent had a part in failed, and {} of {} that people are named for",
        ai.0, ai.1, human.0, human.1
    );
    let text = if !is_enough {
        format!("{told}: too few to tell whether they differ")
    } else if low > 1.0 || high < 1.0 {
        format!("{told}: {ratio:.1} times as often ({low:.1} to {high:.1})")
    } else {
        format!("{told}: no difference is shown ({low:.1} to {high:.1} times as often)")
    };
    Some(TrendComparison {
        ratio,
        low,
        high,
        is_told: is_enough && (low > 1.0 || high < 1.0),
        text,
    })
}

fn text(overall: &TrendGroup, comparison: Option<&TrendComparison>, charts: &[TrendChart]) -> Vec<String> {
    let mut sentences = vec![format!(
        "Of {} changes that went out, {} were traced to an incident ({:.1} %, 95 % interval {:.1} to {:.1} %).",
        overall.deliveries,
        overall.failures,
        overall.rate * 100.0,
        overall.low * 100.0,
        overall.high * 100.0
    )];
    sentences.extend(comparison.map(|comparison| format!("{}.", comparison.text)));
    for chart in charts {
        let of = if chart.name == "all" {
            "changes"
        } else {
            "changes that an agent had a part in"
        };
        if let Some(alarm) = &chart.alarm {
            sentences.push(format!(
                "The rate of {of} that fail shifted: since {} it is {:.1} % ({} changes), before it was {:.1} %.",
                alarm.since,
                alarm.rate_after * 100.0,
                alarm.deliveries_after,
                alarm.rate_before * 100.0
            ));
        }
    }
    if charts.iter().all(|chart| chart.alarm.is_none()) {
        sentences.push("No shift of the rate is shown.".to_owned());
    }
    sentences
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A generator of numbers from 0 to 1 (xorshift64*), the same in every run.
    pub struct Chance(pub u64);

    impl Chance {
        pub fn next(&mut self) -> f64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let bits = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11;
            #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
            let number = bits as f64 / (1_u64 << 53) as f64;
            number
        }
    }

    /// The delivery of an hour, by a person.
    pub fn delivery(hour: i64, failed: bool) -> Delivery {
        let first: Timestamp = "2026-01-05T00:00:00Z".parse().expect("a time");
        Delivery {
            entry: u64::try_from(hour).expect("an hour"),
            time: first.checked_add(jiff::Span::new().hours(hour * 8)).expect("a time"),
            service: None,
            tier: Some(1),
            author_kind: AuthorKind::Human,
            tools: Vec::new(),
            strength: EvidenceStrength::Weak,
            overridden: false,
            failed,
        }
    }

    fn now() -> Timestamp {
        "2026-11-28T10:00:00Z".parse().expect("a time")
    }

    #[test]
    fn nothing_says_nothing() {
        let trend = trend(&[], &TrendSettings::default(), now());
        assert_eq!((trend.overall.deliveries, trend.comparison), (0, None));
        assert!(
            trend
                .charts
                .iter()
                .all(|chart| chart.alarm.is_none() && chart.weeks.is_empty())
        );
    }

    #[test]
    fn a_difference_is_claimed_only_where_it_is_shown() {
        let settings = TrendSettings::default();
        let with = |ai_failures: i64, each: i64| {
            let mut all: Vec<Delivery> = (0..each).map(|hour| delivery(hour, hour < 1)).collect();
            all.extend((each..2 * each).map(|hour| Delivery {
                author_kind: AuthorKind::Ai,
                tools: vec!["claude-code".to_owned()],
                ..delivery(hour, hour - each < ai_failures)
            }));
            trend(&all, &settings, now())
        };
        let shown = with(20, 40).comparison.expect("both");
        assert!(shown.is_told && shown.text.contains("times as often"), "{}", shown.text);
        let not_shown = with(2, 40).comparison.expect("both");
        assert!(
            !not_shown.is_told && not_shown.text.contains("no difference is shown"),
            "{}",
            not_shown.text
        );
        let few = with(3, 5).comparison.expect("both");
        assert!(!few.is_told && few.text.contains("too few"), "{}", few.text);
        assert!(with(3, 5).by_tool[0].too_few);
    }

    #[test]
    fn the_order_of_deliveries_does_not_matter_and_what_nobody_claims_is_in_no_comparison() {
        let mut all: Vec<Delivery> = (0..60).map(|hour| delivery(hour, hour % 7 == 0)).collect();
        all[3].author_kind = AuthorKind::Unknown;
        let one = trend(&all, &TrendSettings::default(), now());
        all.reverse();
        assert_eq!(trend(&all, &TrendSettings::default(), now()), one);
        assert_eq!(one.comparison, None);
        assert_eq!(one.by_author.len(), 2);
        assert_eq!(one.overall.deliveries, 60);
    }
}
