//! Whether files differ in more than layout: both sides parsed and digested, in parallel.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use languages::python::Parsed;
use languages::python::project::Unparsed;
use languages::python::syntax::{Fingerprint, whole};

use super::{FileDifference, FileState};
use crate::side::{Pair, Side};

/// What a first look at a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// Layout and comments alone.
    Layout,
    /// More, or one side only.
    Meaning,
    /// One side is no source that can be read.
    Unparsed(String),
}

/// Looks at each file.
pub(crate) fn compare(pair: &Pair, files: &[&FileDifference]) -> Vec<Compared> {
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(vec![Compared::Meaning; files.len()]);
    let workers = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(files.len().div_ceil(8))
        .clamp(1, 8);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, file)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| files.get(at).map(|file| (at, file)))
                {
                    let answer = one(pair, file);
                    answers.lock().unwrap_or_else(PoisonError::into_inner)[at] = answer;
                }
            });
        }
    });
    answers.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn one(pair: &Pair, file: &FileDifference) -> Compared {
    let old = file
        .old
        .as_ref()
        .map(|state| digest(&pair.base, state, file.path_in_base()));
    let new = file.new.as_ref().map(|state| digest(&pair.head, state, &file.path));
    match (old, new) {
        (Some(Err(reason)), Some(Err(_))) => Compared::Unparsed(words(&reason, "both versions")),
        (Some(Err(reason)), _) => Compared::Unparsed(words(&reason, "base")),
        (_, Some(Err(reason))) => Compared::Unparsed(words(&reason, "head")),
        (Some(Ok(old)), Some(Ok(new))) if old == new && file.base_path.is_none() => Compared::Layout,
        _ => Compared::Meaning,
    }
}

fn digest(side: &Side, state: &FileState, path: &str) -> Result<Fingerprint, Unparsed> {
    let bytes = side
        .read(&state.id)
        .map_err(|error| Unparsed::Unreadable(error.to_string()))?;
    Parsed::new(path, "", bytes.as_ref().clone()).map(|parsed| whole(&parsed))
}

fn words(reason: &Unparsed, version: &str) -> String {
    match reason {
        Unparsed::Syntax { line, message } => format!("syntax error in {version}, line {line}: {message}"),
        other => format!("{other}, in {version}"),
    }
}
