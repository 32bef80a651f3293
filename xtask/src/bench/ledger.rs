//! A part of `cargo xtask bench gate`: what the ledger costs.

use super::options::Options;
use super::summary::Summary;
use crate::shell::{self, Result};
use camino::Utf8Path;
use jiff::Timestamp;
use ledger::{
    Bulk, Checkpoint, Folder, KeyKind, Ledger, NewRecord, Outcome, SigningKey, Verification, check_inclusion, verify,
    verify_hashes,
};
use model::record::RECORD_VERSION;
use model::{Record, RecordKind, Subject};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What it takes.
pub const USAGE: &str = "\
  --entries N         size of the large log (10000000)
  --seconds N         how long writers append (5)
  --folder PATH       where ledgers are made (target/bench-work)
  --part NAME         one part alone, in this process (all, each in a process of its own)";

const ORIGIN: &str = "bench.example/ledger";
const WRITERS: usize = 16;
/// Bytes of each entry of the large log.
const ENTRY: usize = 300;
/// The parts; each has a process of its own, so that its peak of memory is its own.
const PARTS: [&str; 6] = ["append-1", "append-16", "generate", "proofs", "hashes", "records"];

/// Measures everything, part by part.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let entries: u64 = options.number("entries", 10_000_000)?;
    let seconds: u64 = options.number("seconds", 5)?;
    let folder = options.text("folder")?;
    let part = options.text("part")?;
    options.done()?;
    let folder = folder.unwrap_or_else(|| shell::target().join("bench-work").display().to_string());
    let folder = Utf8Path::new(&folder).join("ledger");
    if let Some(part) = part {
        println!("{}", run(&part, &folder, entries, seconds)?);
        return Ok(Summary::default());
    }
    let mut summary = Summary::default();
    remove(&folder)?;
    for part in PARTS {
        let this = std::env::current_exe().map_err(|error| error.to_string())?;
        let above = folder.parent().unwrap_or(&folder);
        let mut command = Command::new(this);
        command.args(["bench", "ledger", "--part", part, "--folder", above.as_str()]);
        command.args(["--entries", &entries.to_string(), "--seconds", &seconds.to_string()]);
        let output = shell::output(&mut command)?;
        tell(&mut summary, output.lines().next().unwrap_or_default())?;
    }
    remove(&folder)?;
    Ok(summary)
}

/// Adds the lines of a part: name, value, target and whether it is reached, apart by tabs, lines by `|`.
fn tell(summary: &mut Summary, line: &str) -> Result<()> {
    for figure in line.split('|') {
        match figure.split('\t').collect::<Vec<_>>()[..] {
            [what, value] => summary.tell(what, value),
            [what, value, target, reached] => summary.judge(what, value, target, reached == "true"),
            _ => return Err(format!("a part of the bench said: {line}")),
        }
    }
    Ok(())
}

fn run(part: &str, folder: &Utf8Path, entries: u64, seconds: u64) -> Result<String> {
    let large = folder.join("large");
    let measured = match part {
        "append-1" => append(&folder.join(part), 1, seconds)?,
        "append-16" => append(&folder.join(part), 16, seconds)?,
        "generate" => generate(&large, entries)?,
        "proofs" => proofs(&large)?,
        "hashes" => verified(&large, false)?,
        "records" => verified(&large, true)?,
        _ => return Err(format!("there is no part `{part}`; there is: {}", PARTS.join(", "))),
    };
    Ok(format!(
        "{measured}|{part}: peak memory\t{:.0} MB\t< 200 MB\t{}",
        peak()?,
        peak()? < 200.0
    ))
}

fn append(folder: &Utf8Path, batch: usize, seconds: u64) -> Result<String> {
    let key = SigningKey::generate(ORIGIN, KeyKind::Log).map_err(text)?;
    let storage = Arc::new(Folder::open(folder).map_err(text)?);
    let ledger = Ledger::create(storage, ORIGIN, key, Timestamp::now()).map_err(text)?;
    let started = Instant::now();
    let long = Duration::from_secs(seconds);
    let write = |writer: usize| {
        for number in 0.. {
            if started.elapsed() > long {
                break;
            }
            let records: Vec<NewRecord> = (0..batch).map(|each| decision(writer, number * batch + each)).collect();
            ledger.append(&records, Timestamp::now()).map_err(text)?;
        }
        Ok::<(), String>(())
    };
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || write(writer))).collect();
        let ended = writers
            .into_iter()
            .map(|writer| writer.join().map_err(|_| "a writer panicked".to_owned())?);
        ended.collect::<Result<()>>()
    })?;
    let rate = per_second(ledger.size().map_err(text)?, started.elapsed());
    Ok(format!(
        "appends by {WRITERS} writers, {batch} at a time, flushed\t{rate:.0} a second"
    ))
}

