//! Commands and variables of shells that run something by the way: places in arrays, other names for programs, what starts before a program.

use super::paths::{PathKind, kind};
use crate::walk::{Run, Walker, shown};

/// Tells what these run.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>) {
    match run.name {
        "declare" | "typeset" | "local" | "readonly" | "export" | "read" | "mapfile" | "readarray" | "unset" => {
            for arg in run.args {
                walker.located(&arg.text);
                if let Some((name, value)) = arg.text.split_once('=') {
                    walker.assigned(name, value);
                }
            }
        }
        "let" => run.args.iter().for_each(|arg| walker.counted(&arg.text)),
        "test" | "[" => {
            let words: Vec<String> = run.args.iter().map(|arg| arg.text.clone()).collect();
            walker.tested(&words);
        }
        "printf" if run.args.first().is_some_and(|arg| arg.text == "-v") => {
            if let Some(name) = run.args.get(1) {
                walker.located(&name.text);
            }
        }
        "hash" => {
            let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
            if let ["-p", program, name, ..] = words.as_slice() {
                walker.link(program, name);
            }
        }
        "enable" if run.args.iter().any(|arg| arg.text.starts_with("-f")) => {
            walker.unknown("a library that a shell takes its commands from");
        }
        _ => {}
    }
    option(walker, run);
    for (name, value) in run.variables {
        started(walker, run, name, value.as_deref().unwrap_or_default());
    }
}

/// Options by which programs whose words are else names and texts run a command.
fn option(walker: &mut Walker<'_>, run: &Run<'_>) {
    let names: &[&str] = match run.name {
        "rg" => &["--pre"],
        "man" => &["-P", "--pager"],
        "fzf" => &["--preview"],
        "bat" | "batcat" => &["--pager"],
        _ => return,
    };
    let mut values: Vec<String> = Vec::new();
    for (at, arg) in run.args.iter().enumerate() {
        let glued = arg.text.split_once('=').filter(|(name, _)| names.contains(name));
        if let Some((_, value)) = glued {
            values.push(value.to_owned());
        } else if names.contains(&arg.text.as_str()) {
            values.extend(run.args.get(at + 1).map(|arg| arg.text.clone()));
        }
    }
    for value in values {
        walker.shell(&value, &format!("what `{}` is told to start", run.name), None);
    }
}

/// Variables that name what starts before or beside a program.
fn started(walker: &mut Walker<'_>, run: &Run<'_>, name: &str, value: &str) {
    match name {
        "LESSOPEN" | "LESSCLOSE" => {
            let command = value.trim_start_matches(['|', '-']);
            walker.shell(command, &format!("what `{}` starts for each file", run.name), None);
        }
        "PYTHONSTARTUP" => loaded(walker, run, value),
        "NODE_OPTIONS" => {
            let mut words = value.split([' ', '=']).filter(|word| !word.is_empty());
            while let Some(word) = words.next() {
                if matches!(
                    word,
                    "-r" | "--require" | "--import" | "--loader" | "--experimental-loader"
                ) && let Some(file) = words.next()
                {
                    loaded(walker, run, file.trim_start_matches("file://"));
                }
            }
        }
        "RUBYOPT" | "PERL5OPT" if value.contains(['(', ';', '/']) => {
            walker.unknown(format!("`{}` with a program in `{name}`", shown(run.program)));
        }
        _ => {}
    }
}

/// A file that is run before the program: one of the repository is as good as what the program itself runs.
fn loaded(walker: &mut Walker<'_>, run: &Run<'_>, file: &str) {
    let is_path = file.contains('/') || file.contains('.');
    let is_made = walker.path(file).is_some_and(|path| walker.is_made_here(&path));
    let is_foreign = is_path && matches!(kind(walker, file), PathKind::Temporary | PathKind::AllTemporary);
    if is_made || is_foreign {
        walker.unknown(format!("`{}`, and `{}` before it", shown(run.program), shown(file)));
    }
}
