//! The keys of a log, one after the other: who may sign, and from which entry on.
//!
//! An entry of kind `key_rotation` has as its payload a signed note: a first line that says what it is, the origin, the
//! old key and the new one, signed by both. Whoever trusts one key of the chain can follow it to the next.

use model::{Record, RecordKind};
use signed_note::{Note, VerifierList};

use crate::keys::{SigningKey, VerifyingKey};
use crate::{Error, KeyKind};

/// First line of the payload.
const HEAD: &str = "counterproof.ledger.key-rotation/1";

/// A change of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Index of its entry; a checkpoint that covers it must be signed by the new key.
    pub index: u64,
    /// Who signed until then.
    pub old: VerifyingKey,
    /// Who signs from then on.
    pub new: VerifyingKey,
}

impl Rotation {
    /// The payload of the entry.
    pub fn payload(origin: &str, old: &SigningKey, new: &SigningKey) -> Result<Vec<u8>, Error> {
        let text = format!("{HEAD}\n{origin}\n{}\n{}\n", old.verifying(), new.verifying());
        let signed = Note::new(text.as_bytes(), &[]).and_then(|mut note| {
            note.add_sigs(&[old, new])?;
            Ok(note.to_bytes())
        });
        signed.map_err(|error| Error::Key {
            reason: format!("the change of the key cannot be signed: {error}"),
        })
    }

    /// Reads the payload of an entry and checks both signatures.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(origin: &str, index: u64, payload: &[u8]) -> Result<Self, String> {
        let note = Note::from_bytes(payload).map_err(|_| "the change of the key is no signed note")?;
        let text = String::from_utf8_lossy(note.text()).into_owned();
        let [head, of, old, new] = text.lines().collect::<Vec<_>>()[..] else {
            return Err("the change of the key does not have four lines".to_owned());
        };
        if (head, of) != (HEAD, origin) {
            return Err(format!("the change of the key is of another sort or log: {head}, {of}"));
        }
        let key = |text: &str| text.parse::<VerifyingKey>().map_err(|error| error.to_string());
        let (old, new) = (key(old)?, key(new)?);
        for signer in [&old, &new] {
            let known = VerifierList::new(vec![Box::new(signer.clone())]);
            if signer.kind() != KeyKind::Log || note.verify(&known).is_err() {
                return Err(format!("the change of the key is not signed by {}", signer.id()));
            }
        }
        Ok(Self { index, old, new })
    }
}

/// Whether an entry changes the key.
pub fn is_rotation(record: &Record) -> bool {
    record.kind == RecordKind::KeyRotation
}

/// The keys that may have signed checkpoints of a log, and which of them signs what.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    trusted: Vec<VerifyingKey>,
    rotations: Vec<Rotation>,
}

impl Chain {
    /// From the keys that a caller trusts and the changes that are in the log, in its order.
    ///
    /// # Errors
    /// The first change that was not signed by the key before, or by one that nobody vouches for.
    pub fn new(trusted: &[VerifyingKey], rotations: Vec<Rotation>) -> Result<Self, (u64, String)> {
        for (before, after) in rotations.iter().zip(rotations.iter().skip(1)) {
            if before.new != after.old {
                let (old, new) = (after.old.id(), before.new.id());
                return Err((
                    after.index,
                    format!("the key is changed by {old}, while it was {new} by then"),
                ));
            }
        }
        if let Some(first) = rotations.first() {
            let mut chain = rotations.iter().map(|rotation| &rotation.new).chain([&first.old]);
            if !chain.any(|key| trusted.contains(key)) {
                return Err((
                    first.index,
                    format!("the key is changed by the unknown key {}", first.old.id()),
                ));
            }
        }
        Ok(Self {
            trusted: trusted.to_owned(),
            rotations,
        })
    }

    /// Who may sign a checkpoint of this size.
    pub fn signers(&self, size: u64) -> Vec<VerifyingKey> {
        let before = self.rotations.partition_point(|rotation| rotation.index < size);
        match (before.checked_sub(1), self.rotations.first()) {
            (Some(last), _) => vec![self.rotations[last].new.clone()],
            (None, Some(first)) => vec![first.old.clone()],
            (None, None) => self.trusted.clone(),
        }
    }

    /// All keys, the caller's first.
    pub fn all(&self) -> Vec<VerifyingKey> {
        let mut keys = self.trusted.clone();
        for key in self
            .rotations
            .iter()
            .flat_map(|rotation| [&rotation.old, &rotation.new])
        {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys
    }

    /// Indices of the entries that change the key.
    pub fn indices(&self) -> Vec<u64> {
        self.rotations.iter().map(|rotation| rotation.index).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::generate("example.com/log", KeyKind::Log).unwrap()
    }

    fn rotation(index: u64, old: &SigningKey, new: &SigningKey) -> Rotation {
        let payload = Rotation::payload("example.com/log", old, new).unwrap();
        Rotation::read("example.com/log", index, &payload).unwrap()
    }

    #[test]
    fn a_chain_is_followed_from_any_key_of_it() {
        let (first, second, third) = (key(), key(), key());
        let all = vec![rotation(4, &first, &second), rotation(9, &second, &third)];
        for trusted in [&first, &second, &third] {
            let chain = Chain::new(&[trusted.verifying()], all.clone()).unwrap();
            assert_eq!(chain.signers(4), [first.verifying()]);
            assert_eq!(chain.signers(5), [second.verifying()]);
            assert_eq!(chain.signers(10), [third.verifying()]);
        }
        assert_eq!(Chain::new(&[key().verifying()], all).unwrap_err().0, 4);
        let broken = vec![rotation(4, &first, &second), rotation(9, &first, &third)];
        assert_eq!(Chain::new(&[first.verifying()], broken).unwrap_err().0, 9);
    }

    #[test]
    fn a_changed_payload_is_no_rotation() {
        let mut payload = Rotation::payload("example.com/log", &key(), &key()).unwrap();
        assert!(Rotation::read("example.com/other", 1, &payload).is_err());
        let at = payload.len() - 20;
        payload[at] ^= 1;
        assert!(Rotation::read("example.com/log", 1, &payload).is_err());
    }
}
