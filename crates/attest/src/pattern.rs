//! Pattern lists of OpenSSH (PATTERNS in `ssh_config(5)`).

/// Patterns separated by commas, with the wildcards `*` and `?`. A pattern behind `!` excludes what it matches, whatever
/// else matches. Case counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternList {
    text: String,
}

impl PatternList {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// As it is written in the file.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `name` matches one of the patterns and none that is negated.
    pub fn matches(&self, name: &str) -> bool {
        let mut found = false;
        for pattern in self.text.split(',') {
            match pattern.strip_prefix('!') {
                Some(excluded) if fits(excluded.as_bytes(), name.as_bytes()) => return false,
                Some(_) => {}
                None => found |= fits(pattern.as_bytes(), name.as_bytes()),
            }
        }
        found
    }
}

/// One pattern against the whole of a name. Goes back to the last `*` alone, so that the time is at most the product of
/// the lengths.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut position) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while position < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                last_star = Some((at, position));
                at += 1;
            }
            Some(&byte) if byte == b'?' || byte == name[position] => {
                at += 1;
                position += 1;
            }
            _ => match &mut last_star {
                None => return false,
                Some((star, taken)) => {
                    *taken += 1;
                    (at, position) = (*star + 1, *taken);
                }
            },
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::PatternList;
    use proptest::prelude::*;

    #[test]
    fn wildcards_and_negation() {
        for (patterns, name, expected) in [
            ("ann@example.com", "ann@example.com", true),
            ("ann@example.com", "Ann@example.com", false),
            ("*@example.com", "ann@example.com", true),
            ("*@example.com", "ann@example.com.evil.org", false),
            ("a?n@*", "ann@", true),
            ("a?n@*", "an@", false),
            ("bob,*@example.com", "ann@example.com", true),
            ("*@example.com,!ann@*", "ann@example.com", false),
            ("!ann@*,*@example.com", "ann@example.com", false),
            ("!ann@*,*@example.com", "bob@example.com", true),
            ("!ann", "bob", false),
            ("", "", true),
            ("a*b*c", "a-b-b-c", true),
            ("*?", "", false),
        ] {
            assert_eq!(PatternList::new(patterns).matches(name), expected, "{patterns} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_name_matches_itself_and_stars_match_all(name in "[a-z@.]{0,12}", patterns in "[a*?!,]{0,20}") {
            prop_assert!(PatternList::new(&name).matches(&name));
            prop_assert!(PatternList::new("*").matches(&name));
            let inside = format!("*{name}*");
            prop_assert!(PatternList::new(&inside).matches(&name));
            PatternList::new(&patterns).matches(&name);
        }
    }
}
