//! One run of tests in a sandbox, and what it tells.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use model::Place;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::{Deserialize, Serialize};

use crate::context::{Context, Side};
use crate::duo::{environment, living, nonce, readable};

/// Longest time without news of a test that runs: then it is taken for one that does not end.
const QUIET: Duration = Duration::from_secs(10);
/// How often a run starts again after a test that did not end or took the interpreter with it.
const RESTARTS: usize = 4;
/// Longest line that is listened to.
const LONGEST_LINE: usize = 1 << 20;

/// What to run.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Files, in this order.
    pub files: Vec<String>,
    /// Tests whose files come first.
    pub first: Vec<String>,
    /// Only these; nothing: all.
    pub only: Option<Vec<String>>,
    /// Seed of hashes.
    pub hash_seed: u32,
    /// What is to be told of the tests beside how they end.
    pub record: Option<Record>,
}

/// Functions and files of which it is told how tests come to run them.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Path, name and line of functions.
    pub watched: Vec<(String, String, u32)>,
    /// Files of which any function counts.
    pub files: BTreeSet<String>,
    /// The project's test files, whose own calls are not the project's.
    pub tests: BTreeSet<String>,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed, also as one that was expected to fail.
    Passed,
    /// It failed: with what text, where.
    Failed(String, Option<Place>),
    /// It was skipped, or expected to fail and did: why.
    Skipped(String),
    /// It did not end, or took the interpreter with it.
    Lost(String),
}

/// What a run told.
#[derive(Clone, Debug, Default)]
pub struct Ran {
    /// Tests by id; a file that could not be collected by its path.
    pub tests: BTreeMap<String, Outcome>,
    /// Tests that were collected.
    pub collected: BTreeSet<String>,
    /// Why tests that were collected or asked for have no outcome.
    pub cut: Option<String>,
    /// Why the runner took nothing at all: its configuration, or a `conftest.py` that does not import.
    pub refused: Option<String>,
    /// What tests did that ran something watched: ids and steps, as `recording.py` tells them.
    pub recorded: Vec<(String, Vec<serde_json::Value>)>,
}

impl Ran {
    /// Nothing has an outcome, for one reason.
    pub fn nothing(why: String) -> Self {
        Self {
            cut: Some(why),
            ..Self::default()
        }
    }

    /// The run, where there was one.
    ///
    /// # Errors
    /// Why the runner refused it.
    pub fn unless_refused(self) -> Result<Self, String> {
        match self.refused {
            Some(why) => Err(why),
            None => Ok(self),
        }
    }

    /// Ids of what failed.
    pub fn failing(&self) -> BTreeSet<String> {
        let failed = self
            .tests
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Failed(..)));
        failed.map(|(id, _)| id.clone()).collect()
    }

    /// Takes failures out that `again` did not show again.
    pub fn keep_what_fails_again(&mut self, again: &Self) {
        self.tests.retain(|id, outcome| {
            !matches!(outcome, Outcome::Failed(..)) || matches!(again.tests.get(id), Some(Outcome::Failed(..)))
        });
    }
}

#[derive(Serialize)]
struct Request<'r> {
    runner: Option<&'r str>,
    nonce: &'r str,
    files: &'r [String],
    first: &'r [String],
    only: Option<&'r [String]>,
    without: Vec<&'r String>,
    scratch: &'r str,
    tree: &'r str,
    tops: &'r BTreeSet<String>,
    record: Option<&'r Record>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Collected {
        tests: Vec<String>,
    },
    NotCollected {
        id: String,
        text: String,
    },
    Start {
        id: String,
    },
    End {
        id: String,
        outcome: String,
        text: String,
        place: Option<(String, u32)>,
    },
    Recorded {
        id: String,
        steps: Vec<serde_json::Value>,
    },
    Ended {
        code: i32,
    },
    Failed {
        text: String,
    },
    Done {
        foreign: Vec<String>,
    },
}

