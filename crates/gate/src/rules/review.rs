//! Rules over what people say of a change.

use std::collections::BTreeSet;

use model::gate_input::{
    ApprovalFacts, ChangeFacts, FileFacts, FileKind, GateInput, PersonFacts, PersonKind, Standing,
};
use model::{Risk, Stage};
use sha2::{Digest, Sha256};

use super::{Answer, Asked};
use crate::kinds::RuleKind;
use crate::policy::{Policy, Rule};
use crate::words::{and, count, or, some};

/// Dependents above which a change reaches far, where a rule does not say.
const DEPENDENTS: u32 = 100;
/// Risk above which a change is risky, where a rule does not say.
const RISK: f64 = 0.5;

/// Whether `owner`, as CODEOWNERS or a service names it, means this person.
fn is_member(policy: &Policy, owner: &str, person: &PersonFacts) -> bool {
    if person.known {
        return policy
            .members(owner)
            .iter()
            .any(|member| *member.id.get_ref() == person.id);
    }
    let plain = |name: &str| {
        name.trim_start_matches("github:")
            .trim_start_matches("gitlab:")
            .trim_start_matches('@')
            .to_lowercase()
    };
    plain(owner) == plain(&person.id)
}

/// Whether two are the same person, as far as anybody can tell.
fn is_same(one: &PersonFacts, other: &PersonFacts) -> bool {
    one.id.eq_ignore_ascii_case(&other.id)
}

/// Approvals that count as a review, each person once, and why others do not.
struct Reviews<'a> {
    counting: Vec<&'a ApprovalFacts>,
    not_counting: Vec<String>,
}

impl<'a> Reviews<'a> {
    fn of(policy: &Policy, input: &'a GateInput) -> Self {
        let mut all = Self {
            counting: Vec::new(),
            not_counting: Vec::new(),
        };
        for approval in &input.approvals {
            match why_not(policy, input, approval) {
                Some(why) => all
                    .not_counting
                    .push(format!("that of {} ({}): {why}", approval.by.id, approval.source)),
                None if all.counting.iter().any(|other| is_same(&other.by, &approval.by)) => {}
                None => all.counting.push(approval),
            }
        }
        all
    }
}

/// Why an approval does not count.
fn why_not(policy: &Policy, input: &GateInput, approval: &ApprovalFacts) -> Option<String> {
    if let Standing::Stale(why) = &approval.standing {
        return Some(format!("stale, {why}"));
    }
    if let Standing::Void(why) = &approval.standing {
        return Some(why.clone());
    }
    match approval.by.kind {
        PersonKind::Agent => return Some("an agent can approve nothing".to_owned()),
        PersonKind::Bot => return Some("a program can approve nothing".to_owned()),
        PersonKind::Human => {}
    }
    if let Some(change) = &input.change {
        if change.authors.iter().any(|author| is_same(author, &approval.by)) {
            return Some("the author is no reviewer".to_owned());
        }
        if change
            .written_by
            .operators
            .iter()
            .any(|operator| is_same(operator, &approval.by))
        {
            return Some("who drove the agent is no reviewer".to_owned());
        }
    }
    let unknown = input
        .change
        .iter()
        .flat_map(|change| &change.authors)
        .find(|author| !author.known);
    if let Some(author) = unknown.filter(|_| !policy.person.is_empty()) {
        return Some(format!(
            "{} wrote part of the change, and the policy does not know who that is: add the address to a [[person]]",
            author.id
        ));
    }
    if !approval.by.known {
        return Some(
            "the policy does not know them, so that nobody can tell whether they are the author: add a [[person]]"
                .to_owned(),
        );
    }
    let hours = policy.gate.approvals_last_hours?;
    let age = input.now.as_second() - approval.time.as_second();
    (age > i64::from(hours) * 3600).then(|| format!("it is older than {hours} hours"))
}

/// How many reviewers are needed, and what asked for or bought each.
pub(crate) struct Needed<'a> {
    count: u32,
    why: Vec<String>,
    reviews: Reviews<'a>,
    rules: Vec<(String, u32)>,
}

