//! The two versions side by side: two sessions that have imported the same modules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use languages::python::frameworks;
use languages::python::wire::decode::{Imported, Ready};
use model::{Input, Target};

use crate::context::{Context, Side};
use crate::interpreter::Interpreter;
use crate::session::{Config, Mutant, Ran, Request, Session, SessionError};

/// What ends the harnesses that live now.
static LIVING: Mutex<Vec<sandbox::Killer>> = Mutex::new(Vec::new());

/// Ends all harnesses: whoever waits for one hears of it at once. Called from the handler of Ctrl-C, in a thread of its own.
pub fn interrupt() {
    LIVING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter()
        .for_each(sandbox::Killer::kill);
}

/// Why a version cannot be run at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The contained process could not be started.
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    /// The harness did not come up.
    #[error("{error}{}", .stderr.as_ref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Session {
        /// What happened.
        error: SessionError,
        /// Last line of the interpreter's own complaint.
        stderr: Option<String>,
    },
}

/// Which version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Version {
    /// What was.
    Base,
    /// What is.
    Head,
}

/// How the import of a module went in one version.
#[derive(Clone, Debug, PartialEq)]
pub enum Import {
    /// It was asked for and answered; it may have failed.
    Answered(Box<Imported>),
    /// It did not end in time.
    DoesNotEnd,
    /// It took the part of the time budget that it may, which is less than an import gets otherwise; nothing: it was not begun.
    OutOfTime(Duration),
    /// It took the interpreter with it.
    EndsInterpreter,
}

impl Import {
    /// Whether the module can be used.
    pub fn is_ok(&self) -> bool {
        matches!(self, Self::Answered(imported) if imported.error.is_none() && imported.foreign.is_empty())
    }
}

/// One version with a session that is replaced when it is lost.
pub struct Half<'a> {
    context: &'a Context<'a>,
    side: &'a Side,
    session: Option<Session>,
    /// How each module's import went.
    pub imports: BTreeMap<String, Import>,
    /// Sandbox layers that did not take hold.
    pub missing_layers: BTreeSet<String>,
    /// What is not frozen.
    pub not_frozen: BTreeSet<String>,
    /// When the time for looking is over: no import may take most of what is left.
    pub until: Option<Instant>,
    cpu: f64,
    hash_seed: u32,
}

/// The part of the time left that one import may take: a script that is not guarded runs for long when it is imported.
const OF_TIME_LEFT: f64 = 0.5;
/// With less time than that no import is begun.
const LEAST_FOR_IMPORT: Duration = Duration::from_millis(100);

impl<'a> Half<'a> {
    /// Starts a harness.
    ///
    /// # Errors
    /// When no harness can be had.
    pub fn open(context: &'a Context<'a>, side: &'a Side) -> Result<Self, OpenError> {
        let mut half = Self {
            context,
            side,
            session: None,
            imports: BTreeMap::new(),
            missing_layers: BTreeSet::new(),
            not_frozen: BTreeSet::new(),
            until: None,
            cpu: 0.0,
            hash_seed: 0,
        };
        half.session()?;
        Ok(half)
    }

    /// As [`Session::compile`].
    ///
    /// # Errors
    /// When the session is lost and cannot be replaced.
    pub fn compile(&mut self, wanted: &[(&str, &str)]) -> Result<Vec<Option<Vec<u8>>>, Lost> {
        let compiled = self.session()?.compile(wanted);
        self.keep(compiled)
    }

