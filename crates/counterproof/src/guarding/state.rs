//! What the guard remembers on this machine: what it said, what is waiting for somebody, and what somebody let an agent do.
//!
//! All of it lies in one folder of the user, outside of every repository. The guard itself denies agents to write there.
//!
//! - `log.jsonl`: a line for each decision that is no plain allow ([`Decided`]), and for each allowance at its making ([`Made`]);
//! - `actions/DIGEST.json`: actions that were not let run, so that somebody can look at one and sign for it ([`Pending`]);
//! - `allowed/ID.json`: what a person let an agent do ([`super::allowing::Allowance`]);
//! - `approvals/DIGEST/SIGNED.json`: signed approvals of one action;
//! - `used/`: allowances and approvals that counted once, and never again.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};

use camino::{Utf8Path, Utf8PathBuf};
use guard::{Action, Decision};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::CliError;
use crate::files::{append_plain, open_plain, read_plain, read_plain_text};
use crate::settings;

/// The log's name.
const LOG: &str = "log.jsonl";
/// Actions that are kept while they wait; older ones go.
const MOST_ACTIONS: usize = 500;
/// Bytes of a file that is read: none of ours is nearly as long.
pub const LONGEST: u64 = 16 << 20;
/// Bytes of the log that are read.
const LONGEST_LOG: u64 = 1 << 30;
/// Digits of a digest that people are shown and may type.
pub const SHOWN_DIGITS: usize = 8;
/// Fewer digits name nothing.
const FEWEST_DIGITS: usize = 4;

/// One decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// When.
    pub time: Timestamp,
    /// Which agent.
    pub agent: String,
    /// In which folder.
    pub folder: String,
    /// What it was about to do, without what looks like a secret.
    pub action: String,
    /// Digest of the action, in hex.
    pub digest: String,
    /// What was judged.
    pub judged: Decision,
    /// What was answered: `allow` where somebody had let it run.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// The service that it reaches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Who had let it run, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub let_by: Option<LetBy>,
    /// The entry of the ledger that says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// Why there is none, where there is a ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_in_ledger: Option<String>,
}

/// That somebody let agents do something from then on. An allowance without such a line does not count. Against whoever may write as this
/// user that is no proof: it is one more thing that is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// When.
    pub time: Timestamp,
    /// Id of the allowance.
    pub made: String,
    /// Digest of the allowance, in hex.
    pub digest: String,
    /// Who made it.
    pub who: String,
    /// What it lets run, without what looks like a secret.
    pub words: String,
    /// Why.
    pub reason: String,
}

/// Who let an action run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetBy {
    /// The person.
    pub who: String,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Id of the allowance, or digest of the signed approval.
    pub id: String,
    /// Whether they signed for it.
    pub signed: bool,
}

/// An action that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// When it was asked for.
    pub time: Timestamp,
    /// By which agent.
    pub agent: String,
    /// Who runs that agent, as the policy names people: they are nobody else.
    #[serde(default)]
    pub operators: Vec<String>,
    /// The action.
    pub action: Action,
}

/// The guard's folder.
pub struct State(Utf8PathBuf);

impl State {
    /// Opens it; it is made where it is missing, and only its user can look into it.
    ///
    /// # Errors
    /// When there is no place for one, or it cannot be made.
    pub fn open() -> Result<Self, CliError> {
        let folder = settings::state_folder().ok_or_else(|| {
            CliError::Usage(
                "there is no place to keep what the guard said: set COUNTERPROOF_STATE to a folder".to_owned(),
            )
        })?;
        let state = Self(folder.join("guard"));
        state.made("")?;
        Ok(state)
    }

