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
    let encoding = |side: &Side, state: &Option<FileState>| {
        let bytes = side.read(&state.as_ref()?.id).ok()?;
        Some((encoding(&bytes), bytes.is_ascii()))
    };
    let (before, after) = (encoding(&pair.base, &file.old), encoding(&pair.head, &file.new));
    // What a script is run by is a remark to Python alone.
    let runs_by = |side: &Side, state: &Option<FileState>| {
        let bytes = side.read(&state.as_ref()?.id).ok()?;
        let first = bytes.split(|byte| *byte == b'\n').next()?;
        first.starts_with(b"#!").then(|| first.to_owned())
    };
    if file.old.is_some() && file.new.is_some() && runs_by(&pair.base, &file.old) != runs_by(&pair.head, &file.new) {
        return Compared::Unparsed("the line that says what it is run by changed".to_owned());
    }
    for (encoding, _) in before.iter().chain(&after) {
        if let Some(name) = encoding.as_ref().filter(|name| !PLAIN.contains(&name.as_str())) {
            // In some encodings a remark holds the end of its line, and code behind it.
            return Compared::Unparsed(format!(
                "it is written in {name}: what is a remark there cannot be told"
            ));
        }
    }
    if let (Some((old, is_old_ascii)), Some((new, is_new_ascii))) = (&before, &after)
        && old != new
        && !(*is_old_ascii && *is_new_ascii)
    {
        return Compared::Unparsed("its encoding changed".to_owned());
    }
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

/// Encodings in which every byte of ASCII is what it looks like, and ends of lines are where they are seen.
const PLAIN: [&str; 10] = [
    "utf-8",
    "utf8",
    "utf-8-sig",
    "ascii",
    "us-ascii",
    "latin-1",
    "latin1",
    "iso-8859-1",
    "iso8859-1",
    "iso-8859-15",
];

/// The encoding that a source says it is written in, in its first two lines (PEP 263); none where it says none.
fn encoding(bytes: &[u8]) -> Option<String> {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).take(3);
    lines.map(String::from_utf8_lossy).find_map(|line| {
        let remark = line
            .trim_start_matches(['\u{feff}', ' ', '\t', '\u{c}'])
            .strip_prefix('#')?
            .to_owned();
        // The word may stand there before, in a sentence.
        remark.match_indices("coding").find_map(|(at, word)| {
            let rest = remark[at + word.len()..]
                .strip_prefix([':', '='])?
                .trim_start_matches([' ', '\t']);
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
                .collect();
            (!name.is_empty()).then(|| name.to_lowercase().replace('_', "-"))
        })
    })
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

#[cfg(test)]
mod tests {
    use super::encoding;

    #[test]
    fn the_encoding_is_in_the_first_lines() {
        let of = |text: &str| encoding(text.as_bytes());
        assert_eq!(
            of("# the encoding of this file: coding: raw_unicode_escape\n").as_deref(),
            Some("raw-unicode-escape")
        );
        assert_eq!(
            of("#!/usr/bin/python\n# -*- coding: UTF_7 -*-\n").as_deref(),
            Some("utf-7")
        );
        assert_eq!(of("# vim: set fileencoding=latin-1 :\n").as_deref(), Some("latin-1"));
        assert_eq!(of("x = 'coding: utf-7'\n"), None);
        assert_eq!(of("\n\n\n# coding: utf-7\n"), None);
    }
}
