//! The check of one changed function: ways in order, search, findings, and what may be said.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use model::{
    CallKind, Change, Check, FunctionChange, FunctionEvidence, FunctionKind, Input, Reason, Strength, Target, Value,
    Verification, Way,
};
use search::{Search, Subject, Technique, Token};

use crate::cause::Maps;
use crate::compare::{Folders, Mask};
use crate::confirm::{Confirmed, Replay, public};
use crate::context::Context;
use crate::duo::{Duo, Lost, Version, names};
use crate::examples::Fitness;
use crate::exposure::{self, Exposed};
use crate::judge::{Lines, NOTHING_NEW, OPAQUE, counted, judge, new_function};
use crate::live::{Aim, Live, Mends, Stop};
use crate::living;
use crate::observed::Observed;
use crate::pursue::{Confirming, Limits, MOST_PATIENCES, drive, pursue};
use crate::session::Request;
use crate::suspicious::{self, Suspect, Suspicion};

/// Deadline of a call during the search, in ticks of 10 ms.
pub(crate) const SEARCH_TICKS: u32 = 6;

/// Accepted inputs that are kept for what is the same, beside those that reached something first.
const INPUTS_FOR_FAULTS: usize = 512;

/// Time for calls in any case once both children are there.
const LEAST_AFTER_FORK: Duration = Duration::from_millis(30);

/// Modules whose changed constants a function may have to do with, at most.
const MOST_MODULES: usize = 4;

/// What the check of one function works with.
pub struct Work<'w, 'c> {
    /// Both versions.
    pub duo: &'w mut Duo<'c>,
    /// The run.
    pub context: &'w Context<'c>,
    /// The change.
    pub change: &'w Change,
    /// What the project's tests show of the changed functions.
    pub observed: &'w Observed,
    /// Lines of both versions, file by file.
    pub maps: &'w Maps,
    /// What differs without meaning.
    pub folders: &'w Folders,
    /// Values on which other functions of the change differed.
    pub shared: &'w [Value],
    /// Which round of looking this is: another one looks elsewhere.
    pub round: u64,
    /// When a search of this round is given up before its time: see [`Limits::patience`].
    pub patience: Option<Duration>,
    /// Until when the time is this function's: see [`Limits::share`].
    pub share: Instant,
    /// When replaying what differed is left to the next round.
    pub replays: Option<Instant>,
    /// Changed lines that earlier looks reached, without a difference.
    pub reached: BTreeSet<u32>,
    /// Places that earlier looks showed to be noise.
    pub noise: Mask,
    /// Whether what is called reads what the function set when its object was made: it need not run in the call itself.
    pub reading: bool,
}

/// Longest time to look behind results that hide something, where all others were the same.
const LOOKED_BEHIND: Duration = Duration::from_secs(1);

/// Confirmed differences and what is known otherwise.
pub struct Checked {
    /// Evidence without findings yet.
    pub evidence: FunctionEvidence,
    /// Differences that held in the snapshot; they are replayed once more before they are shown.
    pub confirmed: Vec<Confirmed>,
    /// Harm that marked text does in head alone; replayed once more before it is shown.
    pub exposures: Vec<Exposed>,
    /// What a new function does against its own word; replayed once more before it is shown, too.
    pub suspicions: Vec<Suspicion>,
    /// Whether all of these hold in the first of the fresh interpreters, too.
    pub held: bool,
    /// Noise of this function.
    pub mask: Mask,
    /// Requests of the way that was used.
    pub requests: Option<(Request, Request)>,
    /// Whether time ended the search.
    pub cut_off: bool,
    /// Whether something differed and could not be shown again: then it is not the same, whatever other looks say.
    pub differed: bool,
    /// Changed lines that were reached without a difference.
    pub reached: BTreeSet<u32>,
    /// Changed lines that were not reached, where that is why nothing is said.
    pub missing: BTreeSet<u32>,
    /// Changed lines of what it uses that were reached, where only those make it count as changed.
    pub elsewhere: BTreeSet<(String, u32)>,
    /// Inputs that base accepts, or a part of them, where both versions did the same on all.
    pub inputs: Vec<Input>,
    /// Whether it takes nothing, so that one input is all there are.
    pub takes_nothing: bool,
    /// Whether results that cannot be looked into may well hide a difference.
    pub hides: bool,
    /// Whether it gives functions that no name leads to.
    pub gives_functions: bool,
}

