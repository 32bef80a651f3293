//! About how many bytes the cache holds, so that a sweep with nothing to do costs one read.
//!
//! Each addition appends a line; a sweep that counts replaces them by the sum.

use std::fs::{self, OpenOptions};
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

fn path(root: &Utf8Path) -> Utf8PathBuf {
    root.join("usage")
}

/// Notes that `bytes` were added. A note that is lost only puts a sweep off.
pub fn add(root: &Utf8Path, bytes: u64) {
    if bytes == 0 {
        return;
    }
    if let Ok(mut file) = OpenOptions::new().append(true).create(true).open(path(root)) {
        file.write_all(format!("{bytes}\n").as_bytes()).ok();
    }
}

/// The sum of all notes, and how long they are.
pub fn total(root: &Utf8Path) -> (u64, usize) {
    let notes = fs::read_to_string(path(root)).unwrap_or_default();
    let sum = notes
        .lines()
        .filter_map(|line| line.parse::<u64>().ok())
        .fold(0, u64::saturating_add);
    (sum, notes.len())
}

/// Replaces the notes by what was counted. Only under the lock that keeps others from adding.
pub fn set(root: &Utf8Path, bytes: u64) {
    fs::write(path(root), format!("{bytes}\n")).ok();
}
