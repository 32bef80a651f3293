//! Signed statements and the keys that sign them: what one party says about a change or an artifact, in a form that
//! another party, and other tools, can check.
//!
//! ```text
//! predicate    what is said: an approval, evidence, a test result, …       predicates, foreign, provenance
//! statement    … about which content (in-toto Statement)                   statement
//! envelope     … signed by whom (DSSE)                                     dsse
//! bundle       a file with many of them (JSON lines, Sigstore bundles)     bundle
//! keys         ed25519 and ECDSA P-256 keys, SSH keys, allowed signers     keys, allowed_signers, ssh
//! ```
//!
//! Nothing here decides whether a statement is enough: that is up to a policy. What a file holds is untrusted until
//! [`dsse::verify`] says which of the trusted keys signed it; sizes are bounded before anything is decoded.

pub mod allowed_signers;
pub mod bundle;
pub mod dsse;
pub mod foreign;
pub mod keys;
mod pattern;
pub mod predicates;
pub mod provenance;
mod public_key;
pub mod ssh;
pub mod statement;
mod text;
