//! The ledger: an append-only Merkle log of what was judged, approved and deployed.
//!
//! It lies in a folder or a bucket in the layout of <https://c2sp.org/tlog-tiles>, is signed as
//! <https://c2sp.org/tlog-checkpoint> says, and gives proofs as <https://c2sp.org/tlog-proof> does, so that tools that
//! know nothing of Counterproof can check it. Bulky and personal things lie beside it and can be deleted; what the log
//! itself holds stays for ever.

mod append;
#[cfg(feature = "bucket")]
mod bucket;
mod bulk;
mod chain;
mod checkpoint;
mod draft;
mod error;
mod export;
mod folder;
mod group;
mod keys;
mod layout;
mod ledger;
mod payload;
mod proof;
mod race;
mod random;
mod redact;
mod storage;
mod tip;
mod tree;
mod verify;
mod witness;

pub use append::Appended;
#[cfg(feature = "bucket")]
pub use bucket::Bucket;
pub use bulk::Bulk;
pub use checkpoint::{Checkpoint, Cosignature};
pub use draft::NewRecord;
pub use error::Error;
pub use export::{Format as ExportFormat, PayloadReader, Reading};
pub use folder::{Folder, Queue};
pub use keys::{KeyKind, SigningKey, VerifyingKey};
pub use ledger::Ledger;
pub use proof::{Proof, check_consistency, check_inclusion};
pub use redact::SHORTEST_RETENTION;
pub use storage::{Keep, Object, Storage, Version};
pub use tlog_tiles::Hash;
pub use verify::{Outcome, PayloadCheck, Place, Tampering, Verification, What, Whole, verify, verify_hashes};
pub use witness::Witness;
