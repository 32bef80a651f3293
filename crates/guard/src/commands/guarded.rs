//! What verification rests on, wherever it lies and however it is spelled: hooks, policy, evidence, CI, tests, and this program itself.

use super::files::weaker;
use super::patterns::fits;
use crate::verification::Guarded;
use crate::walk::{Arg, On, Run, UNKNOWN, Walker, shown};

/// What a path has to do with verification.
pub fn guarded(walker: &Walker<'_>, text: &str) -> Option<Guarded> {
    if text.is_empty() || text.contains(UNKNOWN) {
        return None;
    }
    match &walker.on {
        On::Here => {}
        // What a container mounts may be anything of this machine, and another machine has agents, too.
        On::Throwaway | On::Elsewhere(_) => {
            return Guarded::anywhere(text).filter(|guarded| is_of_this_tool(*guarded));
        }
    }
    if text.contains(['*', '?', '[']) {
        return by_pattern(walker, text);
    }
    let path = walker.path(text)?;
    let spelled = told(walker, &path);
    if spelled.is_some() {
        return spelled;
    }
    let real = walker.place.files.real(&path).filter(|real| *real != path)?;
    told(walker, &real)
}

fn is_of_this_tool(guarded: Guarded) -> bool {
    matches!(guarded, Guarded::Hook | Guarded::Evidence)
}

/// What an absolute path has to do with verification.
fn told(walker: &Walker<'_>, path: &str) -> Option<Guarded> {
    let place = walker.place;
    let is_below = |top: &Option<String>| {
        top.as_deref().is_some_and(|top| {
            path.strip_prefix(top)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    // A folder of the user's that it lies in goes with it.
    let holds_state = place.state.as_deref().is_some_and(|state| {
        state.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
            && path.strip_prefix(&place.home).is_some_and(|rest| rest.len() > 1)
    });
    if is_below(&place.state) || holds_state {
        return Some(Guarded::Evidence);
    }
    if is_below(&place.executable) || is_program(path) {
        return Some(Guarded::Hook);
    }
    let inner = place
        .inner(path)
        .filter(|inner| !inner.is_empty())
        .and_then(Guarded::of);
    // What lies in other repositories is theirs; what is made to try something is nobody's.
    let is_tried = place.inner(path).is_none() && ["/tmp/", "/var/tmp/"].iter().any(|top| path.starts_with(top));
    let is_hooks = |guarded: &Guarded| matches!(guarded, Guarded::Hook | Guarded::Ci);
    inner.or_else(|| Guarded::anywhere(path).filter(|guarded| !(is_tried && is_hooks(guarded))))
}

/// Whether it is this program by its name, where programs lie.
fn is_program(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let (name, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    matches!(name, "counterproof" | "counterproof.exe") && matches!(folder, "bin" | "Scripts" | "sbin")
}

/// Paths of which some a pattern may fit.
const SAMPLES: [&str; 16] = [
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".codex/hooks.json",
    ".codex/config.toml",
    ".cursor/hooks.json",
    ".gemini/settings.json",
    ".kiro/hooks/counterproof.json",
    ".github/hooks/counterproof.json",
    ".github/workflows/ci.yml",
    ".git/hooks/pre-commit",
    ".husky/pre-commit",
    ".counterproof/accepted.toml",
    ".local/state/counterproof/guard/allowed/x.json",
    "counterproof.toml",
    ".pre-commit-config.yaml",
    "CODEOWNERS",
];

/// What a pattern fits of what is guarded; one whose words say nothing of it (`*.py`, `*`) is told by its own path.
fn by_pattern(walker: &Walker<'_>, text: &str) -> Option<Guarded> {
    let path = walker.path(text)?;
    let path = path.trim_end_matches('/');
    let relative = match walker.place.inner(path) {
        Some(inner) => inner,
        None => path.strip_prefix(&walker.place.home)?.trim_start_matches('/'),
    };
    let is_fit = |sample: &&&str| {
        let (mut pattern, mut names) = (relative.split('/'), sample.split('/'));
        loop {
            match (pattern.next(), names.next()) {
                (None, None) => return true,
                // A folder above of it.
                (None, Some(_)) => return relative.starts_with('.'),
                // A pattern alone stands for no file that begins with a dot.
                (Some(part), Some(name))
                    if name.starts_with('.') == part.starts_with('.') && fits(part, name, |_| true) => {}
                _ => return false,
            }
        }
    };
    match SAMPLES.iter().find(is_fit) {
        Some(sample) if !relative.trim_matches('*').is_empty() => Guarded::anywhere(sample),
        _ => Guarded::of(relative),
    }
}

/// Programs that read what they are given, or of which another room tells what they write.
const READERS: [&str; 71] = [
    "cat",
    "bat",
    "head",
    "tail",
    "less",
    "more",
    "grep",
    "egrep",
    "fgrep",
    "rg",
    "ag",
    "ack",
    "ls",
    "ll",
    "eza",
    "exa",
    "tree",
    "stat",
    "file",
    "wc",
    "sort",
    "uniq",
    "cut",
    "diff",
    "cmp",
    "comm",
    "jq",
    "yq",
    "mkdir",
    "cd",
    "pushd",
    "test",
    "[",
    "echo",
    "printf",
    "git",
    "gh",
    "glab",
    "find",
    "fd",
    "fdfind",
    "rm",
    "mv",
    "cp",
    "ln",
    "tee",
    "sed",
    "sh",
    "bash",
    "zsh",
    "dash",
    "source",
    ".",
    "readlink",
    "realpath",
    "basename",
    "dirname",
    "sha256sum",
    "md5sum",
    "shasum",
    "code",
    "open",
    "counterproof",
    "export",
    "set",
    "xargs",
    "sudo",
    "env",
    "chmod",
    "touch",
    "which",
];
/// Ends of the names of programs that look at code and settings.
const LOOKERS: [&str; 12] = [
    "lint",
    "fmt",
    "check",
    "pre-commit",
    "prettier",
    "actionlint",
    "yamllint",
    "shellcheck",
    "hadolint",
    "biome",
    "act",
    "jsonlint",
];

/// A program of which nobody here knows what it does with a file, given one that a hook or evidence lies in.
pub fn handed(walker: &mut Walker<'_>, run: &Run<'_>) {
    let starts_others = super::wrappers::is_one(run.name)
        || matches!(
            run.name,
            "npx" | "bunx" | "pnpx" | "npm" | "pnpm" | "yarn" | "bun" | "uvx" | "pipx" | "docker" | "podman"
        );
    if walker.on != On::Here
        || starts_others
        || READERS.contains(&run.name)
        || LOOKERS.iter().any(|end| run.name.ends_with(end))
    {
        return;
    }
    for arg in run.args.iter().take(64) {
        let value = value_of(arg);
        if !value.contains(['.', '/']) {
            continue;
        }
        let Some(guarded) = guarded(walker, value).filter(|guarded| is_of_this_tool(*guarded)) else {
            continue;
        };
        let shown = shown(value);
        let is_told = walker.effects.iter().any(|effect| effect.target.contains(&shown));
        if !is_told {
            let effect = weaker(&shown, guarded, "may write to");
            walker.effect(effect.decided(crate::effect::Decision::Ask));
        }
    }
}

/// `of=FILE`, `--output=FILE`, `-C` and `FILE` itself.
fn value_of(arg: &Arg) -> &str {
    let text = arg.text.as_str();
    match text.split_once('=') {
        Some((name, value)) if !name.contains('/') => value,
        _ => text,
    }
}
