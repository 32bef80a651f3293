//! What a new function does against its own word. There is no base to compare it with, so that only what contradicts itself
//! is told: less is shown than could be, and nothing on which opinions differ.

mod crash;
mod keeping;
mod order;
mod range;
mod round_trip;
mod untrue;

use languages::python::print;
use languages::python::promise::{Probe, Promise};
use languages::python::wire::decode::Record;
use model::{
    CallKind, Change, Example, Finding, FindingKind, FunctionChange, Input, Observation, Outcome, Place, Target, Way,
};

use crate::compare::{self, Folders, Mask};
use crate::duo::{Duo, Lost, names};
use crate::live::Live;
use crate::session::Request;

/// Replays in forks of the snapshot.
const REPLAYS: usize = 3;
/// Deadline of a replay, in ticks of 10 ms.
const TICKS: u32 = 100;
/// Deadline of what did not end within that: what is only slow the first time, or on a busy machine, does end.
const LONG_TICKS: u32 = 600;
/// Most findings of one function.
const MOST: usize = 2;
/// Probes that are run together.
const CHUNK: usize = 12;
/// Probes that may not end before no more are run.
const SLOW: usize = 4;
/// Longest text of an outcome in a report.
const LIMIT: usize = 200;

/// Something that a new function does against its own word.
#[derive(Clone, Debug)]
pub struct Suspicion {
    /// What is called.
    pub target: Target,
    /// With what.
    pub input: Input,
    /// After which calls.
    pub before: Vec<Input>,
    /// What it did.
    pub record: Record,
    /// What it says of itself, in a line.
    pub said: String,
    /// Why that is one, in words.
    pub cause: String,
    /// Call and outcome in words, where they are other ones than what is run.
    pub call: Option<(String, String)>,
    /// Where to look.
    pub place: Option<Place>,
    /// What differs from its word, when it is not the result.
    pub aspect: Option<String>,
}

/// What is looked at, and with what it is known.
pub(crate) struct Suspect<'s> {
    /// The change.
    pub change: &'s Change,
    /// The new function.
    pub function: &'s FunctionChange,
    /// How it is called.
    pub way: &'s Way,
    /// What is inferred of its inputs.
    pub subject: &'s search::Subject,
    /// The sources of head.
    pub project: &'s languages::python::Project,
    /// Whether an input is of other types than the parameters declare.
    pub contradicts: &'s dyn Fn(&Input) -> bool,
    /// What differs without meaning.
    pub folders: &'s Folders,
}

impl Suspect<'_> {
    /// A call of the function.
    fn call(&self, input: &Input) -> Suspicion {
        Suspicion::of(self.way.target.clone(), input.clone())
    }

    /// A line of its file.
    fn at(&self, line: u32) -> Place {
        Place {
            path: self.way.target.path.clone(),
            line,
        }
    }
}

/// What of a new function contradicts itself, replayed in forks of the imported program.
///
/// # Errors
/// When a session is lost.
pub(crate) fn look(live: &mut Live<'_, '_>, suspect: &Suspect<'_>) -> Result<Vec<Suspicion>, Lost> {
    if !suspect.way.through.is_empty() {
        return Ok(Vec::new());
    }
    let Some(promise) = Promise::of(suspect.project, &suspect.way.target, suspect.subject) else {
        return Ok(Vec::new());
    };
    let tried = probed(live, suspect, &promise)?;
    let mut candidates = crash::look(live, &tried, suspect, &promise);
    candidates.extend(untrue::result(&tried, suspect, &promise));
    candidates.extend(untrue::example(live, suspect, &promise)?);
    candidates.extend(range::negative(&tried, suspect, &promise));
    candidates.extend(order::look(&tried, suspect, &promise));
    candidates.extend(keeping::changed(&tried, suspect, &promise));
    candidates.extend(keeping::leak(live, &tried, suspect, &promise)?);
    candidates.extend(round_trip::look(live, suspect, &promise)?);
    let mut held = Vec::new();
    for candidate in candidates {
        if held.len() >= MOST {
            break;
        }
        if let Some(suspicion) = candidate.replayed(live.duo(), suspect.folders)? {
            held.push(suspicion);
        }
    }
    Ok(held)
}

/// What the function does on small plain inputs that it says it takes; nothing where that cannot be told.
fn probed(live: &mut Live<'_, '_>, suspect: &Suspect<'_>, promise: &Promise<'_>) -> Result<Vec<(Probe, Record)>, Lost> {
    if !promise.is_plain() || is_inner(&suspect.way.target) {
        return Ok(Vec::new());
    }
    let probes = promise.probes();
    let mut tried = Vec::with_capacity(probes.len());
    for some in probes.chunks(CHUNK) {
        let inputs: Vec<Input> = some.iter().map(|probe| probe.input.clone()).collect();
        let records = live.both(&inputs)?;
        tried.extend(some.iter().cloned().zip(records.into_iter().map(|(_, head)| head)));
        let is_slow = |one: &&(Probe, Record)| one.1.observation.outcome == Outcome::TimedOut;
        // Each costs its whole deadline.
        if tried.iter().filter(is_slow).count() > SLOW {
            break;
        }
    }
    Ok(tried)
}

