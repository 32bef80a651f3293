//! A command that somebody started for an answer, and that ends with them: `counterproof mcp` runs its checks so.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::{getpgrp, getpid};

/// The first word of such a command, before those of a person.
pub const WORD: &str = "__attended";
/// How a line of standard error begins that tells how far it is.
pub const PROGRESS: &str = "counterproof-progress ";

static ATTENDED: AtomicBool = AtomicBool::new(false);

/// From here on standard input is what ties it to whoever started it: when that ends, however it comes, all of its group ends.
pub fn begin() {
    ATTENDED.store(true, Ordering::Relaxed);
    std::thread::spawn(|| {
        let mut bytes = [0; 64];
        let mut input = std::io::stdin().lock();
        while !matches!(input.read(&mut bytes), Ok(0) | Err(_)) {}
        // A group that is not its own is somebody else's: a script's, or a shell's.
        if getpgrp() == getpid() {
            let _ = killpg(getpgrp(), Signal::SIGKILL);
        }
        std::process::exit(i32::from(crate::error::INTERRUPTED));
    });
}

/// Whether somebody hears how far it is.
pub fn is_attended() -> bool {
    ATTENDED.load(Ordering::Relaxed)
}
