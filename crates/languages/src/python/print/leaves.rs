//! Statements as the leaves that lines are made of.

/// What a leaf is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Other,
}

/// A word, number, string or sign.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    /// It is known by this in every line that it comes into.
    pub number: usize,
    /// Empty for a parenthesis that is not written yet.
    pub text: String,
    /// Whether a space stands before it.
    pub is_apart: bool,
    /// Its kind.
    pub kind: Kind,
    /// The bracket on the other side, if it is one.
    other: usize,
    /// Whether it is a bracket of a call or subscription.
    pub is_trailer: bool,
    /// Whether it is a star before what is given, and not an operator.
    pub is_unpacking: bool,
    /// How many parameter lists of lambdas it is in.
    in_lambda: usize,
}

impl Leaf {
    fn new(number: usize, text: &str, is_apart: bool) -> Self {
        Self {
            number,
            text: text.to_owned(),
            is_apart,
            kind: Kind::Other,
            other: usize::MAX,
            is_trailer: false,
            is_unpacking: false,
            in_lambda: 0,
        }
    }

    /// A comma behind the last of several.
    pub fn comma() -> Self {
        Self::new(usize::MAX, ",", false)
    }

    /// Whether it is a parenthesis that is not written yet.
    pub fn is_invisible(&self) -> bool {
        self.text.is_empty()
    }

    /// Writes a parenthesis.
    pub fn write(&mut self) {
        if self.is_invisible() {
            self.text = if self.kind == Kind::Open { "(" } else { ")" }.to_owned();
        }
    }

    /// Columns, with the space before it.
    pub fn width(&self) -> usize {
        width(&self.text) + usize::from(self.is_apart)
    }
}

/// What a line is split at; later ones come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Delimiter {
    Dot,
    Sum,
    Comparison,
    Comma,
}

/// Leaves that are to stand in one line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Columns before it.
    pub indent: usize,
    /// Whether it stands in brackets.
    pub is_inside: bool,
    /// Whether it is split though it fits: several things in a display.
    pub splits: bool,
    /// The leaves.
    pub leaves: Vec<Leaf>,
}

impl Line {
    /// The line with its indentation.
    pub fn text(&self) -> String {
        let mut text = " ".repeat(self.indent);
        for (at, leaf) in self.leaves.iter().enumerate() {
            if leaf.is_apart && at > 0 {
                text.push(' ');
            }
            text.push_str(&leaf.text);
        }
        text
    }

    /// Columns.
    pub fn width(&self) -> usize {
        width(&self.text())
    }

    /// Whether it begins a function.
    pub fn is_header(&self) -> bool {
        self.leaves.first().is_some_and(|leaf| leaf.text == "def")
    }

    /// Columns before a leaf.
    pub fn start_of(&self, at: usize) -> usize {
        let before = self.leaves[..at].iter().enumerate();
        let widths = before.map(|(at, leaf)| if at == 0 { width(&leaf.text) } else { leaf.width() });
        self.indent + widths.sum::<usize>()
    }

    /// Where the bracket opens that closes at `at`.
    pub fn opening(&self, at: usize) -> Option<usize> {
        let leaf = &self.leaves[at];
        let is_close = leaf.kind == Kind::Close;
        self.leaves
            .iter()
            .position(|other| is_close && other.number == leaf.other)
    }

    /// Some of its leaves, in a line beside it.
    pub fn part(&self, leaves: Vec<Leaf>) -> Self {
        Self {
            indent: self.indent,
            is_inside: false,
            splits: false,
            leaves,
        }
    }

    /// What stands in brackets of it.
    pub fn inner(&self, mut leaves: Vec<Leaf>, open: &Leaf) -> Self {
        if let Some(first) = leaves.first_mut() {
            first.is_apart = false;
        }
        let mut line = Self {
            indent: self.indent + 4,
            is_inside: true,
            splits: false,
            leaves,
        };
        let marks = line.delimiters();
        let last = line.leaves.last().map_or(0, |leaf| usize::from(leaf.text == ","));
        let several = marks[..marks.len() - last].contains(&Some(Delimiter::Comma));
        line.splits = several && !open.is_trailer && !self.is_header();
        line
    }

