//! Deleting payloads: what the log itself holds stays, with the digest of what is gone.

use jiff::{SignedDuration, Timestamp};
use model::{RecordKind, Subject};

use crate::append::Appended;
use crate::chain::is_rotation;
use crate::draft::NewRecord;
use crate::layout::blob_path;
use crate::{Error, Ledger};

/// The shortest retention: six months, taken as 184 days (EU AI Act, articles 19(1) and 26(6)).
pub const SHORTEST_RETENTION: SignedDuration = SignedDuration::from_hours(184 * 24);

/// How many entries one step of an expiry appends.
const STEP: usize = 256;

impl Ledger {
    /// Deletes the payload of an entry. An entry of kind `redaction`, with the reason as its payload, says so and stays.
    /// The entry itself and its leaf hash stay as they are. If this fails half-way, do it again.
    ///
    /// # Errors
    /// When there is no such entry, it has no payload or must keep it, or the storage refuses.
    pub fn redact(&self, index: u64, by: &str, reason: &[u8], now: Timestamp) -> Result<Appended, Error> {
        let path = self.redactable(index)?;
        let appended = self.append(&[redaction(index, by, Some(reason.to_owned()))], now)?;
        // Last: whatever happens, no payload is gone without an entry that says so.
        self.storage().delete(&path)?;
        appended.first().copied().ok_or(Error::NoSigner)
    }

    /// Deletes the payloads of all entries of before a time, each with an entry of kind `redaction` that has no payload:
    /// the retention period is over. Counted is `time` of the entries, so that a clock that was behind shortens nothing.
    /// Gives the indices of the entries whose payload was deleted.
    ///
    /// # Errors
    /// When that would be before [`SHORTEST_RETENTION`] is over and `earlier` does not say that it need not be kept, or
    /// the storage refuses.
    pub fn expire(&self, before: Timestamp, earlier: bool, by: &str, now: Timestamp) -> Result<Vec<u64>, Error> {
        let earliest = now.saturating_sub(SHORTEST_RETENTION).unwrap_or(Timestamp::MIN);
        if before > earliest && !earlier {
            return Err(Error::TooEarly {
                before: before.to_string(),
                earliest: earliest.to_string(),
            });
        }
        let mut expired = Vec::new();
        for record in self.records(0..self.size()?)? {
            let (index, record) = record?;
            if record.time >= before {
                break;
            }
            let path = record.payload.as_ref().and_then(|payload| blob_path(&payload.digest));
            let path = path.filter(|_| !is_rotation(&record));
            if let Some(path) = path
                && self.storage().exists(&path)?
            {
                expired.push((index, path));
            }
        }
        for step in expired.chunks(STEP) {
            let records: Vec<_> = step.iter().map(|(index, _)| redaction(*index, by, None)).collect();
            self.append(&records, now)?;
            for (_, path) in step {
                self.storage().delete(path)?;
            }
        }
        Ok(expired.into_iter().map(|(index, _)| index).collect())
    }

    fn redactable(&self, index: u64) -> Result<String, Error> {
        let record = self.record(index)?;
        let refused = |reason: &str| Error::NotRedactable {
            index,
            reason: reason.to_owned(),
        };
        if is_rotation(&record) {
            return Err(refused("it changes the key, and later signatures rest on it"));
        }
        let payload = record
            .payload
            .ok_or_else(|| refused("it has no payload, and an entry itself stays for ever"))?;
        blob_path(&payload.digest).ok_or_else(|| refused("its payload has no digest"))
    }
}

fn redaction(index: u64, by: &str, reason: Option<Vec<u8>>) -> NewRecord {
    NewRecord {
        kind: RecordKind::Redaction,
        by: by.to_owned(),
        subject: Subject {
            about: Some(index),
            ..Subject::default()
        },
        payload: reason,
    }
}
