//! What people and runners said of a change: signed statements from the ledger, from notes on trees and from files, and documents
//! that the change brings itself.

use std::collections::{BTreeMap, BTreeSet};

use attest::predicates::{Approval, Document, Evidence, Override};
use camino::Utf8PathBuf;
use change::{Merge, Seen, Since};
use jiff::{SignedDuration, Timestamp};
use ledger::Ledger;
use model::gate_input::{ApprovalFacts, DocumentFacts, IncidentFacts, OverrideFacts, Standing};
use model::{Record, RecordKind, Stage};

use super::deploying::bare;
use super::policy::Judging;
use super::{documents, people};
use crate::error::CliError;
use crate::records::place::Place;
use crate::records::statements::{Sealed, Signed, Vouched};

/// What the clocks of two machines may differ by.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Days that are looked back for approvals and incidents.
const DAYS: i64 = 1_100;
/// Entries that are looked at, at most, from the newest one back.
const ENTRIES: u64 = 100_000;
/// Approvals over other trees that are looked into, at most: each takes a merge.
const OTHERS: usize = 12;

/// Entries of the ledger with their numbers.
type Entries = Vec<(u64, Record)>;
/// Approvals and documents whose trees are looked at, at most.
const STATES: usize = 2_000;
/// Evidence about other trees that is looked into, at most.
const EARLIER: usize = 20;

/// The ledger as the gate sees it.
pub struct Kept {
    /// The ledger, where there is one that can be trusted.
    pub ledger: Option<Ledger>,
    /// Its newest entries, the oldest of them first.
    pub records: Entries,
    /// Why there is one that cannot be trusted.
    pub trouble: Option<String>,
}

/// Reads what the ledger holds of the last months.
pub fn kept(place: &Place, now: Timestamp) -> Kept {
    let read = || -> Result<(Option<Ledger>, Entries), CliError> {
        let Some(ledger) = place.open()? else {
            return Ok((None, Vec::new()));
        };
        let records = newest(&ledger, now)?;
        Ok((Some(ledger), records))
    };
    match read() {
        Ok((ledger, records)) => Kept {
            ledger,
            records,
            trouble: None,
        },
        Err(error) => Kept {
            ledger: None,
            records: Vec::new(),
            trouble: Some(error.to_string()),
        },
    }
}

fn newest(ledger: &Ledger, now: Timestamp) -> Result<Entries, CliError> {
    let since = now
        .saturating_sub(SignedDuration::from_hours(DAYS * 24))
        .unwrap_or(Timestamp::MIN);
    let size = ledger.size()?;
    let mut pages = Vec::new();
    let mut until = size;
    while until > 0 && size - until < ENTRIES {
        // Bundle by bundle, as they are stored.
        let from = (until - 1) / 256 * 256;
        let page: Entries = ledger.records(from..until)?.collect::<Result<_, _>>()?;
        let is_old = page.first().is_some_and(|(_, record)| record.time < since);
        pages.push(page);
        until = from;
        if is_old {
            break;
        }
    }
    Ok(pages
        .into_iter()
        .rev()
        .flatten()
        .filter(|(_, record)| record.time >= since)
        .collect())
}

