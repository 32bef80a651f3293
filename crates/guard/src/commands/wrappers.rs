//! Programs that run others: what they run is told, not they themselves.

use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Environment, Reach, Reversible};
use crate::walk::{Arg, FROM_KEYS, Input, On, Run, UNKNOWN, Walker, quoted, shown};

/// Wrappers with the options of theirs that take a value; what follows is a command.
const PLAIN: [(&str, &[&str]); 53] = [
    (
        "systemd-run",
        &[
            "-p",
            "--property",
            "-u",
            "--unit",
            "-E",
            "--setenv",
            "-M",
            "-H",
            "--on-active",
        ],
    ),
    ("firejail", &[]),
    ("bwrap", &["--bind", "--ro-bind", "--dev", "--proc"]),
    ("uvx", &["--from", "--with", "-p", "--python"]),
    ("conda", &[]),
    ("mamba", &[]),
    (
        "sudo",
        &[
            "-u", "-g", "-h", "-p", "-C", "-r", "-t", "-D", "-R", "-T", "-U", "--user", "--group", "--host",
            "--prompt", "--chdir",
        ],
    ),
    ("doas", &["-u", "-C"]),
    ("command", &[]),
    ("builtin", &[]),
    ("exec", &["-a"]),
    ("nohup", &[]),
    ("setsid", &[]),
    ("nice", &["-n", "--adjustment"]),
    ("ionice", &["-c", "-n", "-p"]),
    ("chrt", &["-p"]),
    ("taskset", &["-p"]),
    ("stdbuf", &["-i", "-o", "-e"]),
    ("time", &["-f", "-o"]),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"]),
    ("gtimeout", &["-s", "-k"]),
    ("strace", &["-e", "-o", "-p", "-s"]),
    ("ltrace", &["-e", "-o"]),
    ("unbuffer", &[]),
    ("caffeinate", &["-t", "-w"]),
    ("busybox", &[]),
    ("toybox", &[]),
    ("chroot", &["--userspec", "--groups"]),
    ("unshare", &[]),
    ("nsenter", &["-t"]),
    ("fakeroot", &[]),
    ("proxychains", &["-f"]),
    ("proxychains4", &["-f"]),
    ("torsocks", &[]),
    ("dotenv", &["-e", "-f"]),
    ("dotenvx", &["-f"]),
    ("cross-env", &[]),
    ("doppler", &["-p", "-c", "--project", "--config"]),
    ("infisical", &["--env"]),
    ("op", &["--env-file"]),
    ("aws-vault", &[]),
    ("chamber", &[]),
    ("envchain", &[]),
    ("direnv", &[]),
    ("mise", &[]),
    ("asdf", &[]),
    ("rbenv", &[]),
    ("pyenv", &[]),
    ("nvm", &[]),
    ("arch", &[]),
    ("hyperfine", &["-w", "-r", "-m", "-M", "-p", "--warmup", "--runs"]),
    ("entr", &[]),
    ("flatpak-spawn", &[]),
];

/// Those of which the first word after the options is no part of the command.
fn skipped(name: &str) -> usize {
    match name {
        "timeout" | "gtimeout" | "taskset" | "chroot" => 1,
        _ => 0,
    }
}

/// Words that lead to the command: `doppler run -- npm start`, `poetry run pytest`.
const RUNNERS: [(&str, &[&str]); 19] = [
    ("conda", &["run"]),
    ("mamba", &["run"]),
    ("doppler", &["run"]),
    ("infisical", &["run"]),
    ("op", &["run"]),
    ("dotenvx", &["run"]),
    ("aws-vault", &["exec"]),
    ("chamber", &["exec"]),
    ("direnv", &["exec"]),
    ("mise", &["exec", "x"]),
    ("asdf", &["exec"]),
    ("rbenv", &["exec"]),
    ("pyenv", &["exec"]),
    ("nvm", &["exec"]),
    ("poetry", &["run"]),
    ("uv", &["run"]),
    ("pipenv", &["run"]),
    ("pdm", &["run"]),
    ("bundle", &["exec"]),
];

