//! Programs that run another one on each of what they list or read: `xargs`, `parallel`, `find`.

use super::options::Options;
use super::wrappers::{after_options, joined};
use crate::effect::EffectKind;
use crate::walk::{Arg, Input, Run, UNKNOWN, Walker};

/// `xargs`: what it reads are arguments; where that cannot be told, they are unknown.
pub fn xargs(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let valued = [
        "-I",
        "-i",
        "-n",
        "-P",
        "-L",
        "-d",
        "-E",
        "-s",
        "-a",
        "-j",
        "--max-args",
        "--max-procs",
        "--replace",
        "--delimiter",
        "--arg-file",
        "--jobs",
    ];
    let mut rest = after_options(run.args, &valued, name);
    let options = Options::of(&run.args[..run.args.len() - rest.len()], &valued);
    // What is read may stand in a file.
    let from_file = options
        .value(&["-a", "--arg-file"])
        .map(|file| walker.content(&Arg::of(file)));
    let read = from_file.as_ref().unwrap_or(run.input);
    let mut given: Vec<Arg> = match read {
        Input::Known(text) => text.split_whitespace().map(Arg::of).collect(),
        _ => vec![Arg::of(&UNKNOWN.to_string())],
    };
    if name == "parallel"
        && let Some(at) = rest.iter().position(|arg| matches!(arg.text.as_str(), ":::" | "::::"))
    {
        if rest[at].text == ":::" {
            given = rest[at + 1..].to_vec();
        }
        rest = &rest[..at];
    }
    // The names that `find` or `git ls-files` prints lie where these look.
    if let Input::Unknown(from) = run.input
        && let Some(shown) = listed(from)
    {
        given = vec![Arg {
            text: shown,
            glob: true,
        }];
    }
    // To a text that a shell is given, names of the working tree are names, whatever they are.
    if let Input::Unknown(from) = run.input
        && rest
            .first()
            .is_some_and(|arg| matches!(arg.text.as_str(), "sh" | "bash" | "zsh"))
        && lists_the_tree(from)
    {
        given = vec![Arg {
            text: "./*".to_owned(),
            glob: true,
        }];
    }
    if rest.is_empty() {
        // Without a command each line is one to `parallel`; `xargs` prints them.
        match read {
            Input::Known(text) if name == "parallel" => {
                walker.shell(text, "what `parallel` reads", None);
            }
            Input::Unknown(from) if name == "parallel" => walker.unknown(format!("{from}, as commands")),
            _ => {}
        }
        return;
    }
    let placeholder = options
        .value(&["-I", "--replace"])
        .map(str::to_owned)
        .or_else(|| (options.has(&["-i"]) || name == "parallel").then(|| "{}".to_owned()));
    let mut args: Vec<Arg> = rest.to_vec();
    let replaced = match &placeholder {
        Some(mark) if args.iter().any(|arg| arg.text.contains(mark.as_str())) => {
            let value = if let [one] = given.as_slice() {
                one.clone()
            } else if given.len() <= EACH && given.iter().all(Arg::is_known) {
                each(walker, run, name, &args, mark, &given);
                return;
            } else {
                Arg::of(&UNKNOWN.to_string())
            };
            for arg in &mut args {
                if arg.text.contains(mark.as_str()) {
                    arg.glob |= value.glob;
                    arg.text = arg.text.replace(mark.as_str(), &value.text);
                }
            }
            true
        }
        _ => false,
    };
    if !replaced {
        args.extend(given);
    }
    walker.feed(Input::Nothing);
    if name == "parallel" {
        walker.shell(&joined(&args.iter().collect::<Vec<_>>()), "what `parallel` runs", None);
    } else {
        walker.run(&args, run.variables);
    }
    walker.feed(run.input.clone());
}

/// Values that are tried one by one.
const EACH: usize = 32;

/// Runs a command once for each value.
fn each(walker: &mut Walker<'_>, run: &Run<'_>, name: &str, args: &[Arg], mark: &str, given: &[Arg]) {
    walker.feed(Input::Nothing);
    for value in given {
        let args: Vec<Arg> = args
            .iter()
            .map(|arg| Arg {
                text: arg.text.replace(mark, &value.text),
                glob: arg.glob,
            })
            .collect();
        if name == "parallel" {
            walker.shell(&joined(&args.iter().collect::<Vec<_>>()), "what `parallel` runs", None);
        } else {
            walker.run(&args, run.variables);
        }
    }
    walker.feed(run.input.clone());
}

/// Names that a listing prints, as far as its command tells: `what `git ls-files …` gives`.
fn listed(from: &str) -> Option<String> {
    let words: Vec<&str> = from
        .strip_prefix("what `")?
        .strip_suffix("` gives")?
        .split(' ')
        .collect();
    match words.as_slice() {
        ["find", root, ..] if !root.starts_with('-') => {
            let name = words.windows(2).find(|pair| matches!(pair[0], "-name" | "-iname"));
            let name = name.map_or("*", |pair| pair[1]);
            Some(format!("{}/{name}", root.trim_end_matches('/')))
        }
        _ => None,
    }
}

