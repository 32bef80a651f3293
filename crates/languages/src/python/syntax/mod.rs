//! What Python source means, without its layout: definitions, their fingerprints, the names that they use, and who uses whom.

mod alpha;
mod build;
mod describe;
mod docstring;
mod encode;
mod expressions;
mod fingerprint;
mod index;
mod literals;
mod outline;
mod reach;
mod resolve;
mod running;
mod scopes;
mod uses;
mod words;

#[cfg(test)]
mod tests;

pub use alpha::{alphas, whole};
pub use fingerprint::Fingerprint;
pub use index::{Caller, Definition, DefinitionKind, Index};
pub use outline::{Class, Function, Import, Outline, Role, Span, Statement};
pub use reach::Reach;
pub use running::running_lines;
pub(in crate::python) use scopes::bound_name;
pub use uses::{Markers, Uses};
pub use words::{is_test, words_of};
