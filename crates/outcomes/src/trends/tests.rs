use super::*;
use crate::cusum::tests::Chance;
use crate::{AuthorKind, EvidenceStrength};

/// Monday, midnight.
const MONDAY: &str = "2026-01-05T00:00:00Z";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// So many hours after the first Monday.
fn after(hours: i64) -> Timestamp {
    time(MONDAY) + jiff::SignedDuration::from_hours(hours)
}

/// So many weeks after it.
fn week(number: i64) -> Timestamp {
    after(number * 168)
}

fn delivery(entry: u64, time: Timestamp, failed: bool) -> Delivery {
    Delivery {
        time,
        entry,
        service: None,
        tier: Some(1),
        author_kind: AuthorKind::Ai,
        tools: Vec::new(),
        strength: EvidenceStrength::Strong,
        overridden: false,
        failed,
    }
}

/// So many weeks of so many deliveries, one every hour, that fail so often.
fn by_chance(from_week: i64, weeks: i64, each: u64, rate: f64, chance: &mut Chance) -> Vec<Delivery> {
    (from_week..from_week + weeks)
        .flat_map(|number| (0..each).map(move |at| (number, at)))
        .map(|(number, at)| {
            let time = after(number * 168 + i64::try_from(at).unwrap());
            delivery(u64::try_from(number).unwrap() * 1000 + at, time, chance.happens(rate))
        })
        .collect()
}

fn defaults() -> TrendSettings {
    TrendSettings::default()
}

/// The baseline is estimated from eighty deliveries: one run of two may have a false alarm within 500 then (two of five would with the true
/// rate), and a threefold rate is still found within 200 deliveries by four of five.
#[test]
fn alarms_hold_what_they_promise_when_the_baseline_is_estimated() {
    let (runs, weeks, each) = (100, 8, 10);
    let is_raised = |deliveries: &[Delivery]| {
        let trend = trend(deliveries, &defaults(), week(100));
        trend.charts[0].alarm.is_some() || !trend.charts[0].past_alarms.is_empty()
    };
    let (mut false_alarms, mut found) = (0, 0);
    for seed in 0..runs {
        let mut chance = Chance(seed * 7919);
        let baseline = by_chance(0, weeks, each, 0.05, &mut chance);
        let same = by_chance(weeks, 50, each, 0.05, &mut chance);
        let threefold = by_chance(weeks, 20, each, 0.15, &mut chance);
        false_alarms += u64::from(is_raised(&[baseline.clone(), same].concat()));
        found += u64::from(is_raised(&[baseline, threefold].concat()));
    }
    assert!(false_alarms * 2 <= runs, "{false_alarms} of {runs}");
    assert!(found * 5 >= runs * 4, "{found} of {runs}");
}

#[test]
fn of_nothing_nothing_is_said() {
    let trend = trend(&[], &defaults(), week(1));
    assert_eq!((trend.from, trend.until, trend.later), (None, None, 0));
    assert_eq!((trend.overall.deliveries, trend.overall.rate), (0, None));
    assert_eq!((trend.overall.low, trend.overall.high), (0.0, 1.0));
    assert_eq!(trend.comparison.ratio, None);
    assert!(!trend.comparison.differs);
    assert_eq!(trend.charts.len(), 2);
    assert!(
        trend
            .charts
            .iter()
            .all(|chart| chart.weeks.is_empty() && chart.baseline.is_none())
    );
    assert_eq!(trend.text, ["There are no deliveries."]);
}

#[test]
fn the_order_of_deliveries_does_not_matter() {
    let mut chance = Chance(3);
    let mut deliveries = by_chance(0, 20, 6, 0.2, &mut chance);
    for delivery in deliveries.iter_mut().step_by(3) {
        // The same time and entry, and another outcome.
        (delivery.time, delivery.entry) = (week(12), 12);
        delivery.author_kind = AuthorKind::Mixed;
    }
    let one = trend(&deliveries, &defaults(), week(21));
    for _ in 0..10 {
        for at in (1..deliveries.len()).rev() {
            let other = (0..at).filter(|_| chance.happens(0.5)).count();
            deliveries.swap(at, other);
        }
        assert_eq!(trend(&deliveries, &defaults(), week(21)), one);
    }
}

