//! What records say of lines, looked up by commit, path and line; and contents that records are held against.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use model::authorship::Author;

use super::ranges::Painted;
use crate::error::Error;
use crate::git::blobs::Blobs;
use crate::git::command::Git;
use crate::side::Contents as _;

/// Bytes of contents that records are held against at most.
const CHECKED: u64 = 128 << 20;

/// Authors of lines, as records tell them.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    authors: Vec<Author>,
    index: HashMap<Author, usize>,
    painted: HashMap<(String, String), Painted<usize>>,
}

impl Recorded {
    /// A number that stands for an author.
    pub fn number(&mut self, author: Author) -> usize {
        if let Some(known) = self.index.get(&author) {
            return *known;
        }
        self.authors.push(author.clone());
        self.index.insert(author, self.authors.len() - 1);
        self.authors.len() - 1
    }

    /// Says who wrote the lines of a file in a commit.
    pub fn paint(&mut self, commit: &str, path: &str, painted: Painted<usize>) {
        self.painted.insert((commit.to_owned(), path.to_owned()), painted);
    }

    /// The lines of a file in a commit.
    pub fn of(&self, commit: &str, path: &str) -> Option<(&Painted<usize>, &[Author])> {
        let painted = self.painted.get(&(commit.to_owned(), path.to_owned()))?;
        Some((painted, &self.authors))
    }
}

/// Contents of files in commits, as far as they were asked for.
#[derive(Default)]
pub(super) struct Contents {
    ids: HashMap<String, (String, u64)>,
    lines: HashMap<String, u32>,
    bytes: HashMap<String, Vec<u8>>,
    /// Files that were not read, since others had been large.
    pub unread: usize,
}

/// What a name leads to: the id and size of each blob, in the order of the names.
pub(super) fn blobs_named(git: &Git, names: &[String]) -> Result<Vec<Option<(String, u64)>>, Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let input: String = names.iter().flat_map(|name| [name.as_str(), "\n"]).collect();
    let output = git.filter(&["cat-file", "--batch-check"], input.as_bytes())?;
    let answers = String::from_utf8_lossy(&output).into_owned();
    let mut answers = answers.lines().map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        match fields.as_slice() {
            [id, "blob", size] => Some(((*id).to_owned(), size.parse().ok()?)),
            _ => None,
        }
    });
    Ok(names.iter().map(|_| answers.next().flatten()).collect())
}

/// The name of a file in a commit; none for a path that git would take for another one, or that breaks its protocol.
pub(super) fn name_of(commit: &str, path: &str) -> Option<String> {
    let relative = path.starts_with("./") || path.starts_with("../") || path.starts_with('/');
    let plain = !relative && !path.is_empty() && !path.contains(['\n', '\0', '\u{fffd}']);
    plain.then(|| format!("{commit}:{path}"))
}

impl Contents {
    /// Finds the files with these names, and counts their lines; keeps the content of those for which `keep` says so.
    ///
    /// # Errors
    /// When git fails.
    pub fn read(
        git: &Git,
        blobs: &Arc<Blobs>,
        names: &BTreeSet<String>,
        keep: impl Fn(&HashMap<String, (String, u64)>) -> HashSet<String>,
    ) -> Result<Self, Error> {
        let names: Vec<String> = names.iter().cloned().collect();
        let found = blobs_named(git, &names)?;
        let ids: HashMap<String, (String, u64)> = names
            .into_iter()
            .zip(found)
            .filter_map(|(name, found)| Some((name, found?)))
            .collect();
        let kept = keep(&ids);
        let mut contents = Self::default();
        let (mut wanted, mut room) = (BTreeSet::new(), CHECKED);
        for (id, size) in ids.values() {
            if wanted.contains(id.as_str()) {
                continue;
            }
            if *size > room {
                contents.unread += 1;
                continue;
            }
            room -= size;
            wanted.insert(id.as_str());
        }
        let wanted: Vec<&str> = wanted.into_iter().collect();
        blobs.fetch(&wanted, &mut |id, bytes| {
            contents.lines.insert(id.to_owned(), count_lines(&bytes));
            if kept.contains(id) {
                contents.bytes.insert(id.to_owned(), bytes);
            }
        })?;
        contents.ids = ids;
        Ok(contents)
    }

    /// The id of a file in a commit; none where there is no such file.
    pub fn id(&self, commit: &str, path: &str) -> Option<&str> {
        let (id, _) = self.ids.get(&name_of(commit, path)?)?;
        Some(id)
    }

    /// How many lines a content has; none where it was not read.
    pub fn line_count(&self, id: &str) -> Option<u32> {
        self.lines.get(id).copied()
    }

    /// A content that was kept.
    pub fn bytes(&self, id: &str) -> Option<&[u8]> {
        self.bytes.get(id).map(Vec::as_slice)
    }
}

fn count_lines(bytes: &[u8]) -> u32 {
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    let unended = usize::from(bytes.last().is_some_and(|byte| *byte != b'\n'));
    u32::try_from(ends + unended).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_without_an_end_counts() {
        assert_eq!([b"".as_slice(), b"a", b"a\n", b"a\nb"].map(count_lines), [0, 1, 1, 2]);
    }

    #[test]
    fn paths_that_git_would_resolve_are_no_names() {
        assert_eq!(name_of("c0ffee", "a b.py").as_deref(), Some("c0ffee:a b.py"));
        for path in ["", "./a", "../a", "/a", "a\nb"] {
            assert_eq!(name_of("c0ffee", path), None, "{path:?}");
        }
    }
}
