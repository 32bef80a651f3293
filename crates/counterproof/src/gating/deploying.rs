//! May exactly this artifact go there, now? And what went past that question.

use std::collections::BTreeSet;

use attest::bundle::Bundle;
use attest::dsse::Trusted;
use attest::predicates::{Approval, Decided, Override};
use attest::provenance::Provenance;
use attest::statement::{PAYLOAD_TYPE, Statement};
use camino::Utf8Path;
use gate::WhoseEvidence;
use jiff::Timestamp;
use model::gate_input::{
    ApprovalFacts, DeploymentFacts, GateInput, PastVerdict, ProvenanceFacts, ServiceFacts, Standing,
};
use model::{Record, RecordKind, Ruling, Stage};

use super::branch::Branch;
use super::facts::{Asked, decisions, hours_since, incidents};
use super::papers::{self, Kept};
use super::policy::Judging;
use crate::approving::digest;
use crate::args::DeployArgs;
use crate::error::CliError;
use crate::records::statements::{Sealed, Vouched};

/// Commits of the branch that a verdict may have been given over, at most.
const COMMITS: usize = 20_000;
/// Earlier states of the branch whose verdicts are asked after, at most.
const STATES: usize = 1_000;

/// The policy that judges a deployment, the target branch's as it is now, and all that it is asked about.
///
/// # Errors
/// When the question makes no sense, or a file cannot be read.
pub fn of_deployment(folder: &Utf8Path, args: &DeployArgs) -> Result<Asked, CliError> {
    let now = Timestamp::now();
    let artifact = digest(&args.artifact)?;
    let Branch {
        revision,
        judging,
        vouched,
        place,
        kept,
    } = Branch::of(folder, args.target.as_deref(), now)?;
    let tip = revision.commit.as_deref().unwrap_or(&revision.name);
    let mut input = GateInput::new(env!("CARGO_PKG_VERSION"), Stage::Deploy, now, judging.identity.clone());
    input.notes.extend(vouched.notes.iter().cloned());
    let (service, unknown) = service(&judging, &args.service);
    input.services.push(service);
    input.decisions = decisions(&args.decision)?;
    let (mut provenance, not_provenance) = provenance(folder, args, &artifact, &vouched)?;
    if let Some(built) = &mut provenance {
        built.merged = change::is_ancestor(folder.as_std_path(), &built.commit, tip)?;
    }
    let mut trouble = kept.trouble.clone();
    let verdicts = match &provenance {
        Some(built) => {
            let of_tree = |record: &Record| record.subject.tree.as_ref() == Some(&built.tree);
            let mut verdicts = past(&kept, &judging, &vouched, &of_tree).unwrap_or_else(|why| {
                trouble = trouble.take().or(Some(why));
                Vec::new()
            });
            // Those that were given for a merge into this very branch: another's policy may ask for less.
            let trees = change::trees_of(folder.as_std_path(), tip, COMMITS)?;
            for verdict in &mut verdicts {
                verdict.trusted &= verdict.base_tree.as_ref().is_some_and(|tree| trees.contains(tree))
                    && branch_of(&verdict.policy_source) == branch_of(&judging.identity.source)
                    // That a change changes nothing says nothing of what is there.
                    && verdict.base_tree.as_ref() != Some(&built.tree);
                if let Some(base) = verdict.base_tree.as_ref().filter(|_| verdict.trusted) {
                    let ledger = (&kept, &judging, &vouched);
                    verdict.on_refused = refused_below(ledger, &trees, base).unwrap_or_else(|why| {
                        trouble = trouble.take().or(Some(why));
                        None
                    });
                }
            }
            verdicts
        }
        None => Vec::new(),
    };
    let deployment = DeploymentFacts {
        service: args.service.clone(),
        environment: args.env.clone(),
        artifact: args.artifact.clone(),
        provenance,
        not_provenance,
        verdicts,
    };
    overrides(&kept, &judging, &vouched, args, &deployment, &mut input);
    if let Some(built) = &deployment.provenance {
        input.approvals = approvals(&kept, &judging, &vouched, &built.tree, now);
    }
    input.deployment = Some(deployment);
    input.incidents = incidents(&kept, &input);
    input.history.hours_since_incident = hours_since(&input.incidents, now);
    let missing = kept.ledger.is_none() && kept.trouble.is_none();
    if missing {
        input.notes.push(format!(
            "there is no ledger in {}: nothing was judged before",
            place.words()
        ));
    }
    Ok(Asked {
        judging,
        input,
        place,
        trouble,
        unknown_service: unknown,
        to_keep: Vec::new(),
        acceptances: Vec::new(),
    })
}

