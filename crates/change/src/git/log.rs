//! A history in one pass: each commit with the lines that it adds to and removes from its files, and what its message says of others.

use super::command::Git;
use super::labelled::Failed;
use crate::Error;

/// Files of a commit that are kept.
const FILES: usize = 1_000;
/// Bytes of a message that are looked at.
const MESSAGE: usize = 16 << 10;
/// Commits, each begun by a character that no path and hardly a message holds, and its fields ended by NUL.
const FORMAT: &str = "--format=tformat:%x1e%H%x00%P%x00%ct%x00%aE%x00%s%x00%B%x00";

/// What a change did to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastFile {
    /// Its path.
    pub path: String,
    /// Its path before, where that was another.
    pub base_path: Option<String>,
    /// Lines added; none in a file that is not text.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
}

/// A commit, as the log has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Logged {
    pub id: String,
    pub parent: Option<String>,
    pub time: i64,
    pub author: String,
    pub subject: String,
    pub message: String,
    pub files: Vec<PastFile>,
}

/// The newest commits that merge nothing, the oldest first.
///
/// # Errors
/// When git fails.
pub(super) fn read(git: &Git, commit: &str, last: usize) -> Result<Vec<Logged>, Error> {
    let number = format!("--max-count={last}");
    let bytes = git.bytes(&[
        "log",
        "-z",
        "--no-show-signature",
        "--no-merges",
        "--reverse",
        "--numstat",
        "--find-renames",
        "-l400",
        "--no-ext-diff",
        "--no-textconv",
        FORMAT,
        &number,
        "--end-of-options",
        commit,
        "--",
    ])?;
    let text = String::from_utf8_lossy(&bytes);
    let mut past: Vec<Logged> = text.split("\0\u{1e}").filter_map(logged).collect();
    // Git goes by dates as far as parents come after their children; days are counted here.
    past.sort_by_key(|commit| commit.time);
    Ok(past)
}

fn logged(text: &str) -> Option<Logged> {
    let mut fields = text.trim_start_matches('\u{1e}').splitn(7, '\0');
    let mut next = || fields.next();
    let mut commit = Logged {
        id: next().filter(|id| id.len() >= 40)?.to_owned(),
        parent: next()?.split(' ').next().filter(|id| !id.is_empty()).map(str::to_owned),
        time: next()?.parse().ok()?,
        author: next()?.to_lowercase(),
        subject: next()?.to_owned(),
        message: shortened(next()?).to_owned(),
        files: Vec::new(),
    };
    commit.files = files(next().unwrap_or_default());
    Some(commit)
}

