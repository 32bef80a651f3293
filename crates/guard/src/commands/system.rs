//! The machine itself: services, processes, disks, users, network, what runs at which time.

use super::options::Options;
use super::wrappers::on_service;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::walk::{Input, On, Run, Walker, shown};

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    if walker.on == On::Throwaway && !matches!(name, "nsupdate") {
        return matches!(name, "systemctl" | "service" | "kill" | "pkill" | "reboot" | "shutdown");
    }
    match name {
        "systemctl" | "service" | "rc-service" | "supervisorctl" | "pm2" | "launchctl" | "initctl" | "monit" | "sv"
        | "svc" | "brew-services" => services(walker, run, name),
        "kill" | "pkill" | "killall" | "skill" | "fuser" | "xkill" => killed(walker, run, name),
        "shutdown" | "reboot" | "halt" | "poweroff" | "init" | "telinit" => halted(walker, run, name),
        "crontab" => crontab(walker, run),
        "iptables" | "ip6tables" | "nft" | "ufw" | "firewall-cmd" | "pfctl" => firewall(walker, run, name),
        "fdisk" | "parted" | "sgdisk" | "gdisk" | "sfdisk" | "cfdisk" | "wipefs" | "blkdiscard" | "cryptsetup"
        | "hdparm" | "badblocks" | "mkswap" | "diskutil" | "mdadm" | "pvremove" | "vgremove" | "lvremove"
        | "lvreduce" | "zpool" | "zfs" | "btrfs" | "format" | "nvme" | "tune2fs" | "resize2fs" | "e2label"
        | "debugfs" | "fsck" => disks(walker, run, name),
        _ if name == "mkfs" || name.starts_with("mkfs.") || name.starts_with("newfs") => {
            let target = run
                .args
                .iter()
                .rev()
                .find(|arg| !arg.text.starts_with('-'))
                .map_or_else(String::new, |arg| shown(&arg.text));
            let on_file = !target.starts_with("/dev/") && !target.contains('…');
            let effect = Effect::new(
                EffectKind::Overwrite,
                format!("the disk `{target}` with all that is on it"),
                Reversible::No,
                Reach::Machine,
            );
            walker.effect(if on_file { effect.decided(Decision::Ask) } else { effect });
        }
        "userdel" | "deluser" | "groupdel" | "usermod" | "passwd" | "chpasswd" | "visudo" | "useradd" | "adduser"
        | "gpasswd" | "chsh" | "dscl" => users(walker, run, name),
        "sysctl" | "modprobe" | "rmmod" | "insmod" | "setenforce" | "swapoff" | "umount" | "mount" | "aa-disable"
        | "auditctl" | "csrutil" | "spctl" | "tmutil" | "defaults" | "nvram" | "grub-install" | "update-grub"
        | "efibootmgr" | "dmsetup" | "losetup" | "kexec" => kernel(walker, run, name),
        "restic" | "borg" | "borgmatic" | "duplicity" | "kopia" | "rdiff-backup" => {
            let deletes = [
                "forget",
                "prune",
                "delete",
                "remove-older-than",
                "remove-all-but-n-full",
                "cleanup",
                "--remove-older-than",
            ];
            if run.args.iter().any(|arg| deletes.contains(&arg.text.as_str()))
                && !run.args.iter().any(|arg| arg.text == "--dry-run")
            {
                let effect = Effect::new(EffectKind::Delete, "backups", Reversible::No, Reach::Team);
                walker.effect(effect.decided(Decision::Ask).instead("`--dry-run` shows which"));
            }
        }
        "nix-collect-garbage"
            if run
                .args
                .iter()
                .any(|arg| arg.text.starts_with("-d") || arg.text.starts_with("--delete")) =>
        {
            walker.effect(
                Effect::new(
                    EffectKind::Delete,
                    "earlier states of this machine",
                    Reversible::No,
                    Reach::Machine,
                )
                .decided(Decision::Ask),
            );
        }
        "claude" | "codex" | "gemini" | "cursor-agent" | "aider" | "opencode" | "amp" | "copilot" | "kiro-cli"
        | "q"
            if run.args.iter().any(|arg| {
                matches!(
                    arg.text.as_str(),
                    "--yolo"
                        | "-y"
                        | "--yes-always"
                        | "--full-auto"
                        | "--force"
                        | "--allow-all-tools"
                        | "--allow-all"
                        | "--trust-all-tools"
                ) || arg.text == "-f" && name == "cursor-agent"
                    || arg.text.starts_with("--dangerously")
                    || ["disableAllHooks", "hooks=false", "bypassPermissions", "hooksConfig"]
                        .iter()
                        .any(|word| arg.text.contains(word))
            }) || run.args.first().is_some_and(|arg| arg.text == "hooks")
                && run
                    .args
                    .get(1)
                    .is_some_and(|arg| matches!(arg.text.as_str(), "disable" | "remove" | "off")) =>
        {
            let effect = Effect::new(
                EffectKind::WeakenVerification,
                format!("`{name}` is started so that nobody is asked"),
                Reversible::No,
                Reach::Machine,
            );
            walker.effect(effect.decided(Decision::Ask).instead("start it with its questions"));
        }
        "stripe" | "twilio" if run.args.iter().any(|arg| arg.text == "--live") || name == "twilio" => {
            let effect = Effect::new(
                EffectKind::Change,
                format!("what customers see or pay (`{name}`)"),
                Reversible::No,
                Reach::Service,
            );
            walker.effect(
                effect
                    .in_environment(crate::effect::Environment::Production)
                    .decided(Decision::Ask),
            );
        }
        "history" => {
            if run.args.iter().any(|arg| arg.text.starts_with("-c")) {
                walker.effect(
                    Effect::new(
                        EffectKind::Delete,
                        "what this shell remembers of its commands",
                        Reversible::No,
                        Reach::Machine,
                    )
                    .decided(Decision::Ask),
                );
            }
        }
        "journalctl" | "logrotate" | "wevtutil" => {
            if run
                .args
                .iter()
                .any(|arg| arg.text.starts_with("--vacuum") || arg.text == "cl" || arg.text == "--rotate")
            {
                walker.effect(
                    Effect::new(
                        EffectKind::Delete,
                        "logs of this machine",
                        Reversible::No,
                        Reach::Machine,
                    )
                    .decided(Decision::Ask),
                );
            }
        }
        "gpg" | "gpg2" | "security" | "ssh-add" | "keyctl" | "pass" | "secret-tool" => keys(walker, run, name),
        "nsupdate" | "rndc" | "pdnsutil" | "dnscontrol" | "octodns-sync" => {
            let reads = run.args.iter().any(|arg| {
                matches!(
                    arg.text.as_str(),
                    "status" | "list-all-zones" | "preview" | "check" | "show-zone"
                )
            });
            if !reads {
                walker.effect(
                    Effect::new(
                        EffectKind::Change,
                        "where names of the domain lead",
                        Reversible::Partly,
                        Reach::Service,
                    )
                    .in_environment(crate::effect::Environment::Production),
                );
            }
        }
        "certbot" | "acme.sh" => {
            if run
                .args
                .iter()
                .any(|arg| matches!(arg.text.as_str(), "delete" | "revoke" | "--revoke" | "--remove"))
            {
                walker.effect(on_service(
                    walker,
                    EffectKind::Delete,
                    "a certificate".to_owned(),
                    Reversible::No,
                ));
            }
        }
        "nginx" | "apachectl" | "httpd" | "haproxy" | "rabbitmq-server" => {
            if run.args.iter().any(|arg| matches!(arg.text.as_str(), "stop" | "quit")) {
                walker.effect(on_service(
                    walker,
                    EffectKind::Stop,
                    format!("`{name}`"),
                    Reversible::Partly,
                ));
            }
        }
        "screen" => {
            let mut rest = run.args.iter().peekable();
            while let Some(arg) = rest.next_if(|arg| arg.text.starts_with('-')) {
                if arg.text.ends_with(['S', 'c', 's', 't', 'p']) {
                    rest.next();
                }
            }
            let rest: Vec<_> = rest.cloned().collect();
            walker.rest(&rest, run);
        }
        "tmux" => {
            if run.args.iter().any(|arg| matches!(arg.text.as_str(), "kill-server")) {
                walker.effect(
                    Effect::new(
                        EffectKind::Stop,
                        "all terminals of this user",
                        Reversible::No,
                        Reach::Machine,
                    )
                    .decided(Decision::Ask),
                );
            }
            let at = run.args.iter().position(|arg| {
                matches!(
                    arg.text.as_str(),
                    "send-keys" | "new-session" | "new" | "split-window" | "new-window" | "send"
                )
            });
            if let Some(at) = at {
                let rest = run.args.get(at + 1..).unwrap_or_default();
                let options = Options::of(rest, &["-t", "-s", "-n", "-c", "-x", "-y"]);
                let text = options
                    .operands
                    .iter()
                    .map(|arg| arg.text.as_str())
                    .filter(|text| !matches!(*text, "Enter" | "C-m" | "C-c"))
                    .collect::<Vec<_>>()
                    .join(" ");
                if !text.is_empty() {
                    walker.shell(&text, "what is typed into a terminal", None);
                }
            }
        }
        _ => return false,
    }
    true
}

