//! `cargo xtask bench tests`: whether TEST CHANGED TO FIT is said of the right tests, over the history of real projects, with plain
//! pytest as the oracle (`benches/own-tests/oracle.py`).

use super::checking::{self, Checker};
use super::options::Options;
use super::summary::Summary;
use super::{daily, machine};
use crate::shell::{self, Result};
use model::TestStatus;
use model::report::{CheckReport, TestReport};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What it takes.
pub const USAGE: &str = "\
  --clones FOLDER     where clones of projects lie, with their history
  --python PATH       interpreter with pytest and what the projects need (python3)
  --last N            commits of each that edit or delete tests and code at once (20)
  --jobs N            commits at a time (2)
  --budget SECONDS    of each check (60)";

/// What the oracle says of a test that fails on the new code as it was, though it passed on the old.
const DUE: &str = "failed";

/// What became of one test, as the oracle and the report tell it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Compared {
    /// `edited`, `deleted`, or `support` where only what stands beside it was edited.
    kind: String,
    /// Of the old version on the new code; `no pass on base`, and so on.
    outcome: String,
    told: Told,
    /// `project revision path::name`.
    place: String,
}

/// What the oracle gives of a commit.
#[derive(Deserialize)]
struct Judged {
    tests: Vec<BTreeMap<String, String>>,
    /// Files of the change that serve tests, in either version.
    paths: Vec<String>,
}

/// What the report says of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    ToFit,
    NotRun,
    Flaky,
    Nothing,
}

/// One check and what the oracle says beside it.
struct Judging<'j> {
    checker: &'j Checker,
    script: &'j Path,
    results: &'j Path,
}

/// Compares the reports of checks with the oracle, commit by commit.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = super::binary(options)?;
    let (folder, python) = daily::histories(options)?;
    let (last, jobs): (u32, usize) = (options.number("last", 20)?, options.number("jobs", 2)?);
    let seconds = options.number("budget", 60)?;
    options.done()?;
    let checker = Checker {
        binary,
        python: PathBuf::from(python),
        seconds,
        more: options.for_check.clone(),
    };
    let script = shell::root().join("benches/own-tests/oracle.py");
    let results = shell::target().join("bench/own-tests");
    shell::remove_folder(&results)?;
    shell::make_folder(&results)?;
    let judging = Judging {
        checker: &checker,
        script: &script,
        results: &results,
    };
    let mut all = Vec::new();
    for clone in daily::clones(Path::new(&folder))? {
        let name = clone.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (commits, compared) = judging.project(&clone, &name, last, jobs)?;
        println!("{name}: {commits} commits; {}", told(&compared));
        all.extend(compared);
    }
    println!("{}", machine::described());
    let listed: String = all
        .iter()
        .filter(|one| one.is_to_look_at())
        .map(Compared::line)
        .collect();
    shell::write(&results.join("to-look-at.txt"), &listed)?;
    println!("{listed}");
    Ok(summary(&all))
}

impl Judging<'_> {
    fn project(&self, clone: &Path, name: &str, last: u32, jobs: usize) -> Result<(usize, Vec<Compared>)> {
        let mut list = Command::new(&self.checker.python);
        list.arg(self.script).arg("list").arg(clone).arg(last.to_string());
        let revisions = shell::output(&mut list)?;
        let revisions: Vec<&str> = revisions.lines().collect();
        let mut all = Vec::new();
        for some in revisions.chunks(jobs.max(1)) {
            let done: Vec<_> = std::thread::scope(|scope| {
                let each = some.iter().map(|revision| {
                    let place = format!("{name} {}", revision.get(..9).unwrap_or(revision));
                    scope.spawn(move || (self.commit(clone, revision, &place), place))
                });
                each.collect::<Vec<_>>().into_iter().map(|job| job.join()).collect()
            });
            for one in done {
                let (compared, place) = one.map_err(|_| "a job panicked".to_owned())?;
                // A commit that cannot be judged is told, and the others go on.
                match compared {
                    Ok(compared) => all.extend(compared),
                    Err(error) => println!("{place}: {error}"),
                }
            }
        }
        Ok((revisions.len(), all))
    }

    fn commit(&self, clone: &Path, revision: &str, place: &str) -> Result<Vec<Compared>> {
        let file = place.replace(' ', "-");
        let scratch = self.results.join(format!("{file}-trees"));
        let mut oracle = Command::new(&self.checker.python);
        oracle
            .arg(self.script)
            .arg("judge")
            .arg(clone)
            .arg(revision)
            .arg(&scratch);
        let judged = shell::output(&mut oracle)?;
        shell::remove_folder(&scratch)?;
        let Judged { tests: judged, paths } =
            serde_json::from_str(&judged).map_err(|error| format!("the oracle: {error}"))?;
        let mut check = Command::new(&self.checker.binary);
        check
            .env("COUNTERPROOF_CACHE", checking::cache())
            .current_dir(clone)
            .args(["check", &format!("{revision}^..{revision}"), "--format", "json"])
            .args(["--tests", "all", "--no-cache"])
            .args(["--budget", &format!("{}s", self.checker.seconds)])
            .arg("--python")
            .arg(&self.checker.python)
            .args(&self.checker.more);
        // Of the change only what serves tests is looked at, so that functions take no time from them; they run against all of it.
        check.args(paths);
        let report: CheckReport = self.checker.run(&mut check)?.report;
        let kept: Value = serde_json::json!({"oracle": &judged, "tests": &report.tests});
        shell::write(&self.results.join(format!("{file}.json")), &kept.to_string())?;
        Ok(compare(&judged, &report.tests, place))
    }
}

