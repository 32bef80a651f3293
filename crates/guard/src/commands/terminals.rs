//! Terminals elsewhere: a shell or a client that is started with nothing to run waits for what is typed, and nobody judges that.

use super::options::Options;
use super::wrappers::after_options;
use crate::effect::{Decision, Effect, EffectKind, Environment, Reach, Reversible};
use crate::surroundings::Surroundings;
use crate::walk::{Arg, Input, On, Run, Walker, shown};

/// Clients of databases, with the options by which they are given something to run.
const CLIENTS: [(&str, &[&str]); 12] = [
    (
        "psql",
        &["-c", "--command", "-f", "--file", "-l", "--list", "--version", "-V"],
    ),
    ("pgcli", &["-l", "--list", "--version"]),
    ("mysql", &["-e", "--execute", "--version", "-V"]),
    ("mariadb", &["-e", "--execute", "--version", "-V"]),
    ("mycli", &["-e", "--execute", "--version"]),
    ("mongosh", &["--eval", "-f", "--file", "--version"]),
    ("mongo", &["--eval", "--version"]),
    (
        "redis-cli",
        &[
            "--eval",
            "--scan",
            "--stat",
            "--latency",
            "--bigkeys",
            "--version",
            "-v",
        ],
    ),
    (
        "valkey-cli",
        &["--eval", "--scan", "--stat", "--latency", "--bigkeys", "--version"],
    ),
    ("cqlsh", &["-e", "--execute", "-f", "--file", "--version"]),
    ("sqlcmd", &["-Q", "-q", "-i"]),
    ("clickhouse-client", &["-q", "--query", "--queries-file", "--version"]),
];

/// Tells of a terminal where what is typed reaches other people's machines.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    if walker.on == On::Throwaway || !matches!(run.input, Input::Nothing) {
        return;
    }
    if let Some((_, given)) = CLIENTS.iter().find(|(one, _)| *one == name) {
        client(walker, run, name, given);
        return;
    }
    match name {
        "ssh" | "mosh" | "autossh" => ssh(walker, run),
        "kubectl" | "oc" | "k" | "docker" | "podman" => inside(walker, run, name),
        "rails" | "bundle" => {
            let has = |words: &[&str]| run.args.iter().any(|arg| words.contains(&arg.text.as_str()));
            let by_variable = run.variables.iter().any(|(name, value)| {
                matches!(name.as_str(), "RAILS_ENV" | "RACK_ENV") && value.as_deref() == Some("production")
            });
            if name == "rails" && has(&["c", "console", "dbconsole", "db"]) && (by_variable || has(&["production"])) {
                waits(walker, run, Environment::Production);
            }
        }
        "aws" | "gcloud" | "fly" | "flyctl" | "heroku" | "az" | "tsh" => cloud(walker, run, name),
        "tmux" => {
            let at = run
                .args
                .iter()
                .position(|arg| matches!(arg.text.as_str(), "pipe-pane" | "pipep"));
            let command = at.and_then(|at| run.args[at + 1..].iter().find(|arg| !arg.text.starts_with('-')));
            if let Some(command) = command.map(|arg| arg.text.clone()) {
                walker.feed(Input::Unknown("what a terminal shows".to_owned()));
                walker.shell(&command, "what a terminal is piped into", None);
                walker.feed(Input::Nothing);
            }
        }
        "screen" => {
            let at = run.args.iter().position(|arg| arg.text == "stuff");
            if let Some(typed) = at.and_then(|at| run.args.get(at + 1)) {
                let typed = typed.text.replace("\\n", "\n").replace("^M", "\n");
                walker.shell(&typed, "what is typed into a terminal", None);
            }
        }
        _ => {}
    }
}

fn waits(walker: &mut Walker<'_>, run: &Run<'_>, environment: Environment) {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let effect = Effect::new(
        EffectKind::Unknown,
        format!("whatever is typed into `{} {}`", run.name, shown(&words.join(" "))),
        Reversible::No,
        Reach::Service,
    );
    let effect = effect.in_environment(environment).decided(Decision::Ask);
    walker.effect(effect.instead("give it the command on the same line, so that it can be judged"));
}

fn environment_of(run: &Run<'_>) -> Environment {
    Surroundings::environment_of(run.args.iter().map(|arg| arg.text.as_str()))
}

/// `psql postgres://prod/db`: by name it is where people are served.
fn client(walker: &mut Walker<'_>, run: &Run<'_>, name: &str, given: &[&str]) {
    let options = Options::of(run.args, given);
    let helps = ["--help", "-?"];
    if options.has(given) || options.has(&helps) || environment_of(run) != Environment::Production {
        return;
    }
    // A word that is no host, port or name of a database is a command, or a script.
    let has_words = match name {
        "redis-cli" | "valkey-cli" => {
            let valued = ["-h", "-p", "-a", "-n", "-u", "--user", "--pass", "-s"];
            !after_options(run.args, &valued, name).is_empty()
        }
        "mongosh" | "mongo" => run.args.iter().any(|arg| arg.text.ends_with(".js")),
        _ => false,
    };
    if !has_words {
        waits(walker, run, Environment::Production);
    }
}

