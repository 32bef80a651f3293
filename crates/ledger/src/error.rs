//! What can go wrong.

use std::io;

/// Why the ledger could not do what it was asked to. That a ledger was tampered with is no error but a finding of
/// [`crate::verify()`]; here it shows as [`Error::Damaged`] where work cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file system or a server refused.
    #[error("failed to {action} {place} of the ledger: {source}")]
    Storage {
        /// What was tried.
        action: &'static str,
        /// Where: a path, or an address.
        place: String,
        /// Why it failed.
        source: io::Error,
    },
    /// There is no ledger here.
    #[error("there is no ledger in {place}; `counterproof ledger init` begins one")]
    Missing {
        /// Where it was looked for.
        place: String,
    },
    /// There is a ledger here already.
    #[error("there is a ledger in {place} already; open it, or choose another place")]
    Exists {
        /// Where.
        place: String,
    },
    /// It is another ledger.
    #[error("the ledger in {place} is {found:?} and not {expected:?}; check the origin that you gave")]
    Origin {
        /// Where.
        place: String,
        /// What it says it is.
        found: String,
        /// What it should be.
        expected: String,
    },
    /// A key cannot be read.
    #[error("failed to read a key: {reason}")]
    Key {
        /// Why, and what it should look like.
        reason: String,
    },
    /// A checkpoint is not one, or nobody who is trusted signed it.
    #[error("{which} {reason}")]
    Checkpoint {
        /// Which, as the beginning of a sentence.
        which: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The ledger is signed by another key than the writer has.
    #[error(
        "the ledger is signed by the key {signed_by} and not by {given}: the key was changed, give the writer the new one"
    )]
    OtherKey {
        /// Id of the key that signed the newest checkpoint.
        signed_by: String,
        /// Id of the key that was given.
        given: String,
    },
    /// A key that signs is needed.
    #[error("the ledger was opened without a key that signs, so that nothing can be appended; open it with one")]
    NoSigner,
    /// An entry is too large for a log.
    #[error(
        "failed to append an entry of kind {kind}: it has {size} bytes, and 65,535 is the most; put what is long into the payload"
    )]
    TooLarge {
        /// The kind.
        kind: String,
        /// Its size in bytes.
        size: usize,
    },
    /// There is no such entry.
    #[error("there is no entry {index}: the ledger has {size}")]
    NoEntry {
        /// What was asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// An entry is no record that this version can read.
    #[error("entry {index} cannot be read: {reason}; it was changed, or a newer version of counterproof wrote it")]
    Unreadable {
        /// Which.
        index: u64,
        /// Why.
        reason: String,
    },
    /// An entry cannot be redacted.
    #[error("failed to redact entry {index}: {reason}")]
    NotRedactable {
        /// Which.
        index: u64,
        /// Why.
        reason: String,
    },
    /// Entries are to be deleted too early.
    #[error(
        "failed to delete payloads of before {before}: they must be kept for six months (EU AI Act, articles 19 and 26), until {earliest} at the latest; ask for it expressly if they need not"
    )]
    TooEarly {
        /// What was asked for.
        before: String,
        /// What may be deleted: all before this.
        earliest: String,
    },
    /// What is stored does not fit what was signed.
    #[error("the ledger in {place} is damaged: {reason}; `counterproof ledger verify` tells where")]
    Damaged {
        /// Where.
        place: String,
        /// What does not fit.
        reason: String,
    },
    /// A proof does not hold.
    #[error("the proof does not hold: {reason}")]
    Proof {
        /// Why.
        reason: String,
    },
    /// A witness will not sign.
    #[error("the witness does not sign: {reason}")]
    Witness {
        /// Why.
        reason: String,
    },
    /// Other writers were faster, time and again.
    #[error("failed to append to {place}: other writers were faster {attempts} times; try again")]
    Contended {
        /// Where.
        place: String,
        /// How often it was tried.
        attempts: usize,
    },
    /// Somebody else appends, and it was not waited for them.
    #[error("the lock {place} was held by another program for more than {} s; it appends at the moment, or hangs", .patience.as_secs())]
    Busy {
        /// The lock.
        place: String,
        /// How long it was waited for.
        patience: std::time::Duration,
    },
    /// The system has no randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

impl Error {
    /// Whether the disk (or a quota) is full.
    pub fn is_disk_full(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(self, Self::Storage { source, .. } if matches!(source.kind(), StorageFull | QuotaExceeded))
    }
}

/// Says where an input or output error happened.
pub(crate) trait At<T> {
    /// `action` completes "failed to …".
    fn at(self, action: &'static str, place: impl ToString) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, place: impl ToString) -> Result<T, Error> {
        self.map_err(|source| Error::Storage {
            action,
            place: place.to_string(),
            source,
        })
    }
}
