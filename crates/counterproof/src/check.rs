//! `counterproof check`: change → plan → evidence → report.

use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use change::{GitRequest, Head, Pair};
use model::{Change, Evidence, Plan};

use crate::args::{CheckArgs, Format};
use crate::error::CliError;
use crate::evidence::{Key, Ran, Stored};
use crate::progress::Spinner;
use crate::settings::{self, Settings};
use crate::versions::{self, Cache};

/// Checks in the current folder.
///
/// # Errors
/// When there is nothing to compare or nothing can be written.
pub fn run(args: &CheckArgs) -> Result<u8, CliError> {
    let here = std::env::current_dir()
        .map_err(|error| CliError::Usage(format!("the current folder cannot be used: {error}")))?;
    let here = Utf8PathBuf::from_path_buf(here)
        .map_err(|path| CliError::Usage(format!("the current folder is not UTF-8: {}", path.display())))?;
    run_in(&here, args)
}

/// Checks in `folder`.
///
/// # Errors
/// As [`run`].
pub fn run_in(folder: &Utf8Path, args: &CheckArgs) -> Result<u8, CliError> {
    let started = Instant::now();
    let settings = Settings::resolve(args, &root_of(folder))?;
    let cache = Cache::open(&settings.cache)?;
    let (change, pair) = compare(folder, args, &settings, &cache)?;
    let stored = evidence(args, &settings, &cache, change, &pair, started)?;
    show(args, &settings, &stored)
}

/// The folder that holds the configuration: the nearest one above with a repository or a configuration file.
fn root_of(folder: &Utf8Path) -> Utf8PathBuf {
    let holds = |folder: &&Utf8Path| folder.join(".git").exists() || folder.join(crate::config::NAME).exists();
    folder.ancestors().find(holds).unwrap_or(folder).to_owned()
}

fn compare(
    folder: &Utf8Path,
    args: &CheckArgs,
    settings: &Settings,
    cache: &Cache,
) -> Result<(Change, Pair), CliError> {
    let (range, paths) = targets(folder, &args.targets)?;
    let (mut change, pair) = if let [old, new] = args.trees.as_slice() {
        change::of_folders(old.as_std_path(), new.as_std_path(), &paths)?
    } else {
        let head = if args.staged { Head::Staged } else { Head::WorkingTree };
        if range.is_some() && (args.staged || args.base.is_some()) {
            return Err(CliError::Usage(
                "a range of revisions goes with neither --staged nor --base: write one or the other".to_owned(),
            ));
        }
        change::in_git(&GitRequest {
            repository: folder.as_std_path().to_owned(),
            range,
            base: args.base.clone(),
            head,
            paths,
            scratch: cache.temporary()?.into_std_path_buf(),
        })?
    };
    leave_out(&mut change, &settings.exclude);
    Ok((change, pair))
}

/// Tells ranges of revisions from paths; paths are relative to the folder the command runs in.
fn targets(folder: &Utf8Path, targets: &[String]) -> Result<(Option<String>, Vec<String>), CliError> {
    let root = root_of(folder);
    let below = folder.strip_prefix(&root).map(Utf8Path::as_str).unwrap_or_default();
    let mut range = None;
    let mut paths = Vec::new();
    for target in targets {
        let is_range = target.contains("..") && !target.starts_with("../") && !folder.join(target).exists();
        if !is_range {
            if !folder.join(target).exists() && !target.contains(['*', '/', '.']) {
                return Err(CliError::Usage(format!(
                    "`{target}` is neither a path here nor a range: compare revisions as BASE..HEAD, or give --base {target}"
                )));
            }
            let path = if below.is_empty() {
                target.clone()
            } else {
                format!("{below}/{target}")
            };
            paths.push(path);
        } else if range.replace(target.clone()).is_some() {
            return Err(CliError::Usage("more than one range of revisions: give one".to_owned()));
        }
    }
    Ok((range, paths))
}

