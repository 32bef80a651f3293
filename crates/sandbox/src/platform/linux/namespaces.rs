//! Own user, process, network and IPC namespaces.

use std::path::Path;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Gid, Uid};

use super::{raw, wanted};
use crate::message::Request;
use crate::{Layer, Layers, PrivateScratch};

/// Which namespaces were entered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Isolation {
    /// Its own users, and with them its own mounts.
    pub user: bool,
    /// Its own processes: all end with the first one.
    pub processes: bool,
    /// Its own network.
    pub network: bool,
}

/// Whether namespaces seem to be allowed.
pub fn offered() -> Result<(), String> {
    let setting = |path: &str| std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    if !Path::new("/proc/self/ns/user").exists() {
        return Err("the kernel has no user namespaces".to_owned());
    }
    let none = |kind: &str| setting(&format!("/proc/sys/user/max_{kind}_namespaces")).as_deref() == Some("0");
    if ["user", "pid", "net", "ipc"].into_iter().any(none)
        || setting("/proc/sys/kernel/unprivileged_userns_clone").as_deref() == Some("0")
    {
        return Err("user namespaces are switched off on this system".to_owned());
    }
    if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1")
        && !Uid::effective().is_root()
    {
        return Err("AppArmor restricts user namespaces on this system".to_owned());
    }
    Ok(())
}

/// Enters the namespaces. An error says that they were entered but cannot be used: this process is of no use then.
pub fn isolate(request: &Request, layers: &mut Layers) -> Result<Isolation, String> {
    if let Err(off) = wanted(&request.policy, Layer::Namespaces) {
        layers.note(Layer::Namespaces, Err(off));
        return Ok(alone());
    }
    let (uid, gid) = (Uid::effective(), Gid::effective());
    let inner = CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWIPC;
    let all = inner | CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS;
    if let Err(errno) = unshare(all) {
        // Root may do without the user namespace, but not mount: that could be seen outside.
        if unshare(inner).is_ok() {
            let gap = format!("no user namespace: {}", errno.desc());
            layers.note(Layer::Namespaces, Ok(vec![gap]));
            return Ok(Isolation {
                user: false,
                processes: true,
                network: true,
            });
        }
        layers.note(
            Layer::Namespaces,
            Err(format!(
                "the system does not allow namespaces ({}); should our own warden be killed, processes of the program may stay",
                errno.desc()
            )),
        );
        return Ok(alone());
    }
    map(uid, gid).map_err(|error| format!("namespaces cannot be set up: {error}"))?;
    layers.note(Layer::Namespaces, Ok(Vec::new()));
    Ok(Isolation {
        user: true,
        processes: true,
        network: true,
    })
}

/// Without a process namespace, orphans come to the warden, which sweeps them.
fn alone() -> Isolation {
    nix::sys::prctl::set_child_subreaper(true).ok();
    Isolation::default()
}

/// Maps our own user and group to themselves, so that files keep their owner.
fn map(uid: Uid, gid: Gid) -> std::io::Result<()> {
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("{uid} {uid} 1"))?;
    std::fs::write("/proc/self/gid_map", format!("{gid} {gid} 1"))
}

/// Mounts a bounded file system in memory over the scratch folder.
pub fn mount_scratch(scratch: &PrivateScratch) -> Result<(), String> {
    // A page for each file keeps a flood of empty files within the same bound.
    let options = format!(
        "size={},nr_inodes={},mode=0700",
        scratch.bytes,
        scratch.bytes / 4096 + 16
    );
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("scratch"),
        scratch.folder.as_std_path(),
        Some("tmpfs"),
        flags,
        Some(options.as_str()),
    )
    .map_err(|errno| format!("the scratch folder is not bounded as a whole: {}", errno.desc()))
}

/// Makes all mounts read-only but what is mounted at the writable folders. Landlock has no rules on modes, owners, times and
/// attributes of files, and whoever runs the program may change those of their own.
pub fn mount_read_only(request: &Request) -> Result<(), String> {
    let said = |what: &str, error: std::io::Error| format!("{what} cannot be mounted read-only: {error}");
    let folders: Vec<&Path> = request.policy.writable.iter().map(|path| path.as_std_path()).collect();
    let folders: Vec<&Path> = folders.into_iter().filter(|folder| folder.exists()).collect();
    for folder in &folders {
        let none: Option<&str> = None;
        let itself = Some(*folder);
        mount(itself, *folder, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)
            .map_err(|errno| said(&folder.display().to_string(), errno.into()))?;
    }
    raw::set_read_only(Path::new("/"), true).map_err(|error| said("the system", error))?;
    for folder in &folders {
        if let Err(error) = raw::set_read_only(folder, false) {
            // A program that may write nowhere is of no use.
            raw::set_read_only(Path::new("/"), false).ok();
            return Err(format!("{} cannot be mounted as writable: {error}", folder.display()));
        }
    }
    Ok(())
}