/// Why a way leads nowhere.
pub(crate) struct Blocked {
    pub reason: String,
    /// Whether more time might have led further.
    pub cut_off: bool,
    /// Whether something differed that could not be shown again.
    pub differed: bool,
    /// Changed lines that it reached without a difference.
    pub reached: BTreeSet<u32>,
    /// Changed lines that were not reached, where that is why nothing is said.
    pub missing: BTreeSet<u32>,
}

/// A way that leads nowhere, however long it is followed.
pub(crate) fn blocked(reason: String) -> Blocked {
    Blocked {
        reason,
        cut_off: false,
        differed: false,
        reached: BTreeSet::new(),
        missing: BTreeSet::new(),
    }
}

impl Work<'_, '_> {
    /// Checks one function until `deadline`.
    pub fn check(&mut self, check: &Check, deadline: Instant) -> Checked {
        let checked = self.compare(check, deadline);
        self.with_new_arguments(check, checked, deadline)
    }

    fn compare(&mut self, check: &Check, deadline: Instant) -> Checked {
        let function = &self.change.functions[check.function];
        let mut first_reason: Option<String> = None;
        let mut cut_off = false;
        let mut differed = false;
        let mut missing: BTreeSet<u32> = BTreeSet::new();
        // All ways share the patience: many of them are no reason to look longer for one line.
        let deadline = match self.patience {
            Some(patience) => deadline.min(Instant::now() + patience * MOST_PATIENCES),
            None => deadline,
        };
        let end = deadline;
        // What reads the state is to have its turn.
        let deadline = match check.readers.is_empty() {
            true => deadline,
            false => deadline - deadline.saturating_duration_since(Instant::now()) / 4,
        };
        let ways = self.observed.ways(self.change, check);
        for (done, way) in ways.iter().enumerate() {
            // The ways after this one are to have their turn, too.
            let left = deadline.saturating_duration_since(Instant::now());
            let until = match ways.len() - done {
                1 => deadline,
                _ => Instant::now() + left / 2,
            };
            match self.walk(check.function, function, way, until) {
                Ok(checked) if differed && checked.confirmed.is_empty() => {}
                Ok(checked) => {
                    let is_same = matches!(checked.evidence.verification, Verification::Same(_));
                    if is_same
                        && checked.gives_functions
                        && let Some(found) = {
                            let until = deadline.min(Instant::now() + LOOKED_BEHIND);
                            self.in_results(check.function, function, way, until)
                        }
                    {
                        return found;
                    }
                    let checked = match checked.evidence.verification {
                        Verification::Same(_) => self.with_class_data(check.function, function, way, checked),
                        _ => checked,
                    };
                    let checked = self.in_context(check.function, function, &ways[done + 1..], checked, deadline);
                    return self.in_readers(check, function, checked, end);
                }
                Err(blocked) => {
                    if blocked.reason.starts_with(OPAQUE)
                        && let Some(found) = self.in_results(check.function, function, way, deadline)
                    {
                        return found;
                    }
                    cut_off |= blocked.cut_off;
                    let reason = if way.through.is_empty() {
                        blocked.reason
                    } else {
                        format!("{} (through {})", blocked.reason, way.target.qualified_name)
                    };
                    if blocked.differed && !differed {
                        first_reason = None;
                    }
                    differed |= blocked.differed;
                    if !blocked.missing.is_empty() {
                        missing = blocked.missing;
                    }
                    self.reached.extend(blocked.reached);
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
        if cut_off && !reason.contains("time budget") && !reason.ends_with(NOTHING_NEW) {
            reason.push_str("; its share of the time budget ended the search (--budget gives more)");
        }
        let unverified = Checked {
            cut_off,
            differed,
            missing: missing.difference(&self.reached).copied().collect(),
            reached: std::mem::take(&mut self.reached),
            ..Checked::without_run(check.function, Verification::NotVerified(reason))
        };
        let unverified = self.in_readers(check, function, unverified, end);
        match ways.first() {
            Some(_) if !unverified.confirmed.is_empty() => unverified,
            Some(way) => self.with_class_data(check.function, function, way, unverified),
            None => unverified,
        }
    }

    pub(crate) fn walk(
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
        let subject = self.subject(index, function, way);
        let mut walked = self.search(index, function, way, &subject, &|_| true, deadline)?;
        walked.evidence.function = index;
        walked.evidence.way = Some(way.clone());
        Ok(walked)
    }

    /// What is known of the inputs of a way.
    pub(crate) fn subject(&self, index: usize, function: &FunctionChange, way: &Way) -> Subject {
        let mut subject = languages::python::shapes::subject(
            &self.context.base.project,
            &self.context.head.project,
            &way.target,
            &self.changed_lines(function),
        );
        subject.tokens.extend(self.shared.iter().map(|value| Token {
            value: value.clone(),
            changed: true,
        }));
        self.observed.enrich(&mut subject, index, way);
        subject
    }

    /// Changed lines by path: a function's own, and those of modules outside all functions.
    fn changed_lines(&self, function: &FunctionChange) -> Vec<(String, Vec<u32>)> {
        let mut changed = vec![(function.path.clone(), function.changed_lines.clone())];
        let modules = self
            .change
            .functions
            .iter()
            .filter(|other| other.kind == FunctionKind::Module);
        for module in modules.filter(|module| !module.is_removed()).take(MOST_MODULES) {
            match changed.iter_mut().find(|(path, _)| *path == module.path) {
                Some((_, lines)) => lines.extend(&module.changed_lines),
                None => changed.push((module.path.clone(), module.changed_lines.clone())),
            }
        }
        changed
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
                mutants: None,
                cold_ticks: None,
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

    /// Searches one way of calling a function until `deadline`. What `wanted` does not take is shown where there is nothing else.
    pub(crate) fn search(
        &mut self,
        index: usize,
        function: &FunctionChange,
        way: &Way,
        subject: &Subject,
        wanted: &dyn Fn(&Input) -> bool,
        deadline: Instant,
    ) -> Result<Checked, Blocked> {
        let (base, head) = self.requests(function, &way.target);
        let mut lines = Lines::of(function, &self.context.head.project);
        if way.through.is_empty()
            && let Some(added) = self.added_by_parameters(function)
        {
            lines.numbers.retain(|line| !added.lines.contains(line));
        }
        let of_base = deliberate(&self.context.base.project);
        let of_head = deliberate(&self.context.head.project);
        let deliberate = move |version: Version, path: &str, line: u32| match version {
            Version::Base => of_base(path, line),
            Version::Head => of_head(path, line),
        };
        let progress = self.context.progress;
        let stopped = move || progress.stopped();
        let numbers: BTreeSet<u32> = lines.numbers.iter().copied().collect();
        let aim = Aim {
            base: base.clone(),
            head: head.clone(),
            base_path: function.path_in_base().to_owned(),
            head_path: function.path.clone(),
            mends: Mends::of(
                function,
                &self.context.base.project,
                &self.context.head.project,
                &numbers,
            ),
            changed_lines: numbers,
            elsewhere: lines_elsewhere(self.change, function, &self.context.head.project),
            only_head: function.is_added(),
            private: is_private(&way.target),
            noise: self.noise.clone(),
            folders: self.folders,
            deliberate: &deliberate,
            deadline,
            stopped: &stopped,
        };
        let is_left_out = self
            .context
            .settings
            .without
            .iter()
            .any(|name| name == Technique::Marked.name());
        let aimed = (!is_left_out).then(|| exposure::Aimed {
            target: &way.target,
            context: exposure::context(function, &way.target, self.maps, subject),
            maps: self.maps,
            folders: self.folders,
            pumps: &subject.pumps,
            is_edited: !function.changed_lines.is_empty(),
            is_new: function.is_added(),
        });
        let mut live = match Live::fork(self.duo, aim) {
            Ok(Ok(live)) => live,
            Ok(Err(reason)) => return Err(blocked(reason)),
            Err(lost) => return Err(blocked(format!("its process was lost: {lost}"))),
        };
        // Where a fork takes long, something is tried all the same: it is paid for.
        let deadline = deadline.max(Instant::now() + LEAST_AFTER_FORK);
        live.give_until(deadline, self.replays);
        let mut search = Search::new(subject, options(self.context, self.round));
        search.mention(&living::tokens(&live.mentioned, function, &self.context.head.project));
        let moved = function.base_path.as_deref().map(|base| (base, function.path.as_str()));
        let head_project = self.context.head.project.clone();
        let contradicts = |input: &Input| {
            !wanted(input) || languages::python::declared::contradicts(&head_project, &way.target, input)
        };
        let base_project = self.context.base.project.clone();
        let base_path = path_in_base(function, &way.target);
        let new_argument = |input: &Input| {
            languages::python::added::is_new_argument(&base_project, &head_project, &way.target, base_path, input)
        };
        let aim = Confirming {
            subject,
            folders: self.folders,
            maps: self.maps,
            contradicts: &contradicts,
            new_argument: &new_argument,
            reached: (!way.through.is_empty() && !self.reading).then_some(function),
            must_run: !way.through.is_empty() && !function.is_body() && !self.reading,
            unreached: Cell::new(false),
            late: Cell::new(false),
            moved,
            changed_lines: &lines.numbers,
            reached_before: &self.reached,
        };
        let limits = Limits {
            deadline,
            patience: self.patience,
            share: self.share,
            replays: self.replays,
        };
        if function.is_added() {
            let stop = drive(&mut search, &mut live, limits, &aim);
            let aimed = aimed.filter(|_| way.through.is_empty() && !is_private(&way.target));
            let exposures = exposures(aimed.as_ref(), limits, &mut search, &mut live)
                .map_err(|lost| blocked(format!("its process was lost: {lost}")))?;
            let suspect = Suspect {
                change: self.change,
                function,
                way,
                subject,
                project: &self.context.head.project,
                contradicts: &contradicts,
                folders: self.folders,
            };
            let suspicions = suspicious::look(&mut live, &suspect)
                .map_err(|lost| blocked(format!("its process was lost: {lost}")))?;
            let fitness = Fitness {
                subject,
                contradicts: &contradicts,
            };
            let checked = match new_function(&mut live, function, way, stop, &fitness) {
                // It never returned, and why is what there is to tell.
                Err(blocked) if !suspicions.is_empty() || !exposures.is_empty() => {
                    Checked::without_run(index, Verification::NotVerified(blocked.reason))
                }
                other => other?,
            };
            let changed = live.head_reach.with_code(&lines.numbers);
            let reached = live.head_reach.reached_of(&lines.numbers);
            let missing = changed.into_iter().filter(|line| !reached.contains(line)).collect();
            return Ok(Checked {
                exposures,
                suspicions,
                reached,
                missing,
                ..checked
            });
        }
        let mut exposed = Vec::new();
        let mut beside = |search: &mut Search<'_>, live: &mut Live<'_, '_>| {
            exposed = exposures(aimed.as_ref(), limits, search, live)?;
            Ok(())
        };
        let (mut confirmed, stop) = match pursue(&mut search, &mut live, limits, &aim, &mut beside) {
            Ok(pursued) => pursued,
            Err(lost) => return Err(blocked(format!("its process was lost: {lost}"))),
        };
        if !exposed.is_empty() {
            // Shown as what it is: what else differs on marked texts is the same thing, mostly.
            confirmed.retain(|one| !one.input.is_marked());
            return Ok(Checked {
                evidence: counted(&live),
                confirmed: crate::minor::merge(confirmed),
                exposures: exposed,
                mask: live.mask.clone(),
                requests: Some((base, head)),
                cut_off: stop == Some(Stop::Time),
                ..Checked::without_run(index, Verification::New)
            });
        }
        if confirmed.is_empty() {
            live.settle_doubt()
                .map_err(|lost| blocked(format!("its process was lost: {lost}")))?;
        }
        let cut_off = stop == Some(Stop::Time);
        if confirmed.is_empty() && aim.unreached.get() {
            return Err(Blocked {
                cut_off,
                ..blocked("the difference that was seen is another function's: it did not run there".to_owned())
            });
        }
        if confirmed.is_empty() && aim.late.get() {
            return Err(Blocked {
                cut_off: true,
                differed: true,
                ..blocked("it differed, and its share of the time budget ended before that could be replayed (--budget gives more)".to_owned())
            });
        }
        judge(&live, way, confirmed, stop, &lines, &self.reached)
            .map(|(evidence, confirmed)| Checked {
                inputs: match evidence.verification {
                    Verification::Same(_) => live.accepted.telling_first(INPUTS_FOR_FAULTS),
                    _ => Vec::new(),
                },
                evidence,
                confirmed,
                // A caller that takes nothing gives the function one input of many.
                takes_nothing: way.through.is_empty() && subject.parameters.is_empty() && subject.receiver.is_none(),
                hides: live.tally.hidden().is_some(),
                gives_functions: live.tally.functions > 0,
                mask: live.mask.clone(),
                requests: Some((base, head)),
                cut_off,
                elsewhere: live.elsewhere_reached.clone(),
                ..Checked::without_run(index, Verification::New)
            })
            .map_err(|blocked| Blocked {
                cut_off: blocked.cut_off || cut_off,
                ..blocked
            })
    }

    /// Module-level code: what matters is what an import leaves behind.
    pub(crate) fn module(&mut self, index: usize, function: &FunctionChange, way: &Way) -> Result<Checked, Blocked> {
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
                ..Checked::without_run(index, Verification::New)
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
            .map(|difference| Confirmed::new(difference, input, before, after))
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
            ..Checked::without_run(index, Verification::New)
        })
    }
}

/// Harm that marked texts do in head alone, in the place of those that are taken.
fn exposures(
    aimed: Option<&exposure::Aimed<'_>>,
    limits: Limits,
    search: &mut Search<'_>,
    live: &mut Live<'_, '_>,
) -> Result<Vec<Exposed>, Lost> {
    let Some(aimed) = aimed else { return Ok(Vec::new()) };
    let told = search.witnesses().iter().map(|witness| &witness.input);
    let telling = live.accepted.telling_first(64);
    let inputs = exposure::worth_marking(live.agreeing.iter().chain(&telling).chain(told));
    // Others wait for their turn, where the change takes nothing away that speaks of it.
    let until = match aimed.context.takes_away_any() {
        true => limits.taken_up_until(),
        false => limits.share,
    };
    exposure::look(live, inputs, aimed, until, |batch, feedback| {
        search.learn_from(Technique::Marked, batch, feedback);
    })
}

/// The path in base of a target, which lies where the function does that it is called for, or has not moved.
pub(crate) fn path_in_base<'p>(function: &'p FunctionChange, target: &'p Target) -> &'p str {
    if target.path == function.path {
        function.path_in_base()
    } else {
        &target.path
    }
}

impl Checked {
    /// Whether something differs, and few would mind any of it.
    pub fn is_minor(&self) -> bool {
        !self.confirmed.is_empty() && self.exposures.is_empty() && self.confirmed.iter().all(crate::minor::is_minor)
    }

