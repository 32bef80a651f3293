//! Who or what wrote the lines of a change: for people, JSON, and the schema.

use std::collections::BTreeMap;
use std::fmt::Write;

use model::authorship::{Author, Authorship, CommitAuthors, Confidence, ContributorKind, LineRun};

use crate::json;
use crate::terminal::{cut, safe};
use crate::words::count;

/// Files that are listed; the others are counted.
const FILES: usize = 20;
/// People who drove agents that are named.
const OPERATORS: usize = 5;
/// Columns of a path or a name.
const NAME: usize = 48;

/// As indented JSON, ended by a newline.
pub fn json(authorship: &Authorship) -> String {
    json::written(authorship)
}

/// The JSON Schema of it, as published in `schemas/attribution-report.schema.json`.
pub fn schema() -> String {
    json::written(&schemars::schema_for!(Authorship))
}

/// For a person: all in one line, then by contributor, by file, who drove the agents, and what the words mean.
pub fn terminal(authorship: &Authorship) -> String {
    let mut text = String::new();
    let (base, head) = (safe(&authorship.base.name), safe(&authorship.head.name));
    let commits = count(authorship.commits.len() as u64, "commit");
    let all = authorship.lines.all();
    if all == 0 {
        let _ = writeln!(text, "no lines added\n  {base} → {head} · {commits}");
        notes(&mut text, authorship);
        return text;
    }
    let files = count(authorship.files.len() as u64, "file");
    let runs = || authorship.files.iter().flat_map(|file| &file.runs);
    let _ = writeln!(text, "{} added in {files}: {}", count(all, "line"), shares(runs()));
    let _ = writeln!(text, "  {base} → {head} · {commits}\n");
    contributors(&mut text, runs());
    by_file(&mut text, authorship);
    operators(&mut text, &authorship.commits);
    meanings(&mut text, runs());
    notes(&mut text, authorship);
    text
}

fn lines_of(run: &LineRun) -> u64 {
    u64::from(run.end - run.start) + 1
}

/// Parts of a whole in percent, which add up to a hundred: what rounding leaves goes to those that lost most by it. None is nothing
/// where there is something, and none is all where there is more.
fn percents(parts: &[u64]) -> Vec<String> {
    let all = parts.iter().map(|part| u128::from(*part)).sum::<u128>().max(1);
    let mut whole: Vec<u128> = parts.iter().map(|part| 100 * u128::from(*part) / all).collect();
    let mut by_loss: Vec<usize> = (0..parts.len()).collect();
    by_loss.sort_by_key(|at| std::cmp::Reverse(100 * u128::from(parts[*at]) % all));
    let left = 100u128.saturating_sub(whole.iter().sum());
    for at in by_loss.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        whole[at] += 1;
    }
    let written = whole.iter().zip(parts).map(|(whole, part)| match whole {
        0 if *part > 0 => "<1 %".to_owned(),
        100 if u128::from(*part) < all => "99 %".to_owned(),
        whole => format!("{whole} %"),
    });
    written.collect()
}

/// Who it was in a word or two, and how much stands behind it.
fn named(author: &Author) -> (String, Option<&'static str>) {
    let name = match author.kind {
        ContributorKind::Ai => author.tool.as_deref().unwrap_or("AI, not told which"),
        ContributorKind::Human => "human",
        ContributorKind::Mixed => "mixed",
        ContributorKind::Unknown => "unknown",
    };
    let behind = match author.confidence {
        Confidence::Recorded => Some("recorded"),
        Confidence::Claimed => Some("claimed"),
        Confidence::None => None,
    };
    // That a person did is told by records alone, unless their lines may have moved.
    let usual = author.kind != ContributorKind::Ai && author.confidence != Confidence::Claimed;
    (safe(name), behind.filter(|_| !usual))
}

