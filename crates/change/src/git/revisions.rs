//! Which two trees are meant.

use model::Revision;
use tempfile::TempDir;

use super::command::Git;
use super::snapshot::{Take, take};
use super::{GitRequest, Head};
use crate::error::Error;

/// The two trees, and how to read them.
pub(super) struct Versions {
    pub base: Revision,
    pub head: Revision,
    pub git: Git,
    pub scratch: Option<TempDir>,
    pub on_default_branch: bool,
    pub notes: Vec<String>,
}

/// Finds both trees.
pub(super) fn resolve(git: &Git, request: &GitRequest) -> Result<Versions, Error> {
    let (base, head) = parts(request)?;
    if matches!(head, Head::WorkingTree | Head::Staged) && !git.has_working_tree()? {
        return Err(Error::Bare {
            folder: git.top().to_owned(),
        });
    }
    if git
        .answer(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?
        .is_none()
        && needs_head(&base, &head)
    {
        return Err(Error::NoCommits {
            folder: git.top().to_owned(),
        });
    }
    let tip = match &head {
        Head::Revision(name) => commit(git, name)?,
        _ => commit(git, "HEAD")?,
    };
    let mut notes = Vec::new();
    let (base, on_default_branch) = match base {
        Base::Exactly(name) => (revision(git, &name)?, false),
        Base::InCommonWith(name) => (merge_base(git, &tip, &name)?, false),
        Base::Default if head == Head::Staged => (revision(git, "HEAD")?, false),
        Base::Default => default_base(git, &head, &tip, &mut notes)?,
    };
    let mut versions = Versions {
        base,
        head: Revision {
            name: String::new(),
            tree: String::new(),
            commit: None,
        },
        git: git.clone(),
        scratch: None,
        on_default_branch,
        notes,
    };
    match head {
        Head::Revision(name) => versions.head = revision(git, &name)?,
        Head::WorkingTree | Head::Staged => {
            let (name, what) = if head == Head::Staged {
                ("index", Take::Index)
            } else {
                ("working tree", Take::WorkingTree)
            };
            let snapshot = take(git, &request.scratch, what)?;
            versions.head = Revision {
                name: name.to_owned(),
                tree: snapshot.tree,
                commit: None,
            };
            versions.git = snapshot.git;
            versions.scratch = Some(snapshot.folder);
        }
    }
    Ok(versions)
}

enum Base {
    Exactly(String),
    InCommonWith(String),
    Default,
}

fn needs_head(base: &Base, head: &Head) -> bool {
    !matches!((base, head), (Base::Exactly(_) | Base::InCommonWith(_), Head::Revision(name)) if !name.starts_with("HEAD"))
}

fn parts(request: &GitRequest) -> Result<(Base, Head), Error> {
    let Some(range) = &request.range else {
        let base = request.base.clone().map_or(Base::Default, Base::Exactly);
        return Ok((base, request.head.clone()));
    };
    let or_head = |name: &str| {
        if name.is_empty() {
            "HEAD".to_owned()
        } else {
            name.to_owned()
        }
    };
    let (base, head) = match range.split_once("...") {
        Some((base, head)) => (Base::InCommonWith(or_head(base)), head),
        None => match range.split_once("..") {
            Some((base, head)) => (Base::Exactly(or_head(base)), head),
            None => return Err(Error::Range { range: range.clone() }),
        },
    };
    if range == ".." || range == "..." || head.contains("..") {
        return Err(Error::Range { range: range.clone() });
    }
    Ok((base, Head::Revision(or_head(head))))
}

fn commit(git: &Git, name: &str) -> Result<String, Error> {
    let found = git.answer(&[
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &format!("{name}^{{commit}}"),
    ])?;
    let folder = git.top().to_owned();
    match found {
        Some(id) => Ok(id),
        None if is_shallow(git)? => Err(Error::Shallow {
            folder,
            wanted: name.to_owned(),
        }),
        None => Err(Error::UnknownRevision {
            folder,
            revision: name.to_owned(),
        }),
    }
}

fn revision(git: &Git, name: &str) -> Result<Revision, Error> {
    let commit = commit(git, name)?;
    let tree = git.text(&["rev-parse", "--verify", &format!("{commit}^{{tree}}")])?;
    Ok(Revision {
        name: name.to_owned(),
        tree,
        commit: Some(commit),
    })
}

fn merge_base(git: &Git, tip: &str, with: &str) -> Result<Revision, Error> {
    let other = commit(git, with)?;
    let folder = git.top().to_owned();
    match git.answer(&["merge-base", tip, &other])? {
        Some(id) => Ok(Revision {
            name: with.to_owned(),
            ..revision(git, &id)?
        }),
        None if is_shallow(git)? => Err(Error::Shallow {
            folder,
            wanted: format!("its common history with {with}"),
        }),
        None => Err(Error::NoMergeBase {
            folder,
            one: tip.chars().take(12).collect(),
            other: with.to_owned(),
        }),
    }
}

fn is_shallow(git: &Git) -> Result<bool, Error> {
    Ok(git.answer(&["rev-parse", "--is-shallow-repository"])?.as_deref() == Some("true"))
}

/// What head has in common with the default branch; on that branch itself its last commit.
fn default_base(git: &Git, head: &Head, tip: &str, notes: &mut Vec<String>) -> Result<(Revision, bool), Error> {
    let current = git.answer(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
    let on_head = matches!(head, Head::WorkingTree);
    let Some(default) = default_branch(git)? else {
        notes.push("no default branch was found (origin/HEAD, main, master, trunk): compared with the last commit; name a base with --base REV".to_owned());
        return Ok((last(git, head, tip)?, on_head));
    };
    let short = default.strip_prefix("origin/").unwrap_or(&default);
    if on_head && current.as_deref() == Some(short) {
        return Ok((revision(git, "HEAD")?, true));
    }
    let base = merge_base(git, tip, &default)?;
    if base.commit.as_deref() == Some(tip) && !on_head {
        return Ok((last(git, head, tip)?, true));
    }
    let at_default = on_head && base.commit.as_deref() == Some(tip);
    Ok((base, at_default))
}

/// The commit to compare with where branches say nothing: `HEAD` for files, the parent for a commit.
fn last(git: &Git, head: &Head, tip: &str) -> Result<Revision, Error> {
    match head {
        Head::Revision(name) => Ok(Revision {
            name: format!("{name}~1"),
            ..revision(git, &format!("{tip}~1"))?
        }),
        _ => revision(git, "HEAD"),
    }
}

/// `origin/main`, `main`, …: what others branch from.
fn default_branch(git: &Git) -> Result<Option<String>, Error> {
    if let Some(remote) = git.answer(&["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"])?
        && exists(git, &format!("refs/remotes/{remote}"))?
    {
        return Ok(Some(remote));
    }
    let configured = git.answer(&["config", "--get", "init.defaultBranch"])?;
    for name in ["main", "master", "trunk"].into_iter().chain(configured.as_deref()) {
        if exists(git, &format!("refs/heads/{name}"))? {
            return Ok(Some(name.to_owned()));
        }
        if exists(git, &format!("refs/remotes/origin/{name}"))? {
            return Ok(Some(format!("origin/{name}")));
        }
    }
    Ok(None)
}

fn exists(git: &Git, reference: &str) -> Result<bool, Error> {
    Ok(git.answer(&["rev-parse", "--verify", "--quiet", reference])?.is_some())
}
