//! `check --install`: environments of our own, below the cache, with what a version says it needs. The user's own are never
//! touched.

mod poetry;
mod wanted;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use change::{Pair, Side};
use executor::Interpreter;
use executor::interpreter::{Candidate, ask};
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::settings;
use crate::versions::Cache;
pub use wanted::Wanted;

/// Version of how an environment is made; one of another version is made anew.
const FORMAT: u32 = 1;
/// Lines of a failed installer that are shown.
const LAST_LINES: usize = 8;
/// How long an environment is kept that nobody uses.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// The file that says that an environment is complete.
const MARKER: &str = "counterproof.json";

/// What both versions run with.
pub struct Interpreters {
    /// What was.
    pub base: Interpreter,
    /// What is.
    pub head: Interpreter,
    /// What a reader should know.
    pub notes: Vec<String>,
}

impl Interpreters {
    /// One for both.
    pub fn one(interpreter: Interpreter) -> Self {
        Self {
            base: interpreter.clone(),
            head: interpreter,
            notes: Vec::new(),
        }
    }
}

/// Whether the versions of `pair` ask for different things to be installed.
pub fn differ(pair: &Pair) -> bool {
    Wanted::of(&pair.base).digest() != Wanted::of(&pair.head).digest()
}

/// One interpreter for both versions, with a note where they ask for different things to be installed.
pub fn as_they_are(pair: &Pair, interpreter: Interpreter) -> Interpreters {
    let mut interpreters = Interpreters::one(interpreter);
    interpreters.notes.extend(changed_in(pair).map(|files| {
        format!(
            "dependencies changed ({files}): both versions ran with what is installed in {} now; --install gives each its own",
            interpreters.head.chosen
        )
    }));
    interpreters
}

/// A note where the versions ask for different things to be installed and nothing had to be run to tell them apart.
pub fn note_where_nothing_ran(pair: &Pair) -> Option<String> {
    changed_in(pair).map(|files| {
        format!(
            "dependencies changed ({files}): what is the same is so with the same packages; --install gives each version its own"
        )
    })
}

/// The files that say what is needed, where the versions ask for different things. Each check asks this: where no such file
/// differs, nothing is read.
fn changed_in(pair: &Pair) -> Option<String> {
    let declaring = |side: &Side| -> Vec<(String, String)> {
        let entries = side.entries().iter().filter(|entry| wanted::declares(&entry.path));
        entries.map(|entry| (entry.path.clone(), entry.id.clone())).collect()
    };
    if declaring(&pair.base) == declaring(&pair.head) {
        return None;
    }
    let (base, head) = (Wanted::of(&pair.base), Wanted::of(&pair.head));
    (base.digest() != head.digest()).then(|| files_of(&base, &head))
}

/// The files that say what either version needs.
fn files_of(base: &Wanted, head: &Wanted) -> String {
    let files: Vec<&str> = base.from.union(&head.from).map(String::as_str).collect();
    files.join(", ")
}

/// An environment for each version, one where both ask for the same, made with `usual` where they are not there yet.
///
/// # Errors
/// When an installer fails.
pub fn prepare(cache: &Cache, pair: &Pair, root: &Utf8Path, usual: Interpreter) -> Result<Interpreters, CliError> {
    let (base, head) = (Wanted::of(&pair.base), Wanted::of(&pair.head));
    let (base_digest, head_digest) = (base.digest(), head.digest());
    let mut notes = Vec::new();
    let mut make = |wanted: &Wanted, side: &Side, version: &str| -> Result<Interpreter, CliError> {
        if wanted.is_empty() {
            notes.push(format!(
                "--install: {version} declares nothing that can be installed, so that it ran with {}",
                usual.chosen
            ));
            return Ok(usual.clone());
        }
        let made = Workshop::new(cache, &usual, wanted).environment(side, version)?;
        notes.extend(made.notes);
        Ok(made.interpreter.with_links(root))
    };
    if base_digest == head_digest {
        let both = make(&head, &pair.head, "both versions")?;
        return Ok(Interpreters {
            notes,
            ..Interpreters::one(both)
        });
    }
    let base_made = make(&base, &pair.base, "base")?;
    let head_made = make(&head, &pair.head, "head")?;
    notes.push(format!(
        "dependencies changed ({}): each version ran with its own; functions whose code is the same were not looked at",
        files_of(&base, &head)
    ));
    Ok(Interpreters {
        base: base_made,
        head: head_made,
        notes,
    })
}

/// A complete environment.
#[derive(Serialize, Deserialize)]
struct Made {
    version: u32,
    interpreter: Interpreter,
    notes: Vec<String>,
}

