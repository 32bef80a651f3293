//! What the warden does with the processes it holds.

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

/// Looks after the number of processes where no limit binds: `RLIMIT_NPROC` does not count for root.
#[derive(Debug)]
pub struct Watch {
    /// The first process and the threads of the whole system when it started; none where nobody has to watch.
    bounded: Option<(Pid, u64)>,
}

impl Watch {
    /// Starts to watch.
    pub fn new(inside: Pid, isolation: &Isolation) -> Self {
        let needed = isolation.processes && nix::unistd::Uid::effective().is_root();
        Self {
            bounded: needed.then(system_threads).flatten().map(|threads| (inside, threads)),
        }
    }

    /// How long may pass between two looks, in milliseconds: a bomb doubles quickly.
    pub fn round_ms(&self) -> u16 {
        if self.bounded.is_some() { 50 } else { 1000 }
    }

    /// Whether there are too many processes. One cheap number for the whole system says when it is worth counting.
    pub fn exceeded(&self) -> bool {
        let Some((inside, before)) = self.bounded else {
            return false;
        };
        let grown = system_threads().is_some_and(|now| now > before.saturating_add(MOST));
        grown && in_namespace_of(inside) > MOST
    }
}

/// All threads of the system: the second number in `3/417`, fourth field of proc_loadavg(5).
fn system_threads() -> Option<u64> {
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    load.split_whitespace().nth(3)?.split_once('/')?.1.parse().ok()
}

fn in_namespace_of(inside: Pid) -> u64 {
    let namespace = |number: &str| fs::read_link(format!("/proc/{number}/ns/pid")).ok();
    let Some(wanted) = namespace(&inside.to_string()) else {
        return 0;
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let same = entries.filter(|entry| entry.file_name().to_str().and_then(namespace).as_ref() == Some(&wanted));
    same.count() as u64
}
