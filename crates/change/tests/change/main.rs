//! Whole comparisons, in real repositories and folders made for each test.

mod dependencies;
mod errors;
mod files;
mod meaning;
mod merging;
mod past;
mod proofs;
mod revisions;
mod support;
