//! Deliveries by what they have in common, and AI-written ones against those of people.

use std::collections::{BTreeMap, BTreeSet};

use model::trend::{Comparison, Group};

use crate::{AuthorKind, Delivery, EvidenceStrength, intervals, percent, rounded};

/// Deliveries and failures among them.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    deliveries: u32,
    failures: u32,
}

impl Tally {
    fn add(&mut self, delivery: &Delivery) {
        self.deliveries += 1;
        self.failures += u32::from(delivery.failed);
    }

    fn group(self, name: &str, few: u32) -> Group {
        let Self { deliveries, failures } = self;
        let (low, high) = intervals::wilson(failures, deliveries);
        Group {
            name: name.to_owned(),
            deliveries,
            failures,
            rate: (deliveries > 0).then(|| rounded(f64::from(failures) / f64::from(deliveries))),
            low: rounded(low),
            high: rounded(high),
            too_few: deliveries < few,
        }
    }
}

/// Those that are such.
pub(crate) fn of(name: &str, deliveries: &[&Delivery], few: u32, is_such: impl Fn(&Delivery) -> bool) -> Group {
    let mut tally = Tally::default();
    for delivery in deliveries.iter().filter(|delivery| is_such(delivery)) {
        tally.add(delivery);
    }
    tally.group(name, few)
}

/// By who wrote them.
pub(crate) fn by_author(deliveries: &[&Delivery], few: u32) -> Vec<Group> {
    let group = |kind: AuthorKind| of(kind.word(), deliveries, few, |delivery| delivery.author_kind == kind);
    AuthorKind::ALL.into_iter().map(group).collect()
}

/// By how strong the evidence was.
pub(crate) fn by_evidence(deliveries: &[&Delivery], few: u32) -> Vec<Group> {
    let group = |strength: EvidenceStrength| {
        of(strength.word(), deliveries, few, |delivery| {
            delivery.strength == strength
        })
    };
    EvidenceStrength::ALL.into_iter().map(group).collect()
}

/// By whether an override let them pass.
pub(crate) fn by_overridden(deliveries: &[&Delivery], few: u32) -> Vec<Group> {
    vec![
        of("overridden", deliveries, few, |delivery| delivery.overridden),
        of("not overridden", deliveries, few, |delivery| !delivery.overridden),
    ]
}

/// By tool. One that is named twice counts once.
pub(crate) fn by_tool(deliveries: &[&Delivery], few: u32) -> Vec<Group> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for delivery in deliveries {
        let tools: BTreeSet<&str> = delivery.tools.iter().map(String::as_str).collect();
        for tool in tools {
            tallies.entry(tool).or_default().add(delivery);
        }
    }
    tallies
        .into_iter()
        .map(|(tool, tally)| tally.group(tool, few))
        .collect()
}

/// By tier, those without one last.
pub(crate) fn by_tier(deliveries: &[&Delivery], few: u32) -> Vec<Group> {
    let mut tallies: BTreeMap<(bool, Option<u8>), Tally> = BTreeMap::new();
    for delivery in deliveries {
        tallies
            .entry((delivery.tier.is_none(), delivery.tier))
            .or_default()
            .add(delivery);
    }
    let name = |tier: Option<u8>| tier.map_or_else(|| "no tier".to_owned(), |tier| format!("tier {tier}"));
    tallies
        .into_iter()
        .map(|((_, tier), tally)| tally.group(&name(tier), few))
        .collect()
}

/// What was written by AI against what was written by people.
pub(crate) fn comparison(deliveries: &[&Delivery], few: u32) -> Comparison {
    let ai = of("ai-written", deliveries, few, |delivery| {
        delivery.author_kind.is_ai_written()
    });
    let human = of("human", deliveries, few, |delivery| {
        delivery.author_kind == AuthorKind::Human
    });
    let ratio = intervals::katz((ai.failures, ai.deliveries), (human.failures, human.deliveries));
    let excludes_one = ratio.is_some_and(|ratio| ratio.low > 1.0 || ratio.high < 1.0);
    let differs = excludes_one && !ai.too_few && !human.too_few;
    let facts = format!(
        "Of {} written by AI, alone or with people, {} failed; of {} by people alone, {}",
        crate::deliveries(ai.deliveries),
        ai.failures,
        human.deliveries,
        human.failures
    );
    let text = match ratio {
        Some(ratio) if !ai.too_few && !human.too_few => format!(
            "{facts}: a risk ratio of {:.2} (95 % interval {:.2} to {:.2}), {}.",
            ratio.ratio,
            ratio.low,
            ratio.high,
            match (differs, ratio.ratio > 1.0) {
                (false, _) => "which shows no difference",
                (true, true) => "so those with AI failed more often",
                (true, false) => "so those with AI failed less often",
            }
        ),
        _ => format!("{facts}; fewer than {few} deliveries in a group are too few to compare."),
    };
    Comparison {
        ai,
        human,
        ratio: ratio.map(|ratio| rounded(ratio.ratio)),
        low: ratio.map(|ratio| rounded(ratio.low)),
        high: ratio.map(|ratio| rounded(ratio.high)),
        differs,
        text,
    }
}

/// A group in a sentence's part: `2 failed (4.0 %; 95 % interval 1.1 % to 13.5 %)`.
pub(crate) fn in_words(group: &Group) -> String {
    format!(
        "{} failed ({}; 95 % interval {} to {})",
        group.failures,
        percent(group.rate.unwrap_or_default()),
        percent(group.low),
        percent(group.high)
    )
}
