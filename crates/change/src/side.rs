//! The two versions: what they hold, and where contents come from.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use languages::python::syntax::{Fingerprint, Index, alphas};
use languages::python::{Parsed, Project};

use crate::error::Error;

/// Bytes of sources kept in memory at most, over both versions.
const KEPT: usize = 32 * 1024 * 1024;
/// Contents asked for in one go where files are read one after the other.
const AHEAD: usize = 64;

/// What sort of file an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A plain file.
    File,
    /// An executable file.
    Executable,
    /// A symbolic link; its content is its target.
    Symlink,
    /// Another repository: only its commit is known.
    Submodule,
}

/// One file of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Path relative to the tree, `/` between parts.
    pub path: String,
    /// What sort of file it is.
    pub mode: Mode,
    /// Identity of its content: a git blob id, or a digest.
    pub id: String,
}

/// Where contents come from.
pub(crate) trait Contents: Send + Sync {
    /// Gives the content of each id to `sink`, in any order.
    fn fetch(&self, ids: &[&str], sink: &mut dyn FnMut(&str, Vec<u8>)) -> Result<(), Error>;
}

/// Contents with a bounded memory.
pub(crate) struct Kept {
    contents: Box<dyn Contents>,
    kept: Mutex<Memory>,
}

/// Bytes kept, and the contents by id.
#[derive(Default)]
struct Memory {
    bytes: usize,
    contents: HashMap<String, Arc<Vec<u8>>>,
}

impl Kept {
    pub fn new(contents: Box<dyn Contents>) -> Arc<Self> {
        Arc::new(Self {
            contents,
            kept: Mutex::default(),
        })
    }

    fn known(&self, id: &str) -> Option<Arc<Vec<u8>>> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contents
            .get(id)
            .cloned()
    }

    fn keep(&self, id: &str, bytes: Vec<u8>) -> Arc<Vec<u8>> {
        let bytes = Arc::new(bytes);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes + bytes.len() > KEPT {
            *kept = Memory::default();
        }
        if kept.contents.insert(id.to_owned(), bytes.clone()).is_none() {
            kept.bytes += bytes.len();
        }
        bytes
    }

    /// One content.
    pub fn read(&self, id: &str) -> Result<Arc<Vec<u8>>, Error> {
        if let Some(known) = self.known(id) {
            return Ok(known);
        }
        let mut found = None;
        self.contents.fetch(&[id], &mut |_, bytes| found = Some(bytes))?;
        Ok(self.keep(id, found.unwrap_or_default()))
    }

    /// Reads these contents in one go, for [`Kept::read`] to find.
    pub fn prefetch(&self, ids: &[&str]) -> Result<(), Error> {
        let wanted: Vec<&str> = ids.iter().copied().filter(|id| self.known(id).is_none()).collect();
        self.contents
            .fetch(&wanted, &mut |id, bytes| drop(self.keep(id, bytes)))
    }
}

/// The Python files of a version, sorted by path.
struct Sources {
    files: Vec<(String, String)>,
    contents: Arc<Kept>,
    /// Where the last content that was not at hand stood.
    last: AtomicUsize,
}

impl Sources {
    fn of(entries: &[Entry], contents: Arc<Kept>) -> Self {
        // Beside the sources, the files that say what a project is.
        let of_interest = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            path.ends_with(".py")
                || languages::python::documented::is_document(path)
                || matches!(name, "pyproject.toml" | "setup.cfg" | "pytest.ini" | "tox.ini")
                || name.starts_with(".env")
        };
        let wanted = |entry: &&Entry| matches!(entry.mode, Mode::File | Mode::Executable) && of_interest(&entry.path);
        let files = entries
            .iter()
            .filter(wanted)
            .map(|entry| (entry.path.clone(), entry.id.clone()))
            .collect();
        Self {
            files,
            contents,
            last: AtomicUsize::new(usize::MAX),
        }
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let at = self.files.binary_search_by(|(other, _)| other.as_str().cmp(path));
        let at = at.map_err(|_| io::Error::new(io::ErrorKind::NotFound, "no such file in this version"))?;
        let id = self.files[at].1.as_str();
        if self.contents.known(id).is_none() {
            let last = self.last.swap(at, Ordering::Relaxed);
            if at.wrapping_sub(last) <= AHEAD {
                let ahead: Vec<&str> = self.files[at..].iter().take(AHEAD).map(|(_, id)| id.as_str()).collect();
                self.contents.prefetch(&ahead).map_err(io::Error::other)?;
            }
        }
        self.contents
            .read(id)
            .map(|bytes| bytes.as_ref().clone())
            .map_err(io::Error::other)
    }
}

