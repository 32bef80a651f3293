//! Kubernetes and what is set up in it.

use super::containers::{inside, names, verb_of};
use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Environment, Reach, Reversible};
use crate::surroundings::Surroundings;
use crate::walk::{Arg, Input, Run, Walker, shown};

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "kubectl" | "oc" | "k" | "kubecolor" | "k3s" | "microk8s" => kubernetes(walker, run, name),
        "helm" => helm(walker, run),
        "minikube" | "kind" | "k3d" => local_cluster(walker, run, name),
        "eksctl" | "kops" | "rosa" | "talosctl" | "rke" | "rancher" | "kubeadm" => cluster(walker, run, name),
        "helmfile" | "argocd" | "flux" | "kubectx" | "kubens" | "istioctl" | "linkerd" | "velero" | "tkn"
        | "kustomize" => {
            continuous(walker, run, name);
        }
        _ => return false,
    }
    true
}

const KUBERNETES: [&str; 14] = [
    "--context",
    "-n",
    "--namespace",
    "--kubeconfig",
    "--cluster",
    "-s",
    "--server",
    "--user",
    "--token",
    "--as",
    "--request-timeout",
    "-l",
    "--selector",
    "--field-selector",
];

fn kubernetes(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let mut args = run.args;
    if matches!(name, "k3s" | "microk8s") {
        match args.split_first() {
            Some((first, rest)) if first.text == "kubectl" => args = rest,
            _ => return,
        }
    }
    let (own, verb, rest) = verb_of(args, &KUBERNETES);
    let Some(verb) = verb else { return };
    // What stands behind `--` is a command.
    let cut = rest.iter().position(|arg| arg.text == "--").unwrap_or(rest.len());
    let (rest, command) = (&rest[..cut], rest.get(cut + 1..).unwrap_or_default());
    let mut valued = KUBERNETES.to_vec();
    valued.extend([
        "-f",
        "--filename",
        "-k",
        "--kustomize",
        "-c",
        "--container",
        "-o",
        "--output",
        "--replicas",
        "-p",
        "--patch",
        "--type",
        "--grace-period",
        "--timeout",
        "--image",
        "--from-file",
        "--from-literal",
        "--port",
    ]);
    let options = Options::of(rest, &valued);
    let value = |names: &[&str]| options.value(names).or(own.value(names)).map(str::to_owned);
    let context = value(&["--context", "--cluster", "--kubeconfig", "-s", "--server"])
        .or_else(|| own_variable(run, "KUBECONFIG"))
        .or_else(|| walker.variable(run, "COUNTERPROOF_KUBE_CONTEXT"))
        .or_else(|| walker.place.kube_context.clone())
        .or_else(|| walker.variable(run, "KUBECONFIG"));
    let namespace = value(&["-n", "--namespace"]);
    if options.has(&["--help", "-h"]) || options.has(&["--dry-run"]) && options.value(&["--dry-run"]) != Some("none") {
        return;
    }
    let operands = names(&options.operands);
    let files: Vec<String> = options
        .values(&["-f", "--filename", "-k", "--kustomize"])
        .map(str::to_owned)
        .collect();
    let told: Vec<&str> = context
        .iter()
        .chain(&namespace)
        .map(String::as_str)
        .chain(files.iter().map(String::as_str))
        .chain([operands.as_str()])
        .collect();
    let environment = Surroundings::environment_of(told.iter().copied());
    // Whom a right is given to tells nothing of where.
    let of_the_place = Surroundings::environment_of(context.iter().chain(&namespace).map(String::as_str));
    let of_files = || {
        let folders = files.iter().filter_map(|file| walker.path(file));
        let mut services = folders.filter_map(|path| {
            walker
                .place
                .service_at(&path)
                .or_else(|| walker.place.service_at(path.rsplit_once('/')?.0))
        });
        services.next()
    };
    let service = walker.place.service_of(told.iter().copied()).or_else(of_files);
    let mut found = |kind, target: String, reversible, safer: &str| {
        let environment = match kind {
            EffectKind::Expose => of_the_place,
            _ => environment,
        };
        let mut effect = Effect::new(kind, target, reversible, Reach::Service).in_environment(environment);
        effect.service.clone_from(&service);
        let is_grave = kind == EffectKind::Expose || service.as_ref().is_some_and(|(_, tier)| *tier == 1);
        if is_grave && environment != Environment::Development {
            effect = effect.at_least(Decision::Ask);
        }
        walker.effect(effect.instead(safer));
    };
    let what = if operands.is_empty() {
        files.join(" ")
    } else {
        operands.clone()
    };
    let what = shown(&what);
    match verb {
        "delete" => {
            let lasting = [
                "ns",
                "namespace",
                "namespaces",
                "pvc",
                "pv",
                "persistentvolume",
                "crd",
                "customresourcedefinition",
                "secret",
                "node",
                "statefulset",
                "sts",
                "all",
            ];
            let grave = options.is_on(&["--all", "-A", "--all-namespaces"])
                || options.operands.iter().any(|arg| {
                    arg.text.split(['/', ',']).any(|part| {
                        lasting.iter().any(|one| {
                            part == *one || part.trim_end_matches('s') == *one || part.starts_with("persistentvolume")
                        })
                    })
                });
            let is_pod = options
                .operands
                .first()
                .is_some_and(|arg| matches!(arg.text.split('/').next(), Some("pod" | "pods" | "po" | "job" | "jobs")));
            let reversible = if grave {
                Reversible::No
            } else if is_pod {
                Reversible::Yes
            } else {
                Reversible::Partly
            };
            found(
                EffectKind::Delete,
                format!("`{what}` in Kubernetes"),
                reversible,
                "`kubectl diff` or `--dry-run=server` shows what it does; let an owner decide",
            );
        }
        "replace" if options.has(&["--force"]) => found(
            EffectKind::Recreate,
            format!("`{what}` in Kubernetes"),
            Reversible::Partly,
            "`kubectl apply` changes it in place",
        ),
        "create"
            if matches!(options.operand(0), "clusterrolebinding" | "rolebinding")
                && (operands.contains("admin") || run.args.iter().any(|arg| arg.text.contains("admin"))) =>
        {
            found(
                EffectKind::Expose,
                format!("the cluster to another account, as its administrator (`{what}`)"),
                Reversible::Partly,
                "give it the one right that it needs",
            );
        }
        "apply" | "create" | "replace" | "patch" | "edit" | "set" | "autoscale" | "cordon" | "taint" | "label"
        | "annotate" => {
            let prunes = options.has(&["--prune"]);
            let kind = if prunes { EffectKind::Delete } else { EffectKind::Change };
            found(
                kind,
                format!("`{what}` in Kubernetes"),
                Reversible::Partly,
                "`kubectl diff` shows what it changes",
            );
        }
        "scale" => {
            let down = options.value(&["--replicas"]) == Some("0");
            found(
                if down { EffectKind::Stop } else { EffectKind::Change },
                format!("`{what}` in Kubernetes"),
                if down { Reversible::Partly } else { Reversible::Yes },
                "scale to one instead of none",
            );
        }
        "rollout" => {
            let verb = options.operand(0);
            if matches!(verb, "restart" | "undo" | "pause") {
                found(
                    EffectKind::Change,
                    format!("`{what}` in Kubernetes"),
                    Reversible::Yes,
                    "`kubectl rollout status` tells how it stands",
                );
            }
        }
        "adm" if options.operand(0) == "policy" && options.operand(1).starts_with("add-") => found(
            EffectKind::Expose,
            format!("what may run with more rights (`{what}`)"),
            Reversible::Yes,
            "let whoever runs the cluster do it",
        ),
        "drain" => found(
            EffectKind::Stop,
            format!("all that runs on `{what}`"),
            Reversible::Partly,
            "`kubectl cordon` lets no more onto it",
        ),
        "expose" | "proxy" if verb == "expose" => {
            found(
                EffectKind::Expose,
                format!("`{what}` in Kubernetes"),
                Reversible::Yes,
                "`kubectl port-forward` is for you alone",
            );
        }
        "exec" | "debug" => {
            let place = told.join(" ");
            let mut command = command;
            let own = [Arg::of("sh")];
            if command.is_empty() && options.operands.len() > 1 {
                // `kubectl exec POD COMMAND`, as it was written before.
                let at = rest
                    .iter()
                    .position(|arg| std::ptr::eq(arg, options.operands[1]))
                    .unwrap_or(rest.len());
                command = &rest[at..];
            } else if command.is_empty() && matches!(run.input, Input::Known(_)) {
                command = &own;
            }
            inside(walker, run, &place, command);
        }
        "config" => {
            let verb = options.operand(0);
            if matches!(verb, "use-context" | "use") {
                let context = options.operand(1).to_owned();
                walker.set("COUNTERPROOF_KUBE_CONTEXT", Some(context));
            } else if matches!(verb, "delete-context" | "delete-cluster" | "delete-user" | "unset") {
                let effect = Effect::new(
                    EffectKind::Delete,
                    format!("how `{}` is reached", shown(options.operand(1))),
                    Reversible::Partly,
                    Reach::Machine,
                );
                walker.effect(effect);
            }
        }
        "run" if !command.is_empty() => {
            let place = format!("{} a container of the cluster", told.join(" "));
            inside(walker, run, &place, command);
        }
        "cp" | "run" | "certificate" if environment == Environment::Production => {
            found(
                EffectKind::Change,
                format!("`{what}` in Kubernetes"),
                Reversible::Partly,
                "let an owner do it",
            );
        }
        _ => {}
    }
}

