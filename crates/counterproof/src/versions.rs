//! The cache, the two versions laid out in it, and the run of a plan on them.

use std::collections::HashMap;
use std::io::{ErrorKind, Write};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use change::{Memory, Mode, Pair, Remembered, Side};
use executor::{Context, Interpreter, NoInterpreter, interpreter};
use languages::python::Project;
use model::{Change, Evidence, Plan};
use serde::Deserialize as _;
use store::{Node, Scratch, Store, Tree, TreeEntry, Workspace};

use crate::environments::Interpreters;
use crate::error::CliError;
use crate::evidence::{Key, Stored};
use crate::overlay::Overlay;
use crate::progress::Spinner;
use crate::settings::{self, Settings};

/// Bytes that the cache may hold before what was not used for long is removed.
const MOST_CACHED: u64 = 4 << 30;
/// Bytes that a run needs besides the versions themselves; where they cannot be written, the disk is called full.
const ROOM: usize = 4 << 20;

/// What earlier runs left, and a place for this one.
pub struct Cache {
    store: Store,
    scratch: Scratch,
}

impl Cache {
    /// Opens the cache at `root`, or one among the temporary files where that cannot be written.
    ///
    /// # Errors
    /// When neither can be written.
    pub fn open(root: &Utf8Path) -> Result<Self, CliError> {
        let open = |root: &Utf8Path| -> Result<Self, store::Error> {
            let store = Store::open(root)?;
            let scratch = store.scratch("git")?;
            Ok(Self { store, scratch })
        };
        open(root).or_else(|first| {
            open(&settings::temporary_folder()).map_err(|_| {
                CliError::Cache(format!("the cache cannot be used: {first}; free some space, or set COUNTERPROOF_CACHE to a folder that can be written"))
            })
        })
    }

    /// What failed, and what mends it where the disk of the cache is full: programs that we call say so in words of their own.
    pub fn explained(&self, error: &dyn std::fmt::Display) -> String {
        if self.has_room() {
            return error.to_string();
        }
        format!(
            "{error}: the disk of the cache at {} is full; free some space, or set COUNTERPROOF_CACHE to a folder on another one",
            self.store.root()
        )
    }

    /// The error, or that of a full disk where the versions could not be read for that.
    pub fn full_or(&self, error: CliError) -> CliError {
        match error {
            CliError::Change(error) if !self.has_room() => CliError::Cache(self.explained(&error)),
            other => other,
        }
    }

    /// Whether a little can still be written.
    fn has_room(&self) -> bool {
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::tempfile_in(self.store.root())?;
            file.write_all(&vec![0; ROOM])?;
            file.sync_data()
        };
        !write().is_err_and(|error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
    }

    /// A folder for this run alone.
    pub fn temporary(&self) -> Result<Utf8PathBuf, CliError> {
        Ok(self.scratch.path().to_owned())
    }

    /// The project's interpreter; what it says of itself is remembered as long as its file is the same.
    ///
    /// # Errors
    /// When there is none that can be used.
    pub fn interpreter(&self, settings: &Settings, root: &Utf8Path) -> Result<Interpreter, NoInterpreter> {
        let mut candidates = candidates(settings, root);
        // It is asked what it is with our rights and uncontained: a change must not bring its own.
        if let Some(own) = candidates.iter().find(|one| one.named && is_in_repository(one, root)) {
            return Err(NoInterpreter::Broken(
                own.program.to_string(),
                "git holds files of its folder, so that a change could bring its own".to_owned(),
            ));
        }
        candidates.retain(|candidate| !is_in_repository(candidate, root));
        let key = interpreter_key(&candidates);
        let known = key
            .as_ref()
            .and_then(|key| self.store.get(key))
            .and_then(|bytes| serde_json::from_slice::<Interpreter>(&bytes).ok());
        if let Some(known) = known.filter(|known| known.executable.exists()) {
            return Ok(known.with_links(root));
        }
        let found = interpreter::find(&candidates)?;
        if let (Some(key), Ok(bytes)) = (key, serde_json::to_vec(&found)) {
            // What cannot be remembered is asked again.
            let _ = self.store.put(&key, &bytes);
        }
        Ok(found.with_links(root))
    }

    /// Evidence of an earlier check of the same.
    pub fn evidence(&self, key: &Key) -> Option<Stored> {
        let bytes = self.store.get(&format!("check-{}", key.0))?;
        // What the harness tells is up to 40 levels deep, of several levels of JSON each: more than JSON is read by default. Whoever
        // writes into the cache by the side is not kept out by a bound here, since the store checks each entry's own digest alone.
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        reader.disable_recursion_limit();
        let mut stored = Stored::deserialize(&mut reader).ok()?;
        stored.cached = true;
        Some(stored)
    }

