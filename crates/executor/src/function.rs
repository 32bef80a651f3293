//! The check of one changed function: ways in order, search, findings, and what may be said.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use languages::python::wire::decode::Record;
use model::{
    CallKind, Change, Check, FindingKind, FunctionChange, FunctionEvidence, FunctionKind, Input, Outcome, Reason,
    Strength, Target, Value, Verification, Way,
};
use search::{Search, Subject, Token};

use crate::cause::{self, Maps};
use crate::compare::{ANOTHER_ORDER, Difference, Folders, Mask, Step};
use crate::confirm::{Confirmed, Replay, minimise, public, slower};
use crate::context::Context;
use crate::duo::{Duo, Import, Lost, Version, names};
use crate::judge::{judge, new_function};
use crate::live::{Aim, Live, Stop};
use crate::newer;
use crate::session::Request;

/// How long the search goes on after the first difference: the first witness is seldom the best.
const AFTER_FIRST: Duration = Duration::from_millis(200);
/// Deadline of a call during the search, in ticks of 10 ms.
pub(crate) const SEARCH_TICKS: u32 = 6;
/// Inputs without one that base takes, after which a way is given up.
const HOPELESS: u64 = 4000;
/// Most findings that one function may show.
const MOST_FINDINGS: usize = 4;
/// Witnesses of one class that are tried before the class is given up as noise.
const WITNESSES_PER_CLASS: usize = 3;

/// What the check of one function works with.
pub struct Work<'w, 'c> {
    /// Both versions.
    pub duo: &'w mut Duo<'c>,
    /// The run.
    pub context: &'w Context<'c>,
    /// The change.
    pub change: &'w Change,
    /// Lines of both versions, file by file.
    pub maps: &'w Maps,
    /// What differs without meaning.
    pub folders: &'w Folders,
    /// Values on which other functions of the change differed.
    pub shared: &'w [Value],
    /// Which round of looking this is: another one looks elsewhere.
    pub round: u64,
}

/// Confirmed differences and what is known otherwise.
pub struct Checked {
    /// Evidence without findings yet.
    pub evidence: FunctionEvidence,
    /// Differences that held in the snapshot; they are replayed once more before they are shown.
    pub confirmed: Vec<Confirmed>,
    /// Noise of this function.
    pub mask: Mask,
    /// Requests of the way that was used.
    pub requests: Option<(Request, Request)>,
    /// Whether time ended the search.
    pub cut_off: bool,
}

/// Why a way leads nowhere.
pub(crate) struct Blocked {
    reason: String,
    /// Whether more time might have led further.
    cut_off: bool,
}

/// A way that leads nowhere, however long it is followed.
pub(crate) fn blocked(reason: String) -> Blocked {
    Blocked { reason, cut_off: false }
}

impl Work<'_, '_> {
    /// Checks one function until `deadline`.
    pub fn check(&mut self, check: &Check, deadline: Instant) -> Checked {
        let function = &self.change.functions[check.function];
        let mut first_reason = None;
        let mut cut_off = false;
        for way in &check.ways {
            match self.walk(check.function, function, way, deadline) {
                Ok(checked) => return checked,
                Err(Blocked { reason, cut_off: time }) => {
                    cut_off |= time;
                    let reason = if way.through.is_empty() {
                        reason
                    } else {
                        format!("{reason} (through {})", way.target.qualified_name)
                    };
                    first_reason.get_or_insert(reason);
                }
            }
            if Instant::now() >= deadline || self.context.progress.stopped() {
                break;
            }
        }
        if let Some(checked) = self.as_new(check, first_reason.as_deref(), deadline) {
            return checked;
        }
        let mut reason = first_reason.unwrap_or_else(|| check.reason.clone());
        if cut_off && !reason.contains("time budget") {
            reason.push_str("; the time budget ran out before all ways to it were tried (--budget gives more)");
        }
        Checked {
            cut_off,
            ..Checked::without_run(check.function, Verification::NotVerified(reason))
        }
    }

