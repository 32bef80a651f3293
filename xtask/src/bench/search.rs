//! `cargo xtask bench search`: faults put into functions of the standard library, by seed; how many of those that can be told are caught.

use super::algorithms::{effort, example};
use super::checking::{Checker, watch};
use super::options::Options;
use super::packages::Seeded;
use super::strength::{Row, Rows, Truth};
use super::summary::Summary;
use crate::shell::{self, Result};
use languages::python::Parsed;
use languages::python::faults::{self, Fault};
use languages::python::syntax::Outline;
use model::report::{CheckReport, FunctionReport, Status};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What it takes.
pub const USAGE: &str = "  --faults N          how many, each in another function (300)
  --seed N            the chance by which they are drawn (1)
  --budget SECONDS    of each check (2)
  --long SECONDS      of a second look at what was missed, which tells whether it can be told (60; 0: none)
  --only WORD         of those drawn, only functions whose dotted name has this in it
  --python PATH       interpreter, with its standard library and the tests of that (python3)
  --without TECHNIQUE leave a technique of the search out
  --ablate            the same faults once more without each technique: how many fewer are caught
  -- ARGUMENTS        for `counterproof check`";

/// Pure modules of the standard library that every supported version has.
const MODULES: [&str; 34] = [
    "argparse",
    "ast",
    "base64",
    "bisect",
    "calendar",
    "colorsys",
    "configparser",
    "copy",
    "csv",
    "difflib",
    "dis",
    "fnmatch",
    "fractions",
    "getopt",
    "gettext",
    "graphlib",
    "heapq",
    "inspect",
    "ipaddress",
    "mimetypes",
    "ntpath",
    "numbers",
    "optparse",
    "plistlib",
    "posixpath",
    "pprint",
    "quopri",
    "reprlib",
    "shlex",
    "statistics",
    "string",
    "textwrap",
    "tokenize",
    "uuid",
];

/// The package that the copies lie in: under their own names they would not be imported from the tree.
pub(super) const PACKAGE: &str = "copied";

/// Longest run of a module's own tests.
const LONGEST_TESTS: Duration = Duration::from_secs(60);

/// The share of the faults that can be told that must be caught, in percent.
const TARGET: usize = 90;

/// The share of the faults that can be told that may be called the same and strong, in percent.
const MOST_STRONG: usize = 2;

/// A fault in a function of a module.
pub(super) struct Drawn {
    module: &'static str,
    function: String,
    line: u32,
    fault: Fault,
}

impl Drawn {
    /// The module that it is in.
    pub(super) fn module(&self) -> &'static str {
        self.module
    }

    /// The function that it is in.
    pub(super) fn function(&self) -> &str {
        &self.function
    }
}

/// What became of one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// The function, or one inside of it, has a finding.
    Caught(String),
    /// Only another function has one.
    Elsewhere(String),
    /// It was called the same, and strong.
    Strong(String),
    /// It was called the same.
    Same(String),
    /// Nothing was claimed, for this reason.
    NotVerified(String),
}

impl Fate {
    fn is_caught(&self) -> bool {
        matches!(self, Fate::Caught(_))
    }
}

fn caught(fates: &[Fate]) -> usize {
    fates.iter().filter(|fate| fate.is_caught()).count()
}

/// Draws the faults, checks each, and looks again at what was missed.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = super::binary(options)?;
    let (number, seed): (usize, u64) = (options.number("faults", 300)?, options.number("seed", 1)?);
    let python = PathBuf::from(options.text("python")?.unwrap_or_else(|| "python3".into()));
    let (seconds, long): (u64, u64) = (options.number("budget", 2)?, options.number("long", 60)?);
    let mut more = options.for_check.clone();
    if let Some(technique) = options.text("without")? {
        more.extend(["--without".to_owned(), technique]);
    }
    let (ablate, only) = (options.is("ablate")?, options.text("only")?.unwrap_or_default());
    options.done()?;
    let checker = Checker {
        binary,
        python,
        seconds,
        more,
    };
    let bench = Bench::laid_out(checker)?;
    let mut drawn = bench.drawn(number, seed)?;
    drawn.retain(|one| format!("{}.{}", one.module, one.function).contains(&only));
    let mut fates = Vec::new();
    let mut cpu = Vec::new();
    let mut same = Vec::new();
    for one in &drawn {
        let (fate, row, spent) = bench.check(one, seconds)?;
        cpu.extend(spent);
        println!("{}", line(one, &fate));
        fates.push(fate);
        same.push(row);
    }
    if ablate {
        return bench.ablated(&drawn, &fates, seconds);
    }
    let missed = drawn
        .iter()
        .zip(fates.iter().zip(same))
        .filter(|(_, (fate, _))| !fate.is_caught());
    let (mut told, mut rows) = (Vec::new(), Vec::new());
    for (one, (fate, row)) in missed {
        if let Some(how) = bench.how_it_is_told(one, long)? {
            println!("can be told, {how}: {}", line(one, fate));
            told.push(fate.clone());
            rows.extend(row);
        }
    }
    let of = caught(&fates) + told.len();
    Rows { of, rows }.keep(Truth::Faulty)?;
    Ok(summary(&fates, &told, cpu, seed))
}

