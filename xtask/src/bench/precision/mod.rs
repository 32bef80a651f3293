//! `cargo xtask bench precision`: whether what findings show is true by plain Python, and examples drawn for reading.

mod scripts;

use super::checking::{Checker, Ran};
use super::machine;
use super::options::Options;
use super::packages::{Pythons, Seeded};
use super::regressions;
use super::search;
use super::summary::Summary;
use crate::shell::{self, Result};
use scripts::{Runner, Verdict};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// What it takes.
pub const USAGE: &str = "\
  --sets LIST         of `algorithms`, `library` and `regressions`, with commas between (all)
  --faults N          faults in the standard library (60)
  --pairs N           pairs of releases with a regression, small changes first (12)
  --seed N            the chance (1)
  --budget SECONDS    of each check (20; of the algorithms, which are one check, ten times as much)
  --draw N            also print N examples by chance, as many of each set, for reading
  -- ARGUMENTS        for `counterproof check`";

/// The sets of checks.
const SETS: [&str; 3] = ["algorithms", "library", "regressions"];

/// A finding of a check, while its trees are there.
struct Found<'a> {
    set: &'static str,
    checker: &'a Checker,
    function: &'a Value,
    finding: &'a Value,
    trees: (&'a Path, &'a Path),
}

/// Runs the checks and judges every finding, or draws some.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let checker = Checker {
        binary: super::binary(options)?,
        python: "python3".into(),
        seconds: options.number("budget", 20)?,
        more: options.for_check.clone(),
    };
    let sets = options.text("sets")?.unwrap_or_else(|| SETS.join(","));
    let sets: Vec<&str> = sets.split(',').collect();
    if let Some(unknown) = sets.iter().find(|set| !SETS.contains(set)) {
        return Err(format!("there is no set `{unknown}`; there is: {}", SETS.join(", ")));
    }
    let (faults, pairs) = (options.number("faults", 60)?, options.number("pairs", 12)?);
    let (seed, draw) = (options.number("seed", 1)?, options.number("draw", 0)?);
    options.done()?;
    let checks = Checks {
        checker,
        sets,
        faults,
        pairs,
        seed,
    };
    let (verdicts, examples) = scripts_run(&checks)?;
    drawn(examples, draw, seed);
    println!("{}", machine::described());
    Ok(summary(&verdicts))
}

/// What is to be checked.
struct Checks<'a> {
    checker: Checker,
    sets: Vec<&'a str>,
    faults: usize,
    pairs: usize,
    seed: u64,
}

impl Checks<'_> {
    /// Shows every finding of all sets, one after the other.
    fn each(&self, see: &mut dyn FnMut(&Found<'_>) -> Result<()>) -> Result<()> {
        if self.sets.contains(&"algorithms") {
            let folder = shell::root().join("benches/algorithms");
            let checker = Checker {
                seconds: self.checker.seconds * 10,
                ..self.checker.clone()
            };
            of_trees(
                "algorithms",
                &checker,
                (&folder.join("base"), &folder.join("head")),
                see,
            )?;
        }
        if self.sets.contains(&"library") {
            let bench = search::Bench::laid_out(self.checker.clone())?;
            for one in bench.drawn(self.faults, self.seed)? {
                bench.with_fault(&one, |head| {
                    of_trees("library", &self.checker, (&bench.folder().join("base"), head), see)
                })?;
            }
        }
        if self.sets.contains(&"regressions") {
            let pythons = Pythons::find()?;
            for pair in regressions::placed(&pythons, self.pairs, self.seed)? {
                let pair = pair?;
                let checker = Checker {
                    python: pair.python,
                    ..self.checker.clone()
                };
                of_trees("regressions", &checker, (&pair.base, &pair.head), see)?;
            }
        }
        Ok(())
    }
}

/// Shows the findings of one check. One that gives no report is told and passed over.
fn of_trees(
    set: &'static str,
    checker: &Checker,
    trees: (&Path, &Path),
    see: &mut dyn FnMut(&Found<'_>) -> Result<()>,
) -> Result<()> {
    let ran: Ran<Value> = match checker.trees(trees.0, trees.1) {
        Ok(ran) => ran,
        Err(error) => {
            println!("{set}: {} was not checked: {error}", trees.1.display());
            return Ok(());
        }
    };
    for function in ran.report["functions"].as_array().into_iter().flatten() {
        for finding in function["findings"].as_array().into_iter().flatten() {
            see(&Found {
                set,
                checker,
                function,
                finding,
                trees,
            })?;
        }
    }
    Ok(())
}

impl Found<'_> {
    /// The finding in a line, and what comes before its call.
    fn whole(&self) -> String {
        let setup = self.finding["example"]["setup"].as_array().into_iter().flatten();
        let lines = setup.filter_map(Value::as_str).map(|line| format!("\n    {line}"));
        self.line() + &lines.collect::<String>()
    }

    /// The finding in a line.
    fn line(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let example = &self.finding["example"];
        format!(
            "{} {} {}::{}: {}  was {}  now {}",
            text(&self.finding["id"]),
            text(&self.finding["kind"]),
            text(&self.function["path"]),
            text(&self.function["qualified_name"]),
            text(&example["call"]),
            text(&example["base"]),
            text(&example["head"])
        )
    }
}

