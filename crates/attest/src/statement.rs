//! in-toto Statements: a predicate about subjects, which are named by digests of their content.
//!
//! Source: <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>, with `resource_descriptor.md` and
//! `digest_set.md` beside it. Fields that are not known are passed over, as the specification demands of readers.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::dsse::{Envelope, Verified};
use crate::keys::{SignError, Signer};
use crate::text;

/// The payload type of an envelope that holds a statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The form that is written.
pub const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";
/// An older form of the same fields, which builders of SLSA provenance v0.2 write. It is read.
pub const STATEMENT_V0_1: &str = "https://in-toto.io/Statement/v0.1";

/// An artifact or resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceDescriptor {
    /// A name that tells it from its neighbours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What identifies it everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Algorithm to digest. Of git objects: `gitCommit`, `gitTree`, `gitBlob`.
    #[serde(deserialize_with = "null_is_empty", skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// Where it can be had.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_location: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// What else its maker says of it.
    #[serde(deserialize_with = "null_is_empty", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, Value>,
}

/// In-toto and SLSA say of optional fields: unset, null and empty are the same.
pub(crate) fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

impl ResourceDescriptor {
    fn with_digest(algorithm: &str, digest: &str) -> Self {
        Self {
            digest: BTreeMap::from([(algorithm.to_owned(), digest.to_owned())]),
            ..Self::default()
        }
    }

    /// A git tree, by its id in hex.
    pub fn git_tree(id: &str) -> Self {
        Self::with_digest("gitTree", id)
    }

    /// A git commit, by its id in hex.
    pub fn git_commit(id: &str) -> Self {
        Self::with_digest("gitCommit", id)
    }

    /// A named file, by SHA-256 of its content in hex.
    pub fn file(name: &str, sha256: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..Self::with_digest("sha256", sha256)
        }
    }

    /// Its digest by one algorithm, where it is there and well-formed: lowercase hex of the algorithm's length, for
    /// `sha256`, `sha1` and the ids of git.
    pub fn digest(&self, algorithm: &str) -> Option<&str> {
        let digest = self.digest.get(algorithm)?;
        is_digest(algorithm, digest).then_some(digest.as_str())
    }
}

/// Of algorithms that are not known here, any text that is not empty: they say themselves how they are written.
fn is_digest(algorithm: &str, digest: &str) -> bool {
    match algorithm {
        "sha256" => text::is_sha256(digest),
        "sha1" => text::is_hex(digest, &[40]),
        "gitCommit" | "gitTree" | "gitBlob" | "gitTag" => text::is_git_id(digest),
        _ => !digest.is_empty(),
    }
}

/// What a statement says of its subjects: a type with the URI by which it is known.
pub trait Predicate: Serialize + DeserializeOwned {
    /// Its URI.
    const TYPE: &'static str;

    /// Whether it makes sense, and fits the subjects. Asked before it is signed and after it is read.
    ///
    /// # Errors
    /// What is wrong with it, in words that go on after "its predicate is not valid: ".
    fn check(&self, _subjects: &[ResourceDescriptor]) -> Result<(), String> {
        Ok(())
    }
}

/// A predicate about subjects. `P` is [`Value`] where the predicate's type is not known yet.
///
/// It cannot be deserialised by itself: [`Statement::parse`] and [`Statement::typed`] are what checks it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement<P = Value> {
    #[serde(rename = "_type")]
    form: String,
    subject: Vec<ResourceDescriptor>,
    predicate_type: String,
    predicate: P,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unchecked {
    #[serde(rename = "_type")]
    form: String,
    subject: Vec<ResourceDescriptor>,
    predicate_type: String,
    /// A predicate that is not there is one that is empty.
    #[serde(default, deserialize_with = "null_is_empty")]
    predicate: Map<String, Value>,
}

/// Why a text is no statement, or not the one that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// Not JSON of that form.
    #[error("failed to read a statement: {0}")]
    Json(#[from] serde_json::Error),
    /// Another version of the form.
    #[error("failed to read a statement: its `_type` is {found:?}, expected {STATEMENT_V1:?}")]
    Form {
        /// What it says.
        found: String,
    },
    /// It is about nothing.
    #[error("failed to read a statement: it has no subject")]
    NoSubject,
    /// It does not say which content it is about.
    #[error("failed to read a statement: subject {index} has no digest, or one that is not well-formed")]
    Digest {
        /// Counted from 0.
        index: usize,
    },
    /// It says something else.
    #[error("failed to read a statement: its predicate is of type {found:?}, expected {expected:?}")]
    PredicateType {
        /// What it says.
        found: String,
        /// What was asked for.
        expected: &'static str,
    },
    /// The predicate is not of the form of its type.
    #[error("failed to read a statement: its predicate is no {kind}: {error}")]
    PredicateForm {
        /// The type.
        kind: &'static str,
        /// What does not fit.
        error: serde_json::Error,
    },
    /// The predicate makes no sense.
    #[error("failed to read a statement: its predicate is not valid: {0}")]
    Invalid(String),
}

