//! Signed statements: what lies beside an entry of the ledger, what travels with the repository, and whose signatures count.

use attest::allowed_signers::AllowedSigners;
use attest::dsse::{Envelope, Trusted, verify};
use attest::keys::PublicKey;
use attest::predicates::{Approval, Decided, Document, Evidence, Override};
use attest::statement::{PAYLOAD_TYPE, Predicate, ResourceDescriptor, Statement};
use gate::Policy;
use jiff::Timestamp;
use model::{RecordKind, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::keys::Key;
use crate::error::CliError;

/// Version of [`Sealed`]. Readers refuse others.
const FORMAT: &str = "counterproof.statements/1";

/// What lies beside an entry: statements, the key that signed them, and what they refer to by digest.
///
/// The key makes the entry checkable by itself, for ever: whether anybody vouches for that key is another question, which a
/// policy answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    format: String,
    /// The public key, as PEM or as a line of OpenSSH.
    pub key: String,
    /// DSSE envelopes.
    envelopes: Vec<Value>,
    /// What a verdict was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// The text of the policy that it was given under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The CODEOWNERS that belong to that policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners: Option<String>,
}

impl Sealed {
    /// Signs a statement.
    ///
    /// # Errors
    /// When it makes no sense, or the key does not sign.
    pub fn sign<P: Predicate>(key: &Key, subjects: Vec<ResourceDescriptor>, predicate: P) -> Result<Self, CliError> {
        let mut sealed = Self {
            format: FORMAT.to_owned(),
            key: key.public().to_text(),
            envelopes: Vec::new(),
            input: None,
            policy: None,
            owners: None,
        };
        sealed.add(key, subjects, predicate)?;
        Ok(sealed)
    }

    /// Signs another statement with the same key.
    ///
    /// # Errors
    /// When it makes no sense, or the key does not sign.
    pub fn add<P: Predicate>(
        &mut self,
        key: &Key,
        subjects: Vec<ResourceDescriptor>,
        predicate: P,
    ) -> Result<(), CliError> {
        let failed = |why: &dyn std::fmt::Display| CliError::Usage(format!("failed to sign: {why}"));
        let envelope = Statement::new(subjects, predicate)
            .map_err(|error| failed(&error))?
            .sign(key.signer())
            .map_err(|error| failed(&error))?;
        let json = envelope.to_json().map_err(|error| failed(&error))?;
        self.envelopes.push(serde_json::from_str(&json).unwrap_or_default());
        Ok(())
    }

    /// Reads what lies beside an entry, or stands in a note.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let sealed: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if sealed.format != FORMAT {
            return Err(format!(
                "it is of the format {:?}, and this reads {FORMAT}",
                sealed.format
            ));
        }
        let types: Vec<String> = sealed.envelopes().iter().filter_map(type_of).collect();
        let mut once = types.clone();
        once.sort_unstable();
        once.dedup();
        if once.len() != types.len() {
            return Err("it holds two statements of one type".to_owned());
        }
        Ok(sealed)
    }

    /// Digests of what was signed, one for each statement.
    pub fn digests(&self) -> Vec<String> {
        self.envelopes().iter().map(Envelope::payload_digest).collect()
    }

    /// What tells one statement from another: the digest of what was signed, whatever stands beside it.
    pub fn digest(&self) -> String {
        self.digests().join(" ")
    }

    /// One line of JSON.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The statement of this type, where there is one, with its envelope.
    pub fn statement<P: Predicate>(&self) -> Option<Signed<P>> {
        self.envelopes().into_iter().find_map(|envelope| {
            let statement = Statement::parse(envelope.unverified_payload())
                .ok()?
                .typed::<P>()
                .ok()?;
            Some(Signed { envelope, statement })
        })
    }

    /// What the gate decided, where that is what it says.
    pub fn verdict(&self) -> Option<Verdict> {
        let decided = self.statement::<Decided>()?.statement.into_predicate();
        serde_json::from_value(decided.verdict).ok()
    }

    /// As what it is put into the ledger, where it is one of those that travel.
    pub fn kind(&self) -> Option<RecordKind> {
        if self.statement::<Approval>().is_some() {
            Some(RecordKind::Approval)
        } else if self.statement::<Document>().is_some() {
            Some(RecordKind::Document)
        } else if self.statement::<Override>().is_some() {
            Some(RecordKind::Override)
        } else if self.statement::<Evidence>().is_some() {
            Some(RecordKind::Evidence)
        } else {
            None
        }
    }

    /// The envelope of this type as it is written, for other tools.
    pub fn envelope_json<P: Predicate>(&self) -> Option<String> {
        let signed = self.statement::<P>()?;
        signed.envelope.to_json().ok()
    }

    /// How many envelopes it holds, readable or not.
    pub fn count(&self) -> usize {
        self.envelopes.len()
    }

    fn envelopes(&self) -> Vec<Envelope> {
        let read = |value: &Value| Envelope::parse(value.to_string().as_bytes()).ok();
        self.envelopes.iter().filter_map(read).collect()
    }

    /// Whether each signature is that of the key beside it.
    ///
    /// # Errors
    /// Why one is not.
    pub fn check(&self) -> Result<PublicKey, String> {
        let key = PublicKey::parse(&self.key).map_err(|error| error.to_string())?;
        let envelopes = self.envelopes();
        if envelopes.is_empty() || envelopes.len() != self.envelopes.len() {
            return Err("it holds no signed statement".to_owned());
        }
        for envelope in &envelopes {
            let signed = verify(envelope, PAYLOAD_TYPE, &Trusted::keys(std::slice::from_ref(&key)));
            signed.map_err(|error| error.to_string())?;
        }
        Ok(key)
    }
}

