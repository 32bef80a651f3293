//! What stands in a record instead of what was expected there, by its line.

/// Problems of one record that are named; the others are counted.
const NAMED: usize = 5;

/// The problems of one record.
#[derive(Default)]
pub(super) struct Expected {
    named: Vec<String>,
    more: usize,
}

impl Expected {
    /// At this line something else was expected.
    pub fn at(&mut self, line: usize, expected: &str) {
        if self.named.len() < NAMED {
            self.named.push(format!("line {line}: expected {expected}"));
        } else {
            self.more += 1;
        }
    }

    /// Whether all was as expected.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// One sentence for each, and one for those that are not named.
    pub fn into_sentences(mut self) -> Vec<String> {
        if self.more > 0 {
            self.named.push(format!("and {} more of the kind", self.more));
        }
        self.named
    }
}
