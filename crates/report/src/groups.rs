//! Which findings belong together, and which come first: every output that is read from the top shows them in this order.

use crate::words;
use model::report::{CheckReport, FindingReport, FunctionReport};
use std::collections::HashMap;

/// A finding and its function.
pub(crate) type Shown<'a> = (&'a FunctionReport, &'a FindingReport);

/// Findings of other functions that are shown by one example, that example first.
pub(crate) type Group<'a> = Vec<Shown<'a>>;

/// Groups that are shown in full where not everything is asked for; the others are counted.
const IN_FULL: usize = 7;
/// Minor ones that have a line each.
const IN_A_LINE: usize = 5;

/// Groups by how they are told.
pub(crate) struct Told<'g, 'a> {
    /// With call, both outcomes and cause.
    pub(crate) in_full: Vec<&'g Group<'a>>,
    /// Minor ones: a line each, so that nobody has to read them.
    pub(crate) in_a_line: Vec<&'g Group<'a>>,
    /// By their number alone.
    pub(crate) counted: Vec<&'g Group<'a>>,
}

/// How groups are told where not everything is asked for. A minor one is told in full where there is nothing else to read.
pub(crate) fn told<'g, 'a>(groups: &'g [Group<'a>]) -> Told<'g, 'a> {
    let (mut minor, mut in_full): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group[0].1.minor);
    if in_full.is_empty() && !minor.is_empty() {
        in_full.push(minor.remove(0));
    }
    let mut counted = in_full.split_off(in_full.len().min(IN_FULL));
    counted.extend(minor.split_off(minor.len().min(IN_A_LINE)));
    Told {
        in_full,
        in_a_line: minor,
        counted,
    }
}

/// Says of each finding with which one it is shown, once it is known what is accepted.
pub fn fold(report: &mut CheckReport) {
    let groups = of(report, false);
    let folded = groups.iter().flat_map(|group| {
        let (_, first) = group[0];
        group[1..].iter().map(|(_, one)| (one.id.clone(), first.id.clone()))
    });
    let folded: HashMap<String, String> = folded.filter(|(one, first)| one != first).collect();
    for finding in report.functions.iter_mut().flat_map(|function| &mut function.findings) {
        finding.shown_with = folded.get(&finding.id).cloned();
    }
}

/// In a few words, what is not told in full: `5 more findings: 4 CHANGED, 1 SLOWER`.
pub(crate) fn in_short(groups: &[&Group]) -> String {
    let kinds: Vec<&str> = groups.iter().map(|group| words::kind(group[0].1.kind)).collect();
    let kinds = by_key(&kinds, |kind| *kind).into_iter();
    let kinds: Vec<String> = kinds
        .map(|(kind, members)| format!("{} {kind}", members.len()))
        .collect();
    let number = words::count(groups.len() as u64, "more finding");
    format!("{number}: {}", kinds.join(", "))
}

/// All findings, the gravest first. Those of other functions that part at the same place for the same cause stand behind the
/// first; with `verbose`, only where they show nothing more.
pub(crate) fn of(report: &CheckReport, verbose: bool) -> Vec<Group<'_>> {
    let mut all: Vec<Shown> = report
        .functions
        .iter()
        .flat_map(|one| one.findings.iter().map(move |finding| (one, finding)))
        .filter(|(_, finding)| verbose || !finding.is_accepted())
        .collect();
    all.sort_by_key(|(function, finding)| (finding.minor, finding.kind, distance(function), inner(function)));
    // What a module's constants do is shown by the functions that use them.
    let (constants, all): (Vec<Shown>, Vec<Shown>) = if verbose {
        (Vec::new(), all)
    } else {
        let everything = all.clone();
        all.into_iter().partition(|one| shown_by_users(*one, &everything))
    };
    let mut groups = grouped(all, verbose);
    for one in constants {
        match groups
            .iter_mut()
            .find(|group| group.iter().any(|user| uses(user.0, one, 0)))
        {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    // One cause is declared where anything that it shows in is. What nobody declared comes first.
    groups.sort_by_key(|group| group.iter().any(|(_, finding)| finding.declared.is_some()));
    groups
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

fn grouped(all: Vec<Shown<'_>>, verbose: bool) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for one in all {
        let fits = |group: &Group| same_change(group[0], one, verbose);
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

/// Functions by the reason why they are not verified, the most frequent first. Reasons that differ in numbers alone are one, with the
/// least and the largest of them.
pub(crate) fn by_reason<'a>(open: &[&'a FunctionReport]) -> Vec<(String, Vec<&'a FunctionReport>)> {
    let reason = |function: &FunctionReport| {
        function
            .reason
            .clone()
            .unwrap_or_else(|| "no reason was recorded".to_owned())
    };
    let form = |text: &str| match names_lines(text) {
        // Lines of several functions are no range.
        true => vec![text.to_owned()],
        false => numbers(text).0,
    };
    let groups = by_key(open, |function| form(&reason(function)));
    let of_all = |(_, members): (Vec<String>, Vec<&&'a FunctionReport>)| {
        let members: Vec<&FunctionReport> = members.into_iter().copied().collect();
        let texts: Vec<String> = members.iter().map(|function| reason(function)).collect();
        (together(&texts), members)
    };
    groups.into_iter().map(of_all).collect()
}

/// Whether a text names lines by their numbers.
fn names_lines(text: &str) -> bool {
    let number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    ["line ", "lines "].iter().any(|word| {
        text.match_indices(word)
            .any(|(at, word)| number(&text[at + word.len()..]))
    })
}

/// The texts around the numbers of a text, and the numbers.
fn numbers(text: &str) -> (Vec<String>, Vec<u64>) {
    let (mut around, mut found) = (vec![String::new()], Vec::new());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let length = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        around.last_mut().expect("there is one").push_str(before);
        match number[..length].parse() {
            Ok(value) => {
                found.push(value);
                around.push(String::new());
            }
            Err(_) => around.last_mut().expect("there is one").push_str(&number[..length]),
        }
        rest = &number[length..];
    }
    around.last_mut().expect("there is one").push_str(rest);
    (around, found)
}

