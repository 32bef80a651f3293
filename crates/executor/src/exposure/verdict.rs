//! Whether a marked text does harm in head that it does not do in base: pure functions over what was seen.

use std::collections::BTreeSet;

use languages::python::exposures::{Attack, Context, Mark};
use languages::python::print;
use model::{Arrival, Effect, Input, MARK, Observation, Observed, Outcome, Raised, Value};

use super::lines::{changes_statement, runs_mark};

/// Longest text of what arrived in a report.
const LIMIT: usize = 160;

/// What both versions did with a marked text and with its tame twin.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'o> {
    /// Base, with the mark.
    pub base: &'o Observation,
    /// Head, with the mark.
    pub head: &'o Observation,
    /// Base, with the twin.
    pub tame_base: &'o Observation,
    /// Head, with the twin.
    pub tame_head: &'o Observation,
}

/// Harm that a text does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Harm {
    /// Its number in the Common Weakness Enumeration.
    pub cwe: u32,
    /// What happens, in words.
    pub words: String,
}

/// What is exposed in head, and why that is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What head does.
    pub harm: Harm,
    /// What base does with the same text, in words; nothing where how it ends says it.
    pub base: Option<String>,
}

/// The places where marked text of one call arrived and does harm, by what its twin did in the same version.
pub fn harms(mark: &Mark, seen: &Observation, tame: &Observation) -> Vec<Harm> {
    let mut found: Vec<Harm> = seen
        .arrivals
        .iter()
        .filter_map(|arrival| harm(mark, arrival, seen, tame))
        .collect();
    found.sort();
    found.dedup_by_key(|harm| harm.cwe);
    found
}

fn harm(mark: &Mark, arrival: &Arrival, seen: &Observation, tame: &Observation) -> Option<Harm> {
    let of = |cwe, words: String| Some(Harm { cwe, words });
    let shown = |text: &str| print::value(&Value::Str(cut(text)));
    let first = arrival.parts.first().map(String::as_str).unwrap_or_default();
    let has = |at: &str| seen.arrivals.iter().any(|other| other.at == at);
    match arrival.at.as_str() {
        "shell" if runs_mark(first) => of(78, format!("a shell runs {}", shown(first))),
        "arguments" => {
            let option = option(&arrival.parts)?;
            of(88, format!("`{first}` takes {} for an option", shown(option)))
        }
        "sql" if changes_statement(first) => of(89, format!("the database runs {}", shown(first))),
        "code" => of(95, format!("it runs as Python: {}", shown(first))),
        "pickle" => of(502, format!("a pickle looks up {}", shown(&arrival.parts.join(".")))),
        "import" if !has("code") && !has("pickle") => {
            let by = arrival.parts.get(1).map(String::as_str).unwrap_or_default();
            let reads_data = ["yaml", "ruamel", "jsonpickle"].contains(&by.split('.').next().unwrap_or_default());
            of(
                if reads_data { 502 } else { 470 },
                format!("{by} imports {}", shown(first)),
            )
        }
        // The twins of others lie in folders of their own.
        "read" | "write" | "remove" if mark.attack == Attack::Path => {
            let verb = match arrival.at.as_str() {
                "read" => "opens",
                "write" => "writes",
                _ => "removes",
            };
            let folders = folders_of(tame);
            let leaves = !folders.is_empty() && folders.iter().all(|folder| !is_below(first, folder));
            let given = arrival.parts.get(1).map_or(first, String::as_str);
            let folder = folders
                .first()
                .map_or("", |folder| folder.trim_start_matches("<scratch>/"));
            leaves.then(|| Harm {
                cwe: 22,
                words: format!("it {verb} {}, outside of {}", shown(given), shown(folder)),
            })
        }
        "given" => given(first, &arrival.parts[1..]),
        _ => None,
    }
}

/// The mark as an option of a program: not behind `--`, which ends them.
fn option(words: &[String]) -> Option<&str> {
    let before_end = words.iter().skip(1).take_while(|word| *word != "--");
    before_end
        .map(String::as_str)
        .find(|word| word.trim_start_matches('-').starts_with(MARK) && word.starts_with('-'))
}

