//! Keys of whoever runs this program: to approve with, to sign as a runner, and to sign the ledger with.
//!
//! They lie outside of every repository, in the user's own folder, or where a variable says. None is ever read from a
//! repository: an agent that writes there must not be able to bring its own.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::time::Duration;

use attest::keys::{Signer, SigningKey};
use attest::ssh::{Prompts, SshKeygen};
use camino::{Utf8Path, Utf8PathBuf};
use ledger::KeyKind;

use crate::error::CliError;
use crate::settings;

/// Longest time that `ssh-keygen` may take: somebody may have to type, or to touch a hardware key.
const SSH_TIMEOUT: Duration = Duration::from_secs(120);

/// A key that signs statements.
pub enum Key {
    /// An ed25519 key in a PEM file.
    Pem(SigningKey),
    /// A key of SSH, by way of `ssh-keygen`, with its public half.
    Ssh(SshKeygen, attest::keys::PublicKey),
}

impl Key {
    /// Reads the key in a file: PEM, or either half of an SSH key.
    ///
    /// # Errors
    /// When it is neither, or others may read it.
    pub fn read(path: &Utf8Path) -> Result<Self, CliError> {
        let failed = |why: &dyn std::fmt::Display| CliError::Usage(format!("the key {path}: {why}"));
        let text = fs::read(path).map_err(|error| failed(&error))?;
        let text = String::from_utf8_lossy(&text);
        let is_ssh = text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") || path.extension() == Some("pub");
        if !is_ssh {
            return SigningKey::read(path).map(Self::Pem).map_err(|error| failed(&error));
        }
        let public = match path.extension() {
            Some("pub") => path.to_owned(),
            _ => Utf8PathBuf::from(format!("{path}.pub")),
        };
        let line = fs::read_to_string(&public)
            .map_err(|error| failed(&format!("its public half {public} cannot be read: {error}")))?;
        let public = attest::keys::PublicKey::parse(&line).map_err(|error| failed(&error))?;
        let keygen = SshKeygen {
            program: "ssh-keygen".into(),
            key: path.to_owned(),
            prompts: Prompts::Allowed,
            timeout: SSH_TIMEOUT,
        };
        Ok(Self::Ssh(keygen, public))
    }

    /// What signs.
    pub fn signer(&self) -> &dyn Signer {
        match self {
            Self::Pem(key) => key,
            Self::Ssh(key, _) => key,
        }
    }

    /// The half to give away.
    pub fn public(&self) -> attest::keys::PublicKey {
        match self {
            Self::Pem(key) => key.public_key(),
            Self::Ssh(_, public) => public.clone(),
        }
    }
}

/// The key of the person who runs this: that in `path`, that which `COUNTERPROOF_KEY` names, or one of our own, which is made
/// when it is first needed.
///
/// # Errors
/// When it cannot be read or made.
pub fn own(path: Option<&Utf8Path>) -> Result<Key, CliError> {
    if let Some(path) = path.map(Utf8Path::to_owned).or_else(settings::own_key) {
        return Key::read(&path);
    }
    let path = folder()?.join("own.pem");
    if !path.exists() {
        SigningKey::generate()
            .and_then(|key| key.write(&path))
            .or_else(|error| if path.exists() { Ok(()) } else { Err(error) })
            .map_err(|error| CliError::Usage(error.to_string()))?;
    }
    Key::read(&path)
}

/// The key that `COUNTERPROOF_RUNNER_KEY` names: that of CI, which makes evidence and gives verdicts.
///
/// # Errors
/// When it is named and cannot be read: who meant to sign must not go on unsigned.
pub fn runner() -> Result<Option<Key>, CliError> {
    settings::runner_key().map(|path| Key::read(&path)).transpose()
}

/// The key that this machine signs with: the runner's, where it is one, else that of whoever runs this.
///
/// # Errors
/// When it cannot be read or made.
pub fn of_this_machine() -> Result<Key, CliError> {
    match runner()? {
        Some(key) => Ok(key),
        None => own(None),
    }
}

/// The key that signs this ledger's checkpoints, where this machine has it: in the file that `COUNTERPROOF_LEDGER_KEY` names,
/// or in the user's own folder.
///
/// # Errors
/// When there is one and it cannot be read.
pub fn of_ledger(origin: &str) -> Result<Option<ledger::SigningKey>, CliError> {
    let path = ledger_file(origin)?;
    match path {
        Some(path) if path.exists() => read_secret(&path).map(Some),
        _ => Ok(None),
    }
}

