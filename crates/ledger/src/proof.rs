//! Proofs that can be checked offline: that an entry is in a log, and that a log goes on from an earlier state.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use base64::prelude::*;
use tlog_tiles::{Hash, HashReader, split_stored_hash_index};

use crate::checkpoint::Checkpoint;
use crate::keys::VerifyingKey;
use crate::storage::Storage;
use crate::tip::{damaged, read_tile};
use crate::tree::subtree;
use crate::{Error, Ledger};

/// First line of a proof: <https://c2sp.org/tlog-proof>.
const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// That an entry is in a log; it carries the checkpoint that it leads to. `Display` and `FromStr` are the text form of
/// <https://c2sp.org/tlog-proof>.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// Index of the entry.
    pub index: u64,
    /// From the leaf's sibling up to the child of the root.
    pub hashes: Vec<Hash>,
    /// What it leads to, as a signed note.
    pub checkpoint: Vec<u8>,
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}\nindex {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", String::from_utf8_lossy(&self.checkpoint))
    }
}

impl FromStr for Proof {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let broken = |reason: &str| Error::Proof {
            reason: reason.to_owned(),
        };
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or_else(|| broken("it carries no checkpoint"))?;
        let mut lines = head.lines().peekable();
        if lines.next() != Some(HEAD) {
            return Err(broken(&format!("its first line is not {HEAD}")));
        }
        // Extra data is allowed, and nothing that may be believed.
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let number: Option<u64> = index.and_then(|index| index.parse().ok());
        let number = number.filter(|number| Some(number.to_string().as_str()) == index);
        let hash = |line: &str| Some(Hash(BASE64_STANDARD.decode(line).ok()?.try_into().ok()?));
        let hashes: Option<Vec<Hash>> = lines.map(hash).collect();
        Ok(Self {
            index: number.ok_or_else(|| broken("it names no index"))?,
            hashes: hashes.ok_or_else(|| broken("one of its lines is no hash"))?,
            checkpoint: checkpoint.as_bytes().to_owned(),
        })
    }
}

/// Checks that an entry is in the log of this origin, by a proof alone; gives the checkpoint that it leads to.
///
/// # Errors
/// When the proof does not lead from the entry to the checkpoint, or none of the keys signed that.
pub fn check_inclusion(proof: &Proof, entry: &[u8], origin: &str, keys: &[VerifyingKey]) -> Result<Checkpoint, Error> {
    let checkpoint = Checkpoint::parse(&proof.checkpoint)?;
    if checkpoint.origin() != origin {
        return Err(Error::Proof {
            reason: format!("it is of the log {:?} and not of {origin:?}", checkpoint.origin()),
        });
    }
    checkpoint.signed_by(keys)?;
    let leaf = tlog_tiles::record_hash(entry);
    tlog_tiles::check_record(&proof.hashes, checkpoint.size(), checkpoint.root(), proof.index, leaf).map_err(|_| {
        Error::Proof {
            reason: format!(
                "its hashes do not lead from this entry, as number {}, to the root",
                proof.index
            ),
        }
    })?;
    Ok(checkpoint)
}

/// Checks that the log of one checkpoint goes on from that of an earlier one.
///
/// # Errors
/// When it does not. Signatures are for the caller to check.
pub fn check_consistency(hashes: &[Hash], old: &Checkpoint, new: &Checkpoint) -> Result<(), Error> {
    let broken = |reason: String| Error::Proof { reason };
    if old.origin() != new.origin() {
        return Err(broken(format!(
            "{:?} and {:?} are two logs",
            old.origin(),
            new.origin()
        )));
    }
    let (earlier, later) = (old.size(), new.size());
    if earlier > later {
        return Err(broken(format!("the log had {earlier} entries and has {later}")));
    }
    // Every log goes on from the empty one.
    let holds = match earlier {
        0 => hashes.is_empty() && old.root() == tlog_tiles::EMPTY_HASH,
        _ => tlog_tiles::check_tree(&hashes.to_vec(), later, new.root(), earlier, old.root()).is_ok(),
    };
    if holds {
        return Ok(());
    }
    Err(broken(format!(
        "the log of {later} entries does not go on from that of {earlier}"
    )))
}

