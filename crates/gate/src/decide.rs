//! The verdict: every rule that applies, asked.

use model::gate_input::{GateInput, OverrideFacts, PersonKind, Standing};
use model::verdict::SCHEMA;
use model::{RuleResult, RuleState, Ruling, Verdict, VerdictSubject};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::frameworks;
use crate::policy::{Policy, Rule};
use crate::rules::review::Needed;
use crate::rules::{self, Asked};
use crate::{risk, words};

/// Digest of bytes, `sha256:…`.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}

/// Digest of what serialises, as compact JSON. The types that this is asked of hold no maps without order.
pub fn digest_of_input(input: &impl Serialize) -> String {
    digest(&serde_json::to_vec(input).unwrap_or_default())
}

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// Digest of what is asked, with the day (UTC) and not the time of it, and without what others decided about it: a decision is about
/// this.
pub fn digest_of_question(input: &GateInput) -> String {
    let second = input.now.as_second();
    let question = GateInput {
        now: jiff::Timestamp::from_second(second - second.rem_euclid(DAY)).unwrap_or_default(),
        // Counted back from now.
        history: model::gate_input::HistoryFacts::default(),
        decisions: Vec::new(),
        notes: Vec::new(),
        digest: None,
        ..input.clone()
    };
    digest_of_input(&question)
}

/// Gives the verdict. `policy` has the rules of the default policy in it where it wants them ([`Policy::with_defaults`]).
pub fn decide(policy: &Policy, input: &GateInput) -> Verdict {
    let tier = input.services.iter().map(|service| service.tier).min();
    let risk = input.change.as_ref().map(|_| risk::of(&policy.risk, input));
    let active = frameworks::active(policy, input);
    let applying: Vec<(&Rule, Result<Option<&str>, String>)> = policy
        .rule
        .iter()
        .filter(|rule| !rule.off)
        .map(|rule| (rule, applies(rule, policy, input, &active)))
        .collect();
    let asked: Vec<&Rule> = applying
        .iter()
        .filter(|(_, is)| is.is_ok())
        .map(|(rule, _)| *rule)
        .collect();
    let needed = Needed::of(policy, input, &asked, risk.as_ref());
    let mut rules: Vec<RuleResult> = applying
        .into_iter()
        .map(|(rule, applies)| match applies {
            Ok(framework) => {
                let question = Asked {
                    policy,
                    input,
                    rule,
                    needed: &needed,
                    risk: risk.as_ref(),
                };
                rules::ask(&question).result(rule, framework)
            }
            Err(why) => rules::Answer::not_applicable(why).result(rule, None),
        })
        .collect();
    let mut notes = input.notes.clone();
    notes.extend(frameworks::notes(policy, input));
    overridden(policy, input, &mut rules, &mut notes);
    rules.sort_by_key(|result| std::cmp::Reverse(result.state));
    let ruling = rules.iter().map(|result| result.state.ruling()).max();
    let nothing = rules.iter().all(|result| result.state == RuleState::NotApplicable);
    if nothing {
        notes.push("no rule of the policy is about this: nothing was judged".to_owned());
    }
    Verdict {
        schema: SCHEMA.to_owned(),
        tool_version: input.tool_version.clone(),
        stage: input.stage,
        // A gate that asks nothing has not judged.
        ruling: if nothing {
            Ruling::Hold
        } else {
            ruling.unwrap_or(Ruling::Hold)
        },
        subject: subject(input),
        time: input.now,
        policy: input.policy.clone(),
        input: digest_of_input(input),
        tier,
        rules,
        risk,
        notes,
    }
}

fn subject(input: &GateInput) -> VerdictSubject {
    let change = input.change.as_ref();
    let deployment = input.deployment.as_ref();
    let built = deployment.and_then(|deployment| deployment.provenance.as_ref());
    VerdictSubject {
        base_tree: change.map(|change| change.base_tree.clone()),
        tree: built
            .map(|built| built.tree.clone())
            .or_else(|| change.and_then(|change| change.tree.clone())),
        commit: built
            .map(|built| built.commit.clone())
            .or_else(|| change.and_then(|change| change.commit.clone())),
        service: deployment.map(|deployment| deployment.service.clone()),
        environment: deployment.map(|deployment| deployment.environment.clone()),
        artifact: deployment.map(|deployment| deployment.artifact.clone()),
    }
}

