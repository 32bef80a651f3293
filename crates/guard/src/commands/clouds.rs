//! Command lines of clouds: their verbs tell what they do, and a few operations are graver than their verbs.

use super::buckets;
use super::containers::verb_of;
use super::infrastructure::placed;
use super::options::Options;
use crate::effect::{Decision, EffectKind, Reversible};
use crate::walk::{On, Run, Walker, shown};

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "aws" | "awslocal" => aws(walker, run, name),
        "gcloud" => grouped(
            walker,
            run,
            name,
            &[
                "--project",
                "--zone",
                "--region",
                "--account",
                "--configuration",
                "--format",
                "--filter",
                "--command",
                "--service-account",
            ],
        ),
        "az" => grouped(
            walker,
            run,
            name,
            &[
                "--name",
                "-n",
                "--resource-group",
                "-g",
                "--subscription",
                "--query",
                "-o",
                "--output",
                "--location",
                "-l",
            ],
        ),
        "doctl" | "linode-cli" | "hcloud" | "oci" | "ibmcloud" | "scw" | "exo" | "civo" | "vultr-cli" | "openstack"
        | "aliyun" | "tccli" | "yc" | "flarectl" | "govc" | "nova" => {
            grouped(
                walker,
                run,
                name,
                &["--context", "--project", "-p", "--region", "--format", "--output", "-o"],
            );
        }
        "gsutil" => buckets::gsutil(walker, run),
        "s3cmd" | "rclone" | "mc" | "s5cmd" | "b2" | "azcopy" => buckets::objects(walker, run, name),
        "bq" => {
            let options = Options::of(run.args, &["--project_id", "--dataset_id", "--format", "--location"]);
            if options.operand(0) == "rm" {
                let told: Vec<&str> = options.operands.iter().map(|arg| arg.text.as_str()).collect();
                walker.effect(
                    placed(
                        walker,
                        EffectKind::Delete,
                        format!("`{}` in BigQuery", shown(options.operand(1))),
                        Reversible::No,
                        &told,
                    )
                    .at_least(Decision::Ask),
                );
            } else if options.operand(0) == "query" {
                let sql = options
                    .operands
                    .iter()
                    .skip(1)
                    .map(|arg| arg.text.as_str())
                    .collect::<Vec<_>>()
                    .join(" ");
                let project = options.value(&["--project_id"]).map(str::to_owned);
                super::data::sql(
                    walker,
                    &sql,
                    &project.iter().map(String::as_str).collect::<Vec<_>>(),
                    false,
                );
            }
        }
        _ => return false,
    }
    true
}

const AWS: [&str; 10] = [
    "--profile",
    "--region",
    "--output",
    "--query",
    "--endpoint-url",
    "--color",
    "--ca-bundle",
    "--cli-read-timeout",
    "--cli-connect-timeout",
    "--cli-binary-format",
];

