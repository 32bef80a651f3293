//! Which changes may have done an incident: a sum of few terms, each of which is shown.
//!
//! The weights are ours: what shows in the incident itself counts most (a function whose behaviour changed, a file, the service), then
//! how shortly before it the change went out, since most that fails fails soon. They order suspects, and prove nothing.

use jiff::Timestamp;
use model::{RiskTerm, Suspect};

/// Hours after which having just gone out counts half.
const HALF_LIFE: f64 = 24.0;

/// What is known of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incident {
    /// When it began.
    pub opened: Timestamp,
    /// Services that it hit.
    pub services: Vec<String>,
    /// Files that show in it.
    pub paths: Vec<String>,
    /// Functions that show in it.
    pub functions: Vec<String>,
}

/// A change that went out.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Entry of the ledger.
    pub entry: u64,
    /// Its commit.
    pub commit: Option<String>,
    /// Its tree.
    pub tree: Option<String>,
    /// When the gate let it be merged.
    pub merged: Timestamp,
    /// When it was deployed.
    pub deployed: Option<Timestamp>,
    /// Services that it touches.
    pub services: Vec<String>,
    /// Files that it touches.
    pub files: Vec<String>,
    /// Functions whose behaviour it changed, as `path::name`.
    pub findings: Vec<String>,
    /// Functions that it changed.
    pub functions: u32,
    /// Functions that use those.
    pub dependents: u32,
    /// Its risk, from 0 to 1.
    pub risk: Option<f64>,
    /// Whether somebody let it pass against the policy.
    pub overridden: bool,
    /// Whether no verdict let it be deployed.
    pub went_past_the_gate: bool,
}

impl Candidate {
    fn went_out(&self) -> Timestamp {
        self.deployed.unwrap_or(self.merged)
    }
}

/// Changes that went out before the incident began, the likeliest first; among equals the latest.
pub fn suspects(incident: &Incident, candidates: &[Candidate]) -> Vec<Suspect> {
    let mut found: Vec<(Timestamp, Suspect)> = candidates
        .iter()
        .filter(|candidate| candidate.went_out() <= incident.opened)
        .map(|candidate| (candidate.went_out(), suspect(incident, candidate)))
        .collect();
    found.sort_by(|(when, one), (other_when, other)| {
        other
            .score
            .total_cmp(&one.score)
            .then(other_when.cmp(when))
            .then(other.entry.cmp(&one.entry))
    });
    found.into_iter().map(|(_, suspect)| suspect).collect()
}

fn suspect(incident: &Incident, candidate: &Candidate) -> Suspect {
    let mut terms = Vec::new();
    let mut add = |name: &str, value: String, adds: f64| {
        // What adds nothing is not told.
        if adds.abs() >= 0.005 {
            terms.push(RiskTerm {
                name: name.to_owned(),
                value,
                adds: (adds * 1000.0).round() / 1000.0,
            });
        }
    };
    let shared = |theirs: &[String], ours: &[String]| -> Vec<String> {
        theirs.iter().filter(|one| ours.contains(one)).cloned().collect()
    };
    let named: Vec<String> = candidate
        .findings
        .iter()
        .filter(|finding| incident.functions.iter().any(|name| is_function(finding, name)))
        .cloned()
        .collect();
    let (services, files) = (
        shared(&candidate.services, &incident.services),
        shared(&candidate.files, &incident.paths),
    );
    let when = |is: bool, adds: f64| if is { adds } else { 0.0 };
    add(
        "behaviour of a named function changed",
        named.join(", "),
        when(!named.is_empty(), 3.0),
    );
    add("touches a named file", files.join(", "), when(!files.is_empty(), 2.0));
    add("same service", services.join(", "), when(!services.is_empty(), 1.5));
    let changed = candidate.findings.len();
    add("behaviours changed", changed.to_string(), 0.5 * ln(changed));
    add(
        "functions that use what changed",
        candidate.dependents.to_string(),
        0.1 * ln(usize::try_from(candidate.dependents).unwrap_or(usize::MAX)),
    );
    let risk = candidate.risk.unwrap_or(0.0);
    add("risk", format!("{risk:.2}"), risk);
    add(
        "let pass by an override",
        "yes".to_owned(),
        when(candidate.overridden, 0.5),
    );
    add(
        "went past the gate",
        "yes".to_owned(),
        when(candidate.went_past_the_gate, 1.0),
    );
    let seconds = incident.opened.as_second() - candidate.went_out().as_second();
    #[expect(clippy::cast_precision_loss, reason = "hours of a lifetime fit")]
    let hours = seconds as f64 / 3600.0;
    add(
        "went out before it",
        format!("{hours:.1} hours"),
        2.0 * 0.5_f64.powf(hours / HALF_LIFE),
    );
    terms.sort_by(|one: &RiskTerm, other| other.adds.total_cmp(&one.adds));
    let score: f64 = terms.iter().map(|term| term.adds).sum();
    Suspect {
        entry: candidate.entry,
        commit: candidate.commit.clone(),
        score: (score * 1000.0).round() / 1000.0,
        terms,
    }
}