/// Whether words are a shell or an interpreter with nothing to run.
fn is_bare_shell(words: &[&Arg]) -> bool {
    const SHELLS: [&str; 17] = [
        "sh",
        "bash",
        "zsh",
        "ash",
        "dash",
        "fish",
        "ksh",
        "python",
        "python3",
        "node",
        "irb",
        "psql",
        "mysql",
        "mongosh",
        "redis-cli",
        "iex",
        "rails",
    ];
    let Some((program, rest)) = words.split_first() else {
        return false;
    };
    let name = program.text.rsplit('/').next().unwrap_or(&program.text);
    let is_console = |arg: &&Arg| matches!(arg.text.as_str(), "-l" | "-i" | "--login" | "-li" | "c" | "console");
    SHELLS.contains(&name) && rest.iter().all(is_console)
}

fn ssh(walker: &mut Walker<'_>, run: &Run<'_>) {
    const VALUED: [&str; 19] = [
        "-b", "-c", "-D", "-E", "-e", "-F", "-I", "-i", "-J", "-L", "-l", "-m", "-O", "-o", "-p", "-Q", "-R", "-S",
        "-W",
    ];
    let rest = after_options(run.args, &VALUED, "ssh");
    let options = Options::of(&run.args[..run.args.len() - rest.len()], &VALUED);
    let Some((host, command)) = rest.split_first() else {
        return;
    };
    let command: Vec<&Arg> = command.iter().collect();
    let opens = command.is_empty() || is_bare_shell(&command);
    // Tunnels and questions open no terminal; a forge says hello and hangs up. A machine whose name says nothing may be anybody's own.
    let is_other = options.has(&["-N", "-f", "-T", "-V", "-G", "-Q", "-O", "-W"]) || host.text.starts_with("git@");
    let environment = Environment::of(&host.text);
    if opens && !is_other && environment == Environment::Production {
        waits(walker, run, environment);
    }
}

/// `kubectl exec -it POD -- sh`, and the same in containers of another machine.
fn inside(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let at = run.args.iter().position(|arg| arg.text == "exec");
    let Some(at) = at else { return };
    let has = |names: &[&str]| run.args.iter().any(|arg| names.contains(&arg.text.as_str()));
    if !has(&["-it", "-ti", "-t", "--tty", "-i", "--stdin"]) {
        return;
    }
    let after = run.args.iter().position(|arg| arg.text == "--");
    let words: Vec<&Arg> = match after {
        Some(after) => run.args[after + 1..].iter().collect(),
        None => run
            .args
            .last()
            .into_iter()
            .filter(|_| run.args.len() > at + 2)
            .collect(),
    };
    if !is_bare_shell(&words) {
        return;
    }
    let is_cluster = !matches!(name, "docker" | "podman");
    let mut names: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    names.extend(walker.place.kube_context.as_deref().filter(|_| is_cluster));
    let environment = Surroundings::environment_of(names.iter().copied());
    if environment == Environment::Production || is_cluster && environment != Environment::Development {
        waits(walker, run, environment);
    }
}

/// Terminals of machines of a cloud.
fn cloud(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let words: Vec<&str> = run
        .args
        .iter()
        .map(|arg| arg.text.as_str())
        .filter(|text| !text.starts_with('-'))
        .collect();
    let has = |names: &[&str]| {
        run.args
            .iter()
            .any(|arg| names.iter().any(|name| arg.text.starts_with(name)))
    };
    let opens = match (name, words.as_slice()) {
        ("aws", ["ssm", "start-session", ..]) => !run.args.iter().any(|arg| arg.text.contains("PortForwarding")),
        ("aws", ["ecs", "execute-command", ..]) => has(&["--interactive"]),
        ("gcloud", ["compute", "ssh", ..]) => !has(&["--command", "--dry-run"]),
        ("fly" | "flyctl", ["ssh", "console", ..]) => !has(&["-C", "--command"]),
        ("heroku", ["run", "bash" | "sh" | "console", ..]) | ("heroku", ["run", "rails", "c" | "console", ..]) => true,
        ("heroku", ["pg:psql" | "ps:exec", ..]) => !has(&["-c", "--command"]),
        ("az", ["ssh", "vm", ..]) => true,
        ("tsh", ["ssh", _]) => true,
        _ => false,
    };
    let environment = environment_of(run);
    if opens && environment != Environment::Development {
        waits(walker, run, environment);
    }
}
