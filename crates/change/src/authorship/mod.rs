//! Who or what wrote each line that a range of commits adds.
//!
//! Each added line is led to the commit that put it there (`lines`), and then asked after: in that commit's note of git-ai (`git_ai`,
//! `notes`), in records of Agent Trace (`agent_trace`, `traces`), in the commit itself (`marks`, `trailers`). Each answer keeps its
//! source and how much stands behind it. Of a line of which none of them says anything, nobody knows who wrote it; nothing is
//! guessed from how it looks, and a commit without a mark is no proof of a person.

mod agent_trace;
mod commits;
mod expected;
mod git_ai;
mod lines;
mod marks;
mod notes;
mod ranges;
mod recorded;
mod traces;
mod trailers;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use model::Revision;
use model::authorship::{
    ATTRIBUTION_SCHEMA, Author, AuthorSource, Authorship, CommitAuthors, Confidence, ContributorKind, FileAuthorship,
    LineRun, Lines, ToolShare,
};

use crate::error::Error;
use crate::git::blobs::Blobs;
use crate::git::command::Git;
use crate::git::{GitRequest, Head, revisions};
use commits::Commit;
use lines::{Added, AddedFile, Piece};
use notes::Notes;
use traces::{Traced, Traces};

/// Which lines are asked after, and where else to look.
#[derive(Clone, Debug, Default)]
pub struct AuthorshipRequest {
    /// A folder in the repository.
    pub repository: PathBuf,
    /// `A..B` or `A...B`; without one, `HEAD` against what it has in common with the default branch.
    pub range: Option<String>,
    /// Files with records of Agent Trace, beside those that head has in `.agent-trace/`.
    pub traces: Vec<PathBuf>,
}

/// Who or what wrote the lines that a range of commits adds, as far as anything says so. Lines that are not committed are in no
/// commit, and so are not among them.
///
/// # Errors
/// When there is no git, no repository, no such revision, a file with records cannot be read, or git fails. Notes and records that
/// are wrong are no errors: they are told in [`Authorship::notes`].
pub fn authorship(request: &AuthorshipRequest) -> Result<Authorship, Error> {
    let git = Git::discover(&request.repository)?;
    of(&git, request.range.clone(), &request.traces)
}

/// As above, in a repository that is known.
pub(crate) fn of(git: &Git, range: Option<String>, traces: &[PathBuf]) -> Result<Authorship, Error> {
    let asked_for = range;
    let blobs = Arc::new(Blobs::new(git.clone()));
    let mut problems = Problems::default();
    let (base, head) = versions(git, &blobs, asked_for.as_ref(), &mut problems)?;
    let tip = head.commit.clone().unwrap_or_else(|| head.name.clone());
    let range = base
        .commit
        .as_ref()
        .map_or_else(|| tip.clone(), |base| format!("{base}..{tip}"));
    let commits = commits::of(git, &range)?;
    let added = lines::added(git, &base.tree, &head.tree)?;
    let touched = commits::touched(git, &commits)?;
    let (pieces, unblamed) = lines::origins(git, &range, &added.files, &touched);
    unblamed.into_iter().for_each(|problem| problems.add(problem));
    let wanted = wanted(&pieces);
    let notes = Notes::read(git, &blobs, &commits, &mut problems)?;
    let noted = notes.lines(git, &blobs, &commits, &wanted, &mut problems)?;
    let traces = Traces::read(git, &blobs, &tip, traces, &mut problems)?;
    let paths: BTreeSet<String> = added.files.iter().map(shown).collect();
    let traced = traces.lines((git, &blobs), (&commits, &tip), &wanted, &paths, &mut problems)?;
    let of_commits = of_commits(git, &commits, &mut problems);
    let asked = Asked {
        noted,
        traced,
        of_commits,
    };
    let files: Vec<FileAuthorship> = added
        .files
        .iter()
        .zip(&pieces)
        .map(|(file, pieces)| asked.file(file, pieces))
        .collect();
    let authors = commit_authors(&commits, &notes, &asked.traced);
    hints(git, &notes, &authors, &added, &mut problems);
    if asked_for.is_none() {
        uncommitted(git, &mut problems)?;
    }
    Ok(Authorship {
        schema: ATTRIBUTION_SCHEMA.to_owned(),
        range: asked_for,
        base,
        head,
        lines: total(&files),
        tools: tools(&files),
        files,
        commits: authors,
        notes: problems.into_sentences(),
    })
}

/// What could not be read or is not believed, each once, and not more than a person would read.
#[derive(Default)]
pub(crate) struct Problems {
    told: Vec<String>,
    seen: BTreeSet<String>,
    more: usize,
}

/// Sentences that are told.
const TOLD: usize = 40;

impl Problems {
    fn add(&mut self, problem: String) {
        if self.told.len() >= TOLD {
            self.more += 1;
        } else if self.seen.insert(problem.clone()) {
            self.told.push(problem);
        }
    }

