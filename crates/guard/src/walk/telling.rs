//! How commands and texts are told in words, and who reads what they print.

use super::{Arg, FROM_KEYS, FROM_NAME, UNKNOWN};
use crate::shell::tree::{Command, Kind, Part, Word};

/// Whether what a command reads is in what it prints: who reads the one reads the other.
pub(super) fn passes_on(command: &Command) -> bool {
    const FILTERS: [&str; 25] = [
        "cat", "head", "tail", "grep", "egrep", "fgrep", "rg", "sed", "awk", "cut", "sort", "uniq", "tr", "less",
        "more", "jq", "yq", "base64", "xxd", "od", "strings", "rev", "tac", "tee", "column",
    ];
    let Kind::Simple(simple) = &command.kind else {
        return true;
    };
    let name = simple.words.first().and_then(Word::literal);
    name.is_none_or(|name| FILTERS.contains(&name.rsplit('/').next().unwrap_or(&name)))
}

/// Whether somebody sits before what is written to.
pub(super) fn is_terminal(target: &Arg) -> bool {
    matches!(target.text.as_str(), "/dev/stdout" | "/dev/stderr" | "/dev/tty")
}

/// What a command is, in a word.
pub(super) fn described(command: &Command) -> String {
    match &command.kind {
        Kind::Simple(simple) => {
            let words: Vec<String> = simple.words.iter().filter_map(|word| word.literal()).take(12).collect();
            format!("what `{}` gives", words.join(" "))
        }
        _ => "what comes before it".to_owned(),
    }
}

/// Arguments as a shell would read them again.
pub fn quoted(args: &[Arg]) -> String {
    let one = |arg: &Arg| format!("'{}'", arg.text.replace('\'', "'\\''"));
    args.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// A text for a sentence: what is not told is an ellipsis, and it is not longer than a line.
pub fn shown(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !matches!(*c, FROM_KEYS | FROM_NAME))
        .map(|c| {
            if c == UNKNOWN {
                '…'
            } else if c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect();
    if text.chars().count() > 80 {
        let start: String = text.chars().take(77).collect();
        format!("{start}…")
    } else {
        text
    }
}

/// Whether a command is nothing but redirections.
pub(super) fn is_bare(command: &Command) -> bool {
    matches!(&command.kind, Kind::Simple(simple) if simple.words.is_empty() && simple.assignments.is_empty())
}

/// Whether a command is `exec` without a program: its redirections stay.
pub(super) fn is_exec_alone(command: &Command) -> bool {
    matches!(&command.kind, Kind::Simple(simple) if simple.words.len() == 1 && simple.words[0].literal().as_deref() == Some("exec"))
}

/// Whether a word is a program that reads or writes: `>(…)`.
pub(super) fn is_process(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [Part::Process(_)])
}
