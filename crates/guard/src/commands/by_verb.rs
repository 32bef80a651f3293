//! Programs of which only the verbs are known here, and those of which nothing is: a word of theirs that says that something is taken away.

use super::infrastructure::placed;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::surroundings::Surroundings;
use crate::walk::{Arg, Input, On, Run, Walker, shown};

/// Words that say of a program that they try out, tell or ask.
const HARMLESS: [&str; 11] = [
    "--dry-run",
    "--dryrun",
    "-n",
    "--help",
    "-h",
    "help",
    "--plan",
    "--check",
    "--list",
    "--version",
    "--what-if",
];

/// A program: its name, what takes away or stops for good, and what can be turned back in part.
type Known = (
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

/// Programs with their grave verbs; one of several words stands with blanks, in their order.
const KNOWN: [Known; 17] = [
    (
        &["hadoop", "hdfs"],
        &["-rm", "-rmr", "-expunge", "-format", "-deleteSnapshot"],
        &["-mv", "-chmod", "-chown", "-safemode enter"],
    ),
    (
        &["lxc", "incus", "lxd"],
        &["delete", "storage delete", "storage volume delete", "snapshot delete"],
        &["stop", "restart", "restore", "publish", "move"],
    ),
    (
        &["virsh"],
        &[
            "undefine",
            "vol-delete",
            "vol-wipe",
            "pool-delete",
            "snapshot-delete",
            "net-undefine",
        ],
        &["destroy", "shutdown", "reset", "snapshot-revert", "reboot"],
    ),
    (
        &["qemu-img"],
        &["resize --shrink", "commit", "rebase"],
        &["snapshot -a", "snapshot -d"],
    ),
    (
        &["nodetool"],
        &[
            "decommission",
            "removenode",
            "assassinate",
            "clearsnapshot",
            "truncatehints",
            "scrub",
        ],
        &["drain", "disablegossip", "disablebinary", "stopdaemon", "rebuild"],
    ),
    (
        &["airflow"],
        &[
            "db reset",
            "db clean",
            "dags delete",
            "pools delete",
            "connections delete",
            "variables delete",
        ],
        &["dags backfill", "backfill create", "tasks clear", "dags pause"],
    ),
    (
        &["ceph", "rbd", "rados"],
        &[
            "rm",
            "pool rm",
            "pool delete",
            "osd purge",
            "osd destroy",
            "fs rm",
            "purge",
            "rmpool",
            "snap purge",
            "snap rm",
            "osd pool delete",
            "osd pool rm",
        ],
        &["osd out", "osd down", "osd set", "snap rollback"],
    ),
    (
        &["multipass", "limactl", "colima", "orb"],
        &["delete", "purge", "factory-reset"],
        &["stop"],
    ),
    (
        &["mc", "mcli"],
        &[
            "rm",
            "rb",
            "admin user remove",
            "admin policy remove",
            "ilm rule remove",
        ],
        &[
            "mirror --remove",
            "anonymous set public",
            "policy set public",
            "admin service stop",
            "admin service restart",
        ],
    ),
    (&["snap", "flatpak"], &[], &["remove", "uninstall", "revert"]),
    (
        &["pm2", "supervisorctl", "circusctl", "s6-svc", "sv", "monit"],
        &[],
        &["delete", "stop", "kill", "shutdown", "remove", "unload"],
    ),
    (
        &["drbdadm", "gluster", "stratis", "vdo"],
        &[
            "wipe-md",
            "create-md",
            "volume delete",
            "pool destroy",
            "filesystem destroy",
            "remove",
        ],
        &["down", "volume stop", "disconnect", "detach"],
    ),
    (
        &["salt", "salt-run", "puppet", "chef", "knife"],
        &["node delete", "client delete", "state.apply", "cmd.run", "node purge"],
        &["service.stop", "apply"],
    ),
    (
        &["spark-submit", "flink", "yarn-cluster"],
        &[],
        &["--kill", "cancel", "stop"],
    ),
    (
        &["cqlsh-admin", "scylla", "druid", "pinot-admin.sh", "solr"],
        &["delete", "DeleteTable", "DeleteSchema", "destroy"],
        &["stop", "restart"],
    ),
    (
        &["keycloak", "kcadm.sh", "authentik", "zitadel"],
        &["delete"],
        &["update", "set-password"],
    ),
    (
        &[
            "kafka-configs",
            "kafka-configs.sh",
            "kafka-acls",
            "kafka-acls.sh",
            "kafka-reassign-partitions.sh",
        ],
        &[
            "--alter retention.ms",
            "--alter retention.bytes",
            "--remove",
            "--alter cleanup.policy",
        ],
        &["--alter", "--execute"],
    ),
];

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    if name == "dbt" {
        rebuilt(walker, &words);
        return true;
    }
    let Some((_, gone, changed)) = KNOWN.iter().find(|(names, ..)| names.contains(&name)) else {
        return false;
    };
    if words.iter().any(|word| HARMLESS.contains(word) && *word != "-h") {
        return true;
    }
    let has = |verbs: &[&str]| verbs.iter().any(|verb| stands_in(&words, verb));
    if has(gone) {
        told(walker, name, &words, EffectKind::Delete, Reversible::No);
    } else if has(changed) {
        told(walker, name, &words, EffectKind::Stop, Reversible::Partly);
    }
    true
}

