//! Which changes may have caused an incident, ranked by a sum of few terms, each of which is shown.
//!
//! The weights are ours: what an incident names counts most, then how soon it came, then what made a change risky beforehand. Nothing fits them
//! to a project's own incidents.

use jiff::Timestamp;
use model::{RiskTerm, Suspect};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For a service that the incident hit.
const SAME_SERVICE: f64 = 1.5;
/// For a path that the incident names.
const NAMED_PATH: f64 = 2.0;
/// For a function that the incident names and whose behaviour changed.
const NAMED_FUNCTION: f64 = 3.0;
/// For each natural logarithm of one more than the functions whose behaviour changed.
const BEHAVIOUR: f64 = 0.4;
/// For a change that went live at the very moment.
const TIME: f64 = 2.0;
/// Hours after which that counts half.
const HALF_LIFE: f64 = 24.0;
/// For each natural logarithm of one more than the functions that use what changed.
const BLAST_RADIUS: f64 = 0.2;
/// For a risk of 1.
const RISK: f64 = 1.0;
/// For an override.
const OVERRIDDEN: f64 = 0.5;
/// For a change that no verdict let pass.
const PAST_THE_GATE: f64 = 1.0;

/// What is known of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// When it began.
    #[schemars(with = "String")]
    pub opened: Timestamp,
    /// Services that it hit.
    pub services: Vec<String>,
    /// Files and folders that it names, as a stack trace may have them: with or without what lies above the repository.
    pub paths: Vec<String>,
    /// Functions that it names: `path::name`, or a name alone, qualified or not.
    pub functions: Vec<String>,
}

/// A change that is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// Entry of the ledger.
    pub entry: u64,
    /// Its commit.
    pub commit: Option<String>,
    /// Its tree.
    pub tree: Option<String>,
    /// When it was merged.
    #[schemars(with = "String")]
    pub merged: Timestamp,
    /// When it was deployed; where nothing tells, it is taken to have been live once it was merged.
    #[schemars(with = "Option<String>")]
    pub deployed: Option<Timestamp>,
    /// Services that it belongs to.
    pub services: Vec<String>,
    /// Files that it touches, as paths in the repository.
    pub files: Vec<String>,
    /// `path::name` of the functions whose behaviour changed.
    pub findings: Vec<String>,
    /// Functions that it touches.
    pub functions: u32,
    /// Others that use what it changes.
    pub dependents: u32,
    /// Its risk, from 0 to 1, where that is known.
    pub risk: Option<f64>,
    /// Whether an override let it pass.
    pub overridden: bool,
    /// Whether it went out without a verdict that let it pass.
    pub went_past_the_gate: bool,
}

impl Candidate {
    /// When it went live, as far as is known.
    fn live(&self) -> Timestamp {
        self.deployed.unwrap_or(self.merged)
    }
}

/// The changes that may have caused an incident, by their score, then those that went live later, then by entry. What went live after the
/// incident began is none of them. A score ranks these changes and is no probability.
pub fn suspects(incident: &Incident, candidates: &[Candidate]) -> Vec<Suspect> {
    let mut suspects: Vec<(Timestamp, Suspect)> = candidates
        .iter()
        .filter(|candidate| candidate.live() <= incident.opened)
        .map(|candidate| (candidate.live(), suspect(incident, candidate)))
        .collect();
    suspects.sort_by(|(one_live, one), (other_live, other)| {
        other
            .score
            .total_cmp(&one.score)
            .then_with(|| other_live.cmp(one_live))
            .then_with(|| (one.entry, &one.commit).cmp(&(other.entry, &other.commit)))
    });
    suspects.into_iter().map(|(_, suspect)| suspect).collect()
}

fn suspect(incident: &Incident, candidate: &Candidate) -> Suspect {
    let mut terms = vec![
        same_service(incident, candidate),
        named_path(incident, candidate),
        named_function(incident, candidate),
        behaviour(candidate),
        time(incident, candidate),
        term(
            "dependents",
            f64::from(candidate.dependents).ln_1p() * BLAST_RADIUS,
            candidate.dependents.to_string(),
        ),
        risk(candidate),
        yes_or_no("overridden", candidate.overridden, OVERRIDDEN),
        yes_or_no("went past the gate", candidate.went_past_the_gate, PAST_THE_GATE),
    ];
    terms.sort_by(|one, other| other.adds.total_cmp(&one.adds));
    Suspect {
        entry: candidate.entry,
        commit: candidate.commit.clone(),
        score: rounded(terms.iter().map(|term| term.adds).sum()),
        terms,
    }
}

