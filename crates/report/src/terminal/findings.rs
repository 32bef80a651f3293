//! What behaves differently: one block for each finding, the gravest first.

use super::page::{Page, name, place};
use super::text::{Tone, cut, cut_pair, pad, safe, width};
use crate::groups::{self, Group, Shown};
use crate::{tell, words};
use model::FindingKind;
use model::report::{Acceptance, AcceptanceState, CheckReport, FindingReport};

/// Where the lines below a finding's heading begin.
const INDENT: usize = 6;
/// Lines of a call that are shown before it is cut.
const CALL_LINES: usize = 4;
/// Further functions with the same cause that are named before they are counted.
const NAMED: usize = 5;
/// Columns of a difference in a line of its own, where the names before it leave none.
const LEAST_DIFFERENCE: usize = 30;

/// Writes all findings. Those of other functions that part at the same place for the same cause are named below the first; minor
/// ones have a line each.
pub(super) fn write(page: &mut Page, report: &CheckReport) {
    let groups = groups::of(report, page.verbose());
    if page.verbose() {
        groups.iter().for_each(|group| in_full(page, group));
    } else {
        let told = groups::told(&groups);
        told.in_full.iter().for_each(|group| in_full(page, group));
        in_a_line(page, &told.in_a_line);
        more(page, &told.counted);
    }
    accepted(page, report);
}

fn in_full(page: &mut Page, group: &Group) {
    page.section();
    block(page, group[0]);
    also(page, &group[1..]);
}

/// What few would mind: a line each, cut where it does not fit.
fn in_a_line(page: &mut Page, groups: &[&Group]) {
    if groups.is_empty() {
        return;
    }
    page.section();
    let number = words::count(groups.len() as u64, "minor finding");
    page.line(2, &format!("{number}, a line each  (--verbose shows them in full)"));
    for group in groups {
        let (function, finding) = group[0];
        let others = match group.len() - 1 {
            0 => String::new(),
            others => format!(" and {}", words::count(others as u64, "other")),
        };
        let kind = words::kind(finding.kind);
        let start = format!("{kind}  {}  {}{others}  ", place(function), name(function));
        let id = safe(&finding.id);
        let room = page.width().saturating_sub(INDENT + width(&start) + width(&id) + 2);
        let difference = tell::in_short(finding, room.max(LEAST_DIFFERENCE));
        let quiet = page.paint(&id, Tone::Quiet);
        page.line(INDENT, &format!("{start}{quiet}  {difference}"));
    }
}

