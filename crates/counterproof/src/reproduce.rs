//! `counterproof reproduce`: an earlier finding, run again or as a script.

use camino::Utf8PathBuf;
use executor::{Context, Interpreter, Reproduced};
use languages::python::Project;
use languages::python::frameworks::DJANGO_VARIABLE;
use languages::python::print;
use model::{Finding, FindingKind};

use crate::args::{CheckArgs, ReproduceArgs, ReproduceFormat};
use crate::check::root_of;
use crate::error::CliError;
use crate::evidence::{Ran, Stored};
use crate::overlay::{LaidOver, is_metadata};
use crate::progress::Spinner;
use crate::settings::Settings;
use crate::versions::{self, Cache, RunError};

/// Does what was asked; the exit code is 1 when the difference shows again, 0 when it does not, 3 when nothing can be said.
///
/// # Errors
/// When the finding or its versions are not in the cache any more, or nothing can be run.
pub fn run(args: &ReproduceArgs) -> Result<u8, CliError> {
    let check = CheckArgs {
        python: args.python.clone(),
        no_sandbox: args.no_sandbox,
        ..CheckArgs::default()
    };
    let here = Utf8PathBuf::from(".");
    let root = root_of(&here.canonicalize_utf8().unwrap_or(here));
    let settings = Settings::resolve(&check, &root)?;
    let cache = Cache::open(&settings.cache)?;
    let Some(stored) = cache.check_of(&args.finding) else {
        return Err(CliError::Usage(format!(
            "there is no finding {} in the cache: run `counterproof check` again, it prints the ids",
            args.finding
        )));
    };
    let Some((_, finding)) = stored.finding(&args.finding) else {
        return Err(CliError::Usage(format!(
            "there is no finding {} in its check: run `counterproof check` again",
            args.finding
        )));
    };
    match args.format {
        ReproduceFormat::Python => {
            crate::error::print(&print::script(&finding.example, &surroundings(&cache, &stored)))?;
            Ok(0)
        }
        ReproduceFormat::Run => again(args.python.is_some(), &settings, &cache, &stored, finding),
    }
}

/// What a script has to know of the versions.
fn surroundings(cache: &Cache, stored: &Stored) -> print::Surroundings {
    let tree = stored.ran.as_ref().and_then(|ran| cache.tree(&ran.trees.1));
    let project = tree.map(|tree| versions::project_of(tree.path()));
    let mut surroundings = print::Surroundings {
        roots: project
            .as_ref()
            .map_or_else(|| vec![String::new()], |project| project.roots().to_vec()),
        ..print::Surroundings::default()
    };
    let base = stored.ran.as_ref().and_then(|ran| cache.tree(&ran.trees.0));
    let base = base.map(|tree| versions::project_of(tree.path()));
    let makes_one = |project: &Project| {
        let makes = |path: &str| {
            let bytes = project.read(path).unwrap_or_default();
            String::from_utf8_lossy(&bytes).contains("Flask(")
        };
        project.paths().any(makes)
    };
    surroundings.flask = project.iter().any(|project| makes_one(project));
    if let Some(django) = project.as_ref().and_then(|project| project.django()) {
        let variable = (DJANGO_VARIABLE.to_owned(), django.settings.clone());
        surroundings.variables.push(variable);
    }
    for project in project.iter().chain(&base) {
        for (name, value) in &project.dotenv().variables {
            if surroundings.variables.iter().all(|(other, _)| other != name) {
                surroundings.variables.push((name.clone(), value.clone()));
            }
        }
    }
    for LaidOver { path, metadata } in stored.ran.iter().flat_map(|ran| &ran.laid_over) {
        match metadata {
            Some(text) => surroundings.metadata.push((from_metadata_on(path), text.clone())),
            None => surroundings.others.push(path.clone()),
        }
    }
    surroundings
}

/// A path from the folder of metadata on.
fn from_metadata_on(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let first = parts.iter().position(|part| is_metadata(part)).unwrap_or(0);
    parts[first..].join("/")
}

/// The interpreter that was named, else the one that the evidence was made with: another one may lack the project's packages.
fn interpreter(named: bool, settings: &Settings, cache: &Cache, ran: &Ran) -> Result<Interpreter, CliError> {
    if named {
        let found = cache.interpreter(settings, ".".into());
        return found.map_err(|error| CliError::Usage(error.to_string()));
    }
    if !ran.interpreter.executable.exists() {
        return Err(gone_with(&ran.interpreter));
    }
    Ok(ran.interpreter.clone())
}

