//! What can go wrong, each with its mend. Texts complete "failed to compare: …".

use std::path::PathBuf;

/// Why two versions could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not known what changes are merged into.
    #[error(
        "no default branch was found (origin/HEAD, main, master, trunk): write TARGET..CHANGE, or name the branch with --target"
    )]
    NoDefaultBranch,
    /// There is no commit before the only one.
    #[error("nothing comes before {head}, and there is no other branch to merge it into: write TARGET..CHANGE")]
    NothingBefore {
        /// The only commit.
        head: String,
    },
    /// There is no `git` program.
    #[error("git is not installed or not on the PATH; install git, or compare two folders with --trees OLD NEW")]
    GitMissing,
    /// The folder belongs to no repository.
    #[error("{} is not in a git repository; run inside one, or compare two folders with --trees OLD NEW", folder.display())]
    NotARepository {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The repository has no working tree.
    #[error("{} is a bare repository without a working tree; name two revisions, as in BASE..HEAD", folder.display())]
    Bare {
        /// The repository.
        folder: PathBuf,
    },
    /// Git refuses a repository of another user.
    #[error("git refuses {}, which belongs to another user; if you trust it: git config --global --add safe.directory {}", folder.display(), folder.display())]
    OtherOwner {
        /// The repository.
        folder: PathBuf,
    },
    /// Nothing was committed yet.
    #[error("{} has no commits yet, so there is nothing to compare with; commit once, then check again", folder.display())]
    NoCommits {
        /// The repository.
        folder: PathBuf,
    },
    /// A revision that git does not know.
    #[error("{revision} is no revision of {}; see `git branch --all` and `git tag`, or fetch it", folder.display())]
    UnknownRevision {
        /// The repository.
        folder: PathBuf,
        /// What was asked for.
        revision: String,
    },
    /// A branch of this repository is called as one of a remote is.
    #[error(
        "`{revision}` is a branch of {} and one of a remote, which differ: write refs/heads/{revision} or refs/remotes/{revision}",
        folder.display()
    )]
    Ambiguous {
        /// The repository.
        folder: PathBuf,
        /// What was asked for.
        revision: String,
    },
    /// A shallow clone lacks the base.
    #[error("{} is a shallow clone without {wanted}; run `git fetch --unshallow` (in CI: fetch the whole history)", folder.display())]
    Shallow {
        /// The repository.
        folder: PathBuf,
        /// What is missing.
        wanted: String,
    },
    /// Two revisions share no history.
    #[error("{one} and {other} have no commit in common in {}; name the base with --base REV", folder.display())]
    NoMergeBase {
        /// The repository.
        folder: PathBuf,
        /// One revision.
        one: String,
        /// The other.
        other: String,
    },
    /// A merge is under way and the index is not one tree.
    #[error("{} has unmerged files: {files}; resolve them and `git add` them, then check again", folder.display())]
    Unmerged {
        /// The repository.
        folder: PathBuf,
        /// Some of them.
        files: String,
    },
    /// A range that is no range.
    #[error("{range} is no range of revisions; write BASE..HEAD or BASE...HEAD")]
    Range {
        /// What was asked for.
        range: String,
    },
    /// Git cannot do what is asked of it.
    #[error("this git cannot {what}: git {wants} or later can; update git")]
    OldGit {
        /// The first version that can.
        wants: &'static str,
        /// What it is asked for.
        what: &'static str,
    },
    /// A command of git failed.
    #[error("`git {command}` failed in {}: {message}", folder.display())]
    Git {
        /// The repository.
        folder: PathBuf,
        /// Its arguments.
        command: String,
        /// What it said.
        message: String,
    },
    /// A folder or file cannot be read or written.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder to compare is not there.
    #[error("{} is not a folder; give two folders that hold the versions to compare", path.display())]
    NotAFolder {
        /// Which.
        path: PathBuf,
    },
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Self::Io { path, source }
    }
}
