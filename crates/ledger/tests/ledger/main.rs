//! The ledger as its callers see it.

mod appending;
#[cfg(feature = "bucket")]
mod bucket;
mod exporting;
mod keys_and_proofs;
mod processes;
mod redacting;
mod support;
mod tampering;
