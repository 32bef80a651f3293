//! The report as JUnit XML, which every continuous integration shows: a suite for each file, a case for each changed
//! function and for each of the project's own tests that there is something to say of.

use crate::tell;
use crate::terminal::{how_hard, safe};
use crate::words;
use model::report::{CheckReport, FindingReport, FunctionReport, Status, TestReport};
use std::fmt::Write;

/// The report as JUnit XML, ended by a newline.
pub fn text(report: &CheckReport) -> String {
    let suites = suites(report);
    let cases = || suites.iter().flat_map(|suite| &suite.cases);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"counterproof\" {} time=\"{:.3}\">",
        totals(cases()),
        report.seconds
    );
    suites.iter().for_each(|suite| suite.write(&mut out));
    out.push_str("</testsuites>\n");
    out
}

/// What is said of one file.
struct Suite<'a> {
    path: &'a str,
    cases: Vec<Case>,
}

/// One function, test or file.
struct Case {
    name: String,
    line: Option<u32>,
    outcome: Outcome,
}

/// What became of it.
enum Outcome {
    Failed {
        kind: String,
        text: String,
    },
    Skipped(String),
    /// With what rests on it.
    Passed(String),
}

fn suites(report: &CheckReport) -> Vec<Suite<'_>> {
    let mut suites: Vec<Suite> = Vec::new();
    let mut add = |path, case| match suites.iter_mut().find(|suite| suite.path == path) {
        Some(suite) => suite.cases.push(case),
        None => suites.push(Suite {
            path,
            cases: vec![case],
        }),
    };
    for function in &report.functions {
        add(function.path.as_str(), of_function(function));
    }
    for concern in crate::concerns::counting(report) {
        let outcome = Outcome::Failed {
            kind: "concern".to_owned(),
            text: format!("{}\n{}", crate::concerns::line(concern), safe(&concern.id)),
        };
        let (name, line) = (crate::concerns::place(concern), Some(concern.line));
        add(concern.path.as_str(), Case { name, line, outcome });
    }
    for test in &report.tests {
        if let Some(case) = of_test(test) {
            add(test.path.as_str(), case);
        }
    }
    for file in &report.unverified {
        let outcome = Outcome::Skipped(format!("NOT VERIFIED: {}", safe(&file.reason)));
        let name = safe(&file.path);
        let line = None;
        add(file.path.as_str(), Case { name, line, outcome });
    }
    suites
}

fn of_function(function: &FunctionReport) -> Case {
    let outcome = match function.status {
        _ if function.findings.iter().any(|finding| !finding.is_accepted()) => failed(function),
        _ if !function.findings.is_empty() => Outcome::Passed(tell::accepted(function).join("\n")),
        Status::Same => Outcome::Passed(format!(
            "SAME {}: {}",
            function.strength.map_or("weak", words::strength),
            how_hard(function)
        )),
        Status::New => Outcome::Passed(format!("NEW: {}", words::count(function.inputs, "input"))),
        Status::Removed => Outcome::Skipped("REMOVED".to_owned()),
        _ => Outcome::Skipped(format!("NOT VERIFIED: {}", tell::reason(function))),
    };
    Case {
        name: tell::name(function),
        line: Some(function.line),
        outcome,
    }
}

/// One failure with all findings: most readers show no second one.
fn failed(function: &FunctionReport) -> Outcome {
    let counting: Vec<&FindingReport> = function.findings.iter().filter(|one| !one.is_accepted()).collect();
    let mut texts: Vec<String> = counting
        .iter()
        .map(|finding| {
            let title = tell::title(function, finding);
            format!("{title}\n{}", tell::finding(function, finding).join("\n"))
        })
        .collect();
    texts.extend(tell::accepted(function));
    Outcome::Failed {
        kind: counting
            .first()
            .map_or("", |finding| words::kind(finding.kind))
            .to_owned(),
        text: texts.join("\n\n"),
    }
}

