//! Editors, archivers and shells of other systems: what they run or delete by commands of their own.

use super::calls::texts_of;
use super::languages::Language;
use super::look;
use crate::commands::options::Options;
use crate::effect::{Effect, EffectKind, Reach, Reversible};
use crate::walk::{Input, Run, Walker, shown};

pub fn sed(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-e", "-f", "--expression", "--file"]);
    let scripts: Vec<String> = options
        .values(&["-e", "--expression"])
        .map(str::to_owned)
        .chain((!options.has(&["-e", "-f", "--expression", "--file"])).then(|| options.operand(0).to_owned()))
        .collect();
    for script in scripts {
        started_by_sed(walker, &script);
    }
}

/// What GNU's `sed` runs: `1e command`, and what `s` makes where its flag is `e`.
pub fn started_by_sed(walker: &mut Walker<'_>, script: &str) {
    for line in script.split([';', '\n']).map(str::trim) {
        let command = line
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '$')
            .strip_prefix("e ");
        if let Some(command) = command.map(str::to_owned) {
            walker.shell(&command, "what `sed` runs", None);
        }
    }
    if let Some(made) = substituted_and_run(script) {
        // What it makes may be all that is run, or the rest of the line stands around it.
        walker.shell(&made, "what `sed` runs", None);
        walker.unknown("lines that `sed` makes of what it reads, as commands");
    }
}

/// What `s/…/…/e` puts in place.
fn substituted_and_run(script: &str) -> Option<String> {
    let at = script.find('s')?;
    let mark = script[at + 1..]
        .chars()
        .next()
        .filter(|c| !c.is_alphanumeric() && !c.is_whitespace())?;
    let mut parts = script[at + 1 + mark.len_utf8()..].split(mark);
    let (_, made, flags) = (parts.next()?, parts.next()?, parts.next()?);
    let flags = flags.split([';', '}', '\n', ' ']).next().unwrap_or(flags);
    (flags.contains('e') && flags.chars().all(|c| c.is_ascii_digit() || "gpiIeMm".contains(c))).then(|| made.to_owned())
}

pub fn editor(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    // `vim -es` says nothing on the screen; `vim -s FILE` reads what somebody typed.
    let in_ex_mode = name == "ex"
        || run
            .args
            .iter()
            .any(|arg| matches!(arg.text.as_str(), "-es" | "-e" | "-E" | "-Es"));
    let valued: &[&str] = if in_ex_mode {
        &["-c", "--cmd", "-S", "--eval", "-l"]
    } else {
        &["-c", "--cmd", "-s", "-S", "--eval", "-l"]
    };
    let options = Options::of(run.args, valued);
    let commands: Vec<String> = options
        .values(&["-c", "--cmd", "--eval"])
        .map(str::to_owned)
        .chain(
            options
                .operands
                .iter()
                .filter_map(|arg| arg.text.strip_prefix('+'))
                .map(str::to_owned),
        )
        .collect();
    for text in commands {
        if let Some(command) = text.trim_start_matches(':').strip_prefix('!').or_else(|| {
            text.split("!")
                .nth(1)
                .filter(|_| text.contains("r !") || text.contains("silent !"))
        }) {
            let command = command.to_owned();
            walker.shell(&command, &format!("what `{name}` runs"), None);
        } else if text.contains("delete(")
            || text.contains("system(")
            || text.contains("shell-command")
            || text.contains("delete-directory")
        {
            look(walker, &LUA_AND_VIM, &text, true);
            spoken_in_lisp(walker, &text);
        }
    }
}

/// `(delete-directory "x" t)`, `(shell-command "x")`.
fn spoken_in_lisp(walker: &mut Walker<'_>, text: &str) {
    for piece in text.split('(').skip(1) {
        let name = piece.split_whitespace().next().unwrap_or_default();
        let Some(first) = texts_of(piece).into_iter().next() else {
            continue;
        };
        match name {
            "delete-directory" | "delete-file" => {
                let effect = crate::commands::files::deletion(
                    walker,
                    &first,
                    name == "delete-directory",
                    false,
                    EffectKind::Delete,
                );
                if let Some(effect) = effect {
                    walker.effect(effect);
                }
            }
            "shell-command" | "shell-command-to-string" | "async-shell-command" | "call-process-shell-command" => {
                walker.shell(&first, "what `emacs` runs", None);
            }
            _ => {}
        }
    }
}

