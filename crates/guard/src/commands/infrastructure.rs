//! Infrastructure as code, and platforms that run services.

use super::containers::verb_of;
use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::surroundings::Surroundings;
use crate::walk::{Arg, On, Run, Walker, shown};

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "terraform" | "tofu" | "terragrunt" | "tf" => terraform(walker, run, name),
        "pulumi" => pulumi(walker, run),
        "cdk" | "cdktf" | "sam" | "serverless" | "sls" | "copilot" | "eb" | "amplify" | "ecs-cli" | "sst" => {
            stacks(walker, run, name)
        }
        "ansible-playbook" | "ansible" | "ansible-pull" | "salt" | "chef-client" | "puppet" | "knife" => {
            machines(walker, run, name)
        }
        "nomad" | "consul" | "vault" | "etcdctl" | "vagrant" | "packer" | "bosh" | "cf" | "juju" | "waypoint" => {
            clusters(walker, run, name)
        }
        "heroku" | "fly" | "flyctl" | "vercel" | "netlify" | "railway" | "wrangler" | "supabase" | "firebase"
        | "firebase-tools" | "render" | "dokku" | "now" | "kamal" | "cap" | "fab" | "platform" | "neonctl"
        | "pscale" | "turso" | "convex" | "cloudflared" | "ngrok" | "deployctl" => platforms(walker, run, name),
        _ => return false,
    }
    true
}

/// An effect in a place that names tell of.
pub fn placed(walker: &Walker<'_>, kind: EffectKind, target: String, reversible: Reversible, told: &[&str]) -> Effect {
    let mut effect = Effect::new(kind, target, reversible, Reach::Service)
        .in_environment(Surroundings::environment_of(told.iter().copied()));
    effect.service = walker.place.service_of(told.iter().copied());
    effect
}

