//! `counterproof doctor`: what stands between a project and a check of it, with one mend for each.

mod imports;

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use change::Pair;
use executor::Interpreter;
use languages::python::syntax::is_test;
use languages::python::{Project, requires};
use model::Change;
use model::doctor::{Ailment, DOCTOR_SCHEMA, Examination, Part, State};
use sandbox::Layer;

use crate::args::{CheckArgs, DoctorArgs, DoctorFormat};
use crate::check;
use crate::dependencies;
use crate::error::{CliError, print};
use crate::install::{self, Hook};
use crate::settings::{self, Settings};
use crate::versions::Cache;

/// Examines the current folder.
///
/// # Errors
/// When the configuration makes no sense, or the result cannot be written.
pub fn run(args: &DoctorArgs) -> Result<u8, CliError> {
    let here = Utf8PathBuf::from(".")
        .canonicalize_utf8()
        .map_err(|error| CliError::Usage(format!("the current folder cannot be used: {error}")))?;
    let examination = examine(&here, args)?;
    let text = match args.format {
        DoctorFormat::Json => report::doctor::json(&examination),
        DoctorFormat::Terminal => {
            let options = report::terminal::TerminalOptions {
                color: settings::colour(),
                width: settings::width(),
                verbose: false,
            };
            report::doctor::terminal(&examination, &options)
        }
    };
    print(&text)?;
    Ok(u8::from(examination.has_mends()))
}

fn examine(here: &Utf8Path, args: &DoctorArgs) -> Result<Examination, CliError> {
    let root = check::root_of(here);
    let check_args = CheckArgs {
        python: args.python.clone(),
        ..CheckArgs::default()
    };
    let settings = Settings::resolve(&check_args, &root)?;
    let mut parts = Vec::new();
    match Cache::open(&settings.cache) {
        Err(error) => parts.push(unusable(&settings.cache, &error.to_string())),
        Ok(cache) => {
            project(&mut parts, here, &root, &check_args, &settings, &cache);
            parts.push(agent(&root));
            parts.push(cache_part(&settings.cache, &cache));
        }
    }
    Ok(Examination {
        schema: DOCTOR_SCHEMA.to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        parts,
    })
}

/// All that is about the project itself: versions, interpreter, imports, tests, and the sandbox that holds them.
fn project(
    parts: &mut Vec<Part>,
    here: &Utf8Path,
    root: &Utf8Path,
    args: &CheckArgs,
    settings: &Settings,
    cache: &Cache,
) {
    let (git, pair) = git(here, root, args, settings, cache);
    parts.push(git);
    let interpreter = cache.interpreter(settings, root);
    let mut sandbox = sandbox_part(settings);
    match (&interpreter, &pair) {
        (Err(none), _) => parts.push(Part::new("interpreter", State::Mend, none.to_string())),
        (Ok(interpreter), None) => parts.push(interpreter_part(interpreter, None)),
        (Ok(interpreter), Some(pair)) => {
            parts.push(interpreter_part(interpreter, Some(pair)));
            let imports = imports::part(cache, settings, pair, interpreter);
            for missing in imports.missing_layers {
                if !sandbox
                    .ailments
                    .iter()
                    .any(|ailment| missing.starts_with(&ailment.what))
                {
                    unless_to_mend(&mut sandbox, State::Note);
                    sandbox.ailments.push(Ailment {
                        what: missing,
                        mend: None,
                    });
                }
            }
            parts.push(imports.part);
            parts.push(tests(pair, interpreter));
        }
    }
    parts.push(sandbox);
}

