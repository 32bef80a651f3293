//! A contained process, as held by the one who launched it.

use std::io::{self, Read};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStderr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Layers;

/// How much of the standard error is kept.
const TAIL_BYTES: usize = 64 << 10;
/// How long the warden may take to end what it holds before it is killed itself.
const GRACE: Duration = Duration::from_secs(5);
/// How long the rest of the standard error of an ended process is waited for.
const DRAIN: Duration = Duration::from_millis(500);

/// Our ends of the pipes to a contained program, all blocking.
#[derive(Debug)]
pub struct Pipes {
    /// What is written here, the program reads at [`crate::CONTROL_IN`].
    pub control_in: OwnedFd,
    /// What the program writes at [`crate::CONTROL_OUT`] is read here.
    pub control_out: OwnedFd,
    /// What is written here, the program reads at [`crate::DATA_IN`].
    pub data_in: OwnedFd,
    /// What the program writes at [`crate::DATA_OUT`] is read here.
    pub data_out: OwnedFd,
}

/// How a contained program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It exited with this code.
    Exited(i32),
    /// A signal ended it (9 after [`Contained::kill`]).
    Signalled(i32),
    /// It is gone; how is not known.
    Unknown,
}

/// A program that runs contained. Dropping it kills the program and all its processes.
#[derive(Debug)]
pub struct Contained {
    warden: Child,
    lifeline: UnixStream,
    pipes: Option<Pipes>,
    pub(crate) layers: Layers,
    tail: Arc<Tail>,
    /// What the warden has said so far.
    said: Vec<u8>,
    ended: Option<Ended>,
}

impl Contained {
    pub(crate) fn new(warden: Child, lifeline: UnixStream, pipes: Pipes, tail: Arc<Tail>) -> Self {
        let layers = Layers::default();
        Self {
            warden,
            lifeline,
            pipes: Some(pipes),
            layers,
            tail,
            said: Vec::new(),
            ended: None,
        }
    }

    /// Which layers hold it.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// The pipes, once.
    pub fn take_pipes(&mut self) -> Option<Pipes> {
        self.pipes.take()
    }

    /// The end of what it wrote to its standard error, at most 64 KiB.
    pub fn stderr_tail(&self) -> String {
        self.tail.text(self.ended.is_some())
    }

    /// How it ended, if it has.
    pub fn try_wait(&mut self) -> Option<Ended> {
        // Nothing that can be mended fails here; a socket that stays blocking would only wait.
        self.lifeline.set_nonblocking(true).ok();
        let ended = self.listen();
        self.lifeline.set_nonblocking(false).ok();
        ended
    }

    /// Waits for its end, but no longer than `limit` without a sign of it.
    pub fn wait(&mut self, limit: Duration) -> Option<Ended> {
        self.lifeline
            .set_read_timeout(Some(limit.max(Duration::from_millis(1))))
            .ok();
        self.listen()
    }

    /// What ends it from another thread.
    ///
    /// # Errors
    /// When there are no descriptors left.
    pub fn killer(&self) -> io::Result<Killer> {
        self.lifeline.try_clone().map(Killer)
    }

    /// Kills it and all its processes, and returns when they are gone. A second call does nothing.
    pub fn kill(&mut self) {
        if self.ended.is_some() {
            return;
        }
        self.pipes = None;
        // The warden sees the end of its lifeline, kills, reaps, reports and exits.
        self.lifeline.shutdown(Shutdown::Write).ok();
        if self.wait(GRACE).is_none() {
            // Its death is the signal that kills the program.
            self.warden.kill().ok();
            self.conclude();
        }
    }

    /// Reads the warden's last words until it is gone, or until there is nothing more to read now.
    fn listen(&mut self) -> Option<Ended> {
        let mut part = [0; 256];
        while self.ended.is_none() {
            match self.lifeline.read(&mut part) {
                Ok(0) => self.conclude(),
                Ok(read) => self.said.extend_from_slice(&part[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => break,
                Err(_) => self.conclude(),
            }
        }
        self.ended
    }

    fn conclude(&mut self) {
        self.warden.wait().ok();
        self.ended = Some(serde_json::from_slice(&self.said).unwrap_or(Ended::Unknown));
    }
}

/// Ends a contained program from another thread, without waiting for it.
#[derive(Debug)]
pub struct Killer(UnixStream);

impl Killer {
    /// Tells the warden to kill the program and all its processes.
    pub fn kill(&self) {
        // A closed socket says that it is gone already.
        self.0.shutdown(Shutdown::Write).ok();
    }
}

impl Drop for Contained {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The last bytes of a stream that is drained all the while, so that its writer never blocks.
#[derive(Debug, Default)]
pub struct Tail {
    state: Mutex<Drained>,
    done: Condvar,
}

#[derive(Debug, Default)]
struct Drained {
    bytes: Vec<u8>,
    closed: bool,
}

impl Tail {
    /// Starts a thread that drains `stream` until its last writer is gone.
    pub fn drain(stream: Option<ChildStderr>) -> Arc<Self> {
        let tail = Arc::new(Self::default());
        if let Some(mut stream) = stream {
            let shared = Arc::clone(&tail);
            std::thread::spawn(move || {
                let mut part = [0; 4096];
                loop {
                    match stream.read(&mut part) {
                        Ok(read) if read > 0 => shared.add(&part[..read]),
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        _ => break,
                    }
                }
                shared.lock().closed = true;
                shared.done.notify_all();
            });
        } else {
            tail.lock().closed = true;
        }
        tail
    }

    fn lock(&self) -> MutexGuard<'_, Drained> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, part: &[u8]) {
        let bytes = &mut self.lock().bytes;
        bytes.extend_from_slice(part);
        // Cut in large steps, so that each byte is moved once.
        if bytes.len() > 2 * TAIL_BYTES {
            let surplus = bytes.len() - TAIL_BYTES;
            bytes.drain(..surplus);
        }
    }

    fn text(&self, whole: bool) -> String {
        let mut state = self.lock();
        if whole && !state.closed {
            let waited = self.done.wait_timeout_while(state, DRAIN, |state| !state.closed);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let from = state.bytes.len().saturating_sub(TAIL_BYTES);
        String::from_utf8_lossy(&state.bytes[from..]).into_owned()
    }
}
