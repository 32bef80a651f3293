//! What entries say, for people and for auditors.

use attest::predicates::{ActionApproval, Approval, Decided, Document, Evidence, Override, TrendStatement};
use ledger::Reading;
use model::{Record, RecordKind};
use serde_json::Value;

use super::statements::Sealed;

/// What an entry says in a line, as far as its payload is there and can be read.
pub fn summary(record: &Record, payload: Option<&[u8]>) -> Option<String> {
    let payload = payload?;
    let Ok(sealed) = Sealed::read(payload) else {
        return fact(record, payload);
    };
    match record.kind {
        RecordKind::Verdict => {
            let signed = sealed.statement::<Decided>()?;
            let verdict = &signed.statement.predicate().verdict;
            let open = open_rules(verdict);
            let rules = if open.is_empty() {
                String::new()
            } else {
                format!(": {}", open.join(", "))
            };
            Some(format!(
                "{} of a {}{rules}",
                verdict["ruling"].as_str()?,
                verdict["stage"].as_str()?
            ))
        }
        RecordKind::Approval => {
            let signed = sealed.statement::<Approval>()?;
            let approval = signed.statement.predicate();
            let role = approval
                .role
                .as_ref()
                .map_or(String::new(), |role| format!(" as {role}"));
            Some(format!("{} approves{role}", approval.who))
        }
        RecordKind::Document => {
            let signed = sealed.statement::<Document>()?;
            let document = signed.statement.predicate();
            let headings: Vec<&String> = document.headings.keys().collect();
            Some(format!("{} documents {}", document.who, gate::words::and(&headings)))
        }
        RecordKind::Override => {
            let signed = sealed.statement::<Override>()?;
            let one = signed.statement.predicate();
            Some(format!(
                "{} overrides {} until {}: {}",
                one.who, one.scope.stage, one.expires, one.reason
            ))
        }
        RecordKind::Evidence => {
            let signed = sealed.statement::<Evidence>()?;
            let evidence = signed.statement.predicate();
            Some(format!(
                "evidence made by {} {}",
                evidence.tool.name, evidence.tool.version
            ))
        }
        RecordKind::Decision => {
            let signed = sealed.statement::<ActionApproval>()?;
            let approval = signed.statement.predicate();
            Some(format!("{} lets an agent run {}", approval.who, approval.words))
        }
        RecordKind::Trend => {
            let signed = sealed.statement::<TrendStatement>()?;
            let trend = &signed.statement.predicate().trend;
            Some(format!("trend of {} deliveries", trend["overall"]["deliveries"]))
        }
        _ => None,
    }
}

/// Names of rules that a verdict did not find satisfied.
fn open_rules(verdict: &Value) -> Vec<String> {
    let Some(rules) = verdict["rules"].as_array() else {
        return Vec::new();
    };
    let is_open = |rule: &&Value| {
        matches!(
            rule["state"].as_str(),
            Some("missing" | "unavailable" | "violated" | "overridden")
        )
    };
    let name = |rule: &Value| Some(format!("{} {}", rule["rule"].as_str()?, rule["state"].as_str()?));
    rules.iter().filter(is_open).filter_map(name).collect()
}

/// What a plain payload says: the fields of a fact, or a text.
fn fact(record: &Record, payload: &[u8]) -> Option<String> {
    if record.kind == RecordKind::KeyRotation {
        return Some("another key signs from here on".to_owned());
    }
    let Ok(value) = serde_json::from_slice::<Value>(payload) else {
        return Some(String::from_utf8_lossy(payload).into_owned());
    };
    let fields = value.as_object()?;
    let words = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let listed: Vec<String> = fields
        .iter()
        .filter(|(name, value)| *name != "format" && !value.is_null())
        .map(|(name, value)| format!("{name} {}", words(value)))
        .collect();
    Some(listed.join(" · "))
}

/// What an auditor is told of an entry.
pub fn reading(record: &Record, payload: &[u8]) -> Reading {
    let mut reading = Reading::default();
    if let Some(text) = summary(record, Some(payload)) {
        reading.more.push(("summary".to_owned(), text));
    }
    let Ok(sealed) = Sealed::read(payload) else {
        return reading;
    };
    if let Some(signed) = sealed.statement::<Decided>() {
        let verdict = &signed.statement.predicate().verdict;
        reading.verdict = verdict["ruling"].as_str().map(str::to_owned);
        reading.judged = verdict["stage"].as_str().map(str::to_owned);
        let input = sealed.input.as_ref();
        let people = input.and_then(|input| input["approvals"].as_array());
        let ids = people
            .into_iter()
            .flatten()
            .filter_map(|approval| approval["by"]["id"].as_str());
        reading.persons = ids.map(str::to_owned).collect();
        reading.persons.dedup();
    }
    if let Some(signed) = sealed.statement::<Approval>() {
        reading.persons.push(signed.statement.predicate().who.clone());
    }
    if let Some(signed) = sealed.statement::<ActionApproval>() {
        reading.persons.push(signed.statement.predicate().who.clone());
    }
    if let Some(signed) = sealed.statement::<Override>() {
        reading.persons.push(signed.statement.predicate().who.clone());
    }
    if let Some(signed) = sealed.statement::<Document>() {
        reading.persons.push(signed.statement.predicate().who.clone());
    }
    if let Some(signed) = sealed.statement::<Evidence>() {
        let evidence = signed.statement.predicate();
        reading.judged = Some(format!("tree {}", evidence.tree));
    }
    reading
}
