//! Two Python packages that are not ours judge what we write: `securesystemslib`, which TUF and in-toto sign with, and
//! `in-toto-attestation`, the specification's own.

use counterproof_attest::dsse::{self, Envelope, Trusted};
use counterproof_attest::foreign::{TestOutcome, TestResult, VerificationResult, VerificationSummary, Verifier};
use counterproof_attest::keys::PublicKey;
use counterproof_attest::statement::{PAYLOAD_TYPE, Predicate, ResourceDescriptor, Statement};
use serde_json::{Value, json};

use crate::support::{SHA256, TREE, key, now, python};

fn test_result() -> Statement<TestResult> {
    let result = TestResult {
        result: TestOutcome::Failed,
        configuration: vec![ResourceDescriptor::file("counterproof.toml", SHA256)],
        url: Some("https://example.com/runs/1".to_owned()),
        passed_tests: vec!["test_a".to_owned()],
        warned_tests: Vec::new(),
        failed_tests: vec!["test_b".to_owned()],
    };
    Statement::new(vec![ResourceDescriptor::git_tree(TREE)], result).unwrap()
}

fn summary() -> Statement<VerificationSummary> {
    let summary = VerificationSummary {
        verifier: Verifier {
            id: "https://counterproof.dev/gate".to_owned(),
            version: [("counterproof".to_owned(), "0.1.0".to_owned())].into(),
        },
        time_verified: now(),
        resource_uri: "git+https://example.com/cart".to_owned(),
        policy: ResourceDescriptor {
            uri: Some("https://example.com/policy".to_owned()),
            ..ResourceDescriptor::file("policy", SHA256)
        },
        input_attestations: vec![ResourceDescriptor::file("evidence", SHA256)],
        verification_result: VerificationResult::Passed,
        verified_levels: vec!["COUNTERPROOF_GATE".to_owned()],
        slsa_version: Some("1.1".to_owned()),
    };
    Statement::new(vec![ResourceDescriptor::file("cart.whl", SHA256)], summary).unwrap()
}

const SECURESYSTEMSLIB: &str = r#"
import json, sys
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey
given = json.load(sys.stdin)
envelope = Envelope.from_dict(given["envelope"])
key = SSlibKey.from_crypto(load_pem_public_key(given["key"].encode()), keyid=given["keyid"])
accepted = envelope.verify([key], 1)
envelope.payload += b" "
try:
    envelope.verify([key], 1)
    changed = "accepted"
except VerificationError:
    changed = "refused"
print(json.dumps({"accepted": list(accepted), "changed": changed}))
"#;

#[test]
fn securesystemslib_verifies_what_we_sign() {
    let ann = key();
    let envelope = test_result().sign(&ann).unwrap();
    let public = ann.public_key();
    let given = json!({"envelope": envelope, "key": public.to_text(), "keyid": public.id()});
    let said = python(SECURESYSTEMSLIB, given.to_string().as_bytes());
    assert_eq!(said, json!({"accepted": [public.id()], "changed": "refused"}));
}

const SIGN: &str = r#"
import json
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner
made = []
for private in [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())]:
    signer = CryptoSigner(private)
    envelope = Envelope(b'{"what": "is said"}', "application/vnd.in-toto+json", {})
    envelope.sign(signer)
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    made.append({"envelope": envelope.to_dict(), "key": pem.decode()})
print(json.dumps(made))
"#;

#[test]
fn we_verify_what_securesystemslib_signs() {
    let made = python(SIGN, b"");
    for (made, kind) in made.as_array().unwrap().iter().zip(["ed25519:", "ecdsa-p256:"]) {
        let key = PublicKey::parse(made["key"].as_str().unwrap()).unwrap();
        assert!(key.id().as_str().starts_with(kind));
        let envelope = Envelope::parse(made["envelope"].to_string().as_bytes()).unwrap();
        let keys = [key];
        let verified = dsse::verify(&envelope, PAYLOAD_TYPE, &Trusted::keys(&keys)).unwrap();
        assert_eq!(verified.payload, b"{\"what\": \"is said\"}");
        assert_eq!(verified.by[0].key, keys[0].id());
    }
}

/// The specification's own types refuse fields that they do not know.
const IN_TOTO: &str = r#"
import json, sys
from google.protobuf import json_format
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult
from in_toto_attestation.predicates.vsa.v1.vsa_pb2 import VerificationSummary
types = {
    "https://in-toto.io/attestation/test-result/v0.1": TestResult,
    "https://slsa.dev/verification_summary/v1": VerificationSummary,
}
said = []
for given in json.load(sys.stdin):
    statement = Statement.copy_from_pb(json_format.ParseDict(given, StatementMessage()))
    statement.validate()
    message = types.get(given["predicateType"])
    if message:
        predicate = json_format.ParseDict(given["predicate"], message())
        said.append(json_format.MessageToDict(predicate))
    else:
        said.append(json_format.MessageToDict(statement.pb.predicate))
print(json.dumps(said))
"#;

fn value_of<P: Predicate>(statement: &Statement<P>) -> Value {
    serde_json::from_slice(&statement.to_json().unwrap()).unwrap()
}

#[test]
fn in_toto_attestation_validates_our_statements() {
    let result = value_of(&test_result());
    let mut summary = value_of(&summary());
    // SLSA 1.1 added it; the types of the package are of SLSA 1.0.
    let verifier = summary["predicate"]["verifier"].as_object_mut().unwrap();
    assert!(verifier.remove("version").is_some());
    // A list in the specification, one text in the package's types.
    let levels = &mut summary["predicate"]["verifiedLevels"];
    *levels = levels[0].take();
    // Nor do they know names of inputs and policies.
    for place in ["/predicate/policy", "/predicate/inputAttestations/0"] {
        summary
            .pointer_mut(place)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove("name");
    }
    let said = python(IN_TOTO, json!([result, summary]).to_string().as_bytes());
    assert_eq!(said[0]["result"], "FAILED");
    assert_eq!(said[0]["failedTests"], json!(["test_b"]));
    assert_eq!(said[1]["verificationResult"], "PASSED");
    assert_eq!(said[1]["timeVerified"], "2026-11-28T12:00:00Z");
}
