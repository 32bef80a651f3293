//! Plans and migrations.

use guard::plans::{python_migration, read};
use guard::{Decision, Judgement};
use serde_json::{Value, json};

use crate::{text, well_formed};

/// What must hold of any plan.
pub fn check(data: &[u8]) {
    let Some(plan) = text(data) else { return };
    let effects = read(plan);
    if let Ok(effects) = &effects {
        let judged = Judgement::of(effects.clone());
        well_formed(&judged);
        if loses(plan) {
            assert_ne!(judged.decision, Decision::Allow, "a plan that deletes is allowed");
        }
    }
    // Each of these costs as much again, so an input is tried in one way; its length chooses which.
    match plan.len() % 3 {
        1 if !plan.starts_with('\u{feff}') => {
            let marked = read(&format!("\u{feff}\n {plan}"));
            assert_eq!(marked, effects, "a mark before it matters");
        }
        2 => {
            if let Some(more) = with_a_delete(plan) {
                let judged = read(&more).map(|effects| Judgement::of(effects).decision);
                assert_ne!(judged, Ok(Decision::Allow), "a delete is lost among the rest");
            }
        }
        _ => assert_eq!(effects, read(plan), "the same plan is read in two ways"),
    }
    well_formed(&Judgement::of(python_migration(plan)));
    let after = format!("{plan}\n\ndef upgrade():\n    op.drop_table('users')\n");
    assert_ne!(
        Judgement::of(python_migration(&after)).decision,
        Decision::Allow,
        "what stands before an upgrade hides it"
    );
}

/// The same plan of Terraform with one delete more.
fn with_a_delete(plan: &str) -> Option<String> {
    let mut value: Value = serde_json::from_str(plan).ok()?;
    let changes = value.get_mut("resource_changes")?.as_array_mut()?;
    changes.push(json!({"address": "a.b", "type": "a", "change": {"actions": ["delete"]}}));
    Some(value.to_string())
}

/// Whether a plan in JSON says that something is deleted, told here without the guard.
fn loses(plan: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(plan.trim_start_matches('\u{feff}').trim_start()) else {
        return false;
    };
    let array = |value: &Value| value.as_array().cloned().unwrap_or_default();
    if value["resource_changes"].is_array() {
        return array(&value["resource_changes"])
            .iter()
            .any(|change| array(&change["change"]["actions"]).contains(&Value::from("delete")));
    }
    // What is both is read as Terraform's.
    value["terraform_version"].is_null()
        && array(&value["Changes"]).iter().any(|change| {
            let change = &change["ResourceChange"];
            (change["Action"] == "Remove" && change["PolicyAction"] != "Retain")
                || (change["Action"] == "Modify" && change["Replacement"] == "True")
        })
}
