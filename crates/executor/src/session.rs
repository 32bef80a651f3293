//! One version under a harness: a warm parent that has imported the modules, and one child at a time that runs calls.

use std::fs::File;
use std::time::{Duration, Instant};

use languages::python::faults::Parameter;
use languages::python::wire::decode::{self, Ended, FromChild, FromParent, Hello, Imported, Ready, Record, Unexpected};
use languages::python::wire::encode;
use languages::python::wire::marshal::Writer;
use model::{CallKind, Coverage, Input, Outcome};

use crate::frames::{self, Either, FrameError, Nonce, Reader};

/// Longest wait for the harness where no program of the user runs.
const PROMPT: Duration = Duration::from_secs(20);
/// How many deaths of a child one batch may cost before it is given up.
const DEATHS_PER_BATCH: u32 = 5;

/// Why a session cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The pipes failed.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The harness spoke otherwise than agreed.
    #[error(transparent)]
    Unexpected(#[from] Unexpected),
    /// The harness itself failed.
    #[error("the harness failed, which is a defect of Counterproof: {0}")]
    Failed(String),
    /// The harness sent another frame than the one that was due.
    #[error("failed to follow the harness: {0} did not come when it was due")]
    OutOfTurn(&'static str),
}

/// What the warm parent is told first.
#[derive(Clone, Debug)]
pub struct Config {
    /// The version's tree.
    pub tree: String,
    /// Folders for imports.
    pub paths: Vec<String>,
    /// The folder that may be written.
    pub scratch: String,
    /// The folder of ours that holds both; empty where there is none.
    pub outer: String,
    /// System-call filter for children.
    pub child_filter: Vec<u8>,
    /// The frozen time, in seconds since the epoch.
    pub frozen_time: f64,
    /// How coverage is taken: `auto`, `monitoring`, `settrace`, `none`.
    pub coverage: &'static str,
    /// Seconds without progress after which a child is killed.
    pub wall_seconds: f64,
}

/// What a child is forked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Module of the target in this version.
    pub module: String,
    /// Dotted name of the target in this version.
    pub name: String,
    /// How it is called.
    pub call: CallKind,
    /// Functions whose lines and branches count: path, first and last line.
    pub cover: Vec<(String, u32, u32)>,
    /// Whether new locations anywhere in the tree are reported.
    pub guide: bool,
    /// `None`, or `lines` or `count`.
    pub trace: Option<&'static str>,
    /// Deadline of a call, in ticks of 10 ms CPU time.
    pub ticks: u32,
    /// A file of the tree whose functions will get mutants.
    pub mutants: Option<String>,
    /// Deadline of the first calls of a child, where it is not the harness' own: they may build tables that later ones find.
    pub cold_ticks: Option<u32>,
}

/// A part of a file that takes the place of what is there: the functions of the file that live get the code that it compiles to, or
/// the default that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutant {
    /// The file, in the tree.
    pub path: String,
    /// First line of the part, from 1.
    pub line: u32,
    /// The part.
    pub source: String,
    /// The parameter whose default it is.
    pub parameter: Option<Parameter>,
}

impl Request {
    /// Memory that calls may take beyond the snapshot: little while many inputs are tried, so that a huge text or list costs
    /// no time; plenty when one is confirmed, so that only what is really beyond bounds fails.
    fn memory_bytes(&self) -> i64 {
        if self.ticks < 50 { 96 << 20 } else { 1 << 30 }
    }

    /// Seconds without progress after which a call is given up: well above its deadline in CPU time, since other programs
    /// want the processors, too.
    pub fn wall_seconds(&self) -> f64 {
        0.5 + 0.03 * f64::from(self.ticks)
    }
}

/// What a batch gave.
#[derive(Debug, Default)]
pub struct Ran {
    /// One record for each input.
    pub records: Vec<Record>,
    /// Locations reached first, by input.
    pub locations: Vec<(usize, Coverage)>,
    /// Whether the child was replaced on the way: state between calls is lost.
    pub restarted: bool,
    /// How long the answers were.
    pub bytes: usize,
}

