//! What is said to an event: each of its parts is judged, and the gravest counts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Event;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::verification::Guarded;
use crate::{Edit, Judgement, Surroundings};

impl Event {
    /// What is said to it.
    pub fn judge(&self, place: &Surroundings<'_>) -> Judgement {
        let mut all = self.in_a_folder(place);
        for folder in &self.folders {
            all.extend(self.in_a_folder(&there(place, folder)));
        }
        all.extend(self.unclear.iter().map(|what| Judgement::of(vec![unknown(what)])));
        together(all)
    }

    fn in_a_folder(&self, place: &Surroundings<'_>) -> Vec<Judgement> {
        let mut all = Vec::new();
        match self.lines.as_slice() {
            [] => all.extend(self.command.iter().map(|line| judged(line, place))),
            lines => all.extend(lines.iter().map(|line| judged(line, place))),
        }
        all.extend(self.edited(place));
        all.extend(
            self.queries
                .iter()
                .map(|(query, tool)| crate::query(query, tool, place)),
        );
        all
    }

    /// Each piece of a file is judged as it stands, and what becomes of the whole file where that is told: a piece alone may say too little.
    fn edited(&self, place: &Surroundings<'_>) -> Vec<Judgement> {
        let mut all = Vec::new();
        for (at, edit) in self.edits.iter().enumerate() {
            // The time is asked after now and then: that takes time itself.
            if at % 16 == 15 && place.is_late.is_some_and(|is_late| is_late()) {
                all.push(Judgement::of(vec![unknown("more than there was time to look into")]));
                return all;
            }
            all.push(crate::edit(&known(edit, self.cell.as_deref(), place), place));
        }
        let mut files: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
        for edit in self.edits.iter().take(EDITS) {
            let path = crate::surroundings::resolved(&edit.path, &place.folder, &place.home);
            let (_, now) = files.entry(path).or_insert_with_key(|path| {
                let text = place.files.read(path);
                (text.clone(), text)
            });
            *now = match (&edit.before, now.take()) {
                (None, Some(_)) => Some(edit.after.clone()),
                // Agents refuse a text that is there more than once, unless all of them are meant.
                (Some(before), Some(text)) if !before.is_empty() && text.contains(before.as_str()) => {
                    Some(text.replace(before.as_str(), &edit.after))
                }
                _ => None,
            };
        }
        let gravest = all
            .iter()
            .map(|judged| judged.decision)
            .max()
            .unwrap_or(Decision::Allow);
        for (path, texts) in files {
            let (Some(before), Some(after)) = texts else { continue };
            let whole = crate::edit(
                &Edit {
                    path,
                    before: Some(before),
                    after,
                },
                place,
            );
            if whole.decision > gravest {
                all.push(whole);
            }
        }
        all
    }
}

/// Effects that are told one by one.
const EFFECTS: usize = 1_000;
/// Edits from which the whole of their files is worked out.
const EDITS: usize = 1_000;

fn unknown(what: &str) -> Effect {
    Effect::new(EffectKind::Unknown, what, Reversible::No, Reach::Workspace)
}

/// The same place, but for the folder.
fn there<'a>(place: &Surroundings<'a>, folder: &str) -> Surroundings<'a> {
    Surroundings {
        folder: folder.to_owned(),
        ..place.clone()
    }
}

/// A line. No agent can give a program a zero byte: some cut the line there, some leave the byte out.
fn judged(line: &str, place: &Surroundings<'_>) -> Judgement {
    let Some((start, _)) = line.split_once('\0') else {
        return crate::command(line, place);
    };
    let whole = crate::command(&line.replace('\0', ""), place);
    let what = Judgement::of(vec![unknown("a line with a zero byte in it")]);
    together(vec![whole, crate::command(start, place), what])
}

/// All judgements as one.
fn together(all: Vec<Judgement>) -> Judgement {
    let (mut effects, mut untold): (Vec<Effect>, _) = (Vec::new(), None);
    for judged in all {
        if judged.effects.is_empty() && judged.decision > Decision::Allow {
            untold.get_or_insert(judged);
            continue;
        }
        for effect in judged.effects {
            let weight = |one: &Effect| (one.kind, one.decision, one.takes_two());
            let is_told = if effects.len() < EFFECTS {
                effects.contains(&effect)
            } else {
                // One that is as grave, and of the same kind, stands for the rest.
                effects.iter().any(|one| weight(one) == weight(&effect))
            };
            if !is_told {
                effects.push(effect);
            }
        }
    }
    match untold {
        None => Judgement::of(effects),
        Some(untold) if effects.is_empty() => untold,
        // That one part cannot be told makes nothing of the others milder.
        Some(_) => {
            effects.push(unknown("a part that cannot be judged"));
            Judgement::of(effects)
        }
    }
}

/// An edit with the text that was there, where it matters that there was none: a test that is new is no loss, but what leaves tests out is.
fn known(edit: &Edit, cell: Option<&str>, place: &Surroundings<'_>) -> Edit {
    let mut edit = edit.clone();
    if let Some(source) = cell.and_then(|cell| source_of(&edit.path, cell, place)) {
        edit.before = Some(source);
    }
    let name = edit.path.rsplit('/').next().unwrap_or(&edit.path);
    if edit.before.is_none() && name == "conftest.py" && Guarded::of(name) == Some(Guarded::Test) {
        let path = crate::surroundings::resolved(&edit.path, &place.folder, &place.home);
        edit.before = Some(place.files.read(&path).unwrap_or_default());
    }
    edit
}

/// The text of a notebook's cell, which is named by its mark or by its number.
fn source_of(path: &str, cell: &str, place: &Surroundings<'_>) -> Option<String> {
    let path = crate::surroundings::resolved(path, &place.folder, &place.home);
    let notebook: Value = serde_json::from_str(&place.files.read(&path)?).ok()?;
    let number = cell.trim_start_matches("cell-").parse::<usize>().ok();
    let cells = notebook["cells"].as_array()?;
    let named = cells.iter().find(|one| one["id"] == cell);
    match &named.or_else(|| cells.get(number?))?["source"] {
        Value::String(text) => Some(text.clone()),
        Value::Array(lines) => Some(lines.iter().filter_map(Value::as_str).collect()),
        _ => None,
    }
}