/// Makes a key for a new ledger, or for one that is to be signed by another key; gives it with what must be done to keep it.
///
/// # Errors
/// When it cannot be written.
pub fn new_for_ledger(origin: &str) -> Result<ledger::SigningKey, CliError> {
    let path = ledger_file(origin)?.ok_or_else(no_folder)?;
    made(&path, origin, KeyKind::Log)
}

/// Writes the key that is to sign this ledger next beside the one that signs it now.
///
/// # Errors
/// When it cannot be written.
pub fn keep_next_of_ledger(origin: &str, key: &ledger::SigningKey) -> Result<(), CliError> {
    let path = next_file(origin)?;
    if path.exists() {
        return Err(CliError::Usage(format!(
            "{path} is left of a change of the key that did not come to its end: if `counterproof ledger show` works, delete it, \
             else move it to the place of the old key"
        )));
    }
    write_secret(&path, &key.to_secret_text())
}

/// Puts the next key in the place of the one that signed this ledger.
///
/// # Errors
/// When it cannot be moved.
pub fn take_next_of_ledger(origin: &str) -> Result<(), CliError> {
    let path = ledger_file(origin)?.ok_or_else(no_folder)?;
    fs::rename(next_file(origin)?, &path).map_err(|error| CliError::Usage(format!("failed to write {path}: {error}")))
}

fn next_file(origin: &str) -> Result<Utf8PathBuf, CliError> {
    let path = ledger_file(origin)?.ok_or_else(no_folder)?;
    Ok(format!("{path}.next").into())
}

/// The key of a witness, made when it is first needed.
///
/// # Errors
/// When it cannot be read or made.
pub fn of_witness(path: Option<&Utf8Path>, name: &str) -> Result<ledger::SigningKey, CliError> {
    let path = match path {
        Some(path) => path.to_owned(),
        None => folder()?.join(format!("{}.witness", plain(name))),
    };
    if path.exists() {
        return read_secret(&path);
    }
    made(&path, name, KeyKind::Witness)
}

/// The folder of this user's keys, made where it is missing; only they can look into it.
///
/// # Errors
/// When there is no place for one, or it cannot be made.
pub fn folder() -> Result<Utf8PathBuf, CliError> {
    let folder = settings::keys_folder().ok_or_else(no_folder)?;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(|error| CliError::Usage(format!("failed to make the folder for keys {folder}: {error}")))?;
    Ok(folder)
}

fn no_folder() -> CliError {
    CliError::Usage(
        "there is no place for keys: set COUNTERPROOF_KEYS to a folder outside of the repository".to_owned(),
    )
}

fn ledger_file(origin: &str) -> Result<Option<Utf8PathBuf>, CliError> {
    if let Some(path) = settings::ledger_key() {
        return Ok(Some(path));
    }
    if settings::keys_folder().is_none() {
        return Ok(None);
    }
    Ok(Some(folder()?.join(format!("{}.ledger", plain(origin)))))
}

/// A name that a file can have.
fn plain(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    name.chars().map(|c| if fits(c) { c } else { '_' }).collect()
}

fn read_secret(path: &Utf8Path) -> Result<ledger::SigningKey, CliError> {
    use std::os::unix::fs::MetadataExt;
    let failed = |why: &dyn std::fmt::Display| CliError::Usage(format!("the key {path}: {why}"));
    let mode = fs::metadata(path).map_err(|error| failed(&error))?.mode() & 0o077;
    if mode != 0 {
        return Err(failed(
            &"others than its owner have access to it: `chmod 600` mends that",
        ));
    }
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    text.parse().map_err(|error: ledger::Error| failed(&error))
}

fn made(path: &Utf8Path, name: &str, kind: KeyKind) -> Result<ledger::SigningKey, CliError> {
    let key = ledger::SigningKey::generate(name, kind)?;
    write_secret(path, &key.to_secret_text())?;
    Ok(key)
}

fn write_secret(path: &Utf8Path, text: &str) -> Result<(), CliError> {
    let written = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            writeln!(file, "{text}")?;
            file.sync_all()
        });
    written.map_err(|error| CliError::Usage(format!("failed to write the key {path}: {error}")))
}
