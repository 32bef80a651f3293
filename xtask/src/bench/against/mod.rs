//! `cargo xtask bench against`: the same faults, and the same rewrites without any, given to Counterproof and to what exists.

mod tools;

use super::checking::Checker;
use super::false_alarms::rewrites::{Rewrite, Workshop};
use super::machine;
use super::options::Options;
use super::packages::{self, Pythons, Seeded};
use super::search;
use super::summary::{Summary, median};
use crate::shell::{self, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use tools::{Pair, Said, Tools};

/// What it takes.
pub const USAGE: &str = "\
  --budget SECONDS    of each tool for each pair (60)
  --rewrites N        rewrites without a fault (15)
  --faults N          faults in functions of the standard library on top (0)
  --limit N           so many of the small algorithms, by chance (all)
  --seed N            the chance (1)
  --as-they-stand     without annotations for the other tools
  -- ARGUMENTS        for `counterproof check`";

/// Ways to rewrite a function so that it means the same.
const REWRITES: [&str; 5] = [
    "rename-locals",
    "flip-conditions",
    "extract-constants",
    "extract-helpers",
    "swap-operands",
];

/// What the tools said of pairs of one sort.
#[derive(Default)]
struct Sort {
    said: Vec<[Said; 3]>,
}

/// Runs all tools on all pairs.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let checker = Checker {
        binary: super::binary(options)?,
        python: "python3".into(),
        seconds: options.number("budget", 60)?,
        more: options.for_check.clone(),
    };
    let (rewrites, faults) = (options.number("rewrites", 15)?, options.number("faults", 0)?);
    let (limit, seed) = (options.number("limit", usize::MAX)?, options.number("seed", 1)?);
    let annotated = !options.is("as-they-stand")?;
    options.done()?;
    let seconds = checker.seconds;
    let tools = Tools::ready(checker)?;
    let place = shell::target().join("bench/against");
    shell::remove_folder(&place)?;
    let algorithms = shell::root().join("benches/algorithms");
    let mut pairs = laid_out(
        &algorithms.join("base"),
        &algorithms.join("head"),
        &place.join("faults"),
        annotated,
    )?;
    Seeded(seed).shuffle(&mut pairs);
    pairs.truncate(limit);
    let same = rewritten(
        &algorithms.join("base"),
        &place.join("rewrites"),
        annotated,
        rewrites,
        seed,
    )?;
    let alarms = told("rewrite", &tools, same.iter())?;
    let caught = told("fault", &tools, pairs.iter())?;
    let library = in_the_library(&tools, &place.join("library"), faults, seed)?;
    println!("{}", machine::described());
    let how = if annotated {
        "annotated by hand for the others"
    } else {
        "as they stand"
    };
    Ok(summary(&caught, &alarms, &library, how, seconds))
}

/// Runs the tools and prints a line for each of them and pair.
fn told<'a>(sort: &str, tools: &Tools, pairs: impl Iterator<Item = &'a Pair>) -> Result<Sort> {
    let mut all = Sort::default();
    for pair in pairs {
        all.add(sort, pair, tools.all(pair)?);
    }
    Ok(all)
}

impl Sort {
    fn add(&mut self, sort: &str, pair: &Pair, said: [Said; 3]) {
        for (tool, said) in Tools::NAMES.iter().zip(&said) {
            let text: String = said.shown.as_deref().unwrap_or_default().chars().take(140).collect();
            let word = if said.shown.is_some() { "shown" } else { "-" };
            let place = format!("{}.{}", pair.module, pair.function);
            println!(
                "{sort:<8} {place:<40} {tool:<13} {word:<6} {:>6.1} s CPU  {text}",
                said.cpu
            );
        }
        self.said.push(said);
    }

    fn shown(&self, tool: usize) -> usize {
        self.said.iter().filter(|said| said[tool].shown.is_some()).count()
    }

    fn cpu(&self, tool: usize) -> f64 {
        median(self.said.iter().map(|said| said[tool].cpu).collect())
    }
}

/// The small algorithms of two folders as pairs, each with two trees of its own.
fn laid_out(base: &Path, head: &Path, place: &Path, annotated: bool) -> Result<Vec<Pair>> {
    let modules = place.join("modules");
    shell::make_folder(&modules)?;
    let folder = shell::root().join("benches/against");
    let mut command = Command::new("python3");
    command.arg(folder.join("lay_out.py")).args([base, head, &modules]);
    if annotated {
        command.arg(folder.join("annotations.txt"));
    }
    let listed = shell::output(&mut command)?;
    let listed: Vec<(String, String)> =
        serde_json::from_str(&listed).map_err(|error| format!("lay_out.py: {error}"))?;
    let mut pairs = Vec::new();
    for (module, function) in listed {
        let trees = (place.join(&module).join("base"), place.join(&module).join("head"));
        let file = format!("{module}.py");
        tools::alone(&base.join(&file), &trees.0)?;
        tools::alone(&head.join(&file), &trees.1)?;
        pairs.push(Pair {
            module,
            function,
            modules: modules.clone(),
            trees,
        });
    }
    Ok(pairs)
}