/// What is not shown in full, in a paragraph: how many of which kind, where, and how to see them.
fn more(page: &mut Page, groups: &[&Group]) {
    if groups.is_empty() {
        return;
    }
    page.section();
    let mut names: Vec<String> = Vec::new();
    for (function, _) in groups.iter().map(|group| group[0]) {
        let name = format!("{} {}", place(function), name(function));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let left = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let mut text = format!("and {}, in {}", groups::in_short(groups), names.join(", "));
    if left > 0 {
        text.push_str(&format!(" and {}", words::count(left as u64, "more function")));
    }
    text.push_str("  (--verbose shows them)");
    page.paragraph(2, 4, &text, None);
}

/// What was accepted before this change, in one paragraph.
fn accepted(page: &mut Page, report: &CheckReport) {
    let all = report.functions.iter().flat_map(|one| {
        let accepted = one.findings.iter().filter(|finding| finding.is_accepted());
        accepted.map(move |finding| (one, finding))
    });
    let named: Vec<String> = all
        .map(|(function, finding)| {
            let reason = finding
                .acceptance
                .as_ref()
                .map_or("", |acceptance| acceptance.reason.as_str());
            format!(
                "{}  {}  {} ({})",
                place(function),
                name(function),
                safe(&finding.id),
                safe(reason)
            )
        })
        .collect();
    if !named.is_empty() {
        page.section();
        page.paragraph(2, 4, &format!("{} accepted: {}", named.len(), named.join("; ")), None);
    }
}

fn block(page: &mut Page, (function, finding): Shown) {
    let (mark, tone) = mark(finding.kind);
    let heading = format!(
        "{}{}  {}  {}",
        page.label(mark, words::kind(finding.kind), tone),
        place(function),
        page.paint(&name(function), Tone::Strong),
        page.paint(&safe(&finding.id), Tone::Quiet),
    );
    page.line(2, &heading);
    page.setup(INDENT, &finding.example.setup);
    example(page, finding);
    if let Some(through) = &function.called_through {
        page.paragraph(INDENT, 2, &format!("reached by calling {}", safe(through)), None);
    }
    cause(page, finding);
    if let Some(cwe) = finding.cwe {
        page.paragraph(INDENT, 2, &words::cwe(cwe), None);
    }
    if let Some(declared) = &finding.declared {
        page.paragraph(INDENT, 2, &format!("declared: {}", safe(declared)), None);
    }
    if let Some(Acceptance { state, reason, who }) = &finding.acceptance {
        let state = match state {
            AcceptanceState::Accepted => "accepted",
            AcceptanceState::Pending => "pending acceptance",
        };
        page.paragraph(INDENT, 2, &format!("{state}: {} ({})", safe(reason), safe(who)), None);
    }
}

fn mark(kind: FindingKind) -> (&'static str, Tone) {
    match kind {
        FindingKind::NewExposure | FindingKind::NewCrash | FindingKind::NewHang => ("✗", Tone::Grave),
        _ => ("!", Tone::Different),
    }
}

/// The call and both outcomes: on one line where they fit, below each other otherwise.
fn example(page: &mut Page, finding: &FindingReport) {
    let example = &finding.example;
    let room = page.width().saturating_sub(INDENT);
    let call = safe(&example.call);
    let aspect = example.aspect.as_deref().map(safe);
    let (was, now) = (safe(&example.base), safe(&example.head));
    let (before, after) = words::sides(finding.kind);
    if aspect.is_none() && width(&call) + width(&was) + width(&now) + 18 <= room {
        let was = format!("{} {was}", page.paint(before, Tone::Quiet));
        let now = format!("{} {now}", page.paint(after, Tone::Quiet));
        page.line(INDENT, &format!("{call}      {was}      {now}"));
        return;
    }
    let call = if page.verbose() {
        call
    } else {
        cut(&call, room * CALL_LINES)
    };
    page.line(INDENT, &call);
    let (was_word, now_word) = match &aspect {
        Some(aspect) => (
            format!("{aspect} {before}"),
            format!("{} {after}", pad("", width(aspect))),
        ),
        None => (before.to_owned(), pad(after, width(before))),
    };
    let left = room.saturating_sub(width(&was_word) + 3).max(20);
    let (was, now) = if page.verbose() {
        (was, now)
    } else {
        cut_pair(&was, &now, left)
    };
    page.line(INDENT + 2, &format!("{} {was}", page.paint(&was_word, Tone::Quiet)));
    page.line(INDENT + 2, &format!("{} {now}", page.paint(&now_word, Tone::Quiet)));
}

/// The cause, with its place unless the words name the line already.
fn cause(page: &mut Page, finding: &FindingReport) {
    let cause = safe(finding.cause.trim());
    if cause.is_empty() {
        return;
    }
    let at = finding
        .cause_place
        .as_ref()
        .map(|place| (format!("{}:{}", safe(&place.path), place.line), place.line));
    let text = match at {
        Some((place, line)) if !cause.contains(&place) && !cause.contains(&format!("line {line}")) => {
            format!("because {cause} ({place})")
        }
        _ => format!("because {cause}"),
    };
    page.paragraph(INDENT, 8, &text, None);
}

/// Other functions in which the same thing shows.
fn also(page: &mut Page, others: &[Shown]) {
    if others.is_empty() {
        return;
    }
    let is_function = |(function, _): &Shown| function.qualified_name != "<module>";
    let noun = if others.iter().all(is_function) {
        "function"
    } else {
        "place"
    };
    page.line(
        INDENT,
        &format!("also shows in {}:", words::count(others.len() as u64, noun)),
    );
    let named = if page.verbose() { others.len() } else { NAMED };
    for (function, finding) in others.iter().take(named) {
        let id = page.paint(&safe(&finding.id), Tone::Quiet);
        page.line(INDENT + 2, &format!("{}  {}  {id}", place(function), name(function)));
    }
    if others.len() > named {
        page.line(
            INDENT + 2,
            &format!("and {} more (--verbose shows all)", others.len() - named),
        );
    }
}
