//! `cargo xtask bench gate`: what a decision costs, and what the ledger does.

use super::machine::{children_cpu_seconds, children_peak_megabytes};
use super::options::Options;
use super::summary::{Summary, median};
use super::{binary, ledger};
use crate::shell::{self, Result};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What it takes.
pub const USAGE: &str = "\
  --rounds N          decisions of each sort (11)
  --skip-ledger       no ledger
  --entries N         size of the large ledger (10000000)
  --seconds N         how long writers append (5)
  --part NAME         one sort of decision alone, in this process (all, each in a process of its own, after what warms the cache)";

/// Files that the change touches.
const FILES: usize = 500;
/// Rules of the policy.
const RULES: usize = 200;

/// Measures everything.
pub fn measure(options: &mut Options) -> Result<Summary> {
    let binary = binary(options)?;
    let rounds: usize = options.number("rounds", 11)?;
    let skip = options.is("skip-ledger")?;
    let (entries, seconds) = (
        options.number("entries", 10_000_000_u64)?,
        options.number("seconds", 5_u64)?,
    );
    let part = options.text("part")?;
    options.done()?;
    if let Some(part) = part {
        println!("{}", Place::here(binary).part(&part, rounds)?);
        return Ok(Summary::default());
    }
    let mut summary = Summary::default();
    decisions(&binary, rounds, &mut summary)?;
    if !skip {
        let mut of_ledger = Options::default()
            .with("entries", &entries.to_string())
            .with("seconds", &seconds.to_string());
        summary.add(ledger::measure(&mut of_ledger)?);
    }
    Ok(summary)
}

/// Where decisions are made.
struct Place {
    binary: PathBuf,
    folder: PathBuf,
}

/// What decisions of one sort cost: medians, and the most memory.
struct Cost {
    wall: f64,
    cpu: f64,
    peak: f64,
}

impl Cost {
    fn told(&self) -> String {
        format!("{:.0} ms, {:.0} ms of CPU, {:.0} MB", self.wall, self.cpu, self.peak)
    }

    fn is_met(&self) -> bool {
        self.wall < 50.0 && self.peak < 200.0
    }
}

impl Place {
    fn here(binary: PathBuf) -> Self {
        let folder = shell::target().join("bench-work/gate");
        Self { binary, folder }
    }

    fn repository(&self) -> PathBuf {
        self.folder.join("repository")
    }

    fn case(&self) -> String {
        self.folder.join("case.json").display().to_string()
    }

    fn gate(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .arg("gate")
            .args(arguments)
            .current_dir(self.repository())
            .env("COUNTERPROOF_CACHE", self.folder.join("cache"))
            .env("COUNTERPROOF_KEYS", self.folder.join("keys"));
        command
    }

    /// Makes decisions of one sort, and tells what they cost in numbers.
    fn part(&self, part: &str, rounds: usize) -> Result<String> {
        let case = self.case();
        let arguments: &[&str] = match part {
            "recorded" => &["test", &case],
            "asked" => &["merge", "--no-record"],
            "kept" => &["merge"],
            _ => return Err(format!("there is no part `{part}`; there is: recorded, asked, kept")),
        };
        let (mut walls, mut cpus) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (cpu, started) = (children_cpu_seconds(), Instant::now());
            shell::output(&mut self.gate(arguments))?;
            walls.push(started.elapsed().as_secs_f64() * 1e3);
            cpus.extend(
                children_cpu_seconds()
                    .zip(cpu)
                    .map(|(after, before)| (after - before) * 1e3),
            );
        }
        let peak = children_peak_megabytes().ok_or("the system does not tell how much memory was used")?;
        Ok(format!("{} {} {peak}", median(walls), median(cpus)))
    }

    /// The same in a process of its own, whose children are these alone.
    fn cost(&self, part: &str, rounds: usize) -> Result<Cost> {
        let this = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(this);
        command.args(["bench", "gate", "--part", part, "--rounds", &rounds.to_string()]);
        command.arg("--binary").arg(&self.binary);
        let output = shell::output(&mut command)?;
        let numbers: Vec<f64> = output
            .lines()
            .next()
            .unwrap_or_default()
            .split(' ')
            .filter_map(|number| number.parse().ok())
            .collect();
        let [wall, cpu, peak] = numbers[..] else {
            return Err(format!("a part of the bench said: {output}"));
        };
        Ok(Cost { wall, cpu, peak })
    }
}

fn decisions(binary: &Path, rounds: usize, summary: &mut Summary) -> Result<()> {
    let place = Place::here(binary.to_owned());
    shell::remove_folder(&place.folder)?;
    build(&place.folder)?;
    // Warms the cache: from here on no code of the project is run.
    shell::run(&mut place.gate(&["test", "--record", &place.case()]))?;
    let recorded = place.cost("recorded", rounds)?;
    summary.judge(
        format!("a decision over {FILES} files by {RULES} rules, recorded, in a new process"),
        recorded.told(),
        "50 ms, 200 MB",
        recorded.is_met(),
    );
    let asked = place.cost("asked", rounds)?;
    summary.judge(
        "the same asked of git, with evidence at hand: `gate merge --no-record`",
        asked.told(),
        "50 ms, 200 MB",
        asked.is_met(),
    );
    summary.tell(
        "the same, and put into the ledger: `gate merge`",
        place.cost("kept", rounds)?.told(),
    );
    Ok(())
}

/// A repository with a change of many files that means nothing, and a policy of many rules.
fn build(folder: &Path) -> Result<()> {
    let repository = folder.join("repository");
    let path = |number: usize| format!("package/m{}/f{number}.py", number / 25);
    let functions: String = (0..6).fold(String::new(), |mut text, number| {
        let _ = write!(text, "def f{number}(x):\n    return x + {number}\n\n\n");
        text
    });
    for number in 0..FILES {
        let file = repository.join(path(number));
        shell::make_folder(file.parent().unwrap_or(&repository))?;
        shell::write(&file, &functions)?;
    }
    let kinds = [
        "kind = \"no-regression\"",
        "kind = \"verified-share\"\nshare = 0.9",
        "kind = \"two-person-review\"\nreviewers = 0",
        "kind = \"blast-radius\"\nmost = 100000",
        "kind = \"no-broken-test\"",
    ];
    let mut policy =
        "[gate]\nwithout_defaults = true\n[[service]]\nname = \"shop\"\npaths = [\"package/\"]\ntier = 2\n".to_owned();
    for number in 0..RULES {
        let _ = write!(
            policy,
            "[[rule]]\nname = \"rule {number}\"\n{}\n",
            kinds[number % kinds.len()]
        );
    }
    shell::write(&repository.join("counterproof.toml"), &policy)?;
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command
            .args([
                "-c",
                "user.name=bench",
                "-c",
                "user.email=bench@example.com",
                "-c",
                "commit.gpgSign=false",
            ])
            .args(arguments)
            .current_dir(&repository);
        shell::run(&mut command)
    };
    git(&["init", "--quiet", "--initial-branch=main"])?;
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--message", "Before"])?;
    git(&["switch", "--quiet", "--create", "change"])?;
    for number in 0..FILES {
        shell::write(
            &repository.join(path(number)),
            &functions.replace("return x + 0", "return 0 + x"),
        )?;
    }
    git(&["commit", "--quiet", "--all", "--message", "After"])
}