    /// Takes over what a second round found, where it says more.
    pub fn improve(&mut self, mut again: Self) {
        let rank = |checked: &Self| match checked.evidence.verification {
            Verification::Different => 2,
            Verification::NotVerified(_) => 0,
            _ => 1,
        };
        self.differed |= again.differed;
        self.reached.append(&mut again.reached);
        let is_lesser = !self.confirmed.is_empty() && (again.is_minor() || again.confirmed.is_empty());
        if rank(&again) < rank(self) || (self.differed && rank(&again) == 1) || is_lesser {
            return;
        }
        again.differed = self.differed;
        again.reached = std::mem::take(&mut self.reached);
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
                new_parameters: Vec::new(),
                notes: Vec::new(),
            },
            confirmed: Vec::new(),
            exposures: Vec::new(),
            suspicions: Vec::new(),
            held: false,
            mask: Mask::default(),
            requests: None,
            cut_off: false,
            differed: false,
            reached: BTreeSet::new(),
            missing: BTreeSet::new(),
            elsewhere: BTreeSet::new(),
            inputs: Vec::new(),
            takes_nothing: false,
            hides: false,
            gives_functions: false,
        }
    }
}

/// The changed functions that a function uses, where only what it uses has changed: their places in the change.
pub(crate) fn used(change: &Change, function: &FunctionChange) -> Vec<usize> {
    let mut used = Vec::new();
    for reason in &function.reasons {
        let Reason::Dependency(on) = reason else {
            return Vec::new();
        };
        let at = change
            .functions
            .iter()
            .position(|other| on.split_once("::") == Some((&other.path, &other.qualified_name)));
        let runs = |at: &usize| {
            let other = &change.functions[*at];
            !other.is_body() && !other.is_removed()
        };
        // A constant, a class body: it has run when its module was imported.
        match at.filter(runs) {
            Some(at) => used.push(at),
            None => return Vec::new(),
        }
    }
    used
}

