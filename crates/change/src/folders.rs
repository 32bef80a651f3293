//! Two folders as two versions: no git needed.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use model::{Change, FileStatus, Revision};
use walkdir::{DirEntry, WalkDir};

use crate::error::Error;
use crate::filter;
use crate::semantic::{self, FileDifference, FileState};
use crate::side::{Contents, Entry, Kept, Mode, Pair, Side};

/// Compares two folders; `filters` are paths relative to both. Caches, environments and repositories' own folders are left out.
///
/// # Errors
/// When a folder is not there or a file cannot be read.
pub fn of_folders(old: &Path, new: &Path, filters: &[String]) -> Result<(Change, Pair), Error> {
    let mut places = HashMap::new();
    let (base_tree, base_entries) = listed(old, &mut places)?;
    let (head_tree, head_entries) = listed(new, &mut places)?;
    let files = differences(&base_entries, &head_entries, filters);
    let contents = Kept::new(Box::new(Files(places)));
    let revision = |folder: &Path, tree: &str| Revision {
        name: folder.display().to_string(),
        tree: tree.to_owned(),
        commit: None,
    };
    let (base, head) = (revision(old, &base_tree), revision(new, &head_tree));
    let mut pair = Pair {
        base: Side::new(base_tree, base_entries, contents.clone()),
        head: Side::new(head_tree, head_entries, contents),
        root: new.to_owned(),
        notes: Vec::new(),
        clean_default_branch: false,
        _scratch: None,
    };
    let change = semantic::compare(&mut pair, base, head, files)?;
    Ok((change, pair))
}

/// Where each content is.
struct Files(HashMap<String, PathBuf>);

impl Contents for Files {
    fn fetch(&self, ids: &[&str], sink: &mut dyn FnMut(&str, Vec<u8>)) -> Result<(), Error> {
        for id in ids {
            if let Some(path) = self.0.get(*id) {
                sink(id, content(path)?);
            }
        }
        Ok(())
    }
}

fn content(path: &Path) -> Result<Vec<u8>, Error> {
    if path.is_symlink() {
        let target = fs::read_link(path).map_err(Error::io(path))?;
        return Ok(target.to_string_lossy().into_owned().into_bytes());
    }
    fs::read(path).map_err(Error::io(path))
}

/// All files of a folder and a digest over them.
fn listed(folder: &Path, places: &mut HashMap<String, PathBuf>) -> Result<(String, Vec<Entry>), Error> {
    if !folder.is_dir() {
        return Err(Error::NotAFolder {
            path: folder.to_owned(),
        });
    }
    let mut entries = Vec::new();
    for found in WalkDir::new(folder)
        .into_iter()
        .filter_entry(|entry| !is_left_out(entry))
    {
        let found = found.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            Error::Io {
                path,
                source: error.into(),
            }
        })?;
        let Some(mode) = mode(&found) else { continue };
        let id = blake3::hash(&content(found.path())?).to_hex().to_string();
        let path = found
            .path()
            .strip_prefix(folder)
            .unwrap_or(found.path())
            .to_string_lossy()
            .replace('\\', "/");
        places.entry(id.clone()).or_insert_with(|| found.path().to_owned());
        entries.push(Entry { path, mode, id });
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    let mut digest = blake3::Hasher::new();
    for entry in &entries {
        digest.update(format!("{:?} {} {}\0", entry.mode, entry.id, entry.path).as_bytes());
    }
    Ok((digest.finalize().to_hex().to_string(), entries))
}

fn is_left_out(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    if entry.depth() == 0 {
        return false;
    }
    if entry.file_type().is_dir() {
        return matches!(
            name.as_ref(),
            ".git"
                | ".hg"
                | ".svn"
                | "__pycache__"
                | "node_modules"
                | ".tox"
                | ".nox"
                | ".mypy_cache"
                | ".pytest_cache"
                | ".ruff_cache"
        ) || entry.path().join("pyvenv.cfg").is_file();
    }
    name.ends_with(".pyc")
}

fn mode(entry: &DirEntry) -> Option<Mode> {
    if entry.path_is_symlink() {
        return Some(Mode::Symlink);
    }
    if !entry.file_type().is_file() {
        return None;
    }
    Some(if is_executable(entry) {
        Mode::Executable
    } else {
        Mode::File
    })
}

#[cfg(unix)]
fn is_executable(entry: &DirEntry) -> bool {
    use std::os::unix::fs::PermissionsExt;
    entry
        .metadata()
        .is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &DirEntry) -> bool {
    false
}

fn differences(base: &[Entry], head: &[Entry], filters: &[String]) -> Vec<FileDifference> {
    let by_path = |entries: &[Entry]| {
        entries
            .iter()
            .map(|entry| (entry.path.clone(), entry.clone()))
            .collect::<BTreeMap<_, _>>()
    };
    let (old, new) = (by_path(base), by_path(head));
    let state = |entry: &Entry| {
        Some(FileState {
            mode: entry.mode,
            id: entry.id.clone(),
        })
    };
    let mut gone: Vec<&Entry> = old.values().filter(|entry| !new.contains_key(&entry.path)).collect();
    let mut files = Vec::new();
    for entry in new.values() {
        let difference = |old: Option<&Entry>, status| FileDifference {
            path: entry.path.clone(),
            base_path: old.map(|old| old.path.clone()).filter(|path| *path != entry.path),
            status,
            old: old.and_then(state),
            new: state(entry),
        };
        match old.get(&entry.path) {
            Some(same) if same.id == entry.id && same.mode == entry.mode => {}
            Some(other) => files.push(difference(Some(other), FileStatus::Changed)),
            None => match gone
                .iter()
                .position(|old| old.id == entry.id && !entry.path.ends_with("__init__.py"))
            {
                Some(at) => files.push(difference(Some(gone.remove(at)), FileStatus::Changed)),
                None => files.push(difference(None, FileStatus::Added)),
            },
        }
    }
    files.extend(gone.into_iter().map(|entry| FileDifference {
        path: entry.path.clone(),
        base_path: None,
        status: FileStatus::Removed,
        old: state(entry),
        new: None,
    }));
    files.retain(|file| filter::matches(filters, &file.path) || filter::matches(filters, file.path_in_base()));
    files
}