fn services(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let words: Vec<&str> = run
        .args
        .iter()
        .map(|arg| arg.text.as_str())
        .filter(|text| !text.starts_with('-'))
        .collect();
    let user = run.args.iter().any(|arg| arg.text == "--user");
    let has = |one: &[&str]| words.iter().any(|word| one.contains(word));
    let named = shown(&words.join(" "));
    if has(&["poweroff", "reboot", "halt", "kexec", "rescue", "emergency", "isolate"]) {
        walker.effect(
            Effect::new(
                EffectKind::Stop,
                "this machine with all that runs on it",
                Reversible::Partly,
                Reach::Machine,
            )
            .decided(Decision::Deny),
        );
    } else if has(&[
        "stop", "disable", "mask", "kill", "delete", "remove", "unload", "bootout", "down", "shutdown", "exit", "flush",
    ]) {
        let all = words.contains(&"all");
        let effect = on_service(
            walker,
            EffectKind::Stop,
            format!("the services that `{name} {named}` names"),
            Reversible::Partly,
        );
        let local = user && !all;
        walker.effect(if local {
            effect.decided(Decision::Allow)
        } else {
            effect.instead("let whoever runs the machine do it")
        });
    } else if has(&["restart", "reload", "try-restart"]) {
        let effect = on_service(
            walker,
            EffectKind::Stop,
            format!("for a moment, the services that `{name} {named}` names"),
            Reversible::Yes,
        );
        walker.effect(effect);
    }
}