/// A warm parent and its child.
pub struct Session {
    process: sandbox::Contained,
    control: File,
    control_reader: Reader,
    data: File,
    data_reader: Reader,
    nonce: Nonce,
    child: bool,
    /// CPU seconds of children that have ended.
    pub child_cpu: f64,
    /// Who answers.
    pub hello: Hello,
}

impl Session {
    /// Greets the harness in `process`.
    ///
    /// # Errors
    /// When it does not answer as agreed: why, and what the interpreter wrote to its standard error.
    pub fn open(
        mut process: sandbox::Contained,
        nonce: Nonce,
        config: &Config,
    ) -> Result<Self, (SessionError, String)> {
        let Some(pipes) = process.take_pipes() else {
            return Err((SessionError::OutOfTurn("its pipes"), String::new()));
        };
        let mut session = Self {
            process,
            control: pipes.control_in.into(),
            control_reader: Reader::new(pipes.control_out.into(), nonce),
            data: pipes.data_in.into(),
            data_reader: Reader::new(pipes.data_out.into(), nonce),
            nonce,
            child: false,
            child_cpu: 0.0,
            hello: Hello::default(),
        };
        match session.greet(config) {
            Ok(hello) => {
                session.hello = hello;
                Ok(session)
            }
            Err(error) => {
                session.process.kill();
                let complaint = session.process.stderr_tail();
                Err((error, complaint))
            }
        }
    }

    fn greet(&mut self, config: &Config) -> Result<Hello, SessionError> {
        frames::write(&mut self.control, self.nonce, &hello(config))?;
        match self.hear_parent(Instant::now() + PROMPT)? {
            FromParent::Hello(hello) => Ok(hello),
            _ => Err(SessionError::OutOfTurn("its greeting")),
        }
    }

    /// The containment of the process.
    pub fn process(&self) -> &sandbox::Contained {
        &self.process
    }

    fn hear_parent(&mut self, deadline: Instant) -> Result<FromParent, SessionError> {
        let frame = self.control_reader.read(deadline)?;
        match decode::from_parent(&frame)? {
            FromParent::Failed(text) => Err(SessionError::Failed(text)),
            other => Ok(other),
        }
    }

    /// Imports one module in the warm parent, within `limit`.
    ///
    /// # Errors
    /// When it does not end in time or takes the process with it: the session is of no use then.
    pub fn import(&mut self, module: &str, limit: Duration) -> Result<Imported, SessionError> {
        let mut writer = Writer::default();
        writer.tuple(2);
        writer.str("import");
        writer.list(1);
        writer.str(module);
        frames::write(&mut self.control, self.nonce, &writer.bytes)?;
        match self.hear_parent(Instant::now() + limit)? {
            FromParent::Imported(imported) => Ok(imported),
            _ => Err(SessionError::OutOfTurn("an import")),
        }
    }

    /// What functions compile to, each given as source with its name, see PROTOCOL.md; nothing is run.
    ///
    /// # Errors
    /// When the session cannot go on.
    pub fn compile(&mut self, wanted: &[(&str, &str)]) -> Result<Vec<Option<Vec<u8>>>, SessionError> {
        frames::write(&mut self.control, self.nonce, &encode::compile(wanted))?;
        match self.hear_parent(Instant::now() + PROMPT)? {
            FromParent::Compiled(forms) if forms.len() == wanted.len() => Ok(forms),
            _ => Err(SessionError::OutOfTurn("compiled functions")),
        }
    }