    /// Keeps the evidence of a check, and where each of its findings is.
    pub fn keep(&self, key: &Key, stored: &Stored) {
        if let Some(before) = self.evidence(key) {
            self.keep_aside(key, &before, stored);
        }
        // A full disk or a read-only cache costs the next run its time and nothing else.
        self.put(key, stored, |_| true);
        self.store.sweep(MOST_CACHED);
    }

    /// Keeps the evidence of an earlier check of the same apart, where the new one shows some of its findings by other examples: a
    /// finding that somebody read of can be kept, accepted and run again by its id all the same.
    fn keep_aside(&self, key: &Key, before: &Stored, now: &Stored) {
        let is_lost = |id: &str| now.finding(id).is_none();
        let findings = before.evidence.functions.iter().flat_map(|function| &function.findings);
        let lost: Vec<&str> = findings
            .map(|finding| finding.id.as_str())
            .filter(|id| is_lost(id))
            .collect();
        if !lost.is_empty() {
            self.put(&Key(format!("{}-{}", key.0, lost.join("-"))), before, is_lost);
        }
    }

    /// Writes evidence, and that those of its findings are there for which `is_here`.
    fn put(&self, key: &Key, stored: &Stored, is_here: impl Fn(&str) -> bool) {
        let Ok(bytes) = serde_json::to_vec(stored) else { return };
        if self.store.put(&format!("check-{}", key.0), &bytes).is_ok() {
            let findings = stored.evidence.functions.iter().flat_map(|function| &function.findings);
            let findings = findings.map(|finding| &finding.id).filter(|id| is_here(id));
            for id in findings.chain(stored.change.concerns.iter().map(|concern| &concern.id)) {
                let _ = self.store.put(&format!("finding-{id}"), key.0.as_bytes());
            }
        }
    }

    /// The check that showed a finding.
    pub fn check_of(&self, finding: &str) -> Option<Stored> {
        let key = String::from_utf8(self.store.get(&format!("finding-{finding}"))?).ok()?;
        self.evidence(&Key(key))
    }

    /// What was remembered under `key`.
    pub fn recall(&self, key: &str) -> Option<Vec<u8>> {
        self.store.get(key)
    }

    /// Remembers something for later runs.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remember(&self, key: &str, bytes: &[u8]) -> Result<(), store::Error> {
        self.store.put(key, bytes)
    }

    /// What the change's stages know of earlier runs. Nothing where this machine signs evidence: what a runner signs it has worked
    /// out itself.
    pub fn remembered(&self) -> Remembered {
        match settings::runner_key() {
            Some(_) => Remembered::default(),
            None => Remembered::by(Arc::new(Memories(self.store.clone()))),
        }
    }

    /// A version that an earlier run laid out.
    pub fn tree(&self, id: &str) -> Option<Tree> {
        self.store.tree(id)
    }

    /// Folders to write to.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn workspace(&self) -> Result<Workspace, store::Error> {
        self.store.workspace()
    }

    /// Where it is.
    pub fn root(&self) -> &Utf8Path {
        self.store.root()
    }

    /// About how many bytes it holds.
    pub fn bytes(&self) -> u64 {
        self.store.bytes()
    }

    /// The harness, laid out.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn harness(&self) -> std::io::Result<Utf8PathBuf> {
        executor::harness::place(self.store.root())
    }
}

/// The cache as the memory of the change's stages: what another build worked out is not known.
struct Memories(Store);

impl Memories {
    fn key(key: &str) -> String {
        format!(
            "change {} {} {key}",
            env!("CARGO_PKG_VERSION"),
            crate::evidence::build()
        )
    }
}

impl Memory for Memories {
    fn recall(&self, key: &str) -> Option<Vec<u8>> {
        self.0.get(&Self::key(key))
    }

    fn remember(&self, key: &str, answer: &[u8]) {
        // A full disk or a read-only cache costs the next run its time and nothing else.
        let _ = self.0.put(&Self::key(key), answer);
    }
}

