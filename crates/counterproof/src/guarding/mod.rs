//! `counterproof guard`, and the hook that judges what an agent is about to do.

mod allowing;
mod binding;
mod deciding;
pub mod place;
mod reporting;
mod showing;
mod signing;
mod state;
mod telling;
mod watching;

use std::io::{BufRead, Read, Write};
use std::panic::AssertUnwindSafe;

use camino::Utf8PathBuf;
use guard::action::Remembering;
use guard::agents::{Agent, Answer, Event, LONGEST_EVENT};
use guard::{Decision, Judgement, Reach, Reversible};
use serde::Deserialize;

use crate::args::{ExplainFormat, GuardCommand, GuardExplainArgs};
use crate::error::{self, CliError, print};

pub use telling::{Question, tell};
use watching::Watched;

/// Does what was asked.
///
/// # Errors
/// When what is asked about cannot be read.
pub fn run(command: &GuardCommand) -> Result<u8, CliError> {
    match command {
        GuardCommand::Explain(args) => explain(args),
        GuardCommand::Allow(args) => allowing::run(args),
        GuardCommand::Action(args) => reporting::action(args),
        GuardCommand::Take { file } => signing::take(file),
        GuardCommand::Report(args) => reporting::report(args),
    }
}

/// Signs for an action that waits.
///
/// # Errors
/// When there is none, or the signature would not count.
pub fn approve(args: &crate::args::ApproveActionArgs) -> Result<u8, CliError> {
    signing::approve(args)
}

/// The exit code of a decision: as the gate's pass, hold and block.
fn exit(decision: Decision) -> u8 {
    match decision {
        Decision::Allow => 0,
        Decision::Ask => 4,
        Decision::Deny => 1,
    }
}

fn explain(args: &GuardExplainArgs) -> Result<u8, CliError> {
    if args.batch.is_some() {
        return batch();
    }
    let quoted = || {
        let quoted = args
            .words
            .iter()
            .map(|word| format!("'{}'", word.replace('\'', "'\\''")));
        (!args.words.is_empty()).then(|| quoted.collect::<Vec<_>>().join(" "))
    };
    let judgement = match (&args.plan, args.command.clone().or_else(quoted)) {
        (Some(path), _) => plan(&read(path)?),
        (None, Some(line)) => judge(None, |place| guard::command(&line, place)),
        _ => {
            return Err(CliError::Usage(
                "nothing to judge: write `counterproof guard explain 'COMMAND'`, or give --plan FILE or --batch -"
                    .to_owned(),
            ));
        }
    };
    let text = match args.format {
        ExplainFormat::Json => serde_json::to_string_pretty(&judgement).unwrap_or_default(),
        ExplainFormat::Terminal => in_words(&judgement),
    };
    print(&text)?;
    Ok(exit(judgement.decision))
}

/// Judges in the place where we are, or in a folder that is named.
fn judge(folder: Option<&str>, how: impl Fn(&guard::Surroundings<'_>) -> Judgement) -> Judgement {
    let files = place::Disk;
    let mut place = place::of(folder, &files);
    let judgement = how(&place);
    place::gravest(&mut place, judgement, how)
}

fn read(path: &str) -> Result<String, CliError> {
    let read = if path == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|error| CliError::Usage(format!("{path} cannot be read: {error}")))
}

