//! A branch as it judges: its policy, whose signatures count by it, and the ledger that it names.

use camino::Utf8Path;
use jiff::Timestamp;
use model::change::Revision;

use super::papers::{self, Kept};
use super::policy::{self, Judging};
use crate::check::top_of;
use crate::error::CliError;
use crate::records::place::Place;
use crate::records::statements::Vouched;

/// A branch, and all that it judges by.
pub struct Branch {
    /// The branch as it is now.
    pub revision: Revision,
    /// Its policy.
    pub judging: Judging,
    /// Whose signatures count.
    pub vouched: Vouched,
    /// Where the ledger is.
    pub place: Place,
    /// What the ledger holds.
    pub kept: Kept,
}

impl Branch {
    /// The branch of that name; without one, the default branch.
    ///
    /// # Errors
    /// When there is none, or git fails.
    pub fn of(folder: &Utf8Path, name: Option<&str>, now: Timestamp) -> Result<Self, CliError> {
        let (revision, side) = change::branch(folder.as_std_path(), name)?;
        let judging = policy::of(&side, &revision.name)?;
        let place = Place::of(&judging.config.ledger, &top_of(folder))?;
        Ok(Self {
            vouched: Vouched::of(&judging.policy, judging.signers.as_deref()),
            kept: papers::kept(&place, now),
            revision,
            judging,
            place,
        })
    }
}