/// Whether names that a program lists lie in the working tree.
fn lists_the_tree(from: &str) -> bool {
    let words: Vec<&str> = from
        .strip_prefix("what `")
        .and_then(|rest| rest.strip_suffix("` gives"))
        .map(|words| words.split(' ').collect())
        .unwrap_or_default();
    let leaves = words
        .iter()
        .any(|word| word.starts_with(['/', '~']) || word.contains(".."));
    let names_files = |word: &&str| {
        matches!(
            *word,
            "--name-only" | "--files" | "--files-with-matches" | "--files-without-match"
        ) || word.starts_with('-') && !word.starts_with("--") && word.contains(['l', 'L'])
    };
    let lists = match words.as_slice() {
        ["ls" | "fd" | "fdfind", ..] | ["git", "ls-files", ..] => true,
        ["git", "diff" | "grep", ..] | ["grep" | "rg" | "ag", ..] => words.iter().any(names_files),
        _ => false,
    };
    lists && !leaves
}

/// `find`: what it deletes or runs, on names that its tests let through.
pub fn find(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    if name != "find" {
        let Some(at) = texts
            .iter()
            .position(|text| matches!(*text, "-x" | "-X" | "--exec" | "--exec-batch"))
        else {
            return true;
        };
        let pattern = texts[..at]
            .iter()
            .find(|text| !text.starts_with('-'))
            .copied()
            .unwrap_or("*");
        found(walker, run, at + 1, run.args.len(), &[format!("./*{pattern}")], true);
        return true;
    }
    let first = texts
        .iter()
        .position(|text| text.starts_with(['-', '(', '!']))
        .unwrap_or(texts.len());
    let roots: Vec<&str> = if first == 0 { vec!["."] } else { texts[..first].to_vec() };
    let names: Vec<&str> = texts
        .windows(2)
        .filter(|pair| matches!(pair[0], "-name" | "-iname" | "-path" | "-ipath" | "-wholename"))
        .map(|pair| pair[1])
        .collect();
    let narrowed = texts.iter().any(|text| {
        matches!(
            *text,
            "-newer"
                | "-mtime"
                | "-atime"
                | "-ctime"
                | "-mmin"
                | "-size"
                | "-empty"
                | "-regex"
                | "-user"
                | "-perm"
                | "-maxdepth"
        )
    });
    let mut matched: Vec<String> = Vec::new();
    for root in &roots {
        let root = root.trim_end_matches('/');
        if names.is_empty() {
            matched.push(format!("{root}/*"));
        }
        for name in &names {
            let name = name.trim_start_matches("*/").trim_end_matches("/*");
            matched.push(if narrowed || root.is_empty() || !name.trim_matches('*').is_empty() {
                format!("{root}/{name}")
            } else {
                format!("{root}/*")
            });
        }
    }
    let mut at = first;
    while at < texts.len() {
        match texts[at] {
            "-delete" => {
                let is_empty_only = texts.contains(&"-empty");
                for path in &matched {
                    if !is_empty_only
                        && let Some(effect) = super::files::deletion(walker, path, false, true, EffectKind::Delete)
                    {
                        walker.effect(effect);
                    }
                }
            }
            "-exec" | "-execdir" | "-ok" | "-okdir" => {
                let end = texts[at + 1..]
                    .iter()
                    .position(|text| matches!(*text, ";" | "+"))
                    .map_or(texts.len(), |end| at + 1 + end);
                let before = walker.folder().map(str::to_owned);
                if matches!(texts[at], "-execdir" | "-okdir") {
                    // In the folders where it finds them: the first of them tells what they are of.
                    let folder = roots.first().and_then(|root| walker.path(root));
                    walker.enter(folder);
                }
                found(walker, run, at + 1, end, &matched, false);
                walker.enter(before);
                at = end;
            }
            "-fprint" | "-fprintf" | "-fls" => {
                if let Some(file) = run.args.get(at + 1) {
                    super::files::written(walker, file, false, None);
                }
            }
            _ => {}
        }
        at += 1;
    }
    true
}

/// A command that gets what was found.
fn found(walker: &mut Walker<'_>, run: &Run<'_>, from: usize, to: usize, matched: &[String], adds: bool) {
    let command = run.args.get(from..to).unwrap_or_default();
    for path in matched {
        let mut args: Vec<Arg> = command
            .iter()
            .map(|arg| Arg {
                glob: arg.glob || arg.text.contains("{}"),
                text: arg.text.replace("{}", path),
            })
            .collect();
        if adds && !command.iter().any(|arg| arg.text.contains("{}")) {
            args.push(Arg {
                text: path.clone(),
                glob: true,
            });
        }
        walker.run(&args, run.variables);
    }
}