fn gone_with(interpreter: &Interpreter) -> CliError {
    CliError::NotRunnable(format!(
        "{}, which the check ran with, is gone: name another interpreter with --python PATH",
        interpreter.executable
    ))
}

fn again(named: bool, settings: &Settings, cache: &Cache, stored: &Stored, finding: &Finding) -> Result<u8, CliError> {
    let again = with_versions(named, settings, cache, stored, |context| {
        executor::reproduce(context, finding)
    })?;
    let again = again.map_err(|error| CliError::NotRunnable(error.to_string()))?;
    crate::error::print(&told(finding, &again))?;
    Ok(u8::from(again.difference.is_some()))
}

/// What `work` gives with both versions of a stored check laid out, and the interpreter that was named or that the check ran with.
///
/// # Errors
/// When the versions are not in the cache any more, or nothing can be run.
pub fn with_versions<T>(
    named: bool,
    settings: &Settings,
    cache: &Cache,
    stored: &Stored,
    work: impl FnOnce(&Context<'_>) -> T,
) -> Result<T, CliError> {
    let gone = || {
        CliError::Usage(
            "the versions of this finding are not in the cache any more: run `counterproof check` again".to_owned(),
        )
    };
    let failed = |error: RunError| CliError::NotRunnable(error.to_string());
    let ran = stored.ran.as_ref().ok_or_else(gone)?;
    let (base_id, head_id) = &ran.trees;
    let (base, head) = (
        cache.tree(base_id).ok_or_else(gone)?,
        cache.tree(head_id).ok_or_else(gone)?,
    );
    let workspace = cache.workspace().map_err(|error| failed(error.into()))?;
    let spinner = Spinner::new(crate::interrupt::flag());
    let of_head = interpreter(named, settings, cache, ran)?;
    let of_base = match &ran.base_interpreter {
        Some(own) if !named && own.executable.exists() => own.clone(),
        Some(own) if !named => return Err(gone_with(own)),
        _ => of_head.clone(),
    };
    let side = |tree: &store::Tree, scratch, interpreter| executor::Side {
        tree: tree.path().to_owned(),
        scratch,
        project: versions::project_of(tree.path()),
        interpreter,
    };
    let context = Context {
        base: side(&base, workspace.base(), of_base),
        head: side(&head, workspace.head(), of_head),
        launcher: versions::launcher().map_err(failed)?,
        harness: cache.harness().map_err(|error| failed(RunError::Harness(error)))?,
        settings: settings.executor.clone(),
        progress: &spinner,
    };
    Ok(work(&context))
}

/// The calls, and what both versions do now.
fn told(finding: &Finding, again: &Reproduced) -> String {
    let mut lines = crate::evidence::setup(finding);
    lines.push(print::call(&finding.example.target, &finding.example.input).call);
    let outcome = |observation| print::outcome(observation, &finding.example.input, 2000);
    let (aspect, base, head) = match &again.difference {
        Some(shown) => (shown.aspect.clone(), shown.base.clone(), shown.head.clone()),
        None => (None, outcome(&again.base), outcome(&again.head)),
    };
    if [FindingKind::Suspicious, FindingKind::NewExposure].contains(&finding.kind) {
        let said = &finding.example.base_text;
        let again = match again.difference {
            Some(_) => "It does so again.",
            None => "It does not do so this time.",
        };
        let (before, after) = match finding.kind {
            FindingKind::Suspicious => ("said", "yet"),
            _ => ("base", "head"),
        };
        lines.extend([
            format!("  {before}  {said}"),
            format!("  {after:4}  {head}"),
            again.to_owned(),
        ]);
        return lines.join("\n");
    }
    let what = aspect.map_or_else(String::new, |aspect| format!("{aspect}: "));
    lines.push(format!("  base  {what}{base}"));
    lines.push(format!("  head  {what}{head}"));
    lines.push(
        if again.difference.is_some() {
            "The two versions differ."
        } else {
            "The two versions do not differ this time."
        }
        .to_owned(),
    );
    lines.join("\n")
}