/// Where to look for the interpreter. `uvx` puts the folder that holds this program and an empty environment first on the
/// `PATH`: nobody means the Python there.
fn candidates(settings: &Settings, root: &Utf8Path) -> Vec<interpreter::Candidate> {
    let own = launcher().ok().and_then(|own| own.parent().map(Utf8Path::to_owned));
    let own = own.filter(|folder| folder.join("../pyvenv.cfg").exists());
    let mut candidates = interpreter::candidates(settings.python.as_deref(), &settings.environments, root);
    for candidate in candidates.iter_mut().filter(|candidate| !candidate.named) {
        let name = candidate.program.as_str();
        if let Some(own) = own.as_ref().filter(|_| !name.contains('/'))
            && let Some(other) = settings::on_path_outside(name, own)
        {
            candidate.program = other;
        }
    }
    candidates
}

/// Whether git holds the interpreter, or anything of the environment that it is in.
fn is_in_repository(candidate: &interpreter::Candidate, root: &Utf8Path) -> bool {
    let real = |path: &Utf8Path| path.canonicalize_utf8().ok();
    let program = if candidate.program.is_absolute() {
        candidate.program.clone()
    } else if candidate.program.as_str().contains('/') {
        root.join(&candidate.program)
    } else {
        return false;
    };
    let inside = |path: &Utf8Path| path.strip_prefix(root).ok().map(Utf8Path::to_owned);
    let named = inside(&program).or_else(|| inside(&real(&program)?));
    let Some(inner) = named else {
        return false;
    };
    // `.venv/bin/python` is in the environment `.venv`.
    let folder = inner
        .parent()
        .and_then(Utf8Path::parent)
        .filter(|folder| !folder.as_str().is_empty());
    let output = std::process::Command::new("git")
        .args(["-C", root.as_str(), "--literal-pathspecs", "ls-files", "-z", "--"])
        .arg(folder.unwrap_or(&inner).as_str())
        .stderr(std::process::Stdio::null())
        .output();
    output.is_ok_and(|output| !output.stdout.is_empty())
}

/// What the choice of an interpreter depends on: the candidates that are there and when their files were written.
fn interpreter_key(candidates: &[interpreter::Candidate]) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    let path = std::env::var("PATH").unwrap_or_default();
    for candidate in candidates {
        hasher.update(candidate.program.as_str().as_bytes());
        hasher.update(candidate.chosen.as_bytes());
        for file in files_of(&candidate.program, &path) {
            let data = std::fs::metadata(&file).ok()?;
            hasher.update(file.as_str().as_bytes());
            hasher.update(format!("{:?} {}", data.modified().ok()?, data.len()).as_bytes());
        }
    }
    // A shim on the PATH (pyenv) decides by files and variables of its own.
    for name in ["PYENV_VERSION", "PYENV_ROOT"] {
        hasher.update(std::env::var(name).unwrap_or_default().as_bytes());
    }
    hasher.update(path.as_bytes());
    Some(format!("interpreter-{}", hasher.finalize().to_hex()))
}

/// The program's file and the settings of its environment, as far as they are there.
fn files_of(program: &Utf8Path, path: &str) -> Vec<Utf8PathBuf> {
    let programs: Vec<Utf8PathBuf> = if program.as_str().contains('/') {
        vec![program.to_owned()]
    } else {
        path.split(':')
            .map(|folder| Utf8Path::new(folder).join(program))
            .filter(|file| file.is_file())
            .take(1)
            .collect()
    };
    let settings: Vec<Utf8PathBuf> = programs
        .iter()
        .filter_map(|file| file.parent()?.parent())
        .map(|folder| folder.join("pyvenv.cfg"))
        .collect();
    programs
        .into_iter()
        .chain(settings)
        .filter(|file| file.exists())
        .collect()
}

/// Why a plan could not be carried out at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The versions could not be laid out.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The harness could not be laid out.
    #[error("the harness cannot be written: {0}")]
    Harness(std::io::Error),
    /// Our own binary cannot be found again, so that nothing can be contained.
    #[error("this program's own file cannot be found: {0}")]
    Launcher(String),
    /// No harness could be had.
    #[error(transparent)]
    Open(#[from] executor::OpenError),
    /// The sandbox is not what the configuration asks for.
    #[error(
        "the sandbox lacks {0}, and counterproof.toml asks for all layers: run on a system that has it, or set `require_all_layers = false`"
    )]
    Layers(String),
    /// There is no sandbox at all.
    #[error(
        "this system has no layer of the sandbox, so the project's code would run with your rights: use --no-sandbox if you trust it"
    )]
    NoSandbox,
}