/// Runs tests of `side` in the copy of its tree at `tree`.
///
/// # Errors
/// When no test can be run at all: why.
pub fn run(
    context: &Context<'_>,
    side: &Side,
    tree: &Utf8PathBuf,
    wanted: &Wanted,
    deadline: Instant,
) -> Result<Ran, String> {
    let scratch = Utf8PathBuf::from(format!("{tree}-scratch-{}", wanted.hash_seed));
    std::fs::create_dir_all(&scratch).map_err(|error| format!("no scratch folder for the tests: {error}"))?;
    let tops = tops(side);
    let mut ran = Ran::default();
    for _ in 0..RESTARTS {
        let without: Vec<&String> = ran.tests.keys().collect();
        let nonce: String = nonce(context, tree.as_str())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let request = Request {
            runner: None,
            nonce: &nonce,
            files: &wanted.files,
            first: &wanted.first,
            only: wanted.only.as_deref(),
            without,
            scratch: scratch.as_str(),
            tree: tree.as_str(),
            tops: &tops,
            record: wanted.record.as_ref(),
        };
        let said = serde_json::to_string(&request).map_err(|error| error.to_string())?;
        let mut process = sandbox::launch(launch(context, side, tree, &scratch, wanted.hash_seed))
            .map_err(|error| format!("the tests cannot be started: {error}"))?;
        living(&process);
        let Some(pipes) = process.take_pipes() else {
            return Err("the tests cannot be spoken to".to_owned());
        };
        let mut control = File::from(pipes.control_in);
        let listener = Listener::new(pipes.control_out, nonce.clone());
        if control.write_all(format!("{said}\n").as_bytes()).is_err() {
            return Err(format!(
                "the tests cannot be started: {}",
                last_line(&process.stderr_tail())
            ));
        }
        let end = listen(listener, &mut ran, deadline);
        process.kill();
        match end {
            End::Done => return Ok(ran),
            End::Time => {
                ran.cut = Some("the time budget ended before it (--budget gives more)".to_owned());
                return Ok(ran);
            }
            End::Foreign(modules) => {
                return Err(format!(
                    "{} came from outside the tree, so another version would be tested",
                    modules.join(", ")
                ));
            }
            End::Refused => {
                let error = error_in(&process.stderr_tail(), tree);
                ran.refused = Some(format!(
                    "the tests cannot be run: pytest refused the project's configuration{error}"
                ));
                return Ok(ran);
            }
            End::Failed(why) => {
                let error = error_in(&process.stderr_tail(), tree);
                return Err(format!("the tests cannot be run: {why}{error}"));
            }
            End::Lost(Some(id), how) => {
                ran.tests.insert(id, Outcome::Lost(how));
            }
            End::Lost(None, how) => {
                let tail = last_line(&process.stderr_tail());
                return Err(format!(
                    "the run of the tests {how}{}{tail}",
                    if tail.is_empty() { "" } else { ": " }
                ));
            }
        }
    }
    ran.cut = Some("too many tests before it did not end".to_owned());
    Ok(ran)
}

/// The lines of an output that say what went wrong, behind a colon, without the folder that it went wrong in.
fn error_in(output: &str, tree: &Utf8Path) -> String {
    let mut lines = output.lines().map(str::trim);
    let first = lines
        .find(|line| line.to_lowercase().contains("error"))
        .unwrap_or_default();
    let raised = lines.find_map(|line| line.strip_prefix("E ")).map(str::trim);
    let all = [Some(first), raised];
    let said = all.into_iter().flatten().filter(|line| !line.is_empty());
    said.map(|line| format!(": {}", line.trim_end_matches('.').replace(&format!("{tree}/"), "")))
        .collect()
}

fn last_line(text: &str) -> String {
    text.trim().lines().last().unwrap_or_default().to_owned()
}

/// How a run ended.
enum End {
    Done,
    Time,
    Foreign(Vec<String>),
    /// The runner ran nothing.
    Refused,
    Failed(String),
    /// During which test, and how.
    Lost(Option<String>, String),
}

fn listen(mut listener: Listener, ran: &mut Ran, deadline: Instant) -> End {
    let mut running: Option<String> = None;
    loop {
        // Importing and collecting a large suite may take its time; only a test that began is waited for no longer than that.
        let until = match &running {
            Some(_) => deadline.min(Instant::now() + QUIET),
            None => deadline,
        };
        let event = match listener.next(until) {
            Heard::Event(event) => event,
            Heard::Closed => return End::Lost(running, "ended the interpreter".to_owned()),
            Heard::Silence if Instant::now() >= deadline => return End::Time,
            Heard::Silence => return End::Lost(running, format!("did not end within {} s", QUIET.as_secs())),
        };
        match event {
            Event::Collected { tests } => ran.collected.extend(tests),
            Event::NotCollected { id, text } => {
                ran.tests.insert(id, Outcome::Failed(text, None));
            }
            Event::Start { id } => running = Some(id),
            Event::Recorded { id, steps } => ran.recorded.push((id, steps)),
            Event::End {
                id,
                outcome,
                text,
                place,
            } => {
                running = None;
                let place = place.map(|(path, line)| Place { path, line });
                let outcome = match outcome.as_str() {
                    "passed" | "xpassed" => Outcome::Passed,
                    "skipped" | "xfailed" => Outcome::Skipped(text),
                    _ => Outcome::Failed(text, place),
                };
                ran.tests.insert(id, outcome);
            }
            // See `ExitCode` of pytest: 4 is wrong usage, 3 an error of its own.
            Event::Ended { code } if code == 3 || code == 4 => return End::Refused,
            Event::Ended { .. } => {}
            Event::Failed { text } => return End::Failed(text),
            Event::Done { foreign } if foreign.is_empty() => return End::Done,
            Event::Done { foreign } => return End::Foreign(foreign),
        }
    }
}