fn shortened(text: &str) -> &str {
    let end = (0..=MESSAGE.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// `added TAB removed TAB path NUL`, or for a rename `added TAB removed TAB NUL before NUL after NUL`.
fn files(text: &str) -> Vec<PastFile> {
    let mut parts = text.split('\0');
    let mut files = Vec::new();
    while let Some(part) = parts.next() {
        let mut fields = part.trim_start_matches('\n').splitn(3, '\t');
        let (Some(added), Some(removed), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let (base_path, path) = if path.is_empty() {
            let before = parts.next().map(str::to_owned);
            (before, parts.next().unwrap_or_default())
        } else {
            (None, path)
        };
        if files.len() < FILES {
            files.push(PastFile {
                path: path.to_owned(),
                base_path,
                added: added.parse().unwrap_or(0),
                removed: removed.parse().unwrap_or(0),
            });
        }
    }
    files
}

/// The number of the pull request that a commit came by: `Add a cart (#12)`.
pub(super) fn request_of(subject: &str) -> Option<String> {
    let (_, number) = subject.trim_end().strip_suffix(')')?.rsplit_once("(#")?;
    is_number(number).then(|| number.to_owned())
}

/// The number of the pull request that a commit reverts, as GitHub writes it: `Reverts shop/cart#12`.
pub(super) fn reverted_request(message: &str) -> Option<String> {
    let found = message.lines().find_map(|line| {
        let (repository, number) = line.trim().strip_prefix("Reverts ")?.rsplit_once('#')?;
        (!repository.contains(' ') && is_number(number)).then_some(number)
    });
    found.map(str::to_owned)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Commits that a message names, and what it says of them. Ids are shortened as the message has them.
pub(super) fn named(message: &str) -> Vec<(String, Failed)> {
    let mut found = Vec::new();
    for line in message.lines() {
        let line = line.trim();
        let reverted = line.strip_prefix("This reverts commit ");
        let mended = line
            .get(..6)
            .filter(|word| word.eq_ignore_ascii_case("fixes:"))
            .map(|_| &line[6..]);
        found.extend(reverted.and_then(id_of).map(|id| (id, Failed::Reverted)));
        found.extend(mended.and_then(id_of).map(|id| (id, Failed::Named)));
    }
    found
}

/// The id that a text begins with.
fn id_of(text: &str) -> Option<String> {
    let text = text.trim_start().trim_start_matches("commit ");
    let id: String = text.chars().take_while(char::is_ascii_hexdigit).collect();
    let ends = text[id.len()..]
        .chars()
        .next()
        .is_none_or(|next| !next.is_alphanumeric());
    (ends && (7..=64).contains(&id.len())).then(|| id.to_lowercase())
}

/// Whether a first line says that something that was wrong is mended, and not only in texts, tests or layout.
pub(super) fn mends(subject: &str) -> bool {
    const MENDING: [&str; 12] = [
        "fix",
        "fixes",
        "fixed",
        "fixing",
        "bugfix",
        "bug",
        "bugs",
        "hotfix",
        "regression",
        "regressions",
        "broken",
        "crash",
    ];
    const OTHER: [&str; 18] = [
        "typo",
        "typos",
        "doc",
        "docs",
        "docstring",
        "docstrings",
        "documentation",
        "readme",
        "changelog",
        "lint",
        "linting",
        "flake8",
        "mypy",
        "ci",
        "test",
        "tests",
        "spelling",
        "formatting",
    ];
    let lower = subject.to_lowercase();
    let words: Vec<&str> = lower.split(|letter: char| !letter.is_alphanumeric()).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    has(&MENDING) && !has(&OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_with_renames() {
        let id = "a".repeat(40);
        let text = format!(
            "\u{1e}{id}\0{id} x\0{}\0Ada@Example.org\0Say\0Say\n\nmore\n\0\n3\t1\ta.py\0-\t-\tb.png\0{}",
            90, "2\t0\t\0old.py\0new.py\0"
        );
        let read = logged(&text).unwrap();
        assert_eq!(
            (read.time, read.author.as_str(), read.parent.as_deref()),
            (90, "ada@example.org", Some(id.as_str()))
        );
        let told: Vec<(&str, Option<&str>, u32, u32)> = read
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.base_path.as_deref(), file.added, file.removed))
            .collect();
        assert_eq!(
            told,
            [
                ("a.py", None, 3, 1),
                ("b.png", None, 0, 0),
                ("new.py", Some("old.py"), 2, 0)
            ]
        );
        assert_eq!(logged(""), None);
    }

    #[test]
    fn messages_name_other_commits() {
        let text =
            "Mend it\n\nThis reverts commit ABCDEF1234.\nFixes: 1234567 (\"x\")\nfixes: #12\nFixes: 1234567890z\n";
        assert_eq!(
            named(text),
            [
                ("abcdef1234".to_owned(), Failed::Reverted),
                ("1234567".to_owned(), Failed::Named)
            ]
        );
        assert_eq!(request_of("Add a cart (#12)").as_deref(), Some("12"));
        assert_eq!(request_of("Add a cart (12)"), None);
        assert_eq!(reverted_request("x\n\nReverts shop/cart#12\n").as_deref(), Some("12"));
        assert_eq!(reverted_request("Reverts what was done in #12"), None);
    }

    #[test]
    fn mending_is_told_by_words() {
        for subject in [
            "Fix the total",
            "fix(cart): total",
            "Bugfix: total",
            "A regression in totals",
            "fixed #12",
        ] {
            assert!(mends(subject), "{subject}");
        }
        for subject in [
            "Fix typo",
            "Fix the docs",
            "Prefix names",
            "Add totals",
            "fix flake8",
            "Fixture for carts",
        ] {
            assert!(!mends(subject), "{subject}");
        }
    }
}
