//! A change, its policy and its papers, for tests: everything is in order until a test takes something away.

use model::gate_input::{
    ApprovalFacts, ChangeFacts, DeploymentFacts, EvidenceFacts, FileFacts, FileKind, FunctionCounts, GateInput,
    PersonFacts, PersonKind, PolicyIdentity, ServiceFacts, Standing, WrittenBy,
};
use model::{RuleResult, RuleState, Stage, Verdict};

use crate::policy::Policy;

/// Reads a policy; the default rules are not in it.
pub fn policy(text: &str) -> Policy {
    let policy: Policy = toml::from_str(text).expect("a policy");
    policy.validate().expect("it makes sense");
    policy
}

/// One rule and nothing else.
pub fn only(rule: &str) -> Policy {
    policy(&format!(
        "{PEOPLE}\n[gate]\nwithout_defaults = true\n[[rule]]\nname = \"it\"\n{rule}\n"
    ))
}

/// Those who are in the tests.
pub const PEOPLE: &str = r#"
[[person]]
id = "ada"
level = "junior"
[[person]]
id = "bob"
level = "senior"
roles = ["senior"]
[[person]]
id = "eve"
level = "senior"
roles = ["senior", "director"]
[[person]]
id = "robot"
kind = "agent"
roles = ["senior"]
[[service]]
name = "checkout"
paths = ["checkout/"]
tier = 1
owners = ["bob"]
[[service]]
name = "search"
paths = ["search/"]
tier = 3
"#;

pub fn person(policy: &Policy, id: &str) -> PersonFacts {
    match policy.person(id) {
        Some(person) => PersonFacts {
            id: id.to_owned(),
            known: true,
            kind: person.kind,
            level: person.level.clone(),
            roles: person.roles.clone(),
        },
        None => PersonFacts {
            id: id.to_owned(),
            kind: PersonKind::Human,
            ..PersonFacts::default()
        },
    }
}

/// A change of `checkout` by ada, with evidence that counts and shows the same, weakly.
pub fn input(policy: &Policy) -> GateInput {
    // A Saturday.
    let now = "2026-11-28T10:00:00Z".parse().expect("a time");
    GateInput {
        change: Some(ChangeFacts {
            target: "main".to_owned(),
            base_tree: "b".to_owned(),
            head_tree: "h".to_owned(),
            tree: Some("m".to_owned()),
            files: vec![file("checkout/pay.py", FileKind::Code, 80, 2)],
            functions: 3,
            dependents: 4,
            commits: 1,
            authors: vec![person(policy, "ada")],
            written_by: WrittenBy {
                ai: 70,
                unknown: 10,
                tools: vec!["claude-code".to_owned()],
                ..WrittenBy::default()
            },
            ..ChangeFacts::default()
        }),
        services: vec![ServiceFacts {
            name: "checkout".to_owned(),
            tier: 1,
            owners: vec!["bob".to_owned()],
        }],
        evidence: vec![EvidenceFacts {
            digest: "sha256:e".to_owned(),
            made_by: "ci".to_owned(),
            counts: true,
            functions: FunctionCounts {
                weak: 3,
                ..FunctionCounts::default()
            },
            ..EvidenceFacts::default()
        }],
        ..GateInput::new("0", Stage::Merge, now, PolicyIdentity::default())
    }
}

/// A deployment of `checkout` to production.
pub fn deployment(policy: &Policy) -> GateInput {
    GateInput {
        stage: Stage::Deploy,
        change: None,
        deployment: Some(DeploymentFacts {
            service: "checkout".to_owned(),
            environment: "production".to_owned(),
            artifact: "sha256:a".to_owned(),
            ..DeploymentFacts::default()
        }),
        ..input(policy)
    }
}

pub fn file(path: &str, kind: FileKind, added: u32, removed: u32) -> FileFacts {
    FileFacts {
        path: path.to_owned(),
        base_path: None,
        kind,
        added,
        removed,
        services: vec!["checkout".to_owned()],
        owners: vec!["bob".to_owned()],
        guards: None,
    }
}

/// An approval that stands.
pub fn approval(policy: &Policy, by: &str) -> ApprovalFacts {
    ApprovalFacts {
        by: person(policy, by),
        role: None,
        head_tree: "h".to_owned(),
        time: "2026-11-28T09:00:00Z".parse().expect("a time"),
        source: format!("ledger of {by}"),
        standing: Standing::Fresh("it is over this very tree".to_owned()),
    }
}

/// What becomes of the one rule.
pub fn ask(policy: &Policy, input: &GateInput) -> RuleResult {
    let verdict = crate::decide(policy, input);
    assert_eq!(verdict.rules.len(), 1, "{verdict:?}");
    verdict.rules.into_iter().next().expect("a rule")
}

/// What becomes of the one rule, without why.
pub fn state(policy: &Policy, input: &GateInput) -> RuleState {
    ask(policy, input).state
}

/// What became of a rule of a verdict.
pub fn of<'a>(verdict: &'a Verdict, rule: &str) -> &'a RuleResult {
    verdict
        .rules
        .iter()
        .find(|result| result.rule == rule)
        .unwrap_or_else(|| panic!("no rule {rule}"))
}
