//! `counterproof guard allow`: a person lets an agent do what it would be held from. It is narrow: one command to the letter, one action
//! with all that it consists of, or writes to named files; and each use of it is in the log.

use camino::{Utf8Path, Utf8PathBuf};
use guard::{Action, Decision, Judgement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{self, LetBy, State};
use crate::args::GuardAllowArgs;
use crate::error::{CliError, print};
use crate::settings;

/// Version of [`Allowance`].
const FORMAT: &str = "counterproof.allowance/1";
/// Hours that an allowance for one time waits to be used, where nothing else is said.
const ONCE_HOURS: i64 = 1;
/// Hours that an allowance until a time may last.
const MOST_HOURS: i64 = 7 * 24;

/// What a person lets an agent do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    format: String,
    /// What names it.
    pub id: String,
    /// What is let run.
    pub what: What,
    /// In this folder and those below it.
    pub folder: Utf8PathBuf,
    /// Until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// One time.
    pub once: bool,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub who: String,
    /// Since when.
    pub time: Timestamp,
}

/// What is let run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// This line of a shell, to the letter.
    Command(String),
    /// The action with this digest.
    Action(String),
    /// Writes to this file, or to files in this folder, by the agent's own tools.
    Edits(Utf8PathBuf),
}

impl What {
    fn words(&self) -> String {
        match self {
            Self::Command(line) => format!("`{line}`"),
            Self::Action(digest) => format!("action {}", short(digest)),
            Self::Edits(path) => format!("writes to {path}"),
        }
    }
}

fn short(digest: &str) -> &str {
    digest.get(..state::SHOWN_DIGITS).unwrap_or(digest)
}

impl Allowance {
    /// Whether it is about this action, now.
    fn covers(&self, action: &Action, digest: &str, now: Timestamp) -> bool {
        let judgement = &action.judgement;
        let in_time = self.until.is_none_or(|until| now < until) && self.time <= now;
        let possible = judgement.can_be_allowed() && !judgement.takes_two();
        // What is denied is let run one time, and looked at again the next.
        let as_grave = judgement.decision < Decision::Deny || self.once;
        let here = Utf8Path::new(&action.folder).starts_with(&self.folder);
        let meant = match &self.what {
            What::Command(line) => action.command.as_deref().map(str::trim) == Some(line.trim()),
            What::Action(of) => of == digest,
            What::Edits(path) => action.command.is_none() && !action.edits.is_empty() && all_in(action, path),
        };
        self.format == FORMAT && in_time && possible && as_grave && here && meant
    }

    fn words(&self) -> String {
        let often = match (self.once, self.until) {
            (true, Some(until)) => format!("once, until {}", minute(until)),
            (true, None) => "once".to_owned(),
            (false, Some(until)) => format!("until {}", minute(until)),
            (false, None) => "from now on".to_owned(),
        };
        format!("{} in {}, {often}", self.what.words(), self.folder)
    }
}

fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Whether all writes of an action go there, as the file system sees them.
fn all_in(action: &Action, path: &Utf8Path) -> bool {
    action.edits.iter().all(|edit| {
        let file = guard::surroundings::resolved(&edit.path, &action.folder, "/");
        Utf8Path::new(&file).starts_with(path)
    })
}

/// Who had let this action run, if anybody had; what counts once is used up by that.
///
/// # Errors
/// When it cannot be told, and so nobody had.
pub fn of(action: &Action, digest: &str, state: &State, now: Timestamp) -> Result<Option<LetBy>, CliError> {
    for path in state::files(&state.folder("allowed")?) {
        let Some(allowance) = state::read::<Allowance>(&path) else {
            continue;
        };
        if !allowance.covers(action, digest, now) || state.is_used(&allowance.id) {
            continue;
        }
        if allowance.once && !state.use_up(&path, &allowance.id)? {
            continue;
        }
        return Ok(Some(LetBy {
            who: allowance.who,
            reason: Some(allowance.reason),
            id: allowance.id,
            signed: false,
        }));
    }
    Ok(None)
}

/// Does what a person asks.
///
/// # Errors
/// When an agent asks, what is asked is too wide, or it cannot be kept.
pub fn run(args: &GuardAllowArgs) -> Result<u8, CliError> {
    if let Some(agent) = settings::agent() {
        return Err(CliError::Usage(format!(
            "this runs in a session of {agent}: only a person can say what an agent may do, in a terminal of their own"
        )));
    }
    let state = State::open()?;
    let folder = state.folder("allowed")?;
    if args.list {
        return list(&folder, &state);
    }
    if let Some(id) = &args.revoke {
        return revoke(&folder, id);
    }
    let allowance = allowance(args, &state)?;
    state.write_new(&folder.join(format!("{}.json", allowance.id)), &allowance)?;
    print(&format!(
        "{} is allowed to agents on this machine: {}\n  \
         `counterproof guard allow --revoke {}` takes it back; each use of it is in `counterproof guard report`\n",
        allowance.words(),
        allowance.reason,
        allowance.id
    ))?;
    Ok(0)
}

