//! A ledger in a folder.
//!
//! ```text
//! FOLDER/
//!   .gitignore       holds `*`: ledgers are never merged through git
//!   checkpoint       what is committed
//!   tile/…           hashes and entries
//!   blobs/…          payloads
//!   log.json         hints, which nothing is believed of
//!   lock             held by whoever appends
//!   incoming/        what waits to be appended, and files that are being written
//! ```
//!
//! A file is written beside its place, flushed to the disk, renamed, and its folder flushed. Partial hash tiles alone
//! are not flushed: they are made anew from entries when the ledger is opened.

mod disk;
#[cfg(test)]
mod faults;
mod queue;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::At;
use crate::storage::{Keep, Object, Storage, Version};
use crate::{Error, random};
use disk::{Disk, RealDisk};
pub use queue::{Queue, Turn};

/// How the name of a file ends that is being written.
const TEMPORARY: &str = ".tmp";

/// A folder that a ledger lies in. Several threads and processes may append to it at once.
pub struct Folder {
    root: Utf8PathBuf,
    disk: Arc<dyn Disk>,
    queue: Queue,
}

impl Folder {
    /// Opens a folder, making it where it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(root: &Utf8Path) -> Result<Self, Error> {
        fs::create_dir_all(root.join("incoming")).at("make", root)?;
        let ignore = root.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").at("write", &ignore)?;
        }
        Ok(Self::on(root, Arc::new(RealDisk)))
    }

    /// Opens a folder to read only: nothing is made.
    pub fn open_to_read(root: &Utf8Path) -> Self {
        Self::on(root, Arc::new(RealDisk))
    }

    /// Waits no longer than that for others who append at the moment.
    #[must_use]
    pub fn patient_for(mut self, patience: Duration) -> Self {
        self.queue.set_patience(patience);
        self
    }

    fn on(root: &Utf8Path, disk: Arc<dyn Disk>) -> Self {
        Self {
            root: root.to_owned(),
            queue: Queue::new(root, Arc::clone(&disk)),
            disk,
        }
    }

    fn put(&self, path: &str, content: &[u8], keep: Keep) -> Result<(), Error> {
        let lasting = keep == Keep::Lasting;
        let target = self.root.join(path);
        let folder = target.parent().unwrap_or(&self.root);
        self.ensure(folder)?;
        let name = format!("{}{TEMPORARY}", random::hexadecimal::<8>()?);
        let fresh = self.root.join("incoming").join(name);
        let written = self
            .disk
            .write(&fresh, content, lasting)
            .and_then(|_held| self.disk.rename(&fresh, &target));
        if written.is_err() {
            // Where the disk is full, this makes room again.
            self.disk.remove(&fresh).ok();
        }
        written.at("write", &target)?;
        if lasting {
            self.disk.sync_folder(folder).at("flush", folder)?;
            // Another writer may have made the folder and not have come to flushing its name.
            if let Some(above) = folder.parent().filter(|_| folder != self.root) {
                self.disk.sync_folder(above).at("flush", above)?;
            }
        }
        Ok(())
    }

    /// Makes a folder, and those above it, each on the disk before something is put into it.
    fn ensure(&self, folder: &Utf8Path) -> Result<(), Error> {
        if folder == self.root || folder.is_dir() {
            return Ok(());
        }
        let above = folder.parent().unwrap_or(&self.root);
        self.ensure(above)?;
        self.disk.make_folder(folder).at("make", folder)?;
        self.disk.sync_folder(above).at("flush", above)
    }
}

impl Storage for Folder {
    fn place(&self) -> String {
        self.root.to_string()
    }

    fn read(&self, path: &str) -> Result<Option<Object>, Error> {
        let path = self.root.join(path);
        let content = self.disk.read(&path).at("read", &path)?;
        Ok(content.map(|content| Object {
            content,
            version: Version::default(),
        }))
    }

    fn exists(&self, path: &str) -> Result<bool, Error> {
        Ok(self.root.join(path).is_file())
    }

    fn create(&self, path: &str, content: &[u8], keep: Keep) -> Result<bool, Error> {
        if self.exists(path)? {
            return Ok(false);
        }
        self.put(path, content, keep)?;
        Ok(true)
    }

    fn replace(&self, path: &str, content: &[u8], keep: Keep, _expected: &Version) -> Result<bool, Error> {
        self.put(path, content, keep)?;
        Ok(true)
    }

    fn delete(&self, path: &str) -> Result<(), Error> {
        let path = self.root.join(path);
        self.disk.remove(&path).at("remove", &path)?;
        match path.parent() {
            Some(folder) if folder.is_dir() => self.disk.sync_folder(folder).at("flush", folder),
            _ => Ok(()),
        }
    }

    fn delete_partial(&self, full_path: &str) {
        // They hold nothing that the full one does not; where they cannot be removed they do no harm.
        self.disk.remove_folder(&self.root.join(format!("{full_path}.p"))).ok();
    }

    fn queue(&self) -> Option<&Queue> {
        Some(&self.queue)
    }
}
