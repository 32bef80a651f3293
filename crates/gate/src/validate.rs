//! What makes no sense in a policy, found before anything is judged by it.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::kinds::{self, RuleKind};
use crate::policy::{Policy, PolicyError, Rule};

/// The least critical tier.
const LAST_TIER: u8 = 9;

type Checked = Result<(), PolicyError>;

pub(crate) fn policy(policy: &Policy) -> Checked {
    names(policy)?;
    services(policy)?;
    people(policy)?;
    policy.rule.iter().try_for_each(|rule| one_rule(policy, rule))?;
    times(policy)?;
    frameworks(policy)
}

/// Each name once.
fn names(policy: &Policy) -> Checked {
    let of_services = policy.service.iter().map(|one| ("service", &one.name));
    let of_people = policy.person.iter().map(|one| ("person", &one.id));
    let of_rules = policy.rule.iter().map(|one| ("rule", &one.name));
    let of_frameworks = policy.framework.iter().map(|one| ("framework", &one.name));
    let mut seen = BTreeSet::new();
    for (what, name) in of_services.chain(of_people).chain(of_rules).chain(of_frameworks) {
        if name.get_ref().trim().is_empty() {
            return Err(error(name.span().start, format!("a {what} needs a name")));
        }
        if !seen.insert((what, name.get_ref())) {
            let text = format!(
                "the {what} `{}` is here twice: give each a name of its own",
                name.get_ref()
            );
            return Err(error(name.span().start, text));
        }
    }
    Ok(())
}

fn error(at: usize, text: String) -> PolicyError {
    PolicyError::new(Some(at), text)
}

fn tiers(at: usize, of: &str, tiers: &[u8]) -> Checked {
    match tiers.iter().find(|tier| !(1..=LAST_TIER).contains(*tier)) {
        Some(tier) => Err(error(
            at,
            format!("{of}: tier {tier} is none: tiers are 1, the most critical, to {LAST_TIER}"),
        )),
        None => Ok(()),
    }
}

fn services(policy: &Policy) -> Checked {
    for service in &policy.service {
        let at = service.name.span().start;
        let of = format!("service `{}`", service.name.get_ref());
        tiers(at, &of, &[service.tier])?;
        if service.paths.is_empty() {
            return Err(error(
                at,
                format!("{of} has no paths: write for example paths = [\"services/checkout/\"]"),
            ));
        }
        for pattern in &service.paths {
            crate::owners::Pattern::new(pattern)
                .map_err(|why| error(at, format!("{of}: `{pattern}` is no pattern: {why}")))?;
        }
        if !policy.person.is_empty()
            && let Some(owner) = service.owners.iter().find(|owner| policy.members(owner).is_empty())
        {
            return Err(error(
                at,
                format!(
                    "{of}: its owner `{owner}` is no person and no team of this policy: add a [[person]] or [[team]]"
                ),
            ));
        }
    }
    for pattern in &policy.gate.protect {
        crate::owners::Pattern::new(pattern)
            .map_err(|why| PolicyError::new(None, format!("[gate] protect: `{pattern}` is no pattern: {why}")))?;
    }
    Ok(())
}

fn people(policy: &Policy) -> Checked {
    for team in &policy.team {
        if let Some(member) = team.members.iter().find(|member| policy.person(member).is_none()) {
            let text = format!(
                "team `{}`: its member `{member}` is no person of this policy",
                team.name
            );
            return Err(PolicyError::new(None, text));
        }
    }
    let mut addresses = BTreeSet::new();
    for person in &policy.person {
        for address in &person.addresses {
            if !addresses.insert(address.to_lowercase()) {
                let text = format!(
                    "the address `{address}` belongs to two people: who writes with it could review themselves"
                );
                return Err(error(person.id.span().start, text));
            }
        }
    }
    let mut keys = BTreeSet::new();
    for person in &policy.person {
        for key in &person.keys {
            if !keys.insert(key_body(key)) {
                let text = format!(
                    "person `{}`: another has the same key, so that nobody can tell who signs",
                    person.id.get_ref()
                );
                return Err(error(person.id.span().start, text));
            }
        }
    }
    Ok(())
}

