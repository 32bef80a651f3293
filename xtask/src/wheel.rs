//! `cargo xtask wheel`: the binary as a wheel, as PyPI would have it, and a look at it as a user's first one.

use crate::environment;
use crate::pythons;
use crate::shell::{self, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the wheel into `target/wheels`, runs it by way of uv, and prints where it is. `arguments` go to maturin.
pub fn run(arguments: &[&str]) -> Result<()> {
    let python = environment::private(
        &pythons::all()?,
        &shell::target().join("wheel-env"),
        &shell::root().join("xtask/wheel-requirements.txt"),
    )?;
    let wheels = shell::target().join("wheels");
    // A wheel of an earlier build would be taken for the one that this build makes.
    shell::remove_folder(&wheels)?;
    let program = |name: &str| python.with_file_name(name);
    shell::run(
        Command::new(program("maturin"))
            .current_dir(shell::root())
            .args(["build", "--release", "--locked", "--out"])
            .arg(&wheels)
            .args(arguments),
    )?;
    let wheel = the_wheel(&wheels)?;
    // Without the cache: uv would run the wheel of the same version that it unpacked before.
    shell::run(
        Command::new(program("uv"))
            .args(["tool", "run", "--quiet", "--no-cache", "--from"])
            .arg(&wheel)
            .args(["counterproof", "--version"]),
    )?;
    println!("{}", wheel.display());
    Ok(())
}

/// The one wheel in `folder`; it must run under every Python 3 of its platform.
fn the_wheel(folder: &Path) -> Result<PathBuf> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{} cannot be read: {error}", folder.display()))?;
    let wheels: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    match wheels.as_slice() {
        [wheel] if wheel.to_string_lossy().contains("-py3-none-") => Ok(wheel.clone()),
        other => Err(format!(
            "{}: not one wheel for any Python 3, but {other:?}",
            folder.display()
        )),
    }
}
