//! Texts that a regular expression of the common kind matches.

/// Longer patterns are built by machines.
const LONGEST: usize = 400;
/// Nested groups deeper than this are left out.
const DEEPEST: u32 = 12;
/// A sample that has grown to this is long enough.
const LONGEST_SAMPLE: usize = 120;

/// Up to `count` different texts that `pattern` matches or nearly does; none for what is no pattern.
pub(super) fn samples(pattern: &str, count: usize) -> Vec<String> {
    if pattern.len() > LONGEST {
        return Vec::new();
    }
    let mut reader = Reader {
        text: pattern.chars().collect(),
        at: 0,
    };
    let Some(node) = reader.alternatives(DEEPEST) else {
        return Vec::new();
    };
    if reader.at != reader.text.len() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for variant in 0..count as u32 * 2 {
        let mut sample = Sample {
            out: String::new(),
            variant,
        };
        sample.write(&node);
        if found.len() < count && !found.contains(&sample.out) {
            found.push(sample.out);
        }
    }
    found
}

enum Node {
    /// One of these characters.
    Class(Vec<char>),
    /// One after the other.
    All(Vec<Node>),
    /// One of these.
    Either(Vec<Node>),
    /// Between so many and so many times.
    Repeat(Box<Node>, u32, u32),
    /// No text of its own: anchors, lookarounds.
    Nothing,
}

struct Reader {
    text: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn alternatives(&mut self, depth: u32) -> Option<Node> {
        let depth = depth.checked_sub(1)?;
        let mut all = vec![self.sequence(depth)?];
        while self.eat('|') {
            all.push(self.sequence(depth)?);
        }
        Some(if all.len() == 1 {
            all.remove(0)
        } else {
            Node::Either(all)
        })
    }

    fn sequence(&mut self, depth: u32) -> Option<Node> {
        let mut all = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let atom = self.atom(depth)?;
            all.push(self.repeated(atom)?);
        }
        Some(Node::All(all))
    }

    fn repeated(&mut self, atom: Node) -> Option<Node> {
        let mut node = atom;
        loop {
            let (least, most) = match self.peek() {
                Some('*') => (0, 3),
                Some('+') => (1, 4),
                Some('?') => (0, 1),
                Some('{') => match self.counted() {
                    Some(bounds) => bounds,
                    None => return Some(node),
                },
                _ => return Some(node),
            };
            if self.peek() != Some('{') {
                self.at += usize::from(matches!(self.peek(), Some('*' | '+' | '?')));
            }
            // Lazy or possessive: the same texts.
            if !self.eat('?') {
                self.eat('+');
            }
            node = Node::Repeat(Box::new(node), least, most);
        }
    }

    /// `{2}`, `{1,3}`, `{,5}`; a brace that is none of these is a character.
    fn counted(&mut self) -> Option<(u32, u32)> {
        let start = self.at;
        self.at += 1;
        let inside: String = self.text[self.at..].iter().take_while(|c| **c != '}').collect();
        let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
        let number = |text: &str, missing: u32| {
            if text.trim().is_empty() {
                Some(missing)
            } else {
                text.trim().parse().ok()
            }
        };
        let bounds = number(least, 0).zip(number(most, number(least, 0).unwrap_or(0) + 2));
        match bounds {
            Some((least, most))
                if !inside.is_empty() && self.text.get(self.at + inside.chars().count()) == Some(&'}') =>
            {
                self.at += inside.chars().count() + 1;
                Some((least.min(40), most.clamp(least.min(40), 40)))
            }
            _ => {
                self.at = start;
                None
            }
        }
    }

    fn atom(&mut self, depth: u32) -> Option<Node> {
        Some(match self.next()? {
            '(' => self.group(depth)?,
            '[' => self.class()?,
            '.' => Node::Class(vec!['x', 'a', '1', ' ', '-']),
            '^' | '$' => Node::Nothing,
            '\\' => self.escape()?,
            c => Node::Class(vec![c]),
        })
    }

    fn group(&mut self, depth: u32) -> Option<Node> {
        let mut silent = false;
        if self.eat('?') {
            match self.next()? {
                ':' | '>' => {}
                'P' if self.eat('<') => while self.next()? != '>' {},
                // A group referred to by name: what it matched is not known here.
                'P' => {
                    while self.next()? != ')' {}
                    return Some(Node::Nothing);
                }
                '<' if matches!(self.peek(), Some('=' | '!')) => silent = true,
                '<' => while self.next()? != '>' {},
                '=' | '!' => silent = true,
                '#' => {
                    while self.next()? != ')' {}
                    return Some(Node::Nothing);
                }
                // Flags: `(?i)` or `(?i:…)`.
                _ => loop {
                    match self.next()? {
                        ')' => return Some(Node::Nothing),
                        ':' => break,
                        _ => {}
                    }
                },
            }
        }
        if silent && matches!(self.peek(), Some('=' | '!')) {
            self.at += 1;
        }
        let inside = self.alternatives(depth)?;
        if !self.eat(')') {
            return None;
        }
        Some(if silent { Node::Nothing } else { inside })
    }

    fn escape(&mut self) -> Option<Node> {
        Some(match self.next()? {
            'd' => Node::Class(vec!['1', '0', '7', '2']),
            'w' => Node::Class(vec!['a', 'b', '1', '_', 'Z']),
            's' => Node::Class(vec![' ', '\t', '\n']),
            'D' | 'S' => Node::Class(vec!['a', 'x', '-']),
            'W' => Node::Class(vec!['-', ' ', '.']),
            'b' | 'B' | 'A' | 'Z' | 'z' => Node::Nothing,
            'n' => Node::Class(vec!['\n']),
            't' => Node::Class(vec!['\t']),
            'r' => Node::Class(vec!['\r']),
            '1'..='9' => Node::Nothing,
            c => Node::Class(vec![c]),
        })
    }

    fn class(&mut self) -> Option<Node> {
        let negated = self.eat('^');
        let mut members = Vec::new();
        let mut first = true;
        loop {
            let c = self.next()?;
            if c == ']' && !first {
                break;
            }
            first = false;
            if c == '\\' {
                if let Node::Class(more) = self.escape()? {
                    members.extend(more);
                }
            } else if self.peek() == Some('-') && self.text.get(self.at + 1).is_some_and(|end| *end != ']') {
                self.at += 1;
                let end = self.next()?;
                members.extend([c, end, char::from_u32((u32::from(c) + u32::from(end)) / 2).unwrap_or(c)]);
            } else {
                members.push(c);
            }
        }
        if negated {
            members = ['a', '1', ' ', '-', 'Z', '.', '/']
                .into_iter()
                .filter(|c| !members.contains(c))
                .collect();
        }
        Some(if members.is_empty() {
            Node::Nothing
        } else {
            Node::Class(members)
        })
    }
}