/// One text for several that differ in numbers alone.
fn together(texts: &[String]) -> String {
    let Some(first) = texts.first() else {
        return String::new();
    };
    let (around, _) = numbers(first);
    let all: Vec<Vec<u64>> = texts.iter().map(|text| numbers(text).1).collect();
    let mut text = around[0].clone();
    for (at, after) in around[1..].iter().enumerate() {
        let of = || all.iter().filter_map(|numbers| numbers.get(at));
        match (of().min(), of().max()) {
            (Some(least), Some(most)) if least != most => text.push_str(&format!("{least} to {most}")),
            (Some(number), _) => text.push_str(&number.to_string()),
            _ => {}
        }
        text.push_str(after);
    }
    text
}

/// Items by a key, in the order in which keys come up, the most frequent first.
pub(crate) fn by_key<'a, T, K: PartialEq>(items: &'a [T], key: impl Fn(&'a T) -> K) -> Vec<(K, Vec<&'a T>)> {
    let mut groups: Vec<(K, Vec<&T>)> = Vec::new();
    for item in items {
        let of_item = key(item);
        match groups.iter_mut().find(|(known, _)| *known == of_item) {
            Some((_, members)) => members.push(item),
            None => groups.push((of_item, vec![item])),
        }
    }
    groups.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{accept, caller_and_called, many_findings};
    use model::report::AcceptanceState;

    fn with(report: &CheckReport) -> Vec<(&str, Option<&str>)> {
        let all = report.functions.iter().flat_map(|function| &function.findings);
        all.map(|one| (one.id.as_str(), one.shown_with.as_deref())).collect()
    }

    #[test]
    fn a_caller_folds_under_what_it_calls() {
        let mut report = caller_and_called();
        assert_eq!(with(&report), [("caller", Some("called")), ("called", None)]);
        accept(&mut report, "called", AcceptanceState::Accepted);
        assert_eq!(
            with(&report),
            [("caller", None), ("called", None)],
            "what nobody sees any more hides nothing"
        );
    }

    #[test]
    fn reasons_that_differ_in_numbers_alone_are_one() {
        let texts = ["3 and 9 of 12 inputs, a2b", "4 and 9 of 10 inputs, a2b"].map(str::to_owned);
        assert_eq!(together(&texts), "3 to 4 and 9 of 10 to 12 inputs, a2b");
        assert!(names_lines("not lines 3 and 4") && names_lines("its line 3") && !names_lines("2 lines of 3"));
        assert_eq!(together(&texts[..1]), texts[0]);
        assert_eq!(
            together(&["007 99999999999999999999999".to_owned()]),
            "7 99999999999999999999999"
        );
    }

    #[test]
    fn what_is_not_in_full_is_counted_by_kind() {
        let mut report = many_findings(3);
        report.functions[1].findings[0].kind = model::FindingKind::Slower;
        let groups = of(&report, false);
        let all: Vec<&Group> = groups.iter().collect();
        assert_eq!(in_short(&all), "3 more findings: 2 CHANGED, 1 SLOWER");
        assert_eq!(in_short(&all[..1]), "1 more finding: 1 CHANGED");
    }

    #[test]
    fn what_is_minor_has_a_line_beside_something_graver_and_stands_in_full_alone() {
        let mut report = many_findings(20);
        let numbers = |report: &CheckReport| {
            let groups = of(report, false);
            let told = told(&groups);
            (told.in_full.len(), told.in_a_line.len(), told.counted.len())
        };
        assert_eq!(numbers(&report), (7, 0, 13));
        let minor = |report: &mut CheckReport, count: usize| {
            let findings = report.functions.iter_mut().flat_map(|function| &mut function.findings);
            findings.take(count).for_each(|finding| finding.minor = true);
        };
        minor(&mut report, 16);
        assert_eq!(numbers(&report), (4, 5, 11));
        minor(&mut report, 20);
        assert_eq!(numbers(&report), (1, 5, 14));
        report.functions.clear();
        assert_eq!(numbers(&report), (0, 0, 0));
    }
}
