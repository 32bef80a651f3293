//! Fields of a tool's input. Agents differ in which they heed, and pass over the others: whatever could be what the agent takes is told.

use serde_json::Value;

use super::Event;
use crate::Edit;

/// Names of files.
pub const PATHS: [&str; 12] = [
    "file_path",
    "path",
    "filePath",
    "target_file",
    "notebook_path",
    "targetFile",
    "filename",
    "absolute_path",
    "file",
    "relative_path",
    "relativePath",
    "filepath",
];
/// Texts that go.
const BEFORE: [&str; 7] = [
    "old_string",
    "old_str",
    "oldStr",
    "old_text",
    "oldText",
    "oldString",
    "search",
];
/// Texts that come for others.
const AFTER: [&str; 9] = [
    "new_string",
    "new_str",
    "newStr",
    "new_text",
    "newText",
    "newString",
    "new_source",
    "replace",
    "replacement",
];
/// Whole texts.
const WHOLE: [&str; 7] = [
    "content",
    "contents",
    "file_text",
    "text",
    "file_content",
    "fileContent",
    "code_edit",
];

/// What one of these fields holds, each text once.
pub fn texts(input: &Value, names: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in names.iter().filter_map(|name| input[*name].as_str()) {
        if !all.iter().any(|one| one == text) {
            all.push(text.to_owned());
        }
    }
    all
}

/// Words as a shell reads them again.
pub fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A line of a field: a text, or a program and its arguments.
///
/// # Errors
/// When it is a list of something else.
pub fn line(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::String(line) => Ok(Some(line.clone())),
        Value::Array(words) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            Ok(match words.ok_or("its command is no list of texts")?.as_slice() {
                [] => None,
                ["bash" | "sh" | "zsh" | "/bin/bash" | "/bin/sh", "-c" | "-lc", line] => Some((*line).to_owned()),
                words => Some(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")),
            })
        }
        _ => Ok(None),
    }
}

/// All lines that the fields hold, each once.
///
/// # Errors
/// When one is a list of something else than texts.
pub fn lines(input: &Value, names: &[&str]) -> Result<Vec<String>, String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if let Some(line) = line(&input[*name])?
            && !all.contains(&line)
        {
            all.push(line);
        }
    }
    Ok(all)
}

/// Takes lines for what runs: one is the command; of several each is judged, and it is asked which it is.
pub fn take(event: &mut Event, mut lines: Vec<String>) {
    match lines.len() {
        0 => {}
        1 => event.command = lines.pop(),
        _ => {
            event.command = Some(lines.join("\n"));
            event.lines.extend(lines);
            event
                .unclear
                .push("an action of which several fields say different things".to_owned());
        }
    }
}

/// Files that the fields name; it is asked about where they name different ones.
pub fn paths(event: &mut Event, input: &Value, names: &[&str]) -> Vec<String> {
    let folder = event.folder.clone().unwrap_or_else(|| "/".to_owned());
    let plain = |path: &str| crate::surroundings::resolved(path, &folder, "~");
    let mut all: Vec<String> = Vec::new();
    for path in texts(input, names) {
        if !all.iter().any(|one| plain(one) == plain(&path)) {
            all.push(path);
        }
    }
    if all.len() > 1 {
        event.unclear.push(format!(
            "a write of which the file is told twice (`{}`)",
            all.join("`, `")
        ));
    }
    all
}

/// How a tool writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// All of the file.
    Whole,
    /// A piece for another.
    Piece,
    /// Something more, and nothing goes.
    More,
    /// One of these: the fields tell which.
    Told,
}

/// What the fields write into a file. Both readings count where a tool could take its fields either way.
pub fn edits(path: &str, input: &Value, way: Way) -> Vec<Edit> {
    let listed = match &input["edits"] {
        Value::Array(all) => all.clone(),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(Value::Array(all)) => all,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let mut all: Vec<Edit> = listed.iter().flat_map(|one| written(path, one, Way::Told)).collect();
    let says_itself = [&BEFORE[..], &AFTER, &WHOLE]
        .iter()
        .any(|names| !texts(input, names).is_empty());
    if says_itself || all.is_empty() {
        all.extend(written(path, input, way));
    }
    all
}

/// Whether fields of the same meaning hold different texts, so that it cannot be told which one the agent takes.
pub fn is_told_twice(input: &Value) -> bool {
    [&BEFORE[..], &AFTER, &WHOLE]
        .iter()
        .any(|names| texts(input, names).len() > 1)
}

/// What one object of texts writes.
fn written(path: &str, input: &Value, way: Way) -> Vec<Edit> {
    let (before, after, whole) = (texts(input, &BEFORE), texts(input, &AFTER), texts(input, &WHOLE));
    let edit = |before: Option<&String>, after: &str| Edit {
        path: path.to_owned(),
        before: before.cloned(),
        after: after.to_owned(),
    };
    let nothing = String::new();
    let mut all = Vec::new();
    let comes: Vec<&String> = after.iter().chain(&whole).collect();
    match way {
        Way::More => all.extend(comes.iter().map(|text| edit(Some(&nothing), text))),
        Way::Whole => {
            // What is written whole has its text in one of these; a new text for an old one is none.
            let texts = if whole.is_empty() { &after } else { &whole };
            all.extend(texts.iter().map(|text| edit(None, text)));
        }
        Way::Piece | Way::Told => {
            for old in &before {
                all.extend(comes.iter().map(|text| edit(Some(old), text)));
                if comes.is_empty() {
                    all.push(edit(Some(old), ""));
                }
            }
            if before.is_empty() {
                all.extend(after.iter().map(|text| edit(None, text)));
            }
            let is_both = !before.is_empty() && !after.is_empty();
            if before.is_empty() || is_both {
                all.extend(whole.iter().map(|text| edit(None, text)));
            }
        }
    }
    if all.is_empty() {
        all.push(edit(None, ""));
    }
    all
}
