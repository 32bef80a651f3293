//! Several processes append at once.

use std::process::Command;

use crate::support::{ORIGIN, Place, at, verdict};
use counterproof_ledger::{Folder, Ledger, SigningKey};
use std::collections::BTreeSet;
use std::sync::Arc;

const TOLD: &str = "COUNTERPROOF_LEDGER_WRITER";

/// Run by the test below, as a process of its own; does nothing otherwise.
#[test]
fn writer_process() {
    let Ok(told) = std::env::var(TOLD) else { return };
    let [folder, number, key] = told.split('\n').collect::<Vec<_>>()[..] else {
        panic!("{told}")
    };
    let (number, key): (u64, SigningKey) = (number.parse().unwrap(), key.parse().unwrap());
    let storage = Arc::new(Folder::open(folder.into()).unwrap());
    let ledger = Ledger::open(storage, ORIGIN, &[key.verifying()])
        .unwrap()
        .with_signer(key);
    for each in 0..15 {
        ledger
            .append(
                &[
                    verdict(number * 1000 + each, false),
                    verdict(number * 1000 + 500 + each, true),
                ],
                at(each),
            )
            .unwrap();
    }
}

#[test]
fn six_processes_append_everything_once() {
    let place = Place::new();
    let ledger = place.create();
    let writers: Vec<_> = (0..6)
        .map(|number| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "processes::writer_process", "--test-threads=1"])
                .env(
                    TOLD,
                    format!("{}\n{number}\n{}", place.path(), place.key.to_secret_text()),
                )
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    assert_eq!(ledger.size().unwrap(), 1 + 6 * 30);
    let commits: BTreeSet<_> = ledger
        .records(1..200)
        .unwrap()
        .map(|each| each.unwrap().1.subject.commit)
        .collect();
    assert_eq!(commits.len(), 6 * 30);
    assert!(place.verify(&[]).tampering().is_none());
}
