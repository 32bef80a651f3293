//! What was typed.

use camino::Utf8PathBuf;
use clap::{Parser, Subcommand, ValueEnum};

use crate::agents::Coder;
use crate::error::CliError;

mod gating;
mod guarding;

pub use gating::*;
pub use guarding::*;

/// Shows what a code change does to behaviour: before and after, by example.
///
/// Exit codes: 0 nothing to act on; 1 findings; 2 wrong usage or configuration; 3 nothing could be verified.
#[derive(Debug, Parser)]
#[command(name = "counterproof", version, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compare two versions and show what changed in behaviour.
    Check(CheckArgs),
    /// Tell what stands between this project and a check of it, with one mend for each.
    ///
    /// Exit codes: 0 all well; 1 something to mend; 2 wrong usage or configuration.
    Doctor(DoctorArgs),
    /// Play the wrong-delivery-times incident in a throw-away repository.
    Demo(DemoArgs),
    /// Run a finding of an earlier check again, on both versions.
    ///
    /// Exit codes: 1 the difference shows again; 0 it does not; 3 a version cannot be run.
    Reproduce(ReproduceArgs),
    /// Check past commits, each against its first parent, and tell what became of them.
    ///
    /// Exit codes: 0 replayed; 2 wrong usage.
    Replay(ReplayArgs),
    /// Tell who or what wrote each line that a range of commits adds: an AI, a known person, or unknown.
    ///
    /// Asks notes of git-ai, records of Agent Trace and the commits themselves; never the look of the code.
    ///
    /// Exit codes: 0 told; 2 wrong usage.
    Attribution(AttributionArgs),
    /// Write the example of a finding down as a test of the project.
    ///
    /// Exit codes: 0 kept; 3 something could not be kept.
    Keep(KeepArgs),
    /// Write a finding down as wanted, for review, in `.counterproof/accepted.toml`.
    Accept(AcceptArgs),
    /// Answer an agent's hook; `counterproof install` writes the line that calls it.
    ///
    /// Exit codes: 0 answered; 1 the change could not be checked, which never holds an agent back.
    Hook {
        /// What happened.
        #[command(subcommand)]
        event: HookEvent,
    },
    /// Judge what an agent's action would do, before it runs.
    Guard {
        /// What is asked.
        #[command(subcommand)]
        command: GuardCommand,
    },
    /// Serve agents over the Model Context Protocol, on standard input and output, in the repository that it is started in.
    ///
    /// What its tools do is what the commands do without options. None of them accepts, approves, overrides or allows anything.
    ///
    /// Exit codes: 0 the client went away; 2 it spoke something else; 3 the server could not be started.
    Mcp,
    /// Have what an agent does judged before it runs, and its change checked when it stops; or have git check what you push.
    Install(InstallArgs),
    /// Take out what `install` wrote.
    Uninstall(InstallArgs),
    /// Sign for a change as a person: approve it, document it, or take it on yourself to let it pass.
    ///
    /// What is signed is the content of the change, and not a commit: a mere merge from the target leaves it standing, a later push
    /// that means something else does not. An agent can sign nothing.
    ///
    /// Exit codes: 0 signed and kept; 2 wrong usage, or it would not count.
    #[command(args_conflicts_with_subcommands = true)]
    Approve(ApproveArgs),
    /// May this change be merged? Every rule with the evidence it rests on.
    ///
    /// Exit codes: 0 pass; 4 hold, something is missing; 1 block, something is wrong; 2 wrong usage; 3 nothing could be judged.
    Gate {
        /// What is asked.
        #[command(subcommand)]
        command: GateCommand,
    },
    /// Keep verdicts, approvals and deployments where nobody can change them unseen.
    ///
    /// The ledger is begun when it is first needed, in `.counterproof/ledger/` or where `counterproof.toml` says.
    ///
    /// Exit codes: 0 done, or whole; 1 tampered with; 2 wrong usage; 3 the ledger cannot be read or written.
    Ledger {
        /// What is to be done.
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// Write down an incident, and find the change that may have done it.
    ///
    /// Exit codes: 0 done; 2 wrong usage; 3 the ledger cannot be read or written.
    Incident(IncidentArgs),
    /// Tell how often changes fail: by who wrote them, tool, tier and evidence, with intervals, and whether that shifted.
    ///
    /// It is computed from the ledger, signed, and an entry of it: nobody can take it out unseen.
    ///
    /// Exit codes: 0 told; 1 told, and the rate shifted; 2 wrong usage; 3 the ledger cannot be read or written.
    Trend(TrendArgs),
    /// Print the JSON Schema of a published format.
    Schema {
        /// Which format.
        format: SchemaName,
    },
}

