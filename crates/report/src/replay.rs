//! A replay over history: a table, JSON and CSV.

use crate::json;
use crate::terminal::{cut, safe};
use crate::verified;
use crate::words::{count, kind};
use model::replay::{AuthorKind, Became, ReplayReport, ReplayedCommit};
use std::fmt::Write;

/// Characters of a commit's id.
const ID: usize = 10;
/// Findings of one commit that are written out.
const SHOWN: usize = 3;
/// Characters of a subject.
const SUBJECT: usize = 60;

/// As indented JSON, ended by a newline.
pub fn json(report: &ReplayReport) -> String {
    json::written(report)
}

/// The JSON Schema of it, as published in `schemas/replay-report.schema.json`.
pub fn schema() -> String {
    json::written(&schemars::schema_for!(ReplayReport))
}

/// As comma-separated values with a heading, as RFC 4180 has them.
pub fn csv(report: &ReplayReport) -> String {
    let mut text = "commit,date,author,functions,verified,findings,became,by,problem,subject\r\n".to_owned();
    for one in &report.commits {
        let (became, by) = became(&one.became);
        let findings: Vec<String> = one
            .findings
            .iter()
            .map(|finding| format!("{} {}", kind(finding.kind), finding.function))
            .collect();
        let fields = [
            one.commit.clone(),
            one.date.clone(),
            author(one.author).to_owned(),
            one.verified.all.to_string(),
            one.verified.verified.to_string(),
            findings.join("; "),
            became.to_owned(),
            by.unwrap_or_default().to_owned(),
            one.problem.clone().unwrap_or_default(),
            one.subject.clone(),
        ];
        let fields: Vec<String> = fields.iter().map(|field| field_of(field)).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

fn field_of(text: &str) -> String {
    let text = safe(text);
    // A spreadsheet takes what begins like this for a formula.
    let text = if text.starts_with(['=', '+', '-', '@']) {
        format!("'{text}")
    } else {
        text
    };
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}

fn author(author: AuthorKind) -> &'static str {
    match author {
        AuthorKind::Ai => "ai",
        AuthorKind::Human => "human",
        AuthorKind::Unknown => "unknown",
    }
}

fn became(became: &Became) -> (&'static str, Option<&str>) {
    match became {
        Became::Reverted { by } => ("reverted", Some(by)),
        Became::Fixed { by, .. } => ("fixed", Some(by)),
        Became::TouchedAgain { by } => ("touched again", Some(by)),
        Became::NeverTouchedAgain => ("never touched again", None),
    }
}

/// For a person: a line for each commit with changed functions, its findings below it, and the figures.
pub fn terminal(report: &ReplayReport) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "commit      date        by       functions  verified  findings  what became of it"
    );
    let (looked_at, silent): (Vec<&ReplayedCommit>, Vec<&ReplayedCommit>) = report
        .commits
        .iter()
        .partition(|one| one.is_checked() || one.problem.is_some());
    for one in &looked_at {
        row(&mut text, one);
    }
    if !silent.is_empty() {
        let _ = writeln!(
            text,
            "and {} without a changed function",
            count(silent.len() as u64, "commit")
        );
    }
    let of = &report.summary;
    let _ = writeln!(
        text,
        "\n{} checked: {}.",
        count(of.checked.into(), "commit"),
        verified::line(&of.verified)
    );
    let _ = writeln!(
        text,
        "Of {} later reverted or fixed, {} had a finding in what was fixed.",
        count(of.reverted_or_fixed.into(), "commit"),
        of.of_these_found
    );
    if !of.missed.is_empty() {
        let missed = of.missed.iter().map(|one| format!("{} {}", one.functions, one.reason));
        let missed: Vec<String> = missed.collect();
        let _ = writeln!(
            text,
            "  Of the fixed functions of the others, the check had said: {}.",
            missed.join(", ")
        );
    }
    let _ = writeln!(
        text,
        "Of {} never touched again, a person would have had to read {}: {} in the middle one, at most {} in nine of ten.",
        count(of.never_touched_again.into(), "commit"),
        count(of.findings_to_read.into(), "finding"),
        of.median,
        of.ninetieth
    );
    text
}