    /// How many brackets are around each leaf.
    pub fn depths(&self) -> Vec<usize> {
        let mut depth = 0_usize;
        let mut depths = Vec::with_capacity(self.leaves.len());
        for leaf in &self.leaves {
            if leaf.kind == Kind::Close {
                depth = depth.saturating_sub(1);
            }
            depths.push(depth);
            depth += usize::from(leaf.kind == Kind::Open);
        }
        depths
    }

    /// The delimiter behind each leaf, outside of brackets.
    pub fn delimiters(&self) -> Vec<Option<Delimiter>> {
        let mut marks: Vec<Option<Delimiter>> = vec![None; self.leaves.len()];
        let lambdas = self.leaves.iter().map(|leaf| leaf.in_lambda).min().unwrap_or_default();
        for (at, (leaf, depth)) in self.leaves.iter().zip(self.depths()).enumerate() {
            if depth > 0 || leaf.in_lambda > lambdas {
                continue;
            }
            if leaf.text == "," {
                marks[at] = Some(Delimiter::Comma);
            }
            let Some(before) = at.checked_sub(1) else { continue };
            let is_sum = ["+", "-"].contains(&&*leaf.text)
                && leaf.is_apart
                && self.leaves.get(at + 1).is_some_and(|next| next.is_apart);
            let mark = match &*leaf.text {
                "." if self.leaves[before].kind == Kind::Close => Some(Delimiter::Dot),
                "==" | "is" => Some(Delimiter::Comparison),
                _ if is_sum => Some(Delimiter::Sum),
                _ => None,
            };
            marks[before] = marks[before].max(mark);
        }
        marks
    }
}

/// Columns that a text takes: characters of East Asian scripts and pictures take two.
pub(super) fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

/// The leaves of a statement; around what it asserts or assigns stand parentheses that are not written yet.
pub(super) fn leaves(text: &str, double_quotes: bool) -> Vec<Leaf> {
    let mut found: Vec<Leaf> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let apart = rest.len() - rest.trim_start().len();
        rest = rest.trim_start();
        let end = end_of(rest);
        let (token, after) = rest.split_at(end);
        let number = found.len();
        let mut leaf = Leaf::new(number, token, apart > 0);
        if is_string(token) {
            leaf.text = if double_quotes { quoted(token) } else { token.to_owned() };
        } else if token.starts_with(|c: char| c.is_ascii_digit()) {
            leaf.text = token.replace("e+", "e");
        }
        found.push(leaf);
        rest = after;
    }
    spaced(&mut found);
    let mut all = with_parentheses(found);
    pair(&mut all);
    all
}

/// `1+2j` with spaces.
fn spaced(leaves: &mut [Leaf]) {
    for at in 1..leaves.len().saturating_sub(1) {
        let is_number = |leaf: &Leaf| leaf.text.starts_with(|c: char| c.is_ascii_digit());
        if ["+", "-"].contains(&&*leaves[at].text) && is_number(&leaves[at - 1]) {
            leaves[at].is_apart = true;
            leaves[at + 1].is_apart = true;
        }
    }
}

/// Puts parentheses that are not written yet around what follows `assert` or `=`.
fn with_parentheses(mut leaves: Vec<Leaf>) -> Vec<Leaf> {
    let mut depth = 0_usize;
    let assigned = leaves.iter().position(|leaf| {
        depth += usize::from(["(", "[", "{"].contains(&&*leaf.text));
        depth -= usize::from([")", "]", "}"].contains(&&*leaf.text)).min(depth);
        depth == 0 && leaf.text == "=" && leaf.is_apart
    });
    let begin = match leaves.first() {
        Some(first) if first.text == "assert" => Some(1),
        _ => assigned.map(|at| at + 1),
    };
    let Some(begin) = begin.filter(|begin| *begin < leaves.len()) else {
        return leaves;
    };
    let count = leaves.len();
    let mut open = Leaf::new(count, "", leaves[begin].is_apart);
    open.kind = Kind::Open;
    leaves[begin].is_apart = false;
    leaves.insert(begin, open);
    let mut close = Leaf::new(count + 1, "", false);
    close.kind = Kind::Close;
    leaves.push(close);
    leaves
}