fn killed(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    // `kill -9 -1`: everything that may be killed.
    let all = name == "kill"
        && (words.iter().skip(1).any(|word| *word == "-1")
            || words == ["-1"]
            || words.contains(&"1") && words.len() <= 2)
        || name != "kill" && words.iter().any(|word| matches!(*word, "-u" | "-U" | "--user")) && words.len() <= 3
        || matches!(name, "pkill" | "killall")
            && words
                .iter()
                .any(|word| matches!(*word, "." | ".*" | "" | "init" | "systemd" | "sshd"));
    if all {
        walker.effect(
            Effect::new(
                EffectKind::Stop,
                "all programs of this user, or of the machine",
                Reversible::No,
                Reach::Machine,
            )
            .decided(Decision::Deny)
            .instead("name the one process"),
        );
        return;
    }
    let served = [
        "postgres",
        "mysqld",
        "mariadbd",
        "mongod",
        "redis-server",
        "nginx",
        "dockerd",
        "containerd",
        "kubelet",
        "httpd",
        "apache2",
        "sshd",
        "systemd",
    ];
    if name != "kill" && words.iter().any(|word| served.contains(word)) {
        walker.effect(on_service(
            walker,
            EffectKind::Stop,
            format!("`{}`", shown(&words.join(" "))),
            Reversible::Partly,
        ));
    } else if matches!(walker.on, On::Elsewhere(_)) {
        walker.effect(on_service(
            walker,
            EffectKind::Stop,
            format!("processes (`{}`)", shown(&words.join(" "))),
            Reversible::Partly,
        ));
    }
}

