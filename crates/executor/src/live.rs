//! Runs the search's inputs on both versions and tells it what came of each.

mod brief;
mod made;
mod mends;
mod proof;
mod tally;

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use languages::python::wire::decode::{Mentioned, Ready, Record};
use model::{Coverage, Input, Observed, Outcome, Value};
use search::{Feedback, Runner, Validity};

use crate::accepted::Accepted;
use crate::compare::{self, Difference, Folders, Mask};
use crate::duo::{Duo, Lost, Version};
use made::Made;
pub(crate) use made::at as value_at;

use crate::making::{calls, hangs_on_addresses, has_stand_in, holds_set, maker};
use crate::reach::Reach;
use crate::session::Request;
pub use mends::Mends;
pub use proof::class_id;
use proof::stand_in_lacks;
pub use tally::Tally;

/// How often the base is asked again before an unstable place is believed to be one.
const NOISE_ROUNDS: usize = 4;
/// Most missing keys and the like that one batch may add to the search's tokens.
const HINTS_PER_BATCH: usize = 16;

/// Agreeing inputs that are kept.
const AGREEING: usize = 24;

/// Why the search of one function ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Its time is up.
    Time,
    /// A session was lost.
    Lost(String),
    /// The user asked to stop.
    Asked,
    /// It brought nothing new for longer than there was patience for: since so many inputs.
    Stale(u64),
}

impl From<Lost> for Stop {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost.0)
    }
}

/// A class of differences: what a user would call the same one.
#[derive(Clone, Debug)]
pub struct Class {
    /// One of its differences.
    pub difference: Difference,
    /// How many inputs showed it.
    pub inputs: u64,
    /// The calls before the first of them, in the same process.
    pub history: Vec<Input>,
    /// Whether base stumbles there, which is nobody's contract, and head raises by its own word.
    pub by_accident: bool,
    /// Whether base turned out not to do the same twice there.
    pub noise: bool,
    /// Inputs on which head seemed not to end, and does what base does where it is given the time that findings are given.
    pub ended: u64,
}

/// What base and head did on one input.
type Records = (Record, Record);
/// How many locations an input was the first to reach: all, and those on changed lines.
type News = (u32, u32);

/// The two living children of one target, and what is known of it so far.
pub struct Live<'r, 'c> {
    duo: &'r mut Duo<'c>,
    /// Whether observations are so large that they take most of the time.
    is_huge: bool,
    /// Inputs that were looked at for a small part of it.
    glanced: usize,
    /// Values that live under names which the functions of both mention.
    pub mentioned: Vec<(String, Mentioned)>,
    /// What base's children are forked for.
    pub base: Request,
    /// What head's children are forked for.
    pub head: Request,
    /// Path of the changed function in base.
    base_path: String,
    /// Path of the changed function in head.
    head_path: String,
    changed_lines: BTreeSet<u32>,
    mends: Mends,
    /// Changed lines of head in the functions that it uses, by path, where only those make it count as changed.
    elsewhere: BTreeSet<(String, u32)>,
    /// Those of them that ran.
    pub elsewhere_reached: BTreeSet<(String, u32)>,
    /// Whether only head is run: the function is new.
    only_head: bool,
    private: bool,
    folders: &'r Folders,
    /// Lines of each version that raise on purpose.
    deliberate: &'r dyn Fn(Version, &str, u32) -> bool,
    /// Places that differ between two runs of base.
    pub mask: Mask,
    /// What was reached in base.
    pub base_reach: Reach,
    /// What was reached in head.
    pub head_reach: Reach,
    /// What base made of the inputs.
    pub tally: Tally,
    /// Classes of differences seen.
    pub classes: HashMap<u64, Class>,
    /// Inputs that differed and were tried as examples.
    pub tried: Vec<Input>,
    /// How many of them were looked at for what the calls before do to them.
    pub states: usize,
    /// Inputs run in the living children, in order.
    pub history: Vec<Input>,
    /// Inputs on which head used at least two ticks more than base, and ten times as many: candidates for "slower".
    pub heavy: Vec<Input>,
    /// What the inputs of a batch gave that was not run to its end.
    pub partial: Vec<Feedback>,
    /// Inputs on which both versions returned the same, to hold witnesses against.
    pub agreeing: Vec<Input>,
    /// For a new function: inputs and what it did, some for each kind of outcome.
    pub samples: Vec<(Input, model::Observation)>,
    /// For a new function: inputs that were the first to reach one of its lines, and what they did.
    pub reaching: Vec<(Input, model::Observation)>,
    /// For a new function: inputs on which a name is not bound, or a call cannot be made, and what was seen.
    pub stumbles: Vec<(Input, Record)>,
    /// Inputs that base accepts, and changed lines that only others are known to have reached.
    pub accepted: Accepted,
    /// Changed lines that the inputs of the last batch were the first to reach.
    first_reached: Vec<(usize, u32)>,
    deadline: Instant,
    /// From when on no difference is looked into any more.
    replays: Option<Instant>,
    stopped: &'r dyn Fn() -> bool,
    chunk: usize,
}

