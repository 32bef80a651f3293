//! What became of commits, by the project's own words and by which functions later ones edit.

use std::collections::BTreeSet;

use change::PastCommit;
use model::FindingKind;
use model::replay::{AuthorKind, Became, ReplaySummary, ReplayedCommit, ReplayedFinding};

/// Seconds within which a fix is taken for one of this commit.
const SOON: i64 = 14 * 24 * 60 * 60;

/// Words of a message that say that something was wrong.
const WORDS: [&str; 12] = [
    "fix",
    "fixes",
    "fixed",
    "bug",
    "bugfix",
    "hotfix",
    "regression",
    "regressions",
    "broke",
    "broken",
    "revert",
    "crash",
];

/// Names by which agents and models sign, in lower case.
const AGENTS: [&str; 14] = [
    "noreply@anthropic.com",
    "claude",
    "cursoragent",
    "copilot",
    "codex",
    "chatgpt",
    "openai",
    "gemini",
    "devin",
    "aider",
    "windsurf",
    "amazon q",
    "jules",
    "opencode",
];

/// Trailers that name who wrote a commit, in lower case.
const WRITERS: [&str; 4] = ["co-authored-by", "generated-by", "assisted-by", "ai-assisted-by"];

/// Who wrote it, as far as its trailers tell.
pub fn author(commit: &PastCommit) -> AuthorKind {
    let named = commit.trailers.iter().filter_map(|line| line.split_once(':'));
    let mut writers = named.filter(|(key, _)| WRITERS.contains(&key.trim().to_lowercase().as_str()));
    let is_agent = |value: &str| {
        let value = value.to_lowercase();
        AGENTS.iter().any(|agent| value.contains(agent))
    };
    match writers.any(|(_, value)| is_agent(value)) {
        true => AuthorKind::Ai,
        false => AuthorKind::Unknown,
    }
}

/// Says of each commit what became of it; both lists hold the same commits, the newest first.
pub fn tell(past: &[PastCommit], replayed: &mut [ReplayedCommit]) {
    let edited: Vec<BTreeSet<String>> = replayed
        .iter()
        .map(|one| one.edited.iter().map(|edited| edited.function.clone()).collect())
        .collect();
    for at in 0..replayed.len().min(past.len()) {
        replayed[at].became = became(past, &edited, at);
    }
}

fn became(past: &[PastCommit], edited: &[BTreeSet<String>], at: usize) -> Became {
    let commit = &past[at];
    // The nearest first.
    let later = || (0..at).rev();
    if let Some(by) = later().find(|later| reverts(&past[*later], commit)) {
        return Became::Reverted {
            by: past[by].id.clone(),
        };
    }
    let shared = |later: usize| -> Vec<String> { edited[later].intersection(&edited[at]).cloned().collect() };
    let fixes = |later: &usize| {
        let other = &past[*later];
        // What takes another commit back mends that one alone.
        let mends = says_fix(other) && !past[*later..].iter().any(|one| reverts(other, one));
        mends && other.time - commit.time <= SOON && !shared(*later).is_empty()
    };
    if let Some(by) = later().find(fixes) {
        return Became::Fixed {
            by: past[by].id.clone(),
            functions: shared(by),
        };
    }
    match later().find(|later| !shared(*later).is_empty()) {
        Some(by) => Became::TouchedAgain {
            by: past[by].id.clone(),
        },
        None => Became::NeverTouchedAgain,
    }
}

/// Whether a commit says that it takes another one back, as `git revert` writes it.
fn reverts(later: &PastCommit, commit: &PastCommit) -> bool {
    let named = later.message.split("This reverts commit ").skip(1).any(|rest| {
        let id: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
        id.len() >= 7 && commit.id.starts_with(&id)
    });
    named || later.subject == format!("Revert \"{}\"", commit.subject)
}

