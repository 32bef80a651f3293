//! Calls in a program of about any language, and the texts that stand in them.

use crate::walk::UNKNOWN;

/// Names that a Python program gives to modules and functions: `import subprocess as s`, `from os import remove as r`.
pub fn renamed(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for line in text.split(['\n', ';']).map(str::trim) {
        let (module, names) = match line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
            Some((module, names)) => (Some(module.trim()), names),
            None => match line.strip_prefix("import ") {
                Some(names) => (None, names),
                None => continue,
            },
        };
        for name in names.split(',') {
            if let Some((name, called)) = name.split_once(" as ") {
                let whole = module.map_or_else(|| name.trim().to_owned(), |module| format!("{module}.{}", name.trim()));
                all.push((called.trim_matches([' ', ')']).to_owned(), whole));
            }
        }
    }
    all
}

/// Names that a program in JavaScript gives to what it takes out of a module: `const { spawnSync: s } = require(…)`, `import { rm as r } from …`.
pub fn taken_apart(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for piece in text.split('{').skip(1) {
        let Some((inside, _)) = piece.split_once('}') else {
            continue;
        };
        if inside.len() > 400 {
            continue;
        }
        for part in inside.split(',') {
            let pair = part.split_once(':').or_else(|| part.split_once(" as "));
            if let Some((name, called)) = pair {
                let (name, called) = (name.trim(), called.trim());
                let is_name = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
                if is_name(name) && is_name(called) {
                    all.push((called.to_owned(), name.to_owned()));
                }
            }
        }
    }
    all
}

/// Whether a name was imported by itself: `from os import system`, `const { execSync } = require(…)`.
pub fn is_imported(text: &str, name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    text.contains(&format!("import {last}"))
        || text.contains(&format!(", {last}"))
        || text.contains(&format!("{{ {last}"))
        || text.contains(&format!("{{{last}"))
        || text.contains("import *")
}

/// A call: its name, and the texts that stand in its arguments.
pub struct Call {
    pub name: String,
    pub at: usize,
    pub arguments: String,
    pub texts: Vec<String>,
    /// Whether the first argument is nothing but a text (or a list of texts).
    pub is_plain: bool,
}

/// Calls in a program of about any language.
pub fn calls(text: &str) -> Vec<Call> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() && found.len() < 2_000 {
        let Some(open) = text[at..].find('(').map(|step| at + step) else {
            break;
        };
        let start = text[..open]
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))
            .map_or(0, |before| {
                before + text[before..].chars().next().map_or(1, char::len_utf8)
            });
        let name = text[start.min(open)..open].trim_matches(['.', '-']).to_owned();
        // `require("child_process").exec(…)`: what stands before the dot is a call.
        let dotted = text[start.min(open)..open].starts_with('.');
        if !name.is_empty() {
            let arguments = arguments_of(&text[open + 1..]);
            found.push(Call {
                name: if dotted { format!("_.{name}") } else { name },
                at: open,
                texts: texts_of(&arguments),
                is_plain: is_plain(&arguments),
                arguments,
            });
        }
        at = open + 1;
    }
    // Perl and Ruby call without brackets: `system "…"`, `unlink "…"`.
    for word in ["system", "exec", "unlink", "rmdir", "rm_rf", "qx", "popen"] {
        let mut from = 0;
        while let Some(step) = text[from..].find(word) {
            let end = from + step + word.len();
            let rest = text[end..].trim_start();
            let is_word = text[..from + step]
                .chars()
                .last()
                .is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '"' | '\'' | '-')));
            // `unlink glob("*")`, `unlink @files`: what goes is not told.
            let untold = word == "unlink" && (rest.starts_with(['@', '$', '<']) || rest.starts_with("glob"));
            if is_word && untold {
                found.push(Call {
                    name: word.to_owned(),
                    at: end,
                    arguments: String::new(),
                    is_plain: false,
                    texts: Vec::new(),
                });
            } else if is_word && (rest.starts_with(['"', '\'']) || word == "qx" && rest.starts_with(['{', '(', '/'])) {
                let line = rest.split([';', '\n']).next().unwrap_or(rest);
                let texts = if word == "qx" {
                    vec![line.trim_matches(['{', '}', '(', ')', '/']).to_owned()]
                } else {
                    texts_of(line)
                };
                found.push(Call {
                    name: word.to_owned(),
                    at: end,
                    arguments: line.to_owned(),
                    is_plain: word == "qx" || is_plain(line),
                    texts,
                });
            }
            from = end;
            if found.len() > 4_000 {
                break;
            }
        }
    }
    found
}

/// What stands between the brackets of a call.
pub fn arguments_of(text: &str) -> String {
    let (mut open, mut quote): (i32, Option<char>) = (1, None);
    let mut escaped = false;
    for (at, c) in text.char_indices().take(4_096) {
        if escaped {
            escaped = false;
            continue;
        }
        match (quote, c) {
            (_, '\\') => escaped = true,
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(') => open += 1,
            (None, ')') => {
                open -= 1;
                if open == 0 {
                    return text[..at].to_owned();
                }
            }
            _ => {}
        }
    }
    text.chars().take(4_096).collect()
}

/// Texts in quotes.
pub fn texts_of(text: &str) -> Vec<String> {
    let (mut found, mut current, mut quote): (Vec<String>, String, Option<char>) = (Vec::new(), String::new(), None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None => {}
            Some(mark) if c == mark => {
                found.push(std::mem::take(&mut current));
                quote = None;
            }
            Some(_) if c == '\\' => match chars.next() {
                Some('n') => current.push('\n'),
                Some(next) => current.push(next),
                None => {}
            },
            Some(_) => current.push(c),
        }
    }
    found
}

/// Whether the first argument is a text, or a list of texts, and nothing is put into it.
pub fn is_plain(arguments: &str) -> bool {
    let trimmed = arguments.trim_start();
    if trimmed.contains(UNKNOWN) {
        return false;
    }
    let is_text = trimmed.starts_with(['"', '\'', '`'])
        || trimmed.starts_with("r\"")
        || trimmed.starts_with("r'")
        || trimmed.starts_with("b\"")
        || trimmed.starts_with("b'");
    let is_list = trimmed.starts_with('[') || trimmed.starts_with('(');
    if !is_text && !is_list {
        return false;
    }
    let interpolates =
        trimmed.contains("${") || trimmed.contains("#{") || trimmed.contains('%') && trimmed.contains("\" %");
    // What follows a text may add to it.
    let mut rest = trimmed;
    let mut quote: Option<char> = None;
    let mut outside = String::new();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match quote {
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None => outside.push(c),
            Some(mark) if c == mark => quote = None,
            Some(_) => {}
        }
    }
    let first = if is_list {
        outside.split([']', ')']).next().unwrap_or_default().to_owned()
    } else {
        outside.split(',').next().unwrap_or_default().to_owned()
    };
    let joins = first.contains('+')
        || first.contains(".format")
        || first.chars().any(|c| c.is_alphabetic() && !matches!(c, 'r' | 'b'));
    !interpolates && !joins
}