/// What the scripts told, by the set of their check.
type Verdicts = Vec<(&'static str, Verdict)>;
/// Examples with what they import and set up, by the set of their check.
type Examples = BTreeMap<&'static str, Vec<String>>;

/// Runs the script of every finding.
fn scripts_run(checks: &Checks<'_>) -> Result<(Verdicts, Examples)> {
    let runner = Runner::ready()?;
    let (mut verdicts, mut examples) = (Verdicts::new(), Examples::new());
    checks.each(&mut |found| {
        let verdict = runner.judge(found.checker, found.finding, found.trees)?;
        let (word, more) = match &verdict {
            Verdict::Differs(Some(false)) => ("other words", String::new()),
            Verdict::Differs(_) => ("differs", String::new()),
            Verdict::Same(printed) => ("SAME", format!("\n    both print {}", shortened(printed))),
            Verdict::Unsteady(printed) => ("UNSTEADY", format!("\n    base prints {}", shortened(printed))),
            Verdict::NotTold(why) => ("not told", format!("\n    {why}")),
            Verdict::NoScript(error) => ("NO SCRIPT", format!("\n    {}", shortened(error))),
        };
        println!("{word:<12} {:<12} {}{more}", found.set, shortened(&found.line()));
        verdicts.push((found.set, verdict));
        examples.entry(found.set).or_default().push(found.whole());
        Ok(())
    })?;
    Ok((verdicts, examples))
}

fn shortened(text: &str) -> String {
    text.chars().take(300).collect::<String>().replace('\n', " / ")
}

fn summary(verdicts: &[(&'static str, Verdict)]) -> Summary {
    let mut summary = Summary::default();
    let (mut all, mut true_ones) = (0, 0);
    for set in SETS {
        let of_set = || {
            verdicts
                .iter()
                .filter(move |(of, _)| *of == set)
                .map(|(_, verdict)| verdict)
        };
        let told = of_set()
            .filter(|verdict| !matches!(verdict, Verdict::NotTold(_)))
            .count();
        if of_set().count() == 0 {
            continue;
        }
        let mut words: BTreeMap<&str, usize> = BTreeMap::new();
        for verdict in of_set() {
            *words.entry(word(verdict)).or_default() += 1;
        }
        let differ = of_set()
            .filter(|verdict| matches!(verdict, Verdict::Differs(_)))
            .count();
        let counted: Vec<String> = words.iter().map(|(word, count)| format!("{count} {word}")).collect();
        summary.tell(format!("scripts of findings, {set}"), counted.join(", "));
        all += told;
        true_ones += differ;
    }
    summary.judge(
        "scripts that plain Python tells the versions apart with",
        format!("{true_ones} of {all}"),
        "100 %",
        true_ones == all,
    );
    summary
}

/// What a verdict counts as.
fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Differs(Some(true)) => "differ in the words shown",
        Verdict::Differs(None) => "differ, the words shown being short or of another form",
        Verdict::Differs(Some(false)) => "differ in other words",
        Verdict::Same(_) => "do not differ",
        Verdict::Unsteady(_) => "not the same twice on base",
        Verdict::NotTold(_) => "that no script can tell",
        Verdict::NoScript(_) => "without a script",
    }
}

/// Prints examples by chance, as many of each set as of the others while they last.
fn drawn(mut all: Examples, number: usize, seed: u64) {
    let mut chance = Seeded(seed);
    all.values_mut().for_each(|examples| chance.shuffle(examples));
    let mut shown = 0;
    while shown < number && all.values().any(|examples| !examples.is_empty()) {
        for (set, examples) in &mut all {
            if let Some(example) = examples.pop().filter(|_| shown < number) {
                shown += 1;
                println!("{shown}. {set}: {example}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_tells_nothing_apart_counts_against_it() {
        let verdicts = [
            ("library", Verdict::Differs(Some(true))),
            ("library", Verdict::Same("1".to_owned())),
            ("library", Verdict::NotTold("slower")),
            ("algorithms", Verdict::Differs(None)),
        ];
        let table = summary(&verdicts).to_string();
        assert!(table.contains("2 of 3 | 100 %: **missed**"), "{table}");
        assert!(table.contains("1 do not differ"), "{table}");
    }
}
