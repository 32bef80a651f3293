//! Versions that come as folders on disk.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::{DirEntry, WalkDir};

use crate::blobs::{Blob, Blobs};
use crate::error::At;
use crate::{Error, Node, Store, Tree, TreeEntry, files, usage};

/// Largest file that is copied.
const LARGEST: u64 = 20 << 20;

/// Folders that tools make and that no version is made of.
const LEFT_OUT: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".jj",
    "__pycache__",
    "node_modules",
    ".venv",
    "venv",
    ".tox",
    ".nox",
    ".eggs",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    ".ipynb_checkpoints",
];

/// A folder's content as a version.
#[derive(Debug)]
pub struct PlacedFolder {
    /// The version.
    pub tree: Tree,
    /// What it is made of: the same text for the same content, wherever the folder lies.
    pub id: String,
    /// What was not copied.
    pub left_out: Vec<LeftOut>,
}

/// A file or folder that was not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it lies in the folder.
    pub path: String,
    /// Why, in words for a person.
    pub reason: String,
    /// Whether it is a folder that tools make, which nobody would miss.
    pub expected: bool,
}

impl Store {
    /// Copies a folder's content into the cache, but for what tools make (git's folder, environments, caches), files
    /// above 20 MiB, and what is neither file, folder nor link.
    ///
    /// # Errors
    /// When the folder cannot be read or the disk refuses.
    pub fn place_folder(&self, folder: &Utf8Path) -> Result<PlacedFolder, Error> {
        let unreadable = |source: io::Error| Error::Folder {
            path: folder.to_owned(),
            source,
        };
        if !fs::metadata(folder).map_err(unreadable)?.is_dir() {
            return Err(unreadable(io::ErrorKind::NotADirectory.into()));
        }
        let (entries, left_out) = {
            let _shared = files::shared(&self.lock()).at("lock", &self.lock())?;
            let mut survey = Survey::new(self, folder);
            survey.run()?;
            usage::add(self.root(), survey.written);
            (survey.entries, survey.left_out)
        };
        let id = identity(&entries);
        // All contents are kept already; only a sweep in between could have taken them.
        let tree = self.place_tree(&id, entries, |missing, sink| {
            for file in files_of(folder) {
                let content = fs::read(&file)?;
                let id = blake3::hash(&content).to_hex();
                if missing.iter().any(|wanted| **wanted == *id) {
                    sink(&id, &content)?;
                }
            }
            Ok(())
        })?;
        Ok(PlacedFolder { tree, id, left_out })
    }
}

fn files_of(folder: &Utf8Path) -> impl Iterator<Item = std::path::PathBuf> {
    let wanted = |entry: &DirEntry| reason_to_leave_out(entry).is_none();
    let entries = WalkDir::new(folder)
        .min_depth(1)
        .into_iter()
        .filter_entry(wanted)
        .flatten();
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(DirEntry::into_path)
}

/// The same for the same content.
fn identity(entries: &[TreeEntry]) -> String {
    let mut hasher = blake3::Hasher::new();
    for entry in entries {
        let (kind, content) = match &entry.node {
            Node::File {
                blob,
                executable: false,
                ..
            } => ("f", blob),
            Node::File {
                blob, executable: true, ..
            } => ("x", blob),
            Node::Link { target } => ("l", target),
        };
        for part in [entry.path.as_str(), kind, content] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
    }
    format!("folder:{}", hasher.finalize().to_hex())
}

/// A walk through a folder.
struct Survey<'a> {
    folder: &'a Utf8Path,
    blobs: Blobs,
    entries: Vec<TreeEntry>,
    left_out: Vec<LeftOut>,
    written: u64,
}

impl<'a> Survey<'a> {
    fn new(store: &Store, folder: &'a Utf8Path) -> Self {
        let blobs = Blobs::new(store.root());
        Self {
            folder,
            blobs,
            entries: Vec::new(),
            left_out: Vec::new(),
            written: 0,
        }
    }

    fn run(&mut self) -> Result<(), Error> {
        let mut walk = WalkDir::new(self.folder).min_depth(1).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error
                        .path()
                        .map(|path| path.to_string_lossy().into_owned())
                        .unwrap_or_default();
                    self.leave_out(path, "it cannot be read", false);
                    continue;
                }
            };
            let shown = entry
                .path()
                .strip_prefix(self.folder)
                .unwrap_or(entry.path())
                .to_string_lossy()
                .into_owned();
            if let Some(reason) = reason_to_leave_out(&entry) {
                if entry.file_type().is_dir() {
                    walk.skip_current_dir();
                }
                self.leave_out(shown, reason, true);
            } else if entry.file_type().is_dir() {
                // Comes with its files; an empty one is no part of a version, as for git.
            } else if let Err(reason) = self.take(&entry)? {
                self.leave_out(shown, reason, false);
            }
        }
        Ok(())
    }

    fn leave_out(&mut self, path: String, reason: &str, expected: bool) {
        self.left_out.push(LeftOut {
            path,
            reason: reason.to_owned(),
            expected,
        });
    }

    /// Takes one file or link, or says why not.
    fn take(&mut self, entry: &DirEntry) -> Result<Result<(), &'static str>, Error> {
        let relative = entry
            .path()
            .strip_prefix(self.folder)
            .ok()
            .and_then(|path| Utf8PathBuf::try_from(path.to_owned()).ok());
        let Some(path) = relative else {
            return Ok(Err("its name is not UTF-8"));
        };
        let node = if entry.file_type().is_symlink() {
            match fs::read_link(entry.path())
                .ok()
                .and_then(|target| target.into_os_string().into_string().ok())
            {
                Some(target) => Node::Link { target },
                None => return Ok(Err("it is a link to a name that is not UTF-8")),
            }
        } else if entry.file_type().is_file() {
            match self.take_file(entry)? {
                Ok(node) => node,
                Err(reason) => return Ok(Err(reason)),
            }
        } else {
            return Ok(Err("it is neither file, folder nor link"));
        };
        self.entries.push(TreeEntry { path, node });
        Ok(Ok(()))
    }

    fn take_file(&mut self, entry: &DirEntry) -> Result<Result<Node, &'static str>, Error> {
        use std::os::unix::fs::PermissionsExt;
        let Ok(metadata) = entry.metadata() else {
            return Ok(Err("it cannot be read"));
        };
        if metadata.len() > LARGEST {
            return Ok(Err("it is larger than 20 MiB"));
        }
        let Ok(content) = fs::read(entry.path()) else {
            return Ok(Err("it cannot be read"));
        };
        let executable = metadata.permissions().mode() & 0o111 != 0;
        let size = content.len() as u64;
        let blob = Blob {
            id: blake3::hash(&content).to_hex().to_string(),
            executable,
        };
        if self.blobs.size(&blob, Some(size))?.is_none() {
            self.blobs.put(&blob, &content)?;
            self.written += size;
        }
        Ok(Ok(Node::File {
            blob: blob.id,
            executable,
            size: Some(size),
        }))
    }
}

fn reason_to_leave_out(entry: &DirEntry) -> Option<&'static str> {
    let name = entry.file_name().to_str().unwrap_or_default();
    if name.eq_ignore_ascii_case(".git") {
        // A file in a linked working tree, a folder elsewhere.
        return Some("it is git's own");
    }
    if !entry.file_type().is_dir() {
        return None;
    }
    if LEFT_OUT.contains(&name) {
        return Some("tools make it");
    }
    entry
        .path()
        .join("pyvenv.cfg")
        .exists()
        .then_some("it is a Python environment")
}
