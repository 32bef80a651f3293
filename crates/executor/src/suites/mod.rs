//! The project's own tests: on head, and where they fail, on base; and the tests that a change edits or deletes, as they were,
//! on the new code.

mod run;
mod tree;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use camino::Utf8PathBuf;
use languages::python::syntax::is_test;
use model::{TestEvidence, TestPlan};

use crate::context::{Context, Side};
use crate::duo::Version;
use run::{Outcome, Ran, run};
pub(crate) use run::{Record, Wanted};
use verdict::Runs;
pub use verdict::none_run;

/// Shortest time that is worth starting a run for.
const LEAST: Duration = Duration::from_millis(600);

/// Part of the time that is for the first run on head.
const ON_HEAD: f64 = 0.65;

/// Runs the planned tests until `deadline`.
pub fn execute(context: &Context<'_>, plan: &TestPlan, deadline: Instant) -> Vec<TestEvidence> {
    if plan.is_empty() {
        return Vec::new();
    }
    if deadline.saturating_duration_since(Instant::now()) < LEAST {
        return none_run(
            plan,
            "the time budget ended before the project's tests (--budget gives more)",
        );
    }
    context.progress.stage("running the project's own tests");
    let Some(ground) = context.head.scratch.parent().map(ToOwned::to_owned) else {
        return Vec::new();
    };
    let suites = Suites {
        context,
        plan,
        ground,
        deadline,
    };
    match suites.all() {
        Ok(runs) => verdict::tell(plan, &runs),
        Err(reason) => none_run(plan, &reason),
    }
}

/// How the tests of a file ended, by their names: with what text one failed.
pub type Tried = BTreeMap<String, Result<(), String>>;

/// Runs files of tests that `version` does not have, paths and texts, `times` times with another hash seed each, in a copy of its
/// tree, and tells of each run how each file's tests ended.
///
/// # Errors
/// When no test can be run: why.
pub fn try_tests(
    context: &Context<'_>,
    version: Version,
    files: &[(String, String)],
    times: u32,
    deadline: Instant,
) -> Result<Vec<Tried>, String> {
    let (side, name) = match version {
        Version::Base => (&context.base, "tests-tried-base"),
        Version::Head => (&context.head, "tests-tried-head"),
    };
    let ground = context.head.scratch.parent().ok_or("there is no scratch folder")?;
    let tree = ground.join(name);
    let laid = tree::copy(&side.tree, &tree).and_then(|()| tree::add(&tree, files));
    laid.map_err(|error| format!("the tree cannot be copied for the tests: {error}"))?;
    let mut all = Vec::new();
    for hash_seed in 0..times {
        let wanted = Wanted {
            files: files.iter().map(|(path, _)| path.clone()).collect(),
            first: Vec::new(),
            only: None,
            hash_seed,
            record: None,
        };
        let ran = run(context, side, &tree, &wanted, deadline).and_then(Ran::unless_refused)?;
        if let Some(why) = ran.cut {
            return Err(why);
        }
        all.push(ran.tests.into_iter().map(|(id, outcome)| (id, told(outcome))).collect());
    }
    Ok(all)
}

/// Runs tests of head on the code of base, and tells what they did that ran something watched: ids and steps.
///
/// # Errors
/// When no test can be run: why.
pub(crate) fn record(
    context: &Context<'_>,
    wanted: &Wanted,
    deadline: Instant,
) -> Result<Vec<(String, Vec<serde_json::Value>)>, String> {
    let ground = context.head.scratch.parent().ok_or("there is no scratch folder")?;
    let tree = ground.join("tests-recorded");
    mixed(&context.base, &context.head, &tree)?;
    Ok(run(context, &context.base, &tree, wanted, deadline)?.recorded)
}

/// Lays the code of one version at `to`, with the tests of another.
fn mixed(code: &Side, tests: &Side, to: &Utf8PathBuf) -> Result<(), String> {
    let laid = tree::copy(&code.tree, to).and_then(|()| tree::replace(&tests.tree, to, &is_test));
    laid.map_err(|error| format!("the tree cannot be copied for the tests: {error}"))
}

fn told(outcome: Outcome) -> Result<(), String> {
    match outcome {
        Outcome::Passed => Ok(()),
        Outcome::Failed(text, _) | Outcome::Lost(text) => Err(text),
        Outcome::Skipped(text) => Err(format!("skipped: {text}")),
    }
}

struct Suites<'s, 'c> {
    context: &'s Context<'c>,
    plan: &'s TestPlan,
    /// Where copies of the trees are laid: tests may write into theirs.
    ground: Utf8PathBuf,
    deadline: Instant,
}