    fn into_sentences(mut self) -> Vec<String> {
        if self.more > 0 {
            self.told.push(format!("and {} more of the kind", self.more));
        }
        self.told
    }
}

/// The first digits of an id, as many as tell it apart.
fn short(id: &str) -> String {
    id.chars().take(10).collect()
}

fn shown(file: &AddedFile) -> String {
    String::from_utf8_lossy(&file.path).into_owned()
}

/// Both versions. Of a history of one commit all is new.
fn versions(
    git: &Git,
    blobs: &Blobs,
    range: Option<&String>,
    problems: &mut Problems,
) -> Result<(Revision, Revision), Error> {
    let asked = GitRequest {
        repository: PathBuf::new(),
        range: range.cloned(),
        base: None,
        head: Head::Revision("HEAD".to_owned()),
        paths: Vec::new(),
        scratch: PathBuf::new(),
    };
    let meant = revisions::meant(git, &asked)?;
    let found = match revisions::resolve(git, blobs, meant, None) {
        Ok(found) => found,
        Err(error) => return alone(git, blobs, range)?.ok_or(error),
    };
    found.notes.into_iter().for_each(|note| problems.add(note));
    Ok((found.base, found.head))
}

/// The empty tree and the first commit, where that is all there is and no range was asked for.
fn alone(git: &Git, blobs: &Blobs, range: Option<&String>) -> Result<Option<(Revision, Revision)>, Error> {
    let Some(head) = blobs
        .commit("HEAD")?
        .filter(|_| range.is_none() && !git.about().is_shallow)
    else {
        return Ok(None);
    };
    if blobs.commit("HEAD~1")?.is_some() {
        return Ok(None);
    }
    let base = Revision {
        name: "the empty tree".to_owned(),
        tree: git.text(&["hash-object", "-t", "tree", "--stdin"])?,
        commit: None,
    };
    let head = Revision {
        name: "HEAD".to_owned(),
        tree: head.tree,
        commit: Some(head.id),
    };
    Ok(Some((base, head)))
}

/// The files of commits that lines are led to.
fn wanted(pieces: &[Vec<Piece>]) -> BTreeSet<(String, String)> {
    let origins = pieces.iter().flatten().filter_map(|piece| piece.origin.as_ref());
    origins
        .map(|origin| (origin.commit.clone(), origin.path.clone()))
        .collect()
}

/// What each commit says of itself, as the author of its lines.
fn of_commits(git: &Git, commits: &[Commit], problems: &mut Problems) -> HashMap<String, Author> {
    let is_cut = |commit: &Commit| git.about().is_shallow && commit.parents.is_empty();
    let of = |commit: &Commit| {
        let claims = if is_cut(commit) {
            Vec::new()
        } else {
            trailers::claims(commit)
        };
        let mut author = Author {
            commit: Some(commit.id.clone()),
            ..Author::default()
        };
        if claims.is_empty() {
            return author;
        }
        let mut tools: Vec<&str> = claims.iter().filter_map(|claim| claim.tool.as_deref()).collect();
        tools.sort_unstable();
        tools.dedup();
        author.kind = ContributorKind::Ai;
        author.tool = (!tools.is_empty()).then(|| tools.join(" + "));
        author.model = if let [claim] = claims.as_slice() {
            claim.model.clone()
        } else {
            None
        };
        author.confidence = Confidence::Claimed;
        author.source = AuthorSource::Trailer;
        author
    };
    for commit in commits.iter().filter(|commit| is_cut(commit)) {
        problems.add(format!(
            "history was cut off at commit {} when it was cloned: lines from before cannot be told from its own, and its message \
             says nothing of them; run `git fetch --unshallow`",
            short(&commit.id)
        ));
    }
    commits.iter().map(|commit| (commit.id.clone(), of(commit))).collect()
}

/// All that can be asked.
struct Asked {
    noted: recorded::Recorded,
    traced: Traced,
    of_commits: HashMap<String, Author>,
}

impl Asked {
    fn file(&self, file: &AddedFile, pieces: &[Piece]) -> FileAuthorship {
        let path = shown(file);
        let mut runs: Vec<LineRun> = Vec::new();
        for piece in pieces {
            self.piece(piece, &path, &mut runs);
        }
        FileAuthorship { path, runs }
    }

    /// Asks after each line of a piece: the note, a record for its commit, one for head, the commit.
    fn piece(&self, piece: &Piece, path: &str, runs: &mut Vec<LineRun>) {
        let nobody = Author::default();
        let origin = piece.origin.as_ref();
        let noted = origin.and_then(|origin| self.noted.of(&origin.commit, &origin.path));
        let traced = origin.and_then(|origin| self.traced.by_commit.of(&origin.commit, &origin.path));
        let of_head = self.traced.of_head.of("", path);
        let of_commit = origin
            .and_then(|origin| self.of_commits.get(&origin.commit))
            .unwrap_or(&nobody);
        for skipped in 0..piece.count {
            let line = piece.start + skipped;
            let there = origin.map_or(line, |origin| origin.start + skipped);
            let asked = [(&noted, there), (&traced, there), (&of_head, line)];
            let told = asked.into_iter().find_map(|(source, line)| {
                let (painted, authors) = source.as_ref()?;
                painted.at(line).map(|number| &authors[number])
            });
            add(runs, line, told.unwrap_or(of_commit));
        }
    }
}

