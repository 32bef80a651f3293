//! A git repository with a package in it, and edits of its working tree.

use crate::bench::checking::{Checker, Ran};
use crate::bench::false_alarms::rewrites::python_files;
use crate::bench::packages;
use crate::bench::summary::median;
use crate::shell::{self, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Imports everything in the current folder but what needs other packages, and prints the seconds.
const IMPORT_ALL: &str = "\
import contextlib, importlib, pathlib, sys, time
sys.path.insert(0, '.')
names = ['.'.join(path.with_suffix('').parts) for path in sorted(pathlib.Path('.').rglob('*.py'))]
start = time.perf_counter()
for name in names:
    with contextlib.suppress(ImportError):
        importlib.import_module(name.removesuffix('.__init__'))
print(time.perf_counter() - start)";

/// A repository with one commit.
pub struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// Makes it from a release.
    pub fn of(name: &str, release: &Path) -> Result<Self> {
        let folder = shell::target().join("bench-work").join(format!("repository-{name}"));
        shell::remove_folder(&folder)?;
        packages::copy(release, &folder, true)?;
        let repository = Self { folder };
        repository.git(&["init", "--quiet", "--initial-branch=main"])?;
        repository.git(&["add", "--all"])?;
        repository.git(&["commit", "--quiet", "--message=the release"])?;
        Ok(repository)
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("git");
        command
            .current_dir(&self.folder)
            .args(["-c", "user.name=bench", "-c", "user.email=bench@example.invalid"])
            .args(arguments);
        shell::output(&mut command)
    }

    /// Takes back all edits.
    fn restore(&self) -> Result<()> {
        self.git(&["checkout", "--quiet", "--", "."]).map(drop)
    }

    /// Makes one edit of the release: one piece of text, there once, becomes another.
    pub fn edit(&self, file: &str, old: &str, new: &str) -> Result<()> {
        self.restore()?;
        let path = self.folder.join(file);
        let text = shell::read(&path)?;
        if text.matches(old).count() != 1 {
            return Err(format!("{file} does not have `{old}` once"));
        }
        shell::write(&path, &text.replace(old, new))
    }

    /// Gives so many functions, or all, a first statement without meaning.
    pub fn precede(&self, python: &Path, limit: Option<usize>) -> Result<()> {
        self.restore()?;
        self.rewrite(python, "precede-local", limit)
    }

    /// Gives up to `limit` files another layout, and says how many.
    pub fn relayout(&self, python: &Path, limit: usize) -> Result<usize> {
        self.restore()?;
        self.rewrite(python, "precede-comment", None)?;
        let changed = self.git(&["diff", "--name-only"])?;
        let changed: Vec<&str> = changed.lines().collect();
        for file in changed.iter().skip(limit) {
            self.git(&["checkout", "--quiet", "--", file])?;
        }
        Ok(changed.len().min(limit))
    }

    fn rewrite(&self, python: &Path, name: &str, limit: Option<usize>) -> Result<()> {
        let script = shell::root().join("benches/false-alarms/rewrite.py");
        let mut command = Command::new(python);
        command.arg(script).arg(name).arg(&self.folder);
        command.args(limit.map(|limit| limit.to_string()));
        shell::output(command.env("PYTHONDONTWRITEBYTECODE", "1")).map(drop)
    }

    /// Checks the working tree against the commit; `anew` takes no earlier evidence.
    pub fn check(&self, checker: &Checker, anew: bool) -> Result<Ran> {
        let mut command = checker.command();
        command.current_dir(&self.folder);
        if anew {
            command.arg("--no-cache");
        }
        checker.run(&mut command)
    }

    /// Lines of all its Python files.
    pub fn lines(&self) -> Result<usize> {
        let files = python_files(&self.folder)?;
        files
            .iter()
            .map(|file| shell::read(file).map(|text| text.lines().count()))
            .sum()
    }

    /// Seconds that importing all its modules takes, without compiled files, as a check has to.
    pub fn import_time(&self, python: &Path, rounds: usize) -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..rounds.max(1) {
            let mut command = Command::new(python);
            command
                .current_dir(&self.folder)
                .args(["-W", "ignore", "-c", IMPORT_ALL])
                .env("PYTHONDONTWRITEBYTECODE", "1");
            let seconds = shell::output(&mut command)?;
            times.push(seconds.trim().parse().map_err(|_| format!("`{seconds}` is no time"))?);
        }
        Ok(median(times))
    }
}
