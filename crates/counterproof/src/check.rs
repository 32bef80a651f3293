//! `counterproof check`: change → plan → evidence → report.

use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use change::{GitRequest, Head, Pair};
use executor::NoInterpreter;
use model::report::CheckReport;
use model::{Change, Evidence, Plan, TestPlan};

use crate::accepted::Accepted;
use crate::args::{CheckArgs, Format, Tests};
use crate::dependencies;
use crate::environments::{self, Interpreters};
use crate::error::CliError;
use crate::evidence::{Key, Ran, Stored};
use crate::intent;
use crate::overlay::{self, Overlay, Stale};
use crate::own_metadata;
use crate::progress::Spinner;
use crate::settings::{self, Settings};
use crate::versions::{self, Cache};

/// Checks in the current folder.
///
/// # Errors
/// When there is nothing to compare or nothing can be written.
pub fn run(args: &CheckArgs) -> Result<u8, CliError> {
    run_in(&here()?, args)
}

/// The current folder.
///
/// # Errors
/// When it is gone, or its name is not UTF-8.
pub fn here() -> Result<Utf8PathBuf, CliError> {
    let here = std::env::current_dir()
        .map_err(|error| CliError::Usage(format!("the current folder cannot be used: {error}")))?;
    Utf8PathBuf::from_path_buf(here)
        .map_err(|path| CliError::Usage(format!("the current folder is not UTF-8: {}", path.display())))
}

/// Checks in `folder`.
///
/// # Errors
/// As [`run`].
pub fn run_in(folder: &Utf8Path, args: &CheckArgs) -> Result<u8, CliError> {
    show(args, &judge(folder, args)?)
}

/// What a check came to, before anybody is shown it.
pub struct Judged {
    /// What was seen.
    pub stored: Stored,
    /// Its published form.
    pub report: CheckReport,
    /// The cache that was used.
    pub cache: Cache,
}

/// Checks in `folder` and shows nothing.
///
/// # Errors
/// As [`run`].
pub fn judge(folder: &Utf8Path, args: &CheckArgs) -> Result<Judged, CliError> {
    let started = Instant::now();
    let settings = Settings::resolve(args, &root_of(folder))?;
    let cache = Cache::open(&settings.cache)?;
    let (change, pair) = compare(folder, args, &settings, &cache).map_err(|error| cache.full_or(error))?;
    let (stored, report) = judge_pair(folder, args, &settings, &cache, change, &pair, started)?;
    Ok(Judged { stored, report, cache })
}

/// Checks two versions that are known already.
///
/// # Errors
/// When what the change says of itself or what it accepts cannot be read, or on Ctrl-C.
pub fn judge_pair(
    folder: &Utf8Path,
    args: &CheckArgs,
    settings: &Settings,
    cache: &Cache,
    change: Change,
    pair: &Pair,
    started: Instant,
) -> Result<(Stored, CheckReport), CliError> {
    let said = intent::by_option(&args.intent)?;
    let accepted = Accepted::of(pair)?;
    let ends = (change.base.commit.clone(), change.head.commit.clone());
    let (declared, stored) = std::thread::scope(|scope| {
        // Git is asked meanwhile.
        let declared = scope.spawn(move || intent::of(ends, folder, said));
        let stored = evidence(args, settings, cache, change, pair, started);
        (declared.join(), stored)
    });
    let (intent, unread) = declared.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let stored = stored?;
    // What is accepted, and whether anything unverified counts, is asked anew: the evidence does not depend on it.
    let is_accepted = |id: &str| accepted.is_accepted(id);
    let exit = report::exit_code(
        &stored.evidence,
        &stored.change,
        &is_accepted,
        settings.require_verified,
    );
    let mut report = stored.report(exit);
    report::mark_accepted(&mut report, &|id| accepted.acceptance(id));
    report::intent::mark(&mut report, intent);
    report::fold(&mut report);
    report.notes.extend(unread.into_iter().chain(accepted.note));
    Ok((stored, report))
}

/// The folder that holds the configuration: the nearest one above with a repository or a configuration file.
pub fn root_of(folder: &Utf8Path) -> Utf8PathBuf {
    let holds = |folder: &&Utf8Path| folder.join(".git").exists() || folder.join(crate::config::NAME).exists();
    folder.ancestors().find(holds).unwrap_or(folder).to_owned()
}

