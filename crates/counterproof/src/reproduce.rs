//! `counterproof reproduce`: an earlier finding, run again or as a script.

use camino::Utf8PathBuf;
use executor::Context;
use languages::python::print;
use model::Finding;

use crate::args::{CheckArgs, ReproduceArgs, ReproduceFormat};
use crate::error::CliError;
use crate::evidence::Stored;
use crate::progress::Spinner;
use crate::settings::Settings;
use crate::versions::{self, Cache, RunError};

/// Does what was asked; the exit code is 1 when the difference shows again, 0 when it does not.
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
    let settings = Settings::resolve(&check, &here)?;
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
        ReproduceFormat::Run => again(&settings, &cache, &stored, finding),
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

fn again(settings: &Settings, cache: &Cache, stored: &Stored, finding: &Finding) -> Result<u8, CliError> {
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
    let interpreter = cache
        .interpreter(settings, ".".into())
        .map_err(|error| CliError::NotRunnable(error.to_string()))?;
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
    let text = |observation: Option<model::Observation>| {
        observation.map_or_else(|| "cannot be called".to_owned(), |it| print::outcome(&it, 2000))
    };
    let printed = print::call(&finding.example.target, &finding.example.input);
    let setup: String = printed.setup.iter().map(|line| format!("{line}\n")).collect();
    let before: String = finding
        .example
        .before
        .iter()
        .map(|input| print::call(&finding.example.target, input).call + "\n")
        .collect();
    let differs = again.differs;
    crate::error::print(&format!(
        "{setup}{before}{}\n  base  {}\n  head  {}\n{}",
        printed.call,
        text(again.base),
        text(again.head),
        if differs {
            "The two versions differ."
        } else {
            "The two versions do not differ this time."
        }
    ))?;
    Ok(u8::from(differs))
}