#[test]
fn a_single_failure_in_a_week_of_one_delivery_is_no_alarm() {
    // Of a thousand none failed.
    let mut deliveries = by_chance(0, 8, 125, 0.0, &mut Chance(1));
    deliveries.push(delivery(99_999, week(8), true));
    let trend = trend(&deliveries, &defaults(), week(9));
    let chart = &trend.charts[0];
    let last = &chart.weeks[8];
    assert_eq!((last.deliveries, last.failures, last.upper), (1, 1, Some(1.0)));
    assert!(!last.outside && !last.baseline);
    assert_eq!(chart.alarm, None);
    assert!(chart.past_alarms.is_empty());
    assert!(
        chart
            .cusum
            .as_ref()
            .is_some_and(|cusum| cusum.value == cusum.up && cusum.up < cusum.threshold)
    );
}

#[test]
fn a_week_of_many_failures_is_outside_and_an_alarm_says_since_when() {
    let mut deliveries = by_chance(0, 10, 10, 0.0, &mut Chance(1));
    // Of the baseline one fails.
    deliveries[0].failed = true;
    let bad = 10 * 10;
    deliveries.extend(by_chance(10, 1, 10, 0.0, &mut Chance(1)));
    for at in [bad + 2, bad + 4, bad + 5, bad + 8] {
        deliveries[at].failed = true;
    }
    let now = week(11);
    let raised = trend(&deliveries, &defaults(), now);
    let chart = &raised.charts[0];
    let baseline = chart.baseline.as_ref().unwrap();
    assert_eq!((baseline.weeks, baseline.deliveries, baseline.failures), (8, 80, 1));
    assert_eq!((baseline.from, baseline.until), (week(0), week(8)));
    let outside: Vec<&str> = chart
        .weeks
        .iter()
        .filter(|week| week.outside)
        .map(|week| week.week.as_str())
        .collect();
    assert_eq!(outside, ["2026-W12"]);
    let alarm = chart.alarm.as_ref().unwrap();
    assert_eq!(alarm.since, deliveries[bad + 2].time);
    assert!(alarm.raised > alarm.since && alarm.raised <= deliveries[bad + 8].time);
    assert_eq!(
        (alarm.deliveries_after, alarm.rate_before, alarm.rate_after),
        (8, 0.0125, 0.5)
    );
    assert_eq!(
        alarm.text,
        "Of 80 deliveries of the baseline 1 failed (1.2 %); of 8 since 2026-03-16, 4 (50.0 %)."
    );
    assert!(
        raised.text.iter().any(|sentence| sentence.contains("since 2026-03-16")),
        "{:?}",
        raised.text
    );

    // Once enough went well it is over, and told as past.
    deliveries.extend(by_chance(11, 30, 10, 0.0, &mut Chance(1)));
    let over = trend(&deliveries, &defaults(), week(41));
    let chart = &over.charts[0];
    assert_eq!(chart.alarm, None);
    assert_eq!(chart.past_alarms.len(), 1);
    assert!(chart.past_alarms[0].ended.is_some_and(|ended| ended > now));
    assert_eq!(chart.cusum.as_ref().unwrap().value, 0);
}

#[test]
fn weeks_are_those_of_iso_in_utc_and_empty_ones_are_there() {
    let deliveries = [
        // A Sunday in the year's 53rd week, by a nanosecond; the Monday after it.
        delivery(1, time("2027-01-03T23:59:59.999999999Z"), true),
        delivery(2, time("2027-01-04T00:00:00Z"), false),
        delivery(3, time("2027-01-18T00:00:00+02:00"), false),
        delivery(4, time("2027-01-26T00:00:00Z"), false),
    ];
    let chart = &trend(&deliveries, &defaults(), time("2027-02-02T00:00:00Z")).charts[0];
    let weeks: Vec<(&str, u32, Option<f64>)> = chart
        .weeks
        .iter()
        .map(|week| (week.week.as_str(), week.deliveries, week.rate))
        .collect();
    assert_eq!(
        weeks,
        [
            ("2026-W53", 1, Some(1.0)),
            ("2027-W01", 1, Some(0.0)),
            ("2027-W02", 1, Some(0.0)),
            ("2027-W03", 0, None),
            ("2027-W04", 1, Some(0.0)),
            ("2027-W05", 0, None),
        ]
    );
    assert_eq!(chart.weeks[1].from, time("2027-01-04T00:00:00Z"));
    assert!(
        chart
            .weeks
            .iter()
            .all(|week| week.lower.is_none() && week.upper.is_none() && !week.outside)
    );
}

