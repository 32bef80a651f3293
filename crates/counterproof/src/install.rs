//! `counterproof install` and `uninstall`: an agent's settings, edited so that all else in them stays as it is.

use std::fs;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::args::{Agent, InstallArgs};
use crate::check::root_of;
use crate::claude_code::{self, Message};
use crate::error::{CliError, print};
use crate::files::write_whole;
use crate::{push_hook, settings};

/// Version of the record of an installation.
const FORMAT: u32 = 1;

/// What the settings were before, and what was written.
#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    /// Whether there was a file.
    existed: bool,
    /// Whether there was a folder for it.
    folder_existed: bool,
    /// Digest of what was written.
    written: String,
}

/// The record of one settings file in the cache, and the file as it was beside it.
struct Backup {
    record: Utf8PathBuf,
    before: Utf8PathBuf,
}

impl Backup {
    fn of(settings: &Utf8Path) -> Self {
        let folder = settings::cache_folder().join("backups");
        let name = &digest(settings.as_str().as_bytes())[..16];
        Self {
            record: folder.join(format!("claude-code-{name}.json")),
            before: folder.join(format!("claude-code-{name}.before")),
        }
    }

    fn read(&self) -> Option<(Record, Vec<u8>)> {
        let record: Record = serde_json::from_slice(&fs::read(&self.record).ok()?).ok()?;
        (record.version == FORMAT).then_some(())?;
        Some((record, fs::read(&self.before).ok()?))
    }

    fn write(&self, record: &Record, before: &[u8]) -> Result<(), CliError> {
        let write = || {
            fs::create_dir_all(self.record.parent().unwrap_or(&self.record))?;
            fs::write(&self.before, before)?;
            fs::write(&self.record, serde_json::to_vec(record)?)
        };
        write().map_err(|error: std::io::Error| {
            CliError::Cache(format!(
                "{} cannot be kept safe in {}: {error}; set COUNTERPROOF_CACHE to a folder that can be written. Nothing was changed",
                "the settings as they are",
                self.before
            ))
        })
    }

    fn forget(&self) {
        // A record that stays is recognised by its digest as belonging to another file.
        let _ = fs::remove_file(&self.record);
        let _ = fs::remove_file(&self.before);
    }
}

/// Adds the hook, and shows that it is heard.
///
/// # Errors
/// When the settings cannot be read, edited or written, or the hook is not heard.
pub fn install(args: &InstallArgs) -> Result<u8, CliError> {
    if args.agent == Agent::PrePush {
        return push_hook::install(args);
    }
    let (root, path) = place(args)?;
    let before = read(&path)?;
    let text = before.as_deref().unwrap_or_default();
    let (new, command) = claude_code::with_hook(text, &program()?).map_err(|wrong| refused(&path, &wrong))?;
    if before.as_deref() == Some(new.as_str()) {
        print(&format!("The Stop hook is in {path} already: {command}"))?;
    } else {
        write_with_backup(&path, before.as_deref(), &new)?;
        print(&format!("The Stop hook is in {path}: {command}"))?;
    }
    canary(&root, &command)?;
    print(
        "A test event arrived. From now on Claude Code is told once, when it stops, what its change does to behaviour.\n\
         `counterproof uninstall claude-code` takes it out again.",
    )?;
    Ok(0)
}

fn write_with_backup(path: &Utf8Path, before: Option<&str>, new: &str) -> Result<(), CliError> {
    let backup = Backup::of(path);
    let text = before.unwrap_or_default();
    let written = digest(new.as_bytes());
    let has_entry = matches!(claude_code::without_hook(text), Ok(Some(_)));
    match backup.read() {
        // Only where the program is has changed: what was before stays what was before.
        Some((record, old)) if has_entry && record.written == digest(text.as_bytes()) => {
            backup.write(&Record { written, ..record }, &old)?;
        }
        _ if has_entry => backup.forget(),
        _ => {
            let record = Record {
                version: FORMAT,
                existed: before.is_some(),
                folder_existed: path.parent().is_some_and(Utf8Path::exists),
                written,
            };
            backup.write(&record, text.as_bytes())?;
        }
    }
    write_whole(path, new.as_bytes()).map_err(|error| unwritable(path, &error))
}

/// Takes the hook out: the file is what it was where nobody edited it since, else it lacks our entry alone.
///
/// # Errors
/// When the settings cannot be read, edited or written.
pub fn uninstall(args: &InstallArgs) -> Result<u8, CliError> {
    if args.agent == Agent::PrePush {
        return push_hook::uninstall(args);
    }
    let (_, path) = place(args)?;
    let backup = Backup::of(&path);
    let Some(text) = read(&path)? else {
        print(&format!("There is no {path}: nothing to take out."))?;
        return Ok(0);
    };
    let known = backup.read();
    if let Some((record, before)) = known.filter(|(record, _)| record.written == digest(text.as_bytes())) {
        restore(&path, &record, &before).map_err(|error| unwritable(&path, &error))?;
        backup.forget();
        print(&format!("{path} is what it was before, to the byte."))?;
        return Ok(0);
    }
    match claude_code::without_hook(&text).map_err(|wrong| refused(&path, &wrong))? {
        None => print(&format!(
            "There is no hook of Counterproof in {path}: nothing to take out."
        ))?,
        Some(new) => {
            write_whole(&path, new.as_bytes()).map_err(|error| unwritable(&path, &error))?;
            print(&format!(
                "The Stop hook is out of {path}; the rest, which was edited since, stays as it is."
            ))?;
        }
    }
    backup.forget();
    Ok(0)
}

