//! Everything that is no finding: not verified, same, new, removed, files, remarks.

use super::page::{Columns, Page, is_import};
use super::text::{Tone, cut, safe, width};
use crate::groups::{by_key, by_reason};
use crate::words::{count, part, plural, strength, thousands};
use model::Strength;
use model::report::{CallReport, CheckReport, FunctionReport, Share, Status};

/// Where the lines below a heading begin.
const INDENT: usize = 6;
/// Functions of one sort that are listed before they are folded.
const LISTED: usize = 5;
/// Example calls of a new function that are shown.
const EXAMPLES: usize = 3;

fn with_status(report: &CheckReport, status: Status) -> Vec<&FunctionReport> {
    report
        .functions
        .iter()
        .filter(|function| function.status == status)
        .collect()
}

/// How many of `count` to list.
fn shown(page: &Page, count: usize) -> usize {
    if page.verbose() || count <= LISTED + 1 {
        count
    } else {
        LISTED
    }
}

fn and_more(page: &mut Page, indent: usize, all: usize, shown: usize) {
    if all > shown {
        page.line(
            indent,
            &format!("and {} more (--verbose lists all)", thousands((all - shown) as u64)),
        );
    }
}

/// What could not be verified, by reason.
pub(super) fn not_verified(page: &mut Page, report: &CheckReport) {
    let open = with_status(report, Status::NotVerified);
    if open.is_empty() {
        return;
    }
    page.section();
    let columns = Columns::of(open.iter().copied());
    for (reason, functions) in by_reason(&open) {
        let label = page.label("?", "NOT VERIFIED", Tone::Unknown);
        let reason = safe(&reason);
        if let [function] = functions[..] {
            alone(page, &columns, &label, function, &reason);
            continue;
        }
        page.line(
            2,
            &format!("{label}{}: {reason}", count(functions.len() as u64, "function")),
        );
        let listed = shown(page, functions.len());
        for function in &functions[..listed] {
            page.line(INDENT, &columns.row(page, function, ""));
            notes(page, function);
        }
        and_more(page, INDENT, functions.len(), listed);
    }
}

/// One function on one line with `tail`, or with `tail` below it where the line would be too long.
fn alone(page: &mut Page, columns: &Columns, label: &str, function: &FunctionReport, tail: &str) {
    let fits = 2 + page.label_width() + columns.width() + width(tail) <= page.width();
    let row = columns.row(page, function, if fits { tail } else { "" });
    page.line(2, &format!("{label}{row}"));
    if !fits {
        page.paragraph(INDENT, 0, tail, None);
    }
    notes(page, function);
}

/// What showed no difference, the surest first.
pub(super) fn same(page: &mut Page, report: &CheckReport) {
    let same = with_status(report, Status::Same);
    if same.is_empty() {
        return;
    }
    page.section();
    for wanted in [Strength::Proved, Strength::Strong, Strength::Weak] {
        let functions: Vec<&FunctionReport> = same
            .iter()
            .copied()
            .filter(|one| one.strength.unwrap_or(Strength::Weak) == wanted)
            .collect();
        let label = page.label("✓", &format!("SAME {}", strength(wanted)), Tone::Same);
        if page.verbose() || same.len() <= LISTED || functions.len() <= 1 {
            let columns = Columns::of(functions.iter().copied());
            for function in functions {
                alone(page, &columns, &label, function, &how_hard(function));
            }
        } else {
            let all = format!(
                "{}  {}",
                count(functions.len() as u64, "function"),
                how_hard_together(&functions)
            );
            page.line(2, &format!("{label}{}  (--verbose lists them)", all.trim_end()));
        }
    }
}

/// How hard one function was looked at.
pub(crate) fn how_hard(function: &FunctionReport) -> String {
    if function.strength == Some(Strength::Proved) {
        return "same code".to_owned();
    }
    let mut parts = vec![count(function.inputs, "input")];
    if function.useful_inputs == 0 {
        let them = if function.inputs == 1 { "it" } else { "all of them" };
        parts.push(format!("base raised on {them}"));
    }
    parts.extend(of_all(function.branches_reached, "branch"));
    parts.extend(not_all(function.changed_lines_reached));
    parts.extend(faults(function.faults_noticed));
    if let Some(through) = &function.called_through {
        parts.push(format!("by calling {}", safe(through)));
    }
    parts.join(" · ")
}

