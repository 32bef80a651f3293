//! The agents that an installation knows: where each keeps its settings, and what stands in them for us. What they say when they are about to
//! use a tool is in the crate `guard`; what they say when they stop is in [`stops`].
//!
//! Sources: the hook documentation of each, as of 2026-11; `crates/guard/tests/contracts/SOURCES.md` names the documents.

pub mod entries;
pub mod stops;
pub mod switches;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::settings;
use entries::{Entry, Fields, Form, Shape};

/// Seconds that an agent gives the hook before a tool. It answers in milliseconds; a machine may be busy.
const BEFORE_TOOL_SECONDS: u32 = 30;
/// Seconds that an agent gives the hook at a stop; it has given up by itself long before.
const STOP_SECONDS: u32 = 60;

/// An agent that writes code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Coder {
    /// Claude Code.
    ClaudeCode,
    /// Codex CLI.
    Codex,
    /// Gemini CLI.
    Gemini,
    /// Copilot's command line and coding agent.
    Copilot,
    /// Cursor.
    Cursor,
    /// Kiro's command line and editor.
    Kiro,
}

impl Coder {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::ClaudeCode,
        Self::Codex,
        Self::Gemini,
        Self::Copilot,
        Self::Cursor,
        Self::Kiro,
    ];

    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::Copilot => "copilot",
            Self::Cursor => "cursor",
            Self::Kiro => "kiro",
        }
    }

    /// As people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::Codex => "Codex",
            Self::Gemini => "Gemini CLI",
            Self::Copilot => "Copilot",
            Self::Cursor => "Cursor",
            Self::Kiro => "Kiro",
        }
    }

    /// How its hook before a tool speaks.
    pub fn tongue(self) -> guard::Agent {
        match self {
            Self::ClaudeCode => guard::Agent::ClaudeCode,
            Self::Codex => guard::Agent::Codex,
            Self::Gemini => guard::Agent::Gemini,
            Self::Copilot => guard::Agent::Copilot,
            Self::Cursor => guard::Agent::Cursor,
            Self::Kiro => guard::Agent::Kiro,
        }
    }

    /// Whether what is handed back when it stops makes it go on; else its person reads it.
    pub fn goes_on(self) -> bool {
        self != Self::Kiro
    }

    /// What a person has to do before the agent runs the hooks, beyond what is written.
    pub fn then(self) -> Option<&'static str> {
        match self {
            Self::Codex => Some(
                "Codex runs a hook once you trusted it: type /hooks there, and again after each change of its line.",
            ),
            Self::Gemini => Some("Gemini CLI runs a project's hooks in folders that it trusts."),
            Self::Copilot => Some(
                "Copilot reads a repository's hooks once you trust its folder; its coding agent takes those of the default branch.",
            ),
            Self::Cursor => Some("Cursor runs a project's hooks in workspaces that it trusts."),
            Self::Kiro => Some(
                "Kiro CLI 2 runs the hooks of the agent that you chat with: start it with --agent and a name whose file has them.",
            ),
            Self::ClaudeCode => None,
        }
    }
}

/// One file of settings.
#[derive(Clone, Debug)]
pub struct Target {
    /// The file.
    pub path: Utf8PathBuf,
    /// What is in it.
    pub shape: Shape,
}

