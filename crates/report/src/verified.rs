//! How much of a change is verified, and what stands in the way of the rest.

use crate::words::{self, count, thousands};
use model::report::{FunctionReport, ReasonCount, Status, Verified};
use std::collections::BTreeMap;

/// Sorts of reasons, each with words of which a reason of that sort has one. The first that fits counts, so that what ended a search
/// early stands behind what it had come to.
const SORTS: [(&str, &[&str]); 10] = [
    ("out of time", &["before it was reached"]),
    (
        "not importable",
        &[
            "not installed",
            "does not import",
            "did not import",
            "cannot be imported",
            "needs the package",
            "no interpreter",
        ],
    ),
    ("no object could be built", &["no object to call it on"]),
    ("needs what the sandbox refuses", &["the sandbox refuses"]),
    (
        "no input was taken",
        &["was accepted", "was not accepted", "it raised on all", "base raised on"],
    ),
    (
        "changed lines not reached",
        &[
            "reached",
            "did not reach it",
            "did not run there",
            "brought nothing new",
        ],
    ),
    ("inputs are made otherwise", &["comes out differently already"]),
    (
        "results cannot be compared",
        &["cannot be looked into", "its public data is the same", "was cut"],
    ),
    (
        "not deterministic",
        &[
            "depends on more than its inputs",
            "differs from run to run",
            "not do the same twice",
        ],
    ),
    ("takes other parameters", &["takes other parameters"]),
];
/// Any other reason.
const OTHER: &str = "other reasons";
/// Sorts that are told before the rest is left to JSON.
const TOLD: usize = 4;

/// Whether nothing but the documentation of a function differs.
pub fn is_of_words(function: &FunctionReport) -> bool {
    let because = &function.changed_because;
    !because.is_empty() && because.iter().all(|reason| reason == words::DOCSTRING)
}

/// What is verified of these functions.
pub fn of(functions: &[FunctionReport]) -> Verified {
    let left = functions.iter().filter(|one| one.status != Status::Removed);
    let mut verified = Verified::default();
    let mut open = Vec::new();
    for function in left {
        verified.all += 1;
        match function.status {
            Status::NotVerified => open.push((sort(function.reason.as_deref().unwrap_or_default()), 1)),
            _ => verified.verified += 1,
        }
    }
    verified.reasons = ranked(open);
    verified
}

/// Of several changes together.
pub fn sum<'v>(all: impl Iterator<Item = &'v Verified>) -> Verified {
    let mut verified = Verified::default();
    let mut open = Vec::new();
    for one in all {
        verified.verified += one.verified;
        verified.all += one.all;
        open.extend(
            one.reasons
                .iter()
                .map(|reason| (reason.reason.as_str(), reason.functions)),
        );
    }
    verified.reasons = ranked(open);
    verified
}

/// What a check says of a function, in a word or a few.
pub fn said(function: &FunctionReport) -> &'static str {
    match function.status {
        Status::NotVerified => sort(function.reason.as_deref().unwrap_or_default()),
        Status::Same => "same",
        Status::New => "new",
        Status::Removed => "removed",
        _ => "different",
    }
}

/// Reasons with their numbers, the most frequent first.
pub fn ranked(open: Vec<(&str, u32)>) -> Vec<ReasonCount> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for (reason, functions) in open {
        *counts.entry(reason).or_default() += functions;
    }
    let counted = counts.into_iter().map(|(reason, functions)| ReasonCount {
        reason: reason.to_owned(),
        functions,
    });
    let mut ranked: Vec<ReasonCount> = counted.collect();
    ranked.sort_by_key(|one| (one.reason == OTHER, std::cmp::Reverse(one.functions)));
    ranked
}

fn sort(reason: &str) -> &'static str {
    let fits = |(_, words): &&(&str, &[&str])| words.iter().any(|word| reason.contains(word));
    SORTS.iter().find(fits).map_or(OTHER, |(sort, _)| sort)
}

/// `12 of 20 changed functions verified; of the rest 5 out of time, 3 not importable`.
pub(crate) fn line(verified: &Verified) -> String {
    let mut text = format!(
        "{} of {} verified",
        thousands(verified.verified.into()),
        count(verified.all.into(), "changed function")
    );
    let told = verified.reasons.iter().take(TOLD);
    let mut told: Vec<String> = told
        .map(|one| format!("{} {}", thousands(one.functions.into()), one.reason))
        .collect();
    let left: u32 = verified.reasons.iter().skip(TOLD).map(|one| one.functions).sum();
    if left > 0 {
        told.push(format!("{} more", thousands(left.into())));
    }
    if !told.is_empty() {
        text.push_str(&format!("; of the rest {}", told.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_of_the_sort_that_stands_in_the_way() {
        for (reason, expected) in [
            (
                "the time budget ran out before it was reached (--budget gives more)",
                "out of time",
            ),
            (
                "a.b needs the package that has `yaml`, which is not installed",
                "not importable",
            ),
            (
                "no object to call it on could be built in 24 tries; its share of the time budget ended the search",
                "no object could be built",
            ),
            (
                "new; no input of 8 was accepted, mostly TypeError",
                "no input was taken",
            ),
            (
                "it needs what the sandbox refuses: process git",
                "needs what the sandbox refuses",
            ),
            (
                "only 2 of its 4 changed lines were reached by 64 inputs, not lines 3 and 4",
                "changed lines not reached",
            ),
            (
                "the same for calls without its new `a`, and changed line 3, for calls with it alone, were not reached by 9 inputs",
                "changed lines not reached",
            ),
            (
                "its results cannot be looked into: functions",
                "results cannot be compared",
            ),
            (
                "it differed, but not again in fresh interpreters: its behaviour depends on more than its inputs",
                "not deterministic",
            ),
            ("something else", OTHER),
        ] {
            assert_eq!(sort(reason), expected, "{reason}");
        }
    }

    #[test]
    fn what_stands_in_the_way_most_often_comes_first() {
        let one = |open: &[(&'static str, u32)]| Verified {
            verified: 2,
            all: 2 + open.iter().map(|(_, functions)| functions).sum::<u32>(),
            reasons: ranked(open.to_vec()),
        };
        let all = [
            one(&[("out of time", 1), (OTHER, 9)]),
            one(&[("out of time", 2), ("not importable", 4)]),
        ];
        assert_eq!(
            line(&sum(all.iter())),
            "4 of 20 changed functions verified; of the rest 4 not importable, 3 out of time, 9 other reasons"
        );
    }
}
