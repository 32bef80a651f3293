//! Unified diffs, as `diff -u` and git write them.

use super::{File, Patch};

/// What is left out of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strip {
    /// So many folders from the left.
    Parts(usize),
    /// All of them.
    Folders,
}

/// How names are read.
#[derive(Clone, Debug)]
pub struct Names {
    /// What is left out of them.
    pub strip: Strip,
    /// Whether the patch is taken back.
    pub is_reverse: bool,
    /// Files that it goes to, whatever it says itself.
    pub of: Vec<String>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            strip: Strip::Parts(1),
            is_reverse: false,
            of: Vec::new(),
        }
    }
}

impl Names {
    /// A name of the patch as a path; none where there is no file.
    fn path(&self, name: &str) -> Option<String> {
        let name = unquoted(name.split('\t').next().unwrap_or(name).trim_end());
        if name == "/dev/null" {
            return None;
        }
        let parts: Vec<&str> = name.split('/').collect();
        let from = match self.strip {
            Strip::Parts(parts) => parts,
            Strip::Folders => parts.len() - 1,
        };
        // A name that has fewer is taken as it stands: without the marks that git writes there are none to leave out.
        let has_mark = self.strip != Strip::Parts(1) || matches!(parts[0], "a" | "b" | "i" | "w" | "c" | "o");
        let stripped = parts.get(from..).filter(|rest| !rest.is_empty());
        match stripped {
            Some(rest) if has_mark || parts.len() > 1 => Some(rest.join("/")),
            _ => Some(name.clone()),
        }
    }
}

/// Whether a text holds such a diff.
pub fn is_one(text: &str) -> bool {
    text.lines()
        .any(|line| line.starts_with("+++ ") || line.starts_with("diff --git "))
}

