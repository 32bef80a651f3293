//! Public keys, in the forms in which people pass them on.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePublicKey, EncodePublicKey};
use p256::ecdsa::signature::Verifier;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ssh_key::HashAlg;
use ssh_key::public::{EcdsaPublicKey, KeyData};

use crate::text;

/// A key that is longer than this is none.
const LONGEST: usize = 16 * 1024;
/// Sizes of RSA moduli that can be verified, in bytes: 2048 to 4096 bits.
const RSA_SIZES: std::ops::RangeInclusive<usize> = 256..=512;

/// Short name of a public key, for people, policies and the `keyid` of a signature.
///
/// | key | id |
/// | --- | --- |
/// | ed25519 (PEM, vkey, our own) | `ed25519:` and the first 32 hex digits of SHA-256 over the 32 bytes of the key |
/// | ECDSA P-256 (PEM) | `ecdsa-p256:` and the first 32 hex digits of SHA-256 over the uncompressed point |
/// | SSH | `SHA256:…`, the fingerprint that `ssh-keygen -l` shows |
///
/// 128 bits are kept: nobody can make another key with the same id. The id in an envelope is a hint that anybody can
/// write; the one that [`crate::dsse::verify`] gives is computed from the key that verified.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl KeyId {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for KeyId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no public key that can be used.
#[derive(Debug, thiserror::Error)]
pub enum PublicKeyError {
    /// Neither of the forms.
    #[error(
        "failed to read a public key: expected a PEM block `BEGIN PUBLIC KEY` (ed25519 or ECDSA P-256), \
         an OpenSSH line `ssh-ed25519 AAAA…`, or a verifier key `name+hash+base64`"
    )]
    Form,
    /// A PEM block of something else.
    #[error("failed to read a public key: this is a `{label}`, expected a `PUBLIC KEY`")]
    OtherPem {
        /// What stands behind `BEGIN`.
        label: String,
    },
    /// A key of a kind that is not known, or damaged.
    #[error("failed to read a public key: {why}")]
    Unusable {
        /// In words.
        why: String,
    },
    /// A verifier key whose hash does not fit the key.
    #[error("failed to read the verifier key of {name}: its hash is {found}, that of the key is {expected}")]
    Hash {
        /// The name in it.
        name: String,
        /// The hash in it.
        found: String,
        /// The hash of name and key.
        expected: String,
    },
}

fn unusable(why: impl Into<String>) -> PublicKeyError {
    PublicKeyError::Unusable { why: why.into() }
}

/// What a key is made of. SSH keys are apart: they verify SSH signatures alone, so that nothing that such a key signs for
/// a login, for git or for any other namespace can be taken for a signature over a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Material {
    Ed25519(ed25519_dalek::VerifyingKey),
    EcdsaP256(p256::ecdsa::VerifyingKey),
    Ssh(KeyData),
}

/// A key that verifies signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    material: Material,
    name: Option<String>,
}

impl PublicKey {
    pub(crate) fn material(&self) -> &Material {
        &self.material
    }