/// The service, and why nothing can be said of it. One that the policy does not know is judged as the most critical.
fn service(judging: &Judging, name: &str) -> (ServiceFacts, Option<String>) {
    let Some(service) = judging.policy.service(name) else {
        let facts = ServiceFacts {
            name: name.to_owned(),
            tier: 1,
            owners: Vec::new(),
        };
        let known: Vec<String> = judging
            .policy
            .service
            .iter()
            .map(|service| service.name.get_ref().clone())
            .collect();
        let why = (!known.is_empty()).then(|| {
            format!(
                "{} has no service `{name}`; there is {}",
                judging.identity.source,
                gate::words::some(&known, 5)
            )
        });
        return (facts, why);
    };
    let facts = ServiceFacts {
        name: name.to_owned(),
        tier: service.tier,
        owners: service.owners.clone(),
    };
    (facts, None)
}

/// What joins the artifact and a tree; else why what was given does not.
fn provenance(
    folder: &Utf8Path,
    args: &DeployArgs,
    artifact: &str,
    vouched: &Vouched,
) -> Result<(Option<ProvenanceFacts>, Vec<String>), CliError> {
    let mut not = Vec::new();
    for file in &args.provenance {
        let bytes = std::fs::read(file)
            .map_err(|error| CliError::Usage(format!("the provenance {file} cannot be read: {error}")))?;
        let bundle = Bundle::read(&bytes);
        not.extend(
            bundle
                .skipped
                .iter()
                .map(|skipped| format!("{file}:{}: {}", skipped.line, skipped.why)),
        );
        for held in &bundle.envelopes {
            let at = format!("{file}:{}", held.line);
            match built(folder, held, artifact, vouched) {
                Ok(mut facts) => {
                    facts.source = at;
                    return Ok((Some(facts), Vec::new()));
                }
                Err(why) => not.push(format!("{at}: {why}")),
            }
        }
    }
    Ok((None, not))
}

fn built(
    folder: &Utf8Path,
    held: &attest::bundle::Held,
    artifact: &str,
    vouched: &Vouched,
) -> Result<ProvenanceFacts, String> {
    let mut signed = None;
    let mut why = "the policy names no builder: add a [[gate.builder]]".to_owned();
    for (name, key) in &vouched.builders {
        match held.verify(PAYLOAD_TYPE, &Trusted::keys(std::slice::from_ref(key))) {
            Ok(verified) => signed = Some((name, verified)),
            Err(error) => why = format!("no builder that the policy names signed it ({error})"),
        }
    }
    let (name, verified) = signed.ok_or(why)?;
    let statement = Statement::from_verified(&verified).map_err(|error| error.to_string())?;
    let provenance = Provenance::read(&statement).map_err(|error| error.to_string())?;
    if !provenance.built(artifact) {
        return Err("it is about other artifacts".to_owned());
    }
    let (commit, tree) = source(folder, &provenance)?;
    Ok(ProvenanceFacts {
        builder: format!("{name} ({})", provenance.builder),
        commit,
        tree,
        merged: false,
        source: String::new(),
    })
}

/// Commit and tree of this repository that it was built from.
fn source(folder: &Utf8Path, provenance: &Provenance) -> Result<(String, String), String> {
    let failed = |error: change::Error| error.to_string();
    let addresses: Vec<String> = change::addresses(folder.as_std_path())
        .map_err(failed)?
        .iter()
        .map(|address| plain(address))
        .collect();
    let is_ours = |commit: &&attest::provenance::SourceCommit| match &commit.uri {
        Some(uri) if !addresses.is_empty() => addresses.contains(&plain(uri)),
        _ => provenance.commits.len() == 1,
    };
    let Some(commit) = provenance.commits.iter().find(is_ours) else {
        return Err(match provenance.commits.as_slice() {
            [] => "it names no commit that the artifact was built from".to_owned(),
            commits => {
                let from: Vec<String> = commits.iter().filter_map(|commit| commit.uri.clone()).collect();
                format!(
                    "it was built from {}, which is not this repository",
                    gate::words::some(&from, 2)
                )
            }
        });
    };
    match change::tree_of(folder.as_std_path(), &commit.id).map_err(failed)? {
        Some(tree) => Ok((commit.id.clone(), tree)),
        None => Err(format!(
            "the commit {} that it was built from is not here: fetch it",
            commit.id
        )),
    }
}

