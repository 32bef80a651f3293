//! The few calls that the compiler cannot check, each with why it is right.

use std::io;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd, RawFd};

use nix::fcntl::{FcntlArg, fcntl};
use nix::unistd::{ForkResult, Pid};

/// Where numbers start that no program is handed.
const ABOVE: RawFd = 200;

/// Which of the two processes this is.
pub enum Fork {
    /// The new one.
    Inside,
    /// The old one, with the number of the new one.
    Warden(Pid),
}

/// Splits the launcher in two.
pub fn fork() -> io::Result<Fork> {
    #[allow(
        unsafe_code,
        reason = "the launcher has one thread, so no lock can be held by a thread that is gone"
    )]
    // SAFETY: only one thread lives in the launcher, see above.
    let forked = unsafe { nix::unistd::fork() };
    match forked? {
        ForkResult::Child => Ok(Fork::Inside),
        ForkResult::Parent { child } => Ok(Fork::Warden(child)),
    }
}

/// Takes a descriptor that the kernel has just made for us.
#[allow(
    unsafe_code,
    reason = "numbers from a control message or from fcntl belong to nobody else yet"
)]
pub fn own(number: RawFd) -> OwnedFd {
    // SAFETY: callers pass numbers that a system call has just returned, each once.
    unsafe { OwnedFd::from_raw_fd(number) }
}

/// Moves a descriptor above the numbers that programs are handed.
pub fn lift(descriptor: OwnedFd) -> io::Result<OwnedFd> {
    Ok(own(fcntl(&descriptor, FcntlArg::F_DUPFD_CLOEXEC(ABOVE))?))
}

/// Puts descriptors at their numbers and marks all others, inherited ones too, to be closed when the program starts.
/// What the caller still uses has been lifted.
pub fn place(descriptors: Vec<OwnedFd>, numbers: &[RawFd]) -> io::Result<()> {
    let moved = descriptors
        .into_iter()
        .map(lift)
        .collect::<io::Result<Vec<OwnedFd>>>()?;
    close_on_exec_from(3);
    for (descriptor, &number) in moved.iter().zip(numbers) {
        if !(3..ABOVE).contains(&number) {
            return Err(io::Error::other(format!(
                "{number} is no number to hand a descriptor over at"
            )));
        }
        copy(descriptor, number)?;
    }
    Ok(())
}

#[allow(
    unsafe_code,
    reason = "the number is chosen by the caller; whatever we still use has been lifted above it"
)]
fn copy(descriptor: &OwnedFd, number: RawFd) -> io::Result<()> {
    // SAFETY: what was open at `number` was inherited or has been lifted, so nobody owns it.
    let placed = unsafe { nix::unistd::dup2_raw(descriptor, number) }?;
    // It is the program's from here on.
    let _number = placed.into_raw_fd();
    Ok(())
}

fn close_on_exec_from(first: RawFd) {
    #[cfg(target_os = "linux")]
    {
        #[allow(unsafe_code, reason = "libc has no safe form; only flags of descriptors change")]
        // SAFETY: the call takes numbers only and touches no memory of ours.
        let done = unsafe { libc::syscall(libc::SYS_close_range, first, RawFd::MAX, libc::CLOSE_RANGE_CLOEXEC) };
        if done == 0 {
            return;
        }
    }
    // Older kernels and other systems: the usual limit on open files is 1024.
    for number in first..1024 {
        #[allow(unsafe_code, reason = "libc has no safe form for numbers; only a flag changes")]
        // SAFETY: on a number that is not open the call fails and nothing happens.
        unsafe {
            libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
}

/// Has being root mean nothing when a program is executed. Otherwise the kernel takes root's capabilities for gained, if only to refuse
/// them, and lays memory at addresses by chance after all (execve(2) clears `ADDR_NO_RANDOMIZE` then).
#[cfg(target_os = "linux")]
pub fn make_root_plain() -> io::Result<()> {
    let bits = libc::SECBIT_NOROOT | libc::SECBIT_NOROOT_LOCKED;
    #[allow(unsafe_code, reason = "libc has no safe form of prctl; the call takes numbers only")]
    // SAFETY: PR_SET_SECUREBITS reads one number and touches no memory of ours.
    let done = unsafe { libc::prctl(libc::PR_SET_SECUREBITS, bits, 0, 0, 0) };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Gives up every capability: being root must not get around the other layers.
#[cfg(target_os = "linux")]
pub fn drop_capabilities() -> io::Result<()> {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    // `_LINUX_CAPABILITY_VERSION_3`: two words of each of the three sets.
    let header = Header {
        version: 0x2008_0522,
        pid: 0,
    };
    let none = [0_u32; 6];
    #[allow(
        unsafe_code,
        reason = "libc has no form of capset; both structures are as capset(2) lays them out"
    )]
    // SAFETY: the kernel reads 8 bytes of the header and 24 of the sets, which both live until it returns.
    let done = unsafe { libc::syscall(libc::SYS_capset, &raw const header, none.as_ptr()) };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Makes all mounts at and below a folder read-only, or writable again (Linux 5.12 and later).
#[cfg(target_os = "linux")]
pub fn set_read_only(folder: &std::path::Path, read_only: bool) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    /// `struct mount_attr` of mount_setattr(2).
    #[repr(C)]
    struct Attributes {
        set: u64,
        clear: u64,
        propagation: u64,
        user_namespace: u64,
    }
    const READ_ONLY: u64 = 1; // MOUNT_ATTR_RDONLY of linux/mount.h
    let path = std::ffi::CString::new(folder.as_os_str().as_bytes())?;
    let attributes = Attributes {
        set: if read_only { READ_ONLY } else { 0 },
        clear: if read_only { 0 } else { READ_ONLY },
        propagation: 0,
        user_namespace: 0,
    };
    #[allow(
        unsafe_code,
        reason = "libc has no form of mount_setattr; the structure is as mount_setattr(2) lays it out"
    )]
    // SAFETY: the kernel reads the path and the structure, which both live until it returns.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attributes,
            size_of::<Attributes>(),
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Sets the loopback interface of this process' own network up.
#[cfg(target_os = "linux")]
pub fn raise_loopback() -> io::Result<()> {
    use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
    use std::os::fd::AsRawFd;
    #[repr(C)]
    struct Named {
        name: [u8; libc::IFNAMSIZ],
        flags: libc::c_short,
        rest: [u8; 22],
    }
    let any = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    let mut loopback = Named {
        name: [0; libc::IFNAMSIZ],
        flags: (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short,
        rest: [0; 22],
    };
    loopback.name[..2].copy_from_slice(b"lo");
    #[allow(
        unsafe_code,
        reason = "nix has no form of SIOCSIFFLAGS; the structure is `struct ifreq` of netdevice(7), 40 bytes"
    )]
    // SAFETY: the kernel reads the structure, which lives until it returns.
    let done = unsafe { libc::ioctl(any.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const loopback) };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// A descriptor that becomes readable when a child of ours ends; kernels before 5.3 have none.
#[cfg(target_os = "linux")]
pub fn end_of(child: Pid) -> Option<OwnedFd> {
    #[allow(unsafe_code, reason = "libc has no form of pidfd_open")]
    // SAFETY: the call takes numbers only and touches no memory of ours.
    let number = unsafe { libc::syscall(libc::SYS_pidfd_open, child.as_raw(), 0) };
    RawFd::try_from(number).ok().filter(|&number| number >= 0).map(own)
}