/// One version.
pub struct Side {
    /// Identity of its content: a git tree id, or a digest.
    pub tree: String,
    entries: Vec<Entry>,
    contents: Arc<Kept>,
    index: Arc<Index>,
    alphas: Mutex<HashMap<String, Arc<BTreeMap<usize, Fingerprint>>>>,
}

impl Side {
    pub(crate) fn new(tree: String, entries: Vec<Entry>, contents: Arc<Kept>) -> Self {
        let sources = Sources::of(&entries, contents.clone());
        let others = entries
            .iter()
            .map(|entry| &entry.path)
            .filter(|path| !path.ends_with(".py"));
        let paths: Vec<String> = sources
            .files
            .iter()
            .map(|(path, _)| path)
            .chain(others)
            .cloned()
            .collect();
        let project = Project::new(paths, move |path: &str| sources.read(path));
        Self {
            tree,
            entries,
            contents,
            index: Arc::new(Index::new(Arc::new(project))),
            alphas: Mutex::default(),
        }
    }

    /// All files, sorted by path.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file at `path`.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries
            .binary_search_by(|entry| entry.path.as_str().cmp(path))
            .ok()
            .map(|at| &self.entries[at])
    }

    /// The Python files.
    pub fn project(&self) -> &Arc<Project> {
        self.index.project()
    }

    /// Definitions and their users.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Gives the content of each id to `sink`, each once, in any order; nothing of it is kept in memory.
    ///
    /// # Errors
    /// When git or the file system fails.
    pub fn fetch(&self, ids: &[&str], sink: &mut dyn FnMut(&str, Vec<u8>)) -> Result<(), Error> {
        self.contents.contents.fetch(ids, sink)
    }

    /// One content, remembered.
    ///
    /// # Errors
    /// When git or the file system fails.
    pub fn read(&self, id: &str) -> Result<Arc<Vec<u8>>, Error> {
        self.contents.read(id)
    }

    /// The source of a Python file; empty where it cannot be read.
    pub(crate) fn text(&self, path: &str) -> String {
        let text = self
            .project()
            .read(path)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default();
        text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
    }

    /// Digests of the functions of a file up to names of locals, by where they start; computed once.
    pub(crate) fn alphas(&self, path: &str) -> Arc<BTreeMap<usize, Fingerprint>> {
        let mut known = self.alphas.lock().unwrap_or_else(PoisonError::into_inner);
        let digests = known.entry(path.to_owned()).or_insert_with(|| {
            let parsed = Parsed::new(path, "", self.text(path).into_bytes());
            Arc::new(parsed.map(|parsed| alphas(&parsed)).unwrap_or_default())
        });
        digests.clone()
    }

    pub(crate) fn prefetch(&self, ids: &[&str]) -> Result<(), Error> {
        self.contents.prefetch(ids)
    }
}

/// The two versions of a change. Dropping it removes what was made in the scratch folder.
pub struct Pair {
    /// What was.
    pub base: Side,
    /// What is.
    pub head: Side,
    /// The folder that the versions belong to: the top of the working tree, or the head folder.
    pub root: PathBuf,
    /// What a reader should know of how the change was found, in sentences.
    pub notes: Vec<String>,
    /// Whether head is a clean working tree on the default branch, so that there is nothing to compare: `HEAD~1..HEAD` may be meant.
    pub clean_default_branch: bool,
    /// Objects and index made for a working tree.
    pub(crate) _scratch: Option<tempfile::TempDir>,
}