fn halted(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    if matches!(name, "init" | "telinit") && !words.iter().any(|word| matches!(*word, "0" | "6" | "1"))
        || words.iter().any(|word| matches!(*word, "-c" | "--help" | "-w"))
    {
        return;
    }
    let effect = Effect::new(
        EffectKind::Stop,
        "this machine with all that runs on it",
        Reversible::Partly,
        Reach::Machine,
    );
    walker.effect(
        effect
            .decided(Decision::Deny)
            .instead("let whoever runs the machine do it"),
    );
}

fn crontab(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-u"]);
    if options.has(&["-l"]) || options.has(&["-e"]) {
        return;
    }
    let effect = if options.has(&["-r"]) {
        Effect::new(
            EffectKind::Delete,
            "all that is planned for certain times",
            Reversible::No,
            Reach::Machine,
        )
        .instead("`crontab -l > crontab.bak` first")
    } else {
        let adds = matches!(run.input, Input::Known(_) | Input::Unknown(_)) || !options.operands.is_empty();
        if !adds {
            return;
        }
        Effect::new(
            EffectKind::Overwrite,
            "what is planned for certain times",
            Reversible::Partly,
            Reach::Machine,
        )
        .instead("show a person what is to run")
    };
    walker.effect(effect);
    if let Input::Known(text) = run.input {
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let command: Vec<&str> = if line.trim_start().starts_with('@') {
                line.split_whitespace().skip(1).collect()
            } else {
                line.split_whitespace().skip(5).collect()
            };
            if !command.is_empty() {
                walker.shell(&command.join(" "), "what is to run at a certain time", None);
            }
        }
    }
}

fn firewall(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let has = |one: &[&str]| words.iter().any(|word| one.contains(word));
    if has(&[
        "-L",
        "-S",
        "--list",
        "list",
        "status",
        "-n",
        "--list-all",
        "--state",
        "show",
    ]) && !has(&["-F", "-A", "-I", "-D"])
    {
        return;
    }
    let opens = has(&["-F", "--flush", "-X", "flush", "disable", "reset", "-d", "--panic-off"])
        || words.windows(3).any(|three| three[0] == "-P" && three[2] == "ACCEPT");
    let effect = if opens {
        Effect::new(
            EffectKind::Expose,
            "this machine, without its firewall",
            Reversible::Partly,
            Reach::Machine,
        )
        .decided(Decision::Deny)
    } else {
        Effect::new(
            EffectKind::Change,
            format!("the firewall of this machine (`{name} {}`)", shown(&words.join(" "))),
            Reversible::Partly,
            Reach::Machine,
        )
    };
    walker.effect(effect.instead("let whoever runs the machine do it"));
}

