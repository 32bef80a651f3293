//! A disk that fails, a process that dies and a machine that loses power, at each single step of an append.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::sync::{Arc, Mutex};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use model::{RecordKind, Subject};

use super::Folder;
use super::disk::{Disk, RealDisk};
use crate::{Checkpoint, Error, KeyKind, Ledger, NewRecord, Outcome, SigningKey, Verification, verify};

const ORIGIN: &str = "example.com/ledger";

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// One step fails; a write leaves half of it.
    Once,
    /// From one step on there is no room.
    Full,
    /// The process dies at a step, in the middle of it if it writes.
    Dies,
    /// The machine does; what was not flushed is lost or torn.
    PowerLoss,
}

/// A disk on which the step of this number goes wrong.
struct Faulty {
    fault: Fault,
    at: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    steps: usize,
    /// Files whose content was not flushed.
    torn: BTreeSet<Utf8PathBuf>,
    /// Names that were not flushed, with what was there before.
    renamed: Vec<(Utf8PathBuf, Option<Vec<u8>>)>,
}

impl Faulty {
    fn new(fault: Fault, at: usize) -> Arc<Self> {
        Arc::new(Self {
            fault,
            at,
            state: Mutex::default(),
        })
    }

    /// Counts a step that needs room, or one that does not; whether it goes wrong.
    fn step(&self, needs_room: bool) -> io::Result<()> {
        let mut state = self.state.lock().unwrap();
        let step = state.steps;
        state.steps += 1;
        let goes_wrong = match self.fault {
            Fault::Once => step == self.at,
            Fault::Full => step >= self.at && needs_room,
            Fault::Dies | Fault::PowerLoss => step >= self.at,
        };
        if goes_wrong {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            Ok(())
        }
    }

    fn is_dead(&self) -> bool {
        matches!(self.fault, Fault::Dies | Fault::PowerLoss) && self.state.lock().unwrap().steps > self.at
    }

    /// What the machine finds after it lost power.
    fn lose_power(&self) {
        let mut state = self.state.lock().unwrap();
        for path in std::mem::take(&mut state.torn) {
            if let Ok(content) = fs::read(&path) {
                fs::write(&path, &content[..content.len() / 2]).unwrap();
            }
        }
        for (path, before) in state.renamed.drain(..).rev() {
            match before {
                Some(content) => fs::write(&path, content).unwrap(),
                None => drop(fs::remove_file(&path)),
            }
        }
    }
}

impl Disk for Faulty {
    fn read(&self, path: &Utf8Path) -> io::Result<Option<Vec<u8>>> {
        if self.is_dead() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        RealDisk.read(path)
    }

    fn write(&self, path: &Utf8Path, content: &[u8], lasting: bool) -> io::Result<File> {
        let was_dead = self.is_dead();
        if let Err(error) = self.step(true) {
            if !was_dead {
                RealDisk.write(path, &content[..content.len() / 2], false).ok();
            }
            return Err(error);
        }
        if !lasting {
            self.state.lock().unwrap().torn.insert(path.to_owned());
        }
        RealDisk.write(path, content, lasting)
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        self.step(true)?;
        let before = fs::read(to).ok();
        RealDisk.rename(from, to)?;
        let mut state = self.state.lock().unwrap();
        if state.torn.remove(from) {
            state.torn.insert(to.to_owned());
        }
        state.renamed.push((to.to_owned(), before));
        Ok(())
    }

    fn make_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.step(true)?;
        RealDisk.make_folder(path)
    }

    fn sync_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.step(false)?;
        self.state
            .lock()
            .unwrap()
            .renamed
            .retain(|(renamed, _)| renamed.parent() != Some(path));
        RealDisk.sync_folder(path)
    }

    fn remove(&self, path: &Utf8Path) -> io::Result<()> {
        self.step(false)?;
        RealDisk.remove(path)
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        self.step(false)?;
        RealDisk.remove_folder(path)
    }
}

fn record(number: usize, payload: bool) -> NewRecord {
    NewRecord {
        kind: RecordKind::Verdict,
        by: "ci".to_owned(),
        subject: Subject {
            commit: Some(number.to_string()),
            ..Subject::default()
        },
        payload: payload.then(|| b"reason".to_vec()),
    }
}

fn now() -> Timestamp {
    "2026-11-28T01:00:00Z".parse().unwrap()
}

/// A ledger of 250 entries, so that what follows fills a bundle.
struct Template {
    folder: tempfile::TempDir,
    key: SigningKey,
    kept: Checkpoint,
}