    /// A method that base might have inherited, and turns out not to have: it is new.
    fn as_new(&mut self, check: &Check, reason: Option<&str>, deadline: Instant) -> Option<Checked> {
        let function = &self.change.functions[check.function];
        let missing = reason.is_some_and(|reason| reason.contains("AttributeError") || reason.contains(" has no "));
        if function.reasons != [Reason::Override] || function.base_line.is_some() || !missing {
            return None;
        }
        let new = FunctionChange {
            reasons: vec![Reason::Added],
            ..function.clone()
        };
        self.walk(check.function, &new, check.ways.first()?, deadline).ok()
    }

    fn walk(
        &mut self,
        index: usize,
        function: &FunctionChange,
        way: &Way,
        deadline: Instant,
    ) -> Result<Checked, Blocked> {
        self.importable(function, &way.target)?;
        if way.target.call == CallKind::Module {
            return self.module(index, function, way);
        }
        let mut subject = languages::python::shapes::subject(
            &self.context.base.project,
            &self.context.head.project,
            &way.target,
            &[(function.path.clone(), function.changed_lines.clone())],
        );
        subject.tokens.extend(self.shared.iter().map(|value| Token {
            value: value.clone(),
            changed: true,
        }));
        let mut walked = self.search(function, way, &subject, deadline)?;
        walked.evidence.function = index;
        walked.evidence.way = Some(way.clone());
        Ok(walked)
    }

    fn importable(&mut self, function: &FunctionChange, target: &Target) -> Result<(), Blocked> {
        let versions: &[Version] = if function.is_added() {
            &[Version::Head]
        } else {
            &[Version::Base, Version::Head]
        };
        for version in versions {
            let (module, _) = names(target, *version);
            let import = self.duo.half(*version).imports.get(&module).cloned();
            if let Some(reason) = import_trouble(import.as_ref(), &module, *version) {
                return Err(blocked(newer::explained(
                    reason,
                    import.as_ref(),
                    self.context,
                    *version,
                    &target.path,
                )));
            }
            let path = if target.path == function.path && *version == Version::Base {
                function.path_in_base()
            } else {
                &target.path
            };
            let project = self.duo.half(*version).project();
            if let Some(reason) = hidden(import.as_ref(), &module, path, project) {
                return Err(blocked(reason));
            }
        }
        Ok(())
    }

    fn requests(&self, function: &FunctionChange, target: &Target) -> (Request, Request) {
        let request = |version: Version, cover: Vec<(String, u32, u32)>| {
            let (module, name) = names(target, version);
            Request {
                module,
                name,
                call: target.call,
                cover,
                guide: true,
                trace: None,
                ticks: SEARCH_TICKS,
            }
        };
        let base_cover = function.base_line.map(|line| {
            (
                function.path_in_base().to_owned(),
                line,
                function.base_end_line.unwrap_or(line),
            )
        });
        let head_cover = (function.path.clone(), function.line, function.end_line);
        (
            request(Version::Base, base_cover.into_iter().collect()),
            request(Version::Head, vec![head_cover]),
        )
    }