/// The top of the repository that a folder is in, whatever configuration lies below it: what a change adds must not move what judges it.
pub fn top_of(folder: &Utf8Path) -> Utf8PathBuf {
    let top = folder.ancestors().find(|folder| folder.join(".git").exists());
    top.map_or_else(|| root_of(folder), Utf8Path::to_owned)
}

/// What differs between the two versions that are meant, and both of them.
///
/// # Errors
/// When there is nothing to compare.
pub fn compare(
    folder: &Utf8Path,
    args: &CheckArgs,
    settings: &Settings,
    cache: &Cache,
) -> Result<(Change, Pair), CliError> {
    let (mut change, pair) = if let [old, new] = args.trees.as_slice() {
        let paths = in_trees(folder, &args.targets)?;
        let (change, pair) = change::of_folders(old.as_std_path(), new.as_std_path(), &paths)?;
        all_match(
            &pair,
            args.targets.iter().zip(&paths),
            "; with --trees, paths are relative to both folders",
        )?;
        (change, pair)
    } else {
        let Targets { range, named, paths } = targets(folder, &args.targets)?;
        let head = if args.staged { Head::Staged } else { Head::WorkingTree };
        if range.is_some() && (args.staged || args.base.is_some()) {
            return Err(CliError::Usage(
                "a range of revisions goes with neither --staged nor --base: write one or the other".to_owned(),
            ));
        }
        let by_default = range.is_none() && args.base.is_none() && !args.staged;
        let request = GitRequest {
            repository: folder.as_std_path().to_owned(),
            range,
            base: args.base.clone(),
            head,
            paths: paths.clone(),
            scratch: cache.temporary()?.into_std_path_buf(),
        };
        let (mut change, mut pair) = change::in_git(&request)?;
        if by_default && pair.clean_default_branch {
            // On a clean default branch the last commit is what there is to look at. Where there is none before it, nothing is.
            let last = GitRequest {
                range: Some("HEAD~1..HEAD".to_owned()),
                ..request
            };
            if let Ok((last, mut of_last)) = change::in_git(&last) {
                let (base, head) = (&change.base.name, &change.head.name);
                of_last.notes.push(format!(
                    "nothing differs between {base} and {head}: the last commit was checked"
                ));
                (change, pair) = (last, of_last);
            }
        }
        all_match(&pair, named.into_iter().zip(&paths), "")?;
        (change, pair)
    };
    leave_out(&mut change, &settings.exclude);
    Ok((change, pair))
}

/// A path that no file of either version goes by would make any change look like none.
fn all_match<'a>(
    pair: &Pair,
    mut paths: impl Iterator<Item = (&'a String, &'a String)>,
    remark: &str,
) -> Result<(), CliError> {
    match paths.find(|(_, path)| !pair.has(path)) {
        Some((named, _)) => Err(CliError::Usage(format!(
            "`{named}` matches no file in either version: check its spelling{remark}"
        ))),
        None => Ok(()),
    }
}

/// Whether a target can only be meant as a range of revisions.
fn is_range(folder: &Utf8Path, target: &str) -> bool {
    target.contains("..") && !target.split('/').any(|part| part == "..") && !folder.join(target).exists()
}

/// Paths relative to two folders, as written; a range has no meaning there.
fn in_trees(folder: &Utf8Path, targets: &[String]) -> Result<Vec<String>, CliError> {
    match targets.iter().find(|target| is_range(folder, target)) {
        Some(range) => Err(CliError::Usage(format!(
            "`{range}` is a range of revisions, which does not go with --trees: write one or the other"
        ))),
        None => Ok(targets.iter().map(|target| plain(Utf8Path::new(target))).collect()),
    }
}

/// What was named to compare.
struct Targets<'a> {
    range: Option<String>,
    /// Paths as they were written, relative to the folder that the command runs in.
    named: Vec<&'a String>,
    /// The same paths, relative to the repository.
    paths: Vec<String>,
}