fn git(here: &Utf8Path, root: &Utf8Path, args: &CheckArgs, settings: &Settings, cache: &Cache) -> (Part, Option<Pair>) {
    if !root.join(".git").exists() {
        // Without git, the folder is one version and is looked at as such.
        let trees = CheckArgs {
            trees: vec![here.to_owned(), here.to_owned()],
            ..args.clone()
        };
        let pair = check::compare(here, &trees, settings, cache).ok().map(|(_, pair)| pair);
        let part = Part::new("git", State::Mend, format!("no repository at {here}")).with(Ailment::new(
            "there are no versions to compare",
            "git init, or two folders: counterproof check --trees OLD NEW",
        ));
        return (part, pair);
    }
    match check::compare(here, args, settings, cache) {
        Ok((change, pair)) => {
            let mut part = Part::new("git", State::Well, compared(&change));
            if root.join(".git/shallow").exists() {
                part.state = State::Note;
                part = part.with(Ailment::new(
                    "the clone is shallow: what a branch was split off from may be missing",
                    "git fetch --unshallow",
                ));
            }
            (part, Some(pair))
        }
        Err(error) => {
            let trees = CheckArgs {
                trees: vec![root.to_owned(), root.to_owned()],
                ..args.clone()
            };
            let pair = check::compare(root, &trees, settings, cache).ok().map(|(_, pair)| pair);
            (Part::new("git", State::Mend, error.to_string()), pair)
        }
    }
}

fn compared(change: &Change) -> String {
    let functions = change.functions.len();
    format!(
        "{} → {}: {functions} {} changed in meaning",
        change.base.name,
        change.head.name,
        if functions == 1 { "function" } else { "functions" }
    )
}

fn interpreter_part(interpreter: &Interpreter, pair: Option<&Pair>) -> Part {
    let text = format!(
        "{} {}, {}: {}",
        interpreter.implementation, interpreter.version, interpreter.chosen, interpreter.executable
    );
    let mut part = Part::new("interpreter", State::Well, text);
    let Some(pair) = pair else { return part };
    let project = pair.head.project();
    for (whose, required) in asked(project) {
        if requires::admits(&required, &interpreter.version) {
            continue;
        }
        part.state = State::Mend;
        part = part.with(Ailment::new(
            format!("{whose} asks for Python {required}"),
            "name an interpreter for it: --python PATH, or `python` in counterproof.toml",
        ));
    }
    if let Some(missing) = dependencies::missing(&pair.head, interpreter) {
        part.state = State::Mend;
        part = part.with(Ailment::new(
            format!("declared and not installed there: {}", missing.shown()),
            dependencies::mend(&pair.head, interpreter, &missing.names),
        ));
    }
    part
}

/// Folders of which is asked what Python they are for.
const FOLDERS: usize = 500;

/// Which Python the project asks for, and each of its folders that asks for another one: members of a workspace do.
fn asked(project: &Project) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = requires::required(project, "pyproject.toml")
        .map(|required| ("the project".to_owned(), required))
        .into_iter()
        .collect();
    let folders: BTreeSet<&str> = project
        .paths()
        .filter_map(|path| Some(path.rsplit_once('/')?.0))
        .collect();
    for folder in folders.into_iter().take(FOLDERS) {
        let required = requires::required(project, &format!("{folder}/pyproject.toml"));
        if let Some(required) = required.filter(|required| all.iter().all(|(_, known)| known != required)) {
            all.push((format!("{folder}/"), required));
        }
    }
    all
}

/// What runs the project's own tests.
fn tests(pair: &Pair, interpreter: &Interpreter) -> Part {
    let file = |path: &&str| {
        let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".py");
        is_test(path) && (stem.starts_with("test") || stem.ends_with("_test"))
    };
    let files = pair.head.project().paths().filter(file).count();
    if files == 0 {
        return Part::new(
            "tests",
            State::Note,
            "the project has no tests of its own; checks need none",
        );
    }
    let files = format!("{files} {}", if files == 1 { "file" } else { "files" });
    let distributions = interpreter.distributions();
    let version = distributions.iter().find_map(|name| {
        let version = name.strip_prefix("pytest-")?.strip_suffix(".dist-info")?;
        version.starts_with(|c: char| c.is_ascii_digit()).then_some(version)
    });
    if let Some(version) = version {
        return Part::new("tests", State::Well, format!("pytest {version} runs {files}"));
    }
    let names_pytest = |path: &str| {
        let bytes = pair.head.project().read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).contains("pytest")
    };
    if pair
        .head
        .project()
        .paths()
        .any(|path| is_test(path) && names_pytest(path))
    {
        let mend = dependencies::installing(interpreter, &["pytest".to_owned()]);
        return Part::new(
            "tests",
            State::Mend,
            format!("pytest is not installed; it is needed by {files} of tests"),
        )
        .with(Ailment::new("the project's own tests cannot be run", mend));
    }
    Part::new("tests", State::Well, format!("unittest runs {files}"))
}

