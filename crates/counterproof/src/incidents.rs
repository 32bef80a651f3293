//! `counterproof incident` and `counterproof trend`: what went wrong, which change may have done it, and what that says of all changes.

use std::fmt::Write as _;

use attest::predicates::{TrendStatement, report_digest};
use attest::statement::ResourceDescriptor;
use jiff::Timestamp;
use ledger::{Ledger, NewRecord};
use model::{RecordKind, Subject, Suspect, Trend};
use serde_json::{Value, json};

use crate::args::{IncidentArgs, IncidentCommand, LinkArgs, OpenArgs, TrendArgs};
use crate::check::{here, top_of};
use crate::deliveries::{self, History};
use crate::error::{self, CliError};
use crate::records::keys;
use crate::records::place::Place;
use crate::records::statements::Sealed;
use crate::records::{FACT, append_sealed};

/// Suspects that are shown.
const SHOWN: usize = 5;

fn place() -> Result<Place, CliError> {
    Ok(Place::of_repository(&top_of(&here()?))?.0)
}

/// Does what was asked.
///
/// # Errors
/// When the question makes no sense, or the ledger refuses.
pub fn run(args: &IncidentArgs) -> Result<u8, CliError> {
    let now = Timestamp::now();
    let place = place()?;
    match &args.command {
        IncidentCommand::Open(open) => self::open(&place, open, now),
        IncidentCommand::Link(link) => self::link(&place, link, now),
        IncidentCommand::Close { id, reason } => close(&place, id, reason.as_deref(), now),
        IncidentCommand::Show { id } => show(&place, id.as_deref(), now),
    }
}

fn open(place: &Place, args: &OpenArgs, now: Timestamp) -> Result<u8, CliError> {
    let opened = match &args.at {
        Some(text) => text
            .parse()
            .map_err(|_| CliError::Usage(format!("`{text}` is no time: write it as 2026-11-28T10:00:00Z")))?,
        None => now,
    };
    if opened > now {
        return Err(CliError::Usage(format!("`{opened}` is yet to come")));
    }
    let (ledger, _) = place.open_to_append(now)?;
    let history = deliveries::history(&ledger, now)?;
    if history.incident(&args.id).is_some() {
        return Err(CliError::Usage(format!(
            "there is an incident `{}` already: choose another name, or link and close that one",
            args.id
        )));
    }
    let fact = json!({
        "format": FACT,
        "title": args.title,
        "services": args.service,
        "paths": args.path,
        "functions": args.function,
        "opened": opened.to_string(),
    });
    let index = append(
        &ledger,
        RecordKind::IncidentOpened,
        of_incident(&args.id, args.service.first()),
        &fact,
        now,
    )?;
    let incident = outcomes::Incident {
        opened,
        services: args.service.clone(),
        paths: args.path.clone(),
        functions: args.function.clone(),
    };
    let mut text = format!("entry {index}: the incident `{}` is open\n", args.id);
    text.push_str(&told(&args.id, &outcomes::suspects(&incident, &history.candidates)));
    error::print(&text)?;
    Ok(0)
}

fn of_incident(id: &str, service: Option<&String>) -> Subject {
    Subject {
        incident: Some(id.to_owned()),
        service: service.cloned(),
        ..Subject::default()
    }
}

fn append(ledger: &Ledger, kind: RecordKind, subject: Subject, fact: &Value, now: Timestamp) -> Result<u64, CliError> {
    let record = NewRecord {
        kind,
        by: keys::of_this_machine()?.public().id().to_string(),
        subject,
        payload: Some(fact.to_string().into_bytes()),
    };
    crate::records::append(ledger, record, now)
}

/// The changes that may have done it.
fn told(id: &str, suspects: &[Suspect]) -> String {
    if suspects.is_empty() {
        return "  no change in the ledger went out before it\n".to_owned();
    }
    let mut text = "  changes that may have done it, the likeliest first:\n".to_owned();
    for suspect in suspects.iter().take(SHOWN) {
        let commit = suspect
            .commit
            .as_deref()
            .map_or("no commit", |commit| commit.get(..12).unwrap_or(commit));
        let _ = writeln!(text, "  {:>6.2}  entry {} ({commit})", suspect.score, suspect.entry);
        for term in &suspect.terms {
            let _ = writeln!(text, "          {:+.2}  {}: {}", term.adds, term.name, term.value);
        }
    }
    if let Some(first) = suspects.first() {
        let _ = writeln!(
            text,
            "  `counterproof incident link {id} --entry {}` says that it was the first of them",
            first.entry
        );
    }
    text
}

fn link(place: &Place, args: &LinkArgs, now: Timestamp) -> Result<u8, CliError> {
    let (ledger, _) = place.open_to_append(now)?;
    let history = deliveries::history(&ledger, now)?;
    known(&history, &args.id)?;
    let record = ledger.record(args.entry)?;
    if !matches!(record.kind, RecordKind::Verdict | RecordKind::Deployment) {
        return Err(CliError::Usage(format!(
            "entry {} is neither a verdict nor a deployment: `counterproof incident show {}` names those that may have done it",
            args.entry, args.id
        )));
    }
    let subject = Subject {
        about: Some(args.entry),
        incident: Some(args.id.clone()),
        ..record.subject
    };
    let fact = json!({"format": FACT, "reason": args.reason});
    let index = append(&ledger, RecordKind::IncidentLinked, subject, &fact, now)?;
    error::print(&format!(
        "entry {index}: the incident `{}` was traced to entry {}\n",
        args.id, args.entry
    ))?;
    Ok(0)
}

