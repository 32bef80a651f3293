//! Targets of `make`, scripts of `npm` and their like, read from the repository's files, and what a name alone tells.

use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::surroundings::Surroundings;
use crate::walk::{Arg, Input, Run, Walker, shown};

/// Tells what these run; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    match name {
        "make" | "gmake" | "remake" => make(walker, run),
        "just" => just(walker, run),
        "task" | "rake" | "invoke" | "inv" | "nox" | "tox" | "gulp" | "grunt" | "mage" | "ant" | "earthly"
        | "bazel" | "dagger" => {
            let options = Options::of(run.args, &["-f", "-C", "-d", "-e"]);
            for target in &options.operands {
                by_name(walker, &target.text);
            }
        }
        _ => return false,
    }
    true
}

/// Whether something runs already that would be run again.
const DEEPEST: usize = 8;

fn make(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(
        run.args,
        &[
            "-C",
            "--directory",
            "-f",
            "--file",
            "-j",
            "-l",
            "-o",
            "-W",
            "--jobs",
            "--eval",
        ],
    );
    if options.has(&["-n", "--dry-run", "--just-print", "-q", "--version", "--help", "-p"]) {
        return;
    }
    let before = walker.folder().map(str::to_owned);
    if let Some(folder) = options.value(&["-C", "--directory"]) {
        let folder = walker.path(folder);
        walker.enter(folder);
    }
    let names: Vec<String> = options.value(&["-f", "--file"]).map_or_else(
        || ["GNUmakefile", "makefile", "Makefile"].map(str::to_owned).to_vec(),
        |file| vec![file.to_owned()],
    );
    let read = |walker: &Walker<'_>| {
        names
            .iter()
            .find_map(|name| walker.path(name).and_then(|path| walker.read(&path)))
    };
    let is_made_here = |name: &String| walker.path(name).is_some_and(|path| walker.is_made_here(&path));
    // A program that is unpacked is built by its own rules; rules that are fetched alone are nobody's.
    if let Some(file) = names.iter().find(|name| names.len() == 1 && is_made_here(name)) {
        let what = format!("rules of `{}`, which the line makes itself", shown(file));
        walker.unknown(what);
    }
    let reads = names.len() == 1 && (names[0] == "-" || super::wrappers::is_standard_input(&names[0]));
    let text = match run.input {
        // `-f -` reads the rules.
        Input::Known(text) if reads => Some(text.clone()),
        Input::Unknown(from) if reads => {
            walker.unknown(format!("{from}, as rules of `make`"));
            None
        }
        _ => read(walker),
    };
    for rules in options.values(&["--eval"]).map(str::to_owned).collect::<Vec<_>>() {
        for line in rules.lines() {
            let command = line.split_once(';').map_or(line, |(_, command)| command);
            walker.shell(command.trim(), "what `make` is given", None);
        }
    }
    let (assigned, targets): (Vec<&Arg>, Vec<&Arg>) = options.operands.iter().partition(|arg| arg.text.contains('='));
    // Each line of each rule goes to that shell.
    if let Some(arg) = assigned.iter().find(|arg| {
        arg.text.strip_prefix("SHELL=").is_some_and(|shell| {
            !["/bin/", "/usr/bin/", "bash", "sh"]
                .iter()
                .any(|usual| shell.starts_with(usual))
        })
    }) {
        walker.unknown(format!(
            "each rule of `make` by a shell of the line's own (`{}`)",
            shown(&arg.text)
        ));
    }
    match text {
        None => targets.iter().for_each(|target| by_name(walker, &target.text)),
        Some(text) => {
            let mut file = Makefile::read(&text);
            for arg in assigned {
                if let Some((name, value)) = arg.text.split_once('=') {
                    file.variables.retain(|(one, _)| one != name);
                    file.variables.push((name.to_owned(), value.to_owned()));
                }
            }
            let wanted: Vec<String> = if targets.is_empty() {
                file.rules
                    .iter()
                    .find(|rule| !rule.target.starts_with('.'))
                    .map(|rule| rule.target.clone())
                    .into_iter()
                    .collect()
            } else {
                targets.iter().map(|arg| arg.text.clone()).collect()
            };
            for target in wanted {
                let mut seen = Vec::new();
                let lines = file.lines(&target, &mut seen);
                if seen.is_empty() {
                    by_name(walker, &target);
                }
                for line in lines {
                    walker.shell(&line, &format!("the target `{}`", shown(&target)), None);
                }
            }
        }
    }
    walker.enter(before);
}

