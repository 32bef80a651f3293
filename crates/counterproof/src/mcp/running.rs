//! This same binary, run for an answer in a process group of its own, which ends with whoever asked for it.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use camino::Utf8Path;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::RequestContext;
use tokio::sync::{mpsc, oneshot, watch};

use crate::attended;

/// Bytes of standard output that are taken; a report of thousands of functions has some.
const LONGEST_OUTPUT: u64 = 64 << 20;
/// Bytes of what is said on standard error that are kept.
const LONGEST_REMARK: usize = 16 << 10;
/// How long a command has to clean up after itself before its group is killed.
const GRACE: Duration = Duration::from_secs(2);
/// How often somebody who waits is told so, at least and at most.
const HEARTBEAT: Duration = Duration::from_secs(2);
const SELDOM: Duration = Duration::from_millis(200);
/// How long a client may take to read how far it is.
const PATIENCE: Duration = Duration::from_millis(500);

/// How a command ended.
pub struct Ended {
    /// Its exit code; -1 where a signal ended it.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said beside that.
    pub remark: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nobody waits for it any more.
    #[error("it was cancelled, and what it ran was ended")]
    Cancelled,
    /// It never ran.
    #[error("the command could not be started: {0}; if Counterproof was installed anew, start this server again")]
    NotStarted(std::io::Error),
    /// It says more than anybody reads.
    #[error(
        "it printed more than {} MiB and was not read: name `paths` to look at less at a time",
        LONGEST_OUTPUT >> 20
    )]
    TooLong,
}

/// Who waits for a call: tells it how far things are, and knows when it waits no more.
pub struct Caller {
    context: RequestContext<RoleServer>,
    gone: watch::Receiver<bool>,
    token: Option<ProgressToken>,
    begun: Instant,
    told: f64,
}

impl Caller {
    /// Whoever sent this request.
    pub fn new(context: RequestContext<RoleServer>, gone: watch::Receiver<bool>) -> Self {
        Self {
            token: context.meta.get_progress_token(),
            context,
            gone,
            begun: Instant::now(),
            told: 0.0,
        }
    }

    /// Ends when the client cancels the call, or goes away.
    pub async fn waits_no_more(&mut self) {
        tokio::select! {
            () = self.context.ct.cancelled() => {}
            // That the other side is gone means the same.
            _ = self.gone.wait_for(|gone| *gone) => {}
        }
    }

    /// Tells how far it is, where that was asked for. How much there is in all nobody knows before the end, so that the number is
    /// that of the seconds it has taken.
    pub async fn tell(&mut self, message: &str) {
        let Some(token) = &self.token else {
            return;
        };
        let seconds = (self.begun.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0;
        // Each has to be more than the one before.
        self.told = seconds.max(self.told + 0.001);
        let progress = ProgressNotificationParam::new(token.clone(), self.told).with_message(message);
        let sent = self.context.peer.notify_progress(progress);
        // Whoever does not read must not hold up what it has asked for.
        let _ = tokio::time::timeout(PATIENCE, sent).await;
    }
}

/// A process group, until it is gone.
#[derive(Clone)]
struct Group(Arc<Mutex<Option<Pid>>>);

impl Group {
    fn signal(&self, signal: Signal) {
        let pid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pid) = *pid {
            let _ = killpg(pid, signal);
        }
    }

    /// Kills what is left of it, right after its leader was waited for: nobody else gets the number of a group that somebody is in.
    fn end(&self) {
        let mut pid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pid) = pid.take() {
            let _ = killpg(pid, Signal::SIGKILL);
        }
    }
}

/// Ends the group where nobody waits for it any more, whatever the reason.
struct Guard(Group);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.signal(Signal::SIGKILL);
    }
}

type Done = (std::io::Result<ExitStatus>, Vec<u8>, String);

/// Runs this binary in `folder`.
///
/// # Errors
/// When it cannot be started, says too much, or is not waited for.
pub async fn run(arguments: &[String], folder: &Utf8Path, caller: &mut Caller) -> Result<Ended, Failure> {
    let mut child = start(arguments, folder).map_err(Failure::NotStarted)?;
    // The command ends when this does.
    let _tie = child.stdin.take();
    let group = Group(Arc::new(Mutex::new(Some(Pid::from_raw(
        i32::try_from(child.id()).unwrap_or(i32::MAX),
    )))));
    let guard = Guard(group.clone());
    let (line, mut lines) = mpsc::channel(16);
    let (ended, mut done) = oneshot::channel();
    let waiter = std::thread::Builder::new().name("mcp-wait".into());
    waiter
        .spawn(move || drop(ended.send(wait(child, &group, line))))
        .map_err(Failure::NotStarted)?;
    let mut last = Instant::now();
    let mut doing = "it has begun".to_owned();
    caller.tell(&doing).await;
    loop {
        tokio::select! {
            biased;
            () = caller.waits_no_more() => {
                guard.0.signal(Signal::SIGTERM);
                let _ = tokio::time::timeout(GRACE, &mut done).await;
                return Err(Failure::Cancelled);
            }
            ended = &mut done => return of(ended),
            Some(line) = lines.recv() => {
                doing = line;
                if last.elapsed() < SELDOM {
                    continue;
                }
            }
            () = tokio::time::sleep_until((last + HEARTBEAT).into()) => {}
        }
        last = Instant::now();
        caller.tell(&doing).await;
    }
}

fn start(arguments: &[String], folder: &Utf8Path) -> std::io::Result<Child> {
    Command::new(std::env::current_exe()?)
        .arg(attended::WORD)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
}

/// Waits for the command, reads all that it says, and leaves nothing of its group behind.
fn wait(mut child: Child, group: &Group, lines: mpsc::Sender<String>) -> Done {
    let out = child.stdout.take();
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(out) = out {
            let _ = out.take(LONGEST_OUTPUT + 1).read_to_end(&mut bytes);
        }
        bytes
    });
    let remark = child.stderr.take();
    let remark = std::thread::spawn(move || remark.map_or_else(String::new, |remark| heed(remark, &lines)));
    let status = child.wait();
    group.end();
    (
        status,
        out.join().unwrap_or_default(),
        remark.join().unwrap_or_default(),
    )
}

/// Hands on how far it is, and keeps the rest.
fn heed(remark: ChildStderr, lines: &mpsc::Sender<String>) -> String {
    let mut kept = String::new();
    let mut input = BufReader::new(remark);
    let mut line = Vec::new();
    // What never ends its line is no reason to keep all of it.
    while input
        .by_ref()
        .take(LONGEST_REMARK as u64)
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let text = String::from_utf8_lossy(&line);
        if let Some(progress) = text.strip_prefix(attended::PROGRESS) {
            // Who hears nothing of one hears of the next.
            let _ = lines.try_send(super::answers::cut(progress.trim_end(), 200));
        } else if kept.len() < LONGEST_REMARK {
            kept.push_str(&text);
        }
        line.clear();
    }
    kept
}

fn of(done: Result<Done, oneshot::error::RecvError>) -> Result<Ended, Failure> {
    let lost = || Failure::NotStarted(std::io::Error::other("what waited for it broke"));
    let (status, out, remark) = done.map_err(|_| lost())?;
    if out.len() as u64 > LONGEST_OUTPUT {
        return Err(Failure::TooLong);
    }
    Ok(Ended {
        code: status.map_err(Failure::NotStarted)?.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&out).into_owned(),
        remark: remark.trim_end().to_owned(),
    })
}
