//! Small ledgers.

use std::path::Path;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use counterproof_ledger::{
    Checkpoint, Folder, KeyKind, Ledger, NewRecord, Outcome, SigningKey, Verification, VerifyingKey, verify,
};
use jiff::{SignedDuration, Timestamp};
use model::{RecordKind, Subject};
use tempfile::TempDir;

pub const ORIGIN: &str = "example.com/ledger";

/// A ledger in a folder that goes with it.
pub struct Place {
    pub folder: TempDir,
    pub key: SigningKey,
}

impl Place {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            key: SigningKey::generate(ORIGIN, KeyKind::Log).unwrap(),
        }
    }

    pub fn path(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).unwrap()
    }

    pub fn storage(&self) -> Arc<Folder> {
        Arc::new(Folder::open(self.path()).unwrap())
    }

    pub fn create(&self) -> Ledger {
        Ledger::create(self.storage(), ORIGIN, self.key.clone(), at(0)).unwrap()
    }

    pub fn open(&self) -> Ledger {
        Ledger::open(self.storage(), ORIGIN, &[self.key.verifying()])
            .unwrap()
            .with_signer(self.key.clone())
    }

    /// Created, and with so many entries in all, some with payloads, appended in batches of 1 to 40.
    pub fn filled(&self, size: u64) -> Ledger {
        let ledger = self.create();
        let mut next = 1;
        let mut batch = 1;
        while next < size {
            let count = batch.min(size - next);
            let records: Vec<NewRecord> = (next..next + count)
                .map(|number| verdict(number, number % 5 == 0))
                .collect();
            ledger.append(&records, at(next)).unwrap();
            next += count;
            batch = batch % 40 + 7;
        }
        ledger
    }

    pub fn verify(&self, since: &[Checkpoint]) -> Outcome {
        verify_with(self.path(), &[self.key.verifying()], since)
    }
}

pub fn verify_with(path: &Utf8Path, keys: &[VerifyingKey], since: &[Checkpoint]) -> Outcome {
    let against = Verification {
        origin: ORIGIN,
        keys,
        since,
        ..Verification::default()
    };
    verify(&Folder::open_to_read(path), &against).unwrap()
}

/// So many seconds after the beginning.
pub fn at(seconds: u64) -> Timestamp {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(i64::try_from(seconds).unwrap())
}

pub fn verdict(number: u64, has_payload: bool) -> NewRecord {
    NewRecord {
        kind: RecordKind::Verdict,
        by: "ci.example+00c0ffee".to_owned(),
        subject: Subject {
            commit: Some(format!("{number:040x}")),
            ..Subject::default()
        },
        payload: has_payload.then(|| format!("reason {number}").into_bytes()),
    }
}

/// All files of a ledger that count, by their paths in it.
pub fn files(root: &Path) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push(Utf8PathBuf::try_from(path.strip_prefix(root).unwrap().to_owned()).unwrap());
            }
        }
    }
    found.sort();
    found
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(&file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(from.join(&file), target).unwrap();
    }
}
