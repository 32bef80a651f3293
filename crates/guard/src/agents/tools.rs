//! What the tools of agents are called, and what their fields say.

use serde_json::Value;

use super::fields::{self, PATHS, Way, quoted};
use super::{Agent, Event, foreign, text};
use crate::Edit;
use crate::commands::patches;

/// A tool with what it gets.
pub struct Told<'t> {
    /// Its name.
    pub tool: &'t str,
    /// Its fields.
    pub input: &'t Value,
    /// Who calls it.
    pub speaker: Agent,
    /// Whether it is a server's, whatever it is called.
    pub is_foreign: bool,
}

/// The input of a tool: an object, or a text of JSON that holds one. A patch may be the text itself.
///
/// # Errors
/// When it is a text of something else.
pub fn input(tool: &str, given: &Value) -> Result<Value, String> {
    match given {
        Value::String(inner) => match serde_json::from_str(inner) {
            Ok(value) => Ok(value),
            Err(_) if is_patch(&tool.trim().to_lowercase()) => Ok(given.clone()),
            Err(error) => Err(format!("the input of `{tool}` is no JSON: {error}")),
        },
        other => Ok(other.clone()),
    }
}

fn is_patch(tool: &str) -> bool {
    matches!(tool, "apply_patch" | "applypatch")
}

/// Fields that hold a line for a shell.
const LINES: [&str; 4] = ["command", "cmd", "script", "input"];

/// What a tool is about to do: its names and fields, as the agents have them.
///
/// # Errors
/// When it is a tool that matters, and does not say what it does.
pub fn read(event: &mut Event, told: &Told<'_>) -> Result<(), String> {
    let (tool, input) = (told.tool, told.input);
    if told.is_foreign {
        return foreign::read(event, told);
    }
    match tool.to_lowercase().as_str() {
        "bash" | "shell" | "exec_command" | "local_shell" | "run_shell_command" | "run_terminal_cmd"
        | "execute_bash" | "executebash" | "execute_cmd" | "powershell" | "execute_pwsh" | "terminal"
        | "run_in_terminal" | "run_command" | "shell_command" => {
            let lines = fields::lines(input, &LINES)?;
            if lines.is_empty() {
                return Err("its event holds no command".to_owned());
            }
            fields::take(event, lines);
            enter(event, told);
        }
        // These start something, or look after what was started.
        "monitor" | "control_bash_process" | "control_pwsh_process" => {
            fields::take(event, fields::lines(input, &LINES)?);
            enter(event, told);
        }
        "write_bash" | "write_stdin" | "write_powershell" | "send_input" => typed(event, tool, input),
        "use_aws" | "aws" => event.command = Some(aws(input)?),
        name if way(name).is_some() => writes(event, told, way(name).unwrap_or(Way::Told))?,
        "delete" | "delete_file" | "deletefile" => {
            let lines: Vec<String> = named(event, input)?
                .iter()
                .map(|path| format!("rm -f -- {}", quoted(path)))
                .collect();
            fields::take(event, lines);
        }
        name if is_patch(name) => patch(event, input)?,
        _ => foreign::read(event, told)?,
    }
    Ok(())
}

/// How the tools that write files do that.
fn way(tool: &str) -> Option<Way> {
    Some(match tool {
        "write" | "write_file" | "create" | "create_file" | "fswrite" => Way::Whole,
        "edit" | "multiedit" | "multi_edit" | "replace" | "str_replace" | "edit_file" | "strreplace" | "fsreplace" => {
            Way::Piece
        }
        "fs_append" | "fsappend" => Way::More,
        "fs_write" | "notebookedit" | "str_replace_editor" | "str_replace_based_edit_tool" => Way::Told,
        _ => return None,
    })
}

fn writes(event: &mut Event, told: &Told<'_>, way: Way) -> Result<(), String> {
    let (tool, input) = (told.tool, told.input);
    let lower = tool.to_lowercase();
    let verb = input["command"].as_str();
    let is_kiro = matches!(told.speaker, Agent::Kiro | Agent::KiroIde);
    // These show files, too.
    if lower.starts_with("str_replace_") && verb == Some("view") {
        event.other = Some(tool.to_owned());
        return Ok(());
    }
    let way = match (way, verb) {
        (Way::Told, Some("create")) => Way::Whole,
        (Way::Told, Some("insert" | "append")) => Way::More,
        // `write` is what some versions of Kiro call `fs_write`; to others a verb says nothing.
        (Way::Whole, Some(verb)) if lower == "write" && is_kiro && verb != "create" => match verb {
            "insert" | "append" => Way::More,
            _ => Way::Told,
        },
        _ => way,
    };
    // Without a verb `fs_write` writes all of the file.
    let way = match (way, verb) {
        (Way::Told, None) if lower == "fs_write" => Way::Whole,
        _ => way,
    };
    let paths = named(event, input)?;
    if fields::is_told_twice(input) {
        event
            .unclear
            .push("a write of which several fields say different texts".to_owned());
    }
    for path in paths {
        if lower == "notebookedit" {
            event.edits.extend(cell(&path, input));
            event.cell =
                text(input, &["cell_id"]).filter(|_| matches!(input["edit_mode"].as_str(), None | Some("replace")));
        } else {
            event.edits.extend(fields::edits(&path, input, way));
        }
    }
    Ok(())
}

/// What an edit of a notebook does: one cell of it comes, goes or is another. A cell that goes counts as all of them: which it is cannot be told
/// from here.
fn cell(path: &str, input: &Value) -> Vec<Edit> {
    let goes = input["edit_mode"] == "delete";
    let way = if goes { Way::Whole } else { Way::More };
    let mut all = fields::edits(path, input, way);
    if goes {
        for edit in &mut all {
            (edit.before, edit.after) = (None, String::new());
        }
        all.dedup();
    }
    all
}