/// Where one environment is made, and of what.
struct Workshop<'a> {
    cache: &'a Cache,
    usual: &'a Interpreter,
    wanted: &'a Wanted,
    folder: Utf8PathBuf,
}

impl<'a> Workshop<'a> {
    fn new(cache: &'a Cache, usual: &'a Interpreter, wanted: &'a Wanted) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [
            FORMAT.to_string().as_str(),
            &wanted.digest(),
            usual.executable.as_str(),
            &usual.version,
        ] {
            hasher.update(part.as_bytes());
            hasher.update(&[0]);
        }
        let name = &hasher.finalize().to_hex()[..20];
        Self {
            cache,
            usual,
            wanted,
            folder: cache.root().join("environments").join(name),
        }
    }

    /// The environment; made where it is not there. Whoever makes one holds its lock, and others wait for that.
    fn environment(&self, side: &Side, version: &str) -> Result<Made, CliError> {
        if let Some(made) = complete(&self.folder) {
            return Ok(made);
        }
        let all = self.folder.parent().unwrap_or(&self.folder);
        let failed = |error: std::io::Error| {
            CliError::Cache(format!(
                "no environment can be made in {all}: {error}; free some space, or set COUNTERPROOF_CACHE to a folder that can be written"
            ))
        };
        fs::create_dir_all(all).map_err(failed)?;
        let lock = File::create(self.folder.with_extension("lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        if let Some(made) = complete(&self.folder) {
            return Ok(made);
        }
        remove_unused(all);
        // What somebody began and did not end.
        remove(&self.folder).map_err(failed)?;
        let made = self.make(side, version).inspect_err(|_| {
            let _ = remove(&self.folder);
        })?;
        let marker = self.folder.join(MARKER);
        let bytes = serde_json::to_vec(&made).unwrap_or_default();
        crate::files::write_whole(&marker, &bytes).map_err(failed)?;
        Ok(made)
    }

    fn make(&self, side: &Side, version: &str) -> Result<Made, CliError> {
        let from: Vec<&str> = self.wanted.from.iter().map(String::as_str).collect();
        let from = if from.is_empty() {
            "its tests".to_owned()
        } else {
            from.join(", ")
        };
        let installer = Installer::found(self.usual);
        say(&format!(
            "installing what {version} {} ({from}) with {} into {}",
            needs(version),
            installer.name(),
            self.folder
        ));
        let sheets = self.lay(side)?;
        let mut notes = Vec::new();
        installer
            .make(&self.folder)
            .map_err(|failure| failure.told(version, &from))?;
        let all = installer.install(&self.folder, sheets.path(), &["code.txt", "tests.txt"]);
        if let Err(failure) = all {
            if self.wanted.for_tests.is_empty() || self.wanted.requirements.is_empty() {
                return Err(failure.told(version, &from));
            }
            say("that failed; trying without what only its tests need");
            let code_alone = installer.install(&self.folder, sheets.path(), &["code.txt"]);
            code_alone.map_err(|_| failure.told(version, &from))?;
            notes.push(format!(
                "what only the tests of {version} need could not be installed: {}",
                failure.output.lines().next_back().unwrap_or_default()
            ));
        }
        let candidate = Candidate {
            program: self.folder.join("bin/python"),
            chosen: format!("its own environment, from {from}"),
            named: true,
        };
        let interpreter = ask(&candidate).map_err(|error| CliError::Usage(error.to_string()))?;
        Ok(Made {
            version: FORMAT,
            interpreter,
            notes,
        })
    }

    /// The requirements as files, with those that they refer to, in a folder that goes away.
    fn lay(&self, side: &Side) -> Result<tempfile::TempDir, CliError> {
        let lay = || -> std::io::Result<tempfile::TempDir> {
            let folder = tempfile::tempdir_in(self.cache.temporary().map_err(std::io::Error::other)?)?;
            let write = |path: &str, text: &str| {
                let path = folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap_or(folder.path()))?;
                fs::write(path, text)
            };
            for (path, text) in &self.wanted.files {
                write(path, text)?;
            }
            // What uv is to know of indexes.
            for config in ["pyproject.toml", "uv.toml"] {
                if let Some(text) = crate::dependencies::text(side, config) {
                    write(config, &text)?;
                }
            }
            for (name, lines) in [
                ("counterproof-code.txt", &self.wanted.requirements),
                ("counterproof-tests.txt", &self.wanted.for_tests),
                ("counterproof-pins.txt", &self.wanted.constraints),
            ] {
                write(name, &(lines.join("\n") + "\n"))?;
            }
            Ok(folder)
        };
        lay().map_err(|error| CliError::Cache(format!("the requirements cannot be written: {error}; free some space, or set COUNTERPROOF_CACHE to a folder that can be written")))
    }
}

