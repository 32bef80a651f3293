//! What a part of a line would do if it ran: it is walked, and nothing of that counts.

use super::{DEEPEST, Effect, STEPS, Walker};

impl Walker<'_> {
    /// Effects that something would have. What is tried tries nothing itself, so that this ends.
    pub fn tried(&mut self, walk: impl FnOnce(&mut Self)) -> Vec<Effect> {
        if self.is_trying || self.depth + 4 >= DEEPEST || self.steps >= STEPS {
            return Vec::new();
        }
        let effects = std::mem::take(&mut self.effects);
        let (state, made, on) = (self.state.clone(), self.made.clone(), self.on.clone());
        let (input, taken, captured) = (self.input.clone(), self.taken.len(), self.is_captured);
        let held = self.held.clone();
        self.is_trying = true;
        walk(self);
        self.is_trying = false;
        (self.state, self.made, self.on, self.input) = (state, made, on, input);
        self.taken.truncate(taken);
        (self.is_captured, self.held) = (captured, held);
        // Whoever runs out of steps here is told so by what comes next.
        self.steps = self.steps.min(STEPS);
        std::mem::replace(&mut self.effects, effects)
    }
}
