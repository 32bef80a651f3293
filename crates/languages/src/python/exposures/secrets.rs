//! Keys and passwords that a change writes down.

use model::ConcernKind;

use super::review::Note;

/// Formats of keys that announce themselves: how they begin, and how many characters follow.
const FORMATS: [(&str, usize, &str); 16] = [
    ("AKIA", 16, "an access key of AWS"),
    ("ASIA", 16, "an access key of AWS"),
    ("ghp_", 36, "a token of GitHub"),
    ("gho_", 36, "a token of GitHub"),
    ("ghs_", 36, "a token of GitHub"),
    ("github_pat_", 60, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("xoxb-", 24, "a token of Slack"),
    ("xoxp-", 24, "a token of Slack"),
    ("sk_live_", 24, "a key of Stripe"),
    ("rk_live_", 24, "a key of Stripe"),
    ("AIza", 35, "a key of Google"),
    ("npm_", 36, "a token of npm"),
    ("pypi-AgEI", 50, "a token of PyPI"),
    ("sk-ant-", 40, "a key of Anthropic"),
    ("SG.", 60, "a key of SendGrid"),
];
/// Bits for each character below which a text is made up.
const LEAST_ENTROPY: f64 = 3.0;
/// Folders and parts of names whose files hold made-up keys.
const MADE_UP: [&str; 6] = ["test", "example", "fixture", "docs/", "sample", "mock"];

/// Keys that head holds and base does not, in files that are no tests or examples.
pub(super) fn brought(path: &str, base: &str, head: &str) -> Vec<Note> {
    let path = path.to_lowercase();
    if MADE_UP.iter().any(|part| path.contains(part)) {
        return Vec::new();
    }
    let mut notes = Vec::new();
    for (line, text) in (1..).zip(head.lines()) {
        if text.len() > 4000 {
            continue;
        }
        let Some((key, what)) = key(text) else { continue };
        if !base.contains(key) {
            notes.push(Note {
                line,
                kind: ConcernKind::Secret,
                cwe: 798,
                function: String::new(),
                text: format!("it holds {what}"),
            });
        }
    }
    notes
}

/// A key in a line, with what it is.
fn key(line: &str) -> Option<(&str, &'static str)> {
    const PRIVATE: &str = "PRIVATE KEY-----";
    if line.contains("-----BEGIN ") && line.contains(PRIVATE) {
        // What only speaks of keys does not go on with one.
        let rest = line.split(PRIVATE).nth(1).unwrap_or_default();
        let is_alone = rest.trim_matches(['\\', 'n', '"', '\'', ' ', ',', '+']).is_empty() || rest.len() > 40;
        return is_alone.then_some((line, "a private key"));
    }
    FORMATS.iter().find_map(|(start, length, what)| {
        line.match_indices(start).find_map(|(at, _)| {
            let before = line[..at].chars().next_back();
            let rest = &line[at + start.len()..];
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
                .unwrap_or(rest.len());
            let is_key = end >= *length
                && end <= length * 4
                && !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
                && entropy(&rest[..end]) >= LEAST_ENTROPY
                && !rest[..end].to_uppercase().contains("EXAMPLE");
            is_key.then(|| (&line[at..at + start.len() + end], *what))
        })
    })
}

/// Shannon's entropy of the characters of a text, in bits for each.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = text.len().max(1) as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, base: &str, head: &str) -> Vec<(u32, String)> {
        let notes = brought(path, base, head);
        notes.into_iter().map(|note| (note.line, note.text)).collect()
    }

    #[test]
    fn keys_of_known_formats_are_told() {
        let key = ["AKIA", "Q3EGRTZ7WLX5VBN2"].concat();
        let line = format!("a = 1\nKEY = '{key}'\n");
        assert_eq!(
            found("app/config.py", "", &line),
            [(2, "it holds an access key of AWS".to_owned())]
        );
        assert_eq!(found("app/config.py", &line, &line), []);
        assert_eq!(found("tests/test_config.py", "", &line), []);
        assert_eq!(found("app/config.py", "", "KEY = 'AKIAIOSFODNN7EXAMPLE'"), []);
        assert_eq!(found("app/config.py", "", "KEY = 'AKIAXXXXXXXXXXXXXXXX'"), []);
    }

    #[test]
    fn private_keys_are_told_and_what_looks_for_them_is_not() {
        let start = ["-----BEGIN RSA ", "PRIVATE KEY-----"].concat();
        assert_eq!(found("app/key.pem", "", &format!("{start}\nMIIE\n")).len(), 1);
        assert_eq!(
            found("app/keys.py", "", &format!("if text.startswith('{start}') and more:")),
            []
        );
    }
}