/// Functions in folders that the configuration leaves out are listed as files, not run.
fn leave_out(change: &mut Change, exclude: &[String]) {
    if exclude.is_empty() {
        return;
    }
    let out = |path: &str| {
        exclude.iter().any(|prefix| {
            path == prefix
                || path
                    .strip_prefix(prefix.trim_end_matches('/'))
                    .is_some_and(|rest| rest.starts_with('/'))
        })
    };
    let mut files: Vec<String> = change
        .functions
        .iter()
        .map(|function| function.path.clone())
        .filter(|path| out(path))
        .collect();
    files.dedup();
    change.functions.retain(|function| !out(&function.path));
    change
        .unverified
        .extend(files.into_iter().map(|path| model::Unverified {
            path,
            reason: format!("left out by {}", crate::config::NAME),
        }));
}

fn evidence(
    args: &CheckArgs,
    settings: &Settings,
    cache: &Cache,
    change: Change,
    pair: &Pair,
    started: Instant,
) -> Result<Stored, CliError> {
    let plan = planner::plan(&change, pair.base.index(), pair.head.index(), settings.budget_seconds);
    let to_run = plan
        .checks
        .iter()
        .any(|check| executor::needs_run(&change.functions[check.function], check));
    if !to_run {
        let evidence = executor::without_running(&change, &plan);
        return Ok(finish(settings, change, plan, evidence, pair, started));
    }
    let root = Utf8PathBuf::from_path_buf(pair.root.clone()).unwrap_or_default();
    let interpreter = match cache.interpreter(settings, &root) {
        Ok(interpreter) => interpreter,
        Err(reason) => {
            let mut evidence = executor::without_running(&change, &plan);
            evidence.not_run(&reason.to_string());
            return Ok(finish(settings, change, plan, evidence, pair, started));
        }
    };
    let overlay = crate::overlay::find(&root, pair);
    let key = Key::new(settings, &change, &interpreter, &overlay, &args.targets);
    if !args.no_cache
        && let Some(stored) = cache.evidence(&key)
    {
        return Ok(stored);
    }
    let stopped = crate::interrupt::flag();
    let spinner = Spinner::new(stopped.clone());
    let run = versions::run(
        cache,
        settings,
        &change,
        &plan,
        pair,
        &overlay,
        interpreter.clone(),
        &spinner,
    );
    drop(spinner);
    if crate::interrupt::requested() {
        return Err(CliError::Interrupted);
    }
    match run {
        Ok((evidence, trees)) => {
            let mut stored = finish(settings, change, plan, evidence, pair, started);
            stored.ran = Some(Ran { trees, interpreter });
            cache.keep(&key, &stored);
            Ok(stored)
        }
        Err(error) => {
            let mut evidence = executor::without_running(&change, &plan);
            evidence.not_run(&error.to_string());
            Ok(finish(settings, change, plan, evidence, pair, started))
        }
    }
}

fn finish(
    settings: &Settings,
    change: Change,
    plan: Plan,
    mut evidence: Evidence,
    pair: &Pair,
    started: Instant,
) -> Stored {
    evidence.notes.extend(pair.notes.iter().cloned());
    let exit = report::exit_code(&evidence, &change, settings.require_verified);
    Stored::new(change, plan, evidence, exit, started.elapsed().as_secs_f64())
}

fn show(args: &CheckArgs, settings: &Settings, stored: &Stored) -> Result<u8, CliError> {
    // Whether anything unverified counts is asked anew: the evidence does not depend on it.
    let exit = report::exit_code(&stored.evidence, &stored.change, settings.require_verified);
    let result = stored.report(exit);
    if let Some(id) = &args.explain {
        let text = stored.explain(id, &result)?;
        crate::error::print(&text)?;
        return Ok(exit);
    }
    match args.format {
        Format::Json => crate::error::print(&report::json::text(&result))?,
        Format::Terminal => {
            let options = report::terminal::TerminalOptions {
                color: settings::colour(),
                width: settings::width(),
                verbose: args.verbose,
            };
            crate::error::print(&report::terminal::render(&result, &options))?;
        }
    }
    Ok(exit)
}