impl Suspicion {
    /// A call of which nothing is known or said yet.
    fn of(target: Target, input: Input) -> Self {
        Self {
            target,
            input,
            before: Vec::new(),
            record: Record::of(Outcome::TimedOut),
            said: String::new(),
            cause: String::new(),
            call: None,
            place: None,
            aspect: None,
        }
    }

    /// Itself with what it does when it is called alone, where that is the same each time.
    fn replayed(mut self, duo: &mut Duo<'_>, folders: &Folders) -> Result<Option<Self>, Lost> {
        for replay in 0..REPLAYS {
            let hangs = replay == 0 && self.record.observation.outcome == Outcome::TimedOut;
            let Some(record) = self.run_within(duo, if hangs { LONG_TICKS } else { TICKS })? else {
                return Ok(None);
            };
            let same = match replay {
                // What other calls left behind is no matter from here on.
                0 => alike(&self.record.observation, &record.observation),
                _ => is_same(&self.record.observation, &record.observation, folders),
            };
            if !same {
                return Ok(None);
            }
            self.record = record;
        }
        Ok(Some(self))
    }

    /// Whether it does the same again in the interpreter that lives now.
    ///
    /// # Errors
    /// When the session is lost.
    pub fn again(&self, duo: &mut Duo<'_>, folders: &Folders) -> Result<bool, Lost> {
        let record = self.run(duo)?;
        let is_so = |record: &Record| is_same(&self.record.observation, &record.observation, folders);
        Ok(record.is_some_and(|record| is_so(&record)) && self.is_so_alone(duo, is_so))
    }

    /// Whether an example of a docstring, which tells of a program that nothing else is imported into, does the same there.
    fn is_so_alone(&self, duo: &mut Duo<'_>, is_so: impl Fn(&Record) -> bool) -> bool {
        let ran = (self.target.call == CallKind::Docstring).then(|| {
            duo.head
                .run_alone(std::slice::from_ref(&self.input), &self.request(TICKS))
        });
        ran.is_none_or(|ran| ran.is_some_and(|ran| ran.records.last().is_some_and(is_so)))
    }

    fn run(&self, duo: &mut Duo<'_>) -> Result<Option<Record>, Lost> {
        self.run_within(duo, TICKS)
    }

    fn request(&self, ticks: u32) -> Request {
        let (module, name) = names(&self.target, crate::duo::Version::Head);
        Request {
            module,
            name,
            call: self.target.call,
            cover: Vec::new(),
            guide: false,
            trace: None,
            ticks,
            mutants: None,
            cold_ticks: None,
        }
    }

    fn run_within(&self, duo: &mut Duo<'_>, ticks: u32) -> Result<Option<Record>, Lost> {
        let request = self.request(ticks);
        let calls: Vec<Input> = self.before.iter().chain([&self.input]).cloned().collect();
        Ok(match duo.head.run_fresh(&calls, &request)? {
            Ok(mut ran) if !ran.restarted || self.before.is_empty() => ran.records.pop(),
            _ => None,
        })
    }

    /// The finding that a report shows; `texts` are the lines of the function, which its id depends on.
    pub fn finding(&self, function: &FunctionChange, text: &str, replays: &str) -> Finding {
        let base = Observation {
            outcome: Outcome::NotMade("base does not have it".to_owned()),
            ..Record::of(Outcome::TimedOut).observation
        };
        let (call, outcome) = self.call.clone().unwrap_or_else(|| {
            let call = print::call(&self.target, &self.input).call;
            (call, print::outcome(&self.record.observation, &self.input, LIMIT))
        });
        let example = Example {
            target: self.target.clone(),
            input: self.input.clone(),
            before: self.before.clone(),
            base,
            head: self.record.observation.clone(),
            call,
            base_text: self.said.clone(),
            head_text: outcome,
            aspect: self.aspect.clone(),
        };
        let mut hasher = blake3::Hasher::new();
        hasher.update(function.id().as_bytes());
        hasher.update(text.as_bytes());
        let story = (&self.target, &self.input, &self.before, &self.said, &self.aspect);
        hasher.update(format!("{story:?}").as_bytes());
        Finding {
            id: hasher.finalize().to_hex()[..8].to_owned(),
            kind: FindingKind::Suspicious,
            example,
            cause: self.cause.clone(),
            cause_place: self.place.clone(),
            shown_by: 1,
            base_returned: true,
            minor: false,
            replays: replays.to_owned(),
            exposure: None,
        }
    }
}

/// Whether two calls ended alike, as far as other calls before them may matter: both raised the same, or both returned.
fn alike(first: &Observation, second: &Observation) -> bool {
    match (&first.outcome, &second.outcome) {
        (Outcome::Raised(one), Outcome::Raised(other)) => one.class == other.class && one.place == other.place,
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// Whether two calls did the same, as far as it has a meaning.
pub(crate) fn is_same(first: &Observation, second: &Observation, folders: &Folders) -> bool {
    alike(first, second)
        && (first.outcome == Outcome::TimedOut || compare::compare(first, second, &Mask::default(), folders).is_none())
}

/// Whether a function is private by its name, or one that Python calls by itself: who calls it knows what to give it.
fn is_inner(target: &Target) -> bool {
    let mut parts = target.qualified_name.split('.');
    parts.any(|part| part.starts_with('_') && part != "__init__")
}
