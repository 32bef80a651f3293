//! Path filters.

use crate::Pair;

impl Pair {
    /// Whether any file of either version is, or is below, what `filter` names.
    pub fn has(&self, filter: &str) -> bool {
        let entries = self.base.entries().iter().chain(self.head.entries());
        entries.into_iter().any(|entry| matches_one(filter, &entry.path))
    }
}

/// Whether `path` is one of `filters` or below one; `*` and `?` match within a part; no filters match all.
pub(crate) fn matches(filters: &[String], path: &str) -> bool {
    filters.is_empty() || filters.iter().any(|filter| matches_one(filter, path))
}

fn matches_one(filter: &str, path: &str) -> bool {
    let filter = filter.trim_start_matches("./").trim_end_matches('/');
    if filter.is_empty() || filter == "." {
        return true;
    }
    let mut parts = path.split('/');
    for wanted in filter.split('/') {
        if wanted == "**" {
            return true;
        }
        if !parts
            .next()
            .is_some_and(|part| glob(wanted.as_bytes(), part.as_bytes()))
        {
            return false;
        }
    }
    true
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=text.len()).any(|skip| glob(rest, &text[skip..])),
        (Some((b'?', rest)), Some((_, text))) => glob(rest, text),
        (Some((wanted, rest)), Some((found, text))) => wanted == found && glob(rest, text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_by_folder_file_and_pattern() {
        let all = |filters: &[&str], path| matches(&filters.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>(), path);
        assert!(all(&[], "a/b.py"));
        assert!(all(&["."], "a/b.py"));
        assert!(all(&["a"], "a/b.py") && all(&["./a/"], "a/b.py") && all(&["a/b.py"], "a/b.py"));
        assert!(!all(&["a"], "ab/b.py") && !all(&["a/b"], "a/b.py"));
        assert!(all(&["a/*.py"], "a/b.py") && !all(&["*.py"], "a/b.py") && all(&["a/**"], "a/b/c.py"));
    }
}
