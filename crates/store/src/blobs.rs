//! Contents of files, each kept once, read-only, under the name the caller gives it (git's, or a digest).

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::At;
use crate::files::{FIXED_TIME, fixed_time};
use crate::{Error, paths};

/// The folder of contents.
pub struct Blobs {
    folder: Utf8PathBuf,
    incoming: Utf8PathBuf,
}

/// Name and right of one content: the right to be executed belongs to a file, so that links share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Blob {
    pub id: String,
    pub executable: bool,
}

impl Blobs {
    pub fn new(root: &Utf8Path) -> Self {
        Self {
            folder: root.join("blobs"),
            incoming: root.join("incoming"),
        }
    }

    fn path(&self, blob: &Blob) -> Result<Utf8PathBuf, Error> {
        paths::check_blob(&blob.id)?;
        let (first, rest) = blob.id.split_at(2);
        // No name of contents has a capital letter.
        Ok(self.folder.join(first).join(if blob.executable {
            format!("{rest}X")
        } else {
            rest.to_owned()
        }))
    }

    /// The size of a content, if it is there, untouched since it was written, and of this size where that is known.
    pub fn size(&self, blob: &Blob, size: Option<u64>) -> Result<Option<u64>, Error> {
        let path = self.path(blob)?;
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            return Ok(None);
        };
        if untouched(&metadata) && size.is_none_or(|size| size == metadata.len()) {
            return Ok(Some(metadata.len()));
        }
        fs::remove_file(&path).at("remove", &path)?;
        Ok(None)
    }

    /// Keeps a content.
    pub fn put(&self, blob: &Blob, content: &[u8]) -> Result<(), Error> {
        let path = self.path(blob)?;
        let folder = path.parent().unwrap_or(&self.folder);
        if !folder.is_dir() {
            fs::create_dir_all(folder).at("make", folder)?;
        }
        let fresh = tempfile::Builder::new()
            .permissions(rights(blob))
            .tempfile_in(&self.incoming);
        let mut fresh = fresh.at("write to", &self.incoming)?;
        fill(fresh.as_file_mut(), content).at("write", &path)?;
        fresh.persist(&path).map_err(|error| error.error).at("write", &path)?;
        Ok(())
    }

    /// Puts a content at `target`: as a hard link, or as a copy where there can be none (another file system, one
    /// without links, or too many of them). Gives the bytes that a copy took.
    pub fn place(&self, blob: &Blob, target: &Utf8Path) -> Result<u64, Error> {
        let path = self.path(blob)?;
        match fs::hard_link(&path, target) {
            Ok(()) => Ok(0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error).at("find", &path),
            Err(_) => {
                let content = fs::read(&path).at("read", &path)?;
                let copy = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(rights(blob).mode())
                    .open(target);
                copy.and_then(|mut copy| fill(&mut copy, &content))
                    .at("write", target)?;
                Ok(content.len() as u64)
            }
        }
    }
}

fn rights(blob: &Blob) -> Permissions {
    Permissions::from_mode(if blob.executable { 0o555 } else { 0o444 })
}

fn fill(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    // Last of all: it says that the content is whole.
    file.set_modified(fixed_time())
}

/// Whether a file still has the time it was given when it was written.
pub fn untouched(metadata: &fs::Metadata) -> bool {
    metadata.is_file() && metadata.mtime() == FIXED_TIME as i64
}
