//! The policy: services and tiers, people, rules, windows, freezes and frameworks, as `counterproof.toml` of the target branch has them.

use jiff::civil::{Date, Time, Weekday};
use model::Stage;
use model::gate_input::PersonKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::kinds::RuleKind;

/// The policy that applies where nothing else is said; rules of the same name in a policy take the place of its rules.
pub const DEFAULT: &str = include_str!("default-policy.toml");

/// Hours that an override may last where the policy says nothing else.
pub(crate) const OVERRIDE_HOURS: u32 = 24;

/// The sections of `counterproof.toml` that the gate reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Whose evidence counts, and what applies besides the rules that are written down.
    pub gate: Gate,
    /// Parts of the repository that are deployed.
    pub service: Vec<Service>,
    /// Those who write, review and sign.
    pub person: Vec<Person>,
    /// Names for several people, as CODEOWNERS uses them.
    pub team: Vec<Team>,
    /// What is asked of changes and deployments.
    pub rule: Vec<Rule>,
    /// When deployments are made.
    pub window: Vec<Window>,
    /// When none are.
    pub freeze: Vec<Freeze>,
    /// Rules for a time.
    pub framework: Vec<Framework>,
    /// Weights of the risk score.
    pub risk: crate::risk::Weights,
}

/// Whose evidence counts, and what applies besides the rules that are written down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    /// Whose evidence counts: `runner`, that of the named runners alone, or `anybody`. Default: `runner` where runners are named
    /// and for deployments, else `anybody`.
    pub evidence: Option<WhoseEvidence>,
    /// Keys of those that make evidence, and give verdicts, in CI.
    pub runner: Vec<NamedKey>,
    /// Keys of those that build artifacts and sign where these come from.
    pub builder: Vec<NamedKey>,
    /// Without the rules of the default policy.
    pub without_defaults: bool,
    /// Patterns of files, as in `.gitignore`, that a change may touch only with their owners' approval, beside those that are known to
    /// decide what is judged: this file, CODEOWNERS, `.counterproof/`, hooks and CI.
    pub protect: Vec<String>,
    /// Hours for which an approval stands; without end where nothing is said.
    pub approvals_last_hours: Option<u32>,
    /// Longest time an override may last, in hours. Default: 24.
    pub overrides_last_hours: Option<u32>,
}

/// Whose evidence counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhoseEvidence {
    /// What a runner that is named here made and signed.
    Runner,
    /// What anybody made, on the machine of the author too.
    Anybody,
}

/// A key with the name that reports use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedKey {
    /// The name.
    pub name: String,
    /// The public key: `ssh-ed25519 …`, or PEM.
    pub key: String,
}

/// A part of the repository that is deployed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Patterns of the files that belong to it, as in `.gitignore`: `services/checkout/`.
    pub paths: Vec<String>,
    /// How critical it is: 1 is the most.
    pub tier: u8,
    /// Ids of people and names of teams.
    #[serde(default)]
    pub owners: Vec<String>,
    /// Images or packages that it is deployed as, as they are named where it runs.
    #[serde(default)]
    pub artifacts: Vec<String>,
}

/// Somebody who writes, reviews or signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name that rules and reports use.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// Addresses that their commits carry.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Their name on GitHub, without the `@`.
    #[serde(default)]
    pub github: Option<String>,
    /// Their name on GitLab, without the `@`.
    #[serde(default)]
    pub gitlab: Option<String>,
    /// Whether they are a person.
    #[serde(default)]
    pub kind: PersonKind,
    /// `junior`, `mid`, `senior`, or whatever the rules speak of.
    #[serde(default)]
    pub level: Option<String>,
    /// What they may sign as: `senior`, `director`, or whatever the rules speak of.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Public keys that they sign with: `ssh-ed25519 …`, or PEM.
    #[serde(default)]
    pub keys: Vec<String>,
}

/// A name for several people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// As CODEOWNERS has it: `@shop/checkout`.
    pub name: String,
    /// Ids of people.
    pub members: Vec<String>,
}

