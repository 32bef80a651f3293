//! Whether a ledger is whole, and if not, where it first is not.
//!
//! Everything is computed anew from the entries: leaf hashes, all tiles, the root of every checkpoint that is known.
//! The hash tiles that are stored are witnesses of their own: as far as they lead to a root that was signed, they tell
//! for each entry what its hash was.
//!
//! Partial tiles of an earlier, smaller log are not looked at: writers that crashed or lost a race leave such, and they are
//! no part of the log that the checkpoint covers.

mod blame;
mod check;
mod references;
mod scan;

use std::num::NonZeroUsize;
use std::ops::Range;

use model::Record;

use crate::checkpoint::Checkpoint;
use crate::keys::VerifyingKey;
use crate::storage::Storage;
use crate::{Error, layout};

/// Looks into a payload: whether signatures in it hold, and the like. What it returns as an error is told of the entry.
pub type PayloadCheck<'a> = dyn Fn(&Record, &[u8]) -> Result<(), String> + Sync + 'a;

/// What a ledger is checked against.
#[derive(Clone, Copy, Default)]
pub struct Verification<'a> {
    /// Which log it must be.
    pub origin: &'a str,
    /// Keys that are trusted; changes of the key are followed from them.
    pub keys: &'a [VerifyingKey],
    /// Checkpoints of earlier times that were kept elsewhere. Without one, nobody can tell whether whoever has the key
    /// wrote the whole ledger anew.
    pub since: &'a [Checkpoint],
    /// Witnesses that are trusted.
    pub witnesses: &'a [VerifyingKey],
    /// How many of them must have signed the newest checkpoint, or one in `since`.
    pub quorum: usize,
    /// What else is to be checked of payloads.
    pub payloads: Option<&'a PayloadCheck<'a>>,
    /// How many threads hash; as many as there are cores if it is not said.
    pub threads: Option<NonZeroUsize>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is whole, and goes on from every checkpoint that was kept elsewhere, or enough witnesses signed it.
    Whole(Whole),
    /// It is whole in itself. Whoever has its key could have written it anew: neither an earlier checkpoint nor a quorum
    /// of witnesses was given to hold it against.
    SelfConsistentOnly(Whole),
    /// It is not what it was, or not what it should be.
    Tampered(Tampering),
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// How many entries it has.
    pub size: u64,
    /// How many payloads are there and have their digest; none are looked at by [`verify_hashes`].
    pub payloads: u64,
    /// How many payloads were deleted, each with an entry that says so.
    pub redacted: u64,
    /// Entries whose payload should be deleted and is still there: the redaction did not come to its end.
    pub still_there: Vec<u64>,
    /// Witnesses whose cosignatures on the newest checkpoint hold.
    pub witnesses: Vec<String>,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tampering {
    /// Where.
    pub first: Place,
    /// What was done.
    pub what: What,
    /// In words: what shows it, and if no single entry is named, why not.
    pub text: String,
}

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the checkpoint itself.
    Checkpoint,
    /// In this entry, or its payload.
    Entry(u64),
    /// In one of these entries, or in what is stored about all of them.
    Entries(Range<u64>),
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An entry is another.
    Changed,
    /// Entries are missing.
    Removed,
    /// An entry was put between others, or after the last.
    Inserted,
    /// An entry stands in the place of another.
    Reordered,
    /// A time lies before that of the entry before.
    BackDated,
    /// Another history was written, and signed with the true key.
    Forked,
    /// An older checkpoint was put in place of a newer one.
    CheckpointReplayed,
    /// The checkpoint is missing, or is none, or its signature does not hold.
    CheckpointChanged,
    /// Stored hashes are not those of the entries, which themselves are whole.
    TileChanged,
    /// A payload does not have the digest that its entry says.
    PayloadChanged,
    /// A payload is gone, and no entry says that it was deleted.
    PayloadRemoved,
    /// A payload has its digest, and what is in it does not hold.
    PayloadInvalid,
    /// Somebody signed whose key nobody vouches for.
    UnknownKey,
    /// An entry is no record.
    Unreadable,
    /// Fewer witnesses signed than must.
    QuorumMissed,
}

impl Tampering {
    fn found(first: Place, what: What, text: impl Into<String>) -> Outcome {
        Outcome::Tampered(Self {
            first,
            what,
            text: text.into(),
        })
    }
}

impl Outcome {
    /// What is wrong, if something is.
    pub fn tampering(&self) -> Option<&Tampering> {
        match self {
            Self::Tampered(tampering) => Some(tampering),
            Self::Whole(_) | Self::SelfConsistentOnly(_) => None,
        }
    }
}

/// Checks all of a ledger: hashes, signatures, times, records, payloads.
///
/// # Errors
/// When something cannot be read, or a checkpoint in `since` is not of this log and signed by a key of it.
pub fn verify(storage: &dyn Storage, against: &Verification<'_>) -> Result<Outcome, Error> {
    check::run(storage, against, scan::Depth::Records)
}

/// Checks hashes, tiles, checkpoints and signatures alone: no record is parsed and no payload looked at. Changes of the
/// key are found by the hints in `log.json`, each of which is checked.
///
/// # Errors
/// As [`verify`].
pub fn verify_hashes(storage: &dyn Storage, against: &Verification<'_>) -> Result<Outcome, Error> {
    check::run(storage, against, scan::Depth::Hashes)
}

/// The entries that a tile of a level covers, in a log of this size.
fn covered(size: u64, level: usize, index: u64, width: u64) -> Range<u64> {
    let each = 1_u64 << (8 * level);
    let start = index * layout::WIDTH * each;
    start..(start + width * each).min(size)
}