impl Kept {
    /// Whether it can be trusted.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn trusted(&self) -> Result<(), CliError> {
        match &self.trouble {
            None => Ok(()),
            Some(why) => Err(CliError::NotRunnable(format!("the ledger cannot be trusted: {why}"))),
        }
    }

    /// Entries that a later one says no longer hold.
    pub fn retracted(&self) -> BTreeSet<u64> {
        let retractions = self
            .records
            .iter()
            .filter(|(_, record)| record.kind == RecordKind::Retraction);
        retractions.filter_map(|(_, record)| record.subject.about).collect()
    }

    /// What those entries say: told by the entries that take them back, and by what still lies beside those that are taken back.
    pub fn withdrawn(&self) -> Withdrawn {
        let mut withdrawn = Withdrawn::default();
        let retractions = self
            .records
            .iter()
            .filter(|(_, record)| record.kind == RecordKind::Retraction);
        for (index, record) in retractions {
            let payload = self
                .ledger
                .as_ref()
                .and_then(|ledger| ledger.payload(*index).ok().flatten());
            let fact: Option<serde_json::Value> = payload.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let told = fact.as_ref().and_then(|fact| fact["statements"].as_array());
            let about = record.subject.about.and_then(|about| self.sealed(about).ok().flatten());
            match (told, about) {
                (None, None) => withdrawn.untold = true,
                (told, about) => {
                    let told = told
                        .into_iter()
                        .flatten()
                        .filter_map(|digest| digest.as_str().map(str::to_owned));
                    withdrawn.digests.extend(told);
                    withdrawn.digests.extend(about.iter().flat_map(Sealed::digests));
                }
            }
        }
        withdrawn
    }

    /// Findings whose acceptance is in the ledger.
    pub fn acceptances(&self) -> BTreeSet<String> {
        let entries = self
            .records
            .iter()
            .filter(|(_, record)| record.kind == RecordKind::Acceptance);
        let finding = |(index, _): &(u64, Record)| {
            let payload = self.ledger.as_ref()?.payload(*index).ok().flatten()?;
            let value: serde_json::Value = serde_json::from_slice(&payload).ok()?;
            value["finding"].as_str().map(str::to_owned)
        };
        entries.filter_map(finding).collect()
    }

    /// The statements beside an entry; none where they were deleted.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn sealed(&self, index: u64) -> Result<Option<Sealed>, String> {
        let Some(ledger) = &self.ledger else {
            return Ok(None);
        };
        let payload = ledger.payload(index).map_err(|error| error.to_string())?;
        payload.map(|bytes| Sealed::read(&bytes)).transpose()
    }

    /// Incidents, by their names: each as its last entries tell.
    pub fn incidents(&self) -> Vec<IncidentFacts> {
        let mut incidents: BTreeMap<String, IncidentFacts> = BTreeMap::new();
        for (index, record) in &self.records {
            let Some(id) = &record.subject.incident else {
                continue;
            };
            match record.kind {
                RecordKind::IncidentOpened => {
                    let mut services: Vec<String> = record.subject.service.iter().cloned().collect();
                    services.extend(self.services_of(*index));
                    services.sort_unstable();
                    services.dedup();
                    let facts = IncidentFacts {
                        id: id.clone(),
                        services,
                        opened: record.time,
                        closed: None,
                    };
                    incidents.insert(id.clone(), facts);
                }
                RecordKind::IncidentClosed => {
                    if let Some(incident) = incidents.get_mut(id) {
                        incident.closed = Some(record.time);
                    }
                }
                _ => {}
            }
        }
        incidents.into_values().collect()
    }

    /// Services that the payload of an entry names.
    fn services_of(&self, index: u64) -> Vec<String> {
        let payload = self
            .ledger
            .as_ref()
            .and_then(|ledger| ledger.payload(index).ok().flatten());
        let value: serde_json::Value = payload
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        let names = value["services"].as_array().cloned().unwrap_or_default();
        names
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect()
    }
}

/// Statements that were taken back.
#[derive(Debug, Default)]
pub struct Withdrawn {
    digests: BTreeSet<String>,
    /// Whether of one of them nothing is left by which a copy could be told.
    untold: bool,
}

impl Withdrawn {
    /// Whether any of what this says was taken back.
    pub fn holds(&self, sealed: &Sealed) -> bool {
        sealed.digests().iter().any(|digest| self.digests.contains(digest))
    }
}

/// A statement, and where it was found.
struct Found {
    sealed: Sealed,
    source: String,
}

