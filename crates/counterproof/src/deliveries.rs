//! What the ledger tells of changes that went out, and of incidents: for trends, and for the search for a cause.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use ledger::Ledger;
use model::gate_input::{ChangeFacts, EvidenceFacts, GateInput};
use model::{Record, RecordKind, RuleState, Ruling, Stage, Verdict};
use outcomes::{AuthorKind, Candidate, Delivery, EvidenceStrength, Incident};
use serde_json::Value;

use crate::error::CliError;
use crate::records::statements::Sealed;

/// An incident as the ledger has it.
pub struct Told {
    /// Its name.
    pub id: String,
    /// What it is about, in a line.
    pub title: Option<String>,
    /// When it began, and what it hit.
    pub question: Incident,
    /// When it ended.
    pub closed: Option<Timestamp>,
    /// Entries that it was traced to.
    pub linked: Vec<u64>,
}

/// All that the ledger tells.
pub struct History {
    /// Incidents, in the order in which they were opened.
    pub incidents: Vec<Told>,
    /// Changes that went out.
    pub deliveries: Vec<Delivery>,
    /// The same, as candidates for a cause.
    pub candidates: Vec<Candidate>,
}

impl History {
    /// The incident of this name.
    pub fn incident(&self, id: &str) -> Option<&Told> {
        self.incidents.iter().find(|incident| incident.id == id)
    }
}

/// A verdict for a merge that let a change pass.
struct Merged {
    entry: u64,
    verdict: Verdict,
    input: Option<GateInput>,
}

/// Reads all of the ledger.
///
/// A delivery is a deployment that was written down; in a ledger without any, each content that a verdict let be merged, once.
///
/// # Errors
/// When an entry cannot be read.
pub fn history(ledger: &Ledger, now: Timestamp) -> Result<History, CliError> {
    let records: Vec<(u64, Record)> = ledger.records(0..ledger.size()?)?.collect::<Result<_, _>>()?;
    let of = |kind: RecordKind| records.iter().filter(move |(_, record)| record.kind == kind);
    let retracted: BTreeSet<u64> = of(RecordKind::Retraction)
        .filter_map(|(_, record)| record.subject.about)
        .collect();
    let value = |index: u64| -> Result<Value, CliError> {
        let payload = ledger.payload(index)?;
        Ok(payload
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default())
    };
    let mut incidents: Vec<Told> = Vec::new();
    for (index, record) in of(RecordKind::IncidentOpened) {
        incidents.push(opened(record, &value(*index)?));
    }
    for (_, record) in of(RecordKind::IncidentClosed) {
        let told = incidents
            .iter_mut()
            .find(|told| record.subject.incident.as_ref() == Some(&told.id));
        if let Some(told) = told {
            told.closed = Some(record.time);
        }
    }
    let links = of(RecordKind::IncidentLinked).filter(|(index, _)| !retracted.contains(index));
    let links: Vec<&Record> = links.map(|(_, record)| record).collect();
    for record in &links {
        let told = incidents
            .iter_mut()
            .find(|told| record.subject.incident.as_ref() == Some(&told.id));
        if let Some((told, entry)) = told.zip(record.subject.about) {
            told.linked.push(entry);
        }
    }
    let mut merged: BTreeMap<String, Merged> = BTreeMap::new();
    for (index, record) in of(RecordKind::Verdict).filter(|(index, _)| !retracted.contains(index)) {
        // Deployments have their own entries.
        if record.subject.artifact.is_some() {
            continue;
        }
        let Some((tree, read)) = record.subject.tree.clone().zip(passed(ledger, *index)?) else {
            continue;
        };
        merged.entry(tree).or_insert(read);
    }
    let deployments: Vec<&(u64, Record)> = of(RecordKind::Deployment).collect();
    let is_linked = |entries: &[Option<u64>], tree: Option<&String>| {
        links.iter().any(|link| {
            let by_entry = link.subject.about.is_some_and(|about| entries.contains(&Some(about)));
            by_entry || (tree.is_some() && link.subject.tree.as_ref() == tree)
        })
    };
    let mut history = History {
        incidents,
        deliveries: Vec::new(),
        candidates: Vec::new(),
    };
    if deployments.is_empty() {
        for (tree, change) in &merged {
            let failed = is_linked(&[Some(change.entry)], Some(tree));
            let delivered = Delivered {
                entry: change.entry,
                time: change.verdict.time,
                deployed: None,
                past_the_gate: false,
                services: Vec::new(),
                failed,
            };
            history.add(&delivered, Some(change));
        }
    }
    for (index, record) in deployments {
        let tree = record.subject.tree.as_ref();
        let change = tree.and_then(|tree| merged.get(tree));
        let delivered = Delivered {
            entry: *index,
            time: record.time.min(now),
            deployed: Some(record.time),
            past_the_gate: record.subject.about.is_none(),
            services: record.subject.service.iter().cloned().collect(),
            failed: is_linked(
                &[Some(*index), record.subject.about, change.map(|change| change.entry)],
                tree,
            ),
        };
        history.add(&delivered, change);
    }
    Ok(history)
}