fn target(path: Utf8PathBuf, form: Form, head: Vec<(&'static str, Value)>, entries: Vec<Entry>) -> Target {
    Target {
        path,
        shape: Shape {
            form,
            head,
            command: "command",
            entries,
        },
    }
}

/// The files of an agent's settings for the project at `root`.
pub fn targets(coder: Coder, root: &Utf8Path) -> Vec<Target> {
    let folder = match coder {
        Coder::ClaudeCode => root.join(".claude"),
        Coder::Codex => root.join(".codex"),
        Coder::Gemini => root.join(".gemini"),
        Coder::Copilot => root.join(".github"),
        Coder::Cursor => root.join(".cursor"),
        Coder::Kiro => root.join(".kiro"),
    };
    in_folder(coder, &folder)
}

/// The files of an agent's settings for all projects of this user; `None` without a home.
pub fn targets_of_user(coder: Coder) -> Option<Vec<Target>> {
    let (variable, inner) = match coder {
        Coder::ClaudeCode => ("CLAUDE_CONFIG_DIR", ".claude"),
        Coder::Codex => ("CODEX_HOME", ".codex"),
        Coder::Gemini => ("GEMINI_CLI_HOME", ".gemini"),
        Coder::Copilot => ("COPILOT_HOME", ".copilot"),
        // No variable moves it.
        Coder::Cursor => ("", ".cursor"),
        Coder::Kiro => ("KIRO_HOME", ".kiro"),
    };
    let mut folder = settings::agent_folder(variable, inner)?;
    // This one names the home that holds the folder.
    if coder == Coder::Gemini && !folder.ends_with(inner) {
        folder.push(inner);
    }
    Some(in_folder(coder, &folder))
}

fn in_folder(coder: Coder, folder: &Utf8Path) -> Vec<Target> {
    let before = format!(" hook before-tool {}", coder.name());
    let stop = match coder {
        Coder::ClaudeCode => " hook stop".to_owned(),
        _ => format!(" hook stop {}", coder.name()),
    };
    let entry = |event, call: &str, matcher, fields| Entry {
        event,
        call: call.to_owned(),
        matcher,
        fields,
    };
    let command = || Fields::default().with("type", "command").with_command("command");
    match coder {
        Coder::ClaudeCode => {
            // A hook that breaks or is late must not open: the agent has to be told so.
            let fields = command()
                .with("timeout", BEFORE_TOOL_SECONDS)
                .with("onFailure", "block");
            let matcher = "^(Bash|PowerShell|Monitor|Write|Edit|MultiEdit|NotebookEdit|mcp__.*)$";
            let entries = vec![
                entry("PreToolUse", &before, Some(matcher), fields),
                entry("Stop", &stop, None, command().with("timeout", STOP_SECONDS)),
            ];
            vec![target(folder.join("settings.json"), Form::Groups, Vec::new(), entries)]
        }
        Coder::Codex => {
            let entries = vec![
                entry(
                    "PreToolUse",
                    &before,
                    Some("^(Bash|apply_patch|mcp__.*)$"),
                    command().with("timeout", BEFORE_TOOL_SECONDS),
                ),
                entry("Stop", &stop, None, command().with("timeout", STOP_SECONDS)),
            ];
            vec![target(folder.join("hooks.json"), Form::Groups, Vec::new(), entries)]
        }
        Coder::Gemini => {
            // Its times are in milliseconds.
            let named = |name: &str, seconds: u32| {
                Fields::default()
                    .with("name", name)
                    .with("type", "command")
                    .with_command("command")
                    .with("timeout", seconds * 1_000)
            };
            let matcher = "run_shell_command|write_file|replace|mcp_.*";
            let entries = vec![
                entry(
                    "BeforeTool",
                    &before,
                    Some(matcher),
                    named("counterproof", BEFORE_TOOL_SECONDS),
                ),
                entry("AfterAgent", &stop, None, named("counterproof-stop", STOP_SECONDS)),
            ];
            vec![target(folder.join("settings.json"), Form::Groups, Vec::new(), entries)]
        }
        Coder::Copilot => {
            let hook = |seconds: u32| {
                Fields::default()
                    .with("type", "command")
                    .with_command("bash")
                    .with("timeoutSec", seconds)
            };
            let entries = vec![
                entry("preToolUse", &before, None, hook(BEFORE_TOOL_SECONDS)),
                entry("agentStop", &stop, None, hook(STOP_SECONDS)),
            ];
            let head = vec![("version", json!(1))];
            let mut target = target(folder.join("hooks/counterproof.json"), Form::Flat, head, entries);
            target.shape.command = "bash";
            vec![target]
        }
        Coder::Cursor => {
            // It asks its person for what a shell runs and for what servers are told, and not before other tools.
            let hook = |seconds: u32| Fields::default().with_command("command").with("timeout", seconds);
            let closed = || hook(BEFORE_TOOL_SECONDS).with("failClosed", true);
            let entries = vec![
                entry("beforeShellExecution", &before, None, closed()),
                entry("beforeMCPExecution", &before, None, closed()),
                entry(
                    "preToolUse",
                    &before,
                    Some("Write|Delete|StrReplace|ApplyPatch"),
                    closed(),
                ),
                entry("stop", &stop, None, hook(STOP_SECONDS).with("loop_limit", 5)),
            ];
            vec![target(
                folder.join("hooks.json"),
                Form::Flat,
                vec![("version", json!(1))],
                entries,
            )]
        }
        Coder::Kiro => kiro(folder, &before, &stop),
    }
}

/// Kiro's editor from 1.0 on and its command line from 3 on read a folder of hooks; the command line before that reads those of the agent that
/// is chatted with, so that every agent that has a file gets them.
fn kiro(folder: &Utf8Path, before: &str, stop: &str) -> Vec<Target> {
    let fields = |seconds: u32| Fields::default().with("timeout", seconds).with("enabled", true);
    let entry = |event, call: &str, matcher, fields| Entry {
        event,
        call: call.to_owned(),
        matcher,
        fields,
    };
    let head = vec![("version", json!("v1"))];
    let newer = vec![
        entry("PreToolUse", before, None, fields(BEFORE_TOOL_SECONDS)),
        entry("Stop", stop, None, fields(STOP_SECONDS)),
    ];
    let mut all = vec![target(folder.join("hooks/counterproof.json"), Form::List, head, newer)];
    // Milliseconds; what was answered once must be asked again the next time.
    let hook = |seconds: u32| {
        Fields::default()
            .with_command("command")
            .with("timeout_ms", seconds * 1_000)
    };
    let older = || {
        vec![
            entry(
                "preToolUse",
                before,
                Some("*"),
                hook(BEFORE_TOOL_SECONDS).with("cache_ttl_seconds", 0),
            ),
            entry("stop", stop, None, hook(STOP_SECONDS)),
        ]
    };
    let folder = folder.join("agents");
    let entries = folder
        .read_dir_utf8()
        .map(|entries| entries.flatten().collect::<Vec<_>>());
    let own = folder.join("counterproof.json");
    let mut paths: Vec<Utf8PathBuf> = entries
        .unwrap_or_default()
        .into_iter()
        .map(camino::Utf8DirEntry::into_path)
        .filter(|path| path.extension() == Some("json") && *path != own)
        .collect();
    paths.sort_unstable();
    let is_needed = paths.is_empty() || own.exists();
    all.extend(
        paths
            .into_iter()
            .map(|path| target(path, Form::Flat, Vec::new(), older())),
    );
    if !is_needed {
        return all;
    }
    let head = vec![
        ("name", json!("counterproof")),
        ("description", json!("Kiro with what it does judged before it runs")),
        ("tools", json!(["*"])),
    ];
    all.push(target(own, Form::Flat, head, older()));
    all
}
