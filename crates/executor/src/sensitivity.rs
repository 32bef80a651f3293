//! How hard a "same" looked: small faults are put into the changed function, and the inputs on which both versions agreed run
//! on each mutant. What they would not have noticed there, they would not have noticed in the change.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use languages::python::faults::{self, Fault, Top};
use languages::python::{Parsed, wire::decode::Record};
use model::{Change, FunctionChange, Input, Outcome, Strength, Verification};

use crate::compare::{self, Folders, Mask};
use crate::context::Context;
use crate::duo::{Duo, Half, Lost};
use crate::function::{Checked, deliberate};
use crate::making::{hangs_on_addresses, holds_set};
use crate::session::{Mutant, Request};

/// Most faults of one function: those of changed lines first, then some from everywhere.
const MOST_FAULTS: usize = 40;
/// Most inputs that run together: few at first, since most faults are noticed by the first, and one that never ends costs its
/// whole time on each.
const TOGETHER: usize = 16;
/// Deadline of a call, in ticks of 10 ms: inputs that take one on head itself are not compared.
const TICKS: u32 = 4;
/// Calls of a child that have more time, since they may build what later ones find.
const COLD: usize = 3;
/// The part of a function's time in which the inputs run on head itself, once of twice.
const FOR_CONTROL: f64 = 0.1;
/// Longest time for one function, and its part of a larger budget.
const MOST_TIME: Duration = Duration::from_millis(400);
const MOST_OF_BUDGET: f64 = 0.05;

/// Puts faults into each function that is the same as far as was seen, one after the other until `end`.
pub(crate) fn measure(
    context: &Context<'_>,
    change: &Change,
    duo: &mut Duo<'_>,
    pending: &mut [(usize, Checked)],
    budget: Duration,
    end: Instant,
) {
    let deliberate = deliberate(&context.head.project);
    for (index, checked) in pending {
        if Instant::now() >= end || context.progress.stopped() {
            return;
        }
        let function = &change.functions[*index];
        if checked.evidence.verification != Verification::Same(Strength::Weak) || checked.inputs.is_empty() {
            continue;
        }
        let (Some((_, request)), Ok(parsed)) = (&checked.requests, context.head.project.parsed(&function.path)) else {
            continue;
        };
        let looking = Looking {
            parsed: &parsed,
            request: Request {
                cover: Vec::new(),
                guide: false,
                ticks: TICKS,
                ..request.clone()
            },
            mask: &checked.mask,
            deliberate: &deliberate,
            until: end.min(Instant::now() + MOST_TIME.max(budget.mul_f64(MOST_OF_BUDGET))),
        };
        // A session that is lost is replaced for the next function.
        let Ok(Some(faults)) = looking.count(&mut duo.head, function, &checked.inputs) else {
            continue;
        };
        checked.evidence.faults = Some(faults);
        // What was set aside as noise was not compared.
        if checked.mask.is_empty() && context.settings.strong.holds(&checked.evidence) {
            checked.evidence.verification = Verification::Same(Strength::Strong);
        }
    }
}

struct Looking<'l> {
    parsed: &'l Parsed,
    request: Request,
    mask: &'l Mask,
    /// Whether a line of head raises by its own word.
    deliberate: &'l dyn Fn(&str, u32) -> bool,
    until: Instant,
}