/// Goes where these options lead, while something is told.
fn led<T>(walker: &mut Walker<'_>, run: &Run<'_>, options: &[&str], tell: impl FnOnce(&mut Walker<'_>) -> T) -> T {
    let before = walker.folder().map(str::to_owned);
    let named = Options::of(run.args, options).value(options).map(str::to_owned);
    if let Some(folder) = named {
        let folder = walker.path(&folder);
        walker.enter(folder);
    }
    let given = tell(walker);
    walker.enter(before);
    given
}

fn terraform(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = ["-chdir", "--chdir", "--terragrunt-working-dir", "--working-dir"];
    led(walker, run, &options, |walker| of_terraform(walker, run, name));
}

fn of_terraform(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let valued = [
        "-var",
        "-var-file",
        "-target",
        "-replace",
        "-state",
        "-out",
        "-backend-config",
        "-lock-timeout",
        "-parallelism",
        "--terragrunt-working-dir",
        "--working-dir",
    ];
    let (own, verb, rest) = verb_of(run.args, &valued);
    let Some(mut verb) = verb else { return };
    let mut rest = rest;
    if matches!(verb, "run-all" | "run") && name == "terragrunt" {
        // `terragrunt run --all -- apply`.
        let at = rest
            .iter()
            .position(|arg| !arg.text.starts_with('-'))
            .unwrap_or(rest.len());
        let Some((first, others)) = rest.get(at..).and_then(<[Arg]>::split_first) else {
            return;
        };
        (verb, rest) = (first.text.as_str(), others);
    }
    let options = Options::of(rest, &valued);
    let folder = own
        .value(&["-chdir", "--chdir", "--terragrunt-working-dir"])
        .map(str::to_owned);
    let workspace = walker
        .variable(run, "TF_WORKSPACE")
        .or_else(|| walker.place.terraform_workspace.clone());
    let here = walker.folder().and_then(|folder| {
        let top = walker.place.repository.as_deref().unwrap_or_default();
        folder.strip_prefix(top).map(str::to_owned)
    });
    let told: Vec<String> = workspace
        .into_iter()
        .filter(|name| name != "default")
        .chain(folder)
        .chain(here)
        .chain(
            options
                .values(&["-var-file", "-var", "-state", "-backend-config"])
                .map(str::to_owned),
        )
        .chain(walker.variable(run, "AWS_PROFILE"))
        .collect();
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    let targets: Vec<&str> = options
        .values(&["-target", "-replace"])
        .chain(options.operands.iter().map(|arg| arg.text.as_str()))
        .collect();
    let named = if targets.is_empty() {
        "all that this configuration describes".to_owned()
    } else {
        format!("`{}`", shown(&targets.join(" ")))
    };
    let all: Vec<&str> = told.iter().copied().chain(targets.iter().copied()).collect();
    let effect = |walker: &Walker<'_>, kind, target: String, reversible| placed(walker, kind, target, reversible, &all);
    let plan = "`terraform plan -out=plan` and ask an owner to look at it";
    match verb {
        "destroy" => {
            let found = effect(walker, EffectKind::Delete, named, Reversible::No);
            walker.effect(found.at_least(Decision::Ask).instead(plan));
        }
        "apply" | "up" => {
            if options.has(&["-destroy", "--destroy"]) {
                let found = effect(walker, EffectKind::Delete, named, Reversible::No);
                walker.effect(found.at_least(Decision::Ask).instead(plan));
            } else if options.has(&["-replace", "--replace"]) {
                let found = effect(walker, EffectKind::Recreate, named, Reversible::No);
                walker.effect(found.at_least(Decision::Ask).instead(plan));
            } else if !super::targets::plan(walker, options.operand(0)) {
                let found = effect(walker, EffectKind::Change, named, Reversible::Partly);
                walker.effect(found.at_least(Decision::Ask).instead(plan));
            }
        }
        "taint" => walker.effect(
            effect(walker, EffectKind::Recreate, named, Reversible::Partly)
                .at_least(Decision::Ask)
                .instead(plan),
        ),
        "state" => {
            if matches!(options.operand(0), "rm" | "push" | "mv" | "replace-provider") {
                let target = format!("what Terraform knows of `{}`", shown(options.operand(1)));
                let found = effect(walker, EffectKind::Overwrite, target, Reversible::Partly);
                walker.effect(
                    found
                        .at_least(Decision::Ask)
                        .instead("`terraform state pull > backup.tfstate` first"),
                );
            }
        }
        "workspace" => match options.operand(0) {
            "delete" => walker.effect(
                effect(
                    walker,
                    EffectKind::Delete,
                    format!("the workspace `{}`", shown(options.operand(1))),
                    Reversible::No,
                )
                .at_least(Decision::Ask),
            ),
            "select" | "new" => {
                let name = options.operand(options.operands.len().saturating_sub(1)).to_owned();
                walker.set("TF_WORKSPACE", Some(name));
            }
            _ => {}
        },
        "force-unlock" => walker.effect(
            effect(
                walker,
                EffectKind::WeakenVerification,
                "a lock that somebody else may hold is broken".to_owned(),
                Reversible::No,
            )
            .at_least(Decision::Ask),
        ),
        "import" | "untaint" | "refresh" => walker.effect(effect(
            walker,
            EffectKind::Change,
            "what Terraform knows".to_owned(),
            Reversible::Partly,
        )),
        "init" if options.has(&["-migrate-state", "-force-copy"]) => {
            walker.effect(
                effect(
                    walker,
                    EffectKind::Change,
                    "where the state is kept".to_owned(),
                    Reversible::Partly,
                )
                .at_least(Decision::Ask),
            );
        }
        _ => {}
    }
}

fn pulumi(walker: &mut Walker<'_>, run: &Run<'_>) {
    led(walker, run, &["-C", "--cwd"], |walker| of_pulumi(walker, run));
}

fn of_pulumi(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(
        run.args,
        &[
            "-s",
            "--stack",
            "-C",
            "--cwd",
            "-t",
            "--target",
            "-m",
            "--message",
            "-r",
            "--replace",
        ],
    );
    let removed = (options.operand(0) == "stack").then(|| options.operand(2));
    let stack = options
        .value(&["-s", "--stack"])
        .or(removed.filter(|name| !name.is_empty()));
    let told: Vec<&str> = options.values(&["-C", "--cwd"]).chain(stack).collect();
    let named = stack.map_or("the stack that is selected".to_owned(), |stack| {
        format!("the stack `{}`", shown(stack))
    });
    let safer = "`pulumi preview --diff` and ask an owner to look at it";
    if options.has(&["--preview-only"]) {
        return;
    }
    match (options.operand(0), options.operand(1)) {
        ("destroy" | "down", _) | ("stack", "rm") => walker.effect(
            placed(walker, EffectKind::Delete, named, Reversible::No, &told)
                .at_least(Decision::Ask)
                .instead(safer),
        ),
        ("up" | "update", _) => {
            let kind = if options.has(&["-r", "--replace", "--target-replace"]) {
                EffectKind::Recreate
            } else {
                EffectKind::Change
            };
            walker.effect(
                placed(walker, kind, named, Reversible::Partly, &told)
                    .at_least(Decision::Ask)
                    .instead(safer),
            );
        }
        ("state", "delete" | "unprotect" | "edit") | ("cancel" | "import", _) => {
            walker.effect(
                placed(
                    walker,
                    EffectKind::Overwrite,
                    format!("what Pulumi knows of {named}"),
                    Reversible::Partly,
                    &told,
                )
                .at_least(Decision::Ask),
            );
        }
        _ => {}
    }
}

/// What a platform's program is asked for, by its words: a word that tells of the worst counts.
struct Words {
    delete: &'static [&'static str],
    recreate: &'static [&'static str],
    stop: &'static [&'static str],
    change: &'static [&'static str],
    read: &'static [&'static str],
}