    fn made(&self, inner: &str) -> Result<Utf8PathBuf, CliError> {
        let folder = self.0.join(inner);
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| CliError::Usage(format!("the folder {folder} cannot be made: {error}")))?;
        Ok(folder)
    }

    /// A folder of it, made where it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self, name: &str) -> Result<Utf8PathBuf, CliError> {
        self.made(name)
    }

    /// Adds a line to the log.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn log(&self, decided: &Decided) -> Result<(), CliError> {
        self.add_line(decided)
    }

    /// Adds a line to the log about an allowance that is made.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note_made(&self, made: &Made) -> Result<(), CliError> {
        self.add_line(made)
    }

    /// Whether the log knows of the making of an allowance with this digest.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn was_made(&self, digest: &str) -> Result<bool, CliError> {
        let path = self.0.join(LOG);
        let unread = |error: std::io::Error| CliError::Usage(format!("{path} cannot be read: {error}"));
        let file = match open_plain(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(unread(error)),
        };
        for line in BufReader::new(file.take(LONGEST_LOG)).split(b'\n') {
            let is_it = |made: Made| made.digest == digest;
            if serde_json::from_slice(&line.map_err(unread)?).is_ok_and(is_it) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn add_line(&self, value: &impl Serialize) -> Result<(), CliError> {
        let path = self.0.join(LOG);
        let mut line = serde_json::to_string(value).unwrap_or_default();
        line.push('\n');
        // One write of a line: several agents may write at once.
        let written = append_plain(&path).and_then(|mut file| file.write_all(line.as_bytes()));
        written.map_err(|error| CliError::Usage(format!("{path} cannot be written: {error}")))
    }

    /// All that was decided, the oldest first, and how many lines are none.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn decided(&self) -> Result<(Vec<Decided>, usize), CliError> {
        let path = self.0.join(LOG);
        let text = match read_plain_text(&path, LONGEST_LOG) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
            Err(error) => return Err(CliError::Usage(format!("{path} cannot be read: {error}"))),
        };
        let (mut all, mut unread) = (Vec::new(), 0);
        for line in text.lines() {
            match serde_json::from_str::<Decided>(line) {
                Ok(decided) => all.push(decided),
                Err(_) if serde_json::from_str::<Made>(line).is_ok() => {}
                Err(_) => unread += 1,
            }
        }
        Ok((all, unread))
    }

    /// Writes an action down for whoever is asked about it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, pending: &Pending) -> Result<(), CliError> {
        let folder = self.made("actions")?;
        self.write_new(&folder.join(format!("{}.json", pending.action.digest())), pending)?;
        let mut all = files(&folder);
        if all.len() > MOST_ACTIONS {
            all.sort_by_key(|path| path.metadata().and_then(|data| data.modified()).ok());
            for old in &all[..all.len() - MOST_ACTIONS / 2] {
                // Whoever reads it at this moment has it already.
                let _ = fs::remove_file(old);
            }
        }
        Ok(())
    }

    /// Writes a file whole or not at all, for this user alone.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_new(&self, path: &Utf8Path, value: &impl Serialize) -> Result<(), CliError> {
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(&self.0))?;
            serde_json::to_writer_pretty(&mut file, value)?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|error| CliError::Usage(format!("{path} cannot be written: {error}")))
    }

    /// The action whose digest begins so.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn pending(&self, digits: &str) -> Result<Pending, CliError> {
        let is_hex = digits.len() >= FEWEST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let all = self.all_pending();
        let mut fitting = all
            .into_iter()
            .filter(|one| is_hex && one.action.digest().starts_with(&digits.to_lowercase()));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(CliError::Usage(format!(
                "more than one action begins with {digits}: type more of its digits"
            ))),
            (None, _) => Err(CliError::Usage(format!(
                "no action {digits} waits here: `counterproof guard action` lists those that do"
            ))),
        }
    }

    /// All that waits, the newest first.
    pub fn all_pending(&self) -> Vec<Pending> {
        let mut all: Vec<Pending> = files(&self.0.join("actions"))
            .iter()
            .filter_map(|path| read(path))
            .collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.time));
        all
    }

    /// Takes something that counts once, so that nobody else can: false where somebody has.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn use_up(&self, path: &Utf8Path, id: &str) -> Result<bool, CliError> {
        let used = self.made("used")?.join(id);
        let failed = |error: std::io::Error| CliError::Usage(format!("{used} cannot be written: {error}"));
        // Whoever makes this file first has it, even where a copy of the other one came back.
        match File::options().write(true).create_new(true).mode(0o600).open(&used) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => return Err(failed(error)),
        }
        fs::rename(path, &used).map_err(failed)?;
        Ok(true)
    }

    /// Whether it counted already.
    pub fn is_used(&self, id: &str) -> bool {
        self.0.join("used").join(id).exists()
    }
}

/// Plain files of a folder, by name.
pub fn files(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = folder
        .read_dir_utf8()
        .map(|entries| entries.flatten().collect::<Vec<_>>());
    let mut all: Vec<Utf8PathBuf> = entries
        .unwrap_or_default()
        .into_iter()
        .map(camino::Utf8DirEntry::into_path)
        .filter(|path| path.extension() == Some("json"))
        .collect();
    all.sort_unstable();
    all
}

/// What a file holds; none where it is none, or no such thing.
pub fn read<T: for<'de> Deserialize<'de>>(path: &Utf8Path) -> Option<T> {
    serde_json::from_slice(&read_plain(path, LONGEST).ok()?).ok()
}