fn row(text: &mut String, one: &ReplayedCommit) {
    let (word, by) = became(&one.became);
    let by = by.map_or_else(String::new, |by| {
        format!(" by {}", by.chars().take(ID).collect::<String>())
    });
    let id: String = one.commit.chars().take(ID).collect();
    let _ = writeln!(
        text,
        "{id:<10}  {}  {:<7}  {:>9}  {:>8}  {:>8}  {word}{by}",
        one.date,
        author(one.author),
        one.verified.all,
        one.verified.verified,
        one.findings.len()
    );
    let _ = writeln!(text, "    {}", cut(&safe(&one.subject), SUBJECT));
    if let Some(problem) = &one.problem {
        let _ = writeln!(text, "    ? {}", cut(&safe(problem), 2 * SUBJECT));
    }
    let fixed: &[String] = match &one.became {
        Became::Fixed { functions, .. } => functions,
        _ => &[],
    };
    for finding in one.findings.iter().take(SHOWN) {
        let hit = match one.became {
            Became::Fixed { .. } if fixed.contains(&finding.function) => "  (fixed later)",
            _ => "",
        };
        let _ = writeln!(
            text,
            "    ! {}  {}  {}{hit}",
            kind(finding.kind),
            safe(&finding.function),
            safe(&finding.id)
        );
    }
    if one.findings.len() > SHOWN {
        let _ = writeln!(text, "      and {} more", one.findings.len() - SHOWN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::FindingKind;
    use model::replay::{EditedFunction, REPLAY_SCHEMA, ReplaySummary, ReplayedFinding};
    use model::report::Verified;
    use std::path::Path;

    fn all(functions: u32) -> Verified {
        Verified {
            verified: functions,
            all: functions,
            reasons: vec![],
        }
    }

    fn report() -> ReplayReport {
        let one = |commit: &str, functions: u32, became: Became| ReplayedCommit {
            commit: commit.to_owned(),
            date: "2026-11-24".to_owned(),
            subject: "=Say \"more\", better".to_owned(),
            author: AuthorKind::Ai,
            verified: all(functions),
            edited: vec![EditedFunction {
                function: "a.py::f".to_owned(),
                said: "different".to_owned(),
            }],
            findings: vec![],
            problem: None,
            became,
        };
        let fixed = Became::Fixed {
            by: "fedcba98765".to_owned(),
            functions: vec!["a.py::f".to_owned()],
        };
        let mut first = one("0123456789ab", 2, fixed);
        first.findings.push(ReplayedFinding {
            id: "3f9ac1".to_owned(),
            kind: FindingKind::NewCrash,
            function: "a.py::f".to_owned(),
            also: vec![],
        });
        let mut broken = one("aaaaaaaaaaaa", 0, Became::NeverTouchedAgain);
        broken.problem = Some("it has no parent: there is nothing to compare it with".to_owned());
        ReplayReport {
            schema: REPLAY_SCHEMA.to_owned(),
            tool_version: "0".to_owned(),
            commits: vec![first, broken, one("bbbbbbbbbbbb", 0, Became::NeverTouchedAgain)],
            summary: ReplaySummary {
                checked: 1,
                verified: all(2),
                reverted_or_fixed: 1,
                of_these_found: 1,
                ..ReplaySummary::default()
            },
        }
    }

    #[test]
    fn a_table_for_people() {
        insta::assert_snapshot!(terminal(&report()));
    }

    #[test]
    fn csv_is_quoted_and_no_formula() {
        let text = csv(&report());
        let line = text.lines().nth(1).unwrap();
        assert_eq!(
            line,
            "0123456789ab,2026-11-24,ai,2,2,NEW CRASH a.py::f,fixed,fedcba98765,,\"'=Say \"\"more\"\", better\""
        );
        assert_eq!(text.lines().count(), 4);
    }

    #[test]
    fn the_published_schema_is_the_generated_one() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/replay-report.schema.json");
        let committed = std::fs::read_to_string(file).unwrap_or_default();
        assert!(committed == schema(), "run `cargo xtask schemas` and commit the result");
        let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let report: serde_json::Value = serde_json::from_str(&json(&report())).unwrap();
        assert!(validator.is_valid(&report));
    }
}
