//! What the formats for other programs say of a finding and of a test, so that all of them say the same: each text on a line
//! of its own, without control characters, and cut where nobody would read on.

use crate::terminal::{cut, cut_pair, safe};
use crate::words;
use model::report::{CheckReport, FindingReport, FunctionReport, TestReport};
use model::{FindingKind, TestStatus};

/// Characters of one line.
const LINE: usize = 1_000;
/// Lines of a test's text, and of each of its versions.
const LINES: usize = 20;
/// Characters of an outcome that say anything.
const LEAST: usize = 10;

/// How grave something is, in the three steps that trackers know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Error,
    Warning,
    Note,
}

/// How grave a finding is.
pub(crate) fn level(finding: &FindingReport) -> Level {
    match finding.kind {
        _ if finding.minor => Level::Note,
        FindingKind::NewExposure | FindingKind::NewCrash | FindingKind::NewHang => Level::Error,
        _ => Level::Warning,
    }
}

/// How grave it is what became of a test, and its heading; none where head passes it or base fails it, too.
pub(crate) fn test(status: TestStatus) -> Option<(Level, &'static str)> {
    match status {
        TestStatus::Broken => Some((Level::Error, "BROKEN TEST")),
        TestStatus::ChangedToFit => Some((Level::Warning, "TEST CHANGED TO FIT")),
        TestStatus::Flaky => Some((Level::Note, "FLAKY")),
        TestStatus::NotRun => Some((Level::Note, "NOT RUN")),
        TestStatus::FailedBeforeToo | TestStatus::Passed => None,
    }
}

/// Tests to act on, broken ones first.
pub(crate) fn tests_to_act_on(report: &CheckReport) -> Vec<(Level, &'static str, &TestReport)> {
    let mut found: Vec<_> = report
        .tests
        .iter()
        .filter(|test| test.status.is_finding())
        .filter_map(|one| test(one.status).map(|(level, word)| (level, word, one)))
        .collect();
    found.sort_by_key(|(level, ..)| *level);
    found
}

/// Where a reader looks first: the line of the cause, else of the function.
pub(crate) fn place<'a>(function: &'a FunctionReport, finding: &'a FindingReport) -> (&'a str, u32) {
    match &finding.cause_place {
        Some(place) => (&place.path, place.line.max(1)),
        None => (&function.path, function.line.max(1)),
    }
}

/// The function's name on one line.
pub(crate) fn name(function: &FunctionReport) -> String {
    safe(words::name(&function.qualified_name))
}

/// The test's name on one line; that of its file where it has none.
pub(crate) fn test_name(test: &TestReport) -> String {
    safe(if test.name.is_empty() { &test.path } else { &test.name })
}

/// `NEW CRASH in delivery_days`.
pub(crate) fn title(function: &FunctionReport, finding: &FindingReport) -> String {
    format!("{} in {}", words::kind(finding.kind), name(function))
}

/// The call, what was and what is, with what differs where it is not the result; each cut to `room`, with what differs in
/// sight.
pub(crate) fn values(finding: &FindingReport, room: usize) -> [String; 3] {
    let example = &finding.example;
    let aspect = example.aspect.as_deref().map(|aspect| format!("{}: ", safe(aspect)));
    let aspect = cut(&aspect.unwrap_or_default(), room / 3);
    let (was, now) = cut_pair(
        &safe(&example.base),
        &safe(&example.head),
        room - aspect.chars().count(),
    );
    [
        cut(&safe(&example.call), room),
        format!("{aspect}{was}"),
        format!("{aspect}{now}"),
    ]
}

/// Both outcomes in a few words and `room` columns, with the call where it leaves room for them.
pub(crate) fn in_short(finding: &FindingReport, room: usize) -> String {
    let (before, after) = words::sides(finding.kind);
    let text = |room: usize| {
        let [_, was, now] = values(finding, room.max(LEAST));
        format!("{before} {was}, {after} {now}")
    };
    let whole = format!("{} {}", safe(&finding.example.call), text(LINE));
    if whole.chars().count() <= room {
        return whole;
    }
    let around = before.chars().count() + after.chars().count() + 4;
    text(room.saturating_sub(around) / 2)
}

