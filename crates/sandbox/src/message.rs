//! What we and the launcher say to one another.
//!
//! Down the socket goes one [`Request`], with descriptors as ancillary data, so that nothing has to be inheritable in a
//! process with threads. Up the status pipe, which closes when the program is executed, come [`Status`] lines. Up the
//! socket comes one [`Ended`] at the end.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use camino::Utf8PathBuf;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use serde::{Deserialize, Serialize};

use crate::{Layers, Policy, PrivateScratch, platform};

/// Most descriptors in one request.
const DESCRIPTORS: usize = 64;
/// Longest request: environments have a few hundred KiB at most.
const LONGEST: u32 = 16 << 20;

/// What to start, and how.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub program: Utf8PathBuf,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
    pub cwd: Utf8PathBuf,
    pub policy: Policy,
    pub scratch: Option<PrivateScratch>,
    #[serde(default)]
    pub fixed_addresses: bool,
    /// Numbers of the descriptors after the first, which is the status pipe.
    pub numbers: Vec<i32>,
}

/// How far the launcher got.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Status {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<Layers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failed>,
}

/// Why the program does not run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Failed {
    pub reason: String,
    /// Whether it is the namespaces' fault, so that it is worth trying without.
    pub in_namespaces: bool,
}

impl Status {
    /// Puts the lines of a status pipe together; what cannot be read counts as not said.
    pub fn parse(said: &[u8]) -> Self {
        let lines = said
            .split(|&byte| byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<Self>(line).ok());
        lines.fold(Self::default(), |all, line| Self {
            layers: all.layers.or(line.layers),
            failed: all.failed.or(line.failed),
        })
    }

    /// Writes one line.
    pub fn tell(&self, pipe: &OwnedFd) -> io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        let mut file = std::fs::File::from(pipe.try_clone()?);
        file.write_all(&line)
    }
}

/// Sends a request and its descriptors.
pub fn send(socket: &UnixStream, request: &Request, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let body = serde_json::to_vec(request)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?.to_le_bytes();
    let numbers: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&numbers)];
    let sent = sendmsg::<()>(
        socket.as_raw_fd(),
        &[IoSlice::new(&length)],
        &rights,
        MsgFlags::empty(),
        None,
    )?;
    let mut socket: &UnixStream = socket;
    socket.write_all(&length[sent..])?;
    socket.write_all(&body)
}

/// Receives a request and its descriptors.
pub fn receive(socket: &UnixStream) -> io::Result<(Request, Vec<OwnedFd>)> {
    let mut length = [0; 4];
    let (read, descriptors) = receive_rights(socket, &mut length)?;
    let mut socket: &UnixStream = socket;
    socket.read_exact(&mut length[read..])?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::other("the request is too long"));
    }
    let mut body = vec![0; length as usize];
    socket.read_exact(&mut body)?;
    let request: Request = serde_json::from_slice(&body)?;
    if descriptors.len() != request.numbers.len() + 1 {
        return Err(io::Error::other("the descriptors do not fit the request"));
    }
    Ok((request, descriptors))
}

fn receive_rights(socket: &UnixStream, into: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut parts = [IoSliceMut::new(into)];
    let mut space = nix::cmsg_space!([RawFd; DESCRIPTORS]);
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut space), MsgFlags::empty())?;
    let mut descriptors = Vec::new();
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(numbers) = control {
            descriptors.extend(numbers.into_iter().map(platform::own));
        }
    }
    Ok((message.bytes, descriptors))
}