fn allowance(args: &GuardAllowArgs, state: &State) -> Result<Allowance, CliError> {
    let wrong = |text: &str| Err(CliError::Usage(text.to_owned()));
    let reason = args.reason.as_deref().unwrap_or_default().trim();
    if reason.is_empty() {
        return wrong("say with --reason why an agent may do that: whoever reads the log later wants to know");
    }
    if !(args.once || args.until.is_some() || args.within.is_some()) {
        return wrong("say how often: --once, --until TIME, or --in FOLDER for good");
    }
    let now = Timestamp::now();
    let here = crate::check::here()?;
    let within = |path: &Utf8PathBuf| {
        here.join(path)
            .canonicalize_utf8()
            .map_err(|error| CliError::Usage(format!("--in {path}: {error}")))
    };
    let named = args.within.as_ref().map(within).transpose()?;
    let (what, folder) = match (&args.command, &args.action, &args.edit) {
        (Some(line), None, None) => (What::Command(line.clone()), named.unwrap_or_else(|| here.clone())),
        (None, Some(digits), None) => {
            let pending = state.pending(digits)?;
            refuse(&pending.action.judgement)?;
            let folder = Utf8PathBuf::from(&pending.action.folder);
            (What::Action(pending.action.digest()), folder)
        }
        (None, None, Some(path)) => {
            let path = guard::surroundings::resolved(path.as_str(), here.as_str(), "/");
            let top = crate::check::top_of(&here);
            (What::Edits(path.into()), named.unwrap_or(top))
        }
        _ => return wrong("say what is allowed: a command, --action ID, or --edit PATH"),
    };
    if let What::Command(line) = &what {
        refuse_line(line, &folder, args.once)?;
    }
    let longest = now.checked_add(jiff::Span::new().hours(MOST_HOURS)).unwrap_or(now);
    let until = match &args.until {
        Some(text) => match crate::approving::moment(now, text)? {
            until if until > longest => return wrong("--until is at most seven days away; --in FOLDER is for good"),
            until => Some(until),
        },
        None if args.once => Some(now.checked_add(jiff::Span::new().hours(ONCE_HOURS)).unwrap_or(now)),
        None => None,
    };
    let digest = guard::action::sha256(format!("{} {folder} {now}", what.words()).as_bytes());
    Ok(Allowance {
        format: FORMAT.to_owned(),
        id: short(&digest).to_owned(),
        what,
        folder,
        until,
        once: args.once,
        reason: reason.to_owned(),
        who: crate::accept::who(&here).unwrap_or_else(|_| settings::user()),
        time: now,
    })
}

/// Says what nobody can allow by themselves, or not for longer.
fn refuse_line(line: &str, folder: &Utf8Path, once: bool) -> Result<(), CliError> {
    let files = super::place::Disk;
    let judgement = guard::command(line, &super::place::of(Some(folder.as_str()), &files));
    refuse(&judgement)?;
    if judgement.decision == Decision::Deny && !once {
        return Err(CliError::Usage(format!(
            "{}: that is allowed --once at a time, and not for longer",
            judgement.reason
        )));
    }
    Ok(())
}

/// Says what nobody can allow by themselves.
fn refuse(judgement: &Judgement) -> Result<(), CliError> {
    if !judgement.can_be_allowed() {
        return Err(CliError::Usage(format!(
            "{}: no agent is let do that",
            judgement.reason
        )));
    }
    if judgement.takes_two() {
        return Err(CliError::Usage(format!(
            "{}: that takes somebody else than whoever runs the agent. Let the agent ask for it, and then: `counterproof approve action ID`",
            judgement.reason
        )));
    }
    Ok(())
}

fn list(folder: &Utf8Path, state: &State) -> Result<u8, CliError> {
    let now = Timestamp::now();
    let all = state::files(folder).into_iter();
    let all: Vec<Allowance> = all.filter_map(|path| state::read(&path)).collect();
    let mut text = String::new();
    for one in &all {
        let over = one.until.is_some_and(|until| until <= now) || state.is_used(&one.id);
        text.push_str(&format!(
            "{}  {}{}\n          {} · {}\n",
            one.id,
            one.words(),
            if over { " (over)" } else { "" },
            one.who,
            one.reason
        ));
    }
    if all.is_empty() {
        text.push_str("Nothing is allowed to agents here beyond what the guard allows.\n");
    }
    print(&text)?;
    Ok(0)
}

fn revoke(folder: &Utf8Path, id: &str) -> Result<u8, CliError> {
    let path = state::files(folder)
        .into_iter()
        .find(|path| state::read::<Allowance>(path).is_some_and(|one| one.id == id));
    let Some(path) = path else {
        return Err(CliError::Usage(format!(
            "nothing of the id {id} is allowed: `counterproof guard allow --list` shows what is"
        )));
    };
    std::fs::remove_file(&path).map_err(|error| CliError::Usage(format!("{path} cannot be removed: {error}")))?;
    print(&format!("{id} is allowed no more.\n"))?;
    Ok(0)
}
