//! Tools that nobody told us of: those that servers of the Model Context Protocol bring, and those that agents have added since. They have whatever
//! fields they like; these have names that say what they are.

use serde_json::Value;

use super::Event;
use super::fields::{self, PATHS, Way, quoted};
use super::tools::{self, Told};
use crate::verification::Guarded;
use crate::{Edit, sql};

/// Tools of agents that show something or talk, and have fields which are called like those of a shell.
const HARMLESS: [&str; 39] = [
    "read",
    "grep",
    "glob",
    "ls",
    "task",
    "agent",
    "todowrite",
    "webfetch",
    "websearch",
    "skill",
    "slashcommand",
    "view",
    "fs_read",
    "fsread",
    "read_file",
    "readfile",
    "read_many_files",
    "list_directory",
    "list_dir",
    "search_file_content",
    "grep_search",
    "file_search",
    "codebase_search",
    "web_fetch",
    "web_search",
    "google_web_search",
    "save_memory",
    "update_plan",
    "report_intent",
    "ask_user",
    "askuserquestion",
    "exitplanmode",
    "read_bash",
    "stop_bash",
    "knowledge",
    "todo_list",
    "thinking",
    "introspect",
    "report_issue",
];
/// Words by which the name of a tool says that it writes.
const WRITING: [&str; 22] = [
    "write",
    "edit",
    "create",
    "move",
    "delete",
    "rename",
    "append",
    "replace",
    "insert",
    "copy",
    "save",
    "put",
    "patch",
    "remove",
    "update",
    "relocate",
    "apply",
    "modify",
    "overwrite",
    "push",
    "unlink",
    "upload",
];
/// Fields that name where something goes.
const TARGETS: [&str; 13] = [
    "destination",
    "dest",
    "destination_path",
    "destinationPath",
    "dest_path",
    "new_path",
    "newPath",
    "target",
    "target_path",
    "targetPath",
    "to",
    "output_path",
    "outputPath",
];
/// Fields that name what moves.
const SOURCES: [&str; 10] = [
    "source",
    "src",
    "source_path",
    "sourcePath",
    "old_path",
    "oldPath",
    "from",
    "path",
    "file_path",
    "filePath",
];

/// What such a tool is about to do, as far as its fields say.
///
/// # Errors
/// When its command is a list of something else than texts.
pub fn read(event: &mut Event, told: &Told<'_>) -> Result<(), String> {
    let (tool, input) = (told.tool, told.input);
    let lower = tool.to_lowercase();
    let is_foreign = told.is_foreign || is_foreign(&lower);
    for statement in fields::texts(input, &["sql", "query", "statement", "queries", "statements"]) {
        if !sql::effects(&statement).is_empty() {
            event.queries.push((statement, tool.to_owned()));
        }
    }
    if is_foreign || !HARMLESS.contains(&lower.as_str()) {
        runs(event, told)?;
        writes(event, &words_of(tool), input);
    }
    if event.command.is_none() && event.edits.is_empty() && event.queries.is_empty() && event.lines.is_empty() {
        event.other = Some(tool.to_owned());
    }
    Ok(())
}

/// Whether a tool is one of a server's: `mcp__server__tool`, `mcp_server_tool`, `@server/tool`, `MCP:tool`.
fn is_foreign(lower: &str) -> bool {
    lower.starts_with("mcp_") || lower.starts_with("mcp:") || lower.starts_with('@')
}

