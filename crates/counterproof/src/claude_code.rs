//! Claude Code's contract for hooks: the Stop event, its answer, and the entry in its settings. All of it is here, so that a change
//! of it is one edit.

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::json_edit::{self, append, member, parts, unit};

/// Seconds that Claude Code gives the hook; it has given up by itself long before.
const TIMEOUT_SECONDS: u32 = 60;
/// What follows the program in the command of our entry.
const STOP: &str = " hook stop";

/// What Claude Code says when it is about to stop. What is not needed here is not read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StopEvent {
    /// Stays the same as long as the conversation goes on.
    pub session_id: String,
    /// Where the agent works.
    pub cwd: Option<Utf8PathBuf>,
    /// Whether it goes on only because a hook has held it back already.
    #[serde(default)]
    pub stop_hook_active: bool,
    /// Ours alone: the installation asks whether events arrive.
    pub counterproof_canary: Option<String>,
}

/// Holds the agent back and tells it why.
#[derive(Clone, Debug, Serialize)]
pub struct Block<'a> {
    decision: &'static str,
    reason: &'a str,
}

impl<'a> Block<'a> {
    /// Holds the agent back for `reason`.
    pub fn new(reason: &'a str) -> Self {
        Self {
            decision: "block",
            reason,
        }
    }
}

/// Says something to the person and lets the agent stop.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// What is said.
    pub system_message: String,
}

/// The settings of a project.
pub fn project_settings(root: &Utf8Path) -> Utf8PathBuf {
    root.join(".claude/settings.json")
}

#[derive(Serialize)]
struct Group<'a> {
    hooks: [Hook<'a>; 1],
}

#[derive(Serialize)]
struct Hook<'a> {
    r#type: &'static str,
    command: &'a str,
    timeout: u32,
}

/// Where our entry stands in settings.
struct Found {
    stop: Range<usize>,
    group: usize,
    hooks: Range<usize>,
    hook: usize,
    command: Range<usize>,
    text: String,
}

/// The command of our entry, for a program as a shell reads it.
pub fn command(program: &str) -> String {
    format!("{program}{STOP}")
}

/// Settings with our entry, and the command that it runs. Where it is there already, the text is the same.
///
/// # Errors
/// When the text is no JSON, or its hooks have another form: the error says what is wrong.
pub fn with_hook(text: &str, program: &str) -> Result<(String, String), String> {
    let blank = text.trim().is_empty();
    let text = if blank { "{}\n" } else { text };
    validate(text)?;
    if let Some(found) = find(text) {
        // What a person wrote behind it, a budget for example, stays.
        let rest = found.text.split_once(STOP).map_or("", |(_, rest)| rest);
        let command = format!("{}{rest}", command(program));
        let text = json_edit::replace(text, &found.command, &quoted(&command));
        return Ok((text, command));
    }
    let command = command(program);
    let group = Group {
        hooks: [Hook {
            r#type: "command",
            command: &command,
            timeout: TIMEOUT_SECONDS,
        }],
    };
    let group = pretty(&group, unit(text));
    let one = unit(text);
    let root = json_edit::root(text);
    let stop = |indent: &str| {
        format!(
            "\"Stop\": [\n{indent}{}\n]",
            group.replace('\n', &format!("\n{indent}"))
        )
    };
    let new = match member(text, &root, "hooks") {
        None => {
            let stop = stop(one).replace('\n', &format!("\n{one}"));
            append(text, &root, &format!("\"hooks\": {{\n{one}{stop}\n}}"))
        }
        Some(hooks) => match member(text, &hooks, "Stop") {
            None => append(text, &hooks, &stop(one)),
            Some(array) => append(text, &array, &group),
        },
    };
    Ok((new, command))
}

/// Settings without our entry; `None` where they have none.
///
/// # Errors
/// As [`with_hook`].
pub fn without_hook(text: &str) -> Result<Option<String>, String> {
    validate(text)?;
    Ok(find(text).map(|found| {
        if parts(text, &found.hooks).len() > 1 {
            json_edit::remove(text, &found.hooks, found.hook)
        } else {
            json_edit::remove(text, &found.stop, found.group)
        }
    }))
}

/// The command of our entry, where settings have it.
///
/// # Errors
/// As [`with_hook`].
pub fn hook_command(text: &str) -> Result<Option<String>, String> {
    validate(text)?;
    Ok(find(text).map(|found| found.text))
}

/// The program in the command of an entry, without quotes, where nothing but options of ours follows it.
pub fn program_of(command: &str) -> Option<String> {
    let (program, options) = command.split_once(STOP)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-=".contains(c);
    let quoted = program.len() > 1 && program.starts_with('\'') && program.ends_with('\'');
    let program = if quoted {
        &program[1..program.len() - 1]
    } else {
        program
    };
    let whole = !program.contains('\'')
        && (quoted || !program.contains([' ', ';', '&', '|', '$', '`', '(', '<', '>', '"', '\\', '\n']));
    (whole && options.chars().all(plain)).then(|| program.to_owned())
}