/// Why a statement was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignStatementError {
    /// It cannot be written.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The signature could not be made.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl<P> Statement<P> {
    /// What it is about. Never empty, each with a digest.
    pub fn subjects(&self) -> &[ResourceDescriptor] {
        &self.subject
    }

    /// The URI of what it says.
    pub fn predicate_type(&self) -> &str {
        &self.predicate_type
    }

    /// What it says.
    pub fn predicate(&self) -> &P {
        &self.predicate
    }

    /// What it says, by itself.
    pub fn into_predicate(self) -> P {
        self.predicate
    }

    /// The well-formed digests of its subjects by one algorithm.
    pub fn digests<'a>(&'a self, algorithm: &'a str) -> impl Iterator<Item = &'a str> {
        self.subject.iter().filter_map(move |subject| subject.digest(algorithm))
    }

    /// Whether it is about this content.
    pub fn is_about(&self, algorithm: &str, digest: &str) -> bool {
        self.digests(algorithm).any(|found| found == digest)
    }

    fn check_subjects(&self) -> Result<(), StatementError> {
        if self.subject.is_empty() {
            return Err(StatementError::NoSubject);
        }
        let is_bad = |subject: &ResourceDescriptor| {
            subject.digest.is_empty()
                || !subject
                    .digest
                    .iter()
                    .all(|(algorithm, digest)| is_digest(algorithm, digest))
        };
        match self.subject.iter().position(is_bad) {
            Some(index) => Err(StatementError::Digest { index }),
            None => Ok(()),
        }
    }
}

impl Statement<Value> {
    /// Reads a statement, whatever it says.
    ///
    /// # Errors
    /// When it is none, or when it does not say which content it is about.
    pub fn parse(json: &[u8]) -> Result<Self, StatementError> {
        let unchecked: Unchecked = serde_json::from_slice(json)?;
        if unchecked.form != STATEMENT_V1 && unchecked.form != STATEMENT_V0_1 {
            return Err(StatementError::Form { found: unchecked.form });
        }
        let statement = Self {
            form: unchecked.form,
            subject: unchecked.subject,
            predicate_type: unchecked.predicate_type,
            predicate: Value::Object(unchecked.predicate),
        };
        statement.check_subjects()?;
        Ok(statement)
    }

    /// Reads what was verified.
    ///
    /// # Errors
    /// As [`Statement::parse`].
    pub fn from_verified(verified: &Verified) -> Result<Self, StatementError> {
        Self::parse(&verified.payload)
    }

    /// Takes it for one that says `P`.
    ///
    /// # Errors
    /// When it is of another type, does not fit it, or makes no sense.
    pub fn typed<P: Predicate>(self) -> Result<Statement<P>, StatementError> {
        if self.predicate_type != P::TYPE {
            return Err(StatementError::PredicateType {
                found: self.predicate_type,
                expected: P::TYPE,
            });
        }
        let predicate: P = serde_json::from_value(self.predicate)
            .map_err(|error| StatementError::PredicateForm { kind: P::TYPE, error })?;
        predicate.check(&self.subject).map_err(StatementError::Invalid)?;
        Ok(Statement {
            form: self.form,
            subject: self.subject,
            predicate_type: self.predicate_type,
            predicate,
        })
    }
}

impl<P: Predicate> Statement<P> {
    /// A statement that says `predicate` of `subjects`.
    ///
    /// # Errors
    /// When there is no subject, one without a digest, or a predicate that makes no sense.
    pub fn new(subjects: Vec<ResourceDescriptor>, predicate: P) -> Result<Self, StatementError> {
        predicate.check(&subjects).map_err(StatementError::Invalid)?;
        let statement = Self {
            form: STATEMENT_V1.to_owned(),
            subject: subjects,
            predicate_type: P::TYPE.to_owned(),
            predicate,
        };
        statement.check_subjects()?;
        Ok(statement)
    }

    /// The bytes that are signed.
    ///
    /// # Errors
    /// When a value in it cannot be written as JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, StatementError> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Signs it.
    ///
    /// # Errors
    /// When it cannot be written, or when the signature could not be made.
    pub fn sign(&self, signer: &dyn Signer) -> Result<Envelope, SignStatementError> {
        Ok(Envelope::sign(PAYLOAD_TYPE, self.to_json()?, signer)?)
    }
}
