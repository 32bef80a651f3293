//! Rules for the whole contained program.

use libc::{EAFNOSUPPORT, ENOSYS, EPERM};

use super::assemble::{Action, Instruction, Test, Tree, Word, assemble};

/// This machine's `AUDIT_ARCH_…` of linux/audit.h, where there are rules for it.
pub const MACHINE: Option<u32> = if cfg!(target_arch = "x86_64") {
    Some(0xc000_003e)
} else if cfg!(target_arch = "aarch64") {
    Some(0xc000_00b7)
} else {
    None
};

/// Calls that nobody inside needs: they reach into other processes, the network, the mounts or the machine.
const REFUSED: &[i64] = &[
    // other processes
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_process_mrelease,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // mounts and namespaces
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_mount_setattr,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_open_by_handle_at,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_fanotify_init,
    // the kernel and its keys
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_syslog,
    // the machine
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
];

/// Names on the network and of sockets: without them pairs of connected sockets are all that is left.
const NAMES: &[i64] = &[
    libc::SYS_bind,
    libc::SYS_connect,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
];

/// Calls that change modes, owners, times and attributes of files: refused where files outside are not mounted read-only.
const METADATA: &[i64] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    SETXATTRAT,
    REMOVEXATTRAT,
    FILE_SETATTR,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
];

/// Newer calls, which have one number on all machines; include/uapi/asm-generic/unistd.h of Linux.
const SETXATTRAT: i64 = 463;
const REMOVEXATTRAT: i64 = 466;
const FILE_SETATTR: i64 = 469;

/// Calls that must look as if the kernel did not have them, so that libraries take the older way, which can be judged.
const UNKNOWN: &[i64] = &[
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // Its flags lie behind a pointer; the C library falls back to `clone`.
    libc::SYS_clone3,
];

/// Flags of `clone` that ask for namespaces.
const NEW_NAMESPACES: u32 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET) as u32;

/// What a refused call does.
pub const REFUSE: Tree = Tree::End(Action::Refuse(EPERM));
/// What an allowed call does.
pub const ALLOW: Tree = Tree::End(Action::Allow);

/// Socket pairs for streams and sequences. One for datagrams could be used to write to any named socket of the system.
fn pairs() -> Tree {
    let kind = |kind: i32| Test::Is(kind as u32);
    // The kind may carry two flags, which no test can mask: each combination is tried.
    let flags = [
        0,
        libc::SOCK_CLOEXEC,
        libc::SOCK_NONBLOCK,
        libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK,
    ];
    let kinds = [libc::SOCK_STREAM, libc::SOCK_SEQPACKET]
        .into_iter()
        .flat_map(|base| flags.map(|flag| base | flag));
    let allowed = kinds.fold(REFUSE, |otherwise, each| {
        Tree::when(Word::Low(1), kind(each), ALLOW, otherwise)
    });
    Tree::when(
        Word::Low(0),
        Test::Is(libc::AF_UNIX as u32),
        allowed,
        Tree::End(Action::Refuse(EAFNOSUPPORT)),
    )
}

/// Sockets of the internet families only.
fn internet() -> Tree {
    let family = |family: i32| Test::Is(family as u32);
    let six = Tree::when(Word::Low(0), family(libc::AF_INET6), ALLOW, REFUSE);
    Tree::when(Word::Low(0), family(libc::AF_INET), ALLOW, six)
}

/// The rules, assembled; none where the kind of machine is not known. With `loopback`, the program has a network of its own
/// and may use it; with `metadata`, it may change modes, owners, times and attributes of the files that it may write.
pub fn rules(loopback: bool, metadata: bool) -> Option<Vec<Instruction>> {
    let mut rules = vec![
        // Not even then of any family: a named socket leads to the services of the machine (containers, display, bus).
        (libc::SYS_socket, if loopback { internet() } else { REFUSE }),
        (libc::SYS_socketpair, pairs()),
        (
            libc::SYS_clone,
            Tree::when(Word::Low(0), Test::HasAnyOf(NEW_NAMESPACES), REFUSE, ALLOW),
        ),
    ];
    rules.extend(
        UNKNOWN
            .iter()
            .map(|&number| (number, Tree::End(Action::Refuse(ENOSYS)))),
    );
    let names = if loopback { &[] } else { NAMES };
    let metadata = if metadata { &[] } else { METADATA };
    rules.extend(
        REFUSED
            .iter()
            .chain(names)
            .chain(metadata)
            .map(|&number| (number, REFUSE)),
    );
    Some(assemble(MACHINE?, &rules, Action::Refuse(ENOSYS)))
}
