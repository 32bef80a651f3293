//! `gate audit`: what runs now, held against the ledger. `gate deployed`: what went where.

use std::io::Read;

use camino::Utf8Path;
use jiff::Timestamp;
use ledger::NewRecord;
use model::gate_input::PastVerdict;
use model::{RecordKind, Ruling, Subject};
use serde::Serialize;
use serde_json::json;

use super::branch::Branch;
use super::deploying::past_deployments;
use crate::approving::digest;
use crate::args::{AuditArgs, DeployedArgs};
use crate::check::here;
use crate::error::{self, CliError};
use crate::records::keys;
use crate::settings;

/// What runs somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Running {
    service: String,
    environment: String,
    artifact: String,
}

/// What the ledger says of it.
#[derive(Debug, Serialize)]
struct Finding {
    service: String,
    environment: String,
    artifact: String,
    passed: bool,
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<u64>,
}

impl Branch {
    fn verdicts(&self, running: &Running) -> Result<Vec<PastVerdict>, CliError> {
        let what = (
            running.service.as_str(),
            running.environment.as_str(),
            running.artifact.as_str(),
        );
        past_deployments(&self.kept, &self.judging, &self.vouched, what).map_err(CliError::NotRunnable)
    }

    /// The entries that say that it was deployed there.
    fn deployed(&self, running: &Running) -> Vec<u64> {
        let is_it = |subject: &Subject| {
            subject.service.as_ref() == Some(&running.service)
                && subject.environment.as_ref() == Some(&running.environment)
                && subject.artifact.as_ref() == Some(&running.artifact)
        };
        let records = self.kept.records.iter();
        let found = records.filter(|(_, record)| record.kind == RecordKind::Deployment && is_it(&record.subject));
        found.map(|(index, _)| *index).collect()
    }

    fn finding(&self, running: Running) -> Result<Finding, CliError> {
        let verdicts = self.verdicts(&running)?;
        let trusted: Vec<&PastVerdict> = verdicts.iter().filter(|verdict| verdict.trusted).collect();
        let passed = trusted.iter().find(|verdict| verdict.ruling == Ruling::Pass);
        // The last word before each deployment counts; where none was written down, the last one of all.
        let last_before = |entry: u64| trusted.iter().rfind(|verdict| verdict.entry < entry);
        let deployed = self.deployed(&running);
        let wrongly = deployed
            .iter()
            .find(|entry| last_before(**entry).is_none_or(|verdict| verdict.ruling != Ruling::Pass));
        let refused = trusted
            .last()
            .filter(|last| deployed.is_empty() && last.ruling != Ruling::Pass);
        let (is_in_order, why, entry) = match (passed, trusted.last(), verdicts.len()) {
            (Some(passed), ..) => match (wrongly, refused) {
                (Some(deployed), _) => match last_before(*deployed) {
                    Some(last) => (
                        false,
                        format!(
                            "the gate said {} (entry {}) before it was deployed (entry {deployed})",
                            last.ruling.word(),
                            last.entry
                        ),
                        Some(last.entry),
                    ),
                    None => (
                        false,
                        format!(
                            "it was deployed (entry {deployed}) before it passed (entry {})",
                            passed.entry
                        ),
                        Some(passed.entry),
                    ),
                },
                (None, Some(last)) => (
                    false,
                    format!("the gate last said {} and it runs all the same", last.ruling.word()),
                    Some(last.entry),
                ),
                (None, None) => (true, format!("it passed at {}", passed.time), Some(passed.entry)),
            },
            (None, Some(last), _) => (
                false,
                format!("the gate said {} and it runs all the same", last.ruling.word()),
                Some(last.entry),
            ),
            (None, None, 0) => (false, "the ledger holds no verdict for it there".to_owned(), None),
            (None, None, number) => (
                false,
                format!(
                    "no key that the policy names signed {}",
                    gate::words::count(number, "verdict for it", "verdicts for it")
                ),
                verdicts.last().map(|verdict| verdict.entry),
            ),
        };
        Ok(Finding {
            service: running.service,
            environment: running.environment,
            artifact: running.artifact,
            passed: is_in_order,
            why,
            entry,
        })
    }
}