/// A name that git has put in quotes: `"b/\303\244.py"`.
fn unquoted(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return name.to_owned();
    };
    let mut bytes = Vec::new();
    let mut rest = inner.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                while let Some(next @ b'0'..=b'7') = rest.peek().copied().filter(|_| value < 0o40) {
                    value = value * 8 + u32::from(next - b'0');
                    rest.next();
                }
                bytes.extend(u8::try_from(value));
            }
            other => bytes.extend(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One file of a diff, as far as it was read.
#[derive(Default)]
struct Seen {
    old: Option<String>,
    new: Option<String>,
    is_new: bool,
    is_gone: bool,
    is_copy: bool,
    pieces: Vec<(String, String)>,
}

/// Reads a diff. What stands around it, a mail for instance, is passed over.
pub fn read(text: &str, names: &Names) -> Patch {
    let mut patch = Patch::default();
    let mut seen: Option<Seen> = None;
    // Lines of the piece that are still to come, of both sides: only so can a line that goes be told from a name.
    let (mut old_left, mut new_left) = (0_usize, 0_usize);
    for line in text.lines() {
        if old_left + new_left > 0 {
            let mark = line.chars().next().unwrap_or(' ');
            let body = line.get(mark.len_utf8()..).unwrap_or_default();
            let piece = seen.as_mut().and_then(|seen| seen.pieces.last_mut());
            if let (Some((before, after)), ' ' | '+' | '-') = (piece, mark) {
                for (is_in, text, left) in [
                    (mark != '+', before, &mut old_left),
                    (mark != '-', after, &mut new_left),
                ] {
                    if is_in {
                        text.push_str(body);
                        text.push('\n');
                        *left = left.saturating_sub(1);
                    }
                }
                continue;
            }
            if mark == '\\' {
                continue;
            }
            // It is shorter than it says.
            (old_left, new_left) = (0, 0);
        }
        if let Some(rest) = line.strip_prefix("diff --git ") {
            finish(&mut patch, seen.take(), names);
            seen = Some(between(rest));
        } else if let Some(name) = line.strip_prefix("--- ") {
            let is_its_own = seen.as_ref().is_some_and(|seen| seen.pieces.is_empty());
            if !is_its_own {
                finish(&mut patch, seen.take(), names);
            }
            seen.get_or_insert_default().old = Some(name.to_owned());
        } else if let Some(name) = line.strip_prefix("+++ ") {
            seen.get_or_insert_default().new = Some(name.to_owned());
        } else if let Some(rest) = line.strip_prefix("@@ -") {
            (old_left, new_left) = counts(rest);
            seen.get_or_insert_default().pieces.push(<(String, String)>::default());
        } else if line.starts_with("***************") {
            patch
                .unclear
                .push("a patch in a form that is not looked into".to_owned());
        } else if let Some(seen) = &mut seen {
            told(seen, line);
        }
    }
    finish(&mut patch, seen, names);
    patch
}

/// What git says between the name and the pieces.
fn told(seen: &mut Seen, line: &str) {
    // These names have no `a/` before them.
    let named = |name: &str| Some(format!("a/{name}"));
    if line.starts_with("deleted file mode") {
        seen.is_gone = true;
    } else if line.starts_with("new file mode") {
        seen.is_new = true;
    } else if let Some(name) = line.strip_prefix("rename from ") {
        seen.old = named(name);
    } else if let Some(name) = line.strip_prefix("rename to ") {
        seen.new = named(name);
    } else if let Some(name) = line.strip_prefix("copy to ") {
        seen.new = named(name);
        seen.is_copy = true;
    }
}

/// The two names of `a/x b/y`; where there are blanks in them, both are the same.
fn between(rest: &str) -> Seen {
    // A name of very many words is cut at its first blanks only.
    let mut halves = rest
        .match_indices(' ')
        .take(64)
        .map(|(at, _)| (&rest[..at], &rest[at + 1..]));
    let is_same = |(old, new): &(&str, &str)| {
        let inner = |name: &str| {
            name.trim_matches('"')
                .split_once('/')
                .map(|(_, inner)| inner.to_owned())
        };
        inner(old) == inner(new)
    };
    let (old, new) = halves
        .clone()
        .find(is_same)
        .or_else(|| halves.next())
        .unwrap_or((rest, rest));
    Seen {
        old: Some(old.to_owned()),
        new: Some(new.to_owned()),
        ..Seen::default()
    }
}

/// `1,4 +1,6 @@`: how many lines there are on each side.
fn counts(rest: &str) -> (usize, usize) {
    let count = |range: &str| match range.split_once(',') {
        Some((_, count)) => count.parse().unwrap_or(0),
        None => 1,
    };
    let mut parts = rest.split([' ', '+', '@']).filter(|part| !part.is_empty());
    (parts.next().map_or(0, count), parts.next().map_or(0, count))
}

/// Takes a file that has been read to its end.
fn finish(patch: &mut Patch, seen: Option<Seen>, names: &Names) {
    let Some(mut seen) = seen else { return };
    if names.is_reverse {
        std::mem::swap(&mut seen.old, &mut seen.new);
        std::mem::swap(&mut seen.is_new, &mut seen.is_gone);
        for (before, after) in &mut seen.pieces {
            std::mem::swap(before, after);
        }
    }
    for path in &names.of {
        patch.take(File {
            path: path.clone(),
            pieces: seen.pieces.clone(),
            ..File::default()
        });
    }
    if !names.of.is_empty() {
        return;
    }
    let path = |name: &Option<String>| name.as_deref().and_then(|name| names.path(name));
    let (old, new) = (path(&seen.old), path(&seen.new));
    let (path, moved) = match (old, new) {
        (Some(old), Some(new)) if seen.is_copy => (new.clone(), Some(new).filter(|new| *new == old)),
        // One name may be that of a copy: `a.py.orig`. A file that git has not renamed is the same.
        (Some(old), Some(new)) if old != new => (old, Some(new)),
        (Some(old), _) => {
            seen.is_gone |= path_is_gone(&seen.new);
            (old, None)
        }
        (None, Some(new)) => {
            seen.is_new = true;
            (new, None)
        }
        (None, None) => return,
    };
    patch.take(File {
        path,
        moved,
        is_new: seen.is_new,
        is_gone: seen.is_gone,
        pieces: seen.pieces,
    });
}

fn path_is_gone(name: &Option<String>) -> bool {
    name.as_deref()
        .is_some_and(|name| name.split('\t').next().unwrap_or(name).trim_end() == "/dev/null")
}
