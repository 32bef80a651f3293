//! Contents of blobs, by one `git cat-file --batch` that stays.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use super::command::Git;
use crate::error::Error;
use crate::side::Contents;

/// Reads blobs; the process starts with the first request and ends with this value.
pub(crate) struct Blobs {
    git: Git,
    process: Mutex<Option<Process>>,
}

/// A commit and its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    pub id: String,
    pub tree: String,
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

    /// Commit and tree of a revision; none when there is no such one.
    pub fn commit(&self, name: &str) -> Result<Option<Commit>, Error> {
        if name.is_empty() || name.contains(['\n', '\0']) {
            return Ok(None);
        }
        let asked = format!("{name}^{{commit}}");
        let found = self.with_process(|process| {
            let requests = process
                .requests
                .as_mut()
                .ok_or_else(|| std::io::Error::other("has no input"))?;
            requests.write_all(format!("{asked}\n").as_bytes())?;
            object(&mut process.answers)
        })?;
        let Some((id, _, content)) = found.filter(|(_, kind, _)| kind == "commit") else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&content).into_owned();
        let tree = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("tree "))
            .map(str::to_owned);
        Ok(tree.map(|tree| Commit { id, tree }))
    }

    fn with_process<T>(&self, use_it: impl FnOnce(&mut Process) -> std::io::Result<T>) -> Result<T, Error> {
        let mut slot = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let process = match slot.take() {
            Some(process) => slot.insert(process),
            None => slot.insert(self.start()?),
        };
        let answered = use_it(process);
        answered.map_err(|error| {
            *slot = None;
            self.broken(error)
        })
    }

    fn broken(&self, message: impl std::fmt::Display) -> Error {
        self.git.failure(&["cat-file", "--batch"], &message.to_string())
    }
}

impl Contents for Arc<Blobs> {
    fn fetch(&self, ids: &[&str], sink: &mut dyn FnMut(&str, Vec<u8>)) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        self.with_process(|process| exchange(process, ids, sink))
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
    let Some((_, _, bytes)) = object(answers)? else {
        return Err(std::io::Error::other(format!("the object {id} is missing")));
    };
    sink(id, bytes);
    Ok(())
}

/// One answer: `id kind size`, the content and a line's end; or `name missing`.
fn object(answers: &mut BufReader<ChildStdout>) -> std::io::Result<Option<(String, String, Vec<u8>)>> {
    let mut header = String::new();
    if answers.read_line(&mut header)? == 0 {
        return Err(std::io::Error::other("git ended early"));
    }
    let fields: Vec<&str> = header.trim_end().rsplitn(3, ' ').collect();
    let [size, kind, id] = fields.as_slice() else {
        return Ok(None);
    };
    let Ok(size) = size.parse::<usize>() else {
        return Ok(None);
    };
    let mut bytes = vec![0; size + 1];
    answers.read_exact(&mut bytes)?;
    bytes.pop();
    Ok(Some(((*id).to_owned(), (*kind).to_owned(), bytes)))
}