/// What its fields would have run: lines, a program with its arguments beside it, and code.
fn runs(event: &mut Event, told: &Told<'_>) -> Result<(), String> {
    let input = told.input;
    let mut lines = fields::lines(
        input,
        &[
            "command",
            "cmd",
            "script",
            "shell_command",
            "commandLine",
            "command_line",
            "CommandLine",
        ],
    )?;
    let arguments = ["args", "arguments", "argv"]
        .iter()
        .find_map(|name| match &input[*name] {
            Value::String(text) => Some(text.clone()),
            value => fields::line(value).ok().flatten(),
        });
    if let (Some(arguments), [program]) = (arguments, lines.as_slice()) {
        lines = vec![format!("{program} {arguments}")];
    }
    fields::take(event, lines);
    for code in fields::texts(input, &["code", "python", "javascript"]) {
        let as_code = ["python3 -c", "node -e"].map(|program| format!("{program} {}", quoted(&code)));
        // What is judged is shown, too.
        event
            .lines
            .extend(event.command.clone().filter(|_| event.lines.is_empty()));
        event.command = Some(match event.command.take() {
            Some(command) => format!("{command}\n{code}"),
            None => code,
        });
        event.lines.extend(as_code);
    }
    if event.command.is_some() {
        tools::enter(event, told);
    }
    Ok(())
}

/// A name in small letters, with its words apart: `renameFile` is `rename_file`.
fn words_of(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && words.ends_with(char::is_lowercase) {
            words.push('_');
        }
        words.extend(c.to_lowercase());
    }
    words
}

/// What its fields would write: files with their texts, patches, and files that are moved or deleted.
fn writes(event: &mut Event, lower: &str, input: &Value) {
    let verbs = ["action", "operation", "mode", "command"].map(|name| input[name].as_str().unwrap_or_default());
    let words: Vec<&str> = std::iter::once(lower)
        .chain(verbs)
        .flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric()))
        .collect();
    // `put` is in `output`, too; others begin longer words that mean the same: `writefile`.
    let is_named = |verbs: &[&str]| {
        words.iter().any(|word| {
            verbs
                .iter()
                .any(|verb| word == verb || verb.len() > 3 && word.starts_with(verb))
        })
    };
    let holds_text = ["content", "contents", "file_text", "edits"]
        .iter()
        .any(|name| !input[*name].is_null());
    for list in ["files", "changes", "operations"] {
        for one in input[list].as_array().into_iter().flatten() {
            if (is_named(&WRITING) || holds_text) && one.is_object() {
                writes(event, lower, one);
            }
        }
    }
    if !is_named(&WRITING) && !holds_text {
        return;
    }
    let targets = fields::texts(input, &TARGETS);
    let is_moving = is_named(&["move", "rename", "relocate"]);
    if is_moving || is_named(&["delete", "remove", "unlink"]) {
        for source in fields::texts(input, &SOURCES) {
            let lines: Vec<String> = match is_moving {
                true => targets
                    .iter()
                    .map(|target| format!("mv -- {} {}", quoted(&source), quoted(target)))
                    .collect(),
                false => vec![format!("rm -f -- {}", quoted(&source))],
            };
            if is_path(&source) {
                event.lines.extend(lines);
            }
        }
        if event.command.is_none() && !event.lines.is_empty() {
            event.command = Some(event.lines.join("\n"));
        }
    }
    let mut paths = fields::texts(input, &PATHS);
    paths.extend(targets.into_iter().filter(|target| is_path(target)));
    for name in ["diff", "patch"] {
        for text in fields::texts(input, &[name]) {
            tools::patched(event, &text);
        }
    }
    for path in paths {
        let says = [
            "content",
            "contents",
            "text",
            "edits",
            "file_text",
            "new_text",
            "newText",
            "new_string",
            "new_str",
        ];
        if says.iter().any(|name| !input[*name].is_null()) {
            event.edits.extend(fields::edits(&path, input, Way::Told));
        } else {
            // What it writes is not told; where it does is.
            event.edits.push(Edit {
                path,
                before: Some(String::new()),
                after: fields::texts(input, &["code", "data"]).concat(),
            });
        }
    }
}

/// Whether a text is the name of a file rather than of something else: it has a folder, an ending, or something to do with verification.
fn is_path(text: &str) -> bool {
    !text.contains("://") && (text.contains(['/', '.']) || Guarded::of(text).is_some())
}
