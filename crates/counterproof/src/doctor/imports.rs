//! What of the project imports, and why the rest does not.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use change::{Pair, Side};
use executor::Interpreter;
use executor::imports::{Failure, Imports};
use languages::python::Project;
use languages::python::syntax::is_test;
use model::doctor::{Ailment, Part, State};

use crate::dependencies;
use crate::overlay;
use crate::own_metadata;
use crate::progress::Spinner;
use crate::settings::Settings;
use crate::versions::{self, Cache};

/// Longest time for all imports together.
const PATIENCE: Duration = Duration::from_secs(60);
/// Modules that are named where one cause stops several.
const NAMED: usize = 3;

/// The part, and what the sandbox lacked while it was found.
pub struct Examined {
    pub part: Part,
    pub missing_layers: BTreeSet<String>,
}

/// Imports every module of head, contained as for a check.
pub fn part(cache: &Cache, settings: &Settings, pair: &Pair, interpreter: &Interpreter) -> Examined {
    let modules = modules(pair.head.project());
    if modules.is_empty() {
        return Examined {
            part: Part::new("imports", State::Note, "there is no Python module here"),
            missing_layers: BTreeSet::new(),
        };
    }
    let root = camino::Utf8PathBuf::from_path_buf(pair.root.clone()).unwrap_or_default();
    let mut overlay = overlay::find(&root, pair);
    own_metadata::lay_over(&mut overlay, &pair.head, interpreter);
    own_metadata::lay_over_version(&mut overlay, &pair.base, &pair.head);
    let spinner = Spinner::new(crate::interrupt::flag());
    let deadline = Instant::now() + PATIENCE;
    let ran = versions::with_head(
        cache,
        settings,
        pair,
        &overlay,
        interpreter.clone(),
        &spinner,
        |context| executor::imports::imports(context, &modules, deadline),
    );
    drop(spinner);
    let told = |why: String| Examined {
        part: Part::new("imports", State::Mend, format!("nothing can be run: {why}")),
        missing_layers: BTreeSet::new(),
    };
    match ran {
        Err(error) => told(cache.explained(&error)),
        Ok(Err(error)) => told(error.to_string()),
        Ok(Ok(imports)) => Examined {
            part: of(&imports, &pair.head, interpreter),
            missing_layers: imports.missing_layers,
        },
    }
}

/// Modules that belong to the project itself: in packages, or beside them where there are none. Neither tests nor scripts that
/// do something when they are imported.
fn modules(project: &Project) -> Vec<String> {
    const SCRIPTS: [&str; 8] = [
        "setup", "conftest", "noxfile", "fabfile", "tasks", "manage", "__main__", "conf",
    ];
    let stem = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.trim_end_matches(".py").to_owned()
    };
    let name = |path: &str| {
        let module = project.module_name(path);
        let is_word = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
        (module.split('.').all(is_word) && !is_test(path) && !SCRIPTS.contains(&stem(path).as_str())).then_some(module)
    };
    let packaged = |module: &str| {
        let mut at = module;
        while let Some((package, _)) = at.rsplit_once('.') {
            if !project
                .path_of(package)
                .is_some_and(|path| path.ends_with("/__init__.py"))
            {
                return false;
            }
            at = package;
        }
        true
    };
    let all: BTreeSet<String> = project.paths().filter_map(name).collect();
    let own: Vec<String> = all.iter().filter(|module| packaged(module)).cloned().collect();
    if own.is_empty() { all.into_iter().collect() } else { own }
}

fn of(imports: &Imports, head: &Side, interpreter: &Interpreter) -> Part {
    let failed = imports
        .tried
        .iter()
        .filter_map(|(module, how)| Some((module, how.as_ref().err()?)));
    let mut causes: BTreeMap<Failure, Vec<&str>> = BTreeMap::new();
    for (module, failure) in failed {
        causes.entry(cause(failure)).or_default().push(module);
    }
    let well = imports.tried.iter().filter(|(_, how)| how.is_ok()).count();
    let mut text = format!("{well} of {} modules import", imports.tried.len());
    if imports.left > 0 {
        text += &format!("; {} were not tried, as time ran out", imports.left);
    }
    let mut causes: Vec<(Failure, Vec<&str>)> = causes.into_iter().collect();
    causes.sort_by_key(|(_, modules)| std::cmp::Reverse(modules.len()));
    let mut part = Part::new("imports", State::Well, text);
    for (failure, modules) in causes {
        part = part.with(ailment(&failure, &modules, head, interpreter));
    }
    // A module for another system, for example, does not import here, and nothing is to be done about it.
    part.state = match part.ailments.iter().any(|ailment| ailment.mend.is_some()) || well == 0 {
        true => State::Mend,
        false if part.ailments.is_empty() && imports.left == 0 => State::Well,
        false => State::Note,
    };
    part
}

