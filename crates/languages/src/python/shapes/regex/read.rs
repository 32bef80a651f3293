//! Patterns taken apart, in the syntax of Python's `re`.

use super::{Class, Flags, Member, Node, Pattern, Place};

/// Longer patterns are built by machines.
const LONGEST: usize = 2000;
/// Those that explain themselves in between may be longer.
const LONGEST_VERBOSE: usize = 16_000;
/// Nested groups deeper than this are left out.
const DEEPEST: u32 = 12;
/// More repetitions than this are as many as one likes.
const MOST: u32 = 1000;

/// A pattern as a tree; nothing for what is no pattern.
pub(super) fn read(pattern: &Pattern) -> Option<Node> {
    let mut flags = pattern.flags;
    if pattern.text.len() > if flags.verbose { LONGEST_VERBOSE } else { LONGEST } {
        return None;
    }
    flags.ascii |= pattern.bytes;
    let mut reader = Reader {
        text: pattern.text.chars().collect(),
        at: 0,
        flags,
        groups: 0,
        names: Vec::new(),
    };
    let node = reader.alternatives(DEEPEST)?;
    (reader.at == reader.text.len()).then_some(node)
}

struct Reader {
    text: Vec<char>,
    at: usize,
    flags: Flags,
    groups: usize,
    names: Vec<(String, usize)>,
}

/// One member of a set, or what stands outside of one.
enum Escaped {
    Char(char),
    Kind(char),
    Node(Node),
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

    /// Everything up to `end`, which is passed.
    fn until(&mut self, end: char) -> Option<String> {
        let mut text = String::new();
        loop {
            match self.next()? {
                c if c == end => return Some(text),
                c => text.push(c),
            }
        }
    }

    /// Passes what stands for nothing in a verbose pattern.
    fn skip(&mut self) {
        while self.flags.verbose {
            match self.peek() {
                Some(c) if c.is_ascii_whitespace() => self.at += 1,
                Some('#') => while self.next().is_some_and(|c| c != '\n') {},
                _ => return,
            }
        }
    }

    fn class_of(&self, members: Vec<Member>, examples: Vec<char>, negated: bool) -> Node {
        Node::Class(Class {
            examples,
            members,
            negated,
            ignore_case: self.flags.ignore_case,
            ascii: self.flags.ascii,
        })
    }

    fn character(&self, c: char) -> Node {
        self.class_of(vec![Member::Between(c, c)], vec![c], false)
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
        loop {
            self.skip();
            match self.peek() {
                None | Some('|' | ')') => return Some(Node::All(all)),
                Some(_) => {
                    let atom = self.atom(depth)?;
                    self.skip();
                    all.push(self.repeated(atom));
                }
            }
        }
    }

    fn repeated(&mut self, atom: Node) -> Node {
        let mut node = atom;
        while let Some((least, most)) = self.times() {
            // Possessive: the same texts.
            let lazy = self.eat('?');
            if !lazy {
                self.eat('+');
            }
            node = Node::Repeat {
                of: Box::new(node),
                least,
                most,
                lazy,
            };
        }
        node
    }

    /// How often what stands before is repeated, where that is said.
    fn times(&mut self) -> Option<(u32, u32)> {
        let bounds = match self.peek()? {
            '*' => (0, u32::MAX),
            '+' => (1, u32::MAX),
            '?' => (0, 1),
            '{' => return self.counted(),
            _ => return None,
        };
        self.at += 1;
        Some(bounds)
    }

    /// `{2}`, `{1,3}`, `{,5}`; a brace that is none of these is a character.
    fn counted(&mut self) -> Option<(u32, u32)> {
        let start = self.at;
        self.at += 1;
        let inside = self.until('}').unwrap_or_default();
        let number = |text: &str, missing: u32| {
            if text.is_empty() {
                Some(missing)
            } else {
                text.parse().ok().map(|number: u32| number.min(MOST))
            }
        };
        let bounds = match inside.split_once(',') {
            Some((least, most)) => number(least, 0).zip(number(most, u32::MAX)),
            None => inside.parse().ok().map(|times: u32| (times.min(MOST), times.min(MOST))),
        };
        let bounds = bounds.filter(|(least, most)| least <= most);
        if bounds.is_none() {
            self.at = start;
        }
        bounds
    }

    fn atom(&mut self, depth: u32) -> Option<Node> {
        Some(match self.next()? {
            '(' => self.group(depth)?,
            '[' => self.class()?,
            '.' if self.flags.dot_all => self.class_of(Vec::new(), vec!['x', 'a', '1', ' ', '-', '\n'], true),
            '.' => self.class_of(vec![Member::Between('\n', '\n')], vec!['x', 'a', '1', ' ', '-'], true),
            '^' if self.flags.multiline => Node::At(Place::LineStart),
            '^' => Node::At(Place::Start),
            '$' if self.flags.multiline => Node::At(Place::LineEnd),
            '$' => Node::At(Place::End),
            '\\' => match self.escape(false)? {
                Escaped::Char(c) => self.character(c),
                Escaped::Kind(kind) => self.class_of(vec![Member::Kind(kind)], examples(kind), false),
                Escaped::Node(node) => node,
            },
            c => self.character(c),
        })
    }