    /// Forks a child for `request`.
    ///
    /// # Errors
    /// When the session cannot go on. `Ok(Err(reason))`: the target cannot be called.
    pub fn fork(&mut self, request: &Request) -> Result<Result<Ready, String>, SessionError> {
        self.end_child()?;
        self.data_reader.discard();
        frames::write(&mut self.control, self.nonce, &fork(request))?;
        match self.hear_parent(Instant::now() + PROMPT)? {
            FromParent::Forked => self.child = true,
            _ => return Err(SessionError::OutOfTurn("a fork")),
        }
        match frames::read_either(&mut self.data_reader, &mut self.control_reader, Instant::now() + PROMPT)? {
            Either::First(frame) => match decode::from_child(&frame)? {
                FromChild::Ready(ready) => Ok(Ok(ready)),
                FromChild::NotReady(reason) => Ok(Err(reason)),
                _ => Err(SessionError::OutOfTurn("a child's readiness")),
            },
            Either::Second(frame) => {
                let ended = self.ended(&frame)?;
                Ok(Err(format!(
                    "its process {} before the first call",
                    how_it_died(&ended)
                )))
            }
        }
    }

    fn ended(&mut self, frame: &[u8]) -> Result<Ended, SessionError> {
        match decode::from_parent(frame)? {
            FromParent::Ended(ended) => {
                self.child = false;
                self.child_cpu += ended.cpu;
                Ok(ended)
            }
            _ => Err(SessionError::OutOfTurn("the end of a child")),
        }
    }

    /// Ends the child, if there is one.
    ///
    /// # Errors
    /// When the parent does not answer.
    pub fn end_child(&mut self) -> Result<(), SessionError> {
        if self.child {
            let mut writer = Writer::default();
            writer.tuple(1);
            writer.str("kill");
            frames::write(&mut self.control, self.nonce, &writer.bytes)?;
            let frame = self.control_reader.read(Instant::now() + PROMPT)?;
            self.ended(&frame)?;
        }
        Ok(())
    }

