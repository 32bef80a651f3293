//! Records of Agent Trace, tied to the commits of a range, held against what these hold, and made into authors of lines.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use model::authorship::{Author, AuthorSource, CommitClaim, Confidence, ContributorKind};

use super::agent_trace::{self, Hash, LONGEST, Record, TraceClaim};
use super::commits::Commit;
use super::ranges::{Numbered, Painted};
use super::recorded::{Contents, Recorded, name_of};
use super::{Problems, short};
use crate::error::Error;
use crate::git::blobs::Blobs;
use crate::git::command::Git;
use crate::side::Contents as _;

/// Where records are kept in a repository: the reference implementation writes `.agent-trace/traces.jsonl`.
const KEPT: [&str; 3] = [".agent-trace", ".agent-trace.json", ".agent-trace.jsonl"];

/// Records, each with the name of the file that it comes from.
#[derive(Default)]
pub(super) struct Traces(Vec<(String, Record)>);

/// Who wrote lines, as records tell it.
#[derive(Default)]
pub(super) struct Traced {
    /// By the commit that a record names.
    pub by_commit: Recorded,
    /// Of records that name none: by lines of head.
    pub of_head: Recorded,
    /// What it says of whole commits.
    pub claims: Vec<(String, CommitClaim)>,
}

impl Traces {
    /// Reads the files that are named, and those that head has.
    ///
    /// # Errors
    /// When a named file cannot be read, or git fails.
    pub fn read(
        git: &Git,
        blobs: &Arc<Blobs>,
        head: &str,
        named: &[PathBuf],
        problems: &mut Problems,
    ) -> Result<Self, Error> {
        let mut traces = Self::default();
        let listing = git.bytes(
            &[
                ["ls-tree", "-r", "-z", "-l", "--full-tree", head, "--"].as_slice(),
                &KEPT,
            ]
            .concat(),
        )?;
        let mut wanted = BTreeMap::new();
        for line in listing.split(|byte| *byte == 0) {
            let line = String::from_utf8_lossy(line);
            let Some((meta, path)) = line.split_once('\t') else {
                continue;
            };
            let meta: Vec<&str> = meta.split_whitespace().collect();
            let [_, "blob", id, size] = meta.as_slice() else {
                continue;
            };
            if !(path.ends_with(".json") || path.ends_with(".jsonl")) {
                continue;
            }
            if size.parse::<usize>().is_ok_and(|size| size <= LONGEST) {
                wanted.insert((*id).to_owned(), path.to_owned());
            } else {
                problems.add(format!("{path} is larger than {} MiB and was not read", LONGEST >> 20));
            }
        }
        let ids: Vec<&str> = wanted.keys().map(String::as_str).collect();
        blobs.fetch(&ids, &mut |id, bytes| {
            traces.take(wanted.get(id).map_or("", String::as_str), &bytes, problems);
        })?;
        for path in named {
            let bytes = std::fs::read(path).map_err(Error::io(path))?;
            traces.take(&path.to_string_lossy(), &bytes, problems);
        }
        Ok(traces)
    }

    fn take(&mut self, name: &str, bytes: &[u8], problems: &mut Problems) {
        let (records, wrong) = agent_trace::parse(bytes);
        for problem in wrong {
            problems.add(format!("{name}, {problem}"));
        }
        self.0
            .extend(records.into_iter().map(|record| (name.to_owned(), record)));
    }

    /// Who wrote which lines of the `wanted` files, each a commit's id and a path in it, and of `files` of head.
    ///
    /// By the standard, lines are those of the commit that a record names. The reference implementation names the commit that was
    /// there when the lines were written, which is the parent of the one that holds them: where the named commit has no lines of that
    /// file in question, they are taken for those of its child, as a claim.
    ///
    /// # Errors
    /// When git fails.
    pub fn lines(
        &self,
        (git, blobs): (&Git, &Arc<Blobs>),
        (commits, head): (&[Commit], &str),
        wanted: &BTreeSet<(String, String)>,
        files: &BTreeSet<String>,
        problems: &mut Problems,
    ) -> Result<Traced, Error> {
        let mut tied: Vec<Tied> = Vec::new();
        for (name, record) in &self.0 {
            for claim in record
                .claims
                .iter()
                .filter(|claim| claim.kind != ContributorKind::Unknown)
            {
                let places = match &record.revision {
                    None if files.contains(&claim.path) => vec![(None, Confidence::Claimed)],
                    None => Vec::new(),
                    Some(revision) => commits_of(revision, &claim.path, commits, wanted),
                };
                tied.extend(places.into_iter().map(|(commit, confidence)| Tied {
                    name,
                    record,
                    claim,
                    commit,
                    confidence,
                }));
            }
        }
        let at = |tied: &Tied| name_of(tied.commit.unwrap_or(head), &tied.claim.path);
        let names: BTreeSet<String> = tied.iter().filter_map(at).collect();
        let hashed: BTreeSet<String> = tied
            .iter()
            .filter(|tied| tied.claim.hash.is_some())
            .filter_map(at)
            .collect();
        let contents = Contents::read(git, blobs, &names, |ids| {
            hashed
                .iter()
                .filter_map(|name| ids.get(name))
                .map(|(id, _)| id.clone())
                .collect()
        })?;
        Ok(made(&tied, &contents, head, problems))
    }
}

