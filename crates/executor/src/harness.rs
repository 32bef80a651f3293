//! The Python harness, embedded in the program and laid out where an interpreter can read it.

use std::fs;
use std::io;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use include_dir::{Dir, include_dir};

use crate::interpreter::Interpreter;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../harnesses/python");

/// Identity of the embedded harness: part of what evidence depends on.
pub fn digest() -> String {
    let mut hasher = blake3::Hasher::new();
    hash(&FILES, &mut hasher);
    hasher.finalize().to_hex()[..16].to_owned()
}

fn hash(folder: &Dir<'_>, hasher: &mut blake3::Hasher) {
    for file in folder.files().filter(|file| wanted(file.path())) {
        hasher.update(file.path().as_os_str().as_encoded_bytes());
        hasher.update(file.contents());
    }
    for inner in folder.dirs() {
        hash(inner, hasher);
    }
}

fn wanted(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|ending| ending == "py") && !path.starts_with("tests")
}

/// Lays the harness out below `root`, once, and gives its folder.
///
/// # Errors
/// When the folder cannot be written.
pub fn place(root: &Utf8Path) -> io::Result<Utf8PathBuf> {
    let folder = root.join(format!("harness-{}", digest()));
    if folder.join("main.py").exists() {
        return Ok(folder);
    }
    fs::create_dir_all(root)?;
    let fresh = tempfile::Builder::new().prefix("harness-").tempdir_in(root)?;
    let inside =
        Utf8Path::from_path(fresh.path()).ok_or_else(|| io::Error::other("the cache folder's path is not UTF-8"))?;
    write(&FILES, inside)?;
    match fs::rename(inside, &folder) {
        Ok(()) => {
            let _renamed_away = fresh.keep();
        }
        // Another process was first.
        Err(_) if folder.join("main.py").exists() => {}
        Err(error) => return Err(error),
    }
    Ok(folder)
}

/// Compiles the harness below `folder` for an interpreter, once: every start of it saves what that takes.
///
/// Only our own files are compiled, nothing of the project or its packages runs. Where it fails the harness is as good without.
pub fn compile(folder: &Utf8Path, interpreter: &Interpreter) {
    let done = folder.join(format!(
        "compiled-{}-{}",
        interpreter.implementation, interpreter.version
    ));
    if done.exists() {
        return;
    }
    let compiled = Command::new(&interpreter.executable)
        .args(["-I", "-S", "-m", "compileall", "-q", folder.as_str()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if compiled.is_ok_and(|status| status.success()) {
        // A note that cannot be written costs another try next time.
        let _ = fs::write(done, "");
    }
}

fn write(folder: &Dir<'_>, into: &Utf8Path) -> io::Result<()> {
    for file in folder.files().filter(|file| wanted(file.path())) {
        let target = into.as_std_path().join(file.path());
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(target, file.contents())?;
    }
    folder.dirs().try_for_each(|inner| write(inner, into))
}
