//! Commands of the clients of databases themselves, which stand among the SQL: some run a shell, some read a file of more SQL.
//!
//! Source: "psql" in PostgreSQL's documentation, "Meta-Commands"; "Command Line Shell For SQLite"; "mysql Client Commands" of MySQL's manual.

use super::data;
use crate::sql;
use crate::walk::{UNKNOWN, Walker};

/// Files that are read on behalf of one text: each once, since the same statements do the same again.
const FILES: usize = 32;

/// Looks into a line; gives whether it is the client's alone, and no SQL.
pub fn line(walker: &mut Walker<'_>, line: &str, told: &[&str], in_file: bool, seen: &mut Vec<String>) -> bool {
    let trimmed = line.trim_start();
    let first = trimmed.split_whitespace().next().unwrap_or_default();
    let is_alone = trimmed.starts_with(['\\', '.', '!']) || matches!(first, "system" | "source" | "pager");
    let command = if is_alone {
        trimmed
    } else {
        // One of psql may also stand behind a statement. A text in quotes may look like it, so the line counts as SQL all the same.
        match trimmed.find(" \\").or_else(|| trimmed.find(";\\")) {
            Some(at) => &trimmed[at + 1..],
            None => return false,
        }
    };
    let (name, rest) = command
        .split_once(char::is_whitespace)
        .map_or((command, ""), |(name, rest)| (name, rest.trim()));
    let plain = name.trim_start_matches(['\\', '.']);
    if let Some(glued) = plain.strip_prefix('!') {
        runs(walker, &format!("{glued} {rest}"));
    }
    match plain {
        "shell" | "system" | "pager" | "P" => runs(walker, rest),
        "copy" => sql::program(command).iter().for_each(|shell| runs(walker, shell)),
        "gexec" => walker.unknown("statements that a query makes"),
        "i" | "ir" | "include" | "include_relative" | "read" | "source" | "" if !rest.starts_with('|') => {
            reads(walker, rest, told, in_file, seen);
        }
        _ => {}
    }
    if matches!(
        plain,
        "o" | "out" | "g" | "gx" | "w" | "write" | "read" | "output" | "once" | "import"
    ) && let Some((_, shell)) = rest.split_once('|')
    {
        runs(walker, shell.trim_end_matches('"'));
    }
    // psql gives what stands between these to a shell.
    if command.starts_with('\\') {
        command
            .split('`')
            .skip(1)
            .step_by(2)
            .for_each(|shell| runs(walker, shell));
    }
    is_alone
}

fn runs(walker: &mut Walker<'_>, shell: &str) {
    if !shell.trim().is_empty() {
        walker.shell(shell, "what a client of a database runs", None);
    }
}

/// A file of SQL that is named in it.
fn reads(walker: &mut Walker<'_>, file: &str, told: &[&str], in_file: bool, seen: &mut Vec<String>) {
    let file = file.trim_end_matches(';').trim().trim_matches(['\'', '"']);
    let path = walker.path(file);
    if path.as_ref().is_some_and(|path| seen.contains(path)) {
        return;
    }
    let text = path.as_ref().and_then(|path| walker.read(path));
    match (text, path) {
        (Some(text), Some(path)) if seen.len() < FILES => {
            seen.push(path);
            data::nested_sql(walker, &text, told, in_file, seen);
        }
        _ => data::sql(walker, &UNKNOWN.to_string(), told, in_file),
    }
}
