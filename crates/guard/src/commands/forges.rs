//! GitHub's and GitLab's programs.

use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Environment, Reach, Reversible};
use crate::walk::{Arg, Run, Walker, shown};

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    if !matches!(name, "gh" | "glab") {
        return false;
    }
    let options = Options::of(
        run.args,
        &[
            "-R",
            "--repo",
            "-X",
            "--method",
            "-f",
            "-F",
            "--field",
            "--raw-field",
            "-H",
            "--header",
            "-b",
            "--body",
            "-t",
            "--title",
            "--visibility",
            "--input",
            "-q",
            "--jq",
            "-m",
            "--ref",
            "-B",
            "--base",
            "-l",
            "--label",
        ],
    );
    if options.has(&["--help"]) {
        return true;
    }
    let what = shown(
        &options
            .operands
            .iter()
            .map(|arg: &&Arg| arg.text.as_str())
            .collect::<Vec<_>>()
            .join(" "),
    );
    let team = |kind, target: String, reversible| Effect::new(kind, target, reversible, Reach::Team);
    let weaker = |target: &str| {
        Effect::new(EffectKind::WeakenVerification, target, Reversible::Yes, Reach::Team)
            .decided(Decision::Ask)
            .instead("let a person do it")
    };
    match (options.operand(0), options.operand(1)) {
        ("repo", "delete") => walker.effect(
            team(
                EffectKind::Delete,
                format!("the repository `{}` with all that is in it", shown(options.operand(2))),
                Reversible::No,
            )
            .instead("`gh repo archive` keeps it"),
        ),
        ("repo", "archive" | "rename" | "transfer") => walker.effect(team(
            EffectKind::Change,
            format!("a repository (`{what}`)"),
            Reversible::Yes,
        )),
        ("repo", "edit") => {
            if options.value(&["--visibility"]) == Some("public") {
                walker.effect(
                    team(
                        EffectKind::Expose,
                        "the repository to everybody".to_owned(),
                        Reversible::No,
                    )
                    .decided(Decision::Deny),
                );
            } else {
                walker.effect(team(
                    EffectKind::Change,
                    "settings of the repository".to_owned(),
                    Reversible::Yes,
                ));
            }
        }
        ("repo", "create") if options.has(&["--public"]) && options.has(&["--push", "--source"]) => {
            walker.effect(
                team(
                    EffectKind::Publish,
                    "the repository to everybody".to_owned(),
                    Reversible::No,
                )
                .decided(Decision::Ask),
            );
        }
        ("repo", "sync") if options.has(&["--force"]) => walker.effect(team(
            EffectKind::RewriteHistory,
            "a branch of the fork".to_owned(),
            Reversible::Partly,
        )),
        ("pr" | "mr", "merge") => {
            if options.has(&["--admin"]) {
                walker.effect(weaker("a pull request is merged past the rules of its branch").decided(Decision::Deny));
            } else {
                walker.effect(
                    team(
                        EffectKind::Change,
                        format!("the branch that `{what}` is merged into"),
                        Reversible::Partly,
                    )
                    .instead("let a person merge it, or a queue with rules"),
                );
            }
        }
        ("pr", "review") if options.has(&["-a", "--approve"]) => {
            walker.effect(weaker("an agent approves a pull request").decided(Decision::Deny))
        }
        ("mr", "approve") => walker.effect(weaker("an agent approves a merge request").decided(Decision::Deny)),
        ("release", "delete") => walker.effect(team(
            EffectKind::Delete,
            format!("a release (`{what}`)"),
            Reversible::Partly,
        )),
        ("release", "create" | "edit" | "upload") => walker.effect(team(
            EffectKind::Publish,
            format!("a release (`{what}`)"),
            Reversible::Partly,
        )),
        ("workflow", "disable") => walker.effect(weaker("a workflow of CI is switched off")),
        ("workflow", "run") => super::targets::by_name(walker, &what),
        ("ruleset" | "rulesets", "delete" | "edit") => walker.effect(weaker("rules of a branch are changed")),
        ("secret" | "variable", "delete" | "remove") => {
            walker.effect(team(EffectKind::Delete, format!("`{what}`"), Reversible::No).decided(Decision::Ask))
        }
        ("secret" | "variable", "set" | "update" | "create") => {
            walker.effect(team(EffectKind::Overwrite, format!("`{what}`"), Reversible::Partly))
        }
        ("ssh-key" | "gpg-key" | "deploy-key", verb @ ("add" | "delete")) => {
            let kind = if verb == "add" {
                EffectKind::Expose
            } else {
                EffectKind::Delete
            };
            walker.effect(team(kind, "who gets in by a key".to_owned(), Reversible::Partly));
        }
        ("issue", "delete") | ("label", "delete") | ("project", "delete") | ("gist", "delete") => {
            walker.effect(team(EffectKind::Delete, format!("`{what}`"), Reversible::No).decided(Decision::Ask))
        }
        // One is daily work; as many as a list has is not.
        ("issue" | "pr" | "mr", "close") if options.operands.iter().any(|arg| !arg.is_known()) => {
            walker.effect(
                team(
                    EffectKind::Change,
                    format!("all that `{what}` is given"),
                    Reversible::Partly,
                )
                .decided(Decision::Ask)
                .instead("list them first"),
            );
        }
        ("gist", "create") => walker.effect(team(
            EffectKind::Publish,
            "a text to whoever has its address".to_owned(),
            Reversible::Partly,
        )),
        ("codespace", "delete") => walker.effect(team(
            EffectKind::Delete,
            "a codespace with what is not pushed".to_owned(),
            Reversible::Partly,
        )),
        ("api", _) => api(walker, &options),
        ("alias", "set") => {
            if let Some(command) = options
                .operands
                .get(3)
                .or(options.operands.get(2))
                .and_then(|arg| arg.text.strip_prefix('!'))
            {
                let command = command.to_owned();
                walker.shell(&command, "an alias", None);
            }
        }
        _ => {}
    }
    true
}

