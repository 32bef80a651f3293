//! What a reader of the change must not miss, by the syntax of the files that differ.

use std::collections::HashMap;

use languages::python::exposures::review;
use model::Concern;

use super::{FileDifference, FileState};
use crate::side::{Mode, Pair};

/// Larger files are data.
const LARGEST: usize = 1 << 20;

/// What the files that differ bring. A file that cannot be read brings nothing.
pub(super) fn of(pair: &Pair, files: &[FileDifference]) -> Vec<Concern> {
    let mut concerns = Vec::new();
    let mut taken: HashMap<String, u32> = HashMap::new();
    for file in files {
        let Some(head) = text(&pair.head, file.new.as_ref()) else {
            continue;
        };
        let base = text(&pair.base, file.old.as_ref());
        let lines: Vec<&str> = head.lines().collect();
        for note in review(&file.path, base.as_deref(), &head) {
            let line = lines
                .get(note.line.saturating_sub(1) as usize)
                .copied()
                .unwrap_or_default();
            let story = format!("{} {} {} {}", file.path, note.function, note.text, line.trim());
            let copies = taken.entry(story.clone()).or_default();
            *copies += 1;
            let id = blake3::hash(format!("{story} {copies}").as_bytes());
            concerns.push(Concern {
                id: id.to_hex()[..8].to_owned(),
                kind: note.kind,
                cwe: note.cwe,
                path: file.path.clone(),
                line: note.line,
                function: note.function,
                text: note.text,
            });
        }
    }
    concerns
}

fn text(side: &crate::side::Side, state: Option<&FileState>) -> Option<String> {
    let state = state.filter(|state| matches!(state.mode, Mode::File | Mode::Executable))?;
    let bytes = side.read(&state.id).ok()?;
    (bytes.len() <= LARGEST)
        .then(|| String::from_utf8(bytes.to_vec()).ok())
        .flatten()
}
