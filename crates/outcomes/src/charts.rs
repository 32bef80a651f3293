//! Failures week by week, held against the first weeks, and alarms.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::trend::{Alarm, Baseline, Chart, Cusum, Week};

use crate::cusum::{self, Design};
use crate::{Delivery, TrendSettings, binomial, count, day, percent, rounded};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Days from the Monday of its week to the first of January 1970, a Thursday.
const THURSDAY: i64 = 3;
/// Of more empty weeks in a row none is listed.
const MOST_EMPTY: i64 = 52;

/// Failures over time. Deliveries are in order, and none is later than `now`; settings are within their bounds.
pub(crate) fn chart(name: &str, deliveries: &[&Delivery], settings: &TrendSettings, now: Timestamp) -> Chart {
    let mut counted: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
    for delivery in deliveries {
        let (of, failures) = counted.entry(week_of(delivery.time)).or_default();
        *of += 1;
        *failures += u32::from(delivery.failed);
    }
    let baseline = baseline(&counted, settings);
    let weeks = with_empty(counted, week_of(now))
        .into_iter()
        .map(|(index, counts)| week(index, counts, baseline.as_ref()))
        .collect();
    let mut chart = Chart {
        name: name.to_owned(),
        baseline: None,
        weeks,
        cusum: None,
        alarm: None,
        past_alarms: Vec::new(),
    };
    if let Some(baseline) = baseline {
        watch(&mut chart, deliveries, &baseline, settings);
        chart.baseline = Some(baseline);
    }
    chart
}

/// Number of the week of a time, counted from that of the first of January 1970.
fn week_of(time: Timestamp) -> i64 {
    // A timestamp's second is rounded towards zero; a part of one that is below zero belongs to the second before.
    let second = time.as_second() - i64::from(time.subsec_nanosecond() < 0);
    (second.div_euclid(DAY) + THURSDAY).div_euclid(7)
}

/// Start of a week; of one that is not representable the first time that is.
fn start(week: i64) -> Timestamp {
    Timestamp::from_second((week * 7 - THURSDAY) * DAY).unwrap_or(if week < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// The first weeks that had deliveries, as many as are wanted, and on until there are enough deliveries; none where there are not.
fn baseline(counted: &BTreeMap<i64, (u32, u32)>, settings: &TrendSettings) -> Option<Baseline> {
    let (&first, _) = counted.first_key_value()?;
    let (mut weeks, mut deliveries, mut failures) = (0, 0, 0);
    for (index, (of, failed)) in counted {
        weeks += 1;
        deliveries += of;
        failures += failed;
        if weeks >= settings.baseline_weeks && deliveries >= settings.few {
            return Some(Baseline {
                weeks,
                from: start(first),
                until: start(index + 1),
                deliveries,
                failures,
                rate: rounded(f64::from(failures) / f64::from(deliveries)),
                reckoned: rounded(cusum::reckoned(failures, deliveries)),
            });
        }
    }
    None
}

/// These, those between them and those until the last one that had none; but not of many in a row.
fn with_empty(counted: BTreeMap<i64, (u32, u32)>, last: i64) -> Vec<(i64, (u32, u32))> {
    let mut weeks: Vec<(i64, (u32, u32))> = Vec::with_capacity(counted.len());
    let fill = |weeks: &mut Vec<(i64, (u32, u32))>, until: i64| {
        if let Some(&(before, _)) = weeks.last()
            && until - before - 1 <= MOST_EMPTY
        {
            weeks.extend((before + 1..until).map(|index| (index, (0, 0))));
        }
    };
    for (index, counts) in counted {
        fill(&mut weeks, index);
        weeks.push((index, counts));
    }
    fill(&mut weeks, last + 1);
    weeks
}

fn week(index: i64, (deliveries, failures): (u32, u32), baseline: Option<&Baseline>) -> Week {
    let from = start(index);
    let iso = TimeZone::UTC.to_datetime(from).date().iso_week_date();
    let rate = |failures: u32| rounded(f64::from(failures) / f64::from(deliveries));
    let limits = baseline
        .filter(|_| deliveries > 0)
        .map(|baseline| binomial::limits(deliveries, baseline.reckoned));
    let in_baseline = baseline.is_some_and(|baseline| from < baseline.until);
    Week {
        week: format!("{:04}-W{:02}", iso.year(), iso.week()),
        from,
        deliveries,
        failures,
        rate: (deliveries > 0).then(|| rate(failures)),
        lower: limits.map(|(least, _)| rate(least)),
        upper: limits.map(|(_, greatest)| rate(greatest)),
        baseline: in_baseline,
        outside: !in_baseline && limits.is_some_and(|(least, greatest)| failures < least || failures > greatest),
    }
}

/// Where the sum left zero, and where it reached the threshold, as positions in the deliveries.
struct Excursion {
    begin: usize,
    raised: Option<usize>,
}

/// Carries the sum over what came after the baseline.
fn watch(chart: &mut Chart, deliveries: &[&Delivery], baseline: &Baseline, settings: &TrendSettings) {
    let design = Design::new(baseline.reckoned, settings.odds, f64::from(settings.run_length));
    let after = &deliveries[deliveries.partition_point(|delivery| delivery.time < baseline.until)..];
    let mut sum = 0;
    let mut excursion: Option<Excursion> = None;
    for (at, delivery) in after.iter().enumerate() {
        sum = design.after(sum, delivery.failed);
        if sum == 0 {
            if let Some(Excursion {
                begin,
                raised: Some(raised),
            }) = excursion.take()
            {
                let alarm = alarm(&after[begin..=at], raised - begin, true, baseline);
                chart.past_alarms.extend(alarm);
            }
            continue;
        }
        let excursion = excursion.get_or_insert(Excursion {
            begin: at,
            raised: None,
        });
        if sum >= design.threshold {
            excursion.raised.get_or_insert(at);
        }
    }
    if let Some(Excursion {
        begin,
        raised: Some(raised),
    }) = excursion
    {
        chart.alarm = alarm(&after[begin..], raised - begin, false, baseline);
    }
    chart.cusum = Some(Cusum {
        odds: settings.odds,
        down: design.down,
        up: design.up,
        threshold: design.threshold,
        run_length: design.run_length.round(),
        value: sum,
    });
}

/// The alarm that one of these deliveries raised, the first of which is the begin.
fn alarm(deliveries: &[&Delivery], raised: usize, has_ended: bool, baseline: &Baseline) -> Option<Alarm> {
    let (first, last) = (deliveries.first()?, deliveries.last()?);
    let raised = deliveries.get(raised)?.time;
    let failures = deliveries.iter().filter(|delivery| delivery.failed).count();
    let deliveries_after = count(deliveries.len());
    let rate_after = f64::from(count(failures)) / f64::from(deliveries_after);
    let until = if has_ended {
        format!("from {} until {}", day(first.time), day(last.time))
    } else {
        format!("since {}", day(first.time))
    };
    let text = format!(
        "Of {} of the baseline {} failed ({}); of {deliveries_after} {until}, {failures} ({}).",
        crate::deliveries(baseline.deliveries),
        baseline.failures,
        percent(baseline.rate),
        percent(rate_after)
    );
    Some(Alarm {
        since: first.time,
        raised,
        ended: has_ended.then_some(last.time),
        rate_before: baseline.rate,
        rate_after: rounded(rate_after),
        deliveries_after,
        text,
    })
}
