//! Checkpoints: how long the log is, what its root is, when, and who says so.
//!
//! A checkpoint is a signed note (<https://c2sp.org/tlog-checkpoint>) with one line more, `time` and the time in RFC
//! 3339: that of the newest entry, or a later one.

use jiff::Timestamp;
use signed_note::{Note, NoteError, Signature, VerifierList};
use tlog_tiles::Hash;

use crate::keys::{SigningKey, VerifyingKey};
use crate::{Error, KeyKind};

/// A checkpoint as it was read: nothing is known of who signed it until [`Checkpoint::signed_by`] tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    bytes: Vec<u8>,
    text: Vec<u8>,
    origin: String,
    size: u64,
    root: Hash,
    time: Timestamp,
}

/// A cosignature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Id of the witness' key.
    pub witness: String,
    /// When it signed.
    pub time: Timestamp,
}

impl Checkpoint {
    /// Makes one and signs it.
    pub(crate) fn sign(origin: &str, size: u64, root: Hash, time: Timestamp, key: &SigningKey) -> Result<Self, Error> {
        let text = tlog_tiles::Checkpoint::new(origin, size, root, &format!("time {time}\n"))
            .map_err(|_| unusable("the new checkpoint", "has an origin that is no line of text"))?
            .to_bytes();
        let note = Note::new(&text, &[]).and_then(|mut note| {
            note.add_sigs(&[key])?;
            Ok(note.to_bytes())
        });
        Self::parse(&note.map_err(|error| unusable("the new checkpoint", &format!("cannot be signed: {error}")))?)
    }

    /// Reads one, without looking at its signatures.
    ///
    /// # Errors
    /// When it is no checkpoint, or has no time.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let broken = |what: &str| unusable("the checkpoint", what);
        let note = Note::from_bytes(bytes).map_err(|_| broken("is no signed note: it was changed or cut off"))?;
        let parsed = tlog_tiles::Checkpoint::from_bytes(note.text())
            .map_err(|_| broken("does not hold an origin, a size and a root"))?;
        let time = parsed.extension().strip_prefix("time ").and_then(|rest| {
            // One line and no other form of the same time.
            let time: Timestamp = rest.strip_suffix('\n')?.parse().ok()?;
            (format!("{time}\n") == rest).then_some(time)
        });
        Ok(Self {
            bytes: bytes.to_owned(),
            text: note.text().to_owned(),
            origin: parsed.origin().to_owned(),
            size: parsed.size(),
            root: *parsed.hash(),
            time: time.ok_or_else(|| broken("does not say its time"))?,
        })
    }

    /// The whole note, with its signatures.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Which log it is of.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries the log has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The Merkle root of these.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// When it was made: not before its newest entry.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The text that is signed.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The first of these keys that signed it.
    ///
    /// # Errors
    /// When none did, or a signature in the name of one of them does not hold.
    pub fn signed_by<'k>(&self, keys: &'k [VerifyingKey]) -> Result<&'k VerifyingKey, Error> {
        for key in keys.iter().filter(|key| key.kind() == KeyKind::Log) {
            if self.signature(key)?.is_some() {
                return Ok(key);
            }
        }
        let known: Vec<String> = keys.iter().map(VerifyingKey::id).collect();
        let reason = match known.as_slice() {
            [] => "cannot be trusted: no key was given to check it with".to_owned(),
            known => format!("is signed by an unknown key; known: {}", known.join(", ")),
        };
        Err(unusable("the checkpoint", &reason))
    }

    /// The cosignatures of these witnesses, each once.
    ///
    /// # Errors
    /// When a signature in the name of one of them does not hold.
    pub fn cosigned_by(&self, witnesses: &[VerifyingKey]) -> Result<Vec<Cosignature>, Error> {
        let mut found: Vec<Cosignature> = Vec::new();
        for witness in witnesses.iter().filter(|key| key.kind() == KeyKind::Witness) {
            let Some(signature) = self.signature(witness)? else {
                continue;
            };
            let time = signature
                .signature()
                .first_chunk()
                .map(|time| u64::from_be_bytes(*time));
            let time = time.and_then(|time| Timestamp::from_second(i64::try_from(time).ok()?).ok());
            let time = time.ok_or_else(|| unusable("the checkpoint", "has a cosignature of no time"))?;
            if !found.iter().any(|other| other.witness == witness.id()) {
                found.push(Cosignature {
                    witness: witness.id(),
                    time,
                });
            }
        }
        Ok(found)
    }

    /// With the signature of a witness, made at `time`.
    pub(crate) fn with_cosignature(&self, witness: &SigningKey, time: Timestamp) -> Result<Self, Error> {
        let seconds = u64::try_from(time.as_second()).unwrap_or(0);
        let (key, bytes) = (witness.verifying(), witness.cosign(&self.text, seconds));
        let signature = Signature::new(key.name().to_owned(), signed_note::Verifier::key_id(&key), bytes)
            .map_err(|error| unusable("the checkpoint", &error.to_string()))?;
        Self::parse(&[&self.bytes[..], &signature.to_bytes()].concat())
    }

    fn signature(&self, key: &VerifyingKey) -> Result<Option<Signature>, Error> {
        let note = Note::from_bytes(&self.bytes).map_err(|error| unusable("the checkpoint", &error.to_string()))?;
        match note.verify(&VerifierList::new(vec![Box::new(key.clone())])) {
            Ok((mut verified, _)) => Ok(verified.pop()),
            Err(NoteError::UnverifiedNote) => Ok(None),
            Err(_) => {
                let reason = format!("has a signature in the name of {} that does not hold", key.id());
                Err(unusable("the checkpoint", &reason))
            }
        }
    }
}

