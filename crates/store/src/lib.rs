//! The content-addressed cache: trees of versions, evidence, and scratch folders, below one root.
//!
//! ```text
//! ROOT/v1/
//!   lock                     held shared while something is placed, alone by a sweep
//!   usage                    about how many bytes are here
//!   blobs/aa/bbbb…           contents of files, read-only; a name ending in `X` is executable
//!   trees/<32 hex>/          a version laid out, made of hard links to blobs
//!   trees/<32 hex>.list      what must lie in it, checked whenever it is used again
//!   trees/<32 hex>.use       held shared while it is used; written to at each use, so that its time says when
//!   trees/<32 hex>.make      held alone by who makes it
//!   evidence/aa/bbbb…        answers, each with its own digest
//!   scratch/<prefix>-<10>/   folders that are gone with their owner, each with a held lock beside it
//!   incoming/                what is not complete yet
//! ```
//!
//! Nothing here is trusted because it is there: evidence that does not fit its digest, and trees whose files were
//! touched, are discarded and made anew. Several processes may use one root at once.

mod blobs;
mod error;
mod evidence;
mod files;
mod folder;
mod manifest;
mod paths;
mod scratch;
mod seal;
mod sweep;
mod trees;
mod usage;

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

pub use error::{Error, FetchError};
pub use folder::{LeftOut, PlacedFolder};
pub use scratch::{Scratch, Workspace};
pub use sweep::Swept;
pub use trees::{Node, Sink, Tree, TreeEntry};

use error::At;

/// Version of the layout. A reader of one version never looks at another's folder.
const LAYOUT: &str = "v1";

/// A cache below one root.
#[derive(Clone, Debug)]
pub struct Store {
    root: Utf8PathBuf,
}

impl Store {
    /// Opens the cache below `root`, laying it out where it is new, and removes what killed processes left in it.
    ///
    /// # Errors
    /// When the folders are not there and cannot be made.
    pub fn open(root: &Utf8Path) -> Result<Self, Error> {
        let store = Self {
            root: root.join(LAYOUT),
        };
        for part in ["blobs", "trees", "evidence", "scratch", "incoming"] {
            let folder = store.root.join(part);
            if !folder.is_dir() {
                fs::create_dir_all(&folder).at("make", &folder)?;
            }
        }
        // Whoever keeps a copy of their home need not keep this: https://bford.info/cachedir/
        let tag = root.join("CACHEDIR.TAG");
        if !tag.exists() {
            fs::write(tag, "Signature: 8a477f597d28d172789f06886806bc55\n").ok();
        }
        scratch::sweep(&store.folder("scratch"));
        store.clear_incoming();
        Ok(store)
    }

    /// The folder of this layout version.
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// About how many bytes it holds.
    pub fn bytes(&self) -> u64 {
        usage::total(&self.root).0
    }

    fn folder(&self, name: &str) -> Utf8PathBuf {
        self.root.join(name)
    }

    fn lock(&self) -> Utf8PathBuf {
        self.root.join("lock")
    }

    /// Removes what was never completed; whoever is completing something holds the lock.
    fn clear_incoming(&self) {
        let incoming = self.folder("incoming");
        let has_any = fs::read_dir(&incoming).is_ok_and(|mut entries| entries.next().is_some());
        if has_any && let Some(_alone) = files::try_alone(&self.lock()) {
            files::remove_inside(&incoming);
        }
    }
}