/// An address of a repository by what all of its forms share: `host/path`.
fn plain(address: &str) -> String {
    let address = address.strip_prefix("git+").unwrap_or(address);
    let address = address.split(['#', '?']).next().unwrap_or(address);
    let (authority, path) = match address.split_once("://") {
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        // As ssh has it: `git@host:path`.
        None => address.split_once(':').unwrap_or(("", address)),
    };
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = host.split(':').next().unwrap_or(host);
    // What stands behind the path is a revision: `…/shop@refs/heads/main`.
    let path = path.split('@').next().unwrap_or(path).trim_matches('/');
    format!("{}/{}", host.to_lowercase(), path.strip_suffix(".git").unwrap_or(path))
}

/// Verdicts of the ledger that are about this.
///
/// # Errors
/// When one of them cannot be read: it may be the one that says no.
fn past(
    kept: &Kept,
    judging: &Judging,
    vouched: &Vouched,
    about: &dyn Fn(&Record) -> bool,
) -> Result<Vec<PastVerdict>, String> {
    let retracted = kept.retracted();
    let verdicts = kept
        .records
        .iter()
        .filter(|(_, record)| record.kind == RecordKind::Verdict && about(record));
    verdicts
        .map(|(index, _)| {
            let sealed = kept.sealed(*index)?;
            let read = sealed.and_then(|sealed| past_verdict(*index, &sealed, judging, vouched));
            let mut verdict = read.ok_or_else(|| format!("the verdict of entry {index} is gone or cannot be read"))?;
            // What was taken back lets nothing pass, and does not bring an earlier one back.
            if retracted.contains(index) {
                verdict.ruling = Ruling::Hold.max(verdict.ruling);
            }
            Ok(verdict)
        })
        .collect()
}

/// A branch by its name alone, wherever it is.
pub fn bare(name: &str) -> &str {
    if let Some(own) = name.strip_prefix("refs/heads/") {
        return own;
    }
    let name = name.strip_prefix("refs/remotes/").unwrap_or(name);
    name.strip_prefix("origin/").unwrap_or(name)
}

/// The branch in where a policy was read: `main:counterproof.toml`.
fn branch_of(source: &str) -> &str {
    bare(source.rsplit_once(':').map_or(source, |(branch, _)| branch))
}

fn past_verdict(index: u64, sealed: &Sealed, judging: &Judging, vouched: &Vouched) -> Option<PastVerdict> {
    let signed = sealed.statement::<Decided>()?;
    let verdict = sealed.verdict()?;
    let anybody = judging.policy.whose_evidence(Stage::Deploy) == WhoseEvidence::Anybody;
    let trusted = sealed.check().is_ok() && (anybody || signed.by_runner(vouched).is_some());
    Some(PastVerdict {
        entry: index,
        stage: verdict.stage,
        ruling: verdict.ruling,
        time: verdict.time,
        trusted,
        policy_digest: verdict.policy.digest,
        policy_source: verdict.policy.source,
        base_tree: verdict.subject.base_tree,
        on_refused: None,
    })
}

