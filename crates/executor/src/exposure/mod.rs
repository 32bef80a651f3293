//! Security as behaviour: texts that carry a mark travel with inputs that are taken, and what they do in head and not in base is
//! shown with the input that shows it. See `verdict` for what counts.

mod lines;
mod verdict;

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use languages::python::exposures::{Context, Mark, marks};
use languages::python::print;
use languages::python::wire::decode::Record;
use model::{
    Example, Exposure, Finding, FindingKind, FunctionChange, Input, MARK, Observation, Outcome, Place, Target, Value,
};
use search::marked::{Marked, Placed, count, placed, places};

use crate::cause::{self, Cause, Maps, Spectrum};
use crate::compare::Folders;
use crate::confirm::Replay;
use crate::duo::{Duo, Lost, Version, names};
use crate::live::{Live, Stop};
use crate::session::Request;
use verdict::{Seen, Verdict, harms, texts, verdict, verdict_of_new, weakness};

/// Replays in forks of the snapshot.
const REPLAYS: usize = 3;
/// Deadline of a replay, in ticks of 10 ms.
const TICKS: u32 = 100;
/// Time for a function whose words lead to no place where text is more than text, and for others.
const MOMENT: Duration = Duration::from_millis(40);
const LONGER: Duration = Duration::from_millis(250);
/// Time where the change takes something away that speaks of such places.
const LONGEST: Duration = Duration::from_millis(1500);
/// Inputs that texts are put into, and inputs that come of it at most: likewise.
const FEW: (usize, usize) = (2, 200);
const MANY: (usize, usize) = (6, 1200);
/// Lengths of texts that repeat what a pattern repeats: what grows by powers, by cubes and by squares takes a second and more.
const PUMPED: [usize; 4] = [60, 1_200, 5_000, 24_000];
/// Texts of that kind that are tried, and inputs that they are put into.
const PUMPS: (usize, usize) = (24, 2);
/// Inputs that may not end before no more are tried.
const SLOW: usize = 2;
const SLOW_PUMPS: usize = 10;
/// Time for texts that a pattern may take long for.
const PUMPING: Duration = Duration::from_millis(1200);
/// Most findings of one function.
const MOST: usize = 2;
/// Longest text of an outcome in a report.
const LIMIT: usize = 200;
/// So many times as many inputs are looked at for places whose text comes back.
const PROBED: usize = 5;
/// Inputs that are run together.
const CHUNK: usize = 48;

/// Harm that marked text does in head and not in base, replayed in forks of the snapshot.
#[derive(Clone, Debug)]
pub struct Exposed {
    target: Target,
    input: Input,
    tame: Input,
    mark: Mark,
    verdict: Verdict,
    base: Record,
    head: Record,
    cause: Option<Cause>,
    context: Context,
    is_new: bool,
    /// How ill it is suited as an example.
    merit: (bool, usize, u64),
}

/// What is looked at.
pub(crate) struct Aimed<'a> {
    pub target: &'a Target,
    pub context: Context,
    pub maps: &'a Maps,
    pub folders: &'a Folders,
    /// Texts that a pattern may take very long for.
    pub pumps: &'a [search::Pump],
    /// Whether lines of its own changed.
    pub is_edited: bool,
    /// Whether there is no base to hold it against.
    pub is_new: bool,
}

/// What is known of a function by its words and by what the change takes away.
pub(crate) fn context(function: &FunctionChange, target: &Target, maps: &Maps, subject: &search::Subject) -> Context {
    let names = [&function.qualified_name, &target.qualified_name, &target.module];
    let parameters = subject.parameters.iter().map(|parameter| parameter.name.as_str());
    let names = names.into_iter().map(String::as_str).chain(parameters);
    let used = function.reasons.iter().filter_map(|reason| match reason {
        model::Reason::Dependency(on) => on.split_once("::").map(|(path, _)| path),
        _ => None,
    });
    let paths: BTreeSet<&str> = used.chain([function.path.as_str()]).collect();
    let files: Vec<_> = paths.iter().filter_map(|path| maps.get(*path)).collect();
    let gone = files.iter().flat_map(|map| map.gone());
    let own = maps.get(&function.path).into_iter().flat_map(|map| {
        let lines = (function.line..=function.end_line).map(|line| map.head_line(line));
        let before = function.base_line.zip(function.base_end_line);
        let was = before.into_iter().flat_map(|(first, last)| first..=last);
        lines.chain(was.map(|line| map.base_line(line))).collect::<Vec<_>>()
    });
    Context::new(names, gone, own)
}