/// What there is of a change.
#[derive(Default)]
pub struct Papers {
    /// Approvals.
    pub approvals: Vec<ApprovalFacts>,
    /// Documents.
    pub documents: Vec<DocumentFacts>,
    /// Overrides.
    pub overrides: Vec<OverrideFacts>,
    /// Evidence about the merge result that runners or others signed.
    pub evidence: Vec<(String, Sealed)>,
    /// Signed evidence about other trees, the newest first: the same change may be in it, merged into an earlier state of the target.
    pub earlier: Vec<(String, Sealed)>,
    /// Statements that came by other ways than the ledger, to be kept in it.
    pub to_keep: Vec<(RecordKind, Sealed)>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// What was said of the change that is to be merged.
///
/// # Errors
/// When git fails, or a file cannot be read.
pub fn of_merge(
    judging: &Judging,
    vouched: &Vouched,
    merge: &Merge,
    kept: &Kept,
    files: &[Utf8PathBuf],
    now: Timestamp,
) -> Result<Papers, CliError> {
    let mut papers = Papers::default();
    let mut trees = merge.trees()?;
    trees.push(merge.head.tree.clone());
    trees.extend(merge.tree().map(str::to_owned));
    let found = statements(merge, kept, files, &trees, &mut papers)?;
    for Found { sealed, source } in found {
        let asking = Asking {
            judging,
            vouched,
            merge,
            trees: &trees,
            source: &source,
            now,
        };
        // What nobody signed whom the policy names is not taken into the ledger.
        let mut unless_void = |standing: Option<&Standing>| {
            if standing.is_none_or(|standing| matches!(standing, Standing::Void(_))) {
                let digest = sealed.digest();
                papers.to_keep.retain(|(_, kept)| kept.digest() != digest);
            }
        };
        if let Some(signed) = sealed.statement::<Approval>() {
            let approval = asking.approval(&signed);
            unless_void(Some(&approval.standing));
            papers.approvals.push(approval);
        } else if let Some(signed) = sealed.statement::<Document>() {
            let document = asking.document(&signed);
            unless_void(Some(&document.standing));
            papers.documents.push(document);
        } else if let Some(signed) = sealed.statement::<Override>() {
            let overriding = asking.overriding(&signed);
            unless_void(overriding.as_ref().map(|one| &one.standing));
            papers.overrides.extend(overriding);
        } else if let Some(signed) = sealed.statement::<Evidence>() {
            let evidence = signed.statement.predicate();
            if Some(evidence.tree.as_str()) == merge.tree() && evidence.base_tree == merge.target.tree {
                papers.evidence.push((source, sealed));
            } else {
                papers.earlier.push((source, sealed));
            }
        }
    }
    papers.documents.extend(documents::brought_along(merge, judging)?);
    Ok(papers)
}

/// All statements that may be about this change, those of the ledger first.
fn statements(
    merge: &Merge,
    kept: &Kept,
    files: &[Utf8PathBuf],
    trees: &[String],
    papers: &mut Papers,
) -> Result<Vec<Found>, CliError> {
    let mut found = Vec::new();
    let (others, lost) = of_earlier_states(merge, kept, trees)?;
    let mut earlier = 0;
    let retracted = kept.retracted();
    // What was taken back counts in no copy, by whatever way that came.
    let withdrawn = kept.withdrawn();
    for (index, record) in kept.records.iter().rev() {
        let wanted = match record.kind {
            RecordKind::Evidence => {
                earlier += 1;
                record.subject.tree.as_deref() == merge.tree() || earlier <= EARLIER
            }
            RecordKind::Override => record.subject.tree.as_ref().is_some_and(|tree| trees.contains(tree)),
            RecordKind::Approval | RecordKind::Document => {
                let known = record.subject.tree.as_ref().is_some_and(|tree| trees.contains(tree));
                known || others.contains(index)
            }
            _ => false,
        };
        if !wanted {
            continue;
        }
        if retracted.contains(index) {
            papers
                .notes
                .push(format!("entry {index} of the ledger was taken back: it does not count"));
            continue;
        }
        match kept.sealed(*index) {
            Ok(Some(sealed)) if withdrawn.holds(&sealed) => {}
            Ok(Some(sealed)) => found.push(Found {
                sealed,
                source: format!("ledger {index}"),
            }),
            Ok(None) => papers.notes.push(format!(
                "what lay beside entry {index} of the ledger was deleted: it does not count"
            )),
            Err(why) => papers
                .notes
                .push(format!("entry {index} of the ledger does not count: {why}")),
        }
    }
    if lost > 0 {
        papers.notes.push(format!(
            "{} of the ledger are over trees that are not here: whether they are about this change cannot be told",
            gate::words::count(lost, "statement", "statements")
        ));
    }
    let mut known: BTreeSet<String> = found.iter().map(|found| found.sealed.digest()).collect();
    let mut add = |line: &str, source: String, notes: &mut Vec<String>| match Sealed::read(line.as_bytes()) {
        Ok(_) if withdrawn.untold => notes.push(format!(
            "{source} does not count: a statement was taken back of which nothing is left, and this may be it"
        )),
        Ok(sealed) if withdrawn.holds(&sealed) => {}
        Ok(sealed) if !known.insert(sealed.digest()) => {}
        Ok(sealed) => {
            papers.to_keep.extend(sealed.kind().map(|kind| (kind, sealed.clone())));
            found.push(Found { sealed, source });
        }
        Err(why) => notes.push(format!("{source} is no signed statement: {why}")),
    };
    for (tree, line) in merge.notes(trees)? {
        let short: String = tree.chars().take(12).collect();
        add(&line, format!("git note on tree {short}"), &mut papers.notes);
    }
    for file in files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| CliError::Usage(format!("the statement {file} cannot be read: {error}")))?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            add(line, file.to_string(), &mut papers.notes);
        }
    }
    Ok(found)
}

