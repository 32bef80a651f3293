//! Keys that sign.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use camino::{Utf8Path, Utf8PathBuf};
use ed25519_dalek::Signer as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};
use zeroize::Zeroizing;

pub use crate::public_key::{KeyId, PublicKey, PublicKeyError};

/// A key file is a few lines; a longer file is something else.
const LONGEST: u64 = 16 * 1024;
/// What others may do with a file: read, write, execute, by group and by everybody.
const OTHERS: u32 = 0o077;

/// A signature and the id of the key that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeSignature {
    /// Whose it is.
    pub key: KeyId,
    /// The bytes.
    pub signature: Vec<u8>,
}

/// Whatever can sign: a key in memory, or a program that asks an agent or a hardware key.
pub trait Signer {
    /// Signs `message` as it is.
    ///
    /// # Errors
    /// When the signature could not be made: see [`SignError`].
    fn sign(&self, message: &[u8]) -> Result<MadeSignature, SignError>;
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// `ssh-keygen` did not sign.
    #[error(transparent)]
    Ssh(#[from] crate::ssh::SshError),
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refused.
    #[error("failed to {action} the key file {path}: {source}")]
    Files {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: Utf8PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// There is a file already. Nothing is ever written over a key.
    #[error("failed to write the key file {path}: there is a file already; choose another name, or move it away")]
    Exists {
        /// Where.
        path: Utf8PathBuf,
    },
    /// Others on the machine could have read it, or put another in its place.
    #[error(
        "failed to use the key file {path}: others on this machine have access to it (mode {mode:03o}); \
         run `chmod 600 {path}`, and make a new key if somebody may have read it"
    )]
    Open {
        /// Where.
        path: Utf8PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// What it holds is no key of ours.
    #[error("failed to read {what}: {why}")]
    Form {
        /// The file, or `the key`.
        what: String,
        /// In words.
        why: &'static str,
    },
    /// The system gave no random bytes.
    #[error("failed to make a key: the system gives no random bytes ({0})")]
    Random(String),
}

/// An ed25519 key that signs. Its bytes are wiped when it is dropped, and it is never shown.
///
/// In a file it is a PEM block `PRIVATE KEY` (PKCS #8 version 1, RFC 5958 and RFC 8410), which `openssl pkey` reads and
/// `openssl genpkey -algorithm ed25519` writes.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public_key().id())
    }
}

impl SigningKey {
    /// Makes a new key from the system's random bytes.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *seed).map_err(|error| KeyError::Random(error.to_string()))?;
        Ok(Self {
            key: ed25519_dalek::SigningKey::from_bytes(&seed),
        })
    }

    /// Reads the PEM form.
    ///
    /// # Errors
    /// When it is none, encrypted, or of another kind than ed25519.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        Self::parse(pem, "the key")
    }

    fn parse(pem: &str, what: &str) -> Result<Self, KeyError> {
        let form = |why| KeyError::Form {
            what: what.to_owned(),
            why,
        };
        let pem = pem.trim();
        if pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
            return Err(form(
                "it is encrypted, which is not supported; `openssl pkey -in OLD -out NEW` takes the encryption off",
            ));
        }
        if pem.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") {
            return Err(form("it is an SSH key; those sign by way of ssh-keygen"));
        }
        if pem.starts_with("-----BEGIN PUBLIC KEY-----") {
            return Err(form("it is the public half; signing needs the private one"));
        }
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem)
            .map_err(|_| form("expected a PEM block `PRIVATE KEY` that holds an ed25519 key"))?;
        Ok(Self { key })
    }

    /// The PEM form, wiped when it is dropped.
    ///
    /// # Errors
    /// None that is known; the encoder's type has them.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        // With the public half in it, it would be version 2, which OpenSSL 3.0 does not read.
        let bare = KeypairBytes {
            secret_key: self.key.to_bytes(),
            public_key: None,
        };
        bare.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Form {
            what: "the key".to_owned(),
            why: "it cannot be written as PEM",
        })
    }

    /// Reads a key file that nobody but its owner has access to.
    ///
    /// # Errors
    /// When it cannot be read, when others have access to it, or when it holds no ed25519 key.
    pub fn read(path: &Utf8Path) -> Result<Self, KeyError> {
        let files = |action| {
            move |source| KeyError::Files {
                action,
                path: path.to_owned(),
                source,
            }
        };
        let mut file = File::open(path).map_err(files("open"))?;
        // Asked of what was opened: what the name leads to may be another file a moment later.
        let mode = file.metadata().map_err(files("read"))?.mode() & 0o777;
        if mode & OTHERS != 0 {
            return Err(KeyError::Open {
                path: path.to_owned(),
                mode,
            });
        }
        let mut pem = Zeroizing::new(String::new());
        Read::by_ref(&mut file)
            .take(LONGEST)
            .read_to_string(&mut pem)
            .map_err(files("read"))?;
        Self::parse(&pem, path.as_str())
    }

    /// Writes a new file that only its owner can read.
    ///
    /// # Errors
    /// When there is a file already, or when it cannot be written. What was begun is removed.
    pub fn write(&self, path: &Utf8Path) -> Result<(), KeyError> {
        let pem = self.to_pem()?;
        let files = |source: io::Error| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyError::Exists { path: path.to_owned() },
            _ => KeyError::Files {
                action: "write",
                path: path.to_owned(),
                source,
            },
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(files)?;
        let written = file.write_all(pem.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(|error| {
            std::fs::remove_file(path).ok();
            files(error)
        })
    }

    /// The half to give away.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::of_signing_key(self.key.verifying_key())
    }
}

impl Signer for SigningKey {
    fn sign(&self, message: &[u8]) -> Result<MadeSignature, SignError> {
        Ok(MadeSignature {
            key: self.public_key().id(),
            signature: self.key.sign(message).to_bytes().to_vec(),
        })
    }
}
