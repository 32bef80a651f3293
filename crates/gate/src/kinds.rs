//! The kinds of rules: what each asks, where, with which parameters, and whether its evidence is made yet.

use model::Stage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::{Effect, Rule};

/// What sort of rule one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// The change can be merged.
    Mergeable,
    /// There is evidence that counts, about this very tree.
    Evidence,
    /// No difference in behaviour that nobody accepted on the target branch.
    NoRegression,
    /// No text of a caller gets newly where it is read as more than text.
    NoExposure,
    /// Nothing of what a reader must not miss: checks removed, certificates not checked, secrets.
    NoConcern,
    /// No more than a share of the changed functions is not verified.
    VerifiedShare,
    /// No test that base passes fails.
    NoBrokenTest,
    /// No test was changed, skipped or deleted so that the new code passes.
    NoFittedTest,
    /// No test asserts less than it did. Nobody makes this evidence yet.
    NoWeakenedTest,
    /// Few mutants on changed lines survive. Nobody makes this evidence yet.
    SurvivingMutants,
    /// Tests grow with the code.
    TestGrowth,
    /// Others than the author have reviewed it.
    TwoPersonReview,
    /// The owners of the services have approved it.
    OwnerReview,
    /// Who owns policy, ledger, hooks and CI has approved that they change.
    ProtectedPaths,
    /// Somebody of a role has signed it.
    SignOff,
    /// A part of all changes, drawn by chance, is signed by somebody of a role.
    Audit,
    /// There is a document about it with the wanted headings.
    ChangeDocument,
    /// What reaches far is seen by one more.
    BlastRadius,
    /// What is risky is seen by one more.
    Risk,
    /// It is a time at which deployments are made.
    DeploymentWindow,
    /// No freeze is on.
    Freeze,
    /// The last incident on the service is over for a while.
    CoolDown,
    /// Something that counts says which tree the artifact was built from.
    Provenance,
    /// That tree was judged, and passed.
    Merged,
    /// Another policy engine allows it.
    Decision,
}

/// A parameter of a rule, by its name in the file.
type Parameter = &'static str;

impl RuleKind {
    /// Its name in the file.
    pub fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Where it makes sense.
    pub fn stages(self) -> &'static [Stage] {
        use RuleKind as K;
        match self {
            K::DeploymentWindow | K::CoolDown | K::Provenance | K::Merged => &[Stage::Deploy],
            K::Freeze | K::Decision | K::SignOff | K::ChangeDocument => &[Stage::Merge, Stage::Deploy],
            _ => &[Stage::Merge],
        }
    }

    /// Where it is asked when the rule does not say.
    pub fn default_stages(self) -> &'static [Stage] {
        match self {
            Self::SignOff | Self::ChangeDocument => &[Stage::Merge],
            other => other.stages(),
        }
    }

    /// What it does to the verdict where it is not satisfied, when the rule does not say.
    pub fn effect(self) -> Effect {
        use RuleKind as K;
        match self {
            K::NoRegression
            | K::NoExposure
            | K::NoConcern
            | K::NoBrokenTest
            | K::NoFittedTest
            | K::NoWeakenedTest
            | K::Provenance
            | K::Decision => Effect::Block,
            _ => Effect::Hold,
        }
    }

    /// Whether its evidence is made by this program. A rule over evidence that nobody makes is never satisfied.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::NoWeakenedTest | Self::SurvivingMutants)
    }

    /// The parameters that it takes.
    pub fn parameters(self) -> &'static [Parameter] {
        use RuleKind as K;
        match self {
            K::NoRegression => &["minor"],
            K::VerifiedShare => &["share"],
            K::SurvivingMutants => &["most"],
            K::TestGrowth => &["ratio", "from_lines"],
            K::TwoPersonReview => &["reviewers", "reviewers_when_strong"],
            K::SignOff => &["roles", "levels", "ai_assisted", "unknown_too"],
            K::Audit => &["share", "roles"],
            K::ChangeDocument => &["headings", "words"],
            K::BlastRadius => &["most"],
            K::Risk => &["score"],
            K::CoolDown => &["hours", "roles"],
            K::Merged => &["hours"],
            _ => &[],
        }
    }
}

/// The parameters that a rule gives.
pub(crate) fn given(rule: &Rule) -> Vec<Parameter> {
    let all: [(Parameter, bool); 13] = [
        ("share", rule.share.is_some()),
        ("most", rule.most.is_some()),
        ("score", rule.score.is_some()),
        ("ratio", rule.ratio.is_some()),
        ("from_lines", rule.from_lines.is_some()),
        ("reviewers", rule.reviewers.is_some()),
        ("reviewers_when_strong", rule.reviewers_when_strong.is_some()),
        ("roles", !rule.roles.is_empty()),
        ("levels", !rule.levels.is_empty()),
        ("ai_assisted", rule.ai_assisted),
        ("headings", !rule.headings.is_empty()),
        ("words", rule.words.is_some()),
        ("hours", rule.hours.is_some()),
    ];
    let mut given: Vec<Parameter> = all.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    let flags = [("minor", rule.minor), ("unknown_too", rule.unknown_too)];
    given.extend(flags.iter().filter(|(_, is)| *is).map(|(name, _)| *name));
    given
}
