//! Answers, kept under keys that name all they depend on.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::At;
use crate::{Error, Store, files, seal, usage};

impl Store {
    fn evidence_path(&self, key: &str) -> Utf8PathBuf {
        let name = blake3::hash(key.as_bytes()).to_hex();
        self.folder("evidence").join(&name[..2]).join(&name[2..])
    }

    /// What was kept under `key`. An entry that is corrupt, cut, of another format or of another key is removed.
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        let path = self.evidence_path(key);
        let sealed = fs::read(&path).ok()?;
        let first = sealed.first().copied();
        let content = seal::open(key, sealed);
        match (&content, first) {
            (None, _) => drop(fs::remove_file(&path)),
            (Some(_), Some(first)) => mark_used(&path, first),
            (Some(_), None) => {}
        }
        content
    }

    /// Keeps `content` under `key`, in place of what was there.
    ///
    /// # Errors
    /// When it cannot be written (disk full, read-only root). Nothing is lost by going on without.
    pub fn put(&self, key: &str, content: &[u8]) -> Result<(), Error> {
        let path = self.evidence_path(key);
        let sealed = seal::seal(key, content);
        // A sweep clears away what is not complete yet.
        let _shared = files::shared(&self.lock()).at("lock", &self.lock())?;
        write_whole(&self.folder("incoming"), &path, &sealed)?;
        usage::add(self.root(), sealed.len() as u64);
        Ok(())
    }
}

/// Writes a file so that it is there as a whole or not at all.
pub fn write_whole(incoming: &Utf8Path, path: &Utf8Path, content: &[u8]) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).at("make", folder)?;
    }
    let mut file = tempfile::NamedTempFile::new_in(incoming).at("write to", incoming)?;
    file.write_all(content).at("write", path)?;
    file.persist(path).map_err(|error| error.error).at("write", path)?;
    Ok(())
}

/// Writes its first byte again: the file is the same, but its time says that it was of use. (Times of access are not
/// kept everywhere.) On a read-only root nothing is ever swept, so that it does not matter.
pub fn mark_used(path: &Utf8Path, first: u8) {
    if let Ok(file) = OpenOptions::new().write(true).open(path) {
        file.write_all_at(&[first], 0).ok();
    }
}
