//! What a version needs at run time and git does not hold: generated `_version.py`, built extensions, metadata of the package.
//!
//! It is taken from the working tree and laid over both versions, and said to be.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use camino::Utf8Path;
use change::{Entry, Pair, Side};
use languages::python::imports::loads;
use model::{Change, Plan};
use serde::{Deserialize, Serialize};

use crate::submodules;

/// Most files that are laid over.
const MOST: usize = 200;
/// Largest file that is laid over, in bytes.
const LARGEST: u64 = 64 << 20;

/// Files to lay over both versions.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// Path relative to the tree, and content.
    pub files: Vec<(String, Vec<u8>)>,
    /// Digest of all of it, empty when there is nothing.
    pub digest: String,
    /// Folders of submodules that are among them.
    pub submodules: Vec<String>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A file that was laid over both versions, as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaidOver {
    /// Its path in the tree.
    pub path: String,
    /// Its text, where it is metadata of a distribution.
    pub metadata: Option<String>,
}

/// Longest metadata that is remembered, in bytes.
const LONGEST_METADATA: usize = 64 << 10;

impl Overlay {
    /// What is remembered of it.
    pub fn laid_over(&self) -> Vec<LaidOver> {
        let text = |path: &str, bytes: &[u8]| {
            let wanted = path.split('/').any(is_metadata) && bytes.len() <= LONGEST_METADATA;
            wanted.then(|| String::from_utf8(bytes.to_vec()).ok()).flatten()
        };
        // A checkout of a version has its submodules by other means.
        let in_submodule = |path: &str| {
            self.submodules
                .iter()
                .any(|folder| Utf8Path::new(path).starts_with(folder))
        };
        self.files
            .iter()
            .filter(|(path, _)| !in_submodule(path))
            .map(|(path, bytes)| LaidOver {
                path: path.clone(),
                metadata: text(path, bytes),
            })
            .collect()
    }

    /// Adds a file, with what a reader should know of it.
    pub fn add(&mut self, path: String, bytes: Vec<u8>, note: String) {
        self.add_silently(path, bytes);
        self.notes.push(note);
    }

    /// Adds a file of which the reader is told otherwise.
    pub fn add_silently(&mut self, path: String, bytes: Vec<u8>) {
        let mut hasher = blake3::Hasher::new();
        for part in [self.digest.as_bytes(), path.as_bytes(), &bytes] {
            hasher.update(&part.len().to_le_bytes());
            hasher.update(part);
        }
        self.digest = hasher.finalize().to_hex()[..16].to_owned();
        self.files.push((path, bytes));
    }
}

/// Finds what the working tree at `root` has beside what git holds.
pub fn find(root: &Utf8Path, pair: &Pair) -> Overlay {
    if !root.join(".git").exists() {
        return Overlay::default();
    }
    let mut overlay = generated(root, pair);
    submodules::lay_over(&mut overlay, root, pair);
    overlay
}

/// Files that git ignores, and a version may need.
fn generated(root: &Utf8Path, pair: &Pair) -> Overlay {
    let mut overlay = Overlay::default();
    for path in ignored(root).into_iter().filter(|path| wanted(path)) {
        if overlay.files.len() >= MOST || pair.base.entry(&path).is_some() || pair.head.entry(&path).is_some() {
            continue;
        }
        let full = root.join(&path);
        let small = fs::metadata(&full).is_ok_and(|data| data.is_file() && data.len() <= LARGEST);
        if let Some(bytes) = small.then(|| fs::read(&full).ok()).flatten() {
            overlay.files.push((path, bytes));
        }
    }
    if overlay.files.is_empty() {
        return overlay;
    }
    let mut hasher = blake3::Hasher::new();
    for (path, bytes) in &overlay.files {
        hasher.update(path.as_bytes());
        hasher.update(&[0]);
        hasher.update(blake3::hash(bytes).as_bytes());
    }
    overlay.digest = hasher.finalize().to_hex()[..16].to_owned();
    let names: Vec<&str> = overlay.files.iter().map(|(path, _)| path.as_str()).take(5).collect();
    let more = if overlay.files.len() > names.len() {
        format!(" and {} more", overlay.files.len() - names.len())
    } else {
        String::new()
    };
    overlay.notes.push(format!(
        "laid over both versions from the working tree, since git does not hold them: {}{more}",
        names.join(", ")
    ));
    overlay
}

/// Files that git ignores, below the folders that hold packages.
fn ignored(root: &Utf8Path) -> Vec<String> {
    listed(root, &["--others", "--ignored", "--exclude-standard"])
}

/// What `git ls-files` lists in the working tree at `root`, relative to it; nothing where git fails.
pub(crate) fn listed(root: &Utf8Path, args: &[&str]) -> Vec<String> {
    let output = Command::new("git")
        .args(["-c", "core.fsmonitor=false", "ls-files", "-z"])
        .args(args)
        .current_dir(root)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let Ok(output) = output else { return Vec::new() };
    String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect()
}

