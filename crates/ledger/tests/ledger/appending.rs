//! What is appended is there, in order, and once.

use std::collections::BTreeSet;

use counterproof_ledger::{Error, KeyKind, Ledger, Outcome, SigningKey};
use model::RecordKind;

use crate::support::{ORIGIN, Place, at, verdict};

#[test]
fn entries_come_back_in_order_with_their_payloads() {
    let place = Place::new();
    let ledger = place.filled(700);
    assert_eq!(ledger.size().unwrap(), 700);
    let records: Vec<_> = ledger.records(0..u64::MAX).unwrap().map(Result::unwrap).collect();
    assert_eq!(records.len(), 700);
    assert_eq!(records[0].1.kind, RecordKind::Created);
    for (number, (index, record)) in (0..).zip(&records).skip(1) {
        assert_eq!(*index, number);
        assert_eq!(
            record.subject.commit.as_deref(),
            Some(format!("{number:040x}").as_str())
        );
    }
    assert_eq!(ledger.payload(255).unwrap().unwrap(), b"reason 255");
    assert_eq!(ledger.payload(256).unwrap(), None);
    let some: Vec<u64> = ledger.records(254..259).unwrap().map(|each| each.unwrap().0).collect();
    assert_eq!(some, [254, 255, 256, 257, 258]);
    assert!(matches!(
        ledger.record(700),
        Err(Error::NoEntry { index: 700, size: 700 })
    ));
    assert!(
        matches!(place.verify(&[]), Outcome::SelfConsistentOnly(whole) if whole.size == 700 && whole.payloads == 139)
    );
    // What full tiles hold is not kept twice.
    assert!(!place.path().join("tile/0/000.p").exists() && !place.path().join("tile/entries/001.p").exists());
}

#[test]
fn another_process_goes_on_where_one_ended() {
    let place = Place::new();
    place.filled(300);
    let appended = place.open().append(&[verdict(300, true)], at(300)).unwrap();
    assert_eq!(appended[0].index, 300);
    assert_eq!(place.open().payload(300).unwrap().unwrap(), b"reason 300");
}

#[test]
fn a_ledger_is_not_begun_twice_nor_opened_as_another() {
    let place = Place::new();
    place.create();
    let again = Ledger::create(place.storage(), ORIGIN, place.key.clone(), at(1));
    assert!(matches!(again, Err(Error::Exists { .. })));
    let other = Ledger::open(place.storage(), "example.com/other", &[place.key.verifying()]);
    assert!(matches!(other, Err(Error::Origin { .. })));
    let stranger = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
    let unknown = Ledger::open(place.storage(), ORIGIN, &[stranger.verifying()]);
    assert!(unknown.err().unwrap().to_string().contains("unknown key"));
    let reader = Ledger::open(place.storage(), ORIGIN, &[place.key.verifying()]).unwrap();
    assert!(matches!(
        reader.append(&[verdict(1, false)], at(1)),
        Err(Error::NoSigner)
    ));
    let wrong = reader.with_signer(stranger);
    assert!(matches!(
        wrong.append(&[verdict(1, false)], at(1)),
        Err(Error::OtherKey { .. })
    ));
    assert!(matches!(
        Ledger::open(Place::new().storage(), ORIGIN, &[]),
        Err(Error::Missing { .. })
    ));
}

#[test]
fn sixteen_threads_append_everything_once() {
    let place = Place::new();
    let ledger = place.create();
    std::thread::scope(|scope| {
        for thread in 0..16_u64 {
            let ledger = &ledger;
            scope.spawn(move || {
                for number in 0..20 {
                    let number = 1000 * thread + number;
                    let appended = ledger
                        .append(&[verdict(number, number % 7 == 0)], at(number % 9))
                        .unwrap();
                    let record = ledger.record(appended[0].index).unwrap();
                    assert_eq!(record.subject.commit, verdict(number, false).subject.commit);
                }
            });
        }
    });
    assert_eq!(ledger.size().unwrap(), 1 + 16 * 20);
    let commits: BTreeSet<_> = ledger
        .records(1..400)
        .unwrap()
        .map(|each| each.unwrap().1.subject.commit)
        .collect();
    assert_eq!(commits.len(), 16 * 20);
    assert!(place.verify(&[]).tampering().is_none());
    assert_eq!(std::fs::read_dir(place.path().join("incoming")).unwrap().count(), 0);
}

#[test]
fn a_large_batch_and_an_empty_one() {
    let place = Place::new();
    let ledger = place.create();
    assert_eq!(ledger.append(&[], at(1)).unwrap(), []);
    let records: Vec<_> = (1..=1000).map(|number| verdict(number, false)).collect();
    let appended = ledger.append(&records, at(1)).unwrap();
    assert_eq!((appended.len(), appended[999].index), (1000, 1000));
    assert!(place.verify(&[]).tampering().is_none());
}

#[test]
fn lost_hash_tiles_are_made_anew_when_it_is_opened() {
    let place = Place::new();
    place.filled(600);
    for tile in ["tile/0/002.p/88", "tile/1/000.p/2"] {
        std::fs::write(place.path().join(tile), "torn").unwrap();
    }
    assert!(place.verify(&[]).tampering().is_some());
    place.open();
    assert!(place.verify(&[]).tampering().is_none());
}