fn api(walker: &mut Walker<'_>, options: &Options<'_>) {
    let path = options.operand(1).to_owned();
    let has_fields = options.has(&["-f", "-F", "--field", "--raw-field", "--input"]);
    let method = options
        .value(&["-X", "--method"])
        .map(str::to_uppercase)
        .unwrap_or_else(|| {
            if has_fields {
                "POST".to_owned()
            } else {
                "GET".to_owned()
            }
        });
    if path == "graphql" {
        let changes = options
            .all()
            .any(|(_, value)| value.is_some_and(|value| value.contains("mutation")));
        if changes {
            let effect = Effect::new(
                EffectKind::Change,
                "what a mutation names on the forge",
                Reversible::Partly,
                Reach::Team,
            );
            walker.effect(effect);
        }
        return;
    }
    let path = shown(&path);
    let rules = [
        "protection",
        "rulesets",
        "hooks",
        "environments",
        "branches",
        "actions/permissions",
    ]
    .iter()
    .any(|word| path.contains(word));
    if method == "POST" && (path.contains("/statuses/") || path.contains("check-runs") || path.contains("/reviews")) {
        let effect = Effect::new(
            EffectKind::WeakenVerification,
            format!("an agent says on the forge what a check or a review would say (`{path}`)"),
            Reversible::Partly,
            Reach::Team,
        );
        walker.effect(effect.decided(Decision::Ask).instead("let CI and people say it"));
    }
    match method.as_str() {
        "DELETE" => {
            let whole = path.trim_matches('/').split('/').count() <= 3 && path.contains("repos/");
            let effect = Effect::new(
                EffectKind::Delete,
                format!("`{path}` on the forge"),
                if whole { Reversible::No } else { Reversible::Partly },
                Reach::Team,
            );
            walker.effect(effect.instead("let its owner do it"));
        }
        "PUT" | "PATCH" | "POST" if rules => {
            let effect = Effect::new(
                EffectKind::WeakenVerification,
                format!("`{path}` says what a change has to pass"),
                Reversible::Yes,
                Reach::Team,
            );
            walker.effect(effect.decided(Decision::Ask).instead("let its owner do it"));
        }
        "PUT" | "PATCH" => {
            walker.effect(Effect::new(
                EffectKind::Change,
                format!("`{path}` on the forge"),
                Reversible::Partly,
                Reach::Team,
            ));
        }
        "POST" if path.contains("deployments") || path.contains("dispatches") || path.contains("merges") => {
            let effect = Effect::new(
                EffectKind::Change,
                format!("`{path}` on the forge"),
                Reversible::Partly,
                Reach::Service,
            );
            walker.effect(effect.in_environment(Environment::Unknown));
        }
        _ => {}
    }
}