impl Looking<'_> {
    /// How many faults the inputs notice, of how many; nothing where none could be tried.
    fn count(
        &self,
        head: &mut Half<'_>,
        function: &FunctionChange,
        inputs: &[Input],
    ) -> Result<Option<(u32, u32)>, Lost> {
        let Some(top) = faults::top(self.parsed, function.line) else {
            return Ok(None);
        };
        let mut all = faults::of(self.parsed, function.line..=function.end_line);
        // The body of a module spans more than one statement at the top.
        all.retain(|fault| fault.range.start >= top.range.start && fault.range.end <= top.range.end);
        let chosen = chosen(all, &function.changed_lines);
        if chosen.is_empty() {
            return Ok(None);
        }
        let Some(control) = self.control(head, inputs)? else {
            return Ok(None);
        };
        let (mut noticed, mut tried) = (0, 0);
        for fault in chosen {
            let request = Request {
                mutant: Some(self.mutant(&top, &fault)),
                cold_ticks: control.is_quick.then_some(TICKS),
                ..self.request.clone()
            };
            // What compiles to the same code is no fault.
            if Instant::now() >= self.until || head.fork(&request)?.is_err() {
                continue;
            }
            match self.fate(head, &request, &control)? {
                Fate::Noticed => (noticed, tried) = (noticed + 1, tried + 1),
                Fate::Unnoticed => tried += 1,
                Fate::Untold => {}
            }
        }
        Ok((tried > 0).then_some((noticed, tried)))
    }

    fn mutant(&self, top: &Top, fault: &Fault) -> Mutant {
        let mut source = self.parsed.text[top.range.clone()].to_owned();
        let start = top.range.start;
        source.replace_range(fault.range.start - start..fault.range.end - start, &fault.text);
        source.push('\n');
        Mutant {
            path: self.parsed.path.clone(),
            line: top.line,
            source,
        }
    }

    /// What head itself does with the inputs, as many of them as take a small part of the time, in two children of their own.
    fn control(&self, head: &mut Half<'_>, inputs: &[Input]) -> Result<Option<Control>, Lost> {
        let soon = Instant::now()
            + self
                .until
                .saturating_duration_since(Instant::now())
                .mul_f64(FOR_CONTROL);
        let Some(first) = self.records(head, inputs, Some(soon))? else {
            return Ok(None);
        };
        let inputs = inputs[..first.len()].to_vec();
        let Some(again) = self.records(head, &inputs, None)? else {
            return Ok(None);
        };
        let at_first = |records: &[Record]| records.iter().take(COLD).all(|record| record.ticks == 0);
        let is_quick = at_first(&first) && at_first(&again);
        let compared = inputs.iter().zip(&first).zip(&again).map(|((input, one), other)| {
            let depends = hangs_on_addresses(input) || holds_set(input);
            let is_steady = self.is_answer(one) && self.is_answer(other) && !self.differ(one, other);
            is_steady && !depends && one.ticks == 0 && other.ticks == 0
        });
        let compared: Vec<bool> = compared.collect();
        let is_of_use = compared.contains(&true);
        Ok(is_of_use.then_some(Control {
            inputs,
            records: first,
            compared,
            is_quick,
        }))
    }

    /// What head does with the inputs in a child of its own, in parts, until it is late; nothing where the child did not live on.
    fn records(
        &self,
        head: &mut Half<'_>,
        inputs: &[Input],
        late: Option<Instant>,
    ) -> Result<Option<Vec<Record>>, Lost> {
        if head.fork(&self.request)?.is_err() {
            return Ok(None);
        }
        let mut records = Vec::new();
        for some in chunks(inputs) {
            let ran = head.run(some, &self.request)?;
            if ran.restarted {
                return Ok(None);
            }
            records.extend(ran.records);
            if late.is_some_and(|late| Instant::now() >= late) {
                break;
            }
        }
        Ok(Some(records))
    }

    /// Runs the inputs on a mutant, all that ran on head and in the same parts, so that what calls leave behind is the same, too.
    fn fate(&self, head: &mut Half<'_>, request: &Request, control: &Control) -> Result<Fate, Lost> {
        let mut from = 0;
        for some in chunks(&control.inputs) {
            if Instant::now() >= self.until {
                return Ok(Fate::Untold);
            }
            let ran = head.run(some, request)?;
            // What calls left behind is lost.
            if ran.restarted {
                return Ok(Fate::Untold);
            }
            let compared = (from..).zip(&ran.records).filter(|(at, _)| control.compared[*at]);
            for (at, mutant) in compared {
                // That something does not end, or takes the process with it, is only believed after more time than there is here.
                let is_cut = matches!(
                    mutant.observation.outcome,
                    Outcome::TimedOut | Outcome::Died(_) | Outcome::Garbled(_)
                );
                if is_cut {
                    return Ok(Fate::Untold);
                }
                if self.differ(&control.records[at], mutant) {
                    return Ok(Fate::Noticed);
                }
            }
            from += some.len();
        }
        Ok(Fate::Unnoticed)
    }

    /// Whether head returned, or raised by its own word: only there a difference would be a finding.
    fn is_answer(&self, record: &Record) -> bool {
        match &record.observation.outcome {
            Outcome::Returned(_) => !record.cut,
            Outcome::Raised(raised) => {
                raised.depth > 0
                    && raised
                        .place
                        .as_ref()
                        .is_some_and(|place| (self.deliberate)(&place.path, place.line))
            }
            _ => false,
        }
    }

    /// Both are of one version, with one set of folders.
    fn differ(&self, one: &Record, other: &Record) -> bool {
        compare::compare(&one.observation, &other.observation, self.mask, &Folders::default()).is_some()
    }
}

