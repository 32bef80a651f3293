//! What an agent's action would do, judged before it runs: allow, ask or deny.
//!
//! A line of a shell is read as a tree ([`shell`]), walked as a shell would walk it ([`walk`]), and each program that would run tells its effects
//! ([`commands`], [`effect`]) in the place where it would run ([`surroundings`]). Nothing is ever run, and nothing is matched by its looks: data is no
//! command. What cannot be told is asked about.

pub mod action;
pub mod agents;
pub mod commands;
pub mod effect;
pub mod plans;
pub mod shell;
pub mod sql;
pub mod surroundings;
pub mod verification;
pub mod walk;

use serde::{Deserialize, Serialize};

pub use action::Action;
pub use agents::{Agent, Answer, Event};
pub use effect::{Decision, Effect, EffectKind, Environment, Reach, Reversible};
pub use surroundings::{Files, NoFiles, Service, Surroundings};

/// What is said to an action, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// What is said.
    pub decision: Decision,
    /// One sentence: what would be lost, how far it reaches, and the safer way. Empty where the action is simply allowed.
    pub reason: String,
    /// All that it would do, the gravest first.
    pub effects: Vec<Effect>,
}

impl Judgement {
    /// What follows from effects.
    pub fn of(mut effects: Vec<Effect>) -> Self {
        // Where several are as grave, what reaches farther is told; the order in which they would happen stays otherwise.
        effects.sort_by_key(|effect| std::cmp::Reverse((effect.decision, effect.reach, effect.reversible)));
        let decision = effects.first().map_or(Decision::Allow, |effect| effect.decision);
        let reason = match effects.first() {
            Some(effect) if decision > Decision::Allow => sentence(
                effect,
                effects.iter().filter(|one| one.decision > Decision::Allow).count() - 1,
            ),
            _ => String::new(),
        };
        Self {
            decision,
            reason,
            effects,
        }
    }

    /// Whether it takes an approval by somebody else than whoever runs the agent.
    pub fn takes_two(&self) -> bool {
        self.effects.iter().any(Effect::takes_two)
    }

    /// Whether a person may let it run at all: what verification rests on is nothing that anybody lets an agent rewrite.
    pub fn can_be_allowed(&self) -> bool {
        !self
            .effects
            .iter()
            .any(|effect| effect.kind == EffectKind::WeakenVerification && effect.decision == Decision::Deny)
    }

    /// That nothing could be told, for this reason.
    pub fn untold(why: &str) -> Self {
        Self {
            decision: Decision::Ask,
            reason: format!("this cannot be judged ({why}), so a person has to look at it"),
            effects: Vec::new(),
        }
    }
}

/// One readable sentence about the gravest effect.
fn sentence(effect: &Effect, others: usize) -> String {
    let mut text = format!("this {}; {}", effect.words(), effect.consequence());
    if let Some(safer) = &effect.safer {
        text.push_str("; ");
        text.push_str(safer);
    }
    if others > 0 {
        text.push_str(&format!(" (and {others} more)"));
    }
    // A service's name comes from the checked repository.
    text.replace(char::is_control, " ")
}

/// Judges a line of a shell.
pub fn command(line: &str, place: &Surroundings<'_>) -> Judgement {
    match shell::parse(line) {
        Ok(script) => {
            let mut walker = walk::Walker::new(place);
            walker.script(&script);
            Judgement::of(walker.effects)
        }
        Err(why) => Judgement::untold(&format!("it cannot be read: {why}")),
    }
}

/// Judges a statement of SQL that goes to a server which is called so.
pub fn query(statement: &str, server: &str, place: &Surroundings<'_>) -> Judgement {
    let mut walker = walk::Walker::new(place);
    commands::data::sql(&mut walker, statement, &[server], false);
    Judgement::of(walker.effects)
}

/// A write through an agent's own tool: the whole new text of a file, or a piece of it for another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The file.
    pub path: String,
    /// The text that goes; none where all of the file is written.
    pub before: Option<String>,
    /// The text that comes.
    pub after: String,
}

/// Judges a write through an agent's own tool like the command that would do the same.
pub fn edit(edit: &Edit, place: &Surroundings<'_>) -> Judgement {
    let mut walker = walk::Walker::new(place);
    if edit.path.is_empty() {
        return Judgement::untold("it names no file");
    }
    let path = surroundings::resolved(&edit.path, &place.folder, &place.home);
    let inner = place.inner(&path);
    let is_repository = path.ends_with("/.git");
    if is_repository {
        commands::files::made_a_repository(&mut walker, &edit.path);
    }
    let before = edit
        .before
        .clone()
        .or_else(|| place.files.read(&path))
        .unwrap_or_default();
    match inner {
        Some(inner) if !inner.is_empty() => {
            // By another name, or in a folder of git or of the user that lies in here.
            if verification::Guarded::of(inner).is_none() {
                commands::files::written(&mut walker, &walk::Arg::of(&edit.path), true, None);
            }
            let is_new = edit.before.is_none() && before.is_empty();
            let guarded = verification::Guarded::of(inner);
            // A test that is new is no loss; a hook or a policy that is new is one all the same.
            let weaker = verification::weakens(inner, &before, &edit.after)
                .filter(|_| !(is_new && guarded == Some(verification::Guarded::Test)));
            let is_evidence = weaker.is_some() && guarded == Some(verification::Guarded::Evidence);
            if let Some(why) = weaker.or_else(|| verification::loosens(inner, &before, &edit.after)) {
                let decision = if is_evidence { Decision::Deny } else { Decision::Ask };
                walker.effect(Effect::weakens(format!("{why} (`{inner}`)")).decided(decision));
            }
        }
        _ => commands::files::written(&mut walker, &walk::Arg::of(&edit.path), false, Some(&edit.after)),
    }
    Judgement::of(walker.effects)
}
