//! From a candidate to a finding: make it small, replay it, tell its cause. What does not hold is noise and is never shown.

use std::time::{Duration, Instant};

use languages::python::Project;
use languages::python::wire::decode::Record;
use model::{CallKind, FindingKind, Input, Observation, Observed, Outcome, Place, Raised};
use search::Subject;

use crate::cause::{Cause, Spectrum};
use crate::compare::{self, Difference, Folders, Mask, Step};
use crate::duo::{Duo, Half, Import, Lost, Version};
use crate::live::{Live, class_id};
use crate::making::hangs_on_addresses;
use crate::session::Request;

/// Places that may differ between two interpreters before a witness is given up.
const MOST_NOISE: usize = 12;
/// So many of them are set aside as they are, the others with all that lies beside the way to the difference: a large object of a
/// library may be full of sets, in another order in each interpreter.
const FINE_NOISE: usize = 4;
/// Most evaluations that making an example smaller may cost.
const MINIMISE_CAP: usize = 600;
/// Time to make a witness smaller in any case; where making objects is slow, the next function wants its turn.
const MINIMISING: Duration = Duration::from_millis(300);
/// Replays in forks of the snapshot.
const REPLAYS: usize = 3;
/// Deadline of a confirming replay, in ticks of 10 ms: far above the one of the search.
const CONFIRM_TICKS: u32 = 100;
/// Deadline when all findings are replayed once more.
const LAST_TICKS: u32 = 200;
/// Most earlier calls that are tried as the state a witness needs.
const MOST_BEFORE: usize = 2048;
/// Most forks that making those fewer may cost.
const BEFORE_CAP: usize = 48;

/// A difference that was replayed, with all that its finding needs.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// What differs.
    pub difference: Difference,
    /// What was set aside when it was seen: noise, and what differs already when its input is made.
    pub mask: Mask,
    /// On what.
    pub input: Input,
    /// After which calls.
    pub before: Vec<Input>,
    /// What base did.
    pub base: Record,
    /// What head did.
    pub head: Record,
    /// How many inputs showed its class.
    pub inputs: u64,
    /// Whether base stumbles there, and head raises by its own word.
    pub by_accident: bool,
    /// The line or branch that causes it.
    pub cause: Option<Cause>,
    /// How unfit the input is as an example: less is better.
    pub cost: f64,
    /// Whether the input is of other types than the parameters declare, so that it need not have been taken at all.
    pub contradicts: bool,
    /// Whether it passes an argument by a name that base's function does not know.
    pub new_argument: bool,
}

impl Confirmed {
    /// A difference on one input of which nothing else is known.
    pub fn new(difference: Difference, input: Input, base: Record, head: Record) -> Self {
        Self {
            difference,
            mask: Mask::default(),
            input,
            before: Vec::new(),
            base,
            head,
            inputs: 1,
            by_accident: false,
            cause: None,
            cost: 0.0,
            contradicts: false,
            new_argument: false,
        }
    }
}

/// What came of replaying a witness.
pub enum Replayed {
    /// It differed each time in the same way.
    Holds(Box<(Difference, Record, Record)>),
    /// Base did not do the same twice.
    Noise(Difference),
    /// It did not differ each time.
    Not,
}

/// How much less likely a smaller input may be than the one it was made from.
const LESS_LIKELY: f64 = 0.3;