/// Whether `path::Class.method` is the function that somebody names, with its path, its class, or by itself.
fn is_function(full: &str, name: &str) -> bool {
    full == name || full.ends_with(&format!("::{name}")) || full.ends_with(&format!(".{name}"))
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn ln(count: usize) -> f64 {
    (count as f64).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn candidate(entry: u64, merged: &str) -> Candidate {
        Candidate {
            entry,
            commit: None,
            tree: None,
            merged: at(merged),
            deployed: None,
            services: vec!["checkout".to_owned()],
            files: vec!["cart/delivery.py".to_owned()],
            findings: Vec::new(),
            functions: 1,
            dependents: 0,
            risk: None,
            overridden: false,
            went_past_the_gate: false,
        }
    }

    fn incident() -> Incident {
        Incident {
            opened: at("2026-11-28T10:00:00Z"),
            services: vec!["checkout".to_owned()],
            paths: vec!["cart/delivery.py".to_owned()],
            functions: vec!["days".to_owned()],
        }
    }

    #[test]
    fn what_came_after_did_not_do_it() {
        let all = [
            candidate(1, "2026-11-28T09:00:00Z"),
            candidate(2, "2026-11-28T10:00:01Z"),
        ];
        let found = suspects(&incident(), &all);
        assert_eq!(found.iter().map(|suspect| suspect.entry).collect::<Vec<_>>(), [1]);
        // Merged before, and deployed only after it.
        let late = Candidate {
            deployed: Some(at("2026-11-28T11:00:00Z")),
            ..candidate(1, "2026-11-28T09:00:00Z")
        };
        assert!(suspects(&incident(), &[late]).is_empty());
    }

    #[test]
    fn each_term_makes_a_change_more_suspect() {
        let plain = Candidate {
            services: Vec::new(),
            files: Vec::new(),
            ..candidate(1, "2026-11-27T10:00:00Z")
        };
        let score = |candidate: &Candidate| suspects(&incident(), std::slice::from_ref(candidate))[0].score;
        let before = score(&plain);
        let more: [fn(&mut Candidate); 9] = [
            |one| one.services.push("checkout".to_owned()),
            |one| one.files.push("cart/delivery.py".to_owned()),
            |one| one.findings.push("cart/money.py::total".to_owned()),
            |one| one.dependents = 10,
            |one| one.risk = Some(0.5),
            |one| one.overridden = true,
            |one| one.went_past_the_gate = true,
            |one| one.merged = at("2026-11-28T09:00:00Z"),
            |one| one.findings.push("cart/delivery.py::Cart.days".to_owned()),
        ];
        for (number, change) in more.iter().enumerate() {
            let mut other = plain.clone();
            change(&mut other);
            assert!(score(&other) > before, "{number}");
        }
        let sum: f64 = suspects(&incident(), &[plain])[0]
            .terms
            .iter()
            .map(|term| term.adds)
            .sum();
        assert!((sum - before).abs() < 1e-9);
    }

    #[test]
    fn among_equals_the_latest_comes_first() {
        let older = candidate(1, "2026-11-28T08:00:00Z");
        let newer = candidate(2, "2026-11-28T09:00:00Z");
        let found = suspects(&incident(), &[older, newer]);
        assert_eq!(found.iter().map(|suspect| suspect.entry).collect::<Vec<_>>(), [2, 1]);
    }
}