struct Sample {
    out: String,
    variant: u32,
}

impl Sample {
    /// The next choice among `count`: the first sample takes the first ones.
    fn choose(&mut self, count: usize) -> usize {
        let choice = self.variant as usize % count.max(1);
        // The next choice depends on the variant as well, but another way.
        self.variant = if self.variant == 0 {
            0
        } else {
            self.variant.wrapping_mul(5).wrapping_add(3)
        };
        choice
    }

    fn write(&mut self, node: &Node) {
        if self.out.len() > LONGEST_SAMPLE {
            return;
        }
        match node {
            Node::Class(members) => {
                let choice = self.choose(members.len());
                self.out.push(members[choice]);
            }
            Node::All(all) => all.iter().for_each(|node| self.write(node)),
            Node::Either(all) => {
                let choice = self.choose(all.len());
                self.write(&all[choice]);
            }
            Node::Repeat(node, least, most) => {
                let span = (most - least).min(3) + 1;
                // The plainest sample has what is optional: it says more than one without.
                let extra = (self.choose(span as usize) as u32 + u32::from(*least == 0)).min(most - least);
                for _ in 0..least + extra {
                    self.write(node);
                }
            }
            Node::Nothing => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn inverts_common_patterns() {
        assert_eq!(samples(r"^(\w+)\s*=\s*(\d+)$", 1), ["a = 1"]);
        assert_eq!(samples(r"(?P<year>\d{4})-(?P<month>\d{2})", 1), ["1111-11"]);
        assert_eq!(samples("yes|no", 4).len(), 2);
        assert_eq!(samples(r"a{2}b{,3}[^\s]", 1), ["aaba"]);
        assert_eq!(samples(r"(?i)abc(?=d)", 1), ["abc"]);
        assert_eq!(samples(r"\{x\}{", 1), ["{x}{"]);
    }

    #[test]
    fn leaves_what_is_no_pattern() {
        assert!(samples("(unclosed", 2).is_empty());
        assert!(samples("[unclosed", 2).is_empty());
        assert!(samples("a)", 2).is_empty());
        assert!(samples(&"(".repeat(300), 2).is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(pattern in "[a-c(){}\\[\\]|*+?,0-9\\\\^$.:<>=!P-]{0,30}") {
            samples(&pattern, 3);
        }
    }
}
