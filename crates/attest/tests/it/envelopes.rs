use counterproof_attest::dsse::{
    self, Envelope, EnvelopeError, MOST_SIGNATURES, SignatureError, Trusted, VerifyError, pre_authentication_encoding,
};
use counterproof_attest::keys::{PublicKey, SigningKey};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::key;

const TYPE: &str = "application/vnd.example+json";

fn signed(key: &SigningKey, payload: &[u8]) -> Envelope {
    Envelope::sign(TYPE, payload.to_vec(), key).unwrap()
}

fn json_of(envelope: &Envelope) -> Value {
    serde_json::to_value(envelope).unwrap()
}

fn read(value: &Value) -> Envelope {
    Envelope::parse(value.to_string().as_bytes()).unwrap()
}

/// The example of the specification.
#[test]
fn the_bytes_that_are_signed() {
    let bytes = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
    assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    // Lengths are of bytes.
    assert_eq!(
        pre_authentication_encoding("\u{e4}", b""),
        "DSSEv1 2 \u{e4} 0 ".as_bytes()
    );
}

/// The signature in the specification's example, by its public key (given there as two numbers).
#[test]
fn the_example_of_the_specification_verifies() {
    let public = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr\n\
        CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==\n\
        -----END PUBLIC KEY-----\n";
    let public = PublicKey::parse(public).unwrap();
    let envelope = read(&json!({
        "payload": "aGVsbG8gd29ybGQ=",
        "payloadType": "http://example.com/HelloWorld",
        "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}],
    }));
    let verified = dsse::verify(&envelope, "http://example.com/HelloWorld", &Trusted::keys(&[public])).unwrap();
    assert_eq!(verified.payload, b"hello world");
}

#[test]
fn what_was_signed_comes_back_with_who_signed() {
    let (ann, bob) = (key(), key());
    let mut envelope = signed(&ann, b"{}");
    envelope.add_signature(&bob).unwrap();
    let envelope = Envelope::parse(envelope.to_json().unwrap().as_bytes()).unwrap();
    let keys = [ann.public_key(), bob.public_key()];
    let verified = dsse::verify(&envelope, TYPE, &Trusted::keys(&keys)).unwrap();
    assert_eq!(verified.payload, b"{}");
    let by: Vec<_> = verified.by.iter().map(|by| by.key.clone()).collect();
    assert_eq!(by, [ann.public_key().id(), bob.public_key().id()]);
    assert!(verified.uncounted.is_empty());
}

#[test]
fn one_key_counts_once() {
    let ann = key();
    let mut envelope = signed(&ann, b"{}");
    envelope.add_signature(&ann).unwrap();
    // Nor does it count twice when it is trusted twice.
    let keys = [ann.public_key(), ann.public_key()];
    let verified = dsse::verify(&envelope, TYPE, &Trusted::keys(&keys)).unwrap();
    assert_eq!(verified.by.len(), 1);
    assert!(matches!(verified.uncounted[..], [SignatureError::Again { .. }]));
}

#[test]
fn a_keyid_is_a_hint_and_no_more() {
    let (ann, bob) = (key(), key());
    for keyid in [Value::Null, json!(""), json!("anything"), json!(bob.public_key().id())] {
        let mut value = json_of(&signed(&ann, b"{}"));
        value["signatures"][0]["keyid"] = keyid;
        let keys = [bob.public_key(), ann.public_key()];
        let verified = dsse::verify(&read(&value), TYPE, &Trusted::keys(&keys)).unwrap();
        assert_eq!(verified.by[0].key, ann.public_key().id());
    }
}

#[test]
fn errors_say_which_signature_and_why() {
    let (ann, bob) = (key(), key());
    let envelope = signed(&ann, b"{}");
    let bobs = [bob.public_key()];
    let error = dsse::verify(&envelope, TYPE, &Trusted::keys(&bobs))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(ann.public_key().id().as_str()) && error.contains("no trusted key"),
        "{error}"
    );

    let mut changed = json_of(&envelope);
    changed["payload"] = json!("e30K");
    let anns = [ann.public_key()];
    let error = dsse::verify(&read(&changed), TYPE, &Trusted::keys(&anns))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(ann.public_key().id().as_str()) && error.contains("not valid"),
        "{error}"
    );

    let error = dsse::verify(&envelope, "text/plain", &Trusted::keys(&anns)).unwrap_err();
    assert!(matches!(error, VerifyError::PayloadType { .. }), "{error}");

    let mut unsigned = json_of(&envelope);
    unsigned["signatures"] = json!([]);
    let error = dsse::verify(&read(&unsigned), TYPE, &Trusted::keys(&anns)).unwrap_err();
    assert!(matches!(error, VerifyError::Unsigned), "{error}");
    let error = dsse::verify(&envelope, TYPE, &Trusted::default()).unwrap_err();
    assert!(matches!(error, VerifyError::NoneCounts(_)), "{error}");
}

/// A signature over one type is none over another, even if both are accepted somewhere.
#[test]
fn the_type_is_signed_too() {
    let ann = key();
    let mut value = json_of(&signed(&ann, b"{}"));
    value["payloadType"] = json!("application/vnd.other+json");
    let keys = [ann.public_key()];
    let error = dsse::verify(&read(&value), "application/vnd.other+json", &Trusted::keys(&keys)).unwrap_err();
    assert!(matches!(error, VerifyError::NoneCounts(_)), "{error}");
}

