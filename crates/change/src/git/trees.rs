//! What trees hold and how they differ.

use std::cmp::Ordering;

use model::FileStatus;

use super::command::Git;
use crate::error::Error;
use crate::filter;
use crate::semantic::{FileDifference, FileState};
use crate::side::{Entry, Mode};

/// Entries of two trees, sorted by path; listed side by side.
pub(super) fn both(git: &Git, base: &str, head: &str) -> Result<(Vec<Entry>, Vec<Entry>), Error> {
    if base == head {
        let entries = entries(git, base)?;
        return Ok((entries.clone(), entries));
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(|| entries(git, head));
        let base = entries(git, base)?;
        let head = other
            .join()
            .unwrap_or_else(|_| Err(git.failure(&["ls-tree"], "the reader failed")))?;
        Ok((base, head))
    })
}

fn entries(git: &Git, tree: &str) -> Result<Vec<Entry>, Error> {
    let listing = git.bytes(&["ls-tree", "-r", "-z", "--full-tree", tree])?;
    let mut entries: Vec<Entry> = listing.split(|byte| *byte == 0).filter_map(entry).collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

/// `100644 blob 0123…<TAB>path`.
fn entry(line: &[u8]) -> Option<Entry> {
    let line = String::from_utf8_lossy(line);
    let (meta, path) = line.split_once('\t')?;
    let mut meta = meta.split(' ');
    let mode = mode(meta.next()?)?;
    Some(Entry {
        path: path.to_owned(),
        mode,
        id: meta.nth(1)?.to_owned(),
    })
}

fn mode(mode: &str) -> Option<Mode> {
    match mode {
        "100755" => Some(Mode::Executable),
        "120000" => Some(Mode::Symlink),
        "160000" => Some(Mode::Submodule),
        "000000" => None,
        _ => Some(Mode::File),
    }
}

/// Files that differ between two trees, renames found: by git, where there can be any.
pub(super) fn differences(
    git: &Git,
    base: (&str, &[Entry]),
    head: (&str, &[Entry]),
    paths: &[String],
) -> Result<Vec<FileDifference>, Error> {
    let mut files = differing(base.1, head.1);
    let any = |status: FileStatus| files.iter().any(|file| file.status == status);
    if any(FileStatus::Added) && any(FileStatus::Removed) {
        files = with_renames(git, base.0, head.0)?;
    }
    files.retain(|file| filter::matches(paths, &file.path) || filter::matches(paths, file.path_in_base()));
    Ok(files)
}

/// Both lists are sorted by path.
fn differing(base: &[Entry], head: &[Entry]) -> Vec<FileDifference> {
    let (mut old, mut new) = (base.iter().peekable(), head.iter().peekable());
    let mut files = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return files,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => one.path.cmp(&other.path),
        };
        let before = if order == Ordering::Greater { None } else { old.next() };
        let after = if order == Ordering::Less { None } else { new.next() };
        if before.map(|entry| (entry.mode, &entry.id)) == after.map(|entry| (entry.mode, &entry.id)) {
            continue;
        }
        let state = |entry: &Entry| FileState {
            mode: entry.mode,
            id: entry.id.clone(),
        };
        let status = match (before, after) {
            (None, _) => FileStatus::Added,
            (_, None) => FileStatus::Removed,
            _ => FileStatus::Changed,
        };
        let path = after.or(before).map(|entry| entry.path.clone()).unwrap_or_default();
        files.push(FileDifference {
            path,
            base_path: None,
            status,
            old: before.map(state),
            new: after.map(state),
        });
    }
}

fn with_renames(git: &Git, base: &str, head: &str) -> Result<Vec<FileDifference>, Error> {
    let arguments = [
        "diff-tree",
        "-r",
        "-z",
        "--raw",
        "--no-abbrev",
        "-M",
        "-l1500",
        "--no-ext-diff",
        base,
        head,
    ];
    let listing = git.bytes(&arguments)?;
    let mut fields = listing.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let mut found = Vec::new();
    while let Some(meta) = fields.next().filter(|meta| meta.starts_with(':')) {
        let meta: Vec<String> = meta[1..].split(' ').map(str::to_owned).collect();
        let (Some(first), [old_mode, new_mode, old_id, new_id, letter]) = (fields.next(), meta.as_slice()) else {
            break;
        };
        let moved = letter.starts_with('R');
        let second = if moved { fields.next() } else { None };
        let path = second.as_deref().unwrap_or(&first).to_owned();
        let base_path = moved.then(|| first.to_string());
        let state = |found: &str, id: &str| {
            mode(found).map(|mode| FileState {
                mode,
                id: id.to_owned(),
            })
        };
        let status = match letter.chars().next() {
            Some('A') => FileStatus::Added,
            Some('D') => FileStatus::Removed,
            _ => FileStatus::Changed,
        };
        let (old, new) = (state(old_mode, old_id), state(new_mode, new_id));
        found.push(FileDifference {
            path,
            base_path,
            status,
            old,
            new,
        });
    }
    Ok(found)
}
