//! What a change would be once it is merged: the target branch, and the tree that merging makes of both.
//!
//! Git makes that tree without a working tree (`git merge-tree --write-tree`, git 2.38); its objects go to a folder of ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::authorship::Authorship;
use model::change::Standalone;
use model::gate_input::HistoryFacts;
use model::{Change, FileStatus, Revision};
use serde::{Deserialize, Serialize};

use super::blobs::Blobs;
use super::command::Git;
use super::revisions::Finder;
use super::snapshot::Scratch;
use super::touching::{self, FileHistoryRequest};
use super::trees;
use crate::authorship;
use crate::error::Error;
use crate::memory::Remembered;
use crate::semantic;
use crate::side::{Kept, Pair, Side};

/// Notes of git-ai on commits.
const AI_NOTES: &str = "refs/notes/ai";
/// Our notes on trees.
const OUR_NOTES: &str = "refs/notes/counterproof";

/// Which change is to be merged into what.
#[derive(Clone, Debug)]
pub struct MergeRequest {
    /// A folder in the repository.
    pub repository: PathBuf,
    /// The branch or commit that it would be merged into; without one, the default branch.
    pub target: Option<String>,
    /// The change; without one, `HEAD`.
    pub head: Option<String>,
    /// An existing folder of ours to make temporary files in.
    pub scratch: PathBuf,
    /// What is known of earlier questions. It is not asked in a clone whose history is cut off, or where objects stand for others
    /// (`git replace`): there the same names can mean something else tomorrow.
    pub remembered: Remembered,
}

/// A change and what merging it makes.
pub struct Merge {
    /// The target as it is now.
    pub target: Revision,
    /// The change's own tip.
    pub head: Revision,
    /// Tree of what both have in common, where they have anything.
    pub common_tree: Option<String>,
    /// Paths that both changed in the same place; the merge is none then.
    pub conflicts: Vec<String>,
    /// What differs between the target and the merge result; for a merge that is none, between the target and the change, so that
    /// what the target alone has changed is in it, too.
    pub change: Change,
    /// Both versions of it.
    pub pair: Pair,
    /// Lines added and removed, by path in head.
    pub lines: FileLines,
    /// What a reader should know, in sentences.
    pub notes: Vec<String>,
    git: Git,
    remembered: Remembered,
    /// The refs that say something about objects, and what they are at.
    aside: String,
}

/// Merges, without anybody noticing.
///
/// # Errors
/// When there is no git, no repository, no such revision, or git fails or is older than 2.38.
pub fn merge(request: &MergeRequest) -> Result<Merge, Error> {
    let git = Git::discover(&request.repository)?;
    let scratch = Scratch::inside(&request.scratch)?;
    let reading = scratch.readable(&git);
    let blobs = Arc::new(Blobs::new(reading.clone()));
    let finder = Finder::new(&git, &blobs);
    let mut notes = Vec::new();
    let aside = git.text(&[
        "for-each-ref",
        "--format=%(refname) %(objectname)",
        AI_NOTES,
        OUR_NOTES,
        "refs/replace",
    ])?;
    let may_mean_else = git.about().is_shallow || aside.contains("refs/replace/");
    let remembered = if may_mean_else {
        Remembered::default()
    } else {
        request.remembered.clone()
    };
    let head = finder.revision(request.head.as_deref().unwrap_or("HEAD"))?;
    let target = match &request.target {
        Some(name) => finder.revision(name)?,
        None => finder.default_target(&head, &mut notes)?,
    };
    let common = finder.common(&target, &head)?;
    let writing = scratch.writable(&git);
    let Merged { tree, conflicts } = if common.as_ref().is_some_and(|common| common.commit == target.commit) {
        // What merging a descendant makes is the descendant.
        Merged {
            tree: Some(head.tree.clone()),
            conflicts: Vec::new(),
        }
    } else {
        let names = [target.commit.as_deref(), head.commit.as_deref()].map(Option::unwrap_or_default);
        merged(&judged_by(&writing, &target), &names, None)?
    };
    // The target's own tree in any case: policy and owners are read from it.
    let as_merged = Revision {
        tree: tree.unwrap_or_else(|| head.tree.clone()),
        ..head.clone()
    };
    let (change, pair, lines) = compared(&reading, blobs, (target.clone(), as_merged), Some(scratch), &remembered)?;
    Ok(Merge {
        target,
        head,
        common_tree: common.map(|common| common.tree),
        conflicts,
        change,
        pair,
        lines,
        notes,
        git: reading,
        remembered,
        aside,
    })
}