fn restore(path: &Utf8Path, record: &Record, before: &[u8]) -> std::io::Result<()> {
    if record.existed {
        return write_whole(path, before);
    }
    fs::remove_file(path)?;
    if let Some(folder) = path.parent().filter(|_| !record.folder_existed) {
        // Whatever else came to be there stays.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// The project's folder and the settings that are meant.
fn place(args: &InstallArgs) -> Result<(Utf8PathBuf, Utf8PathBuf), CliError> {
    let here = Utf8PathBuf::from(".");
    let here = here
        .canonicalize_utf8()
        .map_err(|error| CliError::Usage(format!("the current folder cannot be used: {error}")))?;
    let root = root_of(&here);
    if !args.user {
        let path = claude_code::project_settings(&root);
        return Ok((root, path));
    }
    let folder = settings::claude_folder()
        .ok_or_else(|| CliError::Usage("there is no home folder: set HOME, or install with --project".to_owned()))?;
    Ok((root, folder.join("settings.json")))
}

/// Our program as a shell finds it: by its name where that leads here, for the settings of a project are shared.
///
/// # Errors
/// When the system does not tell where our program is.
pub fn program() -> Result<String, CliError> {
    let own = crate::versions::launcher().map_err(|error| CliError::NotRunnable(error.to_string()))?;
    let real = |path: Utf8PathBuf| path.canonicalize_utf8().ok();
    let by_name = settings::on_path("counterproof").and_then(real);
    if by_name.is_some() && by_name == real(own.clone()) {
        return Ok("counterproof".to_owned());
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    Ok(if own.as_str().chars().all(plain) {
        own.into_string()
    } else {
        format!("'{}'", own.as_str().replace('\'', r"'\''"))
    })
}

/// Runs the command line as Claude Code would, with an event that asks for nothing but an answer.
fn canary(root: &Utf8Path, command: &str) -> Result<(), CliError> {
    let unheard = |what: &str| {
        CliError::NotRunnable(format!(
            "the hook is written, but a test event did not arrive: {what}; `counterproof uninstall claude-code` takes it out"
        ))
    };
    let token = format!("canary {}", std::process::id());
    let event = serde_json::json!({
        "session_id": "counterproof-canary", "cwd": root, "hook_event_name": "Stop",
        "stop_hook_active": false, "counterproof_canary": token,
    });
    let run = || {
        let mut child = Command::new("sh")
            .args(["-c", command])
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // One that does not listen is told by what it says.
            let _ = input.write_all(event.to_string().as_bytes());
        }
        child.wait_with_output()
    };
    let output = run().map_err(|error| unheard(&error.to_string()))?;
    let heard = serde_json::from_slice::<Message>(&output.stdout);
    if output.status.success() && heard.is_ok_and(|heard| heard.system_message.contains(&token)) {
        return Ok(());
    }
    Err(unheard(&format!(
        "`{command}` said {:?} ({})",
        String::from_utf8_lossy(&output.stderr).trim(),
        output.status
    )))
}

/// How the hook in one settings file is.
pub enum Hook {
    /// There is none.
    Absent,
    /// A test event arrived.
    Works,
    /// It runs a program that is not this one, and was not tried.
    Other(String),
    /// It does not work, or cannot be looked at: why.
    Broken(String),
}

/// Looks at the hooks of the project at `root` and of the user. Nothing but this very program is run: a repository's settings
/// may name anything.
pub fn examine(root: &Utf8Path) -> Vec<(Utf8PathBuf, Hook)> {
    let of_user = settings::claude_folder().map(|folder| folder.join("settings.json"));
    let paths = [Some(claude_code::project_settings(root)), of_user];
    let look = |path: Utf8PathBuf| (path.clone(), hook_in(&path, root));
    paths.into_iter().flatten().map(look).collect()
}

fn hook_in(path: &Utf8Path, root: &Utf8Path) -> Hook {
    let text = match read(path) {
        Ok(Some(text)) if !text.trim().is_empty() => text,
        Ok(_) => return Hook::Absent,
        Err(error) => return Hook::Broken(error.to_string()),
    };
    let command = match claude_code::hook_command(&text) {
        Ok(Some(command)) => command,
        Ok(None) => return Hook::Absent,
        Err(wrong) => return Hook::Broken(wrong),
    };
    let Some(program) = claude_code::program_of(&command) else {
        return Hook::Other(command);
    };
    let file = if program.contains('/') {
        Some(program.clone().into())
    } else {
        settings::on_path(&program)
    };
    let real = |path: Utf8PathBuf| path.canonicalize_utf8().ok();
    match (file.and_then(real), crate::versions::launcher().ok().and_then(real)) {
        (None, _) => Hook::Broken(format!("`{command}` runs {program}, which is not there")),
        (Some(file), Some(own)) if file == own => match canary(root, &command) {
            Ok(()) => Hook::Works,
            Err(error) => Hook::Broken(error.to_string()),
        },
        (Some(file), _) => Hook::Other(file.into_string()),
    }
}

fn read(path: &Utf8Path) -> Result<Option<String>, CliError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CliError::Usage(format!(
            "{path} cannot be read: {error}. Nothing was changed"
        ))),
    }
}

fn unwritable(path: &Utf8Path, error: &std::io::Error) -> CliError {
    CliError::Usage(format!(
        "{path} cannot be written: {error}; make it writable, or choose other settings with --user or --project. Nothing was changed"
    ))
}

fn refused(path: &Utf8Path, wrong: &str) -> CliError {
    CliError::Usage(format!("{path} cannot be edited: {wrong}. Nothing was changed"))
}

fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