/// How a result is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Terminal,
    /// For programs: `counterproof schema report` has its schema.
    Json,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// JUnit XML, for continuous integration.
    Junit,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
    /// For a pull request's page.
    Markdown,
}

/// A published format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// What `check --format json` prints.
    Report,
    /// `counterproof.toml`.
    Config,
    /// What `replay --format json` prints.
    Replay,
    /// What `doctor --format json` prints.
    Doctor,
    /// What `gate … --format json` prints.
    Verdict,
    /// What `gate input` prints.
    GateInput,
    /// What `attribution --format json` prints.
    Attribution,
    /// What `trend --json` prints.
    Trend,
}

/// What to compare and how.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct CheckArgs {
    /// Two revisions, `A..B` (B against A) or `A...B` (B against their merge base), or paths to look at alone.
    ///
    /// Without revisions: the working tree against the merge base with the default branch.
    #[arg(value_name = "RANGE|PATH")]
    pub targets: Vec<String>,
    /// The index instead of the working tree.
    #[arg(long, conflicts_with = "trees")]
    pub staged: bool,
    /// What to compare against instead of the merge base with the default branch.
    #[arg(long, value_name = "REV", conflicts_with = "trees")]
    pub base: Option<String>,
    /// Two folders instead of revisions; no git is needed.
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    pub trees: Vec<Utf8PathBuf>,
    /// Ceiling for the whole check, for example `30s` or `2m` [default: 20s].
    #[arg(long, value_name = "TIME")]
    pub budget: Option<String>,
    /// Which of the project's own tests are run [default: impacted].
    #[arg(long, value_enum, value_name = "WHICH")]
    pub tests: Option<Tests>,
    /// The project's interpreter [default: the active environment, the project's own, python3].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// Install what the versions declare, from their lock file or project files, into environments of our own (uses the network,
    /// and runs what packages run when they are built, uncontained).
    #[arg(long)]
    pub install: bool,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: Format,
    /// What the change means to do: `refactor`, so that any difference is one to act on, or `NAME: WHAT`. Trailers
    /// `Behavior-Change:` of its commits say the same.
    #[arg(long, value_name = "INTENT")]
    pub intent: Vec<String>,
    /// Tell the whole story of one finding.
    #[arg(long, value_name = "FINDING")]
    pub explain: Option<String>,
    /// Exit with 3 when anything that changed could not be verified.
    #[arg(long)]
    pub require_verified: bool,
    /// Show every function, not only what there is to read.
    #[arg(long, short)]
    pub verbose: bool,
    /// Run the project's code without containment: with your rights, on your files.
    #[arg(long)]
    pub no_sandbox: bool,
    /// Do not answer from earlier evidence.
    #[arg(long)]
    pub no_cache: bool,
    /// Seed of the search.
    #[arg(long, default_value_t = 0, hide = true)]
    pub seed: u64,
    /// Switch a technique of the search off; for measuring what it carries.
    #[arg(long, value_name = "TECHNIQUE", hide = true)]
    pub without: Vec<String>,
}

/// Which of the project's own tests are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tests {
    /// All of them, as far as the budget goes, those nearest to the change first.
    All,
    /// Those that may reach what changed.
    Impacted,
    /// None.
    Off,
}