fn decision(writer: usize, number: usize) -> NewRecord {
    NewRecord {
        kind: RecordKind::Decision,
        by: "bench.example+00c0ffee".to_owned(),
        subject: Subject {
            commit: Some(format!("{writer:08x}{number:032x}")),
            service: Some("shop".to_owned()),
            ..Subject::default()
        },
        payload: None,
    }
}

/// A log of records of 300 bytes each, and its key beside it.
fn generate(folder: &Utf8Path, entries: u64) -> Result<String> {
    let key = SigningKey::generate(ORIGIN, KeyKind::Log).map_err(text)?;
    let started = Instant::now();
    let mut bulk = Bulk::begin(folder).map_err(text)?;
    let time: Timestamp = "2026-01-01T00:00:00Z".parse().map_err(text)?;
    let mut record = Record {
        version: RECORD_VERSION,
        id: String::new(),
        kind: RecordKind::Verdict,
        time,
        clock: None,
        by: "bench.example+00c0ffee".to_owned(),
        subject: Subject {
            service: Some(String::new()),
            ..Subject::default()
        },
        payload: None,
    };
    for number in 0..entries {
        record.id = format!("{number:016x}");
        record.subject.commit = Some(format!("{number:040x}"));
        record.subject.service = Some(String::new());
        let short = serde_json::to_vec(&record).map_err(text)?.len();
        record.subject.service = Some("s".repeat(ENTRY - short));
        bulk.add(&serde_json::to_vec(&record).map_err(text)?).map_err(text)?;
    }
    let checkpoint = bulk.finish(ORIGIN, &key, time).map_err(text)?;
    let took = started.elapsed().as_secs_f64();
    std::fs::write(folder.join("bench-key"), key.to_secret_text()).map_err(text)?;
    std::fs::write(folder.join("bench-kept"), checkpoint.as_bytes()).map_err(text)?;
    Ok(format!(
        "making a log of {entries} entries of {ENTRY} bytes, not flushed\t{took:.1} s"
    ))
}

fn kept(folder: &Utf8Path) -> Result<(SigningKey, Checkpoint)> {
    let key = std::fs::read_to_string(folder.join("bench-key")).map_err(text)?;
    let kept = std::fs::read(folder.join("bench-kept")).map_err(text)?;
    Ok((key.parse().map_err(text)?, Checkpoint::parse(&kept).map_err(text)?))
}

fn proofs(folder: &Utf8Path) -> Result<String> {
    const COUNT: u64 = 1000;
    let (key, kept) = kept(folder)?;
    let (keys, size) = ([key.verifying()], kept.size());
    let ledger = Ledger::open(Arc::new(Folder::open_to_read(folder)), ORIGIN, &keys).map_err(text)?;
    let (mut proving, mut checking) = (Duration::ZERO, Duration::ZERO);
    for number in 0..COUNT {
        // Spread over the whole log, and the same in each run.
        let index = (number * 7_919_999_983) % size;
        let started = Instant::now();
        let proof = ledger.prove_inclusion(index).map_err(text)?;
        proving += started.elapsed();
        let entry = ledger.entry(index).map_err(text)?;
        let started = Instant::now();
        check_inclusion(&proof, &entry, ORIGIN, &keys).map_err(text)?;
        checking += started.elapsed();
    }
    let each = |time: Duration| time.as_secs_f64() * 1e3 / COUNT as f64;
    let (made, checked) = (each(proving), each(checking));
    Ok(format!(
        "a proof that an entry is among {size}: made\t{made:.2} ms|the same: checked, with its signature\t{checked:.3} ms\t< 1 ms\t{}",
        checked < 1.0
    ))
}

fn verified(folder: &Utf8Path, records: bool) -> Result<String> {
    let (key, kept) = kept(folder)?;
    let keys = [key.verifying()];
    let against = Verification {
        origin: ORIGIN,
        keys: &keys,
        since: std::slice::from_ref(&kept),
        ..Verification::default()
    };
    let storage = Folder::open_to_read(folder);
    let started = Instant::now();
    let outcome = if records {
        verify(&storage, &against)
    } else {
        verify_hashes(&storage, &against)
    };
    let took = started.elapsed().as_secs_f64();
    match outcome.map_err(text)? {
        Outcome::Whole(whole) if records => Ok(format!(
            "verifying all {} entries: hashes and records\t{took:.1} s",
            whole.size
        )),
        Outcome::Whole(whole) => {
            let what = format!("verifying all {} entries: hashes alone", whole.size);
            Ok(format!("{what}\t{took:.1} s\t< 20 s\t{}", took < 20.0))
        }
        other => Err(format!("the log is not whole: {other:?}")),
    }
}

/// The most memory that this process had, in megabytes.
fn peak() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(text)?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    Ok(kilobytes.ok_or("the kernel does not tell VmHWM")? * 1024.0 / 1e6)
}

#[allow(clippy::cast_precision_loss, reason = "a count of entries")]
fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn remove(folder: &Utf8Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(format!("{folder}: {error}")),
        _ => Ok(()),
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
