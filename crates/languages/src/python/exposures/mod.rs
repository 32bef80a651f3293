//! Security by behaviour and by syntax, as far as it is Python's: texts that try to be read as more than text, and what a reader of
//! a change must not miss.

mod context;
mod dependencies;
mod marks;
mod review;
mod secrets;

pub use context::Context;
pub use marks::{Attack, Mark, marks};
pub use review::{Note, review};
