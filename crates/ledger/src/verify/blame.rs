//! Which entry it was: going down from a root that was signed, through stored hashes that lead to it, to the first that is
//! not that of the entry.

use std::collections::HashMap;
use std::ops::Range;

use tlog_tiles::{Hash, record_hash, tree_hash};

use super::references::{Broken, Computed, Reference};
use super::scan::{NOTHING, Scan};
use super::{Outcome, Place, Tampering, What, covered};
use crate::draft::decode;
use crate::layout::{WIDTH, bundle_path, entries, width};
use crate::proof::StoredHashes;
use crate::storage::Storage;
use crate::tip::read_tile;
use crate::tree::subtree;

/// What is needed to find it.
pub struct Blame<'a> {
    pub storage: &'a dyn Storage,
    pub scan: &'a Scan,
    pub computed: &'a Computed<'a>,
    /// Whether the checkpoint of the ledger itself fits its entries and is signed.
    pub is_signed_anew: bool,
}

/// Where the way down ends.
enum End {
    Entry(u64),
    /// A tile on the way is not the one that the tile above says: its level and index.
    Tile(usize, u64),
}

impl End {
    fn entry(&self) -> Option<u64> {
        match self {
            Self::Entry(index) => Some(*index),
            Self::Tile(..) => None,
        }
    }
}

