//! How inputs go to the Python harness and observations come back: see `harnesses/python/PROTOCOL.md`.
//!
//! What comes back was made in a process that runs the checked program, which may have forged it: everything is parsed as untrusted input.

pub mod decode;
pub mod encode;
pub mod marshal;