fn compare(judged: &[BTreeMap<String, String>], tests: &[TestReport], place: &str) -> Vec<Compared> {
    let field = |one: &BTreeMap<String, String>, name: &str| one.get(name).cloned().unwrap_or_default();
    let mut all: Vec<Compared> = judged
        .iter()
        .map(|one| {
            let (path, name) = (field(one, "path"), field(one, "name"));
            Compared {
                kind: field(one, "kind"),
                outcome: field(one, "outcome"),
                told: of_test(tests, &path, &name),
                place: format!("{place} {path}::{name}"),
            }
        })
        .collect();
    // What is named and the oracle knows nothing of.
    for test in tests.iter().filter(|test| test.status == TestStatus::ChangedToFit) {
        let known = |one: &BTreeMap<String, String>| {
            one.get("path") == Some(&test.path) && one.get("name").is_some_and(|name| *name == test.name)
        };
        if !judged.iter().any(known) {
            all.push(Compared {
                kind: "unknown".to_owned(),
                outcome: "unknown".to_owned(),
                told: Told::ToFit,
                place: format!("{place} {}::{}", test.path, test.name),
            });
        }
    }
    all
}

fn of_test(tests: &[TestReport], path: &str, name: &str) -> Told {
    let own = |test: &&TestReport| test.path == path && (test.name == name || test.name.is_empty());
    let told = tests.iter().filter(own).map(|test| match test.status {
        TestStatus::ChangedToFit => Told::ToFit,
        TestStatus::NotRun => Told::NotRun,
        TestStatus::Flaky => Told::Flaky,
        _ => Told::Nothing,
    });
    told.min().unwrap_or(Told::Nothing)
}

impl Compared {
    /// A test that is due and not named, or named and not due.
    fn is_to_look_at(&self) -> bool {
        (self.outcome == DUE) != (self.told == Told::ToFit)
    }

    fn line(&self) -> String {
        let Self {
            kind,
            outcome,
            told,
            place,
        } = self;
        format!("{place}: {kind}, as it was: {outcome}, told: {told:?}\n")
    }
}

/// Of which kind, due or not, and what is told: how many.
fn count(all: &[Compared], due: bool, kinds: &[&str], told: Told) -> usize {
    let of_kind = all.iter().filter(|one| kinds.contains(&one.kind.as_str()));
    of_kind
        .filter(|one| (one.outcome == DUE) == due && one.told == told)
        .count()
}

const KINDS: [&str; 3] = ["edited", "deleted", "support"];

fn told(all: &[Compared]) -> String {
    let mut text = String::new();
    for kind in KINDS {
        let of = |told| count(all, true, &[kind], told);
        let (named, not_run) = (of(Told::ToFit), of(Told::NotRun));
        let missed = of(Told::Flaky) + of(Told::Nothing);
        let others = all.iter().filter(|one| one.kind == kind && one.outcome != DUE);
        let wrong = count(all, false, &[kind], Told::ToFit);
        let _ = write!(
            text,
            "{kind}: {} fail on the new code ({named} named, {not_run} said to be not run, {missed} not named), {} others ({wrong} named); ",
            named + not_run + missed,
            others.count()
        );
    }
    let unknown = count(all, false, &["unknown"], Told::ToFit);
    let _ = write!(text, "{unknown} named that the oracle does not know");
    text
}

fn summary(all: &[Compared]) -> Summary {
    let mut summary = Summary::default();
    let due = |told| count(all, true, &KINDS, told);
    let (named, not_run) = (due(Told::ToFit), due(Told::NotRun));
    let number = all.iter().filter(|one| one.outcome == DUE).count();
    summary.judge(
        "tests that the change edits or deletes and that fail on its code as they were: named",
        format!("{named} of {number} ({not_run} said to be not run)"),
        "all",
        named == number,
    );
    let passed = all.iter().filter(|one| one.outcome == "passed").count();
    let wrong = all
        .iter()
        .filter(|one| one.outcome == "passed" && one.told == Told::ToFit)
        .count();
    summary.judge(
        "the same that pass there: named",
        format!("{wrong} of {passed}"),
        "none",
        wrong == 0,
    );
    let others = count(all, false, &["edited", "deleted", "support", "unknown"], Told::ToFit) - wrong;
    summary.judge(
        "others (flaky, no pass on base, unknown to the oracle): named",
        others.to_string(),
        "none",
        others == 0,
    );
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(kind: &str, name: &str, outcome: &str) -> BTreeMap<String, String> {
        let fields = [("path", "t.py"), ("name", name), ("kind", kind), ("outcome", outcome)];
        fields.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    fn told_of(name: &str, status: TestStatus) -> TestReport {
        TestReport {
            path: "t.py".to_owned(),
            name: name.to_owned(),
            status,
            text: String::new(),
            place: None,
            mentions: Vec::new(),
            before: None,
            after: None,
        }
    }

    #[test]
    fn what_is_due_and_silent_or_named_and_not_due_is_told() {
        let oracle = [
            judged("edited", "a", "failed"),
            judged("deleted", "b", "failed"),
            judged("edited", "c", "passed"),
            judged("edited", "d", "passed"),
        ];
        let tests = [
            told_of("a", TestStatus::ChangedToFit),
            told_of("b", TestStatus::Passed),
            told_of("c", TestStatus::ChangedToFit),
            told_of("e", TestStatus::ChangedToFit),
        ];
        let all = compare(&oracle, &tests, "x");
        let wrong: Vec<&str> = all
            .iter()
            .filter(|one| one.is_to_look_at())
            .map(|one| one.place.as_str())
            .collect();
        assert_eq!(wrong, ["x t.py::b", "x t.py::c", "x t.py::e"]);
        let table = summary(&all).to_string();
        assert!(
            table.contains("1 of 2") && table.matches("**missed**").count() == 3,
            "{table}"
        );
    }
}
