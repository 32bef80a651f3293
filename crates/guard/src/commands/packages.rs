//! Package managers and registries.

use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::walk::{Arg, On, Run, Walker, shown};

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "bun"
            if run
                .args
                .iter()
                .any(|arg| matches!(arg.text.as_str(), "-e" | "--eval" | "-p" | "--print")) =>
        {
            return false;
        }
        "npm" | "yarn" | "pnpm" | "bun" => node(walker, run, name),
        "npx" | "bunx" | "pnpx" => {
            let options = Options::of(run.args, &["-p", "--package", "-c", "--call", "-w", "--workspace"]);
            if let Some(text) = options.value(&["-c", "--call"]) {
                let text = text.to_owned();
                walker.shell(&text, "what `npx` is given", None);
            } else {
                let rest: Vec<Arg> = run
                    .args
                    .iter()
                    .skip_while(|arg| arg.text.starts_with('-'))
                    .cloned()
                    .collect();
                walker.rest(&rest, run);
            }
        }
        "twine" | "flit" | "hatch" | "poetry" | "uv" | "pdm" | "cargo" | "gem" | "mvn" | "gradle" | "gradlew"
        | "nuget" | "dotnet" | "mix" | "helm-push" | "lerna" | "changeset" | "nx" | "semantic-release"
        | "release-it" | "goreleaser" | "vsce" | "ovsx" | "pod" | "dart" | "flutter" | "composer" | "sbt" | "np"
        | "skopeo" | "crane" | "oras" | "jfrog" | "jf" | "conan" | "luarocks" => publishing(walker, run, name),
        "apt" | "apt-get" | "aptitude" | "yum" | "dnf" | "zypper" | "apk" | "pacman" | "brew" | "snap" | "dpkg"
        | "rpm" | "port" | "choco" | "winget" | "pip" | "pip3" | "conda" | "mamba" | "pipx" | "flatpak" => {
            system_packages(walker, run, name);
        }
        _ => return false,
    }
    true
}

fn published(walker: &mut Walker<'_>, target: String, reversible: Reversible) {
    if walker.on == On::Throwaway {
        return;
    }
    let effect = Effect::new(EffectKind::Publish, target, reversible, Reach::Team);
    walker.effect(
        effect
            .decided(Decision::Ask)
            .instead("let CI publish what it has verified; `--dry-run` shows what would go out"),
    );
}

