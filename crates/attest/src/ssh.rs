//! SSH signatures: verified here, made by `ssh-keygen`, so that agents and hardware keys can make them.
//!
//! Source: PROTOCOL.sshsig of OpenSSH
//! (<https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig>). The namespace keeps signatures apart: one
//! that was made for git or for a file never counts as one over a statement.
//!
//! In an envelope the `sig` of an SSH signature is base64 of the binary blob that begins with `SSHSIG`, which is what stands
//! between the lines of the armor; the armored text is read too. `ssh-keygen -Y verify` checks the same signature, given
//! [`SshSignature::armored`] and the envelope's [`crate::dsse::Envelope::signed_bytes`].

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use ssh_key::SshSig;

use crate::keys::{MadeSignature, PublicKey, SignError, Signer};
use crate::text;

/// The namespace of all signatures over envelopes.
pub const NAMESPACE: &str = "counterproof";

const MAGIC: &[u8] = b"SSHSIG";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Characters on a line of the armor, as OpenSSH writes them and the parser demands.
const LINE: usize = 70;
/// The longest signature, in bytes: an RSA key of 4096 bits makes one of about 1,500.
const LONGEST: usize = 16 * 1024;
/// Bytes behind the signature of a hardware key.
const HARDWARE_TRAILER: usize = 5;
/// How much of what `ssh-keygen` says is kept.
const MOST_OUTPUT: u64 = 64 * 1024;
/// How often it is looked whether `ssh-keygen` has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// What went wrong with an SSH signature.
#[derive(Debug, thiserror::Error)]
pub enum SshError {
    /// The bytes are no SSH signature.
    #[error("failed to read an SSH signature: {0}")]
    Form(String),
    /// It was made for something else.
    #[error("it was made for the namespace {found:?}, expected {expected:?}")]
    Namespace {
        /// In the signature.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// It is not the key's signature of this.
    #[error("the signature is not valid: the message or the signature were changed")]
    Bad,
    /// `ssh-keygen` could not be started.
    #[error("failed to start {program}: {source}; SSH signatures are made by OpenSSH's ssh-keygen (8.2 or later)")]
    Start {
        /// The program.
        program: Utf8PathBuf,
        /// Why.
        source: io::Error,
    },
    /// `ssh-keygen` ended without a signature.
    #[error("failed to sign with {key}: ssh-keygen said: {said}")]
    Refused {
        /// The key file.
        key: Utf8PathBuf,
        /// What it said.
        said: String,
    },
    /// `ssh-keygen` did not end in time.
    #[error(
        "failed to sign with {key}: ssh-keygen did not end within {seconds} s (does a hardware key wait for a touch?)"
    )]
    TimedOut {
        /// The key file.
        key: Utf8PathBuf,
        /// The bound.
        seconds: u64,
    },
}

fn form(why: impl ToString) -> SshError {
    SshError::Form(why.to_string())
}

/// A parsed SSH signature, which may be anybody's.
#[derive(Clone, Debug)]
pub struct SshSignature {
    blob: Vec<u8>,
    parsed: SshSig,
}

impl SshSignature {
    /// Whether bytes look like an SSH signature. A bare ed25519 signature of 64 bytes never does.
    pub fn is_one(bytes: &[u8]) -> bool {
        let is_longer_than_any_bare_key = bytes.len() > 64;
        (bytes.starts_with(MAGIC) && is_longer_than_any_bare_key) || bytes.starts_with(BEGIN.as_bytes())
    }

    /// Reads the blob or the armored text.
    ///
    /// # Errors
    /// When it is neither, damaged, or longer than 16 KiB.
    pub fn parse(bytes: &[u8]) -> Result<Self, SshError> {
        if bytes.len() > LONGEST {
            return Err(form("it is longer than 16 KiB"));
        }
        let blob = match bytes.starts_with(BEGIN.as_bytes()) {
            true => remove_armor(bytes).ok_or_else(|| form("its armor is damaged"))?,
            false => bytes.to_vec(),
        };
        if !has_exact_lengths(&blob) {
            return Err(form("its fields do not fill it"));
        }
        let parsed = SshSig::from_pem(armor(&blob)).map_err(form)?;
        // The version is not signed, and no other one is known.
        if parsed.version() != SshSig::VERSION {
            return Err(form(format!("it is of version {}, expected 1", parsed.version())));
        }
        Ok(Self { blob, parsed })
    }

    /// The blob that begins with `SSHSIG`.
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// The text that `ssh-keygen -Y verify -s` reads.
    pub fn armored(&self) -> String {
        armor(&self.blob)
    }

    /// The key that it says it was made with.
    ///
    /// # Errors
    /// When it is a key of a kind that cannot be verified; certificates are such.
    pub fn key(&self) -> Result<PublicKey, SshError> {
        PublicKey::from_ssh(self.parsed.public_key().clone(), None).map_err(form)
    }

    /// What it was made for.
    pub fn namespace(&self) -> &str {
        self.parsed.namespace()
    }

    /// Whether the key in it made it over `message` for `namespace`. Whose key that is, is another question.
    ///
    /// # Errors
    /// When it was made for another namespace, or over something else.
    pub fn verify(&self, message: &[u8], namespace: &str) -> Result<(), SshError> {
        if self.namespace() != namespace {
            return Err(SshError::Namespace {
                found: self.namespace().to_owned(),
                expected: namespace.to_owned(),
            });
        }
        ssh_key::PublicKey::from(self.parsed.public_key().clone())
            .verify(namespace, message, &self.parsed)
            .map_err(|_| SshError::Bad)
    }
}

