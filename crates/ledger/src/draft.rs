//! Entries on their way into the log.

use jiff::{SignedDuration, Timestamp};
use model::record::RECORD_VERSION;
use model::{Payload, Record, RecordKind, Subject};

use crate::layout::LARGEST_ENTRY;
use crate::{Error, random};

/// How far a writer's clock may be behind the entry before without being told in the entry.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(2);

/// What a caller wants to have appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// What happened.
    pub kind: RecordKind,
    /// Id of the writer's key ([`crate::VerifyingKey::id`]). Never the name of a person.
    pub by: String,
    /// What it is about.
    pub subject: Subject,
    /// What is to lie beside the log: all that is long or personal.
    pub payload: Option<Vec<u8>>,
}

/// The entry as it would be if it were the first; [`place_after`] gives it its time.
pub fn draft(new: &NewRecord, payload: Option<Payload>, now: Timestamp) -> Result<Record, Error> {
    let record = Record {
        version: RECORD_VERSION,
        id: random::hexadecimal::<8>()?,
        kind: new.kind,
        time: now,
        clock: None,
        by: new.by.clone(),
        subject: new.subject.clone(),
        payload,
    };
    // It must fit in the longer of its forms: whoever appends it for us cannot ask back.
    encode(&Record {
        clock: Some(now),
        ..record.clone()
    })?;
    Ok(record)
}

/// The entry as it follows one of this time. Times never run backwards: a clock that is behind is told in `clock`.
///
/// No clock ever makes an append fail. One that is far ahead cannot be told from a log that nobody wrote to for long;
/// all entries after it get its time, and tell their writers' own clocks, so that nothing is lost and nobody blocked.
pub fn place_after(draft: Record, last: Timestamp) -> Record {
    let clock = draft.time;
    Record {
        time: clock.max(last),
        clock: (last.duration_since(clock) > TOLERANCE).then_some(clock),
        ..draft
    }
}

/// The bytes of an entry.
pub fn encode(record: &Record) -> Result<Vec<u8>, Error> {
    // All of its keys are texts, so that it can always be written.
    let bytes = serde_json::to_vec(record).unwrap_or_default();
    if bytes.len() > LARGEST_ENTRY {
        return Err(Error::TooLarge {
            kind: format!("{:?}", record.kind),
            size: bytes.len(),
        });
    }
    Ok(bytes)
}

/// The record in an entry.
pub fn decode(index: u64, entry: &[u8]) -> Result<Record, Error> {
    let unreadable = |reason: String| Error::Unreadable { index, reason };
    let record: Record = serde_json::from_slice(entry).map_err(|error| unreadable(error.to_string()))?;
    if record.version != RECORD_VERSION {
        return Err(unreadable(format!("it is of version {}", record.version)));
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Record {
        let new = NewRecord {
            kind: RecordKind::Verdict,
            by: "key".to_owned(),
            subject: Subject::default(),
            payload: None,
        };
        draft(&new, None, time.parse().unwrap()).unwrap()
    }

    #[test]
    fn times_never_run_backwards_and_a_clock_that_is_behind_is_told() {
        let last: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let later = place_after(at("2026-11-28T12:00:01Z"), last);
        assert_eq!(
            (later.time.to_string().as_str(), later.clock),
            ("2026-11-28T12:00:01Z", None)
        );
        let little = place_after(at("2026-11-28T11:58:00Z"), last);
        assert_eq!((little.time, little.clock), (last, None));
        let far = place_after(at("2026-11-28T11:57:59Z"), last);
        assert_eq!(
            (far.time, far.clock.unwrap().to_string().as_str()),
            (last, "2026-11-28T11:57:59Z")
        );
        // A clock that is years ahead blocks nobody and loses nothing.
        let ahead = place_after(at("2026-11-28T12:00:00Z"), "2199-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(ahead.clock, Some(last));
    }

    #[test]
    fn what_is_too_large_is_refused_before_anybody_takes_it() {
        let mut new = at("2026-11-28T12:00:00Z");
        new.subject.service = Some("s".repeat(65_535));
        assert!(encode(&new).unwrap_err().to_string().contains("65,535 is the most"));
    }

    #[test]
    fn an_entry_that_is_no_record_is_named() {
        let entry = encode(&at("2026-11-28T12:00:00Z")).unwrap();
        assert!(decode(3, &entry).is_ok());
        let text = String::from_utf8(entry).unwrap();
        let other = decode(17, text.replace("verdict", "party").as_bytes()).unwrap_err();
        assert!(
            other
                .to_string()
                .starts_with("entry 17 cannot be read: unknown variant `party`"),
            "{other}"
        );
        let newer = decode(17, text.replace("\"version\":1", "\"version\":2").as_bytes()).unwrap_err();
        assert!(newer.to_string().contains("version 2"));
    }
}
