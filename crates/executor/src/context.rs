//! What a run of the executor works with.

use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use languages::python::Project;
use model::FunctionEvidence;

use crate::interpreter::Interpreter;

/// One version, laid out on disk.
#[derive(Clone)]
pub struct Side {
    /// Its tree.
    pub tree: Utf8PathBuf,
    /// The folder its calls may write to.
    pub scratch: Utf8PathBuf,
    /// Its sources.
    pub project: Arc<Project>,
    /// The interpreter that runs it.
    pub interpreter: Interpreter,
}

/// How to run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Seed of the search.
    pub seed: u64,
    /// Techniques of the search that are switched off.
    pub without: Vec<String>,
    /// Variables of the user's environment that are let through.
    pub pass_env: Vec<(String, String)>,
    /// Sandbox layers that are not used.
    pub without_layers: Vec<sandbox::Layer>,
    /// Address space of a harness process, in bytes.
    pub memory_bytes: u64,
    /// Longest time one import may take.
    pub import_limit: Duration,
    /// Seconds of wall time without progress after which a call is given up.
    pub wall_seconds: f64,
    /// The frozen time, in seconds since the epoch.
    pub frozen_time: f64,
    /// How coverage is taken: `auto`, `monitoring`, `settrace`, `none`.
    pub coverage: &'static str,
    /// From when on a "same" is called strong.
    pub strong: Strong,
}

/// Thresholds of a "same" that is called strong. `cargo xtask bench search` prints how many of those called strong are wrong, `bench
/// false-alarms` how many are called so where nothing differs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strong {
    /// Inputs that base accepted, at least; of a function that takes nothing, one is all there are.
    pub inputs: u64,
    /// Share of the branches of the function that they reached, at least; from 0 to 1.
    pub branches: f64,
    /// Share of the injected faults that they noticed, at least; from 0 to 1.
    pub faults: f64,
    /// Faults without which no share of them says anything.
    pub least_faults: u32,
}

impl Default for Strong {
    fn default() -> Self {
        Self {
            inputs: 32,
            branches: 0.9,
            faults: 0.8,
            least_faults: 3,
        }
    }
}

impl Strong {
    /// Whether what was seen of a function that seems to be the same passes all thresholds.
    pub(crate) fn holds(&self, evidence: &FunctionEvidence, takes_nothing: bool) -> bool {
        let share = |(part, all): (u32, u32)| f64::from(part) / f64::from(all.max(1));
        // A function without branches has none to miss.
        let branches = evidence
            .branches
            .is_none_or(|branches| share(branches) >= self.branches);
        let faults = evidence
            .faults
            .is_some_and(|faults| faults.1 >= self.least_faults && share(faults) >= self.faults);
        let inputs = if takes_nothing { 1 } else { self.inputs };
        evidence.useful_inputs >= inputs && branches && faults
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            without: Vec::new(),
            pass_env: Vec::new(),
            without_layers: Vec::new(),
            memory_bytes: 4 << 30,
            import_limit: Duration::from_secs(10),
            wall_seconds: 1.0,
            // A Wednesday in a leap year, well inside every calendar: 2024-02-28 12:00:00 UTC.
            frozen_time: 1_709_121_600.0,
            coverage: "auto",
            strong: Strong::default(),
        }
    }
}

/// Hears of progress.
pub trait Progress: Sync {
    /// Function number `done` of `all` is next.
    fn function(&self, done: usize, all: usize, name: &str);
    /// Something else is being done.
    fn stage(&self, name: &str);
    /// Whether the user has asked to stop.
    fn stopped(&self) -> bool;
}

/// Everything an execution needs.
pub struct Context<'a> {
    /// What was.
    pub base: Side,
    /// What is.
    pub head: Side,
    /// Our own program, which contains processes when told to.
    pub launcher: Utf8PathBuf,
    /// The harness' folder.
    pub harness: Utf8PathBuf,
    /// How to run.
    pub settings: Settings,
    /// Who hears of progress.
    pub progress: &'a dyn Progress,
}

impl Context<'_> {
    /// Whether both versions run with one interpreter and its packages: what equal code proves, it proves only then.
    pub fn has_one_interpreter(&self) -> bool {
        self.base.interpreter == self.head.interpreter
    }
}