    /// Imports one module, once; how it went is in `imports`.
    ///
    /// # Errors
    /// When no harness can be had any more.
    pub fn import(&mut self, module: &str) -> Result<(), OpenError> {
        if self.imports.contains_key(module) {
            return Ok(());
        }
        let left = |until: Instant| until.saturating_duration_since(Instant::now());
        if self.until.is_some_and(|until| left(until) < LEAST_FOR_IMPORT) {
            self.imports
                .insert(module.to_owned(), Import::OutOfTime(Duration::ZERO));
            return Ok(());
        }
        // A session that has to be replaced takes time of its own.
        self.session()?;
        let longest = self.context.settings.import_limit;
        let limit = self.until.map_or(longest, |until| {
            longest.min(left(until).mul_f64(OF_TIME_LEFT).max(LEAST_FOR_IMPORT))
        });
        let started = Instant::now();
        match self.session()?.import(module, limit) {
            Ok(imported) => {
                self.imports
                    .insert(module.to_owned(), Import::Answered(Box::new(imported)));
            }
            Err(_) => {
                let import = match started.elapsed() >= limit {
                    true if limit < longest => Import::OutOfTime(limit),
                    true => Import::DoesNotEnd,
                    false => Import::EndsInterpreter,
                };
                self.imports.insert(module.to_owned(), import);
                self.lose();
            }
        }
        Ok(())
    }

    /// Gives the session up; the next use starts another.
    pub fn lose(&mut self) {
        if let Some(session) = self.session.take() {
            self.cpu += session.child_cpu;
        }
    }

    /// Replaces the session by one with a fresh interpreter and another hash seed, at the next use.
    pub fn renew(&mut self, hash_seed: u32) {
        self.lose();
        self.hash_seed = hash_seed;
    }

    /// Imports one module in an interpreter that has imported nothing else; `None` when no interpreter can be had.
    pub fn fresh_import(&mut self, module: &str) -> Option<Import> {
        let limit = self.context.settings.import_limit;
        let mut session = self.start().ok()?;
        let started = Instant::now();
        Some(match session.import(module, limit) {
            Ok(imported) => Import::Answered(Box::new(imported)),
            Err(_) if started.elapsed() >= limit => Import::DoesNotEnd,
            Err(_) => Import::EndsInterpreter,
        })
    }

    /// Runs a batch in an interpreter that has imported nothing but the module of the target; `None` when none can be had, or
    /// the target cannot be called there.
    pub fn run_alone(&mut self, inputs: &[Input], request: &Request) -> Option<Ran> {
        let mut session = self.start().ok()?;
        session
            .import(&request.module, self.context.settings.import_limit)
            .ok()?;
        session.run_fresh(inputs, request).ok()?.ok()
    }

    /// The sources of this version.
    pub fn project(&self) -> &languages::python::Project {
        &self.side.project
    }

    /// CPU seconds of children so far.
    pub fn cpu(&self) -> f64 {
        self.cpu + self.session.as_ref().map_or(0.0, |session| session.child_cpu)
    }

    /// The session; where it was lost, a new one that has imported what can be imported.
    fn session(&mut self) -> Result<&mut Session, OpenError> {
        if self.session.is_none() {
            let mut session = self.start()?;
            for (module, import) in &self.imports {
                if import.is_ok() {
                    let again = session.import(module, self.context.settings.import_limit);
                    again.map_err(|error| OpenError::Session { error, stderr: None })?;
                }
            }
            self.session = Some(session);
        }
        self.session.as_mut().ok_or_else(|| unreachable!("it was set above"))
    }

    fn start(&mut self) -> Result<Session, OpenError> {
        let context = self.context;
        if context.progress.stopped() {
            return Err(OpenError::Interrupted);
        }
        let process = sandbox::launch(launch(context, self.side, self.hash_seed))?;
        living(&process);
        let tree = &self.side.tree;
        let paths = self.side.project.roots().iter().map(|root| {
            if root.is_empty() {
                tree.to_string()
            } else {
                tree.join(root).to_string()
            }
        });
        let config = Config {
            tree: tree.to_string(),
            paths: paths.collect(),
            scratch: self.side.scratch.to_string(),
            outer: outer(context).map_or_else(String::new, ToString::to_string),
            child_filter: if context.settings.without_layers.contains(&sandbox::Layer::Syscalls) {
                Vec::new()
            } else {
                sandbox::child_filter()
            },
            frozen_time: context.settings.frozen_time,
            coverage: context.settings.coverage,
            wall_seconds: context.settings.wall_seconds,
        };
        match Session::open(process, nonce(context, tree.as_str()), &config) {
            Ok(session) => {
                for missing in &session.process().layers().missing {
                    self.missing_layers
                        .insert(format!("{}: {}", layer_name(missing.layer), missing.reason));
                }
                self.missing_layers.extend(session.hello.missing.iter().cloned());
                self.not_frozen.extend(session.hello.not_frozen.iter().cloned());
                Ok(session)
            }
            Err((error, complaint)) => Err(OpenError::Session {
                error,
                stderr: complaint.trim().lines().last().map(str::to_owned),
            }),
        }
    }

