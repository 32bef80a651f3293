//! Regular expressions as sources of texts: what one matches, and what two of them tell apart.

mod differ;
mod matches;
mod pump;
mod read;
mod sample;

pub(super) use differ::differing;
pub(super) use pump::pumps;

use model::Value;
use sample::Sample;

/// A pattern as the code writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Its source.
    pub text: String,
    /// How it is to be read.
    pub flags: Flags,
    /// Whether it matches bytes.
    pub bytes: bool,
}

impl Pattern {
    /// A text as what the pattern is matched against.
    pub(super) fn value(&self, text: String) -> Value {
        if self.bytes {
            Value::Bytes(text.into_bytes())
        } else {
            Value::Str(text)
        }
    }
}

/// How a pattern is read: by arguments of the call that compiles it, or from within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// Blanks and comments stand for nothing.
    pub verbose: bool,
    /// Capitals are as good as small letters.
    pub ignore_case: bool,
    /// `^` and `$` are those of lines.
    pub multiline: bool,
    /// `.` is any character.
    pub dot_all: bool,
    /// `\w` and the like are those of ASCII.
    pub ascii: bool,
}

impl Flags {
    /// Of the numbers of the flags in Python's `re`.
    pub(super) fn of_python(flags: i64) -> Self {
        let has = |bit: i64| flags & bit != 0;
        Self {
            ignore_case: has(2),
            multiline: has(8),
            dot_all: has(16),
            verbose: has(64),
            ascii: has(256),
        }
    }

    /// Sets the flag of a letter; false for what is none.
    pub(super) fn set(&mut self, letter: char, on: bool) -> bool {
        match letter {
            'x' => self.verbose = on,
            'i' => self.ignore_case = on,
            'm' => self.multiline = on,
            's' => self.dot_all = on,
            'a' => self.ascii = on,
            'u' | 'L' => {}
            _ => return false,
        }
        true
    }
}

/// A pattern, taken apart.
enum Node {
    /// One of these characters.
    Class(Class),
    /// One after the other.
    All(Vec<Node>),
    /// One of these.
    Either(Vec<Node>),
    /// Between so many and so many times.
    Repeat {
        of: Box<Node>,
        least: u32,
        most: u32,
        lazy: bool,
    },
    /// A group with its number.
    Group(usize, Box<Node>),
    /// What the group of this number matched.
    Back(usize),
    /// What must or must not stand before or after.
    Look { of: Box<Node>, ahead: bool, negative: bool },
    /// A place without a text of its own.
    At(Place),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Anywhere,
    Start,
    LineStart,
    /// At the end, or before the line break that ends the text.
    End,
    LineEnd,
    VeryEnd,
    Boundary,
    NoBoundary,
}

/// A set of characters.
struct Class {
    /// Some of them.
    examples: Vec<char>,
    members: Vec<Member>,
    negated: bool,
    ignore_case: bool,
    ascii: bool,
}

enum Member {
    Between(char, char),
    /// `\d`, `\W` and the like by their letter.
    Kind(char),
}

impl Class {
    fn has(&self, c: char) -> bool {
        let found = if self.ignore_case {
            // The long s is an S and the sign of Kelvin a K, but not among ASCII.
            let upper = c.to_uppercase();
            let of_upper = upper.clone().flat_map(char::to_lowercase);
            let all = c.to_lowercase().chain(upper).chain(of_upper);
            self.holds(c)
                || all
                    .filter(|other| !self.ascii || (c.is_ascii() && other.is_ascii()))
                    .any(|c| self.holds(c))
        } else {
            self.holds(c)
        };
        found != self.negated
    }

    fn holds(&self, c: char) -> bool {
        self.members.iter().any(|member| match member {
            Member::Between(from, to) => (*from..=*to).contains(&c),
            Member::Kind(kind) => is_of_kind(*kind, c, self.ascii),
        })
    }
}

