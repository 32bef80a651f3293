//! Verdicts and evidence as signed statements, for the ledger and for those who enforce them.

use std::collections::BTreeMap;

use attest::foreign::{TestOutcome, TestResult, VerificationResult, VerificationSummary, Verifier};
use attest::predicates::{Decided, Evidence, TestSummary, Tool, report_digest};
use attest::statement::ResourceDescriptor;
use model::gate_input::GateInput;
use model::report::CheckReport;
use model::{Ruling, Stage, Subject, TestStatus, Verdict};
use serde_json::Value;

use super::policy::Judging;
use crate::error::CliError;
use crate::records::keys::Key;
use crate::records::statements::Sealed;

/// Who verified, in a summary for other tools.
const VERIFIER: &str = "https://counterproof.dev/gate";

/// What a verdict is about.
fn subjects(verdict: &Verdict) -> Vec<ResourceDescriptor> {
    let about = &verdict.subject;
    let mut subjects = Vec::new();
    if let Some(artifact) = &about.artifact {
        let name = about.service.as_deref().unwrap_or("artifact");
        subjects.push(ResourceDescriptor::file(name, artifact.trim_start_matches("sha256:")));
    } else if let Some(tree) = &about.tree {
        subjects.push(ResourceDescriptor::git_tree(tree));
    } else if let Some(tree) = &about.base_tree {
        // Nothing came of the merge: it is about the target alone.
        subjects.push(ResourceDescriptor::git_tree(tree));
    }
    subjects
}

/// The verdict, signed: with every rule, and as a summary (SLSA VSA) that other tools enforce; beside it, what it was made of.
///
/// # Errors
/// When it cannot be signed.
pub fn sealed(key: &Key, judging: &Judging, input: &GateInput, verdict: &Verdict) -> Result<Sealed, CliError> {
    let value = serde_json::to_value(verdict).unwrap_or_default();
    let mut sealed = Sealed::sign(key, subjects(verdict), Decided::new(value, verdict.time))?;
    sealed.add(key, subjects(verdict), summary(input, verdict))?;
    sealed.input = serde_json::to_value(input).ok();
    sealed.policy = judging.text.clone();
    sealed.owners = judging.owners_text.clone();
    Ok(sealed)
}

/// What a verdict's entry in the ledger is about.
pub fn subject(verdict: &Verdict) -> Subject {
    let about = &verdict.subject;
    Subject {
        base_tree: about.base_tree.clone(),
        tree: about.tree.clone(),
        commit: about.commit.clone(),
        service: about.service.clone(),
        environment: about.environment.clone(),
        artifact: about.artifact.clone(),
        ..Subject::default()
    }
}

fn summary(input: &GateInput, verdict: &Verdict) -> VerificationSummary {
    let about = &verdict.subject;
    let inputs = input.evidence.iter().filter(|evidence| evidence.counts);
    let digest = |name: &str, digest: &str| {
        let mut descriptor = ResourceDescriptor::file(name, digest.trim_start_matches("sha256:"));
        descriptor.name = None;
        descriptor.uri = Some(format!("urn:counterproof:{name}"));
        descriptor
    };
    let mut policy = digest("policy", &verdict.policy.digest);
    policy.uri = Some(format!(
        "urn:counterproof:policy:{}",
        verdict.policy.source.replace(' ', "%20")
    ));
    let mut input_attestations: Vec<ResourceDescriptor> =
        inputs.map(|evidence| digest("evidence", &evidence.digest)).collect();
    input_attestations.push(digest("input", &verdict.input));
    VerificationSummary {
        verifier: Verifier {
            id: VERIFIER.to_owned(),
            version: BTreeMap::from([("counterproof".to_owned(), verdict.tool_version.clone())]),
        },
        time_verified: verdict.time,
        resource_uri: match verdict.stage {
            Stage::Deploy => format!(
                "urn:counterproof:deploy:{}:{}",
                about.environment.as_deref().unwrap_or("-"),
                about.service.as_deref().unwrap_or("-")
            ),
            Stage::Merge => format!("urn:counterproof:merge:{}", about.tree.as_deref().unwrap_or("-")),
        },
        policy,
        input_attestations,
        verification_result: match verdict.ruling {
            Ruling::Pass => VerificationResult::Passed,
            Ruling::Hold | Ruling::Block => VerificationResult::Failed,
        },
        verified_levels: match verdict.ruling {
            Ruling::Pass => vec![format!("COUNTERPROOF_GATE_{}", verdict.stage.word().to_uppercase())],
            Ruling::Hold | Ruling::Block => Vec::new(),
        },
        slsa_version: None,
    }
}

/// Evidence about a merge result, signed by whoever made it.
///
/// # Errors
/// When it cannot be signed.
pub fn evidence(
    key: &Key,
    judging: &Judging,
    settings_digest: &str,
    trees: (&str, &str),
    report: &CheckReport,
    now: jiff::Timestamp,
) -> Result<Sealed, CliError> {
    let value: Value = serde_json::to_value(report).unwrap_or_default();
    let count = |status: TestStatus| {
        let number = report.tests.iter().filter(|test| test.status == status).count();
        u32::try_from(number).unwrap_or(u32::MAX)
    };
    let failed = count(TestStatus::Broken) + count(TestStatus::ChangedToFit);
    let names = |wanted: &[TestStatus]| -> Vec<String> {
        let of = report.tests.iter().filter(|test| wanted.contains(&test.status));
        of.map(|test| format!("{}::{}", test.path, test.name)).collect()
    };
    let tests = TestResult {
        result: if failed > 0 {
            TestOutcome::Failed
        } else {
            TestOutcome::Passed
        },
        configuration: Vec::new(),
        url: None,
        passed_tests: names(&[TestStatus::Passed]),
        warned_tests: Vec::new(),
        failed_tests: names(&[TestStatus::Broken, TestStatus::ChangedToFit]),
    };
    let (base_tree, tree) = trees;
    let evidence = Evidence {
        tool: Tool {
            name: "counterproof".to_owned(),
            version: report.tool_version.clone(),
        },
        base_tree: base_tree.to_owned(),
        tree: tree.to_owned(),
        policy_digest: judging.identity.digest.trim_start_matches("sha256:").to_owned(),
        settings_digest: settings_digest.trim_start_matches("sha256:").to_owned(),
        report_digest: report_digest(&value),
        report: value,
        made_by: key.public().id(),
        time: now,
        test_result: TestSummary {
            result: tests.result,
            passed: count(TestStatus::Passed),
            warned: 0,
            failed,
        },
    };
    let subjects = || vec![ResourceDescriptor::git_tree(tree)];
    let mut sealed = Sealed::sign(key, subjects(), evidence)?;
    // The same in a form that other tools know; a run of no test is none.
    if !tests.passed_tests.is_empty() || !tests.failed_tests.is_empty() {
        sealed.add(key, subjects(), tests)?;
    }
    Ok(sealed)
}