/// Tells ranges of revisions from paths.
fn targets<'a>(folder: &Utf8Path, targets: &'a [String]) -> Result<Targets<'a>, CliError> {
    let top = folder
        .ancestors()
        .find(|folder| folder.join(".git").exists())
        .unwrap_or(folder);
    let (mut range, mut named, mut paths) = (None, Vec::new(), Vec::new());
    for target in targets {
        if !is_range(folder, target) {
            if !folder.join(target).exists() && !target.contains(['*', '/', '.']) {
                return Err(CliError::Usage(format!(
                    "`{target}` is neither a path here nor a range: compare revisions as BASE..HEAD, or give --base {target}"
                )));
            }
            let path = plain(&folder.join(target));
            let path = Utf8Path::new(&path).strip_prefix(top).map(Utf8Path::as_str);
            let path = path.map_err(|_| CliError::Usage(format!("`{target}` is outside the repository {top}")))?;
            paths.push(if path.is_empty() { "." } else { path }.to_owned());
            named.push(target);
        } else if range.replace(target.clone()).is_some() {
            return Err(CliError::Usage("more than one range of revisions: give one".to_owned()));
        }
    }
    Ok(Targets { range, named, paths })
}

/// A path without `.` and `..`.
fn plain(path: &Utf8Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.as_str().split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let start = if path.is_absolute() { "/" } else { "" };
    let path = format!("{start}{}", parts.join("/"));
    if path.is_empty() { ".".to_owned() } else { path }
}

/// Functions in folders that the configuration leaves out are listed as files, not run.
pub fn leave_out(change: &mut Change, exclude: &[String]) {
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
    mut change: Change,
    pair: &Pair,
    started: Instant,
) -> Result<Stored, CliError> {
    let root = Utf8PathBuf::from_path_buf(pair.root.clone()).unwrap_or_default();
    let sources = overlay::changed_sources(pair);
    let laid_over = (!sources.is_empty()).then(|| overlay::find(&root, pair));
    let stale = laid_over
        .as_ref()
        .and_then(|overlay| Stale::new(overlay, &sources, pair));
    if let Some(stale) = &stale {
        stale.take_proofs_back(&mut change);
    }
    if settings.install && environments::differ(pair) {
        // Equal code that calls other packages proves nothing.
        change
            .functions
            .iter_mut()
            .for_each(|function| function.proved_same = false);
    }
    // Before anything is planned, which reads the whole project. With `install`, environments would be made for nothing.
    let mut kept = None;
    if !args.no_cache && !settings.install && change.functions.iter().any(|function| !function.proved_same) {
        kept = keyed(args, settings, cache, &change, pair, laid_over.as_ref());
        if let Some(mut stored) = kept.as_ref().and_then(|kept| cache.evidence(&kept.key)) {
            // The same but for files of our own, which are part of the change all the same.
            stored.change = change;
            return Ok(stored);
        }
    }
    let mut plan = planner::plan(&change, pair.base.index(), pair.head.index(), settings.budget_seconds);
    let reach = match settings.tests {
        Tests::All => Some(planner::Reach::All),
        Tests::Impacted => Some(planner::Reach::Impacted),
        Tests::Off => None,
    };
    let plan_tests =
        |change: &Change| reach.map(|reach| planner::tests(change, pair.base.index(), pair.head.index(), reach));
    if let Some(stale) = &stale {
        stale.hold_back(&change, &mut plan);
    }
    let to_run = plan
        .checks
        .iter()
        .any(|check| executor::needs_run(&change.functions[check.function], check));
    if !to_run && !reach.is_some_and(|reach| planner::may_have_tests(&change, reach)) {
        let evidence = executor::without_running(&change, &plan);
        return Ok(finish(settings, change, plan, evidence, pair, started));
    }
    let interpreter = match cache.interpreter(settings, &root) {
        Ok(interpreter) => interpreter,
        // What was named and is no Python is a mistake in the command or in the configuration.
        Err(reason @ NoInterpreter::Broken(..)) if settings.python.is_some() => {
            return Err(CliError::Usage(reason.to_string()));
        }
        Err(reason) => {
            plan.tests = plan_tests(&change);
            let evidence = executor::not_run(&change, &plan, &reason.to_string());
            return Ok(finish(settings, change, plan, evidence, pair, started));
        }
    };
    let Keyed {
        interpreters,
        overlay,
        key,
    } = match kept {
        Some(kept) => kept,
        None => {
            let interpreters = match settings.install {
                true => environments::prepare(cache, pair, &root, interpreter)?,
                false => environments::as_they_are(pair, interpreter),
            };
            let overlay = laid_over.unwrap_or_else(|| overlay::find(&root, pair));
            let keyed = Keyed::of(args, settings, &change, pair, interpreters, overlay);
            if !args.no_cache
                && let Some(mut stored) = cache.evidence(&keyed.key)
            {
                stored.change = change;
                return Ok(stored);
            }
            keyed
        }
    };
    let interpreter = &interpreters.head;
    // Only now: an answer from earlier evidence waits for no plan of tests.
    plan.tests = plan_tests(&change);
    if !to_run && plan.tests.as_ref().is_none_or(TestPlan::is_empty) {
        let evidence = executor::without_running(&change, &plan);
        return Ok(finish(settings, change, plan, evidence, pair, started));
    }
    let stopped = crate::interrupt::flag();
    let spinner = Spinner::new(stopped.clone());
    let run = versions::run(cache, settings, &change, &plan, pair, &overlay, &interpreters, &spinner);
    drop(spinner);
    if crate::interrupt::requested() {
        return Err(CliError::Interrupted);
    }
    match run {
        Ok((mut evidence, trees)) => {
            dependencies::note(&mut evidence, &pair.head, interpreter);
            let mut stored = finish(settings, change, plan, evidence, pair, started);
            stored.ran = Some(Ran {
                trees,
                base_interpreter: (interpreters.base != interpreters.head).then(|| interpreters.base.clone()),
                interpreter: interpreters.head,
                laid_over: overlay.laid_over(),
            });
            cache.keep(&key, &stored);
            Ok(stored)
        }
        Err(error) => {
            let evidence = executor::not_run(&change, &plan, &cache.explained(&error));
            Ok(finish(settings, change, plan, evidence, pair, started))
        }
    }
}