/// A branch as it is: what it is called, and its files.
///
/// # Errors
/// When there is no git, no repository, no such branch; or none is named and there is no default branch.
pub fn branch(repository: &Path, name: Option<&str>) -> Result<(Revision, Side), Error> {
    let git = Git::discover(repository)?;
    let blobs = Arc::new(Blobs::new(git.clone()));
    let finder = Finder::new(&git, &blobs);
    let name = match name {
        Some(name) => name.to_owned(),
        None => finder.default_branch()?.ok_or(Error::NoDefaultBranch)?,
    };
    let revision = finder.revision(&name)?;
    let (entries, _) = trees::both(&git, &revision.tree, &revision.tree)?;
    let contents = Kept::new(Box::new(blobs));
    let side = Side::new(revision.tree.clone(), entries, contents);
    Ok((revision, side))
}

/// Lines added and removed, by path.
type FileLines = BTreeMap<String, (u32, u32)>;
type Compared = (Change, Pair, FileLines);

/// What comparing two trees tells, as it is remembered.
#[derive(Serialize, Deserialize)]
struct Told {
    change: Change,
    /// What [`model::FunctionChange::standalone`] holds, which no report does.
    standalone: Vec<Option<Standalone>>,
    notes: Vec<String>,
    lines: FileLines,
}

fn compared(
    git: &Git,
    blobs: Arc<Blobs>,
    (base, head): (Revision, Revision),
    scratch: Option<Scratch>,
    remembered: &Remembered,
) -> Result<Compared, Error> {
    let (base_entries, head_entries) = trees::both(git, &base.tree, &head.tree)?;
    let contents = Kept::new(Box::new(blobs));
    let mut pair = Pair {
        base: Side::new(base.tree.clone(), base_entries, contents.clone()),
        head: Side::new(head.tree.clone(), head_entries, contents),
        root: git.top().to_owned(),
        notes: Vec::new(),
        clean_default_branch: false,
        _scratch: scratch.map(Scratch::into_folder),
    };
    let key = format!("compared {} {}", base.tree, head.tree);
    let told = remembered.or_made(&key, || told(git, &mut pair, (base.clone(), head.clone())))?;
    pair.notes = told.notes;
    let mut change = Change {
        base,
        head,
        ..told.change
    };
    for (function, standalone) in change.functions.iter_mut().zip(told.standalone) {
        function.standalone = standalone;
    }
    Ok((change, pair, told.lines))
}

fn told(git: &Git, pair: &mut Pair, (base, head): (Revision, Revision)) -> Result<Told, Error> {
    let files = trees::differences(
        git,
        (base.tree.as_str(), pair.base.entries()),
        (head.tree.as_str(), pair.head.entries()),
        &[],
    )?;
    let lines = lines(git, &base.tree, &head.tree)?;
    let mut change = semantic::compare(pair, base, head, files)?;
    let standalone = change.functions.iter_mut().map(|function| function.standalone.take());
    Ok(Told {
        standalone: standalone.collect(),
        change,
        notes: std::mem::take(&mut pair.notes),
        lines,
    })
}

/// Git with the attributes of the target (git 2.43; an older one takes those of the working tree): how files are merged must not hang
/// on what is checked out, and the change does not choose it.
fn judged_by(git: &Git, target: &Revision) -> Git {
    git.with([("GIT_ATTR_SOURCE", target.tree.clone().into())])
}

struct Merged {
    tree: Option<String>,
    conflicts: Vec<String>,
}

