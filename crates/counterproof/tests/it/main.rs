//! End-to-end tests: the real binary on real repositories that each test builds.

mod accepting;
mod agents;
mod bad_input;
mod check;
mod containment;
mod doctor;
mod documents;
mod environments;
mod findings;
mod formats;
mod frameworks;
mod installing;
mod intents;
mod interpreters;
mod keeping;
mod new_arguments;
mod observing;
mod on_disk;
mod packages;
mod replaying;
mod reports;
mod suites;
mod support;
mod suspicious;
mod values;
mod ways;