#[test]
fn times_at_the_ends_of_the_calendar_do_no_harm() {
    let deliveries = [
        delivery(1, Timestamp::MIN, false),
        delivery(2, time("1969-12-28T23:59:59.5Z"), false),
        delivery(3, Timestamp::MAX, false),
    ];
    let settings = TrendSettings {
        few: 0,
        baseline_weeks: 0,
        odds: f64::NAN,
        run_length: 0,
    };
    let trend = trend(&deliveries, &settings, Timestamp::MAX);
    let weeks: Vec<&str> = trend.charts[0].weeks.iter().map(|week| week.week.as_str()).collect();
    assert_eq!(weeks.len(), 3, "{weeks:?}");
    assert_eq!(weeks[1], "1969-W52");
}

#[test]
fn the_baseline_goes_on_until_there_are_enough_deliveries() {
    let deliveries: Vec<Delivery> = (0..12)
        .map(|at| delivery(at, week(2 * i64::try_from(at).unwrap()), false))
        .collect();
    let trend = |deliveries: &[Delivery]| trend(deliveries, &defaults(), week(30));
    let early = &trend(&deliveries[..9]);
    assert_eq!(early.charts[0].baseline, None);
    assert_eq!(early.charts[0].cusum, None);
    assert!(
        early
            .text
            .iter()
            .any(|sentence| sentence.contains("no baseline yet; 9 weeks")),
        "{:?}",
        early.text
    );
    let chart = &trend(&deliveries).charts[0];
    let baseline = chart.baseline.as_ref().unwrap();
    assert_eq!(
        (baseline.weeks, baseline.deliveries, baseline.until),
        (10, 10, week(19))
    );
    assert!(baseline.reckoned > 0.0 && baseline.rate == 0.0);
    assert_eq!(chart.weeks.iter().filter(|week| week.baseline).count(), 19);
}

#[test]
fn deliveries_of_the_future_are_left_out_and_told() {
    let deliveries = [delivery(1, week(0), false), delivery(2, week(2), true)];
    let trend = trend(&deliveries, &defaults(), week(1));
    assert_eq!(
        (trend.overall.deliveries, trend.overall.failures, trend.later),
        (1, 0, 1)
    );
    assert_eq!(
        trend.text[0],
        "Of 1 delivery from 2026-01-05 to 2026-01-05, 0 failed (0.0 %; 95 % interval 0.0 % to 79.3 %)."
    );
    assert_eq!(
        trend.text[1],
        "Left out, since dated after 2026-01-12T00:00:00Z: 1 delivery."
    );
}

