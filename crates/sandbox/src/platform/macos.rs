//! macOS: a Seatbelt profile and resource limits. Written against the documentation, **untried**.
//!
//! There are no process namespaces and no death signal: what the program forks away from its group outlives it, which
//! is reported as the missing layer.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::limits;
use crate::message::Request;
use crate::{Layer, Layers, Policy, seatbelt};

const SEATBELT: &str = "/usr/bin/sandbox-exec";
const OFF: &str = "switched off";

/// What was isolated before the fork: nothing, here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Isolation;

/// Whether the system seems to have a layer.
pub fn offers(layer: Layer) -> Result<(), String> {
    match layer {
        Layer::Files | Layer::Syscalls if Path::new(SEATBELT).exists() => Ok(()),
        Layer::Files | Layer::Syscalls => Err(format!("{SEATBELT} is missing")),
        Layer::Namespaces => Err("macOS has no namespaces".to_owned()),
        Layer::Limits => Ok(()),
    }
}

/// Nothing to do before the fork.
pub fn isolate(_request: &Request, layers: &mut Layers) -> Result<Isolation, String> {
    layers.note(Layer::Namespaces, offers(Layer::Namespaces).map(|()| Vec::new()));
    Ok(Isolation)
}

/// There is no death signal; the warden's lifeline is all there is.
pub fn die_with_warden(_alive: &OwnedFd) -> io::Result<()> {
    Ok(())
}

/// Applies the limits, and gives the program to execute: Seatbelt's own, which applies the profile.
pub fn confine(request: &Request, _isolation: &Isolation, layers: &mut Layers) -> io::Result<Command> {
    let policy = &request.policy;
    let off = |layer: Layer| policy.without.contains(&layer).then(|| OFF.to_owned());
    layers.note(
        Layer::Limits,
        off(Layer::Limits).map_or_else(|| Ok(limits::apply(policy)), Err),
    );
    let seatbelt = off(Layer::Files).map_or_else(|| offers(Layer::Files), Err);
    layers.note(
        Layer::Syscalls,
        seatbelt.clone().map(|()| vec!["only the network is closed".to_owned()]),
    );
    layers.note(Layer::Files, seatbelt.clone().map(|()| Vec::new()));
    Ok(match seatbelt {
        Ok(()) => {
            let before = ["-p".to_owned(), seatbelt::profile(policy), request.program.to_string()];
            crate::contain::command(request, SEATBELT, &before)
        }
        Err(_) => crate::contain::command(request, request.program.as_str(), &[]),
    })
}

/// The warden looks from time to time.
pub fn end_of(_inside: Pid) -> Option<OwnedFd> {
    None
}

/// Kills the first process and its group.
pub fn kill_all(inside: Pid, _isolation: &Isolation) {
    kill(inside, Signal::SIGKILL).ok();
    killpg(inside, Signal::SIGKILL).ok();
}

/// What has left the group cannot be found.
pub fn sweep(_isolation: &Isolation) {}

/// The limits of the system are all there are.
#[derive(Debug)]
pub struct Watch;

impl Watch {
    /// Nothing to watch.
    pub fn new() -> Self {
        Self
    }

    /// The warden has to look for the end of the program itself, often.
    pub fn round_ms(&self) -> u16 {
        20
    }

    /// Never.
    pub fn exceeded(&self) -> bool {
        false
    }
}