/// Holds what runs against the ledger.
///
/// # Errors
/// When what runs cannot be read, or the ledger cannot be trusted.
pub fn audit(args: &AuditArgs) -> Result<u8, CliError> {
    let running = read(&args.running)?;
    let branch = Branch::of(&here()?, args.target.as_deref(), Timestamp::now())?;
    branch.kept.trusted()?;
    if running.is_empty() {
        // An audit of nothing has found nothing out.
        return Err(CliError::Usage(format!(
            "{} names nothing that runs: each line is SERVICE ENVIRONMENT sha256:…",
            args.running
        )));
    }
    let findings: Vec<Finding> = running
        .into_iter()
        .map(|running| branch.finding(running))
        .collect::<Result<_, _>>()?;
    let past = findings.iter().filter(|finding| !finding.passed).count();
    if args.json {
        error::print(&serde_json::to_string_pretty(&findings).unwrap_or_default())?;
    } else {
        let mut text = String::new();
        for finding in &findings {
            let entry = finding
                .entry
                .map_or(String::new(), |entry| format!(" (ledger {entry})"));
            text.push_str(&format!(
                "{} {} in {}: {} {}{entry}\n",
                if finding.passed { "✓" } else { "✗" },
                finding.service,
                finding.environment,
                finding.artifact.get(..19).unwrap_or(&finding.artifact),
                finding.why
            ));
        }
        let all = findings.len();
        text.push_str(&match past {
            0 => format!("\nall {all} went through the gate\n"),
            past => format!("\n{past} of {all} went past the gate\n"),
        });
        error::print(&text)?;
    }
    Ok(u8::from(past > 0))
}

/// Lines of service, environment and digest.
fn read(source: &Utf8Path) -> Result<Vec<Running>, CliError> {
    let mut text = String::new();
    let read = match source.as_str() {
        "-" => std::io::stdin().read_to_string(&mut text).map(|_| ()),
        _ => std::fs::read_to_string(source).map(|read| text = read),
    };
    read.map_err(|error| CliError::Usage(format!("{source} cannot be read: {error}")))?;
    let mut running = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| !word.is_empty())
            .collect();
        let wrong = |why: String| {
            CliError::Usage(format!(
                "{source}:{}: {why}; expected SERVICE ENVIRONMENT sha256:…",
                number + 1
            ))
        };
        match words.as_slice() {
            [] => {}
            [service, environment, artifact] => {
                // As images are named: `registry/shop@sha256:…`.
                let artifact = artifact.rsplit('@').next().unwrap_or(artifact);
                digest(artifact).map_err(|error| wrong(error.to_string()))?;
                running.push(Running {
                    service: (*service).to_owned(),
                    environment: (*environment).to_owned(),
                    artifact: artifact.to_owned(),
                });
            }
            words => {
                return Err(wrong(format!(
                    "there are {}",
                    gate::words::count(words.len(), "word", "words")
                )));
            }
        }
    }
    Ok(running)
}

/// Writes down that something was deployed.
///
/// # Errors
/// When the ledger cannot be written to.
pub fn deployed(args: &DeployedArgs) -> Result<u8, CliError> {
    digest(&args.artifact)?;
    let branch = Branch::of(&here()?, args.target.as_deref(), Timestamp::now())?;
    let running = Running {
        service: args.service.clone(),
        environment: args.env.clone(),
        artifact: args.artifact.clone(),
    };
    let passed = branch
        .verdicts(&running)?
        .into_iter()
        .rfind(|verdict| verdict.trusted)
        .filter(|verdict| verdict.ruling == Ruling::Pass);
    let tree = passed.as_ref().and_then(|verdict| {
        let mut records = branch.kept.records.iter();
        let record = records.find(|(index, _)| *index == verdict.entry);
        record.map(|(_, record)| (record.subject.tree.clone(), record.subject.commit.clone()))
    });
    let (tree, commit) = tree.unwrap_or_default();
    let now = Timestamp::now();
    let (ledger, _) = branch.place.open_to_append(now)?;
    let key = keys::of_this_machine()?;
    let record = NewRecord {
        kind: RecordKind::Deployment,
        by: key.public().id().to_string(),
        subject: Subject {
            tree,
            commit,
            service: Some(args.service.clone()),
            environment: Some(args.env.clone()),
            artifact: Some(args.artifact.clone()),
            about: passed.as_ref().map(|verdict| verdict.entry),
            ..Subject::default()
        },
        payload: settings::agent().map(|agent| {
            let fact = json!({"format": crate::records::FACT, "agent": agent});
            fact.to_string().into_bytes()
        }),
    };
    let index = crate::records::append(&ledger, record, now)?;
    let said = match &passed {
        Some(verdict) => format!("entry {index}: deployed, as entry {} let it pass\n", verdict.entry),
        None => format!("entry {index}: deployed, past the gate: no verdict let it pass\n"),
    };
    error::print(&said)?;
    Ok(u8::from(passed.is_none()))
}
