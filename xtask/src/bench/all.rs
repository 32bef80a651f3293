//! `cargo xtask bench check`: a short form of all benches, and the table for the README.

use super::options::Options;
use super::summary::Summary;
use super::{algorithms, false_alarms, machine, regressions, speed};
use crate::shell::{self, Result};
use std::time::Instant;

/// What it takes.
pub const USAGE: &str = "  --seed N            the chance by which subsets are chosen (1)";

/// A bench in short form: its name, its options, and what runs it.
type Short = (
    &'static str,
    &'static [(&'static str, &'static str)],
    fn(&mut Options) -> Result<Summary>,
);

const SHORT: [Short; 4] = [
    ("algorithms", &[], algorithms::measure),
    ("regressions", &[("limit", "9"), ("budget", "20")], regressions::measure),
    (
        "false-alarms",
        &[("limit", "16"), ("seconds", "10")],
        false_alarms::measure,
    ),
    ("speed", &[("rounds", "3"), ("pythons", "2")], speed::measure),
];

/// Runs all of them. One that cannot be run is told, and the others go on.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = super::binary(options)?.display().to_string();
    let seed = options.number("seed", 1_u64)?.to_string();
    options.done()?;
    let (started, mut summary) = (Instant::now(), Summary::default());
    for (name, arguments, run) in SHORT {
        println!("\n== {name}");
        let mut short = Options::default().with("binary", &binary);
        if matches!(name, "regressions" | "false-alarms") {
            short = short.with("seed", &seed);
        }
        for (option, value) in arguments {
            short = short.with(option, value);
        }
        match run(&mut short) {
            Ok(figures) => summary.add(figures),
            Err(error) => {
                shell::say(&format!("{name}: {error}"));
                summary.fail(format!("{name}: {error}"));
                summary.tell(name, format!("not measured: {}", error.replace('\n', " / ")));
            }
        }
    }
    println!(
        "\nMeasured on {}; all of it in {:.0} s.",
        machine::described(),
        started.elapsed().as_secs_f64()
    );
    Ok(summary)
}