/// As [`values`], in words.
pub(crate) fn example(finding: &FindingReport, room: usize) -> [String; 3] {
    let [call, was, now] = values(finding, room);
    let (before, after) = words::sides(finding.kind);
    [call, format!("{before} {was}"), format!("{after} {now}")]
}

/// `because …`, with the place unless the words name the line already; none where no cause is known.
pub(crate) fn because(finding: &FindingReport, room: usize) -> Option<String> {
    let cause = safe(finding.cause.trim());
    let at = finding.cause_place.as_ref().filter(|place| {
        !cause.contains(&format!("{}:{}", place.path, place.line)) && !cause.contains(&format!("line {}", place.line))
    });
    let at = at.map(|place| format!(" ({}:{})", safe(&place.path), place.line));
    (!cause.is_empty()).then(|| format!("because {}{}", cut(&cause, room), at.unwrap_or_default()))
}

/// A finding in lines: the call, both outcomes, the cause, and how to run it again.
pub(crate) fn finding(function: &FunctionReport, finding: &FindingReport) -> Vec<String> {
    let mut lines = example(finding, LINE).to_vec();
    if let Some(through) = &function.called_through {
        lines.push(format!("reached by calling {}", safe(through)));
    }
    lines.extend(because(finding, LINE));
    lines.extend(finding.cwe.map(words::cwe));
    lines.extend(
        finding
            .declared
            .as_deref()
            .map(|declared| cut(&format!("declared: {}", safe(declared)), LINE)),
    );
    lines.push(format!("counterproof reproduce {}", safe(&finding.id)));
    lines
}

/// The findings of a function that were accepted before this change, a line each.
pub(crate) fn accepted(function: &FunctionReport) -> Vec<String> {
    let accepted = function.findings.iter().filter(|finding| finding.is_accepted());
    let lines = accepted.filter_map(|finding| {
        let acceptance = finding.acceptance.as_ref()?;
        let (reason, who) = (safe(&acceptance.reason), safe(&acceptance.who));
        let title = title(function, finding);
        Some(cut(
            &format!("accepted: {title}, {}: {reason} ({who})", safe(&finding.id)),
            LINE,
        ))
    });
    lines.collect()
}

/// What became of a test in lines: the assertion or the reason, and for one that was changed to fit, both texts.
pub(crate) fn test_lines(test: &TestReport, most: usize, room: usize) -> Vec<String> {
    let one = |line: &str| cut(&safe(line), room);
    let mut lines: Vec<String> = test.text.lines().take(most).map(one).collect();
    if !test.mentions.is_empty() {
        let short = |name: &String| safe(name.rsplit("::").next().unwrap_or(name));
        let names: Vec<String> = test.mentions.iter().map(short).collect();
        lines.push(cut(&format!("it mentions {}", names.join(", ")), room));
    }
    if let Some(before) = &test.before {
        let after = test.after.as_deref().unwrap_or_default();
        let (was, now) = parting(before, after);
        lines.extend(was.iter().take(most).map(|line| one(&format!("- {line}"))));
        lines.extend(now.iter().take(most).map(|line| one(&format!("+ {line}"))));
        if test.after.is_none() {
            lines.push("it is deleted".to_owned());
        }
    }
    lines
}

/// The lines of two texts without what they begin and end with in common.
fn parting<'t>(before: &'t str, after: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
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

/// As [`test_lines`], at the usual length.
pub(crate) fn test_story(test: &TestReport) -> Vec<String> {
    test_lines(test, LINES, LINE)
}

/// Why a function was not verified, on one line.
pub(crate) fn reason(function: &FunctionReport) -> String {
    cut(
        &safe(function.reason.as_deref().unwrap_or("no reason was recorded")),
        LINE,
    )
}

/// What else a reader must know of the whole check, one line each.
pub(crate) fn remarks(report: &CheckReport) -> Vec<String> {
    let layers = (!report.missing_layers.is_empty())
        .then(|| format!("sandbox without: {}", safe(&report.missing_layers.join(", "))));
    let notes = report.notes.iter().map(|note| cut(&safe(note), LINE));
    layers.into_iter().chain(notes).collect()
}
