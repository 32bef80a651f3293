//! What the tools of agents are called, and what their fields say.

use serde_json::Value;

use super::{Event, text};
use crate::{Edit, sql};

/// The input of a tool: an object, or a text of JSON that holds one. A patch may be the text itself.
///
/// # Errors
/// When it is a text of something else.
pub fn input(tool: &str, given: &Value) -> Result<Value, String> {
    match given {
        Value::String(inner) => match serde_json::from_str(inner) {
            Ok(value) => Ok(value),
            Err(_) if is_patch(&tool.to_lowercase()) => Ok(given.clone()),
            Err(error) => Err(format!("the input of `{tool}` is no JSON: {error}")),
        },
        other => Ok(other.clone()),
    }
}

fn is_patch(tool: &str) -> bool {
    matches!(tool, "apply_patch" | "applypatch")
}

/// What a tool is about to do: its names and fields, as the agents have them.
///
/// # Errors
/// When it is a tool that matters, and does not say what it does.
pub fn read(event: &mut Event, tool: &str, input: &Value) -> Result<(), String> {
    match tool.to_lowercase().as_str() {
        "bash" | "shell" | "exec_command" | "local_shell" | "run_shell_command" | "run_terminal_cmd"
        | "execute_bash" | "executebash" | "execute_cmd" | "powershell" | "execute_pwsh" | "terminal" => {
            event.command = Some(line(input)?);
            enter(event, input);
        }
        // These start something, or look after what was started.
        "monitor" | "control_bash_process" | "control_pwsh_process" => {
            event.command = line(input).ok();
            enter(event, input);
        }
        "use_aws" => event.command = Some(aws(input)?),
        "write"
        | "write_file"
        | "create"
        | "edit"
        | "multiedit"
        | "replace"
        | "str_replace"
        | "fs_write"
        | "fswrite"
        | "notebookedit"
        | "edit_file"
        | "create_file"
        | "strreplace"
        | "fsreplace"
        | "fs_append"
        | "fsappend"
        | "str_replace_editor"
        | "str_replace_based_edit_tool" => {
            // One of these also shows files.
            if input["command"] == "view" {
                event.other = Some(tool.to_owned());
                return Ok(());
            }
            event.edits.extend(edits(&path(input)?, input));
        }
        "delete" | "delete_file" | "deletefile" => {
            event.command = Some(format!("rm -f -- {}", quoted(&path(input)?)));
        }
        name if is_patch(name) => {
            let patch = match input {
                Value::String(patch) => patch.clone(),
                _ => text(input, &["command", "patch", "input"]).ok_or("its event holds no patch")?,
            };
            event.edits.extend(patched(&patch));
        }
        _ => other(event, tool, input),
    }
    Ok(())
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The line that goes to a shell.
fn line(input: &Value) -> Result<String, String> {
    match &input["command"] {
        Value::String(line) => Ok(line.clone()),
        // Some give a program and its arguments.
        Value::Array(words) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            Ok(match words.ok_or("its command is no list of texts")?.as_slice() {
                ["bash" | "sh" | "zsh" | "/bin/bash" | "/bin/sh", "-c" | "-lc", line] => (*line).to_owned(),
                words => words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "),
            })
        }
        _ => text(input, &["cmd", "script", "input"]).ok_or_else(|| "its event holds no command".to_owned()),
    }
}

/// Where it runs, where the tool says so.
fn enter(event: &mut Event, input: &Value) {
    if let Some(folder) = text(input, &["workdir", "working_directory", "cwd", "dir_path", "directory"]) {
        event.folder = Some(match &event.folder {
            Some(above) => crate::surroundings::resolved(&folder, above, "/"),
            None => folder,
        });
    }
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
        line.push_str(&format!(" --{name} {}", quoted(&value)));
    }
    Ok(line)
}

/// Tools that servers of the Model Context Protocol bring have whatever fields they like; these have names that say what they are.
fn other(event: &mut Event, tool: &str, input: &Value) {
    if let Some(statement) = text(input, &["sql", "query", "statement"]).filter(|text| !sql::effects(text).is_empty()) {
        event.queries.push((statement, tool.to_owned()));
    } else if is_foreign(tool) && input["command"].is_string() {
        event.command = text(input, &["command"]);
        enter(event, input);
    } else {
        event.other = Some(tool.to_owned());
    }
}

/// Whether a tool is one of a server's: `mcp__server__tool`, `mcp_server_tool`, `@server/tool`, `MCP:tool`.
fn is_foreign(tool: &str) -> bool {
    let lower = tool.to_lowercase();
    lower.starts_with("mcp_") || lower.starts_with("mcp:") || lower.starts_with('@')
}

fn path(input: &Value) -> Result<String, String> {
    const NAMES: [&str; 7] = [
        "file_path",
        "path",
        "filePath",
        "target_file",
        "notebook_path",
        "targetFile",
        "filename",
    ];
    text(input, &NAMES).ok_or_else(|| "its event names no file".to_owned())
}

fn edits(path: &str, input: &Value) -> Vec<Edit> {
    let of = |value: &Value| Edit {
        path: path.to_owned(),
        before: text(value, &["old_string", "old_str", "oldStr", "old_text"]),
        after: text(
            value,
            &[
                "new_string",
                "new_str",
                "newStr",
                "new_text",
                "content",
                "contents",
                "file_text",
                "text",
                "new_source",
            ],
        )
        .unwrap_or_default(),
    };
    match input["edits"].as_array() {
        Some(all) => all.iter().map(of).collect(),
        None => vec![of(input)],
    }
}

/// Files of a patch as Codex writes it: `*** Update File: path`, and `*** Move to: path` for what is called otherwise from then on. Codex takes
/// headers with blanks before them, too.
///
/// Source: `apply_patch_tool_instructions.md` and the parser of Codex CLI.
fn patched(patch: &str) -> Vec<Edit> {
    let mut all: Vec<Edit> = Vec::new();
    for line in patch.lines() {
        let header = line.trim_start();
        let file = [
            "*** Update File: ",
            "*** Add File: ",
            "*** Delete File: ",
            "*** Move to: ",
        ]
        .iter()
        .find_map(|start| header.strip_prefix(start));
        if let Some(path) = file {
            all.push(Edit {
                path: path.trim().to_owned(),
                before: (!header.starts_with("*** Delete")).then(String::new),
                after: String::new(),
            });
            continue;
        }
        let Some(edit) = all.last_mut() else { continue };
        let (before, after) = (edit.before.get_or_insert_default(), &mut edit.after);
        match line.chars().next() {
            Some('+') => {
                after.push_str(&line[1..]);
                after.push('\n');
            }
            Some('-') => {
                before.push_str(&line[1..]);
                before.push('\n');
            }
            _ => {}
        }
    }
    all
}
