//! The two rounds of looking: each function for a moment, then those that were cut off with what is left of the time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use model::{Change, Check, Evidence, Value, Verification};

use crate::cause::Maps;
use crate::compare::{Folders, Mask};
use crate::context::Context;
use crate::duo::Duo;
use crate::function::{Checked, Work};
use crate::{MOST_FAULTED, observed};

/// Shortest time a function is given, however many there are.
const LEAST: Duration = Duration::from_millis(40);
/// Longest time a function is given in the first round.
const GLANCE: Duration = Duration::from_millis(700);
/// In the first round a function may take so many times its share where it differed, so that those after it have their turn, too:
/// replaying one that is slow to call takes many seconds.
const REPLAYING: u32 = 4;
/// The least time for that.
const LEAST_REPLAYING: Duration = Duration::from_millis(1200);
/// Time of the first round that is kept for each of those that were left to the second, and the most part of what is left.
const FOR_LATE: Duration = Duration::from_millis(800);
const MOST_FOR_LATE: f64 = 0.08;
/// Part of a larger budget that is the patience of the second round: a larger one is for looking longer.
const MOST_OF_BUDGET: f64 = 0.03;
/// Time for a look with what told other functions apart.
const MOMENT: Duration = Duration::from_millis(250);
/// Values of witnesses that are handed on, at most.
const MOST_SHARED: usize = 48;
/// Patience of the second round with one function: see `pursue::Limits`.
const MOST: Duration = Duration::from_millis(1200);

/// Patience of the second round with one function, for a budget in seconds.
pub(crate) fn patience(budget: f64) -> Duration {
    MOST.max(Duration::from_secs_f64(budget * MOST_OF_BUDGET))
}

/// Hash seed of the first replay in fresh interpreters.
pub(crate) const ANOTHER_SEED: u32 = 1;

/// The two rounds of looking: every function for a moment first, then those that were cut off, the riskiest first, with what is left.
pub(crate) struct Passes<'p, 'c> {
    pub context: &'p Context<'c>,
    pub change: &'p Change,
    pub observed: &'p observed::Observed,
    pub maps: &'p Maps,
    pub folders: &'p Folders,
    pub end: Instant,
    /// Until when the time is that of the function that is looked at.
    pub share: Instant,
    /// Patience of the second round with one function.
    pub most: Duration,
    /// When replaying what differed is left to the next round.
    pub replays: Option<Instant>,
    pub cut: usize,
    /// Values on which some function differed: what tells one pair of versions apart may tell its neighbours apart.
    pub shared: Vec<Value>,
    /// How many of those each function was looked at with.
    pub seen: BTreeMap<usize, usize>,
}

