//! Which lines head has and base has not, and which commit of the range put each of them there.
//!
//! Blame runs without `-w`, `-M` and `-C`: a line that was indented anew, moved or copied was put there by who did that, as the
//! diff counts it, and notes of git-ai go by the same rule. With these options it would be of a commit before the range, in which
//! nobody is asked. Files that were renamed as a whole are followed.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::commits::Touch;
use crate::error::Error;
use crate::git::command::Git;

/// Files that are blamed at most; lines of others are of no known commit.
const BLAMED: usize = 5_000;
/// Files from which on blame runs twice at a time.
const FEW: usize = 4;
/// Hunks from which on the whole file is blamed: each range costs blame more than its lines do.
const HUNKS: usize = 100;
/// Ids of the empty content, by SHA-1 and SHA-256.
const EMPTY: [&str; 2] = [
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
];
/// Options that keep a diff from being steered by settings: raw content, no colours, known prefixes.
const PLAIN: [&str; 7] = [
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-l1500",
];

/// A file with added lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AddedFile {
    /// Path in head, as git has it.
    pub path: Vec<u8>,
    /// Ids of its content in base, zeros where it is not there, and in head.
    ids: (String, String),
    renamed: bool,
    /// First and last lines that were added.
    pub hunks: Vec<(u32, u32)>,
}

/// Lines that follow one another, in head and in the commit that put them there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// First line in head.
    pub start: u32,
    /// How many.
    pub count: u32,
    /// Where they come from; none where git cannot tell, or it is from before the range.
    pub origin: Option<Origin>,
}

/// Where a line comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// Id of the commit.
    pub commit: String,
    /// Path in that commit.
    pub path: String,
    /// First line in that commit.
    pub start: u32,
}

/// What differs between two trees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    pub files: Vec<AddedFile>,
    /// Changed files that hold no lines.
    pub binary: Vec<String>,
    /// Other repositories of which another commit is meant.
    pub submodules: Vec<String>,
}

/// The lines that `head` has and `base` has not; both are trees.
///
/// # Errors
/// When git fails.
pub(super) fn added(git: &Git, base: &str, head: &str) -> Result<Added, Error> {
    let raw = ["diff-tree", "-r", "-z", "--raw", "--no-abbrev", "-M"];
    let patch = ["diff-tree", "-r", "-p", "--unified=0", "-M"];
    let run = |options: &[&str]| git.bytes(&[options, PLAIN.as_slice(), &[base, head]].concat());
    let hunks = hunks_of(&run(&patch)?);
    let listing = run(&raw)?;
    let mut fields = listing.split(|byte| *byte == 0);
    let mut added = Added::default();
    while let Some(meta) = fields.next().filter(|meta| meta.starts_with(b":")) {
        let meta = String::from_utf8_lossy(meta).into_owned();
        let meta: Vec<&str> = meta.split(' ').collect();
        let (Some(first), [_, new_mode, old, new, status]) = (fields.next(), meta.as_slice()) else {
            break;
        };
        let renamed = status.starts_with(['R', 'C']);
        let path = if renamed { fields.next().unwrap_or(first) } else { first };
        let shown = || String::from_utf8_lossy(path).into_owned();
        match hunks.get(path) {
            _ if *new_mode == "160000" => added.submodules.push(shown()),
            _ if status.starts_with('D') => {}
            Some(hunks) if hunks.is_empty() => {}
            Some(hunks) => added.files.push(AddedFile {
                path: path.to_owned(),
                ids: ((*old).to_owned(), (*new).to_owned()),
                renamed,
                hunks: hunks.clone(),
            }),
            None if old != new && !EMPTY.contains(new) => added.binary.push(shown()),
            None => {}
        }
    }
    Ok(added)
}

/// Added lines by path, out of a patch without context.
fn hunks_of(patch: &[u8]) -> HashMap<Vec<u8>, Vec<(u32, u32)>> {
    let mut found: HashMap<Vec<u8>, Vec<(u32, u32)>> = HashMap::new();
    let mut path = None;
    let mut inside = 0;
    for line in patch.split(|byte| *byte == b'\n') {
        // Lines of a hunk are counted, since they may read like anything.
        if inside > 0 && line.starts_with(b"\\") {
            continue;
        }
        if inside > 0 {
            inside -= 1;
            continue;
        }
        if let Some(named) = line.strip_prefix(b"+++ ") {
            path = unquoted(named.strip_suffix(b"\t").unwrap_or(named));
            if let Some(path) = path.as_mut().filter(|path| path.starts_with(b"b/")) {
                path.drain(..2);
                found.entry(path.clone()).or_default();
            } else {
                path = None;
            }
        } else if let Some((removed, start, count)) = hunk(line) {
            inside = u64::from(removed) + u64::from(count);
            if let Some(path) = &path
                && count > 0
            {
                found
                    .entry(path.clone())
                    .or_default()
                    .push((start, start + (count - 1)));
            }
        }
    }
    found
}

