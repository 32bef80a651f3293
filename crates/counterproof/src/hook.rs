//! `counterproof hook stop`: an agent is about to stop, and is handed back what its change does to behaviour, once.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use camino::Utf8PathBuf;
use model::report::{CheckReport, Status, TestReport};
use serde::{Deserialize, Serialize};

use crate::agents::Coder;
use crate::agents::stops::{self, Message, StopEvent};
use crate::args::{CheckArgs, StopArgs};
use crate::check::{self, Judged};
use crate::config;
use crate::error::{self, CliError, NOTHING_VERIFIED};

/// The change could not be checked. It must not be 2, which holds an agent back.
pub const FAILED: u8 = 1;
/// Seconds beyond the budget, for git, for imports and for machines that are busy, before it is given up.
const GRACE_SECONDS: f64 = 20.0;
/// Bytes of an event that are read; what an agent last said is part of it.
const LONGEST_EVENT: u64 = 16 << 20;
/// Version of what is remembered of a session.
const FORMAT: u32 = 1;

/// Why the agent is let go without an answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Check(#[from] CliError),
    #[error("the event cannot be read: {0}")]
    Event(std::io::Error),
    #[error(
        "the check did not end within {0:.0} s; `counterproof check` shows what it does, --budget gives it more time"
    )]
    Late(f64),
    #[error("the check ended by a defect of its own")]
    Defect,
    #[error("nothing could be verified: {0}")]
    NothingVerified(String),
    #[error("what is handed back cannot be remembered, so that it could come again and again: {0}")]
    Forgetful(store::Error),
}

/// Findings that a session was told already.
#[derive(Default, Serialize, Deserialize)]
struct Told {
    version: u32,
    ids: BTreeSet<String>,
}

/// Answers a Stop event and gives the exit code. Whatever goes wrong is told to the person and never holds the agent back.
pub fn stop(args: &StopArgs) -> u8 {
    match answer(args) {
        Ok(()) => 0,
        Err(failure) => {
            let _ = writeln!(
                std::io::stderr(),
                "counterproof: this change was not checked; the agent may stop. {failure}"
            );
            FAILED
        }
    }
}

fn answer(args: &StopArgs) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    let mut input = std::io::stdin().lock().take(LONGEST_EVENT);
    input.read_to_end(&mut bytes).map_err(Failure::Event)?;
    let event = stops::read(args.agent, &bytes)?;
    if let Some(canary) = &event.canary {
        let system_message = format!("counterproof heard {canary}");
        return say(&serde_json::to_string(&Message { system_message }).unwrap_or_default());
    }
    if event.may_stop {
        return Ok(());
    }
    match judge(&event, &args.budget) {
        Err(Failure::Check(CliError::Change(
            change::Error::NotARepository { .. } | change::Error::NoCommits { .. },
        ))) => {
            // The hook may be installed for all folders of a user.
            let _ = writeln!(
                std::io::stderr(),
                "counterproof: there is no repository here with anything to compare"
            );
            Ok(())
        }
        Err(failure) => Err(failure),
        Ok(judged) => hand_back(args.agent, &event, &judged),
    }
}

/// Checks the working tree, for so long and no longer.
fn judge(event: &StopEvent, budget: &str) -> Result<Judged, Failure> {
    let seconds = config::seconds(budget)? + GRACE_SECONDS;
    let folder = event.folder.clone().unwrap_or_else(|| Utf8PathBuf::from("."));
    let check = CheckArgs {
        budget: Some(budget.to_owned()),
        ..CheckArgs::default()
    };
    Ok(within(seconds, move || check::judge(&folder, &check))??)
}

/// What `work` gives within so many seconds. Where nobody waits for it any more, it ends with the program, and what it runs with it.
fn within<T: Send + 'static>(seconds: f64, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || drop(sender.send(work())));
    let limit = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    receiver.recv_timeout(limit).map_err(|error| match error {
        RecvTimeoutError::Timeout => Failure::Late(seconds),
        RecvTimeoutError::Disconnected => Failure::Defect,
    })
}

/// Hands back what this session was not told yet.
fn hand_back(coder: Coder, event: &StopEvent, judged: &Judged) -> Result<(), Failure> {
    let Judged { report, cache, .. } = judged;
    let key = format!("handed-back-{}", event.session);
    let known = cache.recall(&key);
    let known = known.and_then(|bytes| serde_json::from_slice::<Told>(&bytes).ok());
    let mut told = known.filter(|told| told.version == FORMAT).unwrap_or_default();
    let found = report.functions.iter().flat_map(|function| &function.findings);
    let concerns = report.concerns.iter().filter(|concern| concern.acceptance.is_none());
    let new: BTreeSet<String> = found
        .filter(|finding| finding.acceptance.is_none())
        .map(|finding| finding.id.clone())
        .chain(concerns.map(|concern| concern.id.clone()))
        .filter(|id| !told.ids.contains(id))
        .collect();
    // Tests have no ids: what failed, and how, tells one from another.
    let name = |test: &TestReport| format!("{}::{} {:?} {}", test.path, test.name, test.status, test.text);
    let tests = report.tests.iter().filter(|test| test.status.is_finding()).map(name);
    let tests: BTreeSet<String> = tests.filter(|test| !told.ids.contains(test)).collect();
    if new.is_empty() && tests.is_empty() {
        return nothing_verified(report).map_or(Ok(()), |reason| Err(Failure::NothingVerified(reason)));
    }
    told.version = FORMAT;
    told.ids.extend(new.iter().chain(&tests).cloned());
    let bytes = serde_json::to_vec(&told).unwrap_or_default();
    // Before anything is said: what is not remembered would be said again.
    cache.remember(&key, &bytes).map_err(Failure::Forgetful)?;
    let text = report::agent::hand_back(report, &|finding| new.contains(&finding.id), &|test| {
        tests.contains(&name(test))
    });
    say(&stops::handed_back(coder, &text))
}

/// Why nothing is known of the functions that changed, where nothing is. Files of other languages are nobody's failure.
fn nothing_verified(report: &CheckReport) -> Option<String> {
    let mut open = report.functions.iter().filter(|one| one.status == Status::NotVerified);
    let first = open.next().filter(|_| report.exit == NOTHING_VERIFIED)?;
    let reason = first.reason.as_deref().unwrap_or("no reason was recorded");
    Some(format!("{} of {}: {reason}", first.qualified_name, first.path))
}

fn say(text: &str) -> Result<(), Failure> {
    error::print(text).map_err(|error| Failure::Check(CliError::Output(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_late_and_what_breaks_is_given_up() {
        let (_held, never) = mpsc::channel::<()>();
        assert!(matches!(within(0.01, move || never.recv()), Err(Failure::Late(_))));
        let broken = within(60.0, || std::panic::resume_unwind(Box::new(())));
        assert!(matches!(broken, Err::<(), _>(Failure::Defect)));
        assert_eq!(within(60.0, || 1).ok(), Some(1));
    }
}