fn plan(text: &str) -> Judgement {
    match guard::plans::read(text) {
        Ok(effects) => Judgement::of(effects),
        Err(why) => {
            let effects = guard::plans::python_migration(text);
            if effects.is_empty() {
                Judgement::untold(&why.to_string())
            } else {
                Judgement::of(effects)
            }
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    command: String,
    cwd: Option<String>,
}

/// A line of JSON for each line of JSON.
fn batch() -> Result<u8, CliError> {
    let files = place::Disk;
    // Time is counted for the process as a whole, and a list may be long.
    let of = |folder: Option<&str>| guard::Surroundings {
        is_late: None,
        ..place::of(folder, &files)
    };
    let here = of(None);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.map_err(|error| CliError::Usage(format!("standard input cannot be read: {error}")))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let judgement = match serde_json::from_slice::<Asked>(&line) {
            Ok(Asked { command, cwd: None }) => guard::command(&command, &here),
            Ok(Asked { command, cwd }) => guard::command(&command, &of(cwd.as_deref())),
            Err(error) => Judgement::untold(&format!("the line is no {{\"command\": …}}: {error}")),
        };
        serde_json::to_writer(&mut out, &judgement).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
        // Whoever asks one after the other waits for each answer.
        out.flush()?;
    }
    Ok(0)
}

fn in_words(judgement: &Judgement) -> String {
    let mut text = judgement.decision.word().to_owned();
    if !judgement.reason.is_empty() {
        text.push_str("  ");
        text.push_str(&judgement.reason);
    }
    text.push('\n');
    for effect in &judgement.effects {
        let reversible = match effect.reversible {
            Reversible::Yes => "can be undone",
            Reversible::Partly => "can be undone in part",
            Reversible::No => "cannot be undone",
        };
        let reach = match effect.reach {
            Reach::Scratch => "what is made again",
            Reach::Workspace => "this working tree",
            Reach::Machine => "this machine",
            Reach::Team => "what a team shares",
            Reach::Service => "a service",
        };
        text.push_str(&format!(
            "  {:5} it {}\n        {reversible} · reaches {reach}\n",
            effect.decision.word(),
            effect.words()
        ));
    }
    if judgement.effects.is_empty() && judgement.decision == Decision::Allow {
        text.push_str("  nothing that is known to matter\n");
    }
    text
}

/// Answers an agent's hook before a tool runs, and gives the exit code. Nothing here opens by mistake: what cannot be read, or breaks, is
/// asked about.
pub fn before_tool(name: &str) -> u8 {
    let Some(agent) = Agent::named(name) else {
        error::say(&format!(
            "`{name}` is no agent that is known: claude-code, codex, gemini, copilot, cursor, kiro, kiro-ide. The action is stopped"
        ));
        // To most agents 2 is a denial.
        return 2;
    };
    let watched = match Watched::begin(agent, watching::LIMIT, say) {
        Ok(watched) => watched,
        // Without a clock nothing is begun that may hang.
        Err(error) => {
            let judgement = Judgement::untold(&format!("the system gives no thread: {error}"));
            return say(&agent.answer(&judgement, &Event::default()));
        }
    };
    let answer = std::panic::catch_unwind(AssertUnwindSafe(|| match event(agent) {
        Ok(event) => {
            watched.is_about(&event);
            agent.answer(&settled(name, &event, &watched), &event)
        }
        Err(why) => agent.answer(&unread(name, &why, &watched), &Event::default()),
    }));
    let answer = answer.unwrap_or_else(|_| watched.broken());
    watched.take();
    say(&answer)
}

/// A line that is denied to every agent and does nothing if it runs all the same: it shows that a hook blocks.
pub fn canary(token: u32) -> String {
    format!("{CANARY}{token}")
}

const CANARY: &str = "counterproof guard off canary-";

/// Whether all that is asked about is a canary: of that no record is kept.
fn is_canary(event: &Event) -> bool {
    let token = event.command.as_deref().and_then(|line| line.strip_prefix(CANARY));
    event.edits.is_empty()
        && token.is_some_and(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What is answered to an event.
fn settled(agent: &str, event: &Event, watched: &Watched) -> Judgement {
    let disk = place::Disk;
    let files = Remembering::new(&disk);
    let mut place = place::of(event.folder.as_deref(), &files);
    let judgement = event.judge(&place);
    if judgement.decision == Decision::Allow || is_canary(event) {
        return judgement;
    }
    watched.reached(&judgement);
    let judgement = place::gravest(&mut place, judgement, |place| event.judge(place));
    watched.reached(&judgement);
    deciding::settle(agent, event, &place, files.read_so_far(), judgement, watched)
}

/// What is answered to an event that cannot be read: that, too, is a decision.
fn unread(agent: &str, why: &str, watched: &Watched) -> Judgement {
    let judgement = Judgement::untold(why);
    watched.reached(&judgement);
    let nothing = Event::default();
    let place = place::of(None, &guard::NoFiles);
    deciding::settle(
        agent,
        &nothing,
        &place,
        std::collections::BTreeMap::new(),
        judgement,
        watched,
    )
}

/// Reads what the agent says: on standard input; of Kiro's editor before 1.0 in a variable, while standard input never ends.
fn event(agent: Agent) -> Result<Event, String> {
    if agent == Agent::KiroIde
        && let Some(text) = crate::settings::kiro_event()
    {
        return agent.read(text.as_bytes());
    }
    let mut bytes = Vec::new();
    let mut input = std::io::stdin().lock().take(LONGEST_EVENT as u64 + 1);
    input
        .read_to_end(&mut bytes)
        .map_err(|error| format!("its event cannot be read: {error}"))?;
    agent.read(&bytes)
}

fn say(answer: &Answer) -> u8 {
    let mut failed = false;
    if !answer.stdout.is_empty() {
        failed |= print(&answer.stdout).is_err();
    }
    if !answer.stderr.is_empty() {
        failed |= writeln!(std::io::stderr(), "{}", answer.stderr).is_err();
    }
    // A denial that nobody hears must stop the action all the same.
    if failed { 2 } else { answer.exit }
}

/// A folder as text, whatever it is.
fn here() -> Utf8PathBuf {
    crate::check::here().unwrap_or_else(|_| Utf8PathBuf::from("/"))
}
