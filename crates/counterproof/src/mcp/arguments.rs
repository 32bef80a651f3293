//! What an agent may ask for. There is no more than this: what would let more happen than a plain `counterproof check` has no name here.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Characters of a revision, a path or a folder.
const LONGEST_NAME: usize = 4_096;
/// Paths that are looked at alone.
const MOST_PATHS: usize = 256;
/// Digits of a finding's id: as few as tell one from another, and as many as there are.
const ID_DIGITS: std::ops::RangeInclusive<usize> = 4..=64;
/// Declared changes, and characters of each.
const MOST_DECLARED: usize = 64;
const LONGEST_DECLARED: usize = 500;
/// Bytes that are judged.
const LONGEST_JUDGED: usize = 1 << 20;

/// Which change is meant.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Two revisions: `A..B` (B against A) or `A...B` (B against their merge base). Without one: the working tree against the merge base with the default branch.
    pub range: Option<String>,
    /// The revision to compare the working tree against, instead of that merge base.
    pub base: Option<String>,
    /// The index instead of the working tree.
    pub staged: bool,
    /// Files or folders to look at alone, relative to `folder`.
    pub paths: Vec<String>,
    /// A folder of the repository that this server was started in, or of a worktree of it. Default: where it was started.
    pub folder: Option<String>,
}

/// What `check_change` takes.
pub type Check = Change;

/// What `explain_finding` takes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// The finding's id, as `check_change` told it.
    pub finding: String,
    /// The change that it was found in, where `check_change` of this session did not find it.
    #[serde(default)]
    pub change: Option<Change>,
}

/// What `reproduce` takes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reproduce {
    /// The finding's id, as `check_change` told it.
    pub finding: String,
    /// Give a script that needs nothing but Python, and run nothing.
    #[serde(default)]
    pub as_script: bool,
    /// A folder of the repository. Default: where the server was started.
    #[serde(default)]
    pub folder: Option<String>,
}

/// What `keep` takes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// The finding's id, as `check_change` told it.
    pub finding: String,
    /// A folder of the repository. Default: where the server was started.
    #[serde(default)]
    pub folder: Option<String>,
}

/// What `gate_status` takes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// `TARGET..CHANGE`. Without one: HEAD into the default branch. What is not committed is not part of it.
    pub range: Option<String>,
    /// A folder of the repository. Default: where the server was started.
    pub folder: Option<String>,
}

/// What `declare_intent` takes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Declare {
    /// That no behaviour is to change, as in a refactoring. It goes with no `changes`.
    pub nothing_changes: bool,
    /// The changes of behaviour that are meant.
    pub changes: Vec<Declared>,
    /// A folder of the repository. Default: where the server was started.
    pub folder: Option<String>,
}

/// A change of behaviour that is meant.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Dotted name of a function, a class or a module: `cart.delivery.delivery_days`.
    pub name: String,
    /// What it does now that it did not before, in a line.
    pub says: String,
}

/// What `judge_action` takes.
///
/// What is judged lies a level deeper than the hook before a tool looks, which takes a `command` of any server's tool for one that would run: whoever
/// asks here would be asked or denied there.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Judge {
    /// What would be done: exactly one of `command`, `edit`, `plan` and `query`.
    pub action: Action,
    /// The folder that it would happen in. Default: where the server was started.
    #[serde(default)]
    pub cwd: Option<String>,
}

/// What would be done.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Action {
    /// A line for a shell, as it would be run.
    pub command: Option<String>,
    /// A write to a file.
    pub edit: Option<Edit>,
    /// The text of a plan: `terraform show -json`, a change set of CloudFormation, `kubectl diff`, or a migration.
    pub plan: Option<String>,
    /// A statement of SQL.
    pub query: Option<String>,
    /// For `query`: the server or tool that it goes to, by its name.
    pub server: Option<String>,
}

/// A write to a file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file.
    pub path: String,
    /// The text that goes; none where all of the file is written.
    #[serde(default)]
    pub before: Option<String>,
    /// The text that comes.
    pub after: String,
}

/// Reads what a tool was given.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn read<T: DeserializeOwned>(tool: &str, arguments: Option<JsonObject>) -> Result<T, String> {
    serde_json::from_value(Value::Object(arguments.unwrap_or_default()))
        .map_err(|error| format!("`{tool}` cannot take these arguments: {error}; `tools/list` has its schema"))
}

