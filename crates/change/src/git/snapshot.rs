//! The working tree, or the index, as a tree: by an index and an object folder of our own.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::command::Git;
use crate::error::Error;

/// A tree made from files, and where its objects are.
pub(super) struct Snapshot {
    pub tree: String,
    /// Reads both the repository's objects and ours.
    pub git: Git,
    pub folder: TempDir,
}

/// What is taken into the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    WorkingTree,
    Index,
}

/// Makes a tree of the working tree or the index; the repository is only read.
pub(super) fn take(git: &Git, scratch: &Path, take: Take) -> Result<Snapshot, Error> {
    if !git.has_working_tree()? {
        return Err(Error::Bare {
            folder: git.top().to_owned(),
        });
    }
    let folder = tempfile::Builder::new()
        .prefix("tree-")
        .tempdir_in(scratch)
        .map_err(Error::io(scratch))?;
    let objects = folder.path().join("objects");
    fs::create_dir(&objects).map_err(Error::io(&objects))?;
    let index = folder.path().join("index");
    copy_index(git, &index)?;
    let real = git.top().join(git.text(&["rev-parse", "--git-path", "objects"])?);
    let writing = git.with([
        ("GIT_INDEX_FILE", index.into_os_string()),
        ("GIT_OBJECT_DIRECTORY", objects.clone().into_os_string()),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&real)),
    ]);
    if take == Take::WorkingTree {
        writing.bytes(&["add", "--all", "--", "."])?;
    }
    let tree = write_tree(&writing)?;
    let git = git.with([("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&objects))]);
    Ok(Snapshot { tree, git, folder })
}

fn write_tree(git: &Git) -> Result<String, Error> {
    let unmerged = git.bytes(&["ls-files", "--unmerged", "-z"])?;
    let files: Vec<String> = unmerged
        .split(|byte| *byte == 0)
        .filter_map(|line| {
            String::from_utf8_lossy(line)
                .split_once('\t')
                .map(|(_, path)| path.to_owned())
        })
        .collect();
    if let Some(first) = files.first() {
        let others = files
            .iter()
            .filter(|file| *file != first)
            .collect::<std::collections::BTreeSet<_>>()
            .len();
        let files = if others == 0 {
            first.clone()
        } else {
            format!("{first} and {others} more")
        };
        return Err(Error::Unmerged {
            folder: git.top().to_owned(),
            files,
        });
    }
    git.text(&["write-tree"])
}

/// The index that git would use (a hook's own one included), with its time: git compares file times with it.
fn copy_index(git: &Git, to: &Path) -> Result<(), Error> {
    let from = index_of(git)?;
    let Ok(meta) = fs::metadata(&from) else { return Ok(()) };
    fs::copy(&from, to).map_err(Error::io(&from))?;
    let file = fs::OpenOptions::new().write(true).open(to).map_err(Error::io(to))?;
    let modified = meta.modified().map_err(Error::io(&from))?;
    file.set_modified(modified).map_err(Error::io(to))
}

fn index_of(git: &Git) -> Result<PathBuf, Error> {
    Ok(git.top().join(git.text(&["rev-parse", "--git-path", "index"])?))
}

/// A list of folders is parted by colons; a name that holds one is quoted.
fn quoted(folder: &Path) -> OsString {
    let text = folder.to_string_lossy();
    if text.contains(':') || text.starts_with('"') {
        return format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into();
    }
    folder.as_os_str().to_owned()
}