    /// Sends a batch; [`Session::receive`] must follow.
    ///
    /// # Errors
    /// When the pipe is broken in another way than by the child's end.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), SessionError> {
        match frames::write(&mut self.data, self.nonce, payload) {
            // The child has died between two batches; `receive` hears of it from the parent.
            Err(FrameError::Closed) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Takes what the batch gave, replacing the child where a call ends it.
    ///
    /// # Errors
    /// When the session cannot go on.
    pub fn receive(&mut self, inputs: &[Input], request: &Request) -> Result<Ran, SessionError> {
        let mut ran = Ran::default();
        let mut deaths = 0;
        let mut pending = inputs.len();
        loop {
            let from = ran.records.len();
            match self.answer(pending, request, &mut ran.bytes)? {
                Answer::Ran(records, locations) => {
                    ran.locations
                        .extend(locations.into_iter().map(|(at, place)| (from + at, place)));
                    ran.records.extend(records);
                }
                Answer::Ended(outcome, at) => {
                    ran.restarted = true;
                    deaths += 1;
                    let at = at.min(pending - 1);
                    self.rerun(&inputs[from..from + at], request, &mut ran)?;
                    ran.records.push(Record::of(outcome));
                }
            }
            if !self.child && self.fork(request)?.is_err() {
                return Err(SessionError::OutOfTurn("a second child"));
            }
            let done = ran.records.len();
            if done >= inputs.len() {
                return Ok(ran);
            }
            if deaths >= DEATHS_PER_BATCH {
                let left = inputs.len() - done;
                ran.records.extend(std::iter::repeat_n(
                    Record::of(Outcome::Garbled(
                        "not run: too many calls before ended the process".to_owned(),
                    )),
                    left,
                ));
                return Ok(ran);
            }
            pending = inputs.len() - done;
            self.send(&encode::run(&inputs[done..]))?;
        }
    }

    /// Runs inputs whose records were lost with a child, in a fresh one; a second death among them is no evidence.
    fn rerun(&mut self, inputs: &[Input], request: &Request, ran: &mut Ran) -> Result<(), SessionError> {
        if inputs.is_empty() {
            return Ok(());
        }
        if self.fork(request)?.is_err() {
            return Err(SessionError::OutOfTurn("a second child"));
        }
        self.send(&encode::run(inputs))?;
        let from = ran.records.len();
        match self.answer(inputs.len(), request, &mut ran.bytes)? {
            Answer::Ran(records, locations) => {
                ran.locations
                    .extend(locations.into_iter().map(|(at, place)| (from + at, place)));
                ran.records.extend(records);
            }
            Answer::Ended(..) => ran.records.extend(std::iter::repeat_n(
                Record::of(Outcome::Garbled("its process ended when it was run again".to_owned())),
                inputs.len(),
            )),
        }
        Ok(())
    }

    fn answer(&mut self, pending: usize, request: &Request, bytes: &mut usize) -> Result<Answer, SessionError> {
        // The parent kills a child that stands still; this is for a parent that fails to.
        let longest = Duration::from_secs_f64(request.wall_seconds());
        let deadline = Instant::now() + PROMPT + longest * u32::try_from(pending).unwrap_or(u32::MAX).min(600);
        let frame = match frames::read_either(&mut self.data_reader, &mut self.control_reader, deadline) {
            Ok(Either::Second(frame)) => {
                let ended = self.ended(&frame)?;
                return Ok(Answer::of_end(&ended, pending));
            }
            Ok(Either::First(frame)) => {
                *bytes += frame.len();
                decode::from_child(&frame).ok()
            }
            Err(FrameError::Garbled(_)) => None,
            Err(error) => return Err(error.into()),
        };
        match frame {
            Some(FromChild::Ran(records, locations)) if records.len() == pending => Ok(Answer::Ran(records, locations)),
            _ => {
                self.end_child()?;
                Ok(Answer::Ran(
                    vec![Record::of(Outcome::Garbled("its process wrote into the harness' pipe".to_owned())); pending],
                    Vec::new(),
                ))
            }
        }
    }

    /// Puts a mutant into the child in place of the last one, or nothing. The answer is why there is none, where there is none.
    ///
    /// # Errors
    /// When the session cannot go on.
    pub fn swap(&mut self, mutant: Option<&Mutant>) -> Result<Result<(), String>, SessionError> {
        self.send(&swap(mutant))?;
        match frames::read_either(&mut self.data_reader, &mut self.control_reader, Instant::now() + PROMPT)? {
            Either::First(frame) => match decode::from_child(&frame)? {
                FromChild::Swapped(None) => Ok(Ok(())),
                FromChild::Swapped(Some(reason)) => Ok(Err(reason)),
                _ => Err(SessionError::OutOfTurn("a mutant")),
            },
            Either::Second(frame) => {
                self.ended(&frame)?;
                Err(SessionError::OutOfTurn("a mutant"))
            }
        }
    }

    /// Runs a batch in the child.
    ///
    /// # Errors
    /// When the session cannot go on.
    pub fn run(&mut self, inputs: &[Input], request: &Request) -> Result<Ran, SessionError> {
        self.send(&encode::run(inputs))?;
        self.receive(inputs, request)
    }

    /// Runs a batch in a fresh child.
    ///
    /// # Errors
    /// When the session cannot go on. `Ok(Err(reason))`: the target cannot be called.
    pub fn run_fresh(&mut self, inputs: &[Input], request: &Request) -> Result<Result<Ran, String>, SessionError> {
        match self.fork(request)? {
            Ok(_) => self.run(inputs, request).map(Ok),
            Err(reason) => Ok(Err(reason)),
        }
    }
}

enum Answer {
    Ran(Vec<Record>, Vec<(usize, Coverage)>),
    Ended(Outcome, usize),
}

impl Answer {
    fn of_end(ended: &Ended, pending: usize) -> Self {
        match ended.at {
            Some(at) if ended.stuck => Self::Ended(Outcome::TimedOut, at),
            Some(at) => Self::Ended(Outcome::Died(how_it_died(ended)), at),
            // It ended between two calls: none of them is to blame for certain.
            None => Self::Ran(
                vec![Record::of(Outcome::Garbled("its process ended between two calls".to_owned())); pending],
                Vec::new(),
            ),
        }
    }
}

/// How a process ended, in words, from its raw wait status (`wait(2)`).
fn how_it_died(ended: &Ended) -> String {
    let signal = ended.status & 0x7f;
    match signal {
        0 => format!("exited with {}", (ended.status >> 8) & 0xff),
        6 => "was ended by signal 6 (abort)".to_owned(),
        7 => "was ended by signal 7 (bus error)".to_owned(),
        9 => "was killed (signal 9)".to_owned(),
        11 => "was ended by signal 11 (segmentation fault)".to_owned(),
        24 => "was ended by signal 24 (CPU time)".to_owned(),
        25 => "was ended by signal 25 (file too large)".to_owned(),
        31 => "was ended by signal 31 (forbidden system call)".to_owned(),
        _ => format!("was ended by signal {signal}"),
    }
}

fn hello(config: &Config) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.tuple(2);
    writer.str("hello");
    writer.dict();
    writer.str("tree");
    writer.str(&config.tree);
    writer.str("paths");
    writer.list(config.paths.len());
    for path in &config.paths {
        writer.str(path);
    }
    writer.str("scratch");
    writer.str(&config.scratch);
    writer.str("outer");
    writer.str(&config.outer);
    writer.str("child_filter");
    writer.raw_bytes(&config.child_filter);
    writer.str("frozen_time");
    writer.float(config.frozen_time);
    writer.str("coverage");
    writer.str(config.coverage);
    writer.str("wall_seconds");
    writer.float(config.wall_seconds);
    writer.str("tick_seconds");
    writer.float(0.01);
    writer.str("seed");
    writer.int(0);
    writer.str("limits");
    writer.dict();
    for (name, limit) in LIMITS {
        writer.str(name);
        writer.int(*limit);
    }
    writer.dict_end();
    writer.dict_end();
    writer.bytes
}