    fn search(
        &mut self,
        function: &FunctionChange,
        way: &Way,
        subject: &Subject,
        deadline: Instant,
    ) -> Result<Checked, Blocked> {
        let (base, head) = self.requests(function, &way.target);
        let base_project = self.context.base.project.clone();
        // Asked for every exception that base raises: a line of a long file is looked up once.
        let known: RefCell<HashMap<String, HashMap<u32, bool>>> = RefCell::default();
        let deliberate = move |path: &str, line: u32| {
            let mut known = known.borrow_mut();
            if let Some(answer) = known.get(path).and_then(|lines| lines.get(&line)) {
                return *answer;
            }
            let answer = raises_on_purpose(&base_project, path, line);
            known.entry(path.to_owned()).or_default().insert(line, answer);
            answer
        };
        let progress = self.context.progress;
        let stopped = move || progress.stopped();
        let aim = Aim {
            base: base.clone(),
            head: head.clone(),
            base_path: function.path_in_base().to_owned(),
            head_path: function.path.clone(),
            changed_lines: function.changed_lines.iter().copied().collect::<BTreeSet<_>>(),
            elsewhere: lines_elsewhere(self.change, function),
            only_head: function.is_added(),
            private: is_private(&way.target),
            folders: self.folders,
            deliberate: &deliberate,
            deadline,
            stopped: &stopped,
        };
        let mut live = match Live::fork(self.duo, aim) {
            Ok(Ok(live)) => live,
            Ok(Err(reason)) => return Err(blocked(reason)),
            Err(lost) => return Err(blocked(format!("its process was lost: {lost}"))),
        };
        let mut search = Search::new(subject, options(self.context, self.round));
        let must_run = !way.through.is_empty() && !is_body(function);
        let stop = drive(&mut search, &mut live, must_run, deadline);
        if function.is_added() {
            return new_function(&mut live, function, way, stop);
        }
        let moved = function.base_path.as_deref().map(|base| (base, function.path.as_str()));
        let head_project = self.context.head.project.clone();
        let contradicts = |input: &Input| languages::python::declared::contradicts(&head_project, &way.target, input);
        let aim = Confirming {
            subject,
            folders: self.folders,
            maps: self.maps,
            contradicts: &contradicts,
            reached: (!way.through.is_empty()).then_some(function),
            unreached: Cell::new(false),
            moved,
        };
        let confirmed = match confirm(&mut live, &search, &aim) {
            Ok(confirmed) => confirmed,
            Err(lost) => return Err(blocked(format!("its process was lost: {lost}"))),
        };
        let cut_off = stop == Some(Stop::Time);
        if confirmed.is_empty() && aim.unreached.get() {
            return Err(Blocked {
                reason: "the difference that was seen is another function's: it did not run there".to_owned(),
                cut_off,
            });
        }
        judge(&live, function, way, confirmed, stop)
            .map(|(evidence, confirmed)| Checked {
                evidence,
                confirmed,
                mask: live.mask.clone(),
                requests: Some((base, head)),
                cut_off,
            })
            .map_err(|blocked| Blocked {
                cut_off: blocked.cut_off || cut_off,
                ..blocked
            })
    }

    /// Module-level code: what matters is what an import leaves behind.
    fn module(&mut self, index: usize, function: &FunctionChange, way: &Way) -> Result<Checked, Blocked> {
        let (base, head) = self.requests(function, &way.target);
        let lost = |lost: Lost| blocked(format!("its process was lost: {lost}"));
        let input = Input::default();
        let mut evidence = Checked::without_run(index, Verification::New).evidence;
        evidence.way = Some(way.clone());
        evidence.inputs = 1;
        evidence.useful_inputs = 1;
        let mask = Mask::default();
        let replay = Replay {
            base: &base,
            head: &head,
            mask: &mask,
            folders: self.folders,
        };
        let record =
            |duo: &mut Duo<'_>, version| replay.once(duo.half(version), version, &input, &[], None, SEARCH_TICKS * 10);
        let Some(after) = record(self.duo, Version::Head).map_err(lost)? else {
            return Err(blocked("its globals cannot be read".to_owned()));
        };
        if function.is_added() {
            return Ok(Checked {
                evidence,
                confirmed: Vec::new(),
                mask,
                requests: Some((base, head)),
                cut_off: false,
            });
        }
        let Some(before) = record(self.duo, Version::Base).map_err(lost)? else {
            return Err(blocked("its globals cannot be read".to_owned()));
        };
        let others = crate::compare::other_globals(&before.observation, &after.observation, self.folders);
        let after = public(after);
        let (known, added) = crate::compare::without_additions(&before.observation, after.observation.clone());
        if !added.is_empty() {
            evidence.notes.push(format!("adds public names: {}", added.join(", ")));
        }
        let before = public(before);
        let difference = crate::compare::compare(&before.observation, &known, &mask, self.folders);
        if difference.is_none() && !others.is_empty() {
            return Err(blocked(format!(
                "its public data is the same, but what these names stand for is not: {}",
                others.join(", ")
            )));
        }
        let confirmed: Vec<Confirmed> = difference
            .map(|difference| Confirmed {
                difference,
                input,
                before: Vec::new(),
                base: before,
                head: after,
                inputs: 1,
                cause: None,
                cost: 0.0,
                contradicts: false,
            })
            .into_iter()
            .collect();
        evidence.verification = if confirmed.is_empty() {
            Verification::Same(Strength::Weak)
        } else {
            Verification::Different
        };
        Ok(Checked {
            evidence,
            confirmed,
            mask,
            requests: Some((base, head)),
            cut_off: false,
        })
    }
}