/// Merges two commits, or two trees over a third.
fn merged(git: &Git, both: &[&str; 2], over: Option<&str>) -> Result<Merged, Error> {
    let base = over.map(|tree| format!("--merge-base={tree}"));
    let mut arguments = vec!["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"];
    arguments.extend(base.as_deref());
    arguments.extend(both);
    let output = git.output(&arguments)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut parts = text.split('\0').map(str::trim).filter(|part| !part.is_empty());
    let tree = parts.next().map(str::to_owned);
    match output.status.code() {
        Some(0) => Ok(Merged {
            tree,
            conflicts: Vec::new(),
        }),
        Some(1) if tree.is_some() => Ok(Merged {
            tree: None,
            conflicts: parts.map(str::to_owned).collect(),
        }),
        _ => {
            let message = String::from_utf8_lossy(&output.stderr);
            if message.contains("usage:") || message.contains("not a git command") {
                return Err(Error::OldGit {
                    wants: "2.38",
                    what: "merge two revisions without a working tree",
                });
            }
            Err(git.failure(&arguments, &message))
        }
    }
}

/// Lines added and removed in each file, by its path in head; binary files have none.
fn lines(git: &Git, base: &str, head: &str) -> Result<FileLines, Error> {
    if base == head {
        return Ok(BTreeMap::new());
    }
    let listing = git.bytes(&["diff-tree", "-r", "-z", "-M", "--text", "--numstat", base, head])?;
    let text = String::from_utf8_lossy(&listing).into_owned();
    let mut parts = text.split('\0');
    let mut lines = BTreeMap::new();
    while let Some(part) = parts.next() {
        let mut fields = part.splitn(3, '\t');
        let (Some(added), Some(removed), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let path = if path.is_empty() {
            // A rename: its old path and its new one follow.
            parts.next();
            parts.next().unwrap_or_default()
        } else {
            path
        };
        let number = |text: &str| text.parse().unwrap_or(0);
        lines.insert(path.to_owned(), (number(added), number(removed)));
    }
    Ok(lines)
}

/// What somebody saw when they approved a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Tree of what the change and its target had in common.
    pub common_tree: String,
    /// Tree of the change.
    pub head_tree: String,
}

/// Whether what was seen is what would be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// It is the very same.
    Nothing,
    /// Only the target went on.
    TargetAlone,
    /// What differs is layout and comments.
    Layout,
    /// It means something else; files and functions that differ.
    Changed(Vec<String>),
    /// It cannot be told, for this reason.
    Unknown(String),
}

impl Merge {
    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    pub(super) fn remembered(&self) -> &Remembered {
        &self.remembered
    }

    /// Whether anybody wrote our notes on anything here.
    pub(super) fn has_notes(&self) -> bool {
        self.aside.contains(OUR_NOTES)
    }

    /// Who wrote what the change has and the target has not; none where one of them is no commit.
    ///
    /// # Errors
    /// As [`crate::authorship()`].
    pub fn authorship(&self) -> Result<Option<Authorship>, Error> {
        let Some((target, head)) = self.target.commit.as_ref().zip(self.head.commit.as_ref()) else {
            return Ok(None);
        };
        // Lines that the target brought are not the change's.
        let range = format!("{target}...{head}");
        let key = format!("authorship {range} {}", self.aside);
        let made = || authorship::of(&self.git, Some(range.clone()), &[]);
        self.remembered.or_made(&key, made).map(Some)
    }

    /// As [`crate::file_history()`], up to the target.
    ///
    /// # Errors
    /// As there.
    pub fn file_history(&self, request: &FileHistoryRequest) -> Result<(HistoryFacts, Vec<String>), Error> {
        touching::of(&self.git, request)
    }

    /// Tree of the merge result.
    pub fn tree(&self) -> Option<&str> {
        self.conflicts.is_empty().then_some(self.change.head.tree.as_str())
    }

    /// What the change became since somebody saw it: what they saw is merged into the target as that is now, and what comes of it
    /// is held against what would be merged.
    pub fn since(&self, seen: &Seen) -> Since {
        if seen.head_tree == self.head.tree && Some(&seen.common_tree) == self.common_tree.as_ref() {
            return Since::Nothing;
        }
        let Some(now) = self.tree() else {
            return Since::Unknown("the change cannot be merged".to_owned());
        };
        match self.compared_with(seen, now) {
            Ok(since) => since,
            Err(error) => Since::Unknown(format!("what was seen cannot be had any more: {error}")),
        }
    }

