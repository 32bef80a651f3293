//! The rewrites: public tools, and our own script for what no tool does.

use crate::bench::packages::{self, Pythons};
use crate::shell::{self, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A rewrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// By a tool of the environment, with its arguments; the folder follows them.
    Tool(&'static str, &'static [&'static str]),
    /// By a tool that takes files, not folders.
    ToolOfFiles(&'static str, &'static [&'static str]),
    /// By `benches/false-alarms/rewrite.py`.
    Own(&'static str),
    /// None at all.
    Identical,
}

/// Every function gets a statement before all others that nothing depends on, and counts as changed.
pub const PRECEDED: Rewrite = Rewrite::Own("precede-local");

/// Fixes that ruff calls safe, but for two that do change behaviour. F401: an import that looks unused is often there for
/// others to import. F841 takes `as exc` from a handler whose `exc` is read after a branch that may not have set it again:
/// `get_path('', '', default)` of boltons 24.0.0 then raises `UnboundLocalError`, and `check` rightly says so.
const FIXES: &[&str] = &[
    "check",
    "--fix-only",
    "--quiet",
    "--isolated",
    "--select=E,F,W,I,UP,C4,SIM,PIE,RET,RSE,FLY,FURB,PERF,PLC,PLR",
    "--ignore=F401,F841",
    "--target-version=py39",
];

/// All of them.
pub const ALL: [Rewrite; 11] = [
    Rewrite::Tool("ruff-format", &["format", "--quiet", "--isolated", "--line-length=70"]),
    Rewrite::Tool("black", &["--quiet", "--line-length=70"]),
    Rewrite::Tool("ruff-fix", FIXES),
    Rewrite::Tool("isort", &["--quiet", "--force-single-line-imports"]),
    Rewrite::ToolOfFiles("pyupgrade", &["--exit-zero-even-if-changed", "--py39-plus"]),
    Rewrite::Own("rename-locals"),
    Rewrite::Own("flip-conditions"),
    Rewrite::Own("extract-constants"),
    Rewrite::Own("extract-helpers"),
    Rewrite::Own("rename-private-attributes"),
    Rewrite::Own("swap-operands"),
];

impl Rewrite {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tool(name, _) | Self::ToolOfFiles(name, _) | Self::Own(name) => name,
            Self::Identical => "identical",
        }
    }
}

/// The tools, and the interpreter that runs the script.
pub struct Workshop {
    /// An environment with all tools.
    python: PathBuf,
}

impl Workshop {
    /// Installs what `tools.txt` lists.
    pub fn open(pythons: &Pythons) -> Result<Self> {
        let list = shell::read(&shell::root().join("benches/false-alarms/tools.txt"))?;
        let tools: Vec<String> = list
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect();
        let python = packages::environment(pythons.at_least((3, 9))?, &tools)?;
        Ok(Self { python })
    }

    /// Rewrites all Python files of a folder; false where there was nothing to do.
    pub fn rewrite(&self, rewrite: Rewrite, folder: &Path) -> Result<bool> {
        match rewrite {
            Rewrite::Identical => Ok(false),
            Rewrite::Own(name) => self.own(name, folder, None),
            Rewrite::Tool(name, arguments) => {
                let program = name.split('-').next().unwrap_or(name);
                let mut command = self.tool(program, arguments);
                shell::output(command.arg(folder)).map(|_| true)
            }
            Rewrite::ToolOfFiles(name, arguments) => {
                let mut command = self.tool(name, arguments);
                shell::output(command.args(python_files(folder)?)).map(|_| true)
            }
        }
    }

    /// Rewrites with our own script, at most so many places.
    pub fn own(&self, name: &str, folder: &Path, limit: Option<usize>) -> Result<bool> {
        let mut command = Command::new(&self.python);
        command
            .arg(shell::root().join("benches/false-alarms/rewrite.py"))
            .arg(name)
            .arg(folder)
            .args(limit.map(|limit| limit.to_string()))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        Ok(shell::output(&mut command)?.trim() != "0")
    }

    fn tool(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.python.with_file_name(name));
        command.args(arguments);
        command
    }
}

/// All Python files of a folder, sorted.
pub fn python_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let told = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.is_dir() {
            found.extend(python_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