/// Adds a line to the last run, where it follows that one and is by the same author.
fn add(runs: &mut Vec<LineRun>, line: u32, author: &Author) {
    match runs.last_mut() {
        Some(run) if run.end + 1 == line && run.author == *author => run.end = line,
        _ => runs.push(LineRun {
            start: line,
            end: line,
            author: author.clone(),
        }),
    }
}

fn commit_authors(commits: &[Commit], notes: &Notes, traced: &Traced) -> Vec<CommitAuthors> {
    let of = |commit: &Commit| {
        let (mut claims, driven) = notes.claims(&commit.id);
        let by_trace = traced.claims.iter().filter(|(id, _)| *id == commit.id);
        claims.extend(by_trace.map(|(_, claim)| claim.clone()));
        claims.extend(trailers::claims(commit));
        let operator = driven.or_else(|| (!claims.is_empty()).then(|| trailers::operator(commit)).flatten());
        CommitAuthors {
            commit: commit.id.clone(),
            name: commit.author.name.clone(),
            email: commit.author.email.clone(),
            operator,
            claims,
        }
    };
    commits.iter().map(of).collect()
}

/// What a reader should know beside.
fn hints(git: &Git, notes: &Notes, authors: &[CommitAuthors], added: &Added, problems: &mut Problems) {
    let claims = || authors.iter().flat_map(|commit| &commit.claims);
    if !notes.any && claims().any(|claim| claim.source == AuthorSource::Trailer) {
        let remotes = git.answer(&["remote"]).ok().flatten().unwrap_or_default();
        let remote = remotes
            .lines()
            .find(|name| *name == "origin")
            .or_else(|| remotes.lines().next());
        problems.add(match remote {
            Some(remote) => format!(
                "there are no notes of git-ai here, and git does not fetch them by itself: `git fetch {remote} \
                 refs/notes/ai:refs/notes/ai` brings those that there are"
            ),
            None => "there are no notes of git-ai here (refs/notes/ai): what commits say of themselves is all there is"
                .to_owned(),
        });
    }
    for (files, one, several, why) in [
        (&added.binary, "file", "files", "binary, so that no lines can be told"),
        (
            &added.submodules,
            "submodule",
            "submodules",
            "repositories of their own, whose commits are not looked at",
        ),
    ] {
        if let [first, rest @ ..] = files.as_slice() {
            let more = if rest.is_empty() {
                String::new()
            } else {
                format!(" and {} more", rest.len())
            };
            let word = if rest.is_empty() { one } else { several };
            problems.add(format!("{} changed {word}: {first}{more}: {why}", files.len()));
        }
    }
}

/// Tells of files that are changed and not committed.
fn uncommitted(git: &Git, problems: &mut Problems) -> Result<(), Error> {
    if !git.about().has_working_tree {
        return Ok(());
    }
    let listing = git.bytes(&[
        "status",
        "--porcelain=v1",
        "-z",
        "--no-renames",
        "--ignore-submodules=dirty",
    ])?;
    let count = listing
        .split(|byte| *byte == 0)
        .filter(|entry| !entry.is_empty())
        .count();
    if count > 0 {
        let files = if count == 1 {
            "file is".to_owned()
        } else {
            format!("{count} files are")
        };
        let files = if count == 1 { format!("1 {files}") } else { files };
        problems.add(format!(
            "{files} changed and not committed: who wrote that is unknown, and it is not counted here"
        ));
    }
    Ok(())
}

fn total(files: &[FileAuthorship]) -> Lines {
    let mut lines = Lines::default();
    for file in files {
        let of_file = file.lines();
        lines.ai += of_file.ai;
        lines.human += of_file.human;
        lines.mixed += of_file.mixed;
        lines.unknown += of_file.unknown;
    }
    lines
}

fn tools(files: &[FileAuthorship]) -> Vec<ToolShare> {
    let mut shares: BTreeMap<(Option<&str>, Option<&str>, Confidence), u64> = BTreeMap::new();
    let by_ai = files
        .iter()
        .flat_map(|file| &file.runs)
        .filter(|run| run.author.kind == ContributorKind::Ai);
    for run in by_ai {
        let author = &run.author;
        let key = (author.tool.as_deref(), author.model.as_deref(), author.confidence);
        *shares.entry(key).or_default() += u64::from(run.end - run.start) + 1;
    }
    let mut tools: Vec<ToolShare> = shares
        .into_iter()
        .map(|((tool, model, confidence), lines)| ToolShare {
            tool: tool.map(str::to_owned),
            model: model.map(str::to_owned),
            confidence,
            lines,
        })
        .collect();
    // Those with as many lines stay in the order of their names.
    tools.sort_by_key(|share| std::cmp::Reverse(share.lines));
    tools
}
