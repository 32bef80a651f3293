//! Starting a contained program.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

use camino::Utf8PathBuf;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::{Deserialize, Serialize};

use crate::contained::{Contained, Pipes, Tail};
use crate::message::{self, Request, Status};
use crate::{CONTROL_IN, CONTROL_OUT, DATA_IN, DATA_OUT, Layer, Layers, Missing, Policy};

/// The hidden subcommand of our own binary that runs [`crate::contain_main`].
pub const SUBCOMMAND: &str = "__contain";
/// Longest time the layers and the start of the program may take.
const PATIENCE_MS: u16 = 20_000;

/// A program to start contained.
#[derive(Debug)]
pub struct Launch {
    /// Our own binary; run with [`SUBCOMMAND`] as its only argument it calls [`crate::contain_main`].
    pub launcher: Utf8PathBuf,
    /// The program: an absolute path.
    pub program: Utf8PathBuf,
    /// Its arguments, its own name left out.
    pub args: Vec<String>,
    /// Its whole environment: nothing is inherited.
    pub env: Vec<(String, String)>,
    /// The folder it starts in.
    pub cwd: Utf8PathBuf,
    /// What it may do.
    pub policy: Policy,
    /// Further descriptors to hand over, each at a fixed number from 7 on.
    pub inherit: Vec<(OwnedFd, i32)>,
    /// A folder that is put into memory and bounded as a whole, where the system allows it.
    pub private_scratch: Option<PrivateScratch>,
    /// Whether memory lies at the same addresses each time, where the system can do that (Linux): what hangs on addresses, as hashes
    /// in CPython do, is then the same in two processes that do the same.
    pub fixed_addresses: bool,
}

/// An existing folder (one of the policy's writable ones) over which a file system in memory is mounted, seen by the
/// contained program only and gone with it. It bounds what all files together may take; `file_bytes` bounds each one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateScratch {
    /// The folder.
    pub folder: Utf8PathBuf,
    /// Bytes that all files in it may take together.
    pub bytes: u64,
}

impl Launch {
    /// `program` in `cwd` under `policy`, without arguments, environment or further descriptors.
    pub fn new(launcher: Utf8PathBuf, program: Utf8PathBuf, cwd: Utf8PathBuf, policy: Policy) -> Self {
        Self {
            launcher,
            program,
            args: Vec::new(),
            env: Vec::new(),
            cwd,
            policy,
            inherit: Vec::new(),
            private_scratch: None,
            fixed_addresses: false,
        }
    }
}

