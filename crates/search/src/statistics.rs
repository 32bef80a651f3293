//! How a search has gone so far.

use std::collections::BTreeMap;

use crate::technique::Technique;
use crate::{Feedback, Validity};

/// What the inputs of one technique came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    /// Inputs made and tried.
    pub tried: u64,
    /// Of those, how many base returned or deliberately raised on.
    pub useful: u64,
    /// How many reached something new.
    pub coverage: u64,
    /// How many showed a difference.
    pub witnesses: u64,
    /// How many showed a class of difference for the first time.
    pub classes: u64,
}

/// Counts of what came of the inputs tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// All inputs tried.
    pub tried: u64,
    /// Base returned.
    pub returned: u64,
    /// Base raised an exception of its own.
    pub raised: u64,
    /// Base raised what a wrong type raises.
    pub invalid: u64,
    /// The input could not be built.
    pub not_made: u64,
    /// Base did not end, died or was refused an effect.
    pub unusable: u64,
    /// Inputs that took long.
    pub slow: u64,
    /// Locations reached.
    pub coverage: u64,
    /// Of those, the ones on changed lines.
    pub changed_coverage: u64,
    /// Inputs that reached something new.
    pub new_coverage: u64,
    /// Inputs tried since the last one that reached something new.
    pub since_coverage: u64,
    /// Inputs on which the versions differ.
    pub differences: u64,
    /// How many inputs had been tried before the first one on which the versions differ.
    pub first_difference: Option<u64>,
    /// Classes of differences.
    pub classes: u64,
    /// Inputs tried since the last one that showed a new class of difference.
    pub since_class: u64,
    /// What came of the inputs of each technique.
    pub techniques: BTreeMap<Technique, Credit>,
}

impl Statistics {
    /// Inputs that say something: base returned, or raised deliberately.
    pub fn useful(&self) -> u64 {
        self.returned + self.raised
    }

    /// Inputs tried since anything new came up, coverage or a class of difference.
    pub fn since_news(&self) -> u64 {
        self.since_coverage.min(self.since_class)
    }

    /// Counts one input.
    pub(crate) fn count(&mut self, feedback: &Feedback, technique: Technique, new_class: bool) {
        self.tried += 1;
        *match feedback.validity {
            Validity::Returned => &mut self.returned,
            Validity::Raised => &mut self.raised,
            Validity::Invalid => &mut self.invalid,
            Validity::NotMade => &mut self.not_made,
            Validity::Unusable => &mut self.unusable,
        } += 1;
        let covers = feedback.new_coverage > 0;
        let useful = matches!(feedback.validity, Validity::Returned | Validity::Raised);
        self.slow += u64::from(feedback.slow);
        self.coverage += u64::from(feedback.new_coverage);
        self.changed_coverage += u64::from(feedback.new_changed_coverage);
        self.new_coverage += u64::from(covers);
        self.since_coverage = if covers { 0 } else { self.since_coverage + 1 };
        if feedback.difference.is_some() {
            self.first_difference.get_or_insert(self.tried - 1);
        }
        self.differences += u64::from(feedback.difference.is_some());
        self.classes += u64::from(new_class);
        self.since_class = if new_class { 0 } else { self.since_class + 1 };
        let credit = self.techniques.entry(technique).or_default();
        credit.tried += 1;
        credit.useful += u64::from(useful);
        credit.coverage += u64::from(covers);
        credit.witnesses += u64::from(feedback.difference.is_some());
        credit.classes += u64::from(new_class);
    }
}