/// What a function that was given, a cursor's `execute` for example, was called with.
fn given(name: &str, words: &[String]) -> Option<Harm> {
    const STATEMENTS: [&str; 6] = ["execute", "executemany", "executescript", "raw", "query", "read_sql"];
    const COMMANDS: [&str; 6] = [
        "system",
        "popen",
        "exec_command",
        "run_command",
        "getoutput",
        "check_output",
    ];
    const HEADERS: [&str; 5] = ["putheader", "add_header", "set_header", "send_header", "append_header"];
    let first = words.first()?;
    let shown = |text: &str| print::value(&Value::Str(cut(text)));
    let called = |cwe, text: &str| {
        Some(Harm {
            cwe,
            words: format!("{name} is called with {}", shown(text)),
        })
    };
    if STATEMENTS.contains(&name) && changes_statement(first) {
        called(89, first)
    } else if COMMANDS.contains(&name) && runs_mark(first) {
        called(78, first)
    } else if HEADERS.contains(&name) {
        let broken = words
            .iter()
            .find(|word| word.contains("\nxmarkx") || word.contains("\rxmarkx"))?;
        called(113, broken)
    } else {
        None
    }
}

/// The folders of the files that the tame twin led to.
fn folders_of(tame: &Observation) -> Vec<String> {
    let files = tame
        .arrivals
        .iter()
        .filter(|arrival| ["read", "write", "remove"].contains(&arrival.at.as_str()));
    let folder = |path: &String| path.find(MARK).map(|at| folder_before(path, at).to_owned());
    files.filter_map(|file| folder(file.parts.first()?)).collect()
}