/// Tells each bracket of the other one, and what is a lambda's.
fn pair(leaves: &mut [Leaf]) {
    let mut open: Vec<usize> = Vec::new();
    // Brackets around each lambda whose parameters are not ended yet.
    let mut lambdas: Vec<usize> = Vec::new();
    for at in 0..leaves.len() {
        let text = leaves[at].text.clone();
        let before = at.checked_sub(1).map(|before| &leaves[before]);
        let is_operand = before.is_some_and(|before| {
            let word = before
                .text
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || "_\"'".contains(c));
            word || before.kind == Kind::Close
        });
        let is_trailer = is_operand && !leaves[at].is_apart;
        if text == ":" && lambdas.last() == Some(&open.len()) {
            lambdas.pop();
        }
        leaves[at].in_lambda = lambdas.len();
        if ["(", "[", "{"].contains(&&*text) || (leaves[at].kind == Kind::Open && text.is_empty()) {
            leaves[at].kind = Kind::Open;
            leaves[at].is_trailer = is_trailer;
            open.push(at);
        } else if [")", "]", "}"].contains(&&*text) || leaves[at].kind == Kind::Close {
            leaves[at].kind = Kind::Close;
            if let Some(opening) = open.pop() {
                leaves[at].other = leaves[opening].number;
                leaves[at].is_trailer = leaves[opening].is_trailer;
            }
        } else if text == "lambda" {
            lambdas.push(open.len());
        } else if ["*", "**"].contains(&&*text) {
            leaves[at].is_unpacking = lambdas.is_empty();
        }
    }
}

fn is_string(token: &str) -> bool {
    token.ends_with(['\'', '"'])
}

/// Where the first leaf of a text ends.
fn end_of(text: &str) -> usize {
    let word = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let first = text.chars().next().unwrap_or_default();
    if let Some(quote) = text[word..].chars().next().filter(|c| ['\'', '"'].contains(c))
        && (word == 0 || text[..word].eq_ignore_ascii_case("b"))
    {
        let mut escaped = false;
        let content = text[word + 1..].char_indices().find(|(_, c)| {
            let ends = *c == quote && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        return content.map_or(text.len(), |(at, _)| word + at + 2);
    }
    if first.is_ascii_digit() {
        let mut before = ' ';
        let end = text.find(|c: char| {
            let is_part = c.is_alphanumeric() || "._".contains(c) || ("+-".contains(c) && before == 'e');
            before = c;
            !is_part
        });
        return end.unwrap_or(text.len());
    }
    if word > 0 {
        return word;
    }
    let signs = ["...", "==", "**"].iter().find(|sign| text.starts_with(**sign));
    signs.map_or(first.len_utf8(), |sign| sign.len())
}

/// A string in double quotes, unless that needs more escapes.
fn quoted(token: &str) -> String {
    let begin = token.find(['\'', '"']).unwrap_or_default();
    let (prefix, text) = token.split_at(begin);
    let own = if text.starts_with('"') { '"' } else { '\'' };
    let other = if own == '"' { '\'' } else { '"' };
    let body = requoted(&text[1..text.len() - 1], own, other, false);
    let new = requoted(&body, own, other, true);
    let count = |text: &str| text.matches('\\').count();
    let stays = count(&new) > count(&body) || (count(&new) == count(&body) && own == '"');
    match stays {
        true => format!("{prefix}{own}{body}{own}"),
        false => format!("{prefix}{other}{new}{other}"),
    }
}

/// The inside of a string without escapes that it does not need; as one in the `other` quotes, if `swaps`.
fn requoted(body: &str, own: char, other: char, swaps: bool) -> String {
    let mut new = String::with_capacity(body.len());
    let mut all = body.chars();
    while let Some(c) = all.next() {
        match (c, c == '\\') {
            (_, true) => match all.next() {
                Some(next) if next == other || (swaps && next == own) => new.push(next),
                next => {
                    new.push('\\');
                    new.extend(next);
                }
            },
            _ if swaps && c == other => new.extend(['\\', c]),
            _ => new.push(c),
        }
    }
    new
}