fn aws(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let (own, service, rest) = verb_of(run.args, &AWS);
    // The cloud of LocalStack is a container of this machine.
    let Some(service) = service.filter(|_| name == "aws") else {
        return;
    };
    // What follows an operation are options, with a value each but for a few.
    let mut at = 0;
    while let Some(arg) = rest.get(at).filter(|arg| arg.text.starts_with('-')) {
        at += 1 + usize::from(AWS.contains(&arg.text.as_str()));
    }
    let operation = rest.get(at).map_or("", |arg| arg.text.as_str());
    let has = |names: &[&str]| rest.iter().any(|arg| names.contains(&arg.text.as_str()));
    if has(&["--dry-run", "--dryrun", "--generate-cli-skeleton", "help"]) || operation == "help" || service == "help" {
        return;
    }
    let after = |name: &str| {
        rest.iter()
            .position(|arg| arg.text == name)
            .and_then(|at| rest.get(at + 1))
            .map(|arg| arg.text.clone())
    };
    let profile = own
        .value(&["--profile"])
        .map(str::to_owned)
        .or_else(|| after("--profile"))
        .or_else(|| walker.variable(run, "AWS_PROFILE"))
        .or_else(|| walker.variable(run, "AWS_DEFAULT_PROFILE"));
    let endpoint = own
        .value(&["--endpoint-url"])
        .map(str::to_owned)
        .or_else(|| after("--endpoint-url"));
    let texts: Vec<String> = rest.iter().map(|arg| arg.text.clone()).collect();
    let mut told: Vec<&str> = texts
        .iter()
        .map(String::as_str)
        .filter(|text| !text.starts_with("--"))
        .collect();
    told.extend(profile.as_deref());
    told.extend(endpoint.as_deref());
    let subject = rest
        .windows(2)
        .find(|pair| {
            let name = pair[0].text.as_str();
            name.starts_with("--")
                && [
                    "name",
                    "id",
                    "ids",
                    "bucket",
                    "identifier",
                    "arn",
                    "cluster",
                    "key",
                    "function",
                    "url",
                    "resource",
                    "secret",
                ]
                .iter()
                .any(|word| name.ends_with(word))
        })
        .map_or_else(String::new, |pair| format!(" `{}`", shown(&pair[1].text)));
    let target = format!("{service} {operation}{subject}");
    if service == "s3" {
        buckets::s3(walker, operation, rest, &told);
        return;
    }
    if service == "ssm" && matches!(operation, "send-command" | "start-session") {
        let text = after("--parameters").unwrap_or_default();
        let command = text
            .trim_start_matches("commands=")
            .trim_matches(|c| matches!(c, '[' | ']' | '"' | '\''));
        let place = told.join(" ");
        if !command.is_empty() {
            walker.elsewhere(On::Elsewhere(place), |walker| {
                walker.shell(command, "what runs on the instances", None);
            });
        }
        return;
    }
    if matches!(service, "configure" | "sso" | "login" | "sts") {
        return;
    }
    // Operations that open up, or are graver than their verbs.
    let text = texts.join(" ");
    let opens = matches!(operation, "authorize-security-group-ingress")
        && (text.contains("0.0.0.0/0") || text.contains("::/0"))
        || matches!(operation, "put-bucket-acl" | "put-object-acl" | "create-bucket") && text.contains("public-read")
        || operation == "delete-public-access-block"
        || operation == "put-public-access-block" && text.to_lowercase().contains("false")
        || matches!(
            operation,
            "put-bucket-policy" | "add-permission" | "put-resource-policy" | "set-repository-policy" | "put-key-policy"
        ) && (text.contains("\"*\"") || text.contains(" * "))
        || matches!(operation, "modify-db-instance" | "create-db-instance") && text.contains(" --publicly-accessible")
        || operation == "modify-snapshot-attribute" && text.contains("all")
        || operation == "modify-db-snapshot-attribute" && text.contains("all")
        || operation == "create-function-url-config" && text.contains("NONE");
    if opens {
        let effect = placed(walker, EffectKind::Expose, target, Reversible::Partly, &told).at_least(Decision::Ask);
        walker.effect(effect.instead("open it to the one address or role that needs it"));
        return;
    }
    let grants = service == "iam"
        && [
            "attach-",
            "put-",
            "create-access-key",
            "create-login-profile",
            "add-user-to-group",
            "update-assume-role-policy",
            "create-user",
            "create-policy-version",
        ]
        .iter()
        .any(|start| operation.starts_with(start));
    if grants {
        let effect = placed(walker, EffectKind::Expose, target, Reversible::Partly, &told).at_least(Decision::Ask);
        walker.effect(effect.instead("let whoever owns the account do it"));
        return;
    }
    let weakens = matches!(
        operation,
        "stop-logging"
            | "delete-trail"
            | "delete-detector"
            | "disable-alarm-actions"
            | "delete-alarms"
            | "delete-flow-logs"
            | "stop-configuration-recorder"
            | "delete-configuration-recorder"
            | "deactivate-mfa-device"
            | "delete-backup-vault"
            | "disable-rule"
    );
    if weakens {
        let effect = placed(
            walker,
            EffectKind::WeakenVerification,
            target,
            Reversible::Partly,
            &told,
        )
        .at_least(Decision::Ask);
        walker.effect(effect.instead("let whoever owns the account do it"));
        return;
    }
    if operation == "update-service" && after("--desired-count").as_deref() == Some("0")
        || operation == "set-desired-capacity" && after("--desired-capacity").as_deref() == Some("0")
        || operation == "update-auto-scaling-group" && after("--max-size").as_deref() == Some("0")
    {
        walker.effect(
            placed(walker, EffectKind::Stop, target, Reversible::Partly, &told)
                .at_least(Decision::Ask)
                .instead("let an owner do it"),
        );
        return;
    }
    match verb(operation) {
        Some((EffectKind::Change, _))
            if matches!(
                operation,
                "update-kubeconfig" | "put-metric-data" | "put-log-events" | "update-environment-info"
            ) => {}
        Some((kind, mut reversible)) => {
            if kind == EffectKind::Delete
                && has(&[
                    "--skip-final-snapshot",
                    "--force-delete-without-recovery",
                    "--force",
                    "--force-delete",
                ])
            {
                reversible = Reversible::No;
            }
            let effect = placed(walker, kind, target, reversible, &told);
            let base =
                if kind == EffectKind::Change && effect.environment == Some(crate::effect::Environment::Development) {
                    Decision::Allow
                } else {
                    Decision::Ask
                };
            walker.effect(
                effect
                    .at_least(base)
                    .instead("look at it by `describe` or `get` first, and let an owner do it"),
            );
        }
        None => {}
    }
}