/// The folder that the part of a path at `at` lies in.
fn folder_before(path: &str, at: usize) -> &str {
    path[..at].rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What becomes of a text in one version.
#[derive(Clone, Debug, PartialEq)]
enum Fate {
    /// It was refused: by an exception that speaks of values, or by the answer no.
    Refused,
    /// It came through with all that makes it harmful; this is the text that holds it.
    Passed(String),
    /// It was let in, and nothing of it is in the answer: a check that has nothing to say.
    Accepted,
    /// Something of it is in the answer, or nothing, and no harm is in that.
    Harmless,
    /// That cannot be told.
    Unknown,
}

/// What a marked text does in head that it does not do in base. `holes` are those that base has already, whatever the text.
pub fn verdict(mark: &Mark, seen: Seen<'_>, context: &Context, holes: &BTreeSet<u32>) -> Option<Verdict> {
    let base_harms = harms(mark, seen.base, seen.tame_base);
    let known = |harm: &Harm| holes.contains(&harm.cwe) || base_harms.iter().any(|other| other.cwe == harm.cwe);
    if let Some(harm) = harms(mark, seen.head, seen.tame_head)
        .into_iter()
        .find(|harm| !known(harm))
    {
        let reached = seen.base.arrivals.first().map(arrived);
        return Some(Verdict { harm, base: reached });
    }
    if !context.is_about(mark.attack) {
        return None;
    }
    let (base, head) = (
        fate(mark, seen.base, seen.tame_base),
        fate(mark, seen.head, seen.tame_head),
    );
    if !is_welcome(seen.tame_base) || !is_welcome(seen.tame_head) {
        return None;
    }
    if mark.attack == Attack::Address && reaches_out(seen.head) && !reaches_out(seen.base) && base == Fate::Refused {
        let words = seen.head.effects.iter().find(|effect| is_network(effect)).map(told)?;
        return reaches_out(seen.tame_base).then_some(Verdict {
            harm: Harm { cwe: 918, words },
            base: None,
        });
    }
    let words = match (base, head) {
        // What only looks odd there is a way out of a folder on other systems.
        (Fate::Harmless, Fate::Passed(_))
            if mark.attack == Attack::Path && !mark.core.contains("../") && mark.core != "/xmarkx" =>
        {
            return None;
        }
        (Fate::Refused | Fate::Harmless, Fate::Passed(text)) => {
            format!("it lets {} through", print::value(&Value::Str(cut(&text))))
        }
        (Fate::Refused, Fate::Accepted) if is_same_answer(seen.head, seen.tame_head) => "it takes that".to_owned(),
        _ => return None,
    };
    Some(Verdict {
        harm: Harm {
            cwe: weakness(mark),
            words,
        },
        base: None,
    })
}

/// The weakness of a text of a kind that comes through.
pub(super) fn weakness(mark: &Mark) -> u32 {
    match mark.attack {
        Attack::Shell => 78,
        Attack::Option => 88,
        Attack::Sql => 89,
        Attack::Path => 22,
        Attack::Markup | Attack::Script => 79,
        Attack::Redirect => 601,
        Attack::Header => 93,
        Attack::Code => 95,
        Attack::Template => 1336,
        Attack::Object => 502,
        Attack::Entity => 776,
        Attack::Address => 918,
    }
}

fn fate(mark: &Mark, seen: &Observation, tame: &Observation) -> Fate {
    let value = match &seen.outcome {
        Outcome::Raised(raised) if is_refusal(raised) => return Fate::Refused,
        Outcome::Returned(value) => value,
        _ => return Fate::Unknown,
    };
    let texts = texts(value);
    if let Some(text) = texts.iter().find(|text| carries(mark, text, tame)) {
        return Fate::Passed(text.clone());
    }
    match (value, &tame.outcome) {
        (Observed::Bool(false), _) => Fate::Refused,
        (Observed::None, Outcome::Returned(twin)) if *twin != Observed::None => Fate::Refused,
        (Observed::None | Observed::Bool(true), _) => Fate::Accepted,
        (_, Outcome::Returned(twin)) if self::texts(twin).iter().any(|text| text.contains(MARK)) => Fate::Harmless,
        _ => Fate::Unknown,
    }
}

/// Whether an exception says that a value is not welcome, and not that something went wrong.
fn is_refusal(raised: &Raised) -> bool {
    const ACCIDENTS: [&str; 18] = [
        "TypeError",
        "AttributeError",
        "NameError",
        "UnboundLocalError",
        "IndexError",
        "KeyError",
        "RecursionError",
        "MemoryError",
        "ImportError",
        "ModuleNotFoundError",
        "NotImplementedError",
        "FileNotFoundError",
        "NotADirectoryError",
        "IsADirectoryError",
        "OSError",
        "StopIteration",
        "ZeroDivisionError",
        "SystemError",
    ];
    !ACCIDENTS.contains(&raised.class.as_str())
}

/// Whether a text of a result holds the harm of a mark.
fn carries(mark: &Mark, text: &str, tame: &Observation) -> bool {
    match mark.attack {
        Attack::Shell => text.contains(mark.core) && runs_mark(text),
        Attack::Sql => {
            let lower = text.to_lowercase();
            changes_statement(text)
                && ["select ", "where ", "insert ", "update ", "delete "]
                    .iter()
                    .any(|word| lower.contains(word))
        }
        Attack::Path => leaves_its_folder(mark, text, tame),
        Attack::Entity => text.contains(MARK) && !text.contains("<!"),
        Attack::Option | Attack::Code | Attack::Object | Attack::Address => false,
        Attack::Redirect => !mark.core.is_empty() && text.trim_start().starts_with(mark.core) || is_within(mark, text),
        Attack::Markup | Attack::Script | Attack::Header | Attack::Template => {
            !mark.core.is_empty() && text.contains(mark.core)
        }
    }
}

/// Whether a link stands inside of a text behind something else that made it: a header, an attribute.
fn is_within(mark: &Mark, text: &str) -> bool {
    mark.behind && text.contains(mark.core)
}

/// Whether a path that was given back leads out of the folder that its twin lies in.
fn leaves_its_folder(mark: &Mark, text: &str, tame: &Observation) -> bool {
    if !text.contains(MARK) {
        return false;
    }
    if mark.core.contains('\\') || mark.core.starts_with("C:") {
        return text.contains(mark.core);
    }
    let Outcome::Returned(twin) = &tame.outcome else {
        return false;
    };
    let folders: Vec<String> = texts(twin)
        .iter()
        .filter_map(|twin| twin.find(MARK).map(|at| normal(folder_before(twin, at))))
        .collect();
    let path = normal(text);
    let is_out = |folder: &String| match folder.as_str() {
        "" => path.starts_with("../") || path.starts_with('/'),
        folder => !is_below(&path, folder),
    };
    !folders.is_empty() && folders.iter().all(is_out)
}

/// A path without `.` and without the `..` that can be resolved.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if path.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// Whether a version takes the tame twin: it returns, and does not say no.
fn is_welcome(tame: &Observation) -> bool {
    match &tame.outcome {
        Outcome::Returned(value) => *value != Observed::Bool(false),
        Outcome::Refused => reaches_out(tame),
        _ => false,
    }
}

fn is_same_answer(one: &Observation, other: &Observation) -> bool {
    match (&one.outcome, &other.outcome) {
        (Outcome::Returned(one), Outcome::Returned(other)) => one == other,
        _ => false,
    }
}

fn is_network(effect: &Effect) -> bool {
    ["connect", "resolve", "request", "send"].contains(&effect.kind.as_str())
}

fn reaches_out(seen: &Observation) -> bool {
    seen.effects.iter().any(is_network)
}

fn told(effect: &Effect) -> String {
    format!("it tries to reach {}", print::value(&Value::Str(cut(&effect.detail))))
}

/// What arrived, in words, where it does no harm.
fn arrived(arrival: &Arrival) -> String {
    let text = match arrival.at.as_str() {
        "arguments" => arrival.parts.join(" "),
        "given" => arrival.parts[1..].first().cloned().unwrap_or_default(),
        _ => arrival.parts.first().cloned().unwrap_or_default(),
    };
    let shown = print::value(&Value::Str(cut(&text)));
    match arrival.at.as_str() {
        "shell" => format!("a shell runs {shown}"),
        "arguments" => format!("a program is run as {shown}"),
        "sql" => format!("the database runs {shown}"),
        "read" => format!("it opens {shown}"),
        "write" => format!("it writes {shown}"),
        "given" => format!("{} is called with {shown}", arrival.parts[0]),
        at => format!("{at} {shown}"),
    }
}

/// All texts of a result, bytes as far as they are text.
pub(super) fn texts(value: &Observed) -> Vec<String> {
    let mut texts = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Observed::Str(text) => texts.push(text.clone()),
            Observed::Bytes(bytes) => texts.push(String::from_utf8_lossy(bytes).into_owned()),
            _ => {}
        }
        open.extend(value.children());
    }
    texts
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LIMIT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// What a marked text does in a function that is new. Who writes a function to run what it is given means just that: told is what
/// stands in something that the function itself begins, or what data do that are only to be read.
pub fn verdict_of_new(
    mark: &Mark,
    input: &Input,
    seen: &Observation,
    tame: &Observation,
    context: &Context,
) -> Option<Verdict> {
    let own = |text: &str| begins_itself(text, input);
    let any =
        |at: &str, is: &dyn Fn(&Arrival) -> bool| seen.arrivals.iter().any(|arrival| arrival.at == at && is(arrival));
    let first_is_own = |arrival: &Arrival| arrival.parts.first().is_some_and(|text| own(text));
    let second_is_own = |arrival: &Arrival| arrival.parts.get(1).is_some_and(|text| own(text));
    let is_told = |harm: &Harm| match harm.cwe {
        78 => any("shell", &first_is_own),
        89 => any("sql", &first_is_own) || any("given", &second_is_own),
        95 => !context.is_named(&[
            "code",
            "source",
            "script",
            "exec",
            "eval",
            "statement",
            "compil",
            "snippet",
            "python",
        ]),
        502 => !context.is_named(&["pickle", "cache", "deserial", "unsafe", "restore", "dill", "joblib"]),
        22 => folders_of(tame)
            .iter()
            .all(|folder| folder != "<scratch>" && !is_given(folder, input)),
        _ => false,
    };
    if let Some(harm) = harms(mark, seen, tame).into_iter().find(is_told) {
        return Some(Verdict { harm, base: None });
    }
    let Outcome::Returned(value) = &seen.outcome else {
        return None;
    };
    let is_markup = mark.attack == Attack::Markup && mark.core == "<xmarkx>" && !mark.behind;
    if !is_markup
        || context.is_named(&[
            "html", "markup", "content", "body", "inner", "children", "raw", "safe", "unescape", "xml", "tag",
        ])
    {
        return None;
    }
    let text = texts(value)
        .into_iter()
        .find(|text| is_in_element(text, mark.core) && own(text))?;
    Some(Verdict {
        harm: Harm {
            cwe: 79,
            words: format!("its HTML has {}", print::value(&Value::Str(cut(&text)))),
        },
        base: None,
    })
}

/// Whether a text begins with more than what the input gives: with a word that no text of it holds.
fn begins_itself(text: &str, input: &Input) -> bool {
    let Some(at) = text.find(MARK) else { return false };
    let before: Vec<&str> = text[..at].split_whitespace().collect();
    let is_own = |word: &&&str| word.len() > 1 && word.chars().any(char::is_alphabetic) && !is_given(word, input);
    before.iter().take(before.len().max(1)).any(|word| is_own(&word))
}

fn is_given(text: &str, input: &Input) -> bool {
    let word = text.trim_start_matches("<scratch>").trim_matches('/');
    !word.is_empty()
        && input.any(|value| match value {
            Value::Str(given) => given.contains(word),
            Value::Bytes(given) => String::from_utf8_lossy(given).contains(word),
            _ => false,
        })
}

/// Whether the mark stands between tags that are not its own.
fn is_in_element(text: &str, core: &str) -> bool {
    let Some(at) = text.find(core) else { return false };
    let opens = |text: &str| {
        text.match_indices('<')
            .any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    opens(&text[..at]) && text[at + core.len()..].contains("</")
}
