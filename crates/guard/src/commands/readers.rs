//! Programs that print what they read: a file of keys that is named to one of them is shown to whoever reads along.

use super::options::Options;
use super::secrets::{is_secret_file, shows};
use crate::walk::{FROM_KEYS, Input, Run, Walker, shown};

/// Programs whose operands are files that they print, whole or in part.
const TEXT_TOOLS: [&str; 41] = [
    "cat", "less", "more", "head", "tail", "bat", "batcat", "strings", "xxd", "hexdump", "od", "tac", "nl", "grep",
    "egrep", "fgrep", "rg", "ag", "ack", "zgrep", "sed", "gsed", "awk", "gawk", "mawk", "cut", "rev", "tr", "paste",
    "sort", "uniq", "jq", "yq", "fold", "fmt", "column", "expand", "pr", "diff", "comm", "join",
];

/// Programs that read files, and print nothing of them, or not before a person has asked for it.
const SILENT: [&str; 74] = [
    "ls",
    "ll",
    "eza",
    "exa",
    "stat",
    "file",
    "test",
    "[",
    "[[",
    "touch",
    "rm",
    "mkdir",
    "chmod",
    "chown",
    "chgrp",
    "cp",
    "mv",
    "ln",
    "install",
    "wc",
    "source",
    ".",
    "docker",
    "docker-compose",
    "podman",
    "kubectl",
    "helm",
    "cd",
    "find",
    "fd",
    "du",
    "tree",
    "realpath",
    "dirname",
    "basename",
    "readlink",
    "sha256sum",
    "sha1sum",
    "md5sum",
    "shasum",
    "cksum",
    "vim",
    "vi",
    "nvim",
    "nano",
    "emacs",
    "code",
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "ssh-keygen",
    "ssh-add",
    "ssh-copy-id",
    "curl",
    "wget",
    "gpg",
    "age",
    "sops",
    "shred",
    "tee",
    "truncate",
    "echo",
    "printf",
    "which",
    "type",
    "keytool",
    "certbot",
    "trash",
    "unlink",
    "unset",
    "dotenv",
    "dotenvx",
    "zip",
];

/// Tells of keys that a program prints.
pub fn shown_by(walker: &mut Walker<'_>, run: &Run<'_>) {
    if matches!(run.name, "echo" | "printf") {
        // Words that hold what was read before.
        if run.args.iter().any(|arg| arg.text.contains(FROM_KEYS)) {
            let file = walker.taken().map(shown).unwrap_or_default();
            if walker.is_read() {
                told(walker, &format!("what `{file}` holds"));
            } else {
                walker.hands_on();
            }
        }
        return;
    }
    // All of the environment, as something that goes on.
    let is_bare = run.args.iter().all(|arg| arg.text.starts_with('-'));
    if matches!(run.name, "env" | "printenv") && is_bare && !walker.is_read() {
        walker.takes(run.name);
        return;
    }
    if let Some(file) = printed(walker, run) {
        shown_or_taken(walker, &file);
    }
}

fn told(walker: &mut Walker<'_>, what: &str) {
    shows(
        walker,
        what.to_owned(),
        "let the program that needs it read it; `cut -d= -f1` shows the names alone",
    );
}

/// A file of keys of which a program prints something that matters.
fn printed(walker: &Walker<'_>, run: &Run<'_>) -> Option<String> {
    let secret = |text: &str| is_secret_file(walker, text);
    match run.name {
        "git" => {
            let options = Options::of(run.args, &["-C", "-c"]);
            let shows = match options.operand(0) {
                "show" | "blame" | "cat-file" | "annotate" => true,
                "log" => options.has(&["-p", "--patch"]),
                "diff" => !options.has(&["--stat", "--name-only", "--name-status", "--quiet"]),
                _ => false,
            };
            let mut names = options.operands.iter().skip(1);
            let found = names.find(|arg| secret(arg.text.rsplit(':').next().unwrap_or(&arg.text)));
            found.filter(|_| shows).map(|arg| arg.text.clone())
        }
        "dd" => {
            let of = |key: &str| run.args.iter().find_map(|arg| arg.text.strip_prefix(key));
            of("if=")
                .filter(|file| of("of=").is_none() && secret(file))
                .map(str::to_owned)
        }
        "tar" | "bsdtar" => {
            let names_archive = |text: &str| !text.contains('/') && text.trim_start_matches('-').contains('f');
            let first = run.args.first().map_or("", |arg| arg.text.as_str());
            let to_file = names_archive(first)
                || run
                    .args
                    .iter()
                    .any(|arg| arg.text.starts_with("-f") || arg.text.starts_with("--file"));
            run.args
                .iter()
                .skip(1)
                .find(|arg| secret(&arg.text))
                .filter(|_| !to_file)
                .map(|arg| arg.text.clone())
        }
        "perl" | "ruby" if run.args.first().is_some_and(|arg| is_filter(&arg.text)) => run
            .args
            .iter()
            .skip(2)
            .find(|arg| secret(&arg.text))
            .map(|arg| arg.text.clone()),
        name if TEXT_TOOLS.contains(&name) => by_text_tool(walker, run),
        name if super::code::is_interpreter(name) => by_program(walker, run),
        _ => None,
    }
}

