//! Files that hold envelopes: one, or many on a line each, plain or inside Sigstore bundles.
//!
//! Sources: <https://github.com/in-toto/attestation/blob/main/spec/v1/bundle.md> (JSON lines; readers pass over lines that
//! they do not know, and order means nothing) and
//! <https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto>. A bundle is not signed as a whole:
//! whoever passes it on can leave statements out, so that nothing may follow from one that is not there.

use serde::Deserialize;
use serde_json::Value;

use crate::dsse::{self, Envelope, Trusted, Verified, VerifyError};

/// The longest file that is read.
const LONGEST: usize = 128 * 1024 * 1024;
/// The most envelopes that are read from one file.
const MOST: usize = 10_000;
/// What media types of Sigstore bundles begin with; a version and `+json` follow, in either order.
const SIGSTORE: &str = "application/vnd.dev.sigstore.bundle";

/// An envelope that a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Where it begins, counted from 1.
    pub line: usize,
    /// The envelope.
    pub envelope: Envelope,
    /// Whether a certificate says who signed. Nothing here validates certificates.
    pub has_certificate: bool,
}

impl Held {
    /// Says which of the trusted keys signed it, as [`dsse::verify`].
    ///
    /// # Errors
    /// When none did; where a certificate stands for the key: that it is not verified.
    pub fn verify(&self, payload_type: &str, trusted: &Trusted<'_>) -> Result<Verified, VerifyError> {
        let verified = dsse::verify(&self.envelope, payload_type, trusted);
        verified.map_err(|error| match error {
            VerifyError::NoneCounts(reasons) if self.has_certificate => VerifyError::CertificateNotVerified(reasons),
            other => other,
        })
    }
}

/// Something in a file that is no envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where it begins, counted from 1.
    pub line: usize,
    /// Why it was passed over.
    pub why: String,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Its envelopes, in the order in which they stand.
    pub envelopes: Vec<Held>,
    /// The rest.
    pub skipped: Vec<Skipped>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SigstoreBundle {
    #[serde(default)]
    verification_material: Value,
    #[serde(default)]
    dsse_envelope: Option<Envelope>,
}

impl Bundle {
    /// Reads all envelopes of a file: one JSON value, however it is laid out, or one on each line. What is no envelope is
    /// named, never an error: one line that is damaged takes none of the others along.
    pub fn read(file: &[u8]) -> Self {
        let mut bundle = Self::default();
        if file.len() > LONGEST {
            bundle.skip(1, format!("the file is longer than {} MiB", LONGEST >> 20));
            return bundle;
        }
        // One value over many lines; where the first line is a value by itself, these are lines.
        let first_line = file
            .split(|&byte| byte == b'\n')
            .find(|line| !line.trim_ascii().is_empty());
        let is_lines = first_line.is_some_and(|line| serde_json::from_slice::<Value>(line).is_ok());
        if !is_lines && let Ok(value) = serde_json::from_slice(file) {
            bundle.take(1, value);
            return bundle;
        }
        for (index, line) in file.split(|&byte| byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            if bundle.envelopes.len() + bundle.skipped.len() >= MOST {
                bundle.skip(index + 1, format!("the file holds more than {MOST} values"));
                break;
            }
            match serde_json::from_slice(line) {
                Ok(value) => bundle.take(index + 1, value),
                Err(error) => bundle.skip(index + 1, format!("no JSON: {error}")),
            }
        }
        bundle
    }

    fn skip(&mut self, line: usize, why: String) {
        self.skipped.push(Skipped { line, why });
    }

    fn take(&mut self, line: usize, value: Value) {
        match read_one(value) {
            Ok((envelope, has_certificate)) => self.envelopes.push(Held {
                line,
                envelope,
                has_certificate,
            }),
            Err(why) => self.skip(line, why),
        }
    }
}

/// The envelope in a value, and whether there is a certificate beside it.
fn read_one(value: Value) -> Result<(Envelope, bool), String> {
    let is_sigstore = value.get("dsseEnvelope").is_some()
        || value["mediaType"]
            .as_str()
            .is_some_and(|found| found.starts_with(SIGSTORE));
    if is_sigstore {
        let bundle: SigstoreBundle =
            serde_json::from_value(value).map_err(|error| format!("a damaged Sigstore bundle: {error}"))?;
        let envelope = bundle
            .dsse_envelope
            .ok_or("a Sigstore bundle without a statement: it signs a file by itself")?;
        let material = &bundle.verification_material;
        let has_certificate = ["certificate", "x509CertificateChain"]
            .iter()
            .any(|field| material.get(field).is_some());
        return Ok((envelope, has_certificate));
    }
    if value.get("payload").is_none() || value.get("payloadType").is_none() {
        return Err("neither an envelope nor a Sigstore bundle".to_owned());
    }
    // Before there were bundles, builders put the certificate beside the signature.
    let signatures = value["signatures"].as_array();
    let has_certificate =
        signatures.is_some_and(|signatures| signatures.iter().any(|signature| signature.get("cert").is_some()));
    let envelope = serde_json::from_value(value).map_err(|error| format!("a damaged envelope: {error}"))?;
    Ok((envelope, has_certificate))
}
