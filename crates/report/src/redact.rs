//! Takes out what looks like a secret: recorded values stay on the machine, reports travel.
//!
//! The rules err towards readable examples where a value is plainly made up (short, or a word) and towards silence where it
//! could be real: known key formats, private keys, passwords given by name or inside an address, long random tokens.

use model::report::{CheckReport, ExampleReport, FunctionReport, TestReport};
use std::borrow::Cow;
use std::ops::Range;

/// What stands where a secret stood.
const MARK: &str = "<redacted>";

/// Key formats that announce themselves: how they begin, and how many more characters make one.
const KEY_FORMATS: [(&str, usize); 24] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("AROA", 16),
    ("AIDA", 16),
    ("AGPA", 16),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 30),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("sk-", 20),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("AIza", 30),
    ("npm_", 30),
    ("pypi-", 30),
    ("eyJ", 30),
];

/// Names whose values are secret, and the least length of a value that can be one: a made-up `'a'` stays readable, and a
/// `token` in a parser is an ordinary word.
const NAMES: [(&str, usize); 14] = [
    ("password", 6),
    ("passwd", 6),
    ("passphrase", 6),
    ("pwd", 6),
    ("secret", 8),
    ("secret_key", 8),
    ("private_key", 8),
    ("api_key", 8),
    ("apikey", 8),
    ("access_key", 8),
    ("auth_token", 8),
    ("access_token", 8),
    ("token", 16),
    ("bearer", 16),
];

/// `text` without what looks like a secret.
pub fn text(text: &str) -> Cow<'_, str> {
    let mut spans: Vec<Range<usize>> = [private_keys, addresses, named_values, tokens]
        .into_iter()
        .flat_map(|rule| rule(text))
        .collect();
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    spans.sort_by_key(|span| (span.start, span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        if span.start >= done {
            out.push_str(&text[done..span.start]);
            out.push_str(MARK);
        }
        done = done.max(span.end);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// Redacts every free text of a report. Paths, names, ids and revisions stay: they are needed to find things.
pub(crate) fn report(report: &mut CheckReport) {
    report.functions.iter_mut().for_each(function);
    report.unverified.iter_mut().for_each(|file| in_place(&mut file.reason));
    report.notes.iter_mut().for_each(in_place);
    report
        .concerns
        .iter_mut()
        .for_each(|concern| in_place(&mut concern.text));
    report.tests.iter_mut().for_each(test);
}

/// What a test printed and what it says are as free as any value.
fn test(test: &mut TestReport) {
    in_place(&mut test.text);
    test.before.iter_mut().for_each(in_place);
    test.after.iter_mut().for_each(in_place);
}

fn function(function: &mut FunctionReport) {
    function.reason.iter_mut().for_each(in_place);
    function.notes.iter_mut().for_each(in_place);
    for finding in &mut function.findings {
        example(&mut finding.example);
        in_place(&mut finding.cause);
    }
    for call in &mut function.examples {
        call.setup.iter_mut().for_each(in_place);
        in_place(&mut call.call);
        in_place(&mut call.outcome);
        call.beside.iter_mut().for_each(in_place);
    }
}

fn example(example: &mut ExampleReport) {
    let differed = example.base != example.head;
    in_place(&mut example.call);
    example.setup.iter_mut().for_each(in_place);
    in_place(&mut example.base);
    in_place(&mut example.head);
    if differed && example.base == example.head {
        example.head.push_str(" (differs in what is redacted)");
    }
}

fn in_place(target: &mut String) {
    if let Cow::Owned(redacted) = text(target) {
        *target = redacted;
    }
}

/// `-----BEGIN … PRIVATE KEY-----` to its end, or to the end of the text where it was cut.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    const END: &str = "PRIVATE KEY-----";
    let mut spans: Vec<Range<usize>> = Vec::new();
    for (start, _) in text.match_indices("-----BEGIN ") {
        let inside = spans.last().is_some_and(|last| last.end > start);
        let Some(head) = text[start..].find(END).map(|at| start + at + END.len()) else {
            continue;
        };
        if !inside {
            let end = text[head..].find(END).map_or(text.len(), |at| head + at + END.len());
            spans.push(start..end);
        }
    }
    spans
}

/// The password of `scheme://user:password@host`.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let password = |(at, _): (usize, &str)| {
        let start = at + "://".len();
        let rest = &text[start..];
        let end = rest
            .find(|c: char| c.is_whitespace() || "/'\"<>?#".contains(c))
            .unwrap_or(rest.len());
        let (login, _) = rest[..end].rsplit_once('@')?;
        let (user, password) = login.split_once(':')?;
        let from = start + user.len() + 1;
        (!password.is_empty()).then(|| from..from + password.len())
    };
    text.match_indices("://").filter_map(password).collect()
}

