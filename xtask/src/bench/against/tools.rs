//! The tools that are held against one another: how each is run on a pair of functions, and what it says.

use crate::bench::algorithms::example;
use crate::bench::checking::{Checker, Ran, drained, watch};
use crate::bench::machine::children_cpu_seconds;
use crate::bench::packages::{self, Pythons};
use crate::shell::{self, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The others get their time as CPU seconds, so that a busy machine does not count against them, with so many more for their
/// start; on the clock they get so many times as much.
const START: u64 = 5;
const TIMES: u64 = 10;

/// Two versions of a function.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Name of the module; `NAME_base` and `NAME_head` are its versions in `modules`.
    pub module: String,
    /// The function, or method.
    pub function: String,
    /// The folder with both versions as modules.
    pub modules: PathBuf,
    /// The two trees that Counterproof gets.
    pub trees: (PathBuf, PathBuf),
}

/// What a tool said of a pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The input that it shows, with what comes out.
    pub shown: Option<String>,
    /// CPU seconds of all its processes, where the system tells.
    pub cpu: f64,
}

/// All three.
pub struct Tools {
    /// Counterproof.
    pub checker: Checker,
    /// The folder with the programs of the others.
    programs: PathBuf,
}

impl Tools {
    /// Installs the other two, of the versions in `tools.txt`, into an environment of their own.
    pub fn ready(checker: Checker) -> Result<Self> {
        let list = shell::read(&shell::root().join("benches/against/tools.txt"))?;
        let wanted = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let wanted: Vec<String> = wanted.map(str::to_owned).collect();
        let pythons = Pythons::find()?;
        let python = packages::environment(pythons.at_least((3, 10))?, &wanted)?;
        let programs = python.parent().unwrap_or(&python).to_owned();
        Ok(Self { checker, programs })
    }

    /// Names of the tools, in the order of [`Self::all`].
    pub const NAMES: [&str; 3] = ["Counterproof", "CrossHair", "Hypothesis"];

    /// What each says of a pair.
    pub fn all(&self, pair: &Pair) -> Result<[Said; 3]> {
        Ok([self.counterproof(pair)?, self.crosshair(pair)?, self.hypothesis(pair)?])
    }

    fn counterproof(&self, pair: &Pair) -> Result<Said> {
        let ran: Ran = self.checker.trees(&pair.trees.0, &pair.trees.1)?;
        Ok(Said {
            shown: ran.report.functions.iter().find_map(example),
            cpu: ran.cpu.unwrap_or_default(),
        })
    }

    fn crosshair(&self, pair: &Pair) -> Result<Said> {
        let mut command = self.program("crosshair", pair);
        command.args([
            "diffbehavior",
            "--per_condition_timeout",
            &self.checker.seconds.to_string(),
        ]);
        command.args(pair.names());
        let (said, code, cpu) = self.run(&mut command)?;
        // Exit code 2 tells that it cannot load or handle the functions.
        let shown =
            (code == Some(1) && said.contains("Given:")).then(|| said.split_whitespace().collect::<Vec<_>>().join(" "));
        Ok(Said { shown, cpu })
    }

    fn hypothesis(&self, pair: &Pair) -> Result<Said> {
        let mut write = self.program("hypothesis", pair);
        write.args(["write", "--errors-equivalent"]).args(pair.names());
        let (test, code, writing) = self.run(&mut write)?;
        if code != Some(0) {
            return Ok(Said {
                shown: None,
                cpu: writing,
            });
        }
        shell::write(&pair.modules.join("test_pair.py"), &test)?;
        shell::write(&pair.modules.join("conftest.py"), PROFILE)?;
        let mut pytest = self.program("pytest", pair);
        pytest.args(["-q", "-p", "no:cacheprovider", "test_pair.py"]);
        let (said, _, running) = self.run(&mut pytest)?;
        // What it cannot generate an input for fails, too, but without a test case.
        let case = ["Failing test case", "Falsifying example"]
            .iter()
            .find_map(|mark| said.split_once(mark));
        Ok(Said {
            shown: case.map(|(_, rest)| {
                rest.chars()
                    .take(300)
                    .collect::<String>()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            }),
            cpu: writing + running,
        })
    }

    fn program(&self, name: &str, pair: &Pair) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -t \"$0\" && exec \"$@\""])
            .arg((self.checker.seconds + START).to_string())
            .arg(self.programs.join(name))
            .current_dir(&pair.modules)
            .env("PYTHONPATH", &pair.modules)
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// Runs a program to its end or out of its time: what it printed, its exit code, its CPU seconds.
    fn run(&self, command: &mut Command) -> Result<(String, Option<i32>, f64)> {
        let before = children_cpu_seconds();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", shell::shown(command)))?;
        let stdout = drained(child.stdout.take());
        let ended = watch(&mut child, Duration::from_secs(self.checker.seconds * TIMES));
        let said = String::from_utf8_lossy(&stdout.join().unwrap_or_default()).into_owned();
        let code = ended.ok().and_then(|_| child.wait().ok()?.code());
        let cpu = children_cpu_seconds()
            .zip(before)
            .map_or(0.0, |(after, before)| after - before);
        Ok((said, code, cpu))
    }
}

/// Hypothesis gets as many examples as its time allows, and spends none of it on making one small.
const PROFILE: &str = "\
from hypothesis import HealthCheck, Phase, settings
settings.register_profile(
    'bench', max_examples=10_000, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.target],
)
settings.load_profile('bench')
";

impl Pair {
    /// The two functions by their full names.
    fn names(&self) -> [String; 2] {
        ["base", "head"].map(|side| format!("{}_{side}.{}", self.module, self.function))
    }
}

/// A folder with a copy of one file alone.
pub fn alone(file: &Path, folder: &Path) -> Result<()> {
    shell::make_folder(folder)?;
    let to = folder.join(file.file_name().unwrap_or_default());
    std::fs::copy(file, &to).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(())
}
