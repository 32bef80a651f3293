//! What behaves differently: one block for each finding, the gravest first.

use super::page::{Page, name, place};
use super::text::{Tone, cut, cut_pair, pad, safe, width};
use crate::words;
use model::FindingKind;
use model::report::{Acceptance, AcceptanceState, CheckReport, FindingReport, FunctionReport};

/// Where the lines below a finding's heading begin.
const INDENT: usize = 6;
/// Lines of a call that are shown before it is cut.
const CALL_LINES: usize = 4;
/// Further functions with the same cause that are named before they are counted.
const NAMED: usize = 5;

/// A finding and its function.
type Shown<'a> = (&'a FunctionReport, &'a FindingReport);

/// Writes all findings. Those of other functions that part at the same place for the same cause are named below the first.
pub(super) fn write(page: &mut Page, report: &CheckReport) {
    let mut all: Vec<Shown> = report
        .functions
        .iter()
        .flat_map(|one| one.findings.iter().map(move |finding| (one, finding)))
        .filter(|(_, finding)| page.verbose() || !finding.is_accepted())
        .collect();
    all.sort_by_key(|(function, finding)| (finding.minor, finding.kind, distance(function), inner(function)));
    // What a module's constants do is shown by the functions that use them.
    let (constants, all): (Vec<Shown>, Vec<Shown>) = if page.verbose() {
        (Vec::new(), all)
    } else {
        let everything = all.clone();
        all.into_iter().partition(|one| shown_by_users(*one, &everything))
    };
    let mut groups = grouped(all, page.verbose());
    for one in constants {
        match groups
            .iter_mut()
            .find(|group| group.iter().any(|user| uses(user.0, one, 0)))
        {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    for group in groups {
        page.section();
        block(page, group[0]);
        also(page, &group[1..]);
    }
    accepted(page, report);
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

/// Whether each of the constants in which a module differs is used by a function that is shown to differ.
fn shown_by_users(one: Shown, all: &[Shown]) -> bool {
    let is_used = |at: usize| all.iter().any(|(function, _)| uses(function, one, at));
    !one.1.names.is_empty() && (0..one.1.names.len()).all(is_used)
}

/// Whether a function uses one of the names in which a module differs.
fn uses(function: &FunctionReport, (module, finding): Shown, at: usize) -> bool {
    let Some(name) = finding.names.get(at) else {
        return false;
    };
    let reason = words::uses(&format!("{}::{name}", module.path));
    function.changed_because.contains(&reason)
}

/// How far a function is from what a reader wants first: a function that was itself edited explains more than code at module
/// level, and that more than a function that only uses what was edited, unless it shows only by calling one.
fn distance(function: &FunctionReport) -> u8 {
    let mut reasons = function.changed_because.iter();
    let only_uses = reasons.all(|reason| reason.starts_with("it uses "));
    match function.qualified_name == "<module>" {
        true if function.called_through.is_none() => 1,
        false if !only_uses => 0,
        _ => 2,
    }
}

/// Whether others come before a function in which the same shows: it is private, or was reached by calling one of them.
fn inner(function: &FunctionReport) -> (bool, bool) {
    let last = function.qualified_name.rsplit('.').next().unwrap_or_default();
    let is_private = last.starts_with('_') && !last.ends_with("__");
    (function.called_through.is_some(), is_private)
}

fn grouped(all: Vec<Shown<'_>>, verbose: bool) -> Vec<Vec<Shown<'_>>> {
    let mut groups: Vec<Vec<Shown>> = Vec::new();
    for one in all {
        let fits = |group: &Vec<Shown>| same_change(group[0], one, verbose);
        let of_kind = groups
            .iter()
            .position(|group| fits(group) && group[0].1.kind == one.1.kind);
        match of_kind.or_else(|| groups.iter().position(fits)) {
            Some(at) => groups[at].push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

/// Whether two functions differ by the same change, so that one example shows both; with `verbose`, only where the other
/// example shows nothing more.
fn same_change((first, one): Shown, (second, other): Shown, verbose: bool) -> bool {
    if std::ptr::eq(first, second) || one.cause_place.is_none() || one.cause_place != other.cause_place {
        return false;
    }
    let calls =
        |outer: &FunctionReport, inner: &FunctionReport| inner.called_through.as_ref() == Some(&outer.qualified_name);
    let is_call = calls(first, second) || calls(second, first);
    let is_module = |function: &FunctionReport| function.qualified_name == "<module>";
    // Where a module shows only by calling a function, at a line of that function: it is the function's in any case.
    if is_call && (is_module(first) || is_module(second)) {
        return true;
    }
    let same_outcome = one.example.base == other.example.base && one.example.head == other.example.head;
    one.kind == other.kind && (is_call || same_outcome || (!verbose && one.cause == other.cause))
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
        FindingKind::NewCrash | FindingKind::NewHang => ("✗", Tone::Grave),
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
    if aspect.is_none() && width(&call) + width(&was) + width(&now) + 18 <= room {
        let was = format!("{} {was}", page.paint("was", Tone::Quiet));
        let now = format!("{} {now}", page.paint("now", Tone::Quiet));
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
        Some(aspect) => (format!("{aspect} was"), format!("{} now", pad("", width(aspect)))),
        None => ("was".to_owned(), "now".to_owned()),
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
