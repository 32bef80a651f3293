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
use crate::function::Checked;
use crate::session::{Mutant, Request};

/// Most faults of one function: those of changed lines first, then some from everywhere.
const MOST_FAULTS: usize = 40;
/// Most inputs that run together: few at first, since most faults are noticed by the first, and one that never ends costs its
/// whole time on each.
const TOGETHER: usize = 256;
/// Deadline of a call on a mutant, in ticks of 10 ms: inputs that take one on head itself are left out.
const TICKS: u32 = 4;
/// The part of a function's time in which the inputs run on head itself.
const FOR_STEADY: f64 = 0.15;
/// Longest time for one function.
const MOST_TIME: Duration = Duration::from_millis(400);
/// Puts faults into each function that is the same as far as was seen, one after the other until `end`.
pub(crate) fn measure(
    context: &Context<'_>,
    change: &Change,
    duo: &mut Duo<'_>,
    folders: &Folders,
    pending: &mut [(usize, Checked)],
    end: Instant,
) {
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
                ..request.clone()
            },
            mask: &checked.mask,
            folders,
            until: end.min(Instant::now() + MOST_TIME),
        };
        // A session that is lost is replaced for the next function.
        let Ok(Some(faults)) = looking.count(&mut duo.head, function, &checked.inputs) else {
            continue;
        };
        // From how many on a "same" may be called strong is for a calibration to say.
        checked.evidence.faults = Some(faults);
    }
}

struct Looking<'l> {
    parsed: &'l Parsed,
    request: Request,
    mask: &'l Mask,
    folders: &'l Folders,
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
        let all = faults::of(self.parsed, function.line..=function.end_line);
        let chosen = chosen(all, &function.changed_lines);
        if chosen.is_empty() {
            return Ok(None);
        }
        let (steady, is_slow_at_first) = self.steady(head, inputs)?;
        let (inputs, expected): (Vec<Input>, Vec<Record>) = steady.into_iter().unzip();
        if inputs.is_empty() {
            return Ok(None);
        }
        let (mut noticed, mut tried) = (0, 0);
        for fault in chosen {
            if Instant::now() >= self.until {
                break;
            }
            let request = Request {
                mutant: Some(self.mutant(&top, &fault)),
                ticks: TICKS,
                cold_ticks: (!is_slow_at_first).then_some(TICKS),
                ..self.request.clone()
            };
            // What compiles to the same code is no fault.
            if head.fork(&request)?.is_err() {
                continue;
            }
            tried += 1;
            noticed += u32::from(self.is_noticed(head, &request, &inputs, &expected)?);
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

    /// Inputs that do the same twice in head, with what they do: as many as take a small part of the time. And whether the first
    /// call of a child takes longer than a moment.
    fn steady(&self, head: &mut Half<'_>, inputs: &[Input]) -> Result<(Vec<(Input, Record)>, bool), Lost> {
        let soon = Instant::now() + self.until.saturating_duration_since(Instant::now()).mul_f64(FOR_STEADY);
        let mut records: Vec<Record> = Vec::new();
        if head.fork(&self.request)?.is_err() {
            return Ok((Vec::new(), false));
        }
        for some in chunks(inputs) {
            head.send(&languages::python::wire::encode::run(some))?;
            records.extend(head.receive(some, &self.request)?.records);
            if Instant::now() >= soon {
                break;
            }
        }
        let inputs = &inputs[..records.len()];
        let Ok(again) = head.run_fresh(inputs, &self.request)? else {
            return Ok((Vec::new(), false));
        };
        let is_slow_at_first = again.records.first().is_some_and(|first| first.ticks > 0);
        let steady = inputs.iter().cloned().zip(records).zip(&again.records);
        // What takes more than a moment takes it on each mutant.
        let steady = steady.filter(|((_, one), other)| one.ticks == 0 && !self.differ(one, other));
        Ok((steady.map(|(one, _)| one).collect(), is_slow_at_first))
    }

    fn is_noticed(
        &self,
        head: &mut Half<'_>,
        request: &Request,
        inputs: &[Input],
        expected: &[Record],
    ) -> Result<bool, Lost> {
        let mut from = 0;
        for some in chunks(inputs) {
            head.send(&languages::python::wire::encode::run(some))?;
            let ran = head.receive(some, request)?;
            let mut pairs = ran.records.iter().zip(&expected[from..]);
            if pairs.any(|(mutant, head)| self.differ(head, mutant)) {
                return Ok(true);
            }
            from += some.len();
        }
        Ok(false)
    }

    fn differ(&self, one: &Record, other: &Record) -> bool {
        if one.observation == other.observation {
            return false;
        }
        let same_end =
            std::mem::discriminant(&one.observation.outcome) == std::mem::discriminant(&other.observation.outcome);
        // What disturbed the harness is no evidence.
        let garbled = matches!(other.observation.outcome, Outcome::Garbled(_));
        !garbled
            && (!same_end || compare::compare(&one.observation, &other.observation, self.mask, self.folders).is_some())
    }
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
        let inputs = vec![Input::default(); 700];
        let sizes: Vec<usize> = chunks(&inputs).map(<[Input]>::len).collect();
        assert_eq!(sizes, [1, 2, 4, 8, 16, 32, 64, 128, 256, 189]);
        assert_eq!(chunks(&[]).count(), 0);
    }
}
