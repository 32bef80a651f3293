//! `counterproof guard report` and `guard action`: what was asked, denied and let run, and what waits for somebody.

use std::collections::BTreeMap;

use camino::Utf8Path;
use guard::Decision;
use jiff::{Span, Timestamp};
use serde::Serialize;

use super::showing::{line, whole};
use super::state::{Decided, Pending, SHOWN_DIGITS, State};
use super::{binding, deciding};
use crate::args::{ExplainFormat, GuardActionArgs, GuardReportArgs};
use crate::error::{CliError, print};

/// Days that a report looks back, where nothing else is said.
const DAYS: i64 = 7;

/// How often something was answered.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Counts {
    asked: usize,
    denied: usize,
    let_run: usize,
}

impl Counts {
    fn add(&mut self, one: &Decided) {
        match (&one.let_by, one.decision) {
            (Some(_), _) => self.let_run += 1,
            (None, Decision::Deny) => self.denied += 1,
            (None, _) => self.asked += 1,
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    since: Timestamp,
    total: Counts,
    by_agent: BTreeMap<&'a str, Counts>,
    /// Lines of the log that cannot be read: somebody wrote them, or cut them off.
    unread: usize,
    decisions: Vec<&'a Decided>,
}

/// Tells what was decided.
///
/// # Errors
/// When the log cannot be read.
pub fn report(args: &GuardReportArgs) -> Result<u8, CliError> {
    let state = State::open()?;
    let now = Timestamp::now();
    if args.append {
        return hand_on(&state, now);
    }
    let since = match &args.since {
        Some(text) => crate::approving::ago(now, text)?,
        None => now.checked_sub(Span::new().hours(DAYS * 24)).unwrap_or(now),
    };
    let (all, unread) = state.decided()?;
    let decisions: Vec<&Decided> = all
        .iter()
        .filter(|one| one.time >= since && !one.agent.is_empty() && !is_handed_on(one))
        .collect();
    let mut total = Counts::default();
    let mut by_agent: BTreeMap<&str, Counts> = BTreeMap::new();
    for one in &decisions {
        total.add(one);
        by_agent.entry(&one.agent).or_default().add(one);
    }
    let report = Report {
        since,
        total,
        by_agent,
        unread,
        decisions,
    };
    let text = match args.format {
        ExplainFormat::Json => serde_json::to_string_pretty(&report).unwrap_or_default(),
        ExplainFormat::Terminal => in_words(&report, open(&all).len()),
    };
    print(&text)?;
    Ok(0)
}

fn in_words(report: &Report<'_>, open: usize) -> String {
    let Counts { asked, denied, let_run } = report.total;
    let mut text = format!(
        "Since {}: {asked} asked, {denied} denied, {let_run} let run by somebody\n",
        report.since.strftime("%Y-%m-%d %H:%M UTC")
    );
    for (agent, counts) in &report.by_agent {
        text.push_str(&format!(
            "  {}: {} asked, {} denied, {} let run\n",
            line(agent),
            counts.asked,
            counts.denied,
            counts.let_run
        ));
    }
    for one in report.decisions.iter().rev() {
        let answer = if one.let_by.is_some() {
            "let"
        } else {
            one.decision.word()
        };
        text.push_str(&format!(
            "\n{}  {answer:4}  {}  {}\n  {}\n",
            one.time.strftime("%Y-%m-%d %H:%M"),
            one.digest.get(..SHOWN_DIGITS).map_or_else(String::new, line),
            line(&one.action),
            line(&one.reason)
        ));
        if let Some(by) = &one.let_by {
            let how = if by.signed { "signed for it" } else { "allowed it" };
            let reason = by
                .reason
                .as_deref()
                .map_or(String::new(), |reason| format!(": {}", line(reason)));
            text.push_str(&format!("  {} {how}{reason}\n", line(&by.who)));
        }
        if let Some(entry) = one.entry {
            text.push_str(&format!("  entry {entry} of the ledger\n"));
        }
    }
    if open > 0 {
        text.push_str(&format!(
            "\n{open} of all that was decided here are in no ledger, and could be: `counterproof guard report --append` hands them on\n"
        ));
    }
    if report.unread > 0 {
        text.push_str(&format!("\n{} lines of the log cannot be read\n", report.unread));
    }
    text
}

/// The agent of a line that says no more than that an earlier one is in the ledger by now.
fn is_handed_on(one: &Decided) -> bool {
    one.reason == HANDED_ON
}

const HANDED_ON: &str = "handed on";

/// Decisions that a ledger which is there has not got.
fn open(all: &[Decided]) -> Vec<&Decided> {
    let handed_on: Vec<(&str, Timestamp)> = all
        .iter()
        .filter(|one| is_handed_on(one))
        .map(|one| (one.digest.as_str(), one.time))
        .collect();
    all.iter()
        .filter(|one| one.not_in_ledger.is_some() && !is_handed_on(one))
        .filter(|one| !handed_on.contains(&(one.digest.as_str(), one.time)))
        .collect()
}

fn hand_on(state: &State, now: Timestamp) -> Result<u8, CliError> {
    let (all, _) = state.decided()?;
    let (mut done, mut failed) = (0, Vec::new());
    for one in open(&all) {
        let folder = Utf8Path::new(&one.folder);
        let top = crate::check::top_of(folder);
        match deciding::append_for(one, &top, true, now) {
            Ok(Some(entry)) => {
                done += 1;
                state.log(&Decided {
                    reason: HANDED_ON.to_owned(),
                    entry: Some(entry),
                    not_in_ledger: None,
                    ..one.clone()
                })?;
            }
            Ok(None) => failed.push(format!("there is no ledger in {top} any more")),
            Err(error) => failed.push(error.to_string()),
        }
    }
    failed.dedup();
    let mut text = format!("{done} decisions were handed on to the ledger\n");
    for why in &failed {
        text.push_str(&format!("  not all of them: {why}\n"));
    }
    print(&text)?;
    Ok(if failed.is_empty() {
        0
    } else {
        crate::error::NOTHING_VERIFIED
    })
}

/// Shows actions that wait for somebody.
///
/// # Errors
/// When there is no such action, or it cannot be written.
pub fn action(args: &GuardActionArgs) -> Result<u8, CliError> {
    let state = State::open()?;
    let Some(id) = &args.action else {
        let mut text = String::new();
        for one in state.all_pending() {
            text.push_str(&format!(
                "{}  {}  {}  {}\n  {}\n",
                &one.action.digest()[..SHOWN_DIGITS],
                one.time.strftime("%Y-%m-%d %H:%M"),
                line(&one.agent),
                line(&one.action.words()),
                line(&one.action.judgement.reason)
            ));
        }
        if text.is_empty() {
            text.push_str("No action was held from running here.\n");
        }
        print(&text)?;
        return Ok(0);
    };
    let pending = state.pending(id)?;
    if let Some(out) = &args.out {
        let json = serde_json::to_vec_pretty(&pending).unwrap_or_default();
        std::fs::write(out, json).map_err(|error| CliError::Usage(format!("{out} cannot be written: {error}")))?;
        print(&format!(
            "{out} holds it: `counterproof approve action {out}` signs for it\n"
        ))?;
        return Ok(0);
    }
    print(&shown(&pending))?;
    Ok(0)
}

/// All of an action, for whoever decides on it.
pub fn shown(pending: &Pending) -> String {
    let action = &pending.action;
    let mut text = format!(
        "{}\n  by {} in {}, {}\n  {}\n",
        whole(&action.words()),
        line(&pending.agent),
        line(&action.folder),
        pending.time.strftime("%Y-%m-%d %H:%M UTC"),
        line(&action.judgement.reason)
    );
    for (name, value) in &action.place {
        text.push_str(&format!("  {} {}\n", line(name), line(value)));
    }
    if let Some(why) = binding::unfitting(action) {
        text.push_str(&format!(
            "  not all that it works on can be looked at: {}\n",
            line(&why)
        ));
    }
    // Beside a line for a shell, and beyond its first statement, too.
    for (query, tool) in &action.queries {
        text.push_str(&format!("\n{}: {}\n", line(tool), whole(query)));
    }
    for edit in &action.edits {
        text.push_str(&format!("\n{}\n", line(&edit.path)));
        let marked = |mark: &str, lines: &str| -> String {
            let lines = lines.strip_suffix('\n').unwrap_or(lines);
            let lines = lines.split('\n').filter(|_| !lines.is_empty());
            lines.map(|one| format!("{mark} {}\n", whole(one))).collect()
        };
        text.push_str(&marked("-", edit.before.as_deref().unwrap_or_default()));
        text.push_str(&marked("+", &edit.after));
    }
    text.push_str(&format!("  digest {}\n", action.digest()));
    text
}