/// How many calls of a new function are kept to choose examples from.
const SAMPLES: usize = 48;

/// How many of its calls are kept that stumble.
const STUMBLES: usize = 64;

/// What a [`Live`] is made of.
pub struct Aim<'r> {
    /// What base's children are forked for.
    pub base: Request,
    /// What head's children are forked for.
    pub head: Request,
    /// Path of the changed function in base.
    pub base_path: String,
    /// Path of the changed function in head.
    pub head_path: String,
    /// Changed lines of head.
    pub changed_lines: BTreeSet<u32>,
    /// Changed lines of head in the functions that it uses, by path, where only those make it count as changed.
    pub elsewhere: BTreeSet<(String, u32)>,
    /// What changed lines of head mend.
    pub mends: Mends,
    /// Whether only head is run.
    pub only_head: bool,
    /// Whether the target is private, so that its parameters may change.
    pub private: bool,
    /// Places that are known to be noise.
    pub noise: Mask,
    /// What differs without meaning.
    pub folders: &'r Folders,
    /// Lines of each version that raise on purpose.
    pub deliberate: &'r dyn Fn(Version, &str, u32) -> bool,
    /// When to stop.
    pub deadline: Instant,
    /// Whether the user asked to stop.
    pub stopped: &'r dyn Fn() -> bool,
}

impl<'r, 'c> Live<'r, 'c> {
    /// Forks both children.
    ///
    /// # Errors
    /// When a session is lost; `Ok(Err(reason))` when the target cannot be called.
    pub fn fork(duo: &'r mut Duo<'c>, aim: Aim<'r>) -> Result<Result<Self, String>, Lost> {
        let ready = if aim.only_head {
            match duo.head.fork(&aim.head)? {
                Ok(ready) => (Ready::default(), ready),
                Err(reason) => return Ok(Err(reason)),
            }
        } else {
            match duo.fork(&aim.base, &aim.head)? {
                Ok(ready) => ready,
                Err((version, reason)) => {
                    let version = if version == Version::Base { "base" } else { "head" };
                    return Ok(Err(format!("{reason} (in {version})")));
                }
            }
        };
        let mentioned = [&ready.0, &ready.1]
            .into_iter()
            .flat_map(|ready| ready.mentioned.clone());
        Ok(Ok(Self {
            duo,
            is_huge: false,
            glanced: 0,
            mentioned: mentioned.collect(),
            base_reach: Reach::new(&ready.0),
            head_reach: Reach::new(&ready.1),
            base: aim.base,
            head: aim.head,
            base_path: aim.base_path,
            head_path: aim.head_path,
            changed_lines: aim.changed_lines,
            mends: aim.mends,
            elsewhere: aim.elsewhere,
            elsewhere_reached: BTreeSet::new(),
            only_head: aim.only_head,
            private: aim.private,
            folders: aim.folders,
            deliberate: aim.deliberate,
            mask: aim.noise,
            tally: Tally::default(),
            classes: HashMap::new(),
            tried: Vec::new(),
            states: 0,
            history: Vec::new(),
            heavy: Vec::new(),
            partial: Vec::new(),
            agreeing: Vec::new(),
            samples: Vec::new(),
            reaching: Vec::new(),
            stumbles: Vec::new(),
            accepted: Accepted::default(),
            first_reached: Vec::new(),
            deadline: aim.deadline,
            replays: None,
            stopped: aim.stopped,
            // The first call tells how slow they are: eight of a slow one would take the time of those after it.
            chunk: 1,
        }))
    }

