//! What a verdict is made of, gathered: from git, from a check, from the ledger, and from the clock.

use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use change::{Merge, MergeRequest};
use gate::owners::Map;
use jiff::Timestamp;
use model::gate_input::{
    ChangeFacts, Decision, FileFacts, GateInput, HistoryFacts, IncidentFacts, PersonFacts, PersonKind, ServiceFacts,
};
use model::{Change, Reason, RecordKind, Stage};

use super::papers::{self, Kept};
use super::policy::{self, Judging};
use super::{evidence, people, reviewing, seen};
use crate::args::MergeArgs;
use crate::check;
use crate::error::CliError;
use crate::records::place::Place;
use crate::records::statements::{Sealed, Vouched};
use crate::versions::Cache;

/// All that a verdict is asked of, and what goes into the ledger with it.
pub struct Asked {
    /// The policy that judges.
    pub judging: Judging,
    /// What it is asked about.
    pub input: GateInput,
    /// Where the ledger is.
    pub place: Place,
    /// Why the ledger cannot be trusted, where there is one and that is so.
    pub trouble: Option<String>,
    /// Why nothing is known of the service, where that is so.
    pub unknown_service: Option<String>,
    /// Statements to be kept in the ledger before the verdict.
    pub to_keep: Vec<(RecordKind, Sealed)>,
    /// Findings whose acceptance counts, or may, and is not in the ledger yet: what lies beside each entry.
    pub acceptances: Vec<Vec<u8>>,
}

/// The policy that judges a merge, and all that it is asked about.
///
/// # Errors
/// When there is no such change, or nothing can be written.
pub fn of_merge(folder: &Utf8Path, args: &MergeArgs) -> Result<Asked, CliError> {
    let started = Instant::now();
    let now = Timestamp::now();
    let cache = Cache::open(&crate::settings::cache_folder())?;
    let merge = merge_of(folder, args.range.as_deref(), &cache)?;
    let judging = policy::of(&merge.pair.base, &merge.target.name)?;
    let version = env!("CARGO_PKG_VERSION");
    let mut input = GateInput::new(version, Stage::Merge, now, judging.identity.clone());
    input.notes.clone_from(&merge.notes);
    let mut facts = change_facts(&merge, &judging)?;
    let (notes, addresses) = written_by(&judging, &merge, &mut facts)?;
    input.notes.extend(notes);
    input.decisions = decisions(&args.decision)?;
    input.services = services(&facts, &judging);
    input.notes.extend(claimed_twice(&facts));
    input.notes.extend(judging.owners.unread.iter().cloned());
    let place = Place::of(&judging.config.ledger, &check::top_of(folder))?;
    let kept = papers::kept(&place, now);
    let vouched = Vouched::of(&judging.policy, judging.signers.as_deref());
    input.notes.extend(vouched.notes.iter().cloned());
    let papers = papers::of_merge(&judging, &vouched, &merge, &kept, &args.statement, now)?;
    input.notes.extend(papers.notes);
    input.incidents = incidents(&kept, &input);
    let (reviews, notes) = reviewing::approvals(args.pull_request.as_deref(), &judging, &merge)?;
    input.notes.extend(notes);
    input.approvals = papers.approvals;
    input.approvals.extend(reviews);
    input.documents = papers.documents;
    input.overrides = papers.overrides;
    let mut to_keep = papers.to_keep;
    let asking = evidence::Asking {
        folder,
        judging: &judging,
        vouched: &vouched,
        cache: &cache,
        merge: &merge,
        started,
        now,
    };
    let (told, evidence) = std::thread::scope(|scope| {
        let evidence = scope.spawn(|| match merge.tree() {
            Some(_) => asking.evidence(&papers.evidence, &papers.earlier),
            None => Ok((Vec::new(), None)),
        });
        let told = history(&merge, &facts, addresses, now);
        (told, evidence.join())
    });
    let (evidence, made) = evidence.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    input.evidence = evidence;
    to_keep.extend(made.map(|sealed| (RecordKind::Evidence, sealed)));
    let (history, notes) = told?;
    input.history = history;
    input.history.hours_since_incident = hours_since(&input.incidents, now);
    input.notes.extend(notes);
    input.change = Some(facts);
    Ok(Asked {
        acceptances: acceptances(&kept, &input, &merge),
        judging,
        input,
        place,
        trouble: kept.trouble,
        unknown_service: None,
        to_keep,
    })
}

/// Findings whose acceptance counts, or may, and is not in the ledger yet.
fn acceptances(kept: &Kept, input: &GateInput, merge: &Merge) -> Vec<Vec<u8>> {
    let known = kept.acceptances();
    let findings = input.evidence.iter().flat_map(|evidence| &evidence.findings);
    findings
        .filter(|finding| (finding.accepted || finding.pending) && !known.contains(&finding.id))
        .map(|finding| {
            let who = if finding.accepted {
                merge.target.name.as_str()
            } else {
                "the change itself"
            };
            crate::records::acceptance(&finding.id, &finding.function, &finding.text, who)
        })
        .collect()
}

/// The change that is meant, merged.
///
/// # Errors
/// When there is no such change, or nothing can be written.
pub fn merge_of(folder: &Utf8Path, range: Option<&str>, cache: &Cache) -> Result<Merge, CliError> {
    let (target, head) = ends(range)?;
    let request = MergeRequest {
        repository: folder.as_std_path().to_owned(),
        target,
        head,
        scratch: cache.temporary()?.into_std_path_buf(),
        remembered: cache.remembered(),
    };
    change::merge(&request).map_err(|error| cache.full_or(error.into()))
}