    /// Reads one key: PEM (`SubjectPublicKeyInfo`, RFC 8410 for ed25519, RFC 5480 for ECDSA P-256, as `cosign` and
    /// `openssl` write them), a line of OpenSSH (`sshd(8)`, AUTHORIZED_KEYS, without options), or a verifier key of signed
    /// notes (<https://c2sp.org/signed-note>).
    ///
    /// # Errors
    /// When it is none of these, damaged, or of a kind that cannot be verified here.
    pub fn parse(text: &str) -> Result<Self, PublicKeyError> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(unusable("it is longer than 16 KiB"));
        }
        if let Some(rest) = text.strip_prefix("-----BEGIN ") {
            let label = rest.split("-----").next().unwrap_or_default();
            if label != "PUBLIC KEY" {
                return Err(PublicKeyError::OtherPem {
                    label: label.chars().take(60).collect(),
                });
            }
            return Self::from_pem(text);
        }
        if text.contains([' ', '\t']) {
            return Self::from_openssh(text);
        }
        Self::from_vkey(text)
    }

    /// The public half of a key that was made well.
    pub(crate) fn of_signing_key(key: ed25519_dalek::VerifyingKey) -> Self {
        Self {
            material: Material::Ed25519(key),
            name: None,
        }
    }

    fn from_pem(text: &str) -> Result<Self, PublicKeyError> {
        if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_pem(text) {
            return Self::ed25519(key, None);
        }
        let key = p256::PublicKey::from_public_key_pem(text).map_err(|_| {
            unusable("the PEM block is damaged or of another kind: expected an ed25519 or an ECDSA P-256 key")
        })?;
        Ok(Self {
            material: Material::EcdsaP256(key.into()),
            name: None,
        })
    }

    /// A key of small order verifies signatures that nobody made.
    fn ed25519(key: ed25519_dalek::VerifyingKey, name: Option<String>) -> Result<Self, PublicKeyError> {
        if key.is_weak() {
            return Err(unusable("an ed25519 key of small order proves nothing"));
        }
        Ok(Self {
            material: Material::Ed25519(key),
            name,
        })
    }

    fn from_openssh(line: &str) -> Result<Self, PublicKeyError> {
        let mut words = line.split_ascii_whitespace();
        let (Some(kind), Some(base64)) = (words.next(), words.next()) else {
            return Err(PublicKeyError::Form);
        };
        let key = ssh_key::PublicKey::from_openssh(&format!("{kind} {base64}"))
            .map_err(|error| unusable(format!("`{kind}` is followed by no key of that kind ({error})")))?;
        let comment: Vec<&str> = words.collect();
        let name = (!comment.is_empty()).then(|| comment.join(" "));
        Self::from_ssh(key.key_data().clone(), name)
    }

    pub(crate) fn from_ssh(key: KeyData, name: Option<String>) -> Result<Self, PublicKeyError> {
        check_ssh(&key)?;
        Ok(Self {
            material: Material::Ssh(key),
            name,
        })
    }

    fn from_vkey(text: &str) -> Result<Self, PublicKeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hash), Some(base64)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(PublicKeyError::Form);
        };
        if name.is_empty() || !text::is_hex(hash, &[8]) {
            return Err(PublicKeyError::Form);
        }
        let bytes = text::from_base64(base64).ok_or(PublicKeyError::Form)?;
        let expected = vkey_hash(name, &bytes);
        if expected != hash {
            return Err(PublicKeyError::Hash {
                name: name.to_owned(),
                found: hash.to_owned(),
                expected,
            });
        }
        let Some((&VKEY_ED25519, key)) = bytes.split_first() else {
            return Err(unusable("a verifier key of another kind than ed25519"));
        };
        let key = ed25519_dalek::VerifyingKey::try_from(key)
            .map_err(|_| unusable("the verifier key holds no ed25519 key"))?;
        Self::ed25519(key, Some(name.to_owned()))
    }

    /// Its id: see [`KeyId`].
    pub fn id(&self) -> KeyId {
        let short = |kind: &str, bytes: &[u8]| KeyId(format!("{kind}:{}", &text::sha256(bytes)[..32]));
        match &self.material {
            Material::Ed25519(key) => short("ed25519", key.as_bytes()),
            Material::EcdsaP256(key) => short("ecdsa-p256", key.to_encoded_point(false).as_bytes()),
            Material::Ssh(key) => KeyId(key.fingerprint(HashAlg::Sha256).to_string()),
        }
    }

    /// The comment behind an OpenSSH key, or the name in a verifier key. Anybody can have written it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether both are the same key, however each of them is written. Ids do not tell: an ed25519 key has one as a PEM
    /// block and another as an OpenSSH line.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }

    /// The key itself, without the form in which it was written.
    fn canonical(&self) -> Vec<u8> {
        let tagged = |tag: &[u8], bytes: &[u8]| [tag, b":", bytes].concat();
        match &self.material {
            Material::Ed25519(key) => tagged(b"ed25519", key.as_bytes()),
            Material::EcdsaP256(key) => tagged(b"p256", key.to_encoded_point(false).as_bytes()),
            Material::Ssh(KeyData::Ed25519(key)) => tagged(b"ed25519", key.as_ref()),
            Material::Ssh(KeyData::Ecdsa(EcdsaPublicKey::NistP256(point))) => tagged(b"p256", point.as_bytes()),
            Material::Ssh(key) => {
                let bytes = ssh_key::PublicKey::from(key.clone()).to_bytes();
                tagged(b"ssh", &bytes.unwrap_or_default())
            }
        }
    }

    /// As PEM, or as a line for an SSH key.
    pub fn to_text(&self) -> String {
        let written = match &self.material {
            Material::Ed25519(key) => key.to_public_key_pem(LineEnding::LF).ok(),
            Material::EcdsaP256(key) => p256::PublicKey::from(key).to_public_key_pem(LineEnding::LF).ok(),
            Material::Ssh(key) => ssh_key::PublicKey::new(key.clone(), self.name().unwrap_or_default())
                .to_openssh()
                .map(|line| line + "\n")
                .ok(),
        };
        written.unwrap_or_default()
    }

    /// As one line: a verifier key of signed notes for an ed25519 key, a line of OpenSSH for an SSH key, and PEM with its line ends
    /// written as `\n` for others. `name` is what the line calls it; blanks and `+` in it become `-`.
    pub fn to_line(&self, name: &str) -> String {
        let Material::Ed25519(key) = &self.material else {
            return self.to_text().trim_end().replace('\n', "\\n");
        };
        let name: String = name
            .chars()
            .map(|c| if c.is_whitespace() || c == '+' { '-' } else { c })
            .collect();
        let typed = [&[VKEY_ED25519][..], key.as_bytes()].concat();
        format!("{name}+{}+{}", vkey_hash(&name, &typed), text::base64(&typed))
    }

    /// Whether `signature` is this key's over `message`. Of an SSH key: never, see [`crate::ssh::SshSignature`].
    ///
    /// ECDSA signatures are over SHA-256, in DER as `cosign` writes them, or as the plain 64 bytes of the DSSE reference
    /// implementation.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Material::EcdsaP256(key) => p256::ecdsa::Signature::from_der(signature)
                .or_else(|_| p256::ecdsa::Signature::from_slice(signature))
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Material::Ssh(_) => false,
        }
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Type of an ed25519 key in a verifier key.
const VKEY_ED25519: u8 = 1;

