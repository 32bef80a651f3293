//! What a change was before: trees of its earlier commits, what an earlier state of it touched, and what it says as a patch.

use std::collections::{BTreeMap, BTreeSet};
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
        let range = format!("{target}..{head}");
        self.remembered().or_made(&format!("trees {range}"), || {
            let text = self.git().text(&["log", "--format=%T", &range, "--"])?;
            Ok(text.lines().map(str::to_owned).collect())
        })
    }

    /// Files that differ between the two trees of each state; none where one of these is not here any more. Two processes, however
    /// many there are.
    ///
    /// # Errors
    /// When git fails.
    pub fn touched(&self, states: &[Seen]) -> Result<Vec<Option<Vec<String>>>, Error> {
        let git = self.git();
        let ids: BTreeSet<&str> = states
            .iter()
            .flat_map(|seen| [seen.common_tree.as_str(), seen.head_tree.as_str()])
            .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .collect();
        if ids.is_empty() {
            return Ok(vec![None; states.len()]);
        }
        let asked: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let listing = git.filter(
            &["cat-file", "--batch-check=%(objectname) %(objecttype)"],
            asked.as_bytes(),
        )?;
        let listing = String::from_utf8_lossy(&listing).into_owned();
        let here: BTreeSet<&str> = listing.lines().filter_map(|line| line.strip_suffix(" tree")).collect();
        let is_here = |seen: &Seen| here.contains(seen.common_tree.as_str()) && here.contains(seen.head_tree.as_str());
        let pairs: BTreeSet<(&str, &str)> = states
            .iter()
            .filter(|seen| is_here(seen))
            .map(|seen| (seen.common_tree.as_str(), seen.head_tree.as_str()))
            .collect();
        let asked: String = pairs.iter().map(|(one, other)| format!("{one} {other}\n")).collect();
        let listing = git.filter(&["diff-tree", "--stdin", "-r", "--name-only"], asked.as_bytes())?;
        let listing = String::from_utf8_lossy(&listing).into_owned();
        let mut files: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
        let mut of = None;
        for line in listing.lines() {
            // Each pair is told before its files; a pair without any is not told.
            if let Some(pair) = line.split_once(' ').filter(|pair| pairs.contains(pair)) {
                of = Some(pair);
            } else if let Some(pair) = of {
                files.entry(pair).or_default().push(line.to_owned());
            }
        }
        Ok(states
            .iter()
            .map(|seen| {
                let pair = (seen.common_tree.as_str(), seen.head_tree.as_str());
                is_here(seen).then(|| files.get(&pair).cloned().unwrap_or_default())
            })
            .collect())
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

/// Trees that a branch has had: those of its newest commits, at most so many. What was merged into it has trees of its own, which it
/// never had.
///
/// # Errors
/// When there is no git, no repository, or no such commit.
pub fn trees_of(repository: &Path, commit: &str, most: usize) -> Result<BTreeSet<String>, Error> {
    let git = Git::discover(repository)?;
    let number = format!("--max-count={most}");
    let text = git.text(&[
        "log",
        "--first-parent",
        "--format=%T",
        &number,
        "--end-of-options",
        commit,
        "--",
    ])?;
    Ok(text.lines().map(str::to_owned).collect())
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