fn is_of_kind(kind: char, c: char, ascii: bool) -> bool {
    let wide = !ascii || c.is_ascii();
    match kind {
        'd' => {
            if c.is_ascii() {
                c.is_ascii_digit()
            } else {
                !ascii && c.is_numeric()
            }
        }
        'w' => wide && (c.is_alphanumeric() || c == '_'),
        's' => wide && c.is_whitespace(),
        upper => !is_of_kind(upper.to_ascii_lowercase(), c, ascii),
    }
}

/// Up to `count` different texts that `pattern` matches or nearly does; none for what is no pattern.
pub(super) fn samples(pattern: &Pattern, count: usize) -> Vec<String> {
    let Some(node) = read::read(pattern) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for variant in 0..count as u64 * 3 {
        let sample = Sample::of(&node, variant);
        if found.len() < count && !found.contains(&sample) {
            found.push(sample);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str, flags: &str) -> Pattern {
        let mut known = Flags::default();
        flags.chars().for_each(|letter| assert!(known.set(letter, true)));
        Pattern {
            text: text.to_owned(),
            flags: known,
            bytes: false,
        }
    }

    fn samples(text: &str, count: usize) -> Vec<String> {
        super::samples(&pattern(text, ""), count)
    }

    #[test]
    fn case_folds_beyond_ascii_where_the_flags_let_it() {
        let class = |flags: &str| match read::read(&pattern("s", flags)) {
            Some(Node::All(mut all)) => match all.remove(0) {
                Node::Class(class) => class,
                _ => panic!("no class"),
            },
            _ => panic!("no sequence"),
        };
        assert!(class("i").has('ſ') && class("i").has('S'));
        assert!(!class("ia").has('ſ') && class("ia").has('S'));
        assert!(!class("").has('ſ') && !class("").has('S'));
    }

    #[test]
    fn inverts_common_patterns() {
        assert_eq!(samples(r"^(\w+)\s*=\s*(\d+)$", 1), ["a = 1"]);
        assert_eq!(samples(r"(?P<year>\d{4})-(?P<month>\d{2})", 1), ["1111-11"]);
        assert_eq!(samples("yes|no", 4).len(), 2);
        assert_eq!(samples(r"a{2}b{,3}[^\s]", 1), ["aaba"]);
        assert_eq!(samples(r"(?i)abc(?=d)", 1), ["abc"]);
        assert_eq!(samples(r"\{x\}{", 1), ["{x}{"]);
        assert_eq!(samples(r"[\x41-\x43]\u00e9", 1), ["Aé"]);
        assert_eq!(samples(r"(?P<q>['x])a(?P=q)\1", 1), ["'a''"]);
    }

    #[test]
    fn leaves_what_is_no_pattern() {
        assert!(samples("(unclosed", 2).is_empty());
        assert!(samples("[unclosed", 2).is_empty());
        assert!(samples("a)", 2).is_empty());
        assert!(samples(&"(".repeat(300), 2).is_empty());
    }

    #[test]
    fn each_repetition_draws_anew() {
        let found = samples(r"([0-9]{2}[:-]){2}[0-9]{2}", 8);
        let mixed = found.iter().filter(|text| text.contains(':') && text.contains('-'));
        assert!(mixed.count() >= 2, "{found:?}");
    }

    #[test]
    fn blanks_and_comments_of_a_verbose_pattern_are_no_text() {
        let text = "\n  (?P<host> [a-z]+ )  # a name\n  (?P<port> : [0-9] {2} )? \\# [ ]\n";
        assert_eq!(super::samples(&pattern(text, "x"), 1), ["a:00# "]);
        assert_eq!(samples("(?x) a b  # both", 1), ["ab"]);
        assert_eq!(samples("a (?x: b c) d", 1), ["a bc d"]);
    }

    #[test]
    fn what_ignores_case_is_sampled_in_both() {
        let found = samples("(?i)abcdef", 6);
        assert!(
            found.iter().any(|text| text.chars().any(char::is_uppercase)),
            "{found:?}"
        );
        assert!(found.iter().all(|text| text.eq_ignore_ascii_case("abcdef")));
    }

    proptest! {
        #[test]
        fn never_panics(pattern in "[a-c(){}\\[\\]|*+?,0-9\\\\^$.:<>=!Px# -]{0,30}") {
            samples(&pattern, 3);
        }
    }
}