struct Rule {
    target: String,
    needs: Vec<String>,
    lines: Vec<String>,
}

/// What a Makefile says, as far as it is plain: rules, and variables that are set to texts.
struct Makefile {
    rules: Vec<Rule>,
    variables: Vec<(String, String)>,
}

impl Makefile {
    fn read(text: &str) -> Self {
        let joined = text.replace("\\\n", " ");
        let (mut rules, mut variables): (Vec<Rule>, Vec<(String, String)>) = (Vec::new(), Vec::new());
        let mut open: Vec<usize> = Vec::new();
        for line in joined.lines() {
            if let Some(recipe) = line.strip_prefix('\t') {
                for at in &open {
                    rules[*at]
                        .lines
                        .push(recipe.trim_start_matches(['@', '-', '+', ' ']).to_owned());
                }
                continue;
            }
            let plain = line.trim();
            if plain.is_empty() || plain.starts_with('#') {
                continue;
            }
            if let Some((name, value)) = assignment(plain) {
                variables.push((name, value));
                continue;
            }
            let Some((targets, needs)) = plain.split_once(':') else {
                continue;
            };
            open.clear();
            for target in targets.split_whitespace() {
                open.push(rules.len());
                let (needs, inline) = needs.trim_start_matches(':').split_once(';').unwrap_or((needs, ""));
                rules.push(Rule {
                    target: target.to_owned(),
                    needs: needs
                        .split_whitespace()
                        .filter(|need| *need != "|")
                        .map(str::to_owned)
                        .collect(),
                    lines: (!inline.trim().is_empty())
                        .then(|| inline.trim().to_owned())
                        .into_iter()
                        .collect(),
                });
            }
        }
        Self { rules, variables }
    }

    /// The lines that making a target runs, its needs' first.
    fn lines(&self, target: &str, seen: &mut Vec<String>) -> Vec<String> {
        if seen.len() > 64 || seen.iter().any(|one| one == target) {
            return Vec::new();
        }
        let mut all = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.target == target) {
            seen.push(target.to_owned());
            for need in &rule.needs {
                if self.rules.iter().any(|rule| rule.target == *need) {
                    all.extend(self.lines(need, seen));
                }
            }
            all.extend(rule.lines.iter().map(|line| self.expanded(line, target, 0)));
        }
        all
    }

    /// Variables of make in a line; one that is not set to a text stays a variable of the shell, which nobody knows.
    fn expanded(&self, line: &str, target: &str, depth: usize) -> String {
        let mut output = String::new();
        let mut rest = line;
        while let Some(at) = rest.find('$') {
            output.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                output.push('$');
                rest = after;
                continue;
            }
            let (name, after) = match rest.chars().next() {
                Some(open @ ('(' | '{')) => {
                    let close = if open == '(' { ')' } else { '}' };
                    match rest.find(close) {
                        Some(end) => (&rest[1..end], &rest[end + 1..]),
                        None => ("", ""),
                    }
                }
                Some(c) => rest.split_at(c.len_utf8()),
                None => ("", ""),
            };
            rest = after;
            let value = self.variables.iter().rev().find(|(one, _)| one == name);
            match (name, value) {
                ("@", _) => output.push_str(target),
                ("MAKE", _) => output.push_str("make"),
                ("RM", None) => output.push_str("rm -f"),
                ("CURDIR", None) => output.push('.'),
                (_, Some((_, value))) if depth < DEEPEST => output.push_str(&self.expanded(value, target, depth + 1)),
                (name, _) => {
                    let plain: String = name
                        .chars()
                        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
                        .collect();
                    output.push_str(&format!("${{__MAKE_{plain}}}"));
                }
            }
        }
        output.push_str(rest);
        output
    }
}

fn assignment(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let at = line.find('=')?;
    let name = line[..at].trim_end_matches([':', '?', '+', '!']).trim();
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    is_name.then(|| (name.to_owned(), line[at + 1..].trim().to_owned()))
}

