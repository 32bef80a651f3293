//! Plans of infrastructure and of migrations, judged by what stands in them.
//!
//! Source: "JSON Output Format" of Terraform (format version 1), `DescribeChangeSet` of CloudFormation, `kubectl diff`.

use serde_json::Value;

use crate::effect::{Decision, Effect, EffectKind, Environment, Reach, Reversible};
use crate::sql;

/// Why a plan cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadPlan {
    /// It is longer than is looked into.
    #[error("it is longer than {} bytes", MOST)]
    TooLong,
    /// It is none that is known.
    #[error(
        "it is no plan that is known: Terraform's `show -json`, a change set of CloudFormation, `kubectl diff`, or SQL"
    )]
    Unknown,
}

/// Bytes of a plan.
const MOST: usize = 16 * 1024 * 1024;

/// What lies in these is not made again: types of resources that hold data, or that others lean on.
const DATA: [&str; 34] = [
    "db_instance",
    "rds_cluster",
    "dynamodb_table",
    "s3_bucket",
    "ebs_volume",
    "efs_file_system",
    "elasticache",
    "redshift",
    "docdb",
    "neptune",
    "opensearch",
    "elasticsearch_domain",
    "kinesis_stream",
    "sqs_queue",
    "secretsmanager_secret",
    "kms_key",
    "route53_zone",
    "sql_database",
    "storage_bucket",
    "bigquery_dataset",
    "spanner",
    "bigtable",
    "filestore",
    "persistent_volume",
    "cosmosdb",
    "storage_account",
    "key_vault",
    "mssql",
    "postgresql",
    "mysql",
    "redis_cache",
    "disk",
    "snapshot",
    "backup_vault",
];

/// Whether a type of resource holds data: `aws_db_instance`, `AWS::RDS::DBInstance`.
fn holds_data(kind: &str) -> bool {
    let plain: String = kind.to_lowercase().replace("::", "_");
    DATA.iter().any(|word| plain.contains(word))
        || [
            "rds_db",
            "dynamodb_table",
            "s3_bucket",
            "efs_filesystem",
            "ec2_volume",
            "kms_key",
            "secretsmanager",
            "sqs_queue",
            "persistentvolume",
            "statefulset",
        ]
        .iter()
        .any(|word| plain.contains(word))
}

/// What a plan would do, as effects.
///
/// # Errors
/// When it is no plan that is known.
pub fn read(text: &str) -> Result<Vec<Effect>, UnreadPlan> {
    if text.len() > MOST {
        return Err(UnreadPlan::TooLong);
    }
    let trimmed = text.trim_start_matches('\u{feff}').trim_start();
    if trimmed.starts_with('{') {
        let value: Value = serde_json::from_str(trimmed).map_err(|_| UnreadPlan::Unknown)?;
        if value["resource_changes"].is_array() || value["terraform_version"].is_string() {
            return Ok(terraform(&value));
        }
        if value["Changes"].is_array() {
            return Ok(change_set(&value));
        }
        return Err(UnreadPlan::Unknown);
    }
    if trimmed.starts_with("diff ") || trimmed.starts_with("--- ") {
        return Ok(kubernetes(trimmed));
    }
    if trimmed.contains("Terraform will perform the following actions")
        || trimmed.contains("OpenTofu will perform the following actions")
    {
        return Ok(terraform_text(trimmed));
    }
    let looks_like_sql = trimmed.lines().map(str::trim_start).any(|line| {
        let word = line
            .split([' ', '\t', ';', '('])
            .next()
            .unwrap_or_default()
            .to_uppercase();
        matches!(
            word.as_str(),
            "CREATE" | "ALTER" | "DROP" | "INSERT" | "UPDATE" | "DELETE" | "BEGIN" | "TRUNCATE" | "SELECT"
        )
    });
    if looks_like_sql {
        let mut effects = migration(trimmed);
        // A line of its documentation may look like SQL.
        effects.extend(python_migration(trimmed));
        return Ok(effects);
    }
    Err(UnreadPlan::Unknown)
}

