//! What plain programs print: words are put together by them where somebody hides what runs.

use super::{Arg, Input, Run, Walker};

/// Bytes of a text that is worked out.
const MOST: usize = 256 * 1024;

/// What the program prints: none where it is none of those known here, and then whether that can be told.
pub(super) fn of(walker: &mut Walker<'_>, run: &Run<'_>) -> Option<Option<String>> {
    let text = || run.args.iter().all(Arg::is_known).then_some(run.args);
    let input = || match run.input {
        Input::Known(text) => Some(text.clone()),
        _ => None,
    };
    let output = match run.name {
        "echo" => text().map(echo),
        "printf" => {
            // `printf -v name` sets a variable.
            if run.args.first().is_some_and(|arg| arg.text == "-v") {
                let value = run
                    .args
                    .get(2..)
                    .filter(|args| args.iter().all(Arg::is_known))
                    .map(printf);
                if let Some(name) = run.args.get(1) {
                    walker.set(&name.text, value);
                }
                Some(String::new())
            } else {
                text().map(printf)
            }
        }
        ":" | "true" | "false" | "test" | "[" | "sleep" | "wait" | "hash" | "ulimit" | "umask" | "shift" | "return"
        | "break" | "continue" | "exit" => Some(String::new()),
        "pwd" => walker.folder().map(|folder| format!("{folder}\n")),
        "cat" | "tee" if run.args.is_empty() => input(),
        "cat" => read(walker, run, input()),
        "base64" if is_decoding(run.args) && operands(run.args).is_empty() => input().and_then(|text| decoded(&text)),
        "xxd" if flags(run.args).any(|flag| flag.contains('r')) && flags(run.args).any(|flag| flag.contains('p')) => {
            input().and_then(|text| from_hex(&text))
        }
        "rev" if run.args.is_empty() => input().map(|text| {
            text.lines()
                .map(|line| line.chars().rev().collect::<String>() + "\n")
                .collect()
        }),
        "tr" => input().and_then(|text| tr(&text, run.args)),
        "basename" => operands(run.args).first().filter(|arg| arg.is_known()).map(|arg| {
            format!(
                "{}\n",
                arg.text.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
            )
        }),
        "dirname" => operands(run.args).first().filter(|arg| arg.is_known()).map(|arg| {
            let folder = arg.text.trim_end_matches('/').rsplit_once('/');
            format!(
                "{}\n",
                folder.map_or(".", |(folder, _)| if folder.is_empty() { "/" } else { folder })
            )
        }),
        "realpath" | "readlink" => operands(run.args)
            .first()
            .and_then(|arg| walker.path(&arg.text))
            .map(|path| format!("{path}\n")),
        "command" | "type" if flags(run.args).any(|flag| matches!(flag, "-v" | "-p" | "-P")) => {
            operands(run.args).first().filter(|arg| arg.is_known()).map(found)
        }
        "which" => operands(run.args).first().filter(|arg| arg.is_known()).map(found),
        // What these print sets up a shell.
        _ if is_set_up(run) => Some(String::new()),
        "mktemp" => Some("/tmp/tmp.0123456789\n".to_owned()),
        "git"
            if run
                .args
                .iter()
                .map(|arg| arg.text.as_str())
                .eq(["rev-parse", "--show-toplevel"]) =>
        {
            walker.place.repository.as_ref().map(|top| format!("{top}\n"))
        }
        _ => return None,
    };
    Some(output.filter(|text| text.len() <= MOST))
}

/// Where a program would be found: this one's own place is told, since what is put there is what judges.
fn found(arg: &&Arg) -> String {
    match arg.text.as_str() {
        "counterproof" => "/usr/local/bin/counterproof\n".to_owned(),
        name => format!("{name}\n"),
    }
}

/// Programs that print what a shell is to be set up with, for `eval`.
fn is_set_up(run: &Run<'_>) -> bool {
    let first = run.args.first().map_or("", |arg| arg.text.as_str());
    match run.name {
        "ssh-agent" | "dircolors" | "fzf" => true,
        "pyenv" | "rbenv" | "nodenv" | "goenv" | "jenv" | "starship" | "zoxide" | "luarocks" | "atuin" => {
            matches!(first, "init" | "path" | "virtualenv-init")
        }
        "direnv" => matches!(first, "hook" | "export"),
        "brew" => first == "shellenv",
        "mise" | "rtx" => matches!(first, "activate" | "env"),
        "fnm" | "opam" | "op" => first == "env",
        "conda" | "mamba" => first.starts_with("shell."),
        "minikube" => matches!(first, "docker-env" | "podman-env"),
        "docker-machine" => first == "env",
        "register-python-argcomplete" | "thefuck" | "lesspipe" => true,
        "kubectl" | "helm" | "gh" | "npm" | "pip" | "rustup" | "docker" => first == "completion",
        _ => false,
    }
}

fn flags(args: &[Arg]) -> impl Iterator<Item = &str> {
    args.iter()
        .map(|arg| arg.text.as_str())
        .filter(|text| text.starts_with('-'))
}

fn operands(args: &[Arg]) -> Vec<&Arg> {
    args.iter().filter(|arg| !arg.text.starts_with('-')).collect()
}

fn is_decoding(args: &[Arg]) -> bool {
    flags(args).any(|flag| matches!(flag, "--decode" | "-d" | "-D" | "-di" | "-id"))
}