fn wanted(path: &str) -> bool {
    const NOT_BELOW: [&str; 12] = [
        ".venv",
        "venv",
        "env",
        ".tox",
        ".nox",
        "node_modules",
        "__pycache__",
        "build",
        "dist",
        ".git",
        "site-packages",
        ".eggs",
    ];
    if path.split('/').any(|part| NOT_BELOW.contains(&part)) {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let metadata = path.split('/').any(is_metadata);
    let version = name.ends_with(".py") && (name.contains("version") || name.starts_with('_'));
    metadata || version || is_extension(name)
}

/// Whether a part of a path is the metadata of a distribution.
pub fn is_metadata(part: &str) -> bool {
    part.ends_with(".dist-info") || part.ends_with(".egg-info")
}

/// What is built from these endings is not Python, and must be built anew when they change.
const SOURCES: [&str; 12] = [
    ".pyx", ".pxd", ".c", ".cpp", ".cc", ".cxx", ".h", ".hpp", ".rs", ".f", ".f90", ".zig",
];

/// Sources of extensions that differ between the versions.
pub fn changed_sources(pair: &Pair) -> Vec<String> {
    let source = |path: &str| SOURCES.iter().any(|ending| path.ends_with(ending));
    let missing = |side: &Side, entry: &Entry| side.entry(&entry.path).is_none_or(|other| other.id != entry.id);
    let of_head = pair.head.entries().iter().filter(|entry| missing(&pair.base, entry));
    let of_base = pair.base.entries().iter().filter(|entry| missing(&pair.head, entry));
    let paths = of_head.chain(of_base).map(|entry| &entry.path);
    paths
        .filter(|path| source(path))
        .cloned()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Extensions that were laid over both versions although sources of extensions differ between them.
pub struct Stale<'a> {
    pair: &'a Pair,
    modules: BTreeSet<String>,
    /// The first of the sources, for the reader.
    source: String,
}

impl<'a> Stale<'a> {
    /// The extensions of `overlay` that `sources` may be built into: those of the same name where each source has one, else all.
    pub fn new(overlay: &Overlay, sources: &[String], pair: &'a Pair) -> Option<Self> {
        let stem = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            name.split('.').next().unwrap_or(name).to_owned()
        };
        let extensions = overlay
            .files
            .iter()
            .map(|(path, _)| path)
            .filter(|path| is_extension(path));
        let stems: BTreeSet<String> = sources.iter().map(|path| stem(path)).collect();
        let all: Vec<&String> = extensions.collect();
        let each_has_one = stems.iter().all(|source| all.iter().any(|path| stem(path) == *source));
        let modules: BTreeSet<String> = all
            .into_iter()
            .filter(|path| !each_has_one || stems.contains(&stem(path)))
            .map(|path| module_of(path, &pair.head))
            .collect();
        let source = sources.first()?.clone();
        (!modules.is_empty()).then_some(Self { pair, modules, source })
    }

    fn loaded_by(&self, head_path: &str, base_path: &str) -> Option<&str> {
        let load = |side: &Side, path: &str| loads(side.project(), path, &self.modules);
        load(&self.pair.head, head_path).or_else(|| load(&self.pair.base, base_path))
    }

    /// Equal code proves nothing where what it calls was built from other sources.
    pub fn take_proofs_back(&self, change: &mut Change) {
        for function in change.functions.iter_mut().filter(|function| function.proved_same) {
            function.proved_same = self.loaded_by(&function.path, function.path_in_base()).is_none();
        }
    }

    /// Takes the ways that load such an extension out of the plan: both versions would run with what one of them was built from.
    pub fn hold_back(&self, change: &Change, plan: &mut Plan) {
        for check in &mut plan.checks {
            let function = &change.functions[check.function];
            let mut held = self.loaded_by(&function.path, function.path_in_base());
            if held.is_some() {
                check.ways.clear();
            }
            check.ways.retain(|way| {
                let loaded = self.loaded_by(&way.target.path, &way.target.path);
                held = held.or(loaded);
                loaded.is_none()
            });
            if let Some(module) = held.filter(|_| check.ways.is_empty()) {
                check.reason = format!(
                    "it needs {module}, which is built from sources that differ between the versions ({}): build it for each of them in a folder of its own, and compare these with --trees",
                    self.source
                );
            }
        }
    }
}

fn is_extension(path: &str) -> bool {
    path.ends_with(".so") || path.ends_with(".pyd")
}

/// The module that the extension at `path` is imported as.
fn module_of(path: &str, side: &Side) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    let separator = if folder.is_empty() { "" } else { "/" };
    side.project().module_name(&format!("{folder}{separator}{stem}.py"))
}
