//! Notes below `refs/notes/ai`: found for the commits of a range, held against what these hold, and made into authors of lines.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use imara_diff::{Algorithm, Diff, InternedInput};
use model::authorship::{Author, AuthorSource, CommitClaim, Confidence, ContributorKind};

use super::commits::Commit;
use super::git_ai::{self, Entry, Key, LONGEST, Log, Note};
use super::ranges::{Numbered, Painted};
use super::recorded::{Contents, Recorded, blobs_named, name_of};
use super::trailers::tool_named;
use super::{Problems, short};
use crate::error::Error;
use crate::git::blobs::Blobs;
use crate::git::command::Git;
use crate::side::Contents as _;

/// Where git-ai keeps its notes.
const REFERENCE: &str = "refs/notes/ai";
/// How deep git spreads notes over folders of two digits at most; with 16 million notes it is three.
const FANOUT: usize = 4;

/// The notes of a range.
#[derive(Default)]
pub(super) struct Notes {
    by_commit: HashMap<String, Note>,
    /// Whether there are notes of git-ai at all, for whatever commits.
    pub any: bool,
}

impl Notes {
    /// Finds and reads the notes of these commits.
    ///
    /// # Errors
    /// When git fails.
    pub fn read(git: &Git, blobs: &Arc<Blobs>, commits: &[Commit], problems: &mut Problems) -> Result<Self, Error> {
        let tree = git.answer(&["rev-parse", "--verify", "--quiet", &format!("{REFERENCE}^{{tree}}")])?;
        let Some(tree) = tree else {
            return Ok(Self::default());
        };
        // The cost follows the commits of the range, not all the notes there are.
        let names: Vec<String> = commits.iter().flat_map(|commit| places(&tree, &commit.id)).collect();
        let found = blobs_named(git, &names)?;
        let mut wanted: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (commit, found) in commits.iter().zip(found.chunks(FANOUT)) {
            let Some((id, size)) = found.iter().flatten().next() else {
                continue;
            };
            if *size > LONGEST as u64 {
                let mib = LONGEST >> 20;
                problems.add(format!(
                    "the note of commit {} is larger than {mib} MiB and was not read",
                    short(&commit.id)
                ));
                continue;
            }
            wanted.entry(id.clone()).or_default().push(&commit.id);
        }
        let mut by_commit = HashMap::new();
        let ids: Vec<&str> = wanted.keys().map(String::as_str).collect();
        blobs.fetch(&ids, &mut |id, bytes| {
            let note = git_ai::parse(&bytes);
            for commit in wanted.get(id).into_iter().flatten() {
                by_commit.insert((*commit).to_owned(), note.clone());
            }
        })?;
        for commit in commits {
            for problem in by_commit.get(&commit.id).iter().flat_map(|note| &note.problems) {
                problems.add(format!("the note of commit {}, {problem}", short(&commit.id)));
            }
        }
        Ok(Self { by_commit, any: true })
    }

    /// The agents that the note of a commit names, and who drove the last one of them that says so.
    pub fn claims(&self, commit: &str) -> (Vec<CommitClaim>, Option<String>) {
        let logs = self.by_commit.get(commit).into_iter().flat_map(|note| &note.logs);
        let agents: Vec<&git_ai::Agent> = logs.flat_map(Log::agents_with_lines).collect();
        let operator = agents.iter().rev().find_map(|agent| agent.operator.clone());
        let mut claims: Vec<CommitClaim> = Vec::new();
        for agent in agents {
            let claim = CommitClaim {
                tool: agent.tool.as_deref().map(tool_named),
                model: agent.model.clone(),
                source: AuthorSource::Note,
                says: REFERENCE.to_owned(),
            };
            if !claims.contains(&claim) {
                claims.push(claim);
            }
        }
        (claims, operator)
    }

    /// Who wrote which lines of the `wanted` files, each a commit's id and a path in it.
    ///
    /// What a note says of files and lines that are not there is told and not believed. A note that was copied from another commit
    /// (`base_commit_sha` is neither this one nor its parent, as `notes.rewriteRef` leaves it) counts lines of that commit: they are
    /// followed by what the two contents have in common, and where that commit is not here, its lines are no more than a claim.
    ///
    /// # Errors
    /// When git fails.
    pub fn lines(
        &self,
        git: &Git,
        blobs: &Arc<Blobs>,
        commits: &[Commit],
        wanted: &BTreeSet<(String, String)>,
        problems: &mut Problems,
    ) -> Result<Recorded, Error> {
        let asked: BTreeSet<&str> = wanted.iter().map(|(commit, _)| commit.as_str()).collect();
        let noted: Vec<(&Commit, &Note)> = commits
            .iter()
            .filter(|commit| asked.contains(commit.id.as_str()))
            .filter_map(|commit| Some((commit, self.by_commit.get(&commit.id)?)))
            .collect();
        let of_others = noted
            .iter()
            .flat_map(|(commit, note)| note.logs.iter().filter_map(|log| copied(log, commit)));
        let here = existing(git, of_others)?;
        let mut names = BTreeSet::new();
        for (commit, log) in logs(&noted) {
            let at = place(log, commit, &here);
            for path in log.files.keys() {
                names.extend(at.known().and_then(|id| name_of(id, path)));
                names.extend(name_of(&commit.id, path));
            }
        }
        let contents = Contents::read(git, blobs, &names, |ids| to_compare(&noted, &here, ids))?;
        if contents.unread > 0 {
            problems.add(format!(
                "{} files that notes name are too large to be held against them",
                contents.unread
            ));
        }
        let mut book = Book {
            contents: &contents,
            recorded: Recorded::default(),
            agents: self
                .by_commit
                .values()
                .flat_map(|note| &note.logs)
                .flat_map(Log::agents)
                .collect(),
            problems,
        };
        for (commit, note) in &noted {
            book.take(commit, note, &here, wanted);
        }
        Ok(book.recorded)
    }
}