fn close(place: &Place, id: &str, reason: Option<&str>, now: Timestamp) -> Result<u8, CliError> {
    let (ledger, _) = place.open_to_append(now)?;
    let history = deliveries::history(&ledger, now)?;
    let incident = known(&history, id)?;
    if incident.closed.is_some() {
        return Err(CliError::Usage(format!("the incident `{id}` is closed already")));
    }
    let fact = json!({"format": FACT, "reason": reason});
    let index = append(&ledger, RecordKind::IncidentClosed, of_incident(id, None), &fact, now)?;
    let open = if incident.linked.is_empty() {
        "; it was traced to no change, and counts against none"
    } else {
        ""
    };
    error::print(&format!("entry {index}: the incident `{id}` is over{open}\n"))?;
    Ok(0)
}

fn known<'h>(history: &'h History, id: &str) -> Result<&'h deliveries::Told, CliError> {
    history.incident(id).ok_or_else(|| {
        let names: Vec<String> = history.incidents.iter().map(|incident| incident.id.clone()).collect();
        let there = if names.is_empty() {
            "there is none".to_owned()
        } else {
            format!("there is {}", gate::words::some(&names, 5))
        };
        CliError::Usage(format!("no incident is called `{id}`: {there}"))
    })
}

fn show(place: &Place, id: Option<&str>, now: Timestamp) -> Result<u8, CliError> {
    let missing = || ledger::Error::Missing { place: place.words() };
    let ledger = place.open()?.ok_or_else(missing)?;
    let history = deliveries::history(&ledger, now)?;
    let mut text = String::new();
    if let Some(id) = id {
        let incident = known(&history, id)?;
        text.push_str(&line(incident));
        text.push_str(&told(id, &outcomes::suspects(&incident.question, &history.candidates)));
    } else {
        history
            .incidents
            .iter()
            .for_each(|incident| text.push_str(&line(incident)));
        if history.incidents.is_empty() {
            text.push_str("no incident is in the ledger\n");
        }
    }
    error::print(&text)?;
    Ok(0)
}

fn line(incident: &deliveries::Told) -> String {
    let state = incident
        .closed
        .map_or_else(|| "goes on".to_owned(), |closed| format!("ended {closed}"));
    let links: Vec<String> = incident.linked.iter().map(|entry| format!("entry {entry}")).collect();
    let linked = if links.is_empty() {
        "traced to no change".to_owned()
    } else {
        format!("traced to {}", gate::words::and(&links))
    };
    format!(
        "{}: since {}, {state}; {} · {linked}{}\n",
        incident.id,
        incident.question.opened,
        incident.question.services.join(", "),
        incident
            .title
            .as_ref()
            .map_or(String::new(), |title| format!(" · {title}"))
    )
}

/// Computes the trend, signs it, and keeps it.
///
/// # Errors
/// When there is no ledger, or it refuses.
pub fn trend(args: &TrendArgs) -> Result<u8, CliError> {
    let now = Timestamp::now();
    let place = place()?;
    let missing = || ledger::Error::Missing { place: place.words() };
    let ledger = place.open()?.ok_or_else(missing)?;
    let history = deliveries::history(&ledger, now)?;
    let trend = outcomes::trend(&history.deliveries, &outcomes::TrendSettings::default(), now);
    let kept = if args.no_record {
        None
    } else {
        Some(keep(&place, &ledger, &trend, args, now)?)
    };
    if args.json {
        error::print(&serde_json::to_string_pretty(&trend).unwrap_or_default())?;
    } else {
        error::print(&report::trend::terminal(&trend))?;
    }
    if let Some(kept) = kept {
        if args.json {
            error::say(&kept);
        } else {
            error::print(&format!("  {kept}"))?;
        }
    }
    let is_alarm = trend.charts.iter().any(|chart| chart.alarm.is_some());
    Ok(u8::from(is_alarm))
}

/// Signs the trend over the checkpoint that it was computed at, and appends it.
fn keep(place: &Place, read: &Ledger, trend: &Trend, args: &TrendArgs, now: Timestamp) -> Result<String, CliError> {
    let checkpoint = read.checkpoint()?;
    let note = String::from_utf8_lossy(checkpoint.as_bytes()).into_owned();
    let value = serde_json::to_value(trend).unwrap_or_default();
    let digest = gate::digest(note.as_bytes());
    let subject = ResourceDescriptor::file("ledger checkpoint", digest.trim_start_matches("sha256:"));
    let statement = TrendStatement {
        trend_digest: report_digest(&value),
        trend: value,
        checkpoint: note,
        time: now,
    };
    let key = keys::of_this_machine()?;
    let sealed = Sealed::sign(&key, vec![subject], statement)?;
    if let Some(path) = &args.attestation {
        let json = sealed.envelope_json::<TrendStatement>().unwrap_or_default();
        std::fs::write(path, format!("{json}\n"))
            .map_err(|error| CliError::Usage(format!("{path} cannot be written: {error}")))?;
    }
    let (ledger, _) = place.open_to_append(now)?;
    let index = append_sealed(&ledger, RecordKind::Trend, Subject::default(), &key, &sealed, now)?;
    let after = ledger.checkpoint()?;
    Ok(format!(
        "entry {index} of the ledger {} · {} entries · root {}",
        ledger.origin(),
        after.size(),
        after.root()
    ))
}
