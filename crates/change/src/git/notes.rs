//! Signed statements that travel with the repository: one a line, in notes on trees (`refs/notes/counterproof`).
//!
//! A note on a tree is about content: it says the same of whatever commit has that tree. One statement a line lets git join
//! what two people wrote: `git config notes.counterproof.mergeStrategy cat_sort_uniq`.

use std::path::Path;

use super::command::Git;
use super::merge::Merge;
use crate::error::Error;

/// Where they are. Git makes `refs/notes/counterproof` of it.
const REF: &str = "--ref=counterproof";

impl Merge {
    /// Lines of the notes on these objects, each with the object.
    ///
    /// # Errors
    /// When git fails.
    pub fn notes(&self, objects: &[String]) -> Result<Vec<(String, String)>, Error> {
        if !self.has_notes() {
            return Ok(Vec::new());
        }
        of_objects(self.git(), objects)
    }
}

fn of_objects(git: &Git, objects: &[String]) -> Result<Vec<(String, String)>, Error> {
    let Some(listing) = git.answer(&["notes", REF, "list"])? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for line in listing.lines() {
        let Some((note, object)) = line
            .split_once(' ')
            .filter(|(_, object)| objects.iter().any(|one| one == object))
        else {
            continue;
        };
        let bytes = git.bytes(&["cat-file", "blob", note])?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        found.extend(lines.map(|line| (object.to_owned(), line.to_owned())));
    }
    Ok(found)
}

/// Adds a line to the note on an object. It is committed under the name that the repository has, or else under ours.
///
/// # Errors
/// When there is no git, no repository, or no such object.
pub fn add_note(repository: &Path, object: &str, line: &str) -> Result<(), Error> {
    let git = Git::discover(repository)?;
    let git = match git.answer(&["var", "GIT_COMMITTER_IDENT"])? {
        Some(_) => git,
        None => git.with(
            [
                ("GIT_AUTHOR_NAME", "counterproof"),
                ("GIT_AUTHOR_EMAIL", "counterproof@localhost"),
                ("GIT_COMMITTER_NAME", "counterproof"),
                ("GIT_COMMITTER_EMAIL", "counterproof@localhost"),
            ]
            .map(|(name, value)| (name, value.into())),
        ),
    };
    // On standard input, since it may be longer than an argument. Git puts a blank line between; readers pass over it.
    git.filter(
        &["notes", REF, "append", "--file=-", object],
        format!("{line}\n").as_bytes(),
    )?;
    Ok(())
}
