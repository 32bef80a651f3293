use counterproof_attest::bundle::Bundle;
use counterproof_attest::dsse::{Envelope, Trusted, VerifyError};
use counterproof_attest::keys::SigningKey;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::key;

const TYPE: &str = "application/vnd.in-toto+json";

fn envelope(key: &SigningKey, payload: &str) -> Value {
    serde_json::to_value(Envelope::sign(TYPE, payload.as_bytes().to_vec(), key).unwrap()).unwrap()
}

fn sigstore(envelope: &Value, material: Value) -> Value {
    json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": material,
        "dsseEnvelope": envelope,
    })
}

#[test]
fn every_line_is_read_and_what_is_not_known_is_named() {
    let ann = key();
    let lines = [
        envelope(&ann, "{\"a\": 1}").to_string(),
        String::new(),
        "nonsense".to_owned(),
        json!({"x": 1}).to_string(),
        sigstore(&envelope(&ann, "{}"), json!({"publicKey": {"hint": "x"}})).to_string(),
        json!({"mediaType": "application/vnd.dev.sigstore.bundle+json;version=0.2", "messageSignature": {}})
            .to_string(),
        json!({"payload": "!", "payloadType": TYPE, "signatures": []}).to_string(),
    ];
    for end in ["\n", "\r\n"] {
        let bundle = Bundle::read(lines.join(end).as_bytes());
        let read: Vec<usize> = bundle.envelopes.iter().map(|held| held.line).collect();
        assert_eq!(read, [1, 5]);
        let skipped: Vec<_> = bundle
            .skipped
            .iter()
            .map(|skipped| (skipped.line, skipped.why.as_str()))
            .collect();
        for ((line, why), (expected, word)) in skipped.iter().zip([
            (3, "no JSON"),
            (4, "neither"),
            (6, "without a statement"),
            (7, "not base64"),
        ]) {
            assert_eq!(*line, expected);
            assert!(why.contains(word), "{why}");
        }
        assert_eq!(skipped.len(), 4);
    }
}

#[test]
fn one_value_may_be_laid_out_over_many_lines() {
    let ann = key();
    for value in [envelope(&ann, "{}"), sigstore(&envelope(&ann, "{}"), json!({}))] {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let bundle = Bundle::read(format!("\n{text}\n").as_bytes());
        assert_eq!((bundle.envelopes.len(), bundle.skipped.len()), (1, 0));
        let keys = [ann.public_key()];
        assert!(bundle.envelopes[0].verify(TYPE, &Trusted::keys(&keys)).is_ok());
    }
}

/// A certificate says who signed and is not validated here: without a key that verifies, that is said.
#[test]
fn a_certificate_is_said_to_be_not_verified_unless_a_key_verifies() {
    let (ann, bob) = (key(), key());
    for material in [
        json!({"certificate": {"rawBytes": "AAAA"}, "tlogEntries": []}),
        json!({"x509CertificateChain": {"certificates": []}}),
    ] {
        let bundle = Bundle::read(sigstore(&envelope(&ann, "{}"), material).to_string().as_bytes());
        let held = &bundle.envelopes[0];
        assert!(held.has_certificate);
        let bobs = [bob.public_key()];
        let error = held.verify(TYPE, &Trusted::keys(&bobs)).unwrap_err();
        assert!(matches!(error, VerifyError::CertificateNotVerified(_)));
        assert!(error.to_string().contains("certificate not verified"), "{error}");
        let anns = [ann.public_key()];
        assert!(held.verify(TYPE, &Trusted::keys(&anns)).is_ok());
    }
}

/// As builders of `slsa-github-generator` write it.
#[test]
fn a_certificate_beside_the_signature_is_one_too() {
    let (ann, bob) = (key(), key());
    let mut value = envelope(&ann, "{}");
    value["signatures"][0]["cert"] = json!("-----BEGIN CERTIFICATE-----");
    let bundle = Bundle::read(value.to_string().as_bytes());
    let bobs = [bob.public_key()];
    let error = bundle.envelopes[0].verify(TYPE, &Trusted::keys(&bobs)).unwrap_err();
    assert!(matches!(error, VerifyError::CertificateNotVerified(_)), "{error}");
}

proptest! {
    #[test]
    fn any_sigstore_bundle_is_read(material in "[a-z{}:\",]{0,20}", media in ".{0,10}") {
        let text = json!({"mediaType": format!("application/vnd.dev.sigstore.bundle{media}"), "dsseEnvelope": material});
        let bundle = Bundle::read(text.to_string().as_bytes());
        prop_assert!(bundle.envelopes.is_empty() && bundle.skipped.len() == 1);
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        Bundle::read(&bytes);
    }

}

proptest! {
    // Signatures are slow where nothing is optimised.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn damage_to_one_line_takes_no_other_along(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let ann = key();
        let whole = envelope(&ann, "{}").to_string();
        let mut damaged = whole.clone().into_bytes();
        let place = place.index(damaged.len());
        if cut {
            damaged.truncate(place);
        } else {
            damaged[place] = byte;
        }
        let file = [whole.as_bytes(), &damaged, whole.as_bytes()].join(&b'\n');
        let bundle = Bundle::read(&file);
        let keys = [ann.public_key()];
        let verified = bundle.envelopes.iter().filter(|held| held.verify(TYPE, &Trusted::keys(&keys)).is_ok());
        prop_assert!(verified.count() >= 2);
        let file = [&damaged, whole.as_bytes(), whole.as_bytes()].join(&b'\n');
        let bundle = Bundle::read(&file);
        let verified = bundle.envelopes.iter().filter(|held| held.verify(TYPE, &Trusted::keys(&keys)).is_ok());
        prop_assert!(verified.count() >= 2);
    }
}
