use std::collections::BTreeMap;

use counterproof_attest::dsse::{self, Trusted};
use counterproof_attest::foreign::{TestOutcome, TestResult, VerificationSummary};
use counterproof_attest::predicates::{
    Approval, ApprovalSource, Document, Evidence, Override, OverrideScope, TestSummary, Tool, report_digest,
};
use counterproof_attest::provenance::{NamedIn, Provenance, ProvenanceError};
use counterproof_attest::statement::{PAYLOAD_TYPE, Predicate, ResourceDescriptor, Statement, StatementError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{OTHER_TREE, SHA256, TREE, key, now, time};

fn approval() -> Approval {
    Approval {
        who: "ann@example.com".to_owned(),
        role: Some("owner".to_owned()),
        base_tree: OTHER_TREE.to_owned(),
        head_tree: TREE.to_owned(),
        merge_tree: None,
        change: SHA256.to_owned(),
        time: now(),
        expires: Some(time("2026-12-28T12:00:00Z")),
        comment: None,
        source: ApprovalSource::Local,
        url: None,
    }
}

fn override_() -> Override {
    Override {
        who: "ann@example.com".to_owned(),
        reason: "the payment provider is down".to_owned(),
        scope: OverrideScope {
            target: None,
            stage: "deploy".to_owned(),
            service: Some("cart".to_owned()),
            environment: Some("production".to_owned()),
            artifact: Some(SHA256.to_owned()),
            tree: TREE.to_owned(),
        },
        time: now(),
        expires: time("2026-11-28T16:00:00Z"),
    }
}

fn document() -> Document {
    Document {
        who: "ann@example.com".to_owned(),
        headings: BTreeMap::from([("Rollback".to_owned(), "Redeploy the release before.".to_owned())]),
        base_tree: OTHER_TREE.to_owned(),
        head_tree: TREE.to_owned(),
        time: now(),
    }
}

fn evidence() -> Evidence {
    let report = json!({"schema": "counterproof.check/1", "seconds": 1.8, "exit": 0});
    Evidence {
        tool: Tool {
            name: "counterproof".to_owned(),
            version: "0.1.0".to_owned(),
        },
        base_tree: OTHER_TREE.to_owned(),
        tree: TREE.to_owned(),
        policy_digest: SHA256.to_owned(),
        settings_digest: SHA256.to_owned(),
        report_digest: report_digest(&report),
        report,
        made_by: key().public_key().id(),
        time: now(),
        test_result: TestSummary {
            result: TestOutcome::Passed,
            passed: 14,
            warned: 0,
            failed: 0,
        },
    }
}

fn about_tree() -> Vec<ResourceDescriptor> {
    vec![ResourceDescriptor::git_tree(TREE)]
}

/// Signed, verified, read again: it says the same.
fn round_trip<P: Predicate + PartialEq + std::fmt::Debug + Clone>(predicate: P) {
    let ann = key();
    let statement = Statement::new(about_tree(), predicate.clone()).unwrap();
    let envelope = statement.sign(&ann).unwrap();
    let keys = [ann.public_key()];
    let verified = dsse::verify(&envelope, PAYLOAD_TYPE, &Trusted::keys(&keys)).unwrap();
    let again = Statement::from_verified(&verified).unwrap().typed::<P>().unwrap();
    assert_eq!(again, statement);
    assert!(again.is_about("gitTree", TREE) && !again.is_about("gitTree", OTHER_TREE));
    assert_eq!(again.into_predicate(), predicate);
}

#[test]
fn our_statements_come_back_as_they_were() {
    round_trip(approval());
    round_trip(override_());
    round_trip(document());
    round_trip(evidence());
}

/// What is written today is read tomorrow, by others too: the names of the fields are part of the format.
#[test]
fn the_written_form_of_an_approval_is_pinned() {
    let statement = Statement::new(about_tree(), approval()).unwrap();
    let value: Value = serde_json::from_slice(&statement.to_json().unwrap()).unwrap();
    assert_eq!(
        value,
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"digest": {"gitTree": TREE}}],
            "predicateType": "https://counterproof.dev/approval/v1",
            "predicate": {
                "who": "ann@example.com",
                "role": "owner",
                "base_tree": OTHER_TREE,
                "head_tree": TREE,
                "change": SHA256,
                "time": "2026-11-28T12:00:00Z",
                "expires": "2026-12-28T12:00:00Z",
                "source": "local",
            },
        })
    );
}

