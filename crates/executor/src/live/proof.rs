//! What the records of one input prove: whether base takes it, and whether a difference there is behaviour.

use std::hash::{DefaultHasher, Hash, Hasher};

use languages::python::wire::decode::Record;
use model::{FindingKind, Input, Outcome};
use search::Validity;

use super::Live;
use crate::compare::{self, Difference, Step};
use crate::duo::Version;
use crate::making::STAND_IN;

impl Live<'_, '_> {
    /// The difference of the two records, as far as base's outcome proves anything.
    ///
    /// Where base stumbles (an error that nobody raised), little is proved: the input may be one that nobody would give. It is
    /// behaviour where head says something about it by itself on a changed line; and where head returns, unless the error is
    /// one over types and base takes no other values of these. A value that changed lines provide for counts as well.
    pub fn difference(&self, input: &Input, base: &Record, head: &Record) -> Option<Difference> {
        if self.only_head || stand_in_lacks(head) || stand_in_lacks(base) {
            return None;
        }
        if self.private && unbound(head) {
            // A private function's parameters are its module's business; what changed shows through its callers.
            return None;
        }
        if self.stumbles(base) && matches!(head.observation.outcome, Outcome::Raised(_)) {
            // Which error stumbles over a broken input first is nobody's contract; what head's change says to it is.
            return self.said_by_change(head).then(|| self.compared(base, head)).flatten();
        }
        let proves = match self.validity(base) {
            Validity::Returned | Validity::Raised => true,
            Validity::Invalid if !unbound(base) && matches!(head.observation.outcome, Outcome::Returned(_)) => {
                self.accepted.takes(input) || is_unbound_name(base) || self.mends.is_mended(input, base)
            }
            Validity::Invalid | Validity::NotMade | Validity::Unusable => refused(base),
        };
        proves.then(|| self.compared(base, head)).flatten()
    }

    /// Whether a difference rests on an input that may be none that anybody would give: base stumbles over its types, or head
    /// says something else than the stumble.
    pub(super) fn by_accident(&self, input: &Input, base: &Record, head: &Record) -> bool {
        let raises = matches!(head.observation.outcome, Outcome::Raised(_));
        self.stumbles(base)
            && (raises || self.validity(base) == Validity::Invalid && !self.mends.is_mended(input, base))
    }

    pub(super) fn compared(&self, base: &Record, head: &Record) -> Option<Difference> {
        compare::compare(&base.observation, &head.observation, &self.mask, self.folders)
    }

    /// Whether base raised, and not by its own word.
    pub(super) fn stumbles(&self, base: &Record) -> bool {
        matches!(base.observation.outcome, Outcome::Raised(_)) && !self.on_purpose(base, Version::Base)
    }

    /// Whether head raised by its own word on a line that changed.
    pub(super) fn said_by_change(&self, head: &Record) -> bool {
        let on_changed_line = |place: &model::Place| {
            place.path == self.head_path && self.changed_lines.contains(&place.line)
                || self.elsewhere.contains(&(place.path.clone(), place.line))
        };
        self.on_purpose(head, Version::Head)
            && matches!(&head.observation.outcome, Outcome::Raised(raised) if raised.place.as_ref().is_some_and(on_changed_line))
    }

    /// Whether a version raised by its own word.
    pub(super) fn on_purpose(&self, record: &Record, version: Version) -> bool {
        self.is_word_of(&record.observation.outcome, version)
    }

    /// Whether an outcome is an error that a version raises by its own word.
    pub(crate) fn is_word_of(&self, outcome: &Outcome, version: Version) -> bool {
        match outcome {
            Outcome::Raised(raised) => {
                raised.depth > 0
                    && raised
                        .place
                        .as_ref()
                        .is_some_and(|place| (self.deliberate)(version, &place.path, place.line))
            }
            _ => false,
        }
    }

    /// What base made of an input.
    pub fn validity(&self, record: &Record) -> Validity {
        match &record.observation.outcome {
            Outcome::Returned(_) => Validity::Returned,
            Outcome::NotMade(_) => Validity::NotMade,
            Outcome::Raised(raised) => {
                let on_purpose = self.on_purpose(record, Version::Base);
                let wrong_shape = [
                    "TypeError",
                    "AttributeError",
                    "NameError",
                    "UnboundLocalError",
                    "RecursionError",
                    "NotImplementedError",
                    "MemoryError",
                ];
                if !on_purpose && wrong_shape.contains(&raised.class.as_str()) || raised.depth == 0 {
                    Validity::Invalid
                } else {
                    Validity::Raised
                }
            }
            Outcome::TimedOut | Outcome::Died(_) | Outcome::Refused | Outcome::Garbled(_) => Validity::Unusable,
        }
    }
}

/// Whether a call failed because a stand-in of ours has no such attribute, which says nothing about the objects it stands for.
pub(super) fn stand_in_lacks(record: &Record) -> bool {
    matches!(&record.observation.outcome, Outcome::Raised(raised)
        if raised.class == "AttributeError" && raised.message.starts_with(&format!("'{STAND_IN}' object has no attribute")))
}

/// Whether a call failed over a name of its own that has no value yet, or by calling itself without end: that is no matter of types.
pub(super) fn is_unbound_name(record: &Record) -> bool {
    matches!(&record.observation.outcome, Outcome::Raised(raised) if ["UnboundLocalError", "NameError", "RecursionError"].contains(&raised.class.as_str()))
}

/// Whether the call failed to bind its arguments.
pub(super) fn unbound(record: &Record) -> bool {
    matches!(&record.observation.outcome, Outcome::Raised(raised) if raised.depth == 0 && raised.class == "TypeError")
}

pub(super) fn refused(record: &Record) -> bool {
    record.observation.outcome == Outcome::Refused
}

/// Differences with the same number have the same cause as far as the outcomes tell.
pub fn class_id(difference: &Difference) -> u64 {
    let mut hasher = DefaultHasher::new();
    difference.kind.hash(&mut hasher);
    // Deeper places multiply classes without telling causes apart.
    for step in difference.path.iter().take(1) {
        match step {
            Step::After(_) => "after".hash(&mut hasher),
            step => step.hash(&mut hasher),
        }
    }
    let by_text = difference.kind != FindingKind::Changed || difference.path.first() == Some(&Step::Exception);
    if by_text {
        difference.what.hash(&mut hasher);
    }
    difference.private.hash(&mut hasher);
    (difference.what == compare::ANOTHER_ORDER).hash(&mut hasher);
    difference.is_addition().hash(&mut hasher);
    hasher.finish()
}