/// `@@ -a,b +c,d @@`: b, c and d.
fn hunk(line: &[u8]) -> Option<(u32, u32, u32)> {
    let text = String::from_utf8_lossy(line.strip_prefix(b"@@ -")?).into_owned();
    let (ranges, _) = text.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let numbers = |text: &str| -> Option<(u32, u32)> {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    let ((_, removed), (start, count)) = (numbers(old)?, numbers(new)?);
    start.checked_add(count)?;
    Some((removed, start, count))
}

/// A path as git quotes it: in quotes with escapes where it holds signs that would break a line.
fn unquoted(text: &[u8]) -> Option<Vec<u8>> {
    let Some(inside) = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")) else {
        return Some(text.to_owned());
    };
    let mut plain = Vec::with_capacity(inside.len());
    let mut rest = inside.iter().copied();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        plain.push(match rest.next()? {
            b'a' => 7,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 11,
            b'f' => 12,
            b'r' => b'\r',
            digit @ b'0'..=b'3' => {
                let (second, third) = (rest.next()?, rest.next()?);
                let octal = |byte: u8| (b'0'..=b'7').contains(&byte).then(|| byte - b'0');
                (octal(digit)? << 6) | (octal(second)? << 3) | octal(third)?
            }
            other => other,
        });
    }
    Some(plain)
}

/// Where the added lines of each file come from, in the order of the files.
///
/// `touched` spares a blame where one commit alone made the whole difference. `range` is what git blames: `BASE..HEAD`, or a commit.
pub(super) fn origins(
    git: &Git,
    range: &str,
    files: &[AddedFile],
    touched: &HashMap<Vec<u8>, Vec<Touch>>,
) -> (Vec<Vec<Piece>>, Vec<String>) {
    let next = AtomicUsize::new(0);
    let results = Mutex::new((vec![Vec::new(); files.len()], Vec::new()));
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { return };
            let found = match alone(file, touched) {
                Some(commit) => Ok(of_one_commit(file, commit)),
                None if at < BLAMED => blame(git, range, file),
                None => Err(format!("more than {BLAMED} files")),
            };
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            match found {
                Ok(pieces) => results.0[at] = pieces,
                Err(problem) => {
                    results.0[at] = unknown(file);
                    let path = String::from_utf8_lossy(&file.path);
                    results.1.push((
                        at,
                        format!("where the lines of {path} come from cannot be told: {problem}"),
                    ));
                }
            }
        }
    };
    if files.len() < FEW {
        work();
    } else {
        std::thread::scope(|scope| {
            scope.spawn(work);
            work();
        });
    }
    let (pieces, mut problems) = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    problems.sort();
    (pieces, problems.into_iter().map(|(_, problem)| problem).collect())
}

/// The one commit that changes the file, where it makes of base's content head's.
fn alone<'a>(file: &AddedFile, touched: &'a HashMap<Vec<u8>, Vec<Touch>>) -> Option<&'a str> {
    let [touch] = touched.get(&file.path)?.as_slice() else {
        return None;
    };
    let same = touch.old == file.ids.0 && touch.new == file.ids.1 && !file.renamed;
    // Git follows the lines of a file that a commit renamed, even where it is nothing but new to the whole range.
    let is_new = touch.old.bytes().all(|byte| byte == b'0');
    (same && !(is_new && touch.may_rename)).then_some(touch.commit.as_str())
}

fn of_one_commit(file: &AddedFile, commit: &str) -> Vec<Piece> {
    let path = String::from_utf8_lossy(&file.path).into_owned();
    let piece = |(start, end): &(u32, u32)| Piece {
        start: *start,
        count: end - start + 1,
        origin: Some(Origin {
            commit: commit.to_owned(),
            path: path.clone(),
            start: *start,
        }),
    };
    file.hunks.iter().map(piece).collect()
}

fn unknown(file: &AddedFile) -> Vec<Piece> {
    let piece = |(start, end): &(u32, u32)| Piece {
        start: *start,
        count: end - start + 1,
        origin: None,
    };
    file.hunks.iter().map(piece).collect()
}

/// What git blames for the added lines of a file.
fn blame(git: &Git, range: &str, file: &AddedFile) -> Result<Vec<Piece>, String> {
    // A list of commits that blame passes over is the reader's own wish, and would hide who put a line there.
    let mut arguments: Vec<OsString> = ["-c", "blame.ignoreRevsFile=", "blame", "--incremental", "--no-textconv"]
        .map(OsString::from)
        .to_vec();
    if file.hunks.len() <= HUNKS {
        arguments.extend(file.hunks.iter().map(|(start, end)| format!("-L{start},{end}").into()));
    }
    arguments.extend([range.into(), "--".into(), OsStr::from_bytes(&file.path).to_owned()]);
    let output = git.bytes(&arguments).map_err(|error| error.to_string())?;
    Ok(within(&blamed(&output), &file.hunks))
}

