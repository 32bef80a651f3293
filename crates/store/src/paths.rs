//! Names that come out of a repository, and what of them is let onto the disk.

use camino::Utf8Path;

use crate::Error;

/// Longest name of contents: a SHA-256 in hexadecimal is 64.
const LONGEST_BLOB: usize = 128;

/// Refuses a path that leaves its tree or enters git's own folder.
pub fn check(path: &Utf8Path) -> Result<(), Error> {
    let text = path.as_str();
    let fine = !text.is_empty() && !text.contains('\0') && text.split('/').all(component_is_fine);
    if fine {
        Ok(())
    } else {
        Err(Error::UnsafePath { path: text.to_owned() })
    }
}

fn component_is_fine(name: &str) -> bool {
    // Some file systems take `.GIT` for `.git`.
    !matches!(name, "" | "." | "..") && !name.eq_ignore_ascii_case(".git")
}

/// Refuses a name of contents that is not made of lower-case letters and digits.
pub fn check_blob(id: &str) -> Result<(), Error> {
    let fine = (8..=LONGEST_BLOB).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    if fine {
        Ok(())
    } else {
        Err(Error::UnsafeBlob { id: id.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_leaves_the_tree_is_refused() {
        for path in [
            "",
            "/etc/passwd",
            "..",
            "a/../../b",
            "a/./b",
            "a//b",
            "a/",
            ".git/config",
            "a/.GIT/hooks",
            "a\0b",
        ] {
            assert!(check(Utf8Path::new(path)).is_err(), "{path:?}");
        }
        for path in ["a", "a/b.py", "..a", ".gitignore", "a/.github/x", "ü/é"] {
            assert!(check(Utf8Path::new(path)).is_ok(), "{path:?}");
        }
    }

    #[test]
    fn names_of_contents_are_plain() {
        assert!(check_blob("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391").is_ok());
        for id in ["", "e69de29", "../../../../x", "E69DE29BB2D1"] {
            assert!(check_blob(id).is_err(), "{id:?}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_path_stays_inside(path in "[a./]{0,12}") {
            if check(Utf8Path::new(&path)).is_ok() {
                let depth = Utf8Path::new(&path).components().count();
                prop_assert!(Utf8Path::new(&path).components().all(|part| part.as_str() != ".."));
                prop_assert!(depth > 0 && !path.starts_with('/'));
            }
        }
    }
}