    /// As [`Session::fork`].
    ///
    /// # Errors
    /// When the session is lost and cannot be replaced.
    pub fn fork(&mut self, request: &Request) -> Result<Result<Ready, String>, Lost> {
        let forked = self.session()?.fork(request);
        self.keep(forked)
    }

    /// Sends a batch.
    ///
    /// # Errors
    /// As [`Half::fork`].
    pub fn send(&mut self, payload: &[u8]) -> Result<(), Lost> {
        let sent = self.session()?.send(payload);
        self.keep(sent)
    }

    /// Takes what the batch gave.
    ///
    /// # Errors
    /// As [`Half::fork`].
    pub fn receive(&mut self, inputs: &[Input], request: &Request) -> Result<Ran, Lost> {
        let received = self.session()?.receive(inputs, request);
        self.keep(received)
    }

    /// Runs a batch in the living child.
    ///
    /// # Errors
    /// As [`Half::fork`].
    pub fn run(&mut self, inputs: &[Input], request: &Request) -> Result<Ran, Lost> {
        let ran = self.session()?.run(inputs, request);
        self.keep(ran)
    }

    /// Puts a mutant into the living child in place of the last one, or nothing.
    ///
    /// # Errors
    /// As [`Half::fork`].
    pub fn swap(&mut self, mutant: Option<&Mutant>) -> Result<Result<(), String>, Lost> {
        let swapped = self.session()?.swap(mutant);
        self.keep(swapped)
    }

    /// Runs a batch in a fresh child.
    ///
    /// # Errors
    /// As [`Half::fork`].
    pub fn run_fresh(&mut self, inputs: &[Input], request: &Request) -> Result<Result<Ran, String>, Lost> {
        let ran = self.session()?.run_fresh(inputs, request);
        self.keep(ran)
    }

    fn keep<T>(&mut self, result: Result<T, SessionError>) -> Result<T, Lost> {
        result.map_err(|error| {
            self.lose();
            Lost(error.to_string())
        })
    }
}

/// A session was lost in the middle of a function; another function may still be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Lost(pub String);

impl From<OpenError> for Lost {
    fn from(error: OpenError) -> Self {
        Self(error.to_string())
    }
}

/// What both children can reach, or the version in which the target cannot be called, and why.
pub type Forked = Result<(Ready, Ready), (Version, String)>;

/// Base and head.
pub struct Duo<'a> {
    /// What was.
    pub base: Half<'a>,
    /// What is.
    pub head: Half<'a>,
}

