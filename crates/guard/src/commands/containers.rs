//! Containers.

use super::options::Options;
use super::wrappers::on_service;
use crate::effect::{Decision, Effect, EffectKind, Environment, Reach, Reversible};
use crate::surroundings::Surroundings;
use crate::walk::{Arg, On, Run, UNKNOWN, Walker, shown};

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "docker" | "podman" | "nerdctl" | "finch" => docker(walker, run),
        "docker-compose" | "podman-compose" => compose(walker, run.args, run),
        "crictl" | "ctr" => {
            if run.args.iter().any(|arg| {
                matches!(
                    arg.text.as_str(),
                    "rm" | "rmi" | "rmp" | "stop" | "stopp" | "delete" | "kill"
                )
            }) {
                walker.effect(on_service(
                    walker,
                    EffectKind::Stop,
                    "containers of this node".to_owned(),
                    Reversible::Partly,
                ));
            }
        }
        _ => return false,
    }
    true
}

const DOCKER: [&str; 11] = [
    "-n",
    "--namespace",
    "-H",
    "--host",
    "-c",
    "--context",
    "--config",
    "-l",
    "--log-level",
    "--tlscert",
    "--tlskey",
];

fn docker(walker: &mut Walker<'_>, run: &Run<'_>) {
    let (own, verb, rest) = verb_of(run.args, &DOCKER);
    let Some(verb) = verb else { return };
    let host = own
        .value(&["-H", "--host", "-c", "--context"])
        .map(str::to_owned)
        .or_else(|| walker.variable(run, "DOCKER_HOST"));
    let environment = host.as_deref().map(Environment::of);
    let effect = |kind, target: String, reversible| match environment {
        Some(environment) => Effect::new(kind, target, reversible, Reach::Service).in_environment(environment),
        None => Effect::new(kind, target, reversible, Reach::Machine).decided(if reversible == Reversible::Yes {
            Decision::Allow
        } else {
            Decision::Ask
        }),
    };
    let options = Options::of(rest, &["--filter", "--format", "-t", "--time", "--signal", "-s"]);
    let (verb, sub, operands) = match verb {
        "container" | "image" | "volume" | "network" | "system" | "builder" | "swarm" | "stack" | "service"
        | "context" | "secret" | "config" | "node" | "buildx" => (
            verb,
            options.operand(0),
            names(options.operands.get(1..).unwrap_or_default()),
        ),
        other => (other, "", names(&options.operands)),
    };
    if options.has(&["--help"]) && !matches!(verb, "run" | "create" | "exec" | "compose") {
        return;
    }
    match (verb, sub) {
        ("run" | "create", _) | ("container", "run" | "create") => started(
            walker,
            run,
            if sub.is_empty() {
                rest
            } else {
                rest.get(1..).unwrap_or_default()
            },
        ),
        ("exec", _) | ("container", "exec") => {
            let rest = if sub.is_empty() {
                rest
            } else {
                rest.get(1..).unwrap_or_default()
            };
            let valued = [
                "-e",
                "--env",
                "-u",
                "--user",
                "-w",
                "--workdir",
                "--env-file",
                "--detach-keys",
            ];
            let command = after(rest, &valued);
            if let Some((container, command)) = command.split_first() {
                inside(walker, run, &container.text, command);
            }
        }
        ("compose", _) => compose(walker, rest, run),
        ("rm", _) | ("container", "rm" | "remove") if options.has(&["-f", "--force", "-v", "--volumes"]) => {
            walker.effect(
                effect(
                    EffectKind::Delete,
                    format!("containers (`{operands}`) that may be running"),
                    Reversible::Partly,
                )
                .instead("`docker stop` keeps what is in them"),
            );
        }
        ("stop" | "kill" | "pause" | "restart", _) | ("container", "stop" | "kill" | "restart") => {
            let reversible = if operands.contains(UNKNOWN) || operands.is_empty() {
                Reversible::Partly
            } else {
                Reversible::Yes
            };
            walker.effect(effect(
                EffectKind::Stop,
                format!("containers (`{}`)", shown(&operands)),
                reversible,
            ));
        }
        ("volume", "rm" | "remove" | "prune") => {
            let what = if sub == "prune" {
                "all volumes that no container uses".to_owned()
            } else {
                format!("the volumes `{}` with what is in them", shown(&operands))
            };
            walker.effect(effect(EffectKind::Delete, what, Reversible::No).instead("copy them aside first"));
        }
        ("system", "prune") => {
            let what = if options.has(&["--volumes"]) {
                "all containers, images and volumes that are not running"
            } else {
                "all containers, networks and images that are not running"
            };
            walker.effect(
                effect(EffectKind::Delete, what.to_owned(), Reversible::Partly)
                    .instead("`docker system df` shows what takes room"),
            );
        }
        ("image", "prune") if options.has(&["-a", "--all"]) => {
            walker.effect(effect(
                EffectKind::Delete,
                "all images that no container uses".to_owned(),
                Reversible::Partly,
            ));
        }
        ("rmi", _) | ("image", "rm") if operands.contains(UNKNOWN) || operands.is_empty() => {
            walker.effect(effect(
                EffectKind::Delete,
                "all images that a list names".to_owned(),
                Reversible::Partly,
            ));
        }
        ("system", "reset") => {
            walker.effect(effect(
                EffectKind::Delete,
                "all containers, images and volumes".to_owned(),
                Reversible::No,
            ));
        }
        ("container", "prune") => {
            walker.effect(effect(
                EffectKind::Delete,
                "all containers that do not run, with what is in them".to_owned(),
                Reversible::Partly,
            ));
        }
        ("push", _) | ("image", "push") => {
            let environment = Environment::of(&operands);
            let effect = Effect::new(
                EffectKind::Publish,
                format!("the image `{}`", shown(&operands)),
                Reversible::Partly,
                Reach::Team,
            );
            walker.effect(
                effect
                    .in_environment(environment)
                    .instead("let CI push what it has built"),
            );
        }
        ("swarm", "leave") | ("stack", "rm" | "down" | "remove") | ("service", "rm" | "remove") => {
            let environment = environment.unwrap_or_else(|| Environment::of(&operands));
            let effect = Effect::new(
                EffectKind::Delete,
                format!("services (`{}`)", shown(&operands)),
                Reversible::Partly,
                Reach::Service,
            );
            walker.effect(effect.in_environment(environment));
        }
        ("service", "update" | "scale" | "rollback") | ("stack", "deploy" | "up") | ("node", "rm" | "update") => {
            let environment = environment.unwrap_or_else(|| Environment::of(&operands));
            let effect = Effect::new(
                EffectKind::Change,
                format!("services (`{}`)", shown(&operands)),
                Reversible::Partly,
                Reach::Service,
            );
            walker.effect(effect.in_environment(environment));
        }
        ("secret" | "config", "rm") => walker.effect(effect(
            EffectKind::Delete,
            format!("`{}`", shown(&operands)),
            Reversible::No,
        )),
        _ => {}
    }
}

