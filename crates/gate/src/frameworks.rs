//! Rules for a time: when they are on, and that they end.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::gate_input::GateInput;

use crate::policy::{Framework, Policy};

/// Days before the end of a framework from which on it is told.
const WARN_DAYS: u16 = 14;
/// Days for which it is told that a framework has ended.
const TELL_ENDED_DAYS: i32 = 30;

fn today(input: &GateInput) -> Date {
    input.now.to_zoned_datetime(TimeZone::UTC).date()
}

fn concerns(framework: &Framework, input: &GateInput) -> bool {
    framework.tiers.is_empty()
        || input
            .services
            .iter()
            .any(|service| framework.tiers.contains(&service.tier))
}

/// Days from one date to another; negative where the other is before.
fn days(from: Date, until: Date) -> i32 {
    (until - from).get_days()
}

/// Those that are on, for the tiers that are concerned.
pub fn active<'a>(policy: &'a Policy, input: &GateInput) -> Vec<&'a Framework> {
    let today = today(input);
    let on = |framework: &&Framework| (framework.from..=framework.until).contains(&today) && concerns(framework, input);
    policy.framework.iter().filter(on).collect()
}

/// What a reader should know of the ends of frameworks.
pub fn notes(policy: &Policy, input: &GateInput) -> Vec<String> {
    let today = today(input);
    let mut notes = Vec::new();
    for framework in policy.framework.iter().filter(|framework| concerns(framework, input)) {
        let name = framework.name.get_ref();
        let left = days(today, framework.until);
        let warn = i32::from(framework.warn_days.unwrap_or(WARN_DAYS));
        if (0..=warn).contains(&left) && today >= framework.from {
            notes.push(format!(
                "the framework `{name}` ends with {}, in {left} days",
                framework.until
            ));
        } else if left < 0 && -left <= TELL_ENDED_DAYS {
            notes.push(format!(
                "the framework `{name}` ended with {}, and its rules are asked no more: renew it or drop it",
                framework.until
            ));
        }
    }
    notes
}