fn term(name: &str, adds: f64, value: String) -> RiskTerm {
    RiskTerm {
        name: name.to_owned(),
        value,
        adds: rounded(adds),
    }
}

/// To three digits after the point, as risk scores are.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn yes_or_no(name: &str, is_so: bool, adds: f64) -> RiskTerm {
    let words = if is_so { "yes" } else { "no" };
    term(name, if is_so { adds } else { 0.0 }, words.to_owned())
}

/// A term that counts once however many there are of what it names.
fn named(name: &str, mut found: Vec<&str>, adds: f64) -> RiskTerm {
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [] => term(name, 0.0, "none".to_owned()),
        [first] => term(name, adds, (*first).to_owned()),
        [first, others @ ..] => term(name, adds, format!("{first} and {} more", others.len())),
    }
}

fn same_service(incident: &Incident, candidate: &Candidate) -> RiskTerm {
    let services = candidate
        .services
        .iter()
        .filter(|service| incident.services.contains(service));
    named("same service", services.map(String::as_str).collect(), SAME_SERVICE)
}

fn named_path(incident: &Incident, candidate: &Candidate) -> RiskTerm {
    let is_named = |file: &&String| incident.paths.iter().any(|path| is_at(path, file));
    let files = candidate.files.iter().filter(is_named);
    named("named path", files.map(String::as_str).collect(), NAMED_PATH)
}

fn named_function(incident: &Incident, candidate: &Candidate) -> RiskTerm {
    let is_named = |finding: &&String| incident.functions.iter().any(|function| is_function(function, finding));
    let functions = candidate.findings.iter().filter(is_named);
    named(
        "named function behaves differently",
        functions.map(String::as_str).collect(),
        NAMED_FUNCTION,
    )
}

fn behaviour(candidate: &Candidate) -> RiskTerm {
    let mut changed: Vec<&str> = candidate.findings.iter().map(String::as_str).collect();
    changed.sort_unstable();
    changed.dedup();
    let number = crate::count(changed.len());
    let words = format!("{number} of {} functions", candidate.functions.max(number));
    term(
        "functions that behave differently",
        f64::from(number).ln_1p() * BEHAVIOUR,
        words,
    )
}

/// What is later than the incident is left out before.
fn time(incident: &Incident, candidate: &Candidate) -> RiskTerm {
    let hours = incident.opened.duration_since(candidate.live()).as_secs_f64() / 3600.0;
    let event = if candidate.deployed.is_some() {
        "deployment"
    } else {
        "merge"
    };
    let words = format!("{hours:.1} hours after the {event}");
    term("time", TIME * 0.5_f64.powf(hours / HALF_LIFE), words)
}

fn risk(candidate: &Candidate) -> RiskTerm {
    match candidate.risk.filter(|risk| risk.is_finite()) {
        Some(risk) => term("risk", risk.clamp(0.0, 1.0) * RISK, format!("{risk:.2}")),
        None => term("risk", 0.0, "unknown".to_owned()),
    }
}

/// Parts of a path that are names.
fn parts(path: &str) -> Vec<&str> {
    path.split(['/', '\\'])
        .filter(|part| !matches!(*part, "" | "."))
        .collect()
}

/// Whether the path that an incident names is that of the file, or of a folder above it. The one may begin further up than the other (in the root
/// of a container, in a package), as long as two names agree: one alone, such as `__init__.py`, says nothing.
fn is_at(path: &str, file: &str) -> bool {
    let (path, file) = (parts(path), parts(file));
    let is_tail = |whole: &[&str], tail: &[&str]| tail.len() >= 2 && whole.ends_with(tail);
    !path.is_empty() && (file.starts_with(&path) || is_tail(&path, &file) || is_tail(&file, &path))
}

