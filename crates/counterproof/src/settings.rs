//! What was meant: arguments, environment and configuration, resolved once.

use std::collections::BTreeMap;
use std::env;
use std::io::IsTerminal;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::args::{CheckArgs, Tests};
use crate::config::{self, Config};
use crate::error::CliError;

/// Ceiling for a check where nothing else is said, in seconds.
const BUDGET_SECONDS: f64 = 20.0;

/// How a check is done.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Ceiling, in seconds.
    pub budget_seconds: f64,
    /// Which of the project's own tests are run.
    pub tests: Tests,
    /// Whether what the versions declare is installed.
    pub install: bool,
    /// The interpreter that was named.
    pub python: Option<Utf8PathBuf>,
    /// Environments that variables point to, and how to call them, the first to be taken first.
    pub environments: Vec<(Utf8PathBuf, &'static str)>,
    /// Whether anything not verified is told by the exit code.
    pub require_verified: bool,
    /// Path prefixes that are left out.
    pub exclude: Vec<String>,
    /// Whether a missing layer of the sandbox forbids running.
    pub require_all_layers: bool,
    /// How programs are run.
    pub executor: executor::Settings,
    /// Where the cache is.
    pub cache: Utf8PathBuf,
}

impl Settings {
    /// Resolves what `args` and the configuration of the project at `root` say.
    ///
    /// # Errors
    /// When either does not make sense.
    pub fn resolve(args: &CheckArgs, root: &Utf8Path) -> Result<Self, CliError> {
        Self::of(args, root, &config::read(root)?)
    }

    /// Resolves what `args` and this configuration say.
    ///
    /// # Errors
    /// When either does not make sense.
    pub fn of(args: &CheckArgs, root: &Utf8Path, config: &Config) -> Result<Self, CliError> {
        let budget = args.budget.as_deref().or(config.check.budget.as_deref());
        let python = args
            .python
            .clone()
            .or_else(|| config.check.python.as_ref().map(|path| root.join(path)));
        Ok(Self {
            budget_seconds: budget.map(config::seconds).transpose()?.unwrap_or(BUDGET_SECONDS),
            tests: args.tests.or(config.check.tests).unwrap_or(Tests::Impacted),
            install: args.install,
            python,
            environments: environments(root),
            require_verified: args.require_verified || config.check.require_verified,
            exclude: config.check.exclude.clone(),
            require_all_layers: config.sandbox.require_all_layers,
            executor: executor_settings(args, config),
            cache: cache_folder(),
        })
    }
}

fn executor_settings(args: &CheckArgs, config: &Config) -> executor::Settings {
    let mut settings = executor::Settings {
        seed: args.seed,
        without: args.without.clone(),
        ..executor::Settings::default()
    };
    let passed = config.sandbox.pass_env.iter();
    settings.pass_env = passed
        .filter_map(|name| variable(name).map(|value| (name.clone(), value)))
        .collect();
    if args.no_sandbox {
        settings.without_layers = sandbox::Layer::ALL.to_vec();
    }
    let strong = &mut settings.strong;
    strong.inputs = config.strong.inputs.unwrap_or(strong.inputs);
    strong.branches = config.strong.branches.unwrap_or(strong.branches);
    strong.faults = config.strong.faults.unwrap_or(strong.faults);
    if let Some(mib) = config.sandbox.memory_mib {
        settings.memory_bytes = mib << 20;
    }
    if let Some(seconds) = config.sandbox.import_seconds {
        settings.import_limit = Duration::from_secs(u64::from(seconds.max(1)));
    }
    settings
}

/// The active environment, and the one that uv keeps for the project where it was told to keep it elsewhere than in `.venv`.
fn environments(root: &Utf8Path) -> Vec<(Utf8PathBuf, &'static str)> {
    let active = variable("VIRTUAL_ENV").map(|folder| (folder.into(), "the active environment"));
    let of_uv = variable("UV_PROJECT_ENVIRONMENT")
        .filter(|_| root.join("uv.lock").exists())
        .map(|folder| (root.join(folder), "uv's environment"));
    active.into_iter().chain(of_uv).collect()
}

/// The user's home.
pub fn home() -> Option<Utf8PathBuf> {
    variable("HOME").map(Utf8PathBuf::from)
}

/// The name that the system has for this user.
pub fn user() -> String {
    variable("USER")
        .or_else(|| variable("LOGNAME"))
        .unwrap_or_else(|| "a person without a name".to_owned())
}

/// Kiro's editor before 1.0 puts the event for a hook there.
pub fn kiro_event() -> Option<String> {
    variable("USER_PROMPT")
}