/// What makes environments.
enum Installer {
    /// uv, by this program.
    Uv(Utf8PathBuf, Utf8PathBuf),
    /// The interpreter's own `venv` and pip.
    Pip(Utf8PathBuf),
}

/// An installer that failed.
struct Failure {
    command: String,
    output: String,
}

impl Failure {
    fn told(&self, version: &str, from: &str) -> CliError {
        let lines: Vec<&str> = self.output.lines().filter(|line| !line.trim().is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        let last: String = last.iter().map(|line| format!("\n  {line}")).collect();
        CliError::Usage(format!(
            "what {version} {} ({from}) could not be installed: `{}` failed:{last}\nmend what it complains of, or install the dependencies yourself and name their interpreter with --python PATH",
            needs(version),
            self.command
        ))
    }
}

impl Installer {
    fn found(usual: &Interpreter) -> Self {
        match settings::uv() {
            Some(uv) => Self::Uv(uv, usual.executable.clone()),
            None => Self::Pip(usual.executable.clone()),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Uv(..) => "uv",
            Self::Pip(_) => "pip",
        }
    }

    fn make(&self, folder: &Utf8Path) -> Result<(), Failure> {
        let mut command = match self {
            Self::Uv(uv, python) => {
                let mut command = Command::new(uv);
                command.args(["venv", "--quiet", "--no-project", "--python", python.as_str()]);
                command
            }
            Self::Pip(python) => {
                let mut command = Command::new(python);
                command.args(["-m", "venv"]);
                command
            }
        };
        run(command.arg(folder))
    }

    fn install(&self, folder: &Utf8Path, sheets: &Path, wanted: &[&str]) -> Result<(), Failure> {
        let python = folder.join("bin/python");
        let mut command = match self {
            // Contained code cannot write what it compiles, so that all is compiled now; pip does so by itself.
            Self::Uv(uv, _) => {
                let mut command = Command::new(uv);
                command.args([
                    "pip",
                    "install",
                    "--no-progress",
                    "--compile-bytecode",
                    "--python",
                    python.as_str(),
                ]);
                command
            }
            Self::Pip(_) => {
                let mut command = Command::new(python);
                command.args([
                    "-m",
                    "pip",
                    "install",
                    "--disable-pip-version-check",
                    "--no-input",
                    "--progress-bar=off",
                ]);
                command
            }
        };
        for sheet in wanted {
            command.args(["-r", &format!("counterproof-{sheet}")]);
        }
        run(command.args(["-c", "counterproof-pins.txt"]).current_dir(sheets))
    }
}

fn needs(version: &str) -> &'static str {
    if version.starts_with("both") { "need" } else { "needs" }
}

/// Runs an installer. The user's own settings of indexes and caches reach it, those of an active environment do not.
fn run(command: &mut Command) -> Result<(), Failure> {
    for variable in [
        "VIRTUAL_ENV",
        "PYTHONPATH",
        "PYTHONHOME",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_USER",
        "PIP_REQUIRE_VIRTUALENV",
        "UV_SYSTEM_PYTHON",
        "UV_PROJECT_ENVIRONMENT",
        "UV_PYTHON",
    ] {
        command.env_remove(variable);
    }
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    let shown = std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ");
    let failure = |output: String| Failure {
        command: shown.clone(),
        output,
    };
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failure(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let both = [output.stdout, output.stderr].concat();
    Err(failure(String::from_utf8_lossy(&both).into_owned()))
}

/// The environment in `folder`, where one was made to the end.
fn complete(folder: &Utf8Path) -> Option<Made> {
    let marker = folder.join(MARKER);
    let made: Made = serde_json::from_slice(&fs::read(&marker).ok()?).ok()?;
    let usable = made.version == FORMAT && made.interpreter.executable.exists();
    if usable && let Ok(file) = File::options().append(true).open(&marker) {
        // How long it was not used is read from its marker.
        let _ = file.set_modified(SystemTime::now());
    }
    usable.then_some(made)
}

/// Removes environments that nobody has used for long, unless somebody is making one of them.
fn remove_unused(all: &Utf8Path) {
    for entry in all.read_dir_utf8().into_iter().flatten().flatten() {
        let folder = entry.path();
        let used = fs::metadata(folder.join(MARKER)).and_then(|data| data.modified());
        let old = used.is_ok_and(|used| used.elapsed().is_ok_and(|age| age > KEPT));
        if old
            && let Ok(lock) = File::create(folder.with_extension("lock"))
            && lock.try_lock().is_ok()
        {
            let _ = remove(folder);
        }
    }
}

fn remove(folder: &Utf8Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What is being done belongs to standard error: the result has standard output to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "counterproof: {text}");
}
