//! Putting a verdict into the ledger, and handing it out to those who enforce it.

use attest::foreign::VerificationSummary;
use jiff::Timestamp;
use ledger::{Ledger, NewRecord};
use model::{RecordKind, Stage, Subject, Verdict};

use super::facts::Asked;
use super::{hold, record};
use crate::args::KeepingArgs;
use crate::error::CliError;
use crate::records::keys::{self, Key};
use crate::records::statements::Sealed;
use crate::records::{append_sealed, statement_subject};

/// Keeps the verdict, with the statements that it rests on, and writes the attestation that was asked for. Gives the verdict to
/// show, with why it could not be kept where that is so, and where it is kept. A deployment that cannot be kept is held.
///
/// # Errors
/// When the attestation cannot be written.
pub fn keep(asked: &Asked, mut verdict: Verdict, args: &KeepingArgs) -> Result<(Verdict, Vec<String>), CliError> {
    let mut notes = Vec::new();
    if args.no_record && args.attestation.is_none() {
        return Ok((verdict, notes));
    }
    let signing = || -> Result<(Key, Sealed), CliError> {
        let key = keys::of_this_machine()?;
        let sealed = record::sealed(&key, &asked.judging, &asked.input, &verdict)?;
        Ok((key, sealed))
    };
    let (key, sealed) = match signing() {
        Ok(signed) => signed,
        Err(error) if args.attestation.is_some() => return Err(error),
        Err(error) => return Ok((not_kept(verdict, &error), notes)),
    };
    if !args.no_record {
        match kept(asked, &verdict, &key, &sealed, args) {
            Ok(kept) => notes = kept,
            Err(error) => {
                let attested = args.attestation.is_some();
                verdict = not_kept(verdict, &error);
                if attested && asked.input.stage == Stage::Deploy {
                    // What is handed out says what is answered.
                    let sealed = record::sealed(&key, &asked.judging, &asked.input, &verdict)?;
                    write(&sealed, args)?;
                    return Ok((verdict, notes));
                }
            }
        }
    }
    write(&sealed, args)?;
    Ok((verdict, notes))
}

fn write(sealed: &Sealed, args: &KeepingArgs) -> Result<(), CliError> {
    let Some(path) = &args.attestation else {
        return Ok(());
    };
    let json = sealed.envelope_json::<VerificationSummary>().unwrap_or_default();
    std::fs::write(path, format!("{json}\n"))
        .map_err(|error| CliError::Usage(format!("the attestation {path} cannot be written: {error}")))
}

fn not_kept(mut verdict: Verdict, error: &CliError) -> Verdict {
    match verdict.stage {
        Stage::Merge => verdict
            .notes
            .push(format!("this verdict is not in the ledger: {error}")),
        Stage::Deploy => hold(
            &mut verdict,
            "recorded",
            format!("the verdict could not be put into the ledger: {error}"),
            "mend that, and ask again: no deployment without an entry",
        ),
    }
    verdict
}

/// Appends all of it; gives what is to be told.
fn kept(
    asked: &Asked,
    verdict: &Verdict,
    key: &Key,
    sealed: &Sealed,
    args: &KeepingArgs,
) -> Result<Vec<String>, CliError> {
    let now = Timestamp::now();
    if let Some(why) = &asked.trouble {
        return Err(CliError::Usage(why.clone()));
    }
    let (ledger, begun) = asked.place.open_to_append(now)?;
    let mut notes = Vec::new();
    if begun {
        notes.push(format!("a ledger was begun in {}", asked.place.words()));
    }
    for (kind, statement) in &asked.to_keep {
        keep_statement(&ledger, *kind, statement, now)?;
    }
    for fact in &asked.acceptances {
        let record = NewRecord {
            kind: RecordKind::Acceptance,
            by: key.public().id().to_string(),
            subject: record::subject(verdict),
            payload: Some(fact.clone()),
        };
        crate::records::append(&ledger, record, now)?;
    }
    let index = append_sealed(&ledger, RecordKind::Verdict, record::subject(verdict), key, sealed, now)?;
    let checkpoint = ledger.checkpoint()?;
    if let Some(path) = &args.checkpoint {
        std::fs::write(path, checkpoint.as_bytes())
            .map_err(|error| CliError::Usage(format!("the checkpoint {path} cannot be written: {error}")))?;
    }
    notes.push(format!(
        "entry {index} of the ledger {} · {} entries · root {}",
        ledger.origin(),
        checkpoint.size(),
        checkpoint.root()
    ));
    Ok(notes)
}

/// Puts what was signed here for the question into the ledger, and no verdict.
///
/// # Errors
/// When the ledger refuses.
pub fn keep_statements(asked: &Asked) -> Result<(), CliError> {
    let mut made = asked
        .to_keep
        .iter()
        .filter(|(kind, _)| *kind == RecordKind::Evidence)
        .peekable();
    if made.peek().is_none() {
        return Ok(());
    }
    let now = Timestamp::now();
    let (ledger, _) = asked.place.open_to_append(now)?;
    made.try_for_each(|(kind, statement)| keep_statement(&ledger, *kind, statement, now))
}

/// Appends a statement that came by another way, under the key that signed it.
fn keep_statement(ledger: &Ledger, kind: RecordKind, sealed: &Sealed, now: Timestamp) -> Result<(), CliError> {
    // One whose signature does not hold proves nothing, and would be told as tampering later.
    let Ok(key) = sealed.check() else {
        return Ok(());
    };
    let subject: Subject = statement_subject(sealed);
    let record = NewRecord {
        kind,
        by: key.id().to_string(),
        subject,
        payload: Some(sealed.to_line().into_bytes()),
    };
    crate::records::append(ledger, record, now)?;
    Ok(())
}