/// Whether a program runs another one, whose help this would be.
pub fn is_one(name: &str) -> bool {
    PLAIN.iter().any(|(one, _)| *one == name)
        || RUNNERS.iter().any(|(one, _)| *one == name)
        || matches!(
            name,
            "sh" | "bash"
                | "zsh"
                | "dash"
                | "ksh"
                | "ash"
                | "fish"
                | "rbash"
                | "eval"
                | "source"
                | "."
                | "trap"
                | "env"
                | "xargs"
                | "parallel"
                | "ssh"
                | "mosh"
                | "su"
                | "runuser"
                | "watch"
                | "script"
                | "flock"
                | "expect"
                | "at"
                | "batch"
                | "alias"
                | "export"
        )
}

/// Tells what wrappers run; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "fish" | "rbash" => shell(walker, run, name),
        "eval" => {
            let text = run
                .args
                .iter()
                .map(|arg| arg.text.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            walker.text(&text, "what `eval` is given");
        }
        "source" | "." => source(walker, run),
        "trap" => {
            if let Some(action) = run
                .args
                .first()
                .filter(|action| run.args.len() > 1 && !action.text.starts_with('-'))
            {
                walker.shell(&action.text, "what a trap does", None);
            }
        }
        "env" => env(walker, run),
        "xargs" | "parallel" => super::lists::xargs(walker, run, name),
        "ssh" | "mosh" | "autossh" => ssh(walker, run),
        "su" | "runuser" => su(walker, run),
        "watch" => {
            let rest = after_options(run.args, &["-n", "--interval", "-q", "--equexit"], name);
            let exactly = run.args.iter().any(|arg| matches!(arg.text.as_str(), "-x" | "--exec"));
            let line = match exactly {
                true => quoted(rest),
                false => joined(&rest.iter().collect::<Vec<_>>()),
            };
            walker.shell(&line, "what `watch` repeats", None);
        }
        "expect" => {
            let options = Options::of(run.args, &["-c", "-f"]);
            let texts: Vec<String> = options.values(&["-c"]).map(str::to_owned).collect();
            let read = match run.input {
                Input::Known(text) if texts.is_empty() => Some(text.clone()),
                _ => None,
            };
            for text in texts.into_iter().chain(read) {
                conversed(walker, &text);
            }
        }
        "script" | "flock" => {
            let options = Options::of(run.args, &["-c", "--command", "-w", "-E"]);
            if let Some(text) = options.value(&["-c", "--command"]) {
                let text = text.to_owned();
                walker.shell(&text, "a command that is handed over", None);
            } else if name == "flock" && options.operands.len() > 1 {
                let rest: Vec<Arg> = options.operands[1..].iter().map(|arg| (*arg).clone()).collect();
                walker.rest(&rest, run);
            }
        }
        "at" | "batch" => {
            let options = Options::of(run.args, &["-f", "-q", "-t"]);
            let file = options.value(&["-f"]).map(Arg::of);
            let read = file.map_or_else(|| run.input.clone(), |file| walker.content(&file));
            match read {
                Input::Known(text) => {
                    walker.shell(&text, "what is to run later", None);
                }
                Input::Unknown(from) => walker.unknown(format!("{from}, later")),
                Input::Nothing => {}
            }
        }
        "alias" => {
            for arg in run.args {
                if let Some((name, value)) = arg.text.split_once('=') {
                    super::tools::renamed(walker, name);
                    walker.alias(name, value);
                }
            }
        }
        "export" | "declare" | "typeset" | "local" | "readonly" | "set" | "unset" | "let" => {
            declared(walker, run, name)
        }
        "read" | "mapfile" | "readarray" | "getopts" => {
            let last = run.args.iter().filter(|arg| !arg.text.starts_with('-'));
            let is_key = walker.reads_keys();
            for arg in last {
                walker.set(&arg.text, None);
                if is_key {
                    walker.holds(&arg.text);
                }
            }
        }
        "cd" | "pushd" => {
            let target = run
                .args
                .iter()
                .find(|arg| !arg.text.starts_with('-') || arg.text == "-");
            let folder = match target {
                None => Some(walker.place.home.clone()),
                Some(arg) if arg.text == "-" => None,
                Some(arg) => walker.path(&arg.text),
            };
            walker.enter(folder);
        }
        "popd" => walker.enter(None),
        "machinectl" | "lxc" | "incus" | "multipass" | "systemd-nspawn" | "limactl" => {
            return inside(walker, run, name);
        }
        "nix-shell" | "nix" => {
            let options = Options::of(run.args, &["-p", "--packages", "--run", "--command", "-c"]);
            for text in options
                .values(&["--run", "--command"])
                .map(str::to_owned)
                .collect::<Vec<_>>()
            {
                walker.shell(&text, "what runs in a shell of Nix", None);
            }
        }
        "concurrently" | "npm-run-all" => {
            let options = Options::of(run.args, &["-n", "--names", "-c", "-k", "-s"]);
            for operand in options.operands {
                walker.shell(&operand.text, "what runs beside others", None);
            }
        }
        "hyperfine" => {
            let options = Options::of(
                run.args,
                &["-w", "-r", "-m", "-M", "-p", "--warmup", "--runs", "--prepare"],
            );
            for operand in options.operands {
                walker.shell(&operand.text, "what `hyperfine` times", None);
            }
        }
        _ => return plain(walker, run, name),
    }
    true
}

