//! What the ledger keeps: one entry says that something was judged, approved, deployed or found out, and when.
//!
//! A record holds no personal data. Names, reasons and texts are in its payload, which lies beside the log and can be
//! deleted, while the digest of it stays.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the format of an entry. A reader refuses what it does not know, be it a version, a kind or a field:
/// what it cannot read it cannot vouch for.
pub const RECORD_VERSION: u32 = 1;

/// One entry of the ledger; in the log it is compact JSON of at most 65,535 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Always [`RECORD_VERSION`].
    pub version: u32,
    /// 16 hexadecimal digits by chance: tells an append that was tried again from a second entry that says the same.
    pub id: String,
    /// What happened.
    pub kind: RecordKind,
    /// When, in UTC. In a log it never lies before that of the entry before.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub time: Timestamp,
    /// What the writer's own clock said, where that was more than two minutes before the entry before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub clock: Option<Timestamp>,
    /// Id of the key of whoever wrote it. Never the name of a person.
    pub by: String,
    /// What it is about.
    #[serde(default)]
    pub subject: Subject,
    /// What lies beside the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Payload>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// The log was begun.
    Created,
    /// A change was examined.
    Evidence,
    /// A change was judged.
    Verdict,
    /// Somebody approves a change.
    Approval,
    /// A document was handed in.
    Document,
    /// Somebody lets pass what was held.
    Override,
    /// A finding is accepted.
    Acceptance,
    /// An artifact went into an environment.
    Deployment,
    /// An incident began.
    IncidentOpened,
    /// An incident was traced to a change.
    IncidentLinked,
    /// An incident ended.
    IncidentClosed,
    /// An earlier entry no longer holds.
    Retraction,
    /// The payload of an earlier entry was deleted.
    Redaction,
    /// The log is signed by another key from here on.
    KeyRotation,
    /// A trend was computed.
    Trend,
    /// The guard allowed or denied an action.
    Decision,
}

/// What an entry is about, as far as it is about such a thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Git tree of what was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_tree: Option<String>,
    /// Git tree of what is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// Git commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Name of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Name of an environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Digest of what is deployed, as `sha256:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// Id of an incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// Index of an earlier entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<u64>,
}

/// What lies beside the log, as `blobs/<first two hexadecimal digits>/<SHA-256>`: a line of 32 hexadecimal digits by
/// chance, so that a short text cannot be guessed from its digest once it is deleted, and the bytes themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// `sha256:` and the digest, in hexadecimal digits, of all that lies there.
    pub digest: String,
    /// Bytes, without the first line.
    pub size: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            version: RECORD_VERSION,
            id: "00112233445566aa".to_owned(),
            kind: RecordKind::IncidentOpened,
            time: "2026-11-28T01:00:00Z".parse().unwrap(),
            clock: None,
            by: "ci.example+00c0ffee".to_owned(),
            subject: Subject {
                about: Some(7),
                ..Subject::default()
            },
            payload: None,
        }
    }

    #[test]
    fn what_is_absent_takes_no_bytes() {
        let text = serde_json::to_string(&record()).unwrap();
        assert_eq!(
            text,
            r#"{"version":1,"id":"00112233445566aa","kind":"incident_opened","time":"2026-11-28T01:00:00Z","by":"ci.example+00c0ffee","subject":{"about":7}}"#
        );
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record());
    }

    #[test]
    fn an_unknown_kind_and_an_unknown_field_are_refused() {
        let text = serde_json::to_string(&record()).unwrap();
        let error = serde_json::from_str::<Record>(&text.replace("incident_opened", "party")).unwrap_err();
        assert!(error.to_string().contains("unknown variant `party`"), "{error}");
        assert!(serde_json::from_str::<Record>(&text.replace("\"about\"", "\"aside\"")).is_err());
    }
}
