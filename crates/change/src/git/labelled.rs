//! Past changes, what was known of them when they were made, and whether they were undone or mended afterwards.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::path::PathBuf;

use model::gate_input::HistoryFacts;

use super::command::Git;
use super::log::{self, Logged, PastFile};
use super::mending;
use super::touching::{CHURN_DAYS, DAY, YEAR_DAYS};
use crate::Error;

/// Which changes.
#[derive(Clone, Debug)]
pub struct LabelRequest {
    /// A folder in the repository.
    pub repository: PathBuf,
    /// The branch or commit whose history is read.
    pub commit: String,
    /// The newest commits of it that are read, at most.
    pub last: usize,
    /// Days after a change within which it counts as failed if it is reverted or mended.
    pub days: u32,
    /// Commits that mend something whose removed lines are followed, at most: the newest.
    pub mending: usize,
    /// Tells by its path whether a file is code that is shipped; removed lines of no other are followed.
    pub is_code: fn(&str) -> bool,
}

/// How it is known that a change failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failed {
    /// A later commit says that it reverts it.
    Reverted,
    /// A later commit says that it mends it (`Fixes: 1a2b3c4`).
    Named,
    /// A later commit that says it mends something removes lines of it.
    Mended,
}

/// A past change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledChange {
    /// Its commit.
    pub commit: String,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// What it did to which files.
    pub files: Vec<PastFile>,
    /// What the history told of its files and its author then.
    pub history: HistoryFacts,
    /// How it is known that it failed within the days; none where nothing says so.
    pub failed: Option<Failed>,
}

/// Past changes, and how they were labelled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labelled {
    /// Changes whose label is known, the oldest first.
    pub changes: Vec<LabelledChange>,
    /// Commits that were read.
    pub commits: u32,
    /// Commits among them that say they mend something and are small enough to tell what.
    pub mending: u32,
    /// How many of these were followed to what they mend, the newest first.
    pub followed: u32,
    /// What a reader should know, in sentences.
    pub notes: Vec<String>,
}

/// Reads past changes, one for each commit that merges nothing, with what was known when it was made and what became of it.
///
/// What was known comes from one pass over `git log --numstat`, the oldest first: churn, people and the author's own commits as
/// [`crate::file_history`] tells them, here with renames followed. Those of the first year are left out, or of the first fifth where that
/// is shorter, unless the history begins there: what was before is not known.
///
/// A change failed if within so many days a later commit says that it reverts it, or names it in `Fixes:`, or says that it mends something
/// and removes lines which `git blame` gives to it. The last is the approach of Śliwerski, Zimmermann and Zeller 2005, "When do changes
/// induce fixes?", with what Kim et al. 2006, "Automatic identification of bug-introducing changes", leave out: lines without a word and changes of blanks; and commits
/// that touch more than ten files of code or remove more than 200 lines of it, which mend more than one thing. It takes a process of git
/// for each file that a commit mends, so that the newest commits are followed first, for as long as `go_on` says, which is asked before each. Changes whose
/// labels are not complete are left out: those younger than the days, and those from before what was followed.
/// Labels are approximations: what nobody wrote down as mended did not fail here, and a mended line need not have been wrong.
///
/// # Errors
/// When there is no git, no repository, or no such commit.
pub fn labelled(request: &LabelRequest, go_on: &mut dyn FnMut() -> bool) -> Result<Labelled, Error> {
    let git = Git::discover(&request.repository)?;
    // A partial clone would ask the network for each content.
    let git = git.with([("GIT_NO_LAZY_FETCH", "1".into())]);
    let past = log::read(&git, &request.commit, request.last)?;
    let mut labels = Labels::new(&past, i64::from(request.days) * DAY);
    labels.by_words(&past);
    let mut found = Labelled {
        commits: number(past.len()),
        ..Labelled::default()
    };
    if git.about().is_shallow {
        found
            .notes
            .push("the clone is shallow: only the commits that it has were read".to_owned());
    }
    let mends = mending::candidates(&past, request.is_code);
    found.mending = number(mends.len());
    let mut complete_from = past.first().map_or(0, |first| first.time);
    let wanted = &mends[mends.len().saturating_sub(request.mending)..];
    let mut followed = 0;
    for (at, lines) in mending::removed(&git, &past, wanted, request.is_code)?
        .into_iter()
        .rev()
    {
        if !go_on() {
            break;
        }
        for commit in mending::blamed(&git, &past[at], &lines, past[at].time - labels.within)? {
            labels.add(&commit, Failed::Mended, past[at].time);
        }
        followed += 1;
    }
    found.followed = number(followed);
    // The newest one that was not followed may mend what came before it, and nothing after.
    if let Some(at) = mends.iter().rev().nth(followed) {
        complete_from = past[*at].time;
        found.notes.push(format!(
            "of {} commits that mend something, the newest {followed} were followed: older changes are left out",
            mends.len()
        ));
    }
    let complete_until = past.last().map_or(0, |last| last.time - labels.within);
    let whole = past.len() < request.last && !git.about().is_shallow;
    let known_from = if whole { i64::MIN } else { warmed_up(&past) };
    let known = known_from.max(complete_from)..=complete_until;
    found.changes = Timeline::default().changes(past, &known, &labels);
    Ok(found)
}