    /// Whether it counts as changed for what it uses alone, and no changed line of that was run.
    pub fn elsewhere_unreached(&self) -> bool {
        !self.elsewhere.is_empty() && self.elsewhere_reached.is_empty()
    }

    /// Runs the accepted inputs once more in a child of head that has not reached anything yet, where it is in doubt whether
    /// they reach all that the others reached.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn settle_doubt(&mut self) -> Result<(), Lost> {
        if self.only_head || self.accepted.doubtful().is_empty() || self.accepted.inputs().is_empty() {
            return Ok(());
        }
        let head = self.head.clone();
        if let Ok(ran) = self.duo.head.run_fresh(self.accepted.inputs(), &head)? {
            let own = ran.locations.iter().filter(|(_, place)| place.path == self.head_path);
            self.accepted.clear(own.map(|(_, place)| place.line));
        }
        self.revive()
    }

    /// Whether everything that changed has run, here or in the looks that reached `before`.
    pub fn all_ran(&self, changed_lines: &[u32], before: &BTreeSet<u32>) -> bool {
        let reached = self.head_reach.reached_of(changed_lines);
        let ran = |line: &u32| reached.contains(line) || before.contains(line);
        self.only_head || (!self.elsewhere_unreached() && self.head_reach.with_code(changed_lines).iter().all(ran))
    }

    /// Whether an input that shows a class is one that a user would want to see, and may hold.
    pub fn worth_showing(&self, class: u64, input: &Input) -> bool {
        self.classes.get(&class).is_some_and(|known| !known.by_accident) && !self.tried.contains(input)
    }

    /// The two sessions.
    pub fn duo(&mut self) -> &mut Duo<'c> {
        self.duo
    }

    /// Runs inputs in the living children.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn both(&mut self, inputs: &[Input]) -> Result<Vec<(Record, Record)>, Lost> {
        self.both_with_news(inputs).map(|(records, _)| records)
    }

    /// As [`Live::both`], with the number of locations that each input was the first to reach: all, and those on changed lines.
    fn both_with_news(&mut self, inputs: &[Input]) -> Result<(Vec<Records>, Vec<News>), Lost> {
        self.both_within(inputs, None)
    }

    /// As [`Live::both_with_news`], with no more than so many nodes of each observation.
    fn both_within(&mut self, inputs: &[Input], nodes: Option<u32>) -> Result<(Vec<Records>, Vec<News>), Lost> {
        let mut fresh = vec![(0, 0); inputs.len()];
        if self.only_head {
            let ran = self.duo.head.run(inputs, &self.head)?;
            self.note_fresh(&ran.locations, false, &mut fresh);
            for (at, place) in &ran.locations {
                let own = place.path == self.head_path && self.head_reach.holds(place.line);
                if let (true, Some(input), Some(record)) = (own, inputs.get(*at), ran.records.get(*at)) {
                    self.reaching.push((input.clone(), record.observation.clone()));
                }
            }
            return Ok((
                ran.records.into_iter().map(|record| (record.clone(), record)).collect(),
                fresh,
            ));
        }
        let (base, head) = self.duo.run_within(inputs, nodes, &self.base, &self.head)?;
        if nodes.is_none() {
            self.is_huge |= brief::is_huge(base.bytes, inputs.len());
        }
        if base.restarted || head.restarted {
            self.history.clear();
        } else {
            self.history.extend_from_slice(inputs);
        }
        self.note_fresh(&base.locations, true, &mut fresh);
        self.note_fresh(&head.locations, false, &mut fresh);
        Ok((base.records.into_iter().zip(head.records).collect(), fresh))
    }

    fn cover(&mut self, locations: &[(usize, Coverage)], base: bool) {
        for (_, place) in locations {
            if base {
                self.base_reach.note(&self.base_path, place);
            } else {
                self.head_reach.note(&self.head_path, place);
            }
        }
    }

    /// The class of a difference, after asking the base once more where the class is new: what the base itself does not
    /// do twice is noise, and its place is set aside. What it does not do twice in one process, but does in fresh ones,
    /// depends on the calls before: that is behaviour.
    fn classify(&mut self, input: &Input, base: &Record, head: &Record) -> Result<Option<u64>, Stop> {
        for _ in 0..NOISE_ROUNDS {
            let Some(difference) = self.difference(input, base, head) else {
                return Ok(None);
            };
            if hangs_on_addresses(input) {
                return Ok(None);
            }
            if holds_set(input)
                && compare::same_up_to_order(&base.observation, &head.observation, &self.mask, self.folders)
            {
                return Ok(None);
            }
            let private = difference.private;
            let id = class_id(&difference);
            if let Some(class) = self.classes.get_mut(&id) {
                class.inputs += 1;
                return Ok(Some(id));
            }
            let history = self.history.clone();
            // Whether it is noise takes several calls more: where there is no time for them, it stays a difference that nobody looked into.
            let own = if self.is_late() {
                Some(difference)
            } else {
                let again = self.base_again(input)?;
                let differs_from = |other: &Record| {
                    compare::compare(&base.observation, &other.observation, &self.mask, &Folders::default())
                };
                if differs_from(&again).is_some()
                    && !self.is_late()
                    && let Some(noise) = self.noise(input)?
                {
                    self.mask.add(&noise.path);
                    continue;
                }
                self.own_difference(&[(input, base, head)])?.pop().flatten()
            };
            let Some(difference) = own else {
                // Everything that a caller sees is the same, though the objects are made with other private state.
                match private {
                    true => *self.tally.made_privately.entry(name_of_maker(input)).or_default() += 1,
                    false => self.set_aside(input, base),
                }
                return Ok(None);
            };
            let id = class_id(&difference);
            let by_accident = self.by_accident(input, base, head);
            let class = self.classes.entry(id).or_insert(Class {
                difference,
                inputs: 0,
                history,
                by_accident,
                noise: false,
                ended: 0,
            });
            class.inputs += 1;
            return Ok(Some(id));
        }
        Ok(None)
    }

    /// For each input, what comes out differently in the two versions before anything is called: that is what makes it, not the
    /// function that takes it. Nothing for most.
    ///
    /// # Errors
    /// When a session is lost.
    fn made_otherwise(&mut self, inputs: &[&Input]) -> Result<Vec<Option<Made>>, Lost> {
        let made: Vec<Input> = inputs.iter().copied().filter(|input| calls(input)).cloned().collect();
        if made.is_empty() {
            return Ok(inputs.iter().map(|_| None).collect());
        }
        let payload = languages::python::wire::encode::make(&made.iter().collect::<Vec<_>>());
        self.duo.base.send(&payload)?;
        self.duo.head.send(&payload)?;
        let base = self.duo.base.receive(&made, &self.base);
        let head = self.duo.head.receive(&made, &self.head);
        let (base, head) = (base?, head?);
        if base.restarted || head.restarted {
            self.history.clear();
        }
        let pairs = base.records.into_iter().zip(head.records);
        let mut answers = pairs.map(|(base, head)| Made::of(base.observation, head.observation, self.folders));
        let answer = |input: &&Input| calls(input).then(|| answers.next()).flatten().flatten();
        Ok(inputs.iter().map(answer).collect())
    }

    /// What each input is in head before anything is called.
    ///
    /// # Errors
    /// When head's session is lost.
    pub fn made_in_head(&mut self, inputs: &[Input]) -> Result<Vec<model::Observation>, Lost> {
        let payload = languages::python::wire::encode::make(&inputs.iter().collect::<Vec<_>>());
        self.duo.head.send(&payload)?;
        let made = self.duo.head.receive(inputs, &self.head)?;
        Ok(made.records.into_iter().map(|record| record.observation).collect())
    }

    /// Whether each input differs by more than by what makes it.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn own_difference(&mut self, inputs: &[(&Input, &Record, &Record)]) -> Result<Vec<Option<Difference>>, Lost> {
        let made = self.made_otherwise(&inputs.iter().map(|(input, ..)| *input).collect::<Vec<_>>())?;
        let own = |((input, base, head), made): (&(&Input, &Record, &Record), &Option<Made>)| {
            self.own(input, base, head, made.as_ref())
        };
        Ok(inputs.iter().zip(&made).map(own).collect())
    }

    /// The difference of two records beside what differs when their input is made.
    fn own(&self, input: &Input, base: &Record, head: &Record, made: Option<&Made>) -> Option<Difference> {
        let found = self.difference(input, base, head)?;
        let Some(made) = made else { return Some(found) };
        let mask = made.mask(&base.observation, &head.observation).and(&self.mask);
        compare::compare(&base.observation, &head.observation, &mask, self.folders)
    }

    /// What is set aside of the inputs' records: noise, and what differs when they are made.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn set_aside_of(&mut self, inputs: &[&Input]) -> Result<Mask, Lost> {
        let made = self.made_otherwise(inputs)?;
        let mut mask = self.mask.clone();
        for (input, made) in inputs.iter().zip(made) {
            let Some(made) = made else { continue };
            let records = self.both(&[(*input).clone()])?;
            if let Some((base, head)) = records.first() {
                mask = mask.and(&made.mask(&base.observation, &head.observation));
            }
        }
        Ok(mask)
    }

    /// Whether an input differs by nothing but by what makes it.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn only_made_otherwise(&mut self, input: &Input) -> Result<bool, Lost> {
        let Some(made) = self.made_otherwise(&[input])?.remove(0) else {
            return Ok(false);
        };
        let records = self.both(std::slice::from_ref(input))?;
        Ok(records
            .first()
            .is_none_or(|(base, head)| self.own(input, base, head, Some(&made)).is_none()))
    }

    /// Has the search go on until then, and leaves what differs to a later round from `replays` on, where that is given.
    pub fn give_until(&mut self, deadline: Instant, replays: Option<Instant>) {
        self.deadline = deadline;
        self.replays = replays;
    }

    /// Whether what differs is left to a later round by now.
    fn is_late(&self) -> bool {
        self.replays.is_some_and(|until| Instant::now() >= until)
    }

    /// Takes an input back that says nothing about the function.
    fn set_aside(&mut self, input: &Input, base: &Record) {
        match self.validity(base) {
            Validity::Returned => self.tally.returned -= 1,
            Validity::Raised => self.tally.raised -= 1,
            _ => {}
        }
        *self.tally.made_otherwise.entry(name_of_maker(input)).or_default() += 1;
    }

    /// Where two runs of base in fresh processes differ.
    fn noise(&mut self, input: &Input) -> Result<Option<Difference>, Stop> {
        let inputs = std::slice::from_ref(input);
        let mut runs = Vec::new();
        for _ in 0..2 {
            let ran = self.duo.base.run_fresh(inputs, &self.base)?.map_err(Stop::Lost)?;
            runs.extend(ran.records);
        }
        self.revive()?;
        Ok(match runs.as_slice() {
            [one, other] => compare::compare(&one.observation, &other.observation, &self.mask, &Folders::default()),
            _ => None,
        })
    }

    /// Forks living children again, after others were forked in their place; they know nothing of earlier calls.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn revive(&mut self) -> Result<(), Lost> {
        self.history.clear();
        match self.duo.fork(&self.base, &self.head)? {
            Ok(_) => Ok(()),
            Err((_, reason)) => Err(Lost(reason)),
        }
    }

    /// Runs the input once more in both, so that both stay in the same state.
    fn base_again(&mut self, input: &Input) -> Result<Record, Stop> {
        let records = self.both(std::slice::from_ref(input))?;
        records
            .into_iter()
            .next()
            .map(|(base, _)| base)
            .ok_or_else(|| Stop::Lost("a batch came back empty".to_owned()))
    }

    fn feedback(
        &mut self,
        inputs: &[Input],
        records: &[(Record, Record)],
        fresh: &[(u32, u32)],
    ) -> Result<Vec<Feedback>, Stop> {
        let mut hints_left = HINTS_PER_BATCH;
        let first_reached = std::mem::take(&mut self.first_reached);
        let mut all = Vec::with_capacity(inputs.len());
        for (at, ((input, (base, head)), (new, new_changed))) in inputs.iter().zip(records).zip(fresh).enumerate() {
            let lacking = (stand_in_lacks(head) || stand_in_lacks(base)) && has_stand_in(input);
            let validity = if lacking {
                Validity::Invalid
            } else {
                self.validity(base)
            };
            self.count(base, head, validity);
            self.note_heavy(input, base, head);
            if self.only_head {
                self.sample(input, head);
            }
            let difference = if lacking || plainly_equal(base, head) {
                None
            } else {
                self.classify(input, base, head)?
            };
            let accepts = matches!(validity, Validity::Returned | Validity::Raised);
            if validity == Validity::Returned {
                self.accepted.note_types(input);
            }
            if accepts && difference.is_none() {
                self.accepted.note(input, base.ticks + head.ticks == 0, *new > 0);
            }
            if !accepts {
                let lines = first_reached.iter().filter(|(by, _)| *by == at);
                lines.for_each(|(_, line)| self.accepted.doubt(*line));
            }
            // Those that reach something new tell more; a few others fill up.
            if difference.is_none()
                && !base.brief
                && validity == Validity::Returned
                && (*new > 0 || self.agreeing.len() < AGREEING / 3)
                && self.agreeing.len() < AGREEING
            {
                self.agreeing.push(input.clone());
            }
            let hints: Vec<Value> = base
                .hints
                .iter()
                .chain(&head.hints)
                .filter_map(as_value)
                .filter(|hint| !matches!(hint, Value::Str(text) if self.folders.are_in(text)))
                .take(hints_left)
                .collect();
            hints_left -= hints.len();
            all.push(Feedback {
                validity,
                difference,
                new_coverage: *new,
                new_changed_coverage: *new_changed,
                slow: base.observation.outcome == Outcome::TimedOut
                    || base.ticks >= u64::from(self.base.ticks.saturating_sub(1).max(1)),
                hints,
            });
        }
        Ok(all)
    }

    fn note_heavy(&mut self, input: &Input, base: &Record, head: &Record) {
        let heavier = head.ticks >= 2 && head.ticks >= base.ticks * 5;
        if !self.only_head
            && heavier
            && matches!(base.observation.outcome, Outcome::Returned(_))
            && self.heavy.len() < 8
        {
            self.heavy.push(input.clone());
        }
    }

    fn sample(&mut self, input: &Input, record: &Record) {
        let stumbles = match &record.observation.outcome {
            Outcome::Raised(raised) => {
                ["NameError", "UnboundLocalError", "TypeError"].contains(&raised.class.as_str()) && raised.depth > 0
            }
            _ => false,
        };
        if stumbles && self.stumbles.len() < STUMBLES {
            self.stumbles.push((input.clone(), record.clone()));
        }
        let kind = |observation: &model::Observation| match &observation.outcome {
            Outcome::Returned(value) => format!("returned {:?}", std::mem::discriminant(value)),
            Outcome::Raised(raised) => format!("raised {}", raised.class),
            _ => String::new(),
        };
        if !matches!(self.validity(record), Validity::Returned | Validity::Raised) || self.samples.len() >= SAMPLES {
            return;
        }
        let new = kind(&record.observation);
        let alike = self.samples.iter().filter(|(_, other)| kind(other) == new).count();
        // Of the same outcome some, too: which of the inputs are fit to be shown is not known yet.
        let repeated = self
            .samples
            .iter()
            .filter(|(_, other)| other.outcome == record.observation.outcome)
            .count();
        if alike < SAMPLES / 4 && repeated < 3 {
            self.samples.push((input.clone(), record.observation.clone()));
        }
    }
}

