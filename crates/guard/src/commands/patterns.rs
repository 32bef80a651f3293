//! Patterns of a shell, held against names. The work grows with the product of both lengths, whatever the pattern is.

/// Whether a pattern fits a name; `star` tells what `*` may stand for, and a set in brackets fits any character.
pub fn fits(pattern: &str, name: &str, star: impl Fn(char) -> bool) -> bool {
    let name: Vec<char> = name.chars().collect();
    // Which places of the name can be reached after each sign of the pattern.
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        if sign == '*' {
            for place in 0..name.len() {
                reached[place + 1] |= reached[place] && star(name[place]);
            }
            continue;
        }
        let is_any = match sign {
            '?' => true,
            '[' => {
                let end = signs.as_str().find(']');
                if let Some(end) = end {
                    signs = signs.as_str()[end + 1..].chars();
                }
                end.is_some()
            }
            _ => false,
        };
        for place in (0..name.len()).rev() {
            reached[place + 1] = reached[place] && (is_any || name[place] == sign);
        }
        reached[0] = false;
    }
    reached[name.len()]
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_as_a_shell_has_it() {
        for (pattern, name) in [
            (".c*", ".claude"),
            ("s?ttings.json", "settings.json"),
            ("[c]odex", "codex"),
            ("*", "x"),
            ("*", ""),
            ("a**b", "ab"),
            ("*ings*", "settings.json"),
        ] {
            assert!(fits(pattern, name, |_| true), "{pattern} {name}");
        }
        for (pattern, name) in [
            (".c*", ".github"),
            ("?", "ab"),
            ("settings", "settings.json"),
            ("?", ""),
            ("[a", "b"),
        ] {
            assert!(!fits(pattern, name, |_| true), "{pattern} {name}");
        }
        assert!(!fits(".env*", ".env.local", |c| c != '.'));
    }

    #[test]
    fn stars_without_end_take_no_time() {
        let stars = "*".repeat(10_000) + "aaaaaaaazz";
        assert!(!fits(&stars, "id_ed25519", |_| true));
    }
}