/// Bounds of one observation: what lies beyond is cut, and said to be.
const LIMITS: &[(&str, i64)] = &[
    ("items", 2000),
    ("depth", 40),
    ("nodes", 20_000),
    ("text", 65_536),
    ("drain", 300),
    ("trace", 20_000),
    ("coverage_events", 50),
];

fn swap(mutant: Option<&Mutant>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.tuple(2);
    writer.str("mutant");
    let Some(mutant) = mutant else {
        writer.none();
        return writer.bytes;
    };
    writer.dict();
    writer.str("path");
    writer.str(&mutant.path);
    writer.str("line");
    writer.int(i64::from(mutant.line));
    writer.str("source");
    writer.str(&mutant.source);
    if let Some(parameter) = &mutant.parameter {
        writer.str("parameter");
        writer.dict();
        writer.str("function");
        writer.str(&parameter.function);
        writer.str("line");
        writer.int(i64::from(parameter.line));
        writer.str("name");
        writer.str(&parameter.name);
        writer.dict_end();
    }
    writer.dict_end();
    writer.bytes
}

fn fork(request: &Request) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.tuple(2);
    writer.str("fork");
    writer.dict();
    writer.str("module");
    writer.str(&request.module);
    writer.str("name");
    writer.str(&request.name);
    writer.str("call");
    writer.str(encode::call_kind(request.call));
    writer.str("cover");
    writer.list(request.cover.len());
    for (path, first, last) in &request.cover {
        writer.tuple(3);
        writer.str(path);
        writer.int(i64::from(*first));
        writer.int(i64::from(*last));
    }
    writer.str("guide");
    writer.bool(request.guide);
    writer.str("trace");
    match request.trace {
        Some(trace) => writer.str(trace),
        None => writer.none(),
    }
    writer.str("ticks");
    writer.int(i64::from(request.ticks));
    writer.str("state");
    writer.bool(true);
    writer.str("wall_seconds");
    writer.float(request.wall_seconds());
    writer.str("memory_bytes");
    writer.int(request.memory_bytes());
    if let Some(ticks) = request.cold_ticks {
        writer.str("cold_ticks");
        writer.int(i64::from(ticks));
    }
    if let Some(path) = &request.mutants {
        writer.str("mutants");
        writer.str(path);
    }
    writer.dict_end();
    writer.bytes
}
