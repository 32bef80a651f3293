//! Documents about a change: what stands below each heading, and whether they are about this one.

use change::Merge;
use model::gate_input::{DocumentFacts, Standing};

use super::policy::Judging;
use crate::accepted::FOLDER;

/// Words that stand in templates and say nothing.
const EMPTY_WORDS: [&str; 8] = ["todo", "tbd", "n/a", "na", "none", "...", "…", "-"];

/// Documents that the change adds or edits: `.counterproof/changes/NAME.md`.
///
/// # Errors
/// When git fails.
pub fn brought_along(merge: &Merge, judging: &Judging) -> Result<Vec<DocumentFacts>, change::Error> {
    let folder = format!("{FOLDER}changes/");
    let mut documents = Vec::new();
    for file in &merge.change.files {
        let is_one = file.path.starts_with(&folder) && file.path.to_lowercase().ends_with(".md");
        let Some(entry) = merge.pair.head.entry(&file.path).filter(|_| is_one) else {
            continue;
        };
        let bytes = merge.pair.head.read(&entry.id)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut facts = facts(&file.path, parts(&text));
        facts.standing = about(&text, merge, judging);
        documents.push(facts);
    }
    Ok(documents)
}

/// Headings of a text in Markdown, each with what stands below it.
pub fn parts(text: &str) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut in_code = false;
    for line in without_remarks(text).lines() {
        in_code ^= line.trim_start().starts_with("```");
        let heading = line.trim_start().strip_prefix('#').filter(|_| !in_code);
        match (heading, parts.last_mut()) {
            (Some(rest), _) => {
                let name = rest.trim_start_matches('#').trim().trim_end_matches([':', '#']).trim();
                parts.push((name.to_lowercase(), String::new()));
            }
            (None, Some((_, below))) => {
                below.push_str(line);
                below.push('\n');
            }
            (None, None) => {}
        }
    }
    parts
}

/// The text without `<!-- … -->`, in which templates say what is to be written.
fn without_remarks(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// What the gate asks about a document; whom it is by and whether it is about the change is said by whoever knows.
pub fn facts(source: &str, parts: Vec<(String, String)>) -> DocumentFacts {
    let mut facts = DocumentFacts {
        source: source.to_owned(),
        by: None,
        headings: Vec::new(),
        hollow: Vec::new(),
        standing: Standing::Stale("nothing tells that it is about this change".to_owned()),
    };
    for (heading, text) in parts {
        let heading = heading.to_lowercase();
        let words = text.split_whitespace().filter(|word| says_something(word)).count();
        if words == 0 {
            facts.hollow.push(heading.clone());
        }
        facts.headings.push((heading, u32::try_from(words).unwrap_or(u32::MAX)));
    }
    facts
}

fn says_something(word: &str) -> bool {
    let lower = word.to_lowercase();
    let bare = lower.trim_matches(|c: char| matches!(c, '.' | ',' | ':' | ';' | '*' | '_' | '`'));
    let is_place = word.starts_with('<') && word.ends_with('>') || word.starts_with('[') && word.ends_with(']');
    !is_place
        && !EMPTY_WORDS.contains(&lower.as_str())
        && !EMPTY_WORDS.contains(&bare)
        && bare.chars().any(char::is_alphanumeric)
}

/// Whether a text that the change brings names anything that it touches.
fn about(text: &str, merge: &Merge, judging: &Judging) -> Standing {
    let is_named = |name: &str| name.len() > 2 && has_word(text, name);
    let change = &merge.change;
    for file in change.files.iter().filter(|file| !file.path.starts_with(FOLDER)) {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        if is_named(&file.path) || is_named(name) {
            return Standing::Fresh(format!("it names {}", file.path));
        }
    }
    for function in &change.functions {
        let name = function.qualified_name.rsplit('.').next().unwrap_or_default();
        if !name.starts_with('<') && (is_named(&function.qualified_name) || is_named(name)) {
            return Standing::Fresh(format!("it names {}", function.qualified_name));
        }
    }
    let services = judging.policy.service.iter().map(|service| service.name.get_ref());
    let map = gate::owners::Map::new(&judging.policy, &judging.owners);
    let of_change = |name: &&String| change.files.iter().any(|file| map.services(&file.path).contains(name));
    if let Some(name) = services.filter(of_change).find(|name| is_named(name)) {
        return Standing::Fresh(format!("it names the service {name}"));
    }
    Standing::Stale("it names no file, function or service that this change touches".to_owned())
}

/// Whether a name stands in a text by itself, and not as a part of another.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_nobody_filled_in_says_nothing() {
        let text = "# What\n\n<!-- what this does -->\nTODO\n\n## Why:\nThe carts showed wrong days.\n```\n# no heading\n```\n# Risk #\n<describe>\n";
        let facts = facts("a.md", parts(text));
        let headings: Vec<(&str, u32)> = facts
            .headings
            .iter()
            .map(|(name, words)| (name.as_str(), *words))
            .collect();
        assert_eq!(headings, [("what", 0), ("why", 7), ("risk", 0)]);
        assert_eq!(facts.hollow, ["what", "risk"]);
    }

    #[test]
    fn names_are_words() {
        assert!(has_word("changes `days` of cart.py", "days"));
        assert!(!has_word("holidays are not counted", "days"));
    }
}