impl<'a> Duo<'a> {
    /// Starts both at the same time; nothing is imported yet.
    ///
    /// # Errors
    /// When either cannot be had.
    pub fn open(context: &'a Context<'a>) -> Result<Self, OpenError> {
        crate::harness::compile(&context.harness, &context.head.interpreter);
        crate::harness::compile(&context.harness, &context.base.interpreter);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| Half::open(context, &context.base));
            let head = Half::open(context, &context.head);
            let base = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok(Self {
                base: base?,
                head: head?,
            })
        })
    }

    /// Imports modules in both at the same time.
    ///
    /// # Errors
    /// When either cannot be had any more.
    pub fn import(&mut self, base: &[String], head: &[String]) -> Result<(), OpenError> {
        let all = |half: &mut Half<'a>, modules: &[String]| modules.iter().try_for_each(|module| half.import(module));
        let Self { base: old, head: new } = self;
        std::thread::scope(|scope| {
            let other = scope.spawn(|| all(old, base));
            let done = all(new, head);
            other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            done
        })
    }

    /// One of the two.
    pub fn half(&mut self, version: Version) -> &mut Half<'a> {
        match version {
            Version::Base => &mut self.base,
            Version::Head => &mut self.head,
        }
    }

    /// Runs the same batch in the living children of both, at the same time, with no more than so many nodes of each observation.
    ///
    /// # Errors
    /// When a session is lost.
    pub fn run_within(
        &mut self,
        inputs: &[Input],
        nodes: Option<u32>,
        base: &Request,
        head: &Request,
    ) -> Result<(Ran, Ran), Lost> {
        let payload = languages::python::wire::encode::run_within(inputs, nodes);
        self.base.send(&payload)?;
        self.head.send(&payload)?;
        let base_ran = self.base.receive(inputs, base);
        let head_ran = self.head.receive(inputs, head);
        Ok((base_ran?, head_ran?))
    }

    /// Does the same with both at the same time: most of it is waiting for their processes.
    ///
    /// # Errors
    /// When either loses its session.
    pub fn both<T: Send>(
        &mut self,
        work: impl Fn(Version, &mut Half<'a>) -> Result<T, Lost> + Sync,
    ) -> Result<(T, T), Lost> {
        let Self { base, head } = self;
        std::thread::scope(|scope| {
            let other = scope.spawn(|| work(Version::Base, base));
            let head = work(Version::Head, head);
            let base = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok((base?, head?))
        })
    }

    /// Forks both for their requests.
    ///
    /// # Errors
    /// When a session is lost. `Ok(Err((version, reason)))`: the target cannot be called there.
    pub fn fork(&mut self, base: &Request, head: &Request) -> Result<Forked, Lost> {
        let forked = self.both(|version, half| half.fork(if version == Version::Base { base } else { head }))?;
        Ok(match forked {
            (Ok(base), Ok(head)) => Ok((base, head)),
            (Err(reason), _) => Err((Version::Base, reason)),
            (_, Err(reason)) => Err((Version::Head, reason)),
        })
    }
}

/// Module and name of a target in one version.
pub fn names(target: &Target, version: Version) -> (String, String) {
    match version {
        Version::Head => (target.module.clone(), target.qualified_name.clone()),
        Version::Base => (
            target.base_module.clone().unwrap_or_else(|| target.module.clone()),
            target
                .base_name
                .clone()
                .unwrap_or_else(|| target.qualified_name.clone()),
        ),
    }
}

/// The folder that holds the harness, the versions and their scratch folders: paths inside it tell of this run, not of a version.
pub fn outer<'c>(context: &'c Context<'_>) -> Option<&'c camino::Utf8Path> {
    let outer = context.harness.parent()?;
    let holds = |side: &Side| side.tree.starts_with(outer) && side.scratch.starts_with(outer);
    (holds(&context.base) && holds(&context.head)).then_some(outer)
}

/// Eight bytes that the checked program is not likely to write by accident.
pub(crate) fn nonce(context: &Context<'_>, tree: &str) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(context.harness.as_str().as_bytes());
    hasher.update(tree.as_bytes());
    hasher.update(&std::process::id().to_le_bytes());
    // The address of a fresh allocation differs from run to run.
    let fresh = Box::new(0_u8);
    hasher.update(&(std::ptr::from_ref(&*fresh) as usize).to_le_bytes());
    let mut nonce = [0; 8];
    nonce.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    nonce
}

