//! What texts and numbers of two versions may differ in without meaning: folders, addresses, places of code.

use std::collections::HashSet;

use languages::python::print::without_addresses;

/// What the two versions' observations may differ in without meaning: folders.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    /// Texts that stand for the same thing in base and in head: the trees, the scratch folders.
    pub same: Vec<(String, String, &'static str)>,
    /// Lines of base with the other line of head that they became: where code stands is no behaviour.
    pub moved_lines: HashSet<(i64, i64)>,
}

impl Folders {
    /// Whether a text names one of our own folders, perhaps without the slash that it begins with: it means nothing elsewhere.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        let is_in = |folder: &String| folder.len() > 1 && text.contains(folder.trim_start_matches('/'));
        self.same.iter().any(|(base, head, _)| is_in(base) || is_in(head))
    }

    /// A text without the paths of our own folders, in either version, and without memory addresses.
    pub(crate) fn placeless(&self, text: &str) -> String {
        let mut text = without_addresses(text).into_owned();
        for (base, head, name) in &self.same {
            text = text.replace(base.as_str(), name).replace(head.as_str(), name);
        }
        text
    }

    pub(crate) fn neutral(&self, text: &str, head: bool) -> String {
        let mut text = text.to_owned();
        for (base_text, head_text, name) in &self.same {
            text = text.replace(if head { head_text } else { base_text }, name);
        }
        without_places(&without_addresses(&text))
    }
}

/// Whether two docstrings read the same where help is shown: without the indentation and the white space around them.
pub(super) fn same_help(base: &str, head: &str) -> bool {
    let lines = |text: &str| {
        text.trim()
            .lines()
            .map(|line| line.trim().to_owned())
            .collect::<Vec<_>>()
    };
    lines(base) == lines(head)
}

/// What the harness puts before the name of a function that no module leads to by it: what it does is not told by its name.
pub(super) const UNPLACED: &str = "function ";

/// Whether two names of classes or functions stand for the same thing: one that moved to another module of its package goes
/// by the same name.
pub(super) fn same_name(base: &str, head: &str) -> bool {
    // A function that is moved to where its name leads to it is the same.
    let [base, head] = [base, head].map(|name| name.strip_prefix(UNPLACED).unwrap_or(name));
    let package = |name: &str| name.split('.').next().map(str::to_owned);
    let last = |name: &str| name.rsplit('.').next().map(str::to_owned);
    base == head
        || base.contains('.') && head.contains('.') && package(base) == package(head) && last(base) == last(head)
}

/// Replaces the places and source lines of a printed traceback (`File "…", line 3, in f` and the line below it): where code
/// stands is no behaviour.
fn without_places(text: &str) -> String {
    if !text.contains("File \"") {
        return text.to_owned();
    }
    let mut result = String::with_capacity(text.len());
    let mut below_place = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().starts_with("File \"") && line.contains(", line ") {
            if !result.ends_with("File …\n") {
                result.push_str("File …\n");
            }
            below_place = Some(indent);
        } else if below_place.is_none_or(|place| indent <= place) {
            below_place = None;
            result.push_str(line);
        }
    }
    result
}
