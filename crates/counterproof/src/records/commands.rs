//! `counterproof ledger`.

use std::fmt::Write as _;
use std::io::Write as _;

use jiff::{SignedDuration, Timestamp};
use ledger::{ExportFormat, Ledger, NewRecord, Witness};
use model::{Record, RecordKind, Subject};
use serde::Serialize;

use super::place::Place;
use super::{keys, reading, verifying};
use crate::args::{ExportArgs, ExportAs, LedgerCommand, ShowArgs, WitnessArgs};
use crate::check::{here, top_of};
use crate::config;
use crate::error::{self, CliError};
use crate::records::statements::Sealed;

/// Entries that are shown where nothing else is said.
const SHOWN: u64 = 20;

/// Does what was asked.
///
/// # Errors
/// When the question makes no sense, or the ledger cannot be had.
pub fn run(command: &LedgerCommand) -> Result<u8, CliError> {
    let root = top_of(&here()?);
    let (place, config) = Place::of_repository(&root)?;
    let now = Timestamp::now();
    match command {
        LedgerCommand::Init => {
            let ledger = place.begin(now)?;
            error::print(&begun(&place, &ledger))?;
        }
        LedgerCommand::Show(args) => show(&opened(&place)?, args)?,
        LedgerCommand::Verify(args) => return verifying::run(&place, args),
        LedgerCommand::Checkpoint => {
            let checkpoint = opened(&place)?.checkpoint()?;
            error::print(&String::from_utf8_lossy(checkpoint.as_bytes()))?;
        }
        LedgerCommand::Prove { entry } => error::print(&opened(&place)?.prove_inclusion(*entry)?.to_string())?,
        LedgerCommand::Export(args) => export(&opened(&place)?, args)?,
        LedgerCommand::Witness(args) => witness(&place, args, now)?,
        LedgerCommand::RotateKey => rotate(&place, now)?,
        LedgerCommand::Redact { entry, reason } => {
            let (ledger, _) = place.open_to_append(now)?;
            let appended = ledger.redact(*entry, &writer(&ledger), reason.as_bytes(), now)?;
            error::print(&format!(
                "entry {entry}: its payload was deleted; entry {} says so\n",
                appended.index
            ))?;
        }
        LedgerCommand::Retract { entry, reason } => retract(&place, *entry, reason, now)?,
        LedgerCommand::Expire { days, earlier } => expire(&place, &config, *days, *earlier, now)?,
    }
    Ok(0)
}

fn opened(place: &Place) -> Result<Ledger, CliError> {
    let missing = || ledger::Error::Missing { place: place.words() };
    Ok(place.open()?.ok_or_else(missing)?)
}

/// Id of the key that this machine signs the ledger with.
fn writer(ledger: &Ledger) -> String {
    ledger.keys().last().map(ledger::VerifyingKey::id).unwrap_or_default()
}

/// What a new ledger is, and what to put into the configuration.
pub fn begun(place: &Place, ledger: &Ledger) -> String {
    format!(
        "a ledger was begun in {}\n\n\
         For others to trust it, put this into {} on the target branch:\n\n\
         [ledger]\norigin = \"{}\"\nkey = \"{}\"\n",
        place.words(),
        config::NAME,
        ledger.origin(),
        ledger.keys().first().map(ToString::to_string).unwrap_or_default(),
    )
}

/// An entry as `show --format json` prints it.
#[derive(Serialize)]
struct Entry<'r> {
    index: u64,
    #[serde(flatten)]
    record: &'r Record,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
}