fn disks(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let has = |one: &[&str]| words.iter().any(|word| one.contains(word));
    let reads = match name {
        "fdisk" | "sfdisk" | "gdisk" | "parted" | "sgdisk" => {
            has(&["-l", "--list", "print", "-p", "-s", "--dump", "-d"])
                && !has(&["rm", "mklabel", "mkpart", "--zap-all", "-Z", "-o"])
        }
        "wipefs" => !has(&["-a", "--all", "-o", "-af", "-fa"]),
        "cryptsetup" => !has(&[
            "luksFormat",
            "erase",
            "luksErase",
            "luksKillSlot",
            "luksRemoveKey",
            "reencrypt",
        ]),
        "hdparm" | "nvme" => !words
            .iter()
            .any(|word| word.contains("erase") || *word == "format" || *word == "sanitize"),
        "badblocks" => !has(&["-w"]),
        "diskutil" => !words.first().is_some_and(|verb| {
            verb.starts_with("erase")
                || verb.starts_with("partition")
                || verb.starts_with("secureErase")
                || verb.starts_with("zero")
                || verb.contains("delete")
        }),
        "mdadm" => !has(&["--zero-superblock", "--stop", "--fail", "--remove", "--create", "-S"]),
        "zpool" | "zfs" => !has(&["destroy", "labelclear", "rollback", "create", "detach", "remove"]),
        "btrfs" => !has(&["delete", "remove"]),
        "fsck" | "tune2fs" | "debugfs" | "resize2fs" | "e2label" => !has(&["-y", "-w", "-f"]),
        "mkswap" | "blkdiscard" | "format" | "pvremove" | "vgremove" | "lvremove" | "lvreduce" => false,
        _ => true,
    };
    if reads {
        return;
    }
    let effect = Effect::new(
        EffectKind::Delete,
        format!("what is on a disk (`{name} {}`)", shown(&words.join(" "))),
        Reversible::No,
        Reach::Machine,
    );
    walker.effect(effect.instead("let whoever runs the machine do it"));
}

fn users(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    if words.iter().any(|word| matches!(*word, "-S" | "--status" | "--help"))
        || name == "visudo" && words.iter().any(|word| matches!(*word, "-c" | "--check"))
    {
        return;
    }
    let (kind, decision) = match name {
        "userdel" | "deluser" | "groupdel" => (EffectKind::Delete, Decision::Deny),
        _ => (EffectKind::Expose, Decision::Ask),
    };
    let effect = Effect::new(
        kind,
        format!("who may do what on this machine (`{name} {}`)", shown(&words.join(" "))),
        Reversible::No,
        Reach::Machine,
    );
    walker.effect(effect.decided(decision).instead("let whoever runs the machine do it"));
}

fn kernel(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let matters = match name {
        "sysctl" => words.iter().any(|word| word.contains('=') || *word == "-w"),
        "setenforce" => words.first() == Some(&"0"),
        "mount" => words
            .iter()
            .any(|word| word.contains("remount") || word.contains("bind")),
        "tmutil" => words
            .first()
            .is_some_and(|verb| verb.starts_with("delete") || *verb == "disable"),
        "defaults" => words.first() == Some(&"delete"),
        "csrutil" | "spctl" => words.iter().any(|word| word.contains("disable")),
        "losetup" | "umount" => false,
        _ => true,
    };
    if matters {
        let effect = Effect::new(
            EffectKind::Change,
            format!("how this machine works (`{name} {}`)", shown(&words.join(" "))),
            Reversible::Partly,
            Reach::Machine,
        );
        walker.effect(effect.instead("let whoever runs the machine do it"));
    }
}

fn keys(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let deletes = words.iter().any(|word| {
        word.starts_with("--delete-secret")
            || word.starts_with("delete-")
            || *word == "-D" && name == "ssh-add"
            || *word == "purge"
            || (*word == "rm" && name == "pass")
            || (*word == "clear" && name == "secret-tool")
    });
    if deletes {
        let effect = Effect::new(
            EffectKind::Delete,
            format!("keys of this user (`{name}`)"),
            Reversible::No,
            Reach::Machine,
        );
        walker.effect(if name == "ssh-add" {
            effect.decided(Decision::Allow)
        } else {
            effect
        });
        return;
    }
    let gives = words.iter().any(|word| {
        word.starts_with("--export-secret")
            || matches!(
                *word,
                "find-generic-password" | "find-internet-password" | "dump-keychain"
            )
    });
    if gives {
        walker.effect(
            Effect::new(
                EffectKind::Exfiltrate,
                "keys of this user",
                Reversible::No,
                Reach::Machine,
            )
            .decided(Decision::Ask),
        );
    }
}
