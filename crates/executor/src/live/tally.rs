//! Counts of what base made of the inputs, with the commonest complaints: the reasons where nothing can be said.

use std::collections::BTreeMap;

use languages::python::wire::decode::Record;
use model::Outcome;
use search::Validity;

use super::Live;
use super::proof::{refused, unbound};
use crate::compare;
use crate::duo::Version;

/// Counts of what base made of the inputs, with the commonest complaints.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// All inputs that were run on both.
    pub inputs: u64,
    /// Base returned.
    pub returned: u64,
    /// Base raised deliberately.
    pub raised: u64,
    /// Returned results that could be looked at whole in both versions.
    pub visible: u64,
    /// Either version was refused an effect: by effect, how often.
    pub refused: BTreeMap<String, u64>,
    /// Why inputs proved nothing: by complaint, how often.
    pub complaints: BTreeMap<String, u64>,
    /// Base calls that did not end in time.
    pub slow: u64,
    /// Results that are functions which no name leads to.
    pub functions: u64,
    /// Calls that head alone could not bind: it takes other parameters.
    pub unbound: u64,
    /// Inputs that come out differently in the two versions before anything is called: by what makes them, how often.
    pub made_otherwise: BTreeMap<String, u64>,
    /// Inputs on which nothing differs but private state, which is made otherwise: by what makes it, how often.
    pub made_privately: BTreeMap<String, u64>,
    /// Where base stumbles, head raises by its own word, though not on a changed line: by what it says, how often.
    pub ahead: BTreeMap<String, u64>,
    /// Inputs on which the versions ask their databases something else.
    pub asked_otherwise: u64,
    /// Runs that garbled the protocol.
    pub garbled: u64,
    /// Whether a call left threads behind.
    pub threads: bool,
}

impl Tally {
    /// Results that cannot be looked into, where a difference may well be among them: many, or functions that were made.
    pub fn hidden(&self) -> Option<u64> {
        // What differed by how it was made was taken off the returned alone.
        let hidden = self.returned.saturating_sub(self.visible);
        (hidden * 10 > self.returned || self.functions > 0).then_some(hidden)
    }
}

impl Live<'_, '_> {
    pub(super) fn count(&mut self, base: &Record, head: &Record, validity: Validity) {
        self.tally.inputs += 1;
        self.tally.threads |= base.threads || head.threads;
        if !base.asked.is_same_question(&head.asked) {
            self.tally.asked_otherwise += 1;
        }
        match validity {
            // What is equal in a part is no evidence.
            _ if base.brief => {}
            Validity::Returned => {
                self.tally.returned += 1;
                let seen = |record: &Record| {
                    !record.cut
                        && matches!(&record.observation.outcome, Outcome::Returned(value) if compare::visible(value))
                };
                if seen(base) && seen(head) {
                    self.tally.visible += 1;
                } else if matches!(&base.observation.outcome, Outcome::Returned(value) if compare::is_function(value)) {
                    self.tally.functions += 1;
                }
            }
            Validity::Raised => self.tally.raised += 1,
            _ => {}
        }
        if unbound(head) && !unbound(base) {
            self.tally.unbound += 1;
        }
        self.note_ahead(base, head);
        for record in [base, head] {
            if refused(record)
                && let Some(effect) = record.observation.effects.last()
            {
                let object = if effect.detail.is_empty() {
                    effect.kind.clone()
                } else {
                    format!("{} {}", effect.kind, short(&effect.detail))
                };
                *self.tally.refused.entry(object).or_default() += 1;
            }
        }
        match &base.observation.outcome {
            Outcome::Raised(raised) if validity == Validity::Invalid => self.complain(&said(raised)),
            Outcome::NotMade(reason) => self.complain(reason),
            Outcome::TimedOut => self.tally.slow += 1,
            Outcome::Died(how) => self.complain(&format!("the interpreter {how}")),
            Outcome::Garbled(why) => {
                self.tally.garbled += 1;
                self.complain(why);
            }
            _ => {}
        }
        if let Outcome::Garbled(why) = &head.observation.outcome {
            self.tally.garbled += 1;
            self.complain(why);
        }
    }

    /// Notes where base stumbles and head says something about it, elsewhere than on a changed line: through a helper, or since
    /// it looks at things in another order.
    pub(super) fn note_ahead(&mut self, base: &Record, head: &Record) {
        let Outcome::Raised(raised) = &head.observation.outcome else {
            return;
        };
        let ahead = !self.only_head
            && !unbound(base)
            && self.stumbles(base)
            && self.on_purpose(head, Version::Head)
            && !self.said_by_change(head)
            && self.compared(base, head).is_some();
        if ahead {
            let said = short(&said(raised));
            *self.tally.ahead.entry(said).or_default() += 1;
        }
    }

    pub(super) fn complain(&mut self, text: &str) {
        let known = self.tally.complaints.len() < 64;
        let text = short(text);
        if known || self.tally.complaints.contains_key(&text) {
            *self.tally.complaints.entry(text).or_default() += 1;
        }
    }
}

/// An exception in a line: its class, and what it says, if it says something.
fn said(raised: &model::Raised) -> String {
    let message = raised.message.trim();
    let colon = if message.is_empty() { "" } else { ": " };
    format!("{}{colon}{message}", raised.class)
}

fn short(text: &str) -> String {
    const LONGEST: usize = 120;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= LONGEST {
        line.to_owned()
    } else {
        line.chars().take(LONGEST).chain(['…']).collect()
    }
}