    fn group(&mut self, depth: u32) -> Option<Node> {
        let outer = self.flags;
        let mut number = None;
        let mut look = None;
        if self.eat('?') {
            match self.next()? {
                ':' | '>' => {}
                'P' => match self.next()? {
                    '<' => number = Some(self.named('>')?),
                    '=' => {
                        let name = self.until(')')?;
                        let known = self.names.iter().find(|(known, _)| *known == name)?;
                        return Some(Node::Back(known.1));
                    }
                    _ => return None,
                },
                '<' => {
                    let negative = self.next()?;
                    look = Some((false, negative == '!'));
                    if !matches!(negative, '=' | '!') {
                        return None;
                    }
                }
                '=' => look = Some((true, false)),
                '!' => look = Some((true, true)),
                '#' => {
                    self.until(')')?;
                    return Some(Node::At(Place::Anywhere));
                }
                // `(?(1)yes|no)`: either, as it comes.
                '(' => {
                    self.until(')')?;
                }
                _ => {
                    self.at -= 1;
                    if !self.inner_flags()? {
                        return Some(Node::At(Place::Anywhere));
                    }
                }
            }
        } else {
            self.groups += 1;
            number = Some(self.groups);
        }
        let inside = self.alternatives(depth)?;
        if !self.eat(')') {
            return None;
        }
        self.flags = outer;
        Some(match (look, number) {
            (Some((ahead, negative)), _) => Node::Look {
                of: Box::new(inside),
                ahead,
                negative,
            },
            (None, Some(number)) => Node::Group(number, Box::new(inside)),
            (None, None) => inside,
        })
    }

    fn named(&mut self, end: char) -> Option<usize> {
        let name = self.until(end)?;
        self.groups += 1;
        self.names.push((name, self.groups));
        Some(self.groups)
    }

    /// `(?i)` or `(?i:…)`: whether a group is open after it.
    fn inner_flags(&mut self) -> Option<bool> {
        let mut on = true;
        loop {
            match self.next()? {
                '-' => on = false,
                ':' => return Some(true),
                ')' => return Some(false),
                letter if self.flags.set(letter, on) => {}
                _ => return None,
            }
        }
    }

    fn escape(&mut self, in_class: bool) -> Option<Escaped> {
        let place = |place| Escaped::Node(Node::At(place));
        Some(match self.next()? {
            kind @ ('d' | 'w' | 's' | 'D' | 'W' | 'S') => Escaped::Kind(kind),
            'b' if in_class => Escaped::Char('\u{8}'),
            'b' => place(Place::Boundary),
            'B' => place(Place::NoBoundary),
            'A' => place(Place::Start),
            'Z' | 'z' => place(Place::VeryEnd),
            'n' => Escaped::Char('\n'),
            't' => Escaped::Char('\t'),
            'r' => Escaped::Char('\r'),
            'f' => Escaped::Char('\u{c}'),
            'v' => Escaped::Char('\u{b}'),
            'a' => Escaped::Char('\u{7}'),
            '0' => Escaped::Char('\0'),
            'x' => Escaped::Char(self.coded(2)?),
            'u' => Escaped::Char(self.coded(4)?),
            'U' => Escaped::Char(self.coded(8)?),
            digit @ '1'..='9' if !in_class => {
                let mut number = digit.to_digit(10)?;
                if let Some(second) = self.peek().and_then(|c| c.to_digit(10)) {
                    self.at += 1;
                    number = number * 10 + second;
                }
                Escaped::Node(Node::Back(number as usize))
            }
            c => Escaped::Char(c),
        })
    }

    fn coded(&mut self, digits: usize) -> Option<char> {
        let code: String = self.text.get(self.at..self.at + digits)?.iter().collect();
        self.at += digits;
        char::from_u32(u32::from_str_radix(&code, 16).ok()?)
    }

    fn member(&mut self) -> Option<Escaped> {
        match self.next()? {
            '\\' => self.escape(true),
            c => Some(Escaped::Char(c)),
        }
    }

    fn class(&mut self) -> Option<Node> {
        let negated = self.eat('^');
        let (mut members, mut some) = (Vec::new(), Vec::new());
        let mut first = true;
        while first || self.peek()? != ']' {
            first = false;
            match self.member()? {
                Escaped::Kind(kind) => {
                    members.push(Member::Kind(kind));
                    some.extend(examples(kind));
                }
                Escaped::Char(from)
                    if self.peek() == Some('-') && self.text.get(self.at + 1).is_some_and(|end| *end != ']') =>
                {
                    self.at += 1;
                    let Escaped::Char(to) = self.member()? else { return None };
                    members.push(Member::Between(from, to));
                    let middle = char::from_u32(u32::midpoint(u32::from(from), u32::from(to))).unwrap_or(from);
                    some.extend([from, to, middle]);
                }
                Escaped::Char(c) => {
                    members.push(Member::Between(c, c));
                    some.push(c);
                }
                Escaped::Node(_) => return None,
            }
        }
        self.at += 1;
        let mut node = Class {
            examples: some,
            members,
            negated,
            ignore_case: self.flags.ignore_case,
            ascii: self.flags.ascii,
        };
        if negated {
            node.examples = ['a', '1', ' ', '-', 'Z', '.', '/']
                .into_iter()
                .filter(|c| node.has(*c))
                .collect();
        }
        Some(Node::Class(node))
    }
}

/// Some characters that `\d`, `\w` and the like stand for.
fn examples(kind: char) -> Vec<char> {
    match kind {
        'd' => vec!['1', '0', '7', '2'],
        'w' => vec!['a', 'b', '1', '_', 'Z'],
        's' => vec![' ', '\t', '\n'],
        'W' => vec!['-', ' ', '.'],
        _ => vec!['a', 'x', '-'],
    }
}