pub fn names(operands: &[&Arg]) -> String {
    operands
        .iter()
        .map(|arg| arg.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A program's own options, its verb, and what follows that.
pub fn verb_of<'r>(args: &'r [Arg], valued: &[&str]) -> (Options<'r>, Option<&'r str>, &'r [Arg]) {
    let rest = after(args, valued);
    let own = Options::of(&args[..args.len() - rest.len()], valued);
    match rest.split_first() {
        Some((verb, rest)) => (own, Some(verb.text.as_str()), rest),
        None => (own, None, rest),
    }
}

/// What follows the options.
fn after<'r>(args: &'r [Arg], valued: &[&str]) -> &'r [Arg] {
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let text = arg.text.as_str();
        if text == "--" {
            return &args[at + 1..];
        }
        if !text.starts_with('-') || text.len() < 2 {
            break;
        }
        at += 1 + usize::from(valued.contains(&text));
    }
    args.get(at..).unwrap_or_default()
}

/// A command in something that runs already.
pub fn inside(walker: &mut Walker<'_>, run: &Run<'_>, place: &str, command: &[Arg]) {
    walker.elsewhere(On::Elsewhere(place.to_owned()), |walker| {
        walker.run(command, run.variables);
    });
}

/// `docker run`: what it may reach, and what runs in it.
fn started(walker: &mut Walker<'_>, run: &Run<'_>, args: &[Arg]) {
    let valued = [
        "-e",
        "--env",
        "-v",
        "--volume",
        "-p",
        "--publish",
        "-w",
        "--workdir",
        "-u",
        "--user",
        "--name",
        "--network",
        "--net",
        "-l",
        "--label",
        "--entrypoint",
        "--mount",
        "-m",
        "--memory",
        "--cpus",
        "--env-file",
        "--platform",
        "-h",
        "--hostname",
        "--add-host",
        "--restart",
        "--device",
        "--cap-add",
        "--security-opt",
        "--pid",
        "--ipc",
        "--gpus",
        "--shm-size",
        "--tmpfs",
        "--ulimit",
        "--log-driver",
        "--link",
        "--dns",
        "--ip",
        "--userns",
    ];
    let rest = after(args, &valued);
    let own = Options::of(&args[..args.len() - rest.len()], &valued);
    let mut mounts_host = false;
    for mount in own.values(&["-v", "--volume", "--mount"]) {
        let source = mount
            .split([':', ','])
            .find_map(|part| part.strip_prefix("source=").or(part.strip_prefix("src=")))
            .unwrap_or_else(|| mount.split(':').next().unwrap_or(mount));
        let is_path = source.starts_with(['/', '.', '~']) || source.contains(UNKNOWN);
        // A volume with a name lasts, too.
        mounts_host |= is_path || mount.contains(':') || mount.contains("source=") || mount.contains("src=");
        if matches!(
            source,
            "/" | "/etc" | "/root" | "/var/run/docker.sock" | "/home" | "/boot" | "/usr" | "/var"
        ) {
            let effect = Effect::new(
                EffectKind::Expose,
                format!("`{source}` of this machine to a container"),
                Reversible::Yes,
                Reach::Machine,
            );
            walker.effect(
                effect
                    .decided(Decision::Ask)
                    .instead("mount the one folder that it needs"),
            );
        }
    }
    if own.is_on(&["--privileged"]) || own.value(&["--pid"]) == Some("host") {
        let effect = Effect::new(
            EffectKind::Expose,
            "this machine to a container that may do all on it",
            Reversible::Yes,
            Reach::Machine,
        );
        walker.effect(
            effect
                .decided(Decision::Ask)
                .instead("give it the one right that it needs"),
        );
    }
    let Some((_, command)) = rest.split_first() else { return };
    let command: Vec<Arg> = own
        .value(&["--entrypoint"])
        .map(Arg::of)
        .into_iter()
        .chain(command.iter().cloned())
        .collect();
    let on = if mounts_host {
        On::Elsewhere("a container with folders or volumes that last".to_owned())
    } else {
        On::Throwaway
    };
    if !command.is_empty() {
        walker.elsewhere(on, |walker| {
            walker.run(&command, run.variables);
        });
    }
}