/// Decisions of other policy engines, out of files.
///
/// # Errors
/// When one is none.
pub fn decisions(files: &[Utf8PathBuf]) -> Result<Vec<Decision>, CliError> {
    files.iter().map(|file| decision(file)).collect()
}

/// Incidents on the services that are concerned, and how long ago the last one ended.
pub fn incidents(kept: &Kept, input: &GateInput) -> Vec<IncidentFacts> {
    let is_concerned = |name: &String| input.services.iter().any(|service| service.name == *name);
    let all = kept.incidents().into_iter();
    all.filter(|incident| incident.services.iter().any(is_concerned))
        .collect()
}

/// `TARGET..CHANGE`; what is left out is found by default.
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

/// What the history tells of the files of the change, and what a reader should know of how that was told.
fn history(
    merge: &Merge,
    facts: &ChangeFacts,
    authors: Vec<String>,
    now: Timestamp,
) -> Result<(HistoryFacts, Vec<String>), CliError> {
    let Some(commit) = merge.target.commit.clone() else {
        return Ok((HistoryFacts::default(), Vec::new()));
    };
    let paths = facts
        .files
        .iter()
        .flat_map(|file| std::iter::once(&file.path).chain(&file.base_path));
    Ok(merge.file_history(&change::FileHistoryRequest {
        commit,
        paths: paths.cloned().collect(),
        authors,
        now: now.as_second(),
    })?)
}

/// Hours since the last incident ended; none where there was none, and zero while one goes on.
pub fn hours_since(incidents: &[IncidentFacts], now: Timestamp) -> Option<u32> {
    let hours = |incident: &IncidentFacts| {
        let seconds = incident.closed.map_or(0, |closed| now.as_second() - closed.as_second());
        u32::try_from(seconds.max(0) / 3600).unwrap_or(u32::MAX)
    };
    incidents.iter().map(hours).min()
}

/// Tells who wrote it; gives what a reader should know of how that was told, and the addresses of the authors.
fn written_by(
    judging: &Judging,
    merge: &Merge,
    facts: &mut ChangeFacts,
) -> Result<(Vec<String>, Vec<String>), CliError> {
    let Some(found) = merge.authorship()? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let policy = &judging.policy;
    for commit in &found.commits {
        let mut author = people::by_address(policy, &commit.name, &commit.email);
        if !author.known && !commit.claims.is_empty() && commit.operator.is_none() {
            author.kind = PersonKind::Agent;
        }
        if !facts.authors.contains(&author) {
            facts.authors.push(author);
        }
        let operators = &mut facts.written_by.operators;
        if let Some(operator) = commit.operator.as_deref().map(|name| operator_of(policy, name))
            && !operators.contains(&operator)
        {
            operators.push(operator);
        }
    }
    let number = |lines: u64| u32::try_from(lines).unwrap_or(u32::MAX);
    facts.commits = u32::try_from(found.commits.len()).unwrap_or(u32::MAX);
    facts.written_by.ai = number(found.lines.ai);
    facts.written_by.human = number(found.lines.human);
    facts.written_by.mixed = number(found.lines.mixed);
    facts.written_by.unknown = number(found.lines.unknown);
    let claimed = found
        .commits
        .iter()
        .flat_map(|commit| &commit.claims)
        .filter_map(|claim| claim.tool.clone());
    let mut tools: Vec<String> = found
        .tools
        .iter()
        .filter_map(|share| share.tool.clone())
        .chain(claimed)
        .collect();
    tools.sort_unstable();
    tools.dedup();
    facts.written_by.tools = tools;
    let own = found.commits.iter().map(|commit| commit.email.clone());
    // Whoever the policy knows is known by all of their addresses.
    let known = facts.authors.iter().filter_map(|author| policy.person(&author.id));
    let addresses = own.chain(known.flat_map(|person| person.addresses.clone())).collect();
    Ok((found.notes, addresses))
}

/// Those who wrote the change, and those who drove the agents that did.
///
/// # Errors
/// When git fails.
pub fn authors(judging: &Judging, merge: &Merge) -> Result<Vec<PersonFacts>, CliError> {
    let mut facts = ChangeFacts::default();
    written_by(judging, merge, &mut facts)?;
    facts.authors.extend(facts.written_by.operators);
    Ok(facts.authors)
}

/// Who drove an agent: `Name <address>`.
fn operator_of(policy: &gate::Policy, operator: &str) -> PersonFacts {
    let (name, address) = operator.split_once('<').unwrap_or((operator, ""));
    people::by_address(policy, name.trim(), address.trim_end_matches('>').trim())
}

/// What another policy engine decided.
fn decision(file: &Utf8Path) -> Result<Decision, CliError> {
    let wrong = |why: &dyn std::fmt::Display| {
        CliError::Usage(format!(
            "{file} is no decision: {why}; write {{\"rule\": NAME, \"allow\": true or false, \"reasons\": [TEXT, …]}}"
        ))
    };
    let bytes = std::fs::read(file).map_err(|error| wrong(&error))?;
    serde_json::from_slice(&bytes).map_err(|error| wrong(&error))
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