/// Makes a witness smaller in the living children. The kind of difference stays, so does a normal result of base, and the
/// input does not become one that nobody would write, or of other types than the parameters declare. It goes on for a moment
/// after `until`, and no longer.
///
/// # Errors
/// When a session is lost.
pub fn minimise(
    live: &mut Live<'_, '_>,
    subject: &Subject,
    input: Input,
    class: u64,
    contradicts: &dyn Fn(&Input) -> bool,
    until: Instant,
) -> Result<Input, Lost> {
    let until = until.max(Instant::now() + MINIMISING);
    let Some(kind) = live.classes.get(&class).map(|class| class.difference.kind) else {
        return Ok(input);
    };
    let first = live.both(std::slice::from_ref(&input))?;
    let returned = first
        .first()
        .is_some_and(|(base, _)| matches!(base.observation.outcome, Outcome::Returned(_)));
    // A hang costs its whole deadline for each try.
    let cap = if kind == FindingKind::NewHang { 24 } else { MINIMISE_CAP };
    let least = search::likelihood(subject, &input) * LESS_LIKELY;
    let is_declared = !contradicts(&input);
    search::minimise(input, cap, |candidates: &[Input]| {
        if Instant::now() >= until {
            return Ok(vec![false; candidates.len()]);
        }
        let records = live.both(candidates)?;
        let shows = |difference: Option<&Difference>| difference.is_some_and(|one| class_id(one) == class);
        let mut found: Vec<bool> = records
            .iter()
            .zip(candidates)
            .map(|((base, head), candidate)| {
                search::likelihood(subject, candidate) >= least
                    && !hangs_on_addresses(candidate)
                    && !(is_declared && contradicts(candidate))
                    && shows(live.difference(candidate, base, head).as_ref())
                    && (!returned || matches!(base.observation.outcome, Outcome::Returned(_)))
            })
            .collect();
        let shown: Vec<(&Input, &Record, &Record)> = candidates
            .iter()
            .zip(&records)
            .zip(&found)
            .filter(|(_, found)| **found)
            .map(|((input, (base, head)), _)| (input, base, head))
            .collect();
        let mut own = live.own_difference(&shown)?.into_iter();
        for found in found.iter_mut().filter(|found| **found) {
            *found = shows(own.next().flatten().as_ref());
        }
        Ok(found)
    })
}

/// A number of executed lines, and the run they were counted in.
type Counted = (u64, Record);

/// Where and how a witness is replayed.
pub struct Replay<'r> {
    /// What base's children are forked for.
    pub base: &'r Request,
    /// What head's children are forked for.
    pub head: &'r Request,
    /// Places that are noise.
    pub mask: &'r Mask,
    /// What differs without meaning.
    pub folders: &'r Folders,
}

