//! Whether files differ in more than layout: both sides parsed and digested, in parallel.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use languages::python::Parsed;
use languages::python::project::Unparsed;
use languages::python::syntax::{Fingerprint, whole};

use super::{FileDifference, FileState};
use crate::error::Error;
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

/// Files that one worker takes at a time: it fetches their contents while others parse.
const CHUNK: usize = 8;

/// Looks at each file.
pub(crate) fn compare(pair: &Pair, files: &[&FileDifference]) -> Result<Vec<Compared>, Error> {
    let next = AtomicUsize::new(0);
    let chunks: Vec<&[&FileDifference]> = files.chunks(CHUNK).collect();
    let unknown = chunks
        .iter()
        .map(|chunk| vec![Compared::Meaning; chunk.len()])
        .collect::<Vec<_>>();
    let answers = Mutex::new(unknown);
    let workers = std::thread::available_parallelism().map_or(1, usize::from).clamp(1, 8);
    let work = || -> Result<(), Error> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = chunks.get(at) else { return Ok(()) };
            let states = chunk.iter().flat_map(|file| file.old.iter().chain(&file.new));
            pair.base
                .prefetch(&states.map(|state| state.id.as_str()).collect::<Vec<_>>())?;
            let found = chunk.iter().map(|file| one(pair, file)).collect();
            answers.lock().unwrap_or_else(PoisonError::into_inner)[at] = found;
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers.min(chunks.len())).map(|_| scope.spawn(work)).collect();
        let mine = work();
        others
            .into_iter()
            .map(|other| other.join().unwrap_or(Ok(())))
            .fold(mine, Result::and)
    })?;
    Ok(answers.into_inner().unwrap_or_else(PoisonError::into_inner).concat())
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
