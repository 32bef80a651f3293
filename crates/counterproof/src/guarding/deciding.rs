//! From what is judged to what is answered: whether a person let it run, what the agent is told to do about it, and the record of both.

use std::collections::BTreeMap;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use guard::{Action, Decision, Event, Judgement, Surroundings};
use jiff::Timestamp;
use model::{RecordKind, Subject};

use super::state::{Decided, LetBy, Pending, SHOWN_DIGITS, State};
use super::watching::Watched;
use super::{allowing, binding, signing};
use crate::error::CliError;
use crate::records::{self, FACT, place::Place};

/// Characters of an action that the log keeps.
const LONGEST_WORDS: usize = 2_000;
/// Time that is waited for others who append to the ledger; after that, `guard report --append` hands on what was decided.
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes of an action that waits for somebody.
const LONGEST_ACTION: usize = 256 << 10;

/// What is answered to an action that is no plain allow. Where nothing of it can be remembered, the answer stands all the same.
pub fn settle(
    agent: &str,
    event: &Event,
    place: &Surroundings<'_>,
    read: BTreeMap<String, String>,
    judgement: Judgement,
    watched: &Watched,
) -> Judgement {
    let now = Timestamp::now();
    let mut action = Action::of(event, place, binding::whole(read), judgement);
    if action.judgement.takes_two() {
        // What is approved is what would run.
        binding::bind(&mut action, place);
    }
    let Ok(state) = State::open() else {
        return asked(action.judgement, event, None);
    };
    let mut decided = held(agent, &action, now);
    watched.will_note(&decided);
    let (let_by, trouble) = match let_by(&action, &decided.digest, &state, now) {
        Ok(let_by) => (let_by, None),
        Err(error) => (None, Some(error.to_string())),
    };
    if let_by.is_some() {
        decided.decision = Decision::Allow;
        decided.let_by = let_by;
    }
    match append(&decided, now) {
        Ok(entry) => decided.entry = entry,
        Err(error) => decided.not_in_ledger = Some(error.to_string()),
    }
    let logged = state.log(&decided);
    watched.noted();
    if decided.let_by.is_none() {
        return waiting(agent, event, place, action, &state, trouble, now);
    }
    // What nobody can see later does not run on somebody's word.
    match logged {
        Ok(()) => Judgement {
            decision: Decision::Allow,
            reason: String::new(),
            ..action.judgement
        },
        Err(error) => Judgement {
            reason: format!(
                "{}; it was let run, but that could not be written down ({error})",
                action.judgement.reason
            ),
            ..action.judgement
        },
    }
}

/// That an action is held, as nobody let it run.
fn held(agent: &str, action: &Action, now: Timestamp) -> Decided {
    Decided {
        time: now,
        agent: agent.to_owned(),
        folder: action.folder.clone(),
        action: words(action),
        digest: action.digest(),
        judged: action.judgement.decision,
        decision: action.judgement.decision,
        reason: report::redact::text(&action.judgement.reason).into_owned(),
        service: service(&action.judgement),
        let_by: None,
        entry: None,
        not_in_ledger: None,
    }
}

/// The answer to an action that nobody let run: it is kept for whoever may.
fn waiting(
    agent: &str,
    event: &Event,
    place: &Surroundings<'_>,
    action: Action,
    state: &State,
    trouble: Option<String>,
    now: Timestamp,
) -> Judgement {
    let pending = Pending {
        time: now,
        agent: agent.to_owned(),
        operators: match action.judgement.takes_two() {
            true => signing::operators_of(&place.folder).unwrap_or_default(),
            false => Vec::new(),
        },
        action,
    };
    let is_kept = can_wait(&pending.action) && state.keep(&pending).is_ok();
    let shown = is_kept.then(|| pending.action.digest()[..SHOWN_DIGITS].to_owned());
    let unfitting = binding::unfitting(&pending.action);
    let mut judgement = asked(pending.action.judgement, event, shown.as_deref());
    if let Some(trouble) = trouble {
        judgement
            .reason
            .push_str(&format!(" (what a person said does not count: {trouble})"));
    }
    if let Some(why) = unfitting.filter(|_| judgement.can_be_allowed()) {
        judgement.reason.push_str(&format!(
            " (nobody's word fits it as it stands, for not all that it works on can be looked at: {why})"
        ));
    }
    judgement
}