/// Lays both versions out and carries the plan out on them.
///
/// # Errors
/// When nothing could be run.
#[allow(
    clippy::too_many_arguments,
    reason = "the wiring of one run; a struct for it would be used once"
)]
pub fn run(
    cache: &Cache,
    settings: &Settings,
    change: &Change,
    plan: &Plan,
    pair: &Pair,
    overlay: &Overlay,
    interpreters: &Interpreters,
    spinner: &Spinner,
) -> Result<(Evidence, (String, String)), RunError> {
    layers(settings)?;
    let workspace = cache.workspace()?;
    let ids = (tree_id(&pair.base, overlay), tree_id(&pair.head, overlay));
    let base = place(&cache.store, &ids.0, &pair.base, overlay)?;
    let head = place(&cache.store, &ids.1, &pair.head, overlay)?;
    let context = Context {
        base: executor::Side {
            tree: base.path().to_owned(),
            scratch: workspace.base(),
            project: pair.base.project().clone(),
            interpreter: interpreters.base.clone(),
        },
        head: executor::Side {
            tree: head.path().to_owned(),
            scratch: workspace.head(),
            project: pair.head.project().clone(),
            interpreter: interpreters.head.clone(),
        },
        launcher: launcher()?,
        harness: cache.harness().map_err(RunError::Harness)?,
        settings: settings.executor.clone(),
        progress: spinner,
    };
    let mut evidence = executor::execute(&context, change, plan)?;
    evidence
        .notes
        .extend(overlay.notes.iter().chain(&interpreters.notes).cloned());
    Ok((evidence, ids))
}