/// `84 % claude-code (recorded), 3 % human, 13 % unknown`: agents first, those with the most lines first, unknown last.
fn shares<'a>(runs: impl Iterator<Item = &'a LineRun>) -> String {
    let mut found: BTreeMap<(ContributorKind, String, Option<&str>), u64> = BTreeMap::new();
    for run in runs {
        let (name, behind) = named(&run.author);
        *found.entry((run.author.kind, name, behind)).or_default() += lines_of(run);
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|((kind, _, _), lines)| (*kind, std::cmp::Reverse(*lines)));
    let parts: Vec<u64> = found.iter().map(|(_, lines)| *lines).collect();
    let told = found
        .iter()
        .zip(percents(&parts))
        .map(|(((_, name, behind), _), percent)| {
            let behind = behind.map_or_else(String::new, |behind| format!(" ({behind})"));
            format!("{percent} {name}{behind}")
        });
    told.collect::<Vec<_>>().join(", ")
}

/// A line for each contributor: how many lines, who, with which model, by what kind of statement.
fn contributors<'a>(text: &mut String, runs: impl Iterator<Item = &'a LineRun>) {
    let mut found: BTreeMap<(ContributorKind, String, Confidence), u64> = BTreeMap::new();
    for run in runs {
        let author = &run.author;
        let beside = author.model.as_deref().or(author.who.as_deref());
        let beside = beside.map_or_else(String::new, |beside| format!("  {}", cut(&safe(beside), NAME)));
        let name = format!("{}{beside}", named(author).0);
        *found.entry((author.kind, name, author.confidence)).or_default() += lines_of(run);
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|((kind, _, _), lines)| (*kind, std::cmp::Reverse(*lines)));
    for ((_, name, confidence), lines) in found {
        let behind = match confidence {
            Confidence::Recorded => "  recorded",
            Confidence::Claimed => "  claimed",
            Confidence::None => "",
        };
        let _ = writeln!(text, "  {lines:>7}  {name}{behind}");
    }
}

fn by_file(text: &mut String, authorship: &Authorship) {
    let mut files: Vec<_> = authorship.files.iter().map(|file| (file, file.lines().all())).collect();
    files.sort_by_key(|(_, lines)| std::cmp::Reverse(*lines));
    let _ = writeln!(text);
    for (file, lines) in files.iter().take(FILES) {
        let path = cut(&safe(&file.path), NAME);
        let _ = writeln!(text, "  {lines:>7}  {path}: {}", shares(file.runs.iter()));
    }
    let rest: u64 = files.iter().skip(FILES).map(|(_, lines)| lines).sum();
    if rest > 0 {
        let others = count((files.len() - FILES) as u64, "more file");
        let _ = writeln!(text, "  {rest:>7}  in {others}");
    }
}

/// Who drove the agents.
fn operators(text: &mut String, commits: &[CommitAuthors]) {
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for operator in commits.iter().filter_map(|commit| commit.operator.as_deref()) {
        *found.entry(operator).or_default() += 1;
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, commits)| std::cmp::Reverse(*commits));
    if found.is_empty() {
        return;
    }
    let _ = writeln!(text);
    for (operator, commits) in found.iter().take(OPERATORS) {
        let _ = writeln!(
            text,
            "  an agent in {}, driven by {}",
            count(*commits, "commit"),
            cut(&safe(operator), NAME)
        );
    }
    if found.len() > OPERATORS {
        let _ = writeln!(text, "  and by {} more", found.len() - OPERATORS);
    }
}

/// What the words mean that were used.
fn meanings<'a>(text: &mut String, runs: impl Iterator<Item = &'a LineRun> + Clone) {
    let any = |is_it: fn(&Author) -> bool| runs.clone().any(|run| is_it(&run.author));
    let _ = writeln!(text);
    for (is_used, meaning) in [
        (
            any(|author| author.confidence == Confidence::Recorded),
            "recorded: a tool wrote down line by line who made them; whoever may push could write the same",
        ),
        (
            any(|author| author.confidence == Confidence::Claimed),
            "claimed: a whole commit says so, or a record whose lines cannot be checked; it may be wrong either way",
        ),
        (
            any(|author| author.kind == ContributorKind::Unknown),
            "unknown: nothing says who wrote them, a person or an AI; nothing is guessed",
        ),
    ] {
        if is_used {
            let _ = writeln!(text, "  {meaning}");
        }
    }
}