/// Reads what `judge_action` was given. What belongs into `action` and stands beside `cwd` is taken as if it stood there.
///
/// # Errors
/// As [`read`].
pub fn judge(arguments: Option<JsonObject>) -> Result<Judge, String> {
    let mut arguments = arguments.unwrap_or_default();
    if !arguments.contains_key("action") {
        let names = ["command", "edit", "plan", "query", "server"];
        let action: JsonObject = names
            .into_iter()
            .filter_map(|name| arguments.remove_entry(name))
            .collect();
        arguments.insert("action".to_owned(), Value::Object(action));
    }
    read("judge_action", Some(arguments))
}

impl Change {
    /// The words that name it to `counterproof check`, but for the folder. No word of it can be taken for an option.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn words(&self) -> Result<Vec<String>, String> {
        let mut words = Vec::new();
        if let Some(base) = &self.base {
            revision("base", base)?;
            words.push(format!("--base={base}"));
        }
        if self.staged {
            words.push("--staged".to_owned());
        }
        if self.paths.len() > MOST_PATHS {
            return Err(format!(
                "`paths` names {}, and at most {MOST_PATHS} are taken: name folders, or none for all of the change",
                self.paths.len()
            ));
        }
        words.push("--".to_owned());
        if let Some(range) = &self.range {
            words.push(range_of(range)?);
        }
        for path in &self.paths {
            name("a path", path)?;
            if path.starts_with('-') {
                return Err(format!(
                    "`{path}` looks like an option: write `./{path}` for a file of that name"
                ));
            }
            words.push(path.clone());
        }
        Ok(words)
    }
}

/// A range of two revisions.
///
/// # Errors
/// When it is none.
pub fn range_of(range: &str) -> Result<String, String> {
    name("`range`", range)?;
    let (from, to) = range
        .split_once("...")
        .or_else(|| range.split_once(".."))
        .ok_or_else(|| format!("`{range}` is no range: write A..B or A...B"))?;
    // An end that is left out is HEAD.
    for end in [from, to].into_iter().filter(|end| !end.is_empty()) {
        revision("range", end)?;
    }
    Ok(range.to_owned())
}

fn revision(field: &str, text: &str) -> Result<(), String> {
    name(&format!("`{field}`"), text)?;
    if text.starts_with('-') {
        return Err(format!("`{text}` in `{field}` is no revision: none begins with `-`"));
    }
    Ok(())
}

fn name(what: &str, text: &str) -> Result<(), String> {
    match text {
        "" => Err(format!("{what} is empty: leave it out, or name something")),
        _ if text.len() > LONGEST_NAME => Err(format!("{what} is longer than {LONGEST_NAME} bytes: shorten it")),
        _ if text.contains(char::is_control) => Err(format!("{what} holds a control character: take it out")),
        _ => Ok(()),
    }
}

/// A finding's id: digits as `check_change` prints them, so that it is never an option.
///
/// # Errors
/// When it is none.
pub fn finding(id: &str) -> Result<&str, String> {
    let is_digit = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
    if ID_DIGITS.contains(&id.len()) && id.bytes().all(is_digit) {
        return Ok(id);
    }
    let shown = super::answers::cut(id, 80);
    Err(format!(
        "`{shown}` is no finding's id: it has {} digits at least, of 0 to 9 and a to f, as `check_change` tells it",
        ID_DIGITS.start()
    ))
}

impl Declare {
    /// What is declared, each as `--intent` and as the trailer of a commit say it.
    ///
    /// # Errors
    /// When it says neither, or both.
    pub fn options(&self) -> Result<Vec<String>, String> {
        if self.nothing_changes && !self.changes.is_empty() {
            return Err("`nothing_changes` and `changes` are against each other: give one of them".to_owned());
        }
        if self.nothing_changes {
            return Ok(vec!["none".to_owned()]);
        }
        if self.changes.is_empty() {
            return Err("nothing is declared: give `changes`, or `nothing_changes`: true".to_owned());
        }
        if self.changes.len() > MOST_DECLARED {
            return Err(format!(
                "`changes` has {}, and at most {MOST_DECLARED} are taken: name classes or modules",
                self.changes.len()
            ));
        }
        let one = |declared: &Declared| {
            let text = format!("{}: {}", declared.name.trim(), declared.says.trim());
            if text.contains(char::is_control) || text.len() > LONGEST_DECLARED {
                return Err(format!(
                    "`{}` is said in more than a line of {LONGEST_DECLARED} bytes: shorten it",
                    super::answers::cut(&declared.name, 80)
                ));
            }
            Ok(text)
        };
        self.changes.iter().map(one).collect()
    }
}