impl Checked {
    /// Takes over what a second round found, where it says more.
    pub fn improve(&mut self, mut again: Self) {
        let rank = |checked: &Self| match checked.evidence.verification {
            Verification::Different => 2,
            Verification::NotVerified(_) => 0,
            _ => 1,
        };
        if rank(&again) < rank(self) {
            return;
        }
        if rank(&again) == rank(self) {
            again.evidence.inputs += self.evidence.inputs;
            again.evidence.useful_inputs += self.evidence.useful_inputs;
        }
        *self = again;
    }

    /// What is known of a function that was not run.
    pub fn without_run(function: usize, verification: Verification) -> Self {
        Self {
            evidence: FunctionEvidence {
                function,
                verification,
                findings: Vec::new(),
                way: None,
                inputs: 0,
                useful_inputs: 0,
                branches: None,
                changed_lines: None,
                faults: None,
                examples: Vec::new(),
                notes: Vec::new(),
            },
            confirmed: Vec::new(),
            mask: Mask::default(),
            requests: None,
            cut_off: false,
        }
    }
}

/// Changed lines of the functions that a function uses, where only what it uses has changed.
fn lines_elsewhere(change: &Change, function: &FunctionChange) -> BTreeSet<(String, u32)> {
    let mut lines = BTreeSet::new();
    for reason in &function.reasons {
        let Reason::Dependency(on) = reason else {
            return BTreeSet::new();
        };
        let used = change
            .functions
            .iter()
            .find(|other| on.split_once("::") == Some((&other.path, &other.qualified_name)));
        match used {
            Some(used) if !matches!(used.kind, FunctionKind::Class | FunctionKind::Module) && !used.is_removed() => {
                lines.extend(used.changed_lines.iter().map(|line| (used.path.clone(), *line)));
            }
            // A constant, a class body: it has run when its module was imported.
            _ => return BTreeSet::new(),
        }
    }
    lines
}

/// Why a module cannot be used in one version, in words with the mend; `None` when it can.
pub fn import_trouble(import: Option<&Import>, module: &str, version: Version) -> Option<String> {
    let version = if version == Version::Base { "base" } else { "head" };
    Some(match import {
        None => format!("its module {module} was not imported in {version}"),
        Some(Import::DoesNotEnd) => format!(
            "importing {module} does not end in {version}: if it starts something, guard that with `if __name__ == \"__main__\":`; if it is slow, raise import_seconds in counterproof.toml"
        ),
        Some(Import::EndsInterpreter) => format!("importing {module} ends the interpreter in {version}"),
        Some(Import::Answered(imported)) => match &imported.error {
            Some(error) => match &error.missing {
                Some(missing) if !error.in_tree => {
                    format!(
                        "{module} needs the package that has `{missing}`, which is not installed: install the project's dependencies, or name their interpreter with --python"
                    )
                }
                _ => {
                    let message = error.message.lines().next().unwrap_or_default();
                    let colon = if message.is_empty() { "" } else { ": " };
                    format!("{module} does not import in {version}: {}{colon}{message}", error.class)
                }
            },
            None if !imported.foreign.is_empty() => {
                format!(
                    "{} came from outside the {version} tree, so the version there would not be the one that runs",
                    imported.foreign.join(", ")
                )
            }
            None => return None,
        },
    })
}

/// Why the file `path` is not what an import of its module gives: a package of its name, or a file in a folder before it.
fn hidden(import: Option<&Import>, module: &str, path: &str, project: &languages::python::Project) -> Option<String> {
    let Some(Import::Answered(imported)) = import else {
        return None;
    };
    let file = imported.file.as_deref()?;
    (file != path && project.has(path) && project.module_name(path) == module)
        .then(|| format!("{path} cannot be imported: `import {module}` gives {file}"))
}

fn options(context: &Context<'_>, round: u64) -> search::Options {
    let without = context
        .settings
        .without
        .iter()
        .filter_map(|name| name.parse().ok())
        .collect();
    search::Options {
        seed: context.settings.seed.wrapping_add(round),
        without,
        ..search::Options::default()
    }
}

