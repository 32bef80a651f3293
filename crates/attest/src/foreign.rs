//! Predicates of other specifications that Counterproof writes, so that other tools can act on its results. Readers pass
//! over fields that are not known, as those specifications demand.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::statement::{Predicate, ResourceDescriptor, null_is_empty};

/// What came of a run of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TestOutcome {
    /// All passed.
    Passed,
    /// All passed, some with a warning.
    Warned,
    /// At least one failed.
    Failed,
}

/// A run of tests, version 0.1. About the source that was tested.
///
/// Source: <https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// All in all.
    pub result: TestOutcome,
    /// What the tests were run with. The field must be there; the list may be empty.
    pub configuration: Vec<ResourceDescriptor>,
    /// Where the run can be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Names of tests that passed.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub passed_tests: Vec<String>,
    /// Names of tests that passed with a warning.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub warned_tests: Vec<String>,
    /// Names of tests that failed.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub failed_tests: Vec<String>,
}

impl Predicate for TestResult {
    const TYPE: &'static str = "https://in-toto.io/attestation/test-result/v0.1";

    fn check(&self, _subjects: &[ResourceDescriptor]) -> Result<(), String> {
        if self.result != TestOutcome::Failed && !self.failed_tests.is_empty() {
            return Err(format!(
                "{:?} and {} failed tests",
                self.result,
                self.failed_tests.len()
            ));
        }
        Ok(())
    }
}

/// Who verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifier {
    /// Its URI.
    pub id: String,
    /// Versions of its parts, by name.
    #[serde(
        default,
        deserialize_with = "null_is_empty",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub version: BTreeMap<String, String>,
}

/// Whether the artifact is what the policy wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum VerificationResult {
    /// It is.
    Passed,
    /// It is not.
    Failed,
}

/// A verdict about an artifact (SLSA Verification Summary Attestation, version 1).
///
/// Source: <https://slsa.dev/spec/v1.1/verification_summary>
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerificationSummary {
    /// Who verified.
    pub verifier: Verifier,
    /// When.
    pub time_verified: Timestamp,
    /// What was verified.
    pub resource_uri: String,
    /// Against what; with a `uri`.
    pub policy: ResourceDescriptor,
    /// By which statements. If there are any, then all of them, each with a digest.
    #[serde(default, deserialize_with = "null_is_empty", skip_serializing_if = "Vec::is_empty")]
    pub input_attestations: Vec<ResourceDescriptor>,
    /// The verdict.
    pub verification_result: VerificationResult,
    /// Levels that were reached. A verifier's own levels do not begin with `SLSA_`.
    pub verified_levels: Vec<String>,
    /// Version of SLSA, as `MAJOR.MINOR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slsa_version: Option<String>,
}

impl Predicate for VerificationSummary {
    const TYPE: &'static str = "https://slsa.dev/verification_summary/v1";

    fn check(&self, _subjects: &[ResourceDescriptor]) -> Result<(), String> {
        if self.verifier.id.is_empty() || self.resource_uri.is_empty() {
            return Err("`verifier.id` or `resourceUri` is empty".to_owned());
        }
        if self.policy.uri.is_none() {
            return Err("`policy` has no `uri`".to_owned());
        }
        if self.input_attestations.iter().any(|input| input.digest.is_empty()) {
            return Err("one of `inputAttestations` has no digest".to_owned());
        }
        Ok(())
    }
}
