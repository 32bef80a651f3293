//! Where a ledger lies: objects under paths, and one of them, `checkpoint`, by which everything is committed.

use crate::Error;
use crate::folder::Queue;

/// The path of the checkpoint: what it does not cover is no part of the ledger.
pub const CHECKPOINT: &str = "checkpoint";

/// What lies under a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The bytes.
    pub content: Vec<u8>,
    /// Which version of it this is.
    pub version: Version,
}

/// Tells one version of an object from another (an `ETag`). Empty where a queue keeps writers apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version(pub String);

/// Whether an object can be made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// No: it is on the disk before this is told as done.
    Lasting,
    /// Yes, from others: a crash of the machine may lose it.
    Derived,
}

/// A place for a ledger. Objects are whole or absent, whatever happens while they are written.
pub trait Storage: Send + Sync {
    /// What it is called in messages.
    fn place(&self) -> String;

    /// What lies under a path, if anything does.
    ///
    /// # Errors
    /// When the file system or the server refuses.
    fn read(&self, path: &str) -> Result<Option<Object>, Error>;

    /// Whether something lies under a path.
    ///
    /// # Errors
    /// When the file system or the server refuses.
    fn exists(&self, path: &str) -> Result<bool, Error> {
        Ok(self.read(path)?.is_some())
    }

    /// Puts something where nothing is; `false` if something is there.
    ///
    /// # Errors
    /// When the file system or the server refuses.
    fn create(&self, path: &str, content: &[u8], keep: Keep) -> Result<bool, Error>;

    /// Puts something in place of this version; `false` if another one is there. Where there is a queue, only whoever
    /// has the turn may call this, and the version is not looked at.
    ///
    /// # Errors
    /// When the file system or the server refuses.
    fn replace(&self, path: &str, content: &[u8], keep: Keep, expected: &Version) -> Result<bool, Error>;

    /// Removes what lies under a path; nothing is no error.
    ///
    /// # Errors
    /// When the file system or the server refuses.
    fn delete(&self, path: &str) -> Result<(), Error>;

    /// Removes the partial forms of a tile, now that the full one is committed. It may do nothing.
    fn delete_partial(&self, _full_path: &str) {}

    /// Where the writers of one machine meet. Without one, appends are compare-and-swap of the checkpoint alone.
    fn queue(&self) -> Option<&Queue> {
        None
    }
}
