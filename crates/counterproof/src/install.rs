//! `counterproof install` and `uninstall`: an agent's settings, edited so that all else in them stays as it is.

use std::fs;
use std::io::{ErrorKind, Write};
use std::process::{Command, Output, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use crate::agents::entries::program_of;
use crate::agents::stops::{self, Message};
use crate::agents::{self, Coder, Target, switches};
use crate::args::InstallArgs;
use crate::check::root_of;
use crate::error::{CliError, print};
use crate::files::write_whole;
use crate::{guarding, push_hook, settings};

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
    /// Folders that had to be made, the innermost first.
    #[serde(default)]
    folders_made: Vec<Utf8PathBuf>,
    /// Digest of what was written.
    written: String,
}

/// The record of one settings file in the cache, and the file as it was beside it.
struct Backup {
    record: Utf8PathBuf,
    before: Utf8PathBuf,
}

impl Backup {
    fn of(coder: Coder, settings: &Utf8Path) -> Self {
        let folder = settings::cache_folder().join("backups");
        let name = &digest(settings.as_str().as_bytes())[..16];
        Self {
            record: folder.join(format!("{}-{name}.json", coder.name())),
            before: folder.join(format!("{}-{name}.before", coder.name())),
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

/// Adds the hooks, and shows that they are heard and that they block.
///
/// # Errors
/// When settings cannot be read, edited or written, or a hook is not heard.
pub fn install(args: &InstallArgs) -> Result<u8, CliError> {
    for agent in &args.agents {
        match agent.coder() {
            None => drop(push_hook::install(args)?),
            Some(coder) => install_for(coder, args)?,
        }
    }
    Ok(0)
}

fn install_for(coder: Coder, args: &InstallArgs) -> Result<(), CliError> {
    let (root, targets) = place(coder, args)?;
    let program = program()?;
    // All is read before anything is written: what cannot be edited leaves nothing half done.
    let mut edits = Vec::new();
    for target in &targets {
        let before = read(&target.path)?;
        let text = before.as_deref().unwrap_or_default();
        let (new, commands) = target
            .shape
            .with_entries(text, &program)
            .map_err(|wrong| refused(&target.path, &wrong))?;
        let other = match text.trim().is_empty() {
            true => Vec::new(),
            false => target.shape.differences(text).unwrap_or_default(),
        };
        if !other.is_empty() {
            print(&format!(
                "In {}, {} was not as it is meant, and is brought up to date.",
                target.path,
                gate::words::and(&other)
            ))?;
        }
        edits.push((target, before, new, commands));
    }
    for (target, before, new, commands) in &edits {
        if before.as_deref() == Some(new.as_str()) {
            print(&format!(
                "The hooks of {} are in {} already:",
                coder.words(),
                target.path
            ))?;
        } else {
            write_with_backup(coder, target, before.as_deref(), new)?;
            print(&format!("The hooks of {} are in {}:", coder.words(), target.path))?;
        }
        let mut once: Vec<&String> = Vec::new();
        for command in commands {
            if !once.contains(&command) {
                once.push(command);
                print(&format!("  {command}"))?;
            }
        }
    }
    for (target, _, _, commands) in &edits {
        for (entry, command) in target.shape.entries.iter().zip(commands) {
            canary(coder, &root, &entry.call, command)?;
        }
    }
    if let Some(off) = switches::off(coder, &root) {
        return Err(CliError::NotRunnable(format!(
            "the hooks of {} are written and answer, but it does not run them: {off}",
            coder.words()
        )));
    }
    let at_a_stop = match coder.goes_on() {
        true => "is told once, when it stops, what its change does to behaviour",
        false => "tells you, when it stops, what its change does to behaviour",
    };
    print(&format!(
        "A canary was denied, and a test event arrived. From now on what {} does is judged before it runs, and it {at_a_stop}.",
        coder.words()
    ))?;
    if let Some(then) = coder.then() {
        print(then)?;
    }
    print(&format!(
        "`counterproof uninstall {}` takes it out again.",
        coder.name()
    ))?;
    Ok(())
}

fn write_with_backup(coder: Coder, target: &Target, before: Option<&str>, new: &str) -> Result<(), CliError> {
    let path = &target.path;
    let backup = Backup::of(coder, path);
    let text = before.unwrap_or_default();
    let written = digest(new.as_bytes());
    let has_entry = !text.is_empty() && matches!(target.shape.without_entries(text), Ok(Some(_)));
    match backup.read() {
        // Only where the program is has changed: what was before stays what was before.
        Some((record, old)) if has_entry && record.written == digest(text.as_bytes()) => {
            backup.write(&Record { written, ..record }, &old)?;
        }
        _ if has_entry => backup.forget(),
        _ => {
            let missing = path.ancestors().skip(1).take_while(|folder| !folder.exists());
            let record = Record {
                version: FORMAT,
                existed: before.is_some(),
                folder_existed: path.parent().is_some_and(Utf8Path::exists),
                folders_made: missing.map(Utf8Path::to_owned).collect(),
                written,
            };
            backup.write(&record, text.as_bytes())?;
        }
    }
    write_whole(path, new.as_bytes()).map_err(|error| unwritable(path, &error))
}

/// Takes the hooks out: a file is what it was where nobody edited it since, else it lacks our entries alone.
///
/// # Errors
/// When settings cannot be read, edited or written.
pub fn uninstall(args: &InstallArgs) -> Result<u8, CliError> {
    settings::refuse_agents("take out the hooks")?;
    for agent in &args.agents {
        match agent.coder() {
            None => drop(push_hook::uninstall(args)?),
            Some(coder) => {
                let (_, targets) = place(coder, args)?;
                // Folders that were made for the first are empty after the last.
                for target in targets.iter().rev() {
                    uninstall_from(coder, target)?;
                }
            }
        }
    }
    Ok(0)
}

fn uninstall_from(coder: Coder, target: &Target) -> Result<(), CliError> {
    let path = &target.path;
    let backup = Backup::of(coder, path);
    let Some(text) = read(path)? else {
        print(&format!("There is no {path}: nothing to take out."))?;
        return Ok(());
    };
    let known = backup.read();
    if let Some((record, before)) = known.filter(|(record, _)| record.written == digest(text.as_bytes())) {
        restore(path, &record, &before).map_err(|error| unwritable(path, &error))?;
        backup.forget();
        print(&format!("{path} is what it was before, to the byte."))?;
        return Ok(());
    }
    let without = target.shape.without_entries(&text);
    match without.map_err(|wrong| refused(path, &wrong))? {
        None => print(&format!(
            "There is no hook of Counterproof in {path}: nothing to take out."
        ))?,
        Some(new) => {
            write_whole(path, new.as_bytes()).map_err(|error| unwritable(path, &error))?;
            print(&format!(
                "The hooks are out of {path}; the rest, which was edited since, stays as it is."
            ))?;
        }
    }
    backup.forget();
    Ok(())
}

fn restore(path: &Utf8Path, record: &Record, before: &[u8]) -> std::io::Result<()> {
    if record.existed {
        return write_whole(path, before);
    }
    fs::remove_file(path)?;
    let parent = path.parent().filter(|_| !record.folder_existed).map(Utf8Path::to_owned);
    for folder in parent.iter().chain(&record.folders_made) {
        // Whatever else came to be there stays.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// The project's folder and the settings that are meant.
fn place(coder: Coder, args: &InstallArgs) -> Result<(Utf8PathBuf, Vec<Target>), CliError> {
    let here = Utf8PathBuf::from(".");
    let here = here
        .canonicalize_utf8()
        .map_err(|error| CliError::Usage(format!("the current folder cannot be used: {error}")))?;
    let root = root_of(&here);
    let targets = match args.user {
        false => agents::targets(coder, &root),
        true => agents::targets_of_user(coder).ok_or_else(|| {
            CliError::Usage("there is no home folder: set HOME, or install with --project".to_owned())
        })?,
    };
    Ok((root, targets))
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

/// Runs a command line as the agent would: at a stop with an event that asks for nothing but an answer, before a tool with an action that is
/// denied, and harmless if it is not.
fn canary(coder: Coder, root: &Utf8Path, call: &str, command: &str) -> Result<(), CliError> {
    let unheard = |what: &str| {
        CliError::NotRunnable(format!(
            "the hook is written, but {what}; `counterproof uninstall {}` takes it out",
            coder.name()
        ))
    };
    let token = std::process::id();
    let is_stop = call.starts_with(" hook stop");
    let event = match is_stop {
        true => stops::canary(&format!("canary {token}"), root.as_str()),
        false => coder.tongue().event(&guarding::canary(token), root.as_str()),
    };
    let output =
        fed(command, root, &event.to_string()).map_err(|error| unheard(&format!("it did not run: {error}")))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    if is_stop {
        let heard = serde_json::from_str::<Message>(&out);
        let said = heard.is_ok_and(|heard| heard.system_message.contains(&format!("canary {token}")));
        return match output.status.success() && said {
            true => Ok(()),
            false => Err(unheard(&format!(
                "a test event did not arrive: `{command}` said {err:?} ({})",
                output.status
            ))),
        };
    }
    match coder.tongue().denial(output.status.code().unwrap_or(-1), &out, &err) {
        Some(_) => Ok(()),
        None => Err(unheard(&format!(
            "a canary that it must deny would have run: `{command}` said {out:?} and {err:?} ({})",
            output.status
        ))),
    }
}

fn fed(command: &str, folder: &Utf8Path, input: &str) -> std::io::Result<Output> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not listen is told by what it says.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait_with_output()
}

/// How the hook in one settings file is.
pub enum Hook {
    /// There is none.
    Absent,
    /// Test events arrived, and a canary was denied.
    Works,
    /// What is there works, and this is missing.
    Partly(&'static str),
    /// It runs a program that is not this one, and was not tried.
    Other(String),
    /// It does not work, or cannot be looked at: why.
    Broken(String),
}

/// Looks at the hooks of the project at `root` and of the user. Nothing but this very program is run: a repository's settings
/// may name anything.
pub fn examine(root: &Utf8Path) -> Vec<(Coder, Utf8PathBuf, Hook)> {
    let mut all = Vec::new();
    for coder in Coder::ALL {
        let of_user = agents::targets_of_user(coder).unwrap_or_default();
        for target in agents::targets(coder, root).into_iter().chain(of_user) {
            let hook = hook_in(coder, &target, root);
            all.push((coder, target.path, hook));
        }
    }
    all
}

/// How our hooks in one file are: as the worst of them.
fn hook_in(coder: Coder, target: &Target, root: &Utf8Path) -> Hook {
    let text = match read(&target.path) {
        Ok(Some(text)) if !text.trim().is_empty() => text,
        Ok(_) => return Hook::Absent,
        Err(error) => return Hook::Broken(error.to_string()),
    };
    let commands = match target.shape.commands(&text) {
        Ok(commands) => commands,
        // Settings that are none of ours to mend say nothing.
        Err(wrong) if text.contains("counterproof hook") => return Hook::Broken(wrong),
        Err(_) => return Hook::Absent,
    };
    if commands.is_empty() {
        return Hook::Absent;
    }
    for (command, call) in &commands {
        match hook_of(coder, command, call, root) {
            Hook::Works => {}
            other => return other,
        }
    }
    if let Some(off) = switches::off(coder, root) {
        return Hook::Broken(off);
    }
    let other = target.shape.differences(&text).unwrap_or_default();
    if !other.is_empty() {
        return Hook::Broken(format!(
            "it is not asked as it is meant: {} is another",
            gate::words::and(&other)
        ));
    }
    if commands.len() < target.shape.entries.len() {
        let has = |call: &str| commands.iter().any(|(_, own)| own.starts_with(call));
        return Hook::Partly(match has(" hook before-tool") {
            true => "it is not told of findings when it stops, or not asked before every tool",
            false => "what it does is not judged before it runs",
        });
    }
    Hook::Works
}

fn hook_of(coder: Coder, command: &str, call: &str, root: &Utf8Path) -> Hook {
    let Some(program) = program_of(command, call) else {
        return Hook::Other(command.to_owned());
    };
    let file = if program.contains('/') {
        Some(program.clone().into())
    } else {
        settings::on_path(&program)
    };
    let real = |path: Utf8PathBuf| path.canonicalize_utf8().ok();
    match (file.and_then(real), crate::versions::launcher().ok().and_then(real)) {
        (None, _) => Hook::Broken(format!("`{command}` runs {program}, which is not there")),
        (Some(file), Some(own)) if file == own => match canary(coder, root, call, command) {
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