/// Lays head out and gives it to `work` as both versions.
///
/// # Errors
/// When it cannot be laid out, or nothing can hold it.
pub fn with_head<T>(
    cache: &Cache,
    settings: &Settings,
    pair: &Pair,
    overlay: &Overlay,
    interpreter: Interpreter,
    spinner: &Spinner,
    work: impl FnOnce(&Context<'_>) -> T,
) -> Result<T, RunError> {
    layers(settings)?;
    let workspace = cache.workspace()?;
    let head = place(&cache.store, &tree_id(&pair.head, overlay), &pair.head, overlay)?;
    let side = executor::Side {
        tree: head.path().to_owned(),
        scratch: workspace.head(),
        project: pair.head.project().clone(),
        interpreter,
    };
    let context = Context {
        base: side.clone(),
        head: side,
        launcher: launcher()?,
        harness: cache.harness().map_err(RunError::Harness)?,
        settings: settings.executor.clone(),
        progress: spinner,
    };
    Ok(work(&context))
}

/// Our own program.
///
/// # Errors
/// When the system does not tell where it is.
pub fn launcher() -> Result<Utf8PathBuf, RunError> {
    let path = std::env::current_exe().map_err(|error| RunError::Launcher(error.to_string()))?;
    Utf8PathBuf::from_path_buf(path).map_err(|path| RunError::Launcher(format!("{} is not UTF-8", path.display())))
}

/// Whether the sandbox is enough to run anything.
fn layers(settings: &Settings) -> Result<(), RunError> {
    if settings.executor.without_layers.len() == sandbox::Layer::ALL.len() {
        return Ok(());
    }
    let offered = sandbox::available();
    if offered.iter().all(|(_, offer)| offer.is_err()) {
        return Err(RunError::NoSandbox);
    }
    let missing = offered
        .into_iter()
        .find_map(|(layer, offer)| offer.err().map(|reason| format!("{layer:?} ({reason})")));
    match missing {
        Some(missing) if settings.require_all_layers => Err(RunError::Layers(missing)),
        _ => Ok(()),
    }
}

fn tree_id(side: &Side, overlay: &Overlay) -> String {
    if overlay.digest.is_empty() {
        side.tree.clone()
    } else {
        format!("{}+{}", side.tree, overlay.digest)
    }
}

fn place(store: &Store, id: &str, side: &Side, overlay: &Overlay) -> Result<Tree, store::Error> {
    let laid_over: HashMap<String, &Vec<u8>> = overlay
        .files
        .iter()
        .map(|(_, bytes)| (blake3::hash(bytes).to_hex().to_string(), bytes))
        .collect();
    let links = links(side);
    let own = side.entries().iter().filter_map(|entry| {
        let node = match entry.mode {
            Mode::File | Mode::Executable => Node::File {
                blob: entry.id.clone(),
                executable: entry.mode == Mode::Executable,
                size: None,
            },
            Mode::Symlink => Node::Link {
                target: links.get(&entry.id)?.clone(),
            },
            Mode::Submodule => return None,
        };
        Some(TreeEntry {
            path: entry.path.clone().into(),
            node,
        })
    });
    let over = overlay
        .files
        .iter()
        .map(|(path, bytes)| TreeEntry::file(path.clone(), blake3::hash(bytes).to_hex().to_string()));
    store.place_tree(id, own.chain(over).collect::<Vec<_>>(), |missing, sink| {
        let (over, own): (Vec<&str>, Vec<&str>) = missing
            .iter()
            .map(String::as_str)
            .partition(|id| laid_over.contains_key(*id));
        for id in over {
            sink(id, laid_over[id])?;
        }
        let mut refused = None;
        side.fetch(&own, &mut |id, bytes| {
            if refused.is_none() {
                refused = sink(id, &bytes).err();
            }
        })?;
        match refused {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    })
}

/// Where symbolic links point, by content.
fn links(side: &Side) -> HashMap<String, String> {
    let ids: Vec<&str> = side
        .entries()
        .iter()
        .filter(|entry| entry.mode == Mode::Symlink)
        .map(|entry| entry.id.as_str())
        .collect();
    let mut targets = HashMap::new();
    if !ids.is_empty() {
        // A link that cannot be read is left out, as a dangling one would be of no use either.
        let _ = side.fetch(&ids, &mut |id, bytes| {
            targets.insert(id.to_owned(), String::from_utf8_lossy(&bytes).into_owned());
        });
    }
    targets
}

/// The sources of a version that lies on disk.
pub fn project_of(tree: &Utf8Path) -> Arc<Project> {
    let mut paths = Vec::new();
    collect(tree, tree, &mut paths);
    let root = tree.to_owned();
    Arc::new(Project::new(paths, move |path: &str| std::fs::read(root.join(path))))
}

fn collect(root: &Utf8Path, folder: &Utf8Path, paths: &mut Vec<String>) {
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(root, path, paths),
            Ok(kind) if kind.is_file() => paths.extend(path.strip_prefix(root).map(|path| path.as_str().to_owned())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Finding, FindingKind, FunctionEvidence, Input, Revision, Verification};

    fn finding(id: &str) -> Finding {
        Finding {
            id: id.to_owned(),
            kind: FindingKind::Changed,
            cause: String::new(),
            cause_place: None,
            shown_by: 1,
            base_returned: true,
            minor: false,
            replays: String::new(),
            exposure: None,
            example: crate::sample::example(Input::default()),
        }
    }

    fn stored(ids: &[&str]) -> Stored {
        let revision = || Revision {
            name: String::new(),
            tree: String::new(),
            commit: None,
        };
        Stored {
            tool_version: String::new(),
            change: Change {
                base: revision(),
                head: revision(),
                files: Vec::new(),
                functions: Vec::new(),
                unverified: Vec::new(),
                layout_only: Vec::new(),
                concerns: Vec::new(),
            },
            plan: Plan {
                checks: Vec::new(),
                tests: None,
                budget_seconds: 1.0,
            },
            evidence: Evidence {
                functions: vec![FunctionEvidence {
                    function: 0,
                    verification: Verification::Different,
                    findings: ids.iter().map(|id| finding(id)).collect(),
                    way: None,
                    inputs: 1,
                    useful_inputs: 1,
                    branches: None,
                    changed_lines: None,
                    faults: None,
                    examples: Vec::new(),
                    new_parameters: Vec::new(),
                    notes: Vec::new(),
                }],
                tests: Vec::new(),
                interpreter: None,
                missing_layers: Vec::new(),
                not_frozen: Vec::new(),
                notes: Vec::new(),
                child_cpu_seconds: 0.0,
            },
            exit: 1,
            seconds: 1.0,
            cached: false,
            ran: None,
        }
    }

    #[test]
    fn a_finding_is_found_by_its_id_after_another_check_of_the_same_showed_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Utf8Path::from_path(folder.path()).expect("a path");
        let cache = Cache::open(root).expect("a cache");
        let key = Key("key".to_owned());
        let ids = |id: &str| {
            let stored = cache.check_of(id)?;
            let findings = stored
                .evidence
                .functions
                .into_iter()
                .flat_map(|function| function.findings);
            Some(findings.map(|finding| finding.id).collect::<Vec<_>>())
        };
        cache.keep(&key, &stored(&["a", "b"]));
        cache.keep(&key, &stored(&["b", "c"]));
        assert_eq!(ids("a"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(ids("b"), Some(vec!["b".to_owned(), "c".to_owned()]));
        assert_eq!(ids("c"), ids("b"));
        cache.keep(&key, &stored(&["d"]));
        assert!(
            ["a", "b", "c", "d"]
                .iter()
                .all(|id| ids(id).is_some_and(|ids| ids.iter().any(|own| own == id)))
        );
    }
}