/// A variable that stands before the command.
fn own_variable(run: &Run<'_>, name: &str) -> Option<String> {
    let own = run.variables.iter().rev().find(|(one, _)| one == name);
    own.and_then(|(_, value)| value.clone())
}

fn helm(walker: &mut Walker<'_>, run: &Run<'_>) {
    let valued = [
        "--kube-context",
        "-n",
        "--namespace",
        "--kubeconfig",
        "-f",
        "--values",
        "--set",
        "--set-string",
        "--version",
        "--timeout",
        "--repo",
    ];
    let options = Options::of(run.args, &valued);
    if options.has(&["--dry-run", "--help", "-h"]) {
        return;
    }
    let context = options
        .value(&["--kube-context", "--kubeconfig"])
        .map(str::to_owned)
        .or_else(|| walker.place.kube_context.clone());
    let told: Vec<&str> = context
        .as_deref()
        .into_iter()
        .chain(options.values(&["-n", "--namespace", "-f", "--values"]))
        .chain(options.operands.iter().map(|arg| arg.text.as_str()))
        .collect();
    let environment = Surroundings::environment_of(told.iter().copied());
    let service = walker.place.service_of(told.iter().copied());
    let release = shown(options.operand(1));
    let (kind, reversible, safer) = match options.operand(0) {
        "uninstall" | "delete" | "del" | "un" => (
            EffectKind::Delete,
            Reversible::No,
            "`helm get manifest` shows what it holds; let an owner decide",
        ),
        "install" | "upgrade" | "rollback" => (
            EffectKind::Change,
            Reversible::Partly,
            "`helm diff upgrade` or `--dry-run` shows what it changes",
        ),
        "push" => {
            walker.effect(Effect::new(
                EffectKind::Publish,
                "a chart",
                Reversible::Partly,
                Reach::Team,
            ));
            return;
        }
        _ => return,
    };
    let mut effect =
        Effect::new(kind, format!("the release `{release}`"), reversible, Reach::Service).in_environment(environment);
    if options.has(&["--force"]) && kind == EffectKind::Change {
        effect.kind = EffectKind::Recreate;
    }
    effect.service = service;
    walker.effect(effect.instead(safer));
}

