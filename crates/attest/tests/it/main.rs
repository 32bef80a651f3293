//! Signed statements as their users see them, and as other tools do.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod allowed_signers;
mod bundles;
mod envelopes;
mod keys;
mod python;
mod ssh;
mod statements;
mod support;
