//! Copies of a version's tree that tests may write into.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;

use camino::Utf8Path;

/// Bytes of a tree that are copied at most.
const MOST_BYTES: u64 = 1 << 30;

/// Copies a tree; links stay links.
///
/// # Errors
/// When something cannot be read or written, or the tree is too large.
pub fn copy(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    let mut left = MOST_BYTES;
    files(from, "", &mut |path, entry| {
        place(&from.join(path), &to.join(path), entry, &mut left)
    })
}

/// Replaces the files of `to` for which `serves` by those of `from`: those that only `to` has are removed.
///
/// # Errors
/// As [`copy`].
pub fn replace(from: &Utf8Path, to: &Utf8Path, serves: &dyn Fn(&str) -> bool) -> io::Result<()> {
    let mut gone = Vec::new();
    files(to, "", &mut |path, _| {
        if serves(path) {
            gone.push(path.to_owned());
        }
        Ok(())
    })?;
    for path in gone {
        fs::remove_file(to.join(path))?;
    }
    let mut left = MOST_BYTES;
    files(from, "", &mut |path, entry| match serves(path) {
        true => place(&from.join(path), &to.join(path), entry, &mut left),
        false => Ok(()),
    })
}

/// Adds files to a copy: paths and texts.
///
/// # Errors
/// When one cannot be written.
pub fn add(to: &Utf8Path, added: &[(String, String)]) -> io::Result<()> {
    for (path, text) in added {
        let path = to.join(path);
        fs::create_dir_all(path.parent().unwrap_or(to))?;
        fs::write(path, text)?;
    }
    Ok(())
}

/// What is done with each file or link of a tree.
type Visit<'v> = &'v mut dyn FnMut(&str, &fs::DirEntry) -> io::Result<()>;

fn files(root: &Utf8Path, below: &str, visit: Visit<'_>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name();
        // A name that is no UTF-8 is none of a test's.
        let Some(name) = name.to_str() else { continue };
        let path = if below.is_empty() {
            name.to_owned()
        } else {
            format!("{below}/{name}")
        };
        if entry.file_type()?.is_dir() {
            files(root, &path, visit)?;
        } else {
            visit(&path, &entry)?;
        }
    }
    Ok(())
}

fn place(from: &Utf8Path, to: &Utf8Path, entry: &fs::DirEntry, left: &mut u64) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    if entry.file_type()?.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    let data = entry.metadata()?;
    *left = left
        .checked_sub(data.len())
        .ok_or_else(|| io::Error::other("it is larger than 1 GiB"))?;
    fs::copy(from, to)?;
    // Versions are laid out read-only.
    fs::set_permissions(to, fs::Permissions::from_mode(data.permissions().mode() | 0o600))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_copy_can_be_written_and_takes_the_older_files_that_serve_tests() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        for (path, text) in [
            ("new/a.py", "2"),
            ("new/tests/t.py", "2"),
            ("new/tests/only_new.py", "2"),
            ("old/a.py", "1"),
            ("old/tests/t.py", "1"),
            ("old/tests/gone.py", "1"),
        ] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
        fs::set_permissions(root.join("new/a.py"), fs::Permissions::from_mode(0o444)).unwrap();
        std::os::unix::fs::symlink("a.py", root.join("new/link.py")).unwrap();
        copy(&root.join("new"), &root.join("laid")).unwrap();
        replace(&root.join("old"), &root.join("laid"), &|path| {
            path.starts_with("tests/")
        })
        .unwrap();
        let read = |path: &str| fs::read_to_string(root.join("laid").join(path)).ok();
        assert_eq!(read("a.py").as_deref(), Some("2"));
        assert_eq!(read("link.py").as_deref(), Some("2"));
        assert_eq!(read("tests/t.py").as_deref(), Some("1"));
        assert_eq!(read("tests/gone.py").as_deref(), Some("1"));
        assert_eq!(read("tests/only_new.py"), None);
        fs::write(root.join("laid/a.py"), "3").unwrap();
    }
}
