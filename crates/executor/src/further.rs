//! Where else a function is looked at, once it has been called itself: in the contexts that tests were seen to use it in, through
//! what reads the state that it sets, by the public constants of a class, as a new method.

use std::time::{Duration, Instant};

use model::{CallKind, Check, FunctionChange, FunctionKind, Reason, Strength, Target, Verification, Way};

use crate::function::{Checked, Work};
use crate::judge::OPAQUE;

/// Longest time to look at a function that seems to be the same through what leads to it.
const CONTEXT: Duration = Duration::from_millis(400);
/// The same in the second round, where only what few would mind was found.
const LONG_CONTEXT: Duration = Duration::from_millis(2000);

/// How often what a function gives is called: `f(…)(…)(…)` is what decorators with arguments are for.
const MOST_CALLS: usize = 2;

impl Work<'_, '_> {
    /// What is the same when it is called itself may differ where tests were seen to lead to it: its arguments are made by code
    /// that uses it, perhaps, so that what differs then was set aside as the arguments' own. And where only what few would mind
    /// differs when it is called itself, what others would may show there.
    pub(crate) fn in_context(
        &mut self,
        index: usize,
        function: &FunctionChange,
        ways: &[Way],
        mut checked: Checked,
        deadline: Instant,
    ) -> Checked {
        let weak = matches!(checked.evidence.verification, Verification::Same(Strength::Weak));
        let only_minor = checked.is_minor();
        if !(weak || only_minor) || function.is_body() {
            return checked;
        }
        for way in ways.iter().filter(|way| self.observed.leads_to(index, way)) {
            let left = deadline.saturating_duration_since(Instant::now());
            // The second round has more time for it.
            checked.cut_off |= only_minor && self.round == 0;
            if left.is_zero() || self.context.progress.stopped() {
                break;
            }
            let most = if only_minor && self.round > 0 {
                LONG_CONTEXT
            } else {
                CONTEXT
            };
            if let Ok(other) = self.walk(index, function, way, Instant::now() + left.min(most))
                && !other.confirmed.is_empty()
                && !(only_minor && other.is_minor())
            {
                return other;
            }
        }
        checked
    }

    /// What a method sets on its object may differ without anybody seeing it before something reads it.
    pub(crate) fn in_readers(
        &mut self,
        check: &Check,
        function: &FunctionChange,
        checked: Checked,
        deadline: Instant,
    ) -> Checked {
        for way in &check.readers {
            let left = deadline.saturating_duration_since(Instant::now());
            let is_open = matches!(
                checked.evidence.verification,
                Verification::Same(_) | Verification::NotVerified(_)
            );
            if !is_open || left.is_zero() || self.context.progress.stopped() {
                break;
            }
            self.reading = true;
            let read = self.walk(check.function, function, way, Instant::now() + left.min(CONTEXT));
            self.reading = false;
            if let Ok(other) = read
                && !other.confirmed.is_empty()
            {
                return other;
            }
        }
        checked
    }

    /// What gives functions, or objects that hide what they hold, shows what it does when these are called. That they do the same is
    /// no proof: their arguments are guessed.
    pub(crate) fn in_results(
        &mut self,
        index: usize,
        function: &FunctionChange,
        way: &Way,
        deadline: Instant,
    ) -> Option<Checked> {
        let mut way = way.clone();
        let mut subject = self.subject(index, function, &way);
        for _ in 0..MOST_CALLS {
            (way.target, subject) = languages::python::shapes::of_result(&way.target, &subject)?;
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.context.progress.stopped() {
                return None;
            }
            self.reading = true;
            let searched = self.search(index, function, &way, &subject, &|_| true, Instant::now() + left / 2);
            self.reading = false;
            match searched {
                Ok(mut found) if !found.confirmed.is_empty() => {
                    found.evidence.function = index;
                    found.evidence.way = Some(way);
                    return Some(found);
                }
                Err(blocked) if blocked.reason.starts_with(OPAQUE) => {}
                _ => return None,
            }
        }
        None
    }

    /// A class whose objects are the same, or cannot be made, may have other public constants.
    pub(crate) fn with_class_data(
        &mut self,
        index: usize,
        function: &FunctionChange,
        way: &Way,
        checked: Checked,
    ) -> Checked {
        let nested = function.qualified_name.contains("<locals>") || function.base_name.is_some();
        if function.kind != FunctionKind::Class || function.is_added() || nested || way.target.path != function.path {
            return checked;
        }
        let data = Way {
            target: Target {
                qualified_name: function.qualified_name.clone(),
                call: CallKind::Module,
                ..way.target.clone()
            },
            through: Vec::new(),
            reason: "its public constants".to_owned(),
        };
        match self.module(index, function, &data) {
            Ok(data) if !data.confirmed.is_empty() => data,
            _ => checked,
        }
    }

    /// A method that base might have inherited, and turns out not to have: it is new.
    pub(crate) fn as_new(&mut self, check: &Check, reason: Option<&str>, deadline: Instant) -> Option<Checked> {
        let function = &self.change.functions[check.function];
        let missing = reason.is_some_and(|reason| reason.contains("AttributeError") || reason.contains(" has no "));
        if function.reasons != [Reason::Override] || function.base_line.is_some() || !missing {
            return None;
        }
        let new = FunctionChange {
            reasons: vec![Reason::Added],
            ..function.clone()
        };
        Some(match self.walk(check.function, &new, check.ways.first()?, deadline) {
            Ok(checked) => checked,
            Err(blocked) => {
                let said = blocked.reason.starts_with("new; ");
                let reason = format!("{}{}", if said { "" } else { "new; " }, blocked.reason);
                Checked {
                    cut_off: blocked.cut_off,
                    ..Checked::without_run(check.function, Verification::NotVerified(reason))
                }
            }
        })
    }
}
