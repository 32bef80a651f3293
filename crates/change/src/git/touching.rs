//! How familiar files are: who changed them lately, and how often.

use std::collections::BTreeSet;
use std::path::Path;

use model::gate_input::HistoryFacts;

use super::command::Git;
use crate::Error;

/// Seconds of a day.
pub(super) const DAY: i64 = 24 * 60 * 60;
/// Days within which a commit counts as churn.
pub(super) const CHURN_DAYS: i64 = 90;
/// Days within which anything counts.
pub(super) const YEAR_DAYS: i64 = 365;
/// Commits that are looked at, at most.
const COMMITS: usize = 20_000;
/// Files that are looked at, at most.
const FILES: usize = 1_000;

/// Which files, up to when.
#[derive(Clone, Debug, Default)]
pub struct FileHistoryRequest {
    /// The commit that the change is made to: it and what came before it is looked at, the change itself is not.
    pub commit: String,
    /// Paths from the top of the repository; where the change renames a file, the old one, too.
    pub paths: Vec<String>,
    /// Addresses of the change's authors, with all that each of them is known by.
    pub authors: Vec<String>,
    /// Seconds since 1970 from which days are counted back.
    pub now: i64,
}

/// What the history tells of the files of a change, and what a reader should know of how that was told, in sentences. The time since the
/// last incident is not known here.
///
/// Commits that merge nothing count, by the dates that their committers gave, those that lie after `now` too. Of people the author counts,
/// by the address that the repository's `.mailmap` makes of it: the committer is often the forge. All of it is of the 365 days before
/// `now`, and of the newest 20,000 commits within them, whichever are fewer, so that what it takes depends on what happened lately and not on how long
/// the history is; it is two processes of git, of which the second compares the trees of these commits and reads no file. Earlier names of a file
/// are not followed, but for those in `paths`; of more than 1,000 paths the first are looked at.
///
/// # Errors
/// When there is no git, no repository, or no such commit.
pub fn file_history(repository: &Path, request: &FileHistoryRequest) -> Result<(HistoryFacts, Vec<String>), Error> {
    of(&Git::discover(repository)?, request)
}

pub(super) fn of(git: &Git, request: &FileHistoryRequest) -> Result<(HistoryFacts, Vec<String>), Error> {
    let mut notes = Vec::new();
    if git.about().is_shallow {
        notes.push(
            "the clone is shallow: how often and by whom these files were changed is told by the commits that it has"
                .to_owned(),
        );
    }
    if request.paths.is_empty() {
        return Ok((HistoryFacts::default(), notes));
    }
    if request.paths.len() > FILES {
        notes.push(format!(
            "of {} files, the history of the first {FILES} was looked at",
            request.paths.len()
        ));
    }
    let listing = listing(git, request, &mut notes)?;
    Ok((facts(&listing, request), notes))
}

/// A line for each commit that touches the files: its time and its author's address.
fn listing(git: &Git, request: &FileHistoryRequest, notes: &mut Vec<String>) -> Result<String, Error> {
    let since = format!("--since=@{} +0000", request.now - YEAR_DAYS * DAY);
    let number = format!("--max-count={}", COMMITS + 1);
    // How many there are is asked first, since with paths `--max-count` counts what touches them alone.
    let all = git.text(&["rev-list", &since, &number, "--end-of-options", &request.commit, "--"])?;
    let before = all.lines().nth(COMMITS).map(|last| format!("^{last}"));
    if before.is_some() {
        notes.push(format!(
            "how often and by whom these files were changed is told by the newest {COMMITS} commits"
        ));
    }
    let mut paths = "--\n".to_owned();
    for path in request.paths.iter().take(FILES) {
        // One that cannot stand in a line cannot be asked for this way.
        if !path.contains('\n') {
            paths.push_str(path);
            paths.push('\n');
        }
    }
    let mut arguments = vec![
        "log",
        "--no-show-signature",
        "--no-merges",
        "--full-history",
        "--no-renames",
        "--format=tformat:%ct %aE",
        &since,
        "--stdin",
        "--end-of-options",
        &request.commit,
    ];
    arguments.extend(before.as_deref());
    let bytes = git.filter(&arguments, paths.as_bytes())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn facts(listing: &str, request: &FileHistoryRequest) -> HistoryFacts {
    let own: BTreeSet<String> = request.authors.iter().map(|address| address.to_lowercase()).collect();
    let mut people: BTreeSet<String> = BTreeSet::new();
    let mut facts = HistoryFacts::default();
    for line in listing.lines() {
        let Some((time, address)) = line.split_once(' ') else {
            continue;
        };
        let Ok(time) = time.parse::<i64>() else {
            continue;
        };
        let address = address.trim().to_lowercase();
        let is_recent = time >= request.now - CHURN_DAYS * DAY;
        facts.churn += u32::from(is_recent);
        facts.own_commits.0 += u32::from(own.contains(&address));
        facts.own_commits.1 += 1;
        people.insert(address);
    }
    facts.committers = u32::try_from(people.len()).unwrap_or(u32::MAX);
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_apart_by_their_addresses() {
        let request = FileHistoryRequest {
            authors: vec!["Ada@Example.org".to_owned()],
            now: 100 * DAY,
            ..FileHistoryRequest::default()
        };
        let day = |day: i64| (day * DAY).to_string();
        let listing = format!(
            "{} ada@example.org\n{} ADA@example.org\n{} bob@example.org\nnone\n",
            day(99),
            day(10),
            day(9)
        );
        let facts = facts(&listing, &request);
        assert_eq!((facts.churn, facts.own_commits, facts.committers), (2, (2, 3), 2));
    }
}