/// From when on enough of the past is known: a year after the first commit, or a fifth of them where that is shorter.
fn warmed_up(past: &[Logged]) -> i64 {
    let (Some(first), Some(fifth)) = (past.first(), past.get(past.len() / 5)) else {
        return 0;
    };
    (first.time + YEAR_DAYS * DAY).min(fifth.time)
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What became of commits.
struct Labels {
    /// Seconds within which it counts.
    within: i64,
    /// When each was made.
    times: BTreeMap<String, i64>,
    /// By the number of a pull request, the commit that merged it.
    requests: HashMap<String, String>,
    failed: HashMap<String, Failed>,
}

impl Labels {
    fn new(past: &[Logged], within: i64) -> Self {
        Self {
            within,
            times: past.iter().map(|commit| (commit.id.clone(), commit.time)).collect(),
            requests: past
                .iter()
                .filter_map(|commit| Some((log::request_of(&commit.subject)?, commit.id.clone())))
                .collect(),
            failed: HashMap::new(),
        }
    }

    /// What later commits say themselves.
    fn by_words(&mut self, past: &[Logged]) {
        for commit in past {
            for (id, failed) in log::named(&commit.message) {
                if let Some(id) = self.whole(&id) {
                    self.add(&id, failed, commit.time);
                }
            }
            let id = log::reverted_request(&commit.message).and_then(|request| self.requests.get(&request).cloned());
            if let Some(id) = id.filter(|id| *id != commit.id) {
                self.add(&id, Failed::Reverted, commit.time);
            }
        }
    }

    /// The one commit whose id begins so.
    fn whole(&self, id: &str) -> Option<String> {
        let mut from = self.times.range(id.to_owned()..).map(|(known, _)| known);
        let found = from.next().filter(|known| known.starts_with(id))?;
        let is_one = !from.next().is_some_and(|next| next.starts_with(id));
        is_one.then(|| found.clone())
    }

    fn add(&mut self, id: &str, failed: Failed, time: i64) {
        let Some(made) = self.times.get(id) else {
            return;
        };
        if time >= *made && time - made <= self.within {
            let kept = self.failed.entry(id.to_owned()).or_insert(failed);
            *kept = failed.min(*kept);
        }
    }
}

/// A commit that touched a file.
#[derive(Clone, Copy)]
struct Touch {
    commit: usize,
    time: i64,
    author: usize,
}

/// Files, and who touched them within the last year, while the history goes on.
#[derive(Default)]
struct Timeline {
    touched: HashMap<String, VecDeque<Touch>>,
    authors: HashMap<String, usize>,
}

impl Timeline {
    fn changes(
        mut self,
        past: Vec<Logged>,
        known: &std::ops::RangeInclusive<i64>,
        labels: &Labels,
    ) -> Vec<LabelledChange> {
        let mut changes = Vec::new();
        for (at, commit) in past.into_iter().enumerate() {
            let next = self.authors.len();
            let author = *self.authors.entry(commit.author.clone()).or_insert(next);
            let is_wanted = known.contains(&commit.time) && !commit.files.is_empty();
            let history = is_wanted.then(|| self.facts(&commit, author));
            self.touch(&commit, at, author);
            changes.extend(history.map(|history| LabelledChange {
                failed: labels.failed.get(&commit.id).copied(),
                commit: commit.id,
                time: commit.time,
                files: commit.files,
                history,
            }));
        }
        changes
    }

    fn facts(&self, commit: &Logged, author: usize) -> HistoryFacts {
        let mut seen: HashSet<usize> = HashSet::new();
        let mut people: BTreeSet<usize> = BTreeSet::new();
        let mut facts = HistoryFacts::default();
        for file in &commit.files {
            let path = file.base_path.as_ref().unwrap_or(&file.path);
            for touch in self.touched.get(path).into_iter().flatten() {
                let is_old = touch.time < commit.time - YEAR_DAYS * DAY;
                if is_old || !seen.insert(touch.commit) {
                    continue;
                }
                facts.churn += u32::from(touch.time >= commit.time - CHURN_DAYS * DAY);
                facts.own_commits.0 += u32::from(touch.author == author);
                facts.own_commits.1 += 1;
                people.insert(touch.author);
            }
        }
        facts.committers = number(people.len());
        facts
    }

    fn touch(&mut self, commit: &Logged, at: usize, author: usize) {
        let touch = Touch {
            commit: at,
            time: commit.time,
            author,
        };
        for file in &commit.files {
            let moved = file.base_path.as_ref().and_then(|path| self.touched.remove(path));
            let touches = self.touched.entry(file.path.clone()).or_default();
            touches.extend(moved.into_iter().flatten());
            touches.push_back(touch);
            while touches
                .front()
                .is_some_and(|old| old.time < commit.time - YEAR_DAYS * DAY)
            {
                touches.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(id: &str, day: i64, author: &str, message: &str, files: &[(&str, Option<&str>)]) -> Logged {
        Logged {
            id: id.to_owned(),
            time: day * DAY,
            author: author.to_owned(),
            subject: message.lines().next().unwrap_or_default().to_owned(),
            message: message.to_owned(),
            files: files
                .iter()
                .map(|(path, from)| PastFile {
                    path: (*path).to_owned(),
                    base_path: from.map(str::to_owned),
                    added: 1,
                    removed: 0,
                })
                .collect(),
            ..Logged::default()
        }
    }

    #[test]
    fn what_was_known_then_is_told_with_renames_followed() {
        let past = vec![
            commit("a", 1, "ada", "a", &[("x.py", None)]),
            commit("b", 300, "bob", "b", &[("x.py", None), ("y.py", None)]),
            commit("c", 380, "ada", "c", &[("z.py", Some("x.py")), ("y.py", None)]),
            commit("d", 381, "cyd", "d", &[("z.py", None)]),
            commit("e", 382, "cyd", "e", &[]),
        ];
        let labels = Labels::new(&past, 90 * DAY);
        let changes = Timeline::default().changes(past, &(0..=i64::MAX), &labels);
        let told: Vec<(u32, (u32, u32), u32)> = changes
            .iter()
            .map(|change| {
                (
                    change.history.churn,
                    change.history.own_commits,
                    change.history.committers,
                )
            })
            .collect();
        assert_eq!(told, [(0, (0, 0), 0), (0, (0, 1), 1), (1, (0, 1), 1), (2, (0, 2), 2)]);
    }

    #[test]
    fn later_commits_name_what_failed() {
        let past = vec![
            commit("aaaaaaa1", 1, "ada", "one (#12)", &[("x.py", None)]),
            commit("bbbbbbb1", 2, "ada", "two", &[("x.py", None)]),
            commit("ccccccc1", 3, "ada", "three", &[("x.py", None)]),
            commit(
                "ddddddd1",
                4,
                "ada",
                "Revert \"three\"\n\nThis reverts commit ccccccc1.\n",
                &[("x.py", None)],
            ),
            commit(
                "eeeeeee1",
                5,
                "ada",
                "Mend\n\nFixes: bbbbbbb (\"two\")\n",
                &[("x.py", None)],
            ),
            commit(
                "fffffff1",
                6,
                "ada",
                "Undo\n\nReverts shop/cart#12\n",
                &[("x.py", None)],
            ),
            commit("0000001f", 99, "ada", "Late\n\nFixes: ddddddd1\n", &[("x.py", None)]),
        ];
        let mut labels = Labels::new(&past, 90 * DAY);
        labels.by_words(&past);
        let mut failed: Vec<(&str, Failed)> = labels.failed.iter().map(|(id, how)| (id.as_str(), *how)).collect();
        failed.sort_unstable();
        assert_eq!(
            failed,
            [
                ("aaaaaaa1", Failed::Reverted),
                ("bbbbbbb1", Failed::Named),
                ("ccccccc1", Failed::Reverted)
            ]
        );
    }
}