/// Whether a target is private by its name: one of its parts, or of its module's, starts with a single underscore.
fn is_private(target: &Target) -> bool {
    let private = |part: &str| part.starts_with('_') && !(part.starts_with("__") && part.ends_with("__"));
    target
        .qualified_name
        .split('.')
        .chain(target.module.split('.'))
        .any(private)
}

/// Whether the line raises by its own word: `raise` or `assert`.
fn raises_on_purpose(project: &languages::python::Project, path: &str, line: u32) -> bool {
    let Ok(parsed) = project.parsed(path) else { return false };
    let text = parsed
        .text
        .lines()
        .nth(line as usize - 1)
        .unwrap_or_default()
        .trim_start();
    text.starts_with("raise") || text.starts_with("assert") || text.contains(": raise ")
}

/// Searches until something ends it: a difference and a moment more, saturation, time.
/// Where the function must run for a difference to be its own, none counts before it did.
fn drive(search: &mut Search<'_>, live: &mut Live<'_, '_>, must_run: bool, deadline: Instant) -> Option<Stop> {
    use search::Runner;
    let mut first: Option<Instant> = None;
    loop {
        let batch = search.next_batch();
        if batch.is_empty() {
            return None;
        }
        match live.run(&batch) {
            Ok(feedback) => search.learn(batch, &feedback),
            Err(stop) => {
                let feedback = std::mem::take(&mut live.partial);
                search.learn(batch, &feedback);
                return Some(stop);
            }
        }
        let has_run = !must_run || live.base_reach.any() || live.head_reach.any();
        if has_run
            && search
                .witnesses()
                .iter()
                .any(|witness| live.classes.contains_key(&witness.class))
        {
            let since = first.get_or_insert_with(Instant::now);
            if since.elapsed() >= AFTER_FIRST {
                return None;
            }
        }
        let statistics = search.statistics();
        if search.saturated() || hopeless(&statistics) || (live.head_reach.whole() && settled(&statistics)) {
            return None;
        }
        if Instant::now() >= deadline {
            return Some(Stop::Time);
        }
    }
}

/// Whether base takes nothing of what is made: another way has better prospects.
fn hopeless(statistics: &search::Statistics) -> bool {
    statistics.useful() == 0 && statistics.tried >= HOPELESS
}

/// Whether enough useful inputs have passed without news, for a function all of whose branches were reached.
fn settled(statistics: &search::Statistics) -> bool {
    statistics.useful() >= 768 && statistics.since_news() >= 1024
}

/// Makes findings of the witnesses: each class's best, smaller, replayed.
fn confirm(live: &mut Live<'_, '_>, search: &Search<'_>, aim: &Confirming<'_>) -> Result<Vec<Confirmed>, Lost> {
    let mut classes: Vec<(u64, Difference, u64)> = live
        .classes
        .iter()
        .map(|(id, class)| (*id, class.difference.clone(), class.inputs))
        .collect();
    classes.sort_by_key(|(id, difference, _)| (difference.private, difference.kind, *id));
    let mut confirmed: Vec<Confirmed> = Vec::new();
    for (class, _, inputs) in classes {
        if confirmed.len() >= MOST_FINDINGS {
            break;
        }
        for witness in search
            .witnesses()
            .iter()
            .filter(|witness| witness.class == class)
            .take(WITNESSES_PER_CLASS)
        {
            if live.classes[&class].difference.kind == FindingKind::NewHang {
                // If it does end after all, it may be slower by an order.
                live.heavy.push(witness.input.clone());
            }
            if live.only_made_otherwise(&witness.input)? {
                continue;
            }
            if let Some(found) = confirm_one(live, &witness.input, class, inputs, aim)? {
                confirmed.push(found);
                break;
            }
        }
    }
    if !confirmed
        .iter()
        .any(|found| found.difference.kind == FindingKind::NewHang)
    {
        confirmed.extend(slow(live, aim.folders)?);
    }
    Ok(confirmed)
}