/// What holds the project's code while it runs.
fn sandbox_part(settings: &Settings) -> Part {
    let offered = sandbox::available();
    let held: Vec<&str> = offered
        .iter()
        .filter(|(_, offer)| offer.is_ok())
        .map(|(layer, _)| executor::layer_name(*layer))
        .collect();
    let missing = offered.len() - held.len();
    let state = match missing {
        0 => State::Well,
        _ if settings.require_all_layers || held.is_empty() => State::Mend,
        _ => State::Note,
    };
    let text = if held.is_empty() {
        "no layer: the project's code would run with your rights, so that it is not run".to_owned()
    } else {
        held.join(", ")
    };
    let absent = offered
        .iter()
        .filter_map(|(layer, offer)| Some((layer, offer.as_ref().err()?)));
    absent.fold(Part::new("sandbox", state, text), |part, (layer, reason)| {
        let what = format!("{}: {reason}", executor::layer_name(*layer));
        part.with(Ailment::new(what, mend_of_layer(*layer)))
    })
}

fn mend_of_layer(layer: Layer) -> &'static str {
    match layer {
        Layer::Files => "a Linux of 5.13 or later with Landlock among its security modules (`lsm=landlock,…` at boot)",
        Layer::Syscalls => "a kernel with seccomp filters; in a container, leave `seccomp` to its default profile",
        Layer::Namespaces => {
            "sysctl kernel.unprivileged_userns_clone=1; on Ubuntu, kernel.apparmor_restrict_unprivileged_userns=0"
        }
        Layer::Limits => "a system with resource limits",
    }
}

/// The hooks of agents.
fn agent(root: &Utf8Path) -> Part {
    let none = "no agent is judged or hears of findings; `counterproof install claude-code` changes that, or another agent's name";
    let mut part = Part::new("agent", State::Note, none);
    let mut works = Vec::new();
    let mut texts = Vec::new();
    for (coder, path, hook) in install::examine(root) {
        let install = format!("counterproof install {}", coder.name());
        match hook {
            Hook::Absent => {}
            Hook::Works => {
                works.push(format!("{} ({path})", coder.words()));
                unless_to_mend(&mut part, State::Well);
            }
            Hook::Partly(missing) => {
                texts.push(format!(
                    "the hooks of {} in {path} work, and some are missing",
                    coder.words()
                ));
                part.ailments.push(Ailment::new(missing, install));
            }
            Hook::Other(program) => {
                texts.push(format!("{} has a hook in {path}", coder.words()));
                part.ailments.push(Ailment::new(
                    format!("it runs {program}, which is not this program and was not tried"),
                    format!("{install}, where this program is meant"),
                ));
            }
            Hook::Broken(why) => {
                texts.push(format!("the hook in {path} does not work"));
                part.state = State::Mend;
                part.ailments.push(Ailment::new(why, install));
            }
        }
    }
    if !works.is_empty() {
        texts.push(format!(
            "judged before it acts, which a canary showed, and told of findings when it stops: {}",
            works.join(", ")
        ));
    }
    if !texts.is_empty() {
        part.text = texts.join("; ");
    }
    part
}

fn cache_part(wanted: &Utf8Path, cache: &Cache) -> Part {
    let used = cache.root();
    let size = format!("about {} MiB in {used}", cache.bytes() >> 20);
    if used.starts_with(wanted) {
        return Part::new("cache", State::Well, size);
    }
    Part::new("cache", State::Mend, size).with(Ailment::new(
        format!("{wanted} cannot be written, so that everything is checked anew once {used} is cleared"),
        "make it writable, or set COUNTERPROOF_CACHE to a folder that is",
    ))
}

fn unusable(wanted: &Utf8Path, why: &str) -> Part {
    Part::new("cache", State::Mend, format!("{wanted} cannot be used")).with(Ailment::new(
        why,
        "free some space, or set COUNTERPROOF_CACHE to a folder that can be written",
    ))
}

/// Sets how a part is, unless something of it is to be mended.
fn unless_to_mend(part: &mut Part, state: State) {
    if part.state != State::Mend {
        part.state = state;
    }
}