/// What is called to make an input.
fn name_of_maker(input: &Input) -> String {
    input.values().find_map(maker).unwrap_or_default()
}

impl Runner for Live<'_, '_> {
    type Stop = Stop;

    fn run(&mut self, batch: &[Input]) -> Result<Vec<Feedback>, Stop> {
        self.partial.clear();
        let mut rest = batch;
        while !rest.is_empty() {
            if (self.stopped)() {
                return Err(Stop::Asked);
            }
            let now = Instant::now();
            if now >= self.deadline {
                return Err(Stop::Time);
            }
            let (chunk, after) = rest.split_at(self.chunk.min(rest.len()));
            rest = after;
            let feedback = self.chunk(chunk)?;
            self.partial.extend(feedback);
            // Chunks of about 30 ms: slow functions overrun their time by little, quick ones lose nothing to round trips.
            let took = now.elapsed();
            if took < Duration::from_millis(15) {
                self.chunk = (self.chunk * 2).min(256);
            } else if took > Duration::from_millis(60) {
                self.chunk = (self.chunk / 2).max(1);
            }
        }
        Ok(std::mem::take(&mut self.partial))
    }
}

impl Live<'_, '_> {
    /// As [`Runner::run`], whatever the deadline, with what was seen.
    ///
    /// # Errors
    /// As [`Runner::run`].
    pub fn run_beside(&mut self, inputs: &[Input]) -> Result<(Vec<Records>, Vec<Feedback>), Stop> {
        if (self.stopped)() {
            return Err(Stop::Asked);
        }
        let (records, fresh) = self.both_with_news(inputs)?;
        let feedback = self.feedback(inputs, &records, &fresh)?;
        Ok((records, feedback))
    }