/// Runs marked inputs; what differs on them counts for `learn` as on all others. Gives what is exposed. Where `until` is near, only
/// for a moment.
///
/// # Errors
/// When a session is lost.
pub(crate) fn look(
    live: &mut Live<'_, '_>,
    inputs: Vec<Input>,
    aimed: &Aimed<'_>,
    until: Instant,
    mut learn: impl FnMut(Vec<Input>, &[search::Feedback]),
) -> Result<Vec<Exposed>, Lost> {
    let likely = aimed.context.likely();
    let ((few, most), time) = match likely.is_empty() {
        true => (FEW, MOMENT),
        false if aimed.context.takes_away_any() => (MANY, LONGEST),
        false => (MANY, LONGER),
    };
    let end = bounded(time, until);
    let inputs: Vec<Input> = inputs.into_iter().take(few * PROBED).collect();
    let places = telling(live, &inputs, few, end, &mut learn)?;
    let marks = marks(&likely);
    let marked: Vec<Marked> = marks.iter().map(marked).collect();
    // All that is tried of one sort goes into all inputs before the next sort: the time may not be enough for all.
    let mut all: Vec<Placed> = Vec::new();
    let mut from = 0;
    while from < marks.len() {
        let of_sort = marks[from..]
            .iter()
            .take_while(|mark| mark.attack == marks[from].attack)
            .count();
        let more = placed(&places, &marked[from..from + of_sort], most - all.len());
        all.extend(more.into_iter().map(|one| Placed {
            mark: one.mark + from,
            ..one
        }));
        from += of_sort;
    }
    let mut records: HashMap<Input, (Record, Record)> = HashMap::new();
    let mut tried = 0;
    for some in all.chunks(CHUNK) {
        let mut batch: Vec<Input> = Vec::new();
        for one in some {
            for input in [&one.input, &one.tame] {
                if !records.contains_key(input) && !batch.contains(input) {
                    batch.push(input.clone());
                }
            }
        }
        let (ran, feedback) = match live.run_beside(&batch) {
            Ok(ran) => ran,
            Err(Stop::Lost(why)) => return Err(Lost(why)),
            Err(_) => break,
        };
        let is_slow = |(_, head): &&(Record, Record)| head.observation.outcome == Outcome::TimedOut;
        let slow = ran.iter().filter(is_slow).count();
        records.extend(batch.iter().cloned().zip(ran));
        learn(batch, &feedback);
        tried += some.len();
        if Instant::now() >= end || slow > SLOW {
            break;
        }
    }
    pump(live, &places, aimed, until, &mut learn)?;
    let candidates = candidates(&all[..tried], &marks, &records, aimed);
    let mut held = Vec::new();
    for candidate in candidates {
        if held.len() >= MOST {
            break;
        }
        held.extend(candidate.replayed(live, aimed)?);
    }
    Ok(held)
}

