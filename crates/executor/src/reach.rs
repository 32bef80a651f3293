//! What was reached of a changed function.

use std::collections::BTreeSet;

use languages::python::wire::decode::Ready;
use model::Coverage;

/// What was reached of the changed function, in one version.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    lines: BTreeSet<u32>,
    branches: BTreeSet<(u32, u32)>,
    all_lines: BTreeSet<u32>,
    all_branches: BTreeSet<(u32, u32)>,
}

impl Reach {
    /// Nothing of what a child can reach.
    pub fn new(ready: &Ready) -> Self {
        Self {
            all_lines: ready.lines.iter().copied().collect(),
            all_branches: ready
                .branches
                .iter()
                .filter_map(|branch| branch.to.map(|to| (branch.line, to)))
                .collect(),
            ..Self::default()
        }
    }

    /// Takes a location in, where it is of the file at `path`.
    pub fn note(&mut self, path: &str, place: &Coverage) {
        if place.path != path {
            return;
        }
        match place.to {
            Some(to) => {
                self.branches.insert((place.line, to));
            }
            None => {
                self.lines.insert(place.line);
            }
        }
    }

    /// Whether a line is one of those that can be reached.
    pub fn holds(&self, line: u32) -> bool {
        self.all_lines.contains(&line)
    }

    /// Branches reached, of all.
    pub fn branches(&self) -> (u32, u32) {
        (
            self.branches.intersection(&self.all_branches).count() as u32,
            self.all_branches.len() as u32,
        )
    }

    /// The lines of `changed` that hold code. Where none does (a constant in the middle of a literal that begins on another
    /// line, and is all that changed), the line with code before the first of them stands for it.
    pub fn with_code(&self, changed: &[u32]) -> Vec<u32> {
        let with_code: Vec<u32> = changed
            .iter()
            .copied()
            .filter(|line| self.all_lines.contains(line))
            .collect();
        if !with_code.is_empty() {
            return with_code;
        }
        let before = changed
            .first()
            .and_then(|first| self.all_lines.range(..first).next_back());
        before.copied().into_iter().collect()
    }

    /// Of the lines of `changed` that hold code, those that were reached.
    pub fn reached_of(&self, changed: &[u32]) -> BTreeSet<u32> {
        let lines = self.with_code(changed).into_iter();
        lines.filter(|line| self.lines.contains(line)).collect()
    }

    /// Whether every branch, or where there is none some line, was reached.
    pub fn whole(&self) -> bool {
        let (reached, all) = self.branches();
        if all == 0 {
            self.any() || self.all_lines.is_empty()
        } else {
            reached == all
        }
    }

    /// Whether any of its own lines was reached, and not only others of its file.
    pub fn any(&self) -> bool {
        !self.lines.is_disjoint(&self.all_lines) || !self.branches.is_disjoint(&self.all_branches)
    }
}
