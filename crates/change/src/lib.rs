//! From two versions to a [`Change`]: which functions, classes and module bodies differ in meaning, and what else differs.
//!
//! [`in_git`] compares two revisions, or the working tree or index with one; [`of_folders`] compares two folders. Nothing is
//! checked out and the repository is never written to: sources come from git's objects, and a working tree is turned into a
//! tree by way of an index and an object folder of our own.

mod authorship;
mod classify;
mod error;
mod filter;
mod folders;
mod git;
mod memory;
mod semantic;
mod side;

pub use authorship::{AuthorshipRequest, authorship};
pub use error::Error;
pub use folders::of_folders;
pub use git::{
    Failed, FileHistoryRequest, GitRequest, Head, HistoryRequest, LabelRequest, Labelled, LabelledChange, Merge,
    MergeRequest, Moved, PastCommit, PastFile, Seen, Since, add_note, addresses, branch, file_history, history, in_git,
    is_ancestor, labelled, merge, tree_of, trees_of,
};

pub use memory::{Memory, Remembered};
pub use model::Change;
pub use side::{Entry, Mode, Pair, Side};