/// What a record says of lines, and of which commit.
struct Tied<'a> {
    name: &'a str,
    record: &'a Record,
    claim: &'a TraceClaim,
    /// None for head.
    commit: Option<&'a str>,
    /// How much stands behind it where no hash tells.
    confidence: Confidence,
}

fn commits_of<'a>(
    revision: &str,
    path: &str,
    commits: &'a [Commit],
    wanted: &BTreeSet<(String, String)>,
) -> Vec<(Option<&'a str>, Confidence)> {
    let asked = |commit: &&Commit| wanted.contains(&(commit.id.clone(), path.to_owned()));
    let named = commits
        .iter()
        .filter(asked)
        .filter(|commit| commit.id.starts_with(revision));
    let named: Vec<_> = named
        .map(|commit| (Some(commit.id.as_str()), Confidence::Recorded))
        .collect();
    if !named.is_empty() {
        return named;
    }
    let of_child = |commit: &&Commit| {
        commit
            .parents
            .first()
            .is_some_and(|parent| parent.starts_with(revision))
    };
    let children = commits.iter().filter(of_child).filter(asked);
    children
        .map(|commit| (Some(commit.id.as_str()), Confidence::Claimed))
        .collect()
}

fn made(tied: &[Tied<'_>], contents: &Contents, head: &str, problems: &mut Problems) -> Traced {
    let mut traced = Traced::default();
    let mut told: HashMap<(Option<&str>, &str), Numbered> = HashMap::new();
    // The last record wins.
    for one in tied.iter().rev() {
        let path = one.claim.path.as_str();
        let Some(confidence) = believed(one, contents, head, problems) else {
            continue;
        };
        let author = Author {
            kind: one.claim.kind,
            tool: (one.claim.kind != ContributorKind::Human)
                .then(|| one.record.tool.clone())
                .flatten(),
            model: one.claim.model.clone(),
            who: None,
            confidence,
            source: AuthorSource::Trace,
            commit: one.commit.map(str::to_owned),
        };
        if let Some(commit) = one.commit.filter(|_| author.kind != ContributorKind::Human) {
            let claim = CommitClaim {
                tool: author.tool.clone(),
                model: author.model.clone(),
                source: AuthorSource::Trace,
                says: one.name.to_owned(),
            };
            let claim = (commit.to_owned(), claim);
            if !traced.claims.contains(&claim) {
                traced.claims.push(claim);
            }
        }
        let recorded = if one.commit.is_some() {
            &mut traced.by_commit
        } else {
            &mut traced.of_head
        };
        let number = recorded.number(author);
        let (start, end) = one.claim.lines;
        told.entry((one.commit, path)).or_default().push((start, end, number));
    }
    for ((commit, path), ranges) in told {
        let painted = Painted::from_last(ranges);
        match commit {
            Some(commit) => traced.by_commit.paint(commit, path, painted),
            None => traced.of_head.paint("", path, painted),
        }
    }
    traced
}

/// How much stands behind it once it was held against the content; none where it is not believed, which is told.
fn believed(one: &Tied<'_>, contents: &Contents, head: &str, problems: &mut Problems) -> Option<Confidence> {
    let (path, (start, end)) = (&one.claim.path, one.claim.lines);
    let at = one.commit.unwrap_or(head);
    let id = contents.id(at, path)?;
    if let Some(last) = contents.line_count(id).filter(|last| *last < end) {
        let commit = short(at);
        problems.add(format!(
            "{} names lines {start}-{end} of {path}, which has {last} in commit {commit}: not believed",
            one.name
        ));
        return None;
    }
    let (Some(hash), Some(content)) = (&one.claim.hash, contents.bytes(id)) else {
        return Some(one.confidence);
    };
    match agent_trace::holds(hash, content, (start, end)) {
        Hash::Same => Some(Confidence::Recorded),
        Hash::Unknown => Some(Confidence::Claimed),
        Hash::Other => {
            let commit = short(at);
            problems.add(format!(
                "{} has another hash than lines {start}-{end} of {path} in commit {commit}: not believed",
                one.name
            ));
            None
        }
    }
}