/// What an operation does, by the verb that it begins with.
fn verb(operation: &str) -> Option<(EffectKind, Reversible)> {
    let starts = |words: &[&str]| {
        words
            .iter()
            .any(|word| operation == *word || operation.starts_with(&format!("{word}-")))
    };
    if starts(&[
        "describe",
        "get",
        "list",
        "ls",
        "head",
        "search",
        "lookup",
        "wait",
        "filter",
        "batch-get",
        "select",
        "scan",
        "query",
        "estimate",
        "simulate",
        "validate",
        "view",
        "check",
        "test",
        "preview",
        "show",
        "tail",
        "detect",
        "decode",
        "generate-credential-report",
        "download",
        "export",
        "print",
        "info",
        "status",
        "logs",
        "read",
        "history",
        "compare",
        "start-query",
        "presign",
        "receive",
        "summarize",
        "help",
        "verify",
        "poll",
    ]) {
        return None;
    }
    if starts(&[
        "delete",
        "remove",
        "terminate",
        "deregister",
        "purge",
        "destroy",
        "rm",
        "batch-delete",
        "bulk-delete",
        "abort",
        "expire",
        "schedule-key-deletion",
        "close-account",
        "leave-organization",
        "drop",
        "clear",
        "wipe",
        "release",
        "undeploy",
        "leave",
    ]) {
        return Some((EffectKind::Delete, Reversible::No));
    }
    if starts(&[
        "rebuild",
        "recreate",
        "replace",
        "reset",
        "reimage",
        "restore",
        "swap",
        "reinstall",
    ]) {
        return Some((EffectKind::Recreate, Reversible::No));
    }
    if starts(&[
        "stop",
        "reboot",
        "suspend",
        "disable",
        "deallocate",
        "shutdown",
        "power-off",
        "poweroff",
        "kill",
        "pause",
        "detach",
        "disassociate",
        "restart",
        "deactivate",
        "force",
        "halt",
        "unbind",
        "drain",
        "quarantine",
    ]) {
        return Some((EffectKind::Stop, Reversible::Partly));
    }
    if starts(&["run-instances", "purchase", "request-spot", "buy", "reserve", "order"]) {
        return Some((EffectKind::Spend, Reversible::Partly));
    }
    if starts(&[
        "create",
        "update",
        "modify",
        "put",
        "set",
        "deploy",
        "execute",
        "add",
        "attach",
        "associate",
        "enable",
        "register",
        "change",
        "authorize",
        "revoke",
        "invoke",
        "send",
        "publish",
        "start",
        "rotate",
        "scale",
        "apply",
        "import",
        "upload",
        "patch",
        "promote",
        "failover",
        "rollback",
        "cancel",
        "upgrade",
        "resize",
        "migrate",
        "move",
        "copy",
        "tag",
        "untag",
        "assign",
        "grant",
        "transfer",
        "continue",
        "complete",
        "batch-write",
        "batch-put",
        "batch-execute",
        "transact-write",
        "call",
        "ssh",
        "tunnel",
        "edit",
        "link",
        "unlink",
        "undelete",
        "submit",
        "renew",
        "purge-cdn",
        "invalidate",
        "redeploy",
        "power-on",
        "transition",
    ]) {
        return Some((EffectKind::Change, Reversible::Partly));
    }
    None
}

