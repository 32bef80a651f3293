//! Carries a plan out: two versions side by side under a harness, differences found, confirmed and told as evidence.

mod accepted;
pub mod cause;
pub mod compare;
mod compiled;
mod confirm;
mod constants;
pub mod context;
mod duo;
mod examples;
mod exposure;
pub mod findings;
pub mod frames;
mod function;
mod further;
pub mod harness;
mod importable;
pub mod imports;
pub mod interpreter;
mod judge;
mod live;
mod living;
mod making;
mod metadata;
mod minor;
mod new_arguments;
mod newer;
mod observed;
mod parted;
mod passes;
mod pursue;
mod reach;
mod reproduce;
mod sensitivity;
mod session;
mod suites;
mod suspicious;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use languages::python::Project;
use languages::python::frameworks::Django;
use model::{
    CallKind, Change, Check, Evidence, FindingKind, FunctionChange, FunctionEvidence, Plan, Strength, Target,
    Verification,
};

pub use context::{Context, Progress, Settings, Side, Strong};
pub use duo::layer_name;
pub use duo::{OpenError, Version, interrupt};
pub use interpreter::{Interpreter, NoInterpreter};
pub use reproduce::{ReproduceError, Reproduced, reproduce};
pub use suites::{Tried, try_tests};

use cause::{LineMap, Maps};
use compare::Folders;
use confirm::{Confirmed, Replay};
use duo::{Duo, Import, names};
use function::Checked;
use passes::Passes;

/// Part of the budget that is for looking; the rest is for importing, confirming and the last replay.
const LOOKING: f64 = 0.75;
/// The same, where tests of the project are to be run, too.
const LOOKING_BESIDE_TESTS: f64 = 0.6;
/// Part of the time for looking, once all is imported, that may go into running what tests write down, and the longest time for that in any case.
const OBSERVING: f64 = 0.16;
const MOST_OBSERVING: Duration = Duration::from_secs(2);
/// Part of the budget that may go into running the project's tests to see what they do, the most and the least that is worth it.
const RECORDING: f64 = 0.15;
const MOST_RECORDING: Duration = Duration::from_millis(3000);
const LEAST_RECORDING: Duration = Duration::from_millis(900);
/// Part of the budget that is kept for faults, and the most of that.
const FOR_FAULTS: f64 = 0.06;
const MOST_FOR_FAULTS: Duration = Duration::from_secs(6);
/// Part of the budget that faults may use up to its end, but for what replays need: three fresh interpreters, and this for each finding.
const UNTIL_REPLAYS: f64 = 0.92;
const FOR_REPLAY: Duration = Duration::from_millis(300);
/// Part of what is left of the time for looking that may go into them, and functions whose inputs are kept for that.
const FAULTING: f64 = 0.4;
const MOST_FAULTED: usize = 1024;
/// Fresh interpreters in which each finding is replayed at the end, each with another hash seed and memory layout.
const FRESH: u32 = 3;

/// Carries out `plan`.
///
/// # Errors
/// When no harness can be had for either version; everything else that goes wrong is evidence about the function concerned.
pub fn execute(context: &Context<'_>, change: &Change, plan: &Plan) -> Result<Evidence, OpenError> {
    let started = Instant::now();
    let mut evidence = functions(context, change, plan, started)?;
    if let Some(tests) = &plan.tests {
        let deadline = started + Duration::from_secs_f64(plan.budget_seconds);
        evidence.tests = suites::execute(context, tests, deadline);
    }
    Ok(evidence)
}

