//! Two versions out of a git repository, read without touching it.

pub(crate) mod blobs;
pub(crate) mod command;
mod earlier;
mod history;
mod labelled;
mod log;
mod mending;
mod merge;
mod notes;
pub(crate) mod revisions;
mod snapshot;
mod touching;
mod trees;

use std::path::PathBuf;
use std::sync::Arc;

use model::Change;

use crate::error::Error;
use crate::semantic;
use crate::side::{Kept, Pair, Side};
use blobs::Blobs;
use command::Git;
use snapshot::Scratch;

pub use earlier::{addresses, is_ancestor, tree_of, trees_of};
pub use history::{HistoryRequest, PastCommit, history};
pub use labelled::{Failed, LabelRequest, Labelled, LabelledChange, labelled};
pub use log::PastFile;
pub use merge::{Merge, MergeRequest, Moved, Seen, Since, branch, merge};
pub use notes::add_note;
pub use touching::{FileHistoryRequest, file_history};

/// What is compared with the base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Head {
    /// Files as they are on disk, with untracked ones that are not ignored.
    #[default]
    WorkingTree,
    /// The index: what `git commit` would take.
    Staged,
    /// A revision.
    Revision(String),
}

/// Which two versions to compare.
#[derive(Clone, Debug)]
pub struct GitRequest {
    /// A folder in the repository.
    pub repository: PathBuf,
    /// `A..B` (these two) or `A...B` (B with what it has in common with A); replaces `base` and `head`.
    pub range: Option<String>,
    /// The base to the letter; without one: for the index its `HEAD`, else what head has in common with the default branch.
    pub base: Option<String>,
    /// What is compared with it.
    pub head: Head,
    /// Files and folders, relative to the top of the repository, to look at; all when empty.
    pub paths: Vec<String>,
    /// An existing folder of ours to make temporary files in.
    pub scratch: PathBuf,
}

/// Compares two versions in a repository.
///
/// # Errors
/// When there is no git, no repository, no such revision, or git fails; the text says what to do.
pub fn in_git(request: &GitRequest) -> Result<(Change, Pair), Error> {
    let git = Git::discover(&request.repository)?;
    let meant = revisions::meant(&git, request)?;
    let scratch = match meant.head {
        Head::Revision(_) => None,
        Head::WorkingTree | Head::Staged => Some(Scratch::inside(&request.scratch)?),
    };
    let git = scratch
        .as_ref()
        .map_or_else(|| git.clone(), |scratch| scratch.readable(&git));
    let blobs = Arc::new(Blobs::new(git.clone()));
    let versions = revisions::resolve(&git, &blobs, meant, scratch.as_ref())?;
    let (base_entries, head_entries) = trees::both(&git, &versions.base.tree, &versions.head.tree)?;
    let files = trees::differences(
        &git,
        (versions.base.tree.as_str(), base_entries.as_slice()),
        (versions.head.tree.as_str(), head_entries.as_slice()),
        &request.paths,
    )?;
    let contents = Kept::new(Box::new(blobs));
    let mut pair = Pair {
        base: Side::new(versions.base.tree.clone(), base_entries, contents.clone()),
        head: Side::new(versions.head.tree.clone(), head_entries, contents),
        root: git.top().to_owned(),
        notes: versions.notes,
        clean_default_branch: versions.on_default_branch && versions.base.tree == versions.head.tree,
        _scratch: scratch.map(Scratch::into_folder),
    };
    let change = semantic::compare(&mut pair, versions.base, versions.head, files)?;
    Ok((change, pair))
}
