//! The working tree, or the index, as a tree: by an index and an object folder of our own.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::command::Git;
use crate::error::Error;

/// Where the index and the objects of a snapshot are; removed when dropped.
pub(crate) struct Scratch {
    folder: TempDir,
    objects: PathBuf,
}

/// What is taken into the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    WorkingTree,
    Index,
}

impl Scratch {
    /// An empty one inside `folder`.
    pub fn inside(folder: &Path) -> Result<Self, Error> {
        let made = tempfile::Builder::new()
            .prefix("tree-")
            .tempdir_in(folder)
            .map_err(Error::io(folder))?;
        let objects = made.path().join("objects");
        fs::create_dir(&objects).map_err(Error::io(&objects))?;
        Ok(Self { folder: made, objects })
    }

    /// Git that reads both the repository's objects and these.
    pub fn readable(&self, git: &Git) -> Git {
        let all = beside(quoted(&self.objects), git.alternates());
        git.with([("GIT_ALTERNATE_OBJECT_DIRECTORIES", all)])
    }

    /// Git that reads both, and writes objects here.
    pub fn writable(&self, git: &Git) -> Git {
        let others = beside(quoted(&git.about().objects), git.alternates());
        git.with([
            ("GIT_OBJECT_DIRECTORY", self.objects.clone().into_os_string()),
            ("GIT_ALTERNATE_OBJECT_DIRECTORIES", others),
        ])
    }

    /// Makes a tree of the working tree or the index; the repository is only read.
    pub fn take(&self, git: &Git, take: Take) -> Result<String, Error> {
        let index = self.folder.path().join("index");
        copy_index(&git.about().index, &index)?;
        let writing = self.writable(git).with([("GIT_INDEX_FILE", index.into_os_string())]);
        if take == Take::WorkingTree {
            writing.bytes(&["add", "--all", "--", "."])?;
        }
        writing
            .text(&["write-tree"])
            .or_else(|error| Err(unmerged(&writing)?.unwrap_or(error)))
    }

    /// The folder, to be kept as long as its objects are read.
    pub fn into_folder(self) -> TempDir {
        self.folder
    }
}

/// Whether a merge is under way, which leaves the index without one tree.
fn unmerged(git: &Git) -> Result<Option<Error>, Error> {
    let listing = git.bytes(&["ls-files", "--unmerged", "-z"])?;
    let path = |line: &[u8]| {
        String::from_utf8_lossy(line)
            .split_once('\t')
            .map(|(_, path)| path.to_owned())
    };
    let files: BTreeSet<String> = listing.split(|byte| *byte == 0).filter_map(path).collect();
    let Some(first) = files.first() else { return Ok(None) };
    let files = if files.len() == 1 {
        first.clone()
    } else {
        format!("{first} and {} more", files.len() - 1)
    };
    Ok(Some(Error::Unmerged {
        folder: git.top().to_owned(),
        files,
    }))
}

/// The index with its time: git compares file times with it.
fn copy_index(from: &Path, to: &Path) -> Result<(), Error> {
    let Ok(meta) = fs::metadata(from) else { return Ok(()) };
    fs::copy(from, to).map_err(Error::io(from))?;
    let file = fs::OpenOptions::new().write(true).open(to).map_err(Error::io(to))?;
    let modified = meta.modified().map_err(Error::io(from))?;
    file.set_modified(modified).map_err(Error::io(to))
}

/// A folder, and others after it.
fn beside(mut first: OsString, others: Option<&OsString>) -> OsString {
    if let Some(others) = others {
        first.push(":");
        first.push(others);
    }
    first
}

/// A list of folders is parted by colons; a name that holds one is quoted.
fn quoted(folder: &Path) -> OsString {
    let text = folder.to_string_lossy();
    if text.contains(':') || text.starts_with('"') {
        return format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into();
    }
    folder.as_os_str().to_owned()
}