    fn compared_with(&self, seen: &Seen, now: &str) -> Result<Since, Error> {
        let folder = self.pair._scratch.as_ref().map(|folder| folder.path().to_owned());
        let Some(folder) = folder else {
            return Ok(Since::Unknown("there is no place to merge in".to_owned()));
        };
        let scratch = Scratch::inside(&folder)?;
        let writing = scratch.writable(&self.git);
        let trees = [self.target.tree.as_str(), seen.head_tree.as_str()];
        let merged = merged(&judged_by(&writing, &self.target), &trees, Some(&seen.common_tree))?;
        let Some(then) = merged.tree else {
            return Ok(Since::Unknown(
                "what was seen cannot be merged into the target as it is now".to_owned(),
            ));
        };
        if then == now {
            return Ok(Since::TargetAlone);
        }
        let git = scratch.readable(&self.git);
        let blobs = Arc::new(Blobs::new(git.clone()));
        let revision = |tree: &str| Revision {
            name: tree.to_owned(),
            tree: tree.to_owned(),
            commit: None,
        };
        let both = (revision(&then), revision(now));
        let (change, ..) = compared(&git, blobs, both, Some(scratch), &self.remembered)?;
        Ok(meaning(&change))
    }
}

/// What became of both versions since evidence was made about the same change, merged into an earlier state of the target.
pub struct Moved {
    /// What the target changed meanwhile.
    pub target: Change,
    /// What that did to the merge result.
    pub result: Change,
}

impl Merge {
    /// Whether merging this change into an earlier state of the target made this tree; if so, what became of both since.
    ///
    /// # Errors
    /// When git fails, or the earlier state is not here.
    pub fn moved_since(&self, base_tree: &str, tree: &str) -> Result<Option<Moved>, Error> {
        let (Some(now), Some(common)) = (self.tree(), &self.common_tree) else {
            return Ok(None);
        };
        let Some(folder) = self.pair._scratch.as_ref().map(|folder| folder.path().to_owned()) else {
            return Ok(None);
        };
        let scratch = Scratch::inside(&folder)?;
        let writing = scratch.writable(&self.git);
        let writing = judged_by(&writing, &self.target);
        let then = merged(&writing, &[base_tree, self.head.tree.as_str()], Some(common))?;
        if then.tree.as_deref() != Some(tree) {
            return Ok(None);
        }
        let git = scratch.readable(&self.git);
        let revision = |tree: &str| Revision {
            name: tree.to_owned(),
            tree: tree.to_owned(),
            commit: None,
        };
        let compare = |from: &str, to: &str| {
            let blobs = Arc::new(Blobs::new(git.clone()));
            let both = (revision(from), revision(to));
            compared(&git, blobs, both, None, &self.remembered).map(|(change, ..)| change)
        };
        Ok(Some(Moved {
            target: compare(base_tree, &self.target.tree)?,
            result: compare(tree, now)?,
        }))
    }
}

/// Whether what differs means anything.
fn meaning(change: &Change) -> Since {
    let mut differs: Vec<String> = change
        .functions
        .iter()
        .filter(|function| {
            function
                .reasons
                .iter()
                .any(|reason| !matches!(reason, model::Reason::Dependency(_)))
        })
        .map(|function| format!("{}::{}", function.path, function.qualified_name))
        .collect();
    differs.extend(change.unverified.iter().map(|file| file.path.clone()));
    let told = |path: &str| {
        differs
            .iter()
            .any(|name| name == path || name.starts_with(&format!("{path}::")))
    };
    // A file is layout alone only where it was looked into and found so.
    let others: Vec<String> = change
        .files
        .iter()
        .filter(|file| file.status != FileStatus::Changed || !change.layout_only.contains(&file.path))
        .map(|file| file.path.clone())
        .filter(|path| !told(path))
        .collect();
    differs.extend(others);
    if differs.is_empty() {
        Since::Layout
    } else {
        Since::Changed(differs)
    }
}