fn node(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(
        run.args,
        &[
            "-w",
            "--workspace",
            "--prefix",
            "-C",
            "--filter",
            "--registry",
            "--tag",
            "--otp",
            "--cwd",
        ],
    );
    if options.has(&["--dry-run", "--help"]) {
        return;
    }
    if options
        .value(&["--registry"])
        .is_some_and(|url| url.starts_with("http://"))
    {
        walker.effect(Effect::new(
            EffectKind::Unknown,
            "a package from where anybody on the way can change it",
            Reversible::Partly,
            Reach::Machine,
        ));
    }
    let verb = options.operand(0).to_owned();
    let rest: Vec<Arg> = options.operands.iter().skip(1).map(|arg| (*arg).clone()).collect();
    let before = walker.folder().map(str::to_owned);
    if let Some(folder) = options.value(&["--prefix", "-C", "--cwd"]) {
        let folder = walker.path(folder);
        walker.enter(folder);
    }
    let team = |kind, target: &str, reversible| {
        Effect::new(
            kind,
            format!(
                "{target} (`{}`)",
                shown(&rest.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(" "))
            ),
            reversible,
            Reach::Team,
        )
    };
    match verb.as_str() {
        "publish" => published(walker, "this package".to_owned(), Reversible::Partly),
        "unpublish" => walker.effect(team(EffectKind::Delete, "a package that others use", Reversible::No)),
        "deprecate" | "dist-tag" | "owner" | "access" | "team" | "token" | "hook"
            if !rest
                .iter()
                .any(|arg| matches!(arg.text.as_str(), "ls" | "list" | "get")) =>
        {
            walker.effect(team(
                EffectKind::Change,
                "a package that others use",
                Reversible::Partly,
            ));
        }
        "npm" if name == "yarn" && rest.first().is_some_and(|arg| arg.text == "publish") => {
            published(walker, "this package".to_owned(), Reversible::Partly)
        }
        "run" | "run-script" | "rum" | "urn" => {
            if let Some((script, rest)) = rest.split_first() {
                let _ = super::targets::package_script(walker, &script.text, rest);
            }
        }
        "test" | "t" | "start" | "stop" | "restart" => {
            let _ = super::targets::package_script(walker, &verb, &[]);
        }
        "exec" | "x" | "dlx" => {
            let at = run.args.iter().position(|arg| arg.text == verb).unwrap_or(0) + 1;
            let rest: Vec<Arg> = run.args[at..]
                .iter()
                .skip_while(|arg| arg.text.starts_with('-'))
                .cloned()
                .collect();
            walker.rest(&rest, run);
        }
        "pkg"
            if rest
                .first()
                .is_some_and(|arg| matches!(arg.text.as_str(), "set" | "delete"))
                && rest.iter().any(|arg| arg.text.starts_with("scripts")) =>
        {
            walker.effect(Effect::weakens("what `npm test` and its like run is changed"));
        }
        "config" | "set" if matches!(rest.first().map(|arg| arg.text.as_str()), Some("get" | "list" | "ls")) => {}
        "config" | "set"
            if options.operands.iter().any(|arg| {
                arg.text.contains("ignore-scripts") || arg.text.contains("registry") || arg.text.contains("strict-ssl")
            }) =>
        {
            walker.effect(
                Effect::new(
                    EffectKind::Change,
                    "where packages come from",
                    Reversible::Yes,
                    Reach::Machine,
                )
                .decided(Decision::Ask),
            );
        }
        "" | "install" | "i" | "ci" | "add" | "update" | "upgrade" | "outdated" | "audit" | "ls" | "list" | "view"
        | "info" | "why" | "init" | "create" | "pack" | "link" | "cache" | "uninstall" | "remove" | "rm"
        | "version" | "prune" | "dedupe" | "rebuild" | "login" | "whoami" | "help" | "doctor" | "fund" | "search"
        | "root" | "prefix" | "bin" | "explain" | "store" | "patch" | "import" | "rebuild-node" => {}
        // `yarn build`, `pnpm deploy:prod`, `bun run`: a script by its name.
        // A script by its name; `yarn prisma …` runs what a package brings, where no script is called so.
        script if name != "npm" && !super::targets::package_script(walker, script, &rest) => {
            let at = run.args.iter().position(|arg| arg.text == script).unwrap_or(0);
            walker.rest(&run.args[at..], run);
        }
        _ => {}
    }
    walker.enter(before);
}

fn publishing(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(
        run.args,
        &[
            "-p",
            "--package",
            "--manifest-path",
            "--repository",
            "-r",
            "-u",
            "-k",
            "--key",
            "--token",
        ],
    );
    if options.has(&["--dry-run", "-n", "--help", "--snapshot", "-h"]) {
        return;
    }
    let words: Vec<&str> = options.operands.iter().map(|arg| arg.text.as_str()).collect();
    let has = |one: &[&str]| words.iter().any(|word| one.contains(word));
    let first = words.first().copied().unwrap_or_default();
    let publishes = match name {
        "twine" => first == "upload",
        "mvn" => has(&["deploy", "release:perform", "nexus-staging:release"]),
        "gradle" | "gradlew" => {
            has(&["publish", "publishToMavenCentral", "uploadArchives", "publishPlugins"])
                || words.iter().any(|word| word.ends_with(":publish"))
        }
        "mix" => has(&["hex.publish"]),
        "nuget" | "gem" | "dart" | "flutter" | "ovsx" | "conan" | "oras" => has(&["push", "publish", "upload"]),
        "dotnet" => words.starts_with(&["nuget", "push"]),
        "vsce" | "lerna" | "changeset" | "cargo" | "poetry" | "uv" | "pdm" | "flit" | "hatch" | "sbt" => {
            has(&["publish"])
        }
        "pod" => words.starts_with(&["trunk", "push"]),
        "semantic-release" | "np" | "release-it" => true,
        "goreleaser" => has(&["release"]),
        "skopeo" | "crane" => has(&["copy", "push", "tag"]),
        "jfrog" | "jf" => has(&["upload", "u"]),
        "luarocks" => has(&["upload"]),
        "nx" => has(&["release"]),
        _ => false,
    };
    let takes_back = match name {
        "cargo" | "gem" => has(&["yank"]),
        "nuget" | "skopeo" | "crane" => has(&["delete"]),
        "jfrog" | "jf" => has(&["delete", "del"]),
        "dotnet" => words.starts_with(&["nuget", "delete"]),
        "mix" => has(&["hex.retire"]),
        _ => false,
    };
    if publishes {
        published(
            walker,
            format!("a package (`{name} {}`)", shown(&words.join(" "))),
            Reversible::No,
        );
    } else if takes_back {
        let effect = Effect::new(
            EffectKind::Delete,
            format!("a version that others use (`{name} {}`)", shown(&words.join(" "))),
            Reversible::Partly,
            Reach::Team,
        );
        walker.effect(effect);
    } else if name == "cargo" && matches!(first, "run" | "xtask") {
        let after: Vec<&Arg> = options.after.clone();
        if let Some(arg) = after.first() {
            super::targets::by_name(walker, &arg.text);
        }
    } else if matches!(name, "gradle" | "gradlew" | "mvn" | "nx" | "sbt") {
        for word in words {
            super::targets::by_name(walker, word);
        }
    }
}

