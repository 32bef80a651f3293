//! Folders that are gone with their owner.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::At;
use crate::{Error, Store, files};

/// Letters of chance in a name.
const CHANCE: usize = 10;

/// A folder for one use, removed with all in it when this is dropped; one whose owner was killed is removed at the
/// next [`Store::open`].
#[derive(Debug)]
pub struct Scratch {
    path: Utf8PathBuf,
    lock_path: Utf8PathBuf,
    /// Held as long as the folder is of use.
    _lock: File,
}

impl Scratch {
    /// The folder.
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The lock goes last: while it is there, the next start finds what could not be removed now.
        if files::remove(&self.path).is_ok() {
            fs::remove_file(&self.lock_path).ok();
        }
    }
}

/// Two folders to write to, one for each version, with paths of the same length.
#[derive(Debug)]
pub struct Workspace {
    folder: Scratch,
}

impl Workspace {
    /// For the version before the change.
    pub fn base(&self) -> Utf8PathBuf {
        self.folder.path.join("base")
    }

    /// For the version after it.
    pub fn head(&self) -> Utf8PathBuf {
        self.folder.path.join("head")
    }

    /// The folder that holds both, for what belongs to neither.
    pub fn path(&self) -> &Utf8Path {
        &self.folder.path
    }
}

impl Store {
    /// A new, empty folder whose name starts with `prefix`. Names with prefixes of one length have one length.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch(&self, prefix: &str) -> Result<Scratch, Error> {
        let folder = self.folder("scratch");
        loop {
            let (lock, lock_path) = tempfile::Builder::new()
                .prefix(&format!("{prefix}-"))
                .rand_bytes(CHANCE)
                .suffix(".lock")
                .tempfile_in(&folder)
                .and_then(|file| Ok(file.keep()?))
                .at("write to", &folder)?;
            let lock_path = Utf8PathBuf::try_from(lock_path).unwrap_or_else(|_| folder.join("unnamed.lock"));
            lock.lock().at("lock", &lock_path)?;
            // Another process may have taken it for a leftover before it was locked.
            if lock.metadata().at("read", &lock_path)?.nlink() == 0 {
                continue;
            }
            let path = lock_path.with_extension("");
            fs::create_dir(&path).at("make", &path)?;
            return Ok(Scratch {
                path,
                lock_path,
                _lock: lock,
            });
        }
    }

    /// Folders to write to for both versions.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn workspace(&self) -> Result<Workspace, Error> {
        let workspace = Workspace {
            folder: self.scratch("run")?,
        };
        for folder in [workspace.base(), workspace.head()] {
            fs::create_dir(&folder).at("make", &folder)?;
        }
        Ok(workspace)
    }
}

/// Removes folders whose owners are gone.
pub fn sweep(folder: &Utf8Path) {
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let lock_path = entry.path();
        if lock_path.extension() != Some("lock") {
            continue;
        }
        let Ok(lock) = File::open(lock_path) else { continue };
        if lock.try_lock().is_ok() && files::remove(&lock_path.with_extension("")).is_ok() {
            fs::remove_file(lock_path).ok();
        }
    }
}