/// How a project is examined.
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorArgs {
    /// The project's interpreter [default: as for a check].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: DoctorFormat,
}

/// How an examination is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people.
    Terminal,
    /// For programs: `counterproof schema doctor` has its schema.
    Json,
}

/// How to play the demonstration.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Leave the repository for a closer look, and print where it is.
    #[arg(long)]
    pub keep: bool,
    /// The interpreter.
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
}

/// Which finding, and how it is shown.
#[derive(Clone, Debug, clap::Args)]
pub struct ReproduceArgs {
    /// The finding's id, as a check printed it.
    pub finding: String,
    /// `run` it on both versions, or print it as a stand-alone script.
    #[arg(long, value_enum, default_value = "run")]
    pub format: ReproduceFormat,
    /// The interpreter [default: the one that the check ran with].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// Run without containment.
    #[arg(long)]
    pub no_sandbox: bool,
}

/// Which commits, and how each is checked.
#[derive(Clone, Debug, clap::Args)]
pub struct ReplayArgs {
    /// A revision or range whose first-parent history is replayed [default: HEAD].
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// Since when: `90d`, `6m`, or a date [default: 90d, where nothing else is named].
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// At most so many commits, the newest ones.
    #[arg(long, value_name = "N")]
    pub last: Option<usize>,
    /// Ceiling for each check.
    #[arg(long, value_name = "TIME", default_value = "8s")]
    pub budget: String,
    /// Checks at a time [default: one for each core].
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Run the project's own tests, too.
    #[arg(long)]
    pub tests: bool,
    /// The project's interpreter [default: as for a check].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: ReplayFormat,
}

/// How a replay is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReplayFormat {
    /// For people.
    Terminal,
    /// For programs: `counterproof schema replay` has its schema.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Whose lines, and where else to look.
#[derive(Clone, Debug, clap::Args)]
pub struct AttributionArgs {
    /// Two revisions, `A..B` (what B has and A has not) or `A...B` (B against their merge base) [default: HEAD against the merge base
    /// with the default branch].
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: AttributionFormat,
    /// A file with records of Agent Trace, beside those that head has in `.agent-trace/`; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub trace: Vec<Utf8PathBuf>,
}

/// How an attribution is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AttributionFormat {
    /// For people.
    Terminal,
    /// For programs: `counterproof schema attribution` has its schema.
    Json,
}

/// What is kept, and as what.
#[derive(Clone, Debug, clap::Args)]
pub struct KeepArgs {
    /// The finding's id, as a check printed it.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub finding: Option<String>,
    /// All findings of the check that `counterproof check` makes here.
    #[arg(long)]
    pub all: bool,
    /// Assert what the new version does, instead of what the old one did.
    #[arg(long)]
    pub head: bool,
    /// The interpreter [default: the one that the check ran with].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// Run without containment.
    #[arg(long)]
    pub no_sandbox: bool,
}

