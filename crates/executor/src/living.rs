//! Values that live under names which the changed code mentions, as values worth trying: what an import worked out, or another
//! package holds, no reading of the source tells.

use std::collections::BTreeSet;

use languages::python::Project;
use languages::python::shapes::matched_by;
use languages::python::wire::decode::Mentioned;
use model::FunctionChange;
use search::Token;

/// Tokens of both versions' values; those of names on changed lines count as changed.
pub(crate) fn tokens(mentioned: &[(String, Mentioned)], function: &FunctionChange, head: &Project) -> Vec<Token> {
    let changed = names_on_changed_lines(function, head);
    let mut tokens = Vec::new();
    for (name, value) in mentioned {
        let changed = changed.contains(name.as_str());
        let values = match value {
            Mentioned::Plain(value) => vec![value.clone()],
            Mentioned::Pattern(source, flags) => matched_by(source, *flags),
        };
        tokens.extend(values.into_iter().map(|value| Token { value, changed }));
    }
    tokens
}

fn names_on_changed_lines(function: &FunctionChange, head: &Project) -> BTreeSet<String> {
    let Ok(parsed) = head.parsed(&function.path) else {
        return BTreeSet::new();
    };
    let wanted: BTreeSet<u32> = function.changed_lines.iter().copied().collect();
    let lines = (1..).zip(parsed.text.lines()).filter(|(line, _)| wanted.contains(line));
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    lines
        .flat_map(|(_, text)| text.split(move |c: char| !is_part(c)))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
