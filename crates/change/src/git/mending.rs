//! What a commit that mends something mends: the commits that wrote the lines which it removes.

use std::collections::{BTreeMap, BTreeSet};

use super::command::Git;
use super::log::{self, Logged};
use crate::Error;

/// A commit that touches more files of code mends more than one thing.
const FILES: usize = 10;
/// As above, of lines of code that it removes.
const LINES: u32 = 200;

/// Removed lines of one commit, as first and last, by the path that the file had before.
pub(super) type Removed = BTreeMap<String, Vec<(u32, u32)>>;

/// Numbers of the commits that say they mend something, and are small enough to tell what; the oldest first.
pub(super) fn candidates(past: &[Logged], is_code: fn(&str) -> bool) -> Vec<usize> {
    let is_candidate = |commit: &Logged| {
        let code: Vec<_> = commit.files.iter().filter(|file| is_code(&file.path)).collect();
        let removed = code.iter().fold(0_u32, |sum, file| sum.saturating_add(file.removed));
        commit.parent.is_some()
            && (1..=FILES).contains(&code.len())
            && (1..=LINES).contains(&removed)
            && log::mends(&commit.subject)
    };
    let numbered = past.iter().enumerate();
    numbered
        .filter(|(_, commit)| is_candidate(commit))
        .map(|(at, _)| at)
        .collect()
}

/// The lines of code that each of these commits removes, but for those without a word; in the order that was given.
///
/// # Errors
/// When git fails.
pub(super) fn removed(
    git: &Git,
    past: &[Logged],
    wanted: &[usize],
    is_code: fn(&str) -> bool,
) -> Result<Vec<(usize, Removed)>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let ids: String = wanted.iter().flat_map(|at| [past[*at].id.as_str(), "\n"]).collect();
    let arguments = [
        "diff-tree",
        "--stdin",
        "-r",
        "-p",
        "-U0",
        "-w",
        "--find-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "--format=tformat:%x1e%H",
    ];
    let bytes = git.filter(&arguments, ids.as_bytes())?;
    let text = String::from_utf8_lossy(&bytes);
    let mut by_id: BTreeMap<&str, Removed> = BTreeMap::new();
    for patch in text.split('\u{1e}').filter(|patch| !patch.is_empty()) {
        let (id, patch) = patch.split_once('\n').unwrap_or((patch, ""));
        by_id.insert(id.trim(), of_patch(patch, is_code));
    }
    let of = |at: &usize| (*at, by_id.remove(past[*at].id.as_str()).unwrap_or_default());
    Ok(wanted.iter().map(of).collect())
}

fn of_patch(patch: &str, is_code: fn(&str) -> bool) -> Removed {
    let mut removed = Removed::new();
    let mut path: Option<&str> = None;
    // Lines of the hunk that are yet to come, since a removed line may look like a header.
    let (mut line, mut gone, mut added) = (0_u32, 0_u32, 0_u32);
    for text in patch.lines() {
        if gone > 0 && text.starts_with('-') {
            if let Some(path) = path.filter(|_| text[1..].chars().any(char::is_alphanumeric)) {
                push(removed.entry(path.to_owned()).or_default(), line);
            }
            line += 1;
            gone -= 1;
        } else if added > 0 && text.starts_with('+') {
            added -= 1;
        } else if let Some(hunk) = text.strip_prefix("@@ -") {
            (line, gone, added) = hunk_of(hunk).unwrap_or_default();
        } else if let Some(name) = text.strip_prefix("--- ") {
            let name = name.trim_end_matches('\t');
            path = name.strip_prefix("a/").filter(|path| is_code(path));
        }
    }
    removed
}

/// First removed line, how many are removed, and how many added: `3,2 +3 @@`.
fn hunk_of(text: &str) -> Option<(u32, u32, u32)> {
    let mut sides = text.split(' ');
    let side = |text: &str| -> Option<(u32, u32)> {
        let (first, number) = text.split_once(',').unwrap_or((text, "1"));
        Some((first.parse().ok()?, number.parse().ok()?))
    };
    let (first, gone) = side(sides.next()?)?;
    let (_, added) = side(sides.next()?.strip_prefix('+')?)?;
    Some((first, gone, added))
}

/// Adds a line to ranges that are in order.
fn push(ranges: &mut Vec<(u32, u32)>, line: u32) {
    match ranges.last_mut() {
        Some((_, last)) if *last + 1 == line => *last = line,
        _ => ranges.push((line, line)),
    }
}

/// The commits since a time, in seconds since 1970, that wrote lines which this one removes.
///
/// # Errors
/// When git cannot be started.
pub(super) fn blamed(git: &Git, commit: &Logged, removed: &Removed, since: i64) -> Result<BTreeSet<String>, Error> {
    let Some(parent) = &commit.parent else {
        return Ok(BTreeSet::new());
    };
    let mut found = BTreeSet::new();
    let since = format!("--since=@{since} +0000");
    for (path, ranges) in removed {
        let mut arguments = vec![
            "blame".to_owned(),
            "--porcelain".to_owned(),
            "-w".to_owned(),
            since.clone(),
        ];
        arguments.extend(ranges.iter().map(|(first, last)| format!("-L{first},{last}")));
        arguments.extend([parent.clone(), "--".to_owned(), path.clone()]);
        let output = git.output(&arguments)?;
        // A file that cannot be blamed (a submodule, a content that is not here) tells nothing of the others.
        if output.status.success() {
            found.extend(lines_by(&String::from_utf8_lossy(&output.stdout)));
        }
    }
    Ok(found)
}

/// The commits of a blame, but those at its boundary, which only have the lines of what came before them.
fn lines_by(porcelain: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut boundary = BTreeSet::new();
    let mut current = "";
    for line in porcelain.lines().filter(|line| !line.starts_with('\t')) {
        let first = line.split(' ').next().unwrap_or_default();
        if first.len() >= 40 && first.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            current = first;
            found.insert(first.to_owned());
        } else if line == "boundary" {
            boundary.insert(current.to_owned());
        }
    }
    found.difference(&boundary).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removed_lines_are_told_by_their_numbers_before() {
        let patch = "diff --git a/a.py b/b.py\n--- a/a.py\n+++ b/b.py\n@@ -3,4 +3,1 @@ def f\n-x = 1\n--- a/sql.py\n-\n-y\n+z\n@@ -9 +6,0 @@\n-w\n@@ -12,0 +9,2 @@\n+q\n+r\ndiff --git a/c.txt b/c.txt\n--- a/c.txt\n+++ b/c.txt\n@@ -1 +1 @@\n-a\n+b\n";
        let removed = of_patch(patch, |path| path.ends_with(".py"));
        assert_eq!(removed.len(), 1, "{removed:?}");
        assert_eq!(removed["a.py"], [(3, 4), (6, 6), (9, 9)]);
    }

    #[test]
    fn a_boundary_is_nobody() {
        let (one, other) = ("1".repeat(40), "2".repeat(40));
        let text = format!(
            "{one} 3 3 1\nauthor A\nfilename a.py\n\tx\n{other} 1 4 1\nboundary\nfilename a.py\n\t{one}\n{one} 5 5 1\n\ty\n"
        );
        assert_eq!(lines_by(&text).into_iter().collect::<Vec<_>>(), [one]);
    }
}