/// Whether the lengths in front of all fields, of the key's and of the signature's too, are what is there. The parser takes
/// some that are too long, which would give one signature many spellings.
fn has_exact_lengths(blob: &[u8]) -> bool {
    const VERSION_SIZE: usize = 4;
    let Some(fields) = blob.get(MAGIC.len() + VERSION_SIZE..).and_then(fields_of) else {
        return false;
    };
    // Key, namespace, reserved, hash algorithm, signature. Behind the signature of a hardware key: flags and a counter.
    let [key, _, _, _, signature] = fields[..] else {
        return false;
    };
    let with_trailer = signature
        .len()
        .checked_sub(HARDWARE_TRAILER)
        .map(|end| &signature[..end]);
    let is_pair = |bytes: &[u8]| fields_of(bytes).is_some_and(|fields| fields.len() == 2);
    fields_of(key).is_some() && (is_pair(signature) || with_trailer.is_some_and(is_pair))
}

/// Splits bytes into fields, each behind its length (RFC 4251, `string`), if they fill them.
fn fields_of(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (field, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        fields.push(field);
        bytes = rest;
    }
    Some(fields)
}

fn armor(blob: &[u8]) -> String {
    let base64 = text::base64(blob);
    let lines = base64.as_bytes().chunks(LINE).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    format!("{BEGIN}\n{}\n{END}\n", lines.join("\n"))
}

fn remove_armor(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let inner = text.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let base64: String = inner.split_ascii_whitespace().collect();
    text::from_base64(&base64)
}

/// Whether `ssh-keygen` may ask something at the terminal: a passphrase, a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompts {
    /// Never: a key that needs a passphrase fails at once, unless an agent holds it. A touch of a hardware key is still
    /// waited for.
    Never,
    /// It may ask, at the terminal or by way of `SSH_ASKPASS`.
    Allowed,
}

/// Signs by way of `ssh-keygen -Y sign`, which knows files, agents and hardware keys.
#[derive(Clone, Debug)]
pub struct SshKeygen {
    /// The program. It inherits the environment: an agent is found by `SSH_AUTH_SOCK`.
    pub program: Utf8PathBuf,
    /// A private key, or the public half of one that an agent holds.
    pub key: Utf8PathBuf,
    /// Whether it may ask.
    pub prompts: Prompts,
    /// How long it may take; whoever allows prompts must leave time to answer.
    pub timeout: Duration,
}

impl Signer for SshKeygen {
    /// Signs for [`NAMESPACE`]. What comes back is verified before it is handed on.
    fn sign(&self, message: &[u8]) -> Result<MadeSignature, SignError> {
        let armored = self.run(message)?;
        let signature = SshSignature::parse(&armored)?;
        signature.verify(message, NAMESPACE)?;
        Ok(MadeSignature {
            key: signature.key()?.id(),
            signature: signature.blob,
        })
    }
}

impl SshKeygen {
    fn run(&self, message: &[u8]) -> Result<Vec<u8>, SshError> {
        let mut command = Command::new(&self.program);
        command.args(["-Y", "sign", "-n", NAMESPACE, "-f", self.key.as_str()]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if self.prompts == Prompts::Never {
            // Questions go to this program and not to the terminal; it answers none (ssh(1), SSH_ASKPASS_REQUIRE).
            command.env("SSH_ASKPASS_REQUIRE", "force").env("SSH_ASKPASS", "false");
        }
        let mut child = command.spawn().map_err(|source| SshError::Start {
            program: self.program.clone(),
            source,
        })?;
        let output = receive(child.stdout.take());
        let complaint = receive(child.stderr.take());
        if let Some(mut input) = child.stdin.take() {
            let message = message.to_vec();
            // A program that ends before it has read everything says why on its standard error.
            thread::spawn(move || input.write_all(&message).ok());
        }
        let status = self.wait(&mut child)?;
        let output = output.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
        if status.success() {
            return Ok(output);
        }
        let said = complaint.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        Err(SshError::Refused {
            key: self.key.clone(),
            said: match said.trim() {
                "" => format!("nothing ({status})"),
                said => said.to_owned(),
            },
        })
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus, SshError> {
        let since = Instant::now();
        let refused = |error: io::Error| SshError::Refused {
            key: self.key.clone(),
            said: error.to_string(),
        };
        loop {
            if let Some(status) = child.try_wait().map_err(refused)? {
                return Ok(status);
            }
            if since.elapsed() >= self.timeout {
                child.kill().ok();
                child.wait().ok();
                return Err(SshError::TimedOut {
                    key: self.key.clone(),
                    seconds: self.timeout.as_secs(),
                });
            }
            thread::sleep(PAUSE);
        }
    }
}

/// Reads a pipe in a thread of its own. The thread is not waited for: a helper that `ssh-keygen` leaves behind may hold
/// the pipe open.
fn receive(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(pipe) = pipe {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            pipe.take(MOST_OUTPUT).read_to_end(&mut bytes).ok();
            sender.send(bytes).ok();
        });
    }
    receiver
}
