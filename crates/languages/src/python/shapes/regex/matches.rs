//! Matches a pattern against a text, with bounds on the work: enough to tell what two patterns do differently.

use super::{Node, Place};

/// Steps of one attempt.
const MOST_STEPS: u32 = 4000;
/// Attempts nested deeper than this are given up: each takes some of the stack.
const DEEPEST: u32 = 600;

/// What a pattern makes of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Where the first match lies.
    pub found: Option<(usize, usize)>,
    /// The groups of that match, by number.
    pub groups: Vec<Option<(usize, usize)>>,
    /// Whether all of the text matches.
    pub full: bool,
}

/// What `node` makes of `text`; nothing where that takes too long.
pub(super) fn outcome(node: &Node, groups: usize, text: &[char]) -> Option<Outcome> {
    let mut run = Run {
        text,
        groups: vec![None; groups + 1],
        steps: 0,
        depth: 0,
    };
    let mut end = 0;
    let start = (0..=text.len()).find(|start| {
        run.groups.fill(None);
        run.node(node, *start, &mut |_, at| {
            end = at;
            true
        })
    });
    let groups = run.groups.clone();
    run.groups.fill(None);
    let full = run.node(node, 0, &mut |run, at| at == run.text.len());
    (!run.is_spent()).then(|| Outcome {
        found: start.map(|start| (start, end)),
        groups: if start.is_some() { groups } else { Vec::new() },
        full,
    })
}

/// How many groups a pattern has.
pub(super) fn groups(node: &Node) -> usize {
    match node {
        Node::Class(_) | Node::Back(_) | Node::At(_) => 0,
        Node::All(all) | Node::Either(all) => all.iter().map(groups).max().unwrap_or(0),
        Node::Repeat { of, .. } | Node::Look { of, .. } => groups(of),
        Node::Group(number, of) => groups(of).max(*number),
    }
}

struct Run<'t> {
    text: &'t [char],
    groups: Vec<Option<(usize, usize)>>,
    steps: u32,
    depth: u32,
}

/// What is to match after what matches now.
type Next<'n, 't> = &'n mut dyn FnMut(&mut Run<'t>, usize) -> bool;

impl<'t> Run<'t> {
    fn is_spent(&self) -> bool {
        self.steps >= MOST_STEPS
    }

    fn node(&mut self, node: &Node, at: usize, next: Next<'_, 't>) -> bool {
        self.steps += 1;
        if self.depth >= DEEPEST {
            self.steps = MOST_STEPS;
        }
        if self.is_spent() {
            return false;
        }
        self.depth += 1;
        let matched = self.entered(node, at, next);
        self.depth -= 1;
        matched
    }

    fn entered(&mut self, node: &Node, at: usize, next: Next<'_, 't>) -> bool {
        match node {
            Node::Class(class) => self.text.get(at).is_some_and(|c| class.has(*c)) && next(self, at + 1),
            Node::All(all) => self.all(all, at, next),
            Node::Either(all) => all.iter().any(|node| self.node(node, at, next)),
            Node::Repeat { of, least, most, lazy } => {
                let times = Times {
                    of,
                    least: *least,
                    most: *most,
                    lazy: *lazy,
                };
                self.repeat(&times, 0, at, next)
            }
            Node::Group(number, of) => {
                let before = self.groups[*number];
                let matched = self.node(of, at, &mut |run, end| {
                    let inner = run.groups[*number].replace((at, end));
                    let matched = next(run, end);
                    if !matched {
                        run.groups[*number] = inner;
                    }
                    matched
                });
                if !matched {
                    self.groups[*number] = before;
                }
                matched
            }
            Node::Back(number) => {
                let Some((from, to)) = self.groups.get(*number).copied().flatten() else {
                    return false;
                };
                let text = self.text;
                text[at..].starts_with(&text[from..to]) && next(self, at + to - from)
            }
            Node::Look { of, ahead, negative } => {
                let stands = if *ahead {
                    self.node(of, at, &mut |_, _| true)
                } else {
                    (0..=at).any(|start| self.node(of, start, &mut |_, end| end == at))
                };
                stands != *negative && next(self, at)
            }
            Node::At(place) => self.is_at(*place, at) && next(self, at),
        }
    }