pub fn joined(args: &[&Arg]) -> String {
    args.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// `machinectl shell`, `lxc exec`: a command in a container or a machine of this one.
fn inside(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    let rest = after_options(run.args, &["-D", "--directory", "-M", "--machine", "--uid"], name);
    let (place, command) = match (name, rest.split_first()) {
        ("systemd-nspawn", _) => ("a container".to_owned(), rest),
        (_, Some((verb, rest))) if matches!(verb.text.as_str(), "shell" | "exec") => {
            let rest = after_options(rest, &["-p", "--cwd", "-u", "--user", "--env"], name);
            let Some((place, rest)) = rest.split_first() else {
                return true;
            };
            (place.text.clone(), after_options(rest, &[], name))
        }
        _ => return false,
    };
    if command.is_empty() {
        return true;
    }
    // `.host` is this machine.
    if place.ends_with(".host") {
        walker.run(command, run.variables);
    } else {
        walker.elsewhere(On::Elsewhere(place), |walker| walker.run(command, run.variables));
    }
    true
}

/// A wrapper whose remaining words are a command as they stand.
fn plain(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    let runner = RUNNERS.iter().find(|(one, _)| *one == name);
    let valued = match PLAIN.iter().find(|(one, _)| *one == name) {
        Some((_, valued)) => *valued,
        None if runner.is_some() => &[
            "--with",
            "--python",
            "-p",
            "--project",
            "--directory",
            "-C",
            "--extra",
            "--group",
            "--env-file",
        ],
        None => return false,
    };
    let mut rest = after_options(run.args, valued, name);
    if let Some((_, verbs)) = runner {
        let Some((verb, others)) = rest.split_first() else {
            return false;
        };
        if !verbs.contains(&verb.text.as_str()) {
            return false;
        }
        rest = after_options(others, valued, name);
        if matches!(name, "conda" | "mamba") {
            rest = after_options(others, &["-n", "--name", "-p", "--prefix", "--cwd"], name);
        }
        // `direnv exec FOLDER …`.
        if name == "direnv" {
            rest = rest.get(1..).unwrap_or_default();
        }
        // `aws-vault exec prod -- …`: the profile stands before.
        if matches!(name, "aws-vault" | "chamber")
            && let Some((profile, others)) = rest.split_first()
        {
            walker.set("AWS_PROFILE", Some(profile.text.clone()));
            rest = after_options(others, valued, name);
        }
    }
    let mut variables = run.variables.to_vec();
    while let Some((assigned, others)) = rest.split_first().filter(|(arg, _)| is_assignment(&arg.text)) {
        let (variable, value) = assigned.text.split_once('=').unwrap_or_default();
        variables.push((
            variable.to_owned(),
            (!value.contains(UNKNOWN)).then(|| value.to_owned()),
        ));
        rest = others;
    }
    let rest = rest.get(skipped(name)..).unwrap_or_default();
    if name == "command"
        && run
            .args
            .first()
            .is_some_and(|arg| matches!(arg.text.as_str(), "-v" | "-V"))
    {
        return true;
    }
    if name == "sudo" && rest.is_empty() && Options::of(run.args, valued).has(&["-s", "-i", "--shell", "--login"]) {
        // A shell of root's: what it reads is what runs.
        let shell = [Arg::of("sh")];
        walker.run(&shell, &variables);
        return true;
    }
    if !rest.is_empty() {
        walker.run(rest, &variables);
    }
    true
}

/// What follows the options of a wrapper.
pub fn after_options<'r>(args: &'r [Arg], valued: &[&str], name: &str) -> &'r [Arg] {
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let text = arg.text.as_str();
        if text == "--" {
            return &args[at + 1..];
        }
        // `sudo -u root rm`, `nice -10 rm`.
        if !text.starts_with('-') || text.len() < 2 || (name == "busybox" && at > 0) {
            break;
        }
        at += 1 + usize::from(valued.contains(&text));
    }
    args.get(at..).unwrap_or_default()
}