/// What becomes of a resource.
fn resource(kind: EffectKind, name: &str, of_type: &str, told: &str) -> Effect {
    let data = holds_data(of_type);
    let reversible = match (kind, data) {
        (EffectKind::Delete | EffectKind::Recreate, true) => Reversible::No,
        (EffectKind::Delete | EffectKind::Recreate, false) => Reversible::Partly,
        _ => Reversible::Yes,
    };
    let environment = Environment::of(told).max(Environment::of(name));
    let target = if data {
        format!("`{name}` with the data in it")
    } else {
        format!("`{name}`")
    };
    let effect = Effect::new(kind, target, reversible, Reach::Service).in_environment(environment);
    match kind {
        // Whoever asks about a plan wants to know what is lost; that something is added is no loss.
        EffectKind::Change if environment != Environment::Production => effect.decided(Decision::Allow),
        EffectKind::Delete | EffectKind::Recreate if data && environment != Environment::Development => effect
            .decided(Decision::Deny)
            .instead("`prevent_destroy` or a rename by `moved` keeps it; let an owner decide"),
        EffectKind::Delete | EffectKind::Recreate => {
            effect.at_least(Decision::Ask).instead("let an owner look at the plan")
        }
        _ => effect.instead("let an owner look at the plan"),
    }
}

fn terraform(plan: &Value) -> Vec<Effect> {
    let workspace = plan["variables"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| matches!(name.as_str(), "environment" | "env" | "stage" | "workspace"))
        .map(|(_, value)| value["value"].as_str().unwrap_or_default().to_owned());
    let told = workspace.collect::<Vec<_>>().join(" ");
    let mut effects = Vec::new();
    for change in plan["resource_changes"].as_array().into_iter().flatten() {
        let actions: Vec<&str> = change["change"]["actions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let (name, of_type) = (
            change["address"].as_str().unwrap_or("?"),
            change["type"].as_str().unwrap_or_default(),
        );
        let kind = match (
            actions.contains(&"delete"),
            actions.contains(&"create"),
            actions.contains(&"update"),
            actions.contains(&"forget"),
        ) {
            (true, true, ..) => EffectKind::Recreate,
            (true, false, ..) => EffectKind::Delete,
            (_, _, true, _) | (_, true, ..) => EffectKind::Change,
            _ => continue,
        };
        let after = change["change"]["after"].to_string();
        let opens = after.contains("0.0.0.0/0") && (of_type.contains("security_group") || of_type.contains("firewall"))
            || after.contains("\"public-read")
            || after.contains("\"publicly_accessible\":true")
            || after.contains("allUsers");
        if opens && kind == EffectKind::Change && !change["change"]["before"].to_string().contains("0.0.0.0/0") {
            let effect = Effect::new(
                EffectKind::Expose,
                format!("`{name}` to everybody"),
                Reversible::Partly,
                Reach::Service,
            )
            .in_environment(Environment::of(&told));
            effects.push(
                effect
                    .at_least(Decision::Ask)
                    .instead("open it to the one address or role that needs it"),
            );
        }
        effects.push(resource(kind, name, of_type, &told));
    }
    effects
}

/// What `terraform plan` prints for people.
fn terraform_text(text: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for line in text.lines() {
        let Some(rest) = line.trim_start().strip_prefix("# ") else {
            continue;
        };
        let Some((name, what)) = rest.split_once(' ') else {
            continue;
        };
        let of_type = name.rsplit('.').nth(1).unwrap_or(name);
        let kind = if what.contains("must be replaced") || what.contains("will be replaced") {
            EffectKind::Recreate
        } else if what.contains("will be destroyed") {
            EffectKind::Delete
        } else if what.contains("will be updated") || what.contains("will be created") {
            EffectKind::Change
        } else {
            continue;
        };
        effects.push(resource(kind, name, of_type, ""));
    }
    effects
}

fn change_set(set: &Value) -> Vec<Effect> {
    let stack = set["StackName"].as_str().unwrap_or_default();
    let mut effects = Vec::new();
    for change in set["Changes"].as_array().into_iter().flatten() {
        let change = &change["ResourceChange"];
        let (name, of_type) = (
            change["LogicalResourceId"].as_str().unwrap_or("?"),
            change["ResourceType"].as_str().unwrap_or_default(),
        );
        let replaced = change["Replacement"].as_str().unwrap_or_default();
        let kind = match (change["Action"].as_str().unwrap_or_default(), replaced) {
            ("Remove", _) => EffectKind::Delete,
            // "Conditional" may be one: that cannot be told before it runs.
            ("Modify", "True" | "Conditional") => EffectKind::Recreate,
            ("Modify" | "Add" | "Import", _) => EffectKind::Change,
            ("Dynamic", _) => EffectKind::Unknown,
            _ => continue,
        };
        let kept = kind == EffectKind::Delete && change["PolicyAction"].as_str() == Some("Retain");
        if !kept {
            effects.push(resource(kind, name, of_type, stack));
        }
    }
    effects
}

