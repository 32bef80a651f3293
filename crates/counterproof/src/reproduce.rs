//! `counterproof reproduce`: an earlier finding, run again or as a script.

use camino::{Utf8Path, Utf8PathBuf};
use executor::{Context, Interpreter, NoInterpreter};
use languages::python::print;
use model::{Finding, Observation};

use crate::args::{CheckArgs, ReproduceArgs, ReproduceFormat};
use crate::check::root_of;
use crate::error::CliError;
use crate::evidence::Stored;
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
            let example = &finding.example;
            crate::error::print(&print::script(
                &example.target,
                &example.before,
                &example.input,
                &roots(&cache, &stored),
            ))?;
            Ok(0)
        }
        ReproduceFormat::Run => again(&settings, &cache, &root, &stored, finding),
    }
}

/// Folders that imports start from, relative to a version.
fn roots(cache: &Cache, stored: &Stored) -> Vec<String> {
    let tree = stored.trees.as_ref().and_then(|(_, head)| cache.tree(head));
    tree.map_or_else(
        || vec![String::new()],
        |tree| versions::project_of(tree.path()).roots().to_vec(),
    )
}

/// The interpreter that was named, else that of the check.
fn interpreter(
    settings: &Settings,
    cache: &Cache,
    root: &Utf8Path,
    stored: &Stored,
) -> Result<Interpreter, NoInterpreter> {
    match &stored.interpreter {
        Some(known) if settings.python.is_none() && known.executable.exists() => Ok(known.clone()),
        _ => cache.interpreter(settings, root),
    }
}

fn again(
    settings: &Settings,
    cache: &Cache,
    root: &Utf8Path,
    stored: &Stored,
    finding: &Finding,
) -> Result<u8, CliError> {
    let gone = || {
        CliError::Usage(
            "the versions of this finding are not in the cache any more: run `counterproof check` again".to_owned(),
        )
    };
    let failed = |error: RunError| CliError::NotRunnable(error.to_string());
    let (base_id, head_id) = stored.trees.as_ref().ok_or_else(gone)?;
    let (base, head) = (
        cache.tree(base_id).ok_or_else(gone)?,
        cache.tree(head_id).ok_or_else(gone)?,
    );
    let workspace = cache.workspace().map_err(|error| failed(error.into()))?;
    let interpreter =
        interpreter(settings, cache, root, stored).map_err(|error| CliError::NotRunnable(error.to_string()))?;
    let spinner = Spinner::new(crate::interrupt::flag());
    let side = |tree: &store::Tree, scratch| executor::Side {
        tree: tree.path().to_owned(),
        scratch,
        project: versions::project_of(tree.path()),
    };
    let context = Context {
        base: side(&base, workspace.base()),
        head: side(&head, workspace.head()),
        interpreter,
        launcher: versions::launcher().map_err(failed)?,
        harness: cache.harness().map_err(|error| failed(RunError::Harness(error)))?,
        settings: settings.executor.clone(),
        progress: &spinner,
    };
    let again = executor::reproduce(&context, finding).map_err(|error| failed(error.into()))?;
    drop(spinner);
    let text = |observation: &Result<Observation, String>| match observation {
        Ok(observation) => print::outcome(observation, 2000),
        Err(reason) => format!("cannot be called: {reason}"),
    };
    let (code, verdict) = match (again.differs, again.base.is_ok() && again.head.is_ok()) {
        (true, _) => (1, "The two versions differ."),
        (false, true) => (0, "The two versions do not differ this time."),
        (false, false) => (crate::error::NOTHING_VERIFIED, "Nothing can be said this time."),
    };
    let printed = print::call(&finding.example.target, &finding.example.input);
    let setup: String = printed.setup.iter().map(|line| format!("{line}\n")).collect();
    let before: String = finding
        .example
        .before
        .iter()
        .map(|input| print::call(&finding.example.target, input).call + "\n")
        .collect();
    crate::error::print(&format!(
        "{setup}{before}{}\n  base  {}\n  head  {}\n{}",
        printed.call,
        text(&again.base),
        text(&again.head),
        verdict
    ))?;
    Ok(code)
}
