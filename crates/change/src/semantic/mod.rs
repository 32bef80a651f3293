//! From differing files to what differs in meaning.

mod classes;
mod concerns;
mod dependencies;
mod functions;
mod layout;
mod lines;
mod modules;
mod moved;
mod overrides;
mod proof;
mod readers;
mod standalone;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use languages::python::syntax::Outline;
use model::{Change, FileChange, FileStatus, FunctionChange, Reason, Revision, Unverified};

use crate::classify::{FileSort, TEST_CODE, classify};
use crate::error::Error;
use crate::side::{Mode, Pair};
use layout::Compared;

/// A file of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    pub mode: Mode,
    pub id: String,
}

/// A file that differs in any way.
#[derive(Clone, Debug)]
pub(crate) struct FileDifference {
    /// Path in head; in base for a removed one.
    pub path: String,
    /// Path in base, where it has another one.
    pub base_path: Option<String>,
    pub status: FileStatus,
    pub old: Option<FileState>,
    pub new: Option<FileState>,
}

impl FileDifference {
    /// Path in base.
    pub fn path_in_base(&self) -> &str {
        self.base_path.as_deref().unwrap_or(&self.path)
    }
}

/// What differs, found so far.
#[derive(Default)]
pub(crate) struct Findings {
    pub functions: Vec<FunctionChange>,
    pub unverified: Vec<Unverified>,
    pub layout_only: Vec<String>,
    /// Paths in base of files that have another one there.
    pub base_paths: BTreeMap<String, String>,
    /// Whether dependents were left out.
    pub truncated: bool,
}

impl Findings {
    fn unverified(&mut self, path: &str, reason: impl Into<String>) {
        self.unverified.push(Unverified {
            path: path.to_owned(),
            reason: reason.into(),
        });
    }
}

/// Compares two versions, given the files that differ.
pub(crate) fn compare(
    pair: &mut Pair,
    base: Revision,
    head: Revision,
    files: Vec<FileDifference>,
) -> Result<Change, Error> {
    let base_paths = files
        .iter()
        .filter_map(|file| Some((file.path.clone(), file.base_path.clone()?)))
        .collect();
    let mut found = Findings {
        base_paths,
        ..Findings::default()
    };
    let sources = sort(&files, &mut found);
    let compared = layout::compare(pair, &sources.iter().map(|(file, _)| *file).collect::<Vec<_>>())?;
    let mut differing = Vec::new();
    for ((file, unverified), compared) in sources.into_iter().zip(compared) {
        match (compared, unverified) {
            (Compared::Layout, _) => found.layout_only.push(file.path.clone()),
            (_, Some(reason)) | (Compared::Unparsed(reason), None) => found.unverified(&file.path, reason),
            (Compared::Meaning, None) => differing.push(file),
        }
    }
    for file in differing {
        meaning(pair, file, &mut found);
    }
    moved::pair_up(pair, &mut found.functions);
    found
        .functions
        .iter_mut()
        .for_each(|change| proof::rename(pair, change));
    dependencies::add(pair, &mut found);
    overrides::mark(pair, &mut found.functions);
    proof::prove(pair, &mut found);
    finish(&mut found);
    standalone::offer(pair, &mut found);
    let concerns = concerns::of(pair, &files);
    let files = files
        .into_iter()
        .map(|file| FileChange {
            path: file.path,
            base_path: file.base_path,
            status: file.status,
        })
        .collect();
    Ok(Change {
        base,
        head,
        files,
        functions: found.functions,
        unverified: found.unverified,
        layout_only: found.layout_only,
        concerns,
    })
}

/// Python sources among the files, with the reason why one that differs in meaning is not verified; all others are listed.
fn sort<'a>(files: &'a [FileDifference], found: &mut Findings) -> Vec<(&'a FileDifference, Option<String>)> {
    let mut sources = Vec::new();
    for file in files {
        let modes = || file.old.iter().chain(&file.new).map(|state| state.mode);
        let same = matches!((&file.old, &file.new), (Some(old), Some(new)) if old.id == new.id);
        if modes().any(|mode| mode == Mode::Submodule) {
            found.unverified(&file.path, "submodule: it points to another commit");
        } else if modes().any(|mode| mode == Mode::Symlink) {
            found.unverified(&file.path, "symbolic link");
        } else if same && file.base_path.is_none() {
            found.unverified(&file.path, "permission to execute");
        } else {
            match classify(&file.path) {
                FileSort::Source => sources.push((file, None)),
                // Tests are not run, but another layout of them is no change either.
                FileSort::Unverified(reason) if reason == TEST_CODE => sources.push((file, Some(reason))),
                FileSort::Unverified(reason) => found.unverified(&file.path, reason),
            }
        }
    }
    sources
}