/// What confirming needs beside the living children.
struct Confirming<'f> {
    subject: &'f Subject,
    folders: &'f Folders,
    maps: &'f Maps,
    /// Whether an input is of other types than the parameters declare.
    contradicts: &'f dyn Fn(&Input) -> bool,
    /// The function, where something else is called to reach it: a difference of that counts only where the function ran.
    reached: Option<&'f FunctionChange>,
    /// Whether a difference was set aside because it did not.
    unreached: Cell<bool>,
    /// Path in base and in head, where they differ.
    moved: Option<(&'f str, &'f str)>,
}

/// Lines that a trace holds at most; see the limits of a session.
const LONGEST_TRACE: usize = 20_000;

/// Whether a function ran, by what both versions executed; where that was cut, it may have.
fn ran(function: &FunctionChange, base: &[model::Place], head: &[model::Place]) -> bool {
    // The body: the line of the definition itself is executed by whoever defines the function.
    let body = |first: u32, last: u32| if last > first { first + 1..=last } else { first..=last };
    let inside = |trace: &[model::Place], path: &str, lines: std::ops::RangeInclusive<u32>| {
        trace.len() >= LONGEST_TRACE
            || trace
                .iter()
                .any(|place| place.path == path && lines.contains(&place.line))
    };
    let in_head = inside(head, &function.path, body(function.line, function.end_line));
    let lines_in_base = function.base_line.zip(function.base_end_line);
    let in_base = lines_in_base.is_some_and(|(first, last)| inside(base, function.path_in_base(), body(first, last)));
    is_body(function) || in_head || in_base
}

/// Whether it is the body of a module or a class, which ran when its module was imported.
fn is_body(function: &FunctionChange) -> bool {
    matches!(function.kind, FunctionKind::Class | FunctionKind::Module)
}

/// A trace of base with the paths that head has.
fn in_head_paths(mut trace: Vec<model::Place>, moved: Option<(&str, &str)>) -> Vec<model::Place> {
    if let Some((from, to)) = moved {
        trace
            .iter_mut()
            .filter(|place| place.path == from)
            .for_each(|place| to.clone_into(&mut place.path));
    }
    trace
}

/// How unfit an input is as an example: an input ten times less likely must be a good deal shorter to be shown.
fn cost(subject: &Subject, input: &Input, base: &Record) -> f64 {
    let ending = if matches!(base.observation.outcome, Outcome::Returned(_)) {
        0.0
    } else {
        40.0
    };
    ending - 25.0 * search::likelihood(subject, input).max(1e-9).log10() + input.size() as f64
}

fn confirm_one(
    live: &mut Live<'_, '_>,
    witness: &Input,
    class: u64,
    inputs: u64,
    aim: &Confirming<'_>,
) -> Result<Option<Confirmed>, Lost> {
    let (history, hang) = match live.classes.get(&class) {
        Some(class) => (class.history.clone(), class.difference.kind == FindingKind::NewHang),
        None => (Vec::new(), false),
    };
    let agreeing = live.agreeing.clone();
    let folders = aim.folders;
    let small = minimise(live, aim.subject, witness.clone(), class)?;
    // What makes the input is no finding of the function: it is shown by what differs beside that.
    let made = live.made_otherwise(&[&small, witness])?;
    let mask = made.iter().fold(live.mask.clone(), |mask, made| mask.and(made));
    let (base, head) = (live.base.clone(), live.head.clone());
    let replay = Replay {
        base: &base,
        head: &head,
        mask: &mask,
        folders,
    };
    let duo = live.duo();
    let mut held = replay
        .thrice(duo, &small, &[], class)?
        .map(|held| (held, small, Vec::new()));
    if held.is_none() && !hang {
        held = replay
            .thrice(duo, witness, &[], class)?
            .map(|held| (held, witness.clone(), Vec::new()));
    }
    if held.is_none()
        && !hang
        && let Some(before) = replay.state(duo, witness, &history, class)?
    {
        held = replay
            .thrice(duo, witness, &before, class)?
            .map(|held| (held, witness.clone(), before));
    }
    let result = match held {
        Some(((difference, base, head), input, before)) => {
            let (base_trace, head_trace) = replay.traces(duo, &input, &before)?;
            let known = before.is_empty() && !base_trace.is_empty() && !head_trace.is_empty();
            if let Some(function) = aim.reached.filter(|_| known)
                && !ran(function, &base_trace, &head_trace)
            {
                aim.unreached.set(true);
                live.revive()?;
                return Ok(None);
            }
            let spectrum = replay.spectrum(duo, &agreeing)?;
            let raised_at = match &head.observation.outcome {
                Outcome::Raised(raised) => raised.place.as_ref(),
                _ => None,
            };
            let cause = cause::tell(
                &in_head_paths(base_trace, aim.moved),
                &head_trace,
                raised_at,
                &spectrum,
                aim.maps,
            );
            let cost = cost(aim.subject, &input, &base);
            let contradicts = (aim.contradicts)(&input);
            Some(Confirmed {
                difference,
                input,
                before,
                base,
                head,
                inputs,
                cause,
                cost,
                contradicts,
            })
        }
        None => None,
    };
    // The forks above have ended the living children.
    live.revive()?;
    Ok(result)
}

