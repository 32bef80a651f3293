//! What is asked of the guard.

use camino::Utf8PathBuf;
use clap::{Subcommand, ValueEnum};

/// What is asked of the guard.
#[derive(Clone, Debug, Subcommand)]
pub enum GuardCommand {
    /// Tell what is said to an action, and why. Nothing is run.
    ///
    /// Exit codes: 0 allow; 4 ask; 1 deny; 2 wrong usage.
    Explain(GuardExplainArgs),
    /// Let agents do what they would be held from: one command to the letter, one action that waits, or writes to some files.
    ///
    /// What is denied is let run once at a time. What rewrites evidence is never let run, and what cannot be undone on a service of tier 1
    /// takes somebody else: `counterproof approve action`.
    ///
    /// Exit codes: 0 done; 2 wrong usage, or too wide.
    Allow(GuardAllowArgs),
    /// Show the actions that were held, or all of one; write it down for somebody on another machine.
    ///
    /// Exit codes: 0 shown; 2 there is none.
    Action(GuardActionArgs),
    /// Hand in an approval that somebody signed on another machine. Whether it counts is told when the action comes.
    ///
    /// Exit codes: 0 taken; 2 it is none.
    Take {
        /// What `counterproof approve action --out FILE` wrote.
        file: Utf8PathBuf,
    },
    /// Tell what was asked, denied and let run on this machine.
    ///
    /// Exit codes: 0 told; 2 wrong usage; 3 not all could be handed on to the ledger.
    Report(GuardReportArgs),
}

/// What is let run.
#[derive(Clone, Debug, clap::Args)]
pub struct GuardAllowArgs {
    /// A line for a shell, as the agent gives it, to the letter.
    #[arg(allow_hyphen_values = true, conflicts_with_all = ["action", "edit"])]
    pub command: Option<String>,
    /// An action that was held, by the first digits of its digest.
    #[arg(long, value_name = "ID", conflicts_with = "edit")]
    pub action: Option<String>,
    /// Writes to this file, or into this folder, by the agent's own tools.
    #[arg(long, value_name = "PATH")]
    pub edit: Option<Utf8PathBuf>,
    /// One time, within the hour where --until does not say more.
    #[arg(long)]
    pub once: bool,
    /// Until then, for example `2h` or `2026-12-01T18:00:00Z`; at most seven days.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// In this folder and below [default: the current one].
    #[arg(long = "in", value_name = "FOLDER")]
    pub within: Option<Utf8PathBuf>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Show what is allowed.
    #[arg(long, conflicts_with_all = ["command", "action", "edit", "revoke"])]
    pub list: bool,
    /// Take back what was allowed.
    #[arg(long, value_name = "ID", conflicts_with_all = ["command", "action", "edit"])]
    pub revoke: Option<String>,
}

/// Which action is shown.
#[derive(Clone, Debug, clap::Args)]
pub struct GuardActionArgs {
    /// The first digits of its digest [default: all that wait].
    pub action: Option<String>,
    /// Write it into a file, for somebody who signs on another machine.
    #[arg(long, value_name = "FILE", requires = "action")]
    pub out: Option<Utf8PathBuf>,
}

/// What is told.
#[derive(Clone, Debug, clap::Args)]
pub struct GuardReportArgs {
    /// How far back, for example `24h` or `30d` [default: 7d].
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Put what is not in the ledger yet into it, instead.
    #[arg(long)]
    pub append: bool,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: ExplainFormat,
}

/// Which action.
#[derive(Clone, Debug, clap::Args)]
pub struct GuardExplainArgs {
    /// A line for a shell, as one word.
    #[arg(allow_hyphen_values = true)]
    pub command: Option<String>,
    /// A program and its arguments, behind `--`.
    #[arg(last = true, conflicts_with = "command")]
    pub words: Vec<String>,
    /// Judge a line of JSON for each line on standard input: `{"command": …, "cwd": …}`.
    #[arg(long, value_name = "-", value_parser = ["-"], conflicts_with_all = ["command", "words", "plan"])]
    pub batch: Option<String>,
    /// Judge a plan by its content: `terraform show -json`, a change set of CloudFormation, `kubectl diff`, or a migration. `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["command", "words"])]
    pub plan: Option<String>,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: ExplainFormat,
}

/// How a judgement is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people.
    Terminal,
    /// As JSON.
    Json,
}