impl<'a> Needed<'a> {
    /// Works it out from the rules that are asked.
    pub fn of(policy: &Policy, input: &'a GateInput, asked: &[&Rule], risk: Option<&Risk>) -> Self {
        let strong = strength(input);
        let mut rules = Vec::new();
        let (mut most, mut why) = (0, Vec::new());
        for rule in asked.iter().filter(|rule| rule.kind == RuleKind::TwoPersonReview) {
            let all = rule.reviewers.unwrap_or(1);
            let fewer = rule.reviewers_when_strong.unwrap_or(all);
            let (number, bought) = match &strong {
                Some(words) if fewer < all => (fewer, Some(format!("{} fewer than {all}: {words}", all - fewer))),
                _ => (all, None),
            };
            if number >= most {
                most = number;
                why = vec![format!("`{}` asks for {all}", rule.name.get_ref())];
                why.extend(bought);
            }
            rules.push((rule.name.get_ref().clone(), number));
        }
        let mut count = most;
        for rule in asked {
            let more = match rule.kind {
                RuleKind::BlastRadius => above_radius(rule, input),
                RuleKind::Risk => above_risk(rule, risk),
                _ => None,
            };
            if let Some(text) = more {
                count += 1;
                why.push(format!("`{}` asks for one more: {text}", rule.name.get_ref()));
            }
        }
        Self {
            count,
            why,
            reviews: Reviews::of(policy, input),
            rules,
        }
    }

    fn there(&self) -> u32 {
        u32::try_from(self.reviews.counting.len()).unwrap_or(u32::MAX)
    }

    fn names(&self) -> Vec<String> {
        self.reviews
            .counting
            .iter()
            .map(|approval| approval.by.id.clone())
            .collect()
    }

    fn sources(&self) -> Vec<String> {
        self.reviews
            .counting
            .iter()
            .map(|approval| approval.source.clone())
            .collect()
    }
}

/// Why the evidence is strong, where it is: each function proved or shown the same strongly, by evidence that counts.
fn strength(input: &GateInput) -> Option<String> {
    let evidence = input.evidence.iter().find(|evidence| evidence.counts)?;
    let functions = &evidence.functions;
    let is_clean = evidence.broken_tests.is_empty() && evidence.fitted_tests.is_empty() && evidence.concerns.is_empty();
    let digest = evidence.digest.chars().take(19).collect::<String>();
    if functions.all() == 0 && functions.removed == 0 && is_clean && evidence.unverified_files.is_empty() {
        // Data and settings are no functions, and may do anything; so may what only has the name of a document now.
        let is_document = |path: &str| {
            [".md", ".rst", ".adoc"]
                .iter()
                .any(|ending| path.to_lowercase().ends_with(ending))
        };
        let paths = |file: &FileFacts| [Some(file.path.clone()), file.base_path.clone()].into_iter().flatten();
        let is_told = |file: &FileFacts| {
            let looked_into = |path: String| is_document(&path) || path.ends_with(".py");
            file.kind != FileKind::Other && file.guards.is_none() && paths(file).all(looked_into)
        };
        let change = input.change.as_ref().filter(|change| change.functions == 0)?;
        return change
            .files
            .iter()
            .all(is_told)
            .then(|| format!("nothing that changed can behave otherwise, in {digest}"));
    }
    let is_strong = functions.all() > 0 && functions.all_strong() && is_clean && evidence.unverified_files.is_empty();
    is_strong.then(|| {
        format!(
            "{} the same ({} proved, {} strong) in {}",
            count(functions.all() as usize, "changed function is", "changed functions are"),
            functions.proved,
            functions.strong,
            digest
        )
    })
}