fn of_all(share: Option<Share>, noun: &str) -> Option<String> {
    match share? {
        Share { all: 0, .. } => Some(format!("no {}", plural(0, noun))),
        Share { reached: 1, all: 1 } => Some(format!("its only {noun}")),
        Share { reached, all } if reached >= all => Some(format!("all {}", count(all.into(), noun))),
        share => Some(part(share, noun)),
    }
}

/// How many changed lines were reached, where some were not: what stands on the others was not compared.
fn not_all(share: Option<Share>) -> Option<String> {
    let share = share.filter(|lines| lines.reached < lines.all)?;
    Some(part(share, "changed line"))
}

fn faults(share: Option<Share>) -> Option<String> {
    let share = share.filter(|faults| faults.all > 0)?;
    Some(format!("would notice {}", part(share, "fault")))
}

/// How hard many functions were looked at: the least of inputs, and all branches and faults together.
fn how_hard_together(functions: &[&FunctionReport]) -> String {
    if functions.iter().all(|one| one.strength == Some(Strength::Proved)) {
        return "same code".to_owned();
    }
    let least = functions.iter().map(|one| one.inputs).min().unwrap_or(0);
    let most = functions.iter().map(|one| one.inputs).max().unwrap_or(0);
    let mut parts = vec![if least == most {
        format!("{} each", count(least, "input"))
    } else {
        format!("{} to {} each", thousands(least), count(most, "input"))
    }];
    parts.extend(of_all(total(functions, |one| one.branches_reached), "branch"));
    parts.extend(not_all(total(functions, |one| one.changed_lines_reached)));
    parts.extend(faults(total(functions, |one| one.faults_noticed)));
    parts.join(" · ")
}

fn total(functions: &[&FunctionReport], share: impl Fn(&FunctionReport) -> Option<Share>) -> Option<Share> {
    let known = functions.iter().filter_map(|one| share(one));
    known.reduce(|sum, one| Share {
        reached: sum.reached + one.reached,
        all: sum.all + one.all,
    })
}

/// What is new, with what it does: functions, and parameters of functions that were there before.
pub(super) fn new(page: &mut Page, report: &CheckReport) {
    let functions = report.functions.iter();
    let new = functions.filter(|one| one.status == Status::New || !one.new_parameters.is_empty());
    let new: Vec<&FunctionReport> = new.collect();
    if new.is_empty() {
        return;
    }
    page.section();
    let listed = shown(page, new.len());
    let examples = if new.len() > EXAMPLES && !page.verbose() {
        1
    } else {
        EXAMPLES
    };
    let columns = Columns::of(new.iter().copied());
    let label = page.label("+", "NEW", Tone::Strong);
    for function in &new[..listed] {
        let tail = match function.new_parameters.as_slice() {
            [] => count(function.inputs, "input"),
            names => format!("with its new {}", safe(&names.join(", "))),
        };
        let row = columns.row(page, function, &tail);
        page.line(2, &format!("{label}{row}"));
        let mut imported: Vec<&String> = Vec::new();
        for call in function.examples.iter().take(examples) {
            let known = |line: &&String| is_import(line) && imported.contains(line);
            let setup: Vec<String> = call.setup.iter().filter(|line| !known(line)).cloned().collect();
            imported.extend(&call.setup);
            page.setup(INDENT, &setup);
            page.line(INDENT, &example(page, call));
        }
        if let (Some(through), false) = (&function.called_through, function.examples.is_empty()) {
            page.paragraph(INDENT, 2, &format!("reached by calling {}", safe(through)), None);
        }
        // The notes of the others stand where they were compared.
        if function.status == Status::New {
            notes(page, function);
        }
    }
    and_more(page, 2 + page.label_width(), new.len(), listed);
}

fn example(page: &Page, call: &CallReport) -> String {
    let (mut text, mut outcome) = (safe(&call.call), safe(&call.outcome));
    let mut verb = if outcome.starts_with("raises ") { "" } else { "gives " };
    match &call.beside {
        // What returns nothing is called for what it does.
        Some(beside) if outcome == "None" => (verb, outcome) = ("", safe(beside)),
        Some(beside) => outcome = format!("{outcome}, {}", safe(beside)),
        None => {}
    }
    if !page.verbose() {
        // The call may take half of the line, and the outcome what is left of it.
        let room = page.width().saturating_sub(INDENT + 12);
        text = cut(&text, room / 2);
        outcome = cut(&outcome, room - width(&text));
    }
    format!("{text}      {}{outcome}", page.paint(verb, Tone::Quiet))
}

