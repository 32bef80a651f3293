//! What trees hold and how they differ.

use super::command::Git;
use crate::error::Error;
use crate::filter;
use crate::semantic::{FileDifference, FileState};
use crate::side::{Entry, Mode};
use model::FileStatus;

/// All files of a tree, sorted by path.
pub(super) fn entries(git: &Git, tree: &str) -> Result<Vec<Entry>, Error> {
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

/// Files that differ between two trees, renames found.
pub(super) fn differences(git: &Git, base: &str, head: &str, paths: &[String]) -> Result<Vec<FileDifference>, Error> {
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
        let moved = letter.starts_with(['R', 'C']);
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
        let wanted =
            filter::matches(paths, &path) || base_path.as_deref().is_some_and(|path| filter::matches(paths, path));
        if wanted {
            found.push(FileDifference {
                path,
                base_path,
                status,
                old: state(old_mode, old_id),
                new: state(new_mode, new_id),
            });
        }
    }
    Ok(found)
}
