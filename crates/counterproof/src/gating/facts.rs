//! What a verdict is made of, gathered: from git, from a check, from the ledger, and from the clock.

use std::time::Instant;

use camino::Utf8Path;
use change::{Merge, MergeRequest};
use gate::WhoseEvidence;
use gate::owners::Map;
use jiff::Timestamp;
use model::gate_input::{ChangeFacts, EvidenceFacts, FileFacts, GateInput, HistoryFacts, SCHEMA, ServiceFacts};
use model::{Change, Reason, Stage};

use super::policy::{self, Judging};
use super::seen;
use crate::args::{CheckArgs, MergeArgs};
use crate::check;
use crate::error::CliError;
use crate::settings::Settings;
use crate::versions::Cache;

/// The policy that judges a merge, and all that it is asked about.
///
/// # Errors
/// When there is no such change, or nothing can be written.
pub fn of_merge(folder: &Utf8Path, args: &MergeArgs) -> Result<(Judging, GateInput), CliError> {
    let started = Instant::now();
    let cache = Cache::open(&crate::settings::cache_folder())?;
    let (target, head) = ends(args.range.as_deref())?;
    let request = MergeRequest {
        repository: folder.as_std_path().to_owned(),
        target,
        head,
        scratch: cache.temporary()?.into_std_path_buf(),
    };
    let mut merge = change::merge(&request).map_err(|error| cache.full_or(error.into()))?;
    let judging = policy::of(&merge.pair.base, &merge.target.name)?;
    let mut input = GateInput {
        schema: SCHEMA.to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        stage: Stage::Merge,
        now: Timestamp::now(),
        policy: judging.identity.clone(),
        change: None,
        services: Vec::new(),
        evidence: Vec::new(),
        approvals: Vec::new(),
        documents: Vec::new(),
        overrides: Vec::new(),
        incidents: Vec::new(),
        deployment: None,
        history: HistoryFacts::default(),
        decisions: Vec::new(),
        notes: merge.notes.clone(),
    };
    let facts = change_facts(&merge, &judging)?;
    input.services = services(&facts, &judging);
    input.notes.extend(claimed_twice(&facts));
    input.notes.extend(judging.owners.unread.iter().cloned());
    if merge.tree().is_some() {
        input.evidence = evidence(folder, &judging, &cache, &mut merge, started)?;
    }
    input.change = Some(facts);
    Ok((judging, input))
}

/// `BASE..HEAD`, or a target alone.
fn ends(range: Option<&str>) -> Result<(Option<String>, Option<String>), CliError> {
    let Some(range) = range else {
        return Ok((None, None));
    };
    let some = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    if range.contains("...") {
        return Err(CliError::Usage(format!(
            "`{range}`: the gate judges the result of the merge, so write TARGET..CHANGE with two dots"
        )));
    }
    match range.split_once("..") {
        Some((target, head)) => Ok((some(target), some(head))),
        None => Err(CliError::Usage(format!(
            "`{range}` is no range: write TARGET..CHANGE, for example main..{range}"
        ))),
    }
}

fn change_facts(merge: &Merge, judging: &Judging) -> Result<ChangeFacts, CliError> {
    let change = &merge.change;
    let map = Map::new(&judging.policy, &judging.owners);
    let files: Vec<FileFacts> = change
        .files
        .iter()
        .map(|file| {
            let (added, removed) = merge.lines.get(&file.path).copied().unwrap_or_default();
            // A file that moves out of a service, or from under its owners, is theirs as well.
            let both = |of: &dyn Fn(&str) -> Vec<String>| {
                let mut all = of(&file.path);
                all.extend(file.base_path.iter().flat_map(|path| of(path)));
                all.sort_unstable();
                all.dedup();
                all
            };
            FileFacts {
                kind: seen::kind_of(&file.path),
                added,
                removed,
                services: both(&|path| map.services(path)),
                owners: both(&|path| map.owners(path)),
                guards: map
                    .guards(&file.path)
                    .or_else(|| file.base_path.as_ref().and_then(|path| map.guards(path))),
                path: file.path.clone(),
                base_path: file.base_path.clone(),
            }
        })
        .collect();
    let (functions, dependents) = reach(change);
    Ok(ChangeFacts {
        target: merge.target.name.clone(),
        target_commit: merge.target.commit.clone(),
        base_tree: merge.target.tree.clone(),
        commit: merge.head.commit.clone(),
        head_tree: merge.head.tree.clone(),
        tree: merge.tree().map(str::to_owned),
        conflicts: merge.conflicts.clone(),
        files,
        functions,
        dependents,
        broken_policy: policy::broken(&merge.pair.head)?,
        ..ChangeFacts::default()
    })
}

/// Functions that differ, and those that only use what does.
fn reach(change: &Change) -> (u32, u32) {
    let is_dependent = |reasons: &[Reason]| reasons.iter().all(|reason| matches!(reason, Reason::Dependency(_)));
    let (dependents, own): (Vec<_>, Vec<_>) = change
        .functions
        .iter()
        .partition(|function| is_dependent(&function.reasons));
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (number(own.len()), number(dependents.len()))
}

fn services(facts: &ChangeFacts, judging: &Judging) -> Vec<ServiceFacts> {
    let is_concerned = |name: &String| facts.files.iter().any(|file| file.services.contains(name));
    let services = judging.policy.service.iter();
    services
        .filter(|service| is_concerned(service.name.get_ref()))
        .map(|service| ServiceFacts {
            name: service.name.get_ref().clone(),
            tier: service.tier,
            owners: service.owners.clone(),
        })
        .collect()
}

/// Paths that two services claim: both count.
fn claimed_twice(facts: &ChangeFacts) -> Option<String> {
    let file = facts.files.iter().find(|file| file.services.len() > 1)?;
    Some(format!(
        "{} belongs to {}: the rules of each apply; say in counterproof.toml whose it is",
        file.path,
        gate::words::and(&file.services)
    ))
}

/// Evidence about the merge result: a check with the target's settings.
fn evidence(
    folder: &Utf8Path,
    judging: &Judging,
    cache: &Cache,
    merge: &mut Merge,
    started: Instant,
) -> Result<Vec<EvidenceFacts>, CliError> {
    let args = CheckArgs::default();
    let settings = Settings::of(&args, &check::root_of(folder), &judging.config)?;
    let mut change = merge.change.clone();
    check::leave_out(&mut change, &settings.exclude);
    let (_, report) = check::judge_pair(folder, &args, &settings, cache, change, &merge.pair, started)?;
    let mut facts = seen::facts(&report);
    facts.digest = gate::digest_of_input(&report);
    facts.made_by = "this machine".to_owned();
    facts.counts = judging.policy.whose_evidence(Stage::Merge) == WhoseEvidence::Anybody;
    if !facts.counts {
        let runners: Vec<&String> = judging.policy.gate.runner.iter().map(|runner| &runner.name).collect();
        facts.why_not = Some(format!("the policy counts what {} signs", gate::words::or(&runners)));
    }
    Ok(vec![facts])
}
