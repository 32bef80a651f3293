//! Programs that change text in its place: `sed -i`, `jq`, `yq`.

use super::files::{overwritten, weaker};
use super::guarded::guarded;
use super::options::Options;
use super::paths::{PathKind, kind};
use crate::effect::Effect;
use crate::verification::{Guarded, is_settings, names_strictness, silences, unprotects};
use crate::walk::{Run, Walker, shown};

/// What an edit of settings does that asks less of the code.
pub fn looser(what: &str) -> Effect {
    Effect::weakens(format!("it changes how strict `{what}` is"))
}

/// `jq` with a program that sets how strict something is: what it prints takes the place of the file.
pub fn assigned(walker: &mut Walker<'_>, run: &Run<'_>) {
    if run.name == "yq"
        && run
            .args
            .iter()
            .any(|arg| matches!(arg.text.as_str(), "-i" | "--inplace" | "-y" | "-iy"))
    {
        for arg in run.args.iter().filter(|arg| !arg.text.starts_with('-')) {
            if let Some(guarded) = guarded(walker, &arg.text) {
                walker.effect(weaker(&shown(&arg.text), guarded, "edits"));
            }
        }
    }
    let file = run
        .args
        .iter()
        .map(|arg| arg.text.as_str())
        .find(|text| is_settings(text));
    let file = file.or_else(|| {
        walker
            .upstream()
            .iter()
            .map(String::as_str)
            .find(|text| is_settings(text))
    });
    let Some(file) = file.map(str::to_owned) else { return };
    let sets = |text: &str| {
        let plain = text
            .replace("==", "")
            .replace("!=", "")
            .replace(">=", "")
            .replace("<=", "");
        plain.contains('=') || text.contains("del(")
    };
    if run
        .args
        .iter()
        .any(|arg| sets(&arg.text) && names_strictness(&arg.text))
    {
        walker.effect(looser(&shown(&file)));
    }
}

pub fn is_in_place(run: &Run<'_>) -> bool {
    run.args.iter().any(|arg| {
        let text = arg.text.as_str();
        text == "--in-place"
            || text.starts_with("--in-place=")
            || (text.starts_with("-i") && !text.starts_with("-in"))
            || (text.starts_with('-')
                && !text.starts_with("--")
                && text.len() < 6
                && text.contains('i')
                && !text.contains('I'))
    })
}

pub fn in_place(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(run.args, &["-e", "-f", "--expression", "--file"]);
    let scripts_given = options.has(&["-e", "-f", "--expression", "--file"]);
    let skip = usize::from(!scripts_given);
    for operand in options.operands.iter().skip(skip) {
        let kind = kind(walker, &operand.text);
        if matches!(kind, PathKind::System | PathKind::Secret) {
            overwritten(walker, &operand.text, kind);
        }
        if run.args.iter().any(|arg| unprotects(&arg.text)) {
            let target = format!("it lets what `{}` describes be deleted", shown(&operand.text));
            let effect = Effect::weakens(target);
            walker.effect(effect.instead("let an owner decide on it"));
        }
        let guarded = guarded(walker, &operand.text);
        if guarded == Some(Guarded::Test) && renames(&options, scripts_given) {
            continue;
        }
        if let Some(guarded) = guarded {
            walker.effect(weaker(&shown(&operand.text), guarded, "edits"));
        } else if is_settings(&operand.text) && run.args.iter().any(|arg| names_strictness(&arg.text)) {
            walker.effect(looser(&shown(&operand.text)));
        } else if run.args.iter().any(|arg| silences(&arg.text)) {
            walker.effect(
                Effect::weakens(format!(
                    "it tells the checks to pass over parts of `{}`",
                    shown(&operand.text)
                ))
                .instead("mend what they find"),
            );
        }
    }
    let script: Vec<&str> = options
        .values(&["-e", "--expression"])
        .chain((!scripts_given).then(|| options.operand(0)))
        .collect();
    if name != "perl" {
        for text in script {
            super::code::started_by_sed(walker, text);
        }
    } else {
        super::code::perl(walker, run);
    }
}

/// Whether a script gives names of the code other names, and does nothing else: tests that follow a rename are no weaker.
fn renames(options: &Options<'_>, scripts_given: bool) -> bool {
    const NO_NAMES: [&str; 12] = [
        "assert", "expect", "skip", "only", "xfail", "true", "false", "none", "null", "pass", "not", "todo",
    ];
    let is_name = |text: &str| {
        let plain = text
            .replace("\\b", "")
            .replace("\\<", "")
            .replace("\\>", "")
            .replace("\\.", ".");
        let mut parts = plain.split(['.', '_', '/', '-']);
        plain.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && plain
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '-'))
            && !parts.any(|part| NO_NAMES.contains(&part.to_lowercase().as_str()))
    };
    let is_rename = |script: &str| {
        let Some(mark) = script.strip_prefix('s').and_then(|rest| rest.chars().next()) else {
            return false;
        };
        let parts: Vec<&str> = script[1 + mark.len_utf8()..].split(mark).collect();
        matches!(parts.as_slice(), [from, to, "" | "g" | "I" | "gI"] if is_name(from) && is_name(to))
    };
    let scripts: Vec<&str> = options
        .values(&["-e", "--expression"])
        .chain((!scripts_given).then(|| options.operand(0)))
        .collect();
    !scripts.is_empty()
        && !options.has(&["-f", "--file"])
        && scripts
            .iter()
            .flat_map(|script| script.split([';', '\n']))
            .all(|part| is_rename(part.trim()))
}