fn echo(args: &[Arg]) -> String {
    let mut args = args;
    let (mut end, mut escapes) = ("\n", false);
    while let Some((first, rest)) = args.split_first() {
        match first.text.as_str() {
            "-n" => end = "",
            "-e" => escapes = true,
            "-E" => escapes = false,
            "-ne" | "-en" => (end, escapes) = ("", true),
            _ => break,
        }
        args = rest;
    }
    let text = args.iter().map(|arg| arg.text.as_str()).collect::<Vec<_>>().join(" ");
    let text = if escapes { unescaped(&text) } else { text };
    format!("{text}{end}")
}

fn printf(args: &[Arg]) -> String {
    let args = if args.first().is_some_and(|arg| arg.text == "--") {
        &args[1..]
    } else {
        args
    };
    let Some((format, mut rest)) = args.split_first() else {
        return String::new();
    };
    let format = unescaped(&format.text);
    let mut output = String::new();
    loop {
        let before = rest.len();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                output.push(c);
                continue;
            }
            let mut sign = chars.next();
            while sign.is_some_and(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | ' ' | '+' | '#')) {
                sign = chars.next();
            }
            if sign == Some('%') {
                output.push('%');
                continue;
            }
            let Some((value, others)) = rest.split_first() else {
                continue;
            };
            rest = others;
            match sign {
                Some('b') => output.push_str(&unescaped(&value.text)),
                Some('c') => output.extend(value.text.chars().next()),
                Some('x') => output.push_str(
                    &value
                        .text
                        .parse::<u64>()
                        .map_or_else(|_| value.text.clone(), |n| format!("{n:x}")),
                ),
                _ => output.push_str(&value.text),
            }
        }
        if rest.is_empty() || rest.len() == before || output.len() > MOST {
            return output;
        }
    }
}

/// `\n`, `\x41`, `\0101`.
fn unescaped(text: &str) -> String {
    let mut output = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            output.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => output.push('\n'),
            Some('t') => output.push('\t'),
            Some('r') => output.push('\r'),
            Some('e') => output.push('\u{1b}'),
            Some('x') => output.extend(hex(&mut chars, 2)),
            Some('u') => output.extend(hex(&mut chars, 4)),
            Some(digit @ '0'..='7') => {
                let mut digits = if digit == '0' { String::new() } else { digit.to_string() };
                while digits.len() < 3 && chars.peek().is_some_and(|c| c.is_digit(8)) {
                    digits.extend(chars.next());
                }
                output.extend(u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32));
            }
            Some(other) => {
                if other != '\\' {
                    output.push('\\');
                }
                output.push(other);
            }
            None => output.push('\\'),
        }
    }
    output
}

fn hex(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, most: usize) -> Option<char> {
    let mut digits = String::new();
    while digits.len() < most && chars.peek().is_some_and(char::is_ascii_hexdigit) {
        digits.extend(chars.next());
    }
    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
}

/// What `cat` gives: files, and what it reads where there is none, or where one is called `-`.
fn read(walker: &Walker<'_>, run: &Run<'_>, input: Option<String>) -> Option<String> {
    let files: Vec<&Arg> = run
        .args
        .iter()
        .filter(|arg| arg.text == "-" || !arg.text.starts_with('-'))
        .collect();
    if files.is_empty() {
        return input;
    }
    let mut all = String::new();
    for arg in files {
        if arg.text == "-" {
            all.push_str(input.as_deref()?);
            continue;
        }
        let path = walker.path(&arg.text)?;
        all.push_str(&walker.read(&path)?);
    }
    Some(all)
}

/// Source: RFC 4648, section 4.
pub fn decoded(text: &str) -> Option<String> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        let value = match c {
            'A'..='Z' => c as u32 - 'A' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 26,
            '0'..='9' => c as u32 - '0' as u32 + 52,
            '+' | '-' => 62,
            '/' | '_' => 63,
            '=' => break,
            _ => return None,
        };
        bits = bits << 6 | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

fn from_hex(text: &str) -> Option<String> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    });
    String::from_utf8(bytes.collect::<Option<_>>()?).ok()
}

fn tr(text: &str, args: &[Arg]) -> Option<String> {
    let is_deleting = flags(args).any(|flag| flag == "-d");
    if flags(args).any(|flag| flag != "-d") {
        return None;
    }
    let sets: Vec<Vec<char>> = operands(args).iter().map(|arg| set(&arg.text)).collect();
    match (is_deleting, sets.as_slice()) {
        (true, [from]) => Some(text.chars().filter(|c| !from.contains(c)).collect()),
        (false, [from, to]) if !to.is_empty() => Some(
            text.chars()
                .map(|c| match from.iter().position(|one| *one == c) {
                    Some(at) => to[at.min(to.len() - 1)],
                    None => c,
                })
                .collect(),
        ),
        _ => None,
    }
}

/// The characters of a set of `tr`: `a-z`, `[:lower:]` is not known.
fn set(text: &str) -> Vec<char> {
    let text = unescaped(text);
    let chars: Vec<char> = text.chars().collect();
    let (mut all, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        if at + 2 < chars.len() && chars[at + 1] == '-' && chars[at] <= chars[at + 2] {
            all.extend(chars[at]..=chars[at + 2]);
            at += 3;
        } else {
            all.push(chars[at]);
            at += 1;
        }
    }
    all
}