/// What differs in meaning inside one source file.
fn meaning(pair: &Pair, file: &FileDifference, found: &mut Findings) {
    let base = file
        .old
        .as_ref()
        .and_then(|_| pair.base.index().outline(file.path_in_base()));
    let head = file.new.as_ref().and_then(|_| pair.head.index().outline(&file.path));
    let before = (found.functions.len(), found.unverified.len());
    match (base, head) {
        (Some(base), Some(head)) => both(pair, file, &base, &head, found),
        (None, Some(head)) => added(file, &head, found),
        (Some(base), None) => removed(file, &base, found),
        (None, None) => {}
    }
    if (found.functions.len(), found.unverified.len()) == before
        && file.status == FileStatus::Changed
        && file.base_path.is_none()
    {
        found.layout_only.push(file.path.clone());
    }
}

fn both(pair: &Pair, file: &FileDifference, base: &Outline, head: &Outline, found: &mut Findings) {
    let sides = Sides::new(pair, base, head, file.base_path.clone());
    let renamed = classes::renamed(base, head);
    modules::compare(&sides, found);
    classes::compare(&sides, &renamed, &mut found.functions);
    functions::compare(&sides, &renamed, &mut found.functions);
}

fn added(file: &FileDifference, head: &Outline, found: &mut Findings) {
    modules::whole(head, &file.path, Reason::Added, found);
    classes::whole(head, &file.path, Reason::Added, &mut found.functions);
    functions::whole(head, &file.path, Reason::Added, &mut found.functions);
}

fn removed(file: &FileDifference, base: &Outline, found: &mut Findings) {
    modules::whole(base, file.path_in_base(), Reason::Removed, found);
    classes::whole(base, file.path_in_base(), Reason::Removed, &mut found.functions);
    functions::whole(base, file.path_in_base(), Reason::Removed, &mut found.functions);
}

/// One file in both versions.
pub(crate) struct Sides<'a> {
    pub pair: &'a Pair,
    pub base: &'a Outline,
    pub head: &'a Outline,
    /// Path in base, where it has another one.
    pub base_path: Option<String>,
    texts: OnceCell<Texts>,
}

/// Sources of one file in both versions.
pub(crate) struct Texts {
    pub base: String,
    pub head: String,
}

impl<'a> Sides<'a> {
    pub fn new(pair: &'a Pair, base: &'a Outline, head: &'a Outline, base_path: Option<String>) -> Self {
        Self {
            pair,
            base,
            head,
            base_path,
            texts: OnceCell::new(),
        }
    }

    /// Sources of both files.
    pub fn texts(&self) -> &Texts {
        self.texts.get_or_init(|| Texts {
            base: self.pair.base.text(&self.base.path),
            head: self.pair.head.text(&self.head.path),
        })
    }

    /// Whether either version's file speaks of `word`.
    pub fn mention(&self, word: &str) -> bool {
        let texts = self.texts();
        texts.base.contains(word) || texts.head.contains(word)
    }
}

/// One entry per name, sorted by place; gravest reasons first.
fn finish(found: &mut Findings) {
    for function in &mut found.functions {
        function.reasons.sort_by_key(gravity);
        function.reasons.dedup();
    }
    found
        .functions
        .sort_by(|a, b| (&a.path, a.line, &a.qualified_name).cmp(&(&b.path, b.line, &b.qualified_name)));
    found.unverified.sort_by(|a, b| a.path.cmp(&b.path));
    found.layout_only.sort();
}

fn gravity(reason: &Reason) -> u8 {
    match reason {
        Reason::Removed => 0,
        Reason::Added => 1,
        Reason::Code => 2,
        Reason::Signature | Reason::Override => 3,
        Reason::Decorators => 4,
        Reason::Dependency(_) => 5,
        Reason::Moved => 6,
        Reason::Annotations => 7,
        Reason::Docstring => 8,
        Reason::Renamed => 9,
    }
}
