//! Payloads that go.

use counterproof_ledger::{Error, KeyKind, Outcome, SHORTEST_RETENTION, SigningKey, What};
use model::RecordKind;

use crate::support::{ORIGIN, Place, at, verdict};

#[test]
fn a_redacted_payload_is_gone_and_the_entry_stays() {
    let place = Place::new();
    let ledger = place.filled(20);
    let (before, hash) = (ledger.checkpoint().unwrap(), ledger.entry(5).unwrap());
    let appended = ledger
        .redact(5, "dpo.example+00000001", b"asked for by the person", at(50))
        .unwrap();
    assert_eq!(ledger.payload(5).unwrap(), None);
    assert_eq!(ledger.entry(5).unwrap(), hash);
    let tombstone = ledger.record(appended.index).unwrap();
    assert_eq!(
        (tombstone.kind, tombstone.subject.about),
        (RecordKind::Redaction, Some(5))
    );
    assert_eq!(
        ledger.payload(appended.index).unwrap().unwrap(),
        b"asked for by the person"
    );
    let outcome = place.verify(&[before]);
    assert!(
        matches!(&outcome, Outcome::Whole(whole) if whole.redacted == 1 && whole.payloads == 3),
        "{outcome:?}"
    );
    assert!(matches!(
        ledger.redact(1, "x", b"", at(51)),
        Err(Error::NotRedactable { index: 1, .. })
    ));
}

#[test]
fn a_payload_that_is_merely_removed_is_missed_and_one_that_came_back_is_told() {
    let place = Place::new();
    let ledger = place.filled(20);
    let digest = ledger.record(10).unwrap().payload.unwrap().digest;
    let path = place.path().join("blobs").join(&digest[7..9]).join(&digest[7..]);
    let kept = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let tampering = place.verify(&[]).tampering().cloned().unwrap();
    assert_eq!(
        (tampering.first, tampering.what),
        (counterproof_ledger::Place::Entry(10), What::PayloadRemoved)
    );
    ledger.redact(10, "dpo.example+00000001", b"", at(50)).unwrap();
    std::fs::write(&path, kept).unwrap();
    let outcome = place.verify(&[]);
    assert!(
        matches!(&outcome, Outcome::SelfConsistentOnly(whole) if whole.still_there == [10]),
        "{outcome:?}"
    );
}

#[test]
fn what_is_old_expires_and_nothing_earlier_than_six_months() {
    let place = Place::new();
    let mut ledger = place.filled(30);
    ledger
        .rotate_key(SigningKey::generate(ORIGIN, KeyKind::Log).unwrap(), at(40))
        .unwrap();
    let now = at(1000) + SHORTEST_RETENTION;
    ledger.append(&[verdict(31, true)], now).unwrap();
    let early = ledger.expire(at(1001), false, "k", now);
    assert!(matches!(early, Err(Error::TooEarly { .. })));
    let expired = ledger.expire(at(1000), false, "k", now).unwrap();
    assert_eq!(expired, [5, 10, 15, 20, 25]);
    assert_eq!(ledger.payload(25).unwrap(), None);
    assert!(ledger.payload(31).unwrap().is_some());
    assert_eq!(ledger.expire(at(1000), false, "k", now).unwrap(), [0_u64; 0]);
    assert!(place.verify(&[]).tampering().is_none());
    assert_eq!(ledger.expire(now, true, "k", now).unwrap(), [0_u64; 0]);
}