fn show(ledger: &Ledger, args: &ShowArgs) -> Result<(), CliError> {
    if let Some(index) = args.entry {
        return show_one(ledger, args, index);
    }
    let size = ledger.size()?;
    let is_wanted = |record: &Record| args.kind.is_none_or(|kind| record.kind == kind);
    let last = args.last.unwrap_or(SHOWN);
    let mut found: Vec<(u64, Record)> = Vec::new();
    // From the end, so that a long ledger is not read whole for its last entries.
    let mut until = size;
    while until > 0 && (found.len() as u64) < last {
        let from = until.saturating_sub(256);
        let page: Vec<(u64, Record)> = ledger.records(from..until)?.collect::<Result<_, _>>()?;
        found.extend(page.into_iter().rev().filter(|(_, record)| is_wanted(record)));
        until = from;
    }
    found.truncate(usize::try_from(last).unwrap_or(usize::MAX));
    found.reverse();
    let mut text = String::new();
    for (index, record) in &found {
        let says = reading::summary(record, ledger.payload(*index)?.as_deref());
        if args.json {
            let entry = Entry {
                index: *index,
                record,
                says,
            };
            let _ = writeln!(text, "{}", serde_json::to_string(&entry).unwrap_or_default());
        } else {
            text.push_str(&line(*index, record, says.as_deref()));
        }
    }
    if !args.json {
        let checkpoint = ledger.checkpoint()?;
        let _ = writeln!(
            text,
            "\n{} · {size} entries · root {} · {}",
            checkpoint.origin(),
            checkpoint.root(),
            checkpoint.time()
        );
    }
    Ok(error::print(&text)?)
}

