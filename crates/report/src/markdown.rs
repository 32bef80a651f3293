//! The report as Markdown for a pull request: verdict, a table of what differs, causes and what is not known folded below.
//!
//! What the checked program made stands in code spans and fenced blocks alone: there, nothing becomes markup, a link or a
//! mention.

use crate::groups::{self, Group, Told, by_key};
use crate::tell;
use crate::terminal::{counts, cut, safe, verdict};
use crate::words::{self, count, plural};
use model::report::{CheckReport, FunctionReport, Status, TestReport};
use model::{FindingKind, TestStatus};

/// Characters of the whole; a comment on GitHub holds 65,536.
const MOST: usize = 60_000;
/// Characters of a cell that hold a name, and of one that holds a value.
const NAME: usize = 80;
const VALUE: usize = 120;
/// Characters of a line in a block.
const LINE: usize = 300;
/// Statements before a call.
const SETUP: usize = 8;
/// Reasons, and functions or files of one reason.
const REASONS: usize = 10;
const LISTED: usize = 5;
/// Tests that are told, and lines of each.
const TESTS: usize = 5;
const TEST_LINES: usize = 8;

/// The report as Markdown, ended by a newline and shorter than 60,000 characters.
pub fn text(report: &CheckReport) -> String {
    let groups = groups::of(report, false);
    let mut page = Page::default();
    page.add(&headline(report));
    if !groups.is_empty() {
        let told = groups::told(&groups);
        page.add(&table(&told));
        told.in_full.iter().for_each(|group| page.add(&details(group)));
    }
    page.add(&concerns(report));
    page.add(&tests(report));
    page.add(&not_verified(report));
    page.add(&remarks(report));
    page.finish()
}

/// What a reader must not miss, an item each.
fn concerns(report: &CheckReport) -> String {
    let item = |concern: &model::report::ConcernReport| {
        let place = code(&crate::concerns::place(concern), NAME);
        format!(
            "- **{}** {place} {}\n",
            crate::concerns::HEADING,
            code(&crate::concerns::line(concern), LINE)
        )
    };
    crate::concerns::counting(report).map(item).collect()
}

/// Sections with a blank line between them, as far as there is room.
#[derive(Default)]
struct Page {
    text: String,
    length: usize,
    cut: bool,
}