impl Template {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
        let storage = Arc::new(Folder::open(Utf8Path::from_path(folder.path()).unwrap()).unwrap());
        let ledger = Ledger::create(storage, ORIGIN, key.clone(), now()).unwrap();
        let records: Vec<NewRecord> = (1..250).map(|number| record(number, number == 7)).collect();
        ledger.append(&records, now()).unwrap();
        let kept = ledger.checkpoint().unwrap();
        Self { folder, key, kept }
    }

    fn copied(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        for entry in walk(self.folder.path()) {
            let target = copy.path().join(entry.strip_prefix(self.folder.path()).unwrap());
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(&entry, target).unwrap();
        }
        fs::create_dir_all(copy.path().join("incoming")).unwrap();
        copy
    }

    fn open(&self, folder: Folder) -> Result<Ledger, Error> {
        let ledger = Ledger::open(Arc::new(folder), ORIGIN, &[self.key.verifying()])?;
        Ok(ledger.with_signer(self.key.clone()))
    }

    /// Appends some, goes on after errors, and gives what was accepted: indices and numbers.
    fn append_some(&self, folder: Folder) -> Vec<(u64, usize)> {
        let mut accepted = Vec::new();
        let Ok(ledger) = self.open(folder) else {
            return accepted;
        };
        let mut number = 1000;
        for count in [1, 2, 40, 1] {
            let records: Vec<NewRecord> = (number..number + count)
                .map(|each| record(each, each % 20 == 1))
                .collect();
            if let Ok(appended) = ledger.append(&records, now()) {
                accepted.extend(appended.iter().map(|each| each.index).zip(number..));
            }
            number += count;
        }
        accepted
    }

    /// The ledger is whole, holds all that was accepted, each entry once, and can be appended to.
    fn check(&self, path: &Utf8Path, accepted: &[(u64, usize)], said: &str) {
        let ledger = self
            .open(Folder::open(path).unwrap())
            .unwrap_or_else(|error| panic!("{said}: {error}"));
        for (index, number) in accepted {
            assert_eq!(
                ledger.record(*index).unwrap().subject.commit,
                Some(number.to_string()),
                "{said}"
            );
        }
        ledger
            .append(&[record(5000, true)], now())
            .unwrap_or_else(|error| panic!("{said}: {error}"));
        let all: Vec<_> = ledger
            .records(0..u64::MAX)
            .unwrap()
            .map(|each| each.unwrap().1)
            .collect();
        let different: BTreeSet<_> = all.iter().map(|record| &record.subject.commit).collect();
        assert_eq!(different.len(), all.len(), "{said}: twice");
        let keys = [self.key.verifying()];
        let against = Verification {
            origin: ORIGIN,
            keys: &keys,
            since: std::slice::from_ref(&self.kept),
            ..Verification::default()
        };
        let outcome = verify(&Folder::open_to_read(path), &against).unwrap();
        assert!(matches!(outcome, Outcome::Whole(_)), "{said}: {outcome:?}");
        assert_eq!(
            fs::read_dir(path.join("incoming")).unwrap().count(),
            0,
            "{said}: something is left"
        );
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .collect()
}

/// Lets each step go wrong, one after the other.
fn at_every_step(fault: Fault) {
    let template = Template::new();
    for at in 0.. {
        let place = template.copied();
        let path = Utf8Path::from_path(place.path()).unwrap();
        let disk = Faulty::new(fault, at);
        let accepted = template.append_some(Folder::on(path, disk.clone()));
        if fault == Fault::PowerLoss {
            disk.lose_power();
        }
        template.check(path, &accepted, &format!("{fault:?} at {at}"));
        if disk.state.lock().unwrap().steps <= at {
            assert!(accepted.len() == 44 && at > 60, "{at}");
            return;
        }
    }
}

#[test]
fn a_step_that_fails_loses_nothing() {
    at_every_step(Fault::Once);
}

#[test]
fn a_full_disk_loses_nothing_and_makes_errors() {
    at_every_step(Fault::Full);
    let template = Template::new();
    let place = template.copied();
    let folder = Folder::on(Utf8Path::from_path(place.path()).unwrap(), Faulty::new(Fault::Full, 0));
    let error = template
        .open(folder)
        .unwrap()
        .append(&[record(1000, true)], now())
        .unwrap_err();
    assert!(error.is_disk_full(), "{error}");
}

#[test]
fn a_process_that_dies_loses_nothing() {
    at_every_step(Fault::Dies);
}

#[test]
fn a_machine_that_loses_power_loses_nothing() {
    at_every_step(Fault::PowerLoss);
}

#[test]
fn whoever_waits_is_answered_though_the_one_whose_turn_it_was_died() {
    let template = Template::new();
    let drafts = |ledger: &Ledger, number| vec![ledger.draft(&record(number, false), now()).unwrap()];
    for at in 0..40 {
        let place = template.copied();
        let path = Utf8Path::from_path(place.path()).unwrap();
        let living = template.open(Folder::open(path).unwrap()).unwrap();
        let queue = super::Queue::new(path, Arc::new(RealDisk));
        let waiting = queue
            .leave("0", &serde_json::to_vec(&drafts(&living, 1)).unwrap())
            .unwrap();
        let dying = template.open(Folder::on(path, Faulty::new(Fault::Dies, at)));
        let accepted = dying.and_then(|dying| dying.append(&[record(2, false)], now())).is_ok();
        // The next one that comes appends or answers what waits; it is in the log once.
        living.append(&[record(3, false)], now()).unwrap();
        assert!(waiting.answer().unwrap().is_some(), "{at}");
        let commits = living
            .records(250..u64::MAX)
            .unwrap()
            .map(|each| each.unwrap().1.subject.commit.unwrap());
        let commits: Vec<String> = commits.collect();
        let count = |number: &str| commits.iter().filter(|commit| *commit == number).count();
        assert_eq!((count("1"), count("3")), (1, 1), "{at}: {commits:?}");
        assert!(count("2") <= 1 && (!accepted || count("2") == 1), "{at}: {commits:?}");
    }
}