fn logs<'a>(noted: &'a [(&Commit, &Note)]) -> impl Iterator<Item = (&'a Commit, &'a Log)> {
    noted
        .iter()
        .flat_map(|(commit, note)| note.logs.iter().map(move |log| (*commit, log)))
}

/// Where the note of a commit may be in a tree of notes.
fn places(tree: &str, commit: &str) -> Vec<String> {
    let place = |depth: usize| {
        let (folders, name) = commit.split_at((2 * depth).min(commit.len()));
        let folders = folders.as_bytes().chunks(2).map(String::from_utf8_lossy);
        let folders: String = folders.map(|folder| format!("{folder}/")).collect();
        format!("{tree}:{folders}{name}")
    };
    (0..FANOUT).map(place).collect()
}

/// The commit that a log was copied from, where it is that of another one.
fn copied<'a>(log: &'a Log, commit: &Commit) -> Option<&'a str> {
    let base = log.base.as_deref()?;
    let own = base == commit.id || commit.parents.iter().any(|parent| parent == base);
    (!own).then_some(base)
}

/// Which of these commits are in the repository.
fn existing<'a>(git: &Git, ids: impl Iterator<Item = &'a str>) -> Result<HashSet<String>, Error> {
    let ids: BTreeSet<&str> = ids.collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let input: String = ids.iter().flat_map(|id| [id, "\n"]).collect();
    let output = git.filter(&["cat-file", "--batch-check"], input.as_bytes())?;
    let answers = String::from_utf8_lossy(&output).into_owned();
    let found = answers
        .lines()
        .filter_map(|line| line.split_once(" commit "))
        .map(|(id, _)| id.to_owned());
    Ok(found.collect())
}

/// Which commit the lines of a log are counted in.
enum Place<'a> {
    Own(&'a str),
    Other(&'a str),
    /// One that is not here.
    Missing(&'a str),
}

impl<'a> Place<'a> {
    fn known(&self) -> Option<&'a str> {
        match self {
            Self::Own(id) | Self::Other(id) => Some(id),
            Self::Missing(_) => None,
        }
    }
}

fn place<'a>(log: &'a Log, commit: &'a Commit, here: &HashSet<String>) -> Place<'a> {
    match copied(log, commit) {
        None => Place::Own(&commit.id),
        Some(id) if here.contains(id) => Place::Other(id),
        Some(id) => Place::Missing(id),
    }
}

/// Contents that must be compared line by line: of copied notes, where the file is another one in the other commit.
fn to_compare(
    noted: &[(&Commit, &Note)],
    here: &HashSet<String>,
    ids: &HashMap<String, (String, u64)>,
) -> HashSet<String> {
    let mut keep = HashSet::new();
    for (commit, log) in logs(noted) {
        let Place::Other(other) = place(log, commit, here) else {
            continue;
        };
        for path in log.files.keys() {
            let id = |commit: &str| ids.get(&name_of(commit, path)?).map(|(id, _)| id);
            if let (Some(old), Some(new)) = (id(other), id(&commit.id))
                && old != new
            {
                keep.extend([old.clone(), new.clone()]);
            }
        }
    }
    keep
}

/// What is made of notes.
struct Book<'a> {
    contents: &'a Contents,
    recorded: Recorded,
    /// The agents of all sessions that notes of the range have a record of.
    agents: HashMap<&'a str, &'a git_ai::Agent>,
    problems: &'a mut Problems,
}