fn is_assignment(text: &str) -> bool {
    let name = text.split('=').next().unwrap_or_default();
    text.contains('=')
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn env(walker: &mut Walker<'_>, run: &Run<'_>) {
    let before = walker.folder().map(str::to_owned);
    in_environment(walker, run);
    walker.enter(before);
}

fn in_environment(walker: &mut Walker<'_>, run: &Run<'_>) {
    let mut args = run.args;
    let mut variables = run.variables.to_vec();
    while let Some((arg, rest)) = args.split_first() {
        let text = arg.text.as_str();
        if matches!(text, "-u" | "--unset" | "-C" | "--chdir" | "-P") {
            if let Some(folder) = rest.first().filter(|_| matches!(text, "-C" | "--chdir")) {
                let folder = walker.path(&folder.text);
                walker.enter(folder);
            }
            args = rest.get(1..).unwrap_or_default();
        } else if matches!(text, "-S" | "--split-string")
            || text.starts_with("-S")
            || text.starts_with("--split-string=")
        {
            let inline = text.trim_start_matches("--split-string=").trim_start_matches("-S");
            let (line, others) = if inline.is_empty() || text == "--split-string" {
                (
                    rest.first().map(|arg| arg.text.clone()).unwrap_or_default(),
                    rest.get(1..).unwrap_or_default(),
                )
            } else {
                (inline.to_owned(), rest)
            };
            walker.shell(&format!("{line} {}", quoted(others)), "what `env` splits", None);
            return;
        } else if text.starts_with('-') {
            args = rest;
        } else if let Some((name, value)) = text.split_once('=') {
            variables.push((name.to_owned(), (!value.contains(UNKNOWN)).then(|| value.to_owned())));
            args = rest;
        } else {
            break;
        }
    }
    if !args.is_empty() {
        walker.run(args, &variables);
    }
}

/// A shell: what `-c` says, a script, or what it reads.
fn shell(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    started_with(walker, run, name);
    let mut args = run.args;
    let (mut is_command, mut reads, mut only_parses) = (false, false, false);
    while let Some((arg, rest)) = args.split_first() {
        let text = arg.text.as_str();
        if matches!(text, "-o" | "+o" | "-O" | "+O" | "--rcfile" | "--init-file") {
            args = rest.get(1..).unwrap_or_default();
            continue;
        }
        if text == "--" || text == "-" {
            args = rest;
            break;
        }
        if let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            let is_short = !letters.starts_with('-');
            is_command |= is_short && letters.contains('c') || letters == "-command";
            reads |= is_short && letters.contains('s');
            only_parses |= is_short && letters == "n";
            args = rest;
            continue;
        }
        if text.starts_with('+') {
            args = rest;
            continue;
        }
        break;
    }
    if only_parses {
        return;
    }
    if is_command {
        let Some((text, rest)) = args.split_first() else { return };
        walker.shell(
            &text.text,
            &format!("what `{name} -c` is given"),
            Some(rest.get(1..).unwrap_or_default().to_vec()),
        );
        return;
    }
    // With `-s` the words are arguments of what is read.
    if let Some((script, rest)) = args
        .split_first()
        .filter(|(script, _)| !reads && !is_standard_input(&script.text))
    {
        let path = walker.path(&script.text);
        if path.as_deref().is_some_and(|path| walker.is_made_here(path)) {
            walker.unknown(format!(
                "the script `{}`, which the line makes itself",
                shown(&script.text)
            ));
            return;
        }
        match path.as_deref().and_then(|path| walker.read(path)) {
            Some(text) => {
                walker.shell(
                    &text,
                    &format!("the script `{}`", shown(&script.text)),
                    Some(rest.to_vec()),
                );
            }
            None if script.text.starts_with("/dev/fd") || script.text.contains(UNKNOWN) => {
                walker.unknown("a script that is made while it runs");
            }
            // A script that is not there runs nothing; one that cannot be read here is the project's own.
            None => super::targets::by_name(walker, &script.text),
        }
        return;
    }
    match run.input {
        Input::Nothing => {}
        Input::Known(text) => {
            walker.feed(Input::Nothing);
            walker.shell(text, &format!("what `{name}` reads"), None);
        }
        Input::Unknown(from) => walker.effect(
            Effect::new(
                EffectKind::Unknown,
                format!("{from}, as commands"),
                Reversible::No,
                Reach::Machine,
            )
            .instead("write it to a file, read it, and run that"),
        ),
    }
}