/// The last word on a state that the branch has had, or on one that it was made on, where that was a refusal: whatever passes on top of
/// it has it in it.
fn refused_below(
    (kept, judging, vouched): (&Kept, &Judging, &Vouched),
    trees: &BTreeSet<String>,
    base: &str,
) -> Result<Option<u64>, String> {
    let mut tree = base.to_owned();
    for _ in 0..STATES {
        let about = |record: &Record| record.subject.tree.as_ref() == Some(&tree);
        let last = past(kept, judging, vouched, &about)?
            .into_iter()
            .filter(|verdict| verdict.stage == Stage::Merge && verdict.trusted)
            .filter(|verdict| branch_of(&verdict.policy_source) == branch_of(&judging.identity.source))
            .filter(|verdict| {
                verdict
                    .base_tree
                    .as_ref()
                    .is_some_and(|base| trees.contains(base) && *base != tree)
            })
            .max_by_key(|verdict| verdict.entry);
        match last {
            Some(verdict) if verdict.ruling != Ruling::Pass => return Ok(Some(verdict.entry)),
            Some(PastVerdict {
                base_tree: Some(base), ..
            }) => tree = base,
            // Nobody judged that: the gate began there.
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Verdicts on deployments of this artifact there.
///
/// # Errors
/// When one of them cannot be read.
pub fn past_deployments(
    kept: &Kept,
    judging: &Judging,
    vouched: &Vouched,
    (service, environment, artifact): (&str, &str, &str),
) -> Result<Vec<PastVerdict>, String> {
    let about = |record: &Record| {
        let subject = &record.subject;
        subject.artifact.as_deref() == Some(artifact)
            && subject.service.as_deref() == Some(service)
            && subject.environment.as_deref() == Some(environment)
    };
    let mut verdicts = past(kept, judging, vouched, &about)?;
    // Another branch's policy may ask for less.
    verdicts.retain(|verdict| {
        verdict.stage == Stage::Deploy && branch_of(&verdict.policy_source) == branch_of(&judging.identity.source)
    });
    Ok(verdicts)
}

fn overrides(
    kept: &Kept,
    judging: &Judging,
    vouched: &Vouched,
    args: &DeployArgs,
    deployment: &DeploymentFacts,
    input: &mut GateInput,
) {
    let of_artifact = kept.records.iter().filter(|(_, record)| {
        record.kind == RecordKind::Override && record.subject.artifact.as_ref() == Some(&args.artifact)
    });
    let (retracted, withdrawn) = (kept.retracted(), kept.withdrawn());
    for (index, _) in of_artifact.filter(|(index, _)| !retracted.contains(index)) {
        let Ok(Some(sealed)) = kept.sealed(*index) else {
            continue;
        };
        if withdrawn.holds(&sealed) {
            continue;
        }
        if let Some(signed) = sealed.statement::<Override>() {
            let standing = scope(&signed.statement.predicate().scope, args, deployment);
            let source = format!("ledger {index}");
            let facts = papers::override_facts(judging, vouched, &signed, &source, standing);
            input.overrides.push(facts);
        }
    }
    for file in &args.statement {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let read = Sealed::read(line.as_bytes())
                .ok()
                .filter(|sealed| !withdrawn.holds(sealed));
            let Some(signed) = read.and_then(|sealed| sealed.statement::<Override>()) else {
                input
                    .notes
                    .push(format!("{file} holds no override, or one that was taken back"));
                continue;
            };
            let standing = scope(&signed.statement.predicate().scope, args, deployment);
            let facts = papers::override_facts(judging, vouched, &signed, file.as_str(), standing);
            input.overrides.push(facts);
        }
    }
}

/// Approvals of the ledger over the very tree that the artifact was built from.
fn approvals(kept: &Kept, judging: &Judging, vouched: &Vouched, tree: &String, now: Timestamp) -> Vec<ApprovalFacts> {
    let (retracted, withdrawn) = (kept.retracted(), kept.withdrawn());
    let entries = kept.records.iter().filter(|(index, record)| {
        record.kind == RecordKind::Approval && record.subject.tree.as_ref() == Some(tree) && !retracted.contains(index)
    });
    entries
        .filter_map(|(index, _)| {
            let sealed = kept.sealed(*index).ok().flatten()?;
            let sealed = Some(sealed).filter(|sealed| !withdrawn.holds(sealed))?;
            let signed = sealed.statement::<Approval>()?;
            let fresh = || Standing::Fresh("it is over the tree that was built".to_owned());
            let source = format!("ledger {index}");
            Some(papers::approval_facts(judging, vouched, &signed, &source, now, &fresh))
        })
        .collect()
}

/// Whether an override is over this deployment.
fn scope(scope: &attest::predicates::OverrideScope, args: &DeployArgs, deployment: &DeploymentFacts) -> Standing {
    let other = |what: &str, of: &Option<String>, this: &str| {
        let of = of.as_deref().filter(|of| *of != this)?;
        Some(Standing::Void(format!("it is over the {what} {of}")))
    };
    let artifact = scope.artifact.as_ref().map(|digest| format!("sha256:{digest}"));
    let tree = deployment.provenance.as_ref().map(|built| built.tree.as_str());
    if scope.stage != Stage::Deploy.word() || artifact.is_none() {
        return Standing::Void("it is over no deployment".to_owned());
    }
    other("artifact", &artifact, &args.artifact)
        .or_else(|| other("service", &scope.service, &args.service))
        .or_else(|| other("environment", &scope.environment, &args.env))
        .or_else(|| tree.and_then(|tree| other("tree", &Some(scope.tree.clone()), tree)))
        .unwrap_or_else(|| Standing::Fresh("it is over this very artifact".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn one_repository_has_many_addresses() {
        for address in [
            "git@example.com:shop/web.git",
            "https://example.com/shop/web",
            "https://user:secret@Example.com/shop/web.git",
            "git+https://example.com/shop/web@refs/heads/main",
            "ssh://git@example.com/shop/web.git/",
        ] {
            assert_eq!(plain(address), "example.com/shop/web", "{address}");
        }
        assert_ne!(plain("https://example.com/shop/web2"), "example.com/shop/web");
    }
}
