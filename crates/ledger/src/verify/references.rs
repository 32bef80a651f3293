//! Roots that were signed, and roots of what is there.

use tlog_tiles::{Hash, HashReader, split_stored_hash_index, tree_hash};

use super::scan::Scan;
use crate::layout::WIDTH;
use crate::tree::subtree;

/// The tree over all entries as they are now.
pub struct Computed<'s> {
    scan: &'s Scan,
    /// Hashes of full tiles: of bundles, of 256 bundles, and so on.
    rows: Vec<Vec<Hash>>,
}

impl<'s> Computed<'s> {
    pub fn new(scan: &'s Scan) -> Self {
        let mut rows = vec![scan.bundles.clone()];
        while let Some(row) = rows.last().filter(|row| row.len() as u64 >= WIDTH) {
            let above = row.chunks_exact(WIDTH as usize).map(subtree).collect();
            rows.push(above);
        }
        Self { scan, rows }
    }

    /// Hashes of full tiles of the level below `level`, which is at least 1.
    pub fn row(&self, level: usize) -> &[Hash] {
        self.rows.get(level - 1).map_or(&[], Vec::as_slice)
    }

    /// How many levels of tiles there are above the leaves.
    pub fn levels(&self) -> usize {
        self.rows.len()
    }

    /// The root over the first `size` entries; their last bundle must have been wanted in the pass.
    pub fn root(&self, size: u64) -> Option<Hash> {
        tree_hash(size, self).ok()
    }

    /// The hash over a perfect subtree.
    pub fn hash(&self, level: u8, n: u64) -> Option<Hash> {
        let (row, above) = (usize::from(level / 8), level % 8);
        let first = n << above;
        let (row, first) = match row {
            0 => (self.scan.leaves.get(&(first / WIDTH))?.as_slice(), first % WIDTH),
            _ => (self.row(row), first),
        };
        let at = usize::try_from(first).ok()?;
        row.get(at..at + (1 << above)).map(subtree)
    }
}

impl HashReader for Computed<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let hashes = indexes.iter().map(|index| {
            let (level, n) = split_stored_hash_index(*index);
            self.hash(level, n)
        });
        hashes.collect::<Option<_>>().ok_or(tlog_tiles::Error::IndexesNotInTree)
    }
}

/// A root that somebody who is trusted signed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    pub size: u64,
    pub root: Hash,
    /// Whether it was kept elsewhere.
    pub outside: bool,
}

/// What does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// References that do not fit, the smallest first; at least one.
    pub references: Vec<Reference>,
    /// How many entries are known to be whole.
    pub whole: u64,
}

/// Holds what is there against what was signed. References that go further than what is there are left out.
pub fn broken(computed: &Computed<'_>, size: u64, references: &[Reference]) -> Option<Broken> {
    let mut sorted: Vec<Reference> = references.iter().copied().filter(|each| each.size <= size).collect();
    sorted.sort_by_key(|each| each.size);
    let fits = |each: &Reference| computed.root(each.size) == Some(each.root);
    let first = *sorted.iter().find(|each| !fits(each))?;
    // A greater one that fits vouches for less than nothing: it was signed over another history.
    let whole = sorted
        .iter()
        .filter(|each| each.size < first.size)
        .map(|each| each.size)
        .max();
    Some(Broken {
        references: sorted.into_iter().filter(|each| !fits(each)).collect(),
        whole: whole.unwrap_or(0),
    })
}