/// What head does with the inputs.
struct Control {
    inputs: Vec<Input>,
    records: Vec<Record>,
    /// Which of them are held against what a mutant does.
    compared: Vec<bool>,
    /// Whether the first calls of a child took no longer than others.
    is_quick: bool,
}

/// What became of a fault.
enum Fate {
    /// An input that ends on it shows it.
    Noticed,
    /// All inputs ended as on head.
    Unnoticed,
    /// Time ran out, or a call did not end: nothing is said of it.
    Untold,
}

/// Inputs in parts that grow.
fn chunks(inputs: &[Input]) -> impl Iterator<Item = &[Input]> {
    let (mut rest, mut size) = (inputs, 1);
    std::iter::from_fn(move || {
        let (some, after) = rest.split_at(size.min(rest.len()));
        (rest, size) = (after, (size * 2).min(TOGETHER));
        (!some.is_empty()).then_some(some)
    })
}

/// Faults to try: those of changed lines first, and of each of the two kinds of lines evenly where there are too many.
fn chosen(all: Vec<Fault>, changed_lines: &[u32]) -> Vec<Fault> {
    let changed: BTreeSet<u32> = changed_lines.iter().copied().collect();
    let (own, others): (Vec<Fault>, Vec<Fault>) = all.into_iter().partition(|fault| changed.contains(&fault.line));
    let mut chosen = evenly(own, MOST_FAULTS);
    let room = MOST_FAULTS - chosen.len();
    chosen.extend(evenly(others, room));
    chosen
}

/// At most so many of some things, from everywhere among them.
fn evenly<T>(all: Vec<T>, most: usize) -> Vec<T> {
    let many = all.len();
    if many <= most {
        return all;
    }
    let is_kept = |at: usize| (at + 1) * most / many > at * most / many;
    all.into_iter()
        .enumerate()
        .filter(|(at, _)| is_kept(*at))
        .map(|(_, one)| one)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use languages::python::faults::Kind;

    fn fault(line: u32) -> Fault {
        Fault {
            kind: Kind::Constant,
            line,
            range: 0..1,
            text: String::new(),
        }
    }

    #[test]
    fn changed_lines_come_first_and_the_others_from_everywhere() {
        let lines =
            |all: Vec<Fault>, changed: &[u32]| chosen(all, changed).iter().map(|one| one.line).collect::<Vec<_>>();
        assert_eq!(lines((1..=4).map(fault).collect(), &[3]), [3, 1, 2, 4]);
        let many = lines((1..=400).map(fault).collect(), &[390, 391]);
        assert_eq!((many.len(), &many[..2]), (MOST_FAULTS, &[390, 391][..]));
        assert!(many[2] <= 11 && many.last() >= Some(&389), "{many:?}");
        assert_eq!(
            lines((1..=400).map(fault).collect(), &(1..=400).collect::<Vec<_>>()).len(),
            MOST_FAULTS
        );
    }

    #[test]
    fn inputs_come_in_parts_that_grow_and_none_is_lost() {
        let inputs = vec![Input::default(); 40];
        let sizes: Vec<usize> = chunks(&inputs).map(<[Input]>::len).collect();
        assert_eq!(sizes, [1, 2, 4, 8, 16, 9]);
        assert_eq!(chunks(&[]).count(), 0);
    }
}