/// Places whose text comes back in what a version gives or does, and then some others: a check only says yes or no.
fn telling<'i>(
    live: &mut Live<'_, '_>,
    inputs: &'i [Input],
    few: usize,
    end: Instant,
    learn: &mut impl FnMut(Vec<Input>, &[search::Feedback]),
) -> Result<Vec<(&'i Input, usize)>, Lost> {
    let plain = Marked {
        text: Value::Str(MARK.to_owned()),
        tame: Value::Str("a".to_owned()),
        behind: false,
    };
    let (mut telling, mut others) = (Vec::new(), Vec::new());
    for places in places(inputs).chunks(CHUNK / 4) {
        let of: Vec<(&(&Input, usize), Placed)> = places
            .iter()
            .filter_map(|place| {
                Some((
                    place,
                    placed(std::slice::from_ref(place), std::slice::from_ref(&plain), 1).pop()?,
                ))
            })
            .collect();
        let batch: Vec<Input> = of.iter().map(|(_, one)| one.input.clone()).collect();
        if batch.is_empty() || Instant::now() >= end {
            others.extend(places);
            continue;
        }
        let (ran, feedback) = match live.run_beside(&batch) {
            Ok(ran) => ran,
            Err(Stop::Lost(why)) => return Err(Lost(why)),
            Err(_) => break,
        };
        learn(batch, &feedback);
        for ((place, _), (base, head)) in of.iter().zip(&ran) {
            let comes_back = |record: &Record| {
                let returned = match &record.observation.outcome {
                    Outcome::Returned(value) => texts(value).iter().any(|text| text.contains(MARK)),
                    _ => false,
                };
                returned || !record.observation.arrivals.is_empty()
            };
            match comes_back(base) || comes_back(head) {
                true => telling.push(**place),
                false => others.push(**place),
            }
        }
    }
    telling.truncate(few * 2);
    telling.extend(others.into_iter().take(few));
    Ok(telling)
}

/// Runs texts that a pattern may take very long for, where only one version has it, or the function changed itself: a call that does
/// not end differs as any other does.
fn pump(
    live: &mut Live<'_, '_>,
    places: &[(&Input, usize)],
    aimed: &Aimed<'_>,
    until: Instant,
    learn: &mut impl FnMut(Vec<Input>, &[search::Feedback]),
) -> Result<(), Lost> {
    let pumps = aimed.pumps.iter().filter(|pump| pump.changed || aimed.is_edited);
    let texts = pumps.take(PUMPS.0).flat_map(|pump| {
        PUMPED.map(|length| Marked {
            text: pump.text(length / pump.unit.len().max(1)),
            tame: pump.text(2),
            behind: false,
        })
    });
    let texts: Vec<Marked> = texts.collect();
    let places = &places[..places.len().min(PUMPS.1)];
    let mut slow = 0;
    let end = bounded(PUMPING, until);
    for one in placed(places, &texts, PUMPS.0 * PUMPS.1 * PUMPED.len()) {
        let batch = vec![one.input];
        match live.run_beside(&batch) {
            Ok((ran, feedback)) => {
                slow += ran
                    .iter()
                    .filter(|(_, head)| head.observation.outcome == Outcome::TimedOut)
                    .count();
                let hangs = |(_, head): &(Record, Record)| head.observation.outcome == Outcome::TimedOut;
                let differs = ran.iter().any(hangs) && feedback.iter().any(|one| one.difference.is_some());
                learn(batch, &feedback);
                if differs {
                    return Ok(());
                }
            }
            Err(Stop::Lost(why)) => return Err(Lost(why)),
            Err(_) => return Ok(()),
        }
        if slow > SLOW_PUMPS || Instant::now() >= end {
            break;
        }
    }
    Ok(())
}

/// The end of what takes `time` from now, within what is left until then, and a moment at least.
fn bounded(time: Duration, until: Instant) -> Instant {
    let now = Instant::now();
    now + time.min(until.saturating_duration_since(now)).max(MOMENT)
}

fn marked(mark: &Mark) -> Marked {
    Marked {
        text: mark.text.clone(),
        tame: mark.tame.clone(),
        behind: mark.behind,
    }
}

/// Inputs that are worth marking, the best first: those that hold a text, smaller ones first, one for each that `groups` gives.
pub(crate) fn worth_marking<'i>(groups: impl IntoIterator<Item = &'i Input>) -> Vec<Input> {
    let mut seen: Vec<&Input> = Vec::new();
    for input in groups {
        if count(input) > 0 && !input.is_marked() && !seen.contains(&input) && seen.len() < 64 {
            seen.push(input);
        }
    }
    // The smallest of what reached something new, and some larger ones, which went further.
    let mut sorted = seen.clone();
    sorted.sort_by_key(|input| input.size());
    let (small, large): (Vec<_>, Vec<_>) = sorted
        .iter()
        .enumerate()
        .partition(|(at, _)| at * 2 < sorted.len().max(1));
    let mut chosen = Vec::new();
    let mut large = large.into_iter().rev();
    for (_, one) in small {
        chosen.push((**one).clone());
        chosen.extend(large.next().map(|(_, other)| (**other).clone()));
    }
    chosen.extend(large.map(|(_, other)| (**other).clone()));
    chosen
}

