//! What the hidden subcommand runs: the launcher, which becomes the warden, and the first process inside.

use std::convert::Infallible;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{WaitPidFlag, WaitStatus};
use nix::unistd::Pid;

use crate::message::{self, Failed, Request, Status};
use crate::platform::{self, Fork, Isolation};
use crate::{Ended, Layers};

/// How often the warden looks for the end of a process of which the system does not tell it.
const SHORT_ROUND_MS: u16 = 20;

/// Contains a program as told on the socket at standard input. The binary calls this first thing, before it starts a
/// thread or reads anything, when its first argument is [`crate::SUBCOMMAND`].
///
/// The process that calls it stays as the warden and exits when the program has ended; the exit code says nothing.
#[allow(
    clippy::print_stderr,
    reason = "standard error is the pipe by which the launching process learns what failed"
)]
pub fn contain_main() -> ExitCode {
    match contain() {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn contain() -> io::Result<Infallible> {
    let lifeline = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (request, mut descriptors) = message::receive(&lifeline)?;
    let status = platform::lift(descriptors.remove(0))?;
    let null = std::fs::File::options().read(true).open("/dev/null")?;
    nix::unistd::dup2_stdin(&null)?;
    drop(null);
    // Away from the terminal, whose Ctrl-C is ours to handle.
    nix::unistd::setsid().ok();

    let mut layers = Layers::default();
    let isolation = match platform::isolate(&request, &mut layers) {
        Ok(isolation) => isolation,
        Err(reason) => {
            Status {
                failed: Some(Failed {
                    reason,
                    in_namespaces: true,
                }),
                layers: None,
            }
            .tell(&status)?;
            std::process::exit(1)
        }
    };
    let (alive, held) = io::pipe()?;
    match platform::fork()? {
        Fork::Inside => {
            drop((held, lifeline));
            start(
                &request,
                descriptors,
                &status,
                &platform::lift(alive.into())?,
                &isolation,
                layers,
            )
        }
        Fork::Warden(inside) => {
            drop((alive, descriptors, status));
            // Held until the end: when it closes, the first process knows that its warden is gone.
            let _held = held;
            guard(inside, lifeline, &isolation)
        }
    }
}

/// The first process inside: applies the rest of the layers to itself and becomes the program.
fn start(
    request: &Request,
    descriptors: Vec<OwnedFd>,
    status: &OwnedFd,
    alive: &OwnedFd,
    isolation: &Isolation,
    layers: Layers,
) -> ! {
    let reason = match become_program(request, descriptors, status, alive, isolation, layers) {
        Ok(never) => match never {},
        Err(error) => error.to_string(),
    };
    // Whoever waits at the other end of a broken pipe is gone, too.
    Status {
        layers: None,
        failed: Some(Failed {
            reason,
            in_namespaces: false,
        }),
    }
    .tell(status)
    .ok();
    std::process::exit(1)
}

fn become_program(
    request: &Request,
    descriptors: Vec<OwnedFd>,
    status: &OwnedFd,
    alive: &OwnedFd,
    isolation: &Isolation,
    mut layers: Layers,
) -> io::Result<Infallible> {
    platform::die_with_warden(alive)?;
    nix::unistd::setsid()?;
    platform::place(descriptors, &request.numbers)?;
    let mut command = platform::confine(request, isolation, &mut layers)?;
    Status {
        layers: Some(layers),
        failed: None,
    }
    .tell(status)?;
    Err(command.exec())
}

/// The program and nothing of ours.
pub fn command(request: &Request, program: &str, before: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(before).args(&request.args).env_clear();
    command
        .envs(request.env.iter().map(|(name, value)| (name, value)))
        .current_dir(&request.cwd);
    command
}

/// Waits for the first process, kills it when the lifeline ends, and leaves nothing of it behind.
///
/// One thread, and no more can be had: whoever has asked for a process namespace can only fork.
fn guard(inside: Pid, lifeline: UnixStream, isolation: &Isolation) -> ! {
    let end = platform::end_of(inside);
    let watch = platform::Watch::new();
    let round = if end.is_some() {
        watch.round_ms()
    } else {
        SHORT_ROUND_MS
    };
    let mut killed = false;
    let ended = loop {
        if let Some(ended) = reap(inside) {
            break ended;
        }
        let holds = sleep(&lifeline, end.as_ref(), killed, round);
        if !killed && (!holds || watch.exceeded()) {
            platform::kill_all(inside, isolation);
            killed = true;
        }
    };
    platform::sweep(isolation);
    if let Ok(words) = serde_json::to_vec(&ended) {
        let mut lifeline: &UnixStream = &lifeline;
        lifeline.write_all(&words).ok();
    }
    std::process::exit(0)
}

/// Sleeps until something happens or a round is over; whether the other end of the lifeline is still there.
fn sleep(lifeline: &UnixStream, end: Option<&OwnedFd>, killed: bool, round: u16) -> bool {
    let end = end.map(|end| PollFd::new(end.as_fd(), PollFlags::POLLIN));
    // A lifeline that has ended would wake us for ever.
    let lifeline = (!killed).then(|| PollFd::new(lifeline.as_fd(), PollFlags::POLLIN));
    let mut events: Vec<PollFd<'_>> = lifeline.into_iter().chain(end).collect();
    poll(&mut events, PollTimeout::from(round)).ok();
    // Nothing is ever sent down after the request: whatever there is to read is the end.
    killed || !events[0].any().unwrap_or(true)
}

fn reap(inside: Pid) -> Option<Ended> {
    match nix::sys::wait::waitpid(inside, Some(WaitPidFlag::WNOHANG)) {
        Ok(WaitStatus::Exited(_, code)) => Some(Ended::Exited(code)),
        Ok(WaitStatus::Signaled(_, signal, _)) => Some(Ended::Signalled(signal as i32)),
        Ok(_) | Err(nix::errno::Errno::EINTR) => None,
        Err(_) => Some(Ended::Unknown),
    }
}
