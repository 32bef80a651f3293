//! `counterproof keep`: the example of a finding becomes an ordinary test of the project.

mod file;
mod helped;
mod style;

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use executor::{Context, Tried, Version, try_tests};
use languages::python::print::{self, TestText};
use model::{Example, Finding, FindingKind};

use crate::args::{CheckArgs, KeepArgs};
use crate::check::{self, root_of};
use crate::error::{CliError, print};
use crate::evidence::Stored;
use crate::files::write_whole;
use crate::reproduce::with_versions;
use crate::settings::Settings;
use crate::versions::{self, Cache};
use file::Named;

/// Runs that a test has to pass on the version that it pins.
const HOLDS: u32 = 10;
/// Runs that it has to fail on the other one.
const FAILS: u32 = 2;
/// Longest time for all of them.
const LONGEST: Duration = Duration::from_secs(240);
/// Characters of an outcome in a comment.
const OUTCOME: usize = 60;

/// Keeps what was asked for; the exit code is 0 where all of it was kept, 3 where something could not be.
///
/// # Errors
/// When there is no such finding, or nothing can be run or written.
pub fn run(args: &KeepArgs) -> Result<u8, CliError> {
    let check = CheckArgs {
        python: args.python.clone(),
        no_sandbox: args.no_sandbox,
        ..CheckArgs::default()
    };
    let here = Utf8PathBuf::from(".");
    let here = here.canonicalize_utf8().unwrap_or(here);
    let root = root_of(&here);
    let settings = Settings::resolve(&check, &root)?;
    let cache = Cache::open(&settings.cache)?;
    let (stored, ids) = match &args.finding {
        Some(id) => {
            let stored = cache.check_of(id);
            let unknown = || {
                CliError::Usage(format!(
                    "there is no finding {id} in the cache: run `counterproof check` again, it prints the ids"
                ))
            };
            (stored.ok_or_else(unknown)?, vec![id.clone()])
        }
        None => {
            let stored = check::judge(&here, &check)?.stored;
            let findings = stored.evidence.functions.iter().flat_map(|function| &function.findings);
            let ids = findings.map(|finding| finding.id.clone()).collect();
            (stored, ids)
        }
    };
    if ids.is_empty() {
        print("There is no finding to keep: nothing was written.")?;
        return Ok(0);
    }
    let keeper = Keeper {
        root: &root,
        found: style::of(&root),
        pins: if args.head { Version::Head } else { Version::Base },
    };
    let findings: Vec<&Finding> = ids
        .iter()
        .filter_map(|id| stored.finding(id))
        .map(|(_, one)| one)
        .collect();
    if findings.is_empty() {
        return Err(CliError::Usage(format!(
            "there is no finding {} in its check: run `counterproof check` again",
            ids.join(", ")
        )));
    }
    let tried = with_versions(args.python.is_some(), &settings, &cache, &stored, |context| {
        keeper.try_all(context, &findings)
    })?;
    keeper.write(&tried.map_err(CliError::NotRunnable)?, &own_modules(&cache, &stored))
}

/// The folders of the checked project that modules are imported from.
fn own_modules(cache: &Cache, stored: &Stored) -> Vec<Utf8PathBuf> {
    let tree = stored.ran.as_ref().and_then(|ran| cache.tree(&ran.trees.1));
    tree.map_or_else(Vec::new, |tree| {
        let project = versions::project_of(tree.path());
        project.roots().iter().map(|root| tree.path().join(root)).collect()
    })
}

struct Keeper<'k> {
    root: &'k Utf8Path,
    found: style::Found,
    pins: Version,
}

/// The tests that may pin a finding, the plainest first.
struct Possible<'f> {
    finding: &'f Finding,
    /// Their file, while they are tried.
    path: String,
    tests: Vec<Named>,
}

impl<'f> Possible<'f> {
    fn new(finding: &'f Finding, path: String, texts: Vec<TestText>) -> Self {
        let tests = texts.into_iter().enumerate().map(|(at, text)| Named {
            name: format!("test_{at}"),
            comment: String::new(),
            text,
        });
        Self {
            finding,
            path,
            tests: tests.collect(),
        }
    }
}

/// What became of one finding.
enum Kept {
    Test(Named),
    Already,
    /// Why not.
    No(String),
}

