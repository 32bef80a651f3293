//! Pursues a function on one way: searches until something ends it, and makes findings of what differed.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use languages::python::wire::decode::Record;
use model::{FindingKind, FunctionChange, Input, Outcome};
use search::{Search, Subject};

use crate::cause::{self, Maps};
use crate::compare::{Difference, Folders, Step};
use crate::confirm::{Confirmed, Replay, Replayed, minimise, slower};
use crate::duo::Lost;
use crate::live::{Class, Live, Stop};

/// How long the search goes on after the first difference: the first witness is seldom the best.
const AFTER_FIRST: Duration = Duration::from_millis(200);
/// Inputs without one that base takes, after which a way is given up.
const HOPELESS: u64 = 4000;
/// So many results that cannot be seen into are enough, where everything that changed has run.
const OPAQUE_AFTER: u64 = 512;
/// Most classes of differences of one function that are confirmed.
const MOST_FINDINGS: usize = 4;
/// Witnesses of one class that are tried before the class is given up as noise.
const WITNESSES_PER_CLASS: usize = 3;
/// News that brings no changed line nearer is waited for so many times the patience, on all ways to a function together.
pub(crate) const MOST_PATIENCES: u32 = 6;
/// Useful inputs without which nothing that has run is given up before its time.
const ENOUGH: u64 = 256;
/// Where lines of the function itself changed, it is looked at with so many times the inputs after which nothing seems left, as
/// far as its time goes: what no branch tells apart, chance still may.
const DEEPER: u64 = 8;
/// How long after its time candidates of a function are still taken up.
const OVERTIME: Duration = Duration::from_millis(1000);
/// Classes of differences of a function that are looked at however late it is.
const LEAST_CLASSES: usize = 2;
/// Witnesses of one function for which the calls before are looked at.
const MOST_STATES: usize = 3;
/// How often the search goes on after nothing of what it found held.
const ROUNDS: usize = 4;

/// When a search is given up.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// At the latest.
    pub deadline: Instant,
    /// After so long: in all where everything that changed has run, and without news otherwise. Nothing: at the deadline.
    pub patience: Option<Duration>,
    /// Until when the time is this function's: what was found is taken up so long, though the search has ended.
    pub share: Instant,
    /// When replaying what differed is left to the next round. Nothing: it takes the time that it takes.
    pub replays: Option<Instant>,
}

impl Limits {
    /// Until when candidates are taken up.
    pub(crate) fn taken_up_until(&self) -> Instant {
        self.share.max(self.deadline + OVERTIME)
    }

    fn is_late(&self) -> bool {
        self.replays.is_some_and(|until| Instant::now() >= until)
    }
}

/// What else is looked at with the living children, once the search has found what is taken.
pub(crate) type Beside<'b> = dyn FnMut(&mut Search<'_>, &mut Live<'_, '_>) -> Result<(), Lost> + 'b;

/// Searches and confirms until something was found that holds, or the search is over. What differed and did not hold when it
/// was replayed is set aside, and the search goes on without it.
///
/// # Errors
/// When a session is lost while candidates are confirmed.
pub(crate) fn pursue(
    search: &mut Search<'_>,
    live: &mut Live<'_, '_>,
    limits: Limits,
    aim: &Confirming<'_>,
    beside: &mut Beside<'_>,
) -> Result<(Vec<Confirmed>, Option<Stop>), Lost> {
    let mut stop = None;
    for round in 0..ROUNDS {
        stop = drive(search, live, limits, aim);
        if round == 0 && !matches!(stop, Some(Stop::Lost(_) | Stop::Asked)) {
            beside(search, live)?;
        }
        let tried = live.tried.len();
        let confirmed = confirm(live, search, limits, aim)?;
        if !confirmed.is_empty() || stop.is_some() || live.tried.len() == tried {
            return Ok((confirmed, stop));
        }
    }
    Ok((Vec::new(), stop))
}

