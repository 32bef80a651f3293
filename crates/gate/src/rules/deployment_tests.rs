//! Rules over deployments, and over what time it is: satisfied, and not, and what they say.

use model::gate_input::{GateInput, IncidentFacts, PastVerdict, ProvenanceFacts};
use model::{RuleState as S, Ruling, Stage};

use crate::sample::{approval, ask, deployment, input, only, state};

#[test]
fn deployments_have_their_times() {
    let rule = "kind = \"deployment-window\"\n[[window]]\ndays = [\"mon\", \"tue\"]\nfrom = \"09:00\"\nuntil = \"16:00\"\ntime_zone = \"Europe/Paris\"\n";
    let policy = only(rule);
    let mut input = deployment(&policy);
    let result = ask(&policy, &input);
    assert_eq!(result.state, S::Missing);
    assert!(result.text.contains("opens at 2026-11-30T08:00:00Z"), "{}", result.text);
    for (time, open) in [
        ("2026-11-30T07:59:59Z", false),
        ("2026-11-30T08:00:00Z", true),
        ("2026-11-30T14:59:59Z", true),
        ("2026-11-30T15:00:00Z", false),
        ("2026-07-06T07:00:00Z", true),
    ] {
        input.now = time.parse().expect("a time");
        assert_eq!(state(&policy, &input) == S::Satisfied, open, "{time}");
    }
    let mut elsewhere = policy.clone();
    elsewhere.window[0].environments = vec!["staging".to_owned()];
    assert_eq!(
        state(&elsewhere, &input),
        S::Satisfied,
        "no window is set for production"
    );
}

#[test]
fn a_freeze_holds_deployments_and_merges_where_it_says_so() {
    let rule = "kind = \"freeze\"\n[[freeze]]\nname = \"Christmas\"\nfrom = \"2026-12-20\"\nuntil = \"2026-12-26\"\n";
    let policy = only(rule);
    let mut of_deployment = deployment(&policy);
    assert_eq!(state(&policy, &of_deployment), S::Satisfied);
    for (time, free) in [
        ("2026-12-19T23:59:59Z", true),
        ("2026-12-20T00:00:00Z", false),
        ("2026-12-26T23:59:59Z", false),
        ("2026-12-27T00:00:00Z", true),
    ] {
        of_deployment.now = time.parse().expect("a time");
        assert_eq!(state(&policy, &of_deployment) == S::Satisfied, free, "{time}");
    }
    let mut merge = input(&policy);
    merge.now = "2026-12-24T10:00:00Z".parse().expect("a time");
    assert_eq!(state(&policy, &merge), S::Satisfied);
    let merges = only(&format!("{rule}merges = true\n"));
    assert_eq!(state(&merges, &merge), S::Missing);
}

#[test]
fn a_service_cools_down_after_an_incident() {
    let policy = only("kind = \"cool-down\"\nhours = 24\nroles = [\"director\"]");
    let mut input = deployment(&policy);
    let incident = IncidentFacts {
        id: "INC-7".to_owned(),
        services: vec!["checkout".to_owned()],
        opened: "2026-11-27T09:00:00Z".parse().expect("a time"),
        closed: None,
    };
    assert_eq!(state(&policy, &input), S::Satisfied);
    input.incidents = vec![incident];
    assert!(ask(&policy, &input).text.contains("`INC-7` goes on"));
    input.incidents[0].closed = Some("2026-11-27T12:00:00Z".parse().expect("a time"));
    assert_eq!(state(&policy, &input), S::Missing);
    input.approvals = vec![approval(&policy, "eve")];
    assert_eq!(state(&policy, &input), S::Satisfied);
    input.approvals.clear();
    input.incidents[0].services = vec!["search".to_owned()];
    assert_eq!(state(&policy, &input), S::Satisfied);
    input.incidents[0].services = vec!["checkout".to_owned()];
    input.incidents[0].closed = Some("2026-11-27T09:59:00Z".parse().expect("a time"));
    assert_eq!(state(&policy, &input), S::Satisfied);
}

#[test]
fn an_artifact_needs_provenance_and_a_verdict_for_its_tree() {
    let provenance = only("kind = \"provenance\"");
    let merged = only("kind = \"merged\"\nhours = 48");
    let mut input = deployment(&provenance);
    assert_eq!(state(&provenance, &input), S::Violated);
    assert_eq!(state(&merged, &input), S::Unavailable);
    let about = |input: &mut GateInput| input.deployment.take().expect("a deployment");
    let mut deployment = about(&mut input);
    deployment.provenance = Some(ProvenanceFacts {
        builder: "ci".to_owned(),
        commit: "c".to_owned(),
        tree: "t".to_owned(),
        merged: true,
        source: "p".to_owned(),
    });
    input.deployment = Some(deployment.clone());
    assert_eq!(state(&provenance, &input), S::Satisfied);
    assert!(ask(&merged, &input).text.contains("holds no verdict"));
    let elsewhere = input
        .deployment
        .as_mut()
        .and_then(|deployment| deployment.provenance.as_mut());
    elsewhere.expect("provenance").merged = false;
    assert!(
        ask(&merged, &input)
            .text
            .contains("is not on the branch whose policy judges")
    );
    assert_eq!(state(&merged, &input), S::Missing);
    let verdict = |entry, ruling, trusted| PastVerdict {
        on_refused: None,
        entry,
        stage: Stage::Merge,
        ruling,
        time: "2026-11-27T10:00:00Z".parse().expect("a time"),
        trusted,
        policy_digest: String::new(),
        policy_source: String::new(),
        base_tree: None,
    };
    for (verdicts, wanted) in [
        (vec![verdict(1, Ruling::Pass, true)], S::Satisfied),
        (vec![verdict(1, Ruling::Pass, false)], S::Missing),
        (
            vec![verdict(1, Ruling::Pass, true), verdict(2, Ruling::Block, true)],
            S::Missing,
        ),
        (
            vec![verdict(1, Ruling::Block, true), verdict(2, Ruling::Pass, true)],
            S::Satisfied,
        ),
        (
            vec![verdict(1, Ruling::Pass, true), verdict(2, Ruling::Block, false)],
            S::Satisfied,
        ),
    ] {
        input.deployment = Some(model::gate_input::DeploymentFacts {
            verdicts: verdicts.clone(),
            ..deployment.clone()
        });
        assert_eq!(state(&merged, &input), wanted, "{verdicts:?}");
    }
    deployment.verdicts = vec![verdict(1, Ruling::Pass, true)];
    input.deployment = Some(deployment);
    input.now = "2026-11-30T10:00:00Z".parse().expect("a time");
    assert!(ask(&merged, &input).text.contains("older than 48 hours"));
}