/// Whether somebody can look at it and sign for it: it says something, and not more than a person reads.
fn can_wait(action: &Action) -> bool {
    let length = action.command.as_ref().map_or(0, String::len)
        + action
            .edits
            .iter()
            .map(|edit| edit.path.len() + edit.after.len())
            .sum::<usize>();
    (1..=LONGEST_ACTION).contains(&length)
}

/// Who had let it run. What nobody can let run, nobody had.
fn let_by(action: &Action, digest: &str, state: &State, now: Timestamp) -> Result<Option<LetBy>, CliError> {
    if !action.judgement.can_be_allowed() {
        return Ok(None);
    }
    if let Some(let_by) = signing::approved(action, digest, state, now)? {
        return Ok(Some(let_by));
    }
    allowing::of(action, digest, state, now)
}

/// The judgement with what there is to do about it. An agent that asks its person needs nothing said to do that.
fn asked(mut judgement: Judgement, event: &Event, shown: Option<&str>) -> Judgement {
    let Some(id) = shown.filter(|_| judgement.can_be_allowed()) else {
        return judgement;
    };
    if judgement.takes_two() {
        judgement.reason.push_str(&format!(
            "; ask an owner who does not run this agent: `counterproof approve action {id}`"
        ));
    } else if judgement.decision == Decision::Deny || !event.asks {
        judgement.reason.push_str(&format!(
            "; a person may let it run: `counterproof guard allow --once --action {id} --reason …`"
        ));
    }
    judgement
}

/// What it is about to do, for the log: short, and without what looks like a secret.
fn words(action: &Action) -> String {
    let words = action.words();
    let words = report::redact::text(&words);
    match words.char_indices().nth(LONGEST_WORDS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words.into_owned(),
    }
}

fn service(judgement: &Judgement) -> Option<String> {
    let mut services = judgement.effects.iter().filter_map(|effect| effect.service.as_ref());
    services.next().map(|(name, _)| name.clone())
}

/// Puts a decision into the ledger, where there is one in a folder; gives the number of its entry.
///
/// # Errors
/// Why it is not in a ledger that is there.
pub fn append(decided: &Decided, now: Timestamp) -> Result<Option<u64>, CliError> {
    let folder = Utf8PathBuf::from(&decided.folder);
    let Some(top) = folder.ancestors().find(|folder| folder.join(".git").exists()) else {
        return Ok(None);
    };
    append_for(decided, top, false, now)
}

/// As [`append`], for the repository at `top`; over the network, too, where that is asked for: an agent does not wait for it.
///
/// # Errors
/// As [`append`].
pub fn append_for(decided: &Decided, top: &Utf8Path, far: bool, now: Timestamp) -> Result<Option<u64>, CliError> {
    // Whether there is one is told by the working tree, which costs nothing; where it is and who is trusted, by the default branch.
    let near = Place::of(&crate::config::read(top)?.ledger, top)?;
    if near.is_far() && !far {
        return Err(CliError::Usage(
            "the ledger is far away: `counterproof guard report --append` hands it on".to_owned(),
        ));
    }
    if near.unchecked()?.is_none() {
        return Ok(None);
    }
    let (mut place, _) = Place::of_repository(top)?;
    if !far {
        // An agent waits for the answer, and most run the tool where they wait too long.
        place = place.patient_for(PATIENCE);
    }
    let (ledger, _) = place.open_to_append(now)?;
    let key = records::keys::of_this_machine()?;
    let mut fact = serde_json::to_value(decided).unwrap_or_default();
    fact["format"] = FACT.into();
    let record = ledger::NewRecord {
        kind: RecordKind::Decision,
        by: key.public().id().to_string(),
        subject: Subject {
            service: decided.service.clone(),
            ..Subject::default()
        },
        payload: Some(fact.to_string().into_bytes()),
    };
    records::append(&ledger, record, now).map(Some)
}
