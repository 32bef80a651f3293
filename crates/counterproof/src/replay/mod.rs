//! `counterproof replay`: past commits, each against its first parent, and what became of them.

mod became;

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use change::{HistoryRequest, PastCommit, history};
use executor::Progress;
use model::replay::{Became, EditedFunction, REPLAY_SCHEMA, ReplayReport, ReplayedCommit, ReplayedFinding};
use model::report::{CheckReport, Verified};

use crate::args::{ReplayArgs, ReplayFormat};
use crate::check::root_of;
use crate::error::{CliError, print};
use crate::progress::Spinner;

/// Replays what was asked for. Each commit is a check of its own process, so that none takes others with it, and its evidence is
/// kept: a replay that was interrupted goes on where it was.
///
/// # Errors
/// When there is no such history, or nothing can be started.
pub fn run(args: &ReplayArgs) -> Result<u8, CliError> {
    let here = Utf8PathBuf::from(".");
    let root = root_of(&here.canonicalize_utf8().unwrap_or(here));
    crate::config::seconds(&args.budget).map_err(|error| CliError::Usage(error.to_string()))?;
    let no_limit = args.since.is_none() && args.last.is_none() && args.range.is_none();
    let past = history(
        root.as_std_path(),
        &HistoryRequest {
            since: args.since.clone().or_else(|| no_limit.then(|| "90d".to_owned())),
            last: args.last,
            range: args.range.clone(),
            all_parents: false,
        },
    )?;
    if past.is_empty() {
        return Err(CliError::Usage(
            "there is no commit in that time: name another with --since, or --last N".to_owned(),
        ));
    }
    let mut commits = all(&root, args, &past)?;
    became::tell(&past, &mut commits);
    let report = ReplayReport {
        schema: REPLAY_SCHEMA.to_owned(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: became::summary(&commits),
        commits,
    };
    print(&match args.format {
        ReplayFormat::Terminal => report::replay::terminal(&report),
        ReplayFormat::Json => report::replay::json(&report),
        ReplayFormat::Csv => report::replay::csv(&report),
    })?;
    Ok(0)
}

/// Checks all of them, several at a time.
fn all(root: &Utf8Path, args: &ReplayArgs, past: &[PastCommit]) -> Result<Vec<ReplayedCommit>, CliError> {
    let program = std::env::current_exe()?;
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![None; past.len()]);
    let jobs = args
        .jobs
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
        .clamp(1, 16);
    let stopped = crate::interrupt::flag();
    let spinner = Spinner::new(stopped.clone());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while !stopped.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(commit) = past.get(at) else { return };
                    let replayed = one(&program, root, args, commit);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done[at] = Some(replayed);
                    spinner.function(done.iter().flatten().count() - 1, past.len(), "commits");
                }
            });
        }
    });
    if crate::interrupt::requested() {
        return Err(CliError::Interrupted);
    }
    Ok(done
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .into_iter()
        .flatten()
        .collect())
}

/// A commit against its first parent.
fn one(program: &std::path::Path, root: &Utf8Path, args: &ReplayArgs, commit: &PastCommit) -> ReplayedCommit {
    let mut replayed = ReplayedCommit {
        commit: commit.id.clone(),
        date: commit.date.clone(),
        subject: commit.subject.clone(),
        author: became::author(commit),
        verified: Verified::default(),
        edited: Vec::new(),
        findings: Vec::new(),
        problem: None,
        became: Became::NeverTouchedAgain,
    };
    match checked(program, root, args, commit) {
        Ok(report) => take(&mut replayed, &report),
        Err(problem) => replayed.problem = Some(problem),
    }
    replayed
}

fn checked(
    program: &std::path::Path,
    root: &Utf8Path,
    args: &ReplayArgs,
    commit: &PastCommit,
) -> Result<CheckReport, String> {
    let Some(parent) = &commit.parent else {
        return Err("it has no parent: there is nothing to compare it with".to_owned());
    };
    let mut command = Command::new(program);
    command.args([
        "check",
        &format!("{parent}..{}", commit.id),
        "--format",
        "json",
        "--budget",
        &args.budget,
    ]);
    command.args(["--tests", if args.tests { "impacted" } else { "off" }]);
    if let Some(python) = &args.python {
        command.arg("--python").arg(python);
    }
    let output = command.current_dir(root).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("its check cannot be started: {error}"))?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        let errors = String::from_utf8_lossy(&output.stderr);
        let said = errors.lines().rev().find(|line| !line.trim().is_empty());
        let said = said.map(|line| line.trim_start_matches("counterproof: ").to_owned());
        said.unwrap_or_else(|| format!("its check ended without an answer ({})", output.status))
    })
}

fn take(replayed: &mut ReplayedCommit, report: &CheckReport) {
    let name = |path: &str, name: &str| format!("{path}::{name}");
    replayed.verified = report.verified.clone();
    for function in &report.functions {
        let only_uses = function
            .changed_because
            .iter()
            .all(|reason| reason.starts_with("it uses "));
        // What compiles to the same code was edited in its words alone: there is nothing in it that a later commit could mend.
        let is_proved = function.strength == Some(model::Strength::Proved);
        // So is one that differs in its documentation alone.
        let only_words = report::verified::is_of_words(function);
        if function.qualified_name != "<module>" && !only_uses && !is_proved && !only_words {
            replayed.edited.push(EditedFunction {
                function: name(&function.path, &function.qualified_name),
                said: report::verified::said(function).to_owned(),
            });
        }
    }
    let all = || {
        report.functions.iter().flat_map(|function| {
            let findings = function.findings.iter();
            findings.map(move |finding| (name(&function.path, &function.qualified_name), finding))
        })
    };
    for (function, finding) in all().filter(|(_, finding)| finding.shown_with.is_none()) {
        let with = all().filter(|(_, other)| other.shown_with.as_ref() == Some(&finding.id));
        // That a module imports no more is told once, and is why none of its functions can be called.
        let is_import = finding.example.call.starts_with("import ");
        let unimported = report.functions.iter().filter(|other| {
            let is_of_it = is_import && function == name(&other.path, "<module>");
            is_of_it && report::verified::said(other) == "not importable"
        });
        let unimported = unimported.map(|other| name(&other.path, &other.qualified_name));
        let also = with.map(|(function, _)| function).chain(unimported).collect();
        replayed.findings.push(ReplayedFinding {
            id: finding.id.clone(),
            kind: finding.kind,
            function,
            also,
        });
    }
}
