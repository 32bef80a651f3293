//! The few things that are done with a disk, apart, so that tests can let each of them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};

use camino::Utf8Path;

/// A file system.
pub trait Disk: Send + Sync {
    fn read(&self, path: &Utf8Path) -> io::Result<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(content) => Ok(Some(content)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a new file and holds a lock on it as long as what is returned lives. `lasting`: it is on the disk.
    fn write(&self, path: &Utf8Path, content: &[u8], lasting: bool) -> io::Result<File> {
        loop {
            let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
            file.lock()?;
            if is_gone(&file) {
                // Somebody tidied up between the two lines above.
                continue;
            }
            file.write_all(content)?;
            if lasting {
                file.sync_all()?;
            }
            return Ok(file);
        }
    }

    fn rename(&self, from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn make_folder(&self, path: &Utf8Path) -> io::Result<()> {
        match fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }

    /// Names in a folder are on the disk after this.
    fn sync_folder(&self, path: &Utf8Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn remove(&self, path: &Utf8Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if is_absent(&error) => Ok(()),
            other => other,
        }
    }

    fn remove_folder(&self, path: &Utf8Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }
}

/// The disk of this machine.
pub struct RealDisk;

impl Disk for RealDisk {}

/// A file that [`Disk::write`] wrote.
pub enum Left {
    /// By somebody who still lives, or it is gone.
    Alive,
    /// By somebody who died. Whoever removes it must hold this while doing so: one who has just made the file and not come
    /// to locking it waits for us, and then sees that it is gone.
    Dead(File),
}

/// Who left a file.
pub fn left(path: &Utf8Path) -> Left {
    match File::open(path) {
        Ok(file) if file.try_lock().is_ok() => Left::Dead(file),
        _ => Left::Alive,
    }
}

/// Nothing there; a file in place of a folder holds nothing, either.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(unix)]
fn is_gone(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|metadata| metadata.nlink() == 0)
}

#[cfg(not(unix))]
fn is_gone(_file: &File) -> bool {
    false
}