/// `kubectl diff`: a file that is all minus is gone; a few fields tell of more than they say.
fn kubernetes(text: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for part in text.split("\ndiff ") {
        let name = part
            .lines()
            .next()
            .unwrap_or_default()
            .rsplit(['/', ' '])
            .next()
            .unwrap_or_default();
        let body: Vec<&str> = part
            .lines()
            .filter(|line| !line.starts_with("---") && !line.starts_with("+++") && !line.starts_with("diff "))
            .collect();
        let (added, removed): (Vec<&str>, Vec<&str>) = (
            body.iter().filter(|line| line.starts_with('+')).copied().collect(),
            body.iter().filter(|line| line.starts_with('-')).copied().collect(),
        );
        if added.is_empty() && removed.is_empty() {
            continue;
        }
        let is_gone = removed
            .iter()
            .any(|line| line.starts_with("-kind:") || line.starts_with("-apiVersion:"))
            && added.is_empty();
        let down = added
            .iter()
            .any(|line| line.trim_start_matches('+').trim() == "replicas: 0");
        let kind = if is_gone {
            EffectKind::Delete
        } else if down {
            EffectKind::Stop
        } else {
            EffectKind::Change
        };
        let mut effect = resource(kind, name, name, name);
        if down {
            effect = effect.at_least(Decision::Ask);
        }
        effects.push(effect);
    }
    effects
}

/// A migration in SQL, whoever made it: plain, or as Django's `sqlmigrate`, Alembic's `--sql`, Rails and Prisma write it.
fn migration(text: &str) -> Vec<Effect> {
    sql::effects(text)
        .into_iter()
        .map(|done| {
            let effect = Effect::new(done.kind, done.target, done.reversible, Reach::Service)
                .in_environment(Environment::Unknown);
            let loses = matches!(
                done.kind,
                EffectKind::Delete | EffectKind::Overwrite | EffectKind::Recreate
            );
            match (loses, done.reversible) {
                (true, _) => effect
                    .at_least(Decision::Ask)
                    .instead("let an owner look at it, and take a copy of the data first"),
                (false, _) if done.kind == EffectKind::Change => effect.decided(Decision::Allow),
                _ => effect,
            }
        })
        .collect()
}

/// A migration of Django or Alembic in Python, told by its operations.
pub fn python_migration(text: &str) -> Vec<Effect> {
    const OPERATIONS: [(&str, EffectKind, Reversible); 12] = [
        ("migrations.DeleteModel(", EffectKind::Delete, Reversible::No),
        ("migrations.RemoveField(", EffectKind::Delete, Reversible::No),
        ("migrations.AlterField(", EffectKind::Change, Reversible::Partly),
        ("migrations.RenameField(", EffectKind::Change, Reversible::Partly),
        ("migrations.RenameModel(", EffectKind::Change, Reversible::Partly),
        ("op.drop_table(", EffectKind::Delete, Reversible::No),
        ("op.drop_column(", EffectKind::Delete, Reversible::No),
        ("op.alter_column(", EffectKind::Change, Reversible::Partly),
        ("drop_table ", EffectKind::Delete, Reversible::No),
        ("drop_table(", EffectKind::Delete, Reversible::No),
        ("remove_column ", EffectKind::Delete, Reversible::No),
        ("remove_column(", EffectKind::Delete, Reversible::No),
    ];
    let mut effects: Vec<Effect> = Vec::new();
    for line in forward(text) {
        let Some((_, kind, reversible)) = OPERATIONS.iter().find(|(word, ..)| line.contains(word)) else {
            continue;
        };
        let what = format!("what `{}` names", crate::walk::shown(line.trim_end_matches(',')));
        let effect = Effect::new(*kind, what, *reversible, Reach::Service).in_environment(Environment::Unknown);
        let effect = if *kind == EffectKind::Change {
            effect.decided(Decision::Allow)
        } else {
            effect.at_least(Decision::Ask).instead("take a copy of the data first")
        };
        effects.push(effect);
    }
    effects
}