/// The same cause in two modules is one: what is missing is missed by its topmost name.
fn cause(failure: &Failure) -> Failure {
    match failure {
        Failure::Missing(name) => Failure::Missing(name.split('.').next().unwrap_or(name).to_owned()),
        other => other.clone(),
    }
}

fn ailment(failure: &Failure, modules: &[&str], head: &Side, interpreter: &Interpreter) -> Ailment {
    let among = among(modules);
    match failure {
        Failure::Missing(name) => match head.project().holding(name, modules[0]) {
            Some(found) => Ailment::new(
                format!(
                    "`import {name}` fails in {among}; {found} is in the tree, and nothing declares that imports start there"
                ),
                "declare it as for an installation (pyproject.toml, setup.cfg), or install the project",
            ),
            None => {
                let wanted = [dependencies::distribution_of(name)];
                Ailment::new(
                    format!("`import {name}` fails in {among}"),
                    dependencies::mend(head, interpreter, &wanted),
                )
            }
        },
        Failure::Raises { class, message, place } => {
            let line = message.lines().next().unwrap_or_default();
            let at = place
                .as_ref()
                .map(|(path, line)| format!(" ({path}:{line})"))
                .unwrap_or_default();
            let colon = if line.is_empty() { "" } else { ": " };
            Ailment {
                what: format!("{class}{colon}{line}{at}, in {among}"),
                mend: variables(class, message, place.as_ref(), head).map(|names| {
                    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
                    format!(
                        "set {}, and let it through in counterproof.toml: [sandbox] pass_env = [{}]",
                        names.join(", "),
                        quoted.join(", ")
                    )
                }),
            }
        }
        Failure::DoesNotEnd => Ailment::new(
            format!("the import does not end: {among}"),
            "guard what it starts with `if __name__ == \"__main__\":`, or raise import_seconds in counterproof.toml",
        ),
        Failure::EndsInterpreter => Ailment {
            what: format!("the import ends the interpreter: {among}"),
            mend: None,
        },
        Failure::Foreign(names) => Ailment::new(
            format!("{} came from outside the tree: {among}", names.join(", ")),
            "uninstall what goes by that name, or name another interpreter with --python PATH",
        ),
    }
}

fn among(modules: &[&str]) -> String {
    let named = modules.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match modules.len() {
        1 => named,
        few if few <= NAMED => format!("{few} modules ({named})"),
        many => format!("{many} modules ({named}, …)"),
    }
}

/// The environment variables that an import asks for and does not find, as far as the exception tells.
fn variables(class: &str, message: &str, place: Option<&(String, u32)>, head: &Side) -> Option<Vec<String>> {
    let of_settings = of_settings(class, message);
    match of_settings.is_empty() {
        true => variable(class, message, place, head).map(|name| vec![name]),
        false => Some(of_settings),
    }
}

/// The fields that pydantic's settings miss: each on a line of its own, with what is wrong with it on the next one.
fn of_settings(class: &str, message: &str) -> Vec<String> {
    if !class.ends_with(".ValidationError") || !message.lines().next().is_some_and(|line| line.contains("ettings")) {
        return Vec::new();
    }
    let lines: Vec<&str> = message.lines().collect();
    let missing = lines
        .windows(2)
        .filter(|pair| pair[1].trim_start().starts_with("Field required"));
    let is_name = |name: &&str| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    missing
        .map(|pair| pair[0].trim())
        .filter(is_name)
        .map(str::to_uppercase)
        .collect()
}

/// The environment variable that an import asks for and does not find, as far as the exception tells.
fn variable(class: &str, message: &str, place: Option<&(String, u32)>, head: &Side) -> Option<String> {
    let is_name = |word: &&str| {
        let mut chars = word.chars();
        word.len() > 1
            && chars.next().is_some_and(|c| c.is_ascii_uppercase())
            && chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let mut words = message.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let name = words.find(is_name)?.to_owned();
    let line = || {
        let (path, line) = place?;
        let text = dependencies::text(head, path)?;
        text.lines().nth(line.saturating_sub(1) as usize).map(str::to_owned)
    };
    // `os.environ`, python-decouple, django-environ and the like say so in words of their own.
    let said = ["environment variable", "envvar", "environ"];
    let asks = match class {
        "KeyError" => line().is_some_and(|line| line.contains("environ")),
        _ => said.iter().any(|word| message.contains(word)),
    };
    asks.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pydantic_says_which_settings_are_missing() {
        let message = "2 validation errors for Settings\nPROJECT_NAME\n  Field required [type=missing, input_value={}]\n    For further information\n\
            port\n  Field required [type=missing]\nbad\n  Input should be a valid integer";
        let class = "pydantic_core._pydantic_core.ValidationError";
        assert_eq!(of_settings(class, message), ["PROJECT_NAME", "PORT"]);
        assert!(of_settings(class, &message.replace("Settings", "Order")).is_empty());
    }
}