/// What an unsatisfied rule does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It holds.
    Hold,
    /// It blocks.
    Block,
    /// Nothing: it is told.
    Tell,
}

/// What is asked of changes or deployments. Which of the parameters a rule takes depends on its kind; others are errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name: that of a rule of the default policy replaces that one.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// What sort of rule it is.
    pub kind: RuleKind,
    /// Where it is asked. Default: where its kind makes sense.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// Tiers that it is for. Default: all, and what belongs to no service.
    #[serde(default)]
    pub tiers: Vec<u8>,
    /// Services that it is for. Default: all, and what belongs to none.
    #[serde(default)]
    pub services: Vec<String>,
    /// Environments that it is for. Default: all.
    #[serde(default)]
    pub environments: Vec<String>,
    /// What it does to the verdict where it is not satisfied. Default: what its kind does.
    #[serde(default)]
    pub effect: Option<Effect>,
    /// Not asked at all: takes a rule of the default policy out.
    #[serde(default)]
    pub off: bool,
    /// `verified-share`: the largest share of changed functions that may be not verified, from 0 to 1.
    /// `audit`: the share of changes that is drawn, from 0 to 1.
    #[serde(default)]
    pub share: Option<f64>,
    /// `surviving-mutants`: how many may survive. `blast-radius`: how many dependents are few.
    #[serde(default)]
    pub most: Option<u32>,
    /// `risk`: the largest score that needs nothing more, from 0 to 1.
    #[serde(default)]
    pub score: Option<f64>,
    /// `test-growth`: lines of tests for each line of code that a change adds, at least.
    #[serde(default)]
    pub ratio: Option<f64>,
    /// `test-growth`: changes that add fewer lines of code are not asked.
    #[serde(default)]
    pub from_lines: Option<u32>,
    /// `two-person-review`: reviewers beside the author.
    #[serde(default)]
    pub reviewers: Option<u32>,
    /// `two-person-review`: reviewers where each changed function is proved the same or shown so strongly, and nothing else stands
    /// against the change. Default: as many as `reviewers`.
    #[serde(default)]
    pub reviewers_when_strong: Option<u32>,
    /// `sign-off`, `audit`, `cool-down`: roles of which one is needed.
    #[serde(default)]
    pub roles: Vec<String>,
    /// `sign-off`: only where an author is of one of these levels; `unknown` for those whose level the policy does not tell.
    #[serde(default)]
    pub levels: Vec<String>,
    /// `sign-off`: only where an agent wrote part of the change, as far as anything tells.
    #[serde(default)]
    pub ai_assisted: bool,
    /// `sign-off`: with `ai_assisted`, also where nothing tells who wrote part of the change.
    #[serde(default)]
    pub unknown_too: bool,
    /// `change-document`: headings that it must have.
    #[serde(default)]
    pub headings: Vec<String>,
    /// `change-document`: words below each heading, at least. Default: 4.
    #[serde(default)]
    pub words: Option<u32>,
    /// `cool-down`: hours after an incident on the same service. `merged`: hours for which a verdict for the merge is fresh.
    #[serde(default)]
    pub hours: Option<u32>,
    /// `no-regression`: whether findings that few would mind count, too.
    #[serde(default)]
    pub minor: bool,
}

/// When deployments are made. Where none is given for a service, they are made at any time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Days: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.
    pub days: Vec<Day>,
    /// From when: `09:00`.
    #[schemars(with = "String")]
    pub from: Time,
    /// Until when: `16:30`, which is no part of it.
    #[schemars(with = "String")]
    pub until: Time,
    /// Time zone of these, as IANA names it: `Europe/Paris`. Default: UTC.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Tiers that it is for; all where none is named.
    #[serde(default)]
    pub tiers: Vec<u8>,
    /// Services that it is for; all where none is named.
    #[serde(default)]
    pub services: Vec<String>,
    /// Environments that it is for; all where none is named.
    #[serde(default)]
    pub environments: Vec<String>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl From<Day> for Weekday {
    fn from(day: Day) -> Self {
        match day {
            Day::Mon => Self::Monday,
            Day::Tue => Self::Tuesday,
            Day::Wed => Self::Wednesday,
            Day::Thu => Self::Thursday,
            Day::Fri => Self::Friday,
            Day::Sat => Self::Saturday,
            Day::Sun => Self::Sunday,
        }
    }
}

