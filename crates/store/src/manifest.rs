//! What must lie in a tree, so that one that was touched is never used.
//!
//! One line each: kind (`d`, `f`, `l`), size, path. Folders count with their time, which changes when something is
//! added or removed: so nobody has to list them.

use std::fs;
use std::os::unix::fs::MetadataExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::blobs::untouched;
use crate::files::FIXED_TIME;

/// The lines, being written.
#[derive(Debug, Default)]
pub struct Manifest {
    text: String,
}

impl Manifest {
    pub fn folder(&mut self, path: &Utf8Path) {
        self.line('d', 0, path);
    }

    pub fn file(&mut self, path: &Utf8Path, size: u64) {
        self.line('f', size, path);
    }

    pub fn link(&mut self, path: &Utf8Path, target: &str) {
        self.line('l', target.len() as u64, path);
    }

    fn line(&mut self, kind: char, size: u64, path: &Utf8Path) {
        use std::fmt::Write;
        // Writing to a string cannot fail. A line feed in a name would end the line, a NUL cannot occur in one.
        let _ = write!(self.text, "{kind} {size} {path}\0");
    }

    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// Whether all that was written down lies in `tree`, untouched.
pub fn holds(tree: &Utf8Path, text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else {
        return false;
    };
    text.split_terminator('\0')
        .all(|line| line_holds(tree, line).unwrap_or(false))
}

fn line_holds(tree: &Utf8Path, line: &str) -> Option<bool> {
    let mut parts = line.splitn(3, ' ');
    let (kind, size, path) = (parts.next()?, parts.next()?.parse::<u64>().ok()?, parts.next()?);
    let path: Utf8PathBuf = if path.is_empty() {
        tree.to_owned()
    } else {
        tree.join(path)
    };
    let metadata = fs::symlink_metadata(&path).ok()?;
    Some(match kind {
        "d" => metadata.is_dir() && metadata.mtime() == FIXED_TIME as i64,
        "f" => untouched(&metadata) && metadata.len() == size,
        "l" => metadata.is_symlink() && metadata.len() == size,
        _ => false,
    })
}
