//! `cargo xtask bench NAME`: where the figures in the README come from.

mod against;
mod algorithms;
mod all;
mod checking;
mod daily;
mod exposures;
mod false_alarms;
mod gate;
mod guard;
mod ledger;
pub mod machine;
pub mod options;
mod own_tests;
mod packages;
mod precision;
mod regressions;
mod search;
mod speed;
mod strength;
mod summary;

use crate::shell::{self, Result};
use options::Options;
use std::path::PathBuf;
use summary::Summary;

/// A bench.
struct Bench {
    name: &'static str,
    /// What it takes, a line for each.
    usage: &'static str,
    /// Measures, prints what it measured, and sums it up.
    measure: fn(&mut Options) -> Result<Summary>,
}

const BENCHES: [Bench; 15] = [
    Bench {
        name: "algorithms",
        usage: algorithms::USAGE,
        measure: algorithms::measure,
    },
    Bench {
        name: "regressions",
        usage: regressions::USAGE,
        measure: regressions::measure,
    },
    Bench {
        name: "false-alarms",
        usage: false_alarms::USAGE,
        measure: false_alarms::measure,
    },
    Bench {
        name: "speed",
        usage: speed::USAGE,
        measure: speed::measure,
    },
    Bench {
        name: "daily",
        usage: daily::USAGE,
        measure: daily::measure,
    },
    Bench {
        name: "tests",
        usage: own_tests::USAGE,
        measure: own_tests::measure,
    },
    Bench {
        name: "search",
        usage: search::USAGE,
        measure: search::measure,
    },
    Bench {
        name: "strength",
        usage: strength::USAGE,
        measure: strength::measure,
    },
    Bench {
        name: "exposures",
        usage: exposures::USAGE,
        measure: exposures::measure,
    },
    Bench {
        name: "against",
        usage: against::USAGE,
        measure: against::measure,
    },
    Bench {
        name: "precision",
        usage: precision::USAGE,
        measure: precision::measure,
    },
    Bench {
        name: "guard",
        usage: guard::USAGE,
        measure: guard::measure,
    },
    Bench {
        name: "gate",
        usage: gate::USAGE,
        measure: gate::measure,
    },
    Bench {
        name: "ledger",
        usage: ledger::USAGE,
        measure: ledger::measure,
    },
    Bench {
        name: "check",
        usage: all::USAGE,
        measure: all::measure,
    },
];

/// Runs the bench that is named.
pub fn run(arguments: &[&str]) -> Result<()> {
    let (name, rest) = arguments
        .split_first()
        .ok_or_else(|| format!("which bench? One of: {}", names()))?;
    let bench = BENCHES
        .iter()
        .find(|bench| bench.name == *name)
        .ok_or_else(|| format!("there is no bench `{name}`; there is: {}", names()))?;
    if rest.iter().any(|word| matches!(*word, "-h" | "--help")) {
        println!("cargo xtask bench {name}\n{}\n{}", bench.usage, options::EVERYWHERE);
        return Ok(());
    }
    let mut options = Options::parse(rest)?;
    let summary = (bench.measure)(&mut options)?;
    println!("\n{summary}");
    summary.verdict()
}

/// Names of all benches.
pub fn names() -> String {
    BENCHES.iter().map(|bench| bench.name).collect::<Vec<_>>().join(", ")
}

/// The binary to be measured: the one that is named, else the release binary, built first.
fn binary(options: &mut Options) -> Result<PathBuf> {
    if let Some(named) = options.text("binary")? {
        let path = PathBuf::from(named);
        return std::fs::canonicalize(&path).map_err(|error| format!("{}: {error}", path.display()));
    }
    shell::run(shell::cargo().args(["build", "--release", "-p", "counterproof"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(shell::target, |folder| shell::root().join(folder));
    Ok(target.join("release/counterproof"))
}