/// The value of `password=…`, `'password': '…'`, `Bearer …` and the like.
fn named_values(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut spans = Vec::new();
    for (name, least) in NAMES {
        for (at, _) in lower.match_indices(name) {
            let value = value_after(text, at + name.len());
            if value.len() >= least && !is_placeholder(&text[value.clone()]) {
                spans.push(value);
            }
        }
    }
    spans
}

/// The value that follows a name: after `=` or `:` (after `Bearer`, a blank is enough), inside quotes or up to the next
/// blank or mark. Empty where none follows.
fn value_after(text: &str, name_end: usize) -> Range<usize> {
    let rest = &text[name_end..];
    let signed = rest.trim_start_matches(['\'', '"', ' ']);
    let bearer = rest.starts_with(' ') && text[..name_end].to_ascii_lowercase().ends_with("bearer");
    if !bearer && !signed.starts_with(['=', ':']) {
        return name_end..name_end;
    }
    let value = signed.trim_start_matches(['=', ':', ' ']);
    // Bytes are written `b'…'` in Python.
    let quoted = value
        .strip_prefix('b')
        .filter(|rest| rest.starts_with(['\'', '"']))
        .unwrap_or(value);
    let start = text.len() - quoted.len();
    match quoted.chars().next() {
        Some(quote @ ('\'' | '"')) => start + 1..start + 1 + quoted[1..].find(quote).unwrap_or(quoted.len() - 1),
        _ => {
            let stops = |c: char| c.is_whitespace() || "'\",;&()[]{}<>".contains(c);
            start..start + quoted.find(stops).unwrap_or(quoted.len())
        }
    }
}

/// One character repeated, which nobody uses to keep others out.
fn is_placeholder(value: &str) -> bool {
    let first = value.chars().next();
    value.chars().all(|character| Some(character) == first)
}

/// Known key formats, and long random tokens whatever they belong to.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut start = None;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        match (is_token_character(character), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                spans.extend(key_in(text, from..at));
                start = None;
            }
            _ => {}
        }
    }
    spans
}

fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_-+/=.".contains(character)
}

/// The part of a run of token characters that looks like a key.
fn key_in(text: &str, run: Range<usize>) -> Option<Range<usize>> {
    for (prefix, least) in KEY_FORMATS {
        for (at, _) in text[run.clone()].match_indices(prefix) {
            let start = run.start + at;
            let fresh = at == 0 || !text.as_bytes()[start - 1].is_ascii_alphanumeric();
            let body = &text[start + prefix.len()..run.end];
            let length = body
                .bytes()
                .take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte))
                .count();
            if fresh && length >= least && body[..length].bytes().any(|byte| byte.is_ascii_digit()) {
                return Some(start..start + prefix.len() + length);
            }
        }
    }
    is_random(&text[run.clone()]).then_some(run)
}

/// Whether a run reads like random letters and digits: long, of all three classes, changing class at every other
/// character, few repeats. Digests in hexadecimal do not count, since functions that compute them are common.
fn is_random(token: &str) -> bool {
    const LONG: usize = 32;
    let class = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let classes: Vec<usize> = token.bytes().map(class).collect();
    let counted = |wanted: usize| classes.iter().filter(|class| **class == wanted).count();
    if token.len() < LONG || (0..3).any(|class| counted(class) < 3) || counted(3) * 8 > token.len() {
        return false;
    }
    let changes = classes.windows(2).filter(|pair| pair[0] != pair[1]).count();
    changes * 5 >= token.len() * 2 && entropy(token) >= 4.0
}