impl Judge {
    /// What there is to judge.
    ///
    /// # Errors
    /// When it is nothing, more than one thing, or too long.
    pub fn question(self) -> Result<crate::guarding::Question, String> {
        use crate::guarding::Question;
        let action = self.action;
        let size = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let of_edit = action
            .edit
            .as_ref()
            .map_or(0, |edit| edit.path.len() + edit.after.len() + size(&edit.before));
        let bytes = size(&action.command) + size(&action.plan) + size(&action.query) + size(&action.server) + of_edit;
        if bytes > LONGEST_JUDGED {
            return Err(format!(
                "this has {bytes} bytes, and at most {LONGEST_JUDGED} are judged: it was not, so that a person has to look at it, or it has to be done in smaller steps"
            ));
        }
        if let Some(cwd) = &self.cwd {
            name("`cwd`", cwd)?;
        }
        if action.server.is_some() && action.query.is_none() {
            return Err("`server` goes with `query` alone: leave it out".to_owned());
        }
        let server = action.server.unwrap_or_else(|| "a database".to_owned());
        match (action.command, action.edit, action.plan, action.query) {
            (Some(command), None, None, None) => Ok(Question::Command(command)),
            (None, Some(edit), None, None) => Ok(Question::Edit(guard::Edit {
                path: edit.path,
                before: edit.before,
                after: edit.after,
            })),
            (None, None, Some(plan), None) => Ok(Question::Plan(plan)),
            (None, None, None, Some(query)) => Ok(Question::Query { query, server }),
            _ => Err("give exactly one of `command`, `edit`, `plan` and `query`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_an_agent_gives_can_be_an_option() {
        for id in [
            "",
            "abc",
            "--no-sandbox",
            "-h",
            "e6464e6d --install",
            "E6464E6D",
            "e6464e6d\n",
        ] {
            assert!(finding(id).is_err(), "{id:?}");
        }
        assert_eq!(finding("e6464e6d"), Ok("e6464e6d"));
        for range in [
            "",
            "main",
            "--install",
            "--python=x..HEAD",
            "main..--upload-pack=x",
            "a...-b",
            "a..b\n",
        ] {
            assert!(range_of(range).is_err(), "{range:?}");
        }
        for range in ["main..HEAD", "main...", "..feature", "v1.0..HEAD~3"] {
            assert_eq!(range_of(range).as_deref(), Ok(range));
        }
        for change in [
            Change {
                base: Some("--install".to_owned()),
                ..Change::default()
            },
            Change {
                paths: vec!["--no-sandbox".to_owned()],
                ..Change::default()
            },
            Change {
                paths: vec![String::new()],
                ..Change::default()
            },
            Change {
                paths: vec!["a".to_owned(); MOST_PATHS + 1],
                ..Change::default()
            },
        ] {
            assert!(change.words().is_err(), "{change:?}");
        }
    }

    #[test]
    fn what_has_no_name_is_refused() {
        for unknown in ["no_sandbox", "install", "python", "trees", "budget", "intent", "accept"] {
            let arguments = [(unknown.to_owned(), Value::Bool(true))].into_iter().collect();
            let why = read::<Change>("check_change", Some(arguments)).expect_err(unknown);
            assert!(why.contains("unknown field"), "{why}");
        }
    }

    #[test]
    fn exactly_one_thing_is_judged() {
        let judged = |text: &str| {
            let given: JsonObject = serde_json::from_str(text).expect("an object");
            judge(Some(given))?.question()
        };
        for text in [
            "{\"action\": {\"command\": \"ls\"}, \"cwd\": \"/\"}",
            "{\"command\": \"ls\"}",
            "{\"query\": \"SELECT 1\", \"server\": \"db\"}",
            "{\"edit\": {\"path\": \"a\", \"after\": \"\"}}",
        ] {
            assert!(judged(text).is_ok(), "{text}");
        }
        for text in [
            "{}",
            "{\"action\": {}}",
            "{\"action\": {\"command\": \"ls\"}, \"command\": \"ls\"}",
            "{\"command\": \"ls\", \"plan\": \"\"}",
            "{\"command\": \"ls\", \"server\": \"db\"}",
            "{\"command\": [\"ls\"]}",
            "{\"command\": \"ls\", \"allow\": true}",
        ] {
            assert!(judged(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_declaration_is_what_an_option_takes() {
        let declared = |name: &str, says: &str| Declare {
            changes: vec![Declared {
                name: name.to_owned(),
                says: says.to_owned(),
            }],
            ..Declare::default()
        };
        assert_eq!(
            declared("cart.days", "a day more").options().as_deref(),
            Ok(&["cart.days: a day more".to_owned()][..])
        );
        assert!(declared("cart.days", "a\nb").options().is_err());
        assert!(Declare::default().options().is_err());
        assert!(
            Declare {
                nothing_changes: true,
                ..declared("a", "b")
            }
            .options()
            .is_err()
        );
    }
}
