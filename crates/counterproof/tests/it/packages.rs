//! Released versions of real packages, laid out by `cargo xtask test`.
