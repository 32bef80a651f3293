//! The commits of a range, and which files each of them touches.

use std::collections::{HashMap, HashSet};

use crate::error::Error;
use crate::git::command::Git;

/// Bytes of a message that are looked at.
const MESSAGE: usize = 64 << 10;
/// One field after the other, each ended by a NUL, which no field can hold.
const FORMAT: &str = "--format=tformat:%H%x00%P%x00%an%x00%ae%x00%cn%x00%ce%x00%B%x00%(trailers:only,unfold)";
/// How many.
const FIELDS: usize = 8;

/// A commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Commit {
    pub id: String,
    pub parents: Vec<String>,
    pub author: Identity,
    pub committer: Identity,
    pub message: String,
    /// Trailers of the last paragraph, as git tells them, each in one line.
    pub trailers: Vec<String>,
}

/// A name and an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    pub name: String,
    pub email: String,
}

impl Identity {
    /// `Name <address>`, or a name alone.
    pub fn of(text: &str) -> Self {
        let (name, email) = text.split_once('<').unwrap_or((text, ""));
        Self {
            name: name.trim().to_owned(),
            email: email.split('>').next().unwrap_or_default().trim().to_owned(),
        }
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.name.as_str(), self.email.as_str()) {
            (name, "") => write!(f, "{name}"),
            (name, email) => write!(f, "{name} <{email}>"),
        }
    }
}

/// The commits of a range, the newest first.
///
/// # Errors
/// When git fails.
pub(super) fn of(git: &Git, range: &str) -> Result<Vec<Commit>, Error> {
    let bytes = git.bytes(&[
        "log",
        "-z",
        "--no-show-signature",
        FORMAT,
        "--end-of-options",
        range,
        "--",
    ])?;
    let text = String::from_utf8_lossy(&bytes);
    let fields: Vec<&str> = text.split('\0').collect();
    Ok(fields.chunks_exact(FIELDS).map(commit).collect())
}

fn commit(fields: &[&str]) -> Commit {
    let identity = |name: &str, email: &str| Identity {
        name: name.trim().to_owned(),
        email: email.trim().to_owned(),
    };
    Commit {
        id: fields[0].trim().to_owned(),
        parents: fields[1].split_whitespace().map(str::to_owned).collect(),
        author: identity(fields[2], fields[3]),
        committer: identity(fields[4], fields[5]),
        message: shortened(fields[6]).to_owned(),
        trailers: fields[7]
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

fn shortened(text: &str) -> &str {
    let end = (0..=MESSAGE.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// For each path the commits that change it, with the ids of its content before and after; what merges change is left out.
///
/// # Errors
/// When git fails.
pub(super) fn touched(git: &Git, commits: &[Commit]) -> Result<HashMap<Vec<u8>, Vec<Touch>>, Error> {
    let ids: String = commits.iter().flat_map(|commit| [commit.id.as_str(), "\n"]).collect();
    let arguments = [
        "diff-tree",
        "--stdin",
        "-r",
        "--root",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
    ];
    let listing = git.filter(&arguments, ids.as_bytes())?;
    let mut fields = listing.split(|byte| *byte == 0);
    let mut found: HashMap<Vec<u8>, Vec<Touch>> = HashMap::new();
    let mut removing: HashSet<String> = HashSet::new();
    let mut commit = String::new();
    while let Some(field) = fields.next() {
        let text = String::from_utf8_lossy(field);
        let Some(meta) = text.strip_prefix(':') else {
            text.trim().clone_into(&mut commit);
            continue;
        };
        let meta: Vec<&str> = meta.split(' ').collect();
        let (Some(path), [_, _, old, new, ..]) = (fields.next(), meta.as_slice()) else {
            break;
        };
        found.entry(path.to_owned()).or_default().push(Touch {
            commit: commit.clone(),
            old: (*old).to_owned(),
            new: (*new).to_owned(),
            may_rename: false,
        });
        if new.bytes().all(|byte| byte == b'0') {
            removing.insert(commit.clone());
        }
    }
    for touch in found.values_mut().flatten() {
        touch.may_rename = removing.contains(&touch.commit);
    }
    Ok(found)
}

/// A commit that changes a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Touch {
    pub commit: String,
    /// Id of the content before; zeros where there was none.
    pub old: String,
    /// Id of the content after.
    pub new: String,
    /// Whether the commit takes files away, so that one that is new to it may be another one renamed.
    pub may_rename: bool,
}