/// Changed lines of the functions that a function uses, where only what it uses has changed: those on which their code runs.
fn lines_elsewhere(
    change: &Change,
    function: &FunctionChange,
    project: &languages::python::Project,
) -> BTreeSet<(String, u32)> {
    let used = used(change, function).into_iter().map(|at| &change.functions[at]);
    let running = |used: &FunctionChange| match project.parsed(&used.path) {
        Ok(parsed) => languages::python::syntax::running_lines(&parsed, &used.changed_lines),
        Err(_) => used.changed_lines.clone(),
    };
    used.flat_map(|used| running(used).into_iter().map(|line| (used.path.clone(), line)))
        .collect()
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

/// Whether a line of a version raises by its own word. Asked for every exception: a line of a long file is looked up once.
pub(crate) fn deliberate(project: &std::sync::Arc<languages::python::Project>) -> impl Fn(&str, u32) -> bool + use<> {
    let project = project.clone();
    let known: RefCell<HashMap<String, HashMap<u32, bool>>> = RefCell::default();
    move |path, line| {
        let mut known = known.borrow_mut();
        if let Some(answer) = known.get(path).and_then(|lines| lines.get(&line)) {
            return *answer;
        }
        let answer = raises_on_purpose(&project, path, line);
        known.entry(path.to_owned()).or_default().insert(line, answer);
        answer
    }
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