static LUA_AND_VIM: Language = Language {
    shells: &["system", "shell-command", "os.execute"],
    programs: &[],
    trees: &["delete", "delete-directory"],
    files: &["delete-file"],
    evaluates: &[],
};

/// Options of other programs that run a command.
pub fn helpers(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    for (at, arg) in run.args.iter().enumerate() {
        let text = arg.text.as_str();
        let command = text
            .strip_prefix("--checkpoint-action=exec=")
            .or_else(|| text.strip_prefix("--to-command="))
            .or_else(|| text.strip_prefix("--use-compress-program="))
            .or_else(|| text.strip_prefix("--unzip-command="))
            .or_else(|| text.strip_prefix("-TT="))
            .or_else(|| {
                let takes_one = match name {
                    "tar" | "bsdtar" => matches!(text, "-I" | "--to-command" | "--use-compress-program"),
                    "zip" => text == "-TT",
                    "tcpdump" => text == "-z",
                    _ => false,
                };
                takes_one
                    .then(|| run.args.get(at + 1).map(|arg| arg.text.as_str()))
                    .flatten()
            });
        if let Some(command) = command.map(str::to_owned) {
            // It reads what is in the archive.
            let feeds = text.starts_with("--to-command");
            let before = feeds.then(|| run.input.clone());
            if feeds {
                walker.feed(Input::Unknown("what the archive holds".to_owned()));
            }
            walker.shell(&command, &format!("what `{name}` runs"), None);
            if let Some(before) = before {
                walker.feed(before);
            }
        }
    }
    let options = Options::of(run.args, &["-f", "--file", "-C", "--directory", "-X", "--exclude"]);
    if matches!(name, "tar" | "bsdtar") {
        let extracts = options.has(&["-x", "--extract", "--get"])
            || run
                .args
                .first()
                .is_some_and(|arg| !arg.text.starts_with('-') && arg.text.contains('x'));
        if extracts && let Some(folder) = options.value(&["-C", "--directory"]) {
            let folder = folder.to_owned();
            crate::commands::files::unpacked(walker, &folder);
        }
        if options.has(&["--remove-files"]) {
            for operand in options.operands.iter().map(|arg| arg.text.clone()).collect::<Vec<_>>() {
                if let Some(effect) =
                    crate::commands::files::deletion(walker, &operand, true, false, EffectKind::Delete)
                {
                    walker.effect(effect);
                }
            }
        }
    }
}

/// PowerShell and its like: their own verbs for deleting.
pub fn windows(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let joined = run
        .args
        .iter()
        .map(|arg| arg.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let lower = joined.to_lowercase();
    let grave = [
        "remove-item",
        "rd /s",
        "rmdir /s",
        "del /s",
        "del /f",
        "format-volume",
        "clear-disk",
        "stop-computer",
        "restart-computer",
        "invoke-expression",
        "iex ",
        "-encodedcommand",
        "-enc ",
        "remove-database",
        "clear-content",
        "format c:",
        "remove-aduser",
        "empty trash",
        "do shell script",
        "delete every",
    ];
    if let Some(word) = grave.iter().find(|word| lower.contains(**word)) {
        let known = [
            "remove-item",
            "rd /s",
            "rmdir /s",
            "del /s",
            "del /f",
            "clear-content",
            "empty trash",
            "delete every",
        ]
        .contains(word);
        let effect = if known {
            Effect::new(
                EffectKind::Delete,
                format!("what `{}` names", shown(&joined)),
                Reversible::No,
                Reach::Workspace,
            )
        } else {
            Effect::new(
                EffectKind::Unknown,
                format!("`{name} {}`", shown(&joined)),
                Reversible::No,
                Reach::Machine,
            )
        };
        walker.effect(effect);
    }
}