impl<'c> Passes<'_, 'c> {
    pub fn first(&mut self, duo: &mut Duo<'c>, checks: &[&Check], evidence: &mut Evidence) -> Vec<(usize, Checked)> {
        let mut pending = Vec::new();
        let of_all = self.end.saturating_duration_since(Instant::now());
        let mut late = 0;
        for (done, check) in checks.iter().enumerate() {
            let function = &self.change.functions[check.function];
            self.context
                .progress
                .function(done, checks.len(), &function.qualified_name);
            let now = Instant::now();
            let end = self.end - FOR_LATE.saturating_mul(late).min(of_all.mul_f64(MOST_FOR_LATE));
            if now >= end || self.context.progress.stopped() {
                self.cut += 1;
                let reason = "the time budget ran out before it was reached (--budget gives more)".to_owned();
                evidence.functions[check.function].verification = Verification::NotVerified(reason);
                continue;
            }
            let left = (end - now) / u32::try_from(checks.len() - done).unwrap_or(u32::MAX);
            let deadline = now + left.mul_f64(1.5).clamp(LEAST, GLANCE);
            // Replays, tests and those that were cut off want their part, too.
            self.share = now + left / 3;
            self.replays = Some(now + (left * REPLAYING).max(LEAST_REPLAYING));
            let mut looked = self.look(duo, check, deadline, 0, (BTreeSet::new(), Mask::default()));
            if pending.len() >= MOST_FAULTED {
                looked.inputs = Vec::new();
            }
            late += u32::from(looked.differed && looked.cut_off);
            pending.push((check.function, looked));
        }
        pending
    }

    pub fn again(&mut self, duo: &mut Duo<'c>, checks: &[&Check], pending: &mut [(usize, Checked)]) {
        let unfinished = |checked: &Checked| checked.cut_off && (checked.confirmed.is_empty() || checked.is_minor());
        let mut left: Vec<usize> = (0..pending.len()).filter(|at| unfinished(&pending[*at].1)).collect();
        // What differs is only to be replayed.
        left.sort_by_key(|at| !pending[*at].1.differed);
        while !left.is_empty() && !self.context.progress.stopped() {
            let at = left.remove(0);
            let now = Instant::now();
            if now >= self.end {
                break;
            }
            let function = pending[at].0;
            let Some(check) = checks.iter().find(|check| check.function == function) else {
                continue;
            };
            self.context
                .progress
                .function(at, pending.len(), &self.change.functions[function].qualified_name);
            let share = (self.end - now) / u32::try_from(left.len() + 1).unwrap_or(u32::MAX);
            let deadline = (now + (share * 2).max(LEAST)).min(self.end);
            self.share = deadline;
            let reached = std::mem::take(&mut pending[at].1.reached);
            let again = self.look(duo, check, deadline, 1, (reached, Mask::default()));
            pending[at].1.improve(again);
        }
    }

    /// Looks once more, for a moment, at what seems to be the same, with values that told others apart since.
    pub fn with_shared(&mut self, duo: &mut Duo<'c>, checks: &[&Check], pending: &mut [(usize, Checked)]) {
        for (function, checked) in pending {
            let now = Instant::now();
            let news = self.seen.get(function).copied().unwrap_or(0) < self.shared.len();
            let same = matches!(checked.evidence.verification, Verification::Same(_));
            if !(news && same) {
                continue;
            }
            if now >= self.end || self.context.progress.stopped() {
                break;
            }
            if let Some(check) = checks.iter().find(|check| check.function == *function) {
                let reached = self.changed_lines(check.function);
                let until = (now + MOMENT).min(self.end);
                self.share = until;
                let again = self.look(duo, check, until, 2, (reached, Mask::default()));
                checked.improve(again);
            }
        }
    }

    /// Looks once more at functions of which nothing differs again in fresh interpreters, beside the places in which it did: that
    /// a hash is kept, say, is no reason not to look at the rest.
    pub fn beside_noise(&mut self, duo: &mut Duo<'c>, checks: &[&Check], pending: &mut [(usize, Checked)]) {
        let only_differs = |checked: &Checked| {
            !checked.confirmed.is_empty()
                && checked.requests.is_some()
                && checked.suspicions.is_empty()
                && checked.exposures.is_empty()
        };
        let found: Vec<usize> = (0..pending.len()).filter(|at| only_differs(&pending[*at].1)).collect();
        if found.is_empty() || Instant::now() >= self.end || self.context.progress.stopped() {
            return;
        }
        // Not the seed of the search: what hangs on hashes is to show.
        duo.base.renew(ANOTHER_SEED);
        duo.head.renew(ANOTHER_SEED);
        for at in found {
            let checked = &pending[at].1;
            let holds: Vec<bool> = checked
                .confirmed
                .iter()
                .map(|one| crate::holds_again(duo, checked, one, self.folders))
                .collect();
            pending[at].1.held = holds.iter().all(|holds| *holds);
            let now = Instant::now();
            if holds.iter().any(|holds| *holds) || now >= self.end {
                continue;
            }
            // Where the whole result is another each time, there is nothing beside it.
            let places = pending[at].1.confirmed.iter().map(|one| &one.difference.path);
            let mut noise = pending[at].1.mask.clone();
            places.filter(|path| path.len() > 1).for_each(|path| noise.add(path));
            let Some(check) = checks.iter().find(|check| check.function == pending[at].0) else {
                continue;
            };
            if noise == pending[at].1.mask {
                continue;
            }
            self.share = (now + self.most).min(self.end);
            let again = self.look(duo, check, self.share, 3, (BTreeSet::new(), noise));
            if !again.confirmed.is_empty() {
                pending[at].1 = again;
            }
        }
    }

    /// All changed lines of a function that was found the same: each of them was reached.
    fn changed_lines(&self, function: usize) -> BTreeSet<u32> {
        self.change.functions[function].changed_lines.iter().copied().collect()
    }

    /// Looks at one function. A defect of our own costs that function only, not the whole check.
    fn look(
        &mut self,
        duo: &mut Duo<'c>,
        check: &Check,
        deadline: Instant,
        round: u64,
        (reached, noise): (BTreeSet<u32>, Mask),
    ) -> Checked {
        self.seen.insert(check.function, self.shared.len());
        let work = Work {
            duo: &mut *duo,
            context: self.context,
            change: self.change,
            observed: self.observed,
            maps: self.maps,
            folders: self.folders,
            shared: &self.shared,
            round,
            patience: (round > 0).then_some(self.most),
            share: self.share,
            replays: self.replays,
            reached,
            noise,
            reading: false,
        };
        let mut work = std::panic::AssertUnwindSafe(work);
        match std::panic::catch_unwind(move || work.check(check, deadline)) {
            Ok(checked) => {
                let witnesses = checked.confirmed.iter().flat_map(|confirmed| confirmed.input.values());
                witnesses.for_each(|value| share(value, &mut self.shared));
                checked
            }
            Err(_) => {
                // Its sessions may be in the middle of anything.
                duo.base.lose();
                duo.head.lose();
                let reason =
                    "Counterproof itself failed on it, which is a defect: please report the function".to_owned();
                Checked::without_run(check.function, Verification::NotVerified(reason))
            }
        }
    }
}

/// Collects the texts and numbers of a witness.
fn share(value: &Value, shared: &mut Vec<Value>) {
    let telling = match value {
        Value::Str(text) => text.len() > 1,
        Value::Bytes(bytes) => bytes.len() > 1,
        Value::Int(number) => !(-1..=2).contains(number),
        Value::Float(_) => true,
        _ => false,
    };
    if telling && shared.len() < MOST_SHARED && !shared.contains(value) {
        shared.push(value.clone());
    }
    value.children().into_iter().for_each(|child| share(child, shared));
}