/// Lines of a migration but for those of the function that takes it back, wherever that stands: `def downgrade`, Rails' `def down`.
fn forward(text: &str) -> Vec<&str> {
    let mut taken_back: Option<usize> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        let bare = line.trim();
        let indent = line.len() - line.trim_start().len();
        if taken_back.is_some_and(|deep| bare.is_empty() || indent > deep) {
            continue;
        }
        let name = bare.strip_prefix("def ").map(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        });
        let takes_back =
            name.is_some_and(|name| matches!(name, "down" | "downgrade") || name.starts_with("downgrade_"));
        taken_back = takes_back.then_some(indent);
        if !takes_back {
            lines.push(bare);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kinds(text: &str) -> Vec<(EffectKind, Decision)> {
        read(text)
            .unwrap()
            .into_iter()
            .map(|effect| (effect.kind, effect.decision))
            .collect()
    }

    #[test]
    fn a_replacement_is_a_delete_and_a_create() {
        let change = |address: &str, kind: &str, actions: &[&str]| json!({"address": address, "type": kind, "change": {"actions": actions, "before": null, "after": {}}});
        let plan = json!({
            "format_version": "1.2", "terraform_version": "1.9.0", "variables": {"environment": {"value": "production"}},
            "resource_changes": [
                change("aws_db_instance.main", "aws_db_instance", &["delete", "create"]),
                change("aws_instance.web", "aws_instance", &["create", "delete"]),
                change("aws_instance.old", "aws_instance", &["delete"]),
                change("aws_instance.same", "aws_instance", &["no-op"]),
                change("aws_lambda_function.f", "aws_lambda_function", &["create"]),
            ]
        });
        assert_eq!(
            kinds(&plan.to_string()),
            [
                (EffectKind::Recreate, Decision::Deny),
                (EffectKind::Recreate, Decision::Ask),
                (EffectKind::Delete, Decision::Ask),
                (EffectKind::Change, Decision::Ask),
            ]
        );
    }

    #[test]
    fn change_sets_and_differences_and_migrations_are_read() {
        let set = json!({"StackName": "shop-prod", "Changes": [
            {"Type": "Resource", "ResourceChange": {"Action": "Modify", "LogicalResourceId": "Database", "ResourceType": "AWS::RDS::DBInstance", "Replacement": "Conditional"}},
            {"Type": "Resource", "ResourceChange": {"Action": "Remove", "PolicyAction": "Retain", "LogicalResourceId": "Bucket", "ResourceType": "AWS::S3::Bucket"}}
        ]});
        assert_eq!(kinds(&set.to_string()), [(EffectKind::Recreate, Decision::Deny)]);
        let diff = "diff -u -N /tmp/LIVE/apps.v1.Deployment.shop.web /tmp/MERGED/apps.v1.Deployment.shop.web\n--- a\n+++ b\n@@ -1 +1 @@\n-  replicas: 3\n+  replicas: 0\n";
        assert_eq!(kinds(diff), [(EffectKind::Stop, Decision::Ask)]);
        assert_eq!(
            kinds("ALTER TABLE a ADD COLUMN b int;\nDROP TABLE c;"),
            [
                (EffectKind::Change, Decision::Allow),
                (EffectKind::Delete, Decision::Ask)
            ]
        );
        assert_eq!(read("hello"), Err(UnreadPlan::Unknown));
        assert_eq!(read("{\"a\": 1}"), Err(UnreadPlan::Unknown));
        let django = "class Migration(migrations.Migration):\n    operations = [\n        migrations.RemoveField(model_name='a', name='b'),\n    ]\n";
        assert_eq!(python_migration(django)[0].kind, EffectKind::Delete);
        let told = "Create the cart.\n\ndef upgrade():\n    op.drop_table('cart')\n";
        assert_eq!(
            kinds(told),
            [
                (EffectKind::Change, Decision::Allow),
                (EffectKind::Delete, Decision::Ask)
            ]
        );
    }

    #[test]
    fn what_takes_a_migration_back_is_left_out_wherever_it_stands() {
        let count = |text: &str| python_migration(text).len();
        let (up, down) = (
            "def upgrade():\n    op.drop_table('a')\n",
            "def downgrade():\n    op.drop_table('b')\n\n    op.drop_table('c')\n",
        );
        assert_eq!(count(&format!("{up}\n\n{down}")), 1);
        assert_eq!(count(&format!("{down}\n\n{up}")), 1);
        assert_eq!(count(down), 0);
        assert_eq!(
            count("def download():\n    pass\n\ndef upgrade():\n    op.drop_table('a')\n"),
            1
        );
        assert_eq!(
            count("class A\n  def down\n    drop_table :a\n  end\n\n  def up\n    drop_table :b\n  end\nend\n"),
            1
        );
    }
}