/// Reads `git blame --incremental`: groups of lines, each ended by the path they had.
fn blamed(output: &[u8]) -> Vec<Piece> {
    let mut before_range: HashSet<String> = HashSet::new();
    let mut pieces = Vec::new();
    let mut group: Option<(String, u32, u32, u32)> = None;
    for line in output.split(|byte| *byte == b'\n') {
        let Some((commit, origin, start, count)) = &group else {
            group = heading(line);
            continue;
        };
        if line == b"boundary" {
            before_range.insert(commit.clone());
        }
        let Some(path) = line.strip_prefix(b"filename ") else {
            continue;
        };
        let path = unquoted(path).unwrap_or_else(|| path.to_owned());
        let path = OsString::from_vec(path).to_string_lossy().into_owned();
        let origin = (!before_range.contains(commit)).then(|| Origin {
            commit: commit.clone(),
            path,
            start: *origin,
        });
        pieces.push(Piece {
            start: *start,
            count: *count,
            origin,
        });
        group = None;
    }
    pieces.sort_by_key(|piece| piece.start);
    pieces
}

/// `ID LINE-THERE LINE-HERE COUNT`.
fn heading(line: &[u8]) -> Option<(String, u32, u32, u32)> {
    let text = String::from_utf8_lossy(line).into_owned();
    let mut fields = text.split(' ');
    let id = fields.next()?.to_owned();
    let mut number = || fields.next()?.parse::<u32>().ok();
    let (origin, start, count) = (number()?, number()?, number()?);
    let fits = start.checked_add(count).is_some() && origin.checked_add(count).is_some() && count > 0;
    fits.then_some((id, origin, start, count))
}

/// The parts of sorted pieces that are inside of the hunks; what no piece covers is of no known origin.
fn within(pieces: &[Piece], hunks: &[(u32, u32)]) -> Vec<Piece> {
    let mut found = Vec::new();
    for (first, last) in hunks {
        let mut at = *first;
        let begin = pieces.partition_point(|piece| piece.start + piece.count <= *first);
        for piece in pieces[begin..].iter().take_while(|piece| piece.start <= *last) {
            let (start, end) = (piece.start.max(at), (piece.start + piece.count - 1).min(*last));
            if start > end {
                continue;
            }
            if start > at {
                found.push(Piece {
                    start: at,
                    count: start - at,
                    origin: None,
                });
            }
            let skipped = start - piece.start;
            found.push(Piece {
                start,
                count: end - start + 1,
                origin: piece.origin.clone().map(|origin| Origin {
                    start: origin.start + skipped,
                    ..origin
                }),
            });
            at = end + 1;
        }
        if at <= *last {
            found.push(Piece {
                start: at,
                count: last - at + 1,
                origin: None,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn added_lines_are_read_whatever_they_look_like() {
        let patch = b"diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -2 +2,2 @@ a\n-+++ b/y\n++++ b/z\n\
                      +@@ -1 +1 @@\n\\ No newline at end of file\n@@ -9,2 +10,0 @@\n-a\n-b\n\
                      diff --git \"a/n\\n\\303\\251\" \"b/n\\n\\303\\251\"\n--- /dev/null\n+++ \"b/n\\n\\303\\251\"\n@@ -0,0 +1 @@\n+a\n\
                      diff --git a/s p b/s p\n--- a/s p\t\n+++ b/s p\t\n@@ -1,0 +2,3 @@\n+a\n+b\n+c\n\
                      diff --git a/gone b/gone\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n";
        let hunks = hunks_of(patch);
        assert_eq!(hunks[b"x".as_slice()], [(2, 3)]);
        assert_eq!(hunks["n\né".as_bytes()], [(1, 1)]);
        assert_eq!(hunks[b"s p".as_slice()], [(2, 4)]);
        assert_eq!(hunks.len(), 3);
    }

    #[test]
    fn groups_of_blame_are_cut_to_the_hunks() {
        let output = b"aa 5 1 4\nauthor boundary\nsummary filename x\nfilename \"old \\303\\251\"\nbb 1 5 2\nboundary\nfilename x\n";
        let pieces = within(&blamed(output), &[(2, 3), (4, 5), (9, 9)]);
        let told: Vec<_> = pieces
            .iter()
            .map(|piece| {
                (
                    piece.start,
                    piece.count,
                    piece.origin.as_ref().map(|origin| origin.start),
                )
            })
            .collect();
        assert_eq!(told, [(2, 2, Some(6)), (4, 1, Some(8)), (5, 1, None), (9, 1, None)]);
        assert_eq!(pieces[0].origin.as_ref().unwrap().path, "old é");
    }

    proptest! {
        #[test]
        fn any_output_is_taken(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            hunks_of(&bytes);
            within(&blamed(&bytes), &[(1, 3)]);
        }
    }
}