/// Why a program could not be started contained.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A pipe, a socket or a descriptor could not be had.
    #[error("failed to set up the pipes of a contained process: {0}")]
    Pipes(#[source] io::Error),
    /// Our own binary could not be run.
    #[error("failed to run {launcher} to contain a process: {source}")]
    Launcher {
        /// The binary.
        launcher: Utf8PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The process that applies the layers ended before it started the program.
    #[error("failed to contain {program}: the containing process ended early{}", colon(.detail))]
    Ended {
        /// The program.
        program: Utf8PathBuf,
        /// What it wrote to its standard error.
        detail: String,
    },
    /// The process that applies the layers did not get done.
    #[error("failed to contain {program}: the containing process did not start it within {} s", PATIENCE_MS / 1000)]
    Slow {
        /// The program.
        program: Utf8PathBuf,
    },
    /// The program could not be executed.
    #[error("failed to start {program}: {reason}")]
    Program {
        /// The program.
        program: Utf8PathBuf,
        /// Why.
        reason: String,
    },
}

fn colon(detail: &str) -> String {
    if detail.is_empty() {
        String::new()
    } else {
        format!(": {detail}")
    }
}

/// Starts a program under its policy and waits until it runs, or until it is known why it cannot.
///
/// Layers that the system lacks do not make it fail: ask [`Contained::layers`].
///
/// # Errors
/// When the program does not get to run.
pub fn launch(spec: Launch) -> Result<Contained, Error> {
    let mut request = Request {
        program: spec.program,
        args: spec.args,
        env: spec.env,
        cwd: spec.cwd,
        policy: spec.policy,
        scratch: spec.private_scratch,
        fixed_addresses: spec.fixed_addresses,
        numbers: Vec::new(),
    };
    match attempt(&spec.launcher, &mut request, &spec.inherit)? {
        Attempt::Runs(contained) => Ok(*contained),
        Attempt::Fails(reason) => Err(Error::Program {
            program: request.program,
            reason,
        }),
        Attempt::NoNamespaces(reason) => {
            request.policy.without.push(Layer::Namespaces);
            match attempt(&spec.launcher, &mut request, &spec.inherit)? {
                Attempt::Runs(mut contained) => {
                    explain_namespaces(&mut contained.layers, reason);
                    Ok(*contained)
                }
                Attempt::Fails(reason) | Attempt::NoNamespaces(reason) => Err(Error::Program {
                    program: request.program,
                    reason,
                }),
            }
        }
    }
}

/// Replaces "switched off" by why it was.
fn explain_namespaces(layers: &mut Layers, reason: String) {
    layers.missing.retain(|missing| missing.layer != Layer::Namespaces);
    layers.missing.push(Missing {
        layer: Layer::Namespaces,
        whole: true,
        reason,
    });
}

enum Attempt {
    Runs(Box<Contained>),
    Fails(String),
    /// Namespaces were entered but could not be set up; the process that tried is of no use.
    NoNamespaces(String),
}

/// One end of each pipe for us, the other to hand over.
struct Ends {
    ours: Pipes,
    theirs: Vec<(OwnedFd, i32)>,
}

fn pipe() -> Result<(OwnedFd, OwnedFd), Error> {
    let (read, write) = io::pipe().map_err(Error::Pipes)?;
    Ok((read.into(), write.into()))
}

fn ends() -> Result<Ends, Error> {
    let (their_control_in, control_in) = pipe()?;
    let (control_out, their_control_out) = pipe()?;
    let (their_data_in, data_in) = pipe()?;
    let (data_out, their_data_out) = pipe()?;
    let theirs = vec![
        (their_control_in, CONTROL_IN),
        (their_control_out, CONTROL_OUT),
        (their_data_in, DATA_IN),
        (their_data_out, DATA_OUT),
    ];
    Ok(Ends {
        ours: Pipes {
            control_in,
            control_out,
            data_in,
            data_out,
        },
        theirs,
    })
}

fn attempt(launcher: &Utf8PathBuf, request: &mut Request, inherit: &[(OwnedFd, i32)]) -> Result<Attempt, Error> {
    let Ends { ours, theirs } = ends()?;
    let (status, their_status) = pipe()?;
    let (lifeline, their_lifeline) = UnixStream::pair().map_err(Error::Pipes)?;
    let mut child = spawn(launcher, their_lifeline)?;
    let tail = Tail::drain(child.stderr.take());
    request.numbers = theirs.iter().chain(inherit).map(|(_, number)| *number).collect();
    let descriptors: Vec<BorrowedFd<'_>> = std::iter::once(&their_status)
        .chain(theirs.iter().chain(inherit).map(|(fd, _)| fd))
        .map(AsFd::as_fd)
        .collect();
    let sent = message::send(&lifeline, request, &descriptors);
    drop((theirs, their_status));
    let mut contained = Contained::new(child, lifeline, ours, tail);
    // A request that could not be sent means that the launcher is gone: its status says as much.
    let answer = sent.and_then(|()| read_status(status));
    match answer {
        Ok(Status {
            failed: Some(failed), ..
        }) if failed.in_namespaces => Ok(Attempt::NoNamespaces(failed.reason)),
        Ok(Status {
            failed: Some(failed), ..
        }) => Ok(Attempt::Fails(failed.reason)),
        Ok(Status {
            layers: Some(layers),
            failed: None,
        }) => {
            contained.layers = layers;
            Ok(Attempt::Runs(Box::new(contained)))
        }
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(Error::Slow {
            program: request.program.clone(),
        }),
        _ => {
            contained.kill();
            Err(Error::Ended {
                program: request.program.clone(),
                detail: contained.stderr_tail().trim().to_owned(),
            })
        }
    }
}

fn spawn(launcher: &Utf8PathBuf, lifeline: UnixStream) -> Result<Child, Error> {
    Command::new(launcher)
        .arg(SUBCOMMAND)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(lifeline)))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| Error::Launcher {
            launcher: launcher.clone(),
            source,
        })
}

/// Reads what the launcher says until its end of the pipe closes: by the program's start, or by its own end.
fn read_status(pipe: OwnedFd) -> io::Result<Status> {
    let mut file = std::fs::File::from(pipe);
    let mut said = Vec::new();
    let mut part = [0; 4096];
    loop {
        let mut wanted = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
        match poll(&mut wanted, PollTimeout::from(PATIENCE_MS)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => {}
            Err(nix::errno::Errno::EINTR) => continue,
            Err(errno) => return Err(errno.into()),
        }
        match file.read(&mut part)? {
            0 => return Ok(Status::parse(&said)),
            read => said.write_all(&part[..read])?,
        }
    }
}
