//! A witness: remembers the newest checkpoint that it saw, and signs only what goes on from that.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;

use crate::checkpoint::Checkpoint;
use crate::error::At;
use crate::keys::{SigningKey, VerifyingKey};
use crate::proof::check_consistency;
use crate::storage::{CHECKPOINT, Keep};
use crate::{Error, KeyKind, Ledger};

/// A witness of one log. What it saw last is in a file of its own, which must not lie where the log does.
pub struct Witness {
    key: SigningKey,
    state: Utf8PathBuf,
}

impl Witness {
    /// A witness with this key, which remembers in this file.
    ///
    /// # Errors
    /// When the key is not that of a witness.
    pub fn new(key: SigningKey, state: &Utf8Path) -> Result<Self, Error> {
        if key.verifying().kind() != KeyKind::Witness {
            return Err(refused("its key is that of a log; make one for a witness".to_owned()));
        }
        Ok(Self {
            key,
            state: state.to_owned(),
        })
    }

    /// The newest checkpoint that it signed.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn seen(&self) -> Result<Option<Checkpoint>, Error> {
        match fs::read(&self.state) {
            Ok(bytes) => Ok(Some(Checkpoint::parse(&bytes)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).at("read", &self.state),
        }
    }

    /// Signs the newest checkpoint of a ledger, after looking whether it goes on from the one it saw last, and gives it
    /// with the new signature. The first one that it ever sees it takes as it is.
    ///
    /// # Errors
    /// When the ledger does not go on from what the witness saw, or a file cannot be written.
    pub fn cosign(&self, ledger: &Ledger, now: Timestamp) -> Result<Checkpoint, Error> {
        let newest = ledger.checkpoint()?;
        if let Some(seen) = self.seen()? {
            if seen.size() > newest.size() {
                let (had, has) = (seen.size(), newest.size());
                return Err(refused(format!(
                    "the ledger had {had} entries when it was seen last and has {has}"
                )));
            }
            let hashes = ledger.prove_consistency(seen.size(), newest.size())?;
            check_consistency(&hashes, &seen, &newest).map_err(|error| refused(error.to_string()))?;
        }
        let cosigned = newest.with_cosignature(&self.key, now)?;
        // It remembers before it tells: nothing that it signed may ever be unknown to it.
        self.remember(&cosigned)?;
        Ok(cosigned)
    }

    fn remember(&self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let folder = self.state.parent().filter(|folder| !folder.as_str().is_empty());
        let folder = folder.unwrap_or_else(|| Utf8Path::new("."));
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            std::io::Write::write_all(&mut file, checkpoint.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&self.state)?;
            fs::File::open(folder)?.sync_all()
        };
        write().at("write", &self.state)
    }
}

impl Ledger {
    /// Puts cosignatures beside the newest checkpoint, if that still is the one that was cosigned; whether it was.
    ///
    /// # Errors
    /// When a witness' signature does not hold, or the storage refuses.
    pub fn publish_cosignatures(&self, cosigned: &Checkpoint, witnesses: &[VerifyingKey]) -> Result<bool, Error> {
        cosigned.cosigned_by(witnesses)?;
        let _turn = self.storage().queue().map(crate::folder::Queue::enter).transpose()?;
        let (newest, version) = self.read_checkpoint()?;
        if newest.text() != cosigned.text() || cosigned.signed_by(&self.keys()).is_err() {
            return Ok(false);
        }
        self.storage()
            .replace(CHECKPOINT, cosigned.as_bytes(), Keep::Lasting, &version)
    }
}

fn refused(reason: String) -> Error {
    Error::Witness { reason }
}