/// The best marked input of each weakness.
fn candidates(
    placed: &[Placed],
    marks: &[Mark],
    records: &HashMap<Input, (Record, Record)>,
    aimed: &Aimed<'_>,
) -> Vec<Exposed> {
    let seen = |one: &Placed| Some((records.get(&one.input)?, records.get(&one.tame)?));
    let mut holes = BTreeSet::new();
    if !aimed.is_new {
        for one in placed {
            let Some(((base, _), (tame, _))) = seen(one) else {
                continue;
            };
            let found = harms(&marks[one.mark], &base.observation, &tame.observation);
            holes.extend(found.iter().map(|harm| harm.cwe));
        }
    }
    let mut found: Vec<Exposed> = Vec::new();
    for one in placed {
        let Some(((base, head), (tame_base, tame_head))) = seen(one) else {
            continue;
        };
        let mark = &marks[one.mark];
        let records = [base, head, tame_base, tame_head];
        let judged = judged(mark, &one.input, records, &aimed.context, aimed.is_new, &holes);
        let Some(verdict) = judged else { continue };
        let known = found
            .iter()
            .position(|other| other.verdict.harm.cwe == verdict.harm.cwe);
        // A text that is made for it reads best; marks stand in the order in which they do.
        let merit = (weakness(mark) != verdict.harm.cwe, one.mark, one.input.size());
        if known.is_some_and(|at| found[at].merit <= merit) {
            continue;
        }
        let exposed = Exposed {
            target: aimed.target.clone(),
            input: one.input.clone(),
            tame: one.tame.clone(),
            mark: mark.clone(),
            verdict,
            base: base.clone(),
            head: head.clone(),
            cause: None,
            context: aimed.context.clone(),
            is_new: aimed.is_new,
            merit,
        };
        match known {
            Some(at) => found[at] = exposed,
            None => found.push(exposed),
        }
    }
    found
}

/// What is exposed by base and head on a marked input and on its twin; of a new function by head alone.
fn judged(
    mark: &Mark,
    input: &Input,
    [base, head, tame_base, tame_head]: [&Record; 4],
    context: &Context,
    is_new: bool,
    holes: &BTreeSet<u32>,
) -> Option<Verdict> {
    if is_new {
        return verdict_of_new(mark, input, &head.observation, &tame_head.observation, context);
    }
    let seen = Seen {
        base: &base.observation,
        head: &head.observation,
        tame_base: &tame_base.observation,
        tame_head: &tame_head.observation,
    };
    verdict(mark, seen, context, holes)
}

impl Exposed {
    /// Itself with what it does when it is called alone, where that is the same each time.
    fn replayed(mut self, live: &mut Live<'_, '_>, aimed: &Aimed<'_>) -> Result<Option<Self>, Lost> {
        for _ in 0..REPLAYS {
            let Some((base, head, verdict)) = self.run(live.duo())? else {
                return self.given_up(live);
            };
            (self.base, self.head, self.verdict) = (base, head, verdict);
        }
        let (base, head) = self.requests();
        let mask = crate::compare::Mask::default();
        let replay = Replay {
            base: &base,
            head: &head,
            mask: &mask,
            folders: aimed.folders,
        };
        if !self.is_new {
            let (base_trace, head_trace) = replay.traces(live.duo(), &self.input, &[])?;
            self.cause = cause::tell(&base_trace, &head_trace, None, &Spectrum::default(), aimed.maps);
            live.revive()?;
        }
        Ok(Some(self))
    }

    fn given_up(self, live: &mut Live<'_, '_>) -> Result<Option<Self>, Lost> {
        if !self.is_new {
            live.revive()?;
        }
        Ok(None)
    }