/// What is missing of the reviewers that `number` asks for.
fn reviewers(asked: &Asked<'_>, number: u32) -> Answer {
    let needed = asked.needed;
    let names = needed.names();
    let why = needed.why.join("; ");
    if needed.there() >= number {
        let text = match names.as_slice() {
            [] => format!("no reviewer is needed: {why}"),
            names => format!("reviewed by {}: {why}", and(names)),
        };
        return Answer::satisfied(text).resting_on(needed.sources());
    }
    let missing = (number - needed.there()) as usize;
    let mut text = format!(
        "{} beside the author: {why}",
        count(missing, "more reviewer is needed", "more reviewers are needed")
    );
    if !names.is_empty() {
        text = format!("{text}; there is {}", and(&names));
    }
    if !needed.reviews.not_counting.is_empty() {
        text = format!("{text}; not counted: {}", some(&needed.reviews.not_counting, 4));
    }
    let may = may_review(asked, |_| true);
    Answer::not(text)
        .resting_on(needed.sources())
        .give(format!("`counterproof approve --as ID` by {may}"))
}

/// Who may review, in words.
fn may_review(asked: &Asked<'_>, is_meant: impl Fn(&crate::policy::Person) -> bool) -> String {
    let change = asked.change();
    let wrote = |id: &str| {
        change.is_some_and(|change| {
            let mut people = change.authors.iter().chain(&change.written_by.operators);
            people.any(|person| person.id == id)
        })
    };
    let has = |id: &str| {
        asked
            .needed
            .reviews
            .counting
            .iter()
            .any(|approval| approval.by.id == id)
    };
    let people = asked.policy.person.iter();
    let mut names: Vec<String> = people
        .filter(|person| person.kind == PersonKind::Human && is_meant(person))
        .map(|person| person.id.get_ref().clone())
        .filter(|id| !wrote(id) && !has(id))
        .collect();
    names.sort();
    if names.is_empty() {
        "a person who did not write it".to_owned()
    } else {
        some(&names, 5)
    }
}

pub(super) fn two_person(asked: &Asked<'_>) -> Answer {
    let own = asked
        .needed
        .rules
        .iter()
        .find(|(name, _)| name == asked.rule.name.get_ref());
    // Rules that ask for more add to the one that asks for most; the others are satisfied with what they ask themselves.
    let most = asked.needed.rules.iter().map(|(_, number)| *number).max();
    match own {
        Some((_, number)) if Some(*number) != most => reviewers(asked, *number),
        _ => reviewers(asked, asked.needed.count),
    }
}

fn above_radius(rule: &Rule, input: &GateInput) -> Option<String> {
    let dependents = input.change.as_ref()?.dependents;
    let most = rule.most.unwrap_or(DEPENDENTS);
    (dependents > most).then(|| format!("{dependents} functions use what changed, more than {most}"))
}

pub(super) fn blast_radius(asked: &Asked<'_>) -> Answer {
    match above_radius(asked.rule, asked.input) {
        Some(_) => reviewers(asked, asked.needed.count),
        None => Answer::satisfied(match asked.change() {
            Some(change) => count(
                change.dependents as usize,
                "function uses what changed",
                "functions use what changed",
            ),
            None => return Answer::unavailable("it is not known what the change is"),
        }),
    }
}

fn above_risk(rule: &Rule, risk: Option<&Risk>) -> Option<String> {
    let most = rule.score.unwrap_or(RISK);
    risk.filter(|risk| risk.score > most)
        .map(|risk| format!("the risk is {:.2}, more than {most:.2}", risk.score))
}

pub(super) fn risk(asked: &Asked<'_>) -> Answer {
    let Some(risk) = asked.risk else {
        return Answer::unavailable("it is not known what the change is");
    };
    match above_risk(asked.rule, Some(risk)) {
        Some(_) => reviewers(asked, asked.needed.count),
        None => Answer::satisfied(format!("the risk is {:.2}", risk.score)),
    }
}

/// The first who may speak for the owners of `path` and approved; any reviewer where it has no owners.
pub(super) fn approved_by_owners(asked: &Asked<'_>, path: &str) -> Option<String> {
    let change = asked.change()?;
    let owners = change
        .files
        .iter()
        .find(|file| file.path == path)
        .map_or(&[][..], |file| file.owners.as_slice());
    approval_of(asked, owners).map(|approval| approval.by.id.clone())
}