/// Variables that tell in which environment a command would do what it does, as far as they are set.
pub fn of_environments() -> BTreeMap<String, String> {
    const NAMES: [&str; 36] = [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_REGION",
        "KUBECONFIG",
        "TF_WORKSPACE",
        "DATABASE_URL",
        "PGHOST",
        "PGDATABASE",
        "PGSERVICE",
        "MYSQL_HOST",
        "DOCKER_HOST",
        "DOCKER_CONTEXT",
        "RAILS_ENV",
        "NODE_ENV",
        "APP_ENV",
        "MIX_ENV",
        "FLASK_ENV",
        "DJANGO_SETTINGS_MODULE",
        "ENVIRONMENT",
        "VAULT_ADDR",
        "NOMAD_ADDR",
        "CONSUL_HTTP_ADDR",
        "ETCDCTL_ENDPOINTS",
        "CLOUDSDK_CORE_PROJECT",
        "GOOGLE_CLOUD_PROJECT",
        "AZURE_SUBSCRIPTION_ID",
        "OS_CLOUD",
        "TMPDIR",
        "USER",
        "LOGNAME",
        "SHELL",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "VIRTUAL_ENV",
        "REDIS_URL",
        "MONGODB_URI",
    ];
    let set = |name: &&str| variable(name).map(|value| ((*name).to_owned(), value));
    NAMES.iter().filter_map(set).collect()
}

/// Variables that tell a tool what it does, where, and with which account, by what their names begin with.
pub fn of_tools() -> BTreeMap<String, String> {
    const BEGINNINGS: [&str; 10] = [
        "TF_",
        "AWS_",
        "KUBE",
        "PG",
        "GOOGLE_",
        "CLOUDSDK_",
        "AZURE_",
        "ARM_",
        "PULUMI_",
        "HELM_",
    ];
    let all = env::vars_os().map(|(name, value)| {
        (
            name.to_string_lossy().into_owned(),
            value.to_string_lossy().into_owned(),
        )
    });
    all.filter(|(name, _)| BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)))
        .collect()
}

/// A variable of this process, where it is set and is text.
pub fn of_process(name: &str) -> Option<String> {
    variable(name)
}

/// Refuses what only a person does, where this runs in an agent's session.
///
/// # Errors
/// When it does: the error says what nobody but a person can do.
pub fn refuse_agents(only_people: &str) -> Result<(), CliError> {
    match agent() {
        None => Ok(()),
        Some(agent) => Err(CliError::Usage(format!(
            "this runs in a session of {agent}: only a person can {only_people}, in a terminal of their own"
        ))),
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// `COUNTERPROOF_CACHE`, else the user's cache folder, else the folder for temporary files.
pub fn cache_folder() -> Utf8PathBuf {
    if let Some(folder) = variable("COUNTERPROOF_CACHE") {
        return folder.into();
    }
    let user = variable("XDG_CACHE_HOME")
        .map(Utf8PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Utf8PathBuf::from(home).join(".cache")));
    match user {
        Some(folder) => folder.join("counterproof"),
        None => temporary_folder(),
    }
}

/// Where what happened on this machine is kept: `COUNTERPROOF_STATE`, else the user's folder for state; none without a home.
///
/// Source: the XDG Base Directory Specification, `XDG_STATE_HOME`.
pub fn state_folder() -> Option<Utf8PathBuf> {
    if let Some(folder) = variable("COUNTERPROOF_STATE") {
        return Some(folder.into());
    }
    let user = variable("XDG_STATE_HOME")
        .map(Utf8PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Utf8PathBuf::from(home).join(".local/state")));
    user.map(|folder| folder.join("counterproof"))
}

/// The folder of this user's keys: `COUNTERPROOF_KEYS`, else in the user's folder for settings; none without a home.
pub fn keys_folder() -> Option<Utf8PathBuf> {
    if let Some(folder) = variable("COUNTERPROOF_KEYS") {
        return Some(folder.into());
    }
    let user = variable("XDG_CONFIG_HOME")
        .map(Utf8PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Utf8PathBuf::from(home).join(".config")));
    user.map(|folder| folder.join("counterproof/keys"))
}

/// The file with the key of the person who runs this, where `COUNTERPROOF_KEY` names one.
pub fn own_key() -> Option<Utf8PathBuf> {
    variable("COUNTERPROOF_KEY").map(Utf8PathBuf::from)
}