impl Replay<'_> {
    fn request(&self, version: Version, trace: Option<&'static str>, ticks: u32) -> Request {
        let request = if version == Version::Base { self.base } else { self.head };
        Request {
            cover: Vec::new(),
            guide: false,
            trace,
            ticks,
            ..request.clone()
        }
    }

    /// Runs `before` and then `input` in a fresh child of one version; gives the record of `input`.
    ///
    /// # Errors
    /// When the session is lost.
    pub fn once(
        &self,
        half: &mut Half<'_>,
        version: Version,
        input: &Input,
        before: &[Input],
        trace: Option<&'static str>,
        ticks: u32,
    ) -> Result<Option<Record>, Lost> {
        let request = self.request(version, trace, ticks);
        let calls: Vec<Input> = before.iter().chain(std::iter::once(input)).cloned().collect();
        Ok(match half.run_fresh(&calls, &request)? {
            Ok(mut ran) if !ran.restarted || before.is_empty() => ran.records.pop(),
            _ => None,
        })
    }

    /// As [`Replay::once`], in both versions at the same time; nothing where either gave nothing.
    fn pair(
        &self,
        duo: &mut Duo<'_>,
        input: &Input,
        before: &[Input],
        trace: Option<&'static str>,
        ticks: u32,
    ) -> Result<Option<(Record, Record)>, Lost> {
        let (base, head) = duo.both(|version, half| self.once(half, version, input, before, trace, ticks))?;
        Ok(base.zip(head))
    }

    /// Replays three times in forks of the snapshot: base agrees with itself each time, head differs each time in the same way.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn thrice(&self, duo: &mut Duo<'_>, input: &Input, before: &[Input], class: u64) -> Result<Replayed, Lost> {
        let mut kept: Option<(Difference, Record, Record)> = None;
        for _ in 0..REPLAYS {
            let Some((base, head)) = self.pair(duo, input, before, None, CONFIRM_TICKS)? else {
                return Ok(Replayed::Not);
            };
            let difference = compare::compare(&base.observation, &head.observation, self.mask, self.folders);
            let is_of_kind = difference
                .as_ref()
                .is_some_and(|difference| is_of_kind(difference, &base, &head));
            if let Some((_, first, _)) = &kept
                && let Some(noise) =
                    compare::compare(&first.observation, &base.observation, self.mask, &Folders::default())
                && !(is_of_kind && end_alike(&first.observation, &base.observation))
            {
                return Ok(Replayed::Noise(noise));
            }
            let Some(difference) = difference else {
                return Ok(Replayed::Not);
            };
            if class_id(&difference) != class {
                return Ok(Replayed::Not);
            }
            if difference.kind == FindingKind::NewHang && base.ticks * 10 > u64::from(CONFIRM_TICKS) {
                // Base itself needs a good part of the deadline: that head needs more says little.
                return Ok(Replayed::Not);
            }
            kept.get_or_insert((difference, base, head));
        }
        Ok(kept.map_or(Replayed::Not, |held| Replayed::Holds(Box::new(held))))
    }

    /// Whether both versions do the same in the time that findings are given.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn is_same(&self, duo: &mut Duo<'_>, input: &Input) -> Result<bool, Lost> {
        let pair = self.pair(duo, input, &[], None, CONFIRM_TICKS)?;
        Ok(pair.is_some_and(|(base, head)| {
            // What does not end either, or is not made, was compared with nothing.
            let ended = matches!(base.observation.outcome, Outcome::Returned(_) | Outcome::Raised(_));
            ended && compare::compare(&base.observation, &head.observation, self.mask, self.folders).is_none()
        }))
    }

    /// The fewest earlier calls after which the witness differs, where it does not differ alone.
    ///
    /// # Errors
    /// When a session is lost. `Ok(None)`: not even after all of them.
    pub fn state(
        &self,
        duo: &mut Duo<'_>,
        input: &Input,
        history: &[Input],
        class: u64,
    ) -> Result<Option<Vec<Input>>, Lost> {
        let end = history
            .iter()
            .rposition(|earlier| earlier == input)
            .unwrap_or(history.len());
        let mut before: Vec<Input> = history[end.saturating_sub(MOST_BEFORE)..end].to_vec();
        if before.is_empty() || !self.differs(duo, input, &before, class)? {
            return Ok(None);
        }
        let mut tries = 0;
        let mut size = before.len().div_ceil(2);
        while size >= 1 && tries < BEFORE_CAP {
            let mut from = 0;
            let mut shorter = false;
            while from < before.len() && tries < BEFORE_CAP {
                let mut fewer = before.clone();
                fewer.drain(from..(from + size).min(before.len()));
                tries += 1;
                if !fewer.is_empty() && self.differs(duo, input, &fewer, class)? {
                    before = fewer;
                    shorter = true;
                } else {
                    from += size;
                }
            }
            if size == 1 && !shorter {
                break;
            }
            size = if size == 1 { 1 } else { size / 2 };
        }
        // A story of many calls is one that nobody reads.
        Ok((before.len() <= 8).then_some(before))
    }

    fn differs(&self, duo: &mut Duo<'_>, input: &Input, before: &[Input], class: u64) -> Result<bool, Lost> {
        let Some((base, head)) = self.pair(duo, input, before, None, CONFIRM_TICKS)? else {
            return Ok(false);
        };
        let difference = compare::compare(&base.observation, &head.observation, self.mask, self.folders);
        Ok(difference.is_some_and(|difference| class_id(&difference) == class))
    }

    /// Lines both versions execute on the witness.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn traces(&self, duo: &mut Duo<'_>, input: &Input, before: &[Input]) -> Result<(Vec<Place>, Vec<Place>), Lost> {
        let traced = self.pair(duo, input, before, Some("lines"), CONFIRM_TICKS)?;
        Ok(traced.map(|(base, head)| (base.trace, head.trace)).unwrap_or_default())
    }

    /// Lines both versions execute on inputs on which they agree.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn spectrum(&self, duo: &mut Duo<'_>, agreeing: &[Input]) -> Result<Spectrum, Lost> {
        let (base, head) =
            duo.both(|version, half| half.run_fresh(agreeing, &self.request(version, Some("lines"), CONFIRM_TICKS)))?;
        let mut spectrum = Spectrum::default();
        if let (Ok(base), Ok(head)) = (base, head) {
            base.records
                .iter()
                .zip(&head.records)
                .for_each(|(base, head)| spectrum.add(&base.trace, &head.trace));
        }
        Ok(spectrum)
    }

    /// Numbers of lines both versions execute, where both return.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn counts(&self, duo: &mut Duo<'_>, input: &Input) -> Result<Option<(Counted, Counted)>, Lost> {
        let counted = |record: Record| record.count.map(|count| (count, record));
        let Some((base, head)) = self.pair(duo, input, &[], Some("count"), LAST_TICKS)? else {
            return Ok(None);
        };
        Ok(counted(base).zip(counted(head)))
    }

    /// The last replay, in fresh interpreters: base does what it did, head what it did, and they differ.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn again(&self, duo: &mut Duo<'_>, confirmed: &Confirmed) -> Result<bool, Lost> {
        if confirmed.difference.kind == FindingKind::Slower {
            return Ok(self
                .counts(duo, &confirmed.input)?
                .is_some_and(|((base, _), (head, _))| slower(base, head)));
        }
        // A hang takes its whole deadline, each time.
        let ticks = match confirmed.difference.kind {
            FindingKind::NewHang => CONFIRM_TICKS,
            _ => LAST_TICKS,
        };
        let Some((mut base, mut head)) = self.pair(duo, &confirmed.input, &confirmed.before, None, ticks)? else {
            return Ok(false);
        };
        let whole = base.observation.clone();
        if self.head.call == CallKind::Module {
            (base, head) = (public(base), public(head));
        }
        let own = Folders::default();
        let mut mask = self.mask.and(&confirmed.mask);
        for (before, now) in [(&confirmed.base, &base), (&confirmed.head, &head)] {
            if !end_alike(&before.observation, &now.observation) {
                return Ok(false);
            }
            if is_of_kind(&confirmed.difference, &base, &head) {
                continue;
            }
            // Parts that another interpreter does otherwise (a hash that is kept) are noise; the rest may still differ.
            let mut places = 0;
            while let Some(noise) = compare::compare(&before.observation, &now.observation, &mask, &own) {
                places += 1;
                if noise.path.len() < 2 || places > MOST_NOISE {
                    return Ok(false);
                }
                let place = match places {
                    0..=FINE_NOISE => noise.path.as_slice(),
                    _ => beside(&noise.path, &confirmed.difference.path),
                };
                mask.add(place);
            }
        }
        if self.head.call == CallKind::Module {
            // As it was found: what head adds beside is no difference.
            (head.observation, _) = compare::without_additions(&whole, head.observation);
        }
        Ok(
            compare::compare(&base.observation, &head.observation, &mask, self.folders)
                .is_some_and(|difference| class_id(&difference) == class_id(&confirmed.difference)),
        )
    }
}