impl Keeper<'_> {
    fn existing(&self) -> Option<String> {
        std::fs::read_to_string(self.root.join(&self.found.path)).ok()
    }

    /// Tries all at once, and each alone where one takes the others with it.
    fn try_all<'f>(&self, context: &Context<'_>, findings: &[&'f Finding]) -> Result<Vec<(&'f Finding, Kept)>, String> {
        let has_pytest = context
            .head
            .interpreter
            .distributions()
            .iter()
            .any(|name| name.starts_with("pytest-"));
        if !has_pytest {
            return Err(format!(
                "pytest is not installed for {}, so no test can be tried: run `{} -m pip install pytest`",
                context.head.interpreter.chosen, context.head.interpreter.executable
            ));
        }
        let existing = self.existing().unwrap_or_default();
        let deadline = Instant::now() + LONGEST;
        let is_known = |finding: &Finding| file::has(&existing, &name(finding));
        let open = findings.iter().filter(|finding| !is_known(finding));
        let written: Vec<(&Finding, Result<Possible, String>)> =
            open.map(|finding| (*finding, self.possible(finding))).collect();
        let helped = self.helped(context, &written, deadline);
        let plain = written.iter().filter_map(|(_, one)| one.as_ref().ok());
        let all: Vec<&Possible> = plain.chain(&helped).collect();
        let runs = self.runs(context, &all, deadline);
        let chosen = |possible: &Possible| match &runs {
            Ok(runs) => self.choose(possible, runs),
            Err(_) => self.choose(possible, &self.runs(context, &[possible], deadline)?),
        };
        let kept = written.iter().map(|(finding, possible)| {
            let helped = helped.iter().find(|helped| helped.finding.id == finding.id);
            let kept = match helped.map(chosen) {
                Some(Ok(test)) => Ok(test),
                _ => possible.as_ref().map_err(String::clone).and_then(chosen),
            };
            (*finding, kept.map_or_else(Kept::No, Kept::Test))
        });
        let known = findings.iter().filter(|finding| is_known(finding));
        let kept = known.map(|finding| (*finding, Kept::Already)).chain(kept);
        Ok(kept.collect())
    }

    /// The tests that may pin a finding, in a file of their own.
    fn possible<'f>(&self, finding: &'f Finding) -> Result<Possible<'f>, String> {
        if finding.kind == FindingKind::Suspicious {
            return Err("it is new: base has nothing to keep, and what head does contradicts itself".to_owned());
        }
        if finding.kind == FindingKind::NewExposure {
            return Err("what text is read as is seen by the harness alone".to_owned());
        }
        let path = self.found.path.replace("kept", &format!("kept_{}", finding.id));
        Ok(Possible::new(finding, path, self.texts(&finding.example)?))
    }

    /// The same with fixtures and functions of the project's tests, where they give what the examples hold.
    fn helped<'f>(
        &self,
        context: &Context<'_>,
        written: &[(&'f Finding, Result<Possible<'f>, String>)],
        deadline: Instant,
    ) -> Vec<Possible<'f>> {
        let able = written.iter().filter(|(_, possible)| possible.is_ok());
        let able: Vec<&Finding> = able.map(|(finding, _)| *finding).collect();
        let existing = self.existing().unwrap_or_default();
        // A fixture of that name in the file itself would come before.
        let is_free = |name: &str| !file::defined(&existing).any(|own| own == name);
        let examples = helped::with_helpers(context, &able, &self.found.path, &is_free, deadline);
        let possible = examples.into_iter().filter_map(|(finding, example)| {
            let texts = helped::tests(&example, self.texts(&example).ok()?);
            let path = self.found.path.replace("kept", &format!("kept_{}_helped", finding.id));
            (!texts.is_empty()).then(|| Possible::new(finding, path, texts))
        });
        possible.collect()
    }

    fn texts(&self, example: &Example) -> Result<Vec<TestText>, String> {
        let (pinned, other) = match self.pins {
            Version::Base => (&example.base, &example.head),
            Version::Head => (&example.head, &example.base),
        };
        print::tests(example, pinned, other)
    }

    /// How all of them end on the version that they pin, and on the other one.
    fn runs(&self, context: &Context<'_>, all: &[&Possible<'_>], deadline: Instant) -> Result<[Vec<Tried>; 2], String> {
        if all.is_empty() {
            return Ok([Vec::new(), Vec::new()]);
        }
        let file = |one: &&Possible| {
            (
                one.path.clone(),
                file::with(None, &one.tests, self.found.style, &|_| false),
            )
        };
        let files: Vec<(String, String)> = all.iter().map(file).collect();
        let against = match self.pins {
            Version::Base => Version::Head,
            Version::Head => Version::Base,
        };
        let holds = try_tests(context, self.pins, &files, HOLDS, deadline)?;
        Ok([holds, try_tests(context, against, &files, FAILS, deadline)?])
    }

    /// The first of the possible tests that passes each time on the version that it pins and fails each time on the other one.
    fn choose(&self, possible: &Possible<'_>, [holds, fails]: &[Vec<Tried>; 2]) -> Result<Named, String> {
        let mut why = "its test was not collected".to_owned();
        for test in &possible.tests {
            let id = format!("{}::{}", possible.path, test.name);
            let of = |run: &Tried| run.get(&id).or_else(|| run.get(&possible.path)).cloned();
            let not_collected = || Err("it was not collected".to_owned());
            if let Some(text) = holds.iter().find_map(|run| of(run).unwrap_or_else(not_collected).err()) {
                why = format!("its test does not hold {HOLDS} times: {}", first_line(&text));
                continue;
            }
            if fails.iter().all(|run| matches!(run.get(&id), Some(Err(_)))) {
                return Ok(Named {
                    name: name(possible.finding),
                    comment: self.comment(possible.finding),
                    text: test.text.clone(),
                });
            }
            let text = fails.iter().find_map(|run| run.get(&possible.path)?.as_ref().err());
            why = match text {
                Some(text) => format!("its test cannot be run on the other version: {}", first_line(text)),
                None => "its test passes on the other version, too, so it would pin nothing".to_owned(),
            };
        }
        Err(why)
    }

    fn comment(&self, finding: &Finding) -> String {
        let aspect = finding.example.aspect.as_ref();
        let aspect = aspect.map_or_else(String::new, |aspect| format!("{aspect}: "));
        let cut = |text: &str| {
            let line = text.replace(['\n', '\r'], " ");
            match line.chars().count() > OUTCOME {
                true => line.chars().take(OUTCOME).collect::<String>() + "…",
                false => line,
            }
        };
        let (was, is) = (cut(&finding.example.base_text), cut(&finding.example.head_text));
        match self.pins {
            Version::Base => format!("What it did before a change; after that {aspect}{is}."),
            Version::Head => format!("What it does since a change; before that {aspect}{was}."),
        }
    }

    fn write(&self, tried: &[(&Finding, Kept)], roots: &[Utf8PathBuf]) -> Result<u8, CliError> {
        let tests = tried.iter().filter_map(|(_, kept)| match kept {
            Kept::Test(test) => Some(test.clone()),
            _ => None,
        });
        let tests: Vec<Named> = tests.collect();
        let path = self.root.join(&self.found.path);
        if !tests.is_empty() {
            let is_own = |top: &str| {
                roots
                    .iter()
                    .any(|root| root.join(top).is_dir() || root.join(format!("{top}.py")).is_file())
            };
            let text = file::with(self.existing().as_deref(), &tests, self.found.style, &is_own);
            write_whole(&path, text.as_bytes()).map_err(|error| {
                CliError::Usage(format!(
                    "{} cannot be written: {error}; make it writable. Nothing was kept",
                    self.found.path
                ))
            })?;
        }
        for (finding, kept) in tried {
            print(&match kept {
                Kept::Test(test) => format!("{}  kept as {} in {}", finding.id, test.name, self.found.path),
                Kept::Already => format!("{}  is in {} already", finding.id, self.found.path),
                Kept::No(why) => format!("{}  not kept: {why}", finding.id),
            })?;
        }
        if !tests.is_empty() {
            let (holds, fails) = match self.pins {
                Version::Base => ("what was", "what is, until the code does again what it did"),
                Version::Head => ("what is", "what was"),
            };
            print(&format!("Each passed {HOLDS} times on {holds}, and fails on {fails}."))?;
        }
        let all = tried.iter().all(|(_, kept)| !matches!(kept, Kept::No(..)));
        Ok(if all { 0 } else { 3 })
    }
}

/// `test_delivery_days_74168e41`.
fn name(finding: &Finding) -> String {
    let qualified = &finding.example.target.qualified_name;
    let last = qualified.rsplit('.').next().unwrap_or(qualified);
    let last: String = last.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    format!("test_{}_{}", last.trim_matches('_').to_lowercase(), finding.id)
}

fn first_line(text: &str) -> String {
    text.lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .trim()
        .to_owned()
}