/// When no deployments are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// What it is called: `Christmas`.
    pub name: String,
    /// First day.
    #[schemars(with = "String")]
    pub from: Date,
    /// Last day, which is part of it.
    #[schemars(with = "String")]
    pub until: Date,
    /// Time zone of the days. Default: UTC.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Merges are held, too.
    #[serde(default)]
    pub merges: bool,
    /// Tiers that it is for; all where none is named.
    #[serde(default)]
    pub tiers: Vec<u8>,
    /// Services that it is for; all where none is named.
    #[serde(default)]
    pub services: Vec<String>,
    /// Environments that it is for; all where none is named.
    #[serde(default)]
    pub environments: Vec<String>,
}

/// Rules for a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// What it is called: `90-day safety`.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// First day (UTC).
    #[schemars(with = "String")]
    pub from: Date,
    /// Last day (UTC), which is part of it.
    #[schemars(with = "String")]
    pub until: Date,
    /// Tiers that it is for; all where none is named.
    #[serde(default)]
    pub tiers: Vec<u8>,
    /// Names of rules that hold while it lasts, for its tiers, and at no other time.
    pub rules: Vec<String>,
    /// Days before its end from which on verdicts say that it ends. Default: 14.
    #[serde(default)]
    pub warn_days: Option<u16>,
}

/// A policy that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct PolicyError {
    /// Where in the text it begins, in bytes; none where it is about no one place.
    pub at: Option<usize>,
    /// What is wrong, and what was expected.
    pub text: String,
}

impl PolicyError {
    pub(crate) fn new(at: Option<usize>, text: String) -> Self {
        Self { at, text }
    }
}

impl Policy {
    /// The policy that applies where there is none.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn default_rules() -> Vec<Rule> {
        let policy: Self = toml::from_str(DEFAULT).unwrap_or_default();
        policy.rule
    }

    /// The same with the rules of the default policy where it does not replace them.
    #[must_use]
    pub fn with_defaults(mut self) -> Self {
        if !self.gate.without_defaults {
            let known: Vec<&String> = self.rule.iter().map(|rule| rule.name.get_ref()).collect();
            let missing: Vec<Rule> = Self::default_rules()
                .into_iter()
                .filter(|rule| !known.contains(&rule.name.get_ref()))
                .collect();
            self.rule.extend(missing);
        }
        self
    }

    /// Looks for what makes no sense: names that mean nothing, parameters of other kinds, dates the wrong way round.
    ///
    /// # Errors
    /// The first thing that makes none.
    pub fn validate(&self) -> Result<(), PolicyError> {
        crate::validate::policy(self)
    }

    /// The service of that name.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.service.iter().find(|service| service.name.get_ref() == name)
    }

    /// The person of that id.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.person.iter().find(|person| person.id.get_ref() == id)
    }

    /// Whose evidence counts at this stage.
    pub fn whose_evidence(&self, stage: Stage) -> WhoseEvidence {
        self.gate.evidence.unwrap_or(match stage {
            Stage::Merge if self.gate.runner.is_empty() => WhoseEvidence::Anybody,
            _ => WhoseEvidence::Runner,
        })
    }

    /// Everybody whom `owner` names: a person's id, a team, `@login`, an address.
    pub fn members(&self, owner: &str) -> Vec<&Person> {
        let login = owner.strip_prefix('@').unwrap_or(owner);
        if let Some(team) = self.team.iter().find(|team| team.name == owner || team.name == login) {
            return team.members.iter().filter_map(|member| self.person(member)).collect();
        }
        let is = |person: &&Person| {
            person.id.get_ref() == owner
                || person.github.as_deref() == Some(login)
                || person.gitlab.as_deref() == Some(login)
                || person
                    .addresses
                    .iter()
                    .any(|address| address.eq_ignore_ascii_case(owner))
        };
        self.person.iter().filter(is).collect()
    }
}
