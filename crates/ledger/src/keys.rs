//! Keys: ed25519, in the text forms of <https://c2sp.org/signed-note>.

use std::fmt;
use std::str::FromStr;

use base64::prelude::*;
use ed25519_dalek::Signer as _;

use crate::{Error, random};

/// What a key signs. The number is a part of the key's id, so that no key can be taken for one of the other sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum KeyKind {
    /// Checkpoints of a log, and other notes: `0x01`.
    Log = 1,
    /// Cosignatures of a witness, each with its time: `0x04`, <https://c2sp.org/tlog-cosignature>.
    Witness = 4,
}

/// A key that signs. It is secret: `Debug` does not show it.
#[derive(Clone)]
pub struct SigningKey {
    name: String,
    kind: KeyKind,
    key: ed25519_dalek::SigningKey,
}

/// A key that signatures are checked with, with its name: `NAME+ID+BASE64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    kind: KeyKind,
    key: ed25519_dalek::VerifyingKey,
}

impl SigningKey {
    /// A new key by chance. The name should be the origin of the log, or the address of the witness.
    ///
    /// # Errors
    /// When the name is empty or holds blanks or `+`, or the system has no randomness.
    pub fn generate(name: &str, kind: KeyKind) -> Result<Self, Error> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            kind,
            key: ed25519_dalek::SigningKey::from_bytes(&random::bytes()?),
        })
    }

    /// The key as it is kept: `PRIVATE+KEY+NAME+ID+BASE64`.
    pub fn to_secret_text(&self) -> String {
        let secret = [&[self.kind as u8][..], self.key.as_bytes()].concat();
        let (name, id) = (&self.name, self.verifying().number());
        format!("PRIVATE+KEY+{name}+{id:08x}+{}", BASE64_STANDARD.encode(secret))
    }

    /// What checks its signatures.
    pub fn verifying(&self) -> VerifyingKey {
        VerifyingKey {
            name: self.name.clone(),
            kind: self.kind,
            key: self.key.verifying_key(),
        }
    }

    /// A cosignature on the text of a checkpoint, made at `time` (seconds since 1970).
    pub(crate) fn cosign(&self, text: &[u8], time: u64) -> Vec<u8> {
        let signature = self.key.sign(&cosigned(text, time));
        [&time.to_be_bytes()[..], &signature.to_bytes()].concat()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifying().id())
    }
}

impl FromStr for SigningKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || key_error("a secret key is one line, `PRIVATE+KEY+NAME+ID+BASE64`");
        let rest = text.trim_end().strip_prefix("PRIVATE+KEY+").ok_or_else(malformed)?;
        let (name, id, kind, bytes) = parts(rest).ok_or_else(malformed)?;
        let key = Self {
            name,
            kind,
            key: ed25519_dalek::SigningKey::from_bytes(&bytes),
        };
        if key.verifying().number() != id {
            return Err(key_error("its id is not that of the key: it was changed"));
        }
        Ok(key)
    }
}

impl VerifyingKey {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it checks.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Name and number, as `NAME+00112233`: what `by` of a record holds.
    pub fn id(&self) -> String {
        format!("{}+{:08x}", self.name, self.number())
    }

    fn number(&self) -> u32 {
        signed_note::key_id(&self.name, &[&[self.kind as u8][..], self.key.as_bytes()].concat())
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = [&[self.kind as u8][..], self.key.as_bytes()].concat();
        write!(f, "{}+{}", self.id(), BASE64_STANDARD.encode(public))
    }
}

impl FromStr for VerifyingKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || key_error("a public key is one line, `NAME+ID+BASE64`");
        let (name, id, kind, bytes) = parts(text.trim_end()).ok_or_else(malformed)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).map_err(|_| malformed())?;
        let key = Self { name, kind, key };
        if key.number() != id {
            return Err(key_error("its id is not that of the key: it was changed"));
        }
        Ok(key)
    }
}

impl signed_note::Signer for SigningKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.verifying().number()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        Ok(self.key.try_sign(message)?.to_vec())
    }
}

impl signed_note::Verifier for VerifyingKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.number()
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let holds = |message: &[u8], signature: &[u8]| {
            // The strict form has no second signature for the same message.
            ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
        };
        match self.kind {
            KeyKind::Log => holds(message, signature),
            KeyKind::Witness => match signature.split_first_chunk::<8>() {
                Some((time, signature)) => holds(&cosigned(message, u64::from_be_bytes(*time)), signature),
                None => false,
            },
        }
    }
}

/// What a witness signs: <https://c2sp.org/tlog-cosignature>, for ed25519.
fn cosigned(text: &[u8], time: u64) -> Vec<u8> {
    [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat()
}

/// Name, number, kind and bytes of `NAME+ID+BASE64`.
fn parts(text: &str) -> Option<(String, u32, KeyKind, [u8; 32])> {
    let mut parts = text.splitn(3, '+');
    let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
    let id = (id.len() == 8).then(|| u32::from_str_radix(id, 16).ok())??;
    let key = BASE64_STANDARD.decode(key).ok()?;
    let (kind, bytes) = key.split_first()?;
    let kind = match kind {
        1 => KeyKind::Log,
        4 => KeyKind::Witness,
        _ => return None,
    };
    check_name(name).ok()?;
    Some((name.to_owned(), id, kind, bytes.try_into().ok()?))
}

fn check_name(name: &str) -> Result<(), Error> {
    if signed_note::is_key_name_valid(name) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(key_error(
        "a name of a key is not empty and has neither blanks nor `+`, as `example.com/ledger`",
    ))
}

fn key_error(reason: &str) -> Error {
    Error::Key {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_texts_and_are_those_of_the_notes_specification() {
        let key = SigningKey::generate("example.com/log", KeyKind::Log).unwrap();
        let (secret, public) = (key.to_secret_text(), key.verifying().to_string());
        assert_eq!(secret.parse::<SigningKey>().unwrap().to_secret_text(), secret);
        assert_eq!(public.parse::<VerifyingKey>().unwrap(), key.verifying());
        assert!(signed_note::StandardSigner::new(&secret).is_ok());
        assert!(signed_note::StandardVerifier::new(&public).is_ok());
        assert!(!format!("{key:?}").contains(secret.rsplit('+').next().unwrap()));
    }

    #[test]
    fn a_changed_key_is_told() {
        let key = SigningKey::generate("example.com/log", KeyKind::Witness).unwrap();
        let other = key.verifying().to_string().replace("example", "elsewhere");
        assert!(
            other
                .parse::<VerifyingKey>()
                .unwrap_err()
                .to_string()
                .contains("changed")
        );
        assert!(SigningKey::generate("a name", KeyKind::Log).is_err());
        assert!("PRIVATE+KEY+a+b".parse::<SigningKey>().is_err());
    }
}
