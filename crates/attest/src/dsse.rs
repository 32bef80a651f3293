//! DSSE envelopes: bytes, their type, and signatures over both.
//!
//! Sources: <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md> (version 1.0.0) and `envelope.md` there.
//! Two rules of these decide how a signature finds its key: a `keyid` is a hint that anybody can write, so that it never
//! decides anything; and one key counts once, however often it signed.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::allowed_signers::{AllowedSigners, NotAllowed};
use crate::keys::{KeyId, PublicKey, SignError, Signer};
use crate::pattern::PatternList;
use crate::ssh::{NAMESPACE, SshError, SshSignature};
use crate::text;

/// The longest payload, in bytes. A report of a large change has a few.
pub const LONGEST_PAYLOAD: usize = 32 * 1024 * 1024;
/// The longest envelope, as JSON.
pub const LONGEST_ENVELOPE: usize = 48 * 1024 * 1024;
/// The most signatures in one envelope: each is tried with each trusted key.
pub const MOST_SIGNATURES: usize = 32;
/// The longest signature, in bytes: an SSH signature by an RSA key has about 1,500.
const LONGEST_SIGNATURE: usize = 16 * 1024;
/// The longest payload type and `keyid`.
const LONGEST_NAME: usize = 1024;

/// What is signed: payload type and payload, each behind its length, so that no two pairs give the same bytes ("PAE" in
/// the specification).
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// One signature in an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Which key may have made it, in the words of whoever wrote it. Empty where nothing is said.
    pub keyid: String,
    /// The bytes. Of an SSH key: the blob of PROTOCOL.sshsig without its armor (see [`crate::ssh`]).
    pub signature: Vec<u8>,
}

/// A payload, its type, and signatures.
///
/// As JSON: `{"payloadType", "payload", "signatures": [{"keyid", "sig"}]}` with bytes in base64; both alphabets are read,
/// fields that are not known are passed over, as the specification demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    payload_type: String,
    payload: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
struct WireSignature {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
    sig: String,
}

/// Why a text is no envelope.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not JSON of that form.
    #[error("failed to read an envelope: {0}")]
    Json(#[from] serde_json::Error),
    /// A part is longer than any that is made in earnest.
    #[error("failed to read an envelope: {part} is longer than {most} {unit}")]
    TooLong {
        /// Which part.
        part: &'static str,
        /// The bound.
        most: usize,
        /// Of what.
        unit: &'static str,
    },
    /// A part is not base64.
    #[error("failed to read an envelope: {part} is not base64")]
    Base64 {
        /// Which part.
        part: String,
    },
}

fn bounded(part: &'static str, length: usize, most: usize) -> Result<(), EnvelopeError> {
    if length <= most {
        return Ok(());
    }
    let unit = "bytes";
    Err(EnvelopeError::TooLong { part, most, unit })
}

impl TryFrom<Wire> for Envelope {
    type Error = EnvelopeError;

    fn try_from(wire: Wire) -> Result<Self, EnvelopeError> {
        // Base64 takes four characters for three bytes.
        bounded("the payload", wire.payload.len() / 4 * 3, LONGEST_PAYLOAD)?;
        bounded("the payload type", wire.payload_type.len(), LONGEST_NAME)?;
        if wire.signatures.len() > MOST_SIGNATURES {
            return Err(EnvelopeError::TooLong {
                part: "the list of signatures",
                most: MOST_SIGNATURES,
                unit: "entries",
            });
        }
        let payload = text::from_base64(&wire.payload).ok_or_else(|| EnvelopeError::Base64 {
            part: "`payload`".to_owned(),
        })?;
        let signatures = wire.signatures.into_iter().enumerate().map(read_signature);
        Ok(Self {
            payload_type: wire.payload_type,
            payload,
            signatures: signatures.collect::<Result<_, _>>()?,
        })
    }
}

fn read_signature((index, wire): (usize, WireSignature)) -> Result<Signature, EnvelopeError> {
    let keyid = wire.keyid.unwrap_or_default();
    bounded("a `keyid`", keyid.len(), LONGEST_NAME)?;
    bounded("a signature", wire.sig.len() / 4 * 3, LONGEST_SIGNATURE)?;
    let signature = text::from_base64(&wire.sig).ok_or_else(|| EnvelopeError::Base64 {
        part: format!("`signatures[{index}].sig`"),
    })?;
    Ok(Signature { keyid, signature })
}

impl From<Envelope> for Wire {
    fn from(envelope: Envelope) -> Self {
        let signatures = envelope.signatures.into_iter().map(|signature| WireSignature {
            keyid: (!signature.keyid.is_empty()).then_some(signature.keyid),
            sig: text::base64(&signature.signature),
        });
        Self {
            payload_type: envelope.payload_type,
            payload: text::base64(&envelope.payload),
            signatures: signatures.collect(),
        }
    }
}