impl Page {
    fn add(&mut self, section: &str) {
        const ROOM: usize = MOST - 100;
        let length = section.chars().count() + 1;
        if section.is_empty() {
            return;
        }
        if self.length + length > ROOM {
            self.cut = true;
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(section);
        self.length += length;
    }

    fn finish(mut self) -> String {
        if self.cut {
            self.text
                .push_str("\nParts were left out here, since they are too long; the terminal has them.\n");
        }
        self.text
    }
}

/// Text as a code span that ends where it should.
fn code(text: &str, room: usize) -> String {
    let text = cut(&safe(text), room);
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let blank = if text.contains('`') || text.starts_with(' ') {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// Text as code in a cell. A bar would end the cell, in a code span, too, so that one with a bar is written in entities.
fn cell(text: &str, room: usize) -> String {
    if !text.contains('|') {
        return code(text, room);
    }
    let entity = |character: char| match character {
        mark if mark.is_ascii_punctuation() => format!("&#{};", u32::from(mark)),
        plain => plain.to_string(),
    };
    let text: String = cut(&safe(text), room).chars().map(entity).collect();
    format!("<code>{text}</code>")
}

/// Lines as a fenced block that ends where it should.
fn block(language: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| cut(&safe(line), LINE)).collect();
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

/// The most backticks in a row.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0)
}

/// What unfolds below a line of our own.
fn folded(summary: &str, content: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{content}\n</details>\n")
}

fn headline(report: &CheckReport) -> String {
    let number = |status| report.tests.iter().filter(|test| test.status == status).count() as u64;
    let (broken, fitted) = (number(TestStatus::Broken), number(TestStatus::ChangedToFit));
    let mut parts = Vec::new();
    let found = report.functions.iter().any(|function| !function.findings.is_empty());
    if found || broken + fitted == 0 {
        parts.push(if report.functions.is_empty() && report.unverified.is_empty() {
            "nothing differs but layout, if anything".to_owned()
        } else {
            verdict(report)
        });
    }
    if broken > 0 {
        parts.push(count(broken, "broken test"));
    }
    if fitted > 0 {
        parts.push(format!("{} changed to fit", count(fitted, "test")));
    }
    let mut below = vec![format!(
        "{} → {}",
        code(&report.base.name, NAME),
        code(&report.head.name, NAME)
    )];
    below.extend(report.interpreter.as_deref().map(|name| code(name, NAME)));
    below.extend(counts(report));
    format!("### Counterproof: {}\n\n{}\n", parts.join(" · "), below.join(" · "))
}

/// What is told in full and in a line, a row each; what is minor says so.
fn table(told: &Told) -> String {
    let mut text = String::from("| | function | call | was | now |\n| --- | --- | --- | --- | --- |\n");
    for group in told.in_full.iter().chain(&told.in_a_line) {
        let (function, finding) = group[0];
        let kind = match finding.minor {
            true => format!("{}, minor<br>{}", words::kind(finding.kind), bare(&finding.id)),
            false => format!("**{}**", words::kind(finding.kind)),
        };
        let [call, was, now] = tell::values(finding, VALUE);
        let place = format!("{}:{}", function.path, function.line);
        let (before, after) = words::sides(finding.kind);
        // The columns say "was" and "now"; a new function has other sides.
        let side = |word: &str, what: &str| match finding.kind {
            FindingKind::Suspicious => format!("{word} {}", cell(what, VALUE)),
            _ => cell(what, VALUE),
        };
        text.push_str(&format!(
            "| {kind} | {}<br>{} | {} | {} | {} |\n",
            cell(words::name(&function.qualified_name), NAME),
            cell(&place, NAME),
            cell(&call, VALUE),
            side(before, &was),
            side(after, &now),
        ));
    }
    if !told.counted.is_empty() {
        text.push_str(&format!("\nAnd {}.\n", groups::in_short(&told.counted)));
    }
    text
}

/// One finding, ready to paste, with its cause.
fn details(group: &Group) -> String {
    let (function, finding) = group[0];
    let setup: Vec<&str> = finding.example.setup.iter().flat_map(|line| line.lines()).collect();
    let mut lines: Vec<String> = setup.iter().take(SETUP).map(|line| (*line).to_owned()).collect();
    if setup.len() > SETUP {
        let more = count((setup.len() - SETUP) as u64, "more line");
        lines.push(format!("# {more}: see counterproof check --explain {}", finding.id));
    }
    let [call, was, now] = tell::example(finding, LINE - 40);
    lines.extend([call, format!("# {was}"), format!("# {now}")]);
    let through = function.called_through.as_ref();
    lines.extend(through.map(|through| format!("# reached by calling {through}")));
    lines.extend(tell::because(finding, LINE - 40).map(|cause| format!("# {cause}")));
    lines.extend(
        finding
            .declared
            .as_ref()
            .map(|declared| format!("# declared: {declared}")),
    );
    for (other, same) in group[1..].iter().take(LISTED) {
        let name = words::name(&other.qualified_name);
        lines.push(format!(
            "# also shows in {}:{}  {name}  {}",
            other.path, other.line, same.id
        ));
    }
    if group.len() > LISTED + 1 {
        lines.push(format!("# and in {} more", group.len() - LISTED - 1));
    }
    lines.push(format!("# again: counterproof reproduce {}", finding.id));
    // The summary is of our own words and of an id that we made.
    folded(
        &format!("{} {}: example and cause", words::kind(finding.kind), bare(&finding.id)),
        &block("python", &lines),
    )
}

/// An id that is no markup, whatever a file says that it is.
fn bare(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn tests(report: &CheckReport) -> String {
    if report.tests.is_empty() {
        return String::new();
    }
    let number = |status| report.tests.iter().filter(|test| test.status == status).count() as u64;
    let words = [
        (TestStatus::Broken, "broken"),
        (TestStatus::ChangedToFit, "changed to fit"),
        (TestStatus::Flaky, "flaky, set aside"),
        (TestStatus::NotRun, "not run"),
        (TestStatus::FailedBeforeToo, "failed in base, too"),
        (TestStatus::Passed, "passed"),
    ];
    let parts = words
        .into_iter()
        .filter(|(status, _)| number(*status) > 0)
        .map(|(status, word)| format!("{} {word}", number(status)));
    let mut text = format!("**Your own tests:** {}\n", parts.collect::<Vec<_>>().join(" · "));
    let act = tell::tests_to_act_on(report);
    for (_, word, test) in act.iter().take(TESTS) {
        let name = if test.name.is_empty() { "" } else { test.name.as_str() };
        let place = format!("{} {name}", test.path);
        text.push_str(&format!("\n**{word}** {}\n", code(place.trim_end(), NAME * 2)));
        let lines = tell::test_lines(test, TEST_LINES, LINE);
        if !lines.is_empty() {
            let language = if test.before.is_some() { "diff" } else { "text" };
            text.push_str(&format!("\n{}", block(language, &lines)));
        }
    }
    if act.len() > TESTS {
        text.push_str(&format!("\nAnd {}.\n", count((act.len() - TESTS) as u64, "more test")));
    }
    let silent = reasons_of(report, TestStatus::Flaky, "flaky");
    let silent: Vec<String> = silent
        .into_iter()
        .chain(reasons_of(report, TestStatus::NotRun, "not run"))
        .collect();
    if !silent.is_empty() {
        text.push_str(&format!(
            "\n{}",
            folded("Tests set aside or not run", &block("text", &silent))
        ));
    }
    text
}

/// Tests of one status by reason, each with the first of them.
fn reasons_of(report: &CheckReport, status: TestStatus, word: &str) -> Vec<String> {
    let tests: Vec<&TestReport> = report.tests.iter().filter(|test| test.status == status).collect();
    let groups = by_key(&tests, |test| test.text.as_str());
    let line = |(reason, tests): &(&str, Vec<&&TestReport>)| {
        let first = cut(&format!("{} {}", tests[0].path, tests[0].name), NAME);
        let more = if tests.len() > 1 {
            format!(" and {} more", tests.len() - 1)
        } else {
            String::new()
        };
        let reason = reason.lines().next().unwrap_or_default();
        format!("{word}: {}{more}: {reason}", first.trim_end())
    };
    let mut lines: Vec<String> = groups.iter().take(REASONS).map(line).collect();
    if groups.len() > REASONS {
        lines.push(count((groups.len() - REASONS) as u64, "more reason"));
    }
    lines
}

fn not_verified(report: &CheckReport) -> String {
    let open: Vec<&FunctionReport> = report
        .functions
        .iter()
        .filter(|function| function.status == Status::NotVerified)
        .collect();
    let mut lines = Vec::new();
    let functions = by_key(&open, |function| function.reason.as_deref().unwrap_or_default());
    let name = |function: &&FunctionReport| {
        format!(
            "{}:{}  {}",
            function.path,
            function.line,
            words::name(&function.qualified_name)
        )
    };
    for (_, members) in functions.iter().take(REASONS) {
        let names: Vec<String> = members.iter().map(|one| name(one)).collect();
        listed(&mut lines, &tell::reason(members[0]), "function", &names);
    }
    let files = by_key(&report.unverified, |file| file.reason.as_str());
    for (reason, members) in files.iter().take(REASONS) {
        let names: Vec<String> = members.iter().map(|file| file.path.clone()).collect();
        listed(&mut lines, reason, "file", &names);
    }
    let left = functions.len().saturating_sub(REASONS) + files.len().saturating_sub(REASONS);
    if left > 0 {
        lines.push(count(left as u64, "more reason"));
    }
    if lines.is_empty() {
        return String::new();
    }
    let parts = [
        (open.len() as u64, "function"),
        (report.unverified.len() as u64, "file"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, noun)| count(number, noun)).collect();
    folded(
        &format!("NOT VERIFIED: {}", parts.join(" and ")),
        &block("text", &lines),
    )
}

/// A reason, and the first of those that it is true of.
fn listed(lines: &mut Vec<String>, reason: &str, noun: &str, names: &[String]) {
    let number = names.len() as u64;
    lines.push(format!("{number} {}: {reason}", plural(number, noun)));
    let shown = if names.len() <= LISTED + 1 { names.len() } else { LISTED };
    let name = |name: &String| format!("  {}", cut(&safe(name), NAME * 2));
    lines.extend(names.iter().take(shown).map(name));
    if names.len() > shown {
        lines.push(format!("  and {} more", names.len() - shown));
    }
}

fn remarks(report: &CheckReport) -> String {
    let mut lines = tell::remarks(report);
    let all = lines.len();
    lines.truncate(REASONS);
    if all > REASONS {
        lines.push(count((all - REASONS) as u64, "more remark"));
    }
    if lines.is_empty() {
        return String::new();
    }
    folded("Remarks", &block("text", &lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{full_report, many_findings, sample_report};

    #[test]
    fn one_of_each() {
        insta::assert_snapshot!(text(&full_report()));
    }

    #[test]
    fn code_ends_where_it_should() {
        assert_eq!(code("a", 9), "`a`");
        assert_eq!(code("a`b", 9), "`` a`b ``");
        assert_eq!(code("``", 9), "``` `` ```");
        assert_eq!(code(" \n", 9), "`  \\n `", "a reader takes one blank off each end");
        assert_eq!(code("", 9), "(empty)");
        assert_eq!(cell("a|`", 9), "<code>a&#124;&#96;</code>");
        assert_eq!(block("", &["```".to_owned()]), "````\n```\n````\n");
    }

    #[test]
    fn seven_in_full_and_the_rest_in_a_line() {
        let text = text(&many_findings(12));
        assert_eq!(text.matches("| **CHANGED** |").count(), 7, "{text}");
        assert!(text.contains("And 5 more findings: 5 CHANGED."), "{text}");
    }

    #[test]
    fn a_broken_test_is_no_pass() {
        let mut report = full_report();
        report.functions.retain(|function| function.findings.is_empty());
        assert!(text(&report).starts_with("### Counterproof: 1 broken test · 1 test changed to fit\n"));
        report = sample_report();
        report
            .functions
            .retain(|function| function.status == Status::NotVerified);
        assert!(text(&report).starts_with("### Counterproof: nothing could be verified\n"));
    }
}
