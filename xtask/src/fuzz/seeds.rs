//! Inputs that fuzzing begins with: the guard's corpus, the recorded events of agents, and the few in `fuzz/seeds`.

use crate::guard_corpus;
use crate::shell::{self, Result};
use std::path::Path;

/// The folders of recorded events, in the order of the letters that choose an agent (`fuzz/src/hooks.rs`).
const AGENTS: [&str; 7] = [
    "claude-code",
    "codex",
    "gemini",
    "copilot",
    "cursor",
    "kiro",
    "kiro-ide",
];
/// Words that a statement of SQL begins with.
const STATEMENTS: [&str; 12] = [
    "SELECT", "DROP", "DELETE", "UPDATE", "ALTER", "BEGIN", "TRUNCATE", "INSERT", "CREATE", "COPY", "WITH", "GRANT",
];
/// Bytes of the long ones, about.
const LONG: [usize; 3] = [16 * 1024, 64 * 1024, 120 * 1024];

/// Writes them all anew, a folder for each target.
pub fn write(folder: &Path) -> Result<()> {
    shell::remove_folder(folder)?;
    let commands: Vec<Vec<u8>> = guard_corpus::read()?
        .into_iter()
        .map(|one| one.command.into_bytes())
        .collect();
    let statements = statements(&commands);
    put(folder, "shell", &commands, &many(&commands, b"\n"))?;
    put(folder, "sql", &statements, &many(&statements, b";\n"))?;
    // Events in a row are none: a long one is one with a long line.
    let lines = many(&commands, b"\n").into_iter().zip(b'a'..);
    let long = lines.map(|(line, letter)| [&[letter], line.as_slice()].concat());
    put(folder, "hooks", &events()?, &long.collect::<Vec<_>>())?;
    for target in ["plans", "edits"] {
        let given = shell::files(&shell::root().join("fuzz/seeds").join(target))?;
        let texts = given.iter().map(|path| bytes(path)).collect::<Result<Vec<_>>>()?;
        put(folder, target, &texts, &many(&texts, b"\n"))?;
    }
    Ok(())
}

/// Statements that stand in quotes in a line of the corpus.
fn statements(commands: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for command in commands {
        let command = String::from_utf8_lossy(command);
        for quote in ['\'', '"'] {
            let inside = command.split(quote).skip(1).step_by(2).filter(|text| {
                let upper = text.trim_start().to_uppercase();
                STATEMENTS.iter().any(|word| upper.starts_with(word))
            });
            all.extend(inside.map(|text| text.as_bytes().to_vec()));
        }
    }
    all
}

/// Recorded events with the letter of their agent, and for each agent a line of a shell.
fn events() -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for (agent, letter) in AGENTS.into_iter().zip(b'A'..) {
        let folder = shell::root().join("crates/guard/tests/contracts").join(agent);
        for path in shell::files(&folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(".json") && !name.contains("answer") {
                all.push([&[letter], bytes(&path)?.as_slice()].concat());
            }
        }
        all.push([&[letter.to_ascii_lowercase()], &b"git reset --hard"[..]].concat());
    }
    Ok(all)
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

/// Some long ones, each of which is many of them in a row: it begins elsewhere, and takes every so many.
fn many(texts: &[Vec<u8>], between: &[u8]) -> Vec<Vec<u8>> {
    let one = |(at, bytes): (usize, usize)| {
        let mut long = Vec::new();
        for text in texts.iter().cycle().skip(at * 7).step_by(at * 2 + 1) {
            if long.len() >= bytes {
                break;
            }
            long.extend_from_slice(text);
            long.extend_from_slice(between);
        }
        long
    };
    LONG.into_iter().enumerate().map(one).collect()
}

/// Writes a file for each, and the long ones for runs of their own.
fn put(folder: &Path, target: &str, texts: &[Vec<u8>], long: &[Vec<u8>]) -> Result<()> {
    for (name, texts) in [(target.to_owned(), texts), (format!("{target}-long"), long)] {
        let folder = folder.join(name);
        shell::make_folder(&folder)?;
        for (at, text) in texts.iter().enumerate() {
            let path = folder.join(at.to_string());
            std::fs::write(&path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        }
    }
    Ok(())
}