/// Of a program that is not known it is taken that it prints a file which holds nothing but keys, and which is named to it by itself.
pub fn unknown(walker: &mut Walker<'_>, run: &Run<'_>) {
    // Those that check, send, fetch or load such files are given them for that.
    const VERBS: [&str; 14] = [
        "pull", "push", "add", "set", "import", "encrypt", "load", "lint", "check", "validate", "apply", "sync",
        "bulk", "--check",
    ];
    let is_for_it = ["lint", "dotenv", "env-", "crypt"]
        .iter()
        .any(|part| run.name.contains(part));
    let is_told = SILENT.contains(&run.name) || TEXT_TOOLS.contains(&run.name);
    if is_for_it || is_told || run.program.contains('/') {
        return;
    }
    let mut before = "";
    for arg in run.args {
        if VERBS.contains(&arg.text.as_str()) {
            return;
        }
        let is_operand = !before.starts_with('-') && !arg.text.starts_with('-');
        if is_operand && is_for_eyes(&arg.text) && is_secret_file(walker, &arg.text) {
            shown_or_taken(walker, &arg.text);
            return;
        }
        before = arg.text.as_str();
    }
}

fn shown_or_taken(walker: &mut Walker<'_>, file: &str) {
    if walker.is_read() {
        told(walker, &format!("`{}`", shown(file)));
    } else {
        walker.takes(file);
    }
}

/// Files that programs of all kinds are given as what they work with, like certificates, are not shown by these.
fn is_for_eyes(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    name == ".env" || name.starts_with(".env.") || name.starts_with("id_")
}

/// `-pe`, `-ne`: a program for each line.
fn is_filter(text: &str) -> bool {
    text.starts_with('-')
        && text.len() <= 5
        && text.contains(['p', 'n'])
        && text.ends_with(['e', 'E'])
        && !text.contains('i')
}

/// Tools that print lines of files, or parts of lines.
fn by_text_tool(walker: &Walker<'_>, run: &Run<'_>) -> Option<String> {
    let found = run
        .args
        .iter()
        .find(|arg| !arg.text.starts_with('-') && is_secret_file(walker, &arg.text))
        .map(|arg| arg.text.clone());
    let read = || {
        // Through a pipe comes what the program before lets through.
        let is_redirected = matches!(run.input, Input::Unknown(from) if from.starts_with("the content of "));
        let last = walker.upstream().last().filter(|_| is_redirected)?;
        is_secret_file(walker, last).then(|| last.clone())
    };
    let file = found.or_else(read)?;
    let options = Options::of(
        run.args,
        &["-e", "-f", "-d", "-F", "-A", "-B", "-C", "-m", "-v", "--regexp"],
    );
    let script = options.value(&["-e", "--regexp"]).unwrap_or(options.operand(0));
    let shows = match run.name {
        "grep" | "egrep" | "fgrep" | "rg" | "ag" | "ack" | "zgrep" => {
            let counts = ["-q", "-c", "-l", "-L", "--quiet", "--count", "--files-with-matches"];
            let inverts = run
                .args
                .iter()
                .any(|arg| matches!(arg.text.as_str(), "-v" | "--invert-match"));
            !options.has(&counts) && (inverts || asks_for_keys(script))
        }
        "sed" | "gsed" => {
            let narrows = options.has(&["-n"]) && script.contains('/');
            !options.has(&["-i", "--in-place"]) && !script.contains("=.*") && (!narrows || asks_for_keys(script))
        }
        // Without values.
        "awk" | "gawk" | "mawk" => !script.contains("$1") || script.contains("$2") || script.contains("$0"),
        "cut" => options.value(&["-f"]) != Some("1") && !run.args.iter().any(|arg| arg.text == "-f1"),
        "diff" => !options.has(&["-q", "--brief"]),
        "jq" | "yq" => !script.starts_with("keys"),
        _ => true,
    };
    shows.then_some(file)
}

/// Whether a pattern is after keys, or after everything.
fn asks_for_keys(pattern: &str) -> bool {
    let upper = pattern.to_uppercase();
    let is_all = !upper.chars().any(char::is_alphanumeric);
    is_all
        || [
            "KEY",
            "TOKEN",
            "SECRET",
            "PASS",
            "CREDENTIAL",
            "PRIVATE",
            "BEGIN",
            "A-Z",
        ]
        .iter()
        .any(|word| upper.contains(word))
}

/// A program on the command line that reads such a file and prints.
fn by_program(walker: &Walker<'_>, run: &Run<'_>) -> Option<String> {
    let words: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    if words.first() == Some(&"-m") && words.get(1) == Some(&"json.tool") {
        let file = words.get(2).filter(|file| is_secret_file(walker, file));
        return file.map(|file| (*file).to_owned());
    }
    let inline = words
        .windows(2)
        .find(|pair| matches!(pair[0], "-c" | "-e" | "-p" | "-pe" | "-r" | "--eval" | "--print"))?;
    let text = inline[1];
    let reads = [
        "open(",
        "readFile",
        "read_text",
        "File.read",
        "IO.read",
        "file_get_contents",
        "Path(",
    ];
    let prints = matches!(inline[0], "-p" | "-pe" | "--print")
        || ["print", "console.log", "puts ", "echo ", "stdout"]
            .iter()
            .any(|word| text.contains(word));
    if !prints || !reads.iter().any(|word| text.contains(word)) {
        return None;
    }
    let quoted = text.split(['"', '\'']).skip(1).step_by(2);
    quoted
        .filter(|file| !file.is_empty() && file.len() < 200)
        .find(|file| is_secret_file(walker, file))
        .map(str::to_owned)
}
