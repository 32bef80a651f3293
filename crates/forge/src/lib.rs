//! Reviews on GitHub and GitLab, read with a token, and what is said back there: a comment that is kept up to date, a check
//! or a status.
//!
//! A forge is believed about who said what and when, and about nothing else. What it answers is parsed with bounds; what
//! cannot be understood is an error that names the field, never an approval. The token goes to the forge's own origin alone.

mod ci;
mod error;
mod github;
mod gitlab;
mod http;
mod json;
mod review;

pub use ci::{PullRequest, pull_request};
pub use error::Error;
pub use github::{Annotation, AnnotationLevel, Conclusion, GitHub};
pub use gitlab::{CommitState, GitLab};
pub use http::Options;
pub use review::{AccountKind, Forge, Review, ReviewState, Reviews};

/// What became of a comment that is kept up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// There was none; its address.
    Created(String),
    /// There was one of the same account; its address.
    Updated(String),
    /// There was one with the very same text; its address.
    Unchanged(String),
}
