//! From the outcomes of the runs to what became of each test.

use std::collections::{BTreeMap, BTreeSet};

use model::{EditedTest, Place, TestEvidence, TestPlan, TestStatus};

use super::run::{Outcome, Ran};
use super::{file_of, function_of};

/// All runs.
#[derive(Debug, Default)]
pub struct Runs {
    /// Head's tests on head.
    pub head: Ran,
    /// What failed there, once more.
    pub head_again: Ran,
    /// Base's versions of edited and deleted tests on head; what failed once only was taken out.
    pub old: Ran,
    /// What failed in either, on base.
    pub base: Ran,
    /// What failed there, once more.
    pub base_again: Ran,
}

/// What became of the planned tests.
pub fn tell(plan: &TestPlan, runs: &Runs) -> Vec<TestEvidence> {
    let mentions = mentions(plan);
    let mut told: Vec<TestEvidence> = Vec::new();
    for (id, outcome) in &runs.head.tests {
        let (status, text, place) = of_head(id, outcome, runs);
        told.push(evidence(id, status, text, place, &mentions));
    }
    told.extend(to_fit(plan, runs, &mentions));
    told.extend(not_tried_as_they_were(plan, runs));
    told.extend(not_run(plan, runs));
    told.sort_by(|a, b| {
        a.status
            .cmp(&b.status)
            .then_with(|| (&a.path, &a.name).cmp(&(&b.path, &b.name)))
    });
    told
}

/// Nothing was run.
pub fn none_run(plan: &TestPlan, reason: &str) -> Vec<TestEvidence> {
    let files = plan.files.iter().map(|file| (file.path.as_str(), file.tests.len()));
    let gone = plan.edited.iter().filter(|test| test.after.is_none());
    files
        .map(|(path, tests)| whole_file(path, &format!("{}: {reason}", several(tests))))
        .chain(gone.map(|test| {
            let text = format!("as it was, it was not run on the new code: {reason}");
            evidence(&test.id, TestStatus::NotRun, text, None, &BTreeMap::new())
        }))
        .collect()
}

fn several(tests: usize) -> String {
    format!("{tests} test{}", if tests == 1 { "" } else { "s" })
}

fn mentions(plan: &TestPlan) -> BTreeMap<&str, &[usize]> {
    let tests = plan.files.iter().flat_map(|file| &file.tests);
    tests.map(|test| (test.id.as_str(), test.mentions.as_slice())).collect()
}

fn evidence(
    id: &str,
    status: TestStatus,
    text: String,
    place: Option<Place>,
    mentions: &BTreeMap<&str, &[usize]>,
) -> TestEvidence {
    let path = file_of(id);
    TestEvidence {
        path: path.to_owned(),
        name: id[path.len()..].trim_start_matches("::").to_owned(),
        status,
        text,
        place,
        mentions: mentions.get(function_of(id)).map(|at| at.to_vec()).unwrap_or_default(),
        before: None,
        after: None,
    }
}

fn of_head(id: &str, outcome: &Outcome, runs: &Runs) -> (TestStatus, String, Option<Place>) {
    let (text, place) = match outcome {
        Outcome::Passed => return (TestStatus::Passed, String::new(), None),
        Outcome::Skipped(why) => return (TestStatus::NotRun, format!("skipped: {why}"), None),
        Outcome::Lost(how) => return (TestStatus::NotRun, format!("it {how}"), None),
        Outcome::Failed(text, _) if text.contains("No module named 'pytest'") => {
            let mend =
                "it needs pytest, which the interpreter does not have: install it there, or name another with --python";
            return (TestStatus::NotRun, mend.to_owned(), None);
        }
        Outcome::Failed(text, place) => (text.clone(), place.clone()),
    };
    match runs.head_again.tests.get(id) {
        Some(Outcome::Failed(..)) => {}
        Some(Outcome::Passed) => {
            return (
                TestStatus::Flaky,
                format!("it failed once and passed once: {text}"),
                place,
            );
        }
        _ => {
            return (
                TestStatus::NotRun,
                format!("it failed, and could not be run once more: {text}"),
                place,
            );
        }
    }
    if on_base(id, &runs.base).is_some_and(|passed| passed) {
        return (TestStatus::Broken, text, place);
    }
    if on_base(id, &runs.base_again).is_some_and(|passed| passed) {
        return (
            TestStatus::Flaky,
            format!("on base it failed once and passed once: {text}"),
            place,
        );
    }
    match (on_base(id, &runs.base), &runs.base.cut) {
        (Some(_), _) => (TestStatus::FailedBeforeToo, text, place),
        (None, Some(why)) => (
            TestStatus::NotRun,
            format!("it fails; on base it was not run: {why}"),
            place,
        ),
        // There is no such test in base.
        (None, None) => (TestStatus::Broken, format!("a new test: {text}"), place),
    }
}