impl Ledger {
    /// Proves that an entry is in the log, as it is now.
    ///
    /// # Errors
    /// When there is no such entry, or the hashes that are stored do not lead to the root.
    pub fn prove_inclusion(&self, index: u64) -> Result<Proof, Error> {
        let checkpoint = self.checkpoint()?;
        let size = checkpoint.size();
        if index >= size {
            return Err(Error::NoEntry { index, size });
        }
        let reader = StoredHashes::new(self.storage(), size);
        let hashes = reader.finish(tlog_tiles::prove_record(size, index, &reader))?;
        let leaf = read_tile(self.storage(), size, 0, index / 256)?[usize::try_from(index % 256).unwrap_or(0)];
        tlog_tiles::check_record(&hashes, size, checkpoint.root(), index, leaf)
            .map_err(|_| damaged(self.storage(), "its hash tiles do not lead to the root that is signed"))?;
        Ok(Proof {
            index,
            hashes,
            checkpoint: checkpoint.as_bytes().to_owned(),
        })
    }

    /// Proves that the log of `new` entries goes on from that of `old`.
    ///
    /// # Errors
    /// When there are not so many entries, or hash tiles cannot be read.
    pub fn prove_consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, Error> {
        let size = self.size()?;
        if new > size || old > new {
            let index = old.max(new).saturating_sub(1);
            return Err(Error::NoEntry { index, size });
        }
        if old == 0 {
            return Ok(Vec::new());
        }
        let reader = StoredHashes::new(self.storage(), size);
        reader.finish(tlog_tiles::prove_tree(new, old, &reader))
    }
}

/// Hashes of the tree, read from tiles, each tile once.
pub struct StoredHashes<'s> {
    storage: &'s dyn Storage,
    size: u64,
    tiles: RefCell<HashMap<(usize, u64), Vec<Hash>>>,
    failed: RefCell<Option<Error>>,
}

impl<'s> StoredHashes<'s> {
    pub fn new(storage: &'s dyn Storage, size: u64) -> Self {
        Self {
            storage,
            size,
            tiles: RefCell::default(),
            failed: RefCell::default(),
        }
    }

    /// The result of the library's function, or why reading failed.
    pub fn finish<T>(&self, result: Result<T, tlog_tiles::Error>) -> Result<T, Error> {
        result.map_err(|error| {
            let failed = self.failed.borrow_mut().take();
            failed.unwrap_or_else(|| damaged(self.storage, &error.to_string()))
        })
    }

    fn hash(&self, index: u64) -> Option<Hash> {
        let (level, n) = split_stored_hash_index(index);
        self.node(level, n)
    }

    /// The hash over a perfect subtree: the `n`-th of `2^level` leaves.
    pub fn node(&self, level: u8, n: u64) -> Option<Hash> {
        let (row, above) = (usize::from(level / 8), level % 8);
        let first = n << above;
        let mut tiles = self.tiles.borrow_mut();
        let tile = match tiles.entry((row, first / 256)) {
            std::collections::hash_map::Entry::Occupied(tile) => tile.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                match read_tile(self.storage, self.size, row, first / 256) {
                    Ok(tile) => place.insert(tile),
                    Err(error) => {
                        self.failed.borrow_mut().get_or_insert(error);
                        return None;
                    }
                }
            }
        };
        let at = usize::try_from(first % 256).ok()?;
        tile.get(at..at + (1 << above)).map(subtree)
    }
}

impl HashReader for StoredHashes<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let hashes = indexes.iter().map(|index| self.hash(*index));
        hashes.collect::<Option<_>>().ok_or(tlog_tiles::Error::IndexesNotInTree)
    }
}
