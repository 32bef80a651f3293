//! Evidence as it is stored: all that a report, an explanation or a reproduction needs.

use change::{Pair, Side};
use executor::Interpreter;
use model::report::CheckReport;
use model::{Change, Evidence, Finding, Plan};
use serde::{Deserialize, Serialize};

use crate::environments::Interpreters;
use crate::error::CliError;
use crate::overlay::{LaidOver, Overlay};
use crate::settings::Settings;

/// Version of the stored form; evidence of another version is not read.
const FORMAT: u32 = 4;

/// The result of one check with everything it rests on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stored {
    /// Version of the tool that made it.
    pub tool_version: String,
    /// What differs.
    pub change: Change,
    /// What was to be run.
    pub plan: Plan,
    /// What was seen.
    pub evidence: Evidence,
    /// Exit code at the time.
    pub exit: u8,
    /// Wall time of the run, in seconds.
    pub seconds: f64,
    /// Whether it came from the cache.
    #[serde(skip)]
    pub cached: bool,
    /// What a finding is run again with; `None` where nothing was run.
    pub ran: Option<Ran>,
}

/// What the evidence was made with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ran {
    /// The trees as they were laid out, base and head.
    pub trees: (String, String),
    /// The interpreter of head.
    pub interpreter: Interpreter,
    /// The one of base, where it has another.
    #[serde(default)]
    pub base_interpreter: Option<Interpreter>,
    /// What was laid over both trees.
    pub laid_over: Vec<LaidOver>,
}

impl Stored {
    /// The result of a run that has just ended.
    pub fn new(change: Change, plan: Plan, evidence: Evidence, exit: u8, seconds: f64) -> Self {
        let tool_version = env!("CARGO_PKG_VERSION").to_owned();
        Self {
            tool_version,
            change,
            plan,
            evidence,
            exit,
            seconds,
            cached: false,
            ran: None,
        }
    }

    /// The published form.
    pub fn report(&self, exit: u8) -> CheckReport {
        report::check_report(
            &self.change,
            &self.evidence,
            exit,
            self.seconds,
            self.cached,
            &self.tool_version,
            &setup,
        )
    }

    /// A finding by its id or an unambiguous beginning of it, with the number of its function.
    pub fn finding(&self, id: &str) -> Option<(usize, &Finding)> {
        let known = self
            .evidence
            .functions
            .iter()
            .flat_map(|function| function.findings.iter().map(|finding| (function.function, finding)));
        let mut found = known.filter(|(_, finding)| finding.id.starts_with(id) && id.len() >= 4);
        found.next().filter(|_| found.next().is_none())
    }

    /// The whole story of a finding.
    ///
    /// # Errors
    /// When there is no such finding in this check.
    pub fn explain(&self, id: &str, report: &CheckReport) -> Result<String, CliError> {
        let Some((function, finding)) = self.finding(id) else {
            let known: Vec<&str> = self
                .evidence
                .functions
                .iter()
                .flat_map(|function| &function.findings)
                .map(|finding| finding.id.as_str())
                .collect();
            let known = if known.is_empty() {
                "it has none".to_owned()
            } else {
                format!("it has {}", known.join(", "))
            };
            return Err(CliError::Usage(format!("this check has no finding {id}: {known}")));
        };
        Ok(report::explain::explain(
            report,
            finding,
            &self.change.functions[function],
            &self.evidence.functions[function],
        ))
    }
}

/// What has to run before the call of a finding: imports, objects that are shared, calls that leave state behind.
pub fn setup(finding: &Finding) -> Vec<String> {
    let example = &finding.example;
    let call = |input| languages::python::print::call(&example.target, input);
    let is_import = |line: &String| line.starts_with("import ") || line.starts_with("from ");
    let (mut imports, own): (Vec<String>, Vec<String>) = call(&example.input).setup.into_iter().partition(is_import);
    let mut statements = Vec::new();
    for earlier in example.before.iter().map(call) {
        // Each call has names of its own for what it shares, so its statements stand right before it.
        let (more, before): (Vec<String>, Vec<String>) = earlier.setup.into_iter().partition(is_import);
        let new: Vec<String> = more.into_iter().filter(|line| !imports.contains(line)).collect();
        imports.extend(new);
        statements.extend(before);
        statements.push(earlier.call);
    }
    imports.into_iter().chain(statements).chain(own).collect()
}

/// What evidence depends on, as one digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(pub String);

/// A digest of a version without files of our own: that a finding is accepted changes no evidence.
fn content(side: &Side) -> String {
    let mut hasher = blake3::Hasher::new();
    let entries = side.entries().iter();
    for entry in entries.filter(|entry| !entry.path.starts_with(crate::accepted::FOLDER)) {
        hasher.update(format!("{} {} {:?}\0", entry.path, entry.id, entry.mode).as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Which build of one version this is: builds from source differ without another version. Size and time of the program's file
/// tell them apart in microseconds.
pub fn build() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    file.map_or_else(
        |_| String::new(),
        |file| format!("{} {:?}", file.len(), file.modified().ok()),
    )
}

impl Key {
    /// The key of a check.
    pub fn new(
        settings: &Settings,
        change: &Change,
        pair: &Pair,
        interpreters: &Interpreters,
        overlay: &Overlay,
        targets: &[String],
    ) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut add = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        add(&FORMAT.to_string());
        add(env!("CARGO_PKG_VERSION"));
        add(&build());
        add(&executor::harness::digest());
        add(&content(&pair.base));
        add(&content(&pair.head));
        add(&change.base.name);
        add(&change.head.name);
        add(&overlay.digest);
        for interpreter in [&interpreters.base, &interpreters.head] {
            add(&serde_json::to_string(interpreter).unwrap_or_default());
            interpreter.distributions().iter().for_each(|name| add(name));
            add(&interpreter.state_of_links());
        }
        targets.iter().chain(&settings.exclude).for_each(|path| add(path));
        // Some of them may have been left out.
        for function in &change.functions {
            add(&function.path);
            add(&function.qualified_name);
        }
        add(&format!(
            "{} {:?} {:?}",
            settings.budget_seconds, settings.tests, settings.executor
        ));
        Self(hasher.finalize().to_hex().to_string())
    }
}
