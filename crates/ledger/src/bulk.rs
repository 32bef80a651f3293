//! Making a whole new ledger from entries that are there already: for an import, or a bench.

use camino::Utf8Path;
use jiff::Timestamp;
use tlog_tiles::record_hash;

use crate::Error;
use crate::checkpoint::Checkpoint;
use crate::folder::Folder;
use crate::keys::SigningKey;
use crate::layout::{WIDTH, add_entry, bundle_path};
use crate::storage::{CHECKPOINT, Keep, Storage};
use crate::tree::{Edge, Tile};

/// A ledger in the making. Nothing is flushed, and nothing counts until [`Bulk::finish`] writes the checkpoint.
pub struct Bulk {
    storage: Folder,
    edge: Edge,
    bundle: Vec<u8>,
    full: Vec<Tile>,
}

impl Bulk {
    /// Begins one in a folder where none is.
    ///
    /// # Errors
    /// When there is one already, or the folder cannot be made.
    pub fn begin(folder: &Utf8Path) -> Result<Self, Error> {
        let storage = Folder::open(folder)?;
        if storage.exists(CHECKPOINT)? {
            return Err(Error::Exists { place: storage.place() });
        }
        Ok(Self {
            storage,
            edge: Edge::default(),
            bundle: Vec::new(),
            full: Vec::new(),
        })
    }

    /// Adds the bytes of an entry as they are: whether they are a record, and in order, shows when it is verified.
    ///
    /// # Errors
    /// When it is too large, or the disk refuses.
    pub fn add(&mut self, entry: &[u8]) -> Result<(), Error> {
        add_entry(&mut self.bundle, entry)?;
        self.edge.push(record_hash(entry), &mut self.full);
        let size = self.edge.size();
        if size.is_multiple_of(WIDTH) {
            let bundle = std::mem::take(&mut self.bundle);
            self.put(&bundle_path(size / WIDTH - 1, WIDTH), &bundle)?;
            for tile in std::mem::take(&mut self.full) {
                self.put(&tile.path(), &tile.bytes())?;
            }
        }
        Ok(())
    }

    /// Writes what is left, and the checkpoint; `time` is that of the last entry.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(self, origin: &str, key: &SigningKey, time: Timestamp) -> Result<Checkpoint, Error> {
        let size = self.edge.size();
        if !self.bundle.is_empty() {
            self.put(&bundle_path(size / WIDTH, size % WIDTH), &self.bundle)?;
        }
        for tile in self.edge.partial() {
            self.put(&tile.path(), &tile.bytes())?;
        }
        let checkpoint = Checkpoint::sign(origin, size, self.edge.root(), time, key)?;
        self.storage.create(CHECKPOINT, checkpoint.as_bytes(), Keep::Lasting)?;
        Ok(checkpoint)
    }

    fn put(&self, path: &str, content: &[u8]) -> Result<(), Error> {
        self.storage.create(path, content, Keep::Derived).map(drop)
    }
}