fn of_test(test: &TestReport) -> Option<Case> {
    let (_, word) = tell::test(test.status)?;
    let text = format!(
        "{word}: {}\n{}",
        tell::test_name(test),
        tell::test_story(test).join("\n")
    );
    let text = text.trim_end().to_owned();
    let outcome = match test.status {
        status if status.is_finding() => Outcome::Failed {
            kind: word.to_owned(),
            text,
        },
        _ => Outcome::Skipped(text),
    };
    let line = test.place.as_ref().filter(|place| place.path == test.path);
    Some(Case {
        name: tell::test_name(test),
        line: line.map(|place| place.line),
        outcome,
    })
}

impl Suite<'_> {
    fn write(&self, out: &mut String) {
        let path = escaped(&safe(self.path));
        let _ = writeln!(
            out,
            "  <testsuite name=\"{path}\" {} time=\"0\">",
            totals(self.cases.iter())
        );
        self.cases.iter().for_each(|case| case.write(&path, out));
        out.push_str("  </testsuite>\n");
    }
}

impl Case {
    fn write(&self, path: &str, out: &mut String) {
        let name = escaped(&self.name);
        let line = self.line.map(|line| format!(" line=\"{line}\"")).unwrap_or_default();
        let _ = writeln!(
            out,
            "    <testcase classname=\"{path}\" name=\"{name}\" file=\"{path}\"{line} time=\"0\">"
        );
        let _ = match &self.outcome {
            Outcome::Failed { kind, text } => writeln!(
                out,
                "      <failure type=\"{}\" message=\"{}\">{}</failure>",
                escaped(kind),
                escaped(&in_short(text)),
                escaped(text)
            ),
            Outcome::Skipped(text) => writeln!(out, "      <skipped message=\"{}\"/>", escaped(&in_short(text))),
            Outcome::Passed(text) => writeln!(out, "      <system-out>{}</system-out>", escaped(text)),
        };
        out.push_str("    </testcase>\n");
    }
}

/// The first lines of a text, on one.
fn in_short(text: &str) -> String {
    const LINES: usize = 4;
    text.lines().take(LINES).collect::<Vec<_>>().join(" · ")
}

fn totals<'a>(cases: impl Iterator<Item = &'a Case>) -> String {
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for case in cases {
        tests += 1;
        match case.outcome {
            Outcome::Failed { .. } => failures += 1,
            Outcome::Skipped(_) => skipped += 1,
            Outcome::Passed(_) => {}
        }
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"")
}

/// Text as it may stand in XML, in attributes, too; characters that XML cannot hold are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push('\n'),
            control if control.is_control() => {}
            '\u{fffe}' | '\u{ffff}' => {}
            plain => out.push(plain),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{accept, full_report, many_findings};
    use model::report::AcceptanceState;

    #[test]
    fn what_is_accepted_does_not_fail_and_is_told() {
        let mut report = many_findings(1);
        accept(&mut report, "id0", AcceptanceState::Pending);
        assert!(text(&report).contains("<failure "));
        accept(&mut report, "id0", AcceptanceState::Accepted);
        let text = text(&report);
        assert!(!text.contains("<failure "), "{text}");
        assert!(
            text.contains("<system-out>accepted: CHANGED in f0, id0: agreed (A &lt;a@b&gt;)</system-out>"),
            "{text}"
        );
    }

    #[test]
    fn one_of_each() {
        insta::assert_snapshot!(text(&full_report()));
    }

    #[test]
    fn the_totals_are_those_of_the_cases() {
        let text = text(&full_report());
        let read = roxmltree::Document::parse(&text).unwrap();
        let number = |name: &str| {
            read.descendants()
                .filter(|node| node.has_tag_name(name))
                .count()
                .to_string()
        };
        let root = read.root_element();
        assert_eq!(root.attribute("tests"), Some(number("testcase").as_str()));
        assert_eq!(root.attribute("failures"), Some(number("failure").as_str()));
        assert_eq!(root.attribute("skipped"), Some(number("skipped").as_str()));
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(escaped("a\0\u{b}\u{ffff}]]>&'\""), "a]]&gt;&amp;&apos;&quot;");
    }
}