#[test]
fn groups_count_each_delivery_where_it_belongs() {
    let mut deliveries: Vec<Delivery> = (0..5).map(|at| delivery(at, week(0), at == 0)).collect();
    deliveries[0].tools = vec!["b".to_owned(), "a".to_owned(), "b".to_owned()];
    deliveries[1].tools = vec!["a".to_owned()];
    deliveries[1].author_kind = AuthorKind::Mixed;
    deliveries[2].author_kind = AuthorKind::Human;
    deliveries[2].tier = None;
    deliveries[3].author_kind = AuthorKind::Unknown;
    deliveries[3].tier = Some(0);
    deliveries[4].strength = EvidenceStrength::Nothing;
    deliveries[4].overridden = true;
    let trend = trend(&deliveries, &defaults(), week(1));
    let counts = |groups: &[model::trend::Group]| -> Vec<(String, u32, u32)> {
        groups
            .iter()
            .map(|group| (group.name.clone(), group.deliveries, group.failures))
            .collect()
    };
    let named = |groups: &[(&str, u32, u32)]| -> Vec<(String, u32, u32)> {
        groups
            .iter()
            .map(|(name, of, failures)| ((*name).to_owned(), *of, *failures))
            .collect()
    };
    assert_eq!(
        counts(&trend.by_author),
        named(&[("ai", 2, 1), ("mixed", 1, 0), ("human", 1, 0), ("unknown", 1, 0)])
    );
    assert_eq!(counts(&trend.by_tool), named(&[("a", 2, 1), ("b", 1, 1)]));
    assert_eq!(
        counts(&trend.by_tier),
        named(&[("tier 0", 1, 0), ("tier 1", 3, 1), ("no tier", 1, 0)])
    );
    assert_eq!(
        counts(&trend.by_evidence),
        named(&[("strong", 4, 1), ("weak", 0, 0), ("nothing", 1, 0)])
    );
    assert_eq!(
        counts(&trend.by_overridden),
        named(&[("overridden", 1, 0), ("not overridden", 4, 1)])
    );
    assert!(trend.by_author.iter().all(|group| group.too_few));
    assert_eq!(
        counts(&[trend.comparison.ai.clone(), trend.comparison.human.clone()]),
        named(&[("ai-written", 3, 1), ("human", 1, 0)])
    );
    assert!(
        trend.text[0].starts_with("Of 5 deliveries from 2026-01-05 to 2026-01-05, 1 failed (20.0 %; 95 % interval")
    );
}

/// So many deliveries of AI and of people, of which so many failed.
fn compared(ai: (u64, u64), human: (u64, u64)) -> model::trend::Comparison {
    let group = |kind, (failed, of): (u64, u64)| {
        (0..of).map(move |at| {
            let mut delivery = delivery(at, week(0), at < failed);
            delivery.author_kind = kind;
            delivery
        })
    };
    let deliveries: Vec<Delivery> = group(AuthorKind::Ai, ai)
        .chain(group(AuthorKind::Human, human))
        .collect();
    trend(&deliveries, &defaults(), week(1)).comparison
}

#[test]
fn a_difference_is_claimed_only_where_there_is_one() {
    let more = compared((40, 100), (10, 100));
    assert!(more.differs && more.ratio == Some(4.0), "{more:?}");
    assert!(
        more.text.ends_with("so those with AI failed more often."),
        "{}",
        more.text
    );
    let less = compared((10, 100), (40, 100));
    assert!(
        less.differs && less.text.ends_with("so those with AI failed less often."),
        "{}",
        less.text
    );
    let same = compared((12, 100), (10, 100));
    assert!(
        !same.differs && same.text.ends_with("which shows no difference."),
        "{}",
        same.text
    );
    // The interval excludes 1, but nine are too few.
    let few = compared((9, 9), (1, 100));
    assert!(few.low.is_some_and(|low| low > 1.0) && !few.differs, "{few:?}");
    assert!(
        few.text
            .ends_with("fewer than 10 deliveries in a group are too few to compare."),
        "{}",
        few.text
    );
    let none = compared((0, 0), (1, 100));
    assert!(none.ratio.is_none() && !none.differs);
}

#[test]
fn only_deliveries_with_ai_are_in_its_chart() {
    let mut deliveries = by_chance(0, 12, 4, 0.1, &mut Chance(5));
    for delivery in deliveries.iter_mut().filter(|delivery| delivery.entry % 2 == 1) {
        delivery.author_kind = AuthorKind::Human;
    }
    let trend = trend(&deliveries, &defaults(), week(12));
    let names: Vec<&str> = trend.charts.iter().map(|chart| chart.name.as_str()).collect();
    assert_eq!(names, ["overall", "ai-written"]);
    assert!(trend.charts[0].weeks[..12].iter().all(|week| week.deliveries == 4));
    assert!(trend.charts[1].weeks[..12].iter().all(|week| week.deliveries == 2));
}