/// Statements over other trees that are about an earlier state of this change, as after an amended commit: at least half of the files
/// that each was over are files of this change. With them, how many are over trees that are not here.
fn of_earlier_states(merge: &Merge, kept: &Kept, trees: &[String]) -> Result<(BTreeSet<u64>, usize), CliError> {
    let mut entries = Vec::new();
    let mut states = Vec::new();
    for (index, record) in kept.records.iter().rev() {
        let is_meant = matches!(record.kind, RecordKind::Approval | RecordKind::Document);
        let both = record.subject.base_tree.clone().zip(record.subject.tree.clone());
        let Some((common_tree, head_tree)) = both.filter(|(_, tree)| is_meant && !trees.contains(tree)) else {
            continue;
        };
        entries.push(*index);
        states.push(Seen { common_tree, head_tree });
        if states.len() >= STATES {
            break;
        }
    }
    let ours = |path: &&String| {
        merge
            .change
            .files
            .iter()
            .any(|file| file.path == **path || file.base_path.as_ref() == Some(path))
    };
    let mut lost = 0;
    let mut found = BTreeSet::new();
    for (index, touched) in entries.into_iter().zip(merge.touched(&states)?) {
        let Some(touched) = touched else {
            lost += 1;
            continue;
        };
        let shared = touched.iter().filter(ours).count();
        if shared > 0 && shared * 2 >= touched.len() && found.len() < OTHERS {
            found.insert(index);
        }
    }
    Ok((found, lost))
}

/// What became of what somebody saw, as far as it matters to what they said.
pub fn standing(since: Since) -> Standing {
    match since {
        Since::Nothing => Standing::Fresh("it is over this very content".to_owned()),
        Since::TargetAlone => Standing::Fresh("only the target went on since".to_owned()),
        Since::Layout => Standing::Fresh("what changed since is layout and comments".to_owned()),
        Since::Changed(names) => Standing::Stale(format!("a later push changed {}", gate::words::some(&names, 3))),
        Since::Unknown(why) => Standing::Stale(why),
    }
}

/// Whether a time is yet to come, by more than two clocks may differ.
pub fn is_to_come(time: Timestamp, now: Timestamp) -> bool {
    time.duration_since(now) > SKEW
}

struct Asking<'a> {
    judging: &'a Judging,
    vouched: &'a Vouched,
    merge: &'a Merge,
    trees: &'a [String],
    source: &'a str,
    now: Timestamp,
}

