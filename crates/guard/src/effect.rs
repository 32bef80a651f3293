//! What an action would do, and what is said to that.

use serde::{Deserialize, Serialize};

/// What becomes of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It runs.
    Allow,
    /// A person is asked.
    Ask,
    /// It does not run.
    Deny,
}

impl Decision {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

/// What is done to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// It is gone.
    Delete,
    /// It holds something else.
    Overwrite,
    /// It is gone, and something like it comes.
    Recreate,
    /// It runs no more, or serves nobody.
    Stop,
    /// More people or programs get at it.
    Expose,
    /// It goes where it does not belong.
    Exfiltrate,
    /// It costs money.
    Spend,
    /// It goes out to others: a package, a release, a message.
    Publish,
    /// It serves people in another form.
    Change,
    /// What was committed is another thing.
    RewriteHistory,
    /// Less is verified, or by others.
    WeakenVerification,
    /// Nobody can tell what it does.
    Unknown,
}

/// Whether it can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reversible {
    /// Easily.
    Yes,
    /// With some work, or in part.
    Partly,
    /// Not at all.
    No,
}

/// How far it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// What the agent made itself, or can make again: build results, temporary files.
    Scratch,
    /// The repository on this machine.
    Workspace,
    /// This machine and this user.
    Machine,
    /// What a team has in common: remote branches, registries, CI.
    Team,
    /// Something that runs for people.
    Service,
}

/// Where a service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// On this machine, or a place to try things.
    Development,
    /// It is not told.
    #[default]
    Unknown,
    /// Where things are tried before they go out.
    Staging,
    /// Where people use it.
    Production,
}

impl Environment {
    /// What a name says: `prod-eu`, `stg`, `minikube`.
    pub fn of(name: &str) -> Self {
        let lower = name.to_lowercase();
        let has = |words: &[&str]| {
            lower
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|part| words.contains(&part))
        };
        // What comes before the real thing has its name in it, too.
        if has(&["staging", "stage", "stg", "preprod", "uat", "qa", "preview"])
            || lower.contains("pre-prod")
            || lower.contains("nonprod")
            || lower.contains("non-prod")
        {
            return Self::Staging;
        }
        if has(&["prod", "production", "prd", "live"]) || lower.contains("prod") && !lower.contains("product") {
            return Self::Production;
        }
        let is_local = has(&[
            "dev",
            "development",
            "local",
            "localhost",
            "test",
            "testing",
            "tests",
            "sandbox",
            "minikube",
            "kind",
            "k3d",
            "desktop",
            "orbstack",
            "colima",
            "rancher",
            "playground",
            "demo",
            "scratch",
            "ci",
            "localstack",
        ]);
        if is_local || lower.starts_with("127.") || lower == "::1" {
            return Self::Development;
        }
        Self::Unknown
    }

    /// Its name in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Unknown => "an environment that is not told",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

/// One thing that an action would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// What is done.
    pub kind: EffectKind,
    /// To what, in words.
    pub target: String,
    /// Whether it can be undone.
    pub reversible: Reversible,
    /// How far it reaches.
    pub reach: Reach,
    /// Where, if that matters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub environment: Option<Environment>,
    /// The service of the configuration that it is about, with its tier.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service: Option<(String, u8)>,
    /// What to do instead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub safer: Option<String>,
    /// What is said to this effect.
    pub decision: Decision,
}

impl Effect {
    /// An effect; what is said to it follows from the rest.
    pub fn new(kind: EffectKind, target: impl Into<String>, reversible: Reversible, reach: Reach) -> Self {
        let mut effect = Self {
            kind,
            target: plain(target.into()),
            reversible,
            reach,
            environment: None,
            service: None,
            safer: None,
            decision: Decision::Allow,
        };
        effect.decision = effect.weighed();
        effect
    }

    /// That what verification rests on is weakened in the working tree, which a person is asked about.
    pub fn weakens(target: impl Into<String>) -> Self {
        let kind = EffectKind::WeakenVerification;
        Self::new(kind, target, Reversible::Yes, Reach::Workspace)
            .decided(Decision::Ask)
            .instead("let a person decide on it")
    }

    /// With what to do instead.
    #[must_use]
    pub fn instead(mut self, safer: impl Into<String>) -> Self {
        self.safer = Some(plain(safer.into()));
        self
    }