/// What a shell reads before all else, where the line says so: `BASH_ENV=FILE`.
fn started_with(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let variable = if name == "bash" { "BASH_ENV" } else { "ENV" };
    let own = run.variables.iter().rev().find(|(one, _)| one == variable);
    let file = match own {
        Some((_, file)) => file.clone(),
        None if walker.known(variable) => walker.variable(run, variable),
        None => return,
    };
    let text = file
        .as_deref()
        .and_then(|file| walker.path(file))
        .and_then(|path| walker.read(&path));
    match text {
        Some(text) => {
            walker.shell(&text, &format!("what `{variable}` names"), None);
        }
        None if file.as_deref() == Some("") => {}
        None => walker.unknown(format!("commands that `{name}` reads first, by `{variable}`")),
    }
}

/// Names of what is read anyway.
pub fn is_standard_input(path: &str) -> bool {
    matches!(path, "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0")
}

fn source(walker: &mut Walker<'_>, run: &Run<'_>) {
    let Some(file) = run.args.first() else { return };
    if is_standard_input(&file.text) {
        match run.input {
            Input::Known(text) => {
                walker.text(text, "what is read as commands");
            }
            Input::Unknown(from) => walker.unknown(format!("{from}, as commands")),
            Input::Nothing => {}
        }
        return;
    }
    let path = walker.path(&file.text);
    if !file.is_known() || path.as_deref().is_some_and(|path| walker.is_made_here(path)) {
        walker.unknown("a file of commands that is made while it runs");
        return;
    }
    let read = path.and_then(|path| walker.read(&path));
    if let Some(text) = read {
        walker.text(&text, &format!("`{}`", shown(&file.text)));
    }
}

fn declared(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    if name == "unset" {
        for arg in run.args {
            walker.set(&arg.text, Some(String::new()));
        }
        return;
    }
    if name == "set" {
        return;
    }
    for arg in run.args {
        if let Some((name, value)) = arg.text.split_once('=') {
            if matches!(name, "LD_PRELOAD" | "DYLD_INSERT_LIBRARIES") && !value.is_empty() {
                walker.unknown("all that follows with another library in it".to_owned());
            }
            walker.set(name, (!value.contains(UNKNOWN)).then(|| value.to_owned()));
            if value.contains(FROM_KEYS) {
                walker.holds(name);
            }
        }
    }
}