/// Whether it calls itself a fix: by its subject, by the title that a merge brings with it, or by the issue that it says it fixes.
/// The rest of a message tells of many things; a squashed one lists every small commit that went into it.
fn says_fix(commit: &PastCommit) -> bool {
    let merged = commit.subject.starts_with("Merge ");
    let title = commit.message.lines().skip(1).find(|line| !line.trim().is_empty());
    let words_of = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '#');
        words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let mut titles = words_of(&commit.subject);
    titles.extend(title.filter(|_| merged).into_iter().flat_map(words_of));
    let fixes_issue = |pair: &[String]| WORDS.contains(&pair[0].as_str()) && pair[1].starts_with('#');
    titles.iter().any(|word| WORDS.contains(&word.as_str())) || words_of(&commit.message).windows(2).any(fixes_issue)
}

/// Whether a finding is that a module cannot be imported any more: so it is one of each function in it.
fn ends_all(finding: &ReplayedFinding, functions: &[String]) -> bool {
    let ends = matches!(finding.kind, FindingKind::NewCrash | FindingKind::NewHang);
    let file = finding.function.strip_suffix("<module>");
    ends && file.is_some_and(|file| functions.iter().any(|function| function.starts_with(file)))
}

/// What was said of the functions that were fixed: that they are the same goes first, since it was wrong or beside the point.
fn nearest(one: &ReplayedCommit) -> &str {
    let is_fixed = |function: &String| match &one.became {
        Became::Fixed { functions, .. } => functions.contains(function),
        _ => true,
    };
    let said = one.edited.iter().filter(|edited| is_fixed(&edited.function));
    let order = |said: &&str| match *said {
        "same" => 0,
        "new" => 1,
        "different" => 2,
        "out of time" => 4,
        "removed" => 5,
        _ => 3,
    };
    said.map(|edited| edited.said.as_str())
        .min_by_key(order)
        .unwrap_or("nothing")
}

