//! What the warden does with the processes it holds.

use std::collections::HashMap;
use std::fs;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::Isolation;

/// Processes from which on a program is taken for a fork bomb: a harness has three.
const MOST: u64 = 128;

/// Kills the first process, and with it its namespace or at least its group.
pub fn kill_all(inside: Pid, isolation: &Isolation) {
    kill(inside, Signal::SIGKILL).ok();
    if !isolation.processes {
        killpg(inside, Signal::SIGKILL).ok();
    }
}

/// Kills what outlived the first process: the kernel has done it where there is a process namespace; elsewhere orphans
/// have become children of the warden.
pub fn sweep(isolation: &Isolation) {
    if isolation.processes {
        return;
    }
    loop {
        let left = children();
        if left.is_empty() {
            return;
        }
        for child in left {
            kill(child, Signal::SIGKILL).ok();
        }
        if waitpid(None, None) == Err(Errno::ECHILD) {
            return;
        }
    }
}

fn children() -> Vec<Pid> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| numbers(&list)).collect()
}

fn numbers(list: &str) -> Vec<Pid> {
    list.split_whitespace()
        .filter_map(|number| number.parse().ok())
        .map(Pid::from_raw)
        .collect()
}

/// Looks after the number of processes, since `RLIMIT_NPROC` does not count for root, and counts all of a user's others
/// where there is no user namespace.
#[derive(Debug)]
pub struct Watch {
    /// The threads of the whole system when it started.
    before: Option<u64>,
}

impl Watch {
    /// Starts to watch.
    pub fn new() -> Self {
        Self {
            before: system_threads(),
        }
    }

    /// How long may pass between two looks, in milliseconds: a bomb doubles quickly.
    pub fn round_ms(&self) -> u16 {
        25
    }

    /// Whether there are too many processes. One cheap number for the whole system says when it is worth counting.
    pub fn exceeded(&self) -> bool {
        let grown = |before: u64| system_threads().is_some_and(|now| now > before.saturating_add(MOST));
        self.before.is_some_and(grown) && descendants() > MOST
    }
}

/// All threads of the system: the second number in `3/417`, fourth field of proc_loadavg(5).
pub fn system_threads() -> Option<u64> {
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    load.split_whitespace().nth(3)?.split_once('/')?.1.parse().ok()
}

/// How many processes have this one among their ancestors.
fn descendants() -> u64 {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let parents: HashMap<i32, i32> = entries
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, parent(number)?))
        })
        .collect();
    let own = Pid::this().as_raw();
    let ours = |number: &i32| std::iter::successors(parents.get(number), |at| parents.get(at)).any(|&at| at == own);
    parents.keys().filter(|number| ours(number)).count() as u64
}

/// The fourth field of proc_pid_stat(5); the second, a name in brackets, may hold anything.
fn parent(number: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
