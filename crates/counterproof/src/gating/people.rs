//! Who somebody is, by what git, a review or a signature says of them.

use gate::{Person, Policy};
use model::gate_input::{PersonFacts, PersonKind};

/// The person of the policy who commits with this address; or somebody whom it does not know, by the address.
pub fn by_address(policy: &Policy, name: &str, address: &str) -> PersonFacts {
    let login = login_of(address);
    let is = |person: &&Person| {
        person.addresses.iter().any(|own| own.eq_ignore_ascii_case(address))
            || login.is_some_and(|login| {
                person
                    .github
                    .as_deref()
                    .is_some_and(|own| own.trim_start_matches('@').eq_ignore_ascii_case(login))
            })
    };
    match policy.person.iter().find(is) {
        Some(person) => of(person),
        None => unknown(if address.is_empty() { name } else { address }, kind_of(name, address)),
    }
}

/// The person of the policy with this id; or somebody whom it does not know.
pub fn by_id(policy: &Policy, id: &str) -> PersonFacts {
    policy.person(id).map_or_else(|| unknown(id, kind_of(id, id)), of)
}

/// The person of the policy with this name on a forge; or somebody whom it does not know.
pub fn by_login(policy: &Policy, forge: forge::Forge, login: &str, kind: PersonKind) -> PersonFacts {
    let own = |person: &Person| match forge {
        forge::Forge::GitHub => person.github.clone(),
        forge::Forge::GitLab => person.gitlab.clone(),
    };
    let is = |person: &&Person| own(person).is_some_and(|own| own.trim_start_matches('@').eq_ignore_ascii_case(login));
    match policy.person.iter().find(is) {
        // A program on the forge is no person, whatever the policy says.
        Some(person) if kind != PersonKind::Human => PersonFacts { kind, ..of(person) },
        Some(person) => of(person),
        None => unknown(&format!("{}:{login}", forge.name().to_lowercase()), kind),
    }
}

/// A person of the policy.
fn of(person: &Person) -> PersonFacts {
    PersonFacts {
        id: person.id.get_ref().clone(),
        known: true,
        kind: person.kind,
        level: person.level.clone(),
        roles: person.roles.clone(),
    }
}

/// Somebody whom the policy does not know.
fn unknown(id: &str, kind: PersonKind) -> PersonFacts {
    PersonFacts {
        id: id.to_owned(),
        kind,
        ..PersonFacts::default()
    }
}

/// The name on GitHub in an address that GitHub made up for somebody: `12345+ada@users.noreply.github.com`.
fn login_of(address: &str) -> Option<&str> {
    let (user, host) = address.split_once('@')?;
    let is_github = host.eq_ignore_ascii_case("users.noreply.github.com");
    is_github.then(|| user.split_once('+').map_or(user, |(_, login)| login))
}

/// Whether a name and an address are a person's, as far as they tell: `[bot]` is how forges mark programs.
fn kind_of(name: &str, address: &str) -> PersonKind {
    let marked = |text: &str| text.to_lowercase().contains("[bot]");
    if marked(name) || marked(address) {
        PersonKind::Bot
    } else {
        PersonKind::Human
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_several_addresses() {
        let text = "[[person]]\nid = \"ada\"\naddresses = [\"Ada@Example.com\"]\ngithub = \"ada-l\"\n";
        let (_, policy) = crate::config::with_policy(text).expect("a policy");
        for address in [
            "ada@example.com",
            "12+ada-l@users.noreply.github.com",
            "ADA-L@users.noreply.github.com",
        ] {
            assert_eq!(by_address(&policy, "A", address).id, "ada", "{address}");
        }
        let other = by_address(&policy, "B", "b@example.com");
        assert_eq!((other.id.as_str(), other.known), ("b@example.com", false));
        assert_eq!(by_address(&policy, "dependabot[bot]", "x@y").kind, PersonKind::Bot);
    }
}