/// The hash in a verifier key: the first 4 bytes of SHA-256 over name, newline and the key with its type.
fn vkey_hash(name: &str, typed_key: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update(b"\n");
    hasher.update(typed_key);
    format!("{:x}", hasher.finalize())[..8].to_owned()
}

/// Refuses kinds of SSH keys that could never verify anything, where the key is read and not where it is needed.
fn check_ssh(key: &KeyData) -> Result<(), PublicKeyError> {
    let kind = key.algorithm();
    match key {
        KeyData::Ed25519(key) => {
            let weak = ed25519_dalek::VerifyingKey::try_from(key).map_or(true, |key| key.is_weak());
            if weak {
                return Err(unusable("the ed25519 key is no key, or of small order"));
            }
            Ok(())
        }
        KeyData::Ecdsa(EcdsaPublicKey::NistP256(_) | EcdsaPublicKey::NistP384(_)) => Ok(()),
        KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => Ok(()),
        KeyData::Rsa(key) => match key.n.as_positive_bytes() {
            Some(modulus) if RSA_SIZES.contains(&modulus.len()) => Ok(()),
            Some(modulus) => Err(unusable(format!(
                "an RSA key of {} bits; expected 2048 to 4096",
                modulus.len() * 8
            ))),
            None => Err(unusable("the RSA key has no modulus")),
        },
        _ => Err(unusable(format!(
            "keys of the kind {kind} cannot be verified; expected ssh-ed25519, ecdsa-sha2-nistp256, \
             ecdsa-sha2-nistp384, ssh-rsa, or a hardware key (sk-…)"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_one_line_is_the_same_key() {
        let key = crate::keys::SigningKey::generate().unwrap().public_key();
        let line = key.to_line("ada+bob of example");
        assert!(line.starts_with("ada-bob-of-example+"), "{line}");
        assert_eq!(line.lines().count(), 1);
        assert!(PublicKey::parse(&line).unwrap().is_same_key(&key));
    }
}