/// Whether a rule is asked, and for which framework; or why it is not.
fn applies<'a>(
    rule: &Rule,
    policy: &'a Policy,
    input: &GateInput,
    active: &[&'a crate::policy::Framework],
) -> Result<Option<&'a str>, String> {
    let stages = if rule.stages.is_empty() {
        rule.kind.default_stages()
    } else {
        rule.stages.as_slice()
    };
    if !stages.contains(&input.stage) {
        return Err(format!("it is not asked at the stage `{}`", input.stage.word()));
    }
    let tiers: Vec<u8> = input.services.iter().map(|service| service.tier).collect();
    if !rule.tiers.is_empty() && !tiers.iter().any(|tier| rule.tiers.contains(tier)) {
        let of = rule.tiers.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        return Err(match tiers.iter().min() {
            Some(tier) => format!("it is for tier {of}, and this is tier {tier}"),
            None => format!("it is for tier {of}, and this belongs to no service"),
        });
    }
    let is_named = |name: &String| input.services.iter().any(|service| service.name == *name);
    if !rule.services.is_empty() && !rule.services.iter().any(is_named) {
        return Err(format!("it is for {}", words::or(&rule.services)));
    }
    if let Some(deployment) = &input.deployment
        && !rule.environments.is_empty()
        && !rule.environments.contains(&deployment.environment)
    {
        return Err(format!("it is for the environment {}", words::or(&rule.environments)));
    }
    let name = rule.name.get_ref();
    let of_frameworks: Vec<_> = policy
        .framework
        .iter()
        .filter(|framework| framework.rules.contains(name))
        .collect();
    if of_frameworks.is_empty() {
        return Ok(None);
    }
    let on = active.iter().find(|framework| framework.rules.contains(name));
    match on {
        Some(framework) => Ok(Some(framework.name.get_ref())),
        None => {
            let names: Vec<&String> = of_frameworks.iter().map(|framework| framework.name.get_ref()).collect();
            Err(format!(
                "it is part of {}, which is not on for this",
                words::and(&names)
            ))
        }
    }
}

/// Lets overrides stand in for what is not satisfied.
fn overridden(policy: &Policy, input: &GateInput, rules: &mut [RuleResult], notes: &mut Vec<String>) {
    let mut counting: Option<&OverrideFacts> = None;
    for one in &input.overrides {
        match why_not(policy, input, one) {
            None => counting = Some(one),
            Some(why) => notes.push(format!(
                "the override of {} ({}) does not count: {why}",
                one.by.id, one.source
            )),
        }
    }
    let Some(one) = counting else {
        return;
    };
    for result in rules.iter_mut().filter(|result| result.state.ruling() != Ruling::Pass) {
        result.state = RuleState::Overridden;
        result.text = format!(
            "{}; overridden by {} until {}: {}",
            result.text, one.by.id, one.expires, one.reason
        );
        result.evidence.push(one.source.clone());
        result.give.clear();
    }
}

/// Why an override does not count.
fn why_not(policy: &Policy, input: &GateInput, one: &OverrideFacts) -> Option<String> {
    if let Standing::Void(why) | Standing::Stale(why) = &one.standing {
        return Some(why.clone());
    }
    if one.by.kind != PersonKind::Human {
        return Some("only a person can take it on".to_owned());
    }
    if one.reason.trim().is_empty() {
        return Some("it has no reason".to_owned());
    }
    if one.expires <= input.now {
        return Some(format!("it ended at {}", one.expires));
    }
    let most = policy
        .gate
        .overrides_last_hours
        .unwrap_or(crate::policy::OVERRIDE_HOURS);
    let left = one.expires.as_second() - input.now.as_second();
    (left > i64::from(most) * 3600).then(|| format!("it is for longer than the {most} hours that the policy allows"))
}