impl Blame<'_> {
    /// Names what does not fit a root that was signed.
    pub fn tell(&self, broken: &Broken) -> Outcome {
        let Some(first) = broken.references.first() else {
            return Tampering::found(Place::Checkpoint, What::Changed, "a checkpoint does not fit");
        };
        let range = broken.whole..first.size;
        let mut ends: Vec<End> = broken
            .references
            .iter()
            .filter_map(|each| self.way_down(each))
            .collect();
        if let Some(index) = ends.iter().find_map(End::entry) {
            return self.entry(index);
        }
        match ends.pop() {
            Some(End::Tile(level, index)) => {
                let tile = covered(self.scan.size, level, index, WIDTH);
                let range = tile.start.max(range.start)..tile.end.min(range.end);
                let text = format!(
                    "entries {} to {} are not all what was signed, and the stored hashes of each of them were changed, too, so that it cannot be told which",
                    range.start,
                    range.end - 1
                );
                Tampering::found(self.place(range), What::Changed, text)
            }
            _ => self.without_hashes(first, range),
        }
    }

    /// No stored hash leads to what was signed: only what is known of checkpoints is left.
    fn without_hashes(&self, first: &Reference, range: Range<u64>) -> Outcome {
        let (size, start) = (first.size, range.start);
        if self.is_signed_anew {
            let text = format!(
                "the history from entry {start} on was written anew and signed with the key of the log: it is not that of the checkpoint of {size} entries that was kept elsewhere; no checkpoint of between was given, so that it cannot be told which entry was the first"
            );
            return Tampering::found(self.place(range), What::Forked, text);
        }
        let which = if first.outside {
            "a checkpoint that was kept elsewhere"
        } else {
            "the checkpoint"
        };
        let text = format!(
            "the first {size} entries are not those of {which}, and the stored hashes were changed with them, so that it cannot be told which of the entries from {start} on it was"
        );
        Tampering::found(self.place(range), What::Changed, text)
    }

    fn place(&self, range: Range<u64>) -> Place {
        if range.end - range.start == 1 {
            Place::Entry(range.start)
        } else {
            Place::Entries(range)
        }
    }

    /// Follows stored hashes, if they lead to the root that was signed.
    fn way_down(&self, reference: &Reference) -> Option<End> {
        let size = reference.size;
        let stored = StoredHashes::new(self.storage, self.scan.size);
        if tree_hash(size, &stored).ok()? != reference.root {
            return None;
        }
        let mut start = 0;
        while start < size {
            // The next perfect subtree of a tree of this size.
            let level = u8::try_from((size - start).ilog2()).ok()?;
            let n = start >> level;
            let kept = stored.node(level, n)?;
            if self.computed_node(level, n) != Some(kept) {
                return self.descend(level, n);
            }
            start += 1 << level;
        }
        None
    }

    fn descend(&self, level: u8, n: u64) -> Option<End> {
        let (mut row, above) = (usize::from(level / 8), level % 8);
        let (mut first, mut count) = (n << above, 1_u64 << above);
        loop {
            let tile = read_tile(self.storage, self.scan.size, row, first / WIDTH).ok()?;
            let is = |index: u64| tile.get(usize::try_from(index % WIDTH).ok()?).copied();
            let here = self.computed_tile(row, first / WIDTH);
            let at = (first..first + count).find(|index| {
                let now = here.get(usize::try_from(index % WIDTH).unwrap_or(usize::MAX)).copied();
                now != is(*index)
            })?;
            let Some(below) = row.checked_sub(1) else {
                return Some(End::Entry(at));
            };
            let kept = is(at)?;
            match read_tile(self.storage, self.scan.size, below, at) {
                Ok(tile) if tile.len() as u64 == WIDTH && subtree(&tile) == kept => {}
                _ => return Some(End::Tile(below, at)),
            }
            (row, first, count) = (below, at * WIDTH, WIDTH);
        }
    }

    fn computed_node(&self, level: u8, n: u64) -> Option<Hash> {
        match level {
            0..8 => {
                let first = n << level;
                let leaves = self.leaves(first / WIDTH);
                let at = usize::try_from(first % WIDTH).ok()?;
                leaves.get(at..at + (1 << level)).map(subtree)
            }
            _ => self.computed.hash(level, n),
        }
    }

    fn computed_tile(&self, row: usize, index: u64) -> Vec<Hash> {
        if row == 0 {
            return self.leaves(index);
        }
        let start = usize::try_from(index * WIDTH).unwrap_or(usize::MAX);
        let hashes = self.computed.row(row);
        hashes
            .get(start..hashes.len().min(start + WIDTH as usize))
            .unwrap_or(&[])
            .to_vec()
    }

    /// Leaf hashes of a bundle as it is now; nothing stands for entries that are missing.
    fn leaves(&self, bundle: u64) -> Vec<Hash> {
        let mut leaves: Vec<Hash> = self.entries(bundle).iter().map(|entry| record_hash(entry)).collect();
        leaves.resize(usize::try_from(width(self.scan.size, 0, bundle)).unwrap_or(0), NOTHING);
        leaves
    }

    fn entries(&self, bundle: u64) -> Vec<Vec<u8>> {
        let path = bundle_path(bundle, width(self.scan.size, 0, bundle));
        let bytes = self
            .storage
            .read(&path)
            .ok()
            .flatten()
            .map_or_else(Vec::new, |object| object.content);
        entries(&bytes).0.into_iter().map(<[u8]>::to_owned).collect()
    }

    /// What was done to an entry whose hash is not the one that was signed.
    fn entry(&self, index: u64) -> Outcome {
        let (bundle, at) = (index / WIDTH, usize::try_from(index % WIDTH).unwrap_or(0));
        let now = self.leaves(bundle);
        let kept = read_tile(self.storage, self.scan.size, 0, bundle).unwrap_or_default();
        let place = Place::Entry(index);
        let Some(hash) = now.get(at).filter(|hash| **hash != NOTHING) else {
            let text = format!("entry {index} is missing: its bundle is gone or cut off");
            return Tampering::found(place, What::Removed, text);
        };
        if now.get(at + 1).is_some() && now.get(at + 1) == kept.get(at) {
            return Tampering::found(
                place,
                What::Inserted,
                format!("entry {index} was put in front of the one that was signed as number {index}"),
            );
        }
        let elsewhere = self.signed_elsewhere(bundle).get(&hash.0).copied();
        match elsewhere {
            Some(other) if other == index + 1 && !self.is_now(bundle, kept.get(at)) => {
                let text = format!("the entry that was signed as number {index} is gone; what followed took its place");
                Tampering::found(place, What::Removed, text)
            }
            Some(other) => {
                let text = format!("in place of entry {index} is the one that was signed as number {other}");
                Tampering::found(place, What::Reordered, text)
            }
            None => self.changed(index, bundle, at),
        }
    }

    fn changed(&self, index: u64, bundle: u64, at: usize) -> Outcome {
        let entries = self.entries(bundle);
        let time = |at: usize| Some(decode(index, entries.get(at)?).ok()?.time);
        let before = at.checked_sub(1).and_then(time);
        let (place, text) = (
            Place::Entry(index),
            format!("entry {index} is not the one whose hash was signed"),
        );
        match (before, time(at)) {
            (Some(before), Some(now)) if now < before => {
                let text = format!("{text}: it now is of {now}, and the entry before it of {before}");
                Tampering::found(place, What::BackDated, text)
            }
            _ => Tampering::found(place, What::Changed, text),
        }
    }

    /// Where in tiles that do not fit each hash was signed.
    fn signed_elsewhere(&self, bundle: u64) -> HashMap<[u8; 32], u64> {
        let mut found = HashMap::new();
        let tiles = self.scan.differing.iter().copied().chain([bundle]);
        for tile in tiles {
            let kept = read_tile(self.storage, self.scan.size, 0, tile).unwrap_or_default();
            for (index, hash) in (tile * WIDTH..).zip(kept) {
                found.entry(hash.0).or_insert(index);
            }
        }
        found
    }

    fn is_now(&self, bundle: u64, hash: Option<&Hash>) -> bool {
        let tiles = self.scan.differing.iter().copied().chain([bundle]);
        hash.is_some_and(|hash| tiles.into_iter().any(|tile| self.leaves(tile).contains(hash)))
    }
}