/// What is gone.
pub(super) fn removed(page: &mut Page, report: &CheckReport) {
    let removed = with_status(report, Status::Removed);
    if removed.is_empty() {
        return;
    }
    page.section();
    let label = page.label("-", "REMOVED", Tone::Strong);
    let listed = shown(page, removed.len());
    let columns = Columns::of(removed.iter().copied());
    for function in &removed[..listed] {
        let row = columns.row(page, function, "");
        page.line(2, &format!("{label}{row}"));
    }
    and_more(page, 2 + page.label_width(), removed.len(), listed);
}

/// What a reader must not miss, a line each.
pub(super) fn concerns(page: &mut Page, report: &CheckReport) {
    let mut concerns = crate::concerns::counting(report).peekable();
    if concerns.peek().is_none() {
        return;
    }
    page.section();
    for concern in concerns {
        let label = page.label("!", crate::concerns::HEADING, Tone::Different);
        let id = page.paint(&safe(&concern.id), Tone::Quiet);
        let pending = if concern.acceptance.is_some() {
            "  (pending acceptance)"
        } else {
            ""
        };
        page.line(2, &format!("{label}{}  {id}{pending}", crate::concerns::place(concern)));
        page.paragraph(INDENT, 2, &crate::concerns::line(concern), None);
    }
}

/// Files that changed and hold nothing that was run, and files that differ in layout alone.
pub(super) fn files(page: &mut Page, report: &CheckReport) {
    if report.unverified.is_empty() && report.layout_only.is_empty() {
        return;
    }
    page.section();
    if !report.unverified.is_empty() {
        let files = count(report.unverified.len() as u64, "file");
        let label = page.label("?", "NOT VERIFIED", Tone::Unknown);
        page.line(2, &format!("{label}{files} changed and not run"));
    }
    for (reason, files) in by_key(&report.unverified, |file| file.reason.as_str()) {
        let listed = shown(page, files.len());
        let mut text = format!("{}: ", safe(reason));
        text.push_str(
            &files[..listed]
                .iter()
                .map(|file| safe(&file.path))
                .collect::<Vec<_>>()
                .join(", "),
        );
        if files.len() > listed {
            text.push_str(&format!(" and {} more (--verbose lists all)", files.len() - listed));
        }
        page.paragraph(INDENT, 2, &text, None);
    }
    layout_only(page, &report.layout_only);
}

fn layout_only(page: &mut Page, files: &[String]) {
    if files.is_empty() {
        return;
    }
    let label = page.label("✓", "LAYOUT", Tone::Same);
    let verb = if files.len() == 1 { "differs" } else { "differ" };
    page.line(
        2,
        &format!(
            "{label}{} {verb} in layout and comments alone",
            count(files.len() as u64, "file")
        ),
    );
    if page.verbose() {
        files.iter().for_each(|file| page.line(INDENT, &safe(file)));
    }
}

/// What else a reader must know: what the sandbox lacked, what was not frozen, what was cut.
pub(super) fn remarks(page: &mut Page, report: &CheckReport) {
    let not_frozen = if page.verbose() {
        report.not_frozen.as_slice()
    } else {
        &[]
    };
    if report.missing_layers.is_empty() && report.notes.is_empty() && not_frozen.is_empty() {
        return;
    }
    page.section();
    if !report.missing_layers.is_empty() {
        let layers = safe(&report.missing_layers.join(", "));
        page.paragraph(2, 2, &format!("sandbox without: {layers}"), None);
    }
    for note in &report.notes {
        page.paragraph(2, 2, &format!("note: {}", safe(note)), None);
    }
    if !not_frozen.is_empty() {
        page.paragraph(2, 2, &format!("not frozen: {}", safe(&not_frozen.join(", "))), None);
    }
}

/// What a reader must know about one function.
fn notes(page: &mut Page, function: &FunctionReport) {
    for note in &function.notes {
        page.paragraph(INDENT, 2, &format!("note: {}", safe(note)), Some(Tone::Quiet));
    }
}
