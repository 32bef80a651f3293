//! What the tests need and the repository does not hold: a private Python environment and unpacked releases of real
//! packages. Made once; afterwards no network is needed.

use crate::pythons::Python;
use crate::shell::{self, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where everything is that was set up.
pub struct Environment {
    /// The interpreter of the private environment.
    pub python: PathBuf,
    /// The folder with a folder `NAME-VERSION` for each release.
    pub packages: PathBuf,
    /// The interpreter of the environment with the schemas of other tools; none where no Python here is new enough for it.
    pub tools: Option<PathBuf>,
}

/// The oldest Python that what holds the schemas runs on.
const OLDEST_FOR_TOOLS: (u32, u32) = (3, 11);

/// Sets up what is missing.
pub fn set_up(pythons: &[Python]) -> Result<Environment> {
    let python = private(
        pythons,
        &shell::target().join("test-env"),
        &shell::root().join("xtask/test-requirements.txt"),
    )?;
    let packages = releases(&python)?;
    let tools = tools(pythons)?;
    Ok(Environment {
        python,
        packages,
        tools,
    })
}

fn tools(pythons: &[Python]) -> Result<Option<PathBuf>> {
    let new: Vec<Python> = pythons
        .iter()
        .filter(|python| python.version >= OLDEST_FOR_TOOLS)
        .cloned()
        .collect();
    if new.is_empty() {
        shell::say("no Python 3.11 or later: the examples for other tools are not held against the schemas of these");
        return Ok(None);
    }
    let folder = shell::target().join("test-tools");
    private(&new, &folder, &shell::root().join("xtask/tool-requirements.txt")).map(Some)
}

/// A virtual environment in `folder` with what `requirements` lists, and its interpreter. Made anew when the list or the
/// interpreter changes.
pub fn private(pythons: &[Python], folder: &Path, requirements: &Path) -> Result<PathBuf> {
    let python = folder.join("bin/python");
    let wanted = format!("{}\n{}", pythons[0].text, shell::read(requirements)?);
    let stamp = folder.join("made-from.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) && shell::works(Command::new(&python).arg("-V"))
    {
        return Ok(python);
    }
    shell::remove_folder(folder)?;
    make_environment(pythons, folder)?;
    shell::run(pip(&python, &["install"]).arg("-r").arg(requirements))?;
    shell::write(&stamp, &wanted)?;
    Ok(python)
}

/// Some systems take `venv` or `ensurepip` out of their Python, so that the first interpreter that can is used.
fn make_environment(pythons: &[Python], folder: &Path) -> Result<()> {
    let mut complaint = String::new();
    for python in pythons {
        shell::say(&format!("making an environment with Python {}", python.text));
        match shell::output(Command::new(&python.path).args(["-m", "venv"]).arg(folder)) {
            Ok(_) => return Ok(()),
            Err(error) => complaint = error,
        }
        shell::remove_folder(folder)?;
    }
    Err(format!(
        "no Python here can make a virtual environment; on Debian and Ubuntu, install python3-venv\n{complaint}"
    ))
}

/// Unpacks every release that `test-packages.txt` lists and that is not there yet.
fn releases(python: &Path) -> Result<PathBuf> {
    let folder = shell::target().join("test-packages");
    for line in shell::read(&shell::root().join("xtask/test-packages.txt"))?.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, version) = line
            .split_once("==")
            .ok_or(format!("test-packages.txt: `{line}` is not NAME==VERSION"))?;
        let release = folder.join(format!("{name}-{version}"));
        if !release.is_dir() {
            unpack(python, line, &release)?;
        }
    }
    Ok(folder)
}

/// Downloads the wheel of one release and unpacks it. The folder appears when it is complete, never before.
fn unpack(python: &Path, requirement: &str, release: &Path) -> Result<()> {
    let work = PathBuf::from(format!("{}.part", release.display()));
    shell::remove_folder(&work)?;
    let download = work.join("download");
    shell::run(
        pip(python, &["download", "--no-deps", "--only-binary", ":all:"])
            .arg("-d")
            .arg(&download)
            .arg(requirement),
    )?;
    let wheel = the_wheel(&download)?;
    let content = work.join("content");
    shell::output(
        Command::new(python)
            .args(["-m", "zipfile", "-e"])
            .arg(&wheel)
            .arg(&content),
    )?;
    std::fs::rename(&content, release).map_err(|error| format!("{} cannot be made: {error}", release.display()))?;
    shell::remove_folder(&work)
}

/// The one file that was downloaded; it must be of pure Python, so that it runs under every interpreter.
fn the_wheel(folder: &Path) -> Result<PathBuf> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    let is_pure = |path: &PathBuf| path.to_string_lossy().ends_with("-none-any.whl");
    entries
        .flatten()
        .map(|entry| entry.path())
        .find(is_pure)
        .ok_or(format!("{}: no wheel of pure Python was downloaded", folder.display()))
}

/// The interpreter's own pip, quiet and without questions.
pub fn pip(python: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(python);
    command
        .args(["-m", "pip"])
        .args(arguments)
        .args(["--quiet", "--disable-pip-version-check", "--no-input"]);
    command
}