fn just(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-f", "--justfile", "-d", "--working-directory", "--set"]);
    if options.has(&["-l", "--list", "-n", "--dry-run", "--summary", "--show"]) {
        return;
    }
    let named = options.value(&["-f", "--justfile"]);
    let text = named
        .map_or_else(|| vec!["justfile", "Justfile", ".justfile"], |file| vec![file])
        .iter()
        .find_map(|name| walker.path(name).and_then(|path| walker.read(&path)));
    let Some(text) = text else {
        options
            .operands
            .iter()
            .take(1)
            .for_each(|target| by_name(walker, &target.text));
        return;
    };
    let wanted = options.operand(0).to_owned();
    let lines = recipe(&text, &wanted, 0);
    match lines {
        Some(lines) => {
            let script = lines.join("\n").replace("{{", "${__JUST_").replace("}}", "}");
            walker.shell(&script, &format!("the recipe `{}`", shown(&wanted)), None);
        }
        None => by_name(walker, &wanted),
    }
}

/// The lines of a recipe of `just`, those that it needs first.
fn recipe(text: &str, wanted: &str, depth: usize) -> Option<Vec<String>> {
    if depth > DEEPEST {
        return None;
    }
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let is_head = !line.starts_with([' ', '\t', '#']) && line.contains(':') && !line.contains(":=");
        let name = line
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .trim_start_matches('@');
        if !is_head || (name != wanted && !wanted.is_empty()) {
            continue;
        }
        let mut all = Vec::new();
        for need in line.split_once(':').map_or("", |(_, needs)| needs).split_whitespace() {
            all.extend(recipe(text, need, depth + 1).unwrap_or_default());
        }
        all.extend(
            lines
                .by_ref()
                .take_while(|line| line.is_empty() || line.starts_with([' ', '\t']))
                .map(|line| line.trim_start().trim_start_matches(['@', '-']).to_owned()),
        );
        return Some(all);
    }
    None
}

/// A script of `package.json`, with those that run before and after it; false where there is none of that name.
pub fn package_script(walker: &mut Walker<'_>, name: &str, arguments: &[Arg]) -> bool {
    let text = walker.path("package.json").and_then(|path| walker.read(&path));
    let scripts = text
        .and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok())
        .map(|value| value["scripts"].clone());
    let mut found = false;
    for one in [format!("pre{name}"), name.to_owned(), format!("post{name}")] {
        if let Some(line) = scripts.as_ref().and_then(|scripts| scripts[&one].as_str()) {
            found = true;
            let line = if one == name && !arguments.is_empty() {
                format!("{line} {}", crate::walk::quoted(arguments))
            } else {
                line.to_owned()
            };
            walker.shell(&line, &format!("the script `{}` of package.json", shown(&one)), None);
        }
    }
    if !found {
        by_name(walker, name);
    }
    found
}

/// What the name of a target or a script tells where it cannot be read.
pub fn by_name(walker: &mut Walker<'_>, name: &str) {
    let lower = name.to_lowercase();
    let parts: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |words: &[&str]| parts.iter().any(|part| words.contains(part));
    let environment = Surroundings::environment_of([lower.as_str()]);
    let kind = if has(&[
        "destroy", "nuke", "wipe", "teardown", "drop", "purge", "truncate", "reset",
    ]) && !has(&["cache", "coverage"])
    {
        EffectKind::Delete
    } else if has(&["deploy", "release", "publish", "rollback", "migrate", "promote", "ship"]) {
        EffectKind::Change
    } else if has(&["rebuild", "recreate"]) && environment > crate::effect::Environment::Unknown {
        EffectKind::Recreate
    } else {
        return;
    };
    if has(&["dry", "check", "plan", "test", "preview", "notes", "local"])
        || environment == crate::effect::Environment::Development
    {
        return;
    }
    let effect = Effect::new(
        kind,
        format!("what `{}` names, which cannot be read from here", shown(name)),
        Reversible::Partly,
        Reach::Service,
    );
    walker.effect(
        effect
            .in_environment(environment)
            .decided(Decision::Ask)
            .instead("read it first, or let an owner run it"),
    );
}

/// A plan in a file, if it can be read; false where it cannot.
pub fn plan(walker: &mut Walker<'_>, file: &str) -> bool {
    if file.is_empty() {
        return false;
    }
    let text = walker.path(file).and_then(|path| walker.read(&path));
    match text.map(|text| crate::plans::read(&text)) {
        Some(Ok(effects)) => {
            effects.into_iter().for_each(|effect| walker.effect(effect));
            true
        }
        _ => false,
    }
}