/// What a check runs with, and what its evidence is kept under.
struct Keyed {
    interpreters: Interpreters,
    overlay: Overlay,
    key: Key,
}

impl Keyed {
    fn of(
        args: &CheckArgs,
        settings: &Settings,
        change: &Change,
        pair: &Pair,
        interpreters: Interpreters,
        mut overlay: Overlay,
    ) -> Self {
        own_metadata::lay_over(&mut overlay, &pair.head, &interpreters.head);
        own_metadata::lay_over_version(&mut overlay, &pair.base, &pair.head);
        let key = Key::new(settings, change, pair, &interpreters, &overlay, &args.targets);
        Self {
            interpreters,
            overlay,
            key,
        }
    }
}

/// The key of a check in the environment as it is; none where there is no interpreter.
fn keyed(
    args: &CheckArgs,
    settings: &Settings,
    cache: &Cache,
    change: &Change,
    pair: &Pair,
    laid_over: Option<&Overlay>,
) -> Option<Keyed> {
    let root = Utf8PathBuf::from_path_buf(pair.root.clone()).unwrap_or_default();
    let interpreter = cache.interpreter(settings, &root).ok()?;
    let interpreters = environments::as_they_are(pair, interpreter);
    let overlay = laid_over.cloned().unwrap_or_else(|| overlay::find(&root, pair));
    Some(Keyed::of(args, settings, change, pair, interpreters, overlay))
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
    if evidence.interpreter.is_none() && !settings.install {
        evidence.notes.extend(environments::note_where_nothing_ran(pair));
    }
    let exit = report::exit_code(&evidence, &change, &|_| false, settings.require_verified);
    Stored::new(change, plan, evidence, exit, started.elapsed().as_secs_f64())
}

fn show(args: &CheckArgs, judged: &Judged) -> Result<u8, CliError> {
    let Judged { stored, report, .. } = judged;
    if let Some(id) = &args.explain {
        let text = stored.explain(id, report)?;
        crate::error::print(&text)?;
        return Ok(report.exit);
    }
    let text = match args.format {
        Format::Terminal => {
            let options = report::terminal::TerminalOptions {
                color: settings::colour(),
                width: settings::width(),
                verbose: args.verbose,
            };
            report::terminal::render(report, &options)
        }
        Format::Json => report::json::text(report),
        Format::Sarif => report::sarif::text(report),
        Format::Junit => report::junit::text(report),
        Format::Github => report::github::text(report),
        Format::Markdown => report::markdown::text(report),
    };
    crate::error::print(&text)?;
    Ok(report.exit)
}