/// Reads events; whatever else is written to the descriptor is no event.
struct Listener {
    file: File,
    nonce: String,
    buffer: Vec<u8>,
}

enum Heard {
    Event(Event),
    Closed,
    Silence,
}

impl Listener {
    fn new(pipe: OwnedFd, nonce: String) -> Self {
        Self {
            file: pipe.into(),
            nonce,
            buffer: Vec::new(),
        }
    }

    fn next(&mut self, until: Instant) -> Heard {
        loop {
            while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                if let Some(event) = self.event(&line) {
                    return Heard::Event(event);
                }
            }
            if self.buffer.len() > LONGEST_LINE {
                self.buffer.clear();
            }
            let wait = until.saturating_duration_since(Instant::now());
            let wait = PollTimeout::try_from(wait.as_millis().min(60_000)).unwrap_or(PollTimeout::MAX);
            let mut watched = [PollFd::new(self.file.as_fd(), PollFlags::POLLIN)];
            match poll(&mut watched, wait) {
                Ok(0) if Instant::now() >= until => return Heard::Silence,
                Ok(0) | Err(nix::errno::Errno::EINTR) => continue,
                Err(_) => return Heard::Closed,
                Ok(_) => {}
            }
            let mut part = [0; 1 << 16];
            match self.file.read(&mut part) {
                Ok(0) | Err(_) => return Heard::Closed,
                Ok(read) => self.buffer.extend_from_slice(&part[..read]),
            }
        }
    }

    fn event(&self, line: &[u8]) -> Option<Event> {
        let text = std::str::from_utf8(line).ok()?;
        let (nonce, json) = text.split_once(' ')?;
        (nonce == self.nonce).then(|| serde_json::from_str(json).ok())?
    }
}

/// First parts of the names of the project's own modules.
fn tops(side: &Side) -> BTreeSet<String> {
    let project = &side.project;
    let python = project
        .paths()
        .filter(|path| path.ends_with(".py") && !languages::python::syntax::is_test(path));
    python
        .map(|path| {
            project
                .module_name(path)
                .split('.')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .filter(|top| !top.is_empty() && top != "setup")
        .collect()
}

fn launch(context: &Context<'_>, side: &Side, tree: &Utf8Path, scratch: &Utf8Path, hash_seed: u32) -> sandbox::Launch {
    let interpreter = &side.interpreter;
    let mut env = environment(context, side, scratch, hash_seed);
    let roots: Vec<String> = side
        .project
        .roots()
        .iter()
        .map(|root| {
            if root.is_empty() {
                tree.to_string()
            } else {
                tree.join(root).to_string()
            }
        })
        .collect();
    env.push(("PYTHONPATH".to_owned(), roots.join(":")));
    let programs: Vec<Utf8PathBuf> = ["/bin", "/usr/bin", "/usr/local/bin", "/usr/lib", "/lib", "/usr/libexec"]
        .into_iter()
        .map(Utf8PathBuf::from)
        .chain(interpreter.executable.parent().map(ToOwned::to_owned))
        .chain([interpreter.executable.clone()])
        .filter(|path| path.exists())
        .collect();
    if let Some(folder) = interpreter.executable.parent() {
        let path = format!("{folder}:/usr/bin:/bin");
        env.iter_mut()
            .filter(|(name, _)| name == "PATH")
            .for_each(|(_, value)| value.clone_from(&path));
    }
    let mut readable = readable(context, interpreter);
    readable.extend(programs.iter().cloned());
    readable.extend([tree.to_owned(), scratch.to_owned()]);
    let policy = sandbox::Policy {
        readable,
        executable: programs,
        writable: vec![tree.to_owned(), scratch.to_owned()],
        memory_bytes: context.settings.memory_bytes,
        cpu_seconds: 600,
        file_bytes: 256 << 20,
        open_files: 1024,
        loopback: true,
        without: context.settings.without_layers.clone(),
    };
    sandbox::Launch {
        args: ["-B", context.harness.join("tests_main.py").as_str(), "3", "4"]
            .map(str::to_owned)
            .to_vec(),
        env,
        ..sandbox::Launch::new(
            context.launcher.clone(),
            interpreter.executable.clone(),
            tree.to_owned(),
            policy,
        )
    }
}
