//! Buckets and what lies in them.

use super::infrastructure::placed;
use super::options::Options;
use super::paths::{PathKind, kind};
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::walk::{Arg, Run, Walker, shown};

pub fn s3(walker: &mut Walker<'_>, operation: &str, rest: &[Arg], told: &[&str]) {
    let options = Options::of(
        rest,
        &[
            "--exclude",
            "--include",
            "--acl",
            "--storage-class",
            "--sse",
            "--content-type",
            "--cache-control",
            "--metadata",
            "--expires-in",
            "--source-region",
            "--profile",
            "--region",
            "--endpoint-url",
        ],
    );
    let paths: Vec<&str> = options.operands.iter().skip(1).map(|arg| arg.text.as_str()).collect();
    let named = shown(&paths.join(" "));
    if options.value(&["--acl"]).is_some_and(|acl| acl.starts_with("public")) {
        walker.effect(
            placed(
                walker,
                EffectKind::Expose,
                format!("`{named}` to everybody"),
                Reversible::Partly,
                told,
            )
            .at_least(Decision::Ask),
        );
    }
    match operation {
        "rm" => {
            let all = options.has(&["--recursive"]);
            let effect = placed(
                walker,
                EffectKind::Delete,
                format!("`{named}`{}", if all { " and all below it" } else { "" }),
                Reversible::No,
                told,
            );
            walker.effect(
                effect
                    .at_least(Decision::Ask)
                    .instead("`--dryrun` shows what goes; `aws s3 sync` it elsewhere first"),
            );
        }
        "rb" => {
            let effect = placed(
                walker,
                EffectKind::Delete,
                format!(
                    "the bucket `{named}`{}",
                    if options.has(&["--force"]) {
                        " with all that is in it"
                    } else {
                        ""
                    }
                ),
                Reversible::No,
                told,
            );
            walker.effect(effect.at_least(Decision::Ask));
        }
        "mv" => {
            let effect = placed(
                walker,
                EffectKind::Change,
                format!("where `{named}` lies"),
                Reversible::Partly,
                told,
            );
            walker.effect(
                effect
                    .at_least(Decision::Ask)
                    .instead("`aws s3 cp` leaves what is there"),
            );
        }
        "sync" | "cp" => {
            let deletes = options.has(&["--delete"]);
            let is_up = paths.get(1).is_some_and(|to| to.starts_with("s3://"));
            let secret = paths.first().is_some_and(|from| kind(walker, from) == PathKind::Secret);
            if secret && is_up {
                walker.effect(Effect::new(
                    EffectKind::Exfiltrate,
                    format!("`{named}`, keys and settings of this user"),
                    Reversible::No,
                    Reach::Team,
                ));
            } else if deletes {
                let effect = placed(
                    walker,
                    EffectKind::Delete,
                    format!(
                        "all at `{}` that is not at `{}`",
                        shown(paths.get(1).unwrap_or(&"")),
                        shown(paths.first().unwrap_or(&""))
                    ),
                    Reversible::No,
                    told,
                );
                walker.effect(effect.at_least(Decision::Ask).instead("`--dryrun` shows what goes"));
            } else if is_up {
                let effect = placed(
                    walker,
                    EffectKind::Overwrite,
                    format!("what lies at `{}`", shown(paths.get(1).unwrap_or(&""))),
                    Reversible::Partly,
                    told,
                );
                // Uploads are daily work; where people read them they are a deployment.
                let in_production = effect.environment == Some(crate::effect::Environment::Production);
                walker.effect(if in_production {
                    effect
                } else {
                    effect.decided(Decision::Allow)
                });
            }
        }
        _ => {}
    }
}

pub fn gsutil(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-o", "-h", "-u", "-x"]);
    if options.operand(0) == "rsync" && options.has(&["-n"]) {
        return;
    }
    let told: Vec<&str> = options.operands.iter().map(|arg| arg.text.as_str()).collect();
    let named = shown(&told.get(1..).unwrap_or_default().join(" "));
    let (kind, reversible) = match options.operand(0) {
        "rm" | "rb" => (EffectKind::Delete, Reversible::No),
        "rsync" if options.has(&["-d"]) => (EffectKind::Delete, Reversible::No),
        "mv" => (EffectKind::Change, Reversible::Partly),
        "acl" | "iam" | "defacl"
            if run.args.iter().any(|arg| {
                arg.text.contains("allUsers") || arg.text.contains("AllUsers") || arg.text == "public-read"
            }) =>
        {
            (EffectKind::Expose, Reversible::Partly)
        }
        "acl" | "iam" | "defacl" | "lifecycle" | "versioning" | "retention" if !told.contains(&"get") => {
            (EffectKind::Change, Reversible::Partly)
        }
        _ => return,
    };
    walker.effect(
        placed(walker, kind, format!("`{named}`"), reversible, &told)
            .at_least(Decision::Ask)
            .instead("`gsutil ls` shows what is there"),
    );
}

pub fn objects(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(run.args, &["--config", "-c"]);
    if options.has(&["--dry-run", "-n"]) {
        return;
    }
    let told: Vec<&str> = options.operands.iter().map(|arg| arg.text.as_str()).collect();
    let deletes = matches!(
        options.operand(0),
        "rm" | "rb"
            | "del"
            | "delete"
            | "purge"
            | "deletefile"
            | "rmdirs"
            | "cleanup"
            | "delete-file-version"
            | "remove"
            | "delete-bucket"
    ) || name == "rclone" && matches!(options.operand(0), "sync" | "move")
        || options.has(&["--delete-removed", "--delete", "--remove", "--delete-destination"]);
    if deletes {
        walker.effect(
            placed(
                walker,
                EffectKind::Delete,
                format!("`{}`", shown(&told.get(1..).unwrap_or_default().join(" "))),
                Reversible::No,
                &told,
            )
            .at_least(Decision::Ask)
            .instead("`--dry-run` shows what goes"),
        );
    } else if options.has(&["--acl-public"]) || name == "mc" && options.operand(0) == "anonymous" {
        walker.effect(
            placed(
                walker,
                EffectKind::Expose,
                "objects to everybody".to_owned(),
                Reversible::Partly,
                &told,
            )
            .at_least(Decision::Ask),
        );
    }
}
