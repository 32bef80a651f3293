//! `gate frameworks`: what rules for a time caught and what they cost, so that they are renewed or dropped on figures.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{RecordKind, RuleState, Ruling, Verdict};
use serde::Serialize;

use super::branch::Branch;
use crate::args::FrameworksArgs;
use crate::check::here;
use crate::error::{self, CliError};

/// Figures of a framework.
#[derive(Debug, Serialize)]
struct Figures {
    name: String,
    from: String,
    until: String,
    /// Days until its end; negative where it is over.
    days_left: i32,
    /// Contents (trees or artifacts) that its rules were asked about.
    asked: usize,
    /// Of these, those in which one of its rules found something wrong.
    caught: usize,
    /// Of these, those that one of its rules held.
    held: usize,
    /// Of these, those that were let pass by an override of one of its rules.
    overridden: usize,
    /// Hours from the first verdict that one of its rules held or blocked to the first that let the same content pass, in sum.
    hours_waited: f64,
    /// Contents that it stopped and that never passed as they were: they were changed, or given up.
    never_passed: usize,
}

/// What became of one content.
#[derive(Default)]
struct Story {
    caught: bool,
    held: bool,
    overridden: bool,
    stopped: Option<Timestamp>,
    passed: Option<Timestamp>,
}

/// Tells the figures of each framework of the target branch's policy.
///
/// # Errors
/// When the ledger cannot be trusted.
pub fn run(args: &FrameworksArgs) -> Result<u8, CliError> {
    let folder = here()?;
    let now = Timestamp::now();
    let branch = Branch::of(&folder, args.target.as_deref(), now)?;
    branch.kept.trusted()?;
    let judging = &branch.judging;
    let verdicts: Vec<Verdict> = branch
        .kept
        .records
        .iter()
        .filter(|(_, record)| record.kind == RecordKind::Verdict)
        .filter_map(|(index, _)| branch.kept.sealed(*index).ok().flatten()?.verdict())
        .collect();
    let today = now.to_zoned_datetime(TimeZone::UTC).date();
    let all: Vec<Figures> = judging
        .policy
        .framework
        .iter()
        .map(|framework| {
            let mut figures = figures(framework.name.get_ref(), &verdicts);
            figures.from = framework.from.to_string();
            figures.until = framework.until.to_string();
            figures.days_left = (framework.until - today).get_days();
            figures
        })
        .collect();
    if args.json {
        error::print(&serde_json::to_string_pretty(&all).unwrap_or_default())?;
    } else if all.is_empty() {
        error::print(&format!("{} has no framework\n", judging.identity.source))?;
    } else {
        error::print(&all.iter().map(told).collect::<String>())?;
    }
    Ok(0)
}

fn figures(name: &str, verdicts: &[Verdict]) -> Figures {
    let mut stories: BTreeMap<String, Story> = BTreeMap::new();
    for verdict in verdicts {
        let of_it: Vec<RuleState> = verdict
            .rules
            .iter()
            .filter(|result| result.framework.as_deref() == Some(name) && result.state != RuleState::NotApplicable)
            .map(|result| result.state)
            .collect();
        let content = content(verdict);
        if of_it.is_empty() && !stories.contains_key(&content) {
            continue;
        }
        let story = stories.entry(content).or_default();
        story.caught |= of_it.contains(&RuleState::Violated);
        story.held |= of_it
            .iter()
            .any(|state| matches!(state, RuleState::Missing | RuleState::Unavailable));
        story.overridden |= of_it.contains(&RuleState::Overridden);
        let stops = of_it.iter().any(|state| state.ruling() != Ruling::Pass);
        if stops && story.stopped.is_none() {
            story.stopped = Some(verdict.time);
        }
        if verdict.ruling == Ruling::Pass && story.passed.is_none() {
            story.passed = Some(verdict.time);
        }
    }
    let count = |is: fn(&Story) -> bool| stories.values().filter(|story| is(story)).count();
    let waited = |story: &Story| {
        let seconds = story.passed?.as_second() - story.stopped?.as_second();
        #[expect(clippy::cast_precision_loss, reason = "hours of a lifetime fit")]
        Some(seconds.max(0) as f64 / 3600.0)
    };
    Figures {
        name: name.to_owned(),
        from: String::new(),
        until: String::new(),
        days_left: 0,
        asked: stories.len(),
        caught: count(|story| story.caught),
        held: count(|story| story.held),
        overridden: count(|story| story.overridden),
        hours_waited: stories.values().filter_map(waited).sum(),
        never_passed: count(|story| story.stopped.is_some() && story.passed.is_none()),
    }
}

/// What a verdict is about, whenever it is asked again.
fn content(verdict: &Verdict) -> String {
    let subject = &verdict.subject;
    let of = |part: &Option<String>| part.clone().unwrap_or_default();
    format!(
        "{} {} {} {}",
        of(&subject.tree),
        of(&subject.artifact),
        of(&subject.service),
        of(&subject.environment)
    )
}

fn told(figures: &Figures) -> String {
    let end = match figures.days_left {
        left if left < 0 => format!(
            "it ended with {}: its rules are asked no more; renew it or drop it",
            figures.until
        ),
        left => format!("it ends with {}, in {left} days", figures.until),
    };
    format!(
        "{}: since {}; {end}\n  asked about {} · wrong in {} · held {} · overridden {} · {:.1} hours waited · {} never passed as they were\n",
        figures.name,
        figures.from,
        figures.asked,
        figures.caught,
        figures.held,
        figures.overridden,
        figures.hours_waited,
        figures.never_passed
    )
}
