//! Linux: namespaces, Landlock, seccomp and resource limits.

mod files;
mod loader;
mod namespaces;
mod processes;
mod syscalls;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::Command;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::personality::{self, Persona};
use nix::sys::resource::Resource;
use nix::sys::signal::Signal;

use super::{limits, raw};
use crate::message::Request;
use crate::{Layer, Layers, Policy};

pub use super::raw::end_of;
pub use namespaces::{Isolation, isolate};
pub use processes::{Watch, kill_all, sweep};

const OFF: &str = "switched off";

fn wanted(policy: &Policy, layer: Layer) -> Result<(), String> {
    if policy.without.contains(&layer) {
        Err(OFF.to_owned())
    } else {
        Ok(())
    }
}

/// Whether the system seems to have a layer.
pub fn offers(layer: Layer) -> Result<(), String> {
    match layer {
        Layer::Files => files::offered(),
        Layer::Syscalls => match Path::new("/proc/sys/kernel/seccomp/actions_avail").exists() {
            true => Ok(()),
            false => Err("the kernel has no seccomp filters".to_owned()),
        },
        Layer::Namespaces => namespaces::offered(),
        Layer::Limits => Ok(()),
    }
}

/// Makes this process die with the warden, its parent.
pub fn die_with_warden(alive: &OwnedFd) -> io::Result<()> {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    // The warden may have died before the signal was set: then the other end of its pipe is closed already.
    let mut pipe = [PollFd::new(alive.as_fd(), PollFlags::POLLIN)];
    match poll(&mut pipe, PollTimeout::ZERO)? {
        0 => Ok(()),
        _ => Err(io::Error::other("the warden is gone")),
    }
}

/// Applies what binds this very process, and gives the program to execute.
pub fn confine(request: &Request, isolation: &Isolation, layers: &mut Layers) -> io::Result<Command> {
    let policy = &request.policy;
    if request.fixed_addresses {
        // Before the rule that forbids it. No protection rests on it: a system that refuses costs comparisons some noise.
        let persona = personality::get().unwrap_or(Persona::empty());
        personality::set(persona | Persona::ADDR_NO_RANDOMIZE).ok();
        if nix::unistd::Uid::current().is_root() {
            raw::make_root_plain().ok();
        }
    }
    // Without this neither Landlock nor seccomp may be used, and a set-uid program would undo the rest.
    nix::sys::prctl::set_no_new_privs()?;
    let unbounded = request.scratch.as_ref().and_then(|scratch| match isolation.user {
        true => namespaces::mount_scratch(scratch).err(),
        false => Some("the scratch folder is not bounded as a whole without a mount namespace".to_owned()),
    });
    // What is open already was opened on other mounts.
    let metadata = match isolation.user {
        true => namespaces::mount_read_only(request),
        false => Err("there is no mount namespace".to_owned()),
    };
    let null = std::fs::File::options().read(true).write(true).open("/dev/null")?;
    nix::unistd::dup2_stdin(&null)?;
    nix::unistd::dup2_stdout(&null)?;
    let loopback = policy.loopback.then(|| match isolation.network {
        true => raw::raise_loopback().map_err(|error| error.to_string()),
        false => Err("there is no network of its own".to_owned()),
    });
    if policy.without.len() < Layer::ALL.len() {
        raw::drop_capabilities()?;
    }
    layers.note(
        Layer::Files,
        wanted(policy, Layer::Files).and_then(|()| files::apply(request, matches!(loopback, Some(Ok(()))))),
    );
    layers.note(
        Layer::Limits,
        wanted(policy, Layer::Limits).map(|()| limit(policy, isolation, unbounded)),
    );
    layers.note(
        Layer::Syscalls,
        wanted(policy, Layer::Syscalls).and_then(|()| syscalls::apply(&loopback, &metadata)),
    );
    Ok(crate::contain::command(request, request.program.as_str(), &[]))
}

fn limit(policy: &Policy, isolation: &Isolation, unbounded: Option<String>) -> Vec<String> {
    let mut gaps = limits::apply(policy);
    gaps.extend(unbounded);
    // In a user namespace of its own the count starts at none; elsewhere the user's other processes count, too.
    let others = if isolation.user {
        0
    } else {
        processes::system_threads().unwrap_or(1 << 15)
    };
    let most = limits::PROCESSES + others;
    if let Err(errno) = limits::lower(Resource::RLIMIT_NPROC, most, most) {
        gaps.push(format!(
            "the number of processes could not be limited: {}",
            errno.desc()
        ));
    }
    gaps
}
