//! The folders that an agent may name: those of the repository that the server was started in.
//!
//! A repository may hold settings of git that run programs (filters), so that a person who starts the server in one has said nothing of others.

use camino::{Utf8Path, Utf8PathBuf};

use crate::check;
use crate::guarding::place;

/// Where the server was started.
pub struct Home {
    start: Utf8PathBuf,
    /// The folder of git that all worktrees of the repository have in common; none outside of a repository.
    common: Option<Utf8PathBuf>,
}

impl Home {
    /// The current folder.
    ///
    /// # Errors
    /// When it is gone, or its name is no text.
    pub fn here() -> Result<Self, crate::error::CliError> {
        let here = check::here()?;
        let start = here.canonicalize_utf8().unwrap_or(here);
        let common = common_of(&start);
        Ok(Self { start, common })
    }

    /// Where the server was started.
    pub fn start(&self) -> &Utf8Path {
        &self.start
    }

    /// The folder that is meant.
    ///
    /// # Errors
    /// When there is none, or it is another repository's.
    pub fn folder(&self, named: Option<&str>) -> Result<Utf8PathBuf, String> {
        let Some(named) = named else {
            return Ok(self.start.clone());
        };
        let shown = super::answers::cut(named, 200);
        let folder = self
            .start
            .join(named)
            .canonicalize_utf8()
            .map_err(|error| format!("the folder `{shown}` cannot be used: {error}"))?;
        if !folder.is_dir() {
            return Err(format!("`{shown}` is no folder: name one, or leave `folder` out"));
        }
        let is_ours = match &self.common {
            Some(common) => common_of(&folder).as_ref() == Some(common),
            None => folder.starts_with(&self.start),
        };
        if is_ours {
            return Ok(folder);
        }
        let of = match &self.common {
            Some(_) => "no folder of the repository that this server was started in, nor of a worktree of it",
            None => "not below the folder that this server was started in",
        };
        Err(format!(
            "`{shown}` is {of} ({}): a person starts `counterproof mcp` there",
            self.start
        ))
    }
}

/// Git's folder that the repository of `folder` has for all of its worktrees.
fn common_of(folder: &Utf8Path) -> Option<Utf8PathBuf> {
    let top = folder.ancestors().find(|folder| folder.join(".git").exists())?;
    let git = place::git_folder(top)?.canonicalize_utf8().ok()?;
    let common = place::common_folder(&git).canonicalize_utf8().ok()?;
    // What only claims to belong to another repository has settings of its own.
    git.starts_with(&common).then_some(common)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_repository_and_its_worktrees_are_ours() {
        let folder = tempfile::tempdir().expect("a folder");
        let top = Utf8Path::from_path(folder.path())
            .expect("text")
            .canonicalize_utf8()
            .expect("a path");
        let make = |path: &str| std::fs::create_dir_all(top.join(path)).expect("a folder");
        let write = |path: &str, text: &str| std::fs::write(top.join(path), text).expect("a file");
        for path in [
            "a/.git/worktrees/b",
            "a/src",
            "b",
            "a/inner/.git",
            "evil",
            "evil-git",
            "other/.git",
        ] {
            make(path);
        }
        write("b/.git", &format!("gitdir: {top}/a/.git/worktrees/b\n"));
        write("a/.git/worktrees/b/commondir", "../..\n");
        write("evil/.git", &format!("gitdir: {top}/evil-git\n"));
        write("evil-git/commondir", &format!("{top}/a/.git\n"));
        let start = top.join("a");
        let home = Home {
            common: common_of(&start),
            start: start.clone(),
        };
        assert_eq!(home.folder(None).as_ref(), Ok(&start));
        assert_eq!(home.folder(Some("src")), Ok(top.join("a/src")));
        assert_eq!(home.folder(Some("../b")), Ok(top.join("b")));
        for other in ["inner", "../other", "../evil", "..", "/", "missing", "../b/.git", "\0"] {
            assert!(home.folder(Some(other)).is_err(), "{other}");
        }
        let nowhere = Home {
            common: None,
            start: top.join("evil-git"),
        };
        assert!(nowhere.folder(Some("..")).is_err() && nowhere.folder(Some(".")).is_ok());
    }
}
