//! Every output format of Counterproof: nothing else knows how a result looks.
//!
//! [`check_report`] turns a change and its evidence into the published [`model::report::CheckReport`], with secrets taken
//! out; [`terminal`], [`json`], [`sarif`], [`junit`], [`github`], [`markdown`] and [`explain`] write it down. Nothing here
//! prints, exits or reads a clock.

pub mod agent;
pub mod attribution;
mod check;
mod concerns;
pub mod doctor;
pub mod explain;
pub mod gate;
pub mod github;
mod groups;
#[cfg(test)]
mod hostile;
pub mod intent;
pub mod json;
pub mod junit;
pub mod markdown;
mod observed;
pub mod redact;
pub mod replay;
pub mod sarif;
mod tell;
pub mod terminal;
#[cfg(test)]
mod testing;
pub mod trend;
pub mod verified;
mod words;

pub use check::{check_report, exit_code, mark_accepted};
pub use groups::fold;
pub use terminal::{TerminalOptions, render, safe};