/// What the changed functions do.
fn functions(context: &Context<'_>, change: &Change, plan: &Plan, started: Instant) -> Result<Evidence, OpenError> {
    let mut evidence = without_running(change, plan);
    evidence.interpreter = Some(format!(
        "{} {} ({})",
        context.head.interpreter.implementation, context.head.interpreter.version, context.head.interpreter.chosen
    ));
    let mut to_run: Vec<&Check> = plan
        .checks
        .iter()
        .filter(|check| needs_run(&change.functions[check.function], check))
        .collect();
    if to_run.is_empty() {
        return Ok(evidence);
    }
    if let Some(Django { settings, from }) = context.head.project.django() {
        evidence
            .notes
            .push(format!("Django is set up with {settings}, which {from} names; its databases are in memory, with two rows of each model"));
    }
    let dotenv = context.head.project.dotenv();
    if !dotenv.variables.is_empty() {
        let from = dotenv.from.join(", ");
        evidence
            .notes
            .push(format!("the variables of {from} are set for both versions"));
    }
    let mut duo = Duo::open(context)?;
    let proved = match context.has_one_interpreter() {
        true => compiled::same(&mut duo, change, &to_run),
        // Equal code that calls other packages is not the same.
        false => BTreeSet::new(),
    };
    for function in &proved {
        evidence.functions[*function].verification = Verification::Same(Strength::Proved);
    }
    to_run.retain(|check| !proved.contains(&check.function));
    if to_run.is_empty() {
        return Ok(evidence);
    }
    let maps = maps(change, &context.base.project, &context.head.project);
    let folders = folders(context, &maps);
    context.progress.stage("importing both versions");
    let modules = |version| modules(&to_run, version);
    // The budget is for looking; the last replay must not be cut off by it.
    let looking = match &plan.tests {
        Some(tests) if !tests.is_empty() => LOOKING_BESIDE_TESTS,
        _ => LOOKING,
    };
    let end = started + Duration::from_secs_f64(plan.budget_seconds * looking);
    (duo.base.until, duo.head.until) = (Some(end), Some(end));
    let recording = Duration::from_secs_f64(plan.budget_seconds * RECORDING).min(MOST_RECORDING);
    let tests = plan.tests.as_ref().filter(|_| recording >= LEAST_RECORDING);
    let importing = Instant::now();
    let until = importing + recording;
    let (recorded, imported) = std::thread::scope(|scope| {
        // Both take a process or two, and neither needs the other.
        let recorded = tests.map(|tests| scope.spawn(|| observed::recorded(context, change, &to_run, tests, until)));
        duo.import(&modules(Version::Base), &modules(Version::Head))?;
        let imported = importing.elapsed();
        context.progress.stage("running what tests do");
        let recorded = recorded.and_then(|thread| thread.join().ok()).unwrap_or_default();
        Ok::<_, OpenError>((recorded, imported))
    })?;
    let left = end.saturating_duration_since(Instant::now());
    let most = left.mul_f64(OBSERVING).min(MOST_OBSERVING);
    let observed = observed::look(
        &mut duo,
        context,
        change,
        &to_run,
        recorded,
        end.min(Instant::now() + most),
    );
    duo.import(&observed.modules(Version::Base), &observed.modules(Version::Head))?;
    let for_faults = Duration::from_secs_f64(plan.budget_seconds * FOR_FAULTS).min(MOST_FOR_FAULTS);
    let mut passes = Passes {
        context,
        change,
        observed: &observed,
        maps: &maps,
        folders: &folders,
        end: end - for_faults,
        share: end - for_faults,
        most: passes::patience(plan.budget_seconds),
        replays: None,
        cut: 0,
        shared: Vec::new(),
        seen: BTreeMap::new(),
    };
    let mut pending = passes.first(&mut duo, &to_run, &mut evidence);
    passes.replays = None;
    passes.again(&mut duo, &to_run, &mut pending);
    passes.with_shared(&mut duo, &to_run, &mut pending);
    passes.beside_noise(&mut duo, &to_run, &mut pending);
    let cut = passes.cut;
    of_what_they_use(change, &mut pending);
    context.progress.stage("putting faults into what is the same");
    let budget = Duration::from_secs_f64(plan.budget_seconds);
    let replays = time_for_replays(&pending, imported);
    let until = end.max(
        (started + budget.mul_f64(UNTIL_REPLAYS))
            .checked_sub(replays)
            .unwrap_or(end),
    );
    let now = Instant::now();
    let left = until.saturating_duration_since(now);
    let unused = until.saturating_duration_since(end.max(now));
    let spent = left.min(for_faults).max(left.mul_f64(FAULTING)).max(unused);
    (duo.base.until, duo.head.until) = (Some(until), Some(until));
    sensitivity::measure(context, change, &mut duo, &mut pending, budget, Instant::now() + spent);
    import_findings(context, change, &mut duo, &maps, &mut pending);
    finish(context, change, &maps, &folders, &mut duo, pending, &mut evidence)?;
    if cut > 0 {
        evidence.notes.push(format!(
            "{cut} of {} function{} not reached within the budget of {} s",
            to_run.len(),
            if to_run.len() == 1 { "" } else { "s" },
            plan.budget_seconds
        ));
    }
    evidence.notes.extend(left_out(&duo));
    evidence.missing_layers = duo
        .base
        .missing_layers
        .union(&duo.head.missing_layers)
        .cloned()
        .collect();
    evidence.not_frozen = duo.base.not_frozen.union(&duo.head.not_frozen).cloned().collect();
    evidence.child_cpu_seconds += duo.base.cpu() + duo.head.cpu();
    Ok(evidence)
}

