//! The project's own tests.

use super::page::Page;
use super::text::{Tone, safe};
use crate::tell;
use crate::words::{count, plural};
use model::TestStatus;
use model::report::{CheckReport, TestReport};

/// Where the lines below a heading begin.
const INDENT: usize = 6;
/// Tests of one sort that are shown in full.
const SHOWN: usize = 5;
/// Lines of a test's text that are shown.
const LINES: usize = 8;
/// Flaky tests that are named.
const NAMED: usize = 5;

fn with_status(report: &CheckReport, status: TestStatus) -> Vec<&TestReport> {
    report.tests.iter().filter(|test| test.status == status).collect()
}

/// Tests that are broken, and tests that were changed to fit.
pub(super) fn to_act_on(page: &mut Page, report: &CheckReport) {
    let sorts = [
        (TestStatus::Broken, "✗", "BROKEN TEST"),
        (TestStatus::ChangedToFit, "!", "TEST CHANGED TO FIT"),
    ];
    for (status, sign, word) in sorts {
        let tests = with_status(report, status);
        // The cases of one test are one thing to read.
        let mut groups: Vec<Vec<&TestReport>> = Vec::new();
        for test in &tests {
            let same = |group: &&mut Vec<&TestReport>| !page.verbose() && function(group[0]) == function(test);
            match groups.last_mut().filter(same) {
                Some(group) => group.push(test),
                None => groups.push(vec![test]),
            }
        }
        let shown = if page.verbose() {
            groups.len()
        } else {
            groups.len().min(SHOWN)
        };
        for group in &groups[..shown] {
            page.section();
            let label = page.label(sign, word, Tone::Different);
            let more = match group.len() {
                1 => String::new(),
                cases => format!(" and {}", count(cases as u64 - 1, "other case")),
            };
            page.line(2, &format!("{label}{}{more}", name(group[0])));
            told(page, group[0]);
        }
        if groups.len() > shown {
            let more = count((groups.len() - shown) as u64, "more test");
            page.line(2, &format!("and {more} (--verbose lists all)"));
        }
    }
}

/// File and name of a test without its parameters.
fn function(test: &TestReport) -> (&str, &str) {
    let name = test.name.split_once('[').map_or(test.name.as_str(), |(name, _)| name);
    (&test.path, name)
}

fn name(test: &TestReport) -> String {
    let name = if test.name.is_empty() {
        String::new()
    } else {
        format!("  {}", safe(&test.name))
    };
    format!("{}{name}", safe(&test.path))
}

fn told(page: &mut Page, test: &TestReport) {
    let room = page.width().saturating_sub(INDENT);
    for line in tell::test_lines(test, LINES, room) {
        page.line(INDENT, &line);
    }
    if let Some(place) = &test.place {
        page.line(INDENT, &format!("at {}:{}", safe(&place.path), place.line));
    }
}

/// In a line or two, what became of all others.
pub(super) fn rest(page: &mut Page, report: &CheckReport) {
    if report.tests.is_empty() {
        return;
    }
    page.section();
    let (passed, before, flaky, silent) = (
        with_status(report, TestStatus::Passed),
        with_status(report, TestStatus::FailedBeforeToo),
        with_status(report, TestStatus::Flaky),
        with_status(report, TestStatus::NotRun),
    );
    if !passed.is_empty() || !before.is_empty() {
        let mut parts = vec![format!(
            "{} of the project's own passed",
            count(passed.len() as u64, "test")
        )];
        if !before.is_empty() {
            parts.push(format!("{} failed in base, too", before.len()));
        }
        let label = page.label("✓", "TESTS", Tone::Same);
        page.line(2, &format!("{label}{}", parts.join(" · ")));
    }
    if !flaky.is_empty() {
        let label = page.label("?", "FLAKY", Tone::Unknown);
        let names: Vec<String> = flaky.iter().take(NAMED).map(|test| name(test)).collect();
        let more = if flaky.len() > NAMED {
            format!(" and {} more", flaky.len() - NAMED)
        } else {
            String::new()
        };
        page.paragraph(2, 4, &format!("{label}set aside: {}{more}", names.join(", ")), None);
    }
    let mut reasons: Vec<(&str, usize)> = Vec::new();
    for test in &silent {
        match reasons.iter_mut().find(|(reason, _)| *reason == test.text) {
            Some((_, number)) => *number += 1,
            None => reasons.push((&test.text, 1)),
        }
    }
    reasons.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let listed = if page.verbose() {
        reasons.len()
    } else {
        reasons.len().min(SHOWN)
    };
    for (reason, number) in &reasons[..listed] {
        let label = page.label("?", "NOT RUN", Tone::Unknown);
        let what = match (*number, &silent[..]) {
            (1, _) => silent
                .iter()
                .find(|test| test.text == *reason)
                .map(|test| name(test))
                .unwrap_or_default(),
            (number, _) => format!("{number} {}", plural(number as u64, "test")),
        };
        page.paragraph(
            2,
            4,
            &format!("{label}{what}: {}", safe(reason.lines().next().unwrap_or_default())),
            None,
        );
    }
    if reasons.len() > listed {
        page.line(
            2,
            &format!(
                "and {} (--verbose lists all)",
                count((reasons.len() - listed) as u64, "more reason")
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::{TerminalOptions, render};
    use crate::testing::sample_report;

    #[test]
    fn a_test_whose_helper_was_edited_shows_no_text_as_gone() {
        let mut report = sample_report();
        let text = "def test_it():\n    assert LIMIT == 3\n".to_owned();
        report.tests = vec![TestReport {
            path: "test_a.py".to_owned(),
            name: "test_it".to_owned(),
            status: TestStatus::ChangedToFit,
            text: "what it uses was edited: as it was, it fails on the new code: assert 4 == 3".to_owned(),
            place: None,
            mentions: vec![],
            before: Some(text.clone()),
            after: Some(text),
        }];
        let options = TerminalOptions {
            color: false,
            width: 100,
            verbose: false,
        };
        let shown = render(&report, &options);
        assert!(shown.contains("TEST CHANGED TO FIT  test_a.py  test_it"), "{shown}");
        assert!(!shown.contains("- def test_it"), "{shown}");
    }
}
