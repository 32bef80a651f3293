//! The marks that tools leave in commits, as one table: what each looks like, whose it is, and where that is written.
//!
//! All texts are in lower case, and are compared with what a commit says in lower case.

/// What a mark looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The address of an identity that nobody but the tool uses.
    Email(&'static str),
    /// An account of GitHub: the name of an identity, or `NUMBER+ACCOUNT@users.noreply.github.com`.
    Account(&'static str),
    /// A name that is the tool's where the address is this one; of an address that people or other programs use, too.
    NameAt(&'static str, &'static str),
    /// What a trailer or a record calls the tool; of identities it counts only where there is no address.
    Name(&'static str),
    /// What the name of an author or committer ends with.
    NameEnds(&'static str),
    /// A trailer that the tool alone writes.
    Key(&'static str),
    /// A line of the message, with any link behind it; signs before its first letter do not count.
    Line(&'static str),
    /// What the first line of the message begins with.
    Subject(&'static str),
}

/// One mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// The name by which reports call the tool.
    pub tool: &'static str,
    pub form: Form,
    /// Where it is documented or can be seen; for whoever keeps the table.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read by people, and by the test that each mark has one")
    )]
    pub source: &'static str,
}

const fn mark(tool: &'static str, form: Form, source: &'static str) -> Mark {
    Mark { tool, form, source }
}

use Form::{Account, Email, Key, Line, Name, NameAt, NameEnds, Subject};

/// `agent_id.tool` in the Git AI Standard v3.0.0, and what git-ai's own recovery from commits goes by.
const GIT_AI: &str = "git-ai-project/git-ai: specs/git_ai_standard_v3.0.0.md, src/authorship/attribution_recovery.rs";
/// Documentation of Claude Code on settings.
const CLAUDE: &str = "Claude Code, settings: attribution";
/// CHAOSS's list of the accounts of agents.
const CHAOSS: &str = "chaoss/ai-detection-action: utils.go";
/// CHAOSS's list of addresses in trailers.
const DISCLOSURE: &str = "chaoss/disclosure: detection/constants.go";
/// Queries by which public commits of agents are counted.
const TRACKER: &str = "jphme/github-coding-agent-tracker: README.md";
/// Documentation of Aider on git.
const AIDER: &str = "Aider-AI/aider: aider/repo.py; aider.chat/docs/git.html";
/// Seen in public commits; no document of the maker is known.
const SEEN: &str = "public commits and instructions of projects";

/// All of them. Where several fit, the first one counts.
pub(super) const MARKS: &[Mark] = &[
    mark("claude-code", Email("noreply@anthropic.com"), CLAUDE),
    mark("claude-code", Account("claude[bot]"), CHAOSS),
    mark("claude-code", Account("anthropic-claude[bot]"), CHAOSS),
    mark("claude-code", Account("claude-code-action[bot]"), CHAOSS),
    mark("claude-code", Key("claude-session"), GIT_AI),
    mark("claude-code", Line("generated with [claude code]"), CLAUDE),
    mark("claude-code", Line("generated with claude code"), DISCLOSURE),
    mark("claude-code", Name("claude code"), CLAUDE),
    mark(
        "claude-code",
        Name("claude-code"),
        "cursor/agent-trace: reference/trace-store.ts",
    ),
    mark("claude-code", Name("claude-web"), GIT_AI),
    mark("claude-code", Name("claude"), GIT_AI),
    mark("cursor", Email("cursoragent@cursor.com"), GIT_AI),
    mark("cursor", Email("agent@cursor.com"), TRACKER),
    mark("cursor", Account("cursor[bot]"), CHAOSS),
    mark("cursor", Key("cursor-session"), GIT_AI),
    mark(
        "cursor",
        Line("generated with cursor"),
        "aivshuman.dev/docs/attribution",
    ),
    mark("cursor", Name("cursor agent"), SEEN),
    mark("cursor", Name("cursor-agent"), GIT_AI),
    mark("cursor", Name("cursor"), GIT_AI),
    mark("github-copilot", Email("copilot@github.com"), DISCLOSURE),
    mark("github-copilot", Account("copilot-swe-agent[bot]"), TRACKER),
    mark("github-copilot", Account("copilot[bot]"), CHAOSS),
    mark("github-copilot", Account("copilot"), CHAOSS),
    mark("github-copilot", NameAt("github copilot", "noreply@github.com"), SEEN),
    mark("github-copilot", NameAt("copilot", "noreply@github.com"), SEEN),
    mark("github-copilot", Key("copilot-session-id"), SEEN),
    mark("github-copilot", Name("github copilot"), GIT_AI),
    mark("github-copilot", Name("github-copilot-agent"), GIT_AI),
    mark("github-copilot", Name("github-copilot-cli"), GIT_AI),
    mark("github-copilot", Name("github-copilot"), GIT_AI),
    mark("github-copilot", Name("copilot"), GIT_AI),
    mark("codex", Email("noreply@openai.com"), "openai/codex: pull request 11617"),
    mark("codex", Email("codex@openai.com"), GIT_AI),
    mark("codex", Account("openai-codex[bot]"), CHAOSS),
    mark("codex", Account("chatgpt-codex-connector[bot]"), CHAOSS),
    mark("codex", Key("codex-session"), GIT_AI),
    mark("codex", Name("openai codex"), CHAOSS),
    mark("codex", Name("codex-cloud"), GIT_AI),
    mark("codex", Name("codex"), GIT_AI),
    mark("gemini", Email("gemini-cli@google.com"), SEEN),
    mark("gemini", NameAt("gemini", "noreply@google.com"), SEEN),
    mark("gemini", Account("gemini-code-assist[bot]"), CHAOSS),
    mark("gemini", Name("gemini code assist"), CHAOSS),
    mark("gemini", Name("gemini-cli"), SEEN),
    mark("gemini", Name("gemini cli"), SEEN),
    mark("gemini", Name("google gemini"), DISCLOSURE),
    mark("gemini", Name("gemini"), GIT_AI),
    mark("jules", Account("google-labs-jules[bot]"), TRACKER),
    mark("jules", Account("google-labs-jules"), SEEN),
    mark("jules", Name("google jules"), TRACKER),
    mark("jules", Name("jules"), SEEN),
    mark("amazon-q", Account("amazon-q-developer[bot]"), CHAOSS),
    mark("amazon-q", NameAt("amazon q developer", "noreply@aws.amazon.com"), SEEN),
    mark("amazon-q", NameAt("amazon q", "noreply@aws.amazon.com"), SEEN),
    mark("amazon-q", Line("generated with amazon q developer"), SEEN),
    mark("amazon-q", Name("amazon q developer"), DISCLOSURE),
    mark("amazon-q", Name("amazon q"), DISCLOSURE),
    mark("amazon-q", Name("amazon-q"), SEEN),
    mark("kiro", Email("noreply@kiro.dev"), SEEN),
    mark("kiro", Email("kiro@kiro.dev"), SEEN),
    mark("kiro", Account("kiro-agent"), SEEN),
    mark("kiro", Account("kiro-agent[bot]"), SEEN),
    mark("kiro", Name("kiro agent"), SEEN),
    mark("kiro", Name("kiro"), SEEN),
    mark("devin", Account("devin-ai-integration[bot]"), CHAOSS),
    mark("devin", Name("devin ai"), TRACKER),
    mark("devin", Name("devin"), GIT_AI),
    mark("aider", Email("aider@aider.chat"), AIDER),
    mark("aider", Email("noreply@aider.chat"), DISCLOSURE),
    mark("aider", NameEnds("(aider)"), AIDER),
    mark("aider", Subject("aider: "), AIDER),
    mark("aider", Name("aider"), AIDER),
    mark("windsurf", Email("noreply@windsurf.com"), GIT_AI),
    mark("windsurf", Email("noreply@codeium.com"), GIT_AI),
    mark("windsurf", Name("windsurf"), GIT_AI),
    mark("opencode", Email("noreply@opencode.ai"), TRACKER),
    mark("opencode", Name("opencode"), GIT_AI),
    mark("amp", Email("amp@ampcode.com"), SEEN),
    mark("amp", Key("amp-thread-id"), SEEN),
    mark("amp", Name("ampcode"), GIT_AI),
    mark("amp", Name("amp"), GIT_AI),
    mark("droid", Account("factory-droid[bot]"), GIT_AI),
    mark("droid", Name("factory droid"), GIT_AI),
    mark("droid", Name("factory-droid"), GIT_AI),
    mark("droid", Name("droid"), GIT_AI),
    mark("cline", Account("cline[bot]"), CHAOSS),
    mark("cline", Name("cline"), DISCLOSURE),
    mark("continue", Account("continue[bot]"), CHAOSS),
    mark("continue", Name("continue-cli"), GIT_AI),
    mark("cody", Account("sourcegraph-cody[bot]"), CHAOSS),
    mark("cody", Name("sourcegraph cody"), DISCLOSURE),
    mark("jetbrains-ai", Account("jetbrains-ai[bot]"), CHAOSS),
    mark("jetbrains-ai", Name("jetbrains ai"), DISCLOSURE),
    mark("openhands", Email("openhands@all-hands.dev"), SEEN),
    mark("openhands", Name("openhands"), DISCLOSURE),
    mark("replit", Key("replit-commit-author"), DISCLOSURE),
];

/// Trailers that name whoever took part, people as well as tools: they count only where they name a tool of the table.
pub(super) const WHO: &[&str] = &[
    "co-authored-by",
    "co-developed-by",
    // Documentation/process/coding-assistants.rst of the Linux kernel: `AGENT:MODEL [TOOL]…`.
    "assisted-by",
    "generated-by",
    "made-with",
];

/// Trailers that say by their own name that an AI took part, whatever they call it.
pub(super) const OF_AI: &[&str] = &[
    "ai-assisted-by",
    "ai-assisted",
    "ai-generated-by",
    "ai-generated",
    "ai-agent",
    "ai-tool",
];

/// Values by which a trailer says that none took part.
pub(super) const NO: &[&str] = &["", "0", "false", "n/a", "no", "none"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_lower_case_has_no_mark_twice_and_names_its_sources() {
        for (at, mark) in MARKS.iter().enumerate() {
            let text = format!("{:?}", mark.form);
            let (_, inside) = text.split_once('(').unwrap();
            assert_eq!(inside, inside.to_lowercase(), "{mark:?}");
            assert!(!mark.source.is_empty() && !mark.tool.is_empty());
            let again = MARKS[at + 1..].iter().find(|other| other.form == mark.form);
            assert!(again.is_none(), "{mark:?} and {again:?}");
        }
    }
}