/// What the last replay may take, where an import of all that is checked took this long.
fn time_for_replays(pending: &[(usize, Checked)], imported: Duration) -> Duration {
    let of = |checked: &Checked| checked.confirmed.len() + checked.suspicions.len() + checked.exposures.len();
    match pending.iter().map(|(_, checked)| of(checked)).sum::<usize>() {
        0 => Duration::ZERO,
        all => imported * FRESH + FOR_REPLAY * u32::try_from(all).unwrap_or(u32::MAX),
    }
}

/// The apps that Django was set up without in either version.
fn left_out(duo: &Duo<'_>) -> Vec<String> {
    let imports = duo.base.imports.values().chain(duo.head.imports.values());
    let apps: BTreeSet<&String> = imports
        .filter_map(|import| match import {
            Import::Answered(imported) => Some(&imported.left_out),
            _ => None,
        })
        .flatten()
        .collect();
    let said = |app: &&String| format!("Django is set up without an app that does not load: {app}");
    apps.iter().map(said).collect()
}

/// Evidence as far as no program has to be run for it: what is gone, what is proved; for everything else that it was not run.
pub fn without_running(change: &Change, plan: &Plan) -> Evidence {
    let mut functions: Vec<FunctionEvidence> = (0..change.functions.len())
        .map(|index| Checked::without_run(index, at_rest(&change.functions[index])).evidence)
        .collect();
    for check in &plan.checks {
        if let Verification::NotVerified(reason) = &mut functions[check.function].verification
            && !check.reason.is_empty()
        {
            reason.clone_from(&check.reason);
        }
    }
    Evidence {
        functions,
        tests: Vec::new(),
        interpreter: None,
        missing_layers: Vec::new(),
        not_frozen: Vec::new(),
        notes: Vec::new(),
        child_cpu_seconds: 0.0,
    }
}

/// As [`without_running`], where all that was to be run was not, for one reason.
pub fn not_run(change: &Change, plan: &Plan, reason: &str) -> Evidence {
    let mut evidence = without_running(change, plan);
    evidence.not_run(reason);
    if let Some(tests) = &plan.tests {
        evidence.tests = suites::none_run(tests, reason);
    }
    evidence
}

fn at_rest(function: &FunctionChange) -> Verification {
    if function.is_removed() {
        Verification::Removed
    } else if function.proved_same {
        Verification::Same(Strength::Proved)
    } else {
        Verification::NotVerified("it was not run".to_owned())
    }
}

/// Whether anything has to be run for a check.
pub fn needs_run(function: &FunctionChange, check: &Check) -> bool {
    !function.proved_same && !function.is_removed() && !check.ways.is_empty()
}

/// What counts as changed for what it uses is not the same where a changed line of that has run neither in its own look nor in
/// this one.
fn of_what_they_use(change: &Change, pending: &mut [(usize, Checked)]) {
    let missing: BTreeMap<usize, BTreeSet<u32>> = pending
        .iter()
        .filter(|(_, checked)| matches!(checked.evidence.verification, Verification::NotVerified(_)))
        .map(|(function, checked)| (*function, checked.missing.clone()))
        .collect();
    for (function, checked) in pending {
        if !matches!(checked.evidence.verification, Verification::Same(Strength::Weak)) {
            continue;
        }
        for used in function::used(change, &change.functions[*function]) {
            let of = &change.functions[used];
            let ran = |line: &u32| checked.elsewhere.contains(&(of.path.clone(), *line));
            let never: Vec<u32> = missing
                .get(&used)
                .into_iter()
                .flatten()
                .copied()
                .filter(|line| !ran(line))
                .collect();
            if !never.is_empty() {
                let (lines, were) = (
                    judge::first_lines(&never),
                    if never.len() == 1 { "was" } else { "were" },
                );
                let reason = format!("{lines} of {}, which it uses, {were} not reached", of.qualified_name);
                checked.evidence.verification = Verification::NotVerified(reason);
                break;
            }
        }
    }
}

