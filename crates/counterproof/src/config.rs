//! `counterproof.toml`: all of it is optional.

use camino::Utf8Path;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::CliError;
use crate::files::read_plain_text;

/// Name of the file, at the root of the repository.
pub const NAME: &str = "counterproof.toml";
/// Bytes of it that are read.
const LONGEST: u64 = 4 << 20;

/// The configuration of a project.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "counterproof.toml")]
pub struct Config {
    /// How changes are checked.
    pub check: Check,
    /// What the project's code may do while it is run.
    pub sandbox: Sandbox,
    /// From when on a "same" is called strong.
    pub strong: Strong,
    /// Where the ledger is, and whose signatures count in it.
    pub ledger: Ledger,
    /// Whose evidence counts at the gate, and what applies there besides the rules that are written down.
    pub gate: gate::Gate,
    /// Parts of the repository that are deployed.
    pub service: Vec<gate::Service>,
    /// Those who write, review and sign.
    pub person: Vec<gate::Person>,
    /// Names for several people, as CODEOWNERS uses them.
    pub team: Vec<gate::Team>,
    /// What is asked of changes and deployments.
    pub rule: Vec<gate::Rule>,
    /// When deployments are made.
    pub window: Vec<gate::Window>,
    /// When none are.
    pub freeze: Vec<gate::Freeze>,
    /// Rules for a time.
    pub framework: Vec<gate::Framework>,
    /// Weights of the risk score.
    pub risk: gate::risk::Weights,
}

/// Where the ledger is, and whose signatures count in it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ledger {
    /// A folder, relative to the repository, or the address of a bucket. Default: `.counterproof/ledger`.
    pub at: Option<String>,
    /// Name that its checkpoints carry. Default: `local`.
    pub origin: Option<String>,
    /// The first key that its checkpoints are signed with, as `counterproof ledger init` prints it.
    pub key: Option<String>,
    /// Keys of witnesses, as they print them.
    pub witnesses: Vec<String>,
    /// How many of the witnesses have to have signed. Default: none.
    pub quorum: u32,
    /// Days for which what belongs to entries is kept at least. Default: 183.
    pub retention_days: Option<u32>,
}

/// From when on a "same" is called strong: all thresholds must be passed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Strong {
    /// Inputs that base accepted, at least; of a function that takes nothing, one. Default: 32.
    pub inputs: Option<u64>,
    /// Share of the function's branches that they reached, at least, from 0 to 1. Default: 0.9.
    pub branches: Option<f64>,
    /// Share of the injected faults that they noticed, at least, from 0 to 1. Default: 0.8.
    pub faults: Option<f64>,
}

/// How changes are checked.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Check {
    /// Ceiling for the whole check: a number with `s` or `m`, for example `30s`. Default: `20s`.
    pub budget: Option<String>,
    /// Which of the project's own tests are run. Default: `impacted`, those that may reach what changed.
    pub tests: Option<crate::args::Tests>,
    /// The project's interpreter, relative to the repository. Default: the active environment, `.venv`, `python3`.
    pub python: Option<String>,
    /// Exit with 3 when anything that changed could not be verified.
    pub require_verified: bool,
    /// Folders and files that are not looked at: path prefixes, relative to the repository. They are listed as not verified.
    pub exclude: Vec<String>,
}

/// What the project's code may do while it is run.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sandbox {
    /// Names of environment variables that are let through, for example `DJANGO_SETTINGS_MODULE`. All others are hidden.
    pub pass_env: Vec<String>,
    /// Memory of one process, in MiB. Default: 4096.
    pub memory_mib: Option<u64>,
    /// Longest time one import may take, in seconds. Default: 10.
    pub import_seconds: Option<u32>,
    /// Refuse to run anything when a layer of the sandbox is missing on this system.
    pub require_all_layers: bool,
}

/// Reads the configuration of the project at `root`; without a file, the defaults.
///
/// # Errors
/// When the file is not what it should be: the error names the file, the line and what is wrong.
pub fn read(root: &Utf8Path) -> Result<Config, CliError> {
    let path = root.join(NAME);
    let text = match read_plain_text(&path, LONGEST) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) => return Err(CliError::Usage(format!("{NAME} cannot be read: {error}"))),
    };
    parse(&text)
}

fn parse(text: &str) -> Result<Config, CliError> {
    let wrong = |wrong: String| CliError::Usage(format!("{NAME}, {wrong} (see `counterproof schema config`)"));
    toml::from_str(text).map_err(|error| wrong(line_and_message(text, &error)))
}

/// Reads a text of the file for the gate, which asks more of it: the policy has to make sense, too.
///
/// # Errors
/// Line, what is wrong and what was expected.
pub fn with_policy(text: &str) -> Result<(Config, gate::Policy), String> {
    let config: Config = toml::from_str(text).map_err(|error| line_and_message(text, &error))?;
    let policy = config.policy();
    policy.validate().map_err(|error| match error.at {
        Some(at) => format!("line {}: {error}", line_of(text, at)),
        None => error.to_string(),
    })?;
    Ok((config, policy.with_defaults()))
}

impl Config {
    /// What of it the gate judges by.
    fn policy(&self) -> gate::Policy {
        gate::Policy {
            gate: self.gate.clone(),
            service: self.service.clone(),
            person: self.person.clone(),
            team: self.team.clone(),
            rule: self.rule.clone(),
            window: self.window.clone(),
            freeze: self.freeze.clone(),
            framework: self.framework.clone(),
            risk: self.risk.clone(),
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// Where a text is no TOML of the wanted form, and what is wrong there.
pub fn line_and_message(text: &str, error: &toml::de::Error) -> String {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    format!("line {line}: {}", error.message().trim())
}

/// Reads `30s`, `2m`, `1.5s` or a bare number of seconds.
///
/// # Errors
/// When it is none of these, or not above zero.
pub fn seconds(text: &str) -> Result<f64, CliError> {
    let trimmed = text.trim();
    let (number, unit) = match trimmed.strip_suffix('m') {
        Some(number) => (number, 60.0),
        None => (trimmed.strip_suffix('s').unwrap_or(trimmed), 1.0),
    };
    match number.trim().parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value * unit),
        _ => Err(CliError::Usage(format!(
            "`{text}` is no time: write for example 30s or 2m"
        ))),
    }
}

/// The JSON Schema of the file.
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(Config)).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_line_of_what_is_wrong() {
        let error = parse("[check]\nbudget = \"30s\"\nbugdet = 1\n").expect_err("an unknown key");
        let text = error.to_string();
        assert!(
            text.starts_with("counterproof.toml, line 3: unknown field `bugdet`"),
            "{text}"
        );
    }

    #[test]
    fn reads_times() {
        assert_eq!(seconds("30s").ok(), Some(30.0));
        assert_eq!(seconds("2m").ok(), Some(120.0));
        assert_eq!(seconds("1.5").ok(), Some(1.5));
        for wrong in ["", "fast", "-1s", "0s", "inf", "1h"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