/// Head executes ten times the lines on an input where its time was suspicious.
fn slow(live: &mut Live<'_, '_>, folders: &Folders) -> Result<Option<Confirmed>, Lost> {
    let heavy = std::mem::take(&mut live.heavy);
    let (base, head, mask) = (live.base.clone(), live.head.clone(), live.mask.clone());
    let replay = Replay {
        base: &base,
        head: &head,
        mask: &mask,
        folders,
    };
    for input in heavy {
        let Some(((base_lines, base), (head_lines, head))) = replay.counts(live.duo(), &input)? else {
            continue;
        };
        if slower(base_lines, head_lines) {
            let difference = Difference {
                kind: FindingKind::Slower,
                path: vec![Step::Result],
                what: format!("{base_lines} to {head_lines} lines"),
                private: false,
            };
            return Ok(Some(Confirmed {
                difference,
                input,
                before: Vec::new(),
                base,
                head,
                inputs: 1,
                cause: None,
                cost: 0.0,
                contradicts: false,
            }));
        }
    }
    Ok(None)
}

/// One example per cause: of differences of one kind with the same cause, the fittest example stays.
pub(crate) fn merge(mut confirmed: Vec<Confirmed>) -> Vec<Confirmed> {
    confirmed.sort_by(|a, b| rank(a).cmp(&rank(b)).then(a.cost.total_cmp(&b.cost)));
    let mut seen = BTreeSet::new();
    confirmed.retain(|it| match it.cause.as_ref().and_then(|cause| cause.place.clone()) {
        Some(place) => seen.insert((it.difference.kind, place)),
        None => true,
    });
    // What only private state shows is worth a line where nothing else shows; so is a stumble over a type, at a place that
    // shows otherwise, too.
    if confirmed.iter().any(|it| !it.difference.private && !is_minor(it)) {
        confirmed.retain(|it| !it.difference.private);
    }
    let place = |it: &Confirmed| it.cause.as_ref().and_then(|cause| cause.place.clone());
    let told: Vec<_> = confirmed.iter().filter(|it| !of_types(it)).map(place).collect();
    confirmed.retain(|it| !of_types(it) || !told.contains(&place(it)));
    confirmed
}

/// Whether a difference is one that few would mind: head crashes on what its parameters do not declare, or its objects have
/// an attribute more.
pub(crate) fn is_minor(confirmed: &Confirmed) -> bool {
    let crash = confirmed.difference.kind == FindingKind::NewCrash;
    crash && confirmed.contradicts || confirmed.difference.is_addition()
}

fn rank(confirmed: &Confirmed) -> (bool, bool, bool, bool, FindingKind) {
    (
        is_minor(confirmed),
        confirmed.difference.private,
        confirmed.difference.what == ANOTHER_ORDER,
        of_types(confirmed),
        confirmed.difference.kind,
    )
}

/// Whether head stumbles over the type of a value, as it would over any of a type that it is not made for.
fn of_types(confirmed: &Confirmed) -> bool {
    let stumbles = |class: &str| ["TypeError", "AttributeError"].contains(&class);
    confirmed.difference.kind == FindingKind::NewCrash
        && matches!(&confirmed.head.observation.outcome, Outcome::Raised(raised) if raised.depth > 0 && stumbles(&raised.class))
}