    /// In an environment.
    #[must_use]
    pub fn in_environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self.decision = self.weighed();
        self
    }

    /// With a decision that does not follow from the rest.
    #[must_use]
    pub fn decided(mut self, decision: Decision) -> Self {
        self.decision = decision;
        self
    }

    /// At least that.
    #[must_use]
    pub fn at_least(mut self, decision: Decision) -> Self {
        self.decision = self.decision.max(decision);
        self
    }

    /// Whether one person is not enough for it: it cannot be undone, and reaches what serves a service of tier 1 where people use it. A
    /// place that is not told is taken for such a one.
    pub fn takes_two(&self) -> bool {
        let tried_out = matches!(self.environment, Some(Environment::Development | Environment::Staging));
        self.reach == Reach::Service
            && self.reversible == Reversible::No
            && self.decision > Decision::Allow
            && self.service.as_ref().is_some_and(|(_, tier)| *tier <= 1)
            && !tried_out
    }

    /// What follows from how far it reaches and whether it can be undone.
    fn weighed(&self) -> Decision {
        use Decision::{Allow, Ask, Deny};
        match (self.reach, self.reversible) {
            _ if self.kind == EffectKind::Unknown => Ask,
            (Reach::Scratch, _) | (Reach::Workspace, Reversible::Yes) => Allow,
            (Reach::Workspace, _) => Ask,
            (Reach::Machine, Reversible::Yes) => Allow,
            (Reach::Machine, Reversible::Partly) => Ask,
            (Reach::Machine, Reversible::No) => Deny,
            (Reach::Team, Reversible::No) => Deny,
            (Reach::Team, _) => Ask,
            (Reach::Service, reversible) => match (self.environment.unwrap_or_default(), reversible) {
                (Environment::Development, Reversible::Yes | Reversible::Partly) => Allow,
                (Environment::Production, Reversible::No) => Deny,
                _ => Ask,
            },
        }
    }

    /// What it does, in half a sentence: `deletes the folder /etc`.
    pub fn words(&self) -> String {
        let verb = match self.kind {
            EffectKind::Delete => "deletes",
            EffectKind::Overwrite => "overwrites",
            EffectKind::Recreate => "deletes and creates anew",
            EffectKind::Stop => "stops",
            EffectKind::Expose => "opens up",
            EffectKind::Exfiltrate => "sends away",
            EffectKind::Spend => "spends money on",
            EffectKind::Publish => "publishes",
            EffectKind::Change => "changes",
            EffectKind::RewriteHistory => "rewrites",
            EffectKind::WeakenVerification => "weakens verification:",
            EffectKind::Unknown => "runs",
        };
        let mut words = format!("{verb} {}", self.target);
        if let Some((service, tier)) = &self.service {
            words.push_str(&format!(", which serves tier-{tier} `{service}`"));
        }
        if let Some(environment) = self.environment {
            words.push_str(&format!(" in {}", environment.word()));
        }
        words
    }

    /// What is lost and how far it reaches, in half a sentence.
    pub fn consequence(&self) -> &'static str {
        match (self.kind, self.reversible, self.reach) {
            (EffectKind::Unknown, ..) => "what that does cannot be told from here",
            (EffectKind::WeakenVerification, ..) => "what follows is checked by less",
            (EffectKind::Exfiltrate, ..) => "what has gone out cannot be called back",
            (EffectKind::Expose, ..) => "whoever finds it gets in",
            (EffectKind::Publish, ..) => "others get it at once",
            (EffectKind::Spend, ..) => "it is paid for until somebody removes it",
            (_, Reversible::No, Reach::Service) => "nothing brings that back, and people who use it are without",
            (_, _, Reach::Service) => "people who use it notice",
            (_, Reversible::No, Reach::Team) => "nothing brings that back, and others lose it too",
            (_, _, Reach::Team) => "others see it at once",
            (_, Reversible::No, _) => "nothing brings that back",
            (_, Reversible::Partly, _) => "not all of it can be brought back",
            (_, Reversible::Yes, _) => "it can be undone",
        }
    }
}

/// Characters of a target that are told.
const LONGEST_TARGET: usize = 300;

/// A text for people: parts of it are an agent's, and must neither steer the terminal that shows them nor stand there in another order than
/// they were written in.
pub(crate) fn plain(text: String) -> String {
    let steers = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.len() <= LONGEST_TARGET && !text.contains(steers) {
        return text;
    }
    let mut told: String = text
        .chars()
        .take(LONGEST_TARGET)
        .map(|c| if steers(c) { ' ' } else { c })
        .collect();
    if text.chars().nth(LONGEST_TARGET).is_some() {
        told.push('…');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_places_tell_what_they_are() {
        use Environment::{Development, Production, Staging, Unknown};
        for (name, is) in [
            ("prod", Production),
            ("arn:aws:eks:eu-west-1:1:cluster/shop-production", Production),
            ("db.prd.example.com", Production),
            ("myprod", Production),
            ("products", Unknown),
            ("pre-prod-eu", Staging),
            ("nonprod", Staging),
            ("stg", Staging),
            ("minikube", Development),
            ("docker-desktop", Development),
            ("127.0.0.1", Development),
            ("eu-cluster", Unknown),
        ] {
            assert_eq!(Environment::of(name), is, "{name}");
        }
    }

    #[test]
    fn what_is_told_of_a_target_neither_steers_a_terminal_nor_fills_it() {
        let told = |target: &str| Effect::new(EffectKind::Delete, target, Reversible::No, Reach::Team).target;
        assert_eq!(told("the folder `/srv`"), "the folder `/srv`");
        assert_eq!(told("a\u{1b}[2Jb\nc\0d\u{202e}e"), "a [2Jb c d e");
        assert_eq!(told(&"é".repeat(10_000)).chars().count(), 301);
    }

    #[test]
    fn the_same_effect_weighs_by_where_it_is() {
        let effect = |environment| {
            Effect::new(EffectKind::Delete, "a table", Reversible::No, Reach::Service)
                .in_environment(environment)
                .decision
        };
        assert_eq!(effect(Environment::Production), Decision::Deny);
        assert_eq!(effect(Environment::Staging), Decision::Ask);
        assert_eq!(effect(Environment::Development), Decision::Ask);
        let stop = Effect::new(EffectKind::Stop, "a pod", Reversible::Yes, Reach::Service);
        assert_eq!(stop.in_environment(Environment::Development).decision, Decision::Allow);
    }
}
