//! What can go wrong.

use std::io;

use camino::{Utf8Path, Utf8PathBuf};

/// What a source of contents failed with.
pub type FetchError = Box<dyn std::error::Error + Send + Sync>;

/// Why the cache could not do what it was asked to. A caller can always go on without it, but for trees and scratch.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("failed to {action} {path} in the cache: {source}")]
    Files {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: Utf8PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A tree names a file that would lie outside of it, or in git's own folder.
    #[error("failed to lay out a version: it has a file named {path:?}")]
    UnsafePath {
        /// The name.
        path: String,
    },
    /// A name of contents is not one.
    #[error("failed to lay out a version: {id:?} is no name of contents")]
    UnsafeBlob {
        /// The name.
        id: String,
    },
    /// The source of contents failed.
    #[error("failed to fetch the contents of a version: {0}")]
    Fetch(#[source] FetchError),
    /// The source of contents left some out.
    #[error("failed to fetch the contents of a version: {missing} of them did not come, {first} first")]
    Missing {
        /// How many.
        missing: usize,
        /// One of them.
        first: String,
    },
    /// A folder that was to be copied cannot be read.
    #[error("failed to read {path}: {source}")]
    Folder {
        /// The folder.
        path: Utf8PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Error {
    /// Whether the disk (or a quota) is full.
    pub fn is_disk_full(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(self, Self::Files { source, .. } if matches!(source.kind(), StorageFull | QuotaExceeded))
    }
}

/// Says where an input or output error happened.
pub trait At<T> {
    /// `action` completes "failed to …".
    fn at(self, action: &'static str, path: &Utf8Path) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Utf8Path) -> Result<T, Error> {
        self.map_err(|source| Error::Files {
            action,
            path: path.to_owned(),
            source,
        })
    }
}
