//! Which two trees are meant.

use model::Revision;

use super::blobs::{Blobs, Commit};
use super::command::Git;
use super::snapshot::{Scratch, Take};
use super::{GitRequest, Head};
use crate::error::Error;

/// The two trees.
pub(crate) struct Versions {
    pub base: Revision,
    pub head: Revision,
    pub on_default_branch: bool,
    pub notes: Vec<String>,
}

/// What is compared, before anything is looked up.
pub(crate) struct Meant {
    base: Base,
    pub head: Head,
}

/// Finds both trees.
pub(crate) fn resolve(git: &Git, blobs: &Blobs, meant: Meant, scratch: Option<&Scratch>) -> Result<Versions, Error> {
    let finder = Finder { git, blobs };
    let Meant { base, head } = meant;
    if needs_head(&base, &head) && blobs.commit("HEAD")?.is_none() {
        return Err(Error::NoCommits {
            folder: git.top().to_owned(),
        });
    }
    let mut notes = Vec::new();
    let (base, on_default_branch) = match base {
        Base::Exactly(name) => (finder.revision(&name)?, false),
        Base::InCommonWith(name) => (finder.merge_base(&finder.tip(&head)?, &name)?, false),
        Base::Default if head == Head::Staged => (finder.revision("HEAD")?, false),
        Base::Default => finder.default_base(&head, &finder.tip(&head)?, &mut notes)?,
    };
    let made = |name: &str, take: Take| -> Result<Revision, Error> {
        let Some(scratch) = scratch else {
            return Err(Error::Bare {
                folder: git.top().to_owned(),
            });
        };
        Ok(Revision {
            name: name.to_owned(),
            tree: scratch.take(git, take)?,
            commit: None,
        })
    };
    let head = match head {
        Head::Revision(name) => finder.revision(&name)?,
        Head::WorkingTree => made("working tree", Take::WorkingTree)?,
        Head::Staged => made("index", Take::Index)?,
    };
    Ok(Versions {
        base,
        head,
        on_default_branch,
        notes,
    })
}

enum Base {
    Exactly(String),
    InCommonWith(String),
    Default,
}

fn needs_head(base: &Base, head: &Head) -> bool {
    !matches!((base, head), (Base::Exactly(_) | Base::InCommonWith(_), Head::Revision(name)) if !name.starts_with("HEAD"))
}

/// Reads a request.
pub(crate) fn meant(git: &Git, request: &GitRequest) -> Result<Meant, Error> {
    let (base, head) = parts(request)?;
    if !matches!(head, Head::Revision(_)) && !git.about().has_working_tree {
        return Err(Error::Bare {
            folder: git.top().to_owned(),
        });
    }
    Ok(Meant { base, head })
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

/// Looks revisions up.
pub(super) struct Finder<'a> {
    git: &'a Git,
    blobs: &'a Blobs,
}

impl<'a> Finder<'a> {
    /// In this repository.
    pub fn new(git: &'a Git, blobs: &'a Blobs) -> Self {
        Self { git, blobs }
    }

    /// What a change is merged into where nobody says it: the default branch, or on that branch the commit before.
    pub fn default_target(&self, head: &Revision, notes: &mut Vec<String>) -> Result<Revision, Error> {
        let tip = head.commit.as_deref().unwrap_or("HEAD");
        let before = || -> Result<Revision, Error> {
            let name = format!("{}~1", head.name);
            let parent = format!("{tip}~1^{{commit}}");
            if self
                .git
                .answer(&["rev-parse", "--verify", "--quiet", &parent])?
                .is_none()
            {
                return Err(Error::NothingBefore {
                    head: head.name.clone(),
                });
            }
            Ok(Revision {
                name,
                ..self.revision(&format!("{tip}~1"))?
            })
        };
        let Some(default) = self.default_branch()? else {
            // An earlier commit of the change itself must not become its judge.
            return Err(Error::NoDefaultBranch);
        };
        let target = self.revision(&default)?;
        if target.commit == head.commit {
            notes.push(format!("{} is {default} itself: its last commit is judged", head.name));
            return before();
        }
        Ok(target)
    }

    /// The commit that two have in common, where they have one.
    pub fn common(&self, one: &Revision, other: &Revision) -> Result<Option<Revision>, Error> {
        let ids = [one, other].map(|revision| revision.commit.clone().unwrap_or_default());
        match self.git.answer(&["merge-base", &ids[0], &ids[1]])? {
            Some(id) => self.revision(&id).map(Some),
            None if self.git.about().is_shallow => Err(Error::Shallow {
                folder: self.git.top().to_owned(),
                wanted: format!("the common history of {} and {}", one.name, other.name),
            }),
            None => Ok(None),
        }
    }