/// Whether settings can be edited.
fn validate(text: &str) -> Result<(), String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        format!("it is not plain JSON ({error}): take out comments and commas that nothing follows")
    })?;
    let wrong = |what: &str, form: &str| {
        Err(format!(
            "{what} is not {form} there: mend it as Claude Code's documentation has it"
        ))
    };
    if !value.is_object() {
        return wrong("the outermost value", "an object");
    }
    match value.get("hooks") {
        None => Ok(()),
        Some(hooks) if !hooks.is_object() => wrong("`hooks`", "an object"),
        Some(hooks) if hooks.get("Stop").is_some_and(|stop| !stop.is_array()) => wrong("`hooks.Stop`", "a list"),
        Some(_) => Ok(()),
    }
}

fn find(text: &str) -> Option<Found> {
    let hooks = member(text, &json_edit::root(text), "hooks")?;
    let stop = member(text, &hooks, "Stop")?;
    for (group, part) in parts(text, &stop).into_iter().enumerate() {
        let Some(hooks) = member(text, &part.value, "hooks") else {
            continue;
        };
        for (hook, part) in parts(text, &hooks).into_iter().enumerate() {
            let Some(command) = member(text, &part.value, "command") else {
                continue;
            };
            let Ok(text) = serde_json::from_str::<String>(&text[command.clone()]) else {
                continue;
            };
            if is_ours(&text) {
                return Some(Found {
                    stop,
                    group,
                    hooks,
                    hook,
                    command,
                    text,
                });
            }
        }
    }
    None
}

/// Whether a command is ours, from wherever it is run.
fn is_ours(command: &str) -> bool {
    command
        .split_once(STOP)
        .and_then(|(program, _)| program.trim_matches(['\'', '"']).rsplit('/').next())
        == Some("counterproof")
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn pretty(value: &impl Serialize, unit: &str) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(unit.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // Plain data into memory: neither can fail.
    let _ = value.serialize(&mut serializer);
    String::from_utf8(bytes).unwrap_or_default()
}

/// Reads an event.
///
/// # Errors
/// When it is none.
pub fn event(bytes: &[u8]) -> Result<StopEvent, CliError> {
    serde_json::from_slice(bytes).map_err(|error| {
        CliError::Usage(format!(
            "what came on standard input is no Stop event of Claude Code: {error}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Claude Code documents it.
    const RECORDED: &str = r#"{"session_id":"abc123","transcript_path":"~/.claude/projects/x/abc123.jsonl","cwd":"/home/user/shop",
        "permission_mode":"default","hook_event_name":"Stop","stop_hook_active":true,"last_assistant_message":"Done."}"#;

    #[test]
    fn a_recorded_event_is_read() {
        let read = event(RECORDED.as_bytes()).expect("an event");
        assert_eq!(read.session_id, "abc123");
        assert!(read.stop_hook_active && read.counterproof_canary.is_none());
        for broken in ["", "{", "[]", "{\"cwd\": \"/\"}"] {
            assert!(event(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn the_answer_is_the_documented_one() {
        let text = serde_json::to_string(&Block::new("a\nb")).expect("JSON");
        assert_eq!(text, r#"{"decision":"block","reason":"a\nb"}"#);
    }

    #[test]
    fn the_entry_joins_what_is_there() {
        let (new, command) = with_hook("", "counterproof").expect("settings");
        assert_eq!(command, "counterproof hook stop");
        insta::assert_snapshot!(new);
        let rich = "{\n    \"model\": \"x\",\n    \"hooks\": {\n        \"Stop\": [\n            {\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}]}\n        ]\n    }\n}\n";
        let (new, _) = with_hook(rich, "counterproof").expect("settings");
        insta::assert_snapshot!(new);
        let (again, _) = with_hook(&new, "counterproof").expect("settings");
        assert_eq!(again, new);
        assert_eq!(without_hook(&new), Ok(Some(rich.to_owned())));
        assert_eq!(without_hook(rich), Ok(None));
    }

    #[test]
    fn another_place_of_the_program_is_written_and_what_follows_stays() {
        let (old, _) = with_hook("{}", "'/old place/counterproof'").expect("settings");
        let old = old.replace("hook stop", "hook stop --budget 9s");
        let (new, command) = with_hook(&old, "counterproof").expect("settings");
        assert_eq!(command, "counterproof hook stop --budget 9s");
        assert_eq!(new.matches("hook stop").count(), 1, "{new}");
    }

    #[test]
    fn the_program_of_a_command_is_known_where_it_is_all_that_runs() {
        assert_eq!(
            program_of("counterproof hook stop --budget 9s").as_deref(),
            Some("counterproof")
        );
        assert_eq!(
            program_of("'/a b/counterproof' hook stop").as_deref(),
            Some("/a b/counterproof")
        );
        for more in [
            "counterproof hook stop; rm -r /",
            "evil;counterproof hook stop",
            "a && counterproof hook stop",
            "'a'$(b)'/counterproof' hook stop",
            "counterproof check",
        ] {
            assert_eq!(program_of(more), None, "{more}");
        }
    }

    #[test]
    fn what_cannot_be_edited_is_named() {
        for (text, named) in [
            ("{ // a comment\n}", "comments"),
            ("{\"a\": 1,}", "commas"),
            ("[]", "outermost"),
            ("{\"hooks\": []}", "`hooks`"),
            ("{\"hooks\": {\"Stop\": {}}}", "`hooks.Stop`"),
        ] {
            let error = with_hook(text, "counterproof").expect_err(text);
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