fn notes(text: &mut String, authorship: &Authorship) {
    if !authorship.notes.is_empty() {
        let _ = writeln!(text);
    }
    for note in &authorship.notes {
        let _ = writeln!(text, "  note: {}", safe(note));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Revision;
    use model::authorship::{ATTRIBUTION_SCHEMA, AuthorSource, FileAuthorship, Lines};
    use std::path::Path;

    fn run(start: u32, end: u32, kind: ContributorKind, confidence: Confidence) -> LineRun {
        let is_ai = kind == ContributorKind::Ai;
        LineRun {
            start,
            end,
            author: Author {
                kind,
                tool: is_ai.then(|| "claude-code".to_owned()),
                model: is_ai.then(|| "claude-sonnet-4-5-20250514".to_owned()),
                who: (kind == ContributorKind::Human).then(|| "Ann\u{1b}[31m <ann@example.com>".to_owned()),
                confidence,
                source: AuthorSource::Note,
                commit: Some("c0ffee".to_owned()),
            },
        }
    }

    fn sample() -> Authorship {
        let revision = |name: &str| Revision {
            name: name.to_owned(),
            tree: "0".to_owned(),
            commit: None,
        };
        let files = vec![
            FileAuthorship {
                path: "cart/delivery.py".to_owned(),
                runs: vec![
                    run(1, 300, ContributorKind::Ai, Confidence::Recorded),
                    run(301, 312, ContributorKind::Human, Confidence::Recorded),
                ],
            },
            FileAuthorship {
                path: "cart/money.py".to_owned(),
                runs: vec![
                    run(4, 40, ContributorKind::Ai, Confidence::Claimed),
                    run(50, 99, ContributorKind::Unknown, Confidence::None),
                ],
            },
        ];
        Authorship {
            schema: ATTRIBUTION_SCHEMA.to_owned(),
            range: None,
            base: revision("main"),
            head: revision("HEAD"),
            lines: Lines {
                ai: 337,
                human: 12,
                mixed: 0,
                unknown: 50,
            },
            tools: vec![],
            files,
            commits: vec![CommitAuthors {
                commit: "c0ffee".to_owned(),
                name: "Ann".to_owned(),
                email: "ann@example.com".to_owned(),
                operator: Some("Ann <ann@example.com>".to_owned()),
                claims: vec![],
            }],
            notes: vec!["the note of commit c0ffee, line 3: expected JSON".to_owned()],
        }
    }

    #[test]
    fn a_page_for_people() {
        insta::assert_snapshot!(terminal(&sample()));
    }

    #[test]
    fn a_change_without_added_lines_says_so() {
        let mut none = sample();
        none.files.clear();
        none.lines = Lines::default();
        assert!(
            terminal(&none).starts_with("no lines added\n  main → HEAD · 1 commit\n"),
            "{}",
            terminal(&none)
        );
    }

    #[test]
    fn percentages_add_up_and_none_is_nothing() {
        assert_eq!(percents(&[52, 14, 8, 10]), ["62 %", "17 %", "9 %", "12 %"]);
        assert_eq!(percents(&[1, 999]), ["<1 %", "99 %"]);
        assert_eq!(percents(&[1, 1, 1]), ["34 %", "33 %", "33 %"]);
        assert_eq!(percents(&[7]), ["100 %"]);
        assert_eq!(percents(&[]), [] as [&str; 0]);
    }

    #[test]
    fn the_published_schema_is_the_generated_one() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/attribution-report.schema.json");
        let committed = std::fs::read_to_string(file).unwrap_or_default();
        assert!(committed == schema(), "run `cargo xtask schemas` and commit the result");
        let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let report: serde_json::Value = serde_json::from_str(&json(&sample())).unwrap();
        assert!(validator.is_valid(&report));
    }
}