fn approval_of<'a>(asked: &Asked<'a>, owners: &[String]) -> Option<&'a ApprovalFacts> {
    let mut counting = asked.needed.reviews.counting.iter();
    counting
        .find(|approval| owners.is_empty() || owners.iter().any(|owner| is_member(asked.policy, owner, &approval.by)))
        .copied()
}

/// Whether owners of each group of files approved.
fn by_owners<'a>(asked: &Asked<'_>, files: impl Iterator<Item = &'a FileFacts>, none: &str) -> Answer {
    let mut groups: BTreeSet<(&[String], &str)> = BTreeSet::new();
    for file in files {
        if !groups.iter().any(|(owners, _)| *owners == file.owners.as_slice()) {
            groups.insert((file.owners.as_slice(), file.path.as_str()));
        }
    }
    if groups.is_empty() {
        return Answer::satisfied(none);
    }
    let (mut missing, mut by, mut sources) = (Vec::new(), Vec::new(), Vec::new());
    for (owners, path) in groups {
        match approval_of(asked, owners) {
            Some(approval) => {
                by.push(approval.by.id.clone());
                sources.push(approval.source.clone());
            }
            None => missing.push((owners, path)),
        }
    }
    by.dedup();
    if missing.is_empty() {
        return Answer::satisfied(format!("approved by {}", and(&by))).resting_on(sources);
    }
    let texts: Vec<String> = missing
        .iter()
        .map(|(owners, path)| match owners {
            [] => format!("{path} (nobody owns it: anyone beside the author)"),
            owners => format!("{path} ({})", or(owners)),
        })
        .collect();
    let mut answer = Answer::not(format!("an owner has yet to approve {}", some(&texts, 4))).resting_on(sources);
    for (owners, _) in missing {
        let is_owner = |person: &crate::policy::Person| {
            owners.is_empty()
                || owners
                    .iter()
                    .any(|owner| asked.policy.members(owner).iter().any(|member| member.id == person.id))
        };
        answer = answer.give(format!(
            "`counterproof approve --as ID` by {}",
            may_review(asked, is_owner)
        ));
    }
    answer.give.dedup();
    answer
}

pub(super) fn owners(asked: &Asked<'_>) -> Answer {
    let Some(change) = asked.change() else {
        return Answer::unavailable("it is not known what the change is");
    };
    let concerned = |service: &String| {
        let known = asked.input.services.iter().find(|other| other.name == *service);
        known.is_some_and(|service| asked.rule.tiers.is_empty() || asked.rule.tiers.contains(&service.tier))
    };
    let files = change.files.iter().filter(|file| file.services.iter().any(concerned));
    by_owners(asked, files, "no file of a service changed")
}

pub(super) fn protected(asked: &Asked<'_>) -> Answer {
    let Some(change) = asked.change() else {
        return Answer::unavailable("it is not known what the change is");
    };
    let files = change.files.iter().filter(|file| file.guards.is_some());
    by_owners(asked, files, "nothing changed that decides what is judged")
}

/// Who signed it in one of the rule's roles.
pub(super) fn signed_by_role(asked: &Asked<'_>) -> Option<String> {
    let roles = &asked.rule.roles;
    let mut counting = asked.needed.reviews.counting.iter();
    let has = |person: &PersonFacts| roles.iter().find(|role| person.roles.contains(role)).cloned();
    counting
        .find_map(|approval| has(&approval.by).map(|role| format!("{} ({role}, {})", approval.by.id, approval.source)))
}

fn by_role(asked: &Asked<'_>, why: &str) -> Answer {
    let roles = &asked.rule.roles;
    if let Some(by) = signed_by_role(asked) {
        return Answer::satisfied(format!("{why}; signed by {by}")).resting_on(asked.needed.sources());
    }
    let may = may_review(asked, |person| roles.iter().any(|role| person.roles.contains(role)));
    let mut text = format!("{why}, and nobody with the role {} signed it", or(roles));
    if !asked.needed.reviews.not_counting.is_empty() {
        text = format!("{text}; not counted: {}", some(&asked.needed.reviews.not_counting, 4));
    }
    let someone = asked
        .policy
        .person
        .iter()
        .any(|person| roles.iter().any(|role| person.roles.contains(role)));
    let answer = Answer::not(text);
    match someone {
        true => answer.give(format!("`counterproof approve --role {} --as ID` by {may}", roles[0])),
        false => answer.give(format!(
            "no person of the policy has the role {}: give it to one in counterproof.toml",
            or(roles)
        )),
    }
}

