//! What a version needs at run time and git does not hold: generated `_version.py`, built extensions, metadata of the package.
//!
//! It is taken from the working tree and laid over both versions, and said to be.

use std::fs;
use std::process::{Command, Stdio};

use camino::Utf8Path;
use change::Pair;

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
    /// What a reader should know.
    pub notes: Vec<String>,
    /// Sources of built extensions that differ between the versions: what is built from them cannot be verified.
    pub stale: Vec<String>,
}

/// Finds what the working tree at `root` has beside what git holds.
pub fn find(root: &Utf8Path, pair: &Pair) -> Overlay {
    if !root.join(".git").exists() {
        return Overlay::default();
    }
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
    overlay.stale = stale(&overlay.files, pair);
    overlay
}

/// Files that git ignores, below the folders that hold packages.
fn ignored(root: &Utf8Path) -> Vec<String> {
    let output = Command::new("git")
        .args([
            "-c",
            "core.fsmonitor=false",
            "ls-files",
            "-z",
            "--others",
            "--ignored",
            "--exclude-standard",
        ])
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
    let metadata = path
        .split('/')
        .any(|part| part.ends_with(".egg-info") || part.ends_with(".dist-info"));
    let version = name.ends_with(".py") && (name.contains("version") || name.starts_with('_'));
    metadata || version || name.ends_with(".so") || name.ends_with(".pyd")
}

/// Changed sources from which a laid-over extension may be built.
fn stale(files: &[(String, Vec<u8>)], pair: &Pair) -> Vec<String> {
    if !files
        .iter()
        .any(|(path, _)| path.ends_with(".so") || path.ends_with(".pyd"))
    {
        return Vec::new();
    }
    let source = |path: &str| {
        [".pyx", ".pxd", ".c", ".cpp", ".cc", ".h", ".rs", ".f90"]
            .iter()
            .any(|ending| path.ends_with(ending))
    };
    let differs = |path: &str, id: &str| pair.base.entry(path).is_none_or(|entry| entry.id != id);
    let changed = pair
        .head
        .entries()
        .iter()
        .filter(|entry| source(&entry.path) && differs(&entry.path, &entry.id));
    changed.map(|entry| entry.path.clone()).collect()
}