/// The figures.
pub fn summary(replayed: &[ReplayedCommit]) -> ReplaySummary {
    let mut of = ReplaySummary::default();
    let (mut to_read, mut missed) = (Vec::new(), Vec::new());
    for one in replayed.iter().filter(|one| one.is_checked()) {
        of.checked += 1;
        let shows_in = |functions: &[String]| {
            let places = one
                .findings
                .iter()
                .flat_map(|finding| finding.also.iter().chain([&finding.function]));
            places.into_iter().any(|place| functions.contains(place))
                || one.findings.iter().any(|it| ends_all(it, functions))
        };
        let found = match &one.became {
            Became::Reverted { .. } => Some(!one.findings.is_empty()),
            Became::Fixed { functions, .. } => Some(shows_in(functions)),
            Became::TouchedAgain { .. } => None,
            Became::NeverTouchedAgain => {
                to_read.push(one.findings.len() as u32);
                None
            }
        };
        of.reverted_or_fixed += u32::from(found.is_some());
        of.of_these_found += u32::from(found == Some(true));
        missed.extend((found == Some(false)).then(|| (nearest(one), 1)));
    }
    of.missed = report::verified::ranked(missed);
    of.verified = report::verified::sum(replayed.iter().filter(|one| one.is_checked()).map(|one| &one.verified));
    to_read.sort_unstable();
    of.never_touched_again = to_read.len() as u32;
    of.findings_to_read = to_read.iter().sum();
    of.median = to_read.get(to_read.len() / 2).copied().unwrap_or(0);
    of.ninetieth = to_read
        .get((to_read.len() * 9).div_ceil(10).saturating_sub(1))
        .copied()
        .unwrap_or(0);
    of
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::replay::EditedFunction;
    use model::report::Verified;

    fn past(id: &str, day: i64, message: &str) -> PastCommit {
        PastCommit {
            id: id.to_owned(),
            parent: Some("p".to_owned()),
            time: day * 24 * 60 * 60,
            date: String::new(),
            subject: message.lines().next().unwrap_or_default().to_owned(),
            message: message.to_owned(),
            trailers: vec![],
        }
    }

    fn replayed(edited: &[&str], findings: &[&str]) -> ReplayedCommit {
        let finding = |function: &&str| ReplayedFinding {
            id: "f".to_owned(),
            kind: FindingKind::Changed,
            function: (*function).to_owned(),
            also: vec![],
        };
        let said = |name: &&str| EditedFunction {
            function: (*name).to_owned(),
            said: "same".to_owned(),
        };
        ReplayedCommit {
            commit: String::new(),
            date: String::new(),
            subject: String::new(),
            author: AuthorKind::Unknown,
            verified: Verified {
                verified: 1,
                all: 1,
                reasons: vec![],
            },
            edited: edited.iter().map(said).collect(),
            findings: findings.iter().map(finding).collect(),
            problem: None,
            became: Became::NeverTouchedAgain,
        }
    }

    #[test]
    fn what_became_of_a_commit_is_told_by_later_ones() {
        let commits = [
            past("aaaaaaaa1", 40, "Prefix names"),
            past("aaaaaaaa2", 30, "Revert \"Add g\"\n\nThis reverts commit aaaaaaaa4."),
            past("aaaaaaaa3", 12, "Fix a crash in f"),
            past("aaaaaaaa4", 11, "Add g"),
            past("aaaaaaaa5", 10, "Add f"),
        ];
        let mut all = [
            replayed(&["a::f", "a::h"], &["a::h"]),
            replayed(&["a::g"], &[]),
            replayed(&["a::f"], &[]),
            replayed(&["a::g"], &[]),
            replayed(&["a::f"], &["a::f"]),
        ];
        tell(&commits, &mut all);
        let kinds: Vec<&Became> = all.iter().map(|one| &one.became).collect();
        let by = |at: usize| commits[at].id.clone();
        assert_eq!(
            kinds,
            [
                &Became::NeverTouchedAgain,
                &Became::NeverTouchedAgain,
                &Became::TouchedAgain { by: by(0) },
                &Became::Reverted { by: by(1) },
                &Became::Fixed {
                    by: by(2),
                    functions: vec!["a::f".to_owned()]
                },
            ]
        );
        let of = summary(&all);
        assert_eq!((of.reverted_or_fixed, of.of_these_found), (2, 1));
        let missed: Vec<(&str, u32)> = of
            .missed
            .iter()
            .map(|one| (one.reason.as_str(), one.functions))
            .collect();
        assert_eq!(missed, [("same", 1)]);
        assert_eq!(
            (of.never_touched_again, of.findings_to_read, of.median, of.ninetieth),
            (2, 1, 1, 1)
        );
    }

    #[test]
    fn a_module_that_is_not_imported_any_more_is_found_in_each_of_its_functions() {
        let commits = [past("aaaaaaaa1", 11, "Fix f"), past("aaaaaaaa2", 10, "Add f")];
        let mut all = [replayed(&["a.py::f"], &[]), replayed(&["a.py::f"], &["a.py::<module>"])];
        tell(&commits, &mut all);
        assert_eq!(summary(&all).of_these_found, 0, "another constant is no finding of it");
        all[1].findings[0].kind = FindingKind::NewCrash;
        assert_eq!(summary(&all).of_these_found, 1);
    }

    #[test]
    fn a_fix_is_soon_and_a_prefix_is_none() {
        let says = |message: &str| says_fix(&past("a", 1, message));
        assert!(
            says("Wrong days: fixes #3") && says("Speed up\n\nFixes #3.") && says("Merge pull request #1\n\nFix f")
        );
        assert!(!says("prefix fixture") && !says("Use ruff\n\n* fix lint\n* more") && !says("Add f (#3)"));
        let commits = [past("aaaaaaaa1", 40, "Fix f"), past("aaaaaaaa2", 10, "Add f")];
        let mut all = [replayed(&["a::f"], &[]), replayed(&["a::f"], &[])];
        tell(&commits, &mut all);
        assert!(matches!(all[1].became, Became::TouchedAgain { .. }));
    }

    #[test]
    fn an_agent_is_known_by_its_trailer() {
        let of = |trailer: &str| {
            let mut commit = past("a", 1, "x");
            commit.trailers = vec![trailer.to_owned()];
            author(&commit)
        };
        assert_eq!(of("Co-Authored-By: Claude <noreply@anthropic.com>"), AuthorKind::Ai);
        assert_eq!(of("co-authored-by: Ann <ann@example.invalid>"), AuthorKind::Unknown);
        assert_eq!(of("Reviewed-by: Claude Monet <c@example.invalid>"), AuthorKind::Unknown);
    }
}
