//! What is known while a search goes on, and what making values needs beside it.

use crate::atlas::Atlas;
use crate::bandit::Bandit;
use crate::instances::Instances;
use crate::random::Random;
use crate::technique::{Switches, Technique};
use crate::tokens::Dictionary;

/// How large values may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Most elements of one sequence, and characters of an invented text.
    pub length: usize,
    /// Largest magnitude of an integer.
    pub int: i64,
}

impl Limits {
    /// What is tried as long as nothing takes long.
    pub const WIDE: Limits = Limits {
        length: 14,
        int: i64::MAX,
    };

    /// The next smaller limits.
    pub fn tighter(self) -> Self {
        let int = match self.int {
            i64::MAX => 100_000,
            int => (int / 10).max(12),
        };
        Self {
            length: (self.length * 2 / 3).max(4),
            int,
        }
    }
}

/// All that steers what is made.
#[derive(Clone, Debug)]
pub(crate) struct Knowledge {
    /// Shapes, classes and roots.
    pub atlas: Atlas,
    /// Values worth trying.
    pub dictionary: Dictionary,
    /// Which alternatives work.
    pub bandit: Bandit,
    /// Constructor calls that worked.
    pub instances: Instances,
    /// How large values may become.
    pub limits: Limits,
    /// Which techniques may be used.
    pub switches: Switches,
    /// How far the shapes of roots are mixed with anything: 0, 1 or 2.
    pub openness: usize,
    /// How long generated sequences may be by now: small ones come first.
    pub reach: usize,
    /// How often the values so far were found to be too few: each time, twice as many integers are in reach.
    pub widening: usize,
}

impl Knowledge {
    /// Whether a technique may be used.
    pub fn on(&self, technique: Technique) -> bool {
        self.switches.on(technique)
    }
}

/// What making one value after another needs, kept to spare allocations.
#[derive(Clone, Debug)]
pub(crate) struct Scratch {
    /// The only source of chance.
    pub random: Random,
    /// For each shape with alternatives: in which input it was chosen last, and which.
    pub memo: Vec<(u32, u16)>,
    /// Number of the input that is being made.
    pub epoch: u32,
}

impl Scratch {
    /// Starts from a seed.
    pub fn new(seed: u64, shapes: usize) -> Self {
        Self {
            random: Random::new(seed),
            memo: vec![(0, 0); shapes],
            epoch: 0,
        }
    }
}
