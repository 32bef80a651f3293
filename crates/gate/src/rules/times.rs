//! Rules over what time it is.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};
use model::gate_input::{GateInput, IncidentFacts};

use super::{Answer, Asked};
use crate::policy::{Freeze, Window};
use crate::rules::review::signed_by_role;
use crate::words::or;

/// Hours of cool-down where a rule does not say.
const COOL_DOWN: u32 = 24;
/// Days in which the next window is looked for.
const AHEAD: i64 = 14;

/// The time there. A name that is no time zone was refused when the policy was read.
fn there(now: Timestamp, zone: Option<&str>) -> ZonedDateTime {
    let zone = zone.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    now.to_zoned_datetime(zone)
}

/// Whether something for these tiers, services and environments is about this.
fn concerns(input: &GateInput, tiers: &[u8], services: &[String], environments: &[String]) -> bool {
    let of_tier = tiers.is_empty() || input.services.iter().any(|service| tiers.contains(&service.tier));
    let of_service = services.is_empty() || input.services.iter().any(|service| services.contains(&service.name));
    let environment = input.deployment.as_ref().map(|deployment| &deployment.environment);
    let of_environment = environments.is_empty() || environment.is_some_and(|name| environments.contains(name));
    of_tier && of_service && of_environment
}

fn is_open(window: &Window, at: &ZonedDateTime) -> bool {
    let day = window
        .days
        .iter()
        .any(|day| jiff::civil::Weekday::from(*day) == at.weekday());
    let time: Time = at.time();
    day && window.from <= time && time < window.until
}

pub(super) fn window(asked: &Asked<'_>) -> Answer {
    let input = asked.input;
    let windows: Vec<&Window> = asked
        .policy
        .window
        .iter()
        .filter(|window| concerns(input, &window.tiers, &window.services, &window.environments))
        .collect();
    if windows.is_empty() {
        return Answer::satisfied("the policy sets no windows for this");
    }
    let now = |window: &Window| there(input.now, window.time_zone.as_deref());
    if let Some(open) = windows.iter().find(|window| is_open(window, &now(window))) {
        let zone = open.time_zone.as_deref().unwrap_or("UTC");
        return Answer::satisfied(format!("the window until {} ({zone}) is open", hours(open.until)));
    }
    let next = windows.iter().filter_map(|window| opens(window, &now(window))).min();
    let next = next.map_or_else(
        || "none opens soon".to_owned(),
        |at| format!("the next one opens at {at}"),
    );
    Answer::not(format!("no deployment window is open; {next}"))
        .give("wait for it, or a documented `counterproof approve override`")
}

fn hours(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// When it opens next.
fn opens(window: &Window, now: &ZonedDateTime) -> Option<Timestamp> {
    let is_day = |date: Date| {
        window
            .days
            .iter()
            .any(|day| jiff::civil::Weekday::from(*day) == date.weekday())
    };
    (0..AHEAD)
        .filter_map(|days| now.date().checked_add(days.days()).ok())
        .filter(|date| is_day(*date))
        .filter_map(|date| {
            date.to_datetime(window.from)
                .to_zoned_datetime(now.time_zone().clone())
                .ok()
        })
        .map(|at| at.timestamp())
        .find(|at| *at > now.timestamp())
}

pub(super) fn freeze(asked: &Asked<'_>) -> Answer {
    let input = asked.input;
    let is_on = |freeze: &&Freeze| {
        let today = there(input.now, freeze.time_zone.as_deref()).date();
        let stage = input.deployment.is_some() || freeze.merges;
        stage
            && (freeze.from..=freeze.until).contains(&today)
            && concerns(input, &freeze.tiers, &freeze.services, &freeze.environments)
    };
    match asked.policy.freeze.iter().find(is_on) {
        None => Answer::satisfied("no freeze is on"),
        Some(freeze) => Answer::not(format!(
            "the freeze `{}` is on until {} is over",
            freeze.name, freeze.until
        ))
        .give("wait for its end, or a documented `counterproof approve override`"),
    }
}

pub(super) fn cool_down(asked: &Asked<'_>) -> Answer {
    let hours = asked.rule.hours.unwrap_or(COOL_DOWN);
    let input = asked.input;
    let is_warm = |incident: &&IncidentFacts| {
        let hit = incident
            .services
            .iter()
            .any(|name| input.services.iter().any(|service| service.name == *name));
        let over = incident.closed.map(|closed| input.now.as_second() - closed.as_second());
        hit && over.is_none_or(|seconds| seconds < i64::from(hours) * 3600)
    };
    let warm: Vec<&IncidentFacts> = input.incidents.iter().filter(is_warm).collect();
    let Some(incident) = warm.first() else {
        return Answer::satisfied(format!("no incident on it within {hours} hours"));
    };
    let what = match incident.closed {
        None => format!("the incident `{}` goes on", incident.id),
        Some(closed) => format!(
            "the incident `{}` ended at {closed}, less than {hours} hours ago",
            incident.id
        ),
    };
    if let Some(by) = signed_by_role(asked) {
        return Answer::satisfied(format!("{what}; {by} signed this all the same")).resting_on([incident.id.clone()]);
    }
    let answer = Answer::not(what).resting_on([incident.id.clone()]);
    match asked.rule.roles.as_slice() {
        [] => answer.give("wait, or a documented `counterproof approve override`"),
        roles => answer.give(format!(
            "wait, or `counterproof approve --role {}` by one who has the role {}",
            roles[0],
            or(roles)
        )),
    }
}