const PLATFORM: Words = Words {
    delete: &[
        "destroy",
        "delete",
        "remove",
        "rm",
        "terminate",
        "purge",
        "wipe",
        "apps:destroy",
        "addons:destroy",
        "pg:reset",
        "sites:delete",
        "undeploy",
        "uninstall",
        "pg:kill-all",
        "teardown",
        "domains:remove",
        "config:unset",
        "secrets:delete",
        "functions:delete",
        "firestore:delete",
        "database:remove",
        "hosting:disable",
    ],
    recreate: &["rebuild", "recreate", "reset", "clone", "swap", "replace", "db:reset"],
    stop: &[
        "stop",
        "suspend",
        "abort",
        "down",
        "scale:0",
        "pause",
        "disable",
        "maintenance:on",
        "ps:stop",
        "ps:kill",
    ],
    change: &[
        "deploy",
        "up",
        "apply",
        "update",
        "upgrade",
        "scale",
        "rollback",
        "promote",
        "restart",
        "publish",
        "push",
        "migrate",
        "set",
        "setenv",
        "config:set",
        "ps:scale",
        "ps:restart",
        "releases:rollback",
        "pipelines:promote",
        "bootstrap",
        "put",
        "execute",
        "redeploy",
        "env:set",
        "domains:add",
        "access",
        "secrets",
        "unset",
        "import",
        "add",
        "move",
        "transfer",
        "attach",
        "detach",
        "failover",
        "link",
        "restore",
        "pg:copy",
        "pg:promote",
        "pg:backups:restore",
        "run",
        "run:detached",
    ],
    read: &[
        "list",
        "ls",
        "show",
        "status",
        "logs",
        "log",
        "info",
        "get",
        "diff",
        "synth",
        "plan",
        "preview",
        "validate",
        "whoami",
        "login",
        "logout",
        "help",
        "version",
        "docs",
        "doctor",
        "open",
        "dev",
        "serve",
        "start",
        "local",
        "init",
        "inspect",
        "events",
        "health",
        "print",
        "describe",
        "lint",
        "build",
        "package",
        "tail",
        "search",
        "pg:info",
        "types",
        "gen",
        "emulators:start",
        "test",
    ],
};

impl Words {
    fn of(&self, texts: &[&str]) -> Option<(EffectKind, Reversible)> {
        // The verb is among the first words that are no options.
        for text in texts.iter().filter(|text| !text.starts_with('-')).take(4) {
            let has = |words: &[&str]| words.contains(text);
            if has(self.delete) {
                return Some((EffectKind::Delete, Reversible::No));
            }
            if has(self.recreate) {
                return Some((EffectKind::Recreate, Reversible::No));
            }
            if has(self.stop) {
                return Some((EffectKind::Stop, Reversible::Partly));
            }
            if has(self.change) {
                return Some((EffectKind::Change, Reversible::Partly));
            }
            if has(self.read) {
                return None;
            }
        }
        None
    }
}