#[test]
fn both_alphabets_are_read_padded_or_not() {
    let ann = key();
    let keys = [ann.public_key()];
    let payload = [0xfb, 0xff, 0xbf, 0x3e];
    let value = json_of(&signed(&ann, &payload));
    let url_safe = |text: &Value| text.as_str().unwrap().replace('+', "-").replace('/', "_");
    assert_eq!(value["payload"], "+/+/Pg==");
    for trim in [false, true] {
        let mut other = value.clone();
        for place in ["/payload", "/signatures/0/sig"] {
            let mut text = url_safe(&value.pointer(place).cloned().unwrap());
            if trim {
                text = text.trim_end_matches('=').to_owned();
            }
            *other.pointer_mut(place).unwrap() = json!(text);
        }
        assert_eq!(
            dsse::verify(&read(&other), TYPE, &Trusted::keys(&keys))
                .unwrap()
                .payload,
            payload
        );
    }
    let mut mixed = value.clone();
    mixed["payload"] = json!("+_+/Pg==");
    assert!(matches!(
        Envelope::parse(mixed.to_string().as_bytes()),
        Err(EnvelopeError::Json(_) | EnvelopeError::Base64 { .. })
    ));
}

#[test]
fn fields_that_are_not_known_are_passed_over_and_missing_ones_are_not() {
    let ann = key();
    let value = json_of(&signed(&ann, b"{}"));
    let mut more = value.clone();
    more["extra"] = json!(1);
    more["signatures"][0]["cert"] = json!("x");
    assert_eq!(read(&more), read(&value));
    for field in ["payload", "payloadType", "signatures"] {
        let mut less = value.clone();
        less.as_object_mut().unwrap().remove(field);
        assert!(Envelope::parse(less.to_string().as_bytes()).is_err(), "{field}");
    }
}

#[test]
fn sizes_are_bounded() {
    let ann = key();
    let mut value = json_of(&signed(&ann, b"{}"));
    let one = value["signatures"][0].clone();
    value["signatures"] = json!(vec![one; MOST_SIGNATURES + 1]);
    let error = Envelope::parse(value.to_string().as_bytes()).unwrap_err().to_string();
    assert!(error.contains("signatures"), "{error}");
    let mut value = json_of(&signed(&ann, b"{}"));
    value["signatures"][0]["sig"] = json!("A".repeat(100_000));
    assert!(Envelope::parse(value.to_string().as_bytes()).is_err());
    let mut value = json_of(&signed(&ann, b"{}"));
    value["payloadType"] = json!("a".repeat(100_000));
    assert!(Envelope::parse(value.to_string().as_bytes()).is_err());
}

/// What is written today must be read, and must verify, tomorrow.
#[test]
fn the_written_form_is_pinned() {
    let envelope = signed(&key(), b"{}");
    let value = json_of(&envelope);
    let fields: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["payload", "payloadType", "signatures"]);
    let fields: Vec<_> = value["signatures"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["keyid", "sig"]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        Envelope::parse(&bytes).ok();
    }

    #[test]
    fn any_envelope_is_read_or_refused(payload in ".{0,40}", sig in ".{0,40}", keyid in ".{0,10}") {
        let text = json!({"payload": payload, "payloadType": "t", "signatures": [{"keyid": keyid, "sig": sig}]}).to_string();
        if let Ok(envelope) = Envelope::parse(text.as_bytes()) {
            let trusted = [key().public_key()];
            prop_assert!(dsse::verify(&envelope, "t", &Trusted::keys(&trusted)).is_err());
        }
    }

    #[test]
    fn no_two_pairs_give_the_same_bytes(
        first in ("[ 0-9a-z]{0,6}", "[ 0-9a-z]{0,6}"),
        second in ("[ 0-9a-z]{0,6}", "[ 0-9a-z]{0,6}"),
    ) {
        let encode = |pair: &(String, String)| pre_authentication_encoding(&pair.0, pair.1.as_bytes());
        prop_assert_eq!(encode(&first) == encode(&second), first == second);
    }

}

proptest! {
    // Signatures are slow where nothing is optimised.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_changed_byte_never_verifies(payload in proptest::collection::vec(any::<u8>(), 1..60), place in any::<prop::sample::Index>(), flip in 1u8..) {
        let ann = key();
        let keys = [ann.public_key()];
        let trusted = Trusted::keys(&keys);
        let envelope = signed(&ann, &payload);
        prop_assert!(dsse::verify(&envelope, TYPE, &trusted).is_ok());
        let rebuilt = |payload_type: &str, payload: &[u8], signature: &[u8]| {
            use base64::{Engine, engine::general_purpose::STANDARD};
            read(&json!({
                "payload": STANDARD.encode(payload),
                "payloadType": payload_type,
                "signatures": [{"keyid": keys[0].id(), "sig": STANDARD.encode(signature)}],
            }))
        };
        let signature = &envelope.signatures()[0].signature;
        prop_assert!(dsse::verify(&rebuilt(TYPE, &payload, signature), TYPE, &trusted).is_ok());

        let mut changed = payload.clone();
        changed[place.index(payload.len())] ^= flip;
        prop_assert!(dsse::verify(&rebuilt(TYPE, &changed, signature), TYPE, &trusted).is_err());

        let mut changed = signature.clone();
        changed[place.index(signature.len())] ^= flip;
        prop_assert!(dsse::verify(&rebuilt(TYPE, &payload, &changed), TYPE, &trusted).is_err());

        let mut changed = TYPE.as_bytes().to_vec();
        changed[place.index(TYPE.len())] ^= 1;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert!(dsse::verify(&rebuilt(&changed, &payload, signature), &changed, &trusted).is_err());
    }
}
