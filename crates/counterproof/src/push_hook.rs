//! `counterproof install pre-push`: a hook of git's that checks what is pushed. A hook that is there already goes on to be run.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use crate::args::InstallArgs;
use crate::error::{CliError, print};
use crate::install::program;

/// The hook; `@PROGRAM@` stands for our program as a shell finds it.
const HOOK: &str = include_str!("pre-push.sh");
/// The line by which a hook is known as ours.
const MARK: &str = "# counterproof:pre-push";
/// What the name of the hook that was there gets.
const EARLIER: &str = ".before-counterproof";

/// What stands where git looks for the hook.
#[derive(Debug, PartialEq, Eq)]
enum There {
    Nothing,
    /// Ours, as it was written, for whatever program.
    Ours,
    /// Ours, edited since.
    Edited,
    /// Somebody else's.
    Other,
}

/// Writes the hook; one that is there is kept beside it and run first.
///
/// # Errors
/// When there is no repository, or the hooks' folder is not this project's or cannot be written.
pub fn install(args: &InstallArgs) -> Result<u8, CliError> {
    let (hook, earlier) = place(args)?;
    let new = HOOK.replace("@PROGRAM@", &program()?);
    match there(&hook)? {
        There::Edited => return Err(edited(&hook)),
        There::Other if earlier.symlink_metadata().is_ok() => {
            return Err(CliError::Usage(format!(
                "{hook} is not ours, and {earlier}, which an earlier installation kept, is there too: put both together in one of them and remove the other. Nothing was changed"
            )));
        }
        There::Other => fs::rename(&hook, &earlier).map_err(|error| unwritable(&hook, &error))?,
        There::Nothing | There::Ours => {}
    }
    if let Err(error) = write(&hook, &new) {
        if there(&hook)? == There::Nothing && earlier.symlink_metadata().is_ok() {
            // The hook that was there is worth more than ours.
            let _ = fs::rename(&earlier, &hook);
        }
        return Err(unwritable(&hook, &error));
    }
    let kept = match earlier.symlink_metadata() {
        Ok(_) => format!(", after the hook that was there ({earlier})"),
        Err(_) => String::new(),
    };
    print(&format!(
        "The hook is in {hook}: what you push is checked first{kept}. A difference in behaviour stops the push, what cannot be verified does not.\n\
         `git push --no-verify` pushes without it, `counterproof uninstall pre-push` takes it out again."
    ))?;
    Ok(0)
}

/// Takes our hook out, and puts the one that was there back.
///
/// # Errors
/// When there is no repository, or our hook was edited or cannot be removed.
pub fn uninstall(args: &InstallArgs) -> Result<u8, CliError> {
    let (hook, earlier) = place(args)?;
    match there(&hook)? {
        There::Edited => return Err(edited(&hook)),
        There::Nothing | There::Other => {
            print(&format!(
                "There is no hook of Counterproof in {hook}: nothing to take out."
            ))?;
            return Ok(0);
        }
        There::Ours => {}
    }
    let told = if earlier.symlink_metadata().is_ok() {
        fs::rename(&earlier, &hook).map_err(|error| unwritable(&hook, &error))?;
        format!("The hook that was in {hook} before is there again.")
    } else {
        fs::remove_file(&hook).map_err(|error| unwritable(&hook, &error))?;
        format!("The hook is out of {hook}.")
    };
    print(&told)?;
    Ok(0)
}

/// Where git looks for the hook, `core.hooksPath` heeded, and where an earlier one is kept.
fn place(args: &InstallArgs) -> Result<(Utf8PathBuf, Utf8PathBuf), CliError> {
    let folder = git(&["rev-parse", "--path-format=absolute", "--git-path", "hooks"])?
        .ok_or_else(|| CliError::Usage("there is no git repository here: run it inside of one".to_owned()))?;
    let scope = git(&["config", "--show-scope", "--get", "core.hooksPath"])?;
    let is_shared = scope.is_some_and(|scope| scope.starts_with("global") || scope.starts_with("system"));
    match (is_shared, args.user) {
        (true, false) => {
            return Err(CliError::Usage(format!(
                "core.hooksPath has the hooks of all your projects in {folder}: install there with --user, or give this repository its own with `git config core.hooksPath .git/hooks`. Nothing was changed"
            )));
        }
        (false, true) => {
            return Err(CliError::Usage(
                "git has no hooks for all your projects: set core.hooksPath with `git config --global`, or leave --user out. Nothing was changed".to_owned(),
            ));
        }
        _ => {}
    }
    let hook = Utf8PathBuf::from(folder).join("pre-push");
    let earlier = Utf8PathBuf::from(format!("{hook}{EARLIER}"));
    Ok((hook, earlier))
}

/// What git says, without the end of the line; none where it says that there is no such thing.
fn git(args: &[&str]) -> Result<Option<String>, CliError> {
    let output = Command::new("git")
        .args(args)
        .output()
        .map_err(|error| CliError::NotRunnable(format!("git cannot be run: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    Ok((output.status.success() && !text.is_empty()).then_some(text))
}

fn there(hook: &Utf8Path) -> Result<There, CliError> {
    match fs::read(hook) {
        Ok(bytes) => Ok(kind_of(&String::from_utf8_lossy(&bytes))),
        // A link that leads nowhere is somebody's, too.
        Err(error) if error.kind() == ErrorKind::NotFound && hook.symlink_metadata().is_err() => Ok(There::Nothing),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(There::Other),
        Err(error) => Err(CliError::Usage(format!(
            "{hook} cannot be read: {error}. Nothing was changed"
        ))),
    }
}

fn kind_of(text: &str) -> There {
    if !text.lines().any(|line| line == MARK) {
        return There::Other;
    }
    let without_program = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("program="));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    match without_program(text) == without_program(HOOK) {
        true => There::Ours,
        false => There::Edited,
    }
}

/// Writes it beside its place first, so that there is never half a hook.
fn write(hook: &Utf8Path, text: &str) -> std::io::Result<()> {
    let folder = hook.parent().unwrap_or(hook);
    fs::create_dir_all(folder)?;
    let file = tempfile::NamedTempFile::new_in(folder)?;
    fs::write(file.path(), text)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
    file.persist(hook)?;
    Ok(())
}

fn edited(hook: &Utf8Path) -> CliError {
    CliError::Usage(format!(
        "{hook} is ours and was edited since, or is of another version: keep what you need of it elsewhere and remove it. Nothing was changed"
    ))
}

fn unwritable(hook: &Utf8Path, error: &std::io::Error) -> CliError {
    CliError::Usage(format!("{hook} cannot be written: {error}. Nothing was changed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_known_whatever_program_it_names_and_an_edit_is_noticed() {
        let written = HOOK.replace("@PROGRAM@", "'/a folder/counterproof'");
        assert_eq!(kind_of(&written), There::Ours);
        assert_eq!(kind_of(&written.replace("30s", "60s")), There::Edited);
        assert_eq!(kind_of("#!/bin/sh\nexec lint\n"), There::Other);
    }
}
