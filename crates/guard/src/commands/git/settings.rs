//! Settings of git: aliases, programs that it is told to start, and checks that are switched off.

use super::{ALIAS, NO_FORCE, history, no_verify};
use crate::commands::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::walk::{Arg, Walker, shown};

/// What a word stands for by the settings of this repository or this user, where it is no command of git's own.
pub fn alias_of(walker: &Walker<'_>, verb: &str) -> Option<String> {
    if COMMANDS.contains(&verb) {
        return None;
    }
    let top = walker
        .place
        .repository
        .as_deref()
        .map(|top| format!("{top}/.git/config"));
    let home = &walker.place.home;
    let files = [
        Some(format!("{home}/.gitconfig")),
        Some(format!("{home}/.config/git/config")),
        top,
    ];
    let mut found = None;
    for text in files.into_iter().flatten().filter_map(|path| walker.read(&path)) {
        let mut is_in = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                is_in = line.eq_ignore_ascii_case("[alias]");
            } else if let Some((name, value)) = line.split_once('=').filter(|_| is_in)
                && name.trim().eq_ignore_ascii_case(verb)
            {
                found = Some(value.trim().trim_matches('"').replace("\\\"", "\""));
            }
        }
    }
    found
}

/// Commands of git's own that are called most: their names are no aliases.
const COMMANDS: [&str; 64] = [
    "add",
    "am",
    "apply",
    "archive",
    "bisect",
    "blame",
    "branch",
    "bundle",
    "cat-file",
    "check-ignore",
    "checkout",
    "cherry-pick",
    "clean",
    "clone",
    "commit",
    "config",
    "count-objects",
    "describe",
    "diff",
    "diff-tree",
    "difftool",
    "fetch",
    "format-patch",
    "for-each-ref",
    "fsck",
    "gc",
    "grep",
    "hash-object",
    "init",
    "log",
    "ls-files",
    "ls-remote",
    "ls-tree",
    "maintenance",
    "merge",
    "merge-base",
    "mergetool",
    "mv",
    "notes",
    "pull",
    "push",
    "range-diff",
    "rebase",
    "reflog",
    "remote",
    "replace",
    "reset",
    "restore",
    "rev-list",
    "rev-parse",
    "revert",
    "rm",
    "shortlog",
    "show",
    "show-ref",
    "sparse-checkout",
    "stash",
    "status",
    "submodule",
    "switch",
    "symbolic-ref",
    "tag",
    "update-index",
    "worktree",
];

/// Settings that a command of git is given, or that stay.
pub fn configured(walker: &mut Walker<'_>, setting: &str) {
    let (name, value) = setting.split_once('=').unwrap_or((setting, "true"));
    let lower = name.to_lowercase();
    if let Some(alias) = lower.strip_prefix("alias.")
        && !value.starts_with('!')
    {
        walker.set(&format!("{ALIAS}{alias}"), Some(value.to_owned()));
        // What it stands for runs when somebody calls it, maybe long after this line.
        walker.text(&format!("git {value}"), "an alias of git");
    }
    let leads = match lower.as_str() {
        "include.path" | "core.worktree" | "init.templatedir" | "core.attributesfile" => true,
        lower => {
            lower.starts_with("includeif.")
                || lower.starts_with("url.") && lower.ends_with(".insteadof")
                || lower.starts_with("merge.") && lower.ends_with(".driver")
        }
    };
    if leads {
        walker.unknown(format!(
            "git with settings of another file or program (`{}`)",
            shown(setting)
        ));
    }
    if lower == "clean.requireforce" && value == "false" {
        walker.set(NO_FORCE, Some("true".to_owned()));
    }
    if matches!(
        (lower.as_str(), value),
        ("http.sslverify" | "commit.gpgsign" | "transfer.fsckobjects", "false")
    ) {
        let target = format!("git checks less (`{name}`)");
        let effect = Effect::new(EffectKind::WeakenVerification, target, Reversible::Yes, Reach::Machine);
        walker.effect(effect.decided(Decision::Ask).instead("let a person decide"));
    }
    let is_forced = lower.ends_with(".push") && value.starts_with('+') || lower.ends_with(".mirror") && value == "true";
    if lower.starts_with("remote.") && is_forced {
        history(
            walker,
            &format!("what each later push does to the remote (`{name}`)"),
            Reversible::Partly,
            "push the one branch",
        );
    }
    if lower == "core.hookspath" {
        walker.effect(no_verify());
    } else if let Some(command) = value.strip_prefix('!') {
        let command = command.to_owned();
        walker.shell(&command, "an alias of git", None);
    } else if matches!(
        lower.as_str(),
        "core.sshcommand"
            | "core.pager"
            | "core.editor"
            | "sequence.editor"
            | "core.fsmonitor"
            | "diff.external"
            | "credential.helper"
            | "gpg.program"
            | "core.askpass"
    ) && value.contains([' ', ';', '|', '/'])
        || lower.ends_with(".clean") && lower.starts_with("filter.")
        || lower.ends_with(".smudge") && lower.starts_with("filter.")
        || lower.ends_with(".textconv") && lower.starts_with("diff.")
    {
        let command = value.to_owned();
        walker.shell(&command, "a program that git is told to use", None);
        // What lies in the tree, or where anybody may write, is made by whoever wrote the line.
        let is_ours = |word: &&str| {
            word.contains('/') && !["/usr/", "/bin/", "/opt/", "-"].iter().any(|top| word.starts_with(top))
        };
        if let Some(word) = command.split_whitespace().find(is_ours) {
            walker.unknown(format!("`{}`, which git is told to start", shown(word)));
        }
    }
}

pub fn config(walker: &mut Walker<'_>, args: &[Arg]) {
    let options = Options::of(
        args,
        &[
            "-f",
            "--file",
            "--blob",
            "--type",
            "--default",
            "--get",
            "--get-all",
            "--get-regexp",
            "--comment",
        ],
    );
    if options.has(&[
        "--get",
        "--get-all",
        "--get-regexp",
        "-l",
        "--list",
        "--show-origin",
        "--get-urlmatch",
    ]) {
        return;
    }
    let mut operands = options.operands.iter();
    let mut name = operands.next().map_or("", |arg| arg.text.as_str());
    if name == "set" {
        name = operands.next().map_or("", |arg| arg.text.as_str());
    }
    if matches!(name, "get" | "list") {
        return;
    }
    if options.has(&["--unset", "--unset-all", "--remove-section"]) || name == "unset" {
        return;
    }
    if let Some(value) = operands.next() {
        configured(walker, &format!("{name}={}", value.text));
    }
}