impl Suites<'_, '_> {
    fn all(&self) -> Result<Runs, String> {
        let head = self.copy("head", &self.context.head)?;
        // Two versions at once, as everywhere: what is on head, and what was, on the new code.
        let (now, old) = std::thread::scope(|scope| {
            let old = scope.spawn(|| self.as_they_were());
            let now = self.now(&head);
            (now, old.join())
        });
        let old = old.unwrap_or_else(|_| Err("the run of the tests as they were failed".to_owned()));
        let mut runs = Runs {
            head: now?,
            // What goes wrong with the old ones takes nothing from the others.
            old: old.unwrap_or_else(Ran::nothing),
            ..Runs::default()
        };
        let failing = runs.head.failing();
        let suspects: BTreeSet<String> = failing.iter().chain(&runs.old.failing()).cloned().collect();
        if suspects.is_empty() {
            return Ok(runs);
        }
        let base = self.copy("base", &self.context.base)?;
        let (again, base) = std::thread::scope(|scope| {
            let base = scope.spawn(|| self.twice(&base, &self.context.base, &suspects));
            let again = match failing.is_empty() {
                true => Ok(Ran::default()),
                false => self.some(&head, &self.context.head, &failing, 1),
            };
            (again, base.join())
        });
        runs.head_again = again?;
        let base = base.unwrap_or_else(|_| Err("the run on base failed".to_owned()));
        (runs.base, runs.base_again) = base.unwrap_or_else(|why| (Ran::nothing(why), Ran::default()));
        Ok(runs)
    }

    fn copy(&self, name: &str, side: &Side) -> Result<Utf8PathBuf, String> {
        let to = self.ground.join(format!("tests-{name}"));
        tree::copy(&side.tree, &to).map_err(|error| format!("the tree cannot be copied for the tests: {error}"))?;
        Ok(to)
    }

    fn now(&self, tree: &Utf8PathBuf) -> Result<Ran, String> {
        let files: Vec<String> = self.plan.files.iter().map(|file| file.path.clone()).collect();
        if files.is_empty() {
            return Ok(Ran::default());
        }
        let first = self
            .plan
            .files
            .iter()
            .flat_map(|file| &file.tests)
            .filter(|test| !test.mentions.is_empty())
            .map(|test| test.id.clone())
            .collect();
        let wanted = Wanted {
            files,
            first,
            only: None,
            hash_seed: 0,
            record: None,
        };
        // What fails there is to be run on base, too.
        let now = Instant::now();
        let until = now + self.deadline.saturating_duration_since(now).mul_f64(ON_HEAD);
        run(self.context, &self.context.head, tree, &wanted, until).and_then(Ran::unless_refused)
    }

    /// The tests that the change edits or deletes, as base has them, on the code of head; those that fail a second time.
    fn as_they_were(&self) -> Result<Ran, String> {
        let ids: BTreeSet<String> = self.plan.edited.iter().map(|test| test.id.clone()).collect();
        if ids.is_empty() {
            return Ok(Ran::default());
        }
        let tree = self.ground.join("tests-old");
        mixed(&self.context.head, &self.context.base, &tree)?;
        let mut ran = self.perhaps(&tree, &self.context.head, &ids, 0)?;
        if ran.refused.is_some() {
            // What all tests share does not even import on the new code, so that each of them fails there.
            let again = self.perhaps(&tree, &self.context.head, &ids, 1)?;
            let why = again.refused.ok_or("its second run went another way than its first")?;
            let files = ids.iter().map(|id| file_of(id).to_owned());
            ran.tests = files.map(|file| (file, Outcome::Failed(why.clone(), None))).collect();
            return Ok(ran);
        }
        let failing = ran.failing();
        if !failing.is_empty() {
            let again = self.some(&tree, &self.context.head, &failing, 1)?;
            ran.keep_what_fails_again(&again);
        }
        Ok(ran)
    }

    /// On base, and what fails there once more.
    fn twice(&self, tree: &Utf8PathBuf, side: &Side, ids: &BTreeSet<String>) -> Result<(Ran, Ran), String> {
        let once = self.some(tree, side, ids, 0)?;
        let failing = once.failing();
        let again = match failing.is_empty() {
            true => Ran::default(),
            false => self.some(tree, side, &failing, 1)?,
        };
        Ok((once, again))
    }

    fn some(&self, tree: &Utf8PathBuf, side: &Side, ids: &BTreeSet<String>, hash_seed: u32) -> Result<Ran, String> {
        self.perhaps(tree, side, ids, hash_seed).and_then(Ran::unless_refused)
    }

    /// As [`Self::some`]; where the runner refuses, that is part of the run.
    fn perhaps(&self, tree: &Utf8PathBuf, side: &Side, ids: &BTreeSet<String>, hash_seed: u32) -> Result<Ran, String> {
        let mut files: Vec<String> = ids.iter().map(|id| file_of(id).to_owned()).collect();
        files.dedup();
        files.retain(|file| tree.join(file).exists());
        if files.is_empty() {
            return Ok(Ran::default());
        }
        let wanted = Wanted {
            files,
            first: Vec::new(),
            only: Some(ids.iter().cloned().collect()),
            hash_seed,
            record: None,
        };
        run(self.context, side, tree, &wanted, self.deadline)
    }
}

/// The file of a test's id.
fn file_of(id: &str) -> &str {
    id.split_once("::").map_or(id, |(file, _)| file)
}

/// A test's id without its parameters.
fn function_of(id: &str) -> &str {
    id.split_once('[').map_or(id, |(function, _)| function)
}
