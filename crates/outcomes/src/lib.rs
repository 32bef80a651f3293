//! What became of changes: how often they fail, whether that shifted, and which of them may have done an incident.
//!
//! Everything is a function of what it is given, and the same for deliveries in whatever order they come.

mod charts;
mod intervals;
mod suspects;
mod trend;

pub use suspects::{Candidate, Incident, suspects};
pub use trend::{AuthorKind, Delivery, EvidenceStrength, TrendSettings, trend};
