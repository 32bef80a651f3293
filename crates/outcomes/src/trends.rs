//! All of a trend.

use jiff::Timestamp;
use model::trend::{Chart, SCHEMA, Trend};

use crate::{Delivery, TrendSettings, charts, count, day, groups, percent};

/// What became of deliveries, as far as they are not dated after `now`. Their order does not matter.
pub fn trend(deliveries: &[Delivery], settings: &TrendSettings, now: Timestamp) -> Trend {
    let settings = settings.within_bounds();
    let mut sorted: Vec<&Delivery> = deliveries.iter().filter(|delivery| delivery.time <= now).collect();
    // By time, then by entry, then by all else.
    sorted.sort();
    let ai_written: Vec<&Delivery> = sorted
        .iter()
        .copied()
        .filter(|delivery| delivery.author_kind.is_ai_written())
        .collect();
    let few = settings.few;
    let mut trend = Trend {
        schema: SCHEMA.to_owned(),
        time: now,
        from: sorted.first().map(|delivery| delivery.time),
        until: sorted.last().map(|delivery| delivery.time),
        later: count(deliveries.len() - sorted.len()),
        overall: groups::of("overall", &sorted, few, |_| true),
        by_author: groups::by_author(&sorted, few),
        by_tool: groups::by_tool(&sorted, few),
        by_tier: groups::by_tier(&sorted, few),
        by_evidence: groups::by_evidence(&sorted, few),
        by_overridden: groups::by_overridden(&sorted, few),
        comparison: groups::comparison(&sorted, few),
        charts: vec![
            charts::chart("overall", &sorted, &settings, now),
            charts::chart("ai-written", &ai_written, &settings, now),
        ],
        text: Vec::new(),
    };
    trend.text = text(&trend, &settings);
    trend
}

/// The whole in sentences.
fn text(trend: &Trend, settings: &TrendSettings) -> Vec<String> {
    let mut sentences = Vec::new();
    let overall = &trend.overall;
    match (trend.from, trend.until) {
        (Some(from), Some(until)) => sentences.push(format!(
            "Of {} from {} to {}, {}.",
            crate::deliveries(overall.deliveries),
            day(from),
            day(until),
            groups::in_words(overall)
        )),
        _ => sentences.push("There are no deliveries.".to_owned()),
    }
    if trend.later > 0 {
        sentences.push(format!(
            "Left out, since dated after {}: {}.",
            trend.time,
            crate::deliveries(trend.later)
        ));
    }
    if overall.deliveries == 0 {
        return sentences;
    }
    if overall.too_few {
        sentences.push(format!(
            "Fewer than {} deliveries are too few to conclude anything from.",
            settings.few
        ));
    }
    sentences.push(trend.comparison.text.clone());
    for chart in &trend.charts {
        sentences.extend(of_chart(chart, settings));
    }
    sentences
}

fn of_chart(chart: &Chart, settings: &TrendSettings) -> Vec<String> {
    let name = match chart.name.as_str() {
        "overall" => "All deliveries",
        _ => "Deliveries written by AI",
    };
    let with_deliveries = chart.weeks.iter().filter(|week| week.deliveries > 0);
    let Some(baseline) = &chart.baseline else {
        let deliveries: u32 = chart.weeks.iter().map(|week| week.deliveries).sum();
        return vec![format!(
            "{name}: no baseline yet; {} weeks with deliveries and {deliveries} deliveries are there, of {} and {}.",
            with_deliveries.count(),
            settings.baseline_weeks,
            settings.few
        )];
    };
    let after = with_deliveries.filter(|week| !week.baseline).count();
    let mut sentences: Vec<String> = chart
        .weeks
        .iter()
        .filter(|week| week.outside)
        .map(|week| {
            format!(
                "{name}: of {} in {}, {} failed; the baseline's limits are {} to {}.",
                week.deliveries,
                week.week,
                week.failures,
                percent(week.lower.unwrap_or_default()),
                percent(week.upper.unwrap_or_default())
            )
        })
        .collect();
    if sentences.is_empty() {
        sentences.push(format!(
            "{name}: each of {after} weeks after the baseline ({} of {} failed) is within its limits.",
            baseline.failures, baseline.deliveries
        ));
    }
    sentences.extend(chart.alarm.iter().map(|alarm| format!("{name}: {}", alarm.text)));
    sentences
}

#[cfg(test)]
mod tests;
