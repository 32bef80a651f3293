//! Submodules: git holds only which commit they are at. What the working tree has checked out there is laid over both versions,
//! since tests and imports may need it.

use std::fs;

use camino::Utf8Path;
use change::{Mode, Pair};

use crate::overlay::{Overlay, listed};

/// Most files that are laid over, of all submodules together.
const MOST: usize = 5000;
/// Most bytes of them.
const MOST_BYTES: u64 = 128 << 20;

/// Lays the submodules of head over both versions, as the working tree at `root` has them.
pub fn lay_over(overlay: &mut Overlay, root: &Utf8Path, pair: &Pair) {
    let (mut files, mut bytes_left) = (MOST, MOST_BYTES);
    let submodules = pair.head.entries().iter().filter(|entry| entry.mode == Mode::Submodule);
    for path in submodules.map(|entry| entry.path.as_str()) {
        if !root.join(path).join(".git").exists() {
            overlay.notes.push(format!(
                "{path} is a submodule that is not checked out: what needs it fails; `git submodule update --init {path}` gets it"
            ));
            continue;
        }
        let held = held(root, path);
        let size = |path: &String| fs::metadata(root.join(path)).map_or(0, |data| data.len());
        let bytes: u64 = held.iter().map(size).sum();
        if held.len() > files || bytes > bytes_left {
            overlay.notes.push(format!(
                "{path} is a submodule and too large to be laid over the versions: what needs it fails"
            ));
            continue;
        }
        (files, bytes_left) = (files - held.len(), bytes_left - bytes);
        for path in held {
            // Links and what was removed are left out.
            if let Ok(bytes) = fs::read(root.join(&path)) {
                overlay.add_silently(path, bytes);
            }
        }
        overlay.submodules.push(path.to_owned());
        let differ = pair.base.entry(path).map(|entry| &entry.id) != pair.head.entry(path).map(|entry| &entry.id);
        let though = if differ {
            ", though they want other commits of it"
        } else {
            ""
        };
        overlay.notes.push(format!(
            "the submodule {path} was laid over both versions as the working tree has it{though}"
        ));
    }
}

/// Files that the submodule at `path` holds, and those of submodules in it, relative to `root`.
fn held(root: &Utf8Path, path: &str) -> Vec<String> {
    let mut held = listed(root, &["--recurse-submodules", "--", path]);
    held.retain(|file| {
        let inside = file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        inside && root.join(file).is_file()
    });
    held
}