pub(super) fn sign_off(asked: &Asked<'_>) -> Answer {
    let Some(change) = asked.change() else {
        return match asked.input.stage {
            Stage::Deploy => by_role(asked, "a deployment"),
            Stage::Merge => Answer::unavailable("it is not known what the change is"),
        };
    };
    let rule = asked.rule;
    let mut why = Vec::new();
    if rule.ai_assisted {
        match assisted(change, rule.unknown_too) {
            Ok(words) => why.push(words),
            Err(words) => return Answer::satisfied(words),
        }
    }
    if !rule.levels.is_empty() {
        let level = |person: &PersonFacts| person.level.clone().unwrap_or_else(|| "unknown".to_owned());
        let meant = change
            .authors
            .iter()
            .find(|author| author.kind == PersonKind::Human && rule.levels.contains(&level(author)));
        let no_human = change.authors.iter().all(|author| author.kind != PersonKind::Human);
        match meant {
            Some(author) => why.push(format!("{} is of level `{}`", author.id, level(author))),
            None if no_human => why.push("no person is named as its author".to_owned()),
            None => return Answer::satisfied(format!("no author is of level {}", or(&rule.levels))),
        }
    }
    let why = if why.is_empty() {
        "it is asked for".to_owned()
    } else {
        why.join(", and ")
    };
    by_role(asked, &why)
}

/// Whether an agent wrote part of it, in words.
fn assisted(change: &ChangeFacts, unknown_too: bool) -> Result<String, String> {
    let by = &change.written_by;
    let lines = by.ai + by.mixed;
    if lines > 0 || !by.tools.is_empty() {
        let tools = if by.tools.is_empty() {
            "an agent".to_owned()
        } else {
            by.tools.join(", ")
        };
        return Ok(match lines {
            0 => format!("{tools} is named as an author"),
            lines => format!("{tools} wrote {}", count(lines as usize, "line", "lines")),
        });
    }
    match by.unknown {
        0 => Err("nothing tells of an agent".to_owned()),
        lines if unknown_too => Ok(format!(
            "nothing tells who wrote {}",
            count(lines as usize, "line", "lines")
        )),
        lines => Err(format!(
            "nothing tells of an agent; of {} nothing tells who wrote them",
            count(lines as usize, "line", "lines")
        )),
    }
}

/// Whether a change is drawn: by which files it touches, who wrote it, and the week; so that a further push of the same does not
/// draw again, and nobody chooses what is drawn by trying.
fn is_drawn(change: &ChangeFacts, input: &GateInput, share: f64) -> bool {
    let mut paths: Vec<&str> = change.files.iter().map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    let mut authors: Vec<&str> = change.authors.iter().map(|author| author.id.as_str()).collect();
    authors.sort_unstable();
    let week = input
        .now
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .date()
        .iso_week_date();
    let text = format!(
        "{}\n{}\n{}-{}",
        paths.join("\n"),
        authors.join("\n"),
        week.year(),
        week.week()
    );
    let hash = Sha256::digest(text.as_bytes());
    let number = hash
        .iter()
        .take(6)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    #[expect(clippy::cast_precision_loss, reason = "48 bits fit")]
    let place = number as f64 / (1_u64 << 48) as f64;
    place < share
}

pub(super) fn audit(asked: &Asked<'_>) -> Answer {
    let Some(change) = asked.change() else {
        return Answer::unavailable("it is not known what the change is");
    };
    let share = asked.rule.share.unwrap_or(0.0);
    if !is_drawn(change, asked.input, share) {
        return Answer::satisfied(format!("it was not drawn ({:.0} % are)", share * 100.0));
    }
    by_role(
        asked,
        &format!("it was drawn for an audit ({:.0} % are)", share * 100.0),
    )
}