/// Modules to import in one version, in the order of need.
fn modules(checks: &[&Check], version: Version) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let targets = checks.iter().flat_map(|check| &check.ways).map(|way| &way.target);
    let mut modules: Vec<String> = targets
        .map(|target| names(target, version).0)
        .filter(|module| seen.insert(module.clone()))
        .collect();
    // Some run for long when they are imported; what the project is made of is not to wait for them.
    modules.sort_by_key(|module| is_beside(module));
    modules
}

/// Whether a module lies where scripts do that a project is not made of.
fn is_beside(module: &str) -> bool {
    const FOLDERS: [&str; 9] = [
        "bench",
        "benchmark",
        "benchmarks",
        "docs",
        "examples",
        "perf",
        "profiling",
        "scripts",
        "tools",
    ];
    module.split_once('.').is_some_and(|(top, _)| FOLDERS.contains(&top))
}

fn maps(change: &Change, base: &Project, head: &Project) -> Maps {
    let text = |project: &Project, path: &str| project.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let mut maps = Maps::new();
    let files = change.files.iter().map(|file| (file.base_path.as_ref(), &file.path));
    let moved = change
        .functions
        .iter()
        .filter(|function| function.base_path.is_some())
        .map(|function| (function.base_path.as_ref(), &function.path));
    for (base_path, head_path) in moved.chain(files).filter(|(_, path)| path.ends_with(".py")) {
        if maps.contains_key(head_path) {
            continue;
        }
        let base_path = base_path.unwrap_or(head_path);
        if let (Some(base), Some(head)) = (text(base, base_path), text(head, head_path)) {
            maps.insert(head_path.clone(), LineMap::new(&base, &head));
        }
    }
    maps
}

fn folders(context: &Context<'_>, maps: &Maps) -> Folders {
    let pair = |base: &camino::Utf8Path, head: &camino::Utf8Path, name| (base.to_string(), head.to_string(), name);
    let mut same = vec![
        pair(&context.base.tree, &context.head.tree, "<tree>"),
        pair(&context.base.scratch, &context.head.scratch, "<scratch>"),
    ];
    if !context.has_one_interpreter() {
        let home = |side: &Side| {
            side.interpreter
                .executable
                .parent()
                .and_then(camino::Utf8Path::parent)
                .map(ToOwned::to_owned)
        };
        if let (Some(base), Some(head)) = (home(&context.base), home(&context.head)) {
            same.push(pair(&base, &head, "<environment>"));
        }
    }
    if let (Some(outer), Some(base), Some(head)) = (
        duo::outer(context),
        context.base.scratch.parent(),
        context.head.scratch.parent(),
    ) {
        same.extend([pair(base, head, "<scratch>/.."), pair(outer, outer, "<cache>")]);
    }
    Folders {
        same,
        moved_lines: maps
            .values()
            .flat_map(LineMap::moved)
            .map(|(base, head)| (i64::from(base), i64::from(head)))
            .collect(),
    }
}