/// Whether a test passed; for a file that could not be collected, whether base could collect it. None where it was not run.
fn on_base(id: &str, base: &Ran) -> Option<bool> {
    match base.tests.get(id) {
        Some(Outcome::Passed) => Some(true),
        Some(Outcome::Failed(..)) => Some(false),
        Some(_) => None,
        None if !id.contains("::") => {
            let inside = |test: &String| file_of(test) == id;
            base.collected.iter().any(inside).then_some(true)
        }
        // Its whole file was not collected.
        None => matches!(base.tests.get(file_of(id)), Some(Outcome::Failed(..))).then_some(false),
    }
}

/// Tests that the change edits or deletes, and that fail on the new code as they were, though they passed on the old.
fn to_fit(plan: &TestPlan, runs: &Runs, mentions: &BTreeMap<&str, &[usize]>) -> Vec<TestEvidence> {
    let edited: BTreeMap<&str, &EditedTest> = plan.edited.iter().map(|test| (test.id.as_str(), test)).collect();
    let mut told = Vec::new();
    let mut seen = BTreeSet::new();
    for (id, outcome) in &runs.old.tests {
        let Outcome::Failed(text, place) = outcome else {
            continue;
        };
        // A file that cannot even be collected on the new code takes all its edited tests with it.
        let tests: Vec<&&EditedTest> = match edited.get(function_of(id)) {
            Some(test) => vec![test],
            None if !id.contains("::") => edited.values().filter(|test| file_of(&test.id) == id).collect(),
            None => Vec::new(),
        };
        for test in tests {
            let of_base = match id.contains("::") {
                true => on_base(id, &runs.base),
                false => passed_any(&test.id, &runs.base),
            };
            // Without parameters, each test is told once.
            if of_base != Some(true) || !seen.insert(test.id.clone()) {
                continue;
            }
            let by_helper = if test.by_helper {
                "what it uses was edited: "
            } else {
                ""
            };
            told.push(TestEvidence {
                before: Some(test.before.clone()),
                after: test.after.clone(),
                ..evidence(
                    &test.id,
                    TestStatus::ChangedToFit,
                    format!("{by_helper}as it was, it fails on the new code: {text}"),
                    place.clone(),
                    mentions,
                )
            });
        }
    }
    told
}

/// Edited and deleted tests that time did not reach as they were, on the new code or, where they fail there, on the old.
fn not_tried_as_they_were(plan: &TestPlan, runs: &Runs) -> Vec<TestEvidence> {
    let outcomes = |test: &EditedTest, ran: &Ran| -> Vec<Outcome> {
        let own = |id: &&String| function_of(id) == test.id || **id == file_of(&test.id);
        let ids = ran.tests.keys().filter(own);
        ids.map(|id| ran.tests[id].clone()).collect()
    };
    let why = |test: &EditedTest| {
        let now = outcomes(test, &runs.old);
        if let Some(Outcome::Lost(how)) = now.iter().find(|one| matches!(one, Outcome::Lost(_))) {
            return Some(format!("as it was, it {how} on the new code"));
        }
        if now.is_empty() {
            let cut = runs.old.cut.as_ref()?;
            return Some(format!("as it was, it was not run on the new code: {cut}"));
        }
        let fails = now.iter().any(|one| matches!(one, Outcome::Failed(..)));
        let cut = runs
            .base
            .cut
            .as_ref()
            .filter(|_| fails && outcomes(test, &runs.base).is_empty())?;
        Some(format!(
            "as it was, it fails on the new code; on base it was not run: {cut}"
        ))
    };
    let told = plan.edited.iter().filter_map(|test| {
        let text = why(test)?;
        Some(evidence(&test.id, TestStatus::NotRun, text, None, &BTreeMap::new()))
    });
    told.collect()
}

/// Whether a test, or one of its cases, passed.
fn passed_any(function: &str, ran: &Ran) -> Option<bool> {
    let cases = ran.tests.iter().filter(|(id, _)| function_of(id) == function);
    cases
        .map(|(_, outcome)| *outcome == Outcome::Passed)
        .reduce(|a, b| a || b)
}

/// Planned tests of which nothing was heard, one line for each file.
fn not_run(plan: &TestPlan, runs: &Runs) -> Vec<TestEvidence> {
    let heard: BTreeSet<&str> = runs.head.tests.keys().map(|id| function_of(id)).collect();
    let reason = runs.head.cut.as_deref().unwrap_or("they were not collected");
    let mut told = Vec::new();
    for file in &plan.files {
        if heard.contains(file.path.as_str()) {
            continue;
        }
        let silent = file
            .tests
            .iter()
            .filter(|test| !heard.contains(test.id.as_str()))
            .count();
        if silent > 0 {
            told.push(whole_file(&file.path, &format!("{}: {reason}", several(silent))));
        }
    }
    told
}