/// Pairs of an algorithm and a rewrite of it that means the same, each by another way as chance has it.
fn rewritten(base: &Path, place: &Path, annotated: bool, number: usize, seed: u64) -> Result<Vec<Pair>> {
    if number == 0 {
        return Ok(Vec::new());
    }
    let workshop = Workshop::open(&Pythons::find()?)?;
    let mut all: Vec<Vec<Pair>> = Vec::new();
    for way in REWRITES {
        let (before, after) = (place.join(way).join("before"), place.join(way).join("after"));
        packages::copy(base, &before, true)?;
        packages::copy(base, &after, true)?;
        workshop.rewrite(Rewrite::Own(way), &after)?;
        all.push(laid_out(&before, &after, &place.join(way), annotated)?);
    }
    let mut chance = Seeded(seed);
    all.iter_mut().for_each(|pairs| chance.shuffle(pairs));
    let mut drawn: Vec<Pair> = Vec::new();
    for turn in 0..number {
        let pairs = &mut all[turn % REWRITES.len()];
        let new = |pair: &Pair| drawn.iter().all(|one| one.module != pair.module);
        if let Some(at) = pairs.iter().position(new) {
            drawn.push(pairs.swap_remove(at));
        }
    }
    Ok(drawn)
}

/// Faults in functions of the standard library, one after the other: each is in the trees only while it is looked at.
fn in_the_library(tools: &Tools, place: &Path, number: usize, seed: u64) -> Result<Sort> {
    let mut all = Sort::default();
    if number == 0 {
        return Ok(all);
    }
    let bench = search::Bench::laid_out(tools.checker.clone())?;
    let modules = place.join("modules");
    shell::make_folder(&modules)?;
    for one in bench.drawn(number, seed)? {
        let said = bench.with_fault(&one, |head| {
            let base: PathBuf = bench.folder().join("base");
            let file = Path::new(search::PACKAGE).join(format!("{}.py", one.module()));
            for (side, tree) in [("base", base.as_path()), ("head", head)] {
                shell::write(
                    &modules.join(format!("{}_{side}.py", one.module())),
                    &shell::read(&tree.join(&file))?,
                )?;
            }
            let pair = Pair {
                module: one.module().to_owned(),
                function: one.function().to_owned(),
                modules: modules.clone(),
                trees: (base.clone(), head.to_owned()),
            };
            Ok((tools.all(&pair)?, pair))
        })?;
        all.add("library", &said.1, said.0);
    }
    Ok(all)
}

fn summary(caught: &Sort, alarms: &Sort, library: &Sort, how: &str, seconds: u64) -> Summary {
    let mut summary = Summary::default();
    for (index, tool) in Tools::NAMES.iter().enumerate() {
        let mut figures = vec![
            format!("{} of {} faults", caught.shown(index), caught.said.len()),
            format!("{:.1} s CPU in the median", caught.cpu(index)),
            format!("{} false alarms in {} rewrites", alarms.shown(index), alarms.said.len()),
        ];
        if !library.said.is_empty() {
            figures.push(format!(
                "{} of {} faults in the standard library, {:.1} s CPU in the median",
                library.shown(index),
                library.said.len(),
                library.cpu(index)
            ));
        }
        summary.tell(
            format!("{tool}, {seconds} s at most a pair, small algorithms {how}"),
            figures.join("; "),
        );
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_fault_is_caught_and_of_a_rewrite_an_alarm() {
        let said = |shown: bool, cpu| Said {
            shown: shown.then(|| "f(0)".to_owned()),
            cpu,
        };
        let sort = |one: bool| Sort {
            said: vec![[said(true, 0.5), said(one, 9.0), said(false, 2.0)]],
        };
        let table = summary(&sort(true), &sort(false), &Sort::default(), "as they stand", 60).to_string();
        assert!(
            table.contains("1 of 1 faults; 9.0 s CPU in the median; 0 false alarms in 1 rewrites"),
            "{table}"
        );
        assert!(!table.contains("standard library"), "{table}");
    }
}
