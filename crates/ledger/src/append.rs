//! How entries get into the log: what is written in which order, alone under a lock or against other writers.
//!
//! Bundles of entries first, then hash tiles, then the checkpoint: replacing that is what commits. Until then nothing
//! that was written counts, and it lies under paths that no committed tree of this size has.

use jiff::Timestamp;
use model::Record;
use tlog_tiles::{Hash, record_hash};

use crate::checkpoint::Checkpoint;
use crate::draft::{encode, place_after};
use crate::keys::SigningKey;
use crate::layout::{WIDTH, add_entry, bundle_path};
use crate::storage::{CHECKPOINT, Keep, Storage, Version};
use crate::tip::Tip;
use crate::tree::{Edge, Tile};
use crate::{Error, layout};

/// An entry that is in the log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Appended {
    /// Its index.
    pub index: u64,
    /// Its leaf hash.
    pub hash: Hash,
}

/// What an append writes.
#[derive(Clone)]
pub struct Addition {
    bundles: Vec<(u64, u64, Vec<u8>)>,
    full: Vec<Tile>,
    edge: Edge,
    before: u64,
    time: Timestamp,
    /// The entries that are added.
    pub appended: Vec<Appended>,
}

impl Addition {
    /// Entries after what is there, each with its time.
    pub fn after(tip: &Tip, drafts: impl IntoIterator<Item = Record>) -> Result<Self, Error> {
        let mut addition = Self::none(tip);
        let mut bundle = tip.bundle.clone();
        for draft in drafts {
            let record = place_after(draft, addition.time);
            addition.time = record.time;
            addition.push(&mut bundle, &encode(&record)?)?;
        }
        addition.end(bundle);
        Ok(addition)
    }

    /// Nothing yet.
    pub fn none(tip: &Tip) -> Self {
        Self {
            bundles: Vec::new(),
            full: Vec::new(),
            edge: tip.edge.clone(),
            before: tip.edge.size(),
            // The time of a checkpoint is that of its newest entry.
            time: tip.checkpoint.time(),
            appended: Vec::new(),
        }
    }

    /// Adds the bytes of an entry; `bundle` holds what its bundle has so far.
    pub fn push(&mut self, bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), Error> {
        add_entry(bundle, entry)?;
        let (index, hash) = (self.edge.size(), record_hash(entry));
        self.edge.push(hash, &mut self.full);
        self.appended.push(Appended { index, hash });
        if self.edge.size().is_multiple_of(WIDTH) {
            self.bundles.push((index / WIDTH, WIDTH, std::mem::take(bundle)));
        }
        Ok(())
    }

    /// All entries were added.
    pub fn end(&mut self, bundle: Vec<u8>) {
        let size = self.edge.size();
        if !bundle.is_empty() {
            self.bundles.push((size / WIDTH, size % WIDTH, bundle));
        }
    }

    /// How many entries there are with it.
    pub fn edge_size(&self) -> u64 {
        self.edge.size()
    }

    /// The time of its last entry.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Says that an entry of this time was added.
    pub fn at(&mut self, time: Timestamp) {
        self.time = self.time.max(time);
    }

    /// Bundles, each with its path.
    pub fn bundles(&self) -> impl Iterator<Item = (String, &[u8])> {
        let bundles = self.bundles.iter();
        bundles.map(|(index, width, bytes)| (bundle_path(*index, *width), bytes.as_slice()))
    }

    /// Hash tiles that are new.
    pub fn tiles(&self) -> impl Iterator<Item = Tile> + '_ {
        let changed = |tile: &Tile| self.before >> (8 * tile.level) != self.edge.size() >> (8 * tile.level);
        self.full.iter().cloned().chain(self.edge.partial().filter(changed))
    }

    /// The checkpoint that covers it.
    pub fn checkpoint(&self, origin: &str, key: &SigningKey) -> Result<Checkpoint, Error> {
        Checkpoint::sign(origin, self.edge.size(), self.edge.root(), self.time, key)
    }

    /// The new state, once the checkpoint was replaced.
    pub fn into_tip(self, checkpoint: Checkpoint, version: Version) -> Tip {
        let partial = self
            .bundles
            .into_iter()
            .next_back()
            .filter(|(_, width, _)| *width < WIDTH);
        Tip {
            checkpoint,
            version,
            edge: self.edge,
            bundle: partial.map_or_else(Vec::new, |(_, _, bytes)| bytes),
        }
    }

    /// Removes what the full tiles of this addition hold as well.
    pub fn tidy(&self, storage: &dyn Storage) {
        for (index, width, _) in &self.bundles {
            if *width == WIDTH {
                storage.delete_partial(&bundle_path(*index, WIDTH));
            }
        }
        for tile in &self.full {
            storage.delete_partial(&layout::tile_path(tile.level, tile.index, WIDTH));
        }
    }
}

/// Whether a tile must be on the disk before the checkpoint: partial ones can be made anew.
pub fn keep(tile: &Tile) -> Keep {
    if tile.is_full() { Keep::Lasting } else { Keep::Derived }
}

/// Writes an addition and commits it, by whoever has the turn and is alone. What lies under the paths already was left
/// by somebody who crashed before committing, and is overwritten.
pub fn commit_alone(
    storage: &dyn Storage,
    tip: &Tip,
    addition: Addition,
    checkpoint: Checkpoint,
) -> Result<Tip, Error> {
    let alone = &Version::default();
    for (path, bytes) in addition.bundles() {
        storage.replace(&path, bytes, Keep::Lasting, alone)?;
    }
    for tile in addition.tiles() {
        storage.replace(&tile.path(), &tile.bytes(), keep(&tile), alone)?;
    }
    storage.replace(CHECKPOINT, checkpoint.as_bytes(), Keep::Lasting, &tip.version)?;
    addition.tidy(storage);
    Ok(addition.into_tip(checkpoint, Version::default()))
}