fn unusable(which: &str, reason: &str) -> Error {
    Error::Checkpoint {
        which: which.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed() -> (Checkpoint, SigningKey) {
        let key = SigningKey::generate("example.com/log", KeyKind::Log).unwrap();
        let time = "2026-11-28T01:00:00Z".parse().unwrap();
        let checkpoint = Checkpoint::sign("example.com/log", 3, Hash([7; 32]), time, &key).unwrap();
        (checkpoint, key)
    }

    #[test]
    fn what_was_signed_is_read_and_checked() {
        let (checkpoint, key) = signed();
        let text = "example.com/log\n3\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\ntime 2026-11-28T01:00:00Z\n";
        assert_eq!(checkpoint.text(), text.as_bytes());
        assert_eq!(checkpoint.signed_by(&[key.verifying()]).unwrap(), &key.verifying());
        let other = SigningKey::generate("example.com/log", KeyKind::Log)
            .unwrap()
            .verifying();
        assert!(
            checkpoint
                .signed_by(&[other])
                .unwrap_err()
                .to_string()
                .contains("unknown key")
        );
    }

    #[test]
    fn no_changed_bit_goes_unnoticed() {
        let (checkpoint, key) = signed();
        for at in 0..checkpoint.as_bytes().len() * 8 {
            let mut bytes = checkpoint.as_bytes().to_owned();
            bytes[at / 8] ^= 1 << (at % 8);
            let read = Checkpoint::parse(&bytes).and_then(|read| read.signed_by(&[key.verifying()]).cloned());
            assert!(read.is_err(), "bit {at}");
        }
    }

    #[test]
    fn a_cosignature_has_its_time_and_holds_for_its_witness_alone() {
        let (checkpoint, key) = signed();
        let witness = SigningKey::generate("witness.example", KeyKind::Witness).unwrap();
        let other = SigningKey::generate("other.example", KeyKind::Witness).unwrap();
        let time: Timestamp = "2026-11-28T02:00:00Z".parse().unwrap();
        let cosigned = checkpoint.with_cosignature(&witness, time).unwrap();
        let found = cosigned.cosigned_by(&[other.verifying(), witness.verifying()]).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].time, &found[0].witness), (time, &witness.verifying().id()));
        assert!(cosigned.signed_by(&[key.verifying()]).is_ok());
    }
}