/// A module that imports in base and not in head is a finding about the module itself.
fn import_findings(
    context: &Context<'_>,
    change: &Change,
    duo: &mut Duo<'_>,
    maps: &Maps,
    pending: &mut [(usize, Checked)],
) {
    let mut told = BTreeSet::new();
    for (function, checked) in pending {
        let target = module_of(&change.functions[*function], &duo.head, &duo.base);
        if !matches!(checked.evidence.verification, Verification::NotVerified(_)) {
            continue;
        }
        let (base_name, _) = names(&target, Version::Base);
        let imports = duo
            .base
            .imports
            .get(&base_name)
            .zip(duo.head.imports.get(&target.module));
        let Some((base, head)) = imports.filter(|(base, _)| base.is_ok()) else {
            continue;
        };
        let (base, head) = (base.clone(), head.clone());
        if newer::is_unread(context, Version::Head, &target.path) {
            continue;
        }
        if !told.insert(target.module.clone()) {
            continue;
        }
        if let Some(mut confirmed) = confirm::of_imports(&base, &head, duo.base.project()) {
            // What took longer than the budget left may be slow; whether it ends shows with all the time that an import has.
            if matches!(head, Import::OutOfTime(_)) && duo.head.fresh_import(&target.module) != Some(Import::DoesNotEnd)
            {
                continue;
            }
            if let model::Outcome::Raised(raised) = &confirmed.head.observation.outcome
                && let Some(place) = &raised.place
            {
                let spectrum = cause::Spectrum::default();
                confirmed.cause = cause::tell(&[], std::slice::from_ref(place), Some(place), &spectrum, maps);
            }
            checked.evidence.verification = Verification::Different;
            let reason = "its module is imported".to_owned();
            checked.evidence.way = Some(model::Way {
                target,
                through: Vec::new(),
                reason,
            });
            checked.confirmed = vec![confirmed];
        }
    }
}

/// The module of a changed function as a target.
fn module_of(function: &FunctionChange, head: &duo::Half<'_>, base: &duo::Half<'_>) -> Target {
    let module = head.project().module_name(&function.path);
    let base_module = base.project().module_name(function.path_in_base());
    Target {
        path: function.path.clone(),
        base_module: (base_module != module).then_some(base_module),
        module,
        qualified_name: "<module>".to_owned(),
        base_name: None,
        call: CallKind::Module,
    }
}

/// Replays all findings together in fresh interpreters, and keeps those that hold.
fn finish<'c>(
    context: &'c Context<'c>,
    change: &Change,
    maps: &Maps,
    folders: &Folders,
    duo: &mut Duo<'c>,
    pending: Vec<(usize, Checked)>,
    evidence: &mut Evidence,
) -> Result<(), OpenError> {
    let mut holds: Vec<Vec<bool>> = pending
        .iter()
        .map(|(_, checked)| vec![true; checked.confirmed.len()])
        .collect();
    let mut stands: Vec<Vec<bool>> = pending
        .iter()
        .map(|(_, checked)| vec![true; checked.suspicions.len()])
        .collect();
    let mut harms: Vec<Vec<bool>> = pending
        .iter()
        .map(|(_, checked)| vec![true; checked.exposures.len()])
        .collect();
    if holds.iter().chain(&stands).chain(&harms).any(|found| !found.is_empty()) {
        context.progress.stage("replaying the findings in fresh interpreters");
        // What was replayed in the first of them already need not be once more.
        let others = |checked: &Checked| !checked.suspicions.is_empty() || !checked.exposures.is_empty();
        let is_done = |checked: &Checked| checked.held || checked.confirmed.is_empty();
        let done = pending.iter().all(|(_, checked)| is_done(checked) && !others(checked));
        for round in 0..FRESH {
            let is_first = round == passes::ANOTHER_SEED;
            if is_first && done {
                continue;
            }
            duo.base.renew(round);
            duo.head.renew(round);
            for ((_, checked), holds) in pending.iter().zip(&mut holds) {
                if is_first && checked.held {
                    continue;
                }
                for (one, holds) in checked.confirmed.iter().zip(holds) {
                    *holds = *holds && holds_again(duo, checked, one, folders);
                }
            }
            for ((_, checked), stands) in pending.iter().zip(&mut stands) {
                for (one, stands) in checked.suspicions.iter().zip(stands) {
                    *stands = *stands && one.again(duo, folders).unwrap_or(false);
                }
            }
            for ((_, checked), harms) in pending.iter().zip(&mut harms) {
                for (one, harms) in checked.exposures.iter().zip(harms) {
                    *harms = *harms && one.again(duo).unwrap_or(false);
                }
            }
        }
    }
    let looked = pending.into_iter().zip(holds).zip(stands).zip(harms);
    for ((((index, checked), holds), stands), harms) in looked {
        let Checked {
            evidence: mut found,
            confirmed,
            suspicions,
            exposures,
            ..
        } = checked;
        if let Some(way) = found.way.clone() {
            for (one, _) in confirmed.iter().zip(holds).filter(|(_, holds)| *holds) {
                found.findings.push(findings::finding(
                    one,
                    &change.functions[index],
                    &way.target,
                    maps,
                    folders,
                    REPLAYS,
                ));
            }
        }
        let function = &change.functions[index];
        let standing = suspicions.iter().zip(stands).filter(|(_, stands)| *stands);
        let text = lines_of(function, &context.head.project);
        found
            .findings
            .extend(standing.map(|(one, _)| one.finding(function, &text, REPLAYS_OF_NEW)));
        let replays = if function.is_added() { REPLAYS_OF_NEW } else { REPLAYS };
        let harmful = exposures.iter().zip(harms).filter(|(_, harms)| *harms);
        let before = lines_in_base(function, &context.base.project);
        let texts = format!("{before}{text}");
        found
            .findings
            .extend(harmful.map(|(one, _)| one.finding(function, &texts, folders, replays)));
        found
            .findings
            .sort_by_key(|finding| (finding.minor, !finding.base_returned, finding.kind));
        if found.verification == Verification::Different && found.findings.is_empty() {
            let reason =
                "it differed, but not again in fresh interpreters: its behaviour depends on more than its inputs";
            found.verification = Verification::NotVerified(reason.to_owned());
        }
        found.function = index;
        evidence.functions[index] = found;
    }
    findings::unique(&mut evidence.functions);
    evidence
        .functions
        .iter_mut()
        .for_each(|function| findings::placeless(function, folders));
    Ok(())
}