impl Asking<'_> {
    /// Whether what was said over these trees is still about the change.
    fn since(&self, common_tree: &str, head_tree: &str) -> Standing {
        let seen = Seen {
            common_tree: common_tree.to_owned(),
            head_tree: head_tree.to_owned(),
        };
        standing(self.merge.since(&seen))
    }

    fn approval(&self, signed: &Signed<Approval>) -> ApprovalFacts {
        let approval = signed.statement.predicate();
        let standing = || self.since(&approval.base_tree, &approval.head_tree);
        approval_facts(self.judging, self.vouched, signed, self.source, self.now, &standing)
    }

    fn document(&self, signed: &Signed<Document>) -> DocumentFacts {
        let document = signed.statement.predicate();
        let standing = match signed.is_by_person(self.vouched, &document.who, document.time) {
            Err(why) => Standing::Void(why),
            Ok(()) => self.since(&document.base_tree, &document.head_tree),
        };
        let parts = document
            .headings
            .iter()
            .map(|(heading, text)| (heading.clone(), text.clone()))
            .collect();
        let mut facts = documents::facts(self.source, parts);
        facts.by = Some(document.who.clone());
        facts.standing = standing;
        facts
    }

    fn overriding(&self, signed: &Signed<Override>) -> Option<OverrideFacts> {
        let one = signed.statement.predicate();
        if one.scope.stage != Stage::Merge.word() || !self.trees.contains(&one.scope.tree) {
            return None;
        }
        let now = [self.merge.tree(), Some(self.merge.head.tree.as_str())];
        let target = one.scope.target.as_deref();
        let is_into_another = target.is_some_and(|target| bare(target) != bare(&self.merge.target.name));
        let standing = if is_into_another {
            Standing::Void(format!("it is for a merge into {}", target.unwrap_or_default()))
        } else if now.contains(&Some(one.scope.tree.as_str())) {
            Standing::Fresh("it is over this very content".to_owned())
        } else {
            Standing::Stale("it is over an earlier state of the change".to_owned())
        };
        Some(override_facts(
            self.judging,
            self.vouched,
            signed,
            self.source,
            standing,
        ))
    }
}

/// An approval, if it is signed by whom it names; what it is over is told by whoever knows.
pub fn approval_facts(
    judging: &Judging,
    vouched: &Vouched,
    signed: &Signed<Approval>,
    source: &str,
    now: Timestamp,
    standing: &dyn Fn() -> Standing,
) -> ApprovalFacts {
    let approval = signed.statement.predicate();
    let by = people::by_id(&judging.policy, &approval.who);
    let standing = match signed.is_by_person(vouched, &approval.who, approval.time) {
        Err(why) => Standing::Void(why),
        Ok(()) if approval.expires.is_some_and(|expires| expires <= now) => Standing::Void("it has expired".to_owned()),
        Ok(()) if is_to_come(approval.time, now) => Standing::Void(format!(
            "it says that it was given at {}, which is yet to come",
            approval.time
        )),
        Ok(()) => standing(),
    };
    let standing = match &approval.role {
        Some(role) if !by.roles.contains(role) && matches!(standing, Standing::Fresh(_)) => {
            Standing::Void(format!("the policy does not give {} the role {role}", by.id))
        }
        _ => standing,
    };
    ApprovalFacts {
        by,
        role: approval.role.clone(),
        head_tree: approval.head_tree.clone(),
        time: approval.time,
        source: source.to_owned(),
        standing,
    }
}

/// An override, if it is signed by whom it names.
pub fn override_facts(
    judging: &Judging,
    vouched: &Vouched,
    signed: &Signed<Override>,
    source: &str,
    standing: Standing,
) -> OverrideFacts {
    let one = signed.statement.predicate();
    let most = judging.policy.gate.overrides_last_hours.unwrap_or(24);
    let standing = match signed.is_by_person(vouched, &one.who, one.time) {
        Err(why) => Standing::Void(why),
        Ok(()) if is_to_come(one.time, Timestamp::now()) => {
            Standing::Void("it says that it was given at a time that is yet to come".to_owned())
        }
        Ok(()) if one.expires.duration_since(one.time) > SignedDuration::from_hours(i64::from(most)) => {
            Standing::Void(format!("it is for longer than the {most} hours that the policy allows"))
        }
        Ok(()) => standing,
    };
    OverrideFacts {
        by: people::by_id(&judging.policy, &one.who),
        reason: one.reason.clone(),
        expires: one.expires,
        source: source.to_owned(),
        standing,
    }
}
