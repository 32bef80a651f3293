//! Resource limits, the same on every system that has them.

use nix::sys::resource::{Resource, setrlimit};

use crate::Policy;

/// Most processes and threads at once where the limit binds: the number of cores of a large machine, several times.
#[cfg(target_os = "linux")]
pub const PROCESSES: u64 = 512;

/// Sets the limits; gives those that could not be set.
pub fn apply(policy: &Policy) -> Vec<String> {
    let limits = [
        (Resource::RLIMIT_CORE, 0, 0, "core dumps"),
        // The first is a signal that a program may handle, the second is death.
        (
            Resource::RLIMIT_CPU,
            policy.cpu_seconds,
            policy.cpu_seconds.saturating_add(1),
            "CPU time",
        ),
        (
            Resource::RLIMIT_FSIZE,
            policy.file_bytes,
            policy.file_bytes,
            "the size of a file",
        ),
        (
            Resource::RLIMIT_NOFILE,
            policy.open_files,
            policy.open_files,
            "open files",
        ),
        (Resource::RLIMIT_AS, policy.memory_bytes, policy.memory_bytes, "memory"),
    ];
    let failed = limits.into_iter().filter_map(|(resource, soft, hard, name)| {
        let errno = lower(resource, soft, hard).err()?;
        Some(format!("{name} could not be limited: {}", errno.desc()))
    });
    failed.collect()
}

/// Sets a limit, but never above the hard one in force.
pub fn lower(resource: Resource, soft: u64, hard: u64) -> nix::Result<()> {
    let (_, most) = nix::sys::resource::getrlimit(resource)?;
    setrlimit(resource, soft.min(most), hard.min(most))
}