/// Whether a difference shows again in the interpreters that live now.
pub(crate) fn holds_again(duo: &mut Duo<'_>, checked: &Checked, one: &Confirmed, folders: &Folders) -> bool {
    match (&checked.requests, &checked.evidence.way) {
        (Some((base, head)), _) => Replay {
            base,
            head,
            mask: &checked.mask,
            folders,
        }
        .again(duo, one)
        .unwrap_or(false),
        (None, Some(way)) => import_again(duo, &way.target, one),
        (None, None) => false,
    }
}

const REPLAYS: &str = "three times in forks of the imported program and once more in each of three fresh interpreters for each version, with other hash seeds; base agreed with itself each time";

const REPLAYS_OF_NEW: &str = "three times in forks of the imported program and once more in each of three fresh interpreters, with other hash seeds; it did the same each time";

/// The source of a function in head.
fn lines_of(function: &FunctionChange, project: &Project) -> String {
    lines_in(project, &function.path, function.line, function.end_line)
}

/// The source of a function in base; empty where it is new.
fn lines_in_base(function: &FunctionChange, project: &Project) -> String {
    let lines = function.base_line.zip(function.base_end_line);
    lines.map_or_else(String::new, |(first, last)| {
        lines_in(project, function.path_in_base(), first, last)
    })
}

fn lines_in(project: &Project, path: &str, first: u32, last: u32) -> String {
    project.parsed(path).map_or_else(
        |_| String::new(),
        |parsed| parsed.lines_between(first, last).collect::<Vec<_>>().join("\n"),
    )
}

/// The import is the replay: a fresh interpreter has just done it again.
fn import_again(duo: &mut Duo<'_>, target: &Target, confirmed: &Confirmed) -> bool {
    let (base_name, _) = names(target, Version::Base);
    let base = duo.base.fresh_import(&base_name);
    let head = duo.head.fresh_import(&target.module);
    match (base, head) {
        (Some(base), Some(head)) => {
            base.is_ok()
                && confirm::of_imports(&base, &head, duo.base.project())
                    .is_some_and(|again| again.difference.kind == confirmed.difference.kind)
        }
        _ => false,
    }
}

/// The outcome of an import, for a report: whether it is a crash or a hang.
fn import_kind(import: &Import) -> FindingKind {
    if matches!(import, Import::DoesNotEnd | Import::OutOfTime(_)) {
        FindingKind::NewHang
    } else {
        FindingKind::NewCrash
    }
}
