//! What a change was before: trees of its earlier commits, what an earlier state of it touched, and what it says as a patch.

use std::path::Path;

use super::command::Git;
use super::merge::{Merge, Seen};
use crate::error::Error;

impl Merge {
    /// Trees of the commits that the change has and the target has not, the newest first.
    ///
    /// # Errors
    /// When git fails.
    pub fn trees(&self) -> Result<Vec<String>, Error> {
        let Some((target, head)) = self.target.commit.as_ref().zip(self.head.commit.as_ref()) else {
            return Ok(vec![self.head.tree.clone()]);
        };
        let text = self
            .git()
            .text(&["log", "--format=%T", &format!("{target}..{head}"), "--"])?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Files that differ between the two trees of an earlier state; none where these are not here any more.
    pub fn touched(&self, seen: &Seen) -> Option<Vec<String>> {
        let arguments = [
            "diff-tree",
            "-r",
            "-z",
            "--name-only",
            &seen.common_tree,
            &seen.head_tree,
        ];
        let listing = self.git().bytes(&arguments).ok()?;
        let text = String::from_utf8_lossy(&listing).into_owned();
        Some(
            text.split('\0')
                .filter(|path| !path.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// The trees that somebody saw who looked at this commit: its own, and that of what it has in common with the target; none where
    /// it is not here.
    ///
    /// # Errors
    /// When git fails.
    pub fn seen_at(&self, commit: &str) -> Result<Option<Seen>, Error> {
        let git = self.git();
        let tree = |name: &str| {
            git.answer(&[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &format!("{name}^{{tree}}"),
            ])
        };
        let Some(head_tree) = tree(commit)? else {
            return Ok(None);
        };
        let target = self.target.commit.as_deref().unwrap_or(&self.target.name);
        let common = git.answer(&["merge-base", target, commit])?;
        let common_tree = common.map(|common| tree(&common)).transpose()?.flatten();
        Ok(common_tree.map(|common_tree| Seen { common_tree, head_tree }))
    }

    /// What the change says as a patch, whatever it is applied to: `git patch-id --stable`. Empty where it says nothing.
    ///
    /// # Errors
    /// When git fails.
    pub fn patch_id(&self) -> Result<String, Error> {
        let Some(common) = &self.common_tree else {
            return Ok(String::new());
        };
        let patch = self.git().bytes(&[
            "diff-tree",
            "-p",
            "-r",
            "--full-index",
            "--binary",
            common,
            &self.head.tree,
        ])?;
        let id = self.git().filter(&["patch-id", "--stable"], &patch)?;
        let id = String::from_utf8_lossy(&id).into_owned();
        Ok(id.split_whitespace().next().unwrap_or_default().to_owned())
    }
}

/// The tree of a commit; none where it is not here.
///
/// # Errors
/// When there is no git, or no repository.
pub fn tree_of(repository: &Path, commit: &str) -> Result<Option<String>, Error> {
    let git = Git::discover(repository)?;
    git.answer(&[
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &format!("{commit}^{{tree}}"),
    ])
}

/// Whether one commit is in the history of another.
///
/// # Errors
/// When there is no git, or no repository.
pub fn is_ancestor(repository: &Path, commit: &str, of: &str) -> Result<bool, Error> {
    let git = Git::discover(repository)?;
    let output = git.output(&["merge-base", "--is-ancestor", commit, of])?;
    Ok(output.status.success())
}

/// Addresses that the repository is fetched from.
///
/// # Errors
/// When there is no git, or no repository.
pub fn addresses(repository: &Path) -> Result<Vec<String>, Error> {
    let git = Git::discover(repository)?;
    let text = git.answer(&["config", "--get-regexp", r"^remote\..*\.url$"])?;
    let of = |line: &str| line.split_once(' ').map(|(_, address)| address.to_owned());
    Ok(text.unwrap_or_default().lines().filter_map(of).collect())
}
