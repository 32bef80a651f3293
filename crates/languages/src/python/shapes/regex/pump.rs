//! Texts on which a matcher that backtracks may take very long: what a pattern repeats, very often, and then something that does
//! not go on.

use super::sample::Sample;
use super::{Node, Pattern, read};

/// What a text is made of: `before`, then `unit` over and over, then what the pattern does not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::python::shapes) struct Pumped {
    pub before: String,
    pub unit: String,
}

/// Repetitions that may go on for so long are worth it.
const LEAST: u32 = 16;
/// Units of one repetition that are tried.
const VARIANTS: u64 = 6;
/// Most of one pattern.
const MOST: usize = 12;

/// What `pattern` repeats without bound, with the plainest text that leads there; outer repetitions first.
pub(in crate::python::shapes) fn pumps(pattern: &Pattern) -> Vec<Pumped> {
    let mut found = Vec::new();
    if let Some(node) = read::read(pattern) {
        walk(&node, String::new(), &mut found);
    }
    found.truncate(MOST);
    found
}

fn walk(node: &Node, before: String, found: &mut Vec<Pumped>) {
    match node {
        Node::All(parts) => {
            let mut before = before;
            for part in parts {
                walk(part, before.clone(), found);
                before.push_str(&Sample::of(part, 0));
            }
        }
        Node::Either(options) => options.iter().for_each(|option| walk(option, before.clone(), found)),
        Node::Repeat { of, most, .. } => {
            if *most >= LEAST {
                for variant in 0..VARIANTS {
                    let unit = Sample::of(of, variant);
                    let pumped = Pumped {
                        before: before.clone(),
                        unit,
                    };
                    if !pumped.unit.is_empty() && pumped.unit.len() <= 24 && !found.contains(&pumped) {
                        found.push(pumped);
                    }
                }
            }
            walk(of, before, found);
        }
        Node::Group(_, of) | Node::Look { of, .. } => walk(of, before, found),
        Node::Class(_) | Node::Back(_) | Node::At(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Flags, Pattern};
    use super::*;

    #[test]
    fn what_is_repeated_is_found_with_what_leads_to_it() {
        let of = |text: &str| {
            let pattern = Pattern {
                text: text.to_owned(),
                flags: Flags::default(),
                bytes: false,
            };
            pumps(&pattern)
        };
        let first = |text: &str| of(text).into_iter().next().map(|one| (one.before, one.unit));
        assert_eq!(first(r"^x=(a|ab)*$"), Some(("x=".to_owned(), "a".to_owned())));
        assert_eq!(first(r"a{2,5}"), None);
        assert!(of(r"(\s+)b").iter().any(|one| one.unit == " "));
    }
}