fn system_packages(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(
        run.args,
        &[
            "-o",
            "-t",
            "-c",
            "-r",
            "--requirement",
            "-i",
            "--index-url",
            "--extra-index-url",
            "-n",
            "--name",
            "-p",
            "--prefix",
        ],
    );
    if options.has(&[
        "--dry-run",
        "-s",
        "--simulate",
        "--help",
        "--version",
        "--download-only",
    ]) && !matches!(name, "pacman")
        || walker.on == On::Throwaway
    {
        return;
    }
    let words: Vec<&str> = options.operands.iter().map(|arg| arg.text.as_str()).collect();
    let first = words.first().copied().unwrap_or_default();
    let removes = match name {
        "pip" | "pip3" | "pipx" => false,
        "conda" | "mamba" => {
            matches!(first, "remove" | "uninstall") && options.has(&["--all"]) || words.starts_with(&["env", "remove"])
        }
        "dpkg" => options.has(&["-r", "-P", "--remove", "--purge"]),
        "rpm" => options.has(&["-e", "--erase"]),
        "pacman" => options.all().any(|(flag, _)| flag.starts_with("-R")),
        "apk" => first == "del",
        _ => matches!(
            first,
            "remove"
                | "purge"
                | "autoremove"
                | "autopurge"
                | "erase"
                | "uninstall"
                | "rm"
                | "dist-upgrade"
                | "full-upgrade"
                | "full-uninstall"
        ),
    };
    if removes {
        let essential = [
            "libc6",
            "coreutils",
            "bash",
            "systemd",
            "sudo",
            "openssh-server",
            "linux-image",
            "python3",
            "glibc",
            "kernel",
            "apt",
            "dpkg",
            "login",
        ];
        let grave = words.iter().any(|word| {
            essential
                .iter()
                .any(|one| word == one || word.starts_with("linux-image"))
        }) || words.iter().any(|word| *word == "*" || word.starts_with('^'));
        let effect = Effect::new(
            EffectKind::Delete,
            format!("programs of this machine (`{}`)", shown(&words.join(" "))),
            Reversible::Partly,
            Reach::Machine,
        );
        walker.effect(
            effect
                .decided(if grave { Decision::Deny } else { Decision::Ask })
                .instead("leave what is installed"),
        );
    }
    let from_anywhere = matches!(name, "pip" | "pip3")
        && options
            .value(&["--index-url", "-i", "--extra-index-url"])
            .is_some_and(|url| url.starts_with("http://"));
    if from_anywhere {
        walker.effect(Effect::new(
            EffectKind::Unknown,
            "a package from where anybody on the way can change it",
            Reversible::Partly,
            Reach::Machine,
        ));
    }
}
