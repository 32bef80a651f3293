//! The newest state of a log, as an append needs it.

use tlog_tiles::Hash;

use crate::checkpoint::Checkpoint;
use crate::layout::{WIDTH, bundle_path, entries, tile_hashes, tile_path, width};
use crate::storage::{Keep, Storage, Version};
use crate::tree::{Edge, Tile, partial_tiles, subtree};
use crate::{Error, layout};

/// What is committed.
#[derive(Clone, Debug)]
pub struct Tip {
    pub checkpoint: Checkpoint,
    pub version: Version,
    pub edge: Edge,
    /// The bytes of the partial bundle; empty where the last one is full.
    pub bundle: Vec<u8>,
}

impl Tip {
    /// Reads it for a checkpoint whose signature was checked, and checks it against the root. Partial hash tiles that a
    /// crash took are made anew from what they were made of, if that fits.
    pub fn load(storage: &dyn Storage, checkpoint: Checkpoint, version: Version) -> Result<Self, Error> {
        let size = checkpoint.size();
        let (index, last) = (size / WIDTH, size % WIDTH);
        let bundle = match last {
            0 => Vec::new(),
            _ => read(storage, &bundle_path(index, last))?
                .ok_or_else(|| damaged(storage, &format!("the entries from {} on are missing", index * WIDTH)))?,
        };
        let stored = Self::stored_edge(storage, size)?.filter(|edge| edge.root() == checkpoint.root());
        let edge = match stored {
            Some(edge) => edge,
            None => {
                let edge = Self::derived_edge(storage, size, &bundle)?;
                if edge.root() != checkpoint.root() {
                    return Err(damaged(
                        storage,
                        "the hashes of its entries do not lead to the root that is signed",
                    ));
                }
                Self::store(storage, &edge)?;
                edge
            }
        };
        Ok(Self {
            checkpoint,
            version,
            edge,
            bundle,
        })
    }

    fn stored_edge(storage: &dyn Storage, size: u64) -> Result<Option<Edge>, Error> {
        let mut rows = Vec::new();
        for (level, index, width) in partial_tiles(size) {
            let row = match width {
                0 => Some(Vec::new()),
                _ => read(storage, &tile_path(level, index, width))?.and_then(|bytes| tile_hashes(&bytes)),
            };
            match row {
                Some(row) if row.len() as u64 == width => rows.push(row),
                _ => return Ok(None),
            }
        }
        Ok(Some(Edge::of(size, rows)))
    }

    /// The edge from the partial bundle and the full tiles below each level.
    fn derived_edge(storage: &dyn Storage, size: u64, bundle: &[u8]) -> Result<Edge, Error> {
        let mut rows = Vec::new();
        for (level, index, width) in partial_tiles(size) {
            let row = match level {
                0 => entries(bundle)
                    .0
                    .iter()
                    .map(|entry| tlog_tiles::record_hash(entry))
                    .collect(),
                _ => {
                    let below = index * WIDTH..index * WIDTH + width;
                    let hashes = below.map(|tile| {
                        let hashes = read_tile(storage, size, level - 1, tile)?;
                        Ok(subtree(&hashes))
                    });
                    hashes.collect::<Result<Vec<Hash>, Error>>()?
                }
            };
            if row.len() as u64 != width {
                return Err(damaged(storage, "its last entries are cut off"));
            }
            rows.push(row);
        }
        Ok(Edge::of(size, rows))
    }

    fn store(storage: &dyn Storage, edge: &Edge) -> Result<(), Error> {
        for Tile { level, index, hashes } in edge.partial() {
            let (path, bytes) = (
                tile_path(level, index, hashes.len() as u64),
                layout::tile_bytes(&hashes),
            );
            match storage.read(&path)? {
                Some(object) if object.content == bytes => {}
                Some(object) => {
                    storage.replace(&path, &bytes, Keep::Derived, &object.version)?;
                }
                None => {
                    storage.create(&path, &bytes, Keep::Derived)?;
                }
            }
        }
        Ok(())
    }
}

/// The hashes of a tile, which must be there in a log of this size.
pub fn read_tile(storage: &dyn Storage, size: u64, level: usize, index: u64) -> Result<Vec<Hash>, Error> {
    let width = width(size, level, index);
    let path = tile_path(level, index, width);
    let bytes = match read(storage, &path)? {
        // Once the full tile is there, the partial ones go.
        None if width < WIDTH => read(storage, &tile_path(level, index, WIDTH))?,
        found => found,
    };
    let hashes = bytes
        .and_then(|bytes| tile_hashes(&bytes))
        .filter(|hashes| hashes.len() as u64 >= width);
    let mut hashes = hashes.ok_or_else(|| damaged(storage, &format!("{path} is missing or cut off")))?;
    hashes.truncate(usize::try_from(width).unwrap_or(0));
    Ok(hashes)
}

/// The bytes of a bundle, which must be there in a log of this size.
/// The bytes of a bundle as they are stored; nothing tells yet that they are what was hashed.
pub fn read_bundle(storage: &dyn Storage, size: u64, index: u64) -> Result<Vec<u8>, Error> {
    let width = width(size, 0, index);
    let path = bundle_path(index, width);
    let bytes = match read(storage, &path)? {
        None if width < WIDTH => read(storage, &bundle_path(index, WIDTH))?,
        found => found,
    };
    bytes.ok_or_else(|| damaged(storage, &format!("{path} is missing")))
}

fn read(storage: &dyn Storage, path: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(storage.read(path)?.map(|object| object.content))
}

pub fn damaged(storage: &dyn Storage, reason: &str) -> Error {
    Error::Damaged {
        place: storage.place(),
        reason: reason.to_owned(),
    }
}
