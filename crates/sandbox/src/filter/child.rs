//! Rules for a child that runs calls, on top of those for the whole program.

use libc::{ENOSYS, EPERM};

use super::PID_PLACEHOLDER;
use super::assemble::{Action, Instruction, Test, Tree, Word, assemble};
use super::program::{ALLOW, MACHINE, REFUSE};

/// Calls that start programs or processes, or get away from whoever watches over this one.
const REFUSED: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    libc::SYS_pidfd_send_signal,
    libc::SYS_pidfd_open,
    libc::SYS_setsid,
    libc::SYS_setpgid,
    libc::SYS_setrlimit,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_unshare,
    libc::SYS_setns,
];

/// Allowed where argument `argument` is the process' own number. That refuses 0, -1 and groups, too.
fn only_itself(argument: u32) -> Tree {
    Tree::when(Word::Low(argument), Test::Is(PID_PLACEHOLDER), ALLOW, REFUSE)
}

/// Reading limits is allowed (of its own: number 0 or its own), setting none.
fn limits() -> Tree {
    let set = |otherwise| {
        let high = Tree::when(Word::High(2), Test::HasAnyOf(u32::MAX), REFUSE, otherwise);
        Tree::when(Word::Low(2), Test::HasAnyOf(u32::MAX), REFUSE, high)
    };
    Tree::when(Word::Low(0), Test::Is(0), set(ALLOW), set(only_itself(0)))
}

/// The rules, assembled; none where the kind of machine is not known.
pub fn rules() -> Option<Vec<Instruction>> {
    let mut rules = vec![
        // Threads are allowed; a process is not.
        (
            libc::SYS_clone,
            Tree::when(Word::Low(0), Test::HasAnyOf(libc::CLONE_THREAD as u32), ALLOW, REFUSE),
        ),
        (libc::SYS_clone3, Tree::End(Action::Refuse(ENOSYS))),
        (libc::SYS_kill, only_itself(0)),
        (libc::SYS_tkill, only_itself(0)),
        (libc::SYS_tgkill, only_itself(0)),
        (libc::SYS_rt_sigqueueinfo, only_itself(0)),
        (libc::SYS_rt_tgsigqueueinfo, only_itself(0)),
        // It would outlive the parent that watches it.
        (
            libc::SYS_prctl,
            Tree::when(Word::Low(0), Test::Is(libc::PR_SET_PDEATHSIG as u32), REFUSE, ALLOW),
        ),
        (libc::SYS_prlimit64, limits()),
    ];
    rules.extend(REFUSED.iter().map(|&number| (number, Tree::End(Action::Refuse(EPERM)))));
    Some(assemble(MACHINE?, &rules, Action::Refuse(ENOSYS)))
}