/// The files that a tool is about.
fn named(event: &mut Event, input: &Value) -> Result<Vec<String>, String> {
    let paths = fields::paths(event, input, &PATHS);
    if paths.is_empty() {
        return Err("its event names no file".to_owned());
    }
    Ok(paths)
}

fn patch(event: &mut Event, input: &Value) -> Result<(), String> {
    let mut texts = match input {
        Value::String(patch) => vec![patch.clone()],
        _ => fields::texts(input, &["command", "patch", "input", "diff", "text", "content"]),
    };
    if let Value::Array(words) = &input["command"] {
        let text = words.iter().rev().find_map(Value::as_str);
        texts.extend(text.map(str::to_owned));
    }
    if texts.is_empty() {
        return Err("its event holds no patch".to_owned());
    }
    if texts.len() > 1 {
        event
            .unclear
            .push("a patch of which several fields say different things".to_owned());
    }
    for text in texts {
        patched(event, &text);
    }
    Ok(())
}

/// Takes what a patch does.
pub fn patched(event: &mut Event, text: &str) {
    let patch = patches::read(text);
    event.edits.extend(patch.edits);
    for words in patch.commands {
        event
            .lines
            .push(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "));
    }
    event.unclear.extend(patch.unclear);
}

/// Lines that no shell can read and that are looked into all the same, and marks in each of them.
const MOST_UNREAD: usize = 64;
const MOST_MARKS: usize = 16;

/// What is typed into something that runs already: mostly a shell. What no shell can read may be an answer, or code for an interpreter.
fn typed(event: &mut Event, tool: &str, input: &Value) {
    let texts = fields::texts(input, &["input", "chars", "text", "data", "command", "keys", "message"]);
    let texts: Vec<String> = texts
        .iter()
        .map(|text| text.replace("{enter}", "\n").replace('\r', "\n"))
        .filter(|text| !text.trim().is_empty())
        .collect();
    if texts.is_empty() {
        event.other = Some(tool.to_owned());
        return;
    }
    let is_readable = |line: &str| crate::shell::parse(line).is_ok();
    let (mut lines, mut unread) = (Vec::new(), 0);
    for text in &texts {
        if is_readable(text) {
            lines.push(text.clone());
            continue;
        }
        for line in text.lines() {
            if is_readable(line) {
                lines.push(line.to_owned());
                continue;
            }
            unread += 1;
            if unread > MOST_UNREAD {
                continue;
            }
            lines.push(format!("python3 -c {}", quoted(line)));
            // It may end a text that was typed before.
            let rests = line
                .match_indices(['\'', '"', '`', ')'])
                .take(MOST_MARKS)
                .map(|(at, mark)| &line[at + mark.len()..]);
            lines.extend(rests.filter(|rest| is_readable(rest)).map(str::to_owned));
        }
    }
    if unread > MOST_UNREAD {
        event.unclear.push("more than is looked into".to_owned());
    }
    if texts.len() > 1 {
        fields::take(event, texts);
        event.lines.clear();
    } else {
        event.command = texts.into_iter().next();
    }
    event.lines.extend(lines);
}

/// Fields for a folder, and who heeds them. A server's tool may heed any.
const FOLDERS: [(&str, &[Agent]); 6] = [
    ("workdir", &[Agent::Codex]),
    ("working_directory", &[Agent::Cursor]),
    ("cwd", &[Agent::Codex, Agent::Cursor, Agent::Kiro, Agent::KiroIde]),
    ("dir_path", &[Agent::Gemini]),
    ("directory", &[Agent::Gemini]),
    ("working_dir", &[Agent::Kiro, Agent::KiroIde]),
];

/// Where it runs, where the tool says so. Where nobody knows whether the agent heeds that, it is judged here and there.
pub fn enter(event: &mut Event, told: &Told<'_>) {
    let mut all: Vec<(String, bool)> = Vec::new();
    for (name, agents) in FOLDERS {
        let Some(folder) = text(told.input, &[name]) else {
            continue;
        };
        let folder = match &event.folder {
            Some(above) => crate::surroundings::resolved(&folder, above, "/"),
            None => folder,
        };
        let is_heeded = agents.contains(&told.speaker);
        match all.iter_mut().find(|(one, _)| *one == folder) {
            Some((_, heeded)) => *heeded |= is_heeded,
            None => all.push((folder, is_heeded)),
        }
    }
    if all.len() > 1 {
        event
            .unclear
            .push("something of which several fields say different folders".to_owned());
    }
    let is_heeded = all.iter().any(|(_, heeded)| *heeded);
    let mut folders = all.into_iter().map(|(folder, _)| folder);
    if is_heeded || event.folder.is_none() {
        event.folder = folders.next().or(event.folder.take());
    }
    let here = event.folder.clone();
    event
        .folders
        .extend(folders.filter(|folder| here.as_ref() != Some(folder)));
}

/// The command line that does the same as Kiro's tool for AWS.
fn aws(input: &Value) -> Result<String, String> {
    let word = |field: &str| input[field].as_str();
    let (service, operation) = word("service_name")
        .zip(word("operation_name"))
        .ok_or("its event names no operation of AWS")?;
    let mut line = format!("aws {} {}", quoted(service), quoted(operation));
    for (field, option) in [("region", "--region"), ("profile_name", "--profile")] {
        if let Some(value) = word(field) {
            line.push_str(&format!(" {option} {}", quoted(value)));
        }
    }
    for (name, value) in input["parameters"].as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        line.push_str(&format!(" {} {}", quoted(&format!("--{name}")), quoted(&value)));
    }
    Ok(line)
}
