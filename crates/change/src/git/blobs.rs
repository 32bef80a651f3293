//! Contents of blobs, by one `git cat-file --batch` that stays.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

use super::command::Git;
use crate::error::Error;
use crate::side::Contents;

/// Reads blobs; the process starts with the first request and ends with this value.
pub(super) struct Blobs {
    git: Git,
    process: Mutex<Option<Process>>,
}

struct Process {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.requests.take();
        let _ = self.child.wait();
    }
}

impl Blobs {
    pub fn new(git: Git) -> Self {
        Self {
            git,
            process: Mutex::new(None),
        }
    }

    fn start(&self) -> Result<Process, Error> {
        let mut command = self.git.command(&["cat-file", "--batch"]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| self.git.unstarted(error))?;
        let (requests, answers) = (child.stdin.take(), child.stdout.take());
        let answers = answers.ok_or_else(|| self.broken("has no output"))?;
        Ok(Process {
            child,
            requests,
            answers: BufReader::with_capacity(1 << 16, answers),
        })
    }

    fn broken(&self, message: impl std::fmt::Display) -> Error {
        self.git.failure(&["cat-file", "--batch"], &message.to_string())
    }
}

impl Contents for Blobs {
    fn fetch(&self, ids: &[&str], sink: &mut dyn FnMut(&str, Vec<u8>)) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut slot = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Some(self.start()?);
        }
        let Some(process) = slot.as_mut() else { return Ok(()) };
        let answered = exchange(process, ids, sink);
        answered.map_err(|error| {
            *slot = None;
            self.broken(error)
        })
    }
}

/// Writes requests beside reading answers: both pipes are short.
fn exchange(process: &mut Process, ids: &[&str], sink: &mut dyn FnMut(&str, Vec<u8>)) -> std::io::Result<()> {
    let Process { requests, answers, .. } = process;
    let requests = requests.as_mut().ok_or_else(|| std::io::Error::other("has no input"))?;
    let text: String = ids.iter().flat_map(|id| [*id, "\n"]).collect();
    if text.len() <= 4096 {
        requests.write_all(text.as_bytes())?;
        return ids.iter().try_for_each(|id| answer(answers, id, sink));
    }
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || requests.write_all(text.as_bytes()));
        let read = ids.iter().try_for_each(|id| answer(answers, id, sink));
        match (read, writer.join()) {
            (Ok(()), Ok(written)) => written,
            (Err(error), _) => Err(error),
            (Ok(()), Err(_)) => Err(std::io::Error::other("the writer failed")),
        }
    })
}

fn answer(answers: &mut BufReader<ChildStdout>, id: &str, sink: &mut dyn FnMut(&str, Vec<u8>)) -> std::io::Result<()> {
    let mut header = String::new();
    answers.read_line(&mut header)?;
    let size: usize = match header.trim_end().rsplit_once(' ') {
        Some((_, size)) if header.split(' ').count() == 3 => size.parse().map_err(std::io::Error::other)?,
        _ => {
            return Err(std::io::Error::other(format!(
                "cannot read {id}: {}",
                header.trim_end()
            )));
        }
    };
    let mut bytes = vec![0; size + 1];
    answers.read_exact(&mut bytes)?;
    bytes.pop();
    sink(id, bytes);
    Ok(())
}