    /// A branch goes before a tag of the same name: who may push tags must not choose what is meant.
    fn commit(&self, name: &str) -> Result<Commit, Error> {
        let folder = self.git.top().to_owned();
        let plain = name.split(['~', '^', '@', ':']).next().unwrap_or_default();
        let is_id = plain.len() >= 40 && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
        // Git's own names, and those that say where they are.
        let is_told = ["refs/", "heads/", "remotes/", "tags/"]
            .iter()
            .any(|start| plain.starts_with(start))
            || plain.ends_with("HEAD") && plain.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        if !(is_id || plain.is_empty() || is_told) {
            let here = self.blobs.commit(&format!("refs/heads/{name}"))?;
            let there = self.blobs.commit(&format!("refs/remotes/{name}"))?;
            match (here, there) {
                // Whoever may push a branch must not choose what the remote's is.
                (Some(here), Some(there)) if here != there => {
                    return Err(Error::Ambiguous {
                        folder,
                        revision: name.to_owned(),
                    });
                }
                (Some(commit), _) | (None, Some(commit)) => return Ok(commit),
                (None, None) => {}
            }
        }
        match self.blobs.commit(name)? {
            Some(commit) => Ok(commit),
            None if self.git.about().is_shallow => Err(Error::Shallow {
                folder,
                wanted: name.to_owned(),
            }),
            None => Err(Error::UnknownRevision {
                folder,
                revision: name.to_owned(),
            }),
        }
    }

    /// The revision of that name.
    pub fn revision(&self, name: &str) -> Result<Revision, Error> {
        let Commit { id, tree } = self.commit(name)?;
        Ok(Revision {
            name: name.to_owned(),
            tree,
            commit: Some(id),
        })
    }

    fn tip(&self, head: &Head) -> Result<String, Error> {
        let name = if let Head::Revision(name) = head { name } else { "HEAD" };
        Ok(self.commit(name)?.id)
    }

    fn merge_base(&self, tip: &str, with: &str) -> Result<Revision, Error> {
        let other = self.commit(with)?.id;
        if other == tip {
            return self.revision(with);
        }
        let folder = self.git.top().to_owned();
        match self.git.answer(&["merge-base", tip, &other])? {
            Some(id) => Ok(Revision {
                name: with.to_owned(),
                ..self.revision(&id)?
            }),
            None if self.git.about().is_shallow => Err(Error::Shallow {
                folder,
                wanted: format!("its common history with {with}"),
            }),
            None => {
                let one = tip.chars().take(12).collect();
                Err(Error::NoMergeBase {
                    folder,
                    one,
                    other: with.to_owned(),
                })
            }
        }
    }

    /// What head has in common with the default branch; on that branch itself its last commit.
    fn default_base(&self, head: &Head, tip: &str, notes: &mut Vec<String>) -> Result<(Revision, bool), Error> {
        let of_files = *head == Head::WorkingTree;
        let Some(default) = self.default_branch()? else {
            notes.push(NO_DEFAULT.to_owned());
            return Ok((self.last(head, tip)?, of_files));
        };
        let short = default.strip_prefix("origin/").unwrap_or(&default);
        if of_files && self.git.about().branch.as_deref() == Some(short) {
            return Ok((self.revision("HEAD")?, true));
        }
        let base = self.merge_base(tip, &default)?;
        let at_default = base.commit.as_deref() == Some(tip);
        if at_default && !of_files {
            return Ok((self.last(head, tip)?, true));
        }
        Ok((base, at_default))
    }

    /// The commit to compare with where branches say nothing: `HEAD` for files, the parent for a commit.
    fn last(&self, head: &Head, tip: &str) -> Result<Revision, Error> {
        match head {
            Head::Revision(name) => Ok(Revision {
                name: format!("{name}~1"),
                ..self.revision(&format!("{tip}~1"))?
            }),
            _ => self.revision("HEAD"),
        }
    }

    /// `origin/main`, `main`, …: what others branch from.
    pub fn default_branch(&self) -> Result<Option<String>, Error> {
        let remote = "refs/remotes/origin";
        let wanted: Vec<String> = CUSTOMARY
            .iter()
            .flat_map(|name| [format!("refs/heads/{name}"), format!("{remote}/{name}")])
            .collect();
        let origin = format!("{remote}/HEAD");
        let mut arguments = vec!["for-each-ref", "--format=%(refname) %(symref)", origin.as_str()];
        arguments.extend(wanted.iter().map(String::as_str));
        let listing = self.git.text(&arguments)?;
        let found: Vec<(&str, &str)> = listing
            .lines()
            .filter_map(|line| line.split_once(' ').or(Some((line, ""))))
            .collect();
        if let Some((_, target)) = found
            .iter()
            .find(|(name, target)| *name == origin && !target.is_empty())
        {
            return Ok(target.strip_prefix("refs/remotes/").map(str::to_owned));
        }
        if let Some(name) = wanted
            .iter()
            .find(|name| found.iter().any(|(found, _)| *found == name.as_str()))
        {
            return Ok(name
                .strip_prefix("refs/heads/")
                .or_else(|| name.strip_prefix("refs/remotes/"))
                .map(str::to_owned));
        }
        let configured = self.git.answer(&["config", "--get", "init.defaultBranch"])?;
        let exists = |name: &String| {
            self.blobs
                .commit(&format!("refs/heads/{name}"))
                .map(|found| found.is_some())
        };
        match configured {
            Some(name) if exists(&name)? => Ok(Some(name)),
            _ => Ok(None),
        }
    }
}

/// Names of default branches, the likeliest first.
const CUSTOMARY: [&str; 3] = ["main", "master", "trunk"];
const NO_DEFAULT: &str = "no default branch was found (origin/HEAD, main, master, trunk): compared with the last commit; \
                          name a base with --base REV";