impl Envelope {
    /// Signs `payload`.
    ///
    /// # Errors
    /// When the signature could not be made.
    pub fn sign(payload_type: &str, payload: Vec<u8>, signer: &dyn Signer) -> Result<Self, SignError> {
        let mut envelope = Self {
            payload_type: payload_type.to_owned(),
            payload,
            signatures: Vec::new(),
        };
        envelope.add_signature(signer)?;
        Ok(envelope)
    }

    /// Adds one more signature over the same payload.
    ///
    /// # Errors
    /// When the signature could not be made.
    pub fn add_signature(&mut self, signer: &dyn Signer) -> Result<(), SignError> {
        let made = signer.sign(&self.signed_bytes())?;
        self.signatures.push(Signature {
            keyid: made.key.to_string(),
            signature: made.signature,
        });
        Ok(())
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// When it is not of that form or longer than the bounds.
    pub fn parse(json: &[u8]) -> Result<Self, EnvelopeError> {
        bounded("it", json.len(), LONGEST_ENVELOPE)?;
        let wire: Wire = serde_json::from_slice(json)?;
        wire.try_into()
    }

    /// The JSON form, on one line.
    ///
    /// # Errors
    /// None that is known; the encoder's type has them.
    pub fn to_json(&self) -> Result<String, EnvelopeError> {
        Ok(serde_json::to_string(self)?)
    }

    /// What the payload is, in the words of whoever signed it.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The payload, which nobody vouches for until [`verify`] says so.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signatures, whoever made them.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// What every signature in it is over.
    pub fn signed_bytes(&self) -> Vec<u8> {
        pre_authentication_encoding(&self.payload_type, &self.payload)
    }

    /// SHA-256 of the payload in hex: a name for what was said, whoever signed it.
    pub fn payload_digest(&self) -> String {
        text::sha256(&self.payload)
    }
}

/// Whose signatures count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trusted<'a> {
    /// Keys by themselves. SSH keys among them verify SSH signatures.
    pub keys: &'a [PublicKey],
    /// People and their SSH keys, and the time at which these must be valid.
    pub signers: Option<(&'a AllowedSigners, Timestamp)>,
}

impl<'a> Trusted<'a> {
    /// These keys and nobody else.
    pub fn keys(keys: &'a [PublicKey]) -> Self {
        Self { keys, signers: None }
    }

    /// Those whom the file names, with keys that are valid at `at`.
    pub fn signers(signers: &'a AllowedSigners, at: Timestamp) -> Self {
        Self {
            keys: &[],
            signers: Some((signers, at)),
        }
    }
}

/// A trusted key that signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBy {
    /// Computed from the key, not taken from the envelope.
    pub key: KeyId,
    /// Whom the allowed signers give this key, one list of patterns for each line that does. Empty for a key that is
    /// trusted by itself.
    pub principals: Vec<PatternList>,
}

impl SignedBy {
    /// Whether the allowed signers say that this key is `principal`'s.
    pub fn is(&self, principal: &str) -> bool {
        self.principals.iter().any(|patterns| patterns.matches(principal))
    }
}

/// What at least one trusted key signed.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The signed bytes.
    pub payload: Vec<u8>,
    /// Who signed: each key once, in the order of the signatures. Never empty.
    pub by: Vec<SignedBy>,
    /// Signatures that do not count, and why. Not an error: strangers may sign too.
    pub uncounted: Vec<SignatureError>,
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// None of the trusted keys made it.
    #[error("no trusted key made the signature of {}", shown(.keyid))]
    UnknownKey {
        /// What the envelope says.
        keyid: String,
    },
    /// A trusted key is named, and the signature is not its signature of this.
    #[error("the signature of {keyid} is not valid: payload, type or signature were changed, or another key made it")]
    Bad {
        /// The trusted key.
        keyid: String,
    },
    /// An SSH signature that cannot count.
    #[error("the SSH signature of {} does not count: {why}", shown(.keyid))]
    Ssh {
        /// The key in the signature, or what the envelope says.
        keyid: String,
        /// In words.
        why: String,
    },
    /// One key counts once.
    #[error("{keyid} signed more than once")]
    Again {
        /// The key.
        keyid: String,
    },
}

/// A `keyid` that is shown to people: quoted, since anybody can have written it, and cut.
fn shown(keyid: &str) -> String {
    if keyid.is_empty() {
        return "a key that is not named".to_owned();
    }
    format!("{:?}", keyid.chars().take(100).collect::<String>())
}