/// A key without its comment.
fn key_body(key: &str) -> String {
    key.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn one_rule(policy: &Policy, rule: &Rule) -> Checked {
    let at = rule.name.span().start;
    let of = format!("rule `{}`", rule.name.get_ref());
    if rule.off {
        return Ok(());
    }
    tiers(at, &of, &rule.tiers)?;
    let kind = rule.kind.name();
    if let Some(stage) = rule.stages.iter().find(|stage| !rule.kind.stages().contains(stage)) {
        return Err(error(
            at,
            format!("{of}: `{kind}` makes no sense at the stage `{}`", stage.word()),
        ));
    }
    let takes = rule.kind.parameters();
    if let Some(parameter) = kinds::given(rule).into_iter().find(|given| !takes.contains(given)) {
        let takes = match takes {
            [] => "it takes no parameters".to_owned(),
            names => format!("it takes {}", names.join(", ")),
        };
        return Err(error(
            at,
            format!("{of}: `{parameter}` means nothing to `{kind}`; {takes}"),
        ));
    }
    if let Some(name) = rule.services.iter().find(|name| policy.service(name).is_none()) {
        return Err(error(at, format!("{of}: there is no service `{name}`")));
    }
    let share_like = [("share", rule.share), ("score", rule.score)];
    if let Some((name, _)) = share_like
        .iter()
        .find(|(_, value)| value.is_some_and(|value| !(0.0..=1.0).contains(&value)))
    {
        return Err(error(at, format!("{of}: {name} is a number from 0 to 1")));
    }
    if rule.ratio.is_some_and(|ratio| !ratio.is_finite() || ratio < 0.0) {
        return Err(error(at, format!("{of}: ratio is a number from 0 on")));
    }
    if let (Some(fewer), all) = (rule.reviewers_when_strong, rule.reviewers.unwrap_or(1))
        && fewer > all
    {
        return Err(error(
            at,
            format!("{of}: reviewers_when_strong is above reviewers, {all}"),
        ));
    }
    let needs_roles = matches!(rule.kind, RuleKind::SignOff | RuleKind::Audit);
    if needs_roles && rule.roles.is_empty() {
        return Err(error(
            at,
            format!("{of}: it needs roles, for example roles = [\"senior\"]"),
        ));
    }
    let known = |role: &String| policy.person.iter().any(|person| person.roles.contains(role));
    if !policy.person.is_empty() && !rule.roles.is_empty() && !rule.roles.iter().any(known) {
        let text = format!(
            "{of}: no person has the role {}: give it to one, or nobody can satisfy it",
            crate::words::or(&rule.roles)
        );
        return Err(error(at, text));
    }
    if rule.kind == RuleKind::ChangeDocument && rule.headings.is_empty() {
        return Err(error(
            at,
            format!("{of}: it needs headings, for example headings = [\"what\", \"why\", \"risk\"]"),
        ));
    }
    Ok(())
}

fn times(policy: &Policy) -> Checked {
    for window in &policy.window {
        if window.days.is_empty() || window.from >= window.until {
            let text =
                "a [[window]] needs days, and from before until: days = [\"mon\"], from = \"09:00\", until = \"16:00\"";
            return Err(PolicyError::new(None, text.to_owned()));
        }
        zone(window.time_zone.as_deref(), "a [[window]]")?;
        tiers_and_services(policy, "a [[window]]", &window.tiers, &window.services)?;
    }
    for freeze in &policy.freeze {
        let of = format!("freeze `{}`", freeze.name);
        if freeze.from > freeze.until {
            return Err(PolicyError::new(None, format!("{of}: it ends before it begins")));
        }
        zone(freeze.time_zone.as_deref(), &of)?;
        tiers_and_services(policy, &of, &freeze.tiers, &freeze.services)?;
    }
    Ok(())
}

fn tiers_and_services(policy: &Policy, of: &str, of_tiers: &[u8], services: &[String]) -> Checked {
    tiers(0, of, of_tiers).map_err(|error| PolicyError { at: None, ..error })?;
    match services.iter().find(|name| policy.service(name).is_none()) {
        Some(name) => Err(PolicyError::new(None, format!("{of}: there is no service `{name}`"))),
        None => Ok(()),
    }
}

fn zone(name: Option<&str>, of: &str) -> Checked {
    match name {
        Some(name) if TimeZone::get(name).is_err() => Err(PolicyError::new(
            None,
            format!("{of}: `{name}` is no time zone: write it as IANA does, for example Europe/Paris"),
        )),
        _ => Ok(()),
    }
}

fn frameworks(policy: &Policy) -> Checked {
    let defaults = Policy::default_rules();
    for framework in &policy.framework {
        let at = framework.name.span().start;
        let of = format!("framework `{}`", framework.name.get_ref());
        if framework.from > framework.until {
            return Err(error(at, format!("{of}: it ends before it begins")));
        }
        tiers(at, &of, &framework.tiers)?;
        let is_known = |name: &String| {
            let mut all = policy.rule.iter().chain(&defaults);
            all.any(|rule| rule.name.get_ref() == name)
        };
        if let Some(name) = framework.rules.iter().find(|name| !is_known(name)) {
            return Err(error(
                at,
                format!("{of}: there is no rule `{name}`: add a [[rule]] of that name"),
            ));
        }
        if framework.rules.is_empty() {
            return Err(error(at, format!("{of}: it has no rules")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::PEOPLE;

    fn wrong(text: &str) -> String {
        let policy: Policy = toml::from_str(&format!("{PEOPLE}{text}")).expect("TOML of the wanted form");
        policy.validate().expect_err("it makes no sense").text
    }

    #[test]
    fn the_default_policy_makes_sense() {
        let policy: Policy = toml::from_str(crate::DEFAULT).expect("TOML of the wanted form");
        policy.validate().expect("it makes sense");
        assert!(!policy.rule.is_empty());
        // What nobody makes evidence for is not asked of anybody who did not ask for it.
        assert!(policy.rule.iter().all(|rule| rule.kind.is_live()));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let rule = |text: &str| format!("[[rule]]\nname = \"r\"\n{text}\n");
        for (text, says) in [
            (
                rule("kind = \"audit\"\nroles = [\"direktor\"]"),
                "no person has the role `direktor`",
            ),
            (rule("kind = \"audit\""), "it needs roles"),
            (
                rule("kind = \"mergeable\"\nshare = 0.1"),
                "`share` means nothing to `mergeable`; it takes no parameters",
            ),
            (
                rule("kind = \"verified-share\"\nshare = 1.5"),
                "share is a number from 0 to 1",
            ),
            (
                rule("kind = \"verified-share\"\nshare = nan"),
                "share is a number from 0 to 1",
            ),
            (
                rule("kind = \"provenance\"\nstages = [\"merge\"]"),
                "makes no sense at the stage `merge`",
            ),
            (rule("kind = \"mergeable\"\ntiers = [0]"), "tier 0 is none"),
            (
                rule("kind = \"mergeable\"\nservices = [\"cart\"]"),
                "there is no service `cart`",
            ),
            (rule("kind = \"change-document\""), "it needs headings"),
            (
                rule("kind = \"two-person-review\"\nreviewers_when_strong = 3"),
                "reviewers_when_strong is above reviewers, 1",
            ),
            (
                format!("{0}{0}", rule("kind = \"mergeable\"")),
                "the rule `r` is here twice",
            ),
            (
                "[[service]]\nname = \"checkout\"\npaths = [\"x/\"]\ntier = 1\n".to_owned(),
                "the service `checkout` is here twice",
            ),
            (
                "[[service]]\nname = \"x\"\npaths = [\"x/\"]\ntier = 1\nowners = [\"zoe\"]\n".to_owned(),
                "its owner `zoe` is no person",
            ),
            (
                "[[service]]\nname = \"x\"\npaths = []\ntier = 1\n".to_owned(),
                "has no paths",
            ),
            (
                "[[team]]\nname = \"@t\"\nmembers = [\"zoe\"]\n".to_owned(),
                "its member `zoe` is no person",
            ),
            (
                "[[person]]\nid = \"z\"\naddresses = [\"A@x\", \"a@x\"]\n".to_owned(),
                "belongs to two people",
            ),
            (
                "[[person]]\nid = \"z\"\nkeys = [\"ssh-ed25519 AA one\", \"ssh-ed25519 AA two\"]\n".to_owned(),
                "another has the same key",
            ),
            (
                "[[freeze]]\nname = \"f\"\nfrom = \"2026-02-01\"\nuntil = \"2026-01-01\"\n".to_owned(),
                "ends before it begins",
            ),
            (
                "[[window]]\ndays = [\"mon\"]\nfrom = \"09:00\"\nuntil = \"10:00\"\ntime_zone = \"Mars/North\"\n"
                    .to_owned(),
                "`Mars/North` is no time zone",
            ),
            (
                "[[window]]\ndays = [\"mon\"]\nfrom = \"11:00\"\nuntil = \"10:00\"\n".to_owned(),
                "from before until",
            ),
            (
                "[[framework]]\nname = \"f\"\nfrom = \"2026-01-01\"\nuntil = \"2026-02-01\"\nrules = [\"zzz\"]\n"
                    .to_owned(),
                "there is no rule `zzz`",
            ),
        ] {
            let text = wrong(&text);
            assert!(text.contains(says), "{text}");
        }
    }

    #[test]
    fn where_it_stands_is_told() {
        let text = "[[rule]]\nname = \"a\"\nkind = \"mergeable\"\n\n[[rule]]\nname = \"b\"\nkind = \"audit\"\n";
        let policy: Policy = toml::from_str(text).expect("TOML of the wanted form");
        let at = policy.validate().expect_err("no roles").at.expect("a place");
        assert_eq!(text[..at].matches('\n').count() + 1, 6);
    }
}