    fn all(&mut self, all: &[Node], at: usize, next: Next<'_, 't>) -> bool {
        match all.split_first() {
            None => next(self, at),
            Some((first, rest)) => self.node(first, at, &mut |run, at| run.all(rest, at, next)),
        }
    }

    fn repeat(&mut self, times: &Times<'_>, done: u32, at: usize, next: Next<'_, 't>) -> bool {
        if done >= times.least && times.lazy && next(self, at) {
            return true;
        }
        let once_more = done < times.most
            && self.node(times.of, at, &mut |run, after| {
                // What matches nothing would do so for ever.
                (after != at || done < times.least) && run.repeat(times, done + 1, after, next)
            });
        once_more || (done >= times.least && !times.lazy && next(self, at))
    }

    fn is_at(&self, place: Place, at: usize) -> bool {
        let is_word = |at: Option<usize>| {
            at.and_then(|at| self.text.get(at))
                .is_some_and(|c| c.is_alphanumeric() || *c == '_')
        };
        let ends = at == self.text.len();
        match place {
            Place::Anywhere => true,
            Place::Start => at == 0,
            Place::LineStart => at == 0 || self.text[at - 1] == '\n',
            Place::End => ends || (at + 1 == self.text.len() && self.text[at] == '\n'),
            Place::LineEnd => ends || self.text[at] == '\n',
            Place::VeryEnd => ends,
            Place::Boundary => is_word(at.checked_sub(1)) != is_word(Some(at)),
            Place::NoBoundary => is_word(at.checked_sub(1)) == is_word(Some(at)),
        }
    }
}

struct Times<'n> {
    of: &'n Node,
    least: u32,
    most: u32,
    lazy: bool,
}

#[cfg(test)]
mod tests {
    use super::super::{Flags, Pattern, read};
    use super::*;
    use proptest::prelude::*;

    fn told(pattern: &str, text: &str) -> Option<Outcome> {
        let pattern = Pattern {
            text: pattern.to_owned(),
            flags: Flags::default(),
            bytes: false,
        };
        let node = read::read(&pattern)?;
        let text: Vec<char> = text.chars().collect();
        outcome(&node, groups(&node), &text)
    }

    fn found(pattern: &str, text: &str) -> Option<(usize, usize)> {
        told(pattern, text).expect("in time").found
    }

    #[test]
    fn matches_as_python_does() {
        assert_eq!(found("a+?b*", "xaabb"), Some((1, 2)));
        assert_eq!(found("(a|ab)(c|bcd)$", "abcd\n"), Some((0, 4)));
        assert_eq!(found(r"^(\w+)-\1$", "ab-ab"), Some((0, 5)));
        assert_eq!(found(r"^(\w+)-\1$", "ab-ac"), None);
        assert_eq!(found(r"\bx(?!y)", "ax xy x"), Some((6, 7)));
        assert_eq!(found(r"(?<=b)a", "aba"), Some((2, 3)));
        assert_eq!(found("(?i)[a-c]{2,}", "xABCd"), Some((1, 4)));
        assert_eq!(found("(?m)^b.$", "a\nbc\nd"), Some((2, 4)));
        assert_eq!(found("(?:a*)*b", "aac"), None);
        assert!(!told("[^a]", "\n\n").expect("in time").full);
        let groups = told("(a)|(b)(c)?", "b").expect("in time").groups;
        assert_eq!(groups, [None, None, Some((0, 1)), None]);
    }

    #[test]
    fn gives_up_in_time() {
        assert_eq!(told("(a+)+$", &format!("{}b", "a".repeat(60))), None);
    }

    proptest! {
        #[test]
        fn never_panics(pattern in "[a-c(){}\\[\\]|*+?,0-9\\\\^$.:<>=!Px# -]{0,30}", text in "[a-c0-9 -]{0,20}") {
            told(&pattern, &text);
        }
    }
}