fn stacks(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    if texts
        .iter()
        .any(|text| matches!(*text, "--help" | "-h" | "--no-execute" | "--noexecute"))
    {
        return;
    }
    if matches!(name, "serverless" | "sls" | "sam" | "amplify")
        && texts
            .iter()
            .take(2)
            .any(|text| matches!(*text, "invoke" | "local" | "offline"))
    {
        return;
    }
    let Some((kind, reversible)) = PLATFORM.of(&texts) else {
        return;
    };
    let words = shown(
        &texts
            .iter()
            .filter(|text| !text.starts_with('-'))
            .copied()
            .collect::<Vec<_>>()
            .join(" "),
    );
    let told: Vec<&str> = texts.clone();
    let effect =
        placed(walker, kind, format!("what `{name} {words}` names"), reversible, &told).at_least(Decision::Ask);
    walker.effect(effect.instead(match name {
        "cdk" => "`cdk diff` shows what it changes; ask an owner",
        _ => "let the pipeline do it, or ask an owner",
    }));
}

fn machines(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(
        run.args,
        &[
            "-i",
            "--inventory",
            "-l",
            "--limit",
            "-m",
            "--module-name",
            "-a",
            "--args",
            "-e",
            "--extra-vars",
            "-u",
            "--user",
            "-t",
            "--tags",
        ],
    );
    if options.has(&[
        "--check",
        "-C",
        "--syntax-check",
        "--list-hosts",
        "--list-tasks",
        "--version",
        "--help",
        "-h",
        "--list-tags",
        "--why-run",
        "--noop",
    ]) {
        return;
    }
    let told: Vec<&str> = options
        .values(&["-i", "--inventory", "-l", "--limit"])
        .chain(options.operands.iter().map(|arg| arg.text.as_str()))
        .collect();
    if name == "ansible" {
        let module = options.value(&["-m", "--module-name"]).unwrap_or("command");
        if matches!(
            module,
            "ping" | "setup" | "debug" | "ansible.builtin.ping" | "ansible.builtin.setup"
        ) {
            return;
        }
        if matches!(module.rsplit('.').next(), Some("shell" | "command" | "raw"))
            && let Some(text) = options.value(&["-a", "--args"])
        {
            let (text, place) = (text.to_owned(), told.join(" "));
            walker.elsewhere(On::Elsewhere(place), |walker| {
                walker.shell(&text, "what runs on the hosts", None);
            });
            return;
        }
    }
    let what = shown(&told.join(" "));
    walker.effect(
        placed(
            walker,
            EffectKind::Change,
            format!("the machines that `{what}` names"),
            Reversible::Partly,
            &told,
        )
        .at_least(Decision::Ask)
        .instead("`--check --diff` shows what it changes"),
    );
}

fn clusters(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let plain: Vec<&str> = texts.iter().filter(|text| !text.starts_with('-')).copied().collect();
    let has = |words: &[&str]| plain.iter().take(4).any(|text| words.contains(text));
    let words = shown(&plain.join(" "));
    let target = format!("what `{name} {words}` names");
    if name == "vagrant" {
        if has(&["destroy"]) {
            walker.effect(Effect::new(
                EffectKind::Delete,
                "a virtual machine with what is in it",
                Reversible::Partly,
                Reach::Machine,
            ));
        } else if has(&["ssh"])
            && let Some(text) = Options::of(run.args, &["-c", "--command"]).value(&["-c", "--command"])
        {
            let text = text.to_owned();
            walker.elsewhere(On::Throwaway, |walker| {
                walker.shell(&text, "what runs in the machine", None);
            });
        }
        return;
    }
    if name == "vault" && has(&["token"]) && has(&["create"]) && texts.iter().any(|text| text.contains("root")) {
        walker.effect(
            Effect::new(
                EffectKind::Expose,
                "all that Vault holds to whoever gets this token",
                Reversible::Partly,
                Reach::Service,
            )
            .decided(Decision::Ask)
            .instead("name a policy that lets as much as it needs"),
        );
        return;
    }
    if name == "packer" && has(&["build"]) && texts.contains(&"-force") {
        walker.effect(
            Effect::new(
                EffectKind::Overwrite,
                format!("the image that `{words}` makes, where there is one of that name"),
                Reversible::No,
                Reach::Team,
            )
            .decided(Decision::Ask)
            .instead("leave `-force` out"),
        );
        return;
    }
    let (kind, reversible) = if has(&[
        "delete",
        "del",
        "destroy",
        "purge",
        "stop",
        "disable",
        "seal",
        "force-leave",
        "leave",
        "metadata",
        "rm",
        "remove-unit",
        "remove-application",
        "destroy-controller",
        "delete-deployment",
    ]) {
        let kind = if has(&["stop", "seal", "leave", "force-leave"]) {
            EffectKind::Stop
        } else {
            EffectKind::Delete
        };
        (
            kind,
            if kind == EffectKind::Stop {
                Reversible::Partly
            } else {
                Reversible::No
            },
        )
    } else if has(&[
        "run",
        "write",
        "put",
        "rekey",
        "rotate",
        "generate-root",
        "policy",
        "import",
        "restore",
        "deploy",
        "push",
        "enable",
        "snapshot",
    ]) && !has(&["read", "list", "get", "status", "plan", "save", "validate"])
    {
        (EffectKind::Change, Reversible::Partly)
    } else {
        return;
    };
    let mut told = texts.clone();
    let address = ["VAULT_ADDR", "NOMAD_ADDR", "CONSUL_HTTP_ADDR", "ETCDCTL_ENDPOINTS"]
        .iter()
        .find_map(|name| walker.variable(run, name));
    told.extend(address.as_deref());
    walker.effect(
        placed(walker, kind, target, reversible, &told).at_least(if kind == EffectKind::Change {
            Decision::Allow
        } else {
            Decision::Ask
        }),
    );
}