fn whole_file(path: &str, text: &str) -> TestEvidence {
    TestEvidence {
        path: path.to_owned(),
        name: String::new(),
        status: TestStatus::NotRun,
        text: text.to_owned(),
        place: None,
        mentions: Vec::new(),
        before: None,
        after: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{PlannedTest, TestFile};

    fn failed() -> Outcome {
        Outcome::Failed("assert 1 == 2".to_owned(), None)
    }

    fn ran(tests: &[(&str, Outcome)]) -> Ran {
        Ran {
            tests: tests
                .iter()
                .map(|(id, outcome)| ((*id).to_owned(), outcome.clone()))
                .collect(),
            ..Ran::default()
        }
    }

    fn plan(ids: &[&str]) -> TestPlan {
        TestPlan {
            files: vec![TestFile {
                path: "t.py".to_owned(),
                tests: ids
                    .iter()
                    .map(|id| PlannedTest {
                        id: (*id).to_owned(),
                        mentions: Vec::new(),
                    })
                    .collect(),
                nearness: 1,
            }],
            ..TestPlan::default()
        }
    }

    fn statuses(told: &[TestEvidence]) -> Vec<(&str, TestStatus)> {
        told.iter().map(|test| (test.name.as_str(), test.status)).collect()
    }

    #[test]
    fn a_test_is_broken_where_base_passes_it_and_head_fails_it_twice() {
        let runs = Runs {
            head: ran(&[
                ("t.py::a", failed()),
                ("t.py::b", failed()),
                ("t.py::c", failed()),
                ("t.py::d", Outcome::Passed),
                ("t.py::e[1]", failed()),
            ]),
            head_again: ran(&[
                ("t.py::a", failed()),
                ("t.py::b", failed()),
                ("t.py::c", Outcome::Passed),
                ("t.py::e[1]", failed()),
            ]),
            base: ran(&[("t.py::a", Outcome::Passed), ("t.py::b", failed())]),
            base_again: ran(&[("t.py::b", failed())]),
            ..Runs::default()
        };
        let told = tell(
            &plan(&["t.py::a", "t.py::b", "t.py::c", "t.py::d", "t.py::e", "t.py::f"]),
            &runs,
        );
        assert_eq!(
            statuses(&told),
            [
                ("a", TestStatus::Broken),
                ("e[1]", TestStatus::Broken),
                ("c", TestStatus::Flaky),
                ("b", TestStatus::FailedBeforeToo),
                ("", TestStatus::NotRun),
                ("d", TestStatus::Passed),
            ]
        );
        assert!(told[4].text.starts_with("1 test: "), "{}", told[4].text);
    }

    #[test]
    fn an_edited_test_that_fails_as_it_was_was_changed_to_fit() {
        let edited = |id: &str, after: Option<&str>| EditedTest {
            id: id.to_owned(),
            before: "before".to_owned(),
            after: after.map(str::to_owned),
            by_helper: false,
        };
        let mut plan = plan(&[]);
        plan.edited = vec![
            edited("t.py::a", Some("after")),
            edited("t.py::b", None),
            edited("t.py::c", None),
        ];
        let runs = Runs {
            old: ran(&[
                ("t.py::a", failed()),
                ("t.py::b", failed()),
                ("t.py::c", Outcome::Passed),
            ]),
            base: ran(&[("t.py::a", Outcome::Passed), ("t.py::b", failed())]),
            ..Runs::default()
        };
        let told = tell(&plan, &runs);
        assert_eq!(statuses(&told), [("a", TestStatus::ChangedToFit)]);
        assert_eq!(told[0].after.as_deref(), Some("after"));
    }

    #[test]
    fn an_edited_test_that_time_did_not_reach_as_it_was_is_told() {
        let mut plan = plan(&[]);
        plan.edited = ["t.py::a", "t.py::b", "t.py::c", "t.py::d"]
            .map(|id| EditedTest {
                id: id.to_owned(),
                before: String::new(),
                after: None,
                by_helper: false,
            })
            .into();
        let runs = Runs {
            old: Ran {
                cut: Some("late".to_owned()),
                ..ran(&[
                    ("t.py::b", failed()),
                    ("t.py::c", Outcome::Passed),
                    ("t.py::d[1]", Outcome::Lost("did not end".to_owned())),
                ])
            },
            base: Ran {
                cut: Some("too late".to_owned()),
                ..Ran::default()
            },
            ..Runs::default()
        };
        let told = tell(&plan, &runs);
        let texts: Vec<(&str, &str)> = told
            .iter()
            .map(|test| (test.name.as_str(), test.text.as_str()))
            .collect();
        assert_eq!(
            texts,
            [
                ("a", "as it was, it was not run on the new code: late"),
                (
                    "b",
                    "as it was, it fails on the new code; on base it was not run: too late"
                ),
                ("d", "as it was, it did not end on the new code"),
            ]
        );
        let gone = none_run(&plan, "no time");
        assert_eq!(gone.iter().filter(|test| !test.name.is_empty()).count(), 4);
    }
}