/// A change that went out.
struct Delivered {
    entry: u64,
    time: Timestamp,
    deployed: Option<Timestamp>,
    past_the_gate: bool,
    services: Vec<String>,
    failed: bool,
}

impl History {
    fn add(&mut self, delivered: &Delivered, merged: Option<&Merged>) {
        let input = merged.and_then(|merged| merged.input.as_ref());
        let change = input.and_then(|input| input.change.as_ref());
        let evidence = input.and_then(|input| input.evidence.iter().find(|evidence| evidence.counts));
        let overridden = merged.is_some_and(|merged| {
            let mut rules = merged.verdict.rules.iter();
            rules.any(|rule| rule.state == RuleState::Overridden)
        });
        let mut services = delivered.services.clone();
        services.extend(
            input
                .into_iter()
                .flat_map(|input| input.services.iter().map(|service| service.name.clone())),
        );
        services.sort_unstable();
        services.dedup();
        self.deliveries.push(Delivery {
            entry: delivered.entry,
            time: delivered.time,
            service: services.first().cloned(),
            tier: merged.and_then(|merged| merged.verdict.tier),
            author_kind: change.map_or(AuthorKind::Unknown, author_kind),
            tools: change.map(|change| change.written_by.tools.clone()).unwrap_or_default(),
            strength: evidence.map_or(EvidenceStrength::Nothing, strength),
            overridden,
            failed: delivered.failed,
        });
        let findings = evidence.map(|evidence| {
            let names = evidence.findings.iter().map(|finding| finding.function.clone());
            names.collect::<BTreeSet<_>>().into_iter().collect()
        });
        self.candidates.push(Candidate {
            entry: delivered.entry,
            commit: merged.and_then(|merged| merged.verdict.subject.commit.clone()),
            tree: merged.and_then(|merged| merged.verdict.subject.tree.clone()),
            merged: merged.map_or(delivered.time, |merged| merged.verdict.time),
            deployed: delivered.deployed,
            services,
            files: change
                .map(|change| change.files.iter().map(|file| file.path.clone()).collect())
                .unwrap_or_default(),
            findings: findings.unwrap_or_default(),
            functions: change.map_or(0, |change| change.functions),
            dependents: change.map_or(0, |change| change.dependents),
            risk: merged.and_then(|merged| merged.verdict.risk.as_ref().map(|risk| risk.score)),
            overridden,
            went_past_the_gate: delivered.past_the_gate,
        });
    }
}

fn opened(record: &Record, fact: &Value) -> Told {
    let texts = |name: &str| -> Vec<String> {
        let items = fact[name].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let mut services = texts("services");
    if services.is_empty() {
        services.extend(record.subject.service.clone());
    }
    Told {
        id: record.subject.incident.clone().unwrap_or_default(),
        title: fact["title"].as_str().map(str::to_owned),
        question: Incident {
            opened: fact["opened"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .unwrap_or(record.time),
            services,
            paths: texts("paths"),
            functions: texts("functions"),
        },
        closed: None,
        linked: Vec::new(),
    }
}

/// The verdict of an entry, if it let a change be merged.
fn passed(ledger: &Ledger, index: u64) -> Result<Option<Merged>, CliError> {
    let Some(payload) = ledger.payload(index)? else {
        return Ok(None);
    };
    let Ok(sealed) = Sealed::read(&payload) else {
        return Ok(None);
    };
    let Some(verdict) = sealed
        .verdict()
        .filter(|verdict| verdict.stage == Stage::Merge && verdict.ruling == Ruling::Pass)
    else {
        return Ok(None);
    };
    Ok(Some(Merged {
        entry: index,
        verdict,
        input: sealed.input.and_then(|input| serde_json::from_value(input).ok()),
    }))
}

/// Who wrote it, as far as anything tells: what nobody claims is unknown, and not human.
fn author_kind(change: &ChangeFacts) -> AuthorKind {
    let by = &change.written_by;
    let is_ai = by.ai > 0 || !by.tools.is_empty();
    match (is_ai, by.human > 0, by.mixed > 0) {
        (_, _, true) | (true, true, _) => AuthorKind::Mixed,
        (true, false, false) => AuthorKind::Ai,
        (false, true, false) => AuthorKind::Human,
        (false, false, false) => AuthorKind::Unknown,
    }
}

fn strength(evidence: &EvidenceFacts) -> EvidenceStrength {
    let functions = &evidence.functions;
    if functions.all() > 0 && functions.not_verified == functions.all() {
        EvidenceStrength::Nothing
    } else if functions.all() == 0 || functions.all_strong() {
        EvidenceStrength::Strong
    } else {
        EvidenceStrength::Weak
    }
}
