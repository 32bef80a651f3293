//! Finding inputs that tell two versions of a function apart, as pure code over one trait.
//!
//! The search knows no process, no language and no clock: a [`Runner`] runs batches of inputs on both versions and says what
//! came of each; how long to go on is the caller's decision, taken between batches.
//!
//! ```text
//!            seeds · hints ─┐
//!  Subject ──► enumeration ─┤                          ┌─► statistics, saturation
//!   shapes     generation ──┼─► next_batch ─► Runner ──┼─► witnesses ─► minimise
//!   tokens     mutation ────┘                 learn ───┤
//!                  ▲                                   └─► corpus, bandit, instances, tokens, limits
//!                  └───────────────────────────────────────────┘
//! ```
//!
//! Each [`Technique`] is a module of its own and can be switched off by [`Options::without`]. Techniques work on drafts, which
//! give a value to each root (the receiver and the parameters); an atlas tells the shape of every place in them.
//!
//! Deliberately absent: knowledge of how an input is run or printed, of time, and of why two versions differ; a class of
//! difference is a number that the runner chose.

mod atlas;
mod bandit;
mod copies;
mod corpus;
mod dates;
mod digest;
mod draft;
mod enumerate;
mod graph;
mod hints;
mod instances;
mod knowledge;
mod likelihood;
mod make;
pub mod marked;
mod minimise;
mod mutate;
mod names;
mod random;
mod relate;
mod schedule;
mod search;
pub mod shape;
mod statistics;
mod technique;
mod tokens;
mod witness;

pub use likelihood::likelihood;
pub use minimise::minimise;
pub use search::{Options, Search};
pub use shape::{ClassId, ClassShape, Method, Parameter, ParameterKind, Pump, Shape, ShapeId, Subject, Token};
pub use statistics::{Credit, Statistics};
pub use technique::{Technique, UnknownTechnique};
pub use witness::{Witness, unfitness};

use model::{Input, Value};

/// What the base made of an input, as far as it steers the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// Base returned normally.
    Returned,
    /// Base raised an exception of its own, deliberate by all signs (`ValueError`, a project's own type).
    Raised,
    /// Base raised what a wrong type or shape raises (`TypeError`, `AttributeError`, …): the input proves nothing.
    Invalid,
    /// The input could not be built.
    NotMade,
    /// Base did not end, died, or was refused an effect.
    Unusable,
}

/// What running one input on both versions told.
///
/// [`Feedback::of`] gives one that says nothing but the validity, to be completed.
#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    /// What base made of it.
    pub validity: Validity,
    /// Whether the two versions differ on it: `None` for no, else a class of the difference (same number, same cause as far as known).
    pub difference: Option<u64>,
    /// Whether it reached a line or branch that no earlier input had reached, in either version; how many.
    pub new_coverage: u32,
    /// Of those, how many lie in the changed function's changed lines.
    pub new_changed_coverage: u32,
    /// Whether base took long for it (it timed out or nearly did): make integers and lengths smaller.
    pub slow: bool,
    /// Values that the run showed to matter: missing keys, compared operands, names asked for.
    pub hints: Vec<Value>,
}

impl Feedback {
    /// Feedback that says nothing but what base made of the input.
    pub fn of(validity: Validity) -> Self {
        Self {
            validity,
            difference: None,
            new_coverage: 0,
            new_changed_coverage: 0,
            slow: false,
            hints: Vec::new(),
        }
    }
}

/// Runs inputs on both versions.
pub trait Runner {
    /// Why running ended for good.
    type Stop;

    /// Runs every input on both versions, in order; one feedback for each.
    ///
    /// # Errors
    /// When running cannot go on: time is up, or a version's process cannot be had any more.
    fn run(&mut self, batch: &[Input]) -> Result<Vec<Feedback>, Self::Stop>;
}

/// Searches as long as `keep_going` says so after a look at the statistics, or until there are no other inputs.
///
/// # Errors
/// When the runner cannot go on. What was learnt until then is kept.
pub fn run<R: Runner>(
    search: &mut Search<'_>,
    runner: &mut R,
    mut keep_going: impl FnMut(&Statistics) -> bool,
) -> Result<(), R::Stop> {
    while keep_going(search.progress()) {
        let batch = search.next_batch();
        if batch.is_empty() {
            break;
        }
        let feedback = runner.run(&batch)?;
        search.learn(batch, &feedback);
    }
    Ok(())
}