/// `gcloud GROUP… VERB`, `az GROUP… VERB`: the first word that is a verb counts.
fn grouped(walker: &mut Walker<'_>, run: &Run<'_>, name: &str, valued: &[&str]) {
    let options = Options::of(run.args, valued);
    if options.has(&["--help", "-h", "--dry-run", "--validate-only", "--what-if"]) {
        return;
    }
    let words: Vec<&str> = options.operands.iter().map(|arg| arg.text.as_str()).collect();
    let mut told: Vec<&str> = words.clone();
    told.extend(options.all().filter_map(|(_, value)| value));
    let project = [
        "CLOUDSDK_CORE_PROJECT",
        "GOOGLE_CLOUD_PROJECT",
        "AZURE_SUBSCRIPTION_ID",
        "OS_CLOUD",
    ]
    .iter()
    .find_map(|name| walker.variable(run, name));
    told.extend(project.as_deref());
    if words.first().is_some_and(|word| {
        matches!(
            *word,
            "auth"
                | "config"
                | "login"
                | "logout"
                | "account"
                | "info"
                | "components"
                | "version"
                | "help"
                | "feedback"
                | "init"
                | "topic"
        )
    }) && !words.contains(&"delete")
        && !words.contains(&"revoke")
    {
        return;
    }
    if name == "gcloud" && words.starts_with(&["pubsub", "subscriptions", "seek"]) {
        let effect = placed(
            walker,
            EffectKind::Delete,
            format!(
                "messages of `{}` that nobody has read",
                shown(words.get(3).copied().unwrap_or_default())
            ),
            Reversible::Partly,
            &told,
        );
        walker.effect(effect.at_least(Decision::Ask));
        return;
    }
    if name == "gcloud"
        && words.contains(&"ssh")
        && let Some(text) = options.value(&["--command"])
    {
        let (text, place) = (text.to_owned(), told.join(" "));
        walker.elsewhere(On::Elsewhere(place), |walker| {
            walker.shell(&text, "what runs on the instance", None);
        });
        return;
    }
    if words
        .iter()
        .any(|word| matches!(*word, "add-iam-policy-binding" | "set-iam-policy"))
        || words.starts_with(&["role", "assignment", "create"])
    {
        let public = run
            .args
            .iter()
            .any(|arg| arg.text.contains("allUsers") || arg.text.contains("allAuthenticatedUsers"));
        let target = if public {
            "to everybody what a policy protects".to_owned()
        } else {
            format!("what `{}` names", shown(&words.join(" ")))
        };
        walker.effect(
            placed(walker, EffectKind::Expose, target, Reversible::Partly, &told).at_least(if public {
                Decision::Deny
            } else {
                Decision::Ask
            }),
        );
        return;
    }
    if run
        .args
        .iter()
        .any(|arg| arg.text.contains("0.0.0.0/0") || arg.text == "*")
        && words
            .iter()
            .any(|word| word.contains("firewall") || *word == "nsg" || *word == "rule")
        && words.contains(&"create")
    {
        walker.effect(
            placed(
                walker,
                EffectKind::Expose,
                format!("what `{}` names to everybody", shown(&words.join(" "))),
                Reversible::Partly,
                &told,
            )
            .at_least(Decision::Ask),
        );
        return;
    }
    let found = words
        .iter()
        .skip(1)
        .find_map(|word| verb(word).map(|found| (*word, found)));
    let reads = words.iter().skip(1).any(|word| {
        matches!(
            *word,
            "list"
                | "describe"
                | "show"
                | "get"
                | "ls"
                | "get-credentials"
                | "print-access-token"
                | "read"
                | "tail"
                | "logs"
                | "get-value"
                | "list-locations"
                | "cat"
                | "download"
                | "wait"
        ) && words.iter().position(|one| one == word)
            < found
                .as_ref()
                .and_then(|(verb, _)| words.iter().position(|one| one == verb))
                .or(Some(usize::MAX))
    });
    let Some((_, (kind, reversible))) = found.filter(|_| !reads) else {
        return;
    };
    let effect = placed(
        walker,
        kind,
        format!("what `{name} {}` names", shown(&words.join(" "))),
        reversible,
        &told,
    );
    let base = if kind == EffectKind::Change && effect.environment == Some(crate::effect::Environment::Development) {
        Decision::Allow
    } else {
        Decision::Ask
    };
    walker.effect(
        effect
            .at_least(base)
            .instead("`describe` or `show` it first, and let an owner do it"),
    );
}