fn platforms(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    if texts
        .iter()
        .any(|text| matches!(*text, "--help" | "-h" | "--dry-run" | "--version"))
    {
        return;
    }
    if matches!(name, "ngrok" | "cloudflared") {
        let opens = texts
            .iter()
            .any(|text| matches!(*text, "http" | "tcp" | "tls" | "start" | "tunnel"));
        if opens {
            let effect = Effect::new(
                EffectKind::Expose,
                "a port of this machine to the internet",
                Reversible::Yes,
                Reach::Machine,
            );
            walker.effect(effect.decided(Decision::Ask));
        }
        return;
    }
    let plain: Vec<&str> = texts.iter().filter(|text| !text.starts_with('-')).copied().collect();
    let words = shown(&plain.join(" "));
    let in_production = texts
        .iter()
        .any(|text| matches!(*text, "--prod" | "--production" | "-p" | "--env=production"));
    let is_local = texts
        .iter()
        .any(|text| matches!(*text, "--local" | "local" | "--environment=development"));
    if is_local {
        return;
    }
    let verdict = match (name, plain.as_slice()) {
        // These deploy when nothing is said.
        ("vercel" | "now", []) => Some((EffectKind::Change, Reversible::Partly)),
        ("vercel" | "now", ["env" | "domains" | "alias", "ls" | "list" | "pull", ..])
        | ("heroku", ["run", ..])
        | ("supabase", ["db", "diff" | "lint" | "dump" | "pull", ..]) => None,
        ("supabase", ["db", "reset", ..]) if !texts.contains(&"--linked") => None,
        ("supabase", ["start" | "stop" | "migration", ..]) | ("firebase", ["emulators:start" | "serve", ..]) => None,
        ("neonctl" | "pscale" | "turso", [_, "delete" | "destroy", ..]) => Some((EffectKind::Delete, Reversible::No)),
        _ => PLATFORM.of(&texts),
    };
    if name == "heroku" && plain.first() == Some(&"run") {
        let app = Options::of(run.args, &["-a", "--app", "-r"])
            .value(&["-a", "--app", "-r"])
            .unwrap_or("the app")
            .to_owned();
        let at = run.args.iter().position(|arg| arg.text == "run").unwrap_or(0) + 1;
        let rest: Vec<_> = run.args[at..]
            .iter()
            .skip_while(|arg| arg.text.starts_with('-') || arg.text == app)
            .cloned()
            .collect();
        walker.elsewhere(On::Elsewhere(app), |walker| {
            let text = rest.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(" ");
            walker.shell(&text, "what runs in the app", None);
        });
        return;
    }
    if let Some((kind, reversible)) = verdict {
        let mut told = texts.clone();
        if in_production {
            told.push("production");
        }
        let effect =
            placed(walker, kind, format!("what `{name} {words}` names"), reversible, &told).at_least(Decision::Ask);
        walker.effect(effect.instead("let the pipeline do it, or ask an owner"));
    }
}