/// `ssh host command`: it runs there.
fn ssh(walker: &mut Walker<'_>, run: &Run<'_>) {
    let valued = [
        "-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o", "-p", "-Q", "-R", "-S",
        "-W", "-w",
    ];
    let options = Options::of(run.args, &[]);
    for value in Options::of(run.args, &valued).values(&["-o"]) {
        // `-o ProxyCommand=…` runs here.
        if let Some((name, command)) = value.split_once('=')
            && name.trim().to_lowercase().ends_with("command")
        {
            let command = command.to_owned();
            walker.shell(&command, "what `ssh` runs first", None);
        }
    }
    drop(options);
    let rest = after_options(run.args, &valued, "ssh");
    let Some((host, command)) = rest.split_first() else {
        return;
    };
    let host = host.text.rsplit('@').next().unwrap_or(&host.text).to_owned();
    if !matches!(run.input, Input::Nothing)
        && let Some(secret) = super::network::sends_secret(walker, &[])
    {
        super::network::exfiltrated(walker, secret, &host);
    }
    let command = after_options(command, &[], "ssh");
    if command.is_empty() {
        if let Input::Known(text) = run.input {
            walker.elsewhere(On::Elsewhere(host), |walker| {
                walker.shell(text, "what the host reads", None)
            });
        }
        return;
    }
    let text = command
        .iter()
        .map(|arg| arg.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    if matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1") {
        let before = walker.folder().map(str::to_owned);
        let home = walker.place.home.clone();
        walker.enter(Some(home));
        walker.shell(&text, "what runs on this machine, by `ssh`", None);
        walker.enter(before);
        return;
    }
    walker.elsewhere(On::Elsewhere(host), |walker| {
        walker.shell(&text, "what runs on the host", None);
    });
}

/// A dialogue of `expect`: what it starts, and what it sends there as if somebody typed it.
fn conversed(walker: &mut Walker<'_>, text: &str) {
    let mut host = None;
    for line in text.split([';', '\n']).map(str::trim) {
        if let Some(command) = line.strip_prefix("spawn ").or_else(|| line.strip_prefix("exec ")) {
            let mut words = command.split_whitespace();
            host = match words.next() {
                Some("ssh" | "docker" | "kubectl" | "telnet" | "mosh") => words.last().map(str::to_owned),
                _ => None,
            };
            walker.shell(command, "what `expect` starts", None);
        } else if let Some(sent) = line
            .strip_prefix("send ")
            .and_then(|rest| rest.split('"').nth(1))
            .map(|sent| sent.trim_end_matches("\\r").trim_end_matches("\\n").to_owned())
        {
            match &host {
                Some(host) => walker.elsewhere(On::Elsewhere(host.clone()), |walker| {
                    walker.shell(&sent, "what `expect` types", None);
                }),
                None => {
                    walker.shell(&sent, "what `expect` types", None);
                }
            }
        }
    }
}

fn su(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-c", "--command", "-s", "--shell", "-g", "-G"]);
    match options.value(&["-c", "--command"]) {
        Some(text) => {
            let text = text.to_owned();
            walker.shell(&text, "what `su -c` is given", None);
        }
        None if !options.after.is_empty() => {
            let rest: Vec<Arg> = options.after.iter().map(|arg| (*arg).clone()).collect();
            walker.run(&rest, run.variables);
        }
        None => {}
    }
}

/// Where something that runs elsewhere would be, by the name of the place.
pub fn environment(walker: &Walker<'_>) -> Option<Environment> {
    match &walker.on {
        On::Elsewhere(name) => Some(Environment::of(name)),
        On::Here | On::Throwaway => None,
    }
}

/// An effect on a service of this machine, or of the one that the command runs on.
pub fn on_service(walker: &Walker<'_>, kind: EffectKind, target: String, reversible: Reversible) -> Effect {
    match environment(walker) {
        Some(environment) => Effect::new(kind, target, reversible, Reach::Service).in_environment(environment),
        None => Effect::new(kind, target, reversible, Reach::Machine).decided(match reversible {
            Reversible::Yes => Decision::Allow,
            _ => Decision::Ask,
        }),
    }
}
