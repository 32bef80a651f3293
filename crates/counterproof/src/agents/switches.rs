//! Where an agent's settings turn its hooks off: what stands in a file of hooks counts for nothing then.
//!
//! Sources: the documentation of each agent's settings, as of 2026-11; `crates/guard/tests/contracts/SOURCES.md` names the documents.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::Coder;
use crate::files::read_plain_text;
use crate::settings;

/// Bytes of settings that are read.
const LONGEST: u64 = 16 << 20;

/// The file that turns off the hooks of an agent, for the project at `root` or for its user, and what in it does so.
pub fn off(coder: Coder, root: &Utf8Path) -> Option<String> {
    files(coder, root).into_iter().find_map(|path| {
        let text = read_plain_text(&path, LONGEST).ok()?;
        let what = in_text(coder, &text)?;
        Some(format!("{path} turns hooks off ({what}); take that out of it"))
    })
}

/// All files that may do it, with those that an administrator lays down.
fn files(coder: Coder, root: &Utf8Path) -> Vec<Utf8PathBuf> {
    let of_user = |variable: &str, inner: &str| settings::agent_folder(variable, inner);
    let with = |folder: Option<Utf8PathBuf>, names: &[&str]| -> Vec<Utf8PathBuf> {
        let folder = folder.into_iter();
        folder
            .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
            .collect()
    };
    let both = ["settings.json", "settings.local.json"];
    match coder {
        Coder::ClaudeCode => [
            with(Some(root.join(".claude")), &both),
            with(of_user("CLAUDE_CONFIG_DIR", ".claude"), &both),
            vec![
                "/etc/claude-code/managed-settings.json".into(),
                "/Library/Application Support/ClaudeCode/managed-settings.json".into(),
            ],
        ]
        .concat(),
        Coder::Codex => [
            with(Some(root.join(".codex")), &["config.toml"]),
            with(of_user("CODEX_HOME", ".codex"), &["config.toml"]),
            vec!["/etc/codex/config.toml".into()],
        ]
        .concat(),
        Coder::Gemini => {
            let mut user = of_user("GEMINI_CLI_HOME", ".gemini");
            // The variable names the home that holds the folder.
            if let Some(folder) = user.as_mut().filter(|folder| !folder.ends_with(".gemini")) {
                folder.push(".gemini");
            }
            [
                with(Some(root.join(".gemini")), &["settings.json"]),
                with(user, &["settings.json"]),
                vec!["/etc/gemini-cli/settings.json".into()],
            ]
            .concat()
        }
        Coder::Copilot => [
            with(Some(root.join(".github/copilot")), &both),
            with(Some(root.join(".github/hooks")), &["counterproof.json"]),
            with(
                of_user("COPILOT_HOME", ".copilot"),
                &["settings.json", "config.json", "hooks/counterproof.json"],
            ),
        ]
        .concat(),
        // These have no such setting but in the entries themselves.
        Coder::Cursor | Coder::Kiro => Vec::new(),
    }
}

/// What in the text of a file turns hooks off.
fn in_text(coder: Coder, text: &str) -> Option<String> {
    let value: Option<Value> = match coder {
        Coder::Codex => toml::from_str(text).ok(),
        _ => serde_json::from_str(text).ok(),
    };
    let Some(value) = value else {
        // Some read comments; what cannot be read and speaks of it is taken at its word.
        let names: &[&str] = match coder {
            Coder::ClaudeCode => &["disableAllHooks", "allowManagedHooksOnly"],
            Coder::Copilot => &["disableAllHooks"],
            Coder::Gemini => &["hooksConfig", "enableHooks"],
            _ => &["hooks"],
        };
        let name = names.iter().find(|name| text.contains(**name))?;
        return Some(format!("it speaks of `{name}`, and cannot be read for certain"));
    };
    let is = |path: &[&str], switch: bool| {
        let at = path.iter().fold(&value, |value, name| &value[*name]);
        (at.as_bool() == Some(switch)).then(|| format!("`{} = {switch}`", path.join(".")))
    };
    let listed = |path: &[&str]| {
        let at = path.iter().fold(&value, |value, name| &value[*name]);
        let names = at.as_array().into_iter().flatten().filter_map(Value::as_str);
        let is_ours = |name: &&str| name.starts_with("counterproof") || name.contains(" hook before-tool ");
        names
            .into_iter()
            .find(is_ours)
            .map(|name| format!("`{name}` in `{}`", path.join(".")))
    };
    match coder {
        Coder::ClaudeCode => is(&["disableAllHooks"], true).or_else(|| is(&["allowManagedHooksOnly"], true)),
        Coder::Codex => is(&["features", "hooks"], false).or_else(|| is(&["features", "codex_hooks"], false)),
        Coder::Gemini => is(&["hooksConfig", "enabled"], false)
            .or_else(|| listed(&["hooksConfig", "disabled"]))
            .or_else(|| is(&["hooks", "enabled"], false))
            .or_else(|| listed(&["hooks", "disabled"]))
            .or_else(|| is(&["tools", "enableHooks"], false)),
        Coder::Copilot => is(&["disableAllHooks"], true),
        Coder::Cursor | Coder::Kiro => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_agent_s_switch_is_known() {
        for (coder, text) in [
            (Coder::ClaudeCode, "{\"disableAllHooks\": true}"),
            (Coder::ClaudeCode, "{\"allowManagedHooksOnly\": true}"),
            (Coder::ClaudeCode, "{ // mine\n\"disableAllHooks\": true}"),
            (Coder::Codex, "[features]\nhooks = false\n"),
            (Coder::Codex, "features.hooks = false\n"),
            (Coder::Gemini, "{\"hooksConfig\": {\"enabled\": false}}"),
            (
                Coder::Gemini,
                "{\"hooksConfig\": {\"disabled\": [\"x\", \"counterproof\"]}}",
            ),
            (
                Coder::Gemini,
                "{\"hooks\": {\"disabled\": [\"counterproof hook before-tool gemini\"]}}",
            ),
            (Coder::Copilot, "{\"disableAllHooks\": true}"),
        ] {
            assert!(in_text(coder, text).is_some(), "{text}");
        }
        for (coder, text) in [
            (Coder::ClaudeCode, "{\"disableAllHooks\": false, \"hooks\": {}}"),
            (Coder::Codex, "model = \"x\"\n[features]\nhooks = true\n"),
            (
                Coder::Gemini,
                "{\"hooksConfig\": {\"disabled\": [\"other\"]}, \"hooks\": {}}",
            ),
            (Coder::Copilot, "{}"),
        ] {
            assert_eq!(in_text(coder, text), None, "{text}");
        }
    }
}
