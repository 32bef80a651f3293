//! The first and the last lines.

use super::page::Page;
use super::text::{Tone, pad, safe, width};
use crate::words::{count, seconds};
use model::report::{CheckReport, FindingReport, FunctionReport, Status};
use model::{FindingKind, TestStatus};
use std::collections::BTreeSet;

/// The whole report, where there is nothing to check.
pub(super) fn nothing_changed(report: &CheckReport) -> Option<String> {
    if !report.functions.is_empty() || !report.unverified.is_empty() || !report.concerns.is_empty() {
        return None;
    }
    let time = seconds(report.seconds);
    let (base, head) = (safe(&report.base.name), safe(&report.head.name));
    Some(match report.layout_only.len() as u64 {
        0 => format!("Nothing differs between {base} and {head} · {time}"),
        1 => format!("1 file differs between {base} and {head} in layout and comments alone: same code · {time}"),
        many => {
            let files = count(many, "file");
            format!("{files} differ between {base} and {head} in layout and comments alone: same code · {time}")
        }
    })
}

/// What was compared, and how much of it changed.
pub(super) fn headline(page: &mut Page, report: &CheckReport) {
    let mut parts = Vec::new();
    if report.functions.is_empty() {
        parts.push("no function changed".to_owned());
    } else {
        let files: BTreeSet<&str> = report.functions.iter().map(|function| function.path.as_str()).collect();
        let functions = count(report.functions.len() as u64, "function");
        parts.push(format!("{functions} changed in {}", count(files.len() as u64, "file")));
    }
    parts.push(format!("{} → {}", safe(&report.base.name), safe(&report.head.name)));
    parts.extend(report.interpreter.as_deref().map(safe));
    page.section();
    page.paragraph(2, 2, &parts.join(" · "), None);
}

/// Time, verdict in words, and what to do next.
pub(super) fn close(page: &mut Page, report: &CheckReport) {
    page.section();
    let time = if report.cached {
        format!("from the cache, first run {}", seconds(report.seconds))
    } else {
        seconds(report.seconds)
    };
    let (verdict, tone) = verdict_and_tone(report);
    let counts = counts(report).join(" · ");
    let line = format!("{time} · {}", page.paint(&verdict, tone));
    let fits = 2 + width(&time) + 3 + width(&verdict) + 3 + width(&counts) <= page.width();
    if counts.is_empty() {
        page.line(2, &line);
    } else if fits {
        page.line(2, &format!("{line} · {counts}"));
    } else {
        page.line(2, &line);
        page.paragraph(2, 2, &counts, None);
    }
    if report.verified.all - report.verified.verified > 1 {
        page.paragraph(2, 2, &crate::verified::line(&report.verified), None);
    }
    next_steps(page, report);
}

/// Findings that count: what was accepted before this change does not.
fn counting(function: &FunctionReport) -> impl Iterator<Item = &FindingReport> {
    function.findings.iter().filter(|finding| !finding.is_accepted())
}

fn with_status(report: &CheckReport, status: Status) -> u64 {
    report
        .functions
        .iter()
        .filter(|function| function.status == status)
        .count() as u64
}

/// What the check comes to, in words. Never better than what was verified.
pub(crate) fn verdict(report: &CheckReport) -> String {
    verdict_and_tone(report).0
}

fn verdict_and_tone(report: &CheckReport) -> (String, Tone) {
    let with = |suspicious: bool| {
        let is = |finding: &&FindingReport| (finding.kind == FindingKind::Suspicious) == suspicious;
        let found = report
            .functions
            .iter()
            .map(|function| counting(function).filter(is).count() as u64);
        found.filter(|found| *found > 0).collect::<Vec<u64>>()
    };
    let (of_different, suspicious) = (with(false), with(true).len() as u64);
    let (different, found) = (of_different.len() as u64, of_different.iter().sum::<u64>());
    let contradicts = if suspicious == 1 {
        "contradicts itself"
    } else {
        "contradict themselves"
    };
    let contradicting = format!("{} {contradicts}", count(suspicious, "new function"));
    if found == 0 && suspicious > 0 {
        return (contradicting, Tone::Different);
    }
    if found > 0 {
        let behaves = if different == 1 { "behaves" } else { "behave" };
        let findings = if found == different {
            String::new()
        } else {
            format!(" ({})", count(found, "finding"))
        };
        let differing = format!("{} {behaves} differently{findings}", count(different, "function"));
        let also = if suspicious > 0 {
            format!(" · {contradicting}")
        } else {
            String::new()
        };
        return (format!("{differing}{also}"), Tone::Different);
    }
    let concerns = crate::concerns::counting(report).count() as u64;
    if concerns > 0 {
        return (format!("{} to review", count(concerns, "thing")), Tone::Different);
    }
    let of_tests = |status: TestStatus| report.tests.iter().filter(|test| test.status == status).count() as u64;
    let (broken, fitted) = (of_tests(TestStatus::Broken), of_tests(TestStatus::ChangedToFit));
    if broken > 0 {
        return (count(broken, "broken test"), Tone::Different);
    }
    if fitted > 0 {
        let were = if fitted == 1 { "was" } else { "were" };
        return (
            format!("{} {were} changed to fit", count(fitted, "test")),
            Tone::Different,
        );
    }
    let open = with_status(report, Status::NotVerified);
    let run = report.functions.len() as u64 - open - with_status(report, Status::Removed);
    if run == 0 && (open > 0 || report.exit == 3) {
        ("nothing could be verified".to_owned(), Tone::Unknown)
    } else if run == 0 {
        ("nothing to run".to_owned(), Tone::Strong)
    } else {
        let accepted = report.functions.iter().any(|function| !function.findings.is_empty());
        let but = if accepted { "but what was accepted" } else { "found" };
        if open > 0 {
            (format!("no difference {but} in what could be run"), Tone::Unknown)
        } else {
            (format!("no difference {but}"), Tone::Same)
        }
    }
}

/// How many functions are the same, new, gone and not verified.
pub(crate) fn counts(report: &CheckReport) -> Vec<String> {
    let named = [
        (Status::Same, "same"),
        (Status::New, "new"),
        (Status::Removed, "removed"),
    ];
    let mut parts: Vec<String> = named
        .into_iter()
        .map(|(status, word)| (with_status(report, status), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let open = with_status(report, Status::NotVerified);
    if open > 0 {
        parts.push(format!("{open} not verified"));
    }
    if !report.unverified.is_empty() {
        parts.push(format!(
            "{} not verified",
            count(report.unverified.len() as u64, "file")
        ));
    }
    parts
}

/// How to go on from a finding; with one finding, ready to paste.
fn next_steps(page: &mut Page, report: &CheckReport) {
    let mut ids = report
        .functions
        .iter()
        .flat_map(counting)
        .map(|finding| safe(&finding.id));
    let Some(first) = ids.next() else { return };
    let id = if ids.next().is_some() { "ID".to_owned() } else { first };
    let commands = [
        (format!("counterproof reproduce {id}"), "runs it again"),
        (format!("counterproof check --explain {id}"), "tells the whole story"),
    ];
    let longest = commands.iter().map(|(command, _)| width(command)).max().unwrap_or(0);
    for (command, what) in commands {
        page.line(
            2,
            &format!("{}  {}", pad(&command, longest), page.paint(what, Tone::Quiet)),
        );
    }
}