fn summary(fates: &[Fate], told: &[Fate], mut cpu: Vec<f64>, seed: u64) -> Summary {
    let caught = caught(fates);
    let all = caught + told.len();
    let mut summary = Summary::default();
    summary.judge(
        format!(
            "faults in {} functions of the standard library (seed {seed}) that can be told: caught",
            fates.len()
        ),
        format!("{caught} of {all}"),
        format!("{TARGET} %"),
        caught * 100 >= all * TARGET,
    );
    let kinds = |fate: &Fate| match fate {
        Fate::Caught(_) => "caught",
        Fate::Elsewhere(_) => "shown in another function alone",
        Fate::Strong(_) => "called the same, and strong",
        Fate::Same(_) => "called the same",
        Fate::NotVerified(_) => "not verified",
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    told.iter()
        .for_each(|fate| *counts.entry(kinds(fate)).or_default() += 1);
    for (kind, count) in counts {
        summary.tell(format!("of those missed: {kind}"), count.to_string());
    }
    let strong = told.iter().filter(|fate| matches!(fate, Fate::Strong(_))).count();
    summary.judge(
        "of those that can be told: called the same, and strong".to_owned(),
        format!("{strong} of {all}"),
        format!("{MOST_STRONG} %"),
        strong * 100 <= all * MOST_STRONG,
    );
    cpu.sort_by(f64::total_cmp);
    if let Some(median) = cpu.get(cpu.len() / 2) {
        summary.tell(
            "CPU seconds of a check, start and import included, in the median",
            format!("{median:.2}"),
        );
    }
    summary
}

fn line(one: &Drawn, fate: &Fate) -> String {
    let (word, text) = match fate {
        Fate::Caught(text) => ("caught", text),
        Fate::Elsewhere(text) => ("elsewhere", text),
        Fate::Strong(text) => ("same, strong", text),
        Fate::Same(text) => ("same", text),
        Fate::NotVerified(text) => ("not verified", text),
    };
    let place = format!("{}.{}:{}", one.module, one.function, one.fault.line);
    let edit = format!("{:?} {}", one.fault.kind, one.fault.text.trim());
    let text: String = text.chars().take(140).collect();
    format!("{word:<13} {place:<48} {edit:<28} {text}")
}

/// Copies of the modules in two trees, one of them with a fault at a time.
pub(super) struct Bench {
    checker: Checker,
    folder: PathBuf,
    sources: BTreeMap<&'static str, String>,
}

impl Bench {
    /// Copies of the modules in two trees.
    pub(super) fn laid_out(checker: Checker) -> Result<Self> {
        let folder = shell::target().join("bench/search");
        shell::remove_folder(&folder)?;
        let mut place = Command::new(&checker.python);
        place.args(["-c", "import sysconfig; print(sysconfig.get_paths()['stdlib'])"]);
        let library = PathBuf::from(shell::output(&mut place)?.trim());
        let mut sources = BTreeMap::new();
        for module in MODULES {
            sources.insert(module, shell::read(&library.join(format!("{module}.py")))?);
        }
        for version in ["base", "head"] {
            let package = folder.join(version).join(PACKAGE);
            shell::make_folder(&package)?;
            shell::write(&package.join("__init__.py"), "")?;
            for (module, source) in &sources {
                shell::write(&package.join(format!("{module}.py")), source)?;
            }
        }
        Ok(Self {
            checker,
            folder,
            sources,
        })
    }

    /// One fault in each of some functions, by chance.
    pub(super) fn drawn(&self, number: usize, seed: u64) -> Result<Vec<Drawn>> {
        let mut all = Vec::new();
        let mut chance = Seeded(seed);
        for (module, source) in &self.sources {
            let path = format!("{PACKAGE}/{module}.py");
            let parsed =
                Parsed::new(&path, module, source.clone().into_bytes()).map_err(|error| format!("{path} {error}"))?;
            for function in Outline::of(&parsed).functions {
                let is_script = ["main", "_main", "_test", "test"].contains(&function.name.as_str());
                let nested = function.outermost.is_some();
                let faults = faults::of(&parsed, function.span.first_line..=function.span.end_line);
                if is_script || nested || faults.is_empty() {
                    continue;
                }
                let fault = faults[chance.below(faults.len())].clone();
                all.push(Drawn {
                    module,
                    function: function.qualified_name,
                    line: function.span.first_line,
                    fault,
                });
            }
        }
        chance.shuffle(&mut all);
        all.truncate(number);
        Ok(all)
    }

    /// The folder with the trees `base` and `head`.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Does something while the fault is in the head, which it gets.
    pub(super) fn with_fault<T>(&self, one: &Drawn, work: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
        let source = &self.sources[one.module];
        let head = self.folder.join("head");
        let file = head.join(PACKAGE).join(format!("{}.py", one.module));
        shell::write(&file, &one.fault.apply(source))?;
        let done = work(&head);
        shell::write(&file, source)?;
        done
    }

    /// What is caught without each technique, of what is caught with all of them.
    fn ablated(&self, drawn: &[Drawn], fates: &[Fate], seconds: u64) -> Result<Summary> {
        let caught: Vec<&Drawn> = drawn
            .iter()
            .zip(fates)
            .filter(|(_, fate)| fate.is_caught())
            .map(|(one, _)| one)
            .collect();
        let mut summary = Summary::default();
        summary.tell(
            format!(
                "faults in {} functions, {seconds} s each, with all techniques: caught",
                drawn.len()
            ),
            caught.len().to_string(),
        );
        for technique in ::search::Technique::ALL {
            let mut checker = self.checker.clone();
            checker.more.extend(["--without".to_owned(), technique.to_string()]);
            let mut left = 0;
            for one in &caught {
                let (fate, ..) = self.check_with(&checker, one, seconds)?;
                left += usize::from(fate.is_caught());
            }
            println!("without {technique}: {left} of {}", caught.len());
            summary.tell(format!("of those, without {technique}"), left.to_string());
        }
        Ok(summary)
    }

    fn check(&self, one: &Drawn, seconds: u64) -> Result<(Fate, Option<Row>, Option<f64>)> {
        self.check_with(&self.checker, one, seconds)
    }

    fn check_with(&self, checker: &Checker, one: &Drawn, seconds: u64) -> Result<(Fate, Option<Row>, Option<f64>)> {
        let checker = Checker {
            seconds,
            ..checker.clone()
        };
        let ran = self.with_fault(one, |head| checker.trees(&self.folder.join("base"), head))?;
        let row = own(&ran.report, one).next().and_then(Row::of);
        Ok((fate(&ran.report, one), row, ran.cpu))
    }

    /// How it is known that a fault can be told: by a long look, or by the module's own tests.
    fn how_it_is_told(&self, one: &Drawn, long: u64) -> Result<Option<&'static str>> {
        if long == 0 {
            return Ok(None);
        }
        if self.tests_tell(one)? {
            return Ok(Some("by the module's own tests"));
        }
        let (fate, ..) = self.check(one, long)?;
        Ok(fate.is_caught().then_some("by a long look"))
    }

    /// Whether the module's own tests pass with the module as it is, and not with the fault.
    fn tests_tell(&self, one: &Drawn) -> Result<bool> {
        if !self.tests_pass(one.module, &self.sources[one.module])? {
            return Ok(false);
        }
        Ok(!self.tests_pass(one.module, &one.fault.apply(&self.sources[one.module]))?)
    }

    fn tests_pass(&self, module: &str, source: &str) -> Result<bool> {
        let folder = self.folder.join("tests");
        shell::remove_folder(&folder)?;
        shell::make_folder(&folder)?;
        shell::write(&folder.join(format!("{module}.py")), source)?;
        let mut tests = Command::new(&self.checker.python);
        tests
            .env("PYTHONPATH", &folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(&folder)
            .args(["-m", "unittest", "-q", &format!("test.test_{module}")])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut child = tests
            .spawn()
            .map_err(|error| format!("the tests of {module}: {error}"))?;
        // Tests that do not end have not passed.
        Ok(watch(&mut child, LONGEST_TESTS).is_ok() && child.wait().is_ok_and(|status| status.success()))
    }
}

/// The function with the fault, and those inside of it.
fn own<'r>(report: &'r CheckReport, one: &'r Drawn) -> impl Iterator<Item = &'r FunctionReport> {
    let path = format!("{PACKAGE}/{}.py", one.module);
    let is_own = |name: &str| name == one.function || name.starts_with(&format!("{}.<locals>.", one.function));
    let functions = report.functions.iter();
    functions.filter(move |function| function.path == path && is_own(&function.qualified_name))
}

/// What the report says of the function with the fault.
fn fate(report: &CheckReport, one: &Drawn) -> Fate {
    if let Some(example) = own(report, one).find_map(example) {
        return Fate::Caught(example);
    }
    if let Some(example) = report.functions.iter().find_map(example) {
        return Fate::Elsewhere(example);
    }
    match own(report, one).find(|function| function.status == Status::NotVerified) {
        Some(function) => Fate::NotVerified(function.reason.clone().unwrap_or_default()),
        None => {
            let same = own(report, one).next();
            let text = same.map_or_else(|| format!("line {} is not in the report", one.line), effort);
            // What is wrongly proved is no better.
            let is_sure = |function: &FunctionReport| function.strength.is_some_and(|one| one != model::Strength::Weak);
            match same.is_some_and(is_sure) {
                true => Fate::Strong(text),
                false => Fate::Same(text),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_told_and_was_not_counts_against_it() {
        let caught = Fate::Caught("f(0)  was 1  now 2".to_owned());
        let (same, other) = (Fate::Same("7 inputs".to_owned()), Fate::Elsewhere("g(0)".to_owned()));
        let fates = [caught.clone(), caught, same.clone(), other];
        let table = summary(&fates, &[same], vec![0.3, 0.1, 0.2, 0.4], 1).to_string();
        assert!(table.contains("2 of 3") && table.contains("**missed**"), "{table}");
        assert!(table.contains("called the same") && table.contains("0.30"), "{table}");
    }
}
