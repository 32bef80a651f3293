//! Keeping the cache below a size.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::{Store, files, usage};

/// Notes about additions are summed up from this length on.
const LONG_NOTES: usize = 64 << 10;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Bytes that were freed.
    pub freed: u64,
    /// Whether others use the cache just now, so that it was left alone.
    pub busy: bool,
}

/// Something that can be removed by itself.
struct Item {
    /// When it was last of use: seconds, nanoseconds.
    used: (i64, i64),
    bytes: u64,
    what: What,
}

enum What {
    Tree(Utf8PathBuf),
    Evidence(Utf8PathBuf),
}

impl Store {
    /// Removes trees and evidence, least recently used first, until the cache takes four fifths of `max_bytes`; does
    /// nothing while it takes less than `max_bytes`, or while another process places something. Trees in use stay.
    pub fn sweep(&self, max_bytes: u64) -> Swept {
        let (about, notes) = usage::total(self.root());
        if about <= max_bytes && notes < LONG_NOTES {
            return Swept::default();
        }
        let Some(_alone) = files::try_alone(&self.lock()) else {
            return Swept { freed: 0, busy: true };
        };
        files::remove_inside(&self.folder("incoming"));
        let before = self.count();
        let left = if before > max_bytes {
            self.shrink(before, max_bytes / 5 * 4)
        } else {
            before
        };
        usage::set(self.root(), left);
        Swept {
            freed: before - left,
            busy: false,
        }
    }

    fn count(&self) -> u64 {
        let kept = files::below(&self.folder("blobs")).chain(files::below(&self.folder("evidence")));
        let copies = files::below(&self.folder("trees")).filter(|(_, metadata)| metadata.nlink() == 1);
        kept.chain(copies).map(|(_, metadata)| metadata.len()).sum()
    }

    fn shrink(&self, before: u64, goal: u64) -> u64 {
        let mut left = before - self.remove_unlinked();
        let mut items: Vec<Item> = self.trees().chain(self.evidence()).collect();
        items.sort_by_key(|item| item.used);
        for item in items {
            if left <= goal {
                break;
            }
            let freed = match &item.what {
                What::Evidence(path) if fs::remove_file(path).is_ok() => item.bytes,
                What::Tree(in_use) if remove_tree(in_use) => item.bytes + self.remove_unlinked(),
                _ => 0,
            };
            left = left.saturating_sub(freed);
        }
        left
    }

    /// Removes contents that no tree is made of; gives their bytes.
    fn remove_unlinked(&self) -> u64 {
        let unlinked = files::below(&self.folder("blobs")).filter(|(_, metadata)| metadata.nlink() == 1);
        let removed = unlinked.filter(|(path, _)| fs::remove_file(path).is_ok());
        removed.map(|(_, metadata)| metadata.len()).sum()
    }

    fn trees(&self) -> impl Iterator<Item = Item> {
        let entries = self.folder("trees").read_dir_utf8().into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.path().extension() == Some("use"))
            .filter_map(|entry| {
                let used = used(&entry.metadata().ok()?);
                let own = files::below(&entry.path().with_extension("")).filter(|(_, metadata)| metadata.nlink() == 1);
                let list = fs::metadata(entry.path().with_extension("list")).map_or(0, |metadata| metadata.len());
                let bytes = own.map(|(_, metadata)| metadata.len()).sum::<u64>() + list;
                Some(Item {
                    used,
                    bytes,
                    what: What::Tree(entry.into_path()),
                })
            })
    }

    fn evidence(&self) -> impl Iterator<Item = Item> {
        files::below(&self.folder("evidence")).map(|(path, metadata)| Item {
            used: used(&metadata),
            bytes: metadata.len(),
            what: What::Evidence(path),
        })
    }
}

fn used(metadata: &Metadata) -> (i64, i64) {
    (metadata.mtime(), metadata.mtime_nsec())
}

/// Removes a tree that nobody uses; whether it is gone. Its lock file stays while it is held, and goes last.
fn remove_tree(in_use: &Utf8Path) -> bool {
    let Some(_alone) = files::try_alone(in_use) else {
        return false;
    };
    // Without its list a tree is not used, should the rest fail.
    let gone =
        fs::remove_file(in_use.with_extension("list")).is_ok() | files::remove(&in_use.with_extension("")).is_ok();
    fs::remove_file(in_use.with_extension("make")).ok();
    fs::remove_file(in_use).ok();
    gone
}