fn local_cluster(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let deletes = run.args.iter().any(|arg| arg.text == "delete");
    if deletes {
        let all = run
            .args
            .iter()
            .any(|arg| matches!(arg.text.as_str(), "--all" | "-A" | "--purge"));
        let effect = Effect::new(
            EffectKind::Delete,
            format!("a cluster of `{name}` on this machine"),
            Reversible::Partly,
            Reach::Machine,
        );
        walker.effect(effect.decided(if all { Decision::Ask } else { Decision::Allow }));
    }
    if name == "minikube"
        && let Some(at) = run.args.iter().position(|arg| arg.text == "kubectl")
    {
        let rest: Vec<Arg> = std::iter::once(Arg::of("kubectl"))
            .chain(run.args[at + 1..].iter().filter(|arg| arg.text != "--").cloned())
            .collect();
        walker.run(&rest, run.variables);
    }
}

fn cluster(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let environment = Surroundings::environment_of(texts.iter().copied());
    let (kind, reversible) = if texts
        .iter()
        .any(|text| matches!(*text, "delete" | "remove" | "reset" | "destroy" | "rm"))
    {
        (EffectKind::Delete, Reversible::No)
    } else if texts
        .iter()
        .any(|text| matches!(*text, "upgrade" | "scale" | "drain" | "rolling-update" | "replace"))
    {
        (EffectKind::Change, Reversible::Partly)
    } else if texts.contains(&"create") {
        (EffectKind::Spend, Reversible::Partly)
    } else {
        return;
    };
    let named = shown(&texts.join(" "));
    walker.effect(
        Effect::new(
            kind,
            format!("a cluster (`{name} {named}`)"),
            reversible,
            Reach::Service,
        )
        .in_environment(environment)
        .at_least(Decision::Ask),
    );
}

fn continuous(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    if name == "kubectx" {
        if let Some(context) = texts.iter().find(|text| !text.starts_with('-')) {
            walker.set("COUNTERPROOF_KUBE_CONTEXT", Some((*context).to_owned()));
        }
        return;
    }
    let environment = Surroundings::environment_of(texts.iter().copied());
    let named = shown(&texts.join(" "));
    let has = |words: &[&str]| texts.iter().any(|text| words.contains(text));
    let (kind, reversible) = if has(&["delete", "uninstall", "rm", "destroy"]) {
        (EffectKind::Delete, Reversible::No)
    } else if has(&[
        "sync",
        "apply",
        "restore",
        "rollback",
        "set",
        "suspend",
        "terminate-op",
        "patch",
        "install",
        "reconcile",
    ]) {
        (EffectKind::Change, Reversible::Partly)
    } else {
        return;
    };
    walker.effect(
        Effect::new(kind, format!("what `{name} {named}` names"), reversible, Reach::Service)
            .in_environment(environment)
            .at_least(Decision::Ask),
    );
}
