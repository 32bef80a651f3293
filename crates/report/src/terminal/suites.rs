//! The project's own tests.

use super::page::Page;
use super::text::{Tone, cut, safe};
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
    for line in test.text.lines().take(LINES) {
        page.line(INDENT, &cut(&safe(line), page.width().saturating_sub(INDENT)));
    }
    if let Some(place) = &test.place {
        page.line(INDENT, &format!("at {}:{}", safe(&place.path), place.line));
    }
    if !test.mentions.is_empty() {
        let names: Vec<String> = test
            .mentions
            .iter()
            .map(|name| safe(name.rsplit("::").next().unwrap_or(name)))
            .collect();
        page.paragraph(INDENT, 2, &format!("it mentions {}", names.join(", ")), None);
    }
    if let Some(before) = &test.before {
        let after = test.after.as_deref().filter(|after| *after != before);
        let (was, now) = parting(before, after.unwrap_or_default());
        for (sign, lines) in [("-", was), ("+", now)] {
            for line in lines.iter().take(LINES) {
                page.line(
                    INDENT,
                    &cut(&format!("{sign} {}", safe(line)), page.width().saturating_sub(INDENT)),
                );
            }
        }
        if test.after.is_none() {
            page.line(INDENT, "it is deleted");
        }
    }
}

/// The lines of two texts without what they begin and end with in common.
pub(crate) fn parting<'t>(before: &'t str, after: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let (mut was, mut now): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    while !was.is_empty() && was.first() == now.first() {
        was.remove(0);
        now.remove(0);
    }
    while !was.is_empty() && was.last() == now.last() {
        was.pop();
        now.pop();
    }
    (was, now)
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