fn compose(walker: &mut Walker<'_>, args: &[Arg], run: &Run<'_>) {
    let valued = [
        "-f",
        "--file",
        "-p",
        "--project-name",
        "--env-file",
        "--profile",
        "--project-directory",
        "--ansi",
    ];
    let (own, verb, rest) = verb_of(args, &valued);
    let names: Vec<&str> = own
        .values(&["-f", "--file", "-p", "--project-name", "--env-file", "--profile"])
        .collect();
    let environment = Surroundings::environment_of(names.iter().copied());
    let grave = environment == Environment::Production;
    let options = Options::of(
        rest,
        &[
            "-t",
            "--timeout",
            "-s",
            "-e",
            "-u",
            "-w",
            "--index",
            "--rmi",
            "--user",
            "--workdir",
            "--env",
        ],
    );
    let decided = |effect: Effect, base: Decision| {
        if grave {
            effect.in_environment(environment).decided(Decision::Ask.max(base))
        } else {
            effect.decided(base)
        }
    };
    if own.has(&["--dry-run"]) || options.has(&["--dry-run"]) {
        return;
    }
    match verb.unwrap_or_default() {
        "down" => {
            let with_volumes = options.has(&["-v", "--volumes"]);
            let effect = Effect::new(
                if with_volumes {
                    EffectKind::Delete
                } else {
                    EffectKind::Stop
                },
                if with_volumes {
                    "all services of this project with the data in their volumes"
                } else {
                    "all services of this project"
                },
                if with_volumes { Reversible::No } else { Reversible::Yes },
                Reach::Machine,
            );
            walker.effect(decided(
                effect.instead("`docker compose stop` keeps everything"),
                if with_volumes { Decision::Ask } else { Decision::Allow },
            ));
        }
        "rm" => {
            let effect = Effect::new(
                EffectKind::Delete,
                "containers of this project",
                Reversible::Partly,
                Reach::Machine,
            );
            walker.effect(decided(
                effect,
                if options.has(&["-v"]) {
                    Decision::Ask
                } else {
                    Decision::Allow
                },
            ));
        }
        "stop" | "kill" | "restart" | "up" if grave => {
            walker.effect(
                Effect::new(
                    EffectKind::Change,
                    "services of this project",
                    Reversible::Partly,
                    Reach::Service,
                )
                .in_environment(environment),
            );
        }
        "exec" | "run" => {
            let command = after(
                rest,
                &[
                    "-e",
                    "-u",
                    "-w",
                    "--index",
                    "--user",
                    "--workdir",
                    "--env",
                    "--entrypoint",
                    "--name",
                    "-v",
                    "--volume",
                    "-p",
                ],
            );
            if let Some((service, command)) = command.split_first() {
                let place = format!("{} {}", service.text, names.join(" "));
                inside(walker, run, place.trim(), command);
            }
        }
        _ => {}
    }
}
