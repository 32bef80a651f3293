//! Observations so large that seeing them takes most of the time: most inputs are looked at for a part, which is no evidence that they
//! are the same.

use model::Input;
use search::Feedback;

use super::{Live, Stop};

/// Bytes of an observation from which on it is.
const HUGE: usize = 60_000;
/// Nodes of the part.
const BRIEF: u32 = 300;
/// One of how many inputs is looked at for all.
const ONE_IN: usize = 24;

/// Whether so many observations of this length are large ones.
pub(super) fn is_huge(bytes: usize, observations: usize) -> bool {
    bytes > HUGE * observations.max(1)
}

impl Live<'_, '_> {
    /// Looks at most inputs for a part; at those that differ there or reach something new, and at some others, once more for all.
    pub(super) fn briefly(&mut self, inputs: &[Input]) -> Result<Vec<Feedback>, Stop> {
        let (mut records, fresh) = self.both_within(inputs, Some(BRIEF))?;
        for (at, input) in inputs.iter().enumerate() {
            let (base, head) = &records[at];
            self.glanced += 1;
            let is_turn = self.glanced.is_multiple_of(ONE_IN);
            let wanted = fresh[at].0 > 0 || is_turn || self.difference(input, base, head).is_some();
            if wanted {
                let mut whole = self.both(std::slice::from_ref(input))?;
                if let Some(whole) = whole.pop() {
                    records[at] = whole;
                }
            } else {
                records[at].0.brief = true;
                records[at].1.brief = true;
            }
        }
        self.feedback(inputs, &records, &fresh)
    }
}