/// What is accepted, and why.
#[derive(Clone, Debug, clap::Args)]
pub struct AcceptArgs {
    /// The finding's id, as a check printed it.
    pub finding: String,
    /// Why the difference is wanted.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// What an agent tells of itself.
#[derive(Clone, Debug, Subcommand)]
pub enum HookEvent {
    /// It is about to stop: the agent's own event, as JSON on standard input, answered in its own way.
    Stop(StopArgs),
    /// It is about to use a tool: the agent's own event on standard input, answered in its own way.
    ///
    /// What cannot be read or judged is asked about, or stopped where the agent asks nobody.
    BeforeTool {
        /// claude-code, codex, gemini, copilot, cursor, kiro or kiro-ide.
        agent: String,
    },
}

/// How an agent's change is checked.
#[derive(Clone, Debug, clap::Args)]
pub struct StopArgs {
    /// Whose event it is, and who is answered.
    #[arg(value_enum, default_value = "claude-code")]
    pub agent: Coder,
    /// Ceiling for the check, for example `10s`; what was found is replayed beside that.
    #[arg(long, value_name = "TIME", default_value = "4s")]
    pub budget: String,
}

/// Which agents or hooks, and for whom.
#[derive(Clone, Debug, clap::Args)]
pub struct InstallArgs {
    /// The agents, or the hook.
    #[arg(required = true, value_name = "AGENT")]
    pub agents: Vec<Agent>,
    /// For all projects of this user.
    #[arg(long, conflicts_with = "project")]
    pub user: bool,
    /// For this project [default].
    #[arg(long)]
    pub project: bool,
}

/// What runs a check, or judges an action, by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Agent {
    /// Claude Code: `.claude/settings.json`.
    ClaudeCode,
    /// Codex CLI: `.codex/hooks.json`.
    Codex,
    /// Gemini CLI: `.gemini/settings.json`.
    Gemini,
    /// Copilot's command line and coding agent: `.github/hooks/counterproof.json`.
    Copilot,
    /// Cursor: `.cursor/hooks.json`.
    Cursor,
    /// Kiro's editor and command line: `.kiro/hooks/counterproof.json`, and the files in `.kiro/agents`.
    Kiro,
    /// Git's hook for `git push`, after the hook that is there; `git push --no-verify` pushes without it.
    PrePush,
}

impl Agent {
    /// The agent that writes code; none where it is git.
    pub fn coder(self) -> Option<Coder> {
        Some(match self {
            Self::ClaudeCode => Coder::ClaudeCode,
            Self::Codex => Coder::Codex,
            Self::Gemini => Coder::Gemini,
            Self::Copilot => Coder::Copilot,
            Self::Cursor => Coder::Cursor,
            Self::Kiro => Coder::Kiro,
            Self::PrePush => return None,
        })
    }
}

/// How a finding is reproduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReproduceFormat {
    /// Run on both versions, under the harness.
    Run,
    /// A script for plain Python; takes the folder of a version as its argument.
    Python,
}

impl Args {
    /// Does what was asked and gives the exit code.
    pub fn run(self) -> Result<u8, CliError> {
        match self.command {
            Command::Check(args) => crate::check::run(&args),
            Command::Doctor(args) => crate::doctor::run(&args),
            Command::Demo(args) => crate::demo::run(&args),
            Command::Reproduce(args) => crate::reproduce::run(&args),
            Command::Replay(args) => crate::replay::run(&args),
            Command::Attribution(args) => crate::attribution::run(&args),
            Command::Keep(args) => crate::keep::run(&args),
            Command::Accept(args) => crate::accept::run(&args),
            Command::Hook {
                event: HookEvent::Stop(args),
            } => Ok(crate::hook::stop(&args)),
            Command::Hook {
                event: HookEvent::BeforeTool { agent },
            } => Ok(crate::guarding::before_tool(&agent)),
            Command::Guard { command } => crate::guarding::run(&command),
            Command::Mcp => crate::mcp::run(),
            Command::Install(args) => crate::install::install(&args),
            Command::Gate { command } => crate::gating::run(&command),
            Command::Incident(args) => crate::incidents::run(&args),
            Command::Trend(args) => crate::incidents::trend(&args),
            Command::Approve(args) => crate::approving::run(&args),
            Command::Ledger { command } => crate::records::commands::run(&command),
            Command::Uninstall(args) => crate::install::uninstall(&args),
            Command::Schema { format } => {
                let text = match format {
                    SchemaName::Report => report::json::schema(),
                    SchemaName::Config => crate::config::schema(),
                    SchemaName::Replay => report::replay::schema(),
                    SchemaName::Doctor => report::doctor::schema(),
                    SchemaName::Verdict => report::gate::schema(),
                    SchemaName::GateInput => report::gate::input_schema(),
                    SchemaName::Attribution => report::attribution::schema(),
                    SchemaName::Trend => report::trend::schema(),
                };
                crate::error::print(&text)?;
                Ok(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