/// Why an envelope says nothing that can be relied on.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It holds something else.
    #[error("failed to verify an envelope: it holds {}, expected {expected:?}", shown(.found))]
    PayloadType {
        /// What it holds.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// Nobody signed.
    #[error("failed to verify an envelope: it has no signature")]
    Unsigned,
    /// No signature counts.
    #[error("failed to verify an envelope: {}", Reasons(.0))]
    NoneCounts(Vec<SignatureError>),
    /// No signature counts, and there is a certificate, which nothing here validates.
    #[error("failed to verify an envelope: certificate not verified, and no trusted key made the signature ({})", Reasons(.0))]
    CertificateNotVerified(Vec<SignatureError>),
}

struct Reasons<'a>(&'a [SignatureError]);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, reason) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{reason}")?;
        }
        Ok(())
    }
}

/// Says which of the trusted keys signed the envelope.
///
/// # Errors
/// When it holds another type of payload than `payload_type`, or when no trusted key signed it; the error names each
/// signature and why it does not count.
pub fn verify(envelope: &Envelope, payload_type: &str, trusted: &Trusted<'_>) -> Result<Verified, VerifyError> {
    if envelope.payload_type != payload_type {
        return Err(VerifyError::PayloadType {
            found: envelope.payload_type.clone(),
            expected: payload_type.to_owned(),
        });
    }
    if envelope.signatures.is_empty() {
        return Err(VerifyError::Unsigned);
    }
    let message = envelope.signed_bytes();
    let mut counted: Vec<(PublicKey, SignedBy)> = Vec::new();
    let mut uncounted = Vec::new();
    // Constructed envelopes may have more than those that are read.
    for signature in envelope.signatures.iter().take(MOST_SIGNATURES) {
        match signer_of(signature, &message, trusted) {
            Ok((key, by)) if counted.iter().any(|(other, _)| other.is_same_key(&key)) => {
                uncounted.push(SignatureError::Again {
                    keyid: by.key.to_string(),
                });
            }
            Ok(found) => counted.push(found),
            Err(error) => uncounted.push(error),
        }
    }
    if counted.is_empty() {
        return Err(VerifyError::NoneCounts(uncounted));
    }
    Ok(Verified {
        payload: envelope.payload.clone(),
        by: counted.into_iter().map(|(_, by)| by).collect(),
        uncounted,
    })
}

fn signer_of(
    signature: &Signature,
    message: &[u8],
    trusted: &Trusted<'_>,
) -> Result<(PublicKey, SignedBy), SignatureError> {
    if SshSignature::is_one(&signature.signature) {
        return ssh_signer_of(signature, message, trusted);
    }
    let named = |key: &&PublicKey| key.id().as_str() == signature.keyid;
    // The hint says what to try first, and nothing more.
    let candidates = trusted.keys.iter().filter(named);
    let others = trusted.keys.iter().filter(|key| !named(key));
    let mut candidates = candidates.chain(others);
    if let Some(key) = candidates.find(|key| key.verifies(message, &signature.signature)) {
        let by = SignedBy {
            key: key.id(),
            principals: Vec::new(),
        };
        return Ok((key.clone(), by));
    }
    let keyid = signature.keyid.clone();
    if trusted.keys.iter().any(|key| named(&key)) {
        Err(SignatureError::Bad { keyid })
    } else {
        Err(SignatureError::UnknownKey { keyid })
    }
}

fn ssh_signer_of(
    signature: &Signature,
    message: &[u8],
    trusted: &Trusted<'_>,
) -> Result<(PublicKey, SignedBy), SignatureError> {
    let uncounted = |keyid: &str, error: SshError| SignatureError::Ssh {
        keyid: keyid.to_owned(),
        why: error.to_string(),
    };
    let parsed = SshSignature::parse(&signature.signature).map_err(|error| uncounted(&signature.keyid, error))?;
    let key = parsed.key().map_err(|error| uncounted(&signature.keyid, error))?;
    let id = key.id();
    let by_itself = trusted
        .keys
        .iter()
        .any(|trusted| *trusted.material() == *key.material());
    let by_file = trusted
        .signers
        .map(|(signers, at)| signers.principals(&key, NAMESPACE, at));
    let principals = match by_file {
        Some(Ok(principals)) => principals,
        Some(Err(why)) if !by_itself => return Err(not_allowed(&id, why)),
        None if !by_itself => {
            return Err(SignatureError::UnknownKey { keyid: id.to_string() });
        }
        _ => Vec::new(),
    };
    match parsed.verify(message, NAMESPACE) {
        Ok(()) => Ok((key, SignedBy { key: id, principals })),
        Err(SshError::Bad) => Err(SignatureError::Bad { keyid: id.to_string() }),
        Err(error) => Err(uncounted(id.as_str(), error)),
    }
}

fn not_allowed(id: &KeyId, why: NotAllowed) -> SignatureError {
    let keyid = id.to_string();
    match why {
        NotAllowed::UnknownKey => SignatureError::UnknownKey { keyid },
        other => SignatureError::Ssh {
            keyid,
            why: other.to_string(),
        },
    }
}