fn why<P: Predicate>(predicate: P) -> String {
    match Statement::new(about_tree(), predicate) {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_makes_no_sense_is_refused_before_it_is_signed() {
    let error = why(Approval {
        head_tree: OTHER_TREE.to_owned(),
        ..approval()
    });
    assert!(error.contains("not among the subjects"), "{error}");
    let error = why(Approval {
        expires: Some(now()),
        ..approval()
    });
    assert!(error.contains("`expires`"), "{error}");
    let error = why(Approval {
        base_tree: "HEAD".to_owned(),
        ..approval()
    });
    assert!(error.contains("`base_tree`"), "{error}");
    let error = why(Override {
        reason: " \n".to_owned(),
        ..override_()
    });
    assert!(error.contains("`reason` is empty"), "{error}");
    let error = why(Document {
        headings: BTreeMap::new(),
        ..document()
    });
    assert!(error.contains("`headings`"), "{error}");
    let error = why(Document {
        headings: BTreeMap::from([("Rollback".to_owned(), String::new())]),
        ..document()
    });
    assert!(error.contains("`headings.Rollback` is empty"), "{error}");
    let error = why(Evidence {
        report: json!({}),
        ..evidence()
    });
    assert!(error.contains("`report_digest`"), "{error}");
    let error = Statement::new(Vec::new(), approval()).unwrap_err().to_string();
    assert!(error.contains("subject"), "{error}");
}

/// The same is refused when it comes from somebody else, and what is not known in our own forms as well.
#[test]
fn what_makes_no_sense_is_refused_when_it_is_read() {
    let statement = Statement::new(about_tree(), approval()).unwrap();
    let value: Value = serde_json::from_slice(&statement.to_json().unwrap()).unwrap();
    let read = |place: &str, new: Value| {
        let mut value = value.clone();
        let (parent, field) = place.rsplit_once('/').unwrap();
        value.pointer_mut(parent).unwrap()[field] = new;
        Statement::parse(value.to_string().as_bytes()).and_then(Statement::typed::<Approval>)
    };
    assert!(read("/extra", json!(1)).is_ok());
    assert!(matches!(
        read("/predicate/extra", json!(1)),
        Err(StatementError::PredicateForm { .. })
    ));
    assert!(matches!(
        read("/predicate/who", json!("")),
        Err(StatementError::Invalid(_))
    ));
    assert!(matches!(
        read("/predicate/head_tree", json!(OTHER_TREE)),
        Err(StatementError::Invalid(_))
    ));
    assert!(matches!(
        read("/predicateType", json!("x")),
        Err(StatementError::PredicateType { .. })
    ));
    assert!(matches!(read("/_type", json!("x")), Err(StatementError::Form { .. })));
    assert!(matches!(read("/subject", json!([])), Err(StatementError::NoSubject)));
    assert!(matches!(
        read("/subject", json!([{"name": "x"}])),
        Err(StatementError::Digest { index: 0 })
    ));
    assert!(matches!(
        read("/subject", json!([{"digest": {"sha256": "E3"}}])),
        Err(StatementError::Digest { .. })
    ));
}

#[test]
fn the_specifications_examples_of_results_are_read() {
    let result = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"gitCommit": "d20ace7968ba43c0219f62d71334c1095bab1602"}}],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {"result": "PASSED", "configuration": [{"name": "ci.yml", "digest": {"gitBlob": TREE}}], "new": 1},
    });
    let result = Statement::parse(result.to_string().as_bytes())
        .unwrap()
        .typed::<TestResult>()
        .unwrap();
    assert_eq!(result.predicate().result, TestOutcome::Passed);
    let summary = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "out/example.tar.gz", "digest": {"sha256": SHA256}}],
        "predicateType": "https://slsa.dev/verification_summary/v1",
        "predicate": {
            "verifier": {"id": "https://example.com/publication_verifier"},
            "timeVerified": "1985-04-12T23:20:50.52Z",
            "resourceUri": "https://example.com/example-1.2.3.tar.gz",
            "policy": {"uri": "https://example.com/example_tarball.policy", "digest": {"sha256": SHA256}},
            "inputAttestations": [{"uri": "https://example.com/p.intoto.jsonl", "digest": {"sha256": SHA256}}],
            "verificationResult": "PASSED",
            "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
            "dependencyLevels": {"SLSA_BUILD_LEVEL_3": 5},
            "slsaVersion": "1.0",
        },
    });
    let summary = Statement::parse(summary.to_string().as_bytes()).unwrap();
    let summary = summary.typed::<VerificationSummary>().unwrap();
    assert_eq!(summary.predicate().time_verified, time("1985-04-12T23:20:50.52Z"));
}

const COMMIT: &str = "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d";

fn provenance(kind: &str, predicate: Value) -> Result<Provenance, ProvenanceError> {
    let form = if kind.ends_with("v1") { "v1" } else { "v0.1" };
    let statement = json!({
        "_type": format!("https://in-toto.io/Statement/{form}"),
        "subject": [{"name": "a.whl", "digest": {"sha256": SHA256}}, {"name": "b", "digest": {"sha512": "ab"}}],
        "predicateType": kind,
        "predicate": predicate,
    });
    Provenance::read(&Statement::parse(statement.to_string().as_bytes()).unwrap())
}

