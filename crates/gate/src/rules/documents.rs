//! The rule over documents.

use model::gate_input::{DocumentFacts, Standing};

use super::{Answer, Asked};
use crate::words::and;

/// Words that have to stand below each heading.
const WORDS: u32 = 4;

pub(super) fn document(asked: &Asked<'_>) -> Answer {
    let headings = &asked.rule.headings;
    let words = asked.rule.words.unwrap_or(WORDS);
    let wanted = format!("a document with {}", and(headings));
    let give = "`counterproof approve document FILE`, or put it at .counterproof/changes/NAME.md in the change";
    let mut closest: Option<(usize, String)> = None;
    for document in &asked.input.documents {
        match lacking(document, headings, words) {
            None => {
                let by = document
                    .by
                    .as_ref()
                    .map_or(String::new(), |by| format!(", signed by {by}"));
                return Answer::satisfied(format!("{} has {}{by}", document.source, and(headings)))
                    .resting_on([document.source.clone()]);
            }
            Some((lacks, text)) => {
                if closest.as_ref().is_none_or(|(fewest, _)| lacks < *fewest) {
                    closest = Some((lacks, text));
                }
            }
        }
    }
    let text = closest.map_or_else(|| format!("there is none: {wanted} is wanted"), |(_, text)| text);
    Answer::not(text).give(give)
}

/// What a document lacks, and how much.
fn lacking(document: &DocumentFacts, headings: &[String], words: u32) -> Option<(usize, String)> {
    let source = &document.source;
    if let Standing::Stale(why) | Standing::Void(why) = &document.standing {
        return Some((headings.len() + 1, format!("{source} is not about this change: {why}")));
    }
    let said = |heading: &String| {
        let wanted = plain(heading);
        document.headings.iter().find(|(name, _)| plain(name) == wanted)
    };
    let missing: Vec<&String> = headings.iter().filter(|heading| said(heading).is_none()).collect();
    if !missing.is_empty() {
        return Some((missing.len(), format!("{source} has no heading {}", and(&missing))));
    }
    let is_hollow = |heading: &&String| {
        let thin = said(heading).is_some_and(|(_, number)| *number < words);
        thin || document.hollow.iter().any(|hollow| plain(hollow) == plain(heading))
    };
    let hollow: Vec<&String> = headings.iter().filter(is_hollow).collect();
    (!hollow.is_empty()).then(|| {
        let text = format!(
            "{source} says nothing under {}: at least {words} words of its own are wanted",
            and(&hollow)
        );
        (hollow.len(), text)
    })
}

/// A heading by its letters alone: `Roll-back plan` and `rollback` begin alike.
fn plain(heading: &str) -> String {
    let letters: String = heading.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    letters.trim_end_matches("plan").to_owned()
}
