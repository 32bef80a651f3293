//! How hard a "same" looked: small faults are put into the changed function, and the inputs on which both versions agreed run
//! on each mutant. What they would not have noticed there, they would not have noticed in the change. A fork costs ten times what
//! a mutant does, so that they run one after the other in one process for as long as none is seen to leave something behind.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use languages::python::faults::{self, Fault, Part};
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
/// Longest time for one function, and its part of a larger budget; the least that is worth to begin with.
const MOST_TIME: Duration = Duration::from_millis(400);
const MOST_OF_BUDGET: f64 = 0.05;
const LEAST_TIME: Duration = Duration::from_millis(30);
/// How much more than its equal part of what is left a function may have: most need less.
const BEYOND_SHARE: u32 = 3;
/// Mutants that nobody noticed and that are tried in a process of their own, to see whether that is more.
const MOST_DOUBTS: usize = 3;
/// Faults that must have been tried, where there are as many, for a share of them to say anything.
const ENOUGH: u32 = 8;

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
    let is_due = |checked: &Checked| {
        checked.evidence.verification == Verification::Same(Strength::Weak) && !checked.inputs.is_empty()
    };
    let mut waiting = pending.iter().filter(|(_, checked)| is_due(checked)).count();
    for (index, checked) in pending {
        let now = Instant::now();
        if now >= end || context.progress.stopped() {
            return;
        }
        let function = &change.functions[*index];
        if !is_due(checked) {
            continue;
        }
        let share = (end - now) / u32::try_from(waiting).unwrap_or(u32::MAX).max(1) * BEYOND_SHARE;
        waiting = waiting.saturating_sub(1);
        let (Some((_, request)), Ok(parsed)) = (&checked.requests, context.head.project.parsed(&function.path)) else {
            continue;
        };
        let looking = Looking {
            parsed: &parsed,
            request: Request {
                cover: Vec::new(),
                guide: false,
                ticks: TICKS,
                mutants: Some(function.path.clone()),
                ..request.clone()
            },
            mask: &checked.mask,
            deliberate: &deliberate,
            until: end.min(now + share.clamp(LEAST_TIME, MOST_TIME.max(budget.mul_f64(MOST_OF_BUDGET)))),
        };
        // A session that is lost is replaced for the next function.
        let Ok(Some(counted)) = looking.count(&mut duo.head, function, &checked.inputs) else {
            continue;
        };
        checked.evidence.faults = Some((counted.noticed, counted.tried));
        // What was set aside as noise was not compared, and what hides in results neither.
        let is_whole = checked.mask.is_empty() && !checked.hides && (counted.tried >= ENOUGH || !counted.is_cut);
        if is_whole && context.settings.strong.holds(&checked.evidence, checked.takes_nothing) {
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
    fn count(&self, head: &mut Half<'_>, function: &FunctionChange, inputs: &[Input]) -> Result<Option<Counted>, Lost> {
        let Some(part) = Part::around(self.parsed, function.line) else {
            return Ok(None);
        };
        let mut all = faults::of(self.parsed, function.line..=function.end_line);
        // The body of a module spans more than one statement at the top.
        all.retain(|fault| part.holds(fault));
        let chosen = chosen(all, &function.changed_lines);
        if chosen.is_empty() {
            return Ok(None);
        }
        let Some(control) = self.control(head, inputs)? else {
            return Ok(None);
        };
        let request = Request {
            cold_ticks: control.is_quick.then_some(TICKS),
            ..self.request.clone()
        };
        let mut child = Child {
            head,
            request: &request,
            lives: true,
            is_fresh: false,
            leaks: false,
            doubts: 0,
        };
        let mut counted = Counted::default();
        for fault in chosen {
            if Instant::now() >= self.until {
                counted.is_cut = true;
                break;
            }
            match self.fate(&mut child, &self.mutant(&part, &fault), &control)? {
                Fate::Noticed => (counted.noticed, counted.tried) = (counted.noticed + 1, counted.tried + 1),
                Fate::Unnoticed => counted.tried += 1,
                Fate::Untold => {}
            }
        }
        Ok((counted.tried > 0).then_some(counted))
    }

    fn mutant(&self, part: &Part, fault: &Fault) -> Mutant {
        let source = match &fault.parameter {
            Some(_) => fault.text.clone(),
            None => part.with(self.parsed, fault),
        };
        Mutant {
            path: self.parsed.path.clone(),
            line: part.line,
            source,
            parameter: fault.parameter.clone(),
        }
    }

    /// What head itself does with the inputs, as many of them as take a small part of the time, twice in one child, which lives on.
    fn control(&self, head: &mut Half<'_>, inputs: &[Input]) -> Result<Option<Control>, Lost> {
        if head.fork(&self.request)?.is_err() {
            return Ok(None);
        }
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
        let is_quick = first.iter().take(COLD).all(|record| record.ticks == 0);
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

    /// What head does with the inputs in the living child, in parts, until it is late; nothing where the child did not live on.
    fn records(
        &self,
        head: &mut Half<'_>,
        inputs: &[Input],
        late: Option<Instant>,
    ) -> Result<Option<Vec<Record>>, Lost> {
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

    /// What becomes of a mutant: in the child where others ran before, as long as head itself does the same there after each of
    /// them; else in a child of its own.
    fn fate(&self, child: &mut Child<'_, '_>, mutant: &Mutant, control: &Control) -> Result<Fate, Lost> {
        if !child.lives || (child.leaks && !child.is_fresh) {
            child.renew()?;
        }
        // What compiles to the same code is no fault.
        if !child.lives || child.head.swap(Some(mutant))?.is_err() {
            return Ok(Fate::Untold);
        }
        let was_fresh = std::mem::take(&mut child.is_fresh);
        let (fate, done) = self.tried(child, control)?;
        if child.is_fresh || child.leaks {
            return Ok(fate);
        }
        if child.head.swap(None)?.is_ok() && !self.leaks(child, control, done)? {
            return match fate {
                // What the control left behind, a cache above all, may keep the mutant from running.
                Fate::Unnoticed if child.doubts < MOST_DOUBTS => self.again(child, mutant, control),
                fate => Ok(fate),
            };
        }
        // What the mutant left behind is seen by head: what earlier ones left may have been seen by the mutant.
        child.leaks = true;
        match was_fresh {
            true => Ok(fate),
            false => self.fate(child, mutant, control),
        }
    }

    /// What becomes of a mutant in a child of its own; where that is more, those after it have theirs, too.
    fn again(&self, child: &mut Child<'_, '_>, mutant: &Mutant, control: &Control) -> Result<Fate, Lost> {
        child.doubts += 1;
        child.renew()?;
        if !child.lives || child.head.swap(Some(mutant))?.is_err() {
            return Ok(Fate::Unnoticed);
        }
        child.is_fresh = false;
        let (fate, done) = self.tried(child, control)?;
        let is_clean = child.is_fresh || (child.head.swap(None)?.is_ok() && !self.leaks(child, control, done)?);
        child.leaks |= !is_clean || matches!(fate, Fate::Noticed);
        Ok(fate)
    }

    /// Whether head itself does something else with inputs that just ran on a mutant than it did before.
    fn leaks(&self, child: &mut Child<'_, '_>, control: &Control, done: usize) -> Result<bool, Lost> {
        let some = &control.inputs[..done.min(TOGETHER)];
        let ran = child.head.run(some, child.request)?;
        let mut compared = control.records.iter().zip(&ran.records).zip(&control.compared);
        Ok(ran.restarted || compared.any(|((one, other), is_compared)| *is_compared && self.differ(one, other)))
    }

    /// Runs the inputs on the mutant that is in its place until one notices; how many of them ran.
    fn tried(&self, child: &mut Child<'_, '_>, control: &Control) -> Result<(Fate, usize), Lost> {
        let mut from = 0;
        for some in chunks(&control.inputs) {
            if Instant::now() >= self.until {
                return Ok((Fate::Untold, from));
            }
            let ran = child.head.run(some, child.request)?;
            // What calls left behind is lost, and the mutant with it.
            if ran.restarted {
                child.renew()?;
                return Ok((Fate::Untold, from));
            }
            let compared = (from..).zip(&ran.records).filter(|(at, _)| control.compared[*at]);
            from += some.len();
            for (at, mutant) in compared {
                // That something does not end, or takes the process with it, is only believed after more time than there is here.
                let is_cut = matches!(
                    mutant.observation.outcome,
                    Outcome::TimedOut | Outcome::Died(_) | Outcome::Garbled(_)
                );
                if is_cut {
                    return Ok((Fate::Untold, from));
                }
                if self.differ(&control.records[at], mutant) {
                    return Ok((Fate::Noticed, from));
                }
            }
        }
        Ok((Fate::Unnoticed, from))
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

/// The process in which mutants run.
struct Child<'h, 'c> {
    head: &'h mut Half<'c>,
    request: &'h Request,
    lives: bool,
    /// Whether no mutant ran in it yet.
    is_fresh: bool,
    /// Whether what one mutant leaves behind is seen afterwards: then each needs a process of its own.
    leaks: bool,
    /// How many that nobody noticed were tried once more in a process of their own.
    doubts: usize,
}

impl Child<'_, '_> {
    fn renew(&mut self) -> Result<(), Lost> {
        self.lives = self.head.fork(self.request)?.is_ok();
        self.is_fresh = self.lives;
        Ok(())
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

/// What became of the faults of a function.
#[derive(Default)]
struct Counted {
    noticed: u32,
    tried: u32,
    /// Whether time ran out before all were tried.
    is_cut: bool,
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
    let mut chosen = spread(evenly(own, MOST_FAULTS));
    let room = MOST_FAULTS - chosen.len();
    chosen.extend(spread(evenly(others, room)));
    chosen
}

/// Things in an order in which any first ones come from everywhere among them: by the bits of their places, the last bit first.
fn spread<T>(all: Vec<T>) -> Vec<T> {
    let mut all: Vec<(usize, T)> = all.into_iter().enumerate().collect();
    all.sort_by_key(|(at, _)| at.reverse_bits());
    all.into_iter().map(|(_, one)| one).collect()
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
            parameter: None,
        }
    }

    #[test]
    fn changed_lines_come_first_and_the_others_from_everywhere() {
        let lines =
            |all: Vec<Fault>, changed: &[u32]| chosen(all, changed).iter().map(|one| one.line).collect::<Vec<_>>();
        assert_eq!(lines((1..=4).map(fault).collect(), &[3]), [3, 1, 4, 2]);
        let many = lines((1..=400).map(fault).collect(), &[390, 391]);
        assert_eq!((many.len(), &many[..2]), (MOST_FAULTS, &[390, 391][..]));
        let (least, most) = (many[2..].iter().min(), many[2..].iter().max());
        assert!(least <= Some(&11) && most >= Some(&389), "{many:?}");
        // The first ones come from everywhere already.
        assert!(
            many[2..6].iter().any(|line| *line > 200) && many[2..6].iter().any(|line| *line < 200),
            "{many:?}"
        );
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