/// A statement, and the envelope that it was read from. Nothing is known of who signed it.
pub struct Signed<P> {
    envelope: Envelope,
    /// What it says.
    pub statement: Statement<P>,
}

/// The type of what an envelope holds.
fn type_of(envelope: &Envelope) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(envelope.unverified_payload()).ok()?;
    value["predicateType"].as_str().map(str::to_owned)
}

impl<P> Signed<P> {
    /// Digest of what was signed, `sha256:…`.
    pub fn digest(&self) -> String {
        format!("sha256:{}", self.envelope.payload_digest())
    }

    /// Whether this person signed it: with a key that the policy has for them, or with one that `allowed_signers` allows them.
    ///
    /// # Errors
    /// Why it does not count as theirs.
    pub fn is_by_person(&self, vouched: &Vouched, id: &str, at: Timestamp) -> Result<(), String> {
        let Some(person) = vouched.people.iter().find(|person| person.id == id) else {
            return Err(format!("the policy knows nobody of the name {id}"));
        };
        let by_key = verify(&self.envelope, PAYLOAD_TYPE, &Trusted::keys(&person.keys));
        let Err(why) = by_key else {
            return Ok(());
        };
        let Some(signers) = &vouched.signers else {
            return Err(match person.keys.as_slice() {
                [] => format!("the policy has no key of {id}"),
                _ => format!("no key that the policy has of {id} signed it ({why})"),
            });
        };
        // The time in a statement is its signer's word: the key has to count now, too.
        let now = Trusted::signers(signers, Timestamp::now());
        if let Err(why) = verify(&self.envelope, PAYLOAD_TYPE, &now) {
            return Err(format!("no key of {id} that counts today signed it ({why})"));
        }
        match verify(&self.envelope, PAYLOAD_TYPE, &Trusted::signers(signers, at)) {
            Ok(verified) if verified.by.iter().any(|by| person.names.iter().any(|name| by.is(name))) => Ok(()),
            Ok(_) => Err(format!("allowed_signers has its key for somebody else than {id}")),
            Err(why) => Err(format!("no key of {id} signed it ({why})")),
        }
    }

    /// The runner that signed it.
    pub fn by_runner<'v>(&self, vouched: &'v Vouched) -> Option<&'v str> {
        vouched
            .runners
            .iter()
            .find(|(_, key)| verify(&self.envelope, PAYLOAD_TYPE, &Trusted::keys(std::slice::from_ref(key))).is_ok())
            .map(|(name, _)| name.as_str())
    }
}

/// A person, by what can be their signature.
struct Signatory {
    id: String,
    /// Their id and addresses, as `allowed_signers` may name them.
    names: Vec<String>,
    keys: Vec<PublicKey>,
}

/// Whose signatures count, as the target branch says.
pub struct Vouched {
    people: Vec<Signatory>,
    signers: Option<AllowedSigners>,
    /// Runners, by name.
    pub runners: Vec<(String, PublicKey)>,
    /// Builders, by name.
    pub builders: Vec<(String, PublicKey)>,
    /// Keys that cannot be read, and the like, in sentences.
    pub notes: Vec<String>,
}

impl Vouched {
    /// Reads the keys of a policy, and a text of `allowed_signers`.
    pub fn of(policy: &Policy, allowed_signers: Option<&str>) -> Self {
        let mut notes = Vec::new();
        let mut key = |whose: &str, text: &str| match PublicKey::parse(text) {
            Ok(key) => Some(key),
            Err(error) => {
                notes.push(format!("a key of {whose} in the policy cannot be used: {error}"));
                None
            }
        };
        let people = policy
            .person
            .iter()
            .map(|person| {
                let id = person.id.get_ref().clone();
                Signatory {
                    names: std::iter::once(&id).chain(&person.addresses).cloned().collect(),
                    keys: person.keys.iter().filter_map(|text| key(&id, text)).collect(),
                    id,
                }
            })
            .collect();
        let mut named = |keys: &[gate::NamedKey]| -> Vec<(String, PublicKey)> {
            let of = |named: &gate::NamedKey| Some((named.name.clone(), key(&named.name, &named.key)?));
            keys.iter().filter_map(of).collect()
        };
        let runners = named(&policy.gate.runner);
        let builders = named(&policy.gate.builder);
        let signers = allowed_signers.and_then(|text| {
            AllowedSigners::parse(SIGNERS, text)
                .map_err(|error| notes.push(format!("{error}: nobody is allowed by that file")))
                .ok()
        });
        Self {
            people,
            signers,
            runners,
            builders,
            notes,
        }
    }

    /// The person whose key this is.
    pub fn owner_of(&self, key: &PublicKey) -> Option<&str> {
        let has = |person: &&Signatory| person.keys.iter().any(|own| own.is_same_key(key));
        self.people.iter().find(has).map(|person| person.id.as_str())
    }
}

/// Where the target branch may keep the keys of those who sign, as `ssh-keygen` knows it.
pub const SIGNERS: &str = ".counterproof/allowed_signers";