impl Book<'_> {
    fn take(&mut self, commit: &Commit, note: &Note, here: &HashSet<String>, wanted: &BTreeSet<(String, String)>) {
        let mut told: BTreeMap<&str, Numbered> = BTreeMap::new();
        // The last log and the last entry win.
        for log in note.logs.iter().rev() {
            let place = place(log, commit, here);
            if let Place::Missing(id) = place {
                self.say(
                    commit,
                    &format!(
                        "was copied from commit {}, which is not here: its lines may have moved, and count as a claim",
                        short(id)
                    ),
                );
            }
            for (path, entries) in &log.files {
                let Some(ranges) = self.believed(commit, &place, log, path, entries) else {
                    continue;
                };
                if wanted.contains(&(commit.id.clone(), path.clone())) {
                    told.entry(path)
                        .or_default()
                        .extend(self.moved(commit, &place, path, ranges));
                }
            }
        }
        for (path, ranges) in told {
            self.recorded.paint(&commit.id, path, Painted::from_last(ranges));
        }
    }

    fn say(&mut self, commit: &Commit, what: &str) {
        self.problems
            .add(format!("the note of commit {} {what}", short(&commit.id)));
    }

    /// The ranges of entries that can be believed, the last ones first.
    fn believed(
        &mut self,
        commit: &Commit,
        place: &Place<'_>,
        log: &Log,
        path: &str,
        entries: &[Entry],
    ) -> Option<Numbered> {
        let id = place.known().map(|at| self.contents.id(at, path));
        let Some(id) = id.unwrap_or_else(|| self.contents.id(&commit.id, path)) else {
            let line = entries.first().map_or(1, |entry| entry.at);
            self.say(
                commit,
                &format!("names {path} (line {line}), which is no file of that commit: not believed"),
            );
            return None;
        };
        let last = self.contents.line_count(id).unwrap_or(u32::MAX);
        let mut ranges = Vec::new();
        for entry in entries.iter().rev() {
            let Some(author) = self.author(commit, place, log, entry) else {
                continue;
            };
            let number = self.recorded.number(author);
            for (start, end) in entry.ranges.iter().rev() {
                if *end > last {
                    self.say(
                        commit,
                        &format!(
                            "names lines {start}-{end} of {path} (line {}), which has {last}: not believed",
                            entry.at
                        ),
                    );
                    continue;
                }
                ranges.push((*start, *end, number));
            }
        }
        Some(ranges)
    }

    /// Who an entry says it was. A key without a record is still that of a session; a person must have one.
    fn author(&mut self, commit: &Commit, place: &Place<'_>, log: &Log, entry: &Entry) -> Option<Author> {
        let mut author = Author {
            confidence: match place {
                Place::Missing(_) => Confidence::Claimed,
                _ => Confidence::Recorded,
            },
            source: AuthorSource::Note,
            commit: Some(commit.id.clone()),
            ..Author::default()
        };
        match &entry.key {
            Key::Session(session) => {
                author.kind = ContributorKind::Ai;
                // What was picked onto another commit has its record where it comes from.
                let agent = log
                    .agent(session)
                    .or_else(|| self.agents.get(session.as_str()).copied());
                match agent {
                    Some(agent) => {
                        author.tool = agent.tool.as_deref().map(tool_named);
                        author.model.clone_from(&agent.model);
                    }
                    None => self.say(
                        commit,
                        &format!("has no record of the session {session}: an AI, not told which"),
                    ),
                }
            }
            Key::Human(key) => {
                let Some(person) = log.person(key) else {
                    self.say(commit, &format!("has no record of the person {key}: not believed"));
                    return None;
                };
                author.kind = ContributorKind::Human;
                author.who = Some(person.to_owned());
            }
        }
        Some(author)
    }

    /// Ranges of the commit that a note was written for, as ranges of the commit that has it now.
    fn moved(&self, commit: &Commit, place: &Place<'_>, path: &str, ranges: Numbered) -> Numbered {
        let Place::Other(other) = place else {
            return ranges;
        };
        let ids = (self.contents.id(other, path), self.contents.id(&commit.id, path));
        let (Some(old), Some(new)) = ids else {
            return Vec::new();
        };
        if old == new {
            return ranges;
        }
        match (self.contents.bytes(old), self.contents.bytes(new)) {
            (Some(old), Some(new)) => followed(old, new, &Painted::from_last(ranges)),
            _ => Vec::new(),
        }
    }
}

/// What is said of lines of `old`, said of the same lines in `new`.
fn followed(old: &[u8], new: &[u8], painted: &Painted<usize>) -> Numbered {
    let input = InternedInput::new(old, new);
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let mut ranges: Numbered = Vec::new();
    let mut keep = |from: u32, to: u32, until: u32| {
        for line in to..until {
            let Some(value) = painted.at(from + (line - to) + 1) else {
                continue;
            };
            match ranges.last_mut() {
                Some((_, end, known)) if *end == line && *known == value => *end = line + 1,
                _ => ranges.push((line + 1, line + 1, value)),
            }
        }
    };
    let (mut from, mut to) = (0, 0);
    for hunk in diff.hunks() {
        keep(from, to, hunk.after.start);
        (from, to) = (hunk.before.end, hunk.after.end);
    }
    keep(from, to, u32::try_from(input.after.len()).unwrap_or(u32::MAX));
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_looked_for_at_every_depth() {
        assert_eq!(
            places("t", "0123456789"),
            ["t:0123456789", "t:01/23456789", "t:01/23/456789", "t:01/23/45/6789"]
        );
    }

    #[test]
    fn lines_are_followed_over_what_was_put_between_them() {
        let painted = Painted::from_last([(1, 2, 7), (3, 3, 8)]);
        let ranges = followed(b"a\nb\nc\nd\n", b"new\na\nnew\nb\nc\nd", &painted);
        assert_eq!(ranges, [(2, 2, 7), (4, 4, 7), (5, 5, 8)]);
        assert_eq!(followed(b"a\n", b"b\n", &painted), []);
    }
}
