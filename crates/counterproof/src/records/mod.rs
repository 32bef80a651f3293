//! What is signed and kept: keys, the ledger, and statements that travel.

pub mod commands;
pub mod keys;
pub mod place;
mod reading;
pub mod statements;
mod verifying;

use attest::predicates::{Approval, Document, Evidence, Override};
use jiff::Timestamp;
use ledger::{Ledger, NewRecord};
use model::{RecordKind, Subject};

use crate::error::CliError;
use keys::Key;
use statements::Sealed;

/// Form of what lies beside entries that hold no signed statement.
pub const FACT: &str = "counterproof.fact/1";

/// Appends what was signed; gives the number of the entry.
///
/// # Errors
/// When the ledger refuses.
pub fn append_sealed(
    ledger: &Ledger,
    kind: RecordKind,
    subject: Subject,
    key: &Key,
    sealed: &Sealed,
    now: Timestamp,
) -> Result<u64, CliError> {
    let record = NewRecord {
        kind,
        by: key.public().id().to_string(),
        subject,
        payload: Some(sealed.to_line().into_bytes()),
    };
    append(ledger, record, now)
}

/// Appends an entry; gives its number.
///
/// # Errors
/// When the ledger refuses.
pub fn append(ledger: &Ledger, record: NewRecord, now: Timestamp) -> Result<u64, CliError> {
    let appended = ledger.append(&[record], now)?;
    let index = appended.first().map(|appended| appended.index);
    index.ok_or_else(|| CliError::Usage("the ledger gave no number for the entry".to_owned()))
}

/// What lies beside the entry of an acceptance.
pub fn acceptance(finding: &str, function: &str, reason: &str, who: &str) -> Vec<u8> {
    let fact = serde_json::json!({
        "format": FACT,
        "finding": finding,
        "function": function,
        "reason": reason,
        "who": who,
    });
    fact.to_string().into_bytes()
}

/// What a statement's entry in the ledger is about.
pub fn statement_subject(sealed: &Sealed) -> Subject {
    let trees = |base: &str, tree: &str| Subject {
        base_tree: Some(base.to_owned()),
        tree: Some(tree.to_owned()),
        ..Subject::default()
    };
    if let Some(signed) = sealed.statement::<Approval>() {
        let approval = signed.statement.predicate();
        return trees(&approval.base_tree, &approval.head_tree);
    }
    if let Some(signed) = sealed.statement::<Document>() {
        let document = signed.statement.predicate();
        return trees(&document.base_tree, &document.head_tree);
    }
    if let Some(signed) = sealed.statement::<Evidence>() {
        let evidence = signed.statement.predicate();
        return trees(&evidence.base_tree, &evidence.tree);
    }
    match sealed.statement::<Override>() {
        Some(signed) => {
            let scope = &signed.statement.predicate().scope;
            Subject {
                tree: Some(scope.tree.clone()),
                service: scope.service.clone(),
                environment: scope.environment.clone(),
                artifact: scope.artifact.as_ref().map(|digest| format!("sha256:{digest}")),
                ..Subject::default()
            }
        }
        None => Subject::default(),
    }
}