/// Whether words stand there in this order, the first among the first three that are no options (or an option).
fn stands_in(words: &[&str], verb: &str) -> bool {
    let mut parts = verb.split(' ');
    let Some(first) = parts.next() else { return false };
    let at = if first.starts_with('-') {
        words.iter().position(|word| *word == first)
    } else {
        let mut plain = words
            .iter()
            .enumerate()
            .filter(|(_, word)| !word.starts_with('-'))
            .take(3);
        plain.find(|(_, word)| **word == first).map(|(at, _)| at)
    };
    let Some(mut at) = at else { return false };
    for part in parts {
        match words[at + 1..]
            .iter()
            .position(|word| *word == part || word.contains('=') && word.starts_with(part))
        {
            Some(step) => at += 1 + step,
            None => return false,
        }
    }
    true
}

fn told(walker: &mut Walker<'_>, name: &str, words: &[&str], kind: EffectKind, reversible: Reversible) {
    let target = format!("what `{name} {}` names", shown(&words.join(" ")));
    let effect = placed(walker, kind, target, reversible, words);
    walker.effect(effect.at_least(Decision::Ask).instead("look at what it is about first"));
}

/// `dbt`: what is built from nothing, where people read it.
fn rebuilt(walker: &mut Walker<'_>, words: &[&str]) {
    if words.iter().any(|word| matches!(*word, "--full-refresh" | "-f"))
        && words
            .iter()
            .any(|word| matches!(*word, "run" | "build" | "seed" | "snapshot"))
    {
        told(walker, "dbt", words, EffectKind::Recreate, Reversible::Partly);
    }
}

/// Verbs by which about any program takes something away.
const VERBS: [&str; 16] = [
    "delete",
    "destroy",
    "purge",
    "wipe",
    "nuke",
    "drop",
    "terminate",
    "decommission",
    "undefine",
    "truncate",
    "erase",
    "obliterate",
    "teardown",
    "tear-down",
    "factory-reset",
    "delete-all",
];

/// Programs whose words are texts, names or paths.
const PLAIN: [&str; 86] = [
    "grep",
    "egrep",
    "fgrep",
    "zgrep",
    "rg",
    "ag",
    "ack",
    "pt",
    "ugrep",
    "ls",
    "ll",
    "eza",
    "exa",
    "cat",
    "bat",
    "batcat",
    "head",
    "tail",
    "less",
    "more",
    "wc",
    "sort",
    "uniq",
    "cut",
    "tr",
    "touch",
    "mkdir",
    "stat",
    "file",
    "tree",
    "diff",
    "cmp",
    "comm",
    "join",
    "paste",
    "column",
    "fold",
    "nl",
    "tac",
    "rev",
    "seq",
    "expr",
    "test",
    "[",
    "which",
    "whereis",
    "type",
    "man",
    "info",
    "tldr",
    "apropos",
    "whatis",
    "help",
    "look",
    "dict",
    "jest",
    "vitest",
    "mocha",
    "ava",
    "tap",
    "pytest",
    "py.test",
    "nose2",
    "ctest",
    "phpunit",
    "rspec",
    "cypress",
    "playwright",
    "tox",
    "nox",
    "mypy",
    "pyright",
    "ruff",
    "black",
    "isort",
    "flake8",
    "pylint",
    "eslint",
    "prettier",
    "tsc",
    "notify-send",
    "say",
    "code",
    "open",
    "xdg-open",
    "unset",
];