/// Bits of surprise in a character.
fn entropy(token: &str) -> f64 {
    let mut counts = [0u32; 256];
    token.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = token.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|p| -p * p.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn hidden(input: &str, secret: &str) {
        let output = text(input);
        assert!(
            !output.contains(secret) && output.contains(MARK),
            "{input} gave {output}"
        );
    }

    #[track_caller]
    fn shown(input: &str) {
        assert_eq!(text(input), input);
    }

    // The samples are put together here, so that no scanner takes this file for a leak.
    #[test]
    fn known_key_formats_are_hidden() {
        for (prefix, body) in [
            ("AKIA", "Q3EGT4DPL5TZ7WXN"),
            ("ghp_", "16C7e42F292c6912E7710c838347Ae178B4a"),
            ("xoxb-", "123456789012-abcdefGHIJKL"),
            (
                "eyJ",
                "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
            ),
        ] {
            hidden(&format!("f('{prefix}{body}')"), body);
            hidden(&format!("url?key={prefix}{body}&x=1"), body);
        }
    }

    #[test]
    fn private_keys_are_hidden_whole_or_cut() {
        let (open, close) = ("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----");
        let whole = format!("f('{open}\\nMIIabc\\n{close}', 1)");
        hidden(&whole, "MIIabc");
        assert!(text(&whole).ends_with("', 1)"));
        hidden(&format!("{open}\nMIIabc"), "MIIabc");
        hidden(&format!("{open}A{close} and {open}B{close}"), "B-");
    }

    #[test]
    fn values_of_secret_names_are_hidden() {
        hidden("connect(password='correct horse')", "correct");
        hidden("{'db_password': 'hunter22'}", "hunter22");
        hidden("PASSWORD=hunter22 next", "hunter22");
        hidden("api_key: \"0123456789\"", "0123456789");
        hidden("Authorization: Bearer abcdef0123456789xyz", "abcdef0123456789xyz");
        hidden("token=b'0123456789abcdef'", "0123456789abcdef");
        hidden("postgres://app:s3cret@db/prod", "s3cret");
    }

    #[test]
    fn made_up_values_stay_readable() {
        for readable in [
            "check(password='')",
            "check(password='a')",
            "check(password='000000')",
            "parse(token='NUMBER')",
            "the password must be longer than that",
            "password, token and secret are parameters",
            "tokenize('a b c')",
            "http://host/path:1@2",
        ] {
            shown(readable);
        }
    }

    #[test]
    fn random_tokens_are_hidden_and_words_are_not() {
        hidden("f('x7Kq9Zr2Lm4Vt8Bw1Nc6Yd3Hs5Gj0FpTb')", "x7Kq9Zr2");
        for readable in [
            "test_HTTPConnectionPool_with_2_retries_and_3_hosts",
            "/usr/lib/python3.11/site-packages/Foo2Bar/BazQux.py",
            "0b1ca2f6e5d49a8877c3b2a190f0e1d2c3b4a5968778695a4b3c2d1e0f102030",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]",
        ] {
            shown(readable);
        }
    }

    #[test]
    fn outcomes_that_differ_in_the_secret_alone_still_differ() {
        let mut one = ExampleReport {
            call: "f()".into(),
            setup: vec![],
            base: "'password=hunter22'".into(),
            head: "'password=hunter33'".into(),
            aspect: None,
        };
        example(&mut one);
        assert_ne!(one.base, one.head);
    }

    #[test]
    fn what_tests_say_is_redacted() {
        let mut report = crate::testing::full_report();
        let secret = || "password='correct horse'".to_owned();
        for test in &mut report.tests {
            (test.text, test.before, test.after) = (secret(), Some(secret()), Some(secret()));
        }
        super::report(&mut report);
        for text in [
            crate::json::text(&report),
            crate::sarif::text(&report),
            crate::junit::text(&report),
            crate::github::text(&report),
            crate::markdown::text(&report),
        ] {
            assert!(!text.contains("horse"), "{text}");
        }
    }

    #[test]
    fn any_text_is_survived() {
        for odd in [
            "",
            "password=",
            "password='",
            "-----BEGIN ",
            "://",
            "é://ü:ö@",
            "token=ключ-который-длинный",
            "\u{1f600}password=\u{1f600}",
        ] {
            let _ = text(odd);
        }
    }
}