/// The file with the key of the runner that this is, where `COUNTERPROOF_RUNNER_KEY` names one.
pub fn runner_key() -> Option<Utf8PathBuf> {
    variable("COUNTERPROOF_RUNNER_KEY").map(Utf8PathBuf::from)
}

/// The file with the key that signs the ledger, where `COUNTERPROOF_LEDGER_KEY` names one.
pub fn ledger_key() -> Option<Utf8PathBuf> {
    variable("COUNTERPROOF_LEDGER_KEY").map(Utf8PathBuf::from)
}

/// What opens the bucket that the ledger is in: `COUNTERPROOF_LEDGER_TOKEN`.
pub fn ledger_token() -> Option<String> {
    variable("COUNTERPROOF_LEDGER_TOKEN")
}

/// The token that reviews are read with, where one is given: `COUNTERPROOF_GITHUB_TOKEN` or `COUNTERPROOF_GITLAB_TOKEN`. Those that
/// CI sets for other purposes are not taken: nothing goes over the network unless somebody said so.
pub fn forge_token(name: &str) -> Option<String> {
    variable(&format!("COUNTERPROOF_{}_TOKEN", name.to_uppercase()))
}

/// What CI says of the pull request that it runs for: its variables, and GitHub's account of what happened.
pub fn ci() -> (std::collections::BTreeMap<String, String>, Option<String>) {
    let is_meant = |name: &str| name.starts_with("GITHUB_") || name.starts_with("CI_");
    // Values that are no text say nothing here.
    let all = env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let variables = all.filter(|(name, _)| is_meant(name)).collect();
    let event = variable("GITHUB_EVENT_PATH").and_then(|path| std::fs::read_to_string(path).ok());
    (variables, event)
}

/// The agent in whose session this runs, as its variables tell; none where nothing tells of one.
pub fn agent() -> Option<&'static str> {
    // Variables that agents set for the commands that they run.
    const MARKS: [(&str, &str); 6] = [
        ("CLAUDECODE", "Claude Code"),
        ("GEMINI_CLI", "Gemini CLI"),
        ("CODEX_SANDBOX", "Codex"),
        ("CODEX_THREAD_ID", "Codex"),
        ("CURSOR_AGENT", "Cursor"),
        ("OPENCODE", "opencode"),
    ];
    MARKS
        .iter()
        .find(|(name, _)| variable(name).is_some())
        .map(|(_, agent)| *agent)
}

/// The folder of an agent's settings for all projects of this user: the one that a variable names, else one in the home; `None` without a home.
pub fn agent_folder(named_by: &str, inner: &str) -> Option<Utf8PathBuf> {
    let named = (!named_by.is_empty()).then(|| variable(named_by)).flatten();
    named
        .map(Utf8PathBuf::from)
        .or_else(|| home().map(|home| home.join(inner)))
}

/// The file that `name` would run by way of `PATH`.
pub fn on_path(name: &str) -> Option<Utf8PathBuf> {
    files_on_path(name).into_iter().next()
}

/// As [`on_path`], as if `folder` were not on it.
pub fn on_path_outside(name: &str, folder: &Utf8Path) -> Option<Utf8PathBuf> {
    let real = |path: &Utf8Path| path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
    let folder = real(folder);
    let mut files = files_on_path(name).into_iter();
    files.find(|file| file.parent().is_none_or(|parent| real(parent) != folder))
}

/// uv, where it is: under `uvx` it says itself where.
pub fn uv() -> Option<Utf8PathBuf> {
    let own = variable("UV").map(Utf8PathBuf::from).filter(|file| file.is_file());
    own.or_else(|| on_path("uv"))
}

fn files_on_path(name: &str) -> Vec<Utf8PathBuf> {
    let path = variable("PATH").unwrap_or_default();
    let files = path.split(':').map(|folder| Utf8Path::new(folder).join(name));
    files.filter(|file| file.is_file()).collect()
}

/// The cache's place when the usual one cannot be written.
pub fn temporary_folder() -> Utf8PathBuf {
    Utf8PathBuf::from_path_buf(env::temp_dir())
        .unwrap_or_else(|_| "/tmp".into())
        .join("counterproof-cache")
}

/// Whether results on standard output may have colour.
pub fn colour() -> bool {
    std::io::stdout().is_terminal()
        && variable("NO_COLOR").is_none()
        && variable("TERM").is_none_or(|term| term != "dumb")
}

/// Width of the terminal, 100 where there is none.
pub fn width() -> usize {
    if !std::io::stdout().is_terminal() {
        return 100;
    }
    variable("COLUMNS")
        .and_then(|columns| columns.parse().ok())
        .unwrap_or(100)
}
