//! What a run of the executor works with.

use std::sync::Arc;
use std::time::Duration;

use camino::Utf8PathBuf;
use languages::python::Project;

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