/// Whether two calls end in the same way: both return something of one kind, both raise, neither ends.
fn end_alike(one: &Observation, other: &Observation) -> bool {
    use std::mem::discriminant;
    match (&one.outcome, &other.outcome) {
        (Outcome::Returned(one), Outcome::Returned(other)) => {
            // What comparison takes for the same in two forms is of one kind.
            let is_number = |value: &Observed| matches!(value, Observed::Int(_) | Observed::BigInt(_));
            let is_text = |value: &Observed| matches!(value, Observed::Str(_) | Observed::BrokenStr(_));
            let is_seen = |value: &Observed| matches!(value, Observed::Again(_));
            discriminant(one) == discriminant(other)
                || is_number(one) && is_number(other)
                || is_text(one) && is_text(other)
                || is_seen(one)
                || is_seen(other)
        }
        (one, other) => discriminant(one) == discriminant(other),
    }
}

/// Whether a difference is that one version returns where the other raises, or something of another kind. That holds whatever it
/// is that is returned: a hash is another number in each interpreter, and is none where it raises.
fn is_of_kind(difference: &Difference, base: &Record, head: &Record) -> bool {
    let has_ended = |record: &Record| matches!(record.observation.outcome, Outcome::Returned(_) | Outcome::Raised(_));
    difference.path == [Step::Result]
        && has_ended(base)
        && has_ended(head)
        && !end_alike(&base.observation, &head.observation)
}