/// Whether the function that an incident names is that of the finding, `path::name`. Of qualified names the one may begin further up than the other.
fn is_function(function: &str, finding: &str) -> bool {
    let name_of = |text: &str| {
        text.rsplit_once("::")
            .map(|(path, name)| (path.to_owned(), name.to_owned()))
    };
    let (path, name) = name_of(finding).unwrap_or_else(|| (String::new(), finding.to_owned()));
    let (named_path, named) =
        name_of(function).map_or_else(|| (None, function.to_owned()), |(path, name)| (Some(path), name));
    let is_tail = |whole: &str, tail: &str| {
        !tail.is_empty()
            && whole
                .strip_suffix(tail)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    (is_tail(&name, &named) || is_tail(&named, &name)) && named_path.is_none_or(|named_path| is_at(&named_path, &path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn incident() -> Incident {
        Incident {
            opened: time("2026-03-10T12:00:00Z"),
            services: vec!["payments".to_owned()],
            paths: vec!["/app/src/pay/charge.py".to_owned()],
            functions: vec!["Card.charge".to_owned()],
        }
    }

    fn candidate(entry: u64) -> Candidate {
        Candidate {
            entry,
            commit: None,
            tree: None,
            merged: time("2026-03-08T12:00:00Z"),
            deployed: Some(time("2026-03-09T12:00:00Z")),
            services: Vec::new(),
            files: Vec::new(),
            findings: Vec::new(),
            functions: 0,
            dependents: 0,
            risk: None,
            overridden: false,
            went_past_the_gate: false,
        }
    }

    /// What a term adds, and its value in words.
    fn adds(candidate: &Candidate, name: &str) -> (f64, String) {
        let suspects = suspects(&incident(), std::slice::from_ref(candidate));
        let term = suspects[0].terms.iter().find(|term| term.name == name).unwrap();
        (term.adds, term.value.clone())
    }

    /// What such a change adds over one that nothing is known of, all of it by this term.
    fn over_nothing(name: &str, change: impl FnOnce(&mut Candidate)) -> f64 {
        let mut changed = candidate(1);
        change(&mut changed);
        let score = |candidate: &Candidate| suspects(&incident(), std::slice::from_ref(candidate))[0].score;
        let more = rounded(score(&changed) - score(&candidate(1)));
        assert_eq!(
            more,
            rounded(adds(&changed, name).0 - adds(&candidate(1), name).0),
            "{name}"
        );
        more
    }

    #[test]
    fn each_term_counts_in_its_direction() {
        let services = vec!["search".to_owned(), "payments".to_owned()];
        assert_eq!(over_nothing("same service", |it| it.services = services), SAME_SERVICE);
        assert_eq!(
            over_nothing("same service", |it| it.services = vec!["search".to_owned()]),
            0.0
        );
        let files = vec!["src/pay/charge.py".to_owned()];
        assert_eq!(over_nothing("named path", |it| it.files = files), NAMED_PATH);
        assert_eq!(
            over_nothing("named path", |it| it.files = vec!["src/charge.py".to_owned()]),
            0.0
        );
        let few = over_nothing("functions that behave differently", |it| {
            it.findings = vec!["a.py::f".to_owned()]
        });
        let findings = vec!["a.py::f".to_owned(), "a.py::g".to_owned(), "a.py::g".to_owned()];
        let more = over_nothing("functions that behave differently", |it| it.findings = findings);
        assert!(0.0 < few && few < more);
        assert!(
            over_nothing("dependents", |it| it.dependents = 5) < over_nothing("dependents", |it| it.dependents = 50)
        );
        assert!(over_nothing("risk", |it| it.risk = Some(0.1)) < over_nothing("risk", |it| it.risk = Some(0.9)));
        assert_eq!(over_nothing("risk", |it| it.risk = Some(f64::NAN)), 0.0);
        assert_eq!(over_nothing("overridden", |it| it.overridden = true), OVERRIDDEN);
        assert_eq!(
            over_nothing("went past the gate", |it| it.went_past_the_gate = true),
            PAST_THE_GATE
        );
    }

    #[test]
    fn a_named_function_that_behaves_differently_counts_most() {
        let mut candidate = candidate(1);
        candidate.findings = vec!["src/pay/charge.py::Card.charge".to_owned()];
        candidate.functions = 4;
        let named = adds(&candidate, "named function behaves differently");
        assert_eq!(named, (NAMED_FUNCTION, "src/pay/charge.py::Card.charge".to_owned()));
        assert_eq!(
            adds(&candidate, "functions that behave differently").1,
            "1 of 4 functions"
        );
        let suspects = suspects(&incident(), &[candidate]);
        assert_eq!(suspects[0].terms[0].name, "named function behaves differently");
        assert_eq!(suspects[0].terms.len(), 9);
        let sum: f64 = suspects[0].terms.iter().map(|term| term.adds).sum();
        assert_eq!(suspects[0].score, rounded(sum));
    }

    #[test]
    fn the_time_since_the_deployment_counts_half_after_a_day() {
        let mut candidate = candidate(1);
        assert_eq!(
            adds(&candidate, "time"),
            (TIME / 2.0, "24.0 hours after the deployment".to_owned())
        );
        candidate.deployed = None;
        assert_eq!(
            adds(&candidate, "time"),
            (TIME / 4.0, "48.0 hours after the merge".to_owned())
        );
        candidate.deployed = Some(incident().opened);
        assert_eq!(adds(&candidate, "time").0, TIME);
    }

    #[test]
    fn what_came_after_the_incident_is_left_out() {
        let later = Some(time("2026-03-10T12:00:01Z"));
        let mut deployed_later = candidate(1);
        deployed_later.deployed = later;
        let mut merged_later = candidate(2);
        (merged_later.merged, merged_later.deployed) = (time("2026-03-11T00:00:00Z"), None);
        let found = suspects(&incident(), &[deployed_later, merged_later, candidate(3)]);
        assert_eq!(found.iter().map(|suspect| suspect.entry).collect::<Vec<_>>(), [3]);
        assert!(suspects(&incident(), &[]).is_empty());
    }

    #[test]
    fn the_order_is_that_of_scores_then_of_later_deployments_then_of_entries() {
        let mut worst = candidate(9);
        worst.overridden = true;
        // So long ago that time adds nothing, to three digits.
        let old = |entry, deployed: &str| Candidate {
            deployed: Some(time(deployed)),
            ..candidate(entry)
        };
        let all = [
            old(4, "2025-01-01T00:00:00Z"),
            old(3, "2025-01-02T00:00:00Z"),
            old(2, "2025-01-01T00:00:00Z"),
            worst,
        ];
        let order = |all: &[Candidate]| -> Vec<u64> {
            suspects(&incident(), all).iter().map(|suspect| suspect.entry).collect()
        };
        assert_eq!(order(&all), [9, 3, 2, 4]);
        let mut reversed = all.to_vec();
        reversed.reverse();
        assert_eq!(order(&reversed), [9, 3, 2, 4]);
    }

    #[test]
    fn paths_agree_from_a_folder_on_and_not_by_a_common_name() {
        for (path, file) in [
            ("src/pay/charge.py", "src/pay/charge.py"),
            ("./src/pay/", "src/pay/charge.py"),
            (r"C:\app\src\pay\charge.py", "src/pay/charge.py"),
            ("pay/charge.py", "src/pay/charge.py"),
            ("setup.py", "setup.py"),
        ] {
            assert!(is_at(path, file), "{path} {file}");
        }
        for (path, file) in [
            ("/app/src/other/__init__.py", "__init__.py"),
            ("__init__.py", "src/pay/__init__.py"),
            ("src/pay/charge", "src/pay/charge.py"),
            ("ay/charge.py", "src/pay/charge.py"),
            ("", "src/pay/charge.py"),
        ] {
            assert!(!is_at(path, file), "{path} {file}");
        }
    }

    #[test]
    fn functions_agree_by_name_and_by_path_where_one_is_named() {
        let finding = "src/pay/charge.py::Card.charge";
        for function in [
            "charge",
            "Card.charge",
            "pay.charge.Card.charge",
            "/app/src/pay/charge.py::charge",
        ] {
            assert!(is_function(function, finding), "{function}");
        }
        for function in ["harge", "recharge", "Purse.charge", "src/pay/refund.py::charge", ""] {
            assert!(!is_function(function, finding), "{function}");
        }
    }
}
