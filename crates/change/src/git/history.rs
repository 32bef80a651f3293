//! Past commits, as a project's own history tells of them.

use std::path::Path;

use super::command::Git;
use crate::Error;

/// Which commits.
#[derive(Clone, Debug, Default)]
pub struct HistoryRequest {
    /// Since when, as git understands it; `90d` is ninety days.
    pub since: Option<String>,
    /// At most so many.
    pub last: Option<usize>,
    /// A revision or range.
    pub range: Option<String>,
    /// All commits, instead of the first-parent history, in which what a merge brings is one change.
    pub all_parents: bool,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastCommit {
    /// Its id.
    pub id: String,
    /// Its first parent; none for the first commit of a history.
    pub parent: Option<String>,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// That day, as ISO 8601 writes it.
    pub date: String,
    /// First line of its message.
    pub subject: String,
    /// Its whole message.
    pub message: String,
    /// The trailers of its message, a line each.
    pub trailers: Vec<String>,
}

const FORMAT: &str = "--format=%H%x1f%P%x1f%ct%x1f%cs%x1f%s%x1f%B%x1f%(trailers:only,unfold)";

/// Past commits, the newest first.
///
/// # Errors
/// When there is no repository or no such revision.
pub fn history(folder: &Path, request: &HistoryRequest) -> Result<Vec<PastCommit>, Error> {
    let git = Git::discover(folder)?;
    let mut arguments = vec!["log".to_owned(), "-z".to_owned(), FORMAT.to_owned()];
    if !request.all_parents {
        arguments.push("--first-parent".to_owned());
    }
    arguments.extend(
        request
            .since
            .as_deref()
            .map(|since| format!("--since={}", in_words(since))),
    );
    arguments.extend(request.last.map(|last| format!("--max-count={last}")));
    arguments.push("--end-of-options".to_owned());
    arguments.push(request.range.clone().unwrap_or_else(|| "HEAD".to_owned()));
    arguments.push("--".to_owned());
    let bytes = git.bytes(&arguments)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.split('\0').filter_map(commit).collect())
}

/// `90d` as `90 days`; anything else as it is.
fn in_words(since: &str) -> String {
    let Some(last) = since.chars().last() else {
        return String::new();
    };
    let number = &since[..since.len() - last.len_utf8()];
    let unit = match last {
        'd' => "days",
        'w' => "weeks",
        'm' => "months",
        'y' => "years",
        _ => return since.to_owned(),
    };
    match number.parse::<u32>() {
        Ok(number) => format!("{number} {unit} ago"),
        Err(_) => since.to_owned(),
    }
}

fn commit(text: &str) -> Option<PastCommit> {
    let mut parts = text.trim_start_matches('\n').split('\x1f').map(str::to_owned);
    let mut next = || parts.next();
    Some(PastCommit {
        id: next().filter(|id| !id.is_empty())?,
        parent: next()?
            .split(' ')
            .next()
            .filter(|parent| !parent.is_empty())
            .map(str::to_owned),
        time: next()?.parse().ok()?,
        date: next()?,
        subject: next()?,
        message: next()?,
        trailers: next()?
            .lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_read_with_its_trailers() {
        let read = commit("abc\x1fp1 p2\x1f1700000000\x1f2023-11-14\x1fFix it\x1fFix it\n\nMore.\n\nA: b\n\x1fA: b\n")
            .unwrap();
        assert_eq!(
            (read.id.as_str(), read.parent.as_deref(), read.time),
            ("abc", Some("p1"), 1_700_000_000)
        );
        assert_eq!(read.trailers, ["A: b"]);
        assert_eq!(commit("abc\x1f\x1f1\x1fd\x1fs\x1fm\x1f").unwrap().parent, None);
        assert_eq!(commit("\n"), None);
    }

    #[test]
    fn spans_are_written_shortly() {
        assert_eq!(in_words("90d"), "90 days ago");
        assert_eq!(in_words("2w"), "2 weeks ago");
        assert_eq!(in_words("2024-01-01"), "2024-01-01");
        assert_eq!(in_words("yesterday"), "yesterday");
    }
}
