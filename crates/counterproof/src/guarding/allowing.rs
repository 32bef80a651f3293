//! `counterproof guard allow`: a person lets an agent do what it would be held from. It is narrow: one command to the letter, one action
//! with all that it consists of, or writes to named files; and each use of it is in the log.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use guard::action::Remembering;
use guard::{Action, Decision, EffectKind, Judgement};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{self, LetBy, Made, Pending, State};
use super::{binding, place, reporting, showing};
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
    /// Of a line: what was seen of it at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// What was seen of a line when a person let it run: they let run what it did then, and not whatever a script of it comes to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Files that were read to judge it, with the digest of each.
    files: BTreeMap<String, String>,
    /// What it would have done that is no plain allow, and to what.
    effects: BTreeSet<(EffectKind, String)>,
}

impl Seen {
    fn of(files: BTreeMap<String, String>, judgement: &Judgement) -> Self {
        let effects = judgement.effects.iter();
        Self {
            files,
            effects: effects
                .filter(|effect| effect.decision > Decision::Allow)
                .map(|effect| (effect.kind, effect.target.clone()))
                .collect(),
        }
    }

    /// Whether an action is what was seen: its files are the same, or it does nothing that it did not do then, as far as that is told.
    fn is_still(&self, action: &Action) -> bool {
        let now = Self::of(action.files.clone(), &action.judgement);
        let does_no_more =
            || now.effects.is_subset(&self.effects) && binding::are_unjudged_same(&self.files, &now.files);
        binding::are_same(&self.files, &now.files) || does_no_more()
    }
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
            What::Command(line) => {
                action.command.as_deref().map(str::trim) == Some(line.trim())
                    && self.seen.as_ref().is_some_and(|seen| seen.is_still(action))
            }
            What::Action(of) => of == digest,
            What::Edits(path) => action.command.is_none() && !action.edits.is_empty() && all_in(action, path),
        };
        self.format == FORMAT && in_time && possible && as_grave && here && meant
    }

    /// SHA-256 of all of it, in hex.
    fn digest(&self) -> String {
        guard::action::sha256(&serde_json::to_vec(self).unwrap_or_default())
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
    let mut why_not = None;
    for path in state::files(&state.folder("allowed")?) {
        let Some(allowance) = state::read::<Allowance>(&path) else {
            continue;
        };
        if !allowance.covers(action, digest, now) || state.is_used(&allowance.id) {
            continue;
        }
        // Whoever writes it down by another way is seen: not more than that, for the log is this user's, too.
        if !state.was_made(&allowance.digest())? {
            why_not = Some(format!(
                "the log knows nothing of the allowance {}, so that `counterproof guard allow` did not make it",
                showing::line(&allowance.id)
            ));
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
    why_not.map_or(Ok(None), |why| Err(CliError::Usage(why)))
}

/// Does what a person asks.
///
/// # Errors
/// When an agent asks, what is asked is too wide, or it cannot be kept.
pub fn run(args: &GuardAllowArgs) -> Result<u8, CliError> {
    settings::refuse_agents("say what an agent may do")?;
    let state = State::open()?;
    let folder = state.folder("allowed")?;
    if args.list {
        return list(&folder, &state);
    }
    if let Some(id) = &args.revoke {
        return revoke(&folder, id);
    }
    let (allowance, action) = allowance(args, &state)?;
    if let Some(action) = action {
        print(&reporting::shown(&action))?;
    }
    state.note_made(&Made {
        time: allowance.time,
        made: allowance.id.clone(),
        digest: allowance.digest(),
        who: allowance.who.clone(),
        words: report::redact::text(&allowance.words()).into_owned(),
        reason: allowance.reason.clone(),
    })?;
    state.write_new(&folder.join(format!("{}.json", allowance.id)), &allowance)?;
    print(&format!(
        "{} is allowed to agents on this machine: {}\n  \
         `counterproof guard allow --revoke {}` takes it back; each use of it is in `counterproof guard report`\n",
        showing::line(&allowance.words()),
        showing::line(&allowance.reason),
        allowance.id
    ))?;
    Ok(0)
}

/// What a person lets run, and the action that they name, where they name one that waits.
fn allowance(args: &GuardAllowArgs, state: &State) -> Result<(Allowance, Option<Pending>), CliError> {
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
    let mut named_action = None;
    let (what, folder) = match (&args.command, &args.action, &args.edit) {
        (Some(line), None, None) => (What::Command(line.clone()), named.unwrap_or_else(|| here.clone())),
        (None, Some(digits), None) => {
            let pending = state.pending(digits)?;
            refuse(&pending.action.judgement)?;
            let folder = Utf8PathBuf::from(&pending.action.folder);
            let what = What::Action(pending.action.digest());
            named_action = Some(pending);
            (what, folder)
        }
        (None, None, Some(path)) => {
            let path = guard::surroundings::resolved(path.as_str(), here.as_str(), "/");
            let top = crate::check::top_of(&here);
            (What::Edits(path.into()), named.unwrap_or(top))
        }
        _ => return wrong("say what is allowed: a command, --action ID, or --edit PATH"),
    };
    let seen = match &what {
        What::Command(line) => Some(seen(line, &folder, args.once)?),
        _ => None,
    };
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
    let allowance = Allowance {
        format: FORMAT.to_owned(),
        id: short(&digest).to_owned(),
        what,
        folder,
        until,
        once: args.once,
        reason: reason.to_owned(),
        who: crate::accept::who(&here).unwrap_or_else(|_| settings::user()),
        time: now,
        seen,
    };
    Ok((allowance, named_action))
}

/// Looks at a line that is to be let run, and says what nobody can allow by themselves, or not for longer.
fn seen(line: &str, folder: &Utf8Path, once: bool) -> Result<Seen, CliError> {
    let disk = place::Disk;
    let files = Remembering::new(&disk);
    let mut place = place::of(Some(folder.as_str()), &files);
    let judgement = guard::command(line, &place);
    let judgement = place::gravest(&mut place, judgement, |place| guard::command(line, place));
    refuse(&judgement)?;
    if judgement.decision == Decision::Deny && !once {
        return Err(CliError::Usage(format!(
            "{}: that is allowed --once at a time, and not for longer",
            judgement.reason
        )));
    }
    Ok(Seen::of(binding::whole(files.read_so_far()), &judgement))
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
            showing::line(&one.id),
            showing::line(&one.words()),
            if over { " (over)" } else { "" },
            showing::line(&one.who),
            showing::line(&one.reason)
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