    fn chunk(&mut self, inputs: &[Input]) -> Result<Vec<Feedback>, Stop> {
        if self.is_huge && !self.only_head {
            return self.briefly(inputs);
        }
        let (records, fresh) = self.both_with_news(inputs)?;
        self.feedback(inputs, &records, &fresh)
    }

    fn note_fresh(&mut self, locations: &[(usize, Coverage)], base: bool, fresh: &mut [(u32, u32)]) {
        self.cover(locations, base);
        for (at, place) in locations {
            let Some(count) = fresh.get_mut(*at) else { continue };
            count.0 += 1;
            if !base && !self.elsewhere.is_empty() {
                let place = (place.path.clone(), place.line);
                if self.elsewhere.contains(&place) {
                    self.elsewhere_reached.insert(place);
                }
            }
            if !base && place.path == self.head_path && self.changed_lines.contains(&place.line) {
                count.1 += 1;
                if place.to.is_none() {
                    self.first_reached.push((*at, place.line));
                }
            }
        }
    }
}

/// The usual case, told apart cheaply: both returned the same plain value and nothing else was seen.
fn plainly_equal(base: &Record, head: &Record) -> bool {
    base.observation == head.observation
}

fn as_value(observed: &Observed) -> Option<Value> {
    Some(match observed {
        Observed::None => Value::None,
        Observed::Bool(value) => Value::Bool(*value),
        Observed::Int(value) => Value::Int(*value),
        Observed::Float(value) => Value::Float(*value),
        Observed::Str(value) => Value::Str(value.clone()),
        Observed::Bytes(value) => Value::Bytes(value.clone()),
        Observed::Tuple(items) => Value::Tuple(items.iter().map(as_value).collect::<Option<_>>()?),
        _ => return None,
    })
}