    /// Whether it does the same harm again in the interpreters that live now.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn again(&self, duo: &mut Duo<'_>) -> Result<bool, Lost> {
        Ok(self
            .run(duo)?
            .is_some_and(|(.., verdict)| verdict.harm.cwe == self.verdict.harm.cwe))
    }

    fn requests(&self) -> (Request, Request) {
        let request = |version| {
            let (module, name) = names(&self.target, version);
            Request {
                module,
                name,
                call: self.target.call,
                cover: Vec::new(),
                guide: false,
                trace: None,
                ticks: TICKS,
                mutants: None,
                cold_ticks: None,
            }
        };
        (request(Version::Base), request(Version::Head))
    }

    /// Runs the input and its twin once more, each in a child of its own; the records of the input and what they come to.
    fn run(&self, duo: &mut Duo<'_>) -> Result<Option<(Record, Record, Verdict)>, Lost> {
        let (base, head) = self.requests();
        let mut pair = |input: &Input| -> Result<Option<(Record, Record)>, Lost> {
            let inputs = std::slice::from_ref(input);
            if self.is_new {
                let ran = duo.head.run_fresh(inputs, &head)?;
                let record = ran.ok().and_then(|mut ran| ran.records.pop());
                return Ok(record.map(|record| (record.clone(), record)));
            }
            let (base, head) =
                duo.both(|version, half| half.run_fresh(inputs, if version == Version::Base { &base } else { &head }))?;
            let last = |ran: Result<crate::session::Ran, String>| ran.ok().and_then(|mut ran| ran.records.pop());
            Ok(last(base).zip(last(head)))
        };
        let (Some((base, head)), Some((tame_base, tame_head))) = (pair(&self.input)?, pair(&self.tame)?) else {
            return Ok(None);
        };
        let records = [&base, &head, &tame_base, &tame_head];
        let verdict = judged(
            &self.mark,
            &self.input,
            records,
            &self.context,
            self.is_new,
            &BTreeSet::new(),
        );
        Ok(verdict.map(|verdict| (base, head, verdict)))
    }

    /// The finding that a report shows; `text` are the lines of the function, which its id depends on.
    pub fn finding(&self, function: &FunctionChange, text: &str, folders: &Folders, replays: &str) -> Finding {
        let base = match self.is_new {
            true => Observation::of(Outcome::NotMade("base does not have it".to_owned())),
            false => self.base.observation.clone(),
        };
        let was = match (&self.verdict.base, self.is_new) {
            (_, true) => "it is new".to_owned(),
            (Some(words), _) => words.clone(),
            (None, _) => print::outcome(&self.base.observation, &self.input, LIMIT),
        };
        let harm = &self.verdict.harm;
        let example = Example {
            target: self.target.clone(),
            input: self.input.clone(),
            before: Vec::new(),
            base,
            head: self.head.observation.clone(),
            call: print::call(&self.target, &self.input).call,
            base_text: folders.neutral(&was, false),
            head_text: folders.neutral(&harm.words, true),
            aspect: None,
        };
        let mut hasher = blake3::Hasher::new();
        hasher.update(function.id().as_bytes());
        hasher.update(text.as_bytes());
        hasher.update(format!("{:?}{:?}{}", self.target, self.input, harm.cwe).as_bytes());
        let place = self.cause.as_ref().and_then(|cause| cause.place.clone());
        let cause = self
            .cause
            .as_ref()
            .map_or_else(|| self.without_cause(function), |cause| cause.text.clone());
        Finding {
            id: hasher.finalize().to_hex()[..8].to_owned(),
            kind: FindingKind::NewExposure,
            example,
            cause,
            cause_place: place.or_else(|| {
                self.is_new.then(|| Place {
                    path: function.path.clone(),
                    line: function.line,
                })
            }),
            shown_by: 1,
            base_returned: true,
            minor: false,
            replays: replays.to_owned(),
            exposure: Some(Exposure {
                cwe: harm.cwe,
                text: match &self.mark.text {
                    Value::Str(text) => text.clone(),
                    other => print::value(other),
                },
                tame: Some(self.tame.clone()),
            }),
        }
    }

    fn without_cause(&self, function: &FunctionChange) -> String {
        match (self.is_new, function.changed_lines.first()) {
            (true, _) => "the text comes from its caller".to_owned(),
            (false, Some(line)) => format!("line {line} changed"),
            (false, None) => "what it uses changed".to_owned(),
        }
    }
}
