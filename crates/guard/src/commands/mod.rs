//! What programs do: each that is known tells its effects, and wrappers tell what they run.

mod arrivals;
mod buckets;
mod builtins;
mod by_verb;
mod clients;
mod clouds;
mod code;
mod containers;
pub(crate) mod data;
mod edits;
pub mod files;
mod forges;
mod git;
pub mod guarded;
mod infrastructure;
mod kubernetes;
mod lists;
mod losses;
mod migrations;
mod network;
mod options;
mod outgoing;
mod packages;
pub(crate) mod patches;
pub mod paths;
mod patterns;
mod readers;
mod rights;
mod secrets;
mod system;
mod targets;
mod terminals;
mod tools;
mod wrappers;

use crate::shell::tree::Word;
use crate::walk::{Run, Walker};

pub use secrets::{is_secret_file, is_secret_name};

/// Tells what a program reads that nobody else should.
pub fn read(walker: &mut Walker<'_>, run: &Run<'_>) {
    secrets::shown_by(walker, run);
    readers::shown_by(walker, run);
    builtins::run(walker, run);
}

/// Notes that a function or an alias is given a name.
pub fn named(walker: &mut Walker<'_>, name: &str) {
    tools::renamed(walker, name);
}

/// Notes what a file that is read holds.
pub fn reads(walker: &mut Walker<'_>, file: &str) {
    if secrets::is_secret_file(walker, file) {
        walker.takes(file);
    }
}

/// Tells which variables a program prints that nobody else should read.
pub fn printed(walker: &mut Walker<'_>, words: &[Word]) {
    secrets::printed(walker, words);
}

/// Tells what a program does. One that is not known does nothing that is known to matter.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>) {
    tools::variables(walker, run);
    outgoing::sent(walker, run);
    let name = run.name.strip_suffix(".exe").unwrap_or(run.name);
    // Help is printed, and nothing else done, by all but those that run a text they are given.
    let asks_for_help = run
        .args
        .iter()
        .take_while(|arg| arg.text != "--")
        .any(|arg| matches!(arg.text.as_str(), "--help" | "-help"));
    if asks_for_help && !code::is_interpreter(name) && !wrappers::is_one(name) {
        return;
    }
    tools::judges_itself(walker, run);
    losses::run(walker, run, name);
    terminals::run(walker, run, name);
    let is_known = patches::run(walker, run, name)
        || wrappers::run(walker, run, name)
        || files::run(walker, run, name)
        || git::run(walker, run, name)
        || tools::run(walker, run, name)
        || containers::run(walker, run, name)
        || kubernetes::run(walker, run, name)
        || infrastructure::run(walker, run, name)
        || migrations::run(walker, run, name)
        || clouds::run(walker, run, name)
        || forges::run(walker, run, name)
        || data::run(walker, run, name)
        || packages::run(walker, run, name)
        || system::run(walker, run, name)
        || network::run(walker, run, name)
        || targets::run(walker, run, name)
        || by_verb::run(walker, run, name)
        || code::run(walker, run, name);
    if !is_known {
        by_verb::unknown(walker, run);
        readers::unknown(walker, run);
        code::script(walker, run);
    }
    guarded::handed(walker, run);
    if !is_known || by_verb::CARRIERS.contains(&name) {
        by_verb::carried(walker, run);
    }
    arrivals::note(walker, run, name);
}
