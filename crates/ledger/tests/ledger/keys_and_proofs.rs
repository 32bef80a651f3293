//! Keys that change, witnesses, proofs.

use camino::Utf8Path;
use counterproof_ledger::{
    Error, Folder, KeyKind, Outcome, Proof, SigningKey, Verification, What, Witness, check_consistency,
    check_inclusion, verify, verify_hashes,
};

use crate::support::{ORIGIN, Place, at, verdict, verify_with};

#[test]
fn every_entry_is_proved_and_no_other_one_is() {
    let place = Place::new();
    let ledger = place.filled(530);
    let keys = [place.key.verifying()];
    for index in [0, 1, 255, 256, 400, 511, 512, 529] {
        let text = ledger.prove_inclusion(index).unwrap().to_string();
        assert!(text.starts_with(&format!("c2sp.org/tlog-proof@v1\nindex {index}\n")));
        let proof: Proof = text.parse().unwrap();
        assert_eq!(proof.to_string(), text);
        let entry = ledger.entry(index).unwrap();
        assert_eq!(check_inclusion(&proof, &entry, ORIGIN, &keys).unwrap().size(), 530);
        let other = ledger.entry((index + 1) % 530).unwrap();
        assert!(matches!(
            check_inclusion(&proof, &other, ORIGIN, &keys),
            Err(Error::Proof { .. })
        ));
        assert!(check_inclusion(&proof, &entry, "example.com/other", &keys).is_err());
        let stranger = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap().verifying();
        assert!(check_inclusion(&proof, &entry, ORIGIN, &[stranger]).is_err());
    }
    assert!("c2sp.org/tlog-proof@v1\nindex 01\n\nx".parse::<Proof>().is_err());
}

#[test]
fn a_log_goes_on_from_each_of_its_states() {
    let place = Place::new();
    let ledger = place.create();
    let mut states = vec![ledger.checkpoint().unwrap()];
    for number in 1..20 {
        let records: Vec<_> = (0..number * 3)
            .map(|each| verdict(100 * number + each, false))
            .collect();
        ledger.append(&records, at(number)).unwrap();
        states.push(ledger.checkpoint().unwrap());
    }
    for old in &states {
        for new in states.iter().filter(|new| new.size() >= old.size()) {
            let hashes = ledger.prove_consistency(old.size(), new.size()).unwrap();
            check_consistency(&hashes, old, new).unwrap();
        }
    }
    assert!(matches!(place.verify(&states), Outcome::Whole(_)));
}

#[test]
fn a_changed_key_is_followed_and_the_old_one_signs_no_more() {
    let place = Place::new();
    let mut ledger = place.filled(40);
    let before = ledger.checkpoint().unwrap();
    let stale = place.open();
    let second = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
    let index = ledger.rotate_key(second.clone(), at(50)).unwrap().index;
    assert_eq!(index, 40);
    ledger.append(&[verdict(41, true)], at(51)).unwrap();
    let third = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
    ledger.rotate_key(third.clone(), at(52)).unwrap();
    ledger.append(&[verdict(43, true)], at(53)).unwrap();
    assert!(matches!(
        stale.append(&[verdict(44, false)], at(54)),
        Err(Error::OtherKey { .. })
    ));
    assert_eq!(stale.size().unwrap(), 44);
    for trusted in [&place.key, &second, &third] {
        let outcome = verify_with(place.path(), &[trusted.verifying()], std::slice::from_ref(&before));
        assert!(matches!(outcome, Outcome::Whole(_)), "{outcome:?}");
        counterproof_ledger::Ledger::open(place.storage(), ORIGIN, &[trusted.verifying()]).unwrap();
    }
    // Hints help, and are not needed.
    std::fs::remove_file(place.path().join("log.json")).unwrap();
    let opened = counterproof_ledger::Ledger::open(place.storage(), ORIGIN, &[place.key.verifying()]).unwrap();
    assert_eq!(
        opened.with_signer(third).append(&[verdict(44, false)], at(55)).unwrap()[0].index,
        44
    );
    let stranger = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
    let outcome = verify_with(place.path(), &[stranger.verifying()], &[]);
    assert_eq!(outcome.tampering().unwrap().what, What::UnknownKey);
}

#[test]
fn a_witness_signs_only_what_goes_on_from_what_it_saw() {
    let place = Place::new();
    let ledger = place.filled(30);
    let own = tempfile::tempdir().unwrap();
    let state = Utf8Path::from_path(own.path()).unwrap().join("seen");
    let key = SigningKey::generate("witness.example", KeyKind::Witness).unwrap();
    let witness = Witness::new(key.clone(), &state).unwrap();
    assert!(Witness::new(place.key.clone(), &state).is_err());
    witness.cosign(&ledger, at(100)).unwrap();
    ledger.append(&[verdict(30, false)], at(101)).unwrap();
    let cosigned = witness.cosign(&ledger, at(102)).unwrap();
    assert!(ledger.publish_cosignatures(&cosigned, &[key.verifying()]).unwrap());
    let (keys, witnesses) = ([place.key.verifying()], [key.verifying()]);
    let against = Verification {
        origin: ORIGIN,
        keys: &keys,
        witnesses: &witnesses,
        quorum: 1,
        ..Verification::default()
    };
    let storage = Folder::open_to_read(place.path());
    let outcome = verify(&storage, &against).unwrap();
    assert!(
        matches!(&outcome, Outcome::Whole(whole) if whole.witnesses == [key.verifying().id()]),
        "{outcome:?}"
    );
    assert!(matches!(verify_hashes(&storage, &against).unwrap(), Outcome::Whole(_)));
    ledger.append(&[verdict(31, false)], at(103)).unwrap();
    assert_eq!(
        verify(&storage, &against).unwrap().tampering().unwrap().what,
        What::QuorumMissed
    );
    // Another history, with the true key.
    let fork = Place {
        key: place.key.clone(),
        ..Place::new()
    };
    let other = fork.filled(40);
    assert!(matches!(witness.cosign(&other, at(104)), Err(Error::Witness { .. })));
    let shorter = Place {
        key: place.key.clone(),
        ..Place::new()
    };
    let refused = witness.cosign(&shorter.filled(10), at(105)).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("had 31 entries when it was seen last and has 10"),
        "{refused}"
    );
}
