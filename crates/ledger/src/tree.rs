//! The right edge of the Merkle tree: what an append needs to know of all that came before.

use tlog_tiles::{EMPTY_HASH, Hash, node_hash};

use crate::layout::{WIDTH, tile_bytes, tile_path, width};

/// The hashes of the rightmost partial tile of each level; all else of the tree is full tiles, which never change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edge {
    size: u64,
    rows: Vec<Vec<Hash>>,
}

/// A tile to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    pub level: usize,
    pub index: u64,
    pub hashes: Vec<Hash>,
}

impl Tile {
    pub fn path(&self) -> String {
        tile_path(self.level, self.index, self.hashes.len() as u64)
    }

    pub fn bytes(&self) -> Vec<u8> {
        tile_bytes(&self.hashes)
    }

    pub fn is_full(&self) -> bool {
        self.hashes.len() as u64 == WIDTH
    }
}

impl Edge {
    /// The edge of a tree of this size, from its partial tiles, lowest level first.
    pub fn of(size: u64, rows: Vec<Vec<Hash>>) -> Self {
        Self { size, rows }
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; a tile that becomes full goes into `full`, and its hash one level up.
    pub fn push(&mut self, leaf: Hash, full: &mut Vec<Tile>) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0.. {
            if self.rows.len() == level {
                self.rows.push(Vec::with_capacity(WIDTH as usize));
            }
            self.rows[level].push(hash);
            if (self.rows[level].len() as u64) < WIDTH {
                return;
            }
            let hashes = std::mem::take(&mut self.rows[level]);
            hash = subtree(&hashes);
            let index = (self.size >> (8 * (level + 1))) - 1;
            full.push(Tile { level, index, hashes });
        }
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let mut root: Option<Hash> = None;
        for row in &self.rows {
            let mut rest = row.as_slice();
            while !rest.is_empty() {
                // The rightmost perfect subtree: as many leaves as the lowest bit of the number says.
                let leaves = 1 << rest.len().trailing_zeros();
                let (before, last) = rest.split_at(rest.len() - leaves);
                let hash = subtree(last);
                root = Some(root.map_or(hash, |right| node_hash(hash, right)));
                rest = before;
            }
        }
        root.unwrap_or(EMPTY_HASH)
    }

    /// The partial tiles of this edge.
    pub fn partial(&self) -> impl Iterator<Item = Tile> + '_ {
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, row)| !row.is_empty()).map(|(level, row)| Tile {
            level,
            index: self.size >> (8 * (level + 1)),
            hashes: row.clone(),
        })
    }
}

/// Level, index and width of each partial tile of a tree, lowest level first; a width of 0 where a level has none.
pub fn partial_tiles(size: u64) -> impl Iterator<Item = (usize, u64, u64)> {
    let levels = (0..8).take_while(move |level| size >> (8 * level) > 0);
    levels.map(move |level| {
        let index = (size >> (8 * level)) / WIDTH;
        (level, index, width(size, level, index))
    })
}

/// The root of a perfect tree: the number of leaves is a power of two.
pub fn subtree(leaves: &[Hash]) -> Hash {
    let mut row = leaves.to_vec();
    while row.len() > 1 {
        for at in 0..row.len() / 2 {
            row[at] = node_hash(row[2 * at], row[2 * at + 1]);
        }
        row.truncate(row.len() / 2);
    }
    row[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use tlog_tiles::{Error, HashReader, record_hash, stored_hashes_for_record_hash, tree_hash};

    #[derive(Default)]
    struct All(RefCell<Vec<Hash>>);

    impl HashReader for All {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
            Ok(indexes
                .iter()
                .map(|index| self.0.borrow()[usize::try_from(*index).unwrap()])
                .collect())
        }
    }

    #[test]
    fn the_root_is_that_of_the_library_at_every_size() {
        let (all, mut edge, mut full) = (All::default(), Edge::default(), Vec::new());
        assert_eq!(edge.root(), EMPTY_HASH);
        for index in 0..1500_u64 {
            let leaf = record_hash(&index.to_be_bytes());
            edge.push(leaf, &mut full);
            let stored = stored_hashes_for_record_hash(index, leaf, &all).unwrap();
            all.0.borrow_mut().extend(stored);
            assert_eq!(edge.root(), tree_hash(index + 1, &all).unwrap(), "{index}");
            let widths: Vec<_> = edge
                .partial()
                .map(|tile| (tile.level, tile.index, tile.hashes.len() as u64))
                .collect();
            let expected: Vec<_> = partial_tiles(index + 1).filter(|(_, _, width)| *width > 0).collect();
            assert_eq!(widths, expected, "{index}");
        }
        let places: Vec<_> = full.iter().map(|tile| (tile.level, tile.index)).collect();
        assert_eq!(places, [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)]);
    }
}