#[test]
fn provenance_of_version_1_says_from_which_commits() {
    let read = provenance(
        "https://slsa.dev/provenance/v1",
        json!({
            "buildDefinition": {
                "buildType": "https://actions.github.io/buildtypes/workflow/v1",
                "externalParameters": {
                    "workflow": {"ref": "refs/heads/main", "repository": "https://github.com/o/r", "path": "ci.yml"},
                },
                "internalParameters": null,
                "resolvedDependencies": [
                    {"uri": "git+https://github.com/o/r@refs/heads/main", "digest": {"gitCommit": COMMIT}},
                    {"uri": "git+https://github.com/o/lib", "digest": {"sha1": TREE}},
                    {"uri": "https://example.com/tool", "digest": {"sha256": SHA256}},
                    {"uri": "git+https://github.com/o/bad", "digest": {"gitCommit": "main"}},
                ],
            },
            "runDetails": {
                "builder": {"id": "https://github.com/actions/runner/github-hosted", "version": null},
                "metadata": {"invocationId": "1", "finishedOn": "2026-11-28T12:00:00Z"},
            },
        }),
    )
    .unwrap();
    assert_eq!(read.builder, "https://github.com/actions/runner/github-hosted");
    let commits: Vec<_> = read.commits.iter().map(|commit| commit.id.as_str()).collect();
    assert_eq!(commits, [COMMIT, TREE]);
    assert_eq!(
        read.commits[0].uri.as_deref(),
        Some("git+https://github.com/o/r@refs/heads/main")
    );
    assert_eq!(read.workflow.as_ref().unwrap().path.as_deref(), Some("ci.yml"));
    assert_eq!(read.finished, Some(now()));
    assert!(read.built(SHA256) && read.artifacts.len() == 1);
}

#[test]
fn provenance_of_version_0_2_says_from_which_commits() {
    let read = provenance(
        "https://slsa.dev/provenance/v0.2",
        json!({
            "builder": {"id": "https://github.com/slsa-framework/slsa-github-generator/generic@refs/tags/v1.9.0"},
            "buildType": "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
            "invocation": {"configSource": {"uri": "git+https://github.com/o/r@refs/tags/v1", "digest": {"sha1": COMMIT}, "entryPoint": "r.yml"}},
            "metadata": {"buildFinishedOn": "2026-11-28T12:00:00Z"},
            "materials": [{"uri": "git+https://github.com/o/r@refs/tags/v1", "digest": {"sha1": COMMIT}}],
        }),
    )
    .unwrap();
    let named: Vec<_> = read
        .commits
        .iter()
        .map(|commit| (commit.id.as_str(), commit.named_in))
        .collect();
    assert_eq!(named, [(COMMIT, NamedIn::ConfigSource), (COMMIT, NamedIn::Materials)]);
    assert_eq!(read.finished, Some(now()));
    let least =
        json!({"builder": {"id": "b"}, "buildType": "t", "invocation": null, "metadata": null, "materials": null});
    assert!(
        provenance("https://slsa.dev/provenance/v0.2", least)
            .unwrap()
            .commits
            .is_empty()
    );
}

#[test]
fn what_is_no_provenance_is_refused() {
    let v1 = "https://slsa.dev/provenance/v1";
    assert!(matches!(
        provenance("https://example.com/v1", json!({})),
        Err(ProvenanceError::Type { .. })
    ));
    assert!(matches!(provenance(v1, json!({})), Err(ProvenanceError::Form(_))));
    let unbuilt = json!({"buildDefinition": {"buildType": "t"}, "runDetails": {"builder": {"id": ""}}});
    assert!(matches!(provenance(v1, unbuilt), Err(ProvenanceError::NoBuilder)));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(".{0,6}", inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Else evidence that was stored and read again would not hold its own digest.
    #[test]
    fn a_report_has_the_same_digest_after_it_was_read(report in any_json()) {
        let again: Value = serde_json::from_str(&report.to_string()).unwrap();
        prop_assert_eq!(report_digest(&again), report_digest(&report));
    }

    #[test]
    fn any_predicate_is_read_or_refused(predicate in any_json()) {
        for kind in ["provenance/v1", "provenance/v0.2", "verification_summary/v1"] {
            let text = json!({
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"digest": {"sha256": SHA256}}],
                "predicateType": format!("https://slsa.dev/{kind}"),
                "predicate": predicate,
            }).to_string();
            if let Ok(statement) = Statement::parse(text.as_bytes()) {
                Provenance::read(&statement).ok();
                statement.typed::<VerificationSummary>().ok();
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        Statement::parse(&bytes).ok();
    }
}