fn line(index: u64, record: &Record, says: Option<&str>) -> String {
    let kind = serde_json::to_value(record.kind).unwrap_or_default();
    let kind = kind.as_str().unwrap_or_default().replace('_', " ");
    let subject = &record.subject;
    let short = |id: &String| id.trim_start_matches("sha256:").chars().take(12).collect::<String>();
    let about: Vec<String> = [
        subject.service.clone(),
        subject
            .environment
            .as_ref()
            .map(|environment| format!("to {environment}")),
        subject.artifact.as_ref().map(short),
        subject.tree.as_ref().map(|tree| format!("tree {}", short(tree))),
        subject.incident.clone(),
        subject.about.map(|about| format!("about {about}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let about = about.join(" ");
    let says = says.map_or(String::new(), |says| format!("  {says}"));
    format!("{index:>6}  {}  {kind:<16} {about}{says}\n", record.time)
}

fn show_one(ledger: &Ledger, args: &ShowArgs, index: u64) -> Result<(), CliError> {
    if args.raw {
        // The bytes that are hashed, and nothing else: a proof is checked against them.
        let mut out = std::io::stdout().lock();
        out.write_all(&ledger.entry(index)?)?;
        return Ok(out.flush()?);
    }
    let record = ledger.record(index)?;
    let payload = ledger.payload(index)?;
    if args.payload {
        let payload =
            payload.ok_or_else(|| CliError::Usage(format!("entry {index} has no payload, or it was deleted")))?;
        return Ok(error::print(&String::from_utf8_lossy(&payload))?);
    }
    let says = reading::summary(&record, payload.as_deref());
    let entry = Entry {
        index,
        record: &record,
        says,
    };
    Ok(error::print(&serde_json::to_string_pretty(&entry).unwrap_or_default())?)
}

fn export(ledger: &Ledger, args: &ExportArgs) -> Result<(), CliError> {
    let format = match args.format {
        ExportAs::EuAiAct => ExportFormat::EuAiAct,
        ExportAs::Json => ExportFormat::Json,
        ExportAs::Csv => ExportFormat::Csv,
    };
    let checkpoint = ledger.export(&args.out, format, &reading::reading)?;
    error::print(&format!(
        "{}: {} entries; `counterproof ledger verify --at {}` checks it offline\n",
        args.out,
        checkpoint.size(),
        args.out
    ))?;
    Ok(())
}

fn witness(place: &Place, args: &WitnessArgs, now: Timestamp) -> Result<(), CliError> {
    let ledger = opened(place)?;
    let key = keys::of_witness(args.key.as_deref(), &args.name)?;
    let public = key.verifying();
    let state = match &args.state {
        Some(state) => state.clone(),
        None => {
            let plain: String = ledger
                .origin()
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                .collect();
            keys::folder()?.join(format!("{plain}.seen"))
        }
    };
    let cosigned = Witness::new(key, &state)?.cosign(&ledger, now)?;
    let published = ledger.publish_cosignatures(&cosigned, std::slice::from_ref(&public))?;
    let kept = if published {
        "the signature is beside the ledger's newest checkpoint"
    } else {
        "the ledger went on meanwhile, so that the signature is only here"
    };
    error::print(&format!(
        "{}\n{kept}; what was seen is kept in {state}\n[ledger] witnesses = [\"{public}\"]\n",
        String::from_utf8_lossy(cosigned.as_bytes())
    ))?;
    Ok(())
}

/// Takes an entry back. Whoever may write may do that: it makes the gate ask for more, never for less.
fn retract(place: &Place, entry: u64, reason: &str, now: Timestamp) -> Result<(), CliError> {
    if reason.trim().is_empty() {
        return Err(CliError::Usage(
            "the reason is empty: say with --reason why it no longer holds".to_owned(),
        ));
    }
    let (ledger, _) = place.open_to_append(now)?;
    let kind = ledger.record(entry)?.kind;
    let may_be = matches!(
        kind,
        RecordKind::Approval
            | RecordKind::Document
            | RecordKind::Override
            | RecordKind::Evidence
            | RecordKind::Verdict
            | RecordKind::IncidentLinked
    );
    if !may_be {
        return Err(CliError::Usage(format!(
            "entry {entry} is no approval, document, override, evidence, verdict or link of an incident: it stays as it is"
        )));
    }
    // By these a copy is known, also when what lies beside the entry is deleted one day.
    let sealed = ledger.payload(entry)?.and_then(|bytes| Sealed::read(&bytes).ok());
    let statements = sealed.map(|sealed| sealed.digests()).unwrap_or_default();
    let fact = serde_json::json!({"format": super::FACT, "reason": reason, "statements": statements});
    let record = NewRecord {
        kind: RecordKind::Retraction,
        by: keys::own(None)?.public().id().to_string(),
        subject: Subject {
            about: Some(entry),
            ..Subject::default()
        },
        payload: Some(fact.to_string().into_bytes()),
    };
    let index = super::append(&ledger, record, now)?;
    error::print(&format!("entry {index}: entry {entry} no longer holds\n"))?;
    Ok(())
}

fn rotate(place: &Place, now: Timestamp) -> Result<(), CliError> {
    let (mut ledger, _) = place.open_to_append(now)?;
    let origin = ledger.origin().to_owned();
    let key = ledger::SigningKey::generate(&origin, ledger::KeyKind::Log)?;
    // On the disk before the ledger asks for it, so that a crash between the two locks nobody out.
    keys::keep_next_of_ledger(&origin, &key)?;
    let appended = ledger.rotate_key(key.clone(), now)?;
    keys::take_next_of_ledger(&origin)?;
    error::print(&format!(
        "entry {}: the ledger is signed by {} from here on; the `key` in {} stays, since the change is followed from it\n",
        appended.index,
        key.verifying().id(),
        config::NAME
    ))?;
    Ok(())
}

fn expire(
    place: &Place,
    config: &config::Ledger,
    days: Option<u32>,
    earlier: bool,
    now: Timestamp,
) -> Result<(), CliError> {
    let days = days.or(config.retention_days).unwrap_or(184);
    let before = now
        .saturating_sub(SignedDuration::from_hours(i64::from(days) * 24))
        .unwrap_or(Timestamp::MIN);
    let (ledger, _) = place.open_to_append(now)?;
    let expired = ledger.expire(before, earlier, &writer(&ledger), now)?;
    error::print(&format!(
        "payloads of {} entries of before {before} were deleted, each with an entry that says so\n",
        expired.len()
    ))?;
    Ok(())
}
