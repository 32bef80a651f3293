//! `counterproof ledger verify`: whether it is what it was.

use std::fmt::Write as _;

use camino::Utf8Path;
use ledger::{Checkpoint, Outcome, Place as Where, Proof, Tampering, Verification, Whole};
use model::{Record, RecordKind};

use super::place::Place;
use super::statements::Sealed;
use crate::args::VerifyArgs;
use crate::error::{self, CliError};

/// Checks the ledger, or a proof.
///
/// # Errors
/// When there is nothing to check, or it cannot be read.
pub fn run(place: &Place, args: &VerifyArgs) -> Result<u8, CliError> {
    let copy = args.at.as_deref().map(Place::copy).transpose()?;
    let place = copy.as_ref().unwrap_or(place);
    if let Some((proof, entry)) = args.proof.as_deref().zip(args.entry.as_deref()) {
        return of_proof(place, args, proof, entry);
    }
    let since: Vec<Checkpoint> = args
        .since
        .iter()
        .map(|path| checkpoint(path))
        .collect::<Result<_, _>>()?;
    let Some(newest) = unchecked(place)? else {
        return Err(ledger::Error::Missing { place: place.words() }.into());
    };
    let (origin, keys) = match &args.key {
        Some(key) => (newest.0, vec![key.parse()?]),
        None => place.trust(&newest.1)?,
    };
    let storage = place.storage()?;
    let against = Verification {
        origin: &origin,
        keys: &keys,
        since: &since,
        witnesses: &place.witnesses,
        quorum: place.quorum,
        payloads: Some(&statements_hold),
        threads: None,
    };
    let outcome = ledger::verify(&*storage, &against)?;
    error::print(&told(&outcome, &newest.1, !since.is_empty()))?;
    Ok(u8::from(outcome.tampering().is_some()))
}

/// The newest checkpoint, as far as it can be read: one that is damaged is told by the verification.
fn unchecked(place: &Place) -> Result<Option<(String, Checkpoint)>, CliError> {
    Ok(place.unchecked()?.map(|newest| (newest.origin().to_owned(), newest)))
}

/// A checkpoint in a file.
pub fn checkpoint(path: &Utf8Path) -> Result<Checkpoint, CliError> {
    let failed = |why: &dyn std::fmt::Display| CliError::Usage(format!("{path} is no checkpoint: {why}"));
    let bytes = std::fs::read(path).map_err(|error| failed(&error))?;
    Checkpoint::parse(&bytes).map_err(|error| failed(&error))
}

/// Whether signatures beside an entry hold.
fn statements_hold(record: &Record, payload: &[u8]) -> Result<(), String> {
    let is_sealed = matches!(
        record.kind,
        RecordKind::Evidence
            | RecordKind::Verdict
            | RecordKind::Approval
            | RecordKind::Document
            | RecordKind::Override
            | RecordKind::Trend
    );
    if !is_sealed {
        return Ok(());
    }
    let key = Sealed::read(payload)?.check()?;
    let id = key.id();
    if id.as_str() != record.by {
        return Err(format!(
            "the entry says that {} wrote it, and {id} signed it",
            record.by
        ));
    }
    Ok(())
}

fn told(outcome: &Outcome, newest: &Checkpoint, has_since: bool) -> String {
    let mut text = String::new();
    let head = format!(
        "{} · {} entries · root {} · {}",
        newest.origin(),
        newest.size(),
        newest.root(),
        newest.time()
    );
    match outcome {
        Outcome::Whole(whole) => {
            let why = if has_since {
                "it goes on from every checkpoint that was given"
            } else {
                "enough witnesses signed it"
            };
            let _ = writeln!(text, "whole: {head}\n  {why}");
            write_whole(&mut text, whole);
        }
        Outcome::SelfConsistentOnly(whole) => {
            let _ = writeln!(
                text,
                "self-consistent only: {head}\n  whoever has its key could have written it anew; \
                 `--since CHECKPOINT` holds it against one that was kept elsewhere"
            );
            write_whole(&mut text, whole);
        }
        Outcome::Tampered(tampering) => {
            let _ = writeln!(text, "tampered with: {head}\n  {}", tampered(tampering));
        }
    }
    text
}

fn write_whole(text: &mut String, whole: &Whole) {
    let _ = writeln!(
        text,
        "  {} payloads have their digests and signatures, {} were deleted with an entry that says so",
        whole.payloads, whole.redacted
    );
    for index in &whole.still_there {
        let _ = writeln!(
            text,
            "  the payload of entry {index} should be deleted and is still there: `counterproof ledger redact {index} --reason …` again"
        );
    }
    if !whole.witnesses.is_empty() {
        let _ = writeln!(text, "  witnessed by {}", whole.witnesses.join(", "));
    }
}

fn tampered(tampering: &Tampering) -> String {
    let place = match &tampering.first {
        Where::Checkpoint => "the checkpoint".to_owned(),
        Where::Entry(index) => format!("entry {index}"),
        Where::Entries(range) => format!("one of the entries {} to {}", range.start, range.end.saturating_sub(1)),
    };
    let what = format!("{:?}", tampering.what);
    let mut words = String::new();
    for c in what.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    format!("{place}: {words}; {}", tampering.text)
}

fn of_proof(place: &Place, args: &VerifyArgs, proof: &Utf8Path, entry: &Utf8Path) -> Result<u8, CliError> {
    let read = |path: &Utf8Path| {
        std::fs::read(path).map_err(|error| CliError::Usage(format!("{path} cannot be read: {error}")))
    };
    let proof: Proof = String::from_utf8_lossy(&read(proof)?).parse()?;
    let bytes = read(entry)?;
    let stated = Checkpoint::parse(&proof.checkpoint)?;
    let (origin, keys) = match &args.key {
        Some(key) => (stated.origin().to_owned(), vec![key.parse()?]),
        None => place.trust(&stated)?,
    };
    match ledger::check_inclusion(&proof, &bytes, &origin, &keys) {
        Ok(checkpoint) => {
            error::print(&format!(
                "whole: this is entry {} of {} · {} entries · root {} · {}\n",
                proof.index,
                checkpoint.origin(),
                checkpoint.size(),
                checkpoint.root(),
                checkpoint.time()
            ))?;
            Ok(0)
        }
        Err(why) => {
            error::print(&format!("tampered with: {why}\n"))?;
            Ok(1)
        }
    }
}