/// Searches until something ends it: a difference and a moment more, saturation, time.
/// Where the function must run for a difference to be its own, none counts before it did.
pub(crate) fn drive(
    search: &mut Search<'_>,
    live: &mut Live<'_, '_>,
    limits: Limits,
    aim: &Confirming<'_>,
) -> Option<Stop> {
    use search::Runner;
    let mut first: Option<Instant> = None;
    let started = Instant::now();
    let mut last_news = (0, started);
    let mut asked = 0;
    let mut settled_at = None;
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
        let has_run = !aim.must_run || live.base_reach.any() || live.head_reach.any();
        let worth = |witness: &search::Witness| live.worth_showing(witness.class, &witness.input);
        if has_run && search.witnesses().iter().any(worth) {
            let since = first.get_or_insert_with(Instant::now);
            if since.elapsed() >= AFTER_FIRST {
                return None;
            }
        }
        let statistics = search.statistics();
        if hopeless(&statistics) || search.exhausted() {
            return None;
        }
        let all_ran = live.all_ran(aim.changed_lines, aim.reached_before);
        let now = Instant::now();
        if all_ran && (search.saturated() || (live.head_reach.whole() && settled(&statistics))) {
            let first = *settled_at.get_or_insert(statistics.tried);
            let is_late = now >= limits.deadline.min(limits.share);
            let is_deep = aim.changed_lines.is_empty() || statistics.tried >= first * DEEPER || is_late;
            if is_deep && live.accepted.doubtful().is_empty() {
                return None;
            }
            // Asked again each time that there are twice as many inputs.
            if is_deep && statistics.tried >= asked * 2 {
                asked = statistics.tried;
                if live.settle_doubt().is_err() || live.accepted.doubtful().is_empty() {
                    return None;
                }
            }
        }
        // More of what nobody sees into tells nothing: what it does when it is called may.
        if all_ran
            && first.is_none()
            && live.tally.visible * 2 < live.tally.returned
            && live.tally.returned >= OPAQUE_AFTER
        {
            return None;
        }
        if now >= limits.deadline {
            return Some(Stop::Time);
        }
        let quiet = statistics.since_news();
        if last_news.0 != statistics.tried - quiet {
            last_news = (statistics.tried - quiet, now);
        }
        match limits.patience {
            // What is slow to call is not given up for that.
            Some(patience) if all_ran && now - started >= patience && statistics.useful() >= ENOUGH => {
                return Some(Stop::Time);
            }
            Some(patience) if !all_ran && now - last_news.1 >= patience => return Some(Stop::Stale(quiet)),
            _ => {}
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
fn confirm(
    live: &mut Live<'_, '_>,
    search: &Search<'_>,
    limits: Limits,
    aim: &Confirming<'_>,
) -> Result<Vec<Confirmed>, Lost> {
    let mut classes: Vec<(u64, Class)> = live.classes.iter().map(|(id, class)| (*id, class.clone())).collect();
    // What parameters do not declare is the least of what may be told, and comes last where time is short.
    let contradicts = |id: u64| {
        let mut of_class = search.witnesses().iter().filter(|witness| witness.class == id);
        of_class.all(|witness| (aim.contradicts)(&witness.input))
    };
    let order = |(id, class): &(u64, Class)| {
        let lesser = (class.difference.private, class.by_accident, contradicts(*id));
        (lesser, class.difference.kind, *id)
    };
    classes.sort_by_cached_key(order);
    let mut confirmed: Vec<Confirmed> = Vec::new();
    for (nth, (class, told)) in classes.into_iter().enumerate() {
        if confirmed.len() >= MOST_FINDINGS {
            break;
        }
        let hangs = told.difference.kind == FindingKind::NewHang;
        if hangs
            && confirmed
                .iter()
                .any(|found| found.difference.kind == FindingKind::NewHang)
        {
            // Each costs its whole deadline many times over.
            continue;
        }
        let mut witnesses: Vec<search::Witness> = search
            .witnesses()
            .iter()
            .filter(|witness| witness.class == class && !live.tried.contains(&witness.input))
            .cloned()
            .collect();
        // What the parameters declare is what the function is for.
        witnesses.sort_by_key(|witness| (aim.contradicts)(&witness.input));
        for witness in witnesses.into_iter().take(WITNESSES_PER_CLASS) {
            // Some are tried in any case: to have found something and not to have looked at it would be a pity, and on a busy
            // machine the first alone takes all the time.
            if Instant::now() >= limits.taken_up_until() && nth >= LEAST_CLASSES {
                break;
            }
            if limits.is_late() {
                aim.late.set(true);
                return Ok(confirmed);
            }
            live.tried.push(witness.input.clone());
            if told.difference.kind == FindingKind::NewHang {
                // If it does end after all, it may be slower by an order.
                live.heavy.push(witness.input.clone());
            }
            if live.only_made_otherwise(&witness.input)? {
                continue;
            }
            if let Some(found) = confirm_one(live, &witness.input, class, &told, aim, limits)? {
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
pub(crate) struct Confirming<'f> {
    pub subject: &'f Subject,
    pub folders: &'f Folders,
    pub maps: &'f Maps,
    /// Whether an input is of other types than the parameters declare.
    pub contradicts: &'f dyn Fn(&Input) -> bool,
    /// Whether an input passes an argument by a name that base's function does not know.
    pub new_argument: &'f dyn Fn(&Input) -> bool,
    /// The function, where something else is called to reach it: a difference of that counts only where the function ran.
    pub reached: Option<&'f FunctionChange>,
    /// Whether it must have run before a difference counts.
    pub must_run: bool,
    /// Whether a difference was set aside because it did not.
    pub unreached: Cell<bool>,
    /// Whether something differed that there was no time to replay.
    pub late: Cell<bool>,
    /// Path in base and in head, where they differ.
    pub moved: Option<(&'f str, &'f str)>,
    /// Changed lines of the function.
    pub changed_lines: &'f [u32],
    /// Those of them that other looks at it reached.
    pub reached_before: &'f BTreeSet<u32>,
}

/// Lines that a trace holds at most; see the limits of a session.
const LONGEST_TRACE: usize = 20_000;

/// Whether a function ran, by what both versions executed; where that was cut, it may have.
fn ran(function: &FunctionChange, base: &[model::Place], head: &[model::Place]) -> bool {
    let inside = |trace: &[model::Place], path: &str, lines: std::ops::RangeInclusive<u32>| {
        trace.len() >= LONGEST_TRACE
            || trace
                .iter()
                .any(|place| place.path == path && lines.contains(&place.line))
    };
    let in_head = inside(head, &function.path, function.body());
    let in_base = function
        .body_in_base()
        .is_some_and(|lines| inside(base, function.path_in_base(), lines));
    function.is_body() || in_head || in_base
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

/// How unfit an input is as an example of a difference.
fn cost(subject: &Subject, input: &Input, base: &Record) -> f64 {
    let ending = if matches!(base.observation.outcome, Outcome::Returned(_)) {
        0.0
    } else {
        40.0
    };
    ending + search::unfitness(input, search::likelihood(subject, input))
}

fn confirm_one(
    live: &mut Live<'_, '_>,
    witness: &Input,
    class: u64,
    told: &Class,
    aim: &Confirming<'_>,
    limits: Limits,
) -> Result<Option<Confirmed>, Lost> {
    let hang = told.difference.kind == FindingKind::NewHang;
    let agreeing = live.agreeing.clone();
    let folders = aim.folders;
    let small = minimise(
        live,
        aim.subject,
        witness.clone(),
        class,
        aim.contradicts,
        limits.deadline,
    )?;
    // What makes the input is no finding of the function: it is shown by what differs beside that.
    let mask = live.set_aside_of(&[&small, witness])?;
    let (base, head) = (live.base.clone(), live.head.clone());
    let replay = Replay {
        base: &base,
        head: &head,
        mask: &mask,
        folders,
    };
    let mut tries = vec![(small, Vec::new())];
    if !hang {
        tries.push((witness.clone(), Vec::new()));
        // What depends on the calls before costs many replays: a few witnesses tell whether it does.
        if live.states < MOST_STATES {
            tries.push((witness.clone(), told.history.clone()));
        }
    }
    let mut held = None;
    let mut noise = None;
    for (input, history) in tries {
        if limits.is_late() {
            aim.late.set(true);
            break;
        }
        let before = if history.is_empty() {
            Vec::new()
        } else {
            live.states += 1;
            match replay.state(live.duo(), &input, &history, class)? {
                Some(before) => before,
                None => break,
            }
        };
        match replay.thrice(live.duo(), &input, &before, class)? {
            Replayed::Holds(records) => {
                held = Some((*records, input, before));
                break;
            }
            Replayed::Noise(difference) => noise = Some(difference),
            Replayed::Not => {}
        }
    }
    if held.is_none()
        && let Some(noise) = noise
    {
        live.mask.add(&noise.path);
        live.classes.entry(class).and_modify(|class| class.noise = true);
    }
    // On a busy machine a call may seem not to end that only needs more time than a search has for one.
    if hang && held.is_none() && replay.is_same(live.duo(), witness)? {
        live.classes.entry(class).and_modify(|class| class.ended += 1);
    }
    let duo = live.duo();
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
            let (contradicts, new_argument) = ((aim.contradicts)(&input), (aim.new_argument)(&input));
            Some(Confirmed {
                difference,
                mask,
                input,
                before,
                base,
                head,
                inputs: told.inputs,
                by_accident: told.by_accident,
                cause,
                cost,
                contradicts,
                new_argument,
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
            return Ok(Some(Confirmed::new(difference, input, base, head)));
        }
    }
    Ok(None)
}