fn launch(context: &Context<'_>, side: &Side, hash_seed: u32) -> sandbox::Launch {
    let interpreter = &side.interpreter;
    let mut readable = readable(context, interpreter);
    readable.extend([side.tree.clone(), side.scratch.clone()]);
    let env = environment(context, side, &side.scratch, hash_seed);
    let policy = sandbox::Policy {
        readable,
        executable: vec![interpreter.executable.clone()],
        writable: vec![side.scratch.clone()],
        memory_bytes: context.settings.memory_bytes,
        cpu_seconds: 600,
        file_bytes: 64 << 20,
        open_files: 256,
        loopback: false,
        without: context.settings.without_layers.clone(),
    };
    sandbox::Launch {
        args: ["-B", context.harness.join("main.py").as_str(), "3", "4", "5", "6"]
            .map(str::to_owned)
            .to_vec(),
        env,
        private_scratch: Some(sandbox::PrivateScratch {
            folder: side.scratch.clone(),
            bytes: SCRATCH_BYTES,
        }),
        // Hashes of `None`, functions and classes are addresses: the two versions are not to differ by these. The last replays,
        // with other seeds, are to show what does hang on them.
        fixed_addresses: hash_seed == 0,
        ..sandbox::Launch::new(
            context.launcher.clone(),
            interpreter.executable.clone(),
            side.scratch.clone(),
            policy,
        )
    }
}

/// Has Ctrl-C end a contained process, too.
pub(crate) fn living(process: &sandbox::Contained) {
    if let Ok(killer) = process.killer() {
        LIVING.lock().unwrap_or_else(PoisonError::into_inner).push(killer);
    }
}

/// What an interpreter reads, whatever it runs.
pub(crate) fn readable(context: &Context<'_>, interpreter: &Interpreter) -> Vec<Utf8PathBuf> {
    let mut readable = sandbox::interpreter_readable(&interpreter.prefixes);
    readable.extend(interpreter.packages.iter().filter(|folder| folder.exists()).cloned());
    readable.extend(sandbox::not_too_wide(&interpreter.linked));
    readable.push(context.harness.clone());
    readable
}

/// The scrubbed environment of a contained interpreter.
pub(crate) fn environment(
    context: &Context<'_>,
    side: &Side,
    scratch: &Utf8Path,
    hash_seed: u32,
) -> Vec<(String, String)> {
    let hash_seed = hash_seed.to_string();
    let mut env: Vec<(String, String)> = [
        ("PATH", "/usr/bin:/bin"),
        ("LANG", "C.UTF-8"),
        ("LC_ALL", "C.UTF-8"),
        ("TZ", "UTC"),
        ("PYTHONHASHSEED", hash_seed.as_str()),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("HOME", scratch.as_str()),
        ("TMPDIR", scratch.as_str()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    if let Some(base) = &side.interpreter.user_base {
        env.push(("PYTHONUSERBASE".to_owned(), base.to_string()));
    }
    let passed = |name: &str| context.settings.pass_env.iter().any(|(passed, _)| passed == name);
    if let Some(django) = side.project.django().filter(|_| !passed(frameworks::DJANGO_VARIABLE)) {
        env.push((frameworks::DJANGO_VARIABLE.to_owned(), django.settings.clone()));
    }
    // Both run with the same: what only one version holds, the other may need or not.
    for project in [&context.head.project, &context.base.project] {
        for (name, value) in &project.dotenv().variables {
            if !passed(name) && env.iter().all(|(other, _)| other != name) {
                env.push((name.clone(), value.clone()));
            }
        }
    }
    env.extend(context.settings.pass_env.iter().cloned());
    env
}

/// What all files in a scratch folder may take together.
const SCRATCH_BYTES: u64 = 128 << 20;

/// How a layer is called to people.
pub fn layer_name(layer: sandbox::Layer) -> &'static str {
    match layer {
        sandbox::Layer::Files => "file rules",
        sandbox::Layer::Syscalls => "system-call rules",
        sandbox::Layer::Namespaces => "namespaces",
        sandbox::Layer::Limits => "resource limits",
    }
}
