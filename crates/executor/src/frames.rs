//! Length-prefixed frames over pipes, with deadlines. The format is in `harnesses/python/PROTOCOL.md`.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Largest payload that is read or written.
pub const LARGEST: usize = 64 * 1024 * 1024;
const HEADER: usize = 12;

/// Why no frame came.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Nothing whole arrived in time.
    #[error("failed to hear from the harness in time")]
    Late,
    /// The other side is gone.
    #[error("failed to reach the harness: its pipe is closed")]
    Closed,
    /// What arrived is no frame of this session.
    #[error("failed to understand the harness: {0}")]
    Garbled(&'static str),
    /// The system said no.
    #[error("failed to talk to the harness: {0}")]
    Io(#[from] io::Error),
}

/// A nonce that every frame of a session carries, so that stray writes of the checked program are told from frames.
pub type Nonce = [u8; 8];

/// Writes one frame.
///
/// # Errors
/// When the other side is gone or the payload is too large.
pub fn write(pipe: &mut File, nonce: Nonce, payload: &[u8]) -> Result<(), FrameError> {
    if payload.len() > LARGEST {
        return Err(FrameError::Garbled("a frame that is too large"));
    }
    let mut frame = Vec::with_capacity(HEADER + payload.len());
    frame.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    frame.extend_from_slice(&nonce);
    frame.extend_from_slice(payload);
    pipe.write_all(&frame).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => FrameError::Closed,
        _ => FrameError::Io(error),
    })
}

/// The reading end of a pipe, with what arrived of the next frame so far.
#[derive(Debug)]
pub struct Reader {
    pipe: File,
    held: Vec<u8>,
    nonce: Nonce,
}

impl Reader {
    /// Reads frames with this nonce from `pipe`.
    pub fn new(pipe: File, nonce: Nonce) -> Self {
        Self {
            pipe,
            held: Vec::new(),
            nonce,
        }
    }

    /// Throws away what is held and what lies in the pipe: half a frame of a child that died.
    pub fn discard(&mut self) {
        self.held.clear();
        let mut buffer = [0; 65536];
        while ready(&[self.pipe.as_fd()], Duration::ZERO).is_ok_and(|ready| ready[0]) {
            match self.pipe.read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
    }

    /// A whole frame, if one is held.
    fn take(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let Some(header) = self.held.get(..HEADER) else {
            return Ok(None);
        };
        if header[4..] != self.nonce {
            return Err(FrameError::Garbled("bytes that are not from the harness"));
        }
        let length = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
        if length > LARGEST {
            return Err(FrameError::Garbled("a frame that is too large"));
        }
        if self.held.len() < HEADER + length {
            return Ok(None);
        }
        let rest = self.held.split_off(HEADER + length);
        let mut frame = std::mem::replace(&mut self.held, rest);
        frame.drain(..HEADER);
        Ok(Some(frame))
    }

    /// Reads what is there; the pipe must be ready.
    fn fill(&mut self) -> Result<(), FrameError> {
        let mut buffer = [0; 65536];
        match self.pipe.read(&mut buffer) {
            Ok(0) => Err(FrameError::Closed),
            Ok(count) => {
                self.held.extend_from_slice(&buffer[..count]);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The next frame.
    ///
    /// # Errors
    /// When none comes before `deadline`, the pipe is closed or what comes is no frame.
    pub fn read(&mut self, deadline: Instant) -> Result<Vec<u8>, FrameError> {
        loop {
            if let Some(frame) = self.take()? {
                return Ok(frame);
            }
            if !ready(&[self.pipe.as_fd()], left(deadline)?)?[0] {
                return Err(FrameError::Late);
            }
            self.fill()?;
        }
    }
}

/// Which of two pipes a frame came from.
#[derive(Debug)]
pub enum Either {
    /// The first.
    First(Vec<u8>),
    /// The second.
    Second(Vec<u8>),
}

/// The next frame of either pipe; the first goes first, though a frame of the second may be held already: it came with another
/// one, before anybody looked into the first.
///
/// # Errors
/// As [`Reader::read`]; a closed first pipe waits for the second to tell what happened.
pub fn read_either(first: &mut Reader, second: &mut Reader, deadline: Instant) -> Result<Either, FrameError> {
    loop {
        if let Some(frame) = first.take()? {
            return Ok(Either::First(frame));
        }
        let may_come_second = !second.held.is_empty();
        if may_come_second && ready(&[first.pipe.as_fd()], Duration::ZERO)?[0] && first.fill().is_ok() {
            continue;
        }
        if let Some(frame) = second.take()? {
            return Ok(Either::Second(frame));
        }
        let [first_ready, second_ready] = ready(&[first.pipe.as_fd(), second.pipe.as_fd()], left(deadline)?)?[..]
        else {
            return Err(FrameError::Late);
        };
        if !first_ready && !second_ready {
            return Err(FrameError::Late);
        }
        if first_ready && first.fill().is_err() {
            return second.read(deadline).map(Either::Second);
        }
        if second_ready {
            second.fill()?;
        }
    }
}

fn left(deadline: Instant) -> Result<Duration, FrameError> {
    deadline.checked_duration_since(Instant::now()).ok_or(FrameError::Late)
}

fn ready(pipes: &[BorrowedFd<'_>], wait: Duration) -> Result<Vec<bool>, FrameError> {
    let mut watched: Vec<PollFd<'_>> = pipes.iter().map(|pipe| PollFd::new(*pipe, PollFlags::POLLIN)).collect();
    let wait = PollTimeout::try_from(wait.as_millis().clamp(0, 600_000) as u32 + u32::from(!wait.is_zero()))
        .unwrap_or(PollTimeout::MAX);
    loop {
        match poll(&mut watched, wait) {
            Ok(_) => return Ok(watched.iter().map(|pipe| pipe.any().unwrap_or(false)).collect()),
            Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: Nonce = *b"nonce--8";

    fn pipe() -> (File, Reader) {
        let (source, sink) = nix::unistd::pipe().expect("a pipe");
        (sink.into(), Reader::new(source.into(), NONCE))
    }

    #[test]
    fn what_lies_in_the_first_pipe_goes_before_what_is_held_of_the_second() {
        let ((mut data, mut first), (mut control, mut second)) = (pipe(), pipe());
        let soon = || Instant::now() + Duration::from_secs(20);
        write(&mut control, NONCE, b"forked").expect("written");
        write(&mut data, NONCE, b"not ready").expect("written");
        write(&mut control, NONCE, b"ended").expect("written");
        assert_eq!(second.read(soon()).expect("a frame"), b"forked");
        assert!(!second.held.is_empty(), "both came at once");
        let mut next = || read_either(&mut first, &mut second, soon()).expect("a frame");
        assert!(matches!(next(), Either::First(frame) if frame == b"not ready"));
        assert!(matches!(next(), Either::Second(frame) if frame == b"ended"));
    }

    #[test]
    fn half_a_frame_of_the_first_does_not_keep_the_second_back() {
        use std::io::Write;
        let ((mut data, mut first), (mut control, mut second)) = (pipe(), pipe());
        let soon = Instant::now() + Duration::from_secs(20);
        data.write_all(b"\x09\0\0").expect("written");
        write(&mut control, NONCE, b"ended").expect("written");
        let next = read_either(&mut first, &mut second, soon).expect("a frame");
        assert!(matches!(next, Either::Second(frame) if frame == b"ended"));
    }
}
