//! The programs, interpreted.
#![allow(clippy::unwrap_used, reason = "tests")]

use libc::{EAFNOSUPPORT, ENOSYS, EPERM};
use proptest::prelude::*;

use super::assemble::{Action, IF_ANY_BIT, IF_AT_LEAST, IF_EQUAL, Instruction, LOAD, RETURN};
use super::{PID_PLACEHOLDER, child, child_filter, program};

/// `struct seccomp_data`, in words.
fn call(number: i64, arguments: [u64; 6]) -> Vec<u32> {
    let mut data = vec![number as u32, program::MACHINE.unwrap(), 0, 0];
    data.extend(
        arguments
            .iter()
            .flat_map(|&argument| [argument as u32, (argument >> 32) as u32]),
    );
    data
}

fn run(program: &[Instruction], data: &[u32]) -> u32 {
    let (mut at, mut loaded) = (0, 0);
    loop {
        let Instruction { code, jt, jf, k } = program[at];
        let passed = match code {
            LOAD => {
                loaded = data[k as usize / 4];
                at += 1;
                continue;
            }
            RETURN => return k,
            IF_EQUAL => loaded == k,
            IF_AT_LEAST => loaded >= k,
            IF_ANY_BIT => loaded & k != 0,
            other => panic!("no such instruction: {other:#x}"),
        };
        at += 1 + usize::from(if passed { jt } else { jf });
    }
}

#[track_caller]
fn child_does(number: i64, arguments: [u64; 6], action: Action) {
    assert_eq!(run(&child::rules().unwrap(), &call(number, arguments)), action.number());
}

#[track_caller]
fn program_does(number: i64, arguments: [u64; 6], action: Action) {
    assert_eq!(
        run(&program::rules(false, true).unwrap(), &call(number, arguments)),
        action.number()
    );
}

const REFUSED: Action = Action::Refuse(EPERM);
const OWN: u64 = PID_PLACEHOLDER as u64;

fn first(argument: u64) -> [u64; 6] {
    [argument, 0, 0, 0, 0, 0]
}

#[test]
fn a_child_starts_no_process_but_threads() {
    child_does(libc::SYS_execve, [0; 6], REFUSED);
    child_does(libc::SYS_execveat, [0; 6], REFUSED);
    child_does(libc::SYS_clone, first(libc::SIGCHLD as u64), REFUSED);
    child_does(
        libc::SYS_clone,
        first((libc::CLONE_THREAD | libc::CLONE_VM) as u64),
        Action::Allow,
    );
    child_does(libc::SYS_clone3, [0; 6], Action::Refuse(ENOSYS));
}

#[test]
fn a_child_signals_nobody_but_itself() {
    for call in [
        libc::SYS_kill,
        libc::SYS_tgkill,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
    ] {
        child_does(call, first(OWN), Action::Allow);
        for other in [0, 1, 2, (-1_i64) as u64, (-5_i64) as u64, OWN + 1] {
            child_does(call, first(other), REFUSED);
        }
    }
    child_does(libc::SYS_pidfd_send_signal, [0; 6], REFUSED);
}

#[test]
fn a_child_reads_limits_but_sets_none() {
    child_does(libc::SYS_prlimit64, [0, 7, 0, 0x7fff_0000_1000, 0, 0], Action::Allow);
    child_does(libc::SYS_prlimit64, [OWN, 7, 0, 0x7fff_0000_1000, 0, 0], Action::Allow);
    child_does(libc::SYS_prlimit64, [1, 7, 0, 0x7fff_0000_1000, 0, 0], REFUSED);
    child_does(libc::SYS_prlimit64, [0, 7, 0x1000, 0, 0, 0], REFUSED);
    child_does(libc::SYS_prlimit64, [0, 7, 0x1_0000_0000, 0, 0, 0], REFUSED);
    child_does(libc::SYS_prctl, first(libc::PR_SET_PDEATHSIG as u64), REFUSED);
    child_does(libc::SYS_prctl, first(libc::PR_SET_NAME as u64), Action::Allow);
}

#[test]
fn no_socket_but_a_connected_pair() {
    for family in [
        libc::AF_INET,
        libc::AF_INET6,
        libc::AF_NETLINK,
        libc::AF_PACKET,
        libc::AF_UNIX,
    ] {
        program_does(libc::SYS_socket, first(family as u64), REFUSED);
    }
    let pair = |family: i32, kind: i32| [family as u64, kind as u64, 0, 0, 0, 0];
    program_does(
        libc::SYS_socketpair,
        pair(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_CLOEXEC),
        Action::Allow,
    );
    program_does(
        libc::SYS_socketpair,
        pair(libc::AF_UNIX, libc::SOCK_SEQPACKET),
        Action::Allow,
    );
    program_does(libc::SYS_socketpair, pair(libc::AF_UNIX, libc::SOCK_DGRAM), REFUSED);
    program_does(
        libc::SYS_socketpair,
        pair(libc::AF_INET, libc::SOCK_STREAM),
        Action::Refuse(EAFNOSUPPORT),
    );
}

#[test]
fn nothing_reaches_into_the_system() {
    for call in [
        libc::SYS_ptrace,
        libc::SYS_mount,
        libc::SYS_unshare,
        libc::SYS_bpf,
        libc::SYS_connect,
    ] {
        program_does(call, [0; 6], REFUSED);
    }
    program_does(libc::SYS_io_uring_setup, [0; 6], Action::Refuse(ENOSYS));
    program_does(libc::SYS_clone, first(libc::CLONE_NEWUSER as u64), REFUSED);
    program_does(libc::SYS_clone, first(libc::SIGCHLD as u64), Action::Allow);
}

#[test]
fn twins_and_other_machines_are_no_way_around() {
    for program in [child::rules().unwrap(), program::rules(false, true).unwrap()] {
        let twin = call(libc::SYS_execve | 0x4000_0000, [0; 6]);
        assert_eq!(run(&program, &twin), Action::Refuse(ENOSYS).number());
        let mut foreign = call(libc::SYS_read, [0; 6]);
        foreign[1] = 0x4000_0003;
        assert_eq!(run(&program, &foreign), Action::Kill.number());
    }
}

#[test]
fn the_bytes_are_whole_instructions_and_hold_the_placeholder() {
    let bytes = child_filter();
    assert_eq!(bytes.len() % 8, 0);
    let words = bytes
        .chunks_exact(8)
        .filter(|at| at[4..] == PID_PLACEHOLDER.to_ne_bytes());
    assert_eq!(words.count(), 6, "one for each call that takes a process' number");
}

proptest! {
    #[test]
    fn every_call_ends_in_an_answer(number in 0_i64..600, arguments: [u64; 6]) {
        let known = [Action::Allow, REFUSED, Action::Refuse(ENOSYS), Action::Refuse(EAFNOSUPPORT)];
        for program in [child::rules().unwrap(), program::rules(false, true).unwrap()] {
            let answer = run(&program, &call(number, arguments));
            prop_assert!(known.iter().any(|action| action.number() == answer));
        }
    }

    #[test]
    fn ordinary_calls_pass(arguments: [u64; 6]) {
        for number in [libc::SYS_read, libc::SYS_write, libc::SYS_mmap, libc::SYS_openat, libc::SYS_futex, libc::SYS_setitimer] {
            for program in [child::rules().unwrap(), program::rules(false, true).unwrap()] {
                prop_assert_eq!(run(&program, &call(number, arguments)), Action::Allow.number());
            }
        }
    }
}