/// The place where the way to some noise leaves the way to a difference.
fn beside<'n>(noise: &'n [Step], difference: &[Step]) -> &'n [Step] {
    let common = noise
        .iter()
        .zip(difference)
        .take_while(|(one, other)| one == other)
        .count();
    &noise[..noise.len().min((common + 1).max(2))]
}

/// The record of a module with its public data alone.
pub fn public(record: Record) -> Record {
    Record {
        observation: compare::public_data(record.observation),
        ..record
    }
}

/// Whether head is slower by an order, in executed lines: small functions are left alone.
pub fn slower(base: u64, head: u64) -> bool {
    head >= 2_000 && head >= base.saturating_mul(10)
}

/// Whether an import took less than a tenth of a time, which is no short one.
fn is_far_quicker(import: &Import, than: Duration) -> bool {
    let Import::Answered(imported) = import else {
        return false;
    };
    than >= Duration::from_secs(1) && imported.seconds * 10.0 <= than.as_secs_f64()
}

/// A module that imports in base and not in head, as a difference; `None` when head's import is fine or its failure says
/// nothing about the module (a package that is not installed, and is none of `base_project`'s own).
pub fn of_imports(base: &Import, head: &Import, base_project: &Project) -> Option<Confirmed> {
    if !base.is_ok() || head.is_ok() {
        return None;
    }
    let outcome = match head {
        Import::DoesNotEnd => Outcome::TimedOut,
        // What is slow in both may end with more time.
        Import::OutOfTime(limit) if is_far_quicker(base, *limit) => Outcome::TimedOut,
        Import::OutOfTime(_) => return None,
        Import::EndsInterpreter => Outcome::Died("ended while it was imported".to_owned()),
        Import::Answered(imported) => {
            let error = imported.error.as_ref()?;
            let own = |missing: &String| error.in_tree || base_project.path_of(missing).is_some();
            if error.missing.as_ref().is_some_and(|missing| !own(missing)) {
                return None;
            }
            Outcome::Raised(Raised {
                class: error.class.clone(),
                bases: Vec::new(),
                message: error.message.clone(),
                place: error.place.clone(),
                depth: 1,
            })
        }
    };
    let kind = crate::import_kind(head);
    let difference = Difference {
        kind,
        path: vec![Step::Result],
        what: "import".to_owned(),
        private: false,
    };
    let imports = Record::of(Outcome::Returned(Observed::Named("imports".to_owned())));
    Some(Confirmed::new(
        difference,
        Input::default(),
        imports,
        Record::of(outcome),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use languages::python::wire::decode::Imported;

    #[test]
    fn noise_is_set_aside_where_it_leaves_the_way_to_the_difference() {
        let path = |keys: &[&str]| {
            let mut path = vec![Step::Result];
            path.extend(keys.iter().map(|key| Step::Key((*key).to_owned())));
            path
        };
        let beside = |noise: &[&str], difference: &[&str]| beside(&path(noise), &path(difference)).to_vec();
        assert_eq!(beside(&["a", "b", "c"], &["x"]), path(&["a"]));
        assert_eq!(beside(&["a", "b", "c"], &["a", "x", "c"]), path(&["a", "b"]));
        // Below the difference itself only that place.
        assert_eq!(beside(&["a", "b"], &["a", "b"]), path(&["a", "b"]));
        assert_eq!(beside(&["a", "b", "c", "d"], &["a", "b"]), path(&["a", "b", "c"]));
    }

    #[test]
    fn an_import_without_end_is_told_from_one_that_is_slow_in_both_versions() {
        let project = Project::new([], |_| Err(std::io::ErrorKind::NotFound.into()));
        let took = |seconds| {
            Import::Answered(Box::new(Imported {
                seconds,
                ..Imported::default()
            }))
        };
        let is_told = |base: f64, limit: u64| {
            of_imports(&took(base), &Import::OutOfTime(Duration::from_secs(limit)), &project).is_some()
        };
        assert!(is_told(0.1, 3) && !is_told(0.5, 3) && !is_told(0.01, 0));
    }
}
