//! Incidents, the changes that may have done them, and the trend; and the scenarios in `examples/incidents`, played.

use std::path::Path;
use std::process::Command;

use crate::support::{Repository, said};

const CART: &str = "def days(items):\n    return len(items) + 1\n";

fn run(repository: &Repository, args: &[&str]) -> (i32, String) {
    said(repository.command(args))
}

/// A repository with two changes that passed the gate: one of an agent's, and one of nobody's that is known.
fn with_two_changes() -> Repository {
    let policy = "[[service]]\nname = \"checkout\"\npaths = [\"/cart.py\"]\ntier = 3\n[[rule]]\nname = \"review\"\nkind = \"two-person-review\"\noff = true\n";
    let repository = Repository::new(&[
        ("cart.py", CART),
        ("log.py", "def note(x):\n    return x\n"),
        ("counterproof.toml", policy),
    ]);
    let change = |path: &str, text: &str, message: &str| {
        repository.write(&[(path, text)]);
        repository.commit(message);
        let (exit, text) = run(&repository, &["gate", "merge", "HEAD~1..HEAD"]);
        assert_eq!(exit, 0, "{text}");
    };
    change("log.py", "# a remark\ndef note(x):\n    return x\n", "Ours");
    change(
        "cart.py",
        &CART.replace("len(items) + 1", "1 + len(items)"),
        "Theirs\n\nCo-Authored-By: Claude <noreply@anthropic.com>",
    );
    repository
}

#[test]
fn an_incident_is_traced_to_a_change_and_tells_in_the_trend() {
    let repository = with_two_changes();
    let (exit, text) = run(
        &repository,
        &[
            "incident",
            "open",
            "carts",
            "--service",
            "checkout",
            "--path",
            "cart.py",
            "--title",
            "wrong times",
        ],
    );
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("entry 3: the incident carts is open"), "{text}");
    let first = text.find("entry 2 (").expect("the change of the cart");
    assert!(text.find("entry 1 (").is_none_or(|other| first < other), "{text}");
    let (exit, text) = run(&repository, &["incident", "open", "carts", "--service", "checkout"]);
    assert_eq!(exit, 2, "{text}");
    // It goes on: the gate knows of it, and the next change of that service waits.
    let (exit, text) = run(&repository, &["incident", "link", "carts", "--entry", "0"]);
    assert_eq!(exit, 2, "{text}");
    let (exit, text) = run(&repository, &["incident", "link", "search", "--entry", "2"]);
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("no incident is called search: there is carts"), "{text}");
    let (exit, text) = run(
        &repository,
        &[
            "incident",
            "link",
            "carts",
            "--entry",
            "2",
            "--reason",
            "the call in the log",
        ],
    );
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = run(&repository, &["incident", "close", "carts"]);
    assert_eq!(exit, 0, "{text}");
    let (_, text) = run(&repository, &["incident", "show"]);
    assert!(text.contains("checkout · traced to entry 2 · wrong times"), "{text}");

    let output = repository.command(&["trend", "--json"]).output().expect("it runs");
    let trend: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../schemas/trend.schema.json")).expect("a schema");
    jsonschema::validate(&schema, &trend).expect("it fits its schema");
    assert_eq!(
        (&trend["overall"]["deliveries"], &trend["overall"]["failures"]),
        (&2.into(), &1.into()),
        "{trend}"
    );
    let (_, text) = run(&repository, &["ledger", "show", "--kind", "trend"]);
    assert!(text.contains("trend of 2 deliveries"), "{text}");
    // A link that was taken back counts against nobody.
    let (exit, text) = run(
        &repository,
        &["ledger", "retract", "4", "--reason", "it was the carrier"],
    );
    assert_eq!(exit, 0, "{text}");
    let (_, text) = run(&repository, &["trend", "--no-record", "--json"]);
    assert!(text.contains("\"failures\": 0"), "{text}");
    let (exit, text) = run(&repository, &["ledger", "verify"]);
    assert_eq!(exit, 0, "{text}");
}

/// Plays a scenario with the binary of these tests.
fn play(name: &str) -> (i32, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/incidents");
    let mut command = Command::new("bash");
    command
        .arg(folder.join(name).join("run"))
        .env("COUNTERPROOF", assert_cmd::cargo::cargo_bin!("counterproof"))
        .env("NO_COLOR", "1");
    said(command)
}

#[test]
fn the_deployment_that_nobody_approved_is_refused_and_found() {
    let (exit, text) = play("unapproved-deployment");
    assert_eq!(exit, 0, "{text}");
    for says in [
        "block: deployment of checkout to production",
        "1 of 1 went past the gate",
        "pass: deployment of checkout to production",
        "before it passed",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}

#[test]
fn the_trend_that_was_deleted_is_missed() {
    let (exit, text) = play("deleted-trend");
    assert_eq!(exit, 0, "{text}");
    for says in ["payload removed", "self-consistent only", "tampered with"] {
        assert!(text.contains(says), "{says}: {text}");
    }
}

#[test]
fn the_wrong_delivery_times_are_blocked_at_the_gate() {
    let (exit, text) = play("wrong-delivery-times");
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("✗ no unaccepted regression: "), "{text}");
}