/// Tells of a program that nobody here knows whether its first words say that something is taken away.
pub fn unknown(walker: &mut Walker<'_>, run: &Run<'_>) {
    if PLAIN.contains(&run.name) || matches!(walker.on, On::Throwaway) {
        return;
    }
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    if words.iter().any(|word| HARMLESS.contains(word)) {
        return;
    }
    let says = words
        .iter()
        .filter(|word| !word.starts_with('-'))
        .take(2)
        .any(|word| VERBS.contains(word));
    if !says || Surroundings::environment_of(words.iter().copied()) == crate::effect::Environment::Development {
        return;
    }
    let effect = Effect::new(
        EffectKind::Delete,
        format!(
            "what `{} {}` names, by a program that is not known here",
            run.name,
            shown(&words.join(" "))
        ),
        Reversible::Partly,
        Reach::Team,
    );
    walker.effect(
        effect
            .decided(Decision::Ask)
            .instead("look at what it is about first; `--dry-run` shows it, where there is such an option"),
    );
}

/// Programs that are known for what else they do, and run the words that they are given as well.
pub const CARRIERS: [&str; 15] = [
    "orb",
    "nix",
    "npm",
    "pnpm",
    "yarn",
    "hatch",
    "vagrant",
    "multipass",
    "limactl",
    "systemd-run",
    "sops",
    "ip",
    "machinectl",
    "gdb",
    "lldb",
];

/// Programs to which words are what somebody says to somebody.
const PROSE: [&str; 18] = [
    "claude", "codex", "gemini", "llm", "aider", "ollama", "aichat", "sgpt", "todo", "task", "jrnl", "slackcat",
    "slack", "logger", "wall", "figlet", "cowsay", "cz",
];

/// Options whose value is a text for people.
const TEXTS: [&str; 20] = [
    "-m",
    "--message",
    "--msg",
    "-t",
    "--title",
    "-b",
    "--body",
    "-d",
    "--description",
    "--desc",
    "--comment",
    "--note",
    "--notes",
    "--text",
    "--subject",
    "--reason",
    "--prompt",
    "-p",
    "--summary",
    "--query",
];

/// Words by which programs are called here, and which are everyday verbs of others.
const EVERYDAY: [&str; 13] = [
    "format", "init", "service", "kill", "shutdown", "reboot", "halt", "poweroff", "defaults", "security", "passwd",
    "history", "rename",
];

/// Words that are looked at.
const WORDS: usize = 12;

/// Tells of a program that is not known here whether it may run others: words of it that would be denied if they stood alone are asked about.
pub fn carried(walker: &mut Walker<'_>, run: &Run<'_>) {
    if PLAIN.contains(&run.name) || PROSE.contains(&run.name) || matches!(walker.on, On::Throwaway) {
        return;
    }
    for (at, arg) in run.args.iter().enumerate().take(WORDS) {
        let before = at.checked_sub(1).map_or("", |at| run.args[at].text.as_str());
        if !is_grave(walker, run, at, arg, before) {
            continue;
        }
        let words = run.args[at..].iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>();
        let line = if arg.text.contains(' ') {
            arg.text.clone()
        } else {
            words.join(" ")
        };
        let what = format!("`{}` by `{}`, if that runs what it is given", shown(&line), run.name);
        let effect = Effect::new(EffectKind::Unknown, what, Reversible::No, Reach::Machine);
        walker.effect(effect.instead("run it without the other program, so that it can be judged"));
        return;
    }
}

/// Whether a word, or all from it on, would be denied, or asked about since others would lose something for good.
fn is_grave(walker: &mut Walker<'_>, run: &Run<'_>, at: usize, arg: &Arg, before: &str) -> bool {
    let text = match arg.text.split_once('=') {
        Some((name, value)) if name.starts_with('-') && !TEXTS.contains(&name) => value,
        _ => arg.text.as_str(),
    };
    let found = if text.contains(char::is_whitespace) {
        if TEXTS.contains(&before) || text.starts_with('-') {
            return false;
        }
        // What debuggers and clients have before a command of a shell's.
        let line = text.trim_start().trim_start_matches(['\\', ':', '!']);
        let line = line.strip_prefix("shell ").unwrap_or(line);
        walker.tried(|walker| {
            walker.shell(line, "a text", None);
        })
    } else {
        let is_alone = at + 1 == run.args.len() && matches!(run.input, Input::Nothing);
        if is_alone || !text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '.' | '~')) {
            return false;
        }
        if EVERYDAY.contains(&text) {
            return false;
        }
        walker.tried(|walker| {
            walker.run(&run.args[at..], &[]);
        })
    };
    found.iter().any(|effect| {
        let takes = matches!(
            effect.kind,
            EffectKind::Delete | EffectKind::Overwrite | EffectKind::Recreate
        );
        let is_lost = takes && effect.reach >= Reach::Team && effect.reversible == Reversible::No;
        effect.decision == Decision::Deny || effect.decision == Decision::Ask && is_lost
    })
}
